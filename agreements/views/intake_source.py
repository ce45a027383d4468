"""The sentences of a source that the values of a confirmed programme were read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements import policy
from agreements.forms.intake_words import LABELS, ROWS, value_label
from agreements.forms.sources import failure_of
from agreements.models import Intake, Programme
from agreements.views.intake_paper import Mark, paper
from documents.types import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponseBase

    from core.http import SignedInRequest

HERE = "dang-xem"  # anchor of the marked phrase


class Value(NamedTuple):
    """A value with a place in the source. `of`: the key of the row whose part it is, "" for one of its own."""

    key: str
    label: str
    span: dict[str, int]
    of: str = ""


def intake_source(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The source with its values marked; ?gia-tri=title (or goal_12, task_7_due_on …) points to one of them.

    Only paragraphs that hold a value of this programme are shown to those who may not see the intake itself.
    """
    programmes = Programme.objects.visible_to(request.user).select_related("intake__file", "intake__owner")
    programme = get_object_or_404(programmes, pk=pk)
    blocks = programme.intake.result.get("blocks", []) if programme.intake else []
    wanted = request.GET.get("gia-tri", "")
    found = sorted(_values(programme), key=lambda item: (item.span["block"], item.span["start"])) if blocks else []
    row = next((item.of for item in found if item.key == wanted), "") or wanted
    shown = [item for item in found if not item.of or item.of == row]
    marks = [_mark(item, number, wanted) for number, item in enumerate(shown, start=1)]
    full = Intake.objects.visible_to(request.user).filter(pk=programme.intake_id).exists()
    only = None if full else {item.span["block"] for item in found}
    here = reverse("agreements:intake_source", args=[pk])
    context = {
        "programme": programme,
        "paragraphs": paper(blocks, marks, only=only),
        "pages": max((block.get("page", 1) for block in blocks), default=1),
        "intake": programme.intake if full else None,
        "failure": failure_of(programme.intake) if full and programme.intake else "",
        "may_open": full and programme.intake and policy.may_open_file(request.actor, programme.intake),
        "links": [
            {
                "label": item.label,
                "url": f"{here}?{urlencode({'gia-tri': item.key})}#{HERE}",
                "current": item.key == wanted,
                "part": bool(item.of),
            }
            for item in shown
        ],
        "crumb_items": [
            (_("Programmes"), reverse("agreements:programme_list")),
            (programme.name, reverse("agreements:programme_detail", args=[pk])),
            (_("Source"), ""),
        ],
    }
    return render(request, "agreements/intake_source.html", context)


def _mark(item: Value, number: int, wanted: str) -> Mark:
    is_wanted = item.key == wanted
    state = Confidence.CHECK if is_wanted else Confidence.CERTAIN
    span = item.span
    return Mark(span["block"], span["start"], span["end"], number, state, id=HERE if is_wanted else "")


def _values(programme: Programme) -> Iterator[Value]:
    """Every value of the programme that was read from its source."""
    for key, span in programme.spans.items():
        if label := value_label(key):
            yield Value(key, label, span)
    for position, party in enumerate(programme.parties.all(), start=1):
        yield from _parts("party", party.pk, position, party.spans.get("name"), party.spans, skip="name")
    for position, goal in enumerate(programme.goals.all(), start=1):
        yield from _parts("goal", goal.pk, position, goal.span)
    for position, basis in enumerate(programme.legal_bases.select_related("document"), start=1):
        yield from _parts("basis", basis.pk, position, basis.span)
    for position, task in enumerate(programme.tasks.all(), start=1):
        yield from _parts("task", task.pk, position, task.span, task.spans)
    for position, milestone in enumerate(programme.milestones.all(), start=1):
        yield from _parts("review", milestone.pk, position, milestone.span)
    for position, report in enumerate(programme.reports_asked, start=1):
        yield from _parts("report", position, position, report.get("span"))


def _parts(
    kind: str, pk: int, position: int, span: Any, spans: dict[str, Any] | None = None, skip: str = ""
) -> Iterator[Value]:
    """The value of a row and those of its parts, each named after the row."""
    key, label = f"{kind}_{pk}", str(ROWS[kind]) % {"n": position}
    if span:
        yield Value(key, label, span)
    for part, place in (spans or {}).items():
        if part != skip and place:
            name = part.partition("_")[0] if part[-1:].isdigit() else part
            words = LABELS.get(f"{kind}.{_PLURALS.get(name, name)}", name)
            yield Value(f"{key}_{part}", _("%(row)s: %(part)s") % {"row": label, "part": words}, place, of=key)


_PLURALS = {"support": "supports", "quantity": "quantities"}
