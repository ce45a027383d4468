"""The outline of an administrative document: heading, title, numbered parts, tables, signatures, recipients.

`outline` walks the blocks once. Layouts differ (Roman parts, Chương and Điều), so what a part holds is told by the
words of its heading (`data/sections.txt`), not by its number; a part without such words holds what the part around it
holds. The rules that read values look only at the piece of the outline that is theirs.
"""

import re
from dataclasses import dataclass, field

from documents.reading import language
from documents.reading.bodies import body_end
from documents.reading.places import Place
from documents.types import Block
from documents.vietnamese import fold

PART, SECTION, ARTICLE, CLAUSE, SUBCLAUSE, POINT, BULLET, PLAIN = 0, 1, 2, 3, 4, 5, 6, 9
_MARKERS = (
    (PART, re.compile(r"(?P<m>(?:Chương|Phần)\s(?:[IVX]{1,5}|\d{1,2}|thứ\s\w+))(?!\w)[.:]?\s*", re.IGNORECASE)),
    (SECTION, re.compile(r"(?P<m>Mục\s(?:[IVX]{1,5}|\d{1,2}))(?!\w)[.:]?\s*", re.IGNORECASE)),
    (SECTION, re.compile(r"(?P<m>[IVX]{1,5})(?:\s?[.)]\s*|\s?/\s+|\s?[-–]\s*(?=[A-ZĐÀ-Ỹ]))(?!\d)")),
    (PART, re.compile(r"(?P<m>[A-E])\s?[.)-]\s*(?=[A-ZĐÀ-Ỹ][A-ZĐÀ-Ỹ ])")),
    (ARTICLE, re.compile(r"(?P<m>(?:Điều|ĐIỀU|điều)\s\d{1,3})\s?[.:]\s*")),
    (SUBCLAUSE, re.compile(r"(?P<m>\d{1,2}(?:\.\d{1,2}){1,2})[.)]?\s+")),
    (CLAUSE, re.compile(r"(?P<m>\d{1,2})(?:\s?[.)]\s*|\s?/\s+|\s?[-–]\s*(?=[A-ZĐÀ-Ỹ][a-zà-ỹ]))(?!\d)")),
    (POINT, re.compile(r"(?P<m>[a-zđ])\s?[.)]\s*(?=\S)")),
    (BULLET, re.compile(r"(?P<m>[-–—+•*●▪])\s*(?!\d)|(?P<m2>[-–—+•*●▪])\s+")),
)
_TITLE = re.compile(
    rf"(?P<n>(?:{language.alternation([name for name, _ in language.codes('instruments')])})"
    r"(?: (?:cong tac )?(?:phoi hop|lien tich|hop tac|lien nganh)(?: cong tac| hoat dong)?)?)"
    r"(?P<rest>(?: giua| ve| v/v| thuc hien| trong| phoi hop| hop tac)? .*)?"
)
COORDINATES = re.compile(r"phoi hop|lien tich|hop tac|lien nganh|giua|ghi nho|thoa thuan")
_TITLE_ENDS = re.compile(
    r"(?:-\s?)?(?:can cu|\(ban hanh|\(kem theo|so:|so \d|dieu \d"
    r"|chuong [ivx\d]|phan |muc [ivx\d]|[ivx]{1,4}[.)]|de |nham |1[.)] |ngay|hom nay|kinh gui"
    r"|thuc hien (?:nghi|quyet|chi thi|ke hoach so|chuong trinh phoi hop so|luat|cong van))"
)
PLACE_DATE = re.compile(r"(?P<p>[A-ZĐÀ-Ỹ][a-zà-ỹđ]+(?:[\s.][A-ZĐÀ-Ỹ][a-zà-ỹđ]+){0,3})\s?,\s{0,2}(?=ngày\s|ngày\.)")
AUTHORITY = re.compile(
    r"(?:T\s?[./]?\s?M|K\s?[./]?\s?T|T\s?[./]?\s?L|T\s?[./]?\s?U\s?Q|Q)\s?[./]\s?(?=\S)", re.IGNORECASE
)
NAME = re.compile(
    r"(?:(?:(?:GS|PGS|TS|ThS|BS|CKI{1,2}|Đại\stá|Thượng\stá|Trung\stá|Thiếu\stướng|Hòa\sthượng|Thượng\stọa|Linh\smục)[.,\s]{1,2}){0,3})"
    r"(?P<name>[A-ZĐÀ-Ỹ][a-zà-ỹđ]{0,7}(?:\s[A-ZĐÀ-Ỹ][a-zà-ỹđ]{0,7}){1,4})"
)
OFFICE = re.compile(rf"(?:pho )?(?:{language.alternation(sorted(language.folded_set('offices')))})(?!\w)")
_SIGNED = re.compile(r"\(?\s*(?:da ky|ky ten|ky, dong dau|ky va dong dau|ky, ghi ro ho ten)[^)]{0,40}\)?")
_LONGEST_TITLE, _LONGEST_SIGNATURES = 6, 60


