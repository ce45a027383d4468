"""Calendar feeds: the secret is shown once, replaced, revoked; only its hash is kept; reading is counted."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.utils import timezone

from core import feeds
from core.models import AuditEntry, CalendarFeed

pytestmark = pytest.mark.django_db


def test_only_the_hash_is_stored(cast) -> None:
    secret = feeds.create_feed(actor=cast.minh)
    row = CalendarFeed.objects.get()
    assert len(secret) >= 40
    assert secret not in str(row.__dict__)
    assert feeds.find(secret) == row
    assert not AuditEntry.objects.filter(detail__icontains=secret).exists()


def test_replacing_ends_the_one_before(cast) -> None:
    old, new = feeds.create_feed(actor=cast.minh), feeds.create_feed(actor=cast.minh)
    assert feeds.find(old) is None
    assert feeds.find(new).user == cast.minh
    actions = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))
    assert actions == ["calendar_feed.create", "calendar_feed.replace"]


def test_revoking_and_disabling_end_it(cast) -> None:
    secret = feeds.create_feed(actor=cast.minh)
    type(cast.minh).objects.filter(pk=cast.minh.pk).update(is_active=False)
    assert feeds.find(secret) is None
    type(cast.minh).objects.filter(pk=cast.minh.pk).update(is_active=True)
    assert feeds.find(secret)
    assert feeds.revoke_feed(actor=cast.minh) is True
    assert feeds.find(secret) is None
    assert feeds.revoke_feed(actor=cast.minh) is False


@pytest.mark.parametrize("secret", ["", "khong-co", "x" * 43, "x" * 5000, "ệ" * 43])
def test_other_secrets_find_nothing(cast, secret: str) -> None:
    feeds.create_feed(actor=cast.minh)
    assert feeds.find(secret) is None


def test_reading_is_noted_once_an_hour(cast) -> None:
    feed = feeds.find(feeds.create_feed(actor=cast.minh))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        feeds.read(feed)
        first = CalendarFeed.objects.get().last_read_at
        clock.shift(datetime.timedelta(minutes=59))
        feeds.read(feed)
        assert CalendarFeed.objects.get().last_read_at == first
        clock.shift(datetime.timedelta(minutes=2))
        feeds.read(feed)
        assert CalendarFeed.objects.get().last_read_at == first + datetime.timedelta(minutes=61)


def test_too_many_readings_wait(cast) -> None:
    feed = feeds.find(feeds.create_feed(actor=cast.minh))
    assert [feeds.read(feed) for _n in range(feeds.READS.tries)] == [0] * feeds.READS.tries
    assert feeds.read(feed) > 0
