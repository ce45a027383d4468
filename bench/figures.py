"""The result of `make bench`: its form, its ratios, the limits that hold, the table on the screen. No Django here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.pages import PAGES
from bench.timing import Times

LATEST = Path(__file__).parent / "results" / "latest.json"
FORM: dict[str, dict[str, tuple[type, ...]]] = {
    "pages": {
        "name": (str,), "size": (str,), "clients": (int,), "median_ms": (float,), "p95_ms": (float,),
        "floor_median_ms": (float,), "ratio_to_floor": (float,), "admin_median_ms": (float, type(None)),
        "ratio_to_admin": (float, type(None)), "queries": (int,), "html_gz_bytes": (int,),
    },
    "scale": {"name": (str,), "ratio_L_to_S": (float,)},
    "accept": {"ratio_to_bare_insert": (float,)},
    "load": {
        "users": (int,), "p95_ms": (float,), "errors": (int,), "worker_mb_start": (float,), "worker_mb_end": (float,),
    },
}  # fmt: skip
LISTS = ("pages", "scale")
# What issue 5 asks for, with the part and the key it is about; "L/S" counts only where both sizes were measured.
MOST = {
    ("pages", "ratio_to_floor"): 5.0, ("pages", "ratio_to_admin"): 0.5, ("pages", "queries"): 20,
    ("pages", "html_gz_bytes"): 20 * 1024, ("scale", "ratio_L_to_S"): 1.5, ("accept", "ratio_to_bare_insert"): 2.0,
    ("load", "p95_ms"): 600.0, ("load", "errors"): 0, ("load", "worker_mb_end"): 180.0,
}  # fmt: skip
BOUNDED = {page.name for page in PAGES if page.is_bounded}


def page_row(
    name: str, size: str, clients: int, times: dict[str, Times], *, queries: int, html_gz_bytes: int
) -> dict[str, Any]:
    """Return the row of a page from the times of "ours", "floor" and, for a list, "admin"."""
    ours, floor, admin = times["ours"], times["floor"], times.get("admin")
    return {
        "name": name,
        "size": size,
        "clients": clients,
        "median_ms": round(ours.median, 2),
        "p95_ms": round(ours.p95, 2),
        "floor_median_ms": round(floor.median, 2),
        "ratio_to_floor": round(ours.median / floor.median, 2),
        "admin_median_ms": round(admin.median, 2) if admin else None,
        "ratio_to_admin": round(ours.median / admin.median, 2) if admin else None,
        "queries": queries,
        "html_gz_bytes": html_gz_bytes,
    }


def scale_rows(pages: list[dict[str, Any]], growing: set[str]) -> list[dict[str, Any]]:
    """Return how much longer L takes than S at the median of one client, for the pages of which that is asked."""
    medians = {(row["name"], row["size"]): row["median_ms"] for row in pages if row["clients"] == 1}
    return [
        {"name": name, "ratio_L_to_S": round(medians[name, "L"] / medians[name, "S"], 2)}
        for name in dict.fromkeys(row["name"] for row in pages)
        if name in growing and {(name, "L"), (name, "S")} <= medians.keys()
    ]


def misfits(result: dict[str, Any]) -> list[str]:
    """Return where a result has not the promised form; parts may be absent (QUICK), keys may not."""
    found = [f"{part}: unknown" for part in result.keys() - FORM.keys()]
    for part, keys in FORM.items():
        if part not in result:
            continue
        rows = result[part] if part in LISTS else [result[part]]
        for number, row in enumerate(rows):
            place = f"{part}[{number}]" if part in LISTS else part
            found += [f"{place}.{key}: unknown" for key in row.keys() - keys.keys()]
            for key, types in keys.items():
                if key not in row:
                    found.append(f"{place}.{key}: missing")
                elif not isinstance(row[key], types) or isinstance(row[key], bool):
                    found.append(f"{place}.{key}: {row[key]!r}")
    return found


def exceeded(result: dict[str, Any]) -> list[str]:
    """Return one line for each figure beyond its limit; pages by floor and admin at S with one client."""
    found = []
    for part, key in MOST:
        most = MOST[part, key]
        for row in result.get(part, []) if part in LISTS else [result.get(part, {})]:
            if part == "pages" and (row["size"] != "S" or row["clients"] != 1):
                continue
            if part == "scale" and row["name"] not in BOUNDED:
                continue
            if row.get(key) is not None and row[key] > most:
                who = f"{row['name']} " if "name" in row else ""
                found.append(f"{part}: {who}{key} {row[key]} > {most:g}")
    return found


def table(rows: list[dict[str, Any]]) -> str:
    """Return the pages as a table of Markdown, which docs/performance.md takes as it is."""
    head = (
        "| page | size | clients | median ms | p95 ms | floor ms | × floor | admin ms | × admin | queries | gz bytes |"
    )
    lines = [head, "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for row in rows:
        cells = [
            row["name"], row["size"], str(row["clients"]), f"{row['median_ms']:.1f}", f"{row['p95_ms']:.1f}",
            f"{row['floor_median_ms']:.1f}", f"{row['ratio_to_floor']:.2f}", _or_dash(row["admin_median_ms"], ".1f"),
            _or_dash(row["ratio_to_admin"], ".2f"), str(row["queries"]), str(row["html_gz_bytes"]),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _or_dash(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def text(result: dict[str, Any]) -> str:
    """Return everything that was measured as text for the screen."""
    parts = [table(result["pages"])]
    if result.get("scale"):
        rows = "\n".join(f"| {row['name']} | {row['ratio_L_to_S']:.2f} |" for row in result["scale"])
        parts.append(f"| page | L ÷ S |\n|---|---:|\n{rows}")
    if "accept" in result:
        parts.append(f"Accepting one activity: {result['accept']['ratio_to_bare_insert']:.2f} × the bare transaction.")
    if "load" in result:
        load = result["load"]
        parts.append(
            f"{load['users']} people: p95 {load['p95_ms']:.0f} ms, {load['errors']} errors, largest worker "
            f"{load['worker_mb_start']:.0f} MB at the start and {load['worker_mb_end']:.0f} MB at the end."
        )
    beyond = exceeded(result)
    parts.append("Beyond its limit:\n" + "\n".join(beyond) if beyond else "Everything measured is within its limit.")
    return "\n\n".join(parts)


def write(result: dict[str, Any], path: Path = LATEST) -> None:
    """Write the result; ValueError where its form is not the promised one."""
    wrong = misfits(result)
    if wrong:
        raise ValueError("; ".join(wrong))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
