"""The table of tasks, on the list of all, on the page of a programme and behind the numbers of the dashboard."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import timezone

from agreements.models import Programme, Task, TaskDeadline
from agreements.services.results import task_figures
from agreements.views.standing import due_words, task_standing
from core.http import address_of
from core.prepared import among, rows_of
from partners.models import Organisation

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from django.db.models import QuerySet

MOST_LEADS = 100  # in the select; others are found through the words of their programme
CLOSED = {TaskDeadline.State.DONE, TaskDeadline.State.CANCELLED}
SHOWN = (  # of a task in a table, and what its figures need
    *("programme_id", "code", "title", "state", "weight", "starts_on", "declared_share"),
    *("lead__name", "lead__name_en"),
)
SHOWN_OF_PROGRAMME = ("programme__title", "programme__short_title", "programme__starts_on", "programme__ends_on")


class Due(NamedTuple):
    """What a list shows of a deadline and figures count of it; a recurring task has many."""

    pk: int
    task_id: int
    due_on: datetime.date
    done_on: datetime.date | None
    state: str


def deadlines_of(tasks: Iterable[Task]) -> list[Due]:
    """Return the deadlines of the tasks, oldest first."""
    return [Due(*row) for row in rows_of("dues", _dues, tasks=[task.pk for task in tasks])]


def _dues() -> QuerySet[Any, Any]:
    return TaskDeadline.objects.filter(among("task", "tasks")).order_by("due_on", "pk").values_list(*Due._fields)


def task_rows(tasks: Iterable[Task], programme: Programme | None = None) -> list[dict[str, Any]]:
    """Return what the table of tasks shows, with figures and the first open deadline of each.

    Of a task it needs what SHOWN names, of its programme its name and period unless that is given.
    """
    day = timezone.localdate()
    rows = list(tasks)
    for task in rows if programme else []:
        task.programme = programme
    dues = deadlines_of(rows)
    totals = task_figures(rows, deadlines=dues)
    deadlines: dict[int, list[Due]] = defaultdict(list)
    for due in dues:
        deadlines[due.task_id].append(due)
    url = address_of("activities:task_detail")
    found = []
    for task in rows:
        figure = totals[task.pk].figure
        open_ones = [row for row in deadlines[task.pk] if row.state not in CLOSED]
        shown = open_ones[0] if open_ones else (deadlines[task.pk] or [None])[-1]
        left_out = task.state in Task.LEFT_OUT
        found.append(
            {
                "task": task,
                "url": url(task.pk),
                "progress": figure.progress,
                "done_100": None if figure.progress is None else figure.progress * 100,
                "elapsed_100": None if figure.expected is None else figure.expected * 100,
                "behind": figure.standing == "behind",
                "state": task_standing(task),
                "deadline": None if left_out else shown,
                "due": due_words(shown, day) if shown and not left_out else None,
            }
        )
    return found


def leads_among(tasks: Any, chosen: int | None) -> list[tuple[str, str]]:
    """Return (id, name) of the units that lead one of the tasks, at most MOST_LEADS, the chosen one among them."""
    rows = Organisation.objects.filter(pk__in=tasks.order_by().values("lead")).only("name", "name_en")
    found = [(str(row.pk), str(row)) for row in rows[:MOST_LEADS]]
    if chosen and str(chosen) not in dict(found):
        found += [(str(row.pk), str(row)) for row in Organisation.objects.filter(pk=chosen).only("name", "name_en")]
    return found
