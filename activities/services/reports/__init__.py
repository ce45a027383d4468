"""Reports of units: written, sent, returned, accepted and then frozen, reopened with a reason (design.md section 2)."""

from activities.services.reports.figures import LineFigures, counted_in, line_figures, units_counted
from activities.services.reports.review import (
    accept_report,
    freezing_report,
    recall_report,
    reopen_report,
    return_report,
    undo_report,
)
from activities.services.reports.texts import Previous, is_measured, previous_of, suggested, texts_of
from activities.services.reports.versions import Difference, content_of, differences, drift, sendings
from activities.services.reports.writing import (
    LineData,
    Missing,
    ReportData,
    missing,
    open_report,
    save_report,
    submit_report,
    tasks_reported,
)

__all__ = [
    "Difference",
    "LineData",
    "LineFigures",
    "Missing",
    "Previous",
    "ReportData",
    "accept_report",
    "content_of",
    "counted_in",
    "differences",
    "drift",
    "freezing_report",
    "is_measured",
    "line_figures",
    "missing",
    "open_report",
    "previous_of",
    "recall_report",
    "reopen_report",
    "return_report",
    "save_report",
    "sendings",
    "submit_report",
    "suggested",
    "tasks_reported",
    "texts_of",
    "undo_report",
    "units_counted",
]
