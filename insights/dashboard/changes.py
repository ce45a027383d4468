"""Section on what changed since yesterday, last week, the last briefing, last month.

Then comes from the figures kept of that day (DailyFigure), now from those that stand (ProgrammeFigure) and from due
work as the first screen counts it. Where none are kept of the day itself, the last ones kept in the week before stand
in and the page says so; without any, nothing is compared. What fell due or was finished since is read from due work,
accepted reports from the reports themselves; from what was overdue then to what is now the page counts step by step,
with what was put off, waived or withdrawn, or came back, from the row history (balance.py).
"""

from __future__ import annotations

import datetime
from calendar import monthrange
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.models import ProgressReport, Review
from agreements.models import DailyFigure
from core import briefings
from core.paging import Slices
from core.statements import compose
from core.statements import read as read_rows
from core.templatetags.format import day as day_words
from insights import due
from insights.dashboard import balance, past
from insights.dashboard.frame import Table
from insights.dashboard.past import standing_words
from insights.scope import Scope, live_programmes
from partners.models import scope_of

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
MOVED, NEWLY_OVERDUE, CLEARED, FINISHED, REPORTS = "chuyen", "qua-han", "het-qua-han", "xong", "bao-cao"
LEFT, BACK = "gia-han-mien-rut", "tro-lai"
LISTS = {
    MOVED: gettext_lazy("Programmes that moved"),
    NEWLY_OVERDUE: gettext_lazy("Newly overdue"),
    CLEARED: gettext_lazy("Overdue then, finished since"),
    LEFT: gettext_lazy("Put off, waived, withdrawn"),
    BACK: gettext_lazy("Overdue again"),
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
    """One figure then and now; then None = not kept of that day. url: the programmes it is made of, then and now;
    now_url: what it is made of today."""

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
class Step:
    """A part of the way from what was overdue then to what is overdue now. by: how many more, negative = fewer.

    listed: the one of LISTS that holds them; "" where none does, as of what the row history does not tell.
    """

    by: int
    words: str
    listed: str = ""

    @property
    def sign(self) -> str:
        """Plus or minus, as it is printed."""
        return "+" if self.by > 0 else "−"

    @property
    def size(self) -> int:
        """The same without its sign."""
        return abs(self.by)


@dataclass(frozen=True)
class Changes:
    """What changed since a day. day None = nothing to compare with; asked: the day meant, which may have no figures."""

    since: str
    asked: datetime.date | None
    day: datetime.date | None
    today: datetime.date
    differences: list[Difference]
    steps: list[Step]  # of overdue work, those that are no 0; they add up to its change
    moved: Sequence[Move]
    worse: int  # of them, to the worse
    newcomers: list[Programme]  # the first of those in force today without figures of that day
    newcomers_count: int
    overdue: Sequence[due.DueItem]
    cleared: Sequence[due.DueItem]
    finished: Sequence[due.DueItem]
    left: Sequence[balance.Turn]  # overdue then, and without being finished no more
    back: Sequence[balance.Turn]  # not counted then, and overdue by a day before
    reports: Sequence[ProgressReport]
    kinds: Mapping[str, Mapping[str, int]]  # one of LISTS with due work → kind → how many
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
            CLEARED: self.cleared,
            FINISHED: self.finished,
            LEFT: self.left,
            BACK: self.back,
            REPORTS: self.reports,
        }
        return rows[name]

    def note(self, name: str) -> str:
        """Return how many of each kind one of LISTS with due work holds; "" for another."""
        return due.kinds_in_words(self.kinds.get(name, {}))

    def due_url(self, name: str) -> str:
        """Return the address of one of LISTS as a list of due work; "" where there is none, or nothing in it."""
        urls = {NEWLY_OVERDUE: self.overdue_url, FINISHED: self.finished_url}
        return urls.get(name, "") if self.listed(name) else ""

    @property
    def overdue_pair(self) -> Difference | None:
        """Overdue work then and now; None where it was not kept then, or nothing is compared."""
        url = past.url(self.filters.scope, past.OVERDUE, self.day) if self.day else ""
        return next((one for one in self.differences if one.url == url and one.then is not None), None)

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
    def days(self) -> tuple[str, str]:
        """Heads of the two columns compared; "" for a day that there is not."""
        return day_words(self.day) if self.day else "", day_words(self.today)

    @property
    def table(self) -> Table:
        """The differences, then the steps of what is overdue, for a spreadsheet."""
        rows: list[tuple[object, ...]] = [
            (one.label, one.then, one.now, None if one.then is None else one.change) for one in self.differences
        ]
        label = due.LABELS[due.OVERDUE]
        rows += [(f"{label}: {step.words}", None, None, step.by) for step in self.steps]
        return Table("thay-doi", (_("Figure"), *self.days, _("Change")), rows)

    def list_table(self, name: str) -> Table:
        """Return all rows of one of LISTS, for a spreadsheet."""
        rows: list[Any]
        if name == MOVED:
            heads: Sequence[str] = (_("Code"), _("Programme"), *self.days)
            rows = [
                (one.programme.code, one.programme.name, standing_words(one.then), standing_words(one.now))
                for one in self.moved
            ]
        elif name == REPORTS:
            heads = (_("Report"), _("Unit"), _("Programme"), _("Accepted"))
            rows = [
                (str(one.duty), str(one.duty.unit), one.duty.programme.code, day_words(one.reviewed_at))
                for one in self.reports
            ]
        elif name in {LEFT, BACK}:
            heads, rows = balance.table_of(self.listed(name))
        else:
            heads = (_("Work"), _("Unit"), _("Programme"), _("Due"), _("Finished"))
            rows = [
                (one.title, one.unit.name, one.programme.code, day_words(one.due_on), day_words(one.done_on))
                for one in self.listed(name)
            ]
        return Table(f"thay-doi-{name}", heads, rows)


