"""Duties: what the rules ask for, what stays when they change, and what officers decide (trust.md F11, F19)."""

from __future__ import annotations

import datetime
import random
import threading
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from activities import services
from activities.models import Nudge, ProgressReport, ReportDuty
from activities.services.duties import plan_duties
from agreements import services as programme_services
from agreements.figures.periods import parse_rule
from agreements.models import Milestone, Programme, ReportingRule
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry, Holiday
from partners.models import OrganisationEvent, Succession
from tests import make
from tests.activities.duty_ground import HALF_YEAR, QUARTER, TODAY, Day, seen, set_rule
from tests.cast import make_organisation

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-23 08:00+07:00", tick=True):
        yield


def report(cast: Cast, duty: ReportDuty, review: str = "submitted", **changes) -> ProgressReport:
    """Return a report on a duty as Minh would have sent it."""
    values = {"duty": duty, "author": cast.minh, "acting_for": cast.health, "review": review}
    if review != "draft":
        values |= {"submitted_at": timezone.now(), "submitted_by": cast.minh}
    if review in {"accepted", "returned"}:
        values |= {"reviewed_by": cast.lan, "reviewed_at": timezone.now()}
    if review == "accepted":
        values["cut_off"] = timezone.now()
    if review == "returned":
        values["return_reason"] = "Bổ sung số liệu."
    return ProgressReport.objects.create(**values | changes)


def regenerate(programme: Programme):
    """Regenerate as the timer does."""
    return services.regenerate(actor=None, programme=Programme.objects.get(pk=programme.pk))


# -------------------------------------------------------------------------------------------- what is asked


def test_half_years_from_the_signing_to_the_end_of_next_year(cast: Cast) -> None:
    programme = make.make_programme(cast)  # signed 1/2/2024, to 31/12/2027
    set_rule(programme)
    plan = regenerate(programme)
    assert len(plan.added) == 8
    assert seen(programme) == {
        ("Sở Y tế", "2024-H1", Day("2024-06-14")),  # 15/6/2024 is a Saturday
        ("Sở Y tế", "2024-H2", Day("2024-12-13")),
        ("Sở Y tế", "2025-H1", Day("2025-06-13")),
        ("Sở Y tế", "2025-H2", Day("2025-12-15")),
        ("Sở Y tế", "2026-H1", Day("2026-06-15")),
        ("Sở Y tế", "2026-H2", Day("2026-12-15")),
        ("Sở Y tế", "2027-H1", Day("2027-06-15")),
        ("Sở Y tế", "2027-H2", Day("2027-12-15")),
    }
    first = ReportDuty.objects.get(period="2024-H1")
    assert (first.starts_on, first.ends_on) == (Day("2024-02-01"), Day("2024-06-15"))  # clipped to the signing
    assert regenerate(programme).is_empty


def test_the_horizon_is_the_end_of_next_year(cast: Cast) -> None:
    programme = make.make_programme(cast, ends_on=Day("2032-12-31"))
    set_rule(programme)
    regenerate(programme)
    assert ReportDuty.objects.latest("due_on").due_on == Day("2027-12-15")
    with time_machine.travel("2027-01-01 00:30+07:00"):
        assert [one.period for one in regenerate(programme).added] == ["2028-H1", "2028-H2"]


def test_the_last_days_of_a_programme_are_no_report_of_their_own(cast: Cast) -> None:
    programme = make.make_programme(cast, ends_on=Day("2025-12-31"))
    set_rule(programme)
    regenerate(programme)
    assert max(period for _unit, period, _due in seen(programme)) == "2025-H2"  # 15 to 31/12/2025 are left over
    Programme.objects.update(ends_on=Day("2026-03-31"))
    regenerate(programme)
    duty = ReportDuty.objects.get(period="2026-H1")
    assert (duty.starts_on, duty.ends_on) == (Day("2025-12-15"), Day("2026-04-01"))


