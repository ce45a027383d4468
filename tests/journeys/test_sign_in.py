"""The door: a wrong password, too many tries, the one-time password, language, theme, leaving, a lost session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.sessions.models import Session

from activities.models import Activity
from core import throttle
from core.models import User
from tests import make
from tests.journeys.conftest import look, press

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.cast import Cast

ONE_TIME = "hoa-sen-cau-tre"
OWN = "bon mua nang am tren doi che"


def sign_in(page: Page, username: str, password: str) -> None:
    """Type both into the form on the page and send it."""
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    press(page, "main form button.btn-primary")


def test_wrong_password_then_too_many_tries(cast: Cast, open_page: Callable[..., Page]) -> None:
    """A wrong pair says one sentence and keeps the name; the ninth try names the wait, even with the right password."""
    page = open_page()
    page.goto("/chuong-trinh/")
    assert "/dang-nhap/" in page.url
    for _try in range(throttle.ACCOUNT.tries):
        sign_in(page, "Minh", "sai-mat-khau")
        assert page.locator(".errsum").count() == 1
    assert page.input_value("[name=username]") == "Minh"
    assert page.input_value("[name=password]") == ""
    assert "phút" not in page.inner_text(".errsum")
    look(page, "wrong-password")
    sign_in(page, "minh", "chin-bac-thang-tre-1954")
    assert "Thử lại sau" in page.inner_text(".errsum") and "phút" in page.inner_text(".errsum")
    look(page, "throttled")
    assert not Session.objects.exists() or page.goto("/").url.endswith("next=/")


def test_one_time_password_must_be_changed(cast: Cast, open_page: Callable[..., Page]) -> None:
    """With the password of a slip only one page opens, until an own password is set; the slip's then ends."""
    cast.minh.set_password(ONE_TIME)
    cast.minh.must_change_password = True
    cast.minh.save()
    page = open_page("minh", password=ONE_TIME, width=390, height=844)
    for wanted in ("/", "/chuong-trinh/", "/hoat-dong/ghi/"):
        page.goto(wanted)
        assert page.url.endswith("/tai-khoan/mat-khau/"), wanted
    look(page, "first-password")
    fields = page.locator("main input[type=password]")
    for field in fields.all():
        field.fill(ONE_TIME if "old" in (field.get_attribute("name") or "") else "123")
    press(page, "main form button.btn-primary")
    assert page.locator(".errsum").count() == 1
    for field in fields.all():
        field.fill(ONE_TIME if "old" in (field.get_attribute("name") or "") else OWN)
    press(page, "main form button.btn-primary")
    page.goto("/")
    assert page.url.endswith("/")
    assert "Hôm nay" in page.inner_text("h1")
    cast.minh.refresh_from_db()
    assert cast.minh.check_password(OWN) and not cast.minh.must_change_password


def test_language_theme_and_leaving(cast: Cast, open_page: Callable[..., Page]) -> None:
    """Language and theme stay with the person, on another device too; after leaving nothing opens."""
    page = open_page("lan")
    assert page.get_attribute("html", "lang") == "vi"
    press(page, "header .tools form.lang button")
    assert page.get_attribute("html", "lang") == "en"
    assert "Today" in page.inner_text("h1")
    page.goto("/tai-khoan/")
    if page.locator("select[name=theme]").count():
        page.select_option("[name=theme]", "dark")
    else:
        page.check("[name=theme][value=dark]")
    press(page, "main form button.btn-primary")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    look(page, "account-dark")

    other = open_page("lan", width=390, height=844)
    assert (other.get_attribute("html", "lang"), other.get_attribute("html", "data-bs-theme")) == ("en", "dark")
    look(other, "home-dark")

    press(page, "header form.out button")
    assert "/dang-nhap/" in page.url
    page.goto("/chuong-trinh/")
    assert "/dang-nhap/" in page.url
    other.goto("/")
    assert "/dang-nhap/" not in other.url  # the other device stays signed in


def test_typed_text_survives_a_lost_session(cast: Cast, open_page: Callable[..., Page]) -> None:
    """The session ends while Minh types: after signing in the text is back, and nothing was written meanwhile."""
    task = make.make_task(cast)
    indicator = make.make_indicator(task)
    words = "Kiểm tra 4 bếp ăn; nhắc <b>1</b> bếp & chợ “Đồng Quang”.\nHai dòng."
    page = open_page("minh", width=390, height=844)
    page.goto(f"/hoat-dong/ghi/?nhiem-vu={task.pk}")
    page.fill("[name=what_was_done]", words)
    page.fill(f"[name=q{indicator.pk}]", "4")
    Session.objects.all().delete()
    page.click("button[name=action][value=submit]")
    page.locator("[name=username]").wait_for()  # the draft that saves itself may change the address before
    look(page, "session-lost")
    assert not Activity.objects.exclude(review="draft").exists()
    sign_in(page, "minh", "chin-bac-thang-tre-1954")
    assert page.input_value("[name=what_was_done]") == words
    assert page.input_value(f"[name=q{indicator.pk}]") == "4"
    look(page, "session-back")
    assert not Activity.objects.exclude(review="draft").exists()
    press(page, "button[name=action][value=submit]")
    assert Activity.objects.get().review == "submitted"
    assert Activity.objects.get().what_was_done.split() == words.split()
    assert User.objects.count() == 7
