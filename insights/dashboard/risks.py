"""At-risk flags of programmes, each with its cause, its rows and what can be done about it (insights/risk.py).

Due work is taken as `insights.due` counts it, so that a flag and the list it links to are the same rows.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activities.services.overdue import NAMES
from activities.services.reminders import page_to_remind
from agreements import figures
from agreements.models import Party, Programme
from agreements.policy import keeps
from core.templatetags.format import day as day_words
from core.templatetags.format import percent
from insights import due, risk
from insights.dashboard import flagged
from insights.dashboard.frame import Table
from insights.scope import Scope
from partners.models import Membership, actors_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from agreements.models import LegalBasis, Milestone, TaskDeadline
    from core.models import User

ROWS_SHOWN = 3
MOST_IN_FILE = 1000  # programmes of one file
UNREAD = ("spans", "reports_asked", "funding", "search_text")
CAUSES = {
    figures.SLOW: gettext_lazy("Behind"),
    figures.OVERDUE: gettext_lazy("Overdue task"),
    figures.LATE_REPORT: gettext_lazy("Report 15 days late"),
    figures.SILENT: gettext_lazy("No activity for 90 days"),
    figures.NEAR_END: gettext_lazy("Ends soon, below 80 %"),
    figures.WEAK_BASIS: gettext_lazy("Legal basis without effect"),
    figures.NO_SUCCESSOR: gettext_lazy("Party dissolved, no successor"),
    figures.UNREVIEWED: gettext_lazy("Ended without final review"),
}
# cause → value of ?nguy-co=
KEYS = {
    figures.SLOW: "cham", figures.OVERDUE: "qua-han", figures.LATE_REPORT: "bao-cao-muon", figures.SILENT: "im-lang",
    figures.NEAR_END: "sap-het-han", figures.WEAK_BASIS: "can-cu", figures.NO_SUCCESSOR: "giai-the",
    figures.UNREVIEWED: "chua-tong-ket",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One row behind a flag with the words beside it; remind_url: where just this row is reminded of, "" for nobody."""

    row: risk.RiskRow
    words: str
    remind_url: str


@dataclass(frozen=True)
class Step:
    """An action offered: its name and the page on which it is done."""

    label: str
    url: str


@dataclass(frozen=True)
class Flag:
    """One flag: its cause (figures.CAUSES), that cause in words with its numbers, its rows and the actions offered."""

    cause: str
    words: str
    rows: Sequence[risk.RiskRow]
    steps: Sequence[Step]
    may_remind: bool = False

    @property
    def label(self) -> str:
        """The cause in short."""
        return str(CAUSES[self.cause])

    @property
    def shown(self) -> list[Line]:
        """The first rows; `more` says how many follow on the page of the last step."""
        day = timezone.localdate()
        return [
            Line(row, _beside(self.cause, row, day), page_to_remind(row.owed) if self.may_remind and row.owed else "")
            for row in self.rows[:ROWS_SHOWN]
        ]

    @property
    def in_file(self) -> list[tuple[object, ...]]:
        """All rows: what, whose, the day that was missed, and what else is said beside it."""
        day, is_due = timezone.localdate(), self.cause in {figures.OVERDUE, figures.LATE_REPORT}
        return [
            (row.title, row.unit, row.since if is_due else None, _beside(self.cause, row, day)) for row in self.rows
        ]

    @property
    def more(self) -> int:
        """How many rows are not shown."""
        return max(0, len(self.rows) - ROWS_SHOWN)


@dataclass(frozen=True)
class AtRisk:
    """A programme with its flags, never none."""

    programme: Programme
    unit: str  # the body a leader would call
    flags: Sequence[Flag]


