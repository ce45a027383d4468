"""What a page costs at least: its rows by plain SQL, and a constant body as long as the page.

The request goes the whole way of a page: server, all middleware, session, person, rights. Then the rows that the page
shows are fetched by as few statements as a good hand needs, and nothing is made of them. Not fetched are the counts
of tabs and totals, the choices of filters and the rows whose only use is a hint: those are the price of the page.
The first column of each statement is a text that the page shows; `show=1` answers with these, so that `make bench`
can say when floor and page have come apart.
"""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from bench.pages import QUERIES
from bench.statements import STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

SOON = datetime.timedelta(days=7)
ENDS = "</body></html>"


class Counted:
    """Answer a request that asks for it with the number of SQL statements of the whole request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Count by a wrapper around each statement; nothing is added to requests that do not ask."""
        if QUERIES not in request.headers:
            return self.get_response(request)
        count = 0

        def wrapper(execute: Callable[..., Any], *args: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*args)

        with connection.execute_wrapper(wrapper):
            response = self.get_response(request)
        response.headers[QUERIES] = str(count)
        return response


def floor_show(request: HttpRequest, name: str) -> HttpResponse:
    """Fetch the rows of a page and answer with `size` bytes."""
    rows = read(name, request)
    if request.GET.get("show"):
        return JsonResponse([row[0] for row in rows if row[0] is not None], safe=False)
    return HttpResponse(body(int(request.GET["size"])))


def read(name: str, request: HttpRequest) -> list[tuple[Any, ...]]:
    """Return the rows of all statements of a page."""
    found: list[tuple[Any, ...]] = []
    values = parameters(request)
    with connection.cursor() as cursor:
        for statement in STATEMENTS[name]:
            cursor.execute(statement, values)
            found += cursor.fetchall()
            values.setdefault("ids", [row[-1] for row in found if row[-2] == "activity"])
    return found


def parameters(request: HttpRequest) -> dict[str, Any]:
    """Return what the statements ask for: who reads, the day, the weeks of the calendar, the object."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    day = timezone.localdate()
    first = day.replace(day=1)
    last = (first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
    return {
        "user": request.user.pk,
        "unit": actor.organisation.pk,
        "tree": actor.organisation.path + "%",
        "day": day,
        "soon": day + SOON,
        "week_ago": day - SOON,
        "first": first - datetime.timedelta(days=first.weekday()),
        "last": last + datetime.timedelta(days=6 - last.weekday()),
        "pk": int(request.GET.get("pk", "0")),
    }


@lru_cache(maxsize=64)
def body(size: int) -> bytes:
    """Return a page of so many bytes, made once."""
    head = "<!doctype html><html><body>"
    return (head + "x" * (size - len(head) - len(ENDS)) + ENDS).encode()
