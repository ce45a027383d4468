"""A partner's half-year report: begun on a phone without JavaScript, sent, returned once, corrected, accepted."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from activities.models import ProgressReport, ReportDuty
from tests import make
from tests.activities.test_reports import accepted, make_duty
from tests.journeys.conftest import look, press

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
    return make_duty(cast, indicator.task.programme)


def test_a_report_from_the_first_word_to_acceptance(
    cast: Cast, duty: ReportDuty, open_page: Callable[..., Page]
) -> None:
    minh, lan = open_page("minh", **PHONE), open_page("lan")
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


def write(page: Page, duty: ReportDuty) -> None:
    """Begin, send too early, complete what is named, send."""
    page.goto(f"/bao-cao/{duty.pk}/xem/")
    press(page, page.get_by_role("link", name="Bắt đầu báo cáo"))
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
    assert "06/06/2026" in page.inner_text(".ret")
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
