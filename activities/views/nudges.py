"""Reminders as pages: what is overdue by unit, the log, a reminder by hand, the draft of a letter, the ladder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.forms.reminding import AFTER, BEFORE, MOST_STEPS, LetterForm, StepSet
from activities.models import Nudge, ReminderStep
from activities.services import overdue, reminders
from activities.services.letters import draft, paper_of, usual_closing
from agreements.models import Programme
from core.exceptions import DomainError, NotAllowed, Stale
from core.http import form_data, once, safe_next
from core.services import note_download
from documents import vietnamese
from documents.writing import docx
from partners.models import Membership, Organisation, committee_of

if TYPE_CHECKING:
    import datetime

    from django.core.paginator import Page
    from django.http import HttpResponseBase

    from activities.models.due import DueWorkQuerySet
    from activities.services.letters import Letter
    from activities.services.overdue import Late, Owing
    from core.http import SignedInRequest

A_PAGE = 30
UNITS_SHOWN, OF_A_UNIT = 20, 5  # units of a page, and things of each; a unit has a page of its own
A_UNITS_PAGE = 50
UNITS_PAGE = "trang"
OPEN_LINES = 4  # empty lines of the ladder's form


def nudge_list(request: SignedInRequest) -> HttpResponse:
    """Show what is overdue by unit, with a reminder by hand and a letter, and below it every reminder sent.

    With ?don-vi= all that one unit owes, else the first few things of each; with ?viec= one thing alone, with
    ?chuong-trinh= those of one programme.
    """
    day = timezone.localdate()
    rows, about = _asked(request, overdue.of_committees(request.actors, day))
    asked = request.GET.get("don-vi", "")
    unit = get_object_or_404(Organisation.objects.visible_to(request.user), pk=_number(asked)) if asked else None
    owing = overdue.by_unit(rows.filter(unit=unit) if unit else rows)
    count = sum(one.number for one in owing)
    if unit:
        units = Paginator(range(count), A_UNITS_PAGE).get_page(request.GET.get(UNITS_PAGE))
        first = overdue.listed(rows.filter(unit=unit).order_by("due_on", "kind", "thing")[_slice(units)], day)
        shown, lines = owing[:1], {unit.pk: first}
    else:
        units = Paginator(owing, UNITS_SHOWN).get_page(request.GET.get(UNITS_PAGE))
        shown = list(units)
        lines = overdue.first_of(rows, [one.unit_id for one in shown], OF_A_UNIT, day) if shown else {}
    log = Paginator(reminders.log_for(request.user), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "unit": unit,
        "about": about,
        "units": _units(shown, lines, is_alone=unit is not None),
        "units_page": units,
        "count": count,
        "page_obj": log,
        "rows": [_line(nudge) for nudge in log],
        "may_send": any(actor.role == Membership.Role.OFFICER for actor in request.actors),
        "here": request.get_full_path(),
    }
    return render(request, "activities/nudge_list.html", context)


def _asked(request: SignedInRequest, rows: DueWorkQuerySet) -> tuple[DueWorkQuerySet, str]:
    """Return the rows that the address asks for, and what it narrows them to in words; "" for nothing."""
    what, programme = request.GET.get("viec", ""), request.GET.get("chuong-trinh", "")
    if what:
        return overdue.only(rows, what), _("One thing")
    if programme:
        one = get_object_or_404(Programme.objects.visible_to(request.user), pk=_number(programme))
        return rows.filter(programme=one), one.name
    return rows, ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _slice(page: Page[Any]) -> slice:
    return slice(max(0, page.start_index() - 1), page.end_index())


def _units(shown: list[Owing], lines: dict[int, list[Late]], *, is_alone: bool) -> list[dict[str, Any]]:
    """Return the units of the page: {unit, heirs of a dissolved one, rows (Late), more: how many are not shown}."""
    bodies = Organisation.objects.in_bulk([one.unit_id for one in shown])
    gone = {pk for pk, body in bodies.items() if body.status == Organisation.Status.DISSOLVED}
    heirs = Organisation.objects.heirs_of(gone) if gone else {}
    return [
        {
            "unit": bodies[one.unit_id],
            "heirs": heirs.get(one.unit_id, []),
            "rows": lines.get(one.unit_id, []),
            "more": 0 if is_alone else one.number - len(lines.get(one.unit_id, [])),
        }
        for one in shown
    ]


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
    """Draft the letter that names a unit's overdue items, to be printed or, with ?tai=docx, as a Word file.

    The number is left blank. What a dissolved body left undone stands in the letters to those that followed it; it gets
    none itself.
    """
    unit = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    day = timezone.localdate()
    gone = unit.status == Organisation.Status.DISSOLVED
    committee = committee_of(request.actor.organisation)
    if not committee.is_front:
        raise NotAllowed(_("Only people of a Front committee write this letter."))
    form = LetterForm(request.GET if "ket" in request.GET else None, initial={"ket": usual_closing(day)})
    closing = form["ket"].value() or ""
    if form.is_bound and form.is_valid():
        closing = form.cleaned_data["ket"]
    closing = closing or usual_closing(day)
    overdue_items = [] if gone else _late_of(request, unit, day)
    letter = draft(committee=committee, unit=unit, overdue=overdue_items, closing=closing, day=day)
    if letter.rows and request.GET.get("tai") == "docx":
        return _letter_file(request, unit, letter, day)
    context = {
        "unit": unit,
        "letter": letter,
        "form": form,
        "gone": gone,
        "heirs": Organisation.objects.heirs_of([unit.pk])[unit.pk] if gone else [],
        "docx_url": f"?{urlencode({'ket': closing, 'tai': 'docx'})}",
    }
    return render(request, "activities/letter_show.html", context)


def _late_of(request: SignedInRequest, unit: Organisation, day: datetime.date) -> list[Late]:
    """Return what the unit owes the reader's committees past its day, with what bodies that went into it left.

    In Vietnamese, as the letter is whatever the language of the pages.
    """
    answers_for = {unit.pk, *Organisation.objects.gone_into(unit).values_list("pk", flat=True)}
    rows = overdue.of_committees(request.actors, day).filter(unit__in=answers_for)
    with translation.override("vi"):
        return overdue.listed(rows, day)


def _letter_file(request: SignedInRequest, unit: Organisation, letter: Letter, day: datetime.date) -> HttpResponse:
    """Answer with the letter as a Word file; that it was taken is entered in the audit trail."""
    label, address = _("Letter to %(unit)s") % {"unit": unit}, request.get_full_path()
    note_download(actor=request.actor, label=label, address=address, rows=len(letter.rows))
    name = "-".join(re.findall(r"[a-z0-9]+", vietnamese.fold(unit.name)))[:60]
    response = HttpResponse(docx.write(paper_of(letter)), content_type=docx.MIME)
    response["Content-Disposition"] = f'attachment; filename="cong-van-{name}-{day.isoformat()}.docx"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


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
