"""Programmes reported by running text: who signed what with whom, for which years and to what end.

A mention is one place that names an instrument of coordination with its parties; mentions of the same programme are
joined. An announcement of a ceremony ("with A, B and C") steps back behind the programmes told one by one.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date

from documents.reading import language
from documents.reading.blocks import sentences
from documents.reading.bodies import bodies_before, body_list, body_words, same_body, split_places
from documents.reading.places import DATE, PERIOD, Place, day_and_month, matched_date, trimmed
from documents.reading.references import find_references, references_in
from documents.types import Block, Confidence, Found, ReadGoal, ReadParty, ReadProgramme, ReadReference
from documents.vietnamese import fold

_INSTRUMENT = re.compile(
    r"(?<!\w)(?P<n>(?:chương\strình|quy\schế|kế\shoạch|nghị\squyết|thỏa\sthuận|thoả\sthuận|(?:biên\sbản|bản)\sghi\snhớ|bản\sthỏa\sthuận|văn\sbản|thông\stư)"
    r"\s(?:công\stác\s)?(?:phối\shợp|hợp\stác|liên\stịch|liên\sngành)(?:\s(?:công\stác|hoạt\sđộng|hành\sđộng|liên\sngành|và\sthống\snhất\shành\sđộng))?)(?!\w)",
    re.IGNORECASE,
)
_COORDINATION = re.compile(r"phối\shợp|hợp\stác|liên\stịch|liên\sngành", re.IGNORECASE)
_BARE = re.compile(r"(?<!\w)(?P<n>phối\shợp)\s(?:công\stác\s)?(?=giữa\s)", re.IGNORECASE)
_HEADLINE = re.compile(r"(?<!\w)(?P<n>phối\shợp(?:\scông\stác)?)(?!\w)", re.IGNORECASE)
_BETWEEN = re.compile(r"(?<!\w)giữa\s{1,2}(?:hai\sđơn\svị\s|hai\sbên\s|các\sbên\s)?:?\s{0,2}", re.IGNORECASE)
_WITH = re.compile(r"(?<!\w)(?:cùng\svới|với|cùng)\s{1,2}", re.IGNORECASE)
_VERB = re.compile(rf"(?<!\w)(?:{language.alternation(language.words('signing_verbs'))})(?!\w)", re.IGNORECASE)
_WEAK = frozenset(fold(word) for word in language.words("weak_verbs"))
_TOPIC_STOP = re.compile("|".join(re.escape(stop) for stop in language.words("topic_stops")), re.IGNORECASE)
_IMPLEMENTS = re.compile(
    r"(?:thực\shiện|triển\skhai)\s(?P<n>(?:các\s)?(?:Chương\strình\smục\stiêu|Chương\strình\shành\sđộng|Chương\strình|Đề\sán|Chiến\slược|Kế\shoạch|Dự\sán|Nghị\squyết|Cuộc\svận\sđộng)\s[^;.]{3,200})"
)
_SINGLE_YEAR = re.compile(r"(?<!\w)[Nn]ăm\s(?:[\w ]{0,40}?\s)?(?P<y>(?:19|20)\d{2})(?!\d|\s?[-–])")
_COUNT = re.compile(r"(?<!\w)(?:các|\d{1,2}|hai|ba|bốn|năm|sáu)\s{1,2}$", re.IGNORECASE)
_GOAL_LEAD = re.compile(
    r"(?:mục\sđích|mục\stiêu|yêu\scầu)(?:(?!\slà\s|\snhằm\s).){0,400}?\s(?:là|nhằm)\s(?:nhằm\s)?", re.IGNORECASE | re.DOTALL
)
_PURPOSE = re.compile(r"(?<!\w)nhằm\s(?:mục\sđích\s)?", re.IGNORECASE)
KINDS = (("quy che", "regulation"), ("ke hoach", "plan"), ("nghi quyet", "joint_resolution"), ("ghi nho", "memorandum"), ("thoa thuan", "memorandum"))


# Mentions are compared with one another; no news text comes near this, a hostile one stops here.
_MOST_MENTIONS = 200


@dataclass(slots=True)
class _Mention:
    place: Place
    sentence: tuple[int, int]
    instrument: tuple[int, int]
    parties: list[Found]
    topic: tuple[int, int] | None
    period: tuple[int, int, int, int] | None = None  # years and place
    implements: tuple[int, int] | None = None
    implements_period: tuple[int, int, int, int] | None = None
    strong: bool = True
    announcement: bool = False
    cited: ReadReference | None = None  # the instrument's own number and date, if told
    extra: list["_Mention"] = field(default_factory=list)

    @property
    def years(self) -> tuple[int, int] | None:
        """First and last year of the own period."""
        return self.period[:2] if self.period else None


def read_news(blocks: tuple[Block, ...]) -> tuple[ReadProgramme, ...]:
    """The coordination programmes that a news text reports as signed, issued or reviewed; usually none to five."""
    mentions: list[_Mention] = []
    for number, block in enumerate(blocks):
        place = Place(block, number)
        if not _COORDINATION.search(block.text) or len(mentions) >= _MOST_MENTIONS:
            continue
        citations = references_in(block, number)
        for start, end in sentences(block.text):
            mentions.extend(_mentions(place, start, end, citations))
    _resolve_two_places(mentions)
    mentions = [mention for mention in mentions if len(mention.parties) >= 2]
    if not any(mention.strong for mention in mentions):
        return ()
    groups = _grouped(mentions)
    groups.sort(key=lambda group: (group.place.number, group.sentence[0]))
    return tuple(_programme(blocks, group, groups) for group in groups)


# ----------------------------------------------------------------------------------------------- mentions


def _cited_around(citations: list[ReadReference], at: int) -> ReadReference | None:
    for reference in citations:
        span = reference.quoted.span if reference.quoted else None
        if reference.number is not None and span and span.start <= at < span.end:
            return reference
    return None


def _mentions(place: Place, start: int, end: int, citations: list[ReadReference]) -> list[_Mention]:
    text = place.text
    found: list[_Mention] = []
    covered = start
    for match in _INSTRUMENT.finditer(text, start, end):
        if match.start() < covered:
            continue
        cited = _cited_around(citations, match.start())
        if cited is not None and cited.type.span and cited.type.span.start != match.start():
            continue  # part of the subject of another document
        mention = _mention(place, start, end, match)
        if mention is not None:
            mention.cited = cited
            found.append(mention)
            covered = max(covered, mention.topic[1] if mention.topic else match.end())
    if not found:
        for match in _BARE.finditer(text, start, end):
            listed = _between(text, match.end(), end)
            if len(listed) >= 2:
                found.append(_built(place, (start, end), match.span("n"), listed, _topic(text, listed[-1][1], end), strong=False))
                break
    if not found and place.number == 0 and start == 0:
        for match in _HEADLINE.finditer(text, start, end):
            listed = bodies_before(text, start, match.start())
            if listed:
                found.append(_built(place, (start, end), match.span("n"), listed, _topic(text, match.end(), end), strong=False))
                break
    return found


def _mention(place: Place, start: int, end: int, match: re.Match[str]) -> _Mention | None:
    text = place.text
    verbs = [verb for verb in _VERB.finditer(text, start, match.start())]
    behind = re.compile(r"[^.;]{0,200}?(?:được|đã)\s(?:ký\skết|ký|ban\shành)").match(text, match.end(), end)
    strong = any(fold(verb[0]) not in _WEAK for verb in verbs) or bool(behind)
    between = _BETWEEN.search(text, match.end(), min(end, match.end() + 260))
    listed: list[tuple[int, int]] = []
    topic: tuple[int, int] | None = None
    if between:
        listed = _between(text, between.start(), end)
        if listed:
            inner = trimmed(text, match.end(), between.start())
            topic = _topic(text, listed[-1][1], end)
            if inner[1] - inner[0] > 12:
                topic = inner if topic is None or topic[1] - topic[0] < 12 else (inner[0], topic[1])
    if len(listed) < 2:
        verb_at = verbs[-1].start() if verbs else match.start()
        subject = bodies_before(text, start, _ceremony_start(text, start, verb_at))
        partners: list[tuple[int, int]] = []
        for joined in _WITH.finditer(text, match.end(), end):
            partners = body_list(text, joined.end(), end)
            if partners:
                before = trimmed(text, match.end(), joined.start())
                topic = _topic(text, partners[-1][1], end)
                if before[1] - before[0] > 12:
                    topic = before
                break
        if partners and not subject:
            return None
        listed = subject + [item for item in partners if item not in subject]
        if not partners:
            topic = _topic(text, match.end(), end)
    if not listed:
        return None
    mention = _built(place, (start, end), match.span("n"), listed, topic, strong=strong)
    counted = _COUNT.search(text, start, match.start())
    mention.announcement = bool(counted) or len(mention.parties) > 2
    return mention


def _between(text: str, at: int, end: int) -> list[tuple[int, int]]:
    match = _BETWEEN.match(text, at, end)
    return body_list(text, match.end(), end) if match else []


_CEREMONY = re.compile(
    r"\s(?:đã|vừa|chính\sthức|đồng|cùng|cùng\snhau|tiến\shành)?\s?(?:đồng\s|phối\shợp\s)?(?:tổ\schức|diễn\sra|dự|tham\sdự|chủ\strì|thực\shiện)\s[^,.;]{0,60}?$", re.IGNORECASE
)


def _ceremony_start(text: str, start: int, verb_at: int) -> int:
    """Where the predicate begins: "A cùng với B | đã tổ chức Lễ ký kết"."""
    window = max(start, verb_at - 110)
    match = _CEREMONY.search(text, window, verb_at)
    return match.start() if match else verb_at


def _topic(text: str, start: int, end: int) -> tuple[int, int] | None:
    """What the programme is about: from `start` to the end of the thought; inside of quotation marks if quoted."""
    opening = re.compile(r"[\s,:]{0,3}(?:(?:về\sviệc|về|trong\sviệc|với\snội\sdung|với\schủ\sđề|trong)\s)?[:\s]{0,2}“").match(text, start, end)
    if opening and (closing := text.find("”", opening.end(), end)) > 0:
        period = PERIOD.match(text, closing + 2, end)
        return trimmed(text, opening.end(), period.end() if period else closing)
    stop = _TOPIC_STOP.search(text, start, end)
    limit = stop.start() if stop else end
    cut = re.compile(r"[;(”]|\.\s|\.$").search(text, start, limit)
    begin, limit = trimmed(text, start, cut.start() if cut else limit)
    return (begin, limit) if limit - begin >= 8 else None


def _built(
    place: Place, sentence: tuple[int, int], instrument: tuple[int, int], listed: list[tuple[int, int]], topic: tuple[int, int] | None, *, strong: bool
) -> _Mention:
    parties: list[Found] = []
    for start, end in listed:
        start, end = trimmed(place.text, start, end)
        _, names = split_places(place.text[start:end])
        if names == [place.text[start:end]] or not names:
            parties.append(place.found(start, end, "party named"))
        else:
            parties.extend(place.found(start, end, "one body of several places", value=name, sure=False) for name in names)
    mention = _Mention(place, sentence, instrument, parties, topic, strong=strong)
    _read_period(mention)
    return mention


def _read_period(mention: _Mention) -> None:
    text = mention.place.text
    start = mention.instrument[0]
    end = max(mention.topic[1] if mention.topic else start, mention.instrument[1])
    if mention.topic:
        implemented = _IMPLEMENTS.search(text, mention.topic[0], mention.topic[1])
        if implemented:
            period = PERIOD.search(text, implemented.start("n"), mention.topic[1])
            stop = period.end() if period else mention.topic[1]
            mention.implements = trimmed(text, implemented.start("n"), period.start() if period else stop)
            if period:
                mention.implements_period = (int(period["from"]), int(period["to"]), period.start("from"), period.end("to"))
    for period in PERIOD.finditer(text, start, min(mention.sentence[1], end + 60)):
        first, last = int(period["from"]), int(period["to"])
        inside = mention.implements_period and period.start("from") == mention.implements_period[2]
        if not inside and 0 <= last - first <= 30:
            mention.period = (first, last, period.start("from"), period.end("to"))
            return
    single = _SINGLE_YEAR.search(text, start, end)
    if single and mention.implements_period is None:
        year = int(single["y"])
        mention.period = (year, year, single.start("y"), single.end("y"))


def _resolve_two_places(mentions: list[_Mention]) -> None:
    """"Hội Nông dân hai tỉnh đã ký …": which two was said earlier."""
    known: dict[str, list[Found]] = {}
    for mention in mentions:
        resolved: list[Found] = []
        for party in mention.parties:
            body, names = split_places(party.text)
            if body and not names and fold(body) in known:
                resolved.extend(known[fold(body)])
            else:
                resolved.append(party)
        mention.parties = resolved
        expanded = [party for party in resolved if party.rule == "one body of several places"]
        if len(expanded) > 1:
            words = expanded[0].text.split(" ")
            common = next((i for i, word in enumerate(words) if any(word not in party.text.split(" ") for party in expanded)), len(words))
            known[fold(" ".join(words[: max(1, common - 1)]))] = expanded


# ------------------------------------------------------------------------------------------------- groups


def _grouped(mentions: list[_Mention]) -> list[_Mention]:
    """One mention for each programme, with what the others add; announcements only for what nobody tells apart."""
    single = [mention for mention in mentions if not _is_announcement(mention)]
    groups: list[_Mention] = []
    for mention in sorted(single, key=lambda m: not m.strong and m.place.number == 0):
        home = next((group for group in groups if _same_programme(group, mention)), None)
        if home is None:
            groups.append(mention)
        else:
            _absorb(home, mention)
    for mention in mentions:
        if _is_announcement(mention):
            _place_announcement(mention, groups)
    return [group for group in groups if group.strong or any(extra.strong for extra in group.extra)]


def _is_announcement(mention: _Mention) -> bool:
    return mention.announcement and len(mention.parties) > 2


def _place_announcement(mention: _Mention, groups: list[_Mention]) -> None:
    lead, partners = mention.parties[0], mention.parties[1:]
    told = [
        partner for partner in partners
        if any(_has_party(group, partner) and _has_party(group, lead) for group in groups)
    ]  # fmt: skip
    for group in groups:
        if _has_party(group, lead) and any(_has_party(group, partner) for partner in partners):
            _absorb(group, mention)
            group.strong = group.strong or mention.strong
            group.parties = [_fuller(party, mention.parties) for party in group.parties]
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


def _several(mention: _Mention) -> bool:
    text = mention.place.text[mention.sentence[0] : mention.instrument[0]]
    return bool(_COUNT.search(text))


def _has_party(mention: _Mention, party: Found) -> bool:
    return any(same_body(own.text, party.text) for own in mention.parties)


def _fuller(party: Found, others: list[Found]) -> Found:
    """The longest way the same body was named; the place of the own mention stays."""
    names = [other.text for other in others if same_body(other.text, party.text) and body_words(party.text) <= body_words(other.text)]
    best = max(names, key=len, default=party.text)
    if len(best) <= len(party.text):
        return party
    return replace(party, value=best, rule="fuller name elsewhere in the text")


def _same_programme(group: _Mention, other: _Mention) -> bool:
    if group.years and other.years and group.years != other.years:
        return False
    covered = all(_has_party(group, party) for party in other.parties) or all(_has_party(other, party) for party in group.parties)
    return covered and len({*map(lambda p: fold(p.text), group.parties)}) >= 2


def _topic_length(mention: _Mention) -> int:
    return mention.topic[1] - mention.topic[0] if mention.topic else 0


def _says_period(mention: _Mention) -> bool:
    """Whether the subject itself names the period: the mark of a title quoted in full."""
    return bool(mention.topic and mention.period and PERIOD.search(mention.place.text, *mention.topic))


def _absorb(group: _Mention, other: _Mention) -> None:
    group.extra.append(other)
    if group.period is None and other.period is not None and len(other.parties) <= len(group.parties):
        group.period = other.period
    longer = bool(group.topic and other.topic) and _topic_length(other) > _topic_length(group)
    fuller = longer and other.years is not None and other.years == group.years and _says_period(other) and not _says_period(group)
    if other.topic is not None and (group.topic is None or fuller) and not _is_announcement(other):
        group.extra.append(replace(group, extra=[]))
        group.topic, group.instrument, group.place, group.sentence = other.topic, other.instrument, other.place, other.sentence


# ---------------------------------------------------------------------------------------------- programmes


def _programme(blocks: tuple[Block, ...], group: _Mention, groups: list[_Mention]) -> ReadProgramme:
    place, text = group.place, group.place.text
    following = [other.place.number for other in groups if other.place.number > group.place.number]
    last = min(following, default=len(blocks))
    passage = [Place(blocks[number], number) for number in range(place.number, last)]
    name = text[group.instrument[0] : group.instrument[1]]
    bare = fold(name).startswith("phoi hop")
    kind = next((code for word, code in KINDS if fold(name).startswith(word)), "programme")
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
        starts_on=_year_edge(period_place, group.period, 0, "own period", sure=True),
        ends_on=_year_edge(period_place, group.period, 1, "own period", sure=True),
        implements_name=place.found(*group.implements, "suy ra", sure=False) if group.implements else None,
        implements_starts_on=_year_edge(place, group.implements_period, 0, "suy ra", sure=False),
        implements_ends_on=_year_edge(place, group.implements_period, 1, "suy ra", sure=False),
        legal_bases=_bases(passage, cited.number.text if cited and cited.number else ""),
        goals=_goals(passage, group),
    )


def _home_of(group: _Mention, period: tuple[int, int, int, int] | None) -> Place:
    if period is not None:
        for mention in group.extra:
            if mention.period == period and group.place.text[period[2] : period[2] + 4] != str(period[0]):
                return mention.place
    return group.place


def _year_edge(place: Place, period: tuple[int, int, int, int] | None, side: int, rule: str, *, sure: bool) -> Found | None:
    if period is None:
        return None
    day = date(period[side], 1, 1) if side == 0 else date(period[side], 12, 31)
    return place.found(period[2], period[3], rule, value=day, sure=sure, note="" if sure else "implemented_period")


def _title(group: _Mention, bare: bool) -> Found:
    place, text = group.place, group.place.text
    name = " ".join(text[slice(*group.instrument)].split())
    name = "Chương trình phối hợp" if bare else name[0].upper() + name[1:]
    if group.topic is None:
        return place.found(*group.instrument, "instrument without subject", value=name, sure=False)
    subject = " ".join(text[slice(*group.topic)].split())
    whole = f"{name} {subject}"
    return place.found(*group.topic, "instrument and its subject", value=whole, sure=not bare)


def _parties(group: _Mention) -> tuple[ReadParty, ...]:
    named: list[Found] = []
    everyone = [party for mention in group.extra for party in mention.parties]
    for party in group.parties:
        if not any(fold(party.text) == fold(known.text) for known in named):
            named.append(_fuller(party, everyone))
    return tuple(ReadParty(party, "lead" if at == 0 else "participant") for at, party in enumerate(named))


def _signed_on(blocks: tuple[Block, ...], group: _Mention, groups: list[_Mention]) -> Found | None:
    """The day of signing: said with the mention, before it in its paragraph, or with the announcement of the ceremony."""
    strong = [mention for mention in [group, *group.extra] if mention.strong]
    for same_sentence in (True, False):
        for mention in strong:
            start = mention.sentence[0] if same_sentence else 0
            found = _day_before(blocks, mention.place, start, mention.instrument[0], [group, *groups])
            if found is not None:
                return found if same_sentence or found.value is None else replace(found, confidence=Confidence.CHECK)
    return None


def _day_before(blocks: tuple[Block, ...], place: Place, start: int, end: int, groups: list[_Mention]) -> Found | None:
    for match in DATE.finditer(place.text, start, end):
        day = matched_date(match)
        if day is not None:
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


def _year(blocks: tuple[Block, ...], month: int, day: int, groups: list[_Mention]) -> int | None:
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
        reference, type=moved(reference.type), number=moved(reference.number), date=moved(reference.date), issuer=moved(reference.issuer),
        subject=moved(reference.subject), relation=moved(reference.relation), quoted=moved(reference.quoted),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------- goals


def _goals(passage: list[Place], group: _Mention) -> tuple[ReadGoal, ...]:
    openers = tuple(sorted(language.folded_set("goal_openers")))
    goals: list[ReadGoal] = []
    open_ended = False
    for place in passage:
        if place.block.kind in ("noise", "heading") or len(place.text) < 25:
            continue
        for start, end in sentences(place.text):
            if end - start < 25:
                continue
            sentence = place.text[start:end]
            lead = _GOAL_LEAD.match(place.text, start, end)
            mentioned = place.number == group.place.number and start <= group.instrument[0] < end
            purpose = _PURPOSE.search(place.text, group.topic[1] if group.topic else start, end) if mentioned else None
            if lead:
                goals.extend(_split_goal(place, lead.end(), end))
                open_ended = True
            elif purpose:
                goals.extend(_split_goal(place, purpose.end(), end))
                open_ended = True
            elif open_ended and fold(sentence[:24]).startswith(openers):
                begin = re.compile(r"(?:Đồng\sthời|Qua\sđó|Bên\scạnh\sđó)\s?,\s?").match(place.text, start, end)
                goals.extend(_split_goal(place, begin.end() if begin else start, end))
    return tuple(goals)


def _split_goal(place: Place, start: int, end: int) -> list[ReadGoal]:
    """A purpose may list several, parted by semicolons; citations of documents are no purposes of their own."""
    parts: list[tuple[int, int]] = []
    begin = start
    cited = bool(references_in(Block(place.text[start:end]), 0))
    for match in re.finditer(r";\s(?=[a-zđà-ỹ])", place.text[start:end]):
        if not cited:
            parts.append((begin, start + match.start()))
            begin = start + match.end()
    parts.append((begin, end))
    goals = []
    for first, last in parts:
        first, last = trimmed(place.text, first, last)
        if last - first >= 15:
            value = " ".join(place.text[first:last].split())
            goals.append(ReadGoal(place.found(first, last, "purpose in running text", value=value[0].upper() + value[1:])))
    return goals
