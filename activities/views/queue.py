"""What waits for a person's decision: activities, values and deadlines reported done, in one list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from activities import policy
from activities.models import Activity, Measurement, Review
from agreements.models import TaskDeadline

if TYPE_CHECKING:
    import datetime

    from core.http import SignedInRequest
    from core.models import Actor


@dataclass(frozen=True)
class Waiting:
    """One line of the queue, whatever kind of thing it is."""

    kind: str  # activity, measurement, deadline
    pk: int
    title: str
    unit: str
    sent_at: datetime.datetime
    url: str


def reviewing(request: SignedInRequest) -> list[Actor]:
    """Return the memberships under which the person reviews."""
    return [actor for actor in request.actors if actor.role in policy.REVIEWERS and actor.organisation.is_front]


def queue_of(request: SignedInRequest) -> list[Waiting]:
    """Return what waits for this person's decision, oldest first; never what the person wrote."""
    items = Q(review=Review.SUBMITTED) & ~Q(author=request.user)
    reports = TaskDeadline.objects.visible_to(request.user).live().awaiting().exclude(reported_by=request.user)
    if not any(actor.role == policy.OFFICER for actor in reviewing(request)):
        items &= Q(acting_for__kind__in=policy.FRONT_KINDS)
        reports = reports.filter(reported_for__kind__in=policy.FRONT_KINDS)
    activities = (
        Activity.objects.visible_to(request.user).filter(items).select_related("task", "unit", "task__programme")
    )
    values = (
        Measurement.objects.visible_to(request.user).filter(items, activity=None).select_related("indicator", "unit")
    )
    found = [
        Waiting(
            "activity",
            row.pk,
            row.name,
            row.unit.name,
            row.submitted_at,
            reverse("activities:review_show", args=[row.pk]),
        )
        for row in activities
        if row.submitted_at
    ]
    found += [
        Waiting("measurement", row.pk, row.indicator.name, row.unit.name, row.submitted_at,
                reverse("activities:measurement_review", args=[row.pk]))
        for row in values
        if row.submitted_at
    ]  # fmt: skip
    found += [
        Waiting("deadline", row.pk, row.task.title, row.reported_for.name if row.reported_for else "", row.reported_at,
                reverse("activities:deadline_review", args=[row.pk]))
        for row in reports.select_related("task", "reported_for")
        if row.reported_at
    ]  # fmt: skip
    return sorted(found, key=lambda item: (item.sent_at, item.kind, item.pk))
