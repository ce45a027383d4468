"""What falls due: deadlines of tasks and milestones of programmes in one list, in the national four-way form.

Every number of overdue or coming work on a page is counted here and links to the list /viec/ with the same conditions.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy

from agreements.models import Milestone, Programme, TaskDeadline
from partners.models import Organisation, scope_of

if TYPE_CHECKING:
    from core.models import User

SOON_DAYS = 7
# state of a list → value in the address
OVERDUE, SOON, LATER, ON_TIME, LATE = "qua-han", "sap-den", "trong-han", "dung-han", "muon"
STATES = (OVERDUE, SOON, LATER, ON_TIME, LATE)
ALL = "tat-ca"  # every state; only of lists
LABELS = {
    OVERDUE: gettext_lazy("Overdue"),
    SOON: gettext_lazy("Due within 7 days"),
    LATER: gettext_lazy("Due later"),
    ON_TIME: gettext_lazy("Finished on time"),
    LATE: gettext_lazy("Finished late"),
    ALL: gettext_lazy("All of them"),
}


@dataclass(frozen=True)
class Filters:
    """Conditions of a list of due work, as they stand in the address.

    own: only what the person's own organisations answer for. unit, programme: ids or None.
    """

    own: bool = False
    unit: int | None = None
    programme: int | None = None

    def url(self, state: str = OVERDUE) -> str:
        """Return the address of the list with these conditions."""
        query: dict[str, object] = {"tinh-trang": state}
        if self.own:
            query["cua-don-vi"] = 1
        if self.unit is not None:
            query["don-vi"] = self.unit
        if self.programme is not None:
            query["chuong-trinh"] = self.programme
        return f"{reverse('insights:deadline_list')}?{urlencode(query)}"

    def without(self, name: str) -> Filters:
        """Return the conditions with one of them left out."""
        match name:
            case "own":
                return replace(self, own=False)
            case "unit":
                return replace(self, unit=None)
        return replace(self, programme=None)


@dataclass(frozen=True)
class DueItem:
    """One deadline or milestone as a list shows it."""

    kind: str  # "deadline", "interim_review", … (Milestone.Kind)
    title: str
    unit: Organisation
    programme: Programme
    due_on: datetime.date
    done_on: datetime.date | None
    is_waiting: bool  # reported done, an officer has to confirm
    url: str
    task_id: int | None
    days: int  # until the due date; negative = overdue

    @property
    def late_days(self) -> int:
        """Days past the due date; 0 where not overdue."""
        return max(0, -self.days)


Rows = tuple["QuerySet[TaskDeadline]", "QuerySet[Milestone]"]


def rows(user: User, filters: Filters | None = None) -> Rows:
    """Return the deadlines and milestones the person sees in programmes being carried out, each with its unit_id.

    The lead unit answers for a deadline, the responsible body for a milestone, else the owner committee. Paused,
    carried-over and cancelled work is left out.
    """
    filters = filters or Filters()
    deadlines = TaskDeadline.objects.visible_to(user).live().exclude(state=TaskDeadline.State.CANCELLED)
    milestones = Milestone.objects.filter(
        programme__in=Programme.objects.visible_to(user), programme__status__in=Programme.LIVE
    )
    deadlines = deadlines.annotate(unit_id=Coalesce("task__lead", "task__programme__owner"))
    milestones = milestones.annotate(unit_id=Coalesce("responsible", "programme__owner"))
    if filters.own:
        scope = scope_of(user)
        ids = list(scope.own_ids | scope.partner_ids)
        deadlines, milestones = deadlines.filter(unit_id__in=ids), milestones.filter(unit_id__in=ids)
    if filters.unit is not None:
        deadlines, milestones = deadlines.filter(unit_id=filters.unit), milestones.filter(unit_id=filters.unit)
    if filters.programme is not None:
        deadlines = deadlines.filter(task__programme=filters.programme)
        milestones = milestones.filter(programme=filters.programme)
    return deadlines, milestones


def _condition(state: str, day: datetime.date, done: Q) -> Q:
    soon = day + datetime.timedelta(days=SOON_DAYS)
    match state:
        case "qua-han":
            return ~done & Q(due_on__lt=day)
        case "sap-den":
            return ~done & Q(due_on__gte=day, due_on__lte=soon)
        case "trong-han":
            return ~done & Q(due_on__gt=soon)
        case "dung-han":
            return done & Q(done_on__lte=F("due_on"))
        case "muon":
            return done & Q(done_on__gt=F("due_on"))
        case "tat-ca":
            return Q()
    raise ValueError(state)


DEADLINE_DONE = Q(state=TaskDeadline.State.DONE)
MILESTONE_DONE = Q(done_on__isnull=False)


def counts(found: Rows, day: datetime.date) -> dict[str, int]:
    """Return how many rows are in each state and in all, in two queries."""
    deadlines, milestones = found
    one = deadlines.aggregate(**{_key(s): Count("pk", filter=_condition(s, day, DEADLINE_DONE)) for s in STATES})
    two = milestones.aggregate(**{_key(s): Count("pk", filter=_condition(s, day, MILESTONE_DONE)) for s in STATES})
    found_in = {state: one[_key(state)] + two[_key(state)] for state in STATES}
    return found_in | {ALL: sum(found_in.values())}


def counts_by_unit(found: Rows, day: datetime.date) -> dict[int, dict[str, int]]:
    """Return per unit id how many rows are in each state, in two queries."""
    totals: dict[int, dict[str, int]] = {}
    pairs: tuple[tuple[Any, Q], ...] = ((found[0], DEADLINE_DONE), (found[1], MILESTONE_DONE))
    for queryset, done in pairs:
        by_unit = (
            queryset.order_by()
            .values("unit_id")
            .annotate(**{_key(s): Count("pk", filter=_condition(s, day, done)) for s in STATES})
        )
        for row in by_unit:
            unit = totals.setdefault(row["unit_id"], dict.fromkeys(STATES, 0))
            for state in STATES:
                unit[state] += row[_key(state)]
    return totals


def _key(state: str) -> str:
    return "n_" + state.replace("-", "_")


def items(found: Rows, state: str, day: datetime.date) -> list[DueItem]:
    """Return the rows in a state or in all, oldest due date first (latest first where done), in three queries."""
    deadlines, milestones = found
    chosen: list[TaskDeadline | Milestone] = [
        *deadlines.filter(_condition(state, day, DEADLINE_DONE)).select_related("task__programme"),
        *milestones.filter(_condition(state, day, MILESTONE_DONE)).select_related("programme"),
    ]
    units = Organisation.objects.in_bulk({_unit_id(row) for row in chosen})
    built = [_item(row, units[_unit_id(row)], day) for row in chosen]
    built.sort(key=lambda item: (item.due_on, item.title), reverse=state in {ON_TIME, LATE})
    return built


def _unit_id(row: TaskDeadline | Milestone) -> int:
    return int(row.unit_id)  # type: ignore[union-attr]  # annotated by rows()


def _item(row: TaskDeadline | Milestone, unit: Organisation, day: datetime.date) -> DueItem:
    if isinstance(row, TaskDeadline):
        title = f"{row.task.title} ({row.period})" if row.period else row.task.title
        return DueItem(
            kind="deadline",
            title=title,
            unit=unit,
            programme=row.task.programme,
            due_on=row.due_on,
            done_on=row.done_on if row.state == TaskDeadline.State.DONE else None,
            is_waiting=row.state == TaskDeadline.State.AWAITING,
            url=reverse("activities:task_detail", args=[row.task_id]),
            task_id=row.task_id,
            days=(row.due_on - day).days,
        )
    return DueItem(
        kind=row.kind,
        title=str(row),
        unit=unit,
        programme=row.programme,
        due_on=row.due_on,
        done_on=row.done_on,
        is_waiting=False,
        url=_milestone_url(row),
        task_id=None,
        days=(row.due_on - day).days,
    )


def _milestone_url(row: Milestone) -> str:
    """Return where a milestone is worked on: the brief for a renewal, else the milestones of the programme."""
    if row.kind == Milestone.Kind.RENEWAL:
        return reverse("agreements:programme_renewal", args=[row.programme_id])
    return reverse("activities:programme_reports", args=[row.programme_id]) + "#moc"


def next_due_on(found: Rows, day: datetime.date) -> datetime.date | None:
    """Return the first due date from the day on of what is not done; None if there is none."""
    deadlines, milestones = found
    open_rows = [
        deadlines.filter(~DEADLINE_DONE, due_on__gte=day).order_by("due_on").values_list("due_on", flat=True).first(),
        milestones.filter(~MILESTONE_DONE, due_on__gte=day).order_by("due_on").values_list("due_on", flat=True).first(),
    ]
    return min((found_on for found_on in open_rows if found_on), default=None)
