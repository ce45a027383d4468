"""Programmes of news texts and of signed documents."""

import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.reading import read_text
from documents.types import Confidence, Found, ReadProgramme, ReadResult

SAMPLES = Path(__file__).parent / "samples"
NEWS = (SAMPLES / "tin-ky-ket.txt").read_text(encoding="utf-8")
PAPER = (SAMPLES / "chuong-trinh.txt").read_text(encoding="utf-8")


def value(item: Found | None) -> object:
    return item.value if item else None


def names(programme: ReadProgramme) -> list[str]:
    return [party.name.text for party in programme.parties]


# -------------------------------------------------------------------------------------------- news of three


def test_a_ceremony_of_three_programmes() -> None:
    elderly, rural, learning = read_text(NEWS).programmes
    front = "Ủy ban MTTQ tỉnh Thái Nguyên"
    assert names(elderly) == [front, "Hội Người cao tuổi tỉnh"]
    assert names(rural) == [front, "Sở Nông nghiệp và Môi trường"]
    assert names(learning) == [front, "Hội Khuyến học tỉnh"]
    assert [party.role for party in rural.parties] == ["lead", "participant"]
    assert {programme.kind.value for programme in (elderly, rural, learning)} == {"programme"}
    assert (
        elderly.title.text
        == "Chương trình phối hợp về chăm lo đời sống người cao tuổi ở khu dân cư giai đoạn 2026 - 2030"
    )
    assert "xây dựng nông thôn mới" in rural.title.text and rural.title.confidence is Confidence.CHECK
    assert "gia đình học tập" in learning.title.text


def test_the_own_period_is_not_that_of_the_programme_implemented() -> None:
    elderly, rural, learning = read_text(NEWS).programmes
    assert (value(elderly.starts_on), value(elderly.ends_on)) == (date(2026, 1, 1), date(2030, 12, 31))
    assert (value(learning.starts_on), value(learning.ends_on)) == (date(2026, 1, 1), date(2030, 12, 31))
    assert (rural.starts_on, rural.ends_on) == (None, None)
    assert rural.implements_period is not None
    first, last = rural.implements_period
    assert (first.value, last.value) == (date(2021, 1, 1), date(2025, 12, 31))
    assert (first.rule, first.confidence) == ("period of what is carried out", Confidence.CHECK)
    assert value(rural.implements_name) == "Chương trình mục tiêu quốc gia xây dựng nông thôn mới"
    assert elderly.implements_period is None and learning.implements_period is None


def test_the_day_of_signing_borrows_its_year() -> None:
    for programme in read_text(NEWS).programmes:
        assert programme.signed_on is not None
        assert programme.signed_on.value == date(2026, 9, 16)
        assert (programme.signed_on.confidence, programme.signed_on.note) == (Confidence.CHECK, "year_inferred")


def test_bases_belong_to_the_programme_whose_passage_cites_them() -> None:
    result = read_text(NEWS)
    cited = [[base.number.text for base in programme.legal_bases if base.number] for programme in result.programmes]
    assert cited == [[], ["25/2021/QH15", "263/QĐ-TTg", "19-KH/TU"], ["11-CT/TW"]]
    assert len(result.references) == 4
    plan = result.references[2]
    assert value(plan.issuer) == "Ban Thường vụ Tỉnh ủy Thái Nguyên"
    assert value(plan.date) == date(2021, 11, 5)
    base = result.programmes[1].legal_bases[0].number
    assert base is not None and result.quoted(base.span) == "25/2021/QH15"


def test_goals_of_each_programme() -> None:
    elderly, rural, learning = read_text(NEWS).programmes
    assert len(elderly.goals) == 3 and len(rural.goals) == 4 and len(learning.goals) == 2
    assert elderly.goals[2].text.text.startswith("Lắng nghe và chuyển kịp thời")
    assert rural.goals[1].text.text.startswith("Đẩy mạnh phong trào hiến đất")
    assert learning.goals[1].text.text.startswith("Bảo đảm học bổng")


def test_the_reading_of_a_news_text_survives_storage() -> None:
    result = read_text(NEWS)
    assert ReadResult.from_json(result.to_json()) == result


def test_an_announcement_alone_is_told_apart_by_its_count() -> None:
    text = (
        "Sáng 02/4/2026, Ủy ban MTTQ tỉnh ký kết 2 chương trình phối hợp giữa Ủy ban MTTQ tỉnh với Hội Luật gia tỉnh, "
        "Tỉnh đoàn Thái Nguyên."
    )
    programmes = read_text(text).programmes
    assert [names(programme)[1] for programme in programmes] == ["Hội Luật gia tỉnh", "Tỉnh đoàn Thái Nguyên"]
    assert {value(programme.signed_on) for programme in programmes} == {date(2026, 4, 2)}


