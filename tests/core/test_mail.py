"""core.mail: exactly one mail an event whatever fails or runs twice, nothing to whom it is not for."""

from __future__ import annotations

import datetime
import smtplib
import threading
from unittest import mock

import pytest
import time_machine
from django.core import mail as outbox
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from core import mail, notices, services
from core.models import Notification, User
from tests import make
from tests.cast import Cast, make_cast

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
NOW = datetime.datetime(2026, 11, 23, 2, 30, tzinfo=datetime.UTC)  # 09:30 in Vietnam


@pytest.fixture
def server(settings):
    """Say that there is a mail server; mails land in django.core.mail.outbox."""
    settings.MAIL_ON, settings.EMAIL_BACKEND = True, LOCMEM
    settings.BASE_URL = "https://phoihop.example.org"


def reader(cast: Cast, digest: str = "each", **changes) -> User:
    """Return Minh with an address and a choice of mail."""
    User.objects.filter(pk=cast.minh.pk).update(email="minh@example.org", mail_digest=digest, **changes)
    cast.minh.refresh_from_db()
    return cast.minh


def tell(cast: Cast, key: str = "7", **changes) -> Notification:
    """Write Minh a notice about an activity of his."""
    activity = changes.pop("activity", None) or make.make_activity(cast)
    params = {"who": "Lan", "name": "Kiểm tra bếp ăn", "group": "An toàn thực phẩm"}
    notices.notify(
        [cast.minh], "activity_accepted", key=key, url=f"/hoat-dong/{activity.pk}/", params=params, **changes
    )
    return Notification.objects.get(dedupe_key=f"activity_accepted:{key}:{cast.minh.pk}")


@pytest.mark.django_db
def test_each_notice_is_one_mail_with_text_html_link_and_a_steady_id(cast: Cast, server) -> None:
    reader(cast)
    first, second = tell(cast, "7"), tell(cast, "8")
    assert mail.send_due() == mail.Round(sent=2)
    assert mail.send_due() == mail.Round()
    one = outbox.outbox[0]
    assert one.to == ["minh@example.org"] and "Lan đã chấp nhận “Kiểm tra bếp ăn”." in one.subject
    link = f"https://phoihop.example.org{first.url}"
    assert link in one.body and "An toàn thực phẩm" in one.body
    assert f'href="{link}"' in one.alternatives[0][0]
    assert one.extra_headers["Message-ID"] == mail.compose([first]).extra_headers["Message-ID"]
    assert one.extra_headers["Message-ID"] != mail.compose([second]).extra_headers["Message-ID"]
    first.refresh_from_db()
    assert first.mailed_at and first.mail_due_at is None and first.mail_error == ""


@pytest.mark.django_db
def test_without_a_server_nothing_is_queued(cast: Cast, settings) -> None:
    settings.MAIL_ON = False
    reader(cast)
    assert tell(cast).mail_due_at is None
    call_command("send_mail")
    assert outbox.outbox == []


@pytest.mark.django_db
def test_the_daily_mail_leaves_at_seven_with_all_of_the_day(cast: Cast, server) -> None:
    with time_machine.travel(NOW, tick=False):
        reader(cast, "daily")
        first = tell(cast, "7")
        tell(cast, "8")
        assert timezone.localtime(first.mail_due_at).strftime("%d %H:%M") == "24 07:00"
        assert mail.send_due() == mail.Round()
    with time_machine.travel(NOW + datetime.timedelta(hours=21, minutes=31), tick=False):
        assert mail.send_due() == mail.Round(sent=1)
    (one,) = outbox.outbox
    assert "2 thông báo" in one.subject
    assert one.body.count("Kiểm tra bếp ăn") == 2


