"""The few activities that the first page of a programme shows (settings.LATEST_ACTIVITIES)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from activities.models import Activity

if TYPE_CHECKING:
    from agreements.models import Programme
    from core.models import User


def latest_accepted(*, programme: Programme, user: User, number: int) -> list[dict[str, Any]]:
    """Return the latest accepted activities of a programme the person may see: {title, day, place, url}.

    place is the locality, or what was typed as the place, or "".
    """
    rows = Activity.objects.visible_to(user).accepted().filter(task__programme=programme)
    return [
        {
            "title": row.title or row.task.title,
            "day": row.starts_on,
            "place": str(row.locality) if row.locality else row.place,
            "url": reverse("activities:activity_detail", args=[row.pk]),
        }
        for row in rows.select_related("task", "locality")[:number]
    ]
