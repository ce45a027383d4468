"""Agreed work: content groups, tasks, who leads, by when, how much; from numbered parts and from tables."""

import re
from dataclasses import replace
from decimal import Decimal

from documents.reading import deadlines, language
from documents.reading.bodies import bodies_before, body_list
from documents.reading.outline import ARTICLE, BULLET, CLAUSE, PLAIN, SECTION, Line, cells
from documents.reading.places import Place, trimmed
from documents.types import Confidence, Found, ReadQuantity, ReadTask
from documents.vietnamese import UnreadableText, fold, parse_number

_LEADS = re.compile(
    r"(?:(?:đơn\svị|cơ\squan|bên)\s)?(?:chịu\strách\snhiệm\s)?chủ\strì\s?(?:thực\shiện\s?)?[:,]?\s{0,2}(?:là\s)?",
    re.IGNORECASE,
)
_SUPPORTS = re.compile(
    r"(?:(?:đơn\svị|cơ\squan|bên)\s)?phối\shợp(?:\s(?:chặt\schẽ|thực\shiện|cùng|với)){0,3}\s?:?\s{0,2}", re.IGNORECASE
)
# what may follow a task in a line of its own
_ATTRIBUTE = re.compile(
    r"\(?(?:-\s)?(?:(?:đơn\svị|cơ\squan|bên)\s(?:chủ\strì|phối\shợp|thực\shiện)|chủ\strì|phối\shợp|thời\s(?:gian|hạn)|tiến\sđộ|sản\sphẩm|kinh\sphí"
    r"|kết\squả)(?:\s(?:thực\shiện|hoàn\sthành|dự\skiến|đầu\sra))?\s?:",
    re.IGNORECASE,
)
# where a task's own text ends and who does it by when begins
_TOLD = re.compile(r"(?<=[.;,(])\s{0,2}" + _ATTRIBUTE.pattern, re.IGNORECASE)
_LED = re.compile(r"(?<=[.;])\s{1,2}(?P<by>[A-ZĐÀ-Ỹ][^.;]{4,150}?\s)chủ\strì(?!\w)")
_NUMBER = r"\d[\d.,]{0,14}\d|\d"
_APPROXIMATE = language.alternation(language.words("approximations"))
_AMOUNT = re.compile(
    rf"(?<![\w/.,-])(?:(?P<about>{_APPROXIMATE})\s)?(?P<q>{_NUMBER})\s{{0,2}}(?P<u>{language.alternation(language.words('units'))})(?!\w)",
    re.IGNORECASE,
)
# a rate or a share of something counted elsewhere is no amount of the task
_RATE_BEFORE = re.compile(r"(?:mức|trị\sgiá|từ\s\d[\d.,]*\s?[-–])\s{0,2}$", re.IGNORECASE)
_RATE_AFTER = re.compile(r"\s?(?:/|một\s|mỗi\s)(?!\s?năm|năm|quý|tháng)", re.IGNORECASE)
_SIDE = re.compile(r"Bên\s[A-D](?!\w)", re.IGNORECASE)
_GROUPS = tuple((phrase, code) for phrase, code in language.codes("content-groups"))
_COLUMNS = language.codes("table-columns")
_LONG_LEAD = 200


