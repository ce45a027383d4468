"""How the agreed work is run: duties of each side, reports, reviews, funding, what is replaced or carried out."""

import re

from documents.reading import deadlines
from documents.reading.blocks import sentences
from documents.reading.bodies import body_list
from documents.reading.outline import ARTICLE, BULLET, CLAUSE, PLAIN, Line
from documents.reading.places import DATE, Place, trimmed
from documents.types import Confidence, Found, ReadDuty, ReadReference, ReadReporting, ReadReview
from documents.vietnamese import fold

_OF = re.compile(
    r"(?:trách\snhiệm|nhiệm\svụ|phân\scông|quyền\shạn)(?:,?\s(?:và\s)?(?:quyền\shạn|trách\snhiệm|nhiệm\svụ))?\s(?:của|cho)?\s?",
    re.IGNORECASE,
)
_BOTH = re.compile(r"(?:trach nhiem|nhiem vu) chung|(?:cua )?(?:hai|cac|moi|ca hai) (?:ben|don vi|co quan|nganh)")
_HAS_DUTY = re.compile(
    r"\s?(?::|có\strách\snhiệm\s?:?|chịu\strách\snhiệm\s?:?|có\snhiệm\svụ\s?:?)\s{0,2}", re.IGNORECASE
)
_SIDE = re.compile(r"Bên\s[A-D](?!\w)", re.IGNORECASE)
_REVIEW = re.compile(r"sơ\s(?:,\s)?(?:tổng\s)?kết|tổng\skết", re.IGNORECASE)
_PLANNED = re.compile(
    r"tổ\schức|tiến\shành|sẽ|họp|hội\snghị|định\skỳ|hằng|hàng|năm|quý|tháng|kết\sthúc|giữa\skỳ|thực\shiện",
    re.IGNORECASE,
)
_AGREEMENT = re.compile(r"chương\strình|quy\schế|kế\shoạch|nghị\squyết|thỏa\sthuận|giai\sđoạn|phối\shợp", re.IGNORECASE)
_REPORT = re.compile(r"(?:gửi\s|có\s)?báo\scáo", re.IGNORECASE)
_ASKED = re.compile(r"đột\sxuất|theo\syêu\scầu|khi\scó\syêu\scầu", re.IGNORECASE)
_EVERY = (
    ("month", re.compile(r"(?:hằng|hàng|định\skỳ|mỗi)\stháng|báo\scáo\stháng", re.IGNORECASE)),
    ("quarter", re.compile(r"(?:hằng|hàng|định\skỳ|mỗi)\s(?:quý|3\stháng|03\stháng)|báo\scáo\squý", re.IGNORECASE)),
    (
        "half_year",
        re.compile(r"(?<!trong\s)(?:(?:hằng|hàng|định\skỳ|mỗi)\s)?(?:6|06|sáu)\stháng(?!\scuối)", re.IGNORECASE),
    ),
    (
        "year",
        re.compile(
            r"(?:hằng|hàng|mỗi)\snăm|(?:cả|một|1|01|cuối|và)\snăm(?!\s\d)|báo\scáo\snăm|,\snăm(?!\s\d)", re.IGNORECASE
        ),
    ),
)
_FUNDING = re.compile(r"(?:ve )?(?:nguon )?kinh phi|nguon luc tai chinh|dieu kien bao dam kinh phi")
_FUNDS = re.compile(
    r"bao dam|dam bao|bo tri|nguon|ngan sach|tu can doi|chi tra|su dung|chi |can doi|thanh toan|huy dong|lay tu|chiu"
)


