"""Writes of the agreements room: each takes the actor first, checks the right again and leaves an audit entry."""

from agreements.services.deadlines import confirm_deadline, report_deadline, return_deadline
from agreements.services.legal import (
    add_alias,
    drop_alias,
    drop_relation,
    expire_due_documents,
    find_or_enter,
    import_documents,
    keep_basis,
    load_documents,
    merge_documents,
    relate,
    save_document,
)
from agreements.services.lifecycle import end_due_programmes, missing_for, move_programme, start_due_tasks
from agreements.services.papers import add_document, download_document
from agreements.services.programmes import (
    hand_over,
    open_items,
    register_programme,
    save_bases,
    save_goals,
    save_identity,
    save_parties,
)
from agreements.services.results import (
    ResultCell,
    record_result,
    refresh_all,
    refresh_figure,
    remove_result,
    task_figures,
)
from agreements.services.tasks import change_task_state, extend_deadline, save_task, start_task

__all__ = [
    "ResultCell",
    "add_alias",
    "add_document",
    "change_task_state",
    "confirm_deadline",
    "download_document",
    "drop_alias",
    "drop_relation",
    "end_due_programmes",
    "expire_due_documents",
    "extend_deadline",
    "find_or_enter",
    "hand_over",
    "import_documents",
    "keep_basis",
    "load_documents",
    "merge_documents",
    "missing_for",
    "move_programme",
    "open_items",
    "record_result",
    "refresh_all",
    "refresh_figure",
    "register_programme",
    "relate",
    "remove_result",
    "report_deadline",
    "return_deadline",
    "save_bases",
    "save_document",
    "save_goals",
    "save_identity",
    "save_parties",
    "save_task",
    "start_due_tasks",
    "start_task",
    "task_figures",
]
