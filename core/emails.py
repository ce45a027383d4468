"""Sentences of notices: each room's emails.py names its own in NOTICE_TEXTS; core shows them in the inbox."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from core.models import Notification

NOTICE_TEXTS: dict[str, Any] = {}


@lru_cache(maxsize=1)
def all_texts() -> dict[str, Any]:
    """Return kind → lazy sentence of every room that has an emails.py."""
    merged: dict[str, Any] = {}
    for table in settings.ROUTE_TABLES:
        module = f"{table.split('.')[0]}.emails"
        if find_spec(module):
            merged |= getattr(import_module(module), "NOTICE_TEXTS", {})
    return merged


def sentence(notice: Notification) -> str:
    """Return the notice in the reader's language; a missing value shows as a dash, an unknown kind says so."""
    text = all_texts().get(notice.kind)
    if text is None:
        return _("A notice that this version cannot show")
    return str(text) % defaultdict(lambda: "–", notice.params)
