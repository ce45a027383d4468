"""One citation: its type word, number, date, issuer and subject, after the grammar of domain notes section 2.

The type comes from the word before the number, never from the code inside it. All patterns are bounded, and each looks
only a fixed distance around a number, so that the work grows with the length of the text alone.
"""

import re
from dataclasses import dataclass, replace

from documents.reading import language
from documents.reading.issuers import ISSUER_HEAD, ISSUER_START, TYPE, issuer_end
from documents.reading.places import DATE, Place, matched_date, trimmed
from documents.types import Confidence, Found
from documents.vietnamese import fold, folded_number

_UPPER = "A-ZĐƯƠÔÂĂÊ"
_CODE = rf"[{_UPPER}][A-Za-zĐđƯưƠơÔôÂâĂăÊê]{{0,25}}\d{{0,2}}"
NUMBER = re.compile(
    rf"(?<![\w/.,])(?<!\d[-–])(?<!\d\s)(?P<n>\d{{1,5}})(?P<year>\s?/\s?(?:19|20)\d{{2}})?\s{{0,2}}[-–—/]\s{{0,2}}{_CODE}(?:\s{{0,2}}[-–—/]\s{{0,2}}{_CODE}){{0,6}}"
)
_LEAD = re.compile(r"(?:\s*\(?\s*(?:số|Số|SỐ)\s{0,2}[:.]?\s{0,2})$")
_LAW = re.compile(r"(?<!\w)(?:Bộ\s[Ll]uật|Pháp\slệnh|Luật|LUẬT)(?=\s)")
_TYPE_CODES = {code: tuple(fold(words).split(" / ")) for code, words in language.table("type-codes").items()}
_SUBJECT = re.compile(
    rf"\s{{0,2}}[,:]?\s{{0,2}}(?P<s>(?:{language.alternation(language.words('subjects'))})[\s,])", re.IGNORECASE
)
_QUOTED = re.compile(r"\s{0,2}[,:]?\s{0,2}[“\"](?P<s>[^”\"]{3,400})[”\"]")
_ISSUER = re.compile(rf"\s{{0,2}},?\s{{0,2}}(?:do|của)\s{{1,3}}(?P<i>{ISSUER_HEAD})", re.IGNORECASE)
_DATE_LEAD = re.compile(r"\s{0,2}[,(]?\s{0,2}(?:cùng\s)?(?:ký\s)?(?:ban\shành\s)?(?:ngày\s{1,3})?", re.IGNORECASE)
_SAME_DAY = re.compile(r"\s{0,2},?\s{0,2}cùng\s{1,2}ngày\s", re.IGNORECASE)
_YEAR_ONLY = re.compile(r"\s{0,2},?\s{0,2}năm\s{1,2}(?P<y>(?:19|20)\d{2})(?=\s(?:của|về)\s)")
_ISSUED_BEFORE = re.compile(r"(?:đã|vừa|mới)?\s{0,2}(?:ký\s)?(?:ban\shành|có|ra|ký|thông\squa)\s{1,3}$", re.IGNORECASE)
_AT_BEFORE = re.compile(r"\s(?:tại|trong|theo)\s{1,3}(?:các\s)?$", re.IGNORECASE)
_GLUE = re.compile(r"[\s,;:()]*(?:(?:và|cùng|hoặc)\s*)?(?:các\s*|(?:số|Số)\s*)?[\s:]*", re.IGNORECASE)
_SHORT_TYPES = language.table("document-types-short")
_SHORT_TYPE = re.compile(rf"(?<!\w)(?P<t>{language.alternation(list(_SHORT_TYPES))})\s{{0,2}}$")
# "Các Quyết định của Thủ tướng Chính phủ …:" speaks for the numbers listed behind the colon
_LIST_HEAD = re.compile(
    rf"(?<!\w)các\s(?P<t>{language.alternation(language.words('document-types'))})(?!\w)[^:;.]{{0,150}}:", re.IGNORECASE
)
# "Quy chế phối hợp công tác số …": what kind of rules, said between type and number
_QUALIFIERS = re.compile(r"(?:\s(?:phối\shợp|hợp\stác|công\stác|hoạt\sđộng|liên\stịch|liên\sngành|hành\sđộng)){0,3}")
_OWN_NUMBER = re.compile(r"\s*(?:Số|SỐ)\s*[:.]?\s*$")
_NEAR = 160


@dataclass(slots=True)
class Citation:
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


@dataclass(frozen=True, slots=True)
class ListHead:
    at: int  # where the list begins in its own block, 0 for the blocks behind it
    type: Found
    issuer: Found | None


