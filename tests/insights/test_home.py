"""The first page by role: counts equal the lists behind them."""

from __future__ import annotations

import datetime
import re
from html import unescape

from django.utils import timezone

from activities.models import Activity, Directive, ProgressReport, ReportDuty
from agreements.models import Intake, LegalBasis, Milestone, ProgrammeFigure, TaskDeadline
from insights import home
from tests.cast import make_user
from tests.make import make_activity, make_legal_document, make_programme, make_task


def days(count: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=count)


def get(client, path="/", **query):
    return client.get(path, query)


def test_officer_sees_four_counts_and_at_most_seven_rows(cast, sign_in):
    task = make_task(cast)
    for _n in range(9):
        make_activity(cast, task)
    for _n in range(8):
        make_task(cast, task.programme, due_on=days(-5))
    make_task(cast, task.programme, due_on=days(3))
    Intake.objects.create(owner=cast.committee, created_by=cast.lan, title="Giảm nghèo", text="x", sha256="0")
    front = get(sign_in(cast.lan)).context["front"]
    assert (front.waiting_count, front.overdue_count, front.soon_count, front.intake_count) == (9, 8, 1, 1)
    assert (len(front.waiting), len(front.overdue)) == (7, 7)
    assert not front.is_empty


def test_every_number_equals_its_list(cast, sign_in):
    task = make_task(cast, due_on=days(-3))
    make_task(cast, task.programme, due_on=days(2))
    make_activity(cast, task)
    client = sign_in(cast.lan)
    page = get(client)
    front = page.context["front"]
    assert client.get(page.context["overdue_url"]).context["page_obj"].paginator.count == front.overdue_count
    assert client.get(page.context["soon_url"]).context["page_obj"].paginator.count == front.soon_count
    assert len(client.get("/phe-duyet/").context["queue"]) == front.waiting_count


def rows_behind(client, html: str, url: str) -> int:
    """Return how many rows the list at an address holds, which must be linked from the page."""
    assert url.replace("&", "&amp;") in html, url
    context = client.get(url).context
    return len(context["queue"]) if "queue" in context else context["page_obj"].paginator.count


def test_each_number_of_each_role_counts_its_list(cast, sign_in):
    """Every linked number is counted again on the list it leads to, with all kinds of due work present."""
    programme = make_programme(cast)
    task = make_task(cast, programme, due_on=days(-3))
    make_task(cast, programme, due_on=days(2))
    make_task(cast, programme, due_on=days(40))
    make_activity(cast, task)
    for number, due_on in enumerate((days(-4), days(3), days(50))):
        ReportDuty.objects.create(
            programme=programme, committee=cast.committee, unit=cast.health, kind="on_request", period=str(number),
            title=f"Báo cáo {number}", starts_on=days(-90), ends_on=days(-30), due_on=due_on,
        )  # fmt: skip
    waived = {"waived_at": timezone.now(), "waived_by": cast.lan, "waive_reason": "Đã báo cáo"}
    ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, kind="on_request", period="9", title="Miễn",
        starts_on=days(-90), ends_on=days(-30), due_on=days(-9), **waived,
    )  # fmt: skip
    for due_on in (days(-5), days(5)):
        Directive.objects.create(
            programme=programme, committee=cast.committee, unit=cast.health, author=cast.hoa, text="Việc", due_on=due_on
        )
    Directive.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, author=cast.hoa, text="Việc", state="answered",
        due_on=days(1), answer="Xong", answered_by=cast.minh, answered_at=timezone.now(),
    )  # fmt: skip
    Milestone.objects.create(programme=programme, kind="interim_review", due_on=days(-6))
    officer = sign_in(cast.lan)
    page = get(officer)
    front, html = page.context["front"], page.content.decode()
    assert (front.waiting_count, front.overdue_count, front.soon_count, front.intake_count) == (1, 4, 3, 0)
    assert rows_behind(officer, html, page.context["overdue_url"]) == 4
    assert rows_behind(officer, html, page.context["soon_url"]) == 3
    assert rows_behind(officer, html, "/phe-duyet/") == 1
    assert rows_behind(officer, html, page.context["answered_url"]) == front.answered_directives == 1
    assert [words for words, _url in front.overdue_notes] == ["1 thời hạn", "1 báo cáo", "1 chỉ đạo", "1 mốc"]
    kinds = [
        [item.kind for item in get(officer, url).context["page_obj"].object_list] for _w, url in front.overdue_notes
    ]
    assert kinds == [["deadline"], ["report"], ["directive"], ["milestone"]]
    assert all(rows_behind(officer, html, url) == 1 for _words, url in front.overdue_notes)
    reporter = sign_in(cast.minh)
    page = get(reporter)
    assert page.context["partner"].owed_count == 8
    assert rows_behind(reporter, page.content.decode(), page.context["own_url"]) == 8
    assert [row.item.kind for row in page.context["partner"].owed[:3]] == ["directive", "report", "deadline"]
    leader = sign_in(cast.hoa)
    page = get(leader, "/bang-dieu-hanh/")
    board, html = page.context["board"], page.content.decode()
    assert rows_behind(leader, html, page.context["overdue_url"]) == board.overdue == 4
    assert rows_behind(leader, html, board.units.total.total_url) == board.units.total.total == 10
    assert sum(unit.total for unit in board.units.rows) == 10
    assert [number for _name, number, _url in board.directives.tabs] == [1, 1, 1, 0, 0]
    for _name, number, url in board.directives.tabs:
        if number:
            assert rows_behind(leader, html, url) == number


