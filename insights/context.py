"""What every page shows around its content: the house, the navigation and its counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.models import Activity, Measurement, ProgressReport, Review
from agreements.models import Extension, TaskDeadline
from core import rights
from core.http import address
from core.middleware import own_deeds
from partners.models import Membership, Organisation, actors_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.models import User

REVIEWERS = {Membership.Role.OFFICER, Membership.Role.LEADER}

HOUSE, HOUSE_SECONDS = "house", 60  # the committee's name is on every page and changes once in years
# How long a count beside the navigation may be behind what others did. A person's own deeds show at once: they
# change the cookie that is part of the key (core.middleware.OwnDeeds).
WAITING_SECONDS = 15


def _committee() -> tuple[str, bool]:
    """Return the name of the provincial committee, and whether it is the demo's."""
    committees = Organisation.objects.committees().filter(level=Organisation.Level.PROVINCE).order_by("id")
    return committees.values_list("name", "is_demo").first() or ("Phối Hợp", False)


def house(request: HttpRequest) -> dict[str, Any]:
    """Return `site` (committee in two lines, help contact, addresses) and `nav` (entries of the header by role)."""
    name, is_demo = cache.get_or_set(HOUSE, _committee, HOUSE_SECONDS)
    head, mark, place = name.partition(" tỉnh ")
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    site = {
        "committee": head.replace("Ủy ban Mặt trận Tổ quốc", "Ủy ban MTTQ"),
        "place": f"tỉnh {place}" if mark else "",
        "is_demo": is_demo,
        "help_name": settings.HELP_NAME,
        "help_phone": settings.HELP_PHONE,
        "search_url": address("insights:search_show") if signed_in else "",
        "figures_url": address("insights:method_show") if signed_in else "",
    }
    may_enter = signed_in and not request.user.must_change_password  # type: ignore[union-attr]
    return {"site": site, "nav": _navigation(request) if may_enter else []}


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the entries whose address one of the person's roles may use, the current one marked."""
    user: User = request.user  # type: ignore[assignment]
    roles = {actor.role for actor in actors_of(user)}
    # A leader's first page is the dashboard, so what there is to do today has an address of its own.
    leads = Membership.Role.LEADER in roles and not roles & {Membership.Role.OFFICER, Membership.Role.REPORTER}
    entries = (
        ("insights:today_show" if leads else "insights:home_show", _("Today")),
        ("agreements:programme_list", _("Programmes")),
        ("activities:review_list", _("Review")),
        ("insights:dashboard_show", _("Dashboard")),
        ("activities:duty_list", _("Reports")),
        ("insights:calendar_show", _("Calendar")),
        ("agreements:legal_list", _("Bases")),
        ("partners:organisation_list", _("Organisations")),
        ("partners:user_list", _("People")),
        ("activities:holiday_list", _("Days off")),
    )
    here = request.path
    found: list[dict[str, Any]] = []
    for name, label in entries:
        url = address(name)
        route = rights.all_routes().get(name)
        if not url or route is None or not (rights.SIGNED_IN in route.roles or roles & route.roles):
            continue
        if name == "partners:organisation_list" and Membership.Role.ADMINISTRATOR not in roles:
            continue  # others reach the names of bodies from programmes and the search
        entry: dict[str, Any] = {"url": url, "label": label, "current": _is_here(url, here)}
        if name == "activities:review_list":
            count = waiting_count(request)
            entry |= {
                "count": count,
                "count_label": ngettext("waiting item", "waiting items", count),
            }
        found.append(entry)
    return found


def _is_here(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)


def waiting_count(request: HttpRequest) -> int:
    """Return how many items wait for this person's decision: the length of the review queue, up to 15 s ago."""
    user: User = request.user  # type: ignore[assignment]
    key = f"waiting:{user.pk}:{own_deeds(request)}"
    if "_waiting" in user.__dict__:  # the queue itself is on this page
        cache.set(key, int(user.__dict__["_waiting"]), WAITING_SECONDS)
    return int(cache.get_or_set(key, lambda: _count_waiting(user), WAITING_SECONDS))


def _count_waiting(user: User) -> int:
    """Return how many items wait for this person's decision, in one query."""
    roles = {actor.role for actor in actors_of(user) if actor.organisation.is_front}
    if not roles & REVIEWERS:
        return 0
    items = Q(review=Review.SUBMITTED, submitted_at__isnull=False) & ~Q(author=user)
    deadlines = TaskDeadline.objects.visible_to(user).live().awaiting().filter(reported_at__isnull=False)
    deadlines = deadlines.exclude(reported_by=user)
    if Membership.Role.OFFICER not in roles:
        items &= Q(acting_for__kind__in=Organisation.FRONT_KINDS)
        deadlines = deadlines.filter(reported_for__kind__in=Organisation.FRONT_KINDS)
    activities = Activity.objects.visible_to(user).filter(items).order_by().values("pk")
    values = Measurement.objects.visible_to(user).filter(items, activity=None).order_by().values("pk")
    is_officer = Membership.Role.OFFICER in roles
    sent = ProgressReport.objects.visible_to(user).waiting_for(user, is_officer=is_officer)
    parts = [values, deadlines.order_by().values("pk"), sent.order_by().values("pk")]
    if is_officer:
        asked = Extension.objects.visible_to(user).waiting().filter(requested_at__isnull=False)
        parts.append(asked.exclude(requested_by=user).order_by().values("pk"))
    return activities.union(*parts, all=True).count()
