"""manage.py count_due_work: count the due work of programmes where it changed (the timer runs it)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from activities.services.due_cells import count_due_work

LOCK = 7_230_014  # any number of its own; the timer of a second machine finds it taken


class Command(BaseCommand):
    """Bring the stored counts of due work up to what changed since; one at a time whoever starts it."""

    help = "Count the due work of the programmes in which it changed; until then pages count it themselves."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it unless another one is at work."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                self.stdout.write("counts of due work: another run is at work")
                return
            try:
                count = count_due_work()
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        if count:
            self.stdout.write(f"counts of due work: {count} programmes")
