"""What several pages of a report show: its lines with figures, what does not fit together, how late it is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities import policy
from activities.models import Evidence, ProgressReport, Rating, ReportDuty, Review
from activities.services.reports import LineFigures, is_measured, line_figures, sendings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activities.models import TaskReport
    from core.http import SignedInRequest
    from core.models import Actor

LABELS = {
    "summary": gettext_lazy("How the work went"),
    "obstacles": gettext_lazy("Obstacles"),
    "proposals": gettext_lazy("Proposals"),
    "next_steps": gettext_lazy("Next steps"),
    "reviewer_note": gettext_lazy("Comment of the committee"),
    "self_rating": gettext_lazy("Own rating"),
    "reviewer_rating": gettext_lazy("Rating of the committee"),
    "result": gettext_lazy("Result"),
    "declared_share": gettext_lazy("Declared share in per cent"),
    "declared_reason": gettext_lazy("What the share rests on"),
    "activities": gettext_lazy("Accepted activities"),
    "persons": gettext_lazy("Persons"),
    "households": gettext_lazy("Households"),
    "turns": gettext_lazy("Turns"),
    "value": gettext_lazy("Value"),
    "period": gettext_lazy("This period"),
    "year": gettext_lazy("Year so far"),
    "target": gettext_lazy("Target of the year"),
    "line": gettext_lazy("Task"),
}
RATING_KINDS = {"reached": "done", "on_track": "run", "behind": "slow", "blocked": "ask", "nothing": "dash"}
PEOPLE = (
    ("persons", gettext_lazy("person")),
    ("households", gettext_lazy("household")),
    ("turns", gettext_lazy("turn")),
    ("value", gettext_lazy("VND")),
)


@dataclass(frozen=True)
class FigureRow:
    """One row of the table of a task. None = no data; share: 1 = 100 %. is_count: the number of accepted activities."""

    label: str
    unit: str
    period: Decimal | int | None
    same: Decimal | int | None = None
    year: Decimal | None = None
    target: Decimal | None = None
    share: Decimal | None = None
    is_count: bool = False


def figure_rows(found: LineFigures) -> list[FigureRow]:
    """The figures of one task as a table: indicators, activities, then people and value where there are any."""
    rows = [
        FigureRow(line.name, line.unit, line.period, line.same, line.year, line.target, line.share)
        for line in found.indicators
    ]
    same = found.same_activities or None
    rows.append(FigureRow(str(LABELS["activities"]), "", found.activities or None, same, is_count=True))
    for name, unit in PEOPLE:
        value = getattr(found, name)
        if value is not None:
            rows.append(FigureRow(str(LABELS[name]), str(unit), value))
    return rows


def contradiction(rating: str, found: LineFigures) -> str:
    """Say where a rating does not fit the figures; "" where it does."""
    if rating in {Rating.REACHED, Rating.ON_TRACK} and not found.has_data:
        return _("Rated “%(rating)s”, but nothing was accepted in this period.") % {"rating": Rating(rating).label}
    if rating == Rating.NOTHING and found.has_data:
        return _("Rated “no activity”, but %(count)s activities were accepted in this period.") % {
            "count": found.activities
        }
    return ""


def rating_status(value: str) -> dict[str, Any] | None:
    """A rating as the component status takes it."""
    if value not in RATING_KINDS:
        return None
    return {
        "kind": RATING_KINDS[value],
        "label": Rating(value).label,
        "plain": value in {"reached", "on_track", "nothing"},
    }


def duty_of(request: SignedInRequest, pk: int) -> ReportDuty:
    """The duty of an address that the person may see; 404."""
    rows = ReportDuty.objects.visible_to(request.user).select_related("programme__owner", "unit", "committee")
    return get_object_or_404(rows, pk=pk)


def report_seen(request: SignedInRequest, pk: int) -> ProgressReport | None:
    """The report of a duty where the person may see it."""
    rows = ProgressReport.objects.visible_to(request.user).select_related(
        "duty__programme__owner", "duty__unit", "duty__committee", "author", "submitted_by", "acting_for", "reviewed_by"
    )
    return rows.filter(duty=pk).first()


def report_of(request: SignedInRequest, pk: int) -> ProgressReport:
    """The report of a duty that the person may see; 404."""
    report = report_seen(request, pk)
    if report is None:
        raise Http404
    return report


def lines_of(report: ProgressReport) -> list[TaskReport]:
    """The lines with their tasks and chosen photos, in order; `is_measured`: whether anything measures the task."""
    photos = Prefetch("photos", Evidence.objects.select_related("file__thumbnail"))
    rows = report.lines.select_related("task").prefetch_related(photos).annotate(is_measured=is_measured("task"))
    return list(rows.order_by("position", "id"))


def figures_of(
    report: ProgressReport, lines: Sequence[TaskReport], *, units: frozenset[int] | None = None
) -> dict[int, LineFigures]:
    """TaskReport id → its figures: frozen ones where the report is accepted, else those of now (see line_figures)."""
    if report.cut_off:
        return {line.pk: LineFigures.from_json(line.figures) for line in lines}
    live = line_figures(report.duty, [line.task for line in lines], units=units)
    return {line.pk: live[line.task_id] for line in lines}


def blocks_of(report: ProgressReport, lines: Sequence[TaskReport]) -> list[dict[str, Any]]:
    """What is shown of each task, ratings and figures beside the texts."""
    found = figures_of(report, lines)
    return [
        {
            "line": line,
            "figures": found[line.pk],
            "rows": figure_rows(found[line.pk]),
            "own": rating_status(line.self_rating),
            "theirs": rating_status(line.reviewer_rating),
            "doubt": contradiction(line.self_rating, found[line.pk]),
            "list_url": activities_url(report.duty_id, line.task_id),
            "photos": [photo_of(photo) for photo in line.photos.all()],
        }
        for line in lines
    ]


def activities_url(duty_id: int, task_id: int) -> str:
    """The list of the activities that a report counts for a task."""
    return f"{reverse('activities:activity_list')}?{urlencode({'nhiem-vu': task_id, 'bao-cao': duty_id})}"


def photo_of(photo: Evidence) -> dict[str, Any]:
    """A photo as the component evidence_photos takes it."""
    file = photo.file
    return {
        "pk": photo.pk,
        "url": reverse("activities:file_show", args=[file.pk]),
        "thumb_url": reverse("activities:file_show", args=[file.thumbnail_id]) if file.thumbnail_id else "",
        "label": photo.caption or file.original_name,
    }


def sendings_of(duty: ReportDuty, report: ProgressReport | None) -> list[dict[str, Any]]:
    """Return each time the report was handed in, oldest first: {at, late_days}; the last one says whether in time.

    Why the last and not the first: docs/decisions/0014-when-a-report-is-on-time.md.
    """
    moments = sendings(report) if report is not None and report.submitted_at else []
    return [{"at": at, "late_days": max(0, (timezone.localdate(at) - duty.due_on).days)} for at in moments]


def lateness(duty: ReportDuty, report: ProgressReport | None) -> dict[str, Any]:
    """Whether the report came in time, or how much time is left; days are of its original due date."""
    sent = report is not None and report.review in {Review.SUBMITTED, Review.ACCEPTED} and report.submitted_at
    day = timezone.localdate(report.submitted_at) if sent and report else timezone.localdate()
    days = (day - duty.due_on).days
    if duty.is_waived and not sent:
        return {"kind": "dash", "word": "waived", "days": 0, "plain": True}
    if sent:
        return {"kind": "slow", "word": "late", "days": days} if days > 0 else {
            "kind": "done", "word": "on_time", "days": 0, "plain": True}  # fmt: skip
    if days > 0:
        return {"kind": "over", "word": "overdue", "days": days}
    return {"kind": "wait" if days >= -7 else "run", "word": "left", "days": -days, "plain": days < -7}


def seat(request: SignedInRequest, action: str, report: ProgressReport) -> Actor:
    """The membership under which the person may do this, else the acting one (which is then refused)."""
    seats = [actor for actor in request.actors if action in policy.report_actions(actor, report)]
    return seats[0] if seats else request.actor


def actions_of(request: SignedInRequest, report: ProgressReport) -> frozenset[str]:
    """What the person may do with the report under any membership."""
    return frozenset().union(*(policy.report_actions(actor, report) for actor in request.actors))
