"""The stored figures of programmes: computed from the totals for many programmes and days at once, and written."""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Min, Q, Sum
from django.utils import timezone

from agreements import figures
from agreements.models import DailyFigure, Indicator, Programme, ProgrammeFigure, Tally, Task
from agreements.models.totals import FigureFields
from agreements.services.results.totals import (
    Ground,
    ground_of,
    needs_last,
    quantity_of,
    rolled_up,
    unfinished,
    work_of,
)

FIELDS = tuple(one.attname for one in FigureFields._meta.concrete_fields)
AT_ONCE = 250  # programmes computed and written in one transaction


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

    def actual(self, indicator: Indicator, day: datetime.date) -> Decimal | None:
        """Return what was accepted of an indicator by the day; None without data."""
        run = self.indicators.get(indicator.pk)
        place = run.until(day) if run else None
        if run is None or place is None:
            return None
        newest = {key: (on, value) for month, on, value, key in self.levels.get(indicator.pk, ()) if month <= day}
        return rolled_up(indicator, run.totals[place], run.rows[place], run.tops[place], list(newest.values()))


def _accepted(programme_ids: Iterable[int], indicators: Iterable[Indicator]) -> Accepted:
    """Read the totals of the programmes, in two queries."""
    found = Accepted()
    seen = Tally.objects.filter(task__programme__in=list(programme_ids), count__gt=0)
    counted = seen.filter(measure__in=[Tally.Measure.ACTIVITIES, Tally.Measure.INDICATOR])
    by_month = counted.values("task__programme", "task", "indicator", "month").annotate(
        total=Sum("sum"), rows=Sum("count"), top=Max("max"), last=Max("latest_on")
    )
    names = ("task__programme", "task", "indicator", "month", "total", "rows", "top", "last")
    for programme, task, indicator, *added in by_month.order_by("month").values_list(*names):
        if indicator is not None:
            found.indicators[indicator].add(*added)
        else:
            found.tasks[task].add(*added)
            found.programmes[programme].add(*added)
    levels = [indicator.pk for indicator in indicators if needs_last(indicator)]
    last = seen.filter(indicator__in=levels, latest__isnull=False).order_by("latest_on")
    columns = ("indicator_id", "month", "latest_on", "latest", "unit_id", "locality_id")
    for pk, month, on, value, unit, locality in last.values_list(*columns):
        if pk is not None and on is not None and value is not None:
            found.levels[pk].append((month, on, value, (unit, locality)))
    return found


def programme_figures(
    programmes: Sequence[Programme], days: Iterable[datetime.date]
) -> Iterator[tuple[Programme, datetime.date, dict[str, object]]]:
    """Yield the fields of a figure for each programme and day, day by day, from the stored totals; writes nothing.

    Six queries whatever their number. A past day counts whole months up to and including its own.
    """
    by_id = {programme.pk: programme for programme in programmes}
    tasks: dict[int, list[Task]] = {pk: [] for pk in by_id}
    for task in Task.objects.filter(programme__in=by_id).live().defer("spans", "span"):
        task.programme = by_id[task.programme_id]
        tasks[task.programme_id].append(task)
    ground = ground_of(task for rows in tasks.values() for task in rows)
    accepted = _accepted(by_id, ground.indicators)
    measured: dict[int, list[Indicator]] = defaultdict(list)
    for indicator in ground.indicators:
        measured[indicator.task_id].append(indicator)
    for day in days:
        for pk, programme in by_id.items():
            found = [_task_on(task, measured.get(task.pk, ()), ground, accepted, day) for task in tasks[pk]]
            yield programme, day, _figure(programme, found, accepted.programmes.get(pk), day)


TaskOnDay = tuple[Task, figures.TaskFigure, figures.DeadlineCounts, datetime.date | None]  # the first day still due


def _task_on(
    task: Task, indicators: Iterable[Indicator], ground: Ground, accepted: Accepted, day: datetime.date
) -> TaskOnDay:
    quantities = tuple(quantity_of(indicator, ground, accepted.actual(indicator, day)) for indicator in indicators)
    deadlines = ground.due.get(task.pk, [])
    run = accepted.tasks.get(task.pk)
    has_activity = run is not None and run.until(day) is not None
    work = work_of(task, quantities, deadlines, has_activity=has_activity, declared=task.declared_share)
    return (
        task,
        figures.task_figure(work, day),
        figures.deadline_counts(deadlines, day),
        min((row.due_on for row in unfinished(deadlines) if row.due_on >= day), default=None),
    )


def _figure(programme: Programme, tasks: list[TaskOnDay], done: Run | None, day: datetime.date) -> dict[str, object]:
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


@transaction.atomic
def refresh_figures(programme_ids: Sequence[int], day: datetime.date | None = None) -> None:
    """Do the same for several programmes in one transaction; an acceptance in one of them waits for its end."""
    day = day or timezone.localdate()
    programmes = list(Programme.objects.filter(pk__in=programme_ids).order_by("pk"))
    ProgrammeFigure.objects.bulk_create(
        [ProgrammeFigure(programme=programme, computed_on=day) for programme in programmes], ignore_conflicts=True
    )
    locked = ProgrammeFigure.objects.select_for_update().filter(programme__in=programmes).order_by("programme_id")
    current = {row.programme_id: row for row in locked}
    copies, changed = [], []
    for programme, _day, values in programme_figures(programmes, [day]):
        copies.append(DailyFigure(programme=programme, day=day, **values))
        row = current[programme.pk]
        if row.computed_on <= day:
            for name, value in values.items():
                setattr(row, name, value)
            row.computed_on, row.computed_at = day, timezone.now()
            changed.append(row)
    DailyFigure.objects.bulk_create(
        copies, update_conflicts=True, unique_fields=["programme", "day"], update_fields=FIELDS
    )
    ProgrammeFigure.objects.bulk_update(changed, [*FIELDS, "computed_on", "computed_at"])


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


def figures_as_of() -> datetime.datetime | None:
    """Return since when the figures of all programmes stand: the oldest time at which one of them was computed."""
    found: datetime.datetime | None = ProgrammeFigure.objects.aggregate(oldest=Min("computed_at"))["oldest"]
    return found
