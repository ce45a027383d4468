"""Who acts, and whether this address is theirs to use: default deny for every view."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from core import rights, sign_in
from core.models import Actor
from partners.models import actors_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

# What a person with a temporary password may still reach.
BEFORE_PASSWORD = {"core:password_change", "core:session_end", "core:language_set"}


class Rights:
    """Put actors on the request and hold it against the table of rights (core.rights) before any view runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Answer instead of the view where it must not run; None lets it run."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        route = rights.all_routes().get(name)
        if route is None:
            raise PermissionDenied(f"no right declared for {name or request.path}")
        if request.user.is_authenticated and self._session_is_too_old(request):
            logout(request)
        if request.user.is_authenticated:
            sign_in.touch(request)
            request.actors = actors_of(request.user)  # type: ignore[attr-defined]
            request.actor = self._actor(request, route)  # type: ignore[attr-defined]
        if rights.PUBLIC not in route.roles:
            if not request.user.is_authenticated:
                return sign_in.ask(request)
            if request.user.must_change_password and name not in BEFORE_PASSWORD:
                return redirect(reverse("core:password_change"))
            if rights.SIGNED_IN not in route.roles and request.actor is None:  # type: ignore[attr-defined]
                raise PermissionDenied(name)
        if request.method not in {*route.methods, "HEAD", "OPTIONS"}:
            return HttpResponseNotAllowed(route.methods)
        return None

    def _session_is_too_old(self, request: HttpRequest) -> bool:
        started = request.session.get(sign_in.STARTED)
        # A start in the future is a clock that was set back: such a session must not live until it catches up.
        return started is None or abs(time.time() - started) > settings.SESSION_ABSOLUTE_AGE

    def _actor(self, request: HttpRequest, route: rights.Route) -> Actor | None:
        """Return the membership acted under: the posted one where it fits, else the first that fits this route.

        A form asks (field acting_as) where several memberships fit; reading is their union anyway.
        """
        actors: tuple[Actor, ...] = request.actors  # type: ignore[attr-defined]
        fitting = [actor for actor in actors if rights.SIGNED_IN in route.roles or actor.role in route.roles]
        asked = request.POST.get("acting_as") if request.method == "POST" else None
        for actor in fitting:
            if asked and str(actor.membership.pk) == asked:
                return actor
        return fitting[0] if fitting else None
