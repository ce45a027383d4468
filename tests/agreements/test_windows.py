"""One period of a quantity: its own targets, where a level starts from, and what reaches beyond it."""

from __future__ import annotations

import datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from agreements import figures

YEARS = range(2024, 2028)


def day(year: int, month: int = 1) -> datetime.date:
    return datetime.date(year, month, 1)


def quantity(kind: str, values: list[Decimal], **changes) -> figures.Quantity:
    periods = tuple(figures.Period(day(2024 + n), day(2025 + n), value) for n, value in enumerate(values))
    return figures.Quantity(
        **{"kind": kind, "direction": "up", "baseline": None, "periods": periods, "actual": None} | changes
    )


def test_an_amount_is_judged_by_the_targets_inside() -> None:
    whole = quantity("flow", [Decimal(100), Decimal(200), Decimal(300)])
    year = figures.within(whole, day(2025), day(2026), Decimal(50))
    assert figures.target_of(year) == 200
    assert figures.quantity_progress(year) == Decimal("0.25")
    assert figures.quantity_expected(year, day(2026)) == 1
    assert figures.quantity_expected(year, datetime.date(2025, 1, 1)) == Decimal(200) / 365 / 200


def test_a_level_goes_its_whole_way_from_the_baseline_to_the_target_of_the_window() -> None:
    falling = quantity("ratio", [Decimal(8), Decimal(6), Decimal(5)], direction="down", baseline=Decimal(10))
    first = figures.within(falling, day(2024), day(2025), Decimal(9))
    later = figures.within(falling, day(2025), day(2026), Decimal(7))
    assert (figures.target_of(first), figures.target_of(later)) == (8, 6)
    assert (figures.quantity_progress(first), figures.quantity_progress(later)) == (Decimal("0.5"), Decimal("0.75"))
    assert figures.quantity_expected(later, datetime.date(2024, 12, 31)) == Decimal("0.5")  # the step of 2024
    assert figures.quantity_expected(later, datetime.date(2025, 12, 31)) == 1


def test_a_level_to_be_held_is_not_all_or_nothing() -> None:
    held = quantity("stock", [Decimal(100), Decimal(100)], baseline=Decimal(50))
    year = figures.within(held, day(2025), day(2026), Decimal(95))
    assert figures.quantity_progress(year) == Decimal("0.9")
    assert figures.within(held, day(2026), day(2027), Decimal(95)).periods == ()  # it has no target any more


def test_a_target_that_reaches_beyond_is_left_out_and_nothing_is_counted() -> None:
    whole = quantity("flow", [Decimal(100)])
    half = figures.within(whole, day(2024), day(2024, 7), Decimal(50))
    assert half.periods == ()
    assert not figures.is_measurable(half)
    assert figures.quantity_progress(half) is None


@given(st.lists(st.decimals("0.01", "1000000", places=2), min_size=1, max_size=4), st.sampled_from(list(YEARS)))
def test_the_windows_of_all_years_hold_each_target_once(values: list[Decimal], year: int) -> None:
    whole = quantity("flow", values)
    parts = [figures.within(whole, day(one), day(one + 1), None) for one in YEARS]
    assert [period for part in parts for period in part.periods] == list(whole.periods)
    assert figures.within(whole, day(2024), day(2028), None) == whole
    assert all(figures.quantity_progress(part) is None for part in parts)
