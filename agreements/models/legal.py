"""The register of legal documents and what rests on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from agreements.models.programmes import Programme
from core.models import one_of
from documents import vietnamese

if TYPE_CHECKING:
    from core.models import User


class LegalDocumentQuerySet(models.QuerySet["LegalDocument"]):
    """Reads of the register."""

    def visible_to(self, user: User) -> LegalDocumentQuerySet:
        """Return all: legal documents are readable by everyone signed in."""
        return self if user.is_authenticated else self.none()

    def search(self, query: str) -> LegalDocumentQuerySet:
        """Return those whose number, kind, issuer or subject contains the words; numbers match however written."""
        found = Q(search_text__contains=vietnamese.fold(query))
        number = vietnamese.folded_number(query)
        if number:
            found |= Q(number_key__contains=number)
        return self.filter(found)


@pghistory.track(model_name="LegalDocumentHistory")
class LegalDocument(models.Model):
    """A document that programmes rest on; identity = issuer, kind, folded number, year and day of issue."""

    class Effect(models.TextChoices):
        """Effect status, entered by a person with its source."""

        UNKNOWN = "unknown", _("Effect not checked")
        NOT_YET = "not_yet", _("Not yet in force")
        IN_FORCE = "in_force", _("In force")
        PARTLY = "partly", _("Partly expired")
        EXPIRED = "expired", _("Expired")
        REPLACED = "replaced", _("Replaced")

    kind = models.CharField(max_length=80)  # the word as written: "Chỉ thị", "Nghị quyết"
    number = models.CharField(max_length=80, blank=True)
    number_key = models.CharField(max_length=80, editable=False, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    issued_year = models.PositiveSmallIntegerField(null=True, blank=True)
    issuer = models.CharField(max_length=255, blank=True)
    subject = models.TextField(blank=True)
    effect_from = models.DateField(null=True, blank=True)
    effect_to = models.DateField(null=True, blank=True)
    effect = models.CharField(max_length=10, choices=Effect.choices, default=Effect.UNKNOWN)
    effect_source = models.CharField(max_length=255, blank=True)
    search_text = models.CharField(max_length=1200, editable=False)
    version = models.PositiveIntegerField(default=1)

    objects = LegalDocumentQuerySet.as_manager()

    class Meta:
        ordering = [F("issued_on").desc(nulls_last=True), "number_key"]
        constraints = [
            *one_of("legaldocument", effect="unknown not_yet in_force partly expired replaced"),
            models.CheckConstraint(
                condition=Q(issued_on=None) | Q(issued_year=ExtractYear("issued_on")),
                name="legaldocument_year_of_its_day",
            ),
            models.UniqueConstraint(
                fields=["issuer", "kind", "number_key", "issued_year", "issued_on"],
                name="legaldocument_identity",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=~Q(kind=""), name="legaldocument_kind_not_empty"),
            models.CheckConstraint(
                condition=Q(effect_to=None) | Q(effect_from=None) | Q(effect_to__gte=F("effect_from")),
                name="legaldocument_effect_order",
            ),
        ]
        indexes = [
            GinIndex(fields=["search_text"], name="legaldocument_search", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.kind, self.number) if part)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the folded number, the year and the search column equal to what they derive from."""
        self.number_key = vietnamese.folded_number(self.number)
        if self.issued_on:
            self.issued_year = self.issued_on.year
        self.search_text = vietnamese.fold(f"{self.kind} {self.number} {self.issuer} {self.subject}")[:1200]
        super().save(*args, **kwargs)

    @property
    def is_weak(self) -> bool:
        """Whether a programme resting on it needs a look: expired or replaced."""
        return self.effect in {self.Effect.EXPIRED, self.Effect.REPLACED}


class LegalRelation(models.Model):
    """One document acts on another: implements, amends, replaces, continues, issued with."""

    class Kind(models.TextChoices):
        """Relations of domain.md section 2 (f)."""

        IMPLEMENTS = "implements", _("implements")
        AMENDS = "amends", _("amends")
        REPLACES = "replaces", _("replaces")
        CONTINUES = "continues", _("continues")
        ISSUED_WITH = "issued_with", _("issued with")

    source = models.ForeignKey(LegalDocument, on_delete=models.CASCADE, related_name="relations_out")
    target = models.ForeignKey(LegalDocument, on_delete=models.CASCADE, related_name="relations_in")
    kind = models.CharField(max_length=12, choices=Kind.choices)

    class Meta:
        constraints = [
            *one_of("legalrelation", kind="implements amends replaces continues issued_with"),
            models.UniqueConstraint(fields=["source", "target", "kind"], name="legalrelation_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="legalrelation_other"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class LegalBasis(models.Model):
    """A programme rests on a document, with the words in which it says so."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="legal_bases")
    document = models.ForeignKey(LegalDocument, on_delete=models.PROTECT, related_name="bases")
    quoted = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=1)
    span = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "legal bases"
        constraints = [models.UniqueConstraint(fields=["programme", "document"], name="legalbasis_once")]

    def __str__(self) -> str:
        return str(self.document)