@pytest.mark.django_db
def test_the_mail_speaks_the_readers_language(cast: Cast, server) -> None:
    reader(cast, language="en")
    tell(cast)
    mail.send_due()
    assert "Lan accepted “Kiểm tra bếp ăn”." in outbox.outbox[0].body


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["never", "no address", "disabled", "muted", "foreign", "withdrawn programme"])
def test_nothing_goes_to_who_does_not_want_or_may_not_see_it(cast: Cast, server, change: str) -> None:
    reader(cast)
    activity = make.make_activity(cast)
    tell(cast, activity=activity)
    if change == "never":
        reader(cast, "never")
    elif change == "no address":
        User.objects.filter(pk=cast.minh.pk).update(email="")
    elif change == "disabled":
        User.objects.filter(pk=cast.minh.pk).update(is_active=False)
    elif change == "muted":
        services.choose_notices(actor=cast.minh, mail_digest="each", muted=["decisions"], version=cast.minh.version)
    elif change == "foreign":
        cast.minh.memberships.update(organisation=cast.stranger)
    else:
        activity.task.programme.parties.all().delete()
        activity.task.lead = None
        activity.task.save()
    assert mail.send_due() == mail.Round(dropped=1)
    assert outbox.outbox == []
    assert Notification.objects.get().mail_due_at is None


@pytest.mark.django_db
def test_a_decision_that_can_be_undone_is_mailed_only_once_it_has_left(cast: Cast, server) -> None:
    reader(cast)
    tell(cast, undoable=True, by=cast.lan)
    assert mail.send_due() == mail.Round()
    assert notices.release(cast.hung) == 0
    assert notices.release(cast.lan) == 1
    assert mail.send_due() == mail.Round(sent=1)


@pytest.mark.django_db
def test_a_server_away_costs_no_try_and_the_queue_drains_later_exactly_once(cast: Cast, server) -> None:
    reader(cast)
    for number in range(5):
        tell(cast, str(number))
    with mock.patch(f"{LOCMEM}.open", side_effect=ConnectionRefusedError):
        for _round in range(3):
            assert mail.send_due().sent == 0
    assert set(Notification.objects.values_list("mail_attempts", flat=True)) == {0}
    assert mail.send_due() == mail.Round(sent=5)
    assert mail.send_due() == mail.Round()
    assert len({one.extra_headers["Message-ID"] for one in outbox.outbox}) == len(outbox.outbox) == 5


@pytest.mark.django_db
def test_a_mail_that_fails_waits_longer_each_time_and_then_goes_out_once(cast: Cast, server) -> None:
    reader(cast)
    row = tell(cast)
    pauses, now = [], timezone.now()
    with mock.patch(f"{LOCMEM}.send_messages", side_effect=OSError("552 mailbox full")):
        for _try in range(4):
            with time_machine.travel(now, tick=False):
                assert mail.send_due() == mail.Round(failed=1)
                assert mail.send_due() == mail.Round()  # not before its time
            row.refresh_from_db()
            pauses.append(round((row.mail_due_at - now).total_seconds() / 60))
            now = row.mail_due_at
    assert pauses == [5, 10, 20, 40]
    assert row.mail_error == "OSError: 552 mailbox full"
    with time_machine.travel(now, tick=False):
        assert mail.send_due() == mail.Round(sent=1)
    assert len(outbox.outbox) == 1


@pytest.mark.django_db
def test_a_mail_that_never_goes_is_given_up(cast: Cast, server) -> None:
    reader(cast)
    row = tell(cast)
    Notification.objects.update(mail_attempts=mail.MOST_TRIES - 1)
    with mock.patch(f"{LOCMEM}.send_messages", side_effect=OSError("550 no such user")):
        mail.send_due()
    row.refresh_from_db()
    assert row.mail_due_at is None and row.mailed_at is None and "550" in row.mail_error


