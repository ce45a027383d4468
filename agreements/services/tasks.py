"""Tasks: what is to be done, until when, by whom; their deadlines are reported, confirmed, extended."""

from __future__ import annotations

import calendar
import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Extension, Indicator, Programme, Target, Task, TaskDeadline
from agreements.services.reporting import programme_changed
from core import audit
from core.exceptions import DomainError
from core.forms import check_version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreements.services.data import IndicatorData, TaskData
    from core.models import Actor

S, D, R = Task.State, TaskDeadline.State, Task.Recurrence
MONTHS = {R.MONTH: 1, R.QUARTER: 3, R.HALF_YEAR: 6, R.YEAR: 12}
RESUME = "resume"


@transaction.atomic
def save_task(
    *,
    actor: Actor,
    programme: Programme,
    data: TaskData,
    task: Task | None = None,
    version: int | str | None = None,
) -> Task:
    """Enter a task, or change the one given; its deadlines follow its dates. Raises Stale, NotAllowed, DomainError."""
    from agreements.services.lifecycle import refresh

    owner = Programme.objects.select_for_update(of=("self",)).select_related("owner").get(pk=programme.pk)
    policy.require(actor, "tasks", owner)
    if task is None:
        last = owner.tasks.order_by("-position").values_list("position", flat=True).first()
        row = Task(programme=owner, position=(last or 0) + 1)
    else:
        row = Task.objects.select_for_update(of=("self",)).get(pk=task.pk, programme=owner)
        check_version(row, version)
        row.version += 1
    row.programme = owner
    write_task(row, data)
    refresh(owner)
    programme_changed(owner, actor)
    audit.log(actor, "task.edit" if task else "task.create", row)
    return row


def write_task(task: Task, data: TaskData) -> Task:
    """Put the values into the row and save it with its units, indicators and deadlines. Call inside a transaction."""
    _check(task, data)
    for name in (
        "title",
        "code",
        "lead",
        "content_group",
        "starts_on",
        "recurrence",
        "weight",
        "deliverable",
        "source_clause",
    ):
        setattr(task, name, getattr(data, name))
    task.span, task.spans = data.span or task.span, data.spans or task.spans
    goals = list(task.programme.goals.all()) if data.goal_position else []
    place = (data.goal_position or 0) - 1
    task.goal = goals[place] if 0 <= place < len(goals) else None
    task.save()
    task.supporting.set([unit for unit in data.supporting if unit != data.lead])
    _write_indicators(task, data.indicators)
    sync_deadlines(task, data.due_on)
    return task


def _check(task: Task, data: TaskData) -> None:
    if not data.title.strip():
        raise DomainError(_("Enter what is to be done"), field="title")
    if data.weight <= 0:
        raise DomainError(_("The weight must be greater than 0"), field="weight")
    if data.starts_on and data.due_on and data.due_on < data.starts_on:
        raise DomainError(_("The deadline must not be before the start"), field="due_on")
    same = Task.objects.filter(programme=task.programme, code=data.code).exclude(pk=task.pk)
    if data.code and same.exists():
        raise DomainError(
            _("Another task of this programme has the code %(code)s. Choose another code.") % {"code": data.code},
            field="code",
        )


