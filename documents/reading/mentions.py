"""Places of a text that name an instrument of coordination together with its parties."""

import re
from dataclasses import dataclass, field

from documents.reading import language
from documents.reading.bodies import bodies_before, body_list, group_named, places_listed, split_places, without_short
from documents.reading.places import PERIOD, Place, trimmed
from documents.types import Found, ReadReference
from documents.vietnamese import fold

_INSTRUMENT = re.compile(
    rf"(?<!\w)(?P<n>(?:{language.alternation([*language.table('instruments'), 'văn bản', 'biên bản'])})"
    r"\s(?:công\stác\s)?(?:phối\shợp|hợp\stác|liên\stịch|liên\sngành)"
    r"(?:\s(?:công\stác|hoạt\sđộng|hành\sđộng|liên\sngành|và\sthống\snhất\shành\sđộng))?"
    r"|(?:biên\sbản|bản)\sghi\snhớ(?:,?\s(?:về\s(?:việc\s)?)?(?:phối\shợp|hợp\stác))?)(?!\w)",
    re.IGNORECASE,
)
COORDINATION = re.compile(r"phối\shợp|hợp\stác|liên\stịch|liên\sngành|ghi\snhớ", re.IGNORECASE)
_BARE = re.compile(r"(?<!\w)(?P<n>phối\shợp)\s(?:công\stác\s)?(?=giữa\s)", re.IGNORECASE)
_HEADLINE = re.compile(r"(?<!\w)(?P<n>phối\shợp(?:\scông\stác)?)(?!\w)", re.IGNORECASE)
_OF = re.compile(r"\s{1,2}của\s{1,2}")
_NEXT = re.compile(r"(?:,|\svà|;)\s{1,2}$")
_REVIEWS = re.compile(r"sơ\skết|tổng\skết|đánh\sgiá|kết\squả|kiểm\stra", re.IGNORECASE)
_BETWEEN = re.compile(r"(?<!\w)giữa\s{1,2}(?:hai\sđơn\svị\s|hai\sbên\s|các\sbên\s)?:?\s{0,2}", re.IGNORECASE)
# number and date between the instrument and what it is about
_NAMED = re.compile(
    r"\s{0,2}\(?số\s{0,2}:?\s{0,2}\d{1,5}(?:\s?[-–/]\s?[\wĐđ]{1,30}){0,6}\)?"
    r"(?:\s?,?\s?\(?(?:ký\s)?ngày\s(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{1,2}\stháng\s\d{1,2}\snăm\s\d{4})\)?)?"
)
_REACH = 1_500
_PERIOD_NEXT = re.compile(r"\s{0,2}(?:giai\sđoạn|nhiệm\skỳ)\s{0,2}\d{4}", re.IGNORECASE)
_WITH = re.compile(r"(?<!\w)(?:cùng\svới|với|cùng)\s{1,2}", re.IGNORECASE)
_VERB = re.compile(rf"(?<!\w)(?:{language.alternation(language.words('signing-verbs'))})(?!\w)", re.IGNORECASE)
_WEAK = frozenset(fold(word) for word in language.words("signing-verbs-weak"))
_TOPIC_STOP = re.compile("|".join(re.escape(stop) for stop in language.words("topic-stops")), re.IGNORECASE)
_IMPLEMENTS = re.compile(
    r"(?:thực\shiện|triển\skhai)\s(?P<n>(?:các\s)?(?:Chương\strình\smục\stiêu|Chương\strình\shành\sđộng|Chương\strình|Đề\sán|Chiến\slược|Kế\shoạch|Dự\sán|Nghị\squyết|Cuộc\svận\sđộng)\s[^;.]{3,200})"
)
_SINGLE_YEAR = re.compile(r"(?<!\w)[Nn]ăm\s(?:[\w ]{0,40}?\s)?(?P<y>(?:19|20)\d{2})(?!\d|\s?[-–])")
COUNT = re.compile(r"(?<!\w)(?:các|\d{1,2}|hai|ba|bốn|năm|sáu)\s{1,2}$", re.IGNORECASE)


@dataclass(slots=True)
class Mention:
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
    reviewed: bool = False  # the sentence tells of its review, not of its signing
    doubted: bool = False  # the headline gives other years
    apart: "Mention | None" = None  # another one signed in the same breath
    extra: list["Mention"] = field(default_factory=list)

    @property
    def years(self) -> tuple[int, int] | None:
        """First and last year of the own period."""
        return self.period[:2] if self.period else None


def _cited_around(citations: list[ReadReference], at: int) -> ReadReference | None:
    for reference in citations:
        span = reference.quoted.span if reference.quoted else None
        if reference.number is not None and span and span.start <= at < span.end:
            return reference
    return None


