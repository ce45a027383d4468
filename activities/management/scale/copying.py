"""Rows on their way into an empty database: written to files as COPY text, then loaded with nothing in the way.

A row is made by `tables[Model].add(column=value, …)`; columns left out take the default of the model. Derived columns
(search_text, sort_key, path) must be given: COPY passes by `save()`. Nothing else is needed for a new table.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import Max
from django.db.models.functions import Now

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator
    from pathlib import Path

FLUSH_AT = 5_000  # rows kept before they go to the file
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def encoded(value: Any) -> str:
    """Return a value as COPY text; dates, times and decimals by their own words, dicts and lists as JSON."""
    kind = type(value)
    if value is None:
        return "\\N"
    if kind is int:
        return str(value)
    if kind is bool:
        return "t" if value else "f"
    if kind is dict or kind is list:
        value = json.dumps(value, ensure_ascii=False)
    text = str(value)
    return text.translate(_ESCAPES) if "\\" in text or "\n" in text or "\t" in text or "\r" in text else text


class Table:
    """The rows of one model, with ids given here."""

    def __init__(self, model: type[models.Model], folder: Path, moment: datetime.datetime) -> None:
        """Open the file; `moment` stands in the columns that a save would set to now."""
        fields = model._meta.concrete_fields
        self.model, self.moment = model, moment
        self.columns = [field.column for field in fields]
        self.defaults = {field.attname: encoded(self._default(field)) for field in fields}
        self.key = model._meta.pk.attname
        self.numbered = isinstance(model._meta.pk, models.AutoField)
        self.last = model._base_manager.aggregate(last=Max("pk"))["last"] or 0 if self.numbered else 0
        self.count = 0
        self.path = folder / model._meta.db_table
        self._file: IO[bytes] = self.path.open("wb")
        self._rows: list[str] = []
        self._hash = hashlib.sha256()

    def _default(self, field: models.Field[Any, Any]) -> Any:
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            return self.moment
        if isinstance(field.db_default, Now):
            return self.moment
        value = field.get_default()
        return "" if value is None and not field.null else value

    def add(self, **values: Any) -> int:
        """Write one row and return its id; TypeError for a column that the model does not have."""
        row = self.defaults.copy()
        for name, value in values.items():
            row[name] = encoded(value)
        if len(row) != len(self.defaults):
            raise TypeError(f"{self.model.__name__} has no {set(row) - set(self.defaults)}")
        if self.numbered:
            self.last += 1
            row[self.key] = str(self.last)
        self._rows.append("\t".join(row.values()))
        self.count += 1
        if len(self._rows) >= FLUSH_AT:
            self._flush()
        return self.last

    def _flush(self) -> None:
        if self._rows:
            data = ("\n".join(self._rows) + "\n").encode()
            self._hash.update(data)
            self._file.write(data)
            self._rows.clear()

    def load(self) -> None:
        """Copy the file into the table, set the sequence of its ids and delete the file."""
        self._flush()
        self._file.close()
        table = connection.ops.quote_name(self.model._meta.db_table)
        columns = ", ".join(map(connection.ops.quote_name, self.columns))
        with self.path.open("rb") as rows, connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", rows, size=1 << 18)
            if self.numbered and self.last:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                    [self.model._meta.db_table, self.model._meta.pk.column, self.last],
                )
        self.path.unlink()

    @property
    def digest(self) -> str:
        """The hash of everything written."""
        self._flush()
        return self._hash.hexdigest()


class Tables:
    """A table for each model, made when its first row is."""

    def __init__(self, folder: Path, moment: datetime.datetime) -> None:
        """Write files below `folder`."""
        self.folder, self.moment = folder, moment
        self._known: dict[type[models.Model], Table] = {}

    def __getitem__(self, model: type[models.Model]) -> Table:
        table = self._known.get(model)
        if table is None:
            table = self._known[model] = Table(model, self.folder, self.moment)
        return table

    def __iter__(self) -> Iterator[Table]:
        return iter(self._known.values())

    @property
    def digest(self) -> str:
        """The hash of all content: equal for equal size, day and seed."""
        lines = sorted(f"{table.model._meta.label} {table.count} {table.digest}" for table in self)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def load(self, say: Callable[[str], None]) -> None:
        """Copy all of them."""
        for table in self:
            table.load()
            if table.count >= 10 * FLUSH_AT:
                say(f"{table.model._meta.label}: {table.count:,} rows copied")


@contextmanager
def nothing_in_the_way(names: list[str]) -> Iterator[None]:
    """Take foreign keys, indexes and history triggers off the tables, and put them back; in one transaction.

    All of it is undone with the transaction, so that a crash leaves the empty database as it was. Putting a foreign
    key back checks every row; check constraints and primary keys stay on all the time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype IN ('f', 'u') AND conrelid = ANY(%s::regclass[]) ORDER BY contype = 'f', conname",
            [names],
        )
        constraints = cursor.fetchall()
        for table, name, _definition in reversed(constraints):
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary ORDER BY 1",
            [names],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for table in names:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table in names:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