def _write_indicators(task: Task, items: Iterable[IndicatorData]) -> None:
    own = {row.pk: row for row in task.indicators.all()}
    kept = []
    for position, item in enumerate(items, start=1):
        row = own.get(item.pk or 0) or Indicator(task=task)
        for name in (
            "name",
            "unit",
            "code",
            "kind",
            "direction",
            "roll_up",
            "counts",
            "baseline",
            "precision",
            "source",
            "is_entered_by_partner",
        ):
            setattr(row, name, getattr(item, name))
        row.position = position
        row.save()
        kept.append(row.pk)
        starts = []
        for target in item.targets:
            if target.ends_on <= target.starts_on:
                raise DomainError(_("The period of a target must not be empty"), field="indicators")
            starts.append(target.starts_on)
            Target.objects.update_or_create(
                indicator=row,
                starts_on=target.starts_on,
                defaults={"ends_on": target.ends_on, "value": target.value},
            )
        row.targets.exclude(starts_on__in=starts).delete()
    gone = task.indicators.exclude(pk__in=kept)
    used = gone.filter(tallies__isnull=False).distinct().first()
    if used is not None:
        raise DomainError(
            _("%(name)s already has accepted results and cannot be removed.") % {"name": used.name},
            field="indicators",
        )
    try:
        gone.delete()
    except ProtectedError as error:  # values not yet accepted hang on it; their room lies above this one
        raise DomainError(
            _("%(name)s already has entries and cannot be removed.") % {"name": next(iter(gone)).name},
            field="indicators",
        ) from error


def periods_between(recurrence: str, first: datetime.date, last: datetime.date) -> list[tuple[str, datetime.date]]:
    """Return (period, last day) of every calendar period that touches [first, last]; the last one is cut to `last`.

    Periods are named "2026", "2026-H1", "2026-Q3", "2026-07".
    """
    step = MONTHS[R(recurrence)]
    found = []
    year, month = first.year, (first.month - 1) // step * step + 1
    while datetime.date(year, month, 1) <= last:
        end_month = month + step - 1
        end = datetime.date(year, end_month, calendar.monthrange(year, end_month)[1])
        label = {
            R.YEAR: f"{year}",
            R.HALF_YEAR: f"{year}-H{end_month // 6}",
            R.QUARTER: f"{year}-Q{end_month // 3}",
            R.MONTH: f"{year}-{month:02}",
        }[R(recurrence)]
        found.append((label, min(end, last)))
        month += step
        if month > 12:
            year, month = year + 1, month - 12
    return found


def sync_deadlines(task: Task, due_on: datetime.date | None = None) -> None:
    """Make the deadlines of a task those its recurrence and dates ask for. Call inside a transaction.

    Rows that were reported, decided or extended are history and stay as they are; due_on None keeps a one-off date.
    """
    rows = {row.period: row for row in task.deadlines.select_for_update().prefetch_related("extensions")}
    wanted: list[tuple[str, datetime.date]] = []
    if task.recurrence == R.ONCE:
        kept = rows.get("")
        day = due_on or (kept.due_on if kept else None)
        wanted = [("", day)] if day else []
    else:
        first = task.starts_on or task.programme.starts_on
        last = due_on or task.programme.ends_on
        wanted = periods_between(task.recurrence, first, last) if first and last else []
    for period, day in wanted:
        row = rows.get(period)
        if row is None:
            TaskDeadline.objects.create(task=task, period=period, original_due_on=day, due_on=day)
        elif _untouched(row) and row.due_on != day:
            row.original_due_on = row.due_on = day
            row.version += 1
            row.save()
    names = {period for period, _day in wanted}
    for period, row in rows.items():
        if period not in names and _untouched(row):
            row.delete()
    derive_state(task)


def _untouched(row: TaskDeadline) -> bool:
    return row.state == D.OPEN and row.reported_at is None and not row.extensions.all()


def derive_state(task: Task) -> str:
    """Store the state that follows from the task's deadlines; paused, carried over and cancelled stay. Returns it."""
    if task.state not in Task.LEFT_OUT:
        states = set(task.deadlines.exclude(state=D.CANCELLED).values_list("state", flat=True))
        if states == {D.DONE}:
            state = S.DONE
        elif D.AWAITING in states:
            state = S.AWAITING
        elif states - {D.OPEN} or task.state in {S.RUNNING, S.AWAITING, S.DONE}:
            state = S.RUNNING
        else:
            state = S.PLANNED
        if state != task.state:
            task.state = state
            task.save()
    return task.state


