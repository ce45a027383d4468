"""Activities with their quantities, values from papers, and their review."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from activities import models as done
from activities import services
from activities.services import ActivityData, MeasurementData, Quantity
from tests.machines import rules, sums
from tests.machines.rules import Decision, Entry
from tests.machines.steps.base import FULL, REASON, TOTALS, Move, Step, some

if TYPE_CHECKING:
    from tests.machines.walk import Walk


def _numbers(walk: Walk) -> dict[str, int]:
    return {name: walk.rng.randrange(0, 500) for name in sums.COUNTS if walk.rng.random() < 0.5}


def _day(walk: Walk) -> datetime.date | None:
    today = walk.world.today
    days = ["2025-11-20", "2026-03-10", "2026-03-28", "2026-07-05", "2026-11-02"]
    return walk.rng.choice([*map(datetime.date.fromisoformat, days), today, today + datetime.timedelta(9), None])


def activity_save(walk: Walk) -> Move | None:
    """Write a new activity, or change one."""
    rng, world = walk.rng, walk.world
    drafts = [one for one in world.entries if not one.is_paper]
    entry: Entry | None = some(walk, drafts) if drafts and rng.random() < 0.5 else None
    if entry is None and len(world.entries) >= 9:
        return None
    who = entry.author if entry and rng.random() < 0.6 else walk.person()
    task, unit = rng.choice("AABC"), rng.choice([rules.body_of(who), *rules.BODIES])
    day, numbers, place, text = _day(walk), _numbers(walk), rng.random() < 0.4, rng.choice([FULL, FULL, FULL, ""])
    visits = Decimal(rng.randrange(0, 90)) if task == "A" and rng.random() < 0.7 else None
    legal = rules.may_log(world, who, task) and rules.may_write_for(world, who, unit)
    legal = legal and (entry is None or rules.may_entry(world, who, "edit", entry))
    if entry and entry.review == "returned":  # what the committee has seen stays complete
        legal = legal and day is not None and bool(text)
    data = ActivityData(
        task=walk.task_now(task),
        unit=walk.bodies[unit],
        what_was_done=text,
        starts_on=day,
        locality=walk.place if place else None,
        quantities={} if visits is None else {walk.indicators[sums.VISITS].pk: Quantity(visits)},
        **numbers,
    )

    def effect(row: Any) -> None:
        known = entry or Entry(pk=row.pk, author=who, task=task, unit=unit, day=day)
        if entry is None:
            world.entries.append(known)
        known.occurrence = _occurrence(known, day, world.today, is_new=entry is None)
        known.task, known.unit, known.day, known.place, known.has_text = task, unit, day, place, bool(text)
        known.counts, known.values = numbers, {} if visits is None else {sums.VISITS: visits}
        _work_goes_on(known)

    return Move(
        who,
        legal,
        lambda: services.save_activity(
            actor=walk.actors[who], data=data, activity=entry and done.Activity(pk=entry.pk)
        ),
        effect,
        "activity.change" if entry else "activity.create",
        own={("activity", entry.pk)} if entry else set(),
        tables={"measurement"} | (set() if entry else {"activity"}),
        drawn=f"{entry.pk if entry else 'new'} {task} for {unit} on {day}",
    )


def _occurrence(entry: Entry, day: datetime.date | None, today: datetime.date, *, is_new: bool) -> str:
    """A day to come makes a plan. A plan is held once its author types another day in its place that has come."""
    if day and day > today:
        return "postponed" if entry.occurrence == "postponed" else "planned"
    if is_new:
        return "held"
    is_plan = entry.occurrence in {"planned", "postponed"}
    was_ahead = entry.day is not None and entry.day > today
    return "held" if is_plan and (was_ahead or day != entry.day) else entry.occurrence


def _work_goes_on(entry: Entry) -> None:
    """Once the author works on what came back, nobody sends it for review again in the author's place."""
    if entry.decision:
        entry.decision.is_final = True


def activity_delete(walk: Walk) -> Move | None:
    entry: Entry | None = some(walk, walk.world.entries)
    if entry is None:
        return None
    who = walk.person(entry.author)
    actor = walk.actors[who]
    legal = rules.may_entry(walk.world, who, "delete", entry)
    return Move(
        who,
        legal,
        (lambda: services.delete_measurement(actor=actor, measurement=done.Measurement(pk=entry.pk)))
        if entry.is_paper
        else (lambda: services.delete_draft(actor=actor, activity=done.Activity(pk=entry.pk))),
        lambda _row: walk.world.entries.remove(entry),
        f"{_noun(entry)}.delete",
        own={(_noun(entry), entry.pk)},
        tables=set() if entry.is_paper else {"measurement"},
        drawn=str(entry.pk),
    )


def activity_mark(walk: Walk) -> Move | None:
    """Say that a plan was held, put off or given up."""
    entry: Entry | None = some(walk, [one for one in walk.world.entries if not one.is_paper])
    if entry is None:
        return None
    who, today = walk.person(entry.author), walk.world.today
    to, reason = walk.rng.choice(["held", "postponed", "cancelled"]), walk.rng.choice([REASON, REASON, ""])
    new_day = today + datetime.timedelta(walk.rng.choice([5, 5, 0])) if to == "postponed" else None
    legal = rules.may_entry(walk.world, who, "mark", entry)
    if to == "held":
        legal = legal and (entry.day is None or entry.day <= today)
    else:
        legal = legal and entry.occurrence in {"planned", "postponed"} and bool(reason)
        legal = legal and (new_day is None or new_day > today)

    def effect(_row: Any) -> None:
        entry.occurrence, entry.day = to, new_day or entry.day
        _work_goes_on(entry)

    return Move(
        who,
        legal,
        lambda: services.mark_occurrence(
            actor=walk.actors[who],
            activity=done.Activity(pk=entry.pk),
            occurrence=to,
            reason=reason,
            new_day=new_day,
        ),
        effect,
        f"activity.{to}",
        own={("activity", entry.pk)},
        tables={"measurement"},
        drawn=f"{entry.pk} {to} {new_day or ''}",
    )


