"""Pages and forms of programmes, tasks and the register, as each person meets them."""

from __future__ import annotations

import datetime
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from agreements.models import LegalBasis, LegalDocument, Programme, ProgrammeDocument, Task
from agreements.services.results import refresh_figure
from core.models import SavedView
from partners.models import OrganisationEvent, Succession
from tests import form_pages
from tests.cast import make_organisation
from tests.make import make_activity, make_indicator, make_legal_document, make_programme, make_task

TABS = ["", "muc-tieu/", "nhiem-vu/", "can-cu/", "don-vi/", "van-ban/", "lich-su/"]
FORMS = [
    "sua/",
    "sua/don-vi/",
    "sua/muc-tieu/",
    "sua/nhiem-vu/",
    "kiem-tra/",
    "tinh-trang/",
    "nhiem-vu/them/",
    "van-ban/them/",
]


@pytest.fixture
def programme(cast):
    row = make_programme(cast, title="Đối ngoại nhân dân", short_title="")
    make_indicator(make_task(cast, row))
    LegalBasis.objects.create(programme=row, document=make_legal_document())
    row.goals.create(text="Một mục tiêu")
    refresh_figure(row.pk)
    return row


@pytest.mark.parametrize("tab", TABS)
def test_tabs(cast, programme, sign_in, tab):
    url = f"/chuong-trinh/{programme.pk}/{tab}"
    for who in (cast.lan, cast.hung, cast.hoa, cast.minh):
        assert sign_in(who).get(url).status_code == 200
    for who in (cast.tuan, cast.phuong):
        assert sign_in(who).get(url).status_code == 404
    assert sign_in(cast.duc).get(url).status_code == 403
    assert sign_in(cast.lan).get(f"/chuong-trinh/999999/{tab}").status_code == 404
    assert sign_in(cast.lan).post(url).status_code == 405


@pytest.mark.parametrize("form", FORMS)
def test_forms_are_for_officers_of_the_committee(cast, programme, sign_in, form):
    url = f"/chuong-trinh/{programme.pk}/{form}"
    assert sign_in(cast.lan).get(url).status_code == 200
    assert sign_in(cast.phuong).get(url).status_code == 404
    for who in (cast.minh, cast.hoa):
        assert sign_in(who).get(url).status_code == 403


def test_list_finds_without_marks_and_hides_what_is_foreign(cast, programme, sign_in):
    url = "/chuong-trinh/?q=doi+ngoai"
    assert b"nh\xc3\xa2n d\xc3\xa2n" in sign_in(cast.lan).get(url).content
    page = sign_in(cast.tuan).get(url)
    assert page.status_code == 200 and programme.code not in page.content.decode()
    nothing = sign_in(cast.lan).get("/chuong-trinh/?q=khong+co+gi&nam=abc&don-vi=x&trang-thai=x&can-cu=9999999&page=zz")
    assert nothing.status_code == 200 and programme.code not in nothing.content.decode()


def test_list_filters_and_sorts_by_gap(cast, programme, sign_in):
    slow = make_programme(cast)
    refresh_figure(slow.pk)
    programme.figure.progress, programme.figure.standing = "0.2", "behind"
    programme.figure.save()
    client = sign_in(cast.lan)
    assert [row.pk for row in client.get("/chuong-trinh/").context["rows"]] == [programme.pk, slow.pk]
    late = client.get("/chuong-trinh/?danh-sach=cham")
    assert [row.pk for row in late.context["rows"]] == [programme.pk]
    basis = programme.legal_bases.get().document_id
    for query in (f"can-cu={basis}", "q=doi+ngoai", f"don-vi={cast.health.pk}&q=doi+ngoai", "nam=2026&q=doi+ngoai"):
        rows = client.get(f"/chuong-trinh/?{query}").context["rows"]
        assert [row.pk for row in rows] == [programme.pk], query
    assert client.get("/chuong-trinh/?nam=2031").context["rows"] == []


