"""Who may do what with programmes and deadlines, in every state."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from agreements import policy
from agreements.models import Programme, TaskDeadline
from core.exceptions import NotAllowed
from tests.cast import make_organisation, make_user
from tests.make import make_programme, make_task

WORK = {"edit", "tasks", "documents", "move"}


@pytest.mark.parametrize("status", Programme.Status.values)
def test_officers_of_the_owner_work_on_it_until_it_is_finished(cast, status):
    programme = make_programme(cast)
    programme.status = status
    finished = status in {"closed", "terminated", "superseded"}
    assert policy.allowed_actions(cast.actor(cast.lan), programme) == ({"documents"} if finished else WORK)
    for who in (cast.hoa, cast.minh, cast.duc, cast.tuan, cast.phuong):
        assert policy.allowed_actions(cast.actor(who), programme) == frozenset()


def test_officers_above_edit_what_a_committee_below_owns_and_not_the_other_way(cast):
    below = make_organisation("Ủy ban MTTQ xã Phú Lạc", "front_committee", parent=cast.committee)
    clerk = make_user("clerk", "Nông Văn Cơ", below, "officer")
    low, high = make_programme(cast, owner=below), make_programme(cast)
    assert "edit" in policy.allowed_actions(cast.actor(cast.lan), low)
    assert "edit" in policy.allowed_actions(cast.actor(clerk), low)
    assert policy.allowed_actions(cast.actor(clerk), high) == frozenset()
    with pytest.raises(NotAllowed):
        policy.require_create(cast.actor(clerk), cast.committee)
    policy.require_create(cast.actor(cast.lan), below)


def test_a_refusal_says_why(cast):
    closed = make_programme(cast, status="closed")
    with pytest.raises(NotAllowed) as finished:
        policy.require(cast.actor(cast.lan), "edit", closed)
    with pytest.raises(NotAllowed) as foreign:
        policy.require(cast.actor(cast.minh), "edit", closed)
    assert finished.value.message != foreign.value.message


def test_deadlines_by_state_and_standing(cast):
    deadline = make_task(cast).deadlines.get()
    lan, minh, hoa = (cast.actor(who) for who in (cast.lan, cast.minh, cast.hoa))
    expected = {
        "open": ({"report", "extend"}, {"report", "ask"}),
        "returned": ({"report", "extend"}, {"report", "ask"}),
        "awaiting": ({"confirm", "return"}, set()),
        "done": (set(), set()),
        "cancelled": (set(), set()),
    }
    for state in TaskDeadline.State.values:
        deadline.state, deadline.reported_by, deadline.reported_for = state, cast.minh, cast.health
        assert policy.allowed_deadline_actions(lan, deadline) == expected[state][0], state
        assert policy.allowed_deadline_actions(minh, deadline) == expected[state][1], state
        assert policy.allowed_deadline_actions(hoa, deadline) == set()
    deadline.state, deadline.reported_by, deadline.reported_for = "awaiting", cast.lan, cast.committee
    assert policy.allowed_deadline_actions(lan, deadline) == set()
    assert policy.allowed_deadline_actions(hoa, deadline) == {"confirm", "return"}


@pytest.mark.parametrize("status", ["draft", "signed", "closed", "terminated", "superseded"])
def test_deadlines_stand_still_outside_the_programme_s_work(cast, status):
    deadline = make_task(cast).deadlines.get()
    deadline.task.programme.status = status
    for who in (cast.lan, cast.minh):
        assert policy.allowed_deadline_actions(cast.actor(who), deadline) == frozenset()


def test_every_route_of_the_room_is_declared_and_exists(db):
    names = {key for key in get_resolver().namespace_dict["agreements"][1].reverse_dict if isinstance(key, str)}
    assert names == {name.removeprefix("agreements:") for name in policy.ROUTES}
