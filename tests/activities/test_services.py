"""Services of the activities room: every step, every refusal, the totals with it."""

from __future__ import annotations

import datetime
import threading
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from activities import services
from activities.models import Activity, Contribution, Measurement
from activities.services import ActivityData, MeasurementData, Quantity, Share, cells, comparison
from agreements.figures.periods import year_earlier
from agreements.models import DailyFigure, Indicator, ProgrammeFigure, Tally, Task
from core import files
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry, Notification
from partners.models import Membership
from tests import make
from tests.cast import Cast, make_cast, make_user

pytestmark = pytest.mark.django_db


def total(indicator: Indicator) -> Decimal | None:
    """Return the accepted sum of an indicator, None without rows."""
    rows = [row.sum for row in Tally.objects.filter(indicator=indicator, count__gt=0)]
    return sum(rows) if rows else None


def data_of(cast: Cast, task: Task, **changes) -> ActivityData:
    return ActivityData(
        **{
            "task": task,
            "unit": cast.health,
            "what_was_done": "Kiểm tra 4 bếp ăn bán trú.",
            "starts_on": timezone.localdate(),
            **changes,
        }
    )


@pytest.fixture
def indicator(cast: Cast) -> Indicator:
    return make.make_indicator(make.make_task(cast))


def logged(cast: Cast, indicator: Indicator, **changes) -> Activity:
    return services.save_activity(
        actor=cast.actor(cast.minh),
        data=data_of(cast, indicator.task, quantities={indicator.pk: Quantity(Decimal(4))}, **changes),
    )


def sent(cast: Cast, indicator: Indicator, **changes) -> Activity:
    return services.submit(actor=cast.actor(cast.minh), item=logged(cast, indicator, **changes))


# ------------------------------------------------------------------------------------------ writing


def test_a_draft_is_written_with_its_quantities_and_an_audit_entry(cast: Cast, indicator: Indicator) -> None:
    row = logged(cast, indicator, persons=12, locality=cast.commune)
    assert (row.review, row.author, row.acting_for, row.unit) == ("draft", cast.minh, cast.health, cast.health)
    value = row.measurements.get()
    assert (value.value, value.review, value.as_of, value.locality) == (4, "draft", row.starts_on, cast.commune)
    assert AuditEntry.objects.first().action == "activity.create"


def test_saving_again_replaces_the_quantities_and_empty_is_not_zero(cast: Cast, indicator: Indicator) -> None:
    row = logged(cast, indicator)
    services.save_activity(actor=cast.actor(cast.minh), data=data_of(cast, indicator.task), activity=row, version=1)
    row.refresh_from_db()
    assert row.version == 2
    assert not row.measurements.exists()


def test_a_stale_version_is_refused_and_nothing_changes(cast: Cast, indicator: Indicator) -> None:
    row = logged(cast, indicator)
    services.save_activity(actor=cast.actor(cast.minh), data=data_of(cast, indicator.task), activity=row, version=1)
    with pytest.raises(Stale):
        services.save_activity(
            actor=cast.actor(cast.minh),
            data=data_of(cast, indicator.task, what_was_done="Bản cũ."),
            activity=row,
            version=1,
        )
    row.refresh_from_db()
    assert row.what_was_done == "Kiểm tra 4 bếp ăn bán trú."


def test_a_stranger_and_an_administrator_log_nothing(cast: Cast, indicator: Indicator) -> None:
    for user, unit in ((cast.tuan, cast.stranger), (cast.duc, cast.committee), (cast.hoa, cast.committee)):
        with pytest.raises(NotAllowed):
            services.save_activity(actor=cast.actor(user), data=data_of(cast, indicator.task, unit=unit))
    assert not Activity.objects.exists()


def test_a_reporter_logs_only_for_the_own_unit(cast: Cast, indicator: Indicator) -> None:
    with pytest.raises(NotAllowed):
        services.save_activity(actor=cast.actor(cast.minh), data=data_of(cast, indicator.task, unit=cast.committee))


def test_an_officer_logs_on_behalf_of_a_partner_of_the_programme_only(cast: Cast, indicator: Indicator) -> None:
    row = services.save_activity(actor=cast.actor(cast.lan), data=data_of(cast, indicator.task))
    assert (row.unit, row.acting_for) == (cast.health, cast.committee)
    with pytest.raises(DomainError) as caught:
        services.save_activity(actor=cast.actor(cast.lan), data=data_of(cast, indicator.task, unit=cast.stranger))
    assert caught.value.field == "unit"


@pytest.mark.parametrize("status", ["draft", "signed", "closed", "terminated"])
def test_work_is_logged_only_while_the_programme_is_carried_out(cast: Cast, status: str) -> None:
    programme = make.make_programme(cast, status=status, status_reason="Thử")
    task = make.make_task(cast, programme)
    with pytest.raises(NotAllowed):
        services.save_activity(actor=cast.actor(cast.minh), data=data_of(cast, task))


