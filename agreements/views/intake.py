"""Pages of an intake: take in a text, check what was read beside it, confirm; and the sentence behind a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements.forms.intake import BLANK, DraftFields, Item, field_choices, value_label
from agreements.forms.sources import failure_message, note_message
from agreements.models import Intake, Programme
from agreements.services import intake as service
from agreements.services.intake import drafts
from agreements.views.intake_paper import Mark, number_items, paper
from agreements.views.intake_sources import crumbs as _crumbs
from agreements.views.intake_sources import open_intake as _open_intake
from core import files
from core.exceptions import DomainError, Stale
from core.http import conflict_page, form_data, once
from documents.types import Confidence

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from core.http import SignedInRequest

GROUPS = (Confidence.CHECK, Confidence.MISSING, Confidence.CERTAIN, BLANK)


# ----------------------------------------------------------------------------------------- check by the source


def intake_check(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Source and values side by side; every button of the page saves what was typed."""
    intake = _open_intake(request, pk)
    if intake.status != Intake.Status.OPEN:
        return _closed(request, intake)
    if intake.is_unread:
        return redirect("agreements:intake_read", pk=pk)
    data = form_data(request)
    if request.method == "POST" and data is not None:
        try:
            return once(request, lambda: _save(request, intake))
        except Stale as error:
            return _conflict(request, error.current)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("agreements:intake_check", pk=pk)
    if data is not None:  # typed before the session ended: shown, not yet saved
        for number, draft in enumerate(drafts.of(intake)):
            _show_typed(draft, f"p{number}-", data.dict())
    return render(request, "agreements/intake_check.html", _check_context(request, intake))


def _show_typed(draft: drafts.Draft, prefix: str, typed: dict[str, str]) -> None:
    for key, made in draft["fields"].items():
        made["raw"] = typed.get(prefix + key, made["raw"])


def _closed(request: SignedInRequest, intake: Intake) -> HttpResponseBase:
    if intake.status == Intake.Status.CONFIRMED:
        messages.info(request, _("This text was already confirmed. Its programmes are in the list below."))
    else:
        messages.info(request, _("This intake was dropped."))
    return redirect("agreements:intake_list")


def _save(request: SignedInRequest, intake: Intake) -> HttpResponseBase:
    act = request.POST.get("act", "save")
    version = request.POST.get("version", "")
    saved = service.save_work(
        actor=request.actor,
        intake=intake,
        version=int(version) if version.isascii() and version.isdigit() else -1,
        typed=request.POST.dict(),
        act=act,
    )
    here = reverse("agreements:intake_check", args=[intake.pk])
    if act == "next":
        return redirect("agreements:intake_confirm", pk=intake.pk)
    name, _sep, rest = act.partition(":")
    if name == "text":
        return redirect(f"{here}?xem=van-ban{'#s' + rest if rest.isdigit() else ''}")
    if name == "programme":
        return redirect(f"{here}#p{len(drafts.of(saved)) - 1}")
    if name == "row":
        number, _sep, kind = rest.partition(":")
        programmes = drafts.of(saved)
        known = number.isascii() and number.isdigit() and int(number) < len(programmes) and kind in drafts.ROWS
        return redirect(f"{here}#f-p{number}-{kind}-{programmes[int(number)]['rows'][kind] - 1}" if known else here)
    if name == "period" and rest.isdigit():
        return redirect(f"{here}#f-p{rest}-period")
    if name != "quiet":
        messages.success(request, _("The draft is saved. You can leave and go on later."))
    return redirect(here)


def _conflict(request: SignedInRequest, current: Intake) -> HttpResponseBase:
    """The compare page of a stale save: fields whose typed text differs from the saved one."""
    fields, choices = [], field_choices()
    for number, draft in enumerate(drafts.of(current)):
        if f"p{number}-here" not in request.POST:
            continue
        checked = service.check_draft(draft)
        for item in DraftFields(draft, number, checked, choices).items():
            for part in item.parts:
                mine = request.POST.get(part.name, "")
                if mine != part.value:
                    words = dict(part.choices)
                    label = _("Programme %(n)s, %(item)s: %(part)s") % {
                        "n": number + 1,
                        "item": item.label,
                        "part": part.label,
                    }
                    fields.append({"label": label, "mine": words.get(mine, mine), "theirs": part.shown})
    cancel = reverse("agreements:intake_check", args=[current.pk])
    return conflict_page(request, fields=fields, current=current, cancel_url=cancel)


def _check_context(request: SignedInRequest, intake: Intake) -> dict[str, Any]:
    strict = request.GET.get("sua") == "1"
    sections, everything, choices = [], [], field_choices()
    for number, draft in enumerate(drafts.of(intake)):
        section: dict[str, Any] = {"number": number, "draft": draft, "keep": draft["keep"]}
        section["title"] = drafts.value(draft, "title")
        if draft["keep"]:
            checked = service.check_draft(draft)
            items = DraftFields(draft, number, checked, choices, strict=strict).items()
            everything += items
            section["groups"] = [(state, [item for item in items if item.state == state]) for state in GROUPS]
            section["party_error"] = checked.error("party") if strict else ""
        sections.append(section)
    marks = number_items(everything)
    counts = {state: sum(item.state == state for item in everything) for state in GROUPS}
    first = next((item.anchor for item in _in_page_order(sections) if item.state == Confidence.CHECK), "")
    saved_at = intake.work.get("saved_at")
    return {
        "intake": intake,
        "sections": sections,
        "counts": {"check": counts["check"], "missing": counts["missing"], "certain": counts["certain"]},  # type: ignore[index]
        "first_doubt": first,
        "paragraphs": paper(intake.result.get("blocks", []), marks),
        "saved_at": parse_datetime(saved_at) if saved_at else None,
        "view": "source" if request.GET.get("xem") == "van-ban" else "fields",
        "failure": failure_message(**intake.reading_detail) if intake.reading == Intake.Reading.FAILED else "",
        "source_notes": [
            words
            for note in intake.result.get("source", {}).get("notes", [])
            if (words := note_message(note["code"], note["params"]))
        ],
        "nothing_read": intake.text and not intake.result.get("programmes"),
        "crumb_items": _crumbs(_("Check")),
    }


