"""The list of programmes: saved views as tabs, filters in the address, sorted by how far behind they are."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, Min, OuterRef, Prefetch, Q
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import LegalBasis, LegalDocument, Party, Programme, Task
from agreements.views.coming import first_of
from agreements.views.standing import standing_of
from core.http import filter_chip
from documents import vietnamese
from partners.models import FieldOfWork, Organisation, actors_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from agreements.models.programmes import ProgrammeQuerySet
    from core.http import SignedInRequest
    from core.models import User

PER_PAGE = 25
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
    soon = day + datetime.timedelta(days=SOON_DAYS)
    mine = Q(officer=user)
    units = [actor.organisation.pk for actor in actors_of(user) if actor.role == "reporter"]
    if units:
        signed = Party.objects.filter(programme=OuterRef("pk"), organisation__in=units)
        led = Task.objects.filter(programme=OuterRef("pk"), lead__in=units)
        mine |= Q(Exists(signed)) | Q(Exists(led))
    return {
        "hieu-luc": Q(status=S.IN_FORCE),
        "moi": Q(status__in=[S.DRAFT, S.SIGNED]),
        "cham": Q(status=S.IN_FORCE, figure__standing="behind"),
        "sap-het-han": Q(status=S.IN_FORCE, ends_on__gte=day, ends_on__lte=soon),
        "cho-tong-ket": Q(status=S.ENDED),
        WEAK: Q(Exists(LegalBasis.objects.weak().filter(programme=OuterRef("pk"))), status__in=Programme.LIVE),
        "cua-toi": mine,
        "tat-ca": Q(),
    }


def programme_list(request: SignedInRequest) -> HttpResponse:
    """Show the programmes the person may see, 25 a page, the one furthest behind first."""
    day = timezone.localdate()
    conditions = tab_conditions(request.user, day)
    chosen = {name: vietnamese.clean(request.GET.get(name, ""), multiline=False)[:200] for name in FILTERS}
    tab = request.GET.get(TAB, "")
    filtered = any(chosen.values())
    if tab not in conditions:
        tab = "tat-ca" if filtered else FIRST
    everything = Programme.objects.visible_to(request.user)
    counts = everything.aggregate(
        **{
            name.replace("-", "_"): Count("pk", filter=condition) for name, condition in conditions.items() if condition
        },
        tat_ca=Count("pk"),
    )
    rows, chips = _filtered(request, everything.filter(conditions[tab]), chosen, tab)
    page = Paginator(_sorted(rows), PER_PAGE).get_page(request.GET.get("page"))
    coming = first_of(page.object_list, day)
    return render(
        request,
        "agreements/programme_list.html",
        {
            "page_obj": page,
            "rows": [_row(programme, day, coming.get(programme.pk)) for programme in page.object_list],
            "as_of": min((p.figure.computed_at for p in page.object_list if hasattr(p, "figure")), default=None),
            "tabs": _tabs(counts, tab),
            "tab": tab,
            "chips": chips,
            "clear_url": f"?{TAB}={tab}",
            "chosen": chosen,
            "options": _options(everything, chosen),
            "nothing_at_all": not counts["tat_ca"],
            "may_create": any(a.role == "officer" and a.organisation.is_front for a in actors_of(request.user)),
        },
    )


def _tabs(counts: dict[str, int], current: str) -> list[dict[str, Any]]:
    return [
        {
            "url": f"?{TAB}={name}",
            "label": label,
            "count": vietnamese.format_number(counts[name.replace("-", "_")]),
            "current": name == current,
        }
        for name, label in LABELS.items()
    ]


def _sorted(rows: ProgrammeQuerySet) -> Any:
    return (
        rows.slowest_first()
        .select_related("figure", "owner")
        .prefetch_related(Prefetch("parties", queryset=Party.objects.select_related("organisation")))
        .annotate(
            has_weak_basis=Exists(LegalBasis.objects.weak().filter(programme=OuterRef("pk"))),
            has_unseen_basis=Exists(LegalBasis.objects.unseen().filter(programme=OuterRef("pk"))),
        )
    )


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


def _options(everything: ProgrammeQuerySet, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """Return the select boxes of the filter: name, label, choices as (value, label, selected)."""
    seen = everything.values("pk")
    bodies = Organisation.objects.filter(signed_as__programme__in=seen).distinct()
    bases = LegalDocument.objects.filter(bases__programme__in=seen).distinct().order_by("kind", "number_key")[:200]
    years = everything.exclude(starts_on=None).aggregate(first=Min("starts_on"), last=Max("ends_on"))
    span = range(years["first"].year, years["last"].year + 1) if years["first"] and years["last"] else range(0)
    found: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("don-vi", _("Body"), [(str(body.pk), str(body)) for body in bodies]),
        ("linh-vuc", _("Field of work"), [(row.code, str(row)) for row in FieldOfWork.objects.all()]),
        ("nam", _("Year"), [(str(year), str(year)) for year in list(span)[:60]]),
        ("trang-thai", _("Status"), [(str(value), str(label)) for value, label in S.choices]),
        ("loai", _("Kind"), [(str(value), str(label)) for value, label in Programme.Kind.choices]),
        ("can-cu", _("Legal basis"), [(str(row.pk), str(row)) for row in bases]),
        ("ra-soat", _("Basis no longer in force"), [(value, str(label)) for value, label in REVIEWS.items()]),
    ]
    return [
        {
            "name": name,
            "label": label,
            "choices": [(value, text, value == chosen[name]) for value, text in choices],
        }
        for name, label, choices in found
    ]


def _row(programme: Programme, day: datetime.date, coming: dict[str, Any] | None) -> dict[str, Any]:
    """Return what one row shows; shares as 0–100 for the bar."""
    figure = getattr(programme, "figure", None)
    progress = figure.progress if figure else None
    elapsed = figure.elapsed if figure else programme.elapsed(day)
    partners = [p.name_as_signed for p in programme.parties.all() if p.organisation_id != programme.owner_id]
    return {
        "programme": programme,
        "partners": partners,
        "progress": progress,
        "elapsed": elapsed,
        "done_100": None if progress is None else progress * 100,
        "elapsed_100": None if elapsed is None else elapsed * 100,
        "standing": standing_of(programme, figure),
        "coming": coming,
        "weak": programme.status in Programme.LIVE and programme.has_weak_basis,  # type: ignore[attr-defined]
        "unseen": programme.has_unseen_basis,  # type: ignore[attr-defined]
    }
