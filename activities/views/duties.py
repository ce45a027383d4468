"""Reports to hand in: the list by state, the page of one duty, and what an officer decides about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, Q, Value
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from activities import policy, services
from activities.forms.duties import MoveForm, RequestForm, WaiveForm
from activities.models import ReportDuty, Review
from activities.views.duty_rows import COLUMNS, Line, drawn_rows
from activities.views.duty_words import action_words, status_of
from activities.views.reports.parts import sendings_of
from agreements.models import Programme
from agreements.models.periods import period_of_code
from agreements.views.conflicts import compare
from core.exceptions import DomainError, NotAllowed, Stale
from core.forms import add_error
from core.http import form_data, once
from core.models import AuditEntry
from core.prepared import given_day, rows_of, rows_together
from documents import vietnamese
from partners.models import Organisation, actors_of, scope_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpResponse, HttpResponseBase, QueryDict

    from core.http import SignedInRequest
    from core.models import User

PER_PAGE = 25
MOST_CHOICES = 50  # of a select
TAB = "tinh-trang"
TABS = {
    "can-nop": gettext_lazy("To hand in"),
    "qua-han": gettext_lazy("Overdue"),
    "cho-duyet": gettext_lazy("Waiting for review"),
    "tra-lai": gettext_lazy("Returned"),
    "da-tiep-nhan": pgettext_lazy("report", "Accepted"),
    "duoc-mien": gettext_lazy("Waived"),
    "chua-den-ky": gettext_lazy("Later periods"),
}


def tab_condition(tab: str, day: Any) -> Q:
    """Return which duties stand under a tab; a returned report is under its own tab and, by its date, still owed.

    day: a date, or its place in a kept query.
    """
    kept = Q(waived_at=None)
    answered = Q(report__review__in=[Review.SUBMITTED, Review.ACCEPTED])
    owed = kept & ~answered & Q(programme__status__in=Programme.LIVE)
    return {
        "can-nop": owed & Q(due_on__gte=day, starts_on__lte=day),
        "qua-han": owed & Q(due_on__lt=day),
        "cho-duyet": kept & Q(report__review=Review.SUBMITTED),
        "tra-lai": owed & Q(report__review=Review.RETURNED),
        "da-tiep-nhan": kept & Q(report__review=Review.ACCEPTED),
        "duoc-mien": ~kept,
        "chua-den-ky": owed & Q(due_on__gte=day, starts_on__gt=day),
    }[tab]


def duty_list(request: SignedInRequest) -> HttpResponse:
    """List duties by state; conditions in the address: tinh-trang, chuong-trinh, don-vi, loai, ky (period),
    q (words in the programme or unit)."""
    user, day = request.user, timezone.localdate()
    rows, chips, chosen = _filtered(request.GET, ReportDuty.objects.visible_to(user), request.path)
    beside = _beside(user, day, is_counted=not chips)
    tab = request.GET.get(TAB, "")
    tab = tab if tab in TABS else "can-nop"
    found = list(_counted(rows, day)) if chips else beside["counts"]
    counts = dict(zip(TABS, found[0] if found else [0] * len(TABS), strict=True))
    paginator = Paginator(_listed(rows, tab, day) if chips else [], PER_PAGE)
    paginator.count = counts[tab]  # known: not to be asked for again
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = list(map(Line._make, page.object_list if chips else _kept_page(user, tab, page.number, day)))
    context = {
        "page_obj": page,
        "rows": page.object_list,
        "drawn_rows": drawn_rows(page.object_list, day),
        "tabs": [
            {"url": _with(request, TAB, name), "label": label, "count": counts[name], "current": name == tab}
            for name, label in TABS.items()
        ],
        "tab": tab,
        "chips": chips,
        "clear_url": f"?{TAB}={tab}",
        "options": _options(user, beside, chosen),
        "words": chosen["q"],
        "picked": len(chips) - bool(chosen["q"]),
    }
    return render(request, "activities/duty_list.html", context)


def _listed(rows: QuerySet[ReportDuty], tab: str, day: Any) -> QuerySet[Any, Any]:
    """Return the duties under a tab in their order, as the values of a Line."""
    order = ("-due_on", "-pk") if tab in {"da-tiep-nhan", "duoc-mien"} else ("due_on", "pk")
    return rows.filter(tab_condition(tab, day)).order_by(*order).values_list(*COLUMNS)


def _counted(rows: QuerySet[ReportDuty], day: Any) -> QuerySet[Any, Any]:
    """Return how many there are under each tab, in one row; none for who can see nothing."""
    counts = {f"n_{name.replace('-', '_')}": Count("pk", filter=tab_condition(name, day)) for name in TABS}
    return rows.order_by().values(all=Value(1)).annotate(**counts).values_list(*counts)


def _kept_page(user: User, tab: str, number: int, day: datetime.date) -> list[tuple[Any, ...]]:
    """Return the rows of a page of a tab without further conditions."""

    def make() -> QuerySet[Any, Any]:
        rows = _listed(ReportDuty.objects.visible_to(user), tab, given_day("day"))
        return rows[(number - 1) * PER_PAGE : number * PER_PAGE]

    return rows_of(("duties", scope_of(user).key, tab, number), make, day=day)


def _programmes(user: User) -> QuerySet[Programme]:
    return Programme.objects.visible_to(user).exclude(status=Programme.Status.DRAFT).order_by("sort_key", "pk")


def _units(user: User) -> QuerySet[Organisation]:
    owing = ReportDuty.objects.visible_to(user).order_by().values("unit")
    return Organisation.objects.filter(pk__in=owing).order_by("sort_key", "pk")


def _beside(user: User, day: datetime.date, *, is_counted: bool) -> dict[str, list[tuple[Any, ...]]]:
    """Return what stands beside the rows, from one query: the choices of the filters out of what the person may see
    (span: first and last due date), and if asked for the counts without further conditions."""

    def make() -> dict[str, QuerySet[Any, Any]]:
        everything = ReportDuty.objects.visible_to(user)
        span = everything.order_by().values(all=Value(1)).annotate(first=Min("due_on"), last=Max("due_on"))
        counts = {"counts": _counted(everything, given_day("day"))} if is_counted else {}
        return counts | {
            "programmes": _programmes(user).values_list("pk", "title", "short_title")[: MOST_CHOICES + 1],
            "units": _units(user).values_list("pk", "name", "name_en")[: MOST_CHOICES + 1],
            "span": span.values_list("first", "last"),
        }

    return rows_together(("beside duties", scope_of(user).key, MOST_CHOICES, is_counted), make, day=day)


def _with(request: SignedInRequest, name: str, value: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query[name] = value
    return f"?{query.urlencode()}"


def _filtered(given: QueryDict, rows: Any, path: str) -> tuple[Any, list[dict[str, Any]], dict[str, str]]:
    """Return the duties that hold the conditions of the address, the chips that say so, and the values chosen."""
    names = ("chuong-trinh", "don-vi", "loai", "ky", "q")
    chosen = {name: vietnamese.clean(given.get(name, ""), multiline=False)[:40] for name in names}
    chips: list[dict[str, Any]] = []

    def keep(name: str, label: str, value: Any) -> None:
        rest = given.copy()
        for gone in (name, "page"):
            rest.pop(gone, None)
        chips.append({"label": label, "value": value, "url": f"{path}?{rest.urlencode()}"})

    for name, column, label, model in (
        ("chuong-trinh", "programme", _("Programme"), Programme),
        ("don-vi", "unit", _("Unit"), Organisation),
    ):
        pk = chosen[name]
        is_id = pk.isascii() and pk.isdigit() and len(pk) < 10
        found = model._default_manager.filter(pk=int(pk), report_duties__in=rows).distinct().first() if is_id else None
        chosen[name] = str(found.pk) if found else ""
        if found:
            rows = rows.filter(**{column: found.pk})
            keep(name, label, found)
    if chosen["loai"] in ReportDuty.Kind.values:
        rows = rows.filter(kind=chosen["loai"])
        keep("loai", _("Kind"), ReportDuty.Kind(chosen["loai"]).label)
    if chosen["ky"]:
        rows = rows.filter(Q(period=chosen["ky"]) | Q(period__startswith=f"{chosen['ky']}-"))
        keep("ky", _("Reporting period"), period_of_code(chosen["ky"]))
    if words := vietnamese.fold(chosen["q"]).strip():
        rows = rows.filter(Q(programme__search_text__contains=words) | Q(unit__search_text__contains=words))
        keep("q", _("Words"), f"“{chosen['q']}”")
    return rows, chips, chosen


def _options(user: User, beside: dict[str, list[tuple[Any, ...]]], chosen: dict[str, str]) -> list[dict[str, Any]]:
    """Return the select boxes of the filter form: name, label, choices as (value, words), which one, whether there
    are more."""
    first, last = beside["span"][0] if beside["span"] else (None, None)
    years = range(first.year, last.year + 1) if first and last else ()
    is_english = get_language() == "en"
    programmes = [(str(pk), short or title) for pk, title, short in beside["programmes"]]
    units = [(str(pk), (is_english and name_en) or name) for pk, name, name_en in beside["units"]]
    listed: tuple[tuple[str, str, tuple[list[tuple[str, str]], bool]], ...] = (
        ("chuong-trinh", _("Programme"), _first(programmes, chosen["chuong-trinh"], _programmes(user))),
        ("don-vi", _("Unit"), _first(units, chosen["don-vi"], _units(user))),
        ("loai", _("Kind"), (ReportDuty.Kind.choices, False)),
        ("ky", _("Reporting period"), ([(str(year), str(year)) for year in years], False)),
    )
    return [
        {"name": name, "label": label, "choices": choices, "chosen": chosen[name], "more": are_more}
        for name, label, (choices, are_more) in listed
    ]


def _first(choices: list[tuple[str, str]], chosen: str, rows: Any) -> tuple[list[tuple[str, str]], bool]:
    """Return the first choices and the chosen one, and whether there are more; those are found by words."""
    first = choices[:MOST_CHOICES]
    if chosen and chosen not in dict(first):
        first += [(str(row.pk), str(row)) for row in rows.filter(pk=chosen)]
    return first, len(choices) > MOST_CHOICES


def load_duty(request: SignedInRequest, pk: int) -> ReportDuty:
    """Return the duty the person may see; 404 for a foreign one."""
    rows = ReportDuty.objects.visible_to(request.user)
    rows = rows.select_related("programme__owner", "committee", "unit", "report", "rule", "waived_by")
    return get_object_or_404(rows, pk=pk)


def actions_on(duty: ReportDuty, user: User) -> frozenset[str]:
    """Return what the person may do with the duty under any of the current memberships."""
    return frozenset().union(*(policy.allowed_duty_actions(actor, duty) for actor in actors_of(user)))


def duty_show(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what a unit owes by when, how it stands, who was reminded and what officers decided about it."""
    duty = load_duty(request, pk)
    day = timezone.localdate()
    nudges, report = list(duty.nudges.named()), getattr(duty, "report", None)
    entries = AuditEntry.objects.filter(object_type="reportduty", object_id=str(duty.pk)).order_by("-sequence")
    context = {
        "duty": duty,
        "programme": duty.programme,
        "status": status_of(duty, day),
        "nudges": nudges,
        "sendings": sendings_of(duty, report),
        "entries": [{"row": row, "what": action_words(row.action, row.detail)} for row in entries[:50]],
        "actions": actions_on(duty, request.user),
        "report": report,
        "write_url": _write_url(request.user, duty),
        "show_url": _report_address("activities:report_show", duty) if hasattr(duty, "report") else "",
    }
    return render(request, "activities/duty_show.html", context)


