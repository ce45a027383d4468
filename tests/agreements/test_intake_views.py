"""Pages of the intake: paste, check, save, conflict, confirm, drop, source; hostile and foreign input."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from agreements.models import Intake, Programme
from agreements.services import intake as service
from tests.agreements.test_intake_services import NEWS, bodies, intake, typed_of  # noqa: F401
from tests.make import make_programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User
    from tests.cast import Cast

    SignIn = Callable[[User], Client]

CREATE = "/chuong-trinh/nhap/"
INPUT = Path(__file__).parents[3] / "shared" / "inputs" / "signing-news-thai-nguyen-2023-07-14.txt"
pytestmark = pytest.mark.usefixtures("bodies")


@pytest.fixture
def lan(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.lan)


def check_url(taken: Intake) -> str:
    return reverse("agreements:intake_check", args=[taken.pk])


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


class TestCreate:
    def test_page_shows_steps_and_manual_entry(self, lan: Client) -> None:
        page = text_of(lan, CREATE)
        assert 'aria-current="step"' in page
        assert reverse("agreements:programme_create") in page
        assert page.count("btn-primary") == 1

    def test_pasted_text_leads_to_check(self, lan: Client) -> None:
        response = lan.post(CREATE, {"text": NEWS})
        taken = Intake.objects.get()
        assert response["Location"] == check_url(taken)
        assert len(taken.work["programmes"]) == 3

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_text_file(self, lan: Client, encoding: str) -> None:
        lan.post(CREATE, {"file": SimpleUploadedFile("tin.txt", NEWS.encode(encoding))})
        taken = Intake.objects.get()
        assert taken.title == "tin.txt"
        assert len(taken.work["programmes"]) == 3

    def test_same_text_shows_the_first_with_a_link(self, lan: Client) -> None:
        lan.post(CREATE, {"text": NEWS})
        response = lan.post(CREATE, {"text": NEWS})
        assert response.status_code == 200
        assert check_url(Intake.objects.get()) in response.content.decode()

    def test_double_submit_makes_one(self, lan: Client) -> None:
        body = {"text": NEWS, "form_key": "6a0b5c1e-0e7e-4d7a-9a1e-0123456789ab"}
        first, second = lan.post(CREATE, body), lan.post(CREATE, body)
        assert first["Location"] == second["Location"]
        assert Intake.objects.count() == 1

    def test_picture_is_kept_with_a_message(self, lan: Client) -> None:
        data = io.BytesIO()
        Image.new("RGB", (20, 20), "white").save(data, "PNG")
        response = lan.post(CREATE, {"file": SimpleUploadedFile("quet.png", data.getvalue())}, follow=True)
        page = response.content.decode()
        taken = Intake.objects.get()
        assert taken.file is not None
        assert reverse("agreements:intake_file", args=[taken.pk]) in page
        assert reverse("agreements:programme_create") in page
        download = lan.get(reverse("agreements:intake_file", args=[taken.pk]))
        assert b"".join(download.streaming_content) == data.getvalue()

    @pytest.mark.parametrize(
        "body",
        [
            {"text": ""},
            {"text": "\x00\x01 PK"},
            {"text": "\u202e\u200b"},
            {"file": SimpleUploadedFile("a.txt", b"")},
            {"text": "một", "file": SimpleUploadedFile("a.txt", b"hai")},
        ],
    )
    def test_bad_sources_get_a_message(self, lan: Client, body: dict[str, object]) -> None:
        response = lan.post(CREATE, body)
        assert response.status_code == 200
        assert "errsum" in response.content.decode()
        assert not Intake.objects.exists()

    def test_too_long(self, lan: Client) -> None:
        response = lan.post(CREATE, {"text": "đ" * (1024 * 1024 + 1)})
        assert "2 MB" in response.content.decode()


class TestCheck:
    def test_source_and_fields_carry_the_same_numbers(self, lan: Client, intake: Intake) -> None:  # noqa: F811
        page = text_of(lan, check_url(intake))
        assert 'id="s1"' in page
        assert 'href="#s1"' in page
        assert 'class="m-ask"' in page
        assert page.count('type="submit" form="work"') == 2
        assert 'id="f-p1-period"' in page
        assert 'value="period:1"' in page
        assert page.index("e-f-ask") < page.index("e-it")

    def test_phone_view_of_the_text(self, lan: Client, intake: Intake) -> None:  # noqa: F811
        page = text_of(lan, check_url(intake) + "?xem=van-ban")
        assert 'id="work"' not in page
        assert f"{check_url(intake)}#f-p0-signed_on" in page

    def test_hostile_text_is_shown_as_text(self, cast: Cast, lan: Client) -> None:
        text = NEWS.replace("Hội Khuyến học tỉnh", "Hội Khuyến học <script>alert(1)</script> tỉnh")
        taken = service.take_in(actor=cast.actor(cast.lan), text="<img src=x onerror=alert(1)>\n\n" + text)
        page = text_of(lan, check_url(taken))
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page

    def test_save_keeps_what_was_typed(self, lan: Client, intake: Intake) -> None:  # noqa: F811
        body = typed_of(intake) | {"version": "1", "p0-signed_on": "32/13/2026", "p0-short_title": "Người cao tuổi"}
        response = lan.post(check_url(intake), body, follow=True)
        page = response.content.decode()
        assert 'value="32/13/2026"' in page
        assert 'aria-invalid="true"' in page
        assert "Người cao tuổi" in page

    def test_64_kb_in_every_field(self, lan: Client, intake: Intake) -> None:  # noqa: F811
        body = dict.fromkeys(list(typed_of(intake))[:40], "Ầ" * 16384) | {
            "version": "1",
            "p0-here": "1",
            "p0-keep": "1",
        }
        assert lan.post(check_url(intake), body).status_code == 302
        assert lan.get(check_url(intake)).status_code == 200
        assert lan.get(reverse("agreements:intake_confirm", args=[intake.pk])).status_code == 200

    def test_next_goes_to_confirm_and_places_are_kept(self, lan: Client, intake: Intake) -> None:  # noqa: F811
        body = typed_of(intake) | {"version": "1"}
        response = lan.post(check_url(intake), body | {"act": "next"})
        assert response["Location"] == reverse("agreements:intake_confirm", args=[intake.pk])
        response = lan.post(check_url(intake), body | {"act": "row:1:task"})
        assert response["Location"].endswith("#f-p1-task-0")
        response = lan.post(check_url(intake), typed_of(intake) | {"version": "2", "act": "text:4"})
        assert response["Location"].endswith("?xem=van-ban#s4")

    @pytest.mark.parametrize("act", ["row:x:y", "row:9:party", "row", "period:z", "text:<b>", "row:0:"])
    def test_odd_acts(self, lan: Client, intake: Intake, act: str) -> None:  # noqa: F811
        response = lan.post(check_url(intake), typed_of(intake) | {"version": "1", "act": act})
        assert response.status_code == 302

    def test_stale_save_gets_the_compare_page(self, cast: Cast, lan: Client, intake: Intake) -> None:  # noqa: F811
        theirs = typed_of(intake) | {"p0-number": "01/CT-MTTQ"}
        service.save_work(actor=cast.actor(cast.hung), intake=intake, version=1, typed=theirs)
        mine = typed_of(intake) | {"p0-number": "02/CT-MTTQ", "version": "1"}
        response = lan.post(check_url(intake), mine)
        page = response.content.decode()
        assert response.status_code == 409
        assert "02/CT-MTTQ" in page
        response = lan.post(check_url(intake), mine | {"version": "2"})
        assert response.status_code == 302
        intake.refresh_from_db()
        assert intake.work["programmes"][0]["fields"]["number"]["raw"] == "02/CT-MTTQ"

    def test_long_text_is_shortened_around_what_was_read(self, cast: Cast, lan: Client) -> None:
        filler = "\n\n".join(f"Đoạn đệm số {n} không nói gì về việc ký kết nào cả." for n in range(3000))
        taken = service.take_in(actor=cast.actor(cast.lan), text=f"{filler}\n\n{NEWS}")
        page = text_of(lan, check_url(taken))
        assert "Đoạn đệm số 1500 " not in page
        assert 'id="s1"' in page

    def test_queries_stay_few(self, lan: Client, intake: Intake, django_assert_max_num_queries) -> None:  # noqa: F811
        lan.get(check_url(intake))
        with django_assert_max_num_queries(20):
            lan.get(check_url(intake))


class TestConfirm:
    def test_shows_everything_and_saves_once(self, lan: Client, intake: Intake) -> None:  # noqa: F811
        url = reverse("agreements:intake_confirm", args=[intake.pk])
        page = text_of(lan, url)
        assert page.count('<section class="sec"') == 3
        assert f"{check_url(intake)}#f-p0-title" in page
        body = {"version": "1", "form_key": "6a0b5c1e-0e7e-4d7a-9a1e-0123456789ac"}
        first, second = lan.post(url, body), lan.post(url, body)
        assert first["Location"] == second["Location"] == reverse("agreements:intake_list")
        assert Programme.objects.count() == 3
        assert lan.post(url, {"version": "2"}).status_code == 302
        assert Programme.objects.count() == 3
        assert "CT-2026-001" in text_of(lan, reverse("agreements:intake_list"))

    def test_problems_lead_back_to_their_field(self, lan: Client, intake: Intake) -> None:  # noqa: F811
        lan.post(check_url(intake), typed_of(intake) | {"version": "1", "p0-title": ""})
        url = reverse("agreements:intake_confirm", args=[intake.pk])
        page = text_of(lan, url)
        assert f"{check_url(intake)}?sua=1#f-p0-title" in page
        assert 'name="version"' not in page
        assert lan.post(url, {"version": "2"}).status_code == 200
        assert not Programme.objects.exists()
        assert 'aria-invalid="true"' in text_of(lan, check_url(intake) + "?sua=1")

    def test_stale_confirm_shows_the_new_values(self, cast: Cast, lan: Client, intake: Intake) -> None:  # noqa: F811
        typed = typed_of(intake) | {"p0-number": "77/CT-MTTQ"}
        service.save_work(actor=cast.actor(cast.hung), intake=intake, version=1, typed=typed)
        response = lan.post(reverse("agreements:intake_confirm", args=[intake.pk]), {"version": "1"})
        assert "77/CT-MTTQ" in response.content.decode()
        assert not Programme.objects.exists()


class TestRights:
    def test_foreign_intake_is_404(self, cast: Cast, sign_in: SignIn, intake: Intake) -> None:  # noqa: F811
        client = sign_in(cast.phuong)
        for name in ("intake_check", "intake_confirm", "intake_drop", "intake_file"):
            assert client.get(reverse(f"agreements:{name}", args=[intake.pk])).status_code == 404
        assert "tin" not in [row.title for row in client.get(reverse("agreements:intake_list")).context["page_obj"]]

    @pytest.mark.parametrize("who", ["minh", "hoa", "duc"])
    def test_others_are_refused(self, cast: Cast, sign_in: SignIn, intake: Intake, who: str) -> None:  # noqa: F811
        assert sign_in(getattr(cast, who)).get(check_url(intake)).status_code == 403

    def test_leader_reads_the_list(self, cast: Cast, sign_in: SignIn, intake: Intake) -> None:  # noqa: F811
        page = text_of(sign_in(cast.hoa), reverse("agreements:intake_list"))
        assert intake.title in page
        assert check_url(intake) not in page


def test_an_intake_without_file_says_so(lan: Client, intake: Intake) -> None:  # noqa: F811
    response = lan.get(reverse("agreements:intake_file", args=[intake.pk]))
    assert response["Location"] == reverse("agreements:intake_list")


class TestDrop:
    def test_asks_first_then_drops(self, lan: Client, intake: Intake) -> None:  # noqa: F811
        url = reverse("agreements:intake_drop", args=[intake.pk])
        assert "form_key" in text_of(lan, url)
        lan.post(url)
        intake.refresh_from_db()
        assert intake.status == "dropped"
        assert lan.get(check_url(intake)).status_code == 302


class TestSource:
    def test_officer_sees_the_sentence_marked(self, cast: Cast, lan: Client, intake: Intake) -> None:  # noqa: F811
        first = service.confirm(actor=cast.actor(cast.lan), intake=intake, version=1)[0]
        page = text_of(lan, reverse("agreements:intake_source", args=[first.pk]) + "?gia-tri=starts_on")
        assert 'aria-current="true"' in page
        assert 'class="m-ask"' in page
        assert "Lạng Sơn" in page

    def test_partner_sees_only_the_own_paragraphs(self, cast: Cast, sign_in: SignIn, intake: Intake) -> None:  # noqa: F811
        first = service.confirm(actor=cast.actor(cast.lan), intake=intake, version=1)[0]
        first.parties.create(organisation=cast.health, name_as_signed="Sở Y tế", position=3)
        page = text_of(sign_in(cast.minh), reverse("agreements:intake_source", args=[first.pk]))
        assert "Hội Người cao tuổi tỉnh" in page
        assert "dòng họ học tập" not in page

    def test_without_a_source_it_says_so_and_foreign_is_404(self, cast: Cast, lan: Client, sign_in: SignIn) -> None:
        programme = make_programme(cast)
        url = reverse("agreements:intake_source", args=[programme.pk])
        page = text_of(lan, url)
        assert reverse("agreements:programme_detail", args=[programme.pk]) in page
        assert 'class="paper"' not in page
        assert sign_in(cast.phuong).get(url).status_code == 404


def test_the_signing_of_2023(cast: Cast, lan: Client) -> None:
    if not INPUT.exists():
        pytest.skip("the news text of 14/07/2023 is not beside the repository")
    lan.post(CREATE, {"text": INPUT.read_text(encoding="utf-8")})
    programmes = Intake.objects.get().work["programmes"]
    periods = [(d["fields"]["starts_on"]["raw"], d["fields"]["ends_on"]["raw"]) for d in programmes]
    assert periods == [("01/01/2023", "31/12/2027"), ("", ""), ("01/01/2023", "31/12/2027")]
    assert all(d["fields"]["party-0-organisation"]["raw"] == str(cast.committee.pk) for d in programmes)
    assert sum(d["rows"]["basis"] for d in programmes) == 4
