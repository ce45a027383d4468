"""DOCX → blocks: paragraphs and tables in order, numbering as text, insertions taken, deletions dropped.

Only parts inside the archive are read, and no relation is followed. The archive has been counted and looked through by
`documents.uploads.sniff`; a document type declaration that it could not see (an odd encoding) is refused here.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from documents.reading.blocks import cut, joined_lines, kind_of, normalised
from documents.reading.extract import legacy
from documents.reading.extract.numbering import (
    Numbering,
    Styles,
    attribute,
    child,
    has_borders,
    local,
    own_numbering,
    switched_on,
)
from documents.reading.extract.plain import MAX_TEXT, legacy_note, look_alikes
from documents.reading.extract.source import Note, ReadFailure, Source
from documents.types import Block
from documents.vietnamese import fold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

_DROPPED = frozenset(
    {"del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr", "sectPr", "tblPr", "Fallback"}
)
_HEADING_SIGNS = ("cong hoa xa hoi chu nghia", "dang cong san viet nam")
_SIGNATURE = re.compile(
    r"\b(?:tm\.|kt\.|tl\.|tuq\.|dai dien|chu tich|giam doc|truong ban|bi thu|noi nhan|chanh van phong|cuc truong)"
)
_HEADING_ROWS, _SIGNATURE_ROWS, _SIDE_COLUMNS, _RECIPIENTS = 8, 10, 3, 40
_HEADING_WITHIN = 4  # a table this near to the top may be the heading


class _Plain(ElementTree.TreeBuilder):
    """A tree builder that takes no document type."""

    def doctype(self, name: str, pubid: str, system: str) -> None:
        """Refuse what could declare entities."""
        raise ReadFailure("doctype")


@dataclass
class _Paragraph:
    text: str
    page: int
    heading: bool = False


@dataclass
class _Table:
    rows: list[list[list[_Paragraph]]]
    borders: bool
    page: int


@dataclass
class _Counts:
    inserted: int = 0
    deleted: int = 0
    fonts: bool = False  # a font of before Unicode is named
    page: int = 1
    breaks: set[str] = field(default_factory=set)


def read_docx(data: bytes, *, convert: bool = False) -> Source:
    """The blocks of a DOCX. With `convert` text of legacy fonts becomes Unicode, else it is noted.

    Raises ReadFailure: damaged, doctype, too_large, no_text.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {
                name: archive.read(name)
                for name in archive.namelist()
                if re.fullmatch(r"word/(?:document|styles|numbering|header\d*|footer\d*)\.xml", name)
            }
            pictures = any(name.startswith("word/media/") for name in archive.namelist())
        return _read(parts, convert, pictures)
    except (
        zipfile.BadZipFile,
        ElementTree.ParseError,
        KeyError,
        RecursionError,
        ValueError,
        LookupError,
        OSError,
    ) as error:
        raise ReadFailure("damaged") from error


def _read(parts: dict[str, bytes], convert: bool, pictures: bool) -> Source:
    reader = _Reader(parts, convert)
    blocks = reader.blocks()
    size = sum(len(block.text.encode("utf-8", "replace")) for block in blocks)
    if size > MAX_TEXT:
        raise ReadFailure("too_large", limit=MAX_TEXT)
    if not any(char.isalpha() for block in blocks if block.kind != "noise" for char in block.text):
        raise ReadFailure("no_text" if pictures else "empty", pages=0)
    notes: list[Note] = []
    text = "\n".join(block.text for block in blocks)
    code = reader.encoding
    if code and convert:
        notes.append(Note("converted", {"encoding": code}))
    elif code:
        changed = "\n".join(block.text for block in _Reader(parts, True).blocks())
        notes.append(legacy_note(code, text, changed))
    counts = reader.counts
    if counts.inserted or counts.deleted:
        notes.append(Note("tracked_changes", {"inserted": counts.inserted, "deleted": counts.deleted}))
    return Source(blocks, "docx", counts.page, (*notes, *look_alikes(text)))


def _parsed(data: bytes | None) -> Element | None:
    if data is None:
        return None
    return ElementTree.fromstring(data, ElementTree.XMLParser(target=_Plain()))  # noqa: S314


