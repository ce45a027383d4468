"""A first visit on a slow line: bytes and largest contentful paint of the sign-in page and of the page behind it.

    .venv/bin/python -m bench.browser

Chromium with an empty cache at 1.6 Mbit/s and 150 ms (the slow 4G of Lighthouse), its processor slowed four times,
against the server of `make run` without the compression a proxy adds, on a copy of size S. `make bench` ends with it.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from activities.management.demo.catalogue import PASSWORD
from bench.databases import Databases, database_server
from bench.servers import PRODUCT, serving
from config.checks import installed_browser
from config.launch import LaunchError, say

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

BYTES_A_SECOND = 1.6e6 / 8
LATENCY = 150  # ms
SLOWER = 4
RUNS = 3
LIMIT_KB, LIMIT_MS = 130, 1500
QUIET_MS = 1000  # after the load event: what is painted later than that is no first paint
PEOPLE = {"lan": "officer", "hoa": "leader", "minh": "partner, on a phone"}
WIDTHS = {"minh": (390, 844)}
WATCH = """
window.largest = 0;
new PerformanceObserver(list => { for (const one of list.getEntries()) window.largest = one.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
"""


@dataclass
class Visit:
    """What one person's first visit took."""

    sign_in_ms: float
    first_page_ms: float
    path: str  # of the first page
    kb: float  # over the line, both pages and all they load, headers included


@dataclass
class Line:
    """The slowed line of one page; counts the bytes that came over it."""

    session: CDPSession
    received: float = 0.0

    def slow_down(self) -> None:
        """Slow line and processor, and begin counting."""
        self.session.send("Network.enable")
        limits = {"offline": False, "latency": LATENCY, "downloadThroughput": BYTES_A_SECOND}
        self.session.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": BYTES_A_SECOND})
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        self.session.on("Network.loadingFinished", self._count)

    def _count(self, event: dict[str, Any]) -> None:
        self.received += event["encodedDataLength"]


def visit(browser: Browser, address: str, username: str) -> Visit:
    """Sign in with an empty cache and read both paints."""
    width, height = WIDTHS.get(username, (1280, 800))
    context = browser.new_context(base_url=address, viewport={"width": width, "height": height}, locale="vi")
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        line = Line(context.new_cdp_session(page))
        line.slow_down()
        page.goto("/dang-nhap/", wait_until="load")
        sign_in_ms = largest(page)
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        with page.expect_navigation(wait_until="load"):
            page.click("main form button.btn-primary")
        return Visit(sign_in_ms, largest(page), page.url.removeprefix(address), line.received / 1024)
    finally:
        context.close()


def largest(page: Page) -> float:
    """Return the milliseconds from the beginning of the navigation to the largest paint."""
    page.wait_for_timeout(QUIET_MS)
    found = float(page.evaluate("window.largest"))
    if not found:
        raise LaunchError(f"{page.url} painted nothing that counts.")
    return found


def run(data: Databases) -> None:
    """Print the medians of RUNS visits of each person; LaunchError without a browser."""
    from playwright.sync_api import sync_playwright

    path = installed_browser()
    if path is None:
        raise LaunchError("The first visit needs a Chromium: `make test` installs one, or set CHROMIUM.")
    options = ["--no-sandbox", "--headless=new", "--disable-gpu", "--disable-background-networking"]
    print("\n| first visit | sign-in page, LCP ms | first page | LCP ms | both, KB |\n|---|---:|---|---:|---:|")
    with data.copy_of("S") as name, serving(PRODUCT, data.environment(name)) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=options)
        address = f"http://127.0.0.1:{server.port}"
        visit(browser, address, "lan")  # the workers load their templates
        for username, who in PEOPLE.items():
            visits = [visit(browser, address, username) for _run in range(RUNS)]
            sign_in_ms, first_ms, kb = (
                statistics.median(getattr(one, key) for one in visits) for key in ("sign_in_ms", "first_page_ms", "kb")
            )
            beyond = " ← beyond" if max(sign_in_ms, first_ms) > LIMIT_MS or kb > LIMIT_KB else ""
            print(f"| {who} | {sign_in_ms:.0f} | `{visits[0].path}` | {first_ms:.0f} | {kb:.0f} |{beyond}", flush=True)
        browser.close()


def main() -> int:
    """Measure alone."""
    os.environ["LAUNCH_BEGAN"] = str(time.time())
    try:
        with database_server() as data:
            data.have("S")
            say("first visits on a slow line")
            run(data)
    except LaunchError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
