"""The migrated, otherwise empty database that the test databases of the embedded server are copied from.

Migrations run when they changed, once for all workers and later runs, instead of some seconds in each of them.
`python -m tests.migrated` makes it beforehand: `make test` does so beside the static checks.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg2

from config import postgres

ROOT = Path(__file__).parent.parent
PREFIX = "phoi_hop_migrated_"
# What a test wrote need not survive a power cut: a third less time for tests that commit. Autovacuum would count tables
# whose rows are of a transaction still open: then they are planned as empty, and a page takes minutes (demo_rows.py).
UNSAFE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
}


def migrated(var: Path) -> str:
    """Start the embedded server and return the name of the database, made anew when a migration or package changed."""
    postgres.ensure(var, UNSAFE)
    name = PREFIX + _digest()
    with (var / "migrated.lock").open("w") as lock, closing(psycopg2.connect(**_server(var))) as server:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
            found = {row[0] for row in cursor.fetchall()}
            for old in found - {name}:
                cursor.execute(f'DROP DATABASE "{old}"')
            if name not in found:
                cursor.execute(f"CREATE DATABASE {PREFIX}new")
                _migrate(var, f"{PREFIX}new")
                cursor.execute(f'ALTER DATABASE {PREFIX}new RENAME TO "{name}"')  # last: it says that all is there
    return name


def _digest() -> str:
    """Return a text that changes with the migrations, what they read, and the packages that run them."""
    files = [
        ROOT / "core" / "migrating.py",
        *ROOT.glob("*/migrations/*.py"),
        *ROOT.glob("*/models/*.py"),
        *ROOT.glob("*/models.py"),
    ]
    digest = hashlib.sha256()
    for path in [ROOT / "requirements.lock", *sorted(files)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _server(var: Path) -> dict[str, str]:
    known = postgres.connection(var)
    return {"host": str(known["HOST"]), "port": str(known["PORT"]), "user": str(known["USER"]), "dbname": "postgres"}


def _migrate(var: Path, name: str) -> None:
    server = _server(var)
    url = f"postgresql://{server['user']}@{quote(server['host'], safe='')}:{server['port']}/{name}"
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=True,
    )


if __name__ == "__main__":
    migrated(Path(os.environ["VAR_DIR"]))
