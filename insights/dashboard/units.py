"""Section by unit: due work in the national four-way form, both rates together, programmes, accepted activities."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Sum
from django.utils.translation import gettext as _

from agreements import figures
from agreements.models import Party, Tally, Task
from insights import due
from insights.dashboard.frame import Table
from insights.scope import Scope, live_programmes, totals
from partners.models import Organisation

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping
    from decimal import Decimal

    from core.models import User

THINNEST = 0.02  # of the longest bar: one overdue row must be seen beside seventy others
FOUR = (due.OVERDUE, due.ON_TIME, due.LATE, due.WITHIN)
Cell = tuple[str, int, str, str]  # state, number, address of the rows, label


@dataclass(frozen=True)
class UnitRow:
    """One unit, or all of them (unit None): due work by state; programmes and activities None where not asked for."""

    unit: Organisation | None
    counts: Mapping[str, int]  # state of FOUR → rows
    filters: due.Filters
    bars: tuple[tuple[str, str, str], ...] = ()  # (state, x, width) as SVG lengths
    programmes: int | None = None
    activities: int | None = None

    @property
    def cells(self) -> list[Cell]:
        """The four numbers with the lists that add up to them."""
        return [(state, self.counts[state], self.filters.url(state), str(due.LABELS[state])) for state in FOUR]

    @property
    def total(self) -> int:
        """All due work."""
        return sum(self.counts.values())

    @property
    def total_url(self) -> str:
        """Address of those rows."""
        return self.filters.url(due.ALL)

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
    """The rows, the unit with most overdue first, and their sum."""

    rows: list[UnitRow]
    total: UnitRow

    @property
    def first(self) -> UnitRow | None:
        """The unit that holds most of what is overdue; None where nothing is."""
        return self.rows[0] if self.rows and self.rows[0].overdue else None

    @property
    def table(self) -> Table:
        """The same numbers for a spreadsheet; rates in per cent."""
        heads = (_("Unit"), *(due.LABELS[state] for state in FOUR), _("Total"), _("Completion, %"), _("On time, %"),
                 _("Programmes"), _("Accepted activities"))  # fmt: skip
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


def due_by_unit(rows: due.Rows, scope: Scope, day: datetime.date) -> Units:
    """Return due work by the unit that answers for it; two queries."""
    return _build(_four_way(due.counts_by_unit(rows, day)), scope, {}, {}, None)


def read(user: User, scope: Scope, day: datetime.date) -> Units:
    """Return the section: units with due work, with a programme or with an accepted activity."""
    counts = _four_way(due.counts_by_unit(due.rows(user, due.Filters(scope=scope)), day))
    done = totals(scope, user, Tally.Measure.ACTIVITIES).order_by().values("unit").annotate(n=Sum("count"))
    seen = live_programmes(scope, user).values("pk")
    signed = Party.objects.filter(programme__in=seen).order_by().values_list("organisation", "programme")
    led = Task.objects.filter(programme__in=seen, lead__isnull=False).order_by().values_list("lead", "programme")
    pairs = set(signed.union(led))
    programmes = Counter(unit for unit, _programme in pairs)
    activities = {row["unit"]: row["n"] for row in done}
    return _build(counts, scope, programmes, activities, len({programme for _unit, programme in pairs}))


def _four_way(by_unit: Mapping[int, Mapping[str, int]]) -> dict[int, dict[str, int]]:
    """Return the counts with what is due soon and later taken together."""
    return {
        pk: {state: states[state] for state in FOUR[:3]} | {due.WITHIN: states[due.SOON] + states[due.LATER]}
        for pk, states in by_unit.items()
    }


def _build(
    counts: Mapping[int, Mapping[str, int]],
    scope: Scope,
    programmes: Mapping[int, int],
    activities: Mapping[int, int],
    all_programmes: int | None,
) -> Units:
    nothing = dict.fromkeys(FOUR, 0)
    bodies = Organisation.objects.in_bulk(counts.keys() | programmes.keys() | activities.keys())
    thin = THINNEST * max((sum(states.values()) for states in counts.values()), default=0)
    widths = {pk: {s: max(n, thin) if n else 0 for s, n in states.items()} for pk, states in counts.items()}
    largest = max((sum(parts.values()) for parts in widths.values()), default=0.0)
    rows = [
        UnitRow(
            unit=body,
            counts=counts.get(pk, nothing),
            filters=due.Filters(unit=pk, scope=scope),
            bars=_bars(widths.get(pk, nothing), largest),
            programmes=programmes.get(pk, 0),
            activities=activities.get(pk, 0),
        )
        for pk, body in bodies.items()
    ]
    rows.sort(key=lambda row: (-row.overdue, -row.total, -(row.activities or 0), bodies[row.filters.unit].sort_key))
    total = UnitRow(
        unit=None,
        counts={state: sum(states[state] for states in counts.values()) for state in FOUR},
        filters=due.Filters(scope=scope),
        programmes=all_programmes,
        activities=sum(activities.values()),
    )
    return Units(rows, total)


def _bars(widths: Mapping[str, float], largest: float) -> tuple[tuple[str, str, str], ...]:
    bars, x = [], 0.0
    for state in FOUR:
        width = widths[state] / largest * 100 if largest else 0.0
        if width:
            bars.append((state, f"{x:.2f}%", f"{width:.2f}%"))
        x += width
    return tuple(bars)
