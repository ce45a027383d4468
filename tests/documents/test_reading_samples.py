"""The drafted sample documents, read from their files, held against what a person found in them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from documents.reading.extract import extract
from documents.reading.reader import read_blocks
from documents.types import ReadResult
from tests.documents.samples import golden
from tests.documents.test_reading_corpus import corpus_rows

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted((SAMPLES / "files").iterdir())
NEGATIVES = {"quyet-dinh-mot-ben.docx", "tin-khong-ky.txt", "ke-hoach-mot-don-vi.pdf"}


def read(file: Path) -> ReadResult:
    return read_blocks(extract(file.read_bytes(), file.name, convert=True).blocks)


def rows_of(file: Path) -> list[tuple[str, bool, str, Any, Any]]:
    wanted = json.loads((SAMPLES / "golden" / f"{file.name}.json").read_text(encoding="utf-8"))
    return golden.compare(wanted, golden.result(read(file)))


def all_rows() -> Iterator[tuple[str, str, bool, str, Any, Any]]:
    for file in FILES:
        for name, right, sure, wanted, got in rows_of(file):
            yield file.name, name, right, sure, wanted, got


def test_there_are_enough_samples_of_each_kind() -> None:
    kinds = [file.suffix for file in FILES]
    assert len(FILES) >= 12 and kinds.count(".docx") >= 5 and kinds.count(".pdf") >= 4


def test_nearly_all_fields_are_right() -> None:
    """At least 95 % of the values of the samples; prints right/total and certain right/certain of each field."""
    table: dict[str, list[int]] = {}
    wrong = []
    for file, name, right, sure, wanted, got in all_rows():
        line = table.setdefault(name, [0, 0, 0, 0])
        line[0] += right
        line[1] += 1
        line[2] += right and sure == "certain"
        line[3] += sure == "certain"
        if not right:
            wrong.append((file, name, sure, wanted, got))
    print(f"\n{'field':32}{'right':>12}{'certain right':>18}")
    for name, (right, total, certain_right, certain) in sorted(table.items()):
        print(f"{name:32}{right:>6}/{total:<5}{certain_right:>10}/{certain:<7}")
    right, total = sum(line[0] for line in table.values()), sum(line[1] for line in table.values())
    print(f"{'all':32}{right:>6}/{total:<5}")
    assert right >= 0.95 * total, wrong


def test_what_is_shown_as_certain_is_right() -> None:
    """At least 99 % over samples and, where it lies beside the project, the annotated corpus."""
    certain = [(name, right) for _, name, right, sure, _, _ in all_rows() if sure == "certain"]
    annotated = [(name, right) for name, right, sure in corpus_rows() if sure == "certain"]
    for label, rows in (("samples", certain), ("corpus", annotated), ("together", certain + annotated)):
        good = sum(right for _, right in rows)
        print(f"\ncertain, {label}: {good}/{len(rows)} right")
    both = certain + annotated
    assert sum(right for _, right in both) >= 0.99 * len(both), [name for name, right in both if not right]


@pytest.mark.parametrize("name", sorted(NEGATIVES))
def test_no_programme_is_invented(name: str) -> None:
    assert read(SAMPLES / "files" / name).programmes == ()


def test_the_twenty_tasks_of_the_long_programme() -> None:
    (programme,) = read(SAMPLES / "files" / "chuong-trinh-20-nhiem-vu.docx").programmes
    assert len(programme.tasks) == 20
    assert all(task.lead is not None and task.group_code is not None for task in programme.tasks)
    assert sum(task.due_on is not None for task in programme.tasks) == 10


def test_every_value_points_at_its_place() -> None:
    for file in FILES:
        result = read(file)
        assert ReadResult.from_json(result.to_json()) == result
        for programme in result.programmes:
            for task in programme.tasks:
                assert task.title.span is not None
                assert " ".join(result.quoted(task.title.span).split()) == task.title.text
