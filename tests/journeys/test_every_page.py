"""Every page in both languages and themes: axe-core finds nothing, no sideways scrolling, nothing from outside."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.urls import get_resolver, reverse

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
RUN_ONLY = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


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


@pytest.fixture
def demo(content_groups: None) -> None:
    """Load the demo."""
    call_command("demo", as_of="23/11/2026", stdout=io.StringIO())


@pytest.mark.parametrize("role", list(WHO))
def test_every_page(role: str, demo: None, open_page: Callable[..., Page]) -> None:
    """Visit each page of a role: two languages, two themes at 1280 px; 390 px once."""
    page = open_page(WHO[role], password=PASSWORD)
    outside: list[str] = []
    host = page.url.split("/")[2]
    page.on(
        "request",
        lambda request: (
            outside.append(request.url) if host not in request.url and not request.url.startswith("data:") else None
        ),
    )
    wrong: list[str] = []
    started = time.monotonic()
    for url in pages(role):
        for language in ("vi", "en"):
            User.objects.filter(username=WHO[role]).update(language=language)
            response = page.goto(url)
            if response is None or response.status in {403, 409}:
                continue
            if response.status >= 400:
                wrong.append(f"{url} {language}: {response.status}")
                continue
            if page.get_attribute("html", "lang") != language:
                wrong.append(f"{url}: lang is not {language}")
            for theme in ("light", "dark"):
                page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
                wrong += violations(page, f"{url} {language} {theme}")
            if language == "vi":
                page.set_viewport_size({"width": 390, "height": 844})
                wrong += violations(page, f"{url} 390 px")
            for width in (320, 390):
                page.set_viewport_size({"width": width, "height": 844})
                over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if over > 0:
                    wrong.append(f"{url} {language}: scrolls sideways by {over} px at {width} px")
            page.set_viewport_size({"width": 1280, "height": 800})
    assert outside == []
    assert wrong == [], f"{len(wrong)} findings in {time.monotonic() - started:.0f} s"


def violations(page: Page, where: str) -> list[str]:
    """Return one line for each finding of axe-core."""
    result = Axe().run(page, options=RUN_ONLY)
    return [f"{where}: {found['id']}: {found['nodes'][0]['html'][:160]}" for found in result.response["violations"]]
