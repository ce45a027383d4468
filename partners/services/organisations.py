"""Writes to the register of organisations: made, renamed and moved with dates, never overwritten."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.exceptions import DomainError
from core.forms import check_version
from core.models import Actor
from partners import policy
from partners.models import Contact, Locality, Organisation, OrganisationName, OrganisationParent

TREE_LOCK = 7_2023_0715  # advisory lock: two moves at once could close a circle
LONGEST_PATH = 200


@dataclass(frozen=True)
class OrganisationData:
    """What the form knows of an organisation."""

    name: str
    kind: str
    level: str
    short_name: str = ""
    name_en: str = ""
    parent: Organisation | None = None
    locality: Locality | None = None
    started_on: datetime.date | None = None


@transaction.atomic
def create_organisation(*, actor: Actor, data: OrganisationData) -> Organisation:
    """Enter an organisation with its first dated name and parent. DomainError where the name is taken."""
    policy.require(actor, "create", Organisation)
    _lock_tree()
    _refuse_twin(data.name, data.parent, None)
    organisation = Organisation(
        name=data.name,
        short_name=data.short_name,
        name_en=data.name_en,
        kind=data.kind,
        level=data.level,
        parent=data.parent,
        locality=data.locality,
        started_on=data.started_on,
    )
    organisation.save()
    organisation.path = _path_under(organisation, data.parent)
    organisation.save(update_fields=["path"])
    OrganisationName.objects.create(
        organisation=organisation, name=data.name, short_name=data.short_name, valid_from=data.started_on
    )
    OrganisationParent.objects.create(organisation=organisation, parent=data.parent, valid_from=data.started_on)
    audit.log(actor, "organisation.create", organisation)
    return organisation


@transaction.atomic
def update_organisation(
    *,
    actor: Actor,
    organisation: Organisation,
    version: int | None,
    data: OrganisationData,
    changed_on: datetime.date | None = None,
    decision: str = "",
) -> Organisation:
    """Save the form: another name becomes a dated name, another parent a dated parent.

    changed_on: the day of the new name or parent; None corrects a misspelling or a wrong entry without history.
    decision: number and issuer of the paper, kept in the trail. Raises Stale and DomainError.
    """
    policy.require(actor, "edit", organisation)
    _lock_tree()
    row = Organisation.objects.select_for_update(of=("self",)).select_related("parent").get(pk=organisation.pk)
    check_version(row, version)
    entries = []
    if data.name != row.name or data.short_name != row.short_name:
        _refuse_twin(data.name, data.parent, row)
        entries.append(_rename(row, data.name, data.short_name, changed_on, decision))
    if (data.parent and data.parent.pk) != row.parent_id:
        entries.append(_move(row, data.parent, changed_on, decision))
    before = {name: getattr(row, name) for name in ("name_en", "kind", "level", "locality", "started_on")}
    changed = [name for name, value in before.items() if getattr(data, name) != value]
    for name in changed:
        setattr(row, name, getattr(data, name))
    row.version += 1
    row.save()
    if changed or not entries:
        entries.append(audit.Entry("organisation.edit", row, reason=decision, detail={"changed": changed}))
    audit.log_many(actor, entries)
    return row


@transaction.atomic
def rename_organisation(
    *,
    actor: Actor,
    organisation: Organisation,
    name: str,
    on: datetime.date,
    short_name: str = "",
    decision: str = "",
) -> Organisation:
    """Give a new name from a day on; the old one stays on what was signed before."""
    policy.require(actor, "rename", organisation)
    row = Organisation.objects.select_for_update().get(pk=organisation.pk)
    entry = _rename(row, name, short_name, on, decision)
    row.version += 1
    row.save()
    audit.log_many(actor, [entry])
    return row


@transaction.atomic
def move_organisation(
    *, actor: Actor, organisation: Organisation, parent: Organisation | None, on: datetime.date, decision: str = ""
) -> Organisation:
    """Put it, with everything below it, under another parent from a day on."""
    policy.require(actor, "move", organisation)
    _lock_tree()
    row = Organisation.objects.select_for_update().get(pk=organisation.pk)
    entry = _move(row, parent, on, decision)
    row.version += 1
    row.save()
    audit.log_many(actor, [entry])
    return row


@transaction.atomic
def add_contact(
    *, actor: Actor, organisation: Organisation, full_name: str, title: str = "", phone: str = "", email: str = ""
) -> Contact:
    """Enter a person to call at the organisation."""
    policy.require(actor, "contact", organisation)
    contact = Contact.objects.create(
        organisation=organisation, full_name=full_name, title=title, phone=phone, email=email
    )
    audit.log(actor, "organisation.contact_add", organisation)
    return contact


@transaction.atomic
def remove_contact(*, actor: Actor, contact: Contact) -> None:
    """Take a contact away."""
    policy.require(actor, "contact", contact.organisation)
    organisation = contact.organisation
    contact.delete()
    audit.log(actor, "organisation.contact_remove", organisation)


def _lock_tree() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


def _refuse_twin(name: str, parent: Organisation | None, own: Organisation | None) -> None:
    twins = Organisation.objects.active().filter(name__iexact=name, parent=parent)
    if own is not None:
        twins = twins.exclude(pk=own.pk)
    if twins.exists():
        raise DomainError(_("There is already a unit with this name at this place. Open it instead."), field="name")


def _path_under(organisation: Organisation, parent: Organisation | None) -> str:
    path = f"{parent.path if parent else '/'}{organisation.pk}/"
    if len(path) > LONGEST_PATH:
        raise DomainError(_("This tree is too deep. Choose a higher parent."), field="parent")
    return path


def _check_day(on: datetime.date) -> None:
    if on > timezone.localdate():
        raise DomainError(_("The day of the change cannot be in the future. Enter it on that day."), field="changed_on")


def _rename(row: Organisation, name: str, short_name: str, on: datetime.date | None, decision: str) -> audit.Entry:
    """Change the locked row's name; with a day the present dated name ends and a new one begins."""
    old = row.name
    present = row.names.filter(valid_to=None).first()
    if present is None:
        present = OrganisationName.objects.create(
            organisation=row, name=row.name, short_name=row.short_name, valid_from=row.started_on
        )
    if on is None:
        present.name, present.short_name = name, short_name
        present.save()
    else:
        _check_day(on)
        if present.valid_from and on <= present.valid_from:
            raise DomainError(
                _("The present name holds since %(day)s. Enter a later day.")
                % {"day": f"{present.valid_from:%d/%m/%Y}"},
                field="changed_on",
            )
        present.valid_to = on
        present.save()
        OrganisationName.objects.create(organisation=row, name=name, short_name=short_name, valid_from=on)
    row.name, row.short_name = name, short_name
    action = "organisation.correct" if on is None else "organisation.rename"
    return audit.Entry(
        action, row, reason=decision, detail={"from": old, "to": name, "on": on.isoformat() if on else ""}
    )


