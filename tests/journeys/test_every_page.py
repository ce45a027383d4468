"""Every page in both languages and themes: axe-core finds nothing, no sideways scrolling, nothing from outside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import axe_playwright_python
import pytest
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone

from activities.management.demo.catalogue import PASSWORD
from activities.models import Activity, Directive, Measurement, ReportDuty
from agreements.models import Extension, Indicator, Intake, LegalDocument, Milestone, Programme, Task, TaskDeadline
from agreements.services.intake import take_in
from core import rights
from core.models import Holiday, User
from partners.models import Membership, Organisation, actors_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

WHO = {"officer": "lan", "reporter": "minh", "leader": "hoa", "administrator": "duc"}
# Files, fragments, and addresses that answer GET with a page only where a session was lost while typing.
NOT_PAGES = {
    "activities:directive_file",
    "activities:draft_file_show",
    "activities:file_show",
    "agreements:document_file",
    "agreements:intake_file",
    "agreements:intake_progress",
    "agreements:basis_keep",
    "agreements:legal_alias",
    "agreements:legal_relate",
    "core:gallery_show",
    "insights:calendar_feed",
    "insights:dashboard_paper",
}
SOURCE = Path(__file__).parent.parent / "documents" / "samples" / "tin-ky-ket.txt"
OLD_ENCODING = "Ch­¬ng tr×nh phèi hîp gi÷a Uû ban MÆt trËn Tæ quèc tØnh vµ Së Y tÕ vÒ ch¨m sãc søc khoÎ nh©n d©n. " * 3
ONLY = {"resultTypes": ["violations"]}
ALL_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], **ONLY}
# A theme changes colours alone, so the second one is read for what depends on them; a language or width changes none.
BY_COLOUR = ["color-contrast", "link-in-text-block"]
COLOURS = {"runOnly": {"type": "rule", "values": BY_COLOUR}, **ONLY}
WORDS = {**ALL_RULES, "rules": {rule: {"enabled": False} for rule in BY_COLOUR}}
PHONE = 390
# By language: the widths, the first of which is read, and the readings. English is read on a phone.
READINGS = {
    "vi": ((1280, 320, PHONE), (("dark", COLOURS), ("light", ALL_RULES))),
    "en": ((PHONE, 320), (("light", WORDS),)),
}
# Around the content all pages are alike: the other readings than the first take what differs.
CONTENT = {"include": [["main"]]}
# Lists that a phone shows as cards, by their class, where one of them is wider than the frame around it.
IN_FRAME = """[...document.querySelectorAll(".scroll")].filter(frame => frame.scrollWidth > frame.clientWidth)
    .map(frame => frame.querySelector(".t-list, .t-due, .t-board, .t-unit, .t-legal")).filter(Boolean)
    .map(table => table.className)"""
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def lay_on_desks() -> None:
    """Lay on the desks of the demo what it lacks: a source being read, a value half written, one sent."""
    lan, minh = User.objects.get(username="lan"), User.objects.get(username="minh")
    take_in(actor=actors_of(lan)[0], text=SOURCE.read_text(encoding="utf-8"))
    take_in(actor=actors_of(lan)[0], text=OLD_ENCODING)
    unit = actors_of(minh)[0].organisation
    indicator = Indicator.objects.filter(task__lead=unit).first()
    for review, sent in (("draft", None), ("submitted", timezone.now())):
        Measurement.objects.create(
            task=indicator.task,
            indicator=indicator,
            unit=unit,
            author=minh,
            acting_for=unit,
            as_of=timezone.localdate(),
            value=3,
            source="Báo cáo 12/BC-SYT",
            review=review,
            submitted_at=sent,
        )


def objects(role: str) -> dict[str, object]:
    """Return one object of each kind out of the demo, rich ones where there is a choice; a reporter's are drafts."""
    poverty = Programme.objects.get(code="CT-2023-015")
    mine = {"author__username": "minh", "review": "draft"} if role == "reporter" else {"review": "submitted"}
    return {
        "programme": poverty.pk,
        "task": poverty.tasks.first().pk,
        "activity": Activity.objects.filter(**mine).first().pk,
        "measurement": Measurement.objects.filter(activity=None, **mine).first().pk,
        "indicator": poverty.tasks.exclude(indicators=None).first().indicators.first().pk,
        "legal_document": LegalDocument.objects.get(number="05-CT/TW").pk,
        "intake": Intake.objects.get(reading="read").pk,
        "report_duty": ReportDuty.objects.filter(report__review="submitted").values_list("pk", flat=True).first(),
        "report_draft": ReportDuty.objects.filter(unit__short_name="SYT", report__review__in=["draft", "returned"])
        .values_list("pk", flat=True)
        .first(),
        "deadline": TaskDeadline.objects.filter(state="open").first().pk,
        "directive": Directive.objects.filter(state="issued" if role == "reporter" else "answered").first().pk,
        "duty": ReportDuty.objects.filter(unit__short_name="SYT", waived_at=None, report=None).first().pk,
        "milestone": Milestone.objects.filter(done_on=None).first().pk,
        "holiday": Holiday.objects.first().pk,
        "extension": Extension.objects.filter(state="requested").first().pk,
        "organisation": Organisation.objects.get(short_name="SLĐTBXH").pk,
        "user": User.objects.get(username="lan").pk,
        "membership": Membership.objects.first().pk,
    }


