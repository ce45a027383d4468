"""Enter and change a programme: who signed what, for which period, on which grounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import CodeCounter, Goal, LegalBasis, Milestone, Party, Programme, Task
from agreements.services.legal import find_or_enter
from agreements.services.reporting import programme_changed
from agreements.services.tasks import sync_deadlines, write_task
from core import audit
from core.exceptions import DomainError, NotAllowed
from core.forms import check_version
from core.notices import notify
from partners.models import Membership, Organisation, committee_of
from partners.services import OpenItem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from agreements.services.data import BasisData, GoalData, PartyData, ProgrammeData
    from core.models import Actor, User

# What step 1 of the form and the edit page hold; everything else of a programme has its own service.
IDENTITY = (
    "kind",
    "title",
    "short_title",
    "parent",
    "predecessor",
    "field_of_work",
    "number",
    "signed_on",
    "place",
    "starts_on",
    "ends_on",
    "implements_name",
    "implements_from",
    "implements_to",
    "period_note",
    "funding",
)


@transaction.atomic
def register_programme(*, actor: Actor, data: ProgrammeData) -> Programme:
    """Write a programme with its parties, goals, legal bases and tasks, and take it as far as data.status.

    Returns the programme. Raises NotAllowed unless the actor is an officer of the owner committee or one above it, and
    DomainError (with the field) where a value cannot hold or a step of the life cycle lacks something.
    """
    from agreements.services.lifecycle import advance, refresh

    owner = data.owner or committee_of(actor.organisation)
    policy.require_create(actor, owner)
    _check_period(data)
    programme = Programme(
        owner=owner,
        officer=actor.user,
        intake=data.intake,
        spans=data.spans,
        is_demo=data.is_demo,
        reports_asked=data.reports,
    )
    _take_identity(programme, data)
    programme.code = allocate_code(owner, data.signed_on.year if data.signed_on else timezone.localdate().year)
    programme.save()
    _write_parties(programme, data.parties)
    _write_goals(programme, data.goals)
    _write_bases(programme, data.bases)
    for position, task in enumerate(data.tasks, start=1):
        write_task(Task(programme=programme, position=position), task)
    for item in data.reviews:
        Milestone.objects.create(
            programme=programme, kind=item.kind, due_on=item.due_on, note=item.note, span=item.span
        )
    advance(programme, data.status)
    refresh(programme)
    entries = [audit.Entry("programme.register", programme, detail={"code": programme.code})]
    if programme.status != Programme.Status.DRAFT:
        entries.append(audit.Entry("programme.move", programme, detail={"from": "draft", "to": programme.status}))
    audit.log_many(actor, entries)
    return programme


def allocate_code(owner: Organisation, year: int) -> str:
    """Return the next code of a committee in a year, "CT-2026-014"; the counter stays locked until the commit."""
    CodeCounter.objects.get_or_create(owner=owner, year=year)
    counter = CodeCounter.objects.select_for_update().get(owner=owner, year=year)
    counter.last += 1
    # Rows written by hand or before the counter existed keep their codes.
    while Programme.objects.filter(owner=owner, code=f"CT-{year}-{counter.last:03}").exists():
        counter.last += 1
    counter.save(update_fields=["last"])
    return f"CT-{year}-{counter.last:03}"


@transaction.atomic
def save_identity(*, actor: Actor, programme: Programme, version: int | str | None, data: ProgrammeData) -> Programme:
    """Change title, kind, period and the other fields of IDENTITY. Raises Stale, NotAllowed, DomainError."""
    from agreements.services.lifecycle import refresh, require_complete

    row = lock(actor, programme, version)
    _check_period(data)
    before = {name: getattr(row, name) for name in IDENTITY}
    _take_identity(row, data)
    changed = sorted(name for name in IDENTITY if getattr(row, name) != before[name])
    if changed:
        require_complete(row)
        touch(row)
        if {"starts_on", "ends_on"} & set(changed):
            for task in row.tasks.all():
                sync_deadlines(task)
        refresh(row)
        programme_changed(row, actor)
        audit.log(actor, "programme.edit", row, detail={"fields": changed})
    return row


@transaction.atomic
def save_parties(
    *, actor: Actor, programme: Programme, version: int | str | None, parties: list[PartyData]
) -> Programme:
    """Replace the list of parties; rows of bodies that stay are kept. Raises Stale, NotAllowed, DomainError."""
    from agreements.services.lifecycle import require_complete

    row = lock(actor, programme, version)
    _write_parties(row, parties)
    require_complete(row)
    touch(row)
    programme_changed(row, actor)
    audit.log(actor, "programme.parties", row, detail={"count": len(parties)})
    return row


@transaction.atomic
def save_goals(*, actor: Actor, programme: Programme, version: int | str | None, goals: list[GoalData]) -> Programme:
    """Replace the list of goals; rows named by pk are changed, not rewritten, so that their tasks stay tied."""
    row = lock(actor, programme, version)
    _write_goals(row, goals)
    touch(row)
    audit.log(actor, "programme.goals", row, detail={"count": len(goals)})
    return row


@transaction.atomic
def save_bases(*, actor: Actor, programme: Programme, version: int | str | None, bases: list[BasisData]) -> Programme:
    """Replace the list of legal bases; documents not in the register are entered there."""
    row = lock(actor, programme, version)
    _write_bases(row, bases)
    touch(row)
    audit.log(actor, "programme.bases", row, detail={"count": len(bases)})
    return row


@transaction.atomic
def hand_over(*, actor: Actor, user: User, successor: User) -> int:
    """Give the open programmes of a person to a successor in the same committee; returns how many.

    Only an administrator or an officer may; the successor must be a present officer of each owner committee.
    """
    if actor.role not in {Membership.Role.ADMINISTRATOR, Membership.Role.OFFICER}:
        raise NotAllowed(_("Only an administrator or an officer of the committee hands over programmes."))
    rows = list(_open_programmes(user).select_related(None).select_for_update(of=("self",)))
    paths = [
        committee_of(row.organisation).path
        for row in Membership.objects.current()
        .filter(user=successor, role=Membership.Role.OFFICER)
        .select_related("organisation")
    ]
    for row in rows:
        if not any(row.owner.path.startswith(path) for path in paths):
            raise DomainError(
                _("%(name)s is not an officer of %(committee)s. Choose another successor.")
                % {"name": successor.full_name, "committee": row.owner},
                field="successor",
            )
        row.officer = successor
        touch(row)
    if rows:
        codes = ", ".join(row.code for row in rows)
        notify([successor], "programme.handed_over", key=codes[:100], params={"codes": codes, "name": user.full_name})
        audit.log_many(
            actor, [audit.Entry("programme.hand_over", row, detail={"to": successor.full_name}) for row in rows]
        )
    return len(rows)


def open_items(user: User) -> list[OpenItem]:
    """Return the programmes a person answers for that are not finished: what must be handed over before leaving."""
    return [OpenItem(f"{row.code} · {row.name}", str(row.get_status_display())) for row in _open_programmes(user)]


def _open_programmes(user: User) -> QuerySet[Programme]:
    finished = [Programme.Status.CLOSED, Programme.Status.TERMINATED, Programme.Status.SUPERSEDED]
    return Programme.objects.filter(officer=user).exclude(status__in=finished).select_related("owner").order_by("code")


def lock(actor: Actor, programme: Programme, version: int | str | None) -> Programme:
    """Return the programme locked for a change. Raises NotAllowed, and Stale where the form showed an older one."""
    row = Programme.objects.select_for_update(of=("self",)).select_related("owner").get(pk=programme.pk)
    policy.require(actor, "edit", row)
    check_version(row, version)
    return row


def touch(programme: Programme) -> None:
    """Save a locked programme under its next version."""
    programme.version += 1
    programme.save()


def _check_period(data: ProgrammeData) -> None:
    if not data.title.strip():
        raise DomainError(_("Enter the title of the programme"), field="title")
    if data.starts_on and data.ends_on and data.ends_on < data.starts_on:
        raise DomainError(_("The last day must not be before the first day of the period"), field="ends_on")
    if data.implements_to and not data.implements_from:
        raise DomainError(_("Enter the first year of the programme it implements"), field="implements_from")
    if data.implements_from and data.implements_to and data.implements_to < data.implements_from:
        raise DomainError(_("The last year must not be before the first"), field="implements_to")


def _take_identity(programme: Programme, data: ProgrammeData) -> None:
    for name in IDENTITY:
        setattr(programme, name, getattr(data, name))
    programme.number = programme.number or None
    if programme.pk and programme.pk in {programme.parent_id, programme.predecessor_id}:
        raise DomainError(_("A programme cannot come from itself. Choose another one."), field="predecessor")


def _write_parties(programme: Programme, parties: Iterable[PartyData]) -> None:
    kept: set[int] = set()
    for position, item in enumerate(parties, start=1):
        if item.organisation.pk in kept:
            raise DomainError(
                _("%(name)s is listed twice. Keep one of the two rows.") % {"name": item.organisation}, field="parties"
            )
        kept.add(item.organisation.pk)
        row = Party.objects.filter(programme=programme, organisation=item.organisation).first() or Party(
            programme=programme, organisation=item.organisation
        )
        row.name_as_signed = item.name_as_signed or item.organisation.name
        row.role, row.signer, row.signer_title = item.role, item.signer, item.signer_title
        row.number, row.responsibilities, row.position = item.number, item.responsibilities, position
        row.spans = item.spans or row.spans
        row.save()
    programme.parties.exclude(organisation__in=kept).delete()


def _write_goals(programme: Programme, goals: Iterable[GoalData]) -> None:
    own = {goal.pk: goal for goal in programme.goals.all()}
    kept = []
    for position, item in enumerate(goals, start=1):
        row = own.get(item.pk or 0) or Goal(programme=programme)
        row.text, row.kind, row.position = item.text, item.kind, position
        row.span = item.span or row.span
        row.save()
        kept.append(row.pk)
    programme.goals.exclude(pk__in=kept).delete()


def _write_bases(programme: Programme, bases: Iterable[BasisData]) -> None:
    kept: set[int] = set()
    for position, item in enumerate(bases, start=1):
        document = item.document or find_or_enter(item)
        if document.pk in kept:
            continue  # one document cited twice is one basis
        kept.add(document.pk)
        row = LegalBasis.objects.filter(programme=programme, document=document).first() or LegalBasis(
            programme=programme, document=document
        )
        row.quoted, row.position = item.quoted or row.quoted, position
        row.span = item.span or row.span
        row.save()
    programme.legal_bases.exclude(document__in=kept).delete()
