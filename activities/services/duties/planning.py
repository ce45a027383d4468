"""Which duties there should be, and what that changes; reads only, so a page can show it before it is saved.

A duty stays as it is once something rests on it: a report beyond an empty draft, a waiver, a day moved by an officer,
a reminder that was sent, or a request. All others follow the rule, the period, the parties and the milestones.
"""

from __future__ import annotations

import datetime
import logging
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from activities.models import Nudge, ProgressReport, ReportDuty, ReportVersion, Review, TaskReport
from activities.services.duties.succession import Heirs
from agreements.figures.periods import (
    BEFORE,
    LEADS,
    NAMED,
    Rule,
    WorkingDays,
    parse_rule,
    period_number,
    periods_between,
    shifted,
    window,
)
from agreements.models import Milestone, Party, Programme
from core.models import Holiday

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


log = logging.getLogger(__name__)
ONE_DAY = datetime.timedelta(days=1)
SHORTEST_REST = 28  # days
REVIEWS = {
    Milestone.Kind.INTERIM_REVIEW: ReportDuty.Kind.INTERIM,
    Milestone.Kind.FINAL_REVIEW: ReportDuty.Kind.FINAL,
}
# Committee id → (id of the stored rule, or None for one not yet stored; the rule).
Rules = dict[int, tuple[int | None, Rule]]
Key = tuple[int, int, str, str]  # committee, unit, kind, period: what the unique constraint of ReportDuty holds


@dataclass(frozen=True)
class Wanted:
    """A duty as it should be. `family`: the unit, those it took over from and those that take over from it."""

    committee_id: int
    unit_id: int
    kind: str
    period: str
    title: str
    rule_id: int | None
    starts_on: datetime.date
    ends_on: datetime.date
    due_on: datetime.date
    family: frozenset[int]

    @property
    def key(self) -> Key:
        """What must be there once."""
        return self.committee_id, self.unit_id, self.kind, self.period

    @property
    def values(self) -> dict[str, object]:
        """The columns that follow the rule."""
        names = ("rule_id", "title", "starts_on", "ends_on", "due_on")
        return {name: getattr(self, name) for name in names}


