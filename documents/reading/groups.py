"""Mentions → programmes: what speaks of the same one is joined, announcements of ceremonies step back."""

from dataclasses import replace

from documents.reading.bodies import body_words, same_body
from documents.reading.mentions import COUNT, Mention
from documents.reading.places import PERIOD
from documents.types import Confidence, Found
from documents.vietnamese import fold


def grouped(mentions: list[Mention]) -> list[Mention]:
    """One mention for each programme, with what the others add; announcements only for what nobody tells apart."""
    single = [mention for mention in mentions if not is_announcement(mention)]
    groups: list[Mention] = []
    for mention in sorted(single, key=lambda m: m.place.number == 0 and (not m.strong or len(m.place.text) < 200)):
        home = next((group for group in groups if _same_programme(group, mention)), None)
        if home is None and mention.place.number == 0 and len(mention.place.text) < 200:
            # a headline tells what the text tells; where their years differ, the text counts
            same = [group for group in groups if all(_has_party(group, party) for party in mention.parties)]
            home = same[0] if len(same) == 1 and same[0].place.number > 0 and mention.apart is None else None
            if home is not None:
                home.doubted = home.years != mention.years
        if home is None:
            groups.append(mention)
        else:
            _absorb(home, mention)
    for mention in mentions:
        if is_announcement(mention):
            _place_announcement(mention, groups)
    return [group for group in groups if group.strong or any(extra.strong for extra in group.extra)]


def is_announcement(mention: Mention) -> bool:
    return mention.announcement and len(mention.parties) > 2


def _place_announcement(mention: Mention, groups: list[Mention]) -> None:
    lead, partners = mention.parties[0], mention.parties[1:]
    told = [
        partner for partner in partners
        if any(_has_party(group, partner) and _has_party(group, lead) for group in groups)
    ]  # fmt: skip
    for group in groups:
        if _has_party(group, lead) and any(_has_party(group, partner) for partner in partners):
            _absorb(group, mention)
            group.strong = group.strong or mention.strong
            group.parties = [fuller_name(party, mention.parties) for party in group.parties]
    if told:
        left = [partner for partner in partners if partner not in told]
        for partner in left:
            groups.append(replace(mention, parties=[lead, replace(partner, confidence=Confidence.CHECK)], extra=[]))
        return
    if _several(mention):
        for partner in partners:
            groups.append(replace(mention, parties=[lead, replace(partner, confidence=Confidence.CHECK)], extra=[]))
    elif not any(_same_programme(group, mention) for group in groups):
        groups.append(mention)


def _several(mention: Mention) -> bool:
    text = mention.place.text[mention.sentence[0] : mention.instrument[0]]
    return bool(COUNT.search(text))


def _has_party(mention: Mention, party: Found) -> bool:
    return any(same_body(own.text, party.text) for own in mention.parties)


def fuller_name(party: Found, others: list[Found]) -> Found:
    """The longest way the same body was named; the place of the own mention stays."""
    names = [
        other.text
        for other in others
        if same_body(other.text, party.text) and body_words(party.text) <= body_words(other.text)
    ]
    best = max(names, key=len, default=party.text)
    if len(best) <= len(party.text):
        return party
    return replace(party, value=best, rule="fuller name elsewhere in the text")


def _same_programme(group: Mention, other: Mention) -> bool:
    if group.years and other.years and group.years != other.years:
        return False
    if other.apart is group or group.apart is other or any(item is other.apart for item in group.extra):
        return False
    covered = all(_has_party(group, party) for party in other.parties) or all(
        _has_party(other, party) for party in group.parties
    )
    return covered and len({fold(party.text) for party in group.parties}) >= 2


def _topic_length(mention: Mention) -> int:
    return mention.topic[1] - mention.topic[0] if mention.topic else 0


def _says_period(mention: Mention) -> bool:
    """Whether the subject itself names the period: the mark of a title quoted in full."""
    return bool(mention.topic and mention.period and PERIOD.search(mention.place.text, *mention.topic))


def _absorb(group: Mention, other: Mention) -> None:
    group.extra.append(other)
    if group.period is None and other.period is not None and len(other.parties) <= len(group.parties):
        group.period = other.period
    longer = bool(group.topic and other.topic) and _topic_length(other) > _topic_length(group)
    fuller = (
        longer
        and other.years is not None
        and other.years == group.years
        and _says_period(other)
        and not _says_period(group)
    )
    if other.topic is not None and (group.topic is None or fuller) and not is_announcement(other):
        group.extra.append(replace(group, extra=[]))
        group.topic, group.instrument, group.place, group.sentence = (
            other.topic,
            other.instrument,
            other.place,
            other.sentence,
        )
