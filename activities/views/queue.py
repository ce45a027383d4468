"""What waits for a person's decision: activities, values and deadlines reported done, in one list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from activities import policy
from activities.models import Activity, Evidence, Measurement, ProgressReport, Review
from activities.services import effects
from agreements.models import Extension, TaskDeadline

if TYPE_CHECKING:
    import datetime

    from core.http import SignedInRequest
    from core.models import Actor, User

PHOTOS_SHOWN = 3


@dataclass(frozen=True)
class Waiting:
    """One line of the queue, whatever kind of thing it is."""

    kind: str  # activity, measurement, deadline, extension, report
    pk: int
    title: str
    unit: str
    sent_at: datetime.datetime
    url: str
    effects: list[effects.Effect] = field(default_factory=list)  # what acceptance would do to its indicators
    photos: list[str] = field(default_factory=list)  # addresses of small pictures

    @property
    def key(self) -> str:
        """How a form names it: "activity-12"."""
        return f"{self.kind}-{self.pk}"


def reviewing(request: SignedInRequest) -> list[Actor]:
    """Return the memberships under which the person reviews."""
    return [actor for actor in request.actors if actor.role in policy.REVIEWERS and actor.organisation.is_front]


def queue_of(request: SignedInRequest) -> list[Waiting]:
    """Return what waits for this person's decision, oldest first; never what the person wrote."""
    if request.method == "GET" and "_queue" in request.__dict__:  # the list opens its first item: asked for once
        return list(request.__dict__["_queue"])
    is_officer = any(actor.role == policy.OFFICER for actor in reviewing(request))
    found = [line for kind in QUEUE for line in kind(request.user, is_officer)]
    # The header shows the same number: counted here, it need not be asked for again on this page.
    request.user.__dict__["_waiting"] = len(found)
    found.sort(key=lambda item: (item.sent_at, item.kind, item.pk))
    request.__dict__["_queue"] = found
    return list(found)


def _items(user: User, is_officer: bool) -> Q:
    """Others' entries that wait; a leader decides only on what the committee itself wrote."""
    items = Q(review=Review.SUBMITTED, submitted_at__isnull=False) & ~Q(author=user)
    return items if is_officer else items & Q(acting_for__kind__in=policy.FRONT_KINDS)


def _activities(user: User, is_officer: bool) -> list[Waiting]:
    rows = Activity.objects.visible_to(user).filter(_items(user, is_officer)).select_related("unit")
    return [
        Waiting("activity", row.pk, row.name, row.unit.name, row.submitted_at,
                reverse("activities:review_show", args=[row.pk]))
        for row in rows
    ]  # fmt: skip


def _values(user: User, is_officer: bool) -> list[Waiting]:
    rows = Measurement.objects.visible_to(user).filter(_items(user, is_officer), activity=None)
    return [
        Waiting("measurement", row.pk, row.indicator.name, row.unit.name, row.submitted_at,
                reverse("activities:measurement_review", args=[row.pk]))
        for row in rows.select_related("indicator", "unit")
    ]  # fmt: skip


def _deadlines(user: User, is_officer: bool) -> list[Waiting]:
    rows = TaskDeadline.objects.visible_to(user).live().awaiting().exclude(reported_by=user)
    rows = rows.filter(reported_at__isnull=False)
    if not is_officer:
        rows = rows.filter(reported_for__kind__in=policy.FRONT_KINDS)
    return [
        Waiting("deadline", row.pk, row.task.title, row.reported_for.name if row.reported_for else "", row.reported_at,
                reverse("activities:deadline_review", args=[row.pk]))
        for row in rows.select_related("task", "reported_for")
    ]  # fmt: skip


def _extensions(user: User, is_officer: bool) -> list[Waiting]:
    if not is_officer:
        return []
    rows = Extension.objects.visible_to(user).waiting().filter(requested_at__isnull=False).exclude(requested_by=user)
    return [
        Waiting("extension", row.pk, row.deadline.task.title, row.requested_for.name if row.requested_for else "",
                row.requested_at, reverse("activities:extension_review", args=[row.pk]))
        for row in rows.select_related("deadline__task", "requested_for")
    ]  # fmt: skip


def _reports(user: User, is_officer: bool) -> list[Waiting]:
    rows = ProgressReport.objects.visible_to(user).waiting_for(user, is_officer=is_officer)
    return [
        Waiting("report", row.duty_id, f"{row.duty}, {row.duty.programme.code}", row.duty.unit.name, row.submitted_at,
                reverse("activities:report_review", args=[row.duty_id]))
        for row in rows.select_related("duty__programme", "duty__unit")
        if row.submitted_at
    ]  # fmt: skip


# What makes up the queue; another kind of thing is one more function here, with a page of its own below the queue.
QUEUE = (_activities, _values, _deadlines, _extensions, _reports)


def with_effects(rows: list[Waiting], day: datetime.date) -> list[Waiting]:
    """Return the lines with what they change and their first pictures; four queries for all of them."""
    activities = [row.pk for row in rows if row.kind == "activity"]
    alone = [row.pk for row in rows if row.kind == "measurement"]
    values = list(Measurement.objects.filter(Q(activity__in=activities) | Q(pk__in=alone)).select_related("indicator"))
    changed: dict[tuple[str, int], list[effects.Effect]] = {}
    for effect in effects.effects_of(values, day) if values else []:
        value = effect.measurement
        key = ("activity", value.activity_id) if value.activity_id else ("measurement", value.pk)
        changed.setdefault(key, []).append(effect)
    pictures: dict[int, list[str]] = {}
    for proof in Evidence.objects.filter(activity__in=activities, file__mime="image/jpeg").select_related("file"):
        shown = proof.file.thumbnail_id or proof.file_id
        pictures.setdefault(proof.activity_id, []).append(reverse("activities:file_show", args=[shown]))
    return [
        replace(
            row,
            effects=changed.get((row.kind, row.pk), []),
            photos=pictures.get(row.pk, [])[:PHOTOS_SHOWN] if row.kind == "activity" else [],
        )
        for row in rows
    ]
