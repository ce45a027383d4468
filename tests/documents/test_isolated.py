"""The child process: what it answers, what it cannot do, and that nothing a file does reaches the parent."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from documents.reading import fence, isolated
from documents.reading.extract import ReadFailure, extract
from tests.documents.extract.files import docx, par, pdf, text_at
from tests.documents.extract.hostile import HEAVY, PLAIN, nested

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = Path(__file__).parent / "samples" / "chuong-trinh.txt"


def in_child(code: str) -> str:
    """What a process behind the fence prints."""
    done = subprocess.run(
        [sys.executable, "-E", "-s", "-c", code], cwd=ROOT, env={}, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip() or f"code {done.returncode} {done.stderr[-300:]}"


def peak_memory() -> int:
    """Bytes of memory that this process holds at most since the last reset."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


class TestAnswers:
    def test_a_file_and_a_pasted_text_give_the_same(self) -> None:
        text = SAMPLE.read_text(encoding="utf-8")
        filed = isolated.read_file(text.encode(), "a.txt")
        pasted = isolated.read_text(text)
        assert filed == pasted
        assert len(filed.result["programmes"]) == 1
        assert filed.source == {"kind": "text", "pages": 1, "notes": []}

    def test_a_long_pasted_text_goes_to_the_child(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(isolated, "SMALL_TEXT", 10)
        assert isolated.read_text("Một đoạn văn bản dài hơn mười chữ cái.").text.startswith("Một đoạn")

    @pytest.mark.parametrize(
        "name", ["a.docx", "tên có dấu \u202e.docx", "x" * 400 + ".docx", "a\0b.docx", "--help.docx"]
    )
    def test_odd_names(self, name: str) -> None:
        assert isolated.read_file(docx(par("Nội dung")), name).text == "Nội dung"

    def test_a_page_as_a_picture(self) -> None:
        data = pdf(text_at(85, 100, "x"))
        assert isolated.picture_of(data, 1).startswith(b"\x89PNG")
        for wrong in (0, 2):
            with pytest.raises(ReadFailure):
                isolated.picture_of(data, wrong)

    def test_nothing_of_a_scan_is_certain(self) -> None:
        lines = [line for line in SAMPLE.read_text(encoding="utf-8").split("\n") if line.strip()]
        words = []
        for number, line in enumerate(lines):
            at = 100
            for word in line.split():
                words.append([at, number * 60, at + 20 * len(word), number * 60 + 40, 96, word])
                at += 20 * len(word) + 20
        reading = isolated.read_pages([{"width": 2480, "height": 60 * len(lines) + 400, "words": words}])
        assert reading.kind == "scan"
        assert reading.result["references"]
        assert '"certain"' not in json.dumps(reading.result)
        assert reading.note("ocr")


class TestFence:
    def test_no_network_code_is_loaded(self) -> None:
        code = (
            "import sys, documents.reading.child\n"
            "print([name for name in ('socket', '_socket', 'ssl', 'http.client', 'urllib.request', 'asyncio', 'django')"
            " if name in sys.modules])"
        )
        assert in_child(code) == "[]"

    @pytest.mark.skipif(platform.machine() not in fence.CALLS, reason="the system calls of this machine are not known")
    def test_no_socket_no_process_no_file(self, tmp_path: Path) -> None:
        code = f"""
from documents.reading import fence
fence.put_up()
import os, socket
found = []
acts = [socket.socket, os.fork, lambda: os.execv("/bin/true", ["true"])]
for act in [*acts, lambda: open({str(tmp_path / "x")!r}, "wb").write(b"x" * 100_000)]:
    try:
        act()
        found.append("done")
    except OSError:
        found.append("refused")
print(found)
"""
        assert in_child(code) == "['refused', 'refused', 'refused', 'refused']"

    def test_memory_has_an_end(self) -> None:
        code = """
from documents.reading import fence
fence.put_up()
try:
    b"x" * (600 * 1024 * 1024)
    print("done")
except MemoryError:
    print("refused")
"""
        assert in_child(code) == "refused"

    def test_cpu_has_an_end(self) -> None:
        code = "from documents.reading import fence\nfence.put_up(cpu_seconds=1)\nwhile True: pass"
        assert in_child(code).startswith("code -24")

    def test_wall_clock_has_an_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(isolated, "WALL_SECONDS", 0.01)
        started = time.monotonic()
        with pytest.raises(ReadFailure) as caught:
            isolated.read_file(docx(par("x")), "a.docx")
        assert caught.value.code == "timeout"
        assert time.monotonic() - started < 5

    def test_an_answer_has_an_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(isolated, "MOST_ANSWER", 50)
        with pytest.raises(ReadFailure) as caught:
            isolated.read_file(docx(par("x" * 200)), "a.docx")
        assert caught.value.code == "too_large"

    def test_a_child_that_cannot_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(isolated, "_ROOT", Path("/"))
        with pytest.raises(ReadFailure) as caught:
            isolated.read_file(docx(par("x")), "a.docx")
        assert caught.value.code == "damaged"


@pytest.mark.parametrize("what", HEAVY)
def test_bombs_and_loops_end_in_the_child(what: str) -> None:
    make, name, codes = HEAVY[what]
    data = make()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before, started = peak_memory(), time.monotonic()
    with pytest.raises(ReadFailure) as caught:
        isolated.read_file(data, name)
    assert caught.value.code in codes
    assert time.monotonic() - started < isolated.WALL_SECONDS + 2
    assert peak_memory() - before < 50 * 1024 * 1024


@pytest.mark.parametrize("what", PLAIN)
def test_others_are_refused_by_name(what: str) -> None:
    make, name, codes = PLAIN[what]
    with pytest.raises(ReadFailure) as caught:
        extract(make(), name)
    assert caught.value.code in codes


def test_archives_in_an_archive_are_not_opened() -> None:
    assert isolated.read_file(nested(), "a.docx").text == "x"