def pages(role: str) -> list[str]:
    """Return the addresses of all pages a role may open, with the demo's objects in their paths."""
    known = objects(role)
    own = Task.objects.filter(lead__memberships__user__username=WHO[role]).first() or Task.objects.first()
    unread = Intake.objects.get(reading="consent")
    queries = {"activities:activity_create": f"?nhiem-vu={own.pk}", "insights:search_show": "?q=doi+ngoai"}
    queries["insights:dashboard_compare"] = "?theo=ky&a=2026&b=2025"
    queries["core:view_create"] = "?next=/viec/"
    queries["activities:directive_create"] = f"?nhiem-vu={known['task']}"
    if role != "administrator":  # who sees no programme
        queries["insights:method_show"] = f"?chuong-trinh={own.programme_id}"
        queries["insights:method_rows"] = f"?chuong-trinh={own.programme_id}&so=hoat-dong"
    queries["activities:review_bulk"] = f"?muc=activity-{known['activity']}"
    found = []
    for resolver in get_resolver().url_patterns:
        for pattern in resolver.url_patterns:
            name = f"{resolver.namespace}:{pattern.name}"
            route = rights.all_routes()[name]
            if (
                "GET" not in route.methods
                or name in NOT_PAGES
                or not route.roles & {rights.SIGNED_IN, rights.PUBLIC, role}
            ):
                continue
            converters = pattern.pattern.converters
            if set(converters) <= {"pk"} and (not converters or known.get(route.obj or "")):
                pk = unread.pk if name == "agreements:intake_read" else known.get(route.obj or "")
                path = reverse(name, kwargs={"pk": pk} if converters else {})
                found.append(path + queries.get(name, ""))
    return found


# Drawn per role, or open to a role only in a state that its object has.
ONCE_A_ROLE = {
    "insights:home_show",
    "agreements:programme_detail",
    "activities:task_detail",
    "activities:activity_edit",
    "activities:measurement_edit",
}
ORDER = list(WHO)


def view_of(url: str) -> str:
    """Return the name of the view behind an address."""
    return resolve(url.partition("?")[0]).view_name


def share(role: str) -> list[str]:
    """Return what this role visits: the pages drawn per role, and those that no role before it may open."""
    earlier = {view_of(url) for other in ORDER[: ORDER.index(role)] for url in pages(other)}
    found: dict[str, str] = {}
    for url in pages(role):
        name = view_of(url)
        if name in ONCE_A_ROLE or name not in earlier:
            found.setdefault(name, url)
    return list(found.values())


@pytest.mark.parametrize(
    ("role", "part", "parts"), [*(("officer", n, 4) for n in range(4)), *((role, 0, 1) for role in ORDER[1:])]
)
def test_every_page(demo: None, open_page: Callable[..., Page], role: str, part: int, parts: int) -> None:
    """Visit each page once, and those drawn per role by each: both themes at 1280 px, English at 390 px."""
    lay_on_desks()
    page = open_page(WHO[role], password=PASSWORD)
    page.add_init_script(AXE)
    host = page.url.split("/")[2]
    outside: list[str] = []
    page.on(
        "request",
        lambda request: None if host in request.url or request.url.startswith("data:") else outside.append(request.url),
    )
    wrong = [finding for url in share(role)[part::parts] for finding in visit(page, url, WHO[role])]
    assert outside == []
    assert wrong == []


def visit(page: Page, url: str, username: str) -> list[str]:
    """Return the findings on one page in every language, theme and width."""
    wrong: list[str] = []
    for language, (widths, readings) in READINGS.items():
        User.objects.filter(username=username).update(language=language)
        page.set_viewport_size({"width": widths[0], "height": 800})
        response = page.goto(url)
        if response is None or response.status in {403, 409}:
            continue
        if response.status >= 400:
            wrong.append(f"{url} {language}: {response.status}")
            continue
        if page.get_attribute("html", "lang") != language:
            wrong.append(f"{url}: lang is not {language}")
        for theme, rules in readings:
            page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
            wrong += violations(page, f"{url} {language} {theme} {widths[0]} px", rules)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                wrong.append(f"{url} {language}: scrolls sideways by {over} px at {width} px")
            in_frame = page.evaluate(IN_FRAME) if width <= PHONE else []
            wrong += [f"{url} {language}: {css} scrolls in its frame at {width} px" for css in in_frame]
    return wrong


def violations(page: Page, where: str, rules: dict[str, object]) -> list[str]:
    """Return one line for each finding of axe-core by these rules: in the whole page by all, else in its content.

    The account page is read as a whole each time: its header, menu and footer are those of every page.
    """
    part = None if rules is ALL_RULES or page.url.endswith("/tai-khoan/") else CONTENT
    run = "([part, options]) => axe.run(part || document, options).then(result => result.violations)"
    found = page.evaluate(run, [part, rules])
    return [f"{where}: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
