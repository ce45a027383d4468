"""What left the overdue work of a past day without being finished, or came into it: each row told, and they add up."""

from __future__ import annotations

import datetime
import random

import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone, translation

from activities import services
from activities.models import Directive, ProgressReport, ReportDuty
from activities.services import reports
from activities.services.due_kept import keep_due_work
from agreements.models import DailyFigure, Milestone, TaskDeadline
from agreements.services import change_task_state, drop_milestone, extend_deadline
from core.models import User
from documents import tables
from insights import due
from insights.dashboard import balance, changes
from insights.scope import Scope
from tests.make import make_programme, make_task

pytestmark = pytest.mark.django_db
ONE = datetime.timedelta(days=1)
PAPER = "Công văn 12/CV-MTTQ ngày 05/03/2026"


def today() -> datetime.date:
    return timezone.localdate()


def kept_day() -> datetime.date:
    return today() - 7 * ONE


def late() -> datetime.date:
    """Return a due date that was past on the day kept."""
    return kept_day() - 5 * ONE


def noon(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))


def night(*programmes) -> None:
    """Count the day kept as the timer would have, and let an hour pass: what changes from here on came later."""
    for programme in programmes:
        DailyFigure.objects.create(programme=programme, day=kept_day())
    assert keep_due_work(kept_day()) == len(programmes)
    assert not DailyFigure.objects.filter(day=kept_day(), due_counted_at=None).exists()
    with pgtrigger.ignore(), connection.cursor() as cursor:
        for table in balance.HISTORY.values():
            cursor.execute(f"UPDATE {table} SET pgh_created_at = pgh_created_at - interval '2 hours'")
    DailyFigure.objects.update(due_counted_at=timezone.now() - datetime.timedelta(hours=1))


def make_duty(cast, programme, title, due_on, review="", sent=None) -> ReportDuty:
    duty = ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, kind="on_request", period=title, title=title,
        starts_on=late() - 90 * ONE, ends_on=late() - 30 * ONE, due_on=due_on,
    )  # fmt: skip
    if review:
        ProgressReport.objects.create(
            duty=duty, author=cast.minh, acting_for=cast.health, review=review, submitted_at=noon(sent),
            submitted_by=cast.minh,
        )  # fmt: skip
    return duty


def make_directive(cast, programme, text, **changes) -> Directive:
    given = {"due_on": late(), "unit": cast.health, "author": cast.hoa, "committee": cast.committee, "text": text}
    return Directive.objects.create(programme=programme, **given | changes)


def told(cast, step, scope=None) -> dict[str, str]:
    """Return title → what became of it, of those that left or came."""
    found = balance.turns(cast.hoa, scope or Scope(), kept_day(), step, 0, 99)
    assert len({turn.title for turn in found}) == len(found) == balance.counts(cast.hoa, scope or Scope(), kept_day())[
        0 if step == balance.LEFT else 1
    ]  # fmt: skip
    return {turn.title: turn.what for turn in found}


def adds_up(cast, scope=None) -> list[tuple[int, str]]:
    """Return the steps of the section, after adding them up."""
    found = changes.read(cast.hoa, scope or Scope(), today())
    pair = found.overdue_pair
    assert pair.then + sum(step.by for step in found.steps) == pair.now
    for step in found.steps:
        assert not step.listed or len(list(found.listed(step.listed))) == step.size
    return [(step.by, step.listed) for step in found.steps]


