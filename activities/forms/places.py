"""The places a select offers: of a country, those near the people who choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from partners.models import Locality

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partners.models import Organisation
    from partners.models.places import LocalityQuerySet

MOST = 200  # in a select; more are offered as provinces, and the communes of the one that is chosen


def places_near(bodies: Iterable[Organisation], chosen: str, *, only_valid: bool = False) -> list[tuple[str, str]]:
    """Return the places to choose from as (id, name): the communes of the provinces where the bodies are.

    Where they are nowhere in particular: all communes, or where these are too many the provinces. chosen: the id of a
    place that is always among them, as it was typed or stored. only_valid: those that exist today.
    """
    communes = Locality.objects.communes()
    if only_valid:
        communes = communes.valid_on(timezone.localdate())
    homes = {body.locality_id for body in bodies if body.locality_id}
    found: list[tuple[str, str]] = []
    if homes:
        parents = Locality.objects.filter(pk__in=homes).order_by().values("parent")
        found = _named(communes.filter(Q(parent__in=homes) | Q(parent__in=parents)))
    if not found:
        found = _named(communes[: MOST + 1])
    many = len(found) > MOST and not homes
    if not many and (not chosen or chosen in {pk for pk, _name in found}):
        return found
    place = _place(chosen)
    if many:
        found = _named(Locality.objects.filter(kind=Locality.Kind.PROVINCE))
        found += _named(communes.filter(parent=place.parent_id or place.pk)) if place else []
    if place and str(place.pk) not in {pk for pk, _name in found}:
        found.append((str(place.pk), place.name))
    return found


def _named(places: LocalityQuerySet) -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in places.values_list("pk", "name")]


def _place(chosen: str) -> Locality | None:
    is_number = chosen.isascii() and chosen.isdigit() and len(chosen) < 10
    return Locality.objects.filter(pk=chosen).first() if is_number else None