def test_who_reports(cast: Cast) -> None:
    witness = make_organisation("Ủy ban nhân dân tỉnh")
    lead = make_organisation("Sở Công thương")
    programme = make.make_programme(cast, parties=[cast.committee, cast.health, witness])
    programme.parties.filter(organisation=witness).update(role="witness")
    make.make_task(cast, programme, lead=lead)
    make.make_task(cast, programme, lead=cast.committee)
    make.make_task(cast, programme, lead=cast.stranger, state="cancelled", state_reason="Dừng")
    by = {"partners": {"Sở Y tế"}, "leads": {"Sở Công thương"}, "named": {"Sở Tư pháp"}}
    for reporters, names in by.items():
        ReportDuty.objects.all().delete()
        set_rule(programme, HALF_YEAR | {"reporters": reporters, "units": [cast.stranger.pk]})
        regenerate(programme)
        assert {unit for unit, _period, _due in seen(programme)} == names, reporters


def test_reviews_ask_for_a_report_before_them(cast: Cast) -> None:
    programme = make.make_programme(cast)
    review = Milestone.objects.create(
        programme=programme, kind="interim_review", due_on=Day("2026-12-31"), name="Sơ kết"
    )
    Milestone.objects.create(programme=programme, kind="annual_plan", due_on=Day("2027-03-31"))
    set_rule(programme, {"review_days": 15})
    regenerate(programme)
    duty = ReportDuty.objects.get()
    assert (duty.kind, duty.title, duty.due_on) == ("interim", "Sơ kết", Day("2026-12-16"))
    assert (duty.starts_on, duty.ends_on) == (Day("2024-02-01"), Day("2026-12-17"))
    review.due_on = Day("2027-01-29")
    review.save()
    plan = regenerate(programme)
    assert plan.counts == {"added": 0, "changed": 1, "removed": 0, "kept": 0}  # it moves, it is not a second one
    assert ReportDuty.objects.get().due_on == Day("2027-01-14")


def test_a_successor_takes_over_what_falls_due_after_the_dissolution(cast: Cast) -> None:
    old, new, other = (make_organisation(name) for name in ("Sở LĐTBXH", "Sở NNMT", "Sở Nội vụ"))
    programme = make.make_programme(cast, parties=[cast.committee, old])
    event = OrganisationEvent.objects.create(kind="dissolve", effective_on=Day("2025-03-01"))
    Succession.objects.create(event=event, predecessor=old, successor=other)
    Succession.objects.create(event=event, predecessor=old, successor=new, field_of_work=cast.field)
    set_rule(programme)
    regenerate(programme)
    by_unit = {period: unit for unit, period, _due in seen(programme)}
    assert by_unit["2024-H2"] == "Sở LĐTBXH"
    assert {by_unit[period] for period in ("2025-H1", "2026-H2", "2027-H2")} == {"Sở NNMT"}


def test_a_succession_entered_late_hands_over_what_is_open_and_leaves_what_was_reported(cast: Cast) -> None:
    new = make_organisation("Sở NNMT")
    programme = make.make_programme(cast)
    set_rule(programme)
    regenerate(programme)
    report(cast, ReportDuty.objects.get(period="2025-H1"))
    event = OrganisationEvent.objects.create(kind="merge", effective_on=Day("2025-03-01"))
    Succession.objects.create(event=event, predecessor=cast.health, successor=new)
    regenerate(programme)
    by_period = {period: unit for unit, period, _due in seen(programme)}
    assert len(seen(programme)) == 8  # nothing twice
    assert by_period["2025-H1"] == "Sở Y tế"  # reported by the predecessor
    assert {by_period[name] for name in ("2025-H2", "2026-H1", "2026-H2")} == {"Sở NNMT"}


def test_several_successors_without_a_field_leave_the_duty_where_it_is(cast: Cast) -> None:
    programme = make.make_programme(cast, field_of_work=None)
    event = OrganisationEvent.objects.create(kind="dissolve", effective_on=Day("2025-03-01"))
    for name in ("Sở A", "Sở B"):
        heir = make_organisation(name)
        Succession.objects.create(event=event, predecessor=cast.health, successor=heir, field_of_work=cast.field)
    set_rule(programme)
    regenerate(programme)
    assert {unit for unit, _period, _due in seen(programme)} == {"Sở Y tế"}


