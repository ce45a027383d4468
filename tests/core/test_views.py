"""Pages of one's own account, language, notices."""

from __future__ import annotations

import pytest
from django.test import Client

from core.models import AuditEntry, Notification
from core.notices import notify
from tests.cast import PASSWORD

NEW = "tau hoa chay qua cau go"


def test_password_change_ends_other_sessions_and_keeps_this_one(cast, sign_in):
    here, there = sign_in(cast.minh), sign_in(cast.minh)
    answer = here.post("/tai-khoan/mat-khau/", {"current": PASSWORD, "new": NEW, "again": NEW})
    assert answer.status_code == 302
    assert here.get("/tai-khoan/").status_code == 200
    assert there.get("/tai-khoan/").status_code == 302
    assert AuditEntry.objects.get().action == "user.password"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"current": "sai", "new": NEW, "again": NEW}, "Mật khẩu hiện tại chưa đúng."),
        ({"new": NEW, "again": NEW}, "Nhập mật khẩu hiện tại"),
        ({"current": PASSWORD, "new": NEW, "again": NEW + " "}, "khác nhau"),
        ({"current": PASSWORD, "new": "mattran2026", "again": "mattran2026"}, "ít nhất 12 ký tự"),
        ({"current": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "Đây là mật khẩu hiện tại"),
        ({"current": PASSWORD, "new": "x" * 65_536, "again": ""}, "quá dài"),
    ],
)
def test_wrong_password_forms(cast, sign_in, data, sentence):
    page = sign_in(cast.minh).post("/tai-khoan/mat-khau/", data)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    cast.minh.refresh_from_db()
    assert cast.minh.check_password(PASSWORD)


def test_guessing_the_present_password_is_throttled(cast, sign_in):
    client = sign_in(cast.minh)
    for _i in range(8):
        client.post("/tai-khoan/mat-khau/", {"current": "sai", "new": NEW, "again": NEW})
    page = client.post("/tai-khoan/mat-khau/", {"current": PASSWORD, "new": NEW, "again": NEW}).content.decode()
    assert "Thử lại sau" in page


def test_administrators_are_told_fifteen(cast, sign_in):
    assert "Ít nhất 15 ký tự" in sign_in(cast.duc).get("/tai-khoan/mat-khau/").content.decode()
    assert "Ít nhất 12 ký tự" in sign_in(cast.minh).get("/tai-khoan/mat-khau/").content.decode()


def form(**changes):
    return {"phone": "", "email": "", "language": "vi", "theme": "system", "version": "1", **changes}


def test_account_says_what_the_role_may_do(cast, sign_in):
    for who, words in (
        ("lan", "Nhập chương trình"),
        ("minh", "báo hoàn thành"),
        ("duc", "không xem được chương trình"),
    ):
        assert words in sign_in(getattr(cast, who)).get("/tai-khoan/").content.decode()


def test_account_is_saved_with_language_and_theme(cast, sign_in):
    client = sign_in(cast.minh)
    assert client.post("/tai-khoan/", form(phone="0208 1", language="en", theme="dark")).status_code == 302
    page = client.get("/tai-khoan/").content.decode()
    assert 'lang="en" data-bs-theme="dark"' in page
    assert "Your account is saved." in page
    entry = AuditEntry.objects.get()
    assert entry.detail == {"changed": ["phone", "language", "theme"]}


@pytest.mark.parametrize(
    "changes",
    [{"phone": "abc"}, {"phone": "1" * 31}, {"email": "x@"}, {"language": "fr"}, {"theme": "pink"}, {"language": ""}],
)
def test_wrong_account_forms(cast, sign_in, changes):
    page = sign_in(cast.minh).post("/tai-khoan/", form(**changes))
    assert page.status_code == 200
    assert "data-error-summary" in page.content.decode()
    cast.minh.refresh_from_db()
    assert cast.minh.version == 1


def test_stale_account_shows_both(cast, sign_in):
    client = sign_in(cast.minh)
    client.post("/tai-khoan/", form(phone="0208 111"))
    page = client.post("/tai-khoan/", form(phone="0208 222"))
    assert page.status_code == 409
    assert "0208" in page.content.decode()
    assert "Giữ bản của tôi" in page.content.decode()


def test_language_switch_works_signed_out_and_stays_here(db):
    client = Client()
    answer = client.post("/ngon-ngu/", {"language": "en", "next": "/dang-nhap/?next=/x"})
    assert answer["Location"] == "/dang-nhap/?next=/x"
    assert 'lang="en"' in client.get("/dang-nhap/").content.decode()
    assert client.post("/ngon-ngu/", {"language": "xx", "next": "https://evil.example"})["Location"] == "/"
    assert client.get("/ngon-ngu/").status_code == 405


