"""manage.py send_reminders: the ladder of reminders of the day (the timer runs it)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from activities.services import reminders

LOCK = 7_230_011  # any number of its own; the timer of a second machine finds it taken


class Command(BaseCommand):
    """Send what the ladder asks for today; run again it sends nothing more."""

    help = "Send the reminders of the day: each step of the ladder once for each person and thing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it unless another one is at work."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                self.stdout.write("reminders: another run is at work")
                return
            try:
                count = reminders.send_due()
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        if count or options["verbosity"] > 1:
            self.stdout.write(f"reminders: {count} sent")
