"""Citations of legal documents, one rule of the grammar at a time (domain notes, section 2)."""

from datetime import date

import pytest

from documents.reading import read_text
from documents.types import ReadReference


def only(text: str) -> ReadReference:
    found = [item for item in read_text(text).references if item.number is not None]
    assert len(found) == 1, [item.quoted for item in found]
    return found[0]


def shown(item: ReadReference) -> tuple[str, str, object, str]:
    return (
        item.type.text,
        item.number.text if item.number else "",
        item.date.value if item.date else None,
        item.issuer.text if item.issuer else "",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Kết luận số 102-KL/TW ngày 22 tháng 9 năm 2014 của Bộ Chính trị về hội quần chúng",
            ("Kết luận", "102-KL/TW", date(2014, 9, 22), "Bộ Chính trị"),
        ),
        ("Quyết định 895/QĐ-TTg (26/7/2023)", ("Quyết định", "895/QĐ-TTg", date(2023, 7, 26), "")),
        ("Quyết định số 488/QĐ-TTg , ngày 14/4/2017", ("Quyết định", "488/QĐ-TTg", date(2017, 4, 14), "")),
        ("Chỉ thị số 18/CT-TTg", ("Chỉ thị", "18/CT-TTg", None, "")),
        (
            "Nghị định số 38/2023/NĐ-CP của Chính phủ ngày 24 tháng 6 năm 2023",
            ("Nghị định", "38/2023/NĐ-CP", date(2023, 6, 24), "Chính phủ"),
        ),
        ("Luật Mặt trận Tổ quốc Việt Nam số 75/2015/QH13", ("Luật", "75/2015/QH13", None, "")),
        ("Luật số: 97/2025/QH15", ("Luật", "97/2025/QH15", None, "")),
        ("Nghị quyết số: 1240/NQ-UBTVQH15", ("Nghị quyết", "1240/NQ-UBTVQH15", None, "")),
        ("Hướng dẫn 03/HD-MTTW-BТТ", ("Hướng dẫn", "03/HD-MTTW-BTT", None, "")),
        ("Thông tri 11 –TT/TƯ của Ban Thường vụ Thành ủy", ("Thông tri", "11–TT/TƯ", None, "Ban Thường vụ Thành ủy")),
        ("Công văn số 6137/BTNMT-TCMT ngày 20/11/2019", ("Công văn", "6137/BTNMT-TCMT", date(2019, 11, 20), "")),
        (
            "chương trình hành động số 06/Ctr-MTTQ-BTT ngày 5/9/2012",
            ("chương trình hành động", "06/Ctr-MTTQ-BTT", date(2012, 9, 5), ""),
        ),
        ("Quyết định số 367 - QĐ/TWĐTN-VP ngày 29/10/2013", ("Quyết định", "367-QĐ/TWĐTN-VP", date(2013, 10, 29), "")),
        ("Lệnh số 8/2018/L-CTN", ("Lệnh", "8/2018/L-CTN", None, "")),
        ("Nghị quyết số 74/NQ-CP ngày 0 7 tháng tư năm 2025", ("Nghị quyết", "74/NQ-CP", date(2025, 4, 7), "")),
        (
            "Thông tư liên tịch số 24/2012/TTLT-BLĐTBXH-BNV-BTC ngày 22/10/2012",
            ("Thông tư liên tịch", "24/2012/TTLT-BLĐTBXH-BNV-BTC", date(2012, 10, 22), ""),
        ),
        (
            "Ngày 05/3/2024, Ủy ban nhân dân tỉnh đã ban hành Kế hoạch số 31/KH-UBND về trồng cây",
            ("Kế hoạch", "31/KH-UBND", date(2024, 3, 5), "Ủy ban nhân dân tỉnh"),
        ),
        (
            "theo chỉ đạo của Ban Bí thư (khóa X) tại Chỉ thị 43-CT/TW ngày 8/6/2010",
            ("Chỉ thị", "43-CT/TW", date(2010, 6, 8), "Ban Bí thư (khóa X)"),
        ),
        (
            "Thông tư số 9/2020/TT-BVHTTDL của Bộ Văn hóa, Thể thao và Du lịch quy định về lễ hội",
            ("Thông tư", "9/2020/TT-BVHTTDL", None, "Bộ Văn hóa, Thể thao và Du lịch"),
        ),
        ("QĐ số 574/QĐ-BNV, ngày 06/6/2025 của Bộ Nội vụ", ("Quyết định", "574/QĐ-BNV", date(2025, 6, 6), "Bộ Nội vụ")),
    ],
)
def test_shapes_of_a_citation(text: str, expected: tuple[str, str, object, str]) -> None:
    assert shown(only(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Hiện có 20/63 tỉnh và 3/11 chỉ tiêu; giai đoạn 2021 - 2025; sáng 14/7, UBND tỉnh họp.",
        "Nghị quyết 57 và Chương trình số 90 được nhắc lại.",
        "Tổng kinh phí 40.000 - 60.000 tỷ đồng, tỷ lệ 4-5 người.",
        "Số điện thoại 0208-3855-123, phòng 12-A.",
    ],
)
def test_what_is_no_citation(text: str) -> None:
    assert [item for item in read_text(text).references if item.number] == []


def test_the_subject_may_name_another_document_which_is_found_too() -> None:
    text = (
        "Nghị định số 38/2023/NĐ-CP ngày 24 tháng 6 năm 2023 của Chính phủ sửa đổi, bổ sung một số điều của "
        "Nghị định số 27/2022/NĐ-CP ngày 19 tháng 4 năm 2022."
    )
    first, second = read_text(text).references
    assert first.subject is not None and first.subject.text.startswith("sửa đổi, bổ sung một số điều của Nghị định")
    assert second.number is not None and second.number.text == "27/2022/NĐ-CP"
    assert second.relation is not None and second.relation.value == "amends"


