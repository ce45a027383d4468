"""Reports: pre-filled, complete before they are sent, returned with their old due date, frozen once accepted."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from activities import services
from activities.models import ProgressReport, Rating, ReportDuty, Review, TaskReport
from activities.services import ActivityData, Quantity, duties, reports
from agreements.models import Indicator, Programme, Task
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry, Notification
from partners.models import OrganisationEvent, Succession
from tests import make
from tests.cast import Cast, make_organisation, make_user

pytestmark = pytest.mark.django_db
DATE = datetime.date


def make_duty(cast: Cast, programme: Programme, **changes) -> ReportDuty:
    """Return the duty of the Department of Health for the first half of 2026, due 06/06."""
    return ReportDuty.objects.create(
        **{
            "programme": programme,
            "committee": cast.committee,
            "unit": cast.health,
            "kind": "half_year",
            "period": "2026-H1",
            "starts_on": DATE(2025, 12, 15),
            "ends_on": DATE(2026, 6, 15),
            "due_on": DATE(2026, 6, 6),
            **changes,
        }
    )


@pytest.fixture
def indicator(cast: Cast) -> Indicator:
    return make.make_indicator(make.make_task(cast), kind="flow")


@pytest.fixture
def duty(cast: Cast, indicator: Indicator) -> ReportDuty:
    return make_duty(cast, indicator.task.programme)


def accepted(cast: Cast, indicator: Indicator, day: DATE, value: int, **changes) -> object:
    """Log an activity of that day and have it accepted."""
    data = ActivityData(
        task=indicator.task,
        unit=changes.pop("unit", cast.health),
        what_was_done="Kiểm tra bếp ăn.",
        starts_on=day,
        quantities={indicator.pk: Quantity(Decimal(value))},
        **changes,
    )
    row = services.save_activity(actor=cast.actor(cast.minh), data=data)
    services.submit(actor=cast.actor(cast.minh), item=row)
    return services.accept(actor=cast.actor(cast.lan), item=row)


def begun(cast: Cast, duty: ReportDuty) -> ProgressReport:
    return reports.open_report(actor=cast.actor(cast.minh), duty=duty)


def filled(report: ProgressReport, **changes) -> reports.ReportData:
    """Everything a complete report needs; changes go to every line."""
    line = {"self_rating": Rating.ON_TRACK, "result": "Đã kiểm tra bốn bếp ăn.", **changes}
    return reports.ReportData(
        summary="Hai bên đã triển khai theo kế hoạch.",
        lines={pk: reports.LineData(**line) for pk in report.lines.values_list("pk", flat=True)},
    )


def sent(cast: Cast, duty: ReportDuty, **changes) -> ProgressReport:
    report = begun(cast, duty)
    report = reports.save_report(actor=cast.actor(cast.minh), report=report, data=filled(report, **changes))
    return reports.submit_report(actor=cast.actor(cast.minh), report=report)


def decided(cast: Cast, duty: ReportDuty, **changes) -> ProgressReport:
    return reports.accept_report(actor=cast.actor(cast.lan), report=sent(cast, duty, **changes))


# ------------------------------------------------------------------------------------------------ figures


def test_the_window_counts_by_date_and_last_year_stands_beside(cast: Cast, indicator: Indicator, duty: ReportDuty):
    for day, value in (
        (DATE(2025, 12, 14), 100),  # the day before the window
        (DATE(2025, 12, 15), 1),
        (DATE(2026, 6, 14), 2),
        (DATE(2026, 6, 15), 50),  # the day behind it
        (DATE(2025, 6, 14), 7),  # in the same window a year earlier
    ):
        accepted(cast, indicator, day, value, persons=value)
    found = reports.line_figures(duty, [indicator.task])[indicator.task.pk]
    assert (found.activities, found.persons, found.same_activities) == (2, 3, 1)
    (line,) = found.indicators
    assert (line.period, line.same, line.year, line.target) == (Decimal(3), Decimal(7), Decimal(2), Decimal(120))
    assert line.share == Decimal(2) / 120
    assert reports.LineFigures.from_json(found.to_json()) == found


def test_no_data_is_none_and_pending_stands_apart(cast: Cast, indicator: Indicator, duty: ReportDuty):
    empty = reports.line_figures(duty, [indicator.task])[indicator.task.pk]
    assert (empty.activities, empty.persons, empty.indicators[0].period, empty.has_data) == (0, None, None, False)
    make.make_activity(cast, indicator.task, starts_on=DATE(2026, 3, 1), values={indicator: 9})
    waiting = reports.line_figures(duty, [indicator.task])[indicator.task.pk]
    assert (waiting.activities, waiting.pending, waiting.indicators[0].period) == (0, 1, None)


def test_a_level_takes_its_last_value(cast: Cast, duty: ReportDuty, indicator: Indicator):
    level = make.make_indicator(indicator.task, kind="stock", roll_up="latest", name="Điểm sơ cấp cứu")
    accepted(cast, level, DATE(2026, 1, 5), 12)
    accepted(cast, level, DATE(2026, 5, 5), 15)
    found = reports.line_figures(duty, [indicator.task])[indicator.task.pk]
    assert found.indicators[1].period == Decimal(15)
    assert found.indicators[1].share is None


def test_a_successor_reports_what_its_predecessor_did(cast: Cast, indicator: Indicator, duty: ReportDuty):
    old = make_organisation("Sở Lao động")
    event = OrganisationEvent.objects.create(kind="merge", effective_on=DATE(2025, 3, 1))
    Succession.objects.create(event=event, predecessor=old, successor=cast.health)
    below = make_organisation("Chi cục An toàn thực phẩm", parent=cast.health)
    assert {cast.health.pk, old.pk, below.pk} <= reports.units_counted(cast.health)
    assert cast.committee.pk not in reports.units_counted(cast.health)


# ------------------------------------------------------------------------------------------------- writing


def test_a_report_begins_with_a_line_for_each_task_of_the_unit(cast: Cast, indicator: Indicator, duty: ReportDuty):
    programme = indicator.task.programme
    other = make.make_task(cast, programme, lead=cast.stranger)
    supported = make.make_task(cast, programme, lead=cast.stranger)
    supported.supporting.add(cast.health)
    nobody = make.make_task(cast, programme, lead=None)
    stopped = make.make_task(cast, programme, state=Task.State.CANCELLED, state_reason="Bỏ")
    accepted(cast, indicator, DATE(2026, 3, 1), 4)
    report = begun(cast, duty)
    assert list(report.lines.values_list("task", flat=True)) == [indicator.task.pk, supported.pk, nobody.pk]
    assert other.pk not in report.lines.values_list("task", flat=True)
    assert stopped.pk not in report.lines.values_list("task", flat=True)
    assert [line.self_rating for line in report.lines.all()] == ["", Rating.NOTHING, Rating.NOTHING]
    assert begun(cast, duty) == report
    assert AuditEntry.objects.filter(action="report.begin").count() == 1


def test_only_the_unit_or_an_officer_for_it_begins(cast: Cast, duty: ReportDuty):
    for person in (cast.tuan, cast.phuong, cast.hoa):
        with pytest.raises(NotAllowed):
            reports.open_report(actor=cast.actor(person), duty=duty)
    assert reports.open_report(actor=cast.actor(cast.lan), duty=duty).acting_for == cast.committee


def test_a_waived_duty_or_closed_programme_has_no_report(cast: Cast, duty: ReportDuty):
    duty.waived_at, duty.waived_by, duty.waive_reason = timezone.now(), cast.lan, "Bão số 11"
    duty.save()
    with pytest.raises(NotAllowed, match="miễn|let off"):
        begun(cast, duty)
    duty.waived_at = None
    duty.save()
    Programme.objects.update(status=Programme.Status.CLOSED)
    duty.refresh_from_db()
    with pytest.raises(NotAllowed):
        begun(cast, duty)


def test_what_is_missing_is_named_field_by_field_and_keeps_it_from_being_sent(cast: Cast, duty: ReportDuty):
    report = begun(cast, duty)
    line = report.lines.get()
    TaskReport.objects.update(self_rating="")
    assert [one.field for one in reports.missing(report)] == ["summary", f"line-{line.pk}-self_rating"]
    data = filled(report, self_rating=Rating.BLOCKED, result="")
    report = reports.save_report(actor=cast.actor(cast.minh), report=report, data=data)
    assert [one.field for one in reports.missing(report)] == [f"line-{line.pk}-result", f"line-{line.pk}-obstacles"]
    with pytest.raises(DomainError) as refused:
        reports.submit_report(actor=cast.actor(cast.minh), report=report)
    assert refused.value.field == f"line-{line.pk}-result"
    nothing = filled(report, self_rating=Rating.NOTHING, result="")
    report = reports.save_report(actor=cast.actor(cast.minh), report=report, data=nothing)
    assert reports.missing(report) == []


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"self_rating": "perfect"}, "self_rating"),
        ({"declared_share": Decimal(40)}, "declared_reason"),
        ({"declared_share": Decimal(140), "declared_reason": "ước"}, "declared_share"),
        ({"result": "x" * 20_001}, "result"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(cast: Cast, duty: ReportDuty, line: dict[str, object], field: str):
    report = begun(cast, duty)
    with pytest.raises(DomainError) as refused:
        reports.save_report(actor=cast.actor(cast.minh), report=report, data=filled(report, **line))
    assert str(refused.value.field).endswith(field)
    assert TaskReport.objects.get().result == ""


def test_a_stale_save_is_refused(cast: Cast, duty: ReportDuty):
    report = begun(cast, duty)
    reports.save_report(actor=cast.actor(cast.minh), report=report, data=filled(report), version=1)
    with pytest.raises(Stale):
        reports.save_report(actor=cast.actor(cast.minh), report=report, data=filled(report), version=1)


def test_sending_for_a_colleague_is_recorded_as_such(cast: Cast, duty: ReportDuty):
    report = begun(cast, duty)
    thao = make_user("thao", "Hà Phương Thảo", cast.health)
    report = reports.save_report(actor=cast.actor(thao), report=report, data=filled(report))
    report = reports.submit_report(actor=cast.actor(thao), report=report)
    assert (report.author, report.submitted_by) == (cast.minh, thao)
    assert AuditEntry.objects.get(action="report.submit").detail == {"author": cast.minh.full_name}


# ------------------------------------------------------------------------------------------------ deciding


def test_acceptance_freezes_figures_targets_and_cut_off(
    cast: Cast, indicator: Indicator, duty: ReportDuty, django_capture_on_commit_callbacks
):
    accepted(cast, indicator, DATE(2026, 3, 1), 4)
    with django_capture_on_commit_callbacks(execute=True):
        report = decided(cast, duty)
    line = report.lines.get()
    assert (report.review, line.reviewer_rating) == (Review.ACCEPTED, Rating.ON_TRACK)
    assert report.cut_off == report.reviewed_at
    before = line.figures
    assert before["indicators"][0]["period"] == "4.0000"
    accepted(cast, indicator, DATE(2026, 3, 2), 5)
    indicator.targets.update(value=999)
    line.refresh_from_db()
    assert line.figures == before
    assert reports.content_of(report)["lines"][0]["figures"] == before
    assert {row.kind for row in Notification.objects.filter(user=cast.minh)} >= {"report_accepted"}


def test_the_reviewers_rating_stands_beside_the_units(cast: Cast, duty: ReportDuty):
    report = sent(cast, duty)
    line = report.lines.get()
    reports.accept_report(
        actor=cast.actor(cast.lan), report=report, ratings={line.pk: Rating.BEHIND}, note="Cần đẩy nhanh"
    )
    line.refresh_from_db()
    assert (line.self_rating, line.reviewer_rating) == (Rating.ON_TRACK, Rating.BEHIND)
    with pytest.raises(DomainError):
        reports.accept_report(
            actor=cast.actor(cast.lan), report=sent(cast, make_duty(cast, duty.programme, period="2026-H2")),
            ratings={1: "perfect"},
        )  # fmt: skip


def test_returned_keeps_its_due_date_and_thread(cast: Cast, duty: ReportDuty):
    report = sent(cast, duty)
    report = reports.return_report(actor=cast.actor(cast.lan), report=report, reason="Bổ sung số liệu quý II.")
    assert report.review == Review.RETURNED
    assert list(ReportDuty.objects.overdue(DATE(2026, 6, 7))) == [duty]  # as if it had never been sent
    assert list(ReportDuty.objects.overdue(DATE(2026, 6, 6))) == []
    report = reports.submit_report(actor=cast.actor(cast.minh), report=report)
    assert list(ReportDuty.objects.overdue(DATE(2026, 6, 7))) == []
    reports.accept_report(actor=cast.actor(cast.lan), report=report)
    assert [(row.cause, row.reason) for row in report.versions.all()] == [
        ("submitted", ""),
        ("returned", "Bổ sung số liệu quý II."),
        ("submitted", ""),
        ("accepted", ""),
    ]


def test_nobody_decides_on_what_they_wrote_or_sent(cast: Cast, duty: ReportDuty):
    report = reports.open_report(actor=cast.actor(cast.lan), duty=duty)
    report = reports.save_report(actor=cast.actor(cast.lan), report=report, data=filled(report))
    report = reports.submit_report(actor=cast.actor(cast.lan), report=report)
    with pytest.raises(NotAllowed, match="duyệt|reviews"):
        reports.accept_report(actor=cast.actor(cast.lan), report=report)
    with pytest.raises(NotAllowed):
        reports.accept_report(actor=cast.actor(cast.minh), report=report)
    assert reports.accept_report(actor=cast.actor(cast.hoa), report=report).reviewed_by == cast.hoa


def test_a_leader_decides_only_on_what_officers_wrote(cast: Cast, duty: ReportDuty):
    with pytest.raises(NotAllowed):
        reports.accept_report(actor=cast.actor(cast.hoa), report=sent(cast, duty))


def test_steps_that_the_state_does_not_allow(cast: Cast, duty: ReportDuty):
    minh, lan = cast.actor(cast.minh), cast.actor(cast.lan)
    report = begun(cast, duty)
    with pytest.raises(NotAllowed):
        reports.accept_report(actor=lan, report=report)
    with pytest.raises(NotAllowed):
        reports.recall_report(actor=minh, report=report)
    report = sent(cast, duty)
    with pytest.raises(NotAllowed):
        reports.save_report(actor=minh, report=report, data=filled(report))
    with pytest.raises(DomainError) as refused:
        reports.return_report(actor=lan, report=report, reason=" \u200b ")
    assert refused.value.field == "reason"
    with pytest.raises(DomainError):
        reports.return_report(actor=lan, report=report, reason="x" * 1001)
    report = reports.recall_report(actor=minh, report=report)
    report = reports.accept_report(actor=lan, report=reports.submit_report(actor=minh, report=report))
    with pytest.raises(NotAllowed, match="Lan"):
        reports.return_report(actor=cast.actor(cast.hung), report=report, reason="muộn")
    with pytest.raises(NotAllowed):
        reports.submit_report(actor=minh, report=report)
    with pytest.raises(NotAllowed):
        reports.reopen_report(actor=minh, report=report, reason="muốn sửa")


def test_undo_before_the_notice_leaves(cast: Cast, duty: ReportDuty, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        report = decided(cast, duty)
    with django_capture_on_commit_callbacks(execute=True):
        report = reports.undo_report(actor=cast.actor(cast.lan), report=report)
    assert (report.review, report.cut_off, report.lines.get().figures) == (Review.SUBMITTED, None, {})
    assert not Notification.objects.filter(kind="report_accepted").exists()
    report = reports.accept_report(actor=cast.actor(cast.lan), report=report)
    ProgressReport.objects.update(reviewed_at=timezone.now() - datetime.timedelta(minutes=6))
    with pytest.raises(NotAllowed):
        reports.undo_report(actor=cast.actor(cast.lan), report=report)
    with pytest.raises(NotAllowed):
        reports.undo_report(actor=cast.actor(cast.hung), report=report)


def test_a_report_that_its_unit_corrects_is_not_sent_by_an_undo(
    cast: Cast, duty: ReportDuty, django_capture_on_commit_callbacks
):
    lan = cast.actor(cast.lan)
    with django_capture_on_commit_callbacks(execute=True):
        report = reports.return_report(actor=lan, report=sent(cast, duty), reason="Thiếu số liệu")
    reports.save_report(actor=cast.actor(cast.minh), report=report, data=reports.ReportData())
    with pytest.raises(NotAllowed):
        reports.undo_report(actor=lan, report=report)


def test_a_report_that_was_let_off_is_neither_sent_nor_decided_on(cast: Cast, duty: ReportDuty):
    lan, minh = cast.actor(cast.lan), cast.actor(cast.minh)
    report = reports.return_report(actor=lan, report=sent(cast, duty), reason="Thiếu số liệu")
    services.waive_duty(actor=lan, duty=duty, reason="Gộp vào báo cáo năm", version=duty.version)
    for act in (
        lambda: reports.undo_report(actor=lan, report=report),
        lambda: reports.save_report(actor=minh, report=report, data=filled(report)),
        lambda: reports.submit_report(actor=minh, report=report),
    ):
        with pytest.raises(NotAllowed, match="được miễn"):
            act()
    duty.refresh_from_db()
    services.restore_duty(actor=lan, duty=duty, version=duty.version)
    assert reports.submit_report(actor=minh, report=report).review == Review.SUBMITTED


def test_reopening_keeps_the_accepted_version(cast: Cast, indicator: Indicator, duty: ReportDuty):
    accepted(cast, indicator, DATE(2026, 3, 1), 4)
    report = decided(cast, duty)
    with pytest.raises(DomainError):
        reports.reopen_report(actor=cast.actor(cast.hung), report=report, reason="")
    report = reports.reopen_report(actor=cast.actor(cast.hung), report=report, reason="Thiếu một hoạt động")
    assert (report.review, report.cut_off) == (Review.SUBMITTED, None)
    accepted(cast, indicator, DATE(2026, 4, 1), 6)
    reports.accept_report(actor=cast.actor(cast.lan), report=report)
    kept = list(report.versions.order_by("number"))
    assert [row.cause for row in kept] == ["submitted", "accepted", "reopened", "accepted"]
    found = reports.differences(kept[1].content, kept[3].content)
    assert {(one.name, one.old, one.new) for one in found} >= {
        ("activities", 1, 2),
        ("Cuộc kiểm tra (cuộc): period", "4.0000", "10.0000"),
    }
    with pytest.raises(ValueError, match="never changes"):
        kept[0].save()


def test_an_acceptance_that_a_report_counts_is_not_revoked(cast: Cast, indicator: Indicator, duty: ReportDuty):
    inside = accepted(cast, indicator, DATE(2026, 3, 1), 4)
    outside = accepted(cast, indicator, DATE(2026, 7, 1), 4)
    report = decided(cast, duty)
    with pytest.raises(NotAllowed, match="Sở Y tế"):
        services.revoke(actor=cast.actor(cast.lan), item=inside, reason="Nhầm")
    with pytest.raises(NotAllowed, match="Sở Y tế"):
        services.undo_decision(actor=cast.actor(cast.lan), item=inside)
    services.revoke(actor=cast.actor(cast.lan), item=outside, reason="Nhầm")
    reports.reopen_report(actor=cast.actor(cast.lan), report=report, reason="Sửa số liệu")
    services.revoke(actor=cast.actor(cast.lan), item=inside, reason="Nhầm")


def test_undo_is_no_way_around_a_frozen_report(cast: Cast, indicator: Indicator, duty: ReportDuty):
    inside = accepted(cast, indicator, DATE(2026, 3, 1), 4)
    returned = make.make_activity(cast, indicator.task, starts_on=DATE(2026, 3, 2))
    services.return_item(actor=cast.actor(cast.lan), item=returned, reason="Thiếu ảnh")
    report = decided(cast, duty)
    with pytest.raises(NotAllowed, match="Sở Y tế"):
        services.undo_decision(actor=cast.actor(cast.lan), item=inside)
    services.undo_decision(actor=cast.actor(cast.lan), item=returned)  # was never counted
    reports.reopen_report(actor=cast.actor(cast.lan), report=report, reason="Sửa số liệu")
    assert services.undo_decision(actor=cast.actor(cast.lan), item=inside).review == Review.SUBMITTED


def test_a_draft_of_a_report_let_off_is_not_sent_until_it_is_asked_for_again(cast: Cast, duty: ReportDuty):
    report = begun(cast, duty)
    minh, lan = cast.actor(cast.minh), cast.actor(cast.lan)
    report = reports.save_report(actor=minh, report=report, data=filled(report))
    duty = duties.waive_duty(actor=lan, duty=duty, reason="Đã có báo cáo chung", version=duty.version)
    for step in (
        lambda: reports.save_report(actor=minh, report=report, data=filled(report)),
        lambda: reports.submit_report(actor=minh, report=report),
    ):
        with pytest.raises(NotAllowed, match="đã được miễn"):
            step()
    duties.restore_duty(actor=lan, duty=duty, version=duty.version)
    assert reports.submit_report(actor=minh, report=report).review == Review.SUBMITTED


def test_each_committee_judges_the_report_it_is_owed(
    cast: Cast, indicator: Indicator, django_capture_on_commit_callbacks
):
    """The programme is a commune's; the province asks for a report of its own beside that of the commune."""
    commune = make_organisation("Ủy ban Mặt trận Tổ quốc Việt Nam xã Phú Lạc", "front_committee", parent=cast.committee)
    mai = make_user("mai", "Ngô Thị Mai", commune, "officer")
    Programme.objects.filter(pk=indicator.task.programme_id).update(owner=commune)
    duty = make_duty(cast, Programme.objects.get(pk=indicator.task.programme_id))
    with django_capture_on_commit_callbacks(execute=True):
        report = sent(cast, duty)
    waiting = ProgressReport.objects.visible_to
    assert not waiting(mai).waiting_for(mai, is_officer=True).exists()
    assert waiting(cast.lan).waiting_for(cast.lan, is_officer=True).exists()
    told = set(Notification.objects.filter(kind="report_submitted").values_list("user__username", flat=True))
    assert told == {"lan", "hung"}
    with pytest.raises(NotAllowed):
        reports.accept_report(actor=cast.actor(mai), report=report)
    reports.accept_report(actor=cast.actor(cast.lan), report=report)
    own = make_duty(cast, duty.programme, committee=commune, period="2026-H2")
    with django_capture_on_commit_callbacks(execute=True):
        to_commune = sent(cast, own)
    assert waiting(mai).waiting_for(mai, is_officer=True).exists()
    assert Notification.objects.filter(kind="report_submitted", user=mai).exists()
    assert reports.accept_report(actor=cast.actor(mai), report=to_commune).review == Review.ACCEPTED


