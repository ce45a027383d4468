"""Activities, measurements and evidence of the demo."""

from __future__ import annotations

import calendar
import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from activities.management.demo import catalogue, photos
from activities.management.demo.programmes import POVERTY_RATES, PROGRAMMES
from activities.management.demo.world import MERGER, RETURNS, VILLAGES, Day, World, at
from activities.models import Activity, Evidence, Measurement, Review
from agreements.models import Indicator, Programme, Task

if TYPE_CHECKING:
    from activities.management.demo.catalogue import DemoIndicator, DemoProgramme, DemoTask


def write_results(world: World, programme_row: DemoProgramme, programme: Programme, row: DemoTask, task: Task) -> int:
    """Write activities with measurements and evidence, year by year up to today; returns how many activities."""
    if row.code == "P2.5":
        write_poverty_rates(world, task)
        return 0
    if not row.a_year:
        return 0
    share = row.share if row.share is not None else programme_row.share * world.random.uniform(0.96, 1.05)
    indicators = list(task.indicators.all())
    count = 0
    for year in range(max(programme.starts_on.year, 2021), min(programme.ends_on, world.today).year + 1):
        days = _days(world, programme_row, row, year)
        if not days:
            continue
        portions = [_portions(world, shape, year, share, days, programme) for shape in row.indicators]
        for position, day in enumerate(days):
            values = {
                indicator: (shape, portion[position])
                for indicator, shape, portion in zip(indicators, row.indicators, portions, strict=True)
                if portion[position] is not None
            }
            write_activity(world, row, task, day, values)
            count += 1
    return count


