"""The life of an intake: taken in, checked and saved as often as wanted, then confirmed or dropped."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Intake, Programme
from agreements.services.intake import drafts, proposing
from agreements.services.intake.checking import check_draft
from agreements.services.intake.saving import locked
from core import audit, files
from core.exceptions import DomainError
from documents import vietnamese
from documents.reading import read_text
from documents.reading.blocks import normalised
from documents.types import Confidence
from partners.models import Organisation, OrganisationName, committee_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from agreements.services.intake.checking import Checked
    from core.models import Actor

TEXT_LIMIT = 2 * 1024 * 1024  # bytes of a pasted text or text file


class AlreadyTaken(DomainError):
    """The same source was taken in before; `intake` is that one."""

    def __init__(self, message: str, *, intake: Intake) -> None:
        super().__init__(message, field="text")
        self.intake = intake


def take_in(*, actor: Actor, text: str = "", name: str = "", upload: UploadedFile | None = None) -> Intake:
    """Keep a source and read it: a text, or a file that is only kept (no text is read from files yet).

    Raises DomainError (field "text" or "file") for a text that is empty, too long or no text at all, AlreadyTaken for
    a source known to this committee, documents.uploads.UploadRejected for a file that is not taken.
    """
    policy.require_intake(actor, "take_in")
    owner = committee_of(actor.organisation)
    stored = normalised(text).strip("\n")
    if upload is None:
        _check_text(text, stored)
        sha = hashlib.sha256(stored.encode()).hexdigest()
    else:
        data = files.read_upload(upload)
        sha = hashlib.sha256(data).hexdigest()
        upload.seek(0)
    result = read_text(stored) if upload is None else None
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=owner.pk)  # two people pasting the same text
        known = Intake.objects.filter(owner=owner, sha256=sha).exclude(status=Intake.Status.DROPPED).first()
        if known:
            raise AlreadyTaken(_("This text was already taken in as “%(name)s”.") % {"name": known.title}, intake=known)
        file = files.store_upload(user=actor.user, upload=upload) if upload is not None else None
        programmes = proposing.propose(result, owner) if result else []
        intake = Intake.objects.create(
            owner=owner,
            created_by=actor.user,
            title=(name or (file.original_name if file else "") or _first_line(stored))[:255],
            text=stored,
            sha256=sha,
            file=file,
            result=result.to_json() if result else {},
            work={"programmes": programmes or [drafts.empty_draft()], "saved_at": ""},
        )
        audit.log(actor, "intake.take_in", intake, detail={"programmes": len(programmes)})
    return intake


def _check_text(text: str, stored: str) -> None:
    if vietnamese.is_blank_looking(stored[:5000]) and vietnamese.is_blank_looking(stored):
        raise DomainError(_("Paste the text of the document, or choose a file"), field="text")
    if len(text.encode("utf-8", "replace")) > TEXT_LIMIT:
        raise DomainError(_("This text is longer than 2 MB. Paste only the part about the programme."), field="text")
    odd = sum(1 for char in text if char == "\ufffd" or (ord(char) < 32 and char not in "\t\n\r\f\v"))
    if "\0" in text or odd > max(8, len(text) // 100):
        raise DomainError(
            _("This is not readable text. Copy the text out of the document and paste it here."), field="text"
        )


def _first_line(text: str) -> str:
    return next((" ".join(line.split()) for line in text.split("\n") if line.strip()), "")


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
    """Put an intake aside for good; its text is kept for the record. Raises Stale, NotAllowed."""
    with transaction.atomic():
        row = locked(actor, intake, "drop", version)
        row.status = Intake.Status.DROPPED
        row.version += 1
        row.save(update_fields=["status", "version", "updated_at"])
        audit.log(actor, "intake.drop", row)
    return row


# ----------------------------------------------------------------------------------------------- overlaps


def overlaps(*, actor: Actor, draft: drafts.Draft) -> list[Programme]:
    """Programmes the actor sees that may be the same: equal title, or a shared partner and an overlapping period."""
    data = check_draft(draft).data
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
