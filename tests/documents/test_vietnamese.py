"""Rules of Vietnamese text: what is kept, what is equal, what comes first, what a typed value means."""

import random
import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.vietnamese import (
    UnreadableText,
    clean,
    fold,
    fold_with_map,
    folded_number,
    format_date,
    format_number,
    is_blank_looking,
    latin_letters,
    original_span,
    parse_date,
    parse_number,
    person_sort_key,
    sort_key,
)

TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("aăâđĐÐêôơưẶỹ \u0301\u0323\u200b\u202e\xa0\n\t-–/"), st.characters()),
    max_size=60,
)


# ------------------------------------------------------------------------------------------------- clean


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("  Thái   Nguyên ", "Thái Nguyên"),
        (unicodedata.normalize("NFD", "Ủy ban"), "Ủy ban"),
        ("a\u200bb\u2060c\ufeff", "abc"),
        ("tên\u202etxt.exe", "têntxt.exe"),
        ("a\x00b\x07", "ab"),
        ("một\xa0hai\u2003ba\tbốn", "một hai ba bốn"),
        ("dòng 1\r\ndòng 2\r\n\r\n\r\n\r\ndòng 3", "dòng 1\ndòng 2\n\ndòng 3"),
        ("a\u2028b", "a\nb"),
        ("\ud800x", "x"),
    ],
)
def test_clean_keeps_what_can_be_seen(raw: str, kept: str) -> None:
    assert clean(raw) == kept


def test_clean_on_one_line_turns_breaks_into_spaces() -> None:
    assert clean("Ủy ban\nMTTQ \r\n tỉnh", multiline=False) == "Ủy ban MTTQ tỉnh"


@given(TEXTS)
def test_clean_is_idempotent_and_nfc(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(char) in ("Cf", "Cs") for char in once)


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200d", "\u3164", "\u2800 \xa0", "\u0301", "\n\n"])
def test_blank_looking(text: str) -> None:
    assert is_blank_looking(text)


@pytest.mark.parametrize("text", ["a", "0", ".", " đ "])
def test_not_blank_looking(text: str) -> None:
    assert not is_blank_looking(text)


# -------------------------------------------------------------------------------------------------- fold


@pytest.mark.parametrize(
    "text", ["Đối ngoại", "ĐỐI  NGOẠI", "đối\u200b ngoại", unicodedata.normalize("NFD", "Đối Ngoại"), "Ðối ngoại"]
)
def test_fold_gives_one_search_key(text: str) -> None:
    assert fold(text) == "doi ngoai"


def test_fold_ignores_the_placement_of_tones_but_not_i_and_y() -> None:
    assert fold("hòa") == fold("hoà") == "hoa"
    assert fold("thủy") == fold("thuỷ")
    assert fold("kỹ") != fold("kĩ")


def test_fold_unifies_dashes_quotes_and_widths() -> None:
    assert fold("2023 – 2027 “A” １２") == '2023 - 2027 "a" 12'


@given(TEXTS)
def test_fold_is_idempotent_and_equals_the_mapped_form(text: str) -> None:
    key, index_map = fold_with_map(text)
    assert key == fold(text)
    assert fold(key) == key
    assert len(index_map) == len(key)


def test_fold_of_each_letter_below_the_ideographs_is_its_own_key() -> None:
    # U+0400 is a Cyrillic look-alike with a mark: found among base letters only
    for char in map(chr, range(0x3000)):
        key = fold(f"a{char}b")
        assert fold(key) == key
        assert all(fold(f"a{unicodedata.normalize(form, char)}b") == key for form in ("NFC", "NFD"))
    assert fold("\u0400") == "e"


@given(TEXTS)
def test_fold_does_not_depend_on_the_normal_form(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(TEXTS)
def test_the_map_runs_forward_inside_of_the_text(text: str) -> None:
    _, index_map = fold_with_map(text)
    before = (0, 0)
    for start, end in index_map:
        assert 0 <= start < end <= len(text)
        assert before[0] <= start
        before = (start, end)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_span_of_the_key_leads_back_to_the_original(form: str) -> None:
    text = unicodedata.normalize(form, "Căn cứ   Chỉ thị số 05-CT/TW")
    key, index_map = fold_with_map(text)
    at = key.index("chi thi")
    start, end = original_span(index_map, at, at + len("chi thi"))
    assert unicodedata.normalize("NFC", text[start:end]) == "Chỉ thị"


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (0, 99), (-1, 1)])
def test_no_span_outside_of_the_key(start: int, end: int) -> None:
    with pytest.raises(IndexError):
        original_span([(0, 1), (1, 2)], start, end)


