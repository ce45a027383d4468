"""What pages read of tasks; the stored figures of programmes are made from it (`stored`)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, Max, OuterRef, Q, Sum, TextField, When
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from agreements import figures
from agreements.figures.periods import ONE_DAY
from agreements.models import Indicator, Tally, Target, Task, TaskDeadline
from agreements.services.results.cells import ResultCell, summed
from core.prepared import among, given_day, objects_of, rows_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

# The targets of an indicator in the order of time, within the query that reads it; the value as text stays exact.
TARGETS = ArraySubquery(
    Target.objects.filter(indicator=OuterRef("pk"))
    .order_by("starts_on")
    .values(json=JSONObject(first="starts_on", end="ends_on", value=Cast("value", TextField())))
)


@dataclass(frozen=True)
class IndicatorTotals:
    """What a page shows of an indicator. None = no data; progress and expected are shares (1 = 100 %)."""

    indicator: Indicator
    actual: Decimal | None  # accepted since the start: total of a flow, last value of a level
    year_actual: Decimal | None  # accepted this year alike
    target: Decimal | None  # of the whole period
    year_target: Decimal | None  # of the period running on the day
    progress: Decimal | None
    expected: Decimal | None
    standing: str


@dataclass(frozen=True)
class DayRows:
    """What stored totals cannot say of a day in the past; the room that holds the rows gives it.

    open_month: every value accepted now whose day lies in the month of that day, up to the day. declared: task id →
    share that its unit had declared by then (1 = all), of reports accepted now.
    """

    open_month: tuple[ResultCell, ...] = ()
    declared: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskTotals:
    """What a page shows of a task; figure holds p, e, pace and standing."""

    figure: figures.TaskFigure
    indicators: tuple[IndicatorTotals, ...]
    deadlines: figures.DeadlineCounts
    next_due_on: datetime.date | None  # first open deadline on or after the day
    open_deadlines: tuple[TaskDeadline, ...]  # neither confirmed nor cancelled, oldest first
    activities: int
    last_activity_on: datetime.date | None
    persons: Decimal | None
    households: Decimal | None
    turns: Decimal | None
    value: Decimal | None  # đồng


@dataclass(frozen=True)
class Ground:
    """What is read of tasks once, whatever the days that are asked for."""

    tasks: tuple[Task, ...]
    indicators: Sequence[Indicator]
    periods: Mapping[int, list[figures.Period]]  # targets by indicator
    due: Mapping[int, list[TaskDeadline]]  # by task, oldest first


def task_figures(
    tasks: Iterable[Task],
    *,
    day: datetime.date | None = None,
    deadlines: Iterable[TaskDeadline] | None = None,
    rows: DayRows | None = None,
) -> dict[int, TaskTotals]:
    """Return the totals of tasks by their id, in at most four queries whatever their number.

    deadlines: all of these tasks, oldest first, where the caller has them already.

    day: today in Vietnam by default. Nothing is accepted for days to come, so that for today the stored totals are all
    there is; for a past day give its rows too (activities.services.cells.day_rows), without them its month counts
    whole. The tasks' programmes should be loaded (select_related): an undated task runs as long as its programme.
    """
    day = day or timezone.localdate()
    ground = ground_of(tasks, deadlines=deadlines)
    indicators = ground.indicators
    months = _Months(day, rows)
    stored = _stored([task.pk for task in ground.tasks], indicators, months)
    actuals, in_year = _actuals(indicators, stored, months)
    measures = _measures(stored)
    of_task: dict[int, list[IndicatorTotals]] = defaultdict(list)
    quantities: dict[int, list[figures.Quantity]] = defaultdict(list)
    for indicator in indicators:
        quantity = quantity_of(indicator, ground, actuals.get(indicator.pk))
        progress, expected = figures.quantity_progress(quantity), figures.quantity_expected(quantity, day)
        quantities[indicator.task_id].append(quantity)
        of_task[indicator.task_id].append(
            IndicatorTotals(
                indicator=indicator,
                actual=quantity.actual,
                year_actual=in_year.get(indicator.pk),
                target=figures.target_of(quantity),
                year_target=figures.period_target(quantity, day),
                progress=progress,
                expected=expected,
                standing=figures.standing(progress, expected),
            )
        )
    return {
        task.pk: _task_totals(
            work_of(
                task,
                quantities[task.pk],
                ground.due.get(task.pk, []),
                has_activity=_count(measures[task.pk]) > 0,
                declared=task.declared_share if rows is None else rows.declared.get(task.pk),
            ),
            day,
            of_task[task.pk],
            ground.due.get(task.pk, []),
            measures[task.pk],
        )
        for task in ground.tasks
    }


def _period(target: Mapping[str, str]) -> figures.Period:
    day = datetime.date.fromisoformat
    return figures.Period(day(target["first"]), day(target["end"]), Decimal(target["value"]))


def ground_of(tasks: Iterable[Task], *, deadlines: Iterable[TaskDeadline] | None = None) -> Ground:
    """Return indicators, targets and deadlines of the tasks, in at most two queries."""
    wanted = tuple(tasks)
    ids = [task.pk for task in wanted]
    indicators = objects_of("indicators", _indicators, tasks=ids) if ids else []
    periods = {
        indicator.pk: [_period(target) for target in indicator.periods]  # type: ignore[attr-defined]
        for indicator in indicators
    }
    due: dict[int, list[TaskDeadline]] = defaultdict(list)
    if deadlines is None:
        deadlines = objects_of("deadlines", _deadlines, tasks=ids) if ids else []
    for deadline in deadlines:
        due[deadline.task_id].append(deadline)
    return Ground(wanted, indicators, periods, due)


def _deadlines() -> QuerySet[TaskDeadline, TaskDeadline]:
    return TaskDeadline.objects.filter(among("task", "tasks")).order_by("due_on", "id")


def _indicators() -> QuerySet[Indicator, Indicator]:
    """Of given tasks, each with its targets."""
    rows = Indicator.objects.filter(among("task", "tasks"))
    return rows.annotate(periods=TARGETS).order_by("position", "id")


def quantity_of(indicator: Indicator, ground: Ground, actual: Decimal | None) -> figures.Quantity:
    """Return an indicator with its targets and what was accepted, as figures take it."""
    return figures.Quantity(
        kind=indicator.kind,
        direction=indicator.direction,
        baseline=indicator.baseline,
        periods=tuple(ground.periods.get(indicator.pk, ())),
        actual=actual,
        roll_up=indicator.roll_up,
    )


def work_of(
    task: Task,
    quantities: Iterable[figures.Quantity],
    deadlines: Iterable[TaskDeadline],
    *,
    has_activity: bool,
    declared: Decimal | None,
) -> figures.Work:
    """Return a task as figures take it; an undated one runs as long as its programme."""
    return figures.Work(
        weight=task.weight,
        quantities=tuple(quantities),
        deadlines=tuple(deadlines),
        starts_on=task.starts_on or task.programme.starts_on,
        ends_on=task.programme.ends_on,
        has_activity=has_activity,
        declared=declared,
    )


def unfinished(deadlines: Iterable[TaskDeadline]) -> tuple[TaskDeadline, ...]:
    """Return those neither confirmed nor cancelled."""
    closed = {TaskDeadline.State.DONE, TaskDeadline.State.CANCELLED}
    return tuple(row for row in deadlines if row.state not in closed)


def _count(measures: Mapping[str, Mapping[str, object]]) -> int:
    """Return how many activities were accepted."""
    return int(str(measures.get(Tally.Measure.ACTIVITIES, {}).get("count") or 0))


def _task_totals(
    work: figures.Work,
    day: datetime.date,
    indicators: list[IndicatorTotals],
    deadlines: list[TaskDeadline],
    measures: dict[str, dict[str, object]],
) -> TaskTotals:
    activities = measures.get(Tally.Measure.ACTIVITIES, {})

    def total(measure: str) -> Decimal | None:
        found = measures.get(measure, {}).get("total")
        return found if isinstance(found, Decimal) else None

    latest = activities.get("latest_day")
    still_open = unfinished(deadlines)
    coming = [row.due_on for row in still_open if row.due_on >= day]
    return TaskTotals(
        figure=figures.task_figure(work, day),
        indicators=tuple(indicators),
        deadlines=figures.deadline_counts(deadlines, day),
        open_deadlines=still_open,
        next_due_on=min(coming, default=None),
        activities=_count(measures),
        last_activity_on=latest if isinstance(latest, datetime.date) else None,
        persons=total(Tally.Measure.PERSONS),
        households=total(Tally.Measure.HOUSEHOLDS),
        turns=total(Tally.Measure.TURNS),
        value=total(Tally.Measure.VALUE),
    )


class _Months:
    """Which months are read from the stored totals, and the cells of the open one where its rows were given."""

    def __init__(self, day: datetime.date, rows: DayRows | None) -> None:
        self.day = day
        first = day.replace(day=1)
        # Whole months only where the rows of the open one are at hand, else that one too.
        self.until = day + ONE_DAY if rows is None else first
        self.cells = list(summed(rows.open_month).values()) if rows else []


STORED = ("measure", "whose", "total", "rows", "top", "latest_day", "year_total", "year_rows", "year_top")


def _stored(task_ids: list[int], indicators: Sequence[Indicator], months: _Months) -> Sequence[Mapping[str, Any]]:
    """Return the totals up to the day, one row per indicator and per task × other measure; one query."""
    if not task_ids:
        return []
    rows = rows_of(
        "totals",
        _totals,
        tasks=task_ids,
        indicators=[item.pk for item in indicators],
        until=months.until,
        year=datetime.date(months.day.year, 1, 1),
    )
    found = {row[:2]: dict(zip(STORED, row, strict=True)) for row in rows}
    for cell in months.cells:
        _join(found, cell)
    return list(found.values())


def _totals() -> QuerySet[Any, Any]:
    """Totals of given tasks and indicators before the day "until", and since the day "year"."""
    of_indicator = Q(measure=Tally.Measure.INDICATOR)
    year = Q(month__gte=given_day("year"))
    return (
        Tally.objects.filter(
            of_indicator & among("indicator", "indicators") | ~of_indicator & among("task", "tasks"),
            count__gt=0,
            month__lt=given_day("until"),
        )
        .values("measure", whose=Case(When(of_indicator, then=F("indicator_id")), default=F("task_id")))
        .annotate(
            total=Sum("sum"), rows=Sum("count"), top=Max("max"), latest_day=Max("latest_on"),
            year_total=Sum("sum", filter=year), year_rows=Sum("count", filter=year), year_top=Max("max", filter=year),
        )
        .values_list(*STORED)
    )  # fmt: skip


def _join(found: dict[tuple[str, int], dict[str, Any]], cell: Tally) -> None:
    """Add a cell of the open month, which is of the year of the day, to the totals of the months before it."""
    of_indicator = cell.measure == Tally.Measure.INDICATOR
    whose = cell.indicator_id if of_indicator and cell.indicator_id else cell.task_id
    row = found.setdefault((cell.measure, whose), {"measure": cell.measure, "whose": whose})
    for name, value in (("total", cell.sum), ("rows", cell.count), ("year_total", cell.sum), ("year_rows", cell.count)):
        row[name] = (row.get(name) or 0) + value
    for name, top in (("top", cell.max), ("year_top", cell.max), ("latest_day", cell.latest_on)):
        row[name] = max(known for known in (row.get(name), top) if known is not None)


def _measures(stored: Sequence[Mapping[str, Any]]) -> dict[int, dict[str, dict[str, object]]]:
    """Return per task and measure (other than indicators) the count, total and last day."""
    found: dict[int, dict[str, dict[str, object]]] = defaultdict(dict)
    for row in stored:
        if row["measure"] != Tally.Measure.INDICATOR:
            found[row["whose"]][row["measure"]] = {
                "total": row["total"],
                "count": row["rows"],
                "latest_day": row["latest_day"],
            }
    return found


def _actuals(
    indicators: Sequence[Indicator], stored: Sequence[Mapping[str, Any]], months: _Months
) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """Return what was accepted per indicator up to the day, and this year; indicators without rows are absent.

    Amounts (flow, milestone) are added up unless their roll-up says otherwise. Levels take the last value of each unit
    and place, then roll up over these; a ratio is never added, its sum means the last value.
    """
    by_id = {indicator.pk: indicator for indicator in indicators}
    lasts = _lasts([indicator.pk for indicator in indicators if needs_last(indicator)], months)
    actual: dict[int, Decimal] = {}
    in_year: dict[int, Decimal] = {}
    for row in stored:
        if row["measure"] != Tally.Measure.INDICATOR:
            continue
        indicator = by_id[row["whose"]]
        values = lasts[indicator.pk]
        actual[indicator.pk] = rolled_up(indicator, row["total"], row["rows"], row["top"], values)
        if row["year_rows"]:
            recent = [pair for pair in values if pair[0].year == months.day.year]
            in_year[indicator.pk] = rolled_up(indicator, row["year_total"], row["year_rows"], row["year_top"], recent)
    return actual, in_year


def _lasts(indicator_ids: list[int], months: _Months) -> dict[int, list[tuple[datetime.date, Decimal]]]:
    """Return (day, value) of the last value of each unit and place, per indicator; one query, none without ids."""
    newest = rows_of("lasts", _newest, indicators=indicator_ids, until=months.until) if indicator_ids else []
    last: dict[tuple[Any, ...], tuple[datetime.date, Decimal]] = {}
    for pk, unit, place, day, value in newest:
        if day is not None and value is not None:
            last[pk, unit, place] = (day, value)
    for cell in months.cells:
        if cell.latest_on is not None and cell.latest is not None:
            last[cell.indicator_id, cell.unit_id, cell.locality_id] = (cell.latest_on, cell.latest)
    found: dict[int, list[tuple[datetime.date, Decimal]]] = defaultdict(list)
    for (pk, _unit, _place), pair in last.items():
        found[pk].append(pair)
    return found


def _newest() -> QuerySet[Any, Any]:
    """The last value of each given indicator, unit and place before the day "until"."""
    return (
        Tally.objects.filter(among("indicator", "indicators"), count__gt=0, month__lt=given_day("until"))
        .order_by("indicator_id", "unit_id", "locality_id", "-latest_on")
        .distinct("indicator_id", "unit_id", "locality_id")
        .values_list("indicator_id", "unit_id", "locality_id", "latest_on", "latest")
    )


def needs_last(indicator: Indicator) -> bool:
    """Whether the last values say where the indicator stands (see rolled_up); a sum of amounts needs none."""
    if indicator.roll_up == Indicator.RollUp.MAX:
        return False
    is_amount = indicator.kind in figures.ADDED_UP
    return not (is_amount and indicator.roll_up in {Indicator.RollUp.SUM, Indicator.RollUp.AVERAGE})


def rolled_up(
    indicator: Indicator, total: Decimal, count: int, top: Decimal, lasts: list[tuple[datetime.date, Decimal]]
) -> Decimal:
    """Return where an indicator stands from the sum, number and highest of its totals and its last values."""
    is_amount = indicator.kind in figures.ADDED_UP
    match indicator.roll_up:
        case Indicator.RollUp.MAX:
            return top
        case Indicator.RollUp.AVERAGE if is_amount:
            return total / count
        case Indicator.RollUp.AVERAGE:
            return sum((value for _day, value in lasts), Decimal(0)) / len(lasts)
        case Indicator.RollUp.SUM if is_amount:
            return total
        case Indicator.RollUp.SUM if indicator.kind == Indicator.Kind.STOCK:
            return sum((value for _day, value in lasts), Decimal(0))
    return max(lasts)[1]
