"""The audit trail: one append-only row per user action, chained by hash (design.md section 2)."""

from __future__ import annotations

import hashlib
import json
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from core.models import Actor, AuditEntry, User
from core.rows import insert

LOCK = 7_2023_0714  # advisory lock of the chain's tail
GENESIS = "0" * 64
TAIL = f"SELECT sequence, hash FROM {AuditEntry._meta.db_table} ORDER BY sequence DESC LIMIT 1"  # noqa: S608 - our own table


@dataclass
class RequestInfo:
    """What the request middleware knows about the caller."""

    request_id: str = ""
    address: str = ""


current_request: ContextVar[RequestInfo] = ContextVar("current_request", default=RequestInfo())  # noqa: B039


@dataclass(frozen=True)
class Entry:
    """One line to be written: an action on an object, with a reason and details in business words."""

    action: str
    obj: models.Model | None = None
    label: str = ""
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


def log(
    actor: Actor | User | None,
    action: str,
    obj: models.Model | None = None,
    *,
    label: str = "",
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Write one entry; the last statement of a service. See log_many."""
    log_many(actor, [Entry(action, obj, label, reason, detail or {})])


def log_many(actor: Actor | User | None, entries: list[Entry]) -> None:
    """Write the entries in order: one advisory transaction lock, read the tail, assign sequence and hash.

    Must be the last statement of the transaction, for it makes other writers wait until the commit.
    """
    user = actor.user if isinstance(actor, Actor) else actor
    unit = actor.unit_name if isinstance(actor, Actor) else ""
    role = actor.role if isinstance(actor, Actor) else ""
    info = current_request.get()
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            # Two statements in one message: the second sees what was committed while the first waited.
            cursor.execute(f"SELECT pg_advisory_xact_lock(%s); {TAIL}", [LOCK])
            sequence, previous = cursor.fetchone() or (0, GENESIS)
        rows = []
        for entry in entries:
            sequence += 1
            row = AuditEntry(
                sequence=sequence,
                at=timezone.now(),
                user=user,
                user_name=user.full_name if user else "",
                unit_name=unit[:255],
                role=role,
                action=entry.action,
                object_type=entry.obj._meta.model_name or "" if entry.obj else "",
                object_id=str(entry.obj.pk) if entry.obj else "",
                object_label=(entry.label or (str(entry.obj) if entry.obj else ""))[:300],
                reason=entry.reason,
                detail=entry.detail,
                request_id=info.request_id,
                address=info.address,
                previous_hash=previous,
            )
            row.hash = previous = digest(row)
            rows.append(row)
        insert(rows)


def last_change(obj: models.Model) -> AuditEntry | None:
    """Return the last thing somebody did to an object, None where nothing is logged; signing in is no change."""
    rows = AuditEntry.objects.filter(object_type=obj._meta.model_name, object_id=str(obj.pk))
    return rows.exclude(action__startswith="session.").order_by("-sequence").first()


def digest(row: AuditEntry) -> str:
    """Return the SHA-256 of a row's content and the hash before it."""
    content = [
        row.sequence,
        row.at.isoformat(),
        row.user_id,
        row.user_name,
        row.unit_name,
        row.role,
        row.action,
        row.object_type,
        row.object_id,
        row.object_label,
        row.reason,
        row.detail,
        row.request_id,
        row.address,
        row.previous_hash,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def first_broken() -> int | None:
    """Return the sequence of the first row whose hash or link is wrong, or that is missing; None for a sound chain."""
    expected, previous = 1, GENESIS
    for row in AuditEntry.objects.order_by("sequence").iterator():
        if row.sequence != expected or row.previous_hash != previous or row.hash != digest(row):
            return expected
        expected, previous = expected + 1, row.hash
    return None
