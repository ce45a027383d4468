"""Plans of the demo in every state, a house with several funders, values in kind, a text taken over."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from activities.management.demo import catalogue
from activities.management.demo.programmes import PROGRAMMES
from activities.management.demo.results import write_activity
from activities.management.demo.world import VILLAGES, World, at
from activities.models import Activity, Contribution, Review
from agreements.models import Task

if TYPE_CHECKING:
    from agreements.models import Indicator

# Task, days from today, title, state, reason, whether the plan was sent.
PLANS = (
    ("A.1", 12, "Kiểm tra bếp ăn bán trú dịp cuối năm", "planned", "", True),
    ("A.3", 26, "Họp tổ tự quản các chợ", "planned", "", False),
    ("A.3", -4, "Ký cam kết với tiểu thương chợ phường", "planned", "", False),
    ("A.2", 19, "Tập huấn chủ bếp ăn bán trú đợt 2", "postponed", "Trùng lịch thi học kỳ của các trường.", True),
    ("A.1", -9, "Kiểm tra chợ phiên vùng cao", "cancelled", "Mưa lũ, đường vào xã bị sạt lở.", True),
    ("P3.5", 8, "Ngày hội hiến máu đợt 5", "planned", "", True),
    ("D.2", 15, "Nói chuyện chuyên đề phòng, chống ma túy", "planned", "", True),
)
HOUSE = "Bàn giao nhà đại đoàn kết, nhiều bên cùng góp (demo)"
# Who gave, a key of the bodies or a name; đồng; in kind. It makes 51 million: one house, four funders.
FUNDERS = (
    ("", "Quỹ “Vì người nghèo” phường (demo)", 10_000_000, False),
    ("mttq", "", 5_000_000, False),
    ("ctd", "", 5_000_000, False),
    ("", "Gia đình và họ hàng (demo)", 31_000_000, True),
)


def write_plans(world: World) -> None:
    """Write what is still to take place, what did not, and what nobody has said anything about."""
    tasks = {task.code: task for task in Task.objects.select_related("lead")}
    for code, days, title, state, reason, is_sent in PLANS:
        task, day = tasks[code], world.today + datetime.timedelta(days=days)
        author = world.people[catalogue.REPORTER_OF[_key(world, task)]]
        Activity.objects.create(
            task=task,
            unit=task.lead,
            author=author,
            acting_for=task.lead,
            title=title,
            starts_on=day,
            locality=world.random.choice(world.communes),
            place=world.random.choice(VILLAGES),
            what_was_done=f"Dự kiến: {title[0].lower()}{title[1:]}.",
            occurrence=state,
            occurrence_reason=reason,
            plan_sent_at=at(world.today - datetime.timedelta(days=14), 9) if is_sent else None,
            is_demo=True,
        )


def write_shared_results(world: World) -> None:
    """Write a house paid by four, a value given partly in kind, and an entry that continues an earlier one."""
    house = _write(world, "P2.3", 20, Review.ACCEPTED, HOUSE, 1)
    house.value, house.value_in_kind = sum(row[2] for row in FUNDERS), sum(row[2] for row in FUNDERS if row[3])
    house.value_source = Activity.Funding.MOBILISED
    house.save()
    Contribution.objects.bulk_create(
        Contribution(
            activity=house,
            organisation=world.bodies[key] if key else None,
            funder=name,
            amount=amount,
            is_in_kind=in_kind,
            position=position,
        )
        for position, (key, name, amount, in_kind) in enumerate(FUNDERS, start=1)
    )
    gifts = _write(world, "P1.4", 33, Review.ACCEPTED, "Tặng chăn ấm và đồ dùng học tập", 60)
    gifts.value, gifts.value_in_kind = 36_000_000, 28_000_000
    gifts.save()
    again = _write(world, "A.1", 1, Review.SUBMITTED, "12 buổi kiểm tra bếp ăn trường học", 12)
    earlier = Activity.objects.filter(task=again.task, review=Review.ACCEPTED).exclude(pk=again.pk).first()
    if earlier is not None:
        again.what_was_done, again.place = earlier.what_was_done, earlier.place
        again.copied_from, again.copied_fields = earlier, ["what_was_done", "place"]
        again.save()


def _write(world: World, code: str, ago: int, review: str, title: str, number: int) -> Activity:
    row = next(row for programme in PROGRAMMES for row in programme.tasks if row.code == code)
    task = Task.objects.select_related("programme").get(code=code)
    indicator: Indicator = task.indicators.all()[0]
    day = world.today - datetime.timedelta(days=ago)
    values = {indicator: (row.indicators[0], Decimal(number))}
    return write_activity(world, row, task, day, values, review=review, title=title)


def _key(world: World, task: Task) -> str:
    return next(key for key, body in world.bodies.items() if body.pk == task.lead_id)