def test_drafts_and_finished_programmes_ask_for_nothing_new(cast: Cast) -> None:
    programme = make.make_programme(cast, status="signed")
    set_rule(programme)
    assert regenerate(programme).is_empty
    Programme.objects.filter(pk=programme.pk).update(status="in_force")
    regenerate(programme)
    Programme.objects.filter(pk=programme.pk).update(status="closed")
    regenerate(programme)
    assert max(due for _unit, _period, due in seen(programme)) < TODAY  # overdue ones stay on record
    assert len(seen(programme)) == 5


# ------------------------------------------------------------------------------------ what a change leaves alone


def test_what_something_rests_on_stays_when_the_rule_changes(cast: Cast) -> None:
    programme = make.make_programme(cast)
    rule = set_rule(programme)
    regenerate(programme)
    duties = {row.period: row for row in ReportDuty.objects.all()}
    report(cast, duties["2024-H1"], "accepted")
    report(cast, duties["2024-H2"], "returned")
    report(cast, duties["2025-H1"], "draft", summary="Đã viết một phần.")
    report(cast, duties["2025-H2"], "draft")  # empty: goes with its duty
    lan = cast.actor(cast.lan)
    services.waive_duty(actor=lan, duty=duties["2026-H1"], reason="Đã báo cáo riêng", version=1)
    services.move_duty(actor=lan, duty=duties["2026-H2"], due_on=Day("2026-12-28"), reason="Bão", version=1)
    Nudge.objects.create(duty=duties["2027-H1"], unit=cast.health, user=cast.minh, days=-7, due_on=Day("2027-06-15"))
    rule.rule = QUARTER
    rule.save()
    plan = regenerate(programme)
    kept = {duty.period for duty in plan.kept}
    assert kept == {"2024-H1", "2024-H2", "2025-H1", "2026-H1", "2026-H2", "2027-H1"}
    assert {duty.period for duty in plan.removed} == {"2025-H2", "2027-H2"}
    assert ReportDuty.objects.get(period="2026-H2").due_on == Day("2026-12-28")
    assert ReportDuty.objects.filter(kind="quarter").exists()
    assert ProgressReport.objects.count() == 3
    entry = AuditEntry.objects.filter(action="duty.generate").first()
    assert entry is not None and entry.detail["removed"] == 2 and entry.detail["kept"] == 6


def test_a_rule_in_force_from_a_day_leaves_what_was_due_before_it(cast: Cast) -> None:
    programme = make.make_programme(cast)
    set_rule(programme)
    regenerate(programme)
    set_rule(programme, QUARTER | {"since": "2026-11-23"})
    regenerate(programme)
    kinds = {row.period: row.kind for row in ReportDuty.objects.all()}
    assert kinds["2025-H1"] == kinds["2026-H1"] == "half_year"  # overdue ones stay owed
    assert "2026-H2" not in kinds and "2026-Q3" not in kinds  # neither asked for twice nor afterwards
    assert kinds["2026-Q4"] == "quarter"


def test_a_removed_rule_forgives_nothing_that_was_owed(cast: Cast) -> None:
    programme = make.make_programme(cast)
    set_rule(programme)
    regenerate(programme)
    lan = cast.actor(cast.lan)
    programme_services.remove_rule(actor=lan, programme=programme, committee=cast.committee, version=1)
    regenerate(programme)
    assert {period for _unit, period, _due in seen(programme)} == {
        "2024-H1",
        "2024-H2",
        "2025-H1",
        "2025-H2",
        "2026-H1",
    }


def test_a_unit_that_joins_later_is_not_asked_for_what_others_have_answered(cast: Cast) -> None:
    programme = make.make_programme(cast)
    set_rule(programme)
    regenerate(programme)
    for duty in ReportDuty.objects.filter(due_on__lt=TODAY):
        report(cast, duty)
    programme.parties.create(organisation=cast.stranger, name_as_signed="Sở Tư pháp", position=3)
    regenerate(programme)
    asked = {period for unit, period, _due in seen(programme) if unit == "Sở Tư pháp"}
    assert asked == {"2026-H2", "2027-H1", "2027-H2"}


