"""What was read → drafts: values as fields, bodies and legal documents matched to the registers.

Nothing read is lost: what has no place in a draft is kept under "left" and shown.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from agreements.models import ContentGroup, Programme, Task
from agreements.services.intake import drafts, matching
from agreements.services.intake.drafts import Draft, field, found_field, span_list, value
from agreements.services.legal import matching as legal
from documents import vietnamese
from documents.types import Confidence, Found, ReadProgramme, ReadReference, ReadResult, ReadTask

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from partners.models import Organisation

_GROUP_WORDS: dict[str, list[str]] = json.loads((matching.DATA / "content_groups.json").read_text(encoding="utf-8"))[
    "groups"
]
_REVIEWS = {"interim": "interim_review", "final": "final_review"}
_ROLES = ("lead", "co_lead", "witness")
_ABOUT = re.compile(r"(khoảng|ước|gần|hơn|trên|ít nhất|tối thiểu)\s+$", re.IGNORECASE)


def register_for(owner: Organisation) -> matching.Register:
    """The names of the register, with the bare name of the committee's province."""
    return matching.Register(owner.locality.name if owner.locality else owner.name.rpartition("tỉnh")[2])


def propose(result: ReadResult, owner: Organisation) -> list[Draft]:
    """One draft for each programme read, bodies and legal documents matched to the registers."""
    register = register_for(owner)
    groups = list(ContentGroup.objects.all())
    return [
        _draft(programme, result, register, groups, owner) for programme in result.programmes[: drafts.MOST_PROGRAMMES]
    ]


def _draft(
    read: ReadProgramme,
    result: ReadResult,
    register: matching.Register,
    groups: list[ContentGroup],
    owner: Organisation,
) -> Draft:
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
        "parent": programme_field(read.parent, owner, "parent_unknown"),
        "predecessor": programme_field(read.replaces, owner, "predecessor_unknown"),
        "funding": found_field(read.funding, optional=True),
    }
    if read.implements_period and not fields["starts_on"]["raw"]:
        fields["starts_on"]["note"] = "implemented_period"
    draft = drafts.bare_draft(fields)
    signed: Any = read.signed_on.value if read.signed_on else None
    for party in read.parties[: drafts.MOST_ROWS]:
        drafts.add_row(draft, "party", {
            "name": found_field(party.name),
            "role": field(party.role if party.role in _ROLES else "participant"),
            "signer": found_field(party.signer, optional=True),
            "signer_title": found_field(party.signer_title, optional=True),
            "organisation": drafts.body_field(party.name.text, signed, register),
        })  # fmt: skip
    bases = read.legal_bases[: drafts.MOST_ROWS]
    cited = legal.Register(drafts.citation_of(reference) for reference in bases)
    for reference in bases:
        drafts.add_row(draft, "basis", basis_parts(reference, cited))
    for goal in read.goals[: drafts.MOST_ROWS]:
        drafts.add_row(draft, "goal", {"kind": field(goal.kind), "text": found_field(goal.text)})
    for task in read.tasks[: drafts.MOST_ROWS]:
        drafts.add_row(draft, "task", _task(task, groups, result))
    _left_out(draft, [task.title for task in read.tasks[drafts.MOST_ROWS :]])
    _duties(draft, read, register)
    _reviews(draft, read)
    _reports(draft, read)
    sync_units(draft, register, signed)
    return draft


def _year(found: Found | None) -> dict[str, Any]:
    made = found_field(found, optional=True)
    year = made["raw"][-4:]
    return made | {"raw": year, "read": year}


def _left_out(draft: Draft, found: Iterable[Found]) -> None:
    draft["left"] += [item.text for item in found]


# ------------------------------------------------------------------------------------------------- tasks


def _task(task: ReadTask, groups: list[ContentGroup], result: ReadResult) -> dict[str, dict[str, Any]]:
    return {
        "title": found_field(task.title),
        "group": _group(task.group, groups),
        "code": field(task.code),
        "lead": found_field(task.lead, optional=True),
        "supports": _several([(item.text, item) for item in task.supports]),
        "due_on": found_field(task.due_on, optional=True),
        "recurrence": _recurrence(task.recurrence),
        "quantities": _quantities(task, result),
    }


