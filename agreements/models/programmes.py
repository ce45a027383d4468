"""The signed programme, its parties, goals, milestones and typed files."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Least, Round
from django.utils.translation import gettext_lazy as _

from core.models import StoredFile, User, one_of
from documents import vietnamese
from partners.models import FieldOfWork, Organisation, scope_of


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    """Reads of programmes; every list, count, search and export begins at visible_to."""

    def visible_to(self, user: User) -> ProgrammeQuerySet:
        """Return what the person may see: Front roles by owner committee, partner roles by party or assigned task.

        Partners never see a programme that is still a draft of the Front.
        """
        scope = scope_of(user)
        seen = Q(pk__in=[])
        for path in scope.committee_paths:
            seen |= Q(owner__path__startswith=path)
        if scope.partner_ids:
            from agreements.models.tasks import Task

            ids = list(scope.partner_ids)
            # Each found once by its own index, not asked of every programme of a country.
            party = Party.objects.filter(organisation__in=ids).order_by().values("programme")
            led = Task.objects.filter(lead__in=ids).order_by().values("programme")
            supported = Task.objects.filter(supporting__in=ids).order_by().values("programme")
            seen |= ~Q(status=Programme.Status.DRAFT) & Q(pk__in=party.union(led, supported))
        return self.filter(seen)

    def live(self) -> ProgrammeQuerySet:
        """Return those being carried out or waiting for their final review."""
        return self.filter(status__in=Programme.LIVE)

    def in_force(self) -> ProgrammeQuerySet:
        """Return those in force."""
        return self.filter(status=Programme.Status.IN_FORCE)

    def slowest_first(self) -> ProgrammeQuerySet:
        """Order by how far behind: whose standing is behind first, then by the gap; without data last.

        The gap is the one printed (figures.points_behind): points of time gone less points reached. The list of
        programmes and the dashboard have their order from here.
        """
        status = Programme.Status
        slow = Q(figure__standing="behind", status__in=(status.IN_FORCE, status.ENDED))
        reached = Round(Least(F("figure__progress"), Value(Decimal(1))) * 100)
        gap = Coalesce(Round(F("figure__elapsed") * 100) - reached, Value(Decimal(0)))
        return self.annotate(
            without_data=Case(When(figure__progress=None, then=True), default=False),
            is_slow=Case(When(slow, then=True), default=False),
            gap=gap,
        ).order_by("without_data", "-is_slow", "-gap", "sort_key", "pk")

    def search(self, query: str) -> ProgrammeQuerySet:
        """Return those whose title, code, number or party name contains the words, marks ignored."""
        folded = vietnamese.fold(query)
        # Each side through its own index; an OR of the two would look at every programme of the country.
        own = Programme.objects.filter(search_text__contains=folded).order_by().values("pk")
        parties = Party.objects.filter(search_text__contains=folded).order_by().values("programme")
        return self.filter(pk__in=own.union(parties))


@pghistory.track(model_name="ProgrammeHistory", exclude=["updated_at"])
class Programme(models.Model):
    """A coordination programme or any other signed instrument (`Programme` is the code noun for all of them)."""

    class Kind(models.TextChoices):
        """Kind of instrument, from the word in the document."""

        PROGRAMME = "programme", _("Coordination programme")
        REGULATION = "regulation", _("Coordination regulation")
        PLAN = "plan", _("Coordination plan")
        MEMORANDUM = "memorandum", _("Memorandum")
        JOINT_RESOLUTION = "joint_resolution", _("Joint resolution")

    class Status(models.TextChoices):
        """Stored life cycle; late and due are computed from dates, never stored."""

        DRAFT = "draft", _("Draft")
        SIGNED = "signed", _("Signed")
        IN_FORCE = "in_force", _("In force")
        SUSPENDED = "suspended", _("Suspended")
        ENDED = "ended", _("Ended, awaiting final review")
        CLOSED = "closed", _("Closed after final review")
        TERMINATED = "terminated", _("Terminated")
        SUPERSEDED = "superseded", _("Superseded")

    LIVE = (Status.IN_FORCE, Status.SUSPENDED, Status.ENDED)
    # Allowed steps of the life cycle (design.md section 2); services.move_programme adds the guards.
    NEXT: dict[str, tuple[str, ...]] = {
        Status.DRAFT: (Status.SIGNED,),
        Status.SIGNED: (Status.IN_FORCE, Status.TERMINATED),
        Status.IN_FORCE: (Status.SUSPENDED, Status.ENDED, Status.TERMINATED, Status.SUPERSEDED),
        Status.SUSPENDED: (Status.IN_FORCE, Status.TERMINATED),
        Status.ENDED: (Status.CLOSED, Status.SUPERSEDED),
        Status.CLOSED: (),
        Status.TERMINATED: (),
        Status.SUPERSEDED: (),
    }

    code = models.CharField(max_length=20)  # CT-2023-014, unique within the owner committee
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.PROGRAMME)
    title = models.CharField(_("title"), max_length=500)
    short_title = models.CharField(_("short title"), max_length=120, blank=True)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="owned_programmes")
    officer = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    field_of_work = models.ForeignKey(FieldOfWork, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=80, null=True, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)
    starts_on = models.DateField(null=True, blank=True)  # never required to follow signed_on
    ends_on = models.DateField(null=True, blank=True)  # last day, included
    implements_name = models.CharField(max_length=255, blank=True)
    implements_from = models.PositiveSmallIntegerField(null=True, blank=True)  # years of the programme it implements
    implements_to = models.PositiveSmallIntegerField(null=True, blank=True)
    period_note = models.CharField(max_length=255, blank=True)  # why this period, e.g. "officer's decision"
    funding = models.TextField(blank=True)  # the clause that says who pays
    # Reports that the text asks for, proposals for the reporting rule: [{"kind": "month", "quarter", "half_year",
    # "year" or "on_request", "due": ["15/06", "15/12"] or ["25"] of the month, "text", "span"}].
    reports_asked = models.JSONField(default=list, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    status_reason = models.CharField(max_length=500, blank=True)
    predecessor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="successors")
    intake = models.ForeignKey(
        "agreements.Intake", null=True, blank=True, on_delete=models.PROTECT, related_name="programmes"
    )
    spans = models.JSONField(default=dict, blank=True)  # field → span in the intake's source, to show its sentence
    is_demo = models.BooleanField(default=False)
    sort_key = models.CharField(max_length=1700, editable=False, db_collation="C")
    search_text = models.CharField(max_length=800, editable=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            *one_of(
                "programme",
                kind="programme regulation plan memorandum joint_resolution",
                status="draft signed in_force suspended ended closed terminated superseded",
            ),
            models.CheckConstraint(
                condition=~Q(predecessor=F("id")) & ~Q(parent=F("id")), name="programme_not_its_own_kin"
            ),
            models.UniqueConstraint(fields=["owner", "code"], name="programme_code_per_owner"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="programme_period_order",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "signed", "terminated"])
                | Q(starts_on__isnull=False, ends_on__isnull=False),
                name="programme_in_force_has_period",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(signed_on__isnull=False), name="programme_signed_has_date"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["suspended", "terminated"]) | ~Q(status_reason=""),
                name="programme_stop_has_reason",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="programme_title_not_empty"),
            models.CheckConstraint(
                condition=Q(implements_to=None) | Q(implements_to__gte=F("implements_from")),
                name="programme_implements_order",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "status"]),
            GinIndex(fields=["search_text"], name="programme_search", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["sort_key"]),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the derived sort and search columns equal to the texts."""
        self.sort_key = vietnamese.sort_key(self.name)
        self.search_text = vietnamese.fold(f"{self.title} {self.short_title} {self.code} {self.number or ''}")[:800]
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """What lists and headings show: the short title, else the signed one."""
        return self.short_title or self.title

    @property
    def is_editable(self) -> bool:
        """Closed, terminated and superseded programmes are read-only."""
        return self.status not in {self.Status.CLOSED, self.Status.TERMINATED, self.Status.SUPERSEDED}

    @property
    def period(self) -> str:
        """Years as written, "2023–2027", a single year once, empty where unknown."""
        if not self.starts_on or not self.ends_on:
            return ""
        first, last = self.starts_on.year, self.ends_on.year
        return str(first) if first == last else f"{first}–{last}"

    def elapsed(self, day: datetime.date) -> float | None:
        """Return the share of the period's days gone by the end of `day`, 0 to 1; None without a period."""
        if not self.starts_on or not self.ends_on:
            return None
        total = (self.ends_on - self.starts_on).days + 1
        return min(1.0, max(0.0, ((day - self.starts_on).days + 1) / total))


