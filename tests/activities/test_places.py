"""The places a select offers."""

from __future__ import annotations

import pytest

from activities.forms import places
from activities.forms.places import places_near
from partners.models import Locality
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def country() -> dict[str, Locality]:
    """Return two provinces with two communes each, by name."""
    found = {}
    for number, name in enumerate(("A", "B"), start=1):
        found[name] = Locality.objects.create(code=f"9{number}", name=f"Tỉnh {name}", kind="province")
        for part in (1, 2):
            key = f"{name}{part}"
            found[key] = Locality.objects.create(
                code=f"9{number}00{part}", name=f"Xã {key}", kind="commune", parent=found[name]
            )
    return found


def test_a_body_is_offered_the_communes_of_its_province_and_the_chosen_one(cast: Cast) -> None:
    found = country()
    body = cast.committee
    for home in ("A", "A2"):  # of the province, and of one of its communes
        body.locality = found[home]
        assert [name for _pk, name in places_near([body], "")] == ["Xã A1", "Xã A2"]
        chosen = places_near([body], str(found["B2"].pk))
        assert [name for _pk, name in chosen] == ["Xã A1", "Xã A2", "Xã B2"]
    assert places_near([body], str(found["A1"].pk)) == places_near([body], "") == places_near([body], "²")


def test_who_is_nowhere_is_offered_all_or_where_they_are_many_the_provinces(cast: Cast, monkeypatch) -> None:
    found, body = country(), cast.committee
    body.locality = None
    communes = {name for _pk, name in places_near([body], "")}
    assert communes == set(Locality.objects.communes().values_list("name", flat=True)) >= {"Xã A1", "Xã B2"}
    monkeypatch.setattr(places, "MOST", 3)
    provinces = list(Locality.objects.filter(kind="province").values_list("name", flat=True))
    assert [name for _pk, name in places_near([body], "")] == provinces
    for chosen in ("B", "B2"):
        names = [name for _pk, name in places_near([body], str(found[chosen].pk), only_valid=True)]
        assert names == [*provinces, "Xã B1", "Xã B2"]
