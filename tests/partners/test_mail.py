"""Mail that could not be sent: administrators see whose and why, nobody else does."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from core.models import Notification, User
from tests.cast import Cast

pytestmark = pytest.mark.django_db
URL, HOME = "/thu-chua-gui/", "/hom-nay/"


def stuck(user: User, key: str, *, is_given_up: bool = False, error: str = "OSError: 552 mailbox full") -> Notification:
    """Write a notice of which a mail failed two days ago."""
    now = timezone.now()
    return Notification.objects.create(
        user=user, kind="activity_accepted", params={"name": "Kiểm tra"}, dedupe_key=key, mail_error=error,
        mail_attempts=30 if is_given_up else 3, deliver_after=now - datetime.timedelta(days=2),
        mail_due_at=None if is_given_up else now + datetime.timedelta(hours=1),
    )  # fmt: skip


def test_an_administrator_sees_to_whom_since_when_and_why(cast: Cast, sign_in, settings) -> None:
    User.objects.filter(pk=cast.minh.pk).update(email="minh@example.org")
    client = sign_in(cast.duc)
    settings.MAIL_ON = False
    page = client.get(URL).content.decode()
    assert "Không có thư nào được gửi" in page and "Thư đã gửi hết" not in page
    settings.MAIL_ON = True
    page = client.get(URL)
    assert "Thư đã gửi hết" in page.content.decode() and page.context["since"] is None
    assert "chưa gửi được qua thư" not in client.get(HOME).content.decode()
    first = stuck(cast.minh, "1")
    stuck(cast.minh, "2", is_given_up=True)
    stuck(cast.lan, "3", error="OSError: <b>550</b> no such user")
    page = client.get(URL)
    html = page.content.decode()
    assert (page.context["waiting"], page.context["given_up"]) == (2, 1)
    assert "minh@example.org" in html and "OSError: 552 mailbox full" in html and f"/nguoi-dung/{cast.minh.pk}/" in html
    assert "&lt;b&gt;550&lt;/b&gt;" in html and "Kiểm tra" not in html  # what the notice says is its reader's
    assert timezone.localtime(first.deliver_after).strftime("%d/%m/%Y") in html
    home = client.get(HOME)
    assert (home.context["administration"].mails, len(home.context["administration"].mail)) == (3, 2)
    assert f'<a href="{URL}"><b>3 thông báo chưa gửi được qua thư từ' in home.content.decode()
    cast.duc.language = "en"
    cast.duc.save()
    assert "2 notices wait for the next try." in client.get(URL).content.decode()


@pytest.mark.parametrize("who", ["lan", "minh", "hoa", "tuan"])
def test_nobody_else_is_told(cast: Cast, sign_in, who: str) -> None:
    stuck(cast.minh, "1")
    client = sign_in(getattr(cast, who))
    assert client.get(URL).status_code == 403
    page = client.get(HOME)
    assert "mailbox full" not in page.content.decode() and URL not in page.content.decode()
    assert "administration" not in page.context


def test_signed_out_and_posting_are_refused(cast: Cast, client, sign_in) -> None:
    assert client.get(URL)["Location"].startswith("/dang-nhap/")
    assert sign_in(cast.duc).post(URL).status_code == 405
