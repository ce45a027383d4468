"""Reports of units, and the duties they answer."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from activities import models as done
from activities import services
from activities.services import reports
from activities.services.reports import LineData, ReportData
from tests.machines import rules
from tests.machines.rules import Decision, Duty, Report
from tests.machines.steps.base import FULL, REASON, TOTALS, Move, Step, some

if TYPE_CHECKING:
    from tests.machines.walk import Walk


def report_begin(walk: Walk) -> Move | None:
    world = walk.world
    duty: Duty | None = some(walk, [one for one in world.duties.values() if one.report is None])
    if duty is None:
        return None
    who = walk.person()
    row = walk.duties[duty.pk]

    def effect(report: Any) -> None:
        lines = {walk.names[line.task_id]: line.pk for line in report.lines.all()}
        duty.report = Report(pk=report.pk, author=who, lines=lines)
        wanted = {
            name
            for name, task in world.tasks.items()
            if task.lead in {duty.unit, ""}
            and (
                task.state not in rules.STANDS_STILL
                or any(
                    one.task == name and one.unit == duty.unit and not one.is_paper
                    and one.day and duty.starts_on <= one.day < duty.ends_on
                    for one in world.entries
                )
            )
        }  # fmt: skip
        assert lines.keys() == wanted, f"the report has lines for {sorted(lines)}, not {sorted(wanted)}"

    return Move(
        who,
        rules.may_begin(world, who, duty),
        lambda: reports.open_report(actor=walk.actors[who], duty=row),
        effect,
        "report.begin",
        tables={"report", "line"},
        drawn=duty.unit,
    )


def _with_report(walk: Walk) -> Duty | None:
    return some(walk, [one for one in walk.world.duties.values() if one.report])


def report_save(walk: Walk) -> Move | None:
    duty = _with_report(walk)
    if duty is None or duty.report is None:
        return None
    report, who = duty.report, walk.person()
    is_full = walk.rng.random() < 0.8
    share = walk.rng.choice([None, Decimal(40), Decimal(75)]) if is_full else None
    line = LineData(self_rating="behind", result=FULL, obstacles="Mưa lũ.", declared_share=share,
                    declared_reason="Theo biên bản." if share else "")  # fmt: skip
    data = ReportData(summary=FULL if is_full else " ", lines=dict.fromkeys(report.lines.values(), line))

    def effect(_row: Any) -> None:
        report.is_complete, report.share = is_full, share
        if report.decision:
            report.decision.is_final = True

    return Move(
        who,
        rules.may_report(walk.world, who, "edit", duty),
        lambda: reports.save_report(actor=walk.actors[who], report=done.ProgressReport(pk=report.pk), data=data),
        effect,
        "report.save",
        own={("report", report.pk), *(("line", pk) for pk in report.lines.values())},
        drawn=f"{report.pk} {'full' if is_full else 'empty'} {share}",
    )


def _report_step(action: str, to: str) -> Step:
    def step(walk: Walk) -> Move | None:
        world, duty = walk.world, _with_report(walk)
        if duty is None or duty.report is None:
            return None
        report, who = duty.report, walk.person()
        reason = walk.rng.choice([REASON, REASON, REASON, " "])
        legal = rules.may_report(world, who, action, duty)
        legal = legal and (action != "submit" or report.is_complete)
        legal = legal and (action not in {"return", "reopen"} or bool(reason.strip()))
        is_stale = walk.rng.random() < 0.03
        service = {
            "submit": reports.submit_report, "recall": reports.recall_report, "accept": reports.accept_report,
            "return": reports.return_report, "undo": reports.undo_report, "reopen": reports.reopen_report,
        }[action]  # fmt: skip
        extra: dict[str, Any] = {"reason": reason} if action in {"return", "reopen"} else {}
        extra |= {"version": 0} if is_stale else {}

        def call() -> Any:
            if report.review == "accepted":
                walk.is_as_accepted(report)
            return service(actor=walk.actors[who], report=done.ProgressReport(pk=report.pk), **extra)

        def effect(row: Any) -> None:
            report.review = to
            report.decision = Decision(who, world.now) if action in {"accept", "return"} else None
            if action == "submit":
                report.sender = who
            report.cut_off = world.now if action == "accept" else None
            if action == "accept":
                walk.froze(duty, row)

        own = {("report", report.pk), *(("line", pk) for pk in report.lines.values())}
        tables = {"version"} if action in {"submit", "accept", "return", "reopen"} else set()
        tables |= TOTALS if action in {"accept", "undo", "reopen"} else set()  # a declared share
        return Move(
            who,
            legal and not is_stale,
            call,
            effect,
            f"report.{action}",
            own=own,
            tables=tables,
            drawn=f"{report.pk}{' stale' if is_stale else ''}",
        )

    step.__name__ = f"report_{action}"
    return step


def duty_step(action: str) -> Step:
    def step(walk: Walk) -> Move | None:
        world = walk.world
        duty: Duty = some(walk, list(world.duties.values()))
        who, reason = walk.person(), walk.rng.choice([REASON, REASON, ""])
        day = world.today + datetime.timedelta(walk.rng.choice([10, 10, -3]))
        legal = rules.may_duty(world, who, action, duty) and (action == "restore" or bool(reason))
        legal = legal and (action != "move" or (day >= world.today and day != duty.due_on))
        row, version = walk.duties[duty.pk], walk.version("duty", duty.pk)
        service = {
            "waive": services.waive_duty, "restore": services.restore_duty, "move": services.move_duty,
        }[action]  # fmt: skip
        extra: dict[str, Any] = {} if action == "restore" else {"reason": reason}
        extra |= {"due_on": day} if action == "move" else {}

        def effect(_row: Any) -> None:
            duty.is_waived = {"waive": True, "restore": False}.get(action, duty.is_waived)
            duty.due_on = day if action == "move" else duty.due_on

        return Move(
            who,
            legal,
            lambda: service(actor=walk.actors[who], duty=row, version=version, **extra),
            effect,
            f"duty.{action}",
            own={("duty", duty.pk)},
            drawn=f"{duty.pk}",
        )

    step.__name__ = f"duty_{action}"
    return step


REPORT_STEPS = [
    _report_step(action, to)
    for action, to in (
        ("submit", "submitted"), ("recall", "draft"), ("accept", "accepted"),
        ("return", "returned"), ("undo", "submitted"), ("reopen", "submitted"),
    )
]  # fmt: skip
