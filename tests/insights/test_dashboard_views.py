"""The dashboard's pages: each number equals the list it links to, at the demo and under each condition; CSV; rights."""

from __future__ import annotations

import datetime
import os
import re
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from activities.services import cells
from agreements.models import ContentGroup, Indicator, ProgrammeFigure
from core import paging
from core.models import User
from documents import tables
from insights import dashboard_list_views, due
from insights.dashboard import content, indicators, overview
from insights.scope import Scope
from partners.models import Locality
from tests.demo_rows import AS_OF
from tests.make import make_activity, make_indicator, make_programme, make_task

SECTIONS = ("", "don-vi/", "chi-tieu/", "noi-dung/", "nguy-co/", "chat-luong/", "so-sanh/")
LISTS = ("chuong-trinh/", "nhiem-vu/", "hoat-dong/", "chat-luong/dong/", "thay-doi/chuong-trinh/")
COURSE = ("dia-ban/", "uy-ban/", "theo-thang/", "thay-doi/")  # more in test_dashboard_course_views.py
PAGES = tuple(f"/bang-dieu-hanh/{path}" for path in (*SECTIONS, *COURSE, *LISTS, "loc/"))
FRESH = "chỉ gồm nội dung đã duyệt"


def rows(client, url):
    """Return how many rows the list of an address has."""
    page = client.get(url)
    assert page.status_code == 200, url
    return page.context["page_obj"].paginator.count


@pytest.mark.parametrize("who", ["minh", "duc", "tuan"])
@pytest.mark.parametrize("path", PAGES)
def test_dashboard_is_not_for_partners_and_administrators(cast, sign_in, who, path):
    assert sign_in(getattr(cast, who)).get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_pages_answer_only_reading_in_both_languages_and_twenty_queries(
    cast, sign_in, path, django_assert_max_num_queries
):
    task = make_task(cast, content_group=ContentGroup.objects.first())
    indicator = make_indicator(task)
    cells.add(make_activity(cast, task, review="accepted", values={indicator: 3}, locality=cast.commune))
    client = sign_in(cast.hoa)
    scope = Scope("2026", cast.committee.pk, cast.field.code, cast.health.pk, cast.commune.pk)
    for query in ({}, scope.query()):
        client.get(path, query)
        with django_assert_max_num_queries(20):
            assert client.get(path, query).status_code == 200
    assert client.post(path).status_code == 405
    cast.hoa.language = "en"
    cast.hoa.save()
    assert "accepted content only" in client.get(path).content.decode() or path.endswith("loc/")


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/bang-dieu-hanh/loc/"])
def test_an_address_with_conditions_left_empty_leads_to_the_one_without(cast, sign_in, path):
    client = sign_in(cast.hoa)
    for names in ("ky=&linh-vuc=", "theo=&a=&b=&nhom=&so=&so-do=&so-voi=&xem=&muc-do=&nguy-co=&im-lang=&page="):
        assert client.get(f"{path}?{names}")["Location"] == path
    assert client.get(f"{path}?ky=&uy-ban={cast.committee.pk}")["Location"] == f"{path}?uy-ban={cast.committee.pk}"
    assert client.get("/viec/?tinh-trang=&ky=2026")["Location"] == "/viec/?ky=2026"
    assert sign_in(cast.minh).get(f"{path}?ky=").status_code == 403


@pytest.mark.parametrize("view", ["", "&man-hinh=trinh-chieu"])
def test_what_a_period_picks_is_said_before_the_figures_on_screen_and_projector(cast, sign_in, view):
    make_task(cast)
    client, said = sign_in(cast.hoa), "Thời gian chọn ra chương trình"
    page = client.get(f"/bang-dieu-hanh/?ky=2026{view}").content.decode()
    assert page.index("<h1") < page.index(said) < page.index('class="figs"') and page.count(said) == 1
    assert said not in client.get(f"/bang-dieu-hanh/?{view[1:]}").content.decode()


EMPTY = ("", "don-vi/", "chi-tieu/", "noi-dung/", "theo-thang/", "uy-ban/", "dia-ban/", "nguy-co/", "chat-luong/")


