"""Writes to people and their memberships: made, reset by a printed slip, disabled with their work handed over."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core import audit, passwords
from core.exceptions import DomainError
from core.forms import check_version
from core.models import Actor, User
from core.notices import notify
from partners import policy
from partners.models import Membership, Organisation, actors_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

SLIP_LIFE = datetime.timedelta(hours=72)
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}")


@dataclass(frozen=True)
class PersonData:
    """What an administrator enters about a person."""

    username: str
    full_name: str
    title: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class OpenItem:
    """One thing a person leaves open and its state in words; no address, for administrators may not open it."""

    label: str
    state: str


def people_visible_to(user: User) -> QuerySet[User]:
    """Return the people whose administration page a person may open: all for administrators, else nobody."""
    if any(actor.role == Membership.Role.ADMINISTRATOR for actor in actors_of(user)):
        return User.objects.all()
    return User.objects.none()


@transaction.atomic
def create_user(*, actor: Actor, data: PersonData, organisation: Organisation, role: str) -> User:
    """Enter a person with a first role; they can sign in once a slip is printed. DomainError names the field."""
    policy.require(actor, "create", User)
    user = User(full_name=data.full_name, title=data.title, phone=data.phone, email=data.email)
    user.username = _checked_username(data.username)
    user.set_unusable_password()
    user.must_change_password = True
    _save_username(user)
    _checked_role(organisation, role)
    Membership.objects.create(user=user, organisation=organisation, role=role)
    audit.log(actor, "user.create", user, detail={"username": user.username, "role": role, "unit": organisation.name})
    return user


@transaction.atomic
def create_administrator(*, username: str, full_name: str, organisation: Organisation) -> tuple[User, str]:
    """Enter an administrator from the server's console and return the person with the one-time password.

    Nobody is signed in there: whoever runs the command already has the database.
    """
    user = User(full_name=full_name, username=_checked_username(username), must_change_password=True)
    secret = _set_slip(user)
    _save_username(user)
    Membership.objects.create(user=user, organisation=organisation, role=Membership.Role.ADMINISTRATOR)
    audit.log(None, "user.create", user, reason="create_administrator", detail={"role": "administrator"})
    return user, secret


@transaction.atomic
def update_user(*, actor: Actor, user: User, version: int | None, data: PersonData) -> User:
    """Save name, username and contact. Raises Stale, DomainError for a taken username."""
    policy.require(actor, "edit", user)
    row = User.objects.select_for_update().get(pk=user.pk)
    check_version(row, version)
    row.username = _checked_username(data.username)
    names = ("full_name", "title", "phone", "email")
    changed = [name for name in names if getattr(row, name) != getattr(data, name)]
    for name in changed:
        setattr(row, name, getattr(data, name))
    row.version += 1
    _save_username(row)
    audit.log(actor, "user.edit", row, detail={"changed": changed})
    return row


@transaction.atomic
def issue_slip(*, actor: Actor, user: User, reason: str = "") -> str:
    """Set and return a one-time password for a printed slip, valid 72 hours; sessions of the person end.

    A reason is needed where the person already has a password (a reset). Only its print-out ever shows it.
    """
    policy.require(actor, "slip", user)
    row = User.objects.select_for_update().get(pk=user.pk)
    is_reset = row.has_usable_password() and not row.must_change_password
    if is_reset and not reason:
        raise DomainError(
            _("Enter the reason for the new password, for example: forgotten, asked by phone"), field="reason"
        )
    secret = _set_slip(row)
    row.save(update_fields=["password", "must_change_password", "slip_expires_at"])
    audit.log(actor, "user.reset" if is_reset else "user.slip", row, reason=reason)
    return secret


def open_items(user: User) -> list[OpenItem]:
    """Return everything the person would leave open, from each room named in settings.OPEN_ITEMS."""
    return [item for path in settings.OPEN_ITEMS for item in import_string(path)(user)]


@transaction.atomic
def disable_user(*, actor: Actor, user: User, reason: str, handover_to: User | None, leave_open: bool = False) -> User:
    """Disable a person: sessions end, open work goes to a colleague (or stays, if said so), memberships stay.

    The last active administrator stays. Raises DomainError: reason, successor.
    """
    administrators = _lock_administrators()
    row = User.objects.select_for_update().get(pk=user.pk)
    policy.require(actor, "disable", row)
    if not reason:
        raise DomainError(_("Enter the reason, for example: moved to another office"), field="reason")
    if administrators == {row.pk}:
        raise DomainError(_("This is the last administrator. Name another one first."))
    items = open_items(row)
    if items and handover_to is None and not leave_open:
        raise DomainError(
            _("Choose who takes over the open items, or say that they stay as they are."), field="successor"
        )
    moved = 0
    if handover_to is not None:
        if handover_to.pk == row.pk or not handover_to.is_active:
            raise DomainError(_("Choose another active person."), field="successor")
        for path in settings.HANDOVER:
            moved += import_string(path)(actor=actor, user=row, successor=handover_to)
    row.is_active = False
    row.set_unusable_password()  # its sessions stay dead even if the person is enabled again
    row.slip_expires_at = None
    row.version += 1
    row.save()
    detail = {"open": len(items), "moved": moved, "to": handover_to.full_name if handover_to else ""}
    audit.log(actor, "user.disable", row, reason=reason, detail=detail)
    if handover_to is not None and moved:
        transaction.on_commit(
            lambda: notify(
                [handover_to],
                "user.handed_over",
                key=f"{row.pk}-{row.version}",
                url="/",
                params={"name": row.full_name, "count": moved},
            )
        )
    return row


@transaction.atomic
def enable_user(*, actor: Actor, user: User) -> User:
    """Let a disabled person back; they sign in with a new slip."""
    row = User.objects.select_for_update().get(pk=user.pk)
    policy.require(actor, "enable", row)
    row.is_active = True
    row.must_change_password = True
    row.set_unusable_password()
    row.version += 1
    row.save()
    audit.log(actor, "user.enable", row)
    return row


@transaction.atomic
def add_membership(
    *, actor: Actor, user: User, organisation: Organisation, role: str, valid_from: datetime.date | None = None
) -> Membership:
    """Give a role for an organisation from a day on (today). DomainError where the person has it already."""
    policy.require(actor, "add_membership", user)
    User.objects.select_for_update().get(pk=user.pk)
    _checked_role(organisation, role)
    if Membership.objects.filter(user=user, organisation=organisation, role=role, valid_to=None).exists():
        raise DomainError(_("The person already has this role in this unit."), field="role")
    row = Membership.objects.create(
        user=user, organisation=organisation, role=role, valid_from=valid_from or timezone.localdate()
    )
    audit.log(actor, "membership.add", user, detail={"role": role, "unit": organisation.name})
    return row


@transaction.atomic
def end_membership(*, actor: Actor, membership: Membership, reason: str) -> Membership:
    """End a role today; the last active administrator keeps it. DomainError: reason, or already ended."""
    policy.require(actor, "end_membership", membership.user)
    administrators = _lock_administrators()
    row = Membership.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=membership.pk)
    today = timezone.localdate()
    if row.valid_to is not None and row.valid_to <= today:
        raise DomainError(_("This role has already ended."))
    if not reason:
        raise DomainError(_("Enter the reason, for example: moved to another office"), field="reason")
    if row.role == Membership.Role.ADMINISTRATOR and administrators == {row.user_id}:
        raise DomainError(_("This is the last administrator. Name another one first."))
    row.valid_to = max(today, row.valid_from)
    row.save(update_fields=["valid_to"])
    detail = {"role": row.role, "unit": row.organisation.name}
    audit.log(actor, "membership.end", membership.user, reason=reason, detail=detail)
    return row


def _lock_administrators() -> set[int]:
    """Return the ids of active administrators; two who end each other at once wait here for one another."""
    rows = (
        Membership.objects.current()
        .select_for_update(of=("self",))
        .filter(role=Membership.Role.ADMINISTRATOR, user__is_active=True)
        .order_by("id")
    )
    return {row.user_id for row in rows}


def _set_slip(user: User) -> str:
    secret = passwords.one_time()
    user.set_password(secret)
    user.must_change_password = True
    user.slip_expires_at = timezone.now() + SLIP_LIFE
    return secret


def _checked_username(text: str) -> str:
    name = text.strip().lower()
    if not USERNAME.fullmatch(name):
        raise DomainError(
            _("Write the username with 3 to 60 letters without marks, digits, dots or dashes, as in lan.nt"),
            field="username",
        )
    return name


def _save_username(user: User) -> None:
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        if "user_username_unique" not in str(error):
            raise
        raise DomainError(_("Somebody has this username already. Choose another one."), field="username") from None


def _checked_role(organisation: Organisation, role: str) -> None:
    if organisation.status != Organisation.Status.ACTIVE:
        raise DomainError(_("This unit no longer exists. Choose its successor."), field="organisation")
    if role == Membership.Role.OFFICER and not organisation.is_front:
        raise DomainError(
            _("Front officers act for a Front committee. For this unit choose partner staff."), field="role"
        )
    if role == Membership.Role.REPORTER and organisation.is_front:
        raise DomainError(_("In a Front committee choose the role of Front officer."), field="role")
