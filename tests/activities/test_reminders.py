"""Reminders: each rung once a person and thing whatever the times of the runs, up the ladder, never to the answered."""

from __future__ import annotations

import datetime
import random

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from activities.models import Directive, Nudge, ReminderStep, ReportDuty
from activities.services import letters, reminders
from agreements.models import Milestone, ReportingRule, Task, TaskDeadline
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry, Notification, User
from documents.reading.extract import extract
from documents.writing import docx
from partners.models import Organisation, OrganisationEvent, Succession
from tests import make
from tests.cast import Cast, make_organisation, make_user

pytestmark = pytest.mark.django_db
D = datetime.date
DUE = D(2026, 6, 30)
LADDER = {-7: "reporter", -1: "reporter", 0: "reporter", 3: "head", 7: "head", 15: "leader"}


def at(days: int) -> D:
    """Return the day so many days from the due date."""
    return DUE + datetime.timedelta(days=days)


def got(user: User) -> list[int | None]:
    """Return the rungs a person got, in the order they were sent."""
    return list(Nudge.objects.filter(user=user).order_by("pk").values_list("days", flat=True))


@pytest.fixture
def deadline(cast: Cast) -> TaskDeadline:
    """Return the one thing owed, by the Department of Health."""
    return make.make_task(cast, due_on=DUE).deadlines.get()


@pytest.fixture
def head(cast: Cast) -> User:
    """Return the head of the Department of Health."""
    return make_user("thu", "Nông Thị Thu", cast.health, "leader")


def test_the_seeded_ladder_is_the_usual_one() -> None:
    assert reminders.common_ladder() == LADDER


@pytest.mark.parametrize(
    ("days", "rung"), [(-8, None), (-7, -7), (-2, -7), (-1, -1), (0, 0), (2, 0), (3, 3), (14, 7), (15, 15), (400, 15)]
)
def test_latest_rung(days: int, rung: int | None) -> None:
    assert reminders.latest_rung(DUE, LADDER, at(days)) == rung


def test_the_ladder_climbs_from_reporter_to_head_to_leader(cast: Cast, deadline, head) -> None:
    for days in range(-10, 30):
        reminders.send_due(day=at(days))
    assert got(cast.minh) == [-7, -1, 0, 3, 7, 15]
    assert got(head) == [3, 7, 15]
    assert got(cast.hoa) == [15]
    assert got(cast.lan) == got(cast.tuan) == []
    assert Notification.objects.filter(kind__startswith="reminder_").count() == Nudge.objects.count() == 10


@pytest.mark.parametrize("seed", range(25))
def test_whatever_the_times_of_the_runs_each_rung_comes_once_and_only_the_latest_is_made_up_for(
    cast: Cast, deadline, head, seed: int
) -> None:
    """Any schedule: never twice, never backwards, and after each run everybody has the rung of that day."""
    dice = random.Random(seed)
    days = sorted(dice.choices(range(-15, 40), k=dice.randint(1, 25)))
    reached: list[int] = []
    for day in days:
        reminders.send_due(day=at(day))
        rung = reminders.latest_rung(DUE, LADDER, at(day))
        if rung is not None and rung not in reached:
            reached.append(rung)
    assert got(cast.minh) == reached
    assert got(head) == [rung for rung in reached if LADDER[rung] != "reporter"]
    assert got(cast.hoa) == [rung for rung in reached if LADDER[rung] == "leader"]


def test_an_extension_begins_the_ladder_anew(cast: Cast, deadline) -> None:
    reminders.send_due(day=at(0))
    deadline.due_on = at(30)
    deadline.save()
    for days in range(1, 31):
        reminders.send_due(day=at(days))
    assert got(cast.minh) == [0, -7, -1, 0]


@pytest.mark.parametrize("why", ["done", "awaiting", "paused task", "suspended", "closed", "cancelled"])
def test_what_is_answered_or_stands_still_reminds_nobody(cast: Cast, deadline, why: str) -> None:
    if why in {"done", "awaiting", "cancelled"}:
        deadline.state, deadline.done_on = why, DUE
        deadline.save()
    elif why == "paused task":
        Task.objects.update(state="paused", state_reason="Chờ kinh phí")
    else:
        deadline.task.programme.status, deadline.task.programme.status_reason = why, "Chờ kinh phí"
        deadline.task.programme.save()
    assert reminders.send_due(day=at(20)) == 0


