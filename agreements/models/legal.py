"""The register of legal documents and what rests on them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import ExtractYear
from django.db.models.lookups import Exact, IsNull
from django.utils.translation import gettext_lazy as _

from agreements.models.programmes import Programme
from core.models import User, one_of
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Callable

# A number among typed words: all of it where it comes first or after "số", else from where it has a separator.
_NUMBER_TYPED = re.compile(r"(?:^\s*|\bsố[ :.]*|\b(?=\d{1,5}\s*[-–/]))(\d.*)", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


class LegalDocumentQuerySet(models.QuerySet["LegalDocument"]):
    """Reads of the register."""

    def visible_to(self, user: User) -> LegalDocumentQuerySet:
        """Return all: legal documents are readable by everyone signed in."""
        return self if user.is_authenticated else self.none()

    def search(self, query: str) -> LegalDocumentQuerySet:
        """Return those whose number, kind, issuer, subject or alias contains the words; numbers match however written.

        Two numbers of a document are its own and those it was also written as.
        """
        words = vietnamese.fold(query)
        found = Q(search_text__contains=words)
        named = Q(key__contains=words)
        typed = _NUMBER_TYPED.search(query)
        number = vietnamese.folded_number(_SPACES.sub("-", typed[1])) if typed else ""
        if number:
            found |= Q(number_key__startswith=number)  # 05-CT/TW is no part of 305-CT/TW
            named |= Q(key__startswith=number)
        found |= Q(Exists(LegalAlias.objects.filter(named, document=OuterRef("pk"))))
        return self.filter(found)

    def weak(self) -> LegalDocumentQuerySet:
        """Return those that expired or were replaced."""
        return self.filter(effect__in=LegalDocument.WEAK)

    def twins(self) -> LegalDocumentQuerySet:
        """Return those that may be entered twice: candidates of a merge, for a person to judge.

        Same number (own, or also written as) with days that do not contradict, and of one kind or of one day; same
        kind, issuer and day where one has no number; or a shared alias. The relation holds both ways.
        """
        return self.filter(_is_twin())

    def twins_of(self, document: LegalDocument) -> LegalDocumentQuerySet:
        """Return the other documents that may be the same as this one; see twins."""
        keys = LegalAlias.objects.filter(document=document).values("key")
        sharing = LegalAlias.objects.filter(Q(key=document.number_key) | Q(key__in=keys)).values("document")
        near = Q(pk__in=sharing) | Q(number_key__in=keys)
        if document.number_key:
            near |= Q(number_key=document.number_key)
        if document.issued_on:
            near |= Q(issued_on=document.issued_on)
        return self.exclude(pk=document.pk).filter(near).filter(_is_twin(document.pk))


def _is_twin(of: int | None = None) -> Q:
    """Return the condition of `twins`; with `of`, of being a twin of that row.

    One subquery for each rule, each beginning at an index: a single one with OR inside compares all with all.
    """
    documents, aliases = LegalDocument.objects.all(), LegalAlias.objects.all()
    if of is not None:
        documents, aliases = documents.filter(pk=of), aliases.filter(document=of)
    own = LegalAlias.objects.filter(document=OuterRef("pk"))
    others = documents.exclude(pk=OuterRef("pk"))
    same_number = others.exclude(number_key="").filter(_agrees("", OuterRef), number_key=OuterRef("number_key"))
    written_so = aliases.filter(_agrees("document__", OuterRef), kind="number", key=OuterRef("number_key"))
    written_here = documents.filter(_agrees("", _outer_twice), number_key=OuterRef("key"))
    bare = Q(number_key="") | Q(Exact(OuterRef("number_key"), Value("")))
    same_day = others.filter(
        bare, issued_on=OuterRef("issued_on"), kind_key=OuterRef("kind_key"), issuer=OuterRef("issuer")
    )
    same_name = aliases.filter(kind="name", key=OuterRef("key")).exclude(document=_outer_twice("pk"))
    return (
        Q(Exists(same_number))
        | Q(Exists(written_so.exclude(document=OuterRef("pk"))))
        | Q(Exists(own.filter(Exists(written_here.exclude(pk=_outer_twice("pk"))), kind="number")))
        | Q(Exists(same_day))
        | Q(Exists(own.filter(Exists(same_name), kind="name")))
    )


def _outer_twice(name: str) -> OuterRef:
    return OuterRef(OuterRef(name))


def _agrees(path: str, outer: Callable[[str], OuterRef]) -> Q:
    """Return the condition that day and year do not contradict those of the outer row, and kind or day is the same."""

    def fits(name: str) -> Q:
        known = Q(**{f"{path}{name}": None}) | Q(**{f"{path}{name}": outer(name)})
        return known | Q(IsNull(outer(name), True))

    one = Q(**{f"{path}kind_key": outer("kind_key")}) | Q(**{f"{path}issued_on": outer("issued_on")})
    return fits("issued_year") & fits("issued_on") & one


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

    WEAK = (Effect.EXPIRED, Effect.REPLACED)

    kind = models.CharField(max_length=80)  # the word as written: "Chỉ thị", "Nghị quyết"
    kind_key = models.CharField(max_length=80, editable=False, default="")  # folded kind
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
            models.Index(fields=["number_key", "kind_key"], name="legaldocument_number"),
            models.Index(fields=["issued_on"], name="legaldocument_day"),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.kind, self.number) if part)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the folded number and kind, the year and the search column equal to what they derive from."""
        self.kind_key = vietnamese.fold(self.kind)
        self.number_key = vietnamese.folded_number(self.number)
        if self.issued_on:
            self.issued_year = self.issued_on.year
        self.search_text = vietnamese.fold(f"{self.kind} {self.number} {self.issuer} {self.subject}")[:1200]
        super().save(*args, **kwargs)

    @property
    def is_weak(self) -> bool:
        """Whether a programme resting on it needs a look: expired or replaced."""
        return self.effect in self.WEAK

    @property
    def label(self) -> str:
        """Kind, number, day (or year) and issuer: enough to tell it from others of the same number."""
        day = vietnamese.format_date(self.issued_on) if self.issued_on else str(self.issued_year or "")
        return ", ".join(part for part in (str(self), day, self.issuer) if part)


