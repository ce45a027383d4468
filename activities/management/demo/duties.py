"""Reporting rules of different cadence, the duties they yield, a waiver, requests, and the milestones of the demo.

The reports themselves are written by their own module, which asks `past_duties` what was owed.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from activities.management.demo.world import Day, World, at
from activities.models import ReportDuty
from activities.services import regenerate
from agreements.figures.periods import PRESETS
from agreements.models import Milestone, Programme, ReportingRule

if TYPE_CHECKING:
    from django.db.models import QuerySet

YEARLY = {"calendars": [{"kind": "year", "window_day": 15, "due": {"day": 25, "months": -1, "shift": "before"}}]}
# code of the programme → its rule
RULES: dict[str, dict[str, Any]] = {
    "CT-2023-014": PRESETS["half_year"],
    "CT-2023-015": PRESETS["half_year"],
    "CT-2023-016": PRESETS["quarter"],
    "CT-2024-006": PRESETS["half_year"],
    "CT-2024-009": YEARLY,
    "CT-2025-004": PRESETS["month"],
    "CT-2025-007": PRESETS["half_year"] | {"reporters": "leads"},
    "CT-2026-001": PRESETS["quarter"],
}
# programme, body, title, what is asked, first and last day of the data, due
REQUESTS = (
    (
        "CT-2023-016",
        "ctd",
        "Báo cáo nhanh công tác cứu trợ sau bão số 11",
        "Số hộ được hỗ trợ, tiền và hàng đã trao, nhu cầu còn lại theo từng xã.",
        "2025-10-06",
        "2025-10-20",
        "2025-10-24",
    ),
    (
        "CT-2024-006",
        "syt",
        "Báo cáo kết quả kiểm tra bếp ăn bán trú đầu năm học",
        "Số bếp ăn đã kiểm tra, lỗi thường gặp, đề xuất cho năm học sau.",
        "2026-08-15",
        "2026-11-20",
        "2026-11-30",
    ),
)
WAIVED = ("CT-2023-016", "2025-Q4", "Đã báo cáo đầy đủ trong báo cáo nhanh sau bão số 11.")


def write_duties(world: World) -> None:
    """Write milestones, rules, and what follows from them up to the end of next year."""
    committee, officer = world.bodies["mttq"], world.people["lan"]
    for programme in Programme.objects.filter(owner=committee, status__in=Programme.LIVE).order_by("code"):
        write_milestones(world, programme)
        rule = RULES.get(programme.code)
        if rule is not None:
            ReportingRule.objects.create(programme=programme, committee=committee, rule=rule)
            regenerate(actor=None, programme=programme, today=world.today)
    for number, (code, body, title, request, first, last, due) in enumerate(REQUESTS, start=1):
        if Day(first) <= world.today:
            ReportDuty.objects.create(
                programme=Programme.objects.get(code=code),
                committee=committee,
                unit=world.bodies[body],
                kind=ReportDuty.Kind.ON_REQUEST,
                period=f"R{number}",
                title=title,
                request=request,
                starts_on=Day(first),
                ends_on=Day(last) + datetime.timedelta(days=1),
                due_on=Day(due),
            )
    code, period, reason = WAIVED
    for duty in ReportDuty.objects.filter(programme__code=code, period=period, due_on__lt=world.today):
        duty.waived_at, duty.waived_by, duty.waive_reason = at(duty.due_on, 9), officer, reason
        duty.save()
    world.say(f"{ReportDuty.objects.count()} báo cáo phải nộp, {past_duties(world).count()} đã đến hạn")


def write_milestones(world: World, programme: Programme) -> None:
    """Write the plans of this year and next, and the renewal; the plan of this year is there."""
    year = world.today.year
    for one in (year, year + 1):
        due = datetime.date(one, 3, 31)
        if programme.starts_on and programme.ends_on and programme.starts_on <= due <= programme.ends_on:
            Milestone.objects.create(
                programme=programme,
                kind=Milestone.Kind.ANNUAL_PLAN,
                name=f"Kế hoạch năm {one}",
                due_on=due,
                done_on=datetime.date(one, 3, 20) if due < world.today else None,
                note="Kế hoạch phối hợp năm đã ban hành (demo)." if due < world.today else "",
                responsible=programme.owner,
            )
    if programme.ends_on and programme.status == Programme.Status.IN_FORCE:
        due = programme.ends_on - datetime.timedelta(days=180)
        past = due < world.today
        Milestone.objects.create(
            programme=programme,
            kind=Milestone.Kind.RENEWAL,
            name=f"Chuẩn bị ký tiếp {programme.name}",
            due_on=due,
            done_on=due - datetime.timedelta(days=4) if past else None,
            note="Thường trực thống nhất ký tiếp (demo)." if past else "",
            responsible=programme.owner,
        )


def past_duties(world: World) -> QuerySet[ReportDuty]:
    """Return the duties due before the demo's day and not waived, oldest first: those a report may answer."""
    rows = ReportDuty.objects.filter(due_on__lt=world.today, waived_at=None)
    return rows.select_related("programme", "unit", "committee").order_by("due_on", "pk")
