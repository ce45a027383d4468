"""Write the demo to an empty database: deterministic for a day, plausible, every state present.

Rows are written in bulk, then activities' `recount` and agreements' `refresh_figures` fill the totals, so that the
demo proves the same equality as real data.
"""

from __future__ import annotations

import calendar
import datetime
import random
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from activities.management.demo import catalogue, photos
from activities.management.demo.programmes import POVERTY_RATES, PROGRAMMES
from activities.models import Activity, Evidence, Measurement, Review
from agreements.models import (
    CodeCounter,
    ContentGroup,
    Goal,
    Indicator,
    LegalBasis,
    LegalDocument,
    LegalRelation,
    Milestone,
    Party,
    Programme,
    Target,
    Task,
    TaskDeadline,
)
from core import audit
from core.models import User
from partners.management.commands import load_localities
from partners.models import (
    FieldOfWork,
    Locality,
    Membership,
    Organisation,
    OrganisationEvent,
    OrganisationName,
    Succession,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from activities.management.demo.catalogue import DemoIndicator, DemoProgramme, DemoTask

Day = datetime.date.fromisoformat
MERGER = datetime.date(2025, 7, 1)
VILLAGES = ("xóm Đồng Tâm", "nhà văn hóa tổ 4", "xóm Bản Chang", "trường tiểu học", "trạm y tế", "hội trường Ủy ban")
RETURNS = ("Bổ sung danh sách người dự.", "Ghi rõ người hay lượt người.", "Bổ sung ảnh và biên bản.")


@dataclass
class World:
    """What has been written so far, by the keys of the catalogue."""

    today: datetime.date
    say: Callable[[str], None]
    random: random.Random
    bodies: dict[str, Organisation] = field(default_factory=dict)
    fields: dict[str, FieldOfWork] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    laws: dict[str, LegalDocument] = field(default_factory=dict)
    groups: dict[int, ContentGroup] = field(default_factory=dict)
    communes: list[Locality] = field(default_factory=list)
    old_communes: list[Locality] = field(default_factory=list)  # those of the former Thái Nguyên


def build(*, today: datetime.date, say: Callable[[str], None]) -> None:
    """Write everything in one transaction; the caller has checked that no real row exists."""
    world = World(today=today, say=say, random=random.Random(20260714))
    with transaction.atomic():
        write_places(world)
        write_bodies(world)
        write_people(world)
        write_laws(world)
        for row in PROGRAMMES:
            write_programme(world, row)
        write_recent(world)
        write_successor(world)
        audit.log(None, "demo.load", label="demo", detail={"as_of": today.isoformat()})


def write_places(world: World) -> None:
    """Write the province and its 92 units by their official codes."""
    world.say(f"{load_localities.load()} xã, phường")
    world.communes = list(Locality.objects.communes().order_by("code"))
    # Codes of the former Thái Nguyên; those below are of the former Bắc Kạn.
    world.old_communes = [unit for unit in world.communes if int(unit.code) >= 5400]


def write_bodies(world: World) -> None:
    """Write the bodies with their names and the real succession."""
    for key, (name, short, english, kind) in catalogue.BODIES.items():
        ended = catalogue.DISSOLVED.get(key)
        parent = world.bodies.get("mttq") if key == "vanphong" else None
        body = Organisation.objects.create(
            name=name,
            short_name=short,
            name_en=english,
            kind=kind,
            level=Organisation.Level.PROVINCE,
            parent=parent,
            status=Organisation.Status.DISSOLVED if ended else Organisation.Status.ACTIVE,
            ended_on=Day(ended) if ended else None,
            is_demo=True,
        )
        body.path = f"{parent.path if parent else '/'}{body.pk}/"
        body.save(update_fields=["path"])
        OrganisationName.objects.create(organisation=body, name=name, short_name=short)
        world.bodies[key] = body
    world.fields = {field.code: field for field in FieldOfWork.objects.all()}
    events: dict[tuple[str, str], OrganisationEvent] = {}
    for old, new, work, kind, day, note in catalogue.SUCCESSIONS:
        event = events.get((old, day))
        if event is None:
            event = events[old, day] = OrganisationEvent.objects.create(kind=kind, effective_on=Day(day), note=note)
        Succession.objects.create(
            event=event,
            predecessor=world.bodies[old],
            successor=world.bodies[new],
            field_of_work=world.fields[work] if work else None,
        )


def write_people(world: World) -> None:
    """Write the invented people; one hash for all, since the password is printed anyway."""
    password = make_password(catalogue.PASSWORD)
    for username, full_name, title, roles in catalogue.PEOPLE:
        person = User(username=username, full_name=full_name, title=title, password=password, is_demo=True)
        person.save()
        world.people[username] = person
        for body, role in roles:
            Membership.objects.create(
                user=person, organisation=world.bodies[body], role=role, valid_from=datetime.date(2023, 1, 1)
            )


def write_laws(world: World) -> None:
    """Write the legal documents as facts; effect statuses are demo and say so."""
    for key, (kind, number, day, issuer, subject, effect, until) in catalogue.LAWS.items():
        world.laws[key] = LegalDocument.objects.create(
            kind=kind,
            number=number,
            issued_on=Day(day),
            issuer=issuer,
            subject=subject,
            effect=effect,
            effect_to=Day(until) if until else None,
            effect_source="demo",
        )
    for source, target, kind in catalogue.RELATIONS:
        LegalRelation.objects.create(source=world.laws[source], target=world.laws[target], kind=kind)
    world.groups = {group.number: group for group in ContentGroup.objects.all()}


def write_programme(world: World, row: DemoProgramme) -> None:
    """Write one programme with everything below it."""
    programme = Programme.objects.create(
        code=row.code,
        kind=row.kind,
        title=row.title,
        short_title=row.short,
        owner=world.bodies["mttq"],
        officer=world.people[row.officer],
        field_of_work=world.fields[row.field],
        number=row.number or None,
        signed_on=Day(row.signed),
        place="Thái Nguyên",
        starts_on=Day(row.starts),
        ends_on=Day(row.ends),
        status=row.status,
        is_demo=True,
        **(
            {
                "implements_name": "Chương trình mục tiêu quốc gia giảm nghèo bền vững",
                "implements_from": 2021,
                "implements_to": 2025,
                "period_note": "Theo chương trình quốc gia; cán bộ quyết định khi nhập",
            }
            if row.code == "CT-2023-015"
            else {}
        ),
    )
    counter, _ = CodeCounter.objects.get_or_create(owner=world.bodies["mttq"], year=int(row.code[3:7]))
    counter.last = max(counter.last, int(row.code[8:]))
    counter.save()
    for position, body in enumerate(row.parties, start=1):
        organisation = world.bodies[body]
        Party.objects.create(
            programme=programme,
            organisation=organisation,
            name_as_signed=organisation.name,
            role=Party.Role.LEAD if position == 1 else Party.Role.PARTICIPANT,
            signer="Người ký (demo)",
            signer_title="Phó Chủ tịch" if position == 1 else "Lãnh đạo đơn vị",
            position=position,
        )
    goals = [
        Goal.objects.create(programme=programme, position=position, text=text)
        for position, text in enumerate(row.goals, 1)
    ]
    for position, law in enumerate(row.bases, start=1):
        LegalBasis.objects.create(programme=programme, document=world.laws[law], position=position)
    for kind, due, done in row.milestones:
        partner = world.bodies["snnmt" if row.parties[1] == "sldtbxh" else row.parties[1]]
        Milestone.objects.create(
            programme=programme, kind=kind, due_on=Day(due), done_on=Day(done) if done else None, responsible=partner
        )
    written = 0
    for position, task_row in enumerate(row.tasks, start=1):
        task = write_task(world, programme, task_row, position, goals)
        written += write_results(world, row, programme, task_row, task)
    world.say(f"{row.code} {row.short}: {len(row.tasks)} nhiệm vụ, {written} hoạt động")


def write_task(world: World, programme: Programme, row: DemoTask, position: int, goals: list[Goal]) -> Task:
    """Write a task, its indicators with yearly targets and its deadlines."""
    task = Task.objects.create(
        programme=programme,
        goal=goals[min(row.goal, len(goals) - 1)],
        content_group=world.groups.get(row.group),
        code=row.code,
        title=row.title,
        lead=world.bodies[row.lead],
        recurrence=row.recurrence,
        weight=row.weight,
        position=position,
        source_clause=f"Mục II.{position}",
        state=Task.State.RUNNING if row.a_year else Task.State.PLANNED,
    )
    task.supporting.set([world.bodies[key] for key in row.supporting])
    first, last = programme.starts_on, programme.ends_on
    for number, shape in enumerate(row.indicators, start=1):
        by_partner = shape.kind != "ratio"
        indicator = Indicator.objects.create(
            task=task,
            code=f"{row.code}.{number}",
            name=shape.name,
            unit=shape.unit,
            kind=shape.kind,
            roll_up="sum" if shape.kind == "flow" else "latest",
            direction="down" if shape.kind == "ratio" else "up",
            counts=shape.counts,
            precision=shape.precision,
            baseline=Decimal("10.29") if shape.kind == "ratio" else None,
            source="" if by_partner else "Ủy ban nhân dân tỉnh công bố",
            is_entered_by_partner=by_partner,
            position=number,
        )
        Target.objects.bulk_create(
            Target(
                indicator=indicator,
                starts_on=max(datetime.date(year, 1, 1), first),
                ends_on=datetime.date(year + 1, 1, 1),
                value=Decimal(str(shape.after if year >= 2026 else shape.before)),
            )
            for year in range(first.year, last.year + 1)
        )
    write_deadlines(world, programme, row, task)
    return task


def write_deadlines(world: World, programme: Programme, row: DemoTask, task: Task) -> None:
    """Write deadlines: past ones done, mostly on time; the weak programmes leave some open."""
    rows: list[tuple[str, datetime.date]] = []
    if row.recurrence == "once":
        rows.append(("", Day(row.due)))
    else:
        for year in range(max(programme.starts_on.year, 2023), programme.ends_on.year + 1):
            if row.recurrence == "quarter":
                rows += [(f"{year}-Q{q}", _month_end(year, q * 3)) for q in range(1, 5)]
            else:
                rows.append((str(year), Day(f"{year}-{row.due[-5:]}")))
    reporter = world.people[catalogue.REPORTER_OF[row.lead]]
    weak = task.code in {"A.1", "B.2", "A.2", "C.3"}
    for period, due in rows:
        deadline = TaskDeadline(task=task, period=period, original_due_on=due, due_on=due)
        late = world.random.random() < 0.14
        left_open = weak and due > world.today - datetime.timedelta(days=100)
        if due < world.today and not left_open and (row.a_year or row.code == "P2.5"):
            deadline.state = TaskDeadline.State.DONE
            deadline.done_on = min(
                due + datetime.timedelta(days=world.random.randint(2, 20) if late else -world.random.randint(0, 12)),
                world.today,
            )
            deadline.evidence_note = "Báo cáo kết quả gửi kèm văn bản."
            deadline.reported_by, deadline.reported_for = reporter, task.lead
            deadline.reported_at = _at(deadline.done_on, 15)
            deadline.reviewed_by, deadline.reviewed_at = world.people["lan"], _at(deadline.done_on, 16)
        elif task.code == "F.2" and due.year == world.today.year:
            deadline.state = TaskDeadline.State.AWAITING
            deadline.done_on = world.today - datetime.timedelta(days=4)
            deadline.evidence_note = "Đã trồng đủ số cây, có biên bản nghiệm thu."
            deadline.reported_by, deadline.reported_for = reporter, task.lead
            deadline.reported_at = _at(world.today - datetime.timedelta(days=4), 9)
        deadline.save()


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
) -> None:
    """Write one activity with its measurements and, for most of the last year, pictures."""
    lead = "snnmt" if row.lead == "sldtbxh" and day >= datetime.date(2025, 3, 1) else row.lead
    unit, author = world.bodies[lead], world.people[catalogue.REPORTER_OF[lead]]
    commune = world.random.choice(world.old_communes if day < MERGER else world.communes)
    deed = title or world.random.choice(row.deeds).format(place=commune.name)
    shares = ", ".join(
        f"{str(value).replace('.', ',')} {shape.unit}" for shape, value in values.values() if value is not None
    )
    age = (world.today - day).days
    sent = _at(min(day + datetime.timedelta(days=world.random.randint(1, 4)), world.today), 14)
    decided = min(sent + datetime.timedelta(days=world.random.randint(1, 6)), _at(world.today, 7))
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
        return_reason=world.random.choice(RETURNS) if review == Review.RETURNED else "",
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


