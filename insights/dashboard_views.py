"""Pages of the dashboard: the first screen, its sections, and where the conditions are chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements import figures
from agreements.models import Party, Programme
from core.models import SavedView
from core.templatetags.format import number as number_words
from documents import vietnamese
from insights import due
from insights.dashboard import content, indicators, overview, units
from insights.dashboard.frame import CSV, DOWNLOAD, answer, frame_of, section_of
from insights.scope import KEYS, Scope, number, period_label
from partners.models import FieldOfWork, Locality, Membership, Organisation, units_acted_for

if TYPE_CHECKING:
    from django.db.models import QuerySet
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
MOST_OFFERED = 200  # bodies in a select; with more a reader writes a part of the name
FIND = "tim"  # ?tim=: that part


def dashboard_show(request: SignedInRequest) -> HttpResponse:
    """Show the first screen: four figures, programmes by their gap, what needs a decision, units."""
    frame = frame_of(request, "overview")
    scope = frame.scope
    board = overview.read(request.user, scope, frame.day)
    frame = replace(frame, computed=board.computed)
    leads = any(a.role == Membership.Role.LEADER and a.organisation.is_front for a in request.actors)
    context: dict[str, Any] = {
        "board": board,
        "rows": board.rows,
        "units": board.units,
        "unit_rows": board.units.rows,
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
    """Offer the conditions that narrow the dashboard; its form leads to the section it was opened from."""
    scope, section = Scope.from_query(request.GET), section_of(request.GET.get("muc", ""))
    asked = request.GET.get(FIND, "").strip()[:80]
    offered = _offered(request, scope, asked)
    fields = [
        {"name": KEYS[name], "label": label, "empty": empty, "note": note, "pairs": choices,
         "chosen": str(getattr(scope, name) or ""),
         "choices": [(value, text, value == str(getattr(scope, name) or "")) for value, text in choices]}
        for name, label, empty, choices, note in offered
    ]  # fmt: skip
    context = {
        "fields": fields,
        "section": section,
        "action": Scope().url(section.route),
        "back_url": scope.url(section.route),
        "find": FIND,
        "asked": asked,
        "may_find": any(note for *_rest, note in offered),
        "saved": SavedView.objects.visible_to(request.user, units_acted_for(request.actors)).filter(
            path__startswith=Scope().url()
        ),
    }
    return render(request, "insights/dashboard_filter.html", context)


Choices = list[tuple[str, str]]


def _offered(request: SignedInRequest, scope: Scope, asked: str) -> list[tuple[str, str, str, Choices, str]]:
    """Return (condition, label, what leaving it open means, choices, a note on them) of what occurs in the programmes
    one may see. Of bodies that are too many, those whose name has the words asked for."""
    seen = Programme.objects.visible_to(request.user).live()
    owners = Organisation.objects.filter(pk__in=seen.order_by().values("owner"))
    signed = Party.objects.filter(programme__in=seen).order_by().values("organisation")
    committees, committees_note = _bodies(owners, scope.committee, asked)
    parties, parties_note = _bodies(Organisation.objects.filter(pk__in=signed), scope.partner, asked)
    used = FieldOfWork.objects.filter(pk__in=seen.order_by().values("field_of_work"))
    fields = [(field.code, str(field)) for field in used]
    return [
        ("period", _("Time"), _("Whole period of each programme"), periods_offered(request), ""),
        ("committee", _("Committee, with those below it"), _("All committees"), committees, committees_note),
        ("field", _("Field of work"), _("All fields"), fields, ""),
        ("partner", _("Partner"), _("All partners"), parties, parties_note),
        ("place", _("Place with results"), _("All places"), _places(request, scope), ""),
    ]


def _bodies(rows: QuerySet[Organisation], chosen: int | None, asked: str) -> tuple[Choices, str]:
    """Return the bodies offered, the chosen one always among them, and how many have the words or are left out."""
    narrowed = rows.filter(search_text__contains=vietnamese.fold(asked)) if asked else rows
    found = list(narrowed.only("name", "name_en")[: MOST_OFFERED + 1])
    shown = found[:MOST_OFFERED]
    note, n = "", len(shown)
    if len(found) > n:
        words = _("The first %(most)s are listed. Write a part of the name above to find others.")
        note = words % {"most": number_words(n)}
    elif asked:
        note = ngettext("%(n)s name has these words.", "%(n)s names have these words.", n) % {"n": number_words(n)}
    if chosen and all(body.pk != chosen for body in shown):
        shown = [*rows.filter(pk=chosen).only("name", "name_en"), *shown]
    return [(str(body.pk), str(body)) for body in shown], note


def _places(request: SignedInRequest, scope: Scope) -> Choices:
    """Return the provinces, and the communes of the one chosen, or of the province that the reader's committee is in.

    A province stands for all of its communes, so that a country's three thousand need not be listed at once.
    """
    today = Locality.objects.valid_on(timezone.localdate())
    chosen = Locality.objects.filter(pk=scope.place).first() if scope.place else None
    home = [actor.organisation.locality_id for actor in request.actors if actor.organisation.locality_id]
    near = [chosen.parent_id or chosen.pk] if chosen else home
    above = Locality.objects.filter(pk__in=near).values("parent")
    communes = today.communes().filter(Q(parent__in=near) | Q(parent__in=above))
    provinces = today.filter(kind=Locality.Kind.PROVINCE)
    rows = [*provinces.only("name"), *communes.only("name")] if near else list(provinces.only("name"))
    if chosen and chosen not in rows:
        rows.insert(0, chosen)
    return [(str(row.pk), str(row)) for row in rows]


def periods_offered(request: SignedInRequest) -> list[tuple[str, str]]:
    """Return the years in which programmes run that one may see, latest first, then this year in parts."""
    seen = Programme.objects.visible_to(request.user).live()
    this = timezone.localdate().year
    years = {year for dates in seen.order_by().values_list("starts_on", "ends_on").distinct() if all(dates)
             for year in range(dates[0].year, dates[1].year + 1)}  # fmt: skip
    parts = [f"{this}-{part}" for part in ("H1", "H2", "Q1", "Q2", "Q3", "Q4")]
    parts += [f"{this}-{month:02}" for month in range(1, 13)]
    whole = [str(year) for year in sorted(years | {this}, reverse=True) if 2000 <= year <= this + 1]
    return [(period, period_label(period)) for period in [*whole[:YEARS_OFFERED], *parts]]
