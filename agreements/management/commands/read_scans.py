"""manage.py read_scans: read the pages of scans that wait for OCR (the timer runs it; an upload wakes it at once)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from agreements.services.intake import read_scans

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """read_scans [--seconds N]."""

    help = "Read the pages of scans that wait for OCR, one at a time; a second run leaves the work to the first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How long to go on."""
        parser.add_argument("--seconds", type=float, default=240, help="stop after these, 0 when all are read")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read what waits."""
        count = read_scans(seconds=options["seconds"])
        if count or options["verbosity"] > 1:
            self.stdout.write(f"scans: {count} pages read")
