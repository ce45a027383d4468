"""Section on the course of months: accepted activities, and the share of due work that was on time.

Twelve whole months, and the running one unless a period ends before it, beside the same months a year before.
Activities come from the stored totals and count programmes that ran in the month, closed ones too. Due work counts by
the month in which it was due, in programmes being carried out. Lines are cut where a body of these programmes was
merged, split, dissolved or moved.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from agreements.figures import DeadlineCounts
from agreements.models import Party, Tally
from documents.vietnamese import format_date
from insights import due
from insights.dashboard import lines
from insights.dashboard.frame import Table
from insights.dashboard.units import per_cent
from insights.scope import EVERY, TO, Scope, programmes, totals
from partners.models import OrganisationEvent, Succession

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User

YEAR = 12


def before(month: datetime.date, count: int) -> datetime.date:
    """Return the first day of the month so many months earlier."""
    place = month.year * YEAR + month.month - 1 - count
    return datetime.date(place // YEAR, place % YEAR + 1, 1)


@dataclass(frozen=True)
class Month:
    """One month of the course, or several in a row as one.

    activities None = none accepted; due: work due in it, in the national four-way form.
    """

    first: datetime.date
    activities: int | None
    due: DeadlineCounts
    scope: Scope  # narrowed to the month, or to all of them

    @property
    def label(self) -> str:
        """The month as tables and axes name it."""
        return f"{self.first.month}/{self.first.year}"

    @property
    def activities_url(self) -> str:
        """Address of the activities counted."""
        return self.scope.url("insights:dashboard_activities", gom=EVERY)

    @property
    def total(self) -> int:
        """Work due that is over or overdue: what the rate is a share of."""
        return self.due.done_on_time + self.due.done_late + self.due.overdue

    @property
    def settled_url(self) -> str:
        """Address of that work."""
        return due.Filters(scope=self.scope).url(due.SETTLED)

    @property
    def on_time_url(self) -> str:
        """Address of what was finished on time."""
        return due.Filters(scope=self.scope).url(due.ON_TIME)


@dataclass(frozen=True)
class Break:
    """A reorganisation at which a line is cut."""

    day: datetime.date
    events: list[OrganisationEvent]
    bodies: list[str]  # predecessor → successor


@dataclass(frozen=True)
class Trend:
    """The months, oldest first, each with the same month a year before."""

    months: list[tuple[Month, Month]]
    is_open: bool  # the last month still runs
    breaks: list[Break]

    @property
    def whole(self) -> list[tuple[Month, Month]]:
        """The months that are over."""
        return self.months[:-1] if self.is_open else self.months

    @cached_property
    def all(self) -> Month:
        """The whole months together."""
        return _together([month for month, _earlier in self.whole])

    @cached_property
    def all_earlier(self) -> Month:
        """The same months a year before."""
        return _together([month for _month, month in self.whole])

    @property
    def now(self) -> int:
        """Activities of the whole months."""
        return self.all.activities or 0

    @property
    def earlier(self) -> int:
        """Activities of the same months a year before."""
        return self.all_earlier.activities or 0

    @property
    def change(self) -> Decimal | None:
        """Share of growth against the year before; None without anything to compare with, or where bodies changed."""
        return Decimal(self.now - self.earlier) / self.earlier if self.earlier and not self.breaks else None

    @property
    def fewer(self) -> Decimal | None:
        """The same where it shrank, without its sign."""
        return -self.change if self.change is not None and self.change < 0 else None

    @property
    def rate(self) -> Decimal | None:
        """On-time rate of what was due in the whole months; None where nothing was."""
        return self.all.due.on_time_rate

    @property
    def rate_earlier(self) -> Decimal | None:
        """The same a year before."""
        return self.all_earlier.due.on_time_rate

    @property
    def has_data(self) -> bool:
        """Whether there is anything to draw."""
        return any(m.activities or m.total for pair in self.months for m in pair)

    @property
    def activity_chart(self) -> lines.Chart:
        """Both lines of activities."""
        now, earlier = _cuts(self)
        return lines.draw(
            [_decimal(month.activities) for month, _earlier in self.months],
            [_decimal(month.activities) for _month, month in self.months],
            cuts_now=now, cuts_before=earlier, is_open=self.is_open,
        )  # fmt: skip

    @property
    def rate_chart(self) -> lines.Chart:
        """Both lines of the on-time rate, in per cent."""
        now, earlier = _cuts(self)
        return lines.draw(
            [per_cent(month.due.on_time_rate) for month, _earlier in self.months],
            [per_cent(month.due.on_time_rate) for _month, month in self.months],
            cuts_now=now, cuts_before=earlier, is_open=self.is_open, most=Decimal(100),
        )  # fmt: skip

    @property
    def table(self) -> Table:
        """The same numbers for a spreadsheet, the latest month first; empty = none accepted, nothing due."""
        heads = (_("Month"), _("Accepted activities"), _("A year before"), _("Due and over or overdue"),
                 _("On time"), _("On time, %"), _("On time a year before, %"))  # fmt: skip
        rows = [
            (month.label, month.activities, earlier.activities, month.total, month.due.done_on_time,
             per_cent(month.due.on_time_rate), per_cent(earlier.due.on_time_rate))
            for month, earlier in reversed(self.months)
        ]  # fmt: skip
        return Table("theo-thang", heads, rows)


def read(user: User, scope: Scope, day: datetime.date) -> Trend:
    """Return the section up to the end of the chosen period, else up to the running month; four queries."""
    last = day.replace(day=1)
    if scope.window:
        last = min(last, before(scope.window[1], 1))
    is_open = last == day.replace(day=1)
    shown = YEAR + is_open
    firsts = [before(last, count) for count in range(shown + YEAR - 1, -1, -1)]
    open_scope = replace(scope, period="")
    done = _activities(user, open_scope, firsts[0], before(last, -1))
    works = _due(user, open_scope, firsts[0], before(last, -1), day)
    nothing = dict.fromkeys(due.STATES, 0)
    months = []
    for first in firsts:
        found = works.get(first, nothing)
        counts = DeadlineCounts(
            done_on_time=found[due.ON_TIME], done_late=found[due.LATE], overdue=found[due.OVERDUE],
            within_deadline=found[due.SOON] + found[due.LATER],
        )  # fmt: skip
        narrowed = replace(scope, period=f"{first:%Y-%m}")
        months.append(Month(first, done.get(first), counts, narrowed))
    pairs = list(zip(months[YEAR:], months[:shown], strict=True))
    end = min(day, before(last, -1) - datetime.timedelta(days=1))
    return Trend(pairs, is_open, _breaks(user, open_scope, firsts[0], end))


def _activities(user: User, scope: Scope, first: datetime.date, end: datetime.date) -> dict[datetime.date, int]:
    """Return accepted activities by month, of programmes that ran in it."""
    rows = totals(scope, user, Tally.Measure.ACTIVITIES, is_every=True).filter(month__gte=first, month__lt=end)
    return dict(rows.order_by().values("month").annotate(n=Sum("count")).values_list("month", "n"))


def _due(
    user: User, scope: Scope, first: datetime.date, end: datetime.date, day: datetime.date
) -> dict[datetime.date, dict[str, int]]:
    found = due.rows(user, due.Filters(scope=scope))
    return due.counts_by_month(found.filter(due_on__gte=first, due_on__lt=end), day)


def _breaks(user: User, scope: Scope, first: datetime.date, day: datetime.date) -> list[Break]:
    """Return what happened after the first day, up to the last, to bodies that are parties of these programmes."""
    parties = Party.objects.filter(programme__in=programmes(scope, user)).order_by().values("organisation")
    rows = Succession.objects.filter(event__effective_on__gt=first, event__effective_on__lte=day)
    rows = rows.filter(Q(predecessor__in=parties) | Q(successor__in=parties))
    found: dict[datetime.date, Break] = {}
    for row in rows.select_related("event", "predecessor", "successor").order_by("event__effective_on", "pk"):
        one = found.setdefault(row.event.effective_on, Break(row.event.effective_on, [], []))
        if row.event not in one.events:
            one.events.append(row.event)
        words = f"{row.predecessor} → {row.successor}"
        if words not in one.bodies:
            one.bodies.append(words)
    return list(found.values())


def _together(months: Sequence[Month]) -> Month:
    """Return months in a row as one, whose lists are those of all of them."""
    done, parts = [one.activities for one in months if one.activities is not None], [one.due for one in months]
    due_work = DeadlineCounts(
        done_on_time=sum(one.done_on_time for one in parts), done_late=sum(one.done_late for one in parts),
        overdue=sum(one.overdue for one in parts), within_deadline=sum(one.within_deadline for one in parts),
    )  # fmt: skip
    period = f"{months[0].first:%Y-%m}{TO}{months[-1].first:%Y-%m}"
    return Month(months[0].first, sum(done) if done else None, due_work, replace(months[0].scope, period=period))


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _cuts(found: Trend) -> tuple[dict[int, str], dict[int, str]]:
    """Return before which months each line is cut, each by the changes within its own months, and on which day."""
    days = {one.day.replace(day=1): format_date(one.day) for one in found.breaks}
    now = {place: days[month.first] for place, (month, _e) in enumerate(found.months) if month.first in days}
    earlier = {place: days[month.first] for place, (_m, month) in enumerate(found.months) if month.first in days}
    words = _("a year before: %(date)s")
    return now, {place: words % {"date": date} for place, date in earlier.items()}
