"""The past day of what changed: every number equals the sum of its list, in the demo and by hand; days without."""

from __future__ import annotations

import datetime
import gzip
import re

import pytest
import time_machine
from django.db.models import Sum
from django.utils import timezone

from activities.models import Activity
from activities.services import cells
from agreements.models import DailyFigure, Programme, ProgrammeFigure
from core.models import AuditEntry, User
from documents import tables
from insights.dashboard import changes, past
from insights.scope import OWN, Scope
from partners.models import Locality, Organisation
from tests.make import make_activity, make_programme, make_task

AT = "2026-11-23 08:00+07:00"
DAY = datetime.date(2026, 7, 10)
THEN = datetime.date(2026, 7, 3)
LIST = "/bang-dieu-hanh/thay-doi/chuong-trinh/"
COLUMNS = {"qua-han": "due_overdue", "dung-han": "due_on_time", "muon": "due_late", "hoat-dong": "activities"}


def open_(client, url):
    page = client.get(url)
    assert page.status_code == 200, url
    return page


def rows(client, url):
    return open_(client, url).context["page_obj"].paginator.count


def linked(page):
    return re.findall(r'href="([^"]+)"', page.content.decode().replace("&amp;", "&"))


def keep(programme, then, now, **more):
    """Keep figures of THEN and let others stand; each a dict."""
    DailyFigure.objects.create(programme=programme, day=THEN, **then)
    ProgrammeFigure.objects.create(programme=programme, computed_on=DAY, **now, **more)


def of(cast, key, scope=None, user=None, day=THEN):
    return past.read(user or cast.hoa, scope or Scope(), DAY, key, day)


def lines(found):
    return [(line.programme.pk, line.then, line.now, line.change) for line in found.lines]


def demo_scopes():
    poverty = Programme.objects.get(code="CT-2023-015")
    province = Organisation.objects.get(pk=poverty.owner_id)
    partner = poverty.parties.exclude(organisation=province).first().organisation_id
    place = Locality.objects.filter(name="Phường Phan Đình Phùng").get()
    return {
        "none": Scope(),
        "own": Scope(committee=province.pk, level=OWN),
        "committee": Scope(committee=province.pk),
        "field": Scope(field=poverty.field_of_work.code),
        "partner": Scope(partner=partner),
        "place": Scope(place=place.pk),
        "province": Scope(place=place.parent_id, partner=partner),
    }


@pytest.mark.django_db
@time_machine.travel(AT, tick=False)
@pytest.mark.parametrize("since", ["hom-qua", "tuan", "thang"])
def test_every_number_of_a_past_day_equals_its_list_under_each_condition(demo, sign_in, since):
    hoa = sign_in(User.objects.get(username="hoa"))
    checked, changed = 0, 0
    for name, scope in demo_scopes().items():
        page = open_(hoa, scope.url("insights:dashboard_changes", so_voi=since))
        links, section = linked(page), page.context["found"]
        assert len(section.differences) == (6 if scope.place else 7), name
        for one in section.differences:
            listed = open_(hoa, one.url)
            found = listed.context["found"]
            assert links.count(one.url) == 2  # the number of then and the difference
            assert (found.day, found.is_kept) == (section.day, True)
            assert (found.total.then or 0, found.total.now or 0, found.total.change) == (one.then, one.now, one.change)
            assert sum(line.then or 0 for line in found.lines) == one.then, (name, one.label)
            assert sum(line.now or 0 for line in found.lines) == one.now
            assert sum(line.change for line in found.lines) == one.change
            sizes = [line.size for line in found.lines]
            assert sizes == sorted(sizes, reverse=True)
            assert len(sizes) == listed.context["page_obj"].paginator.count
            assert found.now_url == one.now_url
            back = listed.context["frame"].back_url
            assert open_(hoa, back).context["found"].day == section.day
            checked += 1
            changed += bool(one.change)
    assert checked == 47
    assert changed or since == "hom-qua"


