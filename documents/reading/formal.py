"""A programme laid down by its own document: each value from the piece of the outline that holds it."""

import re
from dataclasses import replace
from datetime import date

from documents.reading import language
from documents.reading.bodies import body_list, group_named, places_listed, same_body
from documents.reading.outline import PLACE_DATE, PLAIN, Line, Outline, outline
from documents.reading.places import DATE, PERIOD, Joined, Place, matched_date, trimmed
from documents.reading.references import find_references
from documents.reading.running import carried_out, read_duties, read_funding, read_reporting, replaced, sides_of
from documents.reading.signatures import Signature, signatures, signing_bodies, with_signers
from documents.reading.tasks import read_tasks
from documents.types import Block, Confidence, Found, ReadGoal, ReadProgramme, ReadReference
from documents.vietnamese import fold, fold_with_map, original_span

_NUMBER_LINE = re.compile(
    r"(?:^|\s)(?:Số|SỐ)\s{0,2}:?\s{0,2}(?P<n>\d{1,3}(?:\d\d|\s\d{1,2})?\s?[/-]\s?[\wĐđ/ –-]{2,60}?)"
    r"(?=\s{2,}|\s[A-ZĐÀ-Ỹ][a-zà-ỹ]+|[,;]|$)"
)
_BLANK_NUMBER = re.compile(r"(?:^|\s)(?:Số|SỐ)\s{0,2}:?[\s.…_]{0,20}(?P<n>[-/]\s?[A-ZĐ][\wĐđ/–-]{2,60})")
_ISSUED_WITH = re.compile(r"\((?:ban\shành\s)?kèm\stheo", re.IGNORECASE)
_PLACE_NAMES = re.compile(r"(?:TỈNH|HUYỆN|XÃ|PHƯỜNG|THÀNH PHỐ|THỊ XÃ|TP\.?|QUẬN|VIỆT NAM|CẤP)\s*\S*")
_IMPLEMENTS = re.compile(
    r"(?:thực\shiện|triển\skhai)\s(?P<n>(?:các\s)?(?:Chương\strình|Đề\sán|Chiến\slược|Kế\shoạch|Dự\sán|Cuộc\svận\sđộng|Phong\strào)\s[^;.]{3,200})",
    re.IGNORECASE,
)
_OWN_PERIOD = re.compile(
    r"(?:chương\strình|quy\schế|kế\shoạch|thỏa\sthuận|nghị\squyết|ghi\snhớ|văn\sbản)[^.;]{0,70}?(?:thực\shiện|hiệu\slực|giá\strị|giai\sđoạn)|thời\s(?:gian|hạn)\sthực\shiện|hiệu\slực",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"(?:trong\s(?:thời\shạn\s)?|thời\shạn\s(?:là\s)?)(?P<n>\d{1,2})\s(?:\([^)]{1,12}\)\s)?năm", re.IGNORECASE
)
_BETWEEN = re.compile(r"(?<!\w)giữa\s+(?:(?:hai|các)\sbên\s?:?\s)?", re.IGNORECASE)
_AGREED = re.compile(
    r"\s(?:cùng\s)?(?:thống\snhất|đã\sthống\snhất|phối\shợp\sban\shành|ký\skết|cùng\sban\shành)\s", re.IGNORECASE
)


def read_formal(blocks: tuple[Block, ...]) -> ReadProgramme | None:
    """The programme whose own text `blocks` is, None if they are something else (a news item, a decision)."""
    parts = outline(blocks)
    if parts is None:
        return None
    signed = signatures(parts.signatures)
    parties = _parties(parts, signed)
    if len(parties) < 2:
        return None
    named = [_proper_case(party, parts.lines[:150]) for party in parties]
    title = parts.title
    place = parts.title_lines[0]
    instrument = fold(title.name)
    kind = next((code for word, code in _KINDS if instrument.startswith(word)), "programme")
    lines = list(parts.lines)
    sides = sides_of(lines, named)
    number = _number(parts)
    where, day = _place_and_date(parts)
    starts, ends = _period(parts, day)
    implemented = _implemented(parts)
    reports, reviews = read_reporting(parts.section("running", "duties", "other", "general", "tasks"))
    whole = place.found(
        0,
        len(place.text),
        "title of the document",
        value=_shown_title(title.name, title.text),
        sure=not title.name.islower(),  # a legacy font lost the capitals
        note="title_continues" if title.last - title.first > 1 else "",
    )
    cited = find_references(blocks, own_number=own_number(blocks))
    return ReadProgramme(
        kind=place.found(0, len(place.text), "name of the instrument", value=kind),
        title=whole,
        number=number,
        place=where,
        signed_on=day,
        parties=tuple(
            replace(party, name=_proper_case(party.name, parts.lines[:150]))
            for party in with_signers(named, signed, sides)
        ),
        starts_on=starts,
        ends_on=ends,
        implements_name=implemented[0],
        implements_starts_on=implemented[1],
        implements_ends_on=implemented[2],
        legal_bases=_bases(blocks, parts),
        goals=_goals(lines),
        tasks=read_tasks(parts.section("tasks"), sides),
        duties=read_duties(parts.section("duties"), named, sides),
        reporting=reports,
        reviews=reviews,
        funding=read_funding(lines),
        parent=carried_out(cited),
        replaces=replaced(cited, lines),
    )


