"""What the page *Cách tính số liệu* puts into the formulas: the numbers of one programme or task on a day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from agreements import figures
from agreements.models import Programme, Target
from documents import vietnamese
from insights.method_rows import KIND_OF_STATE, KINDS

if TYPE_CHECKING:
    from agreements.services.results import IndicatorTotals
    from core.models import User
    from insights.on_date import ProgrammeOnDate, TaskOnDate

OFFERED = 8  # programmes to choose from
ONE_DAY = datetime.timedelta(days=1)
# How an indicator is counted; the page has a sentence for each.
AMOUNT, LEVEL, KEPT, NO_TARGET, NO_START, FALLING_AMOUNT = "amount", "level", "kept", "no_target", "no_start", "falling"


def page_url(day: datetime.date, *, programme: int | None = None, task: int | None = None) -> str:
    """Return the address of the page with the numbers of a programme or task."""
    query: dict[str, object] = {"nhiem-vu": task} if task else {"chuong-trinh": programme} if programme else {}
    return f"{reverse('insights:method_show')}?{urlencode(query | {'ngay': vietnamese.format_date(day)})}"


def rows_url(kind: str, day: datetime.date, **about: int | None) -> str:
    """Return the address of the rows behind a number (kind as in method_rows); about: programme, task or indicator."""
    keys = {"programme": "chuong-trinh", "task": "nhiem-vu", "indicator": "chi-so"}
    query = {keys[name]: pk for name, pk in about.items()} | {"so": kind, "ngay": vietnamese.format_date(day)}
    return f"{reverse('insights:method_rows')}?{urlencode(query)}"


class Gap(NamedTuple):
    """What was reached beside a mark: time gone ("points behind") or what should be reached ("points short").

    Both shares are as the subtraction takes them; points = the rounded mark less the rounded share, negative past it.
    """

    mark: Decimal
    reached: Decimal
    points: int

    @property
    def size(self) -> int:
        """The points without their sign, for a sentence that says which way."""
        return abs(self.points)


def gap(progress: Decimal | None, mark: Decimal | None) -> Gap | None:
    """Return what was reached beside a mark as pages print it (figures.points_behind); None without data."""
    points = figures.points_behind(progress, mark)
    if progress is None or mark is None or points is None:
        return None
    return Gap(mark, figures.cap(progress), points)


@dataclass(frozen=True)
class PeriodWork:
    """One period in what should have been reached: its target, what it adds to the one before, the share gone."""

    starts_on: datetime.date
    last_day: datetime.date
    target: Decimal
    part: Decimal
    gone: Decimal

    @property
    def due(self) -> Decimal:
        """What of the part should be there by now."""
        return self.part * self.gone


@dataclass(frozen=True)
class IndicatorWork:
    """An indicator with every number that its formulas take."""

    totals: IndicatorTotals
    rule: str
    start: Decimal
    periods: tuple[PeriodWork, ...]
    rows_url: str

    @property
    def is_counted(self) -> bool:
        """Whether it enters the mean of its task."""
        return self.rule in {AMOUNT, LEVEL, KEPT}

    @property
    def due(self) -> Decimal:
        """What should have been reached beyond the start."""
        return sum((period.due for period in self.periods), figures.ZERO)

    @property
    def short(self) -> Gap | None:
        """Result beside what should be there, as the section of targets names it."""
        return gap(self.totals.progress, self.totals.expected)

    @property
    def way(self) -> Decimal | None:
        """From the start to the target."""
        return None if self.totals.target is None else self.totals.target - self.start

    @property
    def come(self) -> Decimal | None:
        """From the start to what was reached."""
        return None if self.totals.actual is None else self.totals.actual - self.start


def indicator_works(row: TaskOnDate, day: datetime.date) -> list[IndicatorWork]:
    """Return the indicators of a task with the numbers of their formulas; one query."""
    items = row.totals.indicators
    targets: dict[int, list[Target]] = {}
    for target in Target.objects.filter(indicator__in=[item.indicator.pk for item in items]).order_by("ends_on"):
        targets.setdefault(target.indicator_id, []).append(target)
    return [_work(item, targets.get(item.indicator.pk, []), day) for item in items]


def _work(item: IndicatorTotals, targets: list[Target], day: datetime.date) -> IndicatorWork:
    indicator = item.indicator
    is_amount = figures.adds_up(indicator.kind, indicator.roll_up)
    start = figures.ZERO if is_amount or indicator.baseline is None else indicator.baseline
    if item.expected is not None:
        rule = AMOUNT if is_amount else KEPT if start == item.target else LEVEL
    elif not targets:
        rule = NO_TARGET
    else:
        rule = FALLING_AMOUNT if is_amount else NO_START
    periods, level = [], start
    for target in targets:
        part = target.value if is_amount else target.value - level
        gone = figures.elapsed_share(target.starts_on, target.ends_on, day)
        periods.append(PeriodWork(target.starts_on, target.ends_on - ONE_DAY, target.value, part, gone))
        level = target.value
    return IndicatorWork(item, rule, start, tuple(periods), rows_url("chi-so", day, indicator=indicator.pk))


def programme_numbers(found: ProgrammeOnDate) -> dict[str, Any]:
    """Return what the formulas of a programme take: the rows of its sum and the sums, the counts with their rows."""
    rows = [
        {"row": row, "url": page_url(found.day, task=row.task.pk), "adds": row.task.weight * row.capped,
         "should": row.task.weight * row.expected}
        for row in found.measured
    ]  # fmt: skip
    flags = {flag.cause: flag for flag in found.flags}
    return {
        "sum_rows": rows,
        "sum_weight": sum((row.task.weight for row in found.measured), figures.ZERO),
        "sum_adds": sum((one["adds"] for one in rows), figures.ZERO),
        "sum_should": sum((one["should"] for one in rows), figures.ZERO),
        "without_data": [row for row in found.live if not row.totals.figure.has_data],
        "four_way": four_way(found.deadlines, found.day, programme=found.programme.pk),
        "totals": totals(found, found.day, programme=found.programme.pk),
        "days": period_days(found),
        "behind": gap(found.totals.progress, found.elapsed),
        "short": gap(found.totals.progress, found.totals.expected),
        "risks": [{"cause": cause, "flag": flags.get(cause)} for cause in figures.CAUSES],
        "silent_days": silent_days(found),
    }


def task_numbers(row: TaskOnDate, day: datetime.date) -> dict[str, Any]:
    """Return what the formulas of a task take."""
    works = indicator_works(row, day)
    counted = [work for work in works if work.is_counted]
    is_begun = any(work.totals.actual is not None for work in counted)
    # As in figures.task_figure: once anything is accepted an amount without rows is 0, a level without one unknown.
    shares = [
        (work, work.totals.progress if work.totals.progress is not None else figures.ZERO)
        for work in counted
        if work.totals.progress is not None or (is_begun and work.rule == AMOUNT)
    ]
    counts = row.totals.deadlines
    steps = counts.done_on_time + counts.done_late + counts.within_deadline + counts.overdue
    return {
        "works": works,
        "shares": shares,
        "expected": [work for work, _share in shares] if is_begun else counted,
        "waiting": [work for work in counted if is_begun and work not in [one for one, _share in shares]],
        "steps": steps,
        "steps_done": counts.done_on_time + counts.done_late,
        "steps_due": steps - _not_due(row, day),
        "by_deadlines": not counted and steps > 0,
        "four_way": four_way(counts, day, task=row.task.pk),
        "totals": totals(row.totals, day, task=row.task.pk),
        "short": gap(row.totals.figure.progress, row.totals.figure.expected),
        "row": row,
    }


def _not_due(row: TaskOnDate, day: datetime.date) -> int:
    due = row.task.deadlines.exclude(state="cancelled")
    return due.filter(due_on__gte=day).count()


def four_way(counts: figures.DeadlineCounts, day: datetime.date, **about: int) -> dict[str, Any]:
    """Return the four counts as (key, number, address of the rows), the sums under the two rates, and the rates."""
    cells = [(key, getattr(counts, key), rows_url(kind, day, **about)) for kind, key in KIND_OF_STATE.items()]
    done = counts.done_on_time + counts.done_late
    return {"cells": cells, "counts": counts, "done": done, "owed": done + counts.overdue}


def totals(found: Any, day: datetime.date, **about: int) -> list[tuple[str, Any, str]]:
    """Return (key, number or None, address of the rows) of activities, beneficiaries and value."""
    return [(name, getattr(found, name), rows_url(kind, day, **about)) for kind, name in KINDS.items()]


def period_days(found: ProgrammeOnDate) -> tuple[int, int] | None:
    """Return the days gone and all days of the period; None without a period."""
    first, last = found.programme.starts_on, found.programme.ends_on
    if not first or not last:
        return None
    whole = (last - first).days + 1
    return min(max(0, (found.day - first).days + 1), whole), whole


def silent_days(found: ProgrammeOnDate) -> int | None:
    """Return the days since the last accepted activity, as the flag counts them."""
    facts = figures.RiskFacts(starts_on=found.programme.starts_on, last_activity_on=found.last_activity_on)
    return figures.days_silent(facts, found.day)


def offered(user: User, words: str) -> list[Programme]:
    """Return programmes to choose from: those that contain the words, else those furthest behind; at most eight."""
    seen = Programme.objects.visible_to(user).exclude(status=Programme.Status.DRAFT)
    rows = seen.search(words).order_by("sort_key", "pk") if words else seen.live().slowest_first()
    return list(rows.select_related("owner")[:OFFERED])
