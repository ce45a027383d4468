"""What was done on a task, entry by entry, each drawn once per what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString

from activities.models import Review
from activities.views.listing import START, state_of
from activities.views.reading import photos_of
from core.drawn import drawn
from core.http import address_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from activities.models import Activity


def drawn_entries(activities: Iterable[Activity]) -> SafeString:
    """Return the entries of the timeline in the order given; each with its task, values and evidence loaded."""
    url = address_of("activities:activity_detail")
    entries = []
    for row in activities:
        is_returned = row.review == Review.RETURNED and row.return_reason
        entries.append(
            drawn(
                "activities/_timeline_entry.html",
                shown,
                url=url(row.pk),
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                unit=str(row.unit),
                place=str(row.locality) if row.locality else "",
                name=row.name or row.task.title,
                text=row.what_was_done[:START] if row.title else "",
                state=(row.occurrence, row.review, row.is_past_plan),
                values=tuple([(one.value, one.indicator.unit) for one in row.measurements.all()]),
                reviewer=row.reviewed_by.full_name if is_returned and row.reviewed_by else "",
                reason=row.return_reason if is_returned else "",
                photos=tuple([(one["url"], one["thumb_url"], one["label"]) for one in photos_of(row)]),
            )
        )
    return SafeString("".join(entries))


def shown(*, state: tuple[str, str, bool], photos: tuple[tuple[str, str, str], ...], **values: Any) -> dict[str, Any]:
    """Return what the template of an entry shows; it depends on nothing but these values and the language."""
    occurrence, review, is_past = state
    return values | {
        "state": state_of(occurrence, review, is_past=is_past),
        "photos": [{"url": url, "thumb_url": thumb, "label": label} for url, thumb, label in photos],
    }
