"""Queries whose SQL is made once in a process: for what each page asks, making it takes longer than running it.

The query is an ordinary QuerySet, of values_list() or of objects, with places where a value is known only when it runs:

    rows_of("deadlines", lambda: TaskDeadline.objects.filter(among("task", "ids")).values_list("due_on"), ids=[1, 2])

Everything else in it is part of the SQL, so whatever it depends on (a person's scope, a number of windows, a slice)
belongs into the key. The tests make queries anew and compare (settings.CHECK_KEPT_QUERIES).
"""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.db.models.query import get_related_populators

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

Row = TypeVar("Row", bound=models.Model)
Kept = TypeVar("Kept", bound="_Made | _Together")
MOST = 500  # kept ones: a few dozen queries × the scopes of those at work
_made: dict[Hashable, Any] = {}
_uses: Counter[str] = Counter()  # in the tests, of keys that are only a name


class _Place:
    """Stands among the parameters of the SQL for a value given later."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"place of {self.name}"


class _Made:
    """SQL, its parameters with places in them, and what turns rows into Python values or objects."""

    def __init__(self, rows: models.QuerySet[Any, Any]) -> None:
        self.compiler = rows.query.get_compiler(connection.alias)
        try:
            self.sql, self.params = self.compiler.as_sql()
        except EmptyResultSet:  # who sees nothing: the condition can never hold
            self.sql, self.params = "", ()
            return
        select = self.compiler.select
        self.converters = self.compiler.get_converters([column for column, _sql, _alias in select])
        about = self.compiler.klass_info
        if about:  # objects; the same steps as in ModelIterable
            self.model = about["model"]
            first, last = about["select_fields"][0], about["select_fields"][-1] + 1
            self.own = slice(first, last)
            self.names = [column.target.attname for column, _sql, _alias in select[first:last]]
            self.related = get_related_populators(about, select, connection.alias)
            self.annotations = list(self.compiler.annotation_col_map.items())

    @property
    def text(self) -> tuple[str, list[str]]:
        """The SQL and its parameters, those of an IN in any order, as two of them are compared."""
        return self.sql, sorted(map(repr, self.params))

    @property
    def types(self) -> list[str]:
        """The types of the columns in SQL."""
        return [column.output_field.db_type(connection) for column, _sql, _alias in self.compiler.select]

    def rows(self, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self.converted(_fetched(self.sql, self.params, values)) if self.sql else []

    def converted(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return list(map(tuple, self.compiler.apply_converters(rows, self.converters))) if self.converters else rows

    def objects(self, values: dict[str, Any]) -> list[Any]:
        found = []
        for row in self.rows(values):
            one = self.model.from_db(connection.alias, self.names, row[self.own])
            for related in self.related:
                related.populate(row, one)
            for name, place in self.annotations:
                setattr(one, name, row[place])
            found.append(one)
        return found


class _Together:
    """Several queries as the branches of one statement: each row is filled where the columns of its query are."""

    def __init__(self, queries: dict[str, models.QuerySet[Any, Any]]) -> None:
        self.parts = {name: _Made(rows) for name, rows in queries.items()}
        self.asked = [name for name, part in self.parts.items() if part.sql]
        types = {name: self.parts[name].types for name in self.asked}
        branches, first = [], 2
        self.columns = {}
        for number, name in enumerate(self.asked):
            own = [f"c{place}" for place in range(len(types[name]))]
            # a statement of many branches need not give their rows in the order of each, so they are numbered
            cells = [str(number), "row_number() OVER ()"]
            for other in self.asked:
                cells += own if other == name else [f"NULL::{one}" for one in types[other]]
            sql = self.parts[name].sql
            branches.append(f"SELECT {', '.join(cells)} FROM ({sql}) AS part ({', '.join(own)})")  # noqa: S608
            self.columns[name] = slice(first, first + len(own))
            first += len(own)
        self.sql = " UNION ALL ".join(branches)
        self.params = [one for name in self.asked for one in self.parts[name].params]

    @property
    def text(self) -> dict[str, tuple[str, list[str]]]:
        """As of each query."""
        return {name: part.text for name, part in self.parts.items()}

    def rows(self, values: dict[str, Any]) -> dict[str, list[tuple[Any, ...]]]:
        found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in self.parts}
        for row in sorted(_fetched(self.sql, self.params, values), key=itemgetter(0, 1)) if self.sql else ():
            name = self.asked[row[0]]
            found[name].append(row[self.columns[name]])
        return {name: self.parts[name].converted(rows) if rows else rows for name, rows in found.items()}


def _fetched(sql: str, places: Iterable[Any], values: dict[str, Any]) -> list[tuple[Any, ...]]:
    params = [values[one.name] if isinstance(one, _Place) else one for one in places]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def given_id(name: str) -> RawSQL:
    """Return the place of an id."""
    return RawSQL("%s::bigint", (_Place(name),), output_field=models.BigIntegerField())


def given_day(name: str) -> RawSQL:
    """Return the place of a date."""
    return RawSQL("%s::date", (_Place(name),), output_field=models.DateField())


def given_moment(name: str) -> RawSQL:
    """Return the place of a moment."""
    return RawSQL("%s::timestamptz", (_Place(name),), output_field=models.DateTimeField())


def given_text(name: str) -> RawSQL:
    """Return the place of a text."""
    return RawSQL("%s::text", (_Place(name),), output_field=models.TextField())


def among(column: str, name: str) -> models.Q:
    """Return the condition that a column of ids holds one of a list given later; "= ANY", which finds indexes."""
    ids = RawSQL("%s::bigint[]", (_Place(name),), output_field=ArrayField(models.BigIntegerField()))
    is_among = models.Func(
        models.F(column), ids, template="(%(expressions)s))", arg_joiner=" = ANY(", output_field=models.BooleanField()
    )
    return models.Q(is_among)


def rows_of(key: Hashable, make: Callable[[], models.QuerySet[Any, Any]], /, **values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of the values_list() that `make` makes where the key is new, with the values in their places.

    KeyError for a place without a value.
    """
    return _kept(key, make, _Made).rows(values)


def rows_together(
    key: Hashable, make: Callable[[], dict[str, models.QuerySet[Any, Any]]], /, **values: Any
) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of several values_list() by their names, asked for in one statement."""
    return _kept(key, make, _Together).rows(values)


def objects_of(key: Hashable, make: Callable[[], models.QuerySet[Row, Row]], /, **values: Any) -> list[Row]:
    """Return the objects of the queryset alike, with what it selects of related ones; it must not prefetch."""
    return _kept(key, make, _Made).objects(values)


def _kept(key: Hashable, make: Callable[[], Any], kind: type[Kept]) -> Kept:
    made = _made.get(key)
    if made is None:
        if len(_made) >= MOST:
            _made.clear()
        made = _made[key] = kind(make())
    elif settings.CHECK_KEPT_QUERIES and _is_checked(key) and (fresh := kind(make())).text != made.text:
        raise ValueError(f"the key {key!r} does not hold all that its query depends on:\n{made.text}\n{fresh.text}")
    return made


def _is_checked(key: Hashable) -> bool:
    """Whether this use is held against a query made anew: each one, but of a key that is only a name each 16th.

    Such a key says that its query is the same for everybody, and three of them belong to every request.
    """
    if not isinstance(key, str):
        return True
    _uses[key] += 1
    return _uses[key] <= 8 or _uses[key] % 16 == 0
