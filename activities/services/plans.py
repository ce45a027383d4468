"""The planned half of an activity: sent for the committee to see, then held, postponed to a day, or cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import emails, policy
from activities.models import Activity
from activities.services import writing
from core import audit
from core.exceptions import DomainError
from documents import vietnamese

if TYPE_CHECKING:
    import datetime

    from core.models import Actor

REASON_LIMIT = 500


@transaction.atomic
def mark_occurrence(
    *,
    actor: Actor,
    activity: Activity,
    occurrence: str,
    reason: str = "",
    new_day: datetime.date | None = None,
    version: int | None = None,
) -> Activity:
    """Say that a planned activity was held, cancelled (reason) or postponed (reason and a day to come: new_day)."""
    row = writing.lock(activity, version=version)
    policy.require(actor, "mark", row)
    emails.decision_is_worked_on(row)
    states = Activity.Occurrence
    if occurrence == states.HELD:
        hold(row)
    else:
        _require_ahead(row)
        row.occurrence_reason = _reason(reason)
        row.occurrence = occurrence
    detail = {}
    if occurrence == states.POSTPONED:
        detail = {"from": str(row.starts_on), "to": str(new_day)}
        _move(row, new_day)
    row.version += 1
    row.save()
    row.measurements.update(as_of=row.ends_on or row.starts_on or timezone.localdate())
    label = row.name or str(row.task)
    audit.log(actor, f"activity.{occurrence}", row, label=label, reason=row.occurrence_reason, detail=detail)
    return row


def hold(row: Activity) -> None:
    """Set a locked row to held; DomainError where its day has not come."""
    if row.starts_on and row.starts_on > timezone.localdate():
        raise DomainError(_("The day has not come yet. Change the date first."), field="starts_on")
    row.occurrence, row.occurrence_reason = Activity.Occurrence.HELD, ""


def _require_ahead(row: Activity) -> None:
    if not row.is_ahead:
        raise DomainError(_("Only a planned activity can be postponed or cancelled."))


def _reason(reason: str) -> str:
    text = vietnamese.clean(reason)
    if not text:
        raise DomainError(_("Enter the reason, for example a storm warning."), field="reason")
    if len(text) > REASON_LIMIT:
        raise DomainError(
            _("The reason may have 500 characters at most. It has %(count)s now.") % {"count": len(text)},
            field="reason",
        )
    return text


def _move(row: Activity, new_day: datetime.date | None) -> None:
    """Set the new first day; one that lasted several days keeps its length."""
    if new_day is None or new_day <= timezone.localdate():
        raise DomainError(_("Enter the new day, which is still to come, for example 05/03/2027."), field="new_day")
    if row.starts_on and row.ends_on:
        row.ends_on = new_day + (row.ends_on - row.starts_on)
    row.starts_on = new_day


@transaction.atomic
def send_plan(*, actor: Actor, activity: Activity, is_sent: bool = True) -> Activity:
    """Let the committee see a plan before it takes place, or take it back to the own unit. It counts nowhere."""
    row = writing.lock(activity)
    policy.require(actor, "send_plan", row)
    if is_sent and not row.is_ahead:
        raise DomainError(_("Only a planned activity can be sent as a plan. Enter a day that is still to come."))
    if is_sent and not row.name:
        raise DomainError(_("Write what is planned, in one or two sentences."), field="what_was_done")
    row.plan_sent_at = timezone.now() if is_sent else None
    row.version += 1
    row.save()
    audit.log(actor, "activity.send_plan" if is_sent else "activity.keep_plan", row, label=row.name or str(row.task))
    return row
