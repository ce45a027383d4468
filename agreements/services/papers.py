"""Typed files of a programme: the signed scan, annexes, decisions. The original bytes are kept as they came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Programme, ProgrammeDocument
from core import audit, files
from core.exceptions import DomainError
from core.forms import upload_message
from documents.uploads import UploadRejected

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http import FileResponse

    from core.models import Actor


@transaction.atomic
def add_document(
    *, actor: Actor, programme: Programme, kind: str, title: str, upload: UploadedFile
) -> ProgrammeDocument:
    """Keep a file of the programme under its kind and title (its name where empty). Raises NotAllowed, DomainError."""
    row = Programme.objects.select_for_update(of=("self",)).select_related("owner").get(pk=programme.pk)
    policy.require(actor, "documents", row)
    try:
        file = files.store_upload(user=actor.user, upload=upload)
    except UploadRejected as error:
        raise DomainError(upload_message(error), field="file") from error
    same = row.documents.filter(file__sha256=file.sha256).first()
    if same is not None:
        raise DomainError(
            _("This file is already here as “%(title)s”. Choose another file.") % {"title": same.title}, field="file"
        )
    document = ProgrammeDocument.objects.create(
        programme=row,
        kind=kind,
        title=title or file.original_name,
        file=file,
        added_by=actor.user,
    )
    audit.log(actor, "document.add", document, detail={"programme": row.pk, "sha256": file.sha256})
    return document


def download_document(*, actor: Actor, document: ProgrammeDocument) -> FileResponse:
    """Answer with the original bytes under the original name, and note who took them. The caller checked the right."""
    response = files.download(document.file)
    audit.log(actor, "document.download", document, detail={"programme": document.programme_id})
    return response
