"""Pages of places, levels, months, changes: each number equals its list at the demo; files; the press of a leader."""

from __future__ import annotations

import datetime
import re

import pytest
import time_machine
from django.utils import timezone

from activities.models import ProgressReport
from activities.services import cells
from agreements.models import DailyFigure, Programme, ProgrammeFigure
from core import briefings
from core.models import AuditEntry, User
from documents import tables
from insights import due
from insights.dashboard import levels, localities
from insights.scope import Scope
from partners.models import Locality
from tests.make import make_activity, make_programme, make_task

PATHS = ("dia-ban/", "uy-ban/", "theo-thang/", "thay-doi/")
AT = "2026-11-23 08:00+07:00"


def page_of(client, url):
    page = client.get(url)
    assert page.status_code == 200, url
    return page


def rows(client, url):
    return page_of(client, url).context["page_obj"].paginator.count


def linked(page):
    return set(re.findall(r'href="([^"]+)"', page.content.decode().replace("&amp;", "&")))


def leader(sign_in):
    """Return a client of the leader of the demo, signed in by the clock of the test."""
    return sign_in(User.objects.get(username="hoa"))


@pytest.mark.django_db
@time_machine.travel(AT, tick=False)
def test_every_number_of_places_equals_its_list(demo, sign_in):
    hoa = leader(sign_in)
    place = Locality.objects.filter(name="Phường Phan Đình Phùng").get()
    scopes = [Scope(), Scope(period="2026"), Scope(place=place.pk), Scope(place=place.parent_id, period="2026-Q3")]
    checked = 0
    for scope in scopes:
        page = page_of(hoa, scope.url("insights:dashboard_localities"))
        found = page.context["found"]
        shown = [row for row in (*found.communes, *found.others, *found.provinces) if row.amount]
        assert sum(row.value for row in shown) == found.total.value
        assert rows(hoa, found.total_url) == found.total.value
        for row in (*shown[:6], *shown[-4:]):
            checked += 1
            assert rows(hoa, row.url) == row.value, row
        assert not found.tiles or {row.url for row in found.tiles} <= linked(page)
    assert checked > 25
    for measure in ("ho", "nguoi", "luot", "kinh-phi"):
        found = page_of(hoa, f"/bang-dieu-hanh/dia-ban/?so-do={measure}").context["found"]
        for row in (*(row for row in found.communes[:3] if row.amount), *found.others):
            page = page_of(hoa, row.url)
            assert (page.context["total"], page.context["page_obj"].paginator.count) == (row.value, row.amount.rows)
        if found.total.rows:
            assert page_of(hoa, found.total_url).context["total"] == found.total.value
    whole = page_of(hoa, "/bang-dieu-hanh/dia-ban/").context["found"]
    assert len(whole.communes) == 92
    assert len({row.cell for row in whole.tiles}) == 92


@pytest.mark.django_db
@time_machine.travel(AT, tick=False)
def test_every_number_of_levels_equals_its_list(demo, sign_in):
    hoa = leader(sign_in)
    page = page_of(hoa, "/bang-dieu-hanh/uy-ban/")
    found = page.context["found"]
    urls = linked(page)
    for row in (*found.levels, *found.below):
        for name, number, url in row.groups:
            assert rows(hoa, url) == number, (row.label, name)
        for state, number, url, _label in row.cells:
            assert rows(hoa, url) == number, (row.label, state)
            assert not number or url in urls
        settled = row.total - row.held.due[due.WITHIN]
        assert rows(hoa, row.settled_url) == settled  # what both rates are shares of
        assert not settled or row.settled_url in urls
        assert rows(hoa, row.behind_url) == row.behind
        assert rows(hoa, row.in_force_url) == row.held.programmes["in_force"]
        assert rows(hoa, row.tasks_url) == row.held.tasks
        assert rows(hoa, row.with_data_url) == row.held.with_data
    assert found.own.held.programmes["all"] == found.whole.held.programmes["all"] > 5


