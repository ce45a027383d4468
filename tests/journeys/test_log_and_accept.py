"""The main job: a phone without JavaScript, a photo, returned, corrected, accepted, and the leader sees it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from PIL import Image

from activities.models import Activity
from agreements.services.results import refresh_figure
from core.files import path_of
from core.models import StoredFile
from tests import make
from tests.journeys.conftest import look, press

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from agreements.models import Indicator, Task
    from tests.cast import Cast

PHONE = {"width": 390, "height": 844, "java_script_enabled": False, "has_touch": True, "is_mobile": True}
GPS, ORIENTATION = 0x8825, 0x0112
MOST_TAPS = 6  # from the first page to the sent entry with one photo
REASON = "Ghi rõ số bếp ăn đã kiểm tra và xã nơi kiểm tra."


def phone_photo() -> bytes:
    """Return a picture as a phone makes it: lying on its side, with the place where it was taken."""
    picture = Image.new("RGB", (640, 480), (40, 120, 80))
    picture.paste((220, 60, 40), (0, 0, 640, 120))  # a red band along the stored upper edge
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be shown turned by 90° clockwise
    exif.get_ifd(GPS).update({1: "N", 2: (21.0, 35.0, 39.0), 3: "E", 4: (105.0, 50.0, 53.0)})
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=90)
    return out.getvalue()


class Taps:
    """Counts what a thumb does: links, buttons, fields that open the keyboard."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def tap(self, selector: str) -> None:
        """Tap something visible."""
        self.count += 1
        press(self.page, selector)

    def fill(self, selector: str, text: str) -> None:
        """Tap a field and type."""
        self.count += 1
        self.page.fill(selector, text)

    def choose_photo(self, data: bytes) -> None:
        """Tap the photo button and take one picture."""
        self.count += 1
        self.page.set_input_files("#id_photos", {"name": "IMG_0907.jpg", "mimeType": "image/jpeg", "buffer": data})


@pytest.fixture
def work(cast: Cast, content_groups: None):
    """Return the cast, a task of the Department of Health and its indicator of 120 inspections a year."""
    programme = make.make_programme(cast, title="Bảo đảm an toàn thực phẩm", short_title="An toàn thực phẩm")
    task = make.make_task(cast, programme, title="Kiểm tra bếp ăn bán trú")
    make.make_task(cast, programme, title="Tuyên truyền ở chợ")
    refresh_figure(programme.pk)
    return cast, task, make.make_indicator(task)


def test_phone_return_correct_accept(work, open_page: Callable[..., Page]) -> None:
    """Minh logs, Lan returns, Minh corrects, Lan accepts, Hoa sees the progress move; the photo lost its place."""
    cast, task, indicator = work
    assert Image.open(io.BytesIO(phone_photo())).getexif().get_ifd(GPS)  # else the end proves nothing

    hoa = open_page("hoa", height=720)
    assert "Chưa có số liệu" in hoa.get_by_role("row", name="An toàn thực phẩm").inner_text()
    before = progress(hoa, task)

    minh = open_page("minh", **PHONE)
    log_with_photo(minh, task, indicator)
    activity = Activity.objects.get()
    assert (activity.review, activity.author, activity.unit) == ("submitted", cast.minh, cast.health)
    assert activity.measurements.get().value == 4
    assert progress(hoa, task) == before  # sent is not counted

    lan = open_page("lan")
    give_back(lan, activity)
    correct_and_resend(minh, indicator)
    accept(lan)

    activity.refresh_from_db()
    assert (activity.review, activity.reviewed_by) == ("accepted", cast.lan)
    after = progress(hoa, task)
    assert "30 / 120 cuộc" in after
    assert "30 / 120 cuộc" not in before
    hoa.goto("/bang-dieu-hanh/")
    row = hoa.get_by_role("row", name="An toàn thực phẩm").inner_text()
    assert "3 % – đã qua" in row  # 30 of 480 in one of two tasks of equal weight
    assert "1/2" in row
    assert "Chưa có số liệu" not in row

    stored_photo_has_no_place()
    call_command("recount", "--check", stdout=io.StringIO())  # raises where a total differs from the accepted rows


