"""Doing and reporting work: activities and their proof, duties and reports, directives, reminders."""

from activities.models.directives import Directive
from activities.models.doing import Activity, Contribution, Evidence, Measurement, Review, first_words
from activities.models.due import DueCell, DueMark, DueWork
from activities.models.reminders import Nudge, ReminderStep
from activities.models.reports import ProgressReport, Rating, ReportDuty, ReportVersion, TaskReport
from activities.models.reviewing import NotDuplicate, ReturnReason

__all__ = [
    "Activity",
    "Contribution",
    "Directive",
    "DueCell",
    "DueMark",
    "DueWork",
    "Evidence",
    "Measurement",
    "NotDuplicate",
    "Nudge",
    "ProgressReport",
    "Rating",
    "ReminderStep",
    "ReportDuty",
    "ReportVersion",
    "ReturnReason",
    "Review",
    "TaskReport",
    "first_words",
]
