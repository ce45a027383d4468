"""What falls due: deadlines, milestones, reports and directives in one list, in the national four-way form.

Every number of overdue or coming work on a page is counted here and links to the list /viec/ with the same conditions.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Case, Count, F, Min, Q, When, Window
from django.db.models.functions import RowNumber, TruncMonth
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from activities.models import DueWork
from activities.models.due import DueWorkQuerySet, due_words
from agreements.models import Milestone, TaskDeadline
from core.http import address_of
from core.prepared import rows_of
from core.templatetags.format import day as day_words
from core.templatetags.format import days_text
from core.templatetags.ui import status
from insights.scope import Scope, programmes
from partners.models import scope_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.utils.safestring import SafeString

    from core.models import User

SOON_DAYS = 7
ISO_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
# state of a list → value in the address
OVERDUE, SOON, LATER, ON_TIME, LATE = "qua-han", "sap-den", "trong-han", "dung-han", "muon"
STATES = (OVERDUE, SOON, LATER, ON_TIME, LATE)
ALL = "tat-ca"  # every state; only of lists
OPEN = "chua-xong"  # overdue, soon and later together; only of lists
DONE = "da-xong"  # on time and late together; only of lists
SETTLED = "xong-hoac-qua-han"  # done or overdue: what both rates are shares of; only of lists
WITHIN = "con-han"  # soon and later together, the third of the national four; only of lists
LABELS = {
    OVERDUE: gettext_lazy("Overdue"),
    SOON: gettext_lazy("Due within 7 days"),
    LATER: gettext_lazy("Due later"),
    WITHIN: gettext_lazy("Within deadline"),
    OPEN: gettext_lazy("Not finished"),
    ON_TIME: gettext_lazy("Finished on time"),
    LATE: gettext_lazy("Finished late"),
    DONE: gettext_lazy("Finished"),
    SETTLED: gettext_lazy("Finished or overdue"),
    ALL: gettext_lazy("All of them"),
}
# kinds of due work, in the order in which a sentence counts them
KINDS = DEADLINE, REPORT, DIRECTIVE, MILESTONE = ("deadline", "report", "directive", "milestone")  # DueWork.Kind
KIND_KEYS = {DEADLINE: "thoi-han", REPORT: "bao-cao", DIRECTIVE: "chi-dao", MILESTONE: "moc"}  # values of ?loai=
KIND_LABELS = {
    DEADLINE: gettext_lazy("Deadlines of tasks"),
    REPORT: gettext_lazy("Reports"),
    DIRECTIVE: gettext_lazy("Directives"),
    MILESTONE: gettext_lazy("Milestones of programmes"),
}


@dataclass(frozen=True)
class Filters:
    """Conditions of a list of due work, as they stand in the address.

    own: only what the person's own organisations answer for. unit, programme: ids or None. scope: conditions of the
    dashboard; its period is that of the due date. kind: one of KINDS, "" = all. since: only what fell due or was
    finished after that day.
    """

    own: bool = False
    unit: int | None = None
    programme: int | None = None
    scope: Scope = Scope()
    kind: str = ""
    since: datetime.date | None = None

    def url(self, state: str = OVERDUE) -> str:
        """Return the address of the list with these conditions."""
        query: dict[str, object] = {"tinh_trang": state}
        if self.own:
            query["cua_don_vi"] = 1
        if self.unit is not None:
            query["don_vi"] = self.unit
        if self.programme is not None:
            query["chuong_trinh"] = self.programme
        if self.kind:
            query["loai"] = KIND_KEYS[self.kind]
        if self.since is not None:
            query["tu"] = self.since.isoformat()
        return self.scope.url("insights:deadline_list", **query)

    def without(self, name: str) -> Filters:
        """Return the conditions with one of them left out."""
        if hasattr(self, name):
            return replace(self, **{name: getattr(Filters(), name)})
        return replace(self, scope=self.scope.without(name))


def day_in(text: str) -> datetime.date | None:
    """Return a day of the address, "2026-11-16"; None for anything else."""
    if not ISO_DAY.fullmatch(text):
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


class Named(NamedTuple):
    """The body that answers, as a row names it."""

    pk: int
    name: str

    def __str__(self) -> str:
        return self.name


class Of(NamedTuple):
    """The programme of a row."""

    pk: int
    code: str
    name: str


@dataclass(frozen=True)
class DueItem:
    """One deadline, report, directive or milestone as a list shows it."""

    kind: str  # of KINDS
    pk: int
    title: str
    unit: Named
    programme: Of
    due_on: datetime.date
    done_on: datetime.date | None
    is_waiting: bool  # reported done, an officer has to confirm
    url: str
    task_id: int | None  # of a deadline, and of a directive on a task
    days: int  # until the due date; negative = overdue
    review: str = ""  # of the report that was begun for a duty (Review)

    @property
    def late_days(self) -> int:
        """Days past the due date; 0 where not overdue."""
        return max(0, -self.days)

    @property
    def tag(self) -> SafeString:
        """How it stands, as a tag: one for all lists, that they need not decide it row by row."""
        if self.done_on:
            return status(kind="done", label=_("Done %(date)s") % {"date": day_words(self.done_on)}, plain=True)
        if self.is_waiting:
            return status(kind="wait", label=_("Awaiting confirmation"))
        if self.days < 0:
            return status(kind="over", label=_("Overdue %(days)s") % {"days": days_text(-self.days)})
        if self.days == 0:
            return status(kind="wait", label=_("Last day today"))
        left = ngettext("%(counter)s day left", "%(counter)s days left", self.days) % {"counter": self.days}
        is_near = self.days <= SOON_DAYS
        return status(kind="wait" if is_near else "run", label=left, plain=not is_near)


Rows = DueWorkQuerySet


def rows(user: User, filters: Filters | None = None) -> Rows:
    """Return what the person sees due in programmes being carried out, of all kinds in one (see DueWork)."""
    filters = filters or Filters()
    conditions = Q()
    if filters.own:
        scope = scope_of(user)
        conditions &= Q(unit__in=scope.own_ids | scope.partner_ids)
    if filters.unit is not None:
        conditions &= Q(unit=filters.unit)
    if filters.programme is not None:
        conditions &= Q(programme=filters.programme)
    if filters.since is not None:
        conditions &= Q(finished_on__gt=filters.since) | Q(finished_on=None, due_on__gte=filters.since)
    if filters.scope.picks_programmes:
        picked = programmes(replace(filters.scope, period=""), user).live().order_by().values_list("pk", flat=True)
        conditions &= Q(programme__in=list(picked))  # as a list, see DueWorkQuerySet.visible_to
    if filters.scope.window:
        first, end = filters.scope.window
        conditions &= Q(due_on__gte=first, due_on__lt=end)
    if filters.kind:
        conditions &= Q(kind=filters.kind)
    return DueWork.objects.visible_to(user).filter(conditions)


def condition(state: str, day: datetime.date) -> Q:
    """Return the condition on the rows of one state, of due work of any kind."""
    soon = day + datetime.timedelta(days=SOON_DAYS)
    match state:
        case "qua-han":
            return Q(finished_on=None, due_on__lt=day)
        case "sap-den":
            return Q(finished_on=None, due_on__gte=day, due_on__lte=soon)
        case "trong-han":
            return Q(finished_on=None, due_on__gt=soon)
        case "con-han":
            return Q(finished_on=None, due_on__gte=day)
        case "chua-xong":
            return Q(finished_on=None)
        case "dung-han":
            return Q(finished_on__lte=F("due_on"))
        case "muon":
            return Q(finished_on__gt=F("due_on"))
        case "da-xong":
            return Q(finished_on__isnull=False)
        case "xong-hoac-qua-han":
            return Q(finished_on__isnull=False) | Q(due_on__lt=day)
        case "tat-ca":
            return Q()
    raise ValueError(state)


def counts(found: Rows, day: datetime.date) -> dict[str, int]:
    """Return how many rows are in each state, open, within deadline and in all, in one query."""
    row = found.order_by().aggregate(**_counted(day))
    found_in = {state: row[_key(state)] for state in STATES}
    sums = {OPEN: STATES[:3], WITHIN: STATES[1:3], DONE: STATES[3:], SETTLED: (OVERDUE, *STATES[3:]), ALL: STATES}
    return found_in | {name: sum(found_in[state] for state in states) for name, states in sums.items()}


def counts_by_owner(found: Rows, day: datetime.date) -> dict[int, dict[str, int]]:
    """Return per id of the committee that owns the programme how many rows are in each state, in one query."""
    return counts_by(found, "owner_id", day)


def counts_by_month(found: Rows, day: datetime.date) -> dict[datetime.date, dict[str, int]]:
    """Return per first day of the month in which it is due how many rows are in each state, in one query."""
    return counts_by(found.annotate(month=TruncMonth("due_on")), "month", day)


def counts_by(found: Rows, key: str, day: datetime.date) -> dict[Any, dict[str, int]]:
    """Return per value of the key how many rows are in each state, in one query."""
    grouped = found.order_by().values(key).annotate(**_counted(day))
    return {row[key]: {state: row[_key(state)] for state in STATES} for row in grouped}


def _counted(day: datetime.date) -> dict[str, Count]:
    return {_key(state): Count("thing", filter=condition(state, day)) for state in STATES}


def _key(state: str) -> str:
    return "n_" + state.replace("-", "_")


def in_state(found: Rows, state: str, day: datetime.date) -> Rows:
    """Return the rows in a state, open or in all, oldest due date first (latest first where done)."""
    order = ("-due_on", "-kind", "-thing") if state in {ON_TIME, LATE, DONE} else ("due_on", "kind", "thing")
    return found.filter(condition(state, day)).order_by(*order)


def items(found: Rows, state: str, day: datetime.date) -> list[DueItem]:
    """Return the rows in a state as in_state orders them; all of them, so only where they are bounded otherwise."""
    return read(in_state(found, state, day), day)


class Pressing(NamedTuple):
    """What is overdue and what is due soon: the first rows of each, the oldest first, and how many there are."""

    overdue: list[DueItem]
    soon: list[DueItem]
    overdue_count: int
    soon_count: int
    overdue_kinds: dict[str, int]  # how many of each kind


def pressing(user: User, day: datetime.date, shown: int) -> Pressing:
    """Return both with so many rows of each: one query for these rows and, for the numbers, the first of each kind."""

    def make() -> Any:
        near = rows(user).filter(finished_on=None, due_on__lte=day + datetime.timedelta(days=SOON_DAYS))
        late, order = Case(When(due_on__lt=day, then=True), default=False), ("due_on", "kind", "thing")
        near = near.annotate(
            nth=Window(RowNumber(), partition_by=late, order_by=order),
            nth_of_kind=Window(RowNumber(), partition_by=(late, "kind"), order_by=order),
            of_kind=Window(Count("thing"), partition_by=(late, "kind")),
        )
        return (
            near.filter(Q(nth__lte=shown) | Q(nth_of_kind=1)).order_by(*order).values_list(*COLUMNS, "nth", "of_kind")
        )

    lists: dict[bool, list[DueItem]] = {True: [], False: []}
    numbers: dict[bool, dict[str, int]] = {True: {}, False: {}}
    for item, (nth, of_kind) in built(kept(user, ("pressing", day, shown), make), day):
        numbers[item.days < 0][item.kind] = of_kind
        if nth <= shown:
            lists[item.days < 0].append(item)
    counted = {is_late: sum(of.values()) for is_late, of in numbers.items()}
    return Pressing(lists[True], lists[False], counted[True], counted[False], numbers[True])


def kept(user: User, key: tuple[object, ...], make: Callable[[], Any]) -> Iterable[tuple[Any, ...]]:
    """Return the rows of a `values_list` that begins at `rows`; its SQL is made once for each scope and key.

    Not for partner roles: what they take part in stands in it, and changes.
    """
    scope = scope_of(user)
    if scope.partner_ids:
        return make()  # type: ignore[no-any-return]
    return rows_of(("due", *key, scope.key), make) if scope.committee_paths else ()


# What a list shows of a row, in the order in which _item takes it.
COLUMNS = ("kind", "thing", "due_on", "finished_on", "title", "form", "period", "standing", "task_id", "unit_id",
           "unit__name", "unit__name_en", "programme_id", "programme__code", "programme__title",
           "programme__short_title")  # fmt: skip


def read(found: Rows, day: datetime.date) -> list[DueItem]:
    """Return the rows as lists show them, in the order in which they come; one query."""
    return [item for item, _more in built(found.values_list(*COLUMNS), day)]


def built(found: Iterable[tuple[Any, ...]], day: datetime.date) -> list[tuple[DueItem, tuple[Any, ...]]]:
    """Return rows of COLUMNS as lists show them, each with the values of the columns after these."""
    places = addresses()
    is_english = get_language() == "en"
    width = len(COLUMNS)
    return [(_item(row[:width], day, places, is_english=is_english), row[width:]) for row in found]


def addresses() -> dict[str, Callable[[int], str]]:
    """Return where each kind is worked on."""
    reports = address_of("activities:programme_reports")
    return {
        DEADLINE: address_of("activities:task_detail"),
        REPORT: address_of("activities:duty_show"),
        DIRECTIVE: address_of("activities:directive_show"),
        MILESTONE: lambda pk: f"{reports(pk)}#moc",
        Milestone.Kind.RENEWAL: address_of("agreements:programme_renewal"),  # its brief
    }


def _item(
    row: tuple[Any, ...], day: datetime.date, addresses: Mapping[str, Callable[[int], str]], *, is_english: bool
) -> DueItem:
    (kind, thing, due_on, finished_on, title, form, period, standing, task_id, unit_id, unit, unit_en, programme_id,
     code, full, short) = row  # fmt: skip
    place = task_id if kind == DEADLINE else programme_id if kind == MILESTONE else thing
    return DueItem(
        kind=kind,
        pk=thing,
        title=due_words(kind, title, form, period),
        unit=Named(unit_id, unit_en if is_english and unit_en else unit),
        programme=Of(programme_id, code, short or full),
        due_on=due_on,
        done_on=finished_on,
        is_waiting=kind == DEADLINE and standing == TaskDeadline.State.AWAITING,
        url=addresses[form if kind == MILESTONE and form in addresses else kind](place),
        task_id=task_id,
        days=(due_on - day).days,
        review=standing if kind == REPORT else "",
    )


def next_due_on(found: Rows, day: datetime.date) -> datetime.date | None:
    """Return the first due date from the day on of what is not done; None if there is none."""
    return found.filter(condition(WITHIN, day)).order_by().aggregate(first=Min("due_on"))["first"]


def kinds_in_words(numbers: Mapping[str, int]) -> str:
    """Return numbers by kind as "5 deadlines, 2 reports"; "" for none."""
    return ", ".join(words for _kind, words in kinds_listed(numbers))


def kinds_linked(numbers: Mapping[str, int], filters: Filters) -> list[tuple[str, str]]:
    """Return numbers of overdue work by kind, each in words and with the address of its list."""
    return [(words, replace(filters, kind=kind).url(OVERDUE)) for kind, words in kinds_listed(numbers)]


def kinds_listed(numbers: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the kinds there are any of, each with its number in words."""
    n = {kind: numbers.get(kind, 0) for kind in KINDS}
    words = {
        DEADLINE: ngettext("%(n)s deadline", "%(n)s deadlines", n[DEADLINE]),
        REPORT: ngettext("%(n)s report", "%(n)s reports", n[REPORT]),
        DIRECTIVE: ngettext("%(n)s directive", "%(n)s directives", n[DIRECTIVE]),
        MILESTONE: ngettext("%(n)s milestone", "%(n)s milestones", n[MILESTONE]),
    }
    return [(kind, words[kind] % {"n": n[kind]}) for kind in KINDS if n[kind]]
