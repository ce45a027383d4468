"""A partner's half-year report on a phone: from the reminder to acceptance without JavaScript, and over a bad line."""

from __future__ import annotations

import datetime
import io
import re
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.utils import timezone

from activities.models import ProgressReport, ReportDuty
from activities.services import reports
from core.models import AuditEntry
from tests import make
from tests.activities.test_reports import accepted, make_duty
from tests.journeys.conftest import look, press
from tests.journeys.test_activity_offline import CUT, SAVED, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.cast import Cast

PHONE = {"width": 390, "height": 844, "java_script_enabled": False, "has_touch": True, "is_mobile": True}
REASON = "Nêu rõ bếp ăn nào chưa đạt."


@pytest.fixture
def duty(cast: Cast) -> ReportDuty:
    """Return the duty of the Department of Health, which did four inspections of one task and nothing of another."""
    indicator = make.make_indicator(make.make_task(cast, title="Kiểm tra bếp ăn"), kind="flow")
    make.make_indicator(make.make_task(cast, indicator.task.programme, title="Truyền thông an toàn thực phẩm"))
    accepted(cast, indicator, datetime.date(2026, 3, 1), 4)
    return make_duty(cast, indicator.task.programme, due_on=timezone.localdate() + datetime.timedelta(days=7))


def test_a_report_from_the_reminder_to_acceptance(cast: Cast, duty: ReportDuty, open_page: Callable[..., Page]) -> None:
    minh, lan = open_page("minh", **PHONE), open_page("lan")
    remind(minh, duty)
    write(minh, duty)
    decide(lan, duty)
    correct(minh, duty)
    accept(lan, duty)
    minh.goto(f"/bao-cao/{duty.pk}/xem/")
    text = minh.inner_text("main")
    assert "Số liệu chốt lúc" in text
    assert REASON in text  # the thread stays
    assert minh.locator(".rep-marks", has_text="Đánh giá của Ủy ban").first.inner_text().count("Chậm") == 1
    look(minh, "report-accepted")


def remind(page: Page, duty: ReportDuty) -> None:
    """Seven days before, the ladder reminds the reporter once; the reminder leads to the report."""
    for _run in range(2):
        call_command("send_reminders", stdout=io.StringIO())
    page.goto("/")
    press(page, "header a[href='/thong-bao/']:visible")
    look(page, "report-reminder")
    notice = page.locator("main li", has_text=f"{duty.due_on:%d/%m/%Y}")
    assert notice.count() == 1
    press(page, notice.get_by_role("link").first)
    assert page.url.endswith(f"/bao-cao/ky/{duty.pk}/")


def write(page: Page, duty: ReportDuty) -> None:
    """Begin where the reminder led, send too early, complete what is named, send."""
    press(page, "main a.btn-primary")
    press(page, page.get_by_role("button", name="Bắt đầu báo cáo"))
    press(page, page.get_by_role("button", name="Gửi báo cáo"))
    look(page, "report-missing")
    left = page.locator(".errsum li a")
    assert left.count() == 2  # the general part and the rating; the task without activity is already rated so
    assert ProgressReport.objects.get().review == "draft"
    page.fill("#id_summary", "Hai bên đã triển khai theo kế hoạch.")
    first = page.locator(".rep-line", has_text="Kiểm tra bếp ăn").first
    first.get_by_label("Đúng tiến độ").check()
    first.locator("summary", has_text="Câu gợi ý từ số liệu").click()
    press(page, first.locator("button[value$=suggested]"))
    assert "4 cuộc" in page.locator("textarea[id$=-result]").first.input_value()
    press(page, page.get_by_role("button", name="Gửi báo cáo"))
    assert "chờ duyệt" in page.inner_text("main").lower()


def decide(page: Page, duty: ReportDuty) -> None:
    """Find the report in the queue and return it."""
    page.goto("/phe-duyet/")
    press(page, page.locator(".queue a", has_text=duty.programme.code))
    page.fill("[name=reason]", REASON)
    look(page, "report-review")
    press(page, page.get_by_role("button", name="Trả lại kèm góp ý"))
    assert ProgressReport.objects.get().review == "returned"


def correct(page: Page, duty: ReportDuty) -> None:
    """See the reason and the unchanged due date, correct, send again."""
    page.goto(f"/bao-cao/{duty.pk}/xem/")
    assert REASON in page.inner_text(".ret")
    assert f"{duty.due_on:%d/%m/%Y}" in page.inner_text(".ret")
    press(page, page.get_by_role("link", name="Sửa và gửi lại"))
    page.locator("textarea[id$=-result]").first.fill("Đã kiểm tra bốn bếp ăn; bếp số 3 chưa đạt.")
    press(page, page.get_by_role("button", name="Gửi báo cáo"))


