"""The 57 references of the domain notes (section 2), as written there, with what each must be read as.

Rows: number of the row, text, then for each document type, number as written without blanks, date, issuer ("" where
the text names none).
"""

from datetime import date

import pytest

from documents.reading import read_text
from documents.types import Confidence
from documents.vietnamese import folded_number

Document = tuple[str, str, date | None, str]
ROWS: list[tuple[int, str, list[Document]]] = [
    (1, "Chỉ thị số 05-CT/TW ngày 23/6/2021 của Ban Bí thư Trung ương Đảng về tăng cường sự lãnh đạo",
     [("Chỉ thị", "05-CT/TW", date(2021, 6, 23), "Ban Bí thư Trung ương Đảng")]),
    (2, "Nghị quyết số 24/2021/QH15 ngày 28/7/2021 của Quốc hội về phê duyệt",
     [("Nghị quyết", "24/2021/QH15", date(2021, 7, 28), "Quốc hội")]),
    (3, "Chương trình hành động số 10-CTr/TU ngày 23/8/2021 của Ban Thường vụ Tỉnh ủy Thái Nguyên về việc thực hiện "
        "Chỉ thị số 05-CT/TW",
     [("Chương trình hành động", "10-CTr/TU", date(2021, 8, 23), "Ban Thường vụ Tỉnh ủy Thái Nguyên"),
      ("Chỉ thị", "05-CT/TW", None, "")]),
    (4, "theo chỉ đạo của Ban Bí thư Trung ương Đảng (khóa X) tại Chỉ thị 43-CT/TW ngày 8/6/2010",
     [("Chỉ thị", "43-CT/TW", date(2010, 6, 8), "Ban Bí thư Trung ương Đảng (khóa X)")]),
    (5, "Kết luận số 44 - KL/TW ngày 14/11/2022 về Tiếp tục thực hiện Chỉ thị số 43-CT/TW",
     [("Kết luận", "44-KL/TW", date(2022, 11, 14), ""), ("Chỉ thị", "43-CT/TW", None, "")]),
    (6, "Quyết định 895/QĐ-TTg (26/7/2023)", [("Quyết định", "895/QĐ-TTg", date(2023, 7, 26), "")]),
    (7, "Chỉ thị số 18/CT-TTg", [("Chỉ thị", "18/CT-TTg", None, "")]),
    (8, "Kết luận số 102-KL/TW ngày 22 tháng 9 năm 2014 của Bộ Chính trị về hội quần chúng",
     [("Kết luận", "102-KL/TW", date(2014, 9, 22), "Bộ Chính trị")]),
    (9, "Quyết định số 217-QĐ/TW và Quyết định số 218-QĐ/TW ngày 12/12/2013 của Bộ Chính trị",
     [("Quyết định", "217-QĐ/TW", date(2013, 12, 12), "Bộ Chính trị"),
      ("Quyết định", "218-QĐ/TW", date(2013, 12, 12), "Bộ Chính trị")]),
    (10, "Quyết định số 217/QĐ-TW ngày 12/12/2013", [("Quyết định", "217/QĐ-TW", date(2013, 12, 12), "")]),
    (11, "Nghị quyết Liên tịch số 19/2008/NQLT/CP-UBTUMTTQVN ngày 22/8/2008",
     [("Nghị quyết Liên tịch", "19/2008/NQLT/CP-UBTUMTTQVN", date(2008, 8, 22), "")]),
    (12, "Nghị quyết liên tịch số 403/2017/NQLT-UBTVQH14-CP-ĐCTUBTWMTTQVN ngày 15/6/2017",
     [("Nghị quyết liên tịch", "403/2017/NQLT-UBTVQH14-CP-ĐCTUBTWMTTQVN", date(2017, 6, 15), "")]),
    (13, "Luật Mặt trận Tổ quốc Việt Nam số 75/2015/QH13", [("Luật", "75/2015/QH13", None, "")]),
    (14, "Luật Mặt trận Tổ quốc Việt Nam ngày 09/6/2015", [("Luật", "", date(2015, 6, 9), "")]),
    (15, "Luật số: 97/2025/QH15", [("Luật", "97/2025/QH15", None, "")]),
    (16, "Nghị quyết số 76/2025/UBTVQH15 ngày 14 tháng 4 năm 2025",
     [("Nghị quyết", "76/2025/UBTVQH15", date(2025, 4, 14), "")]),
    (17, "Nghị quyết số: 1240/NQ-UBTVQH15", [("Nghị quyết", "1240/NQ-UBTVQH15", None, "")]),
    (18, "Nghị quyết số 1683/NQ-UBTVQH15", [("Nghị quyết", "1683/NQ-UBTVQH15", None, "")]),
    (19, "Nghị định số 27/2022/NĐ-CP ngày 19 tháng 4 năm 2022 của Chính phủ quy định cơ chế quản lý",
     [("Nghị định", "27/2022/NĐ-CP", date(2022, 4, 19), "Chính phủ")]),
    (20, "Nghị định số 38/2023/NĐ-CP của Chính phủ ngày 24 tháng 6 năm 2023 sửa đổi, bổ sung một số điều của Nghị định "
         "số 27/2022/NĐ-CP",
     [("Nghị định", "38/2023/NĐ-CP", date(2023, 6, 24), "Chính phủ"), ("Nghị định", "27/2022/NĐ-CP", None, "")]),
    (21, "Thông tư số 10/2022/TT-BLĐTBXH ngày 31/5/2022", [("Thông tư", "10/2022/TT-BLĐTBXH", date(2022, 5, 31), "")]),
    (22, "Thông tư 13/2025/TT-BNNMT", [("Thông tư", "13/2025/TT-BNNMT", None, "")]),
    (23, "Thông tư liên tịch số 24/2012/TTLT-BLĐTBXH-BNV-BTC ngày 22/10/2012",
     [("Thông tư liên tịch", "24/2012/TTLT-BLĐTBXH-BNV-BTC", date(2012, 10, 22), "")]),
    (24, "Quyết định số 90/QĐ-TTg ngày 18/01/2022 của Thủ tướng Chính phủ phê duyệt Chương trình",
     [("Quyết định", "90/QĐ-TTg", date(2022, 1, 18), "Thủ tướng Chính phủ")]),
    (25, "Quyết định số 488/QĐ-TTg , ngày 14/4/2017", [("Quyết định", "488/QĐ-TTg", date(2017, 4, 14), "")]),
    (26, "Quyết định số 42/2014/QĐ-TTg ngày 27 tháng 7 năm 2014",
     [("Quyết định", "42/2014/QĐ-TTg", date(2014, 7, 27), "")]),
    (27, "Quyết định số 165/QĐ-UBND (20/01/2017)", [("Quyết định", "165/QĐ-UBND", date(2017, 1, 20), "")]),
    (28, "Quyết định số 15/2023/QĐ-UBND ngày 02 tháng 8 năm 2023",
     [("Quyết định", "15/2023/QĐ-UBND", date(2023, 8, 2), "")]),
    (29, "Nghị quyết số 74/NQ-CP ngày 0 7 tháng 4 năm 2025", [("Nghị quyết", "74/NQ-CP", date(2025, 4, 7), "")]),
    (30, "Tờ trình số 61/TTr-UBND ngày 20 tháng 4 năm 2025 của UBND tỉnh Thái Nguyên",
     [("Tờ trình", "61/TTr-UBND", date(2025, 4, 20), "UBND tỉnh Thái Nguyên")]),
    (31, "Nghị quyết số 18-NQ/TW, ngày 25/10/2017 “Một số vấn đề về tiếp tục đổi mới”",
     [("Nghị quyết", "18-NQ/TW", date(2017, 10, 25), "")]),
    (32, "Nghị quyết số 60-NQ/TW ngày 12/4/2025", [("Nghị quyết", "60-NQ/TW", date(2025, 4, 12), "")]),
    (33, "Quyết định số 304-QĐ/TW", [("Quyết định", "304-QĐ/TW", None, "")]),
    (34, "Chỉ thị 48-CT/TW năm 2025 của Ban Bí thư", [("Chỉ thị", "48-CT/TW", None, "Ban Bí thư")]),
    (35, "Hướng dẫn 03/HD-MTTW-BТТ", [("Hướng dẫn", "03/HD-MTTW-BTT", None, "")]),
    (36, "Hướng dẫn 05/HD-MTTW-BTT", [("Hướng dẫn", "05/HD-MTTW-BTT", None, "")]),
    (37, "Kế hoạch số 07/KH-MTTQ-BTT ngày 24/7/2025 của Ủy ban Trung ương MTTQ Việt Nam",
     [("Kế hoạch", "07/KH-MTTQ-BTT", date(2025, 7, 24), "Ủy ban Trung ương MTTQ Việt Nam")]),
    (38, "Kế hoạch số 21/KH-MTTW-BTT ngày 08/8/2025 của Ban Thường trực UBTW",
     [("Kế hoạch", "21/KH-MTTW-BTT", date(2025, 8, 8), "Ban Thường trực UBTW")]),
    (39, "Kế hoạch số 02-KH/BCĐTW ngày 19/6/2025 của Ban Chỉ đạo Trung ương",
     [("Kế hoạch", "02-KH/BCĐTW", date(2025, 6, 19), "Ban Chỉ đạo Trung ương")]),
    (40, "Đề án số 02/ĐA-MTTW-UB; Đề án số 09-ĐA/TU ngày 29/01/2018",
     [("Đề án", "02/ĐA-MTTW-UB", None, ""), ("Đề án", "09-ĐA/TU", date(2018, 1, 29), "")]),
    (41, "Chương trình phối hợp công tác số 28/CTrPH-MTTQ-BDT ngày 01/11/2012 giữa Ban Thường trực Ủy ban MTTQ tỉnh và "
         "Ban Dân tộc tỉnh giai đoạn 2012-2016",
     [("Chương trình phối hợp công tác", "28/CTrPH-MTTQ-BDT", date(2012, 11, 1), "")]),
    (42, "Kế hoạch số 159/KH-MTTQ-BDT ngày 02/11/2016", [("Kế hoạch", "159/KH-MTTQ-BDT", date(2016, 11, 2), "")]),
    (43, "Quy chế phối hợp số: 01/QCPH/UBND-UBMTTQ ngày 27 tháng 10 năm 2017",
     [("Quy chế phối hợp", "01/QCPH/UBND-UBMTTQ", date(2017, 10, 27), "")]),
    (44, "Quy chế số: 04/QC-UBND-UBMTTQ ngày 17 tháng 01 năm 2013",
     [("Quy chế", "04/QC-UBND-UBMTTQ", date(2013, 1, 17), "")]),
    (45, "chương trình hành động số 06/Ctr-MTTQ-BTT ngày 5/9/2012",
     [("chương trình hành động", "06/Ctr-MTTQ-BTT", date(2012, 9, 5), "")]),
    (46, "Thông tri 11 –TT/TƯ của Ban Thường vụ Thành ủy",
     [("Thông tri", "11–TT/TƯ", None, "Ban Thường vụ Thành ủy")]),
    (47, "Hướng dẫn số 36-HD/VPTW (03/4/2018)", [("Hướng dẫn", "36-HD/VPTW", date(2018, 4, 3), "")]),
    (48, "Quy định số 399-QĐ/TW ngày 09 tháng 01 năm 2026", [("Quy định", "399-QĐ/TW", date(2026, 1, 9), "")]),
    (49, "Quyết định số 24-QĐ/TW ngày 30/7/2021", [("Quyết định", "24-QĐ/TW", date(2021, 7, 30), "")]),
    (50, "Công văn số 6137/BTNMT-TCMT ngày 20/11/2019", [("Công văn", "6137/BTNMT-TCMT", date(2019, 11, 20), "")]),
    (51, "Công văn số 7934/UBND-VXNV (25/11/2021)", [("Công văn", "7934/UBND-VXNV", date(2021, 11, 25), "")]),
    (52, "Công văn số 351-TB/LHHN-BTCCB ngày 26/02/2024", [("Công văn", "351-TB/LHHN-BTCCB", date(2024, 2, 26), "")]),
    (53, "Quyết định số 326/QĐ-LHHN ngày 22/3/2024 ; Hướng dẫn số 780-HD/LHHN-BCTĐP ngày 20/7/2021",
     [("Quyết định", "326/QĐ-LHHN", date(2024, 3, 22), ""),
      ("Hướng dẫn", "780-HD/LHHN-BCTĐP", date(2021, 7, 20), "")]),
    (54, "Quyết định số 367 - QĐ/TWĐTN-VP ngày 29/10/2013 của Ban Bí thư Trung ương Đoàn",
     [("Quyết định", "367-QĐ/TWĐTN-VP", date(2013, 10, 29), "Ban Bí thư Trung ương Đoàn")]),
    (55, "Thông báo số 631/TB-VPCP ngày 19/11/2025 về kết luận của Phó Thủ tướng",
     [("Thông báo", "631/TB-VPCP", date(2025, 11, 19), "")]),
    (56, "Lệnh số 8/2018/L-CTN ; Pháp lệnh Bảo vệ bí mật nhà nước số 30/2000/PL-UBTVQH10",
     [("Lệnh", "8/2018/L-CTN", None, ""), ("Pháp lệnh", "30/2000/PL-UBTVQH10", None, "")]),
    (57, "Văn bản hợp nhất 05/VBHN-BGDĐT ; Văn bản hợp nhất 01/HNVB-VPCP ngày 11/7/2018",
     [("Văn bản hợp nhất", "05/VBHN-BGDĐT", None, ""), ("Văn bản hợp nhất", "01/HNVB-VPCP", date(2018, 7, 11), "")]),
]  # fmt: skip