@pytest.mark.parametrize("path", EMPTY)
def test_a_filter_that_leaves_nothing_is_no_news_and_not_nothing_entered(cast, sign_in, path):
    make_task(cast)
    hoa = sign_in(cast.hoa)
    page = hoa.get(f"/bang-dieu-hanh/{path}?ky=2012").content.decode()
    page = page[page.index("<main") :]
    assert "Không có kết quả với bộ lọc này" in page and "tai=csv" not in page and "#i-done" not in page
    clear = re.search(r'class="btn btn-quiet" href="([^"]+)">Xóa bộ lọc', page)
    assert clear and clear[1] == f"/bang-dieu-hanh/{path}"
    without = sign_in(cast.phuong).get(f"/bang-dieu-hanh/{path}").content.decode()
    assert "Không có kết quả với bộ lọc này" not in without and "Mở danh sách chương trình" in without


def test_programmes_that_only_await_their_review_are_said_and_lead_to_them(cast, sign_in):
    make_programme(cast, status="ended", starts_on=datetime.date(2021, 1, 1), ends_on=datetime.date(2021, 12, 31))
    make_programme(cast)
    html = sign_in(cast.hoa).get("/bang-dieu-hanh/?ky=2021").content.decode()
    assert "Không có chương trình đang hiệu lực theo bộ lọc này" in html and "Xem cả 0" not in html
    assert "0 việc cần chỉ đạo" not in html
    url = re.search(r'<small><span><a href="([^"]+)">1 chương trình chờ tổng kết', html)[1].replace("&amp;", "&")
    assert rows(sign_in(cast.hoa), url) == 1


@pytest.mark.parametrize("path", PAGES[1:])
def test_empty_data_is_said_and_never_a_nought(cast, sign_in, path):
    html = sign_in(cast.phuong).get(path).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    assert "chưa" in main.lower() or "không" in main.lower()
    assert not re.search(r"[>\s]0 ?%", main)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "query",
    [
        "ky=2026-13&uy-ban=abc&linh-vuc=%00&doi-tac=-1&dia-ban=%D9%A3",
        "ky=%3Cscript%3Ealert(1)%3C/script%3E&linh-vuc=%22%3E%3Cscript%3Ealert(1)",
        f"ky={'9' * 5000}&uy-ban={'9' * 40}&page={'9' * 40}",
        "ky=2026&ky=2025&page=-1&tai=xlsx&noi-dung=%00&so-lieu=%27;drop&don-vi=%C2%B2",
        "muc=__class__&page=1e9&don-vi=%ff%fe",
    ],
)
def test_hostile_addresses_are_answered(cast, sign_in, path, query):
    answer = sign_in(cast.lan).get(f"{path}?{query}")
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content


@pytest.mark.parametrize(
    "address",
    [
        "?uy-ban=999999999", "don-vi/?doi-tac=999999999", "chi-tieu/?dia-ban=999999999", "noi-dung/?linh-vuc=khong-co",
        "chuong-trinh/?nhom=khac", "chuong-trinh/?don-vi=999999999", "nhiem-vu/?noi-dung=khong-co",
        "nhiem-vu/?so-lieu=khac", "hoat-dong/?don-vi=999999999", "chi-tieu/?muc-do=khac", "so-lieu/999999999/",
    ],
)  # fmt: skip
def test_conditions_on_what_does_not_exist_are_not_found(cast, sign_in, address):
    assert sign_in(cast.lan).get(f"/bang-dieu-hanh/{address}").status_code == 404


def test_nothing_of_another_committee_is_counted_or_listed(cast, sign_in):
    task = make_task(cast, due_on=timezone.localdate() - datetime.timedelta(days=4))
    indicator = make_indicator(task)
    cells.add(make_activity(cast, task, review="accepted", values={indicator: 3}, locality=cast.commune))
    client = sign_in(cast.phuong)
    assert client.get("/bang-dieu-hanh/don-vi/").context["found"].rows == []
    assert client.get("/bang-dieu-hanh/chi-tieu/").context["found"].rows == []
    found = client.get("/bang-dieu-hanh/noi-dung/").context["found"]
    assert (found.all_tasks, found.activities, found.with_data) == (0, 0, 0)
    for path in LISTS:
        assert rows(client, f"/bang-dieu-hanh/{path}?doi-tac={cast.health.pk}") == 0
    assert client.get(f"/bang-dieu-hanh/so-lieu/{indicator.pk}/").status_code == 404
    offered = client.get("/bang-dieu-hanh/loc/").content.decode()
    assert "Sở Y tế" not in offered  # it is a partner in programmes of others only


