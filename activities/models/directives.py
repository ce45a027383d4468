"""A leader's instruction on a programme or task: due for a unit, answered with a result, closed by the committee."""

from __future__ import annotations

import datetime

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models import Programme, Task
from core.models import StoredFile, User
from partners.models import Organisation, scope_of

SHOWN = 80  # characters by which a directive is named


def beginning(text: str) -> str:
    """Return how a directive is named: its first words, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1].rsplit(" ", 1)[0] + "…"


class DirectiveQuerySet(models.QuerySet["Directive"]):
    """Reads of directives."""

    def visible_to(self, user: User) -> DirectiveQuerySet:
        """Return those given to one's own units and, for Front people, those on programmes of their committees."""
        scope = scope_of(user)
        seen = Q(pk__in=[])
        for path in scope.committee_paths:
            seen |= Q(programme__owner__path__startswith=path)
        if scope.partner_ids:
            own = Q(unit__in=scope.own_ids | scope.partner_ids)
            seen |= own & Q(programme__in=Programme.objects.visible_to(user))
        return self.filter(seen)

    def owed(self) -> DirectiveQuerySet:
        """Return those the unit has still to answer."""
        return self.filter(state=Directive.State.ISSUED)

    def overdue(self, day: datetime.date) -> DirectiveQuerySet:
        """Return unanswered ones due before the day."""
        return self.owed().filter(due_on__lt=day)


@pghistory.track(model_name="DirectiveHistory")
class Directive(models.Model):
    """What a leader asks of a unit, with a date."""

    class State(models.TextChoices):
        """Issued until the unit answers; sent back it is issued again; closed or withdrawn it is over."""

        ISSUED = "issued", _("To be answered")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="directives")
    task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.PROTECT, related_name="directives")
    committee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="directives_given")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="directives")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ISSUED)
    issued_at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    files = models.ManyToManyField(StoredFile, blank=True, related_name="directives")
    # What the committee decided last: closing it, sending the answer back or withdrawing it.
    closing_note = models.CharField(max_length=1000, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = DirectiveQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="directive_text_not_empty"),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "closed"])
                | (~Q(answer="") & Q(answered_by__isnull=False) & Q(answered_at__isnull=False)),
                name="directive_answered_has_answer",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | ~Q(closing_note=""), name="directive_withdrawn_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["unit", "state", "due_on"])]

    @staticmethod
    def in_list(tab: str, day: datetime.date) -> Q:
        """Return the condition of a tab of the list; the five tabs are a partition. KeyError for an unknown one."""
        state = Directive.State
        return {
            "cho-tra-loi": Q(state=state.ISSUED, due_on__gte=day),
            "qua-han": Q(state=state.ISSUED, due_on__lt=day),
            "da-tra-loi": Q(state=state.ANSWERED),
            "ket-thuc": Q(state=state.CLOSED),
            "thu-hoi": Q(state=state.WITHDRAWN),
        }[tab]

    def __str__(self) -> str:
        return beginning(self.text)
