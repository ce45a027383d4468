"""The leader's two minutes: four figures that open their rows, five matters, one screen, one sheet, little to load."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pypdfium2

from activities.management.demo.catalogue import PASSWORD
from tests.journeys.conftest import first_screens, look, press

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Response

SCREEN = 720  # px of a small projector's first screen
HEAVIEST = 130 * 1024  # bytes of a first visit, compressed


def test_dashboard(demo: None, open_page: Callable[..., Page]) -> None:
    """Hoa signs in and lands on it; the demo is loaded once for all that is looked at."""
    page = open_page("hoa", password=PASSWORD, height=SCREEN)
    assert page.url.endswith("/bang-dieu-hanh/")
    look(page, "dashboard")
    behind_why_and_who_in_two_clicks(page)
    figures_lead_to_their_rows(page)
    everything_fits_the_first_screen(page)
    first_matter_leads_to_its_object(page)
    unit_numbers_lead_to_their_rows(page)
    first_visit_is_light(page)
    sections_lead_to_their_rows(page)
    conditions_follow_through_the_sections(page)
    fits_one_sheet(page)


def behind_why_and_who_in_two_clicks(page: Page) -> None:
    """The first page names what is furthest behind; one click says why, the next writes to the unit that must act."""
    first = page.locator(".t-prog tbody tr").first
    assert re.search(r"Chậm \d+ điểm", first.inner_text())
    name = first.locator("a.row-a").inner_text()
    flags = int(first.locator("a.row-b").inner_text().split()[0])
    press(page, first.locator("a.row-b"))
    assert name in page.inner_text("main h1")
    causes = page.locator(".risk-box .flag-why")
    assert causes.count() == flags > 0
    assert all(re.search(r"\d", cause) for cause in causes.all_inner_texts())
    press(page, page.locator(".risk-box .flag-acts a", has_text="Ghi ý kiến chỉ đạo").first)
    assert page.locator("[name=unit]").input_value()  # who must act, chosen already
    assert name in page.input_value("[name=text]")
    page.goto("/bang-dieu-hanh/")


def figures_lead_to_their_rows(page: Page) -> None:
    """Each of the four figures opens a list of exactly that many rows."""
    figures = page.locator(".figs .fig")
    assert figures.count() == 4
    for place in range(4):
        page.goto("/bang-dieu-hanh/")
        label = figures.nth(place).locator("strong").inner_text()
        number = int(figures.nth(place).locator("b").inner_text())
        assert number > 0, label  # the demo has rows behind every figure
        press(page, figures.nth(place).locator(".fig-a"))
        assert not page.url.endswith("/bang-dieu-hanh/")
        assert page.locator("main tbody tr").count() == number, f"{label} at {page.url}"
        look(page, f"behind-figure-{place}")
    page.goto("/bang-dieu-hanh/")
    notes = page.locator(".figs small a").evaluate_all("all => all.map(a => [a.getAttribute('href'), a.innerText])")
    assert len(notes) >= 6
    for url, words in notes:
        page.goto(url)
        if "thay-doi" not in url:  # a number of a past day stands in the foot of its list
            assert page.locator("main tbody tr").count() == int(words.split()[0]), url


def everything_fits_the_first_screen(page: Page) -> None:
    """Eight programmes and five matters are seen without scrolling, in both languages, with and without chips."""
    assert first_screens(page, "hoa", {(1280, SCREEN): 8, (1024, 768): 8}) == []
    page.set_viewport_size({"width": 1280, "height": SCREEN})


def first_matter_leads_to_its_object(page: Page) -> None:
    """The first of the five opens the page of the work it names."""
    page.goto("/bang-dieu-hanh/")
    matter = page.locator(".todo li a").first
    title = matter.inner_text()
    press(page, matter)
    assert "/bang-dieu-hanh/" not in page.url
    assert title.partition(":")[0] in page.inner_text("main")
    look(page, "first-matter")


def fits_one_sheet(page: Page) -> None:
    """Printed, it is one sheet of A4 with the rows and without the navigation."""
    page.goto("/bang-dieu-hanh/")
    page.emulate_media(media="print")
    sheet = pypdfium2.PdfDocument(page.pdf(format="A4", print_background=True))
    assert len(sheet) == 1
    printed = sheet[0].get_textpage().get_text_range()
    assert "Bảo đảm an toàn thực phẩm" in printed
    assert "Đăng xuất" not in printed


def unit_numbers_lead_to_their_rows(page: Page) -> None:
    """The numbers by unit open lists of that length: one of each column and every overdue one."""
    page.goto("/bang-dieu-hanh/")
    links = page.locator(".t-unit tbody td.num:not(.strong) a").evaluate_all(
        "all => all.map(a => [a.getAttribute('href'), a.innerText])"
    )
    late = [(url, int(number)) for url, number in links if "qua-han" in url]
    others = {re.search(r"tinh-trang=([a-z-]+)", url)[1]: (url, int(number)) for url, number in links}
    assert len(late) >= 3 and len(others) == 4
    for url, number in [*late, *others.values()]:
        page.goto(url)
        assert page.locator("main tbody tr").count() == number, url


def first_visit_is_light(page: Page) -> None:
    """All that a browser without cache loads for the dashboard, each body compressed, stays below the limit."""
    cookies = page.context.cookies()
    fresh = page.context.browser.new_context(base_url="/".join(page.url.split("/")[:3]), locale="vi")
    fresh.add_cookies(cookies)
    visit = fresh.new_page()
    got: list[Response] = []
    visit.on("response", lambda response: got.append(response))
    visit.goto("/bang-dieu-hanh/", wait_until="networkidle")
    host = visit.url.split("/")[2]
    sizes = {r.url: len(gzip.compress(r.body(), 6)) for r in got if not r.url.startswith("data:")}
    fresh.close()
    assert len(sizes) >= 4  # page, two style sheets, script
    assert {url.split("/")[2] for url in sizes} == {host}
    assert all(r.status == 200 for r in got)
    assert sum(sizes.values()) <= HEAVIEST, sizes


def sections_lead_to_their_rows(page: Page) -> None:
    """Each section says its finding in its heading, and the first numbers of its table open lists of that length."""
    for name in ("Đơn vị", "Mục tiêu", "Nội dung"):
        page.goto("/bang-dieu-hanh/")
        press(page, page.locator(".board-nav .tabs a", has_text=name))
        assert re.search(r"\d+ trong \d+", page.locator("main h2").first.inner_text())
        assert "chỉ gồm nội dung đã duyệt" in page.inner_text(".board-head")
        look(page, f"section-{name}")
        links = page.locator("main .scroll tbody td.num a").evaluate_all(
            "all => all.slice(0, 6).map(a => [a.getAttribute('href'), a.innerText])"
        )
        assert len(links) == 6
        for url, number in links:
            page.goto(url)
            assert page.locator("main .cnt, main .tabs [aria-current]").first.is_visible()
            if "%" not in number and "so-lieu/" not in url:  # a result is a sum of values, not a number of rows
                counted = page.locator("main .cnt, main .tabs [aria-current] span").first.inner_text()
                assert counted == number, url


def conditions_follow_through_the_sections(page: Page) -> None:
    """A filter chosen once holds in every section until its chip is pressed; it can be kept under a name."""
    page.goto("/bang-dieu-hanh/noi-dung/")
    press(page, page.get_by_role("link", name="Lọc", exact=True))
    look(page, "filter")
    page.select_option("#f-ky", "2026")
    page.select_option("#f-doi-tac", label="Sở Y tế")
    press(page, page.locator(".board-form button"))
    assert "/noi-dung/" in page.url and page.locator(".chip").count() == 2
    press(page, page.locator(".board-nav .tabs a", has_text="Mục tiêu"))
    assert page.locator(".chip").count() == 2
    assert page.locator(".t-goal .grp").count() == 1
    press(page, page.get_by_role("link", name="Lưu bộ lọc này"))
    look(page, "save-view")
    page.fill("#id_name", "Y tế năm 2026")
    press(page, page.locator("main form button[type=submit]"))
    assert "/chi-tieu/" in page.url and "Y tế năm 2026" in page.inner_text(".msgs")
    press(page, page.locator(".chip").first)
    assert page.locator(".chip").count() == 1
    page.goto("/bang-dieu-hanh/loc/")
    press(page, page.get_by_role("link", name="Y tế năm 2026"))
    assert "/chi-tieu/" in page.url and page.locator(".chip").count() == 2
