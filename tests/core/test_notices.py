"""core.notices: each event reaches a person once, and an undone decision reaches nobody."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone

from core import notices
from core.models import Notification
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_the_same_event_reaches_a_person_once(cast: Cast) -> None:
    assert notices.notify([cast.lan, cast.hung, cast.lan], "kind", key="7") == 2
    notices.notify([cast.lan], "kind", key="7")
    assert Notification.objects.filter(user=cast.lan).count() == 1


def test_a_disabled_person_gets_nothing(cast: Cast) -> None:
    cast.lan.is_active = False
    notices.notify([cast.lan], "kind", key="7")
    assert not Notification.objects.exists()


def test_an_undoable_notice_leaves_later_and_can_be_withdrawn(cast: Cast) -> None:
    notices.notify([cast.minh], "kind", key="7", undoable=True)
    assert not Notification.objects.visible_to(cast.minh).exists()
    with time_machine.travel(timezone.now() + notices.UNDO_WINDOW, tick=False):
        assert Notification.objects.visible_to(cast.minh).unread().exists()
        assert notices.withdraw("kind", key="7") == 0  # it has left
    assert notices.withdraw("kind", key="7") == 1
    assert not Notification.objects.exists()


def test_withdrawing_one_event_leaves_the_others(cast: Cast) -> None:
    notices.notify([cast.minh], "kind", key="7", undoable=True)
    notices.notify([cast.minh], "kind", key="77", undoable=True)
    notices.withdraw("kind", key="7")
    assert Notification.objects.get().dedupe_key.startswith("kind:77:")


def test_others_notices_are_not_visible(cast: Cast) -> None:
    notices.notify([cast.minh], "kind", key="7")
    assert not Notification.objects.visible_to(cast.lan).exists()
