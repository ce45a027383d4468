"""The result has the promised form, its ratios are right, and what is beyond a limit is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bench import figures
from bench.pages import PAGES
from bench.timing import Times

if TYPE_CHECKING:
    from pathlib import Path


def times(ours: float, floor: float, admin: float | None = None) -> dict[str, Times]:
    """Return three equal measurements of each."""
    found = {"ours": Times([ours] * 3), "floor": Times([floor] * 3)}
    return found | ({} if admin is None else {"admin": Times([admin] * 3)})


def row(name: str = "home", size: str = "S", clients: int = 1, ours: float = 20.0, **more: Any) -> dict[str, Any]:
    """Return the row of a page within all limits."""
    return figures.page_row(name, size, clients, times(ours, 5.0), queries=9, html_gz_bytes=6000) | more


def whole(**more: Any) -> dict[str, Any]:
    """Return a result within all limits."""
    load = {"users": 200, "p95_ms": 300.0, "errors": 0, "worker_mb_start": 90.0, "worker_mb_end": 91.0}
    result: dict[str, Any] = {
        "pages": [row(), row(size="L", ours=26.0)],
        "scale": [{"name": "home", "ratio_L_to_S": 1.3}],
        "accept": {"ratio_to_bare_insert": 1.7},
        "load": load,
    }
    return result | more


def test_a_page_is_compared_with_its_floor_and_the_admin() -> None:
    found = figures.page_row("x", "S", 8, times(20.0, 5.0, 50.0), queries=9, html_gz_bytes=6000)
    assert found == {
        "name": "x", "size": "S", "clients": 8, "median_ms": 20.0, "p95_ms": 20.0, "floor_median_ms": 5.0,
        "ratio_to_floor": 4.0, "admin_median_ms": 50.0, "ratio_to_admin": 0.4, "queries": 9, "html_gz_bytes": 6000,
    }  # fmt: skip
    assert (row()["admin_median_ms"], row()["ratio_to_admin"]) == (None, None)


def test_growth_compares_the_medians_of_one_client_at_both_sizes() -> None:
    rows = [row(), row(size="L", ours=30.0), row(clients=8, ours=99.0), row("programme"), row("programme", "L")]
    assert figures.scale_rows(rows, {"home", "reports"}) == [{"name": "home", "ratio_L_to_S": 1.5}]
    assert figures.scale_rows([row()], {"home"}) == []


def test_the_form_is_the_promised_one() -> None:
    assert figures.misfits(whole()) == []
    assert figures.misfits({"pages": [row()]}) == []  # QUICK
    assert figures.misfits(whole(more=1)) == ["more: unknown"]
    assert figures.misfits({"pages": [row(extra=1)]}) == ["pages[0].extra: unknown"]
    assert figures.misfits({"accept": {}}) == ["accept.ratio_to_bare_insert: missing"]
    assert figures.misfits({"pages": [row(queries="9")]}) == ["pages[0].queries: '9'"]
    assert figures.misfits({"pages": [row(queries=True)]}) == ["pages[0].queries: True"]
    assert figures.misfits({"pages": [row(ratio_to_admin=None)]}) == []
    assert figures.misfits({"pages": [row(ratio_to_floor=None)]}) == ["pages[0].ratio_to_floor: None"]


def test_only_the_promised_form_is_written(tmp_path: Path) -> None:
    path = tmp_path / "results" / "latest.json"
    figures.write(whole(), path)
    assert json.loads(path.read_text()) == whole()
    with pytest.raises(ValueError, match="unknown"):
        figures.write(whole(more=1), path)
    assert json.loads(path.read_text()) == whole()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"pages": [row(ratio_to_floor=5.01)]}, "pages: home ratio_to_floor 5.01 > 5"),
        ({"pages": [row(ratio_to_admin=0.6)]}, "pages: home ratio_to_admin 0.6 > 0.5"),
        ({"pages": [row(queries=21)]}, "pages: home queries 21 > 20"),
        ({"pages": [row(html_gz_bytes=20481)]}, "pages: home html_gz_bytes 20481 > 20480"),
        ({"scale": [{"name": "reports", "ratio_L_to_S": 1.51}]}, "scale: reports ratio_L_to_S 1.51 > 1.5"),
        ({"accept": {"ratio_to_bare_insert": 2.1}}, "accept: ratio_to_bare_insert 2.1 > 2"),
    ],
)
def test_what_is_beyond_a_limit_is_named(change: dict[str, Any], line: str) -> None:
    assert figures.exceeded(whole()) == []
    assert figures.exceeded(whole(**change)) == [line]
    assert line in figures.text(whole(**change))


def test_growth_is_bounded_of_the_dashboard_and_the_lists_only() -> None:
    rows = [{"name": page.name, "ratio_L_to_S": 1.51} for page in PAGES if page.grows]
    beyond = [line.split()[1] for line in figures.exceeded(whole(scale=rows))]
    assert beyond == ["programme_list", "activity_list", "review_queue", "dashboard", "reports"]


def test_load_is_held_to_time_errors_and_memory() -> None:
    load = whole()["load"] | {"p95_ms": 700.0, "errors": 2, "worker_mb_end": 181.0}
    assert figures.exceeded(whole(load=load)) == [
        "load: p95_ms 700.0 > 600",
        "load: errors 2 > 0",
        "load: worker_mb_end 181.0 > 180",
    ]


def test_other_sizes_and_eight_clients_are_shown_but_not_judged() -> None:
    rows = [row(size="L", ratio_to_floor=9.0), row(clients=8, ratio_to_floor=9.0)]
    assert figures.exceeded({"pages": rows}) == []


def test_the_text_is_a_table_with_a_dash_where_there_is_no_admin() -> None:
    lines = figures.text({"pages": [row(), row("reports", admin_median_ms=60.0, ratio_to_admin=0.33)]}).splitlines()
    assert lines[2] == "| home | S | 1 | 20.0 | 20.0 | 5.0 | 4.00 | – | – | 9 | 6000 |"
    assert lines[3] == "| reports | S | 1 | 20.0 | 20.0 | 5.0 | 4.00 | 60.0 | 0.33 | 9 | 6000 |"
    assert lines[-1] == "Everything measured is within its limit."
