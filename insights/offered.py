"""What the dashboard offers to choose from: periods by year, bodies, places. What is chosen is always among them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Party, Programme
from core.templatetags.format import number as number_words
from documents import vietnamese
from insights.scope import BELOW, KEYS, OWN, Scope, period_label, window_of
from partners.models import FieldOfWork, Locality, Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from core.models import Actor, User

YEARS_OFFERED = 12
YEARS_IN_PARTS = 4  # of them the last ones in which something runs, in halves and quarters
YEARS_IN_MONTHS = 2
MOST_OFFERED = 200  # names in a select; with more a reader writes a part of the name
Pairs = list[tuple[str, str]]  # (value in the address, words)
Group = tuple[str, Pairs]  # its heading in the select; "" = choices under none


@dataclass(frozen=True)
class Field:
    """One select. name: in the address; empty: what leaving it open means; note: how to get to what is not listed."""

    name: str
    label: str
    empty: str
    groups: Sequence[Group]
    chosen: str
    note: str = ""

    @property
    def pairs(self) -> Pairs:
        """All choices, whatever their heading."""
        return [pair for _heading, pairs in self.groups for pair in pairs]


def fields(user: User, actors: Iterable[Actor], scope: Scope, asked: str) -> list[Field]:
    """Return the selects of what occurs in the programmes one may see; asked: a part of a name of bodies and places."""
    seen = Programme.objects.visible_to(user).live()
    owners = Organisation.objects.filter(pk__in=seen.order_by().values("owner"))
    fronts = Organisation.objects.filter(kind=Organisation.Kind.FRONT_COMMITTEE)
    signed = Party.objects.filter(programme__in=seen).order_by().values("organisation")
    parties = Organisation.objects.filter(pk__in=signed)
    used = FieldOfWork.objects.filter(pk__in=seen.order_by().values("field_of_work"))
    used |= FieldOfWork.objects.filter(code=scope.field)
    every: dict[str, tuple[str, str, tuple[Sequence[Group], str]]] = {
        "period": (_("Time"), _("Whole period of each programme"), (periods(user, [scope.period]), "")),
        "committee": (
            _("Committee, with those below it"), _("All committees"), _bodies(owners, fronts, scope.committee, asked)
        ),
        "level": (_("Level"), _("The committee and those below it"), ([("", _levels())], "")),
        "field": (_("Field of work"), _("All fields"), ([("", [(one.code, str(one)) for one in used])], "")),
        "partner": (
            _("Partner"), _("All partners"), _bodies(parties, Organisation.objects.all(), scope.partner, asked)
        ),
        "place": (_("Place with results"), _("All places"), _places(actors, scope.place, asked)),
    }  # fmt: skip
    if not scope.committee:  # of whom it is the level is not chosen yet
        del every["level"]
    return [
        Field(KEYS[name], label, empty, groups, str(getattr(scope, name) or ""), note)
        for name, (label, empty, (groups, note)) in every.items()
    ]


def periods(user: User, chosen: Iterable[str]) -> list[Group]:
    """Return the years in which programmes run that one may see, latest first: the last of them in halves and quarters,
    this year and the one before in months too, each year under its own heading; and the periods chosen."""
    seen = Programme.objects.visible_to(user).live()
    this = timezone.localdate().year
    ran = {year for dates in seen.order_by().values_list("starts_on", "ends_on").distinct() if all(dates)
           for year in range(dates[0].year, dates[1].year + 1)}  # fmt: skip
    years = sorted((year for year in ran | {this} if 2000 <= year <= this + 1), reverse=True)[:YEARS_OFFERED]
    offered = {year: [str(year)] for year in years}
    for place, year in enumerate(year for year in years if year <= this):
        if place < YEARS_IN_PARTS:
            offered[year] += [f"{year}-{part}" for part in ("H1", "H2", "Q1", "Q2", "Q3", "Q4")]
        if this - year < YEARS_IN_MONTHS:
            offered[year] += [f"{year}-{month:02}" for month in range(1, 13)]
    for period in chosen:
        if window_of(period):
            own = offered.setdefault(int(period[:4]), [])
            own += [] if period in own else [period]
    return [
        (str(year) if len(own) > 1 else "", [(period, period_label(period)) for period in own])
        for year, own in sorted(offered.items(), reverse=True)
    ]


def _levels() -> Pairs:
    return [(OWN, _("its own")), (BELOW, _("committees below it"))]


def _bodies(
    rows: QuerySet[Organisation], known: QuerySet[Organisation], chosen: int | None, asked: str
) -> tuple[Sequence[Group], str]:
    """Return the bodies offered and how many have the words or are left out; known: where the chosen one is found."""
    narrowed = rows.filter(search_text__contains=vietnamese.fold(asked)) if asked else rows
    found = [(str(body.pk), str(body)) for body in narrowed.only("name", "name_en")[: MOST_OFFERED + 1]]
    shown = found[:MOST_OFFERED]
    missed = chosen and all(value != str(chosen) for value, _name in shown)
    others = [(str(body.pk), str(body)) for body in known.filter(pk=chosen).only("name", "name_en")] if missed else []
    return [("", [*others, *shown])], _note(len(found), asked)


def _note(found: int, asked: str) -> str:
    if found > MOST_OFFERED:
        words = _("The first %(most)s are listed. Write a part of the name above to find others.")
        return words % {"most": number_words(MOST_OFFERED)}
    if asked:
        return ngettext("%(n)s name has these words.", "%(n)s names have these words.", found) % {
            "n": number_words(found)
        }
    return ""


def _places(actors: Iterable[Actor], chosen: int | None, asked: str) -> tuple[Sequence[Group], str]:
    """Return the communes of the province that the reader's bodies are in and of the one chosen, with the provinces.

    A country's three thousand are never listed at once: others are found by a part of their name, or below their
    province. Where there are few at all, all are listed.
    """
    today = Locality.objects.valid_on(timezone.localdate()).select_related("parent")
    place = Locality.objects.filter(pk=chosen).select_related("parent").first() if chosen else None
    provinces = list(today.filter(kind=Locality.Kind.PROVINCE))
    communes = today.communes()
    if asked:
        found = list(today.search(asked)[: MOST_OFFERED + 1])
        return _by_province([], found[:MOST_OFFERED], place), _note(len(found), asked)
    near = _homes(actors) | ({place.parent_id or place.pk} if place else set())
    few = list(communes[: MOST_OFFERED + 1])
    if len(few) <= MOST_OFFERED:
        return _by_province(provinces, few, place), ""
    if near:
        note = _(
            "For a commune of another province, write a part of its name above, or choose the province and press Find."
        )
        return _by_province(provinces, list(communes.filter(parent__in=near)), place), note
    note = _("Provinces only: for a commune write a part of its name above, or choose its province and press Find.")
    return _by_province(provinces, [], place), note


def _by_province(provinces: list[Locality], communes: list[Locality], place: Locality | None) -> list[Group]:
    """Return communes under the name of their province, which stands before them; then provinces without any here."""
    rows = [*provinces, *communes]
    if place and place not in rows:
        rows.append(place)
    below: dict[int, list[Locality]] = defaultdict(list)
    for row in rows:
        below[row.parent_id or row.pk].append(row)
    groups: list[Group] = [
        (str(own[-1].parent), [(str(row.pk), str(row)) for row in own]) for own in below.values() if own[-1].parent_id
    ]
    alone = [(str(own[0].pk), str(own[0])) for own in below.values() if not own[-1].parent_id]
    return [*groups, (_("Provinces") if groups else "", alone)] if alone else groups


def _homes(actors: Iterable[Actor]) -> set[int]:
    """Return the provinces that the bodies acted for are in: their own place, else that of the nearest body above."""
    paths = [[int(pk) for pk in actor.organisation.path.split("/") if pk] for actor in actors]
    ids = {pk for path in paths for pk in path}
    rows = Organisation.objects.filter(pk__in=ids, locality__isnull=False).order_by()
    known = {pk: parent or locality for pk, locality, parent in rows.values_list("pk", "locality", "locality__parent")}
    return {home for path in paths if (home := next((known[pk] for pk in reversed(path) if pk in known), None))}
