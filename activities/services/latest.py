"""The few activities that the first page of a programme shows (settings.LATEST_ACTIVITIES)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from activities.models import Activity
from agreements.models import Programme
from core.http import address_of

if TYPE_CHECKING:
    from core.models import User


def latest_accepted(*, programme: Programme, user: User, number: int) -> list[dict[str, Any]]:
    """Return the latest accepted activities of a programme the person may see: {title, day, place, url}.

    place is the locality, or what was typed as the place, or "".
    """
    # What is accepted is open to everyone who sees the programme (design.md section 2): whose it is need not be asked.
    seen = Programme.objects.visible_to(user).filter(pk=programme.pk)
    rows = Activity.objects.accepted().filter(task__programme__in=seen)
    url = address_of("activities:activity_detail")
    shown = rows.select_related("task", "locality").only("title", "starts_on", "place", "task__title", "locality__name")
    return [
        {
            "title": row.title or row.task.title,
            "day": row.starts_on,
            "place": str(row.locality) if row.locality else row.place,
            "url": url(row.pk),
        }
        for row in shown[:number]
    ]
