"""Due work as a table within one statement of SQL, for pages that ask several small things of all of it at once.

A statement begins with `table(...)` and goes on with what it asks of `due`: the rows of `due.rows`, so that its numbers
are those of the lists. Where numbers are all that is asked, it begins with `cells(...)`: the same work by programme,
unit and kind, from the stored counts.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

from activities.services.due_cells import DATES
from core.statements import Statement, compose, of
from insights import due
from insights.scope import live_programmes
from partners.models import scope_of

if TYPE_CHECKING:
    from core.models import User
    from insights.scope import Scope

# name → type in SQL
COLUMNS = {"kind": "text", "thing": "bigint", "task_id": "bigint", "programme_id": "bigint", "owner_id": "bigint",
           "unit_id": "bigint", "due_on": "date", "finished_on": "date"}  # fmt: skip
# What a row is called, as due_words takes it: [title, form, period]. For the few rows that are shown: the view has
# these columns too, but carrying a hundred thousand titles through a statement doubles its time.
WORDS = """CASE kind
WHEN 'deadline' THEN (SELECT json_build_array(t.title, '', d.period) FROM agreements_taskdeadline d
                        JOIN agreements_task t ON t.id = d.task_id WHERE d.id = thing)
WHEN 'report' THEN (SELECT json_build_array(r.title, r.kind, r.period) FROM activities_reportduty r WHERE r.id = thing)
WHEN 'directive' THEN (SELECT json_build_array(i.text, '', '') FROM activities_directive i WHERE i.id = thing)
ELSE (SELECT json_build_array(m.name, m.kind, '') FROM agreements_milestone m WHERE m.id = thing) END"""
ALL = Statement("true", ())
# Programmes whose due work changed since it was counted are counted here.
CELLS = """WITH seen (id) AS MATERIALIZED (:seen), marked AS MATERIALIZED (
SELECT id FROM seen WHERE EXISTS (SELECT 1 FROM activities_duemark m WHERE m.programme_id = seen.id)
), cells AS MATERIALIZED (
SELECT programme_id, unit_id, kind, open_on, on_time_on, late_on FROM seen JOIN activities_duecell c
    ON c.programme_id = seen.id WHERE seen.id NOT IN (SELECT id FROM marked)
 UNION ALL
SELECT marked.id, found.* FROM marked JOIN LATERAL (
       SELECT unit_id, kind, :dates FROM activities_duework WHERE programme_id = marked.id GROUP BY unit_id, kind
       ) found ON true
)"""
CELLS_OF_ROWS = (
    "WITH cells AS MATERIALIZED (SELECT programme_id, unit_id, kind, :dates FROM (:rows) r GROUP BY 1, 2, 3)"
)
# How many rows are in each of the national four, in their order (insights.dashboard.units.FOUR): dates after :before
# up to :last count. width_bucket() tells how many of the dates of a cell, which are in order, are not after another.
FOUR = """sum(GREATEST(width_bucket(LEAST(:last, :yesterday), open_on) - width_bucket(:before, open_on), 0)) AS overdue,
sum(width_bucket(:last, on_time_on) - width_bucket(:before, on_time_on)) AS on_time,
sum(width_bucket(:last, late_on) - width_bucket(:before, late_on)) AS late,
sum(GREATEST(width_bucket(:last, open_on) - width_bucket(GREATEST(:before, :yesterday), open_on), 0)) AS within"""
COUNTED = """counted AS MATERIALIZED (
SELECT * FROM (SELECT :keys, :four FROM cells GROUP BY :keys) sums WHERE overdue + on_time + late + within > 0
)"""
ONE_DAY = datetime.timedelta(days=1)
EVER = ("-infinity", "infinity")


def cells(user: User, scope: Scope) -> Statement:
    """Return the beginning of a statement in which `cells` is all that the person sees due: programme_id, unit_id,
    kind and, each in order, the due dates open_on, on_time_on, late_on. What is visible of a cell is all of it.

    The period is that of the due date and left to `counted`.
    """
    dates = Statement(DATES, ())
    everything = replace(scope, period="")
    if scope_of(user).partner_ids:  # sees of a programme what is its own, which the stored counts tell no better
        rows = due.rows(user, due.Filters(scope=everything)).order_by()
        columns = ("programme_id", "unit_id", "kind", "due_on", "finished_on")
        return compose(CELLS_OF_ROWS, dates=dates, rows=of(rows.values_list(*columns), *(COLUMNS[c] for c in columns)))
    return compose(CELLS, dates=dates, seen=of(live_programmes(everything, user).order_by().values_list("pk")))


def bounds(scope: Scope, day: datetime.date) -> dict[str, Statement]:
    """Return the period as FOUR names it: the last day before it, its last day; and the day before `day`."""
    first, end = scope.window or (None, None)
    before, last = (first - ONE_DAY, end - ONE_DAY) if first and end else EVER
    return {
        name: compose(":day::date", day=value)
        for name, value in {"before": before, "last": last, "yesterday": day - ONE_DAY}.items()
    }


def counted(scope: Scope, day: datetime.date, keys: str) -> Statement:
    """Return `counted`, to go on with after `cells`: by the keys, columns of it, overdue, on_time, late and within, of
    whom any is due in the period."""
    return compose(COUNTED, keys=Statement(keys, ()), four=compose(FOUR, **bounds(scope, day)))


def table(user: User, scope: Scope) -> Statement:
    """Return the beginning of a statement in which `due` (COLUMNS) is all that the person sees due.

    The period is that of the due date and left to `within`, so that one statement can also ask beyond it.
    """
    rows = due.rows(user, due.Filters(scope=replace(scope, period=""))).order_by().values_list(*COLUMNS)
    return compose(f"WITH due ({', '.join(COLUMNS)}) AS MATERIALIZED (:rows)", rows=of(rows, *COLUMNS.values()))


def within(scope: Scope) -> Statement:
    """Return the condition that work is due in the period; always true without one."""
    if not scope.window:
        return ALL
    return compose("due_on >= :first AND due_on < :end", first=scope.window[0], end=scope.window[1])