def test_numbers_of_the_first_screen_equal_the_lists_they_link_to(cast, sign_in):
    programme = make_programme(cast)
    make_programme(cast)
    ProgrammeFigure.objects.create(
        programme=programme, computed_on=timezone.localdate(), standing="behind", progress="0.2", elapsed="0.6"
    )
    make_task(cast, programme, due_on=timezone.localdate() - datetime.timedelta(days=4))
    client = sign_in(cast.hoa)
    page = client.get("/bang-dieu-hanh/")
    board, context = page.context["board"], page.context
    assert rows(client, context["behind_url"]) == board.behind == 1
    assert rows(client, context["unmeasured_url"]) == board.unmeasured == 1
    assert rows(client, context["on_track_url"]) == board.on_track == 0
    assert rows(client, context["overdue_url"]) == board.overdue == 1
    assert rows(client, context["in_force_url"]) == board.in_force == 2
    linked = set(re.findall(r'href="([^"]+)"', page.content.decode().replace("&amp;", "&")))
    assert {board.units.total.total_url, board.units.first.overdue_url, context["units_url"]} <= linked
    assert re.search(r"Chậm 40 điểm", page.content.decode())
    narrowed = client.get(f"/bang-dieu-hanh/?doi-tac={cast.stranger.pk}")
    assert narrowed.context["board"].in_force == 0 and "Sở Tư pháp" in narrowed.content.decode()
    assert client.get(f"/bang-dieu-hanh/?doi-tac={cast.health.pk}").context["board"].behind == 1


def numbers_of(client, scope):
    """Yield (number, address) of everything that the sections show under these conditions."""
    units = client.get(scope.url("insights:dashboard_units")).context["found"]
    for row in (*units.rows, units.total):
        yield from ((number, url) for _state, number, url, _label in row.cells)
        yield row.total, row.total_url
        yield row.total - row.counts[due.WITHIN], row.settled_url  # what both rates are shares of
        yield row.programmes, row.programmes_url
        yield row.activities, row.activities_url
    groups = client.get(scope.url("insights:dashboard_content"))
    for row in groups.context["found"].rows:
        yield row.tasks, row.tasks_url
        yield row.with_data, row.with_data_url
        yield row.activities, row.activities_url
    found = groups.context["found"]
    yield found.all_tasks, groups.context["tasks_url"]
    yield found.with_data, groups.context["with_data_url"]
    yield found.activities, groups.context["activities_url"]
    assert found.activities == units.total.activities
    levels = client.get(scope.url("insights:dashboard_indicators")).context["levels"]
    yield from ((item["count"], item["url"]) for item in levels)


def on_first_screen(client, scope):
    """Yield the same of the first screen."""
    page = client.get(scope.url())
    board = page.context["board"]
    for name in ("in_force", "on_track", "behind", "unmeasured", "overdue"):
        yield getattr(board, name), page.context[f"{name}_url"]
    yield board.awaiting_review, page.context["unreviewed_url"]
    yield from ((int(words.split()[0]), url) for words, url in board.overdue_notes)
    assert board.overdue == sum(int(words.split()[0]) for words, _url in board.overdue_notes)
    for row in (*board.units.rows, board.units.total):
        yield from ((number, url) for _state, number, url, _label in row.cells)


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_every_number_of_the_demo_equals_its_list_under_each_condition(demo, sign_in):
    assert AS_OF == "23/11/2026"
    hoa = User.objects.get(username="hoa")
    client = sign_in(hoa)
    place = Locality.objects.get(pk=most_used_place(client))
    health = next(row for row in client.get("/bang-dieu-hanh/don-vi/").context["found"].rows if row.overdue)
    field = client.get("/bang-dieu-hanh/loc/").context["fields"][2].pairs[0][0]
    scopes = [
        Scope(), Scope(period="2026"), Scope(period="2026-Q3"), Scope(partner=health.unit.pk), Scope(field=field),
        Scope(place=place.pk, period="2026"),
    ]  # fmt: skip
    counted = {}
    for scope in scopes if os.environ.get("SOAK") else scopes[::2]:
        for number, url in (*numbers_of(client, scope), *on_first_screen(client, scope)):
            if url not in counted:
                counted[url] = rows(client, url)
            assert counted[url] == number, url
    assert len(counted) > 100
    assert sum(1 for number in counted.values() if number) > 60