def test_a_holiday_moves_what_nothing_rests_on(cast: Cast) -> None:
    programme = make.make_programme(cast)
    set_rule(programme)
    regenerate(programme)
    report(cast, ReportDuty.objects.get(period="2027-H1"), "draft", summary="x")
    for day in ("2026-12-15", "2027-06-15"):
        Holiday.objects.create(day=Day(day), name="Nghỉ bù (thử)")
    assert services.moved_by_calendar(services.working_days(), [Day("2026-01-01")]) == []
    moved = services.moved_by_calendar(services.working_days(), [Day("2026-12-15"), Day("2027-06-15")])
    assert [(duty.period, to) for duty, to in moved] == [("2026-H2", Day("2026-12-14"))]
    services.generate_all(force=True)
    assert ReportDuty.objects.get(period="2026-H2").due_on == Day("2026-12-14")
    assert ReportDuty.objects.get(period="2027-H1").due_on == Day("2027-06-15")


def test_what_a_calendar_moves_is_what_regenerating_moves(cast: Cast) -> None:
    """The short way (one look at the duties near a day) against the long one (the whole plan)."""
    rng = random.Random(5)
    programme = make.make_programme(cast)
    Milestone.objects.create(programme=programme, kind="interim_review", due_on=Day("2027-03-15"))
    set_rule(programme, {"calendars": HALF_YEAR["calendars"] + QUARTER["calendars"], "review_days": 15})
    regenerate(programme)
    for _turn in range(20):
        due = rng.choice(list(ReportDuty.objects.values_list("due_on", flat=True)))
        day = due + datetime.timedelta(days=rng.randint(-3, 3))
        if Holiday.objects.filter(day=day).exists():
            continue
        kind = Holiday.Kind.WORKED if day.weekday() >= 5 else Holiday.Kind.OFF
        days = services.working_days(extra=Holiday(day=day, kind=kind, name="thử"))
        short = {(duty.pk, to) for duty, to in services.moved_by_calendar(days, [day])}
        assert short == {(duty.pk, one.due_on) for duty, one in plan_duties(programme, days=days).changed}
        Holiday.objects.create(day=day, kind=kind, name="thử")
        regenerate(programme)


def test_the_preview_writes_nothing(cast: Cast) -> None:
    programme = make.make_programme(cast)
    plan = plan_duties(programme, rules={cast.committee.pk: (None, parse_rule(HALF_YEAR))})
    assert len(plan.added) == 8 and not ReportDuty.objects.exists()


def test_a_rule_that_cannot_be_read_is_left_out(cast: Cast) -> None:
    programme = make.make_programme(cast)
    set_rule(programme, {"reporters": "nobody"})
    assert regenerate(programme).is_empty


# --------------------------------------------------------------------------------------------------- properties


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_nothing_is_lost_or_doubled(cast: Cast, seed: int) -> None:
    """Random changes of rule, period, parties, calendar and reports: regeneration is idempotent and keeps reports."""
    rng = random.Random(seed)
    programme = make.make_programme(cast)
    set_rule(programme)
    spare = [cast.stranger, make_organisation("Sở Công thương"), make_organisation("Hội Nông dân")]
    rules = [HALF_YEAR, QUARTER, {"calendars": HALF_YEAR["calendars"] + QUARTER["calendars"]}, {"review_days": 10}]
    for _step in range(12):
        match rng.randrange(7):
            case 0:
                since = rng.choice([None, "2025-01-01", "2026-11-23"])
                set_rule(programme, rng.choice(rules) | {"since": since})
            case 1:
                body = rng.choice(spare)
                if not programme.parties.filter(organisation=body).delete()[0]:
                    programme.parties.create(organisation=body, name_as_signed=body.name, position=9)
            case 2:
                Programme.objects.filter(pk=programme.pk).update(ends_on=Day(f"{rng.randint(2026, 2028)}-12-31"))
            case 3:
                Programme.objects.filter(pk=programme.pk).update(
                    status=rng.choice(["in_force", "in_force", "suspended", "closed"]), status_reason="thử"
                )
            case 4:
                Milestone.objects.update_or_create(
                    programme=programme,
                    kind="interim_review",
                    defaults={"due_on": Day(f"2026-{rng.randint(1, 12):02}-20")},
                )
            case 5:
                Holiday.objects.get_or_create(
                    day=TODAY + datetime.timedelta(days=rng.randint(-300, 300)), defaults={"name": "thử"}
                )
            case 6:
                free = list(ReportDuty.objects.filter(programme=programme, report=None))
                if free:
                    report(cast, rng.choice(free), rng.choice(["submitted", "accepted", "returned"]))
        before = dict(ProgressReport.objects.values_list("pk", "duty_id"))
        frozen = {
            row.pk: (row.unit_id, row.kind, row.period, row.starts_on, row.ends_on, row.due_on)
            for row in ReportDuty.objects.filter(report__isnull=False)
        }
        regenerate(programme)
        assert dict(ProgressReport.objects.values_list("pk", "duty_id")) == before
        for row in ReportDuty.objects.filter(pk__in=frozen):
            assert frozen[row.pk] == (row.unit_id, row.kind, row.period, row.starts_on, row.ends_on, row.due_on)
        assert regenerate(programme).is_empty


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_write_each_duty_once(cast: Cast) -> None:
    programme = make.make_programme(cast)
    set_rule(programme)
    failed: list[Exception] = []

    def run() -> None:
        try:
            regenerate(programme)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(seen(programme)) == ReportDuty.objects.count() == 8
    assert AuditEntry.objects.filter(action="duty.generate").count() == 1


