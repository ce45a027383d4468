"""What follows when a document expires or is replaced: programmes resting on it are flagged, their officers told.

The flag of a programme is never stored: it is a basis whose document is weak (LegalBasis.objects.weak).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import LegalBasis, LegalDocument, Programme
from core import audit
from core.exceptions import DomainError
from core.notices import notify

if TYPE_CHECKING:
    import datetime

    from core.models import Actor

DAILY_LOCK = 7_230_003
Effect = LegalDocument.Effect


def announce(document: LegalDocument) -> int:
    """Tell the officers of live programmes that rest on a weak document; returns how many notices are new.

    Once for each programme and document, however often its status changes. Call inside the changing transaction.
    """
    bases = LegalBasis.objects.filter(document=document, programme__status__in=Programme.LIVE)
    return sum(
        notify(
            [basis.programme.officer],
            "basis.weak",
            key=f"{basis.programme_id}:{document.pk}",
            url=reverse("agreements:programme_bases", args=[basis.programme_id]),
            params={"programme": basis.programme.name, "document": str(document)},
        )
        for basis in bases.select_related("programme__officer")
        if basis.programme.officer
    )


@transaction.atomic
def expire_due_documents(day: datetime.date | None = None) -> int:
    """Let the given days act: past the last day a document is expired, from the first one not yet in force is.

    Returns how many changed. Run once a day; idempotent, two runs at once do not both act (advisory lock).
    """
    day = day or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DAILY_LOCK])
    over = Q(effect_to__lt=day, effect__in=[Effect.UNKNOWN, Effect.NOT_YET, Effect.IN_FORCE, Effect.PARTLY])
    begun = Q(effect_from__lte=day, effect=Effect.NOT_YET)
    entries = []
    for row in LegalDocument.objects.filter(over | begun).select_for_update():
        before, ended = row.effect, bool(row.effect_to and row.effect_to < day)
        row.effect = Effect.EXPIRED if ended else Effect.IN_FORCE
        row.version += 1
        row.save()
        if ended:
            announce(row)
        action = "legal.expire" if ended else "legal.begin"
        entries.append(audit.Entry(action, row, detail={"from": before, "to": row.effect}))
    if entries:
        audit.log_many(None, entries)
    return len(entries)


@transaction.atomic
def keep_basis(*, actor: Actor, basis: LegalBasis, effect: str, reason: str) -> LegalBasis:
    """Note that an officer saw the document fall away and leaves the programme on it, for a reason.

    effect: the status the person saw. The flag grows quiet but stays; another status asks again. Raises NotAllowed,
    DomainError.
    """
    row = LegalBasis.objects.select_for_update(of=("self",)).select_related("programme__owner", "document")
    basis = row.get(pk=basis.pk)
    policy.require(actor, "edit", basis.programme)
    if not basis.document.is_weak or basis.document.effect != effect:
        raise DomainError(_("The effect status of this document has changed. Look at it again."), field="reason")
    if not reason.strip():
        raise DomainError(_("Enter why the programme keeps this basis"), field="reason")
    basis.kept_effect, basis.kept_reason = effect, reason.strip()[:500]
    basis.kept_by, basis.kept_at = actor.user, timezone.now()
    basis.save(update_fields=["kept_effect", "kept_reason", "kept_by", "kept_at"])
    detail = {"document": str(basis.document), "effect": effect}
    audit.log(actor, "programme.keep_basis", basis.programme, reason=basis.kept_reason, detail=detail)
    return basis
