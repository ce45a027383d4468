"""Names of bodies (Ủy ban …, Sở …, Hội …) in running text: where they begin, where they end, which are the same."""

import re

from documents.reading import language
from documents.vietnamese import fold

# names begin with a capital; the case of the rest varies ("Tỉnh Đoàn", "Sở y tế")
_HEAD = re.compile(rf"(?<!\w)(?:{language.after_capital(language.words('bodies'))})(?!\w)")
_LEAD = re.compile(r"(?:(?:đại\sdiện|lãnh\sđạo|đồng\schí|tập\sthể|phía|bên|đơn\svị|là|:)\s{1,2}){1,3}", re.IGNORECASE)
_WORD = re.compile(r"\s{0,3}(?P<w>[\w&]+(?:[./]\w+)*)")
_JOINT = re.compile(r"\s{0,2}(?P<j>,|-|–|&|và|VÀ)\s{1,2}")
_STOPS = frozenset(language.words("bodies-stops"))
_PHRASES = re.compile(rf"(?:{language.alternation(language.words('bodies-phrases'))})(?!\w)", re.IGNORECASE)
_FIRST_PHRASES = re.compile(rf"(?:{language.alternation(language.words('bodies-phrases-first'))})(?!\w)", re.IGNORECASE)
_INSTRUMENT = re.compile(
    rf"(?:{'|'.join(name.capitalize() for name in language.table('instruments'))})\s(?:phối|hợp|liên|hành|công)"
)
_TITLE_WORDS = re.compile(
    r"(?:Giai\sđoạn|Nhiệm\skỳ|GIAI\sĐOẠN|NHIỆM\sKỲ|Về\s(?:việc|công|phối)|VỀ\s|Năm\s\d|NĂM\s\d|Thực\shiện\s|THỰC\sHIỆN)"
)
_NEVER = re.compile(rf"(?:{language.alternation(language.words('bodies-never'))})(?!\w)", re.IGNORECASE)
_PAIRS = frozenset(language.words("bodies-pairs"))
_PLACE_WORDS = frozenset({"tỉnh", "huyện", "xã", "phường", "quận"})
_SEPARATOR = re.compile(
    r"\s{0,2}(?:,?\s{0,2}(?:cùng\svới|cùng|với|và)\s{1,2}|[,;]\s{0,2}|\s[-–]\s|\sphối\shợp\s(?:(?:với|cùng)\s)?)(?:bên\s[A-D]\s)?",
    re.IGNORECASE,
)
_JOINED = re.compile(rf"(?:{language.alternation(language.words('bodies-joined'))})(?!\w)", re.IGNORECASE)
_NAMED_BESIDE = re.compile(r"\s?\((?:(?:sau\sđây|gọi\stắt|viết\stắt|bên\s)[^)]{0,80}|[^)]{1,40})\)", re.IGNORECASE)
_TWO_PLACES = re.compile(
    r"(?P<body>.{2,80}?)\s(?:hai|2|ba|3|các)\s(?P<level>tỉnh|huyện|xã|thành phố|phường)(?:\s(?P<names>.+))?$",
    re.IGNORECASE,
)
_STANDALONE = frozenset(language.words("bodies-standalone"))
_LONGEST = 26


def head_at(text: str, at: int, end: int) -> int | None:
    """Where a body's head word that starts at `at` ends, None if there is none."""
    match = _HEAD.match(text, at, end)
    return match.end() if match and not _NEVER.match(text, at, end) else None


