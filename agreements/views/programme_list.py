"""The list of programmes: saved views as tabs, filters in the address, sorted by how far behind they are."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Value
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from agreements.models import LegalBasis, LegalDocument, Party, Programme, Task
from agreements.views.programme_rows import COLUMNS, Line, drawn_rows
from core.http import filter_chip
from core.models import SavedView
from core.prepared import among, given_day, given_id, rows_of, rows_together
from documents import vietnamese
from partners.models import FieldOfWork, Organisation, actors_of, scope_of, units_acted_for

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpResponse

    from agreements.models.programmes import ProgrammeQuerySet
    from core.http import SignedInRequest
    from core.models import User

PER_PAGE = 25
MOST_CHOICES = 100  # of a select; others are found by words
SAVED_SHOWN = 12
SOON_DAYS = 90
TAB = "danh-sach"
FIRST = "hieu-luc"
WEAK = "can-cu-het-hieu-luc"
UNSEEN, KEPT = "chua", "giu-nguyen"
S = Programme.Status
LABELS = {
    "hieu-luc": gettext_lazy("In force"),
    "moi": gettext_lazy("Being prepared"),
    "cham": gettext_lazy("Behind"),
    "sap-het-han": gettext_lazy("Ending soon"),
    "cho-tong-ket": gettext_lazy("Awaiting final review"),
    WEAK: gettext_lazy("Basis no longer in force"),
    "cua-toi": gettext_lazy("Mine"),
    "tat-ca": gettext_lazy("All"),
}
REVIEWS = {UNSEEN: gettext_lazy("to be looked at"), KEPT: gettext_lazy("seen and kept")}
FILTERS = ("q", "don-vi", "linh-vuc", "nam", "trang-thai", "loai", "can-cu", "ra-soat")


def tab_conditions(user: User, day: datetime.date) -> dict[str, Q]:
    """Return what each saved view holds, by its name in the address."""
    units = _units_of(user)
    mine = _mine(Q(officer=user), Q(organisation__in=units), Q(lead__in=units), reports=bool(units))
    return _conditions(mine, day, day + datetime.timedelta(days=SOON_DAYS))


def _units_of(user: User) -> list[int]:
    return [actor.organisation.pk for actor in actors_of(user) if actor.role == "reporter"]


def _mine(officer: Q, organisation: Q, lead: Q, *, reports: bool) -> Q:
    """Return the condition of one's own programmes: in charge, and for who reports what the unit signed or leads in."""
    if not reports:
        return officer
    signed = Party.objects.filter(organisation, programme=OuterRef("pk"))
    led = Task.objects.filter(lead, programme=OuterRef("pk"))
    return officer | Q(Exists(signed)) | Q(Exists(led))


def _conditions(mine: Q, day: Any, soon: Any) -> dict[str, Q]:
    """Return the saved views; day and soon are dates or their places in a kept query."""
    return {
        "hieu-luc": Q(status=S.IN_FORCE),
        "moi": Q(status__in=[S.DRAFT, S.SIGNED]),
        "cham": Q(status=S.IN_FORCE, figure__standing="behind"),
        "sap-het-han": Q(status=S.IN_FORCE, ends_on__gte=day, ends_on__lte=soon),
        "cho-tong-ket": Q(status=S.ENDED),
        # IN, not EXISTS: counted over all programmes at once, the weak bases are gathered once
        WEAK: Q(pk__in=LegalBasis.objects.weak().order_by().values("programme"), status__in=Programme.LIVE),
        "cua-toi": mine,
        "tat-ca": Q(),
    }


def programme_list(request: SignedInRequest) -> HttpResponse:
    """Show the programmes the person may see, 25 a page, the one furthest behind first."""
    user, day = request.user, timezone.localdate()
    chosen = {name: vietnamese.clean(request.GET.get(name, ""), multiline=False)[:200] for name in FILTERS}
    tab = request.GET.get(TAB, "")
    if tab not in LABELS:
        tab = "tat-ca" if any(chosen.values()) else FIRST
    beside = _beside(request, day)
    *numbers, first, last = beside["counts"][0] if beside["counts"] else (*[0] * len(LABELS), None, None)
    counts = dict(zip(LABELS, numbers, strict=True))
    rows, chips = None, []
    if any(chosen.values()):
        rows = Programme.objects.visible_to(user).filter(tab_conditions(user, day)[tab])
        rows, chips = _filtered(request, rows, chosen, tab)
    pages = Paginator([] if rows is None else _sorted(rows), PER_PAGE)
    if not chips:
        pages.count = counts[tab]
    page = pages.get_page(request.GET.get("page"))
    shown = list(map(Line._make, page.object_list if chips else _kept_page(user, tab, page.number, day)))
    page.object_list = shown
    return render(
        request,
        "agreements/programme_list.html",
        {
            "page_obj": page,
            "rows": shown,
            "drawn_rows": drawn_rows(shown, day),
            "as_of": min((line.computed_at for line in shown if line.computed_at), default=None),
            "tabs": _tabs(counts, tab),
            "tab": tab,
            "chips": chips,
            "clear_url": f"?{TAB}={tab}",
            "chosen": chosen,
            "options": _options(beside, chosen, (first, last)),
            "saved": beside["saved"],
            "nothing_at_all": not counts["tat-ca"],
            "may_create": any(a.role == "officer" and a.organisation.is_front for a in actors_of(user)),
        },
    )


