"""Due work within a statement: the rows of due.rows, and the numbers of the lists under each condition."""

from __future__ import annotations

import datetime

import pytest
import time_machine

from core.models import User
from core.statements import Statement, compose, read
from insights import due, due_table
from insights.scope import Scope
from tests.make import make_programme, make_task

DAY = datetime.date(2026, 11, 23)


def four(user, scope):
    """Return the national four of a statement."""
    counted = compose(due_table.FOUR, day=DAY)
    statement = compose(
        ":due SELECT :four FROM due WHERE :within",
        due=due_table.table(user, scope), four=counted, within=due_table.within(scope),
    )  # fmt: skip
    return read(statement)[0]


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_numbers_are_those_of_the_lists_whoever_asks(demo):
    for name in ("hoa", "minh", "duc"):
        user = User.objects.get(username=name)
        for scope in (Scope(), Scope(period="2026"), Scope(period="2026-Q3"), Scope(field="giam-ngheo")):
            counts = due.counts(due.rows(user, due.Filters(scope=scope)), DAY)
            assert four(user, scope) == tuple(
                counts[state] for state in (due.OVERDUE, due.ON_TIME, due.LATE, due.WITHIN)
            )
    assert four(User.objects.get(username="hoa"), Scope())[0]


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_rows_are_called_as_the_lists_call_them(demo):
    user = User.objects.get(username="hoa")
    statement = compose(
        ":due SELECT kind, thing, :words FROM due ORDER BY due_on, kind, thing",
        due=due_table.table(user, Scope()), words=Statement(due_table.WORDS, ()),
    )  # fmt: skip
    named = {(kind, thing): due.due_words(kind, *words) for kind, thing, words in read(statement)}
    listed = due.items(due.rows(user), due.ALL, DAY)
    assert named == {(item.kind, item.pk): item.title for item in listed}
    assert {kind for kind, _thing in named} == set(due.KINDS)


def test_the_period_is_left_to_the_asker(cast):
    make_task(cast, make_programme(cast), due_on=datetime.date(2026, 3, 1))
    assert four(cast.hoa, Scope(period="2026")) == (1, 0, 0, 0)
    assert four(cast.hoa, Scope(period="2025")) == (0, 0, 0, 0)
    statement = compose(":due SELECT count(*) FROM due", due=due_table.table(cast.hoa, Scope(period="2025")))
    assert read(statement) == [(1,)]
