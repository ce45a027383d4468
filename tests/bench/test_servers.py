"""The measured server is that of `make run`; memory is read of its own workers only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench import databases, servers
from config import launch


def test_a_child_and_its_memory_are_found() -> None:
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        assert child.pid in servers.children(os.getpid())
        assert 1 < servers.memory_mb(child.pid) < 200
        child.communicate()
    assert child.pid not in servers.children(os.getpid())


def test_a_free_port_can_be_bound() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", servers.free_port()))


def test_the_command_is_that_of_make_run() -> None:
    """Both read one constant, and nothing else starts gunicorn with options of its own."""
    for module in (launch, servers):
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert '"-m", "gunicorn", *WEB.format(port).split()' in source
    assert "--bind 127.0.0.1:8123 --workers 2 --threads 4" in launch.WEB.format(8123)


def test_a_named_server_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """BENCH_SERVER: its databases are used by name, nothing is started or generated."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("BENCH_SERVER", "postgresql://somebody@nowhere:1/")
    with databases.database_server() as data:
        data.have("L")
        known = data.environment("l")
    assert known["DATABASE_URL"] == "postgresql://somebody@nowhere:1/l"
    assert known["VAR_DIR"] == str(tmp_path / "bench")
    assert not (tmp_path / "bench" / "postgres").exists()
