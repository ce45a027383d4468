"""Pages of insights: who may open them, what odd addresses answer, numbers that link to their rows."""

from __future__ import annotations

import datetime
import re

import pytest
from django.utils import timezone

from tests.make import make_programme, make_task

PAGES = ("/", "/hom-nay/", "/bang-dieu-hanh/", "/viec/", "/tim-kiem/", "/cach-tinh/")


@pytest.mark.parametrize("path", PAGES)
def test_signed_out_is_asked_to_sign_in(db, client, path):
    answer = client.get(path)
    assert answer.status_code in (302, 200)
    assert "/dang-nhap/" in (answer.headers.get("Location") or answer.content.decode())


@pytest.mark.parametrize("path", PAGES)
def test_post_is_not_allowed(cast, sign_in, path):
    assert sign_in(cast.lan).post(path).status_code == 405


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_in_both_languages_in_20_queries(cast, sign_in, path, language, django_assert_max_num_queries):
    programme = make_programme(cast)
    for days in (-400, -3, 0, 1, 5, 60):
        make_task(cast, programme, due_on=timezone.localdate() + datetime.timedelta(days=days))
    cast.lan.language = language
    cast.lan.save()
    client = sign_in(cast.lan)
    with django_assert_max_num_queries(25):
        page = client.get(path)
    assert page.status_code == 200


def test_a_leader_has_the_dashboard_first_and_today_beside_it(cast, sign_in):
    programme = make_programme(cast)
    make_task(cast, programme, due_on=timezone.localdate() - datetime.timedelta(days=4), title="Kiểm tra quý III")
    client = sign_in(cast.hoa)
    assert client.get("/")["Location"] == "/bang-dieu-hanh/"
    html = client.get("/hom-nay/").content.decode()
    assert "Kiểm tra quý III" in html
    main = html[html.index("<main") : html.index("</main>")]
    for address in set(re.findall(r'href="(/[^"]*)"', main)):  # nothing leads her where only officers may go
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address


def test_dashboard_without_programmes_says_what_to_do(cast, sign_in):
    html = sign_in(cast.phuong).get("/bang-dieu-hanh/").content.decode()
    assert "Chưa có chương trình đang hiệu lực" in html


@pytest.mark.parametrize(
    "address",
    [
        "/viec/?tinh-trang=khac",
        "/viec/?don-vi=999999999",
        "/viec/?chuong-trinh=999999999",
        "/viec/?doi-tac=999999999",
    ],
)
def test_unknown_conditions_are_not_found(cast, sign_in, address):
    assert sign_in(cast.lan).get(address).status_code == 404


def test_foreign_programme_in_a_condition_is_not_found(cast, sign_in):
    programme = make_programme(cast)
    assert sign_in(cast.phuong).get(f"/viec/?chuong-trinh={programme.pk}").status_code == 404
    assert sign_in(cast.lan).get(f"/viec/?chuong-trinh={programme.pk}").status_code == 200


@pytest.mark.parametrize("value", ["abc", "-1", "9" * 40, "٣"])
def test_conditions_that_are_no_numbers_are_ignored(cast, sign_in, value):
    assert sign_in(cast.lan).get("/viec/", {"don-vi": value, "page": value}).status_code == 200


def test_conditions_show_as_chips(cast, sign_in):
    make_task(cast, due_on=timezone.localdate() - datetime.timedelta(days=4))
    page = sign_in(cast.minh).get(f"/viec/?cua-don-vi=1&don-vi={cast.health.pk}")
    assert [chip["value"] for chip in page.context["chips"]] == ["đơn vị của tôi", "Sở Y tế"]
    assert page.context["page_obj"].paginator.count == 1
