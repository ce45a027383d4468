"""The process that opens a stranger's file: bytes on standard input, JSON (or a picture) on standard output.

`python -m documents.reading.child read NAME [convert]` answers {"source": {...}, "result": {...}} or {"failure":
{"code", "params"}}; `picture NUMBER` the page as PNG bytes; `pages` takes JSON of words seen by OCR. Started by
`documents.reading.isolated` only; imports nothing that can speak to a network.
"""

import json
import sys
from typing import Any

from documents.reading import fence
from documents.reading.extract import ReadFailure, Source, extract
from documents.reading.extract.scan import picture_of, read_words
from documents.reading.reader import read_blocks
from documents.types import Confidence


def answer(source: Source) -> dict[str, Any]:
    """A source and what the rules find in it, as plain data."""
    result = read_blocks(source.blocks).to_json()
    if source.kind == "scan":
        _doubt(result)
    return {
        "source": {"kind": source.kind, "pages": source.pages, "notes": [note.to_json() for note in source.notes]},
        "result": result,
    }


def _doubt(value: Any) -> None:
    """Nothing that OCR saw is certain: letters may be wrong although the rule is right."""
    if isinstance(value, list):
        for item in value:
            _doubt(item)
    elif isinstance(value, dict):
        if value.get("confidence") == Confidence.CERTAIN.value:
            value["confidence"] = Confidence.CHECK.value
            value["note"] = value["note"] or "ocr"
        for item in value.values():
            _doubt(item)


def failure(error: ReadFailure) -> dict[str, Any]:
    """A failure as plain data."""
    return {"failure": {"code": error.code, "params": error.params}}


def main(arguments: list[str]) -> int:
    """Do what `arguments` ask; the exit code says only whether there is an answer."""
    fence.put_up()
    data = sys.stdin.buffer.read()
    out = sys.stdout.buffer
    try:
        try:
            if arguments[0] == "picture":
                out.write(picture_of(data, int(arguments[1])))
                return 0
            if arguments[0] == "pages":
                made = answer(read_words(json.loads(data)))
            else:
                made = answer(extract(data, arguments[1], convert="convert" in arguments[2:]))
        except MemoryError:
            made = failure(ReadFailure("memory"))
        except ReadFailure as error:
            made = failure(error)
        except RecursionError:
            made = failure(ReadFailure("damaged"))
        if arguments[0] == "picture":
            return 1
        out.write(json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
    except MemoryError:
        out.write(b'{"failure":{"code":"memory","params":{}}}')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
