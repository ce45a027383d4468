"""What an uploaded file really is, judged by its content before anything else opens it.

Accepted: PDF, DOCX, XLSX, JPG, PNG up to 20 MB. The extension is only compared with the content. Archives are
counted while unpacking in memory blocks, never trusted by their own declared sizes.
"""

import io
import re
import struct
import threading
import warnings
import zipfile
import zlib
from enum import StrEnum
from pathlib import PurePath

import pypdfium2
from PIL import Image

MAX_BYTES = 20 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_UNPACKED = 20 * 1024 * 1024
MAX_RATIO = 100
MAX_PAGES = 500
MAX_PIXELS = 89_478_485  # Pillow's own limit: 1 GB of unpacked RGBA at most a third of it

# A small repetitive file may be packed a hundredfold and is harmless.
_RATIO_COUNTS_FROM = 1024 * 1024
_PDF_PASSWORD_ERROR = 4
# PDFium is not thread-safe, and the server works with threads.
_pdfium = threading.Lock()


class UploadRejected(ValueError):
    """A file that is not taken.

    `code`: empty, too_big (size, limit in bytes), wrong_kind, renamed (actual, extension), encrypted, broken, macros,
    zip_bomb, doctype, too_many_pages (limit), too_many_pixels (limit). `params` holds the values in brackets.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Kind(StrEnum):
    """Kinds of file that are taken; the value is the usual extension."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    JPG = "jpg"
    PNG = "png"

    @property
    def mime(self) -> str:
        """The MIME type to store and to send."""
        return _MIME[self]

    @property
    def is_photo(self) -> bool:
        """True for pictures, which are re-encoded before they are kept."""
        return self in (Kind.JPG, Kind.PNG)


_MIME = {
    Kind.PDF: "application/pdf",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.JPG: "image/jpeg",
    Kind.PNG: "image/png",
}
_EXTENSIONS = {
    "pdf": Kind.PDF,
    "docx": Kind.DOCX,
    "xlsx": Kind.XLSX,
    "jpg": Kind.JPG,
    "jpeg": Kind.JPG,
    "png": Kind.PNG,
}
_MACRO_EXTENSIONS = frozenset({"docm", "dotm", "xlsm", "xltm", "xlsb", "xlam"})
_OTHER_CONTENT = ((b"GIF8", "gif"), (b"RIFF", "webp"), (b"BM", "bmp"), (b"MZ", "exe"), (b"II*\0", "tiff"),
                  (b"MM\0*", "tiff"), (b"{\\rtf", "rtf"), (b"<", "html"), (b"\x1f\x8b", "gzip"), (b"Rar!", "rar"),
                  (b"7z\xbc\xaf", "7z"))  # fmt: skip


def sniff(data: bytes, name: str) -> Kind:
    """The kind of the file `data` uploaded as `name`; a name without extension is judged by content alone.

    Raises UploadRejected with one of its codes. The content has been opened and counted, but a document may still
    turn out unreadable later.
    """
    if not data:
        raise UploadRejected("empty")
    if len(data) > MAX_BYTES:
        raise UploadRejected("too_big", size=len(data), limit=MAX_BYTES)
    extension = PurePath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if extension in _MACRO_EXTENSIONS:
        raise UploadRejected("macros")
    if extension and extension not in _EXTENSIONS:
        raise UploadRejected("wrong_kind", extension=extension)
    kind = _content_kind(data, extension)
    if extension and _EXTENSIONS[extension] is not kind:
        raise UploadRejected("renamed", actual=kind.value, extension=extension)
    if kind is Kind.PDF:
        _check_pdf(data)
    elif kind.is_photo:
        _check_picture(data, kind)
    return kind


def _content_kind(data: bytes, extension: str) -> Kind:
    if data.startswith(b"%PDF-"):
        return Kind.PDF
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data.startswith(b"PK\x03\x04"):
        return _office_kind(data, extension)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        # Office keeps a document with a password in an old-style container
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UploadRejected("encrypted")
        raise UploadRejected("wrong_kind", extension="ole")
    for magic, actual in _OTHER_CONTENT:
        if data.startswith(magic):
            raise UploadRejected("renamed" if extension else "wrong_kind", actual=actual, extension=extension)
    raise UploadRejected("broken" if extension else "wrong_kind", extension=extension)


