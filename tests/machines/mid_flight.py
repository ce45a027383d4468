"""Rights that end between the page and the button: the person is disabled, or the membership ends (trust.md F19)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core import sign_in
from core.models import AuditEntry
from partners import services as partners
from tests.machines import rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.machines.walk import Walk

ANSWER = "Đã lắp xong cân ở ba bếp."
Post = tuple[str, str, dict[str, str]]  # who, address, fields


def posts(walk: Walk) -> Iterator[Post]:
    """Yield buttons that somebody may press now."""
    world = walk.world
    for entry in world.entries:
        noun = "measurement" if entry.is_paper else "activity"
        for action in ("submit", "recall", "delete"):
            if action == "submit" and (not entry.has_text or not entry.day or entry.day > world.today):
                continue
            if action == "submit" and (
                entry.occurrence != "held" or not rules.may_log(world, entry.author, entry.task)
            ):
                continue
            if rules.may_entry(world, entry.author, action, entry):
                yield entry.author, reverse(f"activities:{noun}_move", args=[entry.pk]), {"action": action}
        review = "measurement_review" if entry.is_paper else "review_show"
        for who in rules.PEOPLE:
            if rules.may_entry(world, who, "accept", entry):
                version = str(walk.version(noun, entry.pk))
                yield who, reverse(f"activities:{review}", args=[entry.pk]), {"action": "accept", "version": version}
    for duty in world.duties.values():
        for who in rules.PEOPLE:
            for action in ("recall", "reopen"):
                if rules.may_report(world, who, action, duty):
                    yield who, reverse("activities:report_move", args=[duty.pk]), {"action": action, "reason": ANSWER}
    for directive in world.directives:
        for who in rules.PEOPLE:
            if rules.may_directive(world, who, "answer", directive):
                version = str(walk.version("directive", directive.pk))
                url = reverse("activities:directive_answer", args=[directive.pk])
                yield who, url, {"text": ANSWER, "version": version}


def rights_end(walk: Walk) -> None:
    """Press one of them as it stands, then with the rights gone; the second writes nothing. All is rolled back."""
    found = list(posts(walk))
    if not found:
        return
    who, url, fields = walk.rng.choice(found)
    fields |= {"whose": signing.dumps(walk.actors[who].user.pk, salt="whose")}  # as each form of the product says
    client = _client(walk, who)
    walk.tried.done[f"pressed {'decide' if 'version' in fields else fields['action']}"] += 1
    before = walk.rows
    with transaction.atomic():
        response = client.post(url, fields)
        assert response.status_code == 302, f"{who} {url} {fields}: {response.status_code}"
        assert walk.differing(), f"{who} {url} {fields} changed nothing"
        transaction.set_rollback(True)
    with transaction.atomic():
        _take_rights(walk, who)
        walk.rows = walk.snapshot()
        since = walk.rows["audit", 0][1]
        response = client.post(url, fields)
        _hold(walk, response, fields, since, f"{who} {url} {fields}")
        transaction.set_rollback(True)
    walk.rows = before
    assert not walk.differing()


def _client(walk: Walk, who: str) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(walk.actors[who].user)
    session = client.session
    session[sign_in.STARTED] = time.time()
    session.save()
    walk.rows = walk.snapshot()
    return client


def _take_rights(walk: Walk, who: str) -> None:
    by, user = walk.actors["duc"], walk.actors[who].user
    if walk.rng.random() < 0.5:
        partners.disable_user(actor=by, user=user, reason="Nghỉ việc", handover_to=None, leave_open=True)
    else:
        partners.end_membership(actor=by, membership=walk.actors[who].membership, reason="Chuyển công tác")


def _hold(walk: Walk, response: Any, fields: dict[str, str], since: int, where: str) -> None:
    changed = {key for key in walk.differing() if key[0] not in {"audit", "notice"}}
    assert not changed, f"{where}: the rights were gone, yet it changed {sorted(changed)}"
    logged = set(AuditEntry.objects.filter(sequence__gt=since).values_list("action", flat=True))
    assert logged <= {"refused"}, f"{where}: logged {logged}"
    assert response.status_code in {401, 403, 404}, f"{where}: {response.status_code}"
    walk.tried.refused[f"pressed, {response.status_code}"] += 1
    if response.status_code == 401:  # the sign-in form carries what was typed
        assert b"carried" in response.content, f"{where}: what was typed is lost"
