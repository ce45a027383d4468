"""Tasks and programmes of an intake: units, quantities, splitting, merging, moving; what a programme keeps of it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agreements.models import Intake, Programme
from agreements.services import intake as service
from agreements.services.intake import drafts, editing, matching
from core.exceptions import DomainError, Stale
from documents.types import Confidence
from partners.models import FieldOfWork, Organisation, OrganisationEvent, Succession
from tests.agreements.test_intake_services import typed_of
from tests.cast import make_organisation
from tests.make import make_programme

if TYPE_CHECKING:
    from tests.cast import Cast

TEXT = (Path(__file__).parents[1] / "documents" / "samples" / "chuong-trinh.txt").read_text(encoding="utf-8")
pytestmark = pytest.mark.usefixtures("elderly")


@pytest.fixture
def elderly(cast: Cast) -> Organisation:
    return make_organisation("Hội Người cao tuổi tỉnh Thái Nguyên", "mass_association")


@pytest.fixture
def intake(cast: Cast) -> Intake:
    return service.take_in(actor=cast.actor(cast.lan), text=TEXT)


def draft_of(intake: Intake) -> drafts.Draft:
    intake.refresh_from_db()
    return drafts.of(intake)[0]


def save(cast: Cast, intake: Intake, act: str = "save", **changes: str) -> drafts.Draft:
    """Save the page as it stands with the changes ("task_0_lead" for the field task-0-lead) and return draft 0."""
    intake.refresh_from_db()
    typed = typed_of(intake)
    for key, value in changes.items():
        typed[f"p0-{key.replace('_', '-', 2) if any(map(str.isdigit, key)) else key}"] = value
    service.save_work(actor=cast.actor(cast.lan), intake=intake, version=intake.version, typed=typed, act=act)
    return draft_of(intake)


def titles(draft: drafts.Draft) -> list[str]:
    return [drafts.value(draft, f"task-{row}-title") for row in drafts.kept_rows(draft, "task")]


def confirmed(cast: Cast, intake: Intake) -> Programme:
    intake.refresh_from_db()
    return service.confirm(actor=cast.actor(cast.lan), intake=intake, version=intake.version)[0]


class TestUnits:
    def test_each_written_name_is_decided_once(self, cast: Cast, intake: Intake, elderly: Organisation) -> None:
        draft = draft_of(intake)
        names = {
            drafts.value(draft, f"unit-{row}-name"): drafts.value(draft, f"unit-{row}-organisation")
            for row in draft["order"]["unit"]
        }
        assert names["Sở Y tế"].startswith("party-")
        assert names["Hội Người cao tuổi tỉnh"] == str(elderly.pk)
        assert len(names) == len({drafts.unit_key(name) for name in names})

    def test_vague_name_stays_doubtful_and_out(self, cast: Cast, intake: Intake) -> None:
        draft = save(cast, intake, task_0_supports="Sở Y tế; các đoàn thể", task_1_supports="Các đoàn thể")
        row = next(row for row in draft["order"]["unit"] if "đoàn thể" in drafts.value(draft, f"unit-{row}-name"))
        made = draft["fields"][f"unit-{row}-organisation"]
        assert (made["raw"], made["conf"], made["note"]) == ("", Confidence.CHECK, "unit_unknown")
        assert service.check_draft(draft).unknown_units == {"các đoàn thể": [1], "Các đoàn thể": [2]}
        programme = confirmed(cast, intake)
        assert [unit.name for unit in programme.tasks.first().supporting.all()] == ["Sở Y tế"]
        assert not Organisation.objects.filter(name__icontains="đoàn thể").exists()

    def test_new_unit_only_by_choice_and_once(self, cast: Cast, intake: Intake) -> None:
        draft = save(cast, intake, task_0_lead="Hội Làm vườn tỉnh", task_1_supports="Hội Làm vườn tỉnh")
        row = draft["order"]["unit"][-1]
        draft = save(cast, intake, **{f"unit_{row}_organisation": "new"})
        assert service.check_draft(draft).error(f"unit-{row}-new_kind")
        draft = save(cast, intake, **{f"unit_{row}_new_kind": "mass_association"})
        assert [body.name for body in service.check_draft(draft).new_bodies] == ["Hội Làm vườn tỉnh"]
        programme = confirmed(cast, intake)
        body = Organisation.objects.get(name="Hội Làm vườn tỉnh")
        first, second = programme.tasks.all()[:2]
        assert first.lead == body
        assert body in second.supporting.all()

    def test_officer_cannot_make_a_front_body_of_a_unit(self, cast: Cast, intake: Intake) -> None:
        draft = save(cast, intake, task_0_lead="Ủy ban lạ")
        row = draft["order"]["unit"][-1]
        changes = {f"unit_{row}_organisation": "new", f"unit_{row}_new_kind": "front_committee"}
        assert service.check_draft(save(cast, intake, **changes)).error(f"unit-{row}-new_kind")

    @pytest.mark.parametrize("typed", ["party-99", "party-x", "999999999999999", "<b>", "none", "party-²"])
    def test_odd_choices_are_nobody(self, cast: Cast, intake: Intake, typed: str) -> None:
        draft = save(cast, intake, task_0_lead="Hội Làm vườn tỉnh")
        row = draft["order"]["unit"][-1]
        checked = service.check_draft(save(cast, intake, **{f"unit_{row}_organisation": typed}))
        assert checked.data.tasks[0].lead is None
        assert "Hội Làm vườn tỉnh" in checked.unknown_units

    def test_several_leads_are_refused_with_a_sentence(self, cast: Cast, intake: Intake) -> None:
        draft = save(cast, intake, task_0_lead="Sở Y tế; Hội Người cao tuổi tỉnh")
        assert service.check_draft(draft).error("task-0-lead")

    def test_party_that_is_only_being_created_leads_its_tasks(self, cast: Cast, intake: Intake) -> None:
        changes = {
            "party_1_name": "Sở Y tế mới",
            "party_1_organisation": "new",
            "party_1_new_kind": "department",
        }
        draft = save(cast, intake, **changes)
        row = next(r for r in draft["order"]["unit"] if drafts.value(draft, f"unit-{r}-name") == "Sở Y tế")
        assert drafts.value(draft, f"unit-{row}-organisation") == "party-1"
        leads = {task.lead.name for task in confirmed(cast, intake).tasks.all() if task.lead}
        assert "Sở Y tế mới" in leads

    def test_successor_of_the_field_comes_first(self, cast: Cast) -> None:
        old = make_organisation("Sở Lao động mẫu", status="dissolved", ended_on=datetime.date(2025, 3, 1))
        poverty, children = (FieldOfWork.objects.create(code=code, name=code) for code in ("ngheo", "tre-em"))
        event = OrganisationEvent.objects.create(kind="dissolve", effective_on=datetime.date(2025, 3, 1))
        home, farming = make_organisation("Sở Nội vụ"), make_organisation("Sở Nông nghiệp và Môi trường")
        Succession.objects.create(event=event, predecessor=old, successor=home, field_of_work=children)
        Succession.objects.create(event=event, predecessor=old, successor=farming, field_of_work=poverty)
        made = drafts.body_field("Sở Lao động mẫu", datetime.date(2026, 1, 1), matching.Register(), poverty.pk)
        assert made["note"] == "body_gone"
        assert made["raw"] == str(old.pk)
        assert [choice[1:] for choice in made["choices"]][1:3] == [[farming.name, "ngheo"], [home.name, "tre-em"]]

    def test_abbreviations_are_data(self, cast: Cast) -> None:
        body = make_organisation("Hội Liên hiệp Phụ nữ tỉnh Thái Nguyên", "socio_political")
        assert service.match_organisation("Hội LHPN tỉnh")[0].organisation == body
        assert (matching.DATA / "abbreviations.json").exists()

    def test_two_bodies_of_one_name_are_told_apart_by_their_parent(self, cast: Cast) -> None:
        bodies = [
            make_organisation("Hội Nông dân xã", "socio_political", parent=parent)
            for parent in (cast.committee, cast.other_committee)
        ]
        assert all(match.grade == "possible" for match in service.match_organisation("Hội Nông dân xã"))
        register = matching.Register()
        found = register.match(register.label(bodies[1]), None)
        assert (found[0].organisation, found[0].grade) == (bodies[1], "sure")


class TestQuantities:
    def test_they_become_indicators_with_targets(self, cast: Cast, intake: Intake) -> None:
        save(cast, intake, task_0_quantities="40 hội nghị; khoảng 1.500 hộ", task_0_recurrence="once")
        task = confirmed(cast, intake).tasks.first()
        first, second = task.indicators.all()
        assert (first.name, first.unit, first.targets.get().value) == ("Hội nghị", "hội nghị", Decimal(40))
        assert (second.name, second.counts, second.targets.get().value) == ("Hộ (khoảng)", "households", Decimal(1500))
        assert first.targets.get().ends_on == datetime.date(2026, 12, 1)  # the day behind the deadline
        assert task.deliverable == "40 hội nghị; khoảng 1.500 hộ"

    def test_a_recurring_task_has_a_target_each_period(self, cast: Cast, intake: Intake) -> None:
        save(cast, intake, task_0_quantities="8.000 lượt người", task_0_recurrence="year", task_0_due_on="")
        task = confirmed(cast, intake).tasks.first()
        indicator = task.indicators.get()
        assert indicator.counts == "turns"
        assert [row.starts_on.year for row in indicator.targets.all()] == [2026, 2027, 2028, 2029, 2030]
        assert {row.value for row in indicator.targets.all()} == {Decimal(8000)}
        assert task.deadlines.count() == 5

    def test_share_takes_the_last_value(self, cast: Cast, intake: Intake) -> None:
        save(cast, intake, task_0_quantities="95,5 % người cao tuổi")
        indicator = confirmed(cast, intake).tasks.first().indicators.get()
        assert (indicator.kind, indicator.roll_up, indicator.precision) == ("ratio", "latest", 1)

    def test_without_any_period_they_stay_words(self, cast: Cast, intake: Intake) -> None:
        draft = save(cast, intake, starts_on="", ends_on="", signed_on="", task_0_quantities="40 hội nghị")
        assert "40 hội nghị" in service.check_draft(draft).without_target
        task = confirmed(cast, intake).tasks.first()
        assert task.deliverable == "40 hội nghị"
        assert not task.indicators.get().targets.exists()

    @pytest.mark.parametrize("typed", ["nhiều", "40", "1.2.3 hộ", "9" * 20 + " hộ", "5 " + "x" * 41, "; 3"])
    def test_what_is_no_quantity_is_a_sentence(self, cast: Cast, intake: Intake, typed: str) -> None:
        draft = save(cast, intake, task_0_quantities=typed)
        assert "40 hội nghị" in service.check_draft(draft).error("task-0-quantities")


class TestReviewsAndReports:
    def test_they_become_milestones_and_proposals(self, cast: Cast, intake: Intake) -> None:
        draft = save(cast, intake, act="row:0:review")
        row = draft["order"]["review"][-1]
        changes = {f"review_{row}_kind": "final_review", f"review_{row}_due_on": "15/11/2030"}
        draft = save(cast, intake, act="row:0:report", **changes)
        row = draft["order"]["report"][-1]
        save(cast, intake, **{f"report_{row}_kind": "half_year", f"report_{row}_due": "15/6; 15/12"})
        programme = confirmed(cast, intake)
        assert programme.milestones.filter(kind="final_review", due_on=datetime.date(2030, 11, 15)).exists()
        assert programme.reports_asked[-1]["due"] == ["15/06", "15/12"]

    @pytest.mark.parametrize("typed", ["32/1", "15/13", "hôm nay", "0", "30/02"])
    def test_days_that_are_none(self, cast: Cast, intake: Intake, typed: str) -> None:
        draft = save(cast, intake, act="row:0:report")
        row = draft["order"]["report"][-1]
        draft = save(cast, intake, **{f"report_{row}_due": typed})
        assert service.check_draft(draft).error(f"report-{row}-due")

    def test_review_without_a_day_is_not_written(self, cast: Cast, intake: Intake) -> None:
        draft = draft_of(intake)
        changes = {f"review_{row}_due_on": "" for row in draft["order"]["review"]}
        save(cast, intake, **changes)
        assert not confirmed(cast, intake).milestones.exists()

    def test_replaced_programme_is_found_by_its_number(self, cast: Cast) -> None:
        old = make_programme(cast, number="12/CTrPH-MTTQ-SYT")
        text = TEXT.replace(
            "2. Năm 2028",
            "2. Chương trình này thay thế Chương trình phối hợp số 12/CTrPH-MTTQ-SYT ngày 25 tháng 5 năm 2021 giữa "
            "Ban Thường trực Ủy ban MTTQ Việt Nam tỉnh và Sở Y tế.\n3. Năm 2028",
        )
        taken = service.take_in(actor=cast.actor(cast.lan), text=text)
        assert drafts.value(draft_of(taken), "predecessor") == str(old.pk)
        programme = confirmed(cast, taken)
        assert programme.predecessor == old
        assert programme.spans["predecessor"]

    def test_programme_that_was_not_offered_is_nobody(self, cast: Cast, intake: Intake) -> None:
        foreign = make_programme(cast, number="77/CT")
        draft = save(cast, intake, predecessor=str(foreign.pk), parent="x")
        data = service.check_draft(draft).data
        assert (data.predecessor, data.parent) == (None, None)


class TestTasks:
    def test_moved_up_and_down_and_by_the_order_of_the_page(self, cast: Cast, intake: Intake) -> None:
        before = titles(draft_of(intake))
        second = draft_of(intake)["order"]["task"][1]
        assert titles(save(cast, intake, act=f"up:0:{second}")) == [before[1], before[0], *before[2:]]
        assert titles(save(cast, intake, act=f"up:0:{second}"))[0] == before[1]  # the first stays first
        assert titles(save(cast, intake, act=f"down:0:{second}")) == before
        order = ",".join(str(row) for row in reversed(draft_of(intake)["order"]["task"]))
        intake.refresh_from_db()
        typed = typed_of(intake) | {"p0-task-order": order}
        service.save_work(actor=cast.actor(cast.lan), intake=intake, version=intake.version, typed=typed)
        assert titles(draft_of(intake)) == before[::-1]
        assert [task.title for task in confirmed(cast, intake).tasks.all()] == before[::-1]

    @pytest.mark.parametrize("order", ["", "0", "0,0,1", "9,8,7", "x,y", "0," * 5000, "-1,0"])
    def test_odd_orders_change_nothing(self, cast: Cast, intake: Intake, order: str) -> None:
        before = titles(draft_of(intake))
        typed = typed_of(intake) | {"p0-task-order": order, "p0-number": "9"}
        service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        assert titles(draft_of(intake)) == before

    def test_split_at_sentences_with_the_parts_where_they_stand(self, cast: Cast, intake: Intake) -> None:
        draft = draft_of(intake)
        row = next(r for r in draft["order"]["task"] if "; hoàn thành trước" in drafts.value(draft, f"task-{r}-title"))
        draft = save(cast, intake, act=f"split:0:{row}")
        at = draft["order"]["task"].index(row)
        new = draft["order"]["task"][at + 1]
        assert drafts.value(draft, f"task-{row}-title").endswith(";")
        assert drafts.value(draft, f"task-{new}-title").startswith("hoàn thành")
        assert drafts.value(draft, f"task-{row}-due_on") == ""
        assert drafts.value(draft, f"task-{new}-due_on") == "30/11/2026"
        assert drafts.value(draft, f"task-{row}-lead")
        blocks = intake.result["blocks"]
        _page, block, start, end = draft["fields"][f"task-{new}-title"]["span"]
        assert blocks[block]["text"][start:end] == drafts.value(draft, f"task-{new}-title")

    def test_split_at_a_line_break_and_merged_again(self, cast: Cast, intake: Intake) -> None:
        before = titles(draft_of(intake))
        row = draft_of(intake)["order"]["task"][1]
        changed = before[1].replace(" trên sóng", "\ntrên sóng")
        draft = save(cast, intake, act=f"split:0:{row}", **{f"task_{row}_title": changed})
        assert len(titles(draft)) == len(before) + 1
        new = draft["order"]["task"][2]
        assert titles(save(cast, intake, act=f"merge:0:{new}")) == before

    def test_merge_keeps_units_and_quantities_of_both(self, cast: Cast, intake: Intake) -> None:
        first, second = draft_of(intake)["order"]["task"][:2]
        changes = {
            f"task_{first}_quantities": "40 hội nghị",
            f"task_{second}_quantities": "12 buổi",
            f"task_{second}_supports": "Hội Người cao tuổi tỉnh",
        }
        draft = save(cast, intake, act=f"merge:0:{second}", **changes)
        assert second not in draft["order"]["task"]
        assert drafts.value(draft, f"task-{first}-quantities") == "40 hội nghị; 12 buổi"
        assert "Hội Người cao tuổi tỉnh" in drafts.value(draft, f"task-{first}-supports")

    def test_one_sentence_and_the_first_task_say_what_to_do(self, cast: Cast, intake: Intake) -> None:
        first = draft_of(intake)["order"]["task"][0]
        for act, changes in ((f"merge:0:{first}", {}), (f"split:0:{first}", {f"task_{first}_title": "Một câu"})):
            with pytest.raises(DomainError):
                save(cast, intake, act=act, **changes)
        assert drafts.value(draft_of(intake), f"task-{first}-title") == "Một câu"  # what was typed is kept

    def test_too_many_pieces(self, cast: Cast, intake: Intake) -> None:
        first = draft_of(intake)["order"]["task"][0]
        with pytest.raises(DomainError):
            save(cast, intake, act=f"split:0:{first}", **{f"task_{first}_title": "Việc.\n" * (drafts.MOST_ROWS + 1)})

    @pytest.mark.parametrize(
        "act",
        [
            "up:0:99",
            "split:0:",
            "merge:9:0",
            "split:0:-1",
            "down:x:0",
            "part:7",
            "join:0",
            "join:9",
            "up:0:²",
            "row:0:unit",
        ],
    )
    def test_odd_acts_change_nothing(self, cast: Cast, intake: Intake, act: str) -> None:
        before = titles(draft_of(intake))
        save(cast, intake, act=act)
        intake.refresh_from_db()
        assert titles(draft_of(intake)) == before
        assert len(intake.work["programmes"]) == 1

    def test_stale_page_splits_nothing(self, cast: Cast, intake: Intake) -> None:
        first = draft_of(intake)["order"]["task"][0]
        save(cast, intake, number="9")
        with pytest.raises(Stale):
            service.save_work(
                actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed_of(intake), act=f"split:0:{first}"
            )

    def test_dropped_task_stays_out_and_comes_back(self, cast: Cast, intake: Intake) -> None:
        before = titles(draft_of(intake))
        assert titles(save(cast, intake, task_0_drop="1")) == before[1:]
        assert titles(save(cast, intake)) == before


class TestProgrammes:
    def picks(self, intake: Intake) -> dict[str, str]:
        draft = draft_of(intake)
        rows = draft["order"]["task"]
        return {f"p0-task-{row}-pick": "1" for row in rows[2:]} | {"p0-party-1-pick": "1"}

    def test_one_becomes_two_and_one_again(self, cast: Cast, intake: Intake) -> None:
        before = titles(draft_of(intake))
        typed = typed_of(intake) | self.picks(intake)
        service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed, act="part:0")
        intake.refresh_from_db()
        first, second = drafts.of(intake)
        assert (titles(first), titles(second)) == (before[:2], before[2:])
        assert drafts.value(second, "title") == drafts.value(first, "title")
        assert second["order"]["party"] == [0, 1]
        assert first["order"]["party"] == [0]
        save(cast, intake, act="join:1")
        intake.refresh_from_db()
        (joined,) = drafts.of(intake)
        assert titles(joined) == before
        assert len(drafts.kept_rows(joined, "party")) == 2
        leads = [task.lead for task in service.check_draft(joined).data.tasks if task.lead]
        assert cast.health in leads

    def test_nothing_ticked_says_so(self, cast: Cast, intake: Intake) -> None:
        with pytest.raises(DomainError):
            save(cast, intake, act="part:0")

    def test_joined_bases_are_not_doubled(self, cast: Cast, intake: Intake) -> None:
        intake.work["programmes"].append(drafts.of(intake)[0] | {"keep": True})
        intake.save()
        rows = len(draft_of(intake)["order"]["basis"])
        draft = save(cast, intake, act="join:1")
        assert len(drafts.kept_rows(draft, "basis")) == rows


def test_pieces_of_a_text() -> None:
    assert editing.pieces_of("Một. Hai; ba 1.500 hộ") == ["Một.", "Hai;", "ba 1.500 hộ"]
    assert editing.pieces_of("Một. Hai\n\nBa") == ["Một. Hai", "Ba"]
    assert editing.pieces_of("") == []


def test_an_intake_of_an_earlier_version_opens(cast: Cast, intake: Intake) -> None:
    draft = intake.work["programmes"][0]
    for key in [
        key for key in draft["fields"] if key.startswith(("unit-", "review-")) or key.endswith(("-code", "-group"))
    ]:
        del draft["fields"][key]
    for key in ("order", "left"):
        del draft[key]
    for kind in ("unit", "review", "report"):
        del draft["rows"][kind]
    intake.save()
    assert titles(draft_of(intake))
    assert confirmed(cast, intake).tasks.exists()


def test_every_value_keeps_its_place(cast: Cast, intake: Intake) -> None:
    programme = confirmed(cast, intake)
    blocks = intake.result["blocks"]

    def words(span: dict[str, int]) -> str:
        return blocks[span["block"]]["text"][span["start"] : span["end"]]

    assert "Sở Y tế" in {words(party.spans["name"]) for party in programme.parties.all()}
    task = next(task for task in programme.tasks.all() if task.indicators.exists())
    assert words(task.spans["lead"]) and words(task.spans["quantity_1"])
    assert words(programme.legal_bases.first().span).startswith("Luật")
    assert task.source_clause.startswith("II.")
    assert programme.intake == intake
    assert intake.sha256
