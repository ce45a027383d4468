"""What the tests of duties stand on: a programme with a half-year rule, and short ways to look at its duties."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from activities.models import ReportDuty
from agreements.models import ReportingRule

if TYPE_CHECKING:
    from agreements.models import Programme

Day = datetime.date.fromisoformat
TODAY = Day("2026-11-23")
HALF_YEAR = {
    "calendars": [{"kind": "half_year", "window_day": 15, "due": {"day": 15, "months": 0, "shift": "before"}}],
    "reporters": "partners",
}
QUARTER = {"calendars": [{"kind": "quarter", "due": {"days": 5, "shift": "after"}}], "reporters": "partners"}


def set_rule(programme: Programme, rule: dict | None = None) -> ReportingRule:
    """Store a rule of the owner committee, half-yearly unless another is given."""
    row, _made = ReportingRule.objects.update_or_create(
        programme=programme, committee=programme.owner, defaults={"rule": HALF_YEAR if rule is None else rule}
    )
    return row


def seen(programme: Programme) -> set[tuple[str, str, datetime.date]]:
    """Return (unit, period, due date) of each duty."""
    rows = ReportDuty.objects.filter(programme=programme).select_related("unit")
    return {(row.unit.name, row.period, row.due_on) for row in rows}