def list_head(place: Place) -> ListHead | None:
    match = last_match(_LIST_HEAD, place.text, 0, len(place.text))
    if match is None:
        return None
    issuer = _ISSUER.search(place.text, match.end("t"), match.end())
    body = None
    if issuer:
        end = issuer_end(place.text, issuer.start("i"), match.end() - 1)
        body = place.found(issuer.start("i"), end, "issuer of the list", sure=False)
    kind = place.found(match.start("t"), match.end("t"), "type of the list", sure=False)
    return ListHead(match.end(), kind, body)


def continues_list(text: str) -> bool:
    return bool(re.match(r"[-+•\s]*(?:số|Số)\s{0,2}:?\s{0,2}\d", text))


def citation_at(
    place: Place, text: str, match: re.Match[str], previous: Citation | None, head: ListHead | None = None
) -> Citation | None:
    codes = re.findall(_CODE, match[0])
    if not any(sum(char.isupper() for char in code) >= 2 for code in codes):
        return None
    lead = _LEAD.search(text, max(0, match.start() - 12), match.start())
    before = lead.start() if lead else match.start()
    start, kind = before, None
    floor = max(previous.number.end() if previous else 0, before - _NEAR)
    word = last_match(TYPE, text, floor, before)
    # "… quy phạm pháp luật số 64": a small "luật" is part of a law's name, not the type
    qualified = _QUALIFIERS.match(text, word.end(), before) if word else None
    if word and qualified and not text[qualified.end() : before].strip(" :") and word[0] != "luật":
        start = word.start()
        kind = checked(place.found(word.start(), qualified.end(), "type word before the number"), codes[:1])
    elif law := last_match(_LAW, text, floor, before):
        if not re.search(r"[;.]", text[law.end() : before]) and before - law.end() < 130:
            start = law.start()
            kind = place.found(law.start(), law.end(), "law named before its number")
    elif short := _SHORT_TYPE.search(text, max(0, before - 6), before):
        start = short.start()
        kind = place.found(start, before, "abbreviated type", value=_SHORT_TYPES[short["t"]], sure=False)
    if kind is None and head is not None and lead:
        fields = {"issuer": head.issuer} if head.issuer else {}
        return Citation(place, before, match.end(), match, head.type, fields, match.end(), listed=True)
    if kind is None and previous is not None and previous.type is not None:
        gap = DATE.sub("", text[previous.number.end() : before])
        if len(gap) < 60 and re.fullmatch(r"[\s,;()]*(?:ngày)?[\s,;()]*(?:và|cùng)?[\s,;]*", gap, re.IGNORECASE):
            kind = replace(previous.type, confidence=Confidence.CHECK, rule="type of the list")
            return Citation(place, before, match.end(), match, kind, {}, match.end(), listed=True)
    if kind is None and previous is not None and previous.type is not None and lead:
        # "các Quyết định: số … về …; số … về …": the type is said once for the whole list
        gap = text[previous.number.end() : before]
        same = re.sub(r"^\d+(?:-\d{4})?-", "", folded_number(match[0])) == previous.office
        if same and re.search(r"(?:[;,]|\svà)\s*$", gap) and not re.search(r"\.\s", gap) and len(gap) < 600:
            kind = replace(previous.type, confidence=Confidence.CHECK, rule="type of the list")
            return Citation(place, before, match.end(), match, kind, {}, match.end(), listed=True)
    if kind is None and match.start() < 16 and _OWN_NUMBER.match(text, 0, match.start()):
        return None  # "Số: 12/…" at the head of a document is its own number
    if kind is None:
        known = any(code in _TYPE_CODES for code in codes)
        if not (lead or (known and " " not in match[0])):
            return None
        kind = Found(None, None, Confidence.MISSING, "no type word")
    return Citation(place, start, match.end(), match, kind, {}, match.end())


def checked(kind: Found, codes: list[str]) -> Found:
    """`kind`, to be checked if the code in the number stands for another one (domain notes, rule a)."""
    known = next((_TYPE_CODES[code] for code in codes if code in _TYPE_CODES), None)
    word = fold(kind.text)
    general = word.startswith(("van ban", "thong bao", "bao cao")) or not word
    if known is None or general or any(word.startswith(option) for option in known):
        return kind
    return replace(kind, confidence=Confidence.CHECK, note="code_differs")


def last_match(pattern: re.Pattern[str], text: str, start: int, end: int) -> re.Match[str] | None:
    """The last place in [start, end) where `pattern` fits."""
    last = None
    for match in pattern.finditer(text, start, end):
        last = match
    return last


def read_fields(citation: Citation, text: str) -> None:
    """Fills in date, issuer and subject from what stands around the number."""
    place, at = citation.place, citation.number.end()
    window = min(len(text), at + 600)
    for _ in range(3):
        end = None
        if "date" not in citation.fields:
            end = _take_date(citation, text, at, window)
        if end is None and "issuer" not in citation.fields:
            end = _take_issuer(citation, text, at, window)
        if end is None:
            break
        at = end
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


