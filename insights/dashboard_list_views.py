"""The lists behind the numbers of the dashboard: programmes, tasks, accepted activities, accepted values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.models import Measurement
from activities.views.listing import lines_of
from agreements import figures
from agreements.models import ContentGroup, Indicator, Party, Programme, Tally, Task
from agreements.services.results import task_figures
from agreements.views.task_table import task_rows
from core.paging import page_of
from core.templatetags.format import day as day_words
from insights import due
from insights.dashboard import changes, content, localities, overview, past
from insights.dashboard.frame import CSV, DOWNLOAD, answer, frame_of
from insights.scope import EVERY, FIELD, Scope, activities, chips, live_programmes, live_tasks, number, totals
from partners.models import Organisation

if TYPE_CHECKING:
    from django.http import HttpResponse

    from core.http import SignedInRequest
    from core.models import User
    from insights.dashboard.frame import Table

A_PAGE = 50
S = Programme.Status
# value of ?nhom= → (its name, condition on the programmes being carried out)
GROUPS: dict[str, tuple[Any, Q]] = {
    "": (gettext_lazy("Programmes"), Q()),
    "theo-doi": (gettext_lazy("Programmes in force or awaiting their final review"),
                 Q(status__in=(S.IN_FORCE, S.ENDED))),
    "hieu-luc": (gettext_lazy("Programmes in force"), Q(status=S.IN_FORCE)),
    "cho-tong-ket": (gettext_lazy("Programmes awaiting their final review"), Q(status=S.ENDED)),
    "tam-dung": (gettext_lazy("Suspended programmes"), Q(status=S.SUSPENDED)),
    "dung": (gettext_lazy("Programmes on track"),
             Q(status=S.IN_FORCE, figure__standing__in=(figures.ON_TRACK, figures.AHEAD))),
    "cham": (gettext_lazy("Programmes behind"), Q(status=S.IN_FORCE, figure__standing=figures.BEHIND)),
    "chua-co-so-lieu": (gettext_lazy("Programmes without figures yet"),
                        Q(status=S.IN_FORCE) & (Q(figure=None)
                                                | Q(figure__standing__in=(figures.NO_DATA, figures.TOO_EARLY)))),
}  # fmt: skip
PLACES = {
    localities.NOWHERE: gettext_lazy("no place recorded"),
    localities.ITSELF: gettext_lazy("the place itself, no commune named"),
}
DATA = {content.WITH_DATA: gettext_lazy("with data"), content.WITHOUT_DATA: gettext_lazy("no data yet")}


class Narrowed:
    """Conditions of a list beside the scope: taken from the address, shown as chips that lead to the list without."""

    def __init__(self, request: SignedInRequest, route: str, *names: str, key: str = "overview") -> None:
        """Read the named values; `frame` (of the section `key`) has the chips of the scope, each keeping these."""
        self.route = route
        self.given = {name: value for name in names if FIELD.fullmatch(value := request.GET.get(name, ""))}
        self.frame = frame_of(request, key, route, **self.given)
        self.chips = list(self.frame.chips)

    def chip(self, name: str, label: str, value: str) -> None:
        """Show a condition that was understood."""
        rest = {key: text for key, text in self.given.items() if key != name}
        self.chips.append({"label": label, "value": value, "url": self.frame.scope.url(self.route, **rest)})

    def unit(self) -> Organisation | None:
        """Return the unit of ?don-vi=; Http404 for an unknown one, None where it is not given or no number."""
        pk = number(self.given.get("don-vi", ""))
        if pk is None:
            return None
        found = Organisation.objects.filter(pk=pk).first()
        if found is None:
            raise Http404
        self.chip("don-vi", _("Unit"), str(found))
        return found

    def programme(self, user: User) -> Programme | None:
        """Return the programme of ?chuong-trinh=; Http404 for a foreign or unknown one, None where it is not given."""
        pk = number(self.given.get("chuong-trinh", ""))
        if pk is None:
            return None
        found = Programme.objects.visible_to(user).filter(pk=pk).first()
        if found is None:
            raise Http404
        self.chip("chuong-trinh", _("Programme"), found.name)
        return found

    def group(self) -> str:
        """Return the code of ?noi-dung=; Http404 for an unknown one, "" where it is not given."""
        code = self.given.get("noi-dung", "")
        if not code:
            return ""
        found = ContentGroup.objects.filter(code=code).first() if code != content.OTHER else None
        if found is None and code != content.OTHER:
            raise Http404
        self.chip("noi-dung", _("Content group"), str(found or _("In no group")))
        return code

    def measure(self) -> str:
        """Return the field of activities that ?so-do= names; "" where it is not given, Http404 for an unknown one."""
        name = self.given.get("so-do", "")
        if not name:
            return ""
        if name not in localities.MEASURES or name == localities.ACTIVITIES:
            raise Http404
        stored, label, _column = localities.MEASURES[name]
        self.chip("so-do", _("Counted here"), str(label))
        return str(stored.value)

    def accepted_after(self) -> Q:
        """Return the condition of ?duyet-sau=, a day; none where it is not one."""
        day = due.day_in(self.given.get("duyet-sau", ""))
        if day is None:
            return Q()
        self.chip("duyet-sau", _("Accepted after"), day_words(day))
        return Q(reviewed_at__gte=changes.end_of(day))

    def every(self) -> bool:
        """Whether ?gom= asks for closed programmes too."""
        if self.given.get("gom") != EVERY:
            return False
        self.chip("gom", _("Programmes"), _("closed ones too, each in the months in which it ran"))
        return True

    def where(self) -> Q:
        """Return the condition of ?noi=; Http404 for an unknown one. Without a place, "itself" says nothing."""
        name, place = self.given.get("noi", ""), self.frame.scope.place
        if not name or (name == localities.ITSELF and not place):
            return Q()
        if name not in PLACES:
            raise Http404
        self.chip("noi", _("Where"), str(PLACES[name]))
        return Q(locality=place) if name == localities.ITSELF else Q(locality=None)


def _page(request: SignedInRequest, rows: Any) -> Page[Any]:
    return Paginator(rows, A_PAGE).get_page(request.GET.get("page"))


def _answer(
    request: SignedInRequest,
    narrowed: Narrowed,
    template: str,
    heading: str,
    page: Page[Any],
    table: Table | None = None,
    **more: Any,
) -> HttpResponse:
    context = {"heading": heading, "chips": narrowed.chips, "page_obj": page} | more
    return answer(request, narrowed.frame, template, context, table)


def dashboard_changed(request: SignedInRequest) -> HttpResponse:
    """List what each programme adds to a number of the section of changes, on a past day and today."""
    key = request.GET.get("so") or next(iter(past.NUMBERS))
    if key not in past.NUMBERS:
        raise Http404
    narrowed = Narrowed(request, "insights:dashboard_changed", "so", "ngay", key="changes")
    scope, today = narrowed.frame.scope, narrowed.frame.day
    day = due.day_in(narrowed.given.get("ngay", ""))
    day = day or changes.day_of(changes.WEEK, request.user, today) or today
    since = changes.since_of(day, request.user, today)
    narrowed.frame = replace(narrowed.frame, own={} if since == changes.WEEK else {"so-voi": since})
    found = past.read(request.user, scope, today, key, day)
    table = found.table if request.GET.get(DOWNLOAD) == CSV else None  # it holds every line
    csv_url = scope.url(narrowed.route, so=key, ngay=day.isoformat(), **{DOWNLOAD: CSV})
    page = _page(request, found.lines)
    heading = _("%(number)s: %(date)s and today") % {"number": found.number.label, "date": day_words(day)}
    return _answer(
        request, narrowed, "insights/dashboard_changed.html", heading, page, table,
        found=found, csv_url=csv_url,
    )  # fmt: skip


def dashboard_programmes(request: SignedInRequest) -> HttpResponse:
    """List the programmes behind a figure, the one furthest behind first."""
    group = request.GET.get("nhom", "")
    if group not in GROUPS:
        raise Http404
    narrowed = Narrowed(request, "insights:dashboard_programmes", "nhom", "don-vi")
    unit = narrowed.unit()
    heading, condition = GROUPS[group]
    rows = live_programmes(narrowed.frame.scope, request.user).filter(condition)
    if unit:
        signed = Party.objects.filter(programme=OuterRef("pk"), organisation=unit)
        led = Task.objects.filter(programme=OuterRef("pk"), lead=unit)
        rows = rows.filter(Exists(signed) | Exists(led))
    parties = Prefetch("parties", Party.objects.select_related("organisation"))
    rows = rows.slowest_first().select_related("figure").prefetch_related(parties)
    page = _page(request, rows)
    shown = [overview.row_of(programme) for programme in page.object_list]
    return _answer(request, narrowed, "insights/dashboard_programmes.html", str(heading), page, rows=shown)


def dashboard_tasks(request: SignedInRequest) -> HttpResponse:
    """List the tasks that count, of a content group, with data or without."""
    narrowed = Narrowed(request, "insights:dashboard_tasks", "noi-dung", "so-lieu", "chuong-trinh")
    group, data = narrowed.group(), narrowed.given.get("so-lieu", "")
    scope, programme = narrowed.frame.scope, narrowed.programme(request.user)
    rows = live_tasks(scope, request.user).filter(content.in_group(group) if group else Q())
    if programme:
        rows = rows.filter(programme=programme)
    if data:
        if data not in DATA:
            raise Http404
        tasks = content.tasks_read(request.user, scope, group)
        if tasks is not None:  # else too many to tell: no number leads here, and the condition is not applied
            narrowed.chip("so-lieu", _("Data"), str(DATA[data]))
            found = task_figures(tasks)
            wanted = data == content.WITH_DATA
            rows = rows.filter(pk__in=[task.pk for task in tasks if found[task.pk].figure.has_data == wanted])
    rows = rows.select_related("programme", "lead").order_by("programme__sort_key", "position", "pk")
    page = _page(request, rows)
    shown = task_rows(page.object_list)
    return _answer(request, narrowed, "insights/dashboard_tasks.html", _("Tasks"), page, rows=shown)


def dashboard_activities(request: SignedInRequest) -> HttpResponse:
    """List the accepted activities that a number counts, the latest first."""
    names = ("don-vi", "noi-dung", "so-do", "noi", "gom", "chuong-trinh", "duyet-sau")
    narrowed = Narrowed(request, "insights:dashboard_activities", *names)
    unit, group, measure = narrowed.unit(), narrowed.group(), narrowed.measure()
    programme, is_every, where = narrowed.programme(request.user), narrowed.every(), narrowed.where()
    scope, user, after = narrowed.frame.scope, request.user, narrowed.accepted_after()
    rows = activities(scope, user, is_every=is_every).filter(where).filter(after)
    stored = totals(scope, user, measure or Tally.Measure.ACTIVITIES, is_every=is_every).filter(where)
    if programme:
        rows, stored = rows.filter(task__programme=programme), stored.filter(task__programme=programme)
    if measure:
        rows = rows.filter(**{f"{measure}__isnull": False})
    if unit:
        rows, stored = rows.filter(unit=unit), stored.filter(unit=unit)
    if group:
        tasks = Task.objects.filter(content.in_group(group))
        rows, stored = rows.filter(task__in=tasks), stored.filter(task__in=tasks)
    number_of_all = lambda: stored.aggregate(n=Sum("count"))["n"] or 0  # noqa: E731
    total = None if after else number_of_all  # the stored totals do not know when something was accepted
    page = page_of(rows.only("pk"), request.GET.get("page"), A_PAGE, total=total)
    carried = rows.order_by().aggregate(total=Sum(measure)) if after and measure else None
    more: dict[str, Any] = {
        "lines": lines_of([row.pk for row in page]),
        "total": (carried or stored.aggregate(total=Sum("sum")))["total"] if measure else None,
        "column": localities.MEASURES[narrowed.given["so-do"]][2] if measure else "",
    }
    return _answer(request, narrowed, "insights/dashboard_activities.html", _("Accepted activities"), page, **more)


def dashboard_values(request: SignedInRequest, pk: int) -> HttpResponse:
    """List the accepted values of one indicator that its result is made of, the latest first."""
    seen = Indicator.objects.filter(task__in=Task.objects.visible_to(request.user))
    indicator = get_object_or_404(seen.select_related("task__programme"), pk=pk)
    frame = frame_of(request, "indicators", "insights:dashboard_values", pk)
    is_sum = figures.adds_up(indicator.kind, indicator.roll_up)
    rows = Measurement.objects.visible_to(request.user).accepted().filter(indicator=indicator)
    only = Scope(period=frame.scope.period)  # no other condition says which of its values count
    if window := only.window:
        rows = rows.filter(as_of__lt=window[1])
        rows = rows.filter(as_of__gte=window[0]) if is_sum else rows  # a level holds until the next value
    context = {
        "heading": indicator.name,
        "chips": chips(only, lambda other: other.url("insights:dashboard_values", pk)),
        "indicator": indicator,
        "is_sum": is_sum,
        "total": rows.aggregate(total=Sum("value"))["total"] if is_sum else None,
        "page_obj": page_of(
            rows.select_related("unit", "locality").order_by("-as_of", "-pk"), request.GET.get("page"), A_PAGE
        ),
    }
    return answer(request, frame, "insights/dashboard_values.html", context)
