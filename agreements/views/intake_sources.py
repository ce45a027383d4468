"""Pages of a source: take it in, the list, and what stands between taking in and checking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import policy
from agreements.forms.sources import ENCODINGS, SourceForm, failure_of
from agreements.models import Intake
from agreements.services import intake as service
from core.exceptions import DomainError
from core.forms import add_error, upload_message
from core.http import form_data, once
from documents.uploads import UploadRejected

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from core.http import SignedInRequest


def crumbs(last: str) -> list[tuple[str, str]]:
    """The way to a page of an intake."""
    return [
        (_("Programmes"), reverse("agreements:programme_list")),
        (_("Enter from a text"), reverse("agreements:intake_list")),
        (last, ""),
    ]


def open_intake(request: SignedInRequest, pk: int) -> Intake:
    """The intake if the person may see it, else 404."""
    return get_object_or_404(Intake.objects.visible_to(request.user).select_related("owner__locality", "file"), pk=pk)


def intake_list(request: SignedInRequest) -> HttpResponseBase:
    """The sources taken in, those waiting first."""
    rows = Intake.objects.visible_to(request.user).exclude(status=Intake.Status.DROPPED)
    rows = rows.select_related("created_by", "owner").prefetch_related("programmes")
    rows = rows.defer("text", "result", "work", "scanned")
    page = Paginator(rows.order_by("-status", "-created_at"), 30).get_page(request.GET.get("trang"))
    can_take_in = request.actor.role == policy.OFFICER
    context = {
        "page_obj": page,
        "rows": [(intake, failure_of(intake)) for intake in page],
        "can_take_in": can_take_in,
        "crumb_items": crumbs(_("List")),
    }
    return render(request, "agreements/intake_list.html", context)


def intake_create(request: SignedInRequest) -> HttpResponseBase:
    """Choose a file or paste a text; the same source a second time leads to the first intake."""
    form = SourceForm(form_data(request), request.FILES or None)
    known: Intake | None = None
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            return once(request, lambda: _take_in(request, cleaned))
        except service.AlreadyTaken as error:
            known = error.intake
            form.add_error("file" if cleaned["file"] else "text", error.message)
        except UploadRejected as error:
            form.add_error("file", upload_message(error))
        except DomainError as error:
            add_error(form, error)
    context = {"form": form, "known": known, "crumb_items": crumbs(_("Take in a text"))}
    return render(request, "agreements/intake_create.html", context)


def _take_in(request: SignedInRequest, cleaned: dict[str, Any]) -> HttpResponseBase:
    intake = service.take_in(actor=request.actor, text=cleaned["text"], upload=cleaned["file"])
    return redirect("agreements:intake_read" if intake.is_unread else "agreements:intake_check", pk=intake.pk)


def intake_read(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """What comes before the check: the question about an old encoding, or how far the reading of a scan is."""
    intake = open_intake(request, pk)
    if request.method == "POST" and intake.status == Intake.Status.OPEN:
        try:
            return once(request, lambda: _read_again(request, intake))
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("agreements:intake_read", pk=pk)
    if intake.status != Intake.Status.OPEN or not intake.is_unread:
        return redirect("agreements:intake_check", pk=pk)
    params = intake.reading_detail.get("params", {})
    context = {
        "intake": intake,
        "encoding": ENCODINGS.get(intake.reading_detail.get("code", ""), ""),
        "samples": list(zip(params.get("before", []), params.get("after", []), strict=False)),
        "crumb_items": crumbs(_("Read")),
    }
    return render(request, "agreements/intake_read.html", context)


def _read_again(request: SignedInRequest, intake: Intake) -> HttpResponseBase:
    version, act = request.POST.get("version", ""), request.POST.get("act", "")
    row = service.read_again(
        actor=request.actor,
        intake=intake,
        version=int(version) if version.isascii() and version.isdigit() else -1,
        encoding=act if act in {"convert", "keep"} else "ask",
    )
    return redirect("agreements:intake_read" if row.is_unread else "agreements:intake_check", pk=row.pk)


def intake_progress(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """How far the reading of a scan is, as a fragment that the waiting page asks for."""
    return render(request, "agreements/_intake_progress.html", {"intake": open_intake(request, pk)})
