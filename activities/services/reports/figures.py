"""The figures of a report: what a unit did for a task in the window, beside last year's and the year's target.

Only accepted rows count, by their date; what waits is told apart. No data is None, never 0. Read from indexed
measurements, because a window such as 15/12 to 14/06 cuts months that the stored totals keep whole.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BigIntegerField, Count, OuterRef, Q, Subquery, Sum, Value

from activities.models import Activity, Measurement, Review
from agreements import figures
from agreements.figures.periods import Window, year_earlier
from agreements.models import Indicator, Target, Task
from partners.models import Organisation, Succession

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from activities.models import ReportDuty

CARRIED = ("persons", "households", "turns", "value")


@dataclass(frozen=True)
class IndicatorLine:
    """One indicator in a report. `period`: in the window, `same`: in the window a year earlier, `year`: from 1 January
    of the window's last year up to its end (a level: the last value), `target`: of that year. None = no data."""

    indicator_id: int
    name: str
    unit: str
    precision: int
    is_added: bool
    period: Decimal | None
    same: Decimal | None
    year: Decimal | None
    target: Decimal | None

    @property
    def share(self) -> Decimal | None:
        """What the year has reached of its target, 1 = 100 %; None without either. Levels are judged elsewhere."""
        if self.year is None or not self.target or not self.is_added:
            return None
        return self.year / self.target


@dataclass(frozen=True)
class LineFigures:
    """All figures of one task in a report. `pending`: entries of the window that wait for review, never added."""

    activities: int = 0
    pending: int = 0
    persons: int | None = None
    households: int | None = None
    turns: int | None = None
    value: int | None = None
    same_activities: int = 0
    indicators: tuple[IndicatorLine, ...] = field(default=())

    @property
    def has_data(self) -> bool:
        """Whether anything was accepted in the window."""
        return bool(self.activities) or any(line.period is not None for line in self.indicators)

    def to_json(self) -> dict[str, Any]:
        """The form in which an accepted report keeps them; decimals as text."""
        data = asdict(self)
        for line in data["indicators"]:
            line.update({key: str(value) for key, value in line.items() if isinstance(value, Decimal)})
        return data | {"indicators": list(data["indicators"])}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LineFigures:
        """The figures kept by `to_json`; those of an empty dict are no data."""
        numbers = ("period", "same", "year", "target")
        lines = tuple(
            IndicatorLine(**line | {key: None if line[key] is None else Decimal(line[key]) for key in numbers})
            for line in data.get("indicators", ())
        )
        return cls(**{key: value for key, value in data.items() if key != "indicators"}, indicators=lines)


NOTHING = LineFigures()


def units_counted(unit: Organisation) -> frozenset[int]:
    """Whose results a unit's report holds: its own, of units below it, and of the bodies it succeeded."""
    below = Organisation.objects.below(unit).order_by().annotate(old=Value(None, BigIntegerField()))
    rows = below.values_list("pk", "old").union(
        Succession.objects.values_list("successor_id", "predecessor_id"), all=True
    )
    pairs = list(rows)  # one query: every page of a report asks this
    ids = {pk for pk, old in pairs if old is None} | {unit.pk}
    edges = [(new, old) for new, old in pairs if old is not None]
    edge = set(ids)
    while edge:
        edge = {old for new, old in edges if new in edge} - ids
        ids |= edge
    return frozenset(ids)


def counted_in(
    duty: ReportDuty, activities: QuerySet[Activity], *, units: frozenset[int] | None = None
) -> QuerySet[Activity]:
    """Those of the activities that the report of a duty counts: held, accepted, of its unit and window."""
    return activities.filter(
        _within("starts_on", (duty.starts_on, duty.ends_on)),
        task__programme=duty.programme_id,
        unit__in=units_counted(duty.unit) if units is None else units,
        review=Review.ACCEPTED,
        occurrence=Activity.Occurrence.HELD,
    )