def _report_address(name: str, duty: ReportDuty) -> str:
    try:
        return reverse(name, args=[duty.pk])
    except NoReverseMatch:  # the pages of reports may not be there
        return ""


def _write_url(user: User, duty: ReportDuty) -> str:
    """Return where the report is written, for those who report for the unit and for officers on its behalf."""
    if policy.duty_state(duty) != "open" or duty.programme.status not in policy.LOGGABLE:
        return ""
    writes = any(
        (actor.role == policy.REPORTER and duty.unit_id in policy.units_of(user)) or policy.receives(actor, duty)
        for actor in actors_of(user)
    )
    return _report_address("activities:report_edit", duty) if writes else ""


def _decide(
    request: SignedInRequest, duty: ReportDuty, form: Any, page: dict[str, Any], act: Callable[[], object]
) -> HttpResponseBase:
    """Show a form about a duty, or carry it out once and go back to the duty."""
    back = reverse("activities:duty_show", args=[duty.pk])

    def shown() -> HttpResponse:
        context = {"form": form, "duty": duty, "cancel_url": back} | page
        return render(request, "activities/duty_form.html", context)

    def carry_out() -> HttpResponseBase:
        if form.is_valid():
            try:
                act()
                messages.success(request, page["done"])
                return redirect(back)
            except Stale as stale:
                now = stale.current
                saved = {"due_on": now.due_on, "reason": now.waive_reason or now.move_reason}
                return compare(request, stale, [(form, saved)], cancel_url=back)
            except NotAllowed:
                raise
            except DomainError as error:
                add_error(form, error)
        return shown()

    return once(request, carry_out) if request.method == "POST" else shown()


