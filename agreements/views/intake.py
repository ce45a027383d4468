"""Pages of an intake: confirm what was checked, or drop it; the kept file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.forms.intake import DraftFields, Item, Lists
from agreements.models import Intake
from agreements.services import intake as service
from agreements.services.intake import drafts
from agreements.views.intake_sources import crumbs, open_intake
from core.exceptions import DomainError, NotAllowed, Stale
from core.http import once
from documents.types import Confidence

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from core.http import SignedInRequest


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
    lists = Lists.read()
    sections = [
        _answers(request, draft, number, lists) for number, draft in enumerate(drafts.of(intake)) if draft["keep"]
    ]
    context = {
        "intake": intake,
        "sections": sections,
        "blocked": not sections or any(section["problems"] for section in sections),
        "back_url": reverse("agreements:intake_check", args=[pk]),
        "crumb_items": crumbs(_("Confirm")),
    }
    return render(request, "agreements/intake_confirm.html", context)


def _answers(request: SignedInRequest, draft: drafts.Draft, number: int, lists: Lists) -> dict[str, Any]:
    """All values of one draft as they will be saved, and what is still open or stays out."""
    checked = service.check_draft(draft)
    items = [item for item in DraftFields(draft, number, checked, lists, strict=True).items() if not item.dropped]
    return {
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
        "overlaps": service.overlaps(actor=request.actor, data=checked.data),
    }


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
    try:
        return service.download(actor=request.actor, intake=intake)
    except NotAllowed:
        raise
    except DomainError as error:
        messages.info(request, error.message)
        return redirect("agreements:intake_list")