def test_each_way_out_of_overdue_work_is_a_row_with_what_and_when(cast):
    programme, officer = make_programme(cast), cast.actor(cast.lan)
    tasks = {
        name: make_task(cast, programme, title=name, due_on=late())
        for name in ("lùi", "dừng", "xác nhận", "xong", "còn", "bỏ")
    }
    duties = {name: make_duty(cast, programme, name, late()) for name in ("miễn", "dời", "gửi", "thôi")}
    directive = make_directive(cast, programme, "rút")
    milestones = {
        name: Milestone.objects.create(programme=programme, kind="annual_plan", name=name, due_on=late() - n * ONE)
        for n, name in enumerate(("hủy mốc", "dời mốc", "mốc đã xong"))
    }
    night(programme)
    assert DailyFigure.objects.get(day=kept_day()).due_overdue == 14
    assert adds_up(cast) == []
    deadlines = {name: task.deadlines.get() for name, task in tasks.items()}
    extend_deadline(
        actor=officer, deadline=deadlines["lùi"], version=1, new_due_on=today() + 9 * ONE, reason="Mưa lũ", paper=PAPER
    )
    change_task_state(actor=officer, task=tasks["dừng"], version=tasks["dừng"].version, to="paused", reason="Chờ",
                      paper=PAPER)  # fmt: skip
    for name, done_on in (("xác nhận", late() + ONE), ("xong", kept_day() + ONE)):
        deadlines[name].state, deadlines[name].done_on = "done", done_on
        deadlines[name].save()
    deadlines["còn"].evidence_note = "Đang làm"
    deadlines["còn"].save()
    tasks["bỏ"].deadlines.update(state="cancelled")
    services.waive_duty(actor=officer, duty=duties["miễn"], reason="Đã báo cáo riêng", version=1)
    services.move_duty(actor=officer, duty=duties["dời"], due_on=today() + ONE, reason="Bão", version=1)
    ProgressReport.objects.create(
        duty=duties["gửi"], author=cast.minh, acting_for=cast.health, review="submitted", submitted_at=timezone.now(),
        submitted_by=cast.minh,
    )  # fmt: skip
    duties["thôi"].delete()
    services.withdraw_directive(actor=cast.actor(cast.hoa), directive=directive, note="Không cần nữa")
    drop_milestone(actor=officer, milestone=milestones["hủy mốc"], version=1)
    Milestone.objects.filter(pk=milestones["dời mốc"].pk).update(due_on=kept_day())
    Milestone.objects.filter(pk=milestones["mốc đã xong"].pk).update(done_on=late())
    assert told(cast, balance.LEFT) == {
        "lùi": f"lùi hạn đến {today() + 9 * ONE:%d/%m/%Y}",
        "dừng": "nhiệm vụ tạm dừng",
        "xác nhận": f"xác nhận đã xong ngày {late() + ONE:%d/%m/%Y}",
        "bỏ": "đã hủy",
        "miễn": "được miễn",
        "dời": f"lùi hạn đến {today() + ONE:%d/%m/%Y}",
        "thôi": "không còn yêu cầu",
        "rút": "đã rút lại",
        "hủy mốc": "đã bỏ",
        "dời mốc": f"lùi hạn đến {kept_day():%d/%m/%Y}",
        "mốc đã xong": f"xác nhận đã xong ngày {late():%d/%m/%Y}",
    }
    assert told(cast, balance.CAME) == {}
    assert adds_up(cast) == [(1, changes.NEWLY_OVERDUE), (-2, changes.CLEARED), (-11, changes.LEFT)]
    rows = {turn.title: turn for turn in balance.turns(cast.hoa, Scope(), kept_day(), balance.LEFT, 0, 99)}
    assert {turn.at.date() for turn in rows.values()} == {timezone.now().date()}
    assert (rows["thôi"].url, rows["hủy mốc"].url) == ("", "")
    assert rows["rút"].url == f"/chi-dao/{directive.pk}/" and rows["rút"].unit == "Sở Y tế"
    assert (rows["lùi"].due_on, rows["lùi"].code) == (late(), programme.code)
    assert rows["dời mốc"].unit == str(cast.committee)
    assert len(balance.turns(cast.hoa, Scope(), kept_day(), balance.LEFT, 10, 5)) == 1


