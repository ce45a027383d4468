"""Stored totals: what goes in comes out again, and programmes show it."""

from __future__ import annotations

import datetime
import threading
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from agreements.models import DailyFigure, Indicator, Programme, ProgrammeFigure, Tally, Target
from agreements.services import results
from agreements.services.results import ResultCell
from core.models import User
from partners.models import FieldOfWork, Locality, Membership, Organisation
from tests.cast import make_cast
from tests.make import make_indicator, make_programme, make_task

DAY = datetime.date(2025, 3, 15)


@pytest.fixture
def task(cast):
    return make_task(cast, due_on=None)


@pytest.fixture
def cell(cast, task):
    indicator = make_indicator(task)

    def build(value=10, day=DAY, **changes) -> ResultCell:
        values = {
            "task_id": task.pk,
            "measure": "indicator",
            "indicator_id": indicator.pk,
            "unit_id": cast.health.pk,
            "day": day,
            "value": Decimal(value),
        }
        return ResultCell(**values | changes)

    return build


def as_query(*cells: ResultCell) -> results.CellQuery:
    """The cells as the query of all accepted rows would give them."""
    types = ("bigint", "text", "bigint", "bigint", "bigint", "date", "numeric", "numeric", "numeric")
    row = ", ".join(f"%s::{one}" for one in types)
    params = []
    for one in cells:
        params += [one.task_id, one.measure, one.indicator_id, one.unit_id, one.locality_id, one.day]
        params += [one.value, one.numerator, one.denominator]
    parts = [f"SELECT {row}"] * len(cells) or [f"SELECT {', '.join(f'NULL::{one}' for one in types)} WHERE false"]
    return results.CellQuery(" UNION ALL ".join(parts), params)


def test_recorded_values_add_up_in_their_month(cell):
    results.record_result(cells=[cell(10), cell(5, datetime.date(2025, 3, 1)), cell(7, datetime.date(2025, 4, 1))])
    march, april = Tally.objects.order_by("month")
    assert (march.sum, march.count, march.max, march.latest, march.latest_on) == (15, 2, 10, 10, DAY)
    assert april.sum == 7


def test_localities_and_measures_are_kept_apart(cell, cast):
    results.record_result(
        cells=[cell(1), cell(2, locality_id=cast.commune.pk), cell(3, measure="persons", indicator_id=None)]
    )
    assert sorted(Tally.objects.values_list("sum", flat=True)) == [1, 2, 3]


def test_of_two_values_on_one_day_the_higher_is_the_latest_whatever_the_order(cell):
    results.record_result(cells=[cell(9)])
    results.record_result(cells=[cell(4)])
    assert Tally.objects.get().latest == 9


def test_removing_recomputes_the_cell_from_what_stays(cell):
    stays, goes = cell(4, datetime.date(2025, 3, 2)), cell(9)
    results.record_result(cells=[stays, goes])
    asked = []

    def remaining(key):
        asked.append(key)
        return [stays]

    results.remove_result(cells=[goes], remaining=remaining)
    row = Tally.objects.get()
    assert (row.sum, row.count, row.max, row.latest, row.latest_on) == (4, 1, 4, 4, datetime.date(2025, 3, 2))
    assert asked == [goes.key]
    assert results.differences(as_query(stays)) == []


def test_removing_the_last_value_leaves_no_data_not_zero(cell, task):
    results.record_result(cells=[cell()])
    results.remove_result(cells=[cell()])
    assert results.differences(as_query()) == []
    assert results.task_figures([task], day=DAY)[task.pk].indicators[0].actual is None


def test_rows_of_another_cell_are_refused(cell):
    results.record_result(cells=[cell()])
    with pytest.raises(ValueError):
        results.remove_result(cells=[cell()], remaining=lambda key: [cell(day=datetime.date(2024, 1, 1))])
    assert Tally.objects.get().sum == 10


def test_nothing_to_record_is_nothing_written(db):
    results.record_result(cells=[])
    assert not Tally.objects.exists()


def test_differences_name_a_wrong_total_and_rebuild_repairs_it(cell):
    results.record_result(cells=[cell()])
    Tally.objects.update(sum=11)
    assert len(results.differences(as_query(cell()))) == 1
    assert results.rebuild(as_query(cell())) == 1
    assert results.differences(as_query(cell())) == []


