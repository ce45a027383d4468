"""A draft as typed → what would be written, and what still stands in the way.

Only what a programme cannot exist without stops a confirmation: a title, two parties that are known bodies, and values
that can be understood. Everything else may stay open and be added later.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Goal, LegalDocument, Party, Programme
from agreements.services.data import BasisData, GoalData, PartyData, ProgrammeData, TaskData
from agreements.services.intake import drafts, matching
from agreements.services.intake.drafts import Draft, value
from documents import vietnamese
from partners.models import FieldOfWork, Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMITS = {
    "title": 500, "short_title": 120, "number": 80, "place": 120, "implements_name": 255,
    "party.name": 255, "party.signer": 120, "party.signer_title": 160,
    "basis.kind": 80, "basis.number": 80, "basis.issuer": 255, "basis.subject": 5000, "basis.quoted": 5000,
    "goal.text": 5000, "task.title": 500,
}  # fmt: skip
FRONT_WORDS = ("mat tran to quoc", "mttq")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stops the confirmation: the key of the field ("" for the whole) and what to do, translated."""

    key: str
    message: str


@dataclass
class Checked:
    """The outcome for one draft. `data` is complete only where `problems` is empty; new bodies in it have no pk yet."""

    data: ProgrammeData
    problems: list[Problem] = field(default_factory=list)

    @property
    def new_bodies(self) -> list[Organisation]:
        """Bodies that the confirmation would add to the register."""
        return [party.organisation for party in self.data.parties if party.organisation.pk is None]

    def error(self, key: str) -> str:
        """The message for a field, "" if it is all right."""
        return next((problem.message for problem in self.problems if problem.key == key), "")


