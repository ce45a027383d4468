"""On the projector: strong contrast, no small print, keys and links that lead on; sections on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
from django.urls import reverse

from activities.management.demo.catalogue import PASSWORD
from insights.dashboard.frame import SECTIONS
from tests.journeys.conftest import first_screens, look

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

STRONG, SMALLEST = 7.0, 18.0  # contrast; px
START = "/bang-dieu-hanh/?man-hinh=trinh-chieu"
# Each visible text with its contrast against the nearest filled background and its size.
WORDS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (css) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (part) => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
  const light = ([red, green, blue]) =>
    .2126 * linear(red / 255) + .7152 * linear(green / 255) + .0722 * linear(blue / 255);
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const at = node.parentElement;
    if (!node.textContent.trim() || !at.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (at.closest("svg, script, .visually-hidden, .skip, option")) continue;
    let ground = [255, 255, 255, 255];
    for (let below = at; below; below = below.parentElement) {
      const fill = rgb(getComputedStyle(below).backgroundColor);
      if (fill[3] === 255) { ground = fill; break; }
    }
    const style = getComputedStyle(at);
    const pair = [light(rgb(style.color)), light(ground)].sort((a, b) => b - a);
    found.push([node.textContent.trim().slice(0, 40), (pair[0] + .05) / (pair[1] + .05), parseFloat(style.fontSize)]);
  }
  return found;
}"""


def test_presentation(demo: None, open_page: Callable[..., Page]) -> None:
    """Hoa shows it; the demo is loaded once for all that is looked at."""
    page = open_page("hoa", password=PASSWORD, width=1280, height=720)
    every_word_is_strong_and_large(page)
    keys_lead_on_and_out(page)
    links_do_the_same(page)
    first_screen_fits_projectors(page)
    sections_fit_paper(page)


def every_word_is_strong_and_large(page: Page) -> None:
    """Each section: contrast at least 7:1, nothing smaller than 18 px, no menus, nothing wider than the screen."""
    page.goto(START)
    for section in SECTIONS:
        words = page.evaluate(WORDS)
        assert len(words) > 5, section.key
        assert [word for word in words if word[1] < STRONG] == [], section.key
        assert [word for word in words if word[2] < SMALLEST] == [], section.key
        assert page.locator("header.top, footer.foot").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, section.key
        look(page, f"present-{section.key}")
        if section is not SECTIONS[-1]:
            page.goto(page.locator("[data-key=ArrowRight]").get_attribute("href") or "")


def keys_lead_on_and_out(page: Page) -> None:
    """Right, right, left, Esc: the third, the second, and the second again with its menus."""
    page.goto(START)
    for key in ("End", "Home"):
        with page.expect_navigation():
            page.keyboard.press(key)
        assert page.locator("[data-key=ArrowRight]").count() == (key == "Home")
    page.set_viewport_size({"width": 1280, "height": 5000})  # all of a section seen: the page keys of a clicker lead on
    for key, place in (("PageDown", 1), ("PageUp", 0)):
        with page.expect_navigation():
            page.keyboard.press(key)
        assert reverse(SECTIONS[place].route) == page.url.partition("?")[0].replace(
            "/".join(page.url.split("/")[:3]), ""
        )
    page.set_viewport_size({"width": 1280, "height": 300})
    page.keyboard.press("PageDown")
    page.wait_for_timeout(500)
    assert page.evaluate("window.scrollY") > 100  # there is more to see: it scrolls
    page.set_viewport_size({"width": 1280, "height": 720})
    for key, place in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)):
        with page.expect_navigation():
            page.keyboard.press(key)
        assert page.locator("h1").inner_text() == str(page.title()).partition(" –")[0]
        assert page.locator("[data-key=ArrowRight]").count() == 1, place
    second = page.url
    assert reverse(SECTIONS[1].route) in second
    with page.expect_navigation():
        page.keyboard.press("Escape")
    assert page.url == second.partition("?")[0]
    assert page.locator("header.top").count() == 1


def links_do_the_same(page: Page) -> None:
    """Without script the links of the bar lead from the first section to the last."""
    page.goto(START)
    seen = 1
    while page.locator("[data-key=ArrowRight]").count():
        page.locator("[data-key=ArrowRight]").click()
        page.wait_for_load_state()
        seen += 1
    assert seen == len(SECTIONS)


def first_screen_fits_projectors(page: Page) -> None:
    """Above the bar: figures, the slowest programmes with the way to all of them, five matters."""
    sizes = {(1280, 720): 5, (1366, 768): 6, (1920, 1080): 8, (1024, 768): 5}
    assert first_screens(page, "hoa", sizes, "man-hinh=trinh-chieu") == []
    page.set_viewport_size({"width": 1280, "height": 720})


def sections_fit_paper(page: Page) -> None:
    """Printed, risks, data and the comparison have their numbers and none of the buttons."""
    for path, words in (
        ("nguy-co/", "chương trình có nguy cơ"),
        ("chat-luong/", "chưa có minh chứng"),
        ("so-sanh/?theo=ky&a=2026&b=2025", "Tỷ lệ đúng hạn"),
    ):
        page.goto(f"/bang-dieu-hanh/{path}")
        page.emulate_media(media="print")
        sheet = pypdfium2.PdfDocument(page.pdf(format="A4", print_background=True))
        text = " ".join(sheet[0].get_textpage().get_text_range().split())
        assert len(sheet) <= 2, path
        assert words in text and "Đăng xuất" not in text and "Trình chiếu" not in text, path
        page.emulate_media(media="screen")
