"""Choices of a select under headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join

from core.templatetags.ui import options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def option_groups(groups: Iterable[tuple[str, Iterable[tuple[str, str]]]], chosen: str = "") -> SafeString:
    """The <option>s of (heading, choices), the chosen one marked: a heading is an <optgroup>, "" is none."""
    drawn = (
        format_html('<optgroup label="{}">{}</optgroup>', heading, options(choices, chosen))
        if heading
        else options(choices, chosen)
        for heading, choices in groups
    )
    return format_html_join("", "{}", ((part,) for part in drawn))
