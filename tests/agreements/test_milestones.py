"""Milestones: proposed from the period, entered, changed, dropped, done; the renewal brief."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import time_machine
from django.urls import reverse

from agreements import services
from agreements.models import Milestone, Programme, ProgrammeDocument
from agreements.services import MilestoneData
from core import emails
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry, Notification
from partners.models import Organisation
from tests import make, walk
from tests.activities.duty_ground import Day

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-23 08:00+07:00", tick=True):
        yield


def test_the_period_proposes_what_is_missing(cast: Cast) -> None:
    programme = make.make_programme(cast)  # 2024 to 2027, signed 1/2/2024
    found = {(one.kind, one.due_on) for one in services.proposals(programme)}
    assert found == {
        ("annual_plan", Day("2026-03-31")),
        ("annual_plan", Day("2027-03-31")),
        ("interim_review", Day("2025-12-31")),
        ("renewal", Day("2027-07-04")),
        ("final_review", Day("2027-12-31")),
    }
    Milestone.objects.create(programme=programme, kind="annual_plan", due_on=Day("2027-02-15"))
    Milestone.objects.create(programme=programme, kind="interim_review", due_on=Day("2025-06-30"))
    kinds = [one.kind for one in services.proposals(programme)]
    assert kinds == ["annual_plan", "renewal", "final_review"]
    assert services.proposals(make.make_programme(cast, status="draft", starts_on=None, ends_on=None)) == []


def test_nothing_is_proposed_that_was_due_before_the_signing(cast: Cast) -> None:
    programme = make.make_programme(
        cast, signed_on=Day("2026-07-14"), starts_on=Day("2022-01-01"), ends_on=Day("2027-12-31")
    )
    assert {one.due_on for one in services.proposals(programme)} == {
        Day("2027-03-31"), Day("2027-07-04"), Day("2027-12-31"),
    }  # fmt: skip


def test_enter_change_finish_and_drop(cast: Cast) -> None:
    programme, lan = make.make_programme(cast), cast.actor(cast.lan)
    data = MilestoneData(kind="interim_review", due_on=Day("2026-06-30"), name="Sơ kết", responsible=cast.health)
    (row,) = services.add_milestones(actor=lan, programme=programme, items=[data])
    with pytest.raises(DomainError) as found:
        services.add_milestones(actor=lan, programme=programme, items=[data])
    assert found.value.field == "due_on"
    moved = MilestoneData(kind="interim_review", due_on=Day("2026-09-30"))
    row = services.save_milestone(actor=lan, milestone=row, data=moved, version=1)
    with pytest.raises(Stale):
        services.save_milestone(actor=lan, milestone=row, data=data, version=1)
    values = {"actor": lan, "milestone": row, "version": 2}
    for done_on, note, field in (
        ("2026-12-01", "x", "done_on"),
        ("2020-01-01", "x", "done_on"),
        ("2026-10-02", " ", "note"),
    ):
        with pytest.raises(DomainError) as found:
            services.finish_milestone(done_on=Day(done_on), document=None, note=note, **values)
        assert found.value.field == field
    row = services.finish_milestone(done_on=Day("2026-10-02"), document=None, note="Biên bản lưu văn thư", **values)
    assert row.done_on == Day("2026-10-02")
    with pytest.raises(DomainError):
        services.drop_milestone(actor=lan, milestone=row, version=3)
    (other,) = services.add_milestones(
        actor=lan, programme=programme, items=[MilestoneData(kind="renewal", due_on=Day("2027-07-04"))]
    )
    services.drop_milestone(actor=lan, milestone=other, version=1)
    assert list(Milestone.objects.values_list("kind", flat=True)) == ["interim_review"]
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"milestone.add", "milestone.edit", "milestone.done", "milestone.drop"} <= actions
    for who in (cast.minh, cast.hoa, cast.phuong):
        with pytest.raises(NotAllowed):
            services.add_milestones(actor=cast.actor(who), programme=programme, items=[data])


def test_a_paper_of_another_programme_proves_nothing(cast: Cast) -> None:
    programme, other = make.make_programme(cast), make.make_programme(cast)
    row = Milestone.objects.create(programme=programme, kind="final_review", due_on=Day("2026-10-01"))
    file = walk.stored(cast.lan)
    paper = ProgrammeDocument.objects.create(programme=other, title="Báo cáo", file=file, added_by=cast.lan)
    with pytest.raises(DomainError) as found:
        services.finish_milestone(
            actor=cast.actor(cast.lan), milestone=row, done_on=Day("2026-10-01"), document=paper, note="", version=1
        )
    assert found.value.field == "document"


def test_accepting_some_proposals(cast: Cast, sign_in: Callable[[User], Client]) -> None:
    programme, client = make.make_programme(cast), sign_in(cast.lan)
    url = reverse("agreements:milestone_propose", args=[programme.pk])
    formset = client.get(url).context["formset"]
    assert [form.initial["take"] for form in formset] == [False, False, True, True, True]  # what is past is not ticked
    values = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2"}
    for number, (take, due_on) in enumerate((("on", "30/6/2027"), ("", "31/12/2027"))):
        values |= {
            f"form-{number}-kind": "renewal",
            f"form-{number}-due_on": due_on,
            f"form-{number}-responsible": str(cast.health.pk),
        } | ({f"form-{number}-take": take} if take else {})
    assert client.post(url, values | {"form-0-due_on": "x"}).status_code == 200
    assert client.post(url, values).status_code == 302
    row = Milestone.objects.get()
    assert (row.due_on, row.responsible) == (Day("2027-06-30"), cast.health)


def test_a_stale_milestone_is_compared(cast: Cast, sign_in: Callable[[User], Client]) -> None:
    programme, client = make.make_programme(cast), sign_in(cast.lan)
    row = Milestone.objects.create(programme=programme, kind="renewal", due_on=Day("2027-07-04"), version=3)
    url = reverse("agreements:milestone_edit", args=[row.pk])
    values = {"kind": "renewal", "due_on": "01/08/2027", "version": "2"}
    answer = client.post(url, values)
    assert answer.status_code == 409 and "04/07/2027" in answer.content.decode()
    assert client.post(url, values | {"version": "3"}).status_code == 302
    assert sign_in(cast.phuong).get(url).status_code == 404


def test_the_renewal_brief_says_what_is_left(cast: Cast, sign_in: Callable[[User], Client]) -> None:
    programme = make.make_programme(cast, ends_on=Day("2026-12-31"))
    done = make.make_task(cast, programme, title="Đã xong", state="done", due_on=None)
    rest = make.make_task(cast, programme, title="Chưa xong", due_on=Day("2026-06-30"))
    out = make.make_task(cast, programme, title="Đã dừng", state="cancelled", state_reason="Trùng việc", due_on=None)
    law = make.make_legal_document(effect="expired")
    programme.legal_bases.create(document=law)
    Organisation.objects.filter(pk=cast.health.pk).update(status="dissolved", ended_on=Day("2025-03-01"))
    renewal = Milestone.objects.create(programme=programme, kind="renewal", due_on=Day("2026-07-04"))
    page = sign_in(cast.hoa).get(reverse("agreements:programme_renewal", args=[programme.pk]))
    context = page.context
    assert [row["task"] for row in context["done"]] == [done]
    assert [row["task"] for row in context["not_done"]] == [rest]
    assert [row["task"] for row in context["left_out"]] == [out]
    assert context["overdue"] == 1 and context["days_left"] == 38
    assert [row.document for row in context["weak"]] == [law]
    assert [row["party"].organisation for row in context["changed"]] == [cast.health]
    assert "Giai đoạn kết thúc ngày 31/12/2026, còn 38 ngày" in page.content.decode()
    tab = sign_in(cast.lan).get(reverse("activities:programme_reports", args=[programme.pk])).content.decode()
    assert reverse("agreements:programme_renewal", args=[programme.pk]) in tab and str(renewal) in tab


def test_the_renewal_is_announced_once_180_days_before_the_end(cast: Cast, sign_in: Callable[[User], Client]) -> None:
    """The brief offers itself, whether or not a milestone was entered; today is 23/11/2026."""
    near, far = (
        make.make_programme(cast, ends_on=Day("2027-05-22")),
        make.make_programme(cast, ends_on=Day("2027-05-23")),
    )
    followed = make.make_programme(cast, ends_on=Day("2027-01-01"))
    make.make_programme(cast, predecessor=followed)
    make.make_programme(cast, ends_on=Day("2027-01-01"), officer=None)
    for expected in (1, 0):
        assert services.announce_renewals() == expected
    notice = Notification.objects.get(kind="programme.renewal")
    assert (notice.user, notice.url) == (cast.lan, reverse("agreements:programme_renewal", args=[near.pk]))
    assert "22/05/2027" in emails.sentence(notice)
    Programme.objects.filter(pk=near.pk).update(ends_on=Day("2027-05-20"))
    assert services.announce_renewals() == 1  # another period
    for programme, offered in ((near, True), (far, False)):
        page = sign_in(cast.hoa).get(reverse("agreements:programme_detail", args=[programme.pk])).content.decode()
        assert (reverse("agreements:programme_renewal", args=[programme.pk]) in page) is offered
