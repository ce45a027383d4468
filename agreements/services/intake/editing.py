"""Splitting, merging and moving rows and whole programmes of an intake.

Acts, after the number of the draft: "up:0:7", "down:0:7" (the task of row 7), "split:0:7" (at its line breaks, else at
the ends of its sentences), "merge:0:7" (with the one above), "part:0" (the ticked rows "p0-task-7-pick" become a
programme of their own), "join:1" (with the programme above).
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from agreements.services.intake import drafts
from agreements.services.intake.drafts import Draft, value
from core.exceptions import DomainError
from documents import vietnamese
from documents.types import Confidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agreements.models import Intake

_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+(?=\w)")
_OWN = ("lead", "supports", "due_on", "recurrence", "quantities")  # parts that belong to one piece of a split task
PICKED = ("party", "basis", "goal", "task", "review", "report")


def act(programmes: list[Draft], number: int, name: str, what: str, typed: Mapping[str, str], intake: Intake) -> None:
    """Do what a button asks for; what is no act, or names no row, does nothing. Raises DomainError."""
    draft = programmes[number]
    row = int(what) if what.isascii() and what.isdigit() and len(what) < 5 else -1
    is_task = row in draft["order"]["task"]
    if name in {"up", "down"} and is_task:
        move_task(draft, row, -1 if name == "up" else 1)
    elif name == "split" and is_task:
        split_task(draft, row, intake.result.get("blocks", []))
    elif name == "merge" and is_task:
        merge_task(draft, row)
    elif name == "part":
        picked = {kind: _picked(draft, kind, f"p{number}-", typed) for kind in PICKED}
        part_programme(programmes, number, picked)
    elif name == "join" and number > 0:
        join_programme(programmes, number)


def _picked(draft: Draft, kind: str, prefix: str, typed: Mapping[str, str]) -> list[int]:
    return [row for row in draft["order"][kind] if typed.get(f"{prefix}{kind}-{row}-pick") == "1"]


# ------------------------------------------------------------------------------------------------- tasks


def move_task(draft: Draft, row: int, step: int) -> None:
    """Put a task one place up (-1) or down (1); at the end it stays."""
    order = draft["order"]["task"]
    at = order.index(row)
    to = at + step
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]


def pieces_of(text: str) -> list[str]:
    """The pieces a text falls into: its lines where it has several, else its sentences."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) > 1:
        return lines
    return [piece for part in _SENTENCE_END.split(text) if (piece := part.strip())]


def split_task(draft: Draft, row: int, blocks: list[dict[str, Any]]) -> list[int]:
    """Make one task of each piece of its text, in its place; unit, deadline and quantity go where they stand.

    Returns the rows. Raises DomainError for a text of one sentence, and past the most rows.
    """
    fields = drafts.row_parts(draft, "task", row)
    pieces = pieces_of(fields["title"]["raw"])
    if len(pieces) < 2:
        raise DomainError(
            _("This task is one sentence. Put a line break where it is to be split, then press Split again.")
        )
    if len(draft["order"]["task"]) + len(pieces) - 1 > drafts.MOST_ROWS:
        raise DomainError(_("At most %(limit)s tasks in one programme.") % {"limit": drafts.MOST_ROWS})
    places = _places(fields["title"], pieces, blocks)
    rows = [row]
    for _piece in pieces[1:]:
        rows.append(drafts.add_row(draft, "task"))
    order = [other for other in draft["order"]["task"] if other not in rows[1:]]
    at = order.index(row)
    draft["order"]["task"] = order[:at] + rows + order[at + 1 :]
    homes = {part: _home(fields[part], places) for part in _OWN}
    for number, (new, piece, span) in enumerate(zip(rows, pieces, places, strict=True)):
        for part in drafts.ROWS["task"]:
            made = copy.deepcopy(fields[part])
            if part == "title":
                made |= {"raw": piece, "read": piece, "span": span, "ok": False}
            elif part in _OWN and homes[part] != number:
                made = drafts.field(drafts.EMPTY_ROWS["task"].get(part, ""))
            draft["fields"][f"task-{new}-{part}"] = made
    return rows


def _places(title: dict[str, Any], pieces: list[str], blocks: list[dict[str, Any]]) -> list[list[int] | None]:
    """Where each piece stands in the source; where its words were changed, the place of the whole."""
    span = title["span"]
    if not span or not 0 <= span[1] < len(blocks):
        return [span] * len(pieces)
    page, block, start, end = span
    text = blocks[block]["text"]
    found: list[list[int] | None] = []
    for piece in pieces:
        at = text.find(piece, start, end)
        found.append(span if at < 0 else [page, block, at, at + len(piece)])
        start = start if at < 0 else at + len(piece)
    return found


def _home(made: dict[str, Any], places: list[list[int] | None]) -> int:
    """The number of the piece in which a part of the task stands; the first where that is not told."""
    span = made["span"]
    if not span:
        return 0
    for number, place in enumerate(places):
        if place and place[1] == span[1] and place[2] <= span[2] and span[3] <= place[3]:
            return number
    return 0


