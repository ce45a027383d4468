"""The check page of a formal document: task lines, what buttons do, saving by itself, the way back from a programme."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from agreements.models import Intake, Programme
from agreements.services import intake as service
from agreements.services.intake import drafts
from agreements.views.intake_paper import Mark, paper
from documents.types import Confidence
from tests.agreements.test_intake_services import typed_of
from tests.make import make_programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User
    from tests.cast import Cast

TEXT = (Path(__file__).parents[1] / "documents" / "samples" / "chuong-trinh.txt").read_text(encoding="utf-8")


@pytest.fixture
def lan(cast: Cast, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(cast.lan)


@pytest.fixture
def intake(cast: Cast) -> Intake:
    return service.take_in(actor=cast.actor(cast.lan), text=TEXT)


def url(intake: Intake) -> str:
    return reverse("agreements:intake_check", args=[intake.pk])


def page_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, intake: Intake, act: str = "save", **changes: str):
    intake.refresh_from_db()
    body = typed_of(intake) | {"version": str(intake.version), "act": act} | changes
    return client.post(url(intake), body)


class TestPage:
    def test_tasks_are_lines_with_what_they_say(self, lan: Client, intake: Intake) -> None:
        page = page_of(lan, url(intake))
        assert page.count('data-row="') == len(drafts.of(intake)[0]["order"]["task"])
        assert "40 hội nghị" in page
        assert 'name="p0-task-order" value="0,1,2,3"' in page
        for act in ("up:0:1", "down:0:1", "split:0:1", "merge:0:1"):
            assert f'value="{act}"' in page
        assert 'value="merge:0:0"' not in page  # nothing above the first

    def test_a_button_that_cannot_do_its_work_keeps_what_was_typed(self, lan: Client, intake: Intake) -> None:
        key = {"form_key": str(uuid.uuid4())}
        answer = post(lan, intake, "split:0:1", **{"p0-task-1-title": "Chỉ một câu thôi", "p0-title": "Tên mới"} | key)
        page = page_of(lan, answer["Location"])
        assert "Nhiệm vụ này chỉ có một câu" in page
        assert "Chỉ một câu thôi" in page and "Tên mới" in page

    def test_rules_are_named_on_demand(self, lan: Client, intake: Intake) -> None:
        page = page_of(lan, url(intake))
        rule = drafts.of(intake)[0]["fields"]["signed_on"]["rule"]
        assert f'<code lang="en">{rule}</code>' in page

    def test_states_are_words(self, lan: Client, intake: Intake) -> None:
        page = page_of(lan, url(intake))
        assert "chắc chắn" in page.lower()
        assert 'data-count="check"' in page

    def test_names_of_bodies_are_offered_once(self, lan: Client, intake: Intake) -> None:
        page = page_of(lan, url(intake))
        assert page.count('<datalist id="bodies">') == 1
        assert page.count('<option value="Sở Y tế"></option>') == 1

    def test_a_long_programme_stays_quick(self, lan: Client, intake: Intake, django_assert_max_num_queries) -> None:
        draft = drafts.of(intake)[0]
        while len(draft["order"]["task"]) < drafts.MOST_ROWS:
            drafts.add_row(draft, "task", {"title": drafts.field("Việc"), "lead": drafts.field("Sở Y tế")})
        intake.save()
        lan.get(url(intake))
        with django_assert_max_num_queries(20):
            page = page_of(lan, url(intake))
        assert page.count('data-row="') == drafts.MOST_ROWS
        with django_assert_max_num_queries(20):
            lan.get(reverse("agreements:intake_confirm", args=[intake.pk]))

    def test_hostile_words_are_shown_as_words(self, lan: Client, intake: Intake) -> None:
        post(lan, intake, **{"p0-task-0-title": "<img src=x>", "p0-task-0-lead": '"><script>alert(1)</script>'})
        page = page_of(lan, url(intake))
        assert "<script>alert" not in page
        assert "<img src=x>" not in page


class TestActs:
    @pytest.mark.parametrize(
        ("act", "anchor"),
        [
            ("up:0:1", "#f-p0-task-1"),
            ("down:0:0", "#f-p0-task-0"),
            ("merge:0:1", "#p0-tasks"),
            ("row:0:review", "#f-p0-review-"),
            ("up:7:1", ""),
            ("join:7", ""),
            ("split:²:1", ""),
        ],
    )
    def test_the_page_opens_where_it_was_changed(self, lan: Client, intake: Intake, act: str, anchor: str) -> None:
        response = post(lan, intake, act)
        assert response.status_code == 302
        assert anchor in response["Location"]

    def test_split_programme_and_merge_again(self, lan: Client, intake: Intake) -> None:
        response = post(lan, intake, "part:0", **{"p0-task-2-pick": "1", "p0-task-3-pick": "1"})
        assert response["Location"].endswith("#p1")
        assert page_of(lan, url(intake)).count('<section class="sec"') == 2
        response = post(lan, intake, "join:1")
        assert response["Location"].endswith("#p0")
        intake.refresh_from_db()
        assert len(intake.work["programmes"]) == 1

    def test_what_cannot_be_done_is_a_message_and_nothing_is_lost(self, lan: Client, intake: Intake) -> None:
        response = post(lan, intake, "part:0")
        page = page_of(lan, response["Location"])
        assert "Đánh dấu" in page

    def test_order_of_the_page(self, lan: Client, intake: Intake) -> None:
        post(lan, intake, **{"p0-task-order": "3,2,1,0"})
        assert 'name="p0-task-order" value="3,2,1,0"' in page_of(lan, url(intake))


class TestAutosave:
    def save(self, client: Client, intake: Intake, version: str, **changes: str):
        body = typed_of(intake) | {"version": version} | changes
        return client.post(url(intake), body, headers={"X-Autosave": "1"})

    def test_saves_and_says_when(self, lan: Client, intake: Intake) -> None:
        response = self.save(lan, intake, "1", **{"p0-short_title": "Sức khỏe"})
        answer = response.json()
        assert answer["version"] == 2
        assert answer["message"].startswith("Đã lưu nháp lúc ")
        assert answer["states"]["f-p0-title"] == "certain"
        intake.refresh_from_db()
        assert drafts.value(drafts.of(intake)[0], "short_title") == "Sức khỏe"

    def test_ticked_doubt_is_certain_in_the_answer(self, lan: Client, intake: Intake) -> None:
        draft = drafts.of(intake)[0]
        draft["fields"]["title"]["conf"] = "check"
        intake.save()
        assert self.save(lan, intake, "1").json()["states"]["f-p0-title"] == "check"
        assert self.save(lan, intake, "1", **{"p0-title-ok": "1"}).json()["states"]["f-p0-title"] == "certain"

    @pytest.mark.parametrize("version", ["", "7", "x", "²", "-1", "9" * 30])
    def test_another_version_is_refused_and_nothing_overwritten(
        self, lan: Client, intake: Intake, version: str
    ) -> None:
        response = self.save(lan, intake, version, **{"p0-title": "Khác"})
        assert response.status_code == 409
        assert response.json()["message"]
        intake.refresh_from_db()
        assert drafts.value(drafts.of(intake)[0], "title") != "Khác"

    def test_then_the_button_shows_both_texts(self, cast: Cast, lan: Client, intake: Intake) -> None:
        typed = typed_of(intake) | {"p0-number": "1/CT"}
        service.save_work(actor=cast.actor(cast.hung), intake=intake, version=1, typed=typed)
        response = lan.post(url(intake), typed_of(intake) | {"version": "1", "p0-number": "2/CT"})
        assert response.status_code == 409
        assert "1/CT" in response.content.decode()
        assert "2/CT" in response.content.decode()

    def test_only_for_those_who_may(self, cast: Cast, sign_in, intake: Intake) -> None:
        assert self.save(sign_in(cast.phuong), intake, "1").status_code == 404
        assert self.save(sign_in(cast.hoa), intake, "1").status_code == 403
        intake.refresh_from_db()
        assert intake.version == 1


class TestConfirm:
    def test_units_that_stay_out_are_named(self, lan: Client, intake: Intake) -> None:
        post(lan, intake, **{"p0-task-0-supports": "các đoàn thể"})
        page = page_of(lan, reverse("agreements:intake_confirm", args=[intake.pk]))
        assert "các đoàn thể" in page
        assert f"{url(intake)}#f-p0-task-0" in page

    def test_same_partner_and_period_is_pointed_out(self, cast: Cast, lan: Client, intake: Intake) -> None:
        twin = make_programme(cast)
        page = page_of(lan, reverse("agreements:intake_confirm", args=[intake.pk]))
        assert twin.code in page


class TestSource:
    @pytest.fixture
    def programme(self, cast: Cast, intake: Intake) -> Programme:
        return service.confirm(actor=cast.actor(cast.lan), intake=intake, version=1)[0]

    def test_each_tab_leads_to_the_words(self, lan: Client, programme: Programme) -> None:
        task, goal = programme.tasks.first(), programme.goals.first()
        basis, party = programme.legal_bases.first(), programme.parties.first()
        wanted = {
            "programme_detail": ["signed_on", "number", "title"],
            "programme_goals": [f"goal_{goal.pk}"],
            "programme_tasks": [f"task_{task.pk}"],
            "programme_bases": [f"basis_{basis.pk}"],
            "programme_parties": [f"party_{party.pk}", f"party_{party.pk}_duties", "report_1"],
        }
        for name, keys in wanted.items():
            page = page_of(lan, reverse(f"agreements:{name}", args=[programme.pk]))
            for key in keys:
                assert f"?gia-tri={key}#dang-xem" in page, (name, key)

    def test_the_words_of_each_kind_are_marked(self, lan: Client, programme: Programme) -> None:
        task = next(row for row in programme.tasks.all() if row.spans.get("quantity_1"))
        address = reverse("agreements:intake_source", args=[programme.pk])
        for key in ("title", f"task_{task.pk}", f"task_{task.pk}_quantity_1", f"task_{task.pk}_lead", "report_1"):
            page = page_of(lan, f"{address}?gia-tri={key}")
            assert page.count('id="dang-xem"') == 1, key
            assert 'aria-current="true"' in page

    @pytest.mark.parametrize("key", ["", "x", "task_999999", "<b>", "task_", "party_1_name"])
    def test_odd_keys_mark_nothing(self, lan: Client, programme: Programme, key: str) -> None:
        page = page_of(lan, reverse("agreements:intake_source", args=[programme.pk]) + f"?gia-tri={key}")
        assert 'id="dang-xem"' not in page

    def test_programme_by_hand_shows_no_links(self, cast: Cast, lan: Client) -> None:
        page = page_of(lan, reverse("agreements:programme_parties", args=[make_programme(cast).pk]))
        assert "gia-tri" not in page


def test_paper_knows_pages_and_the_current_mark() -> None:
    blocks = [{"text": "Một hai", "page": 1}, {"text": "Ba bốn", "page": 2}, {"text": "Năm", "page": 2}]
    marks = [Mark(1, 0, 2, 1, Confidence.CHECK), Mark(1, 3, 6, 2, Confidence.CERTAIN)]
    paragraphs = paper(blocks, marks, current=1)
    assert [paragraph.page for paragraph in paragraphs] == [1, 2, 0]
    assert [piece.css for piece in paragraphs[1].pieces] == ["m-ask m-cur", "", "m-ok"]
