"""Pages of the activities room: the log, the queue, the pages that read; bad input gets a message and loses nothing."""

from __future__ import annotations

import datetime
import io
import uuid
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from activities import services
from activities.models import Activity, Directive, Evidence, Measurement, Nudge
from agreements.models import Extension, Tally, TaskDeadline
from core.models import AuditEntry, DraftFile
from documents import vietnamese
from partners.models import Organisation
from tests import form_pages, make
from tests.test_query_counts import compressed, parts_of

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def photo(name: str = "anh.jpg") -> SimpleUploadedFile:
    """Return a small JPEG with a place in its metadata."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "GPS 21.59, 105.84"
    Image.new("RGB", (64, 48), "green").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


@pytest.fixture
def task(cast: Cast):
    found = make.make_task(cast)
    found.indicator = make.make_indicator(found)
    return found


def body(task, cast: Cast, **changes) -> dict:
    return {
        "form_key": str(uuid.uuid4()),
        "task": task.pk,
        "unit": cast.health.pk,
        "starts_on": vietnamese.format_date(timezone.localdate()),
        "what_was_done": "Kiểm tra 4 bếp ăn bán trú.",
        f"q{task.indicator.pk}": "4",
        "action": "submit",
        **changes,
    }


CREATE = "/hoat-dong/ghi/"


def test_the_log_opens_with_the_task_and_what_is_accepted(cast: Cast, task, sign_in) -> None:
    page = sign_in(cast.minh).get(f"{CREATE}?nhiem-vu={task.pk}")
    assert page.status_code == 200
    text = page.content.decode()
    assert task.title in text
    assert "Gửi để duyệt" in text
    assert "Chưa có số liệu được duyệt" in text


def test_the_only_task_is_preselected_and_several_are_listed(cast: Cast, task, sign_in) -> None:
    client = sign_in(cast.minh)
    assert client.get(CREATE).status_code == 200
    make.make_task(cast, task.programme, title="Tập huấn chủ bếp")
    assert client.get(CREATE)["Location"] == reverse("activities:task_pick")
    found = client.get(reverse("activities:task_pick"), {"q": "tap huan"}).content.decode()
    assert "Tập huấn chủ bếp" in found
    assert task.title not in found


def test_sent_with_a_photo_it_waits_for_review_without_metadata(cast: Cast, task, sign_in) -> None:
    answer = sign_in(cast.minh).post(CREATE, body(task, cast, photos=[photo()]))
    row = Activity.objects.get()
    assert answer["Location"] == reverse("activities:activity_detail", args=[row.pk])
    assert (row.review, row.measurements.get().value) == ("submitted", 4)
    file = row.evidence.get().file
    assert file.mime == "image/jpeg"
    shown = sign_in(cast.minh).get(reverse("activities:file_show", args=[file.pk]))
    assert b"GPS" not in b"".join(shown.streaming_content)
    assert not DraftFile.objects.exists()


def test_a_draft_may_be_nearly_empty(cast: Cast, task, sign_in) -> None:
    sign_in(cast.minh).post(
        CREATE, body(task, cast, action="draft", what_was_done="", starts_on="", **{f"q{task.indicator.pk}": ""})
    )
    assert Activity.objects.get().review == "draft"
    assert not Measurement.objects.exists()


def test_a_double_submit_is_one_record(cast: Cast, task, sign_in) -> None:
    client, posted = sign_in(cast.minh), body(task, cast)
    first = client.post(CREATE, posted | {"photos": [photo()]})
    again = client.post(CREATE, posted | {"photos": [photo()]})
    assert first["Location"] == again["Location"]
    assert Activity.objects.count() == Evidence.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("starts_on", "31/02/2026", "31/02/2026"),
        ("starts_on", "hôm qua", "05/03/2026"),
        ("starts_on", "", "05/03/2026"),
        ("ends_on", "01/01/2020", "không được trước"),
        ("what_was_done", "", "việc đã làm"),
        ("what_was_done", "x" * 65_536, "20.000"),
        ("title", "x" * 201, "200"),
        ("q", "bốn", "bằng chữ số"),
        ("q", "-4", "0"),
        ("q", "1,5", "số nguyên"),
        ("households", "1.2.3", "chữ số"),
        ("value", "-1", "0"),
        ("unit", "999999", "trong danh sách"),
    ],
)
def test_bad_input_is_said_and_nothing_is_lost(cast: Cast, task, sign_in, field: str, typed: str, said: str) -> None:
    name = f"q{task.indicator.pk}" if field == "q" else field
    kept = "Nội dung không được mất" if field != "what_was_done" else ""
    page = sign_in(cast.minh).post(CREATE, body(task, cast, beneficiary_group=kept, **{name: typed}))
    text = page.content.decode()
    assert page.status_code == 200
    assert "errsum" in text
    assert said in text
    assert kept in text
    assert not Activity.objects.exists()


@pytest.mark.parametrize(("typed", "understood"), [("1.234", 1234), ("1 234", 1234), ("12", 12)])
def test_quantities_are_read_as_people_write_them(cast: Cast, task, sign_in, typed: str, understood: int) -> None:
    sign_in(cast.minh).post(CREATE, body(task, cast, **{f"q{task.indicator.pk}": typed}))
    assert Measurement.objects.get().value == understood


def test_decimals_with_a_comma(cast: Cast, task, sign_in) -> None:
    task.indicator.precision = 1
    task.indicator.save()
    sign_in(cast.minh).post(CREATE, body(task, cast, **{f"q{task.indicator.pk}": "1.234,5"}))
    assert str(Measurement.objects.get().value) == "1234.5000"


def test_text_is_composed_cleaned_and_never_markup(cast: Cast, task, sign_in) -> None:
    client = sign_in(cast.minh)
    client.post(CREATE, body(task, cast, what_was_done="Hoa\u0300 bi\u0300nh\x07 <script>alert(1)</script>"))
    row = Activity.objects.get()
    assert row.what_was_done.startswith("Hoà bình ")
    text = client.get(reverse("activities:activity_detail", args=[row.pk])).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


BAD_FILES = [
    (b"", "rong.pdf", "trống"),
    (b"<html>", "anh.jpg", "không khớp"),
    (b"GIF89a", "anh.gif", "PDF"),
    (b"\xff\xd8\xff broken", "anh.jpg", "hỏng"),
    (b"%PDF-1.4" + b"0" * (21 * 1024 * 1024), "lon.pdf", "MB"),
]


@pytest.mark.parametrize(("data", "name", "said"), BAD_FILES, ids=[name for _, name, _ in BAD_FILES])
def test_a_bad_file_is_named_and_the_good_one_is_kept(cast: Cast, task, sign_in, data, name: str, said: str) -> None:
    client, posted = sign_in(cast.minh), body(task, cast)
    page = client.post(CREATE, posted | {"photos": [photo("tot.jpg"), SimpleUploadedFile(name, data)]})
    text = page.content.decode()
    assert page.status_code == 200
    assert name in text
    assert "tot.jpg" in text
    kept = DraftFile.objects.get()
    assert posted["form_key"] in text
    assert client.get(reverse("activities:draft_file_show", args=[kept.pk])).status_code == 200
    assert sign_in(cast.lan).get(reverse("activities:draft_file_show", args=[kept.pk])).status_code in {403, 404}
    client.post(CREATE, posted)
    assert Activity.objects.get().evidence.get().file == kept.file


def test_a_kept_file_can_be_taken_off(cast: Cast, task, sign_in) -> None:
    client, posted = sign_in(cast.minh), body(task, cast)
    client.post(CREATE, posted | {"what_was_done": "", "photos": [photo()]})
    client.post(CREATE, posted | {"drop_file": [DraftFile.objects.get().pk]})
    assert Activity.objects.get().evidence.count() == 0


def test_a_stale_edit_gets_the_compare_page_with_both_texts(cast: Cast, task, sign_in) -> None:
    client = sign_in(cast.minh)
    client.post(CREATE, body(task, cast, action="draft"))
    row = Activity.objects.get()
    url = reverse("activities:activity_edit", args=[row.pk])
    client.post(url, body(task, cast, action="draft", version=1, what_was_done="Bản thứ nhất."))
    typed = {"version": 1, "what_was_done": "Bản thứ hai.", "locality": cast.commune.pk, f"q{task.indicator.pk}": "7"}
    page = client.post(url, body(task, cast, action="draft", **typed))
    text = page.content.decode()
    assert page.status_code == 409
    assert "nhất" in text
    assert "hai" in text
    assert f"Bản của {cast.minh.full_name}" in text  # who saved last, and when
    assert f"{timezone.localtime(row.updated_at):%d/%m/%Y}" in text
    labels = [str(field["label"]) for field in page.context["fields"]]
    assert labels == ["Đã làm gì", "Xã, phường", task.indicator.name]
    row.refresh_from_db()
    assert row.what_was_done == "Bản thứ nhất."
    client.post(url, body(task, cast, action="draft", version=row.version, what_was_done="Bản thứ hai."))
    row.refresh_from_db()
    assert row.what_was_done == "Bản thứ hai."


def test_the_compare_page_of_a_value_shows_the_values(cast: Cast, task, sign_in) -> None:
    row = Measurement.objects.create(
        task=task, indicator=task.indicator, unit=cast.health, author=cast.minh, acting_for=cast.health,
        as_of=timezone.localdate(), value=3, source="Báo cáo 12/BC-SYT", review="draft",
    )  # fmt: skip
    client, url = sign_in(cast.minh), reverse("activities:measurement_edit", args=[row.pk])
    name = f"q{task.indicator.pk}"
    forms = [form_pages.read(client.get(url)).forms[-1].as_it_stands() for _device in (1, 2)]
    assert client.post(url, forms[0] | {name: ["5"], "action": "draft"}).status_code == 302
    page = client.post(url, forms[1] | {name: ["8"], "action": "draft"})
    assert page.status_code == 409
    assert [(row["mine"], row["theirs"]) for row in page.context["fields"]] == [("8", "5")]


def test_what_was_typed_survives_a_lost_session(cast: Cast, task, sign_in) -> None:
    client = sign_in(cast.minh)
    session = client.session
    session["carried"] = {
        "path": CREATE,
        "body": f"task={task.pk}&unit={cast.health.pk}&what_was_done=V%E1%BA%ABn+c%C3%B2n",
    }
    session.save()
    page = client.get(CREATE)
    assert "Vẫn còn" in page.content.decode()
    assert not Activity.objects.exists()


# ------------------------------------------------------------------------------------------- queue


def test_return_correct_accept(cast: Cast, task, sign_in) -> None:
    lan, minh = sign_in(cast.lan), sign_in(cast.minh)
    minh.post(CREATE, body(task, cast))
    row = Activity.objects.get()
    url = reverse("activities:review_show", args=[row.pk])
    text = lan.get(url).content.decode()
    assert "Thêm 4 cuộc nếu chấp nhận" in text
    bad = lan.post(url, {"action": "return", "version": row.version, "form_key": str(uuid.uuid4())})
    assert "errsum" in bad.content.decode()
    lan.post(url, {"action": "return", "reasons": ["photo"], "reason": "Ảnh mờ.", "version": row.version})
    row.refresh_from_db()
    assert row.return_reason == "Thêm ảnh hoặc minh chứng khác. Ảnh mờ."
    assert "Ảnh mờ." in minh.get(reverse("activities:activity_detail", args=[row.pk])).content.decode()
    minh.post(reverse("activities:activity_edit", args=[row.pk]), body(task, cast, version=row.version))
    row.refresh_from_db()
    assert row.review == "submitted"
    answer = lan.post(url, {"action": "accept", "version": row.version})
    assert answer["Location"] == reverse("activities:review_list")
    assert Tally.objects.get(indicator=task.indicator).sum == 4
    queue = lan.get(reverse("activities:review_list")).content.decode()
    assert "Hoàn tác" in queue
    row.refresh_from_db()
    lan.post(reverse("activities:review_undo", args=[row.pk]), {"version": row.version})
    assert Tally.objects.get(indicator=task.indicator).count == 0


def test_the_second_reviewer_is_told_who_was_first(cast: Cast, task, sign_in) -> None:
    row = make.make_activity(cast, task, values={task.indicator: 4})
    url = reverse("activities:review_show", args=[row.pk])
    sign_in(cast.lan).post(url, {"action": "accept", "version": row.version})
    page = sign_in(cast.hung).post(url, {"action": "accept", "version": row.version}, follow=True)
    assert cast.lan.full_name in page.content.decode()
    assert Tally.objects.get(indicator=task.indicator).sum == 4


def test_the_queue_is_oldest_first_and_never_shows_ones_own(cast: Cast, task, sign_in) -> None:
    now = timezone.now()
    make.make_activity(cast, task, title="Mới gửi", submitted_at=now)
    make.make_activity(cast, task, title="Gửi đã lâu", submitted_at=now - timezone.timedelta(days=3))
    make.make_activity(cast, task, title="Của Lan", author=cast.lan, acting_for=cast.committee)
    text = sign_in(cast.lan).get(reverse("activities:review_list")).content.decode()
    assert text.index("Gửi đã lâu") < text.index("Mới gửi")
    assert "Của Lan" not in text
    leader = sign_in(cast.hoa).get(reverse("activities:review_list")).content.decode()
    assert "Của Lan" in leader
    assert "Mới gửi" not in leader


def test_a_deadline_reported_done_is_confirmed_in_the_queue(cast: Cast, task, sign_in) -> None:
    deadline = TaskDeadline.objects.get(task=task)
    TaskDeadline.objects.filter(pk=deadline.pk).update(
        state="awaiting",
        done_on=timezone.localdate(),
        reported_by=cast.minh,
        reported_for=cast.health,
        reported_at=timezone.now(),
        evidence_note="Biên bản số 12.",
    )
    client, url = sign_in(cast.lan), reverse("activities:deadline_review", args=[deadline.pk])
    assert "Biên bản số 12." in client.get(url).content.decode()
    assert client.post(url, {"action": "accept", "version": deadline.version}).status_code == 302
    deadline.refresh_from_db()
    assert (deadline.state, deadline.reviewed_by) == ("done", cast.lan)
    offered = client.get(reverse("activities:review_list")).context["undo"]
    undo_url = reverse("activities:deadline_undo", args=[deadline.pk])
    assert undo_url in client.get(url).content.decode()  # still on the page of the item, as long as it may be undone
    assert undo_url not in sign_in(cast.hung).get(url).content.decode()
    assert offered["url"] == reverse("activities:deadline_undo", args=[deadline.pk])
    assert sign_in(cast.hung).post(offered["url"], {"version": offered["version"]}).status_code == 403
    assert client.post(offered["url"], {"version": offered["version"]})["Location"] == url
    deadline.refresh_from_db()
    assert (deadline.state, deadline.reviewed_by) == ("awaiting", None)


def test_the_queue_opens_with_its_oldest_item_beside_it(cast: Cast, task, sign_in) -> None:
    now = timezone.now()
    make.make_activity(cast, task, title="Mới gửi", submitted_at=now)
    row = make.make_activity(cast, task, title="Gửi đã lâu", submitted_at=now - timezone.timedelta(days=3))
    client, item_url = sign_in(cast.lan), reverse("activities:review_show", args=[row.pk])
    page = client.get(reverse("activities:review_list"))
    assert (page.context["item"], page.context["is_list"]) == (row, True)
    assert f'action="{item_url}"' in page.content.decode()  # the decision is sent to the item, not to the list
    assert not client.get(item_url).context["is_list"]
    assert client.post(reverse("activities:review_list")).status_code == 405


def test_the_log_shows_its_place_and_whether_it_is_saved(cast: Cast, task, sign_in) -> None:
    Organisation.objects.filter(pk=cast.health.pk).update(locality=cast.commune)
    client = sign_in(cast.minh)
    page = client.get(CREATE)
    assert cast.health not in page.context["form"].fields["joint_units"].queryset
    text = page.content.decode()
    assert str(cast.commune) in text[(row := text.index('<details class="place"')) : text.index("</summary>", row)]
    assert "theo địa bàn đơn vị" in text
    assert "Chưa lưu" in text
    saved = client.post(CREATE, body(task, cast, action="draft"))["Location"]
    text = client.get(saved).content.decode()
    assert "Đã lưu nháp lúc" in text[text.index("sendbar") :]
    assert "theo địa bàn đơn vị" not in text  # the writer chose "whole province"


# -------------------------------------------------------------------------------------------- reading


def test_others_see_results_only_once_accepted(cast: Cast, task, sign_in) -> None:
    row = make.make_activity(cast, task, review="draft")
    url = reverse("activities:activity_detail", args=[row.pk])
    assert sign_in(cast.minh).get(url).status_code == 200
    assert sign_in(cast.lan).get(url).status_code == 404
    assert sign_in(cast.tuan).get(url).status_code == 404


def test_the_list_filters_by_address(cast: Cast, task, sign_in) -> None:
    make.make_activity(cast, task, title="Lớp tập huấn")
    make.make_activity(cast, task, title="Hội nghị", review="accepted")
    client, url = sign_in(cast.minh), reverse("activities:activity_list")
    text = client.get(url, {"q": "lop tap huan"}).content.decode()
    assert "Lớp tập huấn" in text
    assert "Hội nghị" not in text
    text = client.get(url, {"trang-thai": "accepted", "nhiem-vu": task.pk}).content.decode()
    assert "Hội nghị" in text
    assert "Lớp tập huấn" not in text
    assert client.get(url, {"tu": "rác", "page": "99", "don-vi": "x"}).status_code == 200


@pytest.mark.parametrize("who", ["lan", "minh", "hoa"])
def test_the_pages_of_a_task_and_programme_open_for_each_role(cast: Cast, task, sign_in, who: str) -> None:
    make.make_activity(cast, task, values={task.indicator: 4})
    client = sign_in(getattr(cast, who))
    for name, pk in (("task_detail", task.pk), ("programme_activities", task.programme_id)):
        page = client.get(reverse(f"activities:{name}", args=[pk]))
        assert page.status_code == 200
        assert ("/hoat-dong/ghi/?nhiem-vu=" in page.content.decode()) == (who != "hoa" and name == "task_detail")


def test_a_file_is_sent_only_to_those_who_see_its_activity(cast: Cast, task, sign_in) -> None:
    sign_in(cast.minh).post(CREATE, body(task, cast, action="draft", photos=[photo()]))
    url = reverse("activities:file_show", args=[Evidence.objects.get().file_id])
    assert sign_in(cast.minh).get(url).status_code == 200
    assert sign_in(cast.lan).get(url).status_code == 404
    services.submit(actor=cast.actor(cast.minh), item=Activity.objects.get())
    assert sign_in(cast.lan).get(url).status_code == 200
    assert sign_in(cast.tuan).get(url).status_code == 404


def test_a_value_without_activity_is_entered_and_reviewed(cast: Cast, task, sign_in) -> None:
    lan = sign_in(cast.lan)
    create = reverse("activities:measurement_create")
    assert task.indicator.name in lan.get(create).content.decode()
    posted = {"indicator": task.indicator.pk, "as_of": vietnamese.format_date(timezone.localdate()), "action": "submit"}
    bad = lan.post(create, posted | {f"q{task.indicator.pk}": "5", "source": ""})
    assert "errsum" in bad.content.decode()
    lan.post(create, posted | {f"q{task.indicator.pk}": "5", "source": "Quyết định số 1"})
    row = Measurement.objects.get()
    assert row.review == "submitted"
    sign_in(cast.hung).post(
        reverse("activities:measurement_review", args=[row.pk]), {"action": "accept", "version": row.version}
    )
    assert Tally.objects.get(indicator=task.indicator).sum == 5


# ------------------------------------------------------------------------------------------ plans


def plan(cast: Cast, task, days: int, **changes) -> Activity:
    """Return a plan of Minh's so many days from today."""
    day = timezone.localdate() + datetime.timedelta(days=days)
    return make.make_activity(
        cast, task, review="draft", occurrence="planned", starts_on=day, **{"title": "Họp tổ tự quản", **changes}
    )


