"""Citations of legal documents: type, number, date, issuer and subject, after the grammar of domain notes section 2.

The type comes from the word before the number, never from the code inside it. All patterns are bounded, and each looks
only a fixed distance around a number, so that the work grows with the length of the text alone.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from documents.reading import language
from documents.reading.places import DATE, Place, matched_date, trimmed
from documents.types import Block, Confidence, Found, ReadReference
from documents.vietnamese import fold, folded_number, latin_letters

_UPPER = "A-ZĐƯƠÔÂĂÊ"
_CODE = rf"[{_UPPER}][A-Za-zĐđƯưƠơÔôÂâĂăÊê]{{0,25}}\d{{0,2}}"
_NUMBER = re.compile(
    rf"(?<![\w/.,])(?<!\d[-–])(?P<n>\d{{1,5}})(?P<year>\s?/\s?(?:19|20)\d{{2}})?\s{{0,2}}[-–—/]\s{{0,2}}{_CODE}(?:\s{{0,2}}[-–—/]\s{{0,2}}{_CODE}){{0,6}}"
)
_LEAD = re.compile(r"(?:\s*\(?\s*(?:số|Số|SỐ)\s{0,2}[:.]?\s{0,2})$")
_TYPE = re.compile(rf"(?<!\w)(?:{language.alternation(language.words('types'))})(?!\w)", re.IGNORECASE)
_LAW = re.compile(r"(?<!\w)(?:Bộ\s[Ll]uật|Pháp\slệnh|Luật|LUẬT)(?=\s)")
_TYPE_CODES = frozenset(language.words("type_codes"))
_SUBJECT = re.compile(rf"\s{{0,2}}[,:]?\s{{0,2}}(?P<s>(?:{language.alternation(language.words('subject_starts'))})[\s,])", re.IGNORECASE)
_QUOTED = re.compile(r"\s{0,2}[,:]?\s{0,2}[“\"](?P<s>[^”\"]{3,400})[”\"]")
_ISSUER_HEAD = rf"(?:{language.alternation(language.words('issuer_heads'))})(?!\w)"
_ISSUER = re.compile(rf"\s{{0,2}},?\s{{0,2}}(?:do|của)\s{{1,3}}(?P<i>{_ISSUER_HEAD})", re.IGNORECASE)
_ISSUER_START = re.compile(_ISSUER_HEAD)
_DATE_LEAD = re.compile(r"\s{0,2}[,(]?\s{0,2}(?:cùng\s)?(?:ký\s)?(?:ban\shành\s)?(?:ngày\s{1,3})?", re.IGNORECASE)
_ISSUED_BEFORE = re.compile(r"(?:đã|vừa|mới)?\s{0,2}(?:ký\s)?(?:ban\shành|có|ra|ký|thông\squa)\s{1,3}$", re.IGNORECASE)
_AT_BEFORE = re.compile(r"\s(?:tại|trong|theo)\s{1,3}(?:các\s)?$", re.IGNORECASE)
_GLUE = re.compile(r"[\s,;:()]*(?:(?:và|cùng|hoặc)\s*)?(?:các\s*|(?:số|Số)\s*)?[\s:]*", re.IGNORECASE)
_STOP_WORDS = frozenset(language.words("issuer_stops"))
_SHORT_TYPES = language.table("short_types")
_SHORT_TYPE = re.compile(rf"(?<!\w)(?:{language.alternation(list(_SHORT_TYPES))})$")
# "Các Quyết định của Thủ tướng Chính phủ …:" speaks for the numbers listed behind the colon
_LIST_HEAD = re.compile(rf"(?<!\w)các\s(?P<t>{language.alternation(language.words('types'))})(?!\w)[^:;.]{{0,150}}:", re.IGNORECASE)
_OWN_NUMBER = re.compile(r"\s*(?:Số|SỐ)\s*[:.]?\s*$")
_TERM = re.compile(r"\s?\(?\s?[Kk]h[oó][aáà]\s[IVXLC]{1,6}\)?")
_ISSUER_ANY = re.compile(_ISSUER_HEAD, re.IGNORECASE)
_ISSUER_WORD = re.compile(r"\s{1,3}(?P<w>[\w/]+(?:\.(?=\w)\w+)*)")
_ISSUER_JOINT = re.compile(r"\s{0,3}(?:,|-|–|&)\s{1,3}|\s{1,3}và\s{1,3}")
# begin like a stop word and yet belong to names: "Ủy ban", "An toàn giao thông"
_SAFE = re.compile(rf"(?:{language.alternation(language.words('issuer_phrases'))})(?!\w)")
_NEAR = 160


@dataclass(slots=True)
class _Citation:
    place: Place
    start: int  # of the type word, or of the number
    end: int  # behind what was understood
    number: re.Match[str]
    type: Found | None
    fields: dict[str, Found]
    tail: int  # where the text after the number fields begins
    listed: bool = False  # took its type from the citation before it

    @property
    def office(self) -> str:
        """The codes behind the number, folded: two documents of one list usually share them."""
        return re.sub(r"^\d+(?:-\d{4})?-", "", folded_number(self.number[0]))


def find_references(blocks: tuple[Block, ...], *, own_number: str = "") -> tuple[ReadReference, ...]:
    """Every document cited in `blocks`, once each, in the order of their first mention.

    What one mention lacks is taken from later ones. `own_number` (the document's own) is left out. Documents cited
    without a number come too, as candidates to be checked, unless a numbered one of the same name is there.
    """
    found: list[ReadReference] = []
    head: _ListHead | None = None
    for number, block in enumerate(blocks):
        found.extend(references_in(block, number, head))
        head = _list_head(Place(block, number)) or (head if _continues_list(block.text) else None)
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
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class _ListHead:
    at: int  # where the list begins in its own block, 0 for the blocks behind it
    type: Found
    issuer: Found | None


def _list_head(place: Place) -> _ListHead | None:
    match = _last(_LIST_HEAD, place.text, 0, len(place.text))
    if match is None:
        return None
    issuer = _ISSUER.search(place.text, match.end("t"), match.end())
    body = None
    if issuer:
        end = issuer_end(place.text, issuer.start("i"), match.end() - 1)
        body = place.found(issuer.start("i"), end, "issuer of the list", sure=False)
    kind = place.found(match.start("t"), match.end("t"), "type of the list", sure=False)
    return _ListHead(match.end(), kind, body)


def _continues_list(text: str) -> bool:
    return bool(re.match(r"[-+•\s]*(?:số|Số)\s{0,2}:?\s{0,2}\d", text))


def references_in(block: Block, number: int, head: _ListHead | None = None) -> list[ReadReference]:
    """The citations in one block, in order, a document as often as it is named.

    `head` is the type and issuer announced by an earlier block for the numbers listed here.
    """
    place = Place(block, number)
    text = latin_letters(block.text)
    own_head = _list_head(place)
    cited: list[_Citation] = []
    for match in _NUMBER.finditer(text):
        known = own_head if own_head and match.start() >= own_head.at else head
        citation = _citation(place, text, match, cited[-1] if cited else None, known)
        if citation is not None:
            cited.append(citation)
    for at, citation in enumerate(cited):
        limit = cited[at + 1].start if at + 1 < len(cited) else len(text)
        _read_fields(citation, text, limit, cited[at + 1] if at + 1 < len(cited) else None)
    for at in range(len(cited) - 2, -1, -1):
        _share_tail(cited[at], cited[at + 1], text)
    numbered = [(citation.start, _finished(citation, text)) for citation in cited]
    unnumbered = _laws_without_number(place, text, cited)
    return [reference for _, reference in sorted(numbered + unnumbered, key=lambda item: item[0])]


def _citation(place: Place, text: str, match: re.Match[str], previous: _Citation | None, head: _ListHead | None = None) -> _Citation | None:
    codes = re.findall(_CODE, match[0])
    if not any(sum(char.isupper() for char in code) >= 2 for code in codes):
        return None
    lead = _LEAD.search(text, max(0, match.start() - 12), match.start())
    before = lead.start() if lead else match.start()
    start, kind = before, None
    floor = max(previous.number.end() if previous else 0, before - _NEAR)
    word = None
    for word in _TYPE.finditer(text, floor, before):
        pass
    # "… quy phạm pháp luật số 64": a small "luật" is part of a law's name, not the type
    if word is not None and not text[word.end() : before].strip(" :") and word[0] != "luật":
        start = word.start()
        kind = place.found(word.start(), word.end(), "type word before the number")
    elif law := _last(_LAW, text, floor, before):
        if not re.search(r"[;.]", text[law.end() : before]) and before - law.end() < 130:
            start = law.start()
            kind = place.found(law.start(), law.end(), "law named before its number")
    elif short := _SHORT_TYPE.search(text, max(0, before - 6), before):
        start = short.start()
        kind = place.found(start, before, "abbreviated type", value=_SHORT_TYPES[short[0]], sure=False)
    if kind is None and head is not None and lead:
        fields = {"issuer": head.issuer} if head.issuer else {}
        return _Citation(place, before, match.end(), match, head.type, fields, match.end(), listed=True)
    if kind is None and previous is not None and previous.type is not None:
        gap = DATE.sub("", text[previous.number.end() : before])
        if len(gap) < 60 and re.fullmatch(r"[\s,;()]*(?:ngày)?[\s,;()]*(?:và|cùng)?[\s,;]*", gap, re.IGNORECASE):
            kind = replace(previous.type, confidence=Confidence.CHECK, rule="type of the list")
            return _Citation(place, before, match.end(), match, kind, {}, match.end(), listed=True)
    if kind is None and previous is not None and previous.type is not None and lead:
        # "các Quyết định: số … về …; số … về …": the type is said once for the whole list
        gap = text[previous.number.end() : before]
        same = re.sub(r"^\d+(?:-\d{4})?-", "", folded_number(match[0])) == previous.office
        if same and re.search(r"(?:[;,]|\svà)\s*$", gap) and not re.search(r"\.\s", gap) and len(gap) < 600:
            kind = replace(previous.type, confidence=Confidence.CHECK, rule="type of the list")
            return _Citation(place, before, match.end(), match, kind, {}, match.end(), listed=True)
    if kind is None and match.start() < 16 and _OWN_NUMBER.match(text, 0, match.start()):
        return None  # "Số: 12/…" at the head of a document is its own number
    if kind is None:
        known = any(code in _TYPE_CODES for code in codes)
        if not (lead or (known and " " not in match[0])):
            return None
        kind = Found(None, None, Confidence.MISSING, "no type word")
    return _Citation(place, start, match.end(), match, kind, {}, match.end())


def _last(pattern: re.Pattern[str], text: str, start: int, end: int) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text, start, end):
        pass
    return found


def _read_fields(citation: _Citation, text: str, limit: int, following: _Citation | None) -> None:
    place, at = citation.place, citation.number.end()
    window = min(len(text), at + 600)
    for _ in range(3):
        if "date" not in citation.fields and (end := _take_date(citation, text, at, window)):
            at = end
        elif "issuer" not in citation.fields and (end := _take_issuer(citation, text, at, window)):
            at = end
        else:
            break
    if text[at : at + 1] == ")":
        at += 1
    citation.tail = at
    if not citation.listed:
        _look_before(citation, text)
    quoted = _QUOTED.match(text, at, window)
    subject = _SUBJECT.match(text, at, window)
    if quoted:
        citation.fields["subject"] = place.found(quoted.start("s"), quoted.end("s"), "quoted subject")
        at = quoted.end()
    elif subject:
        end = _subject_end(text, subject.start("s"), window, place)
        start, end = trimmed(text, subject.start("s"), end)
        if end > subject.end("s"):
            citation.fields["subject"] = place.found(start, end, "subject after the number")
            at = end
    elif citation.type and fold(citation.type.text) in ("luat", "bo luat", "phap lenh"):
        start, end = trimmed(text, citation.type.span.end if citation.type.span else at, citation.number.start())
        end = start + len(re.sub(r"[\s,(]*(?:số|Số)?[\s:.]*$", "", text[start:end]))
        if end > start:
            citation.fields["subject"] = place.found(start, end, "name of the law")
    citation.end = max(at, citation.number.end())


def _take_date(citation: _Citation, text: str, at: int, window: int) -> int | None:
    lead = _DATE_LEAD.match(text, at, window)
    start = lead.end() if lead else at
    match = DATE.match(text, start, window)
    if not match:
        return None
    day = matched_date(match)
    if day is None:
        return None
    citation.fields["date"] = citation.place.found(match.start(), match.end(), "date after the number", value=day)
    return match.end() + (text[match.end() : match.end() + 1] == ")")


def _take_issuer(citation: _Citation, text: str, at: int, window: int) -> int | None:
    match = _ISSUER.match(text, at, window)
    if not match:
        return None
    end = issuer_end(text, match.start("i"), window)
    citation.fields["issuer"] = citation.place.found(match.start("i"), end, "issuer after \"của\"")
    return end


def issuer_end(text: str, start: int, window: int) -> int:
    """Where the name of an issuing body that starts at `start` ends."""
    head = _ISSUER_ANY.match(text, start, window)
    at = head.end() if head else start
    while at < window:
        if term := _TERM.match(text, at, window):
            at = term.end()
            continue
        joint = _ISSUER_JOINT.match(text, at, window)
        if joint:
            rest = text[joint.end() : joint.end() + 40]
            next_type = _TYPE.match(text, joint.end(), window)
            comma = "," in joint[0]
            if rest[:1].isupper() and (not next_type or next_type[0][0].islower()) and not re.match(r"\d|số\s", rest):
                if not comma or _ISSUER_START.match(rest) or re.match(r"(?:[\w ]{2,30}), (?:[\w ]{2,30}) và ", rest):
                    at = joint.end()
                    inner = _ISSUER_START.match(text, at, window) or _ISSUER_WORD.match(text, at - 1, window)
                    at = inner.end() if inner else at
                    continue
                if re.match(r"[\w ]{2,30}\svà\s[A-ZĐ]", rest) and re.search(r"(?:Bộ|Sở|Ban|Vụ|Cục)\s[\w ]{2,30}$", text[start:at]):
                    at = joint.end() - 1
                    continue
            elif rest[:1].islower() and not comma and re.search(r"(?:Bộ|Sở)\s[\w ,]{2,30}$", text[start:at]) and rest.split(" ")[0] not in _STOP_WORDS:
                at = joint.end() - 1
                continue
            break
        match = _ISSUER_WORD.match(text, at, window)
        if not match or match["w"].isdigit() and not text[at - 3 : at] == "thứ":
            break
        if match["w"] in _STOP_WORDS and not _SAFE.match(text, match.start("w"), window):
            break
        if _TYPE.match(text, match.start("w"), window) and match["w"][0].isupper():
            break
        at = match.end()
    return at


def _look_before(citation: _Citation, text: str) -> None:
    """Issuer and date that stand before the citation: "Ngày …, Thủ tướng đã ban hành Chỉ thị số …"."""
    floor = max(0, citation.start - 220)
    before = text[floor : citation.start]
    cut = max(before.rfind(". "), before.rfind(";"))
    floor, before = floor + cut + 1, before[cut + 1 :]
    issued = _ISSUED_BEFORE.search(before)
    at_word = _AT_BEFORE.search(before)
    tail = issued or at_word
    if not tail:
        return
    edge = floor + tail.start()
    for head in _ISSUER_START.finditer(text, floor, edge):
        end = issuer_end(text, head.start(), edge)
        if text[end:edge].strip(" ,") == "":
            lead = text[max(floor, head.start() - 5) : head.start()]
            if issued or lead.endswith("của "):
                citation.fields.setdefault("issuer", citation.place.found(head.start(), end, "issuer before the citation"))
            break
    if issued:
        for match in DATE.finditer(text, floor, edge):
            day = matched_date(match)
            if day is not None:
                citation.fields.setdefault(
                    "date", citation.place.found(match.start(), match.end(), "date of issue before the citation", value=day)
                )


_SUBJECT_END = re.compile(
    r";|…|\.(?=\s|$|/)|\s\((?:sau\sđây|(?:[\w ]{2,30}\s)?số\s)|”|(?:,|\svà)\s(?=số\s\d)|,\s(?:trong\sđó|qua\sđó|nhất\slà|đồng\sthời|theo\sđó|nhằm|góp\sphần)|\s(?:nêu|nói)\strên|\sđã\s(?:được|tạo|đề)|\s(?:để\snắm|đề\sra)\s|:",
    re.IGNORECASE,
)
_NEXT_CITATION = re.compile(
    rf"(?:,|;|\svà|\scùng)\s{{1,2}}(?:các\s)?(?:{language.alternation(language.words('types'))})(?:\s[\w ]{{0,40}})?\s(?:số\s?:?\s?)?\d{{1,5}}\s?[-–/]",
    re.IGNORECASE,
)


# "Căn cứ … về …, Ủy ban nhân dân tỉnh ban hành …": the body that now acts is no part of the subject
_ACTING_BODY = re.compile(rf",\s{_ISSUER_HEAD}[^,;.]{{0,80}}?\s(?:ban\shành|quyết\sđịnh|xây\sdựng|tổ\schức|đề\snghị|yêu\scầu|báo\scáo|thống\snhất)\s")


def _subject_end(text: str, start: int, window: int, place: Place) -> int:
    nested = _NEXT_CITATION.search(text, start, window)
    limit = nested.start() if nested else window
    acting = _ACTING_BODY.search(text, start, limit)
    limit = acting.start() if acting else limit
    formal = fold(text[:20]).startswith(("can cu", "- ")) or place.block.kind == "item"
    for match in _SUBJECT_END.finditer(text, start, limit):
        if match[0] == ";" and formal:  # a subject may itself list things
            rest = text[match.end() : match.end() + 30].lstrip()
            if rest[:1].islower() and not rest.startswith(("số ", "và ")):
                continue
        if match[0] == "." and text[match.start() - 1].isdigit() and text[match.end() : match.end() + 1].isdigit():
            continue
        return match.start()
    return limit


def _share_tail(first: _Citation, second: _Citation, text: str) -> None:
    """In a list the last one often carries date, issuer and subject for those before it."""
    gap = text[first.tail : second.start]
    same_type = first.type and second.type and fold(first.type.text) == fold(second.type.text)
    if not _GLUE.fullmatch(gap) or (";" in gap and not second.listed):
        return
    if first.office == second.office:
        names = ["issuer", "subject"] if ";" in gap else ["date", "issuer", "subject"]
    elif same_type:
        names = ["subject"]
    else:
        return
    for name in names:
        if name not in first.fields and name in second.fields and not (name == "subject" and "number" in second.fields):
            shared = second.fields[name]
            first.fields[name] = replace(shared, confidence=Confidence.CHECK, rule="shared by a list")


def _finished(citation: _Citation, text: str) -> ReadReference:
    place, match = citation.place, citation.number
    number = place.found(match.start(), match.end(), "number pattern", value=re.sub(r"\s+", "", match[0]))
    relation = None
    before = fold(text[max(0, citation.start - 60) : citation.start])
    best = -1
    for phrase, code in language.pairs("relations"):
        at = before.rfind(fold(phrase))
        if at >= 0 and at + len(fold(phrase)) > best and len(before) - at - len(fold(phrase)) < 25:
            best = at + len(fold(phrase))
            relation = Found(code, None, Confidence.CHECK, f"word before: {phrase}")
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


def _laws_without_number(place: Place, text: str, cited: list[_Citation]) -> list[tuple[int, ReadReference]]:
    found = []
    taken = [(citation.start, citation.number.end()) for citation in cited]
    for match in _UNNUMBERED.finditer(text):
        name = match["name"].strip()
        constitution = match["t"].startswith("Hiến")
        if any(start <= match.start() < end for start, end in taken):
            continue
        if not constitution and (not name[:1].isupper() or text[max(0, match.start() - 4) : match.start()].lower() == "hội "):
            continue
        kind = place.found(match.start("t"), match.end("t"), "law named without number", sure=False)
        subject = None
        if name:
            start, end = trimmed(text, match.start("name"), match.end("name"))
            subject = place.found(start, end, "name of the law", sure=False)
        day = re.compile(r"\s{0,2},?\s{0,2}(?:ngày\s{1,3})?").match(text, match.end())
        dated = DATE.match(text, day.end() if day else match.end())
        when = matched_date(dated) if dated else None
        date_found = place.found(dated.start(), dated.end(), "date after the name", value=when, sure=False) if dated and when else None
        quoted = place.found(match.start(), dated.end() if date_found and dated else match.end(), "citation", sure=False)
        found.append((match.start(), ReadReference(type=kind, date=date_found, subject=subject, quoted=quoted)))
    return found


def _key(reference: ReadReference) -> str:
    if reference.number is not None:
        return folded_number(reference.number.text)
    return fold(f"{reference.type.text}: {reference.subject.text if reference.subject else ''}")


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
        date=known.date or other.date,
        issuer=longer,
        subject=known.subject or other.subject,
        relation=known.relation or other.relation,
    )


def issue_date(reference: ReadReference) -> date | None:
    """The day of issue, None if unknown."""
    value = reference.date.value if reference.date else None
    return value if isinstance(value, date) else None
