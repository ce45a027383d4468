"""Pages of an intake: take in a text, confirm what was checked, drop it; the list and the kept file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import policy
from agreements.forms.intake import SourceForm
from agreements.forms.intake_items import DraftFields, Item, Lists
from agreements.models import Intake
from agreements.services import intake as service
from agreements.services.intake import drafts
from core import files
from core.exceptions import DomainError, Stale
from core.forms import add_error, upload_message
from core.http import form_data, once
from documents.types import Confidence
from documents.uploads import UploadRejected

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from core.http import SignedInRequest


def crumbs(last: str) -> list[tuple[str, str]]:
    """The way to a page of the intake."""
    return [
        (_("Programmes"), reverse("agreements:programme_list")),
        (_("Enter from a text"), reverse("agreements:intake_list")),
        (last, ""),
    ]


def open_intake(request: SignedInRequest, pk: int) -> Intake:
    """An intake that the person may see, in any state; 404 for a foreign one."""
    return get_object_or_404(Intake.objects.visible_to(request.user).select_related("owner__locality", "file"), pk=pk)


def intake_list(request: SignedInRequest) -> HttpResponseBase:
    """The sources taken in, those waiting first."""
    rows = Intake.objects.visible_to(request.user).exclude(status=Intake.Status.DROPPED)
    rows = rows.select_related("created_by", "owner").prefetch_related("programmes").defer("text", "result", "work")
    page = Paginator(rows.order_by("-status", "-created_at"), 30).get_page(request.GET.get("trang"))
    can_take_in = request.actor.role == policy.OFFICER
    context = {"page_obj": page, "can_take_in": can_take_in, "crumb_items": crumbs(_("List"))}
    return render(request, "agreements/intake_list.html", context)


def intake_create(request: SignedInRequest) -> HttpResponseBase:
    """Paste a text or choose a file; the same text a second time leads to the first intake."""
    form = SourceForm(form_data(request), request.FILES or None)
    known: Intake | None = None
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            return once(request, lambda: _take_in(request, cleaned))
        except service.AlreadyTaken as error:
            known = error.intake
            add_error(form, error)
        except UploadRejected as error:
            form.add_error("file", upload_message(error))
        except DomainError as error:
            add_error(form, error)
    context = {"form": form, "known": known, "crumb_items": crumbs(_("Take in a text"))}
    return render(request, "agreements/intake_create.html", context)


def _take_in(request: SignedInRequest, cleaned: dict[str, Any]) -> HttpResponseBase:
    intake = service.take_in(
        actor=request.actor, text=cleaned["text"], name=cleaned["name"] or "", upload=cleaned["upload"]
    )
    return redirect("agreements:intake_check", pk=intake.pk)


# ---------------------------------------------------------------------------------------- confirm and drop


def closed(request: SignedInRequest, intake: Intake) -> HttpResponseBase:
    """Lead away from an intake that can no longer be worked on."""
    if intake.status == Intake.Status.CONFIRMED:
        messages.info(request, _("This text was already confirmed. Its programmes are in the list below."))
    else:
        messages.info(request, _("This intake was dropped."))
    return redirect("agreements:intake_list")


def intake_confirm(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """All values once more, each with the way back; confirming makes the programmes."""
    intake = open_intake(request, pk)
    if request.method == "POST":
        try:
            return once(request, lambda: _confirm(request, intake))
        except Stale:
            messages.warning(request, _("Somebody changed this intake in the meantime. Look at the values once more."))
        except DomainError as error:
            messages.error(request, error.message)
        intake = open_intake(request, pk)
    if intake.status != Intake.Status.OPEN:
        return closed(request, intake)
    sections, lists = [], Lists.read()
    for number, draft in enumerate(drafts.of(intake)):
        if not draft["keep"]:
            continue
        checked = service.check_draft(draft)
        items = [item for item in DraftFields(draft, number, checked, lists, strict=True).items() if not item.dropped]
        sections.append({
            "number": number,
            "title": checked.data.title,
            "data": checked.data,
            "items": [item for item in items if item.kind != "task" and (item.summary or item.error)],
            "tasks": [item for item in items if item.kind == "task" and (item.summary or item.error)],
            "open": sum(item.state in {Confidence.CHECK, Confidence.MISSING} for item in items),
            "unknown": [(name, ", ".join(map(str, places))) for name, places in checked.unknown_units.items()],
            "without_target": checked.without_target,
            "left": draft["left"],
            "problems": _problems(items, checked),
            "new_bodies": checked.new_bodies,
            "overlaps": service.overlaps(actor=request.actor, draft=draft),
        })  # fmt: skip
    context = {
        "intake": intake,
        "sections": sections,
        "blocked": not sections or any(section["problems"] for section in sections),
        "back_url": reverse("agreements:intake_check", args=[pk]),
        "crumb_items": crumbs(_("Confirm")),
    }
    return render(request, "agreements/intake_confirm.html", context)


def _problems(items: list[Item], checked: service.Checked) -> list[dict[str, str]]:
    anchors = {part.name.partition("-")[2]: item for item in items for part in item.parts}
    found = []
    for problem in checked.problems:
        item = anchors.get(problem.key)
        found.append(
            {"message": problem.message, "anchor": item.anchor if item else "", "label": item.label if item else ""}
        )
    return found


def _confirm(request: SignedInRequest, intake: Intake) -> HttpResponseBase:
    version = request.POST.get("version", "")
    made = service.confirm(
        actor=request.actor,
        intake=intake,
        version=int(version) if version.isascii() and version.isdigit() else -1,
    )
    codes = ", ".join(programme.code for programme in made)
    messages.success(request, _("Saved: %(codes)s.") % {"codes": codes})
    if len(made) == 1:
        return redirect("agreements:programme_detail", pk=made[0].pk)
    return redirect("agreements:intake_list")


def intake_drop(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Put an intake aside, after a page that says what is lost."""
    intake = open_intake(request, pk)
    if intake.status != Intake.Status.OPEN:
        return closed(request, intake)
    if request.method == "POST":
        return once(request, lambda: _drop(request, intake))
    return render(request, "agreements/intake_drop.html", {"intake": intake, "crumb_items": crumbs(_("Drop"))})


def _drop(request: SignedInRequest, intake: Intake) -> HttpResponseBase:
    service.drop(actor=request.actor, intake=intake, version=intake.version)
    messages.success(request, _("The intake is dropped."))
    return redirect("agreements:intake_list")


# ------------------------------------------------------------------------------------------- file and source


def intake_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file kept with an intake."""
    intake = open_intake(request, pk)
    if intake.file is None:
        messages.info(request, _("This text was pasted; there is no file with it."))
        return redirect("agreements:intake_list")
    return files.download(intake.file)
