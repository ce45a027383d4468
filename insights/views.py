"""Pages that only read: today, dashboard, due work, search, how figures are counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.views.directives import list_url as directives_url
from agreements.models import Programme
from documents import vietnamese
from insights import due, home
from insights.scope import Scope, number
from insights.scope import chips as scope_chips
from insights.search import LONGEST, search
from partners.models import Membership, Organisation, scope_of

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

ROLE = Membership.Role
PAGE_ROWS = 25
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
        context["administration"] = home.administration(request.user)
    return render(request, "insights/home_show.html", context)


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
    if filters.kind:
        label = str(due.KIND_LABELS[filters.kind])
        chips.append({"label": _("Kind"), "value": label, "url": filters.without("kind").url(state)})
    if filters.since is not None:
        day = vietnamese.format_date(filters.since)
        chips.append({"label": _("Changed after"), "value": day, "url": filters.without("since").url(state)})
    return chips + scope_chips(filters.scope, lambda scope: replace(filters, scope=scope).url(state))


def deadline_list(request: SignedInRequest) -> HttpResponse:
    """List due work in one state; the tabs count all states under the same conditions."""
    day = timezone.localdate()
    state = request.GET.get("tinh-trang", due.OVERDUE)
    if state not in due.LABELS:
        raise Http404
    filters = due.Filters(
        own=request.GET.get("cua-don-vi") == "1",
        unit=number(request.GET.get("don-vi", "")),
        programme=number(request.GET.get("chuong-trinh", "")),
        scope=Scope.from_query(request.GET),
        kind=next((kind for kind, key in due.KIND_KEYS.items() if key == request.GET.get("loai")), ""),
        since=due.day_in(request.GET.get("tu", "")),
    )
    chips = _chips(request, filters, state)
    rows = due.rows(request.user, filters)
    counts = due.counts(rows, day)
    paginator = Paginator(due.in_state(rows, state, day), PAGE_ROWS)
    paginator.count = counts[state]  # known: not to be asked for again
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = due.read(page.object_list, day)
    tabs = [
        {"url": filters.url(name), "label": due.LABELS[name], "count": counts[name], "current": name == state}
        for name in due.LABELS
        if name not in {due.WITHIN, due.DONE, due.SETTLED} or state == name  # their parts have tabs of their own
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
