"""What a step is, and what several steps draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.machines.walk import Walk

REASON = "Bổ sung danh sách người dự."
TOTALS = {"tally", "figure", "daily", "task"}
FULL = "Đã kiểm tra bốn bếp ăn."


@dataclass
class Move:
    """One step by one person. call: the service; effect: what the model does when it succeeded; own: the rows
    (table, id) it may change; tables: tables in which it may change or add any row; logs: its entry in the audit."""

    who: str
    legal: bool
    call: Callable[[], Any]
    effect: Callable[[Any], None]
    logs: str
    own: set[tuple[str, int]] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    drawn: str = ""  # for the trace


Step = Callable[["Walk"], "Move | None"]


def some(walk: Walk, rows: list[Any]) -> Any:
    return walk.rng.choice(rows) if rows else None
