"""The outbox: due notices become mail, one mail per event or one a day, with retries, without a task queue.

A sender first takes a person's due notices in a short transaction (FOR UPDATE SKIP LOCKED) that counts the try and
moves mail_due_at to the time of the next one; then it sends; then it marks them mailed. So two senders never take the
same notice, and a process that dies between sending and marking costs at most one repeated mail after the pause, with
the same Message-ID, by which mail programs recognise it. Never more than MOST_TRIES.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Count, F, Max, Min, OuterRef, Q, Subquery
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import emails, rights
from core.models import Notification, User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

log = logging.getLogger(__name__)
FIRST_PAUSE = datetime.timedelta(minutes=5)
LONGEST_PAUSE = datetime.timedelta(hours=6)
MOST_TRIES = 30  # about a week with these pauses
A_MAIL = 100  # notices in one mail
LONGEST_REASON = 255
SHOWN = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Round:
    """What one run of the outbox did, in mails; dropped counts notices nobody may or wants to get any more."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0


def send_due() -> Round:
    """Send what is due. A mail server that cannot be reached at all costs no try: the next round begins again."""
    if not settings.MAIL_ON:
        return Round()
    waiting = Notification.objects.filter(mail_due_at__lte=timezone.now()).order_by()
    people = list(waiting.values_list("user", flat=True).distinct())
    if not people:
        return Round()
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:
        reason = reason_of(error)
        log.warning("mail: the server cannot be reached (%s), the next round tries again", reason)
        waiting.exclude(mail_error=reason).update(mail_error=reason)
        return Round(failed=len(people))
    sent = failed = dropped = 0
    try:
        for pk in people:
            for batch in _take(pk):
                wanted = [row for row in batch if may_read(row)]
                unwanted = [row for row in batch if row not in wanted]
                _finish(unwanted, error="")
                dropped += len(unwanted)
                if wanted:
                    ok = _send(wanted, connection)
                    sent, failed = sent + ok, failed + (not ok)
    finally:
        connection.close()
    return Round(sent, failed, dropped)


def _take(user_pk: int) -> list[list[Notification]]:
    """Take a person's due notices and return them as mails: one each, or all together for the daily mail."""
    now = timezone.now()
    with transaction.atomic():
        rows = list(
            Notification.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(user=user_pk, mail_due_at__lte=now)
            .select_related("user")
            .order_by("created_at", "pk")[:A_MAIL]
        )
        for row in rows:
            row.mail_attempts += 1
            last = row.mail_attempts >= MOST_TRIES
            pause = min(FIRST_PAUSE * 2 ** min(row.mail_attempts - 1, 10), LONGEST_PAUSE)
            row.mail_due_at = None if last else now + pause
            row.save(update_fields=["mail_attempts", "mail_due_at"])
    if rows and rows[0].user.mail_digest == User.MailDigest.DAILY:
        return [rows]
    return [[row] for row in rows]


def may_read(notice: Notification) -> bool:
    """Return whether the person still wants and may open what a notice is about, judged when the mail leaves."""
    user = notice.user
    if not user.is_active or not user.email or user.mail_digest == User.MailDigest.NEVER:
        return False
    if not Notification.objects.visible_to(user).filter(pk=notice.pk).exists():  # muted, or taken back
        return False
    if not notice.url:
        return True
    try:
        match = resolve(urlsplit(notice.url).path)
    except Resolver404:
        return False
    kind = rights.all_routes()[match.view_name].obj
    if kind is None:
        return True
    model = settings.VISIBLE_OBJECTS.get(kind)
    if model is None:
        return False  # what cannot be checked stays inside the application
    return bool(apps.get_model(model).objects.visible_to(user).filter(pk=match.kwargs["pk"]).exists())


