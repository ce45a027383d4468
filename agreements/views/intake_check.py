"""The check page: source and values side by side; every button of the page saves what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.forms.intake import BLANK, DraftFields, Item, Lists
from agreements.forms.sources import failure_of, note_message
from agreements.models import Intake
from agreements.services import intake as service
from agreements.services.intake import drafts
from agreements.views.intake import closed
from agreements.views.intake_paper import number_items, paper
from agreements.views.intake_sources import crumbs, open_intake
from core.exceptions import DomainError, NotAllowed, Stale
from core.http import conflict_page, form_data, once
from documents.types import Confidence
from partners.models import Organisation

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from core.http import SignedInRequest

FIRST = (Confidence.CHECK, Confidence.MISSING)  # shown open, before the tasks
LAST = (Confidence.CERTAIN, BLANK)  # shown as read rows, behind them
MOST_NAMES = 300  # names of bodies offered while typing
ADDS = (
    ("party", gettext_lazy("Party")),
    ("basis", gettext_lazy("Legal basis")),
    ("goal", gettext_lazy("Goal")),
    ("task", gettext_lazy("Task")),
    ("review", gettext_lazy("Interim or final review")),
    ("report", gettext_lazy("Report")),
)
AUTOSAVE = "X-Autosave"  # header of a save that the page makes by itself and answers in place


def intake_check(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show the drafts beside their source; save on every post."""
    intake = open_intake(request, pk)
    if intake.status != Intake.Status.OPEN:
        return closed(request, intake)
    if intake.is_unread:
        return redirect("agreements:intake_read", pk=pk)
    if request.method == "POST" and request.headers.get(AUTOSAVE):
        return _autosave(request, intake)
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


# ------------------------------------------------------------------------------------------------- saving


def _work(request: SignedInRequest, intake: Intake, act: str) -> Intake:
    version = request.POST.get("version", "")
    return service.save_work(
        actor=request.actor,
        intake=intake,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1,
        typed=request.POST.dict(),
        act=act,
    )


def _autosave(request: SignedInRequest, intake: Intake) -> JsonResponse:
    """Save without leaving the page: the next version and the time, or why not (409 where somebody was first).

    The version keeps it from acting twice; a form key would be used up by it.
    """
    try:
        saved = _work(request, intake, "save")
    except Stale as error:
        return JsonResponse({"message": error.message}, status=409)
    except DomainError as error:
        return JsonResponse({"message": error.message}, status=400)
    saved_at = parse_datetime(saved.work.get("saved_at") or "") or timezone.now()
    words = _("Draft saved at %(time)s") % {"time": timezone.localtime(saved_at).strftime("%H:%M")}
    lists = Lists.read()
    sections = [_section(draft, number, lists, strict=False) for number, draft in enumerate(drafts.of(saved))]
    items = [item for section in sections for item in section.get("items", [])]
    return JsonResponse({"version": saved.version, "message": words, "states": {i.anchor: i.state for i in items}})


def _save(request: SignedInRequest, intake: Intake) -> HttpResponseBase:
    act = request.POST.get("act", "save")
    before = len(drafts.of(intake))
    here = reverse("agreements:intake_check", args=[intake.pk])
    try:
        saved = _work(request, intake, act)
    except (Stale, NotAllowed):
        raise
    except DomainError as error:  # what was typed is saved: an exception would take it back with the form key
        messages.error(request, error.message)
        return redirect(here)
    name, _sep, rest = act.partition(":")
    if act == "next":
        return redirect("agreements:intake_confirm", pk=intake.pk)
    if name == "text":
        return redirect(f"{here}?xem=van-ban{'#s' + rest if rest.isdigit() else ''}")
    if name == "save" or (name == "part" and len(drafts.of(saved)) == before):
        messages.success(request, _("The draft is saved. You can leave and go on later."))
    return redirect(here + _anchor(name, rest, drafts.of(saved)))


def _anchor(name: str, rest: str, programmes: list[drafts.Draft]) -> str:
    """Where the page opens again: at what the button changed."""
    number, _sep, what = rest.partition(":")
    if name == "programme":
        return f"#p{len(programmes) - 1}"
    if not (number.isascii() and number.isdigit()):
        return ""
    if name == "join" and int(number) > 0:
        return f"#p{int(number) - 1}"
    if int(number) >= len(programmes):
        return ""
    if name == "period":
        return f"#f-p{number}-period"
    if name == "part":
        return f"#p{int(number) + 1}" if int(number) + 1 < len(programmes) else f"#p{number}"
    if name == "row" and what in drafts.ROWS and programmes[int(number)]["order"][what]:
        return f"#f-p{number}-{what}-{programmes[int(number)]['order'][what][-1]}"
    if name in {"up", "down", "split"} and what.isdigit():
        return f"#f-p{number}-task-{what}"
    return f"#p{number}-tasks" if name == "merge" else ""


