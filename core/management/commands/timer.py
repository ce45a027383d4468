"""manage.py timer: the loop that runs the commands of settings.TIMER; `make run` starts it."""

from __future__ import annotations

import datetime
import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections, connection
from django.utils import timezone

log = logging.getLogger(__name__)
EVERY = 300  # seconds between rounds
AFTER_MIDNIGHT = 5  # seconds into the new day
LOCK = 7_230_000  # one round at a time, whichever process starts it


def seconds_to_wait(now: datetime.datetime, every: int = EVERY) -> float:
    """Return how long to sleep: the interval, or less so that a round starts just after midnight in Vietnam."""
    local = timezone.localtime(now)
    midnight = (local + datetime.timedelta(days=1)).replace(hour=0, minute=0, second=AFTER_MIDNIGHT, microsecond=0)
    return min(float(every), (midnight - local).total_seconds())


def run_round(names: list[str]) -> list[str]:
    """Run the commands once, in order, and return those that failed; [] also where another process is at it.

    A failing command is logged and does not keep the others from running.
    """
    failed: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return failed
        try:
            for name in names:
                try:
                    call_command(name)
                except Exception:
                    log.exception("timer: %s failed, the next round tries again", name)
                    failed.append(name)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return failed


class Command(BaseCommand):
    """Run the timer until SIGTERM or SIGINT."""

    requires_system_checks = ()  # the pages may be broken, the figures still move
    help = "Run the commands of settings.TIMER at start, every five minutes and just after midnight."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --once and --every."""
        parser.add_argument("--once", action="store_true", help="one round, then stop")
        parser.add_argument("--every", type=int, default=EVERY, help="seconds between rounds")

    def handle(self, *args: Any, **options: Any) -> None:
        """Loop; a signal ends the sleep at once and lets a running round finish."""
        stop = threading.Event()
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_args: stop.set())
        while not stop.is_set():
            close_old_connections()
            try:
                run_round(list(settings.TIMER))
            except Exception:
                log.exception("timer: the round failed, the next one tries again")
            if options["once"]:
                return
            stop.wait(seconds_to_wait(timezone.now(), options["every"]))
