"""Requests over the loopback, their times, and how times become one figure. No Django here."""

from __future__ import annotations

import http.client
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TIMEOUT = 60  # seconds
WARM_UP = 12  # requests before anything counts: each of the workers has to have loaded its templates
EACH = 2  # requests of each of several clients in one round
FEWEST_ROUNDS = 3


@dataclass(frozen=True)
class Answer:
    """What came back. ms: from before the connection is made until the last byte."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    ms: float


@dataclass(frozen=True)
class Target:
    """An address that is measured, signed in by the cookie of a session."""

    name: str
    port: int
    path: str
    session: str


@dataclass
class Times:
    """Milliseconds of the answers of one target under one number of clients."""

    ms: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle one."""
        return percentile(self.ms, 50)

    @property
    def p95(self) -> float:
        """What 95 of 100 answers did not exceed."""
        return percentile(self.ms, 95)


class BadAnswer(RuntimeError):
    """A page that was to be measured did not answer with 200; the text names it."""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` per cent of the values do not exceed (nearest rank). Needs a value."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(share / 100 * len(values)) - 1)]


def fetch(
    port: int,
    path: str,
    cookies: Mapping[str, str],
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Ask once over a connection of its own, POST where there is a body; redirects are answers like others."""
    sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), **(headers or {})}
    began = time.perf_counter()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        line.request("GET" if body is None else "POST", path, body, sent)
        answer = line.getresponse()
        content = answer.read()
        ms = (time.perf_counter() - began) * 1000
        return Answer(answer.status, content, _joined(answer.getheaders()), ms)
    finally:
        line.close()


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Headers by name; several of one name (Set-Cookie) joined by a line break."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def ask(target: Target, headers: Mapping[str, str] | None = None) -> Answer:
    """Fetch a target; BadAnswer for everything but 200."""
    answer = fetch(target.port, target.path, {"sessionid": target.session}, headers=headers)
    if answer.status != 200:
        raise BadAnswer(f"{target.name}: {target.path} answered {answer.status}")
    return answer


def at_once(target: Target, clients: int, each: int) -> list[float]:
    """Return the times of `clients` threads that ask `each` times one after the other, all at once."""
    found: list[float] = []
    problems: list[Exception] = []

    def client() -> None:
        try:
            found.extend([ask(target).ms for _turn in range(each)])
        except (OSError, http.client.HTTPException, BadAnswer) as error:
            problems.append(error)

    threads = [threading.Thread(target=client) for _client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return found


def warm_up(targets: Sequence[Target]) -> None:
    """Ask each target WARM_UP times, several at once so that all workers come to answer."""
    for target in targets:
        at_once(target, 4, WARM_UP // 4)


def measure(targets: Sequence[Target], clients: int, seconds: float) -> dict[str, Times]:
    """Return the times of each target by its name, asked in turns so that other work of the machine hits all alike.

    Rounds go on until the seconds are over, at least FEWEST_ROUNDS; each begins with another target than the last.
    """
    times = {target.name: Times() for target in targets}
    end, round_number = time.monotonic() + seconds, 0
    while round_number < FEWEST_ROUNDS or time.monotonic() < end:
        shift = round_number % len(targets)
        for target in [*targets[shift:], *targets[:shift]]:
            times[target.name].ms += [ask(target).ms] if clients == 1 else at_once(target, clients, EACH)
        round_number += 1
    return times
