"""Pages of lists that may be long: rows are counted up to a bound only, and none is read that no page shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page
from django.utils.translation import gettext as _

from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet

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
        return MOST_PAGES if self.is_more else max(1, min(MOST_PAGES, math.ceil(self.count / self.per_page)))

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


class Slices(Sequence[Any]):
    """A list of known length of which only the parts asked for are read, as a paginator asks."""

    def __init__(self, length: int, read: Callable[[int, int], list[Any]]) -> None:
        """read: gives the rows from a place on, at most so many."""
        self._length, self._read = length, read

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, at: Any) -> Any:
        first, last, _step = (at if isinstance(at, slice) else slice(at, at + 1)).indices(self._length)
        rows = self._read(first, last - first) if last > first else []
        return rows if isinstance(at, slice) else rows[0]

    def __iter__(self) -> Iterator[Any]:
        return iter(self[:])


def page_of(
    rows: QuerySet[Any],
    asked: str | None,
    per_page: int,
    *,
    total: Callable[[], int] | None = None,
    parts: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None,
) -> BoundedPage:
    """Return a page of a query in its order. parts: adds what a row shows of other tables, for the rows of the page
    alone, because sorting all of them so wide takes far longer. total: as of bounded_page."""

    def read(first: int, number: int) -> list[Any]:
        if parts is None:
            return list(rows[first : first + number])
        ids = list(rows.values_list("pk", flat=True)[first : first + number])
        found = {row.pk: row for row in parts(rows.order_by().filter(pk__in=ids))}
        return [found[pk] for pk in ids if pk in found]

    def count(most: int) -> int:
        return len(rows.order_by().values_list("pk", flat=True)[:most])

    return bounded_page(asked, rows=read, count=count, per_page=per_page, total=total)


def bounded_page(
    asked: str | None,
    *,
    rows: Callable[[int, int], Sequence[Any]],
    count: Callable[[int], int],
    per_page: int,
    total: Callable[[], int] | None = None,
) -> BoundedPage:
    """Return the page asked for, the first or last where there is no such page.

    rows(first, number) gives that many rows from a place on; count(most) counts no further than most; total() gives
    the number of all where something else knows it, and is asked only where there are more than are counted.
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
    if counted.is_more and total:
        counted = Counted(total(), per_page)
    elif counted.is_more and len(found) <= per_page:  # the end was reached by turning pages: now the number is known
        counted = Counted((number - 1) * per_page + len(found), per_page)
    return BoundedPage(found[:per_page], number, counted)  # type: ignore[arg-type]  # a Paginator in all that is asked
