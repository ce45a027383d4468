"""Section by level of committee: its own programmes, those of the committees below it, both together.

Programmes and coverage come from the stored figures, due work from `due.py` in the national four-way form. Below stand
the committees directly under it, each with everything under itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from agreements import figures
from agreements.models import Programme
from insights import due
from insights.dashboard.content import MOST_TASKS, WITH_DATA
from insights.dashboard.frame import Table
from insights.dashboard.units import FOUR, Cell, per_cent
from insights.scope import BELOW, OWN, Scope, live_programmes
from partners.models import Organisation, committee_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from core.models import Actor, User

# what is counted of programmes → ?nhom= of their list
GROUPS = {"all": "", "in_force": "hieu-luc", "on_track": "dung", "behind": "cham", "unmeasured": "chua-co-so-lieu"}
STANDING = {figures.ON_TRACK: "on_track", figures.AHEAD: "on_track", figures.BEHIND: "behind"}


@dataclass
class Held:
    """What the programmes of one owner, or of several added up, amount to."""

    programmes: Counter[str] = field(default_factory=Counter)  # of GROUPS
    tasks: int = 0
    with_data: int = 0
    due: Counter[str] = field(default_factory=Counter)  # of units.FOUR

    def add(self, other: Held) -> None:
        """Add what another one holds."""
        self.programmes += other.programmes
        self.due += other.due
        self.tasks, self.with_data = self.tasks + other.tasks, self.with_data + other.with_data


@dataclass(frozen=True)
class LevelRow:
    """One level, or one committee below with its own tree. scope: the conditions of all its links."""

    label: str
    held: Held
    scope: Scope

    @property
    def groups(self) -> list[tuple[str, int, str]]:
        """What is counted of programmes, how many, and the list of them."""
        return [
            (name, self.held.programmes[name], self.scope.url("insights:dashboard_programmes", nhom=group))
            for name, group in GROUPS.items()
        ]

    @property
    def cells(self) -> list[Cell]:
        """Due work by state with the lists that add up to it."""
        listed = due.Filters(scope=self.scope)
        return [(state, self.held.due[state], listed.url(state), str(due.LABELS[state])) for state in FOUR]

    @property
    def total(self) -> int:
        """All due work."""
        return self.held.due.total()

    @property
    def settled_url(self) -> str:
        """Address of those that both rates are shares of: done or overdue."""
        return due.Filters(scope=self.scope).url(due.SETTLED)

    @property
    def four_way(self) -> figures.DeadlineCounts:
        """The same numbers with both rates."""
        found = self.held.due
        return figures.DeadlineCounts(
            done_on_time=found[due.ON_TIME], done_late=found[due.LATE], within_deadline=found[due.WITHIN],
            overdue=found[due.OVERDUE],
        )  # fmt: skip

    @property
    def behind(self) -> int:
        """Programmes behind."""
        return self.held.programmes["behind"]

    @property
    def behind_url(self) -> str:
        """Address of them."""
        return self.scope.url("insights:dashboard_programmes", nhom=GROUPS["behind"])

    @property
    def in_force_url(self) -> str:
        """Address of the programmes in force."""
        return self.scope.url("insights:dashboard_programmes", nhom=GROUPS["in_force"])

    @property
    def tasks_url(self) -> str:
        """Address of the tasks that count."""
        return self.scope.url("insights:dashboard_tasks")

    @property
    def with_data_url(self) -> str:
        """Address of those with accepted data; "" where the list would be too long to read at once."""
        if self.held.tasks > MOST_TASKS:
            return ""
        return self.scope.url("insights:dashboard_tasks", so_lieu=WITH_DATA)


@dataclass(frozen=True)
class Levels:
    """The committee, its levels (own, below, both) and the committees directly under it, the most overdue first."""

    committee: Organisation
    levels: list[LevelRow]
    below: list[LevelRow]

    @property
    def own(self) -> LevelRow:
        """Of the committee itself."""
        return self.levels[0]

    @property
    def under(self) -> LevelRow:
        """Of all committees below it."""
        return self.levels[1]

    @property
    def whole(self) -> LevelRow:
        """Both together."""
        return self.levels[2]

    @property
    def table(self) -> Table:
        """The same numbers for a spreadsheet; rates in per cent."""
        heads = (_("Level"), _("Programmes"), _("In force"), _("On track"), _("Behind"), _("No figures yet"),
                 *(due.LABELS[state] for state in FOUR), _("Due work completed, %"), _("Due work on time, %"),
                 _("Tasks with data"), _("Tasks"))  # fmt: skip
        rows = [
            (row.label, *(row.held.programmes[name] for name in GROUPS), *(row.held.due[state] for state in FOUR),
             per_cent(row.four_way.completion_rate), per_cent(row.four_way.on_time_rate), row.held.with_data,
             row.held.tasks)
            for row in (*self.levels, *self.below)
        ]  # fmt: skip
        return Table("cap-uy-ban", heads, rows)


def committee_for(scope: Scope, actors: Iterable[Actor]) -> Organisation | None:
    """Return the committee chosen, else the first one that the person acts for; None for somebody without one."""
    if scope.committee:
        return Organisation.objects.filter(pk=scope.committee).first()
    return next((committee_of(one.organisation) for one in actors if one.organisation.is_front), None)


def read(user: User, scope: Scope, day: datetime.date, committee: Organisation) -> Levels:
    """Return the section of a committee under the other conditions; four queries."""
    scope = replace(scope, committee=committee.pk)
    by_owner = _programmes(user, scope)
    for pk, states in due.counts_by_owner(due.rows(user, due.Filters(scope=scope)), day).items():
        found = by_owner.setdefault(pk, Held()).due
        for state in FOUR[:3]:
            found[state] += states[state]
        found[due.WITHIN] += states[due.SOON] + states[due.LATER]
    own, under, whole = by_owner.get(committee.pk, Held()), Held(), Held()
    paths = dict(Organisation.objects.filter(pk__in=by_owner).values_list("pk", "path"))
    children: dict[int, Held] = {}
    for pk, held in by_owner.items():
        whole.add(held)
        if pk != committee.pk:
            under.add(held)
            children.setdefault(_child(paths[pk], committee.pk), Held()).add(held)
    names = Organisation.objects.in_bulk(list(children))
    below = [LevelRow(str(names[pk]), held, replace(scope, committee=pk, level="")) for pk, held in children.items()]
    below.sort(key=lambda row: (-row.held.due[due.OVERDUE], -row.behind, names[row.scope.committee or 0].sort_key))
    levels = [
        LevelRow(_("Its own"), own, replace(scope, level=OWN)),
        LevelRow(_("Committees below it"), under, replace(scope, level=BELOW)),
        LevelRow(_("Whole tree"), whole, scope),
    ]
    return Levels(committee, levels, below)


def _child(path: str, committee: int) -> int:
    """Return the body directly under the committee on the way to a body below it ("/1/5/9/" → 5 for committee 1)."""
    way = [int(part) for part in path.split("/") if part]
    return way[way.index(committee) + 1]


def _programmes(user: User, scope: Scope) -> dict[int, Held]:
    """Return per owner the programmes by what the lists of GROUPS hold, and the tasks, in one query."""
    rows = live_programmes(scope, user).order_by().values("owner", "status", "figure__standing")
    counted = rows.annotate(n=Count("pk"), live=Sum("figure__tasks_live"), data=Sum("figure__tasks_with_data"))
    found: dict[int, Held] = {}
    for row in counted:
        held = found.setdefault(row["owner"], Held())
        held.programmes["all"] += row["n"]
        held.tasks += row["live"] or 0
        held.with_data += row["data"] or 0
        if row["status"] == Programme.Status.IN_FORCE:
            held.programmes["in_force"] += row["n"]
            held.programmes[STANDING.get(row["figure__standing"], "unmeasured")] += row["n"]
    return found
