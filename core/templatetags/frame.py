"""What surrounds every page, drawn once for those it looks alike for (core.drawn).

Four things in it are of one person or one request alone: the name, the form token, the address and the minute in which
it may be printed. The kept HTML has marks in their places.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.drawn import drawn
from core.http import address

register = template.Library()

MARK = secrets.token_hex(8)  # nobody can type what is not known
NAME, TOKEN, PATH, MINUTE = (f"{MARK}-{name}" for name in ("name", "token", "path", "minute"))


class Entry(NamedTuple):
    """An entry of the navigation."""

    url: str
    label: str
    current: bool
    count: int
    count_label: str


@register.simple_tag
def page_links() -> SafeString:
    """Icon, styles and script; their names change with their content, so they are fixed for the life of a process."""
    return drawn("core/_links.html")


@register.simple_tag(takes_context=True)
def page_header(context: Context) -> SafeString:
    """House, navigation, notices, language, account; for print the minute."""
    request, site = context.get("request"), context.get("site") or {}
    user = getattr(request, "user", None)
    signed_in, token = bool(user and user.is_authenticated), str(context.get("csrf_token") or "")
    html = drawn(
        "core/_header.html",
        committee=site.get("committee", ""),
        place=site.get("place", ""),
        search_url=site.get("search_url", ""),
        nav=tuple(
            Entry(one["url"], str(one["label"]), one["current"], one.get("count", 0), str(one.get("count_label", "")))
            for one in context.get("nav") or ()
        ),
        signed_in=signed_in,
        name=NAME if signed_in else "",
        unread=context.get("unread") or 0,
        LANGUAGE_CODE=get_language(),
        notices_url=address("core:notice_list"),
        account_url=address("core:account_show") or "#",
        session_end_url=address("core:session_end"),
        language_url=address("core:language_set"),
        csrf_token=TOKEN if token else "",
        full_path=PATH,
        printed_at=MINUTE,
    )
    for mark, text in (
        (TOKEN, token),
        (MINUTE, f"{timezone.localtime():%d/%m/%Y %H:%M}"),
        (PATH, conditional_escape(request.get_full_path()) if request else ""),
        (NAME, conditional_escape(user.full_name) if signed_in else ""),  # type: ignore[union-attr]
    ):
        html = html.replace(mark, text)  # type: ignore[assignment]  # of safe texts
    return SafeString(html)


@register.simple_tag(takes_context=True)
def page_footer(context: Context) -> SafeString:
    """How figures are counted, whom to call, whether the data are a demonstration's."""
    site = context.get("site") or {}
    return drawn(
        "core/_footer.html",
        figures_url=site.get("figures_url", ""),
        help_name=site.get("help_name", ""),
        help_phone=site.get("help_phone", ""),
        is_demo=bool(site.get("is_demo")),
    )
