"""When a programme is at risk, each flag with its cause (design.md section 3); pure: no database, no clock."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from agreements.figures.progress import (
    BEHIND,
    ENOUGH_COVERAGE,
    LATE_DAYS,
    NEAR_END_DAYS,
    NEAR_END_SHARE,
    SILENT_DAYS,
    settled,
)

SLOW = "slow"  # s < 0.85, known of at least half of the tasks
OVERDUE = "overdue"  # a deadline past its day
LATE_REPORT = "late_report"  # a report 15 days late
SILENT = "silent"  # nothing accepted for 90 days
NEAR_END = "near_end"  # at most 90 days left and below 80 %
WEAK_BASIS = "weak_basis"  # a legal basis expired or was replaced
NO_SUCCESSOR = "no_successor"  # a party was dissolved and nobody took over
UNREVIEWED = "unreviewed"  # the period ended without final review
CAUSES = (SLOW, OVERDUE, LATE_REPORT, SILENT, NEAR_END, WEAK_BASIS, NO_SUCCESSOR, UNREVIEWED)


@dataclass(frozen=True)
class RiskFacts:
    """What the flags of one programme look at, all as of one day.

    starts_on, ends_on: its period, last day included. overdue_since: due dates of deadlines neither done nor cancelled;
    reports_owed_since: due dates of reports neither waived nor sent. weak_bases, parties_gone: how many. reviewed_on:
    the day of the final review, None = not yet held.
    """

    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    progress: Decimal | None = None
    standing: str = ""
    coverage: Decimal | None = None
    last_activity_on: datetime.date | None = None
    overdue_since: tuple[datetime.date, ...] = ()
    reports_owed_since: tuple[datetime.date, ...] = ()
    weak_bases: int = 0
    parties_gone: int = 0
    reviewed_on: datetime.date | None = None


@dataclass(frozen=True)
class Risk:
    """One flag: its cause (of CAUSES) and how many days it is about (over, silent, left); None where days say nothing.

    For overdue work and late reports these are the days of the oldest row.
    """

    cause: str
    days: int | None = None


def days_silent(facts: RiskFacts, day: datetime.date) -> int | None:
    """Return the days since the last accepted activity, or since the start where there was none; None before it."""
    since = facts.last_activity_on or facts.starts_on
    if since is None or facts.starts_on is None or day < facts.starts_on:
        return None
    return max(0, (day - since).days)


def is_late_report(due_on: datetime.date, day: datetime.date) -> bool:
    """Return whether a report still owed on the day is so late that it is a risk."""
    return (day - due_on).days >= LATE_DAYS


def risks(facts: RiskFacts, day: datetime.date) -> tuple[Risk, ...]:
    """Return the flags of a programme that is being carried out or waits for its final review, in the order of CAUSES.

    Silence and the nearing end are asked only while the period runs, its end day included; without data the nearing
    end says nothing, because unknown is not below 80 %.
    """
    found: list[Risk] = []
    if facts.standing == BEHIND and facts.coverage is not None and facts.coverage >= ENOUGH_COVERAGE:
        found.append(Risk(SLOW))
    over = [(day - due_on).days for due_on in facts.overdue_since if due_on < day]
    if over:
        found.append(Risk(OVERDUE, max(over)))
    late = [(day - due_on).days for due_on in facts.reports_owed_since if is_late_report(due_on, day)]
    if late:
        found.append(Risk(LATE_REPORT, max(late)))
    left = None if facts.ends_on is None else (facts.ends_on - day).days
    silent = days_silent(facts, day)
    if silent is not None and silent >= SILENT_DAYS and (left is None or left >= 0):
        found.append(Risk(SILENT, silent))
    if left is not None and 0 <= left <= NEAR_END_DAYS and _is_short(facts.progress):
        found.append(Risk(NEAR_END, left))
    if facts.weak_bases:
        found.append(Risk(WEAK_BASIS))
    if facts.parties_gone:
        found.append(Risk(NO_SUCCESSOR))
    if left is not None and left < 0 and (facts.reviewed_on is None or facts.reviewed_on > day):
        found.append(Risk(UNREVIEWED, -left))
    return tuple(found)


def _is_short(progress: Decimal | None) -> bool:
    return progress is not None and settled(progress) < NEAR_END_SHARE
