"""Definitions of figures: properties over many values, and the examples a reader would compute by hand."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import figures
from agreements.figures import Period, Quantity, Step, Work

JAN = datetime.date(2026, 1, 1)
days = st.dates(datetime.date(2020, 1, 1), datetime.date(2032, 12, 31))
amounts = st.integers(-10_000, 10_000).map(Decimal)
positive = st.integers(1, 10_000).map(Decimal)
directions = st.sampled_from(["up", "down"])
kinds = st.sampled_from([figures.FLOW, figures.STOCK, figures.RATIO, figures.MILESTONE])


def years(*values: int, first: int = 2024) -> tuple[Period, ...]:
    return tuple(
        Period(datetime.date(first + n, 1, 1), datetime.date(first + n + 1, 1, 1), Decimal(value))
        for n, value in enumerate(values)
    )


def quantity(**changes) -> Quantity:
    values = {"kind": "flow", "direction": "up", "baseline": None, "periods": years(120, 120, 120), "actual": None}
    return Quantity(**values | changes)


@st.composite
def quantities(draw) -> Quantity:
    count = draw(st.integers(0, 4))
    return Quantity(
        kind=draw(kinds),
        direction=draw(directions),
        baseline=draw(st.none() | amounts),
        periods=years(*[int(draw(amounts)) for _n in range(count)]),
        actual=draw(st.none() | amounts),
        roll_up=draw(st.sampled_from(["sum", "latest", "average", "max"])),
    )


class TestElapsed:
    def test_first_day_of_ten_is_one_tenth(self):
        assert figures.elapsed_share(JAN, datetime.date(2026, 1, 11), JAN) == Decimal("0.1")

    def test_the_day_before_is_none_and_the_last_day_is_all(self):
        end = datetime.date(2026, 1, 11)
        assert figures.elapsed_share(JAN, end, datetime.date(2025, 12, 31)) == 0
        assert figures.elapsed_share(JAN, end, datetime.date(2026, 1, 10)) == 1

    @given(days, days, days)
    def test_stays_between_0_and_1(self, start, end, day):
        assert 0 <= figures.elapsed_share(start, end, day) <= 1

    @given(days, days, days, days)
    def test_never_falls_with_time(self, start, end, one, other):
        early, late = sorted([one, other])
        assert figures.elapsed_share(start, end, early) <= figures.elapsed_share(start, end, late)

    def test_empty_period_is_gone_once_it_starts(self):
        assert figures.elapsed_share(JAN, JAN, JAN) == 1
        assert figures.elapsed_share(JAN, JAN, datetime.date(2025, 12, 31)) == 0


class TestQuantity:
    def test_flow_is_total_over_the_sum_of_period_targets(self):
        assert figures.quantity_progress(quantity(actual=Decimal(90), baseline=Decimal(50))) == Decimal("0.25")

    def test_rising_stock(self):
        found = quantity(kind="stock", baseline=Decimal(40), periods=years(50, 60), actual=Decimal(55))
        assert figures.quantity_progress(found) == Decimal("0.75")

    def test_falling_ratio(self):
        found = quantity(kind="ratio", direction="down", baseline=Decimal(6), periods=years(5, 4), actual=Decimal(5))
        assert figures.quantity_progress(found) == Decimal("0.5")

    def test_falling_that_rises_is_below_zero_and_counts_as_none_in_the_sum(self):
        found = quantity(kind="ratio", direction="down", baseline=Decimal(6), periods=years(4), actual=Decimal(7))
        assert figures.quantity_progress(found) == Decimal("-0.5")
        assert figures.cap(Decimal("-0.5")) == 0

    @pytest.mark.parametrize(
        ("direction", "actual", "progress"), [("up", 98, 1), ("up", 97, 0), ("down", 98, 1), ("down", 99, 0)]
    )
    def test_level_to_be_kept(self, direction, actual, progress):
        found = quantity(
            kind="ratio", direction=direction, baseline=Decimal(98), periods=years(98), actual=Decimal(actual)
        )
        assert figures.quantity_progress(found) == progress
        assert figures.quantity_expected(found, datetime.date(2024, 1, 1)) == 1
        assert figures.quantity_expected(found, datetime.date(2023, 12, 31)) == 0

    @pytest.mark.parametrize(
        "unmeasured",
        [
            quantity(periods=(), actual=Decimal(5)),
            quantity(periods=years(0), actual=Decimal(5)),
            quantity(direction="down", actual=Decimal(5)),
            quantity(kind="ratio", direction="down", actual=Decimal(5)),
        ],
    )
    def test_without_a_measure_it_is_shown_and_never_counted(self, unmeasured):
        assert figures.quantity_progress(unmeasured) is None
        assert figures.quantity_expected(unmeasured, JAN) is None

    def test_no_data_is_not_zero(self):
        assert figures.quantity_progress(quantity()) is None
        assert figures.quantity_progress(quantity(actual=Decimal(0))) == 0

    def test_expected_is_ended_periods_and_the_running_share(self):
        assert figures.quantity_expected(quantity(), datetime.date(2024, 12, 31)) == Decimal(1) / 3
        half = figures.quantity_expected(quantity(periods=years(100, 300)), datetime.date(2025, 7, 2))
        assert half == (100 + 300 * Decimal(183) / 365) / 400

    def test_expected_of_levels_goes_by_steps(self):
        found = quantity(kind="ratio", direction="down", baseline=Decimal(10), periods=years(8, 2))
        assert figures.quantity_expected(found, datetime.date(2024, 12, 31)) == Decimal("0.25")
        assert figures.quantity_expected(found, datetime.date(2025, 12, 31)) == 1

    def test_target_of_the_running_period_ends_the_day_before(self):
        found = quantity(periods=years(1, 2))
        assert figures.period_target(found, datetime.date(2024, 12, 31)) == 1
        assert figures.period_target(found, datetime.date(2025, 1, 1)) == 2
        assert figures.period_target(found, datetime.date(2026, 1, 1)) is None

    def test_amount_that_is_not_summed_is_judged_like_a_level(self):
        """Latest = last value against the last target, whatever the kind (design.md section 3)."""
        found = quantity(roll_up="latest", baseline=Decimal(20), periods=years(50, 100), actual=Decimal(60))
        assert figures.target_of(found) == 100
        assert figures.quantity_progress(found) == Decimal("0.5")
        assert figures.quantity_expected(found, datetime.date(2024, 12, 31)) == Decimal(30) / 80
        falling = quantity(roll_up="latest", direction="down", baseline=Decimal(9), periods=years(3), actual=Decimal(6))
        assert figures.quantity_progress(falling) == Decimal("0.5")

    @given(quantities(), days, st.integers(1, 400))
    def test_an_amended_last_target_moves_only_what_is_due_after_its_start(self, any_quantity, day, more):
        """Periods that ended before it keep their part of the new whole."""
        if not any_quantity.adds_up or not figures.is_measurable(any_quantity):
            return
        *kept, last = any_quantity.periods
        amended = replace(any_quantity, periods=(*kept, replace(last, value=last.value + more)))
        if day < last.starts_on and all(period.value >= 0 for period in any_quantity.periods):
            before, after = figures.quantity_expected(any_quantity, day), figures.quantity_expected(amended, day)
            whole = figures.target_of(any_quantity), figures.target_of(amended)
            assert abs(before * whole[0] - after * whole[1]) < Decimal("1e-15")

    @given(st.lists(st.integers(1, 500), min_size=1, max_size=4), st.integers(0, 1460))
    def test_half_open_periods_leave_no_day_out_and_count_none_twice(self, values, offset):
        """One period of the whole length expects, at the end of each year, what its parts expect together."""
        parts = quantity(periods=years(*values), actual=Decimal(1))
        day = datetime.date(2024, 1, 1) + datetime.timedelta(days=offset)
        running = [figures.period_target(parts, day)]
        inside = day < datetime.date(2024 + len(values), 1, 1)
        assert (running != [None]) == inside
        yesterday = figures.quantity_expected(parts, day - datetime.timedelta(days=1))
        step = figures.quantity_expected(parts, day) - yesterday
        assert (step > 0) == inside

    @given(quantities(), days)
    def test_expected_is_a_share(self, any_quantity, day):
        e = figures.quantity_expected(any_quantity, day)
        assert e is None or 0 <= e <= 1

    @given(quantities())
    def test_reaching_the_target_is_one(self, any_quantity):
        target = figures.target_of(any_quantity)
        if not figures.is_measurable(any_quantity):
            return
        assert figures.quantity_progress(Quantity(**vars(any_quantity) | {"actual": target})) == 1

    @given(amounts, amounts, amounts)
    def test_mirror_of_a_rising_level_is_a_falling_one(self, baseline, target, actual):
        up = quantity(kind="stock", baseline=baseline, periods=years(int(target)), actual=actual)
        down = quantity(kind="stock", direction="down", baseline=-baseline, periods=years(-int(target)), actual=-actual)
        assert figures.quantity_progress(up) == figures.quantity_progress(down)


class TestStanding:
    @pytest.mark.parametrize(
        ("p", "e", "standing"),
        [
            ("0.84", "1", "behind"),
            ("0.85", "1", "on_track"),
            ("1.15", "1", "on_track"),
            ("1.16", "1", "ahead"),
            ("0", "0.049", "too_early"),
            ("0", "0.05", "behind"),
        ],
    )
    def test_borders(self, p, e, standing):
        assert figures.standing(Decimal(p), Decimal(e)) == standing

    @given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 5000))
    def test_the_side_of_a_border_is_that_of_exact_fractions(self, a, b, c, d):
        """What division leaves over in 28 digits decides nothing: 0.85 × 1/3 ÷ 1/3 is on track."""
        p, e = Fraction(a, b), Fraction(c, d)
        s = p / e
        words = "behind" if s < Fraction(85, 100) else "ahead" if s > Fraction(115, 100) else "on_track"
        words = "too_early" if e < Fraction(5, 100) else words
        assert figures.standing(Decimal(a) / b, Decimal(c) / d) == words
        third = Decimal(1) / 3
        assert figures.standing(Decimal("0.85") * third, third) == "on_track"
        assert figures.standing(Decimal("1.15") * third, third) == "on_track"

    def test_a_pace_of_any_size_can_be_judged(self):
        assert figures.standing(Decimal(10) ** 15, Decimal("0.05")) == "ahead"
        assert figures.standing(-(Decimal(10) ** 15), Decimal(1)) == "behind"

    def test_nothing_accepted_has_no_pace(self):
        assert figures.standing(None, Decimal(1)) == "no_data"
        assert figures.standing(Decimal(1), None) == "no_data"
        assert figures.pace(None, Decimal(1)) is None

    def test_points_behind_are_those_of_the_numbers_shown(self):
        assert figures.points_behind(Decimal("0.605"), Decimal("0.9749")) == 97 - 61
        assert figures.points_behind(Decimal("1.4"), Decimal("0.5")) == -50
        assert figures.points_behind(None, Decimal(1)) is None
        assert figures.points_behind(Decimal(1), None) is None


class TestTask:
    def work(self, **changes) -> Work:
        values = {"weight": Decimal(1), "starts_on": JAN, "ends_on": datetime.date(2026, 12, 31)}
        return Work(**values | changes)

    def test_mean_over_indicators_with_targets(self):
        found = figures.task_figure(
            self.work(
                quantities=(
                    quantity(periods=years(100, first=2026), actual=Decimal(50)),
                    quantity(periods=years(100, first=2026), actual=Decimal(150)),
                    quantity(periods=(), actual=Decimal(7)),
                )
            ),
            datetime.date(2026, 12, 31),
        )
        assert (found.progress, found.expected, found.standing) == (1, 1, "on_track")

    def test_amount_without_rows_is_zero_beside_one_with_rows_but_a_level_is_left_out(self):
        amount = quantity(periods=years(100, first=2026))
        level = quantity(kind="ratio", baseline=Decimal(0), periods=years(100, first=2026))
        done = quantity(periods=years(100, first=2026), actual=Decimal(100))
        day = datetime.date(2026, 12, 31)
        assert figures.task_figure(self.work(quantities=(amount, done)), day).progress == Decimal("0.5")
        assert figures.task_figure(self.work(quantities=(level, done)), day).progress == 1

    def test_no_rows_is_no_data_with_an_expectation(self):
        found = figures.task_figure(self.work(quantities=(quantity(),)), JAN)
        assert (found.progress, found.standing, found.has_data, found.is_measured) == (None, "no_data", False, True)
        assert found.expected is not None

    def test_deadlines_measure_a_task_without_targets(self):
        steps = (
            Step(datetime.date(2026, 3, 31), datetime.date(2026, 3, 1), "done"),
            Step(datetime.date(2026, 6, 30)),
            Step(datetime.date(2026, 9, 30), None, "cancelled"),
        )
        found = figures.task_figure(self.work(deadlines=steps), datetime.date(2026, 6, 30))
        assert (found.progress, found.expected) == (Decimal("0.5"), Decimal("0.5"))
        later = figures.task_figure(self.work(deadlines=steps), datetime.date(2026, 7, 1))
        assert (later.expected, later.standing) == (1, "behind")

    def test_open_deadlines_without_any_activity_are_no_data(self):
        steps = (Step(datetime.date(2026, 3, 31)),)
        day = datetime.date(2026, 4, 30)
        assert figures.task_figure(self.work(deadlines=steps), day).progress is None
        assert figures.task_figure(self.work(deadlines=steps, has_activity=True), day).progress == 0

    def test_declared_share_is_marked_and_measured_against_time(self):
        found = figures.task_figure(self.work(declared=Decimal("0.4")), datetime.date(2026, 12, 31))
        assert (found.progress, found.expected, found.is_declared) == (Decimal("0.4"), 1, True)

    def test_nothing_to_measure(self):
        found = figures.task_figure(self.work(has_activity=True), datetime.date(2026, 12, 31))
        assert (found.progress, found.is_measured, found.has_data) == (None, False, True)
        assert figures.task_figure(self.work(starts_on=None, ends_on=None), JAN).expected is None


class TestDeadlines:
    def test_four_ways(self):
        day = datetime.date(2026, 6, 30)
        counts = figures.deadline_counts(
            [
                Step(datetime.date(2026, 5, 1), datetime.date(2026, 5, 1), "done"),
                Step(datetime.date(2026, 5, 1), datetime.date(2026, 5, 2), "done"),
                Step(day),
                Step(datetime.date(2026, 6, 29), datetime.date(2026, 6, 29), "awaiting"),
                Step(datetime.date(2026, 6, 1), datetime.date(2026, 7, 1), "done"),
                Step(datetime.date(2026, 1, 1), None, "cancelled"),
            ],
            day,
        )
        assert counts == figures.DeadlineCounts(1, 1, 1, 2)
        assert (counts.completion_rate, counts.on_time_rate) == (Decimal("0.5"), Decimal("0.25"))

    def test_nothing_due_has_no_rate(self):
        assert figures.DeadlineCounts(within_deadline=3).completion_rate is None
        assert figures.DeadlineCounts().on_time_rate is None

    @given(st.lists(st.tuples(days, st.none() | days)), days)
    def test_every_deadline_is_counted_once(self, rows, day):
        steps = [Step(due, done, "done" if done else "open") for due, done in rows]
        counts = figures.deadline_counts(steps, day)
        assert sum(vars(counts).values()) == len(steps)


class TestProgramme:
    def figure(self, p: str | None, e: str = "0.5", measured: bool = True) -> figures.TaskFigure:
        progress = None if p is None else Decimal(p)
        return figures.TaskFigure(progress, Decimal(e), None, "", progress is not None, measured)

    def test_weighted_and_capped_inside_the_sum_only(self):
        totals = figures.programme_totals([(Decimal(3), self.figure("2")), (Decimal(1), self.figure("0.2"))])
        assert totals.progress == Decimal("0.8")
        assert totals.expected == Decimal("0.5")
        assert totals.standing == "ahead"

    def test_task_without_data_keeps_its_weight_and_lowers_coverage(self):
        totals = figures.programme_totals([(Decimal(1), self.figure("1")), (Decimal(1), self.figure(None))])
        assert (totals.progress, totals.coverage) == (Decimal("0.5"), Decimal("0.5"))

    def test_unmeasured_task_is_in_neither_sum(self):
        totals = figures.programme_totals(
            [(Decimal(1), self.figure("1")), (Decimal(9), self.figure(None, measured=False))]
        )
        assert (totals.progress, totals.tasks_live) == (1, 2)

    def test_no_data_at_all(self):
        assert figures.programme_totals([(Decimal(1), self.figure(None))]).progress is None
        empty = figures.programme_totals([])
        assert (empty.progress, empty.coverage, empty.standing) == (None, None, "no_data")

    @given(st.lists(st.tuples(positive, st.none() | amounts.map(lambda v: v / 100)), max_size=8))
    def test_progress_is_a_share(self, rows):
        totals = figures.programme_totals(
            (weight, figures.TaskFigure(p, Decimal("0.5"), None, "", p is not None, True)) for weight, p in rows
        )
        assert totals.progress is None or 0 <= totals.progress <= 1
