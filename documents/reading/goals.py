"""Purposes told in running text: "Mục đích … là …", "nhằm …" and the sentences that go on from there."""

import re

from documents.reading import language
from documents.reading.blocks import sentences
from documents.reading.mentions import Mention
from documents.reading.places import Place, trimmed
from documents.reading.references import references_in
from documents.types import Block, ReadGoal
from documents.vietnamese import fold

_GOAL_LEAD = re.compile(
    r"(?:mục\sđích|mục\stiêu|yêu\scầu)(?:(?!\slà\s|\snhằm\s).){0,400}?\s(?:là|nhằm)\s(?:nhằm\s)?",
    re.IGNORECASE | re.DOTALL,
)
_PURPOSE = re.compile(r"(?<!\w)nhằm\s(?:mục\sđích\s)?", re.IGNORECASE)


def goals_of(passage: list[Place], group: Mention) -> tuple[ReadGoal, ...]:
    openers = tuple(sorted(language.folded_set("goal-openers")))
    goals: list[ReadGoal] = []
    open_ended = False
    for place in passage:
        if place.block.kind in ("noise", "heading") or len(place.text) < 25:
            continue
        for start, end in sentences(place.text):
            if end - start < 25:
                continue
            sentence = place.text[start:end]
            lead = _GOAL_LEAD.match(place.text, start, end)
            mentioned = place.number == group.place.number and start <= group.instrument[0] < end
            purpose = _PURPOSE.search(place.text, group.topic[1] if group.topic else start, end) if mentioned else None
            if lead:
                goals.extend(_split_goal(place, lead.end(), end))
                open_ended = True
            elif purpose:
                goals.extend(_split_goal(place, purpose.end(), end))
                open_ended = True
            elif open_ended and fold(sentence[:24]).startswith(openers):
                begin = re.compile(r"(?:Đồng\sthời|Qua\sđó|Bên\scạnh\sđó)\s?,\s?").match(place.text, start, end)
                goals.extend(_split_goal(place, begin.end() if begin else start, end))
    return tuple(goals)


def _split_goal(place: Place, start: int, end: int) -> list[ReadGoal]:
    """A purpose may list several, parted by semicolons; citations of documents are no purposes of their own."""
    parts: list[tuple[int, int]] = []
    begin = start
    cited = bool(references_in(Block(place.text[start:end]), 0))
    for match in re.finditer(r";\s(?=[a-zđà-ỹ])", place.text[start:end]):
        if not cited:
            parts.append((begin, start + match.start()))
            begin = start + match.end()
    parts.append((begin, end))
    goals = []
    for first, last in parts:
        first, last = trimmed(place.text, first, last)
        if last - first >= 15:
            value = " ".join(place.text[first:last].split())
            goals.append(
                ReadGoal(place.found(first, last, "purpose in running text", value=value[0].upper() + value[1:]))
            )
    return goals
