"""Every form against bad input: nothing answers 500, what was typed stays, each message says what to do in both
languages (issue 2, "Bad input"). Each cell is rolled back; the tests collect all faults, so that one run shows them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import translation

from core import rights
from core.forms import upload_message
from core.models import AuditEntry, User
from documents.uploads import UploadRejected
from tests import form_pages, hostile, stage
from tests.cast import PASSWORD, make_cast
from tests.form_pages import TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

pytestmark = pytest.mark.django_db

RAW = (b"<script>alert", b"<img src=x")
# Forms that the walk finds on no page, as (who, fields): reason.
BY_HAND = {
    "activities:review_undo": ("lan", "accepted", {"version": "1"}),  # its button stands in the session of the decider
    "activities:measurement_undo": ("lan", "measurement", {"version": "1"}),  # likewise
    "core:notice_list": ("lan", "", {"notice": "1"}),  # a button beside each notice; the walk has none
    "core:session_start": ("", "", {}),  # signed out; tests/core/test_sign_in.py holds its cases
}
# POSTs whose good answer is a page, not a redirect.
ANSWERS_WITH_A_PAGE = {"partners:user_slip": "the slip is shown once, in the answer to the POST, and nowhere else"}


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[stage.Stage, list[stage.Cell], list[str]]]:
    """Set the stage once for the module; everything is rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = stage.set_up(make_cast())
        yield (found, *stage.find_forms(found))
        transaction.set_rollback(True)


Ground = tuple[stage.Stage, list[stage.Cell], list[str]]


def send(cell: stage.Cell, client: Client, values: dict[str, Any]) -> HttpResponse:
    """Post a form as its enctype says."""
    if cell.form.multipart:
        return client.post(cell.target, values, headers={"referer": f"http://testserver{cell.page}"})
    body = QueryDict(mutable=True)
    for name, value in values.items():
        body.setlist(name, value if isinstance(value, list) else [value])
    return client.post(
        cell.target,
        body.urlencode(),
        content_type="application/x-www-form-urlencoded",
        headers={"referer": f"http://testserver{cell.page}"},
    )


def button(cell: stage.Cell, turn: int) -> dict[str, list[str]]:
    """Return the named button of a turn: they take turns."""
    if not cell.form.buttons:
        return {}
    name, value = cell.form.buttons[turn % len(cell.form.buttons)]
    return {name: [value]}


def rounds(cell: stage.Cell) -> Iterator[tuple[str, dict[str, list[str]], dict[str, str]]]:
    """Yield (label, values to send, what of it was typed) for one form."""
    form = cell.form
    base = form.as_it_stands()
    typed = form.typed()
    tokens = {name: base[name] for name in base if name in TOKENS}
    hidden = [c.name for c in form.controls.values() if c.kind == "hidden" and c.name not in TOKENS]
    for turn in range(max(1, len(form.buttons))):
        yield "nothing", tokens | {n: base.get(n, [""]) for n in hidden} | button(cell, turn), {}
    yield "no field at all", {}, {}
    pools = {kind: hostile.pool(kind) for kind in {c.kind for c in typed}}
    many = len(typed) > 15
    for turn in range(0, hostile.ROUNDS if typed else 0, 2 if many else 1):
        # not 64 KB in every control of a long form: a request over 5 MB is refused as a whole
        mine = {c.name: pools[c.kind][turn][1] for c in typed[:10]}
        yield hostile.pool("text")[turn][0], base | button(cell, turn) | {n: [v] for n, v in mine.items()}, mine
    seen = set()
    for turn, control in enumerate(typed):
        shape = re.sub(r"\d+", "#", control.name)
        if shape not in seen and len(seen) < 6:  # one row stands for all rows of its kind
            seen.add(shape)
            mine = {control.name: hostile.sharpest(control.kind)}
            yield f"{control.name} alone", base | button(cell, turn) | {n: [v] for n, v in mine.items()}, mine
    chosen = [c.name for c in form.controls.values() if c.kind in {"choice", "tick"}]
    for names, what in ((chosen, "choices"), (hidden, "hidden")):
        for turn, value in enumerate(hostile.CHOICES[:: 4 if many else 2] if names else ()):
            yield f"{what} {value[:12]!r}", base | button(cell, turn) | {name: [value] for name in names}, {}
    for name in [name for name in hidden if "_FORMS" not in name][:4] if len(hidden) > 1 else ():
        yield f"{name} alone", base | {name: [hostile.CHOICES[1]]}, {}


def judge(cell: stage.Cell, label: str, typed: dict[str, str], response: HttpResponse, client: Client) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    where = f"{cell} [{label}] {response.status_code}"
    if response.status_code >= 500:
        yield f"{where}: {response.exc_info[1]!r}"[:300] if response.exc_info else where
        return
    content = b"" if response.streaming else response.content
    if any(raw in content for raw in RAW):
        yield f"{where}: script unescaped"
    words = {name: value for name, value in typed.items() if form_pages.plain(value)}
    if response.status_code in {301, 302, 303}:
        queued = getattr(getattr(response.wsgi_request, "_messages", None), "_queued_messages", [])
        if words and any(message.level >= 30 for message in queued):
            yield f"{where}: led away with “{queued[0]}”, what was typed is lost"
        if label in {"script", "template"}:
            after = client.get(response["Location"])
            if after.status_code >= 500:
                yield f"{where} → {response['Location']}: {after.exc_info[1]!r}"[:300]
            elif not after.streaming and any(raw in after.content for raw in RAW):
                yield f"{where} → {response['Location']}: script unescaped"
        return
    page = form_pages.read(response)
    told = page.problems or b"note-fix" in content or b"note-over" in content
    if response.status_code == 200 and not told and cell.route not in ANSWERS_WITH_A_PAGE:
        yield f"{where}: shown again without an error summary"
    lost = [name for name, value in words.items() if not page.holds(name, value)]
    if lost and not (response.status_code == 200 and cell.route in ANSWERS_WITH_A_PAGE):
        yield f"{where}: lost {', '.join(lost)[:120]}"


def test_every_post_route_has_a_form_or_is_named_here(ground: Ground) -> None:
    found, cells, wrong = ground
    posts = {name for name, route in rights.all_routes().items() if "POST" in route.methods}
    assert not wrong, "\n".join(["", *wrong])
    assert posts - {cell.route for cell in cells} == set(BY_HAND)


def test_no_form_falls_over_or_loses_what_was_typed(ground: Ground) -> None:
    found, cells, _wrong = ground
    faults = []
    for cell in cells:
        client = found.clients[cell.who]
        for label, values, typed in rounds(cell):
            with stage.undone(client):
                faults += judge(cell, label, typed, send(cell, client, values), client)
    assert not faults, "\n".join(["", *faults])


def test_forms_by_hand_do_not_fall_over(ground: Ground) -> None:
    found, _cells, _wrong = ground
    faults = []
    for name, (who, row, fields) in BY_HAND.items():
        keys = found.rows["objects"].keys
        args = [keys[row] if row in keys else found.rows[row].pk] if row else []
        client = found.clients[who] if who else Client(raise_request_exception=False)
        for field in (*fields, "next", "form_key", "version", "acting_as", "username", "password", "carried"):
            for value in (*hostile.CHOICES, hostile.LONG):
                with stage.undone(client):
                    answer = client.post(reverse(name, args=args), fields | {field: value})
                    if answer.status_code >= 500 or any(raw in answer.content for raw in RAW):
                        faults.append(f"{name} {field}={value[:12]!r}: {answer.status_code}")
    assert not faults, "\n".join(["", *faults])
