"""The stored figures of programmes: computed from the totals for many programmes and days at once, and written."""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, TypeVar

from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils import timezone

from agreements import figures
from agreements.models import Programme, ProgrammeFigure, Task, TaskDeadline
from agreements.models.totals import FigureFields
from agreements.services.results.totals import needs_last, rolled_up

FIELDS = tuple(one.attname for one in FigureFields._meta.concrete_fields)
AT_ONCE = 250  # programmes computed and written in one transaction
CLOSED = frozenset({TaskDeadline.State.DONE, TaskDeadline.State.CANCELLED})


class Measured(NamedTuple):
    """What figures need of an indicator."""

    pk: int
    task_id: int
    kind: str
    direction: str
    roll_up: str
    baseline: Decimal | None


@dataclass
class Run:
    """Totals of one indicator, or of the activities of one task, added up to the end of each month that has any."""

    months: list[datetime.date] = field(default_factory=list)
    totals: list[Decimal] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    tops: list[Decimal] = field(default_factory=list)
    lasts: list[datetime.date] = field(default_factory=list)

    def add(self, month: datetime.date, total: Decimal, rows: int, top: Decimal, last: datetime.date) -> None:
        """Add a month that comes after those before."""
        if self.months:
            total, rows = self.totals[-1] + total, self.rows[-1] + rows
            top, last = max(self.tops[-1], top), max(self.lasts[-1], last)
        self.months.append(month)
        self.totals.append(total)
        self.rows.append(rows)
        self.tops.append(top)
        self.lasts.append(last)

    def until(self, day: datetime.date) -> int | None:
        """Return the place of the last month begun on the day; None before the first."""
        return bisect_right(self.months, day) - 1 if self.months and self.months[0] <= day else None


Level = tuple[datetime.date, datetime.date, Decimal, tuple[int, int | None]]  # month, day, value, unit and place


@dataclass
class Accepted:
    """Everything accepted in some programmes, by month."""

    indicators: dict[int, Run] = field(default_factory=lambda: defaultdict(Run))
    tasks: dict[int, Run] = field(default_factory=lambda: defaultdict(Run))
    programmes: dict[int, Run] = field(default_factory=lambda: defaultdict(Run))
    levels: dict[int, list[Level]] = field(default_factory=lambda: defaultdict(list))  # by indicator, oldest first

    def actual(self, indicator: Measured, day: datetime.date) -> Decimal | None:
        """Return what was accepted of an indicator by the day; None without data."""
        run = self.indicators.get(indicator.pk)
        place = run.until(day) if run else None
        if run is None or place is None:
            return None
        newest = {key: (on, value) for month, on, value, key in self.levels.get(indicator.pk, ()) if month <= day}
        # of an indicator only kind and roll-up are read
        return rolled_up(indicator, run.totals[place], run.rows[place], run.tops[place], list(newest.values()))  # type: ignore[arg-type]


def _rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@dataclass
class Signed:
    """What was signed of a task, as figures need it."""

    pk: int
    programme_id: int
    state: str
    weight: Decimal
    starts_on: datetime.date | None
    declared: Decimal | None
    deadlines: list[figures.Deadline] = field(default_factory=list)
    indicators: list[Measured] = field(default_factory=list)


# Read as plain rows: a country has 36,000 tasks, and an acceptance reads those of its programme while others wait.
TASKS = """
    SELECT t.id, t.programme_id, t.state, t.weight, t.starts_on, t.declared_share, d.due_on, d.done_on, d.state
    FROM agreements_task t LEFT JOIN agreements_taskdeadline d ON d.task_id = t.id
    WHERE t.programme_id = ANY(%s) ORDER BY t.position, t.id, d.due_on, d.id"""
INDICATORS = """
    SELECT i.id, i.task_id, i.kind, i.direction, i.roll_up, i.baseline, p.starts_on, p.ends_on, p.value
    FROM agreements_indicator i LEFT JOIN agreements_target p ON p.indicator_id = i.id
    WHERE i.task_id = ANY(%s) ORDER BY i.position, i.id, p.starts_on"""
MONTHS = """
    SELECT task_id, indicator_id, month, sum(sum), sum(count), max(max), max(latest_on) FROM agreements_tally
    WHERE task_id = ANY(%s) AND measure IN ('activities', 'indicator') AND count > 0 GROUP BY 1, 2, 3 ORDER BY 3"""
LEVELS = """
    SELECT indicator_id, month, latest_on, latest, unit_id, locality_id FROM agreements_tally
    WHERE indicator_id = ANY(%s) AND count > 0 AND latest IS NOT NULL AND latest_on IS NOT NULL ORDER BY latest_on"""


def _signed(programme_ids: list[int]) -> tuple[list[Signed], dict[int, list[figures.Period]]]:
    """Return the tasks in their order, and the targets by indicator; two queries."""
    tasks: dict[int, Signed] = {}
    for pk, *about, due_on, done_on, state in _rows(TASKS, programme_ids):
        if pk not in tasks:
            tasks[pk] = Signed(pk, *about)
        if due_on is not None:
            tasks[pk].deadlines.append(figures.Step(due_on, done_on, state))  # type: ignore[arg-type]  # only read
    periods: dict[int, list[figures.Period]] = {}
    for *about, first, end, value in _rows(INDICATORS, list(tasks)):
        indicator = Measured(*about)
        if indicator.pk not in periods:
            periods[indicator.pk] = []
            tasks[indicator.task_id].indicators.append(indicator)
        if first is not None:
            periods[indicator.pk].append(figures.Period(first, end, value))
    return list(tasks.values()), periods


