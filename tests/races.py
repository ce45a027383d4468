"""Forms that two people send at once: where each stands, what is typed into it, and what the row then holds."""

from __future__ import annotations

import datetime
import itertools
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from django.db import connection, connections, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activities.models import Activity, Directive, Measurement, ReportDuty
from activities.services import reports
from agreements.models import Intake, LegalDocument, Milestone, Programme, Task
from agreements.services.deadlines import report_deadline
from agreements.services.extensions import request_extension
from agreements.services.intake import take_in
from core.audit import LOCK
from core.models import AuditEntry, Holiday, User
from partners.models import Contact, Organisation
from tests import form_pages, make, stage, walk
from tests.cast import Cast, make_cast, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model
    from django.http import HttpResponse

Typed = dict[str, list[str]]
PATIENCE = 900  # seconds until a thread counts as hung: fifty writers on a busy machine take minutes


@dataclass
class Scene:
    """The cast with a colleague for everybody, and the rows that every pair edits again."""

    cast: Cast
    people: dict[str, Any]
    rows: dict[str, Any] = field(default_factory=dict)
    clients: dict[tuple[str, int], Client] = field(default_factory=dict)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))

    def client(self, who: str, place: int = 0) -> Client:
        """Return a device on which the person has signed in; each place has another one."""
        if (who, place) not in self.clients:
            self.clients[who, place] = stage.sign_in(self.people[who])
        return self.clients[who, place]

    def row(self, name: str, build: Callable[[Scene], Model]) -> Any:
        """Return the row of that name, made at its first use."""
        if name not in self.rows:
            self.rows[name] = build(self)
        return self.rows[name]


def set_scene() -> Scene:
    """Write the cast and the colleagues; the caller commits."""
    cast = make_cast()
    people = {name: getattr(cast, name) for name in ("lan", "hung", "minh", "hoa", "duc", "tuan")}
    people["nam"] = make_user("nam", "Đỗ Văn Nam", cast.health, "reporter")
    people["dung"] = make_user("dung", "Ngô Thị Dung", cast.committee, "administrator")
    return Scene(cast, people)


@dataclass(frozen=True)
class Race:
    """One form for two people. row: what they edit; on: route (args: its key); name: the control both type into.

    holds: what the row then holds there. also: what else the form needs, by turn. fresh: a row is made for each pair,
    for the step ends the state in which the form may be sent.
    """

    on: str
    who: tuple[str, str]
    row: Callable[[Scene], Model]
    name: str
    holds: Callable[[Any], str]
    also: Callable[[int], dict[str, str]] = lambda _turn: {}
    fresh: bool = False
    words: Callable[[int, int], str] = lambda place, turn: f"Lời thứ {'AB'[place]} của lượt {turn}."
    told: bool = False  # the second is told why it cannot be done any more, on the form itself: nothing to compare
    lines: int = 1  # in the trail, of one save
    page: str = ""  # route of the page that shows the form, where it is another

    def __str__(self) -> str:
        return self.on

    def subject(self, scene: Scene) -> Any:
        """Return the row of the next pair."""
        return self.row(scene) if self.fresh else scene.row(self.on, self.row)

    def addresses(self, row: Any) -> tuple[str, str]:
        """Return the page that shows the form, and where it is posted."""
        args = [] if self.on in {"core:account_show"} else [row.pk]
        return reverse(self.page or self.on, args=args), reverse(self.on, args=args)


def days(number: int) -> datetime.date:
    """Return the day that many days from today."""
    return timezone.localdate() + datetime.timedelta(days=number)


def later(turn: int) -> str:
    """Return a day of its own for each turn, as typed."""
    return days(400 + turn).strftime("%d/%m/%Y")


def today() -> str:
    """Return today as typed."""
    return timezone.localdate().strftime("%d/%m/%Y")


def programme(scene: Scene) -> Any:
    """Return a programme in force with Minh's department, one for all that need one."""
    return scene.row("programme", lambda s: make.make_programme(s.cast))


def task(scene: Scene) -> Any:
    """Return a new running task."""
    return make.make_task(scene.cast, programme(scene))