def merge_task(draft: Draft, row: int) -> None:
    """Add a task to the one above it, which keeps its own unit and deadline; the first has none above."""
    order = draft["order"]["task"]
    at = order.index(row)
    if at == 0:
        raise DomainError(_("There is no task above this one."))
    above = order[at - 1]
    mine, theirs = drafts.row_parts(draft, "task", row), drafts.row_parts(draft, "task", above)
    title = " ".join(filter(None, (theirs["title"]["raw"], mine["title"]["raw"])))
    theirs["title"] |= {"raw": title, "read": title, "span": _joined(theirs["title"]["span"], mine["title"]["span"])}
    for part in ("supports", "quantities"):
        theirs[part] = _both(theirs[part], mine[part])
    for part in ("lead", "due_on", "group", "code"):
        if not theirs[part]["raw"]:
            theirs[part] = mine[part]
    if theirs["recurrence"]["raw"] in ("", "once"):
        theirs["recurrence"] = mine["recurrence"]
    for part, made in theirs.items():
        made["ok"] = False
        draft["fields"][f"task-{above}-{part}"] = made
    order.remove(row)


def _joined(one: list[int] | None, other: list[int] | None) -> list[int] | None:
    if one and other and one[1] == other[1]:
        return [one[0], one[1], min(one[2], other[2]), max(one[3], other[3])]
    return one or other


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two fields that hold several values as one."""
    texts = list(dict.fromkeys(drafts.names_in(one["raw"]) + drafts.names_in(other["raw"])))
    line = "; ".join(texts)
    worst = str(Confidence.CHECK) in (one["conf"], other["conf"])
    return one | {
        "raw": line,
        "read": line,
        "conf": str(Confidence.CHECK if worst else Confidence.CERTAIN),
        "span": one["span"] or other["span"],
        "items": [*one.get("items", []), *other.get("items", [])],
    }


# -------------------------------------------------------------------------------------------- programmes


def part_programme(programmes: list[Draft], number: int, picked: Mapping[str, list[int]]) -> None:
    """Move the picked rows into a programme of their own behind this one; it begins with the same head and lead."""
    if not any(picked.values()):
        raise DomainError(_("Tick the rows that belong to the other programme."))
    if len(programmes) >= drafts.MOST_PROGRAMMES:
        raise DomainError(_("One text can hold at most %(limit)s programmes.") % {"limit": drafts.MOST_PROGRAMMES})
    draft = programmes[number]
    new = copy.deepcopy(draft)
    new["left"] = []
    for kind in drafts.ROWS:
        rows = picked.get(kind, [])
        if kind == "unit":
            continue  # both may name any of them; those that no task names are not shown
        new["order"][kind] = list(rows)
        draft["order"][kind] = [row for row in draft["order"][kind] if row not in rows]
    first = next(iter(drafts.kept_rows(draft, "party")), None)
    if first is not None:
        new["order"]["party"] = [first, *new["order"]["party"]]
    for one in (draft, new):
        _name_bodies(one)
    programmes.insert(number + 1, new)


def _name_bodies(draft: Draft) -> None:
    """Let units that stood for a party which went to the other programme mean its body."""
    for row in draft["order"]["unit"]:
        made = draft["fields"][f"unit-{row}-organisation"]
        kind, _sep, party = made["raw"].partition("-")
        if kind != "party" or not party.isdecimal() or int(party) in draft["order"]["party"]:
            continue
        body, name = (value(draft, f"party-{party}-{part}") for part in ("organisation", "name"))
        made["raw"] = body if body.isdigit() else ""
        if body.isdigit():
            made["choices"] = [[body, name], *(pair for pair in made.get("choices") or [] if pair[0] != body)]


def join_programme(programmes: list[Draft], number: int) -> None:
    """Add the rows of a programme to the one above it, which keeps its head; what it lacks is taken over."""
    draft, above = programmes[number], programmes[number - 1]
    for key in drafts.SCALARS:
        if not value(above, key) and value(draft, key):
            above["fields"][key] = draft["fields"][key]
    moved: dict[str, str] = {}
    for kind in drafts.ROWS:
        same = {_identity(above, kind, row): row for row in drafts.kept_rows(above, kind)}
        for row in drafts.kept_rows(draft, kind):
            twin = same.get(_identity(draft, kind, row)) if kind in ("party", "unit", "basis") else None
            if twin is not None:
                moved[f"{kind}-{row}"] = f"{kind}-{twin}"
                continue
            if len(above["order"][kind]) >= drafts.MOST_ROWS:
                raise DomainError(_("Together they have more than %(limit)s rows.") % {"limit": drafts.MOST_ROWS})
            new = drafts.add_row(above, kind, drafts.row_parts(draft, kind, row))
            moved[f"{kind}-{row}"] = f"{kind}-{new}"
            if kind == "unit":  # parties come first, so it is known where each went
                made = above["fields"][f"unit-{new}-organisation"]
                made["raw"] = moved.get(made["raw"], made["raw"])
    above["left"] += draft["left"]
    above["keep"] = above["keep"] or draft["keep"]
    del programmes[number]


def _identity(draft: Draft, kind: str, row: int) -> str:
    if kind == "basis":
        number = vietnamese.folded_number(value(draft, f"basis-{row}-number"))
        return number or vietnamese.fold(value(draft, f"basis-{row}-subject"))
    body = value(draft, f"{kind}-{row}-organisation") if kind == "party" else ""
    return body or vietnamese.fold(value(draft, f"{kind}-{row}-name"))
