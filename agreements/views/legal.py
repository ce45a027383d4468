"""The register of legal documents: the list, and the page of one document with all that rests on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements import policy
from agreements.forms.legal import AliasForm, RelationForm
from agreements.models import LegalBasis, LegalDocument, LegalRelation, Programme, Task
from agreements.services.legal import merged_into
from agreements.views.history import document_entries
from core.http import filter_chip
from documents import vietnamese

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from agreements.models.legal import LegalDocumentQuerySet
    from core.http import SignedInRequest

PER_PAGE = 25
TASKS_SHOWN = 20
PROGRAMMES_SHOWN = 100
HISTORY_SHOWN = 20
TAB, ALL = "danh-sach", "tat-ca"
LABELS = {
    ALL: gettext_lazy("All"),
    "co-chuong-trinh": gettext_lazy("Programmes rest on it"),
    "can-kiem-tra": gettext_lazy("Effect to be checked"),
    "het-hieu-luc": gettext_lazy("No longer in force"),
    "trung-so": gettext_lazy("Possible duplicates"),
}
FILTERS = ("q", "loai", "co-quan", "hieu-luc", "nam")


def may_write(request: SignedInRequest) -> bool:
    """Return whether any of the person's roles may change the register."""
    return any(actor.role == policy.OFFICER and actor.organisation.is_front for actor in request.actors)


def legal_list(request: SignedInRequest) -> HttpResponse:
    """Show the register: saved lists as tabs with counts, filters in the address, the latest document first."""
    chosen = {name: vietnamese.clean(request.GET.get(name, ""), multiline=False)[:200] for name in FILTERS}
    everything = LegalDocument.objects.visible_to(request.user)
    conditions = _tab_conditions(request)
    tab = request.GET.get(TAB, ALL)
    tab = tab if tab in conditions else ALL
    rows, chips = _filtered(request, everything.filter(conditions[tab]), chosen, tab)
    seen = Q(bases__programme__in=Programme.objects.visible_to(request.user).values("pk"))
    rows = rows.annotate(used=Count("bases", filter=seen, distinct=True)).prefetch_related("aliases")
    page = Paginator(rows.order_by(F("issued_on").desc(nulls_last=True), "number_key", "pk"), PER_PAGE)
    counts = everything.aggregate(
        **{
            name.replace("-", "_"): Count("pk", filter=condition, distinct=True)
            for name, condition in conditions.items()
        }
    )
    context = {
        "page_obj": page.get_page(request.GET.get("page")),
        "tabs": _tabs(counts, tab),
        "tab": tab,
        "chips": chips,
        "clear_url": f"?{TAB}={tab}",
        "chosen": chosen,
        "options": _options(everything, chosen),
        "nothing_at_all": not counts["tat_ca"],
        "may_write": may_write(request),
    }
    return render(request, "agreements/legal_list.html", context)


def _tab_conditions(request: SignedInRequest) -> dict[str, Q]:
    programmes = Programme.objects.visible_to(request.user)
    used = Exists(LegalBasis.objects.filter(document=OuterRef("pk"), programme__in=programmes.values("pk")))
    live = Exists(LegalBasis.objects.filter(document=OuterRef("pk"), programme__in=programmes.live().values("pk")))
    return {
        ALL: Q(pk__isnull=False),
        "co-chuong-trinh": Q(used),
        "can-kiem-tra": Q(live, effect=LegalDocument.Effect.UNKNOWN),
        "het-hieu-luc": Q(effect__in=LegalDocument.WEAK),
        "trung-so": Q(pk__in=LegalDocument.objects.twins().order_by().values("pk")),
    }


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


def _filtered(
    request: SignedInRequest, rows: LegalDocumentQuerySet, chosen: dict[str, str], tab: str
) -> tuple[LegalDocumentQuerySet, list[dict[str, Any]]]:
    """Return the rows that hold the conditions of the address, and one chip for each that was understood."""
    chips: list[dict[str, Any]] = []

    def chip(name: str, label: str, value: str) -> None:
        chips.append(filter_chip(request, name, label, value, **{TAB: tab}))

    if chosen["q"]:
        rows = rows.search(chosen["q"])
        chip("q", _("Words"), chosen["q"])
    if chosen["loai"]:
        rows = rows.filter(kind_key=vietnamese.fold(chosen["loai"]))
        chip("loai", _("Kind"), chosen["loai"])
    if chosen["co-quan"]:
        rows = rows.filter(issuer=chosen["co-quan"])
        chip("co-quan", _("Issued by"), chosen["co-quan"])
    if chosen["hieu-luc"] in LegalDocument.Effect.values:
        rows = rows.filter(effect=chosen["hieu-luc"])
        chip("hieu-luc", _("Effect"), str(LegalDocument.Effect(chosen["hieu-luc"]).label))
    if chosen["nam"].isascii() and chosen["nam"].isdigit() and 1900 <= int(chosen["nam"][:9]) <= 2200:
        rows = rows.filter(issued_year=int(chosen["nam"]))
        chip("nam", _("Year"), chosen["nam"])
    return rows, chips


