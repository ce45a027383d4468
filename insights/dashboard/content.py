"""Section by content group: how the tasks of each of the common groups stand, how many have data, what was done."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from agreements import figures
from agreements.models import ContentGroup, Tally, Task
from agreements.services.results import task_figures
from insights.dashboard.frame import Table
from insights.dashboard.overview import standing_tag
from insights.dashboard.units import per_cent
from insights.scope import Scope, live_tasks, totals

if TYPE_CHECKING:
    import datetime
    from decimal import Decimal

    from core.models import User

OTHER = "khac"  # tasks that were put into no group
WITH_DATA, WITHOUT_DATA = "co", "chua"
MOST_TASKS = 3000  # read at once; past it a reader is asked to choose a committee, field or partner
UNREAD = ("span", "spans", "deliverable", "search_text", "sort_key", "programme__spans", "programme__reports_asked")


@dataclass(frozen=True)
class GroupRow:
    """One content group, or the tasks in none. totals: as of a programme, over these tasks; None = too many to read."""

    group: ContentGroup | None
    scope: Scope
    tasks: int
    totals: figures.ProgrammeTotals | None
    activities: int

    @property
    def code(self) -> str:
        """What stands in the address."""
        return self.group.code if self.group else OTHER

    @property
    def done(self) -> Decimal | None:
        """Progress in per cent as the bar takes it."""
        progress = self.totals.progress if self.totals else None
        return None if progress is None else progress * 100

    @property
    def expected(self) -> Decimal | None:
        """What should be reached by now in per cent, the tick of the bar."""
        share = self.totals.expected if self.totals else None
        return None if share is None else figures.cap(share) * 100

    @property
    def standing(self) -> str:
        """behind, on_track, ahead, too_early or no_data."""
        return self.totals.standing if self.totals else figures.NO_DATA

    @property
    def is_behind(self) -> bool:
        """Whether the gap is hatched and named."""
        return self.standing == figures.BEHIND

    @property
    def points(self) -> int | None:
        """Points between what should be reached and what is; None without data."""
        return figures.points_behind(self.totals.progress, self.totals.expected) if self.totals else None

    @property
    def words(self) -> str | None:
        """How it stands, as the table says it; None where there were too many tasks to read."""
        if not self.tasks:
            return _("no task")
        return str(standing_tag(self.standing, self.points)["label"]) if self.totals else None

    @property
    def with_data(self) -> int | None:
        """Tasks with accepted data."""
        return self.totals.tasks_with_data if self.totals else None

    @property
    def tasks_url(self) -> str:
        """Address of its tasks."""
        return self.scope.url("insights:dashboard_tasks", noi_dung=self.code)

    @property
    def with_data_url(self) -> str:
        """Address of those with data."""
        return self.scope.url("insights:dashboard_tasks", noi_dung=self.code, so_lieu=WITH_DATA)

    @property
    def activities_url(self) -> str:
        """Address of the accepted activities."""
        return self.scope.url("insights:dashboard_activities", noi_dung=self.code)


@dataclass(frozen=True)
class Content:
    """The groups in the order of the taxonomy, those without a task last, and all tasks together."""

    rows: list[GroupRow]
    all_tasks: int
    with_data: int | None
    activities: int
    is_too_much: bool

    @property
    def behind(self) -> list[GroupRow]:
        """Groups that are behind, the slowest pace first."""
        late = [row for row in self.rows if row.is_behind and row.totals]
        return sorted(late, key=lambda row: row.totals.pace or figures.ZERO if row.totals else figures.ZERO)

    @property
    def measured(self) -> int:
        """Groups of which a pace can be told."""
        return sum(row.standing in {figures.BEHIND, figures.ON_TRACK, figures.AHEAD} for row in self.rows)

    @property
    def table(self) -> Table:
        """The same numbers for a spreadsheet; shares in per cent."""
        heads = (_("Content group"), _("Reached, %"), _("Expected by now, %"), _("Standing"), _("Tasks"),
                 _("Tasks with data"), _("Accepted activities"))  # fmt: skip
        rows: list[tuple[object, ...]] = [
            (row.group or _("In no group"), per_cent(row.totals.progress) if row.totals else None,
             per_cent(row.totals.expected) if row.totals else None, row.words, row.tasks, row.with_data,
             row.activities)
            for row in self.rows
        ]  # fmt: skip
        rows.append((_("Total"), None, None, None, self.all_tasks, self.with_data, self.activities))
        return Table("noi-dung", heads, rows)


def in_group(code: str) -> Q:
    """Return the condition on tasks of a group by its code."""
    return Q(content_group=None) if code == OTHER else Q(content_group__code=code)


def tasks_read(user: User, scope: Scope, group: str = "") -> list[Task] | None:
    """Return the live tasks of the conditions with their programmes; None where there are more than MOST_TASKS."""
    rows = live_tasks(scope, user).filter(in_group(group) if group else Q()).order_by("pk")
    found: list[Task] = list(rows.select_related("programme").defer(*UNREAD)[: MOST_TASKS + 1])
    return found if len(found) <= MOST_TASKS else None


def read(user: User, scope: Scope, day: datetime.date) -> Content:
    """Return the section; progress up to the day over the whole period of each programme."""
    groups = {group.pk: group for group in ContentGroup.objects.all()}
    done = totals(scope, user, Tally.Measure.ACTIVITIES).order_by().values("task__content_group")
    activities = dict(done.annotate(n=Sum("count")).values_list("task__content_group", "n"))
    tasks = tasks_read(user, scope)
    sets: dict[int | None, list[tuple[Decimal, figures.TaskFigure]]] = defaultdict(list)
    counts: dict[int | None, int] = defaultdict(int)
    if tasks is None:
        for pk in live_tasks(scope, user).values_list("content_group", flat=True):
            counts[pk] += 1
    else:
        found = task_figures(tasks, day=day)
        for task in tasks:
            sets[task.content_group_id].append((task.weight, found[task.pk].figure))
            counts[task.content_group_id] += 1
    rows = [
        GroupRow(groups.get(pk) if pk else None, scope, counts[pk],
                 None if tasks is None else figures.programme_totals(sets[pk]), activities.get(pk, 0))
        for pk in (*groups, None)
        if pk or counts[None] or activities.get(None)
    ]  # fmt: skip
    rows.sort(key=lambda row: not row.tasks)
    return Content(
        rows=rows,
        all_tasks=sum(counts.values()),
        with_data=None if tasks is None else sum(row.with_data or 0 for row in rows),
        activities=sum(activities.values()),
        is_too_much=tasks is None,
    )