_KINDS = sorted(language.codes("instruments"), key=lambda pair: -len(pair[0]))


def own_number(blocks: tuple[Block, ...]) -> str:
    """The number in the heading of a document, "" if there is none."""
    for block in blocks[:12]:
        if match := _NUMBER_LINE.search(block.text):
            return match["n"]
    return ""


# ------------------------------------------------------------------------------------------------- heading


def _shown_title(name: str, text: str) -> str:
    """The title with the name of the instrument in small letters if only that stood in capitals."""
    if text.isupper() or not name.isupper():
        return text[:1].upper() + text[1:]
    return name.capitalize() + text[len(name) :]


def _number(parts: Outline) -> Found | None:
    near = [*parts.head, *parts.title_lines, *(line.place for line in parts.lines[:2])]
    for place in near:
        if match := _NUMBER_LINE.search(place.text):
            value = "".join(match["n"].split())
            split = bool(re.match(r"\d+\s\d", match["n"]))  # a blank that recognition of a scan put in
            return place.found(match.start("n"), match.end("n"), "number in the heading", value=value, sure=not split)
    for place in near:
        if match := _BLANK_NUMBER.search(place.text):
            return Found(
                None, place.span(*match.span("n")), Confidence.MISSING, "number in the heading", "number_blank"
            )
    return None


def _place_and_date(parts: Outline) -> tuple[Found | None, Found | None]:
    """Place and day from "Thái Nguyên, ngày 05 tháng 02 năm 2026"; a rule issued with a decision takes its date."""
    body = [line.place for line in parts.lines]
    for place in [*parts.head, *parts.title_lines, *body[:3], *body[-20:], *parts.signatures]:
        match = PLACE_DATE.search(place.text)
        if not match or (place.number > parts.title.last + 3 and match.start() > 20):
            continue
        where = place.found(match.start("p"), match.end("p"), "place and date line")
        dated = DATE.search(place.text, match.end())
        day = matched_date(dated) if dated else None
        if dated and day:
            return where, place.found(dated.start(), dated.end(), "place and date line", value=day)
        return where, Found(None, None, Confidence.MISSING, "place and date line", "date_blank")
    for place in [*parts.title_lines, *body[:2]]:
        if _ISSUED_WITH.search(place.text) and (dated := DATE.search(place.text)) and (day := matched_date(dated)):
            return None, place.found(dated.start(), dated.end(), "issued with a decision", value=day, sure=False)
    return None, None


# -------------------------------------------------------------------------------------------------- parties


def _parties(parts: Outline, signed: list[Signature]) -> list[Found]:
    """Title first, then the sentence that says who agreed, then heading and signatures together."""
    titled = _titled(parts)
    if len(titled) >= 2:
        return titled
    agreed = _agreed(parts)
    if len(agreed) >= 2:
        return agreed
    headed, signing = _headed(parts), signing_bodies(signed)
    if len(signing) >= 2:
        # the heading has the full names; a body above its own ("UBND TỈNH") signs nothing
        return [next((body for body in headed if same_body(body.text, item.text)), item) for item in signing]
    joint = parts.title.name + " " + parts.title.text
    if (
        len(headed) >= 2
        and len([item for item in signed if not item.witness]) != 1
        and re.search(r"lien tich|lien nganh|ghi nho|thoa thuan|giua", fold(joint))
    ):
        return headed
    return []


def _titled(parts: Outline) -> list[Found]:
    title = Joined(parts.title_lines)
    between = _BETWEEN.search(title.text)
    if between is None:
        return []
    listed = body_list(title.text, between.end(), len(title.text)) or places_listed(title.text, between.end())
    found = [title.found(*trimmed(title.text, *item), "parties in the title") for item in listed]
    if len(found) == 1 and (group := group_named(title.text, listed[0][1])):
        found.append(title.found(*group, "group of bodies", sure=False))
    return found


