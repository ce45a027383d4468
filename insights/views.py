"""Pages that only read: today, dashboard, due work, search, how figures are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.views.directives import list_url as directives_url
from agreements import figures
from agreements.models import Programme
from documents import vietnamese
from insights import dashboard, due, home
from insights.search import LONGEST, search
from partners.models import Membership, Organisation, scope_of

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

ROLE = Membership.Role
PAGE_ROWS = 50
# One sentence for each day, because names of days are not translated alone.
TODAY = (
    gettext_lazy("Today, Monday %(date)s"),
    gettext_lazy("Today, Tuesday %(date)s"),
    gettext_lazy("Today, Wednesday %(date)s"),
    gettext_lazy("Today, Thursday %(date)s"),
    gettext_lazy("Today, Friday %(date)s"),
    gettext_lazy("Today, Saturday %(date)s"),
    gettext_lazy("Today, Sunday %(date)s"),
)
GROUP_LABELS = {
    "dung": gettext_lazy("Programmes on track"),
    "cham": gettext_lazy("Programmes behind"),
    "chua-co-so-lieu": gettext_lazy("Programmes without figures yet"),
}


def home_show(request: SignedInRequest) -> HttpResponseBase:
    """Show the first page: the dashboard for a leader, what there is to do for everybody else."""
    roles = {actor.role for actor in request.actors}
    if roles <= {ROLE.LEADER, ROLE.ADMINISTRATOR} and ROLE.LEADER in roles:
        return redirect("insights:dashboard_show")
    return today_show(request)


def today_show(request: SignedInRequest) -> HttpResponse:
    """Show what the person has to do today, by role."""
    roles = {actor.role for actor in request.actors}
    day = timezone.localdate()
    context: dict[str, Any] = {
        "title": TODAY[day.weekday()] % {"date": vietnamese.format_date(day)},
        "updated_at": timezone.now(),
        "units": sorted({str(actor.organisation) for actor in request.actors}),
        "has_role": bool(roles),
    }
    if roles & {ROLE.OFFICER, ROLE.LEADER}:
        context["front"] = home.front(request, day)
        context["may_enter"] = ROLE.OFFICER in roles
        context["overdue_url"] = due.Filters().url(due.OVERDUE)
        context["answered_url"] = directives_url("da-tra-loi")
        context["soon_url"] = due.Filters().url(due.SOON)
    if ROLE.REPORTER in roles:
        context["partner"] = home.partner(request.user, day)
        context["own_url"] = due.Filters(own=True).url(due.OPEN)
    if ROLE.ADMINISTRATOR in roles:
        context["administration"] = home.administration()
    return render(request, "insights/home_show.html", context)


def dashboard_show(request: SignedInRequest) -> HttpResponse:
    """Show the dashboard, or with ?nhom= the programmes behind one of its figures."""
    day = timezone.localdate()
    board = dashboard.read(request.user, day)
    group = request.GET.get("nhom", "")
    if group and group not in dashboard.GROUPS:
        raise Http404
    context: dict[str, Any] = {"board": board, "as_of": board.as_of, "figures": figures}
    if group:
        rows = [row for row in board.rows if row.standing in dashboard.GROUPS[group]]
        context |= {"rows": rows, "heading": GROUP_LABELS[group]}
        return render(request, "insights/programme_group.html", context)
    counts = board.unit_totals
    four_way = figures.DeadlineCounts(
        done_on_time=counts[due.ON_TIME],
        done_late=counts[due.LATE],
        within_deadline=counts[due.SOON] + counts[due.LATER],
        overdue=counts[due.OVERDUE],
    )
    context |= {
        "rows": board.rows[: dashboard.ROWS_SHOWN],
        "may_direct": any(actor.role == ROLE.LEADER and actor.organisation.is_front for actor in request.actors),
        "four_way": four_way,
        "in_force_url": dashboard.list_url("hieu-luc"),
        "on_track_url": dashboard.group_url("dung"),
        "behind_url": dashboard.group_url("cham"),
        "unmeasured_url": dashboard.group_url("chua-co-so-lieu"),
        "overdue_url": due.Filters().url(due.OVERDUE),
        "unit_labels": [due.LABELS[state] for state in dashboard.UNIT_STATES],
        "total_due": sum(counts.values()),
        "total_url": due.Filters().url(due.ALL),
        "total_cells": [(counts[state], due.Filters().url(state)) for state in dashboard.UNIT_STATES],
    }
    return render(request, "insights/dashboard_show.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _chips(request: SignedInRequest, filters: due.Filters, state: str) -> list[dict[str, str]]:
    """Return the conditions of a list of due work; a foreign or unknown programme is a 404 like its own page."""
    chips = []
    if filters.own:
        chips.append({"label": _("Led by"), "value": _("my unit"), "url": filters.without("own").url(state)})
    if filters.unit is not None:
        unit = Organisation.objects.visible_to(request.user).filter(pk=filters.unit).first()
        if unit is None:
            raise Http404
        chips.append({"label": _("Unit"), "value": str(unit), "url": filters.without("unit").url(state)})
    if filters.programme is not None:
        programme = Programme.objects.visible_to(request.user).filter(pk=filters.programme).first()
        if programme is None:
            raise Http404
        chips.append({"label": _("Programme"), "value": programme.name, "url": filters.without("programme").url(state)})
    return chips


def deadline_list(request: SignedInRequest) -> HttpResponse:
    """List deadlines and milestones in one state; the tabs count all states under the same conditions."""
    day = timezone.localdate()
    state = request.GET.get("tinh-trang", due.OVERDUE)
    if state not in due.LABELS:
        raise Http404
    filters = due.Filters(
        own=request.GET.get("cua-don-vi") == "1",
        unit=_number(request.GET.get("don-vi", "")),
        programme=_number(request.GET.get("chuong-trinh", "")),
    )
    chips = _chips(request, filters, state)
    rows = due.rows(request.user, filters)
    counts = due.counts(rows, day)
    page = Paginator(due.items(rows, state, day), PAGE_ROWS).get_page(request.GET.get("page"))
    tabs = [
        {"url": filters.url(name), "label": due.LABELS[name], "count": counts[name], "current": name == state}
        for name in due.LABELS
    ]
    context = {"page_obj": page, "tabs": tabs, "chips": chips, "state": state, "day": day}
    context["clear_url"] = due.Filters().url(state)
    context["may_remind"] = scope_of(request.user).is_front
    return render(request, "insights/deadline_list.html", context)


def search_show(request: SignedInRequest) -> HttpResponse:
    """Show what was found for ?q=."""
    words = vietnamese.clean(request.GET.get("q", ""), multiline=False)[:LONGEST].strip()
    found = search(request.user, words) if words else []
    context = {"words": words, "found": found, "too_short": bool(words) and len(vietnamese.fold(words).strip()) < 2}
    return render(request, "insights/search_show.html", context)


def method_show(request: SignedInRequest) -> HttpResponse:
    """Explain how each figure is counted."""
    return render(request, "insights/method_show.html")
