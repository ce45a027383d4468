"""Directives of the demo, one in every state: what a leader asked, what units answered, how it ended."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from activities.management.demo import catalogue
from activities.management.demo.world import at
from activities.models import Directive
from agreements.models import Task

if TYPE_CHECKING:
    from activities.management.demo.world import World

State = Directive.State
# task, days ago given, days from today due, text, then each step: days after it was given, state it leads to, words;
# about the lead unit of the task. An issued directive that is issued again was sent back.
ROWS: tuple[tuple[str, int, int, str, tuple[tuple[int, State, str], ...]], ...] = (
    ("A.1", 40, -12, "Báo cáo nguyên nhân chậm kiểm tra liên ngành quý III và đề xuất cách bù.", ()),
    ("B.2", 6, 8, "Lập danh sách xã, phường chưa có tổ công nghệ số cộng đồng, kèm người phụ trách.", ()),
    ("A.2", 25, 2, "Rà soát các lớp tập huấn còn thiếu trong năm và ngày mở từng lớp.",
     ((14, State.ANSWERED, "Đã rà soát, còn hai lớp."),
      (16, State.ISSUED, "Ghi rõ ngày mở và số người dự kiến của từng lớp."))),
    ("F.2", 18, -2, "Nghiệm thu số cây đã trồng tại Thần Sa trước khi báo cáo hoàn thành.",
     ((14, State.ANSWERED, "Đã nghiệm thu ngày thứ Sáu, có biên bản của xã; tỷ lệ cây sống 96 %."),)),
    ("C.3", 90, -60, "Thống nhất danh sách gia đình người có công cần sửa nhà trong năm.",
     ((10, State.ANSWERED, "Có 34 gia đình, sẽ gửi danh sách sau."),
      (12, State.ISSUED, "Gửi kèm danh sách đã được các xã xác nhận."),
      (20, State.ANSWERED, "Danh sách 34 gia đình đã thống nhất với Phòng Văn hóa - Xã hội các xã."),
      (21, State.CLOSED, "Đã đủ căn cứ phân bổ Quỹ."))),
    ("A.1", 120, -95, "Tổ chức hội nghị riêng về bếp ăn bán trú.",
     ((15, State.WITHDRAWN, "Đã lồng ghép vào hội nghị sơ kết 6 tháng."),)),
)  # fmt: skip


def write_directives(world: World) -> None:
    """Write them step by step, each a version with the day it would have had: the thread is their row history."""
    for code, ago, due_in, text, steps in ROWS:
        task = Task.objects.select_related("programme__owner", "lead").get(code=code)
        given = world.today - datetime.timedelta(days=ago)
        row = Directive.objects.create(
            programme=task.programme,
            task=task,
            committee=task.programme.owner,
            unit=task.lead,
            author=world.people["hoa"],
            text=text,
            due_on=world.today + datetime.timedelta(days=due_in),
        )
        row.issued_at = at(given, 10)
        row.save()
        for days, state, words in steps:
            _step(world, row, given + datetime.timedelta(days=days), state, words)


def _step(world: World, row: Directive, day: datetime.date, state: State, words: str) -> None:
    row.state = state
    row.version += 1
    if state == State.ANSWERED:
        key = next(key for key, body in world.bodies.items() if body.pk == row.unit_id)
        row.answer, row.answered_at = words, at(day, 15)
        row.answered_by = world.people[catalogue.REPORTER_OF[key]]
    else:
        row.closing_note, row.closed_at, row.closed_by = words, at(day, 9), world.people["lan"]
    row.save()
