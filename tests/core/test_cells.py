"""Cells of counts: a number leads to its rows, none is a dash, nothing of an address or label escapes into the page."""

from __future__ import annotations

from core.templatetags.cells import count_cells


def test_a_number_leads_to_its_rows_nought_is_nought_and_no_data_a_dash_in_words():
    html = count_cells([("over", 1234, "/a/?b=1&c=2", "Late"), ("", 0, "/x/", "Done"), ("strong", None, "/y/", "All")])
    assert html == (
        '<td class="num over" data-l="Late"><a href="/a/?b=1&amp;c=2">1.234</a></td>'
        '<td class="num" data-l="Done">0</td><td class="num strong" data-l="All"><span aria-hidden="true">–</span>'
        '<span class="visually-hidden">Chưa có số liệu</span></td>'
    )


def test_what_is_shown_is_escaped():
    html = count_cells([("strong", 5, '"><script>', "<b>")])
    assert "<script>" not in html and "<b>" not in html
    assert count_cells([]) == ""
