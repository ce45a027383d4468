"""Deciding on a report: accept and freeze, return, recall, undo, reopen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import emails, policy
from activities.models import Activity, ProgressReport, Rating, ReportVersion, Review
from activities.services.reports import versions
from activities.services.reports.figures import line_figures, units_counted
from activities.services.reports.writing import lock
from agreements.services.results import record_declared
from core import audit
from core.exceptions import DomainError, NotAllowed
from documents import vietnamese

if TYPE_CHECKING:
    from activities.models import Measurement
    from core.models import Actor


@transaction.atomic
def recall_report(*, actor: Actor, report: ProgressReport, version: int | None = None) -> ProgressReport:
    """Take a report that nobody has decided on back to draft."""
    row = lock(report, version)
    policy.require_report(actor, "recall", row)
    row.review = Review.DRAFT
    row.version += 1
    row.save()
    audit.log(actor, "report.recall", row, label=str(row.duty))
    return row


@transaction.atomic
def accept_report(
    *,
    actor: Actor,
    report: ProgressReport,
    ratings: Mapping[int, str] | None = None,
    note: str = "",
    version: int | None = None,
) -> ProgressReport:
    """Accept a report and freeze its figures, targets and cut-off, in one transaction.

    ratings: TaskReport id → the reviewer's own rating, which stands beside the unit's; left out = as the unit says.
    """
    row = lock(report, version)
    _require_waiting(row)
    policy.require_report(actor, "accept", row)
    given = dict(ratings or {})
    if any(rating not in Rating.values for rating in given.values()):
        raise DomainError(_("Choose a rating from the list."))
    lines = list(row.lines.select_related("task"))
    frozen = line_figures(row.duty, [line.task for line in lines])
    for line in lines:
        line.reviewer_rating = given.get(line.pk) or line.self_rating
        line.figures = frozen[line.task_id].to_json()
        line.save(update_fields=["reviewer_rating", "figures"])
    row.review, row.reviewed_at, row.reviewed_by = Review.ACCEPTED, timezone.now(), actor.user
    row.reviewer_note, row.cut_off = vietnamese.clean(note)[:1000], row.reviewed_at
    row.figures = {"activities": sum(one.activities for one in frozen.values())}
    row.version += 1
    row.save()
    _declare(row)
    versions.keep(row, ReportVersion.Cause.ACCEPTED, actor.user, row.reviewer_note)
    emails.after_report(row, "accepted", undoable=True, by=actor.user)
    audit.log(actor, "report.accept", row, label=str(row.duty))
    return row


@transaction.atomic
def return_report(*, actor: Actor, report: ProgressReport, reason: str, version: int | None = None) -> ProgressReport:
    """Give a report back with a reason; it is due or overdue again by its original date."""
    row = lock(report, version)
    _require_waiting(row)
    policy.require_report(actor, "return", row)
    text = _reason(reason, _("Write what is missing, so that the unit can complete it."))
    row.review, row.return_reason = Review.RETURNED, text
    row.reviewed_at, row.reviewed_by = timezone.now(), actor.user
    row.version += 1
    row.save()
    versions.keep(row, ReportVersion.Cause.RETURNED, actor.user, text)
    emails.after_report(row, "returned", undoable=True, by=actor.user)
    audit.log(actor, "report.return", row, label=str(row.duty), reason=text)
    return row


@transaction.atomic
def undo_report(*, actor: Actor, report: ProgressReport, version: int | None = None) -> ProgressReport:
    """Undo an own decision before its notice leaves: the report waits again, nothing is frozen."""
    row = lock(report, version)
    policy.require_report(actor, "undo", row)
    emails.withdraw_report(row)
    undone = row.review
    _thaw(row)
    row.reviewed_at = row.reviewed_by = None
    row.return_reason = row.reviewer_note = ""
    row.save()
    _declare(row)
    audit.log(actor, "report.undo", row, label=str(row.duty), detail={"undone": undone})
    return row


@transaction.atomic
def reopen_report(*, actor: Actor, report: ProgressReport, reason: str, version: int | None = None) -> ProgressReport:
    """Open an accepted report again with a reason: it waits for a decision anew, the accepted version stays kept."""
    row = lock(report, version)
    policy.require_report(actor, "reopen", row)
    text = _reason(reason, _("Write why the report is opened again."))
    versions.keep(row, ReportVersion.Cause.REOPENED, actor.user, text)
    _thaw(row)
    row.reviewed_at = row.reviewed_by = None
    row.save()
    _declare(row)
    emails.after_report(row, "reopened", reason=text)
    audit.log(actor, "report.reopen", row, label=str(row.duty), reason=text)
    return row


def freezing_report(item: Activity | Measurement) -> ProgressReport | None:
    """The accepted report whose frozen figures hold this entry; its acceptance cannot be taken back before that report
    is opened again. None where there is none."""
    day = item.starts_on if isinstance(item, Activity) else item.as_of
    if day is None:
        return None
    rows = ProgressReport.objects.filter(
        review=Review.ACCEPTED, lines__task=item.task_id, duty__starts_on__lte=day, duty__ends_on__gt=day
    ).select_related("duty__unit")
    return next((row for row in rows if item.unit_id in units_counted(row.duty.unit)), None)


def _thaw(row: ProgressReport) -> None:
    row.review, row.cut_off, row.figures = Review.SUBMITTED, None, {}
    row.version += 1
    row.lines.update(figures={}, reviewer_rating="")


def _declare(row: ProgressReport) -> None:
    """Hand the declared share of the newest accepted report to each task, which counts it where nothing else does."""
    for line in row.lines.select_related("task"):
        newest = (
            line.task.reported.filter(report__review=Review.ACCEPTED, declared_share__isnull=False)
            .order_by("-report__duty__ends_on", "-report__cut_off", "-pk")
            .first()
        )
        record_declared(
            task_id=line.task_id,
            share=newest.declared_share / 100 if newest and newest.declared_share is not None else None,
            reason=newest.declared_reason if newest else "",
        )


def _require_waiting(row: ProgressReport) -> None:
    if row.review in {Review.ACCEPTED, Review.RETURNED} and row.reviewed_by and row.reviewed_at:
        raise NotAllowed(
            _("Already handled by %(name)s at %(time)s. Go on to the next one.")
            % {"name": row.reviewed_by.full_name, "time": f"{timezone.localtime(row.reviewed_at):%H:%M}"}
        )
    if row.review == Review.DRAFT:
        raise NotAllowed(_("The author took this entry back. Go on to the next one."))


def _reason(reason: str, message: str) -> str:
    text = vietnamese.clean(reason, multiline=True)
    if not text:
        raise DomainError(message, field="reason")
    if len(text) > 1000:
        raise DomainError(
            _("The reason may have 1.000 characters at most. It has %(count)s now.") % {"count": len(text)},
            field="reason",
        )
    return text
