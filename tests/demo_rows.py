"""The demo, built once in a run of the tests and copied into the database of whoever asks again."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
from typing import TYPE_CHECKING

import pgtrigger
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import override_settings

if TYPE_CHECKING:
    from pathlib import Path

    from django.db.backends.utils import CursorWrapper

AS_OF = "23/11/2026"
BUILT_AT = "2026-11-23 07:30+07:00"
OWNER = "usename = current_user AND usesuper"
# Made by every migrated database for itself; no row of the demo points at them.
OF_DJANGO = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


def load(kept: Path) -> None:
    """Have the demo of AS_OF in the empty database; `kept` is the folder that all workers of one run share."""
    kept.mkdir(exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "sequences.json").exists():
            _build(kept)
    _bring(kept)


def _build(kept: Path) -> None:
    files = override_settings(FILES_DIR=kept / "files")
    with transaction.atomic(), time_machine.travel(BUILT_AT, tick=True), files:
        call_command("demo", as_of=AS_OF, stdout=io.StringIO())
        connection.check_constraints()  # the copies are not checked again
        _keep(kept)
        transaction.set_rollback(True)


def link_files(kept: Path, folder: Path) -> None:
    """Have the files of the demo in a new folder too; no file is ever changed, so both may be the same."""
    shutil.copytree(kept / "files", folder, copy_function=os.link)


def _tables() -> dict[str, list[str]]:
    """Return the columns that can be written of every table of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, array_agg(quote_ident(c.column_name)::text ORDER BY c.ordinal_position)"
            " FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'"
            " GROUP BY c.table_name ORDER BY c.table_name"
        )
        return {name: columns for name, columns in cursor.fetchall() if name not in OF_DJANGO}


def _keep(kept: Path) -> None:
    with connection.cursor() as cursor:
        for table, columns in _tables().items():
            with (kept / f"{table}.rows").open("wb") as out:
                cursor.copy_expert(f'COPY "{table}" ({", ".join(columns)}) TO STDOUT', out)
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
        reached = dict(cursor.fetchall())
    (kept / "sequences.json").write_text(json.dumps(reached))  # last: it says that all is there


def _bring(kept: Path) -> None:
    tables = _tables()
    with transaction.atomic(), pgtrigger.ignore(), connection.cursor() as cursor:
        # Without the checks of foreign keys this takes a third of the time; only the owner of the server may ask so.
        cursor.execute("SELECT set_config('session_replication_role', 'replica', true) FROM pg_user WHERE " + OWNER)
        filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
        cursor.execute(filled)  # what migrations seeded; to TRUNCATE them all takes longer than the rest of this
        for (table,) in cursor.fetchall():
            cursor.execute(f'DELETE FROM "{table}"')
        for table, columns in tables.items():
            with (kept / f"{table}.rows").open("rb") as rows:
                cursor.copy_expert(f'COPY "{table}" ({", ".join(columns)}) FROM STDIN', rows)
        for name, value in json.loads((kept / "sequences.json").read_text()).items():
            # Never back: a sequence does not go back with the test, and rows that stay may stand higher.
            cursor.execute(f'SELECT setval(%s, greatest(%s, (SELECT last_value FROM "{name}")))', [f'"{name}"', value])
        cursor.execute("DELETE FROM activities_duemark")  # of these very rows: what is kept of them came with them
        _count_again(cursor, list(tables))
        cursor.execute("SELECT set_config('session_replication_role', 'origin', true) FROM pg_user WHERE " + OWNER)
        connection.check_constraints()


def _count_again(cursor: CursorWrapper, tables: list[str]) -> None:
    """Count the tables that are planned as empty: a count outlives the test that made it, even one rolled back."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpages > 0 AND reltuples = 0 AND relname = ANY(%s)",
        [tables],
    )
    for (table,) in cursor.fetchall():
        cursor.execute(f'ANALYZE "{table}"')