@pytest.mark.django_db
@time_machine.travel(AT, tick=False)
def test_what_was_stored_is_what_is_shown_and_each_line_of_today_leads_to_its_rows(demo, sign_in):
    hoa = sign_in(User.objects.get(username="hoa"))
    day = datetime.date(2026, 10, 23)
    live = Programme.objects.visible_to(User.objects.get(username="hoa")).live()
    for key, column in COLUMNS.items():
        found = open_(hoa, past.url(Scope(), key, day)).context["found"]
        stored = DailyFigure.objects.filter(day=day, programme__in=live)
        assert found.total.then == stored.aggregate(n=Sum(column))["n"]
        assert {line.programme.pk: line.then for line in found.lines if line.then} == dict(
            stored.filter(**{f"{column}__gt": 0}).values_list("programme", column)
        )
        for line in found.lines[:4]:
            assert rows(hoa, line.now_url) == line.now, (key, line)
    found = open_(hoa, past.url(Scope(), "hoat-dong", day)).context["found"]
    assert rows(hoa, found.rows_url) == found.total.change > 0  # nothing was taken back in the demo


def test_lines_are_what_each_programme_adds_the_largest_change_first(cast):
    fell, rose, same, none, new = (make_programme(cast, title=title) for title in "ABCDE")
    keep(fell, {"standing": "on_track", "overdue": 1}, {"standing": "behind", "overdue": 5})
    keep(rose, {"standing": "behind", "overdue": 3}, {"standing": "ahead", "overdue": 1})
    keep(same, {"standing": "behind", "overdue": 2}, {"standing": "behind", "overdue": 2})
    keep(none, {"standing": "too_early"}, {"standing": "no_data"})
    ProgrammeFigure.objects.create(programme=new, computed_on=DAY, standing="behind", overdue=1)
    found = of(cast, "qua-han")
    assert lines(found) == [(fell.pk, 1, 5, 4), (rose.pk, 3, 1, -2), (new.pk, None, 1, 1), (same.pk, 2, 2, 0)]
    assert (found.total.then, found.total.now, found.total.change, found.total.tone) == (6, 9, 3, "bad")
    assert [line.tone for line in found.lines] == ["bad", "good", "bad", ""]
    found = of(cast, "cham")
    assert lines(found) == [(fell.pk, 0, 1, 1), (rose.pk, 1, 0, -1), (new.pk, None, 1, 1), (same.pk, 1, 1, 0)]
    shown = [(line.before_words, line.after_words) for line in found.lines]
    assert shown == [("Đúng tiến độ", "Chậm"), ("Chậm", "Vượt tiến độ"), ("", "Chậm"), ("Chậm", "Chậm")]
    assert lines(of(cast, "dung")) == [(fell.pk, 1, 0, -1), (rose.pk, 0, 1, 1)]
    assert lines(of(cast, "chua-co-so-lieu")) == [(none.pk, 1, 1, 0)]
    assert lines(of(cast, "chua-luu")) == [(new.pk, None, 1, 1)]
    section = changes.read(cast.hoa, Scope(), DAY)
    assert (section.newcomers, section.newcomers_count) == ([new], 1)
    assert section.newcomers_url == f"{LIST}?so=chua-luu&ngay=2026-07-03"
    with pytest.raises(KeyError):
        of(cast, "khac")


def test_a_programme_not_reported_then_is_no_nought(cast, sign_in):
    old, new = make_programme(cast), make_programme(cast)
    today = timezone.localdate()
    DailyFigure.objects.create(programme=old, day=today - datetime.timedelta(days=7), overdue=0)
    for programme in (old, new):
        ProgrammeFigure.objects.create(programme=programme, computed_on=today, overdue=2)
    client = sign_in(cast.hoa)
    html = open_(client, f"{LIST}?so=qua-han").content.decode()
    cells_ = re.findall(r"<tr><th.*?</tr>", html, re.DOTALL)
    of_new = next(row for row in cells_ if new.code in row)
    of_old = next(row for row in cells_ if old.code in row)
    assert re.search(r">– <span class=\"cap\">không có số liệu ngày đó</span>", of_new)
    assert re.search(r'<td class="num" data-l="[^"]+">0</td>', of_old)
    section = open_(client, "/bang-dieu-hanh/thay-doi/")
    url = section.context["found"].newcomers_url
    assert url in linked(section)
    assert rows(client, url) == section.context["found"].newcomers_count == 1