def body_end(text: str, start: int, end: int) -> int | None:
    """The end of the body's name that begins at `start`; None if none begins there or it names nobody in particular."""
    at = head_at(text, start, end)
    if at is None:
        return None
    upper = text[start : min(end, start + 24)].isupper()
    previous, count = text[start:at].split()[-1], 0
    while at < end and count < _LONGEST:
        count += 1
        joint = _JOINT.match(text, at, end)
        if joint:
            if not _joins_inside(text, start, at, joint, end):
                break
            at, previous = joint.end(), joint["j"]
            continue
        match = _WORD.match(text, at, end)
        if not match or "\n" in text[at : match.start("w")]:
            break
        if _TITLE_WORDS.match(text, match.start("w"), end):
            break
        if _INSTRUMENT.match(text, match.start("w"), end) and previous.lower() not in ("đạo", "lý", "hành", "án"):
            break
        word, begin = match["w"], match.start("w")
        if _stops(text, word, begin, end, previous, upper) and not (
            (count == 1 or previous in ("và", ",", "&", "-", "Quản", "lý")) and _FIRST_PHRASES.match(text, begin, end)
        ):
            break
        at, previous = match.end(), word
    key = fold(text[start:at])
    if len(key.split()) < 2 and key not in _STANDALONE:
        return None
    return at


def _stops(text: str, word: str, begin: int, end: int, previous: str, upper: bool) -> bool:
    if word.isdigit() and previous.lower() not in ("số", "khối", "quận", "phường", "khu"):
        return True
    if upper:
        if not word.isupper():
            return True
    elif word[0].isupper():
        return False
    elif previous in _PLACE_WORDS and not (previous == "xã" and word == "hội"):
        return True  # behind "tỉnh" only the province's name can follow
    word = word.lower()
    if word in _STOPS:
        pair = f"{previous.lower()} {word}"  # "giao thông" ends with a word that stands alone elsewhere
        return not (
            _PHRASES.match(text, begin, end) or (word == "ban" and previous.lower() in ("ủy", "uỷ")) or pair in _PAIRS
        )
    if text[begin : begin + 7].lower() == "tổ chức":
        return previous.lower() not in ("các", "ban", "sở")
    return False


def _joins_inside(text: str, start: int, at: int, joint: re.Match[str], end: int) -> bool:
    """Whether a comma, dash or "và" belongs to the name ("Sở Lao động, thương binh và Xã hội")."""
    for match in _JOINED.finditer(text, max(start, joint.start() - 60), min(end, joint.end() + 60)):
        if match.start() < joint.start() and match.end() > joint.end():
            return True
    if head_at(text, joint.end(), end) is not None:
        return False
    if joint["j"] == "&":
        return True
    department = text[start : start + 3] in ("Sở ", "SỞ ", "Bộ ", "BỘ ", "Ban") or text[start : start + 6] in (
        "Phòng ",
        "Ủy ban",
        "Uỷ ban",
        "Đại họ",
    )
    rest = text[joint.end() : min(end, joint.end() + 60)]
    first = re.match(r"\w+", rest)
    if not first or first[0].isdigit() or first[0].lower() in ("các", "những", "một", "nhiều", "hai"):
        return False
    if joint["j"] in (",", "-", "–"):
        if not department or len(text[start:at].split()) > 6:
            return False
        inner = re.match(r"[\w ]{2,28}\s(?:và|&)\s\w", rest)
        return inner is not None and not any(
            word in _STOPS
            for word in rest[: inner.end() - 3].split()
            if not word[0].isupper() and word not in ("thể", "thương", "và")
        )
    if first[0][0].isupper():
        # "và" + capital: inside of departments and learned names, else a new party without a known head
        return department or bool(
            re.search(
                r"(?:Hội|Liên hiệp|Viện|Trung tâm|Trường|Cục|Đài|hai tỉnh|Bảo|Chi cục|tỉnh\s\w+(?:\s\w+)?)"
                r"\s?[\w ]{0,40}$",
                text[start:at],
            )
        )
    return department and first[0] not in _STOPS


