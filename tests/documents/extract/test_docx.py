"""Blocks of Word files: order, numbering, tracked changes, text boxes, tables, heading and signatures, old fonts."""

from __future__ import annotations

import pytest

from documents.reading.extract import ReadFailure, extract
from tests.documents.extract.files import (
    W,
    docx,
    level,
    numbered,
    numbering,
    par,
    part,
    run,
    table,
)

OUTLINE = numbering(level(0, "upperRoman", "%1.") + level(1, "decimal", "%2.") + level(2, "lowerLetter", "%3)"))


def texts(data: bytes, **options: bool) -> list[str]:
    return [block.text for block in extract(data, "a.docx", **options).blocks]


def kinds(data: bytes) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in extract(data, "a.docx").blocks]


def test_paragraphs_and_tables_keep_their_order() -> None:
    data = docx(par("Trước bảng"), table([["TT", "Nhiệm vụ"], ["1", "Xây nhà"], ["2", "Mở lớp"]]), par("Sau bảng"))
    assert kinds(data) == [
        ("paragraph", "Trước bảng"),
        ("row", "TT\tNhiệm vụ"),
        ("row", "1\tXây nhà"),
        ("row", "2\tMở lớp"),
        ("paragraph", "Sau bảng"),
    ]


class TestNumbering:
    def test_levels_restart_below_a_new_one(self) -> None:
        body = [("A", 0), ("a", 1), ("b", 1), ("x", 2), ("B", 0), ("c", 1)]
        data = docx(*(numbered(text, at) for text, at in body), parts={"word/numbering.xml": OUTLINE})
        assert texts(data) == ["I. A", "1. a", "2. b", "a) x", "II. B", "1. c"]

    def test_several_levels_in_one_label_and_legal_numbers(self) -> None:
        levels = level(0, "upperRoman", "%1.") + level(1, "decimal", "%1.%2.", extra="<w:isLgl/>")
        data = docx(numbered("A"), numbered("a", 1), numbered("b", 1), parts={"word/numbering.xml": numbering(levels)})
        assert texts(data) == ["I. A", "1.1. a", "1.2. b"]

    def test_a_second_list_may_start_anew(self) -> None:
        lists = (
            '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/>'
            '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        )
        made = numbering(level(0, "decimal", "%1."), lists)
        body = [numbered("một"), numbered("hai"), numbered("lại một", name=2), numbered("lại hai", name=2)]
        assert texts(docx(*body, parts={"word/numbering.xml": made})) == [
            "1. một",
            "2. hai",
            "1. lại một",
            "2. lại hai",
        ]

    def test_start_bullets_and_levels_that_never_restart(self) -> None:
        levels = level(0, "decimal", "Điều %1.", start=5) + level(
            1, "decimal", "%2.", extra='<w:lvlRestart w:val="0"/>'
        )
        levels += level(2, "bullet", "\uf0b7")
        body = [numbered("A"), numbered("a", 1), numbered("B"), numbered("b", 1), numbered("gạch", 2)]
        made = {"word/numbering.xml": numbering(levels)}
        assert texts(docx(*body, parts=made)) == ["Điều 5. A", "1. a", "Điều 6. B", "2. b", "- gạch"]

    def test_numbering_of_a_style_and_switched_off(self) -> None:
        styles = (
            f'<w:styles xmlns:w="{W}"><w:style w:type="paragraph" w:styleId="muc"><w:pPr><w:numPr><w:numId w:val="1"/>'
            '</w:numPr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="con"><w:basedOn w:val="muc"/></w:style>'
            "</w:styles>"
        )
        body = [
            par("A", properties='<w:pStyle w:val="con"/>'),
            par("không", properties='<w:pStyle w:val="con"/><w:numPr><w:numId w:val="0"/></w:numPr>'),
            par("B", properties='<w:pStyle w:val="muc"/>'),
        ]
        assert texts(docx(*body, parts={"word/numbering.xml": OUTLINE, "word/styles.xml": styles})) == [
            "I. A", "không", "II. B",
        ]  # fmt: skip

    def test_letters_go_on_after_z(self) -> None:
        made = numbering(level(0, "lowerLetter", "%1)"))
        shown = texts(docx(*(numbered("m") for _ in range(28)), parts={"word/numbering.xml": made}))
        assert (shown[25], shown[26]) == ("z) m", "aa) m")


class TestInside:
    def test_tracked_changes(self) -> None:
        inserted = f'<w:ins w:id="1">{run("thêm ")}</w:ins>'
        deleted = '<w:del w:id="2"><w:r><w:delText>bỏ </w:delText></w:r></w:del>'
        source = extract(docx(par("Giữ ", inserted, deleted, "hết")), "a.docx")
        assert source.text == "Giữ thêm hết"
        assert [(note.code, note.params) for note in source.notes] == [
            ("tracked_changes", {"inserted": 1, "deleted": 1})
        ]

    def test_paragraphs_joined_by_a_deleted_end_and_deleted_rows(self) -> None:
        first = par("Ủy ban ", properties='<w:rPr><w:del w:id="1"/></w:rPr>')
        kept, dropped = "<w:tr>", '<w:tr><w:trPr><w:del w:id="3"/></w:trPr>'
        rows = dropped.join(table([["1", "giữ"], ["2", "bỏ"]]).rsplit(kept, 1))
        assert texts(docx(first, par("Mặt trận"), rows)) == ["Ủy ban Mặt trận", "1\tgiữ"]

    def test_fields_hidden_text_and_special_signs(self) -> None:
        field = "<w:r><w:instrText> DATE </w:instrText></w:r>" + run("05/02/2026")
        hyphen, tab, hidden = "<w:r><w:noBreakHyphen/></w:r>", "<w:r><w:tab/></w:r>", run("ẩn", "<w:vanish/>")
        body = par("Số 15", hyphen, "CT ", field, hidden, tab, "hết")
        assert texts(docx(body)) == ["Số 15-CT 05/02/2026 hết"]

    def test_capitals_set_by_the_font(self) -> None:
        assert texts(docx(par(run("chương trình phối hợp", "<w:caps/>")))) == ["CHƯƠNG TRÌNH PHỐI HỢP"]

    def test_line_breaks_of_a_heading_part_lines(self) -> None:
        assert texts(docx(par("ỦY BAN MTTQ VIỆT NAM\nTỈNH MẪU"))) == ["ỦY BAN MTTQ VIỆT NAM", "TỈNH MẪU"]

    def test_text_box_is_read_once(self) -> None:
        box = f"<w:txbxContent>{par('Trong khung')}</w:txbxContent>"
        drawing = (
            f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><wps:txbx>{box}</wps:txbx></mc:Choice>'
            f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
        assert texts(docx(par("Ngoài khung", drawing))) == ["Ngoài khung", "Trong khung"]

    def test_content_controls_and_links(self) -> None:
        link = f"<w:hyperlink>{run(' có liên kết')}</w:hyperlink>"
        control = f"<w:sdt><w:sdtContent>{par('Trong ô', link)}</w:sdtContent></w:sdt>"
        assert texts(docx(control)) == ["Trong ô có liên kết"]

    def test_pages_by_breaks(self) -> None:
        data = docx(par("Trang đầu"), par('<w:r><w:br w:type="page"/></w:r>'), par("Trang sau"))
        source = extract(data, "a.docx")
        assert [block.page for block in source.blocks] == [1, 2]
        assert source.pages == 2

    def test_pages_as_word_laid_them_out(self) -> None:
        data = docx(par("Một ", "<w:r><w:lastRenderedPageBreak/></w:r>", "hai"), par("Ba"))
        assert [block.page for block in extract(data, "a.docx").blocks] == [1, 2]

    def test_decomposed_text_is_stored_composed(self) -> None:
        assert texts(docx(par("Uỷ ban nhân dân"))) == ["Uỷ ban nhân dân"]


class TestTables:
    LEFT = ["ỦY BAN MTTQ VIỆT NAM", "TỈNH MẪU", "Số: 12/CTrPH"]
    RIGHT = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Mẫu, ngày 05 tháng 02 năm 2026"]

    @pytest.mark.parametrize("borders", [True, False])
    def test_heading_goes_column_by_column(self, borders: bool) -> None:
        shown = texts(docx(table([[self.LEFT, self.RIGHT]], borders=borders), par("CHƯƠNG TRÌNH")))
        assert shown == [
            "ỦY BAN MTTQ VIỆT NAM", "TỈNH MẪU", "Số: 12/CTrPH",
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Mẫu, ngày 05 tháng 02 năm 2026", "CHƯƠNG TRÌNH",
        ]  # fmt: skip

    def test_heading_of_two_rows_keeps_its_columns(self) -> None:
        rows = [["ỦY BAN MTTQ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], ["Số: 12", "Mẫu, ngày 05 tháng 02 năm 2026"]]
        assert texts(docx(table(rows, borders=False), par("x")))[:2] == ["ỦY BAN MTTQ", "Số: 12"]

    def test_signatures_go_column_by_column(self) -> None:
        rows = [["TM. BAN THƯỜNG TRỰC", "GIÁM ĐỐC"], ["Nguyễn Văn A", "Trần Thị B"]]
        body = [par(f"Đoạn {number}") for number in range(9)]
        shown = texts(docx(*body, table(rows, borders=False)))
        assert shown[-4:] == ["TM. BAN THƯỜNG TRỰC", "Nguyễn Văn A", "GIÁM ĐỐC", "Trần Thị B"]

    def test_data_table_of_two_columns_stays_a_table(self) -> None:
        rows = [["Nhiệm vụ", "Thời gian"], *[[f"Việc {number}", "2026"] for number in range(6)]]
        data = docx(
            par("a"), par("b"), par("c"), par("d"), par("e"), table(rows), par("f"), par("g"), par("h"), par("i")
        )
        assert sum(kind == "row" for kind, _text in kinds(data)) == 7

    def test_wide_cells_keep_the_columns_behind_them(self) -> None:
        wide = (
            '<w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>'
            + par("chung")
            + "</w:tc><w:tc>"
            + par("ba")
            + "</w:tc></w:tr>"
        )
        rows = table([["một", "hai", "ba"]]).replace("</w:tbl>", wide + "</w:tbl>")
        assert texts(docx(rows)) == ["một\thai\tba", "chung\t\tba"]

    def test_paragraphs_of_a_cell_are_one_text_and_inner_tables_flow(self) -> None:
        inner = table([["a", "b"]])
        rows = table([["1", ["Xây nhà,", "sửa nhà"]]]).replace("</w:tc></w:tr>", f"{inner}</w:tc></w:tr>", 1)
        assert texts(docx(rows)) == ["1\tXây nhà, sửa nhà a b"]


class TestEdges:
    def test_running_heads_are_noise_at_the_end(self) -> None:
        parts = {"word/header1.xml": part("hdr", par("Lưu hành nội bộ")), "word/footer1.xml": part("ftr", par("2"))}
        assert kinds(docx(par("Nội dung"), parts=parts)) == [
            ("paragraph", "Nội dung"), ("noise", "Lưu hành nội bộ"), ("noise", "2"),
        ]  # fmt: skip

    def test_national_heading_in_the_page_head_is_text(self) -> None:
        parts = {"word/header1.xml": part("hdr", par("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"))}
        assert kinds(docx(par("Nội dung"), parts=parts))[0] == ("heading", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")

    def test_external_relations_are_never_looked_at(self) -> None:
        relations = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
            'Target="http://192.0.2.1/x.dotm" TargetMode="External"/></Relationships>'
        )
        parts = {"word/_rels/document.xml.rels": relations, "word/_rels/settings.xml.rels": relations}
        assert texts(docx(par("Nội dung"), parts=parts)) == ["Nội dung"]


class TestOldFonts:
    BODY = [
        par(run("ch\u00ad¬ng tr×nh phèi hîp", '<w:rFonts w:ascii=".VnTimeH"/>')),
        par(run("Uû ban MÆt trËn Tæ quèc ViÖt Nam tØnh vµ Së Y tÕ", '<w:rFonts w:ascii=".VnTime"/>')),
    ]

    def test_asked_about_with_the_first_lines(self) -> None:
        source = extract(docx(*self.BODY), "a.docx")
        (note,) = source.notes
        assert note.code == "legacy_tcvn3"
        assert "Uû ban MÆt trËn" in note.params["before"][-1]
        assert note.params["after"] == ["CHƯƠNG TRÌNH PHỐI HỢP", "Uỷ ban Mặt trận Tổ quốc Việt Nam tỉnh và Sở Y tế"]

    def test_converted_with_the_capitals_of_their_font(self) -> None:
        assert texts(docx(*self.BODY), convert=True) == [
            "CHƯƠNG TRÌNH PHỐI HỢP", "Uỷ ban Mặt trận Tổ quốc Việt Nam tỉnh và Sở Y tế",
        ]  # fmt: skip

    def test_vni_without_a_word_about_its_font(self) -> None:
        data = docx(par("UÛy ban Maët traän Toå quoác Vieät Nam tænh"), par("Chöông trình phoái hôïp naêm nay"))
        assert [note.code for note in extract(data, "a.docx").notes] == ["legacy_vni"]
        assert texts(data, convert=True) == ["Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", "Chương trình phối hợp năm nay"]

    def test_unicode_in_an_old_font_stays(self) -> None:
        data = docx(par(run("Ủy ban Mặt trận Tổ quốc", '<w:rFonts w:ascii=".VnTime"/>')))
        assert texts(data, convert=True) == ["Ủy ban Mặt trận Tổ quốc"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<w:document", "damaged"),
        ("<other/>", "damaged"),
        (f'<w:document xmlns:w="{W}"><w:body/></w:document>', "empty"),
        (f'<w:document xmlns:w="{W}"><w:body>{par("   ")}</w:body></w:document>', "empty"),
        (
            f'<w:document xmlns:w="{W}"><w:body>' + "<w:sdt>" * 5000 + "</w:sdt>" * 5000 + "</w:body></w:document>",
            "damaged",
        ),
    ],
)
def test_odd_documents_have_a_name(document: str, code: str) -> None:
    with pytest.raises(ReadFailure) as caught:
        extract(docx(parts={"word/document.xml": document}), "a.docx")
    assert caught.value.code == code


def test_pictures_without_text_are_a_scan() -> None:
    with pytest.raises(ReadFailure) as caught:
        extract(docx(par(""), parts={"word/media/image1.png": b"\x89PNG"}), "a.docx")
    assert caught.value.code == "no_text"


def test_a_document_type_in_another_alphabet_is_refused() -> None:
    hidden = '<?xml version="1.0" encoding="cp037"?>'.encode("cp037") + (
        f'<!DOCTYPE d [<!ENTITY a "aaaa">]><w:document xmlns:w="{W}"><w:body>{par("&a;")}</w:body></w:document>'
    ).encode("cp037")
    with pytest.raises(ReadFailure) as caught:
        extract(docx(parts={"word/document.xml": hidden}), "a.docx")
    assert caught.value.code in {"doctype", "damaged"}
