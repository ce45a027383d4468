"""Review of activities and measurements: submit, recall, accept, return, revoke, undo.

Every function locks the row, requires the right again, changes, moves the stored totals in the same transaction, writes
the audit entry last and sends notices after the commit. An activity and a measurement without activity go the same
way; the measurements of an activity share its review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import emails, policy
from activities.models import Activity, Measurement, Review
from activities.services import cells, contributions, plans, writing
from activities.services.reports.review import freezing_report
from agreements.models import Task
from agreements.services.tasks import start_task
from core import audit
from core.exceptions import DomainError, NotAllowed, Stale
from core.plans import kept_plans
from documents import vietnamese

if TYPE_CHECKING:
    from core.models import Actor

Item = TypeVar("Item", Activity, Measurement)


def lock_item(item: Item, *, version: int | None = None) -> Item:
    """Return the row as it is now, locked until the commit; Stale where a version is given and differs."""
    if isinstance(item, Activity):
        return writing.lock(item, version=version)
    fresh = (
        Measurement.objects.select_for_update(of=("self",))
        .select_related("task__programme", "indicator", "unit", "acting_for", "author", "reviewed_by")
        .get(pk=item.pk)
    )
    if fresh.activity_id is not None:
        raise NotAllowed(_("This value belongs to an activity and is reviewed with it."))
    if version is not None and fresh.version != version:
        raise Stale(_("Somebody changed this entry meanwhile. Compare the two versions."), current=fresh)
    return fresh


@transaction.atomic
def submit(*, actor: Actor, item: Item, version: int | None = None) -> Item:
    """Send a draft or a corrected entry to review. DomainError names the field that is still missing."""
    row = lock_item(item, version=version)
    policy.require(actor, "submit", row)
    policy.require_log(actor, row.task)
    if isinstance(row, Activity):
        _require_complete(row)
    row.submitted_at = timezone.now()
    row.reviewed_at = row.reviewed_by = None
    _move(row, Review.SUBMITTED, reason="")
    emails.after_submit(row)
    audit.log(actor, f"{_noun(row)}.submit", row, label=_label(row))
    return row


@transaction.atomic
def recall(*, actor: Actor, item: Item, version: int | None = None) -> Item:
    """Take a submitted entry back to draft, by its author."""
    row = lock_item(item, version=version)
    policy.require(actor, "recall", row)
    _move(row, Review.DRAFT, reason="")
    audit.log(actor, f"{_noun(row)}.recall", row, label=_label(row))
    return row


@transaction.atomic
def accept(*, actor: Actor, item: Item, version: int | None = None) -> Item:
    """Accept a submitted entry and add it to the stored totals, in one transaction."""
    with kept_plans():  # of all that is done here this is done most
        row = lock_item(item, version=version)
        _require_waiting(row)
        policy.require(actor, "accept", row)
        _decide(actor, row)
        _move(row, Review.ACCEPTED, reason="")
        if row.task.state == Task.State.PLANNED:
            start_task(Task.objects.select_for_update().get(pk=row.task_id))
        cells.add(row)
        emails.after_decision(row, "accepted")
        audit.log(actor, f"{_noun(row)}.accept", row, label=_label(row))
    return row


@transaction.atomic
def return_item(*, actor: Actor, item: Item, reason: str, version: int | None = None) -> Item:
    """Give a submitted entry back to its author with a reason, which is required."""
    row = lock_item(item, version=version)
    _require_waiting(row)
    policy.require(actor, "return", row)
    reason = _reason(reason, _("Write what the author must complete, or choose a reason."))
    _decide(actor, row)
    _move(row, Review.RETURNED, reason=reason)
    emails.after_decision(row, "returned")
    audit.log(actor, f"{_noun(row)}.return", row, label=_label(row), reason=reason)
    return row


@transaction.atomic
def revoke(*, actor: Actor, item: Item, reason: str, version: int | None = None) -> Item:
    """Take an acceptance back with a reason: the entry waits again and leaves the stored totals."""
    row = lock_item(item, version=version)
    policy.require(actor, "revoke", row)
    reason = _reason(reason, _("Write why the acceptance is taken back."))
    _require_not_frozen(row)
    _take_back(row)
    emails.after_revoke(row, actor.user, reason)
    audit.log(actor, f"{_noun(row)}.revoke", row, label=_label(row), reason=reason)
    return row


@transaction.atomic
def undo_decision(*, actor: Actor, item: Item, version: int | None = None) -> Item:
    """Undo an own decision before its notice leaves: the entry waits again and the notice is deleted."""
    row = lock_item(item, version=version)
    policy.require(actor, "undo", row)
    undone = row.review
    if undone == Review.ACCEPTED:
        _require_not_frozen(row)
    emails.withdraw_decision(row)
    _take_back(row)
    audit.log(actor, f"{_noun(row)}.undo", row, label=_label(row), detail={"undone": undone})
    return row


def _require_not_frozen(row: Item) -> None:
    frozen = freezing_report(row)
    if frozen is not None:
        raise NotAllowed(
            _("The accepted report “%(report)s” of %(unit)s counts this entry. Open that report again first.")
            % {"report": frozen, "unit": frozen.duty.unit}
        )


def _take_back(row: Item) -> None:
    was_accepted = row.review == Review.ACCEPTED
    row.reviewed_at = row.reviewed_by = None
    _move(row, Review.SUBMITTED, reason="")
    if was_accepted:
        cells.remove(row)


def _decide(actor: Actor, row: Item) -> None:
    row.reviewed_at, row.reviewed_by = timezone.now(), actor.user


# What a step of the review changes, on the entry and on the values that share its review.
STATE = ("review", "return_reason", "submitted_at", "reviewed_at", "reviewed_by_id")
SET = ", ".join(f"{name} = %s" for name in STATE)
OWN = ("occurrence", "occurrence_reason", "version", "updated_at")
ACTIVITY = f"UPDATE activities_activity SET {', '.join(f'{name} = %s' for name in (*STATE, *OWN))} WHERE id = %s"  # noqa: S608
VALUES = f"""
    WITH v AS (UPDATE activities_measurement SET {SET}, version = version + 1 WHERE activity_id = %s RETURNING *)
    SELECT v.*, EXISTS (SELECT FROM activities_evidence WHERE activity_id = %s) AS has_evidence
    FROM (SELECT) AS one LEFT JOIN v ON true"""  # noqa: S608 - our own columns


def _move(row: Item, review: str, *, reason: str) -> None:
    """Set the state on the row and, for an activity, on its measurements, which it then holds as they are."""
    row.review, row.return_reason = review, reason
    row.version += 1
    state: list[Any] = [getattr(row, name) for name in STATE]
    if isinstance(row, Measurement):
        row.save(update_fields=[*STATE, "version"])
        return
    row.updated_at = timezone.now()
    own: list[Any] = [getattr(row, name) for name in OWN]
    with connection.cursor() as cursor:
        cursor.execute(ACTIVITY, [*state, *own, row.pk])
    # Gives the values back, or one row of nothing that says whether there is evidence.
    found = list(Measurement.objects.raw(VALUES, [*state, row.pk, row.pk]))
    row.has_evidence = found[0].has_evidence  # type: ignore[attr-defined]
    values = row.measurements.all()
    values._result_cache = [one for one in found if one.pk is not None]
    row._prefetched_objects_cache = {"measurements": values}  # type: ignore[attr-defined]  # as prefetching leaves it


def _require_complete(row: Activity) -> None:
    if row.starts_on is None:
        raise DomainError(_("Enter the day as day/month/year, for example 05/03/2026."), field="starts_on")
    for name in ("starts_on", "ends_on"):  # the values of an activity are of its last day, and none is of a day to come
        if (getattr(row, name) or row.starts_on) > timezone.localdate():
            raise DomainError(
                _("This day has not come yet. Save the entry as a draft and send it after the activity."), field=name
            )
    if row.is_ahead:
        plans.hold(row)  # sending the account of a plan whose day has come says that it took place
    if row.occurrence != Activity.Occurrence.HELD:
        raise DomainError(_("Only an activity that took place can be sent. Mark it as held first."))
    if not row.what_was_done.strip():
        raise DomainError(_("Write what was done, in one or two sentences."), field="what_was_done")
    if gap := contributions.difference(row):
        raise DomainError(gap, field="value")


def _require_waiting(row: Item) -> None:
    """Tell the second of two reviewers who was first and when (ux.md: taken)."""
    if row.review in {Review.ACCEPTED, Review.RETURNED} and row.reviewed_by and row.reviewed_at:
        raise NotAllowed(
            _("Already handled by %(name)s at %(time)s. Go on to the next one.")
            % {"name": row.reviewed_by.full_name, "time": f"{timezone.localtime(row.reviewed_at):%H:%M}"}
        )
    if row.review == Review.DRAFT:
        raise NotAllowed(_("The author took this entry back. Go on to the next one."))


def _reason(reason: str, message: str) -> str:
    text = vietnamese.clean(reason)
    if not text:
        raise DomainError(message, field="reason")
    if len(text) > 1000:
        raise DomainError(
            _("The reason may have 1.000 characters at most. It has %(count)s now.") % {"count": len(text)},
            field="reason",
        )
    return text


def _noun(row: Activity | Measurement) -> str:
    return "activity" if isinstance(row, Activity) else "measurement"


def _label(row: Activity | Measurement) -> str:
    return row.name if isinstance(row, Activity) else f"{row.indicator.name} {row.as_of:%d/%m/%Y}"