# Lists that a number on a first page leads to; every other link with a figure in it (a title, a date) is no count.
LISTS = re.compile(
    r"/(viec/|phe-duyet/$|chi-dao/\?|hoat-dong/\?|chuong-trinh/\?|chuong-trinh/nhap/danh-sach/|nguoi-dung/|don-vi/"
    r"|bang-dieu-hanh/(chuong-trinh|nhiem-vu|hoat-dong|so-lieu)/)"
)
ROW_KEYS = ("queue", "rows", "intakes", "items")


def clicks(client, url: str) -> int:
    """Follow every number of a page to its list and compare; returns how many were followed.

    A link counts the first number in it; rates and links without a number are no counts.
    """
    html = client.get(url).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    seen = set()
    for attributes, inner in re.findall(r"<a\b([^>]*)>(.*?)</a>", main, re.DOTALL):
        href = unescape(re.search(r'href="([^"]*)"', attributes)[1])
        text = " ".join(unescape(re.sub(r"<[^>]+>", " ", inner)).split())
        # "Đã kết thúc 1" and "12 Quá hạn …": the number stands first or last; a tile's number is its <b>.
        bold = re.search(r"<b>([\d.]+)</b>", inner)
        number = bold[1] if bold else next(iter(re.findall(r"\d[\d.]*", text)), "")
        if not number or "%" in text or not LISTS.match(href) or "row-a" in attributes:
            continue
        seen.add((number, href))
    for number, href in seen:
        context = client.get(href).context
        page = context.get("page_obj")
        found = page.paginator.count if page else len(next(context[key] for key in ROW_KEYS if key in context))
        assert found == int(number.replace(".", "")), (url, href)
    return len(seen)


def test_every_number_that_can_be_clicked_leads_to_as_many_rows(cast, sign_in):
    """Each role's first page and the dashboard, with something of everything present."""
    programme = make_programme(cast)
    for due_on in (days(-30), days(-3), days(2), days(6), days(90)):
        make_activity(cast, make_task(cast, programme, due_on=due_on), review="submitted")
    for done in (days(-20), days(-1)):  # in time and late
        task = make_task(cast, programme, lead=cast.committee, due_on=days(-10))
        TaskDeadline.objects.filter(task=task).update(state="done", done_on=done)
    for _n in range(5):
        make_activity(cast, task, review="draft")
    duty = {"programme": programme, "committee": cast.committee, "unit": cast.health, "kind": "on_request"}
    for number, due_on in enumerate((days(-4), days(3), days(50))):
        ReportDuty.objects.create(
            **duty, period=str(number), title="Báo cáo", starts_on=days(-90), ends_on=days(-30), due_on=due_on
        )
    given = {"programme": programme, "committee": cast.committee, "unit": cast.health, "author": cast.hoa}
    over = {"answer": "Xong", "answered_by": cast.minh, "answered_at": timezone.now()}
    for state, due_on, rest in (
        ("issued", days(-5), {}),
        ("issued", days(5), {}),
        ("answered", days(1), over),
        ("closed", days(1), over),
        ("withdrawn", days(1), {"closing_note": "Trùng"}),
    ):
        Directive.objects.create(**given, text="Việc", state=state, due_on=due_on, **rest)
    Milestone.objects.create(programme=programme, kind="interim_review", due_on=days(-6))
    LegalBasis.objects.create(programme=programme, document=make_legal_document(effect="expired"))
    Intake.objects.create(owner=cast.committee, created_by=cast.lan, title="Giảm nghèo", text="x", sha256="0")
    for standing in ("behind", "on_track"):
        other = make_programme(cast)
        ProgrammeFigure.objects.create(programme=other, computed_on=days(0), standing=standing, progress="0.5")
    make_user("moi", "Người Mới")
    assert clicks(sign_in(cast.lan), "/") == 10
    assert clicks(sign_in(cast.hoa), "/hom-nay/") == 10
    assert clicks(sign_in(cast.minh), "/") >= 2
    assert clicks(sign_in(cast.duc), "/") == 3
    assert clicks(sign_in(cast.hoa), "/bang-dieu-hanh/") == 26