@pytest.mark.django_db
@time_machine.travel(AT, tick=False)
def test_every_number_of_the_months_equals_its_list(demo, sign_in):
    hoa = leader(sign_in)
    page = page_of(hoa, "/bang-dieu-hanh/theo-thang/")
    found = page.context["found"]
    counted = {}
    for pair in found.months:
        for month in pair:
            for number, url in (
                (month.activities or 0, month.activities_url),
                (month.total, month.settled_url),
                (month.due.done_on_time, month.on_time_url),
            ):
                if url not in counted:
                    counted[url] = rows(hoa, url)
                assert counted[url] == number, url
    assert sum(1 for number in counted.values() if number) > 40
    assert found.breaks  # the reorganisations of 2025 lie in the year before
    assert found.change is None and found.now and found.earlier
    html = page.content.decode()
    assert "vì đơn vị đã thay đổi tổ chức" in html and "so với" not in html  # the finding does not compare across them
    assert [cut.is_now for cut in found.activity_chart.cuts] == [False, False]
    assert "năm trước: 01/03/2025" in html and "năm trước: 01/07/2025" in html
    assert (found.all.activities, found.all.total) == (
        sum(month.activities or 0 for month, _earlier in found.whole), sum(month.total for month, _e in found.whole)
    )  # fmt: skip


@pytest.mark.django_db
@time_machine.travel(AT, tick=False)
@pytest.mark.parametrize("condition", ["", "ky=2026-Q2", "cap=rieng", "linh-vuc", "doi-tac", "dia-ban"])
def test_every_number_of_the_months_together_equals_its_list(demo, sign_in, condition):
    hoa, programme = leader(sign_in), Programme.objects.live().exclude(field_of_work=None).order_by("pk")[0]
    values = {
        "cap=rieng": f"uy-ban={programme.owner_id}&cap=rieng",
        "linh-vuc": f"linh-vuc={programme.field_of_work.code}",
        "doi-tac": f"doi-tac={programme.parties.exclude(organisation=programme.owner_id).first().organisation_id}",
        "dia-ban": f"dia-ban={Locality.objects.get(code='19').pk}",
    }
    page = page_of(hoa, f"/bang-dieu-hanh/theo-thang/?{values.get(condition, condition)}")
    found, urls = page.context["found"], linked(page)
    assert len(found.whole) == 12
    numbers = [
        (number, url)
        for month in (found.all, found.all_earlier)
        for number, url in (
            (month.activities or 0, month.activities_url),
            (month.total, month.settled_url),
            (month.due.done_on_time, month.on_time_url),
        )
    ]
    for number, url in numbers:
        assert rows(hoa, url) == number, url
    assert {url for number, url in numbers[:3] if number} <= urls
    assert any(number for number, _url in numbers)
    first, last = found.whole[0][0], found.whole[-1][0]
    chip = page_of(hoa, found.all.settled_url).context["chips"][0]
    assert chip["value"] == f"tháng {first.label} – tháng {last.label}"


@pytest.mark.django_db
@time_machine.travel(AT, tick=False)
@pytest.mark.parametrize("since", ["hom-qua", "tuan", "thang"])
def test_every_number_of_changes_equals_its_list(demo, sign_in, since):
    hoa = leader(sign_in)
    page = page_of(hoa, f"/bang-dieu-hanh/thay-doi/?so-voi={since}")
    found = page.context["found"]
    assert found.day == found.asked
    assert len(found.differences) == 7
    for one in found.differences:
        assert rows(hoa, one.now_url) == one.now, one.label
        assert one.now_url in linked(page)
    assert rows(hoa, found.overdue_url) == len(found.overdue)
    assert rows(hoa, found.finished_url) == len(found.finished)
    for item in page.context["lists"]:
        listed = page_of(hoa, item["url"])
        assert listed.context["page_obj"].paginator.count == item["count"]
    known = DailyFigure.objects.filter(day=found.day)
    assert sum(row.activities for row in known) <= found.differences[-1].now
    if since == "thang":
        assert found.differences[-1].change > 0


