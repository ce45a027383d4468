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

from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.models import ProgressReport, Review
from agreements import figures
from agreements.models import DailyFigure, Programme
from core import briefings
from core.paging import Slices
from core.statements import compose, of
from core.statements import read as read_rows
from insights import due
from insights.dashboard.frame import Table
from insights.scope import Scope, live_programmes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    moved: Sequence[Move]
    worse: int  # of them, to the worse
    newcomers: list[Programme]  # the first of those in force today without figures of that day
    newcomers_count: int
    overdue: Sequence[due.DueItem]
    finished: Sequence[due.DueItem]
    reports: Sequence[ProgressReport]
    overdue_kinds: Mapping[str, int]
    finished_kinds: Mapping[str, int]
    filters: due.Filters

    @property
    def is_stand_in(self) -> bool:
        """Whether the figures are of an earlier day than the one meant."""
        return self.day is not None and self.day != self.asked

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
        return due.kinds_in_words(self.overdue_kinds)

    @property
    def finished_note(self) -> str:
        """How many of each kind were finished."""
        return due.kinds_in_words(self.finished_kinds)

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


# Figures then and now, and what moved between them. then: those kept of the day; now: those that stand.
PAIRS = """WITH seen (id) AS MATERIALIZED (:seen), pairs AS MATERIALIZED (
SELECT p.id, p.code, p.title, p.short_title, p.sort_key, p.status = :in_force AS runs, k.id IS NOT NULL AS was_kept,
       k.standing AS before, COALESCE(f.standing, :no_data) AS after,
       k.overdue AS overdue_then, f.overdue AS overdue_now, k.done_on_time AS on_time_then,
       f.done_on_time AS on_time_now, k.done_late AS late_then, f.done_late AS late_now,
       k.activities AS activities_then, f.activities AS activities_now
  FROM seen JOIN agreements_programme p ON p.id = seen.id
  LEFT JOIN agreements_programmefigure f ON f.programme_id = p.id
  LEFT JOIN agreements_dailyfigure k ON k.programme_id = p.id AND k.day = :kept
), moved AS (
SELECT pairs.*, array_position(:order::text[], after::text) < array_position(:order::text[], before::text) AS is_worse
  FROM pairs WHERE runs AND was_kept AND before <> after
)"""
NUMBERS = """:pairs SELECT
(SELECT json_object_agg(standing, n) FROM (SELECT before AS standing, count(*) AS n FROM pairs
                                            WHERE runs AND was_kept GROUP BY before) then_),
(SELECT json_object_agg(standing, n) FROM (SELECT after AS standing, count(*) AS n FROM pairs
                                            WHERE runs GROUP BY after) now_),
(SELECT json_build_array(sum(overdue_then), sum(overdue_now), sum(on_time_then), sum(on_time_now), sum(late_then),
                         sum(late_now), sum(activities_then), sum(activities_now), count(*)) FROM pairs),
(SELECT json_build_array(count(*), count(*) FILTER (WHERE is_worse)) FROM moved),
(SELECT count(*) FROM pairs WHERE runs AND NOT was_kept),
(SELECT json_agg(json_build_array(id, code, title, short_title) ORDER BY sort_key, id)
   FROM (SELECT * FROM pairs WHERE runs AND NOT was_kept ORDER BY sort_key, id LIMIT :most) newest)"""
MOVES = """:pairs SELECT id, code, title, short_title, before, after FROM moved
ORDER BY NOT is_worse, sort_key, id OFFSET :start LIMIT :most"""
NEWCOMERS_NAMED = 8


