"""What every page needs from core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the theme, the number of unread notices, and whether a form reappears after a lost session."""
    return {
        "unread": getattr(getattr(request, "user", None), "unread", 0),
        "theme": getattr(getattr(request, "user", None), "theme", None) or "system",
        "was_carried": getattr(request, "was_carried", False),
    }
