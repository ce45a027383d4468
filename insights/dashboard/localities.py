"""Section by place: accepted activities or what they carried, as a grid of tiles near where each commune lies, ranked.

A commune without an accepted result has no figures: that is a state of its own, never a nought. Results recorded for
the whole province, for a unit that no longer exists or for no place are rows of their own, so that everything adds up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Tally
from documents.vietnamese import format_number
from insights.dashboard import tiles
from insights.dashboard.frame import Table
from insights.dashboard.indicators import plain
from insights.scope import Scope, totals
from partners.models import Locality

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence

    from core.models import User

M = Tally.Measure
ACTIVITIES = "hoat-dong"
# value of ?so-do= → (stored measure, its name, heading of its column)
MEASURES = {
    ACTIVITIES: (M.ACTIVITIES, gettext_lazy("Activities"), gettext_lazy("Accepted activities")),
    "ho": (M.HOUSEHOLDS, gettext_lazy("Households"), gettext_lazy("Households supported")),
    "nguoi": (M.PERSONS, gettext_lazy("Persons"), gettext_lazy("Persons reached")),
    "luot": (M.TURNS, gettext_lazy("Turns"), gettext_lazy("Turns of persons")),
    "kinh-phi": (M.VALUE, gettext_lazy("Value"), gettext_lazy("Value, đồng")),
}
NOWHERE, ITSELF = "khong", "chinh"  # ?noi=: without a place; recorded for the place itself, not for one below it
STEPS = 4  # shades of the tiles


class Amount(NamedTuple):
    """What was accepted somewhere: the sum of the measure and how many rows gave it."""

    value: Decimal
    rows: int


@dataclass(frozen=True)
class PlaceRow:
    """One place. amount None = nothing accepted carries the measure. shade: 1 (least) to STEPS, 0 = no figures."""

    label: str
    locality: Locality | None
    amount: Amount | None
    url: str
    shade: int = 0
    width: str = "0%"
    cell: tiles.Cell | None = None  # row and column among the tiles, from 1

    @property
    def value(self) -> Decimal | None:
        """The sum of the measure; None without figures."""
        return self.amount.value if self.amount else None

    @property
    def short(self) -> str:
        """The name without its kind word, as a tile has room for it."""
        return self.label.partition(" ")[2] or self.label


@dataclass(frozen=True)
class Localities:
    """A province: its communes ranked, those placed as tiles, what belongs to none of them, and the sum of all."""

    measure: str
    province: Locality | None
    communes: list[PlaceRow]
    others: list[PlaceRow]  # the province itself, former units, no place
    provinces: list[PlaceRow]  # where results lie in more than one
    total: Amount
    total_url: str
    steps: list[str]  # the shades in words
    is_narrowed: bool = False  # one commune alone was chosen

    @property
    def tiles(self) -> list[PlaceRow]:
        """The communes whose centroid is known, from north to south and west to east."""
        return sorted((row for row in self.communes if row.cell), key=lambda row: row.cell or (0, 0))

    @property
    def silent(self) -> list[PlaceRow]:
        """Communes without figures."""
        return [row for row in self.communes if row.amount is None]

    @property
    def first(self) -> PlaceRow | None:
        """The commune with most; None without any."""
        return self.communes[0] if self.communes and self.communes[0].amount else None

    @property
    def in_communes(self) -> Decimal:
        """What lies in the communes shown."""
        return sum((row.value or Decimal(0) for row in self.communes), Decimal(0))

    @property
    def elsewhere(self) -> Decimal:
        """What belongs to none of them."""
        return self.total.value - self.in_communes

    @property
    def column(self) -> str:
        """Heading of the numbers."""
        return str(MEASURES[self.measure][2])

    @property
    def table(self) -> Table:
        """The same numbers for a spreadsheet; empty = no figures."""
        rows = [
            (row.locality.code if row.locality else None, row.label, plain(row.value))
            for row in (*self.communes, *self.others, *self.provinces)
        ]  # fmt: skip
        total = (None, _("Total"), plain(self.total.value))
        return Table("dia-ban", (_("Code"), _("Place"), self.column), [*rows, total])


def read(user: User, scope: Scope, day: datetime.date, measure: str = ACTIVITIES) -> Localities:
    """Return the section from the stored totals; four queries.

    The province is the one chosen, else the one with most. Raises KeyError for an unknown measure.
    """
    cells = totals(scope, user, MEASURES[measure][0]).order_by().values("locality")
    found = {pk: Amount(value, count) for pk, value, count in
             cells.annotate(s=Sum("sum"), n=Sum("count")).values_list("locality", "s", "n")}  # fmt: skip
    used = Locality.objects.select_related("parent").in_bulk([pk for pk in found if pk])
    chosen = Locality.objects.select_related("parent").filter(pk=scope.place).first() if scope.place else None
    by_province = _by_province(found, used)
    province = _above(chosen) if chosen else _largest(by_province)
    is_narrowed = chosen is not None and chosen != province
    if is_narrowed:
        communes = [chosen] if chosen else []
    else:
        communes = list(Locality.objects.valid_on(day).communes().filter(parent=province)) if province else []
    ranked, steps = _ranked(communes, found, scope, measure)
    shown = {row.pk for row in communes}
    here = {pk for pk, place in used.items() if _above(place) == province}
    others = [
        PlaceRow(label, place, found[pk], _url(scope, measure, place, ITSELF if place == province else ""))
        for pk, place, label in _rest(used, here - shown, province)
    ]
    if None in found:
        others.append(PlaceRow(_("No place recorded"), None, found[None], _url(scope, measure, None, NOWHERE)))
    return Localities(
        measure=measure,
        province=province,
        communes=ranked if is_narrowed else _on_tiles(ranked),
        others=others,
        provinces=[
            PlaceRow(str(place), place, amount, _url(scope, measure, place))
            for place, amount in by_province.items()
            if place != province
        ],
        total=_sum(found.values()),
        total_url=_url(scope, measure, None),
        steps=steps,
        is_narrowed=is_narrowed,
    )


def _above(place: Locality) -> Locality:
    """Return the province of a place: what it is part of, else itself."""
    return place.parent or place


def _sum(amounts: Iterable[Amount]) -> Amount:
    listed = list(amounts)
    return Amount(sum((one.value for one in listed), Decimal(0)), sum(one.rows for one in listed))


def _by_province(found: dict[int | None, Amount], used: dict[int, Locality]) -> dict[Locality, Amount]:
    sums: dict[Locality, list[Amount]] = {}
    for pk, place in used.items():
        sums.setdefault(_above(place), []).append(found[pk])
    return dict(sorted(((place, _sum(parts)) for place, parts in sums.items()), key=lambda one: one[0].sort_key))


def _largest(by_province: dict[Locality, Amount]) -> Locality | None:
    """Return the province with most rows; the only one in the register where nothing has a place yet."""
    if by_province:
        return max(by_province, key=lambda place: by_province[place].rows)
    register = Locality.objects.filter(kind=Locality.Kind.PROVINCE, valid_to=None)[:2]
    return register[0] if len(register) == 1 else None


def _rest(used: dict[int, Locality], wanted: set[int], province: Locality | None) -> list[tuple[int, Locality, str]]:
    """Return places of the province that are no commune of today: itself first, then former units by name."""
    rows = sorted((used[pk] for pk in wanted), key=lambda place: (place != province, place.sort_key))
    itself = _("%(province)s, no commune named")
    return [(row.pk, row, itself % {"province": row} if row == province else str(row)) for row in rows]


def _url(scope: Scope, measure: str, place: Locality | None, kind: str = "") -> str:
    """Return the address of the accepted activities that a number adds up."""
    narrowed = replace(scope, place=place.pk) if place else scope
    return narrowed.url("insights:dashboard_activities", so_do="" if measure == ACTIVITIES else measure, noi=kind)


def _ranked(
    communes: Sequence[Locality], found: dict[int | None, Amount], scope: Scope, measure: str
) -> tuple[list[PlaceRow], list[str]]:
    """Return the communes with most first and those without figures last, and what each shade stands for."""
    values = sorted(found[row.pk].value for row in communes if row.pk in found)
    lows = _lows(values)
    largest = values[-1] if values and values[-1] else Decimal(1)
    rows = []
    for place in communes:
        amount = found.get(place.pk)
        shade = sum(amount.value >= low for low in lows) if amount else 0
        width = f"{amount.value / largest * 100:.2f}%" if amount else "0%"
        rows.append(PlaceRow(str(place), place, amount, _url(scope, measure, place), shade, width))
    rows.sort(key=lambda row: (row.amount is None, -(row.value or 0), row.locality.sort_key if row.locality else ""))
    return rows, _words(lows, values)


def _lows(values: Sequence[Decimal]) -> list[Decimal]:
    """Return where each shade begins: quarters of the communes that have figures, equal ones together."""
    return sorted({values[len(values) * step // STEPS] for step in range(STEPS)}) if values else []


def _words(lows: Sequence[Decimal], values: Sequence[Decimal]) -> list[str]:
    """Return the shades as "3–5": from the least to the most that occurs in each."""
    words = []
    for place, low in enumerate(lows):
        inside = [value for value in values if value >= low and (place + 1 == len(lows) or value < lows[place + 1])]
        least, most = (format_number(value.normalize() + 0) for value in (inside[0], inside[-1]))
        words.append(least if least == most else f"{least}–{most}")
    return words


def _on_tiles(rows: list[PlaceRow]) -> list[PlaceRow]:
    """Give each commune with a centroid its cell; too many for the grid, and none has one."""
    known = [(row.locality, row) for row in rows if row.locality and row.locality.latitude is not None]
    known.sort(key=lambda one: one[0].code)
    points = tuple((float(place.latitude or 0), float(place.longitude or 0)) for place, _row in known)
    if len(points) > tiles.MOST_COLUMNS * tiles.MOST_ROWS:
        return rows
    cells = {
        place.pk: (row + 1, column + 1) for (place, _row), (row, column) in zip(known, tiles.place(points), strict=True)
    }
    return [replace(row, cell=cells.get(row.locality.pk)) if row.locality else row for row in rows]
