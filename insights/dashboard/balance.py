"""What left the overdue work of a past day without being finished, and what came into it without falling due since.

A deadline is put off, a report waived, a directive withdrawn, a task paused; or the other way round. The number kept of
a day (DailyFigure.due_overdue) knows no rows. They are found again in the row history: each thing that changed after
the number was counted is judged once more by its version of that moment, and by the one of now, both by the rule of
due work (activities.models.DueWork): counted, due before the day, not finished by its end. What is judged alike has
neither left nor come. Two versions give the words for what happened.

Nothing is said of a thing of which no version of that moment is kept, as after a move from another system; the section
shows what is left over as a balance.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activities.models.due import due_words
from core.statements import Statement, compose, of
from core.statements import read as read_rows
from core.templatetags.format import day as day_words
from insights import due
from insights.scope import Scope, live_programmes
from partners.models import scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.models import User

LEFT, CAME = -1, 1
GONE, WAIVED, WITHDRAWN = "gone", "waived", "withdrawn"  # beside the states of tasks and deadlines: why none is counted

# The programmes whose number of the day is known, with the moment at which it was counted; and for each moment how far
# the row history had come. Histories are appended to, so the walk back to that place reads only what came after it.
KNOWN = """WITH seen (id) AS MATERIALIZED (:seen), known AS MATERIALIZED (
SELECT k.programme_id, k.due_counted_at AS t
  FROM seen JOIN agreements_dailyfigure k ON k.programme_id = seen.id
  JOIN agreements_programme p ON p.id = k.programme_id JOIN partners_organisation o ON o.id = p.owner_id
 WHERE k.day = :kept AND k.due_overdue IS NOT NULL AND k.due_counted_at IS NOT NULL AND o.path LIKE ANY(:own)
), moments AS MATERIALIZED (
SELECT t, (:task) AS task, (:deadline) AS deadline, (:duty) AS duty, (:report) AS report, (:directive) AS directive,
       (:milestone) AS milestone FROM (SELECT DISTINCT t FROM known) known_at
)"""
REACHED = "SELECT COALESCE((SELECT pgh_id FROM {} WHERE pgh_created_at <= t ORDER BY pgh_id DESC LIMIT 1), 0)"
HISTORY = {
    "task": "agreements_taskhistory",
    "deadline": "agreements_taskdeadlinehistory",
    "duty": "activities_reportdutyhistory",
    "report": "activities_progressreporthistory",
    "directive": "activities_directivehistory",
    "milestone": "agreements_milestonehistory",
}

# Of each kind: what changed since (thing, moment), its version then (0) and now (1), and when it became what it is now:
# the first version after the last one that would be judged otherwise, or when it was entered or dropped.
VERSION = """LEFT JOIN LATERAL (SELECT h.* FROM {table} h WHERE h.{key} = {value} AND h.pgh_id <= m.{name}
 ORDER BY h.pgh_id DESC LIMIT 1) {alias}0 ON {alias}0.pgh_label <> 'delete'"""
AT = """COALESCE(
 (SELECT min(h.pgh_created_at) FROM {table} h WHERE h.{key} = {value} AND h.pgh_id > (
   SELECT max(h.pgh_id) FROM {table} h WHERE h.{key} = {value} AND ({then}) IS DISTINCT FROM ({now}))),
 (SELECT max(h.pgh_created_at) FROM {table} h
   WHERE h.{key} = {value} AND h.pgh_id > m.{name} AND h.pgh_label IN ('insert', 'delete')))"""
NEW = "EXISTS (SELECT FROM {table} h WHERE h.{key} = {value} AND h.pgh_id > m.{name} AND h.pgh_label = 'insert')"
SENT = """CASE WHEN {0}.review IN ('submitted', 'accepted')
 THEN ({0}.submitted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date END"""
ANSWERED = """CASE WHEN {0}.state IN ('answered', 'closed')
 THEN ({0}.answered_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date END"""
JUDGED_BY = {  # what of a version {0} decides; the last is the day on which it counts as finished
    "task": ("{0}.state",),
    "deadline": ("{0}.due_on", "{0}.state = 'cancelled'", "CASE WHEN {0}.state = 'done' THEN {0}.done_on END"),
    "duty": ("{0}.due_on", "{0}.waived_at IS NULL"),
    "report": (SENT,),
    "directive": ("{0}.due_on", "{0}.state = 'withdrawn'", ANSWERED),
    "milestone": ("{0}.due_on", "{0}.done_on"),
}


# By the rule of due work: counted on the day kept, of a version that is out, due and finished so.
COUNTED = "COALESCE({out} = '' AND {due} < :kept AND ({finished} IS NULL OR {finished} > :kept), false)"
BLOCK = """SELECT m.t, '{kind}'::text AS kind, c.thing, COALESCE({a}1.programme_id, {a}0.programme_id) AS programme_id,
 {unit} AS unit_id, {title}::text AS title, {form}::text AS form, {period}::text AS period, {task}::bigint AS task_id,
 d0.due_on AS due_then, {finished0} AS finished_then, {out0} AS out_then,
 d1.due_on AS due_now, {finished1} AS finished_now, {out1} AS out_now,
 {at} AS at, ({counted1})::int - ({counted0})::int AS step
FROM moments m CROSS JOIN LATERAL ({changed}) c (thing) {versions}
WHERE {counted0} <> {counted1} AND (d0.id IS NOT NULL OR {is_new})"""


def _of(text: str, name: str, value: str = "c.thing", key: str = "pgh_obj_id", alias: str = "d") -> str:
    then, now = (f"ROW({', '.join(JUDGED_BY[name])})".format(version) for version in ("h", f"{alias}1"))
    return text.format(table=HISTORY[name], name=name, key=key, value=value, alias=alias, then=then, now=now)


def _both(column: str, alias: str = "d") -> str:
    return f"COALESCE({alias}1.{column}, {alias}0.{column})"


def _block(kind: str, of: str, *, out: str, finished: str, a: str = "d", **parts: str) -> str:
    """Return the SQL of one kind. of: its history; out, finished: of a version, with {0} for its digit; a: of which row
    the programme is."""
    named: dict[str, str] = {"form": "''", "period": "''", "task": "NULL", "at": _of(AT, of)} | parts
    for version in "01":
        own = {"out": out.format(version), "finished": finished.format(version), "due": f"d{version}.due_on"}
        named |= {f"{name}{version}": text for name, text in own.items()}
        named[f"counted{version}"] = COUNTED.format(**own)
    named.setdefault("changed", f"SELECT DISTINCT pgh_obj_id FROM {HISTORY[of]} WHERE pgh_id > m.{of}")  # noqa: S608
    return BLOCK.format(kind=kind, a=a, is_new=_of(NEW, of), **named)


TASK = _both("task_id")
BLOCKS = (
    _block(
        "deadline", "deadline", a="t", unit=_both("lead_id", "t"), title=_both("title", "t"), period=_both("period"),
        task=TASK, finished=JUDGED_BY["deadline"][-1].format("d{0}"),
        out="""CASE WHEN d{0}.id IS NULL OR t{0}.id IS NULL THEN 'gone' WHEN d{0}.state = 'cancelled' THEN 'cancelled'
 WHEN t{0}.state IN ('paused', 'carried', 'cancelled') THEN t{0}.state ELSE '' END""",
        at=f"GREATEST({_of(AT, 'deadline')}, {_of(AT, 'task', TASK, alias='t')})",
        changed="""SELECT pgh_obj_id FROM agreements_taskdeadlinehistory WHERE pgh_id > m.deadline
 UNION SELECT d.id FROM agreements_taskhistory h JOIN agreements_taskdeadline d ON d.task_id = h.pgh_obj_id
 WHERE h.pgh_id > m.task""",
        versions=f"""{_of(VERSION, "deadline")} LEFT JOIN agreements_taskdeadline d1 ON d1.id = c.thing
 {_of(VERSION, "task", TASK, alias="t")} LEFT JOIN agreements_task t1 ON t1.id = {TASK}""",
    ),
    _block(
        "report", "duty", unit=_both("unit_id"), title=_both("title"), form=_both("kind"), period=_both("period"),
        finished=SENT.format("r{0}"),
        out="CASE WHEN d{0}.id IS NULL THEN 'gone' WHEN d{0}.waived_at IS NOT NULL THEN 'waived' ELSE '' END",
        at=f"GREATEST({_of(AT, 'duty')}, {_of(AT, 'report', key='duty_id', alias='r')})",
        changed="""SELECT pgh_obj_id FROM activities_reportdutyhistory WHERE pgh_id > m.duty
 UNION SELECT duty_id FROM activities_progressreporthistory WHERE pgh_id > m.report""",
        versions=f"""{_of(VERSION, "duty")} LEFT JOIN activities_reportduty d1 ON d1.id = c.thing
 {_of(VERSION, "report", key="duty_id", alias="r")} LEFT JOIN activities_progressreport r1 ON r1.duty_id = c.thing""",
    ),
    _block(
        "directive", "directive", unit=_both("unit_id"), title=_both("text"), task=_both("task_id"),
        finished=ANSWERED.format("d{0}"),
        out="CASE WHEN d{0}.id IS NULL THEN 'gone' WHEN d{0}.state = 'withdrawn' THEN 'withdrawn' ELSE '' END",
        versions=f"{_of(VERSION, 'directive')} LEFT JOIN activities_directive d1 ON d1.id = c.thing",
    ),
    _block(
        "milestone", "milestone", unit=_both("responsible_id"), title=_both("name"), form=_both("kind"),
        finished="d{0}.done_on", out="CASE WHEN d{0}.id IS NULL THEN 'gone' ELSE '' END",
        versions=f"{_of(VERSION, 'milestone')} LEFT JOIN agreements_milestone d1 ON d1.id = c.thing",
    ),
)  # fmt: skip
JUDGED = """:known, judged AS MATERIALIZED (
SELECT turned.* FROM (:turned) turned JOIN known USING (programme_id, t)
)"""
COUNTS = ":judged SELECT count(*) FILTER (WHERE step < 0), count(*) FILTER (WHERE step > 0) FROM judged"
ROWS = """:judged SELECT j.kind, j.thing, j.title, j.form, j.period, o.name, o.name_en, p.code, p.id, j.task_id,
       j.due_then, j.finished_then, j.out_then, j.due_now, j.finished_now, j.out_now, j.at
  FROM judged j JOIN agreements_programme p ON p.id = j.programme_id
  JOIN partners_organisation o ON o.id = COALESCE(j.unit_id, p.owner_id)
 WHERE j.step = :step ORDER BY j.at DESC, j.kind, j.thing OFFSET :start LIMIT :most"""


@dataclass(frozen=True)
class Turn:
    """One thing that left the overdue work or came into it: what it is, its due date on the past day (today's of one
    that came), what happened and when. url "" of what is not there any more."""

    kind: str
    title: str
    unit: str
    code: str
    url: str
    due_on: datetime.date
    what: str
    at: datetime.datetime


def table_of(rows: Iterable[Turn]) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return them as heads and rows of a file."""
    heads = (_("Work"), _("Unit"), _("Programme"), _("Due"), _("What became of it"), _("When"))
    return heads, [(one.title, one.unit, one.code, day_words(one.due_on), one.what, day_words(one.at)) for one in rows]


def counts(user: User, scope: Scope, kept: datetime.date) -> tuple[int, int]:
    """Return how many left, and how many came; one query, which reads what changed since the day was counted."""
    left, came = read_rows(compose(COUNTS, judged=_judged(user, scope, kept)))[0]
    return left, came


def turns(user: User, scope: Scope, kept: datetime.date, step: int, start: int, most: int) -> list[Turn]:
    """Return those that left or came, the latest first, so many from a place on."""
    judged = _judged(user, scope, kept)
    rows = read_rows(compose(ROWS, judged=judged, step=step, start=start, most=most))
    return [_turn(row, step, kept) for row in rows]


def _judged(user: User, scope: Scope, kept: datetime.date) -> Statement:
    own = [f"{path}%" for path in scope_of(user).committee_paths]
    reached = {name: Statement(REACHED.format(table), ()) for name, table in HISTORY.items()}
    seen = of(live_programmes(scope, user).order_by().values_list("pk"))
    known = compose(KNOWN, seen=seen, kept=kept, own=own, **reached)
    return compose(JUDGED, known=known, turned=compose(" UNION ALL ".join(BLOCKS), kept=kept))


def _turn(row: tuple[Any, ...], step: int, kept: datetime.date) -> Turn:
    (kind, thing, title, form, period, unit, unit_en, code, programme, task, due_then, finished_then, out_then, due_now,
     finished_now, out_now, at) = row  # fmt: skip
    place = {due.DEADLINE: task, due.MILESTONE: programme}.get(kind, thing)
    before, after = (due_then, finished_then, out_then), (due_now, finished_now, out_now)
    return Turn(
        kind=kind,
        title=due_words(kind, title, form, period),
        unit=unit_en if get_language() == "en" and unit_en else unit,
        code=code,
        url="" if out_now == GONE else due.addresses()[kind](place),
        due_on=due_then if step == LEFT else due_now,
        what=_left(kind, *after, kept) if step == LEFT else _came(*before, kept),
        at=at,
    )


def _left(
    kind: str, due_on: datetime.date | None, finished: datetime.date | None, out: str, kept: datetime.date
) -> str:
    """Return in words why something that was overdue is not counted, from how it stands now."""
    if out:
        words = {
            GONE: _("dropped") if kind == due.MILESTONE else _("no longer asked for"),
            WAIVED: _("waived"),
            WITHDRAWN: _("withdrawn"),
            "paused": _("task paused"),
            "carried": _("task carried over"),
            "cancelled": _("cancelled"),
        }
        return words[out]
    if due_on and due_on >= kept:
        return _("put off to %(date)s") % {"date": day_words(due_on)}
    return _("confirmed as done on %(date)s") % {"date": day_words(finished)}


def _came(due_on: datetime.date | None, finished: datetime.date | None, out: str, kept: datetime.date) -> str:
    """Return in words why something is counted that was not, from how it stood then."""
    if out:
        words = {
            GONE: _("entered later"),
            WAIVED: _("asked for again"),
            WITHDRAWN: _("given again"),
            "paused": _("task resumed"),
            "carried": _("task resumed"),
            "cancelled": _("taken up again"),
        }
        return words[out]
    if due_on and due_on >= kept:
        return _("moved up from %(date)s") % {"date": day_words(due_on)}
    return _("returned; counted as done on %(date)s before") % {"date": day_words(finished)}
