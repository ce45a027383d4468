"""The stored counts of due work: changes leave marks, a count is what the view gives, also while others write."""

from __future__ import annotations

import datetime
import io
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone

from activities.management.commands.count_due_work import LOCK
from activities.models import Directive, DueCell, DueMark, DueWork, ProgressReport, ReportDuty
from activities.services import due_cells
from agreements.models import Milestone, Programme, Task, TaskDeadline
from tests import races
from tests.cast import Cast, make_cast
from tests.make import make_programme, make_task

if TYPE_CHECKING:
    from django.db.models import Model

DAY = datetime.date(2026, 11, 23)
READ = import_module("activities.migrations.0012_due_cells").READ
# A value for each column that the view reads, other than what `everything` wrote; "other" is another row.
OTHER: dict[str, Any] = {
    "agreements_programme": {"status": "ended", "owner_id": "committee"},
    "agreements_task": {"programme_id": "programme", "lead_id": "unit", "state": "done"},
    "agreements_taskdeadline": {"task_id": "task", "due_on": DAY, "done_on": DAY, "state": "cancelled"},
    "agreements_milestone": {"programme_id": "programme", "responsible_id": "unit", "due_on": DAY, "done_on": DAY},
    "activities_reportduty": {"programme_id": "programme", "unit_id": "unit", "due_on": DAY,
                              "waived_at": timezone.now()},
    "activities_progressreport": {"duty_id": "duty", "review": "draft", "submitted_at": timezone.now()},
    "activities_directive": {"programme_id": "programme", "unit_id": "unit", "due_on": DAY, "state": "issued",
                             "answered_at": timezone.now()},
}  # fmt: skip


def ago(days: int) -> datetime.date:
    return DAY - datetime.timedelta(days=days)


def make_duty(cast: Cast, programme: Programme, period: str) -> ReportDuty:
    return ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, kind="half_year", period=period,
        starts_on=ago(200), ends_on=ago(20), due_on=ago(10), waive_reason="Không còn cần.", waived_by=cast.hoa,
    )  # fmt: skip


def everything(cast: Cast, programme: Programme) -> dict[str, Model]:
    """Write one row in each table that the view reads and return them by table."""
    task = make_task(cast, programme, due_on=ago(3))
    task.deadlines.update(period="2026-Q3")
    deadline = task.deadlines.get()
    duty = make_duty(cast, programme, "2026-H1")
    report = ProgressReport.objects.create(
        duty=duty,
        author=cast.minh,
        acting_for=cast.health,
        submitted_by=cast.minh,
        review="submitted",
        submitted_at=timezone.now() - datetime.timedelta(days=9),
    )
    milestone = Milestone.objects.create(programme=programme, kind="interim_review", due_on=ago(5))
    directive = Directive.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, due_on=ago(3), text="Báo cáo.",
        author=cast.hoa, state="answered", answer="Xong.", answered_by=cast.minh,
        answered_at=timezone.now() - datetime.timedelta(days=9),
    )  # fmt: skip
    rows: list[Model] = [programme, task, deadline, milestone, duty, report, directive]
    return {row._meta.db_table: row for row in rows}


def marked() -> set[int]:
    return set(DueMark.objects.values_list("programme_id", flat=True))


def slow() -> set[tuple[Any, ...]]:
    """Return what DueCell must hold, by plain Python over every row of the view."""
    found: dict[tuple[int, int, str], tuple[list[datetime.date], ...]] = {}
    for row in DueWork.objects.all():
        cell = found.setdefault((row.programme_id, row.unit_id, row.kind), ([], [], []))
        cell[0 if row.finished_on is None else 1 if row.finished_on <= row.due_on else 2].append(row.due_on)
    return {(*key, *(tuple(sorted(dates)) for dates in cell)) for key, cell in found.items()}