def move(client, row: Activity, action: str, **more):
    """Press a button of the page of an entry."""
    url = reverse("activities:activity_move", args=[row.pk])
    return client.post(url, {"form_key": str(uuid.uuid4()), "action": action, **more}, follow=True)


def test_a_future_day_in_the_form_is_a_plan_on_every_list(cast: Cast, task, sign_in) -> None:
    client, day = sign_in(cast.minh), timezone.localdate() + datetime.timedelta(days=9)
    client.post(CREATE, body(task, cast, action="draft", title="Họp tổ", starts_on=vietnamese.format_date(day)))
    row = Activity.objects.get()
    task_page = client.get(reverse("activities:task_detail", args=[task.pk]))
    assert list(task_page.context["plans"]) == [row]
    assert task_page.context["page_obj"].paginator.count == 0  # nothing was done yet
    home = client.get("/")
    assert home.context["partner"].plans == [row]
    assert home.context["partner"].draft_count == 0
    shown = client.get(reverse("activities:activity_list"), {"dien-ra": "ke-hoach"})
    assert list(shown.context["page_obj"]) == [row.pk]
    assert "Kế hoạch, kể cả hoãn" in shown.content.decode()
    assert not client.get(reverse("activities:activity_list"), {"dien-ra": "held"}).context["page_obj"].object_list


