"""Pages on the data itself: the section of the dashboard, and the rows behind each of its numbers."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import F, Sum
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import figures
from agreements.models import Tally
from core.paging import page_of
from core.templatetags.format import day as day_words
from core.templatetags.format import percent
from insights.dashboard import delays, quality
from insights.dashboard.frame import CSV, DOWNLOAD, answer, frame_of
from insights.dashboard_list_views import A_PAGE, Narrowed
from insights.scope import number, totals

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from agreements.models import Programme
    from core.http import SignedInRequest
    from insights.scope import Scope

PROGRAMMES_SHOWN, PROGRAMMES_IN_FILE, SILENT_SHOWN = 40, 2000, 10
QUIET = "im-lang"  # ?im-lang=30: days without an accepted activity


class Item(NamedTuple):
    """One row of a list behind a number: what, where it is worked on, whose, and the words beside it."""

    title: str
    url: str
    unit: str
    programme: str
    words: str


def _quiet(request: SignedInRequest) -> int:
    """Return the days of silence asked for; those of the risk for anything that is not offered."""
    given = request.GET.get(QUIET, "")
    return int(given) if given in {str(days) for days in quality.QUIET_DAYS} else figures.SILENT_DAYS


def dashboard_quality(request: SignedInRequest) -> HttpResponse:
    """Show how far the data can be trusted, by programme, who is silent, and how long reviews take."""
    quiet = _quiet(request)
    frame = frame_of(request, "quality", **({QUIET: str(quiet)} if QUIET in request.GET else {}))
    scope = frame.scope
    is_file = request.GET.get(DOWNLOAD) == CSV
    at = max(number(request.GET.get("page", "")) or 1, 1)

    def read(page: int) -> quality.Quality:
        start, most = (0, PROGRAMMES_IN_FILE) if is_file else ((page - 1) * PROGRAMMES_SHOWN, PROGRAMMES_SHOWN)
        return quality.read(request.user, scope, frame.day, quiet, start, most, SILENT_SHOWN)

    found = read(at)
    page = Paginator(range(found.count), PROGRAMMES_SHOWN).get_page(at)
    if page.number != at:  # past the last page: that one
        found = read(page.number)
    first, end = quality.decided_in(scope, frame.day)
    reviews = found.total.reviews
    context = {
        "found": found,
        "page_obj": page,
        "heads": [quality.HEADS[kind] for kind in quality.COUNTED],
        "quiet": quiet,
        "quiet_choices": [
            {"url": scope.url(frame.section.route, im_lang=days), "days": days, "current": days == quiet}
            for days in quality.QUIET_DAYS
        ],
        "silent_url": scope.url("insights:dashboard_quality_rows", loai=quality.SILENT, im_lang=quiet),
        "first": first,
        "last": end - datetime.timedelta(days=1),
        "oldest": found.oldest,
        "delays": delays.read(request.user, scope, frame.day, reviews.median if reviews and not is_file else None),
    }
    return answer(request, frame, "insights/dashboard_quality.html", context, found.table)


def dashboard_quality_rows(request: SignedInRequest) -> HttpResponse:
    """List the rows of one kind that a number of the section counts."""
    kind = request.GET.get("loai", quality.LATE)
    if kind not in quality.KINDS:
        raise Http404
    names = ("loai", "chuong-trinh", QUIET)
    narrowed = Narrowed(request, "insights:dashboard_quality_rows", *names, key="quality")
    frame, quiet = narrowed.frame, _quiet(request)
    programme = narrowed.programme(request.user)
    rows = quality.rows_of(kind, request.user, frame.scope, frame.day, quiet)
    if programme:
        rows = rows.filter(**{PROGRAMME[kind]: programme.pk})
    if kind == quality.SILENT:
        narrowed.chip(QUIET, _("Silent for"), ngettext("%(n)s day", "%(n)s days", quiet) % {"n": quiet})
    page = _page(request, kind, rows.order_by(*ORDER[kind]), frame.scope, programme)
    context = {
        "heading": str(quality.KINDS[kind]),
        "chips": narrowed.chips,
        "page_obj": page,
        "items": [WORDS[kind](row, frame.day) for row in page.object_list],
    }
    return answer(request, frame, "insights/dashboard_quality_rows.html", context)


def _page(request: SignedInRequest, kind: str, rows: Any, scope: Scope, programme: Programme | None) -> Page[Any]:
    """Return a page of a list. Activities without evidence are counted from stored totals; the others are a rare state
    or the decisions of a window."""
    asked, parts = request.GET.get("page"), PARTS[kind]
    if kind not in OF_ACTIVITIES:
        return Paginator(rows.select_related(*parts), A_PAGE).get_page(asked)

    def stored() -> int:
        found = totals(scope, request.user, Tally.Measure.UNPROVEN)
        found = found.filter(task__programme=programme) if programme else found
        return found.aggregate(n=Sum("count"))["n"] or 0

    total = stored if kind == quality.UNPROVEN else rows.order_by().count
    return page_of(rows, asked, A_PAGE, total=total, parts=lambda some: some.select_related(*parts))


def _report(row: Any, day: datetime.date) -> Item:
    finished = row.finished_on
    words = _("due %(due)s, sent %(sent)s") if finished else _("due %(due)s, %(n)s days ago")
    told = words % {"due": day_words(row.due_on), "sent": day_words(finished), "n": (day - row.due_on).days}
    return Item(str(row), reverse("activities:duty_show", args=[row.thing]), str(row.unit), row.programme.name, told)


def _activity(words: Callable[[Any, datetime.date], str]) -> Callable[[Any, datetime.date], Item]:
    def item(row: Any, day: datetime.date) -> Item:
        url = reverse("activities:activity_detail", args=[row.pk])
        return Item(row.name or row.task.title, url, str(row.unit), row.task.programme.name, words(row, day))

    return item


def _returned(row: Any, _day: datetime.date) -> str:
    return _("returned %(date)s: %(reason)s") % {"date": day_words(row.reviewed_at), "reason": row.return_reason}


def _waiting(row: Any, day: datetime.date) -> str:
    n = (day - timezone.localdate(row.submitted_at)).days
    return ngettext("waits for %(n)s day", "waits for %(n)s days", n) % {"n": n}


def _decided(row: Any, _day: datetime.date) -> str:
    n = row.took.days
    words = {"n": n, "sent": day_words(row.submitted_at), "date": day_words(row.reviewed_at)}
    return (
        ngettext("%(n)s day, sent %(sent)s, decided %(date)s", "%(n)s days, sent %(sent)s, decided %(date)s", n) % words
    )


def _declared(row: Any, _day: datetime.date) -> Item:
    words = _("declared %(share)s: %(reason)s") % {"share": percent(row.declared_share), "reason": row.declared_reason}
    url = reverse("activities:task_detail", args=[row.pk])
    return Item(row.title, url, str(row.lead or ""), row.programme.name, words)


def _silent(row: Any, day: datetime.date) -> Item:
    n = (day - row.last_on).days
    figure = getattr(row, "figure", None)
    last = figure.last_activity_on if figure else None
    words = ngettext("silent for %(n)s day", "silent for %(n)s days", n) % {"n": n}
    since = _("last activity %(date)s") % {"date": day_words(last)} if last else _("no accepted activity yet")
    url = reverse("activities:programme_activities", args=[row.pk])
    return Item(row.name, url, str(row.owner), "", f"{words} · {since}")


WORDS: dict[str, Callable[[Any, datetime.date], Item]] = {
    quality.LATE: _report,
    quality.SENT_LATE: _report,
    quality.RETURNED: _activity(_returned),
    quality.UNPROVEN: _activity(lambda row, _day: day_words(row.starts_on)),
    quality.WAITING: _activity(_waiting),
    quality.DECIDED: _activity(_decided),
    quality.DECLARED: _declared,
    quality.SILENT: _silent,
}
OF_ACTIVITY = ("task__programme", "unit")
OF_ACTIVITIES = (quality.RETURNED, quality.UNPROVEN, quality.WAITING, quality.DECIDED)
PARTS = {
    quality.LATE: ("programme", "unit"),
    quality.SENT_LATE: ("programme", "unit"),
    quality.DECLARED: ("programme", "lead"),
    quality.SILENT: ("owner", "figure"),
} | dict.fromkeys(OF_ACTIVITIES, OF_ACTIVITY)
PROGRAMME = dict.fromkeys(quality.KINDS, "task__programme") | {
    quality.LATE: "programme",
    quality.SENT_LATE: "programme",
    quality.DECLARED: "programme",
    quality.SILENT: "pk",
}
ORDER = {
    quality.LATE: ("due_on", "thing"),
    quality.SENT_LATE: ("-due_on", "thing"),
    quality.RETURNED: ("reviewed_at", "pk"),
    quality.UNPROVEN: (F("starts_on").desc(nulls_last=True), "-pk"),  # the order of an index (activity_latest)
    quality.WAITING: ("submitted_at", "pk"),
    quality.DECIDED: ("-took", "-reviewed_at", "pk"),
    quality.DECLARED: ("programme__sort_key", "position", "pk"),
    quality.SILENT: ("last_on", "sort_key", "pk"),
}