@pytest.mark.parametrize(("row", "text", "expected"), ROWS, ids=[str(row) for row, _, _ in ROWS])
@pytest.mark.parametrize("frame", ["{}", "Căn cứ {};", "Ủy ban đã quán triệt {}, sau đó họp."])
def test_a_row_of_the_domain_notes(row: int, text: str, expected: list[Document], frame: str) -> None:
    found = [item for item in read_text(frame.format(text)).references if item.number or row == 14]
    shown = [
        (
            item.type.text,
            item.number.text if item.number else "",
            item.date.value if item.date else None,
            item.issuer.text if item.issuer else "",
        )
        for item in found
    ]
    assert shown == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("217-QĐ/TW", "217/QĐ-TW"),  # 9 and 10
        ("03/HD-MTTW-BТТ", "3/HD-MTTW-BTT"),  # 35
        ("06/Ctr-MTTQ-BTT", "6/CTr-MTTQ-BTT"),  # 45
        ("44 - KL/TW", "44-KL/TW"),  # 5
        ("19/2008/NQLT/CP-UBTUMTTQVN", "19/2008/NQLT-CP-UBTWMTTQVN"),  # 11
        ("28/CTRPH-MTTQ-BDT", "28/CTrPH–MTTQ–BDT"),
        ("09-ÐA/TU", "9-ĐA/TU"),
    ],
)
def test_spellings_of_one_number(one: str, other: str) -> None:
    assert folded_number(one) == folded_number(other)


