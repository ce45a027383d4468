"""A real browser against a real server: the installed Chromium, headless, with the network of this machine only."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from core.models import User
from partners.models import Membership
from tests.cast import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django.live_server_helper import LiveServer

    from tests.beginnings import Beginnings

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop runs in this thread; the server has its own
ARGUMENTS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Each page is a new one: making its code faster as it runs takes longer than that saves, a fifth of the time.
    "--js-flags=--no-opt,--no-maglev",
]


def look(page: Page, name: str) -> None:
    """Keep a picture of the page where SCREENSHOTS names a folder, for a person to look at."""
    if os.environ.get("SCREENSHOTS"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=f"{os.environ['SCREENSHOTS']}/{name}-{width}.png", full_page=True)


# px by which the tiles, programmes and matters of the first screen go past the window or the bar of a presentation, and
# how many of each are seen.
FIRST_SCREEN = """() => {
  const bar = document.querySelector(".present-nav");
  const seen = (what) => [...document.querySelectorAll(what)].filter((at) => at.checkVisibility());
  const parts = [".fig", ".t-prog tbody tr", ".todo li", ".dash-2 .more", ".todo"];
  const lowest = Math.max(...parts.flatMap(seen).map((at) => at.getBoundingClientRect().bottom + scrollY));
  return {
    over: lowest - innerHeight + (bar ? bar.offsetHeight : 0), rows: seen(parts[1]).length,
    matters: seen(parts[2]).length, all: seen(".dash-2 .more a").length,
    sideways: document.documentElement.scrollWidth - innerWidth,
  };
}"""


def first_screens(page: Page, username: str, sizes: dict[tuple[int, int], int], more: str = "") -> list[str]:
    """Return what is wrong with the first screen in these sizes (with the programmes to be seen at least).

    In both languages, with no, one and two conditions: past the screen, too few programmes, not all five matters, no
    way to all programmes.
    """
    wrong = []
    committee = Membership.objects.filter(user__username=username)[0].organisation_id
    for language in ("vi", "en"):
        User.objects.filter(username=username).update(language=language)
        for query in ("", "ky=2026", f"ky=2026&uy-ban={committee}"):
            page.goto(f"/bang-dieu-hanh/?{query}&{more}")
            assert page.get_attribute("html", "lang") == language
            for (width, height), rows in sizes.items():
                page.set_viewport_size({"width": width, "height": height})
                found = page.evaluate(FIRST_SCREEN)
                right = found["over"] <= 0 and found["rows"] >= rows and found["matters"] == 5 and found["all"] > 0
                if not right or found["sideways"] > 0:
                    wrong.append(f"{language} {query} {width}×{height}: {found}")
    User.objects.filter(username=username).update(language="vi")
    return wrong


def press(page: Page, what: str | Locator) -> None:
    """Click a link or button that leads to another page and wait for that page.

    A form that saves itself changes the address without loading a page, so the address alone says nothing.
    """
    with page.expect_event("load"):
        (page.locator(what).first if isinstance(what, str) else what).click()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder as a journey that commits."""
    for item in items:
        if "journeys" in str(item.path):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser(beginnings: Beginnings, django_db_blocker: Any) -> Iterator[Browser]:
    """Return the one browser of the run; a missing Chromium fails and names the command (journeys never skip).

    While playwright's loop runs, Django has another connection in this thread: nothing may stand open in the first.
    """
    path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))),
        None,
    )
    if path is None:
        pytest.fail("no Chromium: apt-get install chromium, or run `make test` as root", pytrace=False)
    with django_db_blocker.unblock():
        beginnings.clear()
        connection.close()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
        with django_db_blocker.unblock():
            beginnings.clear()
            connection.close()


@pytest.fixture
def content_groups(db: None) -> None:
    """Say that a test needs the seeded taxonomies, which tests/conftest.py keeps in place."""


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, content_groups: None) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of a size, signed in by the form; console errors fail the test."""
    opened: list[Page] = []
    errors: list[str] = []

    def enter(username: str = "", *, password: str = PASSWORD, width: int = 1280, height: int = 800, **options) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            locale="vi",
            reduced_motion="reduce",
            **options,
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        opened.append(page)
        if username:
            page.goto("/dang-nhap/")
            page.fill("[name=username]", username)
            page.fill("[name=password]", password)
            page.click("main form button.btn-primary")
            page.wait_for_url(lambda url: "/dang-nhap/" not in url)
        return page

    yield enter
    for page in opened:
        page.context.close()
    assert [error for error in errors if "Failed to load resource" not in error] == []
