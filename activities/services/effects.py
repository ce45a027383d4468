"""What a reported quantity does to its indicator: "45 → 73 / 120", read from the stored totals."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from agreements import figures
from agreements.models import Target
from core.prepared import among, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from activities.models import Measurement
    from agreements.models import Indicator

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Standing:
    """Where an indicator stands in the period of a day: accepted so far (None = no data), target (None = none).

    Amounts are added up within the period, levels keep the last value; latest_on: the day of a level's last value.
    """

    indicator: Indicator
    accepted: Decimal | None
    target: Decimal | None
    starts_on: datetime.date | None
    ends_on: datetime.date | None  # half-open
    is_added: bool
    latest_on: datetime.date | None = None

    def after(self, value: Decimal) -> Decimal:
        """Return what it will be once a value is accepted, a level's being the newest."""
        return (self.accepted or Decimal(0)) + value if self.is_added else value

    def is_overtaken(self, day: datetime.date) -> bool:
        """Return whether a level of that day changes nothing, because a newer one is accepted."""
        return not self.is_added and self.latest_on is not None and self.latest_on > day

    def share(self, value: Decimal | None) -> Decimal | None:
        """Return value ÷ target in per cent for drawing; None without either."""
        if value is None or not self.target:
            return None
        return value * HUNDRED / self.target

    def elapsed(self, day: datetime.date) -> Decimal | None:
        """Return the time gone in the period in per cent, None without period."""
        if not self.starts_on or not self.ends_on:
            return None
        return figures.elapsed_share(self.starts_on, self.ends_on, day) * HUNDRED

    @property
    def period(self) -> str:
        """Return the year of the target's period, "2024–2026" for a longer one, empty without."""
        if not self.starts_on or not self.ends_on:
            return ""
        first, last = self.starts_on.year, (self.ends_on - datetime.timedelta(days=1)).year
        return str(first) if first == last else f"{first}–{last}"


@dataclass(frozen=True)
class Effect:
    """One reported value beside its indicator in the period of the value's own day, ready to be drawn.

    Shares are per cent of the period's target. is_past: that period is over. is_overtaken: a newer level is accepted.
    """

    measurement: Measurement
    standing: Standing
    before: Decimal | None
    after: Decimal | None
    before_share: Decimal | None
    after_share: Decimal | None
    added_share: Decimal | None
    elapsed: Decimal | None
    is_past: bool = False
    is_overtaken: bool = False


class Cell(NamedTuple):
    """What was accepted of an indicator in one month, of all units and places: the sum, and the last value."""

    month: datetime.date
    sum: Decimal
    latest_on: datetime.date | None
    latest: Decimal | None


@dataclass
class Ground:
    """What is read of an indicator: its targets by their start, and its months."""

    targets: list[figures.Period] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)


def standings_of(indicators: Sequence[Indicator], day: datetime.date) -> dict[int, Standing]:
    """Return where each indicator stands in the target period that holds the day; two queries for all of them."""
    ground = _ground({item.pk for item in indicators})
    return {
        item.pk: _standing(item, ground[item.pk].cells, _period(ground[item.pk].targets, day)) for item in indicators
    }


MONTHS = """
    SELECT indicator_id, month, sum(sum), max(latest_on) FILTER (WHERE latest IS NOT NULL),
           (array_agg(latest ORDER BY latest_on DESC NULLS LAST, latest DESC) FILTER (WHERE latest IS NOT NULL))[1]
    FROM agreements_tally WHERE indicator_id = ANY(%s) AND count > 0 GROUP BY 1, 2"""


def _ground(ids: set[int]) -> dict[int, Ground]:
    """Read targets and months of indicators, in two queries; an indicator has a row for each unit, place and month."""
    found: dict[int, Ground] = defaultdict(Ground)
    if not ids:
        return found
    for pk, starts_on, ends_on, value in rows_of("targets of indicators", _targets, indicators=list(ids)):
        found[pk].targets.append(figures.Period(starts_on, ends_on, value))
    with connection.cursor() as cursor:
        cursor.execute(MONTHS, [list(ids)])
        for pk, *cell in cursor.fetchall():
            found[pk].cells.append(Cell(*cell))
    return found


def _targets() -> QuerySet[Any, Any]:
    rows = Target.objects.filter(among("indicator", "indicators")).order_by("starts_on")
    return rows.values_list("indicator_id", "starts_on", "ends_on", "value")


def _standing(indicator: Indicator, cells: Iterable[Cell], period: figures.Period | None) -> Standing:
    is_added = figures.adds_up(indicator.kind, indicator.roll_up)
    latest_on = None
    if is_added:
        first, last = (period.starts_on, period.ends_on) if period else (datetime.date.min, datetime.date.max)
        sums = [cell.sum for cell in cells if first.replace(day=1) <= cell.month < last]
        accepted = sum(sums, Decimal(0)) if sums else None
    else:
        dated = [(cell.latest_on, cell.latest) for cell in cells if cell.latest_on and cell.latest is not None]
        latest_on, accepted = max(dated, default=(None, None))
    return Standing(
        indicator=indicator,
        accepted=accepted,
        target=period.value if period else None,
        starts_on=period.starts_on if period else None,
        ends_on=period.ends_on if period else None,
        is_added=is_added,
        latest_on=latest_on,
    )


def _holding(targets: list[figures.Period], day: datetime.date) -> figures.Period | None:
    return next((target for target in targets if target.starts_on <= day < target.ends_on), None)


def _period(targets: list[figures.Period], day: datetime.date) -> figures.Period | None:
    """The period that holds the day, after all of them the last one."""
    if found := _holding(targets, day):
        return found
    ended = [target for target in targets if target.ends_on <= day]
    return ended[-1] if ended else None


def effects_of(measurements: Sequence[Measurement], day: datetime.date, *, is_counted: bool = False) -> list[Effect]:
    """Return the effect of each value, in the period that holds its own day: last December's is last year's.

    day: today. is_counted says that the values are accepted, so the totals already hold them.
    """
    ground = _ground({item.indicator_id for item in measurements})
    effects = []
    for item in measurements:
        own = ground[item.indicator_id]
        standing = _standing(item.indicator, own.cells, _holding(own.targets, item.as_of))
        is_overtaken = standing.is_overtaken(item.as_of)
        if is_counted:
            after = standing.accepted
            before = after - item.value if standing.is_added and after is not None else None
        else:
            before = standing.accepted
            after = before if is_overtaken else standing.after(item.value)
        before_share, after_share = standing.share(before), standing.share(after)
        effects.append(
            Effect(
                measurement=item,
                standing=standing,
                before=before,
                after=after,
                before_share=before_share,
                after_share=after_share,
                added_share=None if after_share is None else max(Decimal(0), after_share - (before_share or 0)),
                elapsed=standing.elapsed(day),
                is_past=standing.ends_on is not None and standing.ends_on <= day,
                is_overtaken=is_overtaken,
            )
        )
    return effects
