"""What each unit owes by when: planned from rules and milestones, written under a lock, changed by officers."""

from activities.services.duties.deciding import (
    move_duty,
    request_reports,
    restore_duty,
    waive_duty,
)
from activities.services.duties.generating import (
    generate_all,
    keep_in_step,
    moved_by_calendar,
    regenerate,
)
from activities.services.duties.planning import Plan, Wanted, plan_duties, saved_rules, working_days

__all__ = [
    "Plan",
    "Wanted",
    "generate_all",
    "keep_in_step",
    "move_duty",
    "moved_by_calendar",
    "plan_duties",
    "regenerate",
    "request_reports",
    "restore_duty",
    "saved_rules",
    "waive_duty",
    "working_days",
]
