"""The source as a sheet of paper: paragraphs cut into pieces, the read phrases marked with their numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from documents.types import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WHOLE = 60_000  # characters shown in full; of a longer text only what was read and its surroundings
AROUND = 1  # paragraphs shown on either side of a read one in a long text
MARKS = {Confidence.CERTAIN: "m-ok", Confidence.CHECK: "m-ask", Confidence.MISSING: "m-miss"}


@dataclass
class Mark:
    """A phrase to be marked: its place in a block, its number, how sure, and the anchor of its field."""

    block: int
    start: int
    end: int
    number: int
    state: str
    anchor: str = ""
    label: str = ""
    id: str = ""  # a second anchor of its own
    current: bool = False  # the one being looked at


@dataclass
class Piece:
    """A run of text under the same marks. ids: anchors that begin here; ends: marks that end here."""

    text: str
    css: str = ""
    ids: list[str] = field(default_factory=list)
    ends: list[Mark] = field(default_factory=list)


@dataclass
class Paragraph:
    """A block of the source; `skipped` counts the blocks left out before it."""

    number: int
    heading: bool
    noise: bool
    pieces: list[Piece]
    skipped: int = 0
    page: int = 0  # the page that begins here, 0 inside of one


def number_items(items: Iterable[Any]) -> list[Mark]:
    """Give the items that have a place their numbers in the order of the source, and return their marks."""
    placed = sorted(
        (item for item in items if item.span and not item.dropped), key=lambda item: (item.span[1:3], item.key)
    )
    marks = []
    for number, item in enumerate(placed, start=1):
        item.number = number
        _page, block, start, end = item.span
        state = item.state if item.state in MARKS else Confidence.CERTAIN
        marks.append(Mark(block, start, end, number, state, item.anchor, item.label))
    return marks


def paper(
    blocks: Sequence[dict[str, Any]], marks: list[Mark], *, only: set[int] | None = None, current: int = 0
) -> list[Paragraph]:
    """The paragraphs of the source with their marks; of a long text, or with `only`, some blocks alone.

    `current`: the number of the mark that is outlined.
    """
    by_block: dict[int, list[Mark]] = {}
    for mark in marks:
        mark.current = bool(current) and mark.number == current
        if 0 <= mark.block < len(blocks):
            by_block.setdefault(mark.block, []).append(mark)
    if only is None and sum(len(block["text"]) for block in blocks) > WHOLE:
        near = {at + step for at in by_block for step in range(-AROUND, AROUND + 1)}
        only = near | set(range(3))
    found: list[Paragraph] = []
    skipped = page = 0
    for number, block in enumerate(blocks):
        if only is not None and number not in only:
            skipped += 1
            continue
        pieces = _pieces(block["text"], by_block.get(number, []))
        kind = block.get("kind", "paragraph")
        begins = block.get("page", 1) if block.get("page", 1) != page else 0
        found.append(Paragraph(number + 1, kind == "heading", kind == "noise", pieces, skipped, begins))
        skipped, page = 0, block.get("page", 1)
    return found


def _pieces(text: str, marks: list[Mark]) -> list[Piece]:
    inside = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    cuts = sorted({0, len(text), *(mark.start for mark in inside), *(mark.end for mark in inside)})
    pieces = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        over = [mark for mark in inside if mark.start <= start and end <= mark.end]
        piece = Piece(text[start:end])
        if over:
            inner = min(over, key=lambda mark: (mark.state != Confidence.CHECK, mark.end - mark.start))  # doubt shows
            piece.css = MARKS.get(inner.state, "m-ok")  # type: ignore[call-overload]
            if any(mark.current for mark in over):
                piece.css += " m-cur"
            piece.ids = [name for mark in over if mark.start == start for name in (f"s{mark.number}", mark.id) if name]
            piece.ends = [mark for mark in over if mark.end == end]
        pieces.append(piece)
    return pieces
