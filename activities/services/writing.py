"""Writing an activity: draft, texts taken over from an earlier one, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import emails, policy
from activities.models import Activity, Evidence, Measurement, Review
from activities.services import contributions
from core import audit
from core.exceptions import DomainError, NotAllowed, Stale
from core.prepared import given_id, objects_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from activities.services.data import ActivityData
    from agreements.models import Task
    from core.models import Actor, StoredFile
    from partners.models import Organisation

PLAIN_FIELDS = (
    "task", "unit", "what_was_done", "starts_on", "ends_on", "title", "locality", "place", "households", "persons",
    "turns", "beneficiary_group", "is_approximate", "value_source",
)  # fmt: skip
# Texts that "Ghi tiếp từ lần trước" takes over; days and quantities never are.
COPIED = ("title", "what_was_done", "place", "beneficiary_group")


ASKED = (
    *("task__state", "task__title", "task__lead", "task__programme__status", "task__programme__title"),
    *("task__programme__short_title", "task__programme__code", "task__programme__owner__path"),
    *("task__programme__owner__kind", "task__programme__owner__name"),
    *("author__full_name", "author__email", "author__is_active", "author__mail_digest"),
)


def _locked() -> QuerySet[Activity, Activity]:
    """The row whole, of what it belongs to what rights and notices ask; the rest is read where it is needed."""
    rows = Activity.objects.select_for_update(of=("self",)).select_related("task__programme__owner", "author")
    own = [one.name for one in Activity._meta.concrete_fields]
    return rows.only(*own, *ASKED).filter(pk=given_id("pk"))


def lock(activity: Activity, *, version: int | None = None) -> Activity:
    """Return the row as it is now, locked until the commit; Stale where a version is given and differs."""
    found = objects_of("locked activity", _locked, pk=activity.pk)
    if not found:
        raise Activity.DoesNotExist
    fresh = found[0]
    if version is not None and fresh.version != version:
        raise Stale(_("Somebody changed this entry meanwhile. Compare the two versions."), current=fresh)
    return fresh


@transaction.atomic
def save_activity(
    *,
    actor: Actor,
    data: ActivityData,
    activity: Activity | None = None,
    version: int | None = None,
    is_logged: bool = True,
) -> Activity:
    """Create a draft, or change a draft or returned entry; return it. Errors: NotAllowed, Stale, DomainError.

    A date in the future makes the entry planned; it is held once the author says so (plans.mark_occurrence, submit) or
    types a past date in its place. is_logged=False is for the page that saves by itself every few seconds: its first
    saving is in the audit trail, the later ones are in the row history only.
    """
    if activity is None:
        row = Activity(author=actor.user, acting_for=actor.organisation)
    else:
        row = lock(activity, version=version)
        policy.require(actor, "edit", row)
        emails.decision_is_worked_on(row)
    policy.require_log(actor, data.task)
    require_unit(actor, data.task, data.unit)
    _check(data)
    if row.review == Review.RETURNED:
        _require_kept(data)
    row.copied_from, row.copied_fields = _copied(actor, row, data)
    row.occurrence, row.occurrence_reason = _occurrence(row, data.starts_on)
    for name in PLAIN_FIELDS:
        setattr(row, name, getattr(data, name))
    row.value, row.value_in_kind = contributions.values_of(data)
    if row.pk:
        row.version += 1
    row.save()
    row.joint_units.set([unit for unit in data.joint_units if unit.pk != data.unit.pk])
    _write_quantities(row, data)
    contributions.write(activity=row, shares=data.contributions)
    _attach(row, data.files)
    for evidence in row.evidence.filter(pk__in=data.remove_evidence):
        _drop(evidence)
    if is_logged:
        audit.log(actor, "activity.change" if activity else "activity.create", row, label=row.name or str(data.task))
    return row


@transaction.atomic
def add_evidence(*, actor: Actor, activity: Activity, file: StoredFile) -> Evidence:
    """Put one file to a draft or returned entry at once, apart from its texts; return it (the same content stays one).

    Texts and their version are not touched, so that a photo on a slow line never stands against a text typed meanwhile.
    """
    row = lock(activity)
    policy.require(actor, "edit", row)
    emails.decision_is_worked_on(row)
    _attach(row, [file])
    evidence = row.evidence.get(file__sha256=file.sha256)
    audit.log(actor, "activity.evidence", row, label=row.name or str(row.task), detail={"file": file.original_name})
    return evidence


def _copied(actor: Actor, row: Activity, data: ActivityData) -> tuple[Activity | None, list[str]]:
    """Return the entry the texts were taken from, and the names of those not changed since."""
    if row.pk:
        kept = [name for name in row.copied_fields if getattr(row, name) == getattr(data, name)]
        return row.copied_from, kept
    source = data.copied_from
    if source is None:
        return None, []
    if not policy.may_copy(actor, source):
        raise NotAllowed(_("Only an entry of your own unit can be continued."))
    return source, [name for name in COPIED if getattr(source, name) and getattr(data, name) == getattr(source, name)]


def require_unit(actor: Actor, task: Task, unit: Organisation) -> None:
    """Raise NotAllowed or DomainError unless the actor may log work or values of this unit for the task."""
    if actor.role == policy.REPORTER and unit.pk not in policy.units_of(actor.user):
        raise NotAllowed(_("You can log work only for your own unit."))
    if actor.role == policy.OFFICER and not unit.path.startswith(actor.organisation.path):
        partners = policy.involved_ids(task) | set(task.programme.parties.values_list("organisation_id", flat=True))
        if unit.pk not in partners:
            raise DomainError(_("Choose a unit that takes part in this programme."), field="unit")


def _require_kept(data: ActivityData) -> None:
    """What the committee has seen keeps its day and its text while it is corrected (also a database constraint)."""
    if data.starts_on is None:
        raise DomainError(_("Enter the day as day/month/year, for example 05/03/2026."), field="starts_on")
    if not data.what_was_done.strip():
        raise DomainError(_("Write what was done, in one or two sentences."), field="what_was_done")


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


def _occurrence(row: Activity, day: datetime.date | None) -> tuple[str, str]:
    """Return whether it took place and the reason, from what was said before and the day typed now."""
    states = Activity.Occurrence
    today = timezone.localdate()
    if day and day > today:
        kept = row.occurrence == states.POSTPONED
        return (states.POSTPONED, row.occurrence_reason) if kept else (states.PLANNED, "")
    was_ahead = row.is_ahead and row.starts_on is not None and row.starts_on > today
    if was_ahead or (row.is_ahead and day != row.starts_on):
        return states.HELD, ""
    return row.occurrence, row.occurrence_reason  # a plan whose day has passed waits for its author's word


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


def is_open(activity: Activity) -> bool:
    """Return whether the author still has to do something with it."""
    return activity.review in {Review.DRAFT, Review.RETURNED}
