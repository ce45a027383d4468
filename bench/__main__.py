"""`make bench`: the ten main pages beside their floors and Django's admin, growth, acceptance, 200 people at once.

QUICK=1 measures the pages at S only, in two minutes. BENCH_SERVER names a server with databases s, m and l that are
there already. Prints tables and writes bench/results/latest.json. What the figures mean: docs/performance.md.
"""

from __future__ import annotations

import contextlib
import gzip
import html
import importlib.util
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

from bench import accept, browser, figures, load
from bench.databases import Databases, database_server
from bench.pages import PAGES, QUERIES, Page, floor_path
from bench.servers import BESIDE, PRODUCT, Server, serving
from bench.timing import BadAnswer, Target, ask, measure, warm_up
from config.checks import installed_browser
from config.launch import LaunchError, say

CLIENTS = (1, 8)
LEVEL = 6  # of gzip, nginx's usual
QUICK_SECONDS, FULL_SECONDS = {1: 3.0, 8: 3.0}, {1: 12.0, 8: 12.0}  # a page and number of clients
LOAD_SIZE = "M"


@dataclass(frozen=True)
class Side:
    """One size that is measured: the product, the server beside it, and who is signed in where."""

    size: str
    product: Server
    beside: Server
    sessions: dict[str, str]
    paths: dict[str, str]

    def targets(self, page: Page, length: int) -> list[Target]:
        """Return ours, the floor and, for a list, the admin."""
        session = self.sessions[page.who]
        path = self.paths[page.name]
        found = [
            Target(f"ours {self.size}", self.product.port, path, session),
            Target(f"floor {self.size}", self.beside.port, floor_path(page, path, length), session),
        ]
        if page.admin:
            found.append(Target(f"admin {self.size}", self.beside.port, f"/bench/admin/{page.admin}", session))
        return found


def main() -> int:
    """Measure and tell; 1 when something could not be measured, whatever the figures are."""
    os.environ["LAUNCH_BEGAN"] = str(time.time())
    signal.signal(signal.SIGTERM, _interrupt)
    quick = bool(os.environ.get("QUICK"))
    try:
        with database_server() as data:
            result = run(data, quick=quick)
            if not quick:
                first_visits(data)
    except (LaunchError, BadAnswer) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    print(f"\n{figures.text(result)}\n")
    figures.write(result)
    say(f"written to {figures.LATEST}")
    return 0


def first_visits(data: Databases) -> None:
    """Print the first visits on a slow line, where there is a browser to make them with."""
    if not importlib.util.find_spec("playwright") or not installed_browser():
        say("first visits are left out: there is no browser (make test installs one)")
        return
    say("first visits on a slow line")
    browser.run(data)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def run(data: Databases, *, quick: bool) -> dict[str, Any]:
    """Return the whole result."""
    sizes = ("S",) if quick else ("S", "L")
    for size in sizes:
        data.have(size)
    pages = measure_pages(data, sizes, QUICK_SECONDS if quick else FULL_SECONDS)
    result: dict[str, Any] = {"pages": pages}
    if quick:
        return result
    result["scale"] = figures.scale_rows(pages, {page.name for page in PAGES if page.grows})
    say("accepting one activity")
    result["accept"] = {"ratio_to_bare_insert": round(accept.measure()["ratio_to_bare_insert"], 2)}
    data.have(LOAD_SIZE)
    result["load"] = load.run(data, LOAD_SIZE)
    return result


def measure_pages(data: Databases, sizes: tuple[str, ...], seconds: dict[int, float]) -> list[dict[str, Any]]:
    """Return the rows of all pages; the sizes are asked in turns, like page, floor and admin."""
    with contextlib.ExitStack() as stack:
        sides = [_side(stack, data, size) for size in sizes]
        rows = []
        for page in PAGES:
            facts = {side.size: _facts(side, page) for side in sides}
            targets = [t for side in sides for t in side.targets(page, facts[side.size]["length"])]
            warm_up(targets)
            for clients in CLIENTS:
                times = measure(targets, clients, seconds[clients] * len(sides))
                for side in sides:
                    own = {n.split()[0]: t for n, t in times.items() if n.endswith(f" {side.size}")}
                    fact = facts[side.size]
                    rows.append(
                        figures.page_row(
                            page.name, side.size, clients, own, queries=fact["queries"], html_gz_bytes=fact["packed"]
                        )
                    )
            say(f"{page.name}: {_line(rows[-len(sides) * len(CLIENTS) :])}")
    return sorted(rows, key=lambda row: (row["clients"], sizes.index(row["size"])))


def _line(rows: list[dict[str, Any]]) -> str:
    return ", ".join(f"{r['size']}×{r['clients']} {r['median_ms']:.0f} ms = {r['ratio_to_floor']} floors" for r in rows)


def _side(stack: contextlib.ExitStack, data: Databases, size: str) -> Side:
    name = size.lower()
    people = json.loads(data.child(name, "bench.people", "pages"))
    stack.callback(data.child, name, "bench.people", "end", *people["sessions"].values())
    known = data.environment(name)
    product = stack.enter_context(serving(PRODUCT, known))
    beside = stack.enter_context(serving(BESIDE, known))
    return Side(size, product, beside, people["sessions"], people["paths"])


def _facts(side: Side, page: Page) -> dict[str, int]:
    """Return what does not depend on the clock: length, packed length, queries; say when the floor reads other rows."""
    ours = side.targets(page, 0)[0]
    answer = ask(ours)
    shown = html.unescape(answer.body.decode())
    path = floor_path(page, ours.path, 0) + "&show=1"
    marks = json.loads(ask(Target(page.name, side.beside.port, path, ours.session)).body)
    missing = [mark for mark in marks if mark not in shown]
    if missing:
        say(f"the floor of {page.name} at {side.size} reads rows the page does not show, as {missing[0]!r}")
    counted = ask(Target(page.name, side.beside.port, ours.path, ours.session), {QUERIES: "1"})
    return {
        "length": len(answer.body),
        "packed": len(gzip.compress(answer.body, LEVEL)),
        "queries": int(counted.headers[QUERIES]),
    }


if __name__ == "__main__":
    sys.exit(main())