def activity_plan(walk: Walk) -> Move | None:
    """Let the committee see a plan, or keep it."""
    entry: Entry | None = some(walk, [one for one in walk.world.entries if not one.is_paper])
    if entry is None:
        return None
    who, is_sent = walk.person(entry.author), walk.rng.random() < 0.7
    legal = rules.may_entry(walk.world, who, "plan", entry)
    legal = legal and (not is_sent or (entry.occurrence in {"planned", "postponed"} and entry.has_text))
    return Move(
        who,
        legal,
        lambda: services.send_plan(actor=walk.actors[who], activity=done.Activity(pk=entry.pk), is_sent=is_sent),
        lambda _row: None,
        "activity.send_plan" if is_sent else "activity.keep_plan",
        own={("activity", entry.pk)},
        drawn=f"{entry.pk} {is_sent}",
    )


def paper_save(walk: Walk) -> Move | None:
    """Enter a value from a paper, or change one."""
    rng, world = walk.rng, walk.world
    papers = [one for one in world.entries if one.is_paper]
    entry: Entry | None = some(walk, papers) if papers and rng.random() < 0.5 else None
    if entry is None and len(world.entries) >= 9:
        return None
    who = entry.author if entry and rng.random() < 0.6 else walk.person()
    name, unit, day = rng.choice([sums.VISITS, sums.RATE]), rng.choice([rules.body_of(who), *rules.BODIES]), _day(walk)
    if day is None:
        return None
    value, source = Decimal(rng.randrange(0, 30)), rng.choice(["QĐ 12/QĐ-UBND", "QĐ 12/QĐ-UBND", " "])
    legal = rules.may_log(world, who, "A") and rules.may_write_for(world, who, unit)
    legal = legal and (entry is None or rules.may_entry(world, who, "edit", entry))
    legal = legal and day <= world.today and bool(source.strip())
    legal = legal and (name == sums.VISITS or rules.is_officer(who))  # the committee enters it from a paper
    data = MeasurementData(
        indicator=walk.indicator_now(name), unit=walk.bodies[unit], as_of=day, quantity=Quantity(value), source=source
    )

    def effect(row: Any) -> None:
        known = entry or Entry(pk=row.pk, author=who, task="A", unit=unit, day=day, is_paper=True)
        if entry is None:
            world.entries.append(known)
        known.unit, known.day, known.values = unit, day, {name: value}
        _work_goes_on(known)

    return Move(
        who,
        legal,
        lambda: services.save_measurement(
            actor=walk.actors[who], data=data, measurement=entry and done.Measurement(pk=entry.pk)
        ),
        effect,
        "measurement.change" if entry else "measurement.create",
        own={("measurement", entry.pk)} if entry else set(),
        tables=set() if entry else {"measurement"},
        drawn=f"{entry.pk if entry else 'new'} {name} for {unit} on {day}",
    )


def _noun(entry: Entry) -> str:
    return "measurement" if entry.is_paper else "activity"


def _entry_step(action: str, to: str) -> Step:
    """Return the step of the review named so; `to` is the state it leads to."""

    def step(walk: Walk) -> Move | None:
        world, entry = walk.world, some(walk, walk.world.entries)
        if entry is None:
            return None
        who = walk.person(entry.author if action in {"submit", "recall"} else "")
        legal = rules.may_entry(world, who, action, entry)
        reason = walk.rng.choice([REASON, REASON, REASON, " "])
        if action in {"return", "revoke"}:
            legal = legal and bool(reason.strip())
        if action == "submit":
            legal = legal and rules.may_log(world, who, entry.task)
            if not entry.is_paper:
                legal = legal and entry.day is not None and entry.day <= world.today
                legal = legal and entry.occurrence != "cancelled" and entry.has_text
        is_stale = walk.rng.random() < 0.03
        before = entry.review
        row = (done.Measurement if entry.is_paper else done.Activity)(pk=entry.pk)
        service = {
            "submit": services.submit, "recall": services.recall, "accept": services.accept,
            "return": services.return_item, "revoke": services.revoke, "undo": services.undo_decision,
        }[action]  # fmt: skip
        extra = {"reason": reason} if action in {"return", "revoke"} else {}
        extra |= {"version": 0} if is_stale else {}

        def effect(_row: Any) -> None:
            entry.review = to
            decides = action in {"accept", "return"}
            entry.decision = Decision(who, world.now) if decides else None
            if action == "submit" and not entry.is_paper:
                entry.occurrence = "held"
            if action == "accept" and world.tasks[entry.task].state == "planned":
                world.tasks[entry.task].state = "running"

        moves_totals = action in {"accept", "revoke"} or (action == "undo" and before == "accepted")
        return Move(
            who,
            legal and not is_stale,
            lambda: service(actor=walk.actors[who], item=row, **extra),
            effect,
            f"{_noun(entry)}.{action}",
            own={(_noun(entry), entry.pk)},
            tables={"measurement"} | (TOTALS if moves_totals else set()),
            drawn=f"{entry.pk}{' stale' if is_stale else ''}",
        )

    step.__name__ = f"entry_{action}"
    return step


ENTRY_STEPS = [
    _entry_step(action, to)
    for action, to in (
        ("submit", "submitted"), ("recall", "draft"), ("accept", "accepted"),
        ("return", "returned"), ("revoke", "submitted"), ("undo", "submitted"),
    )
]  # fmt: skip
