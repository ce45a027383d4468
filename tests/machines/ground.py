"""What all walks start from: people, a programme with three tasks, three reports owed."""

from __future__ import annotations

import copy
import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from activities.models import ReportDuty
from agreements.models import Indicator, Programme, Target, TaskDeadline
from agreements.services.results import refresh_figure
from core.models import Actor, StoredFile
from partners.models import Membership
from tests import make
from tests.cast import Cast, make_organisation, make_user
from tests.machines import sums
from tests.machines.rules import Deadline, Duty, Task, World

START = datetime.datetime(2026, 11, 23, 3, 0, tzinfo=datetime.UTC)  # 10:00 in Vietnam


@dataclass
class Ground:
    """What all walks start from."""

    cast: Cast
    actors: dict[str, Actor]
    bodies: dict[str, Any]
    programme: Programme
    tasks: dict[str, Any]
    indicators: dict[str, Indicator]
    duties: dict[int, ReportDuty]
    file: StoredFile
    world: World


def as_now(row: Any, **changes: Any) -> Any:
    """A copy of a row of the ground as a view would load it now, without asking the database."""
    row = copy.copy(row)
    row._state = copy.copy(row._state)
    row._state.fields_cache = dict(row._state.fields_cache)
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def _actor(user: Any) -> Actor:
    row = Membership.objects.select_related("organisation", "user").get(user=user)
    return Actor(user=user, membership=row, organisation=row.organisation, role=row.role)


def set_up(cast: Cast) -> Ground:
    """Write the programme of the walks: task A counts visits and a rate, B is the Front's own, C every party's."""
    school = make_organisation("Sở Giáo dục và Đào tạo")
    users = {name: getattr(cast, name) for name in ("lan", "hung", "hoa", "duc", "minh", "tuan", "phuong")}
    users["mai"] = make_user("mai", "Ngô Thị Mai", cast.health)
    users["tam"] = make_user("tam", "Bùi Văn Tâm", cast.health, "leader")
    users["ngoc"] = make_user("ngoc", "Đỗ Thị Ngọc", school)
    bodies = {"committee": cast.committee, "health": cast.health, "school": school,
              "stranger": cast.stranger, "other": cast.other_committee}  # fmt: skip
    programme = make.make_programme(cast, parties=[cast.committee, cast.health, school])
    due = {"A": datetime.date(2026, 12, 1), "B": datetime.date(2026, 11, 10)}
    leads, weights = {"A": "health", "B": "committee", "C": ""}, {"A": 2, "B": 1, "C": 1}
    tasks = {
        name: make.make_task(
            cast, programme, lead=bodies.get(lead), state="planned", due_on=due.get(name), weight=weights[name]
        )
        for name, lead in leads.items()
    }
    indicators = {
        sums.VISITS: make.make_indicator(tasks["A"], target=Decimal(100), unit="cuộc"),
        sums.RATE: make.make_indicator(
            tasks["A"], name="Tỷ lệ", unit="%", kind="stock", direction="down", roll_up="latest",
            baseline=sums.BASELINE, is_entered_by_partner=False, target=None, position=2,
        ),
    }  # fmt: skip
    for number, value in enumerate(sums.TARGETS[sums.RATE]):
        Target.objects.create(
            indicator=indicators[sums.RATE],
            starts_on=sums.year(2024 + number), ends_on=sums.year(2025 + number), value=value,
        )  # fmt: skip
    day = datetime.date.fromisoformat
    spans = [("health", day("2025-12-15"), day("2026-06-15")), ("health", day("2026-06-15"), day("2026-12-15")),
             ("school", day("2026-01-01"), day("2027-01-01"))]  # fmt: skip
    duties, known = {}, {}
    for number, (unit, start, end) in enumerate(spans):
        row = ReportDuty.objects.create(
            programme=programme, committee=cast.committee, unit=bodies[unit], kind="on_request", period=f"R{number}",
            title="Báo cáo", starts_on=start, ends_on=end, due_on=day("2026-12-05"),
        )  # fmt: skip
        duties[row.pk] = row
        known[str(number)] = Duty(row.pk, unit, start, end, row.due_on)
    refresh_figure(programme.pk)
    deadlines = {row.task_id: row for row in TaskDeadline.objects.all()}
    world = World(
        now=START,
        tasks={
            name: Task(
                pk=row.pk,
                lead=leads[name],
                deadline=Deadline(deadlines[row.pk].pk, due[name]) if name in due else None,
                weight=weights[name],
            )
            for name, row in tasks.items()
        },
        duties=known,
        targets=copy.deepcopy(sums.TARGETS),
    )
    file = StoredFile.objects.create(original_name="bien-ban.pdf", mime="application/pdf", size=9, sha256="0" * 64)
    actors = {name: _actor(user) for name, user in users.items()}
    return Ground(cast, actors, bodies, programme, tasks, indicators, duties, file, world)