def compose(notices: list[Notification]) -> EmailMultiAlternatives:
    """Return the mail of one person's notices, as text and as HTML, in the person's language."""
    user = notices[0].user
    with translation.override(user.language):
        rows = [{"notice": row, "text": emails.sentence(row), "group": row.params.get("group", "")} for row in notices]
        rows.sort(key=lambda row: str(row["group"]))
        context = {"rows": rows, "person": user, "base_url": settings.BASE_URL.rstrip("/"), "count": len(rows)}
        subject = rows[0]["text"]
        if len(rows) > 1:
            subject = ngettext("%(count)s notice", "%(count)s notices", len(rows)) % {"count": len(rows)}
        subject = " ".join(f"{_('Coordination programmes')}: {subject}".split())[:180]
        mail = EmailMultiAlternatives(
            subject, render_to_string("emails/notices.txt", context), to=[user.email], headers=_headers(notices)
        )
        mail.attach_alternative(render_to_string("emails/notices.html", context), "text/html")
    return mail


def _headers(notices: Iterable[Notification]) -> dict[str, str]:
    """The same notices always make the same Message-ID; no automatic answer is wanted."""
    key = hashlib.sha256(" ".join(row.dedupe_key for row in notices).encode()).hexdigest()[:32]
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return {"Message-ID": f"<{key}@{host}>", "Auto-Submitted": "auto-generated"}


def _send(notices: list[Notification], connection: object) -> bool:
    try:
        mail = compose(notices)
        mail.connection = connection
        mail.send()
    except Exception as error:
        reason = reason_of(error)
        log.warning("mail: not sent to person %s: %s", notices[0].user_id, reason)
        Notification.objects.filter(pk__in=[row.pk for row in notices]).update(mail_error=reason)
        return False
    Notification.objects.filter(pk__in=[row.pk for row in notices]).update(
        mailed_at=timezone.now(), mail_due_at=None, mail_error=""
    )
    return True


def reason_of(error: Exception) -> str:
    """Return in one short line why a mail failed, as the server put it; never the name or password we sign in with.

    A server may answer with what it was sent, in base64 too, and an administrator need not know the account.
    """
    text = " ".join(f"{type(error).__name__}: {error}".split())
    name, password = settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD
    plain = [password, name, f"\0{name}\0{password}"] if password else [name]
    for secret in filter(None, plain):
        for form in (base64.b64encode(secret.encode()).decode(), secret):
            text = text.replace(form, "•••")
    return text[:LONGEST_REASON]


class Stuck(NamedTuple):
    """Mails of a person that failed and are not out. since: when the oldest was to leave; next_try None = given up."""

    user_pk: int
    name: str
    address: str
    waiting: int  # for another try
    given_up: int
    since: datetime.datetime
    tries: int
    next_try: datetime.datetime | None
    reason: str  # of the last failure


def stuck(people: QuerySet[User]) -> list[Stuck]:
    """Return those of these people whose mail is stuck, the longest waiting first; one query.

    What was given up is told of for SHOWN: the person has it in the application, and nobody will send it any more.
    """
    shown = Q(mail_due_at__isnull=False) | Q(deliver_after__gte=timezone.now() - SHOWN)
    rows = Notification.objects.stuck().filter(shown, user__in=people.values("pk"))
    last = rows.filter(user=OuterRef("user")).order_by(F("mail_due_at").desc(nulls_last=True), "-pk")
    found = rows.order_by().values_list("user", "user__full_name", "user__email").annotate(
        waiting=Count("pk", filter=Q(mail_due_at__isnull=False)),
        given_up=Count("pk", filter=Q(mail_due_at=None)),
        since=Min("deliver_after"),
        tries=Max("mail_attempts"),
        next_try=Min("mail_due_at"),
        reason=Subquery(last.values("mail_error")[:1]),
    )  # fmt: skip
    return [Stuck(*row) for row in found.order_by("since", "user")]


def _finish(notices: list[Notification], *, error: str) -> None:
    """Take notices off the outbox without sending."""
    Notification.objects.filter(pk__in=[row.pk for row in notices]).update(mail_due_at=None, mail_error=error)
