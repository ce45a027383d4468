"""More time for a deadline: asked for by the lead unit, granted with a paper or refused with a reason by an officer.

Until it is granted nothing moves: the four-way form counts by the present due date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Extension, TaskDeadline
from agreements.services.deadlines import reviewers
from agreements.services.tasks import lock_deadline
from core import audit
from core.exceptions import DomainError
from core.forms import check_version
from core.notices import notify, withdraw
from documents import vietnamese

if TYPE_CHECKING:
    import datetime

    from core.models import Actor

X = Extension.State


@transaction.atomic
def request_extension(
    *,
    actor: Actor,
    deadline: TaskDeadline,
    version: int | str | None,
    new_due_on: datetime.date,
    reason: str,
    paper: str = "",
) -> Extension:
    """Ask for a later day, with the reason and the unit's paper if there is one; one request at a time.

    Raises DomainError where a request waits already or the day is not later, Stale, NotAllowed.
    """
    row = lock_deadline(deadline)
    policy.require_deadline(actor, "ask", row)
    check_version(row, version)
    if row.extensions.filter(state=X.REQUESTED).exists():
        raise DomainError(_("A request for more time already waits for the committee's decision"))
    if new_due_on <= row.due_on:
        raise DomainError(_("The new deadline must be later than the present one"), field="new_due_on")
    if new_due_on <= timezone.localdate():
        raise DomainError(_("Ask for a day that is still to come"), field="new_due_on")
    if not reason.strip():
        raise DomainError(_("Enter the reason"), field="reason")
    asked = Extension.objects.create(
        deadline=row,
        state=X.REQUESTED,
        old_due_on=row.due_on,
        new_due_on=new_due_on,
        asked_due_on=new_due_on,
        asked_paper=paper.strip(),
        reason=reason.strip(),
        requested_by=actor.user,
        requested_for=actor.organisation,
        requested_at=timezone.now(),
    )
    notify(
        reviewers(row),
        "extension.requested",
        key=str(asked.pk),
        url=reverse("activities:extension_review", args=[asked.pk]),
        params={**_words(asked, row), "unit": actor.unit_name},
    )
    audit.log(actor, "extension.request", row.task, reason=asked.reason, detail=_detail(asked))
    return asked


@transaction.atomic
def grant_extension(*, actor: Actor, extension: Extension, new_due_on: datetime.date, paper: str) -> Extension:
    """Give the later day asked for, or another one, by a paper; the old day stays on record.

    Raises DomainError without a paper or for a day that is not later, NotAllowed.
    """
    from agreements.services.lifecycle import refresh

    row, deadline = _lock(actor, extension)
    if new_due_on <= deadline.due_on:
        raise DomainError(_("The new deadline must be later than the present one"), field="new_due_on")
    if not paper.strip():
        raise DomainError(_("Enter the paper that decides this, with its number and date"), field="paper")
    row.state, row.old_due_on, row.new_due_on, row.paper = X.GRANTED, deadline.due_on, new_due_on, paper.strip()
    row.decided_by, row.decided_at = actor.user, timezone.now()
    row.save()
    deadline.due_on = new_due_on
    deadline.version += 1
    deadline.save()
    refresh(deadline.task.programme)
    _tell(row, deadline)
    audit.log(actor, "extension.grant", deadline.task, detail=_detail(row) | {"paper": row.paper})
    return row


@transaction.atomic
def refuse_extension(*, actor: Actor, extension: Extension, note: str) -> Extension:
    """Refuse a request with a reason; the deadline stays as it is. Raises DomainError without one, NotAllowed."""
    row, deadline = _lock(actor, extension)
    if not note.strip():
        raise DomainError(_("Write why more time is refused"), field="reason")
    if len(note) > 500:
        raise DomainError(_("The reason may have 500 characters at most"), field="reason")
    row.state, row.decision_note = X.REFUSED, note.strip()
    row.decided_by, row.decided_at = actor.user, timezone.now()
    row.save()
    _tell(row, deadline)
    audit.log(actor, "extension.refuse", deadline.task, reason=note, detail=_detail(row))
    return row


@transaction.atomic
def undo_extension_decision(*, actor: Actor, extension: Extension, version: int | str | None = None) -> Extension:
    """Undo an own decision before its notice leaves: the request waits again, the deadline is due as it was before.

    version: that of the deadline. Raises NotAllowed, Stale, DomainError where the unit has asked anew meanwhile.
    """
    from agreements.services.lifecycle import refresh

    row, deadline = _locked(extension)
    policy.require_extension_undo(actor, row)
    if version is not None:
        check_version(deadline, version)
    if deadline.extensions.filter(state=X.REQUESTED).exists():
        raise DomainError(_("The unit has asked for more time again. Decide on that request instead."))
    undone, detail = row.state, _detail(row)
    withdraw(policy.EXTENSION_DECIDED[X(undone)], key=str(row.pk))
    if undone == X.GRANTED:
        deadline.due_on = row.old_due_on
        deadline.version += 1
        deadline.save()
    row.state, row.new_due_on = X.REQUESTED, row.asked_due_on or row.new_due_on
    row.paper = row.decision_note = ""
    row.decided_by = row.decided_at = None
    row.save()
    refresh(deadline.task.programme)
    audit.log(actor, "extension.undo", deadline.task, detail=detail | {"undone": undone})
    return row


def _lock(actor: Actor, extension: Extension) -> tuple[Extension, TaskDeadline]:
    """Return the request and its deadline, both locked; requires the right to decide."""
    row, deadline = _locked(extension)
    policy.require_extension(actor, row)
    return row, deadline


def _locked(extension: Extension) -> tuple[Extension, TaskDeadline]:
    """Return the request and its deadline, both locked, the deadline first as everywhere."""
    deadline = lock_deadline(extension.deadline)
    row = Extension.objects.select_for_update(of=("self",)).select_related("requested_by").get(pk=extension.pk)
    row.deadline = deadline
    return row, deadline


def _tell(row: Extension, deadline: TaskDeadline) -> None:
    if row.requested_by is not None:
        notify(
            [row.requested_by],
            policy.EXTENSION_DECIDED[X(row.state)],
            key=str(row.pk),
            url=reverse("activities:task_detail", args=[deadline.task_id]),
            params={**_words(row, deadline), "reason": row.decision_note},
            undoable=True,
            by=row.decided_by,
        )


def _words(row: Extension, deadline: TaskDeadline) -> dict[str, str]:
    return {
        "task": deadline.task.title,
        "day": vietnamese.format_date(row.new_due_on),
        "group": deadline.task.programme.name,
    }


def _detail(row: Extension) -> dict[str, str]:
    days = {"from": row.old_due_on.isoformat(), "to": row.new_due_on.isoformat()}
    return days | row.deadline.of_period