@pytest.mark.parametrize(
    ("text", "parties", "period"),
    [
        (
            "Ngày 3/2/2026, Hội Nông dân tỉnh và Sở Công Thương đã ký kết Quy chế phối hợp về tiêu thụ nông sản "
            "giai đoạn 2026-2030.",
            ["Hội Nông dân tỉnh", "Sở Công Thương"],
            (2026, 2030),
        ),
        (
            "Hội Liên hiệp Phụ nữ tỉnh cùng với Công an tỉnh tổ chức Lễ ký kết Chương trình phối hợp về "
            "“Phụ nữ với an toàn giao thông giai đoạn 2025 - 2028”.",
            ["Hội Liên hiệp Phụ nữ tỉnh", "Công an tỉnh"],
            (2025, 2028),
        ),
        (
            "Hai đơn vị tổng kết chương trình phối hợp giữa Ban Dân vận Tỉnh ủy và Ủy ban nhân dân tỉnh "
            "nhiệm kỳ 2021 - 2026.",
            ["Ban Dân vận Tỉnh ủy", "Ủy ban nhân dân tỉnh"],
            (2021, 2026),
        ),
        (
            "Sở Giáo dục và Đào tạo ký chương trình phối hợp phòng, chống đuối nước với Hội Chữ thập đỏ tỉnh.",
            ["Sở Giáo dục và Đào tạo", "Hội Chữ thập đỏ tỉnh"],
            None,
        ),
    ],
)
def test_shapes_of_a_signing(text: str, parties: list[str], period: tuple[int, int] | None) -> None:
    (programme,) = read_text(text).programmes
    assert names(programme) == parties
    first, last = value(programme.starts_on), value(programme.ends_on)
    assert (
        (first.year, last.year) == period
        if period and isinstance(first, date) and isinstance(last, date)
        else first is None
    )


def test_a_final_review_and_its_successor_in_one_sentence() -> None:
    old, new = read_text(
        "Ngày 15/5, Công an tỉnh mở hội nghị tổng kết Chương trình phối hợp số 09/CTPH-MTTQ-CA ngày 12/3/2019 giữa "
        "Ủy ban MTTQ tỉnh và Công an tỉnh giai đoạn 2019-2023 và ký kết chương trình phối hợp giai đoạn 2024-2028."
    ).programmes
    assert names(old) == names(new) == ["Ủy ban MTTQ tỉnh", "Công an tỉnh"]
    assert (value(old.number), value(old.signed_on)) == ("09/CTPH-MTTQ-CA", date(2019, 3, 12))
    assert (value(new.number), value(new.signed_on)) == (None, date(2024, 5, 15))
    assert (value(old.starts_on), value(new.starts_on)) == (date(2019, 1, 1), date(2024, 1, 1))


def test_parties_joined_by_dashes_and_a_quoted_title() -> None:
    (programme,) = read_text(
        'Lễ ký kết Chương trình phối hợp giữa Sở Nội vụ – Hội Nhà báo tỉnh – Tỉnh đoàn về "Mỗi tuần một tấm gương" '
        "giai đoạn 2022 – 2027 diễn ra tại hội trường."
    ).programmes
    assert names(programme) == ["Sở Nội vụ", "Hội Nhà báo tỉnh", "Tỉnh đoàn"]
    assert programme.title.text == "Chương trình phối hợp Mỗi tuần một tấm gương giai đoạn 2022 – 2027"


def test_a_day_without_any_year_stays_open() -> None:
    (programme,) = read_text(
        "Sáng 4/2, Hội Luật gia tỉnh ký kết chương trình phối hợp với Sở Tư pháp về hòa giải."
    ).programmes
    assert programme.signed_on is not None
    assert (programme.signed_on.value, programme.signed_on.confidence) == (None, Confidence.MISSING)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ủy ban MTTQ tỉnh phối hợp với các sở, ngành thăm hỏi hộ nghèo.",
        "Trong quý, Hội ký được quy chế phối hợp với nhiều đơn vị bạn.",
        "Việc phối hợp giữa các phòng và Hội Làm vườn tỉnh có lúc còn chậm.",
        "MTTQ tỉnh ký 4 quy chế phối hợp cùng 4 đơn vị.",
        "Căn cứ Quy chế phối hợp số 12/QCPH-UBND-UBMT ngày 24/01/2025 về tiếp nhận hàng cứu trợ; tình hình thực tế.",
    ],
)
def test_texts_without_a_programme(text: str) -> None:
    assert read_text(text).programmes == ()


# ------------------------------------------------------------------------------------------ its own document


def test_the_head_of_a_signed_document() -> None:
    (programme,) = read_text(PAPER).programmes
    assert programme.kind.value == "programme"
    assert value(programme.number) == "15/CTrPH-MTTQ-SYT"
    assert value(programme.place) == "Thái Nguyên"
    assert value(programme.signed_on) == date(2026, 2, 5)
    assert names(programme) == ["Ban Thường trực Ủy ban MTTQ Việt Nam tỉnh Thái Nguyên", "Sở Y tế"]
    assert (value(programme.starts_on), value(programme.ends_on)) == (date(2026, 1, 1), date(2030, 12, 31))
    assert programme.title.text.startswith("Chương trình phối hợp giữa Ban Thường trực")
    assert [(value(party.signer), value(party.signer_title)) for party in programme.parties] == [
        ("Trần Thị Mai", "PHÓ CHỦ TỊCH"),
        ("Lê Văn Hòa", "GIÁM ĐỐC"),
    ]


