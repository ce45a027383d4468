"""A reading in the form that accuracy is measured in."""

from datetime import date
from typing import Any

from documents.types import Found, ReadResult


def as_prediction(result: ReadResult, file: str) -> dict[str, Any]:
    """`result` as {"file", "legal_refs": [...], "programmes": [...]}; dates in ISO form, a period as two years."""
    return {
        "file": file,
        "legal_refs": [
            {
                "type": reference.type.text,
                "number": reference.number.text if reference.number else "",
                "date": reference.date.text if reference.date else None,
                "issuer": reference.issuer.text if reference.issuer else None,
                "subject": reference.subject.text if reference.subject else None,
            }
            for reference in result.references
        ],
        "programmes": [
            {
                "title": programme.title.text,
                "partners": [party.name.text for party in programme.parties],
                "period": _years(programme.starts_on, programme.ends_on),
            }
            for programme in result.programmes
        ],
    }


def _years(start: Found | None, end: Found | None) -> list[int] | None:
    first, last = (item.value if item else None for item in (start, end))
    return [first.year, last.year] if isinstance(first, date) and isinstance(last, date) else None
