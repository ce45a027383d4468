"""The stored counts of due work: DueCell, made from the view DueWork wherever a programme has marks.

Whoever changes due work leaves a mark of its programme in the same transaction (a trigger). A reader takes the cells of
programmes without marks and the view for the others, within one statement, so it never sees a count that does not hold.
Counting takes the marks away first and reads the view afterwards: what was committed before the marks were seen is
counted, and what is committed later has left a mark that stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from activities.models import DueCell, DueMark
from agreements.models import Programme

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 500  # programmes in one transaction
# The due dates of all due work of one programme by unit and kind; the rest of a SELECT over the view or a part of it.
DATES = """
    COALESCE(array_agg(due_on ORDER BY due_on) FILTER (WHERE finished_on IS NULL), '{}') AS open_on,
    COALESCE(array_agg(due_on ORDER BY due_on) FILTER (WHERE finished_on <= due_on), '{}') AS on_time_on,
    COALESCE(array_agg(due_on ORDER BY due_on) FILTER (WHERE finished_on > due_on), '{}') AS late_on"""
TAKEN = """
    DELETE FROM activities_duemark WHERE programme_id IN (
        SELECT DISTINCT programme_id FROM activities_duemark ORDER BY programme_id LIMIT %s)
    RETURNING programme_id"""
# The view is asked programme by programme: a condition on ids of a table would be joined after all of its branches.
COUNTED = f"""
    SELECT asked.id AS programme_id, found.* FROM unnest(%s::bigint[]) AS asked (id)
    JOIN LATERAL (SELECT unit_id, kind, {DATES} FROM activities_duework WHERE programme_id = asked.id
                   GROUP BY unit_id, kind) found ON true"""  # noqa: S608 - ours


def count_due_work() -> int:
    """Count the due work of all programmes with marks, AT_ONCE in each transaction; return of how many."""
    done = 0
    while counted := _count_some():
        done += counted
    return done


@transaction.atomic
def _count_some() -> int:
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, [AT_ONCE])
        ids = sorted({programme for (programme,) in cursor.fetchall()})
        if ids:
            cursor.execute("DELETE FROM activities_duecell WHERE programme_id = ANY(%s)", [ids])
            cursor.execute(
                "INSERT INTO activities_duecell (programme_id, unit_id, kind, open_on, on_time_on, late_on)"
                f" {COUNTED} ORDER BY 1, 2, 3",
                [ids],
            )
    return len(ids)


def count_all() -> int:
    """Count every programme anew, marks or not, and forget those that are gone; return how many."""
    ids = Programme.objects.values_list("pk").union(DueCell.objects.values_list("programme_id"))
    DueMark.objects.bulk_create(DueMark(programme_id=pk) for (pk,) in ids)
    return count_due_work()


def differences() -> Iterator[str]:
    """Yield a line for each cell that its programme's due work does not give; of programmes without marks.

    One statement for AT_ONCE programmes, so that nobody changes anything between the two.
    """
    ids = list(Programme.objects.order_by("pk").values_list("pk", flat=True))
    known = set(DueCell.objects.values_list("programme_id", flat=True))
    yield from (f"programme {pk}: counted, but not there" for pk in sorted(known.difference(ids)))
    for start in range(0, len(ids), AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(DIFFERENT, [ids[start : start + AT_ONCE]] * 2)
            for programme, unit, kind, stored, counted in cursor.fetchall():
                yield f"programme {programme}: {kind} of unit {unit} stored {stored}, due work {counted}"


DIFFERENT = f"""
    WITH counted AS ({COUNTED}), stored AS (SELECT * FROM activities_duecell WHERE programme_id = ANY(%s))
    SELECT programme_id, unit_id, kind,
           concat_ws(' ', s.open_on, s.on_time_on, s.late_on), concat_ws(' ', c.open_on, c.on_time_on, c.late_on)
      FROM stored s FULL JOIN counted c USING (programme_id, unit_id, kind)
     WHERE (s.open_on, s.on_time_on, s.late_on) IS DISTINCT FROM (c.open_on, c.on_time_on, c.late_on)
       AND NOT EXISTS (
           SELECT 1 FROM activities_duemark m WHERE m.programme_id = COALESCE(s.programme_id, c.programme_id))
     ORDER BY 1, 2, 3"""  # noqa: S608 - ours
