"""Section by goal and indicator: result against target, what should be there by now, by programme and goal.

Over the whole period of each programme, as its own page shows it; with a period chosen, against the targets of that
period (agreements.figures.within). An indicator without target is shown, never counted.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Sum
from django.utils.translation import gettext as _

from agreements import figures
from agreements.models import Indicator, Tally, Target, Task
from agreements.services.results import task_figures
from insights.dashboard.frame import Table
from insights.dashboard.overview import standing_tag
from insights.dashboard.units import per_cent
from insights.scope import Scope, live_tasks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from agreements.models import Goal, Programme
    from agreements.services.results import IndicatorTotals
    from core.models import User

MOST_TASKS = 3000  # with indicators, read at once
ONE_DAY = datetime.timedelta(days=1)
UNREAD = ("span", "spans", "deliverable", "search_text", "programme__spans", "programme__reports_asked", "goal__span")
NO_TARGET = "no_target"
# value of ?muc-do= → standings of the rows it leaves; the numbers of the finding link to them
BEHIND, COUNTED, WITHOUT_DATA, WITHOUT_TARGET = "cham", "co-chi-tieu", "chua-co-so-lieu", "chua-co-chi-tieu"
LEVELS = (BEHIND, COUNTED, WITHOUT_DATA, WITHOUT_TARGET)
Window = tuple[datetime.date, datetime.date]  # half-open


@dataclass(frozen=True)
class IndicatorRow:
    """One bullet row. Values in the unit of the indicator, shares 0 to 1; None = no data.

    standing: as of figures, or "no_target" where nothing says what 100 % is.
    """

    indicator: Indicator
    task: Task
    scope: Scope
    actual: Decimal | None
    target: Decimal | None
    start: Decimal | None  # where the level is counted from
    progress: Decimal | None
    expected: Decimal | None
    standing: str

    @property
    def drawn_from(self) -> Decimal | None:
        """Left end of the bar; a level to be held has no way to go and is drawn from nought."""
        return None if self.start == self.target else self.start

    @property
    def is_behind(self) -> bool:
        """Whether the gap is hatched and named."""
        return self.standing == figures.BEHIND

    @property
    def is_counted(self) -> bool:
        """Whether it is one of those of which the finding speaks."""
        return self.standing != NO_TARGET

    @property
    def is_reached(self) -> bool:
        """Whether the target is reached or passed."""
        return self.progress is not None and self.progress >= 1

    @property
    def elapsed(self) -> Decimal | None:
        """What should be there by now, in per cent of the target."""
        return None if self.expected is None else self.expected * 100

    @property
    def points(self) -> int | None:
        """Points between what should be reached and what is."""
        return figures.points_behind(self.progress, self.expected)

    @property
    def words(self) -> str:
        """How it stands, as the table says it."""
        if self.is_reached:
            return _("Reached")
        is_told = self.is_counted
        return str(standing_tag(self.standing, self.points)["label"]) if is_told else _("No target, not counted")

    @property
    def pace(self) -> Decimal:
        """s = p ÷ e; 1 where it cannot be told, so that the slowest come first."""
        return figures.pace(self.progress, self.expected) or figures.ONE

    @property
    def url(self) -> str:
        """Address of the accepted values that its result is made of."""
        return self.scope.url("insights:dashboard_values", self.indicator.pk)


@dataclass(frozen=True)
class GoalGroup:
    """The indicators of one goal of one programme; goal None = tasks under no goal."""

    programme: Programme
    goal: Goal | None
    rows: list[IndicatorRow]
    is_first: bool  # of its programme


@dataclass(frozen=True)
class Indicators:
    """All indicators of the conditions by programme, the one with the most behind first."""

    rows: list[IndicatorRow]
    is_too_much: bool = False

    def at(self, level: str) -> list[IndicatorRow]:
        """Return the rows of one of LEVELS, all for ""."""
        wanted = {
            BEHIND: self.behind,
            COUNTED: self.counted,
            WITHOUT_DATA: [row for row in self.rows if row.standing == figures.NO_DATA],
            WITHOUT_TARGET: [row for row in self.rows if not row.is_counted],
        }
        return self.rows if not level else _ordered(wanted[level])

    @property
    def counted(self) -> list[IndicatorRow]:
        """Those with a target."""
        return [row for row in self.rows if row.is_counted]

    @property
    def behind(self) -> list[IndicatorRow]:
        """Those behind, the slowest first."""
        return sorted((row for row in self.rows if row.is_behind), key=lambda row: row.pace)

    @property
    def table(self) -> Table:
        """The same numbers for a spreadsheet; shares in per cent."""
        heads = (_("Programme"), _("From"), _("To"), _("Goal"), _("Indicator"), _("Lead"), _("Unit of measure"),
                 _("Result"), _("Direction"), _("Target"), _("Reached, %"), _("Expected by now, %"),
                 _("Standing"))  # fmt: skip
        rows = [
            (row.task.programme.name, row.task.programme.starts_on, row.task.programme.ends_on,
             row.task.goal.text if row.task.goal else None, row.indicator.name, row.task.lead, row.indicator.unit,
             plain(row.actual), row.indicator.get_direction_display(), plain(row.target), per_cent(row.progress),
             per_cent(row.expected), row.words)
            for row in self.rows
        ]  # fmt: skip
        return Table("chi-tieu", heads, rows)


def plain(value: Decimal | None) -> Decimal | None:
    """Return a value without the noughts that its column stores behind the comma."""
    return None if value is None else value.normalize() + 0


def grouped(rows: Iterable[IndicatorRow]) -> list[GoalGroup]:
    """Return rows that stand in the order of `read` under their programmes and goals."""
    found, last = [], None
    for (programme, _goal), own in groupby(rows, key=lambda row: (row.task.programme_id, row.task.goal_id)):
        listed = list(own)
        found.append(GoalGroup(listed[0].task.programme, listed[0].task.goal, listed, programme != last))
        last = programme
    return found


def read(user: User, scope: Scope, day: datetime.date) -> Indicators:
    """Return the section; in seven queries at most."""
    with_any = Indicator.objects.order_by().values("task")
    wanted = live_tasks(scope, user).filter(pk__in=with_any).select_related("programme", "goal", "lead").defer(*UNREAD)
    tasks: list[Task] = list(wanted.order_by("pk")[: MOST_TASKS + 1])
    if len(tasks) > MOST_TASKS:
        return Indicators([], is_too_much=True)
    window = scope.window
    until = min(day, window[1] - ONE_DAY) if window else day
    found = task_figures(tasks, day=until)
    if window:
        targets = _targets(tasks)
        sums = _sums(tasks, window)
    rows = []
    for task in tasks:
        for item in found[task.pk].indicators:
            if window:
                rows.append(_of_window(item, task, scope, window, targets[item.indicator.pk], sums, until))
            else:
                rows.append(_whole(item, task, scope))
    return Indicators(_ordered(rows))


def _whole(item: IndicatorTotals, task: Task, scope: Scope) -> IndicatorRow:
    standing = NO_TARGET if item.target is None or item.expected is None else item.standing
    return IndicatorRow(
        item.indicator, task, scope, item.actual, item.target, item.indicator.baseline, item.progress, item.expected,
        standing,
    )  # fmt: skip


def _targets(tasks: list[Task]) -> dict[int, list[figures.Period]]:
    found: dict[int, list[figures.Period]] = defaultdict(list)
    for row in Target.objects.filter(indicator__task__in=tasks).order_by("starts_on"):
        found[row.indicator_id].append(figures.Period(row.starts_on, row.ends_on, row.value))
    return found


def _sums(tasks: list[Task], window: Window) -> dict[int, Decimal]:
    """Return what was accepted of each indicator in the window, added up."""
    cells = Tally.objects.filter(task__in=tasks, measure=Tally.Measure.INDICATOR, count__gt=0)
    cells = cells.filter(month__gte=window[0], month__lt=window[1])
    return dict(cells.order_by().values("indicator").annotate(total=Sum("sum")).values_list("indicator", "total"))


def _of_window(
    item: IndicatorTotals,
    task: Task,
    scope: Scope,
    window: Window,
    periods: list[figures.Period],
    sums: dict[int, Decimal],
    until: datetime.date,
) -> IndicatorRow:
    """Judge an indicator by the targets of the chosen period: amounts by their sum in it, levels by the last value."""
    indicator = item.indicator
    is_sum = figures.adds_up(indicator.kind, indicator.roll_up)
    actual = sums.get(indicator.pk) if is_sum else item.actual
    whole = figures.Quantity(
        indicator.kind, indicator.direction, indicator.baseline, tuple(periods), None, indicator.roll_up
    )
    quantity = figures.within(whole, *window, actual)
    progress, expected = figures.quantity_progress(quantity), figures.quantity_expected(quantity, until)
    standing = figures.standing(progress, expected) if figures.is_measurable(quantity) else NO_TARGET
    return IndicatorRow(
        indicator, task, scope, actual, figures.target_of(quantity), quantity.baseline, progress, expected, standing
    )


def _ordered(rows: list[IndicatorRow]) -> list[IndicatorRow]:
    """Order by programme (the one with the most indicators behind first), goal, task."""
    late: dict[int, int] = defaultdict(int)
    for row in rows:
        late[row.task.programme_id] += row.is_behind

    def place(row: IndicatorRow) -> tuple[object, ...]:
        task, goal = row.task, row.task.goal
        return (-late[task.programme_id], task.programme.sort_key, task.programme_id, goal is None,
                (goal.position, goal.pk) if goal else (0, 0), task.position, task.pk, row.indicator.position,
                row.indicator.pk)  # fmt: skip

    return sorted(rows, key=place)