def test_a_passed_plan_asks_its_author_and_leads_to_completing_it(cast: Cast, task, sign_in) -> None:
    client, row = sign_in(cast.minh), plan(cast, task, -2)
    assert "đã tổ chức chưa?" in client.get("/").content.decode()
    page = client.get(reverse("activities:activity_detail", args=[row.pk])).content.decode()
    assert "Đã qua ngày. Đã tổ chức chưa?" in page
    answer = move(client, row, "held")
    assert answer.redirect_chain[-1][0] == reverse("activities:activity_edit", args=[row.pk])
    row.refresh_from_db()
    assert (row.occurrence, row.review) == ("held", "draft")


@pytest.mark.parametrize(
    ("action", "typed", "said"),
    [
        ("postponed", {"reason": "Bão", "new_day": "hôm nào"}, "ngày/tháng/năm"),
        ("postponed", {"reason": "Bão", "new_day": ""}, "ngày chưa tới"),
        ("postponed", {"reason": "Bão", "new_day": "01/01/2020"}, "ngày chưa tới"),
        ("postponed", {"reason": "", "new_day": "01/01/2030"}, "lý do"),
        ("cancelled", {"reason": " "}, "lý do"),
        ("cancelled", {"reason": "x" * 501}, "500 ký tự"),
    ],
)
def test_what_a_stop_lacks_is_said_and_what_was_typed_is_kept(
    cast: Cast, task, sign_in, action: str, typed: dict, said: str
) -> None:
    row = plan(cast, task, 6)
    page = move(sign_in(cast.minh), row, action, **typed).content.decode()
    assert said in page
    assert typed["reason"].strip() in page
    assert typed.get("new_day", "") in page
    row.refresh_from_db()
    assert row.occurrence == "planned"


