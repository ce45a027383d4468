"""The demo: deterministic, refused where real rows exist, proved by recount."""

from __future__ import annotations

import datetime
import io
import json

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.test import RequestFactory

from activities.models import (
    Activity,
    Directive,
    Measurement,
    ProgressReport,
    ReportDuty,
    ReportVersion,
    Review,
    TaskReport,
)
from activities.services.reports import drift
from activities.views import directives, duty_words
from activities.views.duty_words import state_of
from agreements import figures
from agreements.models import CodeCounter, Extension, Milestone, Programme, Tally, Target, Task, TaskDeadline
from agreements.services.tasks import derive_state
from core import audit
from core.models import User
from partners.models import Locality, Succession
from tests.cast import make_organisation

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    """Return what the command prints."""
    out = io.StringIO()
    call_command("demo", *args, stdout=out)
    return out.getvalue()


def test_the_demo_tells_the_whole_story(demo: None) -> None:
    assert Programme.objects.count() == 16  # ten, the draft that follows the poverty programme, five of other states
    assert Locality.objects.filter(kind="ward").count() == 15
    assert Locality.objects.filter(kind="commune").count() == 77
    poverty = Programme.objects.get(code="CT-2023-015")
    assert poverty.status == "ended"
    assert poverty.signed_on > poverty.starts_on
    assert Succession.objects.filter(
        predecessor__short_name="SLĐTBXH", successor__short_name="SNNMT", field_of_work__code="giam-ngheo"
    ).exists()
    assert set(Activity.objects.values_list("review", flat=True)) == {"draft", "submitted", "returned", "accepted"}
    assert Activity.objects.filter(review="accepted", evidence=None).exists()
    assert Activity.objects.filter(title__contains="Nông Văn Tài", locality__isnull=False).count() == 2
    mistaken = Activity.objects.get(review="returned", return_reason__contains="lượt khám")
    assert (mistaken.persons, mistaken.turns) == (640, None)
    codes = set(Task.objects.filter(programme__code__startswith="CT-2023").values_list("code", flat=True))
    wanted = {"P1": 8, "P2": 7, "P3": 10}  # the catalogue of tasks of the three programmes
    assert codes == {f"{programme}.{n}" for programme, last in wanted.items() for n in range(1, last + 1)}
    assert not Target.objects.filter(indicator__task__code="P3.9").exists()  # storms are not planned
    assert Tally.objects.exists()
    duties = ReportDuty.objects.all()
    cadences = {"month", "quarter", "half_year", "year", "interim", "final", "on_request"}
    assert set(duties.values_list("kind", flat=True)) == cadences
    assert {row.year for row in duties.dates("due_on", "year")} == {2023, 2024, 2025, 2026, 2027}
    assert duties.waived().count() == 1
    late = duties.get(programme=poverty, period="2025-H1")
    assert late.unit.short_name == "SNNMT"  # due after the dissolution
    assert audit.first_broken() is None
    out = io.StringIO()
    call_command("recount", "--check", stdout=out)
    for account in json.loads(run("--accounts")):
        person = authenticate(RequestFactory().post("/"), username=account["username"], password=account["password"])
        assert person is not None, account["username"]
        assert "demo" in person.full_name
    with pytest.raises(CommandError, match="already loaded"):
        run()
    run("--if-empty")
    assert Programme.objects.count() == 16


def test_two_builds_for_the_same_day_are_equal(request: pytest.FixtureRequest) -> None:
    """One built here and undone, and the one that all tests share."""

    def rows() -> list[tuple[object, ...]]:
        found = [*Activity.objects.order_by("id").values_list("title", "starts_on", "review", "value")]
        return found + [*Measurement.objects.order_by("id").values_list("value", "as_of")]

    with transaction.atomic():
        run("--as-of", "2026-11-23")
        first = rows()
        transaction.set_rollback(True)
    request.getfixturevalue("demo")
    assert rows() == first
    assert len(first) > 1000


