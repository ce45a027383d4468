"""Tables out of spreadsheets: CSV text and XLSX sheets as rows of plain text, never evaluated; and a table as CSV.

A formula's cell gives the value stored with it, a text that begins like a formula stays text. `sniff` of
documents.uploads has looked at an XLSX first; here its used range is counted before anything allocates it.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_ROWS, MAX_COLUMNS, MAX_CELL = 2_000, 40, 2_000

_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,9})(\d{1,12})["']""")


class UnreadableTable(ValueError):
    """A table that is not taken. `code`: not_text, no_rows, too_many_rows, too_many_columns, broken."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def read_csv(data: bytes | str) -> list[list[str]]:
    """Rows of a CSV file or of cells pasted from a spreadsheet: commas, semicolons or tabs between them.

    Bytes are UTF-8 or UTF-16 (with its mark). Cells are cleaned; empty rows are left out. Raises UnreadableTable.
    """
    text = _decoded(data) if isinstance(data, bytes) else data
    text = text.lstrip("\ufeff")
    head = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max("\t;,", key=head.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            _take(rows, row)
    except csv.Error as error:
        raise UnreadableTable("broken") from error
    return _some(rows)


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet would calculate, or split into lines


def write_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as a CSV file that a Vietnamese spreadsheet opens as it is: UTF-8 with its mark, semicolons, decimal comma.

    Numbers are written as numbers, None as an empty cell, dates as 05/03/2026; a text that a spreadsheet would take
    for a formula gets an apostrophe before it, whatever blanks it begins with.
    """
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, datetime.date):
        return vietnamese.format_date(value)
    text = str(value).replace("\0", "")
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableTable("not_text") from error
    if "\0" in text:
        raise UnreadableTable("not_text")
    return text


def read_xlsx(data: bytes) -> list[list[str]]:
    """Rows of the first sheet of an XLSX that `sniff` accepted: days as dd/mm/yyyy, whole numbers without decimals.

    Raises UnreadableTable.
    """
    import python_calamine  # loaded when the first sheet is read: it is a compiled library

    _check_range(data)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=MAX_ROWS + 2)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise UnreadableTable("broken") from error
    rows: list[list[str]] = []
    for row in cells:
        _take(rows, [_text(cell) for cell in row])
    return _some(rows)


def _check_range(data: bytes) -> None:
    """Refuse a sheet whose cells lie far out: the reader holds the whole rectangle in memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if name.lower().startswith("xl/worksheets/")]
            parts = [archive.read(name) for name in names]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableTable("broken") from error
    for part in parts:
        for letters, digits in _REFERENCE.findall(part.replace(b"\0", b"")):
            if int(digits) > MAX_ROWS * 2:
                raise UnreadableTable("too_many_rows", limit=MAX_ROWS)
            if len(letters) > 2 or _column(letters) > 256:
                raise UnreadableTable("too_many_columns", limit=MAX_COLUMNS)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _text(cell: object) -> str:
    if isinstance(cell, datetime.datetime | datetime.date):
        return vietnamese.format_date(cell)
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _take(rows: list[list[str]], row: list[str]) -> None:
    cells = [vietnamese.clean(cell[: MAX_CELL + 1], multiline=False) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    if not cells:
        return
    if len(cells) > MAX_COLUMNS:
        raise UnreadableTable("too_many_columns", limit=MAX_COLUMNS)
    if len(rows) > MAX_ROWS:
        raise UnreadableTable("too_many_rows", limit=MAX_ROWS)
    rows.append(cells)


def _some(rows: list[list[str]]) -> list[list[str]]:
    if len(rows) < 2:
        raise UnreadableTable("no_rows")
    return rows
