"""Words with places on pages → blocks: lines, columns, tables, paragraphs; without running heads and page numbers.

Used for the text of PDF files and for what OCR sees on a picture. Lengths are in points of the page, y grows downwards.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from documents.reading.blocks import cut, joined_lines, kind_of, normalised
from documents.reading.extract.grid import Grid, find_grids
from documents.reading.extract.legacy import is_syllable
from documents.types import Block
from documents.vietnamese import fold

_EDGE = 0.1  # share of the height where running heads and page numbers stand
_PAGE_NUMBER = re.compile(r"(?:trang |page )?[-–—. ]{0,3}\d{1,4}(?:\s?/\s?\d{1,4})?[-–—. ]{0,3}", re.IGNORECASE)
_COLUMN_GAP = 1.6  # of the size of the letters; between two columns
_SIDE_SIGNS = re.compile(
    r"cong hoa xa hoi chu nghia|dang cong san viet nam|\btm\.|\bkt\.|\btl\.|dai dien|chu tich|giam doc|truong ban"
    r"|bi thu|noi nhan|truong phong|cuc truong|chi huy truong"
)
_ENDS = (".", ";", ":", "!", "?", "…", "”", '"')


@dataclass(slots=True)
class Word:
    """A word, its left and right edge, its base line and the size of its letters."""

    x0: float
    x1: float
    y: float
    size: float
    text: str


@dataclass(slots=True)
class Page:
    """The words of one page in the order they came, and its drawn lines as (x0, y0, x1, y1)."""

    width: float
    height: float
    words: list[Word] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)


@dataclass(slots=True)
class _Line:
    words: list[Word]
    y: float
    size: float
    page: int
    row: str = ""  # the text of a table row; such a line has no words

    @property
    def x0(self) -> float:
        return self.words[0].x0

    @property
    def x1(self) -> float:
        return self.words[-1].x1

    @property
    def text(self) -> str:
        return self.row or " ".join(word.text for word in self.words)

    def segments(self) -> list[list[Word]]:
        """The words in runs that wide gaps part."""
        runs = [[self.words[0]]]
        for before, word in zip(self.words, self.words[1:], strict=False):
            if word.x0 - before.x1 > _COLUMN_GAP * self.size:
                runs.append([])
            runs[-1].append(word)
        return runs


def blocks_of(pages: Sequence[Page]) -> tuple[Block, ...]:
    """The blocks of all pages in reading order; pages count from 1."""
    lined = [_page_lines(page, number) for number, page in enumerate(pages, start=1)]
    _drop_edges(lined, pages)
    text_lines = [line for lines in lined for line in lines if not line.row]
    right = _percentile([line.x1 for line in text_lines], 0.95)
    left = _percentile([line.x0 for line in text_lines], 0.05)
    builder = _Builder(left, right, max((line.page for line in text_lines), default=1))
    for lines in lined:
        builder.page(lines)
    return tuple(builder.done())


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[int((len(values) - 1) * share)] if values else 0.0


# --------------------------------------------------------------------------------------- lines and tables


def _page_lines(page: Page, number: int) -> list[_Line]:
    rest: list[Word] = []
    cells: dict[tuple[int, int, int], list[Word]] = {}
    grids = find_grids(page.rules)
    for word in page.words:
        place = _cell_of(word, grids)
        if place is None:
            rest.append(word)
        else:
            cells.setdefault(place, []).append(word)
    lines = _lines(rest, number)
    for at, grid in enumerate(grids):
        for row in range(len(grid.rows) - 1):
            texts = [_cell_text(cells.get((at, row, column), []), number) for column in grid.starts(row)]
            if any(texts):
                lines.append(_Line([], grid.rows[row], 0, number, "\t".join(texts) if len(texts) > 1 else texts[0]))
    return sorted(lines, key=lambda line: line.y)


def _cell_of(word: Word, grids: list[Grid]) -> tuple[int, int, int] | None:
    for at, grid in enumerate(grids):
        place = grid.cell((word.x0 + word.x1) / 2, word.y - word.size * 0.3)
        if place is not None:
            return at, *place
    return None


def _cell_text(words: list[Word], number: int) -> str:
    text = ""
    for line in _lines(words, number):
        text = glued(text, line.text) if text else line.text
    return " ".join(text.split())


def _lines(words: Iterable[Word], number: int) -> list[_Line]:
    """Words that stand on one base line, from left to right; lines from top to bottom."""
    lines: list[_Line] = []
    for word in sorted(words, key=lambda item: (item.y, item.x0)):
        last = lines[-1] if lines else None
        if last and abs(word.y - last.y) <= 0.45 * max(last.size, word.size):
            last.words.append(word)
            if word.size > last.size:
                last.size = word.size
        else:
            lines.append(_Line([word], word.y, word.size, number))
    for line in lines:
        line.words.sort(key=lambda item: item.x0)
    return lines


# -------------------------------------------------------------------------- running heads and page numbers


def _drop_edges(lined: list[list[_Line]], pages: Sequence[Page]) -> None:
    """Take away, at the upper and lower edge, what is a page number or stands on other pages too."""
    seen: Counter[tuple[bool, str]] = Counter()
    for lines, page in zip(lined, pages, strict=True):
        seen.update({_edge_key(line, page) for line in lines if _is_edge(line, page)})
    often = max(2, len(pages) * 0.3)
    for lines, page in zip(lined, pages, strict=True):
        lines[:] = [
            line
            for line in lines
            if not (
                _is_edge(line, page)
                and (_PAGE_NUMBER.fullmatch(line.text.strip()) or seen[_edge_key(line, page)] >= often)
            )
        ]


def _is_edge(line: _Line, page: Page) -> bool:
    return not line.row and not page.height * _EDGE < line.y < page.height * (1 - _EDGE)


def _edge_key(line: _Line, page: Page) -> tuple[bool, str]:
    return line.y < page.height / 2, re.sub(r"\d+", "#", line.text)


# ----------------------------------------------------------------------------------- columns and paragraphs


class _Builder:
    """Collects the paragraphs of all pages; one may go on over the foot of a page."""

    def __init__(self, left: float, right: float, pages: int) -> None:
        self._left, self._right, self._pages = left, right, pages
        self._blocks: list[Block] = []
        self._text = ""
        self._page = 1
        self._last: _Line | None = None
        self._leading = 0.0
        self._head_row = ""

    def page(self, lines: list[_Line]) -> None:
        gaps = [
            below.y - above.y for above, below in zip(lines, lines[1:], strict=False) if above.words and below.words
        ]
        self._leading = _percentile([gap for gap in gaps if gap > 2], 0.25)
        at = 0
        while at < len(lines):
            line = lines[at]
            if line.row:
                self._row(line)
                at += 1
                continue
            run = _column_run(lines, at)
            if run and self._columns(lines[at : at + run], at == 0 or line.page == 1 and at < 6):
                at += run
                continue
            self._line(line)
            at += 1

    def done(self) -> list[Block]:
        self._flush()
        return self._blocks

    def _row(self, line: _Line) -> None:
        if line.row == self._head_row and self._blocks and line.page != self._blocks[-1].page:
            return  # the head of a table, repeated on its next page
        self._flush()
        if not (self._blocks and self._blocks[-1].kind == "row"):
            self._head_row = line.row
        text = "\t".join(" ".join(normalised(cell).split()) for cell in line.row.split("\t"))
        kind = "row" if "\t" in text else kind_of(text)
        self._blocks += [Block(part, line.page, kind) for part in cut(text)]

    def _columns(self, lines: list[_Line], at_top: bool) -> bool:
        """Take lines that stand in columns; False if they are only a line with a gap in it."""
        folded = fold(" ".join(line.text for line in lines))
        several = sum(len(line.segments()) > 1 for line in lines)
        columns = _merged(segment for line in lines for segment in line.segments())
        near_end = lines[0].page >= self._pages - 1
        if (at_top and several >= 2) or ((at_top or near_end) and _SIDE_SIGNS.search(folded)):
            self._flush()
            for x0, x1 in columns:
                inside = [
                    " ".join(word.text for word in segment)
                    for line in lines
                    for segment in line.segments()
                    if x0 <= segment[0].x0 <= x1
                ]
                for text in joined_lines(normalised("\n".join(inside))):
                    self._blocks += [Block(part, lines[0].page, kind_of(part)) for part in cut(" ".join(text.split()))]
            return True
        if len(columns) >= 3 and several >= 2 and several == len(lines):
            for line in lines:
                texts = [""] * len(columns)
                for segment in line.segments():
                    column = next(n for n, (x0, x1) in enumerate(columns) if x0 <= segment[0].x0 <= x1)
                    texts[column] = (texts[column] + " " + " ".join(word.text for word in segment)).strip()
                self._row(_Line([], line.y, line.size, line.page, "\t".join(texts)))
            return True
        return False

    def _line(self, line: _Line) -> None:
        if self._last is not None and self._goes_on(self._last, line):
            self._text = glued(self._text, line.text)
        else:
            self._flush()
            self._text, self._page = line.text, line.page
        self._last = line

    def _goes_on(self, above: _Line, line: _Line) -> bool:
        """True if `line` belongs to the paragraph of the line above it."""
        text, before = line.text, above.text
        if kind_of(text) in ("item", "heading") and not before.endswith((",", " số", " Số")):
            return text.isupper() and before.isupper() and above.x1 - above.x0 > 0.7 * (self._right - self._left)
        if abs(line.size - above.size) > 0.15 * max(line.size, above.size):
            return False
        if before.isupper() and not text.isupper() and len(before) > 8:
            return False
        if line.page == above.page and line.y - above.y > max(self._leading * 1.3, above.size * 1.1):
            return False
        # the first word of this line would have stood at the end of the line above, had the paragraph gone on
        first = line.words[0]
        if above.x1 + first.x1 - first.x0 + 0.5 * line.size < self._right:
            return text[:1].islower() and not before.endswith(_ENDS) and line.x0 <= above.x0 + 2 * line.size
        if line.page != above.page:
            return text[:1].islower() or not before.endswith(_ENDS)
        indented = line.x0 > self._left + 0.8 * line.size
        return not (
            indented and before.endswith(_ENDS) and line.x0 > above.x0 - 0.5 * line.size and self._is_first(line)
        )

    def _is_first(self, line: _Line) -> bool:
        """True if an indented line may begin a paragraph: the text so far did not begin as an item set apart."""
        return kind_of(self._text) != "item" and line.text[:1].isupper()

    def _flush(self) -> None:
        text = " ".join(normalised(self._text).split())
        if text:
            self._blocks += [Block(part, self._page, kind_of(part)) for part in cut(text)]
        self._text, self._last = "", None


def _column_run(lines: list[_Line], at: int) -> int:
    """How many lines from `at` on stand in two or more columns, 0 for none."""
    first = lines[at]
    runs = first.segments()
    if len(runs) < 2:
        return 0
    columns, count = _merged(runs), 1
    for above, line in zip(lines[at:], lines[at + 1 :], strict=False):
        if line.row or line.y - above.y > 4 * first.size:
            break
        runs = line.segments()
        if len(runs) == 1 and line.y - above.y > 2.6 * first.size:
            break
        wider = _merged([*runs, *([Word(x0, x1, 0, first.size, "")] for x0, x1 in columns)])
        if len(wider) < 2:
            break
        columns, count = wider, count + 1
    return count


def _merged(runs: Iterable[list[Word]]) -> list[tuple[float, float]]:
    """The columns that runs of words stand in: their extents, joined where they overlap or nearly touch."""
    found: list[list[float]] = []
    for x0, x1, size in sorted((run[0].x0, run[-1].x1, run[0].size) for run in runs):
        if found and x0 < found[-1][1] + 0.8 * size:
            found[-1][1] = max(found[-1][1], x1)
        else:
            found.append([x0, x1])
    return [(x0, x1) for x0, x1 in found]


def glued(text: str, line: str) -> str:
    """`text` with the next line behind it: a broken word becomes whole, a broken number keeps its stroke."""
    if text.endswith(("\u00ad", "\x02")):
        return text[:-1] + line
    if text.endswith("-") and len(text) > 1 and text[-2].isalnum():
        left = re.search(r"[^\W\d_]*$", text[-12:-1])
        right = re.match(r"[^\W\d_]*", line[:12])
        start, end = left[0] if left else "", right[0] if right else ""
        if end.islower() and start and is_syllable(start + end):
            return text[:-1] + line
        return text + line
    if text.endswith("/") and line[:1].isalnum() and len(text) > 1 and not text[-2].isspace():
        return text + line
    return f"{text} {line}"
