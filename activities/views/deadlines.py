"""Deadlines in the queue: reported done, and requests for more time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from activities.forms.reviewing import DecisionForm, ExtensionForm
from activities.models import Activity
from activities.models.due import deadline_words
from activities.services.reasons import remember
from activities.views.queue import days_waited, queue_of
from activities.views.reading import with_parts
from activities.views.review import (
    REVIEW_URLS,
    UNDO_URLS,
    forget_undo,
    frame,
    next_url,
    offer_undo,
    posted_version,
    taken,
)
from agreements.models import Extension, TaskDeadline
from agreements.policy import allowed_deadline_actions, may_decide_extension, may_undo_extension
from agreements.services import grant_extension, refuse_extension, undo_extension_decision
from agreements.services.deadlines import confirm_deadline, return_deadline, undo_deadline_decision
from core.exceptions import DomainError, NotAllowed, Stale
from core.forms import add_error
from core.http import form_data, once

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest
    from core.models import Actor


def deadline_undo(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Undo the person's own last decision on a deadline reported done."""
    rows = TaskDeadline.objects.visible_to(request.user)
    deadline = get_object_or_404(rows.select_related("task__programme__owner", "task__lead", "reported_for"), pk=pk)
    seats = [actor for actor in request.actors if "undo" in allowed_deadline_actions(actor, deadline)]

    def act() -> HttpResponseBase:
        seat = seats[0] if seats else request.actor
        undo_deadline_decision(actor=seat, deadline=deadline, version=posted_version(request))
        forget_undo(request, request.path)
        messages.success(request, _("The decision is undone. The entry waits for review again."))
        return redirect("activities:deadline_review", pk=pk)

    return once(request, act)


