"""People, audit trail, notices, stored files and form keys: what every room needs and none owns."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.prepared import among, given_id
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Iterable


def one_of(model: str, **words: str) -> list[models.CheckConstraint]:
    """Return constraints that hold columns to the words of their choices: one_of("party", role="lead witness").

    The words stand here once more because Meta cannot see the choices of its own class; a test compares the two.
    """
    return [
        models.CheckConstraint(condition=models.Q(**{f"{column}__in": known.split()}), name=f"{model}_{column}_known")
        for column, known in words.items()
    ]


class UserManager(BaseUserManager["User"]):
    """Finds people by username whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person with this username, case and outer spaces ignored; User.DoesNotExist if none."""
        return self.get(username__iexact=(username or "").strip())

    def named(self, query: str) -> models.QuerySet[User]:
        """Return the people whose name or username contains the words, marks ignored."""
        return self.filter(search_text__contains=vietnamese.fold(query))


class User(AbstractBaseUser):
    """A person who signs in. Rights come from memberships (room partners), never from this row."""

    class Theme(models.TextChoices):
        """How the pages are coloured."""

        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class MailDigest(models.TextChoices):
        """How often notices are mailed to a person with an address."""

        EACH = "each", _("Each at once")
        DAILY = "daily", _("Once a day together")
        NEVER = "never", _("No mail")

    username = models.CharField(_("username"), max_length=60)
    full_name = models.CharField(_("full name"), max_length=120)
    sort_key = models.CharField(max_length=400, editable=False, db_collation="C")
    search_text = models.CharField(max_length=240, editable=False)
    title = models.CharField(_("position"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES, default="vi")
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    is_active = models.BooleanField(default=True)
    mail_digest = models.CharField(max_length=6, choices=MailDigest.choices, default=MailDigest.DAILY)
    must_change_password = models.BooleanField(default=False)
    slip_expires_at = models.DateTimeField(null=True, blank=True)  # a printed first password dies after 72 h
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="user_username_unique")]
        indexes = [
            models.Index(fields=["sort_key"]),
            GinIndex(fields=["search_text"], name="user_search", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the derived sort and search columns equal to the name."""
        self.sort_key = vietnamese.person_sort_key(self.full_name)
        self.search_text = vietnamese.fold(f"{self.full_name} {self.username}")
        super().save(*args, **kwargs)


@dataclass(frozen=True)
class Actor:
    """Who acts: a person under one membership. Built by partners.middleware; core never queries memberships."""

    user: User
    membership: Any
    organisation: Any
    role: str

    @property
    def unit_name(self) -> str:
        """Name of the organisation acted for, empty for a person acting for nobody."""
        return self.organisation.name if self.organisation else ""


class AuditEntry(models.Model):
    """One user action in business words, append-only and chained by hash (a trigger refuses UPDATE and DELETE)."""

    sequence = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    user_name = models.CharField(max_length=120, blank=True)
    unit_name = models.CharField(max_length=255, blank=True)
    role = models.CharField(max_length=20, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    object_label = models.CharField(max_length=300, blank=True)
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=45, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-sequence"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "-sequence"]),
            models.Index(fields=["user", "-sequence"]),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.object_label}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Reads of the inbox."""

    def visible_to(self, user: User) -> NotificationQuerySet:
        """Return a person's own notices that have left (a decision can be undone before that), muted kinds left out."""
        return self.left().filter(user=user)

    def left(self, moment: Any = None) -> NotificationQuerySet:
        """Return what has left by a moment (now) and is of no kind that its reader muted."""
        from django.utils import timezone

        muted = NoticeSetting.objects.filter(user=models.OuterRef("user"), kind=models.OuterRef("kind"), is_muted=True)
        return self.filter(~models.Exists(muted), deliver_after__lte=moment or timezone.now())

    def stuck(self) -> NotificationQuerySet:
        """Return those whose mail failed at least once and is not out: it waits for the next try, or was given up."""
        return self.filter(mailed_at=None).exclude(mail_error="")

    def unread(self) -> NotificationQuerySet:
        """Return those not yet opened."""
        return self.filter(read_at__isnull=True)


