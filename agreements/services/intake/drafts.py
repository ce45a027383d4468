"""Drafts of programmes inside an intake: what was read, what the officer made of it, nothing lost.

`Intake.work` is {"programmes": [draft, …], "saved_at": ISO time or ""}. A draft is
{"keep": bool, "rows": {kind: count}, "order": {kind: [row, …]}, "fields": {key: field}, "left": [text, …]}; keys are
"title" or, in rows, "party-0-name". A field keeps the proposal beside what was typed: {"raw", "read", "conf", "rule",
"note", "span": [page, block, start, end] or None, "ok": bool, "choices": [[value, label]]}; one that holds several
values in a line has "items": [[text, span], …] too. A row keeps its number for good; its place, and whether it is
there at all, is in "order"; a row left out for now carries "drop". "left" is what was read and found no place.

The bodies that tasks name are rows of the kind "unit", each written name once: whom it means is decided once for all
tasks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agreements.services.intake import matching
from agreements.services.legal import matching as legal
from documents import vietnamese
from documents.types import Confidence, Found, ReadReference, Span

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from agreements.models import Intake

Draft = dict[str, Any]
SCALARS = (
    "kind", "title", "short_title", "number", "place", "signed_on", "starts_on", "ends_on",
    "implements_name", "implements_from", "implements_to", "field_of_work", "parent", "predecessor", "funding",
)  # fmt: skip
ROWS: dict[str, tuple[str, ...]] = {
    "party": ("name", "organisation", "find", "new_kind", "role", "signer", "signer_title", "duties", "drop"),
    "unit": ("name", "organisation", "find", "new_kind"),
    "basis": ("kind", "number", "issued_on", "issuer", "subject", "document", "quoted", "drop"),
    "goal": ("kind", "text", "drop"),
    "task": ("title", "group", "code", "lead", "supports", "due_on", "recurrence", "quantities", "drop"),
    "review": ("kind", "due_on", "text", "drop"),
    "report": ("kind", "due", "text", "drop"),
}
HEADS = {
    "party": ("name", "organisation"), "unit": ("name",), "basis": ("number", "kind"), "goal": ("text",),
    "task": ("title",), "review": ("due_on", "text"), "report": ("due", "text"),
}  # fmt: skip
EMPTY_ROWS: dict[str, dict[str, str]] = {
    "party": {"role": "participant"},
    "basis": {"document": "new"},
    "goal": {"kind": "purpose"},
    "task": {"recurrence": "once"},
    "review": {"kind": "interim_review"},
    "report": {"kind": "half_year"},
}
MOST_ROWS, MOST_PROGRAMMES = 120, 12  # rows of a kind in one programme: ten pages hold about a hundred tasks
NEW, NOBODY = "new", "none"
UNKNOWN = ("parent_unknown", "predecessor_unknown")  # nothing to choose: seen is enough


def shown(value: object) -> str:
    """A read value as a person would type it: dates dd/mm/yyyy."""
    import datetime

    if isinstance(value, datetime.date):
        return vietnamese.format_date(value)
    return "" if value is None else str(value)


def field(
    raw: str = "",
    *,
    conf: str = Confidence.CERTAIN,
    rule: str = "",
    note: str = "",
    span: list[int] | None = None,
    choices: list[list[str]] | None = None,
) -> dict[str, Any]:
    """One field of a draft holding a proposal that nobody has touched yet."""
    made: dict[str, Any] = {
        "raw": raw,
        "read": raw,
        "conf": str(conf),
        "rule": rule,
        "note": note,
        "span": span,
        "ok": False,
    }
    return made | ({"choices": choices} if choices is not None else {})


def found_field(found: Found | None, *, optional: bool = False) -> dict[str, Any]:
    """The field for a value of the reader; what the reader does not know is missing, or nothing if `optional`."""
    if found is None or found.value is None:
        conf = Confidence.CERTAIN if optional else Confidence.MISSING
        span = span_list(found.span) if found else None
        return field(conf=conf, span=span, note=found.note if found else "")
    return field(
        shown(found.value), conf=found.confidence, rule=found.rule, note=found.note, span=span_list(found.span)
    )


def span_list(span: Span | None) -> list[int] | None:
    """A place as a field stores it."""
    return None if span is None else [span.page, span.block, span.start, span.end]


def of(intake: Intake) -> list[Draft]:
    """The drafts of an intake, to be changed in place; [] for one that was never read."""
    found: list[Draft] = intake.work.setdefault("programmes", [])
    for draft in found:
        _complete(draft)
    return found


def _complete(draft: Draft) -> None:
    """Give a draft saved by an earlier version the fields it lacks."""
    for key in SCALARS:
        if key not in draft["fields"]:
            draft["fields"][key] = field()
    draft.setdefault("order", {})
    draft.setdefault("left", [])
    for kind, parts in ROWS.items():
        rows = range(draft["rows"].setdefault(kind, 0))
        draft["order"].setdefault(kind, list(rows))
        for row in rows:
            for part in parts:
                if f"{kind}-{row}-{part}" not in draft["fields"]:
                    draft["fields"][f"{kind}-{row}-{part}"] = field(EMPTY_ROWS.get(kind, {}).get(part, ""))


def value(draft: Draft, key: str) -> str:
    """What the draft now says under a key, "" if nothing."""
    return str(draft["fields"].get(key, {}).get("raw", ""))


def group_of(key: str) -> str:
    """The item a field belongs to: "period" for its two days, "party-0" for the fields of that row."""
    if key in {"starts_on", "ends_on"}:
        return "period"
    if key.startswith("implements_"):
        return "implements"
    return "-".join(key.split("-")[:2])


def is_dropped(draft: Draft, kind: str, row: int) -> bool:
    """Whether the officer left this row out."""
    return value(draft, f"{kind}-{row}-drop") == "1"


def kept_rows(draft: Draft, kind: str) -> list[int]:
    """Numbers of the rows that count: neither dropped nor entirely empty."""
    return [
        row
        for row in draft["order"][kind]
        if not is_dropped(draft, kind, row) and any(value(draft, f"{kind}-{row}-{part}") for part in HEADS[kind])
    ]


def empty_draft() -> Draft:
    """A programme that the reader did not find, to be typed: two empty parties, everything missing."""
    fields = {
        key: field(conf=Confidence.MISSING if key in {"title", "signed_on"} else Confidence.CERTAIN) for key in SCALARS
    }
    fields["kind"] = field("programme")
    draft = bare_draft(fields)
    add_row(draft, "party")
    add_row(draft, "party")
    draft["fields"]["party-0-role"] = field("lead")
    for row in (0, 1):  # a programme has two parties; what is not there yet stands among what is missing
        draft["fields"][f"party-{row}-name"] = field(conf=Confidence.MISSING)
    return draft


def bare_draft(fields: dict[str, dict[str, Any]]) -> Draft:
    """A draft with these fields and no rows."""
    return {
        "keep": True,
        "rows": dict.fromkeys(ROWS, 0),
        "order": {kind: [] for kind in ROWS},
        "fields": fields,
        "left": [],
    }


def add_row(draft: Draft, kind: str, parts: Mapping[str, dict[str, Any]] | None = None) -> int:
    """Append a row, empty but for `parts`, and return its number; ValueError past MOST_ROWS."""
    if len(draft["order"][kind]) >= MOST_ROWS:
        raise ValueError(kind)
    row: int = draft["rows"].get(kind, 0)
    draft["rows"][kind] = row + 1
    draft["order"][kind].append(row)
    for part in ROWS[kind]:
        empty = field(EMPTY_ROWS.get(kind, {}).get(part, ""))
        draft["fields"][f"{kind}-{row}-{part}"] = (parts or {}).get(part, empty)
    return row


def row_parts(draft: Draft, kind: str, row: int) -> dict[str, dict[str, Any]]:
    """The fields of a row by their part."""
    return {part: draft["fields"][f"{kind}-{row}-{part}"] for part in ROWS[kind]}


def names_in(text: str) -> list[str]:
    """The names of a line of names, parted by semicolons or line breaks."""
    return [name for part in text.replace("\n", ";").split(";") if (name := part.strip())]


def unit_key(name: str) -> str:
    """What two writings of one name have in common."""
    return vietnamese.fold(name)


def units_used(draft: Draft) -> dict[str, list[int]]:
    """The written names in the kept tasks, folded, each with the positions of its tasks (1 is the first)."""
    used: dict[str, list[int]] = {}
    for position, row in enumerate(kept_rows(draft, "task"), start=1):
        for part in ("lead", "supports"):
            for name in names_in(value(draft, f"task-{row}-{part}")):
                places = used.setdefault(unit_key(name), [])
                if position not in places:
                    places.append(position)
    return used


def body_field(
    name: str, on: datetime.date | None, register: matching.Register, field_of_work: int | None = None
) -> dict[str, Any]:
    """The choice of a registered body for a written name; one that is not sure must be looked at by a person."""
    matches = register.match(name, on, field_of_work)
    choices: list[list[str]] = []
    for match in matches:
        choices.append([str(match.organisation.pk), register.label(match.organisation)])
        choices += [[str(body.pk), register.label(body), match.fields.get(body.pk, "")] for body in match.successors]
    seen: set[str] = set()
    choices = [item for item in choices if not (item[0] in seen or seen.add(item[0]))]  # type: ignore[func-returns-value]
    if not matches:
        return field(conf=Confidence.MISSING, note="body_unknown", choices=choices)
    best = matches[0]
    if best.gone:
        return field(
            str(best.organisation.pk), conf=Confidence.CHECK, rule="register", note="body_gone", choices=choices
        )
    if best.grade == matching.POSSIBLE:
        return field(conf=Confidence.CHECK, rule="register", note="body_several", choices=choices)
    note = "body_succeeded" if best.successors else ""
    return field(str(best.organisation.pk), rule="register", note=note, choices=choices)


def citation_of(reference: ReadReference) -> legal.Citation:
    """What a read reference says of a document, for the register."""
    day = reference.date.value if reference.date else None
    texts = (reference.type, reference.number, reference.issuer, reference.quoted)
    kind, number, issuer, quoted = (shown(found.value) if found else "" for found in texts)
    return legal.Citation(kind, number, day, None, issuer, quoted)  # type: ignore[arg-type]


def document_field(
    kind: str,
    number: str,
    issued_on: datetime.date | None,
    *,
    issuer: str = "",
    issued_year: int | None = None,
    quoted: str = "",
    register: legal.Register | None = None,
) -> dict[str, Any]:
    """The choice of a registered legal document: known, new, or something that a person has to decide.

    Identity is issuer, kind, folded number and year; an alias only offers its document. `register` holds the rows of
    all citations of a text (two queries for all of them); without it they are read for this one.
    """
    citation = legal.Citation(kind, number, issued_on, issued_year, issuer, quoted)
    found = (register or legal.Register([citation])).match(citation)
    choices = [[str(document.pk), document.label] for document in found.choices]
    chosen = str(found.document.pk) if found.document else NEW
    sure = found.verdict in {legal.KNOWN, legal.NEW} or (found.verdict == legal.NO_NUMBER and number != "")
    note = "no_number" if found.verdict == legal.NO_NUMBER else f"document_{found.verdict}"
    rule = "" if found.verdict == legal.NO_NUMBER else "register"
    conf = Confidence.CERTAIN if sure else Confidence.CHECK
    return field(chosen, conf=conf, rule=rule, note=note, choices=choices)


def state_of(made: Mapping[str, Any]) -> str:
    """How sure a field is now: what a person typed or ticked as right is certain, whatever the reader thought."""
    if made.get("ok") and (made["raw"] or made["note"] in UNKNOWN):
        return str(Confidence.CERTAIN)
    if made["raw"] != made["read"]:
        return str(
            Confidence.CERTAIN
            if made["raw"]
            else Confidence.MISSING
            if made["conf"] != Confidence.CERTAIN
            else made["conf"]
        )
    return str(made["conf"])
