"""manage.py figures: every figure of a programme on a day, as a table or as JSON (docs/figures-json.md)."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from agreements.models import Programme
from documents import vietnamese
from insights import on_date
from insights.figures_json import payload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAMED = 8  # choices named in an error
FIRST_YEAR, LAST_YEAR = 1945, 2200


class Command(BaseCommand):
    """Print the figures of one programme from the rows accepted now whose day is not later than the given one."""

    help = "Figures of a programme on a day: progress, pace, coverage, deadlines, risks, tasks. --json for machines."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --programme, --committee, --on, --json."""
        parser.add_argument("--programme", required=True, metavar="CODE", help="code of the programme, CT-2023-014")
        parser.add_argument(
            "--committee", metavar="CODE", default="",
            help="number, short name or name of the committee that keeps it; codes are unique within one only",
        )  # fmt: skip
        parser.add_argument("--on", metavar="DATE", default="", help="dd/mm/yyyy or yyyy-mm-dd, default today")
        parser.add_argument("--json", action="store_true", help="JSON as described in docs/figures-json.md")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them; CommandError says what to give instead."""
        day = self._day(options["on"])
        programme = self._programme(options["programme"], options["committee"])
        with translation.override("en"):  # the same text whatever the language of the machine
            found = payload(on_date.read([programme], day)[programme.pk])
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
            return
        for line in table(found):
            self.stdout.write(line)

    def _day(self, text: str) -> datetime.date:
        if not text:
            return timezone.localdate()
        try:
            day = vietnamese.parse_date(text)
        except ValueError:
            day = None
        if day is None:
            raise CommandError(f"--on {text} is no day. Write it as 23/11/2026 or 2026-11-23.")
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise CommandError(f"--on {text} is out of range. Give a day of the years {FIRST_YEAR} to {LAST_YEAR}.")
        return day

    def _programme(self, code: str, committee: str) -> Programme:
        wanted = code.strip()
        rows = Programme.objects.filter(code__iexact=wanted).select_related("owner").order_by("owner__sort_key", "pk")
        found = list(rows)
        if not found:
            raise CommandError(f"There is no programme {wanted}. {self._alike(wanted)}")
        if committee.strip():
            found = [row for row in found if _is_named(row, committee)] or self._no_such(wanted, committee, found)
        if len(found) > 1:
            raise CommandError(
                f"{len(found)} committees keep a programme {wanted}. Add --committee with a number:\n{_choices(found)}"
            )
        return found[0]

    def _no_such(self, code: str, committee: str, found: list[Programme]) -> list[Programme]:
        known = _choices(found)
        raise CommandError(
            f"No committee “{committee.strip()}” keeps a programme {code}. Give --committee as one of:\n{known}"
        )

    def _alike(self, code: str) -> str:
        near = Programme.objects.filter(code__icontains=code[:7]) if len(code) >= 2 else Programme.objects.none()
        rows = list(near.select_related("owner").order_by("code", "pk")[:NAMED])
        rows = rows or list(Programme.objects.select_related("owner").order_by("code", "pk")[:NAMED])
        if not rows:
            return "No programme has been entered yet."
        return "The code stands above its title, for example:\n" + "\n".join(
            f"  {row.code}  {row.name}" for row in rows
        )


def _is_named(programme: Programme, committee: str) -> bool:
    owner, wanted = programme.owner, vietnamese.fold(committee).strip()
    return wanted in {str(owner.pk), vietnamese.fold(owner.short_name).strip(), vietnamese.fold(owner.name).strip()}


def _choices(rows: Iterable[Programme]) -> str:
    return "\n".join(f"  --committee {row.owner_id}  {row.owner.name}: {row.name}" for row in rows)


def _percent(share: float | None) -> str:
    return "no data" if share is None else f"{share * 100:.1f} %"


def _shown(value: object) -> str:
    return "no data" if value is None else str(value)


def table(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the plain table: the programme, then its tasks."""
    programme, cover, due = found["programme"], found["coverage"], found["deadlines"]
    yield f"{programme['code']}  {programme['name']}"
    yield f"{programme['committee']}, on {found['on']}, accepted rows only"
    yield ""
    rows = [
        ("Progress", _percent(found["progress"])),
        ("Expected by then", _percent(found["expected"])),
        ("Pace (progress ÷ expected)", _shown(found["pace"])),
        ("Standing", found["standing"]),
        ("Time gone", _percent(found["elapsed"])),
        ("Tasks with data", f"{cover['tasks_with_data']} of {cover['tasks_live']}"),
        ("Deadlines done on time", due["done_on_time"]),
        ("Deadlines done late", due["done_late"]),
        ("Deadlines within time", due["within_deadline"]),
        ("Deadlines overdue", due["overdue"]),
        ("Completion rate", _percent(due["completion_rate"])),
        ("On-time rate", _percent(due["on_time_rate"])),
        ("Activities", found["activities"]),
        ("Last activity", _shown(found["last_activity_on"])),
        *((name.capitalize(), _shown(found[name])) for name in ("households", "persons", "turns", "value")),
    ]
    for label, value in rows:
        yield f"{label:28}{value}"
    for flag in found["at_risk"]:
        days = "" if flag["days"] is None else f", {flag['days']} days"
        yield f"{'At risk':28}{flag['cause']}{days}"
        for row in flag["rows"]:
            yield f"{'':28}  {row['title']}"
    yield ""
    yield f"{'Task':10}{'weight':>8}{'progress':>10}{'expected':>10}  {'standing':10}title"
    for task in found["tasks"]:
        yield (
            f"{task['code']:10}{task['weight']:>8}{_percent(task['progress']):>10}{_percent(task['expected']):>10}"
            f"  {task['standing']:10}{task['title']}"
        )
    for task in found["left_out"]:
        yield f"{task['code']:10}left out, {task['state']}: {task['title']}"