def _options(everything: LegalDocumentQuerySet, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """Return the select boxes of the filter: name, label, choices as (value, label, selected)."""
    held = list(everything.order_by().values_list("kind", "issuer", "issued_year").distinct())
    kinds = sorted({row[0] for row in held}, key=vietnamese.sort_key)
    issuers = sorted({row[1] for row in held if row[1]}, key=vietnamese.sort_key)[:200]
    years = sorted({row[2] for row in held if row[2]}, reverse=True)
    found: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("loai", _("Kind"), [(kind, kind) for kind in kinds]),
        ("co-quan", _("Issued by"), [(text, text) for text in issuers]),
        ("hieu-luc", _("Effect"), [(str(value), str(label)) for value, label in LegalDocument.Effect.choices]),
        ("nam", _("Year"), [(str(year), str(year)) for year in years]),
    ]
    return [
        {"name": name, "label": label, "choices": [(value, text, value == chosen[name]) for value, text in choices]}
        for name, label, choices in found
    ]


def legal_detail(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show a document: effect with source, relations, names, what rests on it; a merged one leads to where it went."""
    document = LegalDocument.objects.visible_to(request.user).filter(pk=pk).first()
    if document is None:
        now = merged_into(pk)
        if now is None or not LegalDocument.objects.filter(pk=now).exists():
            raise Http404
        return redirect("agreements:legal_detail", now)
    return detail_page(request, document)


def detail_page(
    request: SignedInRequest,
    document: LegalDocument,
    *,
    relation_form: RelationForm | None = None,
    alias_form: AliasForm | None = None,
) -> HttpResponse:
    """Return the page of a document, with a form as it was typed where one was refused."""
    writes = may_write(request)
    context: dict[str, Any] = {
        "document": document,
        "bases": _bases(request, document),
        "out": list(document.relations_out.select_related("target").order_by("kind", "pk")),
        "into": list(document.relations_in.select_related("source").order_by("kind", "pk")),
        "aliases": list(document.aliases.all()),
        "twins": list(LegalDocument.objects.twins_of(document)[:5]) if writes else [],
        "entries": document_entries(document)[:HISTORY_SHOWN],
        "may_write": writes,
        "relation_form": relation_form or RelationForm(),
        "alias_form": alias_form or AliasForm(),
        "refused": relation_form or alias_form,
        "known_labels": labels(document) if writes else [],
    }
    context["cause"] = cause_of(document, context["into"])
    return render(request, "agreements/legal_detail.html", context)


def labels(document: LegalDocument | None = None) -> list[str]:
    """Return what a field for a document offers: the latest 200 of the register, this one left out."""
    rows = LegalDocument.objects.exclude(pk=document.pk if document else 0)
    return [row.label for row in rows.only("kind", "number", "issued_on", "issued_year", "issuer")[:200]]


def cause_of(document: LegalDocument, into: list[LegalRelation]) -> str:
    """Return why a programme resting on the document needs a look; "" where it does not."""
    if not document.is_weak:
        return ""
    by = [row.source for row in into if row.kind == LegalRelation.Kind.REPLACES]
    if document.effect == LegalDocument.Effect.REPLACED and by:
        return _("Replaced by %(document)s") % {"document": "; ".join(row.label for row in by)}
    if document.effect_to:
        return _("Expired; last day in force %(day)s") % {"day": vietnamese.format_date(document.effect_to)}
    return str(document.get_effect_display())


def _bases(request: SignedInRequest, document: LegalDocument) -> list[LegalBasis]:
    """Return the bases of visible programmes, live ones first, each with its live tasks."""
    tasks = Task.objects.visible_to(request.user).live().select_related("lead").order_by("position", "pk")
    rows = (
        LegalBasis.objects.filter(document=document, programme__in=Programme.objects.visible_to(request.user))
        .select_related("programme__officer", "kept_by")
        .prefetch_related(Prefetch("programme__tasks", queryset=tasks, to_attr="shown_tasks"))
    )
    found = sorted(rows, key=lambda row: (row.programme.status not in Programme.LIVE, row.programme.sort_key))
    for row in found:
        row.document = document
    return found[:PROGRAMMES_SHOWN]


def merge_url(document: LegalDocument, other: LegalDocument) -> str:
    """Return the address where two documents stand side by side, `document` being the one that stays."""
    return f"{reverse('agreements:legal_merge', args=[document.pk])}?voi={other.pk}"
