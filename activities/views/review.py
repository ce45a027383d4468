"""The review queue: one list of everything that waits, oldest first, and one item shown with its decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import policy, services
from activities.forms import DecisionForm
from activities.models import Activity, Measurement, Review
from activities.services import effects
from activities.views.queue import Waiting, queue_of
from activities.views.reading import contributions_of, photos_of, with_parts
from agreements.models import TaskDeadline
from agreements.policy import allowed_deadline_actions
from agreements.services.deadlines import confirm_deadline, return_deadline, undo_deadline_decision
from core.exceptions import DomainError, NotAllowed, Stale
from core.forms import add_error
from core.http import form_data, once

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest
    from core.models import Actor

UNDO = "undo_review"  # session key: the decision that can still be undone, shown on the next item
QUEUE_SHOWN = 30
REVIEW_URLS = {Activity: "activities:review_show", Measurement: "activities:measurement_review",
               TaskDeadline: "activities:deadline_review"}  # fmt: skip
UNDO_URLS = {Activity: "activities:review_undo", Measurement: "activities:measurement_undo",
             TaskDeadline: "activities:deadline_undo"}  # fmt: skip


def review_list(request: SignedInRequest) -> HttpResponseBase:
    """Show the queue; on a wide screen the oldest item is open beside it, a phone shows the list alone."""
    queue = queue_of(request)
    if queue:
        shows = {"activity": review_show, "measurement": measurement_review, "deadline": deadline_review}
        return shows[queue[0].kind](request, queue[0].pk)
    context = _frame(request, queue, None)
    last = (
        Activity.objects.visible_to(request.user)
        .filter(reviewed_by=request.user)
        .select_related("unit")
        .order_by("-reviewed_at")
        .first()
    )
    return render(request, "activities/review_list.html", context | {"last": last})


def _frame(request: SignedInRequest, queue: list[Waiting], current: tuple[str, int] | None) -> dict[str, Any]:
    """What every page of the queue shows: the list, where one is in it, what can be undone."""
    place = next((at for at, item in enumerate(queue) if (item.kind, item.pk) == current), None)
    following = None
    if queue:
        following = queue[(place + 1) % len(queue)] if place is not None else queue[0]
        if (following.kind, following.pk) == current:
            following = None
    undo = request.session.pop(UNDO, None) if request.method == "GET" else None
    first = max(0, (place or 0) - QUEUE_SHOWN // 2)
    return {
        "queue": queue[first : first + QUEUE_SHOWN],
        "hidden_before": first,
        "hidden_after": max(0, len(queue) - first - QUEUE_SHOWN),
        "count": len(queue),
        "place": None if place is None else place + 1,
        "current": current,
        "following": following,
        "undo": undo,
        "is_list": request.path == reverse("activities:review_list"),
    }


def _seat(request: SignedInRequest, action: str, item: Activity | Measurement) -> Actor:
    """Return the membership under which the person may decide, else the acting one (which is then refused)."""
    seats = [actor for actor in request.actors if action in policy.allowed_actions(actor, item)]
    return seats[0] if seats else request.actor


def review_show(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show one activity with its effect; POST accepts or returns it."""
    activity = get_object_or_404(with_parts(Activity.objects.visible_to(request.user)), pk=pk)
    values = list(activity.measurements.all())
    return _review(
        request,
        activity,
        "activities/review_activity.html",
        {
            "activity": activity,
            "values": effects.effects_of(values, timezone.localdate(), is_counted=activity.review == Review.ACCEPTED),
            "photos": photos_of(activity),
            "joint_units": activity.joint_units.all(),
            "shares": contributions_of(activity),
        },
    )


