"""Reporting periods and due dates, as pure functions: no database, no clock (design.md section 3, domain.md section 1).

No single calendar exists: offices close their data on the last day of the month, on the 14th or the 15th, and ask for
a report on a fixed day or so many days after the window. So a calendar is data, and one function turns it into
periods. Windows are half-open, [starts_on, ends_on); all days are days in Vietnam.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

MONTH, QUARTER, HALF_YEAR, YEAR = "month", "quarter", "half_year", "year"
MONTHS = {MONTH: 1, QUARTER: 3, HALF_YEAR: 6, YEAR: 12}
KEEP, BEFORE, AFTER = "keep", "before", "after"  # where a due date goes that is no working day
SHIFTS = (KEEP, BEFORE, AFTER)
LONGEST_SHIFT = 40  # days; a longer row of free days is a mistake in the calendar
ONE_DAY = datetime.timedelta(days=1)
Window = tuple[datetime.date, datetime.date]  # half-open: the second is the day after the last


@dataclass(frozen=True)
class DueRule:
    """When a report is due: `days` after the last day of its window, or on a fixed day.

    A fixed day is `day` of the month that lies `months` after the last calendar month of the period (0 = that month,
    -1 = the one before, as for a yearly report on 25 November); a day that the month does not have is its last.
    `shift` moves a due date off days that are no working days: "before", "after", or "keep".
    """

    days: int | None = None
    day: int | None = None
    months: int = 0
    shift: str = BEFORE

    def __post_init__(self) -> None:
        if (self.days is None) == (self.day is None):
            raise ValueError("either a number of days or a fixed day")
        if self.days is not None and not 0 <= self.days <= 180:
            raise ValueError("days: 0 to 180")
        if self.day is not None and not (1 <= self.day <= 31 and -2 <= self.months <= 3):
            raise ValueError("day: 1 to 31, months: -2 to 3")
        if self.shift not in SHIFTS:
            raise ValueError("shift: keep, before or after")


@dataclass(frozen=True)
class ReportCalendar:
    """One kind of regular report: how long its period is, where its data window begins, when it is due.

    `window_day` 1: the window is the calendar period. Any other (to 28): it runs from that day of the month before the
    period to the day before it in the period's last month, so 15 makes the first half-year 15/12 to 14/06 (decree
    09/2019/NĐ-CP).
    """

    kind: str
    due: DueRule
    window_day: int = 1

    def __post_init__(self) -> None:
        if self.kind not in MONTHS:
            raise ValueError("kind: month, quarter, half_year or year")
        if not 1 <= self.window_day <= 28:
            raise ValueError("window_day: 1 to 28")


PARTNERS, LEADS, NAMED = "partners", "leads", "named"  # who reports
REMINDERS = (-7, -1, 0, 3, 7, 15)  # days before and after the due date


@dataclass(frozen=True)
class Rule:
    """The reporting rule of a programme for one committee.

    `reporters`: every party but the committee's own, the lead units of live tasks, or the named `units` (ids).
    `review_days`: a report for each interim and final review, due so many days before it; None = none is asked for.
    `reminders`: days around the due date on which the unit is reminded; how far up each goes is a table of its own.
    `since`: reports due before this day are left as they are, so that a rule changed mid-way neither asks for years
    gone by nor forgives what was owed under the old one; None = from the start of the programme.
    """

    calendars: tuple[ReportCalendar, ...] = ()
    reporters: str = PARTNERS
    units: frozenset[int] = frozenset()
    review_days: int | None = None
    reminders: tuple[int, ...] = REMINDERS
    since: datetime.date | None = None


def parse_rule(data: Mapping[str, Any]) -> Rule:
    """The rule stored as {"calendars": [{"kind", "window_day", "due": {"days"|"day", "months", "shift"}}], "reporters",
    "units", "review_days", "reminders", "since"}. Raises ValueError in words for what makes no sense, also two of one
    kind."""
    try:
        calendars = tuple(
            ReportCalendar(str(one["kind"]), DueRule(**one["due"]), int(one.get("window_day", 1)))
            for one in data.get("calendars", [])
        )
        units = frozenset(int(pk) for pk in data.get("units", []))
        reminders = tuple(sorted({int(days) for days in data.get("reminders", REMINDERS)}))
        review_days = None if data.get("review_days") is None else int(data["review_days"])
        since = datetime.date.fromisoformat(data["since"]) if data.get("since") else None
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a reporting rule: {error}") from error
    reporters = data.get("reporters", PARTNERS)
    if reporters not in (PARTNERS, LEADS, NAMED):
        raise ValueError("reporters: partners, leads or named")
    if reporters == NAMED and not units:
        raise ValueError("units: at least one where they are named")
    if len({one.kind for one in calendars}) != len(calendars):
        raise ValueError("calendars: one of each kind")
    if review_days is not None and not 0 <= review_days <= 180:
        raise ValueError("review_days: 0 to 180")
    if any(not -60 <= days <= 180 for days in reminders):
        raise ValueError("reminders: -60 to 180")
    return Rule(calendars, reporters, units, review_days, reminders, since)


def rule_data(rule: Rule) -> dict[str, Any]:
    """The stored form of a rule; `parse_rule` gives it back."""
    calendars = []
    for one in rule.calendars:
        due: dict[str, Any] = {"shift": one.due.shift}
        due |= {"days": one.due.days} if one.due.days is not None else {"day": one.due.day, "months": one.due.months}
        calendars.append({"kind": one.kind, "window_day": one.window_day, "due": due})
    return {
        "calendars": calendars,
        "reporters": rule.reporters,
        "units": sorted(rule.units),
        "review_days": rule.review_days,
        "reminders": list(rule.reminders),
        "since": rule.since.isoformat() if rule.since else None,
    }


# The usual calendars of offices, ready to be chosen (domain.md section 1).
PRESETS: dict[str, dict[str, Any]] = {
    "nd09": {
        "calendars": [
            {"kind": MONTH, "window_day": 15, "due": {"day": 20, "months": 0, "shift": BEFORE}},
            {"kind": HALF_YEAR, "window_day": 15, "due": {"day": 20, "months": 0, "shift": BEFORE}},
            {"kind": YEAR, "window_day": 15, "due": {"day": 20, "months": 0, "shift": BEFORE}},
        ],
        "review_days": 15,
    },
    "month": {"calendars": [{"kind": MONTH, "due": {"days": 5, "shift": AFTER}}], "review_days": 15},
    "half_year": {
        "calendars": [
            {"kind": HALF_YEAR, "window_day": 15, "due": {"day": 15, "months": 0, "shift": BEFORE}},
            {"kind": YEAR, "window_day": 15, "due": {"day": 15, "months": 0, "shift": BEFORE}},
        ],
        "review_days": 15,
    },
    "quarter": {
        "calendars": [{"kind": QUARTER, "window_day": 1, "due": {"day": 6, "months": 0, "shift": BEFORE}}],
        "review_days": 15,
    },
}


@dataclass(frozen=True)
class WorkingDays:
    """Days off and days worked in exchange (compensation); Saturday and Sunday are off unless worked."""

    off: AbstractSet[datetime.date] = field(default_factory=frozenset)
    worked: AbstractSet[datetime.date] = field(default_factory=frozenset)

    def is_working(self, day: datetime.date) -> bool:
        """Whether offices work on this day."""
        if day in self.worked:
            return True
        return day.weekday() < 5 and day not in self.off


@dataclass(frozen=True)
class ReportPeriod:
    """One period: `name` is "2026", "2026-H1", "2026-Q3" or "2026-07"; the window is half-open; due_on is shifted."""

    name: str
    starts_on: datetime.date
    ends_on: datetime.date
    due_on: datetime.date


def shift_months(year: int, month: int, by: int) -> tuple[int, int]:
    """The year and month that lie `by` months after."""
    at = year * 12 + month - 1 + by
    return at // 12, at % 12 + 1


def day_of(year: int, month: int, day: int) -> datetime.date:
    """That day of the month, or its last if it has no such day."""
    return datetime.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def year_earlier(window: Window) -> Window:
    """The same half-open window a year earlier, so that windows that meet still meet and no day is lost or doubled.

    A bound is the moment before its day; that of 29 February is the end of the 28th, so a year earlier 1 March.
    """
    first, end = (
        day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else datetime.date(day.year - 1, 3, 1)
        for day in window
    )
    return first, end


def whole_months(window: Window) -> tuple[Window | None, list[Window]]:
    """Cut a half-open window into its whole months, as one window, and the parts of months at its ends (at most two).

    Stored totals answer for the first, indexed rows for the others. An empty window has neither.
    """
    start, end = window
    first = start if start.day == 1 else (start.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    last = end.replace(day=1)
    if first >= last:
        return None, [window] if start < end else []
    return (first, last), [part for part in ((start, first), (last, end)) if part[0] < part[1]]


def period_name(kind: str, year: int, number: int) -> str:
    """The name of the `number`th (from 1) period of its kind in a year."""
    return {
        MONTH: f"{year}-{number:02}",
        QUARTER: f"{year}-Q{number}",
        HALF_YEAR: f"{year}-H{number}",
        YEAR: f"{year}",
    }[kind]


def period_number(name: str) -> tuple[int, int]:
    """The year and number (from 1) of a period's name; ValueError for a name that `period_name` does not give."""
    year, _mark, part = name.partition("-")
    return int(year), int(part.lstrip("HQ")) if part else 1


