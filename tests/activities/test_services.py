"""Services of the activities room: every step, every refusal, the totals with it."""

from __future__ import annotations

import datetime
import threading
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from activities import services
from activities.models import Activity, Measurement
from activities.services import ActivityData, MeasurementData, Quantity, cells
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
    assert measures == {"activities": 1, "indicator": 4, "households": 3, "persons": 10, "value": 64_000_000}
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