def _move(row: Organisation, parent: Organisation | None, on: datetime.date | None, decision: str) -> audit.Entry:
    """Change the locked row's parent and the paths of everything below it (the tree lock is held)."""
    if parent is not None:
        parent = Organisation.objects.get(pk=parent.pk)  # its path may be older than the lock
        if parent.path.startswith(row.path):
            raise DomainError(_("A unit cannot stand under itself. Choose another parent."), field="parent")
    old_path, new_path = row.path, _path_under(row, parent)
    below = Organisation.objects.filter(path__startswith=old_path).exclude(pk=row.pk)
    deepest = max((len(path) for path in below.values_list("path", flat=True)), default=0)
    if deepest - len(old_path) + len(new_path) > LONGEST_PATH:
        raise DomainError(_("This tree is too deep. Choose a higher parent."), field="parent")
    present = row.parents.filter(valid_to=None).order_by(F("valid_from").desc(nulls_last=True)).first()
    if on is None:
        row.parents.filter(Q(pk=present.pk) if present else Q(pk=None)).update(parent=parent)
        if present is None:
            OrganisationParent.objects.create(organisation=row, parent=parent)
    else:
        _check_day(on)
        if present is None:
            present = OrganisationParent.objects.create(organisation=row, parent=row.parent, valid_from=row.started_on)
        if present.valid_from and on <= present.valid_from:
            raise DomainError(
                _("The present parent holds since %(day)s. Enter a later day.")
                % {"day": f"{present.valid_from:%d/%m/%Y}"},
                field="changed_on",
            )
        present.valid_to = on
        present.save()
        OrganisationParent.objects.create(organisation=row, parent=parent, valid_from=on)
    below.update(path=Concat(Value(new_path), Substr("path", len(old_path) + 1)), version=F("version") + 1)
    row.parent, row.path = parent, new_path
    detail = {"to": parent.name if parent else "", "on": on.isoformat() if on else ""}
    return audit.Entry("organisation.move", row, reason=decision, detail=detail)
