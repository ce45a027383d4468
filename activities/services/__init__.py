"""What may be done in this room; everything else of the package is its own business."""

from activities.services import reports
from activities.services.data import ActivityData, MeasurementData, Quantity, Share
from activities.services.directives import (
    answer_directive,
    close_directive,
    issue_directive,
    send_back_directive,
    withdraw_directive,
)
from activities.services.duties import (
    generate_all,
    keep_in_step,
    move_duty,
    moved_by_calendar,
    plan_duties,
    regenerate,
    request_reports,
    restore_duty,
    waive_duty,
    working_days,
)
from activities.services.handover import hand_over, open_items
from activities.services.latest import latest_accepted
from activities.services.measurements import delete_measurement, save_measurement
from activities.services.plans import mark_occurrence, send_plan
from activities.services.review import accept, recall, return_item, revoke, submit, undo_decision
from activities.services.writing import add_evidence, delete_draft, save_activity

__all__ = [
    "ActivityData",
    "MeasurementData",
    "Quantity",
    "Share",
    "accept",
    "answer_directive",
    "close_directive",
    "add_evidence",
    "delete_draft",
    "delete_measurement",
    "generate_all",
    "hand_over",
    "issue_directive",
    "latest_accepted",
    "keep_in_step",
    "mark_occurrence",
    "move_duty",
    "moved_by_calendar",
    "open_items",
    "plan_duties",
    "recall",
    "regenerate",
    "request_reports",
    "restore_duty",
    "reports",
    "return_item",
    "revoke",
    "save_activity",
    "save_measurement",
    "send_back_directive",
    "send_plan",
    "submit",
    "undo_decision",
    "withdraw_directive",
    "waive_duty",
    "working_days",
]