def test_duties_milestones_and_directives_remind_too_waived_and_answered_ones_do_not(cast: Cast) -> None:
    programme = make.make_programme(cast)
    window = {"starts_on": D(2026, 1, 1), "ends_on": D(2026, 7, 1), "due_on": DUE}
    duty = ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, kind="half_year", period="2026-H1", **window
    )
    waived = ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, kind="quarter", period="2026-Q2", **window,
        waived_at=timezone.now(), waived_by=cast.lan, waive_reason="Đã có báo cáo năm",
    )  # fmt: skip
    stone = Milestone.objects.create(programme=programme, kind="interim_review", due_on=DUE, responsible=cast.health)
    order = Directive.objects.create(
        programme=programme,
        committee=cast.committee,
        unit=cast.health,
        author=cast.hoa,
        text="Báo cáo ngay",
        due_on=DUE,
    )
    assert reminders.send_due(day=at(0)) == 3
    rows = Nudge.objects.filter(user=cast.minh)
    assert {row.duty_id or row.milestone_id or row.directive_id for row in rows} == {duty.pk, stone.pk, order.pk}
    assert not waived.nudges.exists()
    stone.done_on = DUE
    stone.save()
    order.state = "withdrawn"
    order.closing_note = "Nhầm"
    order.save()
    assert reminders.send_due(day=at(3)) == 1


def test_a_rule_may_carry_its_own_days_and_a_broken_one_falls_back(cast: Cast) -> None:
    programme = make.make_programme(cast)
    rule = ReportingRule.objects.create(programme=programme, committee=cast.committee, rule={"reminders": [-10, 5, 20]})
    ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, kind="year", period="2026", rule=rule,
        starts_on=D(2026, 1, 1), ends_on=D(2026, 7, 1), due_on=DUE,
    )  # fmt: skip
    for days in range(-12, 25):
        reminders.send_due(day=at(days))
    assert got(cast.minh) == [-10, 5, 20]
    assert got(cast.hoa) == [20]  # as far up as the common rung of 15 days
    ReportingRule.objects.update(rule={"reminders": ["soon"]})
    Nudge.objects.all().delete()
    reminders.send_due(day=at(7))
    assert got(cast.minh) == [7]


def test_a_dissolved_unit_is_reminded_through_the_body_that_followed_it(cast: Cast, deadline) -> None:
    heir = make_organisation("Sở Y tế và Dân số")
    loan = make_user("loan", "Phan Thị Loan", heir)
    cast.minh.memberships.all().delete()
    event = OrganisationEvent.objects.create(kind="merge", effective_on=D(2026, 1, 1))
    Succession.objects.create(event=event, predecessor=cast.health, successor=heir)
    reminders.send_due(day=at(0))
    assert got(loan) == [0]


def test_where_nobody_reports_for_a_unit_the_officer_of_the_programme_is_told(cast: Cast, deadline) -> None:
    cast.minh.memberships.all().delete()
    reminders.send_due(day=at(0))
    assert got(cast.lan) == [0]
    assert got(cast.hung) == []


def test_the_command_runs_twice_and_sends_once(cast: Cast, deadline, capsys) -> None:
    with time_machine.travel(datetime.datetime(2026, 6, 30, 3, tzinfo=datetime.UTC), tick=False):
        call_command("send_reminders")
        call_command("send_reminders", verbosity=2)
    assert capsys.readouterr().out.split("\n")[:2] == ["reminders: 1 sent", "reminders: 0 sent"]


def test_the_number_of_queries_does_not_grow_with_what_was_already_sent(
    cast: Cast, deadline, django_assert_max_num_queries
) -> None:
    for _number in range(10):
        make.make_task(cast, deadline.task.programme, due_on=DUE)
    reminders.send_due(day=at(0))
    with django_assert_max_num_queries(10 + 3 * 11):  # one look and a savepoint for each thing owed
        assert reminders.send_due(day=at(0)) == 0


# ------------------------------------------------------------------------------------------------- by hand


def owed(cast: Cast, deadline: TaskDeadline) -> reminders.Owed:
    """Return the deadline as an officer's form names it."""
    found = reminders.find_owed(cast.lan, f"deadline-{deadline.pk}")
    assert found is not None
    return found


