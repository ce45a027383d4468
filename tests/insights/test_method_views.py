"""The page *Cách tính số liệu* with the reader's own numbers: each equals the rows it leads to."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from activities.models import Measurement
from activities.services import cells
from agreements.models import TaskDeadline
from core.templatetags.format import number
from insights import method, method_rows
from tests.make import make_activity, make_indicator, make_programme, make_task

DAY = datetime.date(2026, 6, 30)


@pytest.fixture
def programme(cast):
    """Return a programme with an amount, a level, a level to keep, a task by deadlines, a bare one and a paused one."""
    found = make_programme(cast, title="Chăm sóc sức khỏe nhân dân")
    amount = make_task(cast, found, code="S.1", due_on=datetime.date(2026, 5, 1), weight=2)
    flow = make_indicator(amount)
    rate = make_indicator(amount, name="Tỷ lệ hộ nghèo", unit="%", kind="ratio", direction="down", roll_up="latest",
                          baseline=Decimal(10), target=Decimal(4))  # fmt: skip
    make_indicator(amount, name="Giữ mức", unit="%", kind="ratio", roll_up="latest", baseline=98, target=Decimal(98))
    make_indicator(amount, name="Chưa giao", unit="lớp", target=None)
    make_indicator(amount, name="Số vụ", unit="vụ", direction="down")
    make_indicator(amount, name="Thiếu gốc", unit="%", kind="ratio", direction="down", roll_up="latest")
    for month, value in ((1, 100), (6, 140), (7, 500)):
        make_activity(cast, amount, review="accepted", starts_on=datetime.date(2026, month, 20), persons=value,
                      value=value * 1000, values={flow: value})  # fmt: skip
    for month, value in ((2, 9), (5, 7)):
        Measurement.objects.create(
            task=amount, indicator=rate, unit=cast.health, author=cast.minh, acting_for=cast.health, value=value,
            as_of=datetime.date(2026, month, 1), review="accepted", reviewed_by=cast.lan, source="QĐ 12/QĐ-UBND",
        )  # fmt: skip
    steps = make_task(cast, found, code="S.2", due_on=datetime.date(2026, 4, 1))
    steps.deadlines.update(state="done", done_on=datetime.date(2026, 3, 30))
    for period, due_on, done_on in (("2026-Q2", DAY, None), ("2026-Q1", datetime.date(2026, 2, 1), DAY)):
        TaskDeadline.objects.create(
            task=steps, period=period, original_due_on=due_on, due_on=due_on, done_on=done_on,
            state="done" if done_on else "open",
        )  # fmt: skip
    make_task(cast, found, code="S.3", due_on=None, title="Việc chưa có thước đo")
    make_task(cast, found, code="S.4", state="paused", state_reason="Chờ kinh phí", title="Việc tạm dừng")
    cells.repair()
    return found


def text_of(response) -> str:
    body = re.sub(r"<(script|style|title)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def links_of(response) -> list[str]:
    return [unescape(url) for url in re.findall(r'href="(/cach-tinh/dong/[^"]+)"', response.content.decode())]


def page(client, programme, day="30/06/2026", **more):
    query = {"chuong-trinh": programme.pk, "ngay": day} | more
    return client.get("/cach-tinh/", {key: value for key, value in query.items() if value})


def test_without_a_programme_the_rules_and_programmes_to_choose_from(cast, sign_in, programme):
    response = sign_in(cast.lan).get("/cach-tinh/")
    assert [row for row, _url in response.context["offered"]] == [programme]
    assert "Có nguy cơ" in text_of(response)
    assert links_of(response) == []


def test_words_find_a_programme_among_those_one_may_see(cast, sign_in, programme):
    for words, found in (("suc khoe", [programme]), (programme.code, [programme]), ("không có đâu", [])):
        response = sign_in(cast.lan).get("/cach-tinh/", {"q": words})
        assert [row for row, _url in response.context["offered"]] == found
    assert "không có đâu" in text_of(response)
    assert sign_in(cast.tuan).get("/cach-tinh/", {"q": "suc khoe"}).context["offered"] == []


def test_the_sum_of_a_programme_is_printed_with_its_numbers(cast, sign_in, programme):
    response = page(sign_in(cast.lan), programme)
    found, numbers = response.context["found"], response.context["of_programme"]
    assert [row["row"].task.code for row in numbers["sum_rows"]] == ["S.1", "S.2"]
    assert numbers["sum_adds"] / numbers["sum_weight"] == found.totals.progress
    assert numbers["sum_should"] / numbers["sum_weight"] == found.totals.expected
    text = text_of(response)
    assert "Việc chưa có thước đo" in text
    assert "Việc tạm dừng" in text and "Chờ kinh phí" in text
    assert "Tỷ lệ hoàn thành = 2 ÷ (2 + 1) = 66,7 %" in text
    assert "Tỷ lệ đúng hạn = 1 ÷ (1 + 1 + 1) = 33,3 %" in text
    assert "chưa có số liệu" in text  # households
    assert [one["cause"] for one in numbers["risks"] if one["flag"]] == ["slow", "overdue"]


def test_what_should_be_reached_is_found_in_the_table_and_a_task_without_data_adds_nothing(cast, sign_in, programme):
    make_task(cast, programme, code="S.5", due_on=datetime.date(2026, 12, 1), weight=3)
    response = page(sign_in(cast.lan), programme)
    numbers = response.context["of_programme"]
    assert len(numbers["sum_rows"]) == 3
    text = text_of(response)
    table = text[text.index("Mở nhiệm vụ để xem") :]
    assert "Trọng số × cần đạt" in table
    for one in numbers["sum_rows"]:
        assert number(one["should"], 3) in table
    assert f"Tổng 6 {number(numbers['sum_adds'], 3)} {number(numbers['sum_should'], 3)}" in table
    fresh = next(one for one in numbers["sum_rows"] if one["row"].task.code == "S.5")
    assert fresh["row"].totals.figure.progress is None
    assert "chưa có số liệu không cộng gì –" in table


def test_the_two_gaps_have_two_names_and_the_numbers_of_the_reader(cast, sign_in, programme):
    response = page(sign_in(cast.lan), programme)
    found, numbers = response.context["found"], response.context["of_programme"]
    behind, short = numbers["behind"], numbers["short"]
    assert behind.points == found.points_behind
    text = text_of(response).replace("\xa0", " ")
    words = {1: ("Chậm", "Thiếu"), -1: ("Nhanh hơn thời gian", "Vượt mức cần đạt")}
    for gap, place in ((behind, 0), (short, 1)):
        assert gap.points == round(gap.mark * 100) - round(gap.reached * 100) != 0
        assert f"{words[1 if gap.points > 0 else -1][place]} {gap.size} điểm" in text
    assert "“Chậm 36 điểm”" not in text
    standing = render_to_string("insights/_standing.html", {"standing": "behind", "points": 53, "reached": False})
    assert "Thiếu 53 điểm" in standing and "Chậm" not in standing


@pytest.mark.parametrize(
    ("points", "is_time", "words"),
    [
        (-3, True, "= −3 : Nhanh hơn thời gian 3 điểm"), (-3, False, "= −3 : Vượt mức cần đạt 3 điểm"),
        (3, True, "= 3 : Chậm 3 điểm"), (3, False, "= 3 : Thiếu 3 điểm"), (0, True, "= 0 : không chênh lệch"),
    ],
)  # fmt: skip
def test_a_gap_says_in_words_which_way(points, is_time, words):
    gap = method.gap(Decimal("0.5"), Decimal("0.5") + Decimal(points) / 100)
    shown = render_to_string("insights/_method_gap.html", {"gap": gap, "is_time": is_time})
    assert words in " ".join(re.sub(r"<[^>]*>", " ", shown).split())
    assert method.gap(None, Decimal("0.5")) is None and method.gap(Decimal("0.5"), None) is None


def test_every_figure_of_the_dashboard_has_its_words(cast, sign_in, programme):
    text = text_of(page(sign_in(cast.lan), programme))
    for words in (
        "nhóm nội dung", "trung vị", "90 ngày gần đây", "chia thành bốn phần", "đường bị ngắt", "nằm trọn trong đó",
        "một bên ký hoặc chủ trì một nhiệm vụ", "kết quả đã duyệt tại đó", "tốt lên",
    ):  # fmt: skip
        assert words in text, words
    assert re.search(r"Nội dung đã duyệt đến \d\d/\d\d/\d{4} \d\d:\d\d", text)


def test_a_task_shows_each_formula(cast, sign_in, programme):
    task = programme.tasks.get(code="S.1")
    response = sign_in(cast.lan).get("/cach-tinh/", {"nhiem-vu": task.pk, "ngay": "30/06/2026"})
    rules = {work.totals.indicator.name: work.rule for work in response.context["of_task"]["works"]}
    assert rules == {
        "Cuộc kiểm tra": method.AMOUNT,
        "Tỷ lệ hộ nghèo": method.LEVEL,
        "Giữ mức": method.KEPT,
        "Chưa giao": method.NO_TARGET,
        "Số vụ": method.FALLING_AMOUNT,
        "Thiếu gốc": method.NO_START,
    }
    text = text_of(response)
    assert "240 ÷ 480 cuộc = 50,0 %" in text
    assert "( 7 − 10) ÷ (4 − 10) = −3 ÷ −6 = 50,0 %" in text
    assert "(50,0 % + 50,0 %) ÷ 2 = 50,0 %" in text
    assert "Giữ mức" in text.partition("giá trị đầu tiên được duyệt:")[2][:20]
    for work in response.context["of_task"]["works"]:
        if work.rule in {method.AMOUNT, method.LEVEL}:  # the periods printed give the expected share printed
            assert abs(work.due / work.way - work.totals.expected) < Decimal("1e-20")


def test_a_task_by_deadlines_and_a_bare_one(cast, sign_in, programme):
    client = sign_in(cast.lan)
    response = client.get("/cach-tinh/", {"nhiem-vu": programme.tasks.get(code="S.2").pk, "ngay": "30/06/2026"})
    numbers = response.context["of_task"]
    assert (numbers["by_deadlines"], numbers["steps_done"], numbers["steps_due"], numbers["steps"]) == (True, 2, 2, 3)
    assert "Tiến độ = 2 ÷ 3 thời hạn = 66,7 %" in text_of(response)
    bare = client.get("/cach-tinh/", {"nhiem-vu": programme.tasks.get(code="S.3").pk})
    assert "Tiến độ = chưa có số liệu" in text_of(bare)
    paused = client.get("/cach-tinh/", {"nhiem-vu": programme.tasks.get(code="S.4").pk})
    assert "không tính vào chương trình" in text_of(paused)


def test_a_declared_share_says_so(cast, sign_in, programme):
    """Today it counts with its reason; of an earlier day it does where an accepted report had declared it by then."""
    task = programme.tasks.get(code="S.3")
    task.declared_share, task.declared_reason = Decimal("0.4"), "Theo biên bản sơ kết"
    task.save()
    client = sign_in(cast.lan)
    assert "Tiến độ = 40,0 % tự khai: Theo biên bản sơ kết" in text_of(client.get("/cach-tinh/", {"nhiem-vu": task.pk}))
    past = client.get("/cach-tinh/", {"nhiem-vu": task.pk, "ngay": "30/06/2026"})
    assert past.context["of_task"]["row"].totals.figure.progress is None


@pytest.mark.parametrize("code", ["", "S.1", "S.2"])
@pytest.mark.parametrize("day", ["30/06/2026", "19/06/2026", "29/03/2026"])
def test_every_number_leads_to_rows_that_add_up_to_it(cast, sign_in, programme, code, day):
    client = sign_in(cast.lan)
    task = programme.tasks.get(code=code).pk if code else None
    response = page(client, programme, day, **{"nhiem-vu": task})
    links = links_of(response)
    assert len(links) >= 5
    for url in links:
        rows = client.get(url)
        assert rows.status_code == 200, url
        lines, total = rows.context["lines"], rows.context["total"]
        kind = re.search(r"so=([a-z-]+)", url)[1]
        if kind == method_rows.INDICATOR and rows.context["takes_last"]:
            assert [line.number for line in lines] == [total]
        elif rows.context["has_numbers"]:
            assert sum(line.number for line in lines) == total, url
        else:
            assert rows.context["page_obj"].paginator.count == len(lines) == total, url
        for line in lines:
            assert client.get(line.url).status_code == 200


def test_the_numbers_are_those_of_the_day(cast, sign_in, programme):
    """On the 19th the activity of the 20th is not yet counted, nor is the one of July on the 30th."""
    client = sign_in(cast.lan)
    found = [page(client, programme, day).context["found"] for day in ("19/06/2026", "30/06/2026", "20/07/2026")]
    assert [row.persons for row in found] == [100, 240, 740]


@pytest.mark.parametrize("typed", ["31/02/2026", "hôm qua", "1/1/0001", "26"])
def test_a_day_that_is_none_is_said_and_kept(cast, sign_in, programme, typed):
    response = page(sign_in(cast.lan), programme, typed)
    assert (response.status_code, response.context["day"]) == (200, timezone.localdate())
    assert response.context["problems"]
    assert f'value="{typed}"' in unescape(response.content.decode())


@pytest.mark.parametrize("path", ["/cach-tinh/", "/cach-tinh/dong/"])
@pytest.mark.parametrize("name", ["chuong-trinh", "nhiem-vu", "chi-so"])
@pytest.mark.parametrize("value", ["0", "99999999", "x", "-1", "1" * 30, "٣"])
def test_unknown_and_unreadable_objects_are_not_found(cast, sign_in, programme, path, name, value):
    query = {name: value, "so": "chi-so" if name == "chi-so" else "ho"}
    wanted = 200 if path == "/cach-tinh/" and name == "chi-so" else 404
    assert sign_in(cast.lan).get(path, query).status_code == wanted


def test_foreign_objects_are_not_found(cast, sign_in, programme):
    task = programme.tasks.get(code="S.1")
    indicator = task.indicators.first()
    for person in (cast.tuan, cast.phuong):
        client = sign_in(person)
        for query in (
            f"/cach-tinh/?chuong-trinh={programme.pk}",
            f"/cach-tinh/?nhiem-vu={task.pk}",
            f"/cach-tinh/dong/?so=ho&chuong-trinh={programme.pk}",
            f"/cach-tinh/dong/?so=chi-so&chi-so={indicator.pk}",
        ):
            assert client.get(query).status_code == 404, query


def test_a_number_there_is_none_of(cast, sign_in, programme):
    client = sign_in(cast.lan)
    assert client.get(f"/cach-tinh/dong/?chuong-trinh={programme.pk}&so=la").status_code == 404
    assert client.get("/cach-tinh/dong/?so=ho").status_code == 404
    assert client.get("/cach-tinh/dong/")["Location"] == "/cach-tinh/"


def test_the_partner_sees_the_same_numbers(cast, sign_in, programme):
    mine, theirs = (page(sign_in(person), programme).context["found"] for person in (cast.minh, cast.lan))
    assert (mine.totals, mine.deadlines, mine.persons) == (theirs.totals, theirs.deadlines, theirs.persons)


def test_pages_of_a_programme_and_a_task_lead_here(cast, sign_in, programme):
    client = sign_in(cast.lan)
    task = programme.tasks.get(code="S.1")
    assert f"/cach-tinh/?chuong-trinh={programme.pk}" in client.get(f"/chuong-trinh/{programme.pk}/").content.decode()
    assert f"/cach-tinh/?nhiem-vu={task.pk}" in client.get(f"/nhiem-vu/{task.pk}/").content.decode()
    assert 'href="/cach-tinh/"' in client.get("/bang-dieu-hanh/").content.decode()


@pytest.mark.parametrize("code", ["", "S.1", "S.2", "S.3"])
def test_at_most_20_queries(cast, sign_in, programme, django_assert_max_num_queries, code):
    client = sign_in(cast.lan)
    task = programme.tasks.get(code=code).pk if code else None
    page(client, programme)
    with django_assert_max_num_queries(20):
        page(client, programme, **{"nhiem-vu": task})


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_programme_without_anything(cast, sign_in, language):
    cast.lan.language = language
    cast.lan.save()
    empty = make_programme(cast, status="signed", starts_on=None, ends_on=None)
    response = page(sign_in(cast.lan), empty)
    assert response.status_code == 200
    assert response.context["of_programme"]["days"] is None
    assert response.context["of_programme"]["silent_days"] is None
