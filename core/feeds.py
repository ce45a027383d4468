"""Calendar feeds: a secret address a person makes, replaces and revokes. Only the hash of the secret is stored."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import secrets

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import audit, throttle
from core.models import CalendarFeed, User

SECRET_BYTES = 32
SHORTEST, LONGEST = 40, 64  # characters of a secret in an address
READS = throttle.Limit("calendar_feed", 60)  # calendar programmes ask once an hour or less
READ_NOTED_EVERY = datetime.timedelta(hours=1)


def current(user: User) -> CalendarFeed | None:
    """Return the person's feed; None where none was made or the last one is revoked."""
    return CalendarFeed.objects.filter(user=user, revoked_at=None).first()


@transaction.atomic
def create_feed(*, actor: User) -> str:
    """Make a feed for oneself and return its secret, which cannot be shown again; the one before ends at once."""
    User.objects.select_for_update().get(pk=actor.pk)  # two at the same time would both insert
    ended = CalendarFeed.objects.filter(user=actor, revoked_at=None).update(revoked_at=timezone.now())
    secret = secrets.token_urlsafe(SECRET_BYTES)
    feed = CalendarFeed.objects.create(user=actor, secret_hash=_hash(secret))
    audit.log(actor, "calendar_feed.replace" if ended else "calendar_feed.create", feed, label=actor.full_name)
    return secret


@transaction.atomic
def revoke_feed(*, actor: User) -> bool:
    """End one's own feed for good; False where there was none."""
    feed = CalendarFeed.objects.select_for_update().filter(user=actor, revoked_at=None).first()
    if feed is None:
        return False
    feed.revoked_at = timezone.now()
    feed.save(update_fields=["revoked_at"])
    audit.log(actor, "calendar_feed.revoke", feed, label=actor.full_name)
    return True


def find(secret: str) -> CalendarFeed | None:
    """Return the living feed of an active person with this secret; None for every other.

    The index is asked for the hash, so that the time of an answer says nothing about the secret; the hashes are then
    compared in constant time.
    """
    if not SHORTEST <= len(secret) <= LONGEST:
        return None
    wanted = _hash(secret)
    feed = (
        CalendarFeed.objects.filter(secret_hash=wanted, revoked_at=None, user__is_active=True)
        .select_related("user")
        .first()
    )
    return feed if feed is not None and hmac.compare_digest(feed.secret_hash, wanted) else None


def read(feed: CalendarFeed) -> int:
    """Note a reading, at most once an hour; returns the minutes to wait where it is read too often, else 0."""
    minutes = throttle.take(READS, str(feed.pk))
    if minutes:
        return minutes
    now = timezone.now()
    stale = Q(last_read_at=None) | Q(last_read_at__lt=now - READ_NOTED_EVERY)
    CalendarFeed.objects.filter(stale, pk=feed.pk).update(last_read_at=now)
    return 0


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
