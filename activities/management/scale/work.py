"""What was done: activities with their measurements, in every state of review, by season; and published values."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from activities.management.demo.world import RETURNS, VILLAGES
from activities.management.scale.shapes import SCALE
from activities.management.scale.sizes import portions
from activities.management.scale.world import World, fold, moment
from activities.models import Activity, Contribution, Measurement
from agreements.models import Programme

if TYPE_CHECKING:
    from activities.management.scale.signed import Job, Measured, Signed
    from activities.management.scale.world import Place

FUNDING = ("budget", "fund", "mobilised")
# Days since an entry's day → share of each state, the rest is accepted: offices decide within weeks.
STATES_BY_AGE = (
    (10, (("submitted", 0.55), ("draft", 0.2), ("returned", 0.05))),
    (30, (("submitted", 0.1), ("returned", 0.06), ("draft", 0.04))),
    (90, (("returned", 0.02), ("draft", 0.01), ("submitted", 0.004))),
    (200, (("returned", 0.003), ("draft", 0.002))),
)
PICTURED_DAYS = 365  # evidence older than this is left out of the generated data


@dataclass(frozen=True, slots=True)
class Deed:
    """An activity that was written, as reports read it."""

    pk: int
    unit: int
    day: datetime.date
    review: str
    persons: int | None
    households: int | None
    turns: int | None
    value: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A measurement that was written; sorts by day, then id."""

    day: datetime.date
    pk: int
    unit: int
    value: Decimal
    is_accepted: bool


@dataclass
class Done:
    """What was written for the tasks of a programme, by the ids of tasks and of indicators."""

    deeds: dict[int, list[Deed]]
    readings: dict[int, list[Reading]]


def write_work(world: World, signed: Signed) -> Done:
    """Write as many activities as the shape asks for, oldest first in each task."""
    done = Done({job.pk: [] for job in signed.jobs}, {one.pk: [] for job in signed.jobs for one in job.indicators})
    weights = [job.row.a_year * (1.0 if job.is_live else 0.1) for job in signed.jobs]
    if not any(weights):
        weights = [1.0 for _job in signed.jobs]
    for job, count in zip(signed.jobs, portions(signed.shape.activities, weights), strict=True):
        for number, day in enumerate(_days(world, signed, job, count), start=1):
            ahead = (
                number == count and signed.shape.status == Programme.Status.IN_FORCE and world.random.random() < 0.25
            )
            (_write_plan if ahead else _write_activity)(world, signed, job, day, done)
        if signed.shape.has_begun:
            for one in job.indicators:
                if one.row.kind == "ratio":
                    _write_published(world, signed, job, one, done)
    return done


def _days(world: World, signed: Signed, job: Job, count: int) -> list[datetime.date]:
    """Return the days of the activities: in the months of the task, more in later years, none after the last."""
    first, last = signed.shape.starts_on, signed.shape.last_active
    months = [
        datetime.date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in job.row.months
        if first <= datetime.date(year, month, 1) <= last
    ] or [first]
    rnd, days = world.random, []
    while len(days) < count:
        month = months[int(len(months) * rnd.random() ** 0.85)]
        day = month + datetime.timedelta(days=int(rnd.random() * 28))
        days.append(day if day <= last else last)
    return sorted(days)


def _review(world: World, signed: Signed, day: datetime.date) -> str:
    """Return the state of an entry of that age: last week's mostly wait, old ones are mostly accepted."""
    chance, age = world.random.random(), (world.today - day).days
    if signed.shape.is_over:
        return "accepted"
    for days, shares in STATES_BY_AGE:
        if age <= days:
            for state, share in shares:
                if chance < share:
                    return state
                chance -= share
            break
    return "accepted"


