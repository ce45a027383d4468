"""A deadline is reported done by the lead unit and confirmed or returned by an officer who did not report it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Tally, Task, TaskDeadline
from agreements.services.tasks import derive_state, lock_deadline
from core import audit
from core.exceptions import DomainError
from core.forms import check_version
from core.models import User
from core.notices import decision_key, notify, withdraw
from documents import vietnamese
from partners.models import Membership

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from core.models import Actor, StoredFile

D = TaskDeadline.State


@transaction.atomic
def report_deadline(
    *,
    actor: Actor,
    deadline: TaskDeadline,
    done_on: datetime.date,
    note: str,
    files: Iterable[StoredFile] = (),
    version: int | str | None = None,
) -> TaskDeadline:
    """Say that the work is done, on which day and by which evidence: a note and a file, or an accepted activity.

    version None means the version was not asked for. Raises DomainError, Stale, NotAllowed.
    """
    row = lock_deadline(deadline)
    if version is not None:
        check_version(row, version)
    policy.require_deadline(actor, "report", row)
    if done_on > timezone.localdate():
        raise DomainError(_("The day it was done must not be in the future"), field="done_on")
    if not note.strip():
        raise DomainError(_("Write what was done and where the evidence is"), field="note")
    given = list(files)
    if not given and not row.files.exists() and not has_accepted_activity(row.task, done_on):
        raise DomainError(
            _("Attach a file as evidence: this task has no accepted activity up to that day"), field="files"
        )
    row.state, row.done_on, row.evidence_note = D.AWAITING, done_on, note
    row.reported_by, row.reported_for, row.reported_at = actor.user, actor.organisation, timezone.now()
    row.reviewed_by, row.reviewed_at, row.return_reason = None, None, ""
    row.version += 1
    row.save()
    row.files.add(*given)
    _after(row)
    notify(
        reviewers(row),
        "deadline.reported",
        key=f"{row.pk}:{row.version}",
        url=reverse("activities:deadline_review", args=[row.pk]),
        params={"task": row.task.title, "unit": actor.unit_name, "group": row.task.programme.name},
    )
    audit.log(actor, "deadline.report", row.task, detail={"done_on": done_on.isoformat()} | row.of_period)
    return row


@transaction.atomic
def confirm_deadline(*, actor: Actor, deadline: TaskDeadline, version: int | str | None = None) -> TaskDeadline:
    """Accept that the work is done. Raises NotAllowed for the person who reported it, Stale."""
    row = _decide(actor, deadline, "confirm", version)
    row.state = D.DONE
    row.save()
    _after(row)
    _tell(row, "")
    audit.log(actor, "deadline.confirm", row.task, detail=row.of_period)
    return row


@transaction.atomic
def return_deadline(
    *, actor: Actor, deadline: TaskDeadline, reason: str, version: int | str | None = None
) -> TaskDeadline:
    """Send the report back with a reason. Raises DomainError without one, NotAllowed, Stale."""
    row = _decide(actor, deadline, "return", version)
    if not reason.strip():
        raise DomainError(_("Say what is missing, so that the unit can complete it"), field="reason")
    row.state, row.return_reason = D.RETURNED, reason
    row.save()
    _after(row)
    _tell(row, reason)
    audit.log(actor, "deadline.return", row.task, reason=reason, detail=row.of_period)
    return row


@transaction.atomic
def undo_deadline_decision(*, actor: Actor, deadline: TaskDeadline, version: int | str | None = None) -> TaskDeadline:
    """Undo an own decision before its notice leaves: the report waits again and the notice is deleted.

    Raises NotAllowed once the notice has left, Stale.
    """
    row = lock_deadline(deadline)
    policy.require_deadline(actor, "undo", row)
    if version is not None:
        check_version(row, version)
    undone = row.state
    kind, key = policy.DECIDED[D(row.state)], decision_key(row)
    row.state, row.reviewed_by, row.reviewed_at, row.return_reason = D.AWAITING, None, None, ""
    row.version += 1
    row.save()
    _after(row)
    transaction.on_commit(lambda: withdraw(kind, key=key))
    audit.log(actor, "deadline.undo", row.task, detail={"undone": undone} | row.of_period)
    return row


def has_accepted_activity(task: Task, day: datetime.date) -> bool:
    """Return whether an accepted activity of the task lies in a month up to the day (read from the stored totals)."""
    return Tally.objects.filter(
        task=task, measure=Tally.Measure.ACTIVITIES, count__gt=0, month__lte=day.replace(day=1)
    ).exists()


def reviewers(deadline: TaskDeadline) -> list[User]:
    """Return who is told of a report: the officer of the programme, else every officer of the owner committee."""
    programme = deadline.task.programme
    if programme.officer_id and programme.officer_id != deadline.reported_by_id:
        return [programme.officer]  # type: ignore[list-item]
    rows = (
        Membership.objects.current()
        .filter(role=Membership.Role.OFFICER, organisation__path__startswith=programme.owner.path)
        .exclude(user=deadline.reported_by)
        .filter(organisation__in=_bodies(programme.owner_id))
        .select_related("user")
    )
    return [row.user for row in rows]


def _bodies(owner_id: int) -> list[int]:
    from partners.models import Organisation

    boards = Organisation.objects.filter(parent=owner_id, kind=Organisation.Kind.FRONT_BOARD)
    return [owner_id, *boards.values_list("pk", flat=True)]


def _decide(actor: Actor, deadline: TaskDeadline, action: str, version: int | str | None) -> TaskDeadline:
    row = lock_deadline(deadline)
    policy.require_deadline(actor, action, row)
    if version is not None:
        check_version(row, version)
    row.reviewed_by, row.reviewed_at = actor.user, timezone.now()
    row.version += 1
    return row


def _tell(row: TaskDeadline, reason: str) -> None:
    if row.reported_by is not None:
        notify(
            [row.reported_by],
            policy.DECIDED[D(row.state)],
            key=decision_key(row),
            url=reverse("activities:task_detail", args=[row.task_id]),
            params={
                "task": row.task.title,
                "group": row.task.programme.name,
                "reason": reason,
                "day": vietnamese.format_date(row.done_on) if row.done_on else "",
            },
            undoable=True,
            by=row.reviewed_by,
        )


def _after(row: TaskDeadline) -> None:
    from agreements.services.lifecycle import refresh

    derive_state(Task.objects.select_for_update().get(pk=row.task_id))
    refresh(row.task.programme)
