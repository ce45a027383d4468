"""manage.py load_legal_documents: enter the documents that come with the product; safe to run again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from agreements import services


class Command(BaseCommand):
    """Enter what the register never held; what a person changed, merged or removed is left alone."""

    help = "Enter the legal documents that come with the product; never overwrites"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        self.stdout.write(f"legal documents: {services.load_documents()} entered")
