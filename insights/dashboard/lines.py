"""A line of months as SVG lengths: points, segments broken where something is missing or bodies changed, axis."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEFT, RIGHT = 5.0, 96.0  # per cent of the width; the numbers of the axis stand left of it
TOP, BOTTOM, HEIGHT = 20.0, 184.0, 220
MARKS = 4  # grid lines at most


@dataclass(frozen=True)
class Dot:
    """A value that is named on the chart."""

    x: str
    y: str
    value: Decimal
    index: int

    @property
    def label_y(self) -> str:
        """Where its number stands: above it."""
        return f"{float(self.y) - 9:.1f}"


@dataclass(frozen=True)
class Chart:
    """What a template draws. Lines are `points` of polylines in a box of 100 × HEIGHT; x of everything else in %."""

    xs: list[str]
    grid: list[tuple[str, Decimal]]  # y, value
    now: list[str]
    before: list[str]
    dashed: str  # from the last whole month to the running one; "" without
    dots: list[Dot]
    breaks: list[tuple[str, str]] = field(default_factory=list)  # x between two months, and what is written there


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
    step = _step(most or max(known, default=Decimal(1)))
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
    dots = [Dot(f"{xs[place]:.2f}%", at(value), value, place) for place in sorted(named)
            if (value := now[place]) is not None]  # fmt: skip
    grid = [(at(step * mark), step * mark) for mark in range(int(top // step) + 1)]
    gap = (RIGHT - LEFT) / max(count - 1, 1) / 2
    breaks = [(f"{xs[place] - gap:.2f}%", words) for place, words in sorted({**cuts_before, **cuts_now}.items())]
    return Chart(
        [f"{x:.2f}%" for x in xs], grid, lines(whole, cuts_now), lines(before, cuts_before), dashed, dots, breaks
    )


def _step(largest: Decimal) -> Decimal:
    """Return 1, 2 or 5 × a power of ten, so that at most MARKS of them reach the largest value."""
    step = Decimal(1)
    while True:
        for factor in (1, 2, 5):
            if step * factor * MARKS >= largest:
                return step * factor
        step *= 10
