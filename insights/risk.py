"""The at-risk flags of programmes with the rows behind them; the rules are in agreements/figures/risk.py."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from activities.models import ReportDuty, Review
from activities.services.duties.succession import Heirs
from agreements import figures
from agreements.models import LegalBasis, LegalDocument, Milestone, Party, Programme, Task, TaskDeadline
from partners.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from core.models import User

WATCHED = (Programme.Status.IN_FORCE, Programme.Status.ENDED)  # others are not being carried out


@dataclass(frozen=True)
class Numbers:
    """What the flags need of the figures of a programme: computed for a day, or stored (ProgrammeFigure)."""

    progress: Decimal | None
    standing: str
    coverage: Decimal | None
    last_activity_on: datetime.date | None


@dataclass(frozen=True)
class RiskRow:
    """One row behind a flag: what, whose, where it is worked on, since when (None = no date)."""

    title: str
    unit: str
    url: str
    since: datetime.date | None = None
    task_id: int | None = None
    unit_id: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Flag:
    """One flag of a programme: cause and days as in figures.Risk, and its rows, the oldest first.

    Flags about the programme as a whole (slow, silent, near the end, not reviewed) have no rows of their own here.
    """

    cause: str
    days: int | None
    rows: tuple[RiskRow, ...] = ()


def read(
    programmes: Iterable[Programme], numbers: Mapping[int, Numbers], day: datetime.date, user: User | None = None
) -> dict[int, tuple[Flag, ...]]:
    """Return the flags of each programme by its id as of the day, in the order of figures.CAUSES; () for none.

    numbers: by programme id; a programme without them is judged by its rows alone. user: whose reports count, where a
    person asks (a partner sees the reports of its own units only); None = all. At most six queries, and a few more
    where a party was dissolved. Programmes that are not being carried out have no flags.
    """
    wanted = {row.pk: row for row in programmes if row.status in WATCHED}
    overdue = _overdue(wanted, day)
    owed = _reports_owed(wanted, day, user)
    bases = _weak_bases(wanted, day)
    gone = _gone(wanted, day)
    reviewed = _reviewed(wanted)
    found: dict[int, tuple[Flag, ...]] = {}
    for pk, programme in wanted.items():
        known = numbers.get(pk) or Numbers(None, figures.NO_DATA, None, None)
        facts = figures.RiskFacts(
            starts_on=programme.starts_on,
            ends_on=programme.ends_on,
            progress=known.progress,
            standing=known.standing,
            coverage=known.coverage,
            last_activity_on=known.last_activity_on,
            overdue_since=_days_of(overdue[pk]),
            reports_owed_since=_days_of(owed[pk]),
            weak_bases=len(bases[pk]),
            parties_gone=len(gone[pk]),
            reviewed_on=reviewed.get(pk),
        )
        rows = {
            figures.OVERDUE: overdue[pk],
            figures.LATE_REPORT: owed[pk],
            figures.WEAK_BASIS: bases[pk],
            figures.NO_SUCCESSOR: gone[pk],
        }
        found[pk] = tuple(
            Flag(risk.cause, risk.days, tuple(rows.get(risk.cause, ()))) for risk in figures.risks(facts, day)
        )
    return found


def _days_of(rows: Iterable[RiskRow]) -> tuple[datetime.date, ...]:
    return tuple(row.since for row in rows if row.since is not None)


def _overdue(programmes: Mapping[int, Programme], day: datetime.date) -> dict[int, list[RiskRow]]:
    """Return the deadlines of live tasks that were open and past their day, oldest first."""
    open_then = ~Q(state=TaskDeadline.State.DONE) | Q(done_on__gt=day)
    rows = (
        TaskDeadline.objects.filter(open_then, task__programme__in=list(programmes), due_on__lt=day)
        .exclude(task__state__in=Task.LEFT_OUT)
        .exclude(state=TaskDeadline.State.CANCELLED)
        .select_related("task__lead")
        .order_by("due_on", "pk")
    )
    found: dict[int, list[RiskRow]] = defaultdict(list)
    for row in rows:
        programme = programmes[row.task.programme_id]
        unit_id = row.task.lead_id or programme.owner_id
        found[programme.pk].append(
            RiskRow(
                title=f"{row.task.title} ({row.period})" if row.period else row.task.title,
                unit=str(row.task.lead or programme.owner),
                url=reverse("activities:task_detail", args=[row.task_id]),
                since=row.due_on,
                task_id=row.task_id,
                unit_id=unit_id,
            )
        )
    return found


def _reports_owed(
    programmes: Mapping[int, Programme], day: datetime.date, user: User | None
) -> dict[int, list[RiskRow]]:
    """Return the reports so late on the day that they are a risk; one sent later, or returned, was still owed."""
    sent = Q(report__review__in=[Review.SUBMITTED, Review.ACCEPTED], report__submitted_at__date__lte=day)
    duties = ReportDuty.objects.all() if user is None else ReportDuty.objects.visible_to(user)
    rows = (
        duties.filter(
            programme__in=list(programmes),
            waived_at=None,
            due_on__lte=day - datetime.timedelta(days=figures.LATE_DAYS),
        )
        .exclude(sent)
        .select_related("unit")
        .order_by("due_on", "pk")
    )
    found: dict[int, list[RiskRow]] = defaultdict(list)
    for row in rows:
        url = reverse("activities:duty_show", args=[row.pk])
        found[row.programme_id].append(RiskRow(str(row), str(row.unit), url, row.due_on, unit_id=row.unit_id))
    return found


def _weak_bases(programmes: Mapping[int, Programme], day: datetime.date) -> dict[int, list[RiskRow]]:
    """Return the legal bases without effect on the day; where no last day is known, the status holds for every day."""
    weak = Q(document__effect_to__lt=day) | Q(document__effect_to=None, document__effect__in=LegalDocument.WEAK)
    rows = LegalBasis.objects.filter(weak, programme__in=list(programmes)).select_related("document")
    found: dict[int, list[RiskRow]] = defaultdict(list)
    for row in rows.order_by("position", "pk"):
        kept = row.kept_effect and row.kept_effect == row.document.effect
        found[row.programme_id].append(
            RiskRow(
                title=str(row.document),
                unit=row.document.issuer,
                url=reverse("agreements:programme_bases", args=[row.programme_id]),
                since=row.document.effect_to,
                note=_("Left as it is: %(reason)s") % {"reason": row.kept_reason} if kept else "",
            )
        )
    return found


def _gone(programmes: Mapping[int, Programme], day: datetime.date) -> dict[int, list[RiskRow]]:
    """Return the parties dissolved by the day for which nobody had taken over in the programme's field of work."""
    rows = Party.objects.filter(
        programme__in=list(programmes),
        organisation__status=Organisation.Status.DISSOLVED,
        organisation__ended_on__lte=day,
    ).select_related("organisation")
    found: dict[int, list[RiskRow]] = defaultdict(list)
    heirs: dict[int | None, Heirs] = {}
    parties = list(rows.order_by("position", "pk"))
    bodies = {row.organisation_id for row in parties}
    for row in parties:
        field = programmes[row.programme_id].field_of_work_id
        if field not in heirs:
            heirs[field] = Heirs(field, bodies)
        if heirs[field].on(row.organisation_id, day) == [row.organisation_id]:
            url = reverse("agreements:programme_parties", args=[row.programme_id])
            found[row.programme_id].append(
                RiskRow(row.name_as_signed, "", url, row.organisation.ended_on, unit_id=row.organisation_id)
            )
    return found


def _reviewed(programmes: Mapping[int, Programme]) -> dict[int, datetime.date]:
    """Return the day of the first final review that was held, by programme."""
    rows = Milestone.objects.filter(
        programme__in=list(programmes), kind=Milestone.Kind.FINAL_REVIEW, done_on__isnull=False
    )
    return {pk: day for pk, day in rows.order_by("-done_on").values_list("programme_id", "done_on") if day}
