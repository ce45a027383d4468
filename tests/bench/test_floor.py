"""The floors read the rows that the pages show, and the admin lists are those of the same rows."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.test import Client, override_settings
from django.urls import clear_url_caches

from bench import floor, people
from bench.pages import PAGES, QUERIES, Page, floor_path
from bench.statements import STATEMENTS
from core import rights
from core.models import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

DAY = "2026-11-23 08:00+07:00"  # of the demo
BY_NAME = {page.name: page for page in PAGES}


@pytest.fixture
def beside(demo: None) -> Iterator[None]:
    """Have the settings of the second server in this process, on the demo."""
    from bench import settings as own

    changed = {name: getattr(own, name) for name in ("INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "ROUTE_TABLES")}
    with override_settings(**changed), time_machine.travel(DAY, tick=False):
        rights.all_routes.cache_clear()
        clear_url_caches()
        yield
    rights.all_routes.cache_clear()
    clear_url_caches()


def client_of(username: str) -> Client:
    """Return a client whose session was made without the sign-in form."""
    client = Client()
    client.cookies["sessionid"] = people.sign_in(User.objects.get(username=username))
    return client


def path_of(page: Page) -> str:
    """Return the address of a page with the objects that are measured."""
    return page.path.format(**people._objects(User.objects.get(username="lan")))


def floor_of(page: Page, client: Client, more: str = "") -> HttpResponse:
    """Return the answer of a floor."""
    return client.get(floor_path(page, path_of(page), 30_000) + more)


def test_each_page_has_a_floor() -> None:
    assert STATEMENTS.keys() == BY_NAME.keys()
    assert len(PAGES) == 10


@pytest.mark.parametrize("name", BY_NAME)
def test_floor_reads_the_rows_of_the_page(beside: None, name: str) -> None:
    """Its texts stand on the page, its body is constant and as long as asked for, and it needs fewer statements."""
    page = BY_NAME[name]
    client = client_of(page.who)
    ours = client.get(path_of(page), headers={QUERIES: "1"})
    assert ours.status_code == 200
    shown = html.unescape(ours.content.decode())
    marks = floor_of(page, client, "&show=1").json()
    assert [mark for mark in marks if mark not in shown] == []
    assert marks or name in {"dashboard", "calendar"}  # whose first statement is only numbers
    bare = floor_of(page, client)
    assert (bare.status_code, len(bare.content)) == (200, 30_000)
    assert bare.content == floor.body(30_000)
    counted = client.get(floor_path(page, path_of(page), 30_000), headers={QUERIES: "1"})
    assert int(counted.headers[QUERIES]) < int(ours.headers[QUERIES])
    assert QUERIES not in bare.headers


@pytest.mark.parametrize("name", [page.name for page in PAGES if page.admin])
def test_admin_lists_the_rows_of_the_page(beside: None, name: str) -> None:
    """Django's list answers to everyone signed in with the page's rows; the queue's other kinds are no activities."""
    page = BY_NAME[name]
    client = client_of(page.who)
    answer = client.get(f"/bench/admin/{page.admin}")
    assert answer.status_code == 200
    shown = html.unescape(answer.content.decode())
    marks = floor_of(page, client, "&show=1").json()
    assert marks
    assert [mark for mark in marks if mark not in shown] == [] or name == "review_queue"
    assert any(mark in shown for mark in marks)
    assert len(answer.context["cl"].result_list) > 0


def test_floors_and_admin_need_a_person(beside: None) -> None:
    for path in (floor_path(BY_NAME["home"], "/", 500), f"/bench/admin/{BY_NAME['reports'].admin}"):
        assert Client().get(path).status_code == 302


def test_nothing_of_it_is_in_the_product(demo: None) -> None:
    client = client_of("lan")
    assert client.get(floor_path(BY_NAME["home"], "/", 500)).status_code == 404
    assert QUERIES not in client.get("/", headers={QUERIES: "1"}).headers
