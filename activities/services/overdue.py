"""What is overdue and reminded of, by the unit that owes it: counted and listed without reading more than is shown."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, F, Min, Q, Window
from django.db.models.functions import RowNumber

from activities.models import DueWork
from activities.models.due import due_words
from activities.services.reminders import MOVING, NUDGED
from agreements.policy import LEADER, OFFICER
from core.http import address_of
from partners.models import committee_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from activities.models.due import DueWorkQuerySet
    from core.models import Actor

KIND = DueWork.Kind
# How forms and the log name the kinds (services.reminders.KINDS).
NAMES = {KIND.REPORT: "duty", KIND.DEADLINE: "deadline", KIND.MILESTONE: "milestone", KIND.DIRECTIVE: "directive"}
COLUMNS = ("kind", "thing", "due_on", "title", "form", "period", "unit_id", "unit__name", "programme_id",
           "programme__code", "programme__title", "programme__short_title", "task_id")  # fmt: skip


class Late(NamedTuple):
    """One overdue thing as a list or a letter names it."""

    what: str  # "deadline-12", as a form names it
    title: str
    unit_id: int
    unit: str
    code: str
    programme: str
    due_on: datetime.date
    late: int  # days past the due date
    url: str  # where it is seen and answered, with its reminders (services.reminders.page_of)


class Owing(NamedTuple):
    """How much a unit owes past its day, and since when."""

    unit_id: int
    number: int
    oldest: datetime.date


def of_committees(actors: Iterable[Actor], day: datetime.date) -> DueWorkQuerySet:
    """Return what units owe past its day in programmes that one of the actors' committees keeps (policy.keeps).

    As the ladder of reminders counts it: what waits for confirmation, what stands still and what the committee owes
    itself is left out.
    """
    kept = Q(pk__in=[])
    for actor in actors:
        if actor.role in {OFFICER, LEADER} and actor.organisation.is_front:
            kept |= Q(owner_path__startswith=committee_of(actor.organisation).path)
    rows = DueWork.objects.filter(kept, finished_on=None, due_on__lt=day, programme_status__in=MOVING)
    return rows.exclude(unit=F("committee")).filter(~Q(kind=KIND.DEADLINE) | Q(standing__in=NUDGED))


def only(rows: DueWorkQuerySet, what: str) -> DueWorkQuerySet:
    """Return the one thing a form or an address names ("deadline-12"); nothing where it is not among the rows."""
    name, _dash, number = what.partition("-")
    kind = next((kind for kind, known in NAMES.items() if known == name), None)
    if kind is None or not (number.isascii() and number.isdigit() and len(number) < 10):
        return rows.none()
    return rows.filter(kind=kind, thing=int(number))


def by_unit(rows: DueWorkQuerySet) -> list[Owing]:
    """Return the units that owe, the one that is late longest first."""
    grouped = rows.order_by().values("unit_id").annotate(n=Count("thing"), oldest=Min("due_on"))
    return [Owing(*row) for row in grouped.order_by("oldest", "unit_id").values_list("unit_id", "n", "oldest")]


def first_of(rows: DueWorkQuerySet, units: Iterable[int], most: int, day: datetime.date) -> dict[int, list[Late]]:
    """Return by unit its first rows, the oldest first."""
    nth = Window(RowNumber(), partition_by="unit_id", order_by=("due_on", "kind", "thing"))
    found: dict[int, list[Late]] = defaultdict(list)
    for row in listed(rows.filter(unit__in=units).annotate(nth=nth).filter(nth__lte=most), day):
        found[row.unit_id].append(row)
    return found


def listed(rows: DueWorkQuerySet, day: datetime.date) -> list[Late]:
    """Return the rows as lists show them; of many, give a slice."""
    if not rows.query.is_sliced:
        rows = rows.order_by("due_on", "kind", "thing")
    tasks, reports = address_of("activities:task_detail"), address_of("activities:programme_reports")
    duties, directives = address_of("activities:duty_show"), address_of("activities:directive_show")
    found = []
    for kind, thing, due_on, title, form, period, unit_id, unit, of_id, code, full, short, task_id in rows.values_list(
        *COLUMNS
    ):
        match kind:
            case KIND.DEADLINE:
                url = f"{tasks(task_id)}#h-dl"
            case KIND.MILESTONE:
                url = f"{reports(of_id)}#moc"
            case _:
                url = (duties if kind == KIND.REPORT else directives)(thing)
        words = due_words(kind, title, form, period)
        late = (day - due_on).days
        found.append(Late(f"{NAMES[kind]}-{thing}", words, unit_id, unit, code, short or full, due_on, late, url))
    return found
