"""The leader's first screen: four figures, programmes by their gap, five things that need a decision."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.models import Directive
from activities.services.reminders import page_to_remind
from activities.views.directive_words import standing_words
from activities.views.directives import TABS
from activities.views.directives import list_url as directives_url
from agreements import figures
from agreements.models import Programme, ProgrammeFigure
from core.statements import compose, of
from core.statements import read as read_rows
from core.templatetags.format import number as number_words
from insights import due, risk
from insights.dashboard import pressing, standing
from insights.dashboard.units import Units
from insights.scope import Scope
from partners.models import Organisation

if TYPE_CHECKING:
    from core.models import User

ROWS_SHOWN = 8
MOST_IN_FILE = 1000  # programmes of one file
TODO_SHOWN = 5
DIRECTIVES_SHOWN = 7
UNITS_SHOWN = 10
COMPARED_DAYS = 7


def group_url(scope: Scope, group: str) -> str:
    """Return the address of the programmes of a group (dashboard_list_views.GROUPS)."""
    return scope.url("insights:dashboard_programmes", nhom=group)


def list_url(view: str) -> str:
    """Return the address of a saved view of the programme list."""
    return f"{reverse('agreements:programme_list')}?{urlencode({'danh-sach': view})}"


@dataclass(frozen=True)
class Row:
    """A programme in the list. Shares in per cent as the bar takes them; None = no data."""

    programme: Programme
    partner: str
    done: Decimal | None
    elapsed: Decimal | None
    standing: str
    points: int | None
    coverage: str  # "7/9" tasks with accepted data, "" without tasks
    risks: int = 0  # flags, which stand on its page

    @property
    def is_covered(self) -> bool:
        """Whether every live task has data; a narrow screen then leaves the coverage out."""
        with_data, _slash, live = self.coverage.partition("/")
        return with_data == live

    @property
    def is_behind(self) -> bool:
        """Whether the gap is hatched and named."""
        return self.standing == figures.BEHIND

    @property
    def url(self) -> str:
        """Address of the programme."""
        return reverse("agreements:programme_detail", args=[self.programme.pk])

    @property
    def risk_words(self) -> str:
        """How many risks its page names."""
        return ngettext("%(counter)s risk", "%(counter)s risks", self.risks) % {"counter": self.risks}

    @property
    def gone_words(self) -> str:
        """How much of the time is gone, beside what is reached or that nothing is known of it."""
        share = {"elapsed": number_words(self.elapsed, 0)}
        if self.done is not None:
            return _("%(elapsed)s %% of the time gone") % share
        return _("no figures") if self.elapsed is None else _("no figures – %(elapsed)s %% of the time gone") % share

    @property
    def covered_words(self) -> str:
        """How many tasks have data."""
        return _("%(coverage)s with data") % {"coverage": self.coverage}

    @property
    def tag(self) -> dict[str, Any]:
        """How it stands, as the status tag takes it."""
        if self.programme.status == Programme.Status.SUSPENDED:
            return {"kind": "hold", "label": _("Suspended"), "plain": False}
        return standing_tag(self.standing, self.points)


def standing_tag(standing: str, points: int | None) -> dict[str, Any]:
    """Return how something stands as {kind, label, plain}, with the points it is behind where they are known."""
    if standing == figures.BEHIND:
        n = points or 0
        late = ngettext("%(counter)s point behind", "%(counter)s points behind", n) % {"counter": n}
        return {"kind": "slow", "label": late if n > 0 else _("Behind"), "plain": False}
    kind, label = {
        figures.ON_TRACK: ("done", _("On track")),
        figures.AHEAD: ("done", _("Ahead")),
        figures.TOO_EARLY: ("none", _("Too early to say")),
    }.get(standing, ("none", _("No figures yet")))
    return {"kind": kind, "label": label, "plain": True}


@dataclass(frozen=True)
class Todo:
    """Something that needs a decision, with who must act and why.

    cause: "overdue" (days past due_on), "silent" (behind, nothing accepted for so many days), "unreviewed" (ended
    without final review for so many days).
    """

    title: str
    unit: str
    url: str
    cause: str
    days: int
    due_on: datetime.date | None = None
    points: int | None = None
    programme_id: int | None = None
    task_id: int | None = None
    unit_id: int | None = None
    owed: str = ""  # how a reminder names it; "" where nobody can be reminded
    code: str = ""  # of the programme, where the matter is the programme

    @property
    def step(self) -> tuple[str, str]:
        """What an officer can do about it, and where; ("", "") for nothing beside its own page."""
        match self.cause:
            case "silent":
                return _("Log an activity"), f"{reverse('activities:task_pick')}?{urlencode({'q': self.code})}"
            case "unreviewed":
                page = reverse("activities:programme_reports", args=[self.programme_id])
                return _("Enter the final review"), f"{page}#moc"
        return (_("Remind"), page_to_remind(self.owed)) if self.owed else ("", "")

    @property
    def directive_url(self) -> str:
        """Address of a directive about it, with programme, task, unit and text filled in."""
        about = ("nhiem-vu", self.task_id) if self.task_id else ("chuong-trinh", self.programme_id)
        text = _("Say why “%(title)s” is behind and by when it will be finished.") % {"title": self.title}
        query = {about[0]: about[1], "don-vi": self.unit_id or "", "noi-dung": text}
        return f"{reverse('activities:directive_create')}?{urlencode(query)}"


@dataclass(frozen=True)
class Directives:
    """Directives given: those not over, the oldest day first, and how many stand in each tab of their list."""

    rows: list[tuple[Directive, dict[str, Any]]]  # with the words of the status tag
    tabs: list[tuple[str, int, str]]  # name, number, address

    @property
    def total(self) -> int:
        """All of them."""
        return sum(number for _name, number, _url in self.tabs)


@dataclass(frozen=True)
class Dashboard:
    """Everything the page shows; all numbers equal the lists they link to."""

    in_force: int
    awaiting_review: int
    on_track: int
    unmeasured: int
    suspended: int  # counted nowhere else on the page
    behind: int
    behind_before: int | None  # a week ago, None where no figures of that day are kept
    compared_on: datetime.date
    overdue: int
    overdue_notes: list[tuple[str, str]]  # how many of each kind, each with the list of it
    rows: list[Row]
    todo: list[Todo]
    units: Units
    computed: list[datetime.datetime]  # when the figures of these programmes were
    directives: Directives | None  # None under conditions: their list does not take them

    @property
    def overdue_note(self) -> str:
        """How many of each kind, in one line."""
        return ", ".join(words for words, _url in self.overdue_notes)

    @property
    def behind_change(self) -> int | None:
        """How many more programmes are behind than a week ago; None if unknown."""
        return None if self.behind_before is None else self.behind - self.behind_before


def read(user: User, scope: Scope, day: datetime.date, rows: int = ROWS_SHOWN) -> Dashboard:
    """Return the first screen of what the person may see: three queries over stored figures and due work, never
    activities, a fourth and a few more where a party of a programme shown was dissolved. rows: programmes listed."""
    compared_on = day - datetime.timedelta(days=COMPARED_DAYS)
    numbers, lists = standing.find(user, scope, day, compared_on, rows=rows, todo=TODO_SHOWN)
    slowest = lists["slow"]
    ids = [one.programme.pk for one in slowest]
    due_now = pressing.find(user, scope, day, ids, todo=TODO_SHOWN, units_shown=UNITS_SHOWN)
    flags = _flags(slowest, due_now.since, day)
    return Dashboard(
        in_force=numbers.in_force,
        awaiting_review=numbers.awaiting_review,
        on_track=numbers.on_track,
        unmeasured=numbers.unmeasured,
        suspended=numbers.suspended,
        behind=numbers.behind,
        behind_before=numbers.behind_before if numbers.known_before else None,
        compared_on=compared_on,
        overdue=sum(due_now.overdue.values()),
        overdue_notes=due.kinds_linked(due_now.overdue, due.Filters(scope=scope)),
        rows=[_row(one, flags[one.programme.pk]) for one in slowest],
        todo=_todo(due_now.oldest, lists["unreviewed"], lists["silent"], day),
        units=due_now.units,
        computed=[numbers.oldest] if numbers.oldest else [],
        directives=_directives(user, day) if scope == Scope() else None,
    )


def _flags(
    slowest: list[standing.Standing], since: dict[int, dict[str, datetime.date]], day: datetime.date
) -> dict[int, int]:
    """Return by programme id how many risks its page names (insights.risk)."""
    dissolved = {one.programme.pk: one.programme for one in slowest if one.has_party_gone}
    gone = risk.gone(dissolved, day) if dissolved else {}
    found = {}
    for one in slowest:
        programme = one.programme
        late = since.get(programme.pk, {})
        facts = figures.RiskFacts(
            starts_on=programme.starts_on,
            ends_on=programme.ends_on,
            progress=one.progress,
            standing=one.standing,
            coverage=one.coverage,
            last_activity_on=one.last_activity_on,
            overdue_since=(late[due.DEADLINE],) if due.DEADLINE in late else (),
            reports_owed_since=(late[due.REPORT],) if due.REPORT in late else (),
            weak_bases=int(one.has_weak_basis),
            parties_gone=len(gone.get(programme.pk, ())),
            reviewed_on=one.reviewed_on,
        )
        found[programme.pk] = len(figures.risks(facts, day))
    return found


# What is not over, the oldest day first, and how many directives stand in each tab of their list.
DIRECTIVES = """WITH seen (id) AS MATERIALIZED (:seen), given AS (
SELECT d.id, d.state, d.due_on FROM activities_directive d JOIN seen ON seen.id = d.id
), shown AS (
SELECT id FROM given WHERE state = ANY(:open) ORDER BY due_on, id LIMIT :most
)
SELECT (SELECT json_build_array(
               count(*) FILTER (WHERE state = :issued AND due_on >= :day),
               count(*) FILTER (WHERE state = :issued AND due_on < :day),
               count(*) FILTER (WHERE state = :answered), count(*) FILTER (WHERE state = :closed),
               count(*) FILTER (WHERE state = :withdrawn)) FROM given),
       d.id, d.text, d.state, d.due_on, o.id, o.name, o.name_en
  FROM (SELECT 1) one LEFT JOIN shown ON true LEFT JOIN activities_directive d ON d.id = shown.id
  LEFT JOIN partners_organisation o ON o.id = d.unit_id ORDER BY d.due_on, d.id"""


def _directives(user: User, day: datetime.date) -> Directives:
    state = Directive.State
    rows = read_rows(
        compose(
            DIRECTIVES, seen=of(Directive.objects.visible_to(user).order_by().values_list("pk")), day=day,
            open=[state.ISSUED, state.ANSWERED], issued=state.ISSUED, answered=state.ANSWERED, closed=state.CLOSED,
            withdrawn=state.WITHDRAWN, most=DIRECTIVES_SHOWN,
        )
    )  # fmt: skip
    shown = [
        Directive(id=pk, text=text, state=state, due_on=due_on, unit=Organisation(id=unit, name=name, name_en=name_en))
        for _numbers, pk, text, state, due_on, unit, name, name_en in rows
        if pk
    ]
    return Directives(
        rows=[(row, standing_words(row, day)) for row in shown],
        tabs=[(str(label), n, directives_url(tab)) for (tab, label), n in zip(TABS.items(), rows[0][0], strict=True)],
    )


def _row(one: standing.Standing, risks: int) -> Row:
    return Row(
        programme=one.programme,
        partner=str(one.partner or ""),
        done=None if one.progress is None else one.progress * 100,
        elapsed=None if one.elapsed is None else one.elapsed * 100,
        standing=one.standing,
        points=figures.points_behind(one.progress, one.elapsed),
        coverage=f"{one.tasks_with_data}/{one.tasks_live}" if one.tasks_live else "",
        risks=risks,
    )


def figure_of(programme: Programme) -> ProgrammeFigure | None:
    """Return the stored figures; None where they were never computed."""
    return getattr(programme, "figure", None)


def partner_of(programme: Programme) -> Organisation | None:
    """Return the first party that is not the owner committee: the body a leader would call."""
    others = [party.organisation for party in programme.parties.all() if party.organisation_id != programme.owner_id]
    return others[0] if others else None


def row_of(programme: Programme) -> Row:
    """Return what the list shows of a programme, loaded with its figure and parties."""
    figure = figure_of(programme)
    partner = partner_of(programme)
    return Row(
        programme=programme,
        partner=str(partner or ""),
        done=None if figure is None or figure.progress is None else figure.progress * 100,
        elapsed=None if figure is None or figure.elapsed is None else figure.elapsed * 100,
        standing=figure.standing if figure else figures.NO_DATA,
        points=figures.points_behind(figure.progress, figure.elapsed) if figure else None,
        coverage=f"{figure.tasks_with_data}/{figure.tasks_live}" if figure and figure.tasks_live else "",
    )


def _todo(
    late: list[pressing.Late], unreviewed: list[standing.Standing], silent: list[standing.Standing], day: datetime.date
) -> list[Todo]:
    """Return what needs a decision first: what is late longest; a silent programme keeps one of five."""
    found = [
        Todo(title=one.title, unit=str(one.unit), url=one.url, cause="overdue", days=(day - one.due_on).days,
             due_on=one.due_on, programme_id=one.programme_id, task_id=one.task_id, unit_id=one.unit.pk, owed=one.owed)
        for one in late
    ]  # fmt: skip
    found += [_unreviewed(one, day) for one in unreviewed]
    found.sort(key=lambda todo: -todo.days)
    quiet = [_silent(one, day) for one in silent]
    if quiet:
        found[TODO_SHOWN - 1 :] = quiet[:1]
    return (found + quiet[1:])[:TODO_SHOWN]


def _unreviewed(one: standing.Standing, day: datetime.date) -> Todo:
    """A programme whose period ended without a final review, where no milestone says so already."""
    programme = one.programme
    return Todo(
        title=programme.name,
        unit=str(one.partner or ""),
        url=reverse("agreements:programme_detail", args=[programme.pk]),
        cause="unreviewed",
        days=(day - programme.ends_on).days if programme.ends_on else 0,
        due_on=programme.ends_on,
        programme_id=programme.pk,
        unit_id=one.partner.pk if one.partner else None,
    )


def _silent(one: standing.Standing, day: datetime.date) -> Todo:
    """A programme that is behind and in which nothing was accepted for long."""
    programme = one.programme
    last = one.last_activity_on or programme.starts_on
    return Todo(
        title=programme.name,
        unit=str(one.partner or ""),
        url=reverse("activities:programme_activities", args=[programme.pk]),
        cause="silent",
        days=(day - last).days if last else 0,
        points=figures.points_behind(one.progress, one.elapsed),
        programme_id=programme.pk,
        code=programme.code,
        unit_id=one.partner.pk if one.partner else None,
    )
