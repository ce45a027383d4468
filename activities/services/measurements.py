"""Values that come from a paper and not from an activity ("Nhập số liệu")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import emails, policy
from activities.models import Measurement
from activities.services.review import lock_item
from activities.services.writing import require_unit
from core import audit
from core.exceptions import DomainError, NotAllowed

if TYPE_CHECKING:
    from activities.services.data import MeasurementData
    from core.models import Actor


@transaction.atomic
def save_measurement(
    *, actor: Actor, data: MeasurementData, measurement: Measurement | None = None, version: int | None = None
) -> Measurement:
    """Create a draft value, or change a draft or returned one; return it. Errors: NotAllowed, Stale, DomainError."""
    if measurement is None:
        row = Measurement(author=actor.user, acting_for=actor.organisation)
    else:
        row = lock_item(measurement, version=version)
        policy.require(actor, "edit", row)
        emails.decision_is_worked_on(row)
    policy.require_log(actor, data.indicator.task)
    require_unit(actor, data.indicator.task, data.unit)
    if actor.role == policy.REPORTER and not data.indicator.is_entered_by_partner:
        raise NotAllowed(_("The committee enters this indicator from a published paper."))
    if data.as_of > timezone.localdate():
        raise DomainError(_("This day has not come yet."), field="as_of")
    if not data.source.strip():
        raise DomainError(
            _("Enter the paper the value comes from, for example a decision with its number."), field="source"
        )
    row.task, row.indicator, row.unit, row.locality = data.indicator.task, data.indicator, data.unit, data.locality
    row.as_of, row.source, row.is_approximate = data.as_of, data.source.strip(), data.is_approximate
    row.value, row.numerator, row.denominator = (
        data.quantity.value, data.quantity.numerator, data.quantity.denominator,
    )  # fmt: skip
    if row.pk:
        row.version += 1
    row.save()
    audit.log(actor, "measurement.change" if measurement else "measurement.create", row, label=row.indicator.name)
    return row


@transaction.atomic
def delete_measurement(*, actor: Actor, measurement: Measurement) -> None:
    """Delete a draft value that was never submitted."""
    row = lock_item(measurement)
    policy.require(actor, "delete", row)
    label, key = row.indicator.name, row.pk
    row.delete()
    audit.log(actor, "measurement.delete", label=label, detail={"measurement": key})
