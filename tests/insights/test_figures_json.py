"""The figures for machines: shape, rounding, and a command whose errors say what to give instead."""

from __future__ import annotations

import datetime
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from activities.services import cells
from agreements.models import Target
from insights import figures_json
from tests.make import make_activity, make_indicator, make_programme, make_task

DAY = datetime.date(2026, 6, 30)


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("figures", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def programme(cast):
    """Return a programme with a task half done, one overdue and one paused."""
    found = make_programme(cast, code="CT-2024-777")
    task = make_task(cast, found, code="T.1", due_on=datetime.date(2026, 5, 1))
    indicator = make_indicator(task)
    make_activity(
        cast, task, review="accepted", starts_on=datetime.date(2026, 6, 3), values={indicator: 240}, persons=40,
        value=9_007_199_254_740_993,
    )  # fmt: skip
    make_activity(cast, task, review="accepted", starts_on=datetime.date(2026, 6, 30), turns=0)
    make_activity(cast, task, review="accepted", starts_on=datetime.date(2026, 7, 1), households=3)
    make_task(cast, found, code="T.2", state="paused", state_reason="Chờ kinh phí")
    cells.repair()
    return found


def test_every_figure_is_there_and_described(programme):
    found = json.loads(run("--programme", "CT-2024-777", "--on", "30/06/2026", "--json"))
    assert found["on"] == "2026-06-30"
    assert (found["progress"], found["activities"], found["persons"], found["turns"]) == (0.5, 2, 40, 0)
    assert found["value"] == 9_007_199_254_740_993  # exact, beyond what a float holds
    assert found["households"] is None  # of the day after
    assert found["coverage"] == {"tasks_with_data": 1, "tasks_live": 1, "share": 1.0}
    assert found["deadlines"]["overdue"] == 1
    assert (found["deadlines"]["completion_rate"], found["deadlines"]["on_time_rate"]) == (0.0, 0.0)
    assert [flag["cause"] for flag in found["at_risk"]] == ["slow", "overdue"]
    assert found["at_risk"][1]["rows"][0]["since"] == "2026-05-01"
    assert [task["code"] for task in found["left_out"]] == ["T.2"]
    (item,) = found["tasks"][0]["indicators"]
    assert (item["actual"], item["target"], item["progress"]) == (240, 480, 0.5)
    text = Path("docs/figures-json.md").read_text()
    keys = {*found, *found["programme"], *found["coverage"], *found["deadlines"], *found["at_risk"][0]}
    keys |= {*found["tasks"][0], *item, *found["left_out"][0], *found["at_risk"][0]["rows"][0]}
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_without_data_there_is_null_never_zero(cast):
    make_programme(cast, code="CT-2024-778")
    found = json.loads(run("--programme", "ct-2024-778", "--on", "2026-06-30", "--json"))
    assert (found["progress"], found["standing"], found["turns"]) == (None, "no_data", None)
    assert found["deadlines"]["completion_rate"] is None


def test_the_table_says_the_same_in_words(programme):
    text = run("--programme", "CT-2024-777", "--on", "2026-06-30")
    lines = {" ".join(line.split()) for line in text.splitlines()}
    assert {"Progress 50.0 %", "Deadlines overdue 1", "Households no data", "At risk overdue, 60 days"} <= lines
    assert any(line.startswith("T.1 1 50.0 %") for line in lines)
    assert any(line.startswith("T.2 left out, paused") for line in lines)


def test_today_is_the_day_where_none_is_given(programme):
    assert json.loads(run("--programme", "CT-2024-777", "--json"))["on"] == timezone.localdate().isoformat()


def test_shares_have_six_places_and_amounts_stay_whole():
    assert figures_json.share(Decimal(1) / 3) == 0.333333
    assert figures_json.share(Decimal("0.0000005")) == 0.000001
    assert figures_json.share(None) is None
    assert (figures_json.number(Decimal("12.0000")), figures_json.number(Decimal("2.5"))) == (12, 2.5)
    assert figures_json.number(None) is None


def test_an_unknown_code_names_codes_like_it(programme):
    with pytest.raises(CommandError, match=r"(?s)no programme CT-2024-999\..*CT-2024-777"):
        run("--programme", "CT-2024-999")
    with pytest.raises(CommandError, match=r"(?s)no programme ZZ\..*CT-2024-777"):
        run("--programme", "ZZ")


def test_an_empty_house_says_so(db):
    with pytest.raises(CommandError, match="No programme has been entered yet"):
        run("--programme", "CT-2024-001")


def test_a_code_of_two_committees_names_the_choices(cast, programme):
    other = make_programme(cast, code="CT-2024-777", owner=cast.other_committee)
    with pytest.raises(CommandError) as found:
        run("--programme", "CT-2024-777")
    assert f"--committee {cast.committee.pk}" in str(found.value)
    assert f"--committee {other.owner_id}" in str(found.value)
    for name in (str(other.owner_id), other.owner.name.upper()):
        given = json.loads(run("--programme", "CT-2024-777", "--committee", name, "--json"))
        assert given["programme"]["id"] == other.pk
    with pytest.raises(CommandError, match=r"(?s)No committee “nobody” keeps.*--committee"):
        run("--programme", "CT-2024-777", "--committee", "nobody")


@pytest.mark.parametrize("text", ["31/02/2026", "hôm qua", "01/01/0001", "2026"])
def test_a_day_that_is_none_says_how_to_write_it(programme, text):
    with pytest.raises(CommandError, match="01/01/1900 is out of range. Give a day of the years 1945 to 2200"):
        run("--programme", "CT-2024-777", "--on", "01/01/1900")
    with pytest.raises(CommandError, match="23/11/2026"):
        run("--programme", "CT-2024-777", "--on", text)


def test_amended_targets_count_for_every_day(programme):
    Target.objects.update(value=60)
    found = json.loads(run("--programme", "CT-2024-777", "--on", "30/06/2026", "--json"))
    assert found["progress"] == 1.0