def test_an_officer_reminds_once_a_day(cast: Cast, deadline, head) -> None:
    lan, hung = cast.actor(cast.lan), cast.actor(cast.hung)
    with time_machine.travel(datetime.datetime(2026, 7, 5, 16, 30, tzinfo=datetime.UTC), tick=False):  # 23:30
        assert reminders.send_by_hand(actor=lan, owed=owed(cast, deadline)) == 2
        with pytest.raises(DomainError, match="Nguyễn Thị Lan"):
            reminders.send_by_hand(actor=hung, owed=owed(cast, deadline))
    with time_machine.travel(datetime.datetime(2026, 7, 5, 17, 30, tzinfo=datetime.UTC), tick=False):  # the next day
        assert reminders.send_by_hand(actor=hung, owed=owed(cast, deadline)) == 2
    assert got(head) == got(cast.minh) == [None, None]


def test_only_officers_of_the_committee_remind(cast: Cast, deadline) -> None:
    for user in (cast.hoa, cast.minh, cast.phuong):
        with pytest.raises(NotAllowed):
            reminders.send_by_hand(actor=cast.actor(user), owed=owed(cast, deadline))
    assert not Nudge.objects.exists()


def test_the_page_sends_and_refuses_bad_names(cast: Cast, deadline, sign_in) -> None:
    client = sign_in(cast.lan)
    for what, status in (("", 409), ("deadline-x", 404), ("deadline-99999999", 404), ("house-1", 404)):
        assert client.post("/nhac-viec/gui/", {"what": what}).status_code == status
    assert sign_in(cast.phuong).post("/nhac-viec/gui/", {"what": f"deadline-{deadline.pk}"}).status_code == 404
    answer = client.post("/nhac-viec/gui/", {"what": f"deadline-{deadline.pk}", "next": "/nhac-viec/"})
    assert answer.status_code == 302 and answer.url == "/nhac-viec/"
    page = client.get("/nhac-viec/").content.decode()
    assert deadline.task.title in page and "gửi thủ công" in page
    assert "gửi thủ công" in client.get(f"/nhiem-vu/{deadline.task_id}/").content.decode()
    again = client.post("/nhac-viec/gui/", {"what": f"deadline-{deadline.pk}"})
    assert again.status_code == 409 and "hôm nay" in again.content.decode()


def test_partners_leaders_see_the_reminders_of_their_own_unit_only(cast: Cast, deadline, head) -> None:
    other = make.make_programme(cast, parties=[cast.committee, cast.health, cast.stranger])
    make.make_task(cast, other, lead=cast.stranger, due_on=DUE)
    reminders.send_due(day=at(0))
    assert {row.unit for row in reminders.log_for(head)} == {cast.health}
    assert {row.unit for row in reminders.log_for(cast.lan)} == {cast.health, cast.stranger}
    assert not reminders.log_for(cast.phuong).exists()


# ------------------------------------------------------------------------------------------------- the ladder


def lines(*steps: tuple[str, str, str], version: str = "") -> dict[str, str]:
    """Return what the form of the ladder posts."""
    data = {"form-TOTAL_FORMS": str(len(steps)), "form-INITIAL_FORMS": "0", "version": version}
    for at_line, (number, side, audience) in enumerate(steps):
        data |= {f"form-{at_line}-number": number, f"form-{at_line}-side": side, f"form-{at_line}-audience": audience}
    return data


def test_an_administrator_changes_the_ladder(cast: Cast, sign_in) -> None:
    client, url = sign_in(cast.duc), "/nhac-viec/bac/"
    version = client.get(url).context["version"]
    good = [("3", "before", "reporter"), ("0", "after", "head"), ("", "after", "reporter")]
    assert client.post(url, lines(*good, version=version)).status_code == 302
    assert reminders.common_ladder() == {-3: "reporter", 0: "head"}
    stale = client.post(url, lines(("9", "after", "leader"), version=version))
    assert stale.status_code == 200 and 'value="9"' in stale.content.decode()
    assert reminders.common_ladder() == {-3: "reporter", 0: "head"}
    for wrong in (
        [("", "after", "reporter")],
        [("61", "before", "reporter")],
        [("181", "after", "reporter")],
        [("ba", "after", "reporter")],
        [("3", "after", "everybody")],
        [("0", "before", "reporter"), ("0", "after", "head")],
    ):
        answer = client.post(url, lines(*wrong, version=stale.context["version"]))
        assert answer.status_code == 200 and "errsum" in answer.content.decode(), wrong
    assert ReminderStep.objects.count() == 2
    assert sign_in(cast.lan).get(url).status_code == 403
    with pytest.raises(Stale):
        reminders.save_ladder(actor=cast.actor(cast.duc), steps={1: "head"}, version="")


