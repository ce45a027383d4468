"""Pages of a report: begin, write, send, read, decide, undo, open again, compare; who may and who may not."""

from __future__ import annotations

import datetime
import re
import uuid
import zoneinfo
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activities import services
from activities.models import Evidence, ProgressReport, Rating, ReportDuty, Review
from activities.services import reports
from activities.views.queue import queue_of
from core import files
from insights import due
from insights.context import waiting_count
from tests import form_pages, make
from tests.activities.test_reports import accepted, begun, decided, filled, make_duty, sent
from tests.cast import make_user

if TYPE_CHECKING:
    from agreements.models import Indicator
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
DATE = datetime.date
VIETNAM = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
SignIn = Any


@pytest.fixture
def indicator(cast: Cast) -> Indicator:
    return make.make_indicator(make.make_task(cast), kind="flow")


@pytest.fixture
def duty(cast: Cast, indicator: Indicator) -> ReportDuty:
    return make_duty(cast, indicator.task.programme)


def address(name: str, duty: ReportDuty) -> str:
    return reverse(f"activities:report_{name}", args=[duty.pk])


def typed(client: Client, url: str, **changes: str) -> dict[str, list[str]]:
    """Return what the last form of a page would send, with some of it typed anew."""
    form = next(form for form in reversed(form_pages.read(client.get(url)).forms) if "version" in form.controls)
    return form.as_it_stands() | {name: [value] for name, value in changes.items()}


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return form_pages.read(response).text


# ------------------------------------------------------------------------------------------------ writing