def _take_date(citation: Citation, text: str, at: int, window: int) -> int | None:
    lead = _DATE_LEAD.match(text, at, window)
    start = lead.end() if lead else at
    match = DATE.match(text, start, window)
    year = _YEAR_ONLY.match(text, at, window)
    if year and not match:
        span = citation.place.span(year.start("y"), year.end("y"))
        citation.fields["date"] = Found(None, span, Confidence.MISSING, "year after the number", "year_only")
        return year.end()
    if not match:
        return None
    day = matched_date(match)
    if day is None:
        return None
    citation.fields["date"] = citation.place.found(match.start(), match.end(), "date after the number", value=day)
    return match.end() + (text[match.end() : match.end() + 1] == ")")


def _take_issuer(citation: Citation, text: str, at: int, window: int) -> int | None:
    match = _ISSUER.match(text, at, window)
    if not match:
        return None
    end = issuer_end(text, match.start("i"), window)
    citation.fields["issuer"] = citation.place.found(match.start("i"), end, 'issuer after "của"')
    return end


def _look_before(citation: Citation, text: str) -> None:
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
    for head in ISSUER_START.finditer(text, floor, edge):
        end = issuer_end(text, head.start(), edge)
        if text[end:edge].strip(" ,") == "":
            lead = text[max(floor, head.start() - 5) : head.start()]
            if issued or lead.endswith("của "):
                citation.fields.setdefault(
                    "issuer", citation.place.found(head.start(), end, "issuer before the citation")
                )
            break
    if issued:
        for match in DATE.finditer(text, floor, edge):
            day = matched_date(match)
            if day is not None:
                citation.fields.setdefault(
                    "date",
                    citation.place.found(match.start(), match.end(), "date of issue before the citation", value=day),
                )


_SUBJECT_END = re.compile(
    r";|…|\.(?=\s|$|/)|\s\((?:sau\sđây|(?:[\w ]{2,30}\s)?số\s)|”|(?:,|\svà)\s(?=số\s\d)"
    r"|,\s(?:trong\sđó|qua\sđó|nhất\slà|đồng\sthời|theo\sđó|nhằm|góp\sphần)"
    r"|\s(?:nêu|nói)\strên|\sđã\s(?:được|tạo|đề)|\s(?:để\snắm|đề\sra)\s|:",
    re.IGNORECASE,
)
_NEXT_CITATION = re.compile(
    rf"(?:,|;|\svà|\scùng)\s{{1,2}}(?:các\s)?(?:{language.alternation(language.words('document-types'))})"
    r"(?:\s[\w ]{0,40})?\s(?:số\s?:?\s?)?\d{1,5}\s?[-–/]",
    re.IGNORECASE,
)


# "Căn cứ … về …, Ủy ban nhân dân tỉnh ban hành …": the body that now acts is no part of the subject
_ACTING_BODY = re.compile(
    rf",\s{ISSUER_HEAD}[^,;.]{{0,80}}?\s(?:ban\shành|quyết\sđịnh|xây\sdựng|tổ\schức|đề\snghị|yêu\scầu|báo\scáo|thống\snhất)\s"
)


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


def share_head(first: Citation, second: Citation, text: str) -> None:
    """ "Ngày …, Bộ Chính trị ban hành A và B": what stands before the first counts for the second too."""
    if not _GLUE.fullmatch(text[first.end : second.start]) or second.start <= first.end:
        return
    for name in ("date", "issuer"):
        known = first.fields.get(name)
        if known and name not in second.fields and known.span and known.span.end <= first.start:
            second.fields[name] = replace(known, confidence=Confidence.CHECK, rule="shared by a list")


def share_tail(first: Citation, second: Citation, text: str) -> None:
    """In a list the last one often carries date, issuer and subject for those before it."""
    gap = text[first.tail : second.start]
    same_type = first.type and second.type and fold(first.type.text) == fold(second.type.text)
    if not _GLUE.fullmatch(gap) or (";" in gap and not second.listed):
        return
    together = _SAME_DAY.match(text, second.number.end()) is not None
    if fold(first.type.text if first.type else "") in ("luat", "bo luat"):
        return  # each law has its own day and name
    if together:
        names = ["date", "issuer"]
    elif first.office == second.office:
        names = ["issuer", "subject"] if ";" in gap else ["date", "issuer", "subject"]
    elif same_type:
        names = ["subject"]
    else:
        return
    for name in names:
        if name not in first.fields and name in second.fields and not (name == "subject" and "number" in second.fields):
            shared = second.fields[name]
            first.fields[name] = replace(shared, confidence=Confidence.CHECK, rule="shared by a list")