class CodeCounter(models.Model):
    """Last number given to a programme of a committee in a year; locked while the next is allocated."""

    owner = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "year"], name="codecounter_once")]

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


@pghistory.track(model_name="PartyHistory")
class Party(models.Model):
    """A body that signed, with its name as written then; the register row may since have been dissolved."""

    class Role(models.TextChoices):
        """Part in the signing."""

        LEAD = "lead", _("Lead")
        CO_LEAD = "co_lead", _("Co-lead")
        PARTICIPANT = "participant", _("Participant")
        WITNESS = "witness", _("Witness")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="signed_as")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.PARTICIPANT)
    name_as_signed = models.CharField(max_length=255)
    signer = models.CharField(max_length=120, blank=True)
    signer_title = models.CharField(max_length=160, blank=True)
    number = models.CharField(max_length=80, blank=True)  # a party's own number of the same document
    responsibilities = models.TextField(blank=True)
    spans = models.JSONField(default=dict, blank=True)  # "name", "signer", "duties" → span in the source
    position = models.PositiveSmallIntegerField(default=1)
    search_text = models.CharField(max_length=300, editable=False)

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "parties"
        constraints = [
            *one_of("party", role="lead co_lead participant witness"),
            models.UniqueConstraint(fields=["programme", "organisation"], name="party_once"),
            models.CheckConstraint(condition=~Q(name_as_signed=""), name="party_name_not_empty"),
        ]
        indexes = [
            GinIndex(fields=["search_text"], name="party_search", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.name_as_signed

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search column equal to the name."""
        self.search_text = vietnamese.fold(self.name_as_signed)
        super().save(*args, **kwargs)


class Goal(models.Model):
    """A purpose or requirement of the programme, in the order of the document."""

    class Kind(models.TextChoices):
        """Section I of a signed programme holds both."""

        PURPOSE = "purpose", _("Purpose")
        REQUIREMENT = "requirement", _("Requirement")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="goals")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PURPOSE)
    position = models.PositiveSmallIntegerField(default=1)
    text = models.TextField()
    span = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            *one_of("goal", kind="purpose requirement"),
            models.CheckConstraint(condition=~Q(text=""), name="goal_text_not_empty"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


@pghistory.track(model_name="MilestoneHistory")
class Milestone(models.Model):
    """An event of the programme's life that must happen: annual plan, interim and final review, renewal."""

    class Kind(models.TextChoices):
        """Kinds of milestone (domain.md section 1)."""

        ANNUAL_PLAN = "annual_plan", _("Annual plan")
        INTERIM_REVIEW = "interim_review", _("Interim review")
        FINAL_REVIEW = "final_review", _("Final review")
        RENEWAL = "renewal", _("Renewal")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="milestones")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=255, blank=True)
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    responsible = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(  # the plan, minutes or report that proves it
        "agreements.ProgrammeDocument", null=True, blank=True, on_delete=models.SET_NULL, related_name="milestones"
    )
    note = models.CharField(max_length=500, blank=True)
    span = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            *one_of("milestone", kind="annual_plan interim_review final_review renewal"),
            models.UniqueConstraint(fields=["programme", "kind", "due_on"], name="milestone_once"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.get_kind_display())


@pghistory.track(model_name="ReportingRuleHistory")
class ReportingRule(models.Model):
    """When the units of a programme report to a committee, as data (domain.md section 1: no single rule exists).

    `rule` holds what figures.periods.parse_rule understands. Several committees' rules stand side by side.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="reporting_rules")
    committee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    rule = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["programme", "committee"], name="reportingrule_once")]

    def __str__(self) -> str:
        return f"rule of {self.programme_id} for {self.committee_id}"


class ProgrammeDocument(models.Model):
    """A typed file of the programme: the signed scan, an annex, a decision. The original is never re-encoded."""

    class Kind(models.TextChoices):
        """What the paper is."""

        SIGNED = "signed", _("Signed document")
        ANNEX = "annex", _("Annex")
        PLAN = "plan", _("Annual plan")
        REPORT = "report", _("Report")
        DECISION = "decision", _("Decision")
        OTHER = "other", _("Other paper")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SIGNED)
    title = models.CharField(max_length=255)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="programme_document")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            *one_of("programmedocument", kind="signed annex plan report decision other"),
        ]
        ordering = ["-added_at"]

    def __str__(self) -> str:
        return self.title
