"""core.http: form keys, safe addresses, the compare page."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.shortcuts import redirect
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse, set_script_prefix

from core import http
from core.exceptions import DomainError
from core.models import FormKey


@pytest.fixture
def post(cast):
    def make(user=None, **data):
        request = RequestFactory().post("/x/", data)
        request.user = user or cast.minh
        request.session = SessionStore()
        return request

    return make


def test_second_submit_finds_the_first_result(post):
    key, calls = str(uuid.uuid4()), []

    def act():
        calls.append(1)
        return redirect("/result/1/")

    answers = [http.once(post(form_key=key, a="1", csrfmiddlewaretoken=str(i)), act) for i in range(3)]
    assert [answer["Location"] for answer in answers] == ["/result/1/"] * 3
    assert len(calls) == 1


def test_errors_free_the_key(post):
    key = str(uuid.uuid4())
    assert http.once(post(form_key=key, a="1"), lambda: HttpResponse("errors")).status_code == 200
    assert not FormKey.objects.exists()
    assert http.once(post(form_key=key, a="2"), lambda: redirect("/ok/"))["Location"] == "/ok/"


def test_same_key_with_other_content_is_refused(post):
    key = str(uuid.uuid4())
    http.once(post(form_key=key, a="1"), lambda: redirect("/ok/"))
    with pytest.raises(DomainError):
        http.once(post(form_key=key, a="2"), lambda: redirect("/other/"))


def test_keys_belong_to_a_person(post, cast):
    key = str(uuid.uuid4())
    http.once(post(form_key=key), lambda: redirect("/minh/"))
    assert http.once(post(cast.lan, form_key=key), lambda: redirect("/lan/"))["Location"] == "/lan/"


@pytest.mark.parametrize("key", ["", "x", "1" * 5000])
def test_a_bad_key_runs_unprotected(post, key):
    assert http.once(post(form_key=key), lambda: redirect("/ok/"))["Location"] == "/ok/"


def test_a_failed_write_leaves_no_key(post):
    def fail():
        raise DomainError("no")

    with pytest.raises(DomainError):
        http.once(post(form_key=str(uuid.uuid4())), fail)
    assert not FormKey.objects.exists()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\evil"])
def test_next_leaves_this_host_never(post, target):
    assert http.safe_next(post(next=target), "/home/") == "/home/"


def test_a_chip_leads_to_the_list_without_its_filter_and_keeps_the_rest():
    request = RequestFactory().get("/x/", {"q": "a&b", "loai": "x", "page": "3"})
    chip = http.filter_chip(request, "loai", "Loại", "X", tab="moi")
    assert chip == {"label": "Loại", "value": "X", "url": "?q=a%26b&tab=moi"}


def test_addresses_are_those_of_reverse_also_under_other_urls_and_prefixes(settings):
    assert http.address("core:notice_list") == reverse("core:notice_list")
    assert http.address("core:no_such_page") == ""
    file = uuid.uuid4()
    for name, pk, of in (
        ("activities:review_show", 12, http.address_of("activities:review_show")),
        ("activities:file_show", file, http.address_of("activities:file_show", http.ANY_FILE)),
    ):
        assert of(pk) == reverse(name, args=[pk])
    with pytest.raises(NoReverseMatch):
        http.address_of("core:no_such_page")
    set_script_prefix("/below/")
    try:
        assert http.address("core:notice_list") == reverse("core:notice_list") != ""
        assert http.address("core:notice_list").startswith("/below/")
    finally:
        set_script_prefix("/")
    settings.ROOT_URLCONF = "tests.core.test_http"
    assert http.address("core:notice_list") == ""


urlpatterns: list = []  # addresses of a product without pages


@pytest.mark.parametrize(
    ("query", "leads_to"),
    [
        ("?ky=&linh-vuc=", "/bang-dieu-hanh/"),
        ("?ky=2026&linh-vuc=", "/bang-dieu-hanh/?ky=2026"),
        ("?a=&b=1&b=&b=2&c=x+%26y", "/bang-dieu-hanh/?b=1&b=2&c=x+%26y"),
        ("?ky", "/bang-dieu-hanh/"),
        ("", None),
        ("?ky=2026", None),
    ],
)
def test_an_address_with_empty_conditions_leads_to_the_one_without(query, leads_to):
    view = http.clean_address(lambda request: HttpResponse("read"))
    answer = view(RequestFactory().get(f"/bang-dieu-hanh/{query}"))
    assert answer.headers.get("Location") == leads_to
    assert view(RequestFactory().head(f"/bang-dieu-hanh/{query}")).headers.get("Location") == leads_to
    assert view(RequestFactory().post(f"/bang-dieu-hanh/{query}")).content == b"read"
