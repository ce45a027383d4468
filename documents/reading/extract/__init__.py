"""Bytes of a file, or a text → `Source`: blocks in reading order, with notes. Callers use `reading.isolated`."""

from documents import uploads
from documents.reading.extract.docx import read_docx
from documents.reading.extract.pdf import read_pdf
from documents.reading.extract.plain import decode, read_plain
from documents.reading.extract.source import Note, ReadFailure, Source

__all__ = ["Note", "ReadFailure", "Source", "extract", "read_plain"]

_TEXT_NAMES = (".txt", ".text", ".md")
# codes of uploads.UploadRejected under the names that a reading gives them
_CODES = {"too_big": "too_large", "wrong_kind": "unknown_kind", "broken": "damaged", "zip_bomb": "bomb"}


def extract(data: bytes, name: str = "", *, convert: bool = False) -> Source:
    """The text of the file `data` called `name`, judged by its content.

    With `convert` text in legacy fonts (TCVN3, VNI) becomes Unicode, else a note asks for it. Raises ReadFailure.
    """
    if name.lower().endswith(_TEXT_NAMES) or (not name and _is_text(data)):
        if not data:
            raise ReadFailure("empty")
        if len(data) > uploads.MAX_BYTES:
            raise ReadFailure("too_large", limit=uploads.MAX_BYTES)
        if _has_magic(data):
            raise ReadFailure("renamed")
        return read_plain(decode(data), convert=convert)
    try:
        kind = uploads.sniff(data, name)
    except uploads.UploadRejected as error:
        raise ReadFailure(_CODES.get(error.code, error.code), **error.params) from error
    if kind is uploads.Kind.DOCX:
        return read_docx(data, convert=convert)
    if kind is uploads.Kind.PDF:
        return read_pdf(data, convert=convert)
    if kind.is_photo:
        raise ReadFailure("no_text", pages=1)
    raise ReadFailure("unknown_kind", actual=kind.value)


def _has_magic(data: bytes) -> bool:
    return data.startswith(
        (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xd8\xff", b"\x89PNG", b"{\\rtf", b"MZ\x90")
    )


def _is_text(data: bytes) -> bool:
    return not _has_magic(data) and b"\0\0\0" not in data[:4000]
