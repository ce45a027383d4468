"""Fill an empty database with generated data of a chosen size, to measure with."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from activities.management.demo.catalogue import PASSWORD
from activities.management.scale.build import build
from activities.management.scale.sizes import SIZES
from activities.models import Activity
from agreements.models import Programme
from core.models import AuditEntry, User
from documents import vietnamese
from partners.models import Locality, Organisation

HELD = (User, Organisation, Locality, Programme, Activity, AuditEntry)
WAY_OUT = (
    "Generated data is only loaded into an empty database. Name a new folder and run the command again, for example:"
    " VAR_DIR=var/generated python manage.py generate --size {size}"
)


class Command(BaseCommand):
    """`manage.py generate --size S|M|L|XL [--as-of DATE] [--seed N]`."""

    help = "Fill an empty database with a generated country: S 10,000 activities, M 100,000, L a million, XL five"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --size, --as-of and --seed."""
        parser.add_argument("--size", required=True, choices=sorted(SIZES), metavar="{S,M,L,XL}")
        parser.add_argument("--as-of", help="generate up to this day (dd/mm/yyyy or yyyy-mm-dd), default today")
        parser.add_argument("--seed", type=int, default=1, help="another number gives another country")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; refuses where anything was ever entered, because nothing tells generated rows from real ones."""
        call_command("migrate", interactive=False, verbosity=0)
        for model in HELD:
            if model.objects.exists():
                way_out = WAY_OUT.format(size=options["size"])
                raise CommandError(f"The database holds rows of “{model._meta.verbose_name}”. {way_out}")
        today = vietnamese.parse_date(options["as_of"]) if options["as_of"] else timezone.localdate()
        try:
            build(size=options["size"], today=today, seed=options["seed"], say=self.stdout.write)
        except ValueError as error:
            raise CommandError(f"Nothing was written: {error}") from error
        self.stdout.write(
            f"Sign in with the password {PASSWORD} as lan or hung (officers of the province), hoa (leader),"
            " minh (partner), duc (administrator), tw-cb or tw-ld (officer and leader of the centre)."
        )