def _conflict(request: SignedInRequest, current: Intake) -> HttpResponseBase:
    """The compare page of a stale save: fields whose typed text differs from the saved one."""
    fields, lists = [], Lists.read()
    for number, draft in enumerate(drafts.of(current)):
        if f"p{number}-here" not in request.POST:
            continue
        checked = service.check_draft(draft)
        for item in DraftFields(draft, number, checked, lists).items():
            for part in item.parts:
                mine = request.POST.get(part.name, "")
                if mine != part.value:
                    label = _("Programme %(n)s, %(item)s: %(part)s") % {
                        "n": number + 1,
                        "item": item.label,
                        "part": part.label,
                    }
                    fields.append({"label": label, "mine": dict(part.choices).get(mine, mine), "theirs": part.shown})
    cancel = reverse("agreements:intake_check", args=[current.pk])
    return conflict_page(request, fields=fields, current=current, cancel_url=cancel)


# ------------------------------------------------------------------------------------------------ showing


def _check_context(request: SignedInRequest, intake: Intake) -> dict[str, Any]:
    strict = request.GET.get("sua") == "1"
    programmes, lists = drafts.of(intake), Lists.read()
    sections = [_section(draft, number, lists, strict) for number, draft in enumerate(programmes)]
    everything = [item for section in sections for item in section.get("items", [])]
    blocks = intake.result.get("blocks", [])
    marks = number_items(everything)
    doubts = [item for section in sections for item in _in_page_order(section) if item.is_doubt]
    saved_at = intake.work.get("saved_at")
    return {
        "intake": intake,
        "sections": sections,
        "counts": {state.value: sum(item.state == state for item in everything) for state in Confidence},
        "first_doubt": doubts[0].anchor if doubts else "",
        "paragraphs": paper(blocks, marks, current=doubts[0].number if doubts else 0),
        "pages": max((block.get("page", 1) for block in blocks), default=1),
        "saved_at": parse_datetime(saved_at) if saved_at else None,
        "view": "source" if request.GET.get("xem") == "van-ban" else "fields",
        "failure": failure_of(intake),
        "source_notes": [
            words
            for note in intake.result.get("source", {}).get("notes", [])
            if (words := note_message(note["code"], note["params"]))
        ],
        "nothing_read": intake.text and not intake.result.get("programmes"),
        "names": _names(intake, programmes),
        "adds": [(kind, str(text)) for kind, text in ADDS],
        "crumb_items": crumbs(_("Check")),
    }


def _section(draft: drafts.Draft, number: int, lists: Lists, strict: bool) -> dict[str, Any]:
    section: dict[str, Any] = {"number": number, "draft": draft, "keep": draft["keep"], "left": draft["left"]}
    section["title"] = drafts.value(draft, "title")
    if not draft["keep"]:
        return section
    checked = service.check_draft(draft)
    items = DraftFields(draft, number, checked, lists, strict=strict).items()
    others = [item for item in items if item.kind != "task"]
    tasks = [item for item in items if item.kind == "task"]
    return section | {
        "items": items,
        "first": [(state, [item for item in others if item.state == state]) for state in FIRST],
        "tasks": tasks,
        "task_order": ",".join(str(item.row) for item in tasks),
        "task_doubts": sum(item.is_doubt for item in tasks),
        "last": [(state, [item for item in others if item.state == state]) for state in LAST],
        "movable": [item for item in others if item.drop_name and not item.dropped and item.summary] + tasks,
        "party_error": checked.error("party") if strict else "",
    }


def _in_page_order(section: dict[str, Any]) -> list[Item]:
    return [item for _state, items in section.get("first", []) for item in items] + section.get("tasks", [])


def _names(intake: Intake, programmes: list[drafts.Draft]) -> list[str]:
    """The names offered while a unit is typed: those of the text first, then bodies of the committee's level."""
    written = [
        drafts.value(draft, f"{kind}-{row}-name")
        for draft in programmes
        for kind in ("party", "unit")
        for row in draft["order"][kind]
    ]
    bodies = Organisation.objects.active().filter(level=intake.owner.level).values_list("name", flat=True)
    return list(dict.fromkeys(name for name in [*written, *bodies[:MOST_NAMES]] if name))
