"""The register of legal documents: enter once, cite from many programmes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import LegalDocument, LegalRelation
from core import audit
from core.exceptions import DomainError
from core.forms import check_version
from documents import vietnamese

if TYPE_CHECKING:
    import datetime

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


def candidates(*, number: str, kind: str = "", limit: int = 10) -> list[LegalDocument]:
    """Return rows whose folded number is the one given, those of the same kind first; [] for an empty number."""
    key = vietnamese.folded_number(number)
    if not key:
        return []
    found = list(LegalDocument.objects.filter(number_key=key)[:limit])
    wanted = vietnamese.fold(kind)
    return sorted(found, key=lambda row: vietnamese.fold(row.kind) != wanted)


def find_or_enter(item: BasisData) -> LegalDocument:
    """Return the register's row for a citation, entering it where the register has none. Call inside a transaction.

    A citation with a number meets a row of the same number and kind unless issuer, year or day contradict it; one
    without a number meets only a row of the same subject: merging those is for a person (design.md section 2).
    """
    if not item.kind:
        raise DomainError(_("Enter the kind of the document, for example Chỉ thị"), field="bases")
    for row in candidates(number=item.number, kind=item.kind):
        if vietnamese.fold(row.kind) == vietnamese.fold(item.kind) and not _contradicts(row, item):
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


def _contradicts(row: LegalDocument, item: BasisData) -> bool:
    if item.issued_on and row.issued_on and item.issued_on != row.issued_on:
        return True
    year = item.issued_on.year if item.issued_on else item.issued_year
    if year and row.issued_year and year != row.issued_year:
        return True
    issuer, known = vietnamese.fold(item.issuer), vietnamese.fold(row.issuer)
    return bool(issuer and known and issuer not in known and known not in issuer)


def save_document(
    *, actor: Actor, document: LegalDocument | None, version: int | str | None = None, **values: object
) -> LegalDocument:
    """Enter or change a document of the register; values are FIELDS. Raises AlreadyThere, Stale, NotAllowed."""
    policy.require_register(actor)
    try:
        with transaction.atomic():
            row = LegalDocument()
            if document is not None:
                row = LegalDocument.objects.select_for_update().get(pk=document.pk)
                check_version(row, version)
                row.version += 1
            for name in FIELDS:
                if name in values:
                    setattr(row, name, values[name])
            if row.issued_on:
                row.issued_year = row.issued_on.year
            if row.effect_from and row.effect_to and row.effect_to < row.effect_from:
                raise DomainError(_("The last day in force must not be before the first"), field="effect_to")
            if row.effect != LegalDocument.Effect.UNKNOWN and not row.effect_source:
                raise DomainError(
                    _("Say where the effect status comes from, for example the gazette or its date"),
                    field="effect_source",
                )
            row.save()
            audit.log(actor, "legal.edit" if document else "legal.enter", row)
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


@transaction.atomic
def relate(*, actor: Actor, source: LegalDocument, target: LegalDocument, kind: str) -> LegalRelation:
    """Say how one document acts on another; saying it twice changes nothing. Raises NotAllowed, DomainError."""
    policy.require_register(actor)
    if source.pk == target.pk:
        raise DomainError(_("A document does not act on itself. Choose another one."), field="target")
    row, created = LegalRelation.objects.get_or_create(source=source, target=target, kind=kind)
    if created:
        audit.log(actor, "legal.relate", source, detail={"kind": kind, "target": str(target)})
    return row
