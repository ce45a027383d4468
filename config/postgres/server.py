"""Making, starting and stopping the embedded server, one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from config.postgres.identity import Identity, foreign_data, identity, run, user_name
from config.postgres.places import ADMIN, NAME, PORT, EmbeddedPostgresError, binaries, data_dir, home_dir, socket_dir
from config.postgres.process import (
    WAIT_SECONDS,
    adopt_running,
    alive,
    answers,
    clear_stale_locks,
    connect,
    postmaster_pid,
    stop_pid,
)

OPTIONS = {"timezone": "UTC", "log_timezone": "UTC", "max_connections": "60"}
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")  # of the container we may be in; "max" where there is none


def is_up(var: Path) -> bool:
    """True when the application's database answers on the socket; a process id alone proves nothing."""
    return answers(var, NAME, NAME)


def ensure(var: Path, options: dict[str, str] | None = None) -> None:
    """Have the server running with our role and database, whatever state it is in; 1 ms when it is up already.

    `options` are settings of PostgreSQL beside ours, taken when it has to be started. Safe to call from several
    processes at once. Raises EmbeddedPostgresError with the way out.
    """
    if is_up(var):
        return
    with _locked(var):
        if is_up(var):
            return
        bin_dir = binaries()
        who = identity(var, bin_dir)
        _make_folders(var, who)
        if not (data_dir(var) / "PG_VERSION").exists():
            _initdb(var, bin_dir, who)
        _refuse_other_major(var, bin_dir, who)
        if not adopt_running(var):
            _start(var, bin_dir, who, options or {})
        _make_role_and_database(var)


def stop(var: Path) -> None:
    """Stop the server if it runs; open transactions are rolled back, nothing committed is lost."""
    try:
        if not (data_dir(var) / "postmaster.pid").exists():
            return
    except PermissionError as error:
        raise EmbeddedPostgresError(foreign_data(home_dir(var))) from error
    with _locked(var):
        pid = postmaster_pid(var)
        if pid is not None and alive(pid):
            stop_pid(pid)


