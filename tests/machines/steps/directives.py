"""What a leader asks of a unit."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from activities import models as done
from activities import services
from tests.machines import rules
from tests.machines.rules import Directive
from tests.machines.steps.base import Move, Step, some

if TYPE_CHECKING:
    from tests.machines.walk import Walk


def directive_issue(walk: Walk) -> Move | None:
    world, who = walk.world, walk.person("hoa")
    if len(world.directives) >= 4:
        return None
    unit, text = walk.rng.choice(["health", "health", *rules.BODIES]), walk.rng.choice(["Báo cáo lý do.", " "])
    day = world.today + datetime.timedelta(walk.rng.choice([7, 7, -1]))
    legal = rules.role_of(who) == "leader" and rules.keeps(who) and world.is_open
    legal = legal and unit in rules.PARTIES and bool(text.strip()) and day >= world.today
    return Move(
        who,
        legal,
        lambda: services.issue_directive(
            actor=walk.actors[who], programme=walk.programme_now(), unit=walk.bodies[unit], text=text, due_on=day
        ),
        lambda row: world.directives.append(Directive(row.pk, unit)),
        "directive.issue",
        tables={"directive"},
        drawn=unit,
    )


def _directive_step(action: str, to: str) -> Step:
    def step(walk: Walk) -> Move | None:
        directive: Directive | None = some(walk, walk.world.directives)
        if directive is None:
            return None
        who, words = walk.person(), walk.rng.choice(["Đã làm xong.", "Đã làm xong.", " "])
        legal = rules.may_directive(walk.world, who, action, directive)
        legal = legal and (action == "close" or bool(words.strip()))
        is_stale = walk.rng.random() < 0.03
        service = {
            "answer": services.answer_directive, "close": services.close_directive,
            "send_back": services.send_back_directive, "withdraw": services.withdraw_directive,
        }[action]  # fmt: skip
        extra: dict[str, Any] = {"text" if action == "answer" else "note": words}
        extra |= {"version": 0} if is_stale else {}

        def effect(_row: Any) -> None:
            directive.state = to
            directive.answered_by = who if action == "answer" else directive.answered_by

        return Move(
            who,
            legal and not is_stale,
            lambda: service(actor=walk.actors[who], directive=done.Directive(pk=directive.pk), **extra),
            effect,
            f"directive.{action}",
            own={("directive", directive.pk)},
            drawn=f"{directive.pk}{' stale' if is_stale else ''}",
        )

    step.__name__ = f"directive_{action}"
    return step


DIRECTIVE_STEPS = [
    _directive_step(action, to)
    for action, to in (
        ("answer", "answered"), ("close", "closed"), ("send_back", "issued"), ("withdraw", "withdrawn"),
    )
]  # fmt: skip
