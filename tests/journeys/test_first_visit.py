"""The very first visit with an empty cache: the sign-in page and the page behind it together are light.

How long it takes on a slow line is measured by bench/browser.py: times are no tests.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from activities.management.demo.catalogue import PASSWORD
from tests.journeys.conftest import look, press

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Response

HEAVIEST = 130 * 1024  # bytes over the line, ux.md section 5
FIRST_PAGES = {"lan": "/", "minh": "/", "hoa": "/bang-dieu-hanh/"}


def test_sign_in_and_first_page_are_light(demo: None, open_page: Callable[..., Page]) -> None:
    """Everything that comes over the line until each of three people reads the first page, compressed as sent."""
    for username, path in FIRST_PAGES.items():
        page = open_page()
        got: list[Response] = []
        page.on("response", lambda response, got=got: got.append(response))
        page.goto("/dang-nhap/", wait_until="networkidle")
        sizes = sizes_of(got)  # before the browser forgets them with the page
        got.clear()
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        press(page, "main form button.btn-primary")
        page.wait_for_load_state("networkidle")
        look(page, f"first-{username}")
        assert page.url.endswith(path)
        again = sizes_of(got)
        sizes |= {url: size for url, size in again.items() if size > sizes.get(url, 0)}
        assert {url.rpartition(".")[2] for url in sizes} >= {"css", "js"}
        assert {url.split("/")[2] for url in sizes} == {page.url.split("/")[2]}  # nothing from outside
        assert sum(sizes.values()) <= HEAVIEST, sizes


def sizes_of(got: list[Response]) -> dict[str, int]:
    """Return the bytes of each address: headers and the body as a proxy compresses it; what is cached comes once."""
    sizes = {}
    for response in got:
        if response.url.startswith("data:"):
            continue
        assert response.status in {200, 302, 304}, response.url
        body = gzip.compress(response.body(), 6) if response.status == 200 else b""
        headers = sum(len(name) + len(value) + 4 for name, value in response.headers.items())
        sizes[response.url] = max(sizes.get(response.url, 0), len(body) + headers)
    return sizes
