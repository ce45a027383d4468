"""Bounded pages: a count that stops, a total that something else knows, the order of the query on each page."""

from __future__ import annotations

import pytest
from django.core.paginator import Paginator

from core import paging
from core.models import User
from core.paging import Slices, page_of
from core.templatetags.ui import pagination

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(cast):
    return User.objects.order_by("-username")


def names(page):
    return [user.username for user in page]


def test_a_short_list_is_counted_and_paged_as_ever(people):
    every = list(people.values_list("username", flat=True))
    assert names(page_of(people, None, 2)) == every[:2]
    assert names(page_of(people, "2", 2, parts=lambda rows: rows)) == every[2:4]
    last = page_of(people, "99", 2)
    assert (last.number, last.has_next()) == ((len(every) + 1) // 2, False)
    assert last.paginator.count == len(every)
    assert names(page_of(people.none(), "x", 2)) == []


def test_a_long_list_stops_and_says_so(people, monkeypatch):
    monkeypatch.setattr(paging, "COUNTED", 3)
    page = page_of(people, "1", 2)
    assert (page.paginator.count, page.paginator.is_more, page.has_next()) == (3, True, True)
    assert pagination({}, page=page)["total"] == "hơn 3"


def test_a_stored_total_is_asked_only_where_the_count_stops(people, monkeypatch):
    assert page_of(people, "1", 2, total=lambda: pytest.fail("asked")).paginator.count == people.count()
    monkeypatch.setattr(paging, "COUNTED", 3)
    page = page_of(people, "1", 2, total=lambda: 123456)
    assert (page.paginator.count, page.paginator.num_pages) == (123456, paging.MOST_PAGES)
    assert pagination({}, page=page)["total"] == "123.456"


def test_parts_are_read_for_the_page_alone(people, django_assert_num_queries):
    with django_assert_num_queries(3):  # the ids, the rows, the count
        assert len(page_of(people, "1", 2, parts=lambda rows: rows.filter(is_active=True))) == 2


def test_a_list_of_known_length_reads_what_a_page_asks():
    asked = []
    rows = Slices(5, lambda start, most: asked.append((start, most)) or list(range(start, start + most)))
    page = Paginator(rows, 2).get_page(3)
    assert (list(page.object_list), len(rows), asked) == ([4], 5, [(4, 1)])
    assert (rows[1], list(rows), rows[9:]) == (1, [0, 1, 2, 3, 4], [])
