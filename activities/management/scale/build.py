"""Fill an empty database with a country: write every row to a file, load the files, make the totals, prove them.

Everything happens in one transaction. A new table needs one writer that calls `world.tables[Model].add(…)`, called
here; the rest (ids, loading, sequences, the hash of the content) follows.
"""

from __future__ import annotations

import calendar
import datetime
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction

from activities.management.demo.world import at
from activities.management.scale import places, reports, shapes, signed, traces, work
from activities.management.scale.copying import Tables, nothing_in_the_way
from activities.management.scale.sizes import SIZES
from activities.management.scale.world import World
from activities.models import Activity
from activities.services import cells, due_cells
from activities.services.due_kept import keep_due_work
from agreements.models import ContentGroup, DailyFigure, LegalDocument, Programme, ProgrammeFigure, Tally
from agreements.services import results
from agreements.services.legal import load_documents
from partners.models import FieldOfWork

if TYPE_CHECKING:
    from collections.abc import Callable

MONTHS_KEPT, DAYS_KEPT = 13, 8  # dated figures: ends of months, and the last days
TOTALS = (Tally, ProgrammeFigure, DailyFigure)
AT_ONCE = 500  # programmes between two lines of progress


def build(*, size: str, today: datetime.date, seed: int, say: Callable[[str], None]) -> str:
    """Write everything and return the hash of the content; the caller has checked that the database is empty.

    Equal size, day and seed give equal content. Raises ValueError where the totals do not prove.
    """
    began = time.monotonic()

    def told(line: str) -> None:
        say(f"{time.monotonic() - began:6.1f} s  {line}")

    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="generate-", dir=settings.VAR_DIR) as folder, transaction.atomic():
        traces.lock_trail()
        _load_laws()
        tables = Tables(Path(folder), at(today, 6))
        world = World(SIZES[size], today, random.Random(f"{seed} {size} {today}"), tables, told)
        _write(world)
        content = tables.digest
        told(f"content {content}")
        names = [table.model._meta.db_table for table in tables] + [model._meta.db_table for model in TOTALS]
        with nothing_in_the_way(names):
            tables.load(told)
            told("adding up")
            written = results.rebuild(cells.all_cells())
            told(f"{written:,} totals; indexes and foreign keys")
        _analyze()
        _write_figures(world, Path(folder))
        told(f"due work of {due_cells.count_all():,} programmes counted")
        notices, entries = traces.write_notices(world), traces.write_trail(world, content)
        told(f"{notices:,} notices, {entries:,} entries of the audit trail")
        _analyze()
        found = cells.check()
        if not found.is_equal:
            raise ValueError("\n".join([*found.tallies, *found.figures, *found.due_work][:20]))
        told("totals and figures proved")
        traces.put_pictures(world)
    return content


def _load_laws() -> None:
    """Enter the legal documents that come with the product, under the same ids even after an attempt that failed."""
    with connection.cursor() as cursor:
        if not LegalDocument.objects.exists():
            table = LegalDocument._meta.db_table
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), 1, false)", [table])
    load_documents()


def _write(world: World) -> None:
    """Write the files, programme by programme."""
    world.fields = {row.code: row.pk for row in FieldOfWork.objects.all()}
    world.groups = {row.number: row.pk for row in ContentGroup.objects.all()}
    world.laws = list(LegalDocument.objects.order_by("pk").values_list("pk", flat=True))
    places.write_country(world)
    reporting = reports.Reports(world)
    all_shapes = shapes.shapes_of(world)
    for number, shape in enumerate(all_shapes, start=1):
        one = signed.write_signed(world, shape, number)
        done = work.write_work(world, one)
        for job in one.jobs:
            signed.write_targets(world, shape, job)
        reporting.write(one, done)
        traces.write_directives(world, one)
        if number % AT_ONCE == 0:
            world.say(f"{number:,} of {len(all_shapes):,} programmes, {world.tables[Activity].count:,} activities")
    signed.write_counters(world)
    traces.write_pictures(world)


def days_kept(today: datetime.date) -> list[datetime.date]:
    """Return the days whose figures are kept: ends of the last months, the last week, a month ago, today."""
    days = {today - datetime.timedelta(days=ago) for ago in (*range(DAYS_KEPT), 14, 30)}
    year, month = today.year, today.month
    for _month in range(MONTHS_KEPT):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        days.add(datetime.date(year, month, calendar.monthrange(year, month)[1]))
    return sorted(days)


def _write_figures(world: World, folder: Path) -> None:
    """Write the figures of today and the dated ones of days before, for each programme past its draft."""
    tables, days = Tables(folder, at(world.today, 6)), days_kept(world.today)
    ids = list(Programme.objects.exclude(status=Programme.Status.DRAFT).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        some = list(Programme.objects.filter(pk__in=ids[start : start + AT_ONCE]).order_by("pk"))
        for programme, day, values in results.programme_figures(some, days):
            if programme.starts_on and programme.starts_on > day and day != world.today:
                continue  # nothing was known of it then
            tables[DailyFigure].add(programme_id=programme.pk, day=day, **values)
            if day == world.today:
                tables[ProgrammeFigure].add(programme_id=programme.pk, computed_on=day, **values)
        world.say(f"figures of {min(start + AT_ONCE, len(ids)):,} of {len(ids):,} programmes on {len(days)} days")
    tables.load(world.say)
    for day in days[:-1]:  # today is not over
        keep_due_work(day)


def _analyze() -> None:
    """Tell the planner what is there."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