@dataclass(frozen=True)
class Risks:
    """The programmes shown with their flags, the most flags first, and what is known of all."""

    rows: list[AtRisk]
    found: flagged.Flagged

    @property
    def watched(self) -> int:
        """How many programmes are looked at."""
        return self.found.watched

    @property
    def count(self) -> int:
        """How many of them have a flag."""
        return self.found.count

    def of(self, cause: str) -> int:
        """Return how many have a flag of this cause; of any for ""."""
        return self.found.by_cause.get(cause, 0) if cause else self.found.count

    @property
    def table(self) -> Table:
        """One line a row behind a flag, one a flag without rows; where there are more programmes than a file holds, the
        last line says so."""
        heads = (_("Programme"), _("Partner"), _("From"), _("To"), _("Risk"), _("Cause"), _("What"), _("Unit"),
                 _("Due"), _("Note"))  # fmt: skip
        rows: list[tuple[object, ...]] = [
            (
                one.programme.name,
                one.unit,
                one.programme.starts_on,
                one.programme.ends_on,
                flag.label,
                flag.words,
                *line,
            )
            for one in self.rows
            for flag in one.flags
            for line in (flag.in_file or [(None, None, None, None)])
        ]
        if len(self.rows) < self.count:
            parts = {"n": len(self.rows), "all": self.count}
            rows.append((_("The first %(n)s of %(all)s programmes") % parts, *[""] * (len(heads) - 1)))
        return Table("nguy-co", heads, rows)


def read(
    user: User, scope: Scope, day: datetime.date, cause: str = "", start: int = 0, most: int = MOST_IN_FILE
) -> Risks:
    """Return the section, `most` programmes from `start` on; seven queries, more where a party was dissolved."""
    found = flagged.find(user, scope, day, cause, start, most)
    parties = Prefetch("parties", Party.objects.select_related("organisation"))
    rows = Programme.objects.visible_to(user).filter(pk__in=found.ids).select_related("figure", "owner")
    programmes = rows.defer(*UNREAD).prefetch_related(parties).in_bulk()
    shown = [programmes[pk] for pk in found.ids if pk in programmes]
    named = flags(user, shown, overdue_of(user, scope.without("period"), day, found.ids), day)
    return Risks([AtRisk(row, _body(row), named[row.pk]) for row in shown], found)


def of_programme(
    *,
    programme: Programme,
    user: User,
    deadlines: Iterable[TaskDeadline],
    bases: Iterable[LegalBasis],
    parties: Iterable[Party],
    milestones: Iterable[Milestone],
) -> list[Flag]:
    """Return the flags of one programme for its own page, which has its open deadlines, bases, parties and milestones
    (settings.PROGRAMME_RISKS); one query for its reports, and a few more where a party was dissolved."""
    day = timezone.localdate()
    late = sorted((row for row in deadlines if row.due_on < day), key=lambda row: (row.due_on, row.pk))
    overdue = {programme.pk: [risk.deadline_row(row, programme) for row in late]}
    parties = list(parties)
    known = risk.Known(overdue=overdue, bases=bases, parties=parties, milestones=milestones)
    found = risk.read([programme], _numbers([programme]), day, user, known)
    return _flags(found.get(programme.pk, ()), programme, parties, _Rights(user))


def overdue_of(user: User, scope: Scope, day: datetime.date, programmes: Sequence[int]) -> list[due.DueItem]:
    """Return the deadlines and reports of these programmes past their day, the oldest first."""
    wanted = {"kind__in": [due.DEADLINE, due.REPORT], "programme__in": list(programmes)}
    rows = due.rows(user, due.Filters(scope=scope)).filter(**wanted)
    return due.items(rows, due.OVERDUE, day)


def _body(programme: Programme) -> str:
    others = [party.organisation for party in programme.parties.all() if party.organisation_id != programme.owner_id]
    return str(others[0]) if others else ""


def flags(
    user: User, programmes: Sequence[Programme], overdue: Iterable[due.DueItem], day: datetime.date
) -> dict[int, tuple[Flag, ...]]:
    """Return the flags of each programme by its id, in the order of figures.CAUSES; () for none.

    programmes: with figure and parties loaded. overdue: deadlines and reports past their day, oldest first. One query,
    one more for programmes that are over, and a few where a party was dissolved.
    """
    late: dict[int, list[risk.RiskRow]] = defaultdict(list)
    owed: dict[int, list[risk.RiskRow]] = defaultdict(list)
    by_id = {programme.pk: programme for programme in programmes}
    for item in overdue:
        name = risk.owed_name(NAMES[item.kind], item.pk, item.unit.pk, by_id[item.programme.pk], not item.is_waiting)
        row = risk.RiskRow(item.title, str(item.unit), item.url, item.due_on, item.task_id, item.unit.pk, owed=name)
        if item.kind == due.DEADLINE:
            late[item.programme.pk].append(row)
        elif item.kind == due.REPORT and figures.is_late_report(item.due_on, day):
            owed[item.programme.pk].append(row)
    parties = [party for programme in programmes for party in programme.parties.all()]
    known = risk.Known(overdue=late, owed=owed, parties=parties)
    found, may = risk.read(programmes, _numbers(programmes), day, user, known), _Rights(user)
    return {row.pk: tuple(_flags(found.get(row.pk, ()), row, list(row.parties.all()), may)) for row in programmes}