def deadline(scene: Scene) -> Any:
    """Return the open deadline of a new task, with a file as evidence already."""
    row = task(scene).deadlines.get()
    row.files.add(walk.stored(scene.cast.minh))
    return row


def duty(scene: Scene) -> Any:
    """Return a new report owed by Minh's department."""
    start = datetime.date(2000, 1, 1) + datetime.timedelta(days=7 * next(_number))
    return ReportDuty.objects.create(
        programme=programme(scene), committee=scene.cast.committee, unit=scene.cast.health, kind="adhoc",
        period=f"X{start:%y%m%d}", title="Báo cáo nhanh", starts_on=start, ends_on=start + datetime.timedelta(days=7),
        due_on=days(30),
    )  # fmt: skip


def begun(scene: Scene) -> Any:
    """Return a duty whose report Minh has begun."""
    scene.row("task", task)
    row = duty(scene)
    reports.open_report(actor=scene.cast.actor(scene.cast.minh), duty=row)
    return row


def directive(scene: Scene) -> Any:
    """Return a new open directive to Minh's department."""
    return Directive.objects.create(
        programme=programme(scene), committee=scene.cast.committee, unit=scene.cast.health, author=scene.cast.hoa,
        text="Gửi kế hoạch.", due_on=days(9),
    )  # fmt: skip


def milestone(scene: Scene) -> Any:
    """Return a new milestone to come."""
    return Milestone.objects.create(programme=programme(scene), kind="final_review", due_on=days(next(_number)))


def measurement(scene: Scene, review: str = "draft") -> Any:
    """Return a value of Minh's that stands by itself."""
    indicator = measured(scene)
    sent = {"submitted_at": timezone.now()} if review == "submitted" else {}
    return Measurement.objects.create(
        task=indicator.task, indicator=indicator, unit=scene.cast.health, author=scene.cast.minh,
        acting_for=scene.cast.health, as_of=timezone.localdate(), value=3, source="Báo cáo 12/BC-SYT",
        review=review, **sent,
    )  # fmt: skip


def activity(scene: Scene, review: str = "draft") -> Any:
    """Return an activity of Minh's."""
    return make.make_activity(scene.cast, scene.row("task", task), review=review)


def law(scene: Scene) -> Any:
    """Return a new document of the register."""
    return make.make_legal_document()


def intake(scene: Scene) -> Any:
    """Return a source with one programme in it, read and not yet confirmed."""
    return take_in(actor=scene.cast.actor(scene.cast.lan), text=stage.SOURCE.read_text())


def holiday(scene: Scene) -> Any:
    """Return a day off."""
    return Holiday.objects.create(day="2031-03-05", name="Ngày thử")