def test_an_answered_directive_is_something_left_to_do(cast, sign_in):
    Directive.objects.create(
        programme=make_programme(cast), committee=cast.committee, unit=cast.health, author=cast.hoa, text="Việc",
        state="answered", due_on=days(1), answer="Xong", answered_by=cast.minh, answered_at=timezone.now(),
    )  # fmt: skip
    page = get(sign_in(cast.lan))
    assert not page.context["front"].is_empty
    assert page.context["front"].next_due_on is None


def test_returned_report_is_shown_with_the_reviewers_words(cast, sign_in):
    duty = ReportDuty.objects.create(
        programme=make_programme(cast), committee=cast.committee, unit=cast.health, kind="on_request", period="1",
        title="Báo cáo quý", starts_on=days(-90), ends_on=days(-30), due_on=days(-9),
    )  # fmt: skip
    ProgressReport.objects.create(
        duty=duty, author=cast.minh, acting_for=cast.health, review="returned", return_reason="Thiếu số liệu quý III",
        submitted_at=timezone.now(), submitted_by=cast.minh, reviewed_by=cast.lan, reviewed_at=timezone.now(),
    )  # fmt: skip
    partner = home.partner(cast.minh, days(0))
    assert [item.reason for item in partner.returned] == ["Thiếu số liệu quý III"]
    assert [(row.item.late_days, row.review) for row in partner.owed] == [(9, "Cần bổ sung")]


def test_a_leader_writes_directives_from_the_matters(cast, sign_in):
    make_task(cast, due_on=days(-9), title="Kiểm tra bếp ăn")
    client = sign_in(cast.hoa)
    (todo,) = get(client, "/bang-dieu-hanh/").context["board"].todo
    form = client.get(todo.directive_url).context["form"]
    assert (form.initial["unit"], form.initial["task"]) == (cast.health.pk, todo.task_id)
    assert "Kiểm tra bếp ăn" in form.initial["text"]
    assert "/chi-dao/viet/" not in get(sign_in(cast.lan), "/bang-dieu-hanh/").content.decode()


def test_nothing_left_says_when_the_next_is_due(cast, sign_in):
    make_task(cast, due_on=days(30))
    page = get(sign_in(cast.lan))
    assert page.context["front"].is_empty
    assert f"{days(30):%d/%m/%Y}" in page.content.decode()


def test_partner_sees_returned_first_with_the_reason_then_drafts_and_tasks(cast, sign_in):
    programme = make_programme(cast)
    late = make_task(cast, programme, due_on=days(-54), title="Kiểm tra quý III")
    make_task(cast, programme, due_on=days(90))
    make_task(cast, programme, lead=cast.committee, due_on=days(1))
    make_activity(cast, late, review="returned")
    make_activity(cast, late, review="draft")
    page = get(sign_in(cast.minh))
    partner = page.context["partner"]
    assert [item.reason for item in partner.returned] == ["Bổ sung danh sách người dự."]
    assert (partner.draft_count, partner.owed_count) == (1, 2)
    assert (partner.owed[0].item.task_id, partner.owed[0].item.late_days) == (late.pk, 54)
    html = page.content.decode()
    assert html.index("Bổ sung danh sách người dự.") < html.index("Kiểm tra quý III")
    assert html.count("btn-primary") == 1


def test_returned_deadline_is_shown(cast):
    task = make_task(cast, due_on=days(-1))
    TaskDeadline.objects.filter(task=task).update(state="returned", return_reason="Thiếu biên bản")
    assert [item.reason for item in home.partner(cast.minh, days(0)).returned] == ["Thiếu biên bản"]


def test_drafts_of_others_are_not_shown(cast):
    make_activity(cast, review="draft")
    assert Activity.objects.count() == 1
    assert home.partner(cast.tuan, days(0)).draft_count == 0


def test_leader_is_led_to_the_dashboard(cast, sign_in):
    answer = get(sign_in(cast.hoa))
    assert (answer.status_code, answer["Location"]) == (302, "/bang-dieu-hanh/")


def test_administrator_sees_people_and_organisations(cast, sign_in):
    page = get(sign_in(cast.duc))
    assert page.context["administration"].people == 7
    assert "front" not in page.context


def test_person_without_a_role_is_told_so(cast, sign_in):
    cast.tuan.memberships.update(valid_to=days(-1))
    page = get(sign_in(cast.tuan))
    assert page.status_code == 200
    assert page.context["has_role"] is False
