"""Every address × every role × own, foreign and unknown object, held against the tables in policy.py (trust.md F14).

A route without a declared right fails; signed out leads to the sign-in page; a role without the right gets 403; a
foreign and an unknown object answer the same 404; a method that is not declared answers 405.
"""

from __future__ import annotations

import uuid
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from core import rights
from tests import walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User
    from tests.cast import Cast

pytestmark = pytest.mark.django_db

# The roles of the walk: who they are in the cast, and whether the objects are theirs.
PEOPLE = {
    "lan": ("officer", True),
    "minh": ("reporter", True),
    "hoa": ("leader", True),
    "duc": ("administrator", False),
    "tuan": ("reporter", False),
    "phuong": ("officer", False),
}
DEBUG_ONLY = {"core:gallery_show"}  # answers 404 in production; tests/test_components.py covers it


def all_patterns() -> dict[str, dict[str, Any]]:
    """Return each "room:name" with the converters of its path."""
    return {
        f"{resolver.namespace}:{pattern.name}": pattern.pattern.converters
        for resolver in get_resolver().url_patterns
        for pattern in resolver.url_patterns
    }


def test_every_route_declares_its_right() -> None:
    assert set(all_patterns()) == set(rights.all_routes())


def test_a_route_with_an_id_names_its_object() -> None:
    routes = rights.all_routes()
    assert [name for name, converters in all_patterns().items() if converters and not routes[name].obj] == []


def test_declared_roles_and_methods_exist() -> None:
    known = {rights.PUBLIC, rights.SIGNED_IN, "officer", "reporter", "leader", "administrator"}
    for name, route in rights.all_routes().items():
        assert route.roles and route.roles <= known, name
        assert set(route.methods) <= {"GET", "POST"}, name


def unknown_kwargs(converters: dict[str, Any]) -> dict[str, Any]:
    """Return ids that no row has."""
    return {
        key: uuid.uuid4()
        if type(c).__name__ == "UUIDConverter"
        else 99_999_999
        if type(c).__name__ == "IntConverter"
        else "khong-co"
        for key, c in converters.items()
    }


def ask(client: Client, method: str, url: str) -> int:
    """Return the status of a bare request; whatever it changed is rolled back, so that cells do not meet."""
    cookies = client.cookies.output()
    with transaction.atomic():
        client.raise_request_exception = False  # a fault is a cell of its own: 500
        status = getattr(client, method.lower())(url).status_code
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies.replace("Set-Cookie: ", ""))
    return status


def test_the_walk(cast: Cast, sign_in: Callable[[User], Client]) -> None:
    """Walk all cells and collect every mismatch, so that one run shows them all."""
    objects = walk.make_objects(cast)
    clients = {who: sign_in(getattr(cast, who)) for who in PEOPLE}
    wrong = []
    for name, converters in all_patterns().items():
        if name in DEBUG_ONLY:
            continue
        route = rights.all_routes()[name]
        url = reverse(name, kwargs=objects.kwargs(route.obj, converters) if route.obj else {})
        if rights.PUBLIC not in route.roles:
            wrong += signed_out(name, route, url)
        for who, client in clients.items():
            wrong += walk_person(name, route, who, client, url, converters)
    assert wrong == []


def signed_out(name: str, route: rights.Route, url: str) -> list[str]:
    """Signed out, a page leads to the sign-in page; a write answers with it, carrying what was typed."""
    wrong = []
    for method, good in (("GET", {302}), ("POST", {200, 302, 401})):
        status = ask(Client(), method, url)
        if status not in good:
            wrong.append(f"{name} {method} signed out: {status}")
    return wrong


def reaches(kind: str | None, who: str, owns: bool) -> bool:
    """Return whether the walk's object of this kind is within the person's scope."""
    if kind in walk.PERSONAL:
        return walk.PERSONAL[kind] == who
    return kind is None or kind in walk.UNBOUND or owns


def walk_person(
    name: str, route: rights.Route, who: str, client: Client, url: str, converters: dict[str, Any]
) -> list[str]:
    """Hold one person's answers for one route against the table."""
    role, owns = PEOPLE[who]
    allowed = bool(route.roles & {rights.PUBLIC, rights.SIGNED_IN, role})
    wrong = []
    for method in ("GET", "POST"):
        if not allowed:
            expected = {403}
        elif method not in route.methods:
            expected = {405}
        elif reaches(route.obj, who, owns):
            # 403 and 409: the state of the object or the empty form forbids it, with a sentence that says why
            expected = {200, 302, 400, 403, 409, 422}
        else:
            expected = {404}
        status = ask(client, method, url)
        if status not in expected:
            wrong.append(f"{name} {method} {who}: {status}, expected {sorted(expected)}")
        if converters and allowed and method in route.methods:
            missing = ask(client, method, reverse(name, kwargs=unknown_kwargs(converters)))
            if missing != 404:
                wrong.append(f"{name} {method} {who} unknown object: {missing}, expected 404")
    return wrong
