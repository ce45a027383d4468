"""What reviewers keep: pairs that are no duplicates, and sentences they return entries with."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from activities.models.doing import Activity
from core.models import User
from partners.models import Organisation


class NotDuplicate(models.Model):
    """Two activities that look alike and are not the same, said by a reviewer with a reason.

    It holds while both say what they said then: the fingerprints are those of the moment (services.duplicates).
    """

    first = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="+")
    first_content = models.CharField(max_length=32)
    second_content = models.CharField(max_length=32)
    reason = models.CharField(max_length=500)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="notduplicate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="notduplicate_ordered"),
            models.CheckConstraint(condition=~Q(reason=""), name="notduplicate_with_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"


class ReturnReason(models.Model):
    """A sentence a committee's reviewers return entries with; the most used stand first."""

    committee = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="return_reasons")
    text = models.CharField(max_length=300)
    uses = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-uses", "text"]
        constraints = [models.UniqueConstraint(fields=["committee", "text"], name="returnreason_once")]

    def __str__(self) -> str:
        return self.text