def test_a_stopped_task_takes_no_work(cast: Cast) -> None:
    task = make.make_task(cast, state="paused", state_reason="Chờ kinh phí")
    with pytest.raises(NotAllowed):
        services.save_activity(actor=cast.actor(cast.minh), data=data_of(cast, task))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": datetime.date(2026, 3, 5), "ends_on": datetime.date(2026, 3, 4)}, "ends_on"),
        ({"starts_on": None, "ends_on": datetime.date(2026, 3, 4)}, "starts_on"),
    ],
)
def test_days_must_fit(cast: Cast, indicator: Indicator, changes: dict, field: str) -> None:
    with pytest.raises(DomainError) as caught:
        logged(cast, indicator, **changes)
    assert caught.value.field == field


def test_a_quantity_of_another_task_is_refused(cast: Cast, indicator: Indicator) -> None:
    other = make.make_indicator(make.make_task(cast))
    with pytest.raises(DomainError):
        services.save_activity(
            actor=cast.actor(cast.minh),
            data=data_of(cast, indicator.task, quantities={other.pk: Quantity(Decimal(1))}),
        )


def test_the_same_file_twice_is_one_piece_of_evidence(cast: Cast, indicator: Indicator) -> None:
    first, again = (
        files.store(user=cast.minh, name="a.pdf", data=b"%PDF-1.4 one", mime="application/pdf") for _ in range(2)
    )
    row = logged(cast, indicator, files=(first, again))
    assert row.evidence.count() == 1
    services.save_activity(
        actor=cast.actor(cast.minh),
        data=data_of(cast, indicator.task, remove_evidence=frozenset({row.evidence.get().pk})),
        activity=row,
    )
    assert row.evidence.count() == 0


def test_an_activity_is_sent_when_its_last_day_has_come(cast: Cast, indicator: Indicator) -> None:
    """Its values are of the last day; accepted before, they would count on days when nothing had been reached."""
    today = timezone.localdate()
    begun = logged(cast, indicator, starts_on=today, ends_on=today + datetime.timedelta(days=1))
    with pytest.raises(DomainError) as refused:
        services.submit(actor=cast.actor(cast.minh), item=begun)
    assert refused.value.field == "ends_on"
    begun.refresh_from_db()
    assert begun.review == "draft"
    over = logged(cast, indicator, starts_on=today - datetime.timedelta(days=1), ends_on=today)
    assert services.submit(actor=cast.actor(cast.minh), item=over).review == "submitted"


def test_rows_of_a_past_day_are_those_of_its_month_up_to_it(cast: Cast, indicator: Indicator) -> None:
    task = indicator.task
    for day in (datetime.date(2026, 5, 31), datetime.date(2026, 6, 1), datetime.date(2026, 6, 14)):
        make.make_activity(cast, task, review="accepted", starts_on=day, values={indicator: 2}, persons=3)
    make.make_activity(cast, task, starts_on=datetime.date(2026, 6, 2), values={indicator: 50})  # not accepted
    found = cells.day_rows([task.pk], datetime.date(2026, 6, 13))
    assert sorted((cell.measure, cell.value, cell.day.day) for cell in found.open_month) == [
        ("activities", 1, 1),
        ("indicator", 2, 1),
        ("persons", 3, 1),
        ("unproven", 1, 1),
    ]
    assert found.declared == {}
    assert cells.day_rows([], datetime.date(2026, 6, 13)).open_month == ()


def test_a_future_day_is_a_plan_that_cannot_be_sent_but_held_or_cancelled(cast: Cast, indicator: Indicator) -> None:
    minh = cast.actor(cast.minh)
    row = logged(cast, indicator, starts_on=timezone.localdate() + datetime.timedelta(days=3))
    assert row.occurrence == "planned"
    with pytest.raises(DomainError) as caught:
        services.submit(actor=minh, item=row)
    assert caught.value.field == "starts_on"
    with pytest.raises(DomainError):
        services.mark_occurrence(actor=minh, activity=row, occurrence="held")
    with pytest.raises(DomainError):
        services.mark_occurrence(actor=minh, activity=row, occurrence="cancelled", reason="  ")
    assert (
        services.mark_occurrence(actor=minh, activity=row, occurrence="cancelled", reason="Bão").occurrence
        == "cancelled"
    )


def test_a_draft_can_be_deleted_by_its_author_only_and_not_once_sent(cast: Cast, indicator: Indicator) -> None:
    row = logged(cast, indicator)
    with pytest.raises(NotAllowed):
        services.delete_draft(actor=cast.actor(cast.lan), activity=row)
    services.delete_draft(actor=cast.actor(cast.minh), activity=row)
    assert not Activity.objects.exists()
    row = sent(cast, indicator)
    with pytest.raises(NotAllowed):
        services.delete_draft(actor=cast.actor(cast.minh), activity=row)


# ------------------------------------------------------------------------------------------ review


@pytest.mark.parametrize(
    ("changes", "field"), [({"what_was_done": ""}, "what_was_done"), ({"starts_on": None}, "starts_on")]
)
def test_what_is_missing_is_named_when_sending(cast: Cast, indicator: Indicator, changes: dict, field: str) -> None:
    with pytest.raises(DomainError) as caught:
        sent(cast, indicator, **changes)
    assert caught.value.field == field


