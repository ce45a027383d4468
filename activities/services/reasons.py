"""Sentences a committee returns entries with, so that nobody types them twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F

from activities.models import ReturnReason
from core.prepared import given_id, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from core.models import Actor
    from partners.models import Organisation

LONGEST = 300
OFFERED = 8


def most_used(committee: Organisation) -> list[tuple[int, str]]:
    """Return the sentences of a committee, the most used first: (pk, text)."""
    return rows_of("reasons", _of_committee, committee=committee.pk)


def _of_committee() -> QuerySet[Any, Any]:
    return ReturnReason.objects.filter(committee=given_id("committee")).values_list("pk", "text")[:OFFERED]


def remember(*, actor: Actor, committee: Organisation, texts: Iterable[str]) -> None:
    """Count the use of sentences, new ones included; longer ones than 300 characters are not kept.

    Not a business action: the return it belongs to stands in the trail with the whole reason.
    """
    for text in texts:
        line = " ".join(text.split())
        if line and len(line) <= LONGEST:
            row, is_new = ReturnReason.objects.get_or_create(committee=committee, text=line)
            if not is_new:
                ReturnReason.objects.filter(pk=row.pk).update(uses=F("uses") + 1)
