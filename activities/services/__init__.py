"""What may be done in this room; everything else of the package is its own business."""

from activities.services.data import ActivityData, MeasurementData, Quantity
from activities.services.handover import hand_over, open_items
from activities.services.latest import latest_accepted
from activities.services.measurements import delete_measurement, save_measurement
from activities.services.review import accept, recall, return_item, revoke, submit, undo_decision
from activities.services.writing import delete_draft, mark_occurrence, save_activity

__all__ = [
    "ActivityData",
    "MeasurementData",
    "Quantity",
    "accept",
    "delete_draft",
    "delete_measurement",
    "hand_over",
    "latest_accepted",
    "mark_occurrence",
    "open_items",
    "recall",
    "return_item",
    "revoke",
    "save_activity",
    "save_measurement",
    "submit",
    "undo_decision",
]