def test_a_report_is_begun_by_a_button_and_not_by_looking(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    minh, url = sign_in(cast.minh), address("edit", duty)
    assert "Bắt đầu báo cáo" in page(minh, url)
    assert not ProgressReport.objects.exists()
    key = {"form_key": str(uuid.uuid4())}
    assert minh.post(url, key)["Location"] == url
    assert minh.post(url, key)["Location"] == url  # a double press
    assert ProgressReport.objects.get().author == cast.minh


def test_figures_stand_beside_the_words_and_no_data_is_not_nought(
    cast: Cast, indicator: Indicator, duty: ReportDuty, sign_in: SignIn
):
    accepted(cast, indicator, DATE(2026, 3, 1), 4)
    make.make_activity(cast, indicator.task, starts_on=DATE(2026, 3, 2), values={indicator: 9})
    make.make_indicator(make.make_task(cast, indicator.task.programme), name="Buổi truyền thông", unit="buổi")
    begun(cast, duty)
    shown = page(sign_in(cast.minh), address("edit", duty))
    assert "1 hoạt động đã chấp nhận trong kỳ" in shown
    assert "1 mục đang chờ duyệt, chưa tính" in shown
    assert "lũy kế năm 4/120 (3 %)" in shown  # read() makes no-break spaces plain
    assert "Buổi truyền thông (buổi) chưa có số liệu" in shown


def test_what_is_missing_is_listed_with_links_and_nothing_typed_is_lost(
    cast: Cast, indicator: Indicator, duty: ReportDuty, sign_in: SignIn
):
    accepted(cast, indicator, DATE(2026, 3, 1), 4)
    line = begun(cast, duty).lines.get()
    minh, url = sign_in(cast.minh), address("edit", duty)
    body = typed(minh, url, **{f"line-{line.pk}-self_rating": "blocked", "next_steps": "Kiểm tra chợ."})
    response = minh.post(url, body | {"action": ["submit"]})
    assert response["Location"] == f"{url}?thieu=1"
    answer = minh.get(response["Location"]).content.decode()
    for target in ("id_summary", f"id_line-{line.pk}-result", f"id_line-{line.pk}-obstacles"):
        assert answer.count(f'href="#{target}"') == 2  # above the form and beside it
        assert f'id="{target}"' in answer
    report = ProgressReport.objects.get()
    assert (report.review, report.next_steps) == (Review.DRAFT, "Kiểm tra chợ.")
    body = typed(minh, url, summary="Đúng kế hoạch.")
    body |= {f"line-{line.pk}-result": ["Bốn cuộc."], f"line-{line.pk}-obstacles": ["Thiếu người."]}
    assert minh.post(url, body | {"action": ["submit"]})["Location"] == address("show", duty)
    report.refresh_from_db()
    assert (report.review, report.submitted_by) == (Review.SUBMITTED, cast.minh)
    assert minh.get(url).status_code == 403


def test_a_suggested_and_a_previous_text_are_taken_over_by_a_button(
    cast: Cast, indicator: Indicator, duty: ReportDuty, sign_in: SignIn
):
    accepted(cast, indicator, DATE(2026, 3, 1), 4)
    decided(cast, make_duty(cast, duty.programme, period="2025-H2", starts_on=DATE(2025, 6, 15),
                            ends_on=DATE(2025, 12, 15)))  # fmt: skip
    line = begun(cast, duty).lines.get()
    minh, url, field = sign_in(cast.minh), address("edit", duty), f"line-{line.pk}-result"
    response = minh.post(url, typed(minh, url, **{field: "Mở đầu."}) | {"take": [f"{field}:suggested"]})
    assert response["Location"] == f"{url}#id_{field}"
    line.refresh_from_db()
    assert line.result.startswith("Mở đầu.\nTrong kỳ: 1 hoạt động")
    minh.post(url, typed(minh, url) | {"take": ["summary:previous"]})
    assert ProgressReport.objects.get(duty=duty).summary == "Hai bên đã triển khai theo kế hoạch."
    assert "Giống kỳ trước" in page(minh, url)
    for wrong in ("summary:suggested", "version:previous", f"line-{line.pk}-nothing:previous", "x"):
        assert minh.post(url, typed(minh, url) | {"take": [wrong]}).status_code == 302
    assert ProgressReport.objects.get(duty=duty).summary == "Hai bên đã triển khai theo kế hoạch."


def test_a_photo_is_chosen_only_from_what_the_window_offers(
    cast: Cast, indicator: Indicator, duty: ReportDuty, sign_in: SignIn
):
    activity = accepted(cast, indicator, DATE(2026, 3, 1), 4)
    other = make.make_activity(cast, indicator.task, starts_on=DATE(2026, 8, 1), review="accepted")
    photo, foreign = (
        Evidence.objects.create(
            activity=row, file=files.store(user=cast.minh, name=f"{row.pk}.jpg", data=b"\xff\xd8", mime="image/jpeg")
        )
        for row in (activity, other)
    )
    line = begun(cast, duty).lines.get()
    assert list(line.photos.all()) == [photo]
    minh, url, field = sign_in(cast.minh), address("edit", duty), f"line-{line.pk}-photos"
    body = typed(minh, url)
    assert body[field] == [str(photo.pk)]
    response = minh.post(url, body | {field: [str(foreign.pk)], "summary": ["Giữ lại"]})
    assert response.status_code == 200 and form_pages.read(response).holds("summary", "Giữ lại")
    minh.post(url, typed(minh, url) | {field: []})
    assert not line.photos.exists()
    assert "Chưa chọn ảnh nào" in page(minh, address("photos", duty))


def test_a_declared_share_is_asked_only_where_nothing_measures(cast: Cast, sign_in: SignIn):
    task = make.make_task(cast, due_on=None)
    duty = make_duty(cast, task.programme)
    make.make_indicator(make.make_task(cast, task.programme))
    report = begun(cast, duty)
    line = report.lines.get(task=task)
    minh, url = sign_in(cast.minh), address("edit", duty)
    body = typed(minh, url)
    assert sum(name.endswith("-declared_share") for name in body) == 1
    response = minh.post(url, body | {f"line-{line.pk}-declared_share": ["40"]})
    assert "Ghi căn cứ của tỷ lệ tự khai" in response.content.decode()
    minh.post(url, body | {f"line-{line.pk}-declared_share": ["40"], f"line-{line.pk}-declared_reason": ["Biên bản"]})
    line.refresh_from_db()
    assert (line.declared_share, line.declared_reason) == (40, "Biên bản")


def test_a_stale_save_leads_to_both_texts_with_who_and_when(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    report = begun(cast, duty)
    minh, url = sign_in(cast.minh), address("edit", duty)
    body = typed(minh, url, summary="Bản của Minh.")
    thao = make_user("thao", "Hà Phương Thảo", cast.health)
    reports.save_report(actor=cast.actor(thao), report=report, data=reports.ReportData(summary="Bản của Thảo."))
    response = minh.post(url, body)
    assert response.status_code == 409
    text = form_pages.read(response).text
    assert "Hà Phương Thảo" in text and "Bản của Thảo." in text and "Bản của Minh." in text
    keep = form_pages.read(response).forms[-1].as_it_stands()
    assert minh.post(url, keep).status_code == 302
    assert ProgressReport.objects.get().summary == "Bản của Minh."


def test_what_was_typed_survives_a_lost_session(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    begun(cast, duty)
    minh, url = sign_in(cast.minh), address("edit", duty)
    body = typed(minh, url, summary="Viết dở trước khi mất phiên.")
    minh.logout()
    answer = form_pages.read(minh.post(url, body))
    login = next(form for form in answer.forms if "password" in form.controls)
    back = minh.post(
        login.action or url,
        login.as_it_stands() | {"username": ["minh"], "password": ["chin-bac-thang-tre-1954"]},
        follow=True,
    )
    assert form_pages.read(back).holds("summary", "Viết dở trước khi mất phiên.")


# ------------------------------------------------------------------------------------------------ reading


def test_who_reads_a_report(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    begun(cast, duty)
    show = address("show", duty)
    assert "Chưa có báo cáo" in page(sign_in(cast.lan), show)  # a draft is the unit's own
    assert sign_in(cast.lan).get(address("edit", duty)).status_code == 403
    assert sign_in(cast.lan).get(address("review", duty)).status_code == 404
    sent(cast, duty)
    for person, status in (("lan", 200), ("hung", 200), ("hoa", 200), ("tuan", 404), ("phuong", 404), ("duc", 403)):
        assert sign_in(getattr(cast, person)).get(show).status_code == status, person
    assert sign_in(cast.lan).post(show).status_code == 405
    assert sign_in(cast.lan).get(reverse("activities:report_show", args=[99_999])).status_code == 404


def test_another_party_reads_an_accepted_report_without_its_thread(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    duty.programme.parties.create(organisation=cast.stranger, name_as_signed="Sở Tư pháp", role="participant",
                                  position=3)  # fmt: skip
    report = sent(cast, duty)
    tuan = sign_in(cast.tuan)
    assert tuan.get(address("show", duty)).status_code == 404
    report = reports.return_report(actor=cast.actor(cast.lan), report=report, reason="Bổ sung số liệu.")
    reports.accept_report(
        actor=cast.actor(cast.lan), report=reports.submit_report(actor=cast.actor(cast.minh), report=report)
    )
    assert "Bổ sung số liệu." in page(sign_in(cast.minh), address("show", duty))
    assert "Bổ sung số liệu." not in page(tuan, address("show", duty))
    assert tuan.get(address("versions", duty)).status_code == 404
    assert tuan.get(address("edit", duty)).status_code == 403


def test_figures_that_move_after_the_cut_off_are_told_and_not_taken(
    cast: Cast, indicator: Indicator, duty: ReportDuty, sign_in: SignIn
):
    accepted(cast, indicator, DATE(2026, 3, 1), 4)
    decided(cast, duty)
    lan = sign_in(cast.lan)
    assert "Sau khi chốt" not in page(lan, address("show", duty))
    accepted(cast, indicator, DATE(2026, 3, 2), 5)
    shown = page(lan, address("show", duty))
    assert "Sau khi chốt có 3 số liệu thay đổi" in shown
    assert "Cuộc kiểm tra (cuộc), Trong kỳ 4 → 9" in shown
    assert "Số liệu chốt lúc" in shown


def test_two_versions_beside_each_other(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    report = sent(cast, duty)
    lan, url = sign_in(cast.lan), address("versions", duty)
    assert "Mới có một bản" in page(lan, url)
    report = reports.return_report(actor=cast.actor(cast.lan), report=report, reason="Viết rõ hơn.")
    changed = filled(report, self_rating=Rating.BEHIND, obstacles="Thiếu kinh phí.")
    report = reports.save_report(actor=cast.actor(cast.minh), report=report, data=changed)
    reports.submit_report(actor=cast.actor(cast.minh), report=report)
    shown = page(lan, url)
    assert "Thiếu kinh phí." in shown and "Chậm" in shown
    report = reports.recall_report(actor=cast.actor(cast.minh), report=report)
    reports.submit_report(actor=cast.actor(cast.minh), report=report)
    assert "Thiếu kinh phí." in page(lan, url)  # sent once more unchanged: the version before that says something else
    assert "Hai bản giống nhau" in page(lan, f"{url}?cu=1&moi=2")
    assert "Thiếu kinh phí." in page(lan, f"{url}?cu=1&moi=3")
    for hostile in ("?cu=x&moi=9", "?cu=%00", "?moi=-1"):
        assert lan.get(url + hostile).status_code == 200


def test_the_number_of_activities_opens_the_list_that_adds_up_to_it(
    cast: Cast, indicator: Indicator, duty: ReportDuty, sign_in: SignIn
):
    inside = [accepted(cast, indicator, DATE(2026, 3, day), 4) for day in (1, 2)]
    accepted(cast, indicator, DATE(2026, 7, 1), 4)  # after the window
    make.make_activity(cast, indicator.task, starts_on=DATE(2026, 3, 3))  # waits
    other = make.make_activity(cast, indicator.task, starts_on=DATE(2026, 3, 4), review="accepted", unit=cast.committee)
    url = f"/hoat-dong/?nhiem-vu={indicator.task_id}&bao-cao={duty.pk}"
    minh, lan = sign_in(cast.minh), sign_in(cast.lan)
    begun(cast, duty)
    assert url in minh.get(address("edit", duty)).content.decode().replace("&amp;", "&")
    for client in (minh, lan):
        found = client.get(url)
        assert set(found.context["page_obj"]) == {row.pk for row in inside}
        assert "Tính trong" in form_pages.read(found).text
    assert other.pk in set(lan.get(f"/hoat-dong/?nhiem-vu={indicator.task_id}").context["page_obj"])
    tuan = sign_in(cast.tuan)
    for query in (f"?bao-cao={duty.pk}", "?bao-cao=999999"):
        assert not list(tuan.get(f"/hoat-dong/{query}").context["page_obj"])


# ------------------------------------------------------------------------------------------------ deciding


def test_a_report_waits_in_the_queue_of_those_who_may_decide(cast: Cast, duty: ReportDuty, sign_in: SignIn, rf):
    sent(cast, duty)
    for person, count in (("lan", 1), ("hung", 1), ("hoa", 0)):
        request = rf.get("/")
        request.user, request.actors = getattr(cast, person), (cast.actor(getattr(cast, person)),)
        assert len(queue_of(request)) == waiting_count(request) == count, person
    assert duty.programme.code in page(sign_in(cast.lan), reverse("activities:review_list"))


def test_what_an_officer_sent_waits_for_another_and_for_the_leader(cast: Cast, duty: ReportDuty, rf):
    report = reports.open_report(actor=cast.actor(cast.lan), duty=duty)
    report = reports.save_report(actor=cast.actor(cast.lan), report=report, data=filled(report))
    reports.submit_report(actor=cast.actor(cast.lan), report=report)
    for person, count in (("lan", 0), ("hung", 1), ("hoa", 1)):
        request = rf.get("/")
        request.user, request.actors = getattr(cast, person), (cast.actor(getattr(cast, person)),)
        assert len(queue_of(request)) == waiting_count(request) == count, person


def test_the_reviewers_rating_is_asked_beside_the_units(
    cast: Cast, indicator: Indicator, duty: ReportDuty, sign_in: SignIn
):
    line = sent(cast, duty).lines.get()
    lan, url = sign_in(cast.lan), address("review", duty)
    shown = page(lan, url)
    assert "nhưng trong kỳ chưa có nội dung nào được chấp nhận" in shown  # on track, and nothing was accepted
    body = typed(lan, url)
    assert body[f"rating-{line.pk}"] == ["on_track"]
    lan.post(url, body | {f"rating-{line.pk}": ["behind"], "reason": ["Cần đẩy nhanh"], "action": ["accept"]})
    line.refresh_from_db()
    report = ProgressReport.objects.get()
    assert (report.review, report.reviewer_note, line.reviewer_rating) == ("accepted", "Cần đẩy nhanh", "behind")
    shown = page(sign_in(cast.minh), address("show", duty))
    assert "Đơn vị tự đánh giá : Đúng tiến độ" in shown.replace("giá:", "giá :")
    assert "Đánh giá của Ủy ban : Chậm" in shown.replace("ban:", "ban :")


def test_returning_needs_a_reason_and_can_be_undone(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    sent(cast, duty)
    lan, url = sign_in(cast.lan), address("review", duty)
    answer = lan.post(url, typed(lan, url) | {"action": ["return"]})
    assert answer.status_code == 200
    assert "Ghi rõ còn thiếu gì" in form_pages.read(answer).problems[0]
    long = typed(lan, url) | {"action": ["return"], "reason": ["x" * 990], "reasons": ["figures"]}
    assert "1.000" in form_pages.read(lan.post(url, long)).problems[0]
    lan.post(url, typed(lan, url) | {"action": ["return"], "reasons": ["figures"]})
    assert ProgressReport.objects.get().return_reason.startswith("Ghi nhận đủ hoạt động")
    undo = form_pages.read(lan.get(reverse("activities:review_list"))).forms
    button = next(form for form in undo if form.action == address("undo", duty))
    assert lan.post(button.action, button.as_it_stands())["Location"] == url
    assert ProgressReport.objects.get().review == Review.SUBMITTED


def test_who_was_first_is_said(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    report = sent(cast, duty)
    hung, url = sign_in(cast.hung), address("review", duty)
    body = typed(hung, url)
    reports.accept_report(actor=cast.actor(cast.lan), report=report)
    answer = hung.post(url, body | {"action": ["accept"]}, follow=True)
    assert "Nguyễn Thị Lan" in form_pages.read(answer).text
    assert ProgressReport.objects.get().reviewed_by == cast.lan


def test_a_reviewer_who_read_an_older_text_reads_again(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    report = sent(cast, duty)
    lan, url = sign_in(cast.lan), address("review", duty)
    body = typed(lan, url)
    report = reports.recall_report(actor=cast.actor(cast.minh), report=report)
    reports.submit_report(actor=cast.actor(cast.minh), report=report)
    assert lan.post(url, body | {"action": ["accept"]})["Location"] == url
    assert ProgressReport.objects.get().review == Review.SUBMITTED


def test_nobody_decides_on_the_own_report_through_the_page(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    report = reports.open_report(actor=cast.actor(cast.lan), duty=duty)
    report = reports.save_report(actor=cast.actor(cast.lan), report=report, data=filled(report))
    reports.submit_report(actor=cast.actor(cast.lan), report=report)
    lan, url = sign_in(cast.lan), address("review", duty)
    assert "không chờ bạn quyết định" in page(lan, url)
    assert lan.post(url, {"action": "accept", "version": "3"}).status_code == 403
    assert ProgressReport.objects.get().review == Review.SUBMITTED


def test_recall_and_reopening_by_button(cast: Cast, duty: ReportDuty, sign_in: SignIn):
    sent(cast, duty)
    minh, lan, move = sign_in(cast.minh), sign_in(cast.lan), address("move", duty)
    assert minh.post(move, {"action": "recall"})["Location"] == address("edit", duty)
    assert ProgressReport.objects.get().review == Review.DRAFT
    assert minh.post(move, {"action": "recall"}).status_code == 403
    decided_report = reports.submit_report(actor=cast.actor(cast.minh), report=ProgressReport.objects.get())
    reports.accept_report(actor=cast.actor(cast.lan), report=decided_report)
    answer = lan.post(move, {"action": "reopen", "reason": " "}, follow=True)
    assert "Ghi lý do mở lại báo cáo" in form_pages.read(answer).text
    long = "Sai số liệu " * 100
    answer = lan.post(move, {"action": "reopen", "reason": long}, follow=True)
    assert form_pages.read(answer).holds("reason", long)
    assert lan.post(move, {"action": "reopen", "reason": "Thiếu một hoạt động"}).status_code == 302
    assert ProgressReport.objects.get().review == Review.SUBMITTED
    assert minh.post(move, {"action": "reopen", "reason": "x"}).status_code == 403
    assert lan.post(move, {"action": "x"}).status_code == 409
    assert lan.get(move).status_code == 405


def test_no_page_takes_more_than_twenty_queries(
    cast: Cast, indicator: Indicator, duty: ReportDuty, sign_in: SignIn, django_assert_max_num_queries
):
    for turn in range(3):
        extra = make.make_indicator(make.make_task(cast, duty.programme))
        accepted(cast, extra, DATE(2026, 3, 1 + turn), 4)
    decided(cast, make_duty(cast, duty.programme, period="2025-H2", starts_on=DATE(2025, 6, 15),
                            ends_on=DATE(2025, 12, 15)))  # fmt: skip
    begun(cast, duty)
    minh, lan = sign_in(cast.minh), sign_in(cast.lan)

    def count(client: Client, name: str) -> None:
        client.get(address(name, duty))
        with django_assert_max_num_queries(20):
            assert client.get(address(name, duty)).status_code == 200

    count(minh, "edit")
    report = sent(cast, duty)
    for name in ("show", "review", "versions", "photos"):
        count(lan, name)
    reports.accept_report(actor=cast.actor(cast.lan), report=report)
    count(lan, "show")
    count(minh, "show")


def test_returned_and_sent_again_both_days_are_shown_and_the_last_one_counts(
    cast: Cast, duty: ReportDuty, sign_in: SignIn
):
    """An empty report on the due day is not a report on time (docs/decisions/0014)."""
    minh, lan = cast.actor(cast.minh), cast.actor(cast.lan)

    def standing() -> list[str]:
        found = due.rows(cast.lan, due.Filters(kind=due.REPORT))
        return [state for state in due.STATES if due.items(found, state, timezone.localdate())]

    with time_machine.travel(datetime.datetime(2026, 6, 6, 9, tzinfo=VIETNAM)):  # the due day
        report = sent(cast, duty)
        assert standing() == [due.ON_TIME]
        shown = page(sign_in(cast.lan), address("show", duty))
        assert "Gửi lần đầu" not in shown and "đúng hạn" in shown
    with time_machine.travel(datetime.datetime(2026, 6, 20, 9, tzinfo=VIETNAM)):
        reports.return_report(actor=lan, report=report, reason="Chưa có số liệu.")
        assert standing() == [due.OVERDUE]
    with time_machine.travel(datetime.datetime(2026, 6, 26, 9, tzinfo=VIETNAM)):
        reports.submit_report(actor=minh, report=report)
        reports.accept_report(actor=lan, report=ProgressReport.objects.get())
        assert standing() == [due.LATE]
        for name in (address("show", duty), reverse("activities:duty_show", args=[duty.pk])):
            for reader in (cast.lan, cast.minh):
                shown = page(sign_in(reader), name)
                assert re.search(r"Gửi lần đầu 06/06/2026\D+\d\d:\d\d · đúng hạn", shown), name
                assert re.search(r"Gửi lại 26/06/2026\D+\d\d:\d\d · muộn 20 ngày", shown), name
    # The committee lay on it for two weeks and says so: the new day is on record, the old one stays.
    with time_machine.travel(datetime.datetime(2026, 7, 1, 9, tzinfo=VIETNAM)):
        reports.reopen_report(actor=lan, report=ProgressReport.objects.get(), reason="Bổ sung.")
        returned = reports.return_report(actor=lan, report=ProgressReport.objects.get(), reason="Bổ sung biểu mới.")
        services.move_duty(
            actor=lan, duty=ReportDuty.objects.get(), due_on=DATE(2026, 7, 10), reason="Biểu mới", version=duty.version
        )
        reports.submit_report(actor=minh, report=returned)
        assert standing() == [due.ON_TIME]
        assert ReportDuty.objects.get().moved_from == DATE(2026, 6, 6)
