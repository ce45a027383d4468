"""Reminders as pages: what is overdue by unit, the log, a reminder by hand, the draft of a letter, the ladder."""

from __future__ import annotations

import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.forms.reminding import AFTER, BEFORE, MOST_STEPS, LetterForm, StepSet
from activities.models import Nudge, ReminderStep
from activities.services import reminders
from activities.services.letters import draft, usual_closing
from agreements.policy import keeps
from core.exceptions import DomainError, NotAllowed, Stale
from core.http import form_data, once, safe_next
from partners.models import Membership, Organisation, committee_of

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from activities.services.reminders import Owed
    from core.http import SignedInRequest

A_PAGE = 30
OPEN_LINES = 4  # empty lines of the ladder's form


def nudge_list(request: SignedInRequest) -> HttpResponse:
    """Show what is overdue by unit, with a reminder by hand and a letter, and below it every reminder sent."""
    day = timezone.localdate()
    overdue = [one for one in _overdue(request, day) if one.unit.pk != one.committee.pk]
    gone = {one.unit.pk for one in overdue if one.unit.status == Organisation.Status.DISSOLVED}
    heirs = Organisation.objects.heirs_of(gone) if gone else {}
    units = []
    for unit, found in groupby(sorted(overdue, key=lambda one: (one.unit.pk, one.due_on)), key=lambda one: one.unit):
        rows = [{"owed": one, "late": one.late_days(day)} for one in found]
        units.append(
            {"unit": unit, "heirs": heirs.get(unit.pk, []), "rows": rows, "latest": max(row["late"] for row in rows)}
        )
    units.sort(key=lambda row: -row["latest"])
    page = Paginator(reminders.log_for(request.user), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "units": units,
        "count": len(overdue),
        "page_obj": page,
        "rows": [_line(nudge) for nudge in page],
        "may_send": any(actor.role == Membership.Role.OFFICER for actor in request.actors),
    }
    return render(request, "activities/nudge_list.html", context)


def _overdue(request: SignedInRequest, day: datetime.date) -> list[Owed]:
    """Return what is overdue in programmes that one of the person's committees keeps."""
    things = reminders.owed_things(user=request.user, until=day - datetime.timedelta(days=1))
    return [one for one in things if any(keeps(actor, one.programme.owner) for actor in request.actors)]


def _line(nudge: Nudge) -> dict[str, Any]:
    """Return one line of the log: the reminder, what it was about and where that stands."""
    thing: Any = nudge.duty or nudge.deadline or nudge.milestone or nudge.directive
    programme = thing.task.programme if nudge.deadline else thing.programme
    return {"nudge": nudge, "title": str(thing), "programme": programme, "url": reminders.page_of(thing)}


def nudge_send(request: SignedInRequest) -> HttpResponseBase:
    """Remind the unit of one thing now."""
    owed = reminders.find_owed(request.user, request.POST.get("what", ""))
    if owed is None:
        if request.POST.get("what"):
            raise Http404
        raise DomainError(_("Nothing was chosen. Open the page again and press a button."))

    def act() -> HttpResponseBase:
        count = reminders.send_by_hand(actor=request.actor, owed=owed)
        text = ngettext("A reminder went to %(n)s person.", "A reminder went to %(n)s people.", count)
        messages.success(request, text % {"n": count})
        return redirect(safe_next(request, owed.url))

    return once(request, act)


def letter_show(request: SignedInRequest, pk: int) -> HttpResponse:
    """Draft the letter that names a unit's overdue items, to be printed; the number is left blank.

    What a dissolved body left undone stands in the letters to those that followed it; it gets none itself.
    """
    unit = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    day = timezone.localdate()
    gone = unit.status == Organisation.Status.DISSOLVED
    answers_for = {unit.pk, *Organisation.objects.gone_into(unit).values_list("pk", flat=True)}
    found = [] if gone else [one for one in _overdue(request, day) if one.unit.pk in answers_for]
    committee = committee_of(request.actor.organisation)
    if not committee.is_front:
        raise NotAllowed(_("Only people of a Front committee write this letter."))
    form = LetterForm(request.GET if "ket" in request.GET else None, initial={"ket": usual_closing(day)})
    closing = form["ket"].value() or ""
    if form.is_bound and form.is_valid():
        closing = form.cleaned_data["ket"]
    letter = draft(committee=committee, unit=unit, overdue=found, closing=closing or usual_closing(day), day=day)
    return render(
        request,
        "activities/letter_show.html",
        {
            "unit": unit,
            "letter": letter,
            "form": form,
            "gone": gone,
            "heirs": Organisation.objects.heirs_of([unit.pk])[unit.pk] if gone else [],
        },
    )


def ladder_edit(request: SignedInRequest) -> HttpResponseBase:
    """Keep the common ladder of reminders."""
    ladder = reminders.common_ladder()
    start = [
        {"number": abs(days), "side": BEFORE if days < 0 else AFTER, "audience": audience}
        for days, audience in sorted(ladder.items())
    ]
    start += [{"side": AFTER}] * min(OPEN_LINES, MOST_STEPS - len(start))
    steps = StepSet(form_data(request), initial=start)

    def page(error: str = "") -> HttpResponse:
        # What was typed stays; the version is that of now, so that saving again is a decision made with open eyes.
        now = reminders.ladder_version(ladder)
        context = {"steps": steps, "version": now, "error": error, "saved": _words(ladder) if error else []}
        return render(request, "activities/ladder_edit.html", context)

    def act() -> HttpResponseBase:
        if not steps.is_valid():
            return page()
        try:
            version = request.POST.get("version", "")
            reminders.save_ladder(actor=request.actor, steps=steps.steps(), version=version)
        except Stale:
            return page(_("Somebody else changed the ladder meanwhile. Save again to replace it by yours."))
        except DomainError as error:
            return page(error.message)
        messages.success(request, _("The ladder is saved. It holds from the next run on."))
        return redirect("activities:ladder_edit")

    return once(request, act) if request.method == "POST" else page()


def _words(ladder: dict[int, str]) -> list[str]:
    return [f"{Nudge(days=days).words}: {ReminderStep.Audience(to).label}" for days, to in sorted(ladder.items())]
