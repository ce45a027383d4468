"""All legal documents cited by a text, each once, with what its mentions say together."""

import re
from dataclasses import replace
from datetime import date

from documents.reading import language
from documents.reading.citations import (
    NUMBER,
    Citation,
    ListHead,
    citation_at,
    continues_list,
    list_head,
    read_fields,
    share_head,
    share_tail,
)
from documents.reading.places import DATE, Place, matched_date, trimmed
from documents.types import Block, Confidence, Found, ReadReference
from documents.vietnamese import fold, folded_number, latin_letters

# word before a citation, folded → what the citing text does to the document
_RELATIONS = language.codes("relations")


def find_references(blocks: tuple[Block, ...], *, own_number: str = "") -> tuple[ReadReference, ...]:
    """Every document cited in `blocks`, once each, in the order of their first mention.

    What one mention lacks is taken from later ones. `own_number` (the document's own) is left out. Documents cited
    without a number come too, as candidates to be checked, unless a numbered one of the same name is there.
    """
    found: list[ReadReference] = []
    head: ListHead | None = None
    for number, block in enumerate(blocks):
        found.extend(references_in(block, number, head))
        head = list_head(Place(block, number)) or (head if continues_list(block.text) else None)
    own = folded_number(own_number)
    merged: list[ReadReference] = []
    places: dict[str, list[int]] = {}  # by number or name, so that long texts stay linear
    for reference in found:
        key = _key(reference)
        if reference.number is not None and key == own:
            continue
        at = next((i for i in places.get(key, []) if _same_day(merged[i], reference)), None)
        if at is None:
            places.setdefault(key, []).append(len(merged))
            merged.append(reference)
        else:
            merged[at] = _joined(merged[at], reference)
    return tuple(_without_twins(merged))


def _without_twins(references: list[ReadReference]) -> list[ReadReference]:
    """`references` without the laws named without number that a numbered one of the same name stands for."""
    numbered = {_name(item) for item in references if item.number is not None and item.subject is not None}
    short = {
        f"{fold(item.type.text)} {folded_number(item.number.text).split('-')[0]}"
        for item in references
        if item.number is not None
    }
    return [
        item
        for item in references
        if item.number is not None or not {_name(item), _press_key(item)} & (numbered | short)
    ]


def _press_key(reference: ReadReference) -> str:
    digits = re.search(r"\d+$", reference.quoted.text) if reference.quoted else None
    return f"{fold(reference.type.text)} {int(digits[0])}" if digits else ""


def _name(reference: ReadReference) -> str:
    return fold(f"{reference.type.text} {reference.subject.text if reference.subject else ''}")


def references_in(block: Block, number: int, head: ListHead | None = None) -> list[ReadReference]:
    """The citations in one block, in order, a document as often as it is named.

    `head` is the type and issuer announced by an earlier block for the numbers listed here.
    """
    place = Place(block, number)
    text = latin_letters(block.text)
    own_head = list_head(place)
    cited: list[Citation] = []
    for match in NUMBER.finditer(text):
        known = own_head if own_head and match.start() >= own_head.at else head
        citation = citation_at(place, text, match, cited[-1] if cited else None, known)
        if citation is not None:
            cited.append(citation)
    for citation in cited:
        read_fields(citation, text)
    for before, after in zip(cited, cited[1:], strict=False):
        share_head(before, after, text)
    for at in range(len(cited) - 2, -1, -1):
        share_tail(cited[at], cited[at + 1], text)
    numbered = [(citation.start, _finished(citation, text)) for citation in cited]
    unnumbered = [*_laws_without_number(place, text, cited), *_press_names(place, text, cited)]
    return [reference for _, reference in sorted(numbered + unnumbered, key=lambda item: item[0])]


def _finished(citation: Citation, text: str) -> ReadReference:
    place, match = citation.place, citation.number
    number = place.found(match.start(), match.end(), "number pattern", value=re.sub(r"\s+", "", match[0]))
    relation = None
    before = fold(text[max(0, citation.start - 60) : citation.start])
    best = -1
    for phrase, code in _RELATIONS:
        at = before.rfind(phrase)
        if at >= 0 and at + len(phrase) > best and len(before) - at - len(phrase) < 25:
            best = at + len(phrase)
            relation = Found(code, None, Confidence.CHECK, "relation word")
    start, end = trimmed(text, citation.start, max(citation.end, citation.tail))
    return ReadReference(
        type=citation.type or Found(None, None, Confidence.MISSING, "no type word"),
        number=number,
        date=citation.fields.get("date"),
        issuer=citation.fields.get("issuer"),
        subject=citation.fields.get("subject"),
        relation=relation,
        quoted=place.found(start, end, "citation"),
    )


