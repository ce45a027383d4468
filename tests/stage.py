"""Every form of the product, found on the pages of the people who may use it: what the walk of bad input walks over."""

from __future__ import annotations

import datetime
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.test import Client
from django.urls import Resolver404, get_resolver, resolve, reverse
from django.utils import timezone
from django.utils.http import urlencode

from activities.models import Directive, Measurement, ProgressReport, ReportDuty, TaskReport
from agreements.models import LegalAlias, LegalBasis, LegalDocument, ReportingRule, TaskDeadline
from agreements.services.intake import take_in
from core import rights
from tests import form_pages, make, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from agreements.models import Task
    from core.models import User
    from tests.cast import Cast

ROLES = {"lan": "officer", "minh": "reporter", "hoa": "leader", "duc": "administrator"}
SOURCE = Path(__file__).with_name("documents") / "samples" / "chuong-trinh.txt"


@dataclass
class Cell:
    """One form: who found it on which page, the route its button leads to, and the address posted to."""

    who: str
    page: str
    route: str
    target: str
    form: form_pages.PageForm

    def __str__(self) -> str:
        return f"{self.route} ({self.who})"


@dataclass
class Stage:
    """Signed-in clients, the pages to visit as (who, address), and the rows some tests need by name."""

    clients: dict[str, Client]
    pages: list[tuple[str, str]]
    rows: dict[str, Any]


def sign_in(user: User) -> Client:
    """Return a client signed in as the person, whose faults come back as 500 with exc_info."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    session = client.session
    session["started"] = time.time()
    session.save()
    return client


def set_up(cast: Cast) -> Stage:
    """Write one of each kind in each state that has a form of its own, and sign everybody in."""
    objects = walk.make_objects(cast)
    rows: dict[str, Any] = {"objects": objects}
    rows["intake"] = take_in(actor=cast.actor(cast.lan), text=SOURCE.read_text())
    objects.keys["intake"] = rows["intake"].pk
    task = make.make_task(cast)
    rows["task"], rows["indicator"] = task, make.make_indicator(task)
    draft = make.make_activity(cast, task, review="draft", values={rows["indicator"]: 2})
    returned = make.make_activity(cast, task, review="returned")
    accepted = make.make_activity(cast, task, review="accepted")
    value = Measurement.objects.create(
        task=task, indicator=rows["indicator"], unit=cast.health, author=cast.minh, acting_for=cast.health,
        as_of=timezone.localdate(), value=3, source="Báo cáo 12/BC-SYT", review="draft",
    )  # fmt: skip
    awaiting = TaskDeadline.objects.get(task=make.make_task(cast))
    TaskDeadline.objects.filter(pk=awaiting.pk).update(
        state=TaskDeadline.State.AWAITING, done_on=timezone.localdate(), evidence_note="Báo cáo", reported_by=cast.minh,
        reported_for=cast.health, reported_at=timezone.now(),
    )  # fmt: skip
    plan = make.make_programme(cast, status="draft", title="Giảm nghèo bền vững")
    law = LegalDocument.objects.get(pk=objects.keys["legal_document"])
    LegalAlias.objects.create(document=law, text="Chỉ thị 05")
    gone = make.make_legal_document(effect="expired", effect_source="Công báo")
    LegalBasis.objects.create(programme=task.programme, document=gone)
    rows |= {"draft": draft, "accepted": accepted, "value": value, "awaiting": awaiting, "plan": plan}
    asked = Directive.objects.get(pk=objects.keys["directive"])
    reply = Directive.objects.create(
        programme=asked.programme, committee=cast.committee, unit=cast.health, author=cast.hoa, text="Gửi kế hoạch.",
        due_on=asked.due_on, state=Directive.State.ANSWERED, answer="Đã gửi.", answered_by=cast.minh,
        answered_at=timezone.now(),
    )  # fmt: skip
    duty = ReportDuty.objects.get(pk=objects.keys["duty"])
    waived = ReportDuty.objects.create(
        programme=duty.programme, committee=duty.committee, unit=duty.unit, kind="half_year", period="2027-H2",
        starts_on="2027-06-15", ends_on="2027-12-15", due_on="2027-12-15", waived_at=timezone.now(),
        waived_by=cast.lan, waive_reason="Đã báo cáo riêng",
    )  # fmt: skip
    rule = {"calendars": [{"kind": "half_year", "window_day": 15, "due": {"day": 15}}], "reporters": "partners"}
    ReportingRule.objects.create(programme=duty.programme, committee=duty.committee, rule=rule)
    twin = make.make_activity(cast, task, locality=cast.commune)  # two that look alike, and something overdue
    make.make_activity(cast, task, locality=cast.commune)
    make.make_task(cast, due_on=timezone.localdate() - datetime.timedelta(days=20))
    cast.health.contacts.create(full_name="Trần Văn Minh", phone="0208 385 1234")
    left = cast.tuan
    type(left).objects.filter(pk=left.pk).update(is_active=False)

    begun = objects.keys["report_draft"]
    waiting = _report(cast, task, "2025-H1", 2024, review="submitted")
    accepted_report = _report(cast, task, "2025-H2", 2025, review="accepted")

    def at(name: str, pk: int, **query: Any) -> str:
        return reverse(name, args=[pk] if pk else []) + (f"?{urlencode(query)}" if query else "")

    more = [
        ("minh", at("activities:activity_create", 0, **{"nhiem-vu": task.pk})),
        ("minh", at("activities:activity_edit", draft.pk)),
        ("minh", at("activities:activity_detail", draft.pk)),
        ("minh", at("activities:activity_detail", returned.pk)),
        ("lan", at("activities:activity_detail", accepted.pk)),
        ("minh", at("activities:measurement_create", 0, **{"chi-tieu": rows["indicator"].pk})),
        ("minh", at("activities:measurement_edit", value.pk)),
        ("minh", at("activities:measurement_detail", value.pk)),
        ("lan", at("activities:deadline_review", awaiting.pk)),
        ("minh", at("activities:directive_answer", asked.pk)),
        ("lan", at("activities:directive_show", reply.pk)),
        ("hoa", at("activities:directive_create", 0, **{"chuong-trinh": asked.programme_id})),
        ("lan", at("activities:duty_show", waived.pk)),
        ("lan", at("activities:duplicate_show", twin.pk)),
        ("lan", at("activities:review_bulk", 0, muc=f"activity-{twin.pk}")),
        ("minh", at("activities:report_edit", begun)),
        ("minh", at("activities:report_edit", _report(cast, task, "2024", 2023).pk)),
        ("minh", at("activities:report_show", waiting.pk)),
        ("lan", at("activities:report_show", accepted_report.pk)),
        ("lan", at("agreements:programme_edit", plan.pk)),
        ("lan", at("agreements:programme_check", plan.pk)),
        ("lan", at("agreements:programme_bases", task.programme_id)),
        ("lan", at("agreements:legal_merge", law.pk, voi=gone.pk)),
        ("minh", at("core:view_create", 0, next="/viec/")),
        ("duc", at("partners:user_detail", left.pk)),
        ("duc", at("partners:organisation_detail", cast.health.pk)),
    ]
    return Stage({who: sign_in(getattr(cast, who)) for who in ROLES}, more + _pages(objects), rows)


def _report(cast: Cast, task: Task, period: str, year: int, review: str = "") -> ReportDuty:
    """Write a duty of Minh's department on a year, with a report in that state."""
    duty = ReportDuty.objects.create(
        programme=task.programme, committee=cast.committee, unit=cast.health, kind="year", period=period,
        starts_on=date(year, 1, 1), ends_on=date(year + 1, 1, 1), due_on=date(year + 1, 1, 10),
    )  # fmt: skip
    if review:
        now = timezone.now()
        decided = {"reviewed_by": cast.lan, "reviewed_at": now, "cut_off": now} if review == "accepted" else {}
        report = ProgressReport.objects.create(
            duty=duty, author=cast.minh, acting_for=cast.health, review=review, submitted_by=cast.minh,
            submitted_at=now, **decided,
        )  # fmt: skip
        TaskReport.objects.create(report=report, task=task, self_rating="on_track")
    return duty