def test_sending_tells_the_officers_and_moves_the_values_along(
    cast: Cast, indicator: Indicator, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        row = sent(cast, indicator)
    assert row.measurements.get().review == "submitted"
    told = Notification.objects.filter(kind="activity_submitted")
    assert {notice.user for notice in told} == {cast.lan, cast.hung}
    with pytest.raises(NotAllowed):
        services.submit(actor=cast.actor(cast.minh), item=row)


def test_the_author_recalls_and_changes(cast: Cast, indicator: Indicator) -> None:
    row = sent(cast, indicator)
    with pytest.raises(NotAllowed):
        services.save_activity(actor=cast.actor(cast.minh), data=data_of(cast, indicator.task), activity=row)
    with pytest.raises(NotAllowed):
        services.recall(actor=cast.actor(cast.lan), item=row)
    assert services.recall(actor=cast.actor(cast.minh), item=row).review == "draft"
    services.save_activity(actor=cast.actor(cast.minh), data=data_of(cast, indicator.task), activity=row)


def test_accepting_counts_and_starts_the_task(cast: Cast, indicator: Indicator) -> None:
    Task.objects.filter(pk=indicator.task_id).update(state="planned")
    row = sent(cast, indicator, households=3, persons=10, value=64_000_000)
    services.accept(actor=cast.actor(cast.lan), item=row)
    assert total(indicator) == 4
    measures = {cell.measure: cell.sum for cell in Tally.objects.filter(task=indicator.task)}
    counted = {"activities": 1, "unproven": 1, "indicator": 4, "households": 3, "persons": 10, "value": 64_000_000}
    assert measures == counted
    assert ProgrammeFigure.objects.get(programme=indicator.task.programme).activities == 1
    assert Task.objects.get(pk=indicator.task_id).state == "running"
    assert AuditEntry.objects.first().action == "activity.accept"


@pytest.mark.parametrize("who", ["minh", "tuan", "duc", "phuong", "hoa"])
def test_only_an_officer_of_the_owner_committee_accepts_what_a_partner_wrote(
    cast: Cast, indicator: Indicator, who: str
) -> None:
    row = sent(cast, indicator)
    with pytest.raises(NotAllowed):
        services.accept(actor=cast.actor(getattr(cast, who)), item=row)
    with pytest.raises(NotAllowed):
        services.return_item(actor=cast.actor(getattr(cast, who)), item=row, reason="Thiếu ảnh")
    assert total(indicator) is None


@pytest.mark.parametrize(("who", "may"), [("lan", False), ("hung", True), ("hoa", True), ("phuong", False)])
def test_what_an_officer_wrote_is_reviewed_by_another_officer_or_the_leader(
    cast: Cast, indicator: Indicator, who: str, may: bool
) -> None:
    lan = cast.actor(cast.lan)
    row = services.submit(actor=lan, item=services.save_activity(actor=lan, data=data_of(cast, indicator.task)))
    if may:
        assert services.accept(actor=cast.actor(getattr(cast, who)), item=row).review == "accepted"
    else:
        with pytest.raises(NotAllowed):
            services.accept(actor=cast.actor(getattr(cast, who)), item=row)


def test_accepting_twice_counts_once_and_names_the_first(cast: Cast, indicator: Indicator) -> None:
    row = sent(cast, indicator)
    services.accept(actor=cast.actor(cast.lan), item=row)
    with pytest.raises(NotAllowed) as caught:
        services.accept(actor=cast.actor(cast.hung), item=row)
    assert cast.lan.full_name in caught.value.message
    assert total(indicator) == 4


def test_returning_needs_a_reason_and_the_author_corrects(
    cast: Cast, indicator: Indicator, django_capture_on_commit_callbacks
) -> None:
    row = sent(cast, indicator)
    with pytest.raises(DomainError) as caught:
        services.return_item(actor=cast.actor(cast.lan), item=row, reason="  ")
    assert caught.value.field == "reason"
    with django_capture_on_commit_callbacks(execute=True):
        services.return_item(actor=cast.actor(cast.lan), item=row, reason="Thiếu ảnh")
    row.refresh_from_db()
    assert (row.review, row.return_reason, row.measurements.get().review) == ("returned", "Thiếu ảnh", "returned")
    notice = Notification.objects.get(kind="activity_returned")
    assert notice.user == cast.minh
    assert notice.deliver_after > timezone.now()
    services.save_activity(
        actor=cast.actor(cast.minh),
        data=data_of(cast, indicator.task, quantities={indicator.pk: Quantity(Decimal(5))}),
        activity=row,
    )
    services.submit(actor=cast.actor(cast.minh), item=row)
    services.accept(actor=cast.actor(cast.lan), item=row)
    assert total(indicator) == 5


def test_revoking_takes_the_totals_away(cast: Cast, indicator: Indicator) -> None:
    first, second = sent(cast, indicator), sent(cast, indicator)
    for row in (first, second):
        services.accept(actor=cast.actor(cast.lan), item=row)
    assert total(indicator) == 8
    with pytest.raises(DomainError):
        services.revoke(actor=cast.actor(cast.hung), item=first, reason="")
    row = services.revoke(actor=cast.actor(cast.hung), item=first, reason="Nhầm số")
    assert (row.review, row.reviewed_by) == ("submitted", None)
    assert total(indicator) == 4
    assert cells.check().is_equal
    with pytest.raises(NotAllowed):
        services.revoke(actor=cast.actor(cast.hung), item=first, reason="Lần nữa")


@pytest.mark.parametrize("decision", ["accept", "return"])
def test_a_decision_is_undone_before_its_notice_leaves(
    cast: Cast, indicator: Indicator, decision: str, django_capture_on_commit_callbacks
) -> None:
    row, lan = sent(cast, indicator), cast.actor(cast.lan)
    with django_capture_on_commit_callbacks(execute=True):
        if decision == "accept":
            services.accept(actor=lan, item=row)
        else:
            services.return_item(actor=lan, item=row, reason="Thiếu ảnh")
    assert Notification.objects.filter(user=cast.minh).count() == 1
    with pytest.raises(NotAllowed):
        services.undo_decision(actor=cast.actor(cast.hung), item=row)
    with django_capture_on_commit_callbacks(execute=True):
        services.undo_decision(actor=lan, item=row)
    row.refresh_from_db()
    assert (row.review, row.return_reason) == ("submitted", "")
    assert total(indicator) is None
    assert not Notification.objects.filter(user=cast.minh).exists()


def test_after_five_minutes_only_revoking_is_left(cast: Cast, indicator: Indicator) -> None:
    row = services.accept(actor=cast.actor(cast.lan), item=sent(cast, indicator))
    Activity.objects.filter(pk=row.pk).update(reviewed_at=timezone.now() - datetime.timedelta(minutes=6))
    with pytest.raises(NotAllowed):
        services.undo_decision(actor=cast.actor(cast.lan), item=row)


@pytest.mark.parametrize("work", ["edit", "mark", "photo"])
def test_what_its_author_works_on_is_not_sent_for_review_by_an_undo(
    cast: Cast, indicator: Indicator, work: str, django_capture_on_commit_callbacks
) -> None:
    lan, minh = cast.actor(cast.lan), cast.actor(cast.minh)
    with django_capture_on_commit_callbacks(execute=True):
        row = services.return_item(actor=lan, item=sent(cast, indicator), reason="Thiếu ảnh")
    if work == "edit":
        to_come = timezone.localdate() + datetime.timedelta(days=9)
        services.save_activity(actor=minh, activity=row, data=data_of(cast, indicator.task, starts_on=to_come))
    elif work == "mark":
        services.mark_occurrence(actor=minh, activity=row, occurrence="held")
    else:
        photo = files.store(user=cast.minh, name="anh.jpg", data=b"x", mime="image/jpeg")
        services.add_evidence(actor=minh, activity=row, file=photo)
    with pytest.raises(NotAllowed):
        services.undo_decision(actor=lan, item=row)
    notice = Notification.objects.get(user=cast.minh)
    assert (Activity.objects.get(pk=row.pk).review, notice.deliver_after <= timezone.now()) == ("returned", True)


@pytest.mark.parametrize(("field", "value"), [("starts_on", None), ("what_was_done", " ")])
def test_a_returned_entry_keeps_its_day_and_its_text(cast: Cast, indicator: Indicator, field: str, value) -> None:
    row = services.return_item(actor=cast.actor(cast.lan), item=sent(cast, indicator), reason="Thiếu ảnh")
    with pytest.raises(DomainError) as refusal:
        services.save_activity(
            actor=cast.actor(cast.minh), activity=row, data=data_of(cast, indicator.task, **{field: value})
        )
    assert refusal.value.field == field
    assert Activity.objects.get(pk=row.pk).version == row.version


def test_a_closed_programme_is_read_only(cast: Cast, indicator: Indicator) -> None:
    row = sent(cast, indicator)
    programme = indicator.task.programme
    programme.status = "closed"
    programme.save()
    with pytest.raises(NotAllowed):
        services.accept(actor=cast.actor(cast.lan), item=row)


# -------------------------------------------------------------------------------- values without activity


def test_a_value_from_a_paper_goes_the_same_way(cast: Cast) -> None:
    indicator = make.make_indicator(
        make.make_task(cast), kind="ratio", direction="down", roll_up="latest", is_entered_by_partner=False, precision=2
    )
    data = MeasurementData(
        indicator=indicator,
        unit=cast.committee,
        as_of=timezone.localdate(),
        quantity=Quantity(Decimal("2.5"), Decimal(5), Decimal(200)),
        source="Quyết định số 1/QĐ-UBND",
    )
    with pytest.raises(NotAllowed):
        services.save_measurement(actor=cast.actor(cast.minh), data=data)
    row = services.save_measurement(actor=cast.actor(cast.lan), data=data)
    services.submit(actor=cast.actor(cast.lan), item=row)
    with pytest.raises(NotAllowed):
        services.accept(actor=cast.actor(cast.lan), item=row)
    services.accept(actor=cast.actor(cast.hung), item=row)
    cell = Tally.objects.get(indicator=indicator)
    assert (cell.latest, cell.numerator, cell.denominator) == (Decimal("2.5"), 5, 200)
    services.revoke(actor=cast.actor(cast.hoa), item=row, reason="Chờ số chính thức")
    assert Tally.objects.get(indicator=indicator).count == 0


def test_a_value_belongs_to_the_own_unit_or_to_a_partner(cast: Cast, indicator: Indicator) -> None:
    def enter(who, unit):
        two, today = Quantity(Decimal(2)), timezone.localdate()
        data = MeasurementData(indicator=indicator, unit=unit, as_of=today, quantity=two, source="QĐ 1/QĐ-UBND")
        return services.save_measurement(actor=cast.actor(who), data=data)

    with pytest.raises(NotAllowed):
        enter(cast.minh, cast.committee)
    with pytest.raises(DomainError):
        enter(cast.lan, cast.stranger)
    assert not Measurement.objects.exists()
    assert enter(cast.lan, cast.health).unit == cast.health


def test_a_value_of_an_activity_is_not_reviewed_alone(cast: Cast, indicator: Indicator) -> None:
    row = sent(cast, indicator)
    with pytest.raises(NotAllowed):
        services.accept(actor=cast.actor(cast.lan), item=row.measurements.get())


# --------------------------------------------------------------------------------- recount and hand over


def test_recount_finds_and_repairs_a_wrong_cell(cast: Cast, indicator: Indicator) -> None:
    services.accept(actor=cast.actor(cast.lan), item=sent(cast, indicator))
    call_command("recount", "--check", stdout=StringIO())
    Tally.objects.filter(indicator=indicator).update(sum=99)
    ProgrammeFigure.objects.update(overdue=7)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("recount", "--check", stdout=out)
    assert "99" in out.getvalue()
    assert "overdue" in out.getvalue()
    call_command("recount", stdout=StringIO())
    assert total(indicator) == 4
    assert cells.check().is_equal


def test_recount_sees_todays_dated_figure(cast: Cast, indicator: Indicator) -> None:
    services.accept(actor=cast.actor(cast.lan), item=sent(cast, indicator))
    DailyFigure.objects.update(activities=5)
    assert len(cells.check().figures) == 1


def test_open_work_goes_to_a_colleague_of_the_same_unit(cast: Cast, indicator: Indicator) -> None:
    row = logged(cast, indicator)
    colleague = make_user("thu", "Lý Thị Thu", cast.health)
    assert [item.label for item in services.open_items(cast.minh)] == [row.name]
    admin = cast.actor(cast.duc)
    with pytest.raises(DomainError):
        services.hand_over(actor=admin, user=cast.minh, successor=cast.tuan)
    assert services.hand_over(actor=admin, user=cast.minh, successor=colleague) == 1
    row.refresh_from_db()
    assert (row.author, row.measurements.get().author) == (colleague, colleague)
    assert services.open_items(cast.minh) == []


# ------------------------------------------------------------------------------------------ parallel


def in_parallel(jobs: list) -> list[str]:
    """Run the jobs at once, each with its own connection; return the class of what each raised, "" for nothing."""
    gate, raised = threading.Barrier(len(jobs)), [""] * len(jobs)

    def run(place: int) -> None:
        try:
            gate.wait(timeout=10)
            jobs[place]()
        except DomainError as error:
            raised[place] = type(error).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_wins_and_it_counts_once() -> None:
    cast = make_cast()
    indicator = make.make_indicator(make.make_task(cast))
    row = sent(cast, indicator)
    actors = [cast.actor(cast.lan), cast.actor(cast.hung)]
    raised = in_parallel([lambda actor=actor: services.accept(actor=actor, item=row) for actor in actors])
    assert sorted(raised) == ["", "NotAllowed"]
    assert total(indicator) == 4
    assert cells.check().is_equal


@pytest.mark.django_db(transaction=True)
def test_many_acceptances_into_one_cell_at_once_all_count() -> None:
    cast = make_cast()
    indicator = make.make_indicator(make.make_task(cast))
    rows = [sent(cast, indicator) for _ in range(6)]
    actor = cast.actor(cast.lan)
    raised = in_parallel([lambda row=row: services.accept(actor=actor, item=row) for row in rows])
    assert raised == [""] * 6
    assert total(indicator) == 24
    assert Measurement.objects.accepted().count() == 6
    assert Membership.objects.filter(user=cast.lan).count() == 1
    assert connection.is_usable()
    assert cells.check().is_equal


# ------------------------------------------------------------------------------------------ plans


def later(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


def passed_plan(cast: Cast, indicator: Indicator, **changes) -> Activity:
    """Return a plan whose day was yesterday and of which nobody has said anything."""
    row = logged(cast, indicator, starts_on=later(5), **changes)
    Activity.objects.filter(pk=row.pk).update(starts_on=later(-1))
    row.refresh_from_db()
    return row


def test_a_plan_is_postponed_to_a_day_to_come_with_its_length(cast: Cast, indicator: Indicator) -> None:
    minh = cast.actor(cast.minh)
    row = logged(cast, indicator, starts_on=later(3), ends_on=later(5))
    for day in (None, timezone.localdate(), later(-1)):
        with pytest.raises(DomainError) as caught:
            services.mark_occurrence(actor=minh, activity=row, occurrence="postponed", reason="Bão", new_day=day)
        assert caught.value.field == "new_day"
    row = services.mark_occurrence(actor=minh, activity=row, occurrence="postponed", reason="Bão", new_day=later(10))
    assert (row.occurrence, row.occurrence_reason, row.starts_on, row.ends_on) == (
        "postponed", "Bão", later(10), later(12),
    )  # fmt: skip
    assert row.measurements.get().as_of == later(12)
    entry = AuditEntry.objects.order_by("-sequence").first()
    assert (entry.action, entry.detail["from"], entry.detail["to"]) == (
        "activity.postponed",
        str(later(3)),
        str(later(10)),
    )
    again = data_of(cast, indicator.task, starts_on=later(10), what_was_done="Sửa chữ.")
    row = services.save_activity(actor=minh, data=again, activity=row)
    assert (row.occurrence, row.occurrence_reason) == ("postponed", "Bão")  # a changed text keeps what was said


def test_a_plan_whose_day_has_passed_stays_a_plan_until_its_author_says_so(cast: Cast, indicator: Indicator) -> None:
    minh = cast.actor(cast.minh)
    row = passed_plan(cast, indicator)
    assert row.is_past_plan
    assert list(Activity.objects.past_plans(timezone.localdate())) == [row]
    typed = data_of(cast, indicator.task, starts_on=row.starts_on, what_was_done="Thêm chữ.")
    row = services.save_activity(actor=minh, data=typed, activity=row)
    assert row.occurrence == "planned"  # saving (the page does it by itself) says nothing about the day
    held = services.mark_occurrence(actor=minh, activity=row, occurrence="held")
    assert (held.occurrence, held.review) == ("held", "draft")
    with pytest.raises(DomainError, match="kế hoạch"):
        services.mark_occurrence(actor=minh, activity=held, occurrence="cancelled", reason="Bão")


def test_sending_the_account_of_a_passed_plan_says_that_it_was_held(cast: Cast, indicator: Indicator) -> None:
    row = services.submit(actor=cast.actor(cast.minh), item=passed_plan(cast, indicator))
    assert (row.occurrence, row.review) == ("held", "submitted")


def test_a_cancelled_plan_is_not_sent_and_can_come_back(cast: Cast, indicator: Indicator) -> None:
    minh = cast.actor(cast.minh)
    row = passed_plan(cast, indicator)
    row = services.mark_occurrence(actor=minh, activity=row, occurrence="cancelled", reason="Bão")
    with pytest.raises(DomainError):
        services.submit(actor=minh, item=row)
    row = services.save_activity(actor=minh, data=data_of(cast, indicator.task, starts_on=later(4)), activity=row)
    assert (row.occurrence, row.occurrence_reason) == ("planned", "")


def test_a_sent_plan_is_seen_by_the_committee_and_counts_nowhere(cast: Cast, indicator: Indicator) -> None:
    minh = cast.actor(cast.minh)
    row = logged(cast, indicator, starts_on=later(3))

    def seers() -> list[str]:
        people = (cast.lan, cast.hoa, cast.tuan, cast.phuong)
        return [who.username for who in people if Activity.objects.visible_to(who).filter(pk=row.pk)]

    assert seers() == []
    with pytest.raises(NotAllowed):
        services.send_plan(actor=cast.actor(cast.lan), activity=row)
    row = services.send_plan(actor=minh, activity=row)
    assert seers() == ["lan", "hoa"]
    assert not Tally.objects.filter(count__gt=0).exists()
    services.mark_occurrence(actor=minh, activity=row, occurrence="cancelled", reason="Bão")
    assert seers() == ["lan", "hoa"]  # they planned around it: they must hear that it is off
    row = services.send_plan(actor=minh, activity=row, is_sent=False)
    assert seers() == []
    held = logged(cast, indicator)
    with pytest.raises(DomainError):
        services.send_plan(actor=minh, activity=held)


def test_a_held_plan_is_a_draft_again_for_the_committee(cast: Cast, indicator: Indicator) -> None:
    minh = cast.actor(cast.minh)
    row = services.send_plan(actor=minh, activity=logged(cast, indicator, starts_on=later(3)))
    Activity.objects.filter(pk=row.pk).update(starts_on=later(0))
    services.mark_occurrence(actor=minh, activity=row, occurrence="held")
    assert not Activity.objects.visible_to(cast.lan).exists()


def test_the_database_refuses_to_send_a_plan(cast: Cast, indicator: Indicator) -> None:
    row = sent(cast, indicator)
    with pytest.raises(IntegrityError, match="activity_sent_was_held"), transaction.atomic():
        Activity.objects.filter(pk=row.pk).update(occurrence="planned")


# ----------------------------------------------------------------------- several funders, one result

HOUSE = (
    Share(10_000_000, funder="Quỹ Vì người nghèo thành phố"),
    Share(5_000_000, funder="Mặt trận phường"),
    Share(36_000_000, funder="Gia đình", is_in_kind=True),
)


def test_a_house_with_three_funders_is_one_house(cast: Cast, indicator: Indicator) -> None:
    row = sent(cast, indicator, contributions=(*HOUSE[:2], Share(36_000_000, organisation=cast.committee)))
    services.accept(actor=cast.actor(cast.lan), item=row)
    assert total(indicator) == 4  # the quantity of the entry, once
    value = Tally.objects.get(measure="value")
    assert (value.sum, value.count, value.unit) == (51_000_000, 1, cast.health)
    assert not cells.check().tallies
    assert [part.amount for part in Contribution.objects.visible_to(cast.lan).of(cast.committee)] == [36_000_000]
    assert not Contribution.objects.visible_to(cast.phuong).exists()


def test_value_and_its_part_in_kind_follow_from_the_shares(cast: Cast, indicator: Indicator) -> None:
    row = logged(cast, indicator, contributions=HOUSE)
    assert (row.value, row.value_in_kind) == (51_000_000, 36_000_000)
    assert [part.giver for part in row.contributions.all()] == [share.funder for share in HOUSE]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": 52_000_000}, "thiếu 1.000.000 đồng"),
        ({"value": 50_000_000}, "thừa 1.000.000 đồng"),
        ({"value": 51_000_000, "value_in_kind": 30_000_000}, "30.000.000 đồng"),
    ],
)
def test_shares_that_do_not_add_up_are_kept_in_a_draft_but_not_sent(
    cast: Cast, indicator: Indicator, changes: dict, said: str
) -> None:
    row = logged(cast, indicator, contributions=HOUSE, **changes)
    assert row.contributions.count() == 3
    with pytest.raises(DomainError, match=said) as caught:
        services.submit(actor=cast.actor(cast.minh), item=row)
    assert caught.value.field == "value"


