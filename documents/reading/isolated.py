"""Reading of files in a process of their own: whatever a file does, the caller gets a reading or a named failure."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents.reading.extract.plain import read_plain
from documents.reading.extract.source import Note, ReadFailure
from documents.reading.reader import read_blocks

WALL_SECONDS = 20
SMALL_TEXT = 100_000  # characters of a pasted text that are read here: no stranger's parser is at work
MOST_ANSWER = 6 * 1024 * 1024  # bytes of JSON; to hold and store it takes the caller seven times as much at most
MOST_PICTURE = 40 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]
# how a child ends without an answer; PDFium stops itself where it gets no memory
_ENDS = {
    -signal.SIGXCPU: "timeout", -signal.SIGKILL: "timeout",
    -signal.SIGABRT: "memory", -signal.SIGTRAP: "memory", -signal.SIGILL: "memory",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: `kind` and `pages` of the source, its notes, and `result` = ReadResult.to_json()."""

    kind: str
    pages: int
    notes: tuple[Note, ...]
    result: dict[str, Any]

    @property
    def source(self) -> dict[str, Any]:
        """Kind, pages and notes as plain data, as they are stored beside the result."""
        return {"kind": self.kind, "pages": self.pages, "notes": [note.to_json() for note in self.notes]}

    def note(self, *codes: str) -> Note | None:
        """The first note with one of the codes."""
        return next((note for note in self.notes if note.code in codes), None)

    @property
    def text(self) -> str:
        """All blocks, one a line."""
        return "\n".join(block["text"] for block in self.result["blocks"])


def read_file(data: bytes, name: str, *, convert: bool = False) -> Reading:
    """Read the file `data` called `name`. Raises ReadFailure, in the worst case "timeout", "memory" or "damaged"."""
    return _reading(_run(["read", name, *(["convert"] if convert else [])], data, MOST_ANSWER))


def read_text(text: str, *, convert: bool = False) -> Reading:
    """Read a pasted text; a long one in a child, so that its time and memory have an end. Raises ReadFailure."""
    if len(text) > SMALL_TEXT:
        return read_file(text.encode("utf-8", "replace"), "text.txt", convert=convert)
    source = read_plain(text, convert=convert)
    return Reading(source.kind, source.pages, source.notes, read_blocks(source.blocks).to_json())


def read_pages(pages: list[dict[str, Any]]) -> Reading:
    """Read what OCR saw: one {"width", "height", "words"} a page. Raises ReadFailure."""
    return _reading(_run(["pages"], json.dumps(pages).encode(), MOST_ANSWER))


def picture_of(data: bytes, number: int) -> bytes:
    """Page `number` (from 1) of the PDF `data` as PNG bytes. Raises ReadFailure."""
    picture = _run(["picture", str(number)], data, MOST_PICTURE)
    if not picture.startswith(b"\x89PNG"):
        raise ReadFailure("damaged")
    return picture


def _reading(answer: bytes) -> Reading:
    try:
        made = json.loads(answer)
        if "failure" in made:
            raise ReadFailure(made["failure"]["code"], **made["failure"]["params"])
        notes = tuple(Note(note["code"], note["params"]) for note in made["source"]["notes"])
        return Reading(made["source"]["kind"], made["source"]["pages"], notes, made["result"])
    except (ValueError, KeyError, TypeError) as error:
        raise ReadFailure("damaged") from error


def _run(arguments: list[str], data: bytes, most: int) -> bytes:
    """The answer of a child to `data`; ReadFailure if it gives none."""
    # a name may hold what no argument can carry
    arguments = [argument.replace("\0", "").encode("utf-8", "replace").decode()[-255:] for argument in arguments]
    command = [sys.executable, "-E", "-s", "-X", "utf8", "-m", "documents.reading.child", *arguments]
    environment = {key: os.environ[key] for key in ("LD_LIBRARY_PATH", "SYSTEMROOT") if key in os.environ}
    with tempfile.TemporaryFile() as handed:
        handed.write(data)
        handed.seek(0)
        process = subprocess.Popen(  # noqa: S603  (our own program, an argument list, no shell)
            command,
            stdin=handed,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=environment,
            close_fds=True,
        )
        late = threading.Timer(WALL_SECONDS, process.kill)
        late.start()
        try:
            assert process.stdout is not None  # noqa: S101  (a pipe was asked for)
            answer = process.stdout.read(most + 1)
        finally:
            late.cancel()
            process.kill()
            process.stdout.close()  # type: ignore[union-attr]
            code = process.wait()
    if len(answer) > most:
        raise ReadFailure("too_large", limit=most)
    if not answer:
        raise ReadFailure(_ENDS.get(code, "damaged"))
    return answer
