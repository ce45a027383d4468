"""Fill an empty database with the demo, or print its accounts."""

from __future__ import annotations

import json
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from activities.management.demo import build, catalogue, remember
from core.models import User
from documents import vietnamese
from partners.models import Organisation


class Command(BaseCommand):
    """`manage.py demo [--as-of DATE] [--if-empty]`, `manage.py demo --accounts`."""

    help = "Load the demo data into an empty database (--accounts prints the sign-ins as JSON)"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --as-of, --if-empty and --accounts."""
        parser.add_argument("--as-of", help="generate up to this day (dd/mm/yyyy or yyyy-mm-dd), default today")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where rows exist")
        parser.add_argument("--accounts", action="store_true", help="print the demo sign-ins as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; refuses where any real person or organisation exists (trust.md: demo data in production)."""
        if options["accounts"]:
            self.stdout.write(json.dumps(accounts(), ensure_ascii=False, indent=1))
            return
        if User.objects.exists() or Organisation.objects.exists():
            if options["if_empty"]:
                return
            real = User.objects.filter(is_demo=False).exists() or Organisation.objects.filter(is_demo=False).exists()
            raise CommandError(
                "Real rows exist: the demo is only loaded into an empty database."
                if real
                else "The demo is already loaded. Remove the var folder to start afresh."
            )
        today = vietnamese.parse_date(options["as_of"]) if options["as_of"] else timezone.localdate()
        with transaction.atomic():  # half a demo would pass for a loaded one
            build.build(today=today, say=lambda line: self.stdout.write(f"  {line}"))
            remember.past_figures(today)
            call_command("recount", stdout=self.stdout)


def accounts() -> list[dict[str, str]]:
    """Return the demo sign-ins that exist: username, password, name, what they do; empty without demo data."""
    present = set(User.objects.filter(is_demo=True).values_list("username", flat=True))
    return [
        {
            "username": username,
            "password": catalogue.PASSWORD,
            "name": full_name,
            "title": title,
            "organisation": catalogue.BODIES[roles[0][0]][0],
            "role": roles[0][1],
        }
        for username, full_name, title, roles in catalogue.PEOPLE
        if username in present
    ]
