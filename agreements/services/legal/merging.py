"""Two rows of the register that are one document: a person joins them after seeing what would happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import LegalAlias, LegalBasis, LegalDocument, LegalRelation, Programme
from agreements.services.legal.effect import announce
from core import audit
from core.exceptions import DomainError
from core.models import AuditEntry
from documents import vietnamese

if TYPE_CHECKING:
    from core.models import Actor

FILLED = ("number", "issued_on", "issued_year", "issuer", "subject", "effect_from", "effect_to")


@dataclass(frozen=True)
class Merge:
    """What joining `drop` into `keep` would do; contradicting: fields that say they are two documents."""

    keep: LegalDocument
    drop: LegalDocument
    contradicting: tuple[str, ...]
    filled: tuple[str, ...]  # fields that keep takes over because it has none
    programmes: tuple[int, ...]  # ids of programmes whose basis moves
    shared: tuple[int, ...]  # ids of programmes that rest on both: one basis remains
    relations: int
    aliases: int
    also_written: str  # number kept as another way of writing it; "" where both are alike

    @property
    def needs_reason(self) -> bool:
        """Whether the two are told apart by a day, year, number or kind."""
        return bool(self.contradicting)


def preview_merge(*, keep: LegalDocument, drop: LegalDocument) -> Merge:
    """Return what merge_documents would do with these rows."""
    rests_on = {
        row.pk: set(LegalBasis.objects.filter(document=row).values_list("programme", flat=True)) for row in (keep, drop)
    }
    filled = [name for name in FILLED if getattr(keep, name) in (None, "") and getattr(drop, name) not in (None, "")]
    if keep.effect == LegalDocument.Effect.UNKNOWN != drop.effect:
        filled.append("effect")
    return Merge(
        keep=keep,
        drop=drop,
        contradicting=tuple(_contradicting(keep, drop)),
        filled=tuple(filled),
        programmes=tuple(sorted(rests_on[drop.pk] - rests_on[keep.pk])),
        shared=tuple(sorted(rests_on[drop.pk] & rests_on[keep.pk])),
        relations=drop.relations_out.exclude(target=keep).count() + drop.relations_in.exclude(source=keep).count(),
        aliases=drop.aliases.count(),
        also_written=drop.number if keep.number and drop.number != keep.number else "",
    )


def _contradicting(keep: LegalDocument, drop: LegalDocument) -> list[str]:
    found = []
    if keep.issued_on and drop.issued_on and keep.issued_on != drop.issued_on:
        found.append("issued_on")
    elif keep.issued_year and drop.issued_year and keep.issued_year != drop.issued_year:
        found.append("issued_year")
    if keep.number_key and drop.number_key and keep.number_key != drop.number_key:
        known = {alias.key for alias in keep.aliases.all()} | {alias.key for alias in drop.aliases.all()}
        if not known & {keep.number_key, drop.number_key}:
            found.append("number")
    if keep.kind_key != drop.kind_key:
        found.append("kind")
    return found


@transaction.atomic
def merge_documents(
    *,
    actor: Actor,
    keep: LegalDocument,
    drop: LegalDocument,
    versions: tuple[int | str | None, int | str | None],
    confirmed: bool = False,
    reason: str = "",
) -> LegalDocument:
    """Join `drop` into `keep`: bases, relations and aliases move, gaps are filled, the other number stays findable.

    versions: of keep and drop as the person saw them. Days, years, numbers or kinds that contradict need
    confirmed=True and a reason. The row that goes stays in the history. Raises NotAllowed, DomainError.
    """
    policy.require_register(actor)
    if keep.pk == drop.pk:
        raise DomainError(_("Choose another document to compare with"), field="other")
    rows = {row.pk: row for row in LegalDocument.objects.select_for_update().filter(pk__in=[keep.pk, drop.pk])}
    if len(rows) < 2 or [str(rows[keep.pk].version), str(rows[drop.pk].version)] != [str(v) for v in versions]:
        raise DomainError(_("One of the two was changed in the meantime. Compare them again."), field="other")
    keep, drop = rows[keep.pk], rows[drop.pk]
    plan = preview_merge(keep=keep, drop=drop)
    if plan.needs_reason and not confirmed:
        raise DomainError(
            _("The two contradict each other. Tick that they are one document, and say why."), field="confirmed"
        )
    if plan.needs_reason and not reason.strip():
        raise DomainError(_("Enter the reason"), field="reason")
    _move_bases(keep, drop)
    _move_relations(keep, drop)
    _move_aliases(keep, drop, plan.also_written)
    gone, label = drop.pk, drop.label
    drop.delete()
    for name in plan.filled:
        setattr(keep, name, getattr(drop, name))
    if "effect" in plan.filled or not keep.effect_source:
        keep.effect_source = drop.effect_source
    keep.version += 1
    keep.save()
    if keep.is_weak:
        announce(keep)
    detail = {"merged": gone, "label": label, "programmes": len(plan.programmes) + len(plan.shared)}
    touched = Programme.objects.filter(pk__in=[*plan.programmes, *plan.shared]).order_by("pk")
    audit.log_many(
        actor,
        [audit.Entry("programme.basis_merged", row, detail={"document": keep.label}) for row in touched]
        + [audit.Entry("legal.merge", keep, reason=reason.strip(), detail=detail)],
    )
    return keep


def _move_bases(keep: LegalDocument, drop: LegalDocument) -> None:
    own = {basis.programme_id: basis for basis in LegalBasis.objects.filter(document=keep)}
    for basis in LegalBasis.objects.filter(document=drop):
        known = own.get(basis.programme_id)
        if known is None:
            basis.document = keep
            basis.save()
            continue
        if not known.quoted:
            known.quoted, known.span = basis.quoted, basis.span
        known.position = min(known.position, basis.position)
        known.save()
        basis.delete()


def _move_relations(keep: LegalDocument, drop: LegalDocument) -> None:
    for relation in [*drop.relations_out.all(), *drop.relations_in.all()]:
        source = keep.pk if relation.source_id == drop.pk else relation.source_id
        target = keep.pk if relation.target_id == drop.pk else relation.target_id
        if source != target:
            LegalRelation.objects.get_or_create(source_id=source, target_id=target, kind=relation.kind)
        relation.delete()


def _move_aliases(keep: LegalDocument, drop: LegalDocument, also_written: str) -> None:
    for alias in drop.aliases.all():
        if keep.aliases.filter(kind=alias.kind, key=alias.key).exists():
            alias.delete()
        else:
            alias.document = keep
            alias.save()
    if vietnamese.folded_number(also_written):
        kind = LegalAlias.Kind.NUMBER
        key = LegalAlias.key_of(kind, also_written)
        if not keep.aliases.filter(kind=kind, key=key).exists():
            LegalAlias.objects.create(document=keep, kind=kind, text=also_written)


def merged_into(pk: int) -> int | None:
    """Return the row that a merged row became part of, through later merges; None for an id never merged away."""
    found: int | None = None
    for _step in range(20):
        entry = (
            AuditEntry.objects.filter(action="legal.merge", detail__merged=found or pk).order_by("-sequence").first()
        )
        if entry is None:
            return found
        found = int(entry.object_id)
    return found