def read_tasks(lines: list[Line], sides: dict[str, str]) -> tuple[ReadTask, ...]:
    """The tasks among `lines`: what has nothing listed below it; what has is the content group.

    `sides` tells whom "Bên A" and its like stand for.
    """
    tasks: list[ReadTask] = []
    group: Found | None = None
    columns: dict[str, int] = {}
    open_level = PLAIN
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else None
        if line.cells:
            columns, group, task = _row(line, columns, group, sides)
            tasks.extend([task] if task else [])
            continue
        start, end = trimmed(line.place.text, line.at, len(line.place.text))
        if columns and following is not None and following.cells and end > start:
            mark = re.compile(r"(?:[A-E]|[IVX]{1,4})\s(?=[A-ZĐÀ-Ỹ])").match(line.place.text, start)
            start = mark.end() if mark else start
            group = line.place.found(start, end, "group row of the table")
            continue
        columns = {}
        if line.heading:
            # a part of the agreed work that itself names a group ("Điều 5. Tuyên truyền")
            named = line.level in (SECTION, ARTICLE, CLAUSE) and group_code(line.text) and end > start
            group, open_level = (line.place.found(start, end, "heading above the task") if named else None), line.level
            continue
        if tasks and _ATTRIBUTE.match(line.text) and (line.level in (PLAIN, BULLET)):
            tasks[-1] = _with(tasks[-1], line.place, start, end, sides)
            continue
        opens = (
            following is not None
            and not following.heading
            and (following.level > line.level or (line.level == PLAIN and line.text.rstrip().endswith(":")))
            and following.section == line.section
            and not _ATTRIBUTE.match(following.text)
            and not (following.level == PLAIN and len(line.text) > 60)
        )
        if opens and (len(line.text) < _LONG_LEAD or line.text.rstrip().endswith(":")):
            if line.level < BULLET and (group is None or line.level <= open_level or open_level < CLAUSE):
                group, open_level = line.place.found(start, end, "heading above the task"), line.level
            continue
        if end - start < 15 or line.text.rstrip().endswith(":"):
            continue
        kept = group if line.level > open_level or open_level <= ARTICLE else None
        if kept is None and line.level <= open_level:
            group, open_level = None, PLAIN
        tasks.append(_task(line, start, end, kept, sides))
    return tuple(tasks)


def _task(line: Line, start: int, end: int, group: Found | None, sides: dict[str, str]) -> ReadTask:
    place = line.place
    told = _TOLD.search(place.text, start + 15, end) if end - start > 15 else None
    led = next((match for match in _LED.finditer(place.text, start + 15, end)
                if bodies_before(place.text, match.start("by"), match.end("by"))), None)  # fmt: skip
    title = trimmed(place.text, start, min(match.start() if match else end for match in (told, led)))
    task = ReadTask(
        title=place.found(*title, "item of the agreed work", sure=line.level != PLAIN),
        code=line.code,
        group=group,
        group_code=_grouped(place, start, end, group),
    )
    return _with(task, place, start, end, sides)


def _with(task: ReadTask, place: Place, start: int, end: int, sides: dict[str, str]) -> ReadTask:
    """`task` with what the text in [start, end) says about it; what is known already stays."""
    lead, supports = _units(place, start, end, sides)
    product = re.compile(r"sản\sphẩm(?:\s(?:đầu\sra|dự\skiến))?\s?:\s?([^;.]{3,200})", re.IGNORECASE).search(
        place.text, start, end
    )
    lead = lead or _doer(place, start, end, sides)
    return replace(
        task,
        lead=task.lead or lead,
        supports=task.supports or supports,
        due_on=task.due_on or deadlines.when(place, start, end),
        recurrence=task.recurrence or deadlines.recurrence(place, start, end),
        quantities=task.quantities or _amounts(place, start, end),
        deliverable=task.deliverable
        or (place.found(*trimmed(place.text, *product.span(1)), "product named", sure=False) if product else None),
    )


def _amounts(place: Place, start: int, end: int) -> tuple[ReadQuantity, ...]:
    found: list[ReadQuantity] = []
    for match in _AMOUNT.finditer(place.text, start, end):
        if _RATE_BEFORE.search(place.text[max(start, match.start() - 16) : match.start()]):
            continue
        if _RATE_AFTER.match(place.text, match.end(), end):
            continue
        try:
            number: Decimal = parse_number(match["q"])
        except UnreadableText:
            continue
        note = "approximate" if match["about"] else ""
        quantity = place.found(match.start("q"), match.end("q"), "amount with a unit", value=number, note=note)
        found.append(ReadQuantity(quantity, place.found(match.start("u"), match.end("u"), "unit of the amount")))
    return tuple(found)


