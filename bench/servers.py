"""The servers that are measured: gunicorn as `make run` starts it (config.launch.WEB), on free ports here."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.timing import fetch
from config.launch import PYTHON, ROOT, WEB, LaunchError, tail

START_SECONDS = 60
STOP_SECONDS = 15
PRODUCT, BESIDE = "config.settings", "bench.settings"


@dataclass(frozen=True)
class Server:
    """A running server: its port and the process that keeps its workers."""

    port: int
    pid: int

    def worker_mb(self) -> float:
        """Return the memory of the largest worker in MB (resident set), from /proc."""
        return max(map(memory_mb, children(self.pid)))


def free_port() -> int:
    """Return a port of the loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that live."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            fields = path.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == pid and fields[0] not in "ZX":
                found.append(int(path.parent.name))
    return found


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    for line in (Path("/proc") / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} has no memory of its own")


@contextlib.contextmanager
def serving(settings: str, known: dict[str, str]) -> Iterator[Server]:
    """Start a server of these settings and this environment, wait until it answers, end it afterwards.

    Only this process and its own workers are ended. LaunchError with the end of its log where it does not start.
    """
    port = free_port()
    log = Path(known["VAR_DIR"]) / "log" / f"web-{settings}-{port}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    own = {**known, "DJANGO_SETTINGS_MODULE": settings, "PORT": str(port), "BASE_URL": f"http://127.0.0.1:{port}"}
    command = [str(PYTHON), "-m", "gunicorn", *WEB.format(port).split()]
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=own, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        _wait(process, port, log)
        yield Server(port, process.pid)
    finally:
        _end(process)
        log.unlink(missing_ok=True)


def _wait(process: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if fetch(port, "/dang-nhap/", {}).status == 200:
                return
        time.sleep(0.1)
    raise LaunchError(f"A server to be measured did not start. The end of its log:\n{tail(log)}")


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a session of its own: nobody else is in it
        process.wait()
