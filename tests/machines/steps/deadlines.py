"""Deadlines of tasks, and requests for more time."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from agreements import models as signed
from agreements import services as agreements
from tests.machines import rules, sums
from tests.machines.rules import Deadline, Decision, Extension
from tests.machines.steps.base import FULL, REASON, TOTALS, Move, Step, some

if TYPE_CHECKING:
    from tests.machines.walk import Walk


def _deadline(walk: Walk) -> tuple[str, Deadline]:
    task = walk.rng.choice("AB")
    deadline = walk.world.tasks[task].deadline
    assert deadline is not None
    return task, deadline


def deadline_report(walk: Walk) -> Move | None:
    world, (task, deadline), who = walk.world, _deadline(walk), walk.person()
    day = walk.rng.choice([world.today, world.today - datetime.timedelta(30), world.today + datetime.timedelta(1)])
    gives_file = walk.rng.random() < 0.6
    proven = any(
        one.task == task and not one.is_paper and one.day.replace(day=1) <= day.replace(day=1)  # type: ignore[union-attr]
        for one in sums.accepted(world)
    )
    legal = rules.may_deadline(world, who, "report", task) and day <= world.today
    legal = legal and (gives_file or deadline.has_file or proven)

    def effect(_row: Any) -> None:
        deadline.state, deadline.done_on, deadline.reported_by, deadline.decision = "awaiting", day, who, None
        deadline.has_file = deadline.has_file or gives_file
        rules.settle(world.tasks[task])

    return Move(
        who,
        legal,
        lambda: agreements.report_deadline(
            actor=walk.actors[who],
            deadline=signed.TaskDeadline(pk=deadline.pk),
            done_on=day,
            note=FULL,
            files=[walk.file] if gives_file else [],
        ),
        effect,
        "deadline.report",
        own={("deadline", deadline.pk)},
        tables=TOTALS,
        drawn=f"{task} {day}",
    )


def deadline_step(action: str, to: str) -> Step:
    def step(walk: Walk) -> Move | None:
        world, (task, deadline), who = walk.world, _deadline(walk), walk.person()
        reason = walk.rng.choice([REASON, REASON, " "])
        legal = rules.may_deadline(world, who, action, task) and (action != "return" or bool(reason.strip()))
        service = {
            "confirm": agreements.confirm_deadline, "return": agreements.return_deadline,
            "undo": agreements.undo_deadline_decision,
        }[action]  # fmt: skip
        extra = {"reason": reason} if action == "return" else {}

        def effect(_row: Any) -> None:
            deadline.state = to
            deadline.decision = Decision(who, world.now) if action != "undo" else None
            rules.settle(world.tasks[task])

        return Move(
            who,
            legal,
            lambda: service(actor=walk.actors[who], deadline=signed.TaskDeadline(pk=deadline.pk), **extra),
            effect,
            f"deadline.{action}",
            own={("deadline", deadline.pk)},
            tables=TOTALS,
            drawn=task,
        )

    step.__name__ = f"deadline_{action}"
    return step


def _later(walk: Walk, deadline: Deadline) -> datetime.date:
    return max(deadline.due_on, walk.world.today) + datetime.timedelta(walk.rng.choice([14, 14, -14]))


def deadline_extend(walk: Walk) -> Move | None:
    world, (task, deadline), who = walk.world, _deadline(walk), walk.person()
    day, paper = _later(walk, deadline), walk.rng.choice(["CV 5/MTTQ", "CV 5/MTTQ", ""])
    legal = rules.may_deadline(world, who, "extend", task) and not rules.asked(world, task)
    legal = legal and day > deadline.due_on and bool(paper)
    version = walk.version("deadline", deadline.pk)
    return Move(
        who,
        legal,
        lambda: agreements.extend_deadline(
            actor=walk.actors[who],
            deadline=signed.TaskDeadline(pk=deadline.pk),
            version=version,
            new_due_on=day,
            reason=REASON,
            paper=paper,
        ),
        lambda _row: setattr(deadline, "due_on", day),
        "deadline.extend",
        own={("deadline", deadline.pk)},
        tables=TOTALS | {"extension"},
        drawn=f"{task} {day}",
    )


def extension_ask(walk: Walk) -> Move | None:
    world, (task, deadline), who = walk.world, _deadline(walk), walk.person()
    day = _later(walk, deadline)
    legal = rules.may_deadline(world, who, "ask", task) and not rules.asked(world, task)
    legal = legal and day > deadline.due_on and day > world.today
    version = walk.version("deadline", deadline.pk)
    return Move(
        who,
        legal,
        lambda: agreements.request_extension(
            actor=walk.actors[who],
            deadline=signed.TaskDeadline(pk=deadline.pk),
            version=version,
            new_due_on=day,
            reason=REASON,
        ),
        lambda row: world.extensions.append(Extension(row.pk, task, who, day)),
        "extension.request",
        tables={"extension"},
        drawn=f"{task} {day}",
    )


def extension_step(action: str, to: str) -> Step:
    def step(walk: Walk) -> Move | None:
        world, extension = walk.world, some(walk, walk.world.extensions)
        if extension is None:
            return None
        deadline, who = world.tasks[extension.deadline].deadline, walk.person()
        words = walk.rng.choice(["CV 6/MTTQ", "CV 6/MTTQ", " "])
        legal = rules.may_extension(world, who, extension) and bool(words.strip())
        legal = legal and (action == "refuse" or extension.new_due_on > deadline.due_on)
        row, actor = signed.Extension(pk=extension.pk, deadline_id=deadline.pk), walk.actors[who]

        def effect(_row: Any) -> None:
            extension.state = to
            deadline.due_on = extension.new_due_on if action == "grant" else deadline.due_on

        if action == "grant":
            day = extension.new_due_on
            call = lambda: agreements.grant_extension(actor=actor, extension=row, new_due_on=day, paper=words)  # noqa: E731
        else:
            call = lambda: agreements.refuse_extension(actor=actor, extension=row, note=words)  # noqa: E731
        own = {("extension", extension.pk)} | ({("deadline", deadline.pk)} if action == "grant" else set())
        tables = TOTALS if action == "grant" else set()
        return Move(who, legal, call, effect, f"extension.{action}", own=own, tables=tables, drawn=extension.deadline)

    step.__name__ = f"extension_{action}"
    return step