def test_what_left_the_readers_sight_is_in_neither_number(cast):
    here, closed, deleted, suspended = (make_programme(cast) for _n in range(4))
    for programme in (here, closed, deleted, suspended):
        keep(programme, {"standing": "behind", "overdue": 1}, {"standing": "behind", "overdue": 2})
    Programme.objects.filter(pk=closed.pk).update(status="closed")
    Programme.objects.filter(pk=suspended.pk).update(status="suspended", status_reason="Tạm dừng")
    deleted.delete()
    foreign = make_programme(cast, owner=cast.other_committee)
    keep(foreign, {"overdue": 9}, {"overdue": 9})
    section = {one.label: one for one in changes.read(cast.hoa, Scope(), DAY).differences}
    found = of(cast, "qua-han")
    assert sorted(lines(found)) == [(here.pk, 1, 2, 1), (suspended.pk, 1, 2, 1)]
    assert (section["Thời hạn quá hạn"].then, section["Thời hạn quá hạn"].now) == (2, 4)
    assert lines(of(cast, "cham")) == [(here.pk, 1, 1, 0)]  # standings are of what is in force
    assert (section["Chương trình chậm"].then, section["Chương trình chậm"].now) == (1, 1)
    assert lines(of(cast, "qua-han", user=cast.phuong)) == [(foreign.pk, 9, 9, 0)]
    nowhere = of(cast, "qua-han", Scope(committee=cast.other_committee.pk))
    assert (lines(nowhere), nowhere.is_kept, nowhere.total.then) == ([], False, None)


@pytest.mark.parametrize(
    "day", ["", "hom-qua", "2026-13-01", "2026-02-30", "20260703", "%00", "9" * 300, "%D9%A3", "1999-01-01"]
)
def test_a_day_that_is_none_counts_as_not_given(cast, sign_in, day):
    DailyFigure.objects.create(programme=make_programme(cast), day=timezone.localdate() - datetime.timedelta(days=7))
    page = open_(sign_in(cast.lan), f"{LIST}?so=qua-han&ngay={day}")
    assert page.context["found"].day == timezone.localdate() - datetime.timedelta(days=7)
    assert page.context["frame"].back_url == "/bang-dieu-hanh/thay-doi/"


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_of_a_day_without_figures_nothing_is_shown(cast, sign_in, day):
    programme = make_programme(cast)
    ProgrammeFigure.objects.create(programme=programme, computed_on=timezone.localdate(), overdue=2)
    client = sign_in(cast.lan)
    for key in past.NUMBERS:
        page = open_(client, f"{LIST}?so={key}&ngay={day}")
        html = page.content.decode()
        assert f"Không có số liệu lưu của ngày {day[8:]}/{day[5:7]}/{day[:4]}" in html
        assert "<table" not in html and "tai=csv" not in html
        assert (page.context["page_obj"].paginator.count, page.context["found"].table.rows) == (0, [])


def test_another_number_or_a_condition_on_nothing_is_not_found(cast, sign_in):
    client = sign_in(cast.lan)
    for query in ("so=khac", "so=%00", "uy-ban=999999999", "dia-ban=999999999"):
        assert client.get(f"{LIST}?{query}").status_code == 404


def test_nothing_added_on_both_days_is_said(cast, sign_in):
    DailyFigure.objects.create(programme=make_programme(cast), day=timezone.localdate() - datetime.timedelta(days=7))
    html = open_(sign_in(cast.lan), f"{LIST}?so=muon").content.decode()
    assert "Không chương trình nào có, cả ngày đó lẫn hiện nay" in html


