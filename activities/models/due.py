"""What falls due, of all four kinds in one shape: a view over deadlines, reports, directives and milestones.

One SELECT counts or lists all of it whatever the kind, which four queries put together in Python cannot do for a
committee that sees a hundred thousand rows. The view is made by migration 0009_due_work; whoever changes the type of a
column it reads drops it first and makes it anew.

Beside it stand its stored counts (DueCell), which first screens read (docs/decisions/0017-counted-due-work.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from activities.models.directives import beginning
from activities.models.reports import duty_words, period_of_code
from agreements.models import Milestone, Programme, Task
from core.models import one_of
from partners.models import Organisation, scope_of

if TYPE_CHECKING:
    from core.models import User


class DueWorkQuerySet(models.QuerySet["DueWork"]):
    """Reads of due work."""

    def visible_to(self, user: User) -> DueWorkQuerySet:
        """Return what the person may see: a committee everything of its programmes, a partner deadlines and milestones
        of programmes it takes part in, and of reports and directives those of its own units."""
        scope = scope_of(user)
        seen = Q(pk__in=[])
        for path in scope.committee_paths:
            seen |= Q(owner_path__startswith=path)
        if scope.partner_ids:
            # As a list: a condition on ids reaches every branch of the view, a subquery would be joined after them all.
            taking_part = list(Programme.objects.visible_to(user).live().order_by().values_list("pk", flat=True))
            shared = Q(kind__in=[DueWork.Kind.DEADLINE, DueWork.Kind.MILESTONE])
            seen |= Q(programme__in=taking_part) & (shared | Q(unit__in=scope.own_ids | scope.partner_ids))
        return self.filter(seen)


class DueWork(models.Model):
    """One deadline, report, directive or milestone of a programme being carried out (Programme.LIVE), done or not.

    Waived reports, withdrawn directives, and paused, carried-over and cancelled work are left out.
    """

    class Kind(models.TextChoices):
        """What it is, as the view writes it; the words of pages stand in insights.due."""

        DEADLINE = "deadline"
        REPORT = "report"
        DIRECTIVE = "directive"
        MILESTONE = "milestone"

    key = models.CharField(max_length=40, primary_key=True)  # "deadline-12"
    kind = models.CharField(max_length=10)
    thing = models.BigIntegerField()  # id of the row in the table of its kind
    due_on = models.DateField()
    # When it was over, by the calendar here: the day a deadline was done where an officer confirmed it, a milestone was
    # held, a report was sent (a returned one is owed again by its original date), a directive was answered.
    finished_on = models.DateField(null=True)
    # Who answers: the lead unit for a deadline, the responsible body for a milestone, else the owner committee; for a
    # report or directive the unit that owes it.
    unit = models.ForeignKey(Organisation, on_delete=models.DO_NOTHING, related_name="+")
    programme = models.ForeignKey(Programme, on_delete=models.DO_NOTHING, related_name="+")
    programme_status = models.CharField(max_length=12)
    owner = models.ForeignKey(Organisation, on_delete=models.DO_NOTHING, related_name="+")  # of the programme
    owner_path = models.CharField(max_length=200)
    committee = models.ForeignKey(Organisation, on_delete=models.DO_NOTHING, related_name="+")  # to which it is owed
    task = models.ForeignKey(Task, null=True, on_delete=models.DO_NOTHING, related_name="+")
    title = models.TextField()  # of the task, the report or the milestone; text of the directive
    form = models.CharField(max_length=16)  # kind of the report or of the milestone
    period = models.CharField(max_length=20)  # of the deadline or of the report
    standing = models.CharField(max_length=10)  # stored state of a deadline or directive, review of a begun report

    objects = DueWorkQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "activities_duework"
        ordering = ["due_on", "kind", "thing"]
        verbose_name_plural = "due work"

    def __str__(self) -> str:
        return due_words(self.kind, self.title, self.form, self.period)


class DueCell(models.Model):
    """The due work of one kind that one unit answers for in one programme: the due dates of all of it, in order.

    Dates instead of numbers, so that it says how much is overdue on any day and in any period, and nothing has to be
    counted anew at midnight. Holds unless its programme has a DueMark. No foreign keys in the database: they would
    lock the programme while it is counted.
    """

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    unit = models.ForeignKey(
        Organisation, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=DueWork.Kind.choices)
    open_on = ArrayField(models.DateField())
    on_time_on = ArrayField(models.DateField())
    late_on = ArrayField(models.DateField())

    class Meta:
        constraints = [
            *one_of("duecell", kind="deadline report directive milestone"),
            models.UniqueConstraint(fields=["programme", "unit", "kind"], name="duecell_once"),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.unit_id} {self.kind}"


class DueMark(models.Model):
    """Says that due work of a programme changed since it was counted; triggers of migration 0012_due_cells write it.

    A row for each change, never an update: whoever marks waits for nobody.
    """

    programme_id = models.BigIntegerField(db_index=True)  # also of one that is being deleted

    def __str__(self) -> str:
        return str(self.programme_id)


def deadline_words(title: str, period: str) -> str:
    """Return how a deadline is named: by its task, one of a recurring task with its period, "… (quý III/2026)"."""
    return f"{title} ({period_of_code(period)})" if period else title


def due_words(kind: str, title: str, form: str, period: str) -> str:
    """Return how a list names a piece of due work, from the columns of the view."""
    if kind == DueWork.Kind.DEADLINE:
        return deadline_words(title, period)
    if kind == DueWork.Kind.REPORT:
        return duty_words(form, period, title)
    if kind == DueWork.Kind.DIRECTIVE:
        return beginning(title)
    return title or str(Milestone.Kind(form).label)