def most_used_place(client):
    """Return the commune with the most accepted activities in the list."""
    page = client.get("/bang-dieu-hanh/hoat-dong/?ky=2026")
    places = [row.locality_id for row in page.context["page_obj"] if row.locality_id]
    return max(places, key=places.count)


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_every_result_of_the_demo_is_the_sum_of_its_values(demo, sign_in):
    client = sign_in(User.objects.get(username="hoa"))
    sums = 0
    for period in ("", "2026"):
        found = client.get(Scope(period=period).url("insights:dashboard_indicators")).context["found"]
        assert len(found.rows) > 50 and found.behind and found.counted
        for row in found.rows:
            page = client.get(row.url)
            values = list(page.context["page_obj"].object_list)
            assert (row.actual is None) == (not values), row
            if page.context["is_sum"]:
                sums += 1
                assert page.context["total"] == row.actual, row
            elif values:
                assert row.actual in {value.value for value in values} or row.indicator.roll_up != "latest"
    assert sums > 60
    html = client.get("/bang-dieu-hanh/chi-tieu/").content.decode()
    assert re.search(r"trong <a [^>]*>\d+</a> chỉ tiêu chậm; chậm nhất là Cuộc kiểm tra liên ngành", html)
    assert FRESH in html


def test_a_table_is_downloaded_with_the_same_numbers_and_no_formula(cast, sign_in):
    programme = make_programme(cast)
    task = make_task(cast, programme, due_on=timezone.localdate() - datetime.timedelta(days=4))
    indicator = make_indicator(task, name="=HYPERLINK(1)")
    cells.add(make_activity(cast, task, review="accepted", values={indicator: Decimal("2.5")}))
    client = sign_in(cast.hoa)
    scope = Scope(partner=cast.health.pk)
    files = {}
    for path in SECTIONS[:-1]:  # without two to compare there is no table
        answer = client.get(f"/bang-dieu-hanh/{path}", scope.query() | {"tai": "csv"})
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert re.fullmatch(r'attachment; filename="[a-z-]+-\d{4}-\d\d-\d\d\.csv"', answer["Content-Disposition"])
        files[path] = tables.read_csv(answer.content)
        assert files[path][-2][0] == "Đơn vị phối hợp: Sở Y tế"
        assert FRESH in files[path][-1][0]
    unit = next(row for row in files["don-vi/"] if row[0] == "Sở Y tế")
    assert unit[1:] == ["1", "0", "0", "0", "1", "0,0", "0,0", "1", "1"]
    assert files[""][1][:3] == [programme.name, programme.code, "Sở Y tế"]
    first, last = f"{programme.starts_on:%d/%m/%Y}", f"{programme.ends_on:%d/%m/%Y}"
    assert files["chi-tieu/"][1][:10] == [
        programme.name, first, last, "", "'=HYPERLINK(1)", "Sở Y tế", "cuộc", "2,5", "Tăng là tốt", "480"
    ]  # fmt: skip
    assert files["chi-tieu/"][0][-1] == files["noi-dung/"][0][3] == "Tình trạng"
    groups = {row[0]: row[3:] for row in files["noi-dung/"] if row}
    assert groups["Chưa xếp nhóm"][1:] == groups["Cộng"][1:] == ["1", "1", "1"]
    assert groups["Chưa xếp nhóm"][0]
    assert {row[3] for row in files["noi-dung/"][1:] if row[4:5] == ["0"]} == {"chưa có nhiệm vụ"}
    assert files["nguy-co/"][1][:2] == [programme.name, "Sở Y tế"]


