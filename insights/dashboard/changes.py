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
from agreements.models import DailyFigure
from core import briefings
from core.paging import Slices
from core.statements import compose
from core.statements import read as read_rows
from insights import due
from insights.dashboard import past
from insights.dashboard.frame import Table
from insights.dashboard.past import standing_words
from insights.scope import Scope, live_programmes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agreements.models import Programme
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


def since_of(kept: datetime.date, user: User, day: datetime.date) -> str:
    """Return which of SINCE compares with the figures kept of a day, its own or standing in; last week where none does.

    The way back from a list to the section as it was.
    """
    asked = [(meant, name) for name in SINCE if (meant := day_of(name, user, day)) and meant >= kept]
    return min(asked)[1] if asked and min(asked)[0] - kept <= STANDS_IN else WEEK


@dataclass(frozen=True)
class Difference(past.Pair):
    """One figure then and now. url: the programmes it is made of, then and now; now_url: what it is made of today."""

    label: str
    url: str
    now_url: str


@dataclass(frozen=True)
class Move:
    """A programme whose standing is another one now. then None = no figures were kept of it."""

    programme: Programme
    then: str
    now: str

    @property
    def is_worse(self) -> bool:
        """Whether it fell behind or lost what it had."""
        return past.BETTER.index(self.now) < past.BETTER.index(self.then)


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
    def newcomers_url(self) -> str:
        """Address of the programmes in force without figures of that day; "" where there is no day."""
        return past.url(self.filters.scope, past.NEWCOMERS, self.day) if self.day else ""

    @property
    def table(self) -> Table:
        """The differences, then each programme that moved, for a spreadsheet."""
        rows: list[tuple[object, ...]] = [(one.label, one.then, one.now, one.change) for one in self.differences]
        rows += [
            (f"{one.programme.code} {one.programme.name}", standing_words(one.then), standing_words(one.now), None)
            for one in self.moved
        ]
        return Table("thay-doi", (_("Figure"), _("Then"), _("Now"), _("Change")), rows)


# What moved of those in force, and the sums of all that are being carried out.
MOVED_ROWS = """:pairs, moved AS (
SELECT pairs.*, array_position(:order::text[], after::text) < array_position(:order::text[], before::text) AS is_worse
  FROM pairs WHERE runs AND was_kept AND before <> after
)"""
NUMBERS = """:pairs SELECT (:sums),
(SELECT json_build_array(count(*), count(*) FILTER (WHERE is_worse)) FROM moved),
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
    pairs = compose(MOVED_ROWS, pairs=past.pairs(seen, kept), order=list(past.BETTER))
    found, moved, newest = read_rows(compose(NUMBERS, pairs=pairs, sums=past.sums(), most=NEWCOMERS_NAMED))[0]
    n = [one or 0 for one in found or ()]
    sums = dict(zip(past.NUMBERS, zip(n[::2], n[1::2], strict=True), strict=False))
    rows = due.rows(user, filters)
    overdue, finished = _by_kind(rows, due.OVERDUE, day), _by_kind(rows, due.DONE, day)

    def moves(start: int, most: int) -> list[Move]:
        found = read_rows(compose(MOVES, pairs=pairs, start=start, most=most))
        return [Move(past.programme_of(*head), before, after) for *head, before, after in found]

    return Changes(
        since=since,
        asked=asked,
        day=kept,
        differences=_differences(sums, scope, kept) if sums else [],
        moved=Slices(moved[0], moves),
        worse=moved[1],
        newcomers=[past.programme_of(*one) for one in newest or ()],
        newcomers_count=sums[past.NEWCOMERS][1] if sums else 0,
        overdue=_listed(rows, due.OVERDUE, sum(overdue.values()), day),
        finished=_listed(rows, due.DONE, sum(finished.values()), day),
        reports=_reports(user, seen, kept),
        overdue_kinds=overdue,
        finished_kinds=finished,
        filters=filters,
    )


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


def _differences(sums: Mapping[str, tuple[int, int]], scope: Scope, day: datetime.date) -> list[Difference]:
    """Return then and now: standings of what is in force today, sums over all that are being carried out."""
    return [
        Difference(
            *sums[key], past.NUMBERS[key].is_good, str(past.NUMBERS[key].label),
            past.url(scope, key, day), past.now_url(scope, key),
        )
        for key in past.compared(scope)
    ]  # fmt: skip


def end_of(day: datetime.date) -> datetime.datetime:
    """Return the moment at which a day is over; what is accepted from then on is not in its figures."""
    return timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))


def _reports(user: User, seen: Any, day: datetime.date) -> Slices:
    """Return the reports accepted after a day, the latest first."""
    rows = ProgressReport.objects.visible_to(user).filter(review=Review.ACCEPTED, reviewed_at__gte=end_of(day))
    rows = rows.filter(duty__programme__in=seen.values("pk"))
    parts = rows.select_related("duty__programme", "duty__unit", "reviewed_by").order_by("-reviewed_at", "-pk")
    return Slices(rows.count(), lambda start, most: list(parts[start : start + most]))
