"""Section on the data itself: late reports, what was returned, has no evidence or rests on a unit's word; silence; how
long reviews take. By programme, each number the length of a list (`rows_of`)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Aggregate, Count, DurationField, Exists, ExpressionWrapper, Max, OuterRef, Q, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.models import Activity, Evidence, Review
from agreements import figures
from agreements.models import Programme, Tally
from core import statements
from insights import due, due_table
from insights.dashboard.frame import Table
from insights.scope import Scope, activities, live_programmes, live_tasks, placed, totals
from partners.models import scope_of

if TYPE_CHECKING:
    from core.models import User

# value of ?loai= → what its list holds
LATE, SENT_LATE, RETURNED, UNPROVEN = "bao-cao-qua-han", "bao-cao-nop-muon", "bi-tra-lai", "khong-minh-chung"
DECLARED, SILENT, WAITING, DECIDED = "tu-khai", "im-lang", "cho-duyet", "da-xu-ly"
KINDS = {
    LATE: gettext_lazy("Reports past their day"),
    SENT_LATE: gettext_lazy("Reports handed in late"),
    RETURNED: gettext_lazy("Activities returned to their unit"),
    UNPROVEN: gettext_lazy("Accepted activities without evidence"),
    DECLARED: gettext_lazy("Tasks with a declared share"),
    SILENT: gettext_lazy("Silent programmes"),
    WAITING: gettext_lazy("Activities waiting for review"),
    DECIDED: gettext_lazy("Reviewed activities, the slowest first"),
}
QUIET_DAYS = (30, 60, figures.SILENT_DAYS, 180)  # offered as the length of silence
MOST_PROGRAMMES = 1000  # with more, how long reviews take is told of each programme alone
ONE_DAY = datetime.timedelta(days=1)
REVIEWED_DAYS = 90  # without a period: decisions of so many days
UNREAD = ("spans", "reports_asked", "funding", "search_text")
DECIDED_STATES = (Review.ACCEPTED, Review.RETURNED)


class Median(Aggregate):
    """The middle value, halfway between the two middle ones of an even number."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


class Reviews(NamedTuple):
    """How long decisions took, in days from sending to the last decision; None without any."""

    decided: int = 0
    median: Decimal | None = None
    longest: int | None = None


@dataclass(frozen=True)
class QualityRow:
    """One programme, or all of them (None). Numbers are rows of the list of the same kind."""

    programme: Programme | None
    scope: Scope
    counts: Mapping[str, int]  # kind of KINDS but SILENT → rows
    accepted: int  # activities, of which some have no evidence
    reviews: Reviews | None = Reviews()  # None: of too many programmes to be told
    silent_days: int | None = None  # of one programme: since the last accepted activity, or since it began
    was_never_active: bool = False  # since it began: none was ever accepted

    def url(self, kind: str) -> str:
        """Return the address of the rows behind a number."""
        whose = self.programme.pk if self.programme else ""
        return self.scope.url("insights:dashboard_quality_rows", loai=kind, chuong_trinh=whose)

    @property
    def cells(self) -> list[tuple[str, int, str, Any]]:
        """The counts with the lists that add up to them: (kind, number, address, label)."""
        return [(kind, self.counts.get(kind, 0), self.url(kind), HEADS[kind]) for kind in COUNTED]

    @property
    def waiting(self) -> int:
        """What nobody has decided on yet."""
        return self.counts.get(WAITING, 0)

    @property
    def waiting_url(self) -> str:
        """Address of it."""
        return self.url(WAITING)

    @property
    def decided_url(self) -> str:
        """Address of the decisions that median and longest are of."""
        return self.url(DECIDED)

    @property
    def accepted_url(self) -> str:
        """Address of all accepted activities."""
        whose = self.programme.pk if self.programme else ""
        return self.scope.url("insights:dashboard_activities", chuong_trinh=whose)

    @property
    def is_silent(self) -> bool:
        """Whether it is silent for so long that it is a risk (agreements.figures)."""
        return self.silent_days is not None and self.silent_days >= figures.SILENT_DAYS

    @property
    def weight(self) -> tuple[int, int]:
        """What puts it first: all its faults, then how long it is silent."""
        return sum(self.counts.get(kind, 0) for kind in COUNTED), self.silent_days or 0


