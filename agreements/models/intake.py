"""An uploaded or pasted source, what was read from it, and the officer's work on it before anything counts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import StoredFile, User, one_of
from partners.models import Organisation, scope_of


class IntakeQuerySet(models.QuerySet["Intake"]):
    """Reads of intakes: only Front people of the owner committee or above."""

    def visible_to(self, user: User) -> IntakeQuerySet:
        """Return the intakes of committees within the person's Front scope; partners see none."""
        seen = models.Q(pk__in=[])
        for path in scope_of(user).committee_paths:
            seen |= models.Q(owner__path__startswith=path)
        return self.filter(seen)

    def open(self) -> IntakeQuerySet:
        """Return those waiting for an officer to confirm."""
        return self.filter(status=Intake.Status.OPEN)

    def scans(self) -> IntakeQuerySet:
        """Return open ones whose pages are to be read by OCR, the oldest first."""
        return self.open().filter(reading__in=[Intake.Reading.WAITING, Intake.Reading.RUNNING]).order_by("pk")


class Intake(models.Model):
    """A source text and the proposals read from it; becomes programmes only when an officer confirms."""

    class Status(models.TextChoices):
        """Open until confirmed or dropped."""

        OPEN = "open", _("To be checked")
        CONFIRMED = "confirmed", _("Confirmed")
        DROPPED = "dropped", _("Dropped")

    class Reading(models.TextChoices):
        """How far the text of the source has come."""

        READ = "read", _("Text read")
        FAILED = "failed", _("Text not read")
        CONSENT = "consent", _("Old encoding: to be decided")
        WAITING = "waiting", _("Scan waits to be read")
        RUNNING = "running", _("Scan is being read")
        REFUSED = "refused", _("File kept unopened")  # never parsed again, handed out only to its officers

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="intakes")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    title = models.CharField(max_length=255)
    text = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="intakes")
    # documents.types.ReadResult.to_json(), and "source": {"kind", "pages", "notes"}
    result = models.JSONField(default=dict)
    work = models.JSONField(default=dict, blank=True)  # what the officer changed so far, per programme
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    version = models.PositiveIntegerField(default=1)
    reading = models.CharField(max_length=10, choices=Reading.choices, default=Reading.READ)
    # FAILED, REFUSED: {"code", "params"} of documents.reading.extract.ReadFailure; CONSENT: of the note
    reading_detail = models.JSONField(default=dict, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)  # of a scan
    pages_read = models.PositiveSmallIntegerField(default=0)
    scanned = models.JSONField(default=list, blank=True)  # words of the pages read so far, until all are read

    objects = IntakeQuerySet.as_manager()

    class Meta:
        constraints = [
            *one_of("intake", status="open confirmed dropped", reading="read failed consent waiting running refused"),
        ]
        ordering = ["-created_at"]

    @property
    def is_scanning(self) -> bool:
        """True while pages of a scan wait for OCR or are at it."""
        return self.reading in {self.Reading.WAITING, self.Reading.RUNNING}

    @property
    def is_unread(self) -> bool:
        """True while there is nothing to check yet: a decision or OCR comes first."""
        return self.is_scanning or self.reading == self.Reading.CONSENT

    @property
    def is_refused(self) -> bool:
        """True for a file that may do harm or is no document: kept as it came, never opened."""
        return self.reading == self.Reading.REFUSED

    def __str__(self) -> str:
        return self.title