@dataclass(frozen=True, slots=True)
class Title:
    """The name of the instrument and what follows it, in blocks `first` up to `last` (exclusive)."""

    first: int
    last: int
    name: str  # "CHƯƠNG TRÌNH PHỐI HỢP", as written
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One block of the body: its level (PART … PLAIN), marker ("II.", "a)"), and the part of the document it is in.

    `code` is the chain of markers ("II.1.a"); `cells` are the half-open places of a table row's cells.
    """

    place: Place
    level: int
    marker: str
    at: int  # where the text behind the marker begins
    section: str
    heading: bool
    code: str = ""
    cells: tuple[tuple[int, int], ...] = ()

    @property
    def text(self) -> str:
        """The text behind the marker."""
        return self.place.text[self.at :]


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts of one document, in order; `head` is what stands above the title."""

    head: tuple[Place, ...]
    title: Title
    title_lines: tuple[Place, ...]
    lines: tuple[Line, ...]
    signatures: tuple[Place, ...]
    recipients: tuple[Place, ...] = field(default=())

    def section(self, *names: str) -> list[Line]:
        """The lines of the parts called `names`."""
        return [line for line in self.lines if line.section in names]


def outline(blocks: tuple[Block, ...]) -> Outline | None:
    """The outline of a document that bodies laid down together, None for anything else (news, letters)."""
    title = find_title(blocks)
    if title is None:
        return None
    places = [Place(block, number) for number, block in enumerate(blocks)]
    body = places[title.last :]
    recipients, signatures = _ending(body)
    taken = {place.number for place in (*recipients, *signatures)}
    return Outline(
        head=tuple(place for place in places[: title.first] if place.block.kind != "noise"),
        title=title,
        title_lines=tuple(places[title.first : title.last]),
        lines=tuple(_lines([place for place in body if place.number not in taken and place.block.kind != "noise"])),
        signatures=tuple(signatures),
        recipients=tuple(recipients),
    )


def find_title(blocks: tuple[Block, ...]) -> Title | None:
    """The first heading that names an instrument of coordination."""
    for number, block in enumerate(blocks[:60]):
        text = block.text
        letters = [char for char in text if char.isalpha()]
        capitals = sum(char.isupper() for char in letters)
        in_one = " ".join(text.split()[:2]).isupper() and len(text) < 600
        if not letters or len(text) > 600 or (capitals < len(letters) * 0.6 and len(text) > 45 and not in_one):
            continue
        match = _TITLE.fullmatch(fold(text).strip(" .:"))
        if match and " ".join(text.split()[:2]).isupper() and match["rest"] and len(letters) > 45:
            # "QUY CHẾ PHỐI HỢP giữa … và …" in one line
            capitals = len(letters)
        if not match or (capitals < len(letters) * 0.6 and match["rest"]):
            continue
        parts, last = [text], number + 1
        while last < len(blocks) and len(parts) < _LONGEST_TITLE and _belongs_to_title(blocks[last].text, parts):
            parts.append(blocks[last].text)
            last += 1
        whole = " ".join(" ".join(parts).split())
        if COORDINATES.search(fold(whole)):
            return Title(number, last, text, whole)
    return None


