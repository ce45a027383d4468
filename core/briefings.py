"""When a person last heard a briefing: what changed since then is what the next one has to tell.

The press is one line of the audit trail and nothing else: that line says who heard it, for which unit and when, and
can be neither changed nor deleted.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core import audit
from core.models import AuditEntry, User

if TYPE_CHECKING:
    from core.models import Actor

HEARD = "briefing.heard"


@transaction.atomic
def mark_heard(*, actor: Actor) -> None:
    """Keep that the person has heard the briefing today; pressed again on the same day it writes nothing more."""
    User.objects.select_for_update().get(pk=actor.user.pk)  # two presses at once would both write
    if heard_on(actor.user) != timezone.localdate():
        audit.log(actor, HEARD, label=actor.user.full_name)


def heard_on(user: User, *, before: datetime.date | None = None) -> datetime.date | None:
    """Return the last day on which the person heard one, of those before a day where it is given; None for never."""
    rows = AuditEntry.objects.filter(user=user, action=HEARD).order_by("-sequence")
    if before:
        start = datetime.datetime.combine(before, datetime.time.min)
        rows = rows.filter(at__lt=timezone.make_aware(start))
    last = rows.values_list("at", flat=True).first()
    return timezone.localdate(last) if last else None
