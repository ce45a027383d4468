"""Pages of long lists: what is counted, what is read, where a page asked for leads."""

from __future__ import annotations

import pytest
from django.utils import translation

from core.paging import COUNTED, MOST_PAGES, BoundedPage, bounded_page


def page(asked: str | None, total: int) -> BoundedPage:
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
    found = page(asked, 7)
    assert (list(found), found.number, found.paginator.count, found.has_other_pages()) == ([*range(7)], 1, 7, False)


def test_pages_in_the_middle_and_at_the_end() -> None:
    found = page("2", 25)
    assert (list(found), found.start_index(), found.end_index()) == ([*range(10, 20)], 11, 20)
    assert (found.previous_page_number(), found.next_page_number(), found.paginator.num_pages) == (1, 3, 3)
    last = page("3", 25)
    assert (list(last), last.has_next(), last.end_index()) == ([*range(20, 25)], False, 25)
    assert page("9", 25).number == 3
    assert list(page("4", 0)) == []


def test_a_full_page_that_is_the_only_one() -> None:
    found = page("1", 10)
    assert (len(found), found.has_next(), found.paginator.count) == (10, False, 10)


def test_many_rows_are_not_counted_to_the_end() -> None:
    with translation.override("vi"):
        found = page("1", COUNTED + 500)
        assert (found.paginator.words, found.has_next(), found.paginator.num_pages) == ("hơn 1.000", True, MOST_PAGES)
        beyond = page("145", COUNTED + 500)
        assert (list(beyond)[0], beyond.has_next()) == (1440, True)
        end = page("150", COUNTED + 500)  # reached by turning pages: now the number is known
        assert (end.paginator.words, end.has_next()) == ("1.500", False)
        assert page("1", COUNTED).paginator.words == "1.000"


def test_behind_the_end_of_many_lies_the_last_page_that_was_counted() -> None:
    found = page("300", COUNTED + 500)
    assert (found.number, list(found)[0]) == (100, 990)
