"""Section on what changed since yesterday, last week, the last briefing, last month.

Then comes from the figures kept of that day (DailyFigure), now from those that stand (ProgrammeFigure). Where none are
kept of the day itself, the last ones kept in the week before stand in and the page says so; without any, nothing is
compared. What fell due or was finished since is read from due work, accepted reports from the reports themselves.
"""

from __future__ import annotations

import datetime
from calendar import monthrange
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.models import ProgressReport, Review
from agreements import figures
from agreements.models import DailyFigure, Programme
from core import briefings
from insights import due
from insights.dashboard.frame import Table
from insights.scope import Scope, live_programmes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User

YESTERDAY, WEEK, BRIEFING, MONTH = "hom-qua", "tuan", "giao-ban", "thang"
SINCE = {
    YESTERDAY: gettext_lazy("Since yesterday"),
    WEEK: gettext_lazy("Since last week"),
    BRIEFING: gettext_lazy("Since the last briefing"),
    MONTH: gettext_lazy("Since last month"),
}
# value of ?xem= → what is listed below the differences
MOVED, NEWLY_OVERDUE, FINISHED, REPORTS = "chuyen", "qua-han", "xong", "bao-cao"
LISTS = {
    MOVED: gettext_lazy("Programmes that moved"),
    NEWLY_OVERDUE: gettext_lazy("Newly overdue"),
    FINISHED: gettext_lazy("Finished"),
    REPORTS: gettext_lazy("Reports accepted"),
}
STANDS_IN = datetime.timedelta(days=7)  # older figures would be those of another week
BETTER = (figures.NO_DATA, figures.TOO_EARLY, figures.BEHIND, figures.ON_TRACK, figures.AHEAD)


def day_of(since: str, user: User, day: datetime.date) -> datetime.date | None:
    """Return the day compared with; None where no briefing was heard before today. Last month ends no later than it."""
    match since:
        case "hom-qua":
            return day - datetime.timedelta(days=1)
        case "tuan":
            return day - datetime.timedelta(days=7)
        case "thang":
            year, month = (day.year - 1, 12) if day.month == 1 else (day.year, day.month - 1)
            return datetime.date(year, month, min(day.day, monthrange(year, month)[1]))
        case "giao-ban":
            return briefings.heard_on(user, before=day)
    raise ValueError(since)


@dataclass(frozen=True)
class Difference:
    """One figure then and now. is_good: whether more of it is good, None where it is neither. now_url: its list."""

    label: str
    then: int
    now: int
    is_good: bool | None
    now_url: str

    @property
    def change(self) -> int:
        """How many more now; negative = fewer."""
        return self.now - self.then

    @property
    def size(self) -> int:
        """The same without its sign."""
        return abs(self.change)

    @property
    def tone(self) -> str:
        """ "good", "bad" or "" for how the change is to be read."""
        if self.is_good is None or not self.change:
            return ""
        return "good" if (self.change > 0) == self.is_good else "bad"


@dataclass(frozen=True)
class Move:
    """A programme whose standing is another one now. then None = no figures were kept of it."""

    programme: Programme
    then: str
    now: str

    @property
    def is_worse(self) -> bool:
        """Whether it fell behind or lost what it had."""
        return BETTER.index(self.now) < BETTER.index(self.then)


@dataclass(frozen=True)
class Changes:
    """What changed since a day. day None = nothing to compare with; asked: the day meant, which may have no figures."""

    since: str
    asked: datetime.date | None
    day: datetime.date | None
    differences: list[Difference]
    moved: list[Move]
    newcomers: list[Programme]  # in force today, without figures of that day
    overdue: list[due.DueItem]
    finished: list[due.DueItem]
    reports: list[ProgressReport]
    filters: due.Filters

    @property
    def is_stand_in(self) -> bool:
        """Whether the figures are of an earlier day than the one meant."""
        return self.day is not None and self.day != self.asked

    @property
    def worse(self) -> int:
        """Programmes that moved to the worse."""
        return sum(move.is_worse for move in self.moved)

    @property
    def better(self) -> int:
        """Programmes that moved to the better."""
        return len(self.moved) - self.worse

    def listed(self, name: str) -> Sequence[Any]:
        """Return the rows of one of LISTS."""
        rows: dict[str, Sequence[Any]] = {
            MOVED: self.moved,
            NEWLY_OVERDUE: self.overdue,
            FINISHED: self.finished,
            REPORTS: self.reports,
        }
        return rows[name]

    @property
    def overdue_note(self) -> str:
        """How many of each kind became overdue."""
        return due.breakdown(self.overdue)

    @property
    def finished_note(self) -> str:
        """How many of each kind were finished."""
        return due.breakdown(self.finished)

    @property
    def overdue_url(self) -> str:
        """Address of what became overdue since."""
        return self.filters.url(due.OVERDUE)

    @property
    def finished_url(self) -> str:
        """Address of what was finished since."""
        return self.filters.url(due.DONE)

    @property
    def table(self) -> Table:
        """The differences, then each programme that moved, for a spreadsheet."""
        rows: list[tuple[object, ...]] = [(one.label, one.then, one.now, one.change) for one in self.differences]
        rows += [(f"{move.programme.code} {move.programme.name}", _standing(move.then), _standing(move.now), None)
                 for move in self.moved]  # fmt: skip
        return Table("thay-doi", (_("Figure"), _("Then"), _("Now"), _("Change")), rows)


