"""The words for how a programme or task stands, from its stored figures and its state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import figures
from agreements.models import Programme, Task, TaskDeadline

if TYPE_CHECKING:
    import datetime

S = Programme.Status


def points(figure: Any) -> int:
    """Return by how many points of 100 the progress lies behind the time gone, as printed; 0 if it does not."""
    return max(0, figures.points_behind(figure.progress, figure.elapsed) or 0) if figure else 0


def standing_of(programme: Programme, figure: Any) -> dict[str, Any]:
    """Return {kind, label, plain, behind} for the status tag of a programme; kinds are those of core's status tag."""
    state = {
        S.DRAFT: ("dash", True),
        S.SIGNED: ("none", True),
        S.SUSPENDED: ("hold", False),
        S.CLOSED: ("done", True),
        S.TERMINATED: ("hold", True),
        S.SUPERSEDED: ("dash", True),
    }.get(S(programme.status))
    if state is not None:
        return {"kind": state[0], "label": programme.get_status_display(), "plain": state[1], "behind": False}
    standing = figure.standing if figure else "no_data"
    if standing == "behind":
        gap = points(figure)
        label = ngettext("Behind by %(n)s point", "Behind by %(n)s points", gap) % {"n": gap} if gap else _("Behind")
        return {"kind": "slow", "label": label, "plain": False, "behind": True}
    words = {
        "on_track": ("done", _("On track")),
        "ahead": ("done", _("Ahead")),
        "too_early": ("none", _("Too early to tell")),
    }
    kind, label = words.get(standing, ("none", _("No data yet")))
    return {"kind": kind, "label": label, "plain": True, "behind": False}


def task_standing(task: Task) -> dict[str, Any]:
    """Return {kind, label, plain} for the stored state of a task."""
    kinds = {
        Task.State.PLANNED: ("none", True),
        Task.State.RUNNING: ("run", False),
        Task.State.AWAITING: ("wait", False),
        Task.State.DONE: ("done", True),
    }
    kind, plain = kinds.get(Task.State(task.state), ("hold", False))
    return {"kind": kind, "label": task.get_state_display(), "plain": plain}


def due_words(deadline: figures.Deadline, day: datetime.date) -> dict[str, Any]:
    """Return {kind, label, plain} for a deadline in the national four-way form; due today is not overdue."""
    if deadline.state == TaskDeadline.State.DONE:
        late = deadline.done_on is not None and deadline.done_on > deadline.due_on
        return {"kind": "done", "label": _("Done late") if late else _("Done on time"), "plain": True}
    if deadline.state == TaskDeadline.State.CANCELLED:
        return {"kind": "hold", "label": str(TaskDeadline.State.CANCELLED.label), "plain": True}
    return open_words(deadline.state, deadline.due_on, day)


def open_words(state: str, due_on: datetime.date, day: datetime.date) -> dict[str, Any]:
    """Return {kind, label, plain} for a deadline neither confirmed nor cancelled; state "" for what has no state."""
    if state == TaskDeadline.State.AWAITING:
        return {"kind": "wait", "label": str(TaskDeadline.State.AWAITING.label), "plain": False}
    return left_words((due_on - day).days)


def left_words(left: int) -> dict[str, Any]:
    """Return {kind, label, plain} for days left of something not done; negative is overdue."""
    if left < 0:
        label = ngettext("%(n)s day overdue", "%(n)s days overdue", -left) % {"n": -left}
        return {"kind": "over", "label": label, "plain": False}
    if left == 0:
        return {"kind": "wait", "label": _("Today"), "plain": False}
    label = ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}
    return {"kind": "wait" if left <= 7 else "none", "label": label, "plain": left > 7}
