"""Tasks and their deadlines."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from agreements import services
from agreements.models import Tally, Task, TaskDeadline
from agreements.services.data import IndicatorData, TargetData, TaskData
from agreements.services.tasks import periods_between
from core import files
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry, Notification
from core.notices import UNDO_WINDOW, release
from tests.make import make_programme, make_task

D = datetime.date


def save(cast, programme, task=None, version=None, **changes):
    data = TaskData(**{"title": "Tập huấn", "lead": cast.health} | changes)
    return services.save_task(actor=cast.actor(cast.lan), programme=programme, data=data, task=task, version=version)


def test_periods_touching_the_span_are_named_and_the_last_is_cut():
    assert periods_between("quarter", D(2026, 2, 10), D(2026, 8, 15)) == [
        ("2026-Q1", D(2026, 3, 31)),
        ("2026-Q2", D(2026, 6, 30)),
        ("2026-Q3", D(2026, 8, 15)),
    ]
    assert [name for name, _day in periods_between("half_year", D(2025, 7, 1), D(2026, 12, 31))] == [
        "2025-H2",
        "2026-H1",
        "2026-H2",
    ]
    assert periods_between("month", D(2024, 2, 1), D(2024, 2, 29)) == [("2024-02", D(2024, 2, 29))]
    assert periods_between("year", D(2026, 5, 1), D(2026, 4, 1)) == [("2026", D(2026, 4, 1))]


def test_recurring_work_has_one_deadline_per_period_and_follows_its_dates(cast):
    programme = make_programme(cast)
    task = save(cast, programme, recurrence="year")
    assert [row.period for row in task.deadlines.all()] == ["2024", "2025", "2026", "2027"]
    done = task.deadlines.get(period="2024")
    done.state, done.done_on, done.reported_at = "done", D(2024, 12, 1), timezone.now()
    done.save()
    task = save(cast, programme, task=task, version=1, recurrence="half_year", starts_on=D(2027, 1, 1))
    assert [row.period for row in task.deadlines.all()] == ["2024", "2027-H1", "2027-H2"]
    assert task.state == Task.State.RUNNING


def test_indicators_with_targets_are_kept_changed_and_removed_unless_they_have_results(cast):
    programme = make_programme(cast)
    target = [TargetData(D(2026, 1, 1), D(2027, 1, 1), Decimal(5))]
    task = save(cast, programme, indicators=[IndicatorData("Lớp", "lớp", targets=target)])
    row = task.indicators.get()
    changed = [IndicatorData("Lớp học", "lớp", pk=row.pk)]
    task = save(cast, programme, task=task, version=1, indicators=changed)
    assert task.indicators.get().pk == row.pk and not row.targets.exists()
    Tally.objects.create(task=task, measure="indicator", indicator=row, unit=cast.health, month=D(2026, 1, 1), count=1)
    with pytest.raises(DomainError):
        save(cast, programme, task=task, version=2)
    assert task.indicators.count() == 1


def test_save_refuses_bad_values_stale_forms_and_strangers(cast):
    programme = make_programme(cast)
    task = save(cast, programme, code="A1")
    for field, values in (
        ("code", {"code": "A1"}),
        ("title", {"title": " "}),
        ("weight", {"weight": Decimal(0)}),
        ("due_on", {"starts_on": D(2026, 2, 1), "due_on": D(2026, 1, 1)}),
    ):
        with pytest.raises(DomainError) as error:
            save(cast, programme, **values)
        assert error.value.field == field
    with pytest.raises(Stale):
        save(cast, programme, task=task, version=9)
    for who in (cast.minh, cast.hoa, cast.phuong):
        with pytest.raises(NotAllowed):
            services.save_task(actor=cast.actor(who), programme=programme, data=TaskData("x"))


def evidence(cast):
    upload = SimpleUploadedFile("bao-cao.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<<>>\n%%EOF")
    return files.store(user=cast.minh, name=upload.name, data=upload.read(), mime="application/pdf")


def report(cast, deadline, who=None, **changes):
    values = {"done_on": timezone.localdate(), "note": "Báo cáo 45/BC-SYT", "files": [evidence(cast)]} | changes
    return services.report_deadline(actor=cast.actor(who or cast.minh), deadline=deadline, **values)


def test_report_and_confirm(cast):
    task = make_task(cast)
    deadline = task.deadlines.get()
    row = report(cast, deadline)
    task.refresh_from_db()
    assert (row.state, row.reported_for, task.state) == ("awaiting", cast.health, "awaiting")
    assert Notification.objects.filter(user=cast.lan, kind="deadline.reported").count() == 1
    with pytest.raises(NotAllowed):
        report(cast, deadline)
    with pytest.raises(NotAllowed):
        services.confirm_deadline(actor=cast.actor(cast.minh), deadline=deadline)
    services.confirm_deadline(actor=cast.actor(cast.lan), deadline=deadline)
    task.refresh_from_db()
    assert task.state == Task.State.DONE
    assert Notification.objects.filter(user=cast.minh, kind="deadline.confirmed").count() == 1


def test_return_needs_a_reason_and_can_be_reported_again(cast):
    deadline = make_task(cast).deadlines.get()
    report(cast, deadline)
    lan = cast.actor(cast.lan)
    with pytest.raises(DomainError):
        services.return_deadline(actor=lan, deadline=deadline, reason=" ")
    row = services.return_deadline(actor=lan, deadline=deadline, reason="Thiếu danh sách")
    assert (row.state, row.task.state) != ("awaiting", "awaiting")
    again = report(cast, deadline, files=[])
    assert (again.state, again.return_reason) == ("awaiting", "")


@pytest.mark.parametrize("decision", ["confirm", "return"])
def test_a_decision_is_undone_by_its_author_until_its_notice_leaves(cast, decision, django_capture_on_commit_callbacks):
    task = make_task(cast)
    deadline = task.deadlines.get()
    report(cast, deadline)
    lan = cast.actor(cast.lan)
    if decision == "confirm":
        row = services.confirm_deadline(actor=lan, deadline=deadline)
    else:
        row = services.return_deadline(actor=lan, deadline=deadline, reason="Thiếu danh sách")
    with pytest.raises(NotAllowed):
        services.undo_deadline_decision(actor=cast.actor(cast.hung), deadline=deadline)
    with pytest.raises(Stale):
        services.undo_deadline_decision(actor=lan, deadline=deadline, version=row.version - 1)
    with django_capture_on_commit_callbacks(execute=True):
        row = services.undo_deadline_decision(actor=lan, deadline=deadline, version=row.version)
    task.refresh_from_db()
    assert (row.state, row.reviewed_by, row.return_reason, task.state) == ("awaiting", None, "", "awaiting")
    assert not Notification.objects.filter(user=cast.minh).exists()
    assert AuditEntry.objects.latest("sequence").action == "deadline.undo"
    services.confirm_deadline(actor=lan, deadline=deadline)
    TaskDeadline.objects.update(reviewed_at=timezone.now() - UNDO_WINDOW)
    with pytest.raises(NotAllowed, match="hoàn tác"):
        services.undo_deadline_decision(actor=lan, deadline=deadline)


def test_more_time_does_not_bring_back_an_undo_whose_notice_has_left(cast):
    deadline, lan = make_task(cast).deadlines.get(), cast.actor(cast.lan)
    report(cast, deadline)
    row = services.return_deadline(actor=lan, deadline=deadline, reason="Thiếu danh sách")
    release(cast.lan)
    services.extend_deadline(
        actor=lan,
        deadline=row,
        version=row.version,
        new_due_on=row.due_on + datetime.timedelta(days=9),
        reason="Bão",
        paper="CV 5",
    )
    with pytest.raises(NotAllowed, match="hoàn tác"):
        services.undo_deadline_decision(actor=lan, deadline=row)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("done_on", {"done_on": D(2100, 1, 1)}),
        ("note", {"note": " "}),
        ("files", {"files": []}),
    ],
)
def test_report_says_what_is_missing(cast, field, changes):
    deadline = make_task(cast).deadlines.get()
    with pytest.raises(DomainError) as error:
        report(cast, deadline, **changes)
    assert error.value.field == field
    assert TaskDeadline.objects.get(pk=deadline.pk).state == "open"


def test_an_accepted_activity_is_evidence_enough(cast):
    task = make_task(cast)
    month = timezone.localdate().replace(day=1)
    Tally.objects.create(task=task, measure="activities", unit=cast.health, month=month, count=1, sum=1)
    assert report(cast, task.deadlines.get(), files=[]).state == "awaiting"


def test_who_may_report(cast):
    deadline = make_task(cast).deadlines.get()
    for who in (cast.tuan, cast.hoa, cast.phuong):
        with pytest.raises(NotAllowed):
            report(cast, deadline, who=who)
    assert report(cast, deadline, who=cast.lan).state == "awaiting"
    with pytest.raises(NotAllowed):
        services.confirm_deadline(actor=cast.actor(cast.lan), deadline=deadline)
    assert services.confirm_deadline(actor=cast.actor(cast.hung), deadline=deadline).state == "done"


def test_extension_keeps_the_old_day(cast):
    deadline = make_task(cast, due_on=D(2026, 6, 30)).deadlines.get()
    lan = cast.actor(cast.lan)
    given = {"actor": lan, "deadline": deadline, "version": 1, "reason": "Mưa lũ", "paper": "9/CV"}
    for field, changes in (
        ("new_due_on", {"new_due_on": D(2026, 6, 30)}),
        ("reason", {"reason": "", "new_due_on": D(2026, 7, 30)}),
        ("paper", {"paper": "", "new_due_on": D(2026, 7, 30)}),
    ):
        with pytest.raises(DomainError) as error:
            services.extend_deadline(**given | changes)
        assert error.value.field == field
    row = services.extend_deadline(**given, new_due_on=D(2026, 9, 30))
    assert (row.original_due_on, row.due_on, row.extensions.get().old_due_on) == (
        D(2026, 6, 30),
        D(2026, 9, 30),
        D(2026, 6, 30),
    )
    with pytest.raises(Stale):
        services.extend_deadline(**given, new_due_on=D(2026, 12, 30))


def test_pause_cancel_resume(cast):
    task = make_task(cast)
    lan = cast.actor(cast.lan)
    given = {"actor": lan, "task": task, "reason": "Chờ kinh phí", "paper": "7/CV"}
    for changes in ({"reason": ""}, {"paper": ""}, {"to": "bogus"}, {"to": "resume"}):
        with pytest.raises(DomainError):
            services.change_task_state(**{"version": 1, "to": "paused"} | given | changes)
    row = services.change_task_state(**given, version=1, to="paused")
    assert row.state == "paused"
    with pytest.raises(NotAllowed):
        report(cast, task.deadlines.get())
    assert services.change_task_state(**given, version=2, to="resume").state == "running"
    services.change_task_state(**given, version=3, to="cancelled")
    assert task.deadlines.get().state == "cancelled"
    services.change_task_state(**given, version=4, to="resume")
    assert task.deadlines.get().state == "open"
    with pytest.raises(NotAllowed):
        services.change_task_state(**given | {"actor": cast.actor(cast.minh)}, version=5, to="paused")


def test_planned_tasks_start_on_their_day(cast):
    task = make_task(cast, state="planned", starts_on=D(2026, 1, 1))
    assert services.start_due_tasks(D(2025, 12, 31)) == 0
    assert services.start_due_tasks(D(2026, 1, 1)) == 1
    task.refresh_from_db()
    assert task.state == "running"
