"""What a unit owes a committee by when, and the report that answers it (design.md section 2)."""

from __future__ import annotations

import datetime
from typing import Any

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.models.doing import Evidence, Review
from agreements.models import Programme, ReportingRule, Task
from agreements.models.periods import period_of_code
from core.models import User
from partners.models import Organisation, scope_of


class ReportDutyQuerySet(models.QuerySet["ReportDuty"]):
    """Reads of duties; not due, due and overdue are computed from due_on, never stored."""

    def visible_to(self, user: User) -> ReportDutyQuerySet:
        """Return the duties of one's own units and, for Front people, of the programmes of their committees."""
        scope = scope_of(user)
        seen = Q(pk__in=[])
        for path in scope.committee_paths:
            seen |= Q(programme__owner__path__startswith=path)
        if scope.partner_ids:
            own = Q(unit__in=scope.own_ids | scope.partner_ids)
            seen |= own & Q(programme__in=Programme.objects.visible_to(user))
        return self.filter(seen)

    def waived(self) -> ReportDutyQuerySet:
        """Return those let off with a reason."""
        return self.filter(waived_at__isnull=False)

    def answered(self) -> ReportDutyQuerySet:
        """Return those whose report is sent or accepted; a returned one is not answered."""
        return self.filter(report__review__in=[Review.SUBMITTED, Review.ACCEPTED])

    def open(self) -> ReportDutyQuerySet:
        """Return those still owed: neither waived, nor sent, nor accepted."""
        sent = ProgressReport.objects.filter(duty=models.OuterRef("pk"), review__in=[Review.SUBMITTED, Review.ACCEPTED])
        return self.filter(~models.Exists(sent), waived_at=None)

    def overdue(self, day: datetime.date) -> ReportDutyQuerySet:
        """Return open ones due before the day; a returned report keeps its original due date."""
        return self.open().filter(due_on__lt=day)

    def due_within(self, day: datetime.date, days: int) -> ReportDutyQuerySet:
        """Return open ones due from the day on within so many days."""
        return self.open().filter(due_on__gte=day, due_on__lte=day + datetime.timedelta(days=days))


CALENDAR_KINDS = ("month", "quarter", "half_year", "year")  # the others come from a milestone or a request


def duty_words(kind: str, period: str, title: str) -> str:
    """Return how a duty is named: by its period, one that was asked for by its title."""
    if kind in CALENDAR_KINDS:
        return _("Report, %(period)s") % {"period": period_of_code(period)}
    return title or str(ReportDuty.Kind(kind).label)


