"""Search: marks ignored, numbers however written, rights respected."""

from __future__ import annotations

import pytest

from insights.search import search
from tests.make import make_activity, make_legal_document, make_programme, make_task


def titles(user, words: str) -> list[str]:
    return [hit.title for group in search(user, words) for hit in group.hits]


def test_words_without_marks_find_words_with_marks(cast):
    make_programme(cast, short_title="Đối ngoại nhân dân")
    assert titles(cast.lan, "doi ngoai") == ["Đối ngoại nhân dân"]
    assert titles(cast.lan, "ĐỐI NGOẠI") == ["Đối ngoại nhân dân"]


@pytest.mark.parametrize("words", ["05-CT/TW", "05 ct/tw", "05-ct/tw"])
def test_number_of_a_document(cast, words):
    make_legal_document(number="105-CT/TW")
    make_legal_document(number="05-CT/TW")
    assert titles(cast.lan, words)[0] == "Chỉ thị 05-CT/TW"


def test_every_kind_is_found(cast):
    programme = make_programme(cast, short_title="Quả mận")
    task = make_task(cast, programme, title="Trồng quả mận")
    make_activity(cast, task, title="Hái quả mận")
    make_legal_document(subject="Về quả mận")
    assert titles(cast.lan, "qua man")[:3] == ["Quả mận", "Trồng quả mận", titles(cast.lan, "ve qua man")[0]]
    assert "Hái quả mận" in titles(cast.lan, "qua man")
    assert "Sở Y tế" in titles(cast.lan, "so y te")


def test_foreign_content_is_not_found(cast):
    programme = make_programme(cast, short_title="Quả mận")
    task = make_task(cast, programme, title="Trồng quả mận")
    make_activity(cast, task, title="Hái quả mận", review="draft")
    for user in (cast.tuan, cast.phuong, cast.duc):
        assert titles(user, "qua man") == []
    assert "Hái quả mận" not in titles(cast.lan, "qua man")


@pytest.mark.parametrize("words", ["", " ", "a", "%", "\x00", "' OR 1=1 --", "x" * 70_000])
def test_odd_words_find_nothing_and_break_nothing(cast, sign_in, words):
    make_programme(cast)
    assert titles(cast.lan, words) == []
    assert sign_in(cast.lan).get("/tim-kiem/", {"q": words[:3000]}).status_code == 200


def test_page_escapes_what_was_typed(cast, sign_in):
    html = sign_in(cast.lan).get("/tim-kiem/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in html
