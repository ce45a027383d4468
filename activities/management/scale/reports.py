"""What units owed and handed in: rules, duties, reports with their lines and frozen figures."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from activities.management.demo.duties import YEARLY
from activities.management.demo.reports import NEXT, NOTE, OBSTACLES, PROPOSALS, RETURN, SUMMARY
from activities.management.scale.world import moment
from activities.models import ProgressReport, Rating, ReportDuty, ReportVersion, TaskReport
from activities.services.duties.planning import SHORTEST_REST, working_days
from activities.services.reports.figures import IndicatorLine, LineFigures
from agreements.figures.periods import (
    PRESETS,
    Rule,
    Window,
    parse_rule,
    period_number,
    periods_between,
    rule_data,
    window,
    year_earlier,
)
from agreements.models import Programme, ReportingRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from activities.management.scale.signed import Job, Measured, Signed
    from activities.management.scale.work import Deed, Done, Reading
    from activities.management.scale.world import World
    from agreements.figures.periods import ReportPeriod, WorkingDays

CADENCES = (YEARLY, YEARLY, YEARLY, PRESETS["half_year"], PRESETS["half_year"], PRESETS["quarter"], None)


@dataclass(frozen=True)
class Slot:
    """One duty before it is written."""

    unit: int
    kind: str
    period: ReportPeriod


class Reports:
    """Writes the reporting of one programme after the other."""

    def __init__(self, world: World) -> None:
        """Read the days off once."""
        self.world = world
        self.days: WorkingDays = working_days()

    def write(self, signed: Signed, done: Done) -> None:
        """Write the rule of a programme, its duties to the end of next year, and the reports that answer them."""
        world, shape = self.world, signed.shape
        cadence = world.random.choice(CADENCES)
        if cadence is None or shape.status not in Programme.LIVE:
            return
        since = datetime.date(world.today.year - 1, 1, 1).isoformat()
        rule = parse_rule(cadence | {"reporters": "leads", "review_days": None, "since": since})
        rule_id = world.tables[ReportingRule].add(
            programme_id=signed.pk, committee_id=shape.office.pk, rule=rule_data(rule)
        )
        for slot in self._slots(signed, rule):
            duty = world.tables[ReportDuty].add(
                programme_id=signed.pk, rule_id=rule_id, committee_id=shape.office.pk, unit_id=slot.unit,
                kind=slot.kind, period=slot.period.name, starts_on=slot.period.starts_on,
                ends_on=slot.period.ends_on, due_on=slot.period.due_on,
            )  # fmt: skip
            state = self._state(slot)
            if state:
                self._report(signed, done, slot, duty, state)

    def _slots(self, signed: Signed, rule: Rule) -> Iterator[Slot]:
        """Yield what activities.services.duties.planning asks for under this rule."""
        shape = signed.shape
        first, last = max(shape.starts_on, shape.signed_on), shape.ends_on
        horizon = datetime.date(self.world.today.year + 1, 12, 31)
        units = sorted({job.lead.pk for job in signed.jobs if job.is_live})
        for calendar in rule.calendars:
            for period in periods_between(calendar, first, last, self.days):
                end = window(calendar, *period_number(period.name))[1]
                if period.ends_on < end and (period.ends_on - period.starts_on).days < SHORTEST_REST:
                    continue
                if rule.since and period.due_on >= rule.since and period.due_on <= horizon:
                    for unit in units:
                        yield Slot(unit, calendar.kind, period)

    def _state(self, slot: Slot) -> str:
        """Return the review of the report, "" where there is none: old ones are accepted, a few never came."""
        chance, age = self.world.random.random(), (self.world.today - slot.period.due_on).days
        if slot.period.ends_on > self.world.today:
            return ""
        if age <= 0:
            return "draft" if chance < 0.2 else "submitted" if chance < 0.3 else ""
        if age <= 30:
            return "submitted" if chance < 0.3 else "returned" if chance < 0.4 else "" if chance < 0.5 else "accepted"
        return "" if chance < 0.03 else "accepted"

    def _report(self, signed: Signed, done: Done, slot: Slot, duty: int, state: str) -> None:
        world, rnd, office = self.world, self.world.random, signed.shape.office
        author = next(job.lead.reporter for job in signed.jobs if job.lead.pk == slot.unit)
        sent_on = min(world.today, slot.period.due_on - datetime.timedelta(days=rnd.randint(-3, 4)))
        judged_on = min(world.today, sent_on + datetime.timedelta(days=rnd.randint(0, 6)))
        decided = state in {"accepted", "returned"}
        reviewer = rnd.choice(office.officers) if decided else None
        texts = {
            "summary": rnd.choice(SUMMARY),
            "obstacles": rnd.choice(OBSTACLES) if rnd.random() < 0.4 else "",
            "proposals": rnd.choice(PROPOSALS) if rnd.random() < 0.3 else "",
            "next_steps": NEXT,
        }
        sent, judged = moment(sent_on, 15), moment(judged_on, 17)
        lines = self._lines(signed, done, slot, state)
        note = NOTE if state == "accepted" else ""
        report = world.tables[ProgressReport].add(
            duty_id=duty, author_id=author, acting_for_id=slot.unit, review=state, **texts,
            submitted_by_id=None if state == "draft" else author, submitted_at=None if state == "draft" else sent,
            reviewed_at=judged if decided else None, reviewed_by_id=reviewer, reviewer_note=note,
            return_reason=RETURN if state == "returned" else "", cut_off=judged if state == "accepted" else None,
            figures={"activities": sum(line["figures"]["activities"] for line in lines)} if state == "accepted" else {},
            created_at=sent, updated_at=judged,
        )  # fmt: skip
        for position, line in enumerate(lines, start=1):
            shown = {name: line[name] for name in ("self_rating", "reviewer_rating", "result", "obstacles")}
            world.tables[TaskReport].add(
                report_id=report, task_id=line["task"], position=position, **shown,
                figures=line["figures"] if state == "accepted" else {},
            )  # fmt: skip
        if state == "draft":
            return
        content = {"duty": _words(slot.kind, slot.period.name), **texts, "reviewer_note": "", "cut_off": None}
        steps = [("submitted", author, sent, "")]
        if decided:
            steps.append((state, reviewer, judged, note or RETURN))
        for number, (cause, user, made_at, reason) in enumerate(steps, start=1):
            final = {"reviewer_note": note, "cut_off": judged} if cause == "accepted" else {}
            kept = [line if cause == "accepted" else line | {"reviewer_rating": ""} for line in lines]
            world.tables[ReportVersion].add(
                report_id=report, number=number, cause=cause, reason=reason, made_by_id=user, made_at=made_at,
                content=content | {"review": cause, "lines": kept} | final,
            )  # fmt: skip

    def _lines(self, signed: Signed, done: Done, slot: Slot, state: str) -> list[dict[str, Any]]:
        """Return the lines of a report as ReportVersion keeps them: one for each task the unit has a part in."""
        now = (slot.period.starts_on, slot.period.ends_on)
        before = year_earlier(now)
        found = []
        for job in signed.jobs:
            deeds = [deed for deed in done.deeds[job.pk] if deed.unit == slot.unit]
            mine = slot.unit == job.lead.pk or any(one.pk == slot.unit for one in job.supporting)
            if not mine or not (job.is_live or any(_within(deed.day, now) for deed in deeds)):
                continue
            figures = _figures(signed, job, deeds, done, slot.unit, now, before)
            rating = _rating(figures)
            found.append({
                "task": job.pk, "title": job.title, "self_rating": rating,
                "declared_reason": "", "declared_share": None,
                "reviewer_rating": rating if state == "accepted" else "", "proposals": "",
                "result": f"Đã tổ chức {figures.activities} hoạt động." if figures.activities else "",
                "obstacles": OBSTACLES[0] if rating == Rating.BEHIND else "", "figures": figures.to_json(),
            })  # fmt: skip
        return found


def _within(day: datetime.date, window: Window) -> bool:
    return window[0] <= day < window[1]


def _figures(
    signed: Signed, job: Job, deeds: list[Deed], done: Done, unit: int, now: Window, before: Window
) -> LineFigures:
    """Return what activities.services.reports.figures reads from the database, from what was just written."""
    accepted = [deed for deed in deeds if deed.review == "accepted" and _within(deed.day, now)]

    def total(name: str) -> int | None:
        values = [value for deed in accepted if (value := getattr(deed, name)) is not None]
        return sum(values) if values else None

    return LineFigures(
        activities=len(accepted),
        pending=sum(deed.review == "submitted" and _within(deed.day, now) for deed in deeds),
        persons=total("persons"),
        households=total("households"),
        turns=total("turns"),
        value=total("value"),
        same_activities=sum(deed.review == "accepted" and _within(deed.day, before) for deed in deeds),
        indicators=tuple(_line(signed, one, done.readings[one.pk], unit, now, before) for one in job.indicators),
    )


def _line(
    signed: Signed, one: Measured, readings: list[Reading], unit: int, now: Window, before: Window
) -> IndicatorLine:
    last = now[1] - datetime.timedelta(days=1)
    rows = [reading for reading in readings if reading.is_accepted and reading.unit == unit]
    year = (datetime.date(last.year, 1, 1), now[1])

    def value(window: Window) -> Decimal | None:
        inside = [reading for reading in rows if _within(reading.day, window)]
        if not inside:
            return None
        if one.is_added:
            return sum((reading.value for reading in inside), Decimal(0)).quantize(Decimal("0.0001"))
        return max(inside, key=lambda reading: (reading.day, reading.pk)).value.quantize(Decimal("0.0001"))

    target = one.targets.get(last.year)
    return IndicatorLine(
        indicator_id=one.pk,
        name=one.row.name,
        unit=one.row.unit,
        precision=one.row.precision,
        is_added=one.is_added,
        period=value(now),
        same=value(before),
        year=value(year),
        target=None if target is None else Decimal(str(target)).quantize(Decimal("0.0001")),
    )


def _rating(figures: LineFigures) -> str:
    """Return how a unit would judge the task."""
    if not figures.has_data:
        return str(Rating.NOTHING)
    share = max((line.share for line in figures.indicators if line.share is not None), default=None)
    if share is None:
        return str(Rating.ON_TRACK)
    return str(Rating.REACHED if share >= 1 else Rating.ON_TRACK if share >= Decimal("0.4") else Rating.BEHIND)


@lru_cache(1_000)
def _words(kind: str, period: str) -> str:
    return str(ReportDuty(kind=kind, period=period))
