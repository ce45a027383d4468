"""All that a database holds, as PostgreSQL describes it, and databases made by the old migrations or by the new ones.

`DATABASE_URL=... python -m tests.schema new|old|FILES` migrates an empty database: to the squashed migrations, by the
files they replace one after the other, or by that many of those files and then as `manage.py migrate` would go on.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.migrations import Migration
    from django.db.migrations.loader import MigrationLoader

ROOMS = ("core", "partners", "agreements", "activities")

OURS = "n.nspname = 'public'"
QUERIES = {
    "relations": f"""
        SELECT c.relname, c.relkind, c.relpersistence, c.reloptions, c.relrowsecurity, c.relreplident,
               obj_description(c.oid, 'pg_class')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS}""",
    "columns": f"""
        SELECT c.relname, a.attname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
               format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), l.collname,
               a.attidentity, a.attgenerated
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        WHERE {OURS} AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": f"""
        SELECT x.conrelid::regclass::text, x.conname, x.convalidated, pg_get_constraintdef(x.oid)
        FROM pg_constraint x JOIN pg_namespace n ON n.oid = x.connamespace WHERE {OURS}""",
    "indexes": f"""
        SELECT c.relname, i.indisunique, i.indisprimary, i.indisvalid, pg_get_indexdef(c.oid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {OURS}""",
    "triggers": f"""
        SELECT c.relname, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid), obj_description(t.oid, 'pg_trigger')
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {OURS} AND NOT t.tgisinternal""",
    "functions": f"""
        SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE {OURS} AND p.prokind = 'f'
              AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')""",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    "sequences": """
        SELECT sequencename, data_type::text, start_value, increment_by, cycle, last_value
        FROM pg_sequences WHERE schemaname = 'public'""",
    "extensions": "SELECT extname, extversion FROM pg_extension",
}
# Which files are recorded differs, that is the point; when, too.
OF_DJANGO = {"django_migrations", "django_migrations_id_seq"}


def describe(execute: Callable[[str], list[tuple[Any, ...]]]) -> dict[str, list[str]]:
    """Return every table, view, column, constraint, index, trigger, function, sequence, extension and row, as text.

    `execute` runs one statement and returns its rows. What differs between two databases differs in this; a column is
    told with its place in the table.
    """
    found = {}
    for name, query in QUERIES.items():
        found[name] = sorted(repr(row) for row in execute(query) if row[0] not in OF_DJANGO)
    tables = execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    found["rows"] = [
        f"{table} {row}"
        for (table,) in tables
        if table not in OF_DJANGO
        for (row,) in execute(f'SELECT to_jsonb(t)::text FROM "{table}" t ORDER BY 1')
    ]
    return found


def squashed(loader: MigrationLoader) -> dict[str, Migration]:
    """Return each room's squashed migration."""
    return {room: migration for (room, _), migration in loader.disk_migrations.items() if migration.replaces}


def heads(loader: MigrationLoader) -> list[tuple[str, str]]:
    """Return what each room's squash ends with: itself, or its last old file where the loader takes those.

    Later migrations are left out, so that both ways can be compared for ever.
    """
    made = squashed(loader)
    ends = [((room, made[room].name), tuple(made[room].replaces[-1])) for room in ROOMS]
    return [new if loader.replace_migrations and new in loader.graph.nodes else old for new, old in ends]


def old_files(loader: MigrationLoader) -> None:
    """Let the loader take the replaced files instead of those that replace them."""
    loader.replace_migrations = False
    loader.build_graph()


def _make(how: str) -> None:
    import django

    django.setup()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if how != "new":
        old_files(executor.loader)
        plan = executor.migration_plan(heads(executor.loader))
        executor.migrate([], plan=plan if how == "old" else plan[: int(how)])
        executor = MigrationExecutor(connection)  # looks again where the database stands, as a later `migrate` does
    executor.migrate(heads(executor.loader))


if __name__ == "__main__":
    _make(sys.argv[1])
