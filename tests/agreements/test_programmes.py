"""Entering, changing and moving programmes."""

from __future__ import annotations

import datetime

import pytest
from django.db import transaction

from agreements import services
from agreements.models import Goal, LegalDocument, Milestone, Party, Programme, ProgrammeFigure
from agreements.services.data import BasisData, GoalData, IndicatorData, PartyData, ProgrammeData, TargetData, TaskData
from agreements.services.legal import AlreadyThere
from agreements.services.lifecycle import Blocked
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry, Notification
from tests.make import make_legal_document, make_programme, make_task

D = datetime.date


def data_of(cast, **changes) -> ProgrammeData:
    parties = [PartyData(cast.committee, role=Party.Role.LEAD), PartyData(cast.health, name_as_signed="Sở Y tế tỉnh")]
    values = {"title": "Chăm sóc sức khỏe", "signed_on": D(2025, 7, 14), "starts_on": D(2025, 1, 1)}
    values |= {"ends_on": D(2028, 12, 31), "parties": parties}
    return ProgrammeData(**values | changes)


def register(cast, **changes) -> Programme:
    return services.register_programme(actor=cast.actor(cast.lan), data=data_of(cast, **changes))


def test_register_writes_everything_and_allocates_codes_per_signed_year(cast):
    task = TaskData(
        title="Khám lưu động",
        lead=cast.health,
        due_on=D(2026, 6, 30),
        goal_position=1,
        indicators=[IndicatorData("Lượt khám", "lượt", targets=[TargetData(D(2026, 1, 1), D(2027, 1, 1), 100)])],
    )
    goals, bases = [GoalData("Nâng cao sức khỏe")], [BasisData(kind="Chỉ thị", number="25-CT/TW", quoted="căn cứ")]
    first = register(cast, goals=goals, bases=bases, tasks=[task], status="in_force")
    second = register(cast, title="Khác")
    third = register(cast, title="Năm khác", signed_on=D(2024, 1, 2))
    assert (first.code, second.code, third.code) == ("CT-2025-001", "CT-2025-002", "CT-2024-001")
    assert first.status == Programme.Status.IN_FORCE
    row = first.tasks.get()
    assert row.goal == first.goals.get()
    assert row.deadlines.get().due_on == D(2026, 6, 30)
    assert row.indicators.get().targets.get().ends_on == D(2027, 1, 1)
    assert [p.name_as_signed for p in first.parties.all()] == [cast.committee.name, "Sở Y tế tỉnh"]
    assert ProgrammeFigure.objects.filter(programme=first).exists()
    assert list(AuditEntry.objects.filter(object_id=str(first.pk)).values_list("action", flat=True)) == [
        "programme.move",
        "programme.register",
    ]


def test_signing_after_the_period_began_is_no_error_but_a_reversed_period_is(cast):
    assert register(cast).signed_on > register(cast).starts_on
    with pytest.raises(DomainError) as error:
        register(cast, ends_on=D(2024, 1, 1))
    assert error.value.field == "ends_on"
    assert not Programme.objects.filter(ends_on=D(2024, 1, 1)).exists()


def test_a_programme_whose_period_has_passed_has_ended_at_once(cast):
    assert register(cast, starts_on=D(2020, 1, 1), ends_on=D(2024, 12, 31), status="in_force").status == "ended"


@pytest.mark.parametrize("who", ["minh", "hoa", "duc", "phuong"])
def test_only_officers_of_the_committee_enter(cast, who):
    with pytest.raises(NotAllowed):
        services.register_programme(actor=cast.actor(getattr(cast, who)), data=data_of(cast, owner=cast.committee))


def test_what_blocks_a_step_is_said_and_nothing_is_written(cast):
    with pytest.raises(Blocked) as error:
        register(cast, signed_on=None, parties=[], starts_on=None, status="in_force")
    assert {item.part for item in error.value.missing} == {"identity", "parties"}
    assert len(error.value.missing) == 3
    assert not Programme.objects.exists()


def test_the_same_body_twice_is_refused(cast):
    with pytest.raises(DomainError):
        register(cast, parties=[PartyData(cast.health), PartyData(cast.health)])


def test_citations_meet_the_register_however_the_number_is_written(cast):
    known = make_legal_document(number="05-CT/TW", issued_on=D(2021, 6, 23))
    programme = register(cast, bases=[BasisData(kind="Chỉ thị", number="05 - ct/tw"), BasisData(document=known)])
    assert [row.document for row in programme.legal_bases.all()] == [known]
    other = register(cast, bases=[BasisData(kind="Chỉ thị", number="05-CT/TW", issued_on=D(2016, 5, 15))])
    assert other.legal_bases.get().document != known


def test_two_documents_without_number_and_date_are_told_apart_by_a_person(cast):
    bases = [BasisData(kind="Kế hoạch", subject="Một"), BasisData(kind="Kế hoạch", subject="Hai")]
    with pytest.raises(DomainError):
        register(cast, bases=bases)


def test_edit_checks_version_right_and_completeness(cast):
    programme = register(cast, status="in_force")
    lan = cast.actor(cast.lan)
    changed = data_of(cast, title="Tên mới", number="12/CTr")
    row = services.save_identity(actor=lan, programme=programme, version=1, data=changed)
    assert (row.title, row.number, row.version) == ("Tên mới", "12/CTr", 2)
    with pytest.raises(Stale):
        services.save_identity(actor=lan, programme=programme, version=1, data=data_of(cast))
    with pytest.raises(NotAllowed):
        services.save_identity(actor=cast.actor(cast.minh), programme=programme, version=2, data=changed)
    with pytest.raises(Blocked):
        services.save_identity(actor=lan, programme=programme, version=2, data=data_of(cast, ends_on=None))
    with pytest.raises(Blocked):
        services.save_parties(actor=lan, programme=programme, version=2, parties=[PartyData(cast.health)])
    programme.refresh_from_db()
    assert (programme.version, programme.parties.count()) == (2, 2)