@pytest.mark.django_db
def test_a_crash_between_sending_and_marking_costs_one_repeat_with_the_same_id(cast: Cast, server) -> None:
    reader(cast)
    row = tell(cast)
    with mock.patch("core.mail._send", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        mail.send_due()  # the process dies before it could mark anything
    assert mail.send_due() == mail.Round()  # not at once again
    row.refresh_from_db()
    assert row.mail_attempts == 1
    with time_machine.travel(row.mail_due_at, tick=False):
        assert mail.send_due() == mail.Round(sent=1)
        assert mail.send_due() == mail.Round()


@pytest.mark.django_db(transaction=True)
def test_senders_at_once_send_each_notice_once(server) -> None:
    """Eight senders, forty notices: forty mails."""
    cast = make_cast()
    reader(cast)
    activity = make.make_activity(cast)
    for number in range(40):
        tell(cast, str(number), activity=activity)
    start, sent = threading.Barrier(8), []

    def run() -> None:
        try:
            start.wait()
            sent.append(mail.send_due().sent)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 40
    assert len({one.extra_headers["Message-ID"] for one in outbox.outbox}) == len(outbox.outbox) == 40
    assert not Notification.objects.filter(mailed_at=None).exists()


@pytest.mark.parametrize(
    "answer",
    [
        "535 5.7.8 refused: AUTH PLAIN AHBob2lob3BAcHJvdmluY2Uudm4AcyZjcmV0 for phoihop@province.vn",
        "535 cG9saWN5 phoihop@province.vn s&cret cyZjcmV0",
        "535 cGhvaWhvcEBwcm92aW5jZS52bg==",
    ],
)
def test_a_reason_is_one_short_line_without_name_and_password(settings, answer: str) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "phoihop@province.vn", "s&cret"
    reason = mail.reason_of(smtplib.SMTPException(f"{answer}\r\n{'x' * 400}"))
    assert reason.startswith("SMTPException: 535 ") and len(reason) == mail.LONGEST_REASON and "\n" not in reason
    for secret in ("phoihop@province.vn", "s&cret", "AHBob2lob3BAcHJvdmluY2Uudm4AcyZjcmV0", "cyZjcmV0", "cGhvaWhvc"):
        assert secret not in reason
    assert "•••" in reason
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    assert mail.reason_of(OSError("552 mailbox full")) == "OSError: 552 mailbox full"


@pytest.mark.django_db
def test_stuck_mail_by_person_with_the_last_reason_until_it_is_out(cast: Cast, server) -> None:
    everybody = User.objects.all()
    reader(cast)
    User.objects.filter(pk=cast.lan.pk).update(email="lan@example.org", mail_digest="each")
    with time_machine.travel(NOW - datetime.timedelta(days=2), tick=False):
        first = tell(cast, "7")
    tell(cast, "8")
    assert mail.stuck(everybody) == []  # waiting is no trouble
    with mock.patch(f"{LOCMEM}.open", side_effect=ConnectionRefusedError("no route")):
        mail.send_due()
    (one,) = mail.stuck(everybody)
    assert (one.name, one.address, one.waiting, one.given_up) == (cast.minh.full_name, "minh@example.org", 2, 0)
    assert (one.since, one.tries, one.reason) == (first.deliver_after, 0, "ConnectionRefusedError: no route")
    Notification.objects.filter(pk=first.pk).update(mail_attempts=mail.MOST_TRIES - 1)
    with mock.patch(f"{LOCMEM}.send_messages", side_effect=OSError("550 no such user")):
        mail.send_due()
    (one,) = mail.stuck(everybody)
    assert (one.waiting, one.given_up, one.tries, one.reason) == (1, 1, mail.MOST_TRIES, "OSError: 550 no such user")
    assert one.next_try == Notification.objects.exclude(pk=first.pk).get().mail_due_at
    assert mail.stuck(User.objects.exclude(pk=cast.minh.pk)) == []
    with time_machine.travel(one.next_try, tick=False):
        assert mail.send_due() == mail.Round(sent=1)
    (one,) = mail.stuck(everybody)
    assert (one.waiting, one.given_up, one.next_try) == (0, 1, None)
    Notification.objects.filter(pk=first.pk).update(deliver_after=timezone.now() - mail.SHOWN - datetime.timedelta(1))
    assert mail.stuck(everybody) == []