def line_figures(
    duty: ReportDuty, tasks: Sequence[Task], *, units: frozenset[int] | None = None
) -> dict[int, LineFigures]:
    """The figures of each task for the duty's unit and window, in four queries whatever the number of tasks.

    units: `units_counted` of the duty's unit, where the caller has asked for it already.
    """
    units = units_counted(duty.unit) if units is None else units
    now = (duty.starts_on, duty.ends_on)
    before = year_earlier(now)
    done = _activities(tasks, units, now, before)
    lines = _indicators(tasks, units, now, before)
    return {task.pk: replace(done.get(task.pk, NOTHING), indicators=tuple(lines[task.pk])) for task in tasks}


def _within(name: str, window: Window) -> Q:
    return Q(**{f"{name}__gte": window[0], f"{name}__lt": window[1]})


def _activities(tasks: Iterable[Task], units: frozenset[int], now: Window, before: Window) -> dict[int, LineFigures]:
    held = Q(occurrence=Activity.Occurrence.HELD)
    accepted = Q(review=Review.ACCEPTED) & held
    rows = (
        Activity.objects.filter(
            _within("starts_on", now) | _within("starts_on", before), task__in=tasks, unit__in=units
        )
        .values("task_id")
        .annotate(
            count=Count("pk", filter=accepted & _within("starts_on", now)),
            waiting=Count("pk", filter=Q(review=Review.SUBMITTED) & _within("starts_on", now)),
            earlier=Count("pk", filter=accepted & _within("starts_on", before)),
            **{f"sum_{name}": Sum(name, filter=accepted & _within("starts_on", now)) for name in CARRIED},
        )
    )
    return {
        row["task_id"]: LineFigures(
            activities=row["count"],
            pending=row["waiting"],
            same_activities=row["earlier"],
            **{name: row[f"sum_{name}"] for name in CARRIED},
        )
        for row in rows
    }


def _indicators(
    tasks: Iterable[Task], units: frozenset[int], now: Window, before: Window
) -> dict[int, list[IndicatorLine]]:
    last = now[1] - datetime.timedelta(days=1)
    of_year = Target.objects.filter(indicator=OuterRef("pk"), starts_on__lte=last, ends_on__gt=last)
    indicators = list(
        Indicator.objects.filter(task__in=tasks)
        .annotate(target_value=Subquery(of_year.order_by("starts_on").values("value")[:1]))
        .order_by("position", "id")
    )
    year = (datetime.date(last.year, 1, 1), now[1])
    accepted = Measurement.objects.accepted().filter(indicator__in=indicators, unit__in=units)
    summed = _summed(accepted, {"period": now, "same": before, "year": year})
    found: dict[int, list[IndicatorLine]] = defaultdict(list)
    for indicator in indicators:
        is_added = figures.adds_up(indicator.kind, indicator.roll_up)
        row = summed.get(indicator.pk, {})
        found[indicator.task_id].append(
            IndicatorLine(
                indicator_id=indicator.pk,
                name=indicator.name,
                unit=indicator.unit,
                precision=indicator.precision,
                is_added=is_added,
                period=_value(row, "period", is_added=is_added),
                same=_value(row, "same", is_added=is_added),
                year=_value(row, "year", is_added=is_added),
                target=indicator.target_value,
            )
        )
    return found


def _summed(rows: QuerySet[Measurement], spans: Mapping[str, Window]) -> dict[int, Mapping[str, Any]]:
    """Indicator id → for each span the sum ("year") and the values of a level, last first ("year_levels"); one query
    over the few years of the spans."""
    first, last = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    is_level = ~Q(indicator__kind__in=figures.ADDED_UP, indicator__roll_up=figures.SUM)
    sums: dict[str, Any] = {name: Sum("value", filter=_within("as_of", span)) for name, span in spans.items()}
    levels = {
        f"{name}_levels": ArrayAgg("value", filter=is_level & _within("as_of", span), order_by=["-as_of", "-pk"])
        for name, span in spans.items()
    }
    known = rows.filter(_within("as_of", (first, last))).values("indicator_id").annotate(**sums, **levels)
    return {row["indicator_id"]: row for row in known}


def _value(row: Mapping[str, Any], name: str, *, is_added: bool) -> Decimal | None:
    """The amount of a span, of a level its last value; None without data."""
    if is_added:
        return row.get(name)
    return next(iter(row.get(f"{name}_levels") or ()), None)
