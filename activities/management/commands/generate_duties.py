"""manage.py generate_duties: bring the duties to report in step with the rules, once a day (the timer runs it)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from activities.services import generate_all

LOCK = 7_230_005  # any number of its own; the timer of a second machine finds it taken


class Command(BaseCommand):
    """Generate duties up to the end of next year; idempotent, one at a time whoever starts it."""

    help = "Bring the duties to report in step with the reporting rules; once a day unless --force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --force."""
        parser.add_argument("--force", action="store_true", help="also where it was already done today")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it unless another one is at work."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                self.stdout.write("duties: another run is at work")
                return
            try:
                totals = generate_all(force=options["force"])
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        if totals is not None:
            shown = ", ".join(f"{number} {name}" for name, number in totals.items())
            self.stdout.write(f"duties: {shown}")