def read_duties(lines: list[Line], parties: list[Found], sides: dict[str, str]) -> tuple[ReadDuty, ...]:
    """What each party is responsible for; a heading names the party, or the duty itself begins with it."""
    duties: list[ReadDuty] = []
    party: Found | None = None
    level = PLAIN
    for at, line in enumerate(lines):
        text = line.place.text
        start, end = trimmed(text, line.at, len(text))
        if end <= start:
            continue
        of = _OF.match(text, start)
        begin = of.end() if of else start
        named = _party_at(line.place, begin, end, sides)
        following = lines[at + 1] if at + 1 < len(lines) else None
        behind = named[1] if named else begin
        told = _HAS_DUTY.match(text, behind)
        rest = trimmed(text, told.end() if told else behind, end)
        opens = following is not None and (following.level > line.level or line.heading) and len(text) < 220
        heading = line.heading or (
            line.level <= CLAUSE and opens and (named or _BOTH.search(fold(text))) and rest[1] - rest[0] < 40
        )
        if heading or (opens and text.rstrip().endswith(":") and rest[1] - rest[0] < 60):
            if named or of or _BOTH.search(fold(text)) or line.level <= CLAUSE:
                if not (line.level == BULLET or (line.level > level and not named)):
                    party, level = (named[0] if named else None), line.level
                elif named:
                    party = named[0]
            continue
        if end - start < 15:
            continue
        if named and told and rest[1] > rest[0]:
            duties.append(ReadDuty(line.place.found(*rest, "duty behind its party"), named[0]))
            continue
        own = party
        if line.level <= min(level, ARTICLE) and not line.heading:
            own = None
        duties.append(ReadDuty(line.place.found(start, end, "item of the duties", sure=line.level != PLAIN), own))
    return tuple(duties)


def _party_at(place: Place, start: int, end: int, sides: dict[str, str]) -> tuple[Found, int] | None:
    side = _SIDE.match(place.text, start, end)
    if side and fold(side[0]) in sides:
        return place.found(*side.span(), "side named earlier", value=sides[fold(side[0])], sure=False), side.end()
    listed = body_list(place.text, start, end)
    if len(listed) != 1:
        return None
    shown = " ".join(place.text[slice(*listed[0])].split())
    found = place.found(*listed[0], "party named above the duty", value=shown[:1].upper() + shown[1:])
    return found, listed[0][1]


def sides_of(lines: list[Line], parties: list[Found]) -> dict[str, str]:
    """Folded "bên a" → the body that the text says it calls so."""
    found: dict[str, str] = {}
    called = re.compile(
        r"\((?:sau\sđây\s)?(?:được\s)?(?:gọi|viết)\s(?:chung\s)?(?:tắt\s)?(?:là\s)?[:“\"]?\s?(?P<s>Bên\s[A-D])",
        re.IGNORECASE,
    )
    headed = re.compile(r"(?P<s>Bên\s[A-D])\s?(?:\([^)]{0,40}\)\s?)?[:–-]\s?", re.IGNORECASE)
    for line in lines[:80]:
        text = line.place.text
        for match in called.finditer(text):
            named = _body_ending_at(text, match.start())
            if named:
                found.setdefault(fold(match["s"]), named)
        head = headed.match(text)
        if head and (listed := body_list(text, head.end(), len(text))):
            found.setdefault(fold(head["s"]), " ".join(text[slice(*listed[0])].split()))
    return found


def _body_ending_at(text: str, end: int) -> str:
    """The longest name of a body that ends right before `end`, "" if there is none."""
    for at in range(max(0, end - 160), end):
        if at == 0 or not text[at - 1].isalnum():
            listed = body_list(text, at, end)
            if listed and not text[listed[0][1] : end].strip():
                return " ".join(text[slice(*listed[0])].split())
    return ""


# ---------------------------------------------------------------------------------------- reports, reviews


