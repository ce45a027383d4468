"""Stored files: written as temporary → fsync → rename → row; never in a public folder (design.md section 2)."""

from __future__ import annotations

import hashlib
import os
import unicodedata
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.http import FileResponse

from core.models import DraftFile, StoredFile, User
from documents import photos, uploads, vietnamese

if TYPE_CHECKING:
    from pathlib import Path

    from django.core.files.uploadedfile import UploadedFile

PHOTO_KINDS = {"image/jpeg", "image/png"}
UNOPENED = "application/octet-stream"  # of files that nothing here opens


def path_of(file: StoredFile) -> Path:
    """Return where the bytes of a stored file lie."""
    name = file.id.hex
    return settings.FILES_DIR / name[:2] / name


def clean_name(name: str) -> str:
    """Return an upload's name for display: NFC, no path, no control characters, at most 255 characters."""
    bare = vietnamese.clean(unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1], multiline=False)
    return bare[-255:] or "tep"


def read_upload(upload: UploadedFile) -> bytes:
    """Return the bytes of an upload; documents.uploads.UploadRejected("too_big") past the limit, before reading on."""
    if (upload.size or 0) > settings.UPLOAD_LIMIT:
        raise uploads.UploadRejected("too_big", size=upload.size or 0)
    return upload.read()


def store(
    *,
    user: User,
    name: str,
    data: bytes,
    mime: str,
    thumbnail: StoredFile | None = None,
    size: tuple[int, int] | None = None,
) -> StoredFile:
    """Write the bytes durably and return the new row; a row never exists without its bytes."""
    file = StoredFile(
        id=uuid.uuid4(),
        original_name=clean_name(name),
        mime=mime,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        uploaded_by=user,
        thumbnail=thumbnail,
        width=size[0] if size else None,
        height=size[1] if size else None,
    )
    target = path_of(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".tmp")
    with open(temporary, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(temporary, target)
    file.save(force_insert=True)
    return file


def remove(file: StoredFile) -> None:
    """Delete a stored file that nothing points to any more: its row now, its bytes once that is committed.

    Raises ProtectedError while a row still holds it.
    """
    path = path_of(file)
    file.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def store_upload(*, user: User, upload: UploadedFile, photo: bool = False) -> StoredFile:
    """Check an upload by its content and store it; photos are re-encoded, rotated and lose their metadata.

    photo=True re-encodes images (evidence); False keeps the original bytes (signed scans are never re-encoded).
    Raises documents.uploads.UploadRejected.
    """
    data = read_upload(upload)
    kind = uploads.sniff(data, upload.name or "")
    if photo and kind.mime in PHOTO_KINDS:
        prepared = photos.prepare_photo(data)
        name = clean_name(upload.name or "anh.jpg").rsplit(".", 1)[0] + ".jpg"
        thumb = store(user=user, name=name, data=prepared.thumb, mime="image/jpeg")
        return store(
            user=user,
            name=name,
            data=prepared.data,
            mime="image/jpeg",
            thumbnail=thumb,
            size=(prepared.width, prepared.height),
        )
    return store(user=user, name=upload.name or "", data=data, mime=kind.mime)


def keep_draft_file(*, user: User, form_key: uuid.UUID, file: StoredFile, field: str = "files") -> DraftFile:
    """Keep a valid file of a form that failed validation, for the same person and form."""
    return DraftFile.objects.create(user=user, form_key=form_key, field=field, file=file)


def draft_files(*, user: User, form_key: uuid.UUID | None) -> list[DraftFile]:
    """Return the files kept for this form, in the order they came."""
    if form_key is None:
        return []
    return list(DraftFile.objects.filter(user=user, form_key=form_key).select_related("file").order_by("id"))


def download(file: StoredFile, *, inline: bool = False) -> FileResponse:
    """Answer with the bytes: attachment with the original name; only re-encoded JPEG may show inline.

    The caller has checked the right to the object the file belongs to.
    """
    show = inline and file.is_image
    response = FileResponse(
        path_of(file).open("rb"),  # FileResponse closes it
        as_attachment=not show,
        filename=file.original_name,
        content_type=file.mime if show or file.mime == "application/pdf" else UNOPENED,
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
