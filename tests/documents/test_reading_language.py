"""The lists of words: each file can be used, and a mistake is told in plain words."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from documents.reading import language
from documents.reading.extract import extract
from documents.reading.reader import read_blocks

FILES = sorted(language.FOLDER.glob("*.txt"))
README = (language.FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_list_can_be_used(file: Path) -> None:
    assert language.entries(file.stem, file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_list_says_what_it_is_for(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# ")
    assert f"`{file.stem}`" in README


def test_every_list_of_meanings_is_there() -> None:
    assert set(language.CODED) <= {file.stem for file in FILES}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("units", "cuộc\ncuộc\n", "units.txt, line 2: “cuộc” is already in the list. Delete one of the two lines."),
        ("units", "# nothing\n", "units.txt: the list is empty. Put back at least one line."),
        ("units", "cuộc \n", "units.txt, line 1: remove the spaces at the beginning or end of “cuộc ”."),
        ("units", "lượt  người\n", "units.txt, line 1: put one space between the words of “lượt  người”."),
        (
            "sections",
            "kinh phí = money\n",
            "sections.txt, line 1: “money” is no known meaning. Choose one of: bases, general, goals, tasks, duties, "
            "running, recipients.",
        ),
        ("months", "\ntư\n", "months.txt, line 2: write “phrase = meaning”, for example like the other lines"),
        ("units", "cuộc\nho\u0323\u0302i\n", "units.txt, line 2: type “ho\u0323\u0302i” again; its accents"),
    ],
)
def test_a_mistake_is_told_in_plain_words(name: str, text: str, told: str) -> None:
    with pytest.raises(language.WrongEntry) as caught:
        language.entries(name, text)
    assert str(caught.value).startswith(told)


def rules(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if "rule" in tree and "confidence" in tree:
            yield tree["rule"]
        for item in tree.values():
            yield from rules(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from rules(item)


def test_every_rule_that_finds_something_has_a_name_in_the_list() -> None:
    known = language.table("rules")
    seen: set[str] = set()
    for file in sorted((Path(__file__).parent / "samples" / "files").iterdir()):
        seen |= set(rules(read_blocks(extract(file.read_bytes(), file.name, convert=True).blocks).to_json()))
    assert len(seen) > 40
    assert seen <= set(known)


def test_no_rule_of_the_list_has_left_the_code() -> None:
    strings = {
        node.value
        for path in language.FOLDER.parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }
    assert [name for name in language.table("rules") if name not in strings] == []
