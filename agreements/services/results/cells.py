"""Accepted values go into the Tally rows and come out of them, under lock."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from agreements.models import Tally


class CellKey(NamedTuple):
    """What one Tally row is about."""

    task_id: int
    measure: str
    indicator_id: int | None
    unit_id: int
    locality_id: int | None
    month: datetime.date


@dataclass(frozen=True, kw_only=True)
class ResultCell:
    """One accepted value: of an indicator, or of what every activity carries (Tally.Measure).

    day: when it happened, a date in Vietnam. numerator and denominator only for ratios that are given so.
    """

    task_id: int
    measure: str
    unit_id: int
    day: datetime.date
    value: Decimal
    indicator_id: int | None = None
    locality_id: int | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    @property
    def key(self) -> CellKey:
        """The Tally row it adds to."""
        return CellKey(
            self.task_id, self.measure, self.indicator_id, self.unit_id, self.locality_id, self.day.replace(day=1)
        )


TOTALS = ("sum", "numerator", "denominator", "count", "max", "latest", "latest_on")
_NEWER = "t.latest_on IS NULL OR t.latest IS NULL OR (EXCLUDED.latest_on, EXCLUDED.latest) >= (t.latest_on, t.latest)"
ADDED = f"""
    INSERT INTO agreements_tally AS t ({", ".join((*CellKey._fields, *TOTALS))}) VALUES {{marks}}
    ON CONFLICT ON CONSTRAINT tally_cell DO UPDATE SET
        {", ".join(f"{name} = t.{name} + EXCLUDED.{name}" for name in ("sum", "numerator", "denominator", "count"))},
        max = greatest(t.max, EXCLUDED.max),
        latest = CASE WHEN {_NEWER} THEN EXCLUDED.latest ELSE t.latest END,
        latest_on = CASE WHEN {_NEWER} THEN EXCLUDED.latest_on ELSE t.latest_on END"""  # noqa: S608 - our own columns


def _add(total: Tally, cell: ResultCell) -> None:
    """Add one value to an unsaved or locked row; of two values on one day the higher one is the latest."""
    value = Decimal(cell.value)
    total.sum += value
    total.numerator += cell.numerator or 0
    total.denominator += cell.denominator or 0
    total.count += 1
    total.max = value if total.max is None else max(total.max, value)
    newest = (total.latest_on, total.latest) if total.latest_on and total.latest is not None else None
    if newest is None or (cell.day, value) >= newest:
        total.latest_on, total.latest = cell.day, value


def _empty(key: CellKey) -> Tally:
    total = Tally(**key._asdict())
    _clear(total)
    return total


def _clear(total: Tally) -> None:
    total.sum = total.numerator = total.denominator = Decimal(0)
    total.count = 0
    total.max = total.latest = total.latest_on = None


def _key_of(total: Tally) -> CellKey:
    return CellKey(total.task_id, total.measure, total.indicator_id, total.unit_id, total.locality_id, total.month)


def _order(key: CellKey) -> tuple[object, ...]:
    return tuple(0 if part is None else part for part in key)


# The order of record_result once more: two writers that lock the same rows meet at the first of them.
ORDER = tuple(
    Coalesce(F(name), Value(0)) if name in {"indicator_id", "locality_id"} else F(name) for name in CellKey._fields
)


def _locked(keys: Iterable[CellKey]) -> dict[CellKey, Tally]:
    """Return the rows of the keys, made where missing, locked in one fixed order so that two writers never deadlock."""
    wanted = sorted(set(keys), key=_order)
    if not wanted:
        return {}
    Tally.objects.bulk_create([_empty(key) for key in wanted], ignore_conflicts=True)
    found = Q(pk__in=[])
    for key in wanted:
        found |= Q(**{name if part is not None else f"{name}__isnull": _or_true(part) for name, part in _parts(key)})
    rows = Tally.objects.select_for_update().filter(found).order_by(*ORDER)
    return {_key_of(row): row for row in rows}


def _parts(key: CellKey) -> Iterable[tuple[str, object]]:
    return key._asdict().items()


def _or_true(part: object) -> object:
    return True if part is None else part


def record_result(*, cells: Iterable[ResultCell]) -> None:
    """Add accepted values to the stored totals; call it in the transaction that accepts them.

    One statement, which locks the rows in one fixed order so that two writers never deadlock; of two values on one day
    the higher one is the latest, as in _add. The same cell must not be recorded twice: the caller's locked state change
    (submitted → accepted) sees to that.
    """
    totals = summed(cells)
    if not totals:
        return
    rows = [(*key, *(getattr(totals[key], name) for name in TOTALS)) for key in sorted(totals, key=_order)]
    marks = ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(ADDED.format(marks=marks), [value for row in rows for value in row])


def remove_result(
    *, cells: Iterable[ResultCell], remaining: Callable[[CellKey], Iterable[ResultCell]] | None = None
) -> None:
    """Take revoked values out: each of their cells is computed again from the rows that stay accepted.

    remaining(key) returns those rows as cells, without the revoked ones (their state is already changed); it is called
    once per cell after the lock, and must query the database then. Left out, nothing remains. An emptied row stays
    with count 0, which every reader takes as no data.
    """
    with transaction.atomic():
        totals = _locked(cell.key for cell in cells)
        for key, total in totals.items():
            _clear(total)
            for cell in remaining(key) if remaining else ():
                if cell.key != key:
                    raise ValueError(f"{cell.key} is not {key}")
                _add(total, cell)
        Tally.objects.bulk_update(totals.values(), TOTALS)


def summed(cells: Iterable[ResultCell]) -> dict[CellKey, Tally]:
    """Return the unsaved totals of accepted values by their key."""
    totals: dict[CellKey, Tally] = {}
    for cell in cells:
        if cell.key not in totals:
            totals[cell.key] = _empty(cell.key)
        _add(totals[cell.key], cell)
    return totals