def test_each_way_back_into_overdue_work_is_a_row(cast):
    programme, officer = make_programme(cast), cast.actor(cast.lan)
    paused = make_task(cast, programme, title="làm tiếp", due_on=late(), state="paused", state_reason="Chờ")
    undone = make_task(cast, programme, title="rút xác nhận", due_on=late())
    undone.deadlines.update(state="done", done_on=late())
    cancelled = make_task(cast, programme, title="lập lại", due_on=late())
    cancelled.deadlines.update(state="cancelled")
    returned = make_duty(cast, programme, "trả lại", late(), "submitted", late() - ONE)
    waived = make_duty(cast, programme, "hết miễn", late())
    services.waive_duty(actor=officer, duty=waived, reason="Miễn", version=1)
    answered = {"state": "answered", "answer": "Xong", "answered_by": cast.minh, "answered_at": noon(late())}
    again = make_directive(cast, programme, "chưa đạt", **answered)
    withdrawn = make_directive(cast, programme, "giao lại", state="withdrawn", closed_at=noon(late()),
                               closed_by=cast.hoa, closing_note="Thôi")  # fmt: skip
    milestone = Milestone.objects.create(programme=programme, kind="annual_plan", name="lên sớm", due_on=today() + ONE)
    night(programme)
    change_task_state(
        actor=officer, task=paused, version=paused.version, to="resume", reason="Có kinh phí", paper=PAPER
    )
    undone.deadlines.update(state="awaiting")
    cancelled.deadlines.update(state="open")
    reports.return_report(actor=officer, report=returned.report, reason="Thiếu số liệu")
    waived.refresh_from_db()
    services.restore_duty(actor=officer, duty=waived, version=waived.version)
    services.send_back_directive(actor=cast.actor(cast.hoa), directive=again, note="Chưa đủ")
    Directive.objects.filter(pk=withdrawn.pk).update(state="open", closed_at=None, closed_by=None, closing_note="")
    Milestone.objects.filter(pk=milestone.pk).update(due_on=late())
    make_task(cast, programme, title="mới", due_on=late())
    assert told(cast, balance.CAME) == {
        "làm tiếp": "nhiệm vụ làm tiếp",
        "rút xác nhận": f"bị trả lại; trước đó tính là xong ngày {late():%d/%m/%Y}",
        "lập lại": "làm trở lại",
        "trả lại": f"bị trả lại; trước đó tính là xong ngày {late() - ONE:%d/%m/%Y}",
        "hết miễn": "yêu cầu trở lại",
        "chưa đạt": f"bị trả lại; trước đó tính là xong ngày {late():%d/%m/%Y}",
        "giao lại": "giao lại",
        "lên sớm": f"đưa hạn lên, trước là {today() + ONE:%d/%m/%Y}",
        "mới": "ghi sau ngày đó",
    }
    assert told(cast, balance.LEFT) == {}
    assert adds_up(cast) == [(9, changes.BACK)]


def test_a_later_change_that_decides_nothing_leaves_the_moment(cast):
    programme = make_programme(cast)
    deadline = make_task(cast, programme, due_on=late()).deadlines.get()
    night(programme)
    TaskDeadline.objects.filter(pk=deadline.pk).update(due_on=today() + 3 * ONE)
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE agreements_taskdeadlinehistory SET pgh_created_at = pgh_created_at - interval '30 minutes'"
            " WHERE pgh_label = 'update' AND due_on > %s", [today()],
        )  # fmt: skip
    TaskDeadline.objects.filter(pk=deadline.pk).update(evidence_note="Đang làm")
    (turn,) = balance.turns(cast.hoa, Scope(), kept_day(), balance.LEFT, 0, 9)
    assert datetime.timedelta(minutes=25) < timezone.now() - turn.at < datetime.timedelta(minutes=35)


def test_what_has_no_version_of_that_moment_is_a_balance_without_rows(cast):
    programme = make_programme(cast)
    deadline, other = (make_task(cast, programme, due_on=late()).deadlines.get() for _n in range(2))
    night(programme)
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM agreements_taskdeadlinehistory WHERE pgh_obj_id = %s", [deadline.pk])
    TaskDeadline.objects.filter(pk__in=[deadline.pk, other.pk]).update(due_on=today() + 3 * ONE)
    assert balance.counts(cast.hoa, Scope(), kept_day()) == (1, 0)
    assert adds_up(cast) == [(-1, changes.LEFT), (-1, "")]
    DailyFigure.objects.update(due_counted_at=None)  # a night counted before this was kept
    assert balance.counts(cast.hoa, Scope(), kept_day()) == (0, 0)
    assert adds_up(cast) == [(-2, "")]


