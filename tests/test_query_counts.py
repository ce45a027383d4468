"""How many queries each page takes on the demo data, held against a baseline that is reviewed in the diff; its weight;
and that no English and no stored code of a period is left on it.

tests/query_counts.json holds "role room:noun_verb" → queries; no page may take more than 20 (house reference, rule
24), and every address that answers GET with a page is among them. A page that got cheaper must be written down too: run
with UPDATE_QUERY_COUNTS=1.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import catalogues, rights
from core.models import User
from tests.journeys.test_every_page import NOT_PAGES, WHO, lay_on_desks, pages

if TYPE_CHECKING:
    from collections.abc import Callable

BASELINE = Path(__file__).with_name("query_counts.json")
LIMIT = 20
HTML_LIMIT = 20 * 1024  # compressed, ux.md section 5
CODE = re.compile(r"\b20\d\d-(?:Q[1-4]|H[12]|0[1-9]|1[0-2])\b(?!-)")  # of a period as it is stored
FIRST_VISIT_LIMIT = 130 * 1024  # compressed: the heaviest page with everything it loads


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)  # a session is touched once a minute: one query more
def test_query_counts_and_weight(demo: None, sign_in: Callable[[User], Client]) -> None:
    """Visit each page of each role on the demo, and the sign-in page."""
    lay_on_desks()
    clients = {role: sign_in(User.objects.get(username=username)) for role, username in WHO.items()}
    visits = [(role, client, url) for role, client in clients.items() for url in pages(role)]
    visits.append(("anyone", Client(), reverse("core:session_start")))
    counted: dict[str, int] = {}
    sizes: dict[str, int] = {}
    english: dict[str, set[str]] = {}
    codes: dict[str, set[str]] = {}
    sayings = english_sayings()
    for role, client, url in visits:
        client.get(url)  # warms content types and cached templates
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url)
        if response.status_code == 200:
            counted[f"{role} {response.resolver_match.view_name}"] = len(queries)
            sizes[f"{role} {url}"] = compressed(response.content)
            texts = texts_of(response.content.decode())
            english[url] = texts & sayings
            codes[url] = {text for text in texts if CODE.search(text)}
    static = sum(map(compressed, parts_of(response.content.decode()).values()))
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counted, indent=1, sort_keys=True) + "\n")
    known = json.loads(BASELINE.read_text())
    readable = {name for name, route in rights.all_routes().items() if "GET" in route.methods}
    assert readable - NOT_PAGES - {name.split()[1] for name in counted} == set()  # no page is left out
    assert {name: count for name, count in counted.items() if count > LIMIT} == {}
    assert {name: size for name, size in sizes.items() if size > HTML_LIMIT} == {}
    assert {url: found for url, found in english.items() if found} == {}
    assert {url: found for url, found in codes.items() if found} == {}  # periods are named in words
    assert static + max(sizes.values()) <= FIRST_VISIT_LIMIT
    more = {
        name: f"{count} queries, was {known.get(name)}" for name, count in counted.items() if count > known.get(name, 0)
    }
    assert more == {}


def english_sayings() -> set[str]:
    """Return what no Vietnamese page may show: English texts that have a translation, and Django's names of tables."""
    rooms = map(catalogues.translated, catalogues.ROOMS)
    texts = {known for room in rooms for (_context, known), text in room.items() if known != text}
    return texts | {str(model._meta.verbose_name) for model in apps.get_models()}


def texts_of(page: str) -> set[str]:
    """Return the pieces of text between the tags of a page."""
    body = re.sub(r"<(script|style|title)\b.*?</\1>", "", page, flags=re.DOTALL)
    return {" ".join(unescape(piece).split()) for piece in re.split(r"<[^>]*>", body)}


def compressed(content: bytes) -> int:
    """Return the size as sent to a browser that takes gzip."""
    return len(gzip.compress(content, 6))


def parts_of(page: str) -> dict[str, bytes]:
    """Return the static files a page loads (style, script, icons), by address."""
    found = {}
    for url in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)):
        source = finders.find(url.removeprefix(settings.STATIC_URL))
        assert source, url
        found[url] = Path(source).read_bytes()
    assert {Path(url).suffix for url in found} >= {".css", ".js"}
    return found