def _belongs_to_title(text: str, parts: list[str]) -> bool:
    key = fold(text)
    if _TITLE_ENDS.match(key) or len(text) > 400 or text.endswith((";", ":")) or PLACE_DATE.search(text):
        return False
    opens = key.startswith(
        (
            "giua", "ve ", "v/v", "phoi hop", "trong", "giai doan", "nhiem ky", "thuc hien", "tren dia ban", "va ",
            "nam ", "hop tac", "trien khai", "ban hanh", "voi ", "lien tich",
        )
    )  # fmt: skip
    capitals = text.isupper() and not key.startswith(("nhung quy", "quy dinh chung")) and len(parts) < 5
    if re.fullmatch(r"(?:giai đoạn |nhiệm kỳ )?\d{4}\s?[-–]\s?\d{4}", text.strip(), re.IGNORECASE):
        return True
    goes_on = parts[-1][-1:].islower() and len(parts) > 1 and text[:1].islower()
    return opens or capitals or goes_on or (len(parts) == 1 and "giai doan" in key)


# ------------------------------------------------------------------------------------- signatures, recipients


def _ending(body: list[Place]) -> tuple[list[Place], list[Place]]:
    """Recipients and signature block, both at the end of `body`, in either order."""
    recipients: list[Place] = []
    start = next((i for i in range(len(body) - 1, -1, -1) if fold(body[i].text[:14]).startswith("noi nhan")), None)
    if start is not None and len(body) - start < _LONGEST_SIGNATURES:
        for place in body[start:]:
            if recipients and not _is_recipient(place):
                break
            recipients.append(place)
    known = {place.number for place in recipients}
    signatures: list[Place] = []
    skipped = 0
    for place in reversed(body[-_LONGEST_SIGNATURES * 2 :]):
        if place.number in known or place.block.kind == "noise":
            continue
        named = signatures and _is_body(place.text)
        if (is_signature(place.text) or named) and place.block.kind != "row":
            signatures.insert(0, place)
        elif not signatures and skipped < 4 and len(place.text) < 160:
            skipped += 1  # a footer behind the signatures
        else:
            break
    while signatures and _marker(signatures[0].text)[1] and not AUTHORITY.match(signatures[0].text):
        signatures.pop(0)  # the heading of an empty part
    named = any(NAME.fullmatch(place.text.strip()) or OFFICE.search(fold(place.text)) for place in signatures)
    return recipients, signatures if named else []


def _is_recipient(place: Place) -> bool:
    text = place.text.strip()
    return (
        len(text) < 140
        and not AUTHORITY.match(text)
        and not (text.isupper() and len(text) > 6 and not text.startswith("-"))
        and (text[:1] in "-–+•*" or text.endswith((";", ".", ",")) or text[:1].islower())
    )


def _is_body(text: str) -> bool:
    """Whether a line is nothing but the name of a body, in whatever case (legacy fonts have no capitals)."""
    text = text.strip()
    shown = text[:1].upper() + text[1:]
    return len(text) < 90 and body_end(shown, 0, len(shown)) == len(shown)


def is_signature(text: str) -> bool:
    """Whether a line can stand in a signature block: authority, body or office in capitals, "(đã ký)", a name."""
    text = text.strip()
    key = fold(text)
    return len(text) < 120 and (
        (text.isupper() and not text.endswith((";", "./.")))
        or bool(NAME.fullmatch(text))
        or bool(_SIGNED.fullmatch(key))
        or (len(text) < 60 and bool(AUTHORITY.match(text)))
        or bool(OFFICE.fullmatch(key))
    )


# ------------------------------------------------------------------------------------------------------ body


def _marker(text: str) -> tuple[int, str, int]:
    for level, pattern in _MARKERS:
        if match := pattern.match(text):
            return level, match["m"] or match["m2"] if "m2" in match.groupdict() else match["m"], match.end()
    return PLAIN, "", 0


