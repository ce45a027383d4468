"""Compile the message catalogues, or check that nothing is untranslated."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import catalogues


class Command(BaseCommand):
    """`manage.py catalogue` writes the .mo files; `--check` fails on missing, unused or contradictory messages."""

    help = "Compile the message catalogues (--check: fail on missing or unused translations)"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --check and --room."""
        parser.add_argument("--check", action="store_true", help="report problems instead of compiling")
        parser.add_argument("--room", help="only this room's problems")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        if not options["check"]:
            self.stdout.write(f"{catalogues.compile_all()} messages compiled")
            return
        found = [line for line in catalogues.problems() if not options["room"] or line.startswith(options["room"])]
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} problems in the message catalogues")
        self.stdout.write("catalogues complete")
