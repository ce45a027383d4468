"""The dictionaries behind the reading rules: one list a file in `data/`, which its README.md explains.

`words`, `table` and `codes` give what a file holds; a mistake in one raises `WrongEntry`, which says in plain words in
which line it is and what to do.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from documents.vietnamese import fold

FOLDER = Path(__file__).parent / "data"
# Files of lines "phrase = code" and the codes they may use; () for any text behind the sign.
CODED: dict[str, tuple[str, ...]] = {
    "aliases": (),
    "bodies-long-forms": (),
    "content-groups": ("tuyen-truyen", "nguon-luc", "phong-trao", "giam-sat", "khen-thuong", "tap-huan", "so-ket"),
    "document-types-short": (),
    "instruments": ("programme", "regulation", "plan", "memorandum", "joint_resolution"),
    "months": tuple(str(number) for number in range(1, 13)),
    "recurrences": ("month", "quarter", "half_year", "year"),
    "relations": ("based_on", "implements", "amends", "amended_by", "replaces", "continues", "issued_with"),
    "rules": (),
    "sections": ("bases", "general", "goals", "tasks", "duties", "running", "recipients"),
    "type-codes": (),
    "table-columns": ("number", "task", "lead", "supports", "unit", "due", "product", "funding", "note"),
}


class WrongEntry(ValueError):
    """A line of a data file that cannot be used; the text says which, why and what to do."""


def entries(name: str, text: str) -> list[tuple[str, str]]:
    """The entries of the file called `name` with the content `text`: phrase and code ("" in a plain list)."""
    coded = name in CODED
    found: dict[str, str] = {}
    for number, raw in enumerate(text.split("\n"), start=1):
        where = f"{name}.txt, line {number}"
        if not raw.strip() or raw.startswith("#"):
            continue
        if raw != raw.strip():
            raise WrongEntry(f"{where}: remove the spaces at the beginning or end of “{raw}”.")
        if unicodedata.normalize("NFC", raw) != raw:
            raise WrongEntry(f"{where}: type “{raw}” again; its accents are stored as separate marks.")
        if re.search(r"\s\s|\t", raw):
            raise WrongEntry(f"{where}: put one space between the words of “{raw}”.")
        phrase, sign, code = (part.strip() for part in raw.partition(" = ")) if coded else (raw, "", "")
        if coded and not (phrase and code):
            raise WrongEntry(f"{where}: write “phrase = meaning”, for example like the other lines; found “{raw}”.")
        if coded and CODED[name] and code not in CODED[name]:
            raise WrongEntry(f"{where}: “{code}” is no known meaning. Choose one of: {', '.join(CODED[name])}.")
        if phrase in found:
            raise WrongEntry(f"{where}: “{phrase}” is already in the list. Delete one of the two lines.")
        found[phrase] = code
    if not found:
        raise WrongEntry(f"{name}.txt: the list is empty. Put back at least one line.")
    return list(found.items())


@cache
def _entries(name: str) -> tuple[tuple[str, str], ...]:
    return tuple(entries(name, (FOLDER / f"{name}.txt").read_text(encoding="utf-8")))


def words(name: str) -> list[str]:
    """The list called `name`, as written in its file; a "_" at either end stands for a space there."""
    return [re.sub(r"^_|_$", " ", phrase) for phrase, _ in _entries(name)]


def table(name: str) -> dict[str, str]:
    """The mapping called `name`, in the order of its file."""
    return dict(_entries(name))


@cache
def codes(name: str) -> tuple[tuple[str, str], ...]:
    """The mapping called `name` as pairs of folded phrase and code, in the order of its file."""
    return tuple((fold(phrase), code) for phrase, code in _entries(name))


@cache
def folded_set(name: str) -> frozenset[str]:
    """The list called `name` as search keys."""
    return frozenset(fold(word) for word in words(name))


def alternation(values: list[str]) -> str:
    """A pattern for any of `values`, longest first, with any run of up to three spaces between words."""
    ordered = sorted(values, key=len, reverse=True)
    return "|".join(r"\s{1,3}".join(re.escape(word) for word in value.split(" ")) for value in ordered)


def after_capital(values: list[str]) -> str:
    """A pattern for any of `values`, longest first, whose first letter counts as it is; the case of the rest varies."""
    ordered = sorted(values, key=len, reverse=True)
    return "|".join(f"{value[0]}(?i:{alternation([value[1:]])})" for value in ordered)
