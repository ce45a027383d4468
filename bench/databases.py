"""Where the generated data are: databases s, m and l of a server of our own below var/bench, or of a named one.

BENCH_SERVER=postgresql://user@host:port names a server that holds them already; nothing is generated there.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import psycopg2

from config import postgres
from config.launch import PYTHON, ROOT, LaunchError, environment, say, var_dir

COPY = "bench_load"  # the load writes to a copy, so that runs repeat
BUSY_SECONDS = 60  # a template must have no other reader


@dataclass(frozen=True)
class Databases:
    """A database server. url: without the database's name. is_own: ours to make databases on."""

    url: str
    is_own: bool

    def environment(self, name: str) -> dict[str, str]:
        """Return the environment of a process of the product on one of the databases."""
        known = environment(8000)
        return {**known, "DATABASE_URL": f"{self.url}/{name}", "DEMO": "0", "EMAIL_URL": "", "BASE_URL": ""}

    def have(self, size: str) -> None:
        """Have the data of a size: made where missing, brought to today's tables and figures where kept."""
        name = size.lower()
        if not self.is_own:
            return
        if not self._is_filled(name):
            say(f"generating size {size} (kept for later runs)")
            self.statements(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
            self.manage(name, "generate", "--size", size)
        else:
            self.manage(name, "migrate", "--no-input", "--verbosity", "0")
            say(f"size {size} is kept; figures of today")
            self.manage(name, "refresh_figures")
            self.manage(name, "count_due_work")

    def manage(self, name: str, *words: str) -> None:
        """Run a management command on a database, its lines on the screen; LaunchError where it fails."""
        command = [str(PYTHON), "manage.py", *words]
        if subprocess.run(command, cwd=ROOT, env=self.environment(name)).returncode:
            raise LaunchError(f"manage.py {' '.join(words)} failed on database {name}, for the reason above.")

    def child(self, name: str, *words: str) -> str:
        """Return what `python -m bench.WORD …` prints on one database; LaunchError with its words where it fails."""
        command = [str(PYTHON), "-m", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(name), capture_output=True, text=True)
        if done.returncode:
            raise LaunchError(f"{' '.join(words[:2])} failed on database {name}:\n{done.stderr.strip()[-2000:]}")
        return done.stdout

    @contextlib.contextmanager
    def copy_of(self, size: str) -> Iterator[str]:
        """Give a copy of a size, dropped afterwards."""
        drop = f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)"
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self.statements(drop, f"CREATE DATABASE {COPY} TEMPLATE {size.lower()} STRATEGY FILE_COPY")
                break
            except psycopg2.errors.ObjectInUse as error:
                if time.monotonic() > deadline:
                    raise LaunchError(f"Database {size.lower()} is in use and cannot be copied: {error}") from error
                time.sleep(1)
        try:
            self.manage(COPY, "migrate", "--no-input", "--verbosity", "0")  # a named server may be behind
            yield COPY
        finally:
            self.statements(drop)

    def statements(self, *statements: str) -> None:
        """Run statements outside a transaction, as CREATE DATABASE wants it."""
        with contextlib.closing(psycopg2.connect(f"{self.url}/postgres")) as line:
            line.autocommit = True
            for statement in statements:
                line.cursor().execute(statement)

    def _is_filled(self, name: str) -> bool:
        """Whether generation ended: it is one transaction, so that either everything is there or nothing."""
        try:
            with contextlib.closing(psycopg2.connect(f"{self.url}/{name}")) as line, line.cursor() as cursor:
                cursor.execute("SELECT EXISTS (SELECT FROM activities_activity)")
                return bool(cursor.fetchone()[0])
        except (psycopg2.OperationalError, psycopg2.errors.UndefinedTable):
            return False


@contextlib.contextmanager
def database_server() -> Iterator[Databases]:
    """Give the server of the data; our own is started and, where we started it, stopped. VAR_DIR becomes var/bench."""
    var = var_dir() / "bench"
    var.mkdir(parents=True, exist_ok=True)
    os.environ["VAR_DIR"] = str(var)
    named = os.environ.get("BENCH_SERVER")
    if named:
        yield Databases(named.rstrip("/"), is_own=False)
        return
    was_up = postgres.is_up(var)
    postgres.ensure(var)
    try:
        folder = quote(str(postgres.socket_dir(var)), safe="")
        yield Databases(f"postgresql://{postgres.NAME}@{folder}:5432", is_own=True)
    finally:
        if not was_up:
            postgres.stop(var)
