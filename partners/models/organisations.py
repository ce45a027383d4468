"""Organisations with dated names and parents, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.models import one_of
from documents import vietnamese
from partners.models.places import FieldOfWork, Locality

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.models import User


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Reads of the register of organisations; names are readable by everyone signed in."""

    def visible_to(self, user: User) -> OrganisationQuerySet:
        """Return all: names of organisations are readable by everyone signed in (design.md section 2)."""
        return self if user.is_authenticated else self.none()

    def active(self) -> OrganisationQuerySet:
        """Return those not dissolved."""
        return self.filter(status=Organisation.Status.ACTIVE)

    def committees(self) -> OrganisationQuerySet:
        """Return the Front committees, which own programmes."""
        return self.filter(kind=Organisation.Kind.FRONT_COMMITTEE)

    def under(self, paths: Iterable[str]) -> OrganisationQuerySet:
        """Return the bodies with one of the paths, and everything below them."""
        within = Q(pk__in=[])
        for path in paths:
            within |= Q(path__startswith=path)
        return self.filter(within).order_by()

    def below(self, organisation: Organisation) -> OrganisationQuerySet:
        """Return the organisation and everything under it by today's parents."""
        return self.filter(path__startswith=organisation.path)

    def heirs_of(self, ids: Iterable[int]) -> dict[int, list[Organisation]]:
        """Return, by id, the living bodies that stand for each now: itself, or where dissolved those that followed it.

        In two queries, one where none is dissolved; successions are few (hundreds in a country).
        """
        bodies = self.in_bulk(set(ids))
        gone = Organisation.Status.DISSOLVED
        after: dict[int, list[Organisation]] = {}
        if any(body.status == gone for body in bodies.values()):
            rows = Succession.objects.filter(predecessor__status=gone).select_related("successor")
            for row in rows.order_by("successor__sort_key", "successor_id"):
                after.setdefault(row.predecessor_id, []).append(row.successor)
        found: dict[int, list[Organisation]] = {}
        for pk, body in bodies.items():
            reached, edge = {pk: body}, [body]
            while edge:
                edge = [new for old in edge for new in after.get(old.pk, ()) if new.pk not in reached]
                reached |= {new.pk: new for new in edge}
            found[pk] = [one for one in reached.values() if one.status != gone]
        return found

    def gone_into(self, body: Organisation) -> OrganisationQuerySet:
        """Return the dissolved bodies, followed directly or not, for which a body stands now."""
        gone = self.filter(status=Organisation.Status.DISSOLVED)
        before = dict[int, set[int]]()
        for old, new in Succession.objects.filter(predecessor__in=gone).values_list("predecessor_id", "successor_id"):
            before.setdefault(new, set()).add(old)
        reached: set[int] = set()
        edge = {body.pk}
        while edge:
            edge = {old for new in edge for old in before.get(new, ())} - reached
            reached |= edge
        return gone.filter(pk__in=reached)

    def search(self, query: str) -> OrganisationQuerySet:
        """Return those with a present or former name containing the words, marks ignored."""
        folded = vietnamese.fold(query)
        # Each side through its own index; an OR of the two would look at every organisation of the country.
        present = Organisation.objects.filter(search_text__contains=folded).order_by().values("pk")
        names = OrganisationName.objects.filter(search_text__contains=folded).order_by().values("organisation")
        return self.filter(pk__in=present.union(names))

    def named(self, names: set[str]) -> dict[str, Organisation]:
        """Return, by the name as typed, the one active body that bears it (in full or short, case ignored)."""
        wanted = {name.casefold(): name for name in names}
        either = Q()
        for name in names:
            either |= Q(name__iexact=name) | Q(short_name__iexact=name)
        found: dict[str, set[Organisation]] = {}
        for body in self.active().filter(either) if names else ():
            for text in {body.name.casefold(), body.short_name.casefold()} & wanted.keys():
                found.setdefault(wanted[text], set()).add(body)
        return {name: bodies.pop() for name, bodies in found.items() if len(bodies) == 1}


