"""What is brought up to date before the server starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation.reloader import translation_file_changed

from config import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

CATALOGUE = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n"

msgid "Only this test says so"
msgstr "Chỉ kiểm thử này nói vậy"
"""


def test_texts_written_right_after_compiling_are_vietnamese(settings: SettingsWrapper, tmp_path: Path) -> None:
    """On a new machine the same process compiles the catalogues and writes the demo data, after a first look-up."""
    place = tmp_path / "core" / "locale" / "vi" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "django.po").write_text(CATALOGUE)
    settings.BASE_DIR, settings.LOCALE_PATHS = tmp_path, [tmp_path / "core" / "locale"]
    translation_file_changed(None, place / "django.mo")
    try:
        with translation.override("vi"):
            assert gettext("Only this test says so") == "Only this test says so"
        prepare.catalogues()
        with translation.override("vi"):
            assert gettext("Only this test says so") == "Chỉ kiểm thử này nói vậy"
    finally:
        translation_file_changed(None, place / "django.mo")