_UNNUMBERED = re.compile(
    r"(?<!\w)(?P<t>Hiến\spháp|Bộ\sluật|Luật|Pháp\slệnh|Điều\slệ)(?P<name>(?:\s{1,2}(?!số\s|ngày\s|được\s|năm\s|của\s|và\s(?:các|Luật|Nghị|Hiến)|đã\s|trong\s|theo\s|quy\s|về\s|để\s|sửa\s|tại\s|có\s|này|còn\s|do\s|là\s|với\s|cho\s|ban\shành)[\w&]+){0,14})"
)


def _laws_without_number(place: Place, text: str, cited: list[Citation]) -> list[tuple[int, ReadReference]]:
    found = []
    taken = [(citation.start, citation.number.end()) for citation in cited]
    for match in _UNNUMBERED.finditer(text):
        name = match["name"].strip()
        constitution = match["t"].startswith("Hiến")
        if any(start <= match.start() < end for start, end in taken):
            continue
        if not constitution and (
            not name[:1].isupper() or text[max(0, match.start() - 4) : match.start()].lower() == "hội "
        ):
            continue
        kind = place.found(match.start("t"), match.end("t"), "law named without number", sure=False)
        subject = None
        if name:
            start, end = trimmed(text, match.start("name"), match.end("name"))
            subject = place.found(start, end, "name of the law", sure=False)
        day = re.compile(r"\s{0,2},?\s{0,2}(?:ngày\s{1,3})?").match(text, match.end())
        dated = DATE.match(text, day.end() if day else match.end())
        when = matched_date(dated) if dated else None
        date_found = (
            place.found(dated.start(), dated.end(), "date after the name", value=when, sure=False)
            if dated and when
            else None
        )
        quoted = place.found(
            match.start(), dated.end() if date_found and dated else match.end(), "citation", sure=False
        )
        found.append((match.start(), ReadReference(type=kind, date=date_found, subject=subject, quoted=quoted)))
    return found


_PRESS = re.compile(
    rf"(?<!\w)(?P<t>{language.after_capital([name.capitalize() for name in language.table('aliases')])})"
    r"\s(?:số\s)?(?P<n>\d{1,4})(?!\w|\s?[-–/]\s?[\dA-ZĐ]|[.,]\d|\s?%"
    r"|\s(?:năm|tháng|ngày|tỷ|triệu|nghìn|điểm|nội|nhiệm|người|hộ)\b)"
)


def _press_names(place: Place, text: str, cited: list[Citation]) -> list[tuple[int, ReadReference]]:
    """Documents called by a bare number ("Nghị quyết 57"): offered to a person, never linked (rule h)."""
    taken = [(citation.start, citation.number.end()) for citation in cited]
    found = []
    for match in _PRESS.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        kind = place.found(*match.span("t"), "name of the press", sure=False)
        quoted = place.found(*match.span(), "name of the press", sure=False)
        found.append((match.start(), ReadReference(type=kind, quoted=quoted)))
    return found


def _key(reference: ReadReference) -> str:
    if reference.number is not None:
        return folded_number(reference.number.text)
    named = reference.subject or (reference.quoted if reference.type.rule == "name of the press" else None)
    return fold(f"{reference.type.text}: {named.text if named else ''}")


def _same_day(known: ReadReference, other: ReadReference) -> bool:
    """One number of two different days is two documents (05-CT/TW of 2016 and of 2021)."""
    days = (known.date.value if known.date else None, other.date.value if other.date else None)
    return None in days or days[0] == days[1]


def _joined(known: ReadReference, other: ReadReference) -> ReadReference:
    kind = known.type
    if kind.value is None or (kind.confidence is Confidence.CHECK and other.type.confidence is Confidence.CERTAIN):
        kind = other.type if other.type.value is not None else kind
    longer = known.issuer
    fuller = known.issuer and other.issuer and fold(other.issuer.text).startswith(fold(known.issuer.text))
    if known.issuer is None or fuller or (other.issuer and known.issuer.confidence is Confidence.CHECK):
        longer = other.issuer or known.issuer
    return replace(
        known,
        type=kind,
        number=known.number or other.number,
        date=known.date if known.date and known.date.value else other.date or known.date,
        issuer=longer,
        subject=known.subject or other.subject,
        relation=known.relation or other.relation,
    )


def issue_date(reference: ReadReference) -> date | None:
    """The day of issue, None if unknown."""
    value = reference.date.value if reference.date else None
    return value if isinstance(value, date) else None