def accept(page: Page, duty: ReportDuty) -> None:
    """Accept with another rating of the first task; the queue is empty then."""
    page.goto(f"/phe-duyet/bao-cao/{duty.pk}/")
    page.locator("select[id^=id_rating]").first.select_option("behind")
    press(page, page.get_by_role("button", name="Chấp nhận báo cáo"))
    report = ProgressReport.objects.get()
    assert (report.review, report.reviewed_by.username) == ("accepted", "lan")
    assert page.locator("button", has_text="Hoàn tác").count() == 1


def test_a_report_written_over_a_bad_line_loses_nothing(
    cast: Cast, duty: ReportDuty, open_page: Callable[..., Page]
) -> None:
    """Saved by itself; cut while writing, an answer lost, cut at the press of "send"; one version of it, sent once."""
    report = reports.open_report(actor=cast.actor(cast.minh), duty=duty)
    line = report.lines.order_by("position").first()
    page = open_page("minh", **{**PHONE, "java_script_enabled": True})
    page.goto(f"/bao-cao/{duty.pk}/soan/")

    page.context.set_offline(True)
    page.fill("#id_summary", "Hai bên đã triển khai")
    state(page, CUT)
    look(page, "report-offline")
    page.context.set_offline(False)
    state(page, SAVED)
    assert ProgressReport.objects.get().summary == "Hai bên đã triển khai"

    lost = []

    def lose(route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)  # the server saves, the page never hears of it
            route.abort()
        else:
            route.continue_()

    page.route("**/soan/", lose)
    page.fill("#id_summary", "Hai bên đã triển khai theo kế hoạch.")
    state(page, CUT)
    page.locator(f"[name=line-{line.pk}-self_rating][value=on_track]").check()
    page.fill(f"#id_line-{line.pk}-result", "Đã kiểm tra bốn bếp ăn.")
    state(page, SAVED)
    assert lost == [200]

    page.context.set_offline(True)
    page.get_by_role("button", name="Gửi báo cáo").click()
    state(page, CUT)
    assert page.input_value("#id_summary") == "Hai bên đã triển khai theo kế hoạch."
    page.context.set_offline(False)
    page.wait_for_timeout(1500)
    assert ProgressReport.objects.get().review == "draft"  # back online it does not send by itself
    page.get_by_role("button", name="Gửi báo cáo").click()
    page.wait_for_url("**/xem/")
    report.refresh_from_db()
    assert (report.review, report.summary) == ("submitted", "Hai bên đã triển khai theo kế hoạch.")
    assert report.lines.get(pk=line.pk).result == "Đã kiểm tra bốn bếp ăn."
    assert report.versions.count() == 1
    assert AuditEntry.objects.filter(action="report.save").count() == 2  # the page's first saving, and the press


def test_a_report_changed_elsewhere_is_compared_and_a_closed_page_offered_again(
    cast: Cast, duty: ReportDuty, open_page: Callable[..., Page]
) -> None:
    """What another device saved is never overwritten; a text the server never got waits in the browser."""
    reports.open_report(actor=cast.actor(cast.minh), duty=duty)
    phone, desk = open_page("minh", **{**PHONE, "java_script_enabled": True}), open_page("minh")
    url = f"/bao-cao/{duty.pk}/soan/"
    for page in (phone, desk):
        page.goto(url)
    desk.fill("#id_summary", "Viết ở máy bàn.")
    state(desk, SAVED)
    phone.fill("#id_summary", "Viết ở điện thoại.")
    state(phone, re.compile("vừa được sửa ở nơi khác"))
    assert ProgressReport.objects.get().summary == "Viết ở máy bàn."
    press(phone, phone.get_by_role("button", name="Lưu nháp"))
    assert "Viết ở máy bàn." in phone.inner_text("main") and "điện thoại" in phone.inner_text("main")

    desk.context.set_offline(True)
    desk.fill("#id_summary", "Viết ở máy bàn, thêm một câu.")
    state(desk, CUT)
    context = desk.context
    desk.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(url)
    assert again.input_value("#id_summary") == "Viết ở máy bàn."
    again.locator("[data-found]").wait_for()
    again.click("[data-take]")
    state(again, SAVED)
    assert ProgressReport.objects.get().summary == "Viết ở máy bàn, thêm một câu."
