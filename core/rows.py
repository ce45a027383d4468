"""New rows written with SQL made once: for what every action writes, making it costs more than running it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db import models


@cache
def _insertion(model: type[models.Model]) -> tuple[str, tuple[models.Field[Any, Any], ...]]:
    fields = tuple(one for one in model._meta.concrete_fields if not one.primary_key)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(one.column)) for one in fields)
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ", fields  # noqa: S608 - names of a model


def insert(rows: Sequence[models.Model], *, skip_known: bool = False) -> int:
    """Insert unsaved rows of one model in one statement and return how many are new; their ids are not read back.

    skip_known leaves out a row that a unique constraint already holds, else that is an IntegrityError.
    """
    if not rows:
        return 0
    begin, fields = _insertion(type(rows[0]))
    mark = f"({', '.join(['%s'] * len(fields))})"
    values = [one.get_db_prep_save(one.pre_save(row, True), connection) for row in rows for one in fields]
    end = " ON CONFLICT DO NOTHING" if skip_known else ""
    with connection.cursor() as cursor:
        cursor.execute(begin + ", ".join([mark] * len(rows)) + end, values)
        return int(cursor.rowcount)