def _agreed(parts: Outline) -> list[Found]:
    """ "Sở A và Hội B thống nhất ký …", between the bases and the first part."""
    for line in parts.lines[:40]:
        text = line.place.text
        if line.level != PLAIN or not (match := _AGREED.search(text)):
            continue
        for at in (0, *(m.end() for m in re.finditer(r"[,:]\s", text[: match.start()]))):
            listed = body_list(text, at, match.start() + 1)
            beside = re.sub(r"\([^)]{0,80}\)", "", text[listed[-1][1] : match.start()]) if listed else ""
            if len(listed) >= 2 and len(beside.strip(" ,")) < 25:
                return [line.place.found(*trimmed(text, a, b), "bodies that agreed") for a, b in listed]
    return []


def _headed(parts: Outline) -> list[Found]:
    found: list[Found] = []
    for place in parts.head:
        text = re.split(r"\s{2,}(?=CỘNG|Độc)|(?:CỘNG HÒA|CỘNG HOÀ|ĐẢNG CỘNG SẢN)", place.text)[0]
        if fold(text).startswith(("quyet dinh", "ban hanh")):
            break
        if not text.strip().isupper():
            continue
        if found and _PLACE_NAMES.match(text):
            found[-1] = replace(found[-1], value=f"{found[-1].text} {text.strip()}")
        elif found and re.match(r"BAN THƯỜNG (?:TRỰC|VỤ)\W*$", text.strip()):
            found[-1] = replace(found[-1], value=f"{text.strip()} {found[-1].text}")
        else:
            found.extend(
                place.found(*trimmed(text, a, b), "bodies in the heading", sure=False)
                for a, b in body_list(text.lstrip("-– "), 0, len(text))
            )
    return found


_FORMS = {form.lower(): form for form in language.words("bodies-written")}
_PLACE_BEHIND = re.compile(r"(?<!\w)(tỉnh|huyện|xã|phường|thành phố) ((?!ủy|đoàn|và |về )\w+(?: \w+){0,2})$")
_WRITTEN = re.compile(rf"(?<!\w)(?:{language.alternation(list(_FORMS))})(?!\w)")


def _proper_case(party: Found, lines: tuple[Line, ...]) -> Found:
    """A name in capitals as it is written elsewhere in the text."""
    if not party.text.isupper():
        return replace(party, value=party.text[:1].upper() + party.text[1:])  # "ủy ban" of a legacy font
    wanted = fold(party.text)
    for line in lines:
        if line.place.text.isupper():
            continue
        key, index_map = fold_with_map(line.place.text)
        at = key.find(wanted)
        if at >= 0:
            start, end = original_span(index_map, at, at + len(wanted))
            return replace(party, value=" ".join(line.place.text[start:end].split()), note="capitals")
    value = _WRITTEN.sub(lambda match: _FORMS[match[0].lower()], party.text.lower())
    value = _PLACE_BEHIND.sub(lambda match: f"{match[1]} {match[2].title()}", value)
    return replace(party, value=value[:1].upper() + value[1:], confidence=Confidence.CHECK, note="capitals")


# ------------------------------------------------------------------------------------------- period


def _period(parts: Outline, signed_on: Found | None) -> tuple[Found | None, Found | None]:
    """The programme's own period; one that the title gives to a programme carried out is not it."""
    taken = _implemented_at(parts)
    title = Joined(parts.title_lines)
    for match in PERIOD.finditer(title.text):
        if taken is None or match.start("from") != taken[1].start("from"):
            return _edges(title, match, "period in the title", sure=True)
    for line in parts.lines:
        if line.section == "bases" or line.cells:
            continue
        said = _OWN_PERIOD.search(line.place.text)
        if not said:
            continue
        if found := _days(line, said.start(), signed_on):
            return found
        told = PERIOD.search(line.place.text, said.start())
        if told and told.start() - said.end() < 60 and taken is None:
            return _edges(line.place, told, "period in the text", sure=False)
    single = list(re.finditer(r"năm\s(?P<y>(?:19|20)\d{2})(?!\d)", title.text, re.IGNORECASE))
    if single and taken is None:
        year, spot = int(single[-1]["y"]), single[-1].span("y")
        return (
            title.found(*spot, "year in the title", value=date(year, 1, 1)),
            title.found(*spot, "year in the title", value=date(year, 12, 31)),
        )
    return None, None