def _units(place: Place, start: int, end: int, sides: dict[str, str]) -> tuple[Found | None, tuple[Found, ...]]:
    """Who leads and who supports: "A chủ trì, phối hợp với B" or "Đơn vị chủ trì: A; phối hợp: B"."""
    text = place.text
    match = _LEADS.search(text, start, end)
    if not match:
        only = re.compile(r"\(?(?:đơn\svị|cơ\squan|bên)\sphối\shợp(?:\sthực\shiện)?\s?:\s?", re.IGNORECASE).search(
            text, start, end
        )
        if only:
            return None, _named(place, only.end(), end, 'unit behind "phối hợp"', sides)
        return None, ()
    lead: Found | None = None
    before = bodies_before(text, start, match.start())
    if (
        before
        and text[before[-1][1] : match.start()].strip(" ,(") == ""
        and not text[: match.end()].rstrip().endswith(":")
    ):
        # several bodies before the verb lead together; the first named answers for it
        lead = _side(place, *before[0], 'unit before "chủ trì"', sides, sure=len(before) == 1)
    side = re.compile(r"(?P<s>Bên\s[A-D])\s$", re.IGNORECASE).search(text[start : match.start()])
    if lead is None and side:
        lead = _side(place, start + side.start("s"), start + side.end("s"), 'unit before "chủ trì"', sides)
    if lead is None:
        after = _named(place, match.end(), end, 'unit behind "chủ trì"', sides)
        lead = after[0] if after else None
    with_ = _SUPPORTS.search(text, match.end(), end)
    return lead, _named(place, with_.end(), end, 'unit behind "phối hợp"', sides) if with_ else ()


_BEFORE_DOER = re.compile(r"(?:(?:hằng|hàng|mỗi|định\skỳ)\s(?:\d+\s)?\w+\s?,?\s|giao\s|đề\snghị\s)?", re.IGNORECASE)


def _doer(place: Place, start: int, end: int, sides: dict[str, str]) -> Found | None:
    """The body with which the task begins ("Sở Y tế mở 03 lớp …"): most likely the one that does it."""
    lead = _BEFORE_DOER.match(place.text, start, end)
    at = lead.end() if lead else start
    listed = body_list(place.text, at, end)
    side = _SIDE.match(place.text, at, end)
    if side:
        return _side(place, *side.span(), "body that begins the task", sides, sure=False)
    if len(listed) == 2 and "phối hợp" in place.text[listed[0][1] : listed[1][0]].lower():
        return _side(place, *listed[0], "body that begins the task", sides, sure=False)
    if len(listed) == 1 and re.match(r"\s(?:có\strách\snhiệm\s)?[a-zà-ỹđ]", place.text[listed[0][1] : end]):
        return _side(place, *listed[0], "body that begins the task", sides, sure=False)
    return None


def _named(place: Place, start: int, end: int, rule: str, sides: dict[str, str]) -> tuple[Found, ...]:
    listed = tuple(_side(place, *item, rule, sides) for item in body_list(place.text, start, end))
    side = _SIDE.match(place.text, start, end)
    return listed or ((_side(place, *side.span(), rule, sides),) if side else ())


def _side(place: Place, start: int, end: int, rule: str, sides: dict[str, str], *, sure: bool = True) -> Found:
    """The body at [start, end), spelt out if the text calls it "Bên A"."""
    known = sides.get(fold(place.text[start:end]))
    shown = " ".join(place.text[start:end].split())
    return place.found(
        start,
        end,
        "side named earlier" if known else rule,
        value=known or shown[:1].upper() + shown[1:],
        sure=sure and not known,
    )


# -------------------------------------------------------------------------------------------- content groups


def group_code(text: str) -> str | None:
    """The content group whose words stand first in `text`, None if there are none."""
    key = fold(text)
    hits = [(at, -len(phrase), code) for phrase, code in _GROUPS if (at := key.find(phrase)) >= 0]
    return min(hits)[2] if hits else None


def _grouped(place: Place, start: int, end: int, group: Found | None) -> Found | None:
    if group is not None and (code := group_code(group.text)):
        return Found(
            code,
            group.span,
            Confidence.CERTAIN if group_is_clear(group.text) else Confidence.CHECK,
            "group by its heading",
        )
    code = group_code(place.text[start : min(end, start + 160)])
    return (
        place.found(start, min(end, start + 160), "group by the task's words", value=code, sure=False) if code else None
    )


def group_is_clear(heading: str) -> bool:
    """Whether all words of a heading that tell a content group tell the same one."""
    key = fold(heading)
    first = group_code(heading)
    return all(code == first for phrase, code in _GROUPS if phrase in key)