def test_the_part_in_kind_is_no_more_than_the_value_and_no_funder_stands_twice(
    cast: Cast, indicator: Indicator
) -> None:
    for changes in ({"value": 5, "value_in_kind": 6}, {"value_in_kind": 6}):
        with pytest.raises(DomainError) as caught:
            logged(cast, indicator, **changes)
        assert caught.value.field == "value_in_kind"
    with pytest.raises(DomainError, match="hai lần"):
        logged(cast, indicator, contributions=(Share(1, funder="Gia đình"), Share(2, funder="gia  đình")))


# ------------------------------------------------------------------- counts that are never added together


def test_persons_households_and_turns_stay_three_counts(cast: Cast, indicator: Indicator) -> None:
    row = sent(cast, indicator, persons=3, households=20, turns=500)
    services.accept(actor=cast.actor(cast.lan), item=row)
    found = dict(Tally.objects.exclude(measure="indicator").values_list("measure", "sum"))
    assert found == {"activities": 1, "unproven": 1, "persons": 3, "households": 20, "turns": 500}
    day = row.starts_on.replace(year=row.starts_on.year + 1, month=12)
    lines = comparison.of_tasks([indicator.task], comparison.year_to_date(day)).lines
    assert {line.before for line in lines} == {1, 3, 20, 500}  # 23, 503, 520 and 523 would be sums of two or three


