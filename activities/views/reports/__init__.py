"""Pages of a report: read, written, decided on, its versions and photos. Addresses name the duty it answers."""

from activities.views.reports.reading import report_photos, report_show, report_versions
from activities.views.reports.reviewing import report_review, report_undo
from activities.views.reports.writing import report_edit, report_move

__all__ = [
    "report_edit",
    "report_move",
    "report_photos",
    "report_review",
    "report_show",
    "report_undo",
    "report_versions",
]
