"""Pages of the dashboard on where and how things move: places, levels of committee, the course of months, changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core import briefings
from core.http import once
from insights import due
from insights.dashboard import changes, content, levels, localities, trend, units
from insights.dashboard.frame import CSV, DOWNLOAD, answer, frame_of
from insights.scope import Scope
from partners.models import Membership

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

A_PAGE = 40


def dashboard_levels(request: SignedInRequest) -> HttpResponse:
    """Show programmes, due work, both rates and coverage of a committee, of those below it and of both."""
    frame = frame_of(request, "levels")
    committee = levels.committee_for(frame.scope, request.actors)
    if committee is None:
        raise Http404
    found = levels.read(request.user, frame.scope, frame.day, committee)
    page = Paginator(found.below, A_PAGE).get_page(request.GET.get("page"))
    context = {"found": found, "page_obj": page, "states": [due.LABELS[state] for state in units.FOUR]}
    return answer(request, frame, "insights/dashboard_levels.html", context, found.table)


def dashboard_localities(request: SignedInRequest) -> HttpResponse:
    """Show accepted activities, or what they carried, by place: tiles and ranked bars."""
    measure = request.GET.get("so-do") or localities.ACTIVITIES
    if measure not in localities.MEASURES:
        raise Http404
    own = {} if measure == localities.ACTIVITIES else {"so-do": measure}
    frame = frame_of(request, "localities", **own)
    found = localities.read(request.user, frame.scope, frame.day, measure)
    measures = [
        {"url": frame.scope.url(frame.section.route, so_do=name), "label": label, "current": name == measure}
        for name, (_stored, label, _column) in localities.MEASURES.items()
    ]
    is_silent = request.GET.get("so-lieu") == content.WITHOUT_DATA
    page = Paginator(found.silent if is_silent else found.communes, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "measures": measures,
        "page_obj": page,
        "is_silent": is_silent,
        "all_url": frame.back_url + "#xep-hang",
        "elsewhere_url": frame.back_url + "#noi-khac",
        "silent_url": frame.scope.url(frame.section.route, **own, so_lieu=content.WITHOUT_DATA) + "#xep-hang",
    }
    return answer(request, frame, "insights/dashboard_localities.html", context, found.table)


def dashboard_trend(request: SignedInRequest) -> HttpResponse:
    """Show accepted activities and the on-time rate by month beside the year before."""
    frame = frame_of(request, "trend")
    found = trend.read(request.user, frame.scope, frame.day)
    return answer(request, frame, "insights/dashboard_trend.html", {"found": found}, found.table)


def dashboard_changes(request: SignedInRequest) -> HttpResponse:
    """Show what changed since a day: figures then and now, and the rows behind the change."""
    since, listed = request.GET.get("so-voi") or changes.WEEK, request.GET.get("xem") or changes.MOVED
    if since not in changes.SINCE or listed not in changes.LISTS:
        raise Http404
    own = {} if since == changes.WEEK else {"so-voi": since}
    frame = frame_of(request, "changes", **own)
    found = changes.read(request.user, frame.scope, frame.day, since)

    def url(**more: str) -> str:
        return frame.scope.url(frame.section.route, **(own | more))

    is_list_file = "xem" in request.GET and request.GET.get(DOWNLOAD) == CSV  # which holds every row of the list
    table = found.list_table(listed) if is_list_file else found.table
    page = Paginator(found.listed(listed), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "steps": [(step, url(xem=step.listed) if step.listed else "") for step in found.steps],
        "page_obj": page,
        "listed": listed,
        "note": found.note(listed),
        "due_url": found.due_url(listed),
        "list_csv_url": url(xem=listed, **{DOWNLOAD: CSV}),
        "spans": [
            {"url": frame.scope.url(frame.section.route, so_voi=name), "label": label, "current": name == since}
            for name, label in changes.SINCE.items()
        ],
        "lists": [
            {"url": url(xem=name), "label": label, "count": len(found.listed(name)), "current": name == listed}
            for name, label in changes.LISTS.items()
        ],
        "heard_on": briefings.heard_on(request.user),
        "may_hear": any(actor.role == Membership.Role.LEADER for actor in request.actors),
    }
    return answer(request, frame, "insights/dashboard_changes.html", context, table)


def briefing_mark(request: SignedInRequest) -> HttpResponseBase:
    """Keep that the leader has heard the briefing, so that the next one tells what changed since."""

    def act() -> HttpResponseBase:
        briefings.mark_heard(actor=request.actor)
        messages.success(request, _("The briefing of today is kept. The next one compares with it."))
        return redirect(Scope().url("insights:dashboard_changes", so_voi=changes.BRIEFING))

    return once(request, act)
