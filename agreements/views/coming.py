"""What has to be done next in a programme: open deadlines of its tasks and its open milestones, the oldest first."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import Milestone, Programme, TaskDeadline
from agreements.views.standing import due_words, left_words, open_words
from core.prepared import among, objects_of, rows_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

REVIEW = Milestone.Kind.FINAL_REVIEW


def next_in(
    programme: Programme,
    deadlines: Iterable[TaskDeadline],
    milestones: Iterable[Milestone],
    day: datetime.date,
    number: int,
) -> list[dict[str, Any]]:
    """Return what is open in a programme, oldest first: {title, unit, url, due_on, due, is_review}.

    deadlines: the open ones of its live tasks, each with its task; milestones: all of the programme. url is "" for
    a milestone: it has no page of its own.
    """
    found = [_deadline(row, day) for row in deadlines]
    return sorted(found + _milestones(programme, milestones, day), key=lambda item: item["due_on"])[:number]


def first_of(programmes: Sequence[Programme], day: datetime.date) -> dict[int, dict[str, Any]]:
    """Return the oldest open thing of each programme being carried out, by its id: {short, due_on, due}; two queries.

    A deadline stands before a milestone of the same day.
    """
    live = [row for row in programmes if row.status in Programme.LIVE]
    ids = [row.pk for row in live]
    found: dict[int, tuple[datetime.date, str, str]] = {
        pk: (due, title, state)
        for pk, title, due, state in rows_of("first deadlines", _first_deadlines, programmes=ids)
    }
    rows: dict[int, list[Milestone]] = defaultdict(list)
    for row in objects_of("open milestones", _milestones_left, programmes=ids):
        rows[row.programme_id].append(row)
    for programme in live:
        for _row, due_on, kind in _open_milestones(programme, rows[programme.pk]):
            if programme.pk not in found or due_on < found[programme.pk][0]:
                found[programme.pk] = (due_on, str(Milestone.Kind(kind).label), "")
    return {
        pk: {"short": short, "due_on": due_on, "due": open_words(state, due_on, day)}
        for pk, (due_on, short, state) in found.items()
    }


def _first_deadlines() -> QuerySet[Any, Any]:
    return (
        TaskDeadline.objects.live()
        .open()
        .filter(among("task__programme", "programmes"))
        .order_by("task__programme_id", "due_on", "pk")
        .distinct("task__programme_id")
        .values_list("task__programme_id", "task__title", "due_on", "state")
    )


def _milestones_left() -> QuerySet[Milestone, Milestone]:
    rows = Milestone.objects.filter(Q(done_on=None) | Q(kind=REVIEW), among("programme", "programmes"))
    return rows.only("programme_id", "kind", "name", "due_on", "done_on")


def _deadline(row: TaskDeadline, day: datetime.date) -> dict[str, Any]:
    return {
        "title": row.task.title,
        "unit": row.task.lead,
        "url": reverse("activities:task_detail", args=[row.task_id]),
        "due_on": row.due_on,
        "due": due_words(row, day),
        "is_review": False,
    }


def _open_milestones(
    programme: Programme, rows: Iterable[Milestone]
) -> list[tuple[Milestone | None, datetime.date, str]]:
    """Return (row, due_on, kind) of the open milestones.

    A programme that ended has a final review to hold even where none was entered: then there is no row.
    """
    rows = list(rows)
    if programme.status not in Programme.LIVE:
        return []
    found: list[tuple[Milestone | None, datetime.date, str]] = [
        (row, row.due_on, row.kind) for row in rows if not row.done_on
    ]
    if programme.status == Programme.Status.ENDED and programme.ends_on and not any(row.kind == REVIEW for row in rows):
        found.append((None, programme.ends_on, REVIEW))
    return found


def _milestones(programme: Programme, rows: Iterable[Milestone], day: datetime.date) -> list[dict[str, Any]]:
    return [
        {
            "title": str(row) if row else _("Final review"),
            "unit": row.responsible if row else None,
            "url": "",
            "due_on": due_on,
            "due": left_words((due_on - day).days),
            "is_review": kind == REVIEW,
        }
        for row, due_on, kind in _open_milestones(programme, rows)
    ]