def start_task(task: Task) -> None:
    """Note that work has begun (the first accepted activity). Call inside a transaction."""
    if task.state == S.PLANNED:
        task.state = S.RUNNING
        task.save()


@transaction.atomic
def change_task_state(
    *, actor: Actor, task: Task, version: int | str | None, to: str, reason: str, paper: str = ""
) -> Task:
    """Pause, carry over or cancel a task, or resume it (to="resume"), with a reason and the paper that says so.

    Raises DomainError without a reason or paper, or where nothing would change; Stale; NotAllowed.
    """
    from agreements.services.lifecycle import refresh

    row = Task.objects.select_for_update(of=("self",)).select_related("programme__owner").get(pk=task.pk)
    policy.require(actor, "tasks", row.programme)
    check_version(row, version)
    if to not in {*Task.LEFT_OUT, RESUME}:
        raise DomainError(_("Choose what happens to the task"), field="to")
    if not reason.strip():
        raise DomainError(_("Enter the reason"), field="reason")
    if not paper.strip():
        raise DomainError(_("Enter the paper that decides this, with its number and date"), field="paper")
    if (to == RESUME) != (row.state in Task.LEFT_OUT):
        raise DomainError(_("The task is already in that state. Open its page again."), field="to")
    before = row.state
    if to == RESUME:
        row.deadlines.filter(state=D.CANCELLED).update(state=D.OPEN)
        row.state = S.RUNNING
    else:
        if row.deadlines.filter(state=D.AWAITING).exists():
            raise DomainError(_("A deadline of this task waits for confirmation. Decide on it first."), field="to")
        if to == S.CANCELLED:
            row.deadlines.exclude(state=D.DONE).update(state=D.CANCELLED, done_on=None)
        row.state = to
    row.state_reason, row.state_paper = reason, paper
    row.version += 1
    row.save()
    derive_state(row)
    refresh(row.programme)
    programme_changed(row.programme, actor)
    audit.log(actor, f"task.{to}", row, reason=reason, detail={"paper": paper, "from": before})
    return row


@transaction.atomic
def extend_deadline(
    *,
    actor: Actor,
    deadline: TaskDeadline,
    version: int | str | None,
    new_due_on: datetime.date,
    reason: str,
    paper: str = "",
) -> TaskDeadline:
    """Give a deadline a later day; the old one stays with reason and paper. Raises DomainError, Stale, NotAllowed."""
    from agreements.services.lifecycle import refresh

    row = lock_deadline(deadline)
    policy.require_deadline(actor, "extend", row)
    check_version(row, version)
    if row.extensions.filter(state=Extension.State.REQUESTED).exists():
        raise DomainError(_("The unit has asked for more time. Decide on its request in the review queue."))
    if new_due_on <= row.due_on:
        raise DomainError(_("The new deadline must be later than the present one"), field="new_due_on")
    if not reason.strip():
        raise DomainError(_("Enter the reason"), field="reason")
    if not paper.strip():
        raise DomainError(_("Enter the paper that decides this, with its number and date"), field="paper")
    Extension.objects.create(
        deadline=row,
        old_due_on=row.due_on,
        new_due_on=new_due_on,
        reason=reason,
        paper=paper,
        decided_by=actor.user,
        decided_at=timezone.now(),
    )
    old, row.due_on = row.due_on, new_due_on
    row.version += 1
    row.save()
    refresh(row.task.programme)
    audit.log(
        actor,
        "deadline.extend",
        row.task,
        reason=reason,
        detail={"paper": paper, "from": old.isoformat(), "to": new_due_on.isoformat()} | row.of_period,
    )
    return row


def lock_deadline(deadline: TaskDeadline) -> TaskDeadline:
    """Return the deadline locked, with its task, programme and owner."""
    return (
        TaskDeadline.objects.select_for_update(of=("self",))
        .select_related("task__programme__owner", "task__lead", "reported_for")
        .get(pk=deadline.pk)
    )
