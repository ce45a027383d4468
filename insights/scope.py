"""What a reader has narrowed the figures to, as it stands in the address: period, committee, field, partner, place.

All sections of the dashboard, the lists behind their numbers and due work take the same conditions. `Scope` is pure;
the functions below it say what each condition means for rows. A value that cannot be read is ignored, an id that does
not exist is a 404 like its own page.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import TruncMonth
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from activities.models import Activity
from agreements.models import Party, Programme, Tally, Task
from agreements.models.periods import period_of_code
from partners.models import FieldOfWork, Locality, Organisation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from activities.models.doing import ActivityQuerySet
    from agreements.models.programmes import ProgrammeQuerySet
    from core.models import User

# condition → its name in the address
KEYS = {
    "period": "ky",
    "committee": "uy-ban",
    "level": "cap",
    "field": "linh-vuc",
    "partner": "doi-tac",
    "place": "dia-ban",
}
OWN, BELOW = "rieng", "duoi"  # ?cap=: of the committee itself; of those below it; otherwise both
EVERY = "ca-da-dong"  # ?gom=: of closed programmes too
PERIOD = re.compile(r"(20[0-9]{2})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)
TO = "_"  # between the first and the last of several months in a row
MONTHS = re.compile(rf"(20[0-9]{{2}}-(?:0[1-9]|1[0-2])){TO}(20[0-9]{{2}}-(?:0[1-9]|1[0-2]))", re.ASCII)
FIELD = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
DIGITS = 9  # longest id; more would not fit the column


def number(text: str) -> int | None:
    """Return an id of the address; None for anything else, 0 too, which no row has."""
    return int(text) or None if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


@dataclass(frozen=True)
class Scope:
    """The conditions of an address.

    period: "2026", "2026-H1", "2026-Q3", "2026-07", "2025-11_2026-10" (months in a row) or ""; field: a code or "".
    """

    period: str = ""
    committee: int | None = None
    field: str = ""
    partner: int | None = None
    place: int | None = None
    level: str = ""  # OWN or BELOW, only with a committee

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Scope:
        """Read the conditions of an address; what cannot be read counts as not given."""
        period, field = query.get(KEYS["period"], ""), query.get(KEYS["field"], "")
        committee, level = number(query.get(KEYS["committee"], "")), query.get(KEYS["level"], "")
        return cls(
            period=period if window_of(period) else "",
            committee=committee,
            field=field if FIELD.fullmatch(field) else "",
            partner=number(query.get(KEYS["partner"], "")),
            place=number(query.get(KEYS["place"], "")),
            level=level if committee and level in {OWN, BELOW} else "",
        )

    def query(self) -> dict[str, str]:
        """Return the conditions as they stand in an address, in a fixed order."""
        return {key: str(value) for name, key in KEYS.items() if (value := getattr(self, name))}

    def url(self, route: str = "insights:dashboard_show", *path: object, **more: object) -> str:
        """Return the address of a page with these conditions; path: its ids, more: further conditions, "_" for "-"."""
        query = self.query() | {name.replace("_", "-"): str(value) for name, value in more.items() if value != ""}
        return (reverse(route, args=path) if path else _page(route)) + (f"?{urlencode(query)}" if query else "")

    def without(self, name: str) -> Scope:
        """Return the conditions with one of them left out; a level means nothing without its committee."""
        rest = replace(self, **{name: "" if name in {"period", "field", "level"} else None})
        return rest if rest.committee else replace(rest, level="")

    @property
    def window(self) -> tuple[datetime.date, datetime.date] | None:
        """The period as half-open dates, [first day, first day after); None without one."""
        return window_of(self.period)

    def dated(self, column: str) -> dict[str, datetime.date]:
        """Return the condition that a date lies in the period, as arguments of a filter; {} without one."""
        return {f"{column}__gte": self.window[0], f"{column}__lt": self.window[1]} if self.window else {}

    @property
    def picks_programmes(self) -> bool:
        """Whether a condition leaves programmes out, other than through the period."""
        return bool(self.committee or self.field or self.partner or self.place)


@cache
def _page(route: str) -> str:
    """Return the address of a page without ids; a first screen has a hundred links to five of them."""
    return reverse(route)


def window_of(period: str) -> tuple[datetime.date, datetime.date] | None:
    """Return a period of an address as half-open dates, [first day, first day after); None for what is none."""
    if span := MONTHS.fullmatch(period):
        (start, _first_end), (last_start, end) = window_of(span[1]), window_of(span[2])
        return (start, end) if start < last_start else None
    found = PERIOD.fullmatch(period)
    if found is None:
        return None
    year, half, quarter, month = (int(part) if part else 0 for part in found.groups())
    length = 6 if half else 3 if quarter else 1 if month else 12
    start = (half or quarter or month or 1) * length - length
    return _month(year, start), _month(year, start + length)


def period_label(period: str) -> str:
    """Return a period of an address in words: "quý III/2026", "tháng 11/2025 – tháng 10/2026"."""
    return " – ".join(period_of_code(part) for part in period.split(TO))


def _month(year: int, after: int) -> datetime.date:
    return datetime.date(year + after // 12, after % 12 + 1, 1)


def programmes(scope: Scope, user: User) -> ProgrammeQuerySet:
    """Return the programmes a person may see that hold the conditions.

    period: those that run in it; committee: owned by it or one below it (level: only one of both);
    partner: a party or the lead of a task;
    place: with accepted results there, whenever.
    """
    rows = Programme.objects.visible_to(user)
    if scope.window:
        first, end = scope.window
        rows = rows.filter(starts_on__lt=end, ends_on__gte=first)
    if scope.committee:
        rows = rows.filter(owner__path__contains=f"/{scope.committee}/")
        rows = rows.filter(owner=scope.committee) if scope.level == OWN else rows
        rows = rows.exclude(owner=scope.committee) if scope.level == BELOW else rows
    if scope.field:
        rows = rows.filter(field_of_work__code=scope.field)
    if scope.partner:
        signed = Party.objects.filter(programme=OuterRef("pk"), organisation=scope.partner)
        led = Task.objects.filter(programme=OuterRef("pk"), lead=scope.partner)
        rows = rows.filter(Exists(signed) | Exists(led))
    if scope.place:
        rows = rows.filter(Exists(Tally.objects.filter(placed(scope), count__gt=0, task__programme=OuterRef("pk"))))
    return rows


def live_programmes(scope: Scope, user: User) -> ProgrammeQuerySet:
    """Return those of them being carried out, suspended ones and ones awaiting their final review included."""
    return programmes(scope, user).live()


def live_tasks(scope: Scope, user: User) -> Any:
    """Return the tasks that count in those programmes."""
    return Task.objects.live().filter(programme__in=live_programmes(scope, user))


def totals(scope: Scope, user: User, *measures: str, is_every: bool = False) -> Any:
    """Return the stored totals of accepted results in those programmes, of the period and place.

    is_every: also of programmes that are closed, as a course over years needs them; each then counts in the months in
    which it ran.
    """
    of = programmes(scope, user) if is_every else live_programmes(scope, user)
    rows = Tally.objects.filter(task__programme__in=of, measure__in=measures, count__gt=0)
    if is_every:
        begun = TruncMonth("task__programme__starts_on")
        rows = rows.filter(month__gte=begun, task__programme__ends_on__gte=F("month"))
    return rows.filter(placed(scope), **scope.dated("month"))


def activities(scope: Scope, user: User, *, is_every: bool = False) -> ActivityQuerySet:
    """Return the accepted activities that those totals count, the latest first.

    What is accepted is seen by all who see its programme (Activity.visible_to), so the programmes are asked alone.
    """
    of = programmes(scope, user) if is_every else live_programmes(scope, user)
    rows = Activity.objects.accepted().filter(task__programme__in=of)
    if is_every:
        begun = TruncMonth("task__programme__starts_on")
        rows = rows.filter(starts_on__gte=begun, task__programme__ends_on__gte=TruncMonth("starts_on"))
    rows = rows.filter(placed(scope), starts_on__isnull=False, **scope.dated("starts_on"))
    return rows.order_by(F("starts_on").desc(nulls_last=True), "-pk")  # type: ignore[no-any-return]  # activity_latest


def placed(scope: Scope) -> Q:
    """Return the condition on rows with a locality: those in the place or directly below it."""
    return Q(locality=scope.place) | Q(locality__parent=scope.place) if scope.place else Q()


def chips(scope: Scope, url: Callable[[Scope], str]) -> list[dict[str, str]]:
    """Return the conditions in words as {"label", "value", "url"}; url gives the address without one of them.

    Names of organisations, fields and places are readable by everyone signed in. Raises Http404 for one that does not
    exist, and for a committee that is none.
    """
    bodies = Organisation.objects.in_bulk([pk for pk in (scope.committee, scope.partner) if pk])
    found: list[tuple[str, str, object]] = []
    if scope.period:
        found.append(("period", _("Time"), period_label(scope.period)))
    if scope.committee:
        committee = bodies.get(scope.committee)
        is_one = committee is not None and committee.kind == Organisation.Kind.FRONT_COMMITTEE
        found.append(("committee", _("Committee"), committee if is_one else None))
    if scope.level:
        found.append(("level", _("Level"), _("its own") if scope.level == OWN else _("committees below it")))
    if scope.field:
        found.append(("field", _("Field of work"), FieldOfWork.objects.filter(code=scope.field).first()))
    if scope.partner:
        found.append(("partner", _("Partner"), bodies.get(scope.partner)))
    if scope.place:
        found.append(("place", _("Place"), Locality.objects.filter(pk=scope.place).first()))
    if any(value is None for _name, _label, value in found):
        raise Http404
    return [{"label": label, "value": str(value), "url": url(scope.without(name))} for name, label, value in found]
