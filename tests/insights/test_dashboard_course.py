"""Places, levels, months and changes as data: what has no figures, what adds up, where lines are cut."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from activities.services import cells
from agreements.models import DailyFigure, Programme, ProgrammeFigure, Tally
from agreements.services import results
from core import briefings
from core.models import AuditEntry
from insights import due
from insights.dashboard import changes, levels, lines, localities, tiles, trend
from insights.scope import BELOW, OWN, Scope
from partners.management.commands import load_localities
from partners.models import Locality, OrganisationEvent, Succession
from tests.cast import make_organisation
from tests.make import make_activity, make_programme, make_task

DAY = datetime.date(2026, 7, 10)


def ago(days):
    return DAY - datetime.timedelta(days=days)


def accept(cast, task, on=DAY, **changes):
    row = make_activity(cast, task, review="accepted", starts_on=on, **changes)
    cells.add(row)
    return row


# Tiles


@given(st.lists(st.tuples(st.integers(8, 24), st.integers(102, 110)), max_size=40))
def test_every_place_has_a_tile_of_its_own_and_always_the_same(points):
    cells_ = tiles.place(tuple(points))  # communes at the same spot too
    assert len(set(cells_)) == len(points)
    assert cells_ == tiles.place.__wrapped__(tuple(points))
    for row, column in cells_:
        assert 0 <= row < tiles.MOST_ROWS
        assert 0 <= column < tiles.MOST_COLUMNS


def test_north_is_up_west_is_left_and_too_many_are_refused():
    corners = ((22.6, 105.4), (22.6, 106.2), (21.4, 105.4), (21.4, 106.2))
    north_west, north_east, south_west, south_east = tiles.place(corners)
    assert north_west[0] == north_east[0] < south_west[0] == south_east[0]
    assert north_west[1] == south_west[1] < north_east[1] == south_east[1]
    with pytest.raises(ValueError, match="261"):
        tiles.place(tuple((float(n), 1.0) for n in range(261)))


@pytest.mark.django_db
def test_communes_of_the_province_lie_near_their_centroids():
    load_localities.load()
    rows = list(Locality.objects.communes().order_by("code"))
    points = tuple((float(row.latitude), float(row.longitude)) for row in rows)
    placed = dict(zip([row.name for row in rows], tiles.place(points), strict=True))
    assert len(placed) == 92
    assert placed["Xã Bằng Thành"][0] == 0  # the northernmost
    assert placed["Phường Phổ Yên"][0] > placed["Phường Quyết Thắng"][0] > placed["Phường Bắc Kạn"][0]
    assert placed["Xã Võ Nhai"][1] > placed["Xã Phú Lương"][1] > placed["Xã Phú Đình"][1]
    wanted, _rows, _columns = tiles._scaled(points)
    top = min(row for row, _column in tiles.place.__wrapped__(points))
    apart = [tiles._apart((cell[0] + top, cell[1]), spot) for cell, spot in zip(placed.values(), wanted, strict=True)]
    assert sum(apart) / len(apart) < 1.6  # squared, in cells
    assert max(apart) < 9


# Places


def test_places_add_up_and_silence_is_no_nought(cast):
    province = cast.commune.parent
    silent = Locality.objects.create(code="T2", name="Xã Im", kind="commune", parent=province)
    empty = Locality.objects.create(
        code="T3", name="Xã Không Hộ", kind="commune", parent=province, latitude="21.5", longitude="105.5"
    )
    gone = Locality.objects.create(
        code="T4", name="Huyện Cũ", kind="district", parent=province, valid_to=datetime.date(2025, 7, 1)
    )
    task = make_task(cast)
    for place, households in ((cast.commune, 12), (cast.commune, 30), (empty, 0), (province, 5), (gone, 2), (None, 7)):
        accept(cast, task, locality=place, households=households)
    accept(cast, task, locality=silent)  # an activity that reached no household says nothing of households
    found = localities.read(cast.hoa, Scope(), DAY, "ho")
    assert found.province == province
    assert [(row.locality, row.value) for row in found.communes] == [(cast.commune, 42), (empty, 0), (silent, None)]
    assert [row.label for row in found.silent] == ["Xã Im"]
    assert [(row.label, row.value) for row in found.others] == [
        (str(found.others[0].label), 5), ("Huyện Cũ", 2), ("Chưa ghi địa bàn", 7),
    ]  # fmt: skip
    assert found.others[0].locality == province
    assert (found.total.value, found.in_communes, found.elsewhere) == (56, 42, 14)
    assert [row.locality for row in found.tiles] == [empty]  # only its centre is known
    assert [row.shade for row in found.communes] == [2, 1, 0]
    assert found.steps == ["0", "42"]
    assert found.first and found.first.short == "Phú Lạc"
    assert found.table.rows[0] == ("T5788", "Xã Phú Lạc", 42)
    assert found.table.rows[2] == ("T2", "Xã Im", None)
    assert found.table.rows[-1] == (None, "Cộng", 56)
    counted = localities.read(cast.hoa, Scope(), DAY)
    assert (counted.total.value, [row.value for row in counted.communes]) == (7, [2, 1, 1])
    alone = localities.read(cast.hoa, Scope(place=cast.commune.pk), DAY)
    assert alone.is_narrowed
    assert [row.value for row in alone.communes] == [2]
    assert alone.tiles == []
    assert localities.read(cast.phuong, Scope(), DAY).total.rows == 0
    with pytest.raises(KeyError):
        localities.read(cast.hoa, Scope(), DAY, "khac")


def test_results_in_two_provinces_show_the_one_with_more_and_name_the_other(cast):
    other = Locality.objects.create(code="T20", name="Tỉnh Khác", kind="province")
    far = Locality.objects.create(code="T21", name="Xã Xa", kind="commune", parent=other)
    task = make_task(cast)
    for place in (far, cast.commune, cast.commune):
        accept(cast, task, locality=place)
    found = localities.read(cast.hoa, Scope(), DAY)
    assert found.province == cast.commune.parent
    assert [(row.locality, row.value) for row in found.provinces] == [(other, 1)]
    assert found.total.value == 3
    there = localities.read(cast.hoa, Scope(place=other.pk), DAY)
    assert (there.province, [row.locality for row in there.communes]) == (other, [far])


def test_too_many_communes_for_the_grid_are_only_ranked(cast, monkeypatch):
    monkeypatch.setattr(tiles, "MOST_ROWS", 0)
    Locality.objects.filter(pk=cast.commune.pk).update(latitude="21.6", longitude="105.6")
    accept(cast, make_task(cast), locality=cast.commune)
    found = localities.read(cast.hoa, Scope(), DAY)
    assert found.tiles == []
    assert len(found.communes) == 1


# Levels


def test_levels_own_below_and_whole_tree(cast):
    district = make_organisation("Ủy ban MTTQ xã Phú Lạc", "front_committee", cast.committee, level="commune")
    board = make_organisation("Ban công tác xóm 1", "front_committee", district, level="commune")
    own, lower, lowest = (make_programme(cast, owner=body) for body in (cast.committee, district, board))
    make_programme(cast, status="ended")
    for programme, due_on, done_on in (
        (own, ago(9), ago(9)), (own, ago(9), None), (lower, ago(9), ago(2)), (lowest, ago(5), None),
        (lowest, DAY, None),
    ):  # fmt: skip
        task = make_task(cast, programme, due_on=due_on)
        if done_on:
            task.deadlines.update(state="done", done_on=done_on)
    for programme, standing, tasks, data in ((own, "behind", 2, 1), (lower, "ahead", 1, 1), (lowest, "no_data", 2, 0)):
        ProgrammeFigure.objects.create(
            programme=programme, computed_on=DAY, standing=standing, tasks_live=tasks, tasks_with_data=data
        )
    found = levels.read(cast.hoa, Scope(), DAY, cast.committee)
    assert [dict(row.held.programmes) for row in found.levels] == [
        {"all": 2, "in_force": 1, "behind": 1},
        {"all": 2, "in_force": 2, "on_track": 1, "unmeasured": 1},
        {"all": 4, "in_force": 3, "behind": 1, "on_track": 1, "unmeasured": 1},
    ]
    assert [[row.held.due[state] for state in levels.FOUR] for row in found.levels] == [
        [1, 1, 0, 0], [1, 0, 1, 1], [2, 1, 1, 1],
    ]  # fmt: skip
    assert found.whole.four_way.completion_rate == Decimal("0.5")
    assert found.whole.four_way.on_time_rate == Decimal("0.25")
    assert [(row.held.with_data, row.held.tasks) for row in found.levels] == [(1, 2), (1, 3), (2, 5)]
    assert [(row.label, row.held.programmes["all"], row.total) for row in found.below] == [(str(district), 2, 3)]
    assert [row.scope.level for row in found.levels] == [OWN, BELOW, ""]
    assert found.table.rows[0][1:] == (2, 1, 0, 1, 0, 1, 1, 0, 0, Decimal("50.0"), Decimal("50.0"), 1, 2)
    only = levels.read(cast.hoa, Scope(committee=cast.committee.pk, level=BELOW), DAY, cast.committee)
    assert (only.own.total, only.whole.total) == (0, 3)
    assert levels.LevelRow("", levels.Held(tasks=levels.MOST_TASKS + 1), Scope()).with_data_url == ""


def test_the_committee_is_the_chosen_one_or_ones_own(cast):
    board = make_organisation("Văn phòng", "front_board", cast.committee)
    actor = cast.actor(cast.hoa)
    assert levels.committee_for(Scope(), [actor]) == cast.committee
    assert levels.committee_for(Scope(committee=cast.other_committee.pk), [actor]) == cast.other_committee
    within = type(actor)(user=actor.user, membership=None, organisation=board, role="leader")
    assert levels.committee_for(Scope(), [within]) == cast.committee
    assert levels.committee_for(Scope(), [cast.actor(cast.minh)]) is None


# Months


def test_a_line_breaks_at_gaps_and_cuts_and_the_running_month_is_dashed():
    now = [Decimal(4), Decimal(8), None, Decimal(6), Decimal(3)]
    chart = lines.draw(now, [Decimal(29)] * 5, cuts_before={1: "01/03/2025"}, is_open=True)
    assert [value for _y, value in chart.grid] == [0, 10, 20, 30]  # above the largest value, from 0
    assert chart.grid[0][0] == "184.0"
    assert [len(points.split()) for points in chart.now] == [2, 2]  # the lone month is drawn as a dash
    assert chart.now[1].split()[0] == chart.now[1].split()[1]
    assert [len(points.split()) for points in chart.before] == [2, 4]
    assert chart.dashed.split()[0] == chart.now[1].split()[0]
    assert [(dot.value, dot.index) for dot in chart.dots] == [(8, 1), (3, 4)]
    (one,) = chart.cuts
    assert (one.x, one.words, one.is_now) == ("16.38%", "01/03/2025", False)
    assert (
        float(one.top) < float(chart.before[0].split()[0].split(",")[1]) < float(one.foot)
    )  # on the line it belongs to
    assert (chart.height, one.anchor) == (lines.HEIGHT + lines.ROW, "start")
    cut = lines.draw(now, [None] * 5, cuts_now={4: "x"}, is_open=True)
    assert cut.dashed == ""
    assert (cut.cuts[0].is_now, cut.cuts[0].anchor) == (True, "end")
    unknown = lines.draw(now, [None] * 5, cuts_before={2: "x"})
    assert (unknown.cuts[0].top, unknown.before) == ("", [])
    empty = lines.draw([None], [None])
    assert (empty.now, empty.before, empty.dots, empty.dashed) == ([], [], [], "")


def test_the_number_of_a_dot_stands_where_no_line_runs():
    free = lines.draw([Decimal(2), Decimal(10), Decimal(2)], [Decimal(1)] * 3)
    assert float(free.dots[0].label_y) == float(free.dots[0].y) + lines.ABOVE
    crossed = lines.draw([Decimal(2), Decimal(9), Decimal(2)], [Decimal(10)] * 3)
    assert float(crossed.dots[0].label_y) == float(crossed.dots[0].y) + lines.BELOW


@given(st.lists(st.none() | st.decimals(0, 10**9, places=0), min_size=1, max_size=13), st.booleans())
def test_every_point_lies_inside_the_chart(series, is_open):
    chart = lines.draw(series, series, is_open=is_open)
    for points in (*chart.now, *chart.before):
        for point in points.split():
            x, y = map(float, point.split(","))
            assert lines.LEFT <= x <= lines.RIGHT
            assert lines.TOP - 0.1 <= y <= lines.BOTTOM
    assert len(chart.grid) <= lines.MARKS + 1


def test_months_beside_the_year_before(cast):
    programme, closed = make_programme(cast), make_programme(cast, status="closed")
    late_start = make_programme(cast, starts_on=datetime.date(2026, 6, 15))
    task, old, young = make_task(cast, programme), make_task(cast, closed), make_task(cast, late_start)
    for one, on in (
        (task, (2026, 7, 1)), (task, (2026, 6, 30)), (young, (2026, 6, 1)), (young, (2026, 5, 31)),
        (old, (2025, 6, 1)), (old, (2025, 6, 2)), (old, (2025, 7, 5)), (task, (2024, 6, 1)),
    ):  # fmt: skip
        accept(cast, one, datetime.date(*on))
    for due_on, done_on in (((2026, 6, 30), (2026, 6, 30)), ((2026, 6, 1), None), ((2025, 6, 9), (2025, 7, 1))):
        row = make_task(cast, programme, due_on=datetime.date(*due_on))
        if done_on:
            row.deadlines.update(state="done", done_on=datetime.date(*done_on))
    found = trend.read(cast.hoa, Scope(), DAY)
    assert [pair[0].label for pair in found.months][::6] == ["7/2025", "1/2026", "7/2026"]
    assert [(m.activities, e.activities) for m, e in found.months[-3:]] == [(None, None), (2, 2), (1, 1)]
    assert found.is_open
    assert (found.now, found.earlier, found.change) == (3, 2, Decimal("0.5"))  # with 7/2025, which the year has whole
    assert found.fewer is None
    (june, june_before) = found.months[-2]
    assert (june.total, june.due.on_time_rate, june_before.due.on_time_rate) == (2, Decimal("0.5"), 0)
    assert (found.rate, found.rate_earlier) == (Decimal("0.5"), 0)
    assert found.table.rows[1] == ("6/2026", 2, 2, 2, 1, Decimal("50.0"), Decimal(0))
    assert found.table.rows[2][1:] == (None, None, 0, 0, None, None)
    past = trend.read(cast.hoa, Scope(period="2025"), DAY)
    assert (past.is_open, past.months[-1][0].label, past.whole == past.months) == (False, "12/2025", True)
    assert (len(past.whole), past.whole[0][0].label) == (12, "1/2025")  # twelve, as the sentences say
    assert not trend.read(cast.phuong, Scope(), DAY).has_data


def test_lines_are_cut_where_a_party_was_reorganised(cast):
    old = make_organisation("Sở Cũ")
    for day, successor in (((2025, 3, 1), cast.health), ((2026, 3, 1), cast.health), ((2026, 2, 1), cast.stranger)):
        event = OrganisationEvent.objects.create(kind="merge", effective_on=datetime.date(*day))
        Succession.objects.create(event=event, predecessor=old, successor=successor)
    accept(cast, make_task(cast), datetime.date(2026, 2, 3))
    found = trend.read(cast.hoa, Scope(), DAY)
    assert [one.day for one in found.breaks] == [datetime.date(2025, 3, 1), datetime.date(2026, 3, 1)]
    assert found.breaks[0].bodies == ["Sở Cũ → Sở Y tế"]
    march = [month.first for month, _earlier in found.months].index(datetime.date(2026, 3, 1))
    now, before = trend._cuts(found)
    assert (now, before) == ({march: "01/03/2026"}, {march: "năm trước: 01/03/2025"})
    assert [(cut.is_now, cut.words) for cut in found.activity_chart.cuts] == [
        (False, "năm trước: 01/03/2025"), (True, "01/03/2026")
    ]  # fmt: skip
    assert found.change is None
    assert not trend.read(cast.hoa, Scope(period="2023"), DAY).breaks  # later than what is shown
    assert [dot.value for dot in found.activity_chart.dots] == [1]


# Changes


def keep(programme, day, **values):
    DailyFigure.objects.create(programme=programme, day=day, **values)


def test_then_and_now_from_the_figures_kept_of_the_day(cast):
    worse, better, same, new = (make_programme(cast) for _n in range(4))
    for programme, then, now in ((worse, "on_track", "behind"), (better, "behind", "ahead"), (same, "ahead", "ahead")):
        keep(programme, ago(7), standing=then, activities=3, due_overdue=1, due_on_time=1, due_late=0)
        ProgrammeFigure.objects.create(programme=programme, computed_on=DAY, standing=now, activities=5)
        make_task(cast, programme, due_on=ago(9)).deadlines.update(state="done", done_on=ago(9))
    found = changes.read(cast.hoa, Scope(), DAY)
    assert (found.day, found.asked, found.is_stand_in) == (ago(7), ago(7), False)
    numbers = [(one.then, one.now, one.change, one.tone) for one in found.differences]
    assert numbers == [
        (1, 1, 0, ""), (2, 2, 0, ""), (0, 1, 1, "bad"), (3, 0, -3, "good"), (3, 3, 0, ""), (0, 0, 0, ""),
        (9, 15, 6, "good"),
    ]  # fmt: skip
    assert [(move.programme, move.then, move.now, move.is_worse) for move in found.moved] == [
        (worse, "on_track", "behind", True), (better, "behind", "ahead", False),
    ]  # fmt: skip
    assert (found.worse, found.better, found.newcomers) == (1, 1, [new])
    assert found.table.rows[3][1:] == (3, 0, -3)
    assert found.list_table(changes.MOVED).rows[0][2:] == ("Đúng tiến độ", "Chậm")
    assert len(changes.read(cast.hoa, Scope(place=cast.commune.pk), DAY).differences) == 0  # nothing there


def test_without_figures_of_the_day_an_earlier_one_stands_in_or_it_is_said(cast):
    programme = make_programme(cast)
    ProgrammeFigure.objects.create(programme=programme, computed_on=DAY, standing="behind")
    assert changes.read(cast.hoa, Scope(), DAY).day is None
    keep(programme, ago(6), standing="ahead")  # later than the day meant: says nothing of it
    assert changes.read(cast.hoa, Scope(), DAY).day is None
    keep(programme, ago(15), standing="ahead")  # older than a week before it
    assert changes.read(cast.hoa, Scope(), DAY).day is None
    keep(programme, ago(9), standing="on_track")
    found = changes.read(cast.hoa, Scope(), DAY)
    assert (found.day, found.asked, found.is_stand_in) == (ago(9), ago(7), True)
    assert [move.then for move in found.moved] == ["on_track"]
    assert changes.read(cast.hoa, Scope(), DAY, changes.YESTERDAY).day == ago(6)


def test_the_days_compared_with(cast):
    assert changes.day_of("hom-qua", cast.hoa, DAY) == ago(1)
    assert changes.day_of("tuan", cast.hoa, DAY) == ago(7)
    assert changes.day_of("thang", cast.hoa, datetime.date(2026, 3, 31)) == datetime.date(2026, 2, 28)
    assert changes.day_of("thang", cast.hoa, datetime.date(2026, 1, 5)) == datetime.date(2025, 12, 5)
    today = timezone.localdate()
    assert changes.day_of("giao-ban", cast.hoa, today) is None
    assert changes.read(cast.hoa, Scope(), today, changes.BRIEFING).asked is None
    briefings.mark_heard(actor=cast.actor(cast.hoa))
    assert changes.day_of("giao-ban", cast.hoa, today) is None  # what was told today is still shown today
    assert changes.day_of("giao-ban", cast.hoa, today + datetime.timedelta(days=3)) == today
    assert changes.day_of("giao-ban", cast.lan, today + datetime.timedelta(days=3)) is None
    assert AuditEntry.objects.filter(action=briefings.HEARD).count() == 1
    with pytest.raises(ValueError, match="nam"):
        changes.day_of("nam", cast.hoa, DAY)


def test_what_fell_due_or_was_finished_since(cast):
    programme = make_programme(cast)
    keep(programme, ago(7))
    since = ago(7)
    tasks = {}
    for name, due_on, done_on in (
        ("was overdue", ago(8), None), ("became overdue", ago(7), None), ("due today", DAY, None),
        ("finished before", ago(20), ago(7)), ("finished since", ago(20), ago(6)), ("on time since", DAY, ago(1)),
    ):  # fmt: skip
        tasks[name] = make_task(cast, programme, due_on=due_on, title=name)
        if done_on:
            tasks[name].deadlines.update(state="done", done_on=done_on)
    found = changes.read(cast.hoa, Scope(), DAY)
    assert [item.title for item in found.overdue] == ["became overdue"]
    assert {item.title for item in found.finished} == {"finished since", "on time since"}
    assert found.overdue_url == f"/viec/?tinh-trang=qua-han&tu={since}"
    assert found.finished_url == f"/viec/?tinh-trang=da-xong&tu={since}"
    assert (found.note(changes.NEWLY_OVERDUE), found.note(changes.FINISHED)) == ("1 thời hạn", "2 thời hạn")
    counted = due.counts(due.rows(cast.hoa, found.filters), DAY)
    assert (counted[due.OVERDUE], counted[due.DONE]) == (1, 2)
    only = due.rows(cast.hoa, due.Filters(kind=due.MILESTONE))
    assert {row.kind for row in only} <= {due.MILESTONE}
    both = due.Filters(kind=due.DEADLINE, since=since)
    assert both.without("kind") == due.Filters(since=since)
    assert both.without("since") == due.Filters(kind=due.DEADLINE)


@pytest.mark.parametrize(
    "text", ["", "2026-13-01", "2026-02-30", "1999-01-01", "2026-1-1", "２０２６-01-01", "x" * 900]
)
def test_no_other_day_is_taken_from_an_address(text):
    assert due.day_in(text) is None
    assert due.day_in("2026-02-28") == datetime.date(2026, 2, 28)


def test_what_was_known_on_a_past_day_counts_only_what_was_accepted_by_then(cast):
    task = make_task(cast)
    first, second = (accept(cast, task, ago(30)) for _n in range(2))
    for row, days in ((first, 20), (second, 2)):
        moment = timezone.make_aware(datetime.datetime.combine(ago(days), datetime.time(9)))
        type(row).objects.filter(pk=row.pk).update(reviewed_at=moment)
    end = timezone.make_aware(datetime.datetime.combine(ago(6), datetime.time.min))
    results.rebuild(cells.all_cells(reviewed_before=end))
    results.refresh_figures([task.programme_id], ago(7))
    assert DailyFigure.objects.get(day=ago(7)).activities == 1
    cells.repair()
    assert Tally.objects.get(measure="activities").count == 2
    assert cells.check().is_equal
    assert Programme.objects.get().figure.activities == 2
