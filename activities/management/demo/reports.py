"""Reports of the demo: every duty up to today is answered, and the newest ones lie about in every state.

Called after the duties are written. Accepted reports are frozen by the same functions as real ones.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from activities.management.demo.catalogue import REPORTER_OF
from activities.management.demo.world import World, at
from activities.models import Evidence, ProgressReport, Rating, ReportDuty, ReportVersion, Review, TaskReport
from activities.services import reports
from activities.services.reports.versions import content_of

if TYPE_CHECKING:
    from agreements.models import Task
    from core.models import User

# What the newest duties of the demo look like, in turn; older ones are accepted.
NEWEST = ("submitted", "returned", "draft", "overdue", "reopened", "accepted")
SUMMARY = (
    "Hai bên bám sát kế hoạch năm, phân công cán bộ đầu mối và giao ban hằng tháng.",
    "Việc triển khai đúng kế hoạch; các xã, phường đã thành lập tổ phối hợp và duy trì chế độ thông tin.",
    "Trong kỳ tập trung vào địa bàn còn khó khăn, lồng ghép với các cuộc vận động của Mặt trận.",
)
OBSTACLES = (
    "Một số xã mới sắp xếp chưa cử đầu mối nên số liệu về chậm.",
    "Kinh phí phân bổ muộn, các lớp tập huấn phải dồn vào cuối kỳ.",
)
PROPOSALS = ("Đề nghị Ủy ban có văn bản nhắc các xã cử đầu mối.", "Đề nghị phân bổ kinh phí từ đầu năm.")
NEXT = "Tiếp tục kiểm tra, giám sát và chuẩn bị tổng kết theo kế hoạch đã ký."
RETURN = "Bổ sung số liệu của các nhiệm vụ còn trống và nêu rõ đơn vị cần giải quyết vướng mắc."
REOPEN = "Đơn vị gửi bổ sung hai hoạt động của tháng cuối kỳ."
NOTE = "Nhất trí với đánh giá của đơn vị."


def write_reports(world: World) -> int:
    """Answer the duties of the demo whose window has ended; returns how many reports were written."""
    duties = list(
        ReportDuty.objects.filter(programme__is_demo=True, waived_at=None, ends_on__lte=world.today)
        .select_related("programme__owner", "unit", "committee")
        .order_by("-due_on", "id")
    )
    keys = {body.pk: key for key, body in world.bodies.items()}
    newest: dict[int, ReportDuty] = {}
    for duty in duties:  # one of each unit, the newest
        newest.setdefault(duty.unit_id, duty)
    states = {duty.pk: NEWEST[turn % len(NEWEST)] for turn, duty in enumerate(newest.values())}
    written = 0
    for duty in reversed(duties):  # the oldest first, so that a text can repeat the last report's
        state = states.get(duty.pk, "accepted")
        writer = REPORTER_OF.get(keys.get(duty.unit_id, ""))
        if state == "overdue" or writer is None:
            continue
        _write(world, duty, world.people[writer], state)
        written += 1
    return written + _begin(world)


def _begin(world: World) -> int:
    """Minh has begun the report of the period that still runs; returns 1, or 0 where he owes none."""
    owed = ReportDuty.objects.filter(
        unit=world.bodies["syt"], report=None, waived_at=None, starts_on__lte=world.today, ends_on__gt=world.today
    )
    duty = owed.select_related("programme__owner", "unit", "committee").order_by("ends_on", "id").first()
    if duty is not None:
        _write(world, duty, world.people["minh"], "draft")
    return int(duty is not None)


def _write(world: World, duty: ReportDuty, writer: User, state: str) -> None:
    sent = min(at(duty.due_on - datetime.timedelta(days=world.random.randint(0, 5)), 15), at(world.today, 7))
    reviewer = world.people["lan"] if writer.username != "lan" else world.people["hung"]
    report = ProgressReport.objects.create(
        duty=duty,
        author=writer,
        acting_for=duty.unit,
        summary=world.random.choice(SUMMARY),
        obstacles=world.random.choice(OBSTACLES) if world.random.random() < 0.5 else "",
        proposals=world.random.choice(PROPOSALS) if world.random.random() < 0.4 else "",
        next_steps=NEXT,
        review=Review.DRAFT,
    )
    tasks = reports.tasks_reported(duty)
    found = reports.line_figures(duty, tasks)
    lines = [_line(world, report, position, task, found[task.pk]) for position, task in enumerate(tasks, start=1)]
    TaskReport.objects.bulk_create(lines)
    for line in lines:
        line.photos.set(_photos(duty, line.task))
    if state == "draft":
        TaskReport.objects.filter(pk__in=[line.pk for line in lines[:1]]).update(self_rating="", result="")
        return
    report.review, report.submitted_at, report.submitted_by = Review.SUBMITTED, sent, writer
    _keep(report, ReportVersion.Cause.SUBMITTED, writer, sent)
    decided = min(sent + datetime.timedelta(days=world.random.randint(1, 4)), at(world.today, 8))
    if state == "returned":
        report.review, report.return_reason = Review.RETURNED, RETURN
        report.reviewed_by, report.reviewed_at = reviewer, decided
        _keep(report, ReportVersion.Cause.RETURNED, reviewer, decided, RETURN)
    elif state in {"accepted", "reopened"}:
        _accept(report, lines, found, reviewer, decided)
        if state == "reopened":
            _reopen(report, world.people["hung"], min(decided + datetime.timedelta(days=3), at(world.today, 9)))
    report.save()


def _line(world: World, report: ProgressReport, position: int, task: Task, found: reports.LineFigures) -> TaskReport:
    if not found.has_data:
        rating, result = Rating.NOTHING, ""
    else:
        shares = [line.share for line in found.indicators if line.share is not None]
        share = max(shares, default=None)
        rating = Rating.ON_TRACK if share is None else (
            Rating.REACHED if share >= 1 else Rating.ON_TRACK if share >= 0.4 else Rating.BEHIND
        )  # fmt: skip
        if rating == Rating.BEHIND and position % 3 == 0:
            rating = Rating.BLOCKED
        result = reports.suggested(found)
    return TaskReport(
        report=report,
        task=task,
        position=position,
        self_rating=rating,
        result=result,
        obstacles=world.random.choice(OBSTACLES) if rating in {Rating.BEHIND, Rating.BLOCKED} else "",
    )


def _photos(duty: ReportDuty, task: Task) -> list[Evidence]:
    rows = Evidence.objects.filter(
        activity__task=task,
        activity__review=Review.ACCEPTED,
        activity__unit=duty.unit,
        activity__starts_on__gte=duty.starts_on,
        activity__starts_on__lt=duty.ends_on,
        file__mime="image/jpeg",
    )
    return list(rows.order_by("-pk")[:3])


def _accept(
    report: ProgressReport,
    lines: list[TaskReport],
    found: dict[int, reports.LineFigures],
    reviewer: User,
    moment: datetime.datetime,
) -> None:
    for line in lines:
        line.reviewer_rating, line.figures = line.self_rating, found[line.task_id].to_json()
    TaskReport.objects.bulk_update(lines, ["reviewer_rating", "figures"])
    report.review, report.reviewed_by, report.reviewed_at = Review.ACCEPTED, reviewer, moment
    report.cut_off, report.reviewer_note = moment, NOTE
    report.figures = {"activities": sum(one.activities for one in found.values())}
    _keep(report, ReportVersion.Cause.ACCEPTED, reviewer, moment, NOTE)


def _reopen(report: ProgressReport, officer: User, moment: datetime.datetime) -> None:
    _keep(report, ReportVersion.Cause.REOPENED, officer, moment, REOPEN)
    report.review, report.cut_off, report.figures = Review.SUBMITTED, None, {}
    report.reviewed_by = report.reviewed_at = None
    report.lines.update(figures={}, reviewer_rating="")


def _keep(report: ProgressReport, cause: str, user: User, moment: datetime.datetime, reason: str = "") -> None:
    kept = ReportVersion.objects.create(
        report=report,
        number=report.versions.count() + 1,
        cause=cause,
        reason=reason,
        content=content_of(report),
        made_by=user,
    )
    ReportVersion.objects.filter(pk=kept.pk).update(made_at=moment)
