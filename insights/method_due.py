"""What the page *Cách tính số liệu* says of due work: the four counts of each kind and their sum, as on the dashboard.

The rates of design.md section 3 are those of deadlines of tasks. The dashboard counts reports, directives and
milestones as well; its rates are therefore called rates of due work, and both sums stand on the page with their rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from insights import due
from insights.dashboard.units import FOUR, four_way

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from agreements import figures
    from core.models import User


@dataclass(frozen=True)
class DueLine:
    """One kind of due work, or all kinds together (kind ""), by state of units.FOUR."""

    kind: str
    counts: Mapping[str, int]
    filters: due.Filters

    @property
    def label(self) -> str:
        """The kind in words; "" for all of them."""
        return str(due.KIND_LABELS[self.kind]) if self.kind else ""

    @property
    def cells(self) -> list[tuple[str, int, str]]:
        """(label, number, address of the rows) of the four states."""
        return [(str(due.LABELS[state]), self.counts[state], self.filters.url(state)) for state in FOUR]

    @property
    def total(self) -> int:
        """All of this kind."""
        return sum(self.counts.values())

    @property
    def total_url(self) -> str:
        """Address of those rows."""
        return self.filters.url(due.ALL)

    @property
    def settled_url(self) -> str:
        """Address of what both rates are shares of: finished or overdue."""
        return self.filters.url(due.SETTLED)

    @property
    def rates(self) -> figures.DeadlineCounts:
        """The same numbers as the national four, with both rates."""
        return four_way(self.counts)

    @property
    def done(self) -> int:
        """Finished, on time or late."""
        return self.counts[due.ON_TIME] + self.counts[due.LATE]

    @property
    def owed(self) -> int:
        """What a rate is taken of: finished or overdue."""
        return self.done + self.counts[due.OVERDUE]


@dataclass(frozen=True)
class DueSums:
    """Due work by kind and in all, as it stands on the day."""

    day: datetime.date
    lines: list[DueLine]
    total: DueLine


def read(user: User, filters: due.Filters, today: datetime.date) -> DueSums:
    """Return the due work that the person sees under the conditions, as it stands today; one query."""
    found = due.counts_by(due.rows(user, filters), "kind", today)
    lines = [DueLine(kind, _four(found.get(kind, {})), replace(filters, kind=kind)) for kind in due.KINDS]
    sums = {state: sum(line.counts[state] for line in lines) for state in FOUR}
    return DueSums(today, lines, DueLine("", sums, filters))


def _four(counts: Mapping[str, int]) -> dict[str, int]:
    n = {state: counts.get(state, 0) for state in due.STATES}
    return {state: n[due.SOON] + n[due.LATER] if state == due.WITHIN else n[state] for state in FOUR}