def test_postponed_with_reason_and_day(cast: Cast, task, sign_in) -> None:
    row = plan(cast, task, 6)
    page = move(sign_in(cast.minh), row, "postponed", reason="Mưa lũ", new_day="05/03/2030").content.decode()
    assert "Mưa lũ" in page
    assert "05/03/2030" in page


def test_officers_see_a_plan_once_it_is_sent(cast: Cast, task, sign_in) -> None:
    row, lan, minh = plan(cast, task, 6), sign_in(cast.lan), sign_in(cast.minh)
    url = reverse("activities:activity_detail", args=[row.pk])
    assert lan.get(url).status_code == 404
    move(minh, row, "send_plan")
    assert lan.get(url).status_code == 200
    assert list(lan.get(reverse("activities:task_detail", args=[task.pk])).context["plans"]) == [row]
    assert sign_in(cast.tuan).get(url).status_code == 404
    assert move(lan, row, "cancelled", reason="x").status_code == 403
    move(minh, row, "keep_plan")
    assert lan.get(url).status_code == 404


# ----------------------------------------------------------------------------------- contributions


def paid(*rows: tuple[str, str, str]) -> dict:
    """Return the fields of rows of contributions: funder, amount, "" or in_kind."""
    found = {}
    for n, (name, amount, kind) in enumerate(rows):
        found |= {f"c{n}_name": name, f"c{n}_amount": amount, f"c{n}_kind": kind}
    return found


