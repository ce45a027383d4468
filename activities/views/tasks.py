"""The page of a task: what, who, due, progress, deadlines, what was done."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone

from activities import policy
from activities.models import Activity, Directive, Evidence, Measurement, Nudge
from activities.services import comparison, reminders
from activities.views.directive_words import standing_words
from activities.views.timeline import drawn_entries
from agreements import figures
from agreements.models import Extension, Programme, Task, TaskDeadline
from agreements.policy import allowed_actions, allowed_deadline_actions, keeps, may_decide_extension
from agreements.services.results import task_figures
from core.prepared import among, given_id, objects_of
from partners.models import Organisation, scope_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from core.http import SignedInRequest
    from core.models import User

A_PAGE = 20
SHOWN = (  # of an activity
    *("task_id", "title", "starts_on", "ends_on", "what_was_done", "review", "return_reason"),
    *("occurrence", "occurrence_reason", "created_at"),
    *("unit__name", "unit__name_en", "reviewed_by__full_name", "locality__name"),
)
DIRECTIVES_SHOWN = 10
STATE_KIND = {
    Task.State.PLANNED: "none",
    Task.State.RUNNING: "run",
    Task.State.AWAITING: "wait",
    Task.State.DONE: "done",
    Task.State.PAUSED: "hold",
    Task.State.CARRIED: "hold",
    Task.State.CANCELLED: "dash",
}
HUNDRED = 100


def task_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a task with its figures, deadlines and timeline, newest first."""
    task = _task(request, pk)
    day = timezone.localdate()
    found = _deadlines(task, request.user)
    totals = task_figures([task], day=day, deadlines=found)[task.pk]
    page, plans = _activities(request, task)
    deadlines = [_deadline_row(request, row, day) for row in found]
    may_direct = any(actor.role == policy.LEADER and keeps(actor, task.programme.owner) for actor in request.actors)
    officer = [actor for actor in request.actors if "tasks" in allowed_actions(actor, task.programme)]
    context = {
        "task": task,
        "programme": task.programme,
        "totals": totals,
        "indicators": [_indicator_row(item) for item in totals.indicators],
        "elapsed": _elapsed(task, day),
        "open_deadlines": [row for row in deadlines if row["is_open"]],
        "closed_deadlines": [row for row in reversed(deadlines) if not row["is_open"]],
        "next_deadline": next((row for row in deadlines if row["is_open"]), None),
        "page_obj": page,
        "plans": plans,
        "comparison": comparison.of_tasks(
            [task], comparison.year_to_date(day), [item.indicator for item in totals.indicators]
        ),
        "timeline": drawn_entries(page),
        "state_kind": STATE_KIND[Task.State(task.state)],
        "may_log": any(actor.role in policy.WRITERS and policy.may_log(actor, task) for actor in request.actors),
        "may_manage": bool(officer),
        "may_measure": any(actor.role == policy.OFFICER and policy.may_log(actor, task) for actor in request.actors),
        "is_stopped": task.state in Task.LEFT_OUT,
        "is_plain": task.state in {Task.State.PLANNED, Task.State.RUNNING, Task.State.DONE},
        "directives": _directives(request, task, day),
        "may_direct": may_direct and task.programme.status in Programme.LIVE,
        "log_query": f"?nhiem-vu={task.pk}",
    }
    return render(request, "activities/task_detail.html", context)


def _task(request: SignedInRequest, pk: int) -> Any:
    """The task with what its page names, and how many of its activities the person sees that are no plans; 404."""

    def make() -> QuerySet[Task, Task]:
        done = Activity.objects.visible_to(request.user).not_planned().filter(task=OuterRef("pk")).order_by()
        count = done.values("task").annotate(count=Count("pk")).values("count")
        supporters = Organisation.objects.filter(supported_tasks=OuterRef("pk")).order_by("sort_key")
        supporters = supporters.values(json=JSONObject(id="pk", name="name", name_en="name_en"))
        rows = Task.objects.visible_to(request.user).filter(pk=given_id("pk"))
        rows = rows.select_related("programme__owner", "lead", "goal", "content_group")
        return rows.annotate(done_count=Coalesce(Subquery(count), 0), supporters=ArraySubquery(supporters))

    # What activities a person sees depends on who it is (own ones in every state).
    found = objects_of(("task", request.user.pk, *scope_of(request.user).key), make, pk=pk)
    if not found:
        raise Http404
    task: Any = found[0]
    task._prefetched_objects_cache = {"supporting": [Organisation(**names) for names in task.supporters]}
    return task


def _activities(request: SignedInRequest, task: Any) -> tuple[Page, list[Activity]]:
    """Return a page of what took place, the latest first, and every plan, the nearest first; both are read at once."""
    user = request.user
    pages = Paginator(range(task.done_count), A_PAGE)  # counted with the task
    page = pages.get_page(request.GET.get("page"))
    first = (page.number - 1) * A_PAGE

    def make() -> QuerySet[Activity, Activity]:
        visible = Activity.objects.visible_to(user).filter(task=given_id("task"))
        on_page = Q(pk__in=visible.not_planned()[first : first + A_PAGE].values("pk"))
        rows = visible.filter(on_page | Q(occurrence__in=Activity.AHEAD))
        return rows.select_related("unit", "reviewed_by", "locality").only(*SHOWN)

    key = ("activities of a task", page.number, user.pk, *scope_of(user).key)
    rows = objects_of(key, make, task=task.pk)
    ids = [row.pk for row in rows]
    values = _grouped(objects_of("values shown", _values, activities=ids), "activity_id")
    proofs = _grouped(objects_of("evidence shown", _proofs, activities=ids), "activity_id")
    for row in rows:
        row.task = task
        row._prefetched_objects_cache = {  # type: ignore[attr-defined]
            "measurements": values[row.pk],
            "evidence": proofs[row.pk],
        }
    page.object_list = [row for row in rows if not row.is_ahead]
    plans = [row for row in rows if row.is_ahead]
    return page, sorted(plans, key=lambda row: (row.starts_on is None, row.starts_on or row.created_at.date(), row.pk))


