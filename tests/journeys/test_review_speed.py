"""An officer reviews ten entries and returns two: counted clicks, and counted keys alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from activities.forms.reviewing import REASONS
from activities.models import Activity
from tests import make
from tests.journeys.conftest import look, press

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.cast import Cast

MOST_CLICKS, MOST_KEYS = 24, 14
RETURNED = {3, 7}  # the fourth and the eighth of ten


@pytest.fixture
def ten(cast: Cast, content_groups: None) -> list[Activity]:
    """Return ten entries that wait, each with a quantity, the oldest first."""
    task = make.make_task(cast)
    indicator = make.make_indicator(task)
    return [make.make_activity(cast, task, values={indicator: number + 1}) for number in range(10)]


def judged(ten: list[Activity]) -> None:
    """Hold the ten against what was meant: two returned with a reason, the others accepted."""
    states = dict(Activity.objects.values_list("pk", "review"))
    wanted = ["returned" if number in RETURNED else "accepted" for number in range(10)]
    assert [states[row.pk] for row in ten] == wanted
    reasons = set(Activity.objects.filter(review="returned").values_list("return_reason", flat=True))
    with translation.override("vi"):
        assert reasons == {str(REASONS[0][1])}


def test_with_the_mouse(ten: list[Activity], open_page: Callable[..., Page]) -> None:
    """From the first page: at most 24 clicks."""
    page = open_page("lan")
    clicks = 0

    def click(what: str) -> None:
        nonlocal clicks
        clicks += 1
        press(page, what)

    click(".nav-main a[href='/phe-duyet/']")
    look(page, "review-speed")
    for number in range(10):
        assert page.inner_text("article .r-t") == ten[number].title
        if number in RETURNED:
            clicks += 1
            page.locator("[name=reasons]").first.check()
            click("button[name=action][value=return]")
        else:
            click("button[name=action][value=accept]")
    judged(ten)
    assert clicks <= MOST_CLICKS, f"{clicks} clicks"


def test_with_the_keys(ten: list[Activity], open_page: Callable[..., Page]) -> None:
    """In the queue: at most 14 keys, j and k move, nothing happens while typing, and the keys can be turned off."""
    page = open_page("lan")
    page.goto("/phe-duyet/")
    second, first = ten[1], ten[0]
    with page.expect_navigation():
        page.keyboard.press("j")
    assert page.url.endswith(f"/phe-duyet/hoat-dong/{second.pk}/")
    with page.expect_navigation():
        page.keyboard.press("k")
    assert page.url.endswith(f"/phe-duyet/hoat-dong/{first.pk}/")
    page.locator("textarea[name=reason]").focus()
    page.keyboard.type("ajkr")
    assert page.input_value("textarea[name=reason]") == "ajkr"
    page.keyboard.press("Control+a")
    assert not Activity.objects.exclude(review="submitted").exists()

    page.goto("/phe-duyet/")
    keys = 0

    def key(name: str, *, leads_on: bool = True) -> None:
        nonlocal keys
        keys += 1
        if not leads_on:
            page.keyboard.press(name)
            return
        with page.expect_navigation():
            page.keyboard.press(name)

    for number in range(10):
        if number in RETURNED:
            key("r", leads_on=False)
            key("Space", leads_on=False)
            key("r")
        else:
            key("a")
    judged(ten)
    assert keys <= MOST_KEYS, f"{keys} keys"


def test_the_keys_stay_off(ten: list[Activity], open_page: Callable[..., Page]) -> None:
    """The choice is kept for the next pages; outside the queue there are no keys at all."""
    page = open_page("lan")
    page.goto("/phe-duyet/")
    page.get_by_role("button", name="Tắt phím tắt").click()
    page.goto("/phe-duyet/")
    assert page.get_by_role("button", name="Bật phím tắt").is_visible()
    page.keyboard.press("a")
    page.keyboard.press("j")
    page.wait_for_timeout(300)
    assert page.url.endswith("/phe-duyet/")
    page.get_by_role("button", name="Bật phím tắt").click()
    page.goto(f"/hoat-dong/{ten[0].pk}/")
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert not Activity.objects.exclude(review="submitted").exists()
    page.goto("/phe-duyet/")
    with page.expect_navigation():
        page.keyboard.press("a")
    assert Activity.objects.filter(review="accepted").count() == 1
