"""Pages of the dashboard: the first screen, its sections, and where the conditions are chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from agreements import figures
from core.models import SavedView
from insights import due, offered
from insights.dashboard import content, indicators, overview, paper, past, units
from insights.dashboard.frame import CSV, DOWNLOAD, answer, frame_of, section_of
from insights.scope import Scope, number, period_label
from partners.models import Membership, units_acted_for

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
FIND, APPLY = "tim", "ap-dung"  # ?tim=: a part of a name; ?ap-dung=: the choice is made


def dashboard_show(request: SignedInRequest) -> HttpResponse:
    """Show the first screen: four figures, programmes by their gap, what needs a decision, units."""
    frame = frame_of(request, "overview")
    scope = frame.scope
    is_file = request.GET.get(DOWNLOAD) == CSV
    board = overview.read(request.user, scope, frame.day, overview.MOST_IN_FILE if is_file else overview.ROWS_SHOWN)
    frame = replace(frame, computed=board.computed)
    roles = {actor.role for actor in request.actors if actor.organisation.is_front}
    context: dict[str, Any] = {
        "board": board,
        "rows": board.rows,
        "units": board.units,
        "unit_rows": board.units.rows,
        "unit_states": [due.LABELS[state] for state in units.FOUR],
        "may_direct": Membership.Role.LEADER in roles,
        "may_remind": Membership.Role.OFFICER in roles,
        "in_force_url": overview.list_url("hieu-luc") if scope == Scope() else overview.group_url(scope, "hieu-luc"),
        "on_track_url": overview.group_url(scope, "dung"),
        "behind_url": overview.group_url(scope, "cham"),
        "suspended_url": overview.group_url(scope, "tam-dung"),
        "unmeasured_url": overview.group_url(scope, "chua-co-so-lieu"),
        "unreviewed_url": overview.group_url(scope, "cho-tong-ket"),
        "behind_before_url": past.url(scope, "cham", board.compared_on),
        "overdue_url": due.Filters(scope=scope).url(due.OVERDUE),
        "units_url": scope.url("insights:dashboard_units"),
    }
    return answer(request, frame, "insights/dashboard_show.html", context, paper.table_of(board) if is_file else None)


def dashboard_units(request: SignedInRequest) -> HttpResponse:
    """Show due work, both rates, programmes and accepted activities by unit."""
    frame = frame_of(request, "units")
    is_file = request.GET.get(DOWNLOAD) == CSV
    at = max(number(request.GET.get("page", "")) or 1, 1)

    def read(page: int) -> units.Units:
        start, most = (0, None) if is_file else ((page - 1) * A_PAGE, A_PAGE)
        return units.read(request.user, frame.scope, frame.day, start, most)

    found = read(at)
    page = Paginator(range(found.count), A_PAGE).get_page(at)
    if page.number != at:  # past the last page: that one
        found = read(page.number)
    context = {
        "found": found,
        "page_obj": page,
        "unit_rows": found.rows,
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
    """Offer the conditions that narrow the dashboard; what was chosen leads to the section it was opened from, with an
    address that holds nothing empty."""
    scope, section = Scope.from_query(request.GET), section_of(request.GET.get("muc", ""))
    if APPLY in request.GET:
        return redirect(scope.url(section.route))
    asked = request.GET.get(FIND, "").strip()[:80]
    fields = offered.fields(request.user, request.actors, scope, asked)
    context = {
        "fields": fields,
        "section": section,
        "back_url": scope.url(section.route),
        "find": FIND,
        "apply": APPLY,
        "asked": asked,
        "may_find": any(field.note for field in fields),
        "saved": SavedView.objects.visible_to(request.user, units_acted_for(request.actors)).filter(
            path__startswith=Scope().url()
        ),
    }
    return render(request, "insights/dashboard_filter.html", context)