def mentions_in(place: Place, start: int, end: int, citations: list[ReadReference]) -> list[Mention]:
    text = place.text
    found: list[Mention] = []
    covered = start
    matches = list(_INSTRUMENT.finditer(text, start, end))
    for at, match in enumerate(matches):
        if match.start() < covered:
            continue
        cited = _cited_around(citations, match.start())
        if cited is not None and cited.type.span and cited.type.span.start != match.start():
            continue  # part of the subject of another document
        # "ký kết Quy chế phối hợp … và Chương trình phối hợp …": the first ends where the next begins
        following = end
        for item in matches[at + 1 : at + 3]:
            between = text[max(match.end(), item.start() - 8) : item.start()]
            if item.start() - match.end() < 400 and _NEXT.search(between) and fold(item["n"]) != fold(match["n"]):
                following = item.start()
                break
        mention = _mention(place, start, following, match)
        before = found[-1] if found else None
        if before and (mention is None or not mention.parties) and before.sentence[1] == match.start():
            topic = _topic(text, match.end(), following)
            mention = _built(place, (start, end), match.span("n"), [], topic, strong=before.strong)
            mention.parties, mention.reviewed = list(before.parties), before.reviewed
        if before and mention is not None and before.sentence[1] == match.start():
            mention.apart = before
        if mention is not None:
            mention.cited = cited
            found.append(mention)
            covered = max(covered, mention.topic[1] if mention.topic else match.end())
    if not found:
        for match in _BARE.finditer(text, start, end):
            listed = _between(text, match.end(), end)
            if len(listed) >= 2:
                found.append(
                    _built(place, (start, end), match.span("n"), listed, _topic(text, listed[-1][1], end), strong=False)
                )
                break
    if not found and place.number == 0 and start == 0:
        for match in _HEADLINE.finditer(text, start, end):
            listed = bodies_before(text, start, match.start())
            if listed:
                found.append(
                    _built(place, (start, end), match.span("n"), listed, _topic(text, match.end(), end), strong=False)
                )
                break
    return found


def _mention(place: Place, start: int, end: int, match: re.Match[str]) -> Mention | None:
    text = place.text
    # a sentence of an office is long, but not that long; keeps hostile ones from costing their length squared
    start, end = max(start, match.start() - _REACH), min(end, match.end() + _REACH)
    named = _NAMED.match(text, match.end(), end)
    behind_name = named.end() if named else match.end()
    verbs = list(_VERB.finditer(text, start, match.start()))
    behind = re.compile(r"[^.;]{0,200}?(?:được|đã)\s(?:ký\skết|ký|ban\shành)").match(text, match.end(), end)
    strong = any(fold(verb[0]) not in _WEAK for verb in verbs) or bool(behind)
    telling = [verb for verb in verbs if fold(verb[0]) not in _WEAK]
    reviewed = bool(telling) and bool(_REVIEWS.match(telling[-1][0]))
    between = _BETWEEN.search(text, match.end(), min(end, match.end() + 260))
    listed: list[tuple[int, int]] = []
    topic: tuple[int, int] | None = None
    if between:
        listed = _between(text, between.start(), end)
        if listed and (group := group_named(text, listed[-1][1])):
            listed.append(group)
        if listed:
            inner = trimmed(text, behind_name, between.start())
            topic = _topic(text, listed[-1][1], end)
            if inner[1] - inner[0] > 12:
                topic = inner if topic is None or topic[1] - topic[0] < 12 else (inner[0], topic[1])
    of = _OF.match(text, behind_name, end)
    of_bodies = body_list(text, of.end(), end) if of and len(listed) < 2 else []
    if len(of_bodies) == 2 and re.search(r"\s(?:và|với)\s", text[of_bodies[0][1] : of_bodies[1][0]]):
        listed, topic = of_bodies, _topic(text, of_bodies[-1][1], end)
    if len(listed) < 2:
        verb_at = verbs[-1].start() if verbs else match.start()
        subject = bodies_before(text, start, _ceremony_start(text, start, verb_at))
        partners: list[tuple[int, int]] = []
        clause = text.find(";", match.end(), end)
        for joined in _WITH.finditer(text, match.end(), clause if clause > 0 else end):
            partners = body_list(text, joined.end(), end)
            if partners:
                before = trimmed(text, behind_name, joined.start())
                topic = _topic(text, partners[-1][1], end)
                if before[1] - before[0] > 12:
                    topic = before
                break
        if not partners and verbs:
            # "ký kết với B chương trình phối hợp …"
            for joined in _WITH.finditer(text, verbs[-1].end(), match.start()):
                named_with = body_list(text, joined.end(), match.start())
                if named_with and text[named_with[-1][1] : match.start()].strip() == "":
                    partners = named_with
                    subject = subject or _first_bodies(text, start, verbs[-1].start())
                    topic = _topic(text, behind_name, end)
        if partners and not subject:
            subject = _first_bodies(text, start, verb_at) if ";" in text[start : match.start()] else []
            if not subject:
                return None
        listed = subject + [item for item in partners if item not in subject]
        if not partners:
            topic = _topic(text, behind_name, end)
    if not listed and not (strong and _PERIOD_NEXT.match(text, behind_name, end)):
        return None
    mention = _built(place, (start, end), match.span("n"), listed, topic, strong=strong)
    mention.reviewed = reviewed
    if of and mention.period and mention.period[0] == mention.period[1]:
        mention.period = None  # "Quy chế của A và B năm 2018": the year of the review
    counted = COUNT.search(text, start, match.start())
    mention.announcement = bool(counted) or len(mention.parties) > 2
    return mention


