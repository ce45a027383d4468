"""The few activities that the first page of a programme shows (settings.LATEST_ACTIVITIES)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from activities.models import Activity
from agreements.models import Programme
from core.http import address_of
from core.prepared import given_id, objects_of
from partners.models import scope_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.models import User


def latest_accepted(*, programme: Programme, user: User, number: int) -> list[dict[str, Any]]:
    """Return the latest accepted activities of a programme the person may see: {title, day, place, url}.

    place is the locality, or what was typed as the place, or "".
    """

    def make() -> QuerySet[Activity, Activity]:
        # What is accepted is open to everyone who sees the programme (design.md section 2): whose it is is not asked.
        seen = Programme.objects.visible_to(user).filter(pk=given_id("programme"))
        rows = Activity.objects.accepted().filter(task__programme__in=seen).select_related("task", "locality")
        return rows.only("title", "starts_on", "place", "task__title", "locality__name")[:number]

    url = address_of("activities:activity_detail")
    return [
        {
            "title": row.title or row.task.title,
            "day": row.starts_on,
            "place": str(row.locality) if row.locality else row.place,
            "url": url(row.pk),
        }
        for row in objects_of(("latest", number, scope_of(user).key), make, programme=programme.pk)
    ]
