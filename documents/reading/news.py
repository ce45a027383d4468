"""Programmes reported by running text: who signed what with whom, for which years and to what end.

A mention is one place that names an instrument of coordination with its parties; mentions of the same programme are
joined. An announcement of a ceremony ("with A, B and C") steps back behind the programmes told one by one.
"""

import re
from dataclasses import replace
from datetime import date

from documents.reading import language
from documents.reading.blocks import sentences
from documents.reading.goals import goals_of
from documents.reading.groups import fuller_name, grouped
from documents.reading.mentions import COORDINATION, Mention, inherit_parties, mentions_in, resolve_two_places
from documents.reading.places import DATE, Place, day_and_month, matched_date
from documents.reading.references import find_references, references_in
from documents.types import Block, Confidence, Found, ReadParty, ReadProgramme, ReadReference
from documents.vietnamese import fold

_KINDS = sorted(language.codes("instruments"), key=lambda pair: -len(pair[0]))
_OF_A_NUMBER = re.compile(r"\d\s?[-–/]\s?[A-ZĐ][^\s,;]{0,40}\s{0,2},?\s{0,2}\(?(?:ngày\s)?$")
_ISSUES = re.compile(r"ban\shành", re.IGNORECASE)
# Mentions are compared with one another; no news text comes near this, a hostile one stops here.
_MOST_MENTIONS = 200


def read_news(blocks: tuple[Block, ...]) -> tuple[ReadProgramme, ...]:
    """The coordination programmes that a news text reports as signed, issued or reviewed; usually none to five."""
    mentions: list[Mention] = []
    for number, block in enumerate(blocks):
        place = Place(block, number)
        if not COORDINATION.search(block.text) or len(mentions) >= _MOST_MENTIONS:
            continue
        citations = references_in(block, number)
        for start, end in sentences(block.text):
            mentions.extend(mentions_in(place, start, end, citations))
    resolve_two_places(mentions)
    inherit_parties(mentions)
    mentions = [mention for mention in mentions if len(mention.parties) >= 2]
    if any(block.text.strip(" :") == "QUYẾT ĐỊNH" for block in blocks[:25]):
        # a decision may issue rules; an agreement that it lets somebody sign does not exist yet
        mentions = [mention for mention in mentions if _ISSUES.search(mention.place.text[: mention.instrument[0]])]
    if not any(mention.strong for mention in mentions):
        return ()
    groups = grouped(mentions)
    groups.sort(key=lambda group: (group.place.number, group.sentence[0]))
    return tuple(_programme(blocks, group, groups) for group in groups)


def _programme(blocks: tuple[Block, ...], group: Mention, groups: list[Mention]) -> ReadProgramme:
    place, text = group.place, group.place.text
    following = [other.place.number for other in groups if other.place.number > group.place.number]
    last = min(following, default=len(blocks))
    passage = [Place(blocks[number], number) for number in range(place.number, last)]
    name = text[group.instrument[0] : group.instrument[1]]
    bare = fold(name).startswith("phoi hop")
    kind = next((code for word, code in _KINDS if fold(name).startswith(word)), "programme")
    if fold(name).endswith("ghi nho"):
        kind = "memorandum"
    cited = next((mention.cited for mention in [group, *group.extra] if mention.cited), None)
    signed = (cited.date if cited else None) or _signed_on(blocks, group, groups)
    period_place = _home_of(group, group.period)
    return ReadProgramme(
        kind=place.found(*group.instrument, "instrument named", value=kind, sure=not bare),
        title=_title(group, bare),
        number=cited.number if cited else None,
        signed_on=signed,
        parties=_parties(group),
        starts_on=_year_edge(period_place, group.period, 0, "own period", sure=not group.doubted),
        ends_on=_year_edge(period_place, group.period, 1, "own period", sure=not group.doubted),
        implements_name=place.found(*group.implements, "period of what is carried out", sure=False)
        if group.implements
        else None,
        implements_starts_on=_year_edge(place, group.implements_period, 0, "period of what is carried out", sure=False),
        implements_ends_on=_year_edge(place, group.implements_period, 1, "period of what is carried out", sure=False),
        legal_bases=_bases(passage, cited.number.text if cited and cited.number else ""),
        goals=goals_of(passage, group),
    )


def _home_of(group: Mention, period: tuple[int, int, int, int] | None) -> Place:
    if period is not None:
        for mention in group.extra:
            if mention.period == period and group.place.text[period[2] : period[2] + 4] != str(period[0]):
                return mention.place
    return group.place