def test_goals_keep_their_rows_and_tasks(cast):
    programme = register(cast, goals=[GoalData("Một"), GoalData("Hai")], tasks=[TaskData("Việc", goal_position=2)])
    second = programme.goals.get(text="Hai")
    goals = [GoalData("Hai sửa", pk=second.pk)]
    services.save_goals(actor=cast.actor(cast.lan), programme=programme, version=1, goals=goals)
    assert Goal.objects.get().pk == second.pk == programme.tasks.get().goal_id


def move(cast, programme, to, who=None, **values):
    programme.refresh_from_db()
    actor = cast.actor(who or cast.lan)
    return services.move_programme(actor=actor, programme=programme, version=programme.version, to=to, **values)


def test_the_whole_life(cast):
    programme = register(cast)
    assert move(cast, programme, "signed").status == "signed"
    assert move(cast, programme, "in_force").status == "in_force"
    with pytest.raises(DomainError) as no_reason:
        move(cast, programme, "suspended")
    assert no_reason.value.field == "reason"
    with pytest.raises(DomainError) as no_paper:
        move(cast, programme, "suspended", reason="Lũ")
    assert no_paper.value.field == "paper"
    assert "12/CV" in move(cast, programme, "suspended", reason="Lũ", paper="12/CV").status_reason
    assert move(cast, programme, "in_force", reason="Ổn", paper="13/CV").status == "in_force"
    with pytest.raises(Blocked):
        move(cast, programme, "ended")
    with pytest.raises(DomainError):
        move(cast, programme, "closed")
    Programme.objects.filter(pk=programme.pk).update(starts_on=D(2020, 1, 1), ends_on=D(2024, 12, 31))
    assert services.end_due_programmes() == 1
    assert services.end_due_programmes() == 0
    assert Notification.objects.filter(kind="programme.ended", user=cast.lan).count() == 1
    with pytest.raises(DomainError) as no_day:
        move(cast, programme, "closed")
    assert no_day.value.field == "reviewed_on"
    assert move(cast, programme, "closed", reviewed_on=D(2026, 1, 5)).status == "closed"
    assert Milestone.objects.get(programme=programme).done_on == D(2026, 1, 5)
    with pytest.raises(NotAllowed):
        services.save_goals(actor=cast.actor(cast.lan), programme=programme, version=programme.version, goals=[])


def test_superseding_needs_a_signed_successor_and_ties_it(cast):
    old, draft = register(cast, status="in_force"), register(cast, title="Mới")
    with pytest.raises(DomainError):
        move(cast, old, "superseded", successor=draft)
    move(cast, draft, "signed")
    move(cast, old, "superseded", successor=Programme.objects.get(pk=draft.pk))
    draft.refresh_from_db()
    assert draft.predecessor == old


def test_a_waiting_report_blocks_the_end(cast):
    programme = make_programme(cast)
    deadline = make_task(cast, programme).deadlines.get()
    deadline.state, deadline.done_on = "awaiting", D(2026, 1, 1)
    deadline.save()
    with pytest.raises(Blocked):
        move(cast, programme, "terminated", reason="Thôi", paper="1/CV")


def test_hand_over_gives_open_programmes_to_an_officer_of_the_committee(cast):
    programme, closed = make_programme(cast), make_programme(cast, status="closed")
    duc = cast.actor(cast.duc)
    with pytest.raises(DomainError):
        services.hand_over(actor=duc, user=cast.lan, successor=cast.minh)
    with pytest.raises(NotAllowed):
        services.hand_over(actor=cast.actor(cast.minh), user=cast.lan, successor=cast.hung)
    assert [item.label for item in services.open_items(cast.lan)] == [f"{programme.code} · {programme.name}"]
    assert services.hand_over(actor=duc, user=cast.lan, successor=cast.hung) == 1
    assert services.hand_over(actor=duc, user=cast.lan, successor=cast.hung) == 0
    programme.refresh_from_db()
    closed.refresh_from_db()
    assert (programme.officer, closed.officer) == (cast.hung, cast.lan)


def test_register_of_documents(cast):
    lan = cast.actor(cast.lan)
    row = services.save_document(actor=lan, document=None, kind="Luật", number="75/2015/QH13", issuer="Quốc hội")
    with transaction.atomic(), pytest.raises(AlreadyThere) as twice:
        services.save_document(actor=lan, document=None, kind="Luật", number="75/2015/qh13", issuer="Quốc hội")
    assert twice.value.existing == row
    with pytest.raises(DomainError) as unsourced:
        services.save_document(actor=lan, document=row, version=1, effect=LegalDocument.Effect.EXPIRED)
    assert unsourced.value.field == "effect_source"
    row = services.save_document(actor=lan, document=row, version=1, effect="expired", effect_source="Công báo")
    assert row.is_weak and row.version == 2
    with pytest.raises(Stale):
        services.save_document(actor=lan, document=row, version=1, subject="x")
    with pytest.raises(NotAllowed):
        services.save_document(actor=cast.actor(cast.minh), document=row, version=2)
    other = make_legal_document()
    services.relate(actor=lan, source=other, target=row, kind="replaces")
    services.relate(actor=lan, source=other, target=row, kind="replaces")
    assert row.relations_in.count() == 1
    with pytest.raises(DomainError):
        services.relate(actor=lan, source=row, target=row, kind="replaces")