class LegalAlias(models.Model):
    """Another name of a document, entered by a person or left by a merge. It finds, it never decides."""

    class Kind(models.TextChoices):
        """What is other: the name people use, or the way the number was written."""

        NAME = "name", _("name in use")
        NUMBER = "number", _("other spelling of the number")

    document = models.ForeignKey(LegalDocument, on_delete=models.CASCADE, related_name="aliases")
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.NAME)
    text = models.CharField(max_length=200)
    key = models.CharField(max_length=200, editable=False, db_index=True)  # folded text or folded number

    class Meta:
        ordering = ["kind", "key"]
        verbose_name_plural = "legal aliases"
        constraints = [
            models.UniqueConstraint(fields=["document", "kind", "key"], name="legalalias_once"),
            *one_of("legalalias", kind="name number"),
            models.CheckConstraint(condition=~Q(key=""), name="legalalias_not_empty"),
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key equal to what it derives from."""
        self.key = self.key_of(self.kind, self.text)
        super().save(*args, **kwargs)

    @classmethod
    def key_of(cls, kind: str, text: str) -> str:
        """Return the key under which a name or a number is found."""
        if kind == cls.Kind.NUMBER:
            return vietnamese.folded_number(text)
        return vietnamese.fold(vietnamese.latin_letters(text))


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
        return f"{self.source} {self.get_kind_display()} {self.target}"


class LegalBasisQuerySet(models.QuerySet["LegalBasis"]):
    """Reads of legal bases."""

    def weak(self) -> LegalBasisQuerySet:
        """Return those whose document expired or was replaced."""
        return self.filter(document__effect__in=LegalDocument.WEAK)

    def unseen(self) -> LegalBasisQuerySet:
        """Return the weak ones that nobody has looked at since the effect became what it is."""
        return self.weak().exclude(kept_effect=F("document__effect"))


class LegalBasis(models.Model):
    """A programme rests on a document, with the words in which it says so.

    kept_*: an officer saw that the document expired or was replaced and leaves the programme on it, with the reason.
    It holds for that effect only: a later change asks again.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="legal_bases")
    document = models.ForeignKey(LegalDocument, on_delete=models.PROTECT, related_name="bases")
    quoted = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=1)
    span = models.JSONField(null=True, blank=True)
    kept_effect = models.CharField(max_length=10, blank=True, choices=LegalDocument.Effect.choices)
    kept_reason = models.CharField(max_length=500, blank=True)
    kept_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField(null=True, blank=True)

    objects = LegalBasisQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "legal bases"
        constraints = [
            models.UniqueConstraint(fields=["programme", "document"], name="legalbasis_once"),
            models.CheckConstraint(
                condition=Q(kept_effect__in=["", "unknown", "not_yet", "in_force", "partly", "expired", "replaced"]),
                name="legalbasis_kept_effect_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.document)

    @property
    def is_unseen(self) -> bool:
        """Whether the document expired or was replaced and nobody has looked at it for this programme."""
        return self.document.is_weak and self.kept_effect != self.document.effect
