"""PDF with text → blocks, by way of `layout`; and one page as a picture for OCR. Runs in a child process only."""

from __future__ import annotations

import ctypes
import io
import unicodedata
from typing import TYPE_CHECKING

import pypdfium2
from pypdfium2 import raw

from documents.reading.extract import legacy
from documents.reading.extract.layout import Page, Word, blocks_of
from documents.reading.extract.plain import MAX_TEXT, legacy_note, look_alikes
from documents.reading.extract.source import Note, ReadFailure, Source
from documents.types import Block
from documents.uploads import MAX_PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_LETTERS = 2_500_000
_MOST_PATHS = 4_000  # of a page; more are a drawing
_FEW_LETTERS = 12  # a page with fewer is a picture with a stamp or a page number
_DPI, _LONGEST_SIDE = 300, 5_000
_PASSWORD = 4  # FPDF_ERR_PASSWORD


def read_pdf(data: bytes, *, convert: bool = False) -> Source:
    """The blocks of a PDF. With `convert` text of legacy fonts becomes Unicode, else it is noted.

    Raises ReadFailure: encrypted, damaged, too_many_pages, too_large, no_text (a scan).
    """
    document = _opened(data)
    count = len(document)
    if count < 1:
        raise ReadFailure("damaged")
    if count > MAX_PAGES:
        raise ReadFailure("too_many_pages", limit=MAX_PAGES)
    pages: list[Page] = []
    letters = 0
    bare: list[int] = []
    for number in range(count):
        page = _page(document, number)
        found = sum(sum(map(_readable, word.text)) for word in page.words)
        letters += found
        if found < _FEW_LETTERS:
            bare.append(number + 1)
        if letters > _MOST_LETTERS:
            raise ReadFailure("too_large", limit=MAX_TEXT)
        pages.append(page)
    if len(bare) == count:
        raise ReadFailure("no_text", pages=count)
    notes = [Note("pages_without_text", {"pages": bare[:50]})] if bare else []
    blocks = blocks_of(pages)
    text = "\n".join(block.text for block in blocks)
    if len(text.encode("utf-8", "replace")) > MAX_TEXT:
        raise ReadFailure("too_large", limit=MAX_TEXT)
    code = legacy.detect(text)
    if code:
        changed = [legacy.convert(block.text, code) for block in blocks]
        if convert:
            blocks = tuple(Block(new, old.page, old.kind) for old, new in zip(blocks, changed, strict=True))
            notes.append(Note("converted", {"encoding": code}))
        else:
            notes.append(legacy_note(code, text, "\n".join(changed)))
    return Source(blocks, "pdf", count, (*notes, *look_alikes(text)))


def _readable(char: str) -> bool:
    """True for letters that mean something; fonts without a map give private or unassigned ones."""
    return char.isalpha() and unicodedata.category(char) not in ("Co", "Cn")


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower()
        raise ReadFailure("encrypted" if locked else "damaged") from error


def _page(document: pypdfium2.PdfDocument, number: int) -> Page:
    """The words and drawn lines of one page; a page that cannot be opened is empty."""
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return Page(0, 0)
    try:
        turn = _Turn(page)
        try:
            text = page.get_textpage()
        except pypdfium2.PdfiumError:
            return Page(turn.width, turn.height)
        words = _words(text, turn)
        text.close()
        return Page(turn.width, turn.height, words, _rules(page, turn))
    finally:
        page.close()


class _Turn:
    """Places of the file → places of the page as it is looked at, y downwards."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        left, bottom, right, top = page.get_cropbox()
        self._left, self._bottom, self._right, self._top = left, bottom, right, top
        self._by = page.get_rotation()
        wide, high = right - left, top - bottom
        self.width, self.height = (high, wide) if self._by in (90, 270) else (wide, high)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the file is seen."""
        if self._by == 90:
            return y - self._bottom, x - self._left
        if self._by == 180:
            return self._right - x, y - self._bottom
        if self._by == 270:
            return self._top - y, self._right - x
        return x - self._left, self._top - y

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """A box as (left, top, right, bottom)."""
        (ax, ay), (bx, by) = self.point(x0, y0), self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _words(text: pypdfium2.PdfTextPage, turn: _Turn) -> list[Word]:
    """Letters in the order of the file, joined to words where they stand side by side."""
    words: list[Word] = []
    rect = raw.FS_RECTF()
    reference = ctypes.byref(rect)
    current: Word | None = None
    for at in range(min(raw.FPDFText_CountChars(text), _MOST_LETTERS)):
        code = raw.FPDFText_GetUnicode(text, at)
        if code in (0x02, 0xFFFE):  # a hyphen at the end of a line, as PDFium gives it
            if current is not None:
                current.text += "\x02" if code == 0xFFFE else "-"
            current = None
            continue
        char = chr(code) if code < 0x110000 else "\ufffd"
        if char.isspace() or code == 0 or not raw.FPDFText_GetLooseCharBox(text, at, reference):
            current = None
            continue
        x0, y0, x1, y1 = turn.box(rect.left, rect.bottom, rect.right, rect.top)
        size = max(y1 - y0, 1.0)
        if current is not None and abs(current.y - y1) < 0.3 * size and -0.5 * size < x0 - current.x1 < 0.22 * size:
            current.text += char
            current.x1 = max(current.x1, x1)
        else:
            current = Word(x0, x1, y1, size, char)
            words.append(current)
    return words


def _rules(page: pypdfium2.PdfPage, turn: _Turn) -> list[tuple[float, float, float, float]]:
    found: list[tuple[float, float, float, float]] = []
    for count, item in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=3)):
        if count >= _MOST_PATHS:
            break
        if raw.FPDFPath_CountSegments(item) <= 6:
            try:
                x0, y0, x1, y1 = turn.box(*item.get_bounds())
            except pypdfium2.PdfiumError:
                continue
            found += [(x0, y0, x1, y1)] if min(x1 - x0, y1 - y0) < 2.5 else _sides(x0, y0, x1, y1)
        else:
            found += [turn.box(*ends) for ends in _strokes(item)]
    return found


def _sides(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float, float, float]]:
    return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]


def _strokes(item: pypdfium2.PdfObject) -> Iterator[tuple[float, float, float, float]]:
    """The straight pieces of a path in places of the file."""
    matrix = item.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    last: tuple[float, float] | None = None
    for at in range(min(raw.FPDFPath_CountSegments(item), _MOST_PATHS)):
        segment = raw.FPDFPath_GetPathSegment(item, at)
        if not raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y)):
            continue
        here = matrix.on_point(x.value, y.value)
        if last is not None and raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_LINETO:
            yield (*last, *here)
        last = here


def picture_of(data: bytes, number: int) -> bytes:
    """Page `number` (from 1) of a PDF as a grey PNG of 300 dots an inch, for OCR. Raises ReadFailure."""
    document = _opened(data)
    if not 1 <= number <= len(document):
        raise ReadFailure("damaged")
    try:
        page = document[number - 1]
        longest = max(page.get_size()) or 1.0
        scale = min(_DPI / 72, _LONGEST_SIDE / longest)
        picture = page.render(scale=scale, grayscale=True).to_pil()
    except (pypdfium2.PdfiumError, ValueError) as error:
        raise ReadFailure("damaged") from error
    out = io.BytesIO()
    picture.convert("L").save(out, "PNG")
    return out.getvalue()
