"""State of the data: each number is the length of its list, at the demo and by hand; silence; how long reviews take."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from activities.models import Evidence
from activities.services import cells
from agreements.models import Tally
from agreements.services.results import record_declared, refresh_figure
from core.models import User
from documents import tables
from insights import quality_views
from insights.dashboard import delays, quality
from insights.scope import Scope
from partners.models import Locality
from tests.make import make_activity, make_programme, make_task
from tests.walk import stored

DAY = datetime.date(2026, 7, 1)
ROWS = "/bang-dieu-hanh/chat-luong/dong/"


def at(day, hour=9):
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour)))


def ago(days):
    return DAY - datetime.timedelta(days=days)


def decided(cast, task, sent, reviewed, review="accepted", **changes):
    """Return an activity that was sent and decided so many days ago."""
    reason = {"return_reason": "Thiếu danh sách"} if review == "returned" else {}
    found = make_activity(cast, task, review=review, starts_on=ago(sent), **reason, **changes)
    found.submitted_at, found.reviewed_at = at(ago(sent)), at(ago(reviewed), 16)
    found.save()
    return found


def count(client, url):
    """Return how many rows the list of an address has."""
    page = client.get(url)
    assert page.status_code == 200, url
    return page.context["page_obj"].paginator.count


def test_review_delay_is_counted_in_days_of_vietnam_with_the_middle_and_the_longest(cast):
    task = make_task(cast)
    for sent, reviewed in ((10, 10), (12, 9), (30, 20), (40, 33)):
        decided(cast, task, sent, reviewed)
    decided(cast, task, 120, 95)  # decided before the window
    decided(cast, task, 9, 8, review="returned")
    waits = make_activity(cast, task, review="submitted", starts_on=ago(5))
    waits.submitted_at = at(ago(4), 23)
    waits.save()
    found = quality.read(cast.hoa, Scope(), DAY)
    assert found.total.reviews == quality.Reviews(5, Decimal(3), 10)  # 0 1 3 7 10
    strip = delays.read(cast.hoa, Scope(), DAY, found.total.reviews.median)
    assert [(dot.days, dot.count) for dot in strip.dots] == [(0, 1), (1, 1), (3, 1), (7, 1), (10, 1)]
    assert [days for _x, days in strip.ticks] == [0, 5, 10]
    assert (strip.dots[0].x, strip.dots[-1].x, strip.median_x) == ("3.00%", "97.00%", "31.20%")
    assert [row.took.days for row in strip.slowest] == [10, 7, 3, 1, 0]
    assert "10 ngày: 1" in strip.in_words and "Trung vị 3 ngày" in strip.in_words
    assert delays.read(cast.hoa, Scope(), DAY, None).dots == []
    assert found.total.waiting == 1
    assert found.total.counts[quality.RETURNED] == 1
    assert found.rows[0].reviews == found.total.reviews
    assert quality.read(cast.hoa, Scope(period="2026-03"), DAY).total.reviews == quality.Reviews(1, Decimal(25), 25)
    assert quality.read(cast.hoa, Scope(period="2025"), DAY).total.reviews == quality.Reviews()
    assert quality.decided_in(Scope(), DAY) == (ago(89), DAY + datetime.timedelta(days=1))


def test_evidence_is_told_by_the_stored_totals_and_proved(cast):
    task = make_task(cast)
    bare, proved = (make_activity(cast, task, review="accepted", starts_on=ago(days)) for days in (3, 40))
    Evidence.objects.create(activity=proved, file=stored(cast.minh))
    for row in (bare, proved):
        cells.add(row)
    found = quality.read(cast.hoa, Scope(), DAY).total
    assert (found.counts[quality.UNPROVEN], found.accepted) == (1, 2)
    assert list(quality.rows_of(quality.UNPROVEN, cast.hoa, Scope(), DAY)) == [bare]
    assert cells.check().tallies == []
    bare.review = "submitted"
    bare.save()
    cells.remove(bare)
    assert cells.check().tallies == []
    assert not Tally.objects.filter(measure="unproven", count__gt=0).exists()


def test_silence_is_asked_only_while_the_period_runs(cast):
    quiet = make_programme(cast, starts_on=ago(400), ends_on=DAY)
    busy = make_programme(cast, starts_on=ago(400), ends_on=DAY)
    over = make_programme(cast, starts_on=ago(400), ends_on=ago(1))
    later = make_programme(cast, starts_on=DAY + datetime.timedelta(days=1), ends_on=DAY + datetime.timedelta(days=9))
    suspended = make_programme(cast, starts_on=ago(400), ends_on=DAY, status="suspended", status_reason="Chờ vốn")
    cells.add(make_activity(cast, make_task(cast, busy), review="accepted", starts_on=ago(89)))
    for programme in (quiet, busy, over, later, suspended):
        refresh_figure(programme.pk)
    found = quality.read(cast.hoa, Scope(), DAY)
    days = {row.programme: row.silent_days for row in found.rows}
    assert days == {quiet: 400, busy: 89, over: None, later: None, suspended: None}
    assert [row.programme for row in found.silent] == [quiet] and found.silent[0].is_silent
    assert list(quality.rows_of(quality.SILENT, cast.hoa, Scope(), DAY)) == [quiet]
    assert list(quality.rows_of(quality.SILENT, cast.hoa, Scope(), DAY, 60)) == [quiet, busy]
    assert [row.programme for row in quality.read(cast.hoa, Scope(), DAY, 60).silent] == [quiet, busy]


def test_declared_shares_and_what_is_no_kind(cast):
    task = make_task(cast)
    make_task(cast, task.programme)
    record_declared(task_id=task.pk, share=Decimal("0.4"), reason="Ước theo kế hoạch")
    assert list(quality.rows_of(quality.DECLARED, cast.hoa, Scope(), DAY)) == [task]
    assert quality.read(cast.hoa, Scope(), DAY).total.counts[quality.DECLARED] == 1
    with pytest.raises(ValueError, match="khac"):
        quality.rows_of("khac", cast.hoa, Scope(), DAY)


def test_lists_say_what_each_row_is_about(cast, sign_in):
    task = make_task(cast)
    record_declared(task_id=task.pk, share=Decimal("0.4"), reason="Ước theo kế hoạch")
    with time_machine.travel(at(DAY), tick=False):
        decided(cast, task, 9, 8, review="returned")
        waits = make_activity(cast, task, review="submitted", starts_on=ago(5))
        waits.submitted_at = at(ago(4))
        waits.save()
        client = sign_in(cast.hoa)
        pages = {kind: client.get(f"{ROWS}?loai={kind}").content.decode() for kind in quality.KINDS}
    assert "Thiếu danh sách" in pages[quality.RETURNED]
    assert "đã chờ 4 ngày" in pages[quality.WAITING]
    assert "1 ngày, gửi 22/06/2026, xét duyệt 23/06/2026" in pages[quality.DECIDED]
    assert "tự khai 40\u00a0%: Ước theo kế hoạch" in pages[quality.DECLARED]
    assert "chưa có hoạt động nào được duyệt" in pages[quality.SILENT]


@pytest.mark.parametrize("query", ["loai=khac", "chuong-trinh=999999999", "loai=tu-khai&uy-ban=999999999"])
def test_what_does_not_exist_is_not_found(cast, sign_in, query):
    assert sign_in(cast.lan).get(f"{ROWS}?{query}").status_code == 404


def test_nothing_of_another_committee_is_counted_or_listed(cast, sign_in):
    task = make_task(cast)
    decided(cast, task, 9, 8)
    client = sign_in(cast.phuong)
    found = client.get("/bang-dieu-hanh/chat-luong/").context["found"]
    assert found.rows == [] and found.total.accepted == 0
    for kind in quality.KINDS:
        assert count(client, f"{ROWS}?loai={kind}") == 0
    assert client.get(f"{ROWS}?chuong-trinh={task.programme_id}").status_code == 404


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_every_number_of_the_demo_equals_its_list(demo, sign_in, django_assert_max_num_queries):
    client = sign_in(User.objects.get(username="hoa"))
    place = Locality.objects.filter(activities__review="accepted").first()
    counted = {}
    for scope in (Scope(), Scope(period="2026"), Scope(period="2026-Q3"), Scope(place=place.pk)):
        url = scope.url("insights:dashboard_quality")
        client.get(url)
        with django_assert_max_num_queries(20):
            page = client.get(url)
        found = page.context["found"]
        for row in (*found.rows, found.total):
            numbers = [(number, url) for _kind, number, url, _label in row.cells]
            numbers += [(row.waiting, row.waiting_url), (row.reviews.decided, row.decided_url)]
            numbers.append((row.accepted, row.accepted_url))
            for number, url in numbers:
                if url not in counted and (number or row.programme is None):
                    counted[url] = count(client, url)
                assert counted.get(url, 0) == number, url
        assert count(client, page.context["silent_url"]) == found.silent_count
        for days in quality.QUIET_DAYS:
            page = client.get(scope.url("insights:dashboard_quality", im_lang=days))
            assert count(client, page.context["silent_url"]) == page.context["found"].silent_count
    assert len(counted) > 60
    total = client.get("/bang-dieu-hanh/chat-luong/").context["found"].total
    assert total.reviews.median is not None and total.counts[quality.UNPROVEN] and total.counts[quality.LATE]
    file = tables.read_csv(client.get("/bang-dieu-hanh/chat-luong/?tai=csv").content)
    last = next(row for row in file if row[0] == "Cộng" or row[0] == "Tổng" or row[0] == "Tổng cộng")
    assert last[1:7] == [str(total.counts.get(kind, 0)) for kind in quality.COUNTED] + [str(total.accepted)]
    took = [row.took.days for row in client.get(total.decided_url).context["page_obj"].object_list]
    assert took[0] == total.reviews.longest == max(took)


def test_a_file_says_where_programmes_were_left_out(demo, sign_in, monkeypatch):
    client = sign_in(User.objects.get(username="hoa"))
    address = "/bang-dieu-hanh/chat-luong/?tai=csv"
    count = client.get("/bang-dieu-hanh/chat-luong/").context["found"].count
    words = f"2 chương trình đầu trong {count} chương trình"
    assert words not in client.get(address).content.decode()
    monkeypatch.setattr(quality_views, "PROGRAMMES_IN_FILE", 2)
    assert words in client.get(address).content.decode()


def test_a_strip_of_reviews_of_the_same_day_and_of_many():
    same = delays.draw([(0, 7)], Decimal(0), [])
    assert ([days for _x, days in same.ticks], same.median_x) == ([0, 1], "3.00%")
    many = delays.draw([(1, 400), (2, 100), (90, 1)], Decimal(1), [])
    assert [dot.radius for dot in many.dots] == ["14.0", "7.0", "3.0"]  # areas as numbers, the smallest still seen


@time_machine.travel("2026-07-01 09:00+07:00", tick=False)
def test_silence_since_the_start_is_said_as_such(sign_in, cast):
    make_programme(cast, starts_on=ago(100), ends_on=ago(-300))
    found = sign_in(cast.hoa).get("/bang-dieu-hanh/chat-luong/")
    assert [(row.silent_days, row.was_never_active) for row in found.context["found"].silent] == [(100, True)]
    html = found.content.decode()
    assert "100 ngày từ khi bắt đầu, chưa có hoạt động nào" in html and "từ khi bắt đầu</span>" in html
