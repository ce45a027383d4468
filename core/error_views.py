"""Error pages: what happened to the input, what to do, a short reference code (ux.md 2.16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from core.exceptions import NotAllowed

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.exceptions import DomainError


TOKENS = frozenset({"csrfmiddlewaretoken", "form_key", "whose", "carried", "next"})


def typed(request: HttpRequest) -> list[str]:
    """Return the words of a refused form, so that its page can show them: Back does not keep them on every browser.

    Which fields were texts is not known here; what has a space or a letter beyond ASCII was written by a person, keys
    and choices have neither. Passwords are left out.
    """
    values = [
        value.strip()
        for name, given in request.POST.lists()
        if name not in TOKENS and "password" not in name.lower()
        for value in given
    ]
    return [value for value in dict.fromkeys(values) if not value.isascii() or len(value.split()) > 1]


def _code(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown or foreign object: the same page for both."""
    return render(request, "404.html", {"code": _code(request), "typed": typed(request)}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a role without the right."""
    return render(request, "403.html", {"code": _code(request), "typed": typed(request)}, status=403)


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
    context = {"error": error, "code": _code(request), "typed": typed(request)}
    return render(request, "core/domain_error.html", context, status=status)
