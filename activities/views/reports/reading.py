"""Reading a report: the document with its figures, the sheet of its photos, two kept versions beside each other."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from activities import policy
from activities.models import ProgressReport, Rating, ReportDuty
from activities.services.reports import Difference, differences, drift
from activities.views.reading import typed_reason
from activities.views.reports.parts import (
    LABELS,
    actions_of,
    blocks_of,
    duty_of,
    lateness,
    lines_of,
    photo_of,
    report_of,
    report_seen,
    sendings_of,
)
from core.exceptions import NotAllowed
from core.models import AuditEntry
from documents import vietnamese

if TYPE_CHECKING:
    from django.http import HttpResponse

    from activities.models import ReportVersion
    from core.http import SignedInRequest

STEP_WORDS = {  # steps that keep no version; the others stand in the versions
    "report.recall": gettext_lazy("Taken back to draft"),
    "report.undo": gettext_lazy("Decision undone"),
}
TEXT_NAMES = frozenset(
    {"summary", "obstacles", "proposals", "next_steps", "reviewer_note", "result", "declared_reason", "line"}
)


def report_show(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a report as a document; where there is none to see yet, what is owed and by when."""
    report = report_seen(request, pk)
    if report is None:
        return _nothing_yet(request, duty_of(request, pk))
    duty = report.duty
    is_involved = ReportDuty.objects.visible_to(request.user).filter(pk=pk).exists()
    lines = lines_of(report)
    context = {
        "duty": duty,
        "report": report,
        "blocks": blocks_of(report, lines),
        "lateness": lateness(duty, report),
        "sendings": sendings_of(duty, report) if is_involved else [],
        "allowed": actions_of(request, report),
        "is_involved": is_involved,
        "thread": _thread(report) if is_involved else [],
        "moved": [described(one) for one in drift(report)] if report.cut_off and is_involved else [],
        "has_photos": any(line.photos.all() for line in lines),
        "typed_reason": typed_reason(request),
    }
    return render(request, "activities/report_show.html", context)


def _thread(report: ProgressReport) -> list[dict[str, Any]]:
    """What happened to the report, oldest first: what was sent, returned, accepted, and taken back in between."""
    found = [
        {"at": one.made_at, "words": one.get_cause_display(), "name": one.made_by.full_name, "reason": one.reason}
        for one in report.versions.defer("content").select_related("made_by")
    ]
    steps = AuditEntry.objects.filter(
        object_type="progressreport", object_id=str(report.pk), action__in=list(STEP_WORDS)
    )
    found += [
        {"at": one.at, "words": STEP_WORDS[one.action], "name": one.user_name, "reason": one.reason} for one in steps
    ]
    return sorted(found, key=lambda one: one["at"])


def _nothing_yet(request: SignedInRequest, duty: ReportDuty) -> HttpResponse:
    context = {"duty": duty, "lateness": lateness(duty, None), "may_begin": may_begin(request, duty)}
    return render(request, "activities/report_none.html", context)


def may_begin(request: SignedInRequest, duty: ReportDuty) -> bool:
    """Return whether the person may begin the report under any membership and nobody has."""
    if ProgressReport.objects.filter(duty=duty).exists():
        return False
    for actor in request.actors:
        try:
            policy.require_report_begin(actor, duty)
        except NotAllowed:
            continue
        return True
    return False


def report_photos(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the chosen photos on a sheet to print."""
    report = report_of(request, pk)
    rows = report.lines.select_related("task").prefetch_related(
        "photos__file__thumbnail", "photos__activity__unit", "photos__activity__locality"
    )
    groups = [
        {"task": line.task, "photos": [{**photo_of(photo), "activity": photo.activity} for photo in line.photos.all()]}
        for line in rows.order_by("position", "id")
    ]
    context = {"duty": report.duty, "report": report, "groups": [group for group in groups if group["photos"]]}
    return render(request, "activities/report_photos.html", context)


def report_versions(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show two kept versions beside each other: ?cu= the older, ?moi= the newer.

    By default the last and the nearest one before it that says something else: a version returned says what was sent.
    """
    duty = duty_of(request, pk)
    report = get_object_or_404(ProgressReport.objects.visible_to(request.user), duty=duty)
    kept = list(report.versions.select_related("made_by").order_by("number"))
    newer = _chosen(request, "moi", kept) or (kept[-1] if kept else None)
    older = _chosen(request, "cu", kept) or _other(kept, newer)
    found = [described(one) for one in differences(older.content, newer.content)] if older and newer else []
    context = {
        "duty": duty,
        "report": report,
        "kept": kept,
        "older": older,
        "newer": newer,
        "texts": [one for one in found if one["is_text"]],
        "values": [one for one in found if not one["is_text"]],
    }
    return render(request, "activities/report_versions.html", context)


def _chosen(request: SignedInRequest, key: str, kept: list[ReportVersion]) -> ReportVersion | None:
    asked = request.GET.get(key, "")
    return next((version for version in kept if asked == str(version.number)), None)


def _other(kept: list[ReportVersion], newer: ReportVersion | None) -> ReportVersion | None:
    """The nearest earlier version that differs, else the one before, else the first."""
    earlier = [version for version in kept if newer and version.number < newer.number]
    for version in reversed(earlier):
        if newer and differences(version.content, newer.content):
            return version
    return earlier[-1] if earlier else newer


def described(one: Difference) -> dict[str, Any]:
    """A difference in words: its task, what it is, old and new; numbers and ratings as people read them."""
    head, _colon, last = one.name.rpartition(": ")
    label = str(LABELS.get(last, last))
    is_text = last in TEXT_NAMES and not head
    return {
        "task": one.task,
        "label": label,
        "indicator": head,
        "is_text": is_text,
        "old": one.old or "" if is_text else _value(one.old),
        "new": one.new or "" if is_text else _value(one.new),
    }


def _value(value: Any) -> str:
    """ "" for no data: the page says so in words."""
    if value is None or value == "":
        return ""
    if value in Rating.values:
        return str(Rating(value).label)
    try:
        return vietnamese.format_number(Decimal(str(value)))
    except (InvalidOperation, ValueError):
        return str(value)
