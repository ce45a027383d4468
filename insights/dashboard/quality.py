"""Section on the data itself: late reports, what was returned, has no evidence or rests on a unit's word; silence; how
long reviews take. By programme, each number the length of a list (`rows_of`)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Aggregate, Count, DurationField, Exists, ExpressionWrapper, Max, OuterRef, Q, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.models import Activity, Evidence, Review
from agreements import figures
from agreements.models import Programme, Tally
from insights import due
from insights.dashboard.frame import Table
from insights.scope import Scope, activities, live_programmes, live_tasks, placed, totals

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
REVIEWED_DAYS = 90  # without a period: decisions of so many days
UNREAD = ("spans", "reports_asked", "funding", "search_text")
DECIDED_STATES = (Review.ACCEPTED, Review.RETURNED)


class Median(Aggregate):
    """The middle value, halfway between the two middle ones of an even number."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Reviews:
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
    reviews: Reviews = Reviews()
    silent_days: int | None = None  # of one programme: since the last accepted activity

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

    rows: list[QualityRow]
    total: QualityRow
    silent: list[QualityRow] = field(default_factory=list)  # silent for the days asked for, the longest first

    @property
    def table(self) -> Table:
        """The same numbers for a spreadsheet; days as numbers."""
        heads = (_("Programme"), *(HEADS[kind] for kind in COUNTED), _("Accepted activities"), _("Days of silence"),
                 _("Waiting for review"), _("Reviewed"),
                 _("Days to review, median"), _("Days to review, longest"))  # fmt: skip
        rows = [
            (row.programme.name if row.programme else _("Total"), *(row.counts.get(kind, 0) for kind in COUNTED),
             row.accepted, row.silent_days, row.waiting, row.reviews.decided, row.reviews.median, row.reviews.longest)
            for row in (*self.rows, self.total)
        ]  # fmt: skip
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
    one = datetime.timedelta(days=1)
    return scope.window or (day - datetime.timedelta(days=REVIEWED_DAYS) + one, day + one)


def _midnight(day: datetime.date) -> datetime.datetime:
    """Return when the day begins in Vietnam; a comparison with it can use the index, one of dates cannot."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _reports(user: User, scope: Scope) -> Any:
    return due.rows(user, due.Filters(scope=scope, kind=due.REPORT))


def _entries(user: User, scope: Scope) -> Any:
    seen = Activity.objects.visible_to(user).filter(task__programme__in=live_programmes(scope, user))
    return seen.filter(placed(scope))


def _silent(user: User, scope: Scope, day: datetime.date, quiet: int) -> Any:
    """Return the programmes whose period runs and in which nothing was accepted for so many days ."""
    running = Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))
    rows = live_programmes(scope, user).filter(running, status__in=(Programme.Status.IN_FORCE, Programme.Status.ENDED))
    rows = rows.annotate(last_on=Coalesce("figure__last_activity_on", "starts_on"))
    return rows.filter(last_on__lte=day - datetime.timedelta(days=quiet)).order_by("last_on", "sort_key", "pk")


def read(user: User, scope: Scope, day: datetime.date, quiet: int = figures.SILENT_DAYS) -> Quality:
    """Return the section; in eleven queries, none of them over accepted activities but the decisions of the window."""
    programmes = {
        row.pk: row for row in live_programmes(scope, user).select_related("figure").defer(*UNREAD).order_by("sort_key")
    }
    counts: dict[str, dict[int, int]] = {}
    for kind in (LATE, SENT_LATE, RETURNED, WAITING, DECLARED):
        key = {LATE: "programme_id", SENT_LATE: "programme_id", DECLARED: "programme_id"}.get(kind, "task__programme")
        rows = rows_of(kind, user, scope, day).order_by().values(key).annotate(n=Count("pk"))
        counts[kind] = dict(rows.values_list(key, "n"))
    counts[UNPROVEN] = _stored(user, scope, Tally.Measure.UNPROVEN)
    accepted = _stored(user, scope, Tally.Measure.ACTIVITIES)
    decided = rows_of(DECIDED, user, scope, day).order_by()
    took = {"decided": Count("pk"), "median": Median("took"), "longest": Max("took")}
    reviews = {row.pop("task__programme"): _reviews(row) for row in decided.values("task__programme").annotate(**took)}
    found = [
        QualityRow(
            programme, scope, {kind: counted[pk] for kind, counted in counts.items() if pk in counted},
            accepted.get(pk, 0), reviews.get(pk, Reviews()), _silence(programme, day),
        )
        for pk, programme in programmes.items()
    ]  # fmt: skip
    found.sort(key=lambda row: row.weight, reverse=True)
    silent = [row for row in found if row.silent_days is not None and row.silent_days >= quiet]
    total = QualityRow(
        None, scope, {kind: sum(counted.values()) for kind, counted in counts.items()}, sum(accepted.values()),
        _reviews(decided.aggregate(**took)),
    )  # fmt: skip
    return Quality(found, total, sorted(silent, key=lambda row: -(row.silent_days or 0)))


def _stored(user: User, scope: Scope, measure: str) -> dict[int, int]:
    rows = totals(scope, user, measure).order_by().values("task__programme").annotate(n=Sum("count"))
    return dict(rows.values_list("task__programme", "n"))


def _reviews(row: Mapping[str, Any]) -> Reviews:
    if not row["decided"]:
        return Reviews()
    return Reviews(row["decided"], round(Decimal(row["median"] / datetime.timedelta(days=1)), 1), row["longest"].days)


def _silence(programme: Programme, day: datetime.date) -> int | None:
    """Return the days of silence of a programme whose period runs; None for any other (see _silent)."""
    if programme.status not in {Programme.Status.IN_FORCE, Programme.Status.ENDED}:
        return None
    if programme.ends_on and programme.ends_on < day:
        return None
    figure = getattr(programme, "figure", None)
    last = figure.last_activity_on if figure else None
    return figures.days_silent(figures.RiskFacts(starts_on=programme.starts_on, last_activity_on=last), day)
