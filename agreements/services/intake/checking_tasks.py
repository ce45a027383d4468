"""Tasks of a draft as typed → what would be written: units, deadlines, quantities; reviews and reports beside them."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from agreements.models import ContentGroup, Indicator, Milestone, Task
from agreements.services.data import IndicatorData, ReviewData, TargetData, TaskData
from agreements.services.intake import drafts, matching
from agreements.services.intake.drafts import value
from agreements.services.intake.proposing import span_of_item
from agreements.services.intake.understanding import span_of
from agreements.services.tasks import periods_between
from documents import vietnamese
from partners.models import Organisation

if TYPE_CHECKING:
    from agreements.services.data import ProgrammeData
    from agreements.services.intake.understanding import Reader

REPORTS = ("month", "quarter", "half_year", "year", "on_request")
MOST_TARGETS = 120  # ten years of months
_QUANTITY = re.compile(
    r"(?P<about>(?:khoảng|ước|gần|hơn|trên|ít nhất|tối thiểu)\s+)?(?P<number>\d[\d.,]*)\s*(?P<unit>[^\d\s.,].*)",
    re.IGNORECASE,
)
_COUNTS = (
    ("lượt", Indicator.Counts.TURNS),
    ("hộ", Indicator.Counts.HOUSEHOLDS),
    ("người", Indicator.Counts.PERSONS),
)
_DAY = re.compile(r"(?P<day>\d{1,2})(?:\s*[/-]\s*(?P<month>\d{1,2}))?", re.ASCII)


class Bodies:
    """The bodies that the rows of one draft mean; a new one is the same object wherever its name stands."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        draft = reader.draft
        rows = [(kind, row) for kind in ("party", "unit") for row in draft["order"][kind]]
        self.known = matching.bodies_named(value(draft, f"{kind}-{row}-organisation") for kind, row in rows)
        self.parties: dict[int, Organisation] = {}
        self.new: dict[str, Organisation] = {}
        self.rows = {drafts.unit_key(value(draft, f"unit-{row}-name")): row for row in draft["order"]["unit"]}
        self.unknown: dict[str, list[int]] = {}
        self._failed: set[int] = set()

    def of_row(self, kind: str, row: int, name: str) -> Organisation | None:
        """The body chosen in a row of parties or units; None while nobody is."""
        typed = value(self.reader.draft, f"{kind}-{row}-organisation")
        if typed == drafts.NEW:
            return self._created(kind, row, name)
        if typed.startswith("party-") and typed[6:].isascii() and typed[6:].isdigit() and len(typed) < 11:
            return self.parties.get(int(typed[6:]))
        return self.known.get(typed)

    def _created(self, kind: str, row: int, name: str) -> Organisation:
        chosen = value(self.reader.draft, f"{kind}-{row}-new_kind")
        allowed = [code for code in Organisation.Kind.values if code not in Organisation.FRONT_KINDS]
        if chosen not in allowed:
            if not (kind == "unit" and row in self._failed):
                self.reader.fail(f"{kind}-{row}-new_kind", _("Choose what kind of body the new one is"))
            self._failed |= {row} if kind == "unit" else set()
            chosen = Organisation.Kind.OTHER
        return self.new.setdefault(vietnamese.fold(name), Organisation(name=name[:255], kind=chosen))

    def named(self, name: str, position: int) -> Organisation | None:
        """The body that a name written in a task means; noted as unknown where that is open."""
        row = self.rows.get(drafts.unit_key(name))
        body = None if row is None else self.of_row("unit", row, value(self.reader.draft, f"unit-{row}-name"))
        if body is None:
            places = self.unknown.setdefault(name, [])
            if position not in places:
                places.append(position)
        return body


def read_tasks(reader: Reader, bodies: Bodies, data: ProgrammeData) -> tuple[list[TaskData], list[str]]:
    """The tasks in their order, and the quantities that no period could hold."""
    draft = reader.draft
    rows = drafts.kept_rows(draft, "task")
    groups = {group.code: group for group in ContentGroup.objects.all()} if rows else {}
    found: list[TaskData] = []
    loose: list[str] = []
    for position, row in enumerate(rows, start=1):
        key = f"task-{row}"
        names = drafts.names_in(value(draft, f"{key}-lead"))
        if len(names) > 1:
            reader.fail(f"{key}-lead", _("One unit leads a task. Move the others to the supporting units."))
        lead = bodies.named(names[0], position) if names else None
        supporting = [bodies.named(name, position) for name in drafts.names_in(value(draft, f"{key}-supports"))]
        recurrence = reader.choice(f"{key}-recurrence", list(Task.Recurrence.values), Task.Recurrence.ONCE)
        task = TaskData(
            title=reader.text(f"{key}-title", "task.title"),
            lead=lead,
            supporting=list({id(unit): unit for unit in supporting if unit is not None}.values()),
            content_group=groups.get(value(draft, f"{key}-group")),
            due_on=reader.day(f"{key}-due_on", last=True),
            recurrence=recurrence,
            source_clause=reader.text(f"{key}-code", "task.code"),
            span=reader.span(f"{key}-title"),
            spans=_spans(reader, row),
        )
        quantities = _quantities(reader, f"{key}-quantities")
        periods = _periods(task, data) if quantities else []
        task.indicators = [_indicator(quantity, periods) for quantity in quantities]
        task.deliverable = "; ".join(quantity.text for quantity in quantities)[:255]
        loose += [quantity.text for quantity in quantities if not periods]
        found.append(task)
    return found, loose


