"""Definitions of every figure (design.md section 3), as pure functions: no database, no clock, no rounding.

Shares are Decimals in which 1 is 100 %. None means "no data" or "cannot be measured", never 0. A day counts as gone
at its end: on the first of ten days one tenth has elapsed. Periods are half-open, [starts_on, ends_on).
The page /cach-tinh/ explains the same rules in words; change both together.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

ZERO, ONE = Decimal(0), Decimal(1)

# Standing of a task or programme, from its pace s = progress ÷ expected.
BEHIND, ON_TRACK, AHEAD, NO_DATA, TOO_EARLY = "behind", "on_track", "ahead", "no_data", "too_early"
BEHIND_BELOW = Decimal("0.85")
AHEAD_ABOVE = Decimal("1.15")
MEASURABLE_FROM = Decimal("0.05")  # below this share of the target, pace says nothing
SILENT_DAYS = 90  # no accepted activity for so long is a risk
LATE_DAYS = 15  # a report late by so much is a risk; a deadline is one from its first day over
NEAR_END_DAYS, NEAR_END_SHARE = 90, Decimal("0.8")
ENOUGH_COVERAGE = Decimal("0.5")

FLOW, STOCK, RATIO, MILESTONE = "flow", "stock", "ratio", "milestone"
ADDED_UP = frozenset({FLOW, MILESTONE})
SUM = "sum"  # the roll-up of amounts; with any other one an amount is judged like a level
EXACT = Decimal("1E-20")  # what one third leaves over in 28 digits must not decide on which side of 0.85 a pace is


@dataclass(frozen=True)
class Period:
    """What should be reached in [starts_on, ends_on): an amount for flows, a level for stocks and ratios."""

    starts_on: datetime.date
    ends_on: datetime.date
    value: Decimal


@dataclass(frozen=True)
class Quantity:
    """An indicator with its targets and what was accepted.

    kind: flow or milestone (amounts, added up), stock or ratio (levels, the last one holds).
    direction: "up" or "down". baseline: level at the start; a missing one is 0 for rising levels.
    periods: targets by start; none = shown, never counted. actual: accepted total or last level, None = no data.
    roll_up: sum, latest, average, max; amounts that are not summed are compared like levels, with the last target.
    """

    kind: str
    direction: str
    baseline: Decimal | None
    periods: tuple[Period, ...]
    actual: Decimal | None
    roll_up: str = SUM

    @property
    def adds_up(self) -> bool:
        """Whether values of all periods are added and compared with the sum of the targets."""
        return adds_up(self.kind, self.roll_up)


class Deadline(Protocol):
    """The three fields of a deadline that figures look at; agreements.models.TaskDeadline has them."""

    due_on: datetime.date
    done_on: datetime.date | None
    state: str


@dataclass(frozen=True)
class Step:
    """A deadline as plain data, for callers without a row."""

    due_on: datetime.date
    done_on: datetime.date | None = None
    state: str = "open"


@dataclass(frozen=True)
class Work:
    """A task: its weight in the programme, its indicators, deadlines and period (last day included).

    has_activity: at least one activity was accepted. declared: share the lead unit declared with a reason, used only
    where neither an indicator nor a deadline measures the task, and marked.
    """

    weight: Decimal
    quantities: tuple[Quantity, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    has_activity: bool = False
    declared: Decimal | None = None


@dataclass(frozen=True)
class TaskFigure:
    """Progress p (raw, may pass 1 or fall below 0), expected share e, pace s and standing of a task."""

    progress: Decimal | None
    expected: Decimal | None
    pace: Decimal | None
    standing: str
    has_data: bool
    is_measured: bool  # something (targets, deadlines, a declaration) says what 100 % is
    is_declared: bool = False


@dataclass(frozen=True)
class DeadlineCounts:
    """The national four-way form. Both rates are always shown together; None where nothing was due."""

    done_on_time: int = 0
    done_late: int = 0
    within_deadline: int = 0
    overdue: int = 0

    @property
    def completion_rate(self) -> Decimal | None:
        """Done ÷ (done + overdue)."""
        done = self.done_on_time + self.done_late
        return _share(Decimal(done), Decimal(done + self.overdue))

    @property
    def on_time_rate(self) -> Decimal | None:
        """Done on time ÷ (done on time + done late + overdue)."""
        return _share(Decimal(self.done_on_time), Decimal(self.done_on_time + self.done_late + self.overdue))


@dataclass(frozen=True)
class ProgrammeTotals:
    """P, E, pace and standing of a programme with the coverage that must be printed beside P."""

    progress: Decimal | None
    expected: Decimal | None
    pace: Decimal | None
    standing: str
    tasks_live: int
    tasks_with_data: int

    @property
    def coverage(self) -> Decimal | None:
        """Tasks with accepted data ÷ live tasks; None without live tasks."""
        return _share(Decimal(self.tasks_with_data), Decimal(self.tasks_live))


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None


def adds_up(kind: str, roll_up: str) -> bool:
    """Return whether an indicator is an amount that is summed (flow = accepted total ÷ sum of the period targets)."""
    return kind in ADDED_UP and roll_up == SUM


def settled(share: Decimal) -> Decimal:
    """Return the share without the last digits that division left, as it is compared with the borders."""
    return share.quantize(EXACT, rounding=ROUND_HALF_UP) if abs(share) < 1000 else share


def cap(share: Decimal) -> Decimal:
    """Return the share limited to 0–1, as it enters the programme sum and is drawn; the raw value stays stored."""
    return min(ONE, max(ZERO, share))


def elapsed_share(starts_on: datetime.date, ends_on: datetime.date, day: datetime.date) -> Decimal:
    """Return the share of the days of [starts_on, ends_on) gone by the end of `day`, 0 to 1."""
    total = (ends_on - starts_on).days
    if total <= 0:
        return ONE if day >= starts_on else ZERO
    return cap(Decimal((day - starts_on).days + 1) / total)


def target_of(quantity: Quantity) -> Decimal | None:
    """Return what 100 % is: the sum of the period targets of amounts, the last target of levels; None without any."""
    if not quantity.periods:
        return None
    if quantity.adds_up:
        return sum((period.value for period in quantity.periods), ZERO)
    return max(quantity.periods, key=lambda period: period.ends_on).value


def period_target(quantity: Quantity, day: datetime.date) -> Decimal | None:
    """Return the target of the period running on the day; None outside all periods."""
    for period in quantity.periods:
        if period.starts_on <= day < period.ends_on:
            return period.value
    return None


def _start_level(quantity: Quantity) -> Decimal | None:
    """Where progress is counted from; None where it cannot be known (a falling level without baseline)."""
    if quantity.adds_up:
        return ZERO
    if quantity.baseline is None:
        return None if quantity.direction == "down" else ZERO
    return quantity.baseline


def is_measurable(quantity: Quantity) -> bool:
    """Whether a share can be computed: targets that say what 100 % is, and a level to start from.

    Amounts with a target of 0 or below, and amounts that should fall, have no share: they are shown, never counted.
    """
    target = target_of(quantity)
    if target is None or _start_level(quantity) is None:
        return False
    return not quantity.adds_up or (target > 0 and quantity.direction == "up")


def quantity_progress(quantity: Quantity) -> Decimal | None:
    """Return (actual − baseline) ÷ (target − baseline), raw, right for rising and falling targets; None = no data.

    With baseline equal to target the level is to be kept: 1 while it is, 0 when it is not.
    """
    if not is_measurable(quantity) or quantity.actual is None:
        return None
    start, target = _start_level(quantity) or ZERO, target_of(quantity) or ZERO
    if start == target:
        kept = quantity.actual <= target if quantity.direction == "down" else quantity.actual >= target
        return ONE if kept else ZERO
    return (quantity.actual - start) / (target - start)


def quantity_expected(quantity: Quantity, day: datetime.date) -> Decimal | None:
    """Return the share of the target whose period has ended plus the elapsed share of the running one, 0 to 1.

    For levels the shares are the steps from one period's target to the next; a level to be kept is expected at once.
    """
    if not is_measurable(quantity):
        return None
    start, target = _start_level(quantity) or ZERO, target_of(quantity) or ZERO
    periods = sorted(quantity.periods, key=lambda period: period.ends_on)
    if start == target:
        return ONE if day >= periods[0].starts_on else ZERO
    due, level = ZERO, start
    for period in periods:
        part = period.value if quantity.adds_up else period.value - level
        due += part * elapsed_share(period.starts_on, period.ends_on, day)
        level = period.value
    return cap(due / (target - start))


def pace(progress: Decimal | None, expected: Decimal | None) -> Decimal | None:
    """Return s = p ÷ e; None while nothing is accepted or e < 0.05."""
    if progress is None or expected is None or settled(expected) < MEASURABLE_FROM:
        return None
    return progress / expected


def standing(progress: Decimal | None, expected: Decimal | None) -> str:
    """Return behind (s < 0.85), on_track (to 1.15), ahead, too_early (e < 0.05) or no_data."""
    if progress is None or expected is None:
        return NO_DATA
    s = pace(progress, expected)
    if s is None:
        return TOO_EARLY
    if settled(s) < BEHIND_BELOW:
        return BEHIND
    return AHEAD if settled(s) > AHEAD_ABOVE else ON_TRACK


def points_behind(progress: Decimal | None, elapsed: Decimal | None) -> int | None:
    """Return the gap between time gone and progress in whole points, as the rounded numbers beside it differ.

    Negative when ahead of the clock; None without data. 97 % of time and 61 % reached are 36 points.
    """
    if progress is None or elapsed is None:
        return None
    return _points(elapsed) - _points(cap(progress))


def _points(share: Decimal) -> int:
    return int((share * 100).quantize(ONE, rounding=ROUND_HALF_UP))


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, ZERO) / len(values)


def _by_quantities(work: Work, day: datetime.date) -> tuple[Decimal | None, Decimal | None]:
    """Plain means over the indicators with targets.

    Once anything is accepted, an amount without rows is a true 0 of its target; a level without a reading has none and
    is left out of both means.
    """
    measured = [quantity for quantity in work.quantities if is_measurable(quantity)]
    expected = [quantity_expected(quantity, day) or ZERO for quantity in measured]
    if all(quantity.actual is None for quantity in measured):
        return None, _mean(expected)
    progress: list[Decimal] = []
    counted: list[Decimal] = []
    for quantity, e in zip(measured, expected, strict=True):
        p = quantity_progress(quantity)
        if p is None and quantity.adds_up:
            p = ZERO
        if p is not None:
            progress.append(p)
            counted.append(e)
    return _mean(progress), _mean(counted)


def _by_deadlines(work: Work, day: datetime.date) -> tuple[Decimal | None, Decimal | None]:
    """Steps done ÷ steps; a step is expected once its day has passed, not before."""
    steps = [deadline for deadline in work.deadlines if deadline.state != "cancelled"]
    done = sum(_done_by(step, day) for step in steps)
    expected = Decimal(sum(step.due_on < day for step in steps)) / len(steps)
    return (Decimal(done) / len(steps) if done or work.has_activity else None), expected


def _done_by(step: Deadline, day: datetime.date) -> bool:
    return step.state == "done" and step.done_on is not None and step.done_on <= day


def task_figure(work: Work, day: datetime.date) -> TaskFigure:
    """Return the figure of a task on a day: by its targets, else its deadlines, else its declared share."""
    declared = False
    progress: Decimal | None = None
    expected: Decimal | None = None
    measured = True
    if any(is_measurable(quantity) for quantity in work.quantities):
        progress, expected = _by_quantities(work, day)
    elif any(deadline.state != "cancelled" for deadline in work.deadlines):
        progress, expected = _by_deadlines(work, day)
    elif work.declared is not None:
        progress, declared = work.declared, True
    else:
        measured = False
    if expected is None and work.starts_on and work.ends_on:
        expected = elapsed_share(work.starts_on, work.ends_on + datetime.timedelta(days=1), day)
    read = any(quantity.actual is not None for quantity in work.quantities)
    return TaskFigure(
        progress=progress,
        expected=expected,
        pace=pace(progress, expected),
        standing=standing(progress, expected),
        has_data=read or work.has_activity or progress is not None,
        is_measured=measured,
        is_declared=declared,
    )


def deadline_counts(deadlines: Iterable[Deadline], day: datetime.date) -> DeadlineCounts:
    """Return the four-way counts on a day; due that day is not overdue, cancelled ones are left out.

    A deadline confirmed with a later date than `day` was still open then.
    """
    on_time = late = within = overdue = 0
    for deadline in deadlines:
        if deadline.state == "cancelled":
            continue
        if _done_by(deadline, day):
            in_time = deadline.done_on is not None and deadline.done_on <= deadline.due_on
            on_time, late = on_time + in_time, late + (not in_time)
        elif deadline.due_on < day:
            overdue += 1
        else:
            within += 1
    return DeadlineCounts(on_time, late, within, overdue)


def programme_totals(tasks: Iterable[tuple[Decimal, TaskFigure]]) -> ProgrammeTotals:
    """Return P = Σ(weight × capped p) ÷ Σ weight over the live tasks given as (weight, figure), E weighted alike.

    A live task without data adds nothing to P but keeps its weight, which is why coverage stands beside it; a task
    that nothing measures is in neither sum. Paused, carried over and cancelled tasks are left out by the caller.
    """
    weights = reached = due = ZERO
    live = with_data = 0
    known = False
    for weight, figure in tasks:
        live += 1
        with_data += figure.has_data
        if not figure.is_measured:
            continue
        weights += weight
        known = known or figure.progress is not None
        reached += weight * cap(figure.progress or ZERO)
        due += weight * cap(figure.expected or ZERO)
    progress = _share(reached, weights) if known else None
    expected = _share(due, weights)
    return ProgrammeTotals(
        progress=progress,
        expected=expected,
        pace=pace(progress, expected),
        standing=standing(progress, expected),
        tasks_live=live,
        tasks_with_data=with_data,
    )
