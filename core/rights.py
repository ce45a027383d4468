"""Rights of routes as data: each room's policy.py holds ROUTES, a table from URL name to Route.

The middleware partners.middleware.Rights refuses what no table names (default deny); tests/test_permission_walk.py
walks every route × role × object against the same tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

from django.conf import settings

PUBLIC = "public"  # also signed out
SIGNED_IN = "signed_in"  # anyone signed in, whatever the role


@dataclass(frozen=True)
class Route:
    """Who may use an address.

    roles: role codes, or PUBLIC or SIGNED_IN. methods: allowed HTTP methods (others answer 405).
    obj: what the id in the path is ("programme", "task", …), for the walking test; None where there is none.
    """

    roles: frozenset[str]
    methods: tuple[str, ...] = ("GET",)
    obj: str | None = None


def route(*roles: str, methods: str = "GET", obj: str | None = None) -> Route:
    """Write one line of a table: route("officer", "leader", methods="GET POST", obj="programme")."""
    return Route(roles=frozenset(roles), methods=tuple(methods.split()), obj=obj)


@lru_cache(maxsize=1)
def all_routes() -> dict[str, Route]:
    """Return the merged tables of all rooms, keyed by "room:noun_verb"; a name in two tables is an error."""
    merged: dict[str, Route] = {}
    for module in settings.ROUTE_TABLES:
        table: dict[str, Route] = import_module(module).ROUTES
        twice = merged.keys() & table.keys()
        if twice:
            raise ValueError(f"declared twice: {sorted(twice)}")
        merged |= table
    return merged
