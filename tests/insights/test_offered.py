"""What the filter and the comparison offer: periods by year, bodies and places by name, what is chosen."""

from __future__ import annotations

import datetime

import pytest
import time_machine

from core.models import User
from insights import offered
from insights.scope import Scope
from partners.models import FieldOfWork, Locality, Organisation
from tests.make import make_programme

URL, COMPARE = "/bang-dieu-hanh/loc/", "/bang-dieu-hanh/so-sanh/"
Day = datetime.date


def of(client, **query):
    """Return the selects of the filter page under these conditions, by their name in the address."""
    return {field.name: field for field in client.get(URL, query).context["fields"]}


def texts(field):
    return [words for _value, words in field.pairs]


@time_machine.travel("2027-01-01 08:00+07:00", tick=False)
def test_parts_of_the_year_just_ended_are_offered_on_new_year(cast, sign_in):
    make_programme(cast, starts_on=Day(2019, 1, 1), ends_on=Day(2026, 12, 31))
    groups = dict(offered.periods(cast.lan, []))
    assert list(groups) == ["2027", "2026", "2025", "2024", ""]
    assert [value for value, _words in groups["2026"]][:7] == [
        "2026", "2026-H1", "2026-H2", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"
    ]  # fmt: skip
    assert ("2026-12", "tháng 12/2026") in groups["2026"] and ("2025-Q4", "quý IV/2025") in groups["2025"]
    assert [len(pairs) for pairs in groups.values()][:4] == [19, 19, 7, 7]


@time_machine.travel("2026-11-29 08:00+07:00", tick=False)
def test_a_period_of_the_address_is_offered_and_chosen_whatever_it_is(cast, sign_in):
    make_programme(cast, starts_on=Day(2026, 1, 1), ends_on=Day(2026, 12, 31))
    client = sign_in(cast.lan)
    for period in ("2025-Q4", "2026-Q4", "2019-07", "2031"):
        page = client.get(URL, {"ky": period})
        field = next(field for field in page.context["fields"] if field.name == "ky")
        assert field.chosen == period and [value for value, _words in field.pairs].count(period) == 1
        assert f'<option value="{period}" selected>' in page.content.decode()
        assert len(field.pairs) < 80
    html = client.get(f"{COMPARE}?theo=ky&a=2025-Q4&b=2026-Q4").content.decode()
    assert '<optgroup label="2026">' in html
    for period in ("2025-Q4", "2026-Q4"):
        assert html.count(f'<option value="{period}" selected>') == 1
    assert client.get(f"{COMPARE}?theo=ky&a=&b=2026-Q4")["Location"] == f"{COMPARE}?theo=ky&b=2026-Q4"


def test_bodies_of_the_address_are_offered_though_they_are_no_party(cast, sign_in):
    make_programme(cast)
    client = sign_in(cast.lan)
    unused = FieldOfWork.objects.create(code="khac-han", name="Lĩnh vực khác hẳn")
    elsewhere = Organisation.objects.get(memberships__user=cast.phuong)
    query = {"doi-tac": cast.stranger.pk, "uy-ban": elsewhere.pk, "linh-vuc": unused.code, "cap": "duoi"}
    page = client.get(URL, query)
    found = {field.name: field for field in page.context["fields"]}
    assert {name: field.chosen for name, field in found.items() if field.chosen} == {
        key: str(value) for key, value in query.items()
    }
    assert all(field.chosen in dict(field.pairs) for field in found.values() if field.chosen)
    applied = client.get(URL, {"ap-dung": "1"} | {name: field.chosen for name, field in found.items()})
    assert applied["Location"] == Scope.from_query({k: str(v) for k, v in query.items()}).url()
    assert "cap" not in of(client)  # of no committee
    assert str(cast.health.pk) not in dict(of(client, **{"uy-ban": cast.health.pk})["uy-ban"].pairs)  # no committee


