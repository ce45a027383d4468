"""What waits for a person's decision: activities, values and deadlines reported done, in one list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, Q, TextField, Value, When
from django.urls import reverse
from django.utils import timezone

from activities import policy
from activities.models import Activity, Evidence, Measurement, ProgressReport, Review
from activities.services import effects
from agreements.models import Extension, TaskDeadline

if TYPE_CHECKING:
    import datetime

    from django.db.models import Expression, QuerySet

    from core.http import SignedInRequest
    from core.models import Actor, User

PHOTOS_SHOWN = 3
COLUMNS = ("pk", "what", "said", "more", "who", "since")
PAGES = {"activity": "activities:review_show", "measurement": "activities:measurement_review",
         "deadline": "activities:deadline_review", "extension": "activities:extension_review"}  # fmt: skip


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


def days_waited(sent: datetime.datetime | None) -> int | None:
    """Return the days something has waited, by the calendar here; 0 where the clock was set back; None: never sent."""
    return None if sent is None else max(0, (timezone.localdate() - timezone.localdate(sent)).days)


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


def _parts(user: User, *, is_officer: bool) -> list[QuerySet[Any]]:
    """Return what waits, kind by kind, all with the columns COLUMNS so that one query asks for them together."""
    items = _items(user, is_officer)
    done = Activity.objects.visible_to(user).filter(items)
    values = Measurement.objects.visible_to(user).filter(items, activity=None)
    due = TaskDeadline.objects.visible_to(user).live().awaiting().exclude(reported_by=user)
    due = due.filter(reported_at__isnull=False)
    if not is_officer:
        due = due.filter(reported_for__kind__in=policy.FRONT_KINDS)
    untitled = Case(When(title="", then=F("what_was_done")), default=Value(""), output_field=TextField())
    parts = [
        _columns(done, "activity", "title", "unit__name", "submitted_at", more=untitled),
        _columns(values, "measurement", "indicator__name", "unit__name", "submitted_at"),
        _columns(due, "deadline", "task__title", "reported_for__name", "reported_at"),
    ]
    if is_officer:
        asked = Extension.objects.visible_to(user).waiting().filter(requested_at__isnull=False)
        asked = asked.exclude(requested_by=user)
        parts.append(_columns(asked, "extension", "deadline__task__title", "requested_for__name", "requested_at"))
    return parts


def _columns(
    rows: QuerySet[Any], kind: str, said: str, who: str, since: str, more: Expression | None = None
) -> QuerySet[Any]:
    text = Value("", output_field=TextField()) if more is None else more
    return (
        rows.order_by()
        .annotate(what=Value(kind, output_field=TextField()), said=F(said), more=text, who=F(who), since=F(since))
        .values_list(*COLUMNS)
    )


def _entries(user: User, is_officer: bool) -> list[Waiting]:
    """Activities, values, deadlines and extensions in one query."""
    first, *others = _parts(user, is_officer=is_officer)
    found = []
    for pk, kind, said, more, who, since in first.union(*others, all=True):
        title = Activity(title=said, what_was_done=more).name if kind == "activity" else said
        found.append(Waiting(kind, pk, title, who or "", since, reverse(PAGES[kind], args=[pk])))
    return found


def _reports(user: User, is_officer: bool) -> list[Waiting]:
    rows = ProgressReport.objects.visible_to(user).waiting_for(user, is_officer=is_officer)
    return [
        Waiting("report", row.duty_id, f"{row.duty}, {row.duty.programme.code}", row.duty.unit.name, row.submitted_at,
                reverse("activities:report_review", args=[row.duty_id]))
        for row in rows.select_related("duty__programme", "duty__unit")
        if row.submitted_at
    ]  # fmt: skip


# What makes up the queue; another kind of thing is one more function here, with a page of its own below the queue.
QUEUE = (_entries, _reports)


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
