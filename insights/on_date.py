"""All figures of programmes on a day, from the rows accepted now (design.md section 3): the page *Cách tính*, the
command `figures` and comparisons read them here. What was known on a past day is in DailyFigure, not here."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from activities.services.cells import day_rows
from agreements import figures
from agreements.models import Task
from agreements.services.results import task_figures
from insights import risk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreements.models import Programme
    from agreements.services.results import DayRows, TaskTotals
    from core.models import User

MEASURES = ("households", "persons", "turns", "value")  # never added to one another


@dataclass(frozen=True)
class TaskOnDate:
    """A task with its figures on the day; counted: it is neither paused, carried over nor cancelled."""

    task: Task
    totals: TaskTotals

    @property
    def counted(self) -> bool:
        """Whether it enters the sums of the programme."""
        return self.task.state not in Task.LEFT_OUT

    @property
    def capped(self) -> Decimal:
        """What it adds to the programme for each unit of weight: 0 without data, at most 1."""
        return figures.cap(self.totals.figure.progress or figures.ZERO)

    @property
    def expected(self) -> Decimal:
        """What it should add by now."""
        return figures.cap(self.totals.figure.expected or figures.ZERO)

    @property
    def pulls_down(self) -> bool:
        """Whether it lies below 85 % of what it should have reached: a row behind the flag "slow"."""
        measured = self.counted and self.totals.figure.is_measured
        return measured and figures.settled(self.capped - figures.BEHIND_BELOW * self.expected) < 0


@dataclass(frozen=True)
class ProgrammeOnDate:
    """A programme on a day. Shares: 1 = 100 %; None = no data. households, persons, turns and value (đồng) are totals
    of all its tasks, also those left out of progress: what was done was done."""

    programme: Programme
    day: datetime.date
    tasks: tuple[TaskOnDate, ...]
    totals: figures.ProgrammeTotals
    elapsed: Decimal | None
    deadlines: figures.DeadlineCounts
    activities: int
    last_activity_on: datetime.date | None
    households: Decimal | None
    persons: Decimal | None
    turns: Decimal | None
    value: Decimal | None
    flags: tuple[risk.Flag, ...] = ()

    @property
    def live(self) -> list[TaskOnDate]:
        """Tasks that count."""
        return [row for row in self.tasks if row.counted]

    @property
    def left_out(self) -> list[TaskOnDate]:
        """Paused, carried-over and cancelled tasks: in no sum, and named."""
        return [row for row in self.tasks if not row.counted]

    @property
    def measured(self) -> list[TaskOnDate]:
        """Live tasks for which something says what 100 % is: the rows of the sum of progress."""
        return [row for row in self.live if row.totals.figure.is_measured]

    @property
    def unmeasured(self) -> list[TaskOnDate]:
        """Live tasks without target, deadline or declared share: shown, never counted in progress."""
        return [row for row in self.live if not row.totals.figure.is_measured]

    @property
    def points_behind(self) -> int | None:
        """Gap between time gone and progress in whole points (figures.points_behind)."""
        return figures.points_behind(self.totals.progress, self.elapsed)


def read(programmes: Iterable[Programme], day: datetime.date, user: User | None = None) -> dict[int, ProgrammeOnDate]:
    """Return the figures of programmes on a day by their id with their flags, in at most 16 queries for any number.

    user: for whose eyes the flags are (insights.risk.read); the programmes must be visible to that person already.
    """
    found = read_sums(programmes, day)
    numbers = {
        pk: risk.Numbers(row.totals.progress, row.totals.standing, row.totals.coverage, row.last_activity_on)
        for pk, row in found.items()
    }
    flags = risk.read([row.programme for row in found.values()], numbers, day, user)
    return {pk: _with_flags(row, flags.get(pk, ())) for pk, row in found.items()}


def read_sums(programmes: Iterable[Programme], day: datetime.date) -> dict[int, ProgrammeOnDate]:
    """Return the same without flags, in at most ten queries."""
    wanted = {programme.pk: programme for programme in programmes}
    tasks = list(Task.objects.filter(programme__in=wanted).select_related("lead").order_by("position", "pk"))
    for task in tasks:
        task.programme = wanted[task.programme_id]
    totals = task_figures(tasks, day=day, rows=_rows(tasks, day))
    of_programme: dict[int, list[TaskOnDate]] = defaultdict(list)
    for task in tasks:
        of_programme[task.programme_id].append(TaskOnDate(task, totals[task.pk]))
    return {pk: _figures(programme, day, of_programme[pk]) for pk, programme in wanted.items()}


def read_task(task: Task, day: datetime.date) -> TaskOnDate:
    """Return the figures of one task, loaded with its programme, on a day; at most eight queries."""
    return TaskOnDate(task, task_figures([task], day=day, rows=_rows([task], day))[task.pk])


def _rows(tasks: list[Task], day: datetime.date) -> DayRows | None:
    """Return what stored totals do not say of the day; of today and later they say all, nothing is accepted ahead."""
    return day_rows([task.pk for task in tasks], day) if day < timezone.localdate() else None


def _figures(programme: Programme, day: datetime.date, tasks: list[TaskOnDate]) -> ProgrammeOnDate:
    live = [row for row in tasks if row.counted]
    counts = [row.totals.deadlines for row in live]
    elapsed = None
    if programme.starts_on and programme.ends_on:
        elapsed = figures.elapsed_share(programme.starts_on, programme.ends_on + datetime.timedelta(days=1), day)
    return ProgrammeOnDate(
        programme=programme,
        day=day,
        tasks=tuple(tasks),
        totals=figures.programme_totals((row.task.weight, row.totals.figure) for row in live),
        elapsed=elapsed,
        deadlines=figures.DeadlineCounts(
            done_on_time=sum(row.done_on_time for row in counts),
            done_late=sum(row.done_late for row in counts),
            within_deadline=sum(row.within_deadline for row in counts),
            overdue=sum(row.overdue for row in counts),
        ),
        activities=sum(row.totals.activities for row in tasks),
        last_activity_on=max((day for row in tasks if (day := row.totals.last_activity_on)), default=None),
        households=_total(row.totals.households for row in tasks),
        persons=_total(row.totals.persons for row in tasks),
        turns=_total(row.totals.turns for row in tasks),
        value=_total(row.totals.value for row in tasks),
    )


def _total(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, figures.ZERO) if known else None


def _with_flags(row: ProgrammeOnDate, flags: tuple[risk.Flag, ...]) -> ProgrammeOnDate:
    """Give the flag "slow" the tasks that pull the programme down, the largest gap first, and keep the others."""
    slow = sorted((task for task in row.live if task.pulls_down), key=_gap, reverse=True)
    rows = tuple(_task_row(row.programme, task) for task in slow)
    return replace(row, flags=tuple(replace(flag, rows=rows) if flag.cause == figures.SLOW else flag for flag in flags))


def _gap(row: TaskOnDate) -> Decimal:
    return row.task.weight * (row.expected - row.capped)


def _task_row(programme: Programme, row: TaskOnDate) -> risk.RiskRow:
    return risk.RiskRow(
        title=row.task.title,
        unit=str(row.task.lead or programme.owner),
        url=reverse("activities:task_detail", args=[row.task.pk]),
        task_id=row.task.pk,
        unit_id=row.task.lead_id or programme.owner_id,
    )
