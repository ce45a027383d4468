"""The calendar and its feed: months, what stands in them for whom, filters in the address, nothing foreign."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from activities.models import Directive, ReportDuty
from agreements.models import Milestone
from core import feeds
from core.models import Holiday, User
from insights import calendar
from tests import make
from tests.cast import Cast
from tests.documents.test_icalendar import parse

TODAY = datetime.date(2026, 11, 23)


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-23 08:00+07:00", tick=True):
        yield


def day(number: int) -> datetime.date:
    return datetime.date(2026, 11, number)


def make_all(cast: Cast, mark: str = "", **changes):
    """Write one entry of each kind in November and return their titles."""
    programme = make.make_programme(cast, **changes)
    unit = programme.parties.order_by("position").last().organisation
    task = make.make_task(cast, programme, due_on=day(25), lead=unit, title=f"Kiểm tra quý IV{mark}")
    make.make_activity(
        cast, task, review="draft", occurrence="planned", title=f"Tập huấn{mark}", unit=unit, acting_for=unit,
        starts_on=day(26), ends_on=day(28),
    )  # fmt: skip
    ReportDuty.objects.create(
        programme=programme, committee=programme.owner, unit=unit, kind="on_request", period="1",
        title=f"Báo cáo đột xuất{mark}", starts_on=day(1), ends_on=day(20), due_on=day(24),
    )  # fmt: skip
    Directive.objects.create(
        programme=programme, task=task, committee=programme.owner, unit=unit, author=cast.hoa,
        text=f"Báo cáo nguyên nhân{mark}", due_on=day(20),
    )  # fmt: skip
    Milestone.objects.create(programme=programme, kind="interim_review", due_on=day(30), name=f"Sơ kết{mark}")
    return programme


def titles(response) -> list[str]:
    found: dict[tuple[str, int], str] = {}
    for item in response.context["days"]:
        for entry in item["day"].entries:
            found[entry.kind, entry.pk] = entry.title
    return list(found.values())


def test_a_month_holds_every_kind_in_order(cast, sign_in) -> None:
    make_all(cast)
    page = sign_in(cast.minh).get("/lich/")
    assert titles(page) == ["Báo cáo nguyên nhân", "Báo cáo đột xuất", "Kiểm tra quý IV", "Tập huấn", "Sơ kết"]
    days = [item["day"] for item in page.context["days"]]
    assert [d.date for d in days if any(entry.kind == "activity" for entry in d.entries)] == [day(26), day(27), day(28)]
    assert page.context["count"] == 5


def test_every_entry_is_a_link_that_opens(cast, sign_in) -> None:
    make_all(cast)
    client = sign_in(cast.minh)
    urls = {entry.url for item in client.get("/lich/").context["days"] for entry in item["day"].entries}
    assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


def test_the_draft_of_a_partner_is_not_the_committees(cast, sign_in) -> None:
    make_all(cast)
    assert "Tập huấn" not in titles(sign_in(cast.lan).get("/lich/"))


def test_filters(cast, sign_in) -> None:
    programme, other = make_all(cast), make_all(cast, " hai")
    client = sign_in(cast.minh)
    assert titles(client.get("/lich/", {"loai": ["bao-cao", "chi-dao"], "chuong-trinh": programme.pk})) == [
        "Báo cáo nguyên nhân",
        "Báo cáo đột xuất",
    ]
    own = titles(client.get("/lich/", {"cua-toi": 1, "chuong-trinh": other.pk}))
    assert "Sơ kết hai" not in own and "Kiểm tra quý IV hai" in own  # the committee answers for its milestone


def test_kinds_are_switched_one_by_one() -> None:
    filters = calendar.Filters(month=day(1))
    without = filters.toggled("report")
    assert without.count("loai=") == 4 and "bao-cao" not in without
    assert "loai" not in calendar.Filters(month=day(1), kinds=tuple(calendar.KINDS)[1:]).toggled("report")


@pytest.mark.parametrize(
    "query",
    [{"thang": "2026-13"}, {"thang": "2026-00"}, {"thang": "1999-12"}, {"thang": "２０２６-11"}, {"thang": "x"},
     {"loai": "khac"}, {"xem": "khac"}, {"chuong-trinh": "x"}, {"chuong-trinh": "99999999"}, {"ngay": "x"},
     {"ngay": ""}, {"ngay": "2026-02-30"}],
)  # fmt: skip
def test_what_does_not_exist_is_a_404(cast, sign_in, query) -> None:
    assert sign_in(cast.minh).get("/lich/", query).status_code == 404


def test_a_foreign_programme_is_a_404(cast, sign_in) -> None:
    programme = make_all(cast)
    assert sign_in(cast.tuan).get("/lich/", {"chuong-trinh": programme.pk}).status_code == 404


def test_done_and_waived(cast, sign_in) -> None:
    programme = make_all(cast)
    programme.report_duties.update(waived_at="2026-11-01T00:00Z", waived_by=cast.lan, waive_reason="Đã báo cáo")
    programme.tasks.get().deadlines.update(state="done", done_on=day(22))
    page = sign_in(cast.minh).get("/lich/")
    tones = {entry.title: entry.tone for item in page.context["days"] for entry in item["day"].entries}
    assert "Báo cáo đột xuất" not in tones
    assert (tones["Kiểm tra quý IV"], tones["Báo cáo nguyên nhân"]) == ("done", "over")


def test_days_off_are_named_and_worked_days_are_not_shaded(cast) -> None:
    Holiday.objects.update_or_create(day=day(24), defaults={"kind": "off", "name": "Ngày Văn hóa"})
    Holiday.objects.update_or_create(day=day(28), defaults={"kind": "worked", "name": "Làm bù"})
    shown, count = calendar.month_days(cast.minh, calendar.Filters(month=day(1)), TODAY)
    days = {item.date: item for item in shown}
    assert count == 0
    assert [(days[day(n)].is_off, days[day(n)].note) for n in (23, 24, 28, 29)] == [
        (False, ""), (True, "Ngày Văn hóa"), (False, "Làm bù"), (True, "")
    ]  # fmt: skip
    assert [item.date for item in days.values() if item.is_today] == [TODAY]


def test_months_around_the_year_and_leap_days() -> None:
    assert calendar.next_month(datetime.date(2026, 12, 1)) == datetime.date(2027, 1, 1)
    assert calendar.next_month(datetime.date(2027, 1, 1), -1) == datetime.date(2026, 12, 1)
    leap = calendar.grid_of(datetime.date(2028, 2, 1))
    assert datetime.date(2028, 2, 29) in leap and (leap[0].weekday(), leap[-1].weekday()) == (0, 6)
    assert len(calendar.grid_of(datetime.date(2027, 2, 1))) == 28  # 1/2/2027 is a Monday
    assert calendar.month_of("2028-02", TODAY) == datetime.date(2028, 2, 1)
    assert calendar.month_of("", TODAY) == day(1)


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2100, 12, 1)), st.integers(-30, 30))
def test_months_go_forth_and_back(start: datetime.date, steps: int) -> None:
    month = start.replace(day=1)
    later = calendar.next_month(month, steps)
    assert calendar.next_month(later, -steps) == month
    assert (later.year - month.year) * 12 + later.month - month.month == steps
    grid = calendar.grid_of(month)
    assert grid[0].weekday() == 0 and len(grid) % 7 == 0
    assert sum(item.month == month.month and item.year == month.year for item in grid) >= 28


def test_an_empty_month_says_when_the_next_is_due(cast, sign_in) -> None:
    make_all(cast)
    page = sign_in(cast.minh).get("/lich/", {"thang": "2026-09"})
    assert page.context["count"] == 0
    assert "24/11/2026" in page.content.decode()


def make_busy(cast: Cast, number: int):
    """Write so many deadlines and plans on one day, the plans lasting three days; return the programme."""
    programme = make.make_programme(cast)
    for n in range(number):
        task = make.make_task(cast, programme, due_on=day(25), title=f"Việc {n:02}")
        make.make_activity(
            cast, task, review="draft", occurrence="planned", title=f"Kế hoạch {n:02}", unit=cast.health,
            acting_for=cast.health, starts_on=day(24), ends_on=day(26),
        )  # fmt: skip
    return programme


@pytest.mark.parametrize(("view", "shown"), [("thang", 4), ("danh-sach", 10)])
def test_a_full_day_shows_the_first_and_leads_to_all_of_them(cast, sign_in, view, shown) -> None:
    make_busy(cast, 12)
    client = sign_in(cast.minh)
    page = client.get("/lich/", {"xem": view})
    assert page.context["count"] == 24  # an entry of three days counts once
    found = {item["day"].date: item for item in page.context["days"]}
    assert [(found[day(n)]["day"].number, len(found[day(n)]["day"].entries)) for n in (24, 25, 26)] == [
        (12, shown), (24, shown), (12, shown)
    ]  # fmt: skip
    assert found[day(25)]["more"] == 24 - shown
    assert [entry.title for entry in found[day(25)]["day"].entries] == [f"Việc {n:02}" for n in range(shown)]
    one = client.get(found[day(25)]["url"])
    assert (one.context["count"], one.context["page_obj"].paginator.count) == (24, 24)
    assert all("ngay=2026-11-25" in tab["url"] for tab in one.context["own_tabs"])
    assert "ngay" not in one.context["month_url"] + one.context["earlier_url"] + one.context["today_url"]
    assert {entry.title for entry in one.context["days"][0]["day"].entries} == {
        f"{name} {n:02}" for name in ("Việc", "Kế hoạch") for n in range(12)
    }


def test_the_page_of_a_day_is_cut_across_both_kinds(cast, sign_in, monkeypatch) -> None:
    monkeypatch.setattr(calendar, "A_DAYS_PAGE", 5)
    make_busy(cast, 8)
    client = sign_in(cast.minh)
    pages = [client.get("/lich/", {"ngay": "2026-11-25", "page": n}).context for n in (1, 2, 3, 4)]
    assert [len(page["days"][0]["day"].entries) for page in pages] == [5, 5, 5, 1]
    listed = [entry.title for page in pages for entry in page["days"][0]["day"].entries]
    assert listed == [f"Việc {n:02}" for n in range(8)] + [f"Kế hoạch {n:02}" for n in range(8)]


def test_an_empty_day_says_so(cast, sign_in) -> None:
    page = sign_in(cast.minh).get("/lich/", {"ngay": "2026-11-25"})
    assert page.context["count"] == 0
    assert "Không có gì trong ngày này" in page.content.decode()


def test_words_narrow_to_programmes(cast, sign_in) -> None:
    make_all(cast, title="Giảm nghèo bền vững")
    make_all(cast, " hai", title="Chăm sóc sức khỏe")
    page = sign_in(cast.minh).get("/lich/", {"q": "suc khoe"})
    assert titles(page) and all(title.endswith(" hai") for title in titles(page))
    assert page.context["count"] == 5
    assert page.context["chips"][0]["value"] == "“suc khoe”"


def test_beyond_the_first_programmes_the_chosen_one_is_still_listed(cast, sign_in, monkeypatch) -> None:
    monkeypatch.setattr("insights.calendar_views.MOST_CHOICES", 1)
    make_all(cast)
    last = make_all(cast, " hai")
    page = sign_in(cast.minh).get("/lich/", {"chuong-trinh": last.pk})
    assert [row.pk for row in page.context["programmes"]][-1] == last.pk
    assert len(page.context["programmes"]) == 2 and page.context["are_more"]


def test_a_long_feed_keeps_what_is_nearest(cast, monkeypatch) -> None:
    monkeypatch.setattr(calendar, "FEED_MOST", 4)
    programme = make.make_programme(cast)
    for number in (19, 20, 24, 25, 26, 27):
        make.make_task(cast, programme, due_on=day(number), title=f"Việc {number}")
    found = calendar.feed_entries(cast.minh, calendar.Filters(month=day(1)), TODAY)
    assert [entry.title for entry in found] == ["Việc 20", "Việc 24", "Việc 25", "Việc 26"]


def test_queries_do_not_grow(cast, sign_in) -> None:
    client = sign_in(cast.minh)
    for number in range(4):
        make_all(cast, f" {number}")
        client.get("/lich/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/lich/")
        assert len(queries) <= 20


def feed(user: User, **query):
    return Client().get(f"/lich/{feeds.create_feed(actor=user)}/phoi-hop.ics", query)


def test_the_feed_is_what_the_person_sees(cast) -> None:
    make_all(cast)
    answer = feed(cast.minh)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Cache-Control"].startswith("private")
    assert not answer.cookies
    events = parse(answer.content)
    assert [event["SUMMARY"] for event in events] == [
        "Báo cáo nguyên nhân", "Báo cáo đột xuất", "Kiểm tra quý IV", "Tập huấn", "Sơ kết"
    ]  # fmt: skip
    assert len({event["UID"] for event in events}) == 5
    assert [event["UID"] for event in parse(feed(cast.minh).content)] == [event["UID"] for event in events]
    assert events[3]["STATUS"] == "TENTATIVE"
    assert all(event["URL"].startswith("http") for event in events)


def test_no_foreign_row_and_no_name_in_a_feed(cast) -> None:
    make_all(cast)
    make_all(cast, " CHIM HOÀNG YẾN", parties=[cast.committee, cast.stranger])
    for user in (cast.minh, cast.phuong):
        assert "CHIM HOÀNG YẾN" not in feed(user).content.decode().replace("\r\n ", "")
    text = feed(cast.tuan).content.decode().replace("\r\n ", "")
    assert "CHIM HOÀNG YẾN" in text
    assert "Kiểm tra quý IV\\" not in text and text.count("BEGIN:VEVENT") == 5
    assert not any(person.full_name in text for person in User.objects.all())


def test_the_feed_follows_the_rights_of_now(cast) -> None:
    make_all(cast)
    url = f"/lich/{feeds.create_feed(actor=cast.minh)}/phoi-hop.ics"
    assert Client().get(url).content.count(b"BEGIN:VEVENT") == 5
    cast.minh.memberships.update(valid_to=TODAY)
    assert Client().get(url).content.count(b"BEGIN:VEVENT") == 0
    User.objects.filter(pk=cast.minh.pk).update(is_active=False)
    assert Client().get(url).status_code == 404


def test_the_feed_says_what_is_done(cast) -> None:
    programme = make_all(cast)
    programme.tasks.get().deadlines.update(state="done", done_on=day(22))
    found = {event["SUMMARY"] for event in parse(feed(cast.minh).content)}
    assert {"Đã xong: Kiểm tra quý IV", "Báo cáo đột xuất"} <= found


def test_own_feed_leaves_out_what_others_answer_for(cast) -> None:
    make_all(cast)
    assert "Sơ kết" not in [event["SUMMARY"] for event in parse(feed(cast.minh, **{"cua-toi": 1}).content)]


def test_the_feed_speaks_the_persons_language(cast) -> None:
    make_all(cast)
    assert "Hoạt động dự kiến" in feed(cast.minh).content.decode().replace("\r\n ", "")
    User.objects.filter(pk=cast.minh.pk).update(language="en")
    assert "Planned activities" in feed(cast.minh).content.decode().replace("\r\n ", "")


def test_a_feed_read_too_often_waits(cast) -> None:
    url = f"/lich/{feeds.create_feed(actor=cast.minh)}/phoi-hop.ics"
    client = Client()
    statuses = [client.get(url).status_code for _n in range(feeds.READS.tries + 1)]
    assert (set(statuses[:-1]), statuses[-1]) == ({200}, 429)


def test_account_page_shows_the_address_once(cast, sign_in) -> None:
    client = sign_in(cast.minh)
    page = client.post("/tai-khoan/lich/", {"action": "create"}, follow=True).content.decode()
    secret = page.split("/phoi-hop.ics")[0].rsplit("/", 1)[1]
    assert Client().get(f"/lich/{secret}/phoi-hop.ics").status_code == 200
    assert secret not in client.get("/tai-khoan/").content.decode()
    client.post("/tai-khoan/lich/", {"action": "revoke"})
    assert Client().get(f"/lich/{secret}/phoi-hop.ics").status_code == 404
    assert client.post("/tai-khoan/lich/", {"action": "khac"}).status_code == 302