# ---------------------------------------------------------------------------------------- DOCX and XLSX


def _office_kind(data: bytes, extension: str) -> Kind:
    # The list of entries is counted before zipfile builds an object for each of them.
    if data.count(b"PK\x01\x02") > MAX_ENTRIES:
        raise UploadRejected("zip_bomb")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = _checked_names(archive)
            _unpack_counted(archive, len(data))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, NotImplementedError, ValueError) as error:
        if isinstance(error, UploadRejected):
            raise
        raise UploadRejected("broken") from error
    is_word, is_sheet = "word/document.xml" in names, "xl/workbook.xml" in names
    if "[Content_Types].xml" not in names or is_word == is_sheet:
        raise UploadRejected("renamed" if extension else "wrong_kind", actual="zip", extension=extension)
    return Kind.DOCX if is_word else Kind.XLSX


def _checked_names(archive: zipfile.ZipFile) -> frozenset[str]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise UploadRejected("zip_bomb")
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise UploadRejected("encrypted")
        if entry.filename.startswith("/") or ".." in entry.filename.split("/"):
            raise UploadRejected("broken")
        lower = entry.filename.lower()
        if lower.endswith("vbaproject.bin") or "/activex/" in lower or "/macrosheets/" in lower:
            raise UploadRejected("macros")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise UploadRejected("broken")
    return frozenset(names)


def _unpack_counted(archive: zipfile.ZipFile, packed: int) -> None:
    """Unpacks every entry block by block and stops at the limits; looks into XML for what must not be there."""
    total = 0
    for entry in archive.infolist():
        is_xml = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
        tail = b""
        with archive.open(entry) as stream:
            while part := stream.read(65_536):
                total += len(part)
                if total > MAX_UNPACKED or (total > _RATIO_COUNTS_FROM and total > packed * MAX_RATIO):
                    raise UploadRejected("zip_bomb")
                if is_xml:
                    # UTF-16 hides the words behind zero bytes; the tail joins words cut by the block border
                    window = tail + part.replace(b"\0", b"")
                    _check_xml(window, entry.filename)
                    tail = window[-64:]


def _check_xml(window: bytes, filename: str) -> None:
    if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
        raise UploadRejected("doctype")
    if filename == "[Content_Types].xml" and re.search(rb"macroEnabled|vbaProject", window):
        raise UploadRejected("macros")


# --------------------------------------------------------------------------------------- PDF and pictures


def _check_pdf(data: bytes) -> None:
    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            encrypted = getattr(error, "err_code", None) == _PDF_PASSWORD_ERROR or "password" in str(error).lower()
            raise UploadRejected("encrypted" if encrypted else "broken") from error
        try:
            pages = len(document)
        finally:
            document.close()
    if pages < 1:
        raise UploadRejected("broken")
    if pages > MAX_PAGES:
        raise UploadRejected("too_many_pages", limit=MAX_PAGES)


def open_picture(data: bytes, formats: tuple[str, ...] = ("JPEG", "PNG")) -> Image.Image:
    """The picture, header read but pixels not yet; refuses too many pixels before any are unpacked.

    Raises UploadRejected: broken, too_many_pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=formats)
    except Image.DecompressionBombError as error:
        raise UploadRejected("too_many_pixels", limit=MAX_PIXELS) from error
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, KeyError, TypeError) as error:
        raise UploadRejected("broken") from error
    if picture.width * picture.height > MAX_PIXELS:
        raise UploadRejected("too_many_pixels", limit=MAX_PIXELS)
    return picture


def _check_picture(data: bytes, kind: Kind) -> None:
    picture = open_picture(data, ("JPEG",) if kind is Kind.JPG else ("PNG",))
    try:
        picture.verify()
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, KeyError, TypeError) as error:
        raise UploadRejected("broken") from error