def test_where_a_committee_below_signed_the_owner_reviews(
    cast: Cast, indicator: Indicator, django_capture_on_commit_callbacks
):
    commune = make_organisation("Ủy ban Mặt trận Tổ quốc Việt Nam xã Phú Lạc", "front_committee", parent=cast.committee)
    with django_capture_on_commit_callbacks(execute=True):
        report = sent(cast, make_duty(cast, indicator.task.programme, committee=commune))
    assert ProgressReport.objects.visible_to(cast.lan).waiting_for(cast.lan, is_officer=True).exists()
    assert Notification.objects.filter(kind="report_submitted", user=cast.lan).exists()
    assert reports.accept_report(actor=cast.actor(cast.lan), report=report).review == Review.ACCEPTED


def test_the_last_report_of_the_same_kind_is_the_one_to_continue(cast: Cast, indicator: Indicator, duty: ReportDuty):
    """A report asked for once in between is about something else; it serves only where there is none of the kind."""
    programme = indicator.task.programme
    once = make_duty(cast, programme, kind="on_request", period="R1", title="Báo cáo bếp ăn", ends_on=DATE(2026, 9, 1))
    asked = sent(cast, once)
    later = begun(
        cast, make_duty(cast, programme, period="2026-H2", starts_on=DATE(2026, 6, 15), ends_on=DATE(2026, 12, 15))
    )
    assert reports.previous_of(later, list(later.lines.all())).report == asked
    regular = sent(cast, duty)
    assert reports.previous_of(later, list(later.lines.all())).report == regular


