"""Notices: one inbox row per person and event; the sentence is made when it is read, in the reader's language."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from core.models import Notification, User
from core.rows import insert

if TYPE_CHECKING:
    from collections.abc import Iterable

UNDO_WINDOW = datetime.timedelta(minutes=5)  # a decision can be undone before its notice leaves
DECIDED = "decided"  # session key: decisions made in the queue that can still be undone, the last one first
DIGEST_HOUR = 7  # local time of the daily mail


def notify(
    users: Iterable[User],
    kind: str,
    *,
    key: str,
    url: str = "",
    params: dict[str, Any] | None = None,
    undoable: bool = False,
    by: User | None = None,
) -> int:
    """Write one notice per person; the same key never reaches a person twice. Returns how many are new.

    kind names a sentence in NOTICE_TEXTS of a room's emails.py; key identifies the event; params["group"] is the
    heading it stands under in the inbox. Undoable ones leave later, or when `by`, who decided, leaves the queue.
    """
    now = timezone.now()
    leaves = now + UNDO_WINDOW if undoable else now
    rows = [
        Notification(
            user=user,
            kind=kind,
            params=params or {},
            url=url,
            dedupe_key=f"{kind}:{key}:{user.pk}"[:160],
            deliver_after=leaves,
            mail_due_at=mail_due(user, leaves),
            caused_by=by,
        )
        for user in {user.pk: user for user in users if user.is_active}.values()
    ]
    return insert(rows, skip_known=True)


def mail_due(user: User, leaves: datetime.datetime) -> datetime.datetime | None:
    """Return when a notice goes to the outbox: as it leaves, or with the next daily mail; None = never.

    Without a mail server nothing is queued, so that one set up later does not pour out old notices.
    """
    if not settings.MAIL_ON or not user.email or user.mail_digest == User.MailDigest.NEVER:
        return None
    if user.mail_digest == User.MailDigest.EACH:
        return leaves
    local = timezone.localtime(leaves)
    digest = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return digest if digest >= local else digest + datetime.timedelta(days=1)


def decision_key(row: Any) -> str:
    """Return the key of the decision a row stands at (by reviewed_at), the same whatever else changes on the row."""
    return f"{row.pk}.{row.reviewed_at:%Y%m%d%H%M%S%f}"


def leave_now(kind: str, *, key: str) -> int:
    """Let the notice of a decision leave at once, for somebody works on what it says; returns how many."""
    now = timezone.now()
    rows = Notification.objects.filter(kind=kind, dedupe_key__startswith=f"{kind}:{key}:", deliver_after__gt=now)
    rows.filter(mail_due_at__lte=now + UNDO_WINDOW).update(mail_due_at=now)
    return rows.update(deliver_after=now)


def withdraw(kind: str, *, key: str) -> int:
    """Delete notices of an undone decision that have not left yet; returns how many."""
    return Notification.objects.filter(
        kind=kind, dedupe_key__startswith=f"{kind}:{key}:", deliver_after__gt=timezone.now()
    ).delete()[0]


def has_left(kind: str, *, key: str) -> bool:
    """Return whether a notice of this event has left: its decision can then no longer be undone."""
    return Notification.objects.filter(
        dedupe_key__startswith=f"{kind}:{key}:", deliver_after__lte=timezone.now()
    ).exists()


def release(user: User) -> int:
    """Let the notices of a person's decisions leave at once (the person left the queue); returns how many."""
    now = timezone.now()
    rows = Notification.objects.filter(caused_by=user, deliver_after__gt=now)
    rows.filter(mail_due_at__lte=now + UNDO_WINDOW).update(mail_due_at=now)
    return rows.update(deliver_after=now)
