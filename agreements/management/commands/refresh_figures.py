"""manage.py refresh_figures: bring the stored figures of programmes to today (the timer runs it)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from agreements import services
from agreements.services.results import refresh_all

LOCK = 7_230_001  # any number of its own; the timer of a second machine finds it taken


class Command(BaseCommand):
    """Refresh figures that are of an earlier day; idempotent, one at a time whoever starts it."""

    help = "Bring the stored figures of programmes to today; --all also those already of today."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --all."""
        parser.add_argument("--all", action="store_true", help="refresh every programme")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it unless another one is at work."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                self.stdout.write("figures: another refresh is at work")
                return
            try:
                services.end_due_programmes()
                services.announce_renewals()
                services.start_due_tasks()
                services.expire_due_documents()
                count = refresh_all(only_stale=not options["all"])
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        if count or options["verbosity"] > 1:
            self.stdout.write(f"figures: {count} programmes refreshed")