def test_several_funders_share_one_value(cast: Cast, task, sign_in) -> None:
    client = sign_in(cast.minh)
    rows = paid((cast.committee.short_name, "10 triệu", ""), ("Gia đình", "41.000.000", "in_kind"), ("", "", ""))
    client.post(CREATE, body(task, cast, value="51 triệu", **rows))
    row = Activity.objects.get()
    assert (row.review, row.value, row.value_in_kind) == ("submitted", 51_000_000, 41_000_000)
    first, second = row.contributions.all()
    assert (first.organisation, second.funder, second.is_in_kind) == (cast.committee, "Gia đình", True)
    page = client.get(reverse("activities:activity_detail", args=[row.pk])).content.decode()
    assert "19,6\xa0%" in page
    assert "80,4\xa0%" in page
    own = sign_in(cast.lan).get(reverse("activities:contribution_list", args=[cast.committee.pk]))
    assert own.context["totals"] == {"cash": None, "in_kind": None}  # not accepted yet: no data, not 0
    assert "19,6\xa0%" in own.content.decode()
    services.accept(actor=cast.actor(cast.lan), item=row)
    own = sign_in(cast.lan).get(reverse("activities:contribution_list", args=[cast.committee.pk]))
    assert own.context["totals"]["cash"] == 10_000_000
    stranger = sign_in(cast.tuan).get(reverse("activities:contribution_list", args=[cast.committee.pk]))
    assert stranger.context["rows"] == []


