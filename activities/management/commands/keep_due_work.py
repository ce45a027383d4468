"""manage.py keep_due_work: keep how much was due when yesterday was over (the timer runs it just after midnight)."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from activities.services.due_kept import keep_due_work

LOCK = 7_230_013  # any number of its own; the timer of a second machine finds it taken


class Command(BaseCommand):
    """Put the due work of yesterday to the figures kept of it; idempotent, one at a time whoever starts it."""

    help = "Keep how much due work was overdue, done on time and done late when yesterday was over; once a day."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it unless another one is at work."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                self.stdout.write("due work: another run is at work")
                return
            try:
                count = keep_due_work(timezone.localdate() - datetime.timedelta(days=1))
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        if count:
            self.stdout.write(f"due work: kept of yesterday for {count} programmes")
