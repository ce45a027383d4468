"""How much of everything each size holds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Numbers of a country in small or in full. Communes include the 92 of Thái Nguyên, the first province."""

    provinces: int
    communes: int
    programmes: int
    activities: int


SIZES = {
    "S": Size(provinces=1, communes=92, programmes=30, activities=10_000),
    "M": Size(provinces=6, communes=580, programmes=1_000, activities=100_000),
    "L": Size(provinces=34, communes=3_321, programmes=10_000, activities=1_000_000),
    "XL": Size(provinces=34, communes=3_321, programmes=30_000, activities=5_000_000),
    "XS": Size(provinces=2, communes=95, programmes=16, activities=400),  # for tests
}


def portions(total: int, weights: Sequence[float]) -> list[int]:
    """Split a whole number by weights, exactly: what rounding leaves goes to the largest remainders."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [total * weight / whole for weight in weights]
    found = [int(share) for share in shares]
    order = sorted(range(len(weights)), key=lambda place: found[place] - shares[place])
    for place in order[: total - sum(found)]:
        found[place] += 1
    return found


def weight(rnd: random.Random, spread: float) -> float:
    """Return a size among sizes that differ as real ones do: many small, few large (log-normal)."""
    return rnd.lognormvariate(0, spread)