# What moved of those in force, and the sums of all that are being carried out.
MOVED_ROWS = """:pairs, moved AS (
SELECT pairs.*, array_position(:order::text[], after::text) < array_position(:order::text[], before::text) AS is_worse
  FROM pairs WHERE runs AND was_kept AND before <> after
)"""
NUMBERS = """:pairs SELECT (:sums),
(SELECT json_build_array(count(*), count(*) FILTER (WHERE is_worse)) FROM moved),
(SELECT json_agg(json_build_array(id, code, title, short_title) ORDER BY sort_key, id)
   FROM (SELECT * FROM pairs WHERE runs AND NOT was_kept ORDER BY sort_key, id LIMIT :most) newest),
(SELECT json_agg(json_build_array(kind, came, cleared, finished, unknown)) FROM (
 SELECT kind, sum(came) AS came, sum(cleared) FILTER (WHERE was_counted) AS cleared, sum(finished) AS finished,
        sum(overdue - came) FILTER (WHERE was_counted IS NOT TRUE) AS unknown
   FROM due LEFT JOIN pairs ON pairs.id = programme_id GROUP BY kind) kinds)"""
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
        return Changes(since, asked, None, day, [], [], [], 0, [], 0, [], [], [], [], [], [], {}, filters)
    counted = past.due_since(user, scope, kept, day)
    order = list(past.BETTER)
    pairs = compose(MOVED_ROWS, pairs=past.pairs(user, seen, kept, counted), order=order)
    found, moved, newest, flows = read_rows(compose(NUMBERS, pairs=pairs, sums=past.sums(), most=NEWCOMERS_NAMED))[0]
    n: list[int | None] = found or []
    sums = dict(zip(past.NUMBERS, zip(n[::2], n[1::2], strict=True), strict=False))
    names = (NEWLY_OVERDUE, CLEARED, FINISHED, "")  # the last: of programmes whose due work of that day is not known
    kinds = {name: {row[0]: row[at] or 0 for row in flows or ()} for at, name in enumerate(names, start=1)}
    total = {name: sum(of_kind.values()) for name, of_kind in kinds.items()}
    rows = due.rows(user, filters)
    differences = _differences(sums, scope, kept) if sums else []
    total[LEFT], total[BACK] = balance.counts(user, scope, kept)

    def moves(start: int, most: int) -> list[Move]:
        bare = compose(MOVED_ROWS, pairs=past.pairs(user, seen, kept), order=order)
        found = read_rows(compose(MOVES, pairs=bare, start=start, most=most))
        return [Move(past.programme_of(*head), before, after) for *head, before, after in found]

    return Changes(
        since=since,
        asked=asked,
        day=kept,
        today=day,
        differences=differences,
        steps=_steps(*sums[past.OVERDUE], total) if sums else [],
        moved=Slices(moved[0], moves),
        worse=moved[1],
        newcomers=[past.programme_of(*one) for one in newest or ()],
        newcomers_count=(sums[past.NEWCOMERS][1] or 0) if sums else 0,
        overdue=_listed(rows, due.OVERDUE, total[NEWLY_OVERDUE], day),
        cleared=_listed(_overdue_then(rows, user, kept), due.DONE, total[CLEARED], day),
        finished=_listed(rows, due.DONE, total[FINISHED], day),
        left=Slices(total[LEFT], partial(balance.turns, user, scope, kept, balance.LEFT)),
        back=Slices(total[BACK], partial(balance.turns, user, scope, kept, balance.CAME)),
        reports=_reports(user, seen, kept),
        kinds=kinds,
        filters=filters,
    )


