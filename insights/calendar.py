"""The calendar: what is due, what is planned, days off; the pages of a month and the feed read the same entries.

Due work comes from due.py, so that the calendar, /viec/ and the first page cannot differ.
"""

from __future__ import annotations

import calendar as months
import datetime
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy

from activities.models import Activity
from core.models import Holiday
from insights import due
from partners.models import Organisation, scope_of

if TYPE_CHECKING:
    from agreements.models import Programme
    from core.models import User

ACTIVITY = "activity"
# kind of an entry → value of ?loai= and its name
KINDS = {
    due.REPORT: ("bao-cao", gettext_lazy("Reports")),
    due.DEADLINE: ("thoi-han", gettext_lazy("Deadlines of tasks")),
    ACTIVITY: ("hoat-dong", gettext_lazy("Planned activities")),
    due.MILESTONE: ("moc", gettext_lazy("Milestones of programmes")),
    due.DIRECTIVE: ("chi-dao", gettext_lazy("Directives")),
}
FIRST_YEAR, LAST_YEAR = 2000, 2100
MONTH, AGENDA = "thang", "danh-sach"  # value of ?xem=


@dataclass(frozen=True)
class Filters:
    """Conditions of the calendar, as they stand in the address. kinds: of KINDS, empty for all."""

    month: datetime.date  # its first day
    view: str = MONTH
    own: bool = False
    kinds: tuple[str, ...] = ()
    programme: int | None = None

    def url(self, **changes: Any) -> str:
        """Return the address with some of the conditions changed."""
        new = replace(self, **changes)
        query: list[tuple[str, Any]] = [("thang", f"{new.month:%Y-%m}")]
        query += [("xem", new.view)] if new.view != MONTH else []
        query += [("cua-toi", 1)] if new.own else []
        query += [("loai", KINDS[kind][0]) for kind in new.kinds]
        query += [("chuong-trinh", new.programme)] if new.programme is not None else []
        return f"{reverse('insights:calendar_show')}?{urlencode(query)}"

    def toggled(self, kind: str) -> str:
        """Return the address with one kind more, or less where it is already chosen."""
        shown = self.kinds or tuple(KINDS)
        kinds = tuple(k for k in KINDS if (k in shown) != (k == kind))
        return self.url(kinds=() if len(kinds) == len(KINDS) else kinds)


@dataclass(frozen=True)
class Entry:
    """One thing in the calendar, on one day or several; tone is a kind of the status tag."""

    kind: str
    pk: int
    title: str
    unit: Organisation
    programme: Programme
    first_on: datetime.date
    last_on: datetime.date
    url: str
    tone: str

    @property
    def kind_name(self) -> str:
        """The kind in words."""
        return str(KINDS[self.kind][1])


@dataclass(frozen=True)
class Day:
    """A day of the grid with its entries and whether one works on it."""

    date: datetime.date
    is_inside: bool  # belongs to the month shown
    is_today: bool
    is_off: bool
    note: str  # name of the day off, or of the day worked in exchange
    entries: list[Entry] = field(default_factory=list)


def month_of(text: str, today: datetime.date) -> datetime.date | None:
    """Return the first day of a month written as 2026-11; today's for ""; None where it cannot be read."""
    if not text:
        return today.replace(day=1)
    year, mark, month = text.partition("-")
    if not mark or not (len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()):
        return None
    if not (FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= int(month) <= 12):
        return None
    return datetime.date(int(year), int(month), 1)


def next_month(month: datetime.date, steps: int = 1) -> datetime.date:
    """Return the first day of the month so many steps later, or earlier for a negative number."""
    count = month.year * 12 + month.month - 1 + steps
    return datetime.date(count // 12, count % 12 + 1, 1)


def grid_of(month: datetime.date) -> list[datetime.date]:
    """Return the days of the whole weeks, Monday to Sunday, that the month touches."""
    return [day for week in months.Calendar(firstweekday=0).monthdatescalendar(month.year, month.month) for day in week]


def entries(
    user: User, first: datetime.date, last: datetime.date, filters: Filters, today: datetime.date
) -> list[Entry]:
    """Return what the person sees from the first to the last day, both counted, in one query a kind."""
    kinds = filters.kinds or tuple(KINDS)
    rows = due.rows(user, due.Filters(own=filters.own, programme=filters.programme))
    chosen = {kind: queryset for kind, queryset in rows.items() if kind in kinds}
    found = [
        Entry(
            kind=item.kind,
            pk=item.pk,
            title=item.title,
            unit=item.unit,
            programme=item.programme,
            first_on=item.due_on,
            last_on=item.due_on,
            url=item.url,
            tone=_tone(item),
        )
        for item in due.between(chosen, first, last, today)
    ]
    if ACTIVITY in kinds:
        found += _planned(user, first, last, filters)
    return sorted(found, key=lambda entry: (entry.first_on, list(KINDS).index(entry.kind), entry.title, entry.pk))


def _tone(item: due.DueItem) -> str:
    if item.done_on:
        return "done"
    return "over" if item.late_days else "wait" if item.days <= due.SOON_DAYS else "none"


def _planned(user: User, first: datetime.date, last: datetime.date, filters: Filters) -> list[Entry]:
    rows = Activity.objects.visible_to(user).filter(occurrence=Activity.Occurrence.PLANNED)
    rows = rows.annotate(last_on=Coalesce("ends_on", F("starts_on"))).filter(starts_on__lte=last, last_on__gte=first)
    if filters.own:
        scope = scope_of(user)
        ids = list(scope.own_ids | scope.partner_ids)
        rows = rows.filter(Q(unit__in=ids) | Q(joint_units__in=ids)).distinct()
    if filters.programme is not None:
        rows = rows.filter(task__programme=filters.programme)
    return [
        Entry(
            kind=ACTIVITY,
            pk=row.pk,
            title=row.name or row.task.title,
            unit=row.unit,
            programme=row.task.programme,
            first_on=row.starts_on,
            last_on=row.last_on,
            url=reverse("activities:activity_detail", args=[row.pk]),
            tone="run",
        )
        for row in rows.select_related("task__programme", "unit")
        if row.starts_on
    ]


def days_of(month: datetime.date, found: list[Entry], today: datetime.date) -> list[Day]:
    """Return the days of the grid with their entries; an entry of several days stands on each of them."""
    grid = grid_of(month)
    holidays = {row.day: row for row in Holiday.objects.filter(day__gte=grid[0], day__lte=grid[-1])}
    days = []
    for date in grid:
        holiday = holidays.get(date)
        is_off = date.weekday() >= 5 if holiday is None else holiday.kind == Holiday.Kind.OFF
        days.append(
            Day(
                date=date,
                is_inside=date.month == month.month,
                is_today=date == today,
                is_off=is_off,
                note=holiday.name if holiday else "",
                entries=[entry for entry in found if entry.first_on <= date <= entry.last_on],
            )
        )
    return days
