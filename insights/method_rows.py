"""The rows behind a number of the page *Cách tính số liệu*: accepted activities, values, deadlines up to a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.urls import reverse

from activities.models import Activity, Measurement
from activities.models.due import deadline_words
from agreements.models import Task, TaskDeadline
from agreements.services.results import needs_last

if TYPE_CHECKING:
    import datetime

    from django.db.models import QuerySet

    from agreements.models import Indicator
    from core.models import User

# ?so= in the address → what is counted
KINDS = {"hoat-dong": "activities", "ho": "households", "nguoi": "persons", "luot": "turns", "gia-tri": "value"}
KIND_OF_STATE = {
    "dung-han": "done_on_time",
    "muon": "done_late",
    "trong-han": "within_deadline",
    "qua-han": "overdue",
}
INDICATOR = "chi-so"


@dataclass(frozen=True)
class Line:
    """One row: its day, what it is, whose, where, the number it adds (None = it is counted itself), where it is."""

    day: datetime.date
    title: str
    unit: str
    place: str
    number: Any
    url: str
    done_on: datetime.date | None = None


def activity_rows(tasks: QuerySet[Task], kind: str, day: datetime.date, user: User) -> QuerySet[Activity]:
    """Return the accepted activities up to the day that a number adds up, newest first."""
    rows = Activity.objects.visible_to(user).accepted().filter(task__in=tasks, starts_on__lte=day)
    if KINDS[kind] != "activities":
        rows = rows.filter(**{f"{KINDS[kind]}__isnull": False})
    return rows.select_related("task", "unit", "locality").order_by("-starts_on", "-pk")


def activity_line(row: Activity, kind: str) -> Line:
    """Return an activity as a line."""
    number = None if KINDS[kind] == "activities" else getattr(row, KINDS[kind])
    url = reverse("activities:activity_detail", args=[row.pk])
    place = str(row.locality) if row.locality else row.place
    return Line(row.starts_on, row.name, str(row.unit), place, number, url)  # type: ignore[arg-type]


def value_rows(indicator: Indicator, day: datetime.date, user: User) -> QuerySet[Measurement]:
    """Return the accepted values up to the day that count, newest first."""
    rows = Measurement.objects.visible_to(user).accepted().filter(indicator=indicator, as_of__lte=day)
    if needs_last(indicator):
        last = rows.order_by("unit_id", "locality_id", "-as_of", "-value").distinct("unit_id", "locality_id")
        rows = Measurement.objects.filter(pk__in=last.values("pk"))
    return rows.select_related("activity__task", "unit", "locality").order_by("-as_of", "-value", "-pk")


def value_line(row: Measurement) -> Line:
    """Return a value as a line; it leads to its activity where it came with one."""
    if row.activity:
        title, url = row.activity.name, reverse("activities:activity_detail", args=[row.activity_id])
    else:
        title, url = row.source or "", reverse("activities:measurement_detail", args=[row.pk])
    return Line(row.as_of, title, str(row.unit), str(row.locality or ""), row.value, url)


def deadline_rows(tasks: QuerySet[Task], kind: str, day: datetime.date) -> QuerySet[TaskDeadline]:
    """Return the deadlines of tasks that were in one of the four states on the day, by due date."""
    done = Q(state=TaskDeadline.State.DONE, done_on__lte=day)
    condition = {
        "done_on_time": done & Q(done_on__lte=F("due_on")),
        "done_late": done & Q(done_on__gt=F("due_on")),
        "within_deadline": ~done & Q(due_on__gte=day),
        "overdue": ~done & Q(due_on__lt=day),
    }[KIND_OF_STATE[kind]]
    rows = TaskDeadline.objects.filter(condition, task__in=tasks).exclude(state=TaskDeadline.State.CANCELLED)
    return rows.select_related("task__lead", "task__programme__owner").order_by("due_on", "pk")


def deadline_line(row: TaskDeadline, day: datetime.date) -> Line:
    """Return a deadline as a line."""
    title = deadline_words(row.task.title, row.period)
    url = reverse("activities:task_detail", args=[row.task_id])
    done_on = row.done_on if row.state == TaskDeadline.State.DONE and row.done_on and row.done_on <= day else None
    return Line(row.due_on, title, str(row.task.lead or row.task.programme.owner), "", None, url, done_on)
