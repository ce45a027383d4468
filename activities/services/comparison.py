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

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.models import Activity, Measurement
from agreements import figures
from agreements.figures.periods import ONE_DAY, Window, whole_months, year_earlier
from agreements.models import Indicator, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agreements.models import Task

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
    """Return what all the tasks together accepted in the window, and each of the indicators; at most three queries.

    Activities count on the day they began, values on the day they hold for, as in the stored totals.
    """
    ids = [task.pk for task in tasks]
    amounts = [item for item in indicators if item.kind in figures.ADDED_UP and item.roll_up == Indicator.RollUp.SUM]
    cut = {"now": whole_months(window), "before": whole_months(year_earlier(window))}
    months = {name: [whole] if whole else [] for name, (whole, _ends) in cut.items()}
    parts = {name: ends for name, (_months, ends) in cut.items()}
    found: Found = defaultdict(dict)
    if any(months.values()):
        cells = Tally.objects.filter(_any("month", months), task__in=ids, count__gt=0).order_by()
        for row in cells.values("measure", "indicator_id").annotate(**_sums("sum", "month", months)):
            _add(found[row["measure"], row["indicator_id"]], row)
    if any(parts.values()):
        done = Activity.objects.accepted().filter(_any("starts_on", parts), task__in=ids)
        counts = {f"n_{name}": Count("pk", filter=_any("starts_on", {name: ends})) for name, ends in parts.items()}
        carried = [_sums(str(name), "starts_on", parts, f"{name}_") for name in LABELS if name != Measure.ACTIVITIES]
        row = done.aggregate(**counts, **{key: value for one in carried for key, value in one.items()})
        _add(found[Measure.ACTIVITIES, None], {name: row[f"n_{name}"] or None for name in parts})
        for measure in LABELS:
            _add(found[measure, None], {name: row.get(f"{measure}_{name}") for name in parts})
    if any(parts.values()) and amounts:
        values = Measurement.objects.accepted().filter(_any("as_of", parts), task__in=ids, indicator__in=amounts)
        for row in values.order_by().values("indicator_id").annotate(**_sums("value", "as_of", parts)):
            _add(found[Measure.INDICATOR, row["indicator_id"]], row)
    lines = [Line(i.name, i.unit, *_sides(found[Measure.INDICATOR, i.pk])) for i in amounts]
    lines += [Line(str(label), "", *_sides(sides)) for name, label in LABELS.items() if (sides := found[name, None])]
    return Comparison(*window, tuple(lines))


def _any(column: str, windows: Mapping[str, Sequence[Window]]) -> Q:
    """Return the condition of lying in any of the windows; none at all where there is no window."""
    spans = [one for some in windows.values() for one in some]
    return reduce(or_, (Q(**{f"{column}__gte": a, f"{column}__lt": b}) for a, b in spans), Q(pk__in=[]))


def _sums(amount: str, column: str, windows: Mapping[str, Sequence[Window]], prefix: str = "") -> dict[str, Sum]:
    return {f"{prefix}{name}": Sum(amount, filter=_any(column, {name: some})) for name, some in windows.items()}


def _add(sides: dict[str, Decimal], row: Mapping[str, Any]) -> None:
    """Add what a row has of each side; None is no data and adds nothing."""
    for name in ("now", "before"):
        if row[name] is not None:
            sides[name] = sides.get(name, Decimal(0)) + row[name]


def _sides(sides: Mapping[str, Decimal]) -> tuple[Decimal | None, Decimal | None]:
    return sides.get("now"), sides.get("before")
