"""The list of programmes: saved views as tabs, filters in the address, sorted by how far behind they are."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Value
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import LegalBasis, LegalDocument, Party, Programme, Task
from agreements.views.coming import first_of
from agreements.views.standing import standing_of
from core.http import address_of, filter_chip
from core.models import SavedView
from core.prepared import among, given_day, given_id, objects_of, rows_of
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
LONGEST_LINE = 120  # characters of the partners in a row
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
DATED = {"sap-het-han", "cua-toi"}  # lists that depend on the day or the person, beside what the person may see
SHOWN = (
    *("code", "title", "short_title", "status", "starts_on", "ends_on", "owner_id"),
    *("figure__progress", "figure__elapsed", "figure__standing", "figure__computed_at"),
)
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
    day = timezone.localdate()
    conditions = tab_conditions(request.user, day)
    chosen = {name: vietnamese.clean(request.GET.get(name, ""), multiline=False)[:200] for name in FILTERS}
    tab = request.GET.get(TAB, "")
    if tab not in conditions:
        tab = "tat-ca" if any(chosen.values()) else FIRST
    everything = Programme.objects.visible_to(request.user)
    counts = _counted(request.user, everything, day)
    rows, chips = _filtered(request, everything.filter(conditions[tab]), chosen, tab)
    pages = Paginator(_sorted(rows), PER_PAGE)
    if not chips:
        pages.count = counts[tab]
    page = pages.get_page(request.GET.get("page"))
    if chips or tab in DATED:
        shown = list(page.object_list)
    else:
        shown = objects_of(("programmes", scope_of(request.user).key, tab, page.number), lambda: page.object_list)
        page.object_list = shown
    return render(
        request,
        "agreements/programme_list.html",
        {
            "page_obj": page,
            "rows": _rows(shown, day),
            "as_of": min((p.figure.computed_at for p in shown if hasattr(p, "figure")), default=None),
            "tabs": _tabs(counts, tab),
            "tab": tab,
            "chips": chips,
            "clear_url": f"?{TAB}={tab}",
            "chosen": chosen,
            "options": _options(request.user, everything, chosen, (counts["first"], counts["last"])),
            "saved": _saved(request),
            "nothing_at_all": not counts["tat-ca"],
            "may_create": any(a.role == "officer" and a.organisation.is_front for a in actors_of(request.user)),
        },
    )


def _counted(user: User, everything: ProgrammeQuerySet, day: datetime.date) -> dict[str, Any]:
    """Return how many each saved list holds, by its name, and the first and last day of all periods; one query."""
    units = _units_of(user)

    def make() -> QuerySet[Any, Any]:
        mine = _mine(
            Q(officer=given_id("user")), among("organisation", "units"), among("lead", "units"), reports=bool(units)
        )
        conditions = _conditions(mine, given_day("day"), given_day("soon"))
        counts = {_key(name): Count("pk", filter=condition or None) for name, condition in conditions.items()}
        last = Max("ends_on", filter=~Q(starts_on=None))
        rows = everything.order_by().values(all=Value(1)).annotate(**counts, first=Min("starts_on"), last=last)
        return rows.values_list(*counts, "first", "last")

    soon = day + datetime.timedelta(days=SOON_DAYS)
    key = ("programmes counted", scope_of(user).key, bool(units))
    found = rows_of(key, make, user=user.pk, units=units, day=day, soon=soon)
    *counts, first, last = found[0] if found else (*[0] * len(LABELS), None, None)
    return dict(zip(LABELS, counts, strict=True)) | {"first": first, "last": last}


def _key(name: str) -> str:
    return f"n_{name.replace('-', '_')}"


def _saved(request: SignedInRequest) -> list[tuple[str, str]]:
    """Return (path, name) of the views of this list that the person keeps or the unit shares."""
    rows = SavedView.objects.visible_to(request.user, units_acted_for(request.actors))
    return list(rows.filter(path__startswith=request.path).values_list("path", "name")[:SAVED_SHOWN])


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


def _sorted(rows: ProgrammeQuerySet) -> ProgrammeQuerySet:
    """Return the rows in their order, with no more of each than the list shows."""
    return rows.slowest_first().select_related("figure").only(*SHOWN)


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
    user: User,
    everything: ProgrammeQuerySet,
    chosen: dict[str, str],
    span: tuple[datetime.date | None, datetime.date | None],
) -> list[dict[str, Any]]:
    """Return the select boxes of the filter: name, label, choices as (value, label), which one, whether there are more.

    span: first and last day of the programmes' periods.
    """
    scope = scope_of(user).key
    years = range(span[0].year, span[1].year + 1) if span[0] and span[1] else range(0)
    bodies = objects_of(("bodies", scope, MOST_CHOICES), lambda: _bodies(everything))
    bases = objects_of(("bases", scope, MOST_CHOICES), lambda: _bases(everything))
    fields = objects_of("fields of work", FieldOfWork.objects.all)
    found: list[tuple[str, str, list[tuple[str, str]], bool]] = [
        ("don-vi", _("Body"), *_bounded(bodies, Organisation, chosen["don-vi"])),
        ("linh-vuc", _("Field of work"), [(row.code, str(row)) for row in fields], False),
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


def _bodies(everything: ProgrammeQuerySet) -> Any:
    signed = Party.objects.filter(programme__in=everything.values("pk")).values("organisation")
    return Organisation.objects.filter(pk__in=signed).only("name", "name_en")[: MOST_CHOICES + 1]


def _bases(everything: ProgrammeQuerySet) -> Any:
    rested_on = LegalBasis.objects.filter(programme__in=everything.values("pk")).values("document")
    rows = LegalDocument.objects.filter(pk__in=rested_on).order_by("kind", "number_key").only("kind", "number")
    return rows[: MOST_CHOICES + 1]


def _bounded(rows: list[Any], model: type[Model], chosen: str) -> tuple[list[tuple[str, str]], bool]:
    """Return the first choices with the chosen one among them, and whether there are more of them."""
    choices = [(str(row.pk), str(row)) for row in rows[:MOST_CHOICES]]
    if chosen and chosen not in dict(choices) and (row := _by_pk(model._default_manager.all(), chosen)):
        choices.append((str(row.pk), str(row)))
    return choices, len(rows) > MOST_CHOICES


def _parties() -> QuerySet[Any, Any]:
    rows = Party.objects.filter(among("programme", "programmes"))
    return rows.values_list("programme_id", "organisation_id", "name_as_signed")


def _weak() -> QuerySet[Any, Any]:
    rows = LegalBasis.objects.weak().filter(among("programme", "programmes")).order_by()
    return rows.values_list("programme_id", "document__effect", "kept_effect")


def _rows(programmes: list[Programme], day: datetime.date) -> list[dict[str, Any]]:
    """Return what the rows show, in four queries; shares as 0–100 for the bar."""
    ids = [programme.pk for programme in programmes]
    coming = first_of(programmes, day)
    url = address_of("agreements:programme_detail")
    owners = {programme.pk: programme.owner_id for programme in programmes}
    partners: dict[int, list[str]] = defaultdict(list)
    for pk, body, name in rows_of("parties of programmes", _parties, programmes=ids):
        if body != owners[pk]:
            partners[pk].append(name)
    unseen: dict[int, bool] = {}  # of programmes with a weak basis: whether one of these waits for a look
    for pk, effect, kept in rows_of("weak bases of programmes", _weak, programmes=ids):
        unseen[pk] = unseen.get(pk, False) or kept != effect
    found = []
    for programme in programmes:
        figure = getattr(programme, "figure", None)
        progress = figure.progress if figure else None
        elapsed = figure.elapsed if figure else programme.elapsed(day)
        found.append(
            {
                "programme": programme,
                "url": url(programme.pk),
                "partners": _shortened("; ".join(partners[programme.pk])),
                "progress": progress,
                "elapsed": elapsed,
                "done_100": None if progress is None else progress * 100,
                "elapsed_100": None if elapsed is None else elapsed * 100,
                "standing": standing_of(programme, figure),
                "coming": coming.get(programme.pk),
                "weak": programme.status in Programme.LIVE and programme.pk in unseen,
                "unseen": unseen.get(programme.pk, False),
            }
        )
    return found


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 1]}…"
