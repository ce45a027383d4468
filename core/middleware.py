"""What surrounds every request: its id, headers, language, errors, and the context of row history."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any

import pghistory
from django.conf import settings
from django.utils import translation

from core import audit, notices, services
from core.error_views import domain_error
from core.exceptions import DomainError, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

LANGUAGE_COOKIE = "language"
DEEDS_COOKIE, DEEDS_SECONDS = "deeds", 60  # longer than any count is kept
log = logging.getLogger("phoi_hop.request")


def client_address(request: HttpRequest) -> str:
    """Return the caller's address; forwarded headers count only for the set number of own proxies."""
    hops = settings.PROXY_HOPS
    if hops:
        chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(chain) >= hops:
            return chain[-hops][:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


class RequestId:
    """Give each request a short id that error pages, log and audit share."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex[:8].upper()  # type: ignore[attr-defined]
        token = audit.current_request.set(
            audit.RequestInfo(request_id=request.request_id, address=client_address(request))  # type: ignore[attr-defined]
        )
        try:
            return self.get_response(request)
        finally:
            audit.current_request.reset(token)


class Headers:
    """Headers Django does not set: no-store on pages (drafts must not stay in a shared browser), permissions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class Language:
    """Use the person's language; signed out, the cookie's; Vietnamese by default."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "language", None) or request.COOKIES.get(LANGUAGE_COOKIE, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


class Errors:
    """Turn a DomainError that no view handled into a page that says what to do; log refusals after the rollback."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 403 or 409 with the error's own sentence; a refusal also enters the audit trail."""
        if not isinstance(exception, DomainError):
            return None
        if isinstance(exception, NotAllowed) and request.user.is_authenticated:
            actor = getattr(request, "actor", None) or request.user
            audit.log(actor, "refused", label=request.path[:300], detail={"method": request.method or ""})
        return domain_error(request, exception)


class OwnDeeds:
    """Mark the browser after each POST that did something, so that counts kept for some seconds are counted anew.

    A cookie, not the session: it costs no write, and it reaches every worker with the next request. A POST that did
    something leads on to a page; a form that is shown again changed nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code in {302, 303}:
            response.set_cookie(
                DEEDS_COOKIE,
                uuid.uuid4().hex[:8],
                max_age=DEEDS_SECONDS,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response


def own_deeds(request: HttpRequest) -> str:
    """Return a text that changes with each deed of this browser, "" when the last one is a minute ago."""
    mark = request.COOKIES.get(DEEDS_COOKIE, "")
    return mark if len(mark) == 8 and mark.isascii() and mark.isalnum() else ""


class HistoryContext:
    """Join row history (triggers) to the action: request id and person on every event row of a writing request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self.get_response(request)
        with pghistory.context(request=request.request_id, user=request.user.pk):  # type: ignore[attr-defined]
            return self.get_response(request)


class OpenedNotices:
    """A notice is read once its page is opened, from the inbox, a mail or anywhere else; asks nothing without any."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "GET" and getattr(request.user, "unread", 0):
            user: Any = request.user
            user.unread -= services.open_notices(actor=user, url=request.get_full_path())  # the bell of this page
        return self.get_response(request)


class Release:
    """Let the notices of a person's decisions leave once the person opens a page outside settings.UNDO_AREA."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = request.method == "GET" and response.get("Content-Type", "").startswith("text/html")
        if is_page and not request.path.startswith(settings.UNDO_AREA) and request.session.get(notices.DECIDED):
            del request.session[notices.DECIDED]
            notices.release(request.user)  # type: ignore[arg-type]
        return response