def _lines(body: list[Place]) -> list[Line]:
    lines: list[Line] = []
    sections: dict[int, str] = {}
    path: dict[int, str] = {}
    section = "bases"
    for at, place in enumerate(body):
        if place.block.kind == "row":
            lines.append(Line(place, PLAIN, "", 0, section, heading=False, code=_code(path), cells=cells(place.text)))
            continue
        level, marker, start = _marker(place.text)
        following = body[at + 1] if at + 1 < len(body) else None
        if lines and lines[-1].cells and following is not None and following.block.kind == "row":
            # a row of one cell over all columns: the group of the rows below
            lines.append(Line(place, PLAIN, marker, start, section, heading=False, code=_code(path)))
            continue
        heading = _is_heading(place.text, level, start, following)
        key = fold(place.text[start:][:120])
        if level < BULLET:
            path = {depth: name for depth, name in path.items() if depth < level}
            if level == SUBCLAUSE and marker.startswith(path.get(CLAUSE, "?") + "."):
                del path[CLAUSE]  # "1.2" says "1" itself
            path[level] = re.sub(r"^Điều\s", "Đ", marker, flags=re.IGNORECASE)
        if heading or (level <= ARTICLE and marker):
            own = min(level, CLAUSE) if level != PLAIN else _plain_level(lines, sections)
            outer = next((sections[d] for d in sorted(sections, reverse=True) if d < own), "")
            named = _section(key, outer, own)
            if level == PLAIN and not named and section not in ("bases", "other"):
                named = section
            sections = {depth: name for depth, name in sections.items() if depth < own}
            sections[own] = named or (outer if outer != "general" else "") or ("other" if key else section)
            section = sections[own]
        elif level == CLAUSE and CLAUSE in sections:  # the next clause, not a heading: back to the outer part
            sections = {depth: name for depth, name in sections.items() if depth < CLAUSE}
            section = next((sections[d] for d in sorted(sections, reverse=True)), section)
        lines.append(Line(place, level, marker, start, section, heading, _code(path)))
    return lines


def _plain_level(lines: list[Line], sections: dict[int, str]) -> int:
    """The level of a heading without a marker: what belongs to the "Chương I" above it, or a part of its own."""
    if lines and lines[-1].heading and lines[-1].level <= SECTION and not lines[-1].text.strip():
        return lines[-1].level
    return SECTION if PART in sections else PART


def _code(path: dict[int, str]) -> str:
    """The chain of markers; articles are numbered through the whole document, so theirs begins there."""
    return ".".join(path[depth] for depth in sorted(path) if depth >= ARTICLE or ARTICLE not in path)


def _is_heading(text: str, level: int, start: int, following: Place | None) -> bool:
    rest = text[start:].strip()
    if level in (PART, SECTION):
        return len(rest) < 200 and not rest.endswith(";")
    if level == ARTICLE:
        return len(rest) < 110 and not rest.endswith((";", ":")) and not (rest.endswith(".") and len(rest) > 60)
    if rest.isupper() and len(rest) < 160:
        return True
    if level in (CLAUSE, SUBCLAUSE) and len(rest) < 90 and not rest.endswith((".", ";", ",", "./.")):
        deeper = following is not None and (_marker(following.text)[0] > level or following.block.kind == "row")
        return deeper and bool(_named(fold(rest)))
    return False


def _named(key: str) -> str | None:
    return next((code for phrase, code in language.codes("sections") if key.startswith(phrase)), None)


def _section(key: str, outer: str, level: int) -> str | None:
    """What a heading says its part holds; inside of a part that is known only its first words can change that."""
    first = _named(key)
    if outer == "tasks" and first not in (None, "duties", "running", "tasks", "recipients"):
        first = None  # "Yêu cầu", "Phạm vi" below the agreed work are about that work
    if outer == "tasks" and level == CLAUSE:
        first = None
    if first or outer not in ("", "general", "other", "bases"):
        return first
    return next((code for phrase, code in language.codes("sections") if phrase in key), None)


def cells(text: str) -> tuple[tuple[int, int], ...]:
    """The half-open places of the cells of a table row, without the blanks around them."""
    found: list[tuple[int, int]] = []
    at = 0
    for part in text.split("\t"):
        lead = len(part) - len(part.lstrip())
        found.append((at + lead, at + max(lead, len(part.rstrip()))))
        at += len(part) + 1
    return tuple(found)
