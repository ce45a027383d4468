"""What officers decide about single duties: ask for a report once, waive one, give it another day."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import emails, policy
from activities.models import ReportDuty
from agreements.models import Programme
from core import audit
from core.exceptions import DomainError
from core.forms import check_version
from documents import vietnamese
from partners.models import committee_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import Actor
    from partners.models import Organisation

ONE_DAY = datetime.timedelta(days=1)


@transaction.atomic
def request_reports(
    *,
    actor: Actor,
    programme: Programme,
    units: Sequence[Organisation],
    title: str,
    request: str,
    starts_on: datetime.date,
    last_day: datetime.date,
    due_on: datetime.date,
) -> list[ReportDuty]:
    """Ask several units once for a report on [starts_on, last_day], due on a day; returns one duty per unit.

    Raises NotAllowed, and DomainError where a value cannot hold. The units hear of it.
    """
    row = Programme.objects.select_for_update(of=("self",)).select_related("owner").get(pk=programme.pk)
    policy.require_request(actor, row)
    if not title.strip():
        raise DomainError(_("Enter what the report is called"), field="title")
    if last_day < starts_on:
        raise DomainError(_("The last day of the data must not be before the first"), field="last_day")
    if due_on < timezone.localdate():
        raise DomainError(_("The due date must not be in the past"), field="due_on")
    if not units:
        raise DomainError(_("Choose at least one unit"), field="units")
    taken = row.report_duties.filter(kind=ReportDuty.Kind.ON_REQUEST).values_list("period", flat=True)
    number = max((int(name[1:]) for name in taken if name[1:].isdigit()), default=0) + 1
    duties = [
        ReportDuty.objects.create(
            programme=row,
            committee=committee_of(actor.organisation),
            unit=unit,
            kind=ReportDuty.Kind.ON_REQUEST,
            period=f"R{number}",
            title=title,
            request=request,
            starts_on=starts_on,
            ends_on=last_day + ONE_DAY,
            due_on=due_on,
        )
        for unit in {unit.pk: unit for unit in units}.values()
    ]
    for duty in duties:
        emails.after_duty(duty, "requested", {"day": vietnamese.format_date(due_on)})
    audit.log_many(
        actor,
        [
            audit.Entry("duty.request", duty, label=duty_label(duty), detail={"due_on": due_on.isoformat()})
            for duty in duties
        ],
    )
    return duties


@transaction.atomic
def waive_duty(*, actor: Actor, duty: ReportDuty, reason: str, version: int | str | None) -> ReportDuty:
    """Let a unit off one report, with a reason. Raises DomainError, Stale, NotAllowed."""
    row = lock_duty(duty)
    check_version(row, version)
    policy.require_duty(actor, "waive", row)
    row.waive_reason = _reason(reason, _("Write why this report is not needed"))
    row.waived_at, row.waived_by = timezone.now(), actor.user
    _save(row)
    emails.after_duty(row, "waived", {"reason": row.waive_reason})
    audit.log(actor, "duty.waive", row, label=duty_label(row), reason=row.waive_reason)
    return row


@transaction.atomic
def restore_duty(*, actor: Actor, duty: ReportDuty, version: int | str | None) -> ReportDuty:
    """Ask again for a report that was waived; its due date stays. Raises Stale, NotAllowed."""
    row = lock_duty(duty)
    check_version(row, version)
    policy.require_duty(actor, "restore", row)
    reason, row.waive_reason = row.waive_reason, ""
    row.waived_at = row.waived_by = None
    _save(row)
    emails.after_duty(row, "restored", {"day": vietnamese.format_date(row.due_on)})
    audit.log(actor, "duty.restore", row, label=duty_label(row), detail={"waived_because": reason})
    return row


@transaction.atomic
def move_duty(
    *, actor: Actor, duty: ReportDuty, due_on: datetime.date, reason: str, version: int | str | None
) -> ReportDuty:
    """Give a report another due date, with a reason; the first one stays on record. Raises DomainError, Stale, …"""
    row = lock_duty(duty)
    check_version(row, version)
    policy.require_duty(actor, "move", row)
    if due_on < timezone.localdate():
        raise DomainError(_("The due date must not be in the past"), field="due_on")
    if due_on == row.due_on:
        raise DomainError(_("The report is already due on this day. Enter another one"), field="due_on")
    row.move_reason = _reason(reason, _("Write why the due date changes"))
    before, row.due_on = row.due_on, due_on
    row.moved_from = row.moved_from or before
    _save(row)
    days = {"from": before.isoformat(), "to": due_on.isoformat()}
    emails.after_duty(row, "moved", {"day": vietnamese.format_date(due_on), "reason": row.move_reason})
    audit.log(actor, "duty.move", row, label=duty_label(row), reason=row.move_reason, detail=days)
    return row


def lock_duty(duty: ReportDuty) -> ReportDuty:
    """Return the duty as it is now, locked until the commit."""
    rows = ReportDuty.objects.select_for_update(of=("self",)).select_related("programme__owner", "committee", "unit")
    return rows.get(pk=duty.pk)


def duty_label(duty: ReportDuty) -> str:
    """Return how the audit trail names a duty: the report and who owes it."""
    return f"{duty} – {duty.unit.name}"


def _reason(reason: str, message: str) -> str:
    text = vietnamese.clean(reason)
    if not text:
        raise DomainError(message, field="reason")
    if len(text) > 500:
        raise DomainError(
            _("The reason may have 500 characters at most. It has %(count)s now.") % {"count": len(text)},
            field="reason",
        )
    return text


def _save(row: ReportDuty) -> None:
    row.version += 1
    row.save()
