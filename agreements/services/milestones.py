"""Milestones of a programme: proposed from its period, entered, changed, dropped, done with a day and a paper."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Milestone, Programme, ProgrammeDocument
from agreements.services.lifecycle import refresh
from agreements.services.reporting import programme_changed
from core import audit
from core.exceptions import DomainError
from core.forms import check_version
from core.notices import notify
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.models import Actor
    from partners.models import Organisation

K = Milestone.Kind
RENEWAL_DAYS = 180  # before the end: time to evaluate, negotiate and sign what follows


@dataclass(frozen=True)
class MilestoneData:
    """What a form says of a milestone."""

    kind: str
    due_on: datetime.date
    name: str = ""
    responsible: Organisation | None = None
    note: str = ""


def proposals(programme: Programme, *, today: datetime.date | None = None) -> list[MilestoneData]:
    """Return the milestones the period calls for and the programme does not have yet, in order of time.

    A plan for each year by 31 March, an interim review half-way, the final review on the last day, renewal 180 days
    before it. Nothing that was due before the signing, and no plan for a year gone by.
    """
    today = today or timezone.localdate()
    first, last = programme.starts_on, programme.ends_on
    if first is None or last is None:
        return []
    known = list(programme.milestones.all())
    kinds = {row.kind for row in known}
    planned = {row.due_on.year for row in known if row.kind == K.ANNUAL_PLAN}
    begun = max(first, programme.signed_on or first)
    found = [
        MilestoneData(K.ANNUAL_PLAN, datetime.date(year, 3, 31), _("Plan for %(year)s") % {"year": year})
        for year in range(begun.year, last.year + 1)
        if year not in planned and year >= today.year and begun <= datetime.date(year, 3, 31) <= last
    ]
    half = first + (last - first) / 2
    for kind, due_on in (
        (K.INTERIM_REVIEW, half),
        (K.RENEWAL, last - datetime.timedelta(days=RENEWAL_DAYS)),
        (K.FINAL_REVIEW, last),
    ):
        if kind not in kinds and due_on >= begun:
            found.append(MilestoneData(kind, due_on))
    return sorted(found, key=lambda one: (one.due_on, one.kind))


@transaction.atomic
def add_milestones(*, actor: Actor, programme: Programme, items: Iterable[MilestoneData]) -> list[Milestone]:
    """Enter milestones, proposed or written by hand. Raises NotAllowed, DomainError."""
    row = _lock_programme(actor, programme)
    added = []
    for item in items:
        milestone = Milestone(programme=row)
        _take(milestone, item)
        added.append(milestone)
    if added:
        refresh(row)
        programme_changed(row, actor)
        audit.log_many(
            actor,
            [
                audit.Entry("milestone.add", one, label=f"{row}: {one}", detail={"due_on": one.due_on.isoformat()})
                for one in added
            ],
        )
    return added


@transaction.atomic
def save_milestone(*, actor: Actor, milestone: Milestone, data: MilestoneData, version: int | str | None) -> Milestone:
    """Change a milestone. Raises Stale, NotAllowed, DomainError."""
    row = _lock(actor, milestone, version)
    before = row.due_on
    _take(row, data)
    _after(actor, row)
    moved = {"from": before.isoformat(), "to": row.due_on.isoformat()} if before != row.due_on else {}
    audit.log(actor, "milestone.edit", row, label=_label(row), detail=moved)
    return row


@transaction.atomic
def drop_milestone(*, actor: Actor, milestone: Milestone, version: int | str | None) -> None:
    """Drop a milestone that is not going to happen. Raises DomainError for one that is done, Stale, NotAllowed."""
    row = _lock(actor, milestone, version)
    if row.done_on is not None:
        raise DomainError(_("This milestone is done and stays on record."))
    label, programme, detail = _label(row), row.programme, {"due_on": row.due_on.isoformat(), "kind": row.kind}
    row.delete()
    refresh(programme)
    programme_changed(programme, actor)
    audit.log(actor, "milestone.drop", programme, label=label, detail=detail)


@transaction.atomic
def finish_milestone(
    *,
    actor: Actor,
    milestone: Milestone,
    done_on: datetime.date,
    document: ProgrammeDocument | None,
    note: str,
    version: int | str | None,
) -> Milestone:
    """Say that a milestone is done: the day, the paper that proves it, or a note that says where it is.

    Raises DomainError where neither paper nor note is given or the day lies in the future; Stale, NotAllowed.
    """
    row = _lock(actor, milestone, version)
    if done_on > timezone.localdate():
        raise DomainError(_("The day it was done must not be in the future"), field="done_on")
    if row.programme.signed_on and done_on < row.programme.signed_on:
        raise DomainError(_("The day it was done must not be before the signing"), field="done_on")
    if document is None and not note.strip():
        raise DomainError(_("Choose the paper that proves it, or write where it is"), field="note")
    if document is not None and document.programme_id != row.programme_id:
        raise DomainError(_("Choose a paper of this programme"), field="document")
    row.done_on, row.document, row.note = done_on, document, note
    row.version += 1
    row.save()
    _after(actor, row)
    audit.log(actor, "milestone.done", row, label=_label(row), detail={"done_on": done_on.isoformat()})
    return row


def announce_renewals(day: datetime.date | None = None) -> int:
    """Tell the officer once that a programme ends in RENEWAL_DAYS or less and its brief is there; returns how many.

    Whether or not a milestone was entered for it. A programme that has a successor asks for nothing; a period that was
    prolonged is announced anew.
    """
    day = day or timezone.localdate()
    ending = Programme.objects.in_force().filter(
        ends_on__gte=day, ends_on__lte=day + datetime.timedelta(days=RENEWAL_DAYS), successors=None
    )
    return sum(
        notify(
            [row.officer],
            "programme.renewal",
            key=f"{row.pk}:{row.ends_on}",
            url=reverse("agreements:programme_renewal", args=[row.pk]),
            params={"programme": row.name, "group": row.name, "day": vietnamese.format_date(row.ends_on)},
        )
        for row in ending.select_related("officer")
        if row.officer is not None and row.ends_on is not None
    )


def _lock_programme(actor: Actor, programme: Programme) -> Programme:
    row = Programme.objects.select_for_update(of=("self",)).select_related("owner").get(pk=programme.pk)
    policy.require(actor, "edit", row)
    return row


def _lock(actor: Actor, milestone: Milestone, version: int | str | None) -> Milestone:
    programme = _lock_programme(actor, milestone.programme)
    row = Milestone.objects.select_for_update(of=("self",)).get(pk=milestone.pk)
    row.programme = programme
    check_version(row, version)
    return row


def _take(row: Milestone, data: MilestoneData) -> None:
    taken = Milestone.objects.filter(programme=row.programme, kind=data.kind, due_on=data.due_on).exclude(pk=row.pk)
    if taken.exists():
        raise DomainError(_("There is already such a milestone on this day. Enter another day"), field="due_on")
    row.kind, row.name, row.due_on = data.kind, data.name, data.due_on
    row.responsible, row.note = data.responsible, data.note
    if row.pk:
        row.version += 1
    row.save()


def _after(actor: Actor, row: Milestone) -> None:
    refresh(row.programme)
    programme_changed(row.programme, actor)


def _label(row: Milestone) -> str:
    return f"{row.programme}: {row}"
