"""The dashboard on one sheet of A4, as plain data; how it is set stands in `board.typ`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MOST_PROGRAMMES, MOST_TODO, MOST_UNITS = 8, 5, 10
LONGEST = 160  # characters of a name on paper; the rest is on the screen


@dataclass(frozen=True)
class Figure:
    """One of the figures at the top: its number as printed, what it counts, what is said below."""

    number: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """A programme: name, what stands below, shares reached and of time gone (0 to 1, None = no data), how it stands."""

    name: str
    below: str
    done: float | None
    elapsed: float | None
    is_behind: bool
    numbers: str
    standing: str


@dataclass(frozen=True)
class Matter:
    """Something that needs a decision: what, who must act, why, and the day or silence behind it."""

    title: str
    unit: str
    cause: str
    note: str = ""


@dataclass(frozen=True)
class Board:
    """Everything on the sheet, in the language of the reader; no text is added below this class.

    heads: (programmes, reached, time gone, gap, matters, units). unit_rows: cells as printed, the first one the name;
    unit_total: the same of all units, () without. signs: who signs, left to right. What is cut is to be said in heads.
    """

    language: str
    committee: str
    place: str
    title: str
    conditions: str
    freshness: str
    printed: str
    figures: tuple[Figure, ...]
    heads: tuple[str, str, str, str, str, str]
    programmes: tuple[Bar, ...]
    no_programme: str
    matters: tuple[Matter, ...]
    no_matter: str
    unit_heads: tuple[str, ...]
    unit_rows: tuple[tuple[str, ...], ...]
    unit_total: tuple[str, ...]
    date_line: str
    signs: tuple[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return what the template reads, with names cut to what fits a line or two."""
        data = asdict(self)
        shown = data["programmes"][:MOST_PROGRAMMES]
        data["programmes"] = [row | {"name": cut(row["name"]), "below": cut(row["below"])} for row in shown]
        first = data["matters"][:MOST_TODO]
        data["matters"] = [row | {"title": cut(row["title"]), "unit": cut(row["unit"])} for row in first]
        data["unit_rows"] = [[cut(row[0]), *row[1:]] for row in data["unit_rows"][:MOST_UNITS]]
        return data


def cut(text: str) -> str:
    """Return a name no longer than LONGEST, an ellipsis where it was cut."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