def test_a_declared_share_counts_only_once_accepted_and_only_with_its_reason(cast: Cast):
    task = make.make_task(cast, due_on=None)
    duty = make_duty(cast, task.programme)
    report = sent(cast, duty, declared_share=Decimal(40), declared_reason="Theo biên bản sơ kết")
    task.refresh_from_db()
    assert task.declared_share is None
    report = reports.accept_report(actor=cast.actor(cast.lan), report=report)
    task.refresh_from_db()
    assert (task.declared_share, task.declared_reason) == (Decimal("0.4"), "Theo biên bản sơ kết")
    assert Programme.objects.get(pk=task.programme_id).figure.progress == Decimal("0.4")
    reports.reopen_report(actor=cast.actor(cast.lan), report=report, reason="Sửa")
    task.refresh_from_db()
    assert task.declared_share is None


def test_who_sees_a_report(cast: Cast, duty: ReportDuty):
    report = begun(cast, duty)
    seen = ProgressReport.objects.visible_to
    assert seen(cast.minh).exists() and not seen(cast.lan).exists() and not seen(cast.tuan).exists()
    reports.save_report(actor=cast.actor(cast.minh), report=report, data=filled(report))
    reports.submit_report(actor=cast.actor(cast.minh), report=report)
    for person, expected in ((cast.lan, True), (cast.hoa, True), (cast.phuong, False), (cast.tuan, False)):
        assert seen(person).exists() is expected
        assert ReportDuty.objects.visible_to(person).exists() is expected
