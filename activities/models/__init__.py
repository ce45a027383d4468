"""Doing and reporting work: activities and their proof, duties and reports, directives, reminders."""

from activities.models.directives import Directive
from activities.models.doing import Activity, Contribution, Evidence, Measurement, Review
from activities.models.reminders import Nudge, ReminderStep
from activities.models.reports import ProgressReport, Rating, ReportDuty, ReportVersion, TaskReport

__all__ = [
    "Activity",
    "Contribution",
    "Directive",
    "Evidence",
    "Measurement",
    "Nudge",
    "ProgressReport",
    "Rating",
    "ReminderStep",
    "ReportDuty",
    "ReportVersion",
    "Review",
    "TaskReport",
]
