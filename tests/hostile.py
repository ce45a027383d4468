"""Values and files that no form may fall over: what people paste by accident and what others send on purpose."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle, islice

from PIL import Image

SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
LONG = ("Đ" + "d" * 15) * 4_096  # with letters that a form sends as they are: to read 64 KB of others takes 30 ms

# One-line and long texts. Names stand in the failure report.
TEXTS = {
    "decomposed": unicodedata.normalize("NFD", "Tuyên truyền, vận động nhân dân giảm nghèo bền vững"),
    "control characters": "Hội nghị\x07 \x00liên tịch\x1b[31m\x7f",
    "invisible only": "\u202e\u200b\u2066\u200d\ufeff",
    "64 KB": LONG,
    "script": SCRIPT,
    "sql": "'; DROP TABLE agreements_programme; --",
    "template": "{{ 7|add:7 }}{% load nothing %}${7*7} %(name)s %s %d {0} {name!r}",
    "spaces": " \t\u00a0\u3000 ",
    "line breaks": "dòng một\r\ndòng hai\u2028dòng ba\x85dòng bốn",
    "path": "..\\..//etc/passwd%00\u2044",
    "stacked marks": "a" + "\u0301" * 500,
    "beyond the first plane": "𝒳 🧑‍🌾 \U000e0041 \ufffe",
}
DATES = (
    "31/02/2026", "5/3/26", "hôm qua", "00/00/0000", "2026-13-45", "9" * 40, "٣١/١٢/٢٠٢٦", "01/01/0001", "31/12/9999",
    "29/02/2025", "1.1.1899", "05/03/2026 <script>alert(1)</script>",
)  # fmt: skip
NUMBERS = (
    "1.234,5", "1,5", "abc", "1e999", "9" * 60, "-5", "NaN", "Infinity", "1.234.56", "٣", "99999999999999999",
    "0,000000001",
)  # fmt: skip
# Instead of the id or code of an option, and in hidden fields.
CHOICES = ("abc", "999999999999999999999999", "-1", "' OR 1=1", "\u200b", "0", SCRIPT, "1.5", "٣", "\x00")
ROUNDS = len(TEXTS)


def pool(kind: str) -> list[tuple[str, str]]:
    """Return ROUNDS pairs (name, value) for a kind of control: text, date or number."""
    if kind in {"date", "number"}:
        values = DATES if kind == "date" else NUMBERS
        return [(value[:20], value) for value in islice(cycle(values), ROUNDS)]
    return list(TEXTS.items())


def sharpest(kind: str) -> str:
    """Return the value that is tried alone in one control, the others as they were."""
    return {"date": "31/02/2026", "number": "1e999", "choice": CHOICES[1]}.get(kind, LONG + SCRIPT)


# ------------------------------------------------------------------------------------------------- files


@dataclass(frozen=True)
class HostileFile:
    """A file as a browser would send it; code: the refusal of documents.uploads that names the problem."""

    name: str
    data: bytes
    mime: str
    code: str

    def upload(self) -> io.BytesIO:
        """Return what the test client posts."""
        stream = io.BytesIO(self.data)
        stream.name = self.name  # type: ignore[attr-defined]
        return stream


# RC4 with a password; the cross-reference is rebuilt by the reader.
_LOCKED_PDF = b"""%%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [3 0 R] /Count 1 >>
endobj
3 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] >>
endobj
4 0 obj
<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>
endobj
trailer
<< /Root 1 0 R /Encrypt 4 0 R /ID [<00> <00>] /Size 5 >>
%%%%EOF
""" % (b"ab" * 32, b"cd" * 32)


def _bomb() -> bytes:
    """Return a DOCX of 30 KB that unpacks to 30 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"<w:document>" + b"0" * (30 * 1024 * 1024))
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    """Return a PNG that says it has that many pixels and holds none."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def _word(content: bytes) -> bytes:
    """Return a DOCX with this as its document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", content)
    return out.getvalue()


def _gif_and_page() -> bytes:
    """Return bytes that are a GIF to one reader and a page with a script to another."""
    out = io.BytesIO()
    Image.new("P", (8, 8)).save(out, "GIF")
    return out.getvalue() + b"<html><script>alert(1)</script></html>"


@lru_cache(maxsize=1)
def files() -> dict[str, HostileFile]:
    """Return the files by what is wrong with them."""
    pdf = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    script_name = "<img src=x onerror=alert(1)>\u202e.jpg"
    return {
        "empty": HostileFile("trong.pdf", b"", "application/pdf", "empty"),
        "25 MB": HostileFile("lon.pdf", pdf + b"0" * (25 * 1024 * 1024), "application/pdf", "too_big"),
        "renamed": HostileFile("anh.jpg", pdf, "image/jpeg", "renamed"),
        "locked": HostileFile("khoa.pdf", _LOCKED_PDF, "application/pdf", "encrypted"),
        "bomb": HostileFile("bom.docx", _bomb(), word, "zip_bomb"),
        "gif and page": HostileFile("anh.png", _gif_and_page(), "image/png", "renamed"),
        "page as photo": HostileFile(script_name, b"<html><script>alert(1)</script>", "image/jpeg", "renamed"),
        "macros": HostileFile("chuong-trinh.docm", _word(b"<w:document/>"), word, "macros"),
        "document type": HostileFile("thuc-the.docx", _word(b"<!DOCTYPE d><d/>"), word, "doctype"),
        "pixels": HostileFile("to.png", png(60_000, 60_000), "image/png", "too_many_pixels"),
        "program": HostileFile("chay.exe", b"MZ\x90\x00" * 20, "application/octet-stream", "wrong_kind"),
        "broken": HostileFile("hong.docx", b"PK\x03\x04" + b"x" * 200, word, "broken"),
    }


def good_file() -> HostileFile:
    """Return a picture that every form with files takes."""
    out = io.BytesIO()
    Image.new("RGB", (16, 12), "teal").save(out, "JPEG")
    return HostileFile("anh.jpg", out.getvalue(), "image/jpeg", "")
