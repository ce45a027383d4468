"""Reporting periods and due dates against a slow reference model that walks day by day (trust.md F11)."""

from __future__ import annotations

import bisect
import datetime
import importlib
import itertools
import random

import pytest

from agreements.figures.periods import (
    AFTER,
    BEFORE,
    HALF_YEAR,
    KEEP,
    MONTH,
    MONTHS,
    QUARTER,
    YEAR,
    DueRule,
    ReportCalendar,
    Rule,
    WorkingDays,
    due_date,
    parse_rule,
    period_name,
    period_number,
    period_of,
    periods_between,
    reminder_days,
    rule_data,
    shifted,
    whole_months,
    window,
    year_earlier,
)

ONE_DAY = datetime.timedelta(days=1)
DATE = datetime.date
TET = {DATE(2026, 2, 17) + ONE_DAY * n for n in range(-1, 4)} | {DATE(2027, 2, 6) + ONE_DAY * n for n in range(-1, 5)}
HOLIDAYS = WorkingDays(off=frozenset(TET | {DATE(2026, 1, 1), DATE(2026, 4, 30), DATE(2026, 5, 1), DATE(2026, 9, 2)}),
                       worked=frozenset({DATE(2026, 2, 14)}))  # fmt: skip
TET_FIRST = [DATE(2026, 2, 17), DATE(2027, 2, 6), DATE(2028, 1, 26), DATE(2029, 2, 13), DATE(2030, 2, 2)]
EDGES = [
    DATE(2025, 12, 31), DATE(2026, 1, 1), DATE(2026, 3, 31), DATE(2026, 4, 1), DATE(2026, 6, 14), DATE(2026, 6, 15),
    DATE(2026, 11, 14), DATE(2026, 11, 15), DATE(2026, 12, 14), DATE(2026, 12, 15),
    DATE(2028, 2, 29), DATE(2026, 2, 17), DATE(2027, 2, 6), DATE(2028, 1, 26),
    DATE(2029, 2, 13), DATE(2030, 2, 2),
]  # fmt: skip


def slow_label(kind: str, window_day: int) -> dict[DATE, str]:
    """Day → period name, found by walking the days of 2019–2033 one after the other."""
    found: dict[DATE, str] = {}
    year, month, day = 2019, 1, DATE(2019, 1, 1)
    while day < DATE(2033, 2, 1):
        if window_day > 1 and day.day == window_day:
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        elif window_day == 1 and day.day == 1:
            year, month = day.year, day.month
        found[day] = {
            MONTH: f"{year}-{month:02d}",
            QUARTER: f"{year}-Q{1 if month < 4 else 2 if month < 7 else 3 if month < 10 else 4}",
            HALF_YEAR: f"{year}-H{1 if month < 7 else 2}",
            YEAR: f"{year}",
        }[kind]
        day += ONE_DAY
    return found


@pytest.mark.parametrize("kind", list(MONTHS))
@pytest.mark.parametrize("window_day", [1, 2, 15, 28])
def test_each_instant_lies_in_the_period_of_the_slow_model(kind: str, window_day: int) -> None:
    """16 × 700 instants: the local day in Vietnam decides, from 17:00 UTC on it is the next one."""
    rule = ReportCalendar(kind, DueRule(days=5), window_day)
    slow = slow_label(kind, window_day)
    chance = random.Random(f"{kind}{window_day}")
    start = datetime.datetime(2020, 2, 1, tzinfo=datetime.UTC)
    instants = [start + datetime.timedelta(seconds=chance.randrange(11 * 365 * 86400)) for _ in range(700)]
    days = [(instant + datetime.timedelta(hours=7)).date() for instant in instants] + EDGES
    for day in days:
        year, number = period_of(rule, day)
        assert period_name(kind, year, number) == slow[day], day
        first, behind = window(rule, year, number)
        assert first <= day < behind
        assert slow[first] == slow[behind - ONE_DAY] == slow[day] != slow[behind]