def _placed(units: list[int]) -> dict[str, Q]:
    """Return what each saved view holds for a kept query: places for the id `user`, the ids `units` and the days."""
    mine = _mine(
        Q(officer=given_id("user")), among("organisation", "units"), among("lead", "units"), reports=bool(units)
    )
    return _conditions(mine, given_day("day"), given_day("soon"))


def _values(user: User, units: list[int], day: datetime.date) -> dict[str, Any]:
    return {"user": user.pk, "units": units, "day": day, "soon": day + datetime.timedelta(days=SOON_DAYS)}


def _kept_page(user: User, tab: str, number: int, day: datetime.date) -> list[tuple[Any, ...]]:
    """Return the rows of a page of a saved view without further conditions."""
    units = _units_of(user)

    def make() -> QuerySet[Any, Any]:
        rows = _sorted(Programme.objects.visible_to(user).filter(_placed(units)[tab]))
        return rows[(number - 1) * PER_PAGE : number * PER_PAGE]

    key = ("programmes", scope_of(user).key, tab, number, bool(units))
    return rows_of(key, make, **_values(user, units, day))


def _beside(request: SignedInRequest, day: datetime.date) -> dict[str, list[tuple[Any, ...]]]:
    """Return what stands beside the rows, whatever is filtered, from one query.

    counts: how many each saved list holds, first and last day of all periods; bodies, bases and fields: the choices of
    the filters, with one more than are offered; saved: path and name of the views of this list that the person keeps or
    the unit shares.
    """
    user, units = request.user, _units_of(request.user)

    def make() -> dict[str, QuerySet[Any, Any]]:
        everything = Programme.objects.visible_to(user)
        counts = {_key(name): Count("pk", filter=one or None) for name, one in _placed(units).items()}
        last = Max("ends_on", filter=~Q(starts_on=None))
        counted = everything.order_by().values(all=Value(1)).annotate(**counts, first=Min("starts_on"), last=last)
        saved = SavedView.objects.visible_to_given().filter(path__startswith=request.path)
        return {
            "counts": counted.values_list(*counts, "first", "last"),
            "bodies": _bodies(everything),
            "bases": _bases(everything),
            "fields": FieldOfWork.objects.values_list("code", "name", "name_en"),
            "saved": saved.values_list("path", "name")[:SAVED_SHOWN],
        }

    key = ("beside programmes", scope_of(user).key, bool(units), MOST_CHOICES, request.path)
    shared = list(units_acted_for(request.actors))
    return rows_together(key, make, shared=shared, **_values(user, units, day))


def _key(name: str) -> str:
    return f"n_{name.replace('-', '_')}"


def _tabs(counts: dict[str, Any], current: str) -> list[dict[str, Any]]:
    return [
        {
            "url": f"?{TAB}={name}",
            "label": label,
            "count": vietnamese.format_number(counts[name]),
            "current": name == current,
        }
        for name, label in LABELS.items()
    ]


def _sorted(rows: ProgrammeQuerySet) -> QuerySet[Any, Any]:
    """Return the rows in their order, as the values of a Line."""
    return rows.slowest_first().values_list(*COLUMNS)


