"""What a reported quantity does to its indicator: "45 → 73 / 120", read from the stored totals."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects

from agreements import figures
from agreements.models import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from activities.models import Measurement
    from agreements.models import Indicator, Target

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


def standings_of(indicators: Sequence[Indicator], day: datetime.date) -> dict[int, Standing]:
    """Return where each indicator stands in the target period that holds the day; two queries for all of them."""
    cells = _cells(indicators)
    return {item.pk: _standing(item, cells[item.pk], _period(list(item.targets.all()), day)) for item in indicators}


def _cells(indicators: Sequence[Indicator]) -> dict[int, list[Tally]]:
    prefetch_related_objects(list(indicators), "targets")
    cells: dict[int, list[Tally]] = defaultdict(list)
    for cell in Tally.objects.filter(indicator__in=indicators, count__gt=0):
        cells[cell.indicator_id or 0].append(cell)
    return cells


def _standing(indicator: Indicator, cells: Iterable[Tally], period: Target | None) -> Standing:
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


def _holding(targets: list[Target], day: datetime.date) -> Target | None:
    return next((target for target in targets if target.starts_on <= day < target.ends_on), None)


def _period(targets: list[Target], day: datetime.date) -> Target | None:
    """The period that holds the day, after all of them the last one."""
    if found := _holding(targets, day):
        return found
    ended = [target for target in targets if target.ends_on <= day]
    return ended[-1] if ended else None


def effects_of(measurements: Sequence[Measurement], day: datetime.date, *, is_counted: bool = False) -> list[Effect]:
    """Return the effect of each value, in the period that holds its own day: last December's is last year's.

    day: today. is_counted says that the values are accepted, so the totals already hold them.
    """
    cells = _cells([item.indicator for item in measurements])
    effects = []
    for item in measurements:
        indicator = item.indicator
        standing = _standing(indicator, cells[indicator.pk], _holding(list(indicator.targets.all()), item.as_of))
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
