"""The documents that come with the product: facts about published documents, each with its source of effect, if any."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import transaction

from agreements.models import LegalAlias, LegalDocument, LegalRelation
from core import audit

SOURCE = Path(__file__).with_name("documents.json")


def read_documents() -> dict[str, Any]:
    """Return the file: {"documents": [{key, kind, number, …}], "relations": [[key, relation, key]]}."""
    content: dict[str, Any] = json.loads(SOURCE.read_text(encoding="utf-8"))
    return content


@transaction.atomic
def load_documents() -> int:
    """Enter the documents that the register never held; returns how many. Safe to run again.

    A row that is there, or ever was (changed, merged or removed by a person since), is left alone; so are relations
    and aliases between rows of which none is new.
    """
    content = read_documents()
    history = apps.get_model("agreements", "LegalDocumentHistory")
    rows: dict[str, LegalDocument] = {}
    fresh: set[str] = set()
    for item in content["documents"]:
        row = _row(item)
        identity = {
            "issuer": row.issuer,
            "kind": row.kind,
            "number": row.number,
            "issued_year": row.issued_year,
            "issued_on": row.issued_on,
        }
        known = LegalDocument.objects.filter(**identity).first()
        if known is None and not history.objects.filter(**identity).exists():
            row.save()
            fresh.add(item["key"])
            known = row
            for alias in item.get("aliases", ()):
                LegalAlias.objects.create(document=row, text=alias)
            for written in item.get("also_written", ()):
                LegalAlias.objects.create(document=row, kind=LegalAlias.Kind.NUMBER, text=written)
        if known is not None:
            rows[item["key"]] = known
    for source, kind, target in content["relations"]:
        if {source, target} & fresh and source in rows and target in rows:
            LegalRelation.objects.get_or_create(source=rows[source], target=rows[target], kind=kind)
    if fresh:
        audit.log(None, "legal.load", label=SOURCE.name, detail={"documents": len(fresh)})
    return len(fresh)


def _row(item: dict[str, Any]) -> LegalDocument:
    day = datetime.date.fromisoformat(item["issued_on"]) if item.get("issued_on") else None
    return LegalDocument(
        kind=item["kind"],
        number=item.get("number", ""),
        issued_on=day,
        issued_year=day.year if day else item.get("issued_year"),
        issuer=item.get("issuer", ""),
        subject=item.get("subject", ""),
        effect=item.get("effect", LegalDocument.Effect.UNKNOWN),
        effect_source=item.get("effect_source", ""),
    )