def test_files_hold_all_rows_in_the_order_of_their_page(cast, sign_in, monkeypatch):
    rows = [make_programme(cast, title=f"Chương trình {n}") for n in range(3)]
    for n, programme in enumerate(rows):
        ProgrammeFigure.objects.filter(programme=programme).delete()
        ProgrammeFigure.objects.create(
            programme=programme, computed_on=timezone.localdate(), standing="behind" if n else "on_track",
            progress="0.5" if n < 2 else "0.2", expected="0.9", elapsed="0.6", tasks_live=9, tasks_with_data=7,
        )  # fmt: skip
    client = sign_in(cast.hoa)
    page = client.get("/bang-dieu-hanh/")
    html = page.content.decode()
    assert "</a> chương trình chậm, nhất là Chương trình 2</h2>" in html
    assert f'href="{page.context["frame"].csv_url}"' in html
    monkeypatch.setattr(overview, "ROWS_SHOWN", 1)
    file = tables.read_csv(client.get("/bang-dieu-hanh/?tai=csv").content)
    assert [row[0] for row in file[1:4]] == ["Chương trình 2", "Chương trình 1", "Chương trình 0"]
    risks = page.context["board"].rows[0].risks
    assert risks and file[1][5:] == ["20,0", "60,0", "Chậm 40 điểm", "7", "9", str(risks)]
    assert file[3][7] == "Đúng tiến độ" and FRESH in file[-1][0]
    monkeypatch.setattr(overview, "MOST_IN_FILE", 2)
    file = tables.read_csv(client.get("/bang-dieu-hanh/?tai=csv").content)
    assert file[3][0] == "2 chương trình đầu trong 3 chương trình"
    ProgrammeFigure.objects.update(standing="on_track")
    assert "Không chương trình nào chậm" in client.get("/bang-dieu-hanh/").content.decode()
    ProgrammeFigure.objects.update(standing="no_data", progress=None)
    assert "Chưa chương trình nào có số liệu" in client.get("/bang-dieu-hanh/").content.decode()
    task = make_task(cast, rows[0], due_on=timezone.localdate() - datetime.timedelta(days=4))
    lines = [row for row in tables.read_csv(client.get("/bang-dieu-hanh/nguy-co/?tai=csv").content) if row]
    (late,) = [row for row in lines if row[4:5] == ["Nhiệm vụ quá hạn"]]
    due = f"{timezone.localdate() - datetime.timedelta(days=4):%d/%m/%Y}"
    assert late[6:9] == [task.title, "Sở Y tế", due] and late[9].startswith("quá hạn 4 ngày")
    cells.add(make_activity(cast, task, review="accepted"))
    months = [row[0] for row in tables.read_csv(client.get("/bang-dieu-hanh/theo-thang/?tai=csv").content)[1:14]]
    assert months == [
        month.label for month, _ in reversed(client.get("/bang-dieu-hanh/theo-thang/").context["found"].months)
    ]


def test_conditions_are_chips_on_every_page_and_links_keep_them(cast, sign_in):
    make_task(cast)
    client = sign_in(cast.lan)
    scope = Scope(period="2026", partner=cast.health.pk)
    for path in SECTIONS:
        page = client.get(f"/bang-dieu-hanh/{path}", scope.query())
        assert [chip["value"] for chip in page.context["frame"].chips] == ["năm 2026", "Sở Y tế"]
        assert page.context["frame"].chips[0]["url"].endswith(f"{path}?doi-tac={cast.health.pk}")
        assert all("ky=2026&doi-tac=" in tab["url"] for tab in page.context["frame"].tabs)
        here = [tab["url"].partition("?")[0] for tab in page.context["frame"].tabs if tab["current"]]
        assert here == [f"/bang-dieu-hanh/{path}"]
    page = client.get("/viec/?tinh-trang=tat-ca&ky=2026&doi-tac=" + str(cast.health.pk))
    assert [chip["value"] for chip in page.context["chips"]] == ["năm 2026", "Sở Y tế"]
    page = client.get(f"/bang-dieu-hanh/hoat-dong/?ky=2026&don-vi={cast.health.pk}&noi-dung=khac")
    assert [(chip["value"], chip["url"].partition("?")[2]) for chip in page.context["chips"]] == [
        ("năm 2026", f"don-vi={cast.health.pk}&noi-dung=khac"),
        ("Sở Y tế", "ky=2026&noi-dung=khac"),
        ("Chưa xếp nhóm", f"ky=2026&don-vi={cast.health.pk}"),
    ]


