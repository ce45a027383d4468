"""What all sections of the dashboard share: their links, the conditions as chips, the state of the data, CSV."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import ProgrammeFigure
from core import services
from core.templatetags.format import moment
from documents import tables
from insights.scope import Scope, chips, live_programmes

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.http import SignedInRequest
    from core.models import User

CSV = "csv"
DOWNLOAD = "tai"  # ?tai=csv
VIEW, PRESENT = "man-hinh", "trinh-chieu"  # ?man-hinh=trinh-chieu: the section for a projector


class Section(NamedTuple):
    """A page of the dashboard: key, URL name, and its name in the row of links."""

    key: str
    route: str
    label: Any


SECTIONS = (
    Section("overview", "insights:dashboard_show", gettext_lazy("At a glance")),
    Section("changes", "insights:dashboard_changes", gettext_lazy("What changed")),
    Section("units", "insights:dashboard_units", gettext_lazy("Units")),
    Section("indicators", "insights:dashboard_indicators", gettext_lazy("Targets")),
    Section("content", "insights:dashboard_content", gettext_lazy("Content")),
    Section("trend", "insights:dashboard_trend", gettext_lazy("By month")),
    Section("levels", "insights:dashboard_levels", gettext_lazy("Committees")),
    Section("localities", "insights:dashboard_localities", gettext_lazy("Places")),
    Section("risks", "insights:dashboard_risks", gettext_lazy("Risks")),
    Section("quality", "insights:dashboard_quality", gettext_lazy("Data quality")),
    Section("compare", "insights:dashboard_compare", gettext_lazy("Compare")),
)


@dataclass(frozen=True)
class Table:
    """The numbers of a section as its CSV: name of the file, heads, rows. Numbers stay numbers; None = no data."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Frame:
    """What a section is drawn in."""

    section: Section
    scope: Scope
    day: datetime.date
    computed: Iterable[datetime.datetime]  # when the figures that it shows were computed, or the oldest of them
    chips: list[dict[str, str]]
    clear_url: str  # the page without conditions
    is_presented: bool = False
    own: Mapping[str, str] = field(default_factory=dict)  # further conditions of the section, kept by its own links

    @cached_property
    def as_of(self) -> datetime.datetime | None:
        """The oldest of the figures that it shows; None where none are stored."""
        return min(self.computed, default=None)

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The row of sections, each with the same conditions."""
        return [
            {"url": self.scope.url(one.route), "label": one.label, "current": one.key == self.section.key}
            for one in SECTIONS
        ]

    @property
    def layout(self) -> str:
        """The template around the section."""
        return "insights/_present.html" if self.is_presented else "base.html"

    @property
    def present_url(self) -> str:
        """This section for a projector."""
        return self.scope.url(self.section.route, **self.own, **{VIEW: PRESENT})

    @property
    def before(self) -> dict[str, Any] | None:
        """The section before this one in a presentation; None at the first."""
        return self._beside(-1)

    @property
    def after(self) -> dict[str, Any] | None:
        """The section after it; None at the last."""
        return self._beside(1)

    @property
    def first_url(self) -> str:
        """The first section of a presentation."""
        return self._presented(SECTIONS[0])

    @property
    def last_url(self) -> str:
        """The last one."""
        return self._presented(SECTIONS[-1])

    def _beside(self, step: int) -> dict[str, Any] | None:
        at = SECTIONS.index(self.section) + step
        if not 0 <= at < len(SECTIONS):
            return None
        return {"url": self._presented(SECTIONS[at]), "label": SECTIONS[at].label}

    def _presented(self, section: Section) -> str:
        return self.scope.url(section.route, **{VIEW: PRESENT})

    @property
    def paper_url(self) -> str:
        """The first screen as PDF."""
        return self.scope.url("insights:dashboard_paper")

    @property
    def filter_url(self) -> str:
        """The page on which conditions are chosen, which leads back here."""
        return self.scope.url("insights:dashboard_filter", muc=self.section.key)

    @property
    def back_url(self) -> str:
        """This section with the same conditions."""
        return self.scope.url(self.section.route, **self.own)

    @property
    def csv_url(self) -> str:
        """The table of this section as CSV."""
        return self.scope.url(self.section.route, **self.own, **{DOWNLOAD: CSV})

    @property
    def freshness(self) -> str:
        """The sentence that stands on every section and in every file."""
        if self.as_of is None:
            return _("No figures are stored yet.")
        return _("Figures up to %(moment)s, accepted content only.") % {"moment": moment(self.as_of)}

    @property
    def conditions(self) -> str:
        """The conditions in one line, for paper and files; "" without any."""
        return "; ".join(f"{chip['label']}: {chip['value']}" for chip in self.chips)


def section_of(key: str) -> Section:
    """Return the section with this key; the first one for any other."""
    return next((section for section in SECTIONS if section.key == key), SECTIONS[0])


def frame_of(request: SignedInRequest, key: str, route: str = "", *path: object, **own: str) -> Frame:
    """Read the conditions of the address; Http404 where one names what does not exist.

    route, path: address of a list behind a number; own: further conditions of the page, which chips and file keep.
    """
    scope, section = Scope.from_query(request.GET), section_of(key)
    route = route or section.route
    found = chips(scope, lambda other: other.url(route, *path, **own))
    return Frame(
        section=section,
        scope=scope,
        day=timezone.localdate(),
        computed=_oldest(scope, request.user),
        chips=found,
        clear_url=Scope().url(route, *path, **own),
        is_presented=request.GET.get(VIEW) == PRESENT,
        own=own if route == section.route else {},
    )


def _oldest(scope: Scope, user: User) -> Iterator[datetime.datetime]:
    """Give when the oldest of the figures was computed; asks only when somebody looks."""
    figures = ProgrammeFigure.objects.filter(programme__in=live_programmes(scope, user))
    yield from figures.order_by("computed_at").values_list("computed_at", flat=True)[:1]


def answer(
    request: SignedInRequest, frame: Frame, template: str, context: dict[str, Any], table: Table | None = None
) -> HttpResponse:
    """Answer with the section, or with its table where ?tai=csv asks for it."""
    if table is not None and request.GET.get(DOWNLOAD) == CSV:
        label, address = str(frame.section.label), request.get_full_path()
        services.note_download(actor=request.actor, label=label, address=address, rows=len(table.rows))
        return csv_response(frame, table)
    if frame.is_presented:
        context = context | {"theme": "light"}  # a projector has no black
    return render(request, template, {"frame": frame, "scope": frame.scope, "day": frame.day} | context)


def csv_response(frame: Frame, table: Table) -> HttpResponse:
    """Return the table as a file for a spreadsheet, with where it comes from in its last lines."""
    source = [[str(line)] for line in (frame.section.label, frame.conditions, frame.freshness) if line]
    body = tables.write_csv([[str(head) for head in table.heads], *table.rows, [], *source])
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table.name}-{frame.day.isoformat()}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
