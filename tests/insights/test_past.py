"""The past day of what changed: every number equals the sum of its list, in the demo and by hand; days without."""

from __future__ import annotations

import datetime
import gzip
import re

import pytest
import time_machine
from django.db.models import Sum
from django.utils import timezone

from activities.models import Activity, ProgressReport
from activities.services import cells
from agreements.models import DailyFigure, Programme, ProgrammeFigure
from core.models import AuditEntry, User
from documents import tables
from insights.dashboard import changes, past
from insights.scope import OWN, Scope
from partners.models import Locality, Membership, Organisation
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


def owe(cast, programme, overdue=0, due_on=THEN - datetime.timedelta(days=1)):
    """Let so many deadlines of the programme be overdue."""
    for _n in range(overdue):
        make_task(cast, programme, due_on=due_on)


def due_then(overdue=0, on_time=0, late=0):
    """Return what is kept of the due work of a day."""
    return {"due_overdue": overdue, "due_on_time": on_time, "due_late": late}


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
            steps = bool(section.steps) and one == section.overdue_pair
            assert links.count(one.url) == 2 + steps  # the number of then and the difference
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
    keep(fell, {"standing": "on_track", **due_then(1)}, {"standing": "behind"})
    keep(rose, {"standing": "behind", **due_then(3)}, {"standing": "ahead"})
    keep(same, {"standing": "behind", **due_then(2)}, {"standing": "behind"})
    keep(none, {"standing": "too_early"}, {"standing": "no_data"})
    ProgrammeFigure.objects.create(programme=new, computed_on=DAY, standing="behind")
    for programme, overdue in ((fell, 5), (rose, 1), (same, 2), (new, 1)):
        owe(cast, programme, overdue)
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
    DailyFigure.objects.create(programme=old, day=today - datetime.timedelta(days=7), **due_then())
    for programme in (old, new):
        owe(cast, programme, 2)
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
        keep(programme, {"standing": "behind", **due_then(1)}, {"standing": "behind"})
        owe(cast, programme, 2)
    Programme.objects.filter(pk=closed.pk).update(status="closed")
    Programme.objects.filter(pk=suspended.pk).update(status="suspended", status_reason="Tạm dừng")
    deleted.delete()
    foreign = make_programme(cast, owner=cast.other_committee)
    keep(foreign, due_then(9), {})
    owe(cast, foreign, 9)
    section = {one.label: one for one in changes.read(cast.hoa, Scope(), DAY).differences}
    found = of(cast, "qua-han")
    assert sorted(lines(found)) == [(here.pk, 1, 2, 1), (suspended.pk, 1, 2, 1)]
    assert (section["Quá hạn"].then, section["Quá hạn"].now) == (2, 4)
    assert lines(of(cast, "cham")) == [(here.pk, 1, 1, 0)]  # standings are of what is in force
    assert (section["Chương trình chậm"].then, section["Chương trình chậm"].now) == (1, 1)
    assert lines(of(cast, "qua-han", user=cast.phuong)) == [(foreign.pk, 9, 9, 0)]
    nowhere = of(cast, "qua-han", Scope(committee=cast.other_committee.pk))
    assert (lines(nowhere), nowhere.is_kept, nowhere.total.then) == ([], False, None)


@pytest.mark.parametrize(
    "day", ["hom-qua", "2026-13-01", "2026-02-30", "20260703", "%00", "9" * 300, "%D9%A3", "1999-01-01"]
)
def test_a_day_that_is_none_counts_as_not_given(cast, sign_in, day):
    DailyFigure.objects.create(programme=make_programme(cast), day=timezone.localdate() - datetime.timedelta(days=7))
    page = open_(sign_in(cast.lan), f"{LIST}?so=qua-han&ngay={day}")
    assert page.context["found"].day == timezone.localdate() - datetime.timedelta(days=7)
    assert page.context["frame"].back_url == "/bang-dieu-hanh/thay-doi/"


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_of_a_day_without_figures_nothing_is_shown(cast, sign_in, day):
    programme = make_programme(cast)
    owe(cast, programme, 2)
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
    DailyFigure.objects.create(
        programme=make_programme(cast), day=timezone.localdate() - datetime.timedelta(days=7), **due_then()
    )
    html = open_(sign_in(cast.lan), f"{LIST}?so=muon").content.decode()
    assert "Không chương trình nào có, cả ngày đó lẫn hiện nay" in html


