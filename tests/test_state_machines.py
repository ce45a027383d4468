"""Activities, values, reports, duties, directives, deadlines, tasks: random walks by all roles (trust.md F12, F19)."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from tests.cast import make_cast
from tests.machines import rules
from tests.machines.ground import START, Ground, set_up
from tests.machines.mid_flight import rights_end
from tests.machines.steps import STEPS
from tests.machines.walk import Tried, Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.beginnings import Beginnings

pytestmark = pytest.mark.django_db
SOAK = bool(os.environ.get("SOAK"))
PARTS, WALKS = (4, 500) if SOAK else (1, 8)  # parts, so that several workers can share the 2,000 walks of `make soak`


# Which states every walk of a test together must reach; those without "to leave" are ends.
STATES = {
    "activity": ("draft submitted returned accepted", ""),
    "occurrence": ("planned held postponed cancelled", ""),
    "measurement": ("draft submitted returned accepted", ""),
    "report": ("draft submitted returned accepted", ""),
    "duty": ("asked waived", ""),
    "directive": ("issued answered", "closed withdrawn"),
    "deadline": ("open awaiting returned done cancelled", ""),
    "extension": ("requested", "granted refused"),
    "task": ("running awaiting done paused carried cancelled", ""),
    "programme": ("in_force suspended", "terminated"),
}


@pytest.fixture(scope="module")
def ground(beginnings: Beginnings, django_db_blocker: Any) -> Iterator[Ground]:
    """Write the ground once for the module; everything is rolled back at its end."""
    refusals = logging.getLogger("django.request")
    refusals.disabled = True  # hundreds are wanted here; pytest would keep each with its frames
    with django_db_blocker.unblock(), beginnings.own(), time_machine.travel(START, tick=False):
        yield set_up(make_cast())
    refusals.disabled = False


@pytest.mark.parametrize("part", range(PARTS))
def test_walks_keep_to_the_rules_and_their_totals_to_the_entries(ground: Ground, part: int) -> None:
    seeds = range(part * WALKS + 1, (part + 1) * WALKS + 1)
    if "WALK_SEED" in os.environ:  # a replay
        seeds = range(int(os.environ["WALK_SEED"]), int(os.environ["WALK_SEED"]) + 1)
    tried = Tried()
    for seed in seeds:
        Walk(ground, seed, tried).go(also={30 + seed % 20: rights_end})
    done, refused = sum(tried.done.values()), sum(tried.refused.values())
    print(f"{len(seeds)} walks: {done} steps succeeded, {refused} were refused", dict(sorted(tried.reached.items())))
    assert "WALK_SEED" in os.environ or not _missing(tried)


def _missing(tried: Tried) -> list[str]:
    """Return states that no walk reached or left, and steps that never succeeded or were never refused.

    The share of `make test` is too small for the rare ones: it answers for entries and reports.
    """
    machines = STATES if SOAK else {name: STATES[name] for name in ("activity", "measurement", "report")}
    found = []
    for machine, (passing, ends) in machines.items():
        found += [
            f"{machine} {one}: never reached" for one in f"{passing} {ends}".split() if not tried.reached[machine, one]
        ]
        found += [f"{machine} {one}: never left" for one in passing.split() if not tried.left[machine, one]]
        found += [f"{machine} {one}: left, though an end" for one in ends.split() if tried.left[machine, one]]
    for step in STEPS if SOAK else ():
        name = step.__name__
        found += [f"{name}: never succeeded"] if not tried.done[name] else []
        found += [f"{name}: never refused"] if not tried.refused[name] and name != "time_passes" else []
    return found


def test_a_walk_tells_a_fault_with_its_seed_and_steps(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rules.ENTRY, "submitted", {"author": {"accept"}})
    with pytest.raises(AssertionError, match=r"WALK_SEED=\d+ .*\n(.*\n)* +\d+ entry_accept .* by \w+: "):
        for seed in range(1, 20):
            Walk(ground, seed, Tried()).go()