def measurement_review(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show one value that came without an activity; POST accepts or returns it."""
    row = get_object_or_404(
        Measurement.objects.visible_to(request.user)
        .filter(activity=None)
        .select_related(
            "task__programme__owner", "indicator", "unit", "author", "acting_for", "reviewed_by", "locality"
        ),
        pk=pk,
    )
    counted = row.review == Review.ACCEPTED
    values = effects.effects_of([row], timezone.localdate(), is_counted=counted)
    return _review(request, row, "activities/review_measurement.html", {"measurement": row, "values": values})


def _review(
    request: SignedInRequest, item: Activity | Measurement, template: str, context: dict[str, Any]
) -> HttpResponseBase:
    noun = "activity" if isinstance(item, Activity) else "measurement"
    form = DecisionForm(form_data(request), initial={"version": item.version})

    def page(status: int = 200) -> HttpResponse:
        frame = _frame(request, queue_of(request), (noun, item.pk))
        days = (timezone.localdate() - timezone.localdate(item.submitted_at)).days if item.submitted_at else None
        allowed = frozenset().union(*(policy.allowed_actions(actor, item) for actor in request.actors))
        found = (
            frame
            | context
            | {
                "item": item,
                "item_title": _name(item),
                "item_url": reverse(REVIEW_URLS[type(item)], args=[item.pk]),
                "undo_url": reverse(UNDO_URLS[type(item)], args=[item.pk]),
                "form": form,
                "allowed": allowed,
                "waited": days,
                "decided": _decided(item),
                "sent_at": item.submitted_at,
                "is_counted": item.review == Review.ACCEPTED,
            }
        )
        return render(request, template, found, status=status)

    if request.method != "POST":
        return page()
    return once(request, lambda: _decide(request, item, form) or page())


def _decided(item: Activity | Measurement) -> bool:
    return item.review in {Review.ACCEPTED, Review.RETURNED} and item.reviewed_by is not None


def _decide(request: SignedInRequest, item: Activity | Measurement, form: DecisionForm) -> HttpResponseBase | None:
    """Accept or return; None where the page must be shown again with the error."""
    action = request.POST.get("action", "")
    if action not in {"accept", "return"}:
        raise DomainError(_("Nothing was chosen. Open the page again and press a button."))
    if not form.is_valid():
        return None
    seat, version = _seat(request, action, item), form.cleaned_data["version"]
    try:
        if action == "accept":
            services.accept(actor=seat, item=item, version=version)
        else:
            services.return_item(actor=seat, item=item, reason=form.text(), version=version)
    except (NotAllowed, Stale) as error:
        fresh = type(item).objects.visible_to(request.user).filter(pk=item.pk).first()
        if isinstance(error, NotAllowed) and fresh is not None and fresh.review == Review.SUBMITTED:
            raise
        messages.warning(request, _taken(fresh) or error.message)
        return redirect(_next(request, item))
    except DomainError as error:
        add_error(form, error)
        return None
    _offer_undo(request, item, _name(item), item.unit.name, is_accepted=action == "accept")
    return redirect(_next(request, item))


def _name(item: Activity | Measurement) -> str:
    return item.name if isinstance(item, Activity) else item.indicator.name


def _offer_undo(
    request: SignedInRequest, item: Activity | Measurement | TaskDeadline, name: str, unit: str, *, is_accepted: bool
) -> None:
    """Keep the decision just made for the next page, which says what happened and takes it back by one button."""
    url = reverse(UNDO_URLS[type(item)], args=[item.pk])
    request.session[UNDO] = {
        "accepted": is_accepted,
        "name": name,
        "unit": unit,
        "url": url,
        "version": item.version + 1,
    }


def _taken(fresh: Activity | Measurement | None) -> str:
    """Say who was first and when."""
    if fresh is None or not fresh.reviewed_by or not fresh.reviewed_at:
        return ""
    return _("Already handled by %(name)s at %(time)s. Go on to the next one.") % {
        "name": fresh.reviewed_by.full_name,
        "time": f"{timezone.localtime(fresh.reviewed_at):%H:%M}",
    }


def _next(request: SignedInRequest, item: Activity | Measurement | TaskDeadline) -> str:
    """Return the address of the oldest item still waiting, the empty queue where none is."""
    kind = {Activity: "activity", Measurement: "measurement"}.get(type(item), "deadline")
    rest = [waiting for waiting in queue_of(request) if (waiting.kind, waiting.pk) != (kind, item.pk)]
    return rest[0].url if rest else reverse("activities:review_list")


def review_undo(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Undo the person's own last decision on an activity."""
    return _undo(
        request,
        get_object_or_404(
            Activity.objects.visible_to(request.user).select_related("task__programme__owner", "acting_for"), pk=pk
        ),
    )


def measurement_undo(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Undo the person's own last decision on a value."""
    rows = Measurement.objects.visible_to(request.user).filter(activity=None)
    return _undo(request, get_object_or_404(rows.select_related("task__programme__owner", "acting_for"), pk=pk))


def _undo(request: SignedInRequest, item: Activity | Measurement) -> HttpResponseBase:
    name = REVIEW_URLS[type(item)]

    def act() -> HttpResponseBase:
        services.undo_decision(actor=_seat(request, "undo", item), item=item, version=_posted_version(request))
        messages.success(request, _("The decision is undone. The entry waits for review again."))
        return redirect(name, pk=item.pk)

    return once(request, act)


def _posted_version(request: SignedInRequest) -> int | None:
    posted = request.POST.get("version", "")
    return int(posted) if posted.isascii() and posted.isdigit() and len(posted) < 9 else None


def deadline_undo(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Undo the person's own last decision on a deadline reported done."""
    rows = TaskDeadline.objects.visible_to(request.user)
    deadline = get_object_or_404(rows.select_related("task__programme__owner", "task__lead", "reported_for"), pk=pk)
    seats = [actor for actor in request.actors if "undo" in allowed_deadline_actions(actor, deadline)]

    def act() -> HttpResponseBase:
        seat = seats[0] if seats else request.actor
        undo_deadline_decision(actor=seat, deadline=deadline, version=_posted_version(request))
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
    form = DecisionForm(form_data(request), initial={"version": deadline.version})
    seats = [
        actor for actor in request.actors if allowed_deadline_actions(actor, deadline) & {"confirm", "return", "undo"}
    ]

    def page() -> HttpResponse:
        days = (timezone.localdate() - timezone.localdate(deadline.reported_at)).days if deadline.reported_at else None
        recent = Activity.objects.visible_to(request.user).accepted().filter(task=deadline.task)
        context = _frame(request, queue_of(request), ("deadline", deadline.pk)) | {
            "deadline": deadline,
            "item": deadline,
            "item_title": f"{deadline.task.title} ({deadline.period})" if deadline.period else deadline.task.title,
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
    except (NotAllowed, Stale) as error:
        fresh = TaskDeadline.objects.select_related("reviewed_by").get(pk=deadline.pk)
        if isinstance(error, NotAllowed) and fresh.state == TaskDeadline.State.AWAITING:
            raise
        messages.warning(request, _taken(fresh) or error.message)  # type: ignore[arg-type]
        return redirect(_next(request, deadline))
    except DomainError as error:
        add_error(form, error)
        return None
    unit = deadline.reported_for.name if deadline.reported_for else ""
    _offer_undo(request, deadline, deadline.task.title, unit, is_accepted=action == "accept")
    return redirect(_next(request, deadline))