def _spans(reader: Reader, row: int) -> dict[str, Any]:
    """Where the parts of a task stand, beside its title."""
    fields = drafts.row_parts(reader.draft, "task", row)
    found = {}
    for part in ("group", "lead", "due_on", "recurrence"):
        if fields[part]["raw"] and fields[part]["raw"] == fields[part]["read"] and (span := span_of(fields[part])):
            found[part] = span
    for part, name in (("supports", "support"), ("quantities", "quantity")):
        for number, text in enumerate(drafts.names_in(fields[part]["raw"]), start=1):
            if span := span_of({"span": span_of_item(fields[part], text)}):
                found[f"{name}_{number}"] = span
    return found


# -------------------------------------------------------------------------------------------- quantities


class Quantity(NamedTuple):
    """How much of what: "khoảng 500 hộ" is about 500 of unit "hộ"."""

    text: str
    value: Decimal
    unit: str
    about: str


def _quantities(reader: Reader, key: str) -> list[Quantity]:
    found = []
    for text in drafts.names_in(value(reader.draft, key)):
        match = _QUANTITY.fullmatch(text)
        number = None
        if match:
            try:
                number = vietnamese.parse_number(match["number"].rstrip(".,"))
            except vietnamese.UnreadableText:
                number = None
        if match is None or number is None or len(match["unit"]) > 40 or number >= Decimal(10) ** 13:
            reader.fail(key, _("Write the number and then the unit, for example 40 hội nghị; several with ; between"))
            return []
        found.append(Quantity(text, number, match["unit"].strip(), (match["about"] or "").strip()))
    return found


def _indicator(quantity: Quantity, periods: list[tuple[datetime.date, datetime.date]]) -> IndicatorData:
    """What is counted: shares take the last value, all else adds up; "khoảng" stays in the name."""
    share = quantity.unit.startswith("%")
    name = quantity.unit[:1].upper() + quantity.unit[1:]
    words = quantity.unit.lower()
    return IndicatorData(
        name=f"{name} ({quantity.about})" if quantity.about else name,
        unit=quantity.unit,
        kind=Indicator.Kind.RATIO if share else Indicator.Kind.FLOW,
        roll_up=Indicator.RollUp.LATEST if share else Indicator.RollUp.SUM,
        counts=next((code for word, code in _COUNTS if words.startswith(word)), Indicator.Counts.NONE),
        precision=min(4, max(0, -int(quantity.value.normalize().as_tuple().exponent))),
        targets=[TargetData(starts_on=first, ends_on=end, value=quantity.value) for first, end in periods],
    )


def _periods(task: TaskData, data: ProgrammeData) -> list[tuple[datetime.date, datetime.date]]:
    """The half-open periods whose target a quantity is: each period of a recurring task, else all the time it has."""
    first, last = data.starts_on or data.signed_on, task.due_on or data.ends_on
    if not first or not last or last < first:
        return []
    if task.recurrence == Task.Recurrence.ONCE:
        return [(first, last + datetime.timedelta(days=1))]
    found = []
    start = first
    for _name, end in periods_between(task.recurrence, first, last)[:MOST_TARGETS]:
        found.append((start, end + datetime.timedelta(days=1)))
        start = end + datetime.timedelta(days=1)
    return found


# ------------------------------------------------------------------------------------- reviews and reports


def read_reviews(reader: Reader) -> list[ReviewData]:
    """The reviews whose day is known; the others stay to be entered later."""
    draft = reader.draft
    found: list[ReviewData] = []
    kinds = [Milestone.Kind.INTERIM_REVIEW, Milestone.Kind.FINAL_REVIEW]
    for row in drafts.kept_rows(draft, "review"):
        key = f"review-{row}"
        kind = reader.choice(f"{key}-kind", [str(word) for word in kinds], Milestone.Kind.INTERIM_REVIEW)
        day = reader.day(f"{key}-due_on", last=True)
        text = reader.text(f"{key}-text", "review.text")
        if day is None:
            continue
        if any(item.kind == kind and item.due_on == day for item in found):
            reader.fail(f"{key}-due_on", _("This review stands there twice. Drop one of the two rows."))
            continue
        span = reader.span(f"{key}-due_on") or reader.span(f"{key}-text")
        found.append(ReviewData(kind=kind, due_on=day, note=text, span=span))
    return found


def read_reports(reader: Reader) -> list[dict[str, Any]]:
    """The reports asked for, as Programme.reports_asked keeps them."""
    draft = reader.draft
    found = []
    for row in drafts.kept_rows(draft, "report"):
        key = f"report-{row}"
        days = [_day_of_year(text) for text in drafts.names_in(value(draft, f"{key}-due"))]
        if None in days:
            reader.fail(f"{key}-due", _("Write the days as day/month, for example 15/06; 15/12, or only the day"))
        found.append({
            "kind": reader.choice(f"{key}-kind", list(REPORTS), "on_request"),
            "due": [day for day in days if day],
            "text": reader.text(f"{key}-text", "report.text"),
            "span": reader.span(f"{key}-due") or reader.span(f"{key}-text"),
        })  # fmt: skip
    return found


def _day_of_year(text: str) -> str | None:
    """ "15/6" → "15/06", "25" → "25"; None for anything else."""
    match = _DAY.fullmatch(text)
    if not match or not 1 <= int(match["day"]) <= 31:
        return None
    if match["month"] is None:
        return str(int(match["day"]))
    try:
        day = datetime.date(2024, int(match["month"]), int(match["day"]))  # a leap year takes 29/02
    except ValueError:
        return None
    return f"{day:%d/%m}"
