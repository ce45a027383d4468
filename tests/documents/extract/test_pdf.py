"""Blocks of PDF files: columns, paragraphs, tables, running heads, broken words, scans."""

from __future__ import annotations

import pytest

from documents.reading.extract import ReadFailure, extract
from documents.reading.extract.layout import glued
from tests.documents.extract.files import HIGH, WIDE, centred, flowed, grid, pdf, text_at, written


def texts(data: bytes, **options: bool) -> list[str]:
    return [block.text for block in extract(data, "a.pdf", **options).blocks]


def columns(y: float, *pairs: tuple[str, str]) -> str:
    """Lines of two columns."""
    return "".join(
        centred(60, 275, y + at * 18, left, 11) + centred(290, 570, y + at * 18, right, 11)
        for at, (left, right) in enumerate(pairs)
    )


HEADING = columns(
    60,
    ("ỦY BAN MTTQ VIỆT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    ("TỈNH MẪU", "Độc lập - Tự do - Hạnh phúc"),
    ("Số: 12/CTrPH-MTTQ-SYT", "Mẫu, ngày 05 tháng 02 năm 2026"),
)
LOCKED = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O ({'o' * 32}) /U ({'u' * 32}) /P -4 >> /ID [(a)(a)]"
LONG = (
    "Hai bên thống nhất ký Chương trình phối hợp gồm các nội dung dưới đây để cùng nhau thực hiện trong cả giai đoạn "
    "nói trên, bảo đảm thiết thực và không chồng chéo nhiệm vụ của mỗi bên."
)


def test_heading_goes_column_by_column() -> None:
    assert texts(pdf(HEADING + centred(85, 540, 140, "CHƯƠNG TRÌNH PHỐI HỢP"))) == [
        "ỦY BAN MTTQ VIỆT NAM", "TỈNH MẪU", "Số: 12/CTrPH-MTTQ-SYT", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc", "Mẫu, ngày 05 tháng 02 năm 2026", "CHƯƠNG TRÌNH PHỐI HỢP",
    ]  # fmt: skip


def test_signatures_go_column_by_column() -> None:
    body, y = flowed(LONG, 100, indent=36)
    body += columns(
        y + 30, ("TM. BAN THƯỜNG TRỰC", "GIÁM ĐỐC SỞ Y TẾ"), ("CHỦ TỊCH", ""), ("Nguyễn Văn A", "Trần Thị B")
    )
    assert texts(pdf(body))[1:] == ["TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH", "Nguyễn Văn A", "GIÁM ĐỐC SỞ Y TẾ", "Trần Thị B"]


def test_lines_become_paragraphs() -> None:
    first, y = flowed(LONG, 100, indent=36)
    second, y = flowed("Căn cứ " + LONG, y, indent=36)
    third, y = flowed("1. Nâng cao nhận thức của cán bộ, đoàn viên, hội viên và nhân dân trong toàn tỉnh.", y)
    assert texts(pdf(first + second + third)) == [
        LONG, "Căn cứ " + LONG, "1. Nâng cao nhận thức của cán bộ, đoàn viên, hội viên và nhân dân trong toàn tỉnh.",
    ]  # fmt: skip


def test_page_numbers_and_running_heads_go_and_the_paragraph_goes_on() -> None:
    words = LONG.split()
    first, _y = flowed(" ".join(words[:24]), 700)
    second, _y = flowed(" ".join(words[24:]), 70)
    pages = [
        text_at(85, 30, "Văn bản lưu hành nội bộ") + body + text_at(290, 820, shown)
        for body, shown in ((first, "1"), (second, "- 2 -"), (flowed("Hết.", 70)[0], "Trang 3/3"))
    ]
    source = extract(pdf(*pages), "a.pdf")
    assert source.text == f"{LONG}\nHết."
    assert [block.page for block in source.blocks] == [1, 3]
    assert source.pages == 3


def test_drawn_table_gives_rows_with_whole_cells() -> None:
    x, y = [85.0, 120.0, 400.0, 540.0], [200.0, 222.0, 262.0, 284.0]
    content = grid(x, y) + "".join(
        text_at(left + 4, top, text)
        for left, top, text in (
            (85, 215, "TT"), (120, 215, "Nhiệm vụ"), (400, 215, "Chủ trì"), (85, 237, "1"),
            (120, 237, "Xây dựng hai mươi ngôi nhà"), (120, 255, "cho hộ nghèo"), (400, 237, "Sở Xây dựng"),
            (85, 277, "2"), (120, 277, "Mở lớp"),
        )
    )  # fmt: skip
    source = extract(pdf(flowed(LONG, 100)[0] + content), "a.pdf")
    assert [block.text for block in source.blocks if block.kind == "row"] == [
        "TT\tNhiệm vụ\tChủ trì", "1\tXây dựng hai mươi ngôi nhà cho hộ nghèo\tSở Xây dựng", "2\tMở lớp\t",
    ]  # fmt: skip


def test_undrawn_columns_are_rows_too() -> None:
    rows = [("TT", "Nhiệm vụ", "Chủ trì"), ("1", "Xây nhà", "Sở Xây dựng"), ("2", "Mở lớp", "Sở Nội vụ")]
    content = "".join(
        text_at(left, 400 + at * 20, text)
        for at, row in enumerate(rows)
        for left, text in zip((85, 150, 400), row, strict=True)
    )
    first = "".join(flowed(f"Đoạn {number}.", 100 + number * 30)[0] for number in range(8))
    assert texts(pdf(first + content, flowed(LONG, 100)[0], flowed(LONG, 100)[0]))[8:11] == [
        "\t".join(row) for row in rows
    ]


@pytest.mark.parametrize(
    ("above", "below", "whole"),
    [
        ("Chương trình số 15/CTrPH-", "MTTQ-SYT", "Chương trình số 15/CTrPH-MTTQ-SYT"),
        ("Quyết định số 1579/", "QĐ-TTg", "Quyết định số 1579/QĐ-TTg"),
        ("công tác tuyên truy-", "ền", "công tác tuyên truyền"),
        ("phối\u00ad", "hợp", "phốihợp"),
        ("kinh tế -", "xã hội", "kinh tế - xã hội"),
        ("và/ ", "hoặc", "và/  hoặc"),
        ("một", "hai", "một hai"),
    ],
)
def test_broken_words_and_numbers(above: str, below: str, whole: str) -> None:
    assert glued(above, below) == whole


def test_broken_number_in_a_file() -> None:
    content = text_at(85, 100, "Căn cứ Quyết định của Thủ tướng Chính phủ phê duyệt số 1579/QĐ-")
    content += text_at(85, 118, "TTg về chăm sóc người cao tuổi.")
    assert "1579/QĐ-TTg" in texts(pdf(content))[0]


def test_turned_pages_read_the_same() -> None:
    for angle, matrix in ((90, "0 1 -1 0 {w} 0"), (180, "-1 0 0 -1 {w} {h}"), (270, "0 -1 1 0 0 {h}")):
        content = f"q {matrix.format(w=WIDE, h=HIGH)} cm\n{HEADING}Q\n"
        assert sorted(texts(pdf(content, rotate=angle))) == sorted(texts(pdf(HEADING)))


def test_scan_is_recognised() -> None:
    picture = "0.5 g 50 50 400 600 re f\n"
    for data in (pdf(picture, picture), pdf(picture + text_at(290, 820, "1")), pdf("")):
        with pytest.raises(ReadFailure) as caught:
            extract(data, "a.pdf")
        assert caught.value.code == "no_text"


def test_pages_without_text_are_named() -> None:
    (note,) = extract(pdf(flowed(LONG, 100)[0], "0.5 g 50 50 400 600 re f\n"), "a.pdf").notes
    assert (note.code, note.params) == ("pages_without_text", {"pages": [2]})


def test_old_encoding_of_a_pdf() -> None:
    content, _y = flowed("Uû ban MÆt trËn Tæ quèc ViÖt Nam tØnh vµ Së Y tÕ thèng nhÊt", 100)
    assert extract(pdf(content), "a.pdf").notes[0].code == "legacy_tcvn3"
    assert texts(pdf(content), convert=True) == ["Uỷ ban Mặt trận Tổ quốc Việt Nam tỉnh và Sở Y tế thống nhất"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\nnothing", "damaged"),
        (pdf("x")[:200], "damaged"),
        (pdf(*[""] * 501), "too_many_pages"),
        (
            written([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"],
                    LOCKED),
            "encrypted",
        ),
        (written([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]), None),
        (written([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [1 0 R] /Count 99999999 >>"]), None),
    ],
)  # fmt: skip
def test_odd_files_have_a_name(data: bytes, code: str | None) -> None:
    with pytest.raises(ReadFailure) as caught:
        extract(data, "a.pdf")
    assert code is None or caught.value.code == code
