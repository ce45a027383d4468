"""What work leaves behind: pictures with their bytes, directives, notices, and the chain of the audit trail."""

from __future__ import annotations

import datetime
import hashlib
import os
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.urls import reverse

from activities.management.demo.photos import SCENES, SIZE, drawn
from activities.management.demo.world import RETURNS, at
from activities.management.scale.world import World, moment
from activities.models import Activity, Directive, Evidence
from agreements.models import Programme
from core import audit, files
from core.models import AuditEntry, Notification, StoredFile, User

if TYPE_CHECKING:
    from pathlib import Path

    from activities.management.scale.signed import Signed

THUMB = 320
TOLD_DAYS = 30  # notices and accepted work in the audit trail reach so far back
ASKED = "Báo cáo nguyên nhân chậm và thời hạn hoàn thành (mẫu)."
ANSWERED = "Đã rà soát, sẽ hoàn thành trong quý này (mẫu)."


def write_directives(world: World, signed: Signed) -> None:
    """Write a directive on a programme that lags, in every state of its life."""
    shape, rnd = signed.shape, world.random
    if shape.status != Programme.Status.IN_FORCE or shape.reached > 0.85 or rnd.random() > 0.4:
        return
    job, state = rnd.choice(signed.jobs), rnd.choice(("issued", "issued", "answered", "closed"))
    issued = world.today - datetime.timedelta(days=rnd.randint(3, 25))
    answered = state in {"answered", "closed"}
    world.tables[Directive].add(
        programme_id=signed.pk, task_id=job.pk, committee_id=shape.office.pk, unit_id=job.lead.pk, text=ASKED,
        author_id=shape.office.leader, due_on=issued + datetime.timedelta(days=14), state=state,
        issued_at=moment(issued, 8), answer=ANSWERED if answered else "",
        answered_by_id=job.lead.reporter if answered else None,
        answered_at=moment(world.today, 8) if answered else None,
        closed_by_id=shape.office.leader if state == "closed" else None,
        closed_at=moment(world.today, 9) if state == "closed" else None,
    )  # fmt: skip


def write_pictures(world: World) -> None:
    """Write a photo for each of `world.pictures`; the bytes will lie once a scene and be linked."""
    table, rnd = world.tables[StoredFile], RandomIds(world)
    small: list[uuid.UUID] = []
    shared: list[Shared] = []
    for scene in range(SCENES):
        thumb, pk = Shared(drawn(scene, THUMB)), rnd()
        height = round(THUMB * SIZE[1] / SIZE[0])
        _picture(world, pk, scene, thumb, None, None, (THUMB, height))
        small.append(pk)
        shared.append(Shared(drawn(scene, SIZE[0])))
    for place, (activity, user) in enumerate(world.pictures):
        scene, pk = place % SCENES, rnd()
        _picture(world, pk, scene, shared[scene], user, small[scene], SIZE)
        world.tables[Evidence].add(activity_id=activity, file_id=pk)
    world.say(f"{table.count:,} pictures")


def put_pictures(world: World) -> None:
    """Put the bytes of the pictures where their rows say; the last thing, since no rollback takes files away."""
    for shared, target in world.bytes:
        shared.put(target)


class RandomIds:
    """Version 4 ids from the world's own random numbers."""

    def __init__(self, world: World) -> None:
        """Take them from the world."""
        self.world = world

    def __call__(self) -> uuid.UUID:
        return uuid.UUID(int=self.world.random.getrandbits(128), version=4)


class Shared:
    """Bytes that many stored files share on the disk."""

    def __init__(self, data: bytes) -> None:
        """Keep them until the first file is written."""
        self.data, self.size, self.sha256 = data, len(data), hashlib.sha256(data).hexdigest()
        self.first: Path | None = None

    def put(self, target: Path) -> None:
        """Have the bytes at `target`: as a link, or as a new copy where the file system allows no more links."""
        target.parent.mkdir(parents=True, exist_ok=True)
        if self.first is not None:
            try:
                os.link(self.first, target)
            except OSError:
                self.first = None
        if self.first is None:
            target.write_bytes(self.data)
            self.first = target


def _picture(
    world: World,
    pk: uuid.UUID,
    scene: int,
    shared: Shared,
    user: int | None,
    thumb: uuid.UUID | None,
    size: tuple[int, int],
) -> None:
    world.bytes.append((shared, files.path_of(StoredFile(id=pk))))
    world.tables[StoredFile].add(
        id=pk, original_name=f"anh-mau-{scene + 1}.jpg", mime="image/jpeg", size=shared.size, sha256=shared.sha256,
        uploaded_by_id=user, thumbnail_id=thumb, width=size[0], height=size[1],
    )  # fmt: skip


def write_notices(world: World) -> int:
    """Write the notices of entries returned within the last days, as real ones are; returns how many."""
    since = at(world.today - datetime.timedelta(days=TOLD_DAYS), 0)
    rows = Activity.objects.filter(review="returned", reviewed_at__gte=since).select_related(
        "author", "reviewed_by", "task__programme"
    )
    notices = []
    for row in rows.order_by("pk").iterator(chunk_size=2_000):
        who = row.reviewed_by.full_name if row.reviewed_by else ""
        params = {"name": row.name, "group": row.task.programme.name, "who": who, "reason": RETURNS[0]}
        notices.append(
            Notification(
                user=row.author,
                kind="activity_returned",
                params=params | {"reason": row.return_reason},
                url=reverse("activities:activity_detail", args=[row.pk]),
                dedupe_key=f"activity_returned:{row.pk}.{row.version}:{row.author_id}",
                caused_by=row.reviewed_by,
                deliver_after=row.reviewed_at,
            )
        )
    Notification.objects.bulk_create(notices, batch_size=2_000)
    return len(notices)


def write_trail(world: World, content: str) -> int:
    """Continue the audit trail: programmes entered, entries accepted lately, and what generated all of it."""
    since = at(world.today - datetime.timedelta(days=TOLD_DAYS), 0)
    people = dict(User.objects.values_list("pk", "full_name"))
    steps = [
        (at(day, 9), user, unit, "programme.create", "programme", pk, label)
        for pk, label, day, user, unit in Programme.objects.exclude(signed_on=None)
        .values_list("pk", "short_title", "signed_on", "officer_id", "owner__name").order_by("pk")
    ]  # fmt: skip
    accepted = Activity.objects.filter(review="accepted", reviewed_at__gte=since).order_by("pk")
    steps += [
        (when, user, unit, "activity.accept", "activity", pk, label)
        for pk, label, when, user, unit in accepted.values_list(
            "pk", "title", "reviewed_at", "reviewed_by_id", "task__programme__owner__name"
        )
    ]
    steps.sort(key=lambda step: (step[0], step[3], step[5]))
    tail = AuditEntry.objects.order_by("-sequence").values_list("sequence", "hash").first()
    sequence, previous = tail or (0, audit.GENESIS)
    rows = []
    for when, user, unit, action, kind, pk, label in steps:
        sequence += 1
        row = AuditEntry(
            sequence=sequence, at=when.astimezone(datetime.UTC), user_id=user, user_name=people.get(user, ""),
            unit_name=unit, role="officer", action=action, object_type=kind, object_id=str(pk),
            object_label=label[:300], previous_hash=previous,
        )  # fmt: skip
        row.hash = previous = audit.digest(row)
        rows.append(row)
    AuditEntry.objects.bulk_create(rows, batch_size=5_000)
    audit.log(None, "generate.load", label=settings.VAR_DIR.name, detail={"content": content})
    return len(rows) + 1


def lock_trail() -> None:
    """Keep others from the end of the audit trail until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [audit.LOCK])
