"""The dashboard: its four figures, its order, its five matters, and that all of them equal their lists."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from agreements.models import DailyFigure, Milestone, ProgrammeFigure
from insights.dashboard import overview
from insights.scope import Scope
from tests.make import make_programme, make_task


@pytest.fixture
def today():
    return timezone.localdate()


def figure(programme, standing="on_track", progress="0.5", elapsed="0.5", **changes):
    values = {
        "computed_on": timezone.localdate(),
        "standing": standing,
        "progress": progress,
        "elapsed": elapsed,
        "tasks_live": 2,
        "tasks_with_data": 2,
        "last_activity_on": timezone.localdate(),
    }
    return ProgrammeFigure.objects.create(programme=programme, **values | changes)


def test_figures_are_those_of_programmes_in_force(cast, today):
    for standing in ("on_track", "ahead", "behind", "too_early"):
        figure(make_programme(cast), standing)
    make_programme(cast)
    figure(make_programme(cast, status="ended"), "behind")
    make_programme(cast, status="draft")
    board = overview.read(cast.hoa, Scope(), today)
    assert (board.in_force, board.awaiting_review) == (5, 1)
    assert (board.on_track, board.behind, board.unmeasured) == (2, 1, 2)


def test_slowest_first_and_no_data_last(cast, today):
    make_programme(cast, short_title="Trống")
    figure(make_programme(cast, short_title="Đúng"), "on_track", "0.50", "0.60")
    figure(make_programme(cast, short_title="Chậm ít"), "behind", "0.22", "0.30")
    figure(make_programme(cast, short_title="Chậm nhiều"), "behind", "0.61", "0.97")
    board = overview.read(cast.hoa, Scope(), today)
    assert [row.programme.name for row in board.rows] == ["Chậm nhiều", "Chậm ít", "Đúng", "Trống"]
    assert [row.points for row in board.rows] == [36, 8, 10, None]
    assert board.rows[0].partner == "Sở Y tế"


def test_change_since_last_week_only_where_it_is_known(cast, today):
    programme = make_programme(cast)
    figure(programme, "behind")
    assert overview.read(cast.hoa, Scope(), today).behind_change is None
    DailyFigure.objects.create(programme=programme, day=today - datetime.timedelta(days=7), standing="on_track")
    assert overview.read(cast.hoa, Scope(), today).behind_change == 1


def test_matters_name_the_unit_the_cause_and_the_longest_overdue_first(cast, today):
    programme = make_programme(cast)
    figure(programme)
    task = make_task(cast, programme, due_on=today - datetime.timedelta(days=54), title="Kiểm tra quý III")
    task.deadlines.create(
        period="2025", original_due_on=today - datetime.timedelta(days=20), due_on=today - datetime.timedelta(days=20)
    )
    Milestone.objects.create(
        programme=programme, kind="interim_review", due_on=today - datetime.timedelta(days=146), name="Sơ kết"
    )
    board = overview.read(cast.hoa, Scope(), today)
    assert [(item.title, item.unit, item.days) for item in board.todo] == [
        ("Sơ kết", str(cast.committee), 146),
        ("Kiểm tra quý III", "Sở Y tế", 54),
    ]
    assert (board.overdue_note, board.overdue) == ("2 thời hạn, 1 mốc", 3)
    assert [row.overdue for row in board.units.rows] == [2, 1]


def test_silent_programme_keeps_one_of_the_five(cast, today):
    silent = make_programme(cast, short_title="Im lặng")
    figure(silent, "behind", "0.2", "0.6", last_activity_on=today - datetime.timedelta(days=96))
    for days in range(1, 8):
        make_task(cast, silent, due_on=today - datetime.timedelta(days=days))
    board = overview.read(cast.hoa, Scope(), today)
    assert [item.cause for item in board.todo] == ["overdue"] * 4 + ["silent"]
    assert (board.todo[-1].title, board.todo[-1].days, board.todo[-1].points) == ("Im lặng", 96, 40)
    assert len(board.todo) == overview.TODO_SHOWN


@pytest.mark.parametrize("changes", [{"tasks_with_data": 0}, {"tasks_live": 0}, {"standing": "on_track"}])
def test_silence_needs_data_and_a_delay(cast, today, changes):
    old = today - datetime.timedelta(days=96)
    figure(make_programme(cast), **{"standing": "behind", "last_activity_on": old} | changes)
    assert overview.read(cast.hoa, Scope(), today).todo == []


def test_ended_without_final_review(cast, today):
    ended = make_programme(
        cast, status="ended", starts_on=datetime.date(2021, 1, 1), ends_on=datetime.date(2025, 12, 31)
    )
    (item,) = overview.read(cast.hoa, Scope(), today).todo
    assert (item.cause, item.unit, item.days) == ("unreviewed", "Sở Y tế", (today - ended.ends_on).days)
    Milestone.objects.create(programme=ended, kind="final_review", due_on=today)
    assert overview.read(cast.hoa, Scope(), today).todo == []


def test_strangers_see_an_empty_board(cast, today):
    figure(make_programme(cast), "behind")
    make_task(cast, make_programme(cast), due_on=today - datetime.timedelta(days=5))
    board = overview.read(cast.phuong, Scope(), today)
    assert (board.in_force, board.overdue, board.todo, board.units.rows) == (0, 0, [], [])


def test_queries_do_not_grow_with_programmes(cast, today, django_assert_max_num_queries):
    for _n in range(12):
        programme = make_programme(cast)
        figure(programme)
        make_task(cast, programme, due_on=today - datetime.timedelta(days=5))
    with django_assert_max_num_queries(14):
        overview.read(cast.hoa, Scope(), today)