# ------------------------------------------------------------------------------ comparison, copying


@pytest.mark.parametrize(
    ("now", "before", "words", "change", "share"),
    [
        (12, 10, "tăng", 2, Decimal("0.2")),
        (9, 12, "giảm", 3, Decimal("0.25")),
        (5, 5, "không đổi", 0, None),
        (5, 0, "tăng", 5, None),
        (None, 5, "", None, None),
        (5, None, "", None, None),
    ],
)
def test_a_change_in_words(now, before, words: str, change, share) -> None:
    line = comparison.Line("Người", "", *(None if n is None else Decimal(n) for n in (now, before)))
    assert (line.words, line.change, line.share) == (words, change, share)


DAYS = ("2023-02-28", "2023-03-01", "2023-12-15", "2024-02-28", "2024-02-29", "2024-03-01", "2024-12-14", "2024-12-15",
        "2025-01-31", "2025-02-28", "2025-03-01", "2025-06-14", "2025-06-15", "2025-12-14", "2025-12-15")  # fmt: skip
WINDOWS = (
    ("2025-01-01", "2025-03-21"), ("2024-12-15", "2025-06-15"), ("2024-12-15", "2025-12-15"),
    ("2025-02-01", "2025-03-01"), ("2024-02-01", "2024-03-01"), ("2024-02-29", "2024-03-01"),
    ("2024-02-15", "2024-02-29"), ("2024-02-29", "2025-01-01"), ("2025-06-14", "2025-06-15"),
    ("2025-12-01", "2025-12-16"), ("2025-05-31", "2025-07-02"), ("2025-03-02", "2025-03-31"),
)  # fmt: skip


