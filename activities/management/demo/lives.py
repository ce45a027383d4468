"""The rest of the lives that the demo shows: programmes before, beside and after being carried out, tasks that stand
still or are over, a deadline sent back. All invented; called last, when the states of tasks can follow from deadlines.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from activities.management.demo import catalogue
from activities.management.demo.world import Day, World, at
from agreements.models import CodeCounter, Goal, Milestone, Party, Programme, Task, TaskDeadline
from agreements.services.tasks import derive_state

if TYPE_CHECKING:
    from core.models import User

S, T, D = Programme.Status, Task.State, TaskDeadline.State


@dataclass(frozen=True)
class Life:
    """A programme of few words. tasks: title, state, reason, paper, due, state of its deadline."""

    code: str
    kind: str
    title: str
    short: str
    field: str
    parties: tuple[tuple[str, str], ...]  # body, part in the signing
    signed: str
    starts: str
    ends: str
    status: str
    reason: str = ""
    tasks: tuple[tuple[str, str, str, str, str, str], ...] = ()
    reviewed: tuple[str, str] | None = None  # the final review: due, held
    replaced_by: str = ""
    requirements: tuple[str, ...] = field(default=())


LIVES = (
    Life(
        "CT-2018-002", "plan", "Kế hoạch phối hợp chăm sóc sức khỏe nhân dân ở cơ sở giai đoạn 2018–2022 (demo)",
        "Chăm sóc sức khỏe ở cơ sở 2018–2022", "y-te", (("mttq", "lead"), ("syt", "co_lead"), ("vpubnd", "witness")),
        "2018-02-12", "2018-01-01", "2022-12-31", S.CLOSED,
        tasks=(("Khám sàng lọc người cao tuổi ở các xã vùng cao", T.DONE, "", "", "2022-11-30", D.DONE),),
        reviewed=("2022-12-15", "2023-01-10"),
    ),
    Life(
        "CT-2022-004", "programme", "Phối hợp phổ biến, giáo dục pháp luật giai đoạn 2022–2026 (demo)",
        "Phổ biến, giáo dục pháp luật 2022–2026", "phap-luat", (("mttq", "lead"), ("stp", "participant")),
        "2022-03-01", "2022-01-01", "2026-12-31", S.SUPERSEDED,
        tasks=(("Nói chuyện pháp luật tại khu dân cư", T.CARRIED,
                "Làm tiếp trong chương trình trợ giúp pháp lý ở cơ sở.",
                "Công văn 66/demo", "2026-12-15", D.OPEN),),
        replaced_by="CT-2026-005",
    ),
    Life(
        "CT-2024-011", "memorandum", "Bản ghi nhớ về thông tin khoa học cho nông dân giai đoạn 2024–2026 (demo)",
        "Thông tin khoa học cho nông dân", "chuyen-doi-so", (("mttq", "lead"), ("skhcn", "participant")),
        "2024-05-20", "2024-06-01", "2026-12-31", S.TERMINATED,
        "Hai bên thống nhất dừng do trùng nhiệm vụ (Công văn 52/demo).",
        tasks=(("Lập điểm thông tin khoa học ở xã", T.CANCELLED, "Chương trình chấm dứt.", "Công văn 52/demo",
                "2025-12-31", D.CANCELLED),),
    ),
    Life(
        "CT-2025-010", "programme", "Phối hợp giám sát bếp ăn khu công nghiệp giai đoạn 2025–2027 (demo)",
        "Giám sát bếp ăn khu công nghiệp", "y-te", (("mttq", "lead"), ("syt", "participant")),
        "2025-04-10", "2025-04-01", "2027-12-31", S.SUSPENDED, "Chờ quy định mới về thẩm quyền kiểm tra (demo).",
        tasks=(("Giám sát bếp ăn tập thể trên 500 suất", T.PAUSED, "Chờ quy định mới.", "Công văn 73/demo",
                "2027-06-30", D.OPEN),),
    ),
    Life(
        "CT-2026-007", "joint_resolution",
        "Nghị quyết liên tịch về tự quản an ninh ở khu dân cư giai đoạn 2027–2030 (demo)",
        "Tự quản an ninh ở khu dân cư", "an-ninh", (("mttq", "lead"), ("catinh", "co_lead")),
        "2026-11-12", "2027-01-01", "2030-12-31", S.SIGNED,
        tasks=(("Xây dựng mô hình tự quản điểm", T.PLANNED, "", "", "2027-12-15", D.OPEN),),
        requirements=("Bám sát địa bàn, không hình thức",),
    ),
)  # fmt: skip


def write_lives(world: World) -> None:
    """Write the programmes, a deadline sent back, and the states that follow from deadlines."""
    for row in LIVES:
        if Day(row.signed) <= world.today:
            _write(world, row)
    _send_back(world)
    for task in Task.objects.filter(programme__is_demo=True).exclude(programme__status=S.DRAFT).order_by("pk"):
        derive_state(task)


def _write(world: World, row: Life) -> None:
    owner = world.bodies["mttq"]
    programme = Programme.objects.create(
        code=row.code,
        kind=row.kind,
        title=row.title,
        short_title=row.short,
        owner=owner,
        officer=world.people["lan"],
        field_of_work=world.fields[row.field],
        signed_on=Day(row.signed),
        place="Thái Nguyên",
        starts_on=Day(row.starts),
        ends_on=Day(row.ends),
        status=row.status,
        status_reason=row.reason,
        is_demo=True,
    )
    Programme.objects.filter(code=row.replaced_by).update(predecessor=programme)
    counter, _made = CodeCounter.objects.get_or_create(owner=owner, year=int(row.code[3:7]))
    counter.last = max(counter.last, int(row.code[8:]))
    counter.save()
    for position, (body, role) in enumerate(row.parties, start=1):
        unit = world.bodies[body]
        Party.objects.create(
            programme=programme, organisation=unit, name_as_signed=unit.name, role=role, position=position,
            signer="Người ký (demo)", signer_title="Phó Chủ tịch" if position == 1 else "Lãnh đạo đơn vị",
        )  # fmt: skip
    for position, text in enumerate(row.requirements, start=1):
        Goal.objects.create(programme=programme, kind=Goal.Kind.REQUIREMENT, position=position, text=text)
    if row.reviewed:
        due, held = map(Day, row.reviewed)
        Milestone.objects.create(
            programme=programme, kind=Milestone.Kind.FINAL_REVIEW, name=f"Tổng kết {row.short}", due_on=due,
            done_on=held, responsible=owner, note="Biên bản tổng kết (demo).",
        )  # fmt: skip
    for position, given in enumerate(row.tasks, start=1):
        _write_task(world, programme, position, row.parties[1][0], given)


def _write_task(
    world: World, programme: Programme, position: int, lead: str, given: tuple[str, str, str, str, str, str]
) -> None:
    title, state, reason, paper, due, standing = given
    task = Task.objects.create(
        programme=programme, position=position, code=f"{programme.code[-3:]}.{position}", title=title,
        lead=world.bodies[lead], recurrence="once", state=state, state_reason=reason, state_paper=paper,
    )  # fmt: skip
    deadline = TaskDeadline(task=task, original_due_on=Day(due), due_on=Day(due), state=standing)
    if standing == D.DONE:
        deadline.done_on = deadline.due_on - datetime.timedelta(days=5)
        _reported(deadline, world.people[catalogue.REPORTER_OF[lead]], at(deadline.done_on, 15))
        deadline.reviewed_by, deadline.reviewed_at = world.people["lan"], at(deadline.done_on, 16)
    deadline.save()


def _reported(deadline: TaskDeadline, who: User, moment: datetime.datetime) -> None:
    deadline.evidence_note = "Đã hoàn thành, có biên bản kèm theo (demo)."
    deadline.reported_by, deadline.reported_for, deadline.reported_at = who, deadline.task.lead, moment


def _send_back(world: World) -> None:
    """Send one report of a deadline back: the unit said too early that the work was done."""
    keys = {body.pk: key for key, body in world.bodies.items()}
    rows = TaskDeadline.objects.live().filter(
        state=D.OPEN, due_on__gt=world.today, extensions=None, task__programme__status=S.IN_FORCE
    )
    rows = rows.exclude(task__lead=world.bodies["mttq"]).filter(task__lead__isnull=False)
    for deadline in rows.select_related("task__lead").order_by("due_on", "pk"):
        writer = catalogue.REPORTER_OF.get(keys[deadline.task.lead_id or 0])
        if writer is not None:
            day = world.today - datetime.timedelta(days=3)
            deadline.done_on = day
            _reported(deadline, world.people[writer], at(day, 10))
            deadline.state, deadline.return_reason = D.RETURNED, "Chưa có danh sách kèm theo. Gửi lại khi đủ danh sách."
            deadline.reviewed_by, deadline.reviewed_at = world.people["lan"], at(day, 15)
            deadline.save()
            return