# ------------------------------------------------------------------------------------------------- the letter


def test_the_letter_names_the_overdue_items_of_one_unit(cast: Cast, deadline, sign_in) -> None:
    make.make_task(cast, deadline.task.programme, lead=cast.committee, due_on=DUE, title="Việc của Ủy ban")
    url = f"/nhac-viec/cong-van/{cast.health.pk}/"
    with time_machine.travel(datetime.datetime(2026, 7, 10, 3, tzinfo=datetime.UTC), tick=False):
        client = sign_in(cast.lan)
        page = client.get(url).content.decode()
        assert deadline.task.title in page and "Việc của Ủy ban" not in page
        for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Thái Nguyên, ngày      tháng 7 năm 2026", "30/06/2026"):
            assert words in page
        assert "<td>10</td>" in page and "17/07/2026" in page
        own = client.get(url, {"ket": "Mong sớm có kết quả <b>."}).content.decode()
        assert "Mong sớm có kết quả &lt;b&gt;./." in own and own.count("Mong sớm") == 2  # in the form and in the letter
        long = client.get(url, {"ket": "x" * 1001})
        assert long.status_code == 200 and "x" * 1001 in long.content.decode()
        other = sign_in(cast.phuong).get(url).content.decode()
        assert deadline.task.title not in other


def test_the_letter_is_a_word_file_with_the_same_words(cast: Cast, deadline, sign_in) -> None:
    url = f"/nhac-viec/cong-van/{cast.health.pk}/"
    with time_machine.travel(datetime.datetime(2026, 7, 10, 3, tzinfo=datetime.UTC), tick=False):
        client = sign_in(cast.lan)
        page = client.get(url, {"ket": "Mong sớm có kết quả & <b>."})
        letter, docx_url = page.context["letter"], page.context["docx_url"]
        assert docx_url.replace("&", "&amp;") in page.content.decode()
        answer = client.get(url + docx_url)
        assert answer["Content-Type"] == docx.MIME and answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"] == 'attachment; filename="cong-van-so-y-te-2026-07-10.docx"'
        text = "\n".join(block.text for block in extract(answer.content, "a.docx").blocks)
        said = [
            letter.issuer, letter.subject, letter.nation, letter.motto, letter.addressee, letter.opening,
            deadline.task.title, "30/06/2026", "Mong sớm có kết quả & <b>./.", letter.to_words, letter.title,
        ]  # fmt: skip
        for words in said:
            assert " ".join(words.split()) in " ".join(text.split()), words
        entry = AuditEntry.objects.get(action="table.download")
        assert (entry.user, entry.object_label, entry.detail["rows"]) == (cast.lan, "Công văn gửi Sở Y tế", 1)
        assert entry.detail["address"].startswith(f"{url}?ket=")
        other = sign_in(cast.phuong).get(url, {"tai": "docx"})  # nothing overdue to her: the page says so
        assert other["Content-Type"].startswith("text/html") and deadline.task.title not in other.content.decode()
        assert sign_in(cast.minh).get(url, {"tai": "docx"}).status_code == 403
        TaskDeadline.objects.update(period="2026-Q2")
        User.objects.filter(pk=cast.lan.pk).update(language="en")
        (row,) = sign_in(cast.lan).get(url).context["letter"].rows
        assert row.title == f"{deadline.task.title} (quý II/2026)"  # a Vietnamese paper on an English page
    assert AuditEntry.objects.filter(action="table.download").count() == 1


