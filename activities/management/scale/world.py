"""What has been generated so far, and the words everything is made of. Nothing here is a real person or event."""

from __future__ import annotations

import datetime
import random
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from activities.management.demo.programmes import PROGRAMMES
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from activities.management.demo.catalogue import DemoProgramme
    from activities.management.scale.copying import Tables
    from activities.management.scale.sizes import Size
    from activities.management.scale.traces import Shared

MARK = "(mẫu)"  # behind every invented name
ZONE = "+07:00"
sort_key = lru_cache(100_000)(vietnamese.sort_key)
fold = lru_cache(100_000)(vietnamese.fold)


@dataclass(frozen=True)
class Place:
    """A province or commune; communes carry the id of their locality's province."""

    pk: int
    code: str
    name: str


@dataclass
class Office:
    """A Front committee with its people, the partner units beside it and the places below it (itself a commune)."""

    pk: int
    path: str
    level: str
    name: str
    officers: list[int] = field(default_factory=list)
    leader: int = 0
    partners: list[Partner] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)  # year → last code given


@dataclass(frozen=True)
class Partner:
    """A partner unit and the person who reports for it."""

    pk: int
    name: str
    reporter: int


@dataclass
class World:
    """Everything the writers share. `say` prints a line of progress."""

    size: Size
    today: datetime.date
    random: random.Random
    tables: Tables
    say: Callable[[str], None]
    offices: list[Office] = field(default_factory=list)
    fields: dict[str, int] = field(default_factory=dict)  # code → id
    groups: dict[int, int] = field(default_factory=dict)  # number → id
    laws: list[int] = field(default_factory=list)
    pictures: list[tuple[int, int]] = field(default_factory=list)  # activity and person of each photo to come
    bytes: list[tuple[Shared, Path]] = field(default_factory=list)  # what is to lie where


@dataclass(frozen=True)
class Theme:
    """A subject of programmes, with the demo's programme its tasks are taken from."""

    name: str
    row: DemoProgramme


THEMES = tuple(Theme(re.sub(r" \d{4}–\d{4}$", "", row.short), row) for row in PROGRAMMES)


def moment(day: datetime.date, hour: int, minute: int = 0) -> str:
    """Return a moment in Vietnam as the database reads it."""
    return f"{day} {hour:02}:{minute:02}:00{ZONE}"
