"""Every page in both languages and themes: axe-core finds nothing, no sideways scrolling, nothing from outside."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import axe_playwright_python
import pytest
from django.core.management import call_command
from django.urls import get_resolver, resolve, reverse

from activities.management.demo.catalogue import PASSWORD
from activities.models import Activity
from agreements.models import Intake, LegalDocument, Programme, TaskDeadline
from core import rights
from core.models import User
from partners.models import Membership, Organisation

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

WHO = {"officer": "lan", "reporter": "minh", "leader": "hoa", "administrator": "duc"}
NOT_PAGES = {"activities:file_show", "agreements:document_file", "core:gallery_show"}  # files, and DEBUG only
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def objects() -> dict[str, object]:
    """Return one object of each kind out of the demo, rich ones where there is a choice."""
    poverty = Programme.objects.get(code="CT-2023-015")
    submitted = Activity.objects.filter(review="submitted").first()
    return {
        "programme": poverty.pk,
        "task": poverty.tasks.first().pk,
        "activity": submitted.pk,
        "measurement": None,
        "legal_document": LegalDocument.objects.get(number="05-CT/TW").pk,
        "intake": getattr(Intake.objects.first(), "pk", None),
        "deadline": TaskDeadline.objects.filter(state="open").first().pk,
        "organisation": Organisation.objects.get(short_name="SLĐTBXH").pk,
        "user": User.objects.get(username="minh").pk,
        "membership": Membership.objects.first().pk,
    }


def pages(role: str) -> list[str]:
    """Return the addresses of all pages a role may open, with the demo's objects in their paths."""
    known = objects()
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
                found.append(reverse(name, kwargs={"pk": known[route.obj or ""]} if converters else {}))
    return found


ONCE_A_ROLE = {"insights:home_show", "agreements:programme_detail", "activities:task_detail"}  # drawn per role
ORDER = list(WHO)


def share(role: str) -> list[str]:
    """Return what this role visits: the pages drawn per role, and those that no role before it may open."""
    earlier = {resolve(url).view_name for other in ORDER[: ORDER.index(role)] for url in pages(other)}
    found: dict[str, str] = {}
    for url in pages(role):
        name = resolve(url).view_name
        if name in ONCE_A_ROLE or name not in earlier:
            found.setdefault(name, url)
    return list(found.values())


@pytest.mark.parametrize(
    ("role", "part", "parts"), [*(("officer", n, 4) for n in range(4)), *((role, 0, 1) for role in ORDER[1:])]
)
def test_every_page(content_groups: None, open_page: Callable[..., Page], role: str, part: int, parts: int) -> None:
    """Visit each page once, and those drawn per role by each: two languages, two themes at 1280 px; 390 px once."""
    call_command("demo", as_of="23/11/2026", stdout=io.StringIO())
    page = open_page(WHO[role], password=PASSWORD)
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
    for language in ("vi", "en"):
        User.objects.filter(username=username).update(language=language)
        response = page.goto(url)
        if response is None or response.status in {403, 409}:
            continue
        if response.status >= 400:
            wrong.append(f"{url} {language}: {response.status}")
            continue
        if page.get_attribute("html", "lang") != language:
            wrong.append(f"{url}: lang is not {language}")
        page.evaluate(AXE)
        for theme in ("light", "dark"):
            page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
            wrong += violations(page, f"{url} {language} {theme}")
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                wrong.append(f"{url} {language}: scrolls sideways by {over} px at {width} px")
        if language == "vi":
            wrong += violations(page, f"{url} 390 px")
        page.set_viewport_size({"width": 1280, "height": 800})
    return wrong


def violations(page: Page, where: str) -> list[str]:
    """Return one line for each finding of axe-core."""
    found = page.evaluate("options => axe.run(document, options).then(result => result.violations)", OPTIONS)
    return [f"{where}: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
