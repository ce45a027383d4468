"""The ladder of reminders as data, and the log of every one that was sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activities.models.directives import Directive
from activities.models.reports import ReportDuty
from agreements.models import Milestone, Programme, TaskDeadline
from core.models import User
from partners.models import Organisation, scope_of


class ReminderStep(models.Model):
    """One rung: so many days before (negative) or after the due date, and up to whom it goes."""

    class Audience(models.TextChoices):
        """Each includes those before it."""

        REPORTER = "reporter", _("Those who report for the unit")
        HEAD = "head", _("Also the head of the unit")
        LEADER = "leader", _("Also the leader of the committee")

    days = models.SmallIntegerField(unique=True)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.REPORTER)

    class Meta:
        ordering = ["days"]
        constraints = [models.CheckConstraint(condition=Q(days__gte=-60, days__lte=180), name="reminderstep_days")]

    def __str__(self) -> str:
        return f"{self.days:+d} {self.audience}"


class NudgeQuerySet(models.QuerySet["Nudge"]):
    """Reads of the log of reminders."""

    def visible_to(self, user: User) -> NudgeQuerySet:
        """Return reminders about programmes the person may see; partners those that went to their own units."""
        scope = scope_of(user)
        about = Q(pk__in=[])
        for path in scope.committee_paths:
            for thing in ("duty", "deadline__task", "milestone", "directive"):
                about |= Q(**{f"{thing}__programme__owner__path__startswith": path})
        if scope.partner_ids:
            taking_part = Programme.objects.visible_to(user)
            theirs = Q(duty__programme__in=taking_part) | Q(deadline__task__programme__in=taking_part)
            theirs |= Q(milestone__programme__in=taking_part) | Q(directive__programme__in=taking_part)
            about |= theirs if scope.is_front else theirs & Q(unit__in=scope.own_ids | scope.partner_ids)
        return self.filter(about)

    def addressed_to(self, user: User) -> NudgeQuerySet:
        """Return what a person reads of reminders about things already found through visible_to."""
        scope = scope_of(user)
        return self if scope.is_front else self.filter(unit__in=scope.own_ids | scope.partner_ids)

    def named(self) -> NudgeQuerySet:
        """Return them with the people that a line of the log names."""
        return self.select_related("user", "sent_by")


class Nudge(models.Model):
    """One reminder that went to one person about one thing owed; each rung once, whatever restarts."""

    duty = models.ForeignKey(ReportDuty, null=True, blank=True, on_delete=models.CASCADE, related_name="nudges")
    deadline = models.ForeignKey(TaskDeadline, null=True, blank=True, on_delete=models.CASCADE, related_name="nudges")
    milestone = models.ForeignKey(Milestone, null=True, blank=True, on_delete=models.CASCADE, related_name="nudges")
    directive = models.ForeignKey(Directive, null=True, blank=True, on_delete=models.CASCADE, related_name="nudges")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="nudges")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="nudges")
    days = models.SmallIntegerField(null=True, blank=True)  # the rung; None for one sent by hand
    due_on = models.DateField()  # as it stood then: an extension begins the ladder anew
    sent_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(auto_now_add=True)

    objects = NudgeQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "deadline", "milestone", "directive", "user", "days", "due_on"],
                name="nudge_each_rung_once",
                nulls_distinct=False,
                condition=Q(days__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(duty__isnull=False, deadline=None, milestone=None, directive=None)
                | Q(duty=None, deadline__isnull=False, milestone=None, directive=None)
                | Q(duty=None, deadline=None, milestone__isnull=False, directive=None)
                | Q(duty=None, deadline=None, milestone=None, directive__isnull=False),
                name="nudge_about_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.days} {self.due_on}"

    @property
    def words(self) -> str:
        """Which rung it was, in words."""
        if self.days is None:
            return gettext("sent by hand")
        if self.days == 0:
            return gettext("on the day")
        if self.days < 0:
            return ngettext("%(n)s day before", "%(n)s days before", -self.days) % {"n": -self.days}
        return ngettext("%(n)s day after", "%(n)s days after", self.days) % {"n": self.days}
