"""Days off and days worked in exchange, kept by administrators; what a change does to due dates is shown first."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities import services
from activities.forms.duties import HolidayForm
from agreements.views.conflicts import compare
from core import services as core_services
from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import form_data, once
from core.models import Holiday
from documents import vietnamese

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

SHOWN = 8  # moved due dates listed one by one


def holiday_list(request: SignedInRequest) -> HttpResponse:
    """List the days of a year (`nam`), in order, those of Tết marked."""
    today = timezone.localdate()
    years = sorted({row.year for row in Holiday.objects.dates("day", "year")} | {today.year})
    asked = request.GET.get("nam", "")
    year = int(asked) if asked in {str(one) for one in years} else today.year
    rows = [
        {"holiday": row, "is_tet": is_tet(row), "is_weekend": row.day.weekday() >= 5, "weekday": weekday(row.day)}
        for row in Holiday.objects.filter(day__year=year)
    ]
    context = {
        "rows": rows,
        "year": year,
        "years": [{"url": f"?nam={one}", "label": one, "count": None, "current": one == year} for one in years],
    }
    return render(request, "activities/holiday_list.html", context)


def is_tet(row: Holiday) -> bool:
    """Return whether the day belongs to the lunar new year: off, in January or February, not the first of January."""
    in_season = datetime.date(row.day.year, 1, 15) <= row.day <= datetime.date(row.day.year, 2, 28)
    return row.kind == Holiday.Kind.OFF and in_season and "tết" in row.name.lower()


def weekday(day: datetime.date) -> str:
    """Return the name of the day of the week."""
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return names[day.weekday()]


def holiday_create(request: SignedInRequest) -> HttpResponseBase:
    """Enter a day."""
    return _form(request, None)


def holiday_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Change a day."""
    return _form(request, get_object_or_404(Holiday, pk=pk))


def _saved(row: Holiday | None) -> dict[str, Any]:
    if row is None:
        return {"kind": Holiday.Kind.OFF}
    return {name: getattr(row, name) for name in ("day", "kind", "name", "note", "version")}


def _form(request: SignedInRequest, row: Holiday | None) -> HttpResponseBase:
    form = HolidayForm(form_data(request), initial=_saved(row))

    def act() -> HttpResponseBase:
        if not form.is_valid():
            return _page(request, form, row)
        values = {name: form.cleaned_data[name] for name in ("day", "kind", "name", "note")}
        days = services.working_days(without=row.pk if row else None, extra=Holiday(**values))
        moved = services.moved_by_calendar(days, {values["day"], *([row.day] if row else [])})
        seen = f"{values['day']}:{values['kind']}:{len(moved)}"
        if moved and request.POST.get("seen") != seen:
            return _page(request, form, row, moved=moved, seen=seen)
        try:
            saved = core_services.save_holiday(
                actor=request.actor, holiday=row, version=form.cleaned_data["version"], **values
            )
        except Stale as stale:
            return compare(
                request, stale, [(form, _saved(stale.current))], cancel_url=reverse("activities:holiday_list")
            )
        except DomainError as error:
            add_error(form, error)
            return _page(request, form, row)
        return _after(request, saved.day.year, moved)

    return once(request, act) if request.method == "POST" else _page(request, form, row)


def _page(
    request: SignedInRequest, form: HolidayForm, row: Holiday | None, *, moved: Any = (), seen: str = ""
) -> HttpResponse:
    effect = None
    if row is not None and request.method == "GET":
        effect = len(services.moved_by_calendar(services.working_days(without=row.pk), {row.day}))
    context = {
        "form": form,
        "row": row,
        "moved": [{"duty": duty, "to": to} for duty, to in moved[:SHOWN]],
        "moved_words": moved_words(len(moved)),
        "more": max(0, len(moved) - SHOWN),
        "seen": seen,
        "removal": moved_words(effect) if effect is not None else "",
        "cancel_url": reverse("activities:holiday_list"),
        "submit_label": _("Save and move the due dates") if moved else _("Save the day"),
    }
    return render(request, "activities/holiday_form.html", context)


def moved_words(count: int) -> str:
    """Return how many due dates a change moves."""
    if not count:
        return _("No due date moves.")
    shown = vietnamese.format_number(count)
    return ngettext("%(n)s due date moves.", "%(n)s due dates move.", count) % {"n": shown}


def _after(request: SignedInRequest, year: int, moved: Any) -> HttpResponseBase:
    for programme in {duty.programme_id: duty.programme for duty, _to in moved}.values():
        services.regenerate(actor=request.actor, programme=programme)
    messages.success(request, _("The calendar is saved.") + " " + moved_words(len(moved)))
    return redirect(f"{reverse('activities:holiday_list')}?nam={year}")


def holiday_remove(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Take a day out of the calendar."""
    row = get_object_or_404(Holiday, pk=pk)

    def act() -> HttpResponseBase:
        moved = services.moved_by_calendar(services.working_days(without=row.pk), {row.day})
        core_services.remove_holiday(actor=request.actor, holiday=row, version=request.POST.get("version"))
        return _after(request, row.day.year, moved)

    return once(request, act)