@dataclass
class Plan:
    """What a regeneration adds, changes and removes, and what stays because something rests on it."""

    added: list[Wanted] = field(default_factory=list)
    changed: list[tuple[ReportDuty, Wanted]] = field(default_factory=list)
    removed: list[ReportDuty] = field(default_factory=list)
    kept: list[ReportDuty] = field(default_factory=list)
    same: list[ReportDuty] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not (self.added or self.changed or self.removed)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each, for the page and the audit trail."""
        names = ("added", "changed", "removed", "kept")
        return {name: len(getattr(self, name)) for name in names}


def working_days(*, without: int | None = None, extra: Holiday | None = None) -> WorkingDays:
    """Return the calendar of days off and days worked; without one row and with another, to see what a change does."""
    rows = [row for row in Holiday.objects.all() if row.pk != without]
    if extra is not None:
        rows.append(extra)
    return WorkingDays(
        off=frozenset(row.day for row in rows if row.kind == Holiday.Kind.OFF),
        worked=frozenset(row.day for row in rows if row.kind == Holiday.Kind.WORKED),
    )


def saved_rules(programme: Programme) -> Rules:
    """Return the stored rules of a programme; one that cannot be read is left out and logged."""
    found: Rules = {}
    for row in programme.reporting_rules.all():
        try:
            found[row.committee_id] = (row.pk, parse_rule(row.rule))
        except ValueError:
            log.exception("reporting rule %s cannot be read; its duties stay as they are", row.pk)
    return found


def touched() -> Q:
    """Return the condition that something rests on a duty, so that no rule moves it any more."""
    told = TaskReport.objects.filter(report=OuterRef("pk")).exclude(
        self_rating="", result="", obstacles="", proposals="", declared_share=None
    )
    begun = ProgressReport.objects.filter(duty=OuterRef("pk")).filter(
        ~Q(review=Review.DRAFT)
        | ~Q(summary="", obstacles="", proposals="", next_steps="")
        | Exists(told)
        | Exists(ReportVersion.objects.filter(report=OuterRef("pk")))
    )
    return (
        Q(kind=ReportDuty.Kind.ON_REQUEST)
        | Q(waived_at__isnull=False)
        | Q(moved_from__isnull=False)
        | Exists(Nudge.objects.filter(duty=OuterRef("pk")))
        | Exists(begun)
    )


def plan_duties(
    programme: Programme,
    *,
    rules: Rules | None = None,
    days: WorkingDays | None = None,
    today: datetime.date | None = None,
) -> Plan:
    """Return what regenerating the duties of a programme would do today, under its stored rules or those given.

    Duties reach to the end of next year. A period that has already run for others is not asked of a unit that joins
    later, and what a predecessor reported is not asked of its successor again.
    """
    today = today or timezone.localdate()
    rules = saved_rules(programme) if rules is None else rules
    wanted = {one.key: one for one in _wanted(programme, rules, days or working_days(), today)}
    plan = Plan()
    rows = ReportDuty.objects.filter(programme=programme).annotate(is_touched=touched())
    known: set[Key] = set()
    for duty in rows.select_related("unit").order_by("due_on", "pk"):
        key: Key = (duty.committee_id, duty.unit_id, duty.kind, duty.period)
        known.add(key)
        should = wanted.get(key)
        if duty.is_touched:  # type: ignore[attr-defined]  # annotated
            plan.kept.append(duty)
        elif should is not None and max(duty.due_on, should.due_on) >= _since(programme, rules, duty, today):
            different = any(getattr(duty, name) != value for name, value in should.values.items())
            plan.changed.append((duty, should)) if different else plan.same.append(duty)
        elif should is None and duty.due_on >= _since(programme, rules, duty, today):
            plan.removed.append(duty)
        else:
            plan.kept.append(duty)
    plan.added = list(_missing(plan, wanted, known, rules, today))
    return plan


def _since(programme: Programme, rules: Rules, duty: ReportDuty, today: datetime.date) -> datetime.date:
    """The first due date that follows the rules; without a rule, or after the end, what is overdue stays owed."""
    if programme.status in {Programme.Status.DRAFT, Programme.Status.SIGNED}:
        return datetime.date.min
    if programme.status not in Programme.LIVE or duty.committee_id not in rules:
        return today
    return rules[duty.committee_id][1].since or datetime.date.min


def _missing(
    plan: Plan, wanted: Mapping[Key, Wanted], known: set[Key], rules: Rules, today: datetime.date
) -> Iterator[Wanted]:
    held: dict[tuple[int, str, str], set[int]] = defaultdict(set)  # kept by units that would no longer be asked
    ran = set()  # periods somebody has already been held to
    for duty in plan.kept:
        ran.add((duty.committee_id, duty.kind, duty.period))
        if (duty.committee_id, duty.unit_id, duty.kind, duty.period) not in wanted:
            held[duty.committee_id, duty.kind, duty.period].add(duty.unit_id)
    left: dict[tuple[int, str, str], set[int]] = defaultdict(set)
    for duty in plan.removed:
        left[duty.committee_id, duty.kind, duty.period].add(duty.unit_id)
    for key, one in wanted.items():
        period = (one.committee_id, one.kind, one.period)
        since = rules[one.committee_id][1].since
        if key in known or (since and one.due_on < since) or held[period] & one.family:
            continue
        joins_late = one.due_on < today and period in ran and not left[period] & one.family
        if not joins_late:
            yield one


def _wanted(programme: Programme, rules: Rules, days: WorkingDays, today: datetime.date) -> Iterator[Wanted]:
    """Every duty the rules ask for, up to the end of next year."""
    begun = [day for day in (programme.starts_on, programme.signed_on) if day]
    if programme.status not in Programme.LIVE or not begun or programme.ends_on is None or not rules:
        return
    first, last, horizon = max(begun), programme.ends_on, datetime.date(today.year + 1, 12, 31)
    units = {committee_id: _origins(programme, committee_id, rule) for committee_id, (_pk, rule) in rules.items()}
    heirs = Heirs(programme.field_of_work_id, {pk for ids in units.values() for pk in ids})
    for committee_id, (rule_id, rule) in rules.items():
        for kind, name, title, starts_on, ends_on, due_on in _slots(programme, rule, days, first, last):
            if due_on > horizon:
                continue
            for origin in units[committee_id]:
                for unit_id in heirs.on(origin, due_on):
                    yield Wanted(
                        committee_id,
                        unit_id,
                        kind,
                        name,
                        title,
                        rule_id,
                        starts_on,
                        ends_on,
                        due_on,
                        heirs.family(origin),
                    )


Slot = tuple[str, str, str, datetime.date, datetime.date, datetime.date]


def _slots(
    programme: Programme, rule: Rule, days: WorkingDays, first: datetime.date, last: datetime.date
) -> Iterator[Slot]:
    """(kind, period, title, first day, day after the last, due) of each report, whoever writes it.

    The last days of a programme that a calendar cuts off (15 to 31 December under one that closes on the 14th) are no
    report of their own, due a year later: the report for the final review holds them.
    """
    for calendar in rule.calendars:
        for period in periods_between(calendar, first, last, days):
            end = window(calendar, *period_number(period.name))[1]
            if period.ends_on < end and (period.ends_on - period.starts_on).days < SHORTEST_REST:
                continue
            yield calendar.kind, period.name, "", period.starts_on, period.ends_on, period.due_on
    if rule.review_days is None:
        return
    for milestone in programme.milestones.all():
        if milestone.kind not in REVIEWS:
            continue
        due_on = review_due(milestone, rule.review_days, days)
        if due_on > first:
            # the data of a review reach to the day it is reported, but not past the period
            ends_on = max(min(last, due_on), first) + ONE_DAY
            kind = REVIEWS[Milestone.Kind(milestone.kind)]
            yield kind, f"M{milestone.pk}", milestone.name, first, ends_on, due_on


def review_due(milestone: Milestone, review_days: int, days: WorkingDays) -> datetime.date:
    """Return when the report for a review is due: so many days before it, on a working day."""
    return shifted(milestone.due_on - datetime.timedelta(days=review_days), BEFORE, days)


def _origins(programme: Programme, committee_id: int, rule: Rule) -> list[int]:
    """The units as signed, assigned or named, in a fixed order; the committee does not report to itself."""
    if rule.reporters == NAMED:
        found = set(rule.units)
    elif rule.reporters == LEADS:
        found = {task.lead_id for task in programme.tasks.live() if task.lead_id}
    else:
        parties = programme.parties.exclude(role=Party.Role.WITNESS)
        found = set(parties.values_list("organisation_id", flat=True))
    return sorted(found - {committee_id, programme.owner_id})
