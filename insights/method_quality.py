"""What *Cách tính số liệu* says of the data of one programme: the row of the section on data quality, counted alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.statements import compose, of
from core.statements import read as read_rows
from insights import due
from insights.dashboard import quality
from insights.scope import Scope

if TYPE_CHECKING:
    import datetime

    from core.models import User
    from insights.method_due import DueLine
    from insights.on_date import ProgrammeOnDate

STATEMENT = """SELECT (SELECT count(*) FROM (:returned) r), (SELECT count(*) FROM (:unproven) u), count(*) AS decided,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median, max(took) AS longest
  FROM (:decided) d (id, took)"""


def read(
    user: User, found: ProgrammeOnDate, reports: DueLine, today: datetime.date
) -> tuple[quality.QualityRow, datetime.date, datetime.date]:
    """Return the row of the programme as the section shows it today, and the first and last day of its decisions.

    found: its tasks, of which declared ones are counted; reports: its reports by state. One query.
    """
    scope, programme = Scope(), found.programme
    first, end = quality.decided_in(scope, today)
    rows = {
        kind: quality.rows_of(kind, user, scope, today).filter(task__programme=programme).order_by()
        for kind in (quality.RETURNED, quality.UNPROVEN, quality.DECIDED)
    }
    decided = of(rows[quality.DECIDED].values_list("pk", "took"), "bigint", "interval")
    statement = compose(
        STATEMENT, returned=of(rows[quality.RETURNED].values_list("pk")),
        unproven=of(rows[quality.UNPROVEN].values_list("pk")), decided=decided,
    )  # fmt: skip
    returned, unproven, number, median, longest = read_rows(statement)[0]
    declared = [row for row in found.live if row.task.declared_share is not None]
    counts = {
        quality.LATE: reports.counts[due.OVERDUE],
        quality.SENT_LATE: reports.counts[due.LATE],
        quality.RETURNED: returned,
        quality.UNPROVEN: unproven,
        quality.DECLARED: len(declared) if programme.status in programme.LIVE else 0,
    }
    took = quality.reviews_of({"decided": number, "median": median, "longest": longest})
    return quality.QualityRow(programme, scope, counts, found.activities, took), first, end - quality.ONE_DAY
