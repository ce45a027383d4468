"""The stored totals and what reads them: Tally, ProgrammeFigure, DailyFigure (design.md section 2).

How other rooms use it, always inside their own transaction:

accepting   change the row → record_result(cells=[ResultCell(…), …]) → refresh_figure(programme_id) → audit.log
revoking    change the row → remove_result(cells=[…], remaining=rows_of) → refresh_figure(programme_id) → audit.log
            where rows_of(key) returns the cells of all rows still accepted in that task × measure × indicator × unit ×
            locality × month; it is called after the total is locked, so it must query then, not before
changing    a target, deadline, weight, state of a task or period of a programme → refresh_figure(programme_id)
a day over  record_due_work(day, counted) with how much was due of all kinds (activities.services.due_kept)
pages       task_figures(tasks) for the figures of many tasks in at most five queries; ProgrammeFigure for programmes
recount     differences(cells) and rebuild(cells) with a query of the cells of every accepted row

An accepted activity gives one cell of measure "activities" with value 1, and one of "persons", "households", "turns",
"value" for each of these that is filled; an accepted measurement gives one of measure "indicator".
"""

from agreements.services.results.cells import (
    CellKey,
    ResultCell,
    record_result,
    remove_result,
)
from agreements.services.results.proof import CellQuery, differences, rebuild
from agreements.services.results.stored import (
    AT_ONCE,
    DueOfDay,
    figures_as_of,
    programme_figure,
    programme_figures,
    record_declared,
    record_due_work,
    refresh_all,
    refresh_figure,
    refresh_figures,
)
from agreements.services.results.totals import DayRows, IndicatorTotals, TaskTotals, needs_last, task_figures

__all__ = [
    "AT_ONCE",
    "CellKey",
    "CellQuery",
    "DayRows",
    "DueOfDay",
    "IndicatorTotals",
    "ResultCell",
    "TaskTotals",
    "differences",
    "figures_as_of",
    "needs_last",
    "programme_figure",
    "programme_figures",
    "rebuild",
    "record_declared",
    "record_due_work",
    "record_result",
    "refresh_all",
    "refresh_figure",
    "refresh_figures",
    "remove_result",
    "task_figures",
]
