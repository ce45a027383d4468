"""Prove that the audit trail is whole."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import audit
from core.models import AuditEntry


class Command(BaseCommand):
    """`manage.py audit`: walks the hash chain and names the first row that was changed, removed or added."""

    help = "Check the hash chain of the audit trail"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; exit code 1 where the chain is broken."""
        broken = audit.first_broken()
        if broken is not None:
            raise CommandError(f"the audit trail is broken at entry {broken}")
        self.stdout.write(f"audit trail sound, {AuditEntry.objects.count()} entries")
