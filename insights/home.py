"""The first page "Hôm nay": what the person has to do, by role; every number equals the list it links to."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, Window
from django.urls import reverse
from django.utils.translation import gettext as _

from activities.models import Activity, Directive, Measurement, ProgressReport, Review
from activities.views.queue import Waiting, days_waited, queue_of, waiting_in_all
from agreements.models import Intake, LegalBasis, Programme, Task, TaskDeadline
from agreements.services.results import TaskTotals, task_figures
from core.mail import Stuck, stuck
from core.models import User
from insights import due
from partners.models import Membership, Organisation, scope_of
from partners.services import people_visible_to

if TYPE_CHECKING:
    from core.http import SignedInRequest

ROWS_SHOWN = 7
DRAFTS_SHOWN = 3
OWN_ENTRIES = 200  # drafts and plans of one person that are looked at


@dataclass(frozen=True)
class Front:
    """What an officer or leader sees: four groups with their counts, at most seven rows of each, oldest first."""

    waiting: list[Waiting]
    waiting_count: int
    oldest_days: int
    overdue: list[due.DueItem]
    overdue_count: int
    overdue_notes: list[tuple[str, str]]  # how many of each kind, each with the list of it
    soon: list[due.DueItem]
    soon_count: int
    intakes: list[Intake]
    intake_count: int
    weak_count: int  # programmes with a legal basis that expired or was replaced, which nobody has looked at
    answered_directives: int  # wait for the committee to close them or ask for more
    next_due_on: datetime.date | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to do today."""
        counts = (self.waiting_count, self.overdue_count, self.soon_count, self.intake_count, self.answered_directives)
        return not any(counts)


@dataclass(frozen=True)
class Returned:
    """An item sent back, with the reviewer's words."""

    title: str
    reason: str
    reviewer: User | None
    reviewed_at: datetime.datetime | None
    url: str


@dataclass(frozen=True)
class Owed:
    """One thing the unit owes: a deadline with the figures of its task, a report with its review, a directive."""

    item: due.DueItem
    totals: TaskTotals | None
    review: str  # of the report, as words; "" where there is none

    @property
    def indicator(self) -> Any:
        """The totals of the task's first indicator with a target; None without one."""
        rows = self.totals.indicators if self.totals else ()
        return next((row for row in rows if row.target is not None), None)


@dataclass(frozen=True)
class Partner:
    """What a partner sees: returned items first, then plans and drafts, then what the unit owes by due date."""

    returned: list[Returned]
    plans: list[Activity]  # those whose day has passed first
    plan_count: int
    drafts: list[Activity]
    draft_count: int
    owed: list[Owed]
    owed_count: int


def front(request: SignedInRequest, day: datetime.date) -> Front:
    """Return the four groups of an officer or leader."""
    user = request.user
    queue = queue_of(request)
    pressing = due.pressing(user, day, ROWS_SHOWN)
    intakes = Intake.objects.visible_to(user).open().order_by("created_at")
    papers = list(intakes.only("title", "created_at", "reading")[: ROWS_SHOWN + 1])
    intake_count = intakes.count() if len(papers) > ROWS_SHOWN else len(papers)
    unseen = LegalBasis.objects.unseen()
    answered = Directive.objects.visible_to(user).filter(state=Directive.State.ANSWERED).count()
    nothing = not (queue or pressing.overdue_count or pressing.soon_count or intake_count or answered)
    return Front(
        waiting=queue[:ROWS_SHOWN],
        waiting_count=waiting_in_all(request),
        oldest_days=days_waited(queue[0].sent_at) or 0 if queue else 0,
        overdue=pressing.overdue,
        overdue_count=pressing.overdue_count,
        overdue_notes=due.kinds_linked(pressing.overdue_kinds, due.Filters()),
        soon=pressing.soon,
        soon_count=pressing.soon_count,
        intakes=papers[:ROWS_SHOWN],
        intake_count=intake_count,
        weak_count=Programme.objects.visible_to(user).live().filter(legal_bases__in=unseen).distinct().count(),
        answered_directives=answered,
        next_due_on=due.next_due_on(due.rows(user), day) if nothing else None,
    )


