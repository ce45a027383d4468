"""Stored totals, written only by agreements.services (record_result and its reverse); `recount --check` proves them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from agreements.models.programmes import Programme
from agreements.models.tasks import Indicator, Task
from core.models import one_of
from partners.models import Locality, Organisation


class Tally(models.Model):
    """Accepted results of one measure × unit × locality × month; nothing on a page scans activities."""

    class Measure(models.TextChoices):
        """An indicator, or what every activity of a task carries."""

        INDICATOR = "indicator"
        ACTIVITIES = "activities"
        PERSONS = "persons"
        HOUSEHOLDS = "households"
        TURNS = "turns"
        VALUE = "value"  # đồng
        UNPROVEN = "unproven"  # activities accepted without a photo or file

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="tallies")
    measure = models.CharField(max_length=10, choices=Measure.choices)
    indicator = models.ForeignKey(Indicator, null=True, blank=True, on_delete=models.CASCADE, related_name="tallies")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    locality = models.ForeignKey(Locality, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()  # first day of the month in Vietnam
    sum = models.DecimalField(max_digits=22, decimal_places=4, default=0)
    numerator = models.DecimalField(max_digits=22, decimal_places=4, default=0)
    denominator = models.DecimalField(max_digits=22, decimal_places=4, default=0)
    count = models.PositiveIntegerField(default=0)
    max = models.DecimalField(max_digits=22, decimal_places=4, null=True, blank=True)
    latest = models.DecimalField(max_digits=22, decimal_places=4, null=True, blank=True)
    latest_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            *one_of("tally", measure="indicator activities persons households turns value unproven"),
            models.CheckConstraint(condition=Q(month__day=1), name="tally_month_is_its_first_day"),
            models.UniqueConstraint(
                fields=["task", "measure", "indicator", "unit", "locality", "month"],
                name="tally_cell",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(measure="indicator", indicator__isnull=False)
                | (~Q(measure="indicator") & Q(indicator=None)),
                name="tally_indicator_when_named",
            ),
        ]
        indexes = [models.Index(fields=["indicator", "month"]), models.Index(fields=["task", "measure", "month"])]

    def __str__(self) -> str:
        return f"{self.measure} {self.month} {self.sum}"


class FigureFields(models.Model):
    """The figures of a programme on a day (definitions: agreements/figures.py). Shares are 0 to 1; None = no data."""

    progress = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)  # P
    expected = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)  # E
    elapsed = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)  # time gone
    pace = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)  # s = P ÷ E
    standing = models.CharField(max_length=12, default="no_data")  # behind, on_track, ahead, no_data, too_early
    tasks_live = models.PositiveIntegerField(default=0)
    tasks_with_data = models.PositiveIntegerField(default=0)
    done_on_time = models.PositiveIntegerField(default=0)
    done_late = models.PositiveIntegerField(default=0)
    within_deadline = models.PositiveIntegerField(default=0)
    overdue = models.PositiveIntegerField(default=0)
    activities = models.PositiveIntegerField(default=0)
    last_activity_on = models.DateField(null=True, blank=True)
    next_due_on = models.DateField(null=True, blank=True)
    next_due_task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        abstract = True


class ProgrammeFigure(FigureFields):
    """The current figures of a programme; what lists and the dashboard read."""

    programme = models.OneToOneField(Programme, on_delete=models.CASCADE, related_name="figure")
    computed_on = models.DateField()
    computed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.programme_id} {self.progress}"


class DailyFigure(FigureFields):
    """The dated copy: what was known on a past day.

    The figures above count deadlines of tasks; due work is deadlines, reports, directives and milestones together, as
    it stood when the day was over. NULL until then, and of days before it was kept: not known, which is no 0.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="daily_figures")
    day = models.DateField()
    due_overdue = models.PositiveIntegerField(null=True, blank=True)
    due_on_time = models.PositiveIntegerField(null=True, blank=True)
    due_late = models.PositiveIntegerField(null=True, blank=True)
    # When that was counted, by the clock of the row history: what changed later is not in it. NULL: not kept either.
    due_counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "day"], name="dailyfigure_once"),
            models.CheckConstraint(
                condition=Q(due_overdue=None, due_on_time=None, due_late=None)
                | Q(due_overdue__isnull=False, due_on_time__isnull=False, due_late__isnull=False),
                name="dailyfigure_due_work_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.day}"