_number = itertools.count(1)
OFFICERS, REPORTERS, ADMINISTRATORS = ("lan", "hung"), ("minh", "nam"), ("duc", "dung")
AUTHOR = ("minh", "minh")  # on two devices: nobody else edits a draft
RACES = (
    Race("agreements:programme_edit", OFFICERS, programme, "title", lambda r: r.title),
    Race("agreements:programme_edit_parties", OFFICERS, programme, "parties-1-responsibilities",
         lambda r: r.parties.get(position=2).responsibilities),
    Race("agreements:programme_edit_goals", OFFICERS, programme, "goals-0-text", lambda r: r.goals.first().text,
         lines=2),
    Race("agreements:task_edit", OFFICERS, task, "title", lambda r: r.title),
    Race("agreements:milestone_edit", OFFICERS, milestone, "note", lambda r: r.note),
    Race("agreements:legal_edit", OFFICERS, law, "subject", lambda r: r.subject),
    Race("agreements:intake_check", OFFICERS, intake, "p0-task-0-title",
         lambda r: str(r.work), also=lambda _t: {"act": "save"}),
    Race("agreements:deadline_extend", OFFICERS, deadline, "reason", lambda r: r.extensions.latest("pk").reason,
         also=lambda t: {"new_due_on": later(t), "paper": "Công văn 7/MTTQ"}),
    Race("agreements:task_state", OFFICERS, task, "reason", lambda r: r.state_reason,
         also=lambda _t: {"to": "paused", "paper": "Công văn 12/MTTQ"}, fresh=True),
    Race("agreements:milestone_finish", OFFICERS, milestone, "note", lambda r: r.note,
         also=lambda _t: {"done_on": today()}, fresh=True),
    Race("agreements:programme_move", OFFICERS, lambda s: make.make_programme(s.cast), "reason",
         lambda r: r.status_reason, also=lambda _t: {"to": "suspended", "paper": "Công văn 9/MTTQ"}, fresh=True,
         page="agreements:programme_check"),
    Race("agreements:deadline_report", REPORTERS, deadline, "note", lambda r: r.evidence_note,
         also=lambda _t: {"done_on": today()}, fresh=True),
    Race("agreements:extension_ask", REPORTERS, deadline, "reason", lambda r: r.extensions.get().reason,
         also=lambda t: {"new_due_on": later(t)}, fresh=True, told=True),
    Race("activities:activity_edit", AUTHOR, activity, "what_was_done", lambda r: r.what_was_done,
         also=lambda _t: {"action": "draft"}),
    Race("activities:measurement_edit", AUTHOR, measurement, "source", lambda r: r.source,
         also=lambda _t: {"action": "draft"}),
    Race("activities:report_edit", REPORTERS, begun, "summary", lambda r: r.report.summary,
         also=lambda _t: {"action": "draft"}),
    Race("activities:directive_answer", REPORTERS, directive, "text", lambda r: r.answer, fresh=True),
    Race("activities:directive_show", ("hoa", "hung"), directive, "note", lambda r: r.closing_note,
         also=lambda _t: {"action": "withdraw"}, fresh=True),
    Race("activities:duty_waive", OFFICERS, duty, "reason", lambda r: r.waive_reason, fresh=True),
    Race("activities:duty_move", OFFICERS, duty, "reason", lambda r: r.move_reason,
         also=lambda t: {"due_on": later(t)}),
    Race("activities:holiday_edit", ADMINISTRATORS, holiday, "note", lambda r: r.note),
    Race("partners:organisation_edit", ADMINISTRATORS, lambda s: s.cast.stranger, "name_en", lambda r: r.name_en),
    Race("partners:user_edit", ADMINISTRATORS, lambda s: s.cast.tuan, "title", lambda r: r.title),
    Race("core:account_show", ("lan", "lan"), lambda s: s.cast.lan, "phone", lambda r: r.phone,
         words=lambda place, turn: f"0208 38{place} {1000 + turn}"),
)  # fmt: skip


def same_device(client: Client) -> Client:
    """Return the same browser once more, to send while the other sends."""
    twin = Client(raise_request_exception=False)
    twin.cookies = SimpleCookie({name: morsel.value for name, morsel in client.cookies.items()})
    return twin


@dataclass(frozen=True)
class Decision:
    """One form on which an officer accepts or returns. ends: (line in the trail, state of the row) of either."""

    on: str
    row: Callable[[Scene], Model]
    holds: Callable[[Any], str]
    ends: frozenset[tuple[str, str]]
    also: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.on


def sent(scene: Scene) -> Any:
    """Return a duty whose report Minh has sent."""
    row = begun(scene)
    minh, report = scene.cast.actor(scene.cast.minh), row.report
    lines = {line.pk: reports.LineData(self_rating="on_track", result="Đã làm.") for line in report.lines.all()}
    data = reports.ReportData(summary="Hai bên đã triển khai theo kế hoạch.", lines=lines)
    reports.submit_report(actor=minh, report=reports.save_report(actor=minh, report=report, data=data))
    return row


def reported(scene: Scene) -> Any:
    """Return a deadline that Minh has reported done."""
    row = deadline(scene)
    return report_deadline(
        actor=scene.cast.actor(scene.cast.minh), deadline=row, done_on=timezone.localdate(), note="Xong."
    )


def asked(scene: Scene) -> Any:
    """Return Minh's request for more time."""
    row = deadline(scene)
    return request_extension(
        actor=scene.cast.actor(scene.cast.minh), deadline=row, version=row.version, new_due_on=days(600), reason="Bão"
    )


