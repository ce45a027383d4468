"""Cells of tables with many rows, drawn without a template: a loop of one takes longer than all queries of the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.templatetags.format import number

register = template.Library()

NONE = '<td class="num{}" data-l="{}"><span aria-hidden="true">–</span><span class="visually-hidden">{}</span></td>'


@register.filter
def count_cells(cells: Iterable[tuple[str, int | None, str, Any]]) -> SafeString:
    """The cells of a table of counts from (tone, number, url, label): each number leads to its rows, 0 has none.

    None = no data: a dash that is read aloud in words.

    Tones: "" | over (red where there are any) | strong.
    """
    return format_html_join("", "{}", ((_count_cell(*cell),) for cell in cells))


def _count_cell(tone: str, count: int | None, url: str, label: Any) -> SafeString:
    strong = " strong" if tone == "strong" else ""
    if count is None:
        return format_html(NONE, strong, label, _("No figures yet"))
    if not count:
        return format_html('<td class="num{}" data-l="{}">0</td>', strong, label)
    tone = " over" if tone == "over" else strong
    shown = number(count)
    return format_html('<td class="num{}" data-l="{}"><a href="{}">{}</a></td>', tone, label, url, shown)
