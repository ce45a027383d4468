"""Statements whose plan the database keeps: for what is done again and again, planning takes as long as doing it.

PostgreSQL keeps a prepared statement with its connection. A pooler that shares one connection among clients
(transaction pooling) does not work with that: KEEP_PLANS=0 switches it off.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST = 200  # statements of one connection; others are planned each time
_names: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()  # of a connection: SQL → name of its plan


@contextmanager
def kept_plans() -> Iterator[None]:
    """Let every statement inside be planned once in the life of the connection.

    Several statements in one message, a per cent sign and a lack of parameters are sent as they are.
    """
    if not settings.KEEP_PLANS:
        yield
        return
    with connection.execute_wrapper(_execute):
        yield


def _execute(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    names = _names.setdefault(context["connection"].connection, {})
    if sql not in names:
        if many or not params or ";" in sql or "%%" in sql or len(names) >= MOST:
            return execute(sql, params, many, context)
        name = f"kept_{len(names)}"
        execute(f"PREPARE {name} AS {_numbered(sql)}", None, many, context)
        names[sql] = name
    return execute(f"EXECUTE {names[sql]} ({', '.join(['%s'] * len(params))})", params, many, context)


def _numbered(sql: str) -> str:
    """Return the statement with its places numbered as PostgreSQL wants them."""
    first, *parts = sql.split("%s")
    return first + "".join(f"${number}{part}" for number, part in enumerate(parts, start=1))