def window(rule: ReportCalendar, year: int, number: int) -> tuple[datetime.date, datetime.date]:
    """The half-open data window of the `number`th (from 1) period of a year."""
    length = MONTHS[rule.kind]
    first, behind = (number - 1) * length, number * length
    moved = -1 if rule.window_day > 1 else 0
    start = shift_months(year, 1, first + moved)
    end = shift_months(year, 1, behind + moved)
    return datetime.date(*start, rule.window_day), datetime.date(*end, rule.window_day)


def due_date(rule: ReportCalendar, year: int, number: int, days: WorkingDays) -> datetime.date:
    """The day the report of a period is due, moved off days that are no working days as the rule says."""
    if rule.due.days is not None:
        due = window(rule, year, number)[1] - ONE_DAY + datetime.timedelta(days=rule.due.days)
    else:
        last = shift_months(year, 1, number * MONTHS[rule.kind] - 1 + rule.due.months)
        due = day_of(*last, rule.due.day or 1)
    return shifted(due, rule.due.shift, days)


def shifted(day: datetime.date, shift: str, days: WorkingDays) -> datetime.date:
    """`day` itself if it is worked or is to be kept, else the nearest working day before or after it."""
    if shift == KEEP:
        return day
    step = -ONE_DAY if shift == BEFORE else ONE_DAY
    moved = day
    for _ in range(LONGEST_SHIFT):
        if days.is_working(moved):
            return moved
        moved += step
    return day