@pghistory.track(model_name="ReportDutyHistory")
class ReportDuty(models.Model):
    """One unit owes one committee one report on one period of a programme.

    The data window is half-open, [starts_on, ends_on). Generated from a ReportingRule (rule set), from a milestone
    (interim, final) or asked for once by an officer (on_request, with a title).
    """

    class Kind(models.TextChoices):
        """Kinds of report (domain.md section 1)."""

        MONTH = "month", gettext_lazy("Monthly report")
        QUARTER = "quarter", gettext_lazy("Quarterly report")
        HALF_YEAR = "half_year", gettext_lazy("Half-year report")
        YEAR = "year", gettext_lazy("Yearly report")
        INTERIM = "interim", gettext_lazy("Report for the interim review")
        FINAL = "final", gettext_lazy("Report for the final review")
        ON_REQUEST = "on_request", gettext_lazy("Report on request")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="report_duties")
    rule = models.ForeignKey(ReportingRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="duties")
    committee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="report_duties_received")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="report_duties")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    period = models.CharField(max_length=20)  # "2026-H1"; a number of its own for one on request
    title = models.CharField(max_length=255, blank=True)
    request = models.TextField(blank=True)  # what an officer asks for, in words
    starts_on = models.DateField()
    ends_on = models.DateField()
    due_on = models.DateField()
    moved_from = models.DateField(null=True, blank=True)  # the day it was due before an officer moved it
    move_reason = models.CharField(max_length=500, blank=True)
    waived_at = models.DateTimeField(null=True, blank=True)
    waived_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    waive_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    objects = ReportDutyQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name_plural = "report duties"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "committee", "unit", "kind", "period"], name="reportduty_once"
            ),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="reportduty_window"),
            models.CheckConstraint(
                condition=Q(waived_at=None) | (~Q(waive_reason="") & Q(waived_by__isnull=False)),
                name="reportduty_waived_with_reason",
            ),
            models.CheckConstraint(condition=~Q(kind="on_request") | ~Q(title=""), name="reportduty_request_has_title"),
            models.CheckConstraint(
                condition=Q(moved_from=None) | ~Q(move_reason=""), name="reportduty_moved_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["unit", "due_on"]), models.Index(fields=["committee", "due_on"])]

    def __str__(self) -> str:
        return duty_words(self.kind, self.period, self.title)

    @property
    def last_day(self) -> datetime.date:
        """The last day of the data window."""
        return self.ends_on - datetime.timedelta(days=1)

    @property
    def is_waived(self) -> bool:
        """Whether the report was let off."""
        return self.waived_at is not None


class Rating(models.TextChoices):
    """How a unit, and beside it the reviewer, judges a task in a period."""

    REACHED = "reached", gettext_lazy("Reached")
    ON_TRACK = "on_track", gettext_lazy("On track")
    BEHIND = "behind", gettext_lazy("Behind")
    BLOCKED = "blocked", gettext_lazy("Obstacles")
    NOTHING = "nothing", gettext_lazy("No activity")


class ProgressReportQuerySet(models.QuerySet["ProgressReport"]):
    """Reads of reports."""

    def visible_to(self, user: User) -> ProgressReportQuerySet:
        """Return own reports in every state; Front people see others' from submission on; accepted ones of a
        programme are readable by its parties."""
        scope = scope_of(user)
        kept, own = Q(pk__in=[]), Q(author=user)
        for path in scope.committee_paths:
            kept |= Q(duty__programme__owner__path__startswith=path)
        if not scope.partner_paths:  # what Front roles see are the programmes of their committees
            for path in scope.own_paths:
                own |= Q(duty__unit__path__startswith=path)
            return self.filter(kept, own | ~Q(review=Review.DRAFT))
        seen = own | Q(duty__unit__in=scope.own_ids | scope.partner_ids) | Q(review=Review.ACCEPTED)
        seen |= kept & ~Q(review=Review.DRAFT)
        return self.filter(seen & Q(duty__programme__in=Programme.objects.visible_to(user)))

    def waiting(self) -> ProgressReportQuerySet:
        """Return those submitted and not yet decided, oldest first."""
        return self.filter(review=Review.SUBMITTED).order_by("submitted_at", "id")

    def waiting_for(self, user: User, *, is_officer: bool) -> ProgressReportQuerySet:
        """Return those waiting at the person's committees that the person neither wrote nor sent; a leader decides on
        what officers wrote."""
        ours = Q(pk__in=[])
        for path in scope_of(user).committee_paths:
            ours |= Q(duty__committee__path__startswith=path)
        rows = self.waiting().filter(ours).exclude(author=user).exclude(submitted_by=user)
        return rows if is_officer else rows.filter(acting_for__kind__in=Organisation.FRONT_KINDS)


@pghistory.track(model_name="ProgressReportHistory", exclude=["updated_at"])
class ProgressReport(models.Model):
    """The answer to a duty. Accepted, it is frozen: figures, targets and cut-off never change under it."""

    duty = models.OneToOneField(ReportDuty, on_delete=models.PROTECT, related_name="report")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    review = models.CharField(max_length=10, choices=Review.choices, default=Review.DRAFT)
    summary = models.TextField(blank=True)  # leadership and implementation in general
    obstacles = models.TextField(blank=True)
    proposals = models.TextField(blank=True)
    next_steps = models.TextField(blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.CharField(max_length=1000, blank=True)
    reviewer_note = models.CharField(max_length=1000, blank=True)
    cut_off = models.DateTimeField(null=True, blank=True)  # moment the figures were frozen, on acceptance
    figures = models.JSONField(default=dict, blank=True)  # frozen totals of the whole report
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(review="draft") | (Q(submitted_at__isnull=False) & Q(submitted_by__isnull=False)),
                name="progressreport_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(review="returned") | ~Q(return_reason=""), name="progressreport_return_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(review="accepted", cut_off__isnull=False) | (~Q(review="accepted") & Q(cut_off=None)),
                name="progressreport_frozen_when_accepted",
            ),
            models.CheckConstraint(
                condition=~Q(review__in=["accepted", "returned"])
                | (Q(reviewed_by__isnull=False) & ~Q(reviewed_by=F("author")) & ~Q(reviewed_by=F("submitted_by"))),
                name="progressreport_reviewer_not_author",
            ),
        ]
        indexes = [models.Index(fields=["review", "submitted_at"])]

    def __str__(self) -> str:
        return str(self.duty)


@pghistory.track(model_name="TaskReportHistory")
class TaskReport(models.Model):
    """One task in a report: the unit's own judgement, the reviewer's beside it, and the figures of the window."""

    report = models.ForeignKey(ProgressReport, on_delete=models.CASCADE, related_name="lines")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="reported")
    position = models.PositiveSmallIntegerField(default=1)
    self_rating = models.CharField(max_length=10, choices=Rating.choices, blank=True)
    reviewer_rating = models.CharField(max_length=10, choices=Rating.choices, blank=True)
    result = models.TextField(blank=True)
    obstacles = models.TextField(blank=True)
    proposals = models.TextField(blank=True)
    declared_share = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)  # per cent, "tự khai"
    declared_reason = models.CharField(max_length=500, blank=True)
    figures = models.JSONField(default=dict, blank=True)  # frozen on acceptance, with targets
    photos = models.ManyToManyField(Evidence, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "task"], name="taskreport_once"),
            models.CheckConstraint(
                condition=Q(declared_share=None)
                | (Q(declared_share__gte=0, declared_share__lte=100) & ~Q(declared_reason="")),
                name="taskreport_share_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.task)


class ReportVersion(models.Model):
    """A report as it stood when it was decided or reopened; append-only, so that versions can be compared."""

    class Cause(models.TextChoices):
        """Why this copy was kept."""

        SUBMITTED = "submitted", gettext_lazy("Handed in")
        RETURNED = "returned", gettext_lazy("Returned")
        ACCEPTED = "accepted", gettext_lazy("Accepted")
        REOPENED = "reopened", gettext_lazy("Reopened")

    report = models.ForeignKey(ProgressReport, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=10, choices=Cause.choices)
    reason = models.CharField(max_length=1000, blank=True)
    content = models.JSONField()  # everything a reader of the report sees
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="reportversion_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.cause}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to change a kept copy."""
        if self.pk is not None:
            raise ValueError("a kept version of a report never changes")
        super().save(*args, **kwargs)
