"""A leader's instruction: answered by the unit, closed or sent back by the committee, withdrawn with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import emails, policy
from activities.models import Directive
from core import audit
from core.exceptions import DomainError, Stale
from documents import vietnamese

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from agreements.models import Programme, Task
    from core.models import Actor, StoredFile
    from partners.models import Organisation

State = Directive.State
TEXT_LIMIT = 5000


@transaction.atomic
def issue_directive(
    *,
    actor: Actor,
    programme: Programme,
    unit: Organisation,
    text: str,
    due_on: datetime.date,
    task: Task | None = None,
) -> Directive:
    """Ask a unit that takes part in the programme for something by a day. NotAllowed, DomainError by field."""
    policy.require_directive_issue(actor, programme)
    words = _text(text, "text", _("Write what the unit has to do"))
    if due_on < timezone.localdate():
        raise DomainError(_("Choose a day from today on"), field="due_on")
    if task is not None and task.programme_id != programme.pk:
        raise DomainError(_("Choose a task of this programme"), field="task")
    if unit.pk not in policy.units_instructed(programme):
        raise DomainError(_("Choose a unit that takes part in this programme."), field="unit")
    row = Directive.objects.create(
        programme=programme,
        task=task,
        committee=programme.owner,
        unit=unit,
        author=actor.user,
        text=words,
        due_on=due_on,
    )
    emails.after_directive(row, "issued", actor.user)
    audit.log(actor, "directive.issue", row, label=str(row), detail={"unit": unit.name, "due_on": due_on.isoformat()})
    return row


@transaction.atomic
def answer_directive(
    *, actor: Actor, directive: Directive, text: str, files: Iterable[StoredFile] = (), version: int | None = None
) -> Directive:
    """Report the result to the committee, with files where there are any. NotAllowed, Stale, DomainError."""
    row = lock(directive, version)
    policy.require_directive(actor, "answer", row)
    row.answer = _text(text, "text", _("Write what was done and with which result"))
    row.state, row.answered_by, row.answered_at = State.ANSWERED, actor.user, timezone.now()
    row.version += 1
    row.save()
    row.files.add(*files)
    emails.after_directive(row, "answered", actor.user)
    audit.log(actor, "directive.answer", row, label=str(row))
    return row


@transaction.atomic
def close_directive(*, actor: Actor, directive: Directive, note: str = "", version: int | None = None) -> Directive:
    """Accept the answer; nothing is due any more."""
    row = _decided(actor, directive, "close", version)
    row.state, row.closing_note = State.CLOSED, vietnamese.clean(note, multiline=True)[:1000]
    return _end(actor, row, "closed", "directive.close")


@transaction.atomic
def send_back_directive(*, actor: Actor, directive: Directive, note: str, version: int | None = None) -> Directive:
    """Ask for more: the unit owes an answer again, by the same day. DomainError without a reason."""
    row = _decided(actor, directive, "send_back", version)
    row.closing_note = _text(note, "note", _("Write what is missing in the answer"), limit=1000)
    row.state = State.ISSUED
    return _end(actor, row, "sent_back", "directive.send_back")


@transaction.atomic
def withdraw_directive(*, actor: Actor, directive: Directive, note: str, version: int | None = None) -> Directive:
    """Take an instruction back. DomainError without a reason."""
    row = _decided(actor, directive, "withdraw", version)
    row.closing_note = _text(note, "note", _("Write why the directive is withdrawn"), limit=1000)
    row.state = State.WITHDRAWN
    return _end(actor, row, "withdrawn", "directive.withdraw")


def lock(directive: Directive, version: int | None = None) -> Directive:
    """The directive as it is now, locked until the commit; Stale where a version is given and differs."""
    row = (
        Directive.objects.select_for_update(of=("self",))
        .select_related("programme__owner", "unit", "committee", "author", "answered_by", "task")
        .get(pk=directive.pk)
    )
    if version is not None and row.version != version:
        raise Stale(_("Somebody changed this directive meanwhile. Compare the two versions."), current=row)
    return row


def _decided(actor: Actor, directive: Directive, action: str, version: int | None) -> Directive:
    row = lock(directive, version)
    policy.require_directive(actor, action, row)
    row.closed_by, row.closed_at = actor.user, timezone.now()
    return row


def _end(actor: Actor, row: Directive, event: str, action: str) -> Directive:
    row.version += 1
    row.save()
    emails.after_directive(row, event, actor.user)
    audit.log(actor, action, row, label=str(row), reason=row.closing_note)
    return row


def _text(text: str, field: str, message: str, limit: int = TEXT_LIMIT) -> str:
    words = vietnamese.clean(text, multiline=True)
    if not words:
        raise DomainError(message, field=field)
    if len(words) > limit:
        raise DomainError(
            _("At most %(limit)s characters. It has %(count)s now.")
            % {"limit": vietnamese.format_number(limit), "count": vietnamese.format_number(len(words))},
            field=field,
        )
    return words
