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
from activities.models.due import deadline_words
from activities.services.duties.succession import Heirs
from activities.services.reminders import NUDGED
from agreements import figures
from agreements.models import LegalBasis, LegalDocument, Milestone, Party, Programme, Task, TaskDeadline
from core.prepared import among, given_day, objects_of
from partners.models import Organisation, Succession, scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from django.db.models import QuerySet

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
    """One row behind a flag: what, whose, where it is worked on, since when (None = no date).

    owed: how a reminder names it ("deadline-12"); "" for what nobody is reminded of.
    """

    title: str
    unit: str
    url: str
    since: datetime.date | None = None
    task_id: int | None = None
    unit_id: int | None = None
    note: str = ""
    owed: str = ""


@dataclass(frozen=True)
class Flag:
    """One flag of a programme: cause and days as in figures.Risk, and its rows, the oldest first.

    Flags about the programme as a whole (slow, silent, near the end, not reviewed) have no rows of their own here.
    """

    cause: str
    days: int | None
    rows: tuple[RiskRow, ...] = ()


@dataclass(frozen=True)
class Known:
    """What a caller of `read` has loaded already, complete for its programmes and day; None = read it here.

    overdue, owed: rows of open deadlines past their day and of reports that are a risk, by programme id, oldest first.
    """

    overdue: Mapping[int, list[RiskRow]] | None = None
    owed: Mapping[int, list[RiskRow]] | None = None
    bases: Iterable[LegalBasis] | None = None
    parties: Iterable[Party] | None = None
    milestones: Iterable[Milestone] | None = None


