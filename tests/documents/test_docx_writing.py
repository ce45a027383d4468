"""Papers as Word files: opened by another program and by our own reader, in the layout of decree 30/2020/NĐ-CP."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import docx as word
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from documents import uploads
from documents.reading.extract import extract
from documents.writing import docx, layout
from documents.writing.paper import Margins, Paper, Paragraph, Rule, Table, Text

ROWS = [("1", "Kiểm tra bếp ăn <b> & “khuỷu”", "CT-2024-006", "30/09/2026", "60"), ("2", "Báo cáo", "CT-1", "x", "3")]
LETTER = layout.paper(
    "V/v đôn đốc",
    [
        layout.heading(
            "ỦY BAN MTTQ VIỆT NAM TỈNH HƯNG NINH", "Số:       /MTTQ-BTT", "V/v đôn đốc", "Hưng Ninh, ngày 5"
        ),
        layout.addressee("Kính gửi: Sở Y tế"),
        *layout.body("Còn 2 nội dung quá thời hạn:", after=layout.GAP),
        layout.listing((11, 74, 32, 24, 24), ("TT", "Nội dung", "Chương trình", "Thời hạn", "Ngày"), ROWS, {0, 3, 4}),
        *layout.body("Đề nghị hoàn thành.\n\n  Trân trọng./.  "),
        layout.foot("Nơi nhận:", ("Như trên;", "Lưu: VT."), "TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH"),
    ],
)
# The order in which the format wants what describes a paragraph, a text, a table and a page (ECMA-376, part 1, A.1).
ORDERS = {
    "pPr": "keepNext pBdr spacing ind jc rPr",
    "rPr": "b bCs i iCs sz szCs",
    "tblPr": "tblW tblInd tblBorders tblLayout tblCellMar",
    "tblBorders": "top left bottom right insideH insideV",
    "tblCellMar": "left right",
    "trPr": "cantSplit tblHeader",
    "tcPr": "tcW",
    "sectPr": "headerReference pgSz pgMar titlePg",
    "tbl": "tblPr tblGrid tr",
    "tr": "trPr tc",
    "tc": "tcPr p",
    "p": "pPr r",
}


def opened(paper: Paper = LETTER):
    return word.Document(io.BytesIO(docx.write(paper)))


def near(length, wanted) -> bool:
    return abs(length - wanted) < Mm(0.1)


def test_the_page_is_that_of_the_decree():
    file = opened()
    (section,) = file.sections
    assert near(section.page_width, Mm(210)) and near(section.page_height, Mm(297))
    assert near(section.top_margin, Mm(20)) and near(section.bottom_margin, Mm(20))
    assert near(section.left_margin, Mm(30)) and near(section.right_margin, Mm(15))
    fonts = file.styles.element.find(f".//{qn('w:rPrDefault')}").find(f".//{qn('w:rFonts')}")
    assert {fonts.get(qn(f"w:{name}")) for name in ("ascii", "hAnsi", "cs", "eastAsia")} == {"Times New Roman"}
    assert section.different_first_page_header_footer  # no number on the first page
    (number,) = section.header.paragraphs
    assert number.alignment == WD_ALIGN_PARAGRAPH.CENTER
    field = number._p.find(qn("w:fldSimple"))
    assert field.get(qn("w:instr")).strip() == "PAGE"
    assert field.find(f".//{qn('w:sz')}").get(qn("w:val")) == "26"  # 13 points, counted in halves
    assert section.first_page_header.is_linked_to_previous  # there is none
    assert file.core_properties.title == "V/v đôn đốc" and file.core_properties.language == "vi-VN"


def test_heading_body_table_and_foot_stand_as_the_decree_has_them():
    head, listing, foot = opened().tables
    left, right = head.rows[0].cells
    assert [one.text for one in left.paragraphs if one.text] == [
        "ỦY BAN MTTQ VIỆT NAM TỈNH HƯNG NINH", "Số:       /MTTQ-BTT", "V/v đôn đốc",
    ]  # fmt: skip
    nation, motto, rule, place = right.paragraphs
    assert (nation.text, motto.text, place.text) == (layout.NATION, layout.MOTTO, "Hưng Ninh, ngày 5")
    assert [one.runs[0].font.size for one in (nation, motto, place)] == [Pt(12), Pt(13), Pt(13)]
    assert nation.runs[0].bold and motto.runs[0].bold and place.runs[0].italic and not place.runs[0].bold
    assert all(one.alignment == WD_ALIGN_PARAGRAPH.CENTER for one in (nation, motto, rule, place))
    indents = rule._p.pPr.find(qn("w:ind"))
    side = int(indents.get(qn("w:left")))
    assert side == int(indents.get(qn("w:right")))  # as long as the motto, in the middle
    assert abs(layout.HEAD[1] - 2 * side / 1440 * 25.4 - layout.MOTTO_LENGTH) < 0.1
    assert not head._tbl.findall(f".//{qn('w:tblBorders')}/{qn('w:top')}[@{qn('w:val')}='single']")
    assert [[cell.text for cell in row.cells] for row in listing.rows][1:] == [list(row) for row in ROWS]
    assert [bool(row._tr.findall(f".//{qn('w:tblHeader')}")) for row in listing.rows] == [True, False, False]
    assert sum(column.width for column in listing.columns) == pytest.approx(Mm(165), abs=Mm(0.2))
    assert listing.rows[1].cells[3].paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.CENTER
    left, right = foot.rows[0].cells
    assert [one.text for one in left.paragraphs] == ["Nơi nhận:", "- Như trên;", "- Lưu: VT."]
    assert [one.runs[0].font.size for one in left.paragraphs] == [Pt(12), Pt(11), Pt(11)]
    assert left.paragraphs[0].runs[0].bold and left.paragraphs[0].runs[0].italic
    assert right.paragraphs[0].runs[0].bold and right.paragraphs[1].paragraph_format.space_after == Pt(72)


def test_the_body_is_justified_indented_and_spaced():
    body = [one for one in opened().paragraphs if one.text.startswith(("Còn", "Đề nghị", "Trân"))]
    assert [one.text for one in body] == ["Còn 2 nội dung quá thời hạn:", "Đề nghị hoàn thành.", "Trân trọng./."]
    for one in body:
        assert one.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
        assert near(one.paragraph_format.first_line_indent, Mm(10))
        assert one.paragraph_format.space_before == Pt(6) and 1 <= one.paragraph_format.line_spacing <= 1.5
        assert one.runs[0].font.size == Pt(14)


def test_our_own_reader_reads_it_in_order_and_takes_it_for_what_it_is():
    data = docx.write(LETTER)
    assert uploads.sniff(data, "cong-van.docx").mime == docx.MIME
    text = "\n".join(block.text for block in extract(data, "cong-van.docx").blocks)
    places = [text.index(words) for words in ("CỘNG HÒA", "Kính gửi", "Còn 2", "Kiểm tra bếp ăn <b> & “khuỷu”",
                                              "Trân trọng", "CHỦ TỊCH")]  # fmt: skip
    assert places == sorted(places)


def test_elements_stand_in_the_order_of_the_format():
    with zipfile.ZipFile(io.BytesIO(docx.write(LETTER))) as archive:
        root = ElementTree.fromstring(archive.read("word/document.xml"))
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))  # each part is sound
    seen = set()
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name in ORDERS:
            order = ORDERS[name].split()
            places = [order.index(child.tag.rpartition("}")[2]) for child in element]
            assert places == sorted(places), name
            seen.add(name)
    assert seen == set(ORDERS)
    cells = root.iter(f"{{{docx.W}}}tc")
    assert all(cell[-1].tag.endswith("}p") for cell in cells)  # a cell ends with a paragraph


def test_the_same_paper_is_the_same_bytes_and_texts_are_never_markup():
    assert docx.write(LETTER) == docx.write(LETTER)
    hostile = "</w:t></w:r><w:p/>&amp; \x00\x0b\ud800\ufffe e\u0302 ]]>"
    paper = Paper(
        hostile, Margins(20, 20, 30, 15), 'Times" x="', 13, (Paragraph((Text(f"{hostile}\nhai dòng", 14),)), Rule(500))
    )
    file = opened(paper)
    assert file.paragraphs[0].text == "</w:t></w:r><w:p/>&amp;  ê ]]>\nhai dòng"
    assert file.core_properties.title == "</w:t></w:r><w:p/>&amp;  ê ]]>"
    assert len(file.paragraphs) == 2
    assert opened(Paper("", paper.margins, "Arial", 13, ())).paragraphs[0].text == ""
    assert opened(Paper("", paper.margins, "Arial", 13, (Table((20,), (((Rule(5),),),)),))).tables[0].rows[0].cells
