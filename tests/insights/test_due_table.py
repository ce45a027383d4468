"""Due work within a statement: the rows of due.rows, and the numbers of the lists under each condition."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from dataclasses import replace

import pytest
import time_machine

from activities.models import DueCell, DueMark, DueWork
from agreements.models import Programme
from core.models import User
from core.statements import Statement, compose, read
from insights import due, due_table
from insights.dashboard import pressing
from insights.scope import Scope
from tests.make import make_programme, make_task

DAY = datetime.date(2026, 11, 23)


def mark(programmes):
    """Say that due work changed since it was counted, and make sure that nobody reads what was."""
    DueMark.objects.bulk_create(DueMark(programme_id=pk) for pk in programmes)
    DueCell.objects.filter(programme__in=programmes).update(open_on=[DAY] * 9, on_time_on=[], late_on=[DAY])


STATES = (due.OVERDUE, due.ON_TIME, due.LATE, due.WITHIN)
SCOPES = (Scope(), Scope(period="2026"), Scope(period="2026-Q3"), Scope(period="2025"), Scope(field="giam-ngheo"))


def four(user, scope, day=DAY):
    """Return the national four of a statement; by unit, so that none is counted whose sums are all 0."""
    statement = compose(
        ":cells, :counted SELECT sum(overdue), sum(on_time), sum(late), sum(within) FROM counted",
        cells=due_table.cells(user, scope), counted=due_table.counted(scope, day, "unit_id"),
    )  # fmt: skip
    return tuple(n or 0 for n in read(statement)[0])


def listed(user, scope, day=DAY):
    """Return them as the lists have them."""
    counts = due.counts(due.rows(user, due.Filters(scope=scope)), day)
    return tuple(counts[state] for state in STATES)


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_numbers_are_those_of_the_lists_whoever_asks_counted_or_not(demo):
    programmes = list(Programme.objects.order_by("pk").values_list("pk", flat=True))
    people = [User.objects.get(username=name) for name in ("hoa", "minh", "duc")]
    wanted = {(user, scope): listed(user, scope) for user in people for scope in SCOPES}
    for marked in ([], programmes[::2], programmes):  # all counted, half of them, none
        mark(marked)
        for (user, scope), numbers in wanted.items():
            assert four(user, scope) == numbers, (user.username, scope)
    assert wanted[people[0], Scope()][0]


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_what_is_stored_tells_any_day_and_period(demo):
    """Nothing has to be counted anew at midnight: the same cells say what is overdue on another day."""
    user = User.objects.get(username="hoa")
    dice = random.Random(23)
    dates = sorted(set(DueWork.objects.values_list("due_on", flat=True)))
    for _turn in range(12):
        day = dice.choice(dates) + datetime.timedelta(days=dice.choice((-1, 0, 1)))
        for scope in SCOPES[:4]:
            assert four(user, scope, day) == listed(user, scope, day), (day, scope)


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_the_first_screen_names_what_is_late_longest_counted_or_not(demo):
    programmes = list(Programme.objects.order_by("pk").values_list("pk", flat=True))
    hoa, minh = (User.objects.get(username=name) for name in ("hoa", "minh"))
    dice = random.Random(24)
    for marked in (False, True):
        if marked:
            mark(programmes)
        for user in (hoa, minh):
            for scope in SCOPES:
                for day in (DAY, DAY - datetime.timedelta(days=dice.randrange(400))):
                    found = pressing.find(user, scope, day, programmes, todo=5, units_shown=10)
                    late = due.items(due.rows(user, due.Filters(scope=scope)), due.OVERDUE, day)
                    matters = {(item.kind, item.task_id if item.kind == due.DEADLINE else item.pk): item
                               for item in reversed(late)}  # fmt: skip
                    oldest = sorted(matters.values(), key=lambda item: (item.due_on, item.kind, item.pk))[:5]
                    assert [(row.kind, row.title, row.due_on, row.unit.pk, row.programme_id, row.url)
                            for row in found.oldest] == [
                        (item.kind, item.title, item.due_on, item.unit.pk, item.programme.pk, item.url)
                        for item in oldest
                    ]  # fmt: skip
                    assert {kind: n for kind, n in found.overdue.items() if n} == Counter(item.kind for item in late)
                    since: dict[int, dict[str, datetime.date]] = {}
                    whenever = due.items(due.rows(user, due.Filters(scope=replace(scope, period=""))), due.OVERDUE, day)
                    for item in reversed(whenever):
                        if item.kind in pressing.RISKY:
                            since.setdefault(item.programme.pk, {})[item.kind] = item.due_on
                    assert found.since == since
                    in_all = due.counts_by(due.rows(user, due.Filters(scope=scope)), "unit_id", day)
                    assert found.units.count == len(in_all)
                    assert sum(row.overdue for row in found.units.rows) <= found.units.total.overdue == len(late)


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
