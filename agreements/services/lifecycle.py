"""The life of a programme: which step may follow, what blocks it, and what happens by itself on a day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Milestone, Programme, Task, TaskDeadline
from agreements.services.reporting import programme_changed
from core import audit
from core.exceptions import DomainError
from core.forms import check_version
from core.notices import notify
from documents import vietnamese

if TYPE_CHECKING:
    from core.models import Actor

S = Programme.Status
DAILY_LOCK = 7_230_004  # advisory lock of the daily step
ORDER = (S.DRAFT, S.SIGNED, S.IN_FORCE)


@dataclass(frozen=True)
class Missing:
    """One thing that blocks a step: a sentence that says what to do, and the part of the form where it is done.

    part: identity, parties, tasks, review (the queue) or status (the form of the step itself).
    """

    message: str
    part: str


class Blocked(DomainError):
    """A step of the life cycle lacks something; `missing` says what."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(" ".join(item.message for item in missing))
        self.missing = missing


def missing_for(programme: Programme, to: str) -> list[Missing]:
    """Return what must be entered before the programme can take the step; [] where nothing blocks it.

    A missing reason, paper, review day or successor is asked in the form of the step and is not listed here.
    """
    found: list[Missing] = []
    if to in {S.SIGNED, S.IN_FORCE}:
        if programme.signed_on is None:
            found.append(Missing(_("Enter the day of signing."), "identity"))
        if programme.parties.count() < 2:
            found.append(Missing(_("Enter at least two parties that signed."), "parties"))
    if to == S.IN_FORCE:
        if programme.starts_on is None:
            found.append(Missing(_("Enter the first day of the period."), "identity"))
        if programme.ends_on is None:
            found.append(Missing(_("Enter the last day of the period."), "identity"))
    if to == S.ENDED and programme.ends_on and programme.ends_on >= timezone.localdate():
        found.append(
            Missing(
                _("The period runs until %(day)s. Change the period or wait for that day.")
                % {"day": vietnamese.format_date(programme.ends_on)},
                "identity",
            )
        )
    if to in {S.CLOSED, S.TERMINATED, S.SUPERSEDED}:
        waiting = TaskDeadline.objects.filter(task__programme=programme, state=TaskDeadline.State.AWAITING).count()
        if waiting:
            found.append(
                Missing(
                    _("%(count)s reported deadlines wait for confirmation. Decide on them first.") % {"count": waiting},
                    "tasks",
                )
            )
    return found


def require_complete(programme: Programme) -> None:
    """Raise Blocked where a programme past its draft would lose what its state rests on."""
    if programme.status == S.DRAFT:
        return
    missing = missing_for(programme, S.SIGNED if programme.status in {S.SIGNED, S.TERMINATED} else S.IN_FORCE)
    if missing:
        raise Blocked(missing)


def advance(programme: Programme, to: str) -> None:
    """Take a new draft as far as signed or in force; one whose period has passed has ended. Raises Blocked."""
    if to not in ORDER:
        raise DomainError(_("A new programme is a draft, signed or in force."), field="status")
    if to == S.DRAFT:
        return
    missing = missing_for(programme, to)
    if missing:
        raise Blocked(missing)
    programme.status = to
    if to == S.IN_FORCE and programme.ends_on and programme.ends_on < timezone.localdate():
        programme.status = S.ENDED
    programme.save()