def test_of_a_place_activities_of_today_lead_nowhere_as_the_figures_are_of_whole_programmes(cast):
    at = Scope(place=cast.commune.pk)
    assert past.now_url(at, "hoat-dong") == past.now_url(at, "hoat-dong", 4) == ""
    assert past.now_url(Scope(), "hoat-dong", 4) == "/bang-dieu-hanh/hoat-dong/?chuong-trinh=4"
    assert past.now_url(at, "cham") == f"/bang-dieu-hanh/chuong-trinh/?dia-ban={cast.commune.pk}&nhom=cham"
    assert past.now_url(at, "cham", 4) == past.now_url(at, "chua-luu") == ""
    assert past.now_url(Scope(), "muon", 4) == "/viec/?tinh-trang=muon&chuong-trinh=4"
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
        DailyFigure.objects.create(programme=programme, day=day, **due_then(1))
        owe(cast, programme, n % 3)
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
    assert [len(found[1:61]), found[61][1:5]] == [60, ["Cộng: Quá hạn", "60", "60", "0"]]
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


# Due work: the same number as the headline, and the way from then to now


@pytest.mark.django_db
@time_machine.travel(AT, tick=False)
@pytest.mark.parametrize("since", ["hom-qua", "tuan", "thang"])
def test_overdue_of_today_is_the_headline_and_the_steps_lead_to_it_under_each_condition(demo, sign_in, since):
    hoa = sign_in(User.objects.get(username="hoa"))
    seen = set()
    for name, scope in demo_scopes().items():
        page = open_(hoa, scope.url("insights:dashboard_changes", so_voi=since))
        found = page.context["found"]
        pair = found.overdue_pair
        assert pair.now == open_(hoa, scope.url()).context["board"].overdue == rows(hoa, pair.now_url), name
        assert pair.then + sum(step.by for step in found.steps) == pair.now
        for step, url in page.context["steps"]:
            seen.add(step.listed)
            assert step.by
            if step.listed:
                assert rows(hoa, url) == step.size
                assert len(found.listed(step.listed)) == step.size
        for item in page.context["lists"]:
            listed = open_(hoa, item["url"])
            assert listed.context["page_obj"].paginator.count == item["count"]
            file = listed.context["list_csv_url"]
            assert (file in linked(listed)) == bool(item["count"])
            if url := listed.context["due_url"]:
                assert url in linked(listed)
                assert rows(hoa, url) == item["count"]
            assert len(tables.read_csv(hoa.get(file).content)[1:]) >= item["count"]
    assert changes.NEWLY_OVERDUE in seen or since != "thang"


def test_the_steps_from_then_to_now(cast):
    programme, new = make_programme(cast), make_programme(cast)
    keep(programme, due_then(4), {})
    owe(cast, programme, 1)  # overdue on both days
    owe(cast, programme, 1, due_on=THEN)  # its last day was that day: newly overdue
    owe(cast, programme, 1, due_on=DAY)  # not yet
    for due_on, done_on in ((THEN - datetime.timedelta(days=1), DAY), (THEN, DAY), (THEN, THEN)):
        make_task(cast, programme, due_on=due_on).deadlines.update(state="done", done_on=done_on)
    owe(cast, new, 1)  # overdue before, in a programme of which nothing was kept
    owe(cast, new, 1, due_on=THEN)
    found = changes.read(cast.hoa, Scope(), DAY)
    assert (found.overdue_pair.then, found.overdue_pair.now) == (4, 4)
    assert [(step.sign, step.size, step.listed) for step in found.steps] == [
        ("+", 2, changes.NEWLY_OVERDUE), ("+", 1, ""), ("−", 1, changes.CLEARED), ("−", 2, ""),
    ]  # fmt: skip
    assert found.steps[-1].words == "được gia hạn, miễn, rút lại hoặc xác nhận xong từ trước đó, sau khi bù trừ"
    assert len(found.cleared) == len(list(found.cleared)) == 1
    assert found.note(changes.CLEARED) == "1 thời hạn"
    assert len(found.finished) == len(list(found.finished)) == 2
    assert [row[3] for row in found.table.rows[-4:]] == [2, 1, -1, -2]
    DailyFigure.objects.filter(programme=programme).update(due_overdue=0)
    back = changes.read(cast.hoa, Scope(), DAY).steps[-1]
    assert back.by == 2
    assert back.words == "quá hạn trở lại hoặc ghi sau (bị trả lại, rút xác nhận, làm tiếp), sau khi bù trừ"


