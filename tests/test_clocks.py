"""A server's clock that jumps: an hour back, a day on, a year back (trust.md F11)."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from activities.models import Nudge
from core import audit, throttle
from core.models import AuditEntry, Notification
from partners import services
from tests.cast import PASSWORD
from tests.make import make_activity, make_task

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 11, 23, 5, 0, tzinfo=datetime.UTC)
HOUR, DAY, YEAR = datetime.timedelta(hours=1), datetime.timedelta(days=1), datetime.timedelta(days=365)
JUMPS = [pytest.param(-HOUR, id="hour back"), pytest.param(DAY, id="day on"), pytest.param(-YEAR, id="year back")]


@pytest.mark.parametrize("jump", JUMPS)
def test_the_audit_trail_is_in_order_of_sequence_and_sound(cast, jump):
    with time_machine.travel(NOON, tick=False) as clock:
        for action in ("a", "b"):
            audit.log(cast.lan, action)
        clock.shift(jump)
        for action in ("c", "d"):
            audit.log(cast.lan, action)
    rows = list(AuditEntry.objects.order_by("sequence"))
    assert [row.action for row in rows] == ["a", "b", "c", "d"]
    assert [row.sequence for row in rows] == [1, 2, 3, 4]
    assert rows[2].at - rows[1].at == jump
    assert audit.first_broken() is None


@pytest.mark.parametrize(("jump", "status"), [(-HOUR, 200), (DAY, 302), (-YEAR, 302)])
def test_a_session_never_outlives_its_time(cast, client, jump, status):
    """Set back by a year it would live a year; the small step that time servers make throws nobody out."""
    with time_machine.travel(NOON, tick=False) as clock:
        client.post("/dang-nhap/", {"username": "minh", "password": PASSWORD})
        assert client.get("/tai-khoan/").status_code == 200
        clock.shift(jump)
        assert client.get("/tai-khoan/").status_code == status
        clock.shift(-jump)
        clock.shift(13 * HOUR)
        assert client.get("/tai-khoan/").status_code == 302


@pytest.mark.parametrize(("jump", "gets_in"), [(-HOUR, True), (DAY, True), (4 * DAY, False), (-YEAR, False)])
def test_a_printed_password_never_outlives_its_time(cast, client, jump, gets_in):
    with time_machine.travel(NOON, tick=False) as clock:
        secret = services.issue_slip(actor=cast.actor(cast.duc), user=cast.minh, reason="Quên")
        clock.shift(jump)
        answer = client.post("/dang-nhap/", {"username": "minh", "password": secret})
        assert (answer.status_code == 302) is gets_in


@pytest.mark.parametrize("jump", JUMPS)
def test_a_throttle_never_waits_longer_than_its_window(cast, jump):
    limit = throttle.Limit("test", 3)
    with time_machine.travel(NOON, tick=False) as clock:
        for _try in range(5):
            throttle.take(limit, "lan")
        clock.shift(jump)
        assert 0 <= throttle.take(limit, "lan") <= 15
        clock.shift(throttle.WINDOW)
        assert throttle.take(limit, "lan") == 0


@pytest.mark.parametrize("jump", JUMPS)
def test_no_duration_is_negative_and_no_reminder_comes_twice(cast, sign_in, jump):
    with time_machine.travel(NOON, tick=False) as clock:
        task = make_task(cast, due_on=timezone.localdate() - 3 * DAY)
        make_activity(cast, task, review="submitted")
        call_command("send_reminders", verbosity=0)
        sent = Nudge.objects.count()
        clock.shift(jump)
        call_command("send_reminders", verbosity=0)
        clock.shift(-jump)
        call_command("send_reminders", verbosity=0)
        assert Nudge.objects.count() == sent == Notification.objects.filter(kind__startswith="reminder").count() > 0
        clock.shift(jump)
        officer = sign_in(cast.lan)
        for url in ("/", "/phe-duyet/", "/viec/?tinh-trang=tat-ca", "/nhac-viec/", f"/nhiem-vu/{task.pk}/", "/lich/"):
            page = officer.get(url)
            assert page.status_code == 200
            for mark in ("-1 ngày", "−1 ngày", "-365 ngày", "−365 ngày"):
                assert mark not in page.content.decode(), url
        assert officer.get("/").context["front"].oldest_days >= 0


def test_what_was_sent_after_midnight_in_vietnam_waits_since_today(cast, sign_in):
    """00:30 in Vietnam is the day before in UTC."""
    with time_machine.travel(datetime.datetime(2026, 11, 22, 17, 30, tzinfo=datetime.UTC), tick=False) as clock:
        make_activity(cast, review="submitted", submitted_at=timezone.now())
        clock.shift(8 * HOUR)
        assert sign_in(cast.lan).get("/").context["front"].oldest_days == 0