def body_list(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The bodies listed from `start` on, joined by commas, "và", "với", "cùng"; stops at the first other thing."""
    found: list[tuple[int, int]] = []
    at = start
    while at < end:
        lead = _LEAD.match(text, at, end)
        begin = lead.end() if lead else at
        stop = body_end(text, begin, end)
        if stop is None:
            break
        found.append((begin, stop))
        beside = _NAMED_BESIDE.match(text, stop, end)
        after = beside.end() if beside else stop
        separator = _SEPARATOR.match(text, after, end)
        if not separator:
            break
        at = separator.end()
    return found


_GROUP = re.compile(
    r"\s{0,2}(?:và|với|cùng|cùng với|,)\s(?P<g>(?:các|những)\s(?:tổ\schức|đoàn\sthể|đơn\svị|cơ\squan|sở|ban|ngành|hội"
    r"|doanh\snghiệp|đồn|phòng)(?:[\s,–-]{1,3}(?!về\s|trong\s|giai\s|năm\s|nhằm\s|đóng\s|trên\s|để\s|đã\s|nhiệm\s|do\s"
    r"|có\s|được\s|ký\s)[\w]+){0,10})",
    re.IGNORECASE,
)
_LEVEL = r"(?i:tỉnh|thành\sphố|huyện|xã|phường)"
_PLACE = (
    r"(?:(?!(?i:giai|nhiệm|về|trong|năm)\s)[A-ZĐÀ-Ỹ]\w*)"
    r"(?:\s(?!(?i:giai|nhiệm|về|trong|năm|và|với|tỉnh)(?:\s|$))[A-ZĐÀ-Ỹ]\w*){0,3}"
)
_PLACES = re.compile(
    rf"(?:(?i:hai|2|02|ba|3|03)\s)?(?P<l>{_LEVEL})\s(?P<a>{_PLACE})\s?(?:(?i:và|với)|[-–,])\s"
    rf"(?:{_LEVEL}\s)?(?P<b>{_PLACE})"
)


def group_named(text: str, at: int) -> tuple[int, int] | None:
    """ "… và các tổ chức thành viên": a group of bodies that stands for a party behind the body that ends at `at`."""
    beside = _NAMED_BESIDE.match(text, at)
    match = _GROUP.match(text, beside.end() if beside else at)
    return match.span("g") if match else None


def places_listed(text: str, at: int) -> list[tuple[int, int]]:
    """ "hai tỉnh A và B": the places themselves, where they agree with each other; [] for anything else."""
    match = _PLACES.match(text, at)
    return [(match.start("l"), match.end("a")), (match.start("b"), match.end("b"))] if match else []


def bodies_before(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The bodies listed right before `end` (the subject of a sentence), in order."""
    best: list[tuple[int, int]] = []
    at = start
    while match := _HEAD.search(text, at, end):
        listed = body_list(text, match.start(), end)
        if listed:
            gap = text[listed[-1][1] : end]
            if len(gap) <= 90 and not re.search(r"[.;:?!]", gap):
                lead = text[max(start, match.start() - 40) : match.start()].rstrip().lower()
                if not lead.endswith(
                    (" tại", "ở", "chủ tịch", "trưởng", "giám đốc", "bí thư", "chủ nhiệm", "của", "thành viên")
                ):
                    best = listed
            at = listed[-1][1]
        else:
            at = match.end()
    return best


def split_places(name: str) -> tuple[str, list[str]]:
    """ "Hội Nông dân hai tỉnh A và B" → ("Hội Nông dân", both full names); any other name → ("", [name]).

    Without names of places ("Hội Nông dân hai tỉnh") the list is empty: they were said elsewhere.
    """
    match = _TWO_PLACES.match(name)
    if not match or match["level"] is None:
        return "", [name]
    if not match["names"]:
        return match["body"], []
    places = re.split(r"\s*(?:,|\svà\s)\s*", match["names"])
    return match["body"], [f"{match['body']} {match['level']} {place}" for place in places if place]


_LONG_FORMS = language.table("bodies-long-forms")
_EMPTY_WORDS = frozenset(language.words("bodies-common-words"))


def body_words(name: str) -> frozenset[str]:
    """The words that tell one body from another, folded, abbreviations spelt out."""
    words: list[str] = []
    for word in re.findall(r"\w+", fold(name).replace("&", "")):
        words.extend(_LONG_FORMS.get(word, word).split())
    telling = frozenset(words) - _EMPTY_WORDS
    return telling or frozenset(words)


def same_body(one: str, other: str) -> bool:
    """Whether two names can mean one body: the words of one are all in the other."""
    first, second = body_words(one), body_words(other)
    return first <= second or second <= first