def test_tu_of_a_province_is_not_the_centre() -> None:
    assert folded_number("10-CTr/TU") != folded_number("10-CTr/TW")


def test_a_word_that_contradicts_the_code_is_to_be_checked() -> None:
    (letter,) = read_text("Công văn số 351-TB/LHHN-BTCCB ngày 26/02/2024").references
    assert (letter.type.text, letter.type.confidence, letter.type.note) == (
        "Công văn",
        Confidence.CHECK,
        "code_differs",
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Quán triệt Nghị quyết 57 trong toàn ngành.", "Nghị quyết 57"),
        ("Nguồn vốn Chương trình MTQG 1719 giải ngân chậm.", "Chương trình MTQG 1719"),
        ("Hai bên đánh giá Chương trình phối hợp số 09 và thống nhất việc tới.", "Chương trình phối hợp số 09"),
    ],
)
def test_a_name_of_the_press_is_only_offered(text: str, name: str) -> None:
    (item,) = read_text(text).references
    assert item.number is None and item.quoted is not None
    assert (item.quoted.text, item.type.confidence, item.type.rule) == (name, Confidence.CHECK, "name of the press")


def test_a_bare_number_of_a_document_named_in_full_is_that_document() -> None:
    found = read_text("Nghị quyết số 57-NQ/TW ngày 22/12/2024 mở đường; thực hiện Nghị quyết 57, tỉnh lập kế hoạch.")
    assert [item.number.text for item in found.references if item.number] == ["57-NQ/TW"]
    assert len(found.references) == 1