def _days(world: World, programme_row: DemoProgramme, row: DemoTask, year: int) -> list[datetime.date]:
    end = min(world.today - datetime.timedelta(days=15), Day(programme_row.ends))  # newer ones: write_recent
    silent = Day(programme_row.silent_from) if programme_row.silent_from else None
    days = []
    for position in range(row.a_year):
        month = row.months[position * len(row.months) // row.a_year]
        day = datetime.date(year, month, world.random.randint(2, calendar.monthrange(year, month)[1]))
        if Day(programme_row.starts) <= day <= end and (silent is None or day < silent):
            days.append(day)
    return sorted(days)


def _portions(
    world: World, shape: DemoIndicator, year: int, share: float, days: list[datetime.date], programme: Programme
) -> list[Decimal | None]:
    """Split what a year reached among its activities; a stock is given once, at the last one."""
    target = shape.after if year >= 2026 else shape.before
    if shape.each:
        return [Decimal(world.random.randint(shape.each // 2, shape.each * 3 // 2)) for _ in days]
    if shape.kind == "stock":
        value = Decimal(str(round(target * min(share, 1.1))))
        return [None] * (len(days) - 1) + [value]
    last = min(world.today, programme.ends_on)
    elapsed = 1.0 if year < last.year else last.timetuple().tm_yday / 365
    total = target * share * elapsed
    weights = [world.random.uniform(0.6, 1.4) for _ in days]
    step = Decimal(10) ** -shape.precision
    portions: list[Decimal | None] = []
    given = Decimal(0)
    for position in range(len(days)):
        upto = Decimal(str(total * sum(weights[: position + 1]) / sum(weights))).quantize(step, ROUND_HALF_UP)
        portions.append(upto - given if upto > given else None)
        given = max(given, upto)
    return portions


def write_activity(
    world: World,
    row: DemoTask,
    task: Task,
    day: datetime.date,
    values: dict[Indicator, tuple[DemoIndicator, Decimal | None]],
    *,
    review: str = Review.ACCEPTED,
    title: str = "",
    reason: str = "",
) -> Activity:
    """Write one activity with its measurements and, for most of the last year, pictures."""
    lead = "snnmt" if row.lead == "sldtbxh" and day >= datetime.date(2025, 3, 1) else row.lead
    unit, author = world.bodies[lead], world.people[catalogue.REPORTER_OF[lead]]
    commune = world.random.choice(world.old_communes if day < MERGER else world.communes)
    deed = title or world.random.choice(row.deeds).format(place=commune.name)
    shares = ", ".join(
        f"{str(value).replace('.', ',')} {shape.unit}" for shape, value in values.values() if value is not None
    )
    age = (world.today - day).days
    sent = at(min(day + datetime.timedelta(days=world.random.randint(1, 4)), world.today), 14)
    decided = min(sent + datetime.timedelta(days=world.random.randint(1, 6)), at(world.today, 7))
    reviewer = world.people["lan"] if author.username != "lan" else world.people["hung"]
    counted = {shape.counts: int(value) for shape, value in values.values() if shape.counts and value is not None}
    activity = Activity.objects.create(
        task=task,
        unit=unit,
        author=author,
        acting_for=unit,
        title=deed,
        starts_on=day,
        locality=commune,
        place=world.random.choice(VILLAGES),
        what_was_done=f"{deed}. Kết quả: {shares}." if shares else f"{deed}.",
        households=counted.get("households"),
        persons=counted.get("persons"),
        turns=counted.get("turns"),
        beneficiary_group=row.group_name,
        value=world.random.randint(3, 90) * 1_000_000 if world.random.random() < 0.6 else None,
        value_source=world.random.choice(["budget", "fund", "mobilised"]),
        review=review,
        submitted_at=sent if review != Review.DRAFT else None,
        reviewed_at=decided if review in {Review.ACCEPTED, Review.RETURNED} else None,
        reviewed_by=reviewer if review in {Review.ACCEPTED, Review.RETURNED} else None,
        return_reason=(reason or world.random.choice(RETURNS)) if review == Review.RETURNED else "",
        is_demo=True,
    )
    Measurement.objects.bulk_create(
        Measurement(
            task=task,
            indicator=indicator,
            activity=activity,
            unit=unit,
            author=author,
            acting_for=unit,
            locality=commune,
            as_of=day,
            value=value,
            review=review,
            submitted_at=activity.submitted_at,
            reviewed_at=activity.reviewed_at,
            reviewed_by=activity.reviewed_by,
        )
        for indicator, (_shape, value) in values.items()
        if value is not None
    )
    if age < 400 and world.random.random() < 0.7:  # some come without a photo
        for position in range(world.random.randint(1, 3)):
            Evidence.objects.create(
                activity=activity,
                file=photos.picture(author, world.random.randrange(photos.SCENES)),
                caption=commune.name,
                position=position + 1,
            )
    return activity


def write_recent(world: World) -> None:
    """Write what lies on the desks today: waiting, returned, half written."""
    rows = {row.code: row for programme in PROGRAMMES for row in programme.tasks}
    tasks = {task.code: task for task in Task.objects.select_related("programme")}
    for code, ago, review, title, value in catalogue.RECENT:
        task, row = tasks[code], rows[code]
        indicator = task.indicators.first()
        values = {indicator: (row.indicators[0], Decimal(value))} if indicator else {}
        write_activity(world, row, task, world.today - datetime.timedelta(days=ago), values, review=review, title=title)


def write_mistakes(world: World) -> None:
    """Write what reviewers meet and send back: a house reported twice, persons given where turns were counted."""
    rows = {row.code: row for programme in PROGRAMMES for row in programme.tasks}
    for code, ago, title, number, reason in catalogue.MISTAKES:
        task = Task.objects.select_related("programme").get(code=code)
        indicator, shape, day = task.indicators.all()[0], rows[code].indicators[0], world.today
        review = Review.RETURNED if reason else Review.ACCEPTED
        activity = write_activity(
            world, rows[code], task, day - datetime.timedelta(days=ago), {indicator: (shape, Decimal(number))},
            review=review, title=title, reason=reason,
        )  # fmt: skip
        if shape.counts == "turns":
            activity.persons, activity.turns = activity.turns, None
        activity.locality = world.communes[0]  # the same house stands in the same place
        activity.save()
        activity.measurements.update(locality=activity.locality)


def write_poverty_rates(world: World, task: Task) -> None:
    """Write the published rates: values from decisions, without an activity."""
    indicator = task.indicators.get()
    for day_text, rate in POVERTY_RATES:
        day = Day(day_text)
        if day > world.today:
            continue
        Measurement.objects.create(
            task=task,
            indicator=indicator,
            unit=world.bodies["snnmt"],
            author=world.people["hung"],
            acting_for=world.bodies["mttq"],
            as_of=day,
            value=Decimal(rate),
            source="Ủy ban nhân dân tỉnh công bố",
            review=Review.ACCEPTED,
            submitted_at=at(day, 9),
            reviewed_at=at(day, 10),
            reviewed_by=world.people["lan"],
        )
