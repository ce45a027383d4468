"""The page that saves by itself (static/js/activity.js): answers in JSON, one draft per page however the line fails.

An answer may be lost after its work was done. So each page has, beside its form key, a slot: a FormKey row under a key
derived from it, which names the draft this page has made and the last version it wrote. What the page sends next goes
to that draft and builds on that version, whether or not the page ever heard of them; a version from elsewhere is still
a conflict. The slot's lock is also what a press of "save" waits for, so that both together make one record.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import JsonResponse
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import services
from activities.models import Activity
from core import files
from core.exceptions import DomainError, Stale
from core.forms import upload_message
from core.http import posted_form_key
from core.models import FormKey
from documents.uploads import UploadRejected

if TYPE_CHECKING:
    from activities.forms import ActivityForm
    from core.http import SignedInRequest

ACTIONS = ("autosave", "photo")
MARK = "#tu-luu"  # ends the result of a slot: no form was sent under its key


class Slot:
    """What a page has written so far; the row is locked until the transaction ends."""

    def __init__(self, request: SignedInRequest) -> None:
        self.request = request
        self.row: FormKey | None = None
        if key := posted_form_key(request):
            slot_key = uuid.uuid5(key, "autosave")
            self.row, _made = FormKey.objects.select_for_update().get_or_create(user=request.user, key=slot_key)

    @property
    def is_used(self) -> bool:
        """Whether this page has saved before."""
        return bool(self.row and self.row.result_url)

    def draft(self, activity: Activity | None) -> Activity | None:
        """Return the draft to write to: the one of the address, else the one this page has made."""
        if activity is None and self.row and self.row.result_url:
            pk = resolve(self.row.result_url.removesuffix(MARK)).kwargs["pk"]
            return Activity.objects.visible_to(self.request.user).filter(pk=pk).first()
        return activity

    def version(self, posted: int | None) -> int | None:
        """Return the version this page builds on: what it knows, or what it wrote without hearing of it."""
        written = int(self.row.body_hash) if self.row and self.row.body_hash else 0
        return max(posted or 0, written) or None

    def wrote(self, url: str, version: int) -> None:
        """Remember the address of the draft and its version."""
        if self.row:
            self.row.result_url = url + MARK
            self.row.body_hash = str(version)
            self.row.save(update_fields=["result_url", "body_hash"])


def answer(request: SignedInRequest, form: ActivityForm, activity: Activity | None) -> JsonResponse:
    """Save the texts, or one photo; the answer is {url, version, saved} or {id, thumb} or {error}.

    409 {conflict}: somebody else saved meanwhile, or this form was sent: nothing is written, the page says so.
    """
    key = posted_form_key(request)
    if key is None:
        return refuse(_("Open the page again."), status=400)
    try:
        with transaction.atomic():
            slot = Slot(request)
            if FormKey.objects.filter(user=request.user, key=key).exists():
                return refuse(_("This form was already sent. Open the page again."), status=409, conflict=True)
            target = slot.draft(activity)
            if request.POST.get("action") == "photo":
                return _photo(request, target)
            return _texts(request, form, slot, target)
    except Stale as error:
        return refuse(error.message, status=409, conflict=True)
    except DomainError as error:
        return refuse(error.message, status=422)


def _texts(request: SignedInRequest, form: ActivityForm, slot: Slot, activity: Activity | None) -> JsonResponse:
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        return refuse(str(first), status=422)
    saved = services.save_activity(
        actor=request.actor,
        data=form.data_of(files=(), remove=frozenset()),
        activity=activity,
        version=slot.version(form.cleaned_data["version"]) if activity else None,
        is_logged=not slot.is_used,
    )
    return slot_answer(slot, reverse("activities:activity_edit", args=[saved.pk]), saved.version)


def slot_answer(slot: Slot, url: str, version: int) -> JsonResponse:
    """Remember what was written, and tell the page."""
    slot.wrote(url, version)
    return JsonResponse({"url": url, "version": version, "saved": f"{timezone.localtime():%H:%M}"})


def _photo(request: SignedInRequest, activity: Activity | None) -> JsonResponse:
    upload = request.FILES.get("photos")
    if activity is None or upload is None:
        return refuse(_("The photo goes along when the draft is saved."), status=422)
    try:
        file = files.store_upload(user=request.user, upload=upload, photo=True)
    except UploadRejected as error:
        return refuse(upload_message(error), status=422, is_bad=True)
    proof = services.add_evidence(actor=request.actor, activity=activity, file=file)
    shown = proof.file.thumbnail_id or proof.file_id
    return JsonResponse({"id": proof.pk, "thumb": reverse("activities:file_show", args=[shown])})


def refuse(message: str, *, status: int, **more: Any) -> JsonResponse:
    """Tell the page why nothing was written."""
    return JsonResponse({"error": message, **more}, status=status)
