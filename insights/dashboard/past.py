"""The figures kept of a past day beside those that stand: added up for the section of changes, and by programme.

Then comes from DailyFigure, now from ProgrammeFigure and due work itself; both of the programmes that the reader sees
being carried out today, so one that has been closed since, or left the reader's sight, is in neither number. A
programme without figures of that day counts as nothing then, and is shown as that. Sums and rows are made from the same
two expressions. A period narrows nothing here, as in the section.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements import figures
from agreements.models import Programme
from core.paging import Slices
from core.statements import Statement, compose, of
from core.statements import read as read_rows
from core.templatetags.format import day as day_words
from insights import due
from insights.dashboard.frame import Table
from insights.scope import Scope, live_programmes
from partners.models import scope_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from core.models import User

BETTER = (figures.NO_DATA, figures.TOO_EARLY, figures.BEHIND, figures.ON_TRACK, figures.AHEAD)


class Counted(NamedTuple):
    """A number that is compared. before, after: what a programme adds to it, in the columns of PAIRS; NULL = nothing
    known. is_good: whether more of it is good, None where it is neither. group: of the list of programmes (?nhom=),
    state: of the list of due work (?tinh-trang=), whichever shows what it is made of today."""

    label: Any
    before: Statement
    after: Statement
    is_good: bool | None
    group: str = ""
    state: str = ""


def _standing(label: Any, group: str, *standings: str, is_good: bool) -> Counted:
    """Count the programmes in force that stand so."""
    before = compose("CASE WHEN runs AND was_kept THEN (before = ANY(:wanted))::int END", wanted=list(standings))
    after = compose("CASE WHEN runs THEN (after = ANY(:wanted))::int END", wanted=list(standings))
    return Counted(label, before, after, is_good, group)


def _summed(label: Any, column: str, is_good: bool | None, state: str = "") -> Counted:
    """Add up a number of all programmes being carried out. column: in PAIRS, of ours."""
    return Counted(label, Statement(f"{column}_then", ()), Statement(f"{column}_now", ()), is_good, "", state)


OVERDUE, ACTIVITIES, NEWCOMERS = "qua-han", "hoat-dong", "chua-luu"
# value of ?so= → the number, in the order of the section; the last one is no difference
NUMBERS = {
    "cham": _standing(gettext_lazy("Programmes behind"), "cham", figures.BEHIND, is_good=False),
    "dung": _standing(gettext_lazy("Programmes on track"), "dung", figures.ON_TRACK, figures.AHEAD, is_good=True),
    "chua-co-so-lieu": _standing(gettext_lazy("Programmes without figures yet"), "chua-co-so-lieu",
                                 figures.NO_DATA, figures.TOO_EARLY, is_good=False),
    OVERDUE: _summed(due.LABELS[due.OVERDUE], "overdue", False, due.OVERDUE),
    "dung-han": _summed(gettext_lazy("Work finished on time"), "on_time", True, due.ON_TIME),
    "muon": _summed(due.LABELS[due.LATE], "late", None, due.LATE),
    ACTIVITIES: _summed(gettext_lazy("Accepted activities"), "activities", True),
    NEWCOMERS: Counted(gettext_lazy("Programmes without figures of that day"), Statement("NULL::int", ()),
                       Statement("CASE WHEN runs AND NOT was_kept THEN 1 END", ()), None),
}  # fmt: skip


def compared(scope: Scope) -> list[str]:
    """Return the keys of the numbers that the section compares.

    Of a place there are no accepted activities: the stored figures are of whole programmes.
    """
    return [key for key in NUMBERS if key != NEWCOMERS and not (key == ACTIVITIES and scope.place)]


def url(scope: Scope, key: str, day: datetime.date) -> str:
    """Return the address of the programmes that a number is made of, then and now."""
    return scope.url("insights:dashboard_changed", so=key, ngay=day.isoformat())


def now_url(scope: Scope, key: str, programme: int | None = None) -> str:
    """Return the address of what a number is made of today, of all or of one programme; "" where no list shows that."""
    number = NUMBERS[key]
    if number.state:
        return due.Filters(scope=scope, programme=programme).url(number.state)
    if key == ACTIVITIES and not scope.place:
        return scope.url("insights:dashboard_activities", chuong_trinh=programme or "")
    if number.group and programme is None:
        return scope.url("insights:dashboard_programmes", nhom=number.group)
    return ""


def standing_words(standing: str) -> str:
    """Return how a programme stands, in words; "" for "", which is no figures of that day."""
    words = {
        "": "",
        figures.BEHIND: _("Behind"),
        figures.ON_TRACK: _("On track"),
        figures.AHEAD: _("Ahead"),
        figures.TOO_EARLY: _("Too early to say"),
    }
    return words.get(standing, _("No figures yet"))


@dataclass(frozen=True)
class Pair:
    """A number then and now; None = nothing is known of it, which adds nothing. is_good: whether more of it is good."""

    then: int | None
    now: int | None
    is_good: bool | None

    @property
    def change(self) -> int:
        """How many more now; negative = fewer. Of a sum that is not known then it says nothing."""
        return (self.now or 0) - (self.then or 0)

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
class Line(Pair):
    """What one programme adds to a number. before, after: its standings; before "" = no figures of that day."""

    programme: Programme
    before: str
    after: str
    now_url: str

    @property
    def before_words(self) -> str:
        """How it stood; "" without figures of that day."""
        return standing_words(self.before)

    @property
    def after_words(self) -> str:
        """How it stands."""
        return standing_words(self.after)


@dataclass(frozen=True)
class Changed:
    """A number programme by programme; the lines add up to `total`. Programmes with nothing on both days have none."""

    key: str
    day: datetime.date
    today: datetime.date
    is_kept: bool  # whether the number of that day is kept of any of these programmes
    total: Pair
    lines: Sequence[Line]
    now_url: str
    rows_url: str  # the rows that came since, "" where no list shows them

    @property
    def number(self) -> Counted:
        """The number meant."""
        return NUMBERS[self.key]

    @property
    def is_standing(self) -> bool:
        """Whether programmes are counted, each by how it stands."""
        return bool(self.number.group) or self.key == NEWCOMERS

    @property
    def is_due(self) -> bool:
        """Whether due work is counted, which is kept of fewer days."""
        return bool(self.number.state)

    @property
    def table(self) -> Table:
        """The lines and their sum, for a spreadsheet."""
        heads = (_("Code"), _("Programme"), day_words(self.day), day_words(self.today), _("Change"))
        rows = [(line.programme.code, line.programme.name, line.then, line.now, line.change) for line in self.lines]
        total = (None, f"{_('Total')}: {self.number.label}", self.total.then, self.total.now, self.total.change)
        return Table(f"thay-doi-{self.key}", heads, [*rows, total] if self.is_kept else [])


# Due work of each programme and kind: how much is in which state, and what happened after the day (came, finished;
# cleared: of what was overdue then).
DUE_COLUMNS = ("programme_id", "kind", "overdue", "on_time", "late", "came", "finished", "cleared")
NOT_COUNTED = Statement(f"SELECT {', '.join(f'NULL::bigint AS {name}' for name in DUE_COLUMNS)} WHERE false", ())
# A row for each programme. was_kept: figures of the day are kept; was_counted: with its due work (of programmes that
# the reader sees as their committee: others see not all of it); runs: in force today.
PAIRS = """WITH seen (id) AS MATERIALIZED (:seen), due (:columns) AS MATERIALIZED (:due), pairs AS MATERIALIZED (
SELECT p.id, p.code, p.title, p.short_title, p.sort_key, p.status = :in_force AS runs, k.id IS NOT NULL AS was_kept,
       k.standing AS before, COALESCE(f.standing, :no_data) AS after,
       own.is_so AND k.due_overdue IS NOT NULL AS was_counted,
       CASE WHEN own.is_so THEN k.due_overdue END AS overdue_then, COALESCE(d.overdue, 0) AS overdue_now,
       CASE WHEN own.is_so THEN k.due_on_time END AS on_time_then, COALESCE(d.on_time, 0) AS on_time_now,
       CASE WHEN own.is_so THEN k.due_late END AS late_then, COALESCE(d.late, 0) AS late_now,
       k.activities AS activities_then, f.activities AS activities_now
  FROM seen JOIN agreements_programme p ON p.id = seen.id
  JOIN (SELECT id, path LIKE ANY(:own) AS is_so FROM partners_organisation) own ON own.id = p.owner_id
  LEFT JOIN (SELECT programme_id, sum(overdue) AS overdue, sum(on_time) AS on_time, sum(late) AS late
               FROM due GROUP BY programme_id) d ON d.programme_id = p.id
  LEFT JOIN agreements_programmefigure f ON f.programme_id = p.id
  LEFT JOIN agreements_dailyfigure k ON k.programme_id = p.id AND k.day = :kept
)"""
LINES = """:pairs, lines AS (
SELECT pairs.*, :before AS n_then, :after AS n_now FROM pairs
)"""
TOTAL = """:lines SELECT count(*) FILTER (WHERE n_then > 0 OR n_now > 0), sum(n_then), sum(n_now),
       COALESCE(bool_or(:known), false) FROM lines"""
ROWS = """:lines SELECT id, code, title, short_title, COALESCE(before, ''), after, n_then, n_now
  FROM lines WHERE n_then > 0 OR n_now > 0
 ORDER BY abs(COALESCE(n_now, 0) - COALESCE(n_then, 0)) DESC, sort_key, id OFFSET :start LIMIT :most"""


def pairs(user: User, seen: Any, kept: datetime.date, counted: Statement = NOT_COUNTED) -> Statement:
    """Return the start of a statement, up to its table `pairs`: the programmes of a QuerySet with the figures kept of a
    day and those that stand. counted: due work (`due_since`), where the statement asks for it."""
    own = [f"{path}%" for path in scope_of(user).committee_paths]
    return compose(
        PAIRS, seen=of(seen.values_list("pk")), in_force=Programme.Status.IN_FORCE, no_data=figures.NO_DATA, kept=kept,
        due=counted, columns=Statement(", ".join(DUE_COLUMNS), ()), own=own,
    )  # fmt: skip


def due_since(user: User, scope: Scope, kept: datetime.date, today: datetime.date) -> Statement:
    """Return the due work of each programme and kind in DUE_COLUMNS, as `insights.due` counts it today."""
    after = Q(finished_on__gt=kept)
    states = {
        "overdue": due.condition(due.OVERDUE, today),
        "on_time": due.condition(due.ON_TIME, today),
        "late": due.condition(due.LATE, today),
        "came": due.condition(due.OVERDUE, today) & Q(due_on__gte=kept),
        "finished": after,
        "cleared": after & Q(due_on__lt=kept),
    }
    rows = due.rows(user, due.Filters(scope=scope)).order_by().values_list("programme_id", "kind")
    counts = {name: Count("thing", filter=condition) for name, condition in states.items()}
    return of(rows.annotate(**counts), "bigint", "text", *["bigint"] * len(states))


def sums() -> Statement:
    """Return the sums of all NUMBERS over `pairs` as one JSON array, then and now in turn; no row without pairs."""
    both = [part for one in NUMBERS.values() for part in (one.before, one.after)]
    values = tuple(value for part in both for value in part.values)
    listed = Statement(", ".join(f"sum({part.sql})" for part in both), values)
    return compose("SELECT json_build_array(:sums) FROM pairs HAVING count(*) > 0", sums=listed)


def programme_of(pk: int, code: str, title: str, short_title: str) -> Programme:
    """Return a programme that knows what a row shows of it."""
    return Programme(id=pk, code=code, title=title, short_title=short_title)


def read(user: User, scope: Scope, today: datetime.date, key: str, day: datetime.date) -> Changed:
    """Return what each programme adds to a number, the largest change first; lines are read where they are looked at.

    key: one of NUMBERS; KeyError for another. Only stored figures and due work are read.
    """
    number, scope = NUMBERS[key], replace(scope, period="")
    counted = due_since(user, scope, day, today) if number.state else NOT_COUNTED
    lines = compose(
        LINES,
        pairs=pairs(user, live_programmes(scope, user).order_by(), day, counted),
        before=number.before,
        after=number.after,
    )
    known = Statement("was_counted" if number.state else "was_kept", ())
    count, then, now, is_kept = read_rows(compose(TOTAL, lines=lines, known=known))[0]

    def part(start: int, most: int) -> list[Line]:
        found = read_rows(compose(ROWS, lines=lines, start=start, most=most))
        return [
            Line(before_n, after_n, number.is_good, programme_of(*head), before, after, now_url(scope, key, head[0]))
            for *head, before, after, before_n, after_n in found
        ]

    return Changed(
        key=key,
        day=day,
        today=today,
        is_kept=is_kept,
        total=Pair(then, now, number.is_good),
        lines=Slices(count if is_kept else 0, part),
        now_url=now_url(scope, key),
        rows_url=_rows_url(scope, key, day),
    )


def _rows_url(scope: Scope, key: str, day: datetime.date) -> str:
    """Return the address of the due work or activities that came after a day."""
    state = NUMBERS[key].state
    if state:
        return due.Filters(scope=scope, since=day).url(state)
    return scope.url("insights:dashboard_activities", duyet_sau=day.isoformat()) if key == ACTIVITIES else ""
