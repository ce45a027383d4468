"""Files made to do harm, built by name: bombs, entities, macros, endless structures, broken and renamed files."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

from tests.documents.extract.files import W, docx, par, pdf, text_at, written

_XML = f'<?xml version="1.0"?>{{dtd}}<w:document xmlns:w="{W}"><w:body>{{body}}</w:body></w:document>'
_PAGES = b"<< /Type /Catalog /Pages 2 0 R >>"


def _document(body: str = "", dtd: str = "") -> bytes:
    return docx(parts={"word/document.xml": _XML.format(dtd=dtd, body=body)})


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def nested() -> bytes:
    """Archives in archives, 16 GB in all: never opened, for they are no part of the text."""
    inner = b"0" * 4_000_000
    for _round in range(4):
        inner = _zip({f"{at}.zip": inner for at in range(8)})
    return docx(par("x"), parts={"word/embeddings/oleObject1.bin": inner})


def _lying() -> bytes:
    """An archive whose list says that its entries are small."""
    data = bytearray(docx(parts={"word/document.xml": b"<a>" + b"A" * 25_000_000 + b"</a>"}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(data)


def _deep_pdf() -> bytes:
    nested = b"[" * 200_000 + b"]" * 200_000
    return written(
        [_PAGES, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /X " + nested + b" >>"]
    )


def _stream_bomb(times: int = 1) -> bytes:
    packed = zlib.compress(b"BT " * 20_000_000, 9)
    filters = "[" + "/FlateDecode " * times + "]"
    for _more in range(times - 1):
        packed = zlib.compress(packed, 9)
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
    stream = f"<< /Length {len(packed)} /Filter {filters} >>\nstream\n".encode() + packed + b"\nendstream"
    return written([_PAGES, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page.encode(), stream])


def _form_loop() -> bytes:
    """A form that draws itself, many times."""
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /A 5 0 R >> >> >>"
    )
    draw = b"/A Do " * 300
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 5 0 R >> >> "
    form += b"/Length %d >>\nstream\n"
    return written([
        _PAGES, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page,
        b"<< /Length %d >>\nstream\n" % len(draw) + draw + b"\nendstream",
        form % len(draw) + draw + b"\nendstream",
    ])  # fmt: skip


def _page_tree_loop() -> bytes:
    around = b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 3 0 R] /Count 400 >>"
    return written([_PAGES, b"<< /Type /Pages /Kids [3 0 R] /Count 400 >>", around])


def _previous_loop() -> bytes:
    data = pdf(text_at(85, 100, "x"))
    at = data.rfind(b"xref", 0, data.rfind(b"startxref"))
    return data.replace(b"trailer << ", b"trailer << /Prev %d " % at)


def _letters(count: int) -> bytes:
    """Millions of letters on one page."""
    line = "BT /F1 1 Tf 10 {} Td <" + "0061" * 5000 + "> Tj ET\n"
    return pdf("".join(line.format(at) for at in range(count // 5000)))


# name → the bytes, the name of the file, and the codes of which one has to come
Case = tuple[Callable[[], bytes], str, set[str]]
_STOPPED = {"no_text", "timeout", "damaged", "memory"}
_ENTITIES = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;">]>'
_OUTER = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
_UTF16 = _XML.format(dtd="<!DOCTYPE d>", body=par("x")).replace('1.0"', '1.0" encoding="utf-16"').encode("utf-16")
_MACRO_TYPES = '<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600

# Those that cost time or memory: opened in the child only.
HEAVY: dict[str, Case] = {
    "zip bomb in the text": (lambda: _document(par("A" * 25_000_000)), "a.docx", {"bomb"}),
    "zip bomb in a picture": (lambda: docx(par("x"), parts={"word/media/a.png": bytes(4 * 10**7)}), "a.docx", {"bomb"}),
    "zip bomb that lies": (_lying, "a.docx", {"bomb", "damaged"}),
    "millions of elements": (lambda: _document("<w:p/>" * 2_500_000), "a.docx", {"bomb", "memory", "empty"}),
    "elements in each other": (
        lambda: _document("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000), "a.docx", {"bomb", "damaged", "memory"},
    ),
    "PDF that loops in its pages": (_page_tree_loop, "a.pdf", _STOPPED),
    "PDF that loops in its tables": (_previous_loop, "a.pdf", _STOPPED),
    "PDF that draws itself": (_form_loop, "a.pdf", _STOPPED),
    "PDF with a deep array": (_deep_pdf, "a.pdf", _STOPPED),
    "PDF with a stream bomb": (_stream_bomb, "a.pdf", _STOPPED),
    "PDF with a bomb in a bomb": (lambda: _stream_bomb(3), "a.pdf", _STOPPED),
    "PDF with too many letters": (lambda: _letters(3_000_000), "a.pdf", {"too_large", "timeout", "memory"}),
}  # fmt: skip
# Those that are known before anything is parsed.
PLAIN: dict[str, Case] = {
    "many entries": (lambda: docx(par("x"), parts={f"word/{at}.xml": "" for at in range(2_100)}), "a.docx", {"bomb"}),
    "entity bomb": (lambda: _document(par("&c;"), _ENTITIES), "a.docx", {"doctype"}),
    "outer entity": (lambda: _document(par("&a;"), _OUTER), "a.docx", {"doctype"}),
    "document type alone": (lambda: _document(par("x"), "<!DOCTYPE d>"), "a.docx", {"doctype"}),
    "entities in the styles": (
        lambda: docx(par("x"), parts={"word/styles.xml": _ENTITIES + "<a/>"}),
        "a.docx",
        {"doctype"},
    ),
    "document type in UTF-16": (lambda: docx(parts={"word/document.xml": _UTF16}), "a.docx", {"doctype"}),
    "macros": (lambda: docx(par("x"), parts={"word/vbaProject.bin": b"\xd0\xcf"}), "a.docx", {"macros"}),
    "macros by type": (lambda: docx(par("x"), types=_MACRO_TYPES), "a.docx", {"macros"}),
    "macro file": (lambda: docx(par("x")), "a.docm", {"macros"}),
    "password": (lambda: _OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", {"encrypted"}),
    "old Word": (lambda: _OLE, "a.doc", {"unknown_kind"}),
    "path out of the archive": (lambda: docx(par("x"), parts={"../../x.xml": "<a/>"}), "a.docx", {"damaged"}),
    "truncated": (lambda: docx(par("x" * 5000))[:-300], "a.docx", {"damaged"}),
    "no document in it": (lambda: _zip({"a.txt": b"x"}), "a.docx", {"renamed"}),
    "web page as Word": (lambda: b"<html><script>alert(1)</script>", "a.docx", {"renamed"}),
    "Word as PDF": (lambda: docx(par("x")), "a.pdf", {"renamed"}),
    "PDF as text": (lambda: pdf(text_at(85, 100, "x")), "a.txt", {"renamed"}),
    "program": (lambda: b"MZ\x90\0" * 100, "a.exe", {"unknown_kind"}),
    "PDF cut off": (lambda: pdf(text_at(85, 100, "Chương trình phối hợp " * 2))[:400], "a.pdf", {"damaged"}),
    "PDF of 501 pages": (lambda: pdf(*[""] * 501), "a.pdf", {"too_many_pages"}),
}