def test_rebuilt_totals_are_those_of_recording_whatever_is_empty(cell, cast):
    cells = [
        cell(9, locality_id=cast.commune.pk),
        cell(4, datetime.date(2025, 3, 20), locality_id=cast.commune.pk),
        cell(6, datetime.date(2025, 3, 20), locality_id=cast.commune.pk, numerator=Decimal(1), denominator=Decimal(3)),
        cell(2, measure="persons", indicator_id=None),
        cell(8, datetime.date(2024, 2, 29)),
    ]
    results.record_result(cells=cells)
    columns = [field.attname for field in Tally._meta.fields if field.attname != "id"]
    recorded = set(Tally.objects.values_list(*columns))
    kept = set(Tally.objects.values_list("pk", flat=True))
    assert results.differences(as_query(*cells)) == []
    assert results.rebuild(as_query(*cells)) == len(recorded) == 3
    assert set(Tally.objects.values_list("pk", flat=True)) == kept  # rows that are right stay
    Tally.objects.all().delete()
    assert len(results.differences(as_query(*cells))) == 3
    results.rebuild(as_query(*cells))
    assert set(Tally.objects.values_list(*columns)) == recorded


def test_more_differences_than_are_shown_are_counted(cell, monkeypatch):
    monkeypatch.setattr(results.proof, "SHOWN", 1)
    found = results.differences(
        as_query(cell(1), cell(2, datetime.date(2024, 1, 5)), cell(3, datetime.date(2023, 1, 5)))
    )
    assert found[1:] == ["and 2 more"]
    assert "stored nothing; accepted rows 3, 1, 3, 3" in found[0]


def test_figures_of_many_programmes_and_days_are_those_of_one(cell, cast, task):
    make_programme(cast, code="CT-2025-099", title="Không có việc")
    results.record_result(cells=[cell(10), cell(1, measure="activities", indicator_id=None)])
    programmes = list(Programme.objects.order_by("pk"))
    days = [DAY, datetime.date(2025, 2, 28)]
    found = {(row.pk, day): values for row, day, values in results.programme_figures(programmes, days)}
    assert found == {(row.pk, day): results.programme_figure(row, day=day) for row in programmes for day in days}
    assert found[task.programme_id, DAY]["activities"] == 1
    assert found[task.programme_id, days[1]]["activities"] == 0
    results.refresh_figures([row.pk for row in programmes], DAY)
    assert DailyFigure.objects.filter(day=DAY).count() == ProgrammeFigure.objects.count() == 2


def test_task_figures_of_a_flow(cell, task):
    results.record_result(cells=[cell(60, datetime.date(2024, 5, 1)), cell(30)])
    totals = results.task_figures([task], day=DAY)[task.pk]
    (row,) = totals.indicators
    assert (row.actual, row.year_actual, row.target, row.year_target) == (90, 30, 480, 120)
    assert row.progress == Decimal(90) / 480
    assert totals.figure.progress == row.progress


def test_a_later_month_is_not_counted_on_an_earlier_day(cell, task):
    results.record_result(cells=[cell(60), cell(30, datetime.date(2025, 5, 1))])
    assert results.task_figures([task], day=DAY)[task.pk].indicators[0].actual == 60


@pytest.mark.parametrize(
    ("kind", "roll_up", "expected"),
    [
        ("flow", "sum", 21),
        ("flow", "max", 9),
        ("flow", "average", 7),
        ("flow", "latest", 5),
        ("stock", "sum", 12),
        ("stock", "latest", 5),
        ("stock", "average", 6),
        ("ratio", "sum", 5),
        ("ratio", "max", 9),
    ],
)
def test_roll_ups(cast, cell, task, kind, roll_up, expected):
    """Health reports 9 then 5 (in one month), the committee 7 earlier."""
    Indicator.objects.update(kind=kind, roll_up=roll_up)
    results.record_result(
        cells=[
            cell(9, datetime.date(2025, 3, 1)),
            cell(5),
            cell(7, datetime.date(2025, 2, 1), unit_id=cast.committee.pk),
        ]
    )
    row = results.task_figures([task], day=DAY)[task.pk].indicators[0]
    assert row.actual == row.year_actual == expected


def test_levels_of_last_year_are_not_this_years(cell, task):
    Indicator.objects.update(kind="ratio", roll_up="latest")
    results.record_result(cells=[cell(9, datetime.date(2024, 3, 1))])
    row = results.task_figures([task], day=DAY)[task.pk].indicators[0]
    assert (row.actual, row.year_actual) == (9, None)