COUNTED = (LATE, SENT_LATE, RETURNED, UNPROVEN, DECLARED)
HEADS = {
    LATE: gettext_lazy("Reports overdue"),
    SENT_LATE: gettext_lazy("Sent late"),
    RETURNED: gettext_lazy("Returned"),
    UNPROVEN: gettext_lazy("No evidence"),
    DECLARED: gettext_lazy("Declared"),
}


@dataclass(frozen=True)
class Quality:
    """The programmes, the one with most faults first, and all of them together."""

    rows: list[QualityRow]  # those shown
    total: QualityRow
    count: int  # programmes in all
    silent: list[QualityRow]  # silent for the days asked for, the longest first
    silent_count: int
    oldest: datetime.datetime | None  # when the oldest of what waits was sent

    @property
    def table(self) -> Table:
        """The same numbers for a spreadsheet; days as numbers. The last line says where programmes were left out."""
        heads = (_("Programme"), *(HEADS[kind] for kind in COUNTED), _("Accepted activities"), _("Days of silence"),
                 _("Waiting for review"), _("Reviewed"),
                 _("Days to review, median"), _("Days to review, longest"))  # fmt: skip
        rows = [
            (row.programme.name if row.programme else _("Total"), *(row.counts.get(kind, 0) for kind in COUNTED),
             row.accepted, row.silent_days, row.waiting, *(row.reviews or (None, None, None)))
            for row in (*self.rows, self.total)
        ]  # fmt: skip
        if len(self.rows) < self.count:
            parts = {"n": len(self.rows), "all": self.count}
            left_out: list[Any] = [_("The first %(n)s of %(all)s programmes") % parts, *[""] * (len(heads) - 1)]
            rows.append(tuple(left_out))
        return Table("chat-luong", heads, rows)


def days_between(first: str, last: str) -> ExpressionWrapper:
    """Return the days in Vietnam from one moment to another, as a duration."""
    return ExpressionWrapper(TruncDate(last) - TruncDate(first), output_field=DurationField())


def rows_of(kind: str, user: User, scope: Scope, day: datetime.date, quiet: int = figures.SILENT_DAYS) -> Any:
    """Return the rows of a kind: reports (duties), activities, tasks or programmes; unordered but for SILENT.

    quiet: days without an accepted activity from which a programme is in the list of silent ones.
    """
    match kind:
        case "bao-cao-qua-han":
            return _reports(user, scope).filter(due.condition(due.OVERDUE, day))
        case "bao-cao-nop-muon":
            return _reports(user, scope).filter(due.condition(due.LATE, day))
        case "bi-tra-lai":
            return _entries(user, scope).filter(review=Review.RETURNED, **scope.dated("starts_on"))
        case "cho-duyet":
            return _entries(user, scope).filter(review=Review.SUBMITTED, **scope.dated("starts_on"))
        case "da-xu-ly":
            first, end = decided_in(scope, day)
            rows = _entries(user, scope).filter(review__in=DECIDED_STATES)
            rows = rows.filter(reviewed_at__gte=_midnight(first), reviewed_at__lt=_midnight(end))
            return rows.annotate(took=days_between("submitted_at", "reviewed_at"))
        case "khong-minh-chung":
            return activities(scope, user).filter(~Exists(Evidence.objects.filter(activity=OuterRef("pk"))))
        case "tu-khai":
            return live_tasks(scope, user).filter(declared_share__isnull=False)
        case "im-lang":
            return _silent(user, scope, day, quiet)
    raise ValueError(kind)


def decided_in(scope: Scope, day: datetime.date) -> tuple[datetime.date, datetime.date]:
    """Return the days of the decisions that are judged, half-open: those of the period, else the last ninety."""
    return scope.window or (day - datetime.timedelta(days=REVIEWED_DAYS) + ONE_DAY, day + ONE_DAY)


