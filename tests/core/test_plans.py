"""Plans kept with the connection: the same rows as without, planned once."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import User
from core.plans import kept_plans
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def asked(text: str) -> list[tuple[object, ...]]:
    """Ask for a text, its day and a number, in a statement nobody else sends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %s::text, %s::date + 1, %s::bigint[] /* test_plans */", [text, datetime.date(2026, 1, 31), [4]]
        )
        return cursor.fetchall()


def test_a_statement_is_prepared_once_and_gives_the_same(cast: Cast) -> None:
    plain = asked("a'b")
    with CaptureQueriesContext(connection) as queries, kept_plans():
        assert asked("a'b") == plain == [("a'b", datetime.date(2026, 2, 1), [4])]
        assert asked("c")[0][0] == "c"
        assert User.objects.get(pk=cast.lan.pk) == cast.lan
    assert [query["sql"].split()[0] for query in queries] == ["EXECUTE", "EXECUTE", "EXECUTE"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%/* test_plans */'")
        assert cursor.fetchone() == (1,)
    with CaptureQueriesContext(connection) as queries:
        asked("a")
    assert queries[0]["sql"].startswith("SELECT")  # outside nothing is kept


def test_what_cannot_be_prepared_is_sent_as_it_is(cast: Cast, settings) -> None:
    with kept_plans(), connection.cursor() as cursor:
        cursor.execute("SELECT %s; SELECT %s", [1, 2])
        assert cursor.fetchall() == [(2,)]
        cursor.execute("SELECT 'x%%' LIKE %s", ["x%"])
        assert cursor.fetchall() == [(True,)]
        cursor.execute("SELECT 1")
        assert cursor.fetchall() == [(1,)]
    settings.KEEP_PLANS = False
    with CaptureQueriesContext(connection) as queries, kept_plans():
        asked("a")
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]