def test_a_programme_past_the_bound_is_offered_where_it_is_chosen(cast, sign_in, monkeypatch):
    rows = [make_programme(cast) for _n in range(3)]
    monkeypatch.setattr("insights.dashboard.compare.MOST_OFFERED", 1)
    client = sign_in(cast.lan)
    ((_heading, pairs),) = client.get(f"{COMPARE}?a={rows[2].pk}&b={rows[1].pk}").context["groups"]
    assert {int(value) for value, _words in pairs} >= {rows[1].pk, rows[2].pk}
    ((_heading, pairs),) = client.get(f"{COMPARE}?theo=doi-tac&a={cast.stranger.pk}").context["groups"]
    assert str(cast.stranger.pk) in dict(pairs)
    assert sign_in(cast.phuong).get(f"{COMPARE}?a={rows[0].pk}&b={rows[1].pk}").context["groups"] == [("", [])]


def test_bodies_that_are_too_many_are_found_by_a_part_of_their_name(cast, sign_in, monkeypatch):
    make_programme(cast)
    client = sign_in(cast.lan)
    assert 'name="tim"' not in client.get(URL).content.decode()
    monkeypatch.setattr(offered, "MOST_OFFERED", 1)
    page = client.get(URL, {"muc": "units", "doi-tac": cast.health.pk})
    assert "Mới liệt kê 1 tên đầu" in page.content.decode() and 'name="tim"' in page.content.decode()
    found = of(client, **{"tim": "uy ban mat tran", "doi-tac": cast.health.pk})["doi-tac"]
    assert texts(found) == ["Sở Y tế", str(cast.committee)]  # the chosen one stays
    assert (found.chosen, found.note) == (str(cast.health.pk), "1 tên có các từ này.")
    assert of(client, tim="%_khong co")["uy-ban"].note == "0 tên có các từ này."


def test_places_are_those_of_the_readers_province_the_chosen_one_and_others_by_name(cast, sign_in, monkeypatch):
    other = Locality.objects.create(code="99", kind="province", name="Tỉnh khác")
    far = Locality.objects.create(code="99001", kind="commune", name="Xã Xa", parent=other)
    client = sign_in(cast.lan)
    few = of(client)["dia-ban"]
    assert {"Xã Phú Lạc", "Xã Xa", "Tỉnh khác", "Tỉnh Thái Nguyên"} == set(texts(few)) and not few.note
    monkeypatch.setattr(offered, "MOST_OFFERED", 1)
    nowhere = of(client)["dia-ban"]
    assert set(texts(nowhere)) == {"Tỉnh khác", "Tỉnh Thái Nguyên"} and "Mới liệt kê các tỉnh" in nowhere.note
    Organisation.objects.filter(pk=cast.committee.pk).update(locality=cast.commune.parent)
    client = sign_in(cast.lan)
    home = of(client)["dia-ban"]
    assert home.groups == [
        ("Tỉnh Thái Nguyên", [(str(cast.commune.parent.pk), "Tỉnh Thái Nguyên"), (str(cast.commune.pk), "Xã Phú Lạc")]),
        ("Các tỉnh, thành phố", [(str(other.pk), "Tỉnh khác")]),
    ]
    assert "tỉnh khác" in home.note
    for chosen in (other.pk, far.pk):
        assert {"Xã Xa", "Xã Phú Lạc"} <= set(texts(of(client, **{"dia-ban": chosen})["dia-ban"]))
    by_name = of(client, tim="xa xa", **{"dia-ban": cast.commune.pk})["dia-ban"]
    assert set(texts(by_name)) == {"Xã Xa", "Xã Phú Lạc"} and by_name.note == "1 tên có các từ này."
    assert by_name.groups[0][0] == "Tỉnh khác"


def test_a_board_without_a_place_is_where_its_committee_is(cast):
    Organisation.objects.filter(pk=cast.committee.pk).update(locality=cast.commune)
    board = Organisation.objects.create(
        name="Văn phòng", kind="front_board", level="province", parent=cast.committee, path=""
    )
    board.path = f"{cast.committee.path}{board.pk}/"
    actor = type("Actor", (), {"organisation": board})()
    assert offered._homes([actor]) == {cast.commune.parent_id}
    assert offered._homes([type("Actor", (), {"organisation": cast.stranger})()]) == set()


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_the_demo_offers_all_communes_at_once(demo, sign_in):
    page = sign_in(User.objects.get(username="lan")).get(URL)
    field = next(field for field in page.context["fields"] if field.name == "dia-ban")
    assert len(field.pairs) == 93 and not field.note
    assert not Organisation.objects.filter(level="province", locality=None).exists()