def test_a_list_shares_its_tail() -> None:
    text = "Quyết định số 217-QĐ/TW và Quyết định số 218-QĐ/TW ngày 12/12/2013 của Bộ Chính trị"
    first, second = read_text(text).references
    assert shown(first)[2:] == shown(second)[2:] == (date(2013, 12, 12), "Bộ Chính trị")
    assert first.date is not None and first.date.confidence == "check"
    assert second.date is not None and second.date.confidence == "certain"


def test_two_offices_share_nothing() -> None:
    first, second = read_text("Chỉ thị 56-CT/TW, Chỉ thị 08/CT-TTg ngày 24/5/2013 của Thủ tướng Chính phủ").references
    assert first.date is None and first.issuer is None
    assert shown(second)[2:] == (date(2013, 5, 24), "Thủ tướng Chính phủ")


def test_a_type_said_once_for_a_list() -> None:
    text = (
        "Các Quyết định của Thủ tướng Chính phủ, gồm:\n"
        "số 11/QĐ-TTg ngày 02/3/2020 về trồng rừng;\nsố 12/QĐ-TTg ngày 03/3/2020 về giữ nước."
    )
    found = read_text(text).references
    assert [shown(item) for item in found] == [
        ("Quyết định", "11/QĐ-TTg", date(2020, 3, 2), "Thủ tướng Chính phủ"),
        ("Quyết định", "12/QĐ-TTg", date(2020, 3, 3), "Thủ tướng Chính phủ"),
    ]
    assert {item.type.confidence for item in found} == {"check"}


def test_mentions_of_one_document_complete_each_other() -> None:
    item = only(
        "Thực hiện Chỉ thị số 05 - CT/TƯ về giảm nghèo. Chỉ thị 5-CT/TW ngày 23/6/2021 của Ban Bí thư nêu rõ việc này."
    )
    assert shown(item)[2:] == (date(2021, 6, 23), "Ban Bí thư")
    assert item.subject is not None and item.subject.text == "về giảm nghèo"


def test_one_number_of_two_days_is_two_documents() -> None:
    found = read_text("Chỉ thị số 05-CT/TW ngày 15/5/2016 và Chỉ thị số 05-CT/TW ngày 23/6/2021").references
    assert [item.date.value for item in found if item.date] == [date(2016, 5, 15), date(2021, 6, 23)]


def test_laws_without_number_are_candidates() -> None:
    found = read_text("Căn cứ Luật Phòng thủ dân sự và Hiến pháp; Hội Luật gia đề nghị.").references
    assert [(item.type.text, item.subject.text if item.subject else "") for item in found] == [
        ("Luật", "Phòng thủ dân sự"),
        ("Hiến pháp", ""),
    ]
    assert {item.type.confidence for item in found} == {"check"}


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("Căn cứ Nghị định số 27/2022/NĐ-CP", "based_on"),
        ("bãi bỏ Nghị định số 27/2022/NĐ-CP", "replaces"),
        ("tiếp tục thực hiện Chỉ thị số 43-CT/TW", "continues"),
        ("(Ban hành kèm theo Quyết định số 12/QĐ-UBND)", "issued_with"),
        ("nhằm cụ thể hóa Chỉ thị số 43-CT/TW", "implements"),
    ],
)
def test_relations(text: str, relation: str) -> None:
    item = only(text)
    assert item.relation is not None and item.relation.value == relation


def test_every_found_value_points_into_its_block() -> None:
    result = read_text(
        "Trang một\fTrang hai\n\nCăn cứ Chỉ thị số 05-CT/TW ngày 23/6/2021 của Ban Bí thư về giảm nghèo;"
    )
    item = result.references[0]
    assert item.number is not None and item.number.span is not None and item.number.span.page == 2
    assert result.quoted(item.number.span) == "05-CT/TW"
    assert item.date is not None and result.quoted(item.date.span) == "23/6/2021"
    assert result.quoted(item.quoted.span if item.quoted else None).startswith("Chỉ thị số 05-CT/TW")


def test_what_stands_before_two_citations_counts_for_both() -> None:
    first, second = read_text(
        "Ngày 24/02/2026, Bộ Chính trị ban hành Nghị quyết số 79-NQ/TW về kinh tế nhà nước và Nghị quyết số 80-NQ/TW "
        "về văn hóa."
    ).references
    assert shown(first)[2:] == shown(second)[2:] == (date(2026, 2, 24), "Bộ Chính trị")
    assert second.date is not None and second.date.confidence == "check"


def test_laws_of_a_list_share_no_day_and_no_name() -> None:
    found = read_text("Luật số 16/2012/QH13 và Bộ luật Lao động số 45/2019/QH14 ngày 20/11/2019").references
    assert [item.date and item.date.value for item in found] == [None, date(2019, 11, 20)]
    assert found[0].subject is None


def test_documents_of_one_day_share_it() -> None:
    first, second = read_text(
        "Tờ trình số 15/TTr-SNV và Báo cáo số 20/BC-SNV cùng ngày 3/3/2025 của Sở Nội vụ"
    ).references
    assert shown(first)[2:] == shown(second)[2:] == (date(2025, 3, 3), "Sở Nội vụ")


def test_an_issuer_in_capitals_ends_before_the_subject() -> None:
    item = only("NGHỊ QUYẾT SỐ 57-NQ/TW NGÀY 22/12/2024 CỦA BỘ CHÍNH TRỊ VỀ ĐỘT PHÁ PHÁT TRIỂN KHOA HỌC")
    assert shown(item)[2:] == (date(2024, 12, 22), "BỘ CHÍNH TRỊ")
