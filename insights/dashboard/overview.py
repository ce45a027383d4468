"""The leader's first screen: four figures, programmes by their gap, five things that need a decision."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Prefetch, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from activities.models import Directive
from activities.views.directive_words import standing_words
from activities.views.directives import TABS, counts_of
from activities.views.directives import list_url as directives_url
from agreements import figures
from agreements.models import DailyFigure, Milestone, Party, Programme, ProgrammeFigure
from insights import due
from insights.dashboard import risks
from insights.dashboard.units import Units, due_by_unit
from insights.scope import Scope
from insights.scope import programmes as programmes_of

if TYPE_CHECKING:
    from core.models import User
    from partners.models import Organisation

ROWS_SHOWN = 8
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
    behind: int
    behind_before: int | None  # a week ago, None where no figures of that day are kept
    compared_on: datetime.date
    overdue: int
    overdue_note: str  # how many of each kind
    rows: list[Row]
    todo: list[Todo]
    todo_more: int
    units: Units
    computed: list[datetime.datetime]  # when the figures of these programmes were
    directives: Directives | None  # None under conditions: their list does not take them

    @property
    def behind_change(self) -> int | None:
        """How many more programmes are behind than a week ago; None if unknown."""
        return None if self.behind_before is None else self.behind - self.behind_before


def read(user: User, scope: Scope, day: datetime.date) -> Dashboard:
    """Return the first screen of what the person may see; reads stored figures, never activities."""
    seen = programmes_of(scope, user).filter(status__in=(Programme.Status.IN_FORCE, Programme.Status.ENDED))
    parties = Prefetch("parties", Party.objects.select_related("organisation"))
    review = Milestone.objects.filter(programme=OuterRef("pk"), kind=Milestone.Kind.FINAL_REVIEW)
    compared_on = day - datetime.timedelta(days=COMPARED_DAYS)
    before = DailyFigure.objects.filter(programme=OuterRef("pk"), day=compared_on).values("standing")
    seen = seen.annotate(has_final_review=Exists(review), standing_before=Subquery(before))
    programmes = list(seen.slowest_first().select_related("figure", "owner").prefetch_related(parties))
    in_force = [row for row in programmes if row.status == Programme.Status.IN_FORCE]
    found = [row_of(programme) for programme in in_force]
    rows = due.rows(user, due.Filters(scope=scope))
    overdue = due.items(rows, due.OVERDUE, day)
    todo = _todo(programmes, found, overdue, day)
    flags = risks.flags(user, in_force, overdue, day)
    found = [replace(row, risks=len(flags[row.programme.pk])) for row in found]
    standings = [row.standing for row in found]
    return Dashboard(
        in_force=len(in_force),
        awaiting_review=len(programmes) - len(in_force),
        on_track=sum(standing in {figures.ON_TRACK, figures.AHEAD} for standing in standings),
        unmeasured=sum(standing in {figures.NO_DATA, figures.TOO_EARLY} for standing in standings),
        behind=standings.count(figures.BEHIND),
        behind_before=_behind_before(in_force),
        compared_on=compared_on,
        overdue=len(overdue),
        overdue_note=due.breakdown(overdue),
        rows=found,
        todo=todo[:TODO_SHOWN],
        todo_more=max(0, len(todo) - TODO_SHOWN),
        units=due_by_unit(rows, scope, day),
        computed=[figure.computed_at for row in programmes if (figure := figure_of(row))],
        directives=_directives(user, day) if scope == Scope() else None,
    )


def _directives(user: User, day: datetime.date) -> Directives:
    seen = Directive.objects.visible_to(user)
    numbers = counts_of(seen, day)
    open_rows = seen.filter(state__in=[Directive.State.ISSUED, Directive.State.ANSWERED]).select_related("unit")
    shown = open_rows.order_by("due_on", "pk")[:DIRECTIVES_SHOWN] if sum(numbers.values()) else []
    return Directives(
        rows=[(row, standing_words(row, day)) for row in shown],
        tabs=[(str(TABS[tab]), number, directives_url(tab)) for tab, number in numbers.items()],
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


def _behind_before(programmes: list[Programme]) -> int | None:
    """Return how many were behind on the day compared with (annotated in read); None where nothing is kept of it."""
    kept = [row.standing_before for row in programmes if row.standing_before]  # type: ignore[attr-defined]
    return kept.count(figures.BEHIND) if kept else None


def _todo(programmes: list[Programme], found: list[Row], overdue: list[due.DueItem], day: datetime.date) -> list[Todo]:
    """Return what needs a decision: the longest overdue of each task first; a silent programme keeps one of five."""
    late: list[Todo] = []
    told: set[object] = set()
    for item in overdue:
        subject = item.task_id if item.kind == due.DEADLINE else (item.kind, item.pk)
        if subject in told:
            continue  # of a monthly task the oldest period stands for all
        told.add(subject)
        late.append(
            Todo(title=item.title, unit=str(item.unit), url=item.url, cause="overdue", days=item.late_days,
                 due_on=item.due_on, programme_id=item.programme.pk, task_id=item.task_id, unit_id=item.unit.pk)
        )  # fmt: skip
    late += _unreviewed(programmes, day)
    late.sort(key=lambda todo: -todo.days)
    silent = sorted(_silent(found, day), key=lambda todo: -(todo.points or 0))
    if silent and len(late) >= TODO_SHOWN:
        late.insert(TODO_SHOWN - 1, silent.pop(0))
    return late + silent


def _unreviewed(programmes: list[Programme], day: datetime.date) -> list[Todo]:
    """Programmes whose period ended without a final review, where no milestone says so already."""
    ended = [row for row in programmes if row.ends_on and row.ends_on < day]
    return [
        Todo(
            title=row.name,
            unit=str(partner_of(row) or ""),
            url=reverse("agreements:programme_detail", args=[row.pk]),
            cause="unreviewed",
            days=(day - row.ends_on).days,
            due_on=row.ends_on,
            programme_id=row.pk,
            unit_id=getattr(partner_of(row), "pk", None),
        )
        for row in ended
        if row.ends_on and not row.has_final_review  # type: ignore[attr-defined]  # annotated in read
    ]


def _silent(found: list[Row], day: datetime.date) -> list[Todo]:
    todo = []
    for row in found:
        figure = figure_of(row.programme)
        if not row.is_behind or figure is None or figure.tasks_live == 0:
            continue
        covered = Decimal(figure.tasks_with_data) / figure.tasks_live >= figures.ENOUGH_COVERAGE
        last = figure.last_activity_on or row.programme.starts_on
        days = (day - last).days if last else 0
        if covered and days >= figures.SILENT_DAYS:
            todo.append(
                Todo(
                    title=row.programme.name,
                    unit=row.partner,
                    url=reverse("activities:programme_activities", args=[row.programme.pk]),
                    cause="silent",
                    days=days,
                    points=row.points,
                    programme_id=row.programme.pk,
                    unit_id=getattr(partner_of(row.programme), "pk", None),
                )
            )
    return todo
