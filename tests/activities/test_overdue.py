"""What is overdue by unit: the same as the ladder reminds of, counted in the database, listed in bounded pages."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from activities.models import Directive, ReportDuty
from activities.models.due import deadline_words, due_words
from activities.services import overdue, reminders
from agreements.models import Milestone, Programme, TaskDeadline
from agreements.policy import keeps
from tests import make
from tests.cast import Cast

D = datetime.date
DAY = D(2026, 11, 23)


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-23 08:00+07:00", tick=True):
        yield


def make_all(cast: Cast, **changes) -> Programme:
    """Write one overdue thing of each kind that the Department of Health owes, and some that nobody is told of."""
    programme = make.make_programme(cast, **changes)
    task = make.make_task(cast, programme, due_on=D(2026, 11, 1), title="Khám bệnh")
    for state in ("awaiting", "done"):
        other = make.make_task(cast, programme, due_on=D(2026, 11, 1), title=f"Việc {state}")
        other.deadlines.update(state=state, done_on=D(2026, 11, 5))
    make.make_task(cast, programme, due_on=D(2026, 11, 1), title="Tạm dừng", state="paused", state_reason="Chờ")
    make.make_task(cast, programme, due_on=DAY, title="Hôm nay")
    make.make_task(cast, programme, lead=cast.committee, due_on=D(2026, 11, 1), title="Của Ủy ban")
    ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, kind="half_year", period="2026-H1",
        starts_on=D(2026, 1, 1), ends_on=D(2026, 7, 1), due_on=D(2026, 11, 2),
    )  # fmt: skip
    for text, state, more in (("Báo cáo nguyên nhân", "issued", {}), ("Thôi", "withdrawn", {"closing_note": "Thôi"})):
        Directive.objects.create(
            programme=programme, task=task, committee=cast.committee, unit=cast.health, author=cast.hoa, text=text,
            due_on=D(2026, 11, 3), state=state, **more,
        )  # fmt: skip
    Milestone.objects.create(
        programme=programme, kind="interim_review", due_on=D(2026, 11, 4), responsible=cast.health, name="Sơ kết"
    )
    return programme


def as_the_ladder_counts(actor) -> set[str]:
    """Return the same the long way round: what the nightly run would remind of, kept to the actor's committees."""
    return {
        one.what
        for one in reminders.owed_things(until=DAY - datetime.timedelta(days=1))
        if one.unit.pk != one.committee.pk and keeps(actor, one.programme.owner)
    }


@pytest.mark.parametrize("who", ["lan", "hoa", "minh", "phuong", "duc"])
def test_the_page_shows_what_the_ladder_reminds_of(cast: Cast, who) -> None:
    make_all(cast)
    make_all(cast, status="suspended", status_reason="Chờ")
    make_all(cast, status="closed")
    actor = cast.actor(getattr(cast, who))
    found = overdue.listed(overdue.of_committees([actor], DAY), DAY)
    assert {row.what for row in found} == as_the_ladder_counts(actor)
    assert [row.title for row in found] == (
        ["Khám bệnh", "Báo cáo 6 tháng đầu năm 2026", "Báo cáo nguyên nhân", "Sơ kết"] if who in {"lan", "hoa"} else []
    )


def test_each_row_leads_to_the_page_of_its_thing(cast: Cast, sign_in) -> None:
    make_all(cast)
    actor = cast.actor(cast.lan)
    client = sign_in(cast.lan)
    for row in overdue.listed(overdue.of_committees([actor], DAY), DAY):
        owed = reminders.find_owed(cast.lan, row.what)
        assert owed is not None and owed.url == row.url
        assert (owed.title, owed.late_days(DAY)) == (row.title, row.late)
        assert client.get(row.url).status_code == 200


def make_many(cast: Cast) -> TaskDeadline:
    programme = make.make_programme(cast, parties=[cast.committee, cast.health, cast.stranger])
    for number in range(7):
        make.make_task(cast, programme, due_on=D(2026, 11, 1 + number), title=f"Việc {number}")
    make.make_task(cast, programme, lead=cast.stranger, due_on=D(2026, 10, 1), title="Việc lâu nhất")
    return TaskDeadline.objects.get(task__title="Việc 6")