def read_reporting(lines: list[Line]) -> tuple[tuple[ReadReporting, ...], tuple[ReadReview, ...]]:
    """The sentences that fix reports, and those that fix interim and final reviews."""
    reports: list[ReadReporting] = []
    reviews: list[ReadReview] = []
    for line in lines:
        if line.heading or line.cells:
            continue
        for start, end in sentences(line.place.text):
            start = max(start, line.at)
            for first, last in _clauses(line.place.text, start, end):
                # inside of the agreed work a review may be that of one task
                if line.section == "tasks" and not _AGREEMENT.search(line.place.text, first, last):
                    continue
                reviews.extend(_reviews(line.place, first, last))
            reports.extend(_reports(line.place, start, end))
    return tuple(_once(reports)), tuple(reviews)


def _once(reports: list[ReadReporting]) -> list[ReadReporting]:
    """Each kind and day once: a duty of one side often repeats the clause on reports."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for item in reports:
        key = (item.kind.text, item.due.text if item.due else "")
        if key not in seen and not (key[1] == "" and any(kind == key[0] for kind, _ in seen)):
            seen.add(key)
            kept.append(item)
    return kept


def _clauses(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts = [start, *(match.end() for match in re.compile(r";").finditer(text, start, end)), end]
    return [(first, last) for first, last in zip(cuts, cuts[1:], strict=False) if last > first]


def _reports(place: Place, start: int, end: int) -> list[ReadReporting]:
    text = place.text
    told = _REPORT.search(text, start, end)
    if not told:
        return []
    clause = next((part for part in _clauses(text, start, end) if part[0] <= told.start() < part[1]), (start, end))
    if any(pattern.search(text, *clause) for _, pattern in _EVERY):
        start, end = clause
    reviewed = _REVIEW.search(text, start, end)
    kinds = sorted(
        (match.start(), match.end(), kind)
        for kind, pattern in _EVERY
        for match in list(pattern.finditer(text, start, end))[:1]
    )
    if DATE.search(text, start, end) and not re.search(r"hằng|hàng|định\skỳ|mỗi", text[start:end], re.IGNORECASE):
        return []  # a report of one day is none that comes back
    days = deadlines.days_of_year(text, start, end)
    day = re.compile(
        r"ngày\s(?P<d>\d{1,2})(?:\scủa)?\s(?:hằng|hàng|mỗi|tháng\s(?:cuối|sau|tiếp|báo)|cuối)", re.IGNORECASE
    ).search(text, start, end)
    if not kinds and _ASKED.search(text, start, end) and not reviewed:
        asked = _ASKED.search(text, start, end)
        kinds = [(asked.start(), asked.end(), "on_request")] if asked else []
    if not kinds or (
        reviewed
        and not days
        and not re.search(r"báo\scáo\s(?:kết|tình|về|cho|gửi|định|tháng|quý|6|06|sáu)", text[start:end], re.IGNORECASE)
    ):
        return []
    whole = place.found(*trimmed(text, start, end), "sentence on reports")
    made: list[ReadReporting] = []
    paired = len(days) == len(kinds)
    for at, (first, last, kind) in enumerate(kinds):
        found = place.found(first, last, "regularity of the report", value=kind)
        due: list[Found | None] = [None]
        if paired:
            due = [_day(place, days[at])]
        elif len(kinds) == 1 and days:
            due = [_day(place, item) for item in days]
        elif day and kind in ("month", "quarter"):
            due = [place.found(day.start("d"), day.end("d"), "day of the report", value=f"{int(day['d']):02}")]
        elif days:
            due = [Found(None, None, Confidence.MISSING, "day of the report", "several_days")]
        made.extend(ReadReporting(whole, found, item) for item in due)
    return made


def _day(place: Place, day: tuple[int, int, str]) -> Found:
    return place.found(day[0], day[1], "day of the report", value=day[2])


def _reviews(place: Place, start: int, end: int) -> list[ReadReview]:
    """Reviews of one clause; a date belongs to the review word before it, or behind it where it opens the clause."""
    text = place.text
    hits = list(_REVIEW.finditer(text, start, end))
    if not hits or not _PLANNED.search(text, start, end):
        return []
    made: list[ReadReview] = []
    leading = deadlines.when(place, start, hits[0].start(), led=False)
    whole = place.found(*trimmed(text, start, end), "sentence on reviews")
    for at, hit in enumerate(hits):
        previous = hits[at - 1].end() if at else start
        following = hits[at + 1].start() if at + 1 < len(hits) else end
        if leading is not None:
            due = deadlines.when(place, previous, hit.start(), led=False)
        else:
            due = deadlines.when(place, hit.end(), following, led=False)
        words = fold(hit[0])
        both = words.startswith("so ") and "tong" in words
        if at and text[previous : hit.start()].strip(" ,") == "":
            both = True  # "sơ kết, tổng kết" is one event told twice
        for kind in (
            ("interim", "final")
            if words.startswith("so ") and both
            else ("interim",)
            if words.startswith("so ")
            else ("final",)
        ):
            made.append(ReadReview(whole, place.found(*hit.span(), "review named", value=kind), due))
    return made


# ------------------------------------------------------------------------------ funding, replaced, carried out


def read_funding(lines: list[Line]) -> Found | None:
    """The clause that says who pays: under its own heading, or the one that begins with it."""
    for at, line in enumerate(lines):
        key = fold(line.text)
        if line.cells or not _FUNDING.match(key):
            continue
        start, end = trimmed(line.place.text, line.at, len(line.place.text))
        if _FUNDS.search(key[8:]) and not line.heading:
            return line.place.found(start, end, "clause on funding")
        following = next((item for item in lines[at + 1 : at + 3] if not item.heading and not item.cells), None)
        if following is not None and (line.heading or len(key) < 60) and _FUNDS.search(fold(following.text)):
            return following.place.found(
                *trimmed(following.place.text, following.at, len(following.place.text)), "clause below funding"
            )
    for line in lines:
        key = fold(line.text)
        if line.section == "running" and not line.heading and "kinh phi" in key and _FUNDS.search(key):
            return line.place.found(
                *trimmed(line.place.text, line.at, len(line.place.text)), "clause that names funding", sure=False
            )
    return None


_REPLACED = re.compile(
    r"thay\sthế\s(?:cho\s)?(?P<t>(?:Chương\strình|Quy\schế|Kế\shoạch|Thỏa\sthuận)\sphối\shợp)(?P<s>[^;.]{0,200})",
    re.IGNORECASE,
)


def replaced(references: tuple[ReadReference, ...], lines: list[Line]) -> ReadReference | None:
    """The agreement that the text takes the place of; one without a number is only a candidate."""
    for item in references:
        if _relation(item) == "replaces" and _is_agreement(item):
            return item
    for line in lines:
        match = None if line.section in ("bases", "tasks") else _REPLACED.search(line.place.text)
        if match:
            start, end = trimmed(line.place.text, *match.span("s"))
            return ReadReference(
                type=line.place.found(*match.span("t"), "agreement replaced", sure=False),
                subject=line.place.found(start, end, "agreement replaced", sure=False) if end > start else None,
                relation=Found("replaces", None, Confidence.CHECK, "relation word"),
                quoted=line.place.found(match.start("t"), max(end, match.end("t")), "agreement replaced", sure=False),
            )
    return None


def carried_out(references: tuple[ReadReference, ...]) -> ReadReference | None:
    """The agreement of a higher level, or of the same bodies, that the text carries out."""
    return next(
        (
            item
            for item in references
            if _relation(item) in ("implements", "based_on", "continues") and _is_agreement(item)
        ),
        None,
    )


def _relation(reference: ReadReference) -> str:
    return reference.relation.text if reference.relation else ""


def _is_agreement(reference: ReadReference) -> bool:
    return bool(
        re.match(
            r"(?:chuong trinh|quy che|ke hoach|thoa thuan) (?:cong tac )?(?:phoi hop|lien tich|lien nganh)",
            fold(reference.type.text),
        )
    )
