"""Drawn lines of a page → the tables they make."""

from bisect import bisect_right
from dataclasses import dataclass

Rule = tuple[float, float, float, float]  # x0, y0, x1, y1 with y downwards
_THIN, _SHORTEST, _NEAR = 2.5, 6.0, 3.0
_MOST_RULES = 6_000


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: the places of its horizontal and vertical lines, and for each row the columns that a line begins."""

    rows: tuple[float, ...]
    columns: tuple[float, ...]
    begins: tuple[tuple[int, ...], ...]

    def starts(self, row: int) -> tuple[int, ...]:
        """The columns of that row in which a cell begins."""
        return self.begins[row]

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and first column of the cell that holds a point, None outside the table."""
        if not (self.rows[0] <= y <= self.rows[-1] and self.columns[0] - _NEAR <= x <= self.columns[-1] + _NEAR):
            return None
        row = min(bisect_right(self.rows, y) - 1, len(self.rows) - 2)
        column = min(max(bisect_right(self.columns, x) - 1, 0), len(self.columns) - 2)
        return row, max(start for start in self.begins[row] if start <= column)


def find_grids(rules: list[Rule]) -> list[Grid]:
    """The tables from top to bottom; tables beside each other count as one."""
    across, upright = [], []
    for x0, y0, x1, y1 in rules[:_MOST_RULES]:
        if y1 - y0 <= _THIN and x1 - x0 >= _SHORTEST:
            across.append(((y0 + y1) / 2, x0, x1))
        elif x1 - x0 <= _THIN and y1 - y0 >= _SHORTEST:
            upright.append(((x0 + x1) / 2, y0, y1))
    found = []
    for top, bottom in _joined([(y0, y1) for _x, y0, y1 in upright]):
        rows = _places([y for y, _x0, _x1 in across if top - _NEAR <= y <= bottom + _NEAR])
        inside = [rule for rule in upright if top - _NEAR <= rule[1] and rule[2] <= bottom + _NEAR]
        columns = _places([x for x, _y0, _y1 in inside])
        if len(rows) >= 2 and len(columns) >= 3:
            found.append(Grid(tuple(rows), tuple(columns), tuple(_begins(rows, columns, inside))))
    return found


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    made: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1] + _NEAR:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made


def _places(values: list[float]) -> list[float]:
    made: list[float] = []
    for value in sorted(values):
        if not made or value - made[-1] > _NEAR:
            made.append(value)
    return made


def _begins(
    rows: list[float], columns: list[float], upright: list[tuple[float, float, float]]
) -> list[tuple[int, ...]]:
    """For each row the columns at whose left a line is drawn there; the first one always begins."""
    by_column: list[list[tuple[float, float]]] = [[] for _ in columns]
    for x, y0, y1 in upright:
        at = min(max(bisect_right(columns, x + 0.01) - 1, 0), len(columns) - 1)
        by_column[at].append((y0, y1))
    merged = [_joined(spans) for spans in by_column]
    made = []
    for top, bottom in zip(rows, rows[1:], strict=False):
        middle = (top + bottom) / 2
        drawn = [
            column
            for column in range(1, len(columns) - 1)
            if any(y0 - _NEAR <= middle <= y1 + _NEAR for y0, y1 in merged[column])
        ]
        made.append((0, *drawn))
    return made