# ------------------------------------------------------------------------------------------------- order

EXPECTED_ORDER = [
    *("An", "Ánh", "Ăn", "Ân", "Bình", "Dũng", "Đặng", "Em", "Êm"),
    *("ma", "mà", "mả", "mã", "má", "mạ", "Ông", "Ơn", "Uyên", "Ưng"),
]


def test_words_come_in_the_order_of_the_vietnamese_alphabet() -> None:
    shuffled = EXPECTED_ORDER[:]
    random.Random(7).shuffle(shuffled)
    assert sorted(shuffled, key=sort_key) == EXPECTED_ORDER


def test_letters_decide_before_tones_and_tones_before_case() -> None:
    assert sorted(["mát", "mac", "mạc"], key=sort_key) == ["mac", "mạc", "mát"]
    assert sorted(["Ma", "ma", "mà"], key=sort_key) == ["ma", "Ma", "mà"]


def test_the_alphabet_with_its_guests() -> None:
    letters = list("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")
    assert sorted(set(letters), key=sort_key) == letters


def test_spaces_punctuation_digits_letters_other_scripts() -> None:
    assert sorted(["яб", "a", "1", "-", "a b", "ab"], key=sort_key) == ["-", "1", "a", "a b", "ab", "яб"]


def test_other_marks_come_after_the_tones() -> None:
    assert sorted(["mä", "mạ", "ma"], key=sort_key) == ["ma", "mạ", "mä"]
    assert sort_key("Ðà") == sort_key("Đà")


@given(TEXTS)
def test_the_order_does_not_depend_on_the_normal_form(text: str) -> None:
    assert sort_key(unicodedata.normalize("NFD", clean(text))) == sort_key(clean(text))


@given(TEXTS)
def test_a_key_holds_nothing_that_a_database_refuses(one: str) -> None:
    assert "\x00" not in sort_key(one)
    sort_key(one).encode("utf-8")


def test_people_are_sorted_by_given_then_middle_then_family_name() -> None:
    people = ["Nguyễn Văn An", "Trần Thị Ánh", "Lê An", "Phạm Văn Ân", "Đỗ Thị An", "Bùi Văn An"]
    assert sorted(people, key=person_sort_key) == [
        "Lê An",
        "Đỗ Thị An",
        "Bùi Văn An",
        "Nguyễn Văn An",
        "Trần Thị Ánh",
        "Phạm Văn Ân",
    ]
    assert person_sort_key("An") == person_sort_key(" An ")


def test_a_note_behind_a_name_is_not_the_given_name() -> None:
    people = [
        "Trịnh Hằng Nga (demo)",
        "Lê Văn Hùng",
        "Vũ Bình An (demo)",
        "Đặng Thị Hoa (demo)",
        "Bùi Văn An",
        "(demo)",
    ]
    assert sorted(people, key=person_sort_key)[1:] == [
        "Vũ Bình An (demo)",
        "Bùi Văn An",
        "Đặng Thị Hoa (demo)",
        "Lê Văn Hùng",
        "Trịnh Hằng Nga (demo)",
    ]
    assert person_sort_key("Vũ Bình An") < person_sort_key("Vũ Bình An (demo)") < person_sort_key("Vũ Bình Anh")


# ------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize("text", ["5/3/2026", "05/03/2026", "5-3-2026", "05.03.2026", "2026-03-05", " 5 / 3 / 2026 "])
def test_dates_are_read_day_first(text: str) -> None:
    assert parse_date(text) == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("\u200b", "empty"),
        ("5/3/26", "date_short_year"),
        ("5/3/226", "date_short_year"),
        ("5/3/20260", "date_format"),
        ("5/3-2026", "date_format"),
        ("mai", "date_format"),
        ("5/3", "date_format"),
        ("30/2/2026", "date_impossible"),
        ("1/13/2026", "date_impossible"),
        ("1/1/1899", "date_impossible"),
        ("2200-01-01", "date_impossible"),
        ("٥/٣/2026", "date_format"),
    ],
)
def test_unreadable_dates_have_a_code(text: str, code: str) -> None:
    with pytest.raises(UnreadableText) as caught:
        parse_date(text)
    assert caught.value.code == code


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_a_shown_date_is_read_back(day: date) -> None:
    assert parse_date(format_date(day)) == day
    assert parse_date(day.isoformat()) == day


