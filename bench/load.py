"""200 people at once on size M: partners log and send, officers review, leaders read, each thinking in between.

Everybody is a thread with a session and the addresses found on the pages read so far. A writing chain is that of the
browser: the form, its autosave, sending or keeping it; the queue, an item, its acceptance. Between two requests of a
person lie 5 to 15 seconds, evenly spread; a redirect is followed at once. All answers count, also those of redirects.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.databases import Databases
from bench.servers import PRODUCT, Server, serving
from bench.timing import Answer, fetch, percentile
from config.launch import say
from tests.form_pages import Page as Forms
from tests.form_pages import PageForm

USERS = 200
THINK = (5.0, 15.0)
SECONDS = 240
SETTLED = 60  # seconds after which the memory of the start is taken: by then the workers have loaded their pages
MOST_REDIRECTS = 3
PROGRAMME, TASK, ACTIVITY = r'href="(/chuong-trinh/\d+/)"', r'href="(/nhiem-vu/\d+/)"', r'href="(/hoat-dong/\d+/)"'
WAITING = r'href="(/phe-duyet/hoat-dong/\d+/)"'
# What a person of a role does next, with weights: an address is read, a pattern is a link found before, a word is a
# chain of writing.
HABITS: dict[str, dict[str, int]] = {
    "reporter": {
        "/": 20, "/hoat-dong/": 15, TASK: 15, "/viec/": 10, "/bao-cao/": 8, ACTIVITY: 8, "/lich/": 4, "log": 20,
    },
    "officer": {
        "/": 15, "/chuong-trinh/": 15, PROGRAMME: 12, TASK: 6, "/hoat-dong/": 10, "/phe-duyet/": 8, "/bao-cao/": 8,
        "/lich/": 4, "/tim-kiem/?q=doi+ngoai": 2, "review": 20,
    },
    "leader": {
        "/bang-dieu-hanh/": 40, "/chuong-trinh/": 15, PROGRAMME: 15, "/bang-dieu-hanh/don-vi/": 10, TASK: 10,
        "/viec/": 10,
    },
}  # fmt: skip


@dataclass
class Log:
    """What all people met: milliseconds by kind of request, and what went wrong."""

    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)  # chains that reached their end
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, kind: str, answer: Answer) -> None:
        """Note an answer; a status from 400 on is an error: nobody here asks for one."""
        with self.lock:
            self.ms[kind].append(answer.ms)
            if answer.status >= 400:
                self.errors[f"{kind}: {answer.status}"] += 1

    def failed(self, what: str) -> None:
        """Note an error that is no status."""
        with self.lock:
            self.errors[what] += 1

    def finished(self, chain: str) -> None:
        """Note a chain that did what it was to do."""
        with self.lock:
            self.done[chain] += 1

    @property
    def all_ms(self) -> list[float]:
        """Milliseconds of all answers."""
        return [one for some in self.ms.values() for one in some]


class Stopped(Exception):
    """The time is over."""


class Person(threading.Thread):
    """One simulated person."""

    def __init__(self, port: int, who: dict[str, Any], seed: int, log: Log, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.role, self.tasks, self.log, self.stop = port, who["role"], who["tasks"], log, stop
        self.dice = random.Random(seed)
        self.cookies = {"sessionid": who["session"]}
        self.links: dict[str, list[str]] = {}

    def run(self) -> None:
        """Do one thing after the other until the time is over."""
        habits = HABITS[self.role]
        try:
            self.think(0, THINK[1])  # people do not come at the same moment
            while True:
                habit = self.dice.choices(list(habits), list(habits.values()))[0]
                try:
                    self.do(habit)
                except (OSError, http.client.HTTPException, ValueError, KeyError, IndexError) as error:
                    self.log.failed(f"{habit}: {error!r}")
                self.think(*THINK)
        except Stopped:
            return

    def think(self, least: float, most: float) -> None:
        """Wait as long as a person does; Stopped when the run ends meanwhile."""
        if self.stop.wait(self.dice.uniform(least, most)):
            raise Stopped

    def do(self, habit: str) -> None:
        """Read a page, follow a link found before (else the first page), or go through a chain of writing."""
        if habit == "log":
            self.log_activity()
        elif habit == "review":
            self.review()
        elif habit.startswith("/"):
            self.get(habit)
        else:
            found = self.links.get(habit)
            self.get(self.dice.choice(found) if found else "/", habit if found else "/")

    def get(self, path: str, kind: str = "") -> str:
        """Read a page, keep its links, return it."""
        return self.ask(kind or path, path)

    def ask(self, kind: str, path: str, fields: Iterable[tuple[str, str]] | None = None) -> str:
        """Ask, follow redirects as a browser does, and return the last page."""
        body = None if fields is None else urlencode(list(fields)).encode()
        for _step in range(MOST_REDIRECTS):
            kinds = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
            answer = fetch(self.port, path, self.cookies, body, kinds)
            self.log.answered(kind, answer)
            self.keep_cookies(answer)
            if answer.status not in (301, 302, 303):
                break
            target = urlsplit(answer.headers["Location"])
            path, body = f"{target.path}?{target.query}" if target.query else target.path, None
            kind = f"{kind.removesuffix(' →')} →"
        self.path = path
        page = answer.body.decode()
        for pattern in (PROGRAMME, TASK, ACTIVITY):
            if found := re.findall(pattern, page):
                self.links[pattern] = found
        return page

    def keep_cookies(self, answer: Answer) -> None:
        """Take the cookies that an answer sets."""
        for line in answer.headers.get("Set-Cookie", "").splitlines():
            name, _mark, value = line.split(";", 1)[0].partition("=")
            self.cookies[name] = value

    def log_activity(self) -> None:
        """Write an entry, let the page save it, then send it or keep the draft."""
        address = f"/hoat-dong/ghi/?nhiem-vu={self.dice.choice(self.tasks)}"
        form = form_with(self.get(address, "log: form"), "what_was_done")
        fields = self.typed(form)
        self.think(*THINK)
        saved = json.loads(self.ask("log: autosave", address, with_action(fields, "autosave", "")))
        version = str(saved["version"])
        self.think(*THINK)
        ending = self.dice.choice(("submit", "submit", "draft"))
        page = self.ask(f"log: {ending}", saved["url"], with_action(fields, ending, version))
        if ending == "submit" and self.path.endswith("/sua/"):
            raise ValueError(f"not sent: {' '.join(Forms(page).problems)}")
        self.log.finished(ending)

    def typed(self, form: PageForm) -> dict[str, list[str]]:
        """Return the form as a person fills it in: what was done, a place, a number for each indicator."""
        fields = form.as_it_stands()
        fields["what_was_done"] = [f"Nội dung đo tải số {self.dice.randrange(10**6)}: đã tổ chức và có người tham gia."]
        for name, control in form.controls.items():
            if re.fullmatch(r"q\d+\w*", name) and control.kind != "choice":
                fields[name] = [str(self.dice.randint(1, 9))]
            if name == "locality" and not any(fields.get(name, [])):
                fields[name] = [next(option for option in control.options if option)]
        return fields

    def review(self) -> None:
        """Open the queue, one of its first entries, and accept it; with nothing to review the queue was read."""
        found = list(dict.fromkeys(re.findall(WAITING, self.get("/phe-duyet/", "review: queue"))))[:10]
        if not found:
            return
        self.think(*THINK)
        address = self.dice.choice(found)
        forms = [
            form for form in Forms(self.get(address, "review: item")).forms if ("action", "accept") in form.buttons
        ]
        if not forms:  # somebody else of the committee was faster, or it is one's own
            return
        self.think(*THINK)
        self.ask("review: accept", address, with_action(forms[0].as_it_stands(), "accept", None))
        self.log.finished("accept")


def form_with(page: str, name: str) -> PageForm:
    """Return the form of a page that has a control; ValueError where none has."""
    for form in Forms(page).forms:
        if name in form.controls:
            return form
    raise ValueError(f"no form with {name}")


def with_action(fields: dict[str, list[str]], action: str, version: str | None) -> list[tuple[str, str]]:
    """Return the fields as sent by a button; version: what the page has heard of, None to leave it as it stands."""
    sent = {name: values for name, values in fields.items() if name != "action"}
    if version is not None:
        sent["version"] = [version]
    return [(name, value) for name, values in sent.items() for value in values] + [("action", action)]


def run(data: Databases, size: str, *, users: int = USERS, seconds: float = SECONDS) -> dict[str, Any]:
    """Return the "load" part of the result: users, p95_ms, errors, worker_mb_start, worker_mb_end."""
    say(f"{users} people on a copy of {size} for {seconds:.0f} s")
    with data.copy_of(size) as name:
        people = json.loads(data.child(name, "bench.people", "load", str(users)))
        with serving(PRODUCT, data.environment(name)) as server:
            log, start_mb, end_mb = play(server, people, seconds)
    for kind, some in sorted(log.ms.items(), key=lambda pair: -percentile(pair[1], 95)):
        half, most = percentile(some, 50), percentile(some, 95)
        say(f"  {_plain(kind):28} {len(some):5} answers, median {half:6.0f} ms, p95 {most:6.0f} ms")
    for what, number in log.errors.most_common():
        say(f"  error, {number} times: {what}")
    say(f"  done: {', '.join(f'{number} {chain}' for chain, number in log.done.items()) or 'nothing'}")
    return {
        "users": users,
        "p95_ms": round(percentile(log.all_ms, 95), 1),
        "errors": sum(log.errors.values()),
        "worker_mb_start": round(start_mb, 1),
        "worker_mb_end": round(end_mb, 1),
    }


def _plain(kind: str) -> str:
    """A link pattern as the address it finds."""
    return re.sub(r'href="\((.*)\)"', r"\1", kind).replace(r"\d+", "…")


def play(server: Server, people: list[dict[str, Any]], seconds: float) -> tuple[Log, float, float]:
    """Let the people work; return what they met and the largest worker's MB once settled and at the end."""
    log, stop = Log(), threading.Event()
    crowd = [Person(server.port, who, seed, log, stop) for seed, who in enumerate(people)]
    try:
        for person in crowd:
            person.start()
        settled = min(SETTLED, seconds / 4)
        time.sleep(settled)
        start_mb = server.worker_mb()
        time.sleep(seconds - settled)
        end_mb = server.worker_mb()
    finally:
        stop.set()
        for person in crowd:
            person.join(60)
    return log, start_mb, end_mb