def progress(page: Page, task: Task) -> str:
    """Return what the task page says about its indicators, on one line."""
    page.goto(f"/nhiem-vu/{task.pk}/")
    return " ".join(page.inner_text("section[aria-labelledby=h-ind]").split())


def log_with_photo(page: Page, task: Task, indicator: Indicator) -> None:
    """From the first page to the sent entry in few taps, with a draft kept on the way."""
    taps = Taps(page)
    taps.tap("a[href='/hoat-dong/ghi/']")
    taps.tap(f"a[href$='nhiem-vu={task.pk}']")
    taps.fill(f"[name=q{indicator.pk}]", "4")
    taps.fill("[name=what_was_done]", "Kiểm tra bốn bếp ăn bán trú, lấy mẫu lưu.")
    taps.choose_photo(phone_photo())
    look(page, "log-form")
    press(page, "button[name=action][value=draft]")
    assert page.locator(".sendbar").get_by_text("Đã lưu nháp lúc").count() == 1
    assert Activity.objects.get().review == "draft"
    photo = page.locator(".thumbs img")
    photo.scroll_into_view_if_needed()
    is_upright = "image => image.decode().then(() => image.naturalHeight > image.naturalWidth)"
    assert photo.evaluate(is_upright)
    look(page, "log-draft")
    taps.tap("button[name=action][value=submit]")
    assert page.get_by_text("Đã gửi.").count() == 1, page.inner_text("main")
    look(page, "log-sent")
    assert taps.count <= MOST_TAPS, f"{taps.count} taps"


def give_back(page: Page, activity: Activity) -> None:
    """Return the entry; without a reason the page asks for one and nothing happens."""
    page.goto("/")
    press(page, f"a[href='/phe-duyet/hoat-dong/{activity.pk}/']")
    look(page, "review")
    press(page, "button[name=action][value=return]")
    assert page.locator(".errsum").count() == 1
    assert Activity.objects.get().review == "submitted"
    page.fill("[name=reason]", REASON)
    press(page, "button[name=action][value=return]")
    assert Activity.objects.get().review == "returned"


def correct_and_resend(page: Page, indicator: Indicator) -> None:
    """Minh finds the reason on the first page and in the form, corrects the number and sends again."""
    page.goto("/")
    assert page.locator(".ret blockquote").inner_text() == f"“{REASON}”"
    look(page, "home-returned")
    press(page, ".ret a.btn")
    assert REASON in page.locator(".ret").inner_text()
    assert page.input_value(f"[name=q{indicator.pk}]") == "4"
    page.fill(f"[name=q{indicator.pk}]", "30")
    look(page, "log-correct")
    press(page, "button[name=action][value=submit]")
    page.goto("/")
    assert page.locator(".ret").count() == 0


def accept(page: Page) -> None:
    """Lan takes the entry from the queue and accepts it; the queue is empty afterwards."""
    page.goto("/phe-duyet/")
    press(page, "ol.queue a[href*='/phe-duyet/hoat-dong/']")
    assert "30" in page.inner_text("article")
    press(page, "button[name=action][value=accept]")
    look(page, "queue-empty")
    assert page.locator("a[href*='/phe-duyet/hoat-dong/']:visible").count() == 0


def stored_photo_has_no_place() -> None:
    """Every stored picture is upright and carries no EXIF, the place least of all; the red band is on the right."""
    rows = StoredFile.objects.all()
    assert len(rows) == 2  # the picture and its small copy
    for row in rows:
        data = path_of(row).read_bytes()
        picture = Image.open(io.BytesIO(data))
        assert dict(picture.getexif()) == {}
        assert b"Exif" not in data and b"GPS" not in data
        assert picture.height > picture.width
        red, green, _blue = picture.getpixel((picture.width - 5, picture.height // 2))
        assert red > green
