"""Requests for more time: one at a time, decided by another, and nothing moves until they are granted."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from agreements import figures
from agreements.models import Extension, ProgrammeFigure, TaskDeadline
from agreements.services import (
    extend_deadline,
    grant_extension,
    refuse_extension,
    report_deadline,
    request_extension,
    undo_extension_decision,
)
from agreements.services.lifecycle import refresh
from core import audit
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry, Notification
from tests.cast import Cast
from tests.make import make_task

pytestmark = pytest.mark.django_db
PAPER = "Công văn 12/CV-MTTQ ngày 05/03/2026"


def later(days: int) -> datetime.date:
    """Return the day so many days from today."""
    return timezone.localdate() + datetime.timedelta(days=days)


@pytest.fixture
def deadline(cast: Cast) -> TaskDeadline:
    """Return a deadline ten days over."""
    return make_task(cast, due_on=later(-10)).deadlines.get()


def ask(cast: Cast, deadline: TaskDeadline, **changes) -> Extension:
    """Ask as Minh for thirty days from now."""
    given = {"version": deadline.version, "new_due_on": later(30), "reason": "Mưa lũ", "paper": "118/SYT"}
    return request_extension(**{"actor": cast.actor(cast.minh), "deadline": deadline, **given, **changes})


def test_a_request_changes_no_figure_and_tells_the_officer(cast: Cast, deadline) -> None:
    before = figures.deadline_counts([deadline], timezone.localdate())
    asked = ask(cast, deadline)
    deadline.refresh_from_db()
    assert figures.deadline_counts([deadline], timezone.localdate()) == before
    assert before.overdue == 1 and deadline.due_on == later(-10)
    assert (asked.state, asked.old_due_on, asked.asked_due_on, asked.asked_paper) == (
        "requested", later(-10), later(30), "118/SYT",
    )  # fmt: skip
    assert Notification.objects.get(kind="extension.requested").user == cast.lan
    assert AuditEntry.objects.filter(action="extension.request").count() == 1


def test_granted_with_another_day_keeps_what_was_and_what_was_asked(cast: Cast, deadline) -> None:
    asked = ask(cast, deadline)
    row = grant_extension(actor=cast.actor(cast.hung), extension=asked, new_due_on=later(15), paper=PAPER)
    deadline.refresh_from_db()
    assert (deadline.original_due_on, deadline.due_on, deadline.version) == (later(-10), later(15), 2)
    assert (row.state, row.old_due_on, row.asked_due_on, row.new_due_on, row.paper) == (
        "granted", later(-10), later(30), later(15), PAPER,
    )  # fmt: skip
    assert figures.deadline_counts([deadline], timezone.localdate()).within_deadline == 1
    assert Notification.objects.get(kind="extension.granted").user == cast.minh
    ask(cast, deadline, new_due_on=later(60))  # a new request may follow


def test_refused_with_a_reason_leaves_the_deadline(cast: Cast, deadline) -> None:
    asked = ask(cast, deadline)
    with pytest.raises(DomainError):
        refuse_extension(actor=cast.actor(cast.lan), extension=asked, note="  ")
    refuse_extension(actor=cast.actor(cast.lan), extension=asked, note="Không lùi được")
    deadline.refresh_from_db()
    assert (deadline.due_on, deadline.version) == (later(-10), 1)
    assert Notification.objects.get(kind="extension.refused").params["reason"] == "Không lùi được"
    with pytest.raises(NotAllowed):
        grant_extension(actor=cast.actor(cast.lan), extension=asked, new_due_on=later(9), paper=PAPER)


def test_one_request_at_a_time_and_bad_values_are_named(cast: Cast, deadline) -> None:
    for field, changes in (
        ("new_due_on", {"new_due_on": later(-10)}),
        ("new_due_on", {"new_due_on": later(-1)}),
        ("reason", {"reason": " "}),
    ):
        with pytest.raises(DomainError) as error:
            ask(cast, deadline, **changes)
        assert error.value.field == field
    with pytest.raises(Stale):
        ask(cast, deadline, version=9)
    ask(cast, deadline)
    with pytest.raises(DomainError):
        ask(cast, deadline)
    with pytest.raises(DomainError):  # the officer decides on the request first
        extend_deadline(
            actor=cast.actor(cast.lan), deadline=deadline, version=1, new_due_on=later(9), reason="Lũ", paper=PAPER
        )
    assert Extension.objects.count() == 1


def test_who_may_ask_and_who_decides(cast: Cast, deadline) -> None:
    for user in (cast.lan, cast.hoa, cast.tuan, cast.phuong):
        with pytest.raises(NotAllowed):
            ask(cast, deadline, actor=cast.actor(user))
    asked = ask(cast, deadline)
    for user in (cast.minh, cast.hoa, cast.duc, cast.tuan, cast.phuong):
        with pytest.raises(NotAllowed):
            grant_extension(actor=cast.actor(user), extension=asked, new_due_on=later(30), paper=PAPER)
    Extension.objects.update(requested_by=cast.lan)
    with pytest.raises(NotAllowed):
        refuse_extension(actor=cast.actor(cast.lan), extension=asked, note="Không")
    with pytest.raises(DomainError):
        grant_extension(actor=cast.actor(cast.hung), extension=asked, new_due_on=later(30), paper=" ")
    with pytest.raises(DomainError):
        grant_extension(actor=cast.actor(cast.hung), extension=asked, new_due_on=later(-10), paper=PAPER)


def test_reported_done_meanwhile_it_can_still_be_granted_and_waits_no_more_once_done(
    cast: Cast, deadline, tmp_path
) -> None:
    asked = ask(cast, deadline)
    from tests.walk import stored

    file = stored(cast.minh)
    report_deadline(
        actor=cast.actor(cast.minh), deadline=deadline, done_on=timezone.localdate(), note="Xong", files=[file]
    )
    assert list(Extension.objects.waiting()) == [asked]
    grant_extension(actor=cast.actor(cast.lan), extension=asked, new_due_on=later(5), paper=PAPER)
    other = make_task(cast, due_on=later(-3)).deadlines.get()
    ask(cast, other)
    TaskDeadline.objects.filter(pk=other.pk).update(state="done", done_on=timezone.localdate())
    assert not Extension.objects.waiting().exists()


def test_the_forms_of_a_recurring_deadline_name_its_period_in_words(cast: Cast, deadline, sign_in) -> None:
    deadline.period = "2026-Q3"
    deadline.save()
    pages = {"gia-han": cast.lan, "xin-gia-han": cast.minh, "bao-xong": cast.minh}
    for page, user in pages.items():
        address = f"/thoi-han/{deadline.pk}/{page}/"
        body = sign_in(user).get(address).content.decode()
        assert "quý III/2026" in body and "2026-Q3" not in body, page
        user.language = "en"
        user.save(update_fields=["language"])
        body = sign_in(user).get(address).content.decode()
        assert "quarter III/2026" in body and "2026-Q3" not in body, page
        user.language = "vi"
        user.save(update_fields=["language"])
    ask(cast, deadline)
    entry = AuditEntry.objects.get(action="extension.request")
    assert (entry.object_label, entry.detail["period"]) == (deadline.task.title, "2026-Q3")  # in nobody's language
    audit.log(
        cast.lan, "deadline.confirm", deadline.task, label=f"{deadline.task.title} 2026-H1"
    )  # as was written before
    history = f"/chuong-trinh/{deadline.task.programme_id}/lich-su/"
    body = sign_in(cast.lan).get(history).content.decode()
    assert f"{deadline.task.title} (quý III/2026)" in body and f"{deadline.task.title} (6 tháng đầu năm 2026)" in body
    assert "2026-Q3" not in body and "2026-H1" not in body
    deadline.period = ""
    assert str(deadline) == deadline.task.title


def test_the_pages_from_request_to_decision(cast: Cast, deadline, sign_in) -> None:
    minh, lan = sign_in(cast.minh), sign_in(cast.lan)
    url = f"/thoi-han/{deadline.pk}/xin-gia-han/"
    typed = {"new_due_on": "mai", "reason": "Mưa lũ", "version": 1}
    page = minh.post(url, typed)
    assert page.status_code == 200 and 'value="mai"' in page.content.decode()
    good = {"new_due_on": later(30).strftime("%d/%m/%Y"), "reason": "Mưa lũ", "paper": "118/SYT", "version": 1}
    assert minh.post(url, good).status_code == 302
    assert "Đã đề nghị gia hạn" in minh.get(f"/nhiem-vu/{deadline.task_id}/").content.decode()
    again = minh.post(url, good)
    assert again.status_code == 200 and "đang chờ Ủy ban" in again.content.decode()
    assert lan.get(url).status_code == 403

    row = Extension.objects.get()
    review = f"/phe-duyet/gia-han/{row.pk}/"
    queue = lan.get("/phe-duyet/").content.decode()
    assert "Gia hạn" in queue and "118/SYT" in queue
    assert review in lan.get("/").content.decode()  # the officer's first page
    assert sign_in(cast.phuong).get(review).status_code == 404
    assert minh.get(review).status_code == 403
    no_paper = lan.post(review, {"action": "accept", "new_due_on": good["new_due_on"], "paper": ""})
    assert no_paper.status_code == 200 and "Nhập văn bản quyết định" in no_paper.content.decode()
    assert lan.post(review, {"action": "return", "reason": ""}).status_code == 200
    assert lan.post(review, {"action": "explode"}).status_code == 409
    assert lan.post(review, {"action": "accept", "new_due_on": good["new_due_on"], "paper": PAPER}).status_code == 302
    late = lan.post(review, {"action": "return", "reason": "Không"}, follow=True)
    assert "Nguyễn Thị Lan" in late.content.decode()  # who was first is said
    assert Extension.objects.get().state == "granted"
    assert PAPER in minh.get(f"/nhiem-vu/{deadline.task_id}/").content.decode()


def standing(deadline: TaskDeadline) -> tuple:
    """Return everything a decision on more time may move: the deadline, its request, the figures and the notices."""
    row = TaskDeadline.objects.get(pk=deadline.pk)
    asked = Extension.objects.filter(deadline=row).exclude(requested_at=None).values().get()
    counts = figures.deadline_counts([row], timezone.localdate())
    figure = ProgrammeFigure.objects.get(programme=row.task.programme_id)
    told = set(Notification.objects.values_list("kind", "user"))
    kept = {
        field.attname: getattr(figure, field.attname) for field in figure._meta.fields if field.name != "updated_at"
    }
    kept = {name: value for name, value in kept.items() if not isinstance(value, datetime.datetime)}
    return row.original_due_on, row.due_on, row.state, row.done_on, asked, counts, kept, told


@pytest.mark.parametrize("action", ["grant", "refuse"])
def test_an_undone_decision_leaves_everything_as_it_was(cast: Cast, deadline, action: str) -> None:
    lan = cast.actor(cast.lan)
    asked = ask(cast, deadline)
    refresh(deadline.task.programme)
    before, logged = standing(deadline), AuditEntry.objects.count()
    if action == "grant":
        row = grant_extension(actor=lan, extension=asked, new_due_on=later(50), paper=PAPER)
    else:
        row = refuse_extension(actor=lan, extension=asked, note="Không lùi được")
    assert standing(deadline) != before
    for other in (cast.hung, cast.minh, cast.hoa, cast.phuong):
        with pytest.raises(NotAllowed):
            undo_extension_decision(actor=cast.actor(other), extension=row)
    undo_extension_decision(actor=lan, extension=row, version=row.deadline.version)
    assert standing(deadline) == before
    entries = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))[logged:]
    assert entries == [f"extension.{action}", "extension.undo"]  # the trail keeps both
    with pytest.raises(NotAllowed, match="chưa được quyết định"):
        undo_extension_decision(actor=lan, extension=row)
    again = grant_extension(actor=lan, extension=row, new_due_on=later(60), paper=PAPER)  # decided anew, told anew
    assert Notification.objects.get(kind="extension.granted").user == cast.minh
    assert again.deadline.due_on == later(60)


def test_a_decision_cannot_be_undone_once_something_rests_on_it(cast: Cast, deadline) -> None:
    lan = cast.actor(cast.lan)
    row = grant_extension(actor=lan, extension=ask(cast, deadline), new_due_on=later(20), paper=PAPER)
    with pytest.raises(Stale):
        undo_extension_decision(actor=lan, extension=row, version=row.deadline.version + 1)
    extend_deadline(
        actor=lan, deadline=deadline, version=row.deadline.version, new_due_on=later(25), reason="Bão", paper=PAPER
    )
    with pytest.raises(NotAllowed, match="đã được sửa sau đó"):
        undo_extension_decision(actor=lan, extension=row)

    second = make_task(cast, due_on=later(-10)).deadlines.get()
    refused = refuse_extension(actor=lan, extension=ask(cast, second), note="Không")
    ask(cast, second)
    with pytest.raises(DomainError, match="đề nghị gia hạn mới"):
        undo_extension_decision(actor=lan, extension=refused)

    third = make_task(cast, due_on=later(-10)).deadlines.get()
    given = grant_extension(actor=lan, extension=ask(cast, third), new_due_on=later(20), paper=PAPER)
    TaskDeadline.objects.filter(pk=third.pk).update(state="done", done_on=timezone.localdate())
    with pytest.raises(NotAllowed, match="đã khép lại"):
        undo_extension_decision(actor=lan, extension=given)

    fourth = make_task(cast, due_on=later(-10)).deadlines.get()
    decided = refuse_extension(actor=lan, extension=ask(cast, fourth), note="Không")
    Notification.objects.filter(kind="extension.refused").update(deliver_after=timezone.now())
    with pytest.raises(NotAllowed, match="Thông báo đã"):
        undo_extension_decision(actor=lan, extension=decided)
    direct = extend_deadline(
        actor=lan, deadline=fourth, version=1, new_due_on=later(9), reason="Bão", paper=PAPER
    ).extensions.get(requested_at=None)
    with pytest.raises(NotAllowed):
        undo_extension_decision(actor=lan, extension=direct)


def test_the_queue_offers_the_undo_until_the_officer_leaves_it(cast: Cast, deadline, sign_in) -> None:
    lan, row = sign_in(cast.lan), ask(cast, deadline)
    review = f"/phe-duyet/gia-han/{row.pk}/"
    day = later(30).strftime("%d/%m/%Y")
    said = lan.post(review, {"action": "accept", "new_due_on": day, "paper": PAPER}, follow=True)
    offered = said.context["undo"]
    assert "Đã đồng ý gia hạn" in said.content.decode()
    assert offered["url"] == f"{review}hoan-tac/" and offered["url"] in lan.get(review).content.decode()
    assert offered["url"] not in sign_in(cast.hung).get(review).content.decode()
    assert sign_in(cast.hung).post(offered["url"], {"version": offered["version"]}).status_code == 403
    assert sign_in(cast.phuong).post(offered["url"]).status_code == 404
    assert lan.get(offered["url"]).status_code == 405
    assert lan.post(offered["url"], {"version": "1"}).status_code == 409  # another version of the deadline
    assert lan.post(offered["url"], {"version": offered["version"]})["Location"] == review
    row.refresh_from_db()
    deadline.refresh_from_db()
    assert (row.state, deadline.due_on, Notification.objects.filter(kind="extension.granted").count()) == (
        "requested", later(-10), 0,
    )  # fmt: skip
    assert lan.get("/phe-duyet/").context["undo"] is None
    lan.post(review, {"action": "return", "reason": "Không lùi được"})
    assert Notification.objects.filter(kind="extension.refused", deliver_after__gt=timezone.now()).exists()
    lan.get("/")  # leaving the queue lets the notice go
    assert Notification.objects.filter(kind="extension.refused", deliver_after__lte=timezone.now()).exists()
    assert lan.post(offered["url"]).status_code == 403
