"""The pages of the list of activities: put together from the latest of each task, they are the plain list in order."""

from __future__ import annotations

import datetime
import random
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.db.models import F

from activities.models import Activity
from activities.views import listing
from core.models import User
from tests.cast import Cast
from tests.make import make_activity, make_programme, make_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet


def paged(user: User, narrow: Callable[[QuerySet[Activity]], QuerySet[Activity]]) -> list[int]:
    """Return the ids of all pages, one after the other."""
    found: list[int] = []
    for number in range(1, 100):
        page = listing.page_of(str(number), user=user, narrow=narrow)
        if page.number < number:
            break
        found += page.object_list
        if not page.has_next():
            break
    return found


def plain(user: User, narrow: Callable[[QuerySet[Activity]], QuerySet[Activity]]) -> list[int]:
    rows = narrow(Activity.objects.visible_to(user)).order_by(F("starts_on").desc(nulls_last=True), "-pk")
    return list(rows.values_list("pk", flat=True))


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_the_pages_of_everybody_are_the_list(demo: None) -> None:
    for name in ("lan", "minh", "hoa"):
        user = User.objects.get(username=name)
        for narrow in (lambda rows: rows, lambda rows: rows.filter(review__in=["draft", "returned"])):
            wanted = plain(user, narrow)
            assert paged(user, narrow) == wanted
            assert wanted or name != "lan"


def test_equal_days_no_days_and_drafts_keep_their_place(cast: Cast) -> None:
    """Few days for many entries in many tasks, so that pages end among equals."""
    dice = random.Random(5)
    tasks = [make_task(cast, make_programme(cast)) for _number in range(30)]
    days = [None, *(datetime.date(2026, 5, number) for number in (1, 2, 3))]
    for _number in range(90):
        day, author = dice.choice(days), dice.choice([cast.minh, cast.lan])
        review = dice.choice(["draft", "submitted"]) if day else "draft"
        make_activity(cast, dice.choice(tasks), starts_on=day, review=review, author=author)
    for user in (cast.lan, cast.minh, cast.hoa):
        assert paged(user, lambda rows: rows) == plain(user, lambda rows: rows)
    assert len(plain(cast.lan, lambda rows: rows)) > 2 * listing.A_PAGE
