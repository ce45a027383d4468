"""Signing in, and what becomes of a page whose session has ended."""

from __future__ import annotations

import datetime
import json
import time
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from core import audit, rights, throttle
from core.account_forms import SignInForm
from core.exceptions import DomainError
from core.http import CARRIED
from core.models import Notification, User
from core.plans import kept_plans
from core.prepared import given_id, given_moment, objects_of
from documents import vietnamese

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

STARTED = "started"  # session key: time.time() of the sign-in, held against SESSION_ABSOLUTE_AGE
TOUCHED = "touched"  # session key: when the idle time was last extended
LONGEST_SLIP = datetime.timedelta(days=6)  # twice the life of a slip: a clock may be a little wrong, not a year
CARRY_LIMIT = 2 * 1024 * 1024  # characters of typed text kept over a lost session: thirty fields of 64 KB
CARRY_AGE = 12 * 60 * 60  # seconds in which the sign-in form may be sent
SECRET_WORDS = ("password", "csrfmiddlewaretoken", "whose")
LONGEST_PASSWORD = 1024  # hashing has a price; nobody types more


class WrongPair(DomainError):
    """Username and password do not belong together, whatever the cause: one sentence for all of them."""


class SlipExpired(DomainError):
    """The one-time password was right but older than 72 hours."""


class Backend(BaseBackend):
    """Finds people by username, case and outer spaces ignored; unknown and disabled ones cost the same time."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_kwargs: Any
    ) -> User | None:
        """Return the active person with this password, else None."""
        if username is None or password is None or len(password) > LONGEST_PASSWORD:
            return None
        name, password = clean_username(username), unicodedata.normalize("NFC", password)
        try:
            user = User.objects.get_by_natural_key(name)
        except User.DoesNotExist:
            make_password(password)  # as long as check_password takes
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session while active: disabling ends sessions at the next request.

        Comes with `unread`, the number of notices not yet opened, which every page shows: no query of its own.
        """
        with kept_plans():
            found = objects_of("person of a session", _person, user=user_id, now=timezone.now())
        return found[0] if found else None


def _person() -> QuerySet[User, User]:
    unread = Notification.objects.left(given_moment("now")).unread().filter(user=OuterRef("pk")).order_by()
    counted = unread.values("user").annotate(n=Count("pk")).values("n")
    people: QuerySet[User, User] = User.objects.filter(pk=given_id("user"), is_active=True)
    return people.annotate(unread=Coalesce(Subquery(counted), 0))


def clean_username(username: str) -> str:
    """Return a typed username without invisible characters and outer spaces."""
    return vietnamese.clean(username, multiline=False).strip()


def sign_in(request: HttpRequest, *, username: str, password: str) -> User:
    """Check the pair, start a fresh session and log it; counts tries before hashing.

    Raises throttle.Throttled, WrongPair or SlipExpired with a sentence to show.
    """
    name = clean_username(username)
    account, address = name.casefold(), audit.current_request.get().address
    minutes = throttle.take(throttle.ACCOUNT, account) or throttle.take(throttle.ADDRESS, address)
    if minutes:
        raise throttle.Throttled(throttle.sentence(minutes), minutes=minutes)
    user = auth.authenticate(request, username=name, password=password)
    if not isinstance(user, User):
        known = User.objects.filter(username__iexact=name).first()
        # An unknown name is not written down: it may be a password typed into the wrong field.
        audit.log(None, "session.refuse", known, detail={"known": known is not None})
        raise WrongPair(_("The username or the password is not right."))
    if user.must_change_password and user.slip_expires_at and not _is_fresh(user.slip_expires_at):
        audit.log(user, "session.refuse", user, detail={"slip": "expired"})
        raise SlipExpired(_("This one-time password is older than 72 hours. Ask the administrator for a new slip."))
    throttle.forget(throttle.ACCOUNT, account)
    throttle.give_back(throttle.ADDRESS, address)
    auth.login(request, user)  # rotates session key and form token
    request.session[STARTED] = time.time()
    audit.log(user, "session.start", user)
    return user


def _is_fresh(slip_expires_at: datetime.datetime) -> bool:
    """Whether a one-time password holds; one that ends too far ahead is from before the clock was set back."""
    return datetime.timedelta() <= slip_expires_at - timezone.now() <= LONGEST_SLIP


def whose(user: Any) -> str:
    """Return the signed mark of the person a form is shown to; rendered by the form_key tag."""
    return signing.dumps(user.pk, salt="whose")


@dataclass(frozen=True)
class Carried:
    """What was typed when the session had ended: by whom (user id), where it belongs (path), fields with values."""

    user_id: int
    path: str
    fields: list[tuple[str, list[str]]]


def touch(request: HttpRequest) -> None:
    """Extend the idle time of the session, at most once in SESSION_TOUCH_EVERY seconds."""
    now = int(time.time())
    if now - request.session.get(TOUCHED, 0) >= settings.SESSION_TOUCH_EVERY:
        request.session[TOUCHED] = now


def ask(request: HttpRequest) -> HttpResponse:
    """Answer a signed-out request to a page that needs a person.

    GET: redirect to the sign-in form, which leads back. POST: the sign-in form itself with status 401 (nothing was
    done; browsers show its page), carrying what was typed signed and hidden. No passwords, form tokens or files.
    """
    if request.method != "POST":
        return redirect(f"{reverse('core:session_start')}?{urlencode({'next': request.get_full_path()})}")
    page = _page_of(request)
    context = {
        "form": SignInForm(),
        "next": page,
        "carried": _pack(request, page),
        "had_files": bool(request.FILES),
        "session_ended": True,
    }
    return render(request, "core/session_start.html", context, status=401)


def _page_of(request: HttpRequest) -> str:
    """Return the address that shows the posted form: its own, or for a button the page it stood on."""
    match = request.resolver_match
    route = rights.all_routes().get(match.view_name) if match else None
    if route and "GET" in route.methods:
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    if referer and url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return "/" + referer.split("/", 3)[3] if referer.count("/") >= 3 else "/"
    return "/"


def _pack(request: HttpRequest, page: str) -> str:
    """Return the typed fields signed, "" where it is unknown who typed them or there is too much."""
    try:
        user_id = signing.loads(request.POST.get("whose", ""), salt="whose")
    except signing.BadSignature:
        return ""
    fields = [(n, values) for n, values in request.POST.lists() if not any(word in n.lower() for word in SECRET_WORDS)]
    if sum(len(n) + sum(map(len, values)) for n, values in fields) > CARRY_LIMIT:
        return ""
    return signing.dumps([user_id, page, fields], salt="carried", compress=True)


def unpack(text: str) -> Carried | None:
    """Return what a sign-in form carries; None for nothing, a forged or an old one."""
    try:
        user_id, path, fields = signing.loads(text, salt="carried", max_age=CARRY_AGE)
    except (signing.BadSignature, json.JSONDecodeError, ValueError):
        return None
    return Carried(user_id=user_id, path=path, fields=[(name, list(values)) for name, values in fields])


def hand_back(request: HttpRequest, user: User, carried: Carried | None) -> str | None:
    """Put the text into the new session where the same person signed in; return the page that shows it again."""
    if carried is None or carried.user_id != user.pk:
        return None
    body = QueryDict(mutable=True)
    for name, values in carried.fields:
        body.setlist(name, values)
    request.session[CARRIED] = {"path": carried.path.split("?", 1)[0], "body": body.urlencode()}
    return carried.path