def test_any_window_is_compared_to_the_day(cast: Cast, indicator: Indicator, django_assert_num_queries) -> None:
    """The stored months and the rows of the open ends together give what a walk over every accepted row gives."""
    lan, task = cast.actor(cast.lan), indicator.task
    rows = []
    for number, text in enumerate(DAYS):
        amount = 2**number  # no two sets of days have the same sum
        row = make.make_activity(
            cast, task, starts_on=datetime.date.fromisoformat(text), persons=amount, values={indicator: amount}
        )
        rows.append((services.accept(actor=lan, item=row).starts_on, amount))
    make.make_activity(cast, task, starts_on=datetime.date(2025, 6, 14), persons=7, values={indicator: 7})  # waits
    for texts in WINDOWS:
        first, end = (datetime.date.fromisoformat(text) for text in texts)
        with django_assert_num_queries(1):
            found = comparison.of_tasks([task], (first, end), [indicator])
        sides = ((first, end), year_earlier((first, end)))
        sums = tuple(sum(n for day, n in rows if a <= day < b) or None for a, b in sides)
        counts = tuple(sum(1 for day, _n in rows if a <= day < b) or None for a, b in sides)
        lines = {line.label: (line.now, line.before) for line in found.lines}
        assert lines.pop(indicator.name) == sums, texts
        assert lines == {
            label: pair for label, pair in (("Hoạt động", counts), ("Người", sums)) if pair != (None, None)
        }, texts  # fmt: skip
        assert (found.starts_on, found.last_day) == (first, end - datetime.timedelta(days=1))
    empty = comparison.of_tasks([make.make_task(cast)], (first, end), [indicator]).lines
    assert [(line.now, line.before) for line in empty] == [(None, None)]  # no data is not 0


