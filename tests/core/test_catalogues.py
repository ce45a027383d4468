"""core.catalogues and core.untranslated: what counts as a message, what counts as a problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import catalogues, untranslated


@pytest.fixture
def house(tmp_path: Path, settings) -> Path:
    """Return an empty house with the folders of two rooms."""
    settings.BASE_DIR = tmp_path
    for room in catalogues.ROOMS:
        (tmp_path / room / "locale" / "vi" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "templates" / "partners").mkdir(parents=True)
    return tmp_path


def write_po(house: Path, room: str, *pairs: tuple[str, str]) -> None:
    """Write a catalogue of a room."""
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    body = "".join(f'msgid "{english}"\nmsgstr "{vietnamese}"\n\n' for english, vietnamese in pairs)
    (house / room / "locale" / "vi" / "LC_MESSAGES" / "django.po").write_text(head + body, encoding="utf-8")


def test_messages_of_python_and_templates_are_found(house: Path) -> None:
    (house / "core" / "a.py").write_text(
        '_("One")\nngettext("%(n)s file", "%(n)s files", 2)\npgettext("verb", "Set")\n'
    )
    (house / "templates" / "partners" / "x.html").write_text(
        '{% load i18n %}{% translate "Two" %}{% blocktranslate with n=3 trimmed %}\n Three {{ n }} \n'
        '{% endblocktranslate %}{{ _("Four") }}{% translate "50 %" context "share" %}'
    )
    (house / "templates" / "base.html").write_text("{% load i18n %}{% translate 'Five' %}")
    found = catalogues.used()
    assert set(found["core"]) == {("", "One"), ("", "%(n)s file"), ("verb", "Set"), ("", "Five")}
    assert set(found["partners"]) == {("", "Two"), ("", "Three %(n)s"), ("", "Four"), ("share", "50 %%")}


def test_missing_unused_contradictory_and_misquoted_translations_are_problems(house: Path) -> None:
    (house / "core" / "a.py").write_text('_("One")\n_("Sent by %(who)s")\n_("Same")')
    (house / "partners" / "a.py").write_text('_("Same")')
    write_po(house, "core", ("Sent by %(who)s", "Gửi bởi %(ai)s"), ("Old", "Cũ"), ("Same", "Giống"))
    write_po(house, "partners", ("Same", "Khác"))
    text = "\n".join(catalogues.problems())
    assert "no translation of 'One'" in text
    assert "nothing uses 'Old'" in text
    assert "placeholders differ in 'Sent by %(who)s'" in text
    assert "'Same' is 'Khác' here, 'Giống' in core" in text


def test_a_complete_catalogue_has_no_problem_and_compiles(house: Path) -> None:
    (house / "core" / "a.py").write_text('_("One")')
    write_po(house, "core", ("One", "Một"))
    assert catalogues.problems() == []
    assert catalogues.compile_all() == 1
    assert (house / "core" / "locale" / "vi" / "LC_MESSAGES" / "django.mo").stat().st_size > 0


def test_bare_text_is_found_in_text_and_in_attributes_that_are_read_aloud(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<p title="Hint">Words</p>{% translate "Fine" %}{# note #}<b>{{ value }} – 12 %</b><i>Phối Hợp</i>')
    assert untranslated.bare_text(page) == ["Hint", "Words"]
