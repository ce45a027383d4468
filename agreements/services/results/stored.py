"""The stored figures of programmes: computed from the totals for many programmes and days at once, and written."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Min, Q, Sum
from django.utils import timezone

from agreements import figures
from agreements.models import DailyFigure, Programme, ProgrammeFigure, Tally, Task
from agreements.models.totals import FigureFields
from agreements.services.results.totals import Ground, TaskTotals, ground_of, totals_on

FIELDS = tuple(field.attname for field in FigureFields._meta.get_fields())
AT_ONCE = 250  # programmes computed and written in one transaction


def programme_figures(
    programmes: Sequence[Programme], days: Iterable[datetime.date]
) -> Iterator[tuple[Programme, datetime.date, dict[str, object]]]:
    """Yield the fields of a figure for each programme and day, day by day, from the stored totals; writes nothing.

    Six queries for all, and two for each day. A past day counts whole months up to and including its own.
    """
    by_id = {programme.pk: programme for programme in programmes}
    tasks: dict[int, list[Task]] = {pk: [] for pk in by_id}
    for task in Task.objects.filter(programme__in=by_id).live().defer("spans", "span"):
        task.programme = by_id[task.programme_id]
        tasks[task.programme_id].append(task)
    ground = ground_of([task for rows in tasks.values() for task in rows])
    months: dict[int, list[tuple[datetime.date, int, datetime.date]]] = defaultdict(list)
    accepted = Tally.objects.filter(task__programme__in=by_id, measure=Tally.Measure.ACTIVITIES, count__gt=0)
    counted = accepted.values("task__programme", "month").annotate(rows=Sum("count"), last=Max("latest_on"))
    for pk, month, rows, last in counted.values_list("task__programme", "month", "rows", "last"):
        months[pk].append((month, rows, last))
    for day in days:
        found = totals_on(ground, day)
        for pk, programme in by_id.items():
            done = [(rows, last) for month, rows, last in months[pk] if month <= day]
            yield programme, day, _figure(programme, [(task, found[task.pk]) for task in tasks[pk]], done, day)


def _figure(
    programme: Programme,
    tasks: list[tuple[Task, TaskTotals]],
    done: list[tuple[int, datetime.date]],
    day: datetime.date,
) -> dict[str, object]:
    totals = figures.programme_totals((task.weight, found.figure) for task, found in tasks)
    counts = [found.deadlines for _task, found in tasks]
    coming = [(found.next_due_on, task.pk) for task, found in tasks if found.next_due_on]
    next_due_on, next_due_task = min(coming, default=(None, None))
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
        "activities": sum(rows for rows, _last in done),
        "last_activity_on": max((last for _rows, last in done), default=None),
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
