"""Pages of directives: who gets to them, the whole way by form, files kept, bad input, stale forms, lost sessions."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from activities import services
from activities.models import Directive
from core.models import DraftFile
from tests import make
from tests.cast import PASSWORD, Cast, make_user
from tests.documents.test_uploads import pdf

pytestmark = pytest.mark.django_db
State = Directive.State


def soon(days: int = 14) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


@pytest.fixture
def task(cast: Cast):
    return make.make_task(cast)


@pytest.fixture
def directive(cast: Cast, task) -> Directive:
    return services.issue_directive(
        actor=cast.actor(cast.hoa), programme=task.programme, unit=cast.health, task=task, due_on=soon(),
        text="Hoàn thành kiểm tra liên ngành quý III.",
    )  # fmt: skip


def answered(cast: Cast, directive: Directive) -> Directive:
    return services.answer_directive(actor=cast.actor(cast.minh), directive=directive, text="Đã kiểm tra 12 bếp ăn.")


def paper(name: str = "ket-qua.pdf", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or pdf())


def words(cast: Cast, about, **changes) -> dict:
    return {
        "programme": about.programme_id, "unit": cast.health.pk, "task": about.pk, "text": "Báo cáo nguyên nhân chậm.",
        "due_on": f"{soon():%d/%m/%Y}", "form_key": str(uuid.uuid4()), **changes,
    }  # fmt: skip


def test_who_reaches_the_pages(cast, task, directive, sign_in) -> None:
    create = f"/chi-dao/viet/?chuong-trinh={task.programme_id}"
    show, answer = f"/chi-dao/{directive.pk}/", f"/chi-dao/{directive.pk}/tra-loi/"
    expected = {
        "hoa": (200, 200, 200, 302), "lan": (200, 403, 200, 302), "minh": (200, 403, 200, 200),
        "duc": (403, 403, 403, 403), "tuan": (200, 403, 404, 404), "phuong": (200, 403, 404, 404),
    }  # fmt: skip
    for who, statuses in expected.items():
        client = sign_in(getattr(cast, who))
        found = tuple(client.get(url).status_code for url in ("/chi-dao/", create, show, answer))
        assert found == statuses, who
    assert Client().get(show).status_code == 302


def test_the_leader_of_a_partner_writes_none_and_a_foreign_programme_is_a_404(cast, task, sign_in) -> None:
    partner_leader = make_user("thao", "Hà Phương Thảo", cast.health, "leader")
    assert sign_in(partner_leader).get(f"/chi-dao/viet/?nhiem-vu={task.pk}").status_code == 403
    other_leader = make_user("son", "Trần Sơn", cast.other_committee, "leader")
    for query in (f"nhiem-vu={task.pk}", f"chuong-trinh={task.programme_id}", "nhiem-vu=99999999", "chuong-trinh=x"):
        assert sign_in(other_leader).get(f"/chi-dao/viet/?{query}").status_code == 404


def test_the_whole_way_by_form(cast, task, sign_in) -> None:
    hoa, minh, lan = sign_in(cast.hoa), sign_in(cast.minh), sign_in(cast.lan)
    assert hoa.post("/chi-dao/viet/", words(cast, task)).status_code == 302
    row = Directive.objects.get()
    url = f"/chi-dao/{row.pk}/"
    reply = {"text": "Đã làm xong.", "version": 1, "papers": paper(), "form_key": str(uuid.uuid4())}
    assert minh.post(f"{url}tra-loi/", reply).status_code == 302
    row.refresh_from_db()
    file = row.files.get()
    assert (row.state, row.answered_by) == (State.ANSWERED, cast.minh)
    assert b"".join(lan.get(f"/chi-dao/tep/{file.pk}/").streaming_content).startswith(b"%PDF")
    assert sign_in(cast.tuan).get(f"/chi-dao/tep/{file.pk}/").status_code == 404
    assert lan.post(url, {"action": "send_back", "note": "Ghi rõ số bếp ăn.", "version": 2}).status_code == 302
    page = minh.get(f"{url}tra-loi/")
    assert "Ghi rõ số bếp ăn." in page.content.decode()
    assert "Đã làm xong." in page.content.decode()  # the answer so far is there to be completed
    minh.post(f"{url}tra-loi/", {"text": "Đã kiểm tra 12 bếp ăn.", "version": 3})
    assert lan.post(url, {"action": "close", "note": "", "version": 4}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.version) == (State.CLOSED, 5)
    thread = minh.get(url).context["thread"]
    assert [step["text"] for step in thread] == [
        "Báo cáo nguyên nhân chậm.", "Đã làm xong.", "Ghi rõ số bếp ăn.", "Đã kiểm tra 12 bếp ăn.", ""
    ]  # fmt: skip
    assert [step["who"] for step in thread] == [
        cast.hoa.full_name, cast.minh.full_name, cast.lan.full_name, cast.minh.full_name, cast.lan.full_name
    ]  # fmt: skip
    assert [step["what"] for step in thread] == [
        "Giao chỉ đạo", "Đã trả lời", "Yêu cầu bổ sung", "Đã trả lời", "Kết thúc chỉ đạo"
    ]  # fmt: skip
    times = [step["at"] for step in thread]
    assert None not in times and times == sorted(times)


def test_links_fill_the_form(cast, task, sign_in) -> None:
    query = {"nhiem-vu": task.pk, "don-vi": cast.health.pk, "noi-dung": "Gửi kế hoạch.", "han": "05/03/2030"}
    form = sign_in(cast.hoa).get("/chi-dao/viet/", query).context["form"]
    assert form.initial == {
        "unit": cast.health.pk, "task": task.pk, "text": "Gửi kế hoạch.", "due_on": datetime.date(2030, 3, 5)
    }  # fmt: skip
    offered = sign_in(cast.hoa).get("/chi-dao/viet/", {"nhiem-vu": task.pk, "han": "31/02/2030"}).context["form"]
    assert (offered.initial["unit"], offered.initial["due_on"]) == (cast.health.pk, soon(7))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"text": " "}, "text"), ({"text": "x" * 5001}, "text"), ({"due_on": "31/02/2027"}, "due_on"),
     ({"due_on": "01/01/2020"}, "due_on"), ({"due_on": ""}, "due_on"), ({"unit": "x"}, "unit"),
     ({"unit": ""}, "unit"), ({"task": "99999999"}, "task")],
)  # fmt: skip
def test_bad_input_is_named_and_kept(cast, task, sign_in, changes, field) -> None:
    page = sign_in(cast.hoa).post("/chi-dao/viet/", words(cast, task, **changes))
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    if field != "text":
        assert "Báo cáo nguyên nhân chậm." in page.content.decode()
    assert not Directive.objects.exists()


def test_a_unit_that_takes_no_part_cannot_be_chosen(cast, task, sign_in) -> None:
    page = sign_in(cast.hoa).post("/chi-dao/viet/", words(cast, task, unit=cast.stranger.pk))
    assert list(page.context["form"].errors) == ["unit"]


def test_a_double_click_gives_one(cast, task, sign_in) -> None:
    client, typed = sign_in(cast.hoa), words(cast, task)
    first, second = client.post("/chi-dao/viet/", typed), client.post("/chi-dao/viet/", typed)
    assert first["Location"] == second["Location"]
    assert Directive.objects.count() == 1


def test_files_of_a_refused_answer_are_kept(cast, directive, sign_in) -> None:
    client, url, key = sign_in(cast.minh), f"/chi-dao/{directive.pk}/tra-loi/", str(uuid.uuid4())
    page = client.post(url, {"text": "", "version": 1, "papers": paper(), "form_key": key})
    assert "ket-qua.pdf" in page.content.decode()
    assert DraftFile.objects.count() == 1
    client.post(url, {"text": "Đã xong.", "version": 1, "form_key": key})
    assert directive.files.get().original_name == "ket-qua.pdf"
    assert not DraftFile.objects.exists()


def test_a_file_that_is_none_is_refused_by_name(cast, directive, sign_in) -> None:
    url = f"/chi-dao/{directive.pk}/tra-loi/"
    page = sign_in(cast.minh).post(url, {"text": "Đã xong.", "version": 1, "papers": paper("virus.exe", b"MZ\0\0")})
    assert page.status_code == 200
    assert "virus.exe" in page.content.decode() and "Đã xong." in page.content.decode()
    directive.refresh_from_db()
    assert directive.state == State.ISSUED


@pytest.mark.parametrize("action", ["send_back", "withdraw"])
def test_a_reason_is_asked_for(cast, directive, sign_in, action) -> None:
    row = answered(cast, directive)
    page = sign_in(cast.lan).post(f"/chi-dao/{row.pk}/", {"action": action, "note": " ", "version": row.version})
    assert list(page.context["form"].errors) == ["note"]


def test_no_button_pressed(cast, directive, sign_in) -> None:
    page = sign_in(cast.lan).post(f"/chi-dao/{directive.pk}/", {"action": "khac", "note": "Lý do", "version": 1})
    assert page.status_code == 200 and "Lý do" in page.content.decode()


def test_a_stale_decision_and_a_stale_answer_are_compared(cast, directive, sign_in) -> None:
    lan, url = sign_in(cast.lan), f"/chi-dao/{directive.pk}/"
    answered(cast, directive)
    page = lan.post(url, {"action": "withdraw", "note": "Không cần nữa.", "version": 1})
    assert page.status_code == 409 and "Không cần nữa." in page.content.decode()
    assert lan.post(url, {"action": "withdraw", "note": "Không cần nữa.", "version": 2}).status_code == 302
    late = sign_in(cast.minh).post(f"{url}tra-loi/", {"text": "Bản trả lời của tôi.", "version": 1})
    assert late.status_code == 409 and "Bản trả lời của tôi." in late.content.decode()
    directive.refresh_from_db()
    assert directive.state == State.WITHDRAWN


def test_what_the_state_forbids_is_refused(cast, directive, sign_in) -> None:
    lan, url = sign_in(cast.lan), f"/chi-dao/{directive.pk}/"
    assert lan.post(url, {"action": "close", "note": "", "version": 1}).status_code == 403
    assert sign_in(cast.minh).post(url, {"action": "withdraw", "note": "Thôi", "version": 1}).status_code == 403
    assert lan.post(f"{url}tra-loi/", {"text": "Trả lời thay", "version": 1}).status_code == 403


def test_words_survive_a_lost_session(cast, directive, sign_in) -> None:
    url = f"/chi-dao/{directive.pk}/tra-loi/"
    client = sign_in(cast.minh)
    page = client.get(url).content.decode()
    whose = page.split('name="whose" value="')[1].split('"')[0]
    client.logout()
    lost = client.post(url, {"text": "Đã kiểm tra.", "version": 1, "whose": whose, "form_key": str(uuid.uuid4())})
    assert lost.status_code == 401
    carried = lost.content.decode().split('name="carried" value="')[1].split('"')[0]
    back = client.post(
        "/dang-nhap/", {"username": "minh", "password": PASSWORD, "carried": carried, "next": url}, follow=True
    )
    assert "Đã kiểm tra." in back.content.decode()
    directive.refresh_from_db()
    assert directive.state == State.ISSUED


def test_tabs_are_a_partition_and_their_counts_equal_their_lists(cast, task, sign_in) -> None:
    for number, state in enumerate([State.ISSUED, State.ISSUED, State.ANSWERED, State.CLOSED, State.WITHDRAWN]):
        Directive.objects.create(
            programme=task.programme, committee=cast.committee, unit=cast.health, author=cast.hoa,
            text=f"Việc {number}", due_on=soon(-1 if number else 0), state=state, answer="Xong",
            answered_by=cast.minh, closing_note="Lý do",
            answered_at=timezone.now(),
        )  # fmt: skip
    client = sign_in(cast.lan)
    page = client.get("/chi-dao/")
    assert [tab["count"] for tab in page.context["tabs"]] == [1, 1, 1, 1, 1]
    assert next(tab["label"] for tab in page.context["tabs"] if tab["current"]) == "Quá hạn"
    for tab in page.context["tabs"]:
        assert client.get(tab["url"]).context["page_obj"].paginator.count == tab["count"]
    assert client.get("/chi-dao/?tinh-trang=khac").status_code == 404
    assert sign_in(cast.tuan).get(f"/chi-dao/?chuong-trinh={task.programme_id}").status_code == 404
    assert sum(tab["count"] for tab in sign_in(cast.tuan).get("/chi-dao/").context["tabs"]) == 0


def test_open_ones_stand_on_the_pages_of_programme_and_task(cast, task, directive, sign_in) -> None:
    over = Directive.objects.create(
        programme=task.programme, task=task, committee=cast.committee, unit=cast.health, author=cast.hoa,
        text="Đã thôi.", due_on=soon(-30), state=State.WITHDRAWN, closing_note="Lồng ghép",
    )  # fmt: skip
    client = sign_in(cast.minh)
    shown = [item["row"] for item in client.get(f"/nhiem-vu/{task.pk}/").context["directives"]]
    assert shown == [directive, over]
    programme = client.get(f"/chuong-trinh/{task.programme_id}/")
    assert [item["title"] for item in programme.context["directives"]] == [str(directive)]
    assert "/chi-dao/viet/" not in programme.content.decode()
    leader = sign_in(cast.hoa).get(f"/chuong-trinh/{task.programme_id}/").content.decode()
    assert f"/chi-dao/viet/?chuong-trinh={task.programme_id}" in leader
