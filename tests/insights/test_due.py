"""Due work: four states, whose it is, and that counts equal lists."""

from __future__ import annotations

import datetime

import pytest

from agreements.models import Milestone, TaskDeadline
from insights import due
from tests.make import make_programme, make_task

DAY = datetime.date(2026, 11, 23)


def ago(days: int) -> datetime.date:
    return DAY - datetime.timedelta(days=days)


@pytest.fixture
def programme(cast):
    return make_programme(cast)


def test_states_are_a_partition_and_counts_equal_lists(cast, programme):
    for days in (1, 0, -7, -8):
        make_task(cast, programme, due_on=ago(days))
    for days, done in ((10, 10), (10, 9)):
        task = make_task(cast, programme, due_on=ago(days))
        task.deadlines.update(state="done", done_on=ago(done))
    Milestone.objects.create(programme=programme, kind="interim_review", due_on=ago(30))
    Milestone.objects.create(programme=programme, kind="final_review", due_on=ago(30), done_on=ago(31))
    rows = due.rows(cast.lan)
    counts = due.counts(rows, DAY)
    assert counts == {due.OVERDUE: 2, due.SOON: 2, due.LATER: 1, due.ON_TIME: 2, due.LATE: 1, due.ALL: 8}
    for state in due.LABELS:
        assert len(due.items(rows, state, DAY)) == counts[state]
    by_unit = due.counts_by_unit(rows, DAY)
    assert {s: sum(unit[s] for unit in by_unit.values()) for s in due.STATES} | {due.ALL: 8} == counts


def test_oldest_first_with_the_unit_that_answers(cast, programme):
    make_task(cast, programme, due_on=ago(5), title="Sau")
    Milestone.objects.create(programme=programme, kind="interim_review", due_on=ago(30), name="Sơ kết")
    first, second = due.items(due.rows(cast.lan), due.OVERDUE, DAY)
    assert (first.title, first.unit, first.late_days) == ("Sơ kết", cast.committee, 30)
    assert (second.title, second.unit, second.task_id is None) == ("Sau", cast.health, False)


def test_reported_but_unconfirmed_is_still_overdue_and_says_it_waits(cast, programme):
    task = make_task(cast, programme, due_on=ago(5))
    TaskDeadline.objects.filter(task=task).update(state="awaiting", done_on=ago(6))
    (item,) = due.items(due.rows(cast.lan), due.OVERDUE, DAY)
    assert item.is_waiting
    assert item.done_on is None


@pytest.mark.parametrize("state", ["paused", "carried", "cancelled"])
def test_left_out_tasks_are_not_due(cast, programme, state):
    make_task(cast, programme, due_on=ago(5), state=state, state_reason="Chờ")
    assert due.counts(due.rows(cast.lan), DAY)[due.OVERDUE] == 0


def test_programmes_not_carried_out_are_not_due(cast):
    make_task(cast, make_programme(cast, status="closed"), due_on=ago(5))
    assert due.counts(due.rows(cast.lan), DAY)[due.OVERDUE] == 0


def test_foreign_people_see_nothing(cast, programme):
    make_task(cast, programme, due_on=ago(5))
    for user in (cast.phuong, cast.tuan, cast.duc):
        assert due.items(due.rows(user), due.OVERDUE, DAY) == []


def test_own_unit_and_programme_conditions(cast, programme):
    make_task(cast, programme, due_on=ago(5), title="Của Sở Y tế")
    make_task(cast, programme, due_on=ago(6), lead=cast.committee, title="Của Ủy ban")
    make_task(cast, make_programme(cast), due_on=ago(7), lead=None, title="Chưa giao")

    def titles(**conditions) -> list[str]:
        return [item.title for item in due.items(due.rows(cast.minh, due.Filters(**conditions)), due.OVERDUE, DAY)]

    assert titles(own=True) == ["Của Sở Y tế"]
    assert titles(unit=cast.committee.pk) == ["Chưa giao", "Của Ủy ban"]
    assert titles(programme=programme.pk) == ["Của Ủy ban", "Của Sở Y tế"]


def test_next_due_date(cast, programme):
    assert due.next_due_on(due.rows(cast.lan), DAY) is None
    make_task(cast, programme, due_on=ago(-20))
    Milestone.objects.create(programme=programme, kind="renewal", due_on=ago(-10))
    assert due.next_due_on(due.rows(cast.lan), DAY) == ago(-10)


def test_address_carries_the_conditions(db):
    filters = due.Filters(own=True, unit=3, programme=4)
    assert filters.url(due.SOON) == "/viec/?tinh-trang=sap-den&cua-don-vi=1&don-vi=3&chuong-trinh=4"
    assert filters.without("own").without("unit").url() == "/viec/?tinh-trang=qua-han&chuong-trinh=4"


def test_unknown_state_is_an_error(cast):
    with pytest.raises(ValueError):
        due.items(due.rows(cast.lan), "khac", DAY)