class _Reader:
    """One walk over a document; `encoding` is the legacy one that was met."""

    def __init__(self, parts: dict[str, bytes], convert: bool) -> None:
        self.parts, self.convert = parts, convert
        self.styles = Styles(_parsed(parts.get("word/styles.xml")))
        self.numbering = Numbering(_parsed(parts.get("word/numbering.xml")))
        self.counts = _Counts()
        self.encoding = ""
        self._boxes: list[list[_Paragraph | _Table]] = []
        self._carried = ""  # text of a paragraph whose end was deleted

    # ------------------------------------------------------------------------------------------- blocks

    def blocks(self) -> tuple[Block, ...]:
        root = _parsed(self.parts["word/document.xml"])
        body = child(root, "body")
        if body is None:
            raise ReadFailure("damaged")
        # Word marks where its pages began; without such marks only typed breaks count
        marked = b"lastRenderedPageBreak" in self.parts["word/document.xml"]
        self.counts.breaks = {"lastRenderedPageBreak"} if marked else {"br", "pageBreakBefore"}
        items = self._flow(body)
        made: list[Block] = []
        for at, item in enumerate(items):
            made += self._table_blocks(item, at, len(items)) if isinstance(item, _Table) else self._text_blocks(item)
        heads, feet = self._edge("header", 1), self._edge("footer", self.counts.page)
        first = [block for block in heads if block.kind != "noise"]
        return self._recoded((*first, *made, *(block for block in heads + feet if block.kind == "noise")))

    def _recoded(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Blocks after the conversion of legacy text that no font gave away."""
        if self.counts.fonts:
            self.encoding = self.encoding or legacy.TCVN3
        code = legacy.detect("\n".join(block.text for block in blocks))
        self.encoding = self.encoding or code
        if not (self.convert and code):
            return blocks
        return tuple(Block(legacy.convert(block.text, code), block.page, block.kind) for block in blocks)

    def _edge(self, name: str, page: int) -> list[Block]:
        """Running heads or feet; one that holds the national heading is part of the document."""
        found: list[Block] = []
        shown = self.counts.page
        for part in sorted(key for key in self.parts if key.startswith(f"word/{name}")):
            root = _parsed(self.parts[part])
            if root is None:
                continue
            items = self._flow(root)
            texts = [
                block
                for at, item in enumerate(items)
                for block in (self._table_blocks(item, at, 99) if isinstance(item, _Table) else self._text_blocks(item))
            ]
            is_heading = any(sign in fold(" ".join(block.text for block in texts)) for sign in _HEADING_SIGNS)
            found += [
                Block(block.text, page, block.kind if is_heading and name == "header" else "noise") for block in texts
            ]
        self.counts.page = shown
        return found

    def _text_blocks(self, item: _Paragraph) -> list[Block]:
        made = []
        for line in joined_lines(normalised(item.text)):
            for part in cut(" ".join(line.split())):
                kind = "heading" if item.heading and len(part) < 200 else kind_of(part)
                made.append(Block(part, item.page, kind))
        return made

    def _table_blocks(self, table: _Table, at: int, count: int) -> list[Block]:
        if _side_by_side(table, at, count - at):
            columns = max((len(row) for row in table.rows), default=0)
            cells = [row[column] for column in range(columns) for row in table.rows if column < len(row)]
            return [block for cell in cells for item in cell for block in self._text_blocks(item)]
        made = []
        for row in table.rows:
            texts = [" ".join(" ".join(normalised(item.text).split()) for item in cell).strip() for cell in row]
            if sum(bool(text) for text in texts) == 0:
                continue
            page = next((item.page for cell in row for item in cell), table.page)
            if len(row) == 1 or (sum(bool(text) for text in texts) == 1 and len(texts) > 2 and texts[0]):
                made += [block for item in row[0] for block in self._text_blocks(item)]
            else:
                made += [Block(part, page, "row") for part in cut("\t".join(texts))]
        return made

    # --------------------------------------------------------------------------------------------- flow

    def _flow(self, node: Element) -> list[_Paragraph | _Table]:
        """Paragraphs and tables below `node` in order; content controls and insertions are looked into."""
        found: list[_Paragraph | _Table] = []
        for item in node:
            name = local(item)
            if name == "p":
                found += self._paragraph(item)
            elif name == "tbl":
                found.append(self._table(item))
            elif name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "AlternateContent", "Choice"):
                found += self._flow(item)
        return found

    def _paragraph(self, node: Element) -> list[_Paragraph | _Table]:
        properties = child(node, "pPr")
        style = attribute(child(properties, "pStyle"), "val")
        if "pageBreakBefore" in self.counts.breaks and switched_on(child(properties, "pageBreakBefore")):
            self.counts.page += 1
        pieces: list[str] = []
        place = [0]
        boxes, self._boxes = self._boxes, []
        self._inline(node, pieces, self.styles.font(style), place)
        inner, self._boxes = self._boxes, boxes
        text = self._carried + "".join(pieces)
        self._carried = ""
        if child(properties, "rPr", "del") is not None:
            self._carried = text
            return [item for box in inner for item in box]
        if text.strip():
            text = self._label(properties, style) + text
        heading = any(item.heading for item in self.styles.chain(style)) if style else False
        made: list[_Paragraph | _Table] = (
            [_Paragraph(text, place[0] or self.counts.page, heading)] if text.strip() else []
        )
        return made + [item for box in inner for item in box]

    def _label(self, properties: Element | None, style: str) -> str:
        own = own_numbering(properties)
        inherited = next((item.numbering for item in self.styles.chain(style) if item.numbering), None)
        if own is None and inherited is None:
            return ""
        name = (own and own[0]) or (inherited[0] if inherited else "")
        level = own[1] if own and own[1] is not None else (inherited[1] if inherited else None)
        return self.numbering.label(name, min(level or 0, 8))

    def _inline(self, node: Element, out: list[str], font: str, place: list[int]) -> None:
        for item in node:
            name = local(item)
            if name in _DROPPED:
                self.counts.deleted += name in ("del", "moveFrom")
            elif name == "t":
                place[0] = place[0] or self.counts.page
                out.append(self._recode(item.text or "", font))
            elif name == "r":
                self._run(item, out, font, place)
            elif name in ("tab", "ptab"):
                out.append(" ")
            elif name in ("br", "cr"):
                if attribute(item, "type") == "page":
                    self.counts.page += "br" in self.counts.breaks
                out.append("\n")
            elif name == "lastRenderedPageBreak":
                self.counts.page += 1
            elif name == "noBreakHyphen":
                out.append("-")
            elif name == "sym":
                out.append("•")
            elif name == "txbxContent":
                self._boxes.append(self._flow(item))
            elif name == "p":
                continue  # a paragraph inside a run is drawing text of an odd producer
            else:
                self.counts.inserted += name in ("ins", "moveTo")
                self._inline(item, out, font, place)

    def _run(self, node: Element, out: list[str], font: str, place: list[int]) -> None:
        properties = child(node, "rPr")
        if properties is not None:
            if switched_on(child(properties, "vanish")):
                return
            fonts = child(properties, "rFonts")
            font = attribute(fonts, "ascii") or attribute(fonts, "hAnsi") or font
        if not switched_on(child(properties, "caps")):
            self._inline(node, out, font, place)
            return
        inner: list[str] = []
        self._inline(node, inner, font, place)
        out.append("".join(inner).upper())

    def _recode(self, text: str, font: str) -> str:
        """Text of a TCVN3 font, letter by letter; its capitals are fonts of their own (".VnTimeH")."""
        if not font.lower().startswith(".vn") or legacy.is_unicode(text):
            return text
        self.counts.fonts = self.counts.fonts or not text.isascii()
        if not self.convert:
            return text
        changed = legacy.convert(text, legacy.TCVN3)
        return changed.upper() if font.endswith("H") else changed

    # ------------------------------------------------------------------------------------------- tables

    def _table(self, node: Element) -> _Table:
        page = self.counts.page
        properties = child(node, "tblPr")
        drawn = child(properties, "tblBorders")
        style = attribute(child(properties, "tblStyle"), "val")
        borders = (
            has_borders(drawn) if drawn is not None else any(item.borders for item in self.styles.chain(style) if style)
        )
        rows: list[list[list[_Paragraph]]] = []
        for row in _rows(node):
            if child(row, "trPr", "del") is not None:
                self.counts.deleted += 1
                continue
            before = attribute(child(row, "trPr", "gridBefore"), "val")
            cells: list[list[_Paragraph]] = [[] for _ in range(min(int(before), 20) if before.isdigit() else 0)]
            for cell in _cells(row):
                borders = borders or has_borders(child(cell, "tcPr", "tcBorders"))
                span = attribute(child(cell, "tcPr", "gridSpan"), "val")
                cells.append(_flat(self._flow(cell)))
                cells += [[] for _ in range(min(int(span), 60) - 1 if span.isascii() and span.isdigit() else 0)]
            rows.append(cells)
        return _Table(rows, borders, page)


def _rows(node: Element) -> Iterable[Element]:
    for item in node:
        if local(item) == "tr":
            yield item
        elif local(item) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _rows(item)


def _cells(node: Element) -> Iterable[Element]:
    for item in node:
        if local(item) == "tc":
            yield item
        elif local(item) in ("sdt", "sdtContent", "customXml"):
            yield from _cells(item)


def _flat(items: list[_Paragraph | _Table]) -> list[_Paragraph]:
    """The paragraphs of a cell; a table inside it gives its cells one after the other."""
    found: list[_Paragraph] = []
    for item in items:
        if isinstance(item, _Table):
            found += [inner for row in item.rows for cell in row for inner in cell]
        else:
            found.append(item)
    return found


def _side_by_side(table: _Table, at: int, left: int) -> bool:
    """True for a table that only sets texts beside each other: the heading of a document or its signatures."""
    filled = {column for row in table.rows for column, cell in enumerate(row) if cell}
    if not filled or len(filled) > _SIDE_COLUMNS:
        return False
    text = fold(" ".join(item.text for row in table.rows for cell in row for item in cell)[:4000])
    if any(sign in text for sign in _HEADING_SIGNS) and len(table.rows) <= _HEADING_ROWS:
        return True
    at_end = left <= 3
    # "Nơi nhận" with its list may stand below the signatures
    if left <= _RECIPIENTS and len(table.rows) <= _SIGNATURE_ROWS and _SIGNATURE.search(text):
        return True
    few_rows = len(table.rows) <= 3
    return not table.borders and len(filled) <= 2 and few_rows and (at < _HEADING_WITHIN or at_end)
