"""Drafts of programmes inside an intake: what was read, what the officer made of it, nothing lost.

`Intake.work` is {"programmes": [draft, …], "saved_at": ISO time or ""}. A draft is
{"keep": bool, "rows": {kind: count}, "fields": {key: field}}; keys are "title" or, in rows, "party-0-name". A field
keeps the proposal beside what was typed: {"raw", "read", "conf", "rule", "note", "span": [page, block, start, end] or
None, "ok": bool, "choices": [[value, label]]}. Rows are only ever appended, so that a key means the same row for good;
a dropped row carries "drop".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agreements.services.intake import matching
from agreements.services.legal import matching as legal
from documents import vietnamese
from documents.types import Confidence, Found, ReadProgramme, ReadReference, ReadResult, Span

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from agreements.models import Intake
    from partners.models import Organisation

Draft = dict[str, Any]
SCALARS = (
    "kind", "title", "short_title", "number", "place", "signed_on", "starts_on", "ends_on",
    "implements_name", "implements_from", "implements_to", "field_of_work",
)  # fmt: skip
ROWS: dict[str, tuple[str, ...]] = {
    "party": ("name", "organisation", "find", "new_kind", "role", "signer", "signer_title", "drop"),
    "basis": ("kind", "number", "issued_on", "issuer", "subject", "document", "quoted", "drop"),
    "goal": ("kind", "text", "drop"),
    "task": ("title", "lead", "due_on", "drop"),
}
EMPTY_ROWS = {"party": {"role": "participant"}, "basis": {"document": "new"}, "goal": {"kind": "purpose"}, "task": {}}
MOST_ROWS, MOST_PROGRAMMES = 60, 12
NEW = "new"


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
        span = _span(found.span) if found else None
        return field(conf=conf, span=span, note=found.note if found else "")
    return field(shown(found.value), conf=found.confidence, rule=found.rule, note=found.note, span=_span(found.span))


def _span(span: Span | None) -> list[int] | None:
    return None if span is None else [span.page, span.block, span.start, span.end]


def of(intake: Intake) -> list[Draft]:
    """The drafts of an intake, to be changed in place; [] for one that was never read."""
    found: list[Draft] = intake.work.setdefault("programmes", [])
    return found


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
    heads = {"party": ("name", "organisation"), "basis": ("number", "kind"), "goal": ("text",), "task": ("title",)}[
        kind
    ]
    return [
        row
        for row in range(draft["rows"].get(kind, 0))
        if not is_dropped(draft, kind, row) and any(value(draft, f"{kind}-{row}-{part}") for part in heads)
    ]


def empty_draft() -> Draft:
    """A programme that the reader did not find, to be typed: two empty parties, everything missing."""
    fields = {
        key: field(conf=Confidence.MISSING if key in {"title", "signed_on"} else Confidence.CERTAIN) for key in SCALARS
    }
    fields["kind"] = field("programme")
    draft: Draft = {"keep": True, "rows": dict.fromkeys(ROWS, 0), "fields": fields}
    add_row(draft, "party")
    add_row(draft, "party")
    draft["fields"]["party-0-role"] = field("lead")
    for row in (0, 1):  # a programme has two parties; what is not there yet stands among what is missing
        draft["fields"][f"party-{row}-name"] = field(conf=Confidence.MISSING)
    return draft


def add_row(draft: Draft, kind: str) -> int:
    """Append an empty row and return its number; ValueError past MOST_ROWS."""
    row = draft["rows"].get(kind, 0)
    if row >= MOST_ROWS:
        raise ValueError(kind)
    draft["rows"][kind] = row + 1
    for part in ROWS[kind]:
        draft["fields"][f"{kind}-{row}-{part}"] = field(EMPTY_ROWS[kind].get(part, ""))
    return row


def propose(result: ReadResult, owner: Organisation) -> list[Draft]:
    """One draft for each programme read, bodies and legal documents matched to the registers."""
    register = matching.Register(owner.locality.name if owner.locality else owner.name.rpartition("tỉnh")[2])
    return [_draft(programme, register, owner) for programme in result.programmes[:MOST_PROGRAMMES]]


def _draft(read: ReadProgramme, register: matching.Register, owner: Organisation) -> Draft:
    fields = {
        "kind": found_field(read.kind),
        "title": found_field(read.title),
        "short_title": field(),
        "number": found_field(read.number),
        "place": found_field(read.place, optional=True),
        "signed_on": found_field(read.signed_on),
        "starts_on": found_field(read.starts_on),
        "ends_on": found_field(read.ends_on),
        "implements_name": found_field(read.implements_name, optional=True),
        "implements_from": _year(read.implements_starts_on),
        "implements_to": _year(read.implements_ends_on),
        "field_of_work": field(),
    }
    if read.implements_period and not fields["starts_on"]["raw"]:
        fields["starts_on"]["note"] = "implemented_period"
    draft: Draft = {"keep": True, "rows": dict.fromkeys(ROWS, 0), "fields": fields}
    signed = read.signed_on.value if read.signed_on else None
    for party in read.parties[:MOST_ROWS]:
        row = add_row(draft, "party")
        _put(draft, "party", row, {
            "name": found_field(party.name),
            "role": field(party.role if party.role in {"lead", "co_lead", "witness"} else "participant"),
            "signer": found_field(party.signer, optional=True),
            "signer_title": found_field(party.signer_title, optional=True),
            "organisation": body_field(party.name.text, signed, register),  # type: ignore[arg-type]
        })  # fmt: skip
    cited = legal.Register(citation_of(reference) for reference in read.legal_bases[:MOST_ROWS])
    for reference in read.legal_bases[:MOST_ROWS]:
        row = add_row(draft, "basis")
        _put(draft, "basis", row, _basis(reference, cited))
    for goal in read.goals[:MOST_ROWS]:
        row = add_row(draft, "goal")
        _put(draft, "goal", row, {"kind": field(goal.kind), "text": found_field(goal.text)})
    names = [register.core(value(draft, f"party-{row}-name")) for row in range(draft["rows"]["party"])]
    for task in read.tasks[:MOST_ROWS]:
        row = add_row(draft, "task")
        lead = found_field(task.lead, optional=True)
        if lead["raw"]:
            core = register.core(lead["raw"])
            at = next((str(n) for n, name in enumerate(names) if core and (core == name or core < name)), "")
            lead = lead | {"raw": at, "read": at, "note": "" if at else "lead_not_a_party"}
            lead["conf"] = lead["conf"] if at else str(Confidence.CHECK)
        _put(
            draft,
            "task",
            row,
            {"title": found_field(task.title), "lead": lead, "due_on": found_field(task.due_on, optional=True)},
        )
    return draft


def _put(draft: Draft, kind: str, row: int, parts: Mapping[str, dict[str, Any]]) -> None:
    draft["fields"].update({f"{kind}-{row}-{part}": made for part, made in parts.items()})


def _year(found: Found | None) -> dict[str, Any]:
    made = found_field(found, optional=True)
    year = made["raw"][-4:]
    return made | {"raw": year, "read": year}


def body_field(name: str, on: datetime.date | None, register: matching.Register) -> dict[str, Any]:
    """The choice of a registered body for a written name; one that is not sure must be looked at by a person."""
    matches = register.match(name, on)
    choices: list[list[str]] = []
    for match in matches:
        choices.append([str(match.organisation.pk), match.organisation.name])
        choices += [[str(body.pk), body.name] for body in match.successors]
    choices = [list(pair) for pair in dict.fromkeys((pk, label) for pk, label in choices)]
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


def _basis(reference: ReadReference, register: legal.Register) -> dict[str, dict[str, Any]]:
    parts = {
        "kind": found_field(reference.type),
        "number": found_field(reference.number),
        "issued_on": found_field(reference.date),
        "issuer": found_field(reference.issuer, optional=True),
        "subject": found_field(reference.subject, optional=True),
        "quoted": found_field(reference.quoted, optional=True),
    }
    if parts["issued_on"]["conf"] == Confidence.MISSING:
        parts["issued_on"]["conf"] = str(Confidence.CERTAIN)  # many documents are cited without a day; not a gap
    said = citation_of(reference)
    parts["document"] = document_field(
        said.kind, said.number, said.issued_on, issuer=said.issuer, quoted=said.quoted, register=register
    )
    return parts


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
    if made.get("ok") and made["raw"]:
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
