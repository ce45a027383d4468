"""Enter an administrator from the server's console: the first one of an installation, or when none can sign in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from core.exceptions import DomainError
from documents import vietnamese
from partners import services
from partners.models import Organisation


class Command(BaseCommand):
    """manage.py create_administrator USERNAME --name "Phạm Văn Đức" --organisation "Ủy ban …"."""

    help = "Enter an administrator and print a one-time password, valid for 72 hours."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the username, the person's name and the unit's name."""
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="full name of the person")
        parser.add_argument("--organisation", required=True, help="name of the unit; made if the register is empty")

    def handle(self, *args: Any, **options: Any) -> None:
        """Enter the person; on an empty register the unit becomes the provincial committee."""
        name = vietnamese.clean(options["name"], multiline=False)
        if not name or len(name) > 120:
            raise CommandError("--name must have 1 to 120 characters")
        try:
            with transaction.atomic():
                organisation = self._organisation(vietnamese.clean(options["organisation"], multiline=False))
                user, secret = services.create_administrator(
                    username=options["username"], full_name=name, organisation=organisation
                )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Address:           {settings.BASE_URL}/")
        self.stdout.write(f"Username:          {user.username}")
        self.stdout.write(f"One-time password: {secret}")
        self.stdout.write("It works for 72 hours and is changed at the first sign-in.")

    def _organisation(self, name: str) -> Organisation:
        found = list(Organisation.objects.active().filter(name__iexact=name)[:2])
        if len(found) == 1:
            return found[0]
        if found or Organisation.objects.exists() or not name or len(name) > 255:
            raise CommandError(f"There is no single active unit named {name!r}; see the page /don-vi/")
        organisation = Organisation.objects.create(
            name=name, kind=Organisation.Kind.FRONT_COMMITTEE, level=Organisation.Level.PROVINCE
        )
        organisation.path = f"/{organisation.pk}/"
        organisation.save(update_fields=["path"])
        organisation.names.create(name=name)
        return organisation