def _in_page_order(sections: list[dict[str, Any]]) -> list[Item]:
    return [item for section in sections for _state, items in section.get("groups", []) for item in items]


# ------------------------------------------------------------------------------------------- confirm and drop


def intake_confirm(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """All values once more, each with the way back; confirming makes the programmes."""
    intake = _open_intake(request, pk)
    if request.method == "POST":
        try:
            return once(request, lambda: _confirm(request, intake))
        except Stale:
            messages.warning(request, _("Somebody changed this intake in the meantime. Look at the values once more."))
        except DomainError as error:
            messages.error(request, error.message)
        intake = _open_intake(request, pk)
    if intake.status != Intake.Status.OPEN:
        return _closed(request, intake)
    sections, choices = [], field_choices()
    for number, draft in enumerate(drafts.of(intake)):
        if not draft["keep"]:
            continue
        checked = service.check_draft(draft)
        items = [item for item in DraftFields(draft, number, checked, choices, strict=True).items() if not item.dropped]
        sections.append({
            "number": number,
            "title": checked.data.title,
            "data": checked.data,
            "items": [item for item in items if item.summary or item.error],
            "open": sum(item.state in {Confidence.CHECK, Confidence.MISSING} for item in items),
            "problems": _problems(items, checked),
            "new_bodies": checked.new_bodies,
            "overlaps": service.overlaps(actor=request.actor, draft=draft),
        })  # fmt: skip
    context = {
        "intake": intake,
        "sections": sections,
        "blocked": not sections or any(section["problems"] for section in sections),
        "back_url": reverse("agreements:intake_check", args=[pk]),
        "crumb_items": _crumbs(_("Confirm")),
    }
    return render(request, "agreements/intake_confirm.html", context)


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
    intake = _open_intake(request, pk)
    if intake.status != Intake.Status.OPEN:
        return _closed(request, intake)
    if request.method == "POST":
        return once(request, lambda: _drop(request, intake))
    return render(request, "agreements/intake_drop.html", {"intake": intake, "crumb_items": _crumbs(_("Drop"))})


def _drop(request: SignedInRequest, intake: Intake) -> HttpResponseBase:
    service.drop(actor=request.actor, intake=intake, version=intake.version)
    messages.success(request, _("The intake is dropped."))
    return redirect("agreements:intake_list")


# ------------------------------------------------------------------------------------------- file and source


def intake_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file kept with an intake."""
    intake = _open_intake(request, pk)
    if intake.file is None:
        messages.info(request, _("This text was pasted; there is no file with it."))
        return redirect("agreements:intake_list")
    return files.download(intake.file)


def intake_source(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The sentences of the source that the values of a programme were read from; ?gia-tri=title marks one of them.

    Only paragraphs that hold a value of this programme are shown to those who may not see the intake itself.
    """
    programmes = Programme.objects.visible_to(request.user).select_related("intake")
    programme = get_object_or_404(programmes, pk=pk)
    blocks = programme.intake.result.get("blocks", []) if programme.intake else []
    wanted = request.GET.get("gia-tri", "")
    values = _spans(programme) if blocks else []
    marks = [
        Mark(
            span["block"], span["start"], span["end"], number, Confidence.CHECK if key == wanted else Confidence.CERTAIN
        )
        for number, (key, _label, span) in enumerate(values, start=1)
    ]
    full = Intake.objects.visible_to(request.user).filter(pk=programme.intake_id).exists()
    only = None if full else {mark.block for mark in marks}
    here = reverse("agreements:intake_source", args=[pk])
    links = [
        {"label": label, "url": f"{here}?{urlencode({'gia-tri': key})}#s{number}", "current": key == wanted}
        for number, (key, label, _span) in enumerate(values, start=1)
    ]
    context = {
        "programme": programme,
        "paragraphs": paper(blocks, marks, only=only),
        "links": links,
        "crumb_items": [
            (_("Programmes"), reverse("agreements:programme_list")),
            (programme.name, reverse("agreements:programme_detail", args=[pk])),
            (_("Source"), ""),
        ],
    }
    return render(request, "agreements/intake_source.html", context)


def _spans(programme: Programme) -> list[tuple[str, str, dict[str, int]]]:
    """Key, words and place of every value of the programme that was read from its source, in order of the source."""
    found = [(key, value_label(key), span) for key, span in programme.spans.items()]
    for kind, rows in (
        ("goal", programme.goals.all()),
        ("basis", programme.legal_bases.all()),
        ("task", programme.tasks.all()),
    ):
        for position, row in enumerate(rows, start=1):
            if row.span:
                found.append((f"{kind}_{position}", value_label(f"{kind}_{position}"), row.span))
    return sorted(found, key=lambda item: (item[2]["block"], item[2]["start"]))
