"""Scans: pages as pictures through the OCR program of this machine, one at a time, apart from any request."""

from __future__ import annotations

import logging
import os
import resource
import shutil
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from agreements.models import Intake
from agreements.services.intake.outcomes import Outcome, take_outcome
from core import audit, files
from core.notices import notify
from documents.reading import isolated
from documents.reading.extract import ReadFailure
from documents.reading.extract.scan import words_of

log = logging.getLogger(__name__)
LANGUAGE = "vie"
PAGE_SECONDS = 90
_PAGE_MEMORY = 1536 * 1024 * 1024  # bytes of address space for one page
_MOST_TABLE = 8 * 1024 * 1024
LOCK = 7_230_002  # one reader of scans at a time, whoever started it


def engine() -> str:
    """The path of the OCR program if it is installed and knows Vietnamese, else ""."""
    path = shutil.which(settings.OCR_ENGINE)
    if path is None:
        return ""
    try:
        listed = subprocess.run(  # noqa: S603  (the program of the settings, an argument list)
            [path, "--list-langs"], capture_output=True, timeout=10, text=True, errors="replace", check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return path if LANGUAGE in (listed.stdout + listed.stderr).split() else ""


def wake() -> None:
    """Start `manage.py read_scans` at once, detached from the request; the timer would start it later anyway."""
    try:
        subprocess.Popen(
            [sys.executable, "manage.py", "read_scans", "--seconds", "0"],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        log.exception("read_scans could not be started; the timer will")


def read_scans(*, seconds: float = 0) -> int:
    """Read waiting scans page by page until none is left, or `seconds` have passed (0: no limit); returns pages read.

    Safe to start at any time and as often as wanted: an advisory lock lets one run, each page is kept as it is read.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    try:
        program, started, count = engine(), time.monotonic(), 0
        while not seconds or time.monotonic() - started < seconds:
            intake = Intake.objects.scans().select_related("file", "owner__locality", "created_by").first()
            if intake is None:
                break
            if not program:
                _finish(intake, None, {"code": "no_text", "params": {"pages": intake.pages}})
                continue
            _read_next(intake, program)
            count += 1
        return count
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _read_next(intake: Intake, program: str) -> None:
    """Read the next page of an intake; after the last one its text."""
    number = intake.pages_read + 1
    try:
        if intake.file is None or number > intake.pages:
            raise ReadFailure("damaged")
        page = _seen(program, files.path_of(intake.file).read_bytes(), number)
    except (ReadFailure, OSError) as error:
        log.warning("scan %s: page %s of %s is not readable: %s", intake.pk, number, intake.pages, error)
        page = {"width": 0, "height": 0, "words": []}
    scanned = [*intake.scanned, page]
    with transaction.atomic():
        row = Intake.objects.scans().select_for_update(of=("self",)).filter(pk=intake.pk).first()
        if row is None:  # dropped in the meantime
            return
        row.reading, row.pages_read, row.scanned = Intake.Reading.RUNNING, number, scanned
        row.save(update_fields=["reading", "pages_read", "scanned"])
    if number < intake.pages:
        return
    try:
        _finish(intake, isolated.read_pages(scanned), {})
    except ReadFailure as error:
        _finish(intake, None, {"code": "scan_unreadable" if error.code == "no_text" else error.code, "params": {}})


def _finish(intake: Intake, reading: isolated.Reading | None, detail: dict[str, Any]) -> None:
    with transaction.atomic():
        row = Intake.objects.scans().select_for_update(of=("self",)).filter(pk=intake.pk).first()
        if row is None:
            return
        state = Intake.Reading.READ if reading else Intake.Reading.FAILED
        take_outcome(row, Outcome(state, reading, detail, row.pages))
        row.version += 1
        row.save()
        notify(
            [row.created_by],
            "intake.scanned",
            key=f"{row.pk}-{row.version}",
            url=reverse("agreements:intake_check", args=[row.pk]),
            params={"name": row.title},
        )
        audit.log(None, "intake.read", row, detail={"reading": state, "pages": row.pages})


def _seen(program: str, data: bytes, number: int) -> dict[str, Any]:
    """The words that the OCR program sees on a page. Raises ReadFailure."""
    picture = isolated.picture_of(data, number)
    try:
        done = subprocess.run(  # noqa: S603  (the program of the settings, an argument list)
            [program, "stdin", "stdout", "-l", LANGUAGE, "--psm", "3", "tsv"],
            input=picture,
            capture_output=True,
            timeout=PAGE_SECONDS,
            env={"PATH": os.environ.get("PATH", ""), "OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"}
            | {key: value for key, value in os.environ.items() if key == "TESSDATA_PREFIX"},
            preexec_fn=_bound,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ReadFailure("timeout") from error
    if done.returncode != 0 or len(done.stdout) > _MOST_TABLE:
        raise ReadFailure("damaged")
    return words_of(done.stdout.decode("utf-8", "replace"))


def _bound() -> None:
    """Limits of the OCR program; set between fork and exec of this single-threaded command."""
    resource.setrlimit(resource.RLIMIT_AS, (_PAGE_MEMORY, _PAGE_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PAGE_SECONDS, PAGE_SECONDS))
