"""Reads written as SQL, for pages where building a query would cost more than running it, or where the answer is many
small lists of one large set.

Who may see what stays with the QuerySets: a statement takes the rows that a person sees as the SQL of
`visible_to(user)` (`of`), names its values (`:day`) and never holds one in its text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection

if TYPE_CHECKING:
    from django.db.models import QuerySet

NAME = re.compile(r"(?<!:):([a-z_]+)")
READS = ("SELECT", "WITH")


class Statement(NamedTuple):
    """SQL with its values in the order of its %s."""

    sql: str
    values: tuple[Any, ...]


def of(rows: QuerySet[Any], *types: str) -> Statement:
    """Return a query as it would be sent, also one of which Django knows that it has no rows. types: those of its
    columns in SQL, by default of one id."""
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return Statement(f"SELECT {', '.join(f'NULL::{one}' for one in types or ('bigint',))} WHERE false", ())
    return Statement(sql, tuple(values))


def compose(text: str, **named: Any) -> Statement:
    """Return the text with each :name replaced: by another statement, or by a value. KeyError for an unknown name.

    A per cent sign in the text is written twice, as in any statement with values.
    """
    values: list[Any] = []

    def put(found: re.Match[str]) -> str:
        value = named[found[1]]
        if isinstance(value, Statement):
            values.extend(value.values)
            return value.sql
        values.append(value)
        return "%s"

    return Statement(NAME.sub(put, text), tuple(values))


def read(statement: Statement) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that reads; ValueError for any other."""
    if not statement.sql.lstrip().startswith(READS):
        raise ValueError(statement.sql[:40])
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