@pytest.mark.parametrize(
    ("rows", "value", "said"),
    [
        ([("Gia đình", "", "")], "", "Nhập số tiền của Gia đình"),
        ([("", "5 triệu", "")], "", "Nhập tên bên"),
        ([("Gia đình", "không rõ", "")], "", "bằng chữ số"),
        ([("Gia đình", "0", "")], "", "từ 1"),
        ([("Gia đình", "5 triệu", "vàng")], "", "trong danh sách"),
        ([("Gia đình", "5 triệu", ""), ("Quỹ", "4 triệu", "")], "10 triệu", "thiếu 1.000.000 đồng"),
        ([("Gia đình", "5 triệu", ""), ("gia đình", "4 triệu", "")], "9 triệu", "hai lần"),
        ([("x" * 256, "5", "")], "", "255"),
    ],
)
def test_wrong_contributions_are_said_and_kept(cast: Cast, task, sign_in, rows: list, value: str, said: str) -> None:
    page = sign_in(cast.minh).post(CREATE, body(task, cast, value=value, **paid(*rows)))
    text = page.content.decode()
    assert page.status_code == 200
    assert said in text
    assert all(part in text for row in rows for part in row[:2])
    assert not Activity.objects.filter(review="submitted").exists()


def test_one_more_row_without_script_keeps_everything_and_saves_nothing(cast: Cast, task, sign_in) -> None:
    typed = body(task, cast, action="add_row", starts_on="hôm qua", photos=[photo()], **paid(*[("A", "1", "")] * 3))
    page = sign_in(cast.minh).post(CREATE, typed)
    text = page.content.decode()
    assert "c3_name" in text
    assert "errsum" not in text
    assert "hôm qua" in text
    assert "anh.jpg" in text
    assert typed["form_key"] in text
    assert not Activity.objects.exists()


# ------------------------------------------------------------------------------------------ copying


def test_continuing_an_entry_copies_texts_and_neither_days_nor_quantities(cast: Cast, task, sign_in) -> None:
    client = sign_in(cast.minh)
    long_ago = timezone.localdate() - datetime.timedelta(days=40)
    old = make.make_activity(cast, task, starts_on=long_ago, persons=30, value=5, values={task.indicator: 9})
    assert f"chep-tu={old.pk}" in client.get(reverse("activities:activity_detail", args=[old.pk])).content.decode()
    page = client.get(CREATE, {"nhiem-vu": task.pk, "chep-tu": old.pk})
    form, text = page.context["form"], page.content.decode()
    assert form["what_was_done"].value() == old.what_was_done
    assert form["starts_on"].value() == vietnamese.format_date(timezone.localdate())
    assert not any(form[name].value() for name in (f"q{task.indicator.pk}", "persons", "value", "ends_on"))
    assert f"chép từ {old.starts_on:%d/%m/%Y}, chưa sửa" in text
    client.post(CREATE, body(task, cast, copied_from=old.pk, what_was_done=old.what_was_done, title="Lần này"))
    row = Activity.objects.get(copied_from=old)
    assert row.copied_fields == ["what_was_done"]
    review = sign_in(cast.lan).get(reverse("activities:review_show", args=[row.pk])).content.decode()
    assert f"chép từ {old.starts_on:%d/%m/%Y}, chưa sửa" in review


@pytest.mark.parametrize("asked", ["999999", "abc", "-1", "1" * 30])
def test_an_unknown_entry_cannot_be_continued(cast: Cast, task, sign_in, asked: str) -> None:
    assert sign_in(cast.minh).get(CREATE, {"nhiem-vu": task.pk, "chep-tu": asked}).status_code == 404


def test_an_entry_of_another_unit_cannot_be_continued(cast: Cast, task, sign_in) -> None:
    other = make.make_activity(cast, task, unit=cast.committee, author=cast.lan, acting_for=cast.committee)
    assert sign_in(cast.minh).get(CREATE, {"nhiem-vu": task.pk, "chep-tu": other.pk}).status_code == 404


# ------------------------------------------------------------------------- the page that saves by itself


def autosave(client, typed: dict, url: str = CREATE, **changes):
    """Send what the page sends every few seconds."""
    return client.post(url, {**typed, "action": "autosave", **changes})


