"""Pieces of work in a programme: tasks, their deadlines, indicators and targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agreements.models.periods import period_of_code
from agreements.models.programmes import Goal, Programme
from core.models import StoredFile, User, one_of
from documents import vietnamese
from partners.models import Organisation

if TYPE_CHECKING:
    import datetime


class ContentGroup(models.Model):
    """One of the seven near-identical groups of coordination content (domain.md section 1)."""

    number = models.PositiveSmallIntegerField(unique=True)
    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name


class TaskQuerySet(models.QuerySet["Task"]):
    """Reads of tasks."""

    def visible_to(self, user: User) -> TaskQuerySet:
        """Return the tasks of programmes the person may see."""
        return self.filter(programme__in=Programme.objects.visible_to(user))

    def led_by(self, organisation_ids: frozenset[int]) -> TaskQuerySet:
        """Return those whose lead unit is among the organisations."""
        return self.filter(lead__in=list(organisation_ids))

    def live(self) -> TaskQuerySet:
        """Return those that count in a programme: neither paused, carried over nor cancelled."""
        return self.exclude(state__in=Task.LEFT_OUT)

    def search(self, query: str) -> TaskQuerySet:
        """Return those whose title or code contains the words, marks ignored."""
        return self.filter(search_text__contains=vietnamese.fold(query))


@pghistory.track(model_name="TaskHistory", exclude=["updated_at"])
class Task(models.Model):
    """A piece of work in a programme, with one lead unit and any number of supporting ones."""

    class State(models.TextChoices):
        """Stored states; due soon, overdue and done late are computed from TaskDeadline dates."""

        PLANNED = "planned", _("Not started")
        RUNNING = "running", _("Under way")
        AWAITING = "awaiting", _("Awaiting confirmation")
        DONE = "done", _("Done")
        PAUSED = "paused", _("Paused")
        CARRIED = "carried", _("Carried over")
        CANCELLED = "cancelled", _("Cancelled")

    LEFT_OUT = (State.PAUSED, State.CARRIED, State.CANCELLED)

    class Recurrence(models.TextChoices):
        """How often its deadline returns."""

        ONCE = "once", _("Once")
        MONTH = "month", _("Every month")
        QUARTER = "quarter", _("Every quarter")
        HALF_YEAR = "half_year", _("Every half-year")
        YEAR = "year", _("Every year")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="tasks")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    content_group = models.ForeignKey(ContentGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=500)
    lead = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="led_tasks")
    supporting = models.ManyToManyField(Organisation, blank=True, related_name="supported_tasks")
    starts_on = models.DateField(null=True, blank=True)
    recurrence = models.CharField(max_length=10, choices=Recurrence.choices, default=Recurrence.ONCE)
    weight = models.DecimalField(max_digits=6, decimal_places=2, default=1)
    deliverable = models.CharField(max_length=255, blank=True)
    declared_share = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)  # "tự khai", 1 = all
    declared_reason = models.CharField(max_length=500, blank=True)
    source_clause = models.CharField(max_length=120, blank=True)
    span = models.JSONField(null=True, blank=True)
    spans = models.JSONField(default=dict, blank=True)  # "lead", "due_on", "quantity_1" … → span in the source
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    state_reason = models.CharField(max_length=500, blank=True)
    state_paper = models.CharField(max_length=255, blank=True)
    position = models.PositiveSmallIntegerField(default=1)
    sort_key = models.CharField(max_length=1700, editable=False, db_collation="C")
    search_text = models.CharField(max_length=800, editable=False)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["programme_id", "position", "id"]
        constraints = [
            *one_of(
                "task",
                recurrence="once month quarter half_year year",
                state="planned running awaiting done paused carried cancelled",
            ),
            models.CheckConstraint(condition=Q(weight__gt=0), name="task_weight_positive"),
            models.CheckConstraint(condition=~Q(title=""), name="task_title_not_empty"),
            models.CheckConstraint(
                condition=~Q(state__in=["paused", "carried", "cancelled"]) | ~Q(state_reason=""),
                name="task_stop_has_reason",
            ),
            models.UniqueConstraint(fields=["programme", "code"], condition=~Q(code=""), name="task_code_once"),
            models.CheckConstraint(
                condition=Q(declared_share=None)
                | (Q(declared_share__gte=0, declared_share__lte=1) & ~Q(declared_reason="")),
                name="task_declared_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["lead", "state"]),
            GinIndex(fields=["search_text"], name="task_search", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the derived sort and search columns equal to the title."""
        self.sort_key = vietnamese.sort_key(self.title)
        self.search_text = vietnamese.fold(f"{self.code} {self.title}")[:800]
        super().save(*args, **kwargs)


