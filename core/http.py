"""Requests as the views see them: who acts, what was typed before the session ended, form keys."""

from __future__ import annotations

import hashlib
import uuid
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core.audit import last_change
from core.exceptions import DomainError
from core.models import Actor, FormKey, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model
    from django.http import HttpResponseBase

PLACE = 1234567890  # stands for the id while an address is cut in two
ANY_FILE = uuid.UUID("12345678-1234-4234-8234-123456789012")  # alike, for the address of a file
CARRIED = "carried"  # session key: what a person typed into a form whose session had ended


class SignedInRequest(HttpRequest):
    """A request behind the rights middleware. actors: one per current membership; actor: the one that acts."""

    user: User  # type: ignore[assignment]
    actors: tuple[Actor, ...]
    actor: Actor
    request_id: str


def form_data(request: HttpRequest) -> QueryDict | None:
    """Return what fills the form: the POST, else what was typed before the session ended (once), else None."""
    if request.method == "POST":
        return request.POST
    carried = request.session.get(CARRIED)
    if carried and carried.get("path") == request.path:
        del request.session[CARRIED]
        request.was_carried = True  # type: ignore[attr-defined]
        return QueryDict(carried["body"])
    return None


def clean_address(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Lead a GET whose address holds conditions without a value to the address without them, before the view reads it.

    A browser sends every field of a form, those left open too; without this a page would be kept, shared and saved
    under two addresses, and a condition that is there but empty would have to be told from one that is not.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in {"GET", "HEAD"} and any("" in values for _name, values in request.GET.lists()):
            given = [(name, value) for name, values in request.GET.lists() for value in values if value]
            return redirect(request.path + (f"?{urlencode(given)}" if given else ""))
        return view(request, *args, **kwargs)

    return answer


def address(name: str) -> str:
    """Return the address of a page that takes no id, "" where there is no such page."""
    return _address(name, settings.ROOT_URLCONF, get_script_prefix())


def address_of(name: str, sample: object = PLACE) -> Callable[[object], str]:
    """Return what gives the address of a page by its id; for lists, where reverse() of each row would be slow.

    sample: any id of another kind than a number, such as a UUID.
    """
    before, after = _halves(name, str(sample), settings.ROOT_URLCONF, get_script_prefix())
    return lambda pk: f"{before}{pk}{after}"


# What an address looks like depends on these and on nothing of the request.
@lru_cache(maxsize=256)
def _address(name: str, _urls: str, _prefix: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@lru_cache(maxsize=256)
def _halves(name: str, sample: str, _urls: str, _prefix: str) -> tuple[str, str]:
    before, _sample, after = reverse(name, args=[sample]).partition(sample)
    return before, after


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Return the posted or queried `next` where it stays on this host, else the fallback."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    # Only a whole path: redirect() takes a bare word for the name of a view and fails on it.
    is_path = target.startswith("/")
    if is_path and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return fallback


def new_form_key() -> str:
    """Return a fresh key for one rendered form."""
    return str(uuid.uuid4())


def posted_form_key(request: HttpRequest) -> uuid.UUID | None:
    """Return the key of the posted form; None where it is missing or not a UUID."""
    try:
        return uuid.UUID(request.POST.get("form_key", ""))
    except ValueError:
        return None


def once(request: SignedInRequest, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Run `act` at most once per form key and person; a repeated submit is led to the first result.

    `act` runs inside one transaction with the key, so two parallel submits cannot both pass: the second waits for the
    first and then finds its result. The same key with another body is refused (DomainError). A form without a key
    runs unprotected, which only hand-made requests do. Only redirects are remembered: an answer that shows errors
    frees the key.
    """
    key = posted_form_key(request)
    if key is None:
        return act()
    body = hashlib.sha256(
        "&".join(
            f"{k}={v}" for k, values in sorted(request.POST.lists()) if k != "csrfmiddlewaretoken" for v in values
        ).encode()
    ).hexdigest()
    try:
        with transaction.atomic():
            row = FormKey.objects.create(user=request.user, key=key, body_hash=body)
            response = act()
            if response.status_code not in {301, 302, 303}:
                raise _NotDone(response)
            row.result_url = response["Location"][:300]
            row.save(update_fields=["result_url"])
            return response
    except _NotDone as stop:
        return stop.response
    except IntegrityError:
        first = FormKey.objects.filter(user=request.user, key=key).first()
        if first is None:
            raise
    if first.body_hash != body:
        raise DomainError(
            _("This form was already sent with other content. Open the page again to make another entry.")
        )
    return redirect(first.result_url or "/")


def first_result(request: SignedInRequest) -> HttpResponseBase | None:
    """Return the way to the result of a form already carried out with the same content, else None.

    For views whose right ends with the step itself (sent, reported): the second press of a double submit must not be
    told that the step is forbidden.
    """
    if request.method != "POST" or not FormKey.objects.filter(user=request.user, key=posted_form_key(request)).exists():
        return None
    return once(request, lambda: HttpResponse(status=409))  # the key exists: never runs the write


def filter_chip(request: HttpRequest, name: str, label: str, value: str, **kept: str) -> dict[str, str]:
    """Return {"label", "value", "url"} of one filter in use; the relative address leads to its first page without it.

    kept: what must stand in the address whether or not it was typed, such as the tab.
    """
    query = request.GET.copy()
    for gone in (name, "page"):
        query.pop(gone, None)
    for key, text in kept.items():
        query[key] = text
    return {"label": label, "value": value, "url": f"?{query.urlencode()}"}


def conflict_page(
    request: HttpRequest,
    *,
    fields: list[dict[str, Any]],
    current: Any,
    cancel_url: str,
    logged_as: Model | None = None,
) -> HttpResponse:
    """Answer a stale form (409): both texts field by field; keeping mine posts the same form with the new version.

    fields: {"label", "mine", "theirs"} of those that differ; current: the row as it is saved; cancel_url keeps it.
    Who changed it last and when comes from the audit trail, where its changes are logged under logged_as (default: the
    row itself). Uploads are not in a POST that is shown again: they must be chosen once more, which the page says.
    """
    dropped = {"csrfmiddlewaretoken", "version", "form_key", "whose"}
    context = {
        "fields": fields,
        "keep_mine": [
            (name, value) for name, values in request.POST.lists() if name not in dropped for value in values
        ],
        "version": current.version,
        "cancel_url": cancel_url,
        "last": last_change(logged_as or current),
        "has_files": bool(request.FILES),
    }
    return render(request, "core/conflict.html", context, status=409)


class _NotDone(Exception):
    def __init__(self, response: HttpResponseBase) -> None:
        self.response = response
