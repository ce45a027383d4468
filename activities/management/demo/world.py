"""What the demo has written so far, and the days it counts with."""

from __future__ import annotations

import calendar
import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone

from agreements.models import ContentGroup, LegalDocument
from core.models import User
from partners.models import FieldOfWork, Locality, Organisation

Day = datetime.date.fromisoformat
MERGER = datetime.date(2025, 7, 1)
VILLAGES = ("xóm Đồng Tâm", "nhà văn hóa tổ 4", "xóm Bản Chang", "trường tiểu học", "trạm y tế", "hội trường Ủy ban")
RETURNS = ("Bổ sung danh sách người dự.", "Ghi rõ người hay lượt người.", "Bổ sung ảnh và biên bản.")


@dataclass
class World:
    """What has been written so far, by the keys of the catalogue."""

    today: datetime.date
    say: Callable[[str], None]
    random: random.Random
    bodies: dict[str, Organisation] = field(default_factory=dict)
    fields: dict[str, FieldOfWork] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    laws: dict[str, LegalDocument] = field(default_factory=dict)
    groups: dict[int, ContentGroup] = field(default_factory=dict)
    communes: list[Locality] = field(default_factory=list)
    old_communes: list[Locality] = field(default_factory=list)  # those of the former Thái Nguyên


def at(day: datetime.date, hour: int) -> datetime.datetime:
    """Return the moment of an hour of a day in Vietnam."""
    return timezone.make_aware(datetime.datetime(day.year, day.month, day.day, hour))


def month_end(year: int, month: int) -> datetime.date:
    """Return the last day of a month."""
    return datetime.date(year, month, calendar.monthrange(year, month)[1])
