"""Conditions of the dashboard: read from an address and written back, in words, and which rows they leave."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.http import Http404, QueryDict
from hypothesis import given
from hypothesis import strategies as st

from activities.services import cells
from agreements.models import Tally
from insights import scope as scopes
from insights.scope import KEYS, OWN, Scope
from partners.models import Locality
from tests.make import make_activity, make_programme, make_task

FULL = Scope(period="2026-Q3", committee=3, field="giam-ngheo", partner=5, place=7, level=OWN)


def test_an_address_gives_back_its_conditions():
    url = FULL.url("insights:dashboard_units", nhom="cham", so_lieu="co", noi_dung="")
    assert url == (
        "/bang-dieu-hanh/don-vi/?ky=2026-Q3&uy-ban=3&cap=rieng&linh-vuc=giam-ngheo&doi-tac=5&dia-ban=7&nhom=cham&so-lieu=co"
    )
    assert Scope.from_query(QueryDict(url.partition("?")[2])) == FULL
    assert Scope().url() == "/bang-dieu-hanh/"
    assert Scope().url("insights:dashboard_values", 4) == "/bang-dieu-hanh/so-lieu/4/"


@given(st.dictionaries(st.sampled_from([*KEYS.values(), "page"]), st.text(max_size=60)))
def test_whatever_stands_in_the_address_is_understood_or_ignored(query):
    scope = Scope.from_query(query)
    assert Scope.from_query(scope.query()) == scope
    assert set(scope.query().values()) <= set(query.values()) | {str(int(v)) for v in query.values() if v.isdecimal()}


@pytest.mark.parametrize("value", ["", "abc", "-1", "9" * 10, "٣", "²", "1e3", " 1", "\0", "<script>", "0"])
def test_hostile_ids_are_no_ids(value):
    scope = Scope.from_query(dict.fromkeys(KEYS.values(), value))
    assert (scope.committee, scope.partner, scope.place, scope.period) == (None, None, None, "")


@pytest.mark.parametrize(
    ("period", "first", "end", "words"),
    [
        ("2026", (2026, 1, 1), (2027, 1, 1), "Thời gian: năm 2026"),
        ("2026-H1", (2026, 1, 1), (2026, 7, 1), "Thời gian: 6 tháng đầu năm 2026"),
        ("2026-H2", (2026, 7, 1), (2027, 1, 1), "Thời gian: 6 tháng cuối năm 2026"),
        ("2026-Q1", (2026, 1, 1), (2026, 4, 1), "Thời gian: quý I/2026"),
        ("2026-Q4", (2026, 10, 1), (2027, 1, 1), "Thời gian: quý IV/2026"),
        ("2026-02", (2026, 2, 1), (2026, 3, 1), "Thời gian: tháng 2/2026"),
        ("2026-12", (2026, 12, 1), (2027, 1, 1), "Thời gian: tháng 12/2026"),
        ("2025-11_2026-10", (2025, 11, 1), (2026, 11, 1), "Thời gian: tháng 11/2025 – tháng 10/2026"),
    ],
)
def test_a_period_is_a_half_open_window_with_a_name(period, first, end, words):
    scope = Scope.from_query({"ky": period})
    assert scope.window == (datetime.date(*first), datetime.date(*end))
    (chip,) = scopes.chips(scope, Scope.url)
    assert f"{chip['label']}: {chip['value']}" == words


@pytest.mark.parametrize(
    "period",
    [
        "",
        "1999",
        "2026-13",
        "2026-00",
        "2026-Q5",
        "2026-H3",
        "2026-",
        "2026\n",
        "٢٠٢٦",
        "2026-11_2026-10",
        "2026-10_2026-10",
        "2025_2026",
        "2025-Q1_2026-Q1",
        "2025-11_",
        "_2026-10",
        "2025-11_2026-10_2026-11",
    ],
)
def test_no_other_period_is_taken(period):
    assert Scope.from_query({"ky": period}) == Scope()
    assert Scope().window is None
    assert scopes.chips(Scope.from_query({"ky": period}), Scope.url) == []


@pytest.mark.parametrize("name", KEYS)
def test_each_condition_can_be_left_out_alone(name):
    rest = FULL.without(name)
    assert not getattr(rest, name)
    gone = 2 if name == "committee" else 1  # a level means nothing without its committee
    assert len(rest.query()) == len(FULL.query()) - gone
    assert FULL.picks_programmes
    assert not Scope(period="2026").picks_programmes


@pytest.fixture
def two(cast):
    """A programme of the committee with the Department of Health, and one of another period, field and party."""
    first = make_programme(cast)
    second = make_programme(
        cast, parties=[cast.committee, cast.stranger], field_of_work=None,
        starts_on=datetime.date(2021, 1, 1), ends_on=datetime.date(2023, 12, 31),
    )  # fmt: skip
    task = make_task(cast, first)
    there = make_activity(cast, task, review="accepted", locality=cast.commune, starts_on=datetime.date(2026, 5, 4))
    cells.add(there)
    cells.add(make_activity(cast, make_task(cast, second, lead=None), review="accepted",
                            starts_on=datetime.date(2023, 5, 4)))  # fmt: skip
    return first, second


def test_each_condition_leaves_the_programmes_it_names(cast, two):
    first, second = two
    both = {first, second}
    cases = {
        Scope(): both,
        Scope(period="2026"): {first},
        Scope(period="2023-12"): {second},
        Scope(period="2024-01"): {first},
        Scope(committee=cast.committee.pk): both,
        Scope(committee=cast.other_committee.pk): set(),
        Scope(field=cast.field.code): {first},
        Scope(partner=cast.health.pk): {first},
        Scope(partner=cast.stranger.pk): {second},
        Scope(place=cast.commune.pk): {first},
        Scope(place=cast.commune.parent_id): {first},
        Scope(period="2023", partner=cast.health.pk): set(),
    }
    for scope, wanted in cases.items():
        assert set(scopes.programmes(scope, cast.hoa)) == wanted, scope
        assert set(scopes.programmes(scope, cast.phuong)) == set()
    make_task(cast, second, lead=cast.health)
    assert set(scopes.programmes(Scope(partner=cast.health.pk), cast.hoa)) == both


def test_totals_and_activities_are_of_the_period_and_place(cast, two):
    for scope, wanted in {
        Scope(): 2,
        Scope(period="2026-05"): 1,
        Scope(period="2026-06"): 0,
        Scope(place=cast.commune.pk): 1,
        Scope(place=cast.commune.pk, period="2023"): 0,
    }.items():
        stored = scopes.totals(scope, cast.hoa, Tally.Measure.ACTIVITIES)
        assert sum(row.count for row in stored) == wanted == scopes.activities(scope, cast.hoa).count(), scope
    assert scopes.activities(Scope(), cast.phuong).count() == 0
    assert not scopes.totals(Scope(), cast.phuong, Tally.Measure.ACTIVITIES)
    assert sum(row.sum for row in scopes.totals(Scope(), cast.hoa, "activities")) == Decimal(2)


def test_tasks_left_out_do_not_count(cast, two):
    first, _second = two
    make_task(cast, first, state="cancelled", state_reason="Không còn kinh phí")
    assert scopes.live_tasks(Scope(), cast.hoa).count() == 2


def test_chips_name_each_condition_and_lead_to_the_page_without_it(cast):
    scope = Scope("2026", cast.committee.pk, cast.field.code, cast.health.pk, cast.commune.pk, OWN)
    found = scopes.chips(scope, lambda other: other.url())
    assert [chip["value"] for chip in found] == [
        "năm 2026", str(cast.committee), "của chính ủy ban", str(cast.field), "Sở Y tế", "Xã Phú Lạc"
    ]  # fmt: skip
    assert [chip["url"] for chip in found] == [scope.without(name).url() for name in KEYS]
    assert scopes.chips(Scope(), lambda other: other.url()) == []


def test_a_condition_on_what_does_not_exist_is_not_found(cast):
    gone = Locality.objects.order_by("-pk").first().pk + 1
    for scope in (
        Scope(committee=999_999), Scope(committee=cast.health.pk), Scope(field="khong-co"), Scope(partner=999_999),
        Scope(place=gone),
    ):  # fmt: skip
        with pytest.raises(Http404):
            scopes.chips(scope, lambda other: other.url())