def test_the_page_saves_itself_into_one_draft_with_one_audit_entry(cast: Cast, task, sign_in) -> None:
    client, typed = sign_in(cast.minh), body(task, cast)
    first = autosave(client, typed, what_was_done="Một").json()
    row = Activity.objects.get()
    assert (row.review, first["version"], first["url"]) == ("draft", 1, f"/hoat-dong/{row.pk}/sua/")
    again = autosave(client, typed, first["url"], version=1, what_was_done="Hai").json()
    assert again["version"] == 2
    sent = client.post(first["url"], {**typed, "version": 2, "what_was_done": "Ba"})
    assert sent["Location"] == reverse("activities:activity_detail", args=[row.pk])
    row = Activity.objects.get()
    assert (row.review, row.what_was_done) == ("submitted", "Ba")
    steps = list(
        AuditEntry.objects.filter(object_type="activity").order_by("sequence").values_list("action", flat=True)
    )
    assert steps == ["activity.create", "activity.change", "activity.submit"]
    assert client.get(CREATE, {"nhiem-vu": task.pk}).context["used_keys"] == typed["form_key"]


def test_answers_that_never_arrived_make_no_second_record_and_no_conflict(cast: Cast, task, sign_in) -> None:
    client, typed = sign_in(cast.minh), body(task, cast)
    for text in ("Một", "Hai", "Ba"):  # the page still believes that nothing was saved
        autosave(client, typed, what_was_done=text)
    client.post(CREATE, {**typed, "what_was_done": "Bốn"})
    row = Activity.objects.get()
    assert (row.review, row.what_was_done) == ("submitted", "Bốn")


def test_a_late_saving_after_sending_writes_nothing(cast: Cast, task, sign_in) -> None:
    client, typed = sign_in(cast.minh), body(task, cast)
    client.post(CREATE, typed)
    late = autosave(client, typed, what_was_done="Trễ")
    assert (late.status_code, late.json()["conflict"]) == (409, True)
    assert Activity.objects.get().what_was_done == typed["what_was_done"]


def test_a_version_from_elsewhere_is_never_overwritten_by_the_page_itself(cast: Cast, task, sign_in) -> None:
    client = sign_in(cast.minh)
    row = make.make_activity(cast, task, review="draft")
    url, one, two = reverse("activities:activity_edit", args=[row.pk]), body(task, cast), body(task, cast)
    assert autosave(client, one, url, version=1, what_was_done="Máy bàn").status_code == 200
    refused = autosave(client, two, url, version=1, what_was_done="Điện thoại")
    assert (refused.status_code, refused.json()["conflict"]) == (409, True)
    assert autosave(client, one, url, version=2, what_was_done="Máy bàn, tiếp").status_code == 200
    row.refresh_from_db()
    assert row.what_was_done == "Máy bàn, tiếp"


def test_what_cannot_be_read_is_said_to_the_page(cast: Cast, task, sign_in) -> None:
    client = sign_in(cast.minh)
    refused = autosave(client, body(task, cast, starts_on="hôm qua"))
    assert refused.status_code == 422
    assert "ngày/tháng/năm" in refused.json()["error"]
    assert autosave(client, body(task, cast, form_key="")).status_code == 400
    assert autosave(client, body(task, cast, **paid(("A", "1", ""), ("A", "2", "")))).status_code == 422
    assert not Activity.objects.exists()


def test_nobody_else_saves_into_a_draft_by_itself(cast: Cast, task, sign_in) -> None:
    row = make.make_activity(cast, task, review="draft")
    url, typed = reverse("activities:activity_edit", args=[row.pk]), body(task, cast)
    assert autosave(sign_in(cast.lan), typed, url, version=1).status_code == 404
    row.review, row.submitted_at = "submitted", timezone.now()
    row.save()
    assert autosave(sign_in(cast.lan), typed, url, version=1).status_code == 403
    assert autosave(sign_in(cast.minh), typed, url, version=1).status_code == 403
    row.refresh_from_db()
    assert row.version == 1


def test_photos_go_up_one_by_one_and_twice_is_once(cast: Cast, task, sign_in) -> None:
    client, typed = sign_in(cast.minh), body(task, cast)
    early = client.post(CREATE, {**typed, "action": "photo", "photos": [photo()]})
    assert early.status_code == 422  # no draft yet
    url = autosave(client, typed).json()["url"]
    first, second = (client.post(url, {**typed, "action": "photo", "photos": [photo()]}).json() for _ in range(2))
    assert first == second
    assert client.get(first["thumb"]).status_code == 200
    bad = client.post(url, {**typed, "action": "photo", "photos": [SimpleUploadedFile("a.jpg", b"<html>")]})
    assert (bad.status_code, bad.json()["is_bad"]) == (422, True)
    assert client.post(url, {**typed, "action": "photo"}).status_code == 422
    client.post(url, {**typed, "version": 1, "drop_evidence": [first["id"]]})
    assert Activity.objects.get().evidence.count() == 0


# ------------------------------------------------------------------------------ counts and weight