def partner(user: User, day: datetime.date) -> Partner:
    """Return what the person's unit has to do."""
    scope = scope_of(user)
    own = list(scope.own_ids | scope.partner_ids)
    own_entries = Activity.objects.visible_to(user).filter(author=user, review=Review.DRAFT)
    own_entries = own_entries.select_related("task", "unit", "locality")
    entries = list(own_entries.order_by("-updated_at")[:OWN_ENTRIES])
    drafts = [row for row in entries if row.occurrence == Activity.Occurrence.HELD]
    plans = sorted((row for row in entries if row.is_ahead), key=lambda row: row.starts_on or datetime.date.max)
    owed = due.in_state(due.rows(user, due.Filters(own=True)), due.OPEN, day).annotate(of=Window(Count("thing")))
    shown = due.built(owed.values_list(*due.COLUMNS, "of")[:ROWS_SHOWN], day)
    return Partner(
        returned=_returned(user, own),
        plans=plans[:ROWS_SHOWN],
        plan_count=len(plans),
        drafts=drafts[:DRAFTS_SHOWN],
        draft_count=len(drafts),
        owed=_owed([item for item, _of in shown], day),
        owed_count=shown[0][1][0] if shown else 0,
    )


def _owed(shown: list[due.DueItem], day: datetime.date) -> list[Owed]:
    """Return the rows with the figures of their tasks and the state of their reports."""
    tasks = Task.objects.filter(pk__in={item.task_id for item in shown if item.kind == due.DEADLINE})
    totals = task_figures(tasks.select_related("programme"), day=day)
    return [
        Owed(
            item=item,
            totals=totals[item.task_id] if item.kind == due.DEADLINE and item.task_id else None,
            review=str(Review(item.review).label if item.review else _("Not begun")) if item.kind == due.REPORT else "",
        )
        for item in shown
    ]


def _returned(user: User, own: list[int]) -> list[Returned]:
    """Return everything sent back to the unit, oldest decision first."""
    mine = Q(author=user) | Q(acting_for__in=own)
    found = [
        Returned(row.name, row.return_reason, row.reviewed_by, row.reviewed_at,
                 reverse("activities:activity_edit", args=[row.pk]))
        for row in Activity.objects.visible_to(user)
        .filter(mine, review=Review.RETURNED).select_related("reviewed_by")
    ]  # fmt: skip
    found += [
        Returned(row.indicator.name, row.return_reason, row.reviewed_by, row.reviewed_at,
                 reverse("activities:measurement_edit", args=[row.pk]))
        for row in Measurement.objects.visible_to(user)
        .filter(mine, review=Review.RETURNED, activity=None).select_related("reviewed_by", "indicator")
    ]  # fmt: skip
    found += [
        Returned(row.task.title, row.return_reason, row.reviewed_by, row.reviewed_at,
                 reverse("agreements:deadline_report", args=[row.pk]))
        for row in TaskDeadline.objects.visible_to(user).live()
        .filter(task__lead__in=own, state=TaskDeadline.State.RETURNED).select_related("reviewed_by", "task")
    ]  # fmt: skip
    found += [
        Returned(str(row), row.return_reason, row.reviewed_by, row.reviewed_at,
                 reverse("activities:report_edit", args=[row.duty_id]))
        for row in ProgressReport.objects.visible_to(user)
        .filter(duty__unit__in=own, duty__waived_at=None, review=Review.RETURNED)
        .select_related("reviewed_by", "duty")
    ]  # fmt: skip
    return sorted(found, key=lambda item: (item.reviewed_at is None, item.reviewed_at))


@dataclass(frozen=True)
class Administration:
    """State of what an administrator keeps."""

    people: int
    disabled: int
    organisations: int
    without_membership: int
    mail: list[Stuck]  # people whose mail failed and is not out

    @property
    def mails(self) -> int:
        """How many notices those are."""
        return sum(one.waiting + one.given_up for one in self.mail)

    @property
    def mail_since(self) -> datetime.datetime | None:
        """When the oldest of them was to leave."""
        return min((one.since for one in self.mail), default=None)


def administration(user: User) -> Administration:
    """Return counts of people and organisations, and whose mail is stuck; administrators have no content rights by
    themselves."""
    return Administration(
        people=User.objects.filter(is_active=True).count(),
        disabled=User.objects.filter(is_active=False).count(),
        organisations=Organisation.objects.active().count(),
        without_membership=User.objects.filter(is_active=True)
        .exclude(pk__in=Membership.objects.current().values("user"))
        .count(),
        mail=stuck(people_visible_to(user)),
    )
