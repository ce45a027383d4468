"""A programme laid down by its own document: heading, title, "Căn cứ …", numbered parts, signatures.

Walks the blocks once, keeping the section it is in. Layouts differ (Roman parts or Điều), so sections are known by
what their headings say, not by their numbers.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from documents.reading.bodies import body_list, body_words, same_body
from documents.reading.news import KINDS
from documents.reading.places import DATE, PERIOD, Place, matched_date, trimmed
from documents.reading.references import find_references
from documents.reading.tasks import Line, read_reporting, read_tasks
from documents.types import Block, Confidence, Found, ReadGoal, ReadParty, ReadProgramme, ReadReference
from documents.vietnamese import fold, fold_with_map, original_span

_TITLE = re.compile(
    r"(?P<n>(?:chuong trinh|quy che|ke hoach|nghi quyet|thoa thuan|ban thoa thuan|(?:bien )?ban ghi nho)"
    r"(?: (?:cong tac )?(?:phoi hop|lien tich|hop tac|lien nganh)(?: cong tac| hoat dong)?)?)"
    r"(?P<rest>(?: giua| ve| thuc hien| trong)? .*)?"
)
_COORDINATES = re.compile(r"phoi hop|lien tich|hop tac|lien nganh|giua|ghi nho|thoa thuan")
_TITLE_ENDS = re.compile(
    r"(?:-\s?)?(?:can cu|thuc hien|\(ban hanh|\(kem theo|so:|so \d|dieu \d"
    r"|chuong [ivx\d]|phan |muc [ivx\d]|[ivx]{1,4}[.)]|de |nham |1[.)] |ngay|hom nay|kinh gui)"
)
_NUMBER_LINE = re.compile(
    r"(?:^|\s)(?:Số|SỐ)\s{0,2}:?\s{0,2}(?P<n>\d{1,5}\s?[/-]\s?[\wĐđ/ –-]{2,60}?)(?=\s{2,}|\s[A-ZĐÀ-Ỹ][a-zà-ỹ]+|[,;]|$)"
)
_PLACE_DATE = re.compile(r"(?P<p>[A-ZĐÀ-Ỹ][a-zà-ỹđ]+(?:\s[A-ZĐÀ-Ỹ][a-zà-ỹđ]+){0,3}),\s{0,2}(?=ngày\s)")
_ISSUED_WITH = re.compile(r"\((?:ban\shành\s)?kèm\stheo", re.IGNORECASE)
_MARKERS = (
    (1, re.compile(r"(?P<m>(?:Chương|CHƯƠNG|Phần|PHẦN|Mục|MỤC)\s(?:[IVX]{1,5}|\d{1,2}|thứ\s\w+))[.:]?\s*")),
    (1, re.compile(r"(?P<m>[IVX]{1,5})[.)]\s*")),
    (1, re.compile(r"(?P<m>Điều\s\d{1,3})[.:]\s*")),
    (2, re.compile(r"(?P<m>\d{1,2})[.)]\s*(?!\d)")),
    (3, re.compile(r"(?P<m>\d{1,2}\.\d{1,2})[.)]?\s+")),
    (4, re.compile(r"(?P<m>[a-zđ])[.)]\s+")),
    (5, re.compile(r"(?P<m>[-–+•*●▪])\s*")),
)
_SECTIONS = (
    ("tasks", ("noi dung phoi hop", "noi dung", "nhiem vu")),
    ("goals", ("muc dich", "muc tieu", "yeu cau")),
    ("bases", ("can cu",)),
    ("duties", ("trach nhiem", "phan cong")),
    (
        "running",
        ("to chuc thuc hien", "dieu khoan", "hieu luc", "che do", "thoi gian thuc hien", "kinh phi", "noi nhan"),
    ),
    ("general", ("quy dinh chung", "pham vi", "cac ben", "nguyen tac", "doi tuong")),
)
_SIGNER = re.compile(r"(?:[A-ZĐÀ-Ỹ][a-zà-ỹđ]+\s){1,4}[A-ZĐÀ-Ỹ][a-zà-ỹđ]+")
_OFFICE = re.compile(
    r"(?:PHÓ\s)?(?:CHỦ TỊCH|GIÁM ĐỐC|TRƯỞNG BAN|BÍ THƯ|CHỦ NHIỆM|CHÁNH VĂN PHÒNG"
    r"|TỔNG THƯ KÝ|VIỆN TRƯỞNG|CHỈ HUY TRƯỞNG|CHÍNH ỦY|CỤC TRƯỞNG)"
)


@dataclass(slots=True)
class _Title:
    first: int  # number of the block with the name of the instrument
    last: int  # number of the first block behind the title
    name: str
    text: str


def read_formal(blocks: tuple[Block, ...]) -> ReadProgramme | None:
    """The programme whose own text `blocks` is, None if they are something else (a news item, a decision)."""
    title = _find_title(blocks)
    if title is None:
        return None
    parties = _parties(blocks, title)
    if len(parties) < 2:
        return None
    lines = _lines(blocks, title.last)
    place = Place(blocks[title.first], title.first)
    kind = next((code for word, code in KINDS if fold(title.name).startswith(word)), "programme")
    where, signed = _place_and_date(blocks, title)
    starts, ends = _period(blocks, title, lines)
    reports, reviews = read_reporting([line for line in lines if line.section in ("running", "duties")])
    first, last = title.first, title.last - 1
    whole = place.found(0, len(place.text), "title of the document", value=_shown_title(title))
    if last > first and whole.span:
        whole = replace(whole, note="title_continues")
    return ReadProgramme(
        kind=place.found(0, len(place.text), "name of the instrument", value=kind),
        title=whole,
        number=_number(blocks, title),
        place=where,
        signed_on=signed,
        parties=_with_signers(blocks, parties),
        starts_on=starts,
        ends_on=ends,
        legal_bases=_bases(blocks, title, lines),
        goals=_goals(lines),
        tasks=read_tasks([line for line in lines if line.section == "tasks"]),
        reporting=reports,
        reviews=reviews,
    )


def own_number(blocks: tuple[Block, ...]) -> str:
    """The number in the heading of a document, "" if there is none."""
    for block in blocks[:12]:
        if match := _NUMBER_LINE.search(block.text):
            return match["n"]
    return ""


# ------------------------------------------------------------------------------------------- title, heading


def _find_title(blocks: tuple[Block, ...]) -> _Title | None:
    for number, block in enumerate(blocks[:60]):
        text = block.text
        letters = [char for char in text if char.isalpha()]
        capitals = sum(char.isupper() for char in letters)
        if not letters or len(text) > 600 or (capitals < len(letters) * 0.6 and len(text) > 45):
            continue
        match = _TITLE.fullmatch(fold(text).strip(" .:"))
        if not match or (capitals < len(letters) * 0.6 and match["rest"]):
            continue
        parts, last = [text], number + 1
        while last < len(blocks) and len(parts) < 5 and _belongs_to_title(blocks[last].text, parts):
            parts.append(blocks[last].text)
            last += 1
        whole = " ".join(" ".join(parts).split())
        if _COORDINATES.search(fold(whole)):
            return _Title(number, last, text, whole)
    return None


def _shown_title(title: _Title) -> str:
    """The title with the name of the instrument in small letters if only that stood in capitals."""
    if title.text.isupper() or not title.name.isupper():
        return title.text
    return title.name.capitalize() + title.text[len(title.name) :]


def _belongs_to_title(text: str, parts: list[str]) -> bool:
    key = fold(text)
    if _TITLE_ENDS.match(key) or len(text) > 400 or text.endswith((";", ":")) or _PLACE_DATE.search(text):
        return False
    opens = key.startswith(
        ("giua", "ve ", "v/v", "phoi hop", "trong", "giai doan", "nhiem ky", "thuc hien", "tren dia ban", "va ", "nam ")
    )
    return (
        opens
        or (text.isupper() and not key.startswith(("nhung quy", "quy dinh chung")) and len(parts) < 4)
        or (len(parts) == 1 and "giai doan" in key)
    )


def _number(blocks: tuple[Block, ...], title: _Title) -> Found | None:
    for number in range(0, min(len(blocks), title.last + 2)):
        if match := _NUMBER_LINE.search(blocks[number].text):
            value = "".join(match["n"].split())
            return Place(blocks[number], number).found(
                match.start("n"), match.end("n"), "number in the heading", value=value
            )
    return None


def _place_and_date(blocks: tuple[Block, ...], title: _Title) -> tuple[Found | None, Found | None]:
    """Place and day from "Thái Nguyên, ngày 05 tháng 02 năm 2026"; a rule issued with a decision takes its date."""
    near = [*range(0, min(len(blocks), title.last + 3)), *range(max(title.last + 3, len(blocks) - 20), len(blocks))]
    for number in near:
        place = Place(blocks[number], number)
        match = _PLACE_DATE.search(place.text)
        if not match:
            continue
        where = place.found(match.start("p"), match.end("p"), "place and date line")
        dated = DATE.search(place.text, match.end())
        day = matched_date(dated) if dated else None
        if dated and day:
            return where, place.found(dated.start(), dated.end(), "place and date line", value=day)
        return where, Found(None, None, Confidence.MISSING, "place and date line", "date_blank")
    for number in range(title.first, min(len(blocks), title.last + 2)):
        place = Place(blocks[number], number)
        if _ISSUED_WITH.search(place.text) and (dated := DATE.search(place.text)) and (day := matched_date(dated)):
            return None, place.found(dated.start(), dated.end(), "issued with a decision", value=day, sure=False)
    return None, None


# -------------------------------------------------------------------------------------------------- parties


def _parties(blocks: tuple[Block, ...], title: _Title) -> list[Found]:
    found: list[Found] = []
    for number in range(title.first, title.last):
        place = Place(blocks[number], number)
        between = re.search(r"giữa\s+|^\s*(?=và\s)", place.text, re.IGNORECASE)
        if between or found:
            start = between.end() if between else 0
            start += 3 if place.text[start : start + 3].lower() == "và " else 0
            found.extend(
                place.found(*trimmed(place.text, a, b), "parties in the title")
                for a, b in body_list(place.text, start, len(place.text))
            )
    if len(found) < 2:
        found = _parties_of_heading(blocks, title) or found
    return [_proper_case(party, blocks[title.last : title.last + 150]) for party in found]


def _parties_of_heading(blocks: tuple[Block, ...], title: _Title) -> list[Found]:
    found: list[Found] = []
    for number in range(0, title.first):
        place = Place(blocks[number], number)
        text = re.split(r"\s{2,}(?=CỘNG|Độc)|(?:CỘNG HÒA|CỘNG HOÀ)", place.text)[0]
        if re.match(r"(?:TỈNH|HUYỆN|XÃ|PHƯỜNG|THÀNH PHỐ|BAN THƯỜNG TRỰC)\s*\S*", text) and found and text.isupper():
            last = found[-1]
            joined = f"{last.text} {text.strip()}" if not text.startswith("BAN") else f"{text.strip()} {last.text}"
            found[-1] = replace(last, value=joined)
            continue
        if fold(text).startswith(("quyet dinh", "ban hanh")):
            break
        if text.strip().isupper():
            found.extend(
                place.found(*trimmed(text, a, b), "bodies in the heading", sure=False)
                for a, b in body_list(text, 0, len(text))
            )
    return found


def _proper_case(party: Found, blocks: tuple[Block, ...]) -> Found:
    """A name in capitals as it is written elsewhere in the text."""
    if not party.text.isupper():
        return party
    wanted = fold(party.text)
    for block in blocks:
        if block.text.isupper():
            continue
        key, index_map = fold_with_map(block.text)
        at = key.find(wanted)
        if at >= 0:
            start, end = original_span(index_map, at, at + len(wanted))
            return replace(party, value=" ".join(block.text[start:end].split()), note="capitals")
    return party


def _with_signers(blocks: tuple[Block, ...], parties: list[Found]) -> tuple[ReadParty, ...]:
    signed: dict[int, tuple[Found, Found | None]] = {}
    above: list[Place] = []
    for number in range(max(0, len(blocks) - 30), len(blocks)):
        place = Place(blocks[number], number)
        if place.text.isupper():
            above.append(place)
        elif _SIGNER.fullmatch(place.text) and above:
            office = next((item for item in reversed(above) if _OFFICE.search(item.text)), None)
            heading = " ".join(item.text for item in above)
            at = next((i for i, party in enumerate(parties) if body_words(party.text) & body_words(heading) and any(
                same_body(party.text, item.text) for item in above)), None)  # fmt: skip
            if at is None:
                at = next((i for i in range(len(parties)) if i not in signed), None)
            if at is not None and office is not None:
                title = _OFFICE.search(office.text)
                shown = office.found(title.start(), title.end(), "signature") if title else None
                signed[at] = (place.found(0, len(place.text), "signature", sure=False), shown)
            above = []
    return tuple(
        ReadParty(party, "lead" if at == 0 else "participant", *signed.get(at, (None, None)))
        for at, party in enumerate(parties)
    )


# ------------------------------------------------------------------------------------------- period, sections


def _period(blocks: tuple[Block, ...], title: _Title, lines: list[Line]) -> tuple[Found | None, Found | None]:
    places = [Place(blocks[number], number) for number in range(title.first, title.last)]
    for place in places:
        for match in PERIOD.finditer(place.text):
            return _edges(place, match, sure=True)
    spoken = re.compile(
        r"(?:chương trình|quy chế|kế hoạch|thỏa thuận)[^.;]{0,60}?(?:thực hiện|hiệu lực)|thời gian thực hiện",
        re.IGNORECASE,
    )
    for line in lines:
        said = spoken.search(line.place.text)
        if said and (told := PERIOD.search(line.place.text, said.start())):
            return _edges(line.place, told, sure=False)
    single = re.search(r"năm\s(?P<y>(?:19|20)\d{2})", places[-1].text if places else "", re.IGNORECASE)
    if single:
        year = int(single["y"])
        place = places[-1]
        return (
            place.found(single.start("y"), single.end("y"), "year in the title", value=date(year, 1, 1)),
            place.found(single.start("y"), single.end("y"), "year in the title", value=date(year, 12, 31)),
        )
    return None, None


def _edges(place: Place, match: re.Match[str], *, sure: bool) -> tuple[Found, Found]:
    start, end = match.start("from"), match.end("to")
    first, last = date(int(match["from"]), 1, 1), date(int(match["to"]), 12, 31)
    rule = "period in the title" if sure else "period in the text"
    return place.found(start, end, rule, value=first, sure=sure), place.found(start, end, rule, value=last, sure=sure)


def _lines(blocks: tuple[Block, ...], start: int) -> list[Line]:
    lines: list[Line] = []
    section = "bases"
    for number in range(start, len(blocks)):
        block = blocks[number]
        level, marker, at = 9, "", 0
        for depth, pattern in _MARKERS:
            if match := pattern.match(block.text):
                level, marker, at = depth, match["m"], match.end()
                break
        heading = level == 1 or (block.text.isupper() and len(block.text) < 160)
        key = fold(block.text[at:][:120])
        if heading or (level == 2 and len(block.text) < 60 and section in ("bases", "general", "goals")):
            named = _section(key)
            if named and (heading or named in ("goals",)):
                section = named
            elif heading and level == 1 and key and not marker.startswith(("Chương", "CHƯƠNG", "Phần", "PHẦN")):
                section = "other"
            lines.append(
                Line(Place(block, number), min(level, 2) if level == 9 else level, marker, at, section, heading=True)
            )
            continue
        lines.append(Line(Place(block, number), level, marker, at, section, heading=False))
    return lines


def _section(key: str) -> str | None:
    for name, words in _SECTIONS:
        if any(key.startswith(word) for word in words):
            return name
    for name, words in _SECTIONS:
        if any(word in key for word in words):
            return name
    return None


def _bases(blocks: tuple[Block, ...], title: _Title, lines: list[Line]) -> tuple[ReadReference, ...]:
    """The documents cited where the text says what it rests on; their spans count in the whole document."""
    numbers = {line.place.number for line in lines if line.section == "bases"}
    numbers |= {number for number in range(title.first) if fold(blocks[number].text[:10]).startswith("can cu")}
    chosen = tuple(block if number in numbers else Block("") for number, block in enumerate(blocks))
    found = find_references(chosen, own_number=own_number(blocks))
    return tuple(item for item in found if item.relation is None or item.relation.value != "issued_with")


def _goals(lines: list[Line]) -> tuple[ReadGoal, ...]:
    goals: list[ReadGoal] = []
    kind = "purpose"
    for line in lines:
        if line.section != "goals":
            continue
        key = fold(line.text[:40])
        if line.heading or len(line.text) < 25:
            if "yeu cau" in key and "muc dich" not in key:
                kind = "requirement"
            elif "muc dich" in key or "muc tieu" in key:
                kind = "purpose"
            continue
        start, end = trimmed(line.place.text, line.at, len(line.place.text))
        goals.append(ReadGoal(line.place.found(start, end, "purposes and requirements"), kind))
    return tuple(goals)
