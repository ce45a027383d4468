"""What a reader finds in a document: values with the place they were found at and how sure that is.

All classes are frozen. `ReadResult.to_json` gives plain dicts, lists, strings, numbers and None, so that the result
can be stored beside its source and read back with `ReadResult.from_json`.
"""

import dataclasses
import types
import typing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

JSON_VERSION = 2


class Confidence(StrEnum):
    """How sure the reader is of a value; an officer looks at CHECK and MISSING first."""

    CERTAIN = "certain"
    CHECK = "check"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list item or table row of the source, in reading order.

    `text` is the stored original (never folded); `page` counts from 1 (1 for pasted text); `kind` is one of
    "paragraph", "heading", "item", "row" (of a table, its cells parted by a tab), "noise" (navigation or captions of a
    web page, running heads and page numbers).
    """

    text: str
    page: int = 1
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open code points [start, end) of the original text of block number `block` on `page`."""

    page: int
    block: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """A value read from the source: str, int, Decimal or date; None only if `confidence` is MISSING.

    `rule` names the rule that found it; `note` is a code for the officer's hint ("" if none), for example
    "year_inferred".
    """

    value: str | int | Decimal | date | None
    span: Span | None
    confidence: Confidence
    rule: str
    note: str = ""

    @property
    def text(self) -> str:
        """The value as text, "" if missing; dates in ISO form."""
        return "" if self.value is None else str(self.value)


@dataclass(frozen=True, slots=True)
class ReadReference:
    """A legal document cited by the source; what the text does not say is None."""

    type: Found
    number: Found | None = None
    date: Found | None = None
    issuer: Found | None = None
    subject: Found | None = None
    relation: Found | None = None  # "based_on", "implements", "amends", "replaces", "continues", "issued_with"
    quoted: Found | None = None  # the citation as it stands in the source


@dataclass(frozen=True, slots=True)
class ReadParty:
    """A body that signed; `role` is "lead" for the first named one, "co_lead", "participant" or "witness".

    `authority` is the line that says for whom the signer acts ("KT. GIÁM ĐỐC"), None where the head signed.
    """

    name: Found
    role: str = "participant"
    signer: Found | None = None
    signer_title: Found | None = None
    authority: Found | None = None


@dataclass(frozen=True, slots=True)
class ReadGoal:
    """One purpose or requirement; `kind` is "purpose" or "requirement"."""

    text: Found
    kind: str = "purpose"


@dataclass(frozen=True, slots=True)
class ReadQuantity:
    """How much of what a task promises: "khoảng 500 hộ". `value` is a Decimal, noted "approximate" if told so."""

    value: Found
    unit: Found


@dataclass(frozen=True, slots=True)
class ReadTask:
    """One piece of agreed work, with the content group (heading) it stands under.

    `group_code` is the group's code in the taxonomy of content groups ("tuyen-truyen" … "so-ket").
    """

    title: Found
    code: str = ""  # as numbered in the source, for example "II.1.a"
    group: Found | None = None
    lead: Found | None = None
    supports: tuple[Found, ...] = ()
    due_on: Found | None = None
    recurrence: Found | None = None  # "month", "quarter", "half_year", "year"
    quantities: tuple[ReadQuantity, ...] = ()
    group_code: Found | None = None
    deliverable: Found | None = None  # what shall be there in the end ("Sản phẩm")


@dataclass(frozen=True, slots=True)
class ReadDuty:
    """What one party (or all of them together) is responsible for; `party` is None for duties of both sides."""

    text: Found
    party: Found | None = None


@dataclass(frozen=True, slots=True)
class ReadReporting:
    """A report that the text asks for: `kind` "month", "quarter", "half_year", "year" or "on_request".

    `due` is a day of the year as text ("15/06") or of the month ("15"), None where the text names none.
    """

    text: Found
    kind: Found
    due: Found | None = None


@dataclass(frozen=True, slots=True)
class ReadReview:
    """An interim ("interim") or final ("final") review; `due_on` is a date, None where the text names none."""

    text: Found
    kind: Found
    due_on: Found | None = None


@dataclass(frozen=True, slots=True)
class ReadProgramme:
    """One coordination programme reported or laid down by the source.

    `kind` is "programme", "regulation", "plan", "memorandum" or "joint_resolution". `starts_on` and `ends_on` are
    the programme's own period; the period of a programme that it implements stands apart in `implements_*` and is
    only offered (rule "period of what is carried out").
    """

    kind: Found
    title: Found
    number: Found | None = None
    place: Found | None = None
    signed_on: Found | None = None
    parties: tuple[ReadParty, ...] = ()
    starts_on: Found | None = None
    ends_on: Found | None = None
    implements_name: Found | None = None
    implements_starts_on: Found | None = None
    implements_ends_on: Found | None = None
    legal_bases: tuple[ReadReference, ...] = ()
    goals: tuple[ReadGoal, ...] = ()
    tasks: tuple[ReadTask, ...] = ()
    duties: tuple[ReadDuty, ...] = ()
    reporting: tuple[ReadReporting, ...] = ()
    reviews: tuple[ReadReview, ...] = ()
    funding: Found | None = None  # the clause that says who pays
    parent: ReadReference | None = None  # the programme of a higher level that it carries out
    replaces: ReadReference | None = None  # the programme or agreement that it takes the place of

    @property
    def implements_period(self) -> tuple[Found, Found] | None:
        """First and last day of the implemented programme's period, if the source names one."""
        if self.implements_starts_on is None or self.implements_ends_on is None:
            return None
        return self.implements_starts_on, self.implements_ends_on


@dataclass(frozen=True, slots=True)
class ReadResult:
    """All blocks of one source with the documents cited and the programmes found in it."""

    blocks: tuple[Block, ...] = ()
    references: tuple[ReadReference, ...] = ()
    programmes: tuple[ReadProgramme, ...] = ()

    def quoted(self, span: Span | None) -> str:
        """The original text behind `span`; "" for None."""
        return "" if span is None else self.blocks[span.block].text[span.start : span.end]

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage, with the version of the form under "version"."""
        return {"version": JSON_VERSION, **_encode(self)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The result stored by `to_json`. Raises ValueError for another version or unknown shape."""
        if data.get("version") != JSON_VERSION:
            raise ValueError(f"unknown version of a reading: {data.get('version')!r}")
        try:
            return _decode(cls, {key: value for key, value in data.items() if key != "version"})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a stored reading: {error}") from error


def _encode(value: Any) -> Any:
    if isinstance(value, Found):
        shown = str(value.value) if isinstance(value.value, date | Decimal) else value.value
        kind = {date: "date", Decimal: "decimal"}.get(type(value.value))
        return {
            "value": shown,
            **({"as": kind} if kind else {}),
            "span": _encode(value.span),
            "confidence": value.confidence.value,
            "rule": value.rule,
            "note": value.note,
        }
    if dataclasses.is_dataclass(value):
        return {field.name: _encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    return value


def _decode(kind: Any, data: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        if data is None:
            return None
        return _decode(next(arg for arg in typing.get_args(kind) if arg is not type(None)), data)
    if origin is tuple:
        return tuple(_decode(typing.get_args(kind)[0], item) for item in data)
    if kind is Found:
        value = data["value"]
        if data.get("as") == "date":
            value = date.fromisoformat(value)
        elif data.get("as") == "decimal":
            value = Decimal(value)
        span = _decode(Span, data["span"]) if data["span"] is not None else None
        return Found(value, span, Confidence(data["confidence"]), data["rule"], data["note"])
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: _decode(hints[name], item) for name, item in data.items()})  # type: ignore[operator]
    return data