def test_the_filter_page_offers_what_occurs_and_leads_back_to_its_section(cast, sign_in):
    make_programme(cast)
    client = sign_in(cast.lan)
    page = client.get(f"/bang-dieu-hanh/loc/?muc=content&ky=2026&doi-tac={cast.health.pk}")
    assert page.context["back_url"].startswith("/bang-dieu-hanh/noi-dung/?ky=2026")
    fields = {field.name: field for field in page.context["fields"]}
    assert {name: field.chosen for name, field in fields.items()} == {
        "ky": "2026", "uy-ban": "", "linh-vuc": "", "doi-tac": str(cast.health.pk), "dia-ban": ""
    }  # fmt: skip
    assert [text for _v, text in fields["doi-tac"].pairs] == ["Sở Y tế", str(cast.committee)]
    assert [text for _v, text in fields["uy-ban"].pairs] == [str(cast.committee)]
    html = page.content.decode()
    assert 'action="/bang-dieu-hanh/loc/"' in html and 'name="ap-dung" value="1"' in html
    form = {"muc": "content", "ky": "2026", "uy-ban": "", "linh-vuc": "", "doi-tac": cast.health.pk, "dia-ban": ""}
    answer = client.get("/bang-dieu-hanh/loc/", form | {"tim": "", "ap-dung": "1"})
    assert answer["Location"] == f"/bang-dieu-hanh/noi-dung/?ky=2026&doi-tac={cast.health.pk}"
    assert client.get("/bang-dieu-hanh/loc/?ap-dung=1&ky=&tim=a")["Location"] == "/bang-dieu-hanh/"


def test_accepted_activities_past_the_bound_keep_their_number(cast, sign_in, monkeypatch):
    task = make_task(cast)
    for month in range(1, 7):
        on = datetime.date(2026, month, 2)
        cells.add(make_activity(cast, task, review="accepted", households=month, starts_on=on))
    client = sign_in(cast.hoa)
    url = "/bang-dieu-hanh/hoat-dong/?ky=2026"
    assert rows(client, url) == 6
    monkeypatch.setattr(paging, "COUNTED", 4)
    monkeypatch.setattr(dashboard_list_views, "A_PAGE", 4)
    page = client.get(url)
    assert (page.context["page_obj"].paginator.count, page.context["page_obj"].paginator.num_pages) == (6, 2)
    assert [row.starts_on.month for row in page.context["page_obj"]] == [6, 5, 4, 3]
    carried = client.get(url + "&so-do=ho")
    assert (carried.context["total"], carried.context["page_obj"].paginator.count) == (21, 6)


def test_too_much_to_read_at_once_is_said_and_still_counted(cast, sign_in, monkeypatch):
    monkeypatch.setattr(content, "MOST_TASKS", 1)
    monkeypatch.setattr(indicators, "MOST_TASKS", 1)
    for _n in range(2):
        task = make_task(cast)
        cells.add(make_activity(cast, task, review="accepted", values={make_indicator(task): 1}))
    client = sign_in(cast.lan)
    page = client.get("/bang-dieu-hanh/noi-dung/")
    found = page.context["found"]
    assert (found.is_too_much, found.all_tasks, found.with_data, found.activities) == (True, 2, None, 2)
    assert "Quá nhiều nhiệm vụ" in page.content.decode()
    every = client.get("/bang-dieu-hanh/nhiem-vu/?so-lieu=co")
    assert (every.context["page_obj"].paginator.count, every.context["chips"]) == (2, [])
    assert "Quá nhiều chỉ tiêu" in client.get("/bang-dieu-hanh/chi-tieu/").content.decode()


def test_values_of_a_level_are_listed_but_not_added(cast, sign_in):
    task = make_task(cast)
    rate = make_indicator(task, kind="ratio", roll_up="latest", direction="down", unit="%", baseline=10, target=5)
    for month, value in ((3, 8), (9, 6)):
        cells.add(
            make_activity(cast, task, review="accepted", values={rate: value}, starts_on=datetime.date(2026, month, 2))
        )
    page = sign_in(cast.hoa).get(f"/bang-dieu-hanh/so-lieu/{rate.pk}/?ky=2026-Q3&doi-tac={cast.health.pk}")
    assert page.context["total"] is None
    assert [row.value for row in page.context["page_obj"]] == [6, 8]  # a level holds until the next value
    assert [chip["value"] for chip in page.context["chips"]] == ["quý III/2026"]
    assert Indicator.objects.get() == rate