@pytest.mark.parametrize(("kind", "expected"), [("flow", 3), ("stock", 4)])
def test_many_tasks_take_at_most_four_queries(cast, django_assert_num_queries, kind, expected):
    programme = make_programme(cast)
    tasks = [make_task(cast, programme) for _n in range(5)]
    for task in tasks:
        make_indicator(task)
    Indicator.objects.update(kind=kind)
    with django_assert_num_queries(expected):
        found = results.task_figures(tasks)
    assert found.keys() == {task.pk for task in tasks}
    assert found[tasks[0].pk].next_due_on == tasks[0].deadlines.get().due_on


def test_refresh_writes_the_current_row_and_the_copy_of_the_day(cast, cell, task):
    results.record_result(cells=[cell(240), cell(1, measure="activities", indicator_id=None)])
    results.refresh_figure(task.programme_id, DAY)
    row = ProgrammeFigure.objects.get()
    assert (row.progress, row.standing, row.tasks_live, row.tasks_with_data) == (Decimal("0.5"), "ahead", 1, 1)
    assert (row.activities, row.last_activity_on) == (1, DAY)
    assert DailyFigure.objects.get().progress == row.progress


def test_refresh_of_a_past_day_leaves_the_current_row(cell, task):
    results.refresh_figure(task.programme_id, datetime.date(2025, 6, 1))
    results.record_result(cells=[cell(240)])
    results.refresh_figure(task.programme_id, DAY)
    assert ProgrammeFigure.objects.get().computed_on == datetime.date(2025, 6, 1)
    assert DailyFigure.objects.count() == 2


def test_left_out_tasks_do_not_count(cast, cell, task):
    results.record_result(cells=[cell(480)])
    other = make_task(cast, task.programme, state="paused", state_reason="Chờ kinh phí")
    make_indicator(other)
    results.refresh_figure(task.programme_id, DAY)
    row = ProgrammeFigure.objects.get()
    assert (row.progress, row.tasks_live) == (1, 1)


def test_programme_without_period_or_tasks_has_no_data(cast):
    programme = make_programme(cast, status="signed", starts_on=None, ends_on=None)
    results.refresh_figure(programme.pk)
    row = ProgrammeFigure.objects.get()
    assert (row.progress, row.elapsed, row.standing) == (None, None, "no_data")


def test_timer_refreshes_what_is_of_an_earlier_day_and_never_drafts(cast, capsys):
    programme = make_programme(cast)
    make_programme(cast, status="draft")
    results.refresh_figure(programme.pk, DAY)
    call_command("refresh_figures")
    assert "1 programmes" in capsys.readouterr().out
    call_command("refresh_figures")
    assert capsys.readouterr().out == ""
    call_command("refresh_figures", "--all")
    assert "1 programmes" in capsys.readouterr().out
    assert results.figures_as_of() is not None


def test_undated_target_period_is_half_open(cell, task):
    Target.objects.exclude(starts_on=datetime.date(2025, 1, 1)).delete()
    row = results.task_figures([task], day=datetime.date(2025, 12, 31))[task.pk].indicators[0]
    assert row.expected == 1
    assert results.task_figures([task], day=datetime.date(2026, 1, 1))[task.pk].indicators[0].year_target is None


@pytest.fixture
def committed_task(beginnings, django_db_blocker):
    """Return a task that other connections see, and take everything away again (the audit trail cannot be flushed)."""
    with django_db_blocker.unblock():
        beginnings.clear()
        cast = make_cast()
        task = make_task(cast, due_on=None)
        make_indicator(task)
        yield task
        Programme.objects.filter(pk=task.programme_id).delete()
        Membership.objects.all().delete()
        User.objects.all().delete()
        Organisation.objects.all().delete()
        Locality.objects.filter(code="T5788").delete()
        Locality.objects.filter(code="T19").delete()
        FieldOfWork.objects.filter(code="y-te-thu").delete()


def test_two_acceptances_at_once_both_count(committed_task):
    task, indicator = committed_task, committed_task.indicators.get()
    ready, errors = threading.Barrier(2), []

    def accept(value: int) -> None:
        cell = ResultCell(
            task_id=task.pk,
            measure="indicator",
            indicator_id=indicator.pk,
            unit_id=task.lead_id,
            day=DAY,
            value=Decimal(value),
        )
        try:
            ready.wait(timeout=10)
            with transaction.atomic():
                results.record_result(cells=[cell])
                results.refresh_figure(task.programme_id, DAY)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=(value,)) for value in (48, 72)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert errors == []
    assert Tally.objects.get().sum == 120
    assert ProgrammeFigure.objects.get().progress == Decimal("0.25")
