"""What has to be done next in a programme: open deadlines of its tasks and its open milestones, the oldest first."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import Milestone, Programme, TaskDeadline
from agreements.views.standing import due_words, left_words

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence

REVIEW = Milestone.Kind.FINAL_REVIEW


def next_in(
    programme: Programme,
    deadlines: Iterable[TaskDeadline],
    milestones: Iterable[Milestone],
    day: datetime.date,
    number: int,
) -> list[dict[str, Any]]:
    """Return what is open in a programme, oldest first: {title, short, unit, url, due_on, due, is_review}.

    deadlines: the open ones of its live tasks, each with its task; milestones: all of the programme. url is "" for
    a milestone: it has no page of its own.
    """
    found = [_deadline(row, day) for row in deadlines]
    return sorted(found + _milestones(programme, milestones, day), key=lambda item: item["due_on"])[:number]


def first_of(programmes: Sequence[Programme], day: datetime.date) -> dict[int, dict[str, Any]]:
    """Return the oldest open thing of each programme being carried out, by its id, in two queries."""
    live = [row for row in programmes if row.status in Programme.LIVE]
    deadlines = (
        TaskDeadline.objects.live()
        .open()
        .filter(task__programme__in=live)
        .order_by("task__programme_id", "due_on", "pk")
        .distinct("task__programme_id")
        .select_related("task__lead")
    )
    found = {row.task.programme_id: [_deadline(row, day)] for row in deadlines}
    rows: dict[int, list[Milestone]] = defaultdict(list)
    wanted = Q(done_on=None) | Q(kind=REVIEW)
    for row in Milestone.objects.filter(wanted, programme__in=live).select_related("responsible"):
        rows[row.programme_id].append(row)
    for programme in live:
        found.setdefault(programme.pk, []).extend(_milestones(programme, rows[programme.pk], day))
    return {pk: min(items, key=lambda item: item["due_on"]) for pk, items in found.items() if items}


def _deadline(row: TaskDeadline, day: datetime.date) -> dict[str, Any]:
    return {
        "title": row.task.title,
        "short": row.task.title,
        "unit": row.task.lead,
        "url": reverse("activities:task_detail", args=[row.task_id]),
        "due_on": row.due_on,
        "due": due_words(row, day),
        "is_review": False,
    }


def _milestones(programme: Programme, rows: Iterable[Milestone], day: datetime.date) -> list[dict[str, Any]]:
    """Return the open milestones; a programme that ended has a final review to hold even where none was entered."""
    rows = list(rows)
    if programme.status not in Programme.LIVE:
        return []
    found = [(str(row), row.responsible, row.due_on, row.kind) for row in rows if not row.done_on]
    if programme.status == Programme.Status.ENDED and programme.ends_on and not any(row.kind == REVIEW for row in rows):
        found.append((_("Final review"), None, programme.ends_on, REVIEW))
    return [
        {
            "title": title,
            "short": str(Milestone.Kind(kind).label),  # beside the name of its programme
            "unit": unit,
            "url": "",
            "due_on": due_on,
            "due": left_words((due_on - day).days),
            "is_review": kind == REVIEW,
        }
        for title, unit, due_on, kind in found
    ]
