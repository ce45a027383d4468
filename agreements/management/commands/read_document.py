"""Print what the reader finds in text files. Needs no database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from documents.reading import read_text
from documents.reading.output import as_prediction

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from documents.types import Found, ReadProgramme, ReadResult


class Command(BaseCommand):
    """read_document FILE… [--json]."""

    help = "Print the programmes and legal documents read from text files."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files, and the form of the answer."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="a list of predictions instead of a summary")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read each file; CommandError names the first that cannot be opened or is no text."""
        found = [(name, read_text(_content(name))) for name in options["files"]]
        if options["json"]:
            predictions = [as_prediction(result, Path(name).name) for name, result in found]
            self.stdout.write(json.dumps(predictions, ensure_ascii=False, indent=1))
            return
        for name, result in found:
            self.stdout.write("\n".join(_summary(name, result)))


def _content(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{name}: not UTF-8 text") from error


def _line(label: str, found: Found | None) -> list[str]:
    if found is None or found.value is None:
        return [f"    {label}: –"]
    return [f"    {label}: {found.text}  [{found.confidence.value}{', ' + found.note if found.note else ''}]"]


def _summary(name: str, result: ReadResult) -> list[str]:
    lines = [f"{name}: {len(result.programmes)} programmes, {len(result.references)} legal documents"]
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
