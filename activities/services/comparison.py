"""This year beside the same months of last year, out of the stored totals. Only whole months are compared.

A month that is still running stands in no stored total by day, so the comparison ends with the last whole month: on
23/11 it is January to October of both years. Levels and rates (stock, ratio) are not amounts and are left out.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements import figures
from agreements.models import Indicator, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreements.models import Task

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
    """One amount: accepted in the months of this year and in the same months of last year; None = no data."""

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
    """The lines of a task or programme; months: how many whole months of the year they hold (0: none yet)."""

    year: int
    months: int
    lines: tuple[Line, ...]


def of_tasks(tasks: Iterable[Task], day: datetime.date, indicators: Iterable[Indicator] = ()) -> Comparison:
    """Return what all the tasks together accepted, and each of the indicators; one query."""
    months = day.month - 1
    if not months:
        return Comparison(day.year, 0, ())
    now = Q(month__gte=datetime.date(day.year, 1, 1), month__lt=day.replace(day=1))
    before = Q(month__gte=datetime.date(day.year - 1, 1, 1), month__lt=datetime.date(day.year - 1, day.month, 1))
    cells = (
        Tally.objects.filter(now | before, task__in=[task.pk for task in tasks], count__gt=0)
        .values("measure", "indicator_id")
        .annotate(now=Sum("sum", filter=now), before=Sum("sum", filter=before))
        .order_by()
    )
    found: dict[tuple[str, int | None], tuple[Decimal | None, Decimal | None]] = {
        (row["measure"], row["indicator_id"]): (row["now"], row["before"]) for row in cells
    }
    amounts = [item for item in indicators if item.kind in figures.ADDED_UP and item.roll_up == Indicator.RollUp.SUM]
    lines = [Line(i.name, i.unit, *found.get((Measure.INDICATOR, i.pk), (None, None))) for i in amounts]
    for measure, label in LABELS.items():
        if (measure, None) in found:
            lines.append(Line(str(label), "", *found[measure, None]))
    return Comparison(day.year, months, tuple(lines))
