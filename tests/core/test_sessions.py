"""A session is found while it lasts, by its whole key, and only then."""

from __future__ import annotations

import datetime

from django.contrib.sessions.models import Session
from django.utils import timezone

from core.sessions import SessionStore


def _made() -> SessionStore:
    store = SessionStore()
    store["a"] = 1
    store.save()
    return store


def test_each_key_has_its_own_values_until_it_ends(db, django_assert_num_queries):
    first, second = _made(), _made()
    second["a"] = 2
    second.save()
    assert [SessionStore(one.session_key)["a"] for one in (first, second)] == [1, 2]
    again = SessionStore(first.session_key)
    with django_assert_num_queries(1):
        assert again.get("a") == 1
    Session.objects.filter(pk=first.session_key).update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
    ended = SessionStore(first.session_key)
    assert ended.get("a") is None and ended.session_key is None
    assert SessionStore(second.session_key)["a"] == 2


def test_an_unknown_key_is_not_taken_over(db):
    store = SessionStore("khongcokhoanay")
    assert store.get("a") is None and store.session_key is None
    store["a"] = 3
    store.save()
    assert store.session_key != "khongcokhoanay"
