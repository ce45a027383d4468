"""Shapes in which news tell of a signing, each with the parties and years that must be read (invented texts)."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from documents.reading import read_text
from documents.types import Found

SHAPES = json.loads((Path(__file__).parent / "samples" / "news-shapes.json").read_text(encoding="utf-8"))


def year(found: Found | None) -> int | None:
    return found.value.year if found is not None and isinstance(found.value, date) else None


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape["text"][:40])
def test_what_a_news_text_reports(shape: dict[str, Any]) -> None:
    read = [
        ([party.name.text for party in programme.parties], [year(programme.starts_on), year(programme.ends_on)])
        for programme in read_text(shape["text"]).programmes
    ]
    assert read == [(item["parties"], item["years"] or [None, None]) for item in shape["programmes"]]


def test_a_headline_that_contradicts_its_text_makes_the_years_doubtful() -> None:
    (programme,) = read_text(
        "Hội Khuyến học và Tỉnh đoàn Sơn Bình ký kết chương trình phối hợp giai đoạn 2018 - 2020\n\n"
        "Sáng 28/3, Hội Khuyến học và Tỉnh đoàn Sơn Bình ký kết chương trình phối hợp xây dựng xã hội học tập "
        "giai đoạn 2016 - 2020."
    ).programmes
    assert programme.starts_on is not None
    assert (year(programme.starts_on), programme.starts_on.confidence) == (2016, "check")


def test_the_day_of_a_review_is_no_day_of_signing() -> None:
    (programme,) = read_text(
        "Ngày 15/11/2017, Liên đoàn Lao động tỉnh và Công an tỉnh tổng kết quy chế phối hợp bảo đảm an ninh trật tự "
        "giai đoạn 2013-2017."
    ).programmes
    assert programme.signed_on is None


def test_a_decision_that_lets_somebody_sign_is_no_agreement() -> None:
    text = (
        "QUYẾT ĐỊNH\nVề việc ký kết Thỏa thuận hợp tác giữa UBND tỉnh Sơn Bình và Ngân hàng Chính sách xã hội "
        "giai đoạn 2026-2030\nCHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH\nĐiều 1. Ký kết Thỏa thuận hợp tác giữa UBND tỉnh Sơn Bình "
        "và Ngân hàng Chính sách xã hội giai đoạn 2026-2030."
    )
    assert read_text(text).programmes == ()
