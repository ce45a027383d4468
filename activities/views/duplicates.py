"""Two entries that may be one and the same, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from activities import policy
from activities.forms.reviewing import NotDuplicateForm
from activities.models import Activity, Review
from activities.services.duplicates import candidates, say_not_duplicate
from activities.views.reading import photos_of, with_parts
from agreements.policy import keeps
from core.exceptions import DomainError
from core.forms import add_error
from core.http import form_data, once

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest


def duplicate_show(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show an entry beside the one it may repeat (?voi=); POST says why they are not the same."""
    rows = with_parts(Activity.objects.visible_to(request.user)).select_related("task__programme__owner")
    activity = get_object_or_404(rows, pk=pk)
    twins = candidates([activity], user=request.user)[activity.pk]
    wanted = request.POST.get("other") or request.GET.get("voi") or ""
    other = next((row for row in twins if str(row.pk) == wanted), None)
    if wanted and other is None and request.method == "GET":
        raise Http404
    other = other or (twins[0] if twins else None)
    if other is not None:
        other = rows.get(pk=other.pk)  # with pictures and values
    form = NotDuplicateForm(form_data(request), initial={"other": other.pk if other else None})
    back = reverse("activities:review_show", args=[pk])
    seats = [
        one for one in request.actors
        if one.role in policy.REVIEWERS and keeps(one, activity.task.programme.owner)
    ]  # fmt: skip

    def page() -> HttpResponse:
        pair = [_side(one) for one in (activity, other) if one is not None]
        context = {"activity": activity, "other": other, "twins": twins, "pair": pair, "form": form}
        waits = activity.review == Review.SUBMITTED
        return render(
            request, "activities/duplicate_show.html", context | {"may_say": seats, "back": back, "waits": waits}
        )

    def act() -> HttpResponseBase:
        if other is not None and form.is_valid():
            try:
                seat = seats[0] if seats else request.actor
                say_not_duplicate(actor=seat, activity=activity, other=other, reason=form.cleaned_data["reason"])
            except DomainError as error:
                add_error(form, error)
                return page()
            messages.success(request, _("Noted: the two entries are not the same. The hint comes back if one changes."))
            return redirect(back)
        return page()

    return once(request, act) if request.method == "POST" else page()


def _side(activity: Activity) -> dict[str, object]:
    return {"activity": activity, "photos": photos_of(activity), "values": list(activity.measurements.all())}
