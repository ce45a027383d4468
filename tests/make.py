"""Plain builders of rows for tests; each takes the fields to change and writes straight to the tables."""

from __future__ import annotations

import datetime
import itertools
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from activities.models import Activity, Measurement
from agreements.models import ContentGroup, Indicator, LegalDocument, Party, Programme, Target, Task, TaskDeadline

if TYPE_CHECKING:
    from tests.cast import Cast

_number = itertools.count(1)


def make_programme(cast: Cast, **changes) -> Programme:
    """Return a programme in force from 2024 to 2027 between the committee and the Department of Health."""
    number = next(_number)
    parties = changes.pop("parties", [cast.committee, cast.health])
    programme = Programme.objects.create(
        **{
            "code": f"CT-2024-{number:03}",
            "title": f"Bảo đảm an toàn thực phẩm {number}",
            "owner": cast.committee,
            "officer": cast.lan,
            "signed_on": datetime.date(2024, 2, 1),
            "starts_on": datetime.date(2024, 1, 1),
            "ends_on": datetime.date(2027, 12, 31),
            "status": Programme.Status.IN_FORCE,
            "field_of_work": cast.field,
            **changes,
        }
    )
    for position, body in enumerate(parties, start=1):
        Party.objects.create(
            programme=programme,
            organisation=body,
            name_as_signed=body.name,
            role=Party.Role.LEAD if position == 1 else Party.Role.PARTICIPANT,
            position=position,
        )
    return programme


def make_task(cast: Cast, programme: Programme | None = None, **changes) -> Task:
    """Return a running task led by the Department of Health, with one deadline a year ahead unless due_on=None."""
    programme = programme or make_programme(cast)
    due_on = changes.pop("due_on", timezone.localdate() + datetime.timedelta(days=365))
    number = next(_number)
    task = Task.objects.create(
        **{
            "programme": programme,
            "code": f"T{number}",
            "title": f"Kiểm tra liên ngành {number}",
            "lead": cast.health,
            "state": Task.State.RUNNING,
            **changes,
        }
    )
    if due_on:
        TaskDeadline.objects.create(task=task, original_due_on=due_on, due_on=due_on)
    return task


def make_indicator(task: Task, **changes) -> Indicator:
    """Return a flow indicator in "cuộc" with a target of 120 in each year of the programme."""
    target = changes.pop("target", Decimal(120))
    indicator = Indicator.objects.create(**{"task": task, "name": "Cuộc kiểm tra", "unit": "cuộc", **changes})
    if target is not None:
        for year in range(task.programme.starts_on.year, task.programme.ends_on.year + 1):
            Target.objects.create(
                indicator=indicator,
                starts_on=datetime.date(year, 1, 1),
                ends_on=datetime.date(year + 1, 1, 1),
                value=target,
            )
    return indicator


def make_activity(cast: Cast, task: Task | None = None, **changes) -> Activity:
    """Return an activity of Minh's, submitted by default; review="draft" or "accepted" set what goes with them.

    An accepted one is written as a row only: stored totals move only through activities.services.
    """
    task = task or make_task(cast)
    review = changes.pop("review", "submitted")
    values = changes.pop("values", {})
    defaults = {
        "task": task,
        "unit": cast.health,
        "author": cast.minh,
        "acting_for": cast.health,
        "title": f"Kiểm tra bếp ăn {next(_number)}",
        "starts_on": timezone.localdate(),
        "what_was_done": "Kiểm tra bốn bếp ăn bán trú.",
        "review": review,
    }
    if review != "draft":
        defaults["submitted_at"] = timezone.now()
    if review in {"accepted", "returned"}:
        defaults |= {"reviewed_by": cast.lan, "reviewed_at": timezone.now()}
    if review == "returned":
        defaults["return_reason"] = "Bổ sung danh sách người dự."
    activity = Activity.objects.create(**defaults | changes)
    for indicator, value in values.items():
        Measurement.objects.create(
            task=task,
            indicator=indicator,
            activity=activity,
            unit=activity.unit,
            author=activity.author,
            acting_for=activity.acting_for,
            as_of=activity.starts_on,
            value=value,
            review=activity.review,
            submitted_at=activity.submitted_at,
            reviewed_by=activity.reviewed_by,
        )
    return activity


def make_legal_document(**changes) -> LegalDocument:
    """Return a directive in the register."""
    return LegalDocument.objects.create(
        **{
            "kind": "Chỉ thị",
            "number": f"{next(_number)}-CT/TW",
            "issued_on": datetime.date(2021, 6, 23),
            "issuer": "Ban Bí thư",
            "subject": "Tăng cường lãnh đạo công tác giảm nghèo bền vững",
            **changes,
        }
    )


def make_content_group(number: int = 1) -> ContentGroup:
    """Return a content group, the seeded one where the tables hold it."""
    return ContentGroup.objects.get_or_create(
        number=number, defaults={"code": f"nhom-{number}", "name": "Tuyên truyền, vận động", "name_en": "Communication"}
    )[0]
