"""Who signed a programme, and who took over from bodies that are gone."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from agreements.models import Party
from core.prepared import given_id, objects_of
from partners.models import Organisation, Succession

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from agreements.models import Programme

GENERATIONS = 6  # a chain of successions longer than this is an error in the register


def rows_of(programme: Programme) -> list[dict[str, Any]]:
    """Return the parties as signed: {party, gone_on, today, successors: [{body, since, field, decision}]}.

    A dissolved party keeps its signed name. Of its successors those named for the programme's field of work count,
    else those for every field, else all; a successor that is gone itself is followed further.
    """
    parties = objects_of("parties of a programme", _parties, programme=programme.pk)
    out = _successions({p.organisation_id for p in parties if p.organisation.status == Organisation.Status.DISSOLVED})
    rows = []
    for party in parties:
        body = party.organisation
        gone = body.status == Organisation.Status.DISSOLVED
        rows.append(
            {
                "party": party,
                "is_owner": body.pk == programme.owner_id,
                "gone_on": body.ended_on if gone else None,
                "today": body if not gone and body.name != party.name_as_signed else None,
                "successors": _followers(body.pk, programme.field_of_work_id, out) if gone else [],
            }
        )
    return rows


def _parties() -> QuerySet[Party, Party]:
    return Party.objects.filter(programme=given_id("programme")).select_related("organisation")


def _successions(ids: set[int]) -> dict[int, list[Succession]]:
    found: dict[int, list[Succession]] = defaultdict(list)
    edge = ids
    for _step in range(GENERATIONS):
        if not edge:
            break
        rows = Succession.objects.filter(predecessor__in=edge).select_related("successor", "event", "field_of_work")
        following = set()
        for row in rows:
            found[row.predecessor_id].append(row)
            if row.successor.status == Organisation.Status.DISSOLVED:
                following.add(row.successor_id)
        edge = following - found.keys()
    return found


def _followers(pk: int, field_id: int | None, out: dict[int, list[Succession]], depth: int = 0) -> list[dict[str, Any]]:
    rows = out.get(pk, [])
    chosen = (
        [row for row in rows if field_id and row.field_of_work_id == field_id]
        or [row for row in rows if row.field_of_work_id is None]
        or rows
    )
    found: list[dict[str, Any]] = []
    for row in chosen:
        if row.successor.status == Organisation.Status.DISSOLVED and depth < GENERATIONS:
            found += _followers(row.successor_id, field_id, out, depth + 1)
        else:
            found.append(
                {
                    "body": row.successor,
                    "since": row.event.effective_on,
                    "field": row.field_of_work,
                    "decision": row.event.decision,
                }
            )
    return found
