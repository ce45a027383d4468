"""Review at speed: what rows show, entries that look alike, many at once, reasons used again, undo until leaving."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.utils import timezone

from activities import services
from activities.models import Activity, NotDuplicate, ReturnReason
from activities.services.duplicates import candidates, say_not_duplicate
from activities.services.reasons import most_used, remember
from agreements.services.results import task_figures
from core.exceptions import DomainError, NotAllowed
from core.models import Notification, User
from partners.models import Organisation
from tests import make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def today() -> datetime.date:
    """Return today in Vietnam."""
    return timezone.localdate()


# ------------------------------------------------------------------------------------------------- alike


@pytest.fixture
def first(cast: Cast) -> Activity:
    """Return an activity that waits, in a commune."""
    return make.make_activity(cast, locality=cast.commune)


def twins(cast: Cast, activity: Activity) -> list[Activity]:
    """Return what an officer is told about an activity."""
    return candidates([Activity.objects.select_related("task").get(pk=activity.pk)], user=cast.lan)[activity.pk]


@pytest.mark.parametrize(("days", "alike"), [(-4, False), (-3, True), (0, True), (3, True), (4, False)])
def test_three_days_apart_at_most(cast: Cast, first: Activity, days: int, alike: bool) -> None:
    first.starts_on = today() - 10 * DAY
    first.save()
    other = make.make_activity(cast, first.task, locality=cast.commune, starts_on=first.starts_on + days * DAY)
    assert twins(cast, first) == ([other] if alike else [])
    assert twins(cast, other) == ([first] if alike else [])


def test_like_work_in_the_same_place_of_any_unit_but_never_drafts(cast: Cast, first: Activity) -> None:
    group = make.make_content_group()
    task = first.task
    task.content_group = group
    task.save()
    same_group = make.make_task(cast, make.make_programme(cast), content_group=group)
    other_group = make.make_task(cast, make.make_programme(cast), content_group=make.make_content_group(2))
    accepted = make.make_activity(
        cast, same_group, locality=cast.commune, review="accepted", unit=cast.stranger, acting_for=cast.stranger
    )
    make.make_activity(cast, other_group, locality=cast.commune)
    make.make_activity(cast, task, place="xóm khác")
    make.make_activity(cast, task, locality=cast.commune, review="draft")
    make.make_activity(cast, task, locality=cast.commune, review="returned")
    assert twins(cast, first) == [accepted]


def test_without_a_commune_the_place_in_words_counts(cast: Cast) -> None:
    one = make.make_activity(cast, place="Nhà văn hóa Xóm 4")
    two = make.make_activity(cast, one.task, place="nha van hoa xom 4")
    make.make_activity(cast, one.task, place="Xóm 5")
    make.make_activity(cast, one.task)
    assert twins(cast, one) == [two]


def test_not_the_same_is_remembered_until_one_side_says_something_else(cast: Cast, first: Activity) -> None:
    other = make.make_activity(cast, first.task, locality=cast.commune)
    lan = cast.actor(cast.lan)
    for user, error in ((cast.minh, NotAllowed), (cast.phuong, NotAllowed)):
        with pytest.raises(error):
            say_not_duplicate(actor=cast.actor(user), activity=first, other=other, reason="Hai nhà")
    with pytest.raises(DomainError):
        say_not_duplicate(actor=lan, activity=first, other=other, reason=" ")
    say_not_duplicate(actor=lan, activity=other, other=first, reason="Hai nhà khác nhau")
    assert twins(cast, first) == twins(cast, other) == []
    services.accept(actor=lan, item=first)  # a decision changes nothing that the entries say
    assert twins(cast, other) == []
    other.households = 3
    other.save()
    assert [row.pk for row in twins(cast, other)] == [first.pk]
    say_not_duplicate(actor=lan, activity=first, other=other, reason="Vẫn là hai nhà")
    assert twins(cast, other) == []
    assert NotDuplicate.objects.get().reason == "Vẫn là hai nhà"


def test_twins_cost_two_queries_however_many_are_asked(cast: Cast, django_assert_num_queries) -> None:
    task = make.make_task(cast)
    rows = [make.make_activity(cast, task, locality=cast.commune) for _number in range(12)]
    asked = list(Activity.objects.filter(pk__in=[row.pk for row in rows]).select_related("task"))
    candidates(asked, user=cast.lan)  # the scope of the person is read once
    with django_assert_num_queries(2):
        found = candidates(asked, user=cast.lan)
    assert {len(one) for one in found.values()} == {5}


def test_one_asked_alone_finds_what_it_finds_among_others_for_each_reader(cast: Cast, first: Activity) -> None:
    make.make_activity(cast, first.task, locality=cast.commune)
    make.make_activity(cast, first.task, place="Xóm 3")
    make.make_activity(cast, first.task, place="xóm 3")
    rows = list(Activity.objects.select_related("task"))
    for user in (cast.lan, cast.tuan, cast.hoa, cast.minh):
        together = candidates(rows, user=user)
        alone = {row.pk: candidates([row], user=user)[row.pk] for row in rows}
        assert {pk: {one.pk for one in found} for pk, found in alone.items()} == {
            pk: {one.pk for one in found} for pk, found in together.items()
        }
        assert any(alone.values()) == (user != cast.tuan)


def test_a_line_of_the_queue_shows_each_change_at_once(cast: Cast, first: Activity, sign_in) -> None:
    client = sign_in(cast.lan)

    def lines(url: str = "/phe-duyet/") -> str:
        html = client.get(url).content.decode()
        return html[html.index('<ol class="queue"') : html.index("</ol>")]

    other = make.make_activity(cast, first.task)
    assert lines().count('aria-current="true"') == 1 and f"/{first.pk}/" in lines().split('aria-current="true"')[0]
    assert (
        f"/{other.pk}/" in lines(f"/phe-duyet/hoat-dong/{other.pk}/").split('aria-current="true"')[0].rsplit("<a", 1)[1]
    )
    Activity.objects.filter(pk=first.pk).update(title="<b>Tên khác</b>")
    assert "&lt;b&gt;Tên khác" in lines() and "<b>Tên" not in lines()
    client.post("/ngon-ngu/", {"language": "en"})
    assert "sent " in lines()
    Activity.objects.filter(pk=other.pk).update(review="draft", submitted_at=None)
    assert f"/{other.pk}/" not in lines()


def test_the_page_of_two_entries(cast: Cast, first: Activity, sign_in) -> None:
    other = make.make_activity(cast, first.task, locality=cast.commune)
    client, url = sign_in(cast.lan), f"/phe-duyet/hoat-dong/{first.pk}/doi-chieu/"
    assert f"?voi={other.pk}" in client.get(f"/phe-duyet/hoat-dong/{first.pk}/").content.decode()
    page = client.get(url, {"voi": other.pk}).content.decode()
    assert first.title in page and other.title in page
    assert client.get(url, {"voi": "999999"}).status_code == 404
    empty = client.post(url, {"other": other.pk, "reason": ""})
    assert empty.status_code == 200 and "errsum" in empty.content.decode()
    assert client.post(url, {"other": other.pk, "reason": "Hai bếp ăn khác nhau"}).status_code == 302
    assert "Có thể trùng" not in client.get(f"/phe-duyet/hoat-dong/{first.pk}/").content.decode()
    assert "Không còn nội dung giống nhau" in client.get(url).content.decode()


# ------------------------------------------------------------------------------------------------- rows and many


def test_rows_show_the_effect(cast: Cast, sign_in) -> None:
    task = make.make_task(cast)
    indicator = make.make_indicator(task)
    done = make.make_activity(cast, task, values={indicator: 42})
    services.accept(actor=cast.actor(cast.lan), item=done)
    make.make_activity(cast, task, values={indicator: 3})
    page = " ".join(sign_in(cast.lan).get("/phe-duyet/").content.decode().split())
    row = page[page.index('class="q-eff"') : page.index('class="q-eff"') + 420]
    assert row.index("42") < row.index(">45<") < row.index("/ 120 cuộc")


def test_many_are_accepted_through_a_page_that_says_what_changes(cast: Cast, sign_in) -> None:
    task = make.make_task(cast)
    indicator = make.make_indicator(task)
    rows = [make.make_activity(cast, task, values={indicator: 5}) for _number in range(3)]
    own = make.make_activity(cast, task, author=cast.lan, acting_for=cast.committee)
    client = sign_in(cast.lan)
    keys = [f"activity-{row.pk}" for row in [*rows, own]]
    page = client.get("/phe-duyet/nhieu/kiem-tra/", {"muc": [*keys, "activity-x", "house-3"]})
    assert [one.item.pk for one in page.context["good"]] == [row.pk for row in rows]
    (left_out,) = page.context["left_out"]
    assert left_out.item == own and "do bạn ghi" in left_out.left_out
    (total,) = page.context["sums"]
    assert (total.before, total.after) == (None, 15)
    assert not Activity.objects.filter(review="accepted").exists()

    services.return_item(actor=cast.actor(cast.hung), item=rows[2], reason="Thiếu ảnh")  # Hùng was faster
    data = {"muc": keys} | {f"v-activity-{row.pk}": row.version for row in rows}
    answer = client.post("/phe-duyet/nhieu/kiem-tra/", data, follow=True)
    text = answer.content.decode()
    assert "Đã chấp nhận 2 mục" in text and "Lê Văn Hùng" in text
    states = dict(Activity.objects.values_list("pk", "review"))
    assert [states[row.pk] for row in [*rows, own]] == ["accepted", "accepted", "returned", "submitted"]
    assert task_figures([task])[task.pk].indicators[0].actual == 10
    undo = client.session["decided"]
    assert len(undo) == 2
    assert client.post(undo[1]["url"], {"version": undo[1]["version"]}).status_code == 302
    assert task_figures([task])[task.pk].indicators[0].actual == 5
    assert len(client.session["decided"]) == 1


def test_a_stale_version_is_not_accepted(cast: Cast, sign_in) -> None:
    row = make.make_activity(cast)
    for version in ("7", "", "x", "9" * 30):
        data = {"muc": [f"activity-{row.pk}"], f"v-activity-{row.pk}": version}
        assert sign_in(cast.lan).post("/phe-duyet/nhieu/kiem-tra/", data).status_code == 302
    row.refresh_from_db()
    assert row.review == "submitted"


def test_at_most_twenty_and_at_least_one(cast: Cast, sign_in) -> None:
    client = sign_in(cast.lan)
    for keys in ([], [f"activity-{number}" for number in range(21)]):
        answer = client.get("/phe-duyet/nhieu/kiem-tra/", {"muc": keys}, follow=True)
        assert answer.redirect_chain[0][0] == "/phe-duyet/nhieu/"
        assert "note" in answer.content.decode()


def test_the_check_page_says_what_may_be_the_same_and_is_bounded(
    cast: Cast, sign_in, django_assert_max_num_queries
) -> None:
    task = make.make_task(cast)
    indicator = make.make_indicator(task)
    rows = [
        make.make_activity(cast, task, locality=cast.commune, values={indicator: 1}, starts_on=today() - n * 5 * DAY)
        for n in range(19)
    ]
    twin = make.make_activity(cast, task, locality=cast.commune)
    client, query = sign_in(cast.lan), {"muc": [f"activity-{row.pk}" for row in [*rows, twin]]}
    client.get("/phe-duyet/nhieu/kiem-tra/", query)
    with django_assert_max_num_queries(20):
        page = client.get("/phe-duyet/nhieu/kiem-tra/", query)
    assert {one.item.pk for one in page.context["doubtful"]} == {rows[0].pk, twin.pk}


# ------------------------------------------------------------------------------------------------- reasons


def test_the_most_used_reason_stands_first_and_belongs_to_the_committee(cast: Cast, sign_in) -> None:
    lan = cast.actor(cast.lan)
    remember(actor=lan, committee=cast.committee, texts=["Thiếu biên bản.", "x" * 301, " "])
    for _time in range(2):
        remember(actor=lan, committee=cast.committee, texts=["Ghi rõ  xã."])
    assert [text for _pk, text in most_used(cast.committee)] == ["Ghi rõ xã.", "Thiếu biên bản."]
    assert most_used(cast.other_committee) == []
    row = make.make_activity(cast)
    client, url = sign_in(cast.lan), f"/phe-duyet/hoat-dong/{row.pk}/"
    page = client.get(url).content.decode()
    assert page.index("Ghi rõ xã.") < page.index("Thiếu biên bản.") < page.index("Bổ sung danh sách")
    first = ReturnReason.objects.get(text="Ghi rõ xã.")
    data = {"action": "return", "reasons": [f"r{first.pk}"], "reason": "Kèm ảnh.", "keep": "on", "version": 1}
    assert client.post(url, data).status_code == 302
    row.refresh_from_db()
    assert row.return_reason == "Ghi rõ xã. Kèm ảnh."
    assert dict(ReturnReason.objects.values_list("text", "uses")) == {
        "Ghi rõ xã.": 3, "Thiếu biên bản.": 1, "Kèm ảnh.": 1,
    }  # fmt: skip


def test_a_failed_return_counts_no_reason(cast: Cast, sign_in) -> None:
    row = make.make_activity(cast)
    client, url = sign_in(cast.lan), f"/phe-duyet/hoat-dong/{row.pk}/"
    foreign = ReturnReason.objects.create(committee=cast.other_committee, text="Của nơi khác")
    for reasons in ([f"r{foreign.pk}"], ["r9999999"], []):
        answer = client.post(url, {"action": "return", "reasons": reasons, "version": 1})
        assert answer.status_code == 200 and "errsum" in answer.content.decode()
    assert ReturnReason.objects.get().uses == 1


# ------------------------------------------------------------------------------------------------- undo until leaving


def decide(client, row: Activity) -> None:
    """Accept an entry by its page, the commit included."""
    answer = client.post(f"/phe-duyet/hoat-dong/{row.pk}/", {"action": "accept", "version": row.version})
    assert answer.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_notice_leaves_when_the_reviewer_leaves_the_queue_and_then_nothing_is_undone(sign_in) -> None:
    from tests.cast import make_cast

    cast = make_cast()
    row, later = make.make_activity(cast), make.make_activity(cast)
    client = sign_in(cast.lan)
    decide(client, row)
    client.get("/phe-duyet/")
    client.get(f"/phe-duyet/hoat-dong/{later.pk}/")
    told = Notification.objects.filter(user=cast.minh, kind="activity_accepted")
    assert told.get().deliver_after > timezone.now()
    assert "Hoàn tác" in client.get("/phe-duyet/").content.decode()  # still there, not only on the next page
    client.get("/chuong-trinh/")
    assert told.get().deliver_after <= timezone.now()
    answer = client.post(f"/phe-duyet/hoat-dong/{row.pk}/hoan-tac/", {"version": row.version + 1})
    assert answer.status_code == 403
    row.refresh_from_db()
    assert row.review == "accepted"
    assert "Hoàn tác" not in client.get("/phe-duyet/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_another_person_leaving_releases_nothing(sign_in) -> None:
    from tests.cast import make_cast

    cast = make_cast()
    row = make.make_activity(cast)
    client, other = sign_in(cast.lan), sign_in(cast.hung)
    decide(client, row)
    other.get("/chuong-trinh/")
    assert Notification.objects.get(user=cast.minh).deliver_after > timezone.now()
    undo = client.session["decided"][0]
    assert client.post(undo["url"], {"version": undo["version"]}).status_code == 302
    assert not Notification.objects.filter(user=cast.minh).exists()


def test_after_five_minutes_nothing_is_offered_to_undo(cast: Cast, sign_in) -> None:
    row = make.make_activity(cast)
    make.make_activity(cast)
    client = sign_in(cast.lan)
    decide(client, row)
    assert "Hoàn tác" in client.get("/phe-duyet/").content.decode()
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6), tick=False):
        assert "Hoàn tác" not in client.get("/phe-duyet/").content.decode()


def test_the_queue_and_the_list_name_units_in_the_language_of_the_page(cast, sign_in) -> None:
    Organisation.objects.filter(pk=cast.health.pk).update(name_en="Department of Health")
    make.make_activity(cast, make.make_task(cast))
    client = sign_in(cast.lan)
    for language, name in (("vi", "Sở Y tế"), ("en", "Department of Health"), ("vi", "Sở Y tế")):
        User.objects.filter(pk=cast.lan.pk).update(language=language)
        (waiting,) = client.get("/phe-duyet/").context["queue"]
        assert waiting.unit == name
        assert name in client.get("/hoat-dong/").content.decode()