@transaction.atomic
def move_programme(
    *,
    actor: Actor,
    programme: Programme,
    version: int | str | None,
    to: str,
    reason: str = "",
    paper: str = "",
    reviewed_on: datetime.date | None = None,
    successor: Programme | None = None,
) -> Programme:
    """Take one step of Programme.NEXT. Raises Blocked, DomainError, Stale, NotAllowed.

    Suspending, resuming and terminating need a reason and a paper, closing the day of the final review, superseding
    the programme that follows.
    """
    row = Programme.objects.select_for_update(of=("self",)).select_related("owner").get(pk=programme.pk)
    policy.require(actor, "move", row)
    check_version(row, version)
    if to not in Programme.NEXT[row.status]:
        raise DomainError(
            _("From “%(status)s” this step is not possible. Open the page again.")
            % {"status": row.get_status_display()},
            field="to",
        )
    missing = missing_for(row, to)
    if missing:
        raise Blocked(missing)
    before = row.status
    if to in {S.SUSPENDED, S.TERMINATED} or before == S.SUSPENDED:
        if not reason.strip():
            raise DomainError(_("Enter the reason"), field="reason")
        if not paper.strip():
            raise DomainError(_("Enter the paper that decides this, with its number and date"), field="paper")
    if to == S.CLOSED:
        _close(row, reviewed_on)
    if to == S.SUPERSEDED:
        _follow(actor, row, successor)
    row.status = to
    row.status_reason = f"{reason} ({paper})"[:500] if paper else reason[:500]
    row.version += 1
    row.save()
    refresh(row)
    programme_changed(row, actor)
    if row.officer and row.officer != actor.user:
        notify(
            [row.officer],
            "programme.moved",
            key=f"{row.pk}:{row.version}",
            url=reverse("agreements:programme_detail", args=[row.pk]),
            params={"programme": row.name, "group": row.name},
        )
    audit.log(actor, "programme.move", row, reason=reason, detail={"from": before, "to": to, "paper": paper})
    return row


def _close(row: Programme, reviewed_on: datetime.date | None) -> None:
    if reviewed_on is None:
        raise DomainError(_("Enter the day of the final review"), field="reviewed_on")
    if reviewed_on > timezone.localdate():
        raise DomainError(_("The final review must not lie in the future"), field="reviewed_on")
    if row.signed_on and reviewed_on < row.signed_on:
        raise DomainError(_("The final review must not be before the signing"), field="reviewed_on")
    milestone = row.milestones.filter(kind=Milestone.Kind.FINAL_REVIEW, done_on=None).first()
    if milestone is None:
        milestone = Milestone(programme=row, kind=Milestone.Kind.FINAL_REVIEW, due_on=reviewed_on)
    milestone.done_on = reviewed_on
    milestone.save()


def _follow(actor: Actor, row: Programme, successor: Programme | None) -> None:
    following = successor or row.successors.exclude(status=S.DRAFT).first()
    if following is None or following.pk == row.pk:
        raise DomainError(_("Choose the programme that replaces this one"), field="successor")
    if following.status == S.DRAFT:
        raise DomainError(_("The programme that replaces this one must be signed first"), field="successor")
    if following.predecessor_id != row.pk:
        policy.require(actor, "edit", following)
        following.predecessor = row
        following.version += 1
        following.save()


def end_due_programmes(day: datetime.date | None = None) -> int:
    """End every programme in force whose last day lies before `day` (today); returns how many. Idempotent.

    Run once a day; two runs at once do not both act (advisory lock).
    """
    day = day or timezone.localdate()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DAILY_LOCK])
        rows = list(Programme.objects.in_force().filter(ends_on__lt=day).select_for_update(of=("self",)))
        for row in rows:
            row.status, row.status_reason = S.ENDED, ""
            row.version += 1
            row.save()
            refresh(row)
            programme_changed(row, None)
            notify(
                [row.officer] if row.officer else [],
                "programme.ended",
                key=str(row.pk),
                url=reverse("agreements:programme_detail", args=[row.pk]),
                params={
                    "programme": row.name,
                    "group": row.name,
                    "day": vietnamese.format_date(row.ends_on) if row.ends_on else "",
                },
            )
        if rows:
            audit.log_many(
                None,
                [audit.Entry("programme.move", row, detail={"from": S.IN_FORCE, "to": S.ENDED}) for row in rows],
            )
    return len(rows)


def start_due_tasks(day: datetime.date | None = None) -> int:
    """Mark planned tasks of programmes in force as under way once their start has come; returns how many."""
    day = day or timezone.localdate()
    return Task.objects.filter(
        state=Task.State.PLANNED, starts_on__lte=day, programme__status=Programme.Status.IN_FORCE
    ).update(state=Task.State.RUNNING)


def refresh(programme: Programme) -> None:
    """Bring the stored figures of the programme up to date, in the same transaction."""
    from agreements.services.results import refresh_figure

    refresh_figure(programme.pk)
