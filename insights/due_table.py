"""Due work as a table within one statement of SQL, for pages that ask several small things of all of it at once.

A statement begins with `table(...)` and goes on with what it asks of `due`: the rows of `due.rows`, so that its numbers
are those of the lists.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.statements import Statement, compose, of
from insights import due

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
# How many rows are in each of the national four, in their order (insights.dashboard.units.FOUR).
FOUR = """count(*) FILTER (WHERE finished_on IS NULL AND due_on < :day) AS overdue,
count(*) FILTER (WHERE finished_on <= due_on) AS on_time, count(*) FILTER (WHERE finished_on > due_on) AS late,
count(*) FILTER (WHERE finished_on IS NULL AND due_on >= :day) AS within"""


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
