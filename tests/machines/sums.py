"""What the stored totals must be, summed up anew from the accepted entries of a World (design.md section 3)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from decimal import Decimal
from typing import Any

from tests.machines.rules import STANDS_STILL, Duty, Entry, World

ZERO, ONE = Decimal(0), Decimal(1)
PERIOD = (datetime.date(2024, 1, 1), datetime.date(2028, 1, 1))  # of the programme, half-open
VISITS = "visits"  # a flow of task A, 100 a year
RATE = "rate"  # a level of task A that should fall from 12; entered by the committee from a paper
TARGETS = {VISITS: [Decimal(100)] * 4, RATE: [Decimal(10), Decimal(8), Decimal(6), Decimal(4)]}  # 2024 to 2027
BASELINE = Decimal(12)
COUNTS = ("persons", "households", "turns", "value")
Cell = tuple[str, str, str, str, bool, datetime.date]  # task, measure, indicator, unit, has a place, month


def year(number: int) -> datetime.date:
    return datetime.date(number, 1, 1)


def accepted(world: World) -> list[Entry]:
    return [entry for entry in world.entries if entry.review == "accepted"]


def tallies(world: World) -> dict[Cell, tuple[Any, ...]]:
    """Cell → (sum, count, max, latest, latest_on)."""
    found: dict[Cell, list[tuple[datetime.date, Decimal]]] = defaultdict(list)
    for entry in accepted(world):
        day = entry.day or datetime.date.min
        parts = [("indicator", name, value) for name, value in entry.values.items()]
        if not entry.is_paper:
            parts += [("activities", "", ONE), ("unproven", "", ONE)]  # nobody in a walk adds a photo or file
            parts += [(name, "", Decimal(number)) for name, number in entry.counts.items()]
        for measure, indicator, value in parts:
            key = (entry.task, measure, indicator, entry.unit, entry.place, day.replace(day=1))
            found[key].append((day, value))
    result = {}
    for key, rows in found.items():
        values = [value for _day, value in rows]
        last_day, last = max(rows)
        result[key] = (sum(values), len(values), max(values), last, last_day)
    return result


def share_gone(start: datetime.date, end: datetime.date, day: datetime.date) -> Decimal:
    days = (day - start).days + 1
    return min(ONE, max(ZERO, Decimal(days) / (end - start).days))


def _visits(world: World, day: datetime.date) -> tuple[Decimal | None, Decimal]:
    values = [entry.values[VISITS] for entry in accepted(world) if VISITS in entry.values]
    targets = world.targets[VISITS]
    gone = sum((share_gone(year(2024 + n), year(2025 + n), day) * target for n, target in enumerate(targets)), ZERO)
    return (sum(values, ZERO) / sum(targets) if values else None), gone / sum(targets)


def _rate(world: World, day: datetime.date) -> tuple[Decimal | None, Decimal]:
    values = [(entry.day, entry.values[RATE]) for entry in accepted(world) if RATE in entry.values]
    level, due = BASELINE, ZERO
    for number, target in enumerate(world.targets[RATE]):
        due += (target - level) * share_gone(year(2024 + number), year(2025 + number), day)
        level = target
    span = world.targets[RATE][-1] - BASELINE
    return ((max(values)[1] - BASELINE) / span if values else None), due / span


def progress_of(world: World, name: str, day: datetime.date) -> tuple[Decimal | None, Decimal | None, bool]:
    """Raw progress and expected share of a task, and whether anything measures it."""
    task = world.tasks[name]
    if name == "A":
        (visits, visits_due), (rate, rate_due) = _visits(world, day), _rate(world, day)
        if visits is None and rate is None:
            return None, (visits_due + rate_due) / 2, True
        if rate is None:
            return visits, visits_due, True
        return ((visits or ZERO) + rate) / 2, (visits_due + rate_due) / 2, True
    if task.deadline is not None and task.deadline.state != "cancelled":
        is_done = task.deadline.state == "done" and task.deadline.done_on <= day
        known = is_done or any(not entry.is_paper and entry.task == name for entry in accepted(world))
        return (Decimal(is_done) if known else None), Decimal(task.deadline.due_on < day), True
    share = declared(world, name)
    return share, share_gone(*PERIOD, day), share is not None


def declared(world: World, task: str) -> Decimal | None:
    """The share of the newest accepted report that declares one."""
    known = [
        (duty.ends_on, duty.report.cut_off, duty.report.share)
        for duty in world.duties.values()
        if duty.report and duty.report.review == "accepted" and task in duty.report.lines
        and duty.report.share is not None
    ]  # fmt: skip
    return max(known)[2] / 100 if known else None


def programme(world: World, day: datetime.date) -> dict[str, Any]:
    """The fields of ProgrammeFigure that the entries, deadlines and reports decide."""
    live = [name for name, task in world.tasks.items() if task.state not in STANDS_STILL]
    weights = reached = due = ZERO
    with_data, known = 0, False
    four = {"done_on_time": 0, "done_late": 0, "within_deadline": 0, "overdue": 0}
    for name in live:
        task = world.tasks[name]
        progress, expected, is_measured = progress_of(world, name, day)
        rows = [entry for entry in accepted(world) if entry.task == name]
        with_data += progress is not None or any(not row.is_paper or row.values for row in rows)
        if is_measured:
            weights += task.weight
            reached += task.weight * min(ONE, max(ZERO, progress or ZERO))
            due += task.weight * min(ONE, max(ZERO, expected or ZERO))
            known = known or progress is not None
        if (deadline := task.deadline) and deadline.state != "cancelled":
            if deadline.state == "done" and deadline.done_on and deadline.done_on <= day:
                four["done_on_time" if deadline.done_on <= deadline.due_on else "done_late"] += 1
            else:
                four["overdue" if deadline.due_on < day else "within_deadline"] += 1
    p = reached / weights if known and weights else None
    e = due / weights if weights else None
    held = [entry for entry in accepted(world) if not entry.is_paper]
    pace = p / e if p is not None and e is not None and e >= Decimal("0.05") else None
    standing = "no_data" if p is None or e is None else "too_early"
    if pace is not None:
        standing = "behind" if pace < Decimal("0.85") else "ahead" if pace > Decimal("1.15") else "on_track"
    return {
        "progress": p,
        "expected": e,
        "elapsed": share_gone(*PERIOD, day),
        "pace": pace,
        "standing": standing,
        "tasks_live": len(live),
        "tasks_with_data": with_data,
        "activities": len(held),
        "last_activity_on": max((entry.day for entry in held), default=None),
        **four,
    }


def line(world: World, duty: Duty, task: str) -> dict[str, Any]:
    """The figures of a task that a report on the duty freezes."""

    def within(entry: Entry, start: datetime.date, end: datetime.date) -> bool:
        return entry.unit == duty.unit and entry.task == task and entry.day is not None and start <= entry.day < end

    def ago(day: datetime.date) -> datetime.date:
        return day.replace(year=day.year - 1)

    window, before = (duty.starts_on, duty.ends_on), (ago(duty.starts_on), ago(duty.ends_on))
    last = duty.ends_on - datetime.timedelta(days=1)
    held = [one for one in accepted(world) if not one.is_paper]
    now = [one for one in held if within(one, *window)]
    found: dict[str, Any] = {
        "activities": len(now),
        "pending": sum(
            one.review == "submitted" and not one.is_paper and within(one, *window) for one in world.entries
        ),
        "same_activities": sum(within(one, *before) for one in held),
    }
    for name in COUNTS:
        numbers = [one.counts[name] for one in now if name in one.counts]
        found[name] = sum(numbers) if numbers else None
    for name in (VISITS, RATE) if task == "A" else ():
        for span, (start, end) in {"period": window, "same": before, "year": (year(last.year), window[1])}.items():
            known = [one for one in accepted(world) if name in one.values and within(one, start, end)]
            rows = [(one.day, one.values[name]) for one in known]
            found[f"{name}.{span}"] = _total(name, rows)
        found[f"{name}.target"] = world.targets[name][last.year - 2024]
    return found


def _total(name: str, rows: list[tuple[datetime.date | None, Decimal]]) -> Any:
    """The sum of a flow; of a level the values of its last day, any of which may be the last."""
    if not rows:
        return None
    if name == VISITS:
        return sum((value for _day, value in rows), ZERO)
    newest = max(day for day, _value in rows)
    return {value for day, value in rows if day == newest}