def test_no_page_adds_persons_households_and_turns_together(cast: Cast, task, sign_in) -> None:
    counts = {"persons": 1_003, "households": 20_017, "turns": 500_029}
    row = make.make_activity(cast, task, starts_on=datetime.date(2026, 1, 15), **counts)
    services.accept(actor=cast.actor(cast.lan), item=row)
    waits = make.make_activity(cast, task, **counts)
    sums = {"21.020", "501.032", "520.046", "521.049"}  # of two and of three
    paths = ["/", "/bang-dieu-hanh/", "/hoat-dong/", "/chuong-trinh/", f"/nhiem-vu/{task.pk}/",
             f"/hoat-dong/{row.pk}/", f"/hoat-dong/{waits.pk}/", f"/phe-duyet/hoat-dong/{waits.pk}/",
             f"/chuong-trinh/{task.programme_id}/", f"/chuong-trinh/{task.programme_id}/hoat-dong/"]  # fmt: skip
    seen = set()
    with time_machine.travel("2026-11-23 08:00+07:00", tick=True):
        for person in (cast.lan, cast.minh, cast.hoa):
            client = sign_in(person)
            for path in paths:
                text = client.get(path, follow=True).content.decode()
                assert not [found for found in sums if found in text], path
                seen |= {number for number in ("1.003", "20.017", "500.029") if number in text}
    assert seen == {"1.003", "20.017", "500.029"}  # each stands somewhere on its own


def test_the_log_is_light_on_a_first_visit(cast: Cast, task, sign_in) -> None:
    page = sign_in(cast.minh).get(CREATE, {"nhiem-vu": task.pk}).content
    parts = {url: compressed(data) for url, data in parts_of(page.decode()).items()}
    assert any("activity.js" in url for url in parts)
    assert sum(size for url, size in parts.items() if url.endswith(".js")) <= 40 * 1024
    assert sum(parts.values()) + compressed(page) <= 80 * 1024


def test_a_task_with_levels_and_everything_on_its_page_takes_less_than_18_queries(
    cast: Cast, task, sign_in, django_assert_max_num_queries
) -> None:
    for kind, rule in (("flow", "sum"), ("stock", "latest"), ("ratio", "latest")):
        make.make_indicator(task, name=f"Chỉ tiêu {kind}", kind=kind, roll_up=rule)
    indicators = list(task.indicators.all())
    task.supporting.add(cast.committee)
    for days in (1, 40, 370):
        row = make.make_activity(
            cast, task, starts_on=timezone.localdate() - timezone.timedelta(days=days),
            values=dict.fromkeys(indicators, 3), submitted_at=timezone.now(), persons=4,
        )  # fmt: skip
        services.accept(actor=cast.actor(cast.lan), item=row)
    ahead = timezone.localdate() + timezone.timedelta(days=9)
    plan = make.make_activity(cast, task, starts_on=ahead, occurrence="planned", review="draft", title="Sẽ làm")
    deadline = task.deadlines.get()
    Directive.objects.create(
        programme=task.programme, task=task, committee=cast.committee, unit=cast.health, author=cast.hoa, text="Gửi.",
        due_on=ahead,
    )  # fmt: skip
    Nudge.objects.create(deadline=deadline, unit=cast.health, user=cast.minh, due_on=deadline.due_on)
    Extension.objects.create(
        deadline=deadline, old_due_on=deadline.due_on, new_due_on=deadline.due_on + timezone.timedelta(days=9),
        reason="Mưa lũ", paper="12/CV", decided_by=cast.lan,
    )  # fmt: skip
    url = reverse("activities:task_detail", args=[task.pk])
    for who in (cast.minh, cast.lan, cast.hoa):
        client = sign_in(who)
        client.get(url)
        with django_assert_max_num_queries(17):
            page = client.get(url)
        text = page.content.decode()
        assert str(cast.committee) in text and "Nhắc việc đã gửi (1)" in text
        assert page.context["page_obj"].paginator.count == len(page.context["page_obj"].object_list) == 3
        assert page.context["timeline"].count("<h3>") == 3
        assert list(page.context["plans"]) == ([plan] if who == cast.minh else [])


def test_an_entry_of_the_timeline_shows_each_change_at_once_and_each_reader_what_is_theirs(
    cast: Cast, task, sign_in
) -> None:
    row = make.make_activity(cast, task, title="Trao nhà", review="submitted")
    url = reverse("activities:task_detail", args=[task.pk])
    client = sign_in(cast.lan)

    def entries(who=client) -> str:
        html = who.get(url).content.decode()
        return html[html.index('<ol class="tl">') : html.index("</ol>", html.index('<ol class="tl">'))]

    assert "Trao nhà" in entries() == entries(sign_in(cast.hung)) and "Chờ duyệt" in entries()
    for change, words in (
        ({"title": "<b>Nhà mới</b>"}, "&lt;b&gt;Nhà mới"),
        ({"what_was_done": "Khởi công <i>một</i> nhà"}, "Khởi công &lt;i&gt;một"),
        ({"locality": cast.commune}, str(cast.commune)),
        ({"review": "returned", "return_reason": "Thiếu ảnh", "reviewed_by": cast.hung}, "Thiếu ảnh"),
        ({"review": "accepted"}, "Đã duyệt"),
    ):
        assert words not in entries()
        Activity.objects.filter(pk=row.pk).update(**change)
        assert words in entries(), words
    assert "Thiếu ảnh" not in entries()
    Measurement.objects.create(
        indicator=make.make_indicator(task), task=task, activity=row, as_of=row.starts_on, value=1234,
        unit=row.unit, author=row.author, acting_for=row.acting_for,
    )  # fmt: skip
    assert '<b class="strong">1.234</b>' in entries()
    client.post("/ngon-ngu/", {"language": "en"})
    assert "Accepted" in entries() and "Đã duyệt" not in entries()
