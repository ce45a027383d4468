"""The stored totals beside every accepted row, in the database: what differs, and putting it right.

Accepting adds to a total (`cells`); this adds everything up anew, so that each proves the other. One statement each
whatever the number of rows: a country has millions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from agreements.models import Tally

SHOWN = 1000  # differences that are named; more are counted
MEMORY = "256MB"  # for one sort or hash of these statements; a spill to disk costs minutes at the size of a country
KEY = ("task_id", "measure", "indicator_id", "unit_id", "locality_id", "month")
VALUES = ("sum", "numerator", "denominator", "count", "max", "latest", "latest_on")
COLUMNS = ("task_id", "measure", "indicator_id", "unit_id", "locality_id", "day", "value", "numerator", "denominator")


@dataclass(frozen=True)
class CellQuery:
    """Every accepted value as SQL that yields COLUMNS, one row each; see ResultCell for their meaning."""

    sql: str
    params: Sequence[Any] = ()

    @classmethod
    def union(cls, *parts: models.QuerySet[Any, Any]) -> CellQuery:
        """Return the rows of all parts, each a `values_list` of COLUMNS in their order."""
        compiled = [part.order_by().query.sql_with_params() for part in parts]
        sql = " UNION ALL ".join(f"({sql})" for sql, _params in compiled)
        return cls(sql, [param for _sql, params in compiled for param in params])


def _added_up(cells: CellQuery) -> str:
    """Return the SQL of the totals as they should be; of two values on one day the higher one is the latest."""
    return f"""
        SELECT {", ".join(KEY)}, sum, numerator, denominator, count, max,
               last[2] AS latest, DATE '2000-01-01' + last[1]::integer AS latest_on
        FROM (
            SELECT task_id, measure, indicator_id, unit_id, locality_id,
                   day - extract(day FROM day)::integer + 1 AS month,
                   sum(value) AS sum, coalesce(sum(numerator), 0) AS numerator,
                   coalesce(sum(denominator), 0) AS denominator, count(*) AS count, max(value) AS max,
                   max(ARRAY[(day - DATE '2000-01-01')::numeric, value]) AS last
            FROM ({cells.sql}) AS cell ({", ".join(COLUMNS)})
            GROUP BY 1, 2, 3, 4, 5, 6
        ) AS total"""  # noqa: S608 - names of our own columns


def _same_key(left: str, right: str) -> str:
    """Return the condition that two rows are the same cell; no id is 0, and a join on equality can be hashed."""
    pairs = ((f"{left}.{name}", f"{right}.{name}") for name in KEY)
    return " AND ".join(
        f"coalesce({a}, 0) = coalesce({b}, 0)" if a.endswith(("indicator_id", "locality_id")) else f"{a} = {b}"
        for a, b in pairs
    )


def _row(alias: str) -> str:
    return f"({', '.join(f'{alias}.{name}' for name in VALUES)})"


def differences(cells: CellQuery) -> list[str]:
    """Compare the stored totals with every accepted row; one line per difference up to SHOWN, [] = equal.

    A stored row with count 0 is what revoking leaves and says nothing.
    """
    table = connection.ops.quote_name(Tally._meta.db_table)
    names = ", ".join(f"coalesce(w.{name}, t.{name}) AS {name}" for name in KEY)
    statement = f"""
        WITH w AS ({_added_up(cells)}), t AS (SELECT * FROM {table} WHERE count > 0)
        SELECT count(*) OVER () AS many, {names}, t.sum, t.count, t.max, t.latest, w.sum, w.count, w.max, w.latest
        FROM w FULL JOIN t ON {_same_key("w", "t")}
        WHERE {_row("w")} IS DISTINCT FROM {_row("t")}
        ORDER BY {", ".join(str(place) for place in range(2, 2 + len(KEY)))}
        LIMIT {SHOWN}"""  # noqa: S608 - names of our own columns
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
        cursor.execute(statement, list(cells.params))
        rows = cursor.fetchall()
    found = list(_in_words(rows))
    if rows and rows[0][0] > len(rows):
        found.append(f"and {rows[0][0] - len(rows)} more")
    return found


def _in_words(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    first = 1 + len(KEY)
    for row in rows:
        stored, wanted = row[first : first + 4], row[first + 4 :]
        key = ", ".join(f"{name} {value}" for name, value in zip(KEY, row[1:first], strict=True))
        sides = [", ".join(map(str, side)) if side[1] is not None else "nothing" for side in (stored, wanted)]
        yield f"{key}: stored {sides[0]}; accepted rows {sides[1]} (sum, count, highest, latest)"


def rebuild(cells: CellQuery) -> int:
    """Make the stored totals those of every accepted row and return how many there are; rows that are right stay.

    Whoever accepts something waits until the end of the caller's transaction.
    """
    table = connection.ops.quote_name(Tally._meta.db_table)
    columns = ", ".join((*KEY, *VALUES))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
        cursor.execute(f"CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS {_added_up(cells)}", list(cells.params))
        cursor.execute("ANALYZE wanted")
        same = f"{_same_key('w', 't')}"
        cursor.execute(
            f"DELETE FROM {table} t WHERE NOT EXISTS"  # noqa: S608 - names of our own columns
            f" (SELECT FROM wanted w WHERE {same} AND {_row('w')} IS NOT DISTINCT FROM {_row('t')})"
        )
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM wanted w"  # noqa: S608 - names of our own columns
            f" WHERE NOT EXISTS (SELECT FROM {table} t WHERE {same}) ORDER BY {', '.join(KEY)}"
        )
        cursor.execute("SELECT count(*) FROM wanted")
        count = int(cursor.fetchone()[0])
        cursor.execute("DROP TABLE wanted")
    return count
