"""Enter, change, relate and name the documents of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import LegalAlias, LegalDocument, LegalRelation
from agreements.services.legal.effect import announce
from core import audit
from core.exceptions import DomainError
from core.forms import check_version
from documents import vietnamese

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from agreements.services.data import BasisData
    from core.models import Actor

FIELDS = (
    "kind",
    "number",
    "issued_on",
    "issued_year",
    "issuer",
    "subject",
    "effect_from",
    "effect_to",
    "effect",
    "effect_source",
)


class AlreadyThere(DomainError):
    """The register holds this document; `existing` is the row, so that the page can lead to it."""

    def __init__(self, existing: LegalDocument) -> None:
        super().__init__(
            _("The register already holds %(document)s. Open it instead of entering it twice.")
            % {"document": existing},
            field="number",
        )
        self.existing = existing


def same_document(
    *, issuer: str, kind: str, number: str, issued_on: datetime.date | None, issued_year: int | None
) -> LegalDocument | None:
    """Return the row with the same identity (issuer, kind, folded number, year and day), None if there is none."""
    return LegalDocument.objects.filter(
        issuer=issuer,
        kind=kind,
        number_key=vietnamese.folded_number(number),
        issued_year=issued_on.year if issued_on else issued_year,
        issued_on=issued_on,
    ).first()


def numbered(keys: Iterable[str]) -> Q:
    """Return the condition of documents with one of these folded numbers, their own or one also written so."""
    wanted = [key for key in keys if key]
    written = LegalAlias.objects.filter(document=OuterRef("pk"), kind=LegalAlias.Kind.NUMBER, key__in=wanted)
    return Q(number_key__in=wanted) | Q(Exists(written))


def candidates(*, number: str, kind: str = "", limit: int = 10) -> list[LegalDocument]:
    """Return rows whose folded number is the one given (own, or also written as), those of the same kind first.

    [] for an empty number.
    """
    key = vietnamese.folded_number(number)
    if not key:
        return []
    found = list(LegalDocument.objects.filter(numbered([key]))[:limit])
    wanted = vietnamese.fold(kind)
    return sorted(found, key=lambda row: row.kind_key != wanted)


def find_or_enter(item: BasisData) -> LegalDocument:
    """Return the register's row for a citation, entering it where the register has none. Call inside a transaction.

    A citation with a number meets a row of the same number and kind unless issuer, year or day contradict it; one
    without a number meets only a row of the same subject: merging those is for a person (design.md section 2).
    """
    if not item.kind:
        raise DomainError(_("Enter the kind of the document, for example Chỉ thị"), field="bases")
    for row in candidates(number=item.number, kind=item.kind):
        if row.kind_key == vietnamese.fold(item.kind) and not contradicts(
            row, issued_on=item.issued_on, issued_year=item.issued_year, issuer=item.issuer
        ):
            return row
    same = same_document(
        issuer=item.issuer,
        kind=item.kind,
        number=item.number,
        issued_on=item.issued_on,
        issued_year=item.issued_year,
    )
    if same is not None:
        if vietnamese.fold(same.subject) == vietnamese.fold(item.subject) or item.number:
            return same
        raise DomainError(
            _("Two documents without a number look the same: %(document)s. Enter the number or the date.")
            % {"document": same.subject or same},
            field="bases",
        )
    return LegalDocument.objects.create(
        kind=item.kind,
        number=item.number,
        issued_on=item.issued_on,
        issued_year=item.issued_on.year if item.issued_on else item.issued_year,
        issuer=item.issuer,
        subject=item.subject,
        effect=item.effect,
        effect_source=item.effect_source,
    )


def contradicts(row: LegalDocument, *, issued_on: datetime.date | None, issued_year: int | None, issuer: str) -> bool:
    """Return whether day, year or issuer of a citation say that it is another document; what is unknown fits."""
    if issued_on and row.issued_on and issued_on != row.issued_on:
        return True
    year = issued_on.year if issued_on else issued_year
    if year and row.issued_year and year != row.issued_year:
        return True
    given, known = vietnamese.fold(issuer), vietnamese.fold(row.issuer)
    return bool(given and known and given not in known and known not in given)


def check_effect(row: LegalDocument) -> None:
    """Raise DomainError where status, dates and source do not fit each other (today's dates)."""
    effects = LegalDocument.Effect
    if row.effect_from and row.effect_to and row.effect_to < row.effect_from:
        raise DomainError(_("The last day in force must not be before the first"), field="effect_to")
    if (row.effect != effects.UNKNOWN or row.effect_to) and not row.effect_source:
        raise DomainError(
            _("Say where the effect status comes from, for example the gazette or its date"), field="effect_source"
        )
    today = timezone.localdate()
    if row.effect_to and row.effect_to < today and row.effect in {effects.IN_FORCE, effects.PARTLY, effects.NOT_YET}:
        raise DomainError(
            _("The last day in force has passed. Choose “Expired” or “Replaced”, or clear the day."), field="effect"
        )
    if row.effect == effects.NOT_YET and row.effect_from and row.effect_from <= today:
        raise DomainError(_("The first day in force has come. Choose “In force”, or correct the day."), field="effect")


def save_document(
    *,
    actor: Actor,
    document: LegalDocument | None,
    version: int | str | None = None,
    replaced_by: LegalDocument | None = None,
    **values: object,
) -> LegalDocument:
    """Enter or change a document of the register; values are FIELDS.

    “Replaced” needs the document that replaces it: given here, or related before. Programmes in force that rest on a
    document that falls away are announced to their officers. Raises AlreadyThere, DomainError, Stale, NotAllowed.
    """
    policy.require_register(actor)
    row = LegalDocument()
    try:
        with transaction.atomic():
            if document is not None:
                row = LegalDocument.objects.select_for_update().get(pk=document.pk)
                check_version(row, version)
                row.version += 1
            for name in FIELDS:
                if name in values:
                    setattr(row, name, values[name])
            if row.issued_on:
                row.issued_year = row.issued_on.year
            check_effect(row)
            row.save()
            _write_replacing(row, replaced_by)
            if row.is_weak:
                announce(row)
            audit.log(
                actor,
                "legal.edit" if document else "legal.enter",
                row,
                detail={"replaced_by": replaced_by.label} if replaced_by else None,
            )
    except IntegrityError:
        same = same_document(
            issuer=row.issuer,
            kind=row.kind,
            number=row.number,
            issued_on=row.issued_on,
            issued_year=row.issued_year,
        )
        if same is None:
            raise
        raise AlreadyThere(same) from None
    return row


def _write_replacing(row: LegalDocument, replaced_by: LegalDocument | None) -> None:
    kind = LegalRelation.Kind.REPLACES
    if replaced_by is not None:
        if replaced_by.pk == row.pk:
            raise DomainError(_("A document does not replace itself. Choose another one."), field="replaced_by")
        if LegalRelation.objects.filter(source=row, target=replaced_by, kind=kind).exists():
            raise DomainError(
                _("%(document)s is itself replaced by this one. Choose the later document.")
                % {"document": replaced_by},
                field="replaced_by",
            )
        LegalRelation.objects.get_or_create(source=replaced_by, target=row, kind=kind)
    elif row.effect == LegalDocument.Effect.REPLACED and not row.relations_in.filter(kind=kind).exists():
        raise DomainError(_("Name the document that replaces this one"), field="replaced_by")


@transaction.atomic
def relate(*, actor: Actor, source: LegalDocument, target: LegalDocument, kind: str) -> LegalRelation:
    """Say how one document acts on another; saying it twice changes nothing. Raises NotAllowed, DomainError."""
    policy.require_register(actor)
    if source.pk == target.pk:
        raise DomainError(_("A document does not act on itself. Choose another one."), field="target")
    if LegalRelation.objects.filter(source=target, target=source, kind=kind).exists():
        raise DomainError(
            _("The register says the opposite: %(document)s. Remove that relation first.") % {"document": target},
            field="target",
        )
    row, created = LegalRelation.objects.get_or_create(source=source, target=target, kind=kind)
    if created:
        audit.log(actor, "legal.relate", source, detail={"kind": kind, "target": str(target)})
    return row


@transaction.atomic
def drop_relation(*, actor: Actor, document: LegalDocument, pk: int) -> None:
    """Take back a relation of the document, in either direction. Raises NotAllowed, DomainError.

    The one that says what replaced a document stays as long as its status is “Replaced”. Gone already: nothing to do.
    """
    policy.require_register(actor)
    mine = Q(source=document) | Q(target=document)
    row = LegalRelation.objects.select_for_update(of=("self",)).select_related("source", "target").filter(mine, pk=pk)
    relation = row.first()
    if relation is None:
        return
    target, kinds = relation.target, LegalRelation.Kind
    if relation.kind == kinds.REPLACES and target.effect == LegalDocument.Effect.REPLACED:
        others = target.relations_in.filter(kind=kinds.REPLACES).exclude(pk=relation.pk)
        if not others.exists():
            raise DomainError(
                _("%(document)s is marked as replaced. Change its effect status first.") % {"document": target},
                field="target",
            )
    detail = {"kind": relation.kind, "source": str(relation.source), "target": str(target)}
    relation.delete()
    audit.log(actor, "legal.unrelate", document, detail=detail)


@transaction.atomic
def add_alias(*, actor: Actor, document: LegalDocument, text: str) -> LegalAlias:
    """Enter a name by which people call the document; the same name twice changes nothing.

    Several documents may share a name: it only finds candidates. Raises NotAllowed, DomainError.
    """
    policy.require_register(actor)
    kind = LegalAlias.Kind.NAME
    key = LegalAlias.key_of(kind, text)
    if len(key) < 3:
        raise DomainError(_("Enter a name of at least three letters, for example Chỉ thị 05"), field="text")
    known = LegalAlias.objects.filter(document=document, kind=kind, key=key).first()
    if known is not None:
        return known
    row = LegalAlias.objects.create(document=document, kind=kind, text=text)
    audit.log(actor, "legal.alias", document, detail={"alias": text})
    return row


@transaction.atomic
def drop_alias(*, actor: Actor, document: LegalDocument, pk: int) -> None:
    """Take back a name or another way of writing the number; gone already: nothing to do. Raises NotAllowed."""
    policy.require_register(actor)
    row = LegalAlias.objects.select_for_update().filter(document=document, pk=pk).first()
    if row is None:
        return
    text = row.text
    row.delete()
    audit.log(actor, "legal.unalias", document, detail={"alias": text})