def _accepted(tasks: Iterable[Signed]) -> Accepted:
    """Read the totals of tasks and of their programmes, in one query or two."""
    found = Accepted()
    programme_of = {task.pk: task.programme_id for task in tasks}
    for task, indicator, *added in _rows(MONTHS, list(programme_of)):
        if indicator is not None:
            found.indicators[indicator].add(*added)
        else:
            found.tasks[task].add(*added)
            found.programmes[programme_of[task]].add(*added)
    levels = [indicator.pk for task in tasks for indicator in task.indicators if needs_last(indicator)]  # type: ignore[arg-type]
    for pk, month, on, value, unit, locality in _rows(LEVELS, levels) if levels else ():
        found.levels[pk].append((month, on, value, (unit, locality)))
    return found


class Dated(Protocol):
    """The three things of a programme that its figures depend on."""

    @property
    def pk(self) -> Any:
        """Its id."""

    @property
    def starts_on(self) -> datetime.date | None:
        """First day."""

    @property
    def ends_on(self) -> datetime.date | None:
        """Last day."""


OneProgramme = TypeVar("OneProgramme", bound=Dated)


def programme_figures(
    programmes: Sequence[OneProgramme], days: Iterable[datetime.date]
) -> Iterator[tuple[OneProgramme, datetime.date, dict[str, object]]]:
    """Yield the fields of a figure for each programme and day, day by day, from the stored totals; writes nothing.

    Four queries whatever their number. A past day counts whole months up to and including its own.
    """
    ids = [programme.pk for programme in programmes]
    signed, periods = _signed(ids)
    accepted = _accepted(signed)
    tasks: dict[int, list[Signed]] = defaultdict(list)
    for task in signed:
        if task.state not in Task.LEFT_OUT:
            tasks[task.programme_id].append(task)
    for day in days:
        for programme in programmes:
            found = [_task_on(task, programme, periods, accepted, day) for task in tasks[programme.pk]]
            yield programme, day, _figure(programme, found, accepted.programmes.get(programme.pk), day)


TaskOnDay = tuple[Signed, figures.TaskFigure, figures.DeadlineCounts, datetime.date | None]  # the first day still due


def _task_on(
    task: Signed,
    programme: Dated,
    periods: dict[int, list[figures.Period]],
    accepted: Accepted,
    day: datetime.date,
) -> TaskOnDay:
    run = accepted.tasks.get(task.pk)
    work = figures.Work(
        weight=task.weight,
        quantities=tuple(
            figures.Quantity(
                kind=one.kind,
                direction=one.direction,
                baseline=one.baseline,
                periods=tuple(periods[one.pk]),
                actual=accepted.actual(one, day),
                roll_up=one.roll_up,
            )
            for one in task.indicators
        ),
        deadlines=tuple(task.deadlines),
        starts_on=task.starts_on or programme.starts_on,
        ends_on=programme.ends_on,
        has_activity=run is not None and run.until(day) is not None,
        declared=task.declared,
    )
    return (
        task,
        figures.task_figure(work, day),
        figures.deadline_counts(task.deadlines, day),
        min((row.due_on for row in task.deadlines if row.state not in CLOSED and row.due_on >= day), default=None),
    )


def _figure(programme: Dated, tasks: list[TaskOnDay], done: Run | None, day: datetime.date) -> dict[str, object]:
    totals = figures.programme_totals((task.weight, figure) for task, figure, _counts, _due in tasks)
    counts = [counts for _task, _figure, counts, _due in tasks]
    coming = [(due, task.pk) for task, _figure, _counts, due in tasks if due]
    next_due_on, next_due_task = min(coming, default=(None, None))
    place = done.until(day) if done else None
    elapsed = None
    if programme.starts_on and programme.ends_on:
        elapsed = figures.elapsed_share(programme.starts_on, programme.ends_on + datetime.timedelta(days=1), day)
    return {
        "progress": totals.progress,
        "expected": totals.expected,
        "elapsed": elapsed,
        "pace": totals.pace,
        "standing": totals.standing,
        "tasks_live": totals.tasks_live,
        "tasks_with_data": totals.tasks_with_data,
        "done_on_time": sum(row.done_on_time for row in counts),
        "done_late": sum(row.done_late for row in counts),
        "within_deadline": sum(row.within_deadline for row in counts),
        "overdue": sum(row.overdue for row in counts),
        "activities": done.rows[place] if done and place is not None else 0,
        "last_activity_on": done.lasts[place] if done and place is not None else None,
        "next_due_on": next_due_on,
        "next_due_task_id": next_due_task,
    }


