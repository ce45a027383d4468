"""Directives: a leader asks, the unit answers, the committee closes; every step that is refused."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from activities import policy, services
from activities.models import Directive
from agreements.models import Programme, Task
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry, Notification
from partners.models import Organisation, OrganisationEvent, Succession
from tests import make
from tests.cast import Cast, make_organisation, make_user

pytestmark = pytest.mark.django_db
State = Directive.State


def soon(days: int = 14) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


@pytest.fixture
def task(cast: Cast) -> Task:
    return make.make_task(cast)


def issued(cast: Cast, task: Task, **changes) -> Directive:
    return services.issue_directive(
        **{
            "actor": cast.actor(cast.hoa),
            "programme": task.programme,
            "unit": cast.health,
            "text": "Hoàn thành kiểm tra liên ngành quý III.",
            "due_on": soon(),
            "task": task,
            **changes,
        }
    )


def answered(cast: Cast, task: Task) -> Directive:
    return services.answer_directive(
        actor=cast.actor(cast.minh), directive=issued(cast, task), text="Đã kiểm tra 12 bếp ăn."
    )


def test_the_whole_way(cast: Cast, task: Task, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        row = issued(cast, task)
    assert (row.state, row.committee, row.unit) == (State.ISSUED, cast.committee, cast.health)
    assert Notification.objects.get(kind="directive_issued").user == cast.minh
    with django_capture_on_commit_callbacks(execute=True):
        row = services.answer_directive(actor=cast.actor(cast.minh), directive=row, text="Đã kiểm tra 12 bếp ăn.")
    assert (row.state, row.answered_by) == (State.ANSWERED, cast.minh)
    assert set(Notification.objects.filter(kind="directive_answered").values_list("user", flat=True)) == {
        cast.hoa.pk, cast.lan.pk, cast.hung.pk
    }  # fmt: skip
    row = services.close_directive(actor=cast.actor(cast.lan), directive=row, note="Tốt")
    assert (row.state, row.closed_by, row.closing_note) == (State.CLOSED, cast.lan, "Tốt")
    assert list(
        AuditEntry.objects.filter(object_type="directive").order_by("sequence").values_list("action", flat=True)
    ) == ["directive.issue", "directive.answer", "directive.close"]


def test_sent_back_it_is_owed_again_by_the_same_day(cast: Cast, task: Task) -> None:
    row = answered(cast, task)
    assert not Directive.objects.owed().exists()
    with pytest.raises(DomainError) as refused:
        services.send_back_directive(actor=cast.actor(cast.hoa), directive=row, note=" ")
    assert refused.value.field == "note"
    row = services.send_back_directive(actor=cast.actor(cast.hoa), directive=row, note="Nêu rõ địa bàn")
    assert (row.state, row.closed_by, row.due_on) == (State.ISSUED, cast.hoa, soon())
    assert list(Directive.objects.overdue(soon() + datetime.timedelta(days=1))) == [row]
    assert not Directive.objects.overdue(soon()).exists()
    services.answer_directive(actor=cast.actor(cast.minh), directive=row, text="Ba phường trung tâm.")


def test_withdrawn_with_a_reason(cast: Cast, task: Task) -> None:
    row = issued(cast, task)
    with pytest.raises(DomainError):
        services.withdraw_directive(actor=cast.actor(cast.hoa), directive=row, note="")
    row = services.withdraw_directive(actor=cast.actor(cast.hoa), directive=row, note="Đã giao đơn vị khác")
    assert row.state == State.WITHDRAWN
    with pytest.raises(NotAllowed):
        services.answer_directive(actor=cast.actor(cast.minh), directive=row, text="Xong")


@pytest.mark.parametrize("name", ["lan", "minh", "duc", "tuan", "phuong"])
def test_only_a_leader_of_the_committee_writes_one(cast: Cast, task: Task, name: str) -> None:
    with pytest.raises(NotAllowed):
        issued(cast, task, actor=cast.actor(getattr(cast, name)))


def test_a_leader_elsewhere_does_not(cast: Cast, task: Task) -> None:
    stranger = make_user("chau", "Lý Minh Châu", cast.other_committee, "leader")
    with pytest.raises(NotAllowed):
        issued(cast, task, actor=cast.actor(stranger))
    with pytest.raises(NotAllowed):
        services.close_directive(actor=cast.actor(stranger), directive=answered(cast, task))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " \u200b"}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"due_on": datetime.date(2020, 1, 1)}, "due_on"),
    ],
)
def test_what_cannot_be_asked(cast: Cast, task: Task, changes: dict[str, object], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        issued(cast, task, **changes)
    assert refused.value.field == field
    assert not Directive.objects.exists()


def test_unit_and_task_belong_to_the_programme(cast: Cast, task: Task) -> None:
    with pytest.raises(DomainError) as refused:
        issued(cast, task, unit=cast.stranger)
    assert refused.value.field == "unit"
    with pytest.raises(DomainError) as refused:
        issued(cast, make.make_task(cast), programme=task.programme)
    assert refused.value.field == "task"
    task.supporting.add(cast.stranger)
    assert issued(cast, task, unit=cast.stranger).unit == cast.stranger
    assert policy.units_instructed(task.programme) == {cast.committee.pk, cast.health.pk, cast.stranger.pk}


def test_drafts_and_closed_programmes_take_none(cast: Cast, task: Task) -> None:
    for status in (Programme.Status.DRAFT, Programme.Status.CLOSED):
        Programme.objects.update(status=status)
        task.programme.refresh_from_db()
        with pytest.raises(NotAllowed):
            issued(cast, task)


def test_who_answers_and_who_closes(cast: Cast, task: Task) -> None:
    row = issued(cast, task)
    for person in (cast.tuan, cast.lan, cast.hoa, cast.phuong):
        with pytest.raises(NotAllowed):
            services.answer_directive(actor=cast.actor(person), directive=row, text="Xong")
    head = make_user("thao", "Hà Phương Thảo", cast.health, "leader")
    row = services.answer_directive(actor=cast.actor(head), directive=row, text="Xong")
    for person in (cast.minh, head, cast.phuong):
        with pytest.raises(NotAllowed):
            services.close_directive(actor=cast.actor(person), directive=row)
    services.close_directive(actor=cast.actor(cast.hung), directive=row)


def test_nobody_closes_an_own_answer(cast: Cast, task: Task) -> None:
    row = issued(cast, task, unit=cast.committee)
    row = services.answer_directive(actor=cast.actor(cast.lan), directive=row, text="Xong")
    with pytest.raises(NotAllowed):
        services.close_directive(actor=cast.actor(cast.lan), directive=row)
    services.close_directive(actor=cast.actor(cast.hung), directive=row)


def test_a_stale_step_is_refused(cast: Cast, task: Task) -> None:
    row = issued(cast, task)
    services.answer_directive(actor=cast.actor(cast.minh), directive=row, text="Xong", version=1)
    with pytest.raises(Stale):
        services.close_directive(actor=cast.actor(cast.lan), directive=row, version=1)


def test_who_sees_it(cast: Cast, task: Task) -> None:
    issued(cast, task)
    for person, expected in ((cast.minh, 1), (cast.lan, 1), (cast.hoa, 1), (cast.tuan, 0), (cast.phuong, 0)):
        assert Directive.objects.visible_to(person).count() == expected


def test_a_body_that_is_gone_gets_none_but_those_that_followed_it(
    cast: Cast, task: Task, sign_in, django_capture_on_commit_callbacks
) -> None:
    """Also through a chain; what was given before reaches them too."""
    given = issued(cast, task)
    between, heir = make_organisation("Sở Y tế mới"), make_organisation("Sở Y tế và Dân số")
    loan = make_user("loan", "Phan Thị Loan", heir)
    day = datetime.date(2026, 3, 1)
    for old, new in ((cast.health, between), (between, heir)):
        event = OrganisationEvent.objects.create(kind="merge", effective_on=day)
        Succession.objects.create(event=event, predecessor=old, successor=new)
        Organisation.objects.filter(pk=old.pk).update(status="dissolved", ended_on=day)
    assert policy.units_instructed(task.programme) == {cast.committee.pk, heir.pk}
    with pytest.raises(DomainError) as refused:
        issued(cast, task)
    assert refused.value.field == "unit"
    url = f"/chi-dao/viet/?nhiem-vu={task.pk}"
    assert sign_in(cast.hoa).get(url).context["form"].initial["unit"] == heir.pk  # of the lead that is gone
    with django_capture_on_commit_callbacks(execute=True):
        services.withdraw_directive(actor=cast.actor(cast.hoa), directive=given, note="Giao lại")
    assert [row.user for row in Notification.objects.filter(kind="directive_withdrawn")] == [loan]


def test_a_unit_is_chosen_and_never_taken_from_the_top_of_the_list(cast: Cast, task: Task, sign_in) -> None:
    page = sign_in(cast.hoa).get(f"/chi-dao/viet/?chuong-trinh={task.programme_id}")
    assert page.context["form"].initial["unit"] is None
    assert '<option value="" selected>Chọn đơn vị</option>' in page.content.decode()