def test_the_days_filtered_for_are_the_days_compared(cast: Cast, indicator: Indicator, sign_in) -> None:
    url = reverse("activities:programme_activities", args=[indicator.task.programme_id])
    client, day = sign_in(cast.lan), datetime.date
    found = client.get(url, {"tu": "15/12/2024", "den": "14/06/2025"})
    compared = found.context["comparison"]
    assert (compared.starts_on, compared.last_day) == (day(2024, 12, 15), day(2025, 6, 14))
    assert compared.before == (day(2023, 12, 15), day(2024, 6, 14))
    assert "từ 15/12/2024 đến 14/06/2025" in found.content.decode()
    today = timezone.localdate()
    for query in ({}, {"tu": "14/06/2025", "den": "15/12/2024"}, {"tu": "01/01/0001", "den": "31/12/9999"}):
        compared = client.get(url, query).context["comparison"]
        assert (compared.starts_on, compared.last_day) == (day(today.year, 1, 1), today)


def test_a_continued_entry_says_which_texts_are_not_changed(cast: Cast, indicator: Indicator) -> None:
    minh = cast.actor(cast.minh)
    first = logged(cast, indicator, title="Kiểm tra", place="Chợ Thái")
    row = logged(cast, indicator, title="Kiểm tra", place="Chợ Túc Duyên", copied_from=first)
    assert (row.copied_from, row.copied_fields) == (first, ["title", "what_was_done"])
    typed = data_of(cast, indicator.task, title="Kiểm tra", what_was_done="Việc của lần này.", place="Chợ Thái")
    row = services.save_activity(actor=minh, data=typed, activity=row)
    assert row.copied_fields == ["title"]
    with pytest.raises(NotAllowed):
        services.save_activity(
            actor=minh,
            data=data_of(cast, indicator.task, copied_from=make.make_activity(
                cast, indicator.task, unit=cast.committee, author=cast.lan, acting_for=cast.committee)),
        )  # fmt: skip


def test_a_photo_is_added_apart_from_the_texts(cast: Cast, indicator: Indicator) -> None:
    row = logged(cast, indicator)
    file = files.store(user=cast.minh, name="anh.jpg", data=b"x", mime="image/jpeg")
    same = files.store(user=cast.minh, name="anh.jpg", data=b"x", mime="image/jpeg")
    proofs = {services.add_evidence(actor=cast.actor(cast.minh), activity=row, file=one).pk for one in (file, same)}
    assert len(proofs) == row.evidence.count() == 1
    assert Activity.objects.get(pk=row.pk).version == row.version
    sent_one = sent(cast, indicator)
    with pytest.raises(NotAllowed):
        services.add_evidence(actor=cast.actor(cast.minh), activity=sent_one, file=file)
    with pytest.raises(NotAllowed):
        services.add_evidence(actor=cast.actor(cast.lan), activity=row, file=file)
