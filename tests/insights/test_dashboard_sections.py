"""Sections of the dashboard as data: units, content groups, indicators; behind, without data, without target."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.utils import translation

from activities.services import cells
from agreements import figures
from agreements.models import ContentGroup, Goal
from insights import due
from insights.dashboard import content, indicators, units
from insights.scope import Scope
from tests.make import make_activity, make_indicator, make_programme, make_task

DAY = datetime.date(2026, 7, 1)


def ago(days):
    return DAY - datetime.timedelta(days=days)


def accept(cast, task, indicator=None, value=0, on=DAY, **changes):
    values = {indicator: value} if indicator else {}
    cells.add(make_activity(cast, task, review="accepted", values=values, starts_on=on, **changes))


def test_units_in_the_national_four_with_both_rates(cast):
    programme = make_programme(cast)
    for due_on, done_on in ((ago(9), ago(9)), (ago(9), ago(8)), (ago(9), ago(20)), (ago(1), None), (DAY, None)):
        task = make_task(cast, programme, due_on=due_on)
        if done_on:
            task.deadlines.update(state="done", done_on=done_on)
    make_task(cast, programme, due_on=DAY + datetime.timedelta(days=90), lead=cast.stranger)
    accept(cast, task)
    found = units.read(cast.hoa, Scope(), DAY)
    health, stranger, committee = found.rows
    assert (health.unit, stranger.unit, committee.unit) == (cast.health, cast.stranger, cast.committee)
    assert health.counts == {due.OVERDUE: 1, due.ON_TIME: 2, due.LATE: 1, due.WITHIN: 1}
    assert health.four_way == figures.DeadlineCounts(2, 1, 1, 1)
    assert (health.four_way.completion_rate, health.four_way.on_time_rate) == (Decimal("0.75"), Decimal("0.5"))
    assert (health.programmes, health.activities, health.total) == (1, 1, 5)
    assert (stranger.programmes, stranger.activities, stranger.four_way.completion_rate) == (1, 0, None)
    assert (committee.total, committee.programmes, committee.bars) == (0, 1, ())
    assert (found.total.total, found.total.programmes, found.total.activities) == (6, 1, 1)
    assert found.first == health
    assert [state for state, _x, _width in health.bars] == list(units.FOUR)
    assert found.table.rows[0][1:] == (1, 2, 1, 1, 5, Decimal("75.0"), Decimal("50.0"), 1, 1)
    assert found.table.rows[1][6:8] == (None, None)  # nothing due yet is no rate, not 0


def test_nobody_overdue_and_nothing_at_all(cast):
    assert units.read(cast.hoa, Scope(), DAY).first is None
    make_task(cast)
    assert units.read(cast.hoa, Scope(), DAY).first is None


def test_one_row_among_many_is_drawn_wide_enough_to_be_seen(cast):
    programme = make_programme(cast)
    make_task(cast, programme, due_on=ago(1))
    for _n in range(99):
        make_task(cast, programme)
    (row, _committee) = units.read(cast.hoa, Scope(), DAY).rows
    widths = [float(width.rstrip("%")) for _state, _x, width in row.bars]
    assert widths[0] >= 1.9
    assert sum(widths) == pytest.approx(100, abs=0.05)


def test_content_groups_weigh_their_tasks_and_say_what_has_no_data(cast):
    first, second, *rest = ContentGroup.objects.all()
    programme = make_programme(cast, starts_on=datetime.date(2026, 1, 1), ends_on=datetime.date(2026, 12, 31))
    heavy = make_task(cast, programme, content_group=first, weight=3, due_on=None)
    light = make_task(cast, programme, content_group=first, due_on=None)
    make_task(cast, programme, content_group=second, due_on=None)
    make_task(cast, programme, content_group=second, state="paused", state_reason="Chờ kinh phí")
    make_task(cast, programme, due_on=None)
    slow, done = make_indicator(heavy, target=100), make_indicator(light, target=100)
    accept(cast, heavy, slow, 10)
    accept(cast, light, done, 250)
    found = content.read(cast.hoa, Scope(), DAY)
    one, two, none, *empty = found.rows
    assert (one.group, one.tasks, one.with_data, one.activities) == (first, 2, 2, 2)
    assert one.done == Decimal("32.5")  # (3 × 10 % + 1 × 100 % capped) ÷ 4
    assert one.is_behind and one.points == 17 and one.expected.quantize(Decimal("0.1")) == Decimal("49.9")
    assert (two.tasks, two.with_data, two.standing, two.done, two.activities) == (1, 0, "no_data", None, 0)
    assert (none.group, none.code, none.tasks) == (None, content.OTHER, 1)
    assert [row.group for row in empty] == rest and not any(row.tasks for row in empty)
    assert (found.behind, found.measured, found.all_tasks, found.with_data, found.activities) == ([one], 1, 4, 2, 2)
    with translation.override("vi"):
        rows = found.table.rows
    assert rows[0][1:] == (Decimal("32.5"), Decimal("49.9"), "Chậm 17 điểm", 2, 2, 2)
    assert rows[1][1:] == (None, None, "Chưa có số liệu", 1, 0, 0)
    assert rows[-1] == ("Cộng", None, None, None, 4, 2, 2)


def test_indicators_stand_under_programme_and_goal_with_the_slowest_first(cast):
    calm = make_programme(
        cast, short_title="An toàn", starts_on=datetime.date(2026, 1, 1), ends_on=datetime.date(2026, 12, 31)
    )
    late = make_programme(
        cast, short_title="Bền vững", starts_on=datetime.date(2026, 1, 1), ends_on=datetime.date(2026, 12, 31)
    )
    aim = Goal.objects.create(programme=late, text="Nâng cao nhận thức")
    fine = make_indicator(make_task(cast, calm), target=100)
    slow = make_indicator(make_task(cast, late, goal=aim), name="Lớp", target=100)
    slower = make_indicator(make_task(cast, late), name="Nhà", target=100)
    silent = make_indicator(make_task(cast, late, goal=aim), name="Hộ", target=100)
    free = make_indicator(make_task(cast, calm), name="Tin", target=None)
    make_indicator(make_task(cast, late, state="cancelled", state_reason="Thôi"), target=100)
    for indicator, value in ((fine, 120), (slow, 20), (slower, 5), (free, 7)):
        accept(cast, indicator.task, indicator, value)
    found = indicators.read(cast.hoa, Scope(), DAY)
    assert [row.indicator for row in found.rows] == [slow, silent, slower, fine, free]
    assert [row.indicator for row in found.behind] == [slower, slow]
    standing = {row.indicator: row.standing for row in found.rows}
    assert (standing[silent], standing[free], standing[fine]) == ("no_data", "no_target", "ahead")
    assert [len(found.at(level)) for level in ("", *indicators.LEVELS)] == [5, 2, 4, 1, 1]
    assert next(row for row in found.rows if row.indicator == fine).is_reached
    groups = indicators.grouped(found.rows)
    assert [(g.programme, g.goal, len(g.rows), g.is_first) for g in groups] == [
        (late, aim, 2, True), (late, None, 1, False), (calm, None, 2, True)
    ]  # fmt: skip
    with translation.override("vi"):
        rows = found.table.rows
    assert rows[0][0] == "Bền vững" and rows[0][3:8] == (aim.text, "Lớp", cast.health, "cuộc", Decimal(20))
    assert (rows[0][9], rows[0][12]) == (Decimal(100), f"Chậm {found.rows[0].points} điểm")
    assert (rows[1][7], rows[1][9:11]) == (None, (Decimal(100), None))  # nothing reported is empty, not 0
    assert [row[12] for row in rows[1:]] == [
        "Chưa có số liệu", f"Chậm {found.rows[2].points} điểm", "Đạt", "Chưa đặt mức, không tính"
    ]  # fmt: skip
    assert indicators.read(cast.phuong, Scope(), DAY).rows == []


def test_a_period_judges_by_its_own_targets_and_results(cast):
    task = make_task(cast)
    houses = make_indicator(task, name="Nhà", target=100)
    rate = make_indicator(
        task, name="Tỷ lệ", kind="ratio", roll_up="latest", direction="down", baseline=10, target=None
    )
    for year, level in ((2024, 8), (2025, 7), (2026, 6)):
        rate.targets.create(starts_on=datetime.date(year, 1, 1), ends_on=datetime.date(year + 1, 1, 1), value=level)
    for value, level, on in ((90, 9, (2025, 5, 1)), (40, 7, (2026, 5, 1))):
        accept(cast, task, houses, value, datetime.date(*on))
        accept(cast, task, rate, level, datetime.date(*on))

    def rows(period):
        return {row.indicator: row for row in indicators.read(cast.hoa, Scope(period=period), DAY).rows}

    this, last, half = rows("2026"), rows("2025"), rows("2026-H1")
    assert (this[houses].actual, this[houses].target, this[houses].progress) == (40, 100, Decimal("0.4"))
    assert this[houses].expected.quantize(Decimal("0.001")) == Decimal("0.499")
    assert (last[houses].actual, last[houses].expected, last[houses].is_behind) == (90, 1, False)
    assert (this[rate].actual, this[rate].start, this[rate].progress) == (7, 10, Decimal("0.75"))
    assert (last[rate].actual, last[rate].target, last[rate].expected, last[rate].is_behind) == (9, 7, 1, True)
    assert (half[houses].actual, half[houses].target, half[houses].standing) == (40, None, "no_target")
    assert rows("")[houses].actual == 130
    assert rows("2031") == {}