def test_bases_goals_and_reports_of_a_signed_document() -> None:
    result = read_text(PAPER)
    (programme,) = result.programmes
    assert [base.number.text for base in programme.legal_bases if base.number] == [
        "75/2015/QH13",
        "39/2009/QH12",
        "1579/QĐ-TTg",
    ]
    number = programme.legal_bases[2].number
    assert number is not None and result.quoted(number.span) == "1579/QĐ-TTg"
    assert [goal.kind for goal in programme.goals] == ["purpose", "requirement"]
    assert [(item.kind.value, value(item.due)) for item in programme.reporting] == [
        ("half_year", "15/06"),
        ("year", "15/12"),
    ]
    assert [(item.kind.value, value(item.due_on)) for item in programme.reviews] == [
        ("interim", date(2028, 12, 31)),
        ("final", date(2030, 12, 31)),
    ]
    assert all("15/CTrPH" not in reference.quoted.text for reference in result.references if reference.quoted)


def test_tasks_of_a_signed_document() -> None:
    (programme,) = read_text(PAPER).programmes
    first, second, third, fourth = programme.tasks
    assert [task.code for task in programme.tasks] == ["II.1.a", "II.1.b", "II.2", "II.2"]
    assert value(first.group) == "Công tác tuyên truyền" and value(third.group) == "Khám bệnh, tư vấn sức khỏe"
    assert (value(first.lead), [item.text for item in first.supports]) == ("Ủy ban MTTQ Việt Nam tỉnh", ["Sở Y tế"])
    assert (value(first.quantities[0].value), value(first.quantities[0].unit), value(first.due_on)) == (
        Decimal(40),
        "hội nghị",
        date(2026, 11, 30),
    )
    assert value(second.recurrence) == "month" and second.quantities == ()
    assert (value(third.quantities[0].value), value(third.quantities[0].unit), value(third.recurrence)) == (
        Decimal(8000),
        "lượt người",
        "year",
    )
    assert value(third.lead) == "Sở Y tế"
    assert value(fourth.due_on) == date(2027, 12, 31)


def test_a_title_in_capitals_takes_the_names_from_the_text() -> None:
    text = (
        "QUY CHẾ PHỐI HỢP\nGIỮA ỦY BAN MTTQ VIỆT NAM TỈNH VÀ SỞ TƯ PHÁP VỀ HÒA GIẢI Ở CƠ SỞ\nGIAI ĐOẠN 2025 - 2029\n\n"
        "Điều 1. Mục đích\nGóp phần giữ gìn tình làng nghĩa xóm ở các khu dân cư.\n\n"
        "Điều 2. Nội dung phối hợp\n1. Ủy ban MTTQ Việt Nam tỉnh và Sở Tư pháp mở lớp bồi dưỡng "
        "hòa giải viên trước quý III/2026.\n"
    )
    (programme,) = read_text(text).programmes
    assert programme.kind.value == "regulation"
    assert names(programme) == ["Ủy ban MTTQ Việt Nam tỉnh", "Sở Tư pháp"]
    assert (value(programme.starts_on), value(programme.ends_on)) == (date(2025, 1, 1), date(2029, 12, 31))
    assert len(programme.goals) == 1
    assert value(programme.tasks[0].due_on) == date(2026, 9, 30)


# ------------------------------------------------------------------------------------------------ hostile text


@settings(deadline=None, max_examples=50)
@given(st.integers(0, len(NEWS)), st.integers(0, 60), st.text(max_size=30))
def test_a_damaged_text_never_fails(at: int, gone: int, put: str) -> None:
    result = read_text(NEWS[:at] + put + NEWS[at + gone :])
    assert ReadResult.from_json(result.to_json()) == result
    for reference in result.references:
        if reference.number is not None and reference.number.span is not None:
            assert any(char.isdigit() for char in result.quoted(reference.number.span))


@pytest.mark.parametrize(
    "piece",
    [
        "1/",
        "số 1-AB ",
        "giữa ",
        "A và ",
        "“",
        "ký kết chương trình phối hợp giữa Sở A và ",
        "ngày 1/1/2020 ",
        "12-AB/CD-",
        "\n",
        ". A",
    ],
)
def test_time_grows_with_the_length_alone(piece: str) -> None:
    def seconds(length: int) -> float:
        started = time.process_time()
        read_text(piece * (length // len(piece)))
        return time.process_time() - started

    small, large = seconds(10_000), seconds(80_000)
    assert large < 2 or large < 24 * small


@pytest.mark.parametrize("text", [NEWS, PAPER], ids=["news", "document"])
def test_a_long_text_takes_its_length_in_time(text: str) -> None:
    def seconds(length: int) -> float:
        started = time.process_time()
        read_text((text + "\n\n") * (length // len(text)))
        return time.process_time() - started

    seconds(10_000)
    small, large = seconds(50_000), seconds(400_000)
    assert large < 16 * small + 0.5
