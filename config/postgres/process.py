"""The running server seen from outside: does it answer, does its process live, how is it stopped."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg2

from config.postgres.places import ADMIN, PORT, EmbeddedPostgresError, data_dir, home_dir, socket_dir, socket_file

WAIT_SECONDS = 60  # for a start, a recovery after a crash, or a stop


def connect(var: Path, user: str, database: str) -> psycopg2.extensions.connection:
    """A connection over the socket; psycopg2.OperationalError when nothing answers."""
    return psycopg2.connect(host=str(socket_dir(var)), port=PORT, user=user, dbname=database, connect_timeout=5)


def answers(var: Path, user: str, database: str) -> bool:
    """True when `user` can connect to `database` now: not while the server starts, recovers or stops."""
    try:
        connect(var, user, database).close()
    except psycopg2.OperationalError:
        return False
    return True


def adopt_running(var: Path) -> bool:
    """True when a live server of this data folder answers; a live one that cannot be reached is stopped first."""
    pid = postmaster_pid(var)
    if pid is None or not alive(pid):
        return False
    deadline = time.monotonic() + WAIT_SECONDS
    while alive(pid) and time.monotonic() < deadline:
        if answers(var, ADMIN, "postgres"):
            return True
        # The folder was moved, or the socket swept away, while the server ran: only a restart makes it reachable.
        lines = _pid_file(var).read_text().splitlines() if _pid_file(var).exists() else []
        ready = len(lines) >= 8 and lines[7].strip() == "ready"
        if ready and not socket_file(socket_dir(var)).exists():
            stop_pid(pid)
            return False
        time.sleep(0.1)
    if alive(pid):
        raise EmbeddedPostgresError(
            f"PostgreSQL (process {pid}) runs but has not answered for {WAIT_SECONDS} s. See "
            f"{home_dir(var) / 'server.log'}; if it does not recover: make stop, then make run."
        )
    return False


def _pid_file(var: Path) -> Path:
    return data_dir(var) / "postmaster.pid"


def postmaster_pid(var: Path) -> int | None:
    """The process number in the server's pid file, None without one; whether it lives is `alive`'s question."""
    return _pid_in(_pid_file(var))


def _pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def alive(pid: int, of_postgres: bool = True) -> bool:
    """True for a running postgres process; false for none, a zombie, or a stranger that got the old number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    process = Path("/proc") / str(pid)
    if not process.exists():
        return not Path("/proc/self").exists()  # no /proc (macOS): the signal has to be believed
    try:
        name, state = (process / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
    except (OSError, IndexError):
        return False
    return state.split()[0] not in "ZX" and (not of_postgres or name.startswith(("postgres", "postmaster")))


def clear_stale_locks(var: Path) -> None:
    """Remove what a server that is dead for sure left: its pid file and the lock of its socket.

    PostgreSQL itself takes a zombie, or any process that got the old number, for a running server and refuses. What
    protects the data, the check that no process is attached to its shared memory, is made by the server in any case.
    """
    for file in (_pid_file(var), socket_file(socket_dir(var)).with_name(socket_file(socket_dir(var)).name + ".lock")):
        pid = _pid_in(file)
        if pid is not None and not alive(pid):
            file.unlink(missing_ok=True)


def stop_pid(pid: int) -> None:
    """Fast shutdown: SIGINT, as pg_ctl does, but also for a server in a user namespace."""
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL (process {pid}) belongs to another user. Stop it as that user or as root."
        ) from error
    deadline = time.monotonic() + WAIT_SECONDS
    while alive(pid):
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"PostgreSQL (process {pid}) has not stopped within {WAIT_SECONDS} s.")
        time.sleep(0.02)
