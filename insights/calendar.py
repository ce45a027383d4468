"""The calendar: what is due, what is planned, days off; the pages of a month or day and the feed read the same entries.

Due work comes from due.py, so that the calendar, /viec/ and the first page cannot differ. A month reads the first few
rows of each day and how many there are; a day has a page of its own with all of them.
"""

from __future__ import annotations

import calendar as months
import datetime
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, Count, Exists, F, OuterRef, Q, When, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from activities.models import Activity
from core.http import address_of
from core.models import Holiday
from core.templatetags.ui import icon
from documents import vietnamese
from insights import due
from partners.models import scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.paginator import Page
    from django.utils.safestring import SafeString

    from activities.models.doing import ActivityQuerySet
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
SHOWN = {MONTH: 4, AGENDA: 10}  # entries of a day; its own page has all
A_DAYS_PAGE = 50
FEED_BACK, FEED_AHEAD = datetime.timedelta(days=92), datetime.timedelta(days=400)
FEED_MOST = 2_000  # of due work, and as many planned activities: what a calendar on a phone still opens
RANKS = {kind: number for number, kind in enumerate(KINDS)}
DUE_ORDER = (Case(*(When(kind=kind, then=RANKS[kind]) for kind in due.KINDS)), F("thing"))  # within a day
ICONS = {due.REPORT: "doc", ACTIVITY: "run", due.MILESTONE: "big", due.DIRECTIVE: "right", due.DEADLINE: "wait"}
# What an entry shows of a planned activity, in the order in which _activities takes it.
PLAN = ("pk", "title", "what_was_done", "task__title", "unit_id", "unit__name", "unit__name_en", "task__programme_id",
        "task__programme__code", "task__programme__title", "task__programme__short_title", "starts_on",
        "last_on")  # fmt: skip
Span = tuple[datetime.date, datetime.date]  # first and last day, both counted


@dataclass(frozen=True)
class Filters:
    """Conditions of the calendar, as they stand in the address. kinds: of KINDS, empty for all."""

    month: datetime.date  # its first day
    view: str = MONTH
    own: bool = False
    kinds: tuple[str, ...] = ()
    programme: int | None = None
    day: datetime.date | None = None  # the one day that is shown, of the month
    words: str = ""  # in the title, code, number or short title of the programme

    def url(self, **changes: Any) -> str:
        """Return the address with some of the conditions changed."""
        new = replace(self, **changes)
        query: list[tuple[str, Any]] = [("thang", f"{new.month:%Y-%m}")]
        query += [("xem", new.view)] if new.view != MONTH else []
        query += [("cua-toi", 1)] if new.own else []
        query += [("loai", KINDS[kind][0]) for kind in new.kinds]
        query += [("chuong-trinh", new.programme)] if new.programme is not None else []
        query += [("q", new.words)] if new.words else []
        query += [("ngay", new.day.isoformat())] if new.day else []
        return f"{reverse('insights:calendar_show')}?{urlencode(query)}"

    def day_url(self, day: datetime.date) -> str:
        """Return the address of the page of one day."""
        return self.url(month=day.replace(day=1), view=MONTH, day=day)

    @property
    def is_kept(self) -> bool:
        """Whether nothing but these conditions and the rights decides what is asked (due.kept)."""
        return not self.words and not self.own

    def has(self, kind: str) -> bool:
        """Whether a kind is shown."""
        return not self.kinds or kind in self.kinds

    def toggled(self, kind: str) -> str:
        """Return the address with one kind more, or less where it is already chosen."""
        shown = self.kinds or tuple(KINDS)
        kinds = tuple(k for k in KINDS if (k in shown) != (k == kind))
        return self.url(kinds=() if len(kinds) == len(KINDS) else kinds)


class Entry(NamedTuple):
    """One thing in the calendar, on one day or several; tone is a kind of the status tag."""

    kind: str
    pk: int
    title: str
    unit: due.Named
    programme: due.Of
    first_on: datetime.date
    last_on: datetime.date
    url: str
    tone: str

    @property
    def kind_name(self) -> str:
        """The kind in words."""
        return str(KINDS[self.kind][1])

    @property
    def below(self) -> str:
        """What stands below the title, before the code of the programme."""
        return f"{self.kind_name} · {self.unit} · "

    @property
    def mark(self) -> SafeString:
        """The icon before the title: how it stands where it is late or done, else its kind; said in words too."""
        said = {"over": _("Overdue:"), "done": _("Done:")}.get(self.tone, "")
        drawn = icon(name=self.tone if said else ICONS[self.kind])
        return format_html('{}<span class="visually-hidden">{} </span>', drawn, said) if said else drawn


