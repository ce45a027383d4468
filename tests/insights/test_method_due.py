"""Due work on *Cách tính*: the numbers of the dashboard under the names of the dashboard, each equal to its list."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.utils import timezone

from activities.models import ReportDuty
from agreements.models import Milestone, Programme
from core.models import User
from core.templatetags.format import percent
from insights import due, figures_json, method_due, on_date
from insights.dashboard import compare, units
from insights.scope import Scope
from tests.make import make_programme, make_task


@pytest.fixture
def programme(cast):
    """Return a programme with one deadline on time, one overdue, an overdue report and a milestone to come."""
    today = timezone.localdate()
    found = make_programme(cast, title="An toàn thực phẩm")
    done = make_task(cast, found, code="A.1", due_on=today - datetime.timedelta(days=30))
    done.deadlines.update(state="done", done_on=today - datetime.timedelta(days=31))
    make_task(cast, found, code="A.2", due_on=today - datetime.timedelta(days=5))
    ReportDuty.objects.create(
        programme=found, committee=found.owner, unit=cast.health, kind="on_request", period="1", title="Báo cáo nhanh",
        starts_on=today - datetime.timedelta(days=60), ends_on=today - datetime.timedelta(days=20),
        due_on=today - datetime.timedelta(days=10),
    )  # fmt: skip
    Milestone.objects.create(programme=found, kind="annual_plan", due_on=today + datetime.timedelta(days=40))
    return found


def text_of(response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def test_kinds_and_their_sum_with_the_rates_of_the_comparison(cast, programme):
    today = timezone.localdate()
    other = make_programme(cast, title="Chương trình khác")
    found = method_due.read(cast.hoa, due.Filters(programme=programme.pk), today)
    assert {line.kind: [number for _label, number, _url in line.cells] for line in found.lines} == {
        due.DEADLINE: [1, 1, 0, 0], due.REPORT: [1, 0, 0, 0], due.DIRECTIVE: [0, 0, 0, 0], due.MILESTONE: [0, 0, 0, 1],
    }  # fmt: skip
    both = compare.read(compare.PROGRAMMES, cast.hoa, Scope(), (str(programme.pk), str(other.pk)), today)
    shown = {line.label: line.shown(line.a) for line in both.lines}
    assert (found.total.done, found.total.owed) == (1, 3)
    assert shown["Tỷ lệ hoàn thành công việc đến hạn"] == percent(found.total.rates.completion_rate)
    assert shown["Công việc quá hạn"] == "2" == str(found.total.rates.overdue)
    assert "Tỷ lệ hoàn thành" not in shown  # that name is of the deadlines of tasks
    assert found.total.total == units.read(cast.hoa, Scope(), today).total.total


def test_both_sums_stand_on_the_page_and_every_number_equals_its_list(cast, sign_in, programme):
    client = sign_in(cast.hoa)
    response = client.get("/cach-tinh/", {"chuong-trinh": programme.pk})
    text = text_of(response)
    assert "Tỷ lệ hoàn thành = 1 ÷ (1 + 1) = 50,0 %" in text
    assert "Tỷ lệ hoàn thành công việc đến hạn = 1 ÷ (1 + 2) = 33,3 %" in text
    assert "Tỷ lệ đúng hạn của công việc đến hạn = 1 ÷ (1 + 0 + 2) = 33,3 %" in text
    assert "Thời hạn quá hạn 1" in text
    owed = response.context["owed"]
    for line in (*owed.lines, owed.total):
        for _label, number, url in [*line.cells, ("", line.total, line.total_url), ("", line.owed, line.settled_url)]:
            assert client.get(url).context["page_obj"].paginator.count == number


def test_without_a_programme_all_that_one_sees(cast, sign_in, programme):
    text = text_of(sign_in(cast.hoa).get("/cach-tinh/"))
    assert "Tất cả những gì bạn được xem" in text
    assert "Tỷ lệ hoàn thành công việc đến hạn = 1 ÷ (1 + 2) = 33,3 %" in text
    assert "Không có công việc nào đến hạn." in text_of(sign_in(cast.tuan).get("/cach-tinh/"))


def test_a_programme_that_is_over_has_no_due_work(cast, sign_in, programme):
    programme.status = "closed"
    programme.save()
    text = text_of(sign_in(cast.hoa).get("/cach-tinh/", {"chuong-trinh": programme.pk}))
    assert "không trong thời gian thực hiện" in text


def test_nothing_due_yet_has_no_rate(cast, sign_in, programme):
    programme.tasks.all().delete()
    ReportDuty.objects.all().delete()
    text = text_of(sign_in(cast.hoa).get("/cach-tinh/", {"chuong-trinh": programme.pk}))
    assert "Chưa có công việc nào đến ngày nên chưa có tỷ lệ." in text
    assert "công việc đến hạn =" not in text


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_programmes_of_the_demo_have_one_number_under_one_name(demo, sign_in):
    """What *Cách tính* prints under a name is what the comparison and the command print under it."""
    user = User.objects.get(username="hoa")
    client, today = sign_in(user), timezone.localdate()
    codes = ("CT-2025-004", "CT-2024-006")
    chosen = [Programme.objects.get(code=code) for code in codes]
    both = compare.read(compare.PROGRAMMES, user, Scope(), tuple(str(one.pk) for one in chosen), today)
    for one, side in zip(chosen, ("a", "b"), strict=True):
        shown = {line.label: line.shown(getattr(line, side)) for line in both.lines}
        response = client.get("/cach-tinh/", {"chuong-trinh": one.pk})
        text, found = text_of(response), response.context["found"]
        command = figures_json.payload(on_date.read([one], today)[one.pk])["deadlines"]
        for name in ("Tỷ lệ hoàn thành", "Tỷ lệ đúng hạn"):
            said = re.search(rf"{name} = [^=]+ = ([0-9,]+)\s%", text)[1]
            key = "completion_rate" if name == "Tỷ lệ hoàn thành" else "on_time_rate"
            assert said == percent(Decimal(str(command[key])), 1).removesuffix("\xa0%")
            assert name not in shown
        for name in ("Tỷ lệ hoàn thành công việc đến hạn", "Tỷ lệ đúng hạn của công việc đến hạn"):
            said = re.search(rf"{name} = [^=]+ = ([0-9,]+)\s%", text)[1]
            assert percent(Decimal(said.replace(",", ".")) / 100) == shown[name]
        deadlines = response.context["owed"].lines[0]
        assert deadlines.rates == found.deadlines  # the row of deadlines is the sum of section 3
        assert shown["Công việc quá hạn"] == str(response.context["owed"].total.rates.overdue)
