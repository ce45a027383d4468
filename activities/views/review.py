"""The review queue: one list of everything that waits, oldest first, and one item shown with its decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import policy, services
from activities.forms.reviewing import DecisionForm
from activities.models import Activity, Measurement, ProgressReport, Review
from activities.services import effects
from activities.services.duplicates import candidates
from activities.services.reasons import remember
from activities.views.queue import Waiting, days_waited, drawn_lines, queue_of, waiting_in_all, with_effects
from activities.views.reading import contributions_of, joint_units_of, photos_of, seen_activity
from agreements.models import Extension, TaskDeadline
from core import notices
from core.exceptions import DomainError, NotAllowed, Stale
from core.forms import add_error
from core.http import form_data, once

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest
    from core.models import Actor

MOST_UNDO = 20
QUEUE_SHOWN = 30
REVIEW_URLS = {Activity: "activities:review_show", Measurement: "activities:measurement_review",
               TaskDeadline: "activities:deadline_review"}  # fmt: skip
UNDO_URLS = {Activity: "activities:review_undo", Measurement: "activities:measurement_undo",
             TaskDeadline: "activities:deadline_undo", ProgressReport: "activities:report_undo",
             Extension: "activities:extension_undo"}  # fmt: skip


def review_list(request: SignedInRequest) -> HttpResponseBase:
    """Show the queue; on a wide screen the oldest item is open beside it, a phone shows the list alone."""
    queue = queue_of(request)
    if queue:
        match = resolve(queue[0].url)  # whatever kind it is, its own page
        return match.func(request, **match.kwargs)  # type: ignore[no-any-return]
    context = frame(request, queue, None)
    last = (
        Activity.objects.visible_to(request.user)
        .filter(reviewed_by=request.user)
        .select_related("unit")
        .order_by("-reviewed_at")
        .first()
    )
    return render(request, "activities/review_list.html", context | {"last": last})


def frame(request: SignedInRequest, queue: list[Waiting], current: tuple[str, int] | None) -> dict[str, Any]:
    """What every page of the queue shows: the list, where one is in it, what can be undone."""
    place = next((at for at, item in enumerate(queue) if (item.kind, item.pk) == current), None)
    following = None
    if queue:
        following = queue[(place + 1) % len(queue)] if place is not None else queue[0]
        if (following.kind, following.pk) == current:
            following = None
    before = queue[(place - 1) % len(queue)] if place is not None and len(queue) > 1 else None
    undo = undoable(request)
    first = max(0, (place or 0) - QUEUE_SHOWN // 2)
    shown = with_effects(queue[first : first + QUEUE_SHOWN], timezone.localdate())
    return {
        "queue": shown,
        "drawn_lines": drawn_lines(shown, current),
        "hidden_before": first,
        "hidden_after": max(0, waiting_in_all(request) - first - QUEUE_SHOWN),
        "count": waiting_in_all(request),
        "place": None if place is None else place + 1,
        "current": current,
        "following": following,
        "before": before,
        "undo": undo[0] if undo else None,
        "undo_more": undo[1:],
        "is_list": request.path == reverse("activities:review_list"),
    }


def _seat(request: SignedInRequest, action: str, item: Activity | Measurement) -> Actor:
    """Return the membership under which the person may decide, else the acting one (which is then refused)."""
    seats = [actor for actor in request.actors if action in policy.allowed_actions(actor, item)]
    return seats[0] if seats else request.actor


def review_show(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show one activity with its effect; POST accepts or returns it."""
    activity = seen_activity(request.user, pk)
    return _review(
        request,
        activity,
        "activities/review_activity.html",
        {
            "activity": activity,
            "photos": photos_of(activity),
            "joint_units": joint_units_of(activity),
            "shares": contributions_of(activity),
            "twins": candidates([activity], user=request.user)[activity.pk],
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
    return _review(request, row, "activities/review_measurement.html", {"measurement": row})


def _review(
    request: SignedInRequest, item: Activity | Measurement, template: str, context: dict[str, Any]
) -> HttpResponseBase:
    noun = _noun(item)
    owner = item.task.programme.owner
    form = DecisionForm(form_data(request), committee=owner, initial={"version": item.version})

    def page(status: int = 200) -> HttpResponse:
        around = frame(request, queue_of(request), (noun, item.pk))
        days = days_waited(item.submitted_at)
        allowed = frozenset().union(*(policy.allowed_actions(actor, item) for actor in request.actors))
        found = (
            around
            | context
            | {
                "item": item,
                "values": _effects(item, around["queue"]),
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


def _effects(item: Activity | Measurement, rows: list[Waiting]) -> list[effects.Effect]:
    """Return what the item's values do: read already for the line of the queue, else on their own."""
    for row in rows:
        if (row.kind, row.pk) == (_noun(item), item.pk):
            return row.effects
    values = list(item.measurements.select_related("indicator")) if isinstance(item, Activity) else [item]
    return effects.effects_of(values, timezone.localdate(), is_counted=item.review == Review.ACCEPTED)


def _noun(item: Activity | Measurement) -> str:
    return "activity" if isinstance(item, Activity) else "measurement"


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
            remember(actor=seat, committee=item.task.programme.owner, texts=form.kept())
    except (NotAllowed, Stale) as error:
        fresh = type(item).objects.visible_to(request.user).filter(pk=item.pk).first()
        if isinstance(error, NotAllowed) and fresh is not None and fresh.review == Review.SUBMITTED:
            raise
        messages.warning(request, taken(fresh) or error.message)
        return redirect(next_url(request, (_noun(item), item.pk)))
    except DomainError as error:
        add_error(form, error)
        return None
    offer_undo(request, item, _name(item), item.unit.name, is_accepted=action == "accept")
    return redirect(next_url(request, (_noun(item), item.pk)))


def _name(item: Activity | Measurement) -> str:
    return item.name if isinstance(item, Activity) else item.indicator.name


def offer_undo(
    request: SignedInRequest,
    item: Activity | Measurement | TaskDeadline | ProgressReport | Extension,
    name: str,
    unit: str,
    *,
    is_accepted: bool,
) -> None:
    """Keep a decision just made for the pages of the queue, which say what happened and take it back by one button.

    item: as it was before the decision; an extension as it is after it, with its deadline, whose version counts.
    """
    decision = {
        "accepted": is_accepted,
        "kind": "extension" if isinstance(item, Extension) else "",
        "name": name,
        "unit": unit,
        "url": reverse(UNDO_URLS[type(item)], args=[item.duty_id if isinstance(item, ProgressReport) else item.pk]),
        "version": item.deadline.version if isinstance(item, Extension) else item.version + 1,
        "until": (timezone.now() + notices.UNDO_WINDOW).timestamp(),
    }
    forget_undo(request, decision["url"])  # an earlier decision on the same thing: it came back since
    request.session[notices.DECIDED] = [decision, *undoable(request)][:MOST_UNDO]


def undoable(request: SignedInRequest) -> list[dict[str, Any]]:
    """Return the decisions of this visit that can still be undone, the last one first."""
    now = timezone.now().timestamp()
    return [one for one in request.session.get(notices.DECIDED, []) if one["until"] > now]


def forget_undo(request: SignedInRequest, url: str) -> None:
    """Take a decision that was undone off the list."""
    request.session[notices.DECIDED] = [one for one in undoable(request) if one["url"] != url]


def taken(fresh: Activity | Measurement | TaskDeadline | Extension | ProgressReport | None) -> str:
    """Say who was first and when."""
    who = getattr(fresh, "reviewed_by", None) or getattr(fresh, "decided_by", None)
    when = getattr(fresh, "reviewed_at", None) or getattr(fresh, "decided_at", None)
    if who is None or when is None:
        return ""
    return _("Already handled by %(name)s at %(time)s. Go on to the next one.") % {
        "name": who.full_name,
        "time": f"{timezone.localtime(when):%H:%M}",
    }


def next_url(request: SignedInRequest, current: tuple[str, int]) -> str:
    """Return the address of the oldest item still waiting, the empty queue where none is."""
    rest = [waiting for waiting in queue_of(request) if (waiting.kind, waiting.pk) != current]
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
        services.undo_decision(actor=_seat(request, "undo", item), item=item, version=posted_version(request))
        forget_undo(request, request.path)
        messages.success(request, _("The decision is undone. The entry waits for review again."))
        return redirect(name, pk=item.pk)

    return once(request, act)


def posted_version(request: SignedInRequest) -> int | None:
    posted = request.POST.get("version", "")
    return int(posted) if posted.isascii() and posted.isdigit() and len(posted) < 9 else None
