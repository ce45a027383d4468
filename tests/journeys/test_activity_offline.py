"""The log of an activity on a phone with script: three losses of connection, two pages at once, a shared phone."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from activities.models import Activity
from core.files import path_of
from core.models import AuditEntry
from tests import make
from tests.journeys.conftest import look, press
from tests.journeys.test_log_and_accept import MOST_TAPS, Taps, phone_photo

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.cast import Cast

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
SAVED, CUT = (
    re.compile(r"Đã lưu nháp lúc \d\d:\d\d"),
    re.compile(r"Mất mạng\. Nội dung đã lưu trên máy này lúc \d\d:\d\d"),
)
SEND = "button[name=action][value=submit]"


@pytest.fixture
def work(cast: Cast, content_groups: None):
    """Return the cast, a task of the Department of Health beside another, and its indicator."""
    programme = make.make_programme(cast)
    task = make.make_task(cast, programme, title="Kiểm tra bếp ăn bán trú")
    make.make_task(cast, programme, title="Tuyên truyền ở chợ")
    return cast, task, make.make_indicator(task)


def state(page: Page, words: re.Pattern[str]) -> None:
    """Wait until the status line says this."""
    page.locator("[data-state]", has_text=words).wait_for(timeout=15_000)


def send(page: Page) -> None:
    """Press "send" and wait for the page of the entry (the form's own address changes before that)."""
    page.locator(SEND).click()
    page.wait_for_url(re.compile(r"/hoat-dong/\d+/$"))


def big_photo() -> bytes:
    """Return a picture larger than what is sent, lying on its side as a phone stores it."""
    picture = Image.effect_noise((2400, 1800), 60).convert("RGB")
    picture.paste((220, 60, 40), (0, 0, 2400, 300))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90° clockwise
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=92)
    return out.getvalue()