class _Reader:
    """Collects understood values and problems of one draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.problems: list[Problem] = []

    def fail(self, key: str, message: str) -> None:
        self.problems.append(Problem(key, message))

    def text(self, key: str, limit_key: str = "") -> str:
        typed = value(self.draft, key)
        if vietnamese.is_blank_looking(typed):
            return ""
        limit = LIMITS[limit_key or key]
        if len(typed) > limit:
            message = ngettext(
                "At most %(limit)s characters. It has %(count)s now.",
                "At most %(limit)s characters. It has %(count)s now.",
                len(typed),
            )
            self.fail(
                key, message % {"limit": vietnamese.format_number(limit), "count": vietnamese.format_number(len(typed))}
            )
        return typed

    def day(self, key: str, *, last: bool = False) -> datetime.date | None:
        typed = value(self.draft, key)
        if not typed:
            return None
        if re.fullmatch(r"(19|20|21)\d\d", typed, re.ASCII):
            return datetime.date(int(typed), 12, 31) if last else datetime.date(int(typed), 1, 1)
        try:
            return vietnamese.parse_date(typed)
        except vietnamese.UnreadableText:
            self.fail(key, _("Enter the date as day/month/year, for example 05/03/2026"))
            return None

    def year(self, key: str) -> int | None:
        typed = value(self.draft, key)
        if not typed:
            return None
        if not re.fullmatch(r"(19|20|21)\d\d", typed, re.ASCII):
            self.fail(key, _("Enter a year in four digits, for example 2025"))
            return None
        return int(typed)

    def choice(self, key: str, allowed: list[str], default: str) -> str:
        typed = value(self.draft, key)
        return typed if typed in allowed else default

    def span(self, key: str) -> dict[str, int] | None:
        return span_of(self.draft["fields"].get(key, {}))


def span_of(made: dict[str, Any]) -> dict[str, int] | None:
    """The place of a field in the source as it is stored with the programme; None where it has none."""
    span = made.get("span")
    return None if not span else dict(zip(("page", "block", "start", "end"), span, strict=True))


def check_draft(draft: Draft) -> Checked:
    """Understand a draft: values that cannot be understood become problems, never exceptions. Writes nothing."""
    reader = _Reader(draft)
    data = ProgrammeData(
        title=reader.text("title"),
        kind=reader.choice("kind", list(Programme.Kind.values), Programme.Kind.PROGRAMME),
        short_title=reader.text("short_title"),
        number=reader.text("number") or None,
        place=reader.text("place"),
        signed_on=reader.day("signed_on"),
        starts_on=reader.day("starts_on"),
        ends_on=reader.day("ends_on", last=True),
        implements_name=reader.text("implements_name"),
        implements_from=reader.year("implements_from"),
        implements_to=reader.year("implements_to"),
        field_of_work=_field_of_work(value(draft, "field_of_work")),
    )
    if draft["fields"].get("starts_on", {}).get("rule") == "inferred" and data.starts_on:
        data.period_note = _("Taken from the implemented programme by the officer")
    _check_order(reader, data)
    if not data.title:
        reader.fail("title", _("Enter the title of the programme"))
    rows = drafts.kept_rows(draft, "party")
    data.parties = _parties(reader, rows)
    data.goals = _goals(reader)
    data.bases = _bases(reader)
    data.tasks = _tasks(reader, dict(zip(rows, data.parties, strict=True)) if len(rows) == len(data.parties) else {})
    data.status = Programme.Status.SIGNED if data.signed_on else Programme.Status.DRAFT
    data.spans = {key: span for key in drafts.SCALARS if (span := reader.span(key)) and value(draft, key)}
    for position, row in enumerate(rows, start=1):
        if span := reader.span(f"party-{row}-name"):
            data.spans[f"party_{position}"] = span
    return Checked(data, reader.problems)


def _field_of_work(typed: str) -> FieldOfWork | None:
    return (
        FieldOfWork.objects.filter(pk=int(typed)).first()
        if typed.isascii() and typed.isdigit() and len(typed) < 10
        else None
    )


def _check_order(reader: _Reader, data: ProgrammeData) -> None:
    if data.starts_on and data.ends_on and data.ends_on < data.starts_on:
        day = vietnamese.format_date(data.starts_on)
        reader.fail("ends_on", _("The end must not be before the start (%(day)s)") % {"day": day})
    if data.implements_to and (not data.implements_from or data.implements_to < data.implements_from):
        reader.fail("implements_to", _("Enter the first year too, not later than the last"))


def _parties(reader: _Reader, rows: list[int]) -> list[PartyData]:
    draft = reader.draft
    known = matching.bodies_named(value(draft, f"party-{row}-organisation") for row in rows)
    found: list[PartyData] = []
    seen: set[str] = set()
    for row in rows:
        name = reader.text(f"party-{row}-name", "party.name")
        typed = value(draft, f"party-{row}-organisation")
        body = known.get(typed) or (_new_body(reader, row, name) if typed == drafts.NEW else None)
        if not name:
            reader.fail(f"party-{row}-name", _("Enter the name as it was signed"))
        if body is None:
            reader.fail(f"party-{row}-organisation", _("Choose the body in the register, or create a new one"))
            continue
        identity = str(body.pk or vietnamese.fold(body.name))
        if identity in seen:
            reader.fail(f"party-{row}-organisation", _("This body is already a party. Drop one of the two rows."))
        seen.add(identity)
        found.append(
            PartyData(
                organisation=body,
                name_as_signed=name,
                role=reader.choice(f"party-{row}-role", list(Party.Role.values), Party.Role.PARTICIPANT),
                signer=reader.text(f"party-{row}-signer", "party.signer"),
                signer_title=reader.text(f"party-{row}-signer_title", "party.signer_title"),
            )
        )
    if len(rows) < 2:
        reader.fail("party", _("A programme has at least two parties. Add a party."))
    return found


def _new_body(reader: _Reader, row: int, name: str) -> Organisation | None:
    kind = value(reader.draft, f"party-{row}-new_kind")
    allowed = [code for code in Organisation.Kind.values if code not in Organisation.FRONT_KINDS]
    if kind not in allowed:
        reader.fail(f"party-{row}-new_kind", _("Choose what kind of body the new one is"))
        return Organisation(name=name, kind=Organisation.Kind.OTHER)
    return Organisation(name=name, kind=kind)


def _goals(reader: _Reader) -> list[GoalData]:
    return [
        GoalData(
            text=reader.text(f"goal-{row}-text", "goal.text"),
            kind=reader.choice(f"goal-{row}-kind", list(Goal.Kind.values), Goal.Kind.PURPOSE),
            span=reader.span(f"goal-{row}-text"),
        )
        for row in drafts.kept_rows(reader.draft, "goal")
    ]


def _bases(reader: _Reader) -> list[BasisData]:
    draft = reader.draft
    found: list[BasisData] = []
    seen: dict[tuple[Any, ...], int] = {}
    rows = drafts.kept_rows(draft, "basis")
    known = _documents(value(draft, f"basis-{row}-document") for row in rows)
    for row in rows:
        document = known.get(value(draft, f"basis-{row}-document"))
        basis = BasisData(
            document=document,
            kind=reader.text(f"basis-{row}-kind", "basis.kind"),
            number=reader.text(f"basis-{row}-number", "basis.number"),
            issued_on=reader.day(f"basis-{row}-issued_on"),
            issuer=reader.text(f"basis-{row}-issuer", "basis.issuer"),
            subject=reader.text(f"basis-{row}-subject", "basis.subject"),
            quoted=reader.text(f"basis-{row}-quoted", "basis.quoted"),
            span=reader.span(f"basis-{row}-quoted") or reader.span(f"basis-{row}-number"),
        )
        if not basis.kind:
            reader.fail(f"basis-{row}-kind", _("Enter the kind of document, for example Chỉ thị"))
        identity = (document.pk,) if document else _identity(basis)
        if identity in seen:
            reader.fail(f"basis-{row}-kind", _("This document is already among the bases. Drop one of the two rows."))
        seen[identity] = row
        found.append(basis)
    return found


def _identity(basis: BasisData) -> tuple[Any, ...]:
    return (
        vietnamese.fold(basis.kind),
        vietnamese.folded_number(basis.number),
        basis.issued_on,
        vietnamese.fold(basis.subject),
    )


def _documents(typed: Iterable[str]) -> dict[str, LegalDocument]:
    ids = [int(text) for text in typed if text.isascii() and text.isdigit() and len(text) < 12]
    return {str(row.pk): row for row in LegalDocument.objects.filter(pk__in=ids)} if ids else {}


def _tasks(reader: _Reader, parties: dict[int, PartyData]) -> list[TaskData]:
    found: list[TaskData] = []
    for row in drafts.kept_rows(reader.draft, "task"):
        lead = value(reader.draft, f"task-{row}-lead")
        party = parties.get(int(lead)) if lead.isascii() and lead.isdigit() and len(lead) < 4 else None
        found.append(
            TaskData(
                title=reader.text(f"task-{row}-title", "task.title"),
                lead=party.organisation if party else None,
                due_on=reader.day(f"task-{row}-due_on", last=True),
                span=reader.span(f"task-{row}-title"),
            )
        )
    return found
