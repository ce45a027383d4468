"""Values without activity ("Nhập số liệu"): a poverty rate comes from a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import policy, services
from activities.forms import MeasurementForm
from activities.models import Measurement, Review
from activities.services import effects
from activities.views.reading import REFUSED_REASON, typed_reason
from activities.views.writing import own_tasks
from agreements.models import Indicator
from agreements.views.conflicts import compare
from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import first_result, form_data, once

PARTS = ("task__programme__owner", "indicator", "unit", "author", "acting_for", "reviewed_by", "locality")

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest


def _indicators(request: SignedInRequest) -> QuerySet[Indicator]:
    rows = Indicator.objects.filter(task__in=own_tasks(request)).select_related("task__programme__owner", "task__lead")
    if request.actor.role == policy.REPORTER:
        rows = rows.filter(is_entered_by_partner=True)
    return rows.order_by("task__programme__code", "task__position", "position", "id")


def measurement_create(request: SignedInRequest) -> HttpResponseBase:
    """Enter a value for the indicator of ?chi-tieu=; without one, choose it first."""
    data = form_data(request)
    asked = (data.get("indicator") if data else None) or request.GET.get("chi-tieu", "")
    if not asked:
        task = request.GET.get("nhiem-vu", "")
        rows = (
            _indicators(request).filter(task=task)
            if task.isascii() and task.isdigit() and len(task) < 12
            else _indicators(request)
        )
        return render(request, "activities/indicator_pick.html", {"indicators": rows[:300]})
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 12:
        raise Http404
    indicator = get_object_or_404(_indicators(request), pk=asked)
    form = MeasurementForm(
        data,
        indicator=indicator,
        unit=request.actor.organisation,
        initial={"as_of": timezone.localdate(), "source": indicator.source},
    )
    return _write(request, form, None)


def measurement_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Change a draft or returned value of one's own."""
    row = _get(request, pk)
    if first := first_result(request):
        return first
    policy.require(request.actor, "edit", row)
    form = MeasurementForm(form_data(request), indicator=row.indicator, unit=row.unit, initial=_saved(row))
    return _write(request, form, row)


def _saved(row: Measurement) -> dict[str, Any]:
    name = f"q{row.indicator_id}"
    return {
        name: row.value,
        f"{name}_numerator": row.numerator,
        f"{name}_denominator": row.denominator,
        "as_of": row.as_of,
        "source": row.source,
        "locality": row.locality_id,
        "is_approximate": row.is_approximate,
        "version": row.version,
    }


def _get(request: SignedInRequest, pk: int) -> Measurement:
    rows = Measurement.objects.visible_to(request.user).filter(activity=None)
    return get_object_or_404(
        rows.select_related(
            "task__programme__owner", "indicator", "unit", "author", "acting_for", "reviewed_by", "locality"
        ),
        pk=pk,
    )


def _write(request: SignedInRequest, form: MeasurementForm, row: Measurement | None) -> HttpResponseBase:
    def page() -> HttpResponse:
        standing = effects.standings_of([form.indicator], timezone.localdate())[form.indicator.pk]
        return render(
            request,
            "activities/measurement_form.html",
            {"form": form, "indicator": form.indicator, "row": row, "standing": standing},
        )

    if request.method != "POST":
        return page()
    return once(request, lambda: (_save(request, form, row) if form.is_valid() else None) or page())


def _save(request: SignedInRequest, form: MeasurementForm, row: Measurement | None) -> HttpResponseBase | None:
    sends = request.POST.get("action") == "submit"
    try:
        with transaction.atomic():
            saved = services.save_measurement(
                actor=request.actor,
                data=form.data_of(),
                measurement=row,
                version=form.cleaned_data["version"] if row else None,
            )
            if sends:
                services.submit(actor=request.actor, item=saved)
    except Stale as error:
        cancel = reverse("activities:measurement_detail", args=[error.current.pk])
        return compare(request, error, [(form, _saved(error.current))], cancel_url=cancel)
    except DomainError as error:
        add_error(form, error)
        return None
    said = _("Sent. %(committee)s reviews it next.") % {"committee": saved.task.programme.owner.name}
    messages.success(
        request, said if sends else _("Draft saved at %(time)s.") % {"time": f"{timezone.localtime():%H:%M}"}
    )
    return redirect("activities:measurement_detail", pk=saved.pk)


def measurement_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one value with its source, review and what may be done with it."""
    row = _get(request, pk)
    allowed: set[str] = set()
    for actor in request.actors:
        allowed |= policy.allowed_actions(actor, row)
    values = effects.effects_of([row], timezone.localdate(), is_counted=row.review == Review.ACCEPTED)
    context = {"measurement": row, "allowed": allowed, "values": values, "is_counted": row.review == Review.ACCEPTED}
    context["typed_reason"] = typed_reason(request)
    return render(request, "activities/measurement_detail.html", context)


def measurement_move(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """One step of a value by a button: send, take back, delete, take acceptance back."""
    return once(request, lambda: _step(request, _get(request, pk)))


def _step(request: SignedInRequest, row: Measurement) -> HttpResponseBase:
    action = request.POST.get("action", "")
    page = redirect("activities:measurement_detail", pk=row.pk)
    try:
        if action == "submit":
            services.submit(actor=request.actor, item=row)
            said = _("Sent. %(committee)s reviews it next.") % {"committee": row.task.programme.owner.name}
        elif action == "recall":
            services.recall(actor=request.actor, item=row)
            said = _("Taken back to draft. Change it and send it again.")
        elif action == "delete":
            services.delete_measurement(actor=request.actor, measurement=row)
            said, page = _("The draft was deleted."), redirect("activities:task_detail", pk=row.task_id)
        elif action == "revoke":
            services.revoke(actor=request.actor, item=row, reason=request.POST.get("reason", ""))
            said = _("The acceptance is taken back. The entry waits for review again and no longer counts.")
        else:
            raise DomainError(_("Nothing was chosen. Open the page again and press a button."))
    except DomainError as error:
        if error.field is None:
            raise
        messages.error(request, error.message)
        text = request.POST.get("reason", "")
        request.session[REFUSED_REASON] = {"path": page["Location"], "text": text}
        return page
    messages.success(request, said)
    return page