def test_three_cut_connections_lose_nothing(work, open_page: Callable[..., Page]) -> None:
    """Cut while typing, while the photo goes up, and at the press of "send": one record, whole, sent once."""
    cast, task, indicator = work
    page = open_page("minh", **PHONE)
    page.goto(f"/hoat-dong/ghi/?nhiem-vu={task.pk}")

    page.context.set_offline(True)  # first: before anything was saved
    page.fill("[name=what_was_done]", "Kiểm tra bốn bếp ăn")
    state(page, CUT)
    look(page, "log-offline")
    assert not Activity.objects.exists()
    page.context.set_offline(False)
    state(page, SAVED)
    row = Activity.objects.get()
    assert (row.review, row.what_was_done) == ("draft", "Kiểm tra bốn bếp ăn")
    assert page.url.endswith(f"/hoat-dong/{row.pk}/sua/")

    page.route("**/hoat-dong/**", lambda route: route.abort())  # second: the browser does not know that it is offline
    page.fill(f"[name=q{indicator.pk}]", "4")
    page.set_input_files("#id_photos", {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": big_photo()})
    page.locator(".t-up", has_text="Thử lại").wait_for()
    state(page, CUT)
    look(page, "log-photo-waits")
    assert row.evidence.count() == 0
    page.unroute("**/hoat-dong/**")
    page.fill("[name=what_was_done]", "Kiểm tra bốn bếp ăn, lấy mẫu lưu.")
    state(page, SAVED)
    page.locator(".t-ok").wait_for()
    file = row.evidence.get().file
    kept = Image.open(path_of(file))
    assert kept.size == (1200, 1600)  # made small in the browser, upright
    red, green, _blue = kept.getpixel((kept.width - 20, kept.height // 2))
    assert red > 180 > green

    page.context.set_offline(True)  # third: at the press of the button
    page.locator(SEND).click()
    state(page, CUT)
    assert page.input_value("[name=what_was_done]") == "Kiểm tra bốn bếp ăn, lấy mẫu lưu."
    page.context.set_offline(False)
    page.wait_for_timeout(1500)
    row.refresh_from_db()
    assert row.review == "draft"  # back online it saves, it never sends by itself
    send(page)

    row = Activity.objects.get()
    assert (row.review, row.what_was_done) == ("submitted", "Kiểm tra bốn bếp ăn, lấy mẫu lưu.")
    assert row.measurements.get().value == 4
    assert row.evidence.count() == 1
    steps = AuditEntry.objects.filter(object_type="activity").values_list("action", flat=True)
    assert list(steps).count("activity.create") == list(steps).count("activity.submit") == 1


def test_an_answer_that_was_lost_makes_no_second_record(work, open_page: Callable[..., Page]) -> None:
    """The server saved, the phone never heard of it, the person typed on: one draft with the last text."""
    _cast, task, _indicator = work
    page = open_page("minh", **PHONE)
    page.goto(f"/hoat-dong/ghi/?nhiem-vu={task.pk}")
    lost = []

    def lose(route) -> None:
        if route.request.method == "POST" and len(lost) < 2:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/hoat-dong/**", lose)
    page.fill("[name=what_was_done]", "Bản thứ nhất.")
    state(page, CUT)
    page.fill("[name=what_was_done]", "Bản thứ hai.")
    page.wait_for_timeout(5500)
    page.fill("[name=what_was_done]", "Bản thứ ba.")
    state(page, SAVED)
    assert lost == [200, 200]
    assert Activity.objects.get().what_was_done == "Bản thứ ba."


def test_what_is_typed_while_the_answer_is_under_way_is_not_called_saved(work, open_page: Callable[..., Page]) -> None:
    """The line says "saved" only when the server has everything that stands in the form."""
    _cast, task, _indicator = work
    page = open_page("minh", **PHONE)
    page.goto(f"/hoat-dong/ghi/?nhiem-vu={task.pk}")
    held = []
    page.route("**/hoat-dong/**", lambda route: route.continue_() if held else held.append(route))
    page.fill("[name=what_was_done]", "Bản thứ nhất.")
    while not held:
        page.wait_for_timeout(50)
    page.fill("[name=what_was_done]", "Bản thứ hai.")
    with page.expect_response("**/hoat-dong/**") as first:
        held[0].continue_()
    assert first.value.ok
    page.wait_for_function("/sua/.test(location.pathname)")  # the answer has been read
    assert page.locator("[data-state]", has_text=SAVED).count() == 0
    state(page, SAVED)
    assert Activity.objects.get().what_was_done == "Bản thứ hai."


def test_a_closed_page_is_offered_again_and_not_forced(work, open_page: Callable[..., Page]) -> None:
    """Closed while offline, with a photo: the next visit offers both; signing out erases what this phone keeps."""
    _cast, task, _indicator = work
    page = open_page("minh", **PHONE)
    url = f"/hoat-dong/ghi/?nhiem-vu={task.pk}"
    page.goto(url)
    page.route("**/hoat-dong/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.fill("[name=what_was_done]", "Viết dở khi mất mạng.")
    page.set_input_files("#id_photos", {"name": "IMG_2.jpg", "mimeType": "image/jpeg", "buffer": phone_photo()})
    state(page, CUT)
    page.locator(".thumbs canvas").wait_for()
    page.wait_for_timeout(500)
    page.goto(url)
    assert page.input_value("[name=what_was_done]") == ""
    page.locator("[data-found]").wait_for()
    look(page, "log-found")
    page.click("[data-take]")
    assert page.input_value("[name=what_was_done]") == "Viết dở khi mất mạng."
    page.locator(".thumbs canvas").wait_for()
    state(page, CUT)
    page.goto("/tai-khoan/")
    page.locator(".menu summary").click()
    press(page, ".menu form[data-sign-out] button")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('nhap:')).length") == 0
    assert page.evaluate("indexedDB.databases().then(all => all.filter(one => one.name === 'nhap').length)") == 0


def test_a_version_from_another_device_is_compared(work, open_page: Callable[..., Page]) -> None:
    """Two open pages of one draft: the second says so, keeps its text and leads to the compare page."""
    cast, task, _indicator = work
    row = make.make_activity(cast, task, review="draft", what_was_done="Ban đầu.")
    phone, desk = open_page("minh", **PHONE), open_page("minh")
    for page in (phone, desk):
        page.goto(f"/hoat-dong/{row.pk}/sua/")
    desk.fill("[name=what_was_done]", "Sửa ở máy bàn.")
    state(desk, SAVED)
    phone.fill("[name=what_was_done]", "Sửa ở điện thoại.")
    state(phone, re.compile("vừa được sửa ở nơi khác"))
    row.refresh_from_db()
    assert row.what_was_done == "Sửa ở máy bàn."
    press(phone, "button[name=action][value=draft]")
    assert "Sửa ở máy bàn." in phone.inner_text("main").replace("\xa0", " ")
    assert "điện thoại" in phone.inner_text("main")


def test_from_the_first_page_to_the_sent_entry_in_six_taps(work, open_page: Callable[..., Page]) -> None:
    """Home, task, number, text, photo, send; with script on."""
    _cast, task, indicator = work
    page = open_page("minh", **PHONE)
    taps = Taps(page)
    taps.tap("a[href='/hoat-dong/ghi/']")
    taps.tap(f"a[href$='nhiem-vu={task.pk}']")
    taps.fill(f"[name=q{indicator.pk}]", "4")
    taps.fill("[name=what_was_done]", "Kiểm tra bốn bếp ăn bán trú.")
    taps.choose_photo(phone_photo())
    taps.count += 1
    send(page)
    assert page.get_by_text("Đã gửi.").count() == 1, page.inner_text("main")
    assert taps.count <= MOST_TAPS
    row = Activity.objects.get()
    assert (row.review, row.evidence.count()) == ("submitted", 1)


def test_rows_of_contributions_are_added_in_the_page(work, open_page: Callable[..., Page]) -> None:
    """A fourth funder needs no way to the server, and is saved like the others."""
    cast, task, _indicator = work
    page = open_page("minh")
    page.goto(f"/hoat-dong/ghi/?nhiem-vu={task.pk}")
    page.get_by_text("Thêm thông tin").click()
    page.get_by_text("Nhiều bên cùng đóng góp").click()
    page.click("[value=add_row]")
    page.fill("[name=c3_name]", "Gia đình")
    page.fill("[name=c3_amount]", "31 triệu")
    page.fill("[name=c0_name]", cast.committee.name)
    page.fill("[name=c0_amount]", "5 triệu")
    state(page, SAVED)
    row = Activity.objects.get()
    assert [(part.giver, part.amount) for part in row.contributions.all()] == [
        (cast.committee.name, 5_000_000),
        ("Gia đình", 31_000_000),
    ]
    assert row.value == 36_000_000
