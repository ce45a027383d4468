"""The steps of an entry by one button: send, take back, delete, plans, take an acceptance back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from activities import services
from activities.forms import PostponeForm
from activities.models import Activity
from activities.views.reading import REFUSED_REASON
from activities.views.writing import author_seat
from core.exceptions import DomainError
from core.http import once

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from core.http import SignedInRequest
    from core.models import Actor


def activity_move(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """One step of an entry by a button."""
    rows = Activity.objects.visible_to(request.user).select_related("task__programme", "acting_for")
    activity = get_object_or_404(rows, pk=pk)
    return once(request, lambda: _step(request, activity))


def _step(request: SignedInRequest, activity: Activity) -> HttpResponseBase:
    action, reason = request.POST.get("action", ""), request.POST.get("reason", "")
    page, editing = (redirect(f"activities:activity_{name}", pk=activity.pk) for name in ("detail", "edit"))
    actor = request.actor if action == "revoke" else author_seat(request, activity)
    try:
        if action == "delete":
            services.delete_draft(actor=actor, activity=activity)
            said, page = _("The draft was deleted."), redirect("activities:activity_list")
        elif action in {"held", "cancelled", "postponed", "send_plan", "keep_plan"}:
            said = _plan(request, actor, activity)
            page = editing if action == "held" else page
        else:
            said = _review(actor, activity, action, reason)
            page = editing if action == "recall" else page
    except DomainError as error:
        if error.field is None:
            raise
        messages.error(request, error.message)
        typed = {"text": reason, "day": request.POST.get("new_day", "")[:40]}
        request.session[REFUSED_REASON] = {"path": reverse("activities:activity_detail", args=[activity.pk]), **typed}
        return page if action != "submit" else editing
    messages.success(request, said)
    return page


def _plan(request: SignedInRequest, actor: Actor, activity: Activity) -> str:
    """Carry out a step of a plan; returns what to say."""
    action = request.POST["action"]
    if action in {"send_plan", "keep_plan"}:
        services.send_plan(actor=actor, activity=activity, is_sent=action == "send_plan")
        if action == "keep_plan":
            return _("Only your unit sees the plan now.")
        return _("The plan is sent. %(committee)s sees it; it does not count yet.") % {
            "committee": activity.task.programme.owner.name
        }
    form = PostponeForm(request.POST)
    day = None
    if action == "postponed":
        if not form.is_valid():
            raise DomainError(next(iter(form.errors.values()))[0], field="new_day")
        day = form.cleaned_data["new_day"]
    reason = request.POST.get("reason", "")
    services.mark_occurrence(actor=actor, activity=activity, occurrence=action, reason=reason, new_day=day)
    if action == "held":
        return _("Marked as held. Complete what was done and send it.")
    return _("Saved.")


def _review(actor: Actor, activity: Activity, action: str, reason: str) -> str:
    """Carry out a step of the review; returns what to say."""
    if action == "submit":
        services.submit(actor=actor, item=activity)
        return _("Sent. %(committee)s reviews it next.") % {"committee": activity.task.programme.owner.name}
    if action == "recall":
        services.recall(actor=actor, item=activity)
        return _("Taken back to draft. Change it and send it again.")
    if action == "revoke":
        services.revoke(actor=actor, item=activity, reason=reason)
        return _("The acceptance is taken back. The entry waits for review again and no longer counts.")
    raise DomainError(_("Nothing was chosen. Open the page again and press a button."))
