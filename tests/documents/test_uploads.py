"""Files are judged by content; hostile ones are refused with a code before anything parses them."""

import io
import struct
import zipfile
import zlib

import pypdfium2
import pytest
from PIL import Image

from documents import uploads
from documents.uploads import MAX_BYTES, Kind, UploadRejected, sniff

TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def archive(members: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return out.getvalue()


def docx(**more: bytes | str) -> bytes:
    return archive({"[Content_Types].xml": TYPES, "word/document.xml": "<w:document/>", **more})


def xlsx() -> bytes:
    return archive({"[Content_Types].xml": TYPES, "xl/workbook.xml": "<workbook/>"})


def picture(form: str, size: tuple[int, int] = (8, 6)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form)
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(100, 100)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


# RC4 encrypted with a user password; the cross-reference is rebuilt by the reader
ENCRYPTED_PDF = b"""%PDF-1.4
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
<< /Filter /Standard /V 1 /R 2 /P -4 /O <""" + b"ab" * 32 + b"> /U <" + b"cd" * 32 + b"""> >>
endobj
trailer
<< /Root 1 0 R /Encrypt 4 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Size 5 >>
%%EOF
"""  # fmt: skip


def refused(data: bytes, name: str) -> UploadRejected:
    with pytest.raises(UploadRejected) as caught:
        sniff(data, name)
    return caught.value


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (pdf(), "Chương trình.PDF", Kind.PDF),
        (docx(), "văn bản.docx", Kind.DOCX),
        (xlsx(), "phụ lục.xlsx", Kind.XLSX),
        (picture("JPEG"), "ảnh.jpeg", Kind.JPG),
        (picture("JPEG"), "ảnh.JPG", Kind.JPG),
        (picture("PNG"), "C:\\ảnh\\x.png", Kind.PNG),
        (pdf(), "khong-duoi", Kind.PDF),
    ],
)
def test_accepted_kinds(data: bytes, name: str, kind: Kind) -> None:
    assert sniff(data, name) is kind
    assert kind.mime.count("/") == 1
    assert kind.is_photo is (kind in (Kind.JPG, Kind.PNG))


def test_empty_and_too_big() -> None:
    assert refused(b"", "a.pdf").code == "empty"
    big = refused(b"%PDF-" + b"0" * MAX_BYTES, "a.pdf")
    assert (big.code, big.params["size"], big.params["limit"]) == ("too_big", MAX_BYTES + 5, MAX_BYTES)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<svg/>", "a.svg"),
        (b"MZ", "a.exe"),
        (b"abc", "khong-duoi"),
        (b"GIF89a", "anh"),
        (archive({"a.txt": "x"}), "khong-duoi"),
    ],
)
def test_other_kinds(data: bytes, name: str) -> None:
    assert refused(data, name).code == "wrong_kind"


def test_old_office_files_are_another_kind() -> None:
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.docx").code == "wrong_kind"


@pytest.mark.parametrize(
    ("data", "name", "actual"),
    [
        (picture("PNG"), "a.pdf", "png"),
        (pdf(), "a.docx", "pdf"),
        (docx(), "a.xlsx", "docx"),
        (xlsx(), "a.docx", "xlsx"),
        (picture("GIF"), "a.png", "gif"),
        (b"<html><script>", "a.jpg", "html"),
        (archive({"a.txt": "x"}), "a.docx", "zip"),
    ],
)
def test_renamed_files_say_what_they_are(data: bytes, name: str, actual: str) -> None:
    error = refused(data, name)
    assert (error.code, error.params["actual"]) == ("renamed", actual)


def test_encrypted_files() -> None:
    assert refused(ENCRYPTED_PDF, "a.pdf").code == "encrypted"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64 + "EncryptedPackage".encode("utf-16-le")
    assert refused(ole, "a.docx").code == "encrypted"
    locked = bytearray(docx())
    at = locked.index(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert refused(bytes(locked), "a.docx").code == "encrypted"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7 and nothing else", "a.pdf"),
        (b"garbage", "a.pdf"),
        (picture("PNG")[:40], "a.png"),
        (b"\xff\xd8\xff\xe0garbage", "a.jpg"),
        (docx()[:-30], "a.docx"),
        (docx(**{"../evil.xml": "x"}), "a.docx"),
        (docx(**{"/etc/passwd": "x"}), "a.docx"),
    ],
)
def test_broken_files(data: bytes, name: str) -> None:
    assert refused(data, name).code == "broken"


def test_a_damaged_member_is_broken() -> None:
    data = bytearray(
        archive({"[Content_Types].xml": TYPES, "word/document.xml": "<w:document/>" * 50}, zipfile.ZIP_STORED)
    )
    at = data.index(b"<w:document/>")
    data[at] ^= 0xFF
    assert refused(bytes(data), "a.docx").code == "broken"


def test_twice_the_same_name_is_broken() -> None:
    out = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "w") as target:
        for name in ("[Content_Types].xml", "word/document.xml", "word/document.xml"):
            target.writestr(name, TYPES)
    assert refused(out.getvalue(), "a.docx").code == "broken"


def test_both_word_and_sheet_is_neither() -> None:
    both = archive({"[Content_Types].xml": TYPES, "word/document.xml": "x", "xl/workbook.xml": "x"})
    assert refused(both, "a.docx").code == "renamed"


def test_macros() -> None:
    assert refused(docx(**{"word/vbaProject.bin": b"x"}), "a.docx").code == "macros"
    assert refused(docx(**{"word/activeX/activeX1.xml": "x"}), "a.docx").code == "macros"
    assert refused(docx(), "a.docm").code == "macros"
    enabled = archive({"[Content_Types].xml": TYPES + "<!-- macroEnabled -->", "word/document.xml": "x"})
    assert refused(enabled, "a.docx").code == "macros"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_document_types_are_refused_in_every_encoding(encoding: str) -> None:
    evil = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(encoding)
    assert refused(docx(**{"word/settings.xml": evil}), "a.docx").code == "doctype"


def test_a_document_type_across_the_border_of_two_blocks() -> None:
    evil = b" " * (65_536 - 4) + b"<!DOCTYPE a>"
    assert refused(docx(**{"word/settings.xml": evil}), "a.docx").code == "doctype"


def test_bombs_by_size_ratio_and_number() -> None:
    assert refused(docx(**{"word/media/a.bin": b"\0" * (21 * 1024 * 1024)}), "a.docx").code == "zip_bomb"
    assert refused(docx(**{"word/media/a.bin": b"\0" * (3 * 1024 * 1024)}), "a.docx").code == "zip_bomb"
    many = {f"word/media/{number}.bin": b"" for number in range(uploads.MAX_ENTRIES)}
    assert refused(docx(**many), "a.docx").code == "zip_bomb"


def test_a_repetitive_small_document_is_no_bomb() -> None:
    assert sniff(docx(**{"word/styles.xml": "<a/>" * 100_000}), "a.docx") is Kind.DOCX


def test_too_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_PAGES", 2)
    assert refused(pdf(3), "a.pdf").code == "too_many_pages"
    assert sniff(pdf(2), "a.pdf") is Kind.PDF


def giant_png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 9_000), (60_000, 60_000)])
def test_too_many_pixels_are_refused_by_the_header(size: tuple[int, int]) -> None:
    assert refused(giant_png(*size), "a.png").code == "too_many_pixels"