def _between(text: str, at: int, end: int) -> list[tuple[int, int]]:
    match = _BETWEEN.match(text, at, end)
    if not match:
        return []
    return body_list(text, match.end(), end) or [item for item in places_listed(text, match.end()) if item[1] <= end]


def _first_bodies(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The bodies that a sentence begins with, behind a place or time ("Tại hội nghị, …")."""
    opening = re.compile(r"(?:[^,;.]{3,60},\s){0,2}").match(text, start, end)
    for at in (start, opening.end() if opening else start):
        listed = body_list(text, at, end)
        if listed:
            return listed[:1]
    return []


_CEREMONY = re.compile(
    r"\s(?:đã|vừa|chính\sthức|đồng|cùng|cùng\snhau|tiến\shành)?\s?(?:đồng\s|phối\shợp\s)?(?:tổ\schức|diễn\sra|dự|tham\sdự|chủ\strì|thực\shiện)\s[^,.;]{0,60}?$",
    re.IGNORECASE,
)


def _ceremony_start(text: str, start: int, verb_at: int) -> int:
    """Where the predicate begins: "A cùng với B | đã tổ chức Lễ ký kết"."""
    window = max(start, verb_at - 110)
    match = _CEREMONY.search(text, window, verb_at)
    return match.start() if match else verb_at


def _topic(text: str, start: int, end: int) -> tuple[int, int] | None:
    """What the programme is about: from `start` to the end of the thought; inside of quotation marks if quoted."""
    opening = re.compile(
        r"[\s,:]{0,3}(?:(?:về\sviệc|về|trong\sviệc|với\snội\sdung|với\schủ\sđề|trong)\s)?[:\s]{0,2}[“\"]"
    ).match(text, start, end)
    closing = re.compile(r"[”\"]").search(text, opening.end(), end) if opening else None
    if opening and closing:
        period = PERIOD.match(text, closing.end() + 1, end)
        return trimmed(text, opening.end(), period.end() if period else closing.start())
    stop = _TOPIC_STOP.search(text, start, end)
    limit = stop.start() if stop else end
    cut = re.compile(r"[;(”]|\.\s|\.$").search(text, start, limit)
    begin, limit = trimmed(text, start, cut.start() if cut else limit)
    if text[begin:limit].endswith((" và", " với")):
        begin, limit = trimmed(text, begin, limit - 3)
    return (begin, limit) if limit - begin >= 8 else None


def _built(
    place: Place,
    sentence: tuple[int, int],
    instrument: tuple[int, int],
    listed: list[tuple[int, int]],
    topic: tuple[int, int] | None,
    *,
    strong: bool,
) -> Mention:
    parties: list[Found] = []
    for start, end in listed:
        start, end = trimmed(place.text, start, end)
        _, names = split_places(place.text[start:end])
        if names == [place.text[start:end]] or not names:
            shown = without_short(place.text[start:end])
            parties.append(place.found(start, end, "party named", value=shown))
        else:
            parties.extend(
                place.found(start, end, "one body of several places", value=name, sure=False) for name in names
            )
    mention = Mention(place, sentence, instrument, parties, topic, strong=strong)
    _read_period(mention)
    return mention


def _read_period(mention: Mention) -> None:
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
                mention.implements_period = (
                    int(period["from"]),
                    int(period["to"]),
                    period.start("from"),
                    period.end("to"),
                )
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


def inherit_parties(mentions: list[Mention]) -> None:
    """ "… and signed the programme for 2024–2028": the parties are those named shortly before, for other years."""
    last: Mention | None = None
    for mention in mentions:
        if len(mention.parties) >= 2:
            last = mention
        elif not mention.parties and last and last.years and mention.years and mention.years != last.years:
            near = 0 <= mention.place.number - last.place.number <= 2
            mention.parties = list(last.parties) if near else []


def resolve_two_places(mentions: list[Mention]) -> None:
    """ "Hội Nông dân hai tỉnh đã ký …": which two was said earlier."""
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
            common = next(
                (i for i, word in enumerate(words) if any(word not in party.text.split(" ") for party in expanded)),
                len(words),
            )
            known[fold(" ".join(words[: max(1, common - 1)]))] = expanded
