"""core.throttle: windows that end by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from core import throttle
from core.models import Throttle

LIMIT = throttle.Limit("test", 3)
pytestmark = pytest.mark.django_db


def test_within_the_limit_nothing_waits_then_minutes_are_told():
    assert [throttle.take(LIMIT, "lan") for _i in range(3)] == [0, 0, 0]
    assert throttle.take(LIMIT, "lan") == 15
    assert throttle.take(LIMIT, "minh") == 0


def test_refused_tries_do_not_prolong_the_window():
    for _i in range(20):
        throttle.take(LIMIT, "lan")
    Throttle.objects.update(window_start=timezone.now() - throttle.WINDOW + timedelta(seconds=90))
    assert throttle.take(LIMIT, "lan") == 2
    Throttle.objects.update(window_start=timezone.now() - throttle.WINDOW)
    assert throttle.take(LIMIT, "lan") == 0
    assert Throttle.objects.get().count == 1


def test_giving_back_and_forgetting():
    for _i in range(3):
        throttle.take(LIMIT, "lan")
    throttle.give_back(LIMIT, "lan")
    assert throttle.take(LIMIT, "lan") == 0
    throttle.forget(LIMIT, "lan")
    assert not Throttle.objects.exists()


def test_keys_are_not_readable_in_the_table():
    throttle.take(LIMIT, "lan")
    assert "lan" not in Throttle.objects.get().key
