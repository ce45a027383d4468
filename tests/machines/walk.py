"""A walk: 50 steps by random people, each held against the rules, the totals, the frozen reports and the audit trail.

The ground is written once; each walk starts from it and is rolled back. A walk depends on its seed only.
"""

from __future__ import annotations

import copy
import datetime
import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import time_machine
from django.db import connection, transaction

from activities.models import Activity, Measurement, ProgressReport
from activities.services import due_cells
from activities.services.reports import content_of
from agreements.models import Programme, ProgrammeFigure, Tally
from agreements.services.results import task_figures
from core import audit
from core.exceptions import DomainError
from core.models import AuditEntry
from core.templatetags.ui import progress_bar
from tests.machines import rules, steps, sums
from tests.machines.ground import START, Ground, as_now
from tests.machines.rules import Decision, Duty, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEPS = 50
SECOND = datetime.timedelta(seconds=1)
# What is watched: name → (table, how a row says its state, its version).
WATCHED = {
    "activity": ("activities_activity", "review || '/' || occurrence", "version"),
    "measurement": (
        "activities_measurement",
        "review || CASE WHEN activity_id IS NULL THEN '' ELSE '+' END",
        "version",
    ),
    "report": ("activities_progressreport", "review", "version"),
    "line": ("activities_taskreport", "''", "0"),
    "version": ("activities_reportversion", "cause", "0"),
    "duty": ("activities_reportduty", "CASE WHEN waived_at IS NULL THEN 'asked' ELSE 'waived' END", "version"),
    "directive": ("activities_directive", "state", "version"),
    "deadline": ("agreements_taskdeadline", "state", "version"),
    "extension": ("agreements_extension", "state", "0"),
    "task": ("agreements_task", "state", "version"),
    "programme": ("agreements_programme", "status", "version"),
    "tally": ("agreements_tally", "''", "0"),
    "figure": ("agreements_programmefigure", "''", "0"),
    "daily": ("agreements_dailyfigure", "''", "0"),
    "user": ("core_user", "''", "0"),
    "membership": ("partners_membership", "''", "0"),
}
SNAPSHOT = " UNION ALL ".join(
    [f"SELECT '{name}', id, {state}, {version}, md5(t::text) FROM {table} t"
     for name, (table, state, version) in WATCHED.items()]
    + ["SELECT 'audit', 0, '', COALESCE(max(sequence), 0), '' FROM core_auditentry",
       "SELECT 'notice', 0, '', 0, count(*) || ':' || COALESCE(max(id), 0) FROM core_notification"]
)  # fmt: skip
STATEFUL = ("activity", "measurement", "report", "duty", "directive", "deadline", "extension", "task", "programme")
Row = tuple[str, int]
Rows = dict[Row, tuple[str, int, str]]


@dataclass
class Tried:
    """What happened over all walks of a test: it proves that the walks went everywhere."""

    reached: Counter[tuple[str, str]] = field(default_factory=Counter)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


