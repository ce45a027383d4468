"""Writing an activity: draft, files, whether it took place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import policy
from activities.models import Activity, Evidence, Measurement, Review
from core import audit
from core.exceptions import DomainError, NotAllowed, Stale
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Iterable

    from activities.services.data import ActivityData
    from core.models import Actor, StoredFile

PLAIN_FIELDS = (
    "task", "unit", "what_was_done", "starts_on", "ends_on", "title", "locality", "place", "households", "persons",
    "turns", "beneficiary_group", "is_approximate", "value", "value_source",
)  # fmt: skip


def lock(activity: Activity, *, version: int | None = None) -> Activity:
    """Return the row as it is now, locked until the commit; Stale where a version is given and differs."""
    fresh = (
        Activity.objects.select_for_update(of=("self",))
        .select_related("task__programme", "unit", "acting_for", "author", "reviewed_by")
        .get(pk=activity.pk)
    )
    if version is not None and fresh.version != version:
        raise Stale(_("Somebody changed this entry meanwhile. Compare the two versions."), current=fresh)
    return fresh


@transaction.atomic
def save_activity(
    *, actor: Actor, data: ActivityData, activity: Activity | None = None, version: int | None = None
) -> Activity:
    """Create a draft, or change a draft or returned entry; return it. Errors: NotAllowed, Stale, DomainError.

    A date in the future makes the entry planned; it is held once the author says so or a past date is typed.
    """
    if activity is None:
        row = Activity(author=actor.user, acting_for=actor.organisation)
    else:
        row = lock(activity, version=version)
        policy.require(actor, "edit", row)
    policy.require_log(actor, data.task)
    _require_unit(actor, data)
    _check(data)
    for name in PLAIN_FIELDS:
        setattr(row, name, getattr(data, name))
    row.occurrence, row.occurrence_reason = _occurrence(row)
    if row.pk:
        row.version += 1
    row.save()
    row.joint_units.set([unit for unit in data.joint_units if unit.pk != data.unit.pk])
    _write_quantities(row, data)
    _attach(row, data.files)
    for evidence in row.evidence.filter(pk__in=data.remove_evidence):
        _drop(evidence)
    audit.log(actor, "activity.change" if activity else "activity.create", row, label=row.name or str(data.task))
    return row


def _require_unit(actor: Actor, data: ActivityData) -> None:
    if actor.role == policy.REPORTER and data.unit.pk not in policy.units_of(actor.user):
        raise NotAllowed(_("You can log work only for your own unit."))
    if actor.role == policy.OFFICER and not data.unit.path.startswith(actor.organisation.path):
        partners = policy.involved_ids(data.task) | set(
            data.task.programme.parties.values_list("organisation_id", flat=True)
        )
        if data.unit.pk not in partners:
            raise DomainError(_("Choose a unit that takes part in this programme."), field="unit")


def _check(data: ActivityData) -> None:
    if data.starts_on and data.ends_on and data.ends_on < data.starts_on:
        raise DomainError(_("The last day must not be before the first day."), field="ends_on")
    if data.ends_on and not data.starts_on:
        raise DomainError(_("Enter the first day, for example 05/03/2026."), field="starts_on")
    allowed = set(data.task.indicators.filter(is_entered_by_partner=True).values_list("id", flat=True))
    if set(data.quantities) - allowed:
        raise DomainError(_("A quantity belongs to an indicator of another task. Open the page again."))
    for quantity in data.quantities.values():
        if quantity.value < 0:
            raise DomainError(_("A quantity cannot be below 0."))


def _occurrence(row: Activity) -> tuple[str, str]:
    if row.starts_on and row.starts_on > timezone.localdate():
        return Activity.Occurrence.PLANNED, ""
    if row.occurrence == Activity.Occurrence.PLANNED:
        return Activity.Occurrence.HELD, ""
    return row.occurrence, row.occurrence_reason


def _write_quantities(row: Activity, data: ActivityData) -> None:
    """Make the measurements of the activity equal to what was typed; they share its review and its day."""
    as_of = data.ends_on or data.starts_on or timezone.localdate()
    row.measurements.exclude(indicator__in=data.quantities).delete()
    for indicator_id, quantity in data.quantities.items():
        Measurement.objects.update_or_create(
            activity=row,
            indicator_id=indicator_id,
            defaults={
                "task": data.task,
                "unit": data.unit,
                "author": row.author,
                "acting_for": row.acting_for,
                "locality": data.locality,
                "as_of": as_of,
                "value": quantity.value,
                "numerator": quantity.numerator,
                "denominator": quantity.denominator,
                "is_approximate": data.is_approximate,
                "review": row.review,
                "submitted_at": row.submitted_at,
                "reviewed_at": row.reviewed_at,
                "reviewed_by": row.reviewed_by,
                "return_reason": row.return_reason,
            },
        )


def _attach(row: Activity, files: Iterable[StoredFile]) -> None:
    """Add files as evidence; the same content twice (a double submit) stays one."""
    known = set(row.evidence.values_list("file__sha256", flat=True))
    last = row.evidence.aggregate(last=Max("position"))["last"] or 0
    for file in files:
        if file.sha256 in known:
            continue
        known.add(file.sha256)
        last += 1
        Evidence.objects.create(activity=row, file=file, position=last)


def _drop(evidence: Evidence) -> None:
    """Take a file off; its stored row stays without an owner and is swept with the orphans."""
    evidence.delete()


@transaction.atomic
def delete_draft(*, actor: Actor, activity: Activity, version: int | None = None) -> None:
    """Delete a draft that was never submitted, with its quantities and its links to files."""
    row = lock(activity, version=version)
    policy.require(actor, "delete", row)
    label, key = row.name or str(row.task), row.pk
    row.delete()
    audit.log(actor, "activity.delete", label=label, detail={"activity": key})


@transaction.atomic
def mark_occurrence(
    *, actor: Actor, activity: Activity, occurrence: str, reason: str = "", version: int | None = None
) -> Activity:
    """Say that a planned activity was held, cancelled or postponed; the last two need a reason."""
    row = lock(activity, version=version)
    policy.require(actor, "mark", row)
    stopped = occurrence in {Activity.Occurrence.CANCELLED, Activity.Occurrence.POSTPONED}
    reason = vietnamese.clean(reason)
    if stopped and not reason:
        raise DomainError(_("Enter the reason, for example a storm warning."), field="reason")
    if occurrence == Activity.Occurrence.HELD and row.starts_on and row.starts_on > timezone.localdate():
        raise DomainError(_("The day has not come yet. Change the date first."), field="starts_on")
    row.occurrence, row.occurrence_reason = occurrence, reason[:500] if stopped else ""
    row.version += 1
    row.save()
    audit.log(actor, f"activity.{occurrence}", row, label=row.name or str(row.task), reason=row.occurrence_reason)
    return row


def is_open(activity: Activity) -> bool:
    """Return whether the author still has to do something with it."""
    return activity.review in {Review.DRAFT, Review.RETURNED}
