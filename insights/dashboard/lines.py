"""A line of months as SVG lengths: points, segments broken where something is missing or bodies changed, axis."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEFT, RIGHT = 5.0, 96.0  # per cent of the width; the numbers of the axis stand left of it
TOP, BOTTOM, HEIGHT = 20.0, 184.0, 220  # px; the box of the lines
MARKS = 4  # grid lines at most
ABOVE, BELOW = -9.0, 19.0  # px from a dot to the foot of its number
WORDS_HIGH, WORDS_WIDE = 13.0, 0.35  # of a number: px, and in months to either side
CUT = 11.0  # px of the mark at a cut, to either side of its line
ROW, FIRST_ROW = 17, 226  # px: what is written below the months, a row for each cut
LAST_LEFT = 60.0  # per cent of the width, past which such words end at their cut instead of beginning there


@dataclass(frozen=True)
class Dot:
    """A value that is named on the chart."""

    x: str
    y: str
    value: Decimal
    index: int
    label_y: str  # where its number stands: above it, or below it where a line runs above


@dataclass(frozen=True)
class Cut:
    """Where one of the lines is not continued: a mark on that line alone, and words below the months."""

    x: str  # between two months
    is_now: bool  # the line of this year; else that of the year before
    top: str  # the mark, from here
    foot: str  # to here; "" twice where nothing is known on either side
    words: str
    row_y: str
    anchor: str  # of the words: start or end


@dataclass(frozen=True)
class Chart:
    """What a template draws. Lines are `points` of polylines in a box of 100 × HEIGHT; x of everything else in %."""

    xs: list[str]
    grid: list[tuple[str, Decimal]]  # y, value
    now: list[str]
    before: list[str]
    dashed: str  # from the last whole month to the running one; "" without
    dots: list[Dot]
    cuts: list[Cut] = field(default_factory=list)

    @property
    def height(self) -> int:
        """Of the picture in px, with the words at the cuts."""
        return HEIGHT + ROW * len(self.cuts)


def draw(
    now: Sequence[Decimal | None],
    before: Sequence[Decimal | None],
    *,
    cuts_now: Mapping[int, str] | None = None,
    cuts_before: Mapping[int, str] | None = None,
    is_open: bool = False,
    most: Decimal | None = None,
) -> Chart:
    """Return the chart of two series of equal length; None leaves a gap.

    cuts: months (by place) before which a line is not continued → what is written there. is_open: the last month still
    runs. most: the top of the axis, else a round number above the largest value; axes begin at 0.
    """
    cuts_now, cuts_before = cuts_now or {}, cuts_before or {}
    known = [value for value in (*now, *before) if value is not None]
    step = step_up_to(most or max(known, default=Decimal(1)))
    top = most or step * (max(known, default=Decimal(1)) / step).to_integral_value(ROUND_CEILING) or step
    count = len(now)
    xs = [LEFT + (RIGHT - LEFT) * place / max(count - 1, 1) for place in range(count)]

    def at(value: Decimal) -> str:
        return f"{BOTTOM - float(value / top) * (BOTTOM - TOP):.1f}"

    def lines(series: Sequence[Decimal | None], cuts: Mapping[int, str]) -> list[str]:
        found: list[list[str]] = [[]]
        for place, value in enumerate(series):
            if value is None or place in cuts:
                found.append([])
            if value is not None:
                found[-1].append(f"{xs[place]:.2f},{at(value)}")
        # a month alone is drawn as a dash, else it would not be seen
        return [" ".join(points if len(points) > 1 else points * 2) for points in found if points]

    whole = now[:-1] if is_open else now
    last, running = (now[-2], now[-1]) if is_open and count > 1 else (None, None)
    is_cut = count - 1 in cuts_now
    dashed = ""
    if last is not None and running is not None and not is_cut:
        dashed = f"{xs[-2]:.2f},{at(last)} {xs[-1]:.2f},{at(running)}"
    highest = max(((value, place) for place, value in enumerate(whole) if value is not None), default=None)
    named = {highest[1]} if highest else set()
    if now and now[-1] is not None:
        named.add(count - 1)
    drawn = [[None if value is None else float(at(value)) for value in series] for series in (now, before)]
    dots = [Dot(f"{xs[place]:.2f}%", at(value), value, place, f"{_beside(drawn, place, float(at(value))):.1f}")
            for place in sorted(named) if (value := now[place]) is not None]  # fmt: skip
    grid = [(at(step * mark), step * mark) for mark in range(int(top // step) + 1)]
    gap = (RIGHT - LEFT) / max(count - 1, 1) / 2
    marks = [(place, False, words) for place, words in cuts_before.items()]
    marks += [(place, True, words) for place, words in cuts_now.items()]
    cuts = []
    for place, is_now, words in sorted(marks):
        sides = [y for y in drawn[0 if is_now else 1][max(place - 1, 0) : place + 1] if y is not None]
        middle = sum(sides) / len(sides) if sides else 0.0
        mark = (f"{middle - CUT:.1f}", f"{middle + CUT:.1f}") if sides else ("", "")
        x = xs[place] - gap
        row_y, anchor = str(FIRST_ROW + ROW * len(cuts)), "end" if x > LAST_LEFT else "start"
        cuts.append(Cut(f"{x:.2f}%", is_now, *mark, words, row_y, anchor))
    return Chart(
        [f"{x:.2f}%" for x in xs], grid, lines(whole, cuts_now), lines(before, cuts_before), dashed, dots, cuts
    )


def _beside(drawn: Sequence[Sequence[float | None]], place: int, y: float) -> float:
    """Return the foot of the number of a dot: where no line runs through it, above rather than below."""

    def is_free(foot: float) -> bool:
        heights = (_height(series, place + aside) for series in drawn for aside in (-WORDS_WIDE, 0.0, WORDS_WIDE))
        return not any(height is not None and foot - WORDS_HIGH <= height <= foot for height in heights)

    return y + next((off for off in (ABOVE, BELOW) if is_free(y + off) and y + off <= BOTTOM), ABOVE)


def _height(series: Sequence[float | None], at: float) -> float | None:
    """Return where a line runs between two months; None where it does not."""
    left = math.floor(at)
    ends = [series[place] if 0 <= place < len(series) else None for place in (left, left + 1)]
    share = at - left
    if share == 0 or ends[1] is None or ends[0] is None:
        return ends[0] if share < 1 / 2 else ends[1]
    return ends[0] + (ends[1] - ends[0]) * share


def step_up_to(largest: Decimal) -> Decimal:
    """Return 1, 2 or 5 × a power of ten, so that at most MARKS of them reach the largest value."""
    step = Decimal(1)
    while True:
        for factor in (1, 2, 5):
            if step * factor * MARKS >= largest:
                return step * factor
        step *= 10
