"""The timer loop: what it runs, when, and that one failure does not stop it."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from core.management.commands import timer

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ROOT = Path(__file__).resolve().parents[2]


def test_waits_the_interval_but_not_past_midnight():
    noon = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=HANOI)
    assert timer.seconds_to_wait(noon) == timer.EVERY
    late = datetime.datetime(2026, 11, 23, 23, 59, 30, tzinfo=HANOI)
    assert timer.seconds_to_wait(late) == 30 + timer.AFTER_MIDNIGHT


def test_a_failing_command_does_not_keep_the_next_from_running(db, monkeypatch):
    ran = []

    def call(name):
        ran.append(name)
        if name == "broken":
            raise RuntimeError

    monkeypatch.setattr(timer, "call_command", call)
    assert timer.run_round(["broken", "sound"]) == ["broken"]
    assert ran == ["broken", "sound"]


def test_every_command_of_the_settings_exists(settings):
    from django.core.management import get_commands

    assert set(settings.TIMER) <= set(get_commands())


def test_stops_on_sigterm(db):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "timer", "--every", "600"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        process.wait(timeout=4)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=15)
    assert process.returncode == 0, output
