"""Doing the work: activities, their measurements and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.models import Indicator, Programme, Task
from core.models import StoredFile, User
from documents import vietnamese
from partners.models import Locality, Organisation, scope_of

if TYPE_CHECKING:
    import datetime


class Review(models.TextChoices):
    """Review state of an activity or measurement (design.md section 2)."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for review")
    RETURNED = "returned", _("To be completed")
    ACCEPTED = "accepted", _("Accepted")


def first_words(text: str) -> str:
    """Return the beginning of a text in at most 80 characters, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79].rsplit(" ", 1)[0] + "…"


class OwnedQuerySet(models.QuerySet[Any]):
    """The reading rule shared by activities and measurements."""

    def _open_to_front(self) -> Q:
        return ~Q(review=Review.DRAFT)

    @staticmethod
    def _is_open(user: User) -> bool:
        """Whether everything ever sent in the programmes the person may see is open: to Front roles alone."""
        scope = scope_of(user)
        return scope.is_front and not scope.partner_paths

    def shown_by_stage(self, user: User) -> tuple[Any, Any]:
        """Return what is shown within programmes found by visible_to in two parts: what was ever sent, and drafts."""
        drafts = self.filter(self._shown_to(user), review=Review.DRAFT)
        sent = self.exclude(review=Review.DRAFT)
        return sent if self._is_open(user) else sent.filter(self._shown_to(user)), drafts

    def visible_by_stage(self, user: User) -> tuple[Any, Any]:
        """Return what the person may see in the same two parts."""
        sent, drafts = self.shown_by_stage(user)
        seen = Q(task__programme__in=Programme.objects.visible_to(user))
        return sent.filter(seen), drafts.filter(seen)

    def _seen_by(self, user: User) -> Q:
        """Those of the programmes the person may see that are shown to the person."""
        return Q(task__programme__in=Programme.objects.visible_to(user)) & self._shown_to(user)

    def _shown_to(self, user: User) -> Q:
        """Own items in every state; others' accepted results; Front people see others' from submission on.

        Asked within the programmes the person may see, which for Front roles alone are those of the own committees.
        """
        scope = scope_of(user)
        if self._is_open(user):
            # Not as ids: below the centre there are thousands.
            units = Organisation.objects.under(scope.committee_paths).values("pk")
            return self._open_to_front() | Q(author=user) | Q(unit__in=units) | Q(acting_for__in=units)
        own = Q(unit__in=scope.own_ids | scope.partner_ids) | Q(acting_for__in=scope.own_ids)
        mine = Q(author=user)
        foreign = Q(review=Review.ACCEPTED)
        if scope.is_front:
            front = Q()
            for path in scope.committee_paths:
                front |= Q(task__programme__owner__path__startswith=path)
            foreign |= front & self._open_to_front()
        return own | mine | foreign


class ActivityQuerySet(OwnedQuerySet):
    """Reads of activities."""

    def _open_to_front(self) -> Q:
        """A plan that was sent is open while it is a plan; marked as held it is a draft until submitted."""
        return super()._open_to_front() | (Q(plan_sent_at__isnull=False) & ~Q(occurrence=Activity.Occurrence.HELD))

    def visible_to(self, user: User) -> ActivityQuerySet:
        """Return what the person may see (design.md section 2, scope)."""
        return self.filter(self._seen_by(user))

    def shown_to(self, user: User) -> ActivityQuerySet:
        """Return what the person may see within programmes that were found by visible_to; never asked alone."""
        return self.filter(self._shown_to(user))

    def accepted(self) -> ActivityQuerySet:
        """Return those that count."""
        return self.filter(review=Review.ACCEPTED)

    def planned(self) -> ActivityQuerySet:
        """Return what is still to take place (or should have by now), the nearest first; none of it counts."""
        return self.filter(occurrence__in=Activity.AHEAD).order_by(F("starts_on").asc(nulls_last=True), "id")

    def past_plans(self, day: datetime.date) -> ActivityQuerySet:
        """Return plans whose last day has passed although nobody said whether they took place."""
        passed = Q(ends_on__lt=day) | Q(ends_on=None, starts_on__lt=day)
        return self.planned().filter(passed)

    def not_planned(self) -> ActivityQuerySet:
        """Return what took place or was cancelled."""
        return self.exclude(occurrence__in=Activity.AHEAD)

    def waiting(self) -> ActivityQuerySet:
        """Return those submitted and not yet decided, oldest first."""
        return self.filter(review=Review.SUBMITTED).order_by("submitted_at", "id")

    def search(self, query: str) -> ActivityQuerySet:
        """Return those whose title or text contains the words, marks ignored."""
        return self.filter(search_text__contains=vietnamese.fold(query))


@pghistory.track(model_name="ActivityHistory", exclude=["updated_at"])
class Activity(models.Model):
    """One thing done for a task: one record from planned to held or cancelled, with its own review."""

    class Occurrence(models.TextChoices):
        """Whether it took place."""

        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        CANCELLED = "cancelled", _("Cancelled")
        POSTPONED = "postponed", _("Postponed")

    AHEAD = (Occurrence.PLANNED, Occurrence.POSTPONED)  # a postponed one carries its new day in starts_on

    class Funding(models.TextChoices):
        """Where the value came from."""

        BUDGET = "budget", _("State budget")
        FUND = "fund", _("Fund for the Poor")
        MOBILISED = "mobilised", _("Mobilised from society")
        IN_KIND = "in_kind", _("In kind, converted")

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="activities")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="activities")  # who did it
    joint_units = models.ManyToManyField(Organisation, blank=True, related_name="joint_activities")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")  # author's organisation
    title = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    locality = models.ForeignKey(Locality, null=True, blank=True, on_delete=models.PROTECT, related_name="activities")
    place = models.CharField(max_length=200, blank=True)
    what_was_done = models.TextField(blank=True)
    households = models.PositiveIntegerField(null=True, blank=True)
    persons = models.PositiveIntegerField(null=True, blank=True)
    turns = models.PositiveIntegerField(null=True, blank=True)
    beneficiary_group = models.CharField(max_length=120, blank=True)
    is_approximate = models.BooleanField(default=False)
    value = models.BigIntegerField(null=True, blank=True)  # đồng, in cash and in kind together
    value_in_kind = models.BigIntegerField(null=True, blank=True)  # the part of it given in kind, converted
    value_source = models.CharField(max_length=10, choices=Funding.choices, blank=True)
    occurrence = models.CharField(max_length=10, choices=Occurrence.choices, default=Occurrence.HELD)
    occurrence_reason = models.CharField(max_length=500, blank=True)
    # When the plan was sent, so that the committee sees it; it stays a draft and counts nowhere.
    plan_sent_at = models.DateTimeField(null=True, blank=True)
    copied_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    copied_fields = models.JSONField(default=list, blank=True)  # names of texts taken over and not changed since
    review = models.CharField(max_length=10, choices=Review.choices, default=Review.DRAFT)
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.CharField(max_length=1000, blank=True)
    is_demo = models.BooleanField(default=False)
    search_text = models.TextField(editable=False, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = [F("starts_on").desc(nulls_last=True), "-id"]
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="activity_dates"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0), name="activity_value_not_negative"),
            models.CheckConstraint(
                condition=Q(value_in_kind=None) | Q(value_in_kind__gte=0, value_in_kind__lte=F("value")),
                name="activity_in_kind_is_a_part",
            ),
            models.CheckConstraint(
                condition=Q(review="draft")
                | (Q(starts_on__isnull=False) & ~Q(what_was_done="") & Q(submitted_at__isnull=False)),
                name="activity_submitted_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(review__in=["draft", "returned"]) | Q(occurrence="held"), name="activity_sent_was_held"
            ),
            models.CheckConstraint(
                condition=~Q(review="returned") | ~Q(return_reason=""), name="activity_return_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(review__in=["accepted", "returned"])
                | (Q(reviewed_by__isnull=False) & ~Q(reviewed_by=F("author"))),
                name="activity_reviewer_not_author",
            ),
            models.CheckConstraint(
                condition=~Q(occurrence__in=["cancelled", "postponed"]) | ~Q(occurrence_reason=""),
                name="activity_stop_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["review", "submitted_at"]),
            GinIndex(fields=["search_text"], name="activity_search", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["task", "review", "starts_on"]),
            models.Index(fields=["unit", "review"]),
            # Lists merge the latest of each task that were ever sent.
            models.Index(
                "task",
                F("starts_on").desc(nulls_last=True),
                F("id").desc(),
                name="activity_of_task",
                condition=~Q(review="draft"),
            ),
            # How long reviews take is asked of the days in which they were decided.
            models.Index(fields=["reviewed_at"], name="activity_decided"),
            # The list of a country reads its first page from here, in the order of `ordering`.
            models.Index(F("starts_on").desc(nulls_last=True), F("id").desc(), name="activity_latest"),
            # The calendar asks for the few that are still to come.
            models.Index(
                fields=["starts_on"], condition=Q(occurrence__in=["planned", "postponed"]), name="activity_ahead"
            ),
            # And of those of the tasks of one committee among all that the country has.
            models.Index(
                fields=["task"], condition=Q(occurrence__in=["planned", "postponed"]), name="activity_ahead_of_task"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search column equal to the texts."""
        self.search_text = vietnamese.fold(f"{self.title} {self.what_was_done} {self.place}")
        super().save(*args, **kwargs)

    @property
    def is_ahead(self) -> bool:
        """Whether it is planned or postponed: it has not taken place, as far as anybody said."""
        return self.occurrence in self.AHEAD

    @property
    def is_past_plan(self) -> bool:
        """Whether the last day of the plan has passed and nobody said whether it took place."""
        last = self.ends_on or self.starts_on
        return bool(self.is_ahead and last and last < timezone.localdate())

    @property
    def name(self) -> str:
        """What lists show: the title, else the first words of what was done."""
        return self.title or first_words(self.what_was_done)