def write_recent(world: World) -> None:
    """Write what lies on the desks today: waiting, returned, half written."""
    rows = {row.code: row for programme in PROGRAMMES for row in programme.tasks}
    tasks = {task.code: task for task in Task.objects.select_related("programme")}
    for code, ago, review, title, value in catalogue.RECENT:
        task, row = tasks[code], rows[code]
        indicator = task.indicators.first()
        values = {indicator: (row.indicators[0], Decimal(value))} if indicator else {}
        write_activity(world, row, task, world.today - datetime.timedelta(days=ago), values, review=review, title=title)


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
            submitted_at=_at(day, 9),
            reviewed_at=_at(day, 10),
            reviewed_by=world.people["lan"],
        )


def write_successor(world: World) -> None:
    """Write the draft that follows the poverty programme, to be signed with another body."""
    old = Programme.objects.get(code="CT-2023-015")
    draft = Programme.objects.create(
        code="CT-2026-006",
        title="Vận động giảm nghèo bền vững giai đoạn 2026–2030 (demo)",
        short_title="Giảm nghèo bền vững 2026–2030",
        owner=world.bodies["mttq"],
        officer=world.people["lan"],
        field_of_work=world.fields["giam-ngheo"],
        starts_on=datetime.date(2026, 1, 1),
        ends_on=datetime.date(2030, 12, 31),
        predecessor=old,
        is_demo=True,
    )
    for position, body in enumerate(("mttq", "snnmt"), start=1):
        organisation = world.bodies[body]
        Party.objects.create(
            programme=draft,
            organisation=organisation,
            name_as_signed=organisation.name,
            role=Party.Role.LEAD if position == 1 else Party.Role.PARTICIPANT,
            position=position,
        )
    CodeCounter.objects.filter(owner=world.bodies["mttq"], year=2026).update(last=6)


def _at(day: datetime.date, hour: int) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime(day.year, day.month, day.day, hour))


def _month_end(year: int, month: int) -> datetime.date:
    return datetime.date(year, month, calendar.monthrange(year, month)[1])
