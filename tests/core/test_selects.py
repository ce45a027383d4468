"""Choices under headings: marked once, escaped, without an empty heading."""

from __future__ import annotations

from core.templatetags.selects import option_groups


def test_headings_are_groups_and_the_chosen_one_is_marked() -> None:
    html = option_groups([("", [("1", "Một")]), ("<b>", [("2", "Hai"), ("3", '"Ba"')])], "3")
    assert html == (
        '<option value="1">Một</option><optgroup label="&lt;b&gt;"><option value="2">Hai</option>'
        '<option value="3" selected>&quot;Ba&quot;</option></optgroup>'
    )
    assert option_groups([], "3") == ""
