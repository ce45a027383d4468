"""Agreed work under "Nội dung phối hợp": content groups, tasks, who leads, by when, how much."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from documents.reading import language
from documents.reading.blocks import sentences
from documents.reading.bodies import bodies_before, body_list
from documents.reading.places import DATE, Place, matched_date, trimmed
from documents.types import Found, ReadQuantity, ReadReporting, ReadReview, ReadTask
from documents.vietnamese import UnreadableText, fold, parse_number

_LEADS = re.compile(r"(?:đơn\svị\s)?chủ\strì\s?[:,]?\s{0,2}(?:thực\shiện\s)?", re.IGNORECASE)
_SUPPORTS = re.compile(r"(?:đơn\svị\s)?phối\shợp(?:\s(?:thực\shiện|cùng|với))?\s?:?\s{0,2}", re.IGNORECASE)
_BY = re.compile(
    r"(?:trước|chậm\snhất|đến\shết|hoàn\sthành\s(?:trong|trước|vào)|thời\shạn(?:\shoàn\sthành)?\s?:?|thời\sgian\s?:?|hạn\s?:?)\s(?:là\s)?(?:trước\s)?",
    re.IGNORECASE,
)
_QUARTER = re.compile(r"quý\s(?P<q>I{1,3}|IV|[1-4])\s?(?:/|năm\s|-)\s?(?P<y>20\d{2})", re.IGNORECASE)
_MONTH = re.compile(r"tháng\s(?P<m>\d{1,2})\s?(?:/|năm\s|-)\s?(?P<y>20\d{2})", re.IGNORECASE)
_YEAR = re.compile(r"(?:hết\s)?năm\s(?P<y>20\d{2})", re.IGNORECASE)
_AMOUNT = re.compile(
    rf"(?<![\w/.,-])(?P<q>\d[\d.,]{{0,14}}\d|\d)\s?(?P<u>{language.alternation(language.words('units'))})(?!\w)",
    re.IGNORECASE,
)
_RECURRENCES = (
    (
        "half_year",
        re.compile(r"(?:6|sáu)\stháng\s(?:một\slần|/lần)|(?:định\skỳ|hằng|hàng|mỗi)\s(?:6|sáu)\stháng", re.IGNORECASE),
    ),
    ("month", re.compile(r"(?:hằng|hàng|mỗi)\stháng", re.IGNORECASE)),
    ("quarter", re.compile(r"(?:hằng|hàng|mỗi)\squý", re.IGNORECASE)),
    ("year", re.compile(r"(?:hằng|hàng|mỗi)\snăm|một\snăm\smột\slần", re.IGNORECASE)),
)
_REPORT = re.compile(r"báo\scáo|sơ\skết|tổng\skết|giao\sban", re.IGNORECASE)
_WHEN = re.compile(r"hằng|hàng|định\skỳ|tháng|quý|năm|ngày|giữa\skỳ|kết\sthúc|mỗi", re.IGNORECASE)
_QUARTER_END = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}


@dataclass(frozen=True, slots=True)
class Line:
    """One block of a document with its level (1 part … 5 dash, 9 plain), marker and section."""

    place: Place
    level: int
    marker: str
    at: int  # where the text behind the marker begins
    section: str
    heading: bool

    @property
    def text(self) -> str:
        """The text behind the marker."""
        return self.place.text[self.at :]


def read_tasks(lines: list[Line]) -> tuple[ReadTask, ...]:
    """The tasks among `lines`: what has nothing listed below it; what has is the content group."""
    tasks: list[ReadTask] = []
    path: dict[int, str] = {}
    group: Found | None = None
    for at, line in enumerate(lines):
        level = line.level
        path = {depth: marker for depth, marker in path.items() if depth < level}
        if line.marker and level < 5:
            path[level] = line.marker.replace("Điều ", "Đ")
        following = lines[at + 1] if at + 1 < len(lines) else None
        opens = (
            following is not None
            and not following.heading
            and following.level > level
            and following.section == line.section
        )
        if line.heading:
            continue
        start, end = trimmed(line.place.text, line.at, len(line.place.text))
        if opens and (len(line.text) < 200 or line.text.rstrip().endswith(":")):
            if level <= 4:
                group = line.place.found(start, end, "content group")
            continue
        if end - start < 15 or line.text.rstrip().endswith(":"):
            continue
        tasks.append(
            _task(line, start, end, ".".join(path[depth] for depth in sorted(path)), group if level > 2 else None)
        )
    return tuple(tasks)


def _task(line: Line, start: int, end: int, code: str, group: Found | None) -> ReadTask:
    place = line.place
    lead, supports = _units(place, start, end)
    amount = _AMOUNT.search(place.text, start, end)
    quantities: tuple[ReadQuantity, ...] = ()
    if amount:
        try:
            number: Decimal = parse_number(amount["q"])
            quantity = place.found(amount.start("q"), amount.end("q"), "amount", value=number, sure=False)
            unit = place.found(amount.start("u"), amount.end("u"), "unit of the amount", sure=False)
            quantities = (ReadQuantity(quantity, unit),)
        except UnreadableText:
            pass
    recurrence = None
    for value, pattern in _RECURRENCES:
        if match := pattern.search(place.text, start, end):
            recurrence = place.found(match.start(), match.end(), "recurrence", value=value, sure=False)
            break
    return ReadTask(
        title=place.found(start, end, "item of the content"),
        code=code,
        group=group,
        lead=lead,
        supports=supports,
        due_on=_due(place, start, end),
        recurrence=recurrence,
        quantities=quantities,
    )


def _units(place: Place, start: int, end: int) -> tuple[Found | None, tuple[Found, ...]]:
    """Who leads and who supports: "A chủ trì, phối hợp với B" or "Đơn vị chủ trì: A; phối hợp: B"."""
    text = place.text
    match = _LEADS.search(text, start, end)
    if not match:
        return None, ()
    lead = None
    before = bodies_before(text, start, match.start())
    if before and text[before[-1][1] : match.start()].strip(" ,(") == "":
        lead = place.found(*before[0], 'unit before "chủ trì"')
    after = body_list(text, match.end(), end)
    if lead is None and after:
        lead = place.found(*after[0], 'unit behind "chủ trì"')
    supports: list[Found] = []
    if with_ := _SUPPORTS.search(text, match.end(), end):
        supports = [place.found(*item, 'unit behind "phối hợp"') for item in body_list(text, with_.end(), end)]
    return lead, tuple(supports)


def _due(place: Place, start: int, end: int) -> Found | None:
    text = place.text
    for lead in _BY.finditer(text, start, end):
        window = min(end, lead.end() + 40)
        if (match := DATE.search(text, lead.start(), window)) and (day := matched_date(match)):
            return place.found(match.start(), match.end(), "due date", value=day)
        if match := _QUARTER.match(text, lead.end(), window):
            number = {"I": 1, "II": 2, "III": 3, "IV": 4}.get(match["q"].upper()) or int(match["q"])
            month, last = _QUARTER_END[number]
            return place.found(
                match.start(), match.end(), "due quarter", value=date(int(match["y"]), month, last), sure=False
            )
        if (match := _MONTH.match(text, lead.end(), window)) and 1 <= int(match["m"]) <= 12:
            return place.found(
                match.start(), match.end(), "due month", value=_month_end(int(match["y"]), int(match["m"])), sure=False
            )
        if match := _YEAR.match(text, lead.end(), window):
            return place.found(match.start(), match.end(), "due year", value=date(int(match["y"]), 12, 31), sure=False)
    return None


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def read_reporting(lines: list[Line]) -> tuple[tuple[ReadReporting, ...], tuple[ReadReview, ...]]:
    """The sentences that fix reports, and those that fix interim and final reviews."""
    reports: list[ReadReporting] = []
    reviews: list[ReadReview] = []
    for line in lines:
        if line.heading or fold(line.text[:10]).startswith("noi nhan"):
            continue
        for start, end in sentences(line.place.text):
            told = _REPORT.search(line.place.text, start, end)
            if not told or not _WHEN.search(line.place.text, start, end):
                continue
            text = line.place.found(
                *trimmed(line.place.text, max(start, line.at), end), "reports and reviews", sure=False
            )
            word = fold(told[0])
            if word in ("so ket", "tong ket"):
                kind = "interim" if word == "so ket" else "final"
                reviews.append(ReadReview(text, line.place.found(*told.span(), "review", value=kind, sure=False)))
                continue
            every = next(
                (
                    (value, match)
                    for value, pattern in _RECURRENCES
                    if (match := pattern.search(line.place.text, start, end))
                ),
                None,
            )
            value, where = every if every else ("on_request", told)
            reports.append(ReadReporting(text, line.place.found(*where.span(), "report", value=value, sure=False)))
    return tuple(reports), tuple(reviews)