def _days(line: Line, start: int, signed_on: Found | None) -> tuple[Found | None, Found | None] | None:
    """ "… từ ngày ký đến hết ngày 31/12/2026", "… trong 05 năm kể từ ngày ký"."""
    text = line.place.text
    ends = re.compile(r"đến\s(?:hết\s)?(?:ngày\s)?", re.IGNORECASE)
    for match in ends.finditer(text, start):
        dated = DATE.match(text, match.end())
        if dated and (last := matched_date(dated)):
            begun = re.compile(r"từ\s(?:ngày\s)?", re.IGNORECASE).search(text, start, match.start())
            first = DATE.match(text, begun.end()) if begun else None
            day = matched_date(first) if first else None
            opening = (
                line.place.found(first.start(), first.end(), "days of effect", value=day, sure=False)
                if first and day
                else _from_signing(signed_on)
            )
            return opening, line.place.found(dated.start(), dated.end(), "days of effect", value=last, sure=False)
    term = _TERM.search(text, start)
    begun_on = signed_on.value if signed_on else None
    if term and isinstance(begun_on, date) and "từ ngày ký" in " ".join(text.split()).lower():
        try:
            last = date(begun_on.year + int(term["n"]), begun_on.month, begun_on.day)
        except ValueError:
            return None
        last = date.fromordinal(last.toordinal() - 1)
        return _from_signing(signed_on), line.place.found(
            *term.span(), "term from the day of signing", value=last, sure=False
        )
    return None


def _from_signing(signed_on: Found | None) -> Found | None:
    if signed_on is None or signed_on.value is None:
        return None
    return replace(signed_on, confidence=Confidence.CHECK, rule="from the day of signing")


def _edges(place: Place | Joined, match: re.Match[str], rule: str, *, sure: bool) -> tuple[Found, Found]:
    start, end = match.start("from"), match.end("to")
    first, last = date(int(match["from"]), 1, 1), date(int(match["to"]), 12, 31)
    school = place.text[max(0, match.start() - 9) : match.start("from")].lower().strip().endswith("năm học")
    sure = sure and first < last and not school
    return place.found(start, end, rule, value=first, sure=sure), place.found(start, end, rule, value=last, sure=sure)


def _implemented_at(parts: Outline) -> tuple[tuple[int, int], re.Match[str]] | None:
    """Where the joined title names a programme that is carried out, and that one's period."""
    text = Joined(parts.title_lines).text
    # the own instrument is named by the words of coordination; what is carried out is another one
    named = next((item for item in _IMPLEMENTS.finditer(text) if not COORDINATED.search(fold(item["n"][:40]))), None)
    period = PERIOD.search(text, named.start("n")) if named else None
    return (trimmed(text, named.start("n"), period.start()), period) if named and period else None


COORDINATED = re.compile(r"(?:chuong trinh|ke hoach|quy che) phoi hop")


def _implemented(parts: Outline) -> tuple[Found | None, Found | None, Found | None]:
    found = _implemented_at(parts)
    if found is None:
        return None, None, None
    name, period = found
    title = Joined(parts.title_lines)
    first, last = _edges(title, period, "period of what is carried out", sure=False)
    noted = [replace(item, note="implemented_period") for item in (first, last)]
    return title.found(*name, "period of what is carried out", sure=False), noted[0], noted[1]


# ----------------------------------------------------------------------------------------- bases, goals


def _bases(blocks: tuple[Block, ...], parts: Outline) -> tuple[ReadReference, ...]:
    """The documents cited where the text says what it rests on; their spans count in the whole document."""
    numbers = {line.place.number for line in parts.section("bases")}
    numbers |= {place.number for place in parts.head if fold(place.text[:10]).startswith("can cu")}
    chosen = tuple(block if number in numbers else Block("") for number, block in enumerate(blocks))
    found = find_references(chosen, own_number=own_number(blocks))
    return tuple(item for item in found if item.relation is None or item.relation.value != "issued_with")


_INLINE_GOAL = re.compile(r"(?:Mục\s(?:đích|tiêu)(?:\s(?:chung|cụ\sthể))?|Yêu\scầu)\s?:\s?", re.IGNORECASE)


def _goals(lines: list[Line]) -> tuple[ReadGoal, ...]:
    goals: list[ReadGoal] = []
    kind = "purpose"
    for at, line in enumerate(lines):
        if line.section != "goals":
            continue
        key = fold(line.text[:40])
        following = lines[at + 1] if at + 1 < len(lines) else None
        opens = following is not None and following.level > line.level and line.text.rstrip().endswith(":")
        if line.heading or len(line.text) < 25 or opens:
            if "yeu cau" in key and "muc dich" not in key and "muc tieu" not in key:
                kind = "requirement"
            elif "muc dich" in key or "muc tieu" in key:
                kind = "purpose"
            continue
        start, end = trimmed(line.place.text, line.at, len(line.place.text))
        if inline := _INLINE_GOAL.match(line.place.text, start):
            kind = "requirement" if fold(inline[0]).startswith("yeu cau") else "purpose"
            start, end = trimmed(line.place.text, inline.end(), end)
        goals.append(ReadGoal(line.place.found(start, end, "purposes and requirements"), kind))
    return tuple(goals)
