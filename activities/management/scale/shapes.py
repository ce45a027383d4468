"""Which programmes there are: whose, about what, from when to when, how large and how well they go."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from activities.management.scale.sizes import portions, weight
from activities.management.scale.world import THEMES, Office, Partner, Theme, World
from agreements.models import Programme

if TYPE_CHECKING:
    import random

    from activities.management.demo.catalogue import DemoTask

Status = Programme.Status
OF_LEVEL = {"central": 0.01, "province": 0.3, "commune": 0.69}  # share of the programmes
LARGER = {"central": 3.0, "province": 2.0, "commune": 0.6}  # activities of a programme beside those of others
SCALE = {"central": 6.0, "province": 1.0, "commune": 0.1}  # quantities of an activity beside those of the demo
SILENT_SHARE = 0.08
BUSIEST_SHARE = 0.25  # programmes that one partner of each committee is in, beyond its turn


@dataclass
class Shape:
    """One programme before it is written. `reached`: accepted results ÷ what its targets ask for by now."""

    office: Office
    theme: Theme
    tasks: list[DemoTask]
    partners: list[Partner]
    starts_on: datetime.date
    ends_on: datetime.date
    signed_on: datetime.date
    status: str
    reached: float
    last_active: datetime.date  # no activity after this day
    weight: float
    activities: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing waits in it any more."""
        return self.status in {Status.CLOSED, Status.TERMINATED}

    @property
    def has_begun(self) -> bool:
        """Whether work is done in it."""
        return self.status not in {Status.DRAFT, Status.SIGNED}


def shapes_of(world: World) -> list[Shape]:
    """Return the programmes of the size, with as many activities each as adds up to it."""
    found: list[Shape] = []
    centre = max(1, round(world.size.programmes * OF_LEVEL["central"]))
    province = round(world.size.programmes * OF_LEVEL["province"])
    wanted = {"central": centre, "province": province, "commune": world.size.programmes - centre - province}
    for level, count in wanted.items():
        offices = [office for office in world.offices if office.level == level]
        counts = portions(count, [weight(world.random, 0.4) for _ in offices])
        for office, number in zip(offices, counts, strict=True):
            found += [_shape(world, office) for _ in range(number)]
    if not any(shape.weight for shape in found):
        raise ValueError("no programme has begun")
    for shape, number in zip(found, portions(world.size.activities, [shape.weight for shape in found]), strict=True):
        shape.activities = number
    return found


def _shape(world: World, office: Office) -> Shape:
    rnd, today = world.random, world.today
    theme = rnd.choice(THEMES)
    tasks = [task for task in theme.row.tasks if task.a_year or task.code == "P2.5"] or list(theme.row.tasks)
    kept = sorted(rnd.sample(range(len(tasks)), min(len(tasks), rnd.randint(3, 7))))
    partners = rnd.sample(office.partners, rnd.randint(1, min(3, len(office.partners))))
    if rnd.random() < BUSIEST_SHARE and office.partners[0] not in partners:
        partners[0] = office.partners[0]
    year = today.year - rnd.choice((0, 0, 1, 1, 2, 2, 3, 3, 4))
    status: str = Status.IN_FORCE
    chance = rnd.random()
    if chance < 0.05:
        status = Status.DRAFT if chance < 0.025 else Status.SIGNED
        year = today.year + 1
    starts_on = datetime.date(year, 1, 1)
    ends_on = datetime.date(year + rnd.choice((0, 2, 2, 3, 4, 4, 4)), 12, 31)
    if starts_on > today and status == Status.IN_FORCE:
        status = Status.SIGNED
    last_active = min(today, ends_on)
    if ends_on < today:
        status = Status.TERMINATED if chance > 0.95 else Status.ENDED if chance > 0.78 else Status.CLOSED
    elif status == Status.IN_FORCE:
        if chance > 0.97:
            status = Status.SUSPENDED if chance < 0.985 else Status.TERMINATED
        if chance > 1 - SILENT_SHARE:
            last_active = max(starts_on, today - datetime.timedelta(days=rnd.randint(95, 240)))
    begun = status not in {Status.DRAFT, Status.SIGNED}
    return Shape(
        office=office,
        theme=theme,
        tasks=[tasks[place] for place in kept],
        partners=partners,
        starts_on=starts_on,
        ends_on=ends_on,
        signed_on=_signed_on(rnd, starts_on, today),
        status=status,
        reached=min(1.35, max(0.25, rnd.gauss(0.95, 0.2))),
        last_active=last_active,
        weight=weight(rnd, 0.8) * LARGER[office.level] * _years(starts_on, last_active) if begun else 0.0,
    )


def _signed_on(rnd: random.Random, starts_on: datetime.date, today: datetime.date) -> datetime.date:
    """Some are signed months after they begin, as real ones are; none in the future."""
    return min(today, starts_on + datetime.timedelta(days=rnd.choice((-20, -10, 15, 45, 120))))


def _years(starts_on: datetime.date, last: datetime.date) -> float:
    return max(0.1, (last - starts_on).days / 365)