def test_the_press_of_a_leader_is_kept_once_and_compared_with_later(cast, sign_in):
    programme = make_programme(cast)
    with time_machine.travel("2026-11-16 09:00+07:00", tick=False):
        client = sign_in(cast.hoa)
        page = page_of(client, "/bang-dieu-hanh/thay-doi/?so-voi=giao-ban")
        assert "Chưa ghi buổi nghe báo cáo nào" in page.content.decode()
        assert client.get("/bang-dieu-hanh/da-nghe/").status_code == 405
        key = re.search(
            r'da-nghe/"><input[^>]+><input type="hidden" name="form_key" value="([^"]+)"', page.content.decode()
        )
        for _n in range(2):
            answer = client.post("/bang-dieu-hanh/da-nghe/", {"form_key": key[1]})
            assert answer["Location"] == "/bang-dieu-hanh/thay-doi/?so-voi=giao-ban"
        assert "Hôm nay đã nghe báo cáo" in page_of(client, "/bang-dieu-hanh/thay-doi/").content.decode()
        DailyFigure.objects.create(programme=programme, day=timezone.localdate(), standing="on_track")
    assert AuditEntry.objects.filter(action=briefings.HEARD).count() == 1
    with time_machine.travel("2026-11-19 09:00+07:00", tick=False):
        ProgrammeFigure.objects.create(programme=programme, computed_on=timezone.localdate(), standing="behind")
        page = page_of(sign_in(cast.hoa), "/bang-dieu-hanh/thay-doi/?so-voi=giao-ban")
        assert page.context["found"].day == datetime.date(2026, 11, 16)
        assert "1 chương trình đổi mức từ 16/11/2026: 1 xấu đi, 0 tốt lên" in page.content.decode()
        assert "lần trước 16/11/2026" in page.content.decode()


@pytest.mark.parametrize("who", ["lan", "minh", "duc"])
def test_only_a_leader_marks_a_briefing(cast, sign_in, who):
    client = sign_in(getattr(cast, who))
    assert client.post("/bang-dieu-hanh/da-nghe/").status_code == 403
    if who == "lan":
        assert "da-nghe" not in page_of(client, "/bang-dieu-hanh/thay-doi/").content.decode()


def test_days_without_figures_are_said_plainly(cast, sign_in):
    programme = make_programme(cast)
    client = sign_in(cast.lan)
    today = timezone.localdate()
    html = page_of(client, "/bang-dieu-hanh/thay-doi/").content.decode()
    day = f"{today - datetime.timedelta(days=7):%d/%m/%Y}"
    assert f"Không có số liệu lưu của ngày {day}" in html
    assert "t-diff" not in html
    DailyFigure.objects.create(programme=programme, day=today - datetime.timedelta(days=9))
    html = page_of(client, "/bang-dieu-hanh/thay-doi/").content.decode()
    assert f"dùng thay số liệu ngày {today - datetime.timedelta(days=9):%d/%m/%Y}" in html


def test_reports_accepted_since_are_listed(cast, sign_in):
    from tests.walk import make_reports

    task = make_task(cast)
    sent, _draft = make_reports(cast, task)
    DailyFigure.objects.create(programme=task.programme, day=timezone.localdate() - datetime.timedelta(days=7))
    client = sign_in(cast.hoa)
    url = "/bang-dieu-hanh/thay-doi/?xem=bao-cao"
    assert rows(client, url) == 0
    now = timezone.now()
    ProgressReport.objects.filter(duty=sent).update(
        review="accepted", reviewed_at=now, reviewed_by=cast.lan, cut_off=now
    )
    page = page_of(client, url)
    assert [report.duty for report in page.context["page_obj"]] == [sent]
    assert f"/bao-cao/{sent.pk}/" in page.content.decode() or str(sent.pk) in "".join(linked(page))
    ProgressReport.objects.filter(duty=sent).update(reviewed_at=now - datetime.timedelta(days=8))
    assert rows(client, url) == 0


