"""How long reviews took, as a strip of dots with the median, and the slowest ones by name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.format import number as number_words
from insights.dashboard import lines, quality

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from activities.models import Activity
    from core.models import User
    from insights.scope import Scope

SLOWEST_SHOWN = 10
LEFT, RIGHT = 3.0, 97.0  # per cent of the width
SMALLEST, LARGEST = 3.0, 14.0  # px, the radius of a dot of one decision and of the most that any has


class Dot(NamedTuple):
    """The decisions that took so many days; the area of the dot grows with their number."""

    days: int
    count: int
    x: str
    radius: str


@dataclass(frozen=True)
class Delays:
    """The strip (x from 0 days, in per cent) and the slowest decisions; dots empty where nothing was decided."""

    dots: list[Dot]
    ticks: list[tuple[str, Decimal]]  # x, days
    median: Decimal | None
    median_x: str
    slowest: list[Activity]

    @property
    def in_words(self) -> str:
        """What the strip shows, for those who do not see it."""
        parts = [
            ngettext("%(days)s day: %(n)s", "%(days)s days: %(n)s", dot.days)
            % {"days": number_words(dot.days), "n": number_words(dot.count)}
            for dot in self.dots
        ]
        return _("Reviews by days: %(list)s. Median %(median)s days.") % {
            "list": "; ".join(parts), "median": number_words(self.median),
        }  # fmt: skip


def read(user: User, scope: Scope, day: datetime.date, median: Decimal | None) -> Delays:
    """Return the decisions that the section judges (`quality.decided_in`), of which the median is known; two queries,
    none where there is no median."""
    if median is None:
        return Delays([], [], None, "", [])
    decided = quality.rows_of(quality.DECIDED, user, scope, day)
    counted = decided.order_by().values("took").annotate(n=Count("pk")).order_by("took").values_list("took", "n")
    slowest = decided.select_related("task__programme", "unit").order_by("-took", "-reviewed_at", "pk")
    return draw([(took.days, n) for took, n in counted], median, list(slowest[:SLOWEST_SHOWN]))


def draw(counted: Sequence[tuple[int, int]], median: Decimal, slowest: list[Activity]) -> Delays:
    """Return the strip of (days, decisions), the shortest first."""
    step = lines.step_up_to(Decimal(counted[-1][0] or 1))
    marks = range(math.ceil(Decimal(counted[-1][0] or 1) / step) + 1)
    longest = float(step) * marks[-1]
    most = max(n for _days, n in counted)

    def at(days: float) -> str:
        return f"{LEFT + (RIGHT - LEFT) * days / longest:.2f}%"

    dots = [Dot(days, n, at(days), f"{max(SMALLEST, LARGEST * (n / most) ** 0.5):.1f}") for days, n in counted]
    ticks = [(at(float(step * mark)), step * mark) for mark in marks]
    return Delays(dots, ticks, median, at(float(median)), slowest)
