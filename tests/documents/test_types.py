"""A reading survives storage as plain JSON unchanged."""

import json
from datetime import date
from decimal import Decimal

import pytest

from documents.types import (
    Block,
    Confidence,
    Found,
    ReadGoal,
    ReadParty,
    ReadProgramme,
    ReadQuantity,
    ReadReference,
    ReadReporting,
    ReadResult,
    ReadTask,
    Span,
)


def found(value: object, start: int = 0, end: int = 1) -> Found:
    return Found(value, Span(1, 0, start, end), Confidence.CERTAIN, "rule")  # type: ignore[arg-type]


def full_result() -> ReadResult:
    reference = ReadReference(found("Chỉ thị"), found("05-CT/TW"), found(date(2021, 6, 23)), None, found("về …"))
    task = ReadTask(
        found("Tập huấn"),
        "II.1",
        found("Nội dung"),
        found("Sở Y tế"),
        (found("Hội"),),
        quantities=(ReadQuantity(found(Decimal("1.5")), found("tấn")),),
    )
    programme = ReadProgramme(
        kind=found("programme"),
        title=found("Chương trình phối hợp"),
        signed_on=Found(None, None, Confidence.MISSING, "date without year", "year_missing"),
        parties=(ReadParty(found("A"), "lead", found("Trần Thị Mai"), found("CHỦ TỊCH")), ReadParty(found("B"))),
        starts_on=found(date(2026, 1, 1)),
        implements_starts_on=found(date(2021, 1, 1)),
        implements_ends_on=found(date(2025, 12, 31)),
        legal_bases=(reference,),
        goals=(ReadGoal(found("…"), "requirement"),),
        tasks=(task,),
        reporting=(ReadReporting(found("báo cáo"), found("year")),),
    )
    return ReadResult((Block("Đối ngoại", 2, "heading"),), (reference,), (programme,))


def test_a_reading_survives_json() -> None:
    result = full_result()
    stored = json.loads(json.dumps(result.to_json(), ensure_ascii=False))
    assert ReadResult.from_json(stored) == result


def test_values_keep_their_types() -> None:
    back = ReadResult.from_json(full_result().to_json())
    programme = back.programmes[0]
    assert programme.starts_on is not None and programme.starts_on.value == date(2026, 1, 1)
    assert programme.tasks[0].quantities[0].value.value == Decimal("1.5")
    assert programme.signed_on is not None and programme.signed_on.confidence is Confidence.MISSING


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"version": 0},
        {"version": 2, "blocks": [{"words": "x"}]},
        {"version": 2, "references": [{"type": {}}]},
        {"version": 2, "x": 1},
    ],
)
def test_other_data_are_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="reading"):
        ReadResult.from_json(stored)


def test_text_and_quoted() -> None:
    result = full_result()
    assert found(date(2026, 2, 5)).text == "2026-02-05"
    assert Found(None, None, Confidence.MISSING, "rule").text == ""
    assert result.quoted(Span(2, 0, 0, 3)) == "Đối"
    assert result.quoted(None) == ""


def test_the_implemented_period_needs_both_ends() -> None:
    programme = full_result().programmes[0]
    assert programme.implements_period == (programme.implements_starts_on, programme.implements_ends_on)
    assert ReadProgramme(found("programme"), found("x")).implements_period is None
