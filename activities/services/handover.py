"""What a person leaves open, and handing it to a colleague (called by partners when somebody is disabled)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from activities.models import Activity, Measurement, Review
from core import audit
from core.exceptions import DomainError
from partners.models import Membership
from partners.services import OpenItem

if TYPE_CHECKING:
    from core.models import Actor, User

OPEN = (Review.DRAFT, Review.RETURNED)


def open_items(user: User) -> list[OpenItem]:
    """Return the person's drafts and returned entries."""
    activities = Activity.objects.filter(author=user, review__in=OPEN).select_related("task")
    values = Measurement.objects.filter(author=user, review__in=OPEN, activity=None).select_related("indicator")
    found = [OpenItem(row.name or str(row.task), str(row.get_review_display())) for row in activities]
    return found + [OpenItem(row.indicator.name, str(row.get_review_display())) for row in values]


@transaction.atomic
def hand_over(*, actor: Actor, user: User, successor: User) -> int:
    """Make the successor the author of the open entries; returns how many. The successor acts for the same unit."""
    if successor.pk == user.pk or not successor.is_active:
        raise DomainError(_("Choose another active person."), field="successor")
    seats = frozenset(Membership.objects.current().filter(user=successor).values_list("organisation_id", flat=True))
    rows = list(
        Activity.objects.select_for_update().filter(author=user, review__in=OPEN).exclude(reviewed_by=successor)
    )
    values = Measurement.objects.filter(author=user, review__in=OPEN, activity=None).exclude(reviewed_by=successor)
    missing = {row.acting_for_id for row in rows} | set(values.values_list("acting_for_id", flat=True))
    if missing - seats:
        raise DomainError(_("Choose a colleague of the same unit."), field="successor")
    count = values.update(author=successor, version=F("version") + 1)
    for row in rows:
        row.measurements.update(author=successor)
        row.author = successor
        row.version += 1
        row.save(update_fields=["author", "version", "updated_at"])
    count += len(rows)
    if count:
        audit.log(actor, "activity.hand_over", label=user.full_name, detail={"to": successor.full_name, "items": count})
    return count
