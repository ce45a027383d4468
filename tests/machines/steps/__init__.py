"""The steps of a walk. Each draws one at random, says by the rules whether it must succeed, and how to take it."""

from __future__ import annotations

from tests.machines.steps import deadlines, directives, entries, programme, reports
from tests.machines.steps.base import Move, Step

__all__ = ["STEPS", "Move", "Step"]

# How often each is drawn, in proportion.
STEPS: dict[Step, int] = {
    entries.activity_save: 8,
    entries.activity_delete: 1,
    entries.activity_mark: 3,
    entries.activity_plan: 2,
    entries.paper_save: 5,
    **dict(zip(entries.ENTRY_STEPS, (9, 2, 10, 4, 3, 3), strict=True)),
    reports.report_begin: 3,
    reports.report_save: 4,
    **dict(zip(reports.REPORT_STEPS, (5, 2, 5, 2, 2, 2), strict=True)),
    reports.duty_step("waive"): 1,
    reports.duty_step("restore"): 2,
    reports.duty_step("move"): 1,
    directives.directive_issue: 2,
    **dict(zip(directives.DIRECTIVE_STEPS, (3, 1, 2, 1), strict=True)),
    deadlines.deadline_report: 4,
    deadlines.deadline_step("confirm", "done"): 2,
    deadlines.deadline_step("return", "returned"): 2,
    deadlines.deadline_step("undo", "awaiting"): 1,
    deadlines.deadline_extend: 1,
    deadlines.extension_ask: 1,
    deadlines.extension_step("grant", "granted"): 1,
    deadlines.extension_step("refuse", "refused"): 1,
    programme.task_stop: 2,
    programme.task_target: 1,
    programme.programme_move: 2,
    programme.time_passes: 2,
}
