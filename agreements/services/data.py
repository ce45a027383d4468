"""What a person or a reader says about a programme before it is written: plain values, for form and intake alike."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agreements.models import Goal, Indicator, LegalDocument, Party, Programme, Task

if TYPE_CHECKING:
    from agreements.models import ContentGroup, Intake
    from partners.models import FieldOfWork, Organisation


@dataclass
class PartyData:
    """A body that signs. name_as_signed: as written in the document; empty takes the name of today."""

    organisation: Organisation
    name_as_signed: str = ""
    role: str = Party.Role.PARTICIPANT
    signer: str = ""
    signer_title: str = ""
    number: str = ""
    responsibilities: str = ""
    spans: dict[str, Any] = field(default_factory=dict)


@dataclass
class GoalData:
    """A purpose or requirement; the order of the list is the order of the document."""

    text: str
    kind: str = Goal.Kind.PURPOSE
    span: dict[str, Any] | None = None
    pk: int | None = None  # the row it changes, where it was saved before


@dataclass
class BasisData:
    """A document the programme rests on: a row of the register, or what identifies one to be found or entered."""

    document: LegalDocument | None = None
    kind: str = ""
    number: str = ""
    issued_on: datetime.date | None = None
    issued_year: int | None = None  # where only the year is known
    issuer: str = ""
    subject: str = ""
    effect: str = LegalDocument.Effect.UNKNOWN
    effect_source: str = ""
    quoted: str = ""
    span: dict[str, Any] | None = None


@dataclass
class TargetData:
    """What should be reached in the half-open period [starts_on, ends_on)."""

    starts_on: datetime.date
    ends_on: datetime.date
    value: Decimal


@dataclass
class IndicatorData:
    """What is counted for a task, with its targets."""

    name: str
    unit: str
    code: str = ""
    kind: str = Indicator.Kind.FLOW
    direction: str = Indicator.Direction.UP
    roll_up: str = Indicator.RollUp.SUM
    counts: str = Indicator.Counts.NONE
    baseline: Decimal | None = None
    precision: int = 0
    source: str = ""
    is_entered_by_partner: bool = True
    targets: list[TargetData] = field(default_factory=list)
    pk: int | None = None  # the row it changes, where it was saved before


@dataclass
class TaskData:
    """A piece of work. due_on: the deadline of a one-off task; for a recurring one the last day it recurs (the
    programme's end where None). goal_position: 1 is the first goal of the programme."""

    title: str
    code: str = ""
    lead: Organisation | None = None
    supporting: list[Organisation] = field(default_factory=list)
    content_group: ContentGroup | None = None
    goal_position: int | None = None
    starts_on: datetime.date | None = None
    due_on: datetime.date | None = None
    recurrence: str = Task.Recurrence.ONCE
    weight: Decimal = Decimal(1)
    deliverable: str = ""
    source_clause: str = ""
    span: dict[str, Any] | None = None
    spans: dict[str, Any] = field(default_factory=dict)
    indicators: list[IndicatorData] = field(default_factory=list)


@dataclass
class ReviewData:
    """A review that the text fixes for a day. kind: Milestone.Kind; note: the words of the text."""

    kind: str
    due_on: datetime.date
    note: str = ""
    span: dict[str, Any] | None = None


@dataclass
class ProgrammeData:
    """A programme with everything in it. owner None: the committee of the actor. ends_on is the last day, included.

    status: how far to take it at once (draft, signed, in_force); the guards of each step hold.
    """

    title: str
    kind: str = Programme.Kind.PROGRAMME
    short_title: str = ""
    owner: Organisation | None = None
    parent: Programme | None = None
    predecessor: Programme | None = None
    field_of_work: FieldOfWork | None = None
    number: str | None = None
    signed_on: datetime.date | None = None
    place: str = ""
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    implements_name: str = ""
    implements_from: int | None = None
    implements_to: int | None = None
    period_note: str = ""
    funding: str = ""
    status: str = Programme.Status.DRAFT
    intake: Intake | None = None
    spans: dict[str, Any] = field(default_factory=dict)
    is_demo: bool = False
    parties: list[PartyData] = field(default_factory=list)
    goals: list[GoalData] = field(default_factory=list)
    bases: list[BasisData] = field(default_factory=list)
    tasks: list[TaskData] = field(default_factory=list)
    reviews: list[ReviewData] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)  # as in Programme.reports_asked
