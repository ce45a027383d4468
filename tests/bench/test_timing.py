"""Percentiles, and that what is compared is asked in turns."""

from __future__ import annotations

import http.server
import threading
from typing import TYPE_CHECKING

import pytest

from bench import timing
from bench.timing import BadAnswer, Target, Times, ask, fetch, measure, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator


class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers every address; "/bad" with 500. Remembers who asked for what."""

    asked: list[tuple[str, str]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Cookie"]))
        self.send_response(500 if self.path == "/bad" else 200)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.end_headers()
        self.wfile.write(self.path.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Return the port of a server that remembers."""
    Recorder.asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [
        ([7.0], 95, 7.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([4.0, 1.0, 3.0, 2.0], 50, 2.0),  # of an even number the lower middle one, which was measured
        ([float(n) for n in range(1, 101)], 95, 95.0),
        ([float(n) for n in range(1, 21)], 95, 19.0),
        ([1.0, 2.0], 0, 1.0),
        ([1.0, 2.0], 100, 2.0),
    ],
)
def test_percentile_is_the_nearest_rank(values: list[float], share: float, wanted: float) -> None:
    assert percentile(values, share) == wanted
    assert percentile(list(reversed(values)), share) == wanted


def test_percentile_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_times_have_median_and_p95() -> None:
    times = Times([float(n) for n in range(1, 101)])
    assert (times.median, times.p95) == (50.0, 95.0)


def test_fetch_tells_status_body_headers_and_time(port: int) -> None:
    answer = fetch(port, "/x", {"sessionid": "s", "c": "t"})
    assert (answer.status, answer.body) == (200, b"/x")
    assert answer.headers["Set-Cookie"].splitlines() == ["a=1", "b=2"]
    assert answer.ms > 0
    assert Recorder.asked == [("/x", "sessionid=s; c=t")]
    assert fetch(port, "/x", {}, b"sent").body == b"sent"


def test_a_page_that_fails_is_named(port: int) -> None:
    with pytest.raises(BadAnswer, match="ours: /bad answered 500"):
        ask(Target("ours", port, "/bad", "s"))
    with pytest.raises(BadAnswer, match="/bad"):
        measure([Target("ours", port, "/bad", "s")], clients=8, seconds=0)


@pytest.mark.parametrize("clients", [1, 8])
def test_targets_are_asked_in_turns(port: int, clients: int) -> None:
    """No target is ever more than a round ahead of another, so that a busy moment of the machine hits all."""
    targets = [Target(name, port, f"/{name}", "s") for name in ("ours", "floor", "admin")]
    timing.warm_up(targets)
    assert len(Recorder.asked) == 3 * timing.WARM_UP
    times = measure(targets, clients, seconds=0)
    a_round = 1 if clients == 1 else clients * timing.EACH
    assert {name: len(found.ms) for name, found in times.items()} == dict.fromkeys(
        ("ours", "floor", "admin"), a_round * timing.FEWEST_ROUNDS
    )
    paths = [path for path, _cookie in Recorder.asked]
    measured = paths[3 * timing.WARM_UP :]
    firsts = []
    for start in range(0, len(measured), 3 * a_round):
        one = measured[start : start + 3 * a_round]
        assert all(one.count(f"/{name}") == a_round for name in times)
        firsts.append(one[0])
    assert len(set(firsts)) == 3  # each of them begins a round
