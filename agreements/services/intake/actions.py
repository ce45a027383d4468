"""The end of an intake: confirmed, or dropped; and what stands in the way or beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Intake, Programme
from agreements.services.intake import drafts
from agreements.services.intake.checking import check_draft
from agreements.services.intake.saving import locked
from core import audit, files
from core.exceptions import DomainError
from documents import vietnamese
from documents.types import Confidence
from partners.models import Organisation, OrganisationName, committee_of

if TYPE_CHECKING:
    from django.http import FileResponse

    from agreements.services.data import ProgrammeData
    from agreements.services.intake.checking import Checked
    from core.models import Actor


# --------------------------------------------------------------------------------------- confirm and drop


def confirm(*, actor: Actor, intake: Intake, version: int) -> list[Programme]:
    """Make programmes of the kept drafts, exactly as shown on the page of this version; returns them in order.

    Signed where the day is known, else drafts; an officer moves them on. Raises DomainError where a draft has a
    problem or none is kept, Stale, NotAllowed (also for an intake confirmed before).
    """
    from agreements.services import register_programme

    with transaction.atomic():
        row = locked(actor, intake, "confirm", version)
        kept = [draft for draft in drafts.of(row) if draft["keep"]]
        if not kept:
            raise DomainError(_("No programme is kept. Keep at least one, or drop the intake."))
        checked = [check_draft(draft) for draft in kept]
        if any(item.problems for item in checked):
            raise DomainError(_("Some fields still stop the confirmation. Correct them first."))
        _create_bodies(actor, row.owner, checked)
        made = []
        for item in checked:
            item.data.owner, item.data.intake = row.owner, row
            made.append(register_programme(actor=actor, data=item.data))
        row.status = Intake.Status.CONFIRMED
        row.version += 1
        row.save(update_fields=["status", "version", "updated_at"])
        audit.log(actor, "intake.confirm", row, detail={"programmes": [programme.code for programme in made]})
    return made


def _create_bodies(actor: Actor, owner: Organisation, checked: list[Checked]) -> None:
    """Add the new bodies the officer asked for, each name once, at the level of the committee."""
    created: dict[str, Organisation] = {}
    for body in (body for item in checked for body in item.new_bodies):
        key = vietnamese.fold(body.name)
        if key not in created:
            body.level = owner.level
            body.save()
            body.path = f"/{body.pk}/"
            body.save(update_fields=["path"])
            OrganisationName.objects.create(organisation=body, name=body.name)
            created[key] = body

    def kept(body: Organisation) -> Organisation:
        return body if body.pk else created[vietnamese.fold(body.name)]

    for item in checked:
        for party in item.data.parties:
            party.organisation = kept(party.organisation)
        for task in item.data.tasks:
            task.lead = kept(task.lead) if task.lead else None
            task.supporting = [kept(unit) for unit in task.supporting]
    if created:
        entries = [
            audit.Entry("organisation.create", body, reason=_("Named in a taken-in text")) for body in created.values()
        ]
        audit.log_many(actor, entries)


def drop(*, actor: Actor, intake: Intake, version: int) -> Intake:
    """Put an intake aside for good; its text is kept for the record, an unopened file is deleted.

    Raises Stale, NotAllowed.
    """
    with transaction.atomic():
        row = locked(actor, intake, "drop", version)
        unopened = row.file if row.is_refused else None
        if unopened:
            row.file = None
        row.status = Intake.Status.DROPPED
        row.version += 1
        row.save(update_fields=["status", "version", "file", "updated_at"])
        if unopened:
            files.remove(unopened)
        detail = {"file": unopened.original_name, "sha256": row.sha256} if unopened else {}
        audit.log(actor, "intake.drop", row, detail=detail)
    return row


def download(*, actor: Actor, intake: Intake) -> FileResponse:
    """Answer with the file as it came, as an attachment, and note who took it.

    The caller checked that the actor sees the intake. Raises DomainError where there is no file, and NotAllowed for an
    unopened file unless the actor is an officer of its committee.
    """
    if intake.file is None:
        raise DomainError(_("There is no file with this text."))
    policy.require_intake_file(actor, intake)
    response = files.download(intake.file)
    audit.log(actor, "intake.download", intake, detail={"reading": intake.reading})
    return response


# ----------------------------------------------------------------------------------------------- overlaps


def overlaps(*, actor: Actor, data: ProgrammeData) -> list[Programme]:
    """Programmes the actor sees that may be the same: equal title, or a shared partner and an overlapping period."""
    seen = Programme.objects.visible_to(actor.user).exclude(status=Programme.Status.SUPERSEDED)
    found = {}
    if data.title:
        wanted = vietnamese.fold(data.title)
        for programme in seen.filter(search_text__contains=wanted[:120])[:5]:
            found[programme.pk] = programme
    owner = committee_of(actor.organisation)
    partners = [party.organisation.pk for party in data.parties if party.organisation.pk not in {None, owner.pk}]
    if partners and data.starts_on and data.ends_on:
        near = seen.filter(parties__organisation__in=partners, starts_on__lte=data.ends_on, ends_on__gte=data.starts_on)
        for programme in near.distinct()[:5]:
            found.setdefault(programme.pk, programme)
    return list(found.values())[:5]


def doubts(draft: drafts.Draft) -> dict[str, int]:
    """How many fields of a draft are certain, to be checked or missing now; dropped rows do not count."""
    counts = {str(state): 0 for state in Confidence}
    for key, made in draft["fields"].items():
        parts = key.split("-")
        if len(parts) == 3 and drafts.is_dropped(draft, parts[0], int(parts[1])):
            continue
        counts[drafts.state_of(made)] += 1
    return counts
