"""Due work of a day that is over, kept with the figures of that day, so that a later day can be compared with it.

What is overdue now says nothing of what was overdue then: a deadline is put off, a report waived, a directive
withdrawn. So each night counts the day just over, once, and is never told anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, F, Q

from activities.models import DueWork
from agreements.models import DailyFigure, Programme
from agreements.services import results

if TYPE_CHECKING:
    import datetime


def keep_due_work(day: datetime.date) -> int:
    """Count what was due when the day was over and keep it; return with how many programmes, 0 where all have it.

    To be called on the day after. What was finished since counts as open then, so that a late night tells the same.
    """
    waiting = DailyFigure.objects.filter(day=day, due_overdue=None, programme__status__in=Programme.LIVE)
    if not waiting.exists():
        return 0
    is_open = Q(finished_on=None) | Q(finished_on__gt=day)
    finished = Q(finished_on__lte=day)
    rows = DueWork.objects.order_by().values_list("programme_id").annotate(
        overdue=Count("thing", filter=is_open & Q(due_on__lt=day)),
        on_time=Count("thing", filter=finished & Q(finished_on__lte=F("due_on"))),
        late=Count("thing", filter=finished & Q(finished_on__gt=F("due_on"))),
    )  # fmt: skip
    found = {programme: results.DueOfDay(programme, *numbers) for programme, *numbers in rows}
    live = Programme.objects.live().order_by("pk").values_list("pk", flat=True)
    return results.record_due_work(day, [found.get(pk) or results.DueOfDay(pk, 0, 0, 0) for pk in live])