def _grouped(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _values() -> QuerySet[Measurement, Measurement]:
    rows = Measurement.objects.filter(among("activity", "activities")).select_related("indicator")
    return rows.only("activity_id", "value", "indicator__unit")


def _proofs() -> QuerySet[Evidence, Evidence]:
    rows = Evidence.objects.filter(among("activity", "activities")).select_related("file")
    return rows.only("activity_id", "caption", "file_id", "file__thumbnail_id", "file__original_name")


def _directives(request: SignedInRequest, task: Task, day: datetime.date) -> list[dict[str, Any]]:
    """What was asked about the task, first what is not over, then the rest; at most ten."""

    def make() -> QuerySet[Directive, Directive]:
        return Directive.objects.visible_to(request.user).filter(task=given_id("task")).select_related("unit")

    rows = objects_of(("directives of a task", request.user.pk, *scope_of(request.user).key), make, task=task.pk)
    over = {Directive.State.CLOSED, Directive.State.WITHDRAWN}
    found = sorted(rows, key=lambda row: (row.state in over, row.due_on))[:DIRECTIVES_SHOWN]
    return [{"row": row, "standing": standing_words(row, day)} for row in found]


def _deadlines(task: Task, user: User) -> list[TaskDeadline]:
    rows = objects_of("deadlines of a task", _of_task, task=task.pk)
    ids, scope = [row.pk for row in rows], scope_of(user)
    asked = _grouped(objects_of("extensions", _extensions, deadlines=ids), "deadline_id")

    def nudges() -> QuerySet[Nudge, Nudge]:
        return Nudge.objects.addressed_to(user).named().filter(among("deadline", "deadlines"))

    sent = _grouped(objects_of(("nudges", scope.own_paths, *scope.key), nudges, deadlines=ids), "deadline_id")
    for row in rows:
        row.task = task
        row._prefetched_objects_cache = {  # type: ignore[attr-defined]
            "extensions": asked[row.pk],
            "nudges": sent[row.pk],
        }
    return rows


def _extensions() -> QuerySet[Extension, Extension]:
    return Extension.objects.filter(among("deadline", "deadlines"))


def _of_task() -> QuerySet[TaskDeadline, TaskDeadline]:
    return TaskDeadline.objects.filter(task=given_id("task")).select_related("reported_for")


def _deadline_row(request: SignedInRequest, row: TaskDeadline, day: datetime.date) -> dict[str, Any]:
    """One deadline in the national four-way form, with what the person may do about it."""
    allowed: set[str] = set()
    for actor in request.actors:
        allowed |= allowed_deadline_actions(actor, row)
    waiting = next((one for one in row.extensions.all() if one.state == one.State.REQUESTED), None)
    if waiting is not None:
        waiting.deadline = row
    counts = figures.deadline_counts([row], day)
    standing = next(
        (name for name in ("done_on_time", "done_late", "overdue", "within_deadline") if getattr(counts, name)),
        "cancelled",
    )
    is_open = row.state not in {TaskDeadline.State.DONE, TaskDeadline.State.CANCELLED}
    return {
        "row": row,
        "standing": standing,
        "days": abs((row.due_on - day).days),
        "is_open": is_open,
        "is_awaiting": row.state == TaskDeadline.State.AWAITING,
        "allowed": allowed,
        "extensions": list(row.extensions.all()),
        "asked": waiting is not None,
        "deciding": waiting
        if waiting and any(may_decide_extension(actor, waiting) for actor in request.actors)
        else None,
        "nudges": list(row.nudges.all()),
        "may_nudge": row.due_on <= day and row.state in reminders.NUDGED and "extend" in allowed,
        "what": f"deadline-{row.pk}",
    }


def _indicator_row(item: Any) -> dict[str, Any]:
    """One indicator as the page draws it: this year's numbers where there is a target of the year."""
    uses_year = item.year_target is not None and figures.adds_up(item.indicator.kind, item.indicator.roll_up)
    return {
        "totals": item,
        "indicator": item.indicator,
        "actual": item.year_actual if uses_year else item.actual,
        "target": item.year_target if item.year_target is not None else item.target,
        "is_year": uses_year,
        "progress": None if item.progress is None else item.progress * HUNDRED,
        "expected": None if item.expected is None else item.expected * HUNDRED,
        "is_nodata": item.progress is None,
        "is_behind": item.standing == figures.BEHIND,
        "baseline": 0 if figures.adds_up(item.indicator.kind, item.indicator.roll_up) else item.indicator.baseline or 0,
    }


def _elapsed(task: Task, day: datetime.date) -> float | None:
    share = task.programme.elapsed(day)
    return None if share is None else share * HUNDRED