def periods_between(
    rule: ReportCalendar, first: datetime.date, last: datetime.date, days: WorkingDays
) -> Iterator[ReportPeriod]:
    """The periods whose window meets [first, last] (both days included), clipped to it, in order of time.

    A period keeps its name and due date when only part of it lies inside: a programme signed in July still reports
    its half-year in December.
    """
    if last < first:
        return
    count = 12 // MONTHS[rule.kind]
    for year in range(first.year, last.year + 2):
        for number in range(1, count + 1):
            starts_on, ends_on = window(rule, year, number)
            start, end = max(starts_on, first), min(ends_on, last + ONE_DAY)
            if start < end:
                yield ReportPeriod(period_name(rule.kind, year, number), start, end, due_date(rule, year, number, days))


def period_of(rule: ReportCalendar, day: datetime.date) -> tuple[int, int]:
    """Year and number of the period whose window holds `day`."""
    year, month = day.year, day.month
    if rule.window_day > 1 and day.day >= rule.window_day:
        year, month = shift_months(year, month, 1)
    return year, (month - 1) // MONTHS[rule.kind] + 1


def reminder_days(due_on: datetime.date, offsets: Iterable[int]) -> dict[int, datetime.date]:
    """Offset → day: 7 days before is -7, on the day 0, 15 days after 15."""
    return {offset: due_on + datetime.timedelta(days=offset) for offset in sorted(set(offsets))}