# ----------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,5", "1234.5"),
        ("1.234", "1234"),
        ("1.234.567", "1234567"),
        ("1,5", "1.5"),
        ("1.5", "1.5"),
        ("1234.56", "1234.56"),
        ("0.125", "0.125"),
        ("1,234", "1.234"),
        ("1 234", "1234"),
        ("1 234 567,8", "1234567.8"),
        ("-5", "-5"),
        ("−5", "-5"),
        ("+7", "7"),
        ("007", "7"),
        ("3,38 tỷ", "3380000000"),
        ("1.167 tỷ đồng", "1167000000000"),
        ("50 triệu", "50000000"),
        ("20 nghìn đồng", "20000"),
        ("1.000.000đ", "1000000"),
        ("10 đồng", "10"),
        ("１２", "12"),
    ],
)
def test_numbers_are_read_the_vietnamese_way(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("abc", "number_format"),
        ("12 con", "number_format"),
        ("1.23.4", "number_format"),
        ("12.34.567", "number_format"),
        ("1,2,3", "number_format"),
        ("5 5", "number_format"),
        ("1e9", "number_format"),
        ("NaN", "number_format"),
        ("--5", "number_format"),
        (",5", "number_format"),
        ("1234.567", "number_ambiguous"),
        ("1,234,567", "number_ambiguous"),
        ("1,234.5", "number_ambiguous"),
        ("9" * 41, "number_too_long"),
    ],
)
def test_unreadable_numbers_have_a_code(text: str, code: str) -> None:
    with pytest.raises(UnreadableText) as caught:
        parse_number(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (Decimal("1234567.89"), None, "1.234.567,89"),
        (1234.5, None, "1.234,5"),
        (0, None, "0"),
        (Decimal("1.50"), None, "1,5"),
        (Decimal("1E+9"), None, "1.000.000.000"),
        (74.735, 2, "74,74"),
        (Decimal("2.5"), 0, "3"),
        (-1234, 1, "-1.234,0"),
        (Decimal("0.00"), 2, "0,00"),
    ],
)
def test_numbers_are_shown_with_dots_and_a_comma(value: Decimal | float, decimals: int | None, shown: str) -> None:
    assert format_number(value, decimals) == shown


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_only_finite_numbers_are_shown(value: Decimal | float) -> None:
    with pytest.raises(ValueError, match="finite"):
        format_number(value)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_a_shown_number_is_read_back(value: Decimal) -> None:
    # three decimal places behind a dot do not occur in what is shown, so nothing is ambiguous
    assert parse_number(format_number(value)) == value
    assert parse_number(format_number(value, 2)) == value


# ------------------------------------------------------------------------------------- document numbers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("05-CT/TW", "5-CT/TƯ"),
        ("05-CT/TW", "Số: 05 - CT / T.Ư"),
        ("217-QĐ/TW", "217/QĐ-TW"),
        ("44 – KL/TW", "44-KL/TW"),
        ("03/HD-MTTW-BТТ", "03/HD-MTTW-BTT"),
        ("06/Ctr-MTTQ-BTT", "06/CTr-MTTQ-BTT"),
        ("19/2008/NQLT/CP-UBTUMTTQVN", "19/2008/NQLT-CP-UBTWMTTQVN"),
        ("304-QÐ/TW", "304-QĐ/TW"),
    ],
)
def test_two_spellings_of_one_number(one: str, other: str) -> None:
    assert folded_number(one) == folded_number(other)


@pytest.mark.parametrize(
    ("one", "other"), [("10-CTr/TU", "10-CTr/TW"), ("05-CT/TW", "50-CT/TW"), ("90/QĐ-TTg", "90/QĐ-UBND")]
)
def test_numbers_that_differ(one: str, other: str) -> None:
    assert folded_number(one) != folded_number(other)


def test_the_key_itself() -> None:
    assert folded_number("05-CT/TW") == "5-ct-tw"
    assert folded_number(" – ") == ""
    assert folded_number("000/A") == "0-a"


@given(TEXTS)
def test_folding_a_number_twice_changes_nothing(text: str) -> None:
    assert folded_number(folded_number(text)) == folded_number(text)


@given(TEXTS)
def test_latin_letters_keeps_the_length(text: str) -> None:
    assert len(latin_letters(text)) == len(text)
