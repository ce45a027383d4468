"""Small parts that occur in every kind of text: dates, periods and values with their place."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from documents.reading import language
from documents.types import Block, Confidence, Found, Span

_MONTHS = language.table("months")
_MONTH = r"(?:\d{1,2}|0\s\d|" + language.alternation(list(_MONTHS)) + ")"
_DAY = r"(?:\d{1,2}|[0-3]\s\d)"
# ngày 05 tháng 02 năm 2026 · ngày 5/2/2026 · 05.02.2026
DATE = re.compile(
    rf"(?:ngày\s{{1,3}})?(?P<d1>{_DAY})\s{{1,3}}tháng\s{{1,3}}(?P<m1>{_MONTH})\s{{1,3}}năm\s{{1,3}}(?P<y1>\d{{4}})"
    r"|(?P<d2>\d{1,2})\s?(?P<sep>[/.\-])\s?(?P<m2>\d{1,2})\s?(?P=sep)\s?(?P<y2>(?:19|20)\d{2})(?!\d)",
    re.IGNORECASE,
)
_DAY_MONTH = re.compile(
    r"(?:(?:sáng|chiều|tối|trưa|ngày|hôm nay|nay)[\s,(]{1,3}(?:ngày\s{1,3})?)"
    r"(?P<d>\d{1,2})\s?[/\-.]\s?(?P<m>\d{1,2})(?![\d/\-.]\d|\d)",
    re.IGNORECASE,
)
PERIOD = re.compile(
    r"(?P<lead>giai\s?đoạn|nhiệm\s?kỳ|thời\s?kỳ|các\snăm|từ\snăm|từ)?\s{0,3}(?:năm\s)?(?P<from>(?:19|20)\d{2})\s{0,2}(?:[-–—]|đến(?:\s{1,2}(?:hết\s)?năm)?)\s{0,2}(?P<to>(?:19|20)\d{2})(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """One block with its number, able to make spans and found values of itself."""

    block: Block
    number: int

    @property
    def text(self) -> str:
        """The text of the block."""
        return self.block.text

    def span(self, start: int, end: int) -> Span:
        """The span of the code points [start, end)."""
        return Span(self.block.page, self.number, start, end)

    def found(
        self,
        start: int,
        end: int,
        rule: str,
        *,
        value: str | date | Decimal | None = None,
        sure: bool = True,
        note: str = "",
    ) -> Found:
        """A value at [start, end); without `value` the text itself with single spaces."""
        shown = " ".join(self.text[start:end].split()) if value is None else value
        return Found(shown, self.span(start, end), Confidence.CERTAIN if sure else Confidence.CHECK, rule, note)


class Joined:
    """Blocks that go on over their ends (the lines of a title) as one text; found values point into the first block."""

    def __init__(self, places: tuple[Place, ...]) -> None:
        self._places = places
        self._starts: list[int] = []
        self.text = ""
        for place in places:
            self.text += " " if self.text else ""
            self._starts.append(len(self.text))
            self.text += place.text

    def found(
        self,
        start: int,
        end: int,
        rule: str,
        *,
        value: str | date | Decimal | None = None,
        sure: bool = True,
        note: str = "",
    ) -> Found:
        """A value at [start, end) of the joined text; its span ends at the latest with the block it begins in."""
        at = max(i for i, first in enumerate(self._starts) if first <= start)
        place, first = self._places[at], self._starts[at]
        shown = " ".join(self.text[start:end].split()) if value is None else value
        stop = min(end - first, len(place.text))
        return place.found(min(start - first, stop), stop, rule, value=shown, sure=sure, note=note)


def matched_date(match: re.Match[str]) -> date | None:
    """The day behind a match of DATE, None if there is no such day."""
    day, month, year = (
        (match["d1"], match["m1"], match["y1"]) if match["d1"] else (match["d2"], match["m2"], match["y2"])
    )
    month = month.replace(" ", "")
    number = int(month) if month.isdigit() else _month_number(match["m1"])
    try:
        return date(int(year), number, int(day.replace(" ", "")))
    except ValueError:
        return None


def _month_number(word: str) -> int:
    return int(_MONTHS[" ".join(word.lower().split())])


def day_and_month(text: str) -> tuple[int, int, int, int] | None:
    """Day, month and place of the first date without a year ("Sáng 14/7")."""
    for match in _DAY_MONTH.finditer(text):
        day, month = int(match["d"]), int(match["m"])
        if 1 <= day <= 31 and 1 <= month <= 12:
            return day, month, match.start("d"), match.end("m")
    return None


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """[start, end) without blanks and loose punctuation at either side."""
    outer = start
    while start < end and text[start] in " ,;:.–-“”\"'(":
        start += 1
    first, last = start, end
    while end > start and text[end - 1] in " ,;:.–-“”\"'(/":
        end -= 1
    inside = text[start:end]
    # a closing mark stays with its opening one
    if end < last and text[end] in '”"' and (inside.count("“") > inside.count("”") or inside.count('"') % 2):
        end += 1
    inside = text[start:end]
    if first > outer and text[first - 1] in '“"' and (inside.count("”") > inside.count("“") or inside.count('"') % 2):
        start -= 1
    return start, end
