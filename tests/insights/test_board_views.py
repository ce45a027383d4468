"""Risks with their rows and actions, two things side by side, the projector, one sheet as PDF."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pypdfium2
import pytest
import time_machine
from django.utils import timezone

from activities.models import ReportDuty
from activities.services import cells
from agreements import figures
from agreements.models import LegalBasis, ProgrammeFigure
from agreements.services.results import refresh_figure
from core.models import AuditEntry, User
from core.templatetags.format import percent
from documents import tables
from documents.writing import pdf
from insights.dashboard import compare, overview, paper, risks, units
from insights.dashboard.frame import SECTIONS
from insights.scope import Scope
from tests.make import make_activity, make_legal_document, make_programme, make_task

ONE = datetime.timedelta(days=1)
RISKS, COMPARE, PAPER = "/bang-dieu-hanh/nguy-co/", "/bang-dieu-hanh/so-sanh/", "/bang-dieu-hanh/mot-trang/"


def today():
    return timezone.localdate()


def troubled(cast):
    """Return a programme with a flag of every cause that can stand beside the others."""
    day = today()
    programme = make_programme(cast, starts_on=day - 700 * ONE, ends_on=day + 60 * ONE)
    task = make_task(cast, programme, due_on=day - 4 * ONE)
    ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, kind="on_request", period="1",
        title="Báo cáo nhanh",
        starts_on=day - 90 * ONE, ends_on=day - 30 * ONE, due_on=day - 20 * ONE,
    )  # fmt: skip
    law = make_legal_document(effect="expired")
    LegalBasis.objects.create(programme=programme, document=law)
    ProgrammeFigure.objects.filter(programme=programme).delete()
    ProgrammeFigure.objects.create(
        programme=programme, computed_on=day, standing="behind", progress="0.2", expected="0.9", elapsed="0.9",
        tasks_live=1, tasks_with_data=1, last_activity_on=day - 100 * ONE,
    )  # fmt: skip
    return programme, task


def test_each_cause_has_its_rows_and_the_actions_of_the_reader(cast, sign_in):
    programme, task = troubled(cast)
    (row,) = risks.read(cast.hoa, Scope(), today()).rows
    found = {flag.cause: flag for flag in row.flags}
    assert list(found) == list(figures.CAUSES[:6])
    assert row.programme == programme and row.unit == "Sở Y tế"
    assert found[figures.OVERDUE].rows[0].title == task.title
    assert found[figures.LATE_REPORT].rows[0].title == "Báo cáo nhanh"
    assert found[figures.SLOW].words == "đạt 20\u00a0%, cần đạt 90\u00a0%; 1 trong 1 nhiệm vụ có số liệu"
    assert found[figures.NEAR_END].words == "còn 60 ngày, mới đạt 20\u00a0%"
    assert [step.label for step in found[figures.LATE_REPORT].steps] == ["Ghi ý kiến chỉ đạo", "Mở báo cáo"]
    (officers,) = risks.read(cast.lan, Scope(), today()).rows
    steps = {flag.cause: [step.label for step in flag.steps] for flag in officers.flags}
    assert steps[figures.OVERDUE] == ["Xem mọi việc quá hạn"]  # the reminder stands beside each row
    assert steps[figures.WEAK_BASIS] == ["Mở căn cứ pháp lý"]
    for cause, action in (
        (figures.SLOW, "Ghi nhận hoạt động"), (figures.SILENT, "Ghi nhận hoạt động"),
        (figures.NEAR_END, "Mở bản chuẩn bị ký tiếp"),
    ):  # fmt: skip
        assert steps[cause][:2] == ["Nhắc việc quá hạn của chương trình", action]
    assert not any(line.remind_url for flag in row.flags for line in flag.shown)  # a leader directs
    leader = sign_in(cast.hoa)
    for flag in row.flags:
        for step in flag.steps:
            assert leader.get(step.url).status_code == 200, step
    query = parse_qs(urlsplit(found[figures.OVERDUE].steps[0].url).query)
    assert query["nhiem-vu"] == [str(task.pk)] and query["don-vi"] == [str(cast.health.pk)]
    assert task.title in leader.get(found[figures.OVERDUE].steps[0].url).content.decode()
    overdue = leader.get(found[figures.OVERDUE].steps[-1].url)
    assert overdue.context["page_obj"].paginator.count == 2  # the task and the report of this programme


def test_an_officer_is_led_to_a_reminder_of_just_that_row(cast, sign_in):
    programme, task = troubled(cast)
    make_task(cast, programme, title="Việc khác", due_on=today() - 9 * ONE)
    waiting = make_task(cast, programme, title="Chờ xác nhận", due_on=today() - 8 * ONE)
    waiting.deadlines.update(state="awaiting", done_on=today())
    make_task(cast, programme, title="Việc của ủy ban", lead=cast.committee, due_on=today() - 7 * ONE)
    (row,) = risks.read(cast.lan, Scope(), today()).rows
    client = sign_in(cast.lan)
    lines = {line.row.title: line.remind_url for flag in row.flags for line in flag.shown}
    assert set(lines) >= {"Việc khác", "Chờ xác nhận", "Việc của ủy ban", "Báo cáo nhanh"}
    assert lines["Chờ xác nhận"] == lines["Việc của ủy ban"] == ""
    for title in ("Việc khác", "Báo cáo nhanh"):
        page = client.get(lines[title])
        ((only,),) = [unit["rows"] for unit in page.context["units"]]
        assert only.title == title and page.context["count"] == 1
        assert f'value="{only.what}"' in page.content.decode()
    for flag in row.flags:
        for step in flag.steps:
            assert client.get(step.url).status_code == 200, step
    (log,) = {step.url for flag in row.flags for step in flag.steps if step.label == "Ghi nhận hoạt động"}
    assert {one.programme for one in client.get(log).context["page_obj"]} == {programme}
    every = next(step.url for flag in row.flags for step in flag.steps if step.label.startswith("Nhắc việc quá hạn"))
    page = client.get(every)
    assert page.context["count"] == 3 and page.context["about"] == programme.name
    html = client.get(RISKS).content.decode()
    assert lines["Việc khác"] in html and "Gửi nhắc việc" in html
    assert lines["Việc khác"] in client.get(f"/chuong-trinh/{programme.pk}/").content.decode()
    board = client.get("/bang-dieu-hanh/")
    todo = {item.title: item.step for item in board.context["board"].todo}
    assert todo["Việc khác"] == ("Nhắc việc", lines["Việc khác"]) and todo["Chờ xác nhận"] == ("", "")
    assert todo[programme.name][0] == "Ghi nhận hoạt động"
    assert all(client.get(url).status_code == 200 for _label, url in todo.values() if url)
    assert f'<a class="dir-a" href="{lines["Việc khác"]}">' in board.content.decode()
    assert lines["Việc khác"] not in sign_in(cast.hoa).get("/bang-dieu-hanh/").content.decode()


def test_over_without_review_and_dissolved_without_heir(cast):
    day = today()
    over = make_programme(cast, starts_on=day - 400 * ONE, ends_on=day - 10 * ONE, status="ended")
    held = make_programme(cast, starts_on=day - 400 * ONE, ends_on=day - 10 * ONE, status="ended")
    held.milestones.create(kind="final_review", due_on=day, done_on=day - ONE)
    cast.health.status, cast.health.ended_on = "dissolved", day - 3 * ONE
    cast.health.save()
    found = risks.read(cast.hoa, Scope(), day)
    causes = {row.programme: [flag.cause for flag in row.flags] for row in found.rows}
    assert causes == {over: [figures.NO_SUCCESSOR, figures.UNREVIEWED], held: [figures.NO_SUCCESSOR]}
    flag = next(row for row in found.rows if row.programme == over).flags[1]
    assert flag.words == "đã kết thúc 10 ngày"
    query = parse_qs(urlsplit(flag.steps[0].url).query)
    assert "Tổ chức tổng kết" in query["noi-dung"][0]
    assert flag.steps[-1].url == f"/chuong-trinh/{over.pk}/bao-cao/#moc"


def test_flags_stand_on_the_programme_the_first_screen_and_the_section(cast, sign_in):
    programme, _task = troubled(cast)
    calm = make_programme(cast, starts_on=today() - 10 * ONE)
    client = sign_in(cast.hoa)
    page = client.get(f"/chuong-trinh/{programme.pk}/")
    assert [flag.cause for flag in page.context["risks"]] == list(figures.CAUSES[:6])
    assert "6 nguy cơ" in page.content.decode()
    assert client.get(f"/chuong-trinh/{calm.pk}/").context["risks"] == []
    first = client.get("/bang-dieu-hanh/")
    assert {row.programme: row.risks for row in first.context["board"].rows} == {programme: 6, calm: 0}
    assert f"/chuong-trinh/{programme.pk}/#h-r" in first.content.decode()
    page = client.get(RISKS)
    assert page.context["found"].found.first == (programme.pk, programme.name, 6)
    assert f'(<a href="/chuong-trinh/{programme.pk}/#h-r">6</a>)' in page.content.decode()
    assert [(item["label"], item["count"]) for item in page.context["causes"]][1:3] == [
        ("Chậm", 1),
        ("Nhiệm vụ quá hạn", 1),
    ]
    for item in page.context["causes"]:
        assert client.get(item["url"]).context["page_obj"].paginator.count == item["count"]
    assert client.get(page.context["watched_url"]).context["page_obj"].paginator.count == 2
    assert client.get(f"{RISKS}?nguy-co=khac").status_code == 404
    assert sign_in(cast.phuong).get(RISKS).context["found"].rows == []
    suspended = make_programme(cast, starts_on=today() - 200 * ONE, status="suspended", status_reason="Chờ kinh phí")
    assert client.get(f"/chuong-trinh/{suspended.pk}/").context["risks"] == []


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_risks_of_the_demo_in_few_queries_and_as_on_each_programme(demo, sign_in, django_assert_max_num_queries):
    hoa = User.objects.get(username="hoa")
    client = sign_in(hoa)
    client.get(RISKS)
    with django_assert_max_num_queries(20):
        page = client.get(RISKS)
    found = page.context["found"]
    assert found.rows and len({flag.cause for row in found.rows for flag in row.flags}) >= 3
    for row in found.rows:
        own = client.get(f"/chuong-trinh/{row.programme.pk}/").context["risks"]
        assert [(flag.cause, flag.words, set(flag.rows)) for flag in own] == [
            (flag.cause, flag.words, set(flag.rows)) for flag in row.flags
        ]
    file = tables.read_csv(client.get(f"{RISKS}?tai=csv").content)
    names = {row.programme.name for row in found.rows}
    padded = [[*line, *[""] * 10] for line in file]  # empty cells at the end of a line are not read
    lines = [(line[0], line[4], line[6]) for line in padded if line[0] in names]
    assert lines == [
        (row.programme.name, flag.label, title)
        for row in found.rows
        for flag in row.flags
        for title in ([one.title for one in flag.rows] or [""])
    ]
    left = AuditEntry.objects.get(action="table.download")  # a page that is read leaves no entry, a file that goes does
    assert left.detail == {"address": f"{RISKS}?tai=csv", "rows": len(lines)} and left.user.username == "hoa"


def numbers_of(client, url):
    """Return the comparison of an address, after following each number to its list."""
    page = client.get(url)
    found = page.context["found"]
    for line in found.lines:
        for cell in (line.a, line.b):
            if cell.value is None or line.kind != compare.COUNT:
                continue
            answer = client.get(cell.url)
            listed = answer.context["page_obj"].paginator.count
            amount = next((key for key, (_code, label) in compare.AMOUNTS.items() if str(label) == line.label), None)
            if amount:
                assert answer.context["total"] == cell.value, (line, cell)
            else:
                assert listed == cell.value, (line, cell)
    return found


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_two_programmes_partners_and_periods_of_the_demo(demo, sign_in, django_assert_max_num_queries):
    client = sign_in(User.objects.get(username="hoa"))
    for kind in compare.KINDS:
        choices = client.get(COMPARE, {"theo": kind}).context["groups"][0][1]
        a, b = (choices[0][0], choices[1][0]) if kind != compare.PERIODS else ("2026", "2025")
        url = f"{COMPARE}?theo={kind}&a={a}&b={b}"
        client.get(url)
        with django_assert_max_num_queries(20):
            client.get(url)
        found = numbers_of(client, url)
        assert len(found.lines) >= 8 and found.finding
        page = client.get(url)
        line, heading = found.finding, page.content.decode().partition('id="h-cmp"')[2].partition("</h2>")[0]
        links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', heading.replace("&amp;", "&"))
        assert links == [(line.a.url, line.shown(line.a)), (line.b.url, line.shown(line.b))]
        assert page.context["frame"].back_url == url and "man-hinh=trinh-chieu" in page.content.decode()
        file = tables.read_csv(client.get(page.context["frame"].csv_url).content)
        assert file[0][1:3] == [found.a.label, found.b.label] and len(file) > len(found.lines)


def test_differences_are_words_and_bars_share_a_scale(cast, sign_in):
    task, other = make_task(cast, due_on=today() - ONE), make_task(cast, due_on=today() + 90 * ONE)
    for _n in range(3):
        cells.add(make_activity(cast, task, review="accepted", persons=20))
    cells.add(make_activity(cast, other, review="accepted"))
    for row in (task, other):
        refresh_figure(row.programme_id)
    found = sign_in(cast.hoa).get(f"{COMPARE}?a={task.programme_id}&b={other.programme_id}").context["found"]
    lines = {line.label: line for line in found.lines}
    activities = lines["Hoạt động đã chấp nhận"]
    assert activities.difference == "ít hơn 2"
    assert [width for _n, _url, width in activities.sides] == ["100.00%", "33.33%"]
    assert lines["Số người tham gia, thụ hưởng"].difference == "một bên chưa có số liệu"
    assert [width for _n, _url, width in lines["Số người tham gia, thụ hưởng"].sides] == ["100.00%", ""]
    assert lines["Công việc quá hạn"].difference == "ít hơn 1"
    assert lines["Tỷ lệ đúng hạn của công việc đến hạn"].difference == "một bên chưa có số liệu"
    share = compare.Line("", compare.SHARE, compare.Cell(Decimal("0.4")), compare.Cell(Decimal("0.52")), Decimal(1))
    assert share.difference == "cao hơn 12 điểm"
    assert compare.Line("", compare.SHARE, share.b, share.a, Decimal(1)).difference == "thấp hơn 12 điểm"
    assert compare.Line("", compare.SHARE, share.a, share.a, Decimal(1)).difference == "bằng nhau"
    assert compare.Line("", compare.COUNT, share.a, share.a, Decimal(1)).difference == "bằng nhau"
    assert compare.Line("", compare.COUNT, compare.Cell(None), compare.Cell(None), Decimal(0)).difference.startswith(
        "cả hai"
    )


@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_a_running_period_says_so_and_no_activity_is_no_data(cast, sign_in):
    task = make_task(cast, due_on=datetime.date(2026, 10, 1))
    cells.add(make_activity(cast, task, review="accepted", starts_on=datetime.date(2026, 2, 3)))
    client = sign_in(cast.hoa)
    page = client.get(f"{COMPARE}?theo=ky&a=2025&b=2026")
    found, text = page.context["found"], page.content.decode()
    assert (found.a.label, found.b.label) == ("Năm 2025", "Năm 2026 (đến 23/11/2026)")
    assert found.has_running and "Kỳ chưa kết thúc" in text
    line = next(line for line in found.lines if line.label == "Hoạt động đã chấp nhận")
    assert [shown for shown, _url, _width in line.sides] == ["chưa có số liệu", "1"]
    assert line.difference == "một bên chưa có số liệu"
    file = tables.read_csv(client.get(page.context["frame"].csv_url).content)
    assert file[0][1:3] == ["Năm 2025", "Năm 2026 (đến 23/11/2026)"]
    found = client.get(f"{COMPARE}?theo=ky&a=2025-Q4&b=2027").context["found"]
    assert (found.a.label, found.b.label) == ("Quý IV/2025", "Năm 2027 (chưa bắt đầu)")
    over = client.get(f"{COMPARE}?theo=ky&a=2025-Q4&b=2026-Q3")
    assert not over.context["found"].has_running and "Kỳ chưa kết thúc" not in over.content.decode()
    assert "tính đến hôm nay, trên toàn bộ" not in over.content.decode()


@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_a_period_says_what_it_picks_and_the_suspended_are_named(cast, sign_in):
    make_task(cast, due_on=datetime.date(2026, 10, 1))
    held = make_programme(cast, title="Giám sát bếp ăn", status="suspended", status_reason="Chờ hướng dẫn")
    client = sign_in(cast.hoa)
    words = "tình trạng tính đến hôm nay, trên toàn bộ thời gian của chương trình"
    for path in ("/bang-dieu-hanh/", "/bang-dieu-hanh/uy-ban/"):
        assert words in client.get(f"{path}?ky=2026").content.decode()
        assert words not in client.get(path).content.decode()
    page = client.get("/bang-dieu-hanh/")
    assert "1 chương trình tạm dừng, không tính ở đây" in page.content.decode() and page.context["board"].suspended == 1
    assert held not in [row.programme for row in page.context["board"].rows]
    listed = client.get(page.context["suspended_url"]).context["rows"]
    assert [row.programme for row in listed] == [held]
    assert "Tạm dừng" in client.get("/bang-dieu-hanh/chat-luong/").content.decode()
    sheets = {}
    for query in ("", "?ky=2026"):
        frame = client.get(f"/bang-dieu-hanh/{query}").context["frame"]
        found = overview.read(cast.hoa, frame.scope, frame.day)
        sheets[query] = paper.sheet_of(found, frame, {"committee": cast.committee}, timezone.now(), "vi").conditions
    assert sheets[""] == "1 chương trình tạm dừng, không tính ở đây"
    assert (
        sheets["?ky=2026"].startswith("Lọc theo Thời gian: năm 2026. Thời gian chọn ra") and words in sheets["?ky=2026"]
    )


@pytest.mark.parametrize("path", ["/viec/", "/chi-dao/"])
def test_a_live_list_says_when_it_was_read(cast, sign_in, path):
    with time_machine.travel("2026-11-23 08:05+07:00", tick=False):
        assert "Tình trạng lúc 23/11/2026 08:05." in sign_in(cast.hoa).get(path).content.decode()


@pytest.mark.parametrize(
    "query", ["", "theo=ky&a=2026", "a=1&b=1", "a=x&b=%00", "theo=doi-tac&a=²&b=999999999", "theo=ky&a=2026-13&b=2025",
              f"a={'9' * 40}&b=2"],
)  # fmt: skip
def test_without_two_there_is_no_comparison(cast, sign_in, query):
    page = sign_in(cast.lan).get(f"{COMPARE}?{query}")
    assert page.status_code == 200 and page.context["found"] is None


def test_a_foreign_programme_is_not_compared(cast, sign_in):
    one, two = make_programme(cast), make_programme(cast)
    page = sign_in(cast.phuong).get(f"{COMPARE}?a={one.pk}&b={two.pk}")
    assert page.context["found"] is None and page.context["groups"] == [("", [])]
    assert sign_in(cast.lan).get(f"{COMPARE}?theo=khac").status_code == 404


def test_the_projector_shows_each_section_without_menus_and_leads_on(cast, sign_in):
    make_task(cast)
    client = sign_in(cast.hoa)
    url, seen = Scope(period="2026").url(man_hinh="trinh-chieu"), []
    while url:
        html = client.get(url).content.decode()
        frame = client.get(url).context["frame"]
        seen.append(frame.section.key)
        assert '<header class="top"' not in html and '<footer class="foot"' not in html
        assert 'class="present"' in html and 'data-bs-theme="light"' in html
        assert re.search(r'data-key="Escape"', html)
        assert (frame.before is None) == (len(seen) == 1)
        assert "ky=2026" in frame.back_url
        url = frame.after["url"] if frame.after else ""
    assert seen == [section.key for section in SECTIONS]


def sheet(answer):
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF-")
    found = pypdfium2.PdfDocument(answer.content)
    assert len(found) == 1
    assert [round(side) for side in found[0].get_size()] == [595, 842]
    return found[0].get_textpage().get_text_range().replace("\r\n", " ")


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_the_sheet_of_the_demo_is_one_page_with_date_filter_and_signatures(demo, sign_in):
    client = sign_in(User.objects.get(username="hoa"))
    text = sheet(client.get(PAPER))
    board = client.get("/bang-dieu-hanh/").context["board"]
    for words in (
        "Người lập",
        "Lãnh đạo",
        "năm 2026",
        "chỉ gồm nội dung đã duyệt",
        "In lúc 23/11/2026 08:00",
        "Đang hiệu lực",
    ):
        assert words in text, words
    for row in board.rows[:8]:
        assert row.programme.name[:30] in text, row.programme.name
    for item in board.todo:
        assert item.title[:20] in text, item.title
        when = f"hạn {item.due_on:%d/%m/%Y}" if item.cause == "overdue" else "không hoạt động"
        assert when in text, item
    assert f"8 trong {board.in_force} chương trình" in text and board.in_force > 8
    assert f"10 trong {board.units.count} đơn vị" in text and board.units.count > 10
    (silent,) = [item for item in board.todo if item.cause == "silent"]
    assert text.count(f"Chậm {silent.points} điểm") == 2  # of the programme and of the matter
    total = board.units.total
    rates = (percent(total.four_way.completion_rate), percent(total.four_way.on_time_rate))
    last = text[text.index("Cộng", text.index("Cộng") + 1) :].replace("\u00a0", " ")
    numbers = [str(total.counts[state]) for state in units.FOUR]
    assert " ".join([*numbers, str(total.total), *rates]).replace("\u00a0", " ") in last
    narrowed = sheet(client.get(PAPER, {"ky": "2026-Q3"}))
    assert "quý III/2026" in narrowed


def test_the_sheet_without_any_data_and_when_it_cannot_be_made(cast, sign_in, monkeypatch):
    client = sign_in(cast.lan)
    assert "Chưa có chương trình" in sheet(client.get(PAPER))
    for code, words in (("fonts", "phông chữ"), ("timeout", "quá lâu"), ("failed", "Không tạo được PDF")):

        def fail(_board, code=code):
            raise pdf.WritingFailed(code)

        monkeypatch.setattr(pdf, "board_pdf", fail)
        answer = client.get(PAPER)
        assert answer.status_code in {400, 409, 503} and words in answer.content.decode()