def either(noun: str, good: str = "accept", bad: str = "return", states: str = "accepted returned") -> Any:
    """Return the two ends of a decision."""
    return frozenset(zip((f"{noun}.{good}", f"{noun}.{bad}"), states.split(), strict=True))


DECISIONS = (
    Decision("activities:review_show", lambda s: activity(s, "submitted"), lambda r: r.review, either("activity")),
    Decision("activities:measurement_review", lambda s: measurement(s, "submitted"), lambda r: r.review,
             either("measurement")),
    Decision("activities:report_review", sent, lambda r: r.report.review, either("report")),
    Decision("activities:deadline_review", reported, lambda r: r.state,
             either("deadline", "confirm", states="done returned")),
    Decision("activities:extension_review", asked, lambda r: r.state,
             either("extension", "grant", "refuse", "granted refused"), also={"paper": "Công văn 3/MTTQ"}),
)  # fmt: skip


def the_form(client: Client, page: str, target: str, **fixed: str) -> form_pages.PageForm:
    """Return the form on a page that is posted to target and holds these fixed values."""
    answer = client.get(page)
    assert answer.status_code == 200, f"{page}: {answer.status_code}"
    for form in form_pages.read(answer).forms:
        hidden = {n: form.controls[n].values for n in fixed if n in form.controls and form.controls[n].kind == "hidden"}
        same = all(values == [fixed[name]] for name, values in hidden.items())
        if form.method == "post" and (form.action or page).split("?")[0] == target and same:
            return form
    raise AssertionError(f"{page} has no form to {target}")


def post(client: Client, target: str, form: form_pages.PageForm, values: Typed) -> HttpResponse:
    """Send a form as its enctype says."""
    headers = {"referer": "http://testserver/"}
    if form.multipart:
        return client.post(target, values, headers=headers)
    body = QueryDict(mutable=True)
    for name, given in values.items():
        body.setlist(name, given)
    return client.post(target, body.urlencode(), "application/x-www-form-urlencoded", headers=headers)


def at_once(pool: ThreadPoolExecutor, jobs: list[Callable[[], Any]], held: bool) -> list[Any]:
    """Run the jobs in threads that start together; held: none may finish until all have read what stood before.

    Every write ends with the lock of the audit trail. Holding it here stops the first writer before its commit, and
    the others behind the row it has locked: the worst moment for each of them, every time.
    """
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        gate.wait(timeout=30)
        return job()

    if not held:
        return [found.result(timeout=PATIENCE) for found in [pool.submit(run, job) for job in jobs]]
    with transaction.atomic():
        connection.cursor().execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        running = [pool.submit(run, job) for job in jobs]
        until = time.monotonic() + 5
        while waiting() + sum(found.done() for found in running) < len(jobs) and time.monotonic() < until:
            time.sleep(0.003)
    return [found.result(timeout=PATIENCE) for found in running]