class TaskDeadlineQuerySet(models.QuerySet["TaskDeadline"]):
    """Reads of deadlines in the national four-way form; due today is not overdue."""

    def visible_to(self, user: User) -> TaskDeadlineQuerySet:
        """Return the deadlines of programmes the person may see."""
        return self.filter(task__programme__in=Programme.objects.visible_to(user))

    def live(self) -> TaskDeadlineQuerySet:
        """Return deadlines of tasks that count, in programmes being carried out."""
        return self.exclude(task__state__in=Task.LEFT_OUT).filter(task__programme__status__in=Programme.LIVE)

    def open(self) -> TaskDeadlineQuerySet:
        """Return those neither confirmed done nor cancelled."""
        return self.exclude(state__in=[TaskDeadline.State.DONE, TaskDeadline.State.CANCELLED])

    def overdue(self, day: datetime.date) -> TaskDeadlineQuerySet:
        """Return open ones due before the day."""
        return self.open().filter(due_on__lt=day)

    def due_within(self, day: datetime.date, days: int) -> TaskDeadlineQuerySet:
        """Return open ones due from the day on within so many days."""
        import datetime as dt

        return self.open().filter(due_on__gte=day, due_on__lte=day + dt.timedelta(days=days))

    def awaiting(self) -> TaskDeadlineQuerySet:
        """Return those reported done and waiting for an officer."""
        return self.filter(state=TaskDeadline.State.AWAITING)


@pghistory.track(model_name="TaskDeadlineHistory")
class TaskDeadline(models.Model):
    """The unit of every deadline figure: one row for a one-off task, one per period for a recurring one."""

    class State(models.TextChoices):
        """Whether the lead unit has reported it and an officer confirmed."""

        OPEN = "open", _("Open")
        AWAITING = "awaiting", _("Awaiting confirmation")
        RETURNED = "returned", _("Returned")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="deadlines")
    period = models.CharField(max_length=20, blank=True)  # "2026", "2026-Q3", empty for a one-off task
    original_due_on = models.DateField()
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    evidence_note = models.TextField(blank=True)
    reported_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reported_for = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.CharField(max_length=1000, blank=True)
    files = models.ManyToManyField(StoredFile, blank=True, related_name="deadlines")
    version = models.PositiveIntegerField(default=1)

    objects = TaskDeadlineQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            *one_of("taskdeadline", state="open awaiting returned done cancelled"),
            models.UniqueConstraint(fields=["task", "period"], name="taskdeadline_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "awaiting"]) | Q(done_on__isnull=False),
                name="taskdeadline_done_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""), name="taskdeadline_return_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | Q(reported_by=None) | ~Q(reviewed_by=F("reported_by")),
                name="taskdeadline_reviewer_not_author",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"])]

    def __str__(self) -> str:
        return f"{self.task} ({self.period_words})" if self.period else str(self.task)

    @property
    def period_words(self) -> str:
        """The period that a recurring task owes it for, in words; "" of a task that is done once."""
        return period_of_code(self.period)

    @property
    def of_period(self) -> dict[str, str]:
        """What the audit trail keeps beside the task: the period, which whoever reads it sees in their language."""
        return {"period": self.period} if self.period else {}


class ExtensionQuerySet(models.QuerySet["Extension"]):
    """Reads of requests for more time and of what became of them."""

    def visible_to(self, user: User) -> ExtensionQuerySet:
        """Return those on deadlines of programmes the person may see."""
        return self.filter(deadline__task__programme__in=Programme.objects.visible_to(user))

    def waiting(self) -> ExtensionQuerySet:
        """Return requests that an officer has still to decide, oldest first; not those overtaken by the work done."""
        closed = [TaskDeadline.State.DONE, TaskDeadline.State.CANCELLED]
        return (
            self.filter(state=Extension.State.REQUESTED, deadline__task__programme__status__in=Programme.LIVE)
            .exclude(deadline__state__in=closed)
            .exclude(deadline__task__state__in=Task.LEFT_OUT)
            .order_by("requested_at", "id")
        )


class Extension(models.Model):
    """A later due date, asked for by the unit or given by an officer, with reason and paper; the old date stays."""

    class State(models.TextChoices):
        """A request waits until an officer decides; one that an officer gives unasked is granted at once."""

        REQUESTED = "requested", _("Asked for")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")

    deadline = models.ForeignKey(TaskDeadline, on_delete=models.CASCADE, related_name="extensions")
    state = models.CharField(max_length=10, choices=State.choices, default=State.GRANTED)
    old_due_on = models.DateField()
    new_due_on = models.DateField()
    reason = models.CharField(max_length=500)
    paper = models.CharField(max_length=255, blank=True)
    requested_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    requested_for = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=500, blank=True)
    asked_due_on = models.DateField(null=True, blank=True)  # what the unit asked for; an officer may grant another day
    asked_paper = models.CharField(max_length=255, blank=True)  # by which paper it asked

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(new_due_on__gt=F("old_due_on")), name="extension_later"),
            models.CheckConstraint(
                condition=Q(state="requested", decided_by=None) | (~Q(state="requested") & Q(decided_by__isnull=False)),
                name="extension_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(decision_note=""), name="extension_refused_with_reason"
            ),
            models.UniqueConstraint(
                fields=["deadline"], condition=Q(state="requested"), name="extension_one_request_at_a_time"
            ),
            *one_of("extension", state="requested granted refused"),
        ]

    def __str__(self) -> str:
        return f"{self.old_due_on} → {self.new_due_on}"


