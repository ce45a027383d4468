"""The squashed migrations: a new database is the same as by the files they replace, and older databases go on."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tests.schema import ROOMS, describe, heads, old_files, squashed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.migrations.operations.base import Operation

ROOT = Path(__file__).parent.parent
# What these did to rows that were there already; a new database has none.
OF_OLDER_ROWS = {
    ("agreements", "0007_legal_aliases"),
    ("agreements", "0010_rules_and_extensions"),
    ("activities", "0008_evidence_counted"),
}


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    """Return the migrations as a new database takes them."""
    return MigrationLoader(None)


@pytest.fixture(scope="module")
def before() -> MigrationLoader:
    """Return the migrations as they were before they were squashed."""
    loader = MigrationLoader(None)
    old_files(loader)
    return loader


def test_each_squash_replaces_exactly_the_files_up_to_the_one_it_is_named_after(loader: MigrationLoader) -> None:
    made = squashed(loader)
    assert set(made) == set(ROOMS)
    for room, migration in made.items():
        last = migration.name.removeprefix("0001_squashed_")
        files = sorted(path.stem for path in (ROOT / room / "migrations").glob("0*.py") if path.stem != migration.name)
        assert migration.replaces == [(room, name) for name in files if name[:4] <= last[:4]]
        assert migration.replaces[-1] == (room, last)


def test_the_models_of_the_squash_are_those_of_the_files_it_replaces(
    loader: MigrationLoader, before: MigrationLoader
) -> None:
    """Fields, options, constraints, indexes and triggers with their SQL, as the state of the migrations knows them."""
    new, old = (from_.project_state(heads(from_)).models for from_ in (loader, before))
    assert new.keys() == old.keys()
    assert len({key for key in new if key[0] in ROOMS}) > 60
    for key, model in new.items():
        for state in (model, old[key]):
            for option in ("indexes", "constraints", "triggers"):
                state.options[option] = sorted(state.options.get(option, []), key=lambda named: named.name)
        assert model == old[key], key


def test_the_squash_carries_over_every_statement_and_seed(loader: MigrationLoader) -> None:
    def done(operations: list[Operation]) -> list[object]:
        return [
            operation.code if isinstance(operation, RunPython) else operation.sql
            for operation in operations
            if isinstance(operation, RunPython | RunSQL)
        ]

    for room, migration in squashed(loader).items():
        old = [
            step
            for key in migration.replaces
            if key not in OF_OLDER_ROWS
            for step in done(loader.disk_migrations[key].operations)
        ]
        assert old
        assert done(migration.operations) == old, room
    assert all(done(loader.disk_migrations[key].operations) for key in OF_OLDER_ROWS)


def _record(files: list[tuple[str, str]]) -> None:
    """Let the database say that of our rooms these files were applied, and no others."""
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.filter(app__in=ROOMS).delete()
    for room, name in files:
        recorder.record_applied(room, name)


@pytest.mark.django_db
def test_a_database_at_the_old_head_is_up_to_date(loader: MigrationLoader) -> None:
    later = [key for key in MigrationRecorder(connection).applied_migrations() if key[0] in ROOMS]
    made = squashed(loader)
    _record(
        [key for migration in made.values() for key in migration.replaces]
        + [(room, name) for room, name in later if name != made[room].name]
    )

    call_command("migrate", "--check", verbosity=0)  # leaves with 1 when something is to be done
    out = io.StringIO()
    call_command("migrate", stdout=out, no_color=True)

    assert "No migrations to apply." in out.getvalue()
    applied = MigrationRecorder(connection).applied_migrations()
    assert {(room, migration.name) for room, migration in made.items()} <= applied.keys()
    call_command("migrate", "--check", verbosity=0)


@pytest.mark.django_db
def test_a_database_halfway_goes_on_along_the_old_files_of_each_room_begun(before: MigrationLoader) -> None:
    order = MigrationExecutor(connection)
    old_files(order.loader)
    files = [(m.app_label, m.name) for m, _ in order.migration_plan(heads(order.loader), clean_start=True)]
    files = [key for key in files if key[0] in ROOMS]
    made = squashed(before)
    assert len(files) == sum(len(migration.replaces) for migration in made.values())
    for count in range(len(files)):
        _record(files[:count])
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)

        plan = [(m.app_label, m.name) for m, _ in executor.migration_plan(heads(executor.loader))]

        begun = {room for room, _ in files[:count]}
        fresh = [(room, made[room].name) for room in ROOMS if room not in begun]
        assert sorted(plan) == sorted([key for key in files[count:] if key[0] in begun] + fresh), files[count]
        assert [key for key in plan if key[0] in begun] == [key for key in files[count:] if key[0] in begun]


# --- the databases themselves: twelve seconds of migrations for each, in `make soak` -------------------------------


@pytest.fixture
def build() -> Iterator[Callable[[str], dict[str, list[str]]]]:
    """Return a function that makes a database in one of the ways of tests/schema.py and describes it."""
    names = []

    def make(how: str) -> dict[str, list[str]]:
        name = f"{connection.settings_dict['NAME']}_{how}"
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}"')
        names.append(name)
        known = {
            key: quote(str(connection.settings_dict[key]), safe="") for key in ("USER", "PASSWORD", "HOST", "PORT")
        }
        url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/".format(**known) + quote(name)
        subprocess.run(
            [sys.executable, "-m", "tests.schema", how],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
            check=True,
        )
        server = psycopg2.connect(**{**connection.get_connection_params(), "dbname": name})
        try:
            with server.cursor() as cursor:

                def execute(statement: str) -> list[tuple[object, ...]]:
                    cursor.execute(statement)
                    return cursor.fetchall()

                return describe(execute)
        finally:
            server.close()

    yield make
    with connection._nodb_cursor() as cursor:
        for name in names:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.skipif(not os.environ.get("SOAK"), reason="make soak")
@pytest.mark.django_db
def test_a_new_database_is_the_one_the_old_files_make(build: Callable[[str], dict[str, list[str]]]) -> None:
    new, old = build("new"), build("old")
    for what, found in new.items():
        assert found == old[what], what
        assert found, what


@pytest.mark.skipif(not os.environ.get("SOAK"), reason="make soak")
@pytest.mark.parametrize("files", ["3", "15", "17", "24", "31", "38"])
@pytest.mark.django_db
def test_a_database_begun_with_the_old_files_ends_the_same(
    files: str, build: Callable[[str], dict[str, list[str]]]
) -> None:
    assert build(files) == build("new")