def stored() -> set[tuple[Any, ...]]:
    columns = ("open_on", "on_time_on", "late_on")
    rows = DueCell.objects.values_list("programme_id", "unit_id", "kind", *columns)
    return {(*row[:3], *(tuple(dates) for dates in row[3:])) for row in rows}


def test_the_columns_watched_are_those_that_the_view_makes_due_work_of(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name FROM information_schema.view_column_usage"
                       " WHERE view_name = 'activities_duework'")  # fmt: skip
        used = set(cursor.fetchall())
    watched = {(table, column) for table, columns in READ.items() for column in columns}
    assert watched <= used
    told = {"id", "title", "text", "name", "kind", "period"}  # what a row is called, not where it counts
    told |= {"committee_id", "task_id"}  # of reports and directives: not how cells are told apart
    left = {(table, column) for table, column in used - watched if column not in told}
    assert left == {("partners_organisation", "path")}


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_the_demo_is_counted_as_its_rows_are(demo: None) -> None:
    assert not marked()
    assert stored() == slow()
    assert {kind for _programme, _unit, kind, *_dates in stored()} == set(DueWork.Kind.values)
    assert list(due_cells.differences()) == []


@pytest.mark.parametrize("table", READ)
def test_every_change_of_due_work_leaves_a_mark_and_no_other_change_does(cast: Cast, table: str) -> None:
    programme, other = make_programme(cast), make_programme(cast)
    row = everything(cast, programme)[table]
    others = {"programme": other.pk, "unit": cast.stranger.pk, "committee": cast.other_committee.pk,
              "task": make_task(cast, other).pk, "duty": make_duty(cast, other, "2025-H2").pk}  # fmt: skip
    assert marked() == {programme.pk, other.pk}
    rows = type(row)._default_manager.filter(pk=row.pk)
    for column in READ[table]:
        due_cells.count_due_work()
        value = OTHER[table][column]
        with transaction.atomic():
            rows.update(**{column: others.get(value, value)})
            assert programme.pk in marked(), column
            if column in {"programme_id", "task_id", "duty_id"}:
                assert other.pk in marked(), column
            due_cells.count_due_work()
            assert stored() == slow(), column
            transaction.set_rollback(True)
    due_cells.count_due_work()
    rows.update(**{column: getattr(row, column) for column in READ[table]})  # written as it was
    for name in {"title", "name", "text"} & {field.name for field in row._meta.fields}:
        rows.update(**{name: "Tên khác"})
    assert not marked()
    if table != "agreements_programme":
        if table == "activities_reportduty":
            ProgressReport.objects.filter(duty=row).delete()
            due_cells.count_due_work()
        row.delete()
        assert programme.pk in marked()
        due_cells.count_due_work()
        assert stored() == slow()


def test_a_programme_that_goes_takes_its_cells_along(cast: Cast) -> None:
    programme, stays = make_programme(cast), make_programme(cast)
    for one in (programme, stays):
        make_task(cast, one, due_on=ago(3))
    due_cells.count_due_work()
    with connection.cursor() as cursor:
        for table in ("agreements_taskdeadline", "agreements_task", "agreements_party", "agreements_programme"):
            key = {"agreements_programme": "id", "agreements_taskdeadline": "task_id"}.get(table, "programme_id")
            value = f"(SELECT id FROM agreements_task WHERE programme_id = {programme.pk})"
            of = f"IN {value}" if key == "task_id" else f"= {programme.pk}"
            cursor.execute(f"DELETE FROM {table} WHERE {key} {of}")
    due_cells.count_due_work()
    assert {cell[0] for cell in stored()} == {stays.pk}
    assert stored() == slow()


