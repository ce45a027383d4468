"""Text files and pasted text: encodings, old fonts, look-alike letters."""

from __future__ import annotations

import codecs

import pytest

from documents.reading.extract import ReadFailure, extract, legacy, read_plain
from documents.reading.extract.plain import MAX_TEXT
from documents.vietnamese import fold, fold_with_map, original_span

TEXT = "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh ký với Sở Y tế; Đảng, nghỉ, người, ưỡn, khuỷu, Ẵ, Ễ, Ộ."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    assert extract((TEXT + "\r\n" + TEXT).encode(encoding), "a.txt").text == f"{TEXT}\n{TEXT}"


def test_windows_code_page() -> None:
    # the code page holds â, ê, ô, ơ, ư as letters and most tones as marks behind them
    written = "U\u0309y ban nhân dân, Đa\u0309ng, ngươ\u0300i, Viê\u0323t"
    assert extract(written.encode("cp1258"), "a.txt").text == "Ủy ban nhân dân, Đảng, người, Việt"


@pytest.mark.parametrize("data", [b"\x00\x01\x02\x03" * 50, b"\x01\x02\x03" * 40, bytes(range(256)) * 4])
def test_what_is_no_text(data: bytes) -> None:
    with pytest.raises(ReadFailure) as caught:
        extract(data, "a.txt")
    assert caught.value.code in {"unknown_kind", "empty"}


@pytest.mark.parametrize("magic", [b"%PDF-1.4", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1", b"\xff\xd8\xff", b"\x89PNG"])
def test_renamed_files(magic: bytes) -> None:
    with pytest.raises(ReadFailure) as caught:
        extract(magic + b"rest", "a.txt")
    assert caught.value.code == "renamed"


@pytest.mark.parametrize(("text", "code"), [("", "empty"), (" \u200b\n", "empty"), ("a" * (MAX_TEXT + 1), "too_large")])
def test_limits(text: str, code: str) -> None:
    with pytest.raises(ReadFailure) as caught:
        read_plain(text)
    assert caught.value.code == code


class TestLegacy:
    TCVN3 = "Uû ban nh©n d©n tØnh vµ MÆt trËn Tæ quèc ViÖt Nam ký ch\u00ad¬ng tr×nh phèi hîp víi §oµn thanh niªn."
    VNI = (
        "UÛy ban nhaân daân tænh vaø Maët traän Toå quoác Vieät Nam kyù chöông trình phoái hôïp vôùi Ñoaøn thanh nieân."
    )
    MEANT = "Uỷ ban nhân dân tỉnh và Mặt trận Tổ quốc Việt Nam ký chương trình phối hợp với Đoàn thanh niên."

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
    @pytest.mark.parametrize("written", [TCVN3, VNI])
    def test_asked_about_then_converted(self, written: str, encoding: str) -> None:
        code = "legacy_tcvn3" if written == self.TCVN3 else "legacy_vni"
        source = extract(written.encode(encoding), "a.txt")
        (note,) = source.notes
        assert note.code == code
        meant = self.MEANT.replace("Uỷ", "Ủy") if code == "legacy_vni" else self.MEANT
        assert note.params["after"] == [meant]
        assert extract(written.encode(encoding), "a.txt", convert=True).text == meant

    @pytest.mark.parametrize(
        "text",
        [TEXT, "Ông á à ã é è ê í ò ó ô ù ú ý",
         "Café, garçon, déjà vu, naïve, Zürich, mañana, São Paulo, Århus", "plain", "",
         "Các cá nhân và tổ chức", "5 × 7 = 35; ½ · ± ®"],
    )  # fmt: skip
    def test_other_text_is_left_alone(self, text: str) -> None:
        assert legacy.detect(text * 5) == ""
        assert not [note for note in read_plain(text * 5 + ".").notes if note.code.startswith("legacy")]

    def test_lines_in_unicode_stay_in_a_mixed_text(self) -> None:
        mixed = f"{TEXT}\n{self.TCVN3}"
        assert legacy.detect(mixed) == "legacy_tcvn3"
        assert read_plain(mixed, convert=True).text.endswith(self.MEANT)
        assert read_plain(mixed, convert=True).text.startswith(TEXT)

    @pytest.mark.parametrize("code", ["legacy_tcvn3", "legacy_vni"])
    def test_every_letter_of_the_alphabet(self, code: str) -> None:
        letters = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
        table = legacy._TCVN3 if code == "legacy_tcvn3" else legacy._VNI
        assert set(letters) - set("aeiouy") <= set(table.values())
        written = {shown: key for key, shown in table.items()}
        for letter in letters:
            assert legacy.convert(written.get(letter, letter), code) == letter


class TestLookAlikes:
    MIXED = "Quyết định số 15/QÐ-ТТg cộng hоà"  # U+00D0, two Cyrillic Т, a Cyrillic о

    def test_shown_as_they_stand_and_noted(self) -> None:
        source = read_plain(self.MIXED)
        assert source.text == self.MIXED
        assert [(note.code, note.params["count"]) for note in source.notes] == [("look_alike_letters", 4)]

    def test_folded_for_matching_with_places_in_the_original(self) -> None:
        folded, places = fold_with_map(self.MIXED)
        assert folded == "quyet dinh so 15/qd-ttg cong hoa" == fold(self.MIXED)
        start, end = original_span(places, folded.index("15"), folded.index("ttg") + 3)
        assert self.MIXED[start:end] == "15/QÐ-ТТg"

    def test_decomposed_letters_odd_dashes_and_spaces(self) -> None:
        source = read_plain("Uỷ ban\u00a0nhân dân: 2026\u20132030 \u2212 hết")
        assert source.text == "Uỷ ban nhân dân: 2026\u20132030 \u2212 hết"
        assert fold(source.text) == "uy ban nhan dan: 2026-2030 - het"


def test_bytes_of_a_mark_alone() -> None:
    with pytest.raises(ReadFailure):
        extract(codecs.BOM_UTF8, "a.txt")
