"""Pages of lists that may be long: rows are counted up to a bound only, and none is read that no page shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page
from django.utils.translation import gettext as _

from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COUNTED = 1000  # rows; of more it is only said that there are more
MOST_PAGES = 400  # further back a filter leads faster than turning pages


@dataclass(frozen=True)
class Counted:
    """What is known of all rows: `count` of them, or more than that (is_more)."""

    count: int
    per_page: int
    is_more: bool = False

    @property
    def num_pages(self) -> int:
        """The last page that can be opened."""
        return MOST_PAGES if self.is_more else max(1, math.ceil(self.count / self.per_page))

    @property
    def words(self) -> str:
        """The number as pages print it: 1.000, or more than 1.000."""
        shown = vietnamese.format_number(self.count)
        return _("more than %(count)s") % {"count": shown} if self.is_more else shown


class BoundedPage(Page):  # type: ignore[type-arg]  # of whatever the rows are
    """A page that knows its own rows, whatever the number of all."""

    def next_page_number(self) -> int:
        """Return the number of the page after this one."""
        return int(self.number) + 1

    def previous_page_number(self) -> int:
        """Return the number of the page before this one."""
        return int(self.number) - 1

    def end_index(self) -> int:
        """Return the number of the last row on the page."""
        return int(self.start_index()) + len(self.object_list) - 1


def bounded_page(
    asked: str | None, *, rows: Callable[[int, int], Sequence[Any]], count: Callable[[int], int], per_page: int
) -> BoundedPage:
    """Return the page asked for, the first or last where there is no such page.

    rows(first, number) gives that many rows from a place on; count(most) counts no further than most.
    """
    is_number = asked and asked.isascii() and asked.isdigit() and len(asked) < 6
    number = min(max(1, int(asked)), MOST_PAGES) if asked and is_number else 1
    found = rows((number - 1) * per_page, per_page + 1)
    if number == 1 and len(found) <= per_page:
        counted = Counted(len(found), per_page)
    else:
        known = count(COUNTED + 1)
        counted = Counted(min(known, COUNTED), per_page, is_more=known > COUNTED)
        if not found:
            number = max(1, math.ceil(counted.count / per_page))
            found = rows((number - 1) * per_page, per_page + 1)
    if counted.is_more and len(found) <= per_page:  # the end was reached by turning pages: now the number is known
        counted = Counted((number - 1) * per_page + len(found), per_page)
    return BoundedPage(found[:per_page], number, counted)  # type: ignore[arg-type]  # a Paginator in all that is asked