def _numbers(programmes: Iterable[Programme]) -> dict[int, risk.Numbers]:
    """Return the stored figures as the flags take them; programmes without any are absent."""
    found = {}
    for programme in programmes:
        figure = getattr(programme, "figure", None)
        if figure is not None:
            coverage = Decimal(figure.tasks_with_data) / figure.tasks_live if figure.tasks_live else None
            found[programme.pk] = risk.Numbers(figure.progress, figure.standing, coverage, figure.last_activity_on)
    return found


def _flags(found: Sequence[risk.Flag], programme: Programme, parties: Sequence[Party], may: _Rights) -> list[Flag]:
    """Return the flags of a programme in words, each with what the reader can do about it."""
    is_owed = any(row.owed for flag in found for row in flag.rows)
    reminds = may.reminds(programme)
    return [
        Flag(flag.cause, _words(flag, programme), flag.rows, may.steps(flag, programme, parties, is_owed), reminds)
        for flag in found
    ]


def _beside(cause: str, row: risk.RiskRow, day: datetime.date) -> str:
    """Return the words beside a row."""
    if cause in {figures.OVERDUE, figures.LATE_REPORT} and row.since:
        n = (day - row.since).days
        words = ngettext("%(n)s day overdue (due %(date)s)", "%(n)s days overdue (due %(date)s)", n)
        return words % {"n": n, "date": day_words(row.since)}
    if cause == figures.NO_SUCCESSOR:
        return _("dissolved %(date)s") % {"date": day_words(row.since)}
    return row.note or (_("without effect since %(date)s") % {"date": day_words(row.since)} if row.since else "")


def _words(flag: risk.Flag, programme: Programme) -> str:
    """Return why, with the numbers that decide it."""
    figure, n = getattr(programme, "figure", None), flag.days or 0
    match flag.cause:
        case figures.SLOW if figure:
            numbers = {"done": percent(figure.progress), "expected": percent(figure.expected),
                       "part": figure.tasks_with_data, "all": figure.tasks_live}  # fmt: skip
            return _("reached %(done)s where %(expected)s should be; %(part)s of %(all)s tasks have data") % numbers
        case figures.OVERDUE:
            return ngettext("%(n)s day past its date", "the oldest %(n)s days past its date", n) % {"n": n}
        case figures.LATE_REPORT:
            return ngettext("%(n)s day late", "the oldest %(n)s days late", n) % {"n": n}
        case figures.SILENT:
            return ngettext("nothing accepted for %(n)s day", "nothing accepted for %(n)s days", n) % {"n": n}
        case figures.NEAR_END:
            numbers = {"n": n, "done": percent(figure.progress if figure else None)}
            return ngettext("%(n)s day left, %(done)s reached", "%(n)s days left, %(done)s reached", n) % numbers
        case figures.UNREVIEWED:
            return ngettext("ended %(n)s day ago", "ended %(n)s days ago", n) % {"n": n}
    return ""