def test_conditions_and_rights_hold_and_the_lists_are_pages_and_files(cast, sign_in):
    programme, other = make_programme(cast), make_programme(cast, field_of_work=None)
    rows = [make_task(cast, one, title=f"việc {n}", due_on=late()).deadlines.get()
            for n, one in enumerate((programme, other))]  # fmt: skip
    night(programme, other)
    TaskDeadline.objects.filter(pk__in=[row.pk for row in rows]).update(due_on=today() + 3 * ONE)
    client = sign_in(cast.hoa)
    url = "/bang-dieu-hanh/thay-doi/"
    page = client.get(url)
    (step,) = page.context["steps"]
    assert (step[0].by, step[1]) == (-2, f"{url}?xem={changes.LEFT}")
    html = client.get(step[1]).content.decode()
    assert html.count(f"lùi hạn đến {today() + 3 * ONE:%d/%m/%Y}") == 2 and f"/nhiem-vu/{rows[0].task_id}/" in html
    file = tables.read_csv(client.get(f"{step[1]}&tai=csv").content)
    assert file[0] == ["Việc", "Đơn vị", "Chương trình", "Hạn", "Diễn biến", "Thời điểm"]
    assert {row[0] for row in file[1:3]} == {"việc 0", "việc 1"}
    narrowed = Scope(field=programme.field_of_work.code)
    assert told(cast, balance.LEFT, narrowed) == {"việc 0": f"lùi hạn đến {today() + 3 * ONE:%d/%m/%Y}"}
    assert adds_up(cast, narrowed) == [(-1, changes.LEFT)]
    for stranger in (cast.minh, cast.phuong, cast.duc):
        assert balance.counts(stranger, Scope(), kept_day()) == (0, 0)
    with translation.override("en"):
        (turn,) = balance.turns(cast.hoa, narrowed, kept_day(), balance.LEFT, 0, 9)
        assert turn.what == f"put off to {today() + 3 * ONE:%d/%m/%Y}" and turn.unit == str(cast.health)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_changes_after_the_night_the_steps_add_up_without_a_rest(cast, seed):
    """Rows of all kinds, drawn and changed at random: the sum of the lists is the change of the number."""
    draw = random.Random(seed)
    programme = make_programme(cast)
    days = [late(), kept_day() - ONE, kept_day(), kept_day() + ONE, today() - ONE, today(), today() + ONE]
    for number in range(12):
        task = make_task(cast, programme, title=f"việc {number}", due_on=draw.choice(days))
        change_deadline(draw, task.deadlines.get(), days)
        change_duty(draw, make_duty(cast, programme, f"báo cáo {number}", draw.choice(days)), cast, days)
        Milestone.objects.create(
            programme=programme, kind="annual_plan", due_on=draw.choice(days) - number * 30 * ONE,
            done_on=draw.choice([None, None, late(), kept_day(), today()]),
        )  # fmt: skip
    night(programme)
    for deadline in TaskDeadline.objects.all():
        if draw.random() < 0.6:
            change_deadline(draw, deadline, days)
        if draw.random() < 0.2:
            deadline.task.state = draw.choice(["running", "paused", "carried"])
            deadline.task.state_reason = "Chờ"
            deadline.task.save()
    for duty in ReportDuty.objects.all():
        change_duty(draw, duty, cast, days)
    for milestone in Milestone.objects.all():
        if draw.random() < 0.2:
            milestone.delete()
        elif draw.random() < 0.5:
            milestone.done_on = draw.choice([None, late(), kept_day(), today()])
            milestone.save()
    steps = adds_up(cast)
    assert all(listed for _by, listed in steps), steps
    assert (
        due.counts(due.rows(cast.hoa), today())[due.OVERDUE]
        == changes.read(cast.hoa, Scope(), today()).overdue_pair.now
    )


def change_deadline(draw: random.Random, deadline: TaskDeadline, days: list[datetime.date]) -> None:
    """Give a deadline another day or state, or none."""
    deadline.due_on = draw.choice([deadline.due_on, draw.choice(days)])
    deadline.state = draw.choice(["open", "open", "done", "awaiting", "cancelled"])
    deadline.done_on = draw.choice(days[:-1]) if deadline.state in {"done", "awaiting"} else None
    deadline.save()


def change_duty(draw: random.Random, duty: ReportDuty, cast, days: list[datetime.date]) -> None:
    """Waive or move a duty, send its report or give it back, drop the duty, or leave it."""
    what = draw.choice(["waive", "move", "send", "return", "drop", "none"])
    report = ProgressReport.objects.filter(duty=duty).first()
    if what == "waive":
        waived = {"waived_at": timezone.now(), "waived_by": cast.lan, "waive_reason": "Miễn"}
        ReportDuty.objects.filter(pk=duty.pk).update(**waived)
    elif what == "move":
        ReportDuty.objects.filter(pk=duty.pk).update(due_on=draw.choice(days))
    elif what == "send" and report is None:
        ProgressReport.objects.create(
            duty=duty, author=cast.minh, acting_for=cast.health, review="submitted",
            submitted_at=noon(draw.choice(days[:-1])), submitted_by=cast.minh,
        )  # fmt: skip
    elif what == "return" and report is not None:
        given_back = {"reviewed_by": cast.lan, "reviewed_at": timezone.now(), "return_reason": "Thiếu"}
        ProgressReport.objects.filter(pk=report.pk).update(review="returned", **given_back)
    elif what == "drop" and report is None:
        duty.delete()


def test_the_demo_has_nothing_to_tell(demo):
    """Its past nights are counted when it is made, so nothing has changed after them."""
    hoa = User.objects.get(username="hoa")
    day = DailyFigure.objects.exclude(due_counted_at=None).latest("day").day
    assert balance.counts(hoa, Scope(), day) == (0, 0)
