"""Places on a grid of tiles, each near where it lies: a cartogram from centroids alone, without borders."""

from __future__ import annotations

from functools import lru_cache
from math import cos, radians, sqrt

Point = tuple[float, float]  # latitude, longitude
Cell = tuple[int, int]  # row from the north, column from the west, both from 0

ROOM = 1.5  # cells for each place: with fewer the shape of the province is lost, with more names no longer fit
FEWEST, MOST_COLUMNS, MOST_ROWS = 3, 10, 26  # the stylesheet names as many
EXCHANGES = 40  # rounds after which no arrangement of a province was still getting better


@lru_cache(maxsize=64)
def place(points: tuple[Point, ...]) -> tuple[Cell, ...]:
    """Return a cell of its own for each point; the same points always give the same cells.

    Each takes the free cell nearest to where it lies, then cells are exchanged for as long as that brings places
    nearer (squared distance in cells). Raises ValueError for more points than cells.
    """
    if len(points) > MOST_COLUMNS * MOST_ROWS:
        raise ValueError(len(points))
    wanted, rows, columns = _scaled(points)
    free = [(row, column) for row in range(rows) for column in range(columns)]
    cells: list[Cell] = []
    for spot in wanted:
        cells.append(min(free, key=lambda cell: (_apart(cell, spot), cell)))
        free.remove(cells[-1])
    for _round in range(EXCHANGES):
        if not _better(wanted, cells, free):
            break
    top, left = min(row for row, _ in cells) if cells else 0, min((column for _, column in cells), default=0)
    return tuple((row - top, column - left) for row, column in cells)


def _scaled(points: tuple[Point, ...]) -> tuple[list[Point], int, int]:
    """Return where each point lies in cells, and how many rows and columns there are."""
    if not points:
        return [], 0, 0
    north, south = max(lat for lat, _ in points), min(lat for lat, _ in points)
    narrow = cos(radians((north + south) / 2))  # a degree of longitude is shorter than one of latitude
    west, east = min(lon for _, lon in points), max(lon for _, lon in points)
    height, width = max(north - south, 1e-6), max((east - west) * narrow, 1e-6)
    need = len(points) * ROOM
    columns = min(max(round(sqrt(need * width / height)), FEWEST), MOST_COLUMNS)
    rows = min(max(round(need / columns), FEWEST), MOST_ROWS)
    while rows * columns < len(points):
        columns, rows = min(columns + 1, MOST_COLUMNS), min(rows + 1, MOST_ROWS)
    wanted = [
        ((north - lat) / height * (rows - 1), (lon - west) * narrow / width * (columns - 1)) for lat, lon in points
    ]
    return wanted, rows, columns


def _apart(cell: Cell, spot: Point) -> float:
    return (cell[0] - spot[0]) ** 2 + (cell[1] - spot[1]) ** 2


def _better(wanted: list[Point], cells: list[Cell], free: list[Cell]) -> bool:
    """Move places to free cells and exchange pairs where both together come nearer; whether anything moved."""
    moved = False
    for one, spot in enumerate(wanted):
        for at, cell in enumerate(free):
            if _apart(cell, spot) < _apart(cells[one], spot) - 1e-9:
                cells[one], free[at] = cell, cells[one]
                moved = True
        for other in range(one + 1, len(wanted)):
            now = _apart(cells[one], spot) + _apart(cells[other], wanted[other])
            then = _apart(cells[other], spot) + _apart(cells[one], wanted[other])
            if then < now - 1e-9:
                cells[one], cells[other] = cells[other], cells[one]
                moved = True
    return moved
