"""Write the demo to an empty database: deterministic for a day, plausible, every state present.

Rows are written in bulk, then activities' `recount` and agreements' `refresh_figures` fill the totals, so that the
demo proves the same equality as real data.
"""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.db import transaction

from activities.management.demo import catalogue
from activities.management.demo.directives import write_directives
from activities.management.demo.duties import write_duties
from activities.management.demo.lives import write_lives
from activities.management.demo.plans import write_plans, write_shared_results
from activities.management.demo.programmes import PROGRAMMES
from activities.management.demo.reminding import write_reminding
from activities.management.demo.reports import write_reports
from activities.management.demo.results import write_mistakes, write_recent, write_results
from activities.management.demo.world import Day, World, at, month_end
from agreements.models import (
    CodeCounter,
    ContentGroup,
    Goal,
    Indicator,
    LegalBasis,
    LegalDocument,
    Milestone,
    Party,
    Programme,
    Target,
    Task,
    TaskDeadline,
)
from agreements.services.legal import load_documents
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

    from activities.management.demo.catalogue import DemoProgramme, DemoTask


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
        write_mistakes(world)
        write_duties(world)
        write_reports(world)
        write_plans(world)
        write_shared_results(world)
        write_successor(world)
        write_reminding(world)
        write_directives(world)
        write_lives(world)
        audit.log(None, "demo.load", label="demo", detail={"as_of": today.isoformat()})


def write_places(world: World) -> None:
    """Write the province and its 92 units by their official codes."""
    world.say(f"{load_localities.load()} xã, phường")
    world.communes = list(Locality.objects.communes().order_by("code"))
    # Codes of the former Thái Nguyên; those below are of the former Bắc Kạn.
    world.old_communes = [unit for unit in world.communes if int(unit.code) >= 5400]


def write_bodies(world: World) -> None:
    """Write the bodies with their names, the province they are in and the real succession."""
    province = Locality.objects.get(kind=Locality.Kind.PROVINCE)
    for key, (name, short, english, kind) in catalogue.BODIES.items():
        ended = catalogue.DISSOLVED.get(key)
        parent = world.bodies.get("mttq") if key == "vanphong" else None
        body = Organisation.objects.create(
            name=name,
            short_name=short,
            name_en=english,
            kind=kind,
            level=Organisation.Level.PROVINCE,
            locality=province,
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
    count = load_documents() + len(catalogue.DOUBLES)
    for key, (kind, number, day, effect, until) in catalogue.LAWS.items():
        row = LegalDocument.objects.get(kind=kind, number=number, issued_on=Day(day))
        if effect != LegalDocument.Effect.UNKNOWN:
            row.effect, row.effect_to = effect, Day(until) if until else None
            row.effect_source = catalogue.LAW_SOURCE
            row.save()
        world.laws[key] = row
    for kind, number, day, issuer, subject in catalogue.DOUBLES:
        LegalDocument.objects.create(kind=kind, number=number, issued_on=Day(day), issuer=issuer, subject=subject)
    world.say(f"{count} căn cứ pháp lý")
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
            programme=programme,
            kind=kind,
            name=f"{'Tổng kết' if kind == 'final_review' else 'Sơ kết'} {row.short}",
            due_on=Day(due),
            done_on=Day(done) if done else None,
            responsible=partner,
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
        state=Task.State.RUNNING if row.a_year or row.code == "P2.5" else Task.State.PLANNED,
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
            if not shape.each
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
                rows += [(f"{year}-Q{q}", month_end(year, q * 3)) for q in range(1, 5)]
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
            deadline.reported_at = at(deadline.done_on, 15)
            deadline.reviewed_by, deadline.reviewed_at = world.people["lan"], at(deadline.done_on, 16)
        elif task.code == "F.2" and due.year == world.today.year:
            deadline.state = TaskDeadline.State.AWAITING
            deadline.done_on = world.today - datetime.timedelta(days=4)
            deadline.evidence_note = "Đã trồng đủ số cây, có biên bản nghiệm thu."
            deadline.reported_by, deadline.reported_for = reporter, task.lead
            deadline.reported_at = at(world.today - datetime.timedelta(days=4), 9)
        deadline.save()


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
