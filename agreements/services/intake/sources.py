"""A source becomes an intake: read in a process of its own, kept with what was read or with why it could not be."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Intake
from agreements.services.intake import drafts, scanning
from agreements.services.intake.outcomes import Outcome, take_outcome
from agreements.services.intake.saving import locked
from core import audit, files
from core.exceptions import DomainError
from documents import uploads, vietnamese
from documents.reading import isolated
from documents.reading.blocks import normalised
from documents.reading.extract import ReadFailure
from documents.reading.extract.plain import MAX_TEXT
from partners.models import Organisation, committee_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from core.models import Actor

# What may do harm or is no document at all: kept as it came, never opened again. All other failures may be tried again.
UNOPENED = frozenset({"unknown_kind", "renamed", "macros", "doctype", "bomb", "too_many_pixels"})
LEGACY = ("legacy_tcvn3", "legacy_vni")
R = Intake.Reading


class AlreadyTaken(DomainError):
    """The same source was taken in before; `intake` is that one."""

    def __init__(self, message: str, *, intake: Intake) -> None:
        super().__init__(message, field="text")
        self.intake = intake


def take_in(*, actor: Actor, text: str = "", name: str = "", upload: UploadedFile | None = None) -> Intake:
    """Keep a source, a text or a file, and read it. A file whose text cannot be had is kept with the reason.

    Raises DomainError (field "text") for a text that is empty, too long or no text at all, AlreadyTaken for a source
    known to this committee, documents.uploads.UploadRejected for a file over the limit or without a byte.
    """
    policy.require_intake(actor, "take_in")
    owner = committee_of(actor.organisation)
    stored = normalised(text).strip("\n")
    if upload is None:
        _check_text(text, stored)
        data, file_name = text.encode("utf-8", "replace"), ""
        sha = hashlib.sha256(stored.encode()).hexdigest()
    else:
        data, file_name = files.read_upload(upload), files.clean_name(upload.name or "")
        if not data:
            raise uploads.UploadRejected("empty")
        sha = hashlib.sha256(data).hexdigest()
    _refuse_known(owner, sha)
    outcome = read_source(data, file_name)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=owner.pk)  # two people pasting the same text
        _refuse_known(owner, sha)
        file = None
        if upload is not None:
            file = files.store(user=actor.user, name=file_name, data=data, mime=_mime(data, outcome))
        intake = Intake(
            owner=owner,
            created_by=actor.user,
            title=(name or file_name or _first_line(stored))[:255],
            text=(text if outcome.state == R.CONSENT else stored) if upload is None else "",
            sha256=sha,
            file=file,
            work={"programmes": [drafts.empty_draft()], "saved_at": ""},
        )
        take_outcome(intake, outcome)
        intake.save()
        if outcome.state == R.WAITING:
            transaction.on_commit(scanning.wake)
        detail = {"programmes": _count(intake), "reading": outcome.state}
        if outcome.state == R.REFUSED:
            detail["reason"] = outcome.detail["code"]
        audit.log(actor, "intake.take_in", intake, detail=detail)
    return intake


def read_source(data: bytes, name: str, *, encoding: str = "ask") -> Outcome:
    """Read a file, or a pasted text (UTF-8) without `name`. `encoding` for old ones: "ask", "convert" or "keep"."""
    convert = encoding == "convert"
    try:
        if name:
            reading = isolated.read_file(data, name, convert=convert)
        else:
            reading = isolated.read_text(data.decode(), convert=convert)
    except ReadFailure as error:
        detail = {"code": error.code, "params": error.params}
        if name and error.code in UNOPENED:
            return Outcome(R.REFUSED, detail=detail)
        pages = int(error.params.get("pages") or 0) if error.code == "no_text" else 0
        return Outcome(R.WAITING if pages and scanning.engine() else R.FAILED, detail=detail, pages=pages)
    asked = reading.note(*LEGACY)
    if asked and encoding == "ask":
        return Outcome(R.CONSENT, detail=asked.to_json())
    return Outcome(R.READ, reading)


def read_again(*, actor: Actor, intake: Intake, version: int, encoding: str = "ask") -> Intake:
    """Read a source once more: after the answer about its old encoding, or after a failure; never an unopened one.

    `encoding`: "convert" to Unicode, "keep" as it stands, "ask" where it is not known yet. Raises Stale, NotAllowed.
    """
    policy.require_intake(actor, "read", intake)
    if intake.reading not in {R.CONSENT, R.FAILED}:
        return intake
    data = files.path_of(intake.file).read_bytes() if intake.file else intake.text.encode("utf-8", "replace")
    outcome = read_source(data, intake.file.original_name if intake.file else "", encoding=encoding)
    with transaction.atomic():
        row = locked(actor, intake, "read", version)
        take_outcome(row, outcome)
        if not row.file:
            row.text = normalised(row.text).strip("\n")
        elif outcome.state == R.REFUSED:  # the limits may have become narrower since it was kept
            row.file.mime = files.UNOPENED
            row.file.save(update_fields=["mime"])
        row.version += 1
        row.save()
        if outcome.state == R.WAITING:
            transaction.on_commit(scanning.wake)
        audit.log(actor, "intake.read", row, detail={"encoding": encoding, "reading": outcome.state})
    return row


def _refuse_known(owner: Organisation, sha: str) -> None:
    known = Intake.objects.filter(owner=owner, sha256=sha).exclude(status=Intake.Status.DROPPED).first()
    if known:
        raise AlreadyTaken(_("This text was already taken in as “%(name)s”.") % {"name": known.title}, intake=known)


def _count(intake: Intake) -> int:
    return len(intake.result.get("programmes", []))


def _mime(data: bytes, outcome: Outcome) -> str:
    """The type a kept file is stored with; the child has judged its content."""
    if outcome.state == R.REFUSED:
        return files.UNOPENED
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    if data.startswith(b"PK\x03\x04"):
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG"):
        return "image/png"
    return files.UNOPENED if data.startswith(b"\xd0\xcf\x11\xe0") else "text/plain"


def _check_text(text: str, stored: str) -> None:
    if vietnamese.is_blank_looking(stored[:5000]) and vietnamese.is_blank_looking(stored):
        raise DomainError(_("Paste the text of the document, or choose a file"), field="text")
    if len(text.encode("utf-8", "replace")) > MAX_TEXT:
        raise DomainError(_("This text is longer than 2 MB. Paste only the part about the programme."), field="text")
    odd = sum(1 for char in text if char == "\ufffd" or (ord(char) < 32 and char not in "\t\n\r\f\v"))
    if "\0" in text or odd > max(8, len(text) // 100):
        raise DomainError(
            _("This is not readable text. Copy the text out of the document and paste it here."), field="text"
        )


def _first_line(text: str) -> str:
    return next((" ".join(line.split()) for line in text.split("\n") if line.strip()), "")