def test_a_dissolved_party_stays_as_signed_with_the_successor_of_the_field(cast, sign_in):
    old = make_organisation("Sở Lao động thử", status="dissolved", ended_on=datetime.date(2025, 3, 1))
    heir, other = make_organisation("Sở Nông nghiệp thử"), make_organisation("Sở Nội vụ thử")
    event = OrganisationEvent.objects.create(kind="split", effective_on=datetime.date(2025, 3, 1))
    Succession.objects.create(event=event, predecessor=old, successor=heir, field_of_work=cast.field)
    Succession.objects.create(event=event, predecessor=old, successor=other)
    programme = make_programme(cast, parties=[cast.committee, old])
    text = sign_in(cast.lan).get(f"/chuong-trinh/{programme.pk}/don-vi/").content.decode()
    assert "Sở Lao động thử" in text and "Sở Nông nghiệp thử" in text and "Sở Nội vụ thử" not in text


def management(prefix, total):
    return {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": 0, f"{prefix}-MIN_NUM_FORMS": 0}


def test_the_steps_of_the_form_make_a_programme_in_force(cast, sign_in):
    client = sign_in(cast.lan)
    step = client.post("/chuong-trinh/nhap-tay/", {"kind": "programme", "title": "Chương trình thử"})
    programme = Programme.objects.get()
    base = f"/chuong-trinh/{programme.pk}/"
    assert step["Location"] == f"{base}sua/don-vi/" and programme.status == "draft"
    blocked = client.post(f"{base}chuyen/", {"to": "signed", "version": 1})
    assert blocked.status_code == 200 and blocked.context["moves"][0]["missing"]
    rows = management("parties", 2) | {"version": 1, "more": "1"}
    for place, body in enumerate([cast.committee, cast.health]):
        rows |= {f"parties-{place}-organisation": body.pk, f"parties-{place}-role": "participant"}
    assert client.post(f"{base}sua/don-vi/", rows)["Location"] == f"{base}sua/don-vi/"
    third = management("goals", 1) | management("bases", 1) | {"version": 2, "goals-0-kind": "purpose"}
    third |= {"goals-0-text": "Mục tiêu", "bases-0-kind": "Chỉ thị", "bases-0-number": "05-CT/TW"}
    assert client.post(f"{base}sua/muc-tieu/", third)["Location"] == f"{base}sua/nhiem-vu/"
    assert LegalDocument.objects.get().number == "05-CT/TW"
    identity = {"kind": "programme", "title": "Chương trình thử", "signed_on": "14/7/2025", "starts_on": "1/1/2025"}
    identity |= {"ends_on": "31-12-2028", "version": 4, "leave": "1"}
    assert client.post(f"{base}sua/", identity)["Location"] == base
    task = management("indicators", 1) | {"title": "Việc", "recurrence": "year", "weight": "1", "lead": cast.health.pk}
    task |= {"indicators-0-name": "Lớp", "indicators-0-unit": "lớp", "indicators-0-kind": "flow"}
    task |= {"indicators-0-direction": "up", "indicators-0-roll_up": "sum", "indicators-0-target_2026": "1.250,5"}
    assert client.post(f"{base}nhiem-vu/them/", task)["Location"] == f"{base}sua/nhiem-vu/"
    assert str(Task.objects.get().indicators.get().targets.get().value) == "1250.5000"
    assert client.get(f"{base}kiem-tra/").status_code == 200
    for version, to in ((5, "signed"), (6, "in_force")):
        assert client.post(f"{base}chuyen/", {"to": to, "version": version})["Location"] == base
    assert Programme.objects.get().status == "in_force"
    assert client.post(f"{base}chuyen/", {"to": "draft", "version": 7}).status_code == 409


def test_bad_input_is_answered_with_messages(cast, programme, sign_in):
    client = sign_in(cast.lan)
    bad = {"kind": "x", "title": "", "signed_on": "31/2/2026", "starts_on": "1/1/2026", "ends_on": "1/1/2025"}
    page = client.post("/chuong-trinh/nhap-tay/", bad)
    assert page.status_code == 200
    assert {"kind", "title", "signed_on", "ends_on"} <= set(page.context["form"].errors)
    assert "31/2/2026" in page.content.decode()
    long = client.post("/chuong-trinh/nhap-tay/", {"kind": "programme", "title": "<script>" + "x" * 65000})
    assert "title" in long.context["form"].errors and b"<script>x" not in long.content
    assert Programme.objects.count() == 1


def test_a_stale_form_gets_the_compare_page(cast, programme, sign_in):
    url = f"/chuong-trinh/{programme.pk}/sua/"
    data = {"kind": "programme", "title": "Của tôi", "signed_on": "1/2/2024", "starts_on": "1/1/2024"}
    data |= {"ends_on": "31/12/2027", "version": programme.version}
    assert sign_in(cast.hung).post(url, data | {"title": "Của anh Hùng"}).status_code == 302
    page = sign_in(cast.lan).post(url, data)
    assert page.status_code == 409 and f"Bản của {cast.hung.full_name}" in page.content.decode()
    programme.refresh_from_db()
    assert programme.title == "Của anh Hùng"


def test_the_compare_page_sets_each_row_of_a_list_beside_its_own(cast, programme, sign_in):
    url = f"/chuong-trinh/{programme.pk}/sua/don-vi/"
    first, second = sign_in(cast.lan), sign_in(cast.hung)
    forms = [form_pages.read(client.get(url)).forms[-1].as_it_stands() for client in (first, second)]
    name = "parties-1-responsibilities"  # the first row stays as it is for both
    assert second.post(url, forms[1] | {name: ["Cung cấp số liệu."]}).status_code == 302
    page = first.post(url, forms[0] | {"parties-1-signer": ["Trần Văn Minh"]})
    assert page.status_code == 409
    rows = {str(row["label"]): (row["mine"], row["theirs"]) for row in page.context["fields"]}
    assert list(rows.values()) == [("Trần Văn Minh", ""), ("", "Cung cấp số liệu.")], rows


def test_the_compare_page_of_a_task_shows_its_targets_too(cast, programme, sign_in):
    task = programme.tasks.get()
    url = f"/nhiem-vu/{task.pk}/sua/"
    first, second = sign_in(cast.lan), sign_in(cast.hung)
    forms = [form_pages.read(client.get(url)).forms[-1].as_it_stands() for client in (first, second)]
    assert second.post(url, forms[1] | {"indicators-0-target_2026": ["150"]}).status_code == 302
    page = first.post(url, forms[0] | {"indicators-0-target_2026": ["90"]})
    assert page.status_code == 409
    assert [(row["mine"], row["theirs"]) for row in page.context["fields"]] == [("90", "150")]


def test_a_step_that_somebody_else_has_taken_shows_what_was_typed(cast, programme, sign_in):
    url = f"/chuong-trinh/{programme.pk}/chuyen/"
    step = {"to": "suspended", "paper": "Công văn 9/MTTQ", "version": programme.version}
    assert sign_in(cast.hung).post(url, step | {"reason": "Chờ ký lại"}).status_code == 302
    page = sign_in(cast.lan).post(url, step | {"reason": "Hai bên tạm dừng"})
    assert page.status_code == 409 and "Hai bên tạm dừng" in page.content.decode()
    programme.refresh_from_db()
    assert programme.status_reason.startswith("Chờ ký lại")


def docx() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types/>')
        archive.writestr("word/document.xml", '<?xml version="1.0"?><document/>')
    return buffer.getvalue()


def test_files_are_kept_shown_with_their_hash_and_downloaded_through_the_right(cast, programme, sign_in):
    base = f"/chuong-trinh/{programme.pk}/van-ban/"
    client = sign_in(cast.lan)
    for name, data in (("van-ban.pdf", docx()), ("trong.pdf", b""), ("x.exe", b"MZ" + b"\0" * 200)):
        wrong = client.post(f"{base}them/", {"kind": "signed", "file": SimpleUploadedFile(name, data)})
        assert wrong.status_code == 200 and wrong.context["form"].errors["file"], name
    upload = {"kind": "signed", "file": SimpleUploadedFile("Bản ký số 12.docx", docx())}
    assert client.post(f"{base}them/", upload)["Location"] == base
    document = ProgrammeDocument.objects.get()
    page = client.get(base).content.decode()
    assert "Bản ký số 12.docx" in page and document.file.sha256 in page
    url = f"{base}{document.pk}/tai/"
    got = b"".join(sign_in(cast.minh).get(url).streaming_content)
    assert zipfile.is_zipfile(io.BytesIO(got))
    assert sign_in(cast.tuan).get(url).status_code == 404
    other = make_programme(cast)
    assert client.get(f"/chuong-trinh/{other.pk}/van-ban/{document.pk}/tai/").status_code == 404


def test_history_shows_the_action_and_the_values(cast, programme, sign_in):
    client = sign_in(cast.lan)
    data = {"kind": "programme", "title": "Tên đã đổi", "signed_on": "1/2/2024", "starts_on": "1/1/2024"}
    client.post(f"/chuong-trinh/{programme.pk}/sua/", data | {"ends_on": "31/12/2027", "version": programme.version})
    text = client.get(f"/chuong-trinh/{programme.pk}/lich-su/").content.decode()
    assert "Tên đã đổi" in text and "Đối ngoại nhân dân" in text and "Nguyễn Thị Lan" in text


def test_deadline_forms(cast, programme, sign_in):
    deadline = programme.tasks.get().deadlines.get()
    url = f"/thoi-han/{deadline.pk}/bao-xong/"
    minh = sign_in(cast.minh)
    assert minh.get(url).status_code == 200
    assert sign_in(cast.tuan).get(url).status_code == 404
    assert sign_in(cast.hoa).get(url).status_code == 403
    missing = minh.post(url, {"done_on": "1/1/2026", "note": "Xong", "version": 1})
    assert missing.status_code == 200 and "files" in missing.context["form"].errors
    upload = SimpleUploadedFile("bao-cao.docx", docx())
    sent = minh.post(url, {"done_on": "1/1/2026", "note": "Xong", "version": 1, "files": [upload]})
    assert sent.status_code == 302
    deadline.refresh_from_db()
    assert deadline.state == "awaiting" and deadline.files.count() == 1
    later = f"/thoi-han/{deadline.pk}/gia-han/"
    assert minh.get(later).status_code == 403
    assert sign_in(cast.lan).get(later).status_code == 403


def test_pausing_by_form(cast, programme, sign_in):
    task = programme.tasks.get()
    url = f"/nhiem-vu/{task.pk}/tinh-trang/"
    client = sign_in(cast.lan)
    assert "reason" in client.post(url, {"to": "paused", "version": 1}).context["form"].errors
    assert client.post(url, {"to": "paused", "reason": "Lũ", "paper": "1/CV", "version": 1}).status_code == 302
    assert Task.objects.get(pk=task.pk).state == "paused"
    assert sign_in(cast.phuong).get(url).status_code == 404


def test_tasks_behind_numbers(cast, programme, sign_in):
    task = programme.tasks.get()
    client = sign_in(cast.minh)
    assert task.title in client.get("/nhiem-vu/").content.decode()
    assert task.title not in client.get("/nhiem-vu/?han=qua-han").content.decode()
    task.deadlines.update(due_on=datetime.date(2025, 1, 1))
    late = client.get(f"/nhiem-vu/?han=qua-han&chu-tri={cast.health.pk}&trang-thai=running&q=kiem+tra")
    assert task.title in late.content.decode()
    assert task.title not in sign_in(cast.tuan).get("/nhiem-vu/").content.decode()


def test_register_of_legal_documents(cast, programme, sign_in):
    document = programme.legal_bases.get().document
    client, minh = sign_in(cast.lan), sign_in(cast.minh)
    assert document.number in minh.get("/can-cu/", {"q": document.number.replace("-", " - ").lower()}).content.decode()
    assert programme.title in minh.get(f"/can-cu/{document.pk}/").content.decode()
    assert programme.title not in sign_in(cast.tuan).get(f"/can-cu/{document.pk}/").content.decode()
    assert minh.get("/can-cu/them/").status_code == 403
    assert minh.get("/can-cu/999999/").status_code == 404
    same = {"kind": document.kind, "number": document.number, "issuer": document.issuer, "issued_on": "23/06/2021"}
    page = client.post("/can-cu/them/", same | {"effect": "unknown"})
    assert page.status_code == 200 and f"/can-cu/{document.pk}/" in page.content.decode()
    weak = same | {"effect": "expired", "effect_source": "Công báo 12", "version": 1}
    assert client.post(f"/can-cu/{document.pk}/sua/", weak)["Location"] == f"/can-cu/{document.pk}/"
    other = make_legal_document()
    assert (
        client.post(f"/can-cu/{other.pk}/quan-he/", {"kind": "replaces", "target": document.label}).status_code == 302
    )
    assert client.get(f"/chuong-trinh/{programme.pk}/can-cu/").context["weak"]


@pytest.mark.parametrize(
    "url", ["/chuong-trinh/", "{}", "{}muc-tieu/", "{}don-vi/", "{}can-cu/", "{}van-ban/", "/can-cu/", "/nhiem-vu/"]
)
def test_pages_stay_within_twenty_queries(cast, programme, sign_in, django_assert_max_num_queries, url):
    client = sign_in(cast.lan)
    client.get("/can-cu/")
    with django_assert_max_num_queries(23 if url == "{}" else 20):
        client.get(url.format(f"/chuong-trinh/{programme.pk}/"))


def test_list_says_today_and_counts_milestones_too(cast, sign_in):
    today = timezone.localdate()
    row = make_programme(cast, title="Đến hạn hôm nay")
    task = make_task(cast, row)
    task.deadlines.all().delete()
    task.deadlines.create(due_on=today, original_due_on=today)
    refresh_figure(row.pk)
    client = sign_in(cast.lan)

    def coming() -> str:
        html = client.get("/chuong-trinh/").content.decode()
        return html[html.index('<td class="c-next">') : html.index("</tbody>")]

    assert "Hôm nay" in coming() and "Còn 0 ngày" not in coming()
    row.milestones.create(kind="interim_review", due_on=today - datetime.timedelta(days=3), responsible=cast.health)
    assert "Sơ kết" in coming() and "Quá hạn 3 ngày" in coming() and "Hôm nay" not in coming()


def test_a_kept_row_shows_each_change_at_once_and_each_reader_what_is_theirs(cast, programme, sign_in):
    client, other = sign_in(cast.lan), sign_in(cast.tuan)

    def row(who=client) -> str:
        html = who.get("/chuong-trinh/?danh-sach=tat-ca").content.decode()
        return html[html.index("<tbody>") : html.index("</tbody>")] if "<tbody>" in html else ""

    assert programme.name in row() and row(other) == ""
    party = programme.parties.exclude(organisation=programme.owner).first()
    assert party.name_as_signed in row()
    for change, shown in (
        (lambda: Programme.objects.filter(pk=programme.pk).update(short_title="<b>Tên mới</b>"), "&lt;b&gt;Tên mới"),
        (lambda: programme.parties.filter(pk=party.pk).update(name_as_signed="Sở đổi tên"), "Sở đổi tên"),
        (lambda: type(programme.figure).objects.filter(pk=programme.figure.pk).update(progress="0.37"), "37\u00a0%"),
        (lambda: LegalDocument.objects.filter(bases__programme=programme).update(effect="expired"), "hết hiệu lực"),
        (lambda: Programme.objects.filter(pk=programme.pk).update(status="suspended", status_reason="Chờ"), "Tạm dừng"),
    ):
        assert shown not in row()
        change()
        assert shown in row(), shown
    client.post("/ngon-ngu/", {"language": "en"})
    assert "Suspended" in row() and "Tạm dừng" not in row()


def test_one_new_programme_is_in_rows_counts_and_choices_of_its_maker_at_once(cast, programme, sign_in):
    client = sign_in(cast.lan)
    before = client.get("/chuong-trinh/").context
    body = make_organisation("Đơn vị mới ký")
    row = make_programme(cast, parties=[cast.committee, body])
    page = client.get("/chuong-trinh/").context
    assert row.pk in [line.pk for line in page["rows"]] and row.pk not in [line.pk for line in before["rows"]]
    assert int(page["tabs"][0]["count"]) == int(before["tabs"][0]["count"]) + 1
    assert str(body) in dict(page["options"][0]["choices"]).values()
    foreign = sign_in(cast.tuan).get("/chuong-trinh/").context
    assert not foreign["rows"] and foreign["tabs"][0]["count"] == "0" and foreign["options"][0]["choices"] == []


def test_list_shows_the_saved_views_of_itself_and_of_the_unit(cast, programme, sign_in):
    kept = SavedView.objects.create(user=cast.hung, name="Y tế", path=f"/chuong-trinh/?don-vi={cast.health.pk}")
    SavedView.objects.create(user=cast.lan, name="Việc trễ", path="/viec/?loai=qua-han")
    client = sign_in(cast.lan)
    assert client.get("/chuong-trinh/").context["saved"] == []
    kept.shared_with = cast.committee.pk
    kept.save()
    page = client.get("/chuong-trinh/")
    assert page.context["saved"] == [(kept.path, "Y tế")]
    assert f'<a href="{kept.path}">Y tế</a>' in page.content.decode()
    assert sign_in(cast.minh).get("/chuong-trinh/").context["saved"] == []
    offered = client.get(kept.path).content.decode()
    assert f"/bo-loc/luu/?next=%2Fchuong-trinh%2F%3Fdon-vi%3D{cast.health.pk}" in offered


def test_long_selects_are_cut_keep_the_chosen_one_and_say_how_to_find_the_rest(cast, programme, sign_in, monkeypatch):
    monkeypatch.setattr("agreements.views.programme_list.MOST_CHOICES", 1)
    last = make_organisation("Ỷ Ban cuối cùng")
    make_programme(cast, parties=[cast.committee, last])
    client = sign_in(cast.lan)
    for address, values in (("/chuong-trinh/", []), (f"/chuong-trinh/?don-vi={last.pk}", [str(last.pk)])):
        page = client.get(address)
        bodies = page.context["options"][0]
        assert bodies["more"] and [value for value, _words in bodies["choices"]][1:] == values
        assert "Đơn vị, văn bản khác: tìm theo tên" in page.content.decode()
    assert f'<option value="{last.pk}" selected>' in page.content.decode()


def test_list_filters_stand_open_and_every_chip_takes_its_condition_away(cast, programme, sign_in):
    client = sign_in(cast.lan)
    page = client.get(f"/chuong-trinh/?don-vi={cast.health.pk}&nam=2026")
    html = page.content.decode()
    filters = html[html.index('<form class="filters') : html.index("</form>", html.index('<form class="filters'))]
    # the selects lie beside the disclosure, not inside: a wide screen shows them without it, and without JavaScript
    assert filters.index("</details>") < filters.index('<div class="f-set">') < filters.index('name="don-vi"')
    assert [chip["value"] for chip in page.context["chips"]] == [str(cast.health), "2026"]
    without = client.get("/chuong-trinh/" + page.context["chips"][0]["url"])
    assert [chip["value"] for chip in without.context["chips"]] == ["2026"]
    assert client.get("/chuong-trinh/" + page.context["clear_url"]).context["chips"] == []


def test_an_ended_programme_names_its_overdue_final_review(cast, sign_in):
    ended = timezone.localdate() - datetime.timedelta(days=30)
    row = make_programme(cast, status="ended", starts_on=datetime.date(2021, 1, 1), ends_on=ended)
    refresh_figure(row.pk)
    client = sign_in(cast.lan)
    first = client.get(f"/chuong-trinh/{row.pk}/").context["next"][0]
    assert (first["title"], first["due"]["label"], first["unit"]) == ("Tổng kết", "Quá hạn 30 ngày", None)
    row.milestones.create(kind="final_review", due_on=ended, responsible=cast.health)
    page = client.get(f"/chuong-trinh/{row.pk}/")
    assert [item["unit"] for item in page.context["next"]] == [cast.health]
    assert page.content.decode().count(f'href="/chuong-trinh/{row.pk}/tinh-trang/"') >= 2
    minh = sign_in(cast.minh).get(f"/chuong-trinh/{row.pk}/")
    assert [item["unit"] for item in minh.context["next"]] == [cast.health]
    assert f"/chuong-trinh/{row.pk}/tinh-trang/" not in minh.content.decode()


def test_overview_lists_the_latest_accepted_activities(cast, programme, sign_in):
    task = programme.tasks.get()
    _old, new = (
        make_activity(cast, task, title=title, starts_on=day, place="Nhà văn hóa xóm", review="accepted")
        for title, day in (("Buổi trước", datetime.date(2026, 2, 1)), ("Buổi sau", datetime.date(2026, 3, 1)))
    )
    waiting = make_activity(cast, task, title="Chưa duyệt", starts_on=datetime.date(2026, 3, 5))
    page = sign_in(cast.lan).get(f"/chuong-trinh/{programme.pk}/")
    assert [item["title"] for item in page.context["latest"]] == ["Buổi sau", "Buổi trước"]
    text = page.content.decode()
    assert f'href="/hoat-dong/{new.pk}/"' in text and "Nhà văn hóa xóm" in text
    assert waiting.title not in text


def test_a_draft_that_follows_is_on_the_line_of_life_for_the_committee_only(cast, programme, sign_in):
    following = make_programme(cast, title="Giai đoạn sau", short_title="", status="draft", predecessor=programme)
    link = f'href="/chuong-trinh/{following.pk}/"'
    assert link in sign_in(cast.lan).get(f"/chuong-trinh/{programme.pk}/").content.decode()
    assert link not in sign_in(cast.minh).get(f"/chuong-trinh/{programme.pk}/").content.decode()


def test_goals_lead_to_their_tasks(cast, programme, sign_in):
    goal = programme.goals.get()
    client = sign_in(cast.lan)
    link = f"/chuong-trinh/{programme.pk}/muc-tieu/#muc-tieu-{goal.pk}"
    assert f'href="{link}"' in client.get(f"/chuong-trinh/{programme.pk}/").content.decode()
    assert f'id="muc-tieu-{goal.pk}"' in client.get(link).content.decode()


def test_a_period_may_be_typed_as_years_and_the_draft_is_found_again(cast, sign_in):
    client = sign_in(cast.lan)
    typed = {"kind": "programme", "title": "Chương trình thử", "starts_on": "2026", "ends_on": "2030"}
    assert client.post("/chuong-trinh/nhap-tay/", typed).status_code == 302
    row = Programme.objects.get()
    assert (row.starts_on, row.ends_on) == (datetime.date(2026, 1, 1), datetime.date(2030, 12, 31))
    wrong = client.post("/chuong-trinh/nhap-tay/", typed | {"ends_on": "2025"})
    assert "ends_on" in wrong.context["form"].errors and 'value="2025"' in wrong.content.decode()
    # back to the first step: the page of a new programme leads to what was saved
    again = client.get("/chuong-trinh/nhap-tay/").content.decode()
    assert f'href="/chuong-trinh/{row.pk}/sua/"' in again
    assert row.code not in sign_in(cast.hung).get("/chuong-trinh/nhap-tay/").content.decode()


def test_a_document_of_the_register_shows_its_days_of_effect_only_where_known(cast, sign_in):
    paper = make_legal_document()
    client = sign_in(cast.lan)
    assert "– – –" not in client.get(f"/can-cu/{paper.pk}/").content.decode()
    paper.effect_to = datetime.date(2025, 12, 31)
    paper.save()
    text = client.get(f"/can-cu/{paper.pk}/").content.decode()
    assert "31/12/2025" in text and "Hiệu lực từ" not in text