def _group(found: Found | None, groups: list[ContentGroup]) -> dict[str, Any]:
    """The content group whose words alone stand in the heading; none where several do, or none."""
    if found is None:
        return field()
    heading = " ".join(["", *re.findall(r"\w+", vietnamese.fold(found.text)), ""])
    told = [group for group in groups if any(f" {word} " in heading for word in _GROUP_WORDS.get(group.code, ()))]
    if len(told) != 1:
        return field(span=span_list(found.span))
    return field(told[0].code, rule="content group by its heading", span=span_list(found.span))


def _recurrence(found: Found | None) -> dict[str, Any]:
    if found is None or found.text not in Task.Recurrence.values:
        return field(Task.Recurrence.ONCE)
    return found_field(found)


def _quantities(task: ReadTask, result: ReadResult) -> dict[str, Any]:
    """All quantities in one line, "40 hội nghị; khoảng 500 hộ"; about, at least and more than as the text says."""
    pairs = []
    for quantity in task.quantities:
        number = quantity.value.value
        shown = vietnamese.format_number(number) if number is not None else ""  # type: ignore[arg-type]
        about = f"{_about(quantity.value, result)} " if quantity.value.note == "approximate" else ""
        pairs.append((f"{about}{shown} {quantity.unit.text}", quantity.value))
    made = _several(pairs)
    if any(quantity.value.note == "approximate" for quantity in task.quantities):
        made["note"] = "approximate"
    return made


def _about(found: Found, result: ReadResult) -> str:
    """The word before a number that makes it a rough one; "khoảng" where it stands elsewhere."""
    span = found.span
    before = result.blocks[span.block].text[max(0, span.start - 14) : span.start] if span else ""
    match = _ABOUT.search(before)
    return match[1].lower() if match else "khoảng"


def _several(pairs: list[tuple[str, Found]]) -> dict[str, Any]:
    """One field for several values in a line, as sure as the least sure of them."""
    if not pairs:
        return field()
    sure = all(found.confidence == Confidence.CERTAIN for _text, found in pairs)
    made = field(
        "; ".join(text for text, _found in pairs),
        conf=Confidence.CERTAIN if sure else Confidence.CHECK,
        rule=pairs[0][1].rule,
        note=pairs[0][1].note,
        span=span_list(pairs[0][1].span),
    )
    return made | {"items": [[text, span_list(found.span)] for text, found in pairs]}


def sync_units(draft: Draft, register: matching.Register | None, on: datetime.date | None) -> None:
    """Give each written name of the tasks its row: as the party of that name, as a known body, else to be decided.

    Without a register nothing new can be matched: rows are added for a later call.
    """
    known = {drafts.unit_key(value(draft, f"unit-{row}-name")) for row in draft["order"]["unit"]}
    for key in drafts.units_used(draft):
        if key in known or register is None or len(draft["order"]["unit"]) >= drafts.MOST_ROWS:
            continue
        name, span = _written(draft, key)
        drafts.add_row(draft, "unit", {
            "name": field(name, span=span),
            "organisation": _unit_choice(draft, name, register, on),
        })  # fmt: skip


def _written(draft: Draft, key: str) -> tuple[str, list[int] | None]:
    """The first writing of a name in the tasks, and its place."""
    for row in drafts.kept_rows(draft, "task"):
        for part in ("lead", "supports"):
            made = draft["fields"][f"task-{row}-{part}"]
            for name in drafts.names_in(made["raw"]):
                if drafts.unit_key(name) == key:
                    return name, span_of_item(made, name)
    return key, None


def span_of_item(made: dict[str, Any], text: str) -> list[int] | None:
    """The place of one value in a field that holds several; of the field where the value is all of it."""
    items = made.get("items")
    if items is None:
        return made["span"] if made["raw"] == made["read"] else None
    return next((span for item, span in items if item == text), None)


def _unit_choice(draft: Draft, name: str, register: matching.Register, on: datetime.date | None) -> dict[str, Any]:
    made = drafts.body_field(name, on, register)
    core = register.core(name)
    for row in drafts.kept_rows(draft, "party"):
        own = register.core(value(draft, f"party-{row}-name"))
        body = value(draft, f"party-{row}-organisation")
        if core and (core == own or (body and body == made["raw"])):
            return field(f"party-{row}", rule="party of the programme", choices=made.get("choices"))
    if made["conf"] == Confidence.MISSING:
        made["conf"] = str(Confidence.CHECK)
        made["note"] = "unit_unknown"
    return made