@dataclass
class Day:
    """A day with its first entries, how many it has, and whether one works on it."""

    date: datetime.date
    is_inside: bool  # belongs to the month shown
    is_today: bool
    is_off: bool
    note: str  # name of the day off, or of the day worked in exchange
    entries: list[Entry] = field(default_factory=list)
    number: int = 0

    @property
    def more(self) -> int:
        """How many entries are not shown."""
        return self.number - len(self.entries)

    @property
    def classes(self) -> str:
        """How its cell is drawn."""
        is_none = not self.entries and not self.note
        marks = {"out": not self.is_inside, "off": self.is_off, "today": self.is_today, "none": is_none}
        return " ".join(["cal-day", *(name for name, is_so in marks.items() if is_so)])


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


def month_days(user: User, filters: Filters, today: datetime.date) -> tuple[list[Day], int]:
    """Return the days of the grid with their first entries and numbers, and how many entries the month itself has.

    Three queries. An entry of several days stands on each of them and counts once in the month.
    """
    grid = grid_of(filters.month)
    most = SHOWN[filters.view]
    found, numbers = _due_on(user, filters, grid, most, today)
    planned = _planned_in(user, filters, grid, most) if filters.has(ACTIVITY) else []
    held = {row.day: row for row in Holiday.objects.filter(day__gte=grid[0], day__lte=grid[-1])}
    days = [_day(date, filters.month, today, held.get(date)) for date in grid]
    for day in days:
        spans = [(entries, number) for span, entries, number in planned if span[0] <= day.date <= span[1]]
        own = [*found.get(day.date, []), *(entry for entries, _number in spans for entry in entries)]
        day.entries.extend(sorted(own, key=_within_a_day)[:most])
        day.number = numbers.get(day.date, 0) + sum(number for _entries, number in spans)
    inside = [day.date for day in days if day.is_inside]
    count = sum(numbers.get(date, 0) for date in inside)
    count += sum(number for span, _entries, number in planned if span[0] <= inside[-1] and span[1] >= inside[0])
    return days, count


def _due_on(
    user: User, filters: Filters, grid: list[datetime.date], most: int, today: datetime.date
) -> tuple[dict[datetime.date, list[Entry]], dict[datetime.date, int]]:
    """Return by day the first entries of due work and how many there are; one query."""

    def make() -> Any:
        nth = Window(RowNumber(), partition_by="due_on", order_by=DUE_ORDER)
        rows = _due(user, filters, grid[0], grid[-1])
        rows = rows.annotate(nth=nth, of=Window(Count("thing"), partition_by="due_on")).filter(nth__lte=most)
        return rows.order_by("due_on", "nth").values_list(*due.COLUMNS, "of")

    rows = due.kept(user, ("month", filters), make) if filters.is_kept else make()
    found: dict[datetime.date, list[Entry]] = {}
    numbers: dict[datetime.date, int] = {}
    for item, (number,) in due.built(rows, today):
        found.setdefault(item.due_on, []).append(_of_item(item))
        numbers[item.due_on] = number
    return found, numbers


def _planned_in(
    user: User, filters: Filters, grid: list[datetime.date], most: int
) -> list[tuple[Span, list[Entry], int]]:
    """Return by first and last day the first planned activities that take just these days, and how many; one query."""

    def make() -> Any:
        span = ("starts_on", "last_on")
        nth = Window(RowNumber(), partition_by=span, order_by="pk")
        rows = _planned(user, filters, grid[0], grid[-1])
        rows = rows.annotate(nth=nth, of=Window(Count("pk"), partition_by=span)).filter(nth__lte=most)
        return rows.order_by(*span, "nth").values_list(*PLAN, "of")

    rows = due.kept(user, ("planned", user.pk, filters), make) if filters.is_kept else make()
    found: dict[Span, list[Entry]] = {}
    numbers: dict[Span, int] = {}
    for entry, number in _activities(rows):
        found.setdefault((entry.first_on, entry.last_on), []).append(entry)
        numbers[entry.first_on, entry.last_on] = number
    return [(days, entries, numbers[days]) for days, entries in found.items()]


def day_page(
    user: User, filters: Filters, day: datetime.date, today: datetime.date, number: str | None
) -> tuple[Page[Entry], Day]:
    """Return a page of everything on a day, and the day; due work first, as in the grid."""
    rows, planned = _due(user, filters, day, day), _planned(user, filters, day, day)
    due_count = rows.count()
    count = due_count + (planned.count() if filters.has(ACTIVITY) else 0)
    page = Paginator(range(count), A_DAYS_PAGE).get_page(number)
    first, end = page.start_index() - 1 if count else 0, page.end_index()
    found = [_of_item(item) for item in due.read(rows.order_by(*DUE_ORDER)[first:end], today)] if count else []
    if end > due_count:
        rest = planned.order_by("starts_on", "pk")[max(0, first - due_count) : end - due_count]
        found += [entry for entry, _none in _activities(rest.values_list(*PLAN))]
    page.object_list = found
    shown = _day(day, day, today, Holiday.objects.filter(day=day).first())
    shown.entries.extend(found)
    shown.number = count
    return page, shown


