"""Pages of the reporting cycle: list and counts, one duty, the reporting tab, the rule form, days off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from activities import services
from activities.forms.rules import RuleForm
from activities.models import ProgressReport, ReportDuty
from activities.services.duties import request_reports
from activities.views.duties import TABS
from activities.views.duty_words import rule_sentences, state_of
from activities.views.rules import grid_of
from agreements.figures.periods import PRESETS, parse_rule
from agreements.models import ReportingRule
from core.models import Holiday
from partners.models import Membership
from tests import form_pages, make
from tests.activities.duty_ground import HALF_YEAR, QUARTER, TODAY, Day, seen, set_rule
from tests.cast import make_organisation

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User
    from tests.cast import Cast

    SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-23 08:00+07:00", tick=True):
        yield


def generated(cast: Cast, rule: dict | None = None, **changes):
    """Return a programme with its duties."""
    programme = make.make_programme(cast, **changes)
    set_rule(programme, rule)
    services.regenerate(actor=None, programme=programme)
    return programme


def sent(cast: Cast, duty: ReportDuty, review: str) -> None:
    """Write a report in a state."""
    values = {"submitted_at": timezone.now(), "submitted_by": cast.minh} if review != "draft" else {}
    if review in {"accepted", "returned"}:
        values |= {"reviewed_by": cast.lan, "reviewed_at": timezone.now(), "return_reason": "Thiếu phụ lục."}
    if review == "accepted":
        values["cut_off"] = timezone.now()
    ProgressReport.objects.create(duty=duty, author=cast.minh, acting_for=cast.health, review=review, **values)


def whole_cycle(cast: Cast):
    """Return a programme whose duties stand in every state on 23/11/2026."""
    programme = generated(cast)
    by = {row.period: row for row in ReportDuty.objects.all()}
    for period, review in (("2024-H1", "accepted"), ("2024-H2", "returned"), ("2025-H1", "submitted")):
        sent(cast, by[period], review)
    services.waive_duty(actor=cast.actor(cast.lan), duty=by["2025-H2"], reason="Không cần", version=1)
    return programme


# ------------------------------------------------------------------------------------------------------ the list


def test_counts_equal_the_lists(cast: Cast, sign_in: SignIn) -> None:
    whole_cycle(cast)
    expected = {
        "can-nop": 1, "qua-han": 2, "cho-duyet": 1, "tra-lai": 1, "da-tiep-nhan": 1, "duoc-mien": 1, "chua-den-ky": 2,
    }  # fmt: skip
    for who in (cast.lan, cast.minh, cast.hoa):
        client = sign_in(who)
        for tab in TABS:
            page = client.get(reverse("activities:duty_list"), {"tinh-trang": tab})
            shown = {item["url"].split("=")[1]: item["count"] for item in page.context["tabs"]}
            assert shown == expected, who
            assert len(page.context["rows"]) == expected[tab], (who, tab)
            assert page.content.decode().count('class="row-a"') == expected[tab]


def test_a_returned_report_is_overdue_by_its_first_date(cast: Cast, sign_in: SignIn) -> None:
    whole_cycle(cast)
    html = sign_in(cast.minh).get(reverse("activities:duty_list"), {"tinh-trang": "qua-han"}).content.decode()
    (returned,) = [row for row in html.split("<tr>") if "6 tháng cuối năm 2024" in row]
    assert 'class="st st-fix"' in returned and "Trả lại" in returned
    assert '<span class="d-block cap is-over">Quá hạn 710 ngày</span>' in returned


def test_units_see_their_own_and_committees_what_they_receive(cast: Cast, sign_in: SignIn) -> None:
    generated(cast)
    make.make_programme(cast, parties=[cast.committee, cast.stranger])
    assert sign_in(cast.minh).get("/bao-cao/").context["page_obj"].paginator.count == 1
    for who in (cast.tuan, cast.phuong):
        page = sign_in(who).get("/bao-cao/", {"tinh-trang": "qua-han"})
        assert page.context["page_obj"].paginator.count == 0
        assert "Danh sách này trống" in page.content.decode()


def test_long_selects_are_cut_and_keep_the_chosen_one(cast: Cast, sign_in: SignIn, monkeypatch) -> None:
    monkeypatch.setattr("activities.views.duties.MOST_CHOICES", 1)
    first, second = sorted((generated(cast), generated(cast, QUARTER)), key=lambda row: (row.sort_key, row.pk))
    client = sign_in(cast.lan)
    option = client.get("/bao-cao/").context["options"][0]
    assert ([value for value, _text in option["choices"]], option["more"]) == ([str(first.pk)], True)
    page = client.get("/bao-cao/", {"chuong-trinh": second.pk})
    option = page.context["options"][0]
    assert [value for value, _text in option["choices"]] == [str(first.pk), str(second.pk)]
    assert option["chosen"] == str(second.pk)
    assert "Mục khác: gõ tên vào ô tìm" in page.content.decode()


def test_a_kept_row_shows_each_change_at_once_and_each_reader_what_is_theirs(cast: Cast, sign_in: SignIn) -> None:
    programme = generated(cast)
    duty = ReportDuty.objects.get(period="2026-H2")
    client = sign_in(cast.minh)

    def row(who: Client = client, tab: str = "can-nop") -> str:
        html = who.get("/bao-cao/", {"tinh-trang": tab}).content.decode()
        return html[html.index("<tbody>") : html.index("</tbody>")] if "<tbody>" in html else ""

    assert programme.code in row() and row(sign_in(cast.tuan)) == row(sign_in(cast.phuong)) == ""
    for change, words in (
        (lambda: type(programme).objects.filter(pk=programme.pk).update(short_title="<b>Tên mới</b>"), "&lt;b&gt;Tên"),
        (lambda: type(cast.health).objects.filter(pk=cast.health.pk).update(name="Sở Y tế mới"), "Sở Y tế mới"),
        (lambda: ReportDuty.objects.filter(pk=duty.pk).update(due_on=TODAY), ">23/11/2026<"),
    ):
        assert words not in row()
        change()
        assert words in row(), words
    assert reverse("activities:duty_show", args=[duty.pk]) in row()
    sent(cast, duty, "submitted")
    assert row() == "" and reverse("activities:report_show", args=[duty.pk]) in row(tab="cho-duyet")
    client.post("/ngon-ngu/", {"language": "en"})
    assert "Handed in" in row(tab="cho-duyet") and "Đã nộp" not in row(tab="cho-duyet")


def test_a_duty_just_made_is_counted_and_offered_to_its_maker_at_once(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.lan)
    assert client.get("/bao-cao/").context["options"][1]["choices"] == []
    programme = generated(cast)
    page = client.get("/bao-cao/").context
    assert (str(programme.pk), programme.name) in page["options"][0]["choices"]
    assert (str(cast.health.pk), cast.health.name) in page["options"][1]["choices"]
    assert page["tabs"][0]["count"] == 1 == len(page["rows"])
    foreign = sign_in(cast.tuan).get("/bao-cao/").context
    assert [option["choices"] for option in foreign["options"][:2]] == [[], []] and not foreign["rows"]


def test_filters_stand_in_the_address(cast: Cast, sign_in: SignIn) -> None:
    programme, other = generated(cast), generated(cast, QUARTER)
    client = sign_in(cast.lan)

    def found(**query: object) -> int:
        page = client.get("/bao-cao/", {"tinh-trang": "qua-han"} | query)
        assert len(page.context["chips"]) == len(query)
        return page.context["page_obj"].paginator.count

    every = ReportDuty.objects.filter(due_on__lt=TODAY)
    assert found() == every.count()
    assert found(**{"chuong-trinh": other.pk}) == every.filter(programme=other).count()
    assert found(**{"don-vi": cast.health.pk, "loai": "half_year"}) == every.filter(programme=programme).count()
    assert found(q="so y te") == every.count()
    assert found(q="khong co") == 0
    assert found(ky="2025-H1") == 1
    assert found(ky="2025") == every.filter(period__startswith="2025").count()
    page = client.get("/bao-cao/", {"ky": "2025-H1"})
    assert page.context["chips"][0]["value"] == "6 tháng đầu năm 2025"
    assert client.get("/bao-cao/", {"chuong-trinh": "9" * 30, "ky": "\x00", "loai": "x"}).context["chips"] == []


# ------------------------------------------------------------------------------------------------------ one duty


def test_the_page_of_a_duty(cast: Cast, sign_in: SignIn) -> None:
    programme = whole_cycle(cast)
    duty = ReportDuty.objects.get(period="2025-H2")
    html = sign_in(cast.lan).get(reverse("activities:duty_show", args=[duty.pk])).content.decode()
    for words in (
        "Báo cáo 6 tháng cuối năm 2025",
        "Không cần",
        "Yêu cầu lại",
        "15/06/2025 – 14/12/2025",
        programme.code,
    ):
        assert words in html
    html = sign_in(cast.minh).get(reverse("activities:duty_show", args=[duty.pk])).content.decode()
    assert "Yêu cầu lại" not in html
    assert sign_in(cast.tuan).get(reverse("activities:duty_show", args=[duty.pk])).status_code == 404


def test_each_state_has_its_word(cast: Cast) -> None:
    whole_cycle(cast)
    duties = {row.period: row for row in ReportDuty.objects.select_related("report")}
    states = {period: state_of(row, TODAY) for period, row in duties.items()}
    assert states == {
        "2024-H1": "accepted", "2024-H2": "returned", "2025-H1": "submitted", "2025-H2": "waived",
        "2026-H1": "overdue", "2026-H2": "not_due", "2027-H1": "not_due", "2027-H2": "not_due",
    }  # fmt: skip
    edge = {"2026-12-07": "not_due", "2026-12-08": "due", "2026-12-15": "due", "2026-12-16": "overdue"}
    assert {day: state_of(duties["2026-H2"], Day(day)) for day in edge} == edge


def test_waive_move_and_restore_by_form(cast: Cast, sign_in: SignIn) -> None:
    generated(cast)
    duty, client = ReportDuty.objects.get(period="2026-H2"), sign_in(cast.lan)
    move = reverse("activities:duty_move", args=[duty.pk])
    answer = client.post(move, {"due_on": "31/02/2027", "reason": "Bão", "version": 1})
    assert answer.status_code == 200 and "31/02/2027" in answer.content.decode()
    client.post(move, {"due_on": "15/01/2027", "reason": "Bão", "version": 1})
    answer = client.post(move, {"due_on": "20/01/2027", "reason": "Bão nữa", "version": 1})
    assert answer.status_code == 409  # stale: both texts
    assert "15/01/2027" in answer.content.decode() and "20/01/2027" in answer.content.decode()
    html = client.get(reverse("activities:duty_show", args=[duty.pk])).content.decode()
    assert "15/12/2026 → 15/01/2027" in html and "hạn ban đầu 15/12/2026" in html
    client.post(reverse("activities:duty_waive", args=[duty.pk]), {"reason": "Không cần", "version": 2})
    assert ReportDuty.objects.waived().get() == duty
    client.post(reverse("activities:duty_restore", args=[duty.pk]), {"version": 3})
    assert not ReportDuty.objects.waived().exists()


def test_asking_twice_by_a_double_click_asks_once(cast: Cast, sign_in: SignIn) -> None:
    programme, client = make.make_programme(cast), sign_in(cast.lan)
    url = reverse("activities:duty_request", args=[programme.pk])
    key = form_pages.read(client.get(url)).forms[-1].as_it_stands()["form_key"]
    values = {
        "title": "Báo cáo nhanh", "starts_on": "01/11/2026", "last_day": "20/11/2026", "due_on": "30/11/2026",
        "units": [cast.health.pk], "form_key": key,
    }  # fmt: skip
    assert client.post(url, values | {"units": []}).status_code == 200
    for _turn in range(2):
        assert client.post(url, values).status_code == 302
    duty = ReportDuty.objects.get()
    assert (duty.title, duty.period, duty.ends_on) == ("Báo cáo nhanh", "R1", Day("2026-11-21"))


# --------------------------------------------------------------------------------------------- tab and rule form


def test_the_reporting_tab(cast: Cast, sign_in: SignIn) -> None:
    programme = whole_cycle(cast)
    url = reverse("activities:programme_reports", args=[programme.pk])
    page = sign_in(cast.lan).get(url, {"nam": "2025"})
    html = page.content.decode()
    assert page.context["year"] == 2025 and page.context["counts"] == {"overdue": 2, "waiting": 1, "accepted": 1}
    for words in ("Sửa chế độ", "6 tháng đầu năm 2025", "Đã nộp", "Được miễn", "số liệu 15/12–14/06"):
        assert words in html
    assert "Sửa chế độ" not in sign_in(cast.minh).get(url).content.decode()
    assert sign_in(cast.minh).get(url, {"nam": "x"}).context["year"] == 2026
    assert sign_in(cast.tuan).get(url).status_code == 404


def test_rules_of_two_committees_stand_side_by_side(cast: Cast, sign_in: SignIn) -> None:
    commune = make_organisation("Ủy ban MTTQ xã Phú Lạc", "front_committee", parent=cast.committee, level="commune")
    programme = make.make_programme(cast, owner=commune, parties=[commune, cast.health])
    set_rule(programme)
    ReportingRule.objects.create(programme=programme, committee=cast.committee, rule=QUARTER)
    services.regenerate(actor=None, programme=programme)
    page = sign_in(cast.lan).get(reverse("activities:programme_reports", args=[programme.pk]), {"nam": "2026"})
    assert [str(row["committee"]) for row in page.context["rules"]] == [commune.name, cast.committee.name]
    notes = {row["head"]["note"] for row in page.context["grid"]["rows"]}
    assert notes == {commune.name, "MTTQ tỉnh"}


def test_many_units_stand_in_rows(cast: Cast) -> None:
    units = [make_organisation(f"Sở {letter}") for letter in "ABCDEF"]
    programme = make.make_programme(cast, parties=[cast.committee, *units])
    set_rule(programme)
    services.regenerate(actor=None, programme=programme)
    duties = list(
        ReportDuty.objects.filter(due_on__year=2026).select_related("unit", "committee", "report", "programme")
    )
    grid = grid_of(duties, TODAY)
    assert grid is not None and not grid["units_across"]
    assert (len(grid["columns"]), len(grid["rows"])) == (2, 6)
    assert all(len(cell) == 1 for row in grid["rows"] for cell in row["cells"])


def rule_values(**changes: object) -> dict[str, object]:
    """Return what the form sends for the half-year rule."""
    return {
        "half_year_on": "on", "half_year_window": "15", "half_year_number": "15", "half_year_mode": "0",
        "half_year_shift": "before", "reporters": "partners", "reminders": ["-7", "0"], "version": "",
    } | changes  # fmt: skip


def test_a_rule_is_shown_before_it_is_saved(cast: Cast, sign_in: SignIn) -> None:
    programme, client = make.make_programme(cast), sign_in(cast.lan)
    url = reverse("activities:rule_edit", args=[programme.pk])
    page = client.post(url, rule_values())
    html = page.content.decode()
    assert not ReportingRule.objects.exists() and not ReportDuty.objects.exists()
    assert page.context["counts"] == {"added": 8, "changed": 0, "removed": 0, "kept": 0}
    assert "5 báo cáo được thêm đã qua hạn" in html and "15/12/2026" in html
    seen_digest = re.search(r'name="seen" value="(\w+)"', html)
    assert seen_digest
    assert not page.context.get("is_changed")
    # other values than those shown are shown first, and why nothing was saved; not to who asked to see them again
    changed = rule_values(since="23/11/2026", seen=seen_digest[1])
    answer = client.post(url, changed)
    assert answer.context["counts"]["added"] == 3 and "đã được sửa sau khi xem" in answer.content.decode()
    assert "đã được sửa sau khi xem" not in client.post(url, changed | {"see": "1"}).content.decode()
    assert client.post(url, rule_values(seen=seen_digest[1])).status_code == 302
    assert len(seen(programme)) == 8
    rule = parse_rule(ReportingRule.objects.get().rule)
    assert rule.reminders == (-7, 0) and rule.calendars == parse_rule(HALF_YEAR).calendars


def test_a_stale_rule_is_compared(cast: Cast, sign_in: SignIn) -> None:
    programme, client = generated(cast), sign_in(cast.lan)
    url = reverse("activities:rule_edit", args=[programme.pk])
    values = rule_values(half_year_number="10", version="1")
    page = client.post(url, values)
    ReportingRule.objects.update(version=2)
    answer = client.post(url, values | {"seen": page.context["seen"]})
    assert answer.status_code == 409
    assert ReportingRule.objects.get().version == 2
    assert client.post(url, values).status_code == 409  # stale already where it would be shown
    # keeping mine posts the same with the new version
    assert client.post(url, values | {"seen": page.context["seen"], "version": "2"}).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"half_year_number": ""}, "half_year_number"),
        ({"half_year_number": "abc"}, "half_year_number"),
        ({"half_year_number": "40"}, "half_year_number"),
        ({"half_year_window": "29"}, "half_year_window"),
        ({"half_year_window": "0"}, "half_year_window"),
        ({"half_year_mode": "x"}, "half_year_mode"),
        ({"reporters": "named"}, "units"),
        ({"reporters": "nobody"}, "reporters"),
        ({"reminders": ["99"]}, "reminders"),
        ({"review_days": "200"}, "review_days"),
        ({"since": "31/02/2026"}, "since"),
        ({"half_year_on": ""}, "__all__"),
    ],
)
def test_bad_rules_get_a_message(cast: Cast, changes: dict[str, object], field: str) -> None:
    programme = make.make_programme(cast)
    values = {name: value for name, value in rule_values(**changes).items() if value != ""}
    from django.http import QueryDict

    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    form = RuleForm(data, programme=programme, initial=RuleForm.initial_of(parse_rule({})))
    assert not form.is_valid() and field in form.errors


def test_presets_are_one_click_and_each_has_its_sentence(cast: Cast, sign_in: SignIn) -> None:
    programme, client = make.make_programme(cast), sign_in(cast.lan)
    wanted = {
        "nd09": "Báo cáo 6 tháng: số liệu 15/12–14/06, 15/06–14/12, nộp chậm nhất 20/06, 20/12",
        "month": "Báo cáo tháng: số liệu theo tháng lịch, nộp chậm nhất 5 ngày sau khi chốt số liệu",
        "half_year": "Báo cáo năm: số liệu 15/12–14/12, nộp chậm nhất 15/12",
        "quarter": "nộp chậm nhất 06/03, 06/06, 06/09, 06/12",
    }
    assert set(wanted) == set(PRESETS)
    for key, words in wanted.items():
        rule = parse_rule(PRESETS[key])
        assert any(words in sentence for sentence in rule_sentences(rule)), rule_sentences(rule)
        page = client.get(reverse("activities:rule_edit", args=[programme.pk]), {"mau": key})
        shown = RuleForm.initial_of(rule)
        assert {name: page.context["form"].initial[name] for name in shown if name != "since"} == {
            name: value for name, value in shown.items() if name != "since"
        }


def test_a_right_that_ends_while_the_form_is_open_writes_nothing(cast: Cast, sign_in: SignIn) -> None:
    programme, client = generated(cast), sign_in(cast.lan)
    duty = ReportDuty.objects.get(period="2026-H2")
    url = reverse("activities:rule_edit", args=[programme.pk])
    values = rule_values(half_year_number="10", version="1")
    values["seen"] = client.post(url, values).context["seen"]
    before = seen(programme)
    Membership.objects.filter(user=cast.lan).update(valid_to=TODAY)
    waive = reverse("activities:duty_waive", args=[duty.pk])
    assert client.post(url, values).status_code == 403
    assert client.post(waive, {"reason": "Không cần", "version": "1"}).status_code == 403
    assert ReportingRule.objects.get().version == 1 and seen(programme) == before
    assert not ReportDuty.objects.waived().exists()


def test_a_report_sent_while_the_waiver_was_written_stays(cast: Cast, sign_in: SignIn) -> None:
    generated(cast)
    duty, client = ReportDuty.objects.get(period="2026-H2"), sign_in(cast.lan)
    sent(cast, duty, "submitted")
    answer = client.post(reverse("activities:duty_waive", args=[duty.pk]), {"reason": "Không cần", "version": "1"})
    assert answer.status_code == 403 and "đã nộp" in answer.content.decode()
    assert not ReportDuty.objects.waived().exists()


def test_removing_a_rule_by_form(cast: Cast, sign_in: SignIn) -> None:
    programme, client = generated(cast), sign_in(cast.lan)
    url = reverse("activities:rule_remove", args=[programme.pk])
    assert client.post(url, {"version": "7"}).status_code == 409 and ReportingRule.objects.exists()
    client.post(url, {"version": "1"})
    assert not ReportingRule.objects.exists()
    assert all(due < TODAY for _unit, _period, due in seen(programme))


# ------------------------------------------------------------------------------------------------------ days off


def test_a_day_off_shows_its_effect_first(cast: Cast, sign_in: SignIn) -> None:
    generated(cast)
    client, url = sign_in(cast.duc), reverse("activities:holiday_create")
    values = {"day": "15/12/2026", "kind": "off", "name": "Nghỉ bù (thử)"}
    page = client.post(url, values)
    assert "1 hạn báo cáo chuyển ngày" in page.content.decode()
    assert not Holiday.objects.filter(day="2026-12-15").exists()
    assert client.post(url, values | {"seen": page.context["seen"]}).status_code == 302
    assert ReportDuty.objects.get(period="2026-H2").due_on == Day("2026-12-14")
    row = Holiday.objects.get(day="2026-12-15")
    assert "1 hạn báo cáo chuyển ngày" in client.get(reverse("activities:holiday_edit", args=[row.pk])).content.decode()
    client.post(reverse("activities:holiday_remove", args=[row.pk]), {"version": 1})
    assert ReportDuty.objects.get(period="2026-H2").due_on == Day("2026-12-15")


def test_days_off_refuse_what_makes_no_sense(cast: Cast, sign_in: SignIn) -> None:
    client, url = sign_in(cast.duc), reverse("activities:holiday_create")
    for day, kind in (("17/02/2026", "off"), ("18/11/2026", "worked"), ("32/01/2026", "off")):
        page = client.post(url, {"day": day, "kind": kind, "name": "Thử"})
        assert page.status_code == 200 and "day" in page.context["form"].errors, day
    worked = client.post(url, {"day": "21/11/2026", "kind": "worked", "name": "Làm bù"})
    assert worked.status_code == 302
    assert services.working_days().is_working(Day("2026-11-21"))


def test_tet_is_marked_in_the_list(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.duc).get(reverse("activities:holiday_list"), {"nam": "2026"})
    marked = [row["holiday"].day for row in page.context["rows"] if row["is_tet"]]
    assert Day("2026-02-17") in marked and Day("2026-01-01") not in marked and len(marked) == 5
    assert sign_in(cast.lan).get(reverse("activities:holiday_list")).status_code == 403


def test_request_and_rule_live_apart(cast: Cast, sign_in: SignIn) -> None:
    programme = generated(cast)
    request_reports(
        actor=cast.actor(cast.lan), programme=programme, units=[cast.health], title="Báo cáo nhanh", request="",
        starts_on=TODAY, last_day=TODAY, due_on=Day("2026-11-30"),
    )  # fmt: skip
    page = sign_in(cast.minh).get("/bao-cao/")
    assert [row.title or row.period for row in page.context["rows"]] == ["Báo cáo nhanh", "2026-H2"]
    html = page.content.decode()
    assert 0 < html.index(">Báo cáo nhanh</a>") < html.index(">Báo cáo 6 tháng cuối năm 2026</a>")