class _Rights:
    """What the reader may do about a flag: leaders write directives, officers of the committee remind."""

    def __init__(self, user: User) -> None:
        actors = actors_of(user)
        self.leaders = [actor for actor in actors if actor.role == Membership.Role.LEADER]
        self.officers = [actor for actor in actors if actor.role == Membership.Role.OFFICER]

    def reminds(self, programme: Programme) -> bool:
        """Whether the reader sends reminders in this programme."""
        return any(keeps(actor, programme.owner) for actor in self.officers)

    def steps(self, flag: risk.Flag, programme: Programme, parties: Sequence[Party], is_owed: bool) -> list[Step]:
        """Return the actions offered, the one that moves something first and the page of the matter last.

        is_owed: whether units of the programme owe something that they can be reminded of; rows have reminders of their
        own (Line).
        """
        found: list[Step] = []
        if any(keeps(actor, programme.owner) for actor in self.leaders):
            found.append(Step(_("Write a directive"), directive_url(programme, flag, parties)))
        if self.reminds(programme):
            if is_owed and not flag.rows:
                found.append(Step(_("Remind of what is overdue here"), page_to_remind(programme=programme.pk)))
            if flag.cause in _MOVED:
                label, name, query = _MOVED[flag.cause]
                page = reverse(name, args=[] if query else [programme.pk])
                found.append(Step(str(label), page + (f"?{query}={programme.code}" if query else "")))
        label, page = _PAGES[flag.cause](programme, flag.rows)
        found.append(Step(str(label), page))
        return found


# cause → what an officer can do about it without a row: name, page, and the parameter that takes the programme's code
_MOVED: dict[str, tuple[Any, str, str]] = {
    figures.SLOW: (gettext_lazy("Log an activity"), "activities:task_pick", "q"),
    figures.SILENT: (gettext_lazy("Log an activity"), "activities:task_pick", "q"),
    figures.NEAR_END: (gettext_lazy("Open the renewal brief"), "agreements:programme_renewal", ""),
}


def _page(label: Any, name: str) -> Callable[[Programme, Sequence[risk.RiskRow]], tuple[Any, str]]:
    return lambda programme, _rows: (label, reverse(name, args=[programme.pk]))


_PAGES: dict[str, Callable[[Programme, Sequence[risk.RiskRow]], tuple[Any, str]]] = {
    figures.SLOW: _page(gettext_lazy("Open goals and indicators"), "agreements:programme_goals"),
    figures.OVERDUE: lambda programme, _rows: (
        gettext_lazy("See all that is overdue"),
        due.Filters(programme=programme.pk).url(due.OVERDUE),
    ),
    figures.LATE_REPORT: lambda _programme, rows: (gettext_lazy("Open the report"), rows[0].url),
    figures.SILENT: _page(gettext_lazy("Open the activities"), "activities:programme_activities"),
    figures.NEAR_END: _page(gettext_lazy("Open goals and indicators"), "agreements:programme_goals"),
    figures.WEAK_BASIS: _page(gettext_lazy("Open the legal grounds"), "agreements:programme_bases"),
    figures.NO_SUCCESSOR: _page(gettext_lazy("Open the parties"), "agreements:programme_parties"),
    figures.UNREVIEWED: lambda programme, _rows: (
        gettext_lazy("Open reports and milestones"),
        reverse("activities:programme_reports", args=[programme.pk]) + "#moc",
    ),
}


def directive_url(programme: Programme, flag: risk.Flag, parties: Sequence[Party]) -> str:
    """Return the address of a directive about the flag, with programme or task, unit and text filled in."""
    first = flag.rows[0] if flag.rows else None
    about = ("nhiem-vu", first.task_id) if first and first.task_id else ("chuong-trinh", programme.pk)
    texts = {
        figures.SILENT: _("Report why nothing was done in “%(title)s” for %(n)s days, and what will be done by when."),
        figures.UNREVIEWED: _("Hold the final review of “%(title)s”, or say by when it will be held."),
        figures.LATE_REPORT: _("Hand in the report that is %(n)s days late: “%(title)s”."),
        figures.WEAK_BASIS: _("Look at the legal grounds of “%(title)s”: one has no effect any more."),
        figures.NO_SUCCESSOR: _("Propose who takes over the part of the dissolved body in “%(title)s”."),
    }
    text = texts.get(flag.cause) or _("Say why “%(title)s” is behind and by when it will be finished.")
    title = first.title if first and flag.cause in {figures.OVERDUE, figures.LATE_REPORT} else programme.name
    unit = first.unit_id if first and flag.cause != figures.NO_SUCCESSOR else None
    others = [party.organisation_id for party in parties if party.organisation_id != programme.owner_id]
    unit = unit or (others[0] if others and flag.cause != figures.NO_SUCCESSOR else None)
    query = {about[0]: about[1], "don-vi": unit or "", "noi-dung": text % {"title": title, "n": flag.days}}
    return f"{reverse('activities:directive_create')}?{urlencode(query)}"
