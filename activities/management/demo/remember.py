"""Dated figures of days before the demo's, as the timer would have written them each night."""

from __future__ import annotations

import datetime

from django.utils import timezone

from activities.services import cells
from activities.services.due_kept import keep_due_work
from agreements.models import Programme
from agreements.services import results

DAYS_AGO = (31, 30, 14, 7, 3, 1)


def past_figures(today: datetime.date) -> None:
    """Write the figures of some days from what had been accepted by their ends, and what was due by its dates;
    `recount` must follow.

    Programmes signed later have none of those days.
    """
    for ago in DAYS_AGO:
        day = today - datetime.timedelta(days=ago)
        end = timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))
        known = Programme.objects.exclude(status=Programme.Status.DRAFT).filter(signed_on__lte=day)
        results.rebuild(cells.all_cells(reviewed_before=end))
        results.refresh_figures(list(known.order_by("pk").values_list("pk", flat=True)), day)
        keep_due_work(day)
