"""Pages of the dashboard beside its figures: risks with what can be done, two things side by side, one sheet as PDF."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import services
from core.exceptions import DomainError
from documents.writing import board, pdf
from insights.context import house
from insights.dashboard import compare, overview, paper, risks
from insights.dashboard.frame import CSV, DOWNLOAD, answer, frame_of
from insights.scope import number

if TYPE_CHECKING:
    from core.http import SignedInRequest

A_PAGE = 25
VALUE = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)  # a choice that the address of a comparison keeps


def dashboard_risks(request: SignedInRequest) -> HttpResponse:
    """Show the programmes at risk: each cause, its rows, and the action offered."""
    key = request.GET.get("nguy-co", "")
    cause = next((one for one, name in risks.KEYS.items() if name == key), "")
    if key and not cause:
        raise Http404
    frame = frame_of(request, "risks", **({"nguy-co": key} if key else {}))
    is_file = request.GET.get(DOWNLOAD) == CSV
    at = max(number(request.GET.get("page", "")) or 1, 1)

    def read(page: int) -> risks.Risks:
        start, most = (0, risks.MOST_IN_FILE) if is_file else ((page - 1) * A_PAGE, A_PAGE)
        return risks.read(request.user, frame.scope, frame.day, "" if is_file else cause, start, most)

    found = read(at)
    page = Paginator(range(found.of(cause)), A_PAGE).get_page(at)
    if page.number != at:  # past the last page: that one
        found = read(page.number)
    route = frame.section.route
    names = [("", _("All causes"), ""), *((one, label, risks.KEYS[one]) for one, label in risks.CAUSES.items())]
    context = {
        "found": found,
        "page_obj": page,
        "causes": [
            {"url": frame.scope.url(route, nguy_co=name), "label": label, "count": found.of(one),
             "current": one == cause}
            for one, label, name in names
        ],
        "all_url": frame.scope.url(route),
        "watched_url": frame.scope.url("insights:dashboard_programmes", nhom="theo-doi"),
    }  # fmt: skip
    return answer(request, frame, "insights/dashboard_risks.html", context, found.table)


def dashboard_compare(request: SignedInRequest) -> HttpResponse:
    """Show two programmes, partners or periods beside each other."""
    kind = request.GET.get("theo", compare.PROGRAMMES)
    if kind not in compare.KINDS:
        raise Http404
    chosen = (request.GET.get("a", ""), request.GET.get("b", ""))
    own = {name: value for name in ("theo", "a", "b") if VALUE.fullmatch(value := request.GET.get(name, ""))}
    frame = frame_of(request, "compare", **own)
    scope = frame.scope.without("period") if kind == compare.PERIODS else frame.scope
    same = chosen[0] == chosen[1] != ""
    found = None if same else compare.read(kind, request.user, scope, chosen, frame.day)
    line = found.finding if found else None
    context: dict[str, Any] = {
        "kind": kind,
        "kinds": [
            {"url": frame.scope.url(frame.section.route, theo=name), "label": label, "current": name == kind}
            for name, label in compare.KINDS.items()
        ],
        "action": scope.without("period").url(frame.section.route).partition("?")[0],
        "keep": list(frame.scope.query().items()),
        "groups": compare.choices(kind, request.user, scope, chosen),
        "a": chosen[0],
        "b": chosen[1],
        "same": same,
        "was_chosen": all(chosen),
        "found": found,
        "finding": line,
        "left": line.shown(line.a) if line else "",
        "right": line.shown(line.b) if line else "",
        "left_url": line.a.url if line else "",
        "right_url": line.b.url if line else "",
    }
    return answer(request, frame, "insights/dashboard_compare.html", context, found.table if found else None)


def dashboard_paper(request: SignedInRequest) -> HttpResponse:
    """Answer with the first screen as one sheet of A4, to be signed and handed round."""
    frame = frame_of(request, "overview")
    found = overview.read(request.user, frame.scope, frame.day)
    frame = replace(frame, computed=found.computed)
    site = house(request)["site"]
    sheet: board.Board = paper.sheet_of(found, frame, site, timezone.now(), get_language() or "vi")
    try:
        body = pdf.board_pdf(sheet)
    except pdf.WritingFailed as error:
        texts = {
            "fonts": _("The fonts for PDF are not installed. Run make run once more, or print the page instead."),
            "timeout": _("The PDF took too long. Try again in a minute, or print the page instead."),
        }
        raise DomainError(texts.get(error.code, _("The PDF could not be made. Print the page instead."))) from error
    label, address = str(frame.section.label), request.get_full_path()
    services.note_download(actor=request.actor, label=label, address=address, rows=1)
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="bang-dieu-hanh-{frame.day.isoformat()}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
