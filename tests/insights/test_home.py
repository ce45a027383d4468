"""The first page by role: counts equal the lists behind them."""

from __future__ import annotations

import datetime

from django.utils import timezone

from activities.models import Activity
from agreements.models import Intake, TaskDeadline
from insights import home
from tests.make import make_activity, make_programme, make_task


def days(count: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=count)


def get(client, path="/", **query):
    return client.get(path, query)


def test_officer_sees_four_counts_and_at_most_seven_rows(cast, sign_in):
    task = make_task(cast)
    for _n in range(9):
        make_activity(cast, task)
    for _n in range(8):
        make_task(cast, task.programme, due_on=days(-5))
    make_task(cast, task.programme, due_on=days(3))
    Intake.objects.create(owner=cast.committee, created_by=cast.lan, title="Giảm nghèo", text="x", sha256="0")
    front = get(sign_in(cast.lan)).context["front"]
    assert (front.waiting_count, front.overdue_count, front.soon_count, front.intake_count) == (9, 8, 1, 1)
    assert (len(front.waiting), len(front.overdue)) == (7, 7)
    assert not front.is_empty


def test_every_number_equals_its_list(cast, sign_in):
    task = make_task(cast, due_on=days(-3))
    make_task(cast, task.programme, due_on=days(2))
    make_activity(cast, task)
    client = sign_in(cast.lan)
    page = get(client)
    front = page.context["front"]
    assert client.get(page.context["overdue_url"]).context["page_obj"].paginator.count == front.overdue_count
    assert client.get(page.context["soon_url"]).context["page_obj"].paginator.count == front.soon_count
    assert len(client.get("/phe-duyet/").context["queue"]) == front.waiting_count


def test_nothing_left_says_when_the_next_is_due(cast, sign_in):
    make_task(cast, due_on=days(30))
    page = get(sign_in(cast.lan))
    assert page.context["front"].is_empty
    assert f"{days(30):%d/%m/%Y}" in page.content.decode()


def test_partner_sees_returned_first_with_the_reason_then_drafts_and_tasks(cast, sign_in):
    programme = make_programme(cast)
    late = make_task(cast, programme, due_on=days(-54), title="Kiểm tra quý III")
    make_task(cast, programme, due_on=days(90))
    make_task(cast, programme, lead=cast.committee, due_on=days(1))
    make_activity(cast, late, review="returned")
    make_activity(cast, late, review="draft")
    page = get(sign_in(cast.minh))
    partner = page.context["partner"]
    assert [item.reason for item in partner.returned] == ["Bổ sung danh sách người dự."]
    assert (partner.draft_count, partner.task_count) == (1, 2)
    assert partner.tasks[0].task == late
    assert partner.tasks[0].late_days == 54
    html = page.content.decode()
    assert html.index("Bổ sung danh sách người dự.") < html.index("Kiểm tra quý III")
    assert html.count("btn-primary") == 1


def test_returned_deadline_is_shown(cast):
    task = make_task(cast, due_on=days(-1))
    TaskDeadline.objects.filter(task=task).update(state="returned", return_reason="Thiếu biên bản")
    assert [item.reason for item in home.partner(cast.minh, days(0)).returned] == ["Thiếu biên bản"]


def test_drafts_of_others_are_not_shown(cast):
    make_activity(cast, review="draft")
    assert Activity.objects.count() == 1
    assert home.partner(cast.tuan, days(0)).draft_count == 0


def test_leader_is_led_to_the_dashboard(cast, sign_in):
    answer = get(sign_in(cast.hoa))
    assert (answer.status_code, answer["Location"]) == (302, "/bang-dieu-hanh/")


def test_administrator_sees_people_and_organisations(cast, sign_in):
    page = get(sign_in(cast.duc))
    assert page.context["administration"].people == 7
    assert "front" not in page.context


def test_person_without_a_role_is_told_so(cast, sign_in):
    cast.tuan.memberships.update(valid_to=days(-1))
    page = get(sign_in(cast.tuan))
    assert page.status_code == 200
    assert page.context["has_role"] is False
