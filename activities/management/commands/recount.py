"""manage.py recount: prove or repair the stored totals from the accepted rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from activities.services import cells


class Command(BaseCommand):
    """Compare Tally, ProgrammeFigure, today's DailyFigure and the counts of due work with the rows; or repair them."""

    help = "Rebuilds the stored totals from the accepted rows; --check only compares and exits 1 with what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="compare only; exit 1 where anything differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Repair where asked, then compare; CommandError (exit 1) where anything differs."""
        if not options["check"]:
            with transaction.atomic():
                with connection.cursor() as cursor:  # an acceptance waits, then adds to the rebuilt row
                    cursor.execute("LOCK TABLE agreements_tally IN EXCLUSIVE MODE")
                written = cells.repair()
            self.stdout.write(f"{written} totals rebuilt")
        with transaction.atomic():
            with connection.cursor() as cursor:  # nobody adds to the totals while they are compared
                cursor.execute("LOCK TABLE agreements_tally IN SHARE MODE")
            found = cells.check()
        for line in [*found.tallies, *found.figures, *found.due_work]:
            self.stdout.write(line)
        if not found.is_equal:
            numbers = f"{len(found.tallies)} totals, {len(found.figures)} figures and {len(found.due_work)} counts"
            raise CommandError(f"{numbers} of due work differ")
        self.stdout.write("totals, figures and counts of due work equal the rows they are made of")
