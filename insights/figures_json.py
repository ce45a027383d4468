"""The figures of a programme on a day as plain data, for machines; described in docs/figures-json.md, change both."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agreements import figures
    from agreements.services.results import IndicatorTotals
    from insights.on_date import ProgrammeOnDate, TaskOnDate
    from insights.risk import Flag

SHAPE = 1  # raised when a key changes its meaning or goes; new keys do not raise it
PLACES = Decimal("0.000001")


def number(value: Decimal | None) -> int | float | None:
    """Return an amount: whole ones exactly as int, others as float; None = no data."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def share(value: Decimal | None) -> float | None:
    """Return a share (1 = 100 %) rounded half up to six decimals; None = no data."""
    return None if value is None else float(value.quantize(PLACES, rounding=ROUND_HALF_UP))


def payload(found: ProgrammeOnDate) -> dict[str, Any]:
    """Return every figure of the programme on the day (docs/figures-json.md)."""
    programme, totals = found.programme, found.totals
    return {
        "shape": SHAPE,
        "on": found.day.isoformat(),
        "programme": {
            "id": programme.pk,
            "code": programme.code,
            "committee": programme.owner.name,
            "name": programme.name,
            "status": programme.status,
            "starts_on": _day(programme.starts_on),
            "ends_on": _day(programme.ends_on),
        },
        "progress": share(totals.progress),
        "expected": share(totals.expected),
        "pace": share(totals.pace),
        "standing": totals.standing,
        "elapsed": share(found.elapsed),
        "points_behind": found.points_behind,
        "coverage": {
            "tasks_with_data": totals.tasks_with_data,
            "tasks_live": totals.tasks_live,
            "share": share(totals.coverage),
        },
        "deadlines": _deadlines(found.deadlines),
        "activities": found.activities,
        "last_activity_on": _day(found.last_activity_on),
        "households": number(found.households),
        "persons": number(found.persons),
        "turns": number(found.turns),
        "value": number(found.value),
        "at_risk": [_flag(flag) for flag in found.flags],
        "tasks": [_task(row) for row in found.live],
        "left_out": [
            {"id": row.task.pk, "code": row.task.code, "title": row.task.title, "state": row.task.state,
             "reason": row.task.state_reason}
            for row in found.left_out
        ],
    }  # fmt: skip


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None


def _deadlines(counts: figures.DeadlineCounts) -> dict[str, Any]:
    return {
        "done_on_time": counts.done_on_time,
        "done_late": counts.done_late,
        "within_deadline": counts.within_deadline,
        "overdue": counts.overdue,
        "completion_rate": share(counts.completion_rate),
        "on_time_rate": share(counts.on_time_rate),
    }


def _flag(flag: Flag) -> dict[str, Any]:
    rows = [{"title": row.title, "unit": row.unit, "since": _day(row.since), "note": row.note} for row in flag.rows]
    return {"cause": flag.cause, "days": flag.days, "rows": rows}


def _task(row: TaskOnDate) -> dict[str, Any]:
    figure, totals = row.totals.figure, row.totals
    return {
        "id": row.task.pk,
        "code": row.task.code,
        "title": row.task.title,
        "lead": str(row.task.lead) if row.task.lead else None,
        "weight": number(row.task.weight),
        "progress": share(figure.progress),
        "expected": share(figure.expected),
        "pace": share(figure.pace),
        "standing": figure.standing,
        "has_data": figure.has_data,
        "is_measured": figure.is_measured,
        "is_declared": figure.is_declared,
        "indicators": [_indicator(item) for item in totals.indicators],
        "deadlines": _deadlines(totals.deadlines),
        "activities": totals.activities,
        "last_activity_on": _day(totals.last_activity_on),
        "households": number(totals.households),
        "persons": number(totals.persons),
        "turns": number(totals.turns),
        "value": number(totals.value),
    }


def _indicator(item: IndicatorTotals) -> dict[str, Any]:
    indicator = item.indicator
    return {
        "id": indicator.pk,
        "name": indicator.name,
        "unit": indicator.unit,
        "kind": indicator.kind,
        "direction": indicator.direction,
        "roll_up": indicator.roll_up,
        "baseline": number(indicator.baseline),
        "target": number(item.target),
        "actual": number(item.actual),
        "progress": share(item.progress),
        "expected": share(item.expected),
        "standing": item.standing,
    }
