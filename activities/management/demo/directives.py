"""Directives of the demo, one in every state: what a leader asked, what units answered, how it ended."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from activities.management.demo import catalogue
from activities.management.demo.world import at
from activities.models import Directive
from agreements.models import Task
from core.models import User

if TYPE_CHECKING:
    from activities.management.demo.world import World

State = Directive.State
# task, days ago given, days from today due, state, text, answer, note; about the lead unit of the task
ROWS = (
    ("A.1", 40, -12, State.ISSUED, "Báo cáo nguyên nhân chậm kiểm tra liên ngành quý III và đề xuất cách bù.", "", ""),
    ("B.2", 6, 8, State.ISSUED, "Lập danh sách xã, phường chưa có tổ công nghệ số cộng đồng, kèm người phụ trách.",
     "", ""),
    ("A.2", 25, 2, State.ISSUED, "Rà soát các lớp tập huấn còn thiếu trong năm và ngày mở từng lớp.",
     "Đã rà soát, còn hai lớp.", "Ghi rõ ngày mở và số người dự kiến của từng lớp."),
    ("F.2", 18, -2, State.ANSWERED, "Nghiệm thu số cây đã trồng tại Thần Sa trước khi báo cáo hoàn thành.",
     "Đã nghiệm thu ngày thứ Sáu, có biên bản của xã; tỷ lệ cây sống 96 %.", ""),
    ("C.3", 90, -60, State.CLOSED, "Thống nhất danh sách gia đình người có công cần sửa nhà trong năm.",
     "Danh sách 34 gia đình đã thống nhất với Phòng Văn hóa - Xã hội các xã.", "Đã đủ căn cứ phân bổ Quỹ."),
    ("A.1", 120, -95, State.WITHDRAWN, "Tổ chức hội nghị riêng về bếp ăn bán trú.", "",
     "Đã lồng ghép vào hội nghị sơ kết 6 tháng."),
)  # fmt: skip


def write_directives(world: World) -> None:
    """Write them as rows, with the dates they would have had."""
    leader, officer = world.people["hoa"], world.people["lan"]
    for code, ago, due_in, state, text, answer, note in ROWS:
        task = Task.objects.select_related("programme__owner", "lead").get(code=code)
        key = next(key for key, body in world.bodies.items() if body.pk == task.lead_id)
        given = world.today - datetime.timedelta(days=ago)
        answered = given + datetime.timedelta(days=min(14, max(1, ago - 2)))
        reporter: User | None = world.people[catalogue.REPORTER_OF[key]] if answer else None
        over = state in {State.CLOSED, State.WITHDRAWN}
        row = Directive.objects.create(
            programme=task.programme,
            task=task,
            committee=task.programme.owner,
            unit=task.lead,
            author=leader,
            text=text,
            due_on=world.today + datetime.timedelta(days=due_in),
            state=state,
            answer=answer,
            answered_by=reporter,
            answered_at=at(answered, 15) if answer else None,
            closing_note=note,
            closed_by=officer if over else None,
            closed_at=at(answered + datetime.timedelta(days=1), 9) if over else None,
        )
        Directive.objects.filter(pk=row.pk).update(issued_at=at(given, 10))
