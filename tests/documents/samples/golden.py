"""A reading as plain values, field by field, to be held against what a person found in the document."""

from typing import Any

from documents.types import Found, ReadProgramme, ReadReference, ReadResult

Value = tuple[Any, str]  # what was read, and how sure the reader is ("certain", "check", "missing")


def plain(found: Found | None) -> Value:
    """Value and confidence; (None, "missing") for what is not there."""
    if found is None or found.value is None:
        return None, "missing"
    return str(found.value), found.confidence.value


def reference(item: ReadReference) -> dict[str, Value]:
    return {name: plain(getattr(item, name)) for name in ("type", "number", "date", "issuer")}


def programme(read: ReadProgramme) -> dict[str, Any]:
    """Every field of one programme, each value with its confidence."""
    scalars = ("kind", "title", "number", "place", "signed_on", "starts_on", "ends_on", "funding")
    return {
        **{name: plain(getattr(read, name)) for name in scalars},
        "implements": plain(read.implements_name),
        "parent": plain(read.parent.number if read.parent else None),
        "replaces": plain(read.replaces.number if read.replaces else None),
        "parties": [
            {
                "name": plain(item.name),
                "role": (item.role, item.name.confidence.value),
                "signer": plain(item.signer),
                "signer_title": plain(item.signer_title),
                "authority": plain(item.authority),
            }
            for item in read.parties
        ],
        "bases": [reference(item) for item in read.legal_bases],
        "goals": [{"text": plain(item.text), "kind": (item.kind, item.text.confidence.value)} for item in read.goals],
        "tasks": [
            {
                "title": plain(item.title),
                "code": (item.code, item.title.confidence.value),
                "group": plain(item.group_code),
                "lead": plain(item.lead),
                "supports": [plain(unit) for unit in item.supports],
                "due_on": plain(item.due_on),
                "recurrence": plain(item.recurrence),
                "quantities": [
                    (f"{'~' if q.value.note else ''}{q.value.value} {q.unit.value}", q.value.confidence.value)
                    for q in item.quantities
                ],
            }
            for item in read.tasks
        ],
        "duties": [{"party": plain(item.party), "text": plain(item.text)} for item in read.duties],
        "reporting": [{"kind": plain(item.kind), "due": plain(item.due)} for item in read.reporting],
        "reviews": [{"kind": plain(item.kind), "due_on": plain(item.due_on)} for item in read.reviews],
    }


def result(read: ReadResult) -> dict[str, Any]:
    """All of a reading that a golden file holds."""
    return {
        "references": [reference(item) for item in read.references if item.number is not None],
        "programmes": [programme(item) for item in read.programmes],
    }


def values(tree: Any) -> Any:
    """The tree without confidences: the form of a golden file."""
    if isinstance(tree, tuple):
        return tree[0]
    if isinstance(tree, dict):
        return {name: values(item) for name, item in tree.items()}
    return [values(item) for item in tree]


def compare(wanted: Any, got: Any, field: str = "") -> list[tuple[str, bool, str, Any, Any]]:
    """One row a value: field, right or not, confidence, wanted, got.

    Lists of parts (parties, tasks …) are held against each other in order; what is missing or too much is wrong, as
    often as it has values that say something.
    """
    if isinstance(wanted, dict):
        rows = []
        for name, item in wanted.items():
            rows += compare(item, (got or {}).get(name), f"{field}.{name}" if field else name)
        return rows
    if isinstance(wanted, list):
        got = list(got or [])
        rows = []
        for at in range(max(len(wanted), len(got))):
            if at >= len(wanted):
                rows += [(name, False, sure, None, value) for name, value, sure in _leaves(got[at], field)]
            else:
                rows += compare(wanted[at], got[at] if at < len(got) else None, field)
        return rows
    value, sure = got if isinstance(got, tuple) else (None, "missing")
    return [(field, value == wanted, sure, wanted, value)]


def _leaves(tree: Any, field: str) -> list[tuple[str, Any, str]]:
    if isinstance(tree, tuple):
        return [(field, *tree)] if tree[0] is not None else []
    if isinstance(tree, dict):
        return [leaf for name, item in tree.items() for leaf in _leaves(item, f"{field}.{name}")]
    return [leaf for item in tree for leaf in _leaves(item, field)]
