"""Due work of a day that is over: of all kinds, as it stood then, kept once and never told anew."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from activities.management.commands.keep_due_work import LOCK
from activities.models import Directive, DueWork, ReportDuty
from activities.services.due_kept import keep_due_work
from agreements.models import DailyFigure, Milestone, Programme
from agreements.services import results
from tests.cast import Cast
from tests.make import make_programme, make_task

DAY = datetime.date(2026, 11, 22)
TODAY = datetime.date(2026, 11, 23)


def ago(days: int) -> datetime.date:
    return DAY - datetime.timedelta(days=days)


def kept(programme: Programme, day: datetime.date = DAY) -> tuple[int | None, ...]:
    return programme.daily_figures.values_list("due_overdue", "due_on_time", "due_late").get(day=day)


def finished(cast: Cast, programme: Programme, due_on: datetime.date, done_on: datetime.date) -> None:
    make_task(cast, programme, due_on=due_on).deadlines.update(state="done", done_on=done_on)


def test_each_kind_counts_in_the_state_in_which_it_was_when_the_day_was_over(cast: Cast) -> None:
    programme, idle = make_programme(cast), make_programme(cast)
    for one in (programme, idle):
        DailyFigure.objects.create(programme=one, day=DAY)
    make_task(cast, programme, due_on=ago(1))  # overdue
    make_task(cast, programme, due_on=DAY)  # the last day is no delay
    finished(cast, programme, ago(0), ago(0))  # on time, on the day itself
    finished(cast, programme, ago(9), ago(2))  # late
    finished(cast, programme, ago(9), TODAY)  # overdue then, finished since
    make_task(cast, programme, due_on=ago(9), state="paused", state_reason="Chờ kinh phí")
    ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, kind="half_year", period="2026-H1",
        starts_on=ago(200), ends_on=ago(20), due_on=ago(10),
    )  # fmt: skip
    Milestone.objects.create(programme=programme, kind="interim_review", due_on=ago(5))
    Directive.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, due_on=ago(3), text="Báo cáo.", author=cast.hoa
    )
    assert {row.kind for row in DueWork.objects.all()} == set(DueWork.Kind.values)
    assert keep_due_work(DAY) == 2
    assert kept(programme) == (5, 1, 1)
    assert kept(idle) == (0, 0, 0)


def test_a_day_is_counted_once_and_stays_what_it_was(cast: Cast) -> None:
    programme = make_programme(cast)
    task = make_task(cast, programme, due_on=ago(3))
    assert keep_due_work(DAY) == 0  # no figures of that day
    assert not DailyFigure.objects.exists()
    DailyFigure.objects.create(programme=programme, day=DAY)
    assert keep_due_work(DAY) == 1
    task.deadlines.update(due_on=datetime.date(2027, 1, 1))  # put off
    assert keep_due_work(DAY) == 0
    late = make_programme(cast)
    DailyFigure.objects.create(programme=late, day=DAY)
    assert keep_due_work(DAY) == 1
    assert (kept(programme), kept(late)) == ((1, 0, 0), (0, 0, 0))
    results.refresh_figure(programme.pk, DAY)
    assert kept(programme) == (1, 0, 0)  # a later refresh of the day leaves it
    assert results.record_due_work(DAY, []) == 0


def test_what_is_not_carried_out_has_none_and_numbers_come_together(cast: Cast) -> None:
    closed = make_programme(cast, status="closed")
    DailyFigure.objects.create(programme=closed, day=DAY)
    assert keep_due_work(DAY) == 0
    assert kept(closed) == (None, None, None)
    with pytest.raises(IntegrityError, match="dailyfigure_due_work_whole"), transaction.atomic():
        DailyFigure.objects.update(due_overdue=1)


@time_machine.travel("2026-11-23 00:00:05+07:00", tick=False)
def test_the_timer_keeps_yesterday_once(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    programme = make_programme(cast)
    for day in (ago(1), DAY, TODAY):
        DailyFigure.objects.create(programme=programme, day=day)
    call_command("keep_due_work")
    assert "1 programmes" in capsys.readouterr().out
    assert (kept(programme), kept(programme, TODAY), kept(programme, ago(1))) == ((0, 0, 0), (None,) * 3, (None,) * 3)
    call_command("keep_due_work")
    assert capsys.readouterr().out == ""


def test_two_nights_at_once_are_one(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        call_command("keep_due_work")
        assert "another run" in capsys.readouterr().out
    finally:
        other.close()


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_the_demo_has_due_work_of_each_day_it_keeps(demo: None) -> None:
    days = set(DailyFigure.objects.filter(day__lt=TODAY).values_list("day", flat=True))
    assert len(days) == 6
    assert not DailyFigure.objects.filter(day__lt=TODAY, programme__status__in=Programme.LIVE, due_late=None).exists()
    kept_then = DailyFigure.objects.filter(day=DAY, programme__status__in=Programme.LIVE)
    then = sum(row.due_overdue or 0 for row in kept_then)
    rows = DueWork.objects.filter(programme__in=kept_then.values("programme"), due_on__lt=DAY)
    assert then == sum(1 for row in rows if row.finished_on is None or row.finished_on > DAY) > 0
