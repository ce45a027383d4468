"""What people do with their own account, and the calendar of days off that administrators keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, emails, throttle
from core.exceptions import DomainError
from core.forms import check_version
from core.models import Holiday, NoticeSetting, Notification, User

if TYPE_CHECKING:
    import datetime

    from core.models import Actor


def change_password(*, actor: User, current: str | None, new: str) -> User:
    """Set one's own password; all other sessions end at their next request. Returns the saved person.

    current is None only where the person came in with a one-time password. Guessing the present password through an
    open session is counted like guessing at sign-in.
    """
    if current is not None:
        minutes = throttle.take(throttle.PASSWORD, str(actor.pk))
        if minutes:
            raise throttle.Throttled(throttle.sentence(minutes), minutes=minutes)
        if not actor.check_password(current):
            raise DomainError(_("The present password is not right."), field="current")
        throttle.forget(throttle.PASSWORD, str(actor.pk))
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.pk)
        if current is None and not user.must_change_password:
            raise DomainError(_("Enter the present password."), field="current")
        user.set_password(new)
        user.must_change_password = False
        user.slip_expires_at = None
        user.save(update_fields=["password", "must_change_password", "slip_expires_at"])
        audit.log(user, "user.password", user)
    return user


def update_account(*, actor: User, phone: str, email: str, language: str, theme: str, version: int | None) -> User:
    """Save one's own contact and display; Stale where the row was edited in the meantime."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.pk)
        check_version(user, version)
        before = {"phone": user.phone, "email": user.email, "language": user.language, "theme": user.theme}
        after = {"phone": phone, "email": email, "language": language, "theme": theme}
        for name, value in after.items():
            setattr(user, name, value)
        user.version += 1
        user.save(update_fields=[*after, "version"])
        # Which fields, not their content: the trail cannot be cleaned of personal data later.
        audit.log(user, "user.account", user, detail={"changed": [n for n in after if after[n] != before[n]]})
    return user


def mark_notices_read(*, actor: User, ids: list[int] | None = None) -> int:
    """Mark one's own notices as read, all of them without ids; returns how many were unread. Not a business action."""
    unread = Notification.objects.visible_to(actor).unread()
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    return unread.update(read_at=timezone.now())


def open_notices(*, actor: User, url: str) -> int:
    """Mark one's own notices as read that lead to the page now opened; returns how many. Not a business action."""
    leads_here = Q(url=url) | Q(url__startswith=f"{url}#")
    return Notification.objects.visible_to(actor).unread().filter(leads_here).update(read_at=timezone.now())


@transaction.atomic
def note_download(*, actor: Actor, label: str, address: str, rows: int) -> None:
    """Enter in the audit trail that figures left as a file: of what, under which conditions, rows (1 = a sheet)."""
    audit.log(actor, "table.download", label=label, detail={"address": address[:500], "rows": rows})


@transaction.atomic
def save_holiday(
    *,
    actor: Actor,
    holiday: Holiday | None,
    day: datetime.date,
    kind: str,
    name: str,
    note: str,
    version: int | str | None,
) -> Holiday:
    """Enter a day off or a day worked in exchange, or change one. The route lets only administrators here.

    Raises DomainError where the day is already entered or a weekend day off changes nothing; Stale.
    """
    if holiday is None:
        row = Holiday(version=0)
    else:
        row = Holiday.objects.select_for_update().get(pk=holiday.pk)
        check_version(row, version)
    other = Holiday.objects.filter(day=day).exclude(pk=row.pk).first()
    if other is not None:
        raise DomainError(
            _("This day is already entered as “%(name)s”. Change that entry.") % {"name": other.name}, field="day"
        )
    if kind == Holiday.Kind.WORKED and day.weekday() < 5:
        raise DomainError(_("Only a Saturday or Sunday is worked in exchange. Enter such a day."), field="day")
    row.day, row.kind, row.name, row.note = day, kind, name, note
    row.version += 1
    row.save()
    audit.log(actor, "holiday.edit" if holiday else "holiday.add", row, detail={"day": day.isoformat(), "kind": kind})
    return row


@transaction.atomic
def remove_holiday(*, actor: Actor, holiday: Holiday, version: int | str | None) -> None:
    """Take a day out of the calendar. Raises Stale."""
    row = Holiday.objects.select_for_update().get(pk=holiday.pk)
    check_version(row, version)
    label, detail = str(row), {"day": row.day.isoformat(), "kind": row.kind}
    row.delete()
    audit.log(actor, "holiday.remove", label=label, detail=detail)


def choose_notices(*, actor: User, mail_digest: str, muted: list[str], version: int | None) -> User:
    """Save how often notices are mailed and which groups (emails.all_groups) are muted; Stale as for the account.

    What waits in the outbox follows the new choice when it is sent (core.mail).
    """
    groups = emails.all_groups()
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.pk)
        check_version(user, version)
        user.mail_digest = mail_digest
        user.version += 1
        user.save(update_fields=["mail_digest", "version"])
        NoticeSetting.objects.filter(user=user).delete()
        kinds = {kind for name in muted for kind in groups[name][1]}
        NoticeSetting.objects.bulk_create(NoticeSetting(user=user, kind=kind) for kind in sorted(kinds))
        audit.log(user, "user.notices", user, detail={"mail": mail_digest, "muted": sorted(muted)})
    return user


def muted_groups(user: User) -> list[str]:
    """Return the groups of notices a person muted: those of whose kinds one is muted."""
    kinds = set(NoticeSetting.objects.filter(user=user, is_muted=True).values_list("kind", flat=True))
    return [name for name, (_words, members) in emails.all_groups().items() if kinds & set(members)]