@pghistory.track(model_name="IndicatorHistory")
class Indicator(models.Model):
    """What is counted for a task, and how its values roll up."""

    class Kind(models.TextChoices):
        """How a value behaves in time."""

        FLOW = "flow", _("Flow, added up")
        STOCK = "stock", _("Stock, last value")
        RATIO = "ratio", _("Ratio")
        MILESTONE = "milestone", _("Milestones")

    class Direction(models.TextChoices):
        """Which way is better."""

        UP = "up", _("Rising is better")
        DOWN = "down", _("Falling is better")

    class RollUp(models.TextChoices):
        """How values of several rows become one."""

        SUM = "sum", _("Sum")
        LATEST = "latest", _("Last value")
        AVERAGE = "average", _("Average")
        MAX = "max", _("Highest")

    class Counts(models.TextChoices):
        """Persons and turns are never added together."""

        NONE = "", _("Neither")
        PERSONS = "persons", _("Persons")
        HOUSEHOLDS = "households", _("Households")
        TURNS = "turns", _("Turns")

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="indicators")
    code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=255)
    unit = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.FLOW)
    direction = models.CharField(max_length=4, choices=Direction.choices, default=Direction.UP)
    roll_up = models.CharField(max_length=8, choices=RollUp.choices, default=RollUp.SUM)
    counts = models.CharField(max_length=10, choices=Counts.choices, default=Counts.NONE, blank=True)
    baseline = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    precision = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=255, blank=True)  # who publishes it, where partners do not type it
    is_entered_by_partner = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(counts__in=["", "persons", "households", "turns"]), name="indicator_counts_known"
            ),
            *one_of(
                "indicator", kind="flow stock ratio milestone", direction="up down", roll_up="sum latest average max"
            ),
            models.CheckConstraint(condition=Q(precision__lte=4), name="indicator_precision"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(unit=""), name="indicator_named"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.unit})"


@pghistory.track(model_name="TargetHistory")
class Target(models.Model):
    """What an indicator should reach in one period; the period is half-open [starts_on, ends_on)."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets")
    starts_on = models.DateField()
    ends_on = models.DateField()
    value = models.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "starts_on"], name="target_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="target_period_order"),
        ]

    def __str__(self) -> str:
        return f"{self.value} {self.starts_on}"
