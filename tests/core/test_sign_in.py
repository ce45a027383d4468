"""core.sign_in: the pair, the throttle, the session, and what was typed before it ended."""

from __future__ import annotations

import datetime
import time
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import sign_in as entry
from core import throttle
from core.models import AuditEntry, Throttle
from tests.cast import PASSWORD, make_user

URL = "/dang-nhap/"
WRONG = "Tên đăng nhập hoặc mật khẩu chưa đúng."


def enter(client, username="minh", password=PASSWORD, **more):
    return client.post(URL, {"username": username, "password": password, **more})


def actions():
    return list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))


def test_page_has_two_fields_one_button_and_somebody_to_call(cast, client):
    page = client.get(URL).content.decode()
    assert page.count('type="password"') == 1
    assert page.count("btn-primary") == 1
    assert settings.HELP_NAME in page
    assert settings.HELP_PHONE in page
    assert "required" not in page


@pytest.mark.parametrize("username", ["minh", "MINH", "  Minh ", "mi\u200bnh"])
def test_case_and_spaces_do_not_matter(cast, client, username):
    assert enter(client, username).status_code == 302
    assert client.session[entry.STARTED] == pytest.approx(time.time(), abs=5)
    assert actions() == ["session.start"]


@pytest.mark.parametrize("what", ["password", "unknown", "disabled"])
def test_one_sentence_for_every_wrong_pair(cast, client, what):
    if what == "disabled":
        cast.minh.is_active = False
        cast.minh.save()
    answer = enter(client, "nobody" if what == "unknown" else "minh", "sai" if what == "password" else PASSWORD)
    page = answer.content.decode()
    assert WRONG in page
    assert PASSWORD not in page
    assert entry.STARTED not in client.session
    assert actions() == ["session.refuse"]


def test_unknown_names_are_hashed_too_and_not_written_down(cast, client):
    with patch("core.sign_in.make_password") as hashing:
        enter(client, "mat-khau-go-nham")
    assert hashing.call_count == 1
    assert "mat-khau-go-nham" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("data", [{}, {"username": "minh"}, {"password": "x"}, {"username": " ", "password": " "}])
def test_missing_fields_say_what_to_enter(cast, client, data):
    page = client.post(URL, data).content.decode()
    assert "Nhập tên đăng nhập" in page or "Nhập mật khẩu" in page or WRONG in page
    assert entry.STARTED not in client.session


@pytest.mark.parametrize("username", ["a" * 65_536, "<script>alert(1)</script>", "\x00minh\x00x", "' OR 1=1 --"])
def test_bad_usernames_answer_with_a_sentence(cast, client, username):
    answer = enter(client, username, "sai")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_very_long_passwords_are_not_hashed(cast, client):
    with patch("core.models.User.check_password") as check:
        assert enter(client, password="x" * 65_536).status_code == 200
    assert check.call_count == 0


def test_throttle_stops_before_hashing_and_names_minutes(cast, client):
    for _i in range(throttle.ACCOUNT.tries):
        enter(client, password="sai")
    with patch("core.models.User.check_password") as check:
        page = enter(client).content.decode()
    assert check.call_count == 0
    assert "Thử lại sau 15 phút" in page
    assert settings.HELP_PHONE in page


def test_throttle_ends_by_itself(cast, client):
    for _i in range(throttle.ACCOUNT.tries + 5):
        enter(client, password="sai")
    Throttle.objects.update(window_start=timezone.now() - throttle.WINDOW)
    assert enter(client).status_code == 302


def test_one_person_does_not_lock_out_the_office(cast, client):
    for _i in range(throttle.ACCOUNT.tries + 20):
        enter(client, "lan", "sai")
    assert enter(Client(), "minh").status_code == 302


def test_an_address_is_throttled_far_later(cast, client):
    Throttle.objects.create(
        bucket=throttle.ADDRESS.bucket,
        key=throttle._digest("127.0.0.1"),
        window_start=timezone.now(),
        count=throttle.ADDRESS.tries,
    )
    assert "Thử lại sau" in enter(client).content.decode()


def test_right_sign_ins_of_an_office_do_not_use_up_its_address(cast):
    for _i in range(5):
        enter(Client())
    assert Throttle.objects.get(bucket=throttle.ADDRESS.bucket).count == 0


def test_session_key_changes_at_sign_in(cast, client):
    client.get(URL)
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    enter(client)
    assert client.session.session_key != before


def test_sign_out_ends_the_session_and_clears_drafts(cast, client):
    enter(client)
    answer = client.post("/dang-xuat/")
    assert answer["Clear-Site-Data"] == '"storage"'
    assert client.get("/tai-khoan/").status_code == 302
    assert actions() == ["session.start", "session.end"]
    assert client.get("/dang-xuat/").status_code == 405


def test_next_stays_on_this_host(cast, client):
    assert enter(client, next="/tai-khoan/")["Location"] == "/tai-khoan/"
    assert enter(Client(), next="https://evil.example/")["Location"] == "/"
    assert enter(Client(), next="//evil.example/")["Location"] == "/"


def test_disabled_person_is_out_at_the_next_request(cast, client):
    enter(client)
    assert client.get("/tai-khoan/").status_code == 200
    cast.minh.is_active = False
    cast.minh.save()
    assert client.get("/tai-khoan/").status_code == 302


