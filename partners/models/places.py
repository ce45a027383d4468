"""Fields of work and localities."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.models import one_of
from documents import vietnamese


class FieldOfWork(models.Model):
    """A field such as poverty reduction; functions of a dissolved body go to successors per field."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    sort_key = models.CharField(max_length=400, editable=False, db_collation="C")

    class Meta:
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" and self.name_en else self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the sort key equal to the name."""
        self.sort_key = vietnamese.sort_key(self.name)
        super().save(*args, **kwargs)


class LocalityQuerySet(models.QuerySet["Locality"]):
    """Reads of the places; readable by everyone signed in."""

    def valid_on(self, day: datetime.date) -> LocalityQuerySet:
        """Return the units that exist on that day."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day))

    def communes(self) -> LocalityQuerySet:
        """Return communes, wards and special zones."""
        return self.filter(kind__in=[Locality.Kind.COMMUNE, Locality.Kind.WARD, Locality.Kind.SPECIAL_ZONE])

    def search(self, query: str) -> LocalityQuerySet:
        """Return those whose name contains the words, marks ignored, or whose code is the query."""
        return self.filter(Q(search_text__contains=vietnamese.fold(query)) | Q(code=query.strip()))


class Locality(models.Model):
    """An administrative unit by its official code; names collide (Văn Lang and Văn Lăng), codes do not."""

    class Kind(models.TextChoices):
        """Kinds since 1 July 2025, when the district level ended."""

        PROVINCE = "province", _("Province")
        DISTRICT = "district", _("District")
        COMMUNE = "commune", _("Commune")
        WARD = "ward", _("Ward")
        SPECIAL_ZONE = "special_zone", _("Special zone")

    code = models.CharField(max_length=10)
    name = models.CharField(max_length=120)  # with its kind word: "Xã Văn Lăng"
    kind = models.CharField(max_length=12, choices=Kind.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    successors = models.ManyToManyField("self", through="LocalitySuccession", symmetrical=False)
    sort_key = models.CharField(max_length=400, editable=False, db_collation="C")
    search_text = models.CharField(max_length=160, editable=False)

    objects = LocalityQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key"]
        constraints = [
            *one_of("locality", kind="province district commune ward special_zone"),
            models.UniqueConstraint(fields=["code", "valid_from"], name="locality_code", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")), name="locality_dates"
            ),
        ]
        indexes = [models.Index(fields=["sort_key"])]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the derived sort and search columns equal to the name (the kind word does not sort)."""
        bare = self.name.split(" ", 1)[1] if " " in self.name and self.kind in {"commune", "ward"} else self.name
        self.sort_key = vietnamese.sort_key(f"{bare} {self.name}")
        self.search_text = vietnamese.fold(self.name)
        super().save(*args, **kwargs)


class LocalitySuccession(models.Model):
    """Part of an old unit that went to a new one on a date; a split unit has several rows with shares."""

    predecessor = models.ForeignKey(Locality, on_delete=models.PROTECT, related_name="succession_out")
    successor = models.ForeignKey(Locality, on_delete=models.PROTECT, related_name="succession_in")
    effective_on = models.DateField()
    share = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor", "effective_on"], name="locality_succession"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="locality_succession_other"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id}"