def read(user: User, scope: Scope, day: datetime.date, since: str = WEEK) -> Changes:
    """Return the section; its lists are read where they are looked at. The period narrows nothing here: what changed
    has a span of its own."""
    scope = replace(scope, period="")
    asked = day_of(since, user, day)
    seen = live_programmes(scope, user).order_by()
    kept = _kept(seen, asked) if asked else None
    filters = due.Filters(scope=scope, since=kept)
    if kept is None:
        return Changes(since, asked, None, [], [], 0, [], 0, [], [], [], {}, {}, filters)
    pairs = compose(
        PAIRS, seen=of(seen.values_list("pk")), in_force=Programme.Status.IN_FORCE, no_data=figures.NO_DATA,
        kept=kept, order=list(BETTER),
    )  # fmt: skip
    then, now, sums, moved, new, newest = read_rows(compose(NUMBERS, pairs=pairs, most=NEWCOMERS_NAMED))[0]
    rows = due.rows(user, filters)
    overdue, finished = _by_kind(rows, due.OVERDUE, day), _by_kind(rows, due.DONE, day)

    def moves(start: int, most: int) -> list[Move]:
        found = read_rows(compose(MOVES, pairs=pairs, start=start, most=most))
        return [Move(_programme(*head), before, after) for *head, before, after in found]

    return Changes(
        since=since,
        asked=asked,
        day=kept,
        differences=_differences(then or {}, now or {}, sums, scope) if sums[-1] else [],
        moved=Slices(moved[0], moves),
        worse=moved[1],
        newcomers=[_programme(*one) for one in newest or ()],
        newcomers_count=new,
        overdue=_listed(rows, due.OVERDUE, sum(overdue.values()), day),
        finished=_listed(rows, due.DONE, sum(finished.values()), day),
        reports=_reports(user, seen, kept),
        overdue_kinds=overdue,
        finished_kinds=finished,
        filters=filters,
    )


def _programme(pk: int, code: str, title: str, short_title: str) -> Programme:
    return Programme(id=pk, code=code, title=title, short_title=short_title)


def _kept(seen: Any, asked: datetime.date) -> datetime.date | None:
    """Return the last day up to the one meant of which figures are kept."""
    rows = DailyFigure.objects.filter(programme__in=seen.values("pk"))
    last: datetime.date | None = rows.filter(day__lte=asked, day__gte=asked - STANDS_IN).aggregate(last=Max("day"))[
        "last"
    ]
    return last


def _by_kind(rows: due.Rows, state: str, day: datetime.date) -> dict[str, int]:
    """Return how many rows in a state there are of each kind."""
    found = rows.filter(due.condition(state, day)).order_by().values("kind").annotate(n=Count("thing"))
    return dict(found.values_list("kind", "n"))


def _listed(rows: due.Rows, state: str, length: int, day: datetime.date) -> Slices:
    found = due.in_state(rows, state, day)
    return Slices(length, lambda start, most: due.read(found[start : start + most], day))


def _differences(
    then: dict[str, int], now: dict[str, int], sums: Sequence[int | None], scope: Scope
) -> list[Difference]:
    """Return then and now: standings of what is in force today, sums over all that are being carried out."""

    def standing(label: str, wanted: set[str], is_good: bool, group: str) -> Difference:
        before, after = (sum(found.get(one, 0) for one in wanted) for found in (then, now))
        return Difference(label, before, after, is_good, scope.url("insights:dashboard_programmes", nhom=group))

    n = [one or 0 for one in sums]
    deadlines = due.Filters(scope=scope, kind=due.DEADLINE)
    found = [
        standing(_("Programmes behind"), {figures.BEHIND}, False, "cham"),
        standing(_("Programmes on track"), {figures.ON_TRACK, figures.AHEAD}, True, "dung"),
        standing(_("Programmes without figures yet"), {figures.NO_DATA, figures.TOO_EARLY}, False, "chua-co-so-lieu"),
        Difference(_("Deadlines overdue"), n[0], n[1], False, deadlines.url(due.OVERDUE)),
        Difference(_("Deadlines done on time"), n[2], n[3], True, deadlines.url(due.ON_TIME)),
        Difference(_("Deadlines done late"), n[4], n[5], None, deadlines.url(due.LATE)),
    ]
    if not scope.place:  # the stored figures are of whole programmes, the list would be of the place
        found.append(Difference(_("Accepted activities"), n[6], n[7], True, scope.url("insights:dashboard_activities")))
    return found


def _reports(user: User, seen: Any, day: datetime.date) -> Slices:
    """Return the reports accepted after a day, the latest first."""
    after = timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))
    rows = ProgressReport.objects.visible_to(user).filter(review=Review.ACCEPTED, reviewed_at__gte=after)
    rows = rows.filter(duty__programme__in=seen.values("pk"))
    parts = rows.select_related("duty__programme", "duty__unit", "reviewed_by").order_by("-reviewed_at", "-pk")
    return Slices(rows.count(), lambda start, most: list(parts[start : start + most]))