def _kept(seen: Any, asked: datetime.date) -> datetime.date | None:
    """Return the last day up to the one meant of which figures are kept."""
    rows = DailyFigure.objects.filter(programme__in=seen.values("pk"))
    last: datetime.date | None = rows.filter(day__lte=asked, day__gte=asked - STANDS_IN).aggregate(last=Max("day"))[
        "last"
    ]
    return last


def _overdue_then(rows: due.Rows, user: User, kept: datetime.date) -> due.Rows:
    """Return those of the rows that were in the number kept of the day: due before it, in a programme it was kept of
    and whose due work the reader sees as its committee (past.PAIRS)."""
    own = Q(pk__in=[])
    for path in scope_of(user).committee_paths:
        own |= Q(owner_path__startswith=path)
    known = DailyFigure.objects.filter(day=kept, due_overdue__isnull=False).values("programme")
    return rows.filter(own, due_on__lt=kept, programme__in=known)


def _steps(then: int | None, now: int | None, total: Mapping[str, int]) -> list[Step]:
    """Return how overdue work came from then to now; [] where it was not kept then.

    What is left over is a balance without rows: of what changed before the history of a thing began.
    """
    if then is None:
        return []
    rest = (now or 0) - then - total[NEWLY_OVERDUE] - total[""] + total[CLEARED] + total[LEFT] - total[BACK]
    steps = [
        Step(total[NEWLY_OVERDUE], _("newly overdue"), NEWLY_OVERDUE),
        Step(total[""], _("in programmes without figures of that day")),
        Step(-total[CLEARED], _("finished"), CLEARED),
        Step(-total[LEFT], _("put off, waived, withdrawn or confirmed with an earlier date"), LEFT),
        Step(total[BACK], _("overdue again or entered later"), BACK),
        Step(
            rest,
            _("overdue again or entered later (returned, taken back, resumed), on balance")
            if rest > 0
            else _("put off, waived, withdrawn or confirmed with an earlier date, on balance"),
        ),
    ]
    return [step for step in steps if step.by]


def _listed(rows: due.Rows, state: str, length: int, day: datetime.date) -> Slices:
    found = due.in_state(rows, state, day)
    return Slices(length, lambda start, most: due.read(found[start : start + most], day))


def _differences(
    sums: Mapping[str, tuple[int | None, int | None]], scope: Scope, day: datetime.date
) -> list[Difference]:
    """Return then and now: standings of what is in force today, sums over all that are being carried out."""
    found = []
    for key in past.compared(scope):
        number, (then, now) = past.NUMBERS[key], sums[key]
        found.append(
            Difference(
                then=then if number.state else then or 0,  # due work is kept of fewer days
                now=now or 0,
                is_good=number.is_good,
                label=str(number.label),
                url=past.url(scope, key, day),
                now_url=past.now_url(scope, key),
            )
        )
    return found


def end_of(day: datetime.date) -> datetime.datetime:
    """Return the moment at which a day is over; what is accepted from then on is not in its figures."""
    return timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))


def _reports(user: User, seen: Any, day: datetime.date) -> Slices:
    """Return the reports accepted after a day, the latest first."""
    rows = ProgressReport.objects.visible_to(user).filter(review=Review.ACCEPTED, reviewed_at__gte=end_of(day))
    rows = rows.filter(duty__programme__in=seen.values("pk"))
    parts = rows.select_related("duty__programme", "duty__unit", "reviewed_by").order_by("-reviewed_at", "-pk")
    return Slices(rows.count(), lambda start, most: list(parts[start : start + most]))