class Walk:
    """One walk. Steps read its fields to draw what they do; `go` takes the steps."""

    def __init__(self, ground: Ground, seed: int, tried: Tried, length: int = STEPS) -> None:
        self.ground, self.seed, self.tried, self.length = ground, seed, tried, length
        self.rng, self.number = random.Random(seed), 0
        self.world = copy.deepcopy(ground.world)
        self.actors, self.bodies, self.tasks = ground.actors, ground.bodies, ground.tasks
        self.indicators, self.duties, self.programme = ground.indicators, ground.duties, ground.programme
        self.place, self.file = ground.cast.commune, ground.file
        self.names = {row.pk: name for name, row in ground.tasks.items()}
        self.kept: dict[int, str] = {}  # version → its hash
        self.taken: Counter[str] = Counter()
        self.trace: list[str] = []
        self.rows: Rows = {}

    # --- what steps ask for

    def person(self, likely: str = "") -> str:
        return likely if likely and self.rng.random() < 0.5 else self.rng.choice(list(rules.PEOPLE))

    def version(self, name: str, pk: int) -> int:
        return self.rows[name, pk][1]

    def programme_now(self) -> Programme:
        """The programme as a view would load it."""
        return as_now(self.programme, status=self.world.status)

    def task_now(self, name: str) -> Any:
        return as_now(self.tasks[name], state=self.world.tasks[name].state, programme=self.programme_now())

    def indicator_now(self, name: str) -> Any:
        return as_now(self.indicators[name], task=self.task_now("A"))

    def decisions(self) -> Iterator[Decision]:
        found = [entry.decision for entry in self.world.entries]
        found += [task.deadline.decision for task in self.world.tasks.values() if task.deadline]
        found += [duty.report.decision for duty in self.world.duties.values() if duty.report]
        return (decision for decision in found if decision)

    def pass_time(self, passed: datetime.timedelta) -> None:
        self.world.now += passed
        self.clock.move_to(self.world.now)

    # --- frozen reports

    def froze(self, duty: Duty, row: Any) -> None:
        """Hold what a report froze against the entries it counts, and keep how it reads."""
        report = duty.report
        assert report is not None
        for line in row.lines.all():
            wanted, found = sums.line(self.world, duty, self.names[line.task_id]), line.figures
            have = {name: found[name] for name in ("activities", "pending", "same_activities", *sums.COUNTS)}
            for one in found["indicators"]:
                name = next(n for n, indicator in self.indicators.items() if indicator.pk == one["indicator_id"])
                for span in ("period", "same", "year", "target"):
                    have[f"{name}.{span}"] = None if one[span] is None else Decimal(one[span])
            for name, value in wanted.items():
                fits = have[name] in value if isinstance(value, set) else have[name] == value
                assert fits, f"frozen {name} of {self.names[line.task_id]} is {have[name]}, the entries say {value}"
        report.content = self._read(report)

    def is_as_accepted(self, report: Report) -> None:
        """An accepted report reads to the last byte as on the day it was accepted."""
        assert self._read(report) == report.content, f"report {report.pk} changed after it was accepted"

    def _read(self, report: Report) -> str:
        return json.dumps(content_of(ProgressReport.objects.get(pk=report.pk)), sort_keys=True, default=str)

    # --- walking

    def go(self, *, also: dict[int, Callable[[Walk], None]] | None = None) -> None:
        """Take the steps and roll them back. also: number of a step → what else is tried after it (and rolled back)."""
        with time_machine.travel(START, tick=False) as self.clock, transaction.atomic():
            try:
                self.rows = self.snapshot()
                due_cells.count_due_work()
                for number in range(1, self.length + 1):
                    self.number = number
                    self.pass_time(SECOND)
                    self._take(*self._draw())
                    if also and self.number in also:
                        also[self.number](self)
                self._check_everything()
            except Exception as fault:  # a database that had to refuse is a fault of the service before it
                raise AssertionError(self._told(fault)) from fault
            finally:
                transaction.set_rollback(True)

    def _told(self, fault: Exception) -> str:
        replay = f"WALK_SEED={self.seed} .venv/bin/pytest -q tests/test_state_machines.py -k walks"
        return "\n".join(["", f"seed {self.seed}, replay: {replay}", *self.trace, f"  → {fault!r}"])

    def _draw(self) -> tuple[str, steps.Move]:
        """Mostly a step that must succeed, of those taken least; else anything by anybody."""
        if self.rng.random() < 0.72:
            for step in sorted(steps.STEPS, key=self._turn):
                for _turn in range(12):
                    move = step(self)
                    if move and move.legal:
                        return step.__name__, move
        while True:
            step = self.rng.choices(list(steps.STEPS), list(steps.STEPS.values()))[0]
            if move := step(self):
                return step.__name__, move

    def _turn(self, step: steps.Step) -> float:
        return (self.taken[step.__name__] + self.rng.random() * 2) / steps.STEPS[step]

    def _take(self, name: str, move: steps.Move) -> None:
        self.trace.append(f"{self.number:3} {name} {move.drawn} by {move.who}: {'' if move.legal else 'not '}allowed")
        waiting = len(connection.run_on_commit)
        try:
            result = move.call()
        except DomainError as error:
            assert not move.legal, f"refused: {error.message}"
            assert not any(self.differing()), f"refused, yet it wrote {sorted(self.differing())}"
            self.tried.refused[name] += 1
            return
        assert move.legal, "it should have been refused"
        callbacks, connection.run_on_commit[waiting:] = connection.run_on_commit[waiting:], []
        for _sids, act, _robust in callbacks:
            act()
        move.effect(result)
        self.taken[name] += 1
        self.tried.done[name] += 1
        before = self.rows
        changed = self.differing()
        self._check_scope(move, changed)
        self._check_states(before)
        self._check_audit(move, before)
        if "figure" in move.tables:
            self._check_totals()
        assert not [*due_cells.differences()], "due work changed and left no mark"
        due_cells.count_due_work()

    def snapshot(self) -> Rows:
        with connection.cursor() as cursor:
            cursor.execute(SNAPSHOT)
            return {(name, pk): (state, version, digest) for name, pk, state, version, digest in cursor.fetchall()}

    def differing(self) -> set[Row]:
        """Read all rows again and return those that are not as they were."""
        before, self.rows = self.rows, self.snapshot()
        return {key for key in before.keys() | self.rows.keys() if before.get(key) != self.rows.get(key)}

    def _check_scope(self, move: steps.Move, changed: set[Row]) -> None:
        """Nothing else changed: no other entry, no accepted report, no kept version."""
        free = {"audit", "notice"}
        wrong = {key for key in changed if key[0] not in free | move.tables and key not in move.own}
        assert not wrong, f"it also changed {sorted(wrong)}"
        for (name, pk), (_state, _version, digest) in self.rows.items():
            if name == "version":
                assert self.kept.setdefault(pk, digest) == digest, f"the kept version {pk} changed"

    def _check_states(self, before: Rows) -> None:
        """Every state is the one of the model; count where the step came from and went."""
        world, wanted = self.world, {}
        for entry in world.entries:
            state = entry.review if entry.is_paper else f"{entry.review}/{entry.occurrence}"
            wanted["measurement" if entry.is_paper else "activity", entry.pk] = state
        for duty in world.duties.values():
            wanted["duty", duty.pk] = "waived" if duty.is_waived else "asked"
            if duty.report:
                wanted["report", duty.report.pk] = duty.report.review
        for task in world.tasks.values():
            wanted["task", task.pk] = task.state
            if task.deadline:
                wanted["deadline", task.deadline.pk] = task.deadline.state
        wanted |= {("directive", one.pk): one.state for one in world.directives}
        wanted |= {("extension", one.pk): one.state for one in world.extensions if one.pk}
        wanted["programme", self.programme.pk] = world.status
        have = {key: row[0] for key, row in self.rows.items() if key[0] in STATEFUL and not row[0].endswith("+")}
        given = {key for key in have if key[0] == "extension" and key not in wanted}  # by an officer, unasked
        assert all(have.pop(key) == "granted" for key in given)
        assert have == wanted, f"states differ: {dict(have.items() ^ wanted.items())}"
        for key in before.keys() | self.rows.keys():
            was, now = before.get(key, ("",))[0], self.rows.get(key, ("",))[0]
            if key[0] in STATEFUL and was != now:
                for machine, old, new in zip((key[0], "occurrence"), was.split("/"), now.split("/"), strict=False):
                    if old != new:
                        self.tried.left[machine, old.rstrip("+")] += 1
                        self.tried.reached[machine, new.rstrip("+")] += 1

    def _check_audit(self, move: steps.Move, before: Rows) -> None:
        """Exactly one entry, in the name of who acted."""
        since = before["audit", 0][1]
        rows = AuditEntry.objects.filter(sequence__gt=since).values_list("action", "user_id", "role")
        actor = self.actors[move.who]
        wanted = [(move.logs, actor.user.pk, actor.role)] if move.logs else []
        assert list(rows) == wanted, f"the audit trail says {list(rows)}, not {wanted}"

    def _check_totals(self) -> None:
        """Tally and ProgrammeFigure are the sums of the accepted entries; what is drawn lies between 0 and 100 %."""
        names = {row.pk: name for name, row in self.indicators.items()} | {None: ""}
        units = {row.pk: name for name, row in self.bodies.items()}
        have = {
            (self.names[r.task_id], r.measure, names[r.indicator_id], units[r.unit_id], r.locality_id is not None,
             r.month): (r.sum, r.count, r.max, r.latest, r.latest_on)
            for r in Tally.objects.filter(count__gt=0)
        }  # fmt: skip
        wanted = sums.tallies(self.world)
        assert have == wanted, f"totals differ: stored {have}, accepted {wanted}"
        figure = ProgrammeFigure.objects.get(programme=self.programme)
        for name, value in sums.programme(self.world, figure.computed_on).items():
            stored = getattr(figure, name)
            if isinstance(value, Decimal):
                value, stored = round(value, 5), None if stored is None else round(stored, 5)
                assert stored is not None and abs(value - stored) <= Decimal("0.00001"), (
                    f"{name}: {stored}, not {value}"
                )
            else:
                assert stored == value, f"{name} of the programme is {stored}, not {value}"
        for name in ("progress", "expected", "elapsed"):
            share = getattr(figure, name)
            assert share is None or 0 <= share <= 1, f"{name} of the programme is {share}"

    def _check_everything(self) -> None:
        """At the end of a walk: totals, frozen reports, drawn bars, audit chain, reviewers, all constraints."""
        self._check_totals()
        for duty in self.world.duties.values():
            if duty.report and duty.report.review == "accepted":
                self.is_as_accepted(duty.report)
        for totals in task_figures(self.tasks.values()).values():
            done = totals.figure.progress
            bar = progress_bar(done=None if done is None else done * 100, elapsed=50, behind=True)
            for place in re.findall(r'(?:x|x1|width)="([-\d.]+)%"', bar):
                assert 0 <= float(place) <= 100, f"a bar is drawn as {bar}"
        assert audit.first_broken() is None, "the audit chain is broken"
        for model in (Activity, Measurement, ProgressReport):
            for row in model.objects.exclude(reviewed_by=None):
                assert row.reviewed_by_id not in {row.author_id, getattr(row, "submitted_by_id", None)}
        apart = [row for row in Measurement.objects.exclude(activity=None).select_related("activity")
                 if (row.review, row.reviewed_by_id) != (row.activity.review, row.activity.reviewed_by_id)]  # fmt: skip
        assert not apart, f"values stand apart from their activity: {apart}"
        connection.check_constraints()