def test_absolute_age_ends_a_session(cast, client):
    enter(client)
    session = client.session
    session[entry.STARTED] = time.time() - settings.SESSION_ABSOLUTE_AGE - 1
    session.save()
    assert client.get("/tai-khoan/")["Location"].startswith(URL)
    assert settings.SESSION_COOKIE_AGE == 3 * 3600


def test_three_hours_without_a_page_end_a_session_and_pages_keep_it(cast, client):
    with time_machine.travel("2026-11-23 08:00+07:00", tick=False) as clock:
        enter(client)
        for _i in range(3):  # 8 h 15 in all, never 3 h idle
            clock.shift(datetime.timedelta(hours=2, minutes=45))
            assert client.get("/tai-khoan/").status_code == 200
        clock.shift(datetime.timedelta(hours=3, minutes=1))
        assert client.get("/tai-khoan/").status_code == 302


def test_twelve_hours_end_a_session_however_busy(cast, client):
    with time_machine.travel("2026-11-23 08:00+07:00", tick=False) as clock:
        enter(client)
        for _i in range(5):
            clock.shift(datetime.timedelta(hours=2))
            assert client.get("/tai-khoan/").status_code == 200
        clock.shift(datetime.timedelta(hours=2, minutes=1))
        assert client.get("/tai-khoan/").status_code == 302


def test_an_office_of_a_hundred_with_slips_of_the_fingers_gets_in(cast):
    """A Monday morning behind one address: everybody mistypes once, then signs in."""
    people = [make_user(f"nv{number}", f"Trần Văn {number}", cast.health) for number in range(100)]
    for user in people:
        enter(Client(), user.username, "sai")
        assert enter(Client(), user.username).status_code == 302
    assert Throttle.objects.get(bucket=throttle.ADDRESS.bucket).count == len(people)


def test_get_without_session_leads_back(cast, client):
    answer = client.get("/tai-khoan/?a=1")
    assert answer["Location"] == "/dang-nhap/?next=%2Ftai-khoan%2F%3Fa%3D1"


def typed(user, **fields):
    return {"whose": entry.whose(user), "form_key": "11111111-1111-1111-1111-111111111111", **fields}


def carried_of(answer):
    import re

    found = re.search(r'name="carried" value="([^"]+)"', answer.content.decode())
    return found[1] if found else ""


def test_typed_text_comes_back_to_the_same_person_and_nothing_is_written(cast, client):
    text = "đ" * 65_536 + "<b>"
    answer = client.post("/tai-khoan/", typed(cast.minh, phone="0208 111 222", email=text, language="vi"))
    assert answer.status_code == 401
    assert "nội dung đang nhập vẫn còn" in answer.content.decode()
    carried = carried_of(answer)
    assert text not in answer.content.decode()
    after = enter(client, carried=carried)
    assert after["Location"] == "/tai-khoan/"
    page = client.get("/tai-khoan/").content.decode()
    assert "0208 111 222" in page
    assert "Phiên làm việc đã hết" in page
    cast.minh.refresh_from_db()
    assert cast.minh.phone == ""
    assert "0208 111 222" not in client.get("/tai-khoan/").content.decode()


def test_wrong_password_keeps_the_text(cast, client):
    carried = carried_of(client.post("/tai-khoan/", typed(cast.minh, phone="0208 111 222")))
    again = enter(client, password="sai", carried=carried)
    assert carried_of(again) == carried


def test_another_person_does_not_get_the_text(cast, client):
    carried = carried_of(client.post("/tai-khoan/", typed(cast.minh, phone="0208 111 222")))
    enter(client, "lan", carried=carried, next="/tai-khoan/")
    assert "0208 111 222" not in client.get("/tai-khoan/").content.decode()


@pytest.mark.parametrize("whose", ["", "x", "1:forged"])
def test_text_of_nobody_is_not_carried(cast, client, whose):
    answer = client.post("/tai-khoan/", {"whose": whose, "phone": "0208 111 222"})
    assert answer.status_code == 401
    assert carried_of(answer) == ""


def test_forged_text_is_not_taken(cast, client):
    enter(client, carried="forged:text", next="/tai-khoan/")
    assert "carried" not in client.session


def test_passwords_and_tokens_are_not_carried(cast, client):
    fields = typed(cast.minh, password="bi-mat", new_password="bi-mat", csrfmiddlewaretoken="t", phone="1")
    carried = entry.unpack(carried_of(client.post("/tai-khoan/", fields)))
    assert dict(carried.fields).keys() == {"form_key", "phone"}


def test_too_much_text_is_not_carried_but_says_so(cast, client):
    answer = client.post("/tai-khoan/", typed(cast.minh, **{f"f{i}": "x" * 65_536 for i in range(40)}))
    assert answer.status_code == 401
    assert carried_of(answer) == ""


def test_button_without_page_of_its_own_leads_to_where_it_stood(cast, client):
    person = reverse("partners:user_detail", args=[cast.minh.pk])
    answer = client.post(
        reverse("partners:user_enable", args=[cast.minh.pk]),
        typed(cast.duc),
        headers={"referer": f"http://testserver{person}"},
    )
    assert f'name="next" value="{person}"' in answer.content.decode()
