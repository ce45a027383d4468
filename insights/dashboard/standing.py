"""How the programmes of a first screen stand: their numbers, the slowest of them, the silent and the unreviewed ones.

One statement over stored figures, so that a committee with ten thousand programmes below it waits no longer than one
with thirty: numbers are counted by the database, and of each list only what is shown leaves it.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from agreements import figures
from agreements.models import LegalDocument, Milestone, Programme
from core.statements import compose, of, read
from insights.scope import Scope, programmes
from partners.models import Organisation

if TYPE_CHECKING:
    from core.models import User

S = Programme.Status
NUMBERS = 9  # columns of the numbers, which stand first
# The order is that of ProgrammeQuerySet.slowest_first; a test compares the two.
STATEMENT = """WITH seen (id) AS (:seen), base AS MATERIALIZED (
SELECT p.id, p.status, p.starts_on, p.ends_on, f.progress, f.expected, f.elapsed, f.tasks_live, f.tasks_with_data,
       f.last_activity_on, f.computed_at, COALESCE(f.standing, :no_data) AS standing, k.standing AS standing_before,
       COALESCE(round(f.elapsed * 100) - round(LEAST(f.progress, 1) * 100), 0) AS gap, p.sort_key
  FROM seen JOIN agreements_programme p ON p.id = seen.id
  LEFT JOIN agreements_programmefigure f ON f.programme_id = p.id
  LEFT JOIN agreements_dailyfigure k ON k.programme_id = p.id AND k.day = :compared_on
), numbers AS (
SELECT count(*) FILTER (WHERE status = :in_force), count(*) FILTER (WHERE status = :ended),
       count(*) FILTER (WHERE status = :in_force AND standing = ANY(:well)),
       count(*) FILTER (WHERE status = :in_force AND standing = ANY(:unknown)),
       count(*) FILTER (WHERE status = :in_force AND standing = :behind),
       count(*) FILTER (WHERE status = :in_force AND standing_before = :behind),
       count(*) FILTER (WHERE status = :in_force AND standing_before <> ''),
       min(computed_at) FILTER (WHERE status <> :suspended), count(*) FILTER (WHERE status = :suspended)
  FROM base
), shown AS (
(SELECT 'slow' AS list, id, row_number() OVER (ORDER BY progress IS NULL, standing = :behind DESC, gap DESC,
                                               sort_key, id) AS place
   FROM base WHERE status = :in_force ORDER BY place LIMIT :rows)
UNION ALL
(SELECT 'silent', id, row_number() OVER (ORDER BY gap DESC, progress IS NULL, sort_key, id) AS place
   FROM base WHERE status = :in_force AND standing = :behind AND tasks_with_data >= tasks_live * :enough
    AND tasks_live > 0 AND COALESCE(last_activity_on, starts_on) <= :quiet_since ORDER BY place LIMIT :todo)
UNION ALL
(SELECT 'unreviewed', id, row_number() OVER (ORDER BY ends_on, sort_key, id) AS place
   FROM base WHERE ends_on < :day AND status <> :suspended
    AND NOT EXISTS (SELECT 1 FROM agreements_milestone m WHERE m.programme_id = base.id AND m.kind = :final_review)
  ORDER BY place LIMIT :todo)
)
SELECT numbers.*, shown.list, p.id, p.code, p.title, p.short_title, p.status, p.starts_on, p.ends_on, p.owner_id,
       p.field_of_work_id, base.progress, base.expected, base.elapsed, base.standing, base.tasks_live,
       base.tasks_with_data, base.last_activity_on, partner.id, partner.name, partner.name_en,
       EXISTS (SELECT 1 FROM agreements_legalbasis b JOIN agreements_legaldocument d ON d.id = b.document_id
                WHERE b.programme_id = p.id
                  AND (d.effect_to < :day OR (d.effect_to IS NULL AND d.effect = ANY(:weak)))),
       EXISTS (SELECT 1 FROM agreements_party y JOIN partners_organisation o ON o.id = y.organisation_id
                WHERE y.programme_id = p.id AND o.status = :dissolved AND o.ended_on <= :day),
       (SELECT min(m.done_on) FROM agreements_milestone m WHERE m.programme_id = p.id AND m.kind = :final_review)
  FROM numbers LEFT JOIN shown ON true LEFT JOIN base ON base.id = shown.id
  LEFT JOIN agreements_programme p ON p.id = shown.id
  LEFT JOIN LATERAL (
       SELECT o.id, o.name, o.name_en FROM agreements_party y JOIN partners_organisation o ON o.id = y.organisation_id
        WHERE y.programme_id = p.id AND y.organisation_id <> p.owner_id ORDER BY y.position, y.id LIMIT 1
       ) partner ON true
 ORDER BY shown.list, shown.place"""


class Numbers(NamedTuple):
    """How many programmes stand how. oldest: when the oldest of their figures was computed, None without any."""

    in_force: int
    awaiting_review: int
    on_track: int
    unmeasured: int
    behind: int
    behind_before: int
    known_before: int
    oldest: datetime.datetime | None
    suspended: int  # in no other number and in no list, therefore named


@dataclass(frozen=True)
class Standing:
    """A programme with its stored figures and the body a leader would call; shares 0 to 1, None = no data."""

    programme: Programme
    progress: Decimal | None
    expected: Decimal | None
    elapsed: Decimal | None
    standing: str
    tasks_live: int
    tasks_with_data: int
    last_activity_on: datetime.date | None
    partner: Organisation | None
    has_weak_basis: bool
    has_party_gone: bool  # a party was dissolved; whether somebody took over is not asked here
    reviewed_on: datetime.date | None

    @property
    def coverage(self) -> Decimal | None:
        """Tasks with data among live ones; None without tasks."""
        return Decimal(self.tasks_with_data) / self.tasks_live if self.tasks_live else None


def find(
    user: User, scope: Scope, day: datetime.date, compared_on: datetime.date, *, rows: int, todo: int
) -> tuple[Numbers, dict[str, list[Standing]]]:
    """Return the numbers, and by "slow", "silent" and "unreviewed" the first programmes of each; one query.

    slow: those in force, slowest first. silent: behind, with enough data, nothing accepted for so long, the widest gap
    first. unreviewed: ended without any final review, the longest first.
    """
    seen = programmes(scope, user).filter(status__in=(S.IN_FORCE, S.ENDED, S.SUSPENDED)).order_by().values_list("pk")
    statement = compose(
        STATEMENT, seen=of(seen), in_force=S.IN_FORCE, ended=S.ENDED, suspended=S.SUSPENDED, day=day,
        compared_on=compared_on, behind=figures.BEHIND, no_data=figures.NO_DATA, well=[figures.ON_TRACK, figures.AHEAD],
        unknown=[figures.NO_DATA, figures.TOO_EARLY], enough=figures.ENOUGH_COVERAGE,
        quiet_since=day - datetime.timedelta(days=figures.SILENT_DAYS), final_review=Milestone.Kind.FINAL_REVIEW,
        weak=list(LegalDocument.WEAK), dissolved=Organisation.Status.DISSOLVED, rows=rows, todo=todo,
    )  # fmt: skip
    found = read(statement)
    lists: dict[str, list[Standing]] = defaultdict(list)
    for row in found:
        name, *rest = row[NUMBERS:]
        if name:
            lists[name].append(_standing(rest))
    return Numbers(*found[0][:NUMBERS]), lists


def _standing(row: list[object]) -> Standing:
    names = ("id", "code", "title", "short_title", "status", "starts_on", "ends_on", "owner_id", "field_of_work_id")
    programme = Programme(**dict(zip(names, row, strict=False)))
    progress, expected, elapsed, standing, live, with_data, last_on, pk, name, name_en, *facts = row[len(names) :]
    partner = Organisation(id=pk, name=name, name_en=name_en) if pk else None
    return Standing(
        programme, progress, expected, elapsed, standing, live or 0, with_data or 0, last_on, partner, *facts
    )  # type: ignore[arg-type]
