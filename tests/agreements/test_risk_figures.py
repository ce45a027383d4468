"""At-risk flags as pure functions: each border, and properties over any facts."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import figures
from agreements.figures import RiskFacts

DAY = datetime.date(2026, 6, 30)
GOOD = RiskFacts(
    starts_on=datetime.date(2024, 1, 1),
    ends_on=datetime.date(2027, 12, 31),
    progress=Decimal("0.9"),
    standing=figures.ON_TRACK,
    coverage=Decimal(1),
    last_activity_on=DAY,
)
days = st.dates(datetime.date(2024, 1, 1), datetime.date(2028, 12, 31))
facts = st.builds(
    RiskFacts,
    starts_on=st.none() | days,
    ends_on=st.none() | days,
    progress=st.none() | st.integers(-20, 200).map(lambda n: Decimal(n) / 100),
    standing=st.sampled_from(["behind", "on_track", "ahead", "no_data", "too_early"]),
    coverage=st.none() | st.integers(0, 10).map(lambda n: Decimal(n) / 10),
    last_activity_on=st.none() | days,
    overdue_since=st.lists(days, max_size=3).map(tuple),
    reports_owed_since=st.lists(days, max_size=3).map(tuple),
    weak_bases=st.integers(0, 2),
    parties_gone=st.integers(0, 2),
    reviewed_on=st.none() | days,
)


def before(number: int) -> datetime.date:
    return DAY - datetime.timedelta(days=number)


def causes(**changes) -> dict[str, int | None]:
    return {risk.cause: risk.days for risk in figures.risks(replace(GOOD, **changes), DAY)}


def test_all_in_order_is_no_flag():
    assert causes() == {}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"standing": "behind", "coverage": Decimal("0.5")}, {"slow": None}),
        ({"standing": "behind", "coverage": Decimal("0.49")}, {}),
        ({"standing": "behind", "coverage": None}, {}),
        ({"overdue_since": (DAY,)}, {}),
        ({"overdue_since": (before(1), before(7))}, {"overdue": 7}),
        ({"reports_owed_since": (before(14),)}, {}),
        ({"reports_owed_since": (before(15), before(3))}, {"late_report": 15}),
        ({"last_activity_on": before(89)}, {}),
        ({"last_activity_on": before(90)}, {"silent": 90}),
        ({"last_activity_on": None, "starts_on": before(90)}, {"silent": 90}),
        ({"last_activity_on": None, "starts_on": before(-1)}, {}),
        ({"starts_on": None, "last_activity_on": before(900)}, {}),
        ({"ends_on": None, "last_activity_on": before(90)}, {"silent": 90}),
        ({"ends_on": before(-90), "progress": Decimal("0.79")}, {"near_end": 90}),
        ({"ends_on": before(-91), "progress": Decimal("0.79")}, {}),
        ({"ends_on": DAY, "progress": Decimal("0.8")}, {}),
        ({"ends_on": DAY, "progress": None}, {}),
        ({"ends_on": DAY, "progress": Decimal("0.1")}, {"near_end": 0}),
        ({"weak_bases": 1}, {"weak_basis": None}),
        ({"parties_gone": 1}, {"no_successor": None}),
        ({"ends_on": before(1)}, {"unreviewed": 1}),
        ({"ends_on": before(1), "last_activity_on": before(400), "progress": Decimal(0)}, {"unreviewed": 1}),
        ({"ends_on": before(9), "reviewed_on": DAY}, {}),
        ({"ends_on": before(9), "reviewed_on": before(-1)}, {"unreviewed": 9}),
    ],
)
def test_borders(changes, found):
    assert causes(**changes) == found


@given(facts, days)
def test_causes_are_known_once_each_and_in_order(any_facts, day):
    found = [risk.cause for risk in figures.risks(any_facts, day)]
    assert found == [cause for cause in figures.CAUSES if cause in found]


@given(facts, days)
def test_days_are_never_negative(any_facts, day):
    assert all(risk.days is None or risk.days >= 0 for risk in figures.risks(any_facts, day))


@given(facts, days)
def test_the_nearing_end_and_the_missing_review_exclude_each_other(any_facts, day):
    assert not {"near_end", "unreviewed"} <= {risk.cause for risk in figures.risks(any_facts, day)}


@given(facts, days)
def test_what_is_overdue_stays_so_until_it_is_done(any_facts, day):
    later = {risk.cause for risk in figures.risks(any_facts, day + datetime.timedelta(days=400))}
    now = {risk.cause for risk in figures.risks(any_facts, day)}
    assert now & {"overdue", "late_report"} <= later
