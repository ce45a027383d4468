"""Automatic numbering and styles of a Word document: what stands before a paragraph although nobody typed it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_MOST_STYLES = 30  # links of one chain of styles


def local(node: Element) -> str:
    """The name of an element without its namespace (transitional and strict files differ only there)."""
    return node.tag.rpartition("}")[2]


def attribute(node: Element | None, name: str) -> str:
    """The attribute `name` of any namespace, "" if it is not there."""
    if node is None:
        return ""
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == name), "")


def child(node: Element | None, *path: str) -> Element | None:
    """The first element down the path of local names."""
    for name in path:
        node = next((item for item in node if local(item) == name), None) if node is not None else None
    return node


def children(node: Element, name: str) -> Iterator[Element]:
    """The direct children of that local name."""
    return (item for item in node if local(item) == name)


def switched_on(node: Element | None) -> bool:
    """True for a property that is there and not "off"."""
    return node is not None and attribute(node, "val") not in ("0", "false", "off", "none")


@dataclass
class Style:
    """What a paragraph style adds: font, numbering, borders of a table; `heading` for heading styles."""

    parent: str = ""
    font: str = ""
    numbering: tuple[str, int | None] | None = None
    borders: bool = False
    heading: bool = False


class Styles:
    """The styles of a document by id; looks up the chain of parents."""

    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, Style] = {}
        self.default_font = attribute(child(root, "docDefaults", "rPrDefault", "rPr", "rFonts"), "ascii")
        self._default = ""
        for node in children(root, "style") if root is not None else ():
            name = attribute(child(node, "name"), "val").lower()
            style = Style(
                parent=attribute(child(node, "basedOn"), "val"),
                font=attribute(child(node, "rPr", "rFonts"), "ascii"),
                numbering=own_numbering(child(node, "pPr")),
                borders=has_borders(child(node, "tblPr", "tblBorders")),
                heading=name.startswith("heading ") or name == "title",
            )
            self._styles[attribute(node, "styleId")] = style
            if attribute(node, "type") == "paragraph" and attribute(node, "default") in ("1", "true"):
                self._default = attribute(node, "styleId")

    def chain(self, name: str) -> Iterator[Style]:
        """The style of that id (the default one for ""), then its parents."""
        name = name or self._default
        for _step in range(_MOST_STYLES):
            style = self._styles.get(name)
            if style is None:
                return
            yield style
            name = style.parent

    def font(self, name: str) -> str:
        """The font that a paragraph of this style is set in."""
        return next((style.font for style in self.chain(name) if style.font), self.default_font)


def own_numbering(properties: Element | None) -> tuple[str, int | None] | None:
    """Id of the list and level that properties name; the level is None where only the list is named."""
    node = child(properties, "numPr")
    if node is None:
        return None
    level = attribute(child(node, "ilvl"), "val")
    return attribute(child(node, "numId"), "val"), int(level) if level.isascii() and level.isdigit() else None


def has_borders(node: Element | None) -> bool:
    """True if table or cell borders draw at least one line."""
    return node is not None and any(attribute(side, "val") not in ("", "none", "nil") for side in node)


@dataclass
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int = -1  # 0: never restarted; -1: by any level above
    suffix: str = "tab"
    legal: bool = False


@dataclass
class _List:
    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counters of all lists; `label` must be asked once for each numbered paragraph, in order."""

    def __init__(self, root: Element | None) -> None:
        abstract: dict[str, dict[int, _Level]] = {}
        self._abstract_of: dict[str, str] = {}
        self._starts: dict[str, dict[int, int]] = {}  # starts that a list sets for itself, until first used
        self._own: dict[str, dict[int, _Level]] = {}
        for node in children(root, "abstractNum") if root is not None else ():
            abstract[attribute(node, "abstractNumId")] = _levels(node)
        for node in children(root, "num") if root is not None else ():
            name = attribute(node, "numId")
            self._abstract_of[name] = attribute(child(node, "abstractNumId"), "val")
            self._starts[name], self._own[name] = {}, {}
            for override in children(node, "lvlOverride"):
                level = _number(attribute(override, "ilvl"), 0)
                start = attribute(child(override, "startOverride"), "val")
                if start:
                    self._starts[name][level] = _number(start, 1)
                self._own[name] |= _levels(override)
        self._lists = {name: _List(levels) for name, levels in abstract.items()}

    def label(self, name: str, level: int) -> str:
        """What stands before the next paragraph of list `name` at `level` (from 0), with a space behind it or ""."""
        made = self._lists.get(self._abstract_of.get(name, ""))
        if made is None or name == "0":
            return ""
        levels = made.levels | self._own[name]
        here = levels.get(level)
        if here is None:
            return ""
        for at, start in self._starts[name].items():
            made.counts[at] = start - 1
        self._starts[name] = {}
        made.counts[level] = made.counts.get(level, here.start - 1) + 1
        for deeper, setting in levels.items():
            if deeper > level and (setting.restart < 0 or (setting.restart and level < setting.restart)):
                made.counts.pop(deeper, None)
        text = _shown(here, levels, made.counts)
        return text + ("" if here.suffix == "nothing" or not text else " ")


def _levels(node: Element) -> dict[int, _Level]:
    found = {}
    for item in children(node, "lvl"):
        restart = attribute(child(item, "lvlRestart"), "val")
        found[_number(attribute(item, "ilvl"), 0)] = _Level(
            start=_number(attribute(child(item, "start"), "val"), 1),
            format=attribute(child(item, "numFmt"), "val") or "decimal",
            text=attribute(child(item, "lvlText"), "val"),
            restart=_number(restart, -1),
            suffix=attribute(child(item, "suff"), "val") or "tab",
            legal=switched_on(child(item, "isLgl")),
        )
    return found


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise


def _shown(here: _Level, levels: dict[int, _Level], counts: dict[int, int]) -> str:
    if here.format == "bullet":
        # symbols of drawing fonts have no meaning as text
        return here.text if here.text in ("-", "–", "+", "*", "•", "●", "▪") else "-"

    def one(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        setting = levels.get(at, here)
        value = counts.get(at, setting.start)
        return _counted(value, "decimal" if here.legal else setting.format)

    return " ".join(re.sub(r"%([1-9])", one, here.text).split())


def _counted(value: int, form: str) -> str:
    if form in ("upperRoman", "lowerRoman"):
        text = ""
        for size, letters in _ROMAN:
            while value >= size and len(text) < 20:
                text, value = text + letters, value - size
        return text if form == "upperRoman" else text.lower()
    if form in ("upperLetter", "lowerLetter"):
        if value < 1:
            return ""
        letter = chr(ord("a") + (value - 1) % 26) * min((value - 1) // 26 + 1, 5)
        return letter.upper() if form == "upperLetter" else letter
    if form == "decimalZero":
        return f"{value:02}"
    return "" if form == "none" else str(value)
