"""Accuracy on the annotated texts and on the original news text, where they lie beside the project."""

import importlib.util
import json
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from documents.reading import read_text
from documents.reading.output import as_prediction

SHARED = Path(__file__).resolve().parents[3] / "shared"
CORPUS = SHARED / "corpus"
INPUTS = SHARED / "inputs"

needs_corpus = pytest.mark.skipif(not (CORPUS / "gold.json").exists(), reason="no annotated corpus beside the project")
needs_inputs = pytest.mark.skipif(not list(INPUTS.glob("*.txt")), reason="no original news text beside the project")


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpus_score", CORPUS / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_corpus
def test_accuracy_on_the_corpus() -> None:
    gold: list[dict[str, Any]] = json.loads((CORPUS / "gold.json").read_text(encoding="utf-8"))
    predictions = [
        as_prediction(read_text((CORPUS / entry["file"]).read_text(encoding="utf-8")), entry["file"]) for entry in gold
    ]
    result = scorer().score(gold, predictions, True)
    references, programmes = result["legal_refs"], result["programmes"]
    assert references["duplicates_predicted"] == 0, result["details"]
    for name in ("f1", "type_accuracy", "date_accuracy", "issuer_accuracy", "subject_overlap"):
        assert references[name] >= 0.98, (name, result["details"])
    for name in ("count_exact", "period_accuracy", "partner_recall", "title_hit_rate"):
        assert programmes[name] >= 0.98, (name, result["details"])


@needs_inputs
def test_the_original_news_text() -> None:
    text = next(iter(sorted(INPUTS.glob("*.txt")))).read_text(encoding="utf-8")
    result = read_text(text)
    front = "Ủy ban MTTQ tỉnh Thái Nguyên"
    assert [[party.name.text for party in programme.parties] for programme in result.programmes] == [
        [front, "Liên hiệp các Tổ chức hữu nghị tỉnh"],
        [front, "Sở Lao động, thương binh và Xã hội"],
        [front, "Hội Chữ thập đỏ tỉnh"],
    ]
    people, poverty, relief = result.programmes
    for programme in (people, relief):
        assert programme.starts_on is not None and programme.starts_on.value == date(2023, 1, 1)
        assert programme.ends_on is not None and programme.ends_on.value == date(2027, 12, 31)
    assert poverty.starts_on is None and poverty.implements_period is not None
    assert [item.value for item in poverty.implements_period] == [date(2021, 1, 1), date(2025, 12, 31)]
    for programme in result.programmes:
        assert programme.signed_on is not None and programme.signed_on.value == date(2023, 7, 14)
        assert programme.signed_on.confidence == "check"
        assert programme.goals
    assert [
        (
            item.type.text,
            item.number and item.number.text,
            item.date and item.date.value,
            item.issuer and item.issuer.text,
        )
        for item in result.references
    ] == [
        ("Chỉ thị", "05-CT/TW", date(2021, 6, 23), "Ban Bí thư Trung ương Đảng"),
        ("Nghị quyết", "24/2021/QH15", date(2021, 7, 28), "Quốc hội"),
        ("Chương trình hành động", "10-CTr/TU", date(2021, 8, 23), "Ban Thường vụ Tỉnh ủy Thái Nguyên"),
        ("Chỉ thị", "43-CT/TW", date(2010, 6, 8), "Ban Bí thư Trung ương Đảng (khóa X)"),
    ]
    assert [len(programme.legal_bases) for programme in result.programmes] == [0, 3, 1]