def test_every_column_of_the_letter_fits_the_page(cast: Cast) -> None:
    letter = letters.draft(committee=cast.committee, unit=cast.health, overdue=[], closing="Xong", day=D(2026, 2, 1))
    paper = letters.paper_of(letter)
    assert sum(letters.WIDTHS) == paper.text_width and len(letters.WIDTHS) == len(letter.columns)
    assert letters.place_of("Hội Chữ thập đỏ") == "……"
    assert letter.place_date == "Thái Nguyên, ngày      tháng 02 năm 2026"


def test_what_a_dissolved_unit_left_stands_in_the_letters_to_those_that_followed_it(cast: Cast, deadline, sign_in):
    heirs = [make_organisation("Sở Y tế và Dân số"), make_organisation("Chi cục An toàn thực phẩm")]
    event = OrganisationEvent.objects.create(kind="split", effective_on=D(2026, 7, 1))
    for heir in heirs:
        Succession.objects.create(event=event, predecessor=cast.health, successor=heir)
    Organisation.objects.filter(pk=cast.health.pk).update(status="dissolved", ended_on=D(2026, 7, 1))
    with time_machine.travel(datetime.datetime(2026, 7, 10, 3, tzinfo=datetime.UTC), tick=False):
        client = sign_in(cast.lan)
        listed = client.get("/nhac-viec/").content.decode()
        assert "giải thể 01/07/2026" in listed and f"/nhac-viec/cong-van/{cast.health.pk}/" not in listed
        for heir in heirs:
            url = f"/nhac-viec/cong-van/{heir.pk}/"
            assert url in listed
            (row,) = client.get(url).context["letter"].rows
            assert row.title == f"{deadline.task.title} (tiếp nhận từ Sở Y tế)"
        gone = client.get(f"/nhac-viec/cong-van/{cast.health.pk}/")
        assert "Sở Y tế đã giải thể ngày 01/07/2026" in gone.content.decode()
        assert not gone.context["letter"].rows and list(gone.context["heirs"]) == sorted(
            heirs, key=lambda one: one.sort_key
        )
        Succession.objects.all().delete()
        assert "Chưa có đơn vị tiếp nhận" in client.get(f"/nhac-viec/cong-van/{cast.health.pk}/").content.decode()


def test_the_log_stands_on_the_page_of_each_kind_of_thing(cast: Cast, deadline: TaskDeadline, sign_in) -> None:
    """Whatever is owed, its page says who was reminded, when and of what rung; a notice leads to that page."""
    programme = deadline.task.programme
    milestone = Milestone.objects.create(
        programme=programme, kind="interim_review", due_on=DUE, responsible=cast.health
    )
    directive = Directive.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, author=cast.hoa, text="Báo cáo.", due_on=DUE
    )
    duty = ReportDuty.objects.create(
        programme=programme, committee=cast.committee, unit=cast.health, kind="half_year", period="2026-H1",
        starts_on=D(2026, 1, 1), ends_on=D(2026, 7, 1), due_on=DUE,
    )  # fmt: skip
    with time_machine.travel("2026-07-03 08:00+07:00"):
        assert reminders.send_due() == 4
        for who in (cast.lan, cast.minh):
            client = sign_in(who)
            for thing in (duty, deadline, milestone, directive):
                url = reminders.page_of(thing)
                page = client.get(url.partition("#")[0]).content.decode()
                assert "Nhắc việc đã gửi" in page, url
                assert f"{cast.minh.full_name}</b>" in page and "sau 3 ngày" in page, url
    assert {row.url for row in Notification.objects.filter(user=cast.minh)} == {
        reminders.page_of(thing) for thing in (duty, deadline, milestone, directive)
    }


def test_another_partner_does_not_read_who_was_reminded(cast: Cast, deadline: TaskDeadline, sign_in) -> None:
    other = make_organisation("Sở Y tế khác")
    deadline.task.programme.parties.create(
        organisation=other, name_as_signed=other.name, role="participant", position=9
    )
    reminders.send_due(day=at(0))
    assert Nudge.objects.visible_to(cast.minh).count() == Nudge.objects.visible_to(cast.lan).count() == 1
    reader = make_user("ha", "Hà Thị Ha", other, "reporter")
    page = sign_in(reader).get(reminders.page_of(deadline).partition("#")[0])
    assert page.status_code == 200
    assert cast.minh.full_name not in page.content.decode()
    assert not Nudge.objects.visible_to(reader).exists()
