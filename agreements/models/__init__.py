"""Everything signed: programmes, their tasks, legal bases, indicators, intakes and the stored totals."""

from agreements.models.intake import Intake
from agreements.models.legal import LegalAlias, LegalBasis, LegalDocument, LegalRelation
from agreements.models.programmes import (
    CodeCounter,
    Goal,
    Milestone,
    Party,
    Programme,
    ProgrammeDocument,
    ReportingRule,
)
from agreements.models.tasks import ContentGroup, Extension, Indicator, Target, Task, TaskDeadline
from agreements.models.totals import DailyFigure, ProgrammeFigure, Tally

__all__ = [
    "CodeCounter",
    "ContentGroup",
    "DailyFigure",
    "Extension",
    "Goal",
    "Indicator",
    "Intake",
    "LegalAlias",
    "LegalBasis",
    "LegalDocument",
    "LegalRelation",
    "Milestone",
    "Party",
    "Programme",
    "ProgrammeDocument",
    "ProgrammeFigure",
    "ReportingRule",
    "Tally",
    "Target",
    "Task",
    "TaskDeadline",
]
