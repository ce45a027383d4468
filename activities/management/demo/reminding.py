"""Requests for more time, an entry that looks like another, reminders sent, a muted kind: what stands on the desks."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from activities.management.demo import catalogue
from activities.management.demo.programmes import PROGRAMMES
from activities.management.demo.results import write_activity
from activities.management.demo.world import World, at
from activities.models import Activity, Nudge, ReturnReason, Review
from activities.services import reminders
from agreements.models import Extension, Task, TaskDeadline
from core.emails import all_groups
from core.models import NoticeSetting, Notification

if TYPE_CHECKING:
    from core.models import User

RUNS = (16, 8, 4, 1, 0)  # days ago on which the ladder was walked
# what became of it, days asked for, the unit's reason, its paper, the committee's paper or its reason
REQUESTS = (
    ("requested", 45, "Chờ phân bổ kinh phí quý IV (demo)", "Công văn 118/demo", ""),
    ("granted", 60, "Mưa lũ kéo dài, chưa tổ chức được (demo)", "Công văn 97/demo", "Công văn 41/demo"),
    ("refused", 120, "Thiếu cán bộ phụ trách (demo)", "", "Việc gắn với đợt tổng kết, không lùi được."),
)
REASONS = (("Bổ sung danh sách người dự.", 9), ("Ghi rõ người hay lượt người.", 6), ("Bổ sung ảnh và biên bản.", 4))


def write_reminding(world: World) -> None:
    """Write all of it; called last, since reminders look at what is owed."""
    write_requests(world)
    write_twin(world)
    committee = world.bodies["mttq"]
    ReturnReason.objects.bulk_create(ReturnReason(committee=committee, text=text, uses=n) for text, n in REASONS)
    _words, kinds = all_groups()["programmes"]
    NoticeSetting.objects.bulk_create(NoticeSetting(user=world.people["hung"], kind=kind) for kind in kinds)
    write_nudges(world)


def write_requests(world: World) -> None:
    """Write one request of each state on deadlines that are still open."""
    rows = (
        TaskDeadline.objects.live()
        .filter(state="open", task__lead__isnull=False, due_on__gte=world.today - datetime.timedelta(days=20))
        .exclude(task__lead=world.bodies["mttq"])
        .select_related("task__lead")
        .order_by("due_on", "pk")
    )
    keys = {body.pk: key for key, body in world.bodies.items()}
    known = [row for row in rows if keys[row.task.lead_id] in catalogue.REPORTER_OF][: len(REQUESTS)]
    for deadline, (state, days, reason, paper, answer) in zip(known, REQUESTS, strict=True):
        asker: User = world.people[catalogue.REPORTER_OF[keys[deadline.task.lead_id]]]
        later = deadline.due_on + datetime.timedelta(days=days)
        decided = state != "requested"
        Extension.objects.create(
            deadline=deadline,
            state=state,
            old_due_on=deadline.due_on,
            new_due_on=later,
            asked_due_on=later,
            asked_paper=paper,
            reason=reason,
            paper=answer if state == "granted" else "",
            decision_note=answer if state == "refused" else "",
            requested_by=asker,
            requested_for=deadline.task.lead,
            requested_at=at(world.today - datetime.timedelta(days=5), 9),
            decided_by=world.people["hung"] if decided else None,
            decided_at=at(world.today - datetime.timedelta(days=2), 15) if decided else None,
        )
        if state == "granted":
            deadline.due_on = later
            deadline.save()


def write_twin(world: World) -> None:
    """Write an entry that repeats one waiting: the same work in the same place a day later."""
    first = Activity.objects.filter(review=Review.SUBMITTED).order_by("submitted_at", "pk").first()
    if first is None or first.starts_on is None:
        return
    task = Task.objects.select_related("programme").get(pk=first.task_id)
    shapes = {row.code: row for programme in PROGRAMMES for row in programme.tasks}
    twin = write_activity(
        world,
        shapes[task.code],
        task,
        first.starts_on + datetime.timedelta(days=1),
        {},
        review=Review.ACCEPTED,
        title=f"{first.title} (đợt 2)",
    )
    twin.locality, twin.place = first.locality, first.place
    twin.save()


def write_nudges(world: World) -> None:
    """Walk the ladder on some past days, each reminder dated on its day."""
    for ago in RUNS:
        day = world.today - datetime.timedelta(days=ago)
        last = Nudge.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        told = Notification.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        reminders.send_due(day=day)
        when = at(day, 7)
        Nudge.objects.filter(pk__gt=last).update(sent_at=when)
        Notification.objects.filter(pk__gt=told).update(
            created_at=when, deliver_after=when, read_at=when if ago > min(RUNS) else None, mail_due_at=None
        )
