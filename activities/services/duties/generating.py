"""Writing duties as planned: one programme at a time under a lock, nothing twice, an audit entry with counts."""

from __future__ import annotations

import datetime
import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from activities.models import ProgressReport, ReportDuty
from activities.services.duties.planning import Plan, plan_duties, review_due, touched
from agreements.figures.periods import LONGEST_SHIFT, due_date, parse_rule, period_number
from agreements.models import Milestone, Programme, ReportingRule
from core import audit
from core.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreements.figures.periods import WorkingDays
    from core.models import Actor

log = logging.getLogger(__name__)
NIGHTLY = "duty.nightly"


@transaction.atomic
def regenerate(*, actor: Actor | None, programme: Programme, today: datetime.date | None = None) -> Plan:
    """Bring the duties of a programme in step with its rules, period, parties and milestones; returns what was done.

    Safe to repeat: a second run finds nothing to do. Two runs at once wait for each other. actor None: by itself.
    """
    row = Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)
    list(ReportDuty.objects.select_for_update(of=("self",)).filter(programme=row).order_by("pk"))
    plan = plan_duties(row, today=today)
    if plan.is_empty:
        return plan
    gone = [duty.pk for duty in plan.removed]
    ProgressReport.objects.filter(duty__in=gone).delete()  # empty drafts only: others keep their duty
    ReportDuty.objects.filter(pk__in=gone).delete()
    for duty, wanted in plan.changed:
        ReportDuty.objects.filter(pk=duty.pk).update(version=F("version") + 1, **wanted.values)
    ReportDuty.objects.bulk_create(
        ReportDuty(
            programme=row,
            committee_id=one.committee_id,
            unit_id=one.unit_id,
            kind=one.kind,
            period=one.period,
            **one.values,
        )
        for one in plan.added
    )
    audit.log(actor, "duty.generate", row, detail=plan.counts)
    return plan


def keep_in_step(*, actor: Actor | None, programme_id: int) -> None:
    """Regenerate after a change of the programme, its parties, tasks or milestones (settings.PROGRAMME_CHANGED)."""
    programme = Programme.objects.filter(pk=programme_id).first()
    if programme is not None and (programme.reporting_rules.exists() or programme.report_duties.exists()):
        regenerate(actor=actor, programme=programme)


def generate_all(*, today: datetime.date | None = None, force: bool = False) -> dict[str, int] | None:
    """Regenerate the duties of every programme being carried out, once a day; None where that was already done today.

    A programme that fails is logged and does not keep the others from being done. The caller holds a lock.
    """
    today = today or timezone.localdate()
    last = AuditEntry.objects.filter(object_type="", object_id="", action=NIGHTLY).order_by("-sequence").first()
    if last is not None and not force and last.detail.get("day") == today.isoformat():
        return None
    totals = {"programmes": 0, "added": 0, "changed": 0, "removed": 0, "failed": 0}
    with_rules = ReportingRule.objects.filter(programme__status__in=Programme.LIVE)
    for programme in Programme.objects.filter(pk__in=with_rules.values("programme")).order_by("pk").iterator():
        try:
            counts = regenerate(actor=None, programme=programme, today=today).counts
        except Exception:
            log.exception("duties of programme %s were not generated", programme.pk)
            totals["failed"] += 1
            continue
        totals["programmes"] += 1
        for name in ("added", "changed", "removed"):
            totals[name] += counts[name]
    audit.log(None, NIGHTLY, detail={"day": today.isoformat(), **totals})
    return totals


def moved_by_calendar(days: WorkingDays, changed: Iterable[datetime.date]) -> list[tuple[ReportDuty, datetime.date]]:
    """Return the duties that another calendar moves, each with its new due date, earliest first.

    changed: the days on which the calendar differs; a due date farther from them than the longest shift stays.
    """
    near, reach = Q(pk__in=[]), datetime.timedelta(days=LONGEST_SHIFT)
    for day in changed:
        near |= Q(due_on__range=(day - reach, day + reach))
    rows = ReportDuty.objects.filter(near, rule__isnull=False, programme__status__in=Programme.LIVE)
    duties = list(rows.exclude(touched()).select_related("rule", "programme", "unit"))
    reviews = Milestone.objects.filter(programme__in={duty.programme_id for duty in duties}).in_bulk()
    found = []
    for duty in duties:
        due_on = _due_under(duty, days, reviews)
        if due_on is not None and due_on != duty.due_on:
            found.append((duty, due_on))
    return sorted(found, key=lambda pair: (pair[1], pair[0].pk))


def _due_under(duty: ReportDuty, days: WorkingDays, reviews: dict[int, Milestone]) -> datetime.date | None:
    """Return when the rule of a duty makes it due under a calendar; None where the rule no longer asks for it."""
    try:
        rule = parse_rule(duty.rule.rule if duty.rule else {})
    except ValueError:
        return None
    due_on = None
    calendar = next((one for one in rule.calendars if one.kind == duty.kind), None)
    if calendar is not None:
        due_on = due_date(calendar, *period_number(duty.period), days)
    elif duty.period[1:].isdigit() and int(duty.period[1:]) in reviews and rule.review_days is not None:
        due_on = review_due(reviews[int(duty.period[1:])], rule.review_days, days)
    if due_on is None or (rule.since and max(due_on, duty.due_on) < rule.since):
        return None
    return due_on