def feed_entries(user: User, filters: Filters, today: datetime.date) -> list[Entry]:
    """Return what a calendar programme is given, oldest first: at most FEED_MOST of each sort, the nearest to today.

    Of due work a quarter of them may be past: what is overdue must not give way to a year of what is to come.
    """
    first, last = today - FEED_BACK, today + FEED_AHEAD
    past = _due(user, filters, first, today - datetime.timedelta(days=1)).order_by("-due_on", *DUE_ORDER)
    found = [_of_item(item) for item in due.read(past[: FEED_MOST // 4], today)]
    coming = _due(user, filters, today, last).order_by("due_on", *DUE_ORDER)
    found += [_of_item(item) for item in due.read(coming[: FEED_MOST - len(found)], today)]
    planned = _planned(user, filters, first, last).order_by("-starts_on", "pk")[:FEED_MOST]
    found += [entry for entry, _none in _activities(planned.values_list(*PLAN))]
    return sorted(found, key=lambda entry: (entry.first_on, _within_a_day(entry)))


def _within_a_day(entry: Entry) -> tuple[bool, int, datetime.date, int]:
    """The order of the entries of a day: due work by kind, then what is planned, the longest begun first."""
    return entry.kind == ACTIVITY, RANKS[entry.kind], entry.first_on, entry.pk


def _due(user: User, filters: Filters, first: datetime.date, last: datetime.date) -> due.Rows:
    """Return due work of the days, both counted, done or not."""
    rows = due.rows(user, due.Filters(own=filters.own, programme=filters.programme))
    rows = rows.filter(due_on__gte=first, due_on__lte=last)
    if filters.words:
        rows = rows.filter(programme__search_text__contains=vietnamese.fold(filters.words))
    return rows.filter(kind__in=filters.kinds) if filters.kinds else rows


def next_due_on(user: User, filters: Filters, today: datetime.date) -> datetime.date | None:
    """Return the first due date from today on under the conditions, whatever the month; None if there is none."""
    return due.next_due_on(_due(user, filters, today, datetime.date.max), today)


def _of_item(item: due.DueItem) -> Entry:
    tone = "done" if item.done_on else "over" if item.late_days else "wait" if item.days <= due.SOON_DAYS else "none"
    return Entry(item.kind, item.pk, item.title, item.unit, item.programme, item.due_on, item.due_on, item.url, tone)


def _planned(user: User, filters: Filters, first: datetime.date, last: datetime.date) -> ActivityQuerySet:
    """Return activities planned for any of the days, with last_on."""
    rows = Activity.objects.visible_to(user).filter(occurrence=Activity.Occurrence.PLANNED)
    rows = rows.annotate(last_on=Coalesce("ends_on", F("starts_on"))).filter(starts_on__lte=last, last_on__gte=first)
    if filters.own:
        scope = scope_of(user)
        ids = list(scope.own_ids | scope.partner_ids)
        joint = Activity.joint_units.through.objects.filter(activity=OuterRef("pk"), organisation__in=ids)
        rows = rows.filter(Q(unit__in=ids) | Exists(joint))
    if filters.programme is not None:
        rows = rows.filter(task__programme=filters.programme)
    if filters.words:
        rows = rows.filter(task__programme__search_text__contains=vietnamese.fold(filters.words))
    return rows


def _activities(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Entry, Any]]:
    """Return rows of PLAN as entries, each with the value of the column after these, where there is one."""
    address, is_english = address_of("activities:activity_detail"), get_language() == "en"
    found = []
    for row in rows:
        pk, title, text, task, unit_id, unit, unit_en, of_id, code, full, short, first, last, *rest = row
        name = Activity(title=title, what_was_done=text).name or task
        body = due.Named(unit_id, unit_en if is_english and unit_en else unit)
        entry = Entry(ACTIVITY, pk, name, body, due.Of(of_id, code, short or full), first, last, address(pk), "run")
        found.append((entry, rest[0] if rest else None))
    return found


def _day(date: datetime.date, month: datetime.date, today: datetime.date, holiday: Holiday | None) -> Day:
    return Day(
        date=date,
        is_inside=date.month == month.month,
        is_today=date == today,
        is_off=date.weekday() >= 5 if holiday is None else holiday.kind == Holiday.Kind.OFF,
        note=holiday.name if holiday else "",
    )
