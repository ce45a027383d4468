"""At-risk flags of programmes: each cause with its rows, as of a day, and only what a person may see of them."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from activities.models import ProgressReport, ReportDuty
from agreements import figures
from agreements.models import LegalBasis, Milestone, TaskDeadline
from insights import risk
from partners.models import OrganisationEvent, Succession
from tests.cast import make_organisation
from tests.make import make_legal_document, make_programme, make_task

DAY = datetime.date(2026, 6, 30)
BUSY = risk.Numbers(Decimal("0.9"), figures.ON_TRACK, Decimal(1), DAY)


def flags(programme, day=DAY, numbers=BUSY, user=None):
    return {flag.cause: flag for flag in risk.read([programme], {programme.pk: numbers}, day, user)[programme.pk]}


def make_duty(cast, programme, due_on, unit=None):
    return ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=unit or cast.health, kind="half_year", period=str(due_on),
        starts_on="2026-01-01", ends_on="2026-06-01", due_on=due_on,
    )  # fmt: skip


def test_a_programme_in_good_order_has_no_flag(cast):
    programme = make_programme(cast)
    make_task(cast, programme, due_on=DAY)
    assert flags(programme) == {}


@pytest.mark.parametrize("status", ["signed", "suspended", "closed", "terminated", "superseded"])
def test_what_is_not_being_carried_out_is_not_watched(cast, status):
    programme = make_programme(cast, status=status, status_reason="Theo công văn")
    make_task(cast, programme, due_on=DAY - datetime.timedelta(days=5))
    assert risk.read([programme], {}, DAY) == {}


def test_without_figures_the_rows_alone_are_judged(cast):
    programme = make_programme(cast)
    make_task(cast, programme, due_on=DAY - datetime.timedelta(days=5))
    found = {flag.cause for flag in risk.read([programme], {}, DAY)[programme.pk]}
    assert found == {figures.OVERDUE, figures.SILENT}  # nothing accepted since the start


def test_slow_needs_half_of_the_tasks(cast):
    programme = make_programme(cast)
    numbers = risk.Numbers(Decimal("0.1"), figures.BEHIND, Decimal("0.5"), DAY)
    assert figures.SLOW in flags(programme, numbers=numbers)
    few = risk.Numbers(Decimal("0.1"), figures.BEHIND, Decimal("0.49"), DAY)
    assert figures.SLOW not in flags(programme, numbers=few)


def test_overdue_deadlines_oldest_first_with_their_unit(cast):
    programme = make_programme(cast)
    late = make_task(cast, programme, due_on=DAY - datetime.timedelta(days=3))
    later = make_task(cast, programme, due_on=DAY - datetime.timedelta(days=9), lead=None)
    make_task(cast, programme, due_on=DAY - datetime.timedelta(days=9), state="paused", state_reason="Chờ")
    make_task(cast, programme, due_on=DAY)
    cancelled = make_task(cast, programme, due_on=DAY - datetime.timedelta(days=90))
    cancelled.deadlines.update(state="cancelled")
    flag = flags(programme)[figures.OVERDUE]
    assert [row.task_id for row in flag.rows] == [later.pk, late.pk]
    assert (flag.days, flag.rows[0].unit, flag.rows[1].unit) == (9, str(cast.committee), str(cast.health))
    TaskDeadline.objects.filter(task=later).update(state="done", done_on=DAY + datetime.timedelta(days=1))
    assert len(flags(programme)[figures.OVERDUE].rows) == 2  # it was done only the day after
    assert len(flags(programme, DAY + datetime.timedelta(days=1))[figures.OVERDUE].rows) == 2  # the one of today joins


def test_a_report_15_days_late_until_the_day_it_was_sent(cast):
    programme = make_programme(cast)
    duty = make_duty(cast, programme, DAY - datetime.timedelta(days=15))
    make_duty(cast, programme, DAY - datetime.timedelta(days=14))
    flag = flags(programme)[figures.LATE_REPORT]
    assert (flag.days, [row.since for row in flag.rows]) == (15, [duty.due_on])
    sent_at = datetime.datetime(2026, 7, 1, 3, tzinfo=datetime.UTC)
    report = ProgressReport.objects.create(
        duty=duty, author=cast.minh, acting_for=cast.health, submitted_by=cast.minh, review="submitted",
        submitted_at=sent_at,
    )  # fmt: skip
    assert figures.LATE_REPORT in flags(programme)  # sent the day after
    next_day = flags(programme, DAY + datetime.timedelta(days=1))[figures.LATE_REPORT]
    assert [row.since for row in next_day.rows] == [DAY - datetime.timedelta(days=14)]
    ProgressReport.objects.filter(pk=report.pk).update(review="returned", return_reason="Bổ sung", reviewed_by=cast.lan)
    assert len(flags(programme, DAY + datetime.timedelta(days=1))[figures.LATE_REPORT].rows) == 2


def test_a_partner_is_told_of_its_own_reports_only(cast):
    programme = make_programme(cast)
    make_duty(cast, programme, DAY - datetime.timedelta(days=40), unit=cast.committee)
    assert figures.LATE_REPORT in flags(programme, user=cast.lan)
    assert figures.LATE_REPORT not in flags(programme, user=cast.minh)


def test_silence_and_the_nearing_end_belong_to_the_running_period(cast):
    programme = make_programme(cast, ends_on=DAY)
    quiet = risk.Numbers(Decimal("0.5"), figures.ON_TRACK, Decimal(1), DAY - datetime.timedelta(days=90))
    found = flags(programme, numbers=quiet)
    assert (found[figures.SILENT].days, found[figures.NEAR_END].days) == (90, 0)
    after = flags(programme, DAY + datetime.timedelta(days=1), quiet)
    assert set(after) == {figures.UNREVIEWED}


def test_a_legal_basis_without_effect_on_the_day(cast):
    programme = make_programme(cast)
    gone = make_legal_document(effect="expired", effect_to=DAY - datetime.timedelta(days=1))
    undated = make_legal_document(effect="replaced")
    good = make_legal_document(effect="in_force", effect_to=DAY)
    for position, document in enumerate((gone, undated, good)):
        LegalBasis.objects.create(programme=programme, document=document, position=position)
    LegalBasis.objects.filter(document=undated).update(kept_effect="replaced", kept_reason="Chờ văn bản mới")
    first, second = flags(programme)[figures.WEAK_BASIS].rows
    assert (first.since, first.note) == (gone.effect_to, "")
    assert "Chờ văn bản mới" in second.note  # decided, so it says why; the flag stays
    (earlier,) = flags(programme, gone.effect_to)[figures.WEAK_BASIS].rows
    assert earlier.title == str(undated)


def test_a_dissolved_party_until_somebody_takes_over(cast):
    body = make_organisation("Sở Lao động thử")
    programme = make_programme(cast, parties=[cast.committee, body])
    body.status, body.ended_on = "dissolved", DAY
    body.save()
    (row,) = flags(programme)[figures.NO_SUCCESSOR].rows
    assert row.since == DAY
    assert figures.NO_SUCCESSOR not in flags(programme, DAY - datetime.timedelta(days=1))
    event = OrganisationEvent.objects.create(kind="merge", effective_on=DAY + datetime.timedelta(days=1))
    Succession.objects.create(event=event, predecessor=body, successor=cast.health)
    assert figures.NO_SUCCESSOR in flags(programme)
    assert figures.NO_SUCCESSOR not in flags(programme, DAY + datetime.timedelta(days=1))


def test_the_final_review_ends_the_flag_from_its_day(cast):
    programme = make_programme(cast, ends_on=DAY, status="ended")
    day = DAY + datetime.timedelta(days=20)
    Milestone.objects.create(programme=programme, kind="final_review", due_on=day, done_on=day)
    assert flags(programme, day - datetime.timedelta(days=1))[figures.UNREVIEWED].days == 19
    assert figures.UNREVIEWED not in flags(programme, day)


def test_queries_do_not_grow_with_programmes(cast, django_assert_num_queries):
    programmes = [make_programme(cast) for _n in range(4)]
    for programme in programmes:
        make_task(cast, programme, due_on=DAY - datetime.timedelta(days=3))
    with django_assert_num_queries(4):  # none is over, so no final review is asked for
        risk.read(programmes, {}, DAY)