class MeasurementQuerySet(OwnedQuerySet):
    """Reads of measurements."""

    def visible_to(self, user: User) -> MeasurementQuerySet:
        """Return what the person may see, as for activities."""
        return self.filter(self._seen_by(user))

    def accepted(self) -> MeasurementQuerySet:
        """Return those that count."""
        return self.filter(review=Review.ACCEPTED)


@pghistory.track(model_name="MeasurementHistory")
class Measurement(models.Model):
    """A value of an indicator on a day; comes with an activity, or alone from a decision (a poverty rate)."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="measurements")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="measurements")
    activity = models.ForeignKey(Activity, null=True, blank=True, on_delete=models.CASCADE, related_name="measurements")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    locality = models.ForeignKey(Locality, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    value = models.DecimalField(max_digits=18, decimal_places=4)
    numerator = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    is_approximate = models.BooleanField(default=False)
    source = models.CharField(max_length=255, blank=True)
    review = models.CharField(max_length=10, choices=Review.choices, default=Review.DRAFT)
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.CharField(max_length=1000, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        ordering = ["-as_of", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "indicator"], name="measurement_once_an_activity"),
            models.CheckConstraint(
                condition=Q(denominator=None) | Q(denominator__gt=0), name="measurement_denominator"
            ),
            models.CheckConstraint(
                condition=~Q(review__in=["accepted", "returned"])
                | (Q(reviewed_by__isnull=False) & ~Q(reviewed_by=F("author"))),
                name="measurement_reviewer_not_author",
            ),
        ]
        indexes = [models.Index(fields=["indicator", "review", "as_of"])]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.value} {self.as_of}"


class Evidence(models.Model):
    """A photo (re-encoded, without location) or a file that proves an activity."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="evidence")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="evidence")
    caption = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.caption or str(self.file)


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Reads of contributions."""

    def visible_to(self, user: User) -> ContributionQuerySet:
        """Return those of the activities the person may see."""
        return self.filter(activity__in=Activity.objects.visible_to(user))

    def of(self, organisation: Organisation) -> ContributionQuerySet:
        """Return what one body gave, the latest activity first."""
        return self.filter(organisation=organisation).order_by(F("activity__starts_on").desc(nulls_last=True), "-id")


class Contribution(models.Model):
    """What one funder gave to the result of an activity: a house paid by three is one house, with three shares."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="contributions")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="contributions"
    )
    funder = models.CharField(max_length=255, blank=True)  # who is no body of the register
    amount = models.BigIntegerField()  # đồng
    is_in_kind = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=1)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="contribution_amount_positive"),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, funder="") | (Q(organisation=None) & ~Q(funder="")),
                name="contribution_has_one_funder",
            ),
            models.UniqueConstraint(
                fields=["activity", "organisation", "funder", "is_in_kind"],
                name="contribution_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver}: {self.amount}"

    @property
    def giver(self) -> str:
        """Who gave it."""
        return self.organisation.name if self.organisation else self.funder
