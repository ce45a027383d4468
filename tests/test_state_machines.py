"""Activities, values, reports, duties, directives, deadlines, tasks: random walks by all roles (trust.md F12, F19)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import transaction

from tests.cast import make_cast
from tests.machines import walk
from tests.machines.walk import Ground, Tried, Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db
SOAK = bool(os.environ.get("SOAK"))
WALKS = 2000 if SOAK else 12
SEEDS = [int(os.environ["WALK_SEED"])] if "WALK_SEED" in os.environ else range(1, WALKS + 1)


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[Ground]:
    """Write the ground once for the module; everything is rolled back at its end."""
    with django_db_blocker.unblock(), time_machine.travel(walk.START, tick=False), transaction.atomic():
        yield walk.set_up(make_cast())
        transaction.set_rollback(True)


def test_walks(ground: Ground) -> None:
    tried = Tried()
    for seed in SEEDS:
        Walk(ground, seed, tried).go()