def test_of_a_place_activities_of_today_lead_nowhere_as_the_figures_are_of_whole_programmes(cast):
    at = Scope(place=cast.commune.pk)
    assert past.now_url(at, "hoat-dong") == past.now_url(at, "hoat-dong", 4) == ""
    assert past.now_url(Scope(), "hoat-dong", 4) == "/bang-dieu-hanh/hoat-dong/?chuong-trinh=4"
    assert past.now_url(at, "cham") == f"/bang-dieu-hanh/chuong-trinh/?dia-ban={cast.commune.pk}&nhom=cham"
    assert past.now_url(at, "cham", 4) == past.now_url(at, "chua-luu") == ""
    assert past.now_url(Scope(), "muon", 4) == "/viec/?tinh-trang=muon&chuong-trinh=4&loai=thoi-han"
    assert "hoat-dong" not in past.compared(at)
    assert past.compared(Scope()) == [key for key in past.NUMBERS if key != "chua-luu"]


def test_the_way_back_is_the_section_that_compares_with_the_day(cast):
    assert changes.since_of(DAY - datetime.timedelta(days=1), cast.hoa, DAY) == "hom-qua"
    assert changes.since_of(DAY - datetime.timedelta(days=5), cast.hoa, DAY) == "hom-qua"  # stood in for it
    assert changes.since_of(DAY - datetime.timedelta(days=9), cast.hoa, DAY) == "tuan"
    assert changes.since_of(DAY - datetime.timedelta(days=30), cast.hoa, DAY) == "thang"
    assert changes.since_of(DAY - datetime.timedelta(days=99), cast.hoa, DAY) == "tuan"
    assert changes.since_of(DAY, cast.hoa, DAY) == "tuan"


def test_the_file_holds_every_line_and_the_sum(cast, sign_in):
    today = timezone.localdate()
    day = today - datetime.timedelta(days=7)
    for n in range(60):
        programme = make_programme(cast)
        DailyFigure.objects.create(programme=programme, day=day, overdue=1)
        ProgrammeFigure.objects.create(programme=programme, computed_on=today, overdue=n % 3)
    client = sign_in(cast.hoa)
    url = f"{LIST}?so=qua-han&ngay={day}"
    page = open_(client, url)
    assert len(page.context["page_obj"].object_list) == 50
    assert f"{url}&tai=csv" in linked(page)
    assert len(gzip.compress(page.content)) < 20_000
    assert "Cộng 60 chương trình" in page.content.decode()  # of all pages, not of this one
    assert len(open_(client, f"{url}&page=2").context["page_obj"].object_list) == 10
    found = tables.read_csv(client.get(f"{url}&tai=csv").content)
    assert found[0][2:4] == [f"{day:%d/%m/%Y}", f"{today:%d/%m/%Y}"]
    assert [len(found[1:61]), found[61][1:5]] == [60, ["Cộng: Thời hạn quá hạn", "60", "60", "0"]]
    assert sum(int(row[4]) for row in found[1:61]) == 0
    assert AuditEntry.objects.filter(action="table.download").count() == 1


def test_activities_accepted_after_a_day(cast, sign_in):
    task = make_task(cast)
    for days in (2, 7, 9):
        row = make_activity(cast, task, review="accepted", persons=2)
        cells.add(row)
        moment = timezone.now() - datetime.timedelta(days=days)
        Activity.objects.filter(pk=row.pk).update(reviewed_at=moment)
    client = sign_in(cast.lan)
    base = "/bang-dieu-hanh/hoat-dong/"
    day = timezone.localdate() - datetime.timedelta(days=7)
    assert rows(client, f"{base}?duyet-sau={day}") == 1  # what was accepted on the day is in its figures
    assert rows(client, f"{base}?duyet-sau={day - datetime.timedelta(days=1)}") == 2
    assert rows(client, f"{base}?duyet-sau=hom-qua") == 3
    page = open_(client, f"{base}?duyet-sau={day}&so-do=nguoi")
    assert [chip["value"] for chip in page.context["chips"]] == ["Người", f"{day:%d/%m/%Y}"]
    assert page.context["total"] == 2
