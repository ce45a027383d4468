"""Who the server's programs run as. PostgreSQL refuses to run as root, so root lends it another identity."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.postgres.places import EmbeddedPostgresError, home_dir


@dataclass(frozen=True)
class Identity:
    """Who the server's programs run as: `uid`/`gid` None = as ourselves; `prefix` goes before every command."""

    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    def command(self, *argv: str | Path) -> list[str]:
        """The command line that runs `argv` as this identity, together with `options()`."""
        return [*self.prefix, *map(str, argv)]

    def options(self) -> dict[str, Any]:
        """Keyword arguments of subprocess.run that change to this identity."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}


def identity(var: Path, bin_dir: Path) -> Identity:
    """PostgreSQL refuses to run as root, so root lends it another identity; nobody is created for it."""
    home = home_dir(var)
    owner = home.stat().st_uid if home.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise EmbeddedPostgresError(foreign_data(home))
        return Identity()
    if owner is None:
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                who = Identity(entry.pw_uid, entry.pw_gid)
                if entry.pw_uid != 0 and _reaches(who, home, bin_dir):
                    return who
    elif owner != 0:
        who = Identity(owner, home.stat().st_gid)
        if _reaches(who, home, bin_dir):
            return who
        raise EmbeddedPostgresError(
            f"The data in {home} belongs to {user_name(owner)}, who cannot enter {home} or {bin_dir}. Run the "
            f"command as {user_name(owner)}, or let others pass through these folders (chmod o+x on each of them)."
        )
    # Below a folder that only root may enter: a user namespace in which we are an ordinary user with root's files.
    who = Identity(prefix=("unshare", "--user", "--map-user=1000", "--map-group=1000", "--"))
    if shutil.which("unshare") and _reaches(who, home, bin_dir):
        return who
    raise EmbeddedPostgresError(
        f"PostgreSQL refuses to run as root, and other users cannot enter {home} or {bin_dir}. Run the command as an "
        "ordinary user, or move the repository to a folder that others may enter (for example /srv), "
        "or set DATABASE_URL to a running server."
    )


def _reaches(who: Identity, home: Path, bin_dir: Path) -> bool:
    """True when `who` can get to the data's place and really execute the server there."""
    place = home if home.exists() else home.parent
    script = 'cd "$1" && cd "$2" && exec ./postgres --version'
    command = who.command("/bin/sh", "-c", script, "sh", place, bin_dir)
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        result = subprocess.run(command, capture_output=True, timeout=20, cwd="/", check=False, **who.options())
        return result.returncode == 0
    return False


def foreign_data(home: Path) -> str:
    """What to tell somebody who finds another user's database."""
    return (
        f"The database in {home} belongs to {user_name(home.stat().st_uid)}, you are {user_name(os.geteuid())}. "
        "Run the command as the user who made it, or hand it over with the server stopped "
        f"(sudo chown -R $USER {home}), or start with an empty one: VAR_DIR=~/phoi-hop make run"
    )


def user_name(uid: int) -> str:
    """The account's name, or `user 1234` where the number has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def run(who: Identity, *argv: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs: no PG* variables, plain English, nothing held open by a server it starts."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))} | {"LC_ALL": "C"}
    with (
        # Files, not pipes: the server inherits them, and a pipe would keep us waiting until it ends.
        open(os.devnull) as nothing,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        code = subprocess.run(
            who.command(*argv), stdin=nothing, stdout=out, stderr=err, cwd="/", env=environment, check=False,
            start_new_session=True, umask=0o077, **who.options(),
        ).returncode  # fmt: skip
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace"))
    return subprocess.CompletedProcess(list(map(str, argv)), code, *texts)