@pghistory.track(model_name="OrganisationHistory", exclude=["updated_at"])
class Organisation(models.Model):
    """A body with a stable identity; what changes about it (names, parent, status) is dated."""

    class Kind(models.TextChoices):
        """What sort of body it is; Front kinds act as their committee."""

        FRONT_COMMITTEE = "front_committee", _("Front committee")
        FRONT_BOARD = "front_board", _("Board of a Front committee")
        SOCIO_POLITICAL = "socio_political", _("Socio-political organisation")
        MASS_ASSOCIATION = "mass_association", _("Mass association")
        DEPARTMENT = "department", _("Department")
        PEOPLES_COMMITTEE = "peoples_committee", _("People's Committee")
        PARTY_BODY = "party_body", _("Party body")
        ARMED_FORCES = "armed_forces", _("Armed forces")
        OTHER = "other", _("Other body")

    class Level(models.TextChoices):
        """Level of administration."""

        CENTRAL = "central", _("Central")
        PROVINCE = "province", _("Province")
        COMMUNE = "commune", _("Commune")

    class Status(models.TextChoices):
        """Whether it still exists."""

        ACTIVE = "active", _("Active")
        DISSOLVED = "dissolved", _("Dissolved")

    FRONT_KINDS = (Kind.FRONT_COMMITTEE, Kind.FRONT_BOARD)

    name = models.CharField(max_length=255)  # today's name; earlier ones in OrganisationName
    short_name = models.CharField(max_length=60, blank=True)
    name_en = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    level = models.CharField(max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=200, editable=False, blank=True)  # "/1/5/", set by services
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    locality = models.ForeignKey(Locality, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_demo = models.BooleanField(default=False)
    sort_key = models.CharField(max_length=800, editable=False, db_collation="C")
    search_text = models.CharField(max_length=400, editable=False)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key"]
        constraints = [
            *one_of(
                "organisation",
                kind="front_committee front_board socio_political mass_association department peoples_committee "
                "party_body armed_forces other",
                level="central province commune",
                status="active dissolved",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(started_on=None) | Q(ended_on__gte=F("started_on")),
                name="organisation_dates",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="organisation_not_own_parent"),
            models.CheckConstraint(
                condition=Q(status="active", ended_on=None) | Q(status="dissolved", ended_on__isnull=False),
                name="organisation_dissolved_has_date",
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="organisation_path", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["sort_key"]),
            GinIndex(fields=["search_text"], name="organisation_search", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" and self.name_en else self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the derived sort and search columns equal to the name."""
        self.sort_key = vietnamese.sort_key(self.name)
        self.search_text = vietnamese.fold(f"{self.name} {self.short_name}")
        super().save(*args, **kwargs)

    @property
    def is_front(self) -> bool:
        """Whether memberships here carry Front roles."""
        return self.kind in self.FRONT_KINDS


class OrganisationName(models.Model):
    """A name an organisation bore from a day on; reports of that time keep printing it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=255)
    short_name = models.CharField(max_length=60, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    search_text = models.CharField(max_length=400, editable=False)

    class Meta:
        ordering = [F("valid_from").desc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name", "valid_from"], name="organisationname_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")),
                name="organisationname_dates",
            ),
        ]
        indexes = [GinIndex(fields=["search_text"], name="organisationname_search", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search column equal to the name."""
        self.search_text = vietnamese.fold(f"{self.name} {self.short_name}")
        super().save(*args, **kwargs)


class OrganisationParent(models.Model):
    """A parent an organisation had from a day on; Organisation.parent holds today's."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="parents")
    parent = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "valid_from"], name="organisationparent_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} under {self.parent_id}"


class OrganisationEvent(models.Model):
    """What happened to organisations on a day, with the decision behind it."""

    class Kind(models.TextChoices):
        """Kinds of change (domain.md section 3)."""

        RENAME = "rename", _("Renamed")
        MERGE = "merge", _("Merged")
        SPLIT = "split", _("Split")
        DISSOLVE = "dissolve", _("Dissolved")
        REPARENT = "reparent", _("Moved under another body")
        TRANSFER = "transfer", _("Transfer of function")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    effective_on = models.DateField()
    decision = models.CharField(max_length=255, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            *one_of("organisationevent", kind="rename merge split dissolve reparent transfer"),
        ]
        ordering = ["-effective_on"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.effective_on}"


class Succession(models.Model):
    """Predecessor → successor of one event, per field of work; several successors are the rule."""

    event = models.ForeignKey(OrganisationEvent, on_delete=models.CASCADE, related_name="successions")
    predecessor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="successions_out")
    successor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="successions_in")
    field_of_work = models.ForeignKey(FieldOfWork, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    share = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(share=None) | Q(share__gt=0, share__lte=1), name="succession_share_of_one"
            ),
            models.UniqueConstraint(
                fields=["event", "predecessor", "successor", "field_of_work"],
                name="succession_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="succession_other"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id}"


class Contact(models.Model):
    """A person to call at an organisation; need not be a user."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="contacts")
    full_name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)

    def __str__(self) -> str:
        return self.full_name