def test_real_rows_are_never_mixed_with_the_demo() -> None:
    make_organisation("Sở Thật")
    with pytest.raises(CommandError, match="Real rows"):
        run()
    run("--if-empty")
    assert not User.objects.exists()
    assert json.loads(run("--accounts")) == []


def test_reports_of_the_demo_answer_the_duties_that_exist(demo: None) -> None:
    today = datetime.date(2026, 11, 23)
    assert set(ProgressReport.objects.values_list("review", flat=True)) == set(Review.values)
    assert ReportDuty.objects.overdue(today).filter(report=None).exists()
    assert ProgressReport.objects.filter(versions__cause="reopened", review="submitted").exists()
    frozen = ProgressReport.objects.filter(review="accepted", lines__figures__activities__gt=0).first()
    assert frozen is not None and drift(frozen) == []


# Fields that say where something is in its life, by their names; their choices are the states.
LIFE = {"status", "state", "review", "occurrence", "cause", "self_rating", "reviewer_rating"}
CYCLE = (Programme, Task, TaskDeadline, Extension, Activity, Measurement, ReportDuty, ProgressReport, TaskReport,
         ReportVersion, Directive)  # fmt: skip


def test_three_years_with_every_state_present(demo: None) -> None:
    """The states are those the models and the words of the pages know; one more without a demo row fails here."""
    day = datetime.date(2026, 11, 23)
    missing = {}
    for model in CYCLE:
        for field in model._meta.fields:
            if field.choices and (field.name in LIFE or model is ReportDuty):
                known = {value for value, _label in field.choices}
                there = set(model._default_manager.order_by().values_list(field.name, flat=True).distinct())
                missing[f"{model.__name__}.{field.name}"] = known - there
    assert {name.split(".")[0] for name in missing} == {model.__name__ for model in CYCLE}
    assert {name: values for name, values in missing.items() if values} == {}
    duties = ReportDuty.objects.select_related("report")
    assert {state_of(duty, day) for duty in duties} == set(duty_words.STATES)
    assert set(Milestone.objects.values_list("kind", flat=True)) == set(Milestone.Kind.values)
    late = Milestone.objects.filter(done_on__gt=F("due_on"))
    in_time = Milestone.objects.filter(done_on__lte=F("due_on"))
    waiting = Milestone.objects.filter(done_on=None)
    assert late and in_time and waiting.filter(due_on__lt=day) and waiting.filter(due_on__gt=day)
    counts = figures.deadline_counts(list(TaskDeadline.objects.live()), day)
    assert counts.done_on_time and counts.done_late and counts.overdue and counts.within_deadline
    # A whole cycle of three years: in each, duties whose window closed, with reports accepted.
    answered = duties.filter(report__review="accepted")
    assert {row.year for row in answered.dates("ends_on", "year")} >= {2024, 2025, 2026}
    assert (
        Programme.objects.exclude(owner__is_demo=True).count() == Programme.objects.filter(is_demo=False).count() == 0
    )


def test_the_states_of_tasks_follow_from_their_deadlines_and_each_directive_tells_its_thread(demo: None) -> None:
    for task in Task.objects.exclude(programme__status="draft"):
        stored = task.state
        assert derive_state(task) == stored, task
    assert CodeCounter.objects.get(year=2026).last == 7  # the next code is free
    for row in Directive.objects.all():
        steps = directives._thread(row)
        times = [step["at"] for step in steps]
        assert times == sorted(times) and len(times) == row.version and times[-1].date() <= datetime.date(2026, 11, 23)
        assert all(step["who"] and (step["text"] or step is steps[-1]) for step in steps)
    sent_back = directives._thread(Directive.objects.get(state="closed"))
    assert [str(step["what"]) for step in sent_back] == [
        "Giao chỉ đạo", "Đã trả lời", "Yêu cầu bổ sung", "Đã trả lời", "Kết thúc chỉ đạo"
    ]  # fmt: skip
