"""What OCR saw on pictures of pages → blocks, and the table of words that Tesseract prints."""

from __future__ import annotations

import io
from typing import Any

from PIL import ImageOps

from documents.reading.extract import pdf
from documents.reading.extract.layout import Page, Word, blocks_of
from documents.reading.extract.plain import look_alikes
from documents.reading.extract.source import Note, ReadFailure, Source
from documents.uploads import UploadRejected, open_picture

_LONGEST_SIDE = 4_000
_LEAST_CONFIDENCE = 20  # percent; below it is mostly dirt and stamps
_MOST_WORDS = 5_000  # of a page


def picture_of(data: bytes, number: int) -> bytes:
    """Page `number` (from 1) of a PDF, or a photo, upright and grey, as PNG for OCR. Raises ReadFailure."""
    if data.startswith(b"%PDF-"):
        return pdf.picture_of(data, number)
    try:
        photo = open_picture(data)
        photo.draft("L", (_LONGEST_SIDE, _LONGEST_SIDE))
        upright = ImageOps.exif_transpose(photo).convert("L")
        upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    except (UploadRejected, OSError, ValueError, SyntaxError) as error:
        raise ReadFailure("damaged") from error
    out = io.BytesIO()
    upright.save(out, "PNG")
    return out.getvalue()


def words_of(table: str) -> dict[str, Any]:
    """The TSV of Tesseract as {"width", "height", "words": [[left, top, right, bottom, percent, text], …]}.

    The bottom is that of the line, so that letters below it do not matter. Rows that cannot be understood are left out.
    """
    page: dict[str, Any] = {"width": 0, "height": 0, "words": []}
    line_bottom = line_top = 0
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        try:
            level, (left, top, wide, high) = int(cells[0]), (int(cell) for cell in cells[6:10])
            percent, text = float(cells[10]), cells[11].strip() if len(cells) > 11 else ""
        except (ValueError, IndexError):
            continue
        if level == 1:
            page["width"], page["height"] = wide, high
        elif level == 4:
            line_top, line_bottom = top, top + high
        elif level == 5 and text and percent >= _LEAST_CONFIDENCE and len(page["words"]) < _MOST_WORDS:
            bottom = line_bottom if line_top <= top and top + high <= line_bottom + 2 else top + high
            page["words"].append([left, min(top, line_top or top), left + wide, bottom, round(percent), text[:100]])
    return page


def read_words(pages: list[dict[str, Any]]) -> Source:
    """The blocks of pages as `words_of` gives them. Raises ReadFailure no_text if nothing was seen."""
    made, percents = [], []
    for page in pages:
        words = []
        for left, _top, right, bottom, percent, text in page["words"]:
            words.append(Word(float(left), float(right), float(bottom), 0.0, text))
            percents.append(percent)
        _set_sizes(words, page["words"])
        made.append(Page(float(page["width"]), float(page["height"]), words))
    blocks = blocks_of(made)
    if not any(char.isalpha() for block in blocks for char in block.text):
        raise ReadFailure("no_text", pages=len(pages))
    notes = [Note("ocr", {"confidence": round(sum(percents) / max(len(percents), 1))})]
    if bare := [number for number, page in enumerate(pages, start=1) if not page["words"]]:
        notes.append(Note("pages_without_text", {"pages": bare[:50]}))
    text = "\n".join(block.text for block in blocks)
    return Source(blocks, "scan", max(len(pages), 1), (*notes, *look_alikes(text)))


def _set_sizes(words: list[Word], rows: list[list[Any]]) -> None:
    """One size for all letters of a page: heights of boxes vary with marks and descenders."""
    heights = sorted(row[3] - row[1] for row in rows)
    size = heights[len(heights) // 2] if heights else 1
    for word in words:
        word.size = max(float(size), 1.0)
