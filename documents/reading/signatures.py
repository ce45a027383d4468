"""Signature block: for whom, in what office and by what name a document was signed."""

import re
from dataclasses import dataclass, replace

from documents.reading.bodies import body_list, body_words, head_at, same_body
from documents.reading.outline import AUTHORITY, NAME, OFFICE
from documents.reading.places import Place, trimmed
from documents.types import Confidence, Found, ReadParty
from documents.vietnamese import fold, fold_with_map, original_span

# the rest of a line that was too long for its column
_REST = re.compile(r"(?:TỈNH|HUYỆN|XÃ|PHƯỜNG|THÀNH PHỐ|VIỆT NAM)(?:\s\S+){0,4}")
_WITNESS = re.compile(r"chung kien")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: the lines above the name, the office and the name as found."""

    above: tuple[Place, ...]
    name: Found
    office: Found | None
    authority: Found | None

    @property
    def body(self) -> str:
        """The text above the office, which names the body."""
        return " ".join(place.text for place in self.above)

    @property
    def witness(self) -> bool:
        """Whether the person only witnessed."""
        return bool(_WITNESS.search(fold(self.body)))


def signatures(places: tuple[Place, ...]) -> list[Signature]:
    """The signatures of a block whose columns stand one below the other."""
    found: list[Signature] = []
    above: list[Place] = []
    for place in places:
        text = place.text.strip()
        name = NAME.fullmatch(text)
        key = fold(text)
        if name and not OFFICE.fullmatch(key) and any(OFFICE.search(fold(item.text)) for item in above):
            start = place.text.index(name["name"])
            found.append(_signature(above, place.found(start, start + len(name["name"]), "name below the office")))
            above = []
        elif not key.startswith(("(", "da ky", "ky ten", "ky,")):
            above.append(place)
    return found


def _signature(above: list[Place], name: Found) -> Signature:
    offices = [item for item in above if OFFICE.search(fold(item.text)) and not _acts_for(item)]
    office = None
    if offices:
        key, index_map = fold_with_map(offices[-1].text)
        hits = list(OFFICE.finditer(key))
        start, end = original_span(index_map, *hits[-1].span())
        rest = offices[-1].text[start:].strip()
        behind = end + len(offices[-1].text[end:]) - len(offices[-1].text[end:].lstrip())
        whole = len(rest) < 60 and not body_list(offices[-1].text, behind, len(offices[-1].text))
        end = start + len(rest) if whole else end
        office = offices[-1].found(start, end, "office above the name")
    acts = next((item for item in above if AUTHORITY.match(item.text)), None)
    acts = next((item for item in above if _acts_for(item)), acts)
    authority = None
    if acts is not None:
        below = next((item for item in above if item.number == acts.number + 1), None)
        broken = below is not None and _REST.fullmatch(below.text.strip()) and head_at(below.text, 0, 90) is None
        line = f"{acts.text} {below.text}" if below is not None and broken else acts.text
        authority = acts.found(0, len(acts.text), "authority line", value=" ".join(line.split()))
    return Signature(tuple(above), name, office, authority)


def _acts_for(place: Place) -> bool:
    """Whether a line says whose place the signer takes ("KT. GIÁM ĐỐC")."""
    match = AUTHORITY.match(place.text)
    return bool(
        match
        and OFFICE.search(fold(place.text[match.end() :]))
        and not match[0].upper().startswith(("T.M", "TM", "T/M"))
    )


def with_signers(parties: list[Found], signed: list[Signature], sides: dict[str, str]) -> tuple[ReadParty, ...]:
    """The parties with their signers: matched by the body's words, else by order if the numbers agree."""
    acting = [item for item in signed if not item.witness]
    of: dict[int, Signature] = {}
    left = list(acting)
    for at, party in enumerate(parties):
        hit = next((item for item in left if _signs_for(item, party, sides)), None)
        if hit is not None:
            of[at] = hit
            left.remove(hit)
    open_parties = [at for at in range(len(parties)) if at not in of]
    by_order = len(left) == len(open_parties)
    for at, item in zip(open_parties, left, strict=False):
        if by_order or len(left) == 1:
            of[at] = replace(item, name=_unsure(item.name), office=_unsure(item.office) if item.office else None)
    made = []
    for at, party in enumerate(parties):
        own = of.get(at)
        made.append(
            ReadParty(
                party,
                "lead" if at == 0 else "participant",
                own.name if own else None,
                own.office if own else None,
                own.authority if own else None,
            )
        )
    for item in signed:
        if item.witness and (body := _body_of(item)):
            made.append(ReadParty(body, "witness", item.name, item.office, item.authority))
    return tuple(made)


def _unsure(found: Found) -> Found:
    return replace(found, confidence=Confidence.CHECK, rule="signature by order")


def _signs_for(item: Signature, party: Found, sides: dict[str, str]) -> bool:
    side = re.search(r"ben [a-d](?!\w)", fold(item.body))
    if side and side[0] in sides:
        return same_body(sides[side[0]], party.text)
    lines = [AUTHORITY.sub("", place.text) for place in item.above]
    joined = " ".join(lines)
    wanted = body_words(party.text)
    return any(
        line and not OFFICE.fullmatch(fold(line)) and len(body_words(line) & wanted) and same_body(party.text, line)
        for line in lines
    ) or len(wanted & body_words(joined)) >= max(2, round(len(wanted) * 0.7))


def _body_of(item: Signature) -> Found | None:
    for place in item.above:
        match = AUTHORITY.match(place.text)
        start = match.end() if match else 0
        if listed := body_list(place.text, start, len(place.text)):
            return place.found(*trimmed(place.text, *listed[0]), "body above the signature")
        head = re.search(r"ĐẠI DIỆN\s", place.text)
        if head and (listed := body_list(place.text, head.end(), len(place.text))):
            return place.found(*trimmed(place.text, *listed[0]), "body above the signature")
    return None


def signing_bodies(signed: list[Signature]) -> list[Found]:
    """The bodies that the signatures name, in order."""
    return [body for item in signed if not item.witness and (body := _body_of(item)) is not None]
