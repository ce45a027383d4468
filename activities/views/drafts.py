"""Files of a form on their way to an activity: kept under the form's key until the form succeeds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.translation import gettext as _

from core import files
from core.forms import upload_message
from core.http import posted_form_key
from core.models import DraftFile, FormKey
from documents.uploads import UploadRejected

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from core.http import SignedInRequest
    from core.models import StoredFile

INPUTS = ("photos", "papers")
MOST = 20


@dataclass
class Uploads:
    """What came with a POST: the kept rows of the form's key, and one message for each file not taken."""

    key: uuid.UUID
    kept: list[DraftFile] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)  # (input, message)

    @property
    def stored(self) -> tuple[StoredFile, ...]:
        """The files themselves, in the order they came."""
        return tuple(row.file for row in self.kept)


def receive(request: SignedInRequest) -> Uploads:
    """Store the valid files of a POST as draft files of its form key, before anything else is checked.

    They survive every later error of the form; a form that already succeeded stores nothing again. Ticked drop_file
    rows are taken off.
    """
    key = posted_form_key(request) or uuid.uuid4()
    found = Uploads(key)
    if FormKey.objects.filter(user=request.user, key=key).exists():
        return found
    mine = DraftFile.objects.filter(user=request.user, form_key=key)
    drop = [int(pk) for pk in request.POST.getlist("drop_file") if pk.isascii() and pk.isdigit() and len(pk) < 12]
    mine.filter(pk__in=drop).delete()
    room = MOST - mine.count()
    for name in INPUTS:
        for upload in request.FILES.getlist(name):
            if room <= 0:
                found.errors.append((name, _("At most %(count)s files can be sent at once.") % {"count": MOST}))
                break
            try:
                file = files.store_upload(user=request.user, upload=upload, photo=True)
            except UploadRejected as error:
                shown = files.clean_name(upload.name or "")
                message = _("%(file)s: %(problem)s") % {"file": shown, "problem": upload_message(error)}
                found.errors.append((name, message))
                continue
            files.keep_draft_file(user=request.user, form_key=key, file=file, field=name)
            room -= 1
    found.kept = files.draft_files(user=request.user, form_key=key)
    return found


def kept(request: SignedInRequest, key: str) -> list[DraftFile]:
    """Return the files kept for a form that is shown again after a lost session."""
    try:
        return files.draft_files(user=request.user, form_key=uuid.UUID(key))
    except ValueError:
        return []


def forget(uploads: Uploads) -> None:
    """Drop the draft rows once the files belong to an activity."""
    DraftFile.objects.filter(pk__in=[row.pk for row in uploads.kept]).delete()


def draft_file_show(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show a kept file to the person who uploaded it."""
    row = DraftFile.objects.filter(user=request.user, pk=pk).select_related("file__thumbnail").first()
    if row is None:
        raise Http404
    return files.download(row.file.thumbnail or row.file, inline=True)