def _value(world: World, signed: Signed, job: Job, one: Measured) -> Decimal:
    """Return what one activity brings to an indicator; a stock rises a little each time."""
    usual = one.row.each or one.row.after / max(1, job.row.a_year)
    number = max(1, round(usual * SCALE[signed.shape.office.level] * (0.5 + world.random.random())))
    if one.row.kind == "stock":
        one.level += max(1, number // 4)
        return one.level
    return Decimal(number)


def _write_activity(world: World, signed: Signed, job: Job, day: datetime.date, done: Done) -> None:
    rnd, office = world.random, signed.shape.office
    by = rnd.choice(job.supporting) if job.supporting and rnd.random() < 0.15 else job.lead
    place = rnd.choice(office.places)
    review = _review(world, signed, day)
    decided, accepted = review in {"accepted", "returned"}, review == "accepted"
    sent = min(day + datetime.timedelta(days=1 + int(rnd.random() * 4)), world.today)
    judged = min(sent + datetime.timedelta(days=int(rnd.random() * 9)), world.today)
    reviewer = rnd.choice(office.officers) if decided else None
    state = {
        "review": review,
        "submitted_at": None if review == "draft" else moment(sent, 14, int(rnd.random() * 60)),
        "reviewed_at": moment(judged, 16, int(rnd.random() * 60)) if decided else None,
        "reviewed_by_id": reviewer,
        "return_reason": rnd.choice(RETURNS) if review == "returned" else "",
    }
    values = [
        (one, _value(world, signed, job, one))
        for number, one in enumerate(job.indicators)
        if one.row.kind != "ratio" and rnd.random() < (0.85 if number == 0 else 0.5)
    ]
    counted = {one.row.counts: int(value) for one, value in values if one.row.counts}
    if not counted and rnd.random() < 0.3:
        counted["persons"] = 15 + int(rnd.random() * 180)
    money = int(rnd.random() * 87 + 3) * 1_000_000 if rnd.random() < 0.4 else None
    deed = rnd.choice(job.deeds).format(place=place.name)
    shown = ", ".join(f"{value} {one.row.unit}" for one, value in values)
    village = rnd.choice(VILLAGES)
    text = f"{deed}. Kết quả: {shown}." if shown else f"{deed}."
    pk = world.tables[Activity].add(
        task_id=job.pk, unit_id=by.pk, author_id=by.reporter, acting_for_id=by.pk, title=deed, starts_on=day,
        locality_id=place.pk, place=village, what_was_done=text, beneficiary_group=job.row.group_name,
        households=counted.get("households"), persons=counted.get("persons"), turns=counted.get("turns"), value=money,
        value_source=rnd.choice(FUNDING) if money else "", is_demo=True,
        search_text=f"{fold(deed)} {_folded_text(deed, shown)} {fold(village)}",
        created_at=moment(sent, 13), updated_at=moment(judged, 16), **state,
    )  # fmt: skip
    done.deeds[job.pk].append(
        Deed(pk, by.pk, day, review, counted.get("persons"), counted.get("households"), counted.get("turns"), money)
    )
    for one, value in values:
        reading = world.tables[Measurement].add(
            task_id=job.pk, indicator_id=one.pk, activity_id=pk, unit_id=by.pk, author_id=by.reporter,
            acting_for_id=by.pk, locality_id=place.pk, as_of=day, value=value, **state,
        )  # fmt: skip
        done.readings[one.pk].append(Reading(day, reading, by.pk, value, accepted))
        if accepted:
            one.total += value
    if money and rnd.random() < 0.1:
        _share(world, signed, pk, money, by.pk)
    if review != "draft" and (world.today - day).days < PICTURED_DAYS and rnd.random() < 0.5:
        world.pictures.append((pk, by.reporter))


def _folded_text(deed: str, shown: str) -> str:
    """Fold a text made of parts that return often, without folding the whole each time."""
    return f"{fold(deed)}. ket qua: {fold(shown)}." if shown else f"{fold(deed)}."


def _share(world: World, signed: Signed, activity: int, money: int, unit: int) -> None:
    """Write that the unit and the committee paid for one result together."""
    half = money // 2_000_000 * 1_000_000
    for position, (body, amount) in enumerate(((unit, money - half), (signed.shape.office.pk, half)), start=1):
        if amount:
            world.tables[Contribution].add(activity_id=activity, organisation_id=body, amount=amount, position=position)


def _write_plan(world: World, signed: Signed, job: Job, day: datetime.date, done: Done) -> None:
    """Write something that is still to come, sent to the committee or not yet."""
    rnd, by = world.random, job.lead
    place: Place = rnd.choice(signed.shape.office.places)
    deed, village = rnd.choice(job.deeds).format(place=place.name), rnd.choice(VILLAGES)
    on = min(world.today + datetime.timedelta(days=rnd.randint(2, 45)), signed.shape.ends_on)
    world.tables[Activity].add(
        task_id=job.pk, unit_id=by.pk, author_id=by.reporter, acting_for_id=by.pk, title=deed, starts_on=on,
        locality_id=place.pk, place=village, occurrence="planned", is_demo=True,
        plan_sent_at=moment(world.today - datetime.timedelta(days=3), 10) if rnd.random() < 0.7 else None,
        search_text=f"{fold(deed)} {fold(village)}",
    )  # fmt: skip


def _write_published(world: World, signed: Signed, job: Job, one: Measured, done: Done) -> None:
    """Write a published rate for each year that is over: a value without an activity, entered by an officer."""
    office, level = signed.shape.office, Decimal("10.29")
    for year in range(signed.shape.starts_on.year, min(signed.shape.last_active.year + 1, world.today.year)):
        level = (level * Decimal(str(0.8 + world.random.random() * 0.15))).quantize(Decimal("0.01"))
        day = datetime.date(year, 12, 31)
        reviewer = office.officers[1] if len(office.officers) > 1 else office.leader
        pk = world.tables[Measurement].add(
            task_id=job.pk, indicator_id=one.pk, unit_id=job.lead.pk, author_id=office.officers[0],
            acting_for_id=office.pk, as_of=day, value=level, source="Quyết định công bố (mẫu)", review="accepted",
            submitted_at=moment(day, 9), reviewed_at=moment(day, 10), reviewed_by_id=reviewer,
        )  # fmt: skip
        done.readings[one.pk].append(Reading(day, pk, job.lead.pk, level, is_accepted=True))
