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


def corpus_rows() -> list[tuple[str, bool, str]]:
    """Field, right or not, confidence of each judged value of the annotated texts; [] where they are absent."""
    if not (CORPUS / "gold.json").exists():
        return []
    judge = scorer()
    rows: list[tuple[str, bool, str]] = []
    for entry in json.loads((CORPUS / "gold.json").read_text(encoding="utf-8")):
        result = read_text((CORPUS / entry["file"]).read_text(encoding="utf-8"))
        wanted = {judge.norm_number(item["number"]): item for item in entry["legal_refs"]}
        free = {judge.norm_number(number) for number in entry.get("self_refs", []) + entry.get("partial_refs", [])}
        for item in result.references:
            key = judge.norm_number(item.number.text) if item.number else ""
            if item.number is None or (key in free and key not in wanted):
                continue
            gold = wanted.get(key)
            rows.append(("references.number", gold is not None, str(item.number.confidence)))
            if gold is None:
                continue
            kinds = [judge.fold(kind) for kind in [gold["type"], *gold.get("type_alt", [])]]
            rows.append(("references.type", judge.fold(item.type.text) in kinds, str(item.type.confidence)))
            if item.date is not None and item.date.value is not None:
                days = [gold["date"], *gold.get("date_alt", [])]
                rows.append(("references.date", item.date.text in days, str(item.date.confidence)))
            if item.issuer is not None and gold["issuer"]:
                same = judge.same_name(gold["issuer"], item.issuer.text)
                rows.append(("references.issuer", same, str(item.issuer.confidence)))
        if not entry.get("programmes_scored", True):
            continue
        predicted = as_prediction(result, entry["file"])["programmes"]
        pairs = judge.pair_programmes(entry["programmes"], predicted)
        for number, read in enumerate(result.programmes):
            gold = next((item for at, item in enumerate(entry["programmes"]) if pairs.get(at) == number), None)
            rows.append(("programmes", gold is not None, str(read.title.confidence)))
            if gold is None:
                continue
            names = [name for partner in gold["partners"] for name in judge.names_of(gold, partner)]
            for party in read.parties:
                same = any(judge.same_name(name, party.name.text) for name in names)
                rows.append(("programmes.parties", same, str(party.name.confidence)))
            if read.starts_on is not None and read.ends_on is not None:
                years = judge.norm_period(gold["period"]) == judge.norm_period(predicted[number]["period"])
                rows.append(("programmes.period", years, str(read.starts_on.confidence)))
    return rows


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
