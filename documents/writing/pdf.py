"""A paper as PDF: its data are handed to Typst in a child process with an end to its time, memory and answer."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from documents.writing.board import Board

WALL_SECONDS = 20
MOST_ANSWER = 8 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]


class WritingFailed(Exception):
    """No paper came: `code` is "timeout", "fonts" (the package with the fonts is not installed) or "failed"."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        self.code = code
        super().__init__(code)


def fonts_folder() -> Path:
    """Return where the fonts lie: Liberation, which has all Vietnamese letters. Raises WritingFailed("fonts")."""
    found = importlib.util.find_spec("indico_fonts")
    if found is None or found.origin is None:
        raise WritingFailed("fonts")
    return Path(found.origin).parent


def board_pdf(board: Board) -> bytes:
    """Return the sheet as one page of A4. Raises WritingFailed."""
    return _set("board", board.to_json())


def _set(template: str, data: dict[str, Any]) -> bytes:
    command = [sys.executable, "-E", "-s", "-X", "utf8", "-m", "documents.writing.child", template, str(fonts_folder())]
    text = unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False))
    environment = {key: os.environ[key] for key in ("LD_LIBRARY_PATH", "SYSTEMROOT") if key in os.environ}
    environment["RAYON_NUM_THREADS"] = "1"
    try:
        done = subprocess.run(  # noqa: S603  (our own program, an argument list, no shell)
            command, input=text.encode("utf-8", "replace"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=_ROOT, env=environment, timeout=WALL_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise WritingFailed("timeout") from error
    if done.returncode or not done.stdout.startswith(b"%PDF-") or len(done.stdout) > MOST_ANSWER:
        raise WritingFailed("failed")
    return done.stdout
