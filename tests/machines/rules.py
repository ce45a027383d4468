"""Who may do what in which state, and what follows: written anew from the design, nothing of the product is imported.

A walk asks these rules before each step whether the step must succeed, and holds the product against the answer.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

UNDO = datetime.timedelta(minutes=5)
CARRIED_OUT = {"in_force", "suspended", "ended"}
STANDS_STILL = {"paused", "carried", "cancelled"}
# person → (role, body); one membership each
PEOPLE = {
    "lan": ("officer", "committee"),
    "hung": ("officer", "committee"),
    "hoa": ("leader", "committee"),
    "duc": ("administrator", "committee"),
    "minh": ("reporter", "health"),
    "mai": ("reporter", "health"),
    "tam": ("leader", "health"),
    "ngoc": ("reporter", "school"),
    "tuan": ("reporter", "stranger"),
    "phuong": ("officer", "other"),
}
PARTIES = {"committee", "health", "school"}
BODIES = (*sorted(PARTIES), "stranger", "other")

# state → how one stands to it → actions
ENTRY = {
    "draft": {"author": {"edit", "submit", "delete", "mark", "plan"}},
    "submitted": {"author": {"recall"}, "reviewer": {"accept", "return"}},
    "returned": {"author": {"edit", "submit", "mark"}, "decider": {"undo"}},
    "accepted": {"reviewer": {"revoke"}, "decider": {"undo"}},
}
REPORT = {
    "draft": {"author": {"edit", "submit"}},
    "submitted": {"author": {"recall"}, "reviewer": {"accept", "return"}},
    "returned": {"author": {"edit", "submit"}, "decider": {"undo"}},
    "accepted": {"reviewer": {"reopen"}, "decider": {"undo"}},
}
DIRECTIVE = {
    "issued": {"addressee": {"answer"}, "issuer": {"withdraw"}},
    "answered": {"issuer": {"close", "send_back", "withdraw"}},
    "closed": {},
    "withdrawn": {},
}
DEADLINE = {
    "open": {"lead": {"report", "ask"}, "keeper": {"report", "extend"}},
    "returned": {"lead": {"report", "ask"}, "keeper": {"report", "extend"}, "decider": {"undo"}},
    "awaiting": {"reviewer": {"confirm", "return"}},
    "done": {"decider": {"undo"}},
    "cancelled": {},
}


@dataclass
class Decision:
    """Who decided when; it can be undone until its notice leaves or somebody works on what it was about."""

    by: str
    at: datetime.datetime
    is_final: bool = False

    def may_be_undone(self, who: str, now: datetime.datetime) -> bool:
        return who == self.by and not self.is_final and now < self.at + UNDO


@dataclass
class Entry:
    """An activity with its quantities, or a value from a paper (is_paper)."""

    pk: int
    author: str
    task: str
    unit: str
    day: datetime.date | None
    place: bool = False
    is_paper: bool = False
    review: str = "draft"
    occurrence: str = "held"
    has_text: bool = True
    counts: dict[str, int] = field(default_factory=dict)
    values: dict[str, Decimal] = field(default_factory=dict)  # indicator → value
    decision: Decision | None = None


@dataclass
class Duty:
    pk: int
    unit: str
    starts_on: datetime.date
    ends_on: datetime.date
    due_on: datetime.date
    is_waived: bool = False
    report: Report | None = None


@dataclass
class Report:
    pk: int
    author: str
    lines: dict[str, int]  # task → its line
    sender: str = ""
    review: str = "draft"
    is_complete: bool = False
    share: Decimal | None = None
    cut_off: datetime.datetime | None = None
    content: str = ""  # as read by everybody since it was accepted
    decision: Decision | None = None


@dataclass
class Directive:
    pk: int
    unit: str
    state: str = "issued"
    answered_by: str = ""


@dataclass
class Deadline:
    pk: int
    due_on: datetime.date
    state: str = "open"
    done_on: datetime.date | None = None
    reported_by: str = ""
    has_file: bool = False
    decision: Decision | None = None


@dataclass
class Extension:
    pk: int
    deadline: str  # its task
    asked_by: str
    new_due_on: datetime.date
    state: str = "requested"


@dataclass
class Task:
    pk: int
    lead: str  # "" = every party
    state: str = "planned"
    deadline: Deadline | None = None
    weight: int = 1


@dataclass
class World:
    """Everything the rules look at."""

    now: datetime.datetime
    tasks: dict[str, Task]
    duties: dict[str, Duty]
    targets: dict[str, list[Decimal]]  # indicator → of each year
    status: str = "in_force"
    entries: list[Entry] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)

    @property
    def today(self) -> datetime.date:
        """The day in Vietnam."""
        return (self.now + datetime.timedelta(hours=7)).date()

    @property
    def is_open(self) -> bool:
        return self.status in CARRIED_OUT

    def stands(self, task: str) -> bool:
        """Whether work on the task stands still."""
        return self.status not in CARRIED_OUT or self.tasks[task].state in STANDS_STILL


def role_of(who: str) -> str:
    return PEOPLE[who][0]


def body_of(who: str) -> str:
    return PEOPLE[who][1]


def keeps(who: str) -> bool:
    """An officer or leader of the committee that owns the programme."""
    return body_of(who) == "committee" and role_of(who) in {"officer", "leader"}


def is_officer(who: str) -> bool:
    return role_of(who) == "officer" and body_of(who) == "committee"


def may_review(who: str, authors: set[str], by_front: bool) -> bool:
    """Officers of the committee, its leader for what the Front wrote; never who wrote or sent it."""
    return who not in authors and keeps(who) and (role_of(who) == "officer" or by_front)


def involved(world: World, task: str) -> set[str]:
    lead = world.tasks[task].lead
    return {lead} if lead else PARTIES


def may_log(world: World, who: str, task: str) -> bool:
    if world.stands(task):
        return False
    return is_officer(who) or (role_of(who) == "reporter" and body_of(who) in involved(world, task))


def may_write_for(world: World, who: str, unit: str) -> bool:
    """A reporter for the own unit, an officer for the committee or a partner of the programme."""
    return body_of(who) == unit if role_of(who) == "reporter" else unit in PARTIES


def freezes(world: World, entry: Entry) -> bool:
    """Whether an accepted report counts the entry."""
    return any(
        duty.report is not None
        and duty.report.review == "accepted"
        and duty.unit == entry.unit
        and entry.task in duty.report.lines
        and entry.day is not None
        and duty.starts_on <= entry.day < duty.ends_on
        for duty in world.duties.values()
    )


def may_entry(world: World, who: str, action: str, entry: Entry) -> bool:
    standings = set()
    if who == entry.author:
        standings.add("author")
    if may_review(who, {entry.author}, body_of(entry.author) == "committee"):
        standings.add("reviewer")
        if entry.decision and entry.decision.may_be_undone(who, world.now):
            standings.add("decider")
    if entry.review == "accepted" and freezes(world, entry):
        standings = set()  # neither taken back nor undone until that report is opened again
    table = ENTRY[entry.review]
    return world.is_open and any(action in table.get(one, ()) for one in standings)


def may_begin(world: World, who: str, duty: Duty) -> bool:
    for_unit = role_of(who) == "reporter" and body_of(who) == duty.unit
    return duty.report is None and not duty.is_waived and world.is_open and (for_unit or is_officer(who))


def may_report(world: World, who: str, action: str, duty: Duty) -> bool:
    report = duty.report
    if report is None or duty.is_waived or not world.is_open:  # what was let off is neither sent nor decided on
        return False
    authors = {report.author, report.sender}
    standings = set()
    if (role_of(who) == "reporter" and body_of(who) == duty.unit) or (is_officer(who) and who in authors):
        standings.add("author")
    if may_review(who, authors, body_of(report.author) == "committee"):
        standings.add("reviewer")
        if report.decision and report.decision.may_be_undone(who, world.now):
            standings.add("decider")
    return any(action in REPORT[report.review].get(one, ()) for one in standings)


def may_duty(world: World, who: str, action: str, duty: Duty) -> bool:
    answered = duty.report is not None and duty.report.review in {"submitted", "accepted"}
    allowed = {"restore"} if duty.is_waived else set() if answered else {"waive", "move"}
    return is_officer(who) and world.is_open and action in allowed


def may_directive(world: World, who: str, action: str, directive: Directive) -> bool:
    """Reporters and the leader of the unit answer, officers where the unit is the committee; nobody an own answer."""
    standings = set()
    roles = {"reporter", "leader", "officer"} if directive.unit == "committee" else {"reporter", "leader"}
    if body_of(who) == directive.unit and role_of(who) in roles:
        standings.add("addressee")
    if keeps(who) and who != directive.answered_by:
        standings.add("issuer")
    table = DIRECTIVE[directive.state]
    return world.is_open and any(action in table.get(one, ()) for one in standings)


def may_deadline(world: World, who: str, action: str, task: str) -> bool:
    deadline = world.tasks[task].deadline
    if deadline is None or world.stands(task):
        return False
    standings = set()
    if role_of(who) == "reporter" and body_of(who) == world.tasks[task].lead:
        standings.add("lead")
    if is_officer(who):
        standings.add("keeper")
    by_front = bool(deadline.reported_by) and body_of(deadline.reported_by) == "committee"
    if may_review(who, {deadline.reported_by}, by_front):
        standings.add("reviewer")
        if deadline.decision and deadline.decision.may_be_undone(who, world.now):
            standings.add("decider")
    return any(action in DEADLINE[deadline.state].get(one, ()) for one in standings)


def may_extension(world: World, who: str, extension: Extension) -> bool:
    deadline = world.tasks[extension.deadline].deadline
    return (
        is_officer(who)
        and who != extension.asked_by
        and extension.state == "requested"
        and not world.stands(extension.deadline)
        and deadline is not None
        and deadline.state not in {"done", "cancelled"}
    )


def asked(world: World, task: str) -> bool:
    """Whether a request for more time waits."""
    return any(one.deadline == task and one.state == "requested" for one in world.extensions)


def settle(task: Task) -> None:
    """The state of a task follows from its deadline, unless it stands still by decision."""
    if task.state in STANDS_STILL or task.deadline is None:
        return
    state = task.deadline.state
    if state == "done":
        task.state = "done"
    elif state == "awaiting":
        task.state = "awaiting"
    elif state in {"returned"} or task.state in {"awaiting", "done"}:
        task.state = "running"
