"""A draft as typed → what would be written, and what still stands in the way.

Only what a programme cannot exist without stops a confirmation: a title, two parties that are known bodies, and values
that can be understood. Everything else may stay open and be added later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from agreements.models import Goal, LegalDocument, Party, Programme
from agreements.services.data import BasisData, GoalData, PartyData, ProgrammeData
from agreements.services.intake import drafts
from agreements.services.intake.checking_tasks import Bodies, read_reports, read_reviews, read_tasks
from agreements.services.intake.drafts import Draft, value
from agreements.services.intake.understanding import Problem, Reader
from documents import vietnamese
from partners.models import FieldOfWork, Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


@dataclass
class Checked:
    """The outcome for one draft. `data` is complete only where `problems` is empty; new bodies in it have no pk yet."""

    data: ProgrammeData
    problems: list[Problem] = field(default_factory=list)

    unknown_units: dict[str, list[int]] = field(default_factory=dict)  # names that stay out → positions of their tasks
    without_target: list[str] = field(default_factory=list)  # quantities that no period holds

    @property
    def new_bodies(self) -> list[Organisation]:
        """Bodies that the confirmation would add to the register, each once."""
        named = [party.organisation for party in self.data.parties]
        for task in self.data.tasks:
            named += [unit for unit in (task.lead, *task.supporting) if unit is not None]
        return list({vietnamese.fold(body.name): body for body in named if body.pk is None}.values())

    def error(self, key: str) -> str:
        """The message for a field, "" if it is all right."""
        return next((problem.message for problem in self.problems if problem.key == key), "")


def check_draft(draft: Draft) -> Checked:
    """Understand a draft: values that cannot be understood become problems, never exceptions. Writes nothing."""
    reader = Reader(draft)
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
        field_of_work=_row_of(FieldOfWork.objects.all(), value(draft, "field_of_work")),
        parent=_named_programme(draft, "parent"),
        predecessor=_named_programme(draft, "predecessor"),
        funding=reader.text("funding"),
    )
    if draft["fields"].get("starts_on", {}).get("rule") == "inferred" and data.starts_on:
        data.period_note = _("Taken from the implemented programme by the officer")
    _check_order(reader, data)
    if not data.title:
        reader.fail("title", _("Enter the title of the programme"))
    bodies = Bodies(reader)
    data.parties = _parties(reader, drafts.kept_rows(draft, "party"), bodies)
    data.goals = _goals(reader)
    data.bases = _bases(reader)
    checked = Checked(data, reader.problems)
    data.tasks, checked.without_target = read_tasks(reader, bodies, data)
    checked.unknown_units = bodies.unknown
    data.reviews = read_reviews(reader)
    data.reports = read_reports(reader)
    data.status = Programme.Status.SIGNED if data.signed_on else Programme.Status.DRAFT
    data.spans = {key: span for key in drafts.SCALARS if (span := reader.span(key)) and value(draft, key)}
    return checked


def _row_of(rows: QuerySet[Any], typed: str) -> Any:
    return rows.filter(pk=int(typed)).first() if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _named_programme(draft: Draft, key: str) -> Programme | None:
    """The programme chosen among those offered; an id that was not offered is nobody's."""
    typed = value(draft, key)
    offered = {choice[0] for choice in draft["fields"][key].get("choices") or []}
    found: Programme | None = _row_of(Programme.objects.all(), typed) if typed in offered else None
    return found


def _check_order(reader: Reader, data: ProgrammeData) -> None:
    if data.starts_on and data.ends_on and data.ends_on < data.starts_on:
        day = vietnamese.format_date(data.starts_on)
        reader.fail("ends_on", _("The end must not be before the start (%(day)s)") % {"day": day})
    if data.implements_to and (not data.implements_from or data.implements_to < data.implements_from):
        reader.fail("implements_to", _("Enter the first year too, not later than the last"))


def _parties(reader: Reader, rows: list[int], bodies: Bodies) -> list[PartyData]:
    draft = reader.draft
    found: list[PartyData] = []
    seen: set[str] = set()
    for row in rows:
        name = reader.text(f"party-{row}-name", "party.name")
        body = bodies.of_row("party", row, name)
        if not name:
            reader.fail(f"party-{row}-name", _("Enter the name as it was signed"))
        if body is None:
            reader.fail(f"party-{row}-organisation", _("Choose the body in the register, or create a new one"))
            continue
        identity = str(body.pk or vietnamese.fold(body.name))
        if identity in seen:
            reader.fail(f"party-{row}-organisation", _("This body is already a party. Drop one of the two rows."))
        seen.add(identity)
        bodies.parties[row] = body
        spans = {part: reader.span(f"party-{row}-{part}") for part in ("name", "signer", "signer_title", "duties")}
        found.append(
            PartyData(
                organisation=body,
                name_as_signed=name,
                role=reader.choice(f"party-{row}-role", list(Party.Role.values), Party.Role.PARTICIPANT),
                signer=reader.text(f"party-{row}-signer", "party.signer"),
                signer_title=reader.text(f"party-{row}-signer_title", "party.signer_title"),
                responsibilities=reader.text(f"party-{row}-duties", "party.duties"),
                spans={part: span for part, span in spans.items() if span and value(draft, f"party-{row}-{part}")},
            )
        )
    if len(rows) < 2:
        reader.fail("party", _("A programme has at least two parties. Add a party."))
    return found


def _goals(reader: Reader) -> list[GoalData]:
    return [
        GoalData(
            text=reader.text(f"goal-{row}-text", "goal.text"),
            kind=reader.choice(f"goal-{row}-kind", list(Goal.Kind.values), Goal.Kind.PURPOSE),
            span=reader.span(f"goal-{row}-text"),
        )
        for row in drafts.kept_rows(reader.draft, "goal")
    ]


def _bases(reader: Reader) -> list[BasisData]:
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
