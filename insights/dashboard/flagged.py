"""Which programmes are at risk, and of what: found by the database over all of them, so that only those shown are read.

The rules are those of agreements/figures/risk.py, to which tests/insights/test_flagged.py holds this statement.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from agreements import figures
from agreements.models import LegalDocument, Milestone, Party, Programme
from core.statements import compose, of, read
from insights import due, due_table, risk
from insights.scope import Scope, live_programmes
from partners.models import Organisation

if TYPE_CHECKING:
    from core.models import User

STATEMENT = """:due, late AS MATERIALIZED (
SELECT programme_id, min(due_on) FILTER (WHERE kind = :deadline) AS overdue_since,
       min(due_on) FILTER (WHERE kind = :report) AS owed_since
  FROM due WHERE finished_on IS NULL AND due_on < :day GROUP BY programme_id
), weak AS MATERIALIZED (
SELECT DISTINCT b.programme_id FROM agreements_legalbasis b JOIN agreements_legaldocument d ON d.id = b.document_id
 WHERE d.effect_to < :day OR (d.effect_to IS NULL AND d.effect = ANY(:weak))
), reviewed AS MATERIALIZED (
SELECT DISTINCT programme_id FROM agreements_milestone WHERE kind = :final_review AND done_on <= :day
), seen (id) AS MATERIALIZED (:seen), flagged AS MATERIALIZED (
SELECT p.id, row_number() OVER (ORDER BY f.progress IS NULL, f.standing IS NOT DISTINCT FROM :behind DESC,
           COALESCE(round(f.elapsed * 100) - round(LEAST(f.progress, 1) * 100), 0) DESC, p.sort_key, p.id) AS place,
       array_remove(ARRAY[
       CASE WHEN f.standing = :behind AND f.tasks_live > 0 AND f.tasks_with_data >= f.tasks_live * :enough
            THEN :slow::text END,
       CASE WHEN late.overdue_since IS NOT NULL THEN :overdue::text END,
       CASE WHEN late.owed_since <= :day - :late_days THEN :late_report::text END,
       CASE WHEN p.starts_on <= :day AND :day - COALESCE(f.last_activity_on, p.starts_on) >= :silent_days
             AND (p.ends_on IS NULL OR p.ends_on >= :day) THEN :silent::text END,
       CASE WHEN p.ends_on - :day BETWEEN 0 AND :near_days AND f.progress < :near_share THEN :near_end::text END,
       CASE WHEN weak.programme_id IS NOT NULL THEN :weak_basis::text END,
       CASE WHEN p.id = ANY(:gone) THEN :no_successor::text END,
       CASE WHEN p.ends_on < :day AND reviewed.programme_id IS NULL THEN :unreviewed::text END
       ], NULL) AS causes
  FROM seen JOIN agreements_programme p ON p.id = seen.id
  LEFT JOIN agreements_programmefigure f ON f.programme_id = p.id
  LEFT JOIN late ON late.programme_id = p.id LEFT JOIN weak ON weak.programme_id = p.id
  LEFT JOIN reviewed ON reviewed.programme_id = p.id
)
SELECT (SELECT count(*) FROM flagged), (SELECT count(*) FROM flagged WHERE causes <> '{}'),
       (SELECT json_object_agg(cause, n)
          FROM (SELECT cause, count(*) AS n FROM flagged, unnest(causes) cause GROUP BY cause) counted),
       (SELECT json_agg(id ORDER BY cardinality(causes) DESC, place)
          FROM (SELECT id, causes, place FROM flagged WHERE causes <> '{}' AND (:cause = '' OR :cause = ANY(causes))
                 ORDER BY cardinality(causes) DESC, place OFFSET :start LIMIT :most) page),
       (SELECT json_build_array(p.id, COALESCE(NULLIF(p.short_title, ''), p.title), cardinality(causes))
          FROM flagged JOIN agreements_programme p ON p.id = flagged.id WHERE causes <> '{}'
         ORDER BY cardinality(causes) DESC, flagged.place LIMIT 1)"""


class Flagged(NamedTuple):
    """watched: programmes looked at. count: those with a flag. by_cause: how many have each. ids: of those asked for,
    most flags first, then slowest first. first: the one with most flags (id, name, how many); None without any."""

    watched: int
    count: int
    by_cause: dict[str, int]
    ids: list[int]
    first: tuple[int, str, int] | None


def find(user: User, scope: Scope, day: datetime.date, cause: str, start: int, most: int) -> Flagged:
    """Return the programmes at risk, of one cause or of any (""), `most` of them from `start` on.

    Two queries, and a few more where a party was dissolved. Flags are of the programme as it stands, whatever days the
    period asks about.
    """
    watched = live_programmes(scope, user).filter(status__in=risk.WATCHED).order_by()
    statement = compose(
        STATEMENT, due=due_table.table(user, scope), seen=of(watched.values_list("pk")), day=day,
        deadline=due.DEADLINE, report=due.REPORT, final_review=Milestone.Kind.FINAL_REVIEW,
        weak=list(LegalDocument.WEAK), behind=figures.BEHIND, enough=figures.ENOUGH_COVERAGE,
        late_days=figures.LATE_DAYS, silent_days=figures.SILENT_DAYS, near_days=figures.NEAR_END_DAYS,
        near_share=figures.NEAR_END_SHARE, gone=_gone(watched, day), cause=cause, start=start, most=most,
        slow=figures.SLOW, overdue=figures.OVERDUE, late_report=figures.LATE_REPORT, silent=figures.SILENT,
        near_end=figures.NEAR_END, weak_basis=figures.WEAK_BASIS, no_successor=figures.NO_SUCCESSOR,
        unreviewed=figures.UNREVIEWED,
    )  # fmt: skip
    watching, count, by_cause, ids, first = read(statement)[0]
    return Flagged(watching, count, by_cause or {}, ids or [], tuple(first) if first else None)


def _gone(watched: object, day: datetime.date) -> list[int]:
    """Return the ids of programmes of which a party was dissolved and nobody took over."""
    gone = Party.objects.filter(
        programme__in=watched, organisation__status=Organisation.Status.DISSOLVED, organisation__ended_on__lte=day
    )
    parties = list(gone.select_related("organisation", "programme").order_by("position", "pk"))
    programmes: dict[int, Programme] = {party.programme_id: party.programme for party in parties}
    return list(risk.gone(programmes, day, parties)) if parties else []
