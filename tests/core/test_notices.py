"""core.notices: each event reaches a person once, and an undone decision reaches nobody."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone

from core import emails, notices, services
from core.models import Notification
from core.sign_in import Backend
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_the_same_event_reaches_a_person_once(cast: Cast) -> None:
    assert notices.notify([cast.lan, cast.hung, cast.lan], "kind", key="7") == 2
    assert notices.notify([cast.lan], "kind", key="7") == 0
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


def test_every_kind_can_be_muted_and_a_muted_group_is_neither_shown_nor_counted(cast: Cast) -> None:
    known = set(emails.all_texts())
    grouped = [kind for _words, kinds in emails.all_groups().values() for kind in kinds]
    assert known - set(grouped) == set()
    assert len(grouped) == len(set(grouped))
    notices.notify([cast.minh], "deadline.returned", key="7")
    notices.notify([cast.minh], "programme.moved", key="7")
    services.choose_notices(actor=cast.minh, mail_digest="daily", muted=["decisions"], version=1)
    assert [row.kind for row in Notification.objects.visible_to(cast.minh)] == ["programme.moved"]
    assert Backend().get_user(cast.minh.pk).unread == 1
    services.choose_notices(actor=cast.minh, mail_digest="daily", muted=[], version=2)
    assert Notification.objects.visible_to(cast.minh).count() == 2


def test_the_choice_page_keeps_both_choices_and_refuses_unknown_ones(cast: Cast, sign_in) -> None:
    client, url = sign_in(cast.minh), "/tai-khoan/thong-bao/"
    assert "Nhắc việc đến hạn" in client.get(url).content.decode()
    answer = client.post(url, {"mail_digest": "never", "muted": ["reminders"], "version": 1})
    assert answer.status_code == 302
    cast.minh.refresh_from_db()
    assert cast.minh.mail_digest == "never" and services.muted_groups(cast.minh) == ["reminders"]
    for wrong in ({"mail_digest": "hourly", "version": 2}, {"mail_digest": "each", "muted": ["x"], "version": 2}):
        answer = client.post(url, wrong)
        assert answer.status_code == 200 and "Chọn" in answer.content.decode()
    assert client.post(url, {"mail_digest": "each", "version": 1}).status_code == 409


def test_the_inbox_is_grouped_by_day_and_heading(cast: Cast, sign_in) -> None:
    for number, group in enumerate(("An toàn thực phẩm", "Giảm nghèo", "An toàn thực phẩm")):
        notices.notify([cast.minh], "programme.moved", key=str(number), params={"programme": "P", "group": group})
    days = sign_in(cast.minh).get("/thong-bao/").context["days"]
    assert [[(group["name"], len(group["rows"])) for group in day["groups"]] for day in days] == [
        [("An toàn thực phẩm", 2), ("Giảm nghèo", 1)]
    ]
