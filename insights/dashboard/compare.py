"""Two programmes, two partners or two periods side by side: the same figures in two columns, the difference in words.

Programmes and partners are compared under the conditions of the dashboard, periods under all but the period.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements import figures
from agreements.models import Party, Programme, Tally, Task
from core.templatetags.format import day as day_words
from core.templatetags.format import number as number_words
from core.templatetags.format import percent
from insights import due, offered
from insights.dashboard.frame import Table
from insights.dashboard.localities import MEASURES
from insights.dashboard.units import FOUR, four_way, per_cent
from insights.scope import Scope, live_programmes, number, period_label, totals
from partners.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User

# value of ?theo= → its name
PROGRAMMES, PARTNERS, PERIODS = "chuong-trinh", "doi-tac", "ky"
KINDS = {
    PROGRAMMES: gettext_lazy("Two programmes"),
    PARTNERS: gettext_lazy("Two partners"),
    PERIODS: gettext_lazy("Two periods"),
}
ONE_DAY = datetime.timedelta(days=1)
MOST_OFFERED = 300  # programmes in a list of choices; past it a reader narrows the dashboard first
COUNT, SHARE, MONEY = "count", "share", "money"
# measure → (its name in the address of the list of activities, what it counts)
AMOUNTS = {
    measure: (code, label) for code, (measure, _short, label) in MEASURES.items() if measure != Tally.Measure.ACTIVITIES
}


class Cell(NamedTuple):
    """One number of one side: None = no data; url "" where there is nothing to list."""

    value: Decimal | None
    url: str = ""


@dataclass(frozen=True)
class Side:
    """One of the two: its name, the address of its page, its numbers by the key of the line; whether it still runs."""

    label: str
    url: str
    cells: dict[str, Cell]
    is_running: bool = False  # of periods: not a whole one yet


@dataclass(frozen=True)
class Line:
    """One figure on both sides."""

    label: str
    kind: str  # COUNT, SHARE (0 to 1) or MONEY
    a: Cell
    b: Cell
    top: Decimal  # what fills a bar: 1 of shares, else the larger of both

    def shown(self, cell: Cell) -> str:
        """The number as a page prints it."""
        if cell.value is None:
            return _("no figures yet")
        return percent(cell.value) if self.kind == SHARE else number_words(cell.value)

    @property
    def sides(self) -> list[tuple[str, str, str]]:
        """(number, address, width of its bar as an SVG length, "" without data), left and right."""
        return [(self.shown(cell), cell.url, self._width(cell)) for cell in (self.a, self.b)]

    def _width(self, cell: Cell) -> str:
        if cell.value is None or not self.top:
            return ""
        return f"{min(max(float(cell.value / self.top), 0.0), 1.0) * 100:.2f}%"

    @property
    def difference(self) -> str:
        """The right column against the left one, in words."""
        if self.a.value is None or self.b.value is None:
            both = self.a.value is None and self.b.value is None
            return _("no figures yet on either side") if both else _("one side has no figures yet")
        if self.kind == SHARE:
            points = figures.points_behind(self.b.value, self.a.value) or 0
            if not points:
                return _("the same")
            more = ngettext("%(n)s point higher", "%(n)s points higher", -points)
            less = ngettext("%(n)s point lower", "%(n)s points lower", points)
            return (less if points > 0 else more) % {"n": abs(points)}
        gap = self.b.value - self.a.value
        if not gap:
            return _("the same")
        return (_("%(n)s more") if gap > 0 else _("%(n)s fewer")) % {"n": number_words(abs(gap))}


@dataclass(frozen=True)
class Comparison:
    """Both sides and their lines."""

    a: Side
    b: Side
    lines: list[Line]

    @property
    def has_running(self) -> bool:
        """Whether a period that still runs, or has not begun, stands beside another."""
        return self.a.is_running or self.b.is_running

    @property
    def finding(self) -> Line | None:
        """The line that says most: the first of progress, on-time rate and overdue that both sides have."""
        known = {line.label: line for line in self.lines if line.a.value is not None and line.b.value is not None}
        wanted = (str(LABELS[key][0]) for key in ("progress", "on_time", due.OVERDUE))
        return next((known[label] for label in wanted if label in known), None)

    @property
    def table(self) -> Table:
        """The same numbers for a spreadsheet; shares in per cent."""
        heads = (_("Figure"), self.a.label, self.b.label, _("Difference"))
        rows = [
            (line.label, *((per_cent(c.value) if line.kind == SHARE else c.value) for c in (line.a, line.b)),
             line.difference)
            for line in self.lines
        ]  # fmt: skip
        return Table("so-sanh", heads, rows)


LABELS: dict[str, tuple[Any, str]] = {
    "progress": (gettext_lazy("Reached"), SHARE),
    "expected": (gettext_lazy("Should be reached by now"), SHARE),
    "elapsed": (gettext_lazy("Time gone"), SHARE),
    "programmes": (gettext_lazy("Programmes"), COUNT),
    "tasks": (gettext_lazy("Tasks"), COUNT),
    due.OVERDUE: (gettext_lazy("Due work, overdue"), COUNT),
    due.ON_TIME: (gettext_lazy("Due work, finished on time"), COUNT),
    due.LATE: (gettext_lazy("Due work, finished late"), COUNT),
    due.WITHIN: (gettext_lazy("Due work, within deadline"), COUNT),
    "completion": (gettext_lazy("Completion rate of due work"), SHARE),
    "on_time": (gettext_lazy("On-time rate of due work"), SHARE),
    "activities": (gettext_lazy("Accepted activities"), COUNT),
} | {
    str(measure): (label, MONEY if measure == Tally.Measure.VALUE else COUNT)
    for measure, (_code, label) in AMOUNTS.items()
}


def choices(kind: str, user: User, scope: Scope, chosen: Sequence[str]) -> list[offered.Group]:
    """Return what may be chosen on each side, by heading: (value in the address, name); what is chosen is among it."""
    if kind == PERIODS:
        return offered.periods(user, chosen)
    wanted = [pk for pk in map(number, chosen) if pk]
    seen = live_programmes(scope, user)
    if kind == PROGRAMMES:
        rows = [(str(row.pk), row.name) for row in seen.order_by("sort_key")[:MOST_OFFERED]]
        known = {str(row.pk): row.name for row in Programme.objects.visible_to(user).filter(pk__in=wanted)}
    else:
        owners = seen.order_by().values("owner")
        bodies = Organisation.objects.filter(signed_as__programme__in=seen).exclude(pk__in=owners).distinct()
        rows = [(str(row.pk), str(row)) for row in bodies[:MOST_OFFERED]]
        known = {str(row.pk): str(row) for row in Organisation.objects.filter(pk__in=wanted)}
    return [("", list((dict(rows) | known).items()))]


def read(kind: str, user: User, scope: Scope, chosen: tuple[str, str], day: datetime.date) -> Comparison | None:
    """Return both sides; None where one is not chosen, not there or not to be seen. Five queries a side."""
    sides = [_side(kind, user, scope, value, day) for value in chosen]
    if sides[0] is None or sides[1] is None:
        return None
    a, b = sides[0], sides[1]
    lines = []
    for key, (label, shape) in LABELS.items():
        left, right = a.cells.get(key), b.cells.get(key)
        if left is None or right is None or (left.value is None and right.value is None and key in AMOUNTS):
            continue
        top = Decimal(1) if shape == SHARE else max(left.value or 0, right.value or 0, Decimal(0))
        lines.append(Line(str(label), shape, left, right, Decimal(top)))
    return Comparison(a, b, lines)


def _side(kind: str, user: User, scope: Scope, value: str, day: datetime.date) -> Side | None:
    if kind == PERIODS:
        return _period(user, replace(scope, period=value), day) if value else None
    pk = number(value)
    if pk is None:
        return None
    if kind == PROGRAMMES:
        row = live_programmes(scope, user).select_related("figure").filter(pk=pk).first()
        return _programme(user, scope, row, day) if row else None
    body = Organisation.objects.filter(pk=pk, signed_as__programme__in=live_programmes(scope, user)).first()
    return _partner(user, scope, body, day) if body else None


def _programme(user: User, scope: Scope, row: Programme, day: datetime.date) -> Side:
    figure, page = getattr(row, "figure", None), reverse("agreements:programme_detail", args=[row.pk])
    tasks_url = scope.url("insights:dashboard_tasks", chuong_trinh=row.pk)
    cells = {
        "progress": Cell(figure.progress if figure else None, tasks_url),
        "expected": Cell(figure.expected if figure else None, tasks_url),
        "elapsed": Cell(figure.elapsed if figure else None, page),
        "tasks": Cell(Decimal(row.tasks.live().count()), tasks_url),
    }
    sums = _sums(user, scope, task__programme=row.pk)
    return Side(
        row.name,
        page,
        cells
        | _due(user, due.Filters(programme=row.pk, scope=scope), day)
        | _results(sums, scope, chuong_trinh=row.pk),
    )


def _partner(user: User, scope: Scope, body: Organisation, day: datetime.date) -> Side:
    seen = live_programmes(scope, user)
    signed = Party.objects.filter(programme__in=seen, organisation=body).order_by().values_list("programme", flat=True)
    led = Task.objects.filter(programme__in=seen, lead=body).order_by().values_list("programme", flat=True)
    url = scope.url("insights:dashboard_programmes", don_vi=body.pk)
    cells = {"programmes": Cell(Decimal(len(set(signed.union(led)))), url)}
    sums = _sums(user, scope, unit=body.pk)
    return Side(
        str(body),
        url,
        cells | _due(user, due.Filters(unit=body.pk, scope=scope), day) | _results(sums, scope, don_vi=body.pk),
    )


def _period(user: User, scope: Scope, day: datetime.date) -> Side | None:
    if scope.window is None:
        return None
    url = scope.url("insights:dashboard_programmes")
    cells = {"programmes": Cell(Decimal(live_programmes(scope, user).count()), url)}
    results = _results(_sums(user, scope), scope)
    first, end = scope.window
    name = period_label(scope.period)
    if first > day:
        name = _("%(period)s (not begun)") % {"period": name}
    elif day < end - ONE_DAY:
        name = _("%(period)s (up to %(date)s)") % {"period": name, "date": day_words(day)}
    numbers = cells | _due(user, due.Filters(scope=scope), day) | results
    return Side(name[:1].upper() + name[1:], scope.url(), numbers, is_running=day < end - ONE_DAY)


def _due(user: User, filters: due.Filters, day: datetime.date) -> dict[str, Cell]:
    """Return due work in the national four and both rates; one query."""
    counts = due.counts(due.rows(user, filters), day)
    rates, url = four_way(counts), filters.url(due.ALL)
    return {state: Cell(Decimal(counts[state]), filters.url(state)) for state in FOUR} | {
        "completion": Cell(rates.completion_rate, url),
        "on_time": Cell(rates.on_time_rate, url),
    }


def _sums(user: User, scope: Scope, **whose: object) -> dict[str, Decimal]:
    """Return the stored totals of accepted results by measure; one query."""
    wanted = (str(Tally.Measure.ACTIVITIES), *map(str, AMOUNTS))
    rows = totals(scope, user, *wanted).filter(**whose).order_by().values("measure").annotate(total=Sum("sum"))
    return dict(rows.values_list("measure", "total"))


def _results(sums: dict[str, Decimal], scope: Scope, **whose: object) -> dict[str, Cell]:
    """Return activities and what they carried; without any accepted row there is no data, which is not 0."""
    route = "insights:dashboard_activities"
    cells = {
        str(measure): Cell(sums.get(str(measure)), scope.url(route, **whose, so_do=code))
        for measure, (code, _label) in AMOUNTS.items()
    }
    done = sums.get(str(Tally.Measure.ACTIVITIES))
    return {"activities": Cell(done, scope.url(route, **whose))} | cells
