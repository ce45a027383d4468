"""Tables: what a spreadsheet says, as text, within limits."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import tables

SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{rows}</sheetData></worksheet>"
)


def workbook(rows: str) -> bytes:
    """Return a small XLSX around the rows of its only sheet; style 1 is a day."""
    main, office = "http://schemas.openxmlformats.org/", "officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{main}package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{main}package/2006/relationships">'
        f'<Relationship Id="r1" Type="{main}{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}spreadsheetml/2006/main" xmlns:r="{main}{office}">'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{main}package/2006/relationships">'
        f'<Relationship Id="r1" Type="{main}{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{main}{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": SHEET.format(rows=rows),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def text_cell(at: str, text: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_a_sheet_gives_days_numbers_and_values_of_formulas_as_text() -> None:
    rows = f'<row r="1">{text_cell("A1", "Loại")}{text_cell("B1", "Ngày")}{text_cell("C1", "Năm")}</row>'
    formula = '<c r="C2"><f>2000+21</f><v>2021</v></c>'
    rows += f'<row r="2">{text_cell("A2", "=1+1")}<c r="B2" s="1"><v>44370</v></c>{formula}</row>'
    assert tables.read_xlsx(workbook(rows)) == [["Loại", "Ngày", "Năm"], ["=1+1", "23/06/2021", "2021"]]


@pytest.mark.parametrize(
    ("cell", "code"), [("A1048576", "too_many_rows"), ("XFD2", "too_many_columns"), ("AAAAAAA1", "too_many_columns")]
)
def test_a_cell_far_out_is_refused_before_the_rectangle_is_made(cell: str, code: str) -> None:
    rows = f'<row r="1">{text_cell("A1", "Loại")}</row><row r="2">{text_cell(cell, "x")}</row>'
    with pytest.raises(tables.UnreadableTable) as caught:
        tables.read_xlsx(workbook(rows))
    assert caught.value.code == code


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", workbook("<row")[:-40]])
def test_a_damaged_sheet_is_a_named_error(data: bytes) -> None:
    with pytest.raises(tables.UnreadableTable):
        tables.read_xlsx(data)


@pytest.mark.parametrize(
    "data",
    [
        "Loại,Số\nChỉ thị,05-CT/TW\n".encode("utf-8-sig"),
        "Loại;Số\r\nChỉ thị;05-CT/TW\r\n".encode(),
        "Loại\tSố\nChỉ thị\t05-CT/TW\n\n\n".encode("utf-16"),
        'Loại\tSố\n"Chỉ thị"\t 05-CT/TW \t\n',
    ],
)
def test_csv_in_the_ways_people_save_it(data: bytes | str) -> None:
    assert tables.read_csv(data) == [["Loại", "Số"], ["Chỉ thị", "05-CT/TW"]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xd8\xff\xe0", "not_text"),
        (b"a\0b,c\nd,e", "not_text"),
        (b"", "no_rows"),
        (b"Lo\n", "no_rows"),
        (("a,b\n" + "c,d\n" * (tables.MAX_ROWS + 1)).encode(), "too_many_rows"),
        (b",,,\n,,,\n", "no_rows"),
        (b"a,b\n" + b"x," * 60 + b"y\n", "too_many_columns"),
    ],
)
def test_what_is_no_table_is_a_named_error(data: bytes, code: str) -> None:
    with pytest.raises(tables.UnreadableTable) as caught:
        tables.read_csv(data)
    assert caught.value.code == code


FORMULAS = ["=1+1", "+84 912", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", '=HYPERLINK("x")']


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_written_as_a_formula(text: str) -> None:
    written = tables.write_csv([[text, "b"]]).decode("utf-8-sig")
    (row,) = csv.reader(io.StringIO(written, newline=""), delimiter=";")
    assert row == [f"'{text}", "b"]


def test_a_table_as_csv() -> None:
    rows = [
        ["Đơn vị", "Đạt; %"],
        ["Sở Y tế", Decimal("-61.50")],
        [7, None],
        [True, datetime.date(2026, 3, 5)],
        ["a\0", -1],
    ]
    data = tables.write_csv(rows)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").split("\r\n") == [
        'Đơn vị;"Đạt; %"', "Sở Y tế;-61,50", "7;", "1;05/03/2026", "a;-1", ""
    ]  # fmt: skip


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=4), min_size=1
    )
)
def test_what_is_written_is_read_back_as_text(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(tables.write_csv(rows).decode("utf-8-sig"), newline=""), delimiter=";"))
    for before, after in zip(rows, read, strict=True):
        for text, cell in zip(before, after, strict=True):
            assert cell in {text, f"'{text}"}
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
