"""Bounded pages: a count that stops, a total that something else knows, the order of the query on each page."""

from __future__ import annotations

import pytest
from django.core.paginator import Paginator
from django.utils import translation

from core import paging
from core.models import User
from core.paging import COUNTED, MOST_PAGES, BoundedPage, Slices, bounded_page, page_of
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


def tens(asked: str | None, total: int) -> BoundedPage:
    """Return a page of ten of the numbers below a total."""
    rows = range(total)
    return bounded_page(
        asked,
        rows=lambda first, number: list(rows[first : first + number]),
        count=lambda most: min(total, most),
        per_page=10,
    )


@pytest.mark.parametrize("asked", [None, "", "1", "0", "-3", "x", "²", "999999999999"])
def test_what_is_no_page_is_the_first_or_the_last(asked: str | None) -> None:
    found = tens(asked, 7)
    assert (list(found), found.number, found.paginator.count, found.has_other_pages()) == ([*range(7)], 1, 7, False)


def test_pages_in_the_middle_and_at_the_end() -> None:
    found = tens("2", 25)
    assert (list(found), found.start_index(), found.end_index()) == ([*range(10, 20)], 11, 20)
    assert (found.previous_page_number(), found.next_page_number(), found.paginator.num_pages) == (1, 3, 3)
    last = tens("3", 25)
    assert (list(last), last.has_next(), last.end_index()) == ([*range(20, 25)], False, 25)
    assert tens("9", 25).number == 3
    assert list(tens("4", 0)) == []


def test_a_full_page_that_is_the_only_one() -> None:
    found = tens("1", 10)
    assert (len(found), found.has_next(), found.paginator.count) == (10, False, 10)


def test_many_rows_are_not_counted_to_the_end() -> None:
    with translation.override("vi"):
        found = tens("1", COUNTED + 500)
        assert (found.paginator.words, found.has_next(), found.paginator.num_pages) == ("hơn 1.000", True, MOST_PAGES)
        beyond = tens("145", COUNTED + 500)
        assert (list(beyond)[0], beyond.has_next()) == (1440, True)
        end = tens("150", COUNTED + 500)  # reached by turning pages: now the number is known
        assert (end.paginator.words, end.has_next()) == ("1.500", False)
        assert tens("1", COUNTED).paginator.words == "1.000"


def test_behind_the_end_of_many_lies_the_last_page_that_was_counted() -> None:
    found = tens("300", COUNTED + 500)
    assert (found.number, list(found)[0]) == (100, 990)
