"""One period of a quantity: the same definitions over the targets of a window only, as pure functions."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

from agreements.figures.progress import Quantity


def within(quantity: Quantity, start: datetime.date, end: datetime.date, actual: Decimal | None) -> Quantity:
    """Return the quantity as it is judged in [start, end): with the targets whose period lies in it.

    actual: of the window for amounts, the last level by its end for levels; None = no data. A level starts from the
    last target that ended before the window, from the baseline where there was none. A target that reaches beyond the
    window is not that of the window and is left out, for no rule says how much of it falls due there.
    """
    inside = tuple(period for period in quantity.periods if start <= period.starts_on and period.ends_on <= end)
    before = [period for period in quantity.periods if period.ends_on <= start]
    baseline = quantity.baseline
    if before and not quantity.adds_up:
        baseline = max(before, key=lambda period: period.ends_on).value
    return replace(quantity, baseline=baseline, periods=inside, actual=actual)