# ------------------------------------------------------------------------------------------ decisions of officers


def _duty(cast: Cast, period: str = "2026-H2") -> ReportDuty:
    programme = make.make_programme(cast)
    set_rule(programme)
    regenerate(programme)
    return ReportDuty.objects.get(period=period)


def test_waive_and_ask_again(cast: Cast) -> None:
    duty, lan = _duty(cast), cast.actor(cast.lan)
    with pytest.raises(DomainError, match="lý do"):
        services.waive_duty(actor=lan, duty=duty, reason=" ", version=duty.version)
    duty = services.waive_duty(actor=lan, duty=duty, reason="Đã có báo cáo tổng kết", version=duty.version)
    assert ReportDuty.objects.waived().get() == duty and duty.waived_by == cast.lan
    with pytest.raises(NotAllowed):
        services.waive_duty(actor=lan, duty=duty, reason="Lần nữa", version=duty.version)
    with pytest.raises(Stale):
        services.restore_duty(actor=lan, duty=duty, version=1)
    duty = services.restore_duty(actor=lan, duty=duty, version=duty.version)
    assert not duty.is_waived and duty.due_on == Day("2026-12-15")
    with pytest.raises(NotAllowed):
        services.restore_duty(actor=lan, duty=duty, version=duty.version)
    actions = list(AuditEntry.objects.filter(object_type="reportduty").values_list("action", flat=True))
    assert actions == ["duty.restore", "duty.waive"]


def test_another_due_date_keeps_the_first(cast: Cast) -> None:
    duty, lan = _duty(cast), cast.actor(cast.lan)
    with pytest.raises(DomainError) as found:
        services.move_duty(actor=lan, duty=duty, due_on=Day("2026-11-22"), reason="Bão", version=1)
    assert found.value.field == "due_on"
    services.move_duty(actor=lan, duty=duty, due_on=Day("2026-12-20"), reason="Bão", version=1)
    duty = services.move_duty(actor=lan, duty=duty, due_on=Day("2026-12-31"), reason="Bão lần hai", version=2)
    assert (duty.moved_from, duty.due_on) == (Day("2026-12-15"), Day("2026-12-31"))
    assert AuditEntry.objects.filter(action="duty.move").first().detail == {"from": "2026-12-20", "to": "2026-12-31"}


def test_ask_several_units_once(cast: Cast) -> None:
    programme, lan = make.make_programme(cast), cast.actor(cast.lan)
    values = {"title": "Báo cáo nhanh", "request": "Số nhà hư hỏng", "starts_on": TODAY, "last_day": TODAY}
    for _turn in range(2):
        services.request_reports(
            actor=lan, programme=programme, units=[cast.health, cast.stranger], due_on=Day("2026-11-30"), **values
        )
    assert sorted(ReportDuty.objects.values_list("period", flat=True)) == ["R1", "R1", "R2", "R2"]
    duty = ReportDuty.objects.first()
    assert str(duty) == "Báo cáo nhanh" and duty.last_day == TODAY
    assert regenerate(programme).is_empty  # a request is nobody's rule
    with pytest.raises(DomainError) as found:
        services.request_reports(
            actor=lan, programme=programme, units=[cast.health], due_on=Day("2026-01-01"), **values
        )
    assert found.value.field == "due_on"
    with pytest.raises(NotAllowed):
        services.request_reports(
            actor=cast.actor(cast.hoa), programme=programme, units=[cast.health], due_on=TODAY, **values
        )


