"""Bring what the web server needs up to date, in one Django process: database, tables, catalogues, assets, demo data.

Started by config.launch with the environment's Python. Each step costs nothing when there is nothing to do.
"""

import contextlib
import hashlib
import io
import json
import os
import sys
import warnings
from pathlib import Path

import django

from config import postgres
from config.launch import say


def main() -> int:
    """Run the steps in order; 1 with the reason on the screen when one cannot be done."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    warnings.simplefilter("ignore", RuntimeWarning)  # the database may not be up while Django loads
    django.setup()
    from django.conf import settings
    from django.core.management import CommandError
    from django.db import OperationalError

    try:
        if settings.EMBEDDED_DATABASE and not postgres.is_up(settings.VAR_DIR):
            say("starting the database")
            postgres.ensure(settings.VAR_DIR)
        migrate()
        catalogues()
        assets()
        demo()
    except postgres.EmbeddedPostgresError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except OperationalError as error:
        print(f"\nThe database named by DATABASE_URL cannot be used: {error}", file=sys.stderr)
        return 1
    except CommandError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def migrate() -> None:
    """Apply the migrations that are not applied yet."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        say(f"preparing the tables ({len(plan)} migrations)")
        call_command("migrate", interactive=False, verbosity=0)


def catalogues() -> None:
    """Compile the translations whose .po file is newer than its .mo."""
    from django.conf import settings
    from django.core.management import call_command
    from django.utils.translation.reloader import translation_file_changed

    sources = list(settings.BASE_DIR.glob("*/locale/*/LC_MESSAGES/django.po"))
    if any(
        not p.with_suffix(".mo").exists() or p.stat().st_mtime > p.with_suffix(".mo").stat().st_mtime for p in sources
    ):
        say("compiling the translations")
        call_command("catalogue", verbosity=0, stdout=io.StringIO())
        # This process has already looked for them; the demo data it writes next would hold English sentences.
        translation_file_changed(None, sources[0].with_suffix(".mo"))


def assets() -> None:
    """Collect, compress and name the static files by content, when one of them or the packages changed."""
    from django.conf import settings
    from django.core.management import call_command

    stamp = settings.VAR_DIR / "static.stamp"
    wanted = static_digest([*map(Path, settings.STATICFILES_DIRS), settings.BASE_DIR / "config" / "assets.py"])
    if stamp.exists() and stamp.read_text() == wanted and (settings.STATIC_ROOT / "staticfiles.json").exists():
        return
    say("collecting the static files")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(wanted)


def static_digest(places: list[Path]) -> str:
    """Names, sizes and times of the files, and which packages are installed, as one hash."""
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                status = path.stat()
                digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    for stamp in sorted(Path(sys.prefix).glob("installed-*")):
        digest.update(stamp.read_bytes())
    return digest.hexdigest()


def demo() -> None:
    """Fill an empty embedded database with demo data, and leave the demo accounts where config.launch prints them.

    Whether it is empty the command decides again, under stricter rules; asking here saves its start.
    """
    from django.conf import settings
    from django.core.management import call_command, get_commands

    if not settings.EMBEDDED_DATABASE or os.environ.get("DEMO") == "0" or "demo" not in get_commands():
        return
    from django.contrib.auth import get_user_model

    if not get_user_model().objects.exists():
        say("making the demo data")
        call_command("demo", if_empty=True)
    out = io.StringIO()
    call_command("demo", accounts=True, stdout=out)
    target = settings.VAR_DIR / "accounts.json"
    target.unlink(missing_ok=True)
    with contextlib.suppress(ValueError):
        accounts = json.loads(out.getvalue())
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(accounts, file, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
