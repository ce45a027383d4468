"""Taking in a text, matching bodies and documents, saving what was typed, confirming once."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from agreements.models import Intake, LegalDocument, Programme
from agreements.services import intake as service
from agreements.services.intake import drafts
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry
from documents.types import Confidence
from partners.models import Organisation, OrganisationEvent, Succession
from tests.cast import Cast, make_organisation
from tests.make import make_legal_document

SAMPLES = Path(__file__).parents[1] / "documents" / "samples"
NEWS = (SAMPLES / "tin-ky-ket.txt").read_text(encoding="utf-8")


def named(choices: list[service.Match]) -> list[str]:
    return [match.organisation.name for match in choices]


def typed_of(intake: Intake) -> dict[str, str]:
    """What the browser sends for the page as it stands."""
    sent = {}
    for number, draft in enumerate(intake.work["programmes"]):
        sent[f"p{number}-here"] = "1"
        if draft["keep"]:
            sent[f"p{number}-keep"] = "1"
        sent |= {f"p{number}-{key}": made["raw"] for key, made in draft["fields"].items() if not key.endswith("-drop")}
    return sent


@pytest.fixture
def bodies(cast: Cast) -> dict[str, Organisation]:
    """The three bodies that the sample text names."""
    return {
        "elderly": make_organisation("Hội Người cao tuổi tỉnh Thái Nguyên", "mass_association"),
        "farming": make_organisation("Sở Nông nghiệp và Môi trường"),
        "learning": make_organisation("Hội Khuyến học tỉnh Thái Nguyên", "mass_association"),
    }


@pytest.fixture
def intake(cast: Cast, bodies: dict[str, Organisation]) -> Intake:
    return service.take_in(actor=cast.actor(cast.lan), text=NEWS)


class TestMatching:
    def test_writing_and_place_do_not_matter(self, cast: Cast, bodies: dict[str, Organisation]) -> None:
        for written in ("Hội Người cao tuổi tỉnh", "HỘI NGƯỜI CAO TUỔI TỈNH THÁI NGUYÊN", "hoi nguoi cao tuoi"):
            draft_place = service.match_organisation(written, None)
            assert named(draft_place)[0] == bodies["elderly"].name, written

    def test_abbreviations_of_the_front(self, cast: Cast) -> None:
        found = service.match_organisation("Ủy ban MTTQ Việt Nam tỉnh Thái Nguyên")
        assert found[0].organisation == cast.committee
        assert found[0].grade == "sure"

    def test_short_name(self, cast: Cast) -> None:
        assert named(service.match_organisation("SYT")) == ["Sở Y tế"]

    def test_committee_of_another_province_is_not_taken_for_ours(self, cast: Cast) -> None:
        found = service.match_organisation("Ủy ban MTTQ Việt Nam tỉnh Tân Thử")
        assert found[0].organisation == cast.other_committee
        assert all(match.grade != "sure" for match in found[1:])

    def test_former_name_leads_to_the_body(self, cast: Cast) -> None:
        body = make_organisation("Sở Dân tộc và Tôn giáo")
        body.names.create(name="Ban Dân tộc", valid_to=datetime.date(2025, 3, 1))
        found = service.match_organisation("Ban Dân tộc tỉnh", datetime.date(2024, 5, 1))
        assert found[0].organisation == body
        assert found[0].name == "Ban Dân tộc"

    def test_dissolved_body_brings_its_successors(self, cast: Cast) -> None:
        old = make_organisation(
            "Sở Lao động mẫu", status="dissolved", ended_on=datetime.date(2025, 3, 1), short_name="SLĐM"
        )
        new = make_organisation("Sở Nội vụ")
        event = OrganisationEvent.objects.create(kind="dissolve", effective_on=datetime.date(2025, 3, 1))
        Succession.objects.create(event=event, predecessor=old, successor=new)
        before = service.match_organisation("Sở Lao động mẫu", datetime.date(2023, 7, 14))[0]
        after = service.match_organisation("Sở Lao động mẫu", datetime.date(2025, 3, 1))[0]
        assert (before.organisation, before.gone, before.successors) == (old, False, (new,))
        assert after.gone

    @pytest.mark.parametrize("name", ["", "   ", "\u200b", "!!!", "tỉnh", "x" * 70_000, "Hội Làm vườn"])
    def test_nothing_is_invented(self, cast: Cast, name: str) -> None:
        assert service.match_organisation(name) == []


class TestTakeIn:
    def test_three_drafts_with_parties_periods_and_bases(self, intake: Intake, bodies: dict[str, Organisation]) -> None:
        programmes = intake.work["programmes"]
        assert len(programmes) == 3
        partners = [drafts.value(draft, "party-1-organisation") for draft in programmes]
        assert partners == [str(bodies[key].pk) for key in ("elderly", "farming", "learning")]
        assert all(drafts.value(draft, "party-0-organisation") == str(intake.owner.pk) for draft in programmes)
        periods = [(drafts.value(d, "starts_on"), drafts.value(d, "ends_on")) for d in programmes]
        assert periods == [("01/01/2026", "31/12/2030"), ("", ""), ("01/01/2026", "31/12/2030")]
        assert sum(draft["rows"]["basis"] for draft in programmes) == 4
        assert AuditEntry.objects.filter(action="intake.take_in").count() == 1

    def test_implemented_period_is_offered_not_taken(self, intake: Intake) -> None:
        draft = intake.work["programmes"][1]
        assert draft["fields"]["starts_on"]["conf"] == Confidence.MISSING
        assert (drafts.value(draft, "implements_from"), drafts.value(draft, "implements_to")) == ("2021", "2025")

    def test_spans_stand_in_the_stored_text(self, intake: Intake) -> None:
        blocks = intake.result["blocks"]
        for draft in intake.work["programmes"]:
            page, block, start, end = draft["fields"]["title"]["span"]
            assert page == 1
            assert blocks[block]["text"][start:end].strip()

    def test_same_text_again_names_the_first(self, cast: Cast, intake: Intake) -> None:
        with pytest.raises(service.AlreadyTaken) as caught:
            service.take_in(actor=cast.actor(cast.hung), text="\r\n" + NEWS.replace("\n", "\r\n") + "\n")
        assert caught.value.intake == intake
        assert Intake.objects.count() == 1

    def test_dropped_text_can_be_taken_in_again(self, cast: Cast, intake: Intake) -> None:
        service.drop(actor=cast.actor(cast.lan), intake=intake, version=intake.version)
        again = service.take_in(actor=cast.actor(cast.lan), text=NEWS)
        assert again.pk != intake.pk

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " \n\t ",
            "\u200b\u00a0",
            "PK\x03\x04\0\0binary",
            "\x01\x02\x03\x04\x05\x06\x07\x08\x0e" * 3,
            "a" * (2**21 + 1),
        ],
    )
    def test_what_is_no_text_is_refused_with_a_message(self, cast: Cast, text: str) -> None:
        with pytest.raises(DomainError) as caught:
            service.take_in(actor=cast.actor(cast.lan), text=text)
        assert caught.value.field == "text"
        assert caught.value.message
        assert not Intake.objects.exists()

    def test_text_without_programme_gives_an_empty_draft(self, cast: Cast) -> None:
        intake = service.take_in(actor=cast.actor(cast.lan), text="Hôm nay trời đẹp. <script>alert(1)</script>")
        assert len(intake.work["programmes"]) == 1
        draft = intake.work["programmes"][0]
        assert drafts.value(draft, "title") == ""
        parties = [drafts.state_of(draft["fields"][f"party-{row}-name"]) for row in (0, 1)]
        assert parties == ["missing", "missing"]  # asked for, not listed as optional

    @pytest.mark.parametrize("who", ["minh", "hoa", "duc", "tuan"])
    def test_only_officers(self, cast: Cast, who: str) -> None:
        with pytest.raises(NotAllowed):
            service.take_in(actor=cast.actor(getattr(cast, who)), text=NEWS)

    def test_known_documents_and_other_dates(self, cast: Cast, bodies: dict[str, Organisation]) -> None:
        known = make_legal_document(
            kind="Chỉ thị", number="11 -CT/TƯ", issued_on=datetime.date(2007, 4, 13), issuer="Bộ Chính trị"
        )
        make_legal_document(kind="Quyết định", number="263/QĐ-TTg", issued_on=datetime.date(2020, 2, 22))
        intake = service.take_in(actor=cast.actor(cast.lan), text=NEWS)
        fields = [
            (drafts.value(d, f"basis-{row}-number"), d["fields"][f"basis-{row}-document"])
            for d in intake.work["programmes"]
            for row in range(d["rows"]["basis"])
        ]
        by_number = dict(fields)
        assert by_number["11-CT/TW"]["raw"] == str(known.pk)
        assert by_number["11-CT/TW"]["note"] == "document_known"
        assert by_number["263/QĐ-TTg"]["conf"] == Confidence.CHECK
        assert by_number["263/QĐ-TTg"]["note"] == "document_other_date"
        assert by_number["25/2021/QH15"]["note"] == "document_new"


class TestSave:
    def test_everything_typed_is_kept_also_what_is_wrong(self, cast: Cast, intake: Intake) -> None:
        typed = typed_of(intake) | {"p0-signed_on": "hôm qua", "p0-title": "<b>Tên</b> " + "x" * 65_536}
        saved = service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        draft = saved.work["programmes"][0]
        assert drafts.value(draft, "signed_on") == "hôm qua"
        assert drafts.value(draft, "title") == typed["p0-title"]
        checked = service.check_draft(draft)
        assert checked.error("signed_on")
        assert "65.5" in checked.error("title")

    def test_unchanged_page_writes_nothing(self, cast: Cast, intake: Intake) -> None:
        saved = service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed_of(intake))
        assert saved.version == 1
        assert not AuditEntry.objects.filter(action="intake.save").exists()

    def test_stale_save_changes_nothing(self, cast: Cast, intake: Intake) -> None:
        typed = typed_of(intake)
        service.save_work(actor=cast.actor(cast.hung), intake=intake, version=1, typed=typed | {"p0-number": "01/CT"})
        with pytest.raises(Stale) as caught:
            service.save_work(
                actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed | {"p0-number": "02/CT"}
            )
        assert caught.value.current.version == 2
        assert drafts.value(Intake.objects.get(pk=intake.pk).work["programmes"][0], "number") == "01/CT"

    def test_ticked_and_typed_values_become_certain(self, cast: Cast, intake: Intake) -> None:
        before = service.doubts(intake.work["programmes"][0])["check"]
        typed = typed_of(intake) | {"p0-signed_on-ok": "1"}
        saved = service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        assert service.doubts(saved.work["programmes"][0])["check"] == before - 1

    def test_implemented_period_by_choice(self, cast: Cast, intake: Intake) -> None:
        saved = service.save_work(
            actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed_of(intake), act="period:1"
        )
        data = service.check_draft(saved.work["programmes"][1]).data
        assert (data.starts_on, data.ends_on) == (datetime.date(2021, 1, 1), datetime.date(2025, 12, 31))
        assert data.period_note

    def test_years_are_understood_as_first_and_last_day(self, cast: Cast, intake: Intake) -> None:
        typed = typed_of(intake) | {"p1-starts_on": "2023", "p1-ends_on": "2027"}
        saved = service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        data = service.check_draft(saved.work["programmes"][1]).data
        assert (data.starts_on, data.ends_on) == (datetime.date(2023, 1, 1), datetime.date(2027, 12, 31))

    def test_end_before_start(self, cast: Cast, intake: Intake) -> None:
        typed = typed_of(intake) | {"p0-starts_on": "2027", "p0-ends_on": "2023"}
        saved = service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        assert "01/01/2027" in service.check_draft(saved.work["programmes"][0]).error("ends_on")

    def test_rows_and_programmes_are_added_empty(self, cast: Cast, intake: Intake) -> None:
        actor, typed = cast.actor(cast.lan), typed_of(intake)
        saved = service.save_work(actor=actor, intake=intake, version=1, typed=typed, act="row:0:task")
        assert saved.work["programmes"][0]["rows"]["task"] == 1
        saved = service.save_work(actor=actor, intake=intake, version=2, typed=typed, act="programme")
        assert len(saved.work["programmes"]) == 4

    @pytest.mark.parametrize("act", ["row:99:party", "row:x:party", "row:0:nothing", "period:77", "rubbish", ""])
    def test_odd_acts_are_only_saves(self, cast: Cast, intake: Intake, act: str) -> None:
        typed = typed_of(intake)
        service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed, act=act)
        assert len(Intake.objects.get(pk=intake.pk).work["programmes"]) == 3

    def test_too_many_programmes_and_rows(self, cast: Cast, intake: Intake) -> None:
        intake.work["programmes"] += [drafts.empty_draft() for _ in range(9)]
        intake.work["programmes"][0]["order"]["goal"] = list(range(drafts.MOST_ROWS))
        intake.save()
        for act in ("programme", "row:0:goal"):
            with pytest.raises(DomainError):
                service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed={}, act=act)

    def test_search_offers_bodies(self, cast: Cast, intake: Intake) -> None:
        typed = typed_of(intake) | {"p0-party-1-find": "so y te"}
        saved = service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        made = saved.work["programmes"][0]["fields"]["party-1-organisation"]
        assert [str(cast.health.pk), "Sở Y tế"] in made["choices"]

    def test_corrected_number_is_matched_again(self, cast: Cast, intake: Intake) -> None:
        known = make_legal_document(number="19-KH/TU", kind="Kế hoạch", issued_on=datetime.date(2021, 5, 11))
        draft = intake.work["programmes"][2]
        assert drafts.value(draft, "basis-0-number") == "11-CT/TW"
        typed = typed_of(intake) | {
            "p2-basis-0-kind": "Kế hoạch",
            "p2-basis-0-number": "19-KH/TU",
            "p2-basis-0-issued_on": "11/05/2021",
        }
        saved = service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        assert drafts.value(saved.work["programmes"][2], "basis-0-document") == str(known.pk)

    def test_foreign_officer(self, cast: Cast, intake: Intake) -> None:
        with pytest.raises(NotAllowed):
            service.save_work(actor=cast.actor(cast.phuong), intake=intake, version=1, typed={})


class TestConfirm:
    def test_three_programmes_as_shown(self, cast: Cast, intake: Intake, bodies: dict[str, Organisation]) -> None:
        made = service.confirm(actor=cast.actor(cast.lan), intake=intake, version=1)
        assert [programme.status for programme in made] == ["signed"] * 3
        first, second, third = made
        assert first.signed_on == datetime.date(2026, 9, 16)
        assert first.period == third.period == "2026–2030"
        assert second.starts_on is None
        assert (second.implements_from, second.implements_to) == (2021, 2025)
        assert list(second.parties.values_list("organisation", flat=True)) == [cast.committee.pk, bodies["farming"].pk]
        assert second.parties.first().name_as_signed == "Ủy ban MTTQ tỉnh Thái Nguyên"
        assert LegalDocument.objects.count() == 4
        assert second.legal_bases.count() == 3
        intake.refresh_from_db()
        assert intake.status == "confirmed"
        assert AuditEntry.objects.filter(action="intake.confirm").count() == 1

    def test_values_keep_their_place_in_the_source(self, cast: Cast, intake: Intake) -> None:
        first = service.confirm(actor=cast.actor(cast.lan), intake=intake, version=1)[0]
        span = first.spans["starts_on"]
        assert "2026 - 2030" in intake.result["blocks"][span["block"]]["text"][span["start"] : span["end"]]
        assert first.goals.first().span["block"] > 0
        assert first.intake == intake

    def test_twice_makes_one(self, cast: Cast, intake: Intake) -> None:
        service.confirm(actor=cast.actor(cast.lan), intake=intake, version=1)
        with pytest.raises(NotAllowed):
            service.confirm(actor=cast.actor(cast.lan), intake=intake, version=1)
        assert Programme.objects.count() == 3

    def test_stale_page_makes_nothing(self, cast: Cast, intake: Intake) -> None:
        service.save_work(
            actor=cast.actor(cast.hung), intake=intake, version=1, typed=typed_of(intake) | {"p0-number": "9"}
        )
        with pytest.raises(Stale):
            service.confirm(actor=cast.actor(cast.lan), intake=intake, version=1)
        assert not Programme.objects.exists()

    def test_dropped_programmes_and_rows_stay_out(self, cast: Cast, intake: Intake) -> None:
        typed = typed_of(intake) | {"p1-goal-0-drop": "1"}
        del typed["p0-keep"]
        goals = len(drafts.kept_rows(intake.work["programmes"][1], "goal"))
        service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        made = service.confirm(actor=cast.actor(cast.lan), intake=intake, version=2)
        assert len(made) == 2
        assert made[0].goals.count() == goals - 1

    @pytest.mark.parametrize(
        "change",
        [
            {"p0-title": ""},
            {"p0-party-1-organisation": ""},
            {"p0-party-1-organisation": "999999"},
            {"p0-party-1-organisation": "new"},
            {"p0-party-1-drop": "1"},
            {"p0-signed_on": "31/02/2026"},
            {"p0-implements_to": "2025"},
            {"p2-basis-0-kind": ""},
        ],
    )
    def test_what_a_programme_cannot_do_without(self, cast: Cast, intake: Intake, change: dict[str, str]) -> None:
        service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed_of(intake) | change)
        with pytest.raises(DomainError):
            service.confirm(actor=cast.actor(cast.lan), intake=intake, version=2)
        assert not Programme.objects.exists()

    def test_none_kept(self, cast: Cast, intake: Intake) -> None:
        typed = {key: value for key, value in typed_of(intake).items() if not key.endswith("-keep")}
        service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        with pytest.raises(DomainError):
            service.confirm(actor=cast.actor(cast.lan), intake=intake, version=2)

    def test_new_body_only_by_choice_and_once(self, cast: Cast, intake: Intake) -> None:
        count = Organisation.objects.count()
        change = {}
        for number in (0, 2):
            change |= {
                f"p{number}-party-1-name": "Hội Làm vườn tỉnh",
                f"p{number}-party-1-organisation": "new",
                f"p{number}-party-1-new_kind": "mass_association",
            }
        service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed_of(intake) | change)
        assert Organisation.objects.count() == count
        made = service.confirm(actor=cast.actor(cast.lan), intake=intake, version=2)
        body = Organisation.objects.get(name="Hội Làm vườn tỉnh")
        assert body.path == f"/{body.pk}/"
        assert [p.parties.filter(organisation=body).exists() for p in made] == [True, False, True]

    def test_officer_cannot_make_a_new_front_body(self, cast: Cast, intake: Intake) -> None:
        change = {"p0-party-1-organisation": "new", "p0-party-1-new_kind": "front_committee"}
        saved = service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed_of(intake) | change)
        assert service.check_draft(saved.work["programmes"][0]).error("party-1-new_kind")

    def test_without_a_day_of_signing_it_is_a_draft(self, cast: Cast, intake: Intake) -> None:
        typed = typed_of(intake) | {"p0-signed_on": ""}
        service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        assert service.confirm(actor=cast.actor(cast.lan), intake=intake, version=2)[0].status == "draft"

    def test_overlap_is_pointed_out(self, cast: Cast, intake: Intake) -> None:
        draft = intake.work["programmes"][0]
        assert service.overlaps(actor=cast.actor(cast.lan), data=service.check_draft(draft).data) == []
        made = service.confirm(actor=cast.actor(cast.lan), intake=intake, version=1)
        assert service.overlaps(actor=cast.actor(cast.lan), data=service.check_draft(draft).data) == [made[0]]
        assert service.overlaps(actor=cast.actor(cast.phuong), data=service.check_draft(draft).data) == []


def test_drop_needs_the_right_and_the_version(cast: Cast, intake: Intake) -> None:
    with pytest.raises(NotAllowed):
        service.drop(actor=cast.actor(cast.hoa), intake=intake, version=1)
    with pytest.raises(Stale):
        service.drop(actor=cast.actor(cast.lan), intake=intake, version=7)
    assert service.drop(actor=cast.actor(cast.lan), intake=intake, version=1).status == "dropped"
