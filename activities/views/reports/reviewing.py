"""Deciding on a report: figures beside texts, the reviewer's rating beside the unit's; accept, return, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from activities.forms.reports import ReportDecisionForm
from activities.models import ProgressReport, Review
from activities.services import reports
from activities.services.reasons import remember
from activities.views.queue import days_waited, queue_of
from activities.views.reports.parts import LABELS, actions_of, blocks_of, lateness, lines_of, report_of, seat
from activities.views.review import forget_undo, frame, next_url, offer_undo, posted_version, taken
from core.exceptions import DomainError, NotAllowed, Stale
from core.forms import add_error
from core.http import form_data, once

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from activities.models import TaskReport
    from core.http import SignedInRequest


def report_review(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show a report with its figures; POST accepts or returns it."""
    report = report_of(request, pk)
    lines = lines_of(report)
    committee = report.duty.committee
    form = ReportDecisionForm(form_data(request), lines=lines, committee=committee, initial={"version": report.version})

    def page() -> HttpResponse:
        sent = report.submitted_at
        context = frame(request, queue_of(request), ("report", report.duty_id)) | {
            "item": report,
            "item_title": str(report.duty),
            "item_url": reverse("activities:report_review", args=[report.duty_id]),
            "undo_url": reverse("activities:report_undo", args=[report.duty_id]),
            "report": report,
            "duty": report.duty,
            "form": form,
            "allowed": actions_of(request, report),
            "waited": days_waited(sent),
            "decided": report.review in {Review.ACCEPTED, Review.RETURNED} and report.reviewed_by is not None,
            "sent_at": sent,
            "lateness": lateness(report.duty, report),
            **_content(report, lines, form),
        }
        return render(request, "activities/report_review.html", context)

    if request.method != "POST":
        return page()
    return once(request, lambda: _decide(request, report, form) or page())


def _content(report: ProgressReport, lines: list[TaskReport], form: ReportDecisionForm) -> dict[str, Any]:
    """The general texts and the blocks of the tasks, with what only repeats the last report."""
    previous = reports.previous_of(report, lines)
    texts = reports.texts_of(report, lines)
    repeated = previous.repeated(texts) if previous else frozenset()
    blocks = blocks_of(report, lines)
    for block in blocks:
        line = block["line"]
        block["texts"] = [
            {"label": LABELS[part], "text": getattr(line, part), "is_repeated": f"line-{line.pk}-{part}" in repeated}
            for part in ("result", "obstacles", "proposals")
            if getattr(line, part)
        ]
        block["field"] = form[f"rating-{line.pk}"]
    general = [
        {"label": LABELS[name], "text": getattr(report, name), "is_repeated": name in repeated}
        for name in ("summary", "obstacles", "proposals", "next_steps")
        if getattr(report, name)
    ]
    return {"blocks": blocks, "general": general, "previous": previous}


def _decide(request: SignedInRequest, report: ProgressReport, form: ReportDecisionForm) -> HttpResponseBase | None:
    """Accept or return; None where the page must be shown again with the error."""
    action = request.POST.get("action", "")
    if action not in {"accept", "return"}:
        raise DomainError(_("Nothing was chosen. Open the page again and press a button."))
    if not form.is_valid():
        return None
    actor, version = seat(request, action, report), form.cleaned_data["version"] or 0
    try:
        if action == "accept":
            reports.accept_report(actor=actor, report=report, ratings=form.ratings(), note=form.text(), version=version)
        else:
            reports.return_report(actor=actor, report=report, reason=form.text(), version=version)
            remember(actor=actor, committee=report.duty.committee, texts=form.kept())
    except (NotAllowed, Stale) as error:
        return _overtaken(request, report, error)
    except DomainError as error:
        add_error(form, error)
        return None
    offer_undo(request, report, str(report.duty), report.duty.unit.name, is_accepted=action == "accept")
    return redirect(next_url(request, ("report", report.duty_id)))


def _overtaken(request: SignedInRequest, report: ProgressReport, error: NotAllowed | Stale) -> HttpResponseBase:
    """Say who was first and lead on; a refusal of what still waits stays a refusal."""
    fresh = ProgressReport.objects.visible_to(request.user).select_related("reviewed_by").filter(pk=report.pk).first()
    if isinstance(error, NotAllowed) and fresh is not None and fresh.review == Review.SUBMITTED:
        raise error
    if fresh is not None and fresh.review == Review.SUBMITTED:
        messages.warning(request, _("The unit sent this report again meanwhile. Read it once more."))
        return redirect("activities:report_review", pk=report.duty_id)
    messages.warning(request, taken(fresh) or error.message)
    return redirect(next_url(request, ("report", report.duty_id)))


def report_undo(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Undo the person's own last decision on a report."""
    report = report_of(request, pk)

    def act() -> HttpResponseBase:
        reports.undo_report(actor=seat(request, "undo", report), report=report, version=posted_version(request))
        forget_undo(request, request.path)
        messages.success(request, _("The decision is undone. The report waits for review again."))
        return redirect("activities:report_review", pk=report.duty_id)

    return once(request, act)