@pytest.mark.parametrize("kind", list(MONTHS))
def test_windows_cover_time_without_gap_or_overlap(kind: str) -> None:
    rule = ReportCalendar(kind, DueRule(days=1), 15)
    windows = [window(rule, year, n) for year in range(2020, 2032) for n in range(1, 12 // MONTHS[kind] + 1)]
    assert all(one[1] == two[0] for one, two in itertools.pairwise(windows))


def slow_shift(day: DATE, shift: str, days: WorkingDays) -> DATE:
    """The nearest working day, out of a list of all days around."""
    around = [day + ONE_DAY * n for n in range(-40, 41)]
    working = [d for d in around if d in days.worked or (d.isoweekday() <= 5 and d not in days.off)]
    return day if shift == KEEP else max(d for d in working if d <= day) if shift == BEFORE else min(
        d for d in working if d >= day
    )  # fmt: skip


def test_due_dates_move_to_the_working_day_of_the_slow_model() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        day = DATE(2025, 12, 1) + ONE_DAY * chance.randrange(800)
        for shift in (KEEP, BEFORE, AFTER):
            assert shifted(day, shift, HOLIDAYS) == slow_shift(day, shift, HOLIDAYS), (day, shift)


def test_a_due_date_in_tet_moves_before_the_break() -> None:
    rule = ReportCalendar(MONTH, DueRule(day=17, months=1))
    assert due_date(rule, 2026, 1, HOLIDAYS) == DATE(2026, 2, 14)  # a Saturday worked in exchange
    assert due_date(ReportCalendar(MONTH, DueRule(day=17, months=1, shift=AFTER)), 2026, 1, HOLIDAYS) == DATE(
        2026, 2, 23
    )
    assert due_date(ReportCalendar(MONTH, DueRule(day=17, months=1, shift=KEEP)), 2026, 1, HOLIDAYS) == DATE(
        2026, 2, 17
    )


def shipped_days() -> WorkingDays:
    """The calendar that an installation begins with, 2023 to 2030."""
    seed = importlib.import_module("core.migrations.0004_holidays")
    off, worked = ({DATE.fromisoformat(day) for day, _name in rows} for rows in (seed.OFF, seed.WORKED))
    return WorkingDays(off=frozenset(off), worked=frozenset(worked))


def test_shipped_holidays_are_those_of_the_labour_code() -> None:
    """Tết on the days trust.md F11 names; each year eleven days off that would be worked, twelve with 24 November."""
    days = shipped_days()
    for year in range(2023, 2031):
        free = [d for d in days.off if d.year == year and d.isoweekday() <= 5]
        worked = [d for d in days.worked if d.year == year]
        assert all(d.isoweekday() > 5 for d in worked)
        assert len(free) - len(worked) == (11 if year < 2026 else 12), year
    for first in TET_FIRST:
        assert {first - ONE_DAY, first, first + ONE_DAY, first + 2 * ONE_DAY} <= days.off


def test_due_dates_to_2030_move_to_the_working_day_of_the_slow_model() -> None:
    """10,000 instants over the shipped holidays, and every day around the edges that trust.md F11 names."""
    days = shipped_days()
    first = datetime.datetime(2023, 2, 1, tzinfo=datetime.UTC)
    chance = random.Random(11)
    instants = [first + datetime.timedelta(seconds=chance.randrange(2830 * 86400)) for _ in range(10_000)]
    drawn = [(instant + datetime.timedelta(hours=7)).date() for instant in instants]
    near = [edge + ONE_DAY * n for edge in EDGES for n in range(-10, 11)]
    near += [holiday + ONE_DAY * n for holiday in days.off | days.worked for n in (-1, 0, 1)]
    whole = [DATE(2022, 12, 1) + ONE_DAY * n for n in range(3000)]
    working = [d for d in whole if d in days.worked or (d.isoweekday() <= 5 and d not in days.off)]
    for day in drawn + [d for d in near if DATE(2023, 2, 1) <= d <= DATE(2030, 12, 1)]:
        assert shifted(day, BEFORE, days) == working[bisect.bisect_right(working, day) - 1], day
        assert shifted(day, AFTER, days) == working[bisect.bisect_left(working, day)], day
        assert shifted(day, KEEP, days) == day


@pytest.mark.parametrize(
    ("tet", "before", "after"),
    [
        (DATE(2026, 2, 17), DATE(2026, 2, 13), DATE(2026, 2, 23)),
        (DATE(2027, 2, 6), DATE(2027, 2, 3), DATE(2027, 2, 11)),
        (DATE(2028, 1, 26), DATE(2028, 1, 21), DATE(2028, 1, 31)),
        (DATE(2029, 2, 13), DATE(2029, 2, 9), DATE(2029, 2, 19)),
        (DATE(2030, 2, 2), DATE(2030, 1, 30), DATE(2030, 2, 7)),
    ],
)
def test_a_report_due_on_the_first_day_of_tet(tet: DATE, before: DATE, after: DATE) -> None:
    """Written down by hand from the calendar, not computed."""
    for shift, expected in ((BEFORE, before), (AFTER, after), (KEEP, tet)):
        rule = ReportCalendar(MONTH, DueRule(day=tet.day, shift=shift))
        assert due_date(rule, tet.year, tet.month, shipped_days()) == expected


def test_the_last_of_february_and_the_cut_off_of_15_november() -> None:
    month = ReportCalendar(MONTH, DueRule(day=31, shift=KEEP), 15)
    assert [due_date(month, year, 2, WorkingDays()) for year in (2027, 2028)] == [DATE(2027, 2, 28), DATE(2028, 2, 29)]
    assert window(month, 2028, 3) == (DATE(2028, 2, 15), DATE(2028, 3, 15))
    assert period_of(month, DATE(2028, 2, 29)) == (2028, 3)
    assert [period_of(month, DATE(2026, 11, day)) for day in (14, 15)] == [(2026, 11), (2026, 12)]
    days_after = ReportCalendar(MONTH, DueRule(days=0, shift=KEEP))
    assert due_date(days_after, 2028, 2, WorkingDays()) == DATE(2028, 2, 29)


@pytest.mark.parametrize(
    ("kind", "due", "number", "expected"),
    [
        (MONTH, DueRule(day=15), 6, DATE(2026, 6, 15)),
        (QUARTER, DueRule(day=6), 2, DATE(2026, 6, 6)),
        (HALF_YEAR, DueRule(day=6), 1, DATE(2026, 6, 6)),
        (YEAR, DueRule(day=25, months=-1), 1, DATE(2026, 11, 25)),
        (MONTH, DueRule(day=31, months=1), 1, DATE(2026, 2, 28)),
        (YEAR, DueRule(day=15, months=1), 1, DATE(2027, 1, 15)),
        (HALF_YEAR, DueRule(days=5), 2, DATE(2027, 1, 5)),
    ],
)
def test_fixed_days_and_days_after_the_window(kind: str, due: DueRule, number: int, expected: DATE) -> None:
    """The rules that offices really set (domain.md section 1)."""
    rule = ReportCalendar(kind, DueRule(days=due.days, day=due.day, months=due.months, shift=KEEP))
    assert due_date(rule, 2026, number, WorkingDays()) == expected


def test_a_period_that_begins_late_is_clipped_and_keeps_its_name() -> None:
    rule = ReportCalendar(HALF_YEAR, DueRule(days=5, shift=KEEP), 15)
    periods = list(periods_between(rule, DATE(2023, 7, 14), DATE(2024, 7, 31), WorkingDays()))
    assert [(p.name, p.starts_on, p.ends_on) for p in periods] == [
        ("2023-H2", DATE(2023, 7, 14), DATE(2023, 12, 15)),
        ("2024-H1", DATE(2023, 12, 15), DATE(2024, 6, 15)),
        ("2024-H2", DATE(2024, 6, 15), DATE(2024, 8, 1)),
    ]
    assert list(periods_between(rule, DATE(2024, 1, 2), DATE(2024, 1, 1), WorkingDays())) == []
    assert len(list(periods_between(rule, DATE(2023, 12, 20), DATE(2023, 12, 20), WorkingDays()))) == 1


def test_rules_that_make_no_sense_are_refused() -> None:
    for wrong in (
        {}, {"days": 1, "day": 1}, {"days": -1}, {"days": 181}, {"day": 0}, {"day": 32}, {"day": 1, "months": 4},
        {"day": 1, "shift": "sometimes"},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="day|shift"):
            DueRule(**wrong)
    with pytest.raises(ValueError, match="kind"):
        ReportCalendar("week", DueRule(days=1))
    with pytest.raises(ValueError, match="window_day"):
        ReportCalendar(MONTH, DueRule(days=1), 29)


def test_a_calendar_without_any_working_day_keeps_the_date() -> None:
    day = DATE(2026, 6, 1)
    off = WorkingDays(off=frozenset(day + ONE_DAY * n for n in range(-60, 60)))
    assert shifted(day, BEFORE, off) == shifted(day, AFTER, off) == day


def test_reminders_are_days_before_and_after() -> None:
    assert reminder_days(DATE(2026, 6, 15), [7, -7, 0, -7]) == {
        -7: DATE(2026, 6, 8), 0: DATE(2026, 6, 15), 7: DATE(2026, 6, 22)
    }  # fmt: skip


def test_a_rule_survives_storage() -> None:
    rule = Rule(
        (
            ReportCalendar(HALF_YEAR, DueRule(day=6), 15),
            ReportCalendar(YEAR, DueRule(days=10, shift=AFTER)),
        ),
        "named",
        frozenset({3, 1}),
        30,
        (-7, 0, 15),
    )
    assert parse_rule(rule_data(rule)) == rule
    assert parse_rule({}) == Rule()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"calendars": 5}, "not a reporting rule"),
        ({"calendars": [{"kind": "year"}]}, "not a reporting rule"),
        ({"calendars": [{"kind": "year", "due": {"sometime": 1}}]}, "not a reporting rule"),
        ({"calendars": [{"kind": "year", "due": {"days": 1}}] * 2}, "one of each kind"),
        ({"reporters": "everybody"}, "reporters"),
        ({"reporters": "named"}, "units"),
        ({"review_days": 999}, "review_days"),
        ({"reminders": [999]}, "reminders"),
        ({"units": ["x"]}, "invalid literal"),
    ],
)
def test_rules_that_cannot_be_understood_say_why(data: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        parse_rule(data)


def test_a_name_gives_back_year_and_number() -> None:
    for kind, count in (("month", 12), ("quarter", 4), ("half_year", 2), ("year", 1)):
        for number in range(1, count + 1):
            assert period_number(period_name(kind, 2026, number)) == (2026, number)
    with pytest.raises(ValueError):
        period_number("M12")


def every_day(start: DATE, end: DATE) -> set[DATE]:
    """Return the days of a half-open window."""
    return {start + ONE_DAY * n for n in range((end - start).days)}


def test_a_window_is_cut_into_whole_months_and_open_ends_without_losing_a_day() -> None:
    draw = random.Random(4)
    for _ in range(2000):
        start = DATE(2023, 1, 1) + ONE_DAY * draw.randrange(800)
        end = start + ONE_DAY * draw.randrange(0, 430)
        months, parts = whole_months((start, end))
        pieces = [*parts, *([months] if months else [])]
        assert sorted(day for piece in pieces for day in every_day(*piece)) == sorted(every_day(start, end))
        assert months is None or (months[0].day == months[1].day == 1 and months[0] < months[1])
        full = {(day.year, day.month) for day in every_day(start, end)} - {
            (day.year, day.month) for day in every_day(start - ONE_DAY * 31, end + ONE_DAY * 31) - every_day(start, end)
        }
        kept = {(day.year, day.month) for day in every_day(*months)} if months else set()
        assert kept == full and len(parts) <= 2


def test_a_year_earlier_meets_where_the_windows_meet() -> None:
    assert year_earlier((DATE(2024, 2, 15), DATE(2024, 2, 29))) == (DATE(2023, 2, 15), DATE(2023, 3, 1))
    assert year_earlier((DATE(2024, 2, 29), DATE(2024, 3, 1))) == (DATE(2023, 3, 1), DATE(2023, 3, 1))
    assert year_earlier((DATE(2025, 2, 1), DATE(2025, 3, 1))) == (DATE(2024, 2, 1), DATE(2024, 3, 1))  # 29 days
    assert year_earlier((DATE(2025, 12, 15), DATE(2026, 6, 15))) == (DATE(2024, 12, 15), DATE(2025, 6, 15))
    covered: list[DATE] = []
    for n in range(366):  # the single days of a leap year cover each day of the year before once
        day = DATE(2024, 1, 1) + ONE_DAY * n
        covered += sorted(every_day(*year_earlier((day, day + ONE_DAY))))
    assert covered == sorted(every_day(DATE(2023, 1, 1), DATE(2024, 1, 1)))
