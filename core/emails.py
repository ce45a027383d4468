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
    from types import ModuleType

    from core.models import Notification

NOTICE_TEXTS: dict[str, Any] = {}


@lru_cache(maxsize=1)
def all_texts() -> dict[str, Any]:
    """Return kind → lazy sentence of every room that has an emails.py."""
    return _merged("NOTICE_TEXTS")


@lru_cache(maxsize=1)
def all_groups() -> dict[str, tuple[Any, tuple[str, ...]]]:
    """Return the groups of kinds that a person may mute: name → (words, kinds); rooms add to each other's groups."""
    groups: dict[str, tuple[Any, tuple[str, ...]]] = {}
    for module in _modules():
        for name, (words, kinds) in getattr(module, "NOTICE_GROUPS", {}).items():
            known = groups.get(name, (words, ()))
            groups[name] = (known[0], known[1] + kinds)
    return groups


def _modules() -> list[ModuleType]:
    names = [f"{table.split('.')[0]}.emails" for table in settings.ROUTE_TABLES]
    return [import_module(name) for name in names if find_spec(name)]


def _merged(table: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for module in _modules():
        merged |= getattr(module, table, {})
    return merged


def sentence(notice: Notification) -> str:
    """Return the notice in the reader's language; a missing value shows as a dash, an unknown kind says so."""
    text = all_texts().get(notice.kind)
    if text is None:
        return _("A notice that this version cannot show")
    return str(text) % defaultdict(lambda: "–", notice.params)
