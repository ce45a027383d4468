"""Kept HTML is that of its values and its language, whatever was drawn before."""

from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.safestring import mark_safe

from core import drawn as module
from core.drawn import drawn

STATUS = "components/status.html"


@pytest.fixture(autouse=True)
def fresh():
    module._keeper.cache_clear()


def _status(label, **other):
    return drawn(STATUS, tone="run", icon_name="run", label=label, plain=False, **other)


def test_another_value_is_another_text_and_the_same_one_is_kept():
    assert ">Một</span>" in _status("Một") and ">Hai</span>" in _status("Hai")
    assert _status("Một") is _status("Một")


def test_what_was_made_safe_never_stands_in_for_the_same_text_that_was_typed():
    assert "<b>x</b>" in _status(mark_safe("<b>x</b>"))
    assert "<b>" not in _status("<b>x</b>") and "&lt;b&gt;" in _status("<b>x</b>")
    nested = [drawn("core/_nav_items.html", nav=((text,),)) for text in ("a", mark_safe("a"))]
    assert nested[0] is not nested[1]


def test_equal_numbers_of_other_kinds_are_other_values():
    assert ">1</span>" in _status(1) and ">True</span>" in _status(True) and ">1,0</span>" in _status(1.0)


def test_each_language_has_its_own():
    pages = {}
    for language in ("vi", "en"):
        with translation.override(language):
            pages[language] = drawn("core/_footer.html", figures_url="/x/", help_name="", help_phone="", is_demo=True)
    assert "Demonstration data" in pages["en"] and "Demonstration data" not in pages["vi"]


def test_the_template_sees_nothing_else(rf):
    with pytest.raises(TypeError):
        _status("x", request={})  # a thing that can change is no key


def test_the_oldest_make_room(monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    first = _status("1")
    _status("2"), _status("3")
    assert _status("1") is not first and _status("1") == first
