"""The steps of a walk. Each function draws one at random, says by the rules whether it must succeed, and how to take it.

`moves` of a step: what it may change; every other row of the programme must stay byte for byte as it was.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from activities import models as done
from activities import services
from activities.services import ActivityData, MeasurementData, Quantity, reports
from activities.services.reports import LineData, ReportData
from agreements import models as signed
from agreements import services as agreements
from agreements.services.data import IndicatorData, TargetData, TaskData
from core import notices
from tests.machines import rules, sums
from tests.machines.rules import Decision, Deadline, Directive, Duty, Entry, Extension, Report

if TYPE_CHECKING:
    from tests.machines.walk import Walk

REASON = "Bổ sung danh sách người dự."
TOTALS = {"tally", "figure", "daily", "task"}
FULL = "Đã kiểm tra bốn bếp ăn."


@dataclass
class Move:
    """One step by one person. call: the service; effect: what the model does when it succeeded; own: the rows
    (table, id) it may change; tables: tables in which it may change or add any row; logs: its entry in the audit."""

    who: str
    legal: bool
    call: Callable[[], Any]
    effect: Callable[[Any], None]
    logs: str
    own: set[tuple[str, int]] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    drawn: str = ""  # for the trace


Step = Callable[["Walk"], "Move | None"]


def some(walk: Walk, rows: list[Any]) -> Any:
    return walk.rng.choice(rows) if rows else None


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


def _duty_step(action: str) -> Step:
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


def _deadline_step(action: str, to: str) -> Step:
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


def _extension_step(action: str, to: str) -> Step:
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


def task_stop(walk: Walk) -> Move | None:
    """Pause a task, carry it over, cancel it or resume it."""
    world, who, name = walk.world, walk.person("lan"), walk.rng.choice("ABC")
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


ENTRY_STEPS = [
    _entry_step(action, to)
    for action, to in (
        ("submit", "submitted"), ("recall", "draft"), ("accept", "accepted"),
        ("return", "returned"), ("revoke", "submitted"), ("undo", "submitted"),
    )
]  # fmt: skip
REPORT_STEPS = [
    _report_step(action, to)
    for action, to in (
        ("submit", "submitted"), ("recall", "draft"), ("accept", "accepted"),
        ("return", "returned"), ("undo", "submitted"), ("reopen", "submitted"),
    )
]  # fmt: skip
DIRECTIVE_STEPS = [
    _directive_step(action, to)
    for action, to in (
        ("answer", "answered"), ("close", "closed"), ("send_back", "issued"), ("withdraw", "withdrawn"),
    )
]  # fmt: skip
# How often each is drawn, in proportion.
STEPS: dict[Step, int] = {
    activity_save: 8, activity_delete: 1, activity_mark: 3, activity_plan: 2, paper_save: 5,
    **dict(zip(ENTRY_STEPS, (9, 2, 10, 4, 3, 3), strict=True)),
    report_begin: 3, report_save: 4, **dict(zip(REPORT_STEPS, (5, 2, 5, 2, 2, 2), strict=True)),
    _duty_step("waive"): 1, _duty_step("restore"): 2, _duty_step("move"): 1,
    directive_issue: 2, **dict(zip(DIRECTIVE_STEPS, (3, 1, 2, 1), strict=True)),
    deadline_report: 4, _deadline_step("confirm", "done"): 2, _deadline_step("return", "returned"): 2,
    _deadline_step("undo", "awaiting"): 1, deadline_extend: 1, extension_ask: 1, _extension_step("grant", "granted"): 1,
    _extension_step("refuse", "refused"): 1, task_stop: 1, task_target: 1, programme_move: 1, time_passes: 2,
}  # fmt: skip
