"""What falls due: deadlines, milestones, reports and directives in one list, in the national four-way form.

Every number of overdue or coming work on a page is counted here and links to the list /viec/ with the same conditions.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.functions import Coalesce, TruncDate, TruncMonth
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from activities.models import Directive, ReportDuty, Review
from agreements.models import Milestone, Programme, Task, TaskDeadline
from insights.scope import Scope, programmes
from partners.models import Organisation, scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.models import User

SOON_DAYS = 7
ISO_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
# state of a list → value in the address
OVERDUE, SOON, LATER, ON_TIME, LATE = "qua-han", "sap-den", "trong-han", "dung-han", "muon"
STATES = (OVERDUE, SOON, LATER, ON_TIME, LATE)
ALL = "tat-ca"  # every state; only of lists
OPEN = "chua-xong"  # overdue, soon and later together; only of lists
DONE = "da-xong"  # on time and late together; only of lists
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
    ALL: gettext_lazy("All of them"),
}
# kinds of due work, in the order in which a sentence counts them
DEADLINE, REPORT, DIRECTIVE, MILESTONE = "deadline", "report", "directive", "milestone"
KINDS = (DEADLINE, REPORT, DIRECTIVE, MILESTONE)
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
        match name:
            case "own":
                return replace(self, own=False)
            case "unit":
                return replace(self, unit=None)
            case "programme":
                return replace(self, programme=None)
            case "kind":
                return replace(self, kind="")
            case "since":
                return replace(self, since=None)
        return replace(self, scope=self.scope.without(name))


def day_in(text: str) -> datetime.date | None:
    """Return a day of the address, "2026-11-16"; None for anything else."""
    if not ISO_DAY.fullmatch(text):
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class DueItem:
    """One deadline, report, directive or milestone as a list shows it."""

    kind: str  # of KINDS
    pk: int
    title: str
    unit: Organisation
    programme: Programme
    due_on: datetime.date
    done_on: datetime.date | None
    is_waiting: bool  # reported done, an officer has to confirm
    url: str
    task_id: int | None
    days: int  # until the due date; negative = overdue
    task: Task | None = None  # of a deadline
    review: str = ""  # of the report that was begun for a duty (Review)

    @property
    def late_days(self) -> int:
        """Days past the due date; 0 where not overdue."""
        return max(0, -self.days)


Rows = dict[str, "QuerySet[Any]"]  # kind → rows, each with unit_id, programme_pk and finished_on


def rows(user: User, filters: Filters | None = None) -> Rows:
    """Return what the person sees due in programmes being carried out, by kind.

    Who answers (unit_id): the lead unit for a deadline, the responsible body for a milestone, else the owner
    committee; for a report or directive the unit that owes it. When it was over (finished_on): the day a deadline was
    done where an officer confirmed it, a milestone was held, a report was sent (a returned one is owed again by its
    original date) and a directive answered. Waived reports, withdrawn directives, and paused, carried-over and
    cancelled work are left out.
    """
    filters = filters or Filters()
    seen = Q(programme__in=Programme.objects.visible_to(user), programme__status__in=Programme.LIVE)
    sent = Q(report__review__in=[Review.SUBMITTED, Review.ACCEPTED])
    over = Q(state__in=[Directive.State.ANSWERED, Directive.State.CLOSED])
    live = Q(programme__status__in=Programme.LIVE)
    found: Rows = {
        DEADLINE: TaskDeadline.objects.visible_to(user).live().exclude(state=TaskDeadline.State.CANCELLED)
        .annotate(unit_id=Coalesce("task__lead", "task__programme__owner"), programme_pk=F("task__programme"),
                  finished_on=Case(When(state=TaskDeadline.State.DONE, then=F("done_on")))),
        REPORT: ReportDuty.objects.visible_to(user).filter(live, waived_at=None)
        .annotate(programme_pk=F("programme"),
                  finished_on=Case(When(sent, then=TruncDate("report__submitted_at")))),
        DIRECTIVE: Directive.objects.visible_to(user).filter(live).exclude(state=Directive.State.WITHDRAWN)
        .annotate(programme_pk=F("programme"), finished_on=Case(When(over, then=TruncDate("answered_at")))),
        MILESTONE: Milestone.objects.filter(seen)
        .annotate(unit_id=Coalesce("responsible", "programme__owner"), programme_pk=F("programme"),
                  finished_on=F("done_on")),
    }  # fmt: skip
    conditions = Q()
    if filters.own:
        scope = scope_of(user)
        conditions &= Q(unit_id__in=list(scope.own_ids | scope.partner_ids))
    if filters.unit is not None:
        conditions &= Q(unit_id=filters.unit)
    if filters.programme is not None:
        conditions &= Q(programme_pk=filters.programme)
    if filters.since is not None:
        conditions &= Q(finished_on__gt=filters.since) | Q(finished_on=None, due_on__gte=filters.since)
    if filters.scope.picks_programmes:
        conditions &= Q(programme_pk__in=programmes(replace(filters.scope, period=""), user).values("pk"))
    if filters.scope.window:
        first, end = filters.scope.window
        conditions &= Q(due_on__gte=first, due_on__lt=end)
    wanted = [filters.kind] if filters.kind else KINDS
    return {kind: queryset.filter(conditions) for kind, queryset in found.items() if kind in wanted}


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
        case "tat-ca":
            return Q()
    raise ValueError(state)


def counts(found: Rows, day: datetime.date) -> dict[str, int]:
    """Return how many rows are in each state, open, within deadline and in all, in one query."""
    by_unit = counts_by_unit(found, day).values()
    found_in = {state: sum(unit[state] for unit in by_unit) for state in STATES}
    sums = {OPEN: STATES[:3], WITHIN: STATES[1:3], DONE: STATES[3:], ALL: STATES}
    return found_in | {name: sum(found_in[state] for state in states) for name, states in sums.items()}


def counts_by_unit(found: Rows, day: datetime.date) -> dict[int, dict[str, int]]:
    """Return per unit id how many rows are in each state, in one query."""
    return _counts_by({kind: queryset.values("unit_id") for kind, queryset in found.items()}, "unit_id", day)


def counts_by_owner(found: Rows, day: datetime.date) -> dict[int, dict[str, int]]:
    """Return per id of the committee that owns the programme how many rows are in each state, in one query."""
    owned = {
        kind: queryset.annotate(owner_id=F("task__programme__owner" if kind == DEADLINE else "programme__owner"))
        for kind, queryset in found.items()
    }
    return _counts_by({kind: queryset.values("owner_id") for kind, queryset in owned.items()}, "owner_id", day)


def counts_by_month(found: Rows, day: datetime.date) -> dict[datetime.date, dict[str, int]]:
    """Return per first day of the month in which it is due how many rows are in each state, in one query."""
    monthly = {kind: queryset.annotate(month=TruncMonth("due_on")) for kind, queryset in found.items()}
    return _counts_by({kind: queryset.values("month") for kind, queryset in monthly.items()}, "month", day)


def _counts_by(grouped: Rows, key: str, day: datetime.date) -> dict[Any, dict[str, int]]:
    """Return per value of the key how many rows are in each state, in one query."""
    counted = {_key(state): Count("pk", filter=condition(state, day)) for state in STATES}
    first, *others = (queryset.order_by().annotate(**counted) for queryset in grouped.values())
    totals: dict[Any, dict[str, int]] = {}
    for row in first.union(*others, all=True):
        one = totals.setdefault(row[key], dict.fromkeys(STATES, 0))
        for state in STATES:
            one[state] += row[_key(state)]
    return totals


def _key(state: str) -> str:
    return "n_" + state.replace("-", "_")


def items(found: Rows, state: str, day: datetime.date) -> list[DueItem]:
    """Return the rows in a state, open or in all, oldest due date first (latest first where done)."""
    return _read(found, condition(state, day), day, newest_first=state in {ON_TIME, LATE, DONE})


def pressing(found: Rows, day: datetime.date) -> tuple[list[DueItem], list[DueItem]]:
    """Return what is overdue and what is due soon, each oldest first, in one query a kind."""
    both = _read(found, condition(OVERDUE, day) | condition(SOON, day), day)
    return [item for item in both if item.days < 0], [item for item in both if item.days >= 0]


def between(found: Rows, first: datetime.date, last: datetime.date, day: datetime.date) -> list[DueItem]:
    """Return what is due from the first to the last day, both counted, done or not, oldest first."""
    return _read(found, Q(due_on__gte=first, due_on__lte=last), day)


# What a row needs of other tables: its programme, and who answers for it (see rows).
PARTS = {
    DEADLINE: ("task__programme__owner", "task__lead"),
    REPORT: ("programme", "unit", "report"),
    DIRECTIVE: ("programme", "unit"),
    MILESTONE: ("programme__owner", "responsible"),
}


def _read(found: Rows, condition: Q, day: datetime.date, *, newest_first: bool = False) -> list[DueItem]:
    built = [
        _item(kind, row, day)
        for kind, queryset in found.items()
        for row in queryset.filter(condition).select_related(*PARTS[kind])
    ]
    built.sort(key=lambda item: (item.due_on, item.title), reverse=newest_first)
    return built


def _item(kind: str, row: Any, day: datetime.date) -> DueItem:
    title, review, task = str(row), "", None
    if kind == DEADLINE:
        task, programme = row.task, row.task.programme
        title = f"{task.title} ({row.period})" if row.period else task.title
        unit, url = task.lead or programme.owner, reverse("activities:task_detail", args=[task.pk])
    elif kind == REPORT:
        programme, unit = row.programme, row.unit
        review = row.report.review if hasattr(row, "report") else ""
        url = reverse("activities:duty_show", args=[row.pk])
    elif kind == DIRECTIVE:
        programme, unit, url = row.programme, row.unit, reverse("activities:directive_show", args=[row.pk])
    else:
        programme, unit = row.programme, row.responsible or row.programme.owner
        url = _milestone_url(row)
    return DueItem(
        kind=kind,
        pk=row.pk,
        title=title,
        unit=unit,
        programme=programme,
        due_on=row.due_on,
        done_on=row.finished_on,
        is_waiting=kind == DEADLINE and row.state == TaskDeadline.State.AWAITING,
        url=url,
        task_id=row.task_id if kind in {DEADLINE, DIRECTIVE} else None,
        days=(row.due_on - day).days,
        task=task,
        review=review,
    )


def _milestone_url(row: Milestone) -> str:
    """Return where a milestone is worked on: the brief for a renewal, else the milestones of the programme."""
    if row.kind == Milestone.Kind.RENEWAL:
        return reverse("agreements:programme_renewal", args=[row.programme_id])
    return reverse("activities:programme_reports", args=[row.programme_id]) + "#moc"


def next_due_on(found: Rows, day: datetime.date) -> datetime.date | None:
    """Return the first due date from the day on of what is not done; None if there is none."""
    first, *others = (
        queryset.filter(finished_on=None, due_on__gte=day).order_by().values_list("due_on")
        for queryset in found.values()
    )
    return min((due_on for (due_on,) in first.union(*others)), default=None)


def breakdown(found: Iterable[DueItem]) -> str:
    """Return how many there are of each kind, as "5 deadlines, 2 reports"; "" for none."""
    n = Counter(item.kind for item in found)
    words = {
        DEADLINE: ngettext("%(n)s deadline", "%(n)s deadlines", n[DEADLINE]),
        REPORT: ngettext("%(n)s report", "%(n)s reports", n[REPORT]),
        DIRECTIVE: ngettext("%(n)s directive", "%(n)s directives", n[DIRECTIVE]),
        MILESTONE: ngettext("%(n)s milestone", "%(n)s milestones", n[MILESTONE]),
    }
    return ", ".join(words[kind] % {"n": n[kind]} for kind in KINDS if n[kind])
