"""Notices: one inbox row per person and event; the sentence is made when it is read, in the reader's language."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from core.models import Notification, User

if TYPE_CHECKING:
    from collections.abc import Iterable

UNDO_WINDOW = datetime.timedelta(minutes=5)  # a decision can be undone before its notice leaves


def notify(
    users: Iterable[User],
    kind: str,
    *,
    key: str,
    url: str = "",
    params: dict[str, Any] | None = None,
    undoable: bool = False,
) -> int:
    """Write one notice per person; the same key never reaches a person twice. Returns how many are new.

    kind names a sentence in NOTICE_TEXTS of a room's emails.py; key identifies the event; undoable ones leave later.
    """
    now = timezone.now()
    rows = [
        Notification(
            user=user,
            kind=kind,
            params=params or {},
            url=url,
            dedupe_key=f"{kind}:{key}:{user.pk}"[:160],
            deliver_after=now + UNDO_WINDOW if undoable else now,
        )
        for user in {user.pk: user for user in users if user.is_active}.values()
    ]
    return len(Notification.objects.bulk_create(rows, ignore_conflicts=True))


def withdraw(kind: str, *, key: str) -> int:
    """Delete notices of an undone decision that have not left yet; returns how many."""
    return Notification.objects.filter(
        kind=kind, dedupe_key__startswith=f"{kind}:{key}:", deliver_after__gt=timezone.now()
    ).delete()[0]