class Notification(models.Model):
    """Inbox row and mail outbox in one; `kind` and `params` become a sentence in the reader's language."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    dedupe_key = models.CharField(max_length=160, unique=True)
    caused_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    deliver_after = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)  # None: not for mail, or done with
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=255, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "read_at", "-created_at"]),
            models.Index(
                fields=["mail_due_at"], condition=models.Q(mail_due_at__isnull=False), name="notification_mail"
            ),
            models.Index(
                fields=["user"],
                condition=models.Q(mailed_at=None) & ~models.Q(mail_error=""),
                name="notification_stuck",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user_id}"


class NoticeSetting(models.Model):
    """How a person wants one kind of notice: muted ones are neither shown nor mailed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_settings")
    kind = models.CharField(max_length=60)  # a kind of notice; people choose whole groups (emails.NOTICE_GROUPS)
    is_muted = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="noticesetting_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class Holiday(models.Model):
    """A day off, or a day worked in exchange for one; Saturdays and Sundays need no row. Administrators keep it."""

    class Kind(models.TextChoices):
        """Off or worked."""

        OFF = "off", _("Day off")
        WORKED = "worked", _("Worked in exchange")

    day = models.DateField(unique=True)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.OFF)
    name = models.CharField(max_length=120)
    note = models.CharField(max_length=255, blank=True)  # by which decision, for days that move
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["day"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="holiday_named")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class CalendarFeed(models.Model):
    """A secret address under which a person's calendar can be read without signing in; revoked for good."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    secret_hash = models.CharField(max_length=64, unique=True)  # SHA-256; the secret itself is shown once
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(revoked_at=None), name="calendarfeed_one_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"


class StoredFile(models.Model):
    """A file below var/files under a random name; downloaded only through the room that owns the row using it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    original_name = models.CharField(max_length=255)
    mime = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    thumbnail = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(size__gt=0), name="storedfile_not_empty")]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_image(self) -> bool:
        """Whether a browser may show it: only re-encoded photos are stored as image/jpeg."""
        return self.mime == "image/jpeg"


class DraftFile(models.Model):
    """A valid file of a form that failed validation: kept for its author under the key of that form."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    form_key = models.UUIDField()
    field = models.CharField(max_length=60, default="files")
    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["user", "form_key"])]

    def __str__(self) -> str:
        return f"{self.form_key} {self.file}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Reads of saved views."""

    def visible_to(self, user: User, unit_ids: Iterable[int] = ()) -> SavedViewQuerySet:
        """Return the person's own, and those shared with the units the person acts for."""
        return self.filter(models.Q(user=user) | models.Q(shared_with__in=list(unit_ids))).select_related("user")

    def visible_to_given(self) -> SavedViewQuerySet:
        """Return the same for a kept query (core.prepared), with places for the id `user` and the ids `shared`."""
        return self.filter(models.Q(user=given_id("user")) | among("shared_with", "shared"))


class SavedView(models.Model):
    """An address with its conditions under a name, for oneself or for one's unit; core/saved_views.py writes it."""

    LONGEST = 500  # characters of an address

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    path = models.CharField(max_length=LONGEST)
    shared_with = models.PositiveIntegerField(null=True, blank=True)  # id of a unit, which core knows no more of
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="savedview_name_once"),
            models.CheckConstraint(condition=~models.Q(name="") & ~models.Q(path=""), name="savedview_named"),
        ]
        indexes = [models.Index(fields=["shared_with"])]

    def __str__(self) -> str:
        return self.name


class FormKey(models.Model):
    """One key per rendered form: a second submit of the same form returns the first result (trust.md F7)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()
    body_hash = models.CharField(max_length=64)
    result_url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="formkey_once")]

    def __str__(self) -> str:
        return str(self.key)


class Throttle(models.Model):
    """Counted tries of one kind by one account or address within a window; checked before any hashing."""

    bucket = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "key"], name="throttle_once")]

    def __str__(self) -> str:
        return f"{self.bucket} {self.count}"
