"""Counted tries in windows: looked at before a password is hashed, so that guessing costs the guesser and not us.

A window ends by itself: tries refused meanwhile do not prolong it, nobody is locked out for good. The limit of an
address is far above that of an account, because a whole office may stand behind one address (trust.md).
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import ngettext

from core.exceptions import DomainError
from core.models import Throttle

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Limit:
    """How many tries one key may make within WINDOW."""

    bucket: str
    tries: int


ACCOUNT = Limit("sign_in_account", 8)
ADDRESS = Limit("sign_in_address", 200)
PASSWORD = Limit("password_change", 8)


class Throttled(DomainError):
    """Too many tries; `minutes` until the window ends, at least 1."""

    def __init__(self, message: str, *, minutes: int) -> None:
        super().__init__(message)
        self.minutes = minutes


def sentence(minutes: int) -> str:
    """Return what to do when throttled."""
    return ngettext(
        "Too many tries. Try again in %(minutes)s minute, or call the administrator.",
        "Too many tries. Try again in %(minutes)s minutes, or call the administrator.",
        minutes,
    ) % {"minutes": minutes}


def take(limit: Limit, key: str) -> int:
    """Count one try and return the minutes to wait: 0 where it is within the limit.

    One statement, so that parallel tries cannot pass together.
    """
    now = timezone.now()
    # Open: began after now - WINDOW and not in the future, as windows do after a clock was set back (or nobody gets in
    # until it has caught up).
    window = [now - WINDOW + timedelta(microseconds=1), now]
    table = Throttle._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (bucket, key, window_start, count) VALUES (%s, %s, %s, 1) "  # noqa: S608
            "ON CONFLICT (bucket, key) DO UPDATE SET "
            f"count = CASE WHEN {table}.window_start BETWEEN %s AND %s THEN {table}.count + 1 ELSE 1 END, "
            f"window_start = CASE WHEN {table}.window_start BETWEEN %s AND %s THEN {table}.window_start "
            "ELSE EXCLUDED.window_start END RETURNING window_start, count",
            [limit.bucket, _digest(key), now, *(window * 2)],
        )
        started, count = cursor.fetchone()
    if count <= limit.tries:
        return 0
    return max(1, math.ceil((started + WINDOW - now) / timedelta(minutes=1)))


def give_back(limit: Limit, key: str) -> None:
    """Take one try back: it was a right one."""
    Throttle.objects.filter(bucket=limit.bucket, key=_digest(key), count__gt=0).update(count=F("count") - 1)


def forget(limit: Limit, key: str) -> None:
    """Start afresh after a right try."""
    Throttle.objects.filter(bucket=limit.bucket, key=_digest(key)).delete()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
