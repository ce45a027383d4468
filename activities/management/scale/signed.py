"""What was signed: programmes with parties, goals, bases, tasks, deadlines, indicators, targets and milestones."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from activities.management.demo.world import month_end
from activities.management.scale.world import MARK, World, fold, moment, sort_key
from agreements.models import (
    CodeCounter,
    Extension,
    Goal,
    Indicator,
    LegalBasis,
    Milestone,
    Party,
    Programme,
    Target,
    Task,
    TaskDeadline,
)

if TYPE_CHECKING:
    from activities.management.demo.catalogue import DemoIndicator, DemoTask
    from activities.management.scale.shapes import Shape
    from activities.management.scale.world import Partner

Status = Programme.Status
KINDS = ("programme", "programme", "programme", "plan", "regulation", "memorandum")
PAUSED = "Chờ hướng dẫn mới của cấp trên (mẫu)"
STOPPED = "Dừng theo thỏa thuận của hai bên (mẫu)"
LATE_CHANCE, OPEN_CHANCE = 0.1, 0.06
WAITS_DAYS, OPEN_DAYS = 12, 150


@dataclass
class Measured:
    """An indicator that was written, with what its activities reached."""

    pk: int
    row: DemoIndicator
    total: Decimal = Decimal(0)
    level: Decimal = Decimal(0)
    targets: dict[int, float] = field(default_factory=dict)  # by year

    @property
    def is_added(self) -> bool:
        """Whether its values are amounts that add up."""
        return self.row.kind == "flow"


@dataclass
class Job:
    """A task that was written."""

    pk: int
    row: DemoTask
    title: str
    lead: Partner
    supporting: list[Partner]
    state: str
    indicators: list[Measured] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """Whether it counts in its programme."""
        return self.state not in Task.LEFT_OUT

    @property
    def deeds(self) -> tuple[str, ...]:
        """What its activities are called; {place} is where."""
        return self.row.deeds or (f"{self.title} tại {{place}}",)


@dataclass
class Signed:
    """A programme that was written."""

    pk: int
    name: str
    shape: Shape
    jobs: list[Job]


def write_signed(world: World, shape: Shape, number: int) -> Signed:
    """Write a programme with what it rests on and its tasks; targets follow once it is known what was reached."""
    office, row, rnd = shape.office, shape.theme.row, world.random
    first, last = shape.starts_on.year, shape.ends_on.year
    years = str(first) if first == last else f"{first}–{last}"
    name = f"{shape.theme.name} {years} (mẫu {number})"
    title = f"Phối hợp thực hiện {shape.theme.name[0].lower()}{shape.theme.name[1:]} giai đoạn {years} (mẫu {number})"
    office.numbers[first] = office.numbers.get(first, 0) + 1
    code = f"CT-{first}-{office.numbers[first]:03}"
    paper = None if shape.status == Status.DRAFT else f"{rnd.randint(1, 400)}/CTPH-MTTQ"
    pk = world.tables[Programme].add(
        code=code, kind=rnd.choice(KINDS), title=title, short_title=name, owner_id=office.pk,
        officer_id=rnd.choice(office.officers), field_of_work_id=world.fields[row.field], number=paper,
        signed_on=None if shape.status == Status.DRAFT else shape.signed_on, place=office.name.rsplit(" ", 2)[-1],
        starts_on=shape.starts_on, ends_on=shape.ends_on, status=shape.status, is_demo=True,
        status_reason=STOPPED if shape.status in {Status.SUSPENDED, Status.TERMINATED} else "",
        sort_key=sort_key(name), search_text=fold(f"{title} {name} {code} {paper or ''}")[:800],
    )  # fmt: skip
    parties = [(office.pk, office.name), *((one.pk, one.name) for one in shape.partners)]
    for position, (body, signed_as) in enumerate(parties, start=1):
        world.tables[Party].add(
            programme_id=pk, organisation_id=body, name_as_signed=signed_as, position=position,
            role="lead" if position == 1 else "participant", signer=f"Người ký {MARK}",
            signer_title="Phó Chủ tịch" if position == 1 else "Lãnh đạo đơn vị", search_text=fold(signed_as),
        )  # fmt: skip
    goals = [
        world.tables[Goal].add(programme_id=pk, position=position, text=text)
        for position, text in enumerate(row.goals, start=1)
    ]
    for position, law in enumerate(rnd.sample(world.laws, min(len(world.laws), rnd.randint(2, 5))), start=1):
        world.tables[LegalBasis].add(programme_id=pk, document_id=law, position=position)
    _write_milestones(world, shape, pk)
    jobs = [_write_task(world, shape, pk, one, position, goals) for position, one in enumerate(shape.tasks, start=1)]
    return Signed(pk, name, shape, jobs)


def write_counters(world: World) -> None:
    """Write the last code that each committee gave in each year."""
    for office in world.offices:
        for year, last in office.numbers.items():
            world.tables[CodeCounter].add(owner_id=office.pk, year=year, last=last)


def _write_milestones(world: World, shape: Shape, programme: int) -> None:
    today, due = world.today, datetime.date(world.today.year, 3, 31)
    if shape.starts_on <= due <= shape.ends_on and shape.has_begun:
        held = due < today and world.random.random() < 0.95
        world.tables[Milestone].add(
            programme_id=programme, kind="annual_plan", name=f"Kế hoạch năm {due.year}", due_on=due,
            done_on=due - datetime.timedelta(days=world.random.randint(1, 40)) if held else None,
            responsible_id=shape.office.pk,
        )  # fmt: skip
    if shape.status == Status.CLOSED or shape.ends_on.year <= today.year:
        done = shape.ends_on + datetime.timedelta(days=world.random.randint(-20, 40))
        world.tables[Milestone].add(
            programme_id=programme, kind="final_review", name="Tổng kết", due_on=shape.ends_on,
            done_on=min(done, today) if shape.status == Status.CLOSED else None, responsible_id=shape.office.pk,
        )  # fmt: skip


def _write_task(world: World, shape: Shape, programme: int, row: DemoTask, position: int, goals: list[int]) -> Job:
    rnd = world.random
    lead = shape.partners[0] if position == 1 else rnd.choice(shape.partners)
    supporting = [one for one in shape.partners if one is not lead and rnd.random() < 0.5]
    state: str = Task.State.PLANNED
    if shape.is_over or shape.status == Status.ENDED:
        state = Task.State.DONE
    elif shape.has_begun:
        state = Task.State.PAUSED if rnd.random() < 0.02 else Task.State.RUNNING
    pk = world.tables[Task].add(
        programme_id=programme, goal_id=goals[min(row.goal, len(goals) - 1)], content_group_id=world.groups[row.group],
        code=f"{position}", title=row.title, lead_id=lead.pk, recurrence=row.recurrence, weight=row.weight,
        position=position, source_clause=f"Mục II.{position}", state=state,
        state_reason=PAUSED if state == Task.State.PAUSED else "",
        sort_key=sort_key(row.title), search_text=fold(f"{position} {row.title}")[:800],
    )  # fmt: skip
    for body in (shape.office.pk, *(one.pk for one in supporting)):
        world.tables[Task.supporting.through].add(task_id=pk, organisation_id=body)
    job = Job(pk, row, row.title, lead, supporting, state)
    for number, one in enumerate(row.indicators, start=1):
        ratio = one.kind == "ratio"
        indicator = world.tables[Indicator].add(
            task_id=pk, code=f"{position}.{number}", name=one.name, unit=one.unit, kind=one.kind,
            roll_up="sum" if one.kind == "flow" else "latest", direction="down" if ratio else "up", counts=one.counts,
            precision=one.precision, baseline=Decimal("10.29") if ratio else None, position=number,
            source="Công bố của cơ quan có thẩm quyền (mẫu)" if ratio else "", is_entered_by_partner=not ratio,
        )  # fmt: skip
        job.indicators.append(Measured(indicator, one))
    if shape.has_begun:
        _write_deadlines(world, shape, job)
    return job


def write_targets(world: World, shape: Shape, job: Job) -> None:
    """Write a target for each year, such that what was reached is the share of it that the programme is at."""
    gone = max(0.2, (min(world.today, shape.ends_on) - shape.starts_on).days / 365)
    for measured in job.indicators:
        if measured.row.each:
            continue  # what nobody plans has no target
        match measured.row.kind:
            case "flow":
                yearly = float(measured.total) / gone / shape.reached if measured.total else measured.row.after
                levels = [max(1, round(yearly, -max(0, len(str(int(yearly))) - 2)))] * 6
            case "stock":
                end = float(measured.level or 10) / shape.reached
                levels = [max(1, round(end * (place + 1) / 5)) for place in range(6)]
            case _:
                levels = [9.0, 7.5, 6.0, 5.0, 4.0, 3.5]
        for place, year in enumerate(range(shape.starts_on.year, shape.ends_on.year + 1)):
            measured.targets[year] = levels[place]
            world.tables[Target].add(
                indicator_id=measured.pk, starts_on=datetime.date(year, 1, 1), ends_on=datetime.date(year + 1, 1, 1),
                value=levels[place],
            )  # fmt: skip


def _dues(shape: Shape, row: DemoTask) -> list[tuple[str, datetime.date]]:
    """Return period and day of each deadline."""
    years = range(shape.starts_on.year, shape.ends_on.year + 1)
    if row.recurrence == "once":
        return [("", shape.ends_on - datetime.timedelta(days=45))]
    if row.recurrence == "quarter":
        return [(f"{year}-Q{part}", month_end(year, part * 3)) for year in years for part in range(1, 5)]
    return [(str(year), datetime.date(year, 12, 15)) for year in years]


def _write_deadlines(world: World, shape: Shape, job: Job) -> None:
    rnd, today, table = world.random, world.today, world.tables[TaskDeadline]
    for period, due_on in _dues(shape, job.row):
        chance, age = rnd.random(), (today - due_on).days
        values: dict[str, object] = {"original_due_on": due_on, "due_on": due_on}
        weak = OPEN_CHANCE * (2 if shape.reached < 0.8 else 1)
        if age > 0 and (shape.is_over or age > OPEN_DAYS or chance > weak):
            late = chance < weak + LATE_CHANCE
            done_on = due_on + datetime.timedelta(days=rnd.randint(1, 20) if late else -rnd.randint(0, 12))
            done_on = max(shape.starts_on, min(done_on, today))
            waits = age <= WAITS_DAYS and chance > 0.7
            values |= {
                "state": "awaiting" if waits else "done",
                "done_on": done_on,
                "evidence_note": "Báo cáo kết quả gửi kèm văn bản.",
                "reported_by_id": job.lead.reporter,
                "reported_for_id": job.lead.pk,
                "reported_at": moment(done_on, 15),
                "reviewed_by_id": None if waits else rnd.choice(shape.office.officers),
                "reviewed_at": None if waits else moment(done_on, 16),
            }
        elif age > 0 and chance < 0.01:
            values |= {
                "state": "returned",
                "return_reason": "Bổ sung văn bản chứng minh.",
                "reported_by_id": job.lead.reporter,
                "reported_for_id": job.lead.pk,
                "reported_at": moment(due_on, 9),
                "reviewed_by_id": rnd.choice(shape.office.officers),
                "reviewed_at": moment(due_on, 16),
            }
        pk = table.add(task_id=job.pk, period=period, **values)
        if -30 < age < 30 and "state" not in values and rnd.random() < 0.15:
            world.tables[Extension].add(
                deadline_id=pk, state="requested", old_due_on=due_on, new_due_on=due_on + datetime.timedelta(days=30),
                reason="Chờ số liệu của các xã (mẫu)", requested_by_id=job.lead.reporter, requested_for_id=job.lead.pk,
                requested_at=moment(min(today, due_on) - datetime.timedelta(days=2), 10),
                asked_due_on=due_on + datetime.timedelta(days=30),
            )  # fmt: skip