def deadline_review(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show a deadline reported done with its evidence; POST confirms or returns it."""
    deadline = get_object_or_404(
        TaskDeadline.objects.visible_to(request.user)
        .select_related("task__programme__owner", "task__lead", "reported_by", "reported_for", "reviewed_by")
        .prefetch_related("files", "extensions"),
        pk=pk,
    )
    owner = deadline.task.programme.owner
    form = DecisionForm(form_data(request), committee=owner, initial={"version": deadline.version})
    seats = [
        actor for actor in request.actors if allowed_deadline_actions(actor, deadline) & {"confirm", "return", "undo"}
    ]

    def page() -> HttpResponse:
        days = days_waited(deadline.reported_at)
        recent = Activity.objects.visible_to(request.user).accepted().filter(task=deadline.task)
        context = frame(request, queue_of(request), ("deadline", deadline.pk)) | {
            "deadline": deadline,
            "item": deadline,
            "item_title": deadline_words(deadline.task.title, deadline.period),
            "item_url": reverse(REVIEW_URLS[TaskDeadline], args=[deadline.pk]),
            "undo_url": reverse(UNDO_URLS[TaskDeadline], args=[deadline.pk]),
            "sent_at": deadline.reported_at,
            "form": form,
            "allowed": allowed_deadline_actions(seats[0], deadline) if seats else frozenset(),
            "waited": days,
            "decided": deadline.reviewed_by is not None and deadline.state != TaskDeadline.State.AWAITING,
            "late": bool(deadline.done_on and deadline.done_on > deadline.due_on),
            "recent": with_parts(recent)[:5],
        }
        return render(request, "activities/review_deadline.html", context)

    if request.method != "POST":
        return page()
    seat = seats[0] if seats else request.actor
    return once(request, lambda: _decide_deadline(request, seat, deadline, form) or page())


def _decide_deadline(
    request: SignedInRequest, seat: Actor, deadline: TaskDeadline, form: DecisionForm
) -> HttpResponseBase | None:
    action = request.POST.get("action", "")
    if action not in {"accept", "return"}:
        raise DomainError(_("Nothing was chosen. Open the page again and press a button."))
    if not form.is_valid():
        return None
    version = form.cleaned_data["version"]
    try:
        if action == "accept":
            confirm_deadline(actor=seat, deadline=deadline, version=version)
        else:
            return_deadline(actor=seat, deadline=deadline, reason=form.text(), version=version)
            remember(actor=seat, committee=deadline.task.programme.owner, texts=form.kept())
    except (NotAllowed, Stale) as error:
        fresh = TaskDeadline.objects.select_related("reviewed_by").get(pk=deadline.pk)
        if isinstance(error, NotAllowed) and fresh.state == TaskDeadline.State.AWAITING:
            raise
        messages.warning(request, taken(fresh) or error.message)
        return redirect(next_url(request, ("deadline", deadline.pk)))
    except DomainError as error:
        add_error(form, error)
        return None
    unit = deadline.reported_for.name if deadline.reported_for else ""
    offer_undo(request, deadline, deadline.task.title, unit, is_accepted=action == "accept")
    return redirect(next_url(request, ("deadline", deadline.pk)))


def extension_review(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show a request for more time; POST grants it, as asked or until another day, or refuses it."""
    extension = get_object_or_404(
        Extension.objects.visible_to(request.user).select_related(
            "deadline__task__programme__owner", "deadline__task__lead", "requested_by", "requested_for", "decided_by"
        ),
        pk=pk,
    )
    deadline = extension.deadline
    asked = extension.asked_due_on or extension.new_due_on
    form = ExtensionForm(form_data(request), initial={"new_due_on": asked})
    seats = [actor for actor in request.actors if may_decide_extension(actor, extension)]

    def page() -> HttpResponse:
        sent = extension.requested_at
        context = frame(request, queue_of(request), ("extension", pk)) | {
            "extension": extension,
            "deadline": deadline,
            "asked": asked,
            "earlier": deadline.extensions.filter(state=Extension.State.GRANTED).exclude(pk=pk),
            "item_title": deadline_words(deadline.task.title, deadline.period),
            "item_url": reverse("activities:extension_review", args=[pk]),
            "sent_at": sent,
            "waited": days_waited(sent),
            "form": form,
            "may_decide": bool(seats),
            "may_undo": any(may_undo_extension(actor, extension) for actor in request.actors),
            "undo_url": reverse(UNDO_URLS[Extension], args=[pk]),
            "more_days": (asked - deadline.due_on).days,
        }
        return render(request, "activities/review_extension.html", context)

    if request.method != "POST":
        return page()
    seat = seats[0] if seats else request.actor
    return once(request, lambda: _decide_extension(request, seat, extension, form) or page())


def extension_undo(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Undo the person's own last decision on a request for more time."""
    rows = Extension.objects.visible_to(request.user)
    extension = get_object_or_404(rows.select_related("deadline__task__programme__owner"), pk=pk)
    seats = [actor for actor in request.actors if may_undo_extension(actor, extension)]

    def act() -> HttpResponseBase:
        seat = seats[0] if seats else request.actor
        undo_extension_decision(actor=seat, extension=extension, version=posted_version(request))
        forget_undo(request, request.path)
        messages.success(request, _("The decision is undone. The request waits again, the deadline is as it was."))
        return redirect("activities:extension_review", pk=pk)

    return once(request, act)


def _decide_extension(
    request: SignedInRequest, seat: Actor, extension: Extension, form: ExtensionForm
) -> HttpResponseBase | None:
    action = request.POST.get("action", "")
    if action not in {"accept", "return"}:
        raise DomainError(_("Nothing was chosen. Open the page again and press a button."))
    form.for_action(action)
    if not form.is_valid():
        return None
    try:
        if action == "accept":
            day, paper = form.cleaned_data["new_due_on"], form.cleaned_data["paper"]
            decided = grant_extension(actor=seat, extension=extension, new_due_on=day, paper=paper)
        else:
            decided = refuse_extension(actor=seat, extension=extension, note=form.cleaned_data["reason"])
        unit = extension.requested_for.name if extension.requested_for else ""
        offer_undo(request, decided, extension.deadline.task.title, unit, is_accepted=action == "accept")
    except NotAllowed as error:
        fresh = Extension.objects.select_related("decided_by").get(pk=extension.pk)
        if fresh.decided_by is None:
            raise
        messages.warning(request, taken(fresh) or error.message)
    except DomainError as error:
        add_error(form, error)
        return None
    return redirect(next_url(request, ("extension", extension.pk)))