def test_a_night_before_due_work_was_kept_is_no_nought(cast, sign_in):
    programme = make_programme(cast)
    today = timezone.localdate()
    day = today - datetime.timedelta(days=7)
    DailyFigure.objects.create(programme=programme, day=day, standing="behind", activities=3)
    owe(cast, programme, 2)
    client = sign_in(cast.hoa)
    page = open_(client, "/bang-dieu-hanh/thay-doi/")
    html, found = page.content.decode(), page.context["found"]
    assert (found.overdue_pair, found.steps) == (None, [])
    assert [(one.then, one.now) for one in found.differences if one.then is None] == [(None, 2), (None, 0), (None, 0)]
    assert html.count("chưa lưu ngày đó") == 3
    assert past.url(Scope(), "qua-han", day) not in linked(page)
    assert rows(client, found.differences[3].now_url) == 2
    listed = open_(client, past.url(Scope(), "qua-han", day)).content.decode()
    assert "Việc đến hạn được đếm và lưu khi hết mỗi ngày" in listed
    file = tables.read_csv(client.get("/bang-dieu-hanh/thay-doi/?tai=csv").content)
    assert file[0] == ["Số liệu", f"{day:%d/%m/%Y}", f"{today:%d/%m/%Y}", "Thay đổi"]
    assert file[4] == ["Quá hạn", "", "2"]


def test_empty_lists_say_so_and_lead_nowhere(cast, sign_in):
    day = timezone.localdate() - datetime.timedelta(days=7)
    DailyFigure.objects.create(programme=make_programme(cast), day=day, **due_then())
    client = sign_in(cast.hoa)
    for name in changes.LISTS:
        page = open_(client, f"/bang-dieu-hanh/thay-doi/?xem={name}")
        assert "Từ ngày đó không có nội dung nào loại này." in page.content.decode()
        assert "Mở thành danh sách" not in page.content.decode()
        assert page.context["list_csv_url"] not in linked(page)


def test_each_list_is_a_file_with_its_rows(cast, sign_in):
    from tests.walk import make_reports

    programme = make_programme(cast)
    today = timezone.localdate()
    day = today - datetime.timedelta(days=7)
    DailyFigure.objects.create(programme=programme, day=day, standing="on_track", **due_then(1))
    task = make_task(cast, programme, title="Kiểm tra bếp ăn", due_on=day - datetime.timedelta(days=3))
    task.deadlines.update(state="done", done_on=today)
    sent, _draft = make_reports(cast, task)
    now = timezone.now()
    ProgressReport.objects.filter(duty=sent).update(
        review="accepted", reviewed_at=now, reviewed_by=cast.lan, cut_off=now
    )
    ProgrammeFigure.objects.update_or_create(programme=programme, defaults={"computed_on": today, "standing": "behind"})
    owe(cast, programme, 1, due_on=today - datetime.timedelta(days=1))
    client = sign_in(cast.hoa)

    def file(name):
        return tables.read_csv(client.get(f"/bang-dieu-hanh/thay-doi/?xem={name}&tai=csv").content)

    days = [f"{day:%d/%m/%Y}", f"{today:%d/%m/%Y}"]
    assert file("chuyen")[:2] == [
        ["Mã", "Chương trình", *days], [programme.code, programme.name, "Đúng tiến độ", "Chậm"],
    ]  # fmt: skip
    due_on = f"{day - datetime.timedelta(days=3):%d/%m/%Y}"
    assert file("het-qua-han")[1] == ["Kiểm tra bếp ăn", "Sở Y tế", programme.code, due_on, days[1]]
    assert file("xong")[1][0] in {"Kiểm tra bếp ăn", str(sent)}
    assert file("qua-han")[1][3:] == [f"{today - datetime.timedelta(days=1):%d/%m/%Y}", "–"]
    assert file("bao-cao")[1] == [str(sent), "Sở Y tế", programme.code, days[1]]


def test_who_sees_a_programme_as_a_partner_only_is_told_nothing_of_the_due_work_of_others(cast):
    foreign = make_programme(cast, owner=cast.other_committee, parties=[cast.other_committee, cast.health])
    keep(foreign, {"standing": "behind", **due_then(9)}, {"standing": "behind"})
    owe(cast, foreign, 1)
    Membership.objects.create(user=cast.hoa, organisation=cast.health, role="reporter", valid_from=THEN)
    hoa = User.objects.get(pk=cast.hoa.pk)
    assert lines(of(cast, "cham", user=hoa)) == [(foreign.pk, 1, 1, 0)]
    found = changes.read(hoa, Scope(), DAY)
    assert (found.overdue_pair, len(found.cleared)) == (None, 0)
    assert not of(cast, "qua-han", user=hoa).is_kept