def read(
    programmes: Iterable[Programme],
    numbers: Mapping[int, Numbers],
    day: datetime.date,
    user: User | None = None,
    known: Known = Known(),
) -> dict[int, tuple[Flag, ...]]:
    """Return the flags of each programme by its id as of the day, in the order of figures.CAUSES; () for none.

    numbers: by programme id; a programme without them is judged by its rows alone. user: whose reports count, where a
    person asks (a partner sees the reports of its own units only); None = all. At most six queries, and a few more
    where a party was dissolved. Programmes that are not being carried out have no flags.
    """
    wanted = {row.pk: row for row in programmes if row.status in WATCHED}
    overdue = _overdue(wanted, day) if known.overdue is None else known.overdue
    owed = _reports_owed(wanted, day, user) if known.owed is None else known.owed
    bases = _weak_bases(wanted, day, known.bases)
    missing = gone(wanted, day, known.parties)
    reviewed = _reviewed(wanted, day, known.milestones)
    found: dict[int, tuple[Flag, ...]] = {}
    for pk, programme in wanted.items():
        own = numbers.get(pk) or Numbers(None, figures.NO_DATA, None, None)
        late, unsent = overdue.get(pk, []), owed.get(pk, [])
        facts = figures.RiskFacts(
            starts_on=programme.starts_on,
            ends_on=programme.ends_on,
            progress=own.progress,
            standing=own.standing,
            coverage=own.coverage,
            last_activity_on=own.last_activity_on,
            overdue_since=_days_of(late),
            reports_owed_since=_days_of(unsent),
            weak_bases=len(bases[pk]),
            parties_gone=len(missing[pk]),
            reviewed_on=reviewed.get(pk),
        )
        rows = {
            figures.OVERDUE: late,
            figures.LATE_REPORT: unsent,
            figures.WEAK_BASIS: bases[pk],
            figures.NO_SUCCESSOR: missing[pk],
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
        found[programme.pk].append(deadline_row(row, programme))
    return found


def deadline_row(row: TaskDeadline, programme: Programme) -> RiskRow:
    """Return an overdue deadline as a row, loaded with its task and that task's lead."""
    return RiskRow(
        title=deadline_words(row.task.title, row.period),
        unit=str(row.task.lead or programme.owner),
        url=reverse("activities:task_detail", args=[row.task_id]),
        since=row.due_on,
        task_id=row.task_id,
        unit_id=row.task.lead_id or programme.owner_id,
        owed=owed_name("deadline", row.pk, row.task.lead_id or programme.owner_id, programme, row.state in NUDGED),
    )


def owed_name(kind: str, pk: int, unit: int, programme: Programme, is_open: bool = True) -> str:
    """Return how a reminder names a row (activities.services.overdue): what waits for confirmation or what the
    committee owes itself reminds nobody and has no name."""
    return f"{kind}-{pk}" if is_open and unit != programme.owner_id else ""


def _reports_owed(
    programmes: Mapping[int, Programme], day: datetime.date, user: User | None
) -> dict[int, list[RiskRow]]:
    """Return the reports so late on the day that they are a risk; one sent later, or returned, was still owed."""
    if not programmes:
        return {}
    late = day - datetime.timedelta(days=figures.LATE_DAYS)
    key = ("reports owed", scope_of(user).key if user else None)
    rows = objects_of(key, lambda: _owed(user), programmes=list(programmes), day=day, late=late)
    found: dict[int, list[RiskRow]] = defaultdict(list)
    for row in rows:
        url = reverse("activities:duty_show", args=[row.pk])
        name = owed_name("duty", row.pk, row.unit_id, programmes[row.programme_id])
        found[row.programme_id].append(
            RiskRow(str(row), str(row.unit), url, row.due_on, unit_id=row.unit_id, owed=name)
        )
    return found


def _owed(user: User | None) -> QuerySet[ReportDuty]:
    sent = Q(report__review__in=[Review.SUBMITTED, Review.ACCEPTED], report__submitted_at__date__lte=given_day("day"))
    duties = ReportDuty.objects.all() if user is None else ReportDuty.objects.visible_to(user)
    asked = duties.filter(among("programme", "programmes"), waived_at=None, due_on__lte=given_day("late"))
    return asked.exclude(sent).select_related("unit").order_by("due_on", "pk")


def _weak_bases(
    programmes: Mapping[int, Programme], day: datetime.date, known: Iterable[LegalBasis] | None
) -> dict[int, list[RiskRow]]:
    """Return the legal bases without effect on the day; where no last day is known, the status holds for every day."""
    weak = Q(document__effect_to__lt=day) | Q(document__effect_to=None, document__effect__in=LegalDocument.WEAK)
    if known is None:
        rows = LegalBasis.objects.filter(weak, programme__in=list(programmes)).select_related("document")
        known = rows.order_by("position", "pk")
    found: dict[int, list[RiskRow]] = defaultdict(list)
    for row in known:
        end = row.document.effect_to
        if not (end < day if end else row.document.is_weak):
            continue
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


def gone(
    programmes: Mapping[int, Programme], day: datetime.date, known: Iterable[Party] | None = None
) -> dict[int, list[RiskRow]]:
    """Return the parties dissolved by the day for which nobody had taken over in the programme's field of work."""
    if known is None:
        rows = Party.objects.filter(programme__in=list(programmes), organisation__status=Organisation.Status.DISSOLVED)
        known = rows.select_related("organisation").order_by("position", "pk")
    found: dict[int, list[RiskRow]] = defaultdict(list)
    heirs: dict[int | None, Heirs] = {}
    parties = [row for row in known if _is_gone(row.organisation, day)]
    bodies = {row.organisation_id for row in parties}
    first = list(Succession.objects.filter(predecessor__in=bodies).select_related("event")) if bodies else []
    for row in parties:
        field = programmes[row.programme_id].field_of_work_id
        if field not in heirs:
            heirs[field] = Heirs(field, bodies, first)
        if heirs[field].on(row.organisation_id, day) == [row.organisation_id]:
            url = reverse("agreements:programme_parties", args=[row.programme_id])
            found[row.programme_id].append(
                RiskRow(row.name_as_signed, "", url, row.organisation.ended_on, unit_id=row.organisation_id)
            )
    return found


def _is_gone(body: Organisation, day: datetime.date) -> bool:
    return body.status == Organisation.Status.DISSOLVED and body.ended_on is not None and body.ended_on <= day


def _reviewed(
    programmes: Mapping[int, Programme], day: datetime.date, known: Iterable[Milestone] | None
) -> dict[int, datetime.date]:
    """Return the day of the first final review that was held, of programmes whose period is over."""
    over = [pk for pk, row in programmes.items() if row.ends_on and row.ends_on < day]
    kind = Milestone.Kind.FINAL_REVIEW
    if known is None:
        known = Milestone.objects.filter(programme__in=over, kind=kind, done_on__isnull=False)
    held = [(row.programme_id, row.done_on) for row in known if row.kind == kind and row.done_on]
    return dict(sorted(held, key=lambda pair: pair[1], reverse=True))
