"""How many queries each page takes on the demo data, held against a baseline that is reviewed in the diff.

tests/query_counts.json holds "role room:noun_verb" → queries; no page may take more than 20 (house reference, rule
24). A page that got cheaper must be written down too: run with UPDATE_QUERY_COUNTS=1.
"""

from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import User
from tests.journeys.test_every_page import WHO, pages

if TYPE_CHECKING:
    from collections.abc import Callable

BASELINE = Path(__file__).with_name("query_counts.json")
LIMIT = 20
HTML_LIMIT = 20 * 1024  # compressed, ux.md section 5


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=True)
def test_query_counts_and_weight(sign_in: Callable[[User], Client]) -> None:
    """Visit each page of each role on the demo."""
    call_command("demo", as_of="23/11/2026", stdout=io.StringIO())
    counted: dict[str, int] = {}
    heavy = []
    for role, username in WHO.items():
        client = sign_in(User.objects.get(username=username))
        for url in pages(role):
            client.get(url)  # warms content types and cached templates
            with CaptureQueriesContext(
                connection,
            ) as queries:
                response = client.get(url)
            if response.status_code != 200:
                continue
            counted[f"{role} {response.resolver_match.view_name}"] = len(queries)
            size = len(gzip.compress(response.content, 6))
            if size > HTML_LIMIT:
                heavy.append(f"{role} {url}: {size} bytes compressed")
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counted, indent=1, sort_keys=True) + "\n")
    known = json.loads(BASELINE.read_text())
    assert {name: count for name, count in counted.items() if count > LIMIT} == {}
    assert heavy == []
    more = {
        name: f"{count} queries, was {known.get(name)}" for name, count in counted.items() if count > known.get(name, 0)
    }
    assert more == {}
