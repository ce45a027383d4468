"""Writing a report: a line for each task of the unit, pre-filled from what was accepted; what still stands open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import emails, policy
from activities.models import Evidence, ProgressReport, Rating, ReportDuty, ReportVersion, Review, TaskReport
from activities.services.reports import versions
from activities.services.reports.figures import line_figures, units_counted
from agreements.models import Task
from core import audit
from core.exceptions import DomainError, Stale
from documents import vietnamese

if TYPE_CHECKING:
    from core.models import Actor

PHOTOS_SHOWN = 4  # proposed for a task
TEXT_LIMIT = 20_000


@dataclass(frozen=True)
class LineData:
    """What was typed about one task. declared_share: per cent, only with a reason. photos: ids of evidence."""

    self_rating: str = ""
    result: str = ""
    obstacles: str = ""
    proposals: str = ""
    declared_share: Decimal | None = None
    declared_reason: str = ""
    photos: frozenset[int] | None = None  # None: not asked, keep


@dataclass(frozen=True)
class ReportData:
    """Everything typed in a report; lines: TaskReport id → LineData."""

    summary: str = ""
    obstacles: str = ""
    proposals: str = ""
    next_steps: str = ""
    lines: Mapping[int, LineData] = field(default_factory=dict)


@dataclass(frozen=True)
class Missing:
    """Something that keeps a report from being sent: the name of its field in the form, and what to do."""

    field: str
    message: str


def tasks_reported(duty: ReportDuty) -> list[Task]:
    """The tasks a unit reports on: those it (or a body it succeeded) leads or supports, that are live or were worked
    on in the window; tasks without any unit belong to every party."""
    units = units_counted(duty.unit)
    own = Q(lead__in=units) | Q(supporting__in=units) | Q(lead=None, supporting=None)
    worked = Q(activities__unit__in=units, activities__starts_on__gte=duty.starts_on,
               activities__starts_on__lt=duty.ends_on)  # fmt: skip
    rows = Task.objects.filter(own, programme=duty.programme).filter(~Q(state__in=Task.LEFT_OUT) | worked)
    return list(rows.distinct().order_by("position", "id"))


@transaction.atomic
def open_report(*, actor: Actor, duty: ReportDuty) -> ProgressReport:
    """The report of a duty, begun as a draft with a line for each task where there is none yet. NotAllowed."""
    row = ReportDuty.objects.select_for_update(of=("self",)).select_related("programme", "unit").get(pk=duty.pk)
    known = ProgressReport.objects.filter(duty=row).first()
    if known is not None:
        return known
    policy.require_report_begin(actor, row)
    report = ProgressReport.objects.create(duty=row, author=actor.user, acting_for=actor.organisation)
    tasks = tasks_reported(row)
    found = line_figures(row, tasks)
    for position, task in enumerate(tasks, start=1):
        rating = "" if found[task.pk].has_data or found[task.pk].pending else Rating.NOTHING
        line = TaskReport.objects.create(report=report, task=task, position=position, self_rating=rating)
        line.photos.set(_best_photos(row, task))
    audit.log(actor, "report.begin", report, label=str(row))
    return report


def _best_photos(duty: ReportDuty, task: Task) -> list[Evidence]:
    """The newest photo of each accepted activity of the window, a few."""
    rows = (
        Evidence.objects.filter(
            activity__task=task,
            activity__review=Review.ACCEPTED,
            activity__unit__in=units_counted(duty.unit),
            activity__starts_on__gte=duty.starts_on,
            activity__starts_on__lt=duty.ends_on,
            file__mime="image/jpeg",
        )
        .order_by("activity_id", "position")
        .distinct("activity_id")
    )
    return sorted(rows, key=lambda row: -row.pk)[:PHOTOS_SHOWN]


def lock(report: ProgressReport, version: int | None = None) -> ProgressReport:
    """The report as it is now, locked until the commit; Stale where a version is given and differs."""
    row = (
        ProgressReport.objects.select_for_update(of=("self",))
        .select_related(
            "duty__programme__owner",
            "duty__committee",
            "duty__unit",
            "acting_for",
            "author",
            "submitted_by",
            "reviewed_by",
        )
        .get(pk=report.pk)
    )
    if version is not None and row.version != version:
        raise Stale(_("Somebody changed this report meanwhile. Compare the two versions."), current=row)
    return row


@transaction.atomic
def save_report(
    *,
    actor: Actor,
    report: ProgressReport,
    data: ReportData,
    version: int | None = None,
    is_logged: bool = True,
) -> ProgressReport:
    """Keep what was typed, complete or not. Errors: NotAllowed, Stale, DomainError for what cannot be kept.

    is_logged=False: a page that saves by itself goes on; its first saving stands in the trail.
    """
    row = lock(report, version)
    policy.require_report(actor, "edit", row)
    emails.decision_is_worked_on(row)
    for name in versions.TEXTS:
        setattr(row, name, _text(getattr(data, name), name))
    lines = {line.pk: line for line in row.lines.select_related("task")}
    for pk, typed in data.lines.items():
        if pk in lines:
            _write_line(row, lines[pk], typed)
    row.version += 1
    row.save()
    if is_logged:
        audit.log(actor, "report.save", row, label=str(row.duty))
    return row


def _write_line(report: ProgressReport, line: TaskReport, typed: LineData) -> None:
    if typed.self_rating and typed.self_rating not in Rating.values:
        raise DomainError(_("Choose a rating from the list."), field=f"line-{line.pk}-self_rating")
    if typed.declared_share is not None and not 0 <= typed.declared_share <= 100:
        raise DomainError(_("Enter a share from 0 to 100."), field=f"line-{line.pk}-declared_share")
    if typed.declared_share is not None and not typed.declared_reason.strip():
        raise DomainError(
            _("Say what the declared share rests on: it counts only with a reason."),
            field=f"line-{line.pk}-declared_reason",
        )
    line.self_rating = typed.self_rating
    for name in ("result", "obstacles", "proposals"):
        setattr(line, name, _text(getattr(typed, name), f"line-{line.pk}-{name}"))
    line.declared_share = typed.declared_share
    line.declared_reason = vietnamese.clean(typed.declared_reason)[:500] if typed.declared_share is not None else ""
    line.save()
    if typed.photos is not None:
        line.photos.set(
            Evidence.objects.filter(pk__in=typed.photos, activity__task=line.task, activity__review=Review.ACCEPTED)
        )


def _text(value: str, name: str) -> str:
    text = vietnamese.clean(value, multiline=True)
    if len(text) > TEXT_LIMIT:
        raise DomainError(
            _("At most 20.000 characters. It has %(count)s now.") % {"count": vietnamese.format_number(len(text))},
            field=name,
        )
    return text


def missing(report: ProgressReport, lines: Iterable[TaskReport] | None = None) -> list[Missing]:
    """What keeps the report from being sent, field by field, in the order of the page; [] where it is complete.

    A judgement is needed of every task; a result where anything was done; obstacles where a task is behind or blocked.
    lines: those of the report with their tasks, where the caller has loaded them.
    """
    found: list[Missing] = []
    if not report.summary.strip():
        found.append(Missing("summary", _("Write in a few sentences how the work went in this period")))
    if lines is None:
        lines = report.lines.select_related("task").order_by("position", "id")
    for line in lines:
        prefix, title = f"line-{line.pk}", line.task.title
        if not line.self_rating:
            found.append(Missing(f"{prefix}-self_rating", _("Choose a rating: %(task)s") % {"task": title}))
        elif line.self_rating != Rating.NOTHING and not line.result.strip():
            found.append(Missing(f"{prefix}-result", _("Write the result: %(task)s") % {"task": title}))
        if line.self_rating in {Rating.BEHIND, Rating.BLOCKED} and not line.obstacles.strip():
            found.append(Missing(f"{prefix}-obstacles", _("Write what stands in the way: %(task)s") % {"task": title}))
    return found


@transaction.atomic
def submit_report(*, actor: Actor, report: ProgressReport, version: int | None = None) -> ProgressReport:
    """Send a draft or corrected report. The sender is kept beside the author, so sending for a colleague shows.

    DomainError (field of the first) while something is missing; NotAllowed, Stale.
    """
    ReportDuty.objects.select_for_update(of=("self",)).get(report=report.pk)  # an officer may be letting off right now
    row = lock(report, version)
    policy.require_report(actor, "submit", row)
    open_points = missing(row)
    if open_points:
        raise DomainError(open_points[0].message, field=open_points[0].field)
    row.review, row.submitted_at, row.submitted_by = Review.SUBMITTED, timezone.now(), actor.user
    row.return_reason, row.reviewed_at, row.reviewed_by = "", None, None
    row.version += 1
    row.save()
    versions.keep(row, ReportVersion.Cause.SUBMITTED, actor.user)
    emails.after_report(row, "submitted")
    detail = {"author": row.author.full_name} if row.author_id != actor.user.pk else {}
    audit.log(actor, "report.submit", row, label=str(row.duty), detail=detail)
    return row
