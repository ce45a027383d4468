"""The command that prints a reading: JSON for the scorer, a summary for people, no database."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.documents.extract.files import docx, par

SAMPLES = Path(__file__).parents[1] / "documents" / "samples"
INPUT = Path(__file__).parents[3] / "shared" / "inputs" / "signing-news-thai-nguyen-2023-07-14.txt"


def run(*args: str) -> str:
    out = StringIO()
    call_command("read_document", *args, stdout=out)
    return out.getvalue()


def test_json_is_a_list_of_predictions() -> None:
    files = [str(SAMPLES / "tin-ky-ket.txt"), str(SAMPLES / "chuong-trinh.txt")]
    news, programme = json.loads(run(*files, "--json"))
    assert news["file"] == "tin-ky-ket.txt"
    assert [item["period"] for item in news["programmes"]] == [[2026, 2030], None, [2026, 2030]]
    assert [set(item) for item in news["programmes"]] == [{"title", "partners", "period"}] * 3
    assert {"type", "number", "date", "issuer", "subject"} == set(news["legal_refs"][0])
    assert programme["programmes"][0]["period"] == [2026, 2030]


def test_summary_names_programmes_and_doubts() -> None:
    shown = run(str(SAMPLES / "tin-ky-ket.txt"))
    assert "3 programmes" in shown
    assert "Hội Khuyến học tỉnh" in shown
    assert "year_inferred" in shown


def test_missing_and_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing.txt"):
        run(str(tmp_path / "nothing.txt"))
    broken = tmp_path / "scan.txt"
    broken.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    with pytest.raises(CommandError, match="renamed"):
        run(str(broken))


def test_explained_values_name_rule_and_place() -> None:
    (found,) = json.loads(run(str(SAMPLES / "chuong-trinh.txt"), "--json", "--explain"))
    title = next(item for item in found["explained"] if item["value"] == "programme 1.title")
    assert title["rule"]
    assert (title["page"], title["text"]) == (1, title["text"].strip())
    shown = run(str(SAMPLES / "chuong-trinh.txt"), "--explain")
    assert title["rule"] in shown
    assert f"block {title['block']}" in shown


def test_files_of_word_and_pdf(tmp_path: Path) -> None:
    lines = (SAMPLES / "chuong-trinh.txt").read_text(encoding="utf-8").split("\n")
    word = tmp_path / "chuong-trinh.docx"
    word.write_bytes(docx(*(par(line) for line in lines if line.strip())))
    (found,) = json.loads(run(str(word), "--json"))
    assert found["programmes"][0]["period"] == [2026, 2030]
    assert len(found["legal_refs"]) >= 3


def test_empty_file_reads_as_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("", encoding="utf-8")
    assert json.loads(run(str(empty), "--json")) == [{"file": "empty.txt", "legal_refs": [], "programmes": []}]


def test_the_signing_of_2023() -> None:
    if not INPUT.exists():
        pytest.skip("the news text of 14/07/2023 is not beside the repository")
    (found,) = json.loads(run(str(INPUT), "--json"))
    assert [item["period"] for item in found["programmes"]] == [[2023, 2027], None, [2023, 2027]]
    assert [item["number"] for item in found["legal_refs"]] == ["05-CT/TW", "24/2021/QH15", "10-CTr/TU", "43-CT/TW"]