def programme_figure(programme: Programme, *, day: datetime.date | None = None) -> dict[str, object]:
    """Compute the fields of ProgrammeFigure for a day from the stored totals; writes nothing."""
    ((_programme, _day, values),) = programme_figures([programme], [day or timezone.localdate()])
    return values


def refresh_figure(programme_id: int, day: datetime.date | None = None) -> None:
    """Write the programme's current figures and the copy of the day, in the caller's transaction.

    The row is locked before the totals are read, so of two acceptances at once the second counts both. A day before
    that of the current row writes only the dated copy.
    """
    refresh_figures([programme_id], day)


class Term(NamedTuple):
    """A programme with its days, as its figures need it."""

    pk: int
    starts_on: datetime.date | None
    ends_on: datetime.date | None


LOCKED = """
    SELECT p.id, p.starts_on, p.ends_on FROM agreements_programmefigure f
    JOIN agreements_programme p ON p.id = f.programme_id WHERE p.id = ANY(%s) ORDER BY p.id FOR UPDATE OF f"""
# The dated copy is written first and the current row taken from it, where that is not of a later day.
WRITTEN = f"""
    WITH written AS (
        INSERT INTO agreements_dailyfigure (programme_id, day, {", ".join(FIELDS)}) VALUES {{marks}}
        ON CONFLICT ON CONSTRAINT dailyfigure_once
        DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in FIELDS)}
        RETURNING *
    )
    UPDATE agreements_programmefigure f
    SET {", ".join(f"{name} = written.{name}" for name in FIELDS)}, computed_on = written.day, computed_at = %s
    FROM written WHERE f.programme_id = written.programme_id AND f.computed_on <= written.day"""  # noqa: S608 - ours


@transaction.atomic(savepoint=False)
def refresh_figures(programme_ids: Sequence[int], day: datetime.date | None = None) -> None:
    """Do the same for several programmes in one transaction; an acceptance in one of them waits for its end."""
    day = day or timezone.localdate()
    programmes = [Term(*row) for row in _rows(LOCKED, list(programme_ids))]
    if len(programmes) < len(set(programme_ids)):
        known = Programme.objects.filter(pk__in=programme_ids).order_by("pk").values_list("pk", flat=True)
        ProgrammeFigure.objects.bulk_create(
            [ProgrammeFigure(programme_id=pk, computed_on=day) for pk in known], ignore_conflicts=True
        )
        programmes = [Term(*row) for row in _rows(LOCKED, list(programme_ids))]
    if not programmes:
        return
    params: list[Any] = []
    for programme, _day, values in programme_figures(programmes, [day]):
        params += [programme.pk, day, *(values[name] for name in FIELDS)]
    marks = ", ".join([f"({', '.join(['%s'] * (2 + len(FIELDS)))})"] * len(programmes))
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN.format(marks=marks), [*params, timezone.now()])


def record_declared(*, task_id: int, share: Decimal | None, reason: str = "") -> None:
    """Keep the share of a task that its unit declared with a reason in an accepted report (1 = all), None to forget it.

    It counts only where neither targets nor deadlines measure the task (design.md section 3). Inside the accepting
    transaction.
    """
    task = Task.objects.select_for_update().get(pk=task_id)
    if (task.declared_share, task.declared_reason) == (share, reason):
        return
    task.declared_share, task.declared_reason = share, reason
    task.save(update_fields=["declared_share", "declared_reason"])
    refresh_figure(task.programme_id)


def refresh_all(day: datetime.date | None = None, *, only_stale: bool = False) -> int:
    """Refresh every programme past its draft, AT_ONCE of them in each transaction; return how many.

    only_stale: those without figures or with figures of an earlier day, which is what the timer asks for.
    """
    day = day or timezone.localdate()
    wanted = Programme.objects.exclude(status=Programme.Status.DRAFT)
    if only_stale:
        wanted = wanted.filter(Q(figure=None) | Q(figure__computed_on__lt=day))
    ids = list(wanted.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        refresh_figures(ids[start : start + AT_ONCE], day)
    return len(ids)


class DueOfDay(NamedTuple):
    """How much due work of a programme was in each state when a day was over."""

    programme_id: int
    overdue: int
    on_time: int
    late: int


DUE_WORK = """
    UPDATE agreements_dailyfigure k
    SET due_overdue = c.overdue, due_on_time = c.on_time, due_late = c.late, due_counted_at = now()
    FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[]) AS c(programme_id, overdue, on_time, late)
    WHERE k.programme_id = c.programme_id AND k.day = %s AND k.due_overdue IS NULL"""


def record_due_work(day: datetime.date, counted: Sequence[DueOfDay]) -> int:
    """Put the due work of a day that is over to the figures kept of it; return how many took it.

    A day that has its due work keeps it, and one without figures gets none: a past day is never told anew. Whoever
    counts sits above this room, as reports and directives do.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE_WORK, [*([list(column) for column in zip(*counted, strict=True)] or [[]] * 4), day])
        return cursor.rowcount


def figures_as_of() -> datetime.datetime | None:
    """Return since when the figures of all programmes stand: the oldest time at which one of them was computed."""
    found: datetime.datetime | None = ProgrammeFigure.objects.aggregate(oldest=Min("computed_at"))["oldest"]
    return found
