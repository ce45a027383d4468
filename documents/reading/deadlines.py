"""When something is due: days, quarters, months, years, and how often it comes back."""

import re
from datetime import date

from documents.reading import language
from documents.reading.places import DATE, Place, matched_date
from documents.types import Found
from documents.vietnamese import fold

_BY = re.compile(
    r"(?:xong\strước|trước|chậm\snhất|muộn\snhất|đến\shết|đến|hoàn\sthành(?:\sxong)?(?:\s(?:trong|trước|vào|đến))?|trong"
    r"|thời\shạn(?:\s(?:hoàn\sthành|thực\shiện))?|thời\sgian(?:\s(?:hoàn\sthành|thực\shiện))?|vào|hạn)\s{0,2}:?\s{0,2}"
    r"(?:là\s)?(?:xong\s)?(?:trước\s|trong\s|vào\s|đến\s)?(?:hết\s|cuối\s)?(?:ngày\s)?",
    re.IGNORECASE,
)
_QUARTER = re.compile(
    r"(?:các\s)?quý\s(?:I{1,3}\s?[-–,]\s?|[1-4]\s?[-–,]\s?)?(?P<q>IV|I{1,3}|[1-4])\s?(?:/|-|,)?\s?(?:năm\s)?(?P<y>20\d{2})",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"(?:các\s)?tháng\s(?:\d{1,2}\s?[-–,]\s?)?(?P<m>\d{1,2})\s?(?:/|-|,)?\s?(?:năm\s)?(?P<y>20\d{2})", re.IGNORECASE
)
_YEAR = re.compile(r"(?:hết\s|cuối\s)?năm\s(?P<y>20\d{2})(?!\d)", re.IGNORECASE)
_RECURRENCE = re.compile(
    rf"(?<!\w)(?:{language.alternation([phrase for phrase, _ in language.codes('recurrences')])})(?!\w)"
)
_KINDS = dict(language.codes("recurrences"))
_QUARTER_END = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}
_DAY_OF_YEAR = re.compile(
    r"(?:ngày\s)?(?P<d>\d{1,2})\s?(?:/|\stháng\s|-)\s?(?P<m>\d{1,2})(?!\s?[/-]\s?\d|\d|\snăm\s\d)", re.IGNORECASE
)


def when(place: Place, start: int, end: int, *, led: bool = True) -> Found | None:
    """The day by which something is due in [start, end); with `led` only behind a word such as "trước"."""
    text = place.text
    leads = [match.end() for match in _BY.finditer(text, start, end)] if led else [start]
    for at in leads:
        window = min(end, at + 45) if led else end
        found = _at(place, at, window, anchored=led)
        if found is not None:
            return found
    return None


def _at(place: Place, at: int, window: int, *, anchored: bool) -> Found | None:
    text = place.text

    def look(pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.match(text, at, window) if anchored else pattern.search(text, at, window)

    if (match := look(DATE)) and (day := matched_date(match)):
        return place.found(match.start(), match.end(), "due date", value=day)
    if match := look(_QUARTER):
        number = _ROMAN.get(match["q"].upper()) or int(match["q"])
        return place.found(
            match.start(), match.end(), "end of the quarter", value=date(int(match["y"]), *_QUARTER_END[number])
        )
    if (match := look(_MONTH)) and 1 <= int(match["m"]) <= 12:
        return place.found(
            match.start(), match.end(), "end of the month", value=month_end(int(match["y"]), int(match["m"]))
        )
    if match := look(_YEAR):
        return place.found(match.start(), match.end(), "end of the year", value=date(int(match["y"]), 12, 31))
    return None


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def recurrence(place: Place, start: int, end: int) -> Found | None:
    """How often, told by the first word of repetition in [start, end)."""
    for at, to, kind in recurrences(place.text, start, end):
        return place.found(at, to, "word of repetition", value=kind)
    return None


def recurrences(text: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """Every word of repetition in [start, end) with its place and meaning."""
    key = text[start:end].lower()
    folded = "".join(fold(char) or char if len(fold(char)) <= 1 else char for char in key)
    if len(folded) != len(key):
        return []
    return [
        (start + match.start(), start + match.end(), _KINDS[" ".join(match[0].split())])
        for match in _RECURRENCE.finditer(folded)
    ]


def days_of_year(text: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """Days without a year in [start, end), as "dd/mm" with their places."""
    found = []
    for match in _DAY_OF_YEAR.finditer(text, start, end):
        day, month = int(match["d"]), int(match["m"])
        if 1 <= day <= 31 and 1 <= month <= 12:
            found.append((match.start(), match.end(), f"{day:02}/{month:02}"))
    return found