def _standing(standing: str) -> str:
    return {
        figures.BEHIND: _("Behind"),
        figures.ON_TRACK: _("On track"),
        figures.AHEAD: _("Ahead"),
        figures.TOO_EARLY: _("Too early to say"),
    }.get(standing, _("No figures yet"))


def read(user: User, scope: Scope, day: datetime.date, since: str = WEEK) -> Changes:
    """Return the section. The period narrows nothing here: what changed has a span of its own."""
    scope = replace(scope, period="")
    asked = day_of(since, user, day)
    seen = list(live_programmes(scope, user).select_related("figure").order_by("sort_key", "pk"))
    kept, before = _kept(seen, asked) if asked else (None, {})
    filters = due.Filters(scope=scope, since=kept)
    if kept is None:
        return Changes(since, asked, None, [], [], [], [], [], [], filters)
    rows = due.rows(user, filters)
    in_force = [row for row in seen if row.status == Programme.Status.IN_FORCE]
    moved = [
        Move(row, before[row.pk].standing, _now(row))
        for row in in_force
        if row.pk in before and before[row.pk].standing != _now(row)
    ]
    moved.sort(key=lambda move: (not move.is_worse, move.programme.sort_key))
    return Changes(
        since=since,
        asked=asked,
        day=kept,
        differences=_differences(seen, in_force, before, scope),
        moved=moved,
        newcomers=[row for row in in_force if row.pk not in before],
        overdue=due.items(rows, due.OVERDUE, day),
        finished=due.items(rows, due.DONE, day),
        reports=_reports(user, seen, kept),
        filters=filters,
    )


def _now(programme: Programme) -> str:
    figure = getattr(programme, "figure", None)
    return figure.standing if figure else figures.NO_DATA


def _kept(seen: list[Programme], asked: datetime.date) -> tuple[datetime.date | None, dict[int, DailyFigure]]:
    """Return the last day up to the one meant of which figures are kept, and these by programme."""
    rows = DailyFigure.objects.filter(programme__in=seen)
    last = rows.filter(day__lte=asked, day__gte=asked - STANDS_IN).aggregate(last=Max("day"))["last"]
    return last, {row.programme_id: row for row in rows.filter(day=last)} if last else {}


def _differences(
    seen: list[Programme], in_force: list[Programme], before: dict[int, DailyFigure], scope: Scope
) -> list[Difference]:
    """Return then and now: standings of what is in force today, sums over all that are being carried out."""

    def standing(label: str, wanted: set[str], is_good: bool, group: str) -> Difference:
        then = sum(before[row.pk].standing in wanted for row in in_force if row.pk in before)
        now = sum(_now(row) in wanted for row in in_force)
        return Difference(label, then, now, is_good, scope.url("insights:dashboard_programmes", nhom=group))

    def added(name: str) -> tuple[int, int]:
        now = [getattr(row.figure, name) for row in seen if hasattr(row, "figure")]
        return sum(getattr(row, name) for row in before.values()), sum(now)

    deadlines = due.Filters(scope=scope, kind=due.DEADLINE)
    found = [
        standing(_("Programmes behind"), {figures.BEHIND}, False, "cham"),
        standing(_("Programmes on track"), {figures.ON_TRACK, figures.AHEAD}, True, "dung"),
        standing(_("Programmes without figures yet"), {figures.NO_DATA, figures.TOO_EARLY}, False, "chua-co-so-lieu"),
        Difference(_("Deadlines overdue"), *added("overdue"), False, deadlines.url(due.OVERDUE)),
        Difference(_("Deadlines done on time"), *added("done_on_time"), True, deadlines.url(due.ON_TIME)),
        Difference(_("Deadlines done late"), *added("done_late"), None, deadlines.url(due.LATE)),
    ]
    if not scope.place:  # the stored figures are of whole programmes, the list would be of the place
        url = scope.url("insights:dashboard_activities")
        found.append(Difference(_("Accepted activities"), *added("activities"), True, url))
    return found


def _reports(user: User, seen: list[Programme], day: datetime.date) -> list[ProgressReport]:
    """Return the reports accepted after a day, the latest first."""
    after = timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))
    rows = ProgressReport.objects.visible_to(user).filter(review=Review.ACCEPTED, reviewed_at__gte=after)
    rows = rows.filter(duty__programme__in=seen).select_related("duty__programme", "duty__unit", "reviewed_by")
    return list(rows.order_by("-reviewed_at", "-pk"))
