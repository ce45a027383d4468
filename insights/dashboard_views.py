"""Pages of the dashboard: the first screen, its sections, and where the conditions are chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements import figures
from agreements.models import Programme
from core.models import SavedView
from insights import due
from insights.dashboard import content, indicators, overview, units
from insights.dashboard.frame import answer, frame_of, section_of
from insights.scope import KEYS, Scope, period_label
from partners.models import FieldOfWork, Locality, Membership, Organisation, units_acted_for

if TYPE_CHECKING:
    from django.http import HttpResponse

    from core.http import SignedInRequest

A_PAGE = 40
LEVELS = {
    "": gettext_lazy("All indicators"),
    indicators.BEHIND: gettext_lazy("Behind"),
    indicators.COUNTED: gettext_lazy("With a target"),
    indicators.WITHOUT_DATA: gettext_lazy("No figures yet"),
    indicators.WITHOUT_TARGET: gettext_lazy("No target, not counted"),
}
YEARS_OFFERED = 12


def dashboard_show(request: SignedInRequest) -> HttpResponse:
    """Show the first screen: four figures, programmes by their gap, what needs a decision, units."""
    frame = frame_of(request, "overview")
    scope = frame.scope
    board = overview.read(request.user, scope, frame.day)
    frame = replace(frame, computed=board.computed)
    leads = any(a.role == Membership.Role.LEADER and a.organisation.is_front for a in request.actors)
    context: dict[str, Any] = {
        "board": board,
        "rows": board.rows[: overview.ROWS_SHOWN],
        "units": board.units,
        "unit_rows": board.units.rows[: overview.UNITS_SHOWN],
        "unit_states": [due.LABELS[state] for state in units.FOUR],
        "may_direct": leads,
        "in_force_url": overview.list_url("hieu-luc") if scope == Scope() else overview.group_url(scope, "hieu-luc"),
        "on_track_url": overview.group_url(scope, "dung"),
        "behind_url": overview.group_url(scope, "cham"),
        "unmeasured_url": overview.group_url(scope, "chua-co-so-lieu"),
        "overdue_url": due.Filters(scope=scope).url(due.OVERDUE),
        "units_url": scope.url("insights:dashboard_units"),
    }
    return answer(request, frame, "insights/dashboard_show.html", context)


def dashboard_units(request: SignedInRequest) -> HttpResponse:
    """Show due work, both rates, programmes and accepted activities by unit."""
    frame = frame_of(request, "units")
    found = units.read(request.user, frame.scope, frame.day)
    page = Paginator(found.rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "page_obj": page,
        "unit_rows": page.object_list,
        "units": found,
        "unit_states": [due.LABELS[state] for state in units.FOUR],
        "is_full": True,
    }
    return answer(request, frame, "insights/dashboard_units.html", context, found.table)


def dashboard_indicators(request: SignedInRequest) -> HttpResponse:
    """Show each indicator against its target, by programme and goal."""
    level = request.GET.get("muc-do", "")
    if level and level not in indicators.LEVELS:
        raise Http404
    frame = frame_of(request, "indicators")
    found = indicators.read(request.user, frame.scope, frame.day)
    route = frame.section.route
    levels = [
        {
            "url": frame.scope.url(route, muc_do=name),
            "label": label,
            "count": len(found.at(name)),
            "current": level == name,
        }
        for name, label in LEVELS.items()
    ]
    page = Paginator(found.at(level), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "page_obj": page,
        "groups": indicators.grouped(page.object_list),
        "levels": levels,
        "behind_url": frame.scope.url(route, muc_do=indicators.BEHIND),
        "counted_url": frame.scope.url(route, muc_do=indicators.COUNTED),
        "period": period_label(frame.scope.period),
    }
    return answer(request, frame, "insights/dashboard_indicators.html", context, found.table)


def dashboard_content(request: SignedInRequest) -> HttpResponse:
    """Show tasks, their progress and data, and accepted activities by content group."""
    frame = frame_of(request, "content")
    found = content.read(request.user, frame.scope, frame.day)
    context = {
        "found": found,
        "figures": figures,
        "tasks_url": frame.scope.url("insights:dashboard_tasks"),
        "with_data_url": frame.scope.url("insights:dashboard_tasks", so_lieu=content.WITH_DATA),
        "activities_url": frame.scope.url("insights:dashboard_activities"),
    }
    return answer(request, frame, "insights/dashboard_content.html", context, found.table)


def dashboard_filter(request: SignedInRequest) -> HttpResponse:
    """Offer the conditions that narrow the dashboard; its form leads to the section it was opened from."""
    scope, section = Scope.from_query(request.GET), section_of(request.GET.get("muc", ""))
    fields = [
        {"name": KEYS[name], "label": label, "empty": empty,
         "choices": [(value, text, value == str(getattr(scope, name) or "")) for value, text in choices]}
        for name, label, empty, choices in _choices(request)
    ]  # fmt: skip
    context = {
        "fields": fields,
        "section": section,
        "action": Scope().url(section.route),
        "back_url": scope.url(section.route),
        "saved": SavedView.objects.visible_to(request.user, units_acted_for(request.actors)).filter(
            path__startswith=Scope().url()
        ),
    }
    return render(request, "insights/dashboard_filter.html", context)


def _choices(request: SignedInRequest) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Return (condition, label, what leaving it open means, choices) of what occurs in the programmes one may see."""
    seen = Programme.objects.visible_to(request.user).live()
    committees = Organisation.objects.filter(owned_programmes__in=seen).distinct()
    parties = Organisation.objects.filter(signed_as__programme__in=seen).distinct()
    used = FieldOfWork.objects.filter(pk__in=seen.order_by().values("field_of_work"))
    places = Locality.objects.valid_on(timezone.localdate()).communes()
    return [
        ("period", _("Time"), _("Whole period of each programme"), periods_offered(request)),
        (
            "committee",
            _("Committee, with those below it"),
            _("All committees"),
            [(str(o.pk), str(o)) for o in committees],
        ),
        ("field", _("Field of work"), _("All fields"), [(field.code, str(field)) for field in used]),
        ("partner", _("Partner"), _("All partners"), [(str(o.pk), str(o)) for o in parties]),
        ("place", _("Place with results"), _("All places"), [(str(place.pk), str(place)) for place in places]),
    ]


def periods_offered(request: SignedInRequest) -> list[tuple[str, str]]:
    """Return the years in which programmes run that one may see, latest first, then this year in parts."""
    seen = Programme.objects.visible_to(request.user).live()
    this = timezone.localdate().year
    years = {year for dates in seen.values_list("starts_on", "ends_on") if all(dates)
             for year in range(dates[0].year, dates[1].year + 1)}  # fmt: skip
    parts = [f"{this}-{part}" for part in ("H1", "H2", "Q1", "Q2", "Q3", "Q4")]
    parts += [f"{this}-{month:02}" for month in range(1, 13)]
    whole = [str(year) for year in sorted(years | {this}, reverse=True) if 2000 <= year <= this + 1]
    return [(period, period_label(period)) for period in [*whole[:YEARS_OFFERED], *parts]]