@contextlib.contextmanager
def _locked(var: Path) -> Iterator[None]:
    """One starter or stopper at a time: three unlocked starters break a new data folder."""
    lock = home_dir(var).with_suffix(".lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except PermissionError as error:
        raise EmbeddedPostgresError(
            f"{lock} cannot be written by {user_name(os.geteuid())}: it was made by another user. Run the command as "
            f"that user, or choose another folder: VAR_DIR=~/phoi-hop make run"
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _make_folders(var: Path, who: Identity) -> None:
    """The server's folder and the socket's, both 0700 and owned by who runs the server."""
    uid = os.geteuid() if who.uid is None else who.uid
    for folder in (home_dir(var), socket_dir(var)):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            if who.uid is not None and who.gid is not None:
                os.chown(folder, who.uid, who.gid)
        # lstat: /tmp is everybody's, and a link or folder laid there by somebody else must not be followed.
        status = folder.lstat()
        if not folder.is_dir() or folder.is_symlink() or status.st_uid != uid:
            raise EmbeddedPostgresError(
                f"{folder} should be a folder of {user_name(uid)} but belongs to {user_name(status.st_uid)}. "
                f"Remove it (it is made again) or choose another place with VAR_DIR."
            )
        if status.st_mode & 0o077:
            folder.chmod(0o700)


def _initdb(var: Path, bin_dir: Path, who: Identity) -> None:
    """Make the data folder aside and move it into place: a start that was killed leaves nothing half-made."""
    fresh = home_dir(var) / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    options = ["-U", ADMIN, "-E", "UTF8", "--auth-local=trust", "--auth-host=reject", "--data-checksums"]
    # The builtin provider sorts and folds the same on every machine; before PostgreSQL 17 the C library's has to do.
    if _major(bin_dir, who) >= 17:
        options += ["--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    else:
        options += ["--locale=C.UTF-8"]
    result = run(who, bin_dir / "initdb", "-D", fresh, *options)
    if result.returncode:
        raise EmbeddedPostgresError(
            f"The database could not be made in {fresh}: {_last_line(result.stderr)} "
            "Check free space and rights of that folder, or choose another with VAR_DIR."
        )
    fresh.rename(data_dir(var))


def _major(bin_dir: Path, who: Identity) -> int:
    """The major version of the binaries, e.g. 18 from `postgres (PostgreSQL) 18.6`."""
    result = run(who, bin_dir / "postgres", "--version")
    words = result.stdout.replace("postgres (PostgreSQL)", "").split()
    digits = words[0].split(".")[0] if words else ""
    number = "".join(c for c in digits if c in "0123456789")  # 19beta1 is a 19... of sorts
    if result.returncode or not number:
        raise EmbeddedPostgresError(
            f"{bin_dir / 'postgres'} does not run here: {_last_line(result.stderr)} The packaged server needs glibc "
            "(not Alpine/musl); set PG_BIN to a server of this system, or DATABASE_URL to a running one."
        )
    return int(number) if digits == number else int(digits[:2])


def _refuse_other_major(var: Path, bin_dir: Path, who: Identity) -> None:
    data = data_dir(var)
    there, here = (data / "PG_VERSION").read_text().strip(), _major(bin_dir, who)
    if there != str(here):
        raise EmbeddedPostgresError(
            f"The data in {data} was written by PostgreSQL {there}, but the programs in {bin_dir} are version {here}, "
            f"and a data folder cannot be opened by another major version. Nothing was changed. The way out: "
            f"(1) start it with the old version, PG_BIN=<bin folder of PostgreSQL {there}> make run, and save it: "
            f"pg_dump -h {socket_dir(var)} -U {NAME} -Fc {NAME} -f phoi_hop.dump; (2) make stop, and rename {data}; "
            f"(3) make run without demo data (DEMO=0), then "
            f"pg_restore -h {socket_dir(var)} -U {NAME} -d {NAME} --clean --if-exists phoi_hop.dump"
        )


def buffers() -> str:
    """What the server keeps in memory of its own: an eighth of what there is, 128 MB to 1 GB.

    128 MB hold a province; a country has 2 GB of rows and indexes, of which pages read less than half
    (docs/performance.md).
    """
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        there = min(there, int(MEMORY_LIMIT.read_text()))
    return f"{min(max(there // 8 // 2**20, 128), 1024)}MB"


def _start(var: Path, bin_dir: Path, who: Identity, more: dict[str, str]) -> None:
    options = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": _list_item(str(socket_dir(var))),
        "unix_socket_permissions": "0700",
        "shared_buffers": buffers(),
        **OPTIONS,
        **more,
    }
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    log = home_dir(var) / "server.log"
    # Not by pg_ctl, which hands the paths to a shell unquoted. The shell here ends at once, so that the server is
    # nobody's child and outlives whoever started it.
    script = 'log=$1; shift; "$@" >>"$log" 2>&1 </dev/null & echo $!'
    command: list[str | Path] = ["/bin/sh", "-c", script, "sh", log, bin_dir / "postgres", "-D", data_dir(var), *words]
    said = ""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        clear_stale_locks(var)
        size = log.stat().st_size if log.exists() else 0
        pid = int(run(who, *command).stdout)
        while time.monotonic() < deadline and alive(pid, of_postgres=False):
            if answers(var, ADMIN, "postgres"):
                return
            time.sleep(0.02)
        said = log.read_bytes()[size:].decode(errors="replace")
        # Children of a killed server may hold its memory for a moment more: they end by themselves, so try again.
        if "still in use" not in said and "lock file" not in said:
            break
        time.sleep(0.3)
    raise EmbeddedPostgresError(
        f"PostgreSQL did not start. The end of its log {log}: {_reason(said)} "
        "If this is not clear, set DATABASE_URL to another server."
    )


def _list_item(path: str) -> str:
    """Quoted as an item of a list in PostgreSQL's settings: a comma in a path does not end it."""
    return '"' + path.replace('"', '""') + '"'


def _make_role_and_database(var: Path) -> None:
    with contextlib.closing(connect(var, ADMIN, "postgres")) as db:
        db.autocommit = True
        with db.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME])
            if not cursor.fetchone():
                cursor.execute(f"CREATE ROLE {NAME} LOGIN CREATEDB NOSUPERUSER NOCREATEROLE")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {NAME} OWNER {NAME}")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _reason(log: str) -> str:
    """The line of a log that says why the server ended."""
    fatal = [line for line in log.splitlines() if "FATAL:" in line or "PANIC:" in line]
    return _last_line("\n".join(fatal) or log)
