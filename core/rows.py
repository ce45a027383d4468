"""Rows read and written with SQL made once: for what every action does, making it costs more than running it."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import get_related_populators

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

Row = TypeVar("Row", bound=models.Model)


class ByKey(Generic[Row]):
    """The row of a queryset with a given key, and the related rows the queryset selects."""

    def __init__(self, rows: Callable[[], models.QuerySet[Row, Row]]) -> None:
        """rows: makes the queryset, with select_related and, inside a transaction, select_for_update."""
        self._rows = rows

    @cached_property
    def _made(self) -> tuple[str, type[Row], slice, list[str], list[Any], Any, Any]:
        compiler = self._rows().filter(pk=0).query.get_compiler(connection.alias)
        sql, _params = compiler.as_sql()
        about = compiler.klass_info
        first, last = about["select_fields"][0], about["select_fields"][-1] + 1
        names = [column[0].target.attname for column in compiler.select[first:last]]
        joined = get_related_populators(about, compiler.select, connection.alias)
        converters = compiler.get_converters([column[0] for column in compiler.select])
        return sql, about["model"], slice(first, last), names, joined, converters, compiler

    def get(self, pk: Any) -> Row:
        """Return the row; raises DoesNotExist of its model."""
        sql, model, own, names, joined, converters, compiler = self._made
        with connection.cursor() as cursor:
            cursor.execute(sql, [pk])
            found = cursor.fetchone()
        if found is None:
            raise model.DoesNotExist
        if converters:
            (found,) = compiler.apply_converters([found], converters)
        row = model.from_db(connection.alias, names, found[own])
        for one in joined:
            one.populate(found, row)
        return row


KEPT = 2000  # statements; then all are made anew
GIVEN = 1234567890123  # stands in a queryset for a number that is given later
_statements: dict[Hashable, tuple[str, tuple[Any, ...]]] = {}


def rows_of(
    key: Hashable, make: Callable[[], models.QuerySet[Any, Any]], *, given: int | None = None
) -> list[tuple[Any, ...]]:
    """Return the rows of a `values_list` whose SQL is made once for each key.

    key: names the query and holds everything its SQL depends on, the person and the person's scope among it. given: the
    number that GIVEN stands for in it.
    """
    if key not in _statements:
        if len(_statements) >= KEPT:
            _statements.clear()
        _statements[key] = make().query.sql_with_params()
    sql, params = _statements[key]
    with connection.cursor() as cursor:
        cursor.execute(sql, [given if value == GIVEN else value for value in params])
        return cursor.fetchall()


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