def _midnight(day: datetime.date) -> datetime.datetime:
    """Return when the day begins in Vietnam; a comparison with it can use the index, one of dates cannot."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _reports(user: User, scope: Scope) -> Any:
    return due.rows(user, due.Filters(scope=scope, kind=due.REPORT))


def _entries(user: User, scope: Scope) -> Any:
    """Return what was entered and sent. By a Front role all of it is seen in the programmes that are; the same as
    Activity.visible_to says for what is no draft, without its lists of ten thousand units."""
    rows = (
        Activity.objects.visible_to(user)
        if scope_of(user).partner_ids
        else Activity.objects.exclude(review=Review.DRAFT)
    )
    return rows.filter(placed(scope), task__programme__in=live_programmes(scope, user))


def _silent(user: User, scope: Scope, day: datetime.date, quiet: int) -> Any:
    """Return the programmes whose period runs and in which nothing was accepted for so many days ."""
    running = Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))
    rows = live_programmes(scope, user).filter(running, status__in=(Programme.Status.IN_FORCE, Programme.Status.ENDED))
    rows = rows.annotate(last_on=Coalesce("figure__last_activity_on", "starts_on"))
    return rows.filter(last_on__lte=day - datetime.timedelta(days=quiet)).order_by("last_on", "sort_key", "pk")


# Faults of each programme from due work, stored totals and the few entries in a rare state, the most faults first.
STATEMENT = """:due, reports AS MATERIALIZED (
SELECT programme_id, count(*) FILTER (WHERE finished_on IS NULL AND due_on < :day) AS late,
       count(*) FILTER (WHERE finished_on > due_on) AS sent_late
  FROM due WHERE kind = :report AND :within GROUP BY programme_id
), entries (programme_id, review, submitted_at) AS MATERIALIZED (:entries), stored (programme_id, measure, n)
AS MATERIALIZED (:stored), declared (programme_id, n) AS MATERIALIZED (:declared), live (id) AS (:live), base AS (
SELECT p.id, p.sort_key, COALESCE(reports.late, 0) AS late, COALESCE(reports.sent_late, 0) AS sent_late,
       COALESCE(e.returned, 0) AS returned, COALESCE(unproven.n, 0) AS unproven, COALESCE(declared.n, 0) AS declared,
       COALESCE(e.waiting, 0) AS waiting, COALESCE(accepted.n, 0) AS accepted,
       CASE WHEN p.status = ANY(:running) AND (p.ends_on IS NULL OR p.ends_on >= :day) AND p.starts_on <= :day
            THEN GREATEST(0, :day - COALESCE(f.last_activity_on, p.starts_on)) END AS silent_days,
       f.last_activity_on IS NULL AS never_active
  FROM live JOIN agreements_programme p ON p.id = live.id
  LEFT JOIN agreements_programmefigure f ON f.programme_id = p.id LEFT JOIN reports ON reports.programme_id = p.id
  LEFT JOIN declared ON declared.programme_id = p.id
  LEFT JOIN stored unproven ON unproven.programme_id = p.id AND unproven.measure = :unproven
  LEFT JOIN stored accepted ON accepted.programme_id = p.id AND accepted.measure = :accepted
  LEFT JOIN (SELECT programme_id, count(*) FILTER (WHERE review = :returned) AS returned,
                    count(*) FILTER (WHERE review = :submitted) AS waiting FROM entries GROUP BY programme_id) e
         ON e.programme_id = p.id
), ranked AS MATERIALIZED (
SELECT base.*, row_number() OVER (ORDER BY late + sent_late + returned + unproven + declared DESC,
                                  COALESCE(silent_days, 0) DESC, sort_key, id) AS place FROM base
)
SELECT (SELECT json_agg(json_build_array(id, late, sent_late, returned, unproven, declared, waiting, accepted,
                                         silent_days, never_active) ORDER BY place)
          FROM ranked WHERE place > :start AND (:most::int IS NULL OR place <= :start + :most)),
       (SELECT json_build_array(count(*), sum(late), sum(sent_late), sum(returned), sum(unproven), sum(declared),
                                sum(waiting), sum(accepted)) FROM ranked),
       (SELECT count(*) FROM ranked WHERE silent_days >= :quiet),
       (SELECT json_agg(json_build_array(id, silent_days, never_active) ORDER BY silent_days DESC, place)
          FROM (SELECT id, silent_days, never_active, place FROM ranked WHERE silent_days >= :quiet
                 ORDER BY silent_days DESC, place LIMIT :silent_most) longest),
       (SELECT min(submitted_at) FROM entries WHERE review = :submitted)"""


def read(
    user: User, scope: Scope, day: datetime.date, quiet: int = figures.SILENT_DAYS, start: int = 0,
    most: int | None = None, silent_most: int | None = None,
) -> Quality:  # fmt: skip
    """Return the section in four queries, none of them over accepted activities but the decisions of the window.

    start, most: which programmes are in its rows; silent_most: how many of the silent ones are named; all by default.
    """
    rows, total, silent_count, silent, oldest = statements.read(
        _statement(user, scope, day, quiet, start, most, silent_most)
    )[0]
    silent = silent or ()
    ids = [row[0] for row in rows or ()]
    wanted = {*ids, *(pk for pk, *_silence in silent)}
    programmes = Programme.objects.visible_to(user).defer(*UNREAD).in_bulk(wanted)
    count, *sums = total
    took = {"decided": Count("pk"), "median": Median("took"), "longest": Max("took")}
    decided = rows_of(DECIDED, user, scope, day).order_by()
    whose = decided.filter(task__programme__in=ids).values("task__programme").annotate(**took) if ids else ()
    reviews = {row.pop("task__programme"): reviews_of(row) for row in whose}

    def row(found: Sequence[Any]) -> QualityRow:
        pk, *numbers, accepted, silent_days, never = found
        took = reviews.get(pk, Reviews())
        return QualityRow(programmes[pk], scope, _counts(numbers), accepted, took, silent_days, never)

    return Quality(
        rows=[row(one) for one in rows or () if one[0] in programmes],
        total=QualityRow(
            None, scope, _counts([n or 0 for n in sums[:-1]]), sums[-1] or 0,
            reviews_of(decided.aggregate(**took)) if count <= MOST_PROGRAMMES else None,
        ),
        count=count,
        silent=[QualityRow(programmes[pk], scope, {}, 0, silent_days=days, was_never_active=never)
                for pk, days, never in silent if pk in programmes],
        silent_count=silent_count,
        oldest=oldest,
    )  # fmt: skip


def _statement(
    user: User, scope: Scope, day: datetime.date, quiet: int, start: int, most: int | None, silent_most: int | None
) -> statements.Statement:
    measures = (Tally.Measure.UNPROVEN, Tally.Measure.ACTIVITIES)
    stored = totals(scope, user, *measures).order_by().values("task__programme", "measure").annotate(n=Sum("count"))
    entries = _entries(user, scope).filter(review__in=[Review.RETURNED, Review.SUBMITTED], **scope.dated("starts_on"))
    declared = rows_of(DECLARED, user, scope, day).order_by().values("programme").annotate(n=Count("pk"))
    return statements.compose(
        STATEMENT, due=due_table.table(user, scope), within=due_table.within(scope), day=day, report=due.REPORT,
        entries=statements.of(
            entries.order_by().values_list("task__programme", "review", "submitted_at"), "bigint", "text", "timestamptz"
        ),
        stored=statements.of(stored.values_list("task__programme", "measure", "n"), "bigint", "text", "bigint"),
        declared=statements.of(declared.values_list("programme", "n"), "bigint", "bigint"),
        live=statements.of(live_programmes(scope, user).order_by().values_list("pk")),
        running=[Programme.Status.IN_FORCE, Programme.Status.ENDED], unproven=Tally.Measure.UNPROVEN,
        accepted=Tally.Measure.ACTIVITIES, returned=Review.RETURNED, submitted=Review.SUBMITTED, quiet=quiet,
        start=start, most=most, silent_most=silent_most,
    )  # fmt: skip


def _counts(numbers: Sequence[int]) -> dict[str, int]:
    """Return the numbers of the statement by kind, without those that are none."""
    return {kind: n for kind, n in zip((*COUNTED, WAITING), numbers, strict=True) if n}


def reviews_of(row: Mapping[str, Any]) -> Reviews:
    """Return counts and durations that the database gave as days."""
    if not row["decided"]:
        return Reviews()
    return Reviews(row["decided"], round(Decimal(row["median"] / datetime.timedelta(days=1)), 1), row["longest"].days)
