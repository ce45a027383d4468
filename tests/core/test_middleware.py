"""core.middleware and partners.middleware: addresses, headers, default deny."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.urls import path

from core.middleware import DEEDS_COOKIE, client_address, own_deeds
from core.models import AuditEntry


@pytest.mark.parametrize(
    ("hops", "header", "address"),
    [(0, "6.6.6.6", "10.0.0.1"), (1, "6.6.6.6, 7.7.7.7", "7.7.7.7"), (2, "6.6.6.6, 7.7.7.7", "6.6.6.6"),
     (2, "7.7.7.7", "10.0.0.1"), (1, "", "10.0.0.1")],
)  # fmt: skip
def test_forwarded_addresses_count_only_behind_own_proxies(settings, hops, header, address):
    settings.PROXY_HOPS = hops
    request = RequestFactory().get("/", headers={"x-forwarded-for": header}, REMOTE_ADDR="10.0.0.1")
    assert client_address(request) == address


def test_headers_of_a_page(cast, sign_in):
    answer = sign_in(cast.minh).get("/tai-khoan/")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Content-Language"] == "vi"


def test_each_deed_marks_the_browser(cast, sign_in):
    client = sign_in(cast.minh)
    assert DEEDS_COOKIE not in client.get("/tai-khoan/").cookies
    assert DEEDS_COOKIE not in client.post("/tai-khoan/", {}).cookies  # the form again: nothing was done
    first, second = (client.post("/ngon-ngu/", {"language": one}).cookies[DEEDS_COOKIE] for one in ("en", "vi"))
    assert first.value != second.value
    assert first["httponly"] and first["samesite"] == "Lax" and first["max-age"] == 60


@pytest.mark.parametrize(("sent", "mark"), [("a1b2c3d4", "a1b2c3d4"), ("", ""), ("a" * 4000, ""), ("a b; c\nd", "")])
def test_a_forged_mark_is_no_mark(sent, mark):
    request = RequestFactory().get("/")
    request.COOKIES[DEEDS_COOKIE] = sent
    assert own_deeds(request) == mark


def test_request_id_and_address_reach_the_trail(cast, client):
    client.post("/dang-nhap/", {"username": "minh", "password": "sai"}, REMOTE_ADDR="10.1.2.3")
    row = AuditEntry.objects.get()
    assert row.address == "10.1.2.3"
    assert len(row.request_id) == 8


class Undeclared:
    """A root of addresses with a view that no table of rights names."""

    from config.urls import urlpatterns as own

    urlpatterns = [*own, path("la/", lambda request: None, name="undeclared")]


@pytest.mark.parametrize("who", [None, "duc", "lan"])
def test_an_undeclared_address_is_refused_to_everyone(cast, client, sign_in, settings, who):
    settings.ROOT_URLCONF = Undeclared
    page = sign_in(getattr(cast, who)) if who else client
    assert page.get("/la/").status_code == 403


def test_wrong_method_is_405_and_unknown_address_404(cast, sign_in):
    client = sign_in(cast.minh)
    assert client.post("/thong-bao/khong-co/").status_code == 404
    assert client.post("/don-vi/").status_code == 405