def waiting() -> int:
    """Return how many connections to this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what its first look saw
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def threads(count: int) -> ThreadPoolExecutor:
    """Return a pool whose threads each have a connection of their own; end it with `close`."""
    return ThreadPoolExecutor(count)


def close(pool: ThreadPoolExecutor, count: int) -> None:
    """Close the connection of each thread of the pool, then end the threads."""
    gate = threading.Barrier(count)

    def end() -> None:
        gate.wait(timeout=30)
        connections.close_all()

    for found in [pool.submit(end) for _n in range(count)]:
        found.result(timeout=PATIENCE)
    pool.shutdown()


def tail() -> int:
    """Return the number of the last line of the trail."""
    return AuditEntry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0


def written_since(number: int) -> list[AuditEntry]:
    """Return what was done since that line, signing in and refusals apart."""
    rows = AuditEntry.objects.filter(sequence__gt=number).exclude(action="refused").order_by("sequence")
    return [row for row in rows if not row.action.startswith("session.")]


def fresh(row: Model) -> Any:
    """Return the row as it is saved now, nothing cached."""
    return type(row)._default_manager.get(pk=row.pk)


@dataclass(frozen=True)
class Create:
    """One creating form: who sends it from where, what makes it right on turn n, and of what one more is there then.

    "" stands for the last option of a choice. text: the control with words of the person's own.
    """

    on: str
    who: str
    text: str
    values: Callable[[int], dict[str, str]]
    model: type[Model]
    page: Callable[[Scene], str] = lambda _scene: ""

    def __str__(self) -> str:
        return self.on

    def address(self, scene: Scene) -> str:
        """Return the page of the form; it is posted to itself."""
        return self.page(scene) or reverse(self.on)


def on(name: str, row: Callable[[Scene], Any]) -> Callable[[Scene], str]:
    """Return what gives the address of a form that stands below a row."""
    return lambda scene: reverse(name, args=[scene.row(f"below {name}", row).pk])


def asking(name: str, query: str, row: Callable[[Scene], Any]) -> Callable[[Scene], str]:
    """Return what gives the address of a form that names a row in its query."""
    return lambda scene: f"{reverse(name)}?{query}={scene.row(f'below {name}', row).pk}"


def measured(scene: Scene) -> Any:
    """Return the one indicator of the scene."""
    return scene.row("indicator", lambda s: make.make_indicator(s.row("task", task)))


CREATES = (
    Create("agreements:programme_create", "lan", "title",
           lambda n: {"title": f"Chương trình gửi lượt {n}", "leave": "1"}, Programme),
    Create("agreements:task_create", "lan", "title", lambda n: {"title": f"Nhiệm vụ gửi lượt {n}"}, Task,
           on("agreements:task_create", programme)),
    Create("agreements:milestone_create", "lan", "note",
           lambda n: {"kind": "interim_review", "due_on": later(n), "note": f"Mốc gửi lượt {n}"}, Milestone,
           on("agreements:milestone_create", programme)),
    Create("agreements:legal_create", "lan", "subject",
           lambda n: {"kind": "Chỉ thị", "number": f"{n}-CT/TU", "issued_on": "05/03/2021", "subject": f"Việc {n}"},
           LegalDocument),
    Create("agreements:intake_create", "lan", "text",
           lambda n: {"text": f"Chương trình phối hợp về việc số {n}."}, Intake),
    Create("activities:activity_create", "minh", "what_was_done",
           lambda n: {"what_was_done": f"Kiểm tra bếp ăn lượt {n}.", "action": "draft"}, Activity,
           asking("activities:activity_create", "nhiem-vu", task)),
    Create("activities:measurement_create", "minh", "source",
           lambda n: {"source": f"Báo cáo {n}/BC-SYT", "action": "draft"}, Measurement,
           asking("activities:measurement_create", "chi-tieu", measured)),
    Create("activities:directive_create", "hoa", "text", lambda n: {"text": f"Gửi kế hoạch lượt {n}.", "unit": ""},
           Directive, asking("activities:directive_create", "chuong-trinh", programme)),
    Create("activities:holiday_create", "duc", "name", lambda n: {"day": later(1000 + n), "name": f"Ngày nghỉ {n}"},
           Holiday),
    Create("partners:organisation_create", "duc", "name", lambda n: {"name": f"Sở Gửi lượt {n}", "kind": "department"},
           Organisation),
    Create("partners:contact_add", "duc", "full_name",
           lambda n: {"full_name": f"Trần Gửi {n}", "phone": "0208 385 1234"}, Contact,
           on("partners:contact_add", lambda s: s.cast.health)),
    Create("partners:user_create", "duc", "full_name",
           lambda n: {"full_name": f"Trần Gửi {n}", "username": f"gui.{n}", "organisation": "", "role": "officer"},
           User),
)  # fmt: skip


def right(create: Create, form: form_pages.PageForm, turn: int) -> Typed:
    """Return what makes a creating form right on that turn."""
    given = {name: value or form.controls[name].options[-1] for name, value in create.values(turn).items()}
    given |= {name: "5" for name in form.controls if re.fullmatch(r"q\d+", name)}
    return form.as_it_stands() | {name: [value] for name, value in given.items()}
