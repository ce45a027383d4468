"""Accepted rows as cells of the stored totals; adding them, taking them away, proving that the totals hold them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal  # as PostgreSQL rounds what is stored
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, CharField, DecimalField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, TruncMonth
from django.utils import timezone

from activities.models import Activity, Evidence, Measurement, Review, TaskReport
from activities.services import due_cells
from agreements.models import DailyFigure, Programme, ProgrammeFigure, Tally
from agreements.services import results

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from django.db.models import QuerySet

Measure = Tally.Measure
CARRIED = (Measure.PERSONS, Measure.HOUSEHOLDS, Measure.TURNS, Measure.VALUE)


def of_activity(row: Activity, *, has_evidence: bool | None = None) -> list[results.ResultCell]:
    """Return what an activity itself counts: once as an activity, once more where it has no evidence (nothing is added
    or taken away while it is accepted), and each beneficiary or value figure it has.

    has_evidence: where that is known already."""
    if row.starts_on is None:
        return []
    found = [(Measure.ACTIVITIES, Decimal(1))]
    if not (row.evidence.all() if has_evidence is None else has_evidence):
        found.append((Measure.UNPROVEN, Decimal(1)))
    found += [(name, Decimal(number)) for name in CARRIED if (number := getattr(row, name)) is not None]
    return [
        results.ResultCell(
            task_id=row.task_id,
            measure=measure,
            unit_id=row.unit_id,
            locality_id=row.locality_id,
            day=row.starts_on,
            value=value,
        )
        for measure, value in found
    ]


def of_measurement(row: Measurement) -> results.ResultCell:
    """Return the cell of a value of an indicator."""
    return results.ResultCell(
        task_id=row.task_id,
        measure=Measure.INDICATOR,
        indicator_id=row.indicator_id,
        unit_id=row.unit_id,
        locality_id=row.locality_id,
        day=row.as_of,
        value=row.value,
        numerator=row.numerator,
        denominator=row.denominator,
    )


def of_item(item: Activity | Measurement) -> list[results.ResultCell]:
    """Return the cells of an entry; an activity brings those of its measurements."""
    if isinstance(item, Measurement):
        return [of_measurement(item)]
    own = of_activity(item, has_evidence=getattr(item, "has_evidence", None))
    return [*own, *(of_measurement(row) for row in item.measurements.all())]


def add(item: Activity | Measurement) -> None:
    """Add an entry that has just become accepted to the totals and figures of its programme."""
    results.record_result(cells=of_item(item))
    results.refresh_figure(item.task.programme_id)


def remove(item: Activity | Measurement) -> None:
    """Take an entry that has just stopped being accepted out of the totals and figures of its programme."""
    results.remove_result(cells=of_item(item), remaining=_remaining)
    results.refresh_figure(item.task.programme_id)


def _remaining(key: results.CellKey) -> list[results.ResultCell]:
    """Return the cells of all rows still accepted in one Tally row; called under its lock."""
    place = {"locality": key.locality_id} if key.locality_id else {"locality__isnull": True}
    if key.measure == Measure.INDICATOR:
        rows = (
            Measurement.objects.accepted()
            .annotate(month=TruncMonth("as_of"))
            .filter(indicator=key.indicator_id, task=key.task_id, unit=key.unit_id, month=key.month, **place)
        )
        return [of_measurement(row) for row in rows]
    found = (
        Activity.objects.accepted()
        .annotate(month=TruncMonth("starts_on"))
        .filter(task=key.task_id, unit=key.unit_id, month=key.month, **place)
        .prefetch_related("evidence")
    )
    return [cell for row in found for cell in of_activity(row) if cell.measure == key.measure]


def all_cells(*, reviewed_before: datetime.datetime | None = None) -> results.CellQuery:
    """Return the cells of every accepted row as one query: of_activity and of_measurement once more, in SQL.

    reviewed_before: only of rows accepted by then, which is what was known at that time.
    """
    known = Q(reviewed_at__lt=reviewed_before) if reviewed_before else Q()
    number = DecimalField(max_digits=22, decimal_places=4)
    no_id, no_number = Cast(Value(None), BigIntegerField()), Cast(Value(None), number)
    held = Activity.objects.accepted().filter(known, starts_on__isnull=False)
    parts: list[QuerySet[Any, Any]] = []
    unproven = held.filter(~Exists(Evidence.objects.filter(activity=OuterRef("pk"))))
    counted = {Measure.ACTIVITIES: held, Measure.UNPROVEN: unproven}
    for measure in (*counted, *CARRIED):
        rows = counted[measure] if measure in counted else held.filter(**{f"{measure}__isnull": False})
        value = Cast(Value(1) if measure in counted else F(measure), number)
        word = Cast(Value(str(measure)), CharField())
        parts.append(
            rows.values_list("task_id", word, no_id, "unit_id", "locality_id", "starts_on", value, no_number, no_number)
        )
    word = Cast(Value(str(Measure.INDICATOR)), CharField())
    columns = ("unit_id", "locality_id", "as_of", "value", "numerator", "denominator")
    parts.append(Measurement.objects.accepted().filter(known).values_list("task_id", word, "indicator_id", *columns))
    return results.CellQuery.union(*parts)


def day_rows(task_ids: Iterable[int], day: datetime.date) -> results.DayRows:
    """Return what the stored totals do not say of a past day: the rows of its month up to it, and declared shares.

    Four queries. A declaration is of the day its report was sent; of several the one of the latest window counts.
    """
    ids = list(task_ids)
    first = day.replace(day=1)
    activities = Activity.objects.accepted().filter(task__in=ids, starts_on__gte=first, starts_on__lte=day)
    activities = activities.prefetch_related("evidence")
    values = Measurement.objects.accepted().filter(indicator__task__in=ids, as_of__gte=first, as_of__lte=day)
    declared = (
        TaskReport.objects.filter(
            task__in=ids,
            declared_share__isnull=False,
            report__review=Review.ACCEPTED,
            report__submitted_at__date__lte=day,
        )
        .order_by("task_id", "-report__duty__ends_on", "-report__cut_off", "-pk")
        .distinct("task_id")
        .values_list("task_id", "declared_share")
    )
    return results.DayRows(
        open_month=tuple(chain((cell for row in activities for cell in of_activity(row)), map(of_measurement, values))),
        declared={pk: share / 100 for pk, share in declared if share is not None},
    )


@dataclass(frozen=True)
class Recount:
    """What differs from the rows it is made from: one line per cell or figure, empty lists where all is equal."""

    tallies: list[str]
    figures: list[str]
    due_work: list[str]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.tallies or self.figures or self.due_work)


def check() -> Recount:
    """Compare Tally with the accepted rows, ProgrammeFigure and today's DailyFigure with what they are made from, and
    the counts of due work with it.

    A figure is judged by the day it was computed for, so that one not yet refreshed after midnight is no difference.
    """
    return Recount(results.differences(all_cells()), list(_figure_differences()), list(due_cells.differences()))


def _figure_differences() -> Iterator[str]:
    today = timezone.localdate()
    accepted = Tally.objects.filter(task__programme=OuterRef("pk"), count__gt=0)
    missing = Programme.objects.filter(Exists(accepted), figure=None).order_by("pk")
    for pk in missing.values_list("pk", flat=True):
        yield f"programme {pk}: no figures stored"
    of_day: dict[datetime.date, list[int]] = defaultdict(list)
    for pk, day in ProgrammeFigure.objects.order_by("programme_id").values_list("programme_id", "computed_on"):
        of_day[day].append(pk)
    for day, ids in of_day.items():
        for start in range(0, len(ids), results.AT_ONCE):
            yield from _wrong(ids[start : start + results.AT_ONCE], day, today)


def _wrong(ids: Sequence[int], day: datetime.date, today: datetime.date) -> Iterator[str]:
    """Compare the figures of programmes computed on one day, and their dated copies of today."""
    rows = ProgrammeFigure.objects.filter(programme__in=ids).select_related("programme").order_by("programme_id")
    stored = {row.programme_id: row for row in rows}
    copies = {row.programme_id: row for row in DailyFigure.objects.filter(programme__in=ids, day=today)}
    programmes = [row.programme for row in stored.values()]
    for programme, on, wanted in results.programme_figures(programmes, sorted({day, today} if copies else {day})):
        if on == day:
            yield from _compare(f"programme {programme.pk}", stored[programme.pk], wanted)
        if on == today and programme.pk in copies:
            yield from _compare(f"programme {programme.pk} on {today}", copies[programme.pk], wanted)


def _compare(label: str, row: ProgrammeFigure | DailyFigure, wanted: Mapping[str, object]) -> Iterator[str]:
    for name, value in wanted.items():
        have = getattr(row, name)
        if isinstance(value, Decimal) and have is not None:
            field = row._meta.get_field(name)
            value = value.quantize(Decimal(1).scaleb(-field.decimal_places), ROUND_HALF_UP)  # type: ignore[union-attr]
        if have != value:
            yield f"{label}: {name} stored {have}, accepted rows {value}"


def repair() -> int:
    """Make what is stored what the rows below it give; returns how many Tally rows there are."""
    written = results.rebuild(all_cells())
    results.refresh_all()
    due_cells.count_all()
    return written