# ---------------------------------------------------------------------- duties, reviews, reports, other papers


def _duties(draft: Draft, read: ReadProgramme, register: matching.Register) -> None:
    """Duties go to the party they name, joint ones to all; those of nobody among the parties are left."""
    rows = drafts.kept_rows(draft, "party")
    cores = {row: register.core(value(draft, f"party-{row}-name")) for row in rows}
    for duty in read.duties:
        to = rows
        if duty.party is not None:
            core = register.core(duty.party.text)
            to = [row for row in rows if core and (core == cores[row] or core < cores[row])][:1]
        if not to:
            _left_out(draft, [duty.text])
        for row in to:
            made = draft["fields"][f"party-{row}-duties"]
            text = "\n".join(filter(None, (made["raw"], duty.text.text)))
            worst = Confidence.CHECK in (made["conf"], duty.text.confidence)
            made |= {
                "raw": text,
                "read": text,
                "conf": str(Confidence.CHECK if worst else Confidence.CERTAIN),
                "rule": duty.text.rule,
                "span": made["span"] or span_list(duty.text.span),
            }
            draft["fields"][f"party-{row}-duties"] = made


def _reviews(draft: Draft, read: ReadProgramme) -> None:
    for review in read.reviews[: drafts.MOST_ROWS]:
        kind = found_field(review.kind)
        word = _REVIEWS.get(review.kind.text, "interim_review")
        drafts.add_row(draft, "review", {
            "kind": kind | {"raw": word, "read": word},
            "due_on": found_field(review.due_on),
            "text": found_field(review.text) | {"conf": kind["conf"]},
        })  # fmt: skip


def _reports(draft: Draft, read: ReadProgramme) -> None:
    """One row for each cadence; the days of one cadence stand in one line."""
    own: dict[str, int] = {}
    for report in read.reporting[: drafts.MOST_ROWS]:
        due = found_field(report.due, optional=True)
        if (row := own.get(report.kind.text)) is not None:
            made = draft["fields"][f"report-{row}-due"]
            if due["raw"] and due["raw"] not in drafts.names_in(made["raw"]):
                line = "; ".join(filter(None, (made["raw"], due["raw"])))
                draft["fields"][f"report-{row}-due"] = made | {"raw": line, "read": line}
            continue
        own[report.kind.text] = drafts.add_row(draft, "report", {
            "kind": found_field(report.kind),
            "due": due,
            "text": found_field(report.text) | {"conf": str(report.kind.confidence)},
        })  # fmt: skip


def programme_field(reference: ReadReference | None, owner: Organisation, unknown: str) -> dict[str, Any]:
    """The choice of a programme of the ledger for one that the text names: by its number, else to be looked at."""
    if reference is None:
        return field(choices=[])
    number = reference.number.text if reference.number else ""
    key = vietnamese.folded_number(number)
    told = reference.quoted or reference.number or reference.type
    span = span_list(told.span)
    near = Programme.objects.filter(owner__path__startswith=owner.path) | Programme.objects.filter(
        owner__in=[int(pk) for pk in owner.path.split("/") if pk]
    )
    same = [row for row in near.exclude(number=None) if key and vietnamese.folded_number(row.number or "") == key]
    choices = [[str(row.pk), f"{row.code} {row.name} ({row.number})"] for row in same]
    if len(same) == 1:
        return field(str(same[0].pk), rule="number of the ledger", span=span, choices=choices)
    made = field(conf=Confidence.CHECK, rule=told.rule, note=unknown, span=span, choices=choices)
    return made | {"words": told.text}


def basis_parts(reference: ReadReference, register: legal.Register) -> dict[str, dict[str, Any]]:
    """The fields of a legal basis, its document matched to the register."""
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
    said = drafts.citation_of(reference)
    parts["document"] = drafts.document_field(
        said.kind, said.number, said.issued_on, issuer=said.issuer, quoted=said.quoted, register=register
    )
    return parts
