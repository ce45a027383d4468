"""What accepting one activity costs beside writing the very same rows with bare SQL.

The size XS of `manage.py generate` is loaded into an embedded database of its own, with the durability of `make run`.
One acceptance is carried out and every row it wrote is read back by its transaction id: the entry, its values, the
totals, the figures, the audit entry, the notice (row history is written by the triggers, on both sides). The bare side
then writes those rows, one statement per table and kind, in one transaction on the same connection and does nothing
else. The two take turns; each acceptance is of an entry that waits, and is taken back before the next.

    .venv/bin/python -m bench.accept
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from psycopg2.extras import Json

ROUNDS, WARM_UP = 60, 10
AUDIT, NOTICE = "core_auditentry", "core_notification"  # inserted; of all other tables a row is changed
CHILD = "BENCH_ACCEPT_CHILD"
TOP = Path(__file__).resolve().parent.parent


def measure() -> dict[str, Any]:
    """Return {ratio_to_bare_insert, accept_ms, bare_ms, accept_p95_ms, bare_p95_ms, queries, rows {table: n}, rounds}.

    Times are milliseconds, medians and 95th percentiles of ROUNDS turns; ratio_to_bare_insert is the ratio of medians.
    Raises CalledProcessError where the child process fails.
    """
    with tempfile.TemporaryDirectory(prefix="accept-") as folder:
        names = {"VAR_DIR": folder, "SECRET_KEY": "bench", "DJANGO_SETTINGS_MODULE": "config.settings", CHILD: "1"}
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | names
        try:
            done = subprocess.run(
                [sys.executable, "-m", "bench.accept"],
                cwd=TOP, env=environment, check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        finally:
            from config import postgres

            postgres.stop(Path(folder))
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _child() -> dict[str, Any]:
    import django
    from django.core.management import call_command

    from config import postgres

    postgres.ensure(Path(os.environ["VAR_DIR"]))
    django.setup()
    call_command("generate", size="XS", stdout=sys.stderr)
    return _turns()


def _turns() -> dict[str, Any]:
    from django.db import connection

    from activities import services

    actor, activity = _subject()
    services.revoke(actor=actor, item=activity, reason="to be accepted anew")
    rows = _rows_written(lambda: services.accept(actor=actor, item=activity))
    queries = len(connection.queries_log)
    services.revoke(actor=actor, item=activity, reason="to be accepted anew")
    ours, bare = [], []
    for turn in range(WARM_UP + ROUNDS):
        taken = _seconds(lambda: services.accept(actor=actor, item=activity))
        services.revoke(actor=actor, item=activity, reason="to be accepted anew")
        beside = _seconds(_bare(rows))
        services.revoke(actor=actor, item=activity, reason="to be accepted anew")
        if turn >= WARM_UP:
            ours.append(taken * 1000)
            bare.append(beside * 1000)
    return {
        "ratio_to_bare_insert": round(statistics.median(ours) / statistics.median(bare), 2),
        "accept_ms": round(statistics.median(ours), 2),
        "bare_ms": round(statistics.median(bare), 2),
        "accept_p95_ms": round(_p95(ours), 2),
        "bare_p95_ms": round(_p95(bare), 2),
        "queries": queries,
        "rows": {table: len(found) for table, found in rows.items()},
        "rounds": ROUNDS,
    }


def _seconds(act: Any) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _subject() -> tuple[Any, Any]:
    """Return an officer and an accepted activity with values, of the programme with the middling number of tasks."""
    from django.db.models import Count

    from activities.models import Activity
    from activities.services.reports.review import freezing_report
    from agreements.models import Programme
    from core.models import User
    from partners.models import actors_of

    actor = actors_of(User.objects.get(username="lan"))[0]
    rows = (
        Activity.objects.visible_to(actor.user)
        .accepted()
        .filter(measurements__isnull=False, persons__isnull=False, task__programme__status=Programme.Status.IN_FORCE)
        .exclude(author=actor.user)
        .annotate(tasks=Count("task__programme__tasks", distinct=True))
        .order_by("tasks", "pk")
    )
    found = [row for row in rows if freezing_report(row) is None]
    return actor, found[len(found) // 2]


Rows = dict[str, list[dict[str, Any]]]


def _rows_written(act: Any) -> Rows:
    """Carry something out and return the rows its transactions wrote, without those that triggers write anyway."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        first = int(cursor.fetchone()[0])
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    act()
    connection.force_debug_cursor = False
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.endswith("history"):  # written by triggers
                continue
            cursor.execute(f"SELECT * FROM {table} WHERE xmin::text::bigint >= %s", [first])
            names = [column.name for column in cursor.description]
            if rows := [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]:
                found[table] = rows
    return found


def _bare(rows: Rows) -> Any:
    """Return what writes the rows as they are, one statement for each, in one transaction."""
    from django.db import connection

    raw = connection.connection  # psycopg2's own
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(sequence), 0) + 1 FROM core_auditentry")
        sequence = cursor.fetchone()[0]
    statements = []
    for table, found in rows.items():
        for row in found:
            fresh = (
                {"sequence": sequence}
                if table == AUDIT
                else {"dedupe_key": uuid.uuid4().hex}
                if table == NOTICE
                else {}
            )
            values = {name: Json(value) if isinstance(value, dict) else value for name, value in (row | fresh).items()}
            pk = values.pop("id")
            if fresh:
                marks = ", ".join(["%s"] * len(values))
                statements.append(
                    (f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))
                )
            else:
                sets = ", ".join(f"{name} = %s" for name in values)
                statements.append((f"UPDATE {table} SET {sets} WHERE id = %s", [*values.values(), pk]))

    def act() -> None:
        raw.autocommit = False
        try:
            with raw.cursor() as cursor:
                for sql, params in statements:
                    cursor.execute(sql, params)
            raw.commit()
        finally:
            raw.autocommit = True

    return act


if __name__ == "__main__":
    print(json.dumps(_child() if os.environ.get(CHILD) else measure()))
