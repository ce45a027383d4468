"""The dictionaries behind the reading rules, loaded once from `data/language.json`."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from documents.vietnamese import fold

_FILE = Path(__file__).parent / "data" / "language.json"


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return data


def words(name: str) -> list[str]:
    """The list called `name`, as written in the data file."""
    return list(_data()[name])


def table(name: str) -> dict[str, Any]:
    """The mapping called `name`."""
    return dict(_data()[name])


def pairs(name: str) -> list[tuple[str, str]]:
    """The ordered list of pairs called `name`."""
    return [(first, second) for first, second in _data()[name]]


@cache
def folded_set(name: str) -> frozenset[str]:
    """The list called `name` as search keys."""
    return frozenset(fold(word) for word in _data()[name])


def alternation(values: list[str]) -> str:
    """A pattern for any of `values`, longest first, with any run of up to three spaces between words."""
    ordered = sorted(values, key=len, reverse=True)
    return "|".join(r"\s{1,3}".join(re.escape(word) for word in value.split(" ")) for value in ordered)
