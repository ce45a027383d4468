"""Tasks, targets, the programme itself, and time."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agreements import models as signed
from agreements import services as agreements
from agreements.services.data import IndicatorData, TargetData, TaskData
from core import notices
from tests.machines import rules, sums
from tests.machines.steps.base import REASON, Move

if TYPE_CHECKING:
    from tests.machines.walk import Walk


def task_stop(walk: Walk) -> Move | None:
    """Pause a task, carry it over, cancel it or resume it."""
    world, who = walk.world, walk.person("lan")
    stopped = [name for name, task in world.tasks.items() if task.state in rules.STANDS_STILL]
    name = walk.rng.choice(stopped if stopped and walk.rng.random() < 0.6 else "ABC")
    task = world.tasks[name]
    to = "resume" if task.state in rules.STANDS_STILL else walk.rng.choice(["paused", "carried", "cancelled"])
    to = to if walk.rng.random() < 0.9 else walk.rng.choice(["paused", "carried", "cancelled", "resume"])
    reason = walk.rng.choice([REASON, REASON, ""])
    legal = rules.is_officer(who) and world.is_open and bool(reason)
    legal = legal and (to == "resume") == (task.state in rules.STANDS_STILL)
    legal = legal and not (to != "resume" and task.deadline and task.deadline.state == "awaiting")
    version = walk.version("task", task.pk)

    def effect(_row: Any) -> None:
        task.state = "running" if to == "resume" else to
        deadline = task.deadline
        if deadline and to == "resume" and deadline.state == "cancelled":
            deadline.state = "open"
        if deadline and to == "cancelled" and deadline.state != "done":
            deadline.state, deadline.done_on = "cancelled", None
        rules.settle(task)

    deadlines = {("deadline", task.deadline.pk)} if task.deadline else set()
    return Move(
        who,
        legal,
        lambda: agreements.change_task_state(
            actor=walk.actors[who], task=signed.Task(pk=task.pk), version=version, to=to, reason=reason, paper="QĐ 7"
        ),
        effect,
        f"task.{to}",
        own={("task", task.pk)} | deadlines,
        tables={"figure", "daily"},
        drawn=f"{name} {to}",
    )


def task_target(walk: Walk) -> Move | None:
    """Another target for 2026: accepted reports keep the old one."""
    world, who = walk.world, walk.person("lan")
    value = Decimal(walk.rng.choice([60, 100, 150]))
    wanted = [*world.targets[sums.VISITS][:2], value, *world.targets[sums.VISITS][3:]]
    row, version = walk.tasks["A"], walk.version("task", walk.tasks["A"].pk)
    items = []
    for name, targets in ((sums.VISITS, wanted), (sums.RATE, world.targets[sums.RATE])):
        known = walk.indicators[name]
        years = [TargetData(sums.year(2024 + n), sums.year(2025 + n), one) for n, one in enumerate(targets)]
        same = {key: getattr(known, key) for key in ("name", "unit", "kind", "direction", "roll_up", "baseline",
                                                     "is_entered_by_partner", "pk")}  # fmt: skip
        items.append(IndicatorData(**same, targets=years))
    data = TaskData(title=row.title, code=row.code, lead=row.lead, weight=row.weight, indicators=items)

    def effect(_row: Any) -> None:
        world.targets[sums.VISITS] = wanted
        rules.settle(world.tasks["A"])

    return Move(
        who,
        rules.is_officer(who) and world.is_open,
        lambda: agreements.save_task(
            actor=walk.actors[who], programme=walk.programme, data=data, task=row, version=version
        ),
        effect,
        "task.edit",
        own={("task", row.pk)},
        tables={"figure", "daily"},
        drawn=str(value),
    )


def programme_move(walk: Walk) -> Move | None:
    """Suspend and resume the programme; near the end of a walk also terminate it."""
    world, who = walk.world, walk.person("lan")
    to = {"in_force": "suspended", "suspended": "in_force"}.get(world.status, "in_force")
    if walk.number > 0.9 * walk.length and walk.rng.random() < 0.5:
        to = "terminated"
    reason = walk.rng.choice([REASON, REASON, ""])
    waits = any(task.deadline and task.deadline.state == "awaiting" for task in world.tasks.values())
    legal = rules.is_officer(who) and world.is_open and bool(reason) and not (to == "terminated" and waits)
    version = walk.version("programme", walk.programme.pk)
    return Move(
        who,
        legal,
        lambda: agreements.move_programme(
            actor=walk.actors[who], programme=walk.programme, version=version, to=to, reason=reason, paper="QĐ 9"
        ),
        lambda _row: setattr(world, "status", to),
        "programme.move",
        own={("programme", walk.programme.pk)},
        tables={"figure", "daily"},
        drawn=to,
    )


def time_passes(walk: Walk) -> Move | None:
    """A reviewer leaves the queue, so that notices leave; or six minutes pass; or nine days."""
    what, who = walk.rng.choice(["leave", "leave", "minutes", "minutes", "days"]), walk.person("lan")
    if what != "leave":
        passed = datetime.timedelta(minutes=6) if what == "minutes" else datetime.timedelta(days=9)
        return Move(who, True, lambda: None, lambda _row: walk.pass_time(passed), "", drawn=what)

    def effect(_row: Any) -> None:
        for decision in walk.decisions():
            if decision.by == who:
                decision.is_final = True

    return Move(who, True, lambda: notices.release(walk.actors[who].user), effect, "", drawn=what)
