"""manage.py send_mail: send what is due in the outbox (the timer runs it)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core import mail


class Command(BaseCommand):
    """Send due notices by mail; safe to run any number of times at once. Nothing to do without a mail server."""

    help = "Send due notices by mail (EMAIL_URL); without a mail server it does nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one round."""
        done = mail.send_due()
        if done.sent or done.failed or options["verbosity"] > 1:
            self.stdout.write(f"mail: {done.sent} sent, {done.failed} failed, {done.dropped} dropped")
