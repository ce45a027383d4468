"""The rows behind an indicator: all of them where they are summed, else the last of each unit and place."""

from __future__ import annotations

import datetime

import pytest

from activities.models import Measurement
from insights import method_rows
from tests.make import make_indicator, make_task

DAY = datetime.date(2026, 6, 30)


@pytest.fixture
def indicator(cast):
    found = make_indicator(make_task(cast))
    for unit, day, value in (
        (cast.health, datetime.date(2026, 5, 1), 9), (cast.health, datetime.date(2026, 6, 1), 5),
        (cast.health, datetime.date(2026, 6, 1), 6), (cast.committee, datetime.date(2026, 2, 1), 7),
        (cast.committee, datetime.date(2026, 7, 1), 8),
    ):  # fmt: skip
        Measurement.objects.create(
            task=found.task, indicator=found, unit=unit, author=cast.minh, acting_for=cast.health, value=value,
            as_of=day, review="accepted", reviewed_by=cast.lan,
        )  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("kind", "roll_up", "values"),
    [
        ("flow", "sum", [6, 5, 9, 7]),
        ("flow", "average", [6, 5, 9, 7]),
        ("flow", "max", [6, 5, 9, 7]),
        ("flow", "latest", [6, 7]),
        ("stock", "sum", [6, 7]),
        ("ratio", "average", [6, 7]),
        ("ratio", "max", [6, 5, 9, 7]),
    ],
)
def test_which_values_count(cast, indicator, kind, roll_up, values):
    indicator.kind, indicator.roll_up = kind, roll_up
    assert [row.value for row in method_rows.value_rows(indicator, DAY, cast.lan)] == values


def test_a_value_without_activity_leads_to_itself(cast, indicator):
    row = method_rows.value_rows(indicator, DAY, cast.lan)[0]
    assert method_rows.value_line(row).url == f"/so-lieu/{row.pk}/"