@pytest.mark.parametrize(
    "address",
    [
        "dia-ban/?so-do=khac", "thay-doi/?so-voi=nam", "thay-doi/?xem=khac", "hoat-dong/?so-do=khac",
        "hoat-dong/?so-do=hoat-dong", "hoat-dong/?noi=khac", "uy-ban/?uy-ban=999999999",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(cast, sign_in, address):
    assert sign_in(cast.lan).get(f"/bang-dieu-hanh/{address}").status_code == 404


def test_a_list_says_in_chips_what_it_holds_and_ignores_what_says_nothing(cast, sign_in):
    accepted = make_activity(cast, make_task(cast), review="accepted", locality=cast.commune, households=3)
    cells.add(accepted)
    client = sign_in(cast.lan)
    base = "/bang-dieu-hanh/hoat-dong/"
    assert rows(client, f"{base}?noi=chinh") == 1  # "itself" without a place
    assert rows(client, f"{base}?noi=chinh&dia-ban={cast.commune.pk}") == 1
    assert rows(client, f"{base}?noi=chinh&dia-ban={cast.commune.parent_id}") == 0
    assert rows(client, f"{base}?noi=khong") == 0
    assert rows(client, f"{base}?gom=khac") == 1
    page = page_of(client, f"{base}?so-do=ho&gom=ca-da-dong&noi=khong")
    assert [chip["value"] for chip in page.context["chips"]] == [
        "Hộ gia đình", "gồm cả chương trình đã đóng, trong các tháng chương trình thực hiện", "chưa ghi địa bàn",
    ]  # fmt: skip
    page = page_of(client, f"/viec/?tinh-trang=tat-ca&loai=thoi-han&tu=2026-01-05&uy-ban={cast.committee.pk}&cap=duoi")
    assert [chip["value"] for chip in page.context["chips"]][:2] == ["Thời hạn nhiệm vụ", "05/01/2026"]
    assert page.context["chips"][-1]["value"] == "các ủy ban cấp dưới"
    assert rows(client, "/viec/?tinh-trang=tat-ca&loai=khac&tu=hom-qua") == 1


def test_tables_are_downloaded_with_the_same_numbers(cast, sign_in):
    programme = make_programme(cast)
    task = make_task(cast, programme, due_on=timezone.localdate() - datetime.timedelta(days=4))
    cells.add(make_activity(cast, task, review="accepted", locality=cast.commune, persons=5))
    DailyFigure.objects.create(programme=programme, day=timezone.localdate() - datetime.timedelta(days=1))
    client = sign_in(cast.hoa)
    found = {}
    for path in (*PATHS, "dia-ban/?so-do=nguoi", "thay-doi/?so-voi=hom-qua"):
        address, _mark, query = path.partition("?")
        answer = client.get(f"/bang-dieu-hanh/{address}?{query}&tai=csv")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        found[path] = tables.read_csv(answer.content)
    assert found["dia-ban/"][1] == ["T5788", "Xã Phú Lạc", "1"]
    assert found["dia-ban/?so-do=nguoi"][1] == ["T5788", "Xã Phú Lạc", "5"]
    assert found["uy-ban/"][1][:2] == ["Của chính ủy ban", "1"]
    assert len(found["theo-thang/"]) > 13
    assert found["thay-doi/?so-voi=hom-qua"][4] == ["Quá hạn", "", "1"]
    assert found["thay-doi/?so-voi=hom-qua"][0][1] == f"{timezone.localdate() - datetime.timedelta(days=1):%d/%m/%Y}"
    page = client.get("/bang-dieu-hanh/dia-ban/?so-do=nguoi")
    assert page.context["frame"].csv_url == "/bang-dieu-hanh/dia-ban/?so-do=nguoi&tai=csv"
    assert levels.GROUPS["behind"] == "cham"
    assert set(localities.MEASURES) == {"hoat-dong", "ho", "nguoi", "luot", "kinh-phi"}