def _filtered(
    request: SignedInRequest, rows: ProgrammeQuerySet, chosen: dict[str, str], tab: str
) -> tuple[ProgrammeQuerySet, list[dict[str, Any]]]:
    """Return the rows that hold the conditions of the address, and one chip for each that was understood."""
    chips: list[dict[str, Any]] = []

    def chip(name: str, label: str, value: str) -> None:
        chips.append(filter_chip(request, name, label, value, **{TAB: tab}))

    if chosen["q"]:
        rows = rows.search(chosen["q"])
        chip("q", _("Words"), chosen["q"])
    if body := _by_pk(Organisation.objects.all(), chosen["don-vi"]):
        rows = rows.filter(Exists(Party.objects.filter(programme=OuterRef("pk"), organisation=body)))
        chip("don-vi", _("Body"), str(body))
    if field := FieldOfWork.objects.filter(code=chosen["linh-vuc"]).first() if chosen["linh-vuc"] else None:
        rows = rows.filter(field_of_work=field)
        chip("linh-vuc", _("Field of work"), str(field))
    if chosen["nam"].isascii() and chosen["nam"].isdigit() and 1900 <= int(chosen["nam"]) <= 2200:
        year = int(chosen["nam"])
        rows = rows.filter(starts_on__lte=datetime.date(year, 12, 31), ends_on__gte=datetime.date(year, 1, 1))
        chip("nam", _("Year"), chosen["nam"])
    for name, column, choices, label in (
        ("trang-thai", "status", S, _("Status")),
        ("loai", "kind", Programme.Kind, _("Kind")),
    ):
        if chosen[name] in choices.values:
            rows = rows.filter(**{column: chosen[name]})
            chip(name, label, str(choices(chosen[name]).label))
    if basis := _by_pk(LegalDocument.objects.all(), chosen["can-cu"]):
        rows = rows.filter(Exists(LegalBasis.objects.filter(programme=OuterRef("pk"), document=basis)))
        chip("can-cu", _("Legal basis"), str(basis))
    if chosen["ra-soat"] in REVIEWS:
        rows = rows.filter(_reviewed(chosen["ra-soat"]))
        chip("ra-soat", _("Basis no longer in force"), str(REVIEWS[chosen["ra-soat"]]))
    return rows, chips


def _reviewed(which: str) -> Q:
    """Return the condition of programmes with a weak basis that waits for a look, or of those where all are kept."""
    unseen = Q(Exists(LegalBasis.objects.unseen().filter(programme=OuterRef("pk"))))
    return (
        unseen if which == UNSEEN else ~unseen & Q(Exists(LegalBasis.objects.weak().filter(programme=OuterRef("pk"))))
    )


def _by_pk(rows: Any, value: str) -> Any:
    return rows.filter(pk=int(value)).first() if value.isascii() and value.isdigit() and len(value) < 10 else None


def _options(
    beside: dict[str, list[tuple[Any, ...]]],
    chosen: dict[str, str],
    span: tuple[datetime.date | None, datetime.date | None],
) -> list[dict[str, Any]]:
    """Return the select boxes of the filter: name, label, choices as (value, label), which one, whether there are more.

    span: first and last day of the programmes' periods.
    """
    years = range(span[0].year, span[1].year + 1) if span[0] and span[1] else range(0)
    is_english = get_language() == "en"
    bodies, fields = (
        [(str(value), (is_english and name_en) or name) for value, name, name_en in beside[part]]
        for part in ("bodies", "fields")
    )
    bases = [(str(pk), str(LegalDocument(kind=kind, number=number))) for pk, kind, number in beside["bases"]]
    found: list[tuple[str, str, list[tuple[str, str]], bool]] = [
        ("don-vi", _("Body"), *_bounded(bodies, Organisation, chosen["don-vi"])),
        ("linh-vuc", _("Field of work"), fields, False),
        ("nam", _("Year"), [(str(year), str(year)) for year in list(years)[:60]], False),
        ("trang-thai", _("Status"), [(str(value), str(label)) for value, label in S.choices], False),
        ("loai", _("Kind"), [(str(value), str(label)) for value, label in Programme.Kind.choices], False),
        ("can-cu", _("Legal basis"), *_bounded(bases, LegalDocument, chosen["can-cu"])),
        ("ra-soat", _("Basis no longer in force"), [(value, str(label)) for value, label in REVIEWS.items()], False),
    ]
    return [
        {"name": name, "label": label, "choices": choices, "chosen": chosen[name], "more": more}
        for name, label, choices, more in found
    ]


def _bodies(everything: ProgrammeQuerySet) -> QuerySet[Any, Any]:
    signed = Party.objects.filter(programme__in=everything.values("pk")).values("organisation")
    return Organisation.objects.filter(pk__in=signed).values_list("pk", "name", "name_en")[: MOST_CHOICES + 1]


def _bases(everything: ProgrammeQuerySet) -> QuerySet[Any, Any]:
    rested_on = LegalBasis.objects.filter(programme__in=everything.values("pk")).values("document")
    rows = LegalDocument.objects.filter(pk__in=rested_on).order_by("kind", "number_key")
    return rows.values_list("pk", "kind", "number")[: MOST_CHOICES + 1]


def _bounded(rows: list[tuple[str, str]], model: type[Model], chosen: str) -> tuple[list[tuple[str, str]], bool]:
    """Return the first choices with the chosen one among them, and whether there are more of them."""
    choices = rows[:MOST_CHOICES]
    if chosen and chosen not in dict(choices) and (row := _by_pk(model._default_manager.all(), chosen)):
        choices.append((str(row.pk), str(row)))
    return choices, len(rows) > MOST_CHOICES