def test_a_unit_shows_its_first_things_and_leads_to_all(cast: Cast, sign_in) -> None:
    make_many(cast)
    client = sign_in(cast.lan)
    page = client.get("/nhac-viec/")
    first, second = page.context["units"]
    assert (first["unit"], second["unit"], page.context["count"]) == (cast.stranger, cast.health, 8)
    assert [row.title for row in second["rows"]] == [f"Việc {number}" for number in range(5)]
    assert second["more"] == 2 and f"/nhac-viec/?don-vi={cast.health.pk}" in page.content.decode()
    alone = client.get("/nhac-viec/", {"don-vi": cast.health.pk})
    (unit,) = alone.context["units"]
    assert ([row.title for row in unit["rows"]], unit["more"]) == ([f"Việc {number}" for number in range(7)], 0)
    assert alone.context["count"] == 7
    assert client.get("/nhac-viec/", {"don-vi": "x"}).status_code == 404
    nothing = client.get("/nhac-viec/", {"don-vi": cast.committee.pk})
    assert nothing.context["count"] == 0 and "không có việc quá hạn" in nothing.content.decode()


def test_pages_of_units_and_of_one_unit(cast: Cast, sign_in, monkeypatch) -> None:
    make_many(cast)
    monkeypatch.setattr("activities.views.nudges.UNITS_SHOWN", 1)
    monkeypatch.setattr("activities.views.nudges.A_UNITS_PAGE", 4)
    client = sign_in(cast.lan)
    pages = [client.get("/nhac-viec/", {"trang": n}).context["units"] for n in (1, 2)]
    assert [[row["unit"] for row in page] for page in pages] == [[cast.stranger], [cast.health]]
    parts = [client.get("/nhac-viec/", {"don-vi": cast.health.pk, "trang": n}).context["units"] for n in (1, 2)]
    assert [len(units[0]["rows"]) for units in parts] == [4, 3]


def test_a_button_of_the_list_reminds_and_comes_back(cast: Cast, sign_in) -> None:
    deadline = make_many(cast)
    client = sign_in(cast.lan)
    here = f"/nhac-viec/?don-vi={cast.health.pk}"
    html = client.get(here).content.decode()
    assert f'name="what" value="deadline-{deadline.pk}"' in html
    assert html.count('name="form_key"') == 1 + sign_in(cast.hoa).get(here).content.decode().count('name="form_key"')
    answer = client.post("/nhac-viec/gui/", {"what": f"deadline-{deadline.pk}", "next": here})
    assert (answer.status_code, answer.url) == (302, here)
    assert deadline.nudges.count() == 1


def test_queries_do_not_grow_with_units_and_things(cast: Cast, sign_in) -> None:
    client = sign_in(cast.lan)
    make_many(cast)
    client.get("/nhac-viec/")
    counted = []
    for _n in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get("/nhac-viec/")
        counted.append(len(queries))
        make_all(cast)
    assert counted[0] == counted[1] <= 14


def test_one_thing_or_one_programme_alone(cast: Cast, sign_in) -> None:
    day = timezone.localdate()
    tasks = [make.make_task(cast, due_on=day - datetime.timedelta(days=n)) for n in (3, 4)]
    client = sign_in(cast.lan)
    what = f"deadline-{tasks[0].deadlines.get().pk}"
    page = client.get("/nhac-viec/", {"viec": what})
    assert [line.what for unit in page.context["units"] for line in unit["rows"]] == [what]
    assert "Một việc" in page.content.decode() and "Mọi đơn vị" in page.content.decode()
    for nothing in ("deadline-999999", "duty-1", "khac-1", "deadline-x", "deadline-²", "-"):
        page = client.get("/nhac-viec/", {"viec": nothing})
        assert page.context["count"] == 0 and "Không có gì để nhắc" in page.content.decode()
    page = client.get("/nhac-viec/", {"chuong-trinh": tasks[1].programme_id})
    assert page.context["count"] == 1 and page.context["about"] == tasks[1].programme.name
    assert client.get("/nhac-viec/", {"chuong-trinh": "x"}).status_code == 404
    foreign = sign_in(cast.phuong)
    assert foreign.get("/nhac-viec/", {"chuong-trinh": tasks[1].programme_id}).status_code == 404
    assert foreign.get("/nhac-viec/", {"viec": what}).context["count"] == 0


@pytest.mark.parametrize(
    ("period", "vi", "en"),
    [
        ("2026", "năm 2026", "year 2026"), ("2026-H1", "6 tháng đầu năm 2026", "first half of 2026"),
        ("2026-Q3", "quý III/2026", "quarter III/2026"), ("2026-07", "tháng 7/2026", "month 7/2026"),
        ("2026-99", "2026-99", "2026-99"), ("đợt 1", "đợt 1", "đợt 1"),
    ],
)  # fmt: skip
def test_a_deadline_of_a_period_is_named_in_words(period, vi, en):
    for language, words in (("vi", vi), ("en", en)):
        with translation.override(language):
            assert deadline_words("Kiểm tra", period) == f"Kiểm tra ({words})"
            assert due_words("deadline", "Kiểm tra", "", period) == f"Kiểm tra ({words})"
    assert deadline_words("Kiểm tra", "") == "Kiểm tra"
