"""Due work: four states, whose it is, and that counts equal lists."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest

from activities.models import Directive, ProgressReport, ReportDuty
from agreements.models import Milestone, TaskDeadline
from insights import due
from tests.make import make_programme, make_task

DAY = datetime.date(2026, 11, 23)
NOON = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)


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
    assert counts == {
        due.OVERDUE: 2,
        due.SOON: 2,
        due.LATER: 1,
        due.OPEN: 5,
        due.WITHIN: 3,
        due.ON_TIME: 2,
        due.LATE: 1,
        due.DONE: 3,
        due.SETTLED: 5,
        due.ALL: 8,
    }
    for state in due.LABELS:
        assert len(due.items(rows, state, DAY)) == counts[state]
    by_owner = due.counts_by_owner(rows, DAY)
    assert {s: sum(unit[s] for unit in by_owner.values()) for s in due.STATES} | {
        due.OPEN: 5, due.WITHIN: 3, due.DONE: 3, due.SETTLED: 5, due.ALL: 8
    } == counts  # fmt: skip


def make_duty(cast, programme, number: int, due_on: datetime.date, review: str = "", **changes) -> ReportDuty:
    """Return a duty of the Department of Health; with a review, its report sent at noon three days ago."""
    duty = ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=changes.pop("unit", cast.health), kind="on_request",
        period=str(number), title=f"Báo cáo {number}", starts_on=ago(90), ends_on=ago(30), due_on=due_on, **changes,
    )  # fmt: skip
    if review:
        sent = datetime.datetime.combine(ago(3), datetime.time(12), datetime.UTC)
        decided = {"reviewed_by": cast.lan, "reviewed_at": sent} if review in {"returned", "accepted"} else {}
        ProgressReport.objects.create(
            duty=duty, author=cast.minh, review=review, acting_for=cast.health,
            **({"submitted_at": sent, "submitted_by": cast.minh} if review != "draft" else {}),
            **({"return_reason": "Thiếu số liệu"} if review == "returned" else {}),
            **({"cut_off": sent} if review == "accepted" else {}), **decided,
        )  # fmt: skip
    return duty


def states_of(user) -> dict[str, str]:
    """Return the state in which each title stands, each in exactly one."""
    found: dict[str, str] = {}
    for state in due.STATES:
        for item in due.items(due.rows(user), state, DAY):
            assert item.title not in found
            found[item.title] = state
    return found


def test_reports_in_the_four_way_form(cast, programme):
    make_duty(cast, programme, 1, ago(5))
    make_duty(cast, programme, 2, ago(-2), "draft")
    make_duty(cast, programme, 3, ago(-30))
    make_duty(cast, programme, 4, ago(3), "submitted")
    make_duty(cast, programme, 5, ago(4), "accepted")
    make_duty(cast, programme, 6, ago(10), "returned")  # owed again by its original date
    make_duty(cast, programme, 7, ago(10), waived_at=NOON, waived_by=cast.lan, waive_reason="Đã báo cáo riêng")
    assert states_of(cast.lan) == {
        "Báo cáo 1": due.OVERDUE, "Báo cáo 2": due.SOON, "Báo cáo 3": due.LATER, "Báo cáo 4": due.ON_TIME,
        "Báo cáo 5": due.LATE, "Báo cáo 6": due.OVERDUE,
    }  # fmt: skip
    assert states_of(cast.lan) == states_of(cast.minh)


def test_directives_in_the_four_way_form(cast, programme):
    answer = {"answer": "Xong", "answered_by": cast.minh}
    answer["answered_at"] = datetime.datetime.combine(ago(3), datetime.time(12), datetime.UTC)
    rows = [
        ("Một", ago(1), "issued", {}), ("Hai", DAY, "issued", answer), ("Ba", ago(3), "answered", answer),
        ("Bốn", ago(4), "closed", answer), ("Năm", ago(9), "withdrawn", {"closing_note": "Thôi"}),
    ]  # fmt: skip
    for text, due_on, state, more in rows:
        Directive.objects.create(
            programme=programme, committee=cast.committee, unit=cast.health, author=cast.hoa, text=text, due_on=due_on,
            state=state, **more,
        )  # fmt: skip
    assert states_of(cast.minh) == {"Một": due.OVERDUE, "Hai": due.SOON, "Ba": due.ON_TIME, "Bốn": due.LATE}
    assert states_of(cast.tuan) == {}


def test_what_other_units_owe_is_not_a_partners(cast):
    programme = make_programme(cast, parties=[cast.committee, cast.health, cast.stranger])
    make_duty(cast, programme, 1, ago(5), unit=cast.stranger)
    assert states_of(cast.minh) == {}
    assert states_of(cast.tuan) == {"Báo cáo 1": due.OVERDUE} == states_of(cast.lan)


def test_breakdown_names_only_what_there_is(cast, programme):
    make_duty(cast, programme, 1, ago(5))
    make_task(cast, programme, due_on=ago(5))
    make_task(cast, programme, due_on=ago(6))
    late = Counter(item.kind for item in due.items(due.rows(cast.lan), due.OVERDUE, DAY))
    assert due.kinds_in_words(late) == "2 thời hạn, 1 báo cáo"
    assert due.kinds_in_words({}) == ""


def test_pressing_is_overdue_and_soon(cast, programme):
    for days in (9, 1, 0, -7, -8):
        make_task(cast, programme, due_on=ago(days))
    found = due.pressing(cast.lan, DAY, 1)
    assert found.overdue == due.items(due.rows(cast.lan), due.OVERDUE, DAY)[:1]
    assert found.soon == due.items(due.rows(cast.lan), due.SOON, DAY)[:1]
    assert (found.overdue_count, found.soon_count, found.overdue_kinds) == (2, 2, {due.DEADLINE: 2})


def test_what_presses_is_asked_of_the_rights_of_now(cast, programme):
    """The SQL is kept by scope: another person, and a partner whose programmes change, get their own rows."""
    make_task(cast, programme, due_on=ago(5))
    for who, count in (("lan", 1), ("hoa", 1), ("minh", 1), ("phuong", 0), ("duc", 0)):
        assert due.pressing(getattr(cast, who), DAY, 7).overdue_count == count, who
    later = make_programme(cast, parties=[cast.committee, cast.health])
    make_task(cast, later, due_on=ago(4))
    assert [due.pressing(getattr(cast, who), DAY, 7).overdue_count for who in ("lan", "minh", "tuan")] == [2, 2, 0]


def test_nothing_is_pressing(cast, programme):
    make_task(cast, programme, due_on=ago(-8))
    assert due.pressing(cast.lan, DAY, 7) == due.Pressing([], [], 0, 0, {})


def test_oldest_first_with_the_unit_that_answers(cast, programme):
    make_task(cast, programme, due_on=ago(5), title="Sau")
    Milestone.objects.create(programme=programme, kind="interim_review", due_on=ago(30), name="Sơ kết")
    first, second = due.items(due.rows(cast.lan), due.OVERDUE, DAY)
    assert (first.title, first.unit.pk, first.late_days) == ("Sơ kết", cast.committee.pk, 30)
    assert (second.title, second.unit.pk, second.task_id is None) == ("Sau", cast.health.pk, False)


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