def test_a_wrong_count_is_named_and_counted_anew(cast: Cast) -> None:
    programme, other = make_programme(cast), make_programme(cast)
    for one in (programme, other):
        make_task(cast, one, due_on=ago(3))
    call_command("recount", stdout=io.StringIO())
    assert not marked()
    DueCell.objects.filter(programme=programme).update(late_on=[DAY])
    DueCell.objects.create(
        programme_id=0, unit=cast.health, kind="report", open_on=[], on_time_on=[], late_on=[]
    )  # of a programme that went while no trigger was at work
    lines = list(due_cells.differences())
    assert len(lines) == 2
    assert "programme 0: counted" in lines[0]
    assert f"programme {programme.pk}: deadline" in lines[1]
    with pytest.raises(CommandError, match="2 counts of due work differ"):
        call_command("recount", "--check", stdout=io.StringIO())
    DueMark.objects.create(programme_id=programme.pk)
    assert len(list(due_cells.differences())) == 1  # what is marked is not read, so it is not wrong
    call_command("recount", stdout=io.StringIO())
    assert list(due_cells.differences()) == []
    assert stored() == slow()


def test_the_timer_counts_what_changed_some_programmes_at_a_time(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_cells, "AT_ONCE", 2)
    for _number in range(5):
        make_task(cast, make_programme(cast), due_on=ago(3))
    call_command("count_due_work")
    assert "5 programmes" in capsys.readouterr().out
    assert stored() == slow()
    assert list(due_cells.differences()) == []
    call_command("count_due_work")
    assert capsys.readouterr().out == ""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        call_command("count_due_work")
        assert "another run" in capsys.readouterr().out
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_what_is_not_committed_while_others_are_counted_is_counted_later() -> None:
    """A change that was begun before and is committed after the count keeps its mark, and nobody waits."""
    cast = make_cast()
    task = make_task(cast, make_programme(cast), due_on=ago(3))
    due_cells.count_due_work()
    changed, counted = threading.Event(), threading.Event()

    def change() -> None:
        with transaction.atomic():
            TaskDeadline.objects.filter(task=task).update(state="done", done_on=ago(4))
            changed.set()
            assert counted.wait(30)

    pool = races.threads(1)
    try:
        running = pool.submit(change)
        assert changed.wait(30)
        Task.objects.filter(pk=task.pk).update(lead=cast.stranger)  # another change of the same programme
        assert due_cells.count_due_work() == 1  # at once, though the other is still open
        assert not marked()
        assert stored() == slow()
        counted.set()
        running.result(30)
        assert marked() == {task.programme_id}
        due_cells.count_due_work()
        assert stored() == slow()
    finally:
        counted.set()
        races.close(pool, 1)


@pytest.mark.django_db(transaction=True)
def test_counting_beside_writers_ends_with_the_right_count() -> None:
    cast = make_cast()
    tasks = [make_task(cast, make_programme(cast), due_on=ago(3)) for _number in range(4)]
    over = threading.Event()

    def write(place: int) -> None:
        for turn in range(40):
            with transaction.atomic():  # two programmes, in the opposite order of the other writer
                for task in tasks if (place + turn) % 2 else reversed(tasks):
                    is_done = (turn + place) % 3 == 0
                    TaskDeadline.objects.filter(task=task, version=place).update(
                        state="done" if is_done else "open", done_on=ago(turn) if is_done else None
                    )

    def count() -> int:
        rounds = 0
        while not over.is_set():
            due_cells.count_due_work()
            wrong = list(due_cells.differences())
            assert not wrong, wrong
            rounds += 1
        return rounds

    for place in (1, 2):  # rows of their own, so that the writers wait for nobody but through the marks
        for task in tasks:
            task.deadlines.create(original_due_on=ago(place), due_on=ago(place), period=f"2026-Q{place}", version=place)
    pool = races.threads(3)
    try:
        counting = pool.submit(count)
        for writing in [pool.submit(write, place) for place in (1, 2)]:
            writing.result(60)
        over.set()
        assert counting.result(30) > 1
    finally:
        over.set()
        races.close(pool, 3)
    due_cells.count_due_work()
    assert stored() == slow()
    assert list(due_cells.differences()) == []
