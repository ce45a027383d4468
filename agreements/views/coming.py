"""What has to be done next in a programme: open deadlines of its tasks and its open milestones, the oldest first."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import Milestone, Programme, TaskDeadline
from agreements.views.standing import due_words, left_words, open_words
from core.prepared import among

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    found: list[tuple[datetime.date, Any]] = [(row.due_on, row) for row in deadlines]
    found += [(due_on, (row, kind)) for row, due_on, kind in _open_milestones(programme, milestones)]
    first = sorted(found, key=lambda item: item[0])[:number]
    return [_milestone(*row, due_on, day) if isinstance(row, tuple) else _deadline(row, day) for due_on, row in first]


class First(NamedTuple):
    """The oldest open thing of a programme: a deadline by its task's title and state, or a milestone by its kind."""

    due_on: datetime.date
    title: str
    state: str
    kind: str

    def words(self, day: datetime.date) -> dict[str, Any]:
        """Return {short, due_on, due} in the language of the page."""
        short = self.title or str(Milestone.Kind(self.kind).label)
        return {"short": short, "due_on": self.due_on, "due": open_words(self.state, self.due_on, day)}


class _Left(NamedTuple):
    programme: int
    kind: str
    due_on: datetime.date
    done_on: datetime.date | None


def open_in() -> dict[str, QuerySet[Any, Any]]:
    """Return the queries whose rows first_of needs, with a place for the ids `live` of programmes carried out."""
    deadlines = TaskDeadline.objects.live().open().filter(among("task__programme", "live"))
    milestones = Milestone.objects.filter(Q(done_on=None) | Q(kind=REVIEW), among("programme", "live"))
    firsts = deadlines.order_by("task__programme_id", "due_on", "pk").distinct("task__programme_id")
    return {
        "deadlines": firsts.values_list("task__programme_id", "due_on", "task__title", "state"),
        "milestones": milestones.values_list("programme_id", "kind", "due_on", "done_on"),
    }


def first_of(programmes: Iterable[Any], found: dict[str, list[tuple[Any, ...]]]) -> dict[int, First]:
    """Return the oldest open thing of each programme being carried out, by its id, from the rows of open_in.

    programmes: anything with pk, status and ends_on. A deadline stands before a milestone of the same day.
    """
    firsts = {pk: First(due_on, title, state, "") for pk, due_on, title, state in found["deadlines"]}
    left: dict[int, list[_Left]] = defaultdict(list)
    for row in map(_Left._make, found["milestones"]):
        left[row.programme].append(row)
    for programme in programmes:
        for _row, due_on, kind in _open_milestones(programme, left.get(programme.pk, ())):
            if programme.pk not in firsts or due_on < firsts[programme.pk].due_on:
                firsts[programme.pk] = First(due_on, "", "", kind)
    return firsts


def _deadline(row: TaskDeadline, day: datetime.date) -> dict[str, Any]:
    return {
        "title": row.task.title,
        "unit": row.task.lead,
        "url": reverse("activities:task_detail", args=[row.task_id]),
        "due_on": row.due_on,
        "due": due_words(row, day),
        "is_review": False,
    }


def _open_milestones(programme: Any, rows: Iterable[Any]) -> list[tuple[Any, datetime.date, str]]:
    """Return (row, due_on, kind) of the open milestones.

    A programme that ended has a final review to hold even where none was entered: then there is no row.
    """
    rows = list(rows)
    if programme.status not in Programme.LIVE:
        return []
    found = [(row, row.due_on, row.kind) for row in rows if not row.done_on]
    if programme.status == Programme.Status.ENDED and programme.ends_on and not any(row.kind == REVIEW for row in rows):
        found.append((None, programme.ends_on, REVIEW))
    return found


def _milestone(row: Milestone | None, kind: str, due_on: datetime.date, day: datetime.date) -> dict[str, Any]:
    return {
        "title": str(row) if row else _("Final review"),
        "unit": row.responsible if row else None,
        "url": "",
        "due_on": due_on,
        "due": left_words((due_on - day).days),
        "is_review": kind == REVIEW,
    }
