"""One period of a quantity: the same definitions over the targets of a window only, as pure functions."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

from agreements.figures.progress import Quantity


def within(quantity: Quantity, start: datetime.date, end: datetime.date, actual: Decimal | None) -> Quantity:
    """Return the quantity as it is judged in [start, end): against the targets whose period lies in it.

    actual: of the window for amounts, the last level by its end for levels; None = no data. A level keeps its baseline
    and the targets before, which are the steps on its way: measured from the last target alone, a level that is to
    be held would be 0 or 1. A target that reaches beyond the window is not that of the window and is left out, for no
    rule says how much of it falls due there.
    """
    inside = tuple(period for period in quantity.periods if start <= period.starts_on and period.ends_on <= end)
    if inside and not quantity.adds_up:
        inside = tuple(period for period in quantity.periods if period.ends_on <= end)
    return replace(quantity, periods=inside, actual=actual)