def test_nobody_decides_about_what_was_handed_in_or_belongs_to_others(cast: Cast) -> None:
    duty = _duty(cast)
    for who in (cast.minh, cast.hoa, cast.phuong, cast.duc):
        with pytest.raises(NotAllowed):
            services.waive_duty(actor=cast.actor(who), duty=duty, reason="Không", version=1)
    report(cast, duty)
    with pytest.raises(NotAllowed, match="đã nộp"):
        services.move_duty(
            actor=cast.actor(cast.lan), duty=duty, due_on=Day("2026-12-30"), reason="Chậm", version=duty.version
        )
    ProgressReport.objects.update(review="returned", return_reason="Thiếu", reviewed_by=cast.lan)
    services.move_duty(actor=cast.actor(cast.lan), duty=duty, due_on=Day("2026-12-30"), reason="Chậm", version=1)


def test_units_hear_of_what_is_decided(cast: Cast, django_capture_on_commit_callbacks) -> None:
    duty = _duty(cast)
    with django_capture_on_commit_callbacks(execute=True):
        services.waive_duty(actor=cast.actor(cast.lan), duty=duty, reason="Không cần", version=1)
    notice = cast.minh.notifications.get()
    assert notice.kind == "duty_waived" and notice.url == f"/bao-cao/ky/{duty.pk}/"


# ------------------------------------------------------------------------------------------ rules, hook, command


def test_the_rule_of_a_committee(cast: Cast) -> None:
    programme, lan = make.make_programme(cast), cast.actor(cast.lan)
    values = {"programme": programme, "committee": cast.committee, "rule": parse_rule(HALF_YEAR)}
    row = programme_services.save_rule(actor=lan, version="", **values)
    assert parse_rule(row.rule) == values["rule"] and row.version == 1
    with pytest.raises(Stale):
        programme_services.save_rule(actor=cast.actor(cast.hung), version="", **values)
    programme_services.save_rule(actor=cast.actor(cast.hung), version=1, **values)
    for who in (cast.minh, cast.hoa, cast.phuong):
        with pytest.raises(NotAllowed):
            programme_services.save_rule(actor=cast.actor(who), version=2, **values)
    foreign = {**values, "committee": cast.other_committee}
    with pytest.raises(NotAllowed):
        programme_services.save_rule(actor=lan, version="", **foreign)
    with pytest.raises(DomainError):
        programme_services.save_rule(actor=lan, version=2, **{**values, "rule": parse_rule({})})
    assert ReportingRule.objects.get().version == 2


def test_duties_follow_the_programme_by_themselves(cast: Cast, django_capture_on_commit_callbacks) -> None:
    programme, lan = make.make_programme(cast), cast.actor(cast.lan)
    set_rule(programme)
    regenerate(programme)
    data = programme_services.MilestoneData(kind="final_review", due_on=Day("2027-12-31"))
    set_rule(programme, HALF_YEAR | {"review_days": 15})
    with django_capture_on_commit_callbacks(execute=True):
        programme_services.add_milestones(actor=lan, programme=programme, items=[data])
    assert ReportDuty.objects.get(kind="final").due_on == Day("2027-12-16")


def test_the_nightly_command_acts_once_a_day(cast: Cast, capsys) -> None:
    programme = make.make_programme(cast)
    set_rule(programme)
    call_command("generate_duties")
    assert len(seen(programme)) == 8
    ReportDuty.objects.all().delete()
    call_command("generate_duties")
    assert not ReportDuty.objects.exists()
    call_command("generate_duties", "--force")
    assert len(seen(programme)) == 8
    with time_machine.travel("2026-11-24 00:01+07:00"):
        call_command("generate_duties")
    assert AuditEntry.objects.filter(action="duty.nightly").count() == 3
    assert "8 added" in capsys.readouterr().out