# ---------------------------------------------------------------------------------------------------- tables


def table_columns(text: str) -> dict[str, int]:
    """Meaning → number of column if `text` is the head of a table of tasks, else {}."""
    found: dict[str, int] = {}
    for at, (start, end) in enumerate(cells(text)):
        key = fold(text[start:end])
        meaning = next((code for phrase, code in _COLUMNS if key.startswith(phrase)), None)
        if meaning and meaning not in found and end - start < 60:
            found[meaning] = at
    return found if "task" in found and len(found) >= 3 else {}


def _row(
    line: Line, columns: dict[str, int], group: Found | None, sides: dict[str, str]
) -> tuple[dict[str, int], Found | None, ReadTask | None]:
    """Columns, content group and task (None for heads and group rows) after one row of a table."""
    head = table_columns(line.place.text)
    if head:
        return head, group, None
    if not columns:
        return {}, group, None
    place, text = line.place, line.place.text

    def cell(meaning: str) -> tuple[int, int] | None:
        at = columns.get(meaning, -1)
        if 0 <= at < len(line.cells):
            start, end = trimmed(text, *line.cells[at])
            return (start, end) if end > start else None
        return None

    filled = {text[start:end] for start, end in line.cells if end > start}
    named = cell("task")
    mark = (
        text[slice(*line.cells[columns["number"]])]
        if "number" in columns and columns["number"] < len(line.cells)
        else ""
    )
    if len(filled) == 1 or (len(filled) == 2 and named and mark and not cell("lead")):
        # one text over all columns, or "I | Công tác tuyên truyền": the group of the rows below
        spot = named or next((span for span in line.cells if span[1] > span[0]), None)
        if spot is None or (len(filled) == 1 and text[spot[0] : spot[1]].isdigit()):
            return columns, group, None
        named_at = re.compile(r"(?:[A-E]|[IVX]{1,4})[.)]?\s(?=[A-ZĐÀ-Ỹ])").match(text, *spot)
        spot = (named_at.end() if named_at else spot[0], spot[1])
        return columns, place.found(*trimmed(text, *spot), "group row of the table"), None
    if named is None or text[slice(*named)].isdigit():
        return columns, group, None
    lead = supports = due = None
    if spot := cell("lead"):
        lead = _cell_bodies(place, spot, "lead column", sides)
    if spot := cell("supports"):
        supports = _cell_bodies(place, spot, "support column", sides)
    if spot := cell("unit"):
        both = _units(place, *spot, sides)
        lead, supports = ((both[0],) if both[0] else _cell_bodies(place, spot, "unit column", sides)), both[1]
    timing = cell("due")
    if timing:
        due = deadlines.when(place, *timing) or deadlines.when(place, *timing, led=False)
    product = cell("product")
    code = mark.strip(" .") if mark else ""
    return (
        columns,
        group,
        ReadTask(
            title=place.found(*named, "row of a table of tasks"),
            code=".".join(part for part in (line.code, code) if part),
            group=group,
            group_code=_grouped(place, *named, group),
            lead=lead[0] if lead else None,
            supports=supports or (lead[1:] if lead else ()),
            due_on=due or deadlines.when(place, *named),
            recurrence=(deadlines.recurrence(place, *timing) if timing else None)
            or deadlines.recurrence(place, *named),
            quantities=_amounts(place, *named) or (_amounts(place, *product) if product else ()),
            deliverable=place.found(*product, "product column") if product else None,
        ),
    )


def _cell_bodies(place: Place, spot: tuple[int, int], rule: str, sides: dict[str, str]) -> tuple[Found, ...]:
    """The bodies of one cell; a cell that names none known is taken whole, to be checked."""
    listed = body_list(place.text, *spot)
    whole = bool(listed) and place.text[listed[-1][1] : spot[1]].strip(" .;,)") == ""
    if whole:
        return tuple(_side(place, *item, rule, sides) for item in listed)
    parts = re.compile(r"[^;,]+").finditer(place.text, *spot)
    return tuple(
        _side(place, *trimmed(place.text, *part.span()), rule, sides, sure=False) for part in parts if part[0].strip()
    )
