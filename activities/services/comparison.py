"""A window of days beside the same window of last year: whole months out of the stored totals, the parts of months at
its ends out of indexed accepted rows (design.md section 3). Any half-open window is exact, 29 February included.

Levels and rates (stock, ratio) are not amounts and are left out.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Count, DecimalField, F, Q, Sum, Value
from django.db.models.functions import Cast, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.models import Activity, Measurement
from agreements import figures
from agreements.figures.periods import ONE_DAY, Window, whole_months, year_earlier
from agreements.models import Indicator, Tally
from core.prepared import among, given_day, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import Aggregate, QuerySet
    from django.db.models.expressions import RawSQL

    from agreements.models import Task

SIDES = ("now", "before")
Found = dict[tuple[str, int | None], dict[str, Decimal]]  # measure and indicator → amount of "now" and "before"
Measure = Tally.Measure
# Each on its own line: persons, households and turns are never added together (domain.md section 4).
LABELS = {
    Measure.ACTIVITIES: gettext_lazy("Activities"),
    Measure.PERSONS: gettext_lazy("Persons"),
    Measure.HOUSEHOLDS: gettext_lazy("Households"),
    Measure.TURNS: gettext_lazy("Turns"),
    Measure.VALUE: gettext_lazy("Value in đồng"),
}


@dataclass(frozen=True)
class Line:
    """One amount: accepted in the window and in the same window of last year; None = no data."""

    label: str
    unit: str
    now: Decimal | None
    before: Decimal | None

    @property
    def words(self) -> str:
        """The change in words: "up 12", "down 3", "unchanged", "" where one side has no data."""
        if self.now is None or self.before is None:
            return ""
        if self.now == self.before:
            return _("unchanged")
        return _("up") if self.now > self.before else _("down")

    @property
    def change(self) -> Decimal | None:
        """By how much it changed, without sign; None where there is nothing to compare."""
        return None if self.now is None or self.before is None else abs(self.now - self.before)

    @property
    def share(self) -> Decimal | None:
        """The change as a share of last year; None where last year has none."""
        change = self.change
        return change / self.before if change and self.before else None


@dataclass(frozen=True)
class Comparison:
    """The lines of a task or programme in [starts_on, ends_on) and in the same days a year earlier."""

    starts_on: datetime.date
    ends_on: datetime.date
    lines: tuple[Line, ...]

    @property
    def last_day(self) -> datetime.date:
        """The last day of the window."""
        return self.ends_on - ONE_DAY

    @property
    def before(self) -> Window:
        """The window of the year before, its last day instead of the day after."""
        first, end = year_earlier((self.starts_on, self.ends_on))
        return first, end - ONE_DAY


def year_to_date(day: datetime.date) -> Window:
    """Return the calendar year up to and including the day."""
    return datetime.date(day.year, 1, 1), day + ONE_DAY


def of_tasks(tasks: Iterable[Task], window: Window, indicators: Iterable[Indicator] = ()) -> Comparison:
    """Return what all the tasks together accepted in the window, and each of the indicators; one query.

    Activities count on the day they began, values on the day they hold for, as in the stored totals.
    """
    ids = [task.pk for task in tasks]
    amounts = [item for item in indicators if figures.adds_up(item.kind, item.roll_up)]
    found: Found = defaultdict(dict)
    cut = dict(zip(SIDES, map(whole_months, (window, year_earlier(window))), strict=True))
    months = {name: [whole] if whole else [] for name, (whole, _ends) in cut.items()}
    ends = {name: list(parts) for name, (_months, parts) in cut.items()}
    shape = tuple((name, len(months[name]), len(ends[name])) for name in SIDES)
    days = _days("month", months) | _days("end", ends)
    rows = rows_of(
        ("comparison", shape), lambda: _query(shape), tasks=ids, indicators=[item.pk for item in amounts], **days
    )
    for measure, indicator, *amounts_of in rows:
        for name, amount in zip(SIDES, amounts_of, strict=True):
            if amount is not None:
                known = found[measure, indicator].get(name, Decimal(0))
                found[measure, indicator][name] = known + amount
    lines = [Line(i.name, i.unit, *_sides(found[Measure.INDICATOR, i.pk])) for i in amounts]
    lines += [Line(str(label), "", *_sides(sides)) for name, label in LABELS.items() if (sides := found[name, None])]
    return Comparison(*window, tuple(lines))


def _days(what: str, windows: Mapping[str, Sequence[Window]]) -> dict[str, datetime.date]:
    """Return the days of the windows by the names of their places in the query."""
    found: dict[str, datetime.date] = {}
    for name, some in windows.items():
        for number, window in enumerate(some):
            found |= zip(_places(what, name, number), window, strict=True)
    return found


def _places(what: str, side: str, number: int) -> tuple[str, str]:
    return f"{what}_{side}_{number}_first", f"{what}_{side}_{number}_end"


def _windows(what: str, counts: Mapping[str, int]) -> dict[str, list[tuple[RawSQL, RawSQL]]]:
    """Return the places of that many windows of each side."""
    return {
        name: [tuple(map(given_day, _places(what, name, number))) for number in range(count)]  # type: ignore[misc]
        for name, count in counts.items()
    }


def _query(shape: tuple[tuple[str, int, int], ...]) -> QuerySet[Any, Any]:
    """Return rows of (measure, indicator, now, before): of the whole months the stored cells, of the ends the rows.

    shape: for each side its name, how many windows of months and how many of days.
    """
    months = _windows("month", {name: count for name, count, _ends in shape})
    ends = _windows("end", {name: count for name, _months, count in shape})
    of_tasks = among("task", "tasks")
    cells = Tally.objects.filter(_any("month", months), of_tasks, count__gt=0).order_by()
    cells = cells.annotate(kind=F("measure"), of=F("indicator"))
    first = _columns(cells.values("kind", "of").annotate(**_sums(Sum, "sum", "month", months)))
    if not any(ends.values()):
        return first
    found = []
    done = Activity.objects.accepted().filter(_any("starts_on", ends), of_tasks).order_by()
    for measure in LABELS:
        of_measure = done.annotate(kind=Value(str(measure)), of=Cast(Value(None), BigIntegerField())).values(
            "kind", "of"
        )
        counted = Count if measure == Measure.ACTIVITIES else Sum
        column = "pk" if measure == Measure.ACTIVITIES else str(measure)
        found.append(_columns(of_measure.annotate(**_sums(counted, column, "starts_on", ends))))
    values = Measurement.objects.accepted().filter(_any("as_of", ends), of_tasks, among("indicator", "indicators"))
    values = values.order_by().annotate(kind=Value(str(Measure.INDICATOR)), of=F("indicator")).values("kind", "of")
    found.append(_columns(values.annotate(**_sums(Sum, "value", "as_of", ends))))
    return first.union(*found, all=True)


def _columns(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return rows.values_list("kind", "of", *SIDES)


def _any(column: str, windows: Mapping[str, Sequence[tuple[Any, Any]]]) -> Q:
    """Return the condition of lying in any of the windows; none at all where there is no window."""
    spans = [one for some in windows.values() for one in some]
    return reduce(or_, (Q(**{f"{column}__gte": a, f"{column}__lt": b}) for a, b in spans), Q(pk__in=[]))


def _sums(
    how: type[Aggregate], amount: str, column: str, windows: Mapping[str, Sequence[tuple[Any, Any]]]
) -> dict[str, Any]:
    """Return per side what lies in its windows; a count of none is no data."""
    zero, amounts = Value(Decimal(0)), DecimalField(max_digits=30, decimal_places=4)
    found = {name: Cast(how(amount, filter=_any(column, {name: some})), amounts) for name, some in windows.items()}
    return {name: NullIf(one, zero) if how is Count else one for name, one in found.items()}


def _sides(sides: Mapping[str, Decimal]) -> tuple[Decimal | None, Decimal | None]:
    return sides.get("now"), sides.get("before")
