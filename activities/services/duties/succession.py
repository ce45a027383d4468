"""Who reports in place of a body that is gone, for a programme's field of work."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from partners.models import OrganisationEvent, Succession

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

GENERATIONS = 6  # a longer chain of successions is an error in the register
E = OrganisationEvent.Kind
ENDS = {E.DISSOLVE, E.MERGE, E.SPLIT}


class Heirs:
    """The successors of some bodies, read once: those for the field of work, else those for every field.

    A transfer of function counts only for the field it names. Where several took over and none is named for the field,
    nobody can tell who reports, so the body keeps its duty until somebody enters it.
    """

    def __init__(self, field_id: int | None, bodies: set[int], first: Iterable[Succession] | None = None) -> None:
        """Read the successions; first: those of the bodies, with their events, where a caller needs to know only
        whether anybody took over at once, so that who took over from those is not read."""
        self.field_id = field_id
        self.out: dict[int, list[tuple[datetime.date, int]]] = {}
        edge = set(bodies)
        if first is not None:
            known: dict[int, list[Succession]] = defaultdict(list)
            for row in first:
                known[row.predecessor_id].append(row)
            self.out = {body: self._chosen(known[body]) for body in edge}
            return
        for _step in range(GENERATIONS):
            edge -= self.out.keys()
            if not edge:
                break
            found: dict[int, list[Succession]] = defaultdict(list)
            for row in Succession.objects.filter(predecessor__in=edge).select_related("event"):
                found[row.predecessor_id].append(row)
            self.out |= {body: self._chosen(found[body]) for body in edge}
            edge = {heir for body in edge for _day, heir in self.out[body]}

    def _chosen(self, rows: list[Succession]) -> list[tuple[datetime.date, int]]:
        own = [row for row in rows if self.field_id and row.field_of_work_id == self.field_id]
        ended = [row for row in rows if row.event.kind in ENDS]
        chosen = [row for row in own if row.event.kind in ENDS or row.event.kind == E.TRANSFER]
        chosen = chosen or [row for row in ended if row.field_of_work_id is None]
        if not chosen and len({row.successor_id for row in ended}) == 1:
            chosen = ended
        return sorted({(row.event.effective_on, row.successor_id) for row in chosen})

    def on(self, body: int, day: datetime.date) -> list[int]:
        """Return who stands in for the body on a day: itself, or those that took over by then."""
        reached, edge = {body}, [body]
        ends: list[int] = []
        while edge:
            one = edge.pop()
            heirs = {heir for since, heir in self.out.get(one, ()) if since <= day}
            if not heirs:
                ends.append(one)
            new = heirs - reached
            reached |= new
            edge += new
        return sorted(ends) or [body]  # a circle of successions is an error: the body itself

    def family(self, body: int) -> frozenset[int]:
        """Return the body with all that took over from it at any time."""
        reached, edge = {body}, [body]
        while edge:
            new = {heir for _since, heir in self.out.get(edge.pop(), ())} - reached
            reached |= new
            edge += new
        return frozenset(reached)
