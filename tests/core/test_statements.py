"""Statements: values never stand in the text, parts keep their order, only reading is sent."""

from __future__ import annotations

import pytest

from core.models import User
from core.statements import Statement, compose, of, read


def test_names_become_values_in_the_order_of_the_text():
    inner = compose("b = :b", b="x'; DROP TABLE core_user; --")
    found = compose("SELECT :a::int WHERE :cond AND c < :a", a=1, cond=inner)
    assert found == Statement("SELECT %s::int WHERE b = %s AND c < %s", (1, "x'; DROP TABLE core_user; --", 1))
    with pytest.raises(KeyError):
        compose("SELECT :unknown", known=1)


@pytest.mark.django_db
def test_a_query_is_a_part_of_a_statement(cast):
    users = User.objects.filter(username__in=["lan", "hoa"]).order_by()
    statement = compose("WITH u (id) AS (:u) SELECT count(*) FROM u", u=of(users.values_list("pk")))
    assert read(statement) == [(2,)]


@pytest.mark.django_db
def test_a_query_that_can_have_no_rows_has_none():
    nobody = User.objects.filter(pk__in=[]).values_list("pk", "username")
    statement = compose("WITH u (id, name) AS (:u) SELECT count(*) FROM u", u=of(nobody, "bigint", "text"))
    assert read(statement) == [(0,)]


@pytest.mark.parametrize(
    "sql", ["DELETE FROM core_user", "UPDATE core_user SET username = 'x'", " drop table core_user"]
)
def test_only_reading_is_sent(sql):
    with pytest.raises(ValueError, match=sql.strip()[:6]):
        read(Statement(sql, ()))
