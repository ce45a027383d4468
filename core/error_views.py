"""Error pages: what happened to the input, what to do, a short reference code (ux.md 2.16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from core.exceptions import NotAllowed

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.exceptions import DomainError


def _code(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown or foreign object: the same page for both."""
    return render(request, "404.html", {"code": _code(request)}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a role without the right."""
    return render(request, "403.html", {"code": _code(request)}, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that no form of ours sends."""
    return render(request, "400.html", {"code": _code(request)}, status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours without touching database or context."""
    from django.http import HttpResponse
    from django.template.loader import render_to_string

    return HttpResponse(render_to_string("500.html", {"code": _code(request)}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose cookie was lost: going back keeps what was typed."""
    return render(request, "403_csrf.html", {"code": _code(request)}, status=403)


def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer a broken rule with its own sentence: 403 for a missing right, else 409."""
    status = 403 if isinstance(error, NotAllowed) else 409
    return render(request, "core/domain_error.html", {"error": error, "code": _code(request)}, status=status)