def test_language_is_kept_with_the_person(cast, sign_in):
    sign_in(cast.minh).post("/ngon-ngu/", {"language": "en"})
    assert 'lang="en"' in sign_in(cast.minh).get("/tai-khoan/").content.decode()


def test_notices_show_and_are_marked(cast, sign_in):
    notify([cast.minh, cast.lan], "user.handed_over", key="1", params={"name": "<b>An</b>", "count": 2})
    notify([cast.minh], "unknown.kind", key="2")
    notify([cast.minh], "user.handed_over", key="3", params={})
    client = sign_in(cast.minh)
    page = client.get("/thong-bao/").content.decode()
    assert "2 việc đang mở của &lt;b&gt;An&lt;/b&gt; nay giao cho bạn" in page
    assert "3 thông báo chưa đọc" in page
    one = Notification.objects.filter(user=cast.minh).first()
    foreign = Notification.objects.get(user=cast.lan)
    client.post("/thong-bao/", {"notice": [one.pk, foreign.pk]})
    assert Notification.objects.unread().count() == 3
    client.post("/thong-bao/")
    assert list(Notification.objects.unread()) == [foreign]


def test_a_notice_is_read_once_its_page_is_opened_from_anywhere(cast, sign_in):
    for key, url in (("1", "/lich/"), ("2", "/lich/?xem=danh-sach"), ("3", "/tai-khoan/#lich"), ("4", "")):
        notify([cast.minh, cast.lan], "activity_accepted", key=key, url=url, params={"who": "Lan", "name": "Việc"})
    client = sign_in(cast.minh)

    def unread():
        return set(Notification.objects.filter(user=cast.minh).unread().values_list("url", flat=True))

    assert 'class="n" aria-hidden="true">3<' in client.get("/lich/").content.decode()  # the bell of this page
    assert unread() == {"/lich/?xem=danh-sach", "/tai-khoan/#lich", ""}
    client.head("/tai-khoan/")
    client.post("/tai-khoan/", {})
    client.get("/thong-bao/")
    assert len(unread()) == 3
    client.get("/tai-khoan/")
    client.get("/lich/?xem=danh-sach")
    assert unread() == {""}
    assert Notification.objects.filter(user=cast.lan).unread().count() == 4


def test_stale_choice_of_notices_shows_both(cast, sign_in):
    client = sign_in(cast.minh)
    version = cast.minh.version
    first = {"mail_digest": "each", "muted": ["reminders"], "version": version}
    assert client.post("/tai-khoan/thong-bao/", first).status_code == 302
    answer = client.post("/tai-khoan/thong-bao/", {"mail_digest": "never", "version": version})
    assert answer.status_code == 409
    rows = [(str(row["mine"]), str(row["theirs"])) for row in answer.context["fields"]]
    assert rows == [("Không gửi thư", "Từng thông báo, gửi ngay"), ("Nhận tất cả", "Nhắc việc đến hạn, quá hạn")]
    kept = dict(answer.context["keep_mine"]) | {"version": answer.context["version"]}
    assert client.post("/tai-khoan/thong-bao/", kept).status_code == 302
    cast.minh.refresh_from_db()
    assert cast.minh.mail_digest == "never"


def test_every_page_is_signed_in_only_and_not_stored(cast, client, sign_in):
    for path in ("/tai-khoan/", "/tai-khoan/mat-khau/", "/thong-bao/"):
        assert client.get(path)["Location"].startswith("/dang-nhap/")
        answer = sign_in(cast.minh).get(path)
        assert answer["Cache-Control"] == "no-store"
        assert "unsafe" not in answer["Content-Security-Policy"]


def test_a_refused_form_shows_the_words_that_were_typed(cast, sign_in):
    values = {"title": "Bản  của tôi\n<b>dòng hai", "paper": "Họp", "to": "suspended", "version": "1"}
    values["password"] = "a b c"
    tokens = {"form_key": "x y", "next": "/a b/"}
    for who, address, status in (
        (cast.duc, "/chuong-trinh/nhap-tay/", 403),
        (cast.lan, "/chuong-trinh/999999/sua/", 404),
    ):
        page = sign_in(who).post(address, values | tokens)
        assert page.status_code == status
        assert page.context["typed"] == ["Bản  của tôi\n<b>dòng hai", "Họp"]
        assert "Bản  của tôi<br>&lt;b&gt;dòng hai" in page.content.decode()
    assert sign_in(cast.lan).get("/chuong-trinh/999999/sua/").context["typed"] == []