def _year_edge(
    place: Place, period: tuple[int, int, int, int] | None, side: int, rule: str, *, sure: bool
) -> Found | None:
    if period is None:
        return None
    day = date(period[side], 1, 1) if side == 0 else date(period[side], 12, 31)
    return place.found(
        period[2],
        period[3],
        rule,
        value=day,
        sure=sure,
        note="implemented_period" if rule == "period of what is carried out" else "",
    )


def _title(group: Mention, bare: bool) -> Found:
    place, text = group.place, group.place.text
    name = " ".join(text[slice(*group.instrument)].split())
    name = "Chương trình phối hợp" if bare else name[0].upper() + name[1:]
    if group.topic is None:
        return place.found(*group.instrument, "instrument without subject", value=name, sure=False)
    subject = " ".join(re.sub(r"[“”\"]", "", text[slice(*group.topic)]).split())
    whole = f"{name} {subject}"
    return place.found(*group.topic, "instrument and its subject", value=whole, sure=not bare)


def _parties(group: Mention) -> tuple[ReadParty, ...]:
    named: list[Found] = []
    everyone = [party for mention in group.extra for party in mention.parties]
    for party in group.parties:
        if not any(fold(party.text) == fold(known.text) for known in named):
            named.append(fuller_name(party, everyone))
    return tuple(ReadParty(party, "lead" if at == 0 else "participant") for at, party in enumerate(named))


def _signed_on(blocks: tuple[Block, ...], group: Mention, groups: list[Mention]) -> Found | None:
    """The day of signing: said with the mention, before it in its paragraph, or with the announcement."""
    strong = [mention for mention in [group, *group.extra] if mention.strong and not mention.reviewed]
    for same_sentence in (True, False):
        for mention in strong:
            start = mention.sentence[0] if same_sentence else 0
            found = _day_before(blocks, mention.place, start, mention.instrument[0], [group, *groups])
            if found is not None:
                return found if same_sentence or found.value is None else replace(found, confidence=Confidence.CHECK)
    return None


def _day_before(blocks: tuple[Block, ...], place: Place, start: int, end: int, groups: list[Mention]) -> Found | None:
    for match in DATE.finditer(place.text, start, end):
        day = matched_date(match)
        # the date right behind a number is that of the document cited, not of the day reported
        if day is not None and not _OF_A_NUMBER.search(place.text, max(start, match.start() - 70), match.start()):
            return place.found(match.start(), match.end(), "date of the sentence", value=day)
    short = day_and_month(place.text[start:end])
    if short is None:
        return None
    day_number, month, at, to = short
    span = place.span(start + at, start + to)
    year = _year(blocks, month, day_number, groups)
    if year is None:
        return Found(None, span, Confidence.MISSING, "date without year", "year_missing")
    try:
        return Found(date(year, month, day_number), span, Confidence.CHECK, "date without year", "year_inferred")
    except ValueError:
        return None


def _year(blocks: tuple[Block, ...], month: int, day: int, groups: list[Mention]) -> int | None:
    """The year of a date without one: a full date up to two weeks later (the dateline), else the start of a period."""
    for block in blocks:
        for match in DATE.finditer(block.text[:80] if len(block.text) < 80 else ""):
            full = matched_date(match)
            try:
                if full is not None and 0 <= (full - date(full.year, month, day)).days <= 14:
                    return full.year
            except ValueError:
                continue
    return next((item.years[0] for item in groups if item.years), None)


def _bases(passage: list[Place], own_number: str) -> tuple[ReadReference, ...]:
    """The numbered documents cited in the passage of one programme."""
    inside = tuple(place.block for place in passage)
    found = find_references(inside)
    shift = passage[0].number if passage else 0
    own = fold(own_number)
    return tuple(_shifted(item, shift) for item in found if item.number is not None and fold(item.number.text) != own)


def _shifted(reference: ReadReference, by: int) -> ReadReference:
    def moved(item: Found | None) -> Found | None:
        if item is None or item.span is None:
            return item
        return replace(item, span=replace(item.span, block=item.span.block + by))

    return replace(
        reference,
        type=moved(reference.type) or reference.type,
        number=moved(reference.number),
        date=moved(reference.date),
        issuer=moved(reference.issuer),
        subject=moved(reference.subject),
        relation=moved(reference.relation),
        quoted=moved(reference.quoted),
    )
