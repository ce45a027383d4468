"""Due work on a first screen: how much of each kind is late, the units with most, the oldest matters, and since when
each of the programmes shown is late. One statement over the cells of `insights.due_table`."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from activities.models.due import due_words
from activities.services.overdue import NAMES
from activities.services.reminders import NUDGED
from core.statements import Statement, compose, read
from insights import due, due_table
from insights.dashboard import units
from partners.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.models import User
    from insights.scope import Scope

# The oldest matters lie in the cells that are late longest: each has at least one, and no task is in two of them. Of a
# task with many periods the one that is late longest stands for all.
STATEMENT = """:cells, :counted, :ranked, latest AS (
SELECT c.programme_id, c.unit_id, c.kind
  FROM (SELECT cells.*, open_on[width_bucket(:before, open_on) + 1] AS since FROM cells) c
 WHERE since <= LEAST(:last, :yesterday) ORDER BY since FETCH FIRST :todo ROWS WITH TIES
), late AS (
SELECT * FROM (SELECT DISTINCT ON (found.kind, CASE WHEN found.kind = 'deadline' THEN task_id ELSE thing END) found.*
                 FROM latest JOIN LATERAL (
                      SELECT w.kind, thing, due_on, w.programme_id, task_id, w.unit_id, owner_id
                        FROM activities_duework w
                       WHERE w.programme_id = latest.programme_id AND w.unit_id = latest.unit_id
                         AND w.kind = latest.kind AND finished_on IS NULL AND due_on > :before
                         AND due_on <= LEAST(:last, :yesterday) OFFSET 0
                      ) found ON true
                ORDER BY found.kind, CASE WHEN found.kind = 'deadline' THEN task_id ELSE thing END, due_on, thing
              ) firsts
 ORDER BY due_on, kind, thing LIMIT :todo
)
SELECT (SELECT json_object_agg(kind, n) FROM (SELECT kind, sum(overdue) AS n FROM counted GROUP BY kind) kinds),
       (SELECT json_agg(json_build_array(kind, thing, words, due_on, programme_id, task_id, unit_id, o.name, o.name_en,
                                          is_owed)
                        ORDER BY due_on, kind, thing)
          FROM (SELECT late.*, :words AS words, unit_id <> owner_id AND NOT EXISTS (
                       SELECT 1 FROM agreements_taskdeadline d
                        WHERE kind = 'deadline' AND d.id = thing AND d.state <> ALL(:nudged)) AS is_owed FROM late) late
          JOIN (SELECT id, name, name_en FROM partners_organisation) o ON o.id = unit_id),
       (SELECT json_agg(json_build_array(programme_id, kind, since))
          FROM (SELECT programme_id, kind, min(open_on[1]) AS since FROM cells
                 WHERE programme_id = ANY(:programmes) AND kind = ANY(:risky) AND open_on[1] <= :yesterday
                 GROUP BY programme_id, kind) oldest),
       :units"""
RISKY = (due.DEADLINE, due.REPORT)  # what is late of these is a risk of its programme (agreements.figures)


class Late(NamedTuple):
    """One matter past its day: as a row of `due`, with what it is called, where it is worked on, and how a reminder
    names it ("" where nobody can be reminded, as in risk.owed_name)."""

    kind: str  # of due.KINDS
    title: str
    unit: Organisation
    url: str
    due_on: datetime.date
    programme_id: int
    task_id: int | None
    owed: str


class Pressing(NamedTuple):
    """overdue: by kind. oldest: the first matters. since: programme id → kind → the oldest day; whatever the period."""

    overdue: dict[str, int]
    oldest: list[Late]
    since: dict[int, dict[str, datetime.date]]
    units: units.Units


def find(
    user: User, scope: Scope, day: datetime.date, programmes: Sequence[int], *, todo: int, units_shown: int
) -> Pressing:
    """Return what presses; one query. programmes: ids of which `since` is asked."""
    statement = compose(
        STATEMENT, cells=due_table.cells(user, scope), counted=due_table.counted(scope, day, "unit_id, kind"),
        **due_table.bounds(scope, day), todo=todo, programmes=list(programmes), risky=list(RISKY),
        words=Statement(due_table.WORDS, ()), nudged=list(NUDGED),
        ranked=units.ranked(Statement(units.DUE_BY_UNIT, ())), units=units.shown(0, units_shown),
    )  # fmt: skip
    kinds, late, since, top = read(statement)[0]
    found: dict[int, dict[str, datetime.date]] = {}
    addresses = due.addresses()
    for programme, kind, first in since or ():
        found.setdefault(programme, {})[kind] = datetime.date.fromisoformat(first)
    return Pressing(
        overdue=kinds or {},
        oldest=[_late(addresses, *row) for row in late or ()],
        since=found,
        units=units.built(top, scope),
    )


def _late(
    addresses: dict[str, Callable[[int], str]],
    kind: str, thing: int, called: tuple[str, str, str], due_on: str, programme: int, task: int | None,
    unit: int, name: str, name_en: str, is_owed: bool,
) -> Late:  # fmt: skip
    title, form, period = called
    place = task if kind == due.DEADLINE else programme if kind == due.MILESTONE else thing
    url = addresses[form if kind == due.MILESTONE and form in addresses else kind](place)
    body = Organisation(id=unit, name=name, name_en=name_en)
    words = due_words(kind, title, form, period)
    owed = f"{NAMES[kind]}-{thing}" if is_owed else ""
    return Late(kind, words, body, url, datetime.date.fromisoformat(due_on), programme, task, owed)
