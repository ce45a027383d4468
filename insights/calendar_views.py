"""Pages of the calendar: a month as grid or agenda, and the feed a calendar programme reads without signing in."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Programme
from core import feeds
from documents import icalendar, vietnamese
from insights import calendar, due

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.http import SignedInRequest
    from core.models import User

MOST_CHOICES = 50  # of the select; other programmes are found by words
LONGEST = 80  # characters of those words
WEEK = (
    (gettext_lazy("Monday"), gettext_lazy("Mon")),
    (gettext_lazy("Tuesday"), gettext_lazy("Tue")),
    (gettext_lazy("Wednesday"), gettext_lazy("Wed")),
    (gettext_lazy("Thursday"), gettext_lazy("Thu")),
    (gettext_lazy("Friday"), gettext_lazy("Fri")),
    (gettext_lazy("Saturday"), gettext_lazy("Sat")),
    (gettext_lazy("Sunday"), gettext_lazy("Sun")),
)


def _filters(request: SignedInRequest, today: datetime.date) -> calendar.Filters:
    """Read the conditions of the address; a month or kind that does not exist is a 404."""
    query = request.GET
    month = calendar.month_of(query.get("thang", ""), today)
    words = {word: kind for kind, (word, _name) in calendar.KINDS.items()}
    asked, view, pk = query.getlist("loai"), query.get("xem", calendar.MONTH), query.get("chuong-trinh", "")
    if month is None or not set(asked) <= set(words) or view not in {calendar.MONTH, calendar.AGENDA}:
        raise Http404
    day = due.day_in(query["ngay"]) if "ngay" in query else None
    if (pk and not (pk.isascii() and pk.isdigit() and len(pk) < 12)) or ("ngay" in query and day is None):
        raise Http404
    return calendar.Filters(
        month=day.replace(day=1) if day else month,
        day=day,
        view=view,
        own=query.get("cua-toi") == "1",
        kinds=tuple(kind for kind, (word, _name) in calendar.KINDS.items() if word in asked),
        programme=int(pk) if pk else None,
        words=vietnamese.clean(query.get("q", ""), multiline=False)[:LONGEST].strip(),
    )


def calendar_show(request: SignedInRequest) -> HttpResponse:
    """Show a month of what the person sees, or with ?ngay= all of one day; filters live in the address."""
    today = timezone.localdate()
    filters = _filters(request, today)
    context = _frame(request, filters) | {"today": today, "day": filters.day}
    if filters.day:
        page, shown = calendar.day_page(request.user, filters, filters.day, today, request.GET.get("page"))
        context |= {"page_obj": page, "days": [_shown(shown, filters)], "count": shown.number}
        context |= {"is_agenda": True, "next_due_on": None}
    else:
        days, count = calendar.month_days(request.user, filters, today)
        context |= {"days": [_shown(one, filters) for one in days], "count": count}
        context["next_due_on"] = None if count else calendar.next_due_on(request.user, filters, today)
    return render(request, "insights/calendar_show.html", context)


def _frame(request: SignedInRequest, filters: calendar.Filters) -> dict[str, Any]:
    """Return what stands around the days: addresses of other months and views, the filter and what it says now."""
    programmes, are_more, chosen = _programmes(request.user, filters)
    chips = [{"label": _("Programme"), "value": chosen.name, "url": filters.url(programme=None)}] if chosen else []
    if filters.words:
        chips.append({"label": _("Programme"), "value": f"“{filters.words}”", "url": filters.url(words="")})
    return {
        "filters": filters,
        "week": WEEK,
        "earlier_url": _month_url(filters, -1),
        "later_url": _month_url(filters, 1),
        "today_url": filters.url(month=timezone.localdate().replace(day=1), day=None),
        "month_url": filters.url(view=calendar.MONTH, day=None),
        "agenda_url": filters.url(view=calendar.AGENDA, day=None),
        "is_agenda": filters.view == calendar.AGENDA,
        "is_filtered": bool(filters.kinds or filters.programme or filters.words),
        "kinds": _kind_links(filters),
        "own_tabs": [
            {"url": filters.url(own=False), "label": _("All I can see"), "count": None, "current": not filters.own},
            {"url": filters.url(own=True), "label": _("My unit"), "count": None, "current": filters.own},
        ],
        "programmes": programmes,
        "are_more": are_more,
        "chips": chips,
        "kept": _kept(filters),
    }


def _programmes(user: User, filters: calendar.Filters) -> tuple[list[Programme], bool, Programme | None]:
    """Return the first programmes to choose from, whether there are more, and the chosen one; 404 for a foreign one."""
    seen = Programme.objects.visible_to(user).only("code", "title", "short_title")
    found = list(seen.live().order_by("code", "pk")[: MOST_CHOICES + 1])
    first, chosen = found[:MOST_CHOICES], None
    if filters.programme is not None:
        chosen = next((row for row in first if row.pk == filters.programme), None)
        if chosen is None:
            chosen = get_object_or_404(seen, pk=filters.programme)
            first.append(chosen)
    return first, len(found) > MOST_CHOICES, chosen


def _shown(day: calendar.Day, filters: calendar.Filters) -> dict[str, Any]:
    """Return a day with what its cell says, worked out once: {day, classes, iso, weekday, number, month, more, url}."""
    return {
        "day": day,
        "classes": day.classes,
        "iso": day.date.isoformat(),
        "weekday": WEEK[day.date.weekday()][0],
        "number": day.date.day,
        "month": day.date.month,
        "more": day.more,
        "url": filters.day_url(day.date) if day.more else "",
    }


def _month_url(filters: calendar.Filters, steps: int) -> str:
    """Return the address of a month before or after, "" beyond the years the calendar knows."""
    month = calendar.next_month(filters.month, steps)
    return filters.url(month=month, day=None) if calendar.FIRST_YEAR <= month.year <= calendar.LAST_YEAR else ""


def _kind_links(filters: calendar.Filters) -> list[dict[str, Any]]:
    return [
        {"label": name, "url": filters.toggled(kind), "is_on": not filters.kinds or kind in filters.kinds, "kind": kind}
        for kind, (_word, name) in calendar.KINDS.items()
    ]


def _kept(filters: calendar.Filters) -> list[tuple[str, Any]]:
    """Return the conditions that the form of the programme carries along."""
    found: list[tuple[str, Any]] = [("thang", f"{filters.month:%Y-%m}")]
    found += [("xem", filters.view)] if filters.view != calendar.MONTH else []
    found += [("cua-toi", 1)] if filters.own else []
    found += [("ngay", filters.day.isoformat())] if filters.day else []
    return found + [("loai", calendar.KINDS[kind][0]) for kind in filters.kinds]


def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer with the calendar of the person the secret belongs to, as RFC 5545 text; 404 for every other secret.

    What the person may see now, in the person's language; ?cua-toi=1 leaves out what other units answer for.
    """
    feed = feeds.find(secret)
    if feed is None:
        raise Http404
    minutes = feeds.read(feed)
    if minutes:
        refused = HttpResponse(status=429, content_type="text/plain; charset=utf-8")
        refused["Retry-After"] = str(minutes * 60)
        return refused
    today = timezone.localdate()
    filters = calendar.Filters(month=today.replace(day=1), own=request.GET.get("cua-toi") == "1")
    with translation.override(feed.user.language):
        events = [_event(entry) for entry in calendar.feed_entries(feed.user, filters, today)]
        content = icalendar.render(events, name=_("Coordination programmes"), stamp=timezone.now())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="phoi-hop.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _event(entry: calendar.Entry) -> icalendar.Event:
    address = settings.BASE_URL.rstrip("/") + entry.url
    text = _("%(kind)s. %(unit)s. %(programme)s") % {
        "kind": entry.kind_name,
        "unit": entry.unit,
        "programme": f"{entry.programme.code} {entry.programme.name}",
    }
    return icalendar.Event(
        uid=f"{entry.kind}-{entry.pk}@{settings.BASE_URL.split('://', 1)[-1].split('/', 1)[0]}",
        first_on=entry.first_on,
        last_on=entry.last_on,
        title=_("Done: %(title)s") % {"title": entry.title} if entry.tone == "done" else entry.title,
        text=f"{text}\n{address}",
        url=address,
        category=entry.kind_name,
        is_tentative=entry.kind == calendar.ACTIVITY,
    )
