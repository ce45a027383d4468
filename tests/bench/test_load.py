"""The simulated people really write: what they send becomes entries that are sent and accepted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from activities.models import Activity
from bench import load, people
from bench.load import Log, Person, form_with, with_action
from bench.timing import Answer
from tests import make

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

    from tests.cast import Cast

FORM = """<form method="post"><input name="csrfmiddlewaretoken" type="hidden" value="t">
<input name="version" type="hidden" value=""><textarea name="what_was_done"></textarea>
<button name="action" value="draft">x</button></form>"""


def person(port: int, session: str, role: str, tasks: list[int], log: Log, seed: int = 1) -> Person:
    """Return a person who does not think."""
    found = Person(port, {"role": role, "session": session, "tasks": tasks}, seed, log, threading.Event())
    found.think = lambda *_span: None  # type: ignore[method-assign]
    return found


@pytest.mark.django_db(transaction=True)
def test_what_is_logged_is_sent_and_accepted(cast: Cast, live_server: LiveServer) -> None:
    """Drafts and sent entries by a partner, then an officer's acceptance; no answer is an error."""
    task = make.make_task(cast, make.make_programme(cast))
    make.make_indicator(task)
    port, log = int(live_server.url.rpartition(":")[2]), Log()
    minh = person(port, people.sign_in(cast.minh), "reporter", [task.pk], log)
    while not {"submit", "draft"} <= log.done.keys():
        assert sum(log.done.values()) < 20, log.errors
        minh.log_activity()
    kept = Activity.objects.values_list("review", flat=True)
    assert sorted(kept) == ["draft"] * log.done["draft"] + ["submitted"] * log.done["submit"]
    entry = Activity.objects.filter(review="submitted").first()
    assert entry is not None and entry.what_was_done.startswith("Nội dung đo tải")
    assert entry.measurements.count() == 1

    lan = person(port, people.sign_in(cast.lan), "officer", [], log)
    lan.review()
    assert log.done["accept"] == 1
    assert Activity.objects.filter(review="accepted", reviewed_by=cast.lan).count() == 1
    assert dict(log.errors) == {}
    assert log.ms.keys() >= {"log: form", "log: autosave", "log: submit", "review: queue", "review: accept"}
    assert all(ms > 0 for ms in log.all_ms)


@pytest.mark.django_db(transaction=True)
def test_every_habit_leads_somewhere(cast: Cast, live_server: LiveServer) -> None:
    """Each address and link of each role answers without an error; a link not met yet leads to the first page."""
    task = make.make_task(cast, make.make_programme(cast))
    port, log = int(live_server.url.rpartition(":")[2]), Log()
    for role, user in (("officer", cast.lan), ("leader", cast.hoa), ("reporter", cast.minh)):
        one = person(port, people.sign_in(user), role, [task.pk], log)
        for habit in load.HABITS[role]:
            one.do(habit)
        met = [link for links in one.links.values() for link in links]
        assert {f"/chuong-trinh/{task.programme_id}/", f"/nhiem-vu/{task.pk}/"} & set(met), role
    assert dict(log.errors) == {}


def test_errors_are_statuses_from_400_on() -> None:
    log = Log()
    for status in (200, 302, 404, 500):
        log.answered("/", Answer(status, b"", {}, 1.0))
    assert log.errors == {"/: 404": 1, "/: 500": 1}
    assert len(log.all_ms) == 4


def test_an_end_interrupts_thinking() -> None:
    stop = threading.Event()
    waiting = Person(1, {"role": "leader", "session": "", "tasks": []}, 1, Log(), stop)
    waiting.start()
    stop.set()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_form_is_sent_with_button_and_version() -> None:
    fields = form_with(FORM, "what_was_done").as_it_stands()
    sent = dict(with_action(fields, "submit", "7"))
    assert sent == {"csrfmiddlewaretoken": "t", "version": "7", "what_was_done": "", "action": "submit"}
    assert dict(with_action(fields, "accept", None))["version"] == ""
    with pytest.raises(ValueError, match="reason"):
        form_with(FORM, "reason")


def test_cookies_are_kept() -> None:
    one = person(1, "s", "leader", [], Log())
    answer: Any = Answer(200, b"", {"Set-Cookie": "csrftoken=abc; Path=/; HttpOnly\na=b=c; Path=/"}, 1.0)
    one.keep_cookies(answer)
    assert one.cookies == {"sessionid": "s", "csrftoken": "abc", "a": "b=c"}