def duty_waive(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Let the unit off this report, with a reason."""
    duty = load_duty(request, pk)
    if request.method == "GET":
        policy.require_duty(request.actor, "waive", duty)
    form = WaiveForm(form_data(request), initial={"version": duty.version})
    page = {
        "title": _("Waive this report"),
        "hint": _("The report is no longer owed. The reason stays on record and the unit reads it."),
        "submit_label": _("Waive this report"),
        "done": _("The report is waived. You can ask for it again on this page."),
    }
    return _decide(
        request, duty, form, page, lambda: services.waive_duty(actor=request.actor, duty=duty, **form.cleaned_data)
    )


def duty_move(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Give this report another due date, with a reason."""
    duty = load_duty(request, pk)
    if request.method == "GET":
        policy.require_duty(request.actor, "move", duty)
    form = MoveForm(form_data(request), initial={"version": duty.version})
    page = {
        "title": _("Change the due date"),
        "hint": _("The first due date and the reason stay on record; a change of the rule no longer moves it."),
        "submit_label": _("Change the due date"),
        "done": _("The due date is changed. The unit is told."),
    }
    return _decide(
        request, duty, form, page, lambda: services.move_duty(actor=request.actor, duty=duty, **form.cleaned_data)
    )


def duty_restore(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Ask again for a report that was waived."""
    duty = load_duty(request, pk)
    back = redirect("activities:duty_show", pk)

    def act() -> HttpResponseBase:
        version = request.POST.get("version")
        services.restore_duty(actor=request.actor, duty=duty, version=version)
        messages.success(request, _("The report is asked for again. Its due date stays."))
        return back

    return once(request, act)


def duty_request(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Ask several units of a programme once for a report."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user).select_related("owner"), pk=pk)
    policy.require_request(request.actor, programme)
    form = RequestForm(form_data(request), programme=programme)
    back = reverse("activities:programme_reports", args=[pk])

    def shown() -> HttpResponse:
        context = {"form": form, "programme": programme, "cancel_url": back, "submit_label": _("Ask for the report")}
        return render(request, "activities/duty_request.html", context)

    def act() -> HttpResponseBase:
        if form.is_valid():
            values = {name: value for name, value in form.cleaned_data.items() if name != "units"}
            try:
                made = services.request_reports(actor=request.actor, programme=programme, units=form.chosen(), **values)
                count = vietnamese.format_number(len(made))
                messages.success(request, _("%(count)s units are asked for the report.") % {"count": count})
                return redirect(back)
            except DomainError as error:
                add_error(form, error)
        return shown()

    return once(request, act) if request.method == "POST" else shown()