def _pages(objects: walk.Objects) -> list[tuple[str, str]]:
    found = []
    for name, converters in all_patterns().items():
        route = rights.all_routes()[name]
        if "GET" not in route.methods or name == "core:session_start" or "file" in name or "gallery" in name:
            continue
        fitting = [who for who, role in ROLES.items() if route.roles & {rights.PUBLIC, rights.SIGNED_IN, role}]
        kwargs = objects.kwargs(route.obj, converters) if route.obj else {}
        found += [(who, reverse(name, kwargs=kwargs)) for who in fitting[:1]]
    return found


def all_patterns() -> dict[str, dict[str, Any]]:
    """Return each "room:noun_verb" with the converters of its path."""
    return {
        f"{resolver.namespace}:{pattern.name}": pattern.pattern.converters
        for resolver in get_resolver().url_patterns
        for pattern in resolver.url_patterns
    }


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Roll back whatever happens inside, in the database and in the client's cookies."""
    cookies = client.cookies.output()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies.replace("Set-Cookie: ", ""))


def get(client: Client, url: str) -> HttpResponse:
    """Ask for a page and leave no trace."""
    with undone(client):
        return client.get(url)


def find_forms(stage: Stage) -> tuple[list[Cell], list[str]]:
    """Return each POST form once (same route and same controls count as one), and the pages that failed."""
    cells: dict[tuple[str, tuple[str, ...]], Cell] = {}
    wrong = []
    for who, url in stage.pages:
        response = get(stage.clients[who], url)
        if response.status_code >= 500:
            wrong.append(f"GET {url} {who}: {response.exc_info[1]!r}")
            continue
        for form in form_pages.read(response).forms:
            if form.method != "post":
                continue
            target = form.action or url
            try:
                match = resolve(target.split("?", 1)[0])
            except Resolver404:
                wrong.append(f"{url}: a form posts to nowhere ({form.action})")
                continue
            cell = Cell(who, url, match.view_name, target, form)
            shape = tuple(sorted([*form.controls, *(f"{n}={v}" for n, v in form.buttons)]))
            cells.setdefault((cell.route, shape), cell)
    return list(cells.values()), wrong
