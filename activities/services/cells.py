"""Accepted rows as cells of the stored totals; adding them, taking them away, proving that the totals hold them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from activities.models import Activity, Measurement
from agreements.models import DailyFigure, Programme, ProgrammeFigure, Tally
from agreements.services import results

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Measure = Tally.Measure
CARRIED = (Measure.PERSONS, Measure.HOUSEHOLDS, Measure.TURNS, Measure.VALUE)


def of_activity(row: Activity) -> list[results.ResultCell]:
    """Return what an activity itself counts: once as an activity, and each beneficiary or value figure it has."""
    if row.starts_on is None:
        return []
    found = [(Measure.ACTIVITIES, Decimal(1))]
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
    return [*of_activity(item), *(of_measurement(row) for row in item.measurements.all())]


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
    )
    return [cell for row in found for cell in of_activity(row) if cell.measure == key.measure]


def all_cells() -> Iterator[results.ResultCell]:
    """Yield the cells of every accepted row."""
    activities = Activity.objects.accepted().iterator(chunk_size=2000)
    measurements = Measurement.objects.accepted().iterator(chunk_size=2000)
    return chain((cell for row in activities for cell in of_activity(row)), map(of_measurement, measurements))


@dataclass(frozen=True)
class Recount:
    """What differs from the accepted rows: one line per cell or figure, empty lists where all is equal."""

    tallies: list[str]
    figures: list[str]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not self.tallies and not self.figures


def check() -> Recount:
    """Compare Tally with the accepted rows, ProgrammeFigure and today's DailyFigure with what they are made from.

    A figure is judged by the day it was computed for, so that one not yet refreshed after midnight is no difference.
    """
    return Recount(results.differences(all_cells()), list(_figure_differences()))


def _figure_differences() -> Iterator[str]:
    stored = {row.programme_id: row for row in ProgrammeFigure.objects.all()}
    today = timezone.localdate()
    daily = {row.programme_id: row for row in DailyFigure.objects.filter(day=today)}
    with_data = Programme.objects.filter(Q(tasks__tallies__count__gt=0) | Q(figure__isnull=False)).distinct()
    for programme in with_data.order_by("pk"):
        current = stored.get(programme.pk)
        if current is None:
            yield f"programme {programme.pk}: no figures stored"
            continue
        yield from _compare(f"programme {programme.pk}", current, programme, current.computed_on)
        if programme.pk in daily:
            yield from _compare(f"programme {programme.pk} on {today}", daily[programme.pk], programme, today)


def _compare(label: str, row: ProgrammeFigure | DailyFigure, programme: Programme, day: object) -> Iterable[str]:
    wanted = results.programme_figure(programme, day=day)  # type: ignore[arg-type]
    for name, value in wanted.items():
        have = getattr(row, name)
        if isinstance(value, Decimal) and have is not None:
            field = row._meta.get_field(name)
            value = value.quantize(Decimal(1).scaleb(-field.decimal_places))  # type: ignore[union-attr]
        if have != value:
            yield f"{label}: {name} stored {have}, accepted rows {value}"


def repair() -> int:
    """Replace the stored totals and figures by what the accepted rows give; returns how many Tally rows there are."""
    written = results.rebuild(all_cells())
    with_figures = Programme.objects.exclude(status=Programme.Status.DRAFT)
    for pk in with_figures.order_by("pk").values_list("pk", flat=True):
        results.refresh_figure(pk)
    return written
