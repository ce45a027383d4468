"""Section by unit: due work in the national four-way form, both rates together, programmes, accepted activities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Sum
from django.utils.translation import gettext as _

from agreements import figures
from agreements.models import Tally
from core import statements
from core.statements import Statement, compose, of
from insights import due, due_table
from insights.dashboard.frame import Table
from insights.scope import Scope, live_programmes, totals
from partners.models import Organisation

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from core.models import User

THINNEST = 0.02  # of the longest bar: one overdue row must be seen beside seventy others
FOUR = (due.OVERDUE, due.ON_TIME, due.LATE, due.WITHIN)
FILLS = {due.OVERDUE: "f-over-h", due.ON_TIME: "f-done", due.LATE: "f-wait", due.WITHIN: "f-run"}
Cell = tuple[str, int, str, str]  # state, number, address of the rows, label
# Sums by unit in SQL: each goes on from `counted` (unit and the four numbers of insights.due_table).
DUE_BY_UNIT = """by_unit AS MATERIALIZED (
SELECT unit_id, sum(overdue) AS overdue, sum(on_time) AS on_time, sum(late) AS late, sum(within) AS within,
       0 AS programmes, 0 AS activities FROM counted GROUP BY unit_id
)"""
ALL_BY_UNIT = """live (id) AS MATERIALIZED (:live), taking_part AS MATERIALIZED (
SELECT y.organisation_id AS unit_id, y.programme_id FROM live JOIN agreements_party y ON y.programme_id = live.id
UNION
SELECT t.lead_id, t.programme_id FROM live JOIN agreements_task t ON t.programme_id = live.id
 WHERE t.lead_id IS NOT NULL
), done (unit_id, n) AS (:done), by_unit AS MATERIALIZED (
SELECT unit_id, sum(overdue) AS overdue, sum(on_time) AS on_time, sum(late) AS late, sum(within) AS within,
       sum(programmes) AS programmes, sum(activities) AS activities
  FROM (SELECT unit_id, overdue, on_time, late, within, 0 AS programmes, 0 AS activities FROM counted
        UNION ALL SELECT unit_id, 0, 0, 0, 0, count(*), 0 FROM taking_part GROUP BY unit_id
        UNION ALL SELECT unit_id, 0, 0, 0, 0, 0, n FROM done) parts
 GROUP BY unit_id
)"""
# The unit with most overdue first. Bars are drawn to the longest of all, each part at least THINNEST of the largest
# total wide.
RANKED = """:by_unit, ranked AS (
SELECT b.*, o.name, o.name_en, row_number() OVER (
       ORDER BY overdue DESC, overdue + on_time + late + within DESC, activities DESC, o.sort_key, o.id) AS place
  FROM by_unit b JOIN partners_organisation o ON o.id = b.unit_id
), thinnest AS (
SELECT :thin * max(overdue + on_time + late + within) AS thin FROM by_unit
)"""
UNITS = """(SELECT json_build_array(
(SELECT json_agg(json_build_array(unit_id, name, name_en, overdue, on_time, late, within, programmes, activities)
                 ORDER BY place)
   FROM ranked WHERE place = 1 OR (place > :start AND (:most::int IS NULL OR place <= :start + :most))),
(SELECT count(*) FROM by_unit), (SELECT thin FROM thinnest),
(SELECT max(CASE WHEN overdue > 0 THEN GREATEST(overdue, thin) ELSE 0 END
          + CASE WHEN on_time > 0 THEN GREATEST(on_time, thin) ELSE 0 END
          + CASE WHEN late > 0 THEN GREATEST(late, thin) ELSE 0 END
          + CASE WHEN within > 0 THEN GREATEST(within, thin) ELSE 0 END) FROM by_unit, thinnest),
(SELECT json_build_array(sum(overdue), sum(on_time), sum(late), sum(within), sum(activities)) FROM by_unit)))"""
SECTION = """:cells, :counted, :ranked
SELECT :units, (SELECT count(DISTINCT programme_id) FROM taking_part)"""


class Bar(NamedTuple):
    """One part of a stacked bar, as SVG lengths."""

    state: str
    x: str
    width: str

    @property
    def fill(self) -> str:
        """Its class in the stylesheet."""
        return FILLS[self.state]


@dataclass(frozen=True)
class UnitRow:
    """One unit, or all of them (unit None): due work by state; programmes and activities None where not asked for."""

    unit: Organisation | None
    counts: Mapping[str, int]  # state of FOUR → rows
    filters: due.Filters
    bars: tuple[Bar, ...] = ()
    programmes: int | None = None
    activities: int | None = None

    @property
    def cells(self) -> list[Cell]:
        """The four numbers with the lists that add up to them."""
        return [(state, self.counts[state], self.filters.url(state), str(due.LABELS[state])) for state in FOUR]

    @property
    def due_cells(self) -> list[Cell]:
        """The four numbers and all due work, each with its list, as cells of the table (core.templatetags.ui)."""
        four = [
            ("over" if state == due.OVERDUE else "", number, url, label) for state, number, url, label in self.cells
        ]
        return [*four, ("strong", self.total, self.total_url, _("Total"))]

    @property
    def work_cells(self) -> list[Cell]:
        """Programmes and accepted activities as cells."""
        return [
            ("", self.programmes, self.programmes_url, _("Programmes")),
            ("", self.activities or None, self.activities_url, _("Activities")),
        ]

    @property
    def total(self) -> int:
        """All due work."""
        return sum(self.counts.values())

    @property
    def total_url(self) -> str:
        """Address of those rows."""
        return self.filters.url(due.ALL)

    @property
    def settled_url(self) -> str:
        """Address of what both rates are shares of: done or overdue."""
        return self.filters.url(due.SETTLED)

    @property
    def overdue(self) -> int:
        """Rows past their date."""
        return self.counts[due.OVERDUE]

    @property
    def overdue_url(self) -> str:
        """Address of those rows."""
        return self.filters.url(due.OVERDUE)

    @property
    def four_way(self) -> figures.DeadlineCounts:
        """The same numbers with both rates."""
        return four_way(self.counts)

    @property
    def programmes_url(self) -> str:
        """Address of the programmes that it is a party to or has a task in."""
        return self.filters.scope.url("insights:dashboard_programmes", don_vi=self.filters.unit or "")

    @property
    def activities_url(self) -> str:
        """Address of its accepted activities."""
        return self.filters.scope.url("insights:dashboard_activities", don_vi=self.filters.unit or "")


@dataclass(frozen=True)
class Units:
    """The units shown, the one with most overdue first; of all of them their sum, their number and the first one."""

    rows: list[UnitRow]
    total: UnitRow
    count: int
    first: UnitRow | None  # the unit that holds most of what is overdue; None where nothing is

    @property
    def table(self) -> Table:
        """The same numbers for a spreadsheet; rates in per cent."""
        heads = (_("Unit"), *(due.LABELS[state] for state in FOUR), _("Total"), _("Due work completed, %"),
                 _("Due work on time, %"), _("Programmes"), _("Accepted activities"))  # fmt: skip
        rows = [
            (row.unit or _("Total"), *(row.counts[state] for state in FOUR), row.total,
             per_cent(row.four_way.completion_rate), per_cent(row.four_way.on_time_rate), row.programmes,
             row.activities)
            for row in (*self.rows, self.total)
        ]  # fmt: skip
        return Table("don-vi", heads, rows)


def four_way(counts: Mapping[str, int]) -> figures.DeadlineCounts:
    """Return counts by state of FOUR as the national four, with both rates."""
    return figures.DeadlineCounts(
        done_on_time=counts[due.ON_TIME],
        done_late=counts[due.LATE],
        within_deadline=counts[due.WITHIN],
        overdue=counts[due.OVERDUE],
    )


def per_cent(share: Decimal | None) -> Decimal | None:
    """Return a share in per cent with one decimal, as files carry it."""
    return None if share is None else round(share * 100, 1)


def ranked(by_unit: Statement) -> Statement:
    """Return the part of a statement that ranks the units summed by DUE_BY_UNIT or ALL_BY_UNIT."""
    return compose(RANKED, by_unit=by_unit, thin=THINNEST)


def shown(start: int, most: int | None) -> Statement:
    """Return the value of such a statement that `built` reads: the first unit, those from `start` on, and all sums."""
    return compose(UNITS, start=start, most=most)


def built(found: Sequence[Any], scope: Scope, start: int = 0, programmes: int | None = None) -> Units:
    """Return the units of the value that `shown` asked for."""
    listed, count, thin, longest, (*four, activities) = found
    rows = [_row(row, scope, thin, longest) for row in listed or ()]
    first = rows[0] if rows and rows[0].overdue else None
    total = UnitRow(
        unit=None,
        counts=dict(zip(FOUR, (n or 0 for n in four), strict=True)),
        filters=due.Filters(scope=scope),
        programmes=programmes,
        activities=activities or 0,
    )
    return Units(rows[1:] if start else rows, total, count, first)


def read(user: User, scope: Scope, day: datetime.date, start: int = 0, most: int | None = None) -> Units:
    """Return the section: units with due work, with a programme or with an accepted activity; one query.

    start, most: which of them are in its rows, by default all.
    """
    live = live_programmes(scope, user).order_by().values_list("pk")
    done = totals(scope, user, Tally.Measure.ACTIVITIES).order_by().values("unit").annotate(n=Sum("count"))
    by_unit = compose(ALL_BY_UNIT, live=of(live), done=of(done.values_list("unit", "n"), "bigint", "bigint"))
    statement = compose(
        SECTION, cells=due_table.cells(user, scope), counted=due_table.counted(scope, day, "unit_id"),
        ranked=ranked(by_unit), units=shown(start, most),
    )  # fmt: skip
    found, programmes = statements.read(statement)[0]
    return built(found, scope, start, programmes)


def _row(found: Sequence[Any], scope: Scope, thin: float, longest: float) -> UnitRow:
    pk, name, name_en, *four, programmes, activities = found
    counts = dict(zip(FOUR, four, strict=True))
    return UnitRow(
        unit=Organisation(id=pk, name=name, name_en=name_en),
        counts=counts,
        filters=due.Filters(unit=pk, scope=scope),
        bars=_bars({state: max(n, thin) if n else 0 for state, n in counts.items()}, longest),
        programmes=programmes,
        activities=activities,
    )


def _bars(widths: Mapping[str, float], largest: float) -> tuple[Bar, ...]:
    bars, x = [], 0.0
    for state in FOUR:
        width = widths[state] / largest * 100 if largest else 0.0
        if width:
            bars.append(Bar(state, f"{x:.2f}%", f"{width:.2f}%"))
        x += width
    return tuple(bars)
