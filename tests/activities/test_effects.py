"""What a value does to its indicator: judged in the period of the value's own day, not of the day it is read."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from activities.models import Activity
from activities.services.effects import Effect, effects_of, standings_of
from agreements.models import Indicator
from tests import make
from tests.activities.test_reports import accepted
from tests.cast import Cast

pytestmark = pytest.mark.django_db
DATE = datetime.date
TODAY = DATE(2026, 11, 23)


def effect(activity: Activity) -> Effect:
    """Return the effect of the one value of an activity, as read on TODAY."""
    (found,) = effects_of([activity.measurements.select_related("indicator").get()], TODAY)
    return found


def test_an_entry_of_last_year_moves_last_year(cast: Cast) -> None:
    indicator = make.make_indicator(make.make_task(cast))
    accepted(cast, indicator, DATE(2025, 3, 1), 40)
    accepted(cast, indicator, DATE(2026, 3, 1), 7)
    late = effect(make.make_activity(cast, indicator.task, starts_on=DATE(2025, 12, 30), values={indicator: 5}))
    assert (late.before, late.after, late.standing.target, late.standing.period) == (40, 45, 120, "2025")
    assert (late.is_past, late.elapsed) == (True, 100)
    now = effect(make.make_activity(cast, indicator.task, starts_on=DATE(2026, 11, 1), values={indicator: 5}))
    assert (now.before, now.after, now.standing.period, now.is_past) == (7, 12, "2026", False)


def test_a_day_without_target_is_held_against_none(cast: Cast) -> None:
    indicator = make.make_indicator(make.make_task(cast))
    accepted(cast, indicator, DATE(2026, 3, 1), 7)
    indicator.targets.filter(starts_on__gte=DATE(2026, 1, 1)).delete()
    found = effect(make.make_activity(cast, indicator.task, starts_on=DATE(2026, 11, 1), values={indicator: 5}))
    assert (found.before, found.after, found.standing.target, found.after_share) == (7, 12, None, None)
    assert standings_of([Indicator.objects.get(pk=indicator.pk)], TODAY)[indicator.pk].period == "2025"  # the form's


def test_an_older_level_changes_nothing_once_a_newer_one_is_accepted(cast: Cast) -> None:
    indicator = make.make_indicator(make.make_task(cast), kind="stock", roll_up="latest")
    accepted(cast, indicator, DATE(2026, 6, 30), 95)
    older = effect(make.make_activity(cast, indicator.task, starts_on=DATE(2026, 3, 31), values={indicator: 80}))
    assert (older.before, older.after, older.is_overtaken) == (95, 95, True)
    assert older.standing.latest_on == DATE(2026, 6, 30)
    newer = effect(make.make_activity(cast, indicator.task, starts_on=DATE(2026, 9, 30), values={indicator: 99}))
    assert (newer.before, newer.after, newer.is_overtaken) == (95, 99, False)
    assert round(newer.added_share, 4) == Decimal("3.3333")


def test_the_pages_say_which_period_an_entry_moves(cast: Cast, sign_in) -> None:
    indicator = make.make_indicator(make.make_task(cast))
    level = make.make_indicator(indicator.task, name="Hội viên", kind="stock", roll_up="latest")
    accepted(cast, level, DATE(2026, 6, 30), 95)
    late = make.make_activity(cast, indicator.task, starts_on=DATE(2025, 12, 30), values={indicator: 5, level: 80})
    now = make.make_activity(cast, indicator.task, starts_on=DATE(2026, 11, 1), values={indicator: 3})
    client = sign_in(cast.lan)
    page = " ".join(client.get(f"/phe-duyet/hoat-dong/{late.pk}/").content.decode().split())
    assert "2025</p>" in page
    assert "kỳ đã kết thúc" in page
    assert "80 cuộc không làm thay đổi: đã có số liệu mới hơn, ngày 30/06/2026" in page
    assert "/ 120 cuộc (2025)" in page
    bulk = client.get("/phe-duyet/nhieu/kiem-tra/", {"muc": [f"activity-{late.pk}", f"activity-{now.pk}"]})
    sums = {(one.standing.indicator.pk, one.standing.period): one.after for one in bulk.context["sums"]}
    assert sums == {(indicator.pk, "2025"): 5, (indicator.pk, "2026"): 3, (level.pk, "2025"): 95}
