"""Print what the reader finds in files. Needs no database."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from agreements.forms.sources import failure_message
from documents.reading import isolated
from documents.reading.extract import ReadFailure
from documents.reading.output import as_prediction
from documents.types import Found, ReadResult

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

    from documents.types import ReadProgramme


class Command(BaseCommand):
    """read_document FILE… [--json] [--explain]."""

    help = "Print the programmes and legal documents read from DOCX, PDF and text files."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files, and the form of the answer."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="a list of predictions instead of a summary")
        parser.add_argument("--explain", action="store_true", help="name the rule and the place of each value")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read each file, old encodings converted; CommandError names the first that cannot be opened or read."""
        found = [(name, _read(name)) for name in options["files"]]
        if options["json"]:
            predictions = []
            for name, (_reading, result) in found:
                made = as_prediction(result, Path(name).name)
                predictions.append(made | ({"explained": list(_explained(result))} if options["explain"] else {}))
            self.stdout.write(json.dumps(predictions, ensure_ascii=False, indent=1))
            return
        for name, (reading, result) in found:
            self.stdout.write("\n".join(_summary(name, reading, result)))
            if options["explain"]:
                self.stdout.write("\n".join(_sentence(item) for item in _explained(result)))


def _sentence(item: dict[str, Any]) -> str:
    note = f" ({item['note']})" if item["note"] else ""
    place = f", page {item['page']}, block {item['block']}, {item['start']}–{item['end']}" if item["page"] else ""
    return f"    {item['value']}: {item['read']}  [{item['confidence']}] {item['rule']}{note}{place}: “{item['text']}”"


def _read(name: str) -> tuple[isolated.Reading, ReadResult]:
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from error
    try:
        reading = isolated.read_file(data, Path(name).name, convert=True)
    except ReadFailure as error:
        if error.code == "empty":
            return isolated.Reading("text", 1, (), ReadResult().to_json()), ReadResult()
        with override("en"):
            raise CommandError(f"{name}: {error.code}: {failure_message(error.code, error.params)}") from error
    return reading, ReadResult.from_json(reading.result)


def _explained(result: ReadResult) -> Iterator[dict[str, Any]]:
    """Each value with the rule that found it, how sure it is and where it stands, in order of the reading."""
    for number, programme in enumerate(result.programmes, start=1):
        yield from _walk(result, programme, f"programme {number}")
    for number, reference in enumerate(result.references, start=1):
        yield from _walk(result, reference, f"reference {number}")


def _walk(result: ReadResult, value: Any, path: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, Found):
        span = value.span
        yield {
            "value": path,
            "read": value.text,
            "text": result.quoted(span),
            "confidence": value.confidence.value,
            "rule": value.rule,
            "note": value.note,
            "page": span.page if span else None,
            "block": span.block if span else None,
            "start": span.start if span else None,
            "end": span.end if span else None,
        }
    elif dataclasses.is_dataclass(value):
        for item in dataclasses.fields(value):
            yield from _walk(result, getattr(value, item.name), f"{path}.{item.name}")
    elif isinstance(value, tuple):
        for number, item in enumerate(value, start=1):
            yield from _walk(result, item, f"{path}[{number}]")


def _line(label: str, found: Found | None) -> list[str]:
    if found is None or found.value is None:
        return [f"    {label}: –"]
    return [f"    {label}: {found.text}  [{found.confidence.value}{', ' + found.note if found.note else ''}]"]


def _summary(name: str, reading: isolated.Reading, result: ReadResult) -> list[str]:
    lines = [f"{name}: {len(result.programmes)} programmes, {len(result.references)} legal documents"]
    notes = ", ".join(note.code for note in reading.notes)
    lines.append(f"  {reading.kind}, {reading.pages} pages, {len(result.blocks)} blocks{', ' + notes if notes else ''}")
    for number, programme in enumerate(result.programmes, start=1):
        lines += [f"  {number}. {programme.title.text}", *_programme(programme)]
    for reference in result.references:
        parts = [reference.type, reference.number, reference.date, reference.issuer]
        lines.append("  - " + ", ".join(part.text for part in parts if part and part.text))
    return lines


def _programme(programme: ReadProgramme) -> list[str]:
    lines = _line("kind", programme.kind) + _line("signed on", programme.signed_on)
    lines += _line("starts on", programme.starts_on) + _line("ends on", programme.ends_on)
    if programme.implements_name:
        lines += _line("implements", programme.implements_name)
    for party in programme.parties:
        lines += _line(party.role, party.name)
    lines.append(
        f"    bases: {len(programme.legal_bases)}, goals: {len(programme.goals)}, tasks: {len(programme.tasks)}"
    )
    return lines
