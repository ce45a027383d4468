"""The register of legal documents: list, page, forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import policy, services
from agreements.forms.legal import LegalDocumentForm, RelationForm
from agreements.models import LegalDocument, Programme
from agreements.services.legal import FIELDS, AlreadyThere
from agreements.views.conflicts import compare
from agreements.views.programme_forms import KINDS
from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import form_data, once
from documents import vietnamese

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

PER_PAGE = 25


def _may_write(request: SignedInRequest) -> bool:
    return any(actor.role == policy.OFFICER and actor.organisation.is_front for actor in request.actors)


def legal_list(request: SignedInRequest) -> HttpResponse:
    """Show the register, searched by number however written, words and effect."""
    query = vietnamese.clean(request.GET.get("q", ""), multiline=False)[:200]
    effect = request.GET.get("hieu-luc", "")
    seen = Programme.objects.visible_to(request.user)
    rows = LegalDocument.objects.visible_to(request.user)
    chips = []
    if query:
        rows = rows.search(query)
        chips.append({"label": _("Words"), "value": query, "url": f"?hieu-luc={effect}"})
    if effect in LegalDocument.Effect.values:
        rows = rows.filter(effect=effect)
        label = LegalDocument.Effect(effect).label
        chips.append({"label": _("Effect"), "value": label, "url": f"?q={query}"})
    rows = rows.annotate(used=Count("bases", filter=Q(bases__programme__in=seen.values("pk")), distinct=True))
    rows = rows.order_by(F("issued_on").desc(nulls_last=True), "number_key", "pk")
    context = {
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "chips": chips,
        "query": query,
        "effect": effect,
        "effects": LegalDocument.Effect.choices,
        "may_write": _may_write(request),
    }
    return render(request, "agreements/legal_list.html", context)


def legal_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a document, how it acts on others, and which visible programmes rest on it."""
    document = get_object_or_404(LegalDocument.objects.visible_to(request.user), pk=pk)
    return _detail(request, document, RelationForm(document=document))


def _detail(request: SignedInRequest, document: LegalDocument, form: RelationForm) -> HttpResponse:
    programmes = Programme.objects.visible_to(request.user).filter(legal_bases__document=document)
    context: dict[str, Any] = {
        "document": document,
        "programmes": programmes.select_related("figure").order_by("sort_key")[:200],
        "out": document.relations_out.select_related("target"),
        "into": document.relations_in.select_related("source"),
        "may_write": _may_write(request),
        "form": form,
    }
    return render(request, "agreements/legal_detail.html", context)


def legal_create(request: SignedInRequest) -> HttpResponseBase:
    """Enter a document in the register."""
    return _form(request, None)


def legal_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Change a document of the register, its effect above all."""
    return _form(request, get_object_or_404(LegalDocument.objects.visible_to(request.user), pk=pk))


def _form(request: SignedInRequest, document: LegalDocument | None) -> HttpResponseBase:
    policy.require_register(request.actor)
    saved = LegalDocumentForm.initial_of(document) if document else {}
    form = LegalDocumentForm(form_data(request), initial=saved)

    def page(existing: LegalDocument | None = None) -> HttpResponse:
        cancel = (
            reverse("agreements:legal_detail", args=[document.pk]) if document else reverse("agreements:legal_list")
        )
        context = {"form": form, "document": document, "existing": existing, "cancel_url": cancel, "kinds": KINDS}
        return render(request, "agreements/legal_form.html", context | {"submit_label": _("Save the document")})

    def act() -> HttpResponseBase:
        if form.is_valid():
            values = {name: form.cleaned_data[name] for name in FIELDS}
            try:
                row = services.save_document(
                    actor=request.actor, document=document, version=form.cleaned_data["version"], **values
                )
                messages.success(request, _("The document is saved."))
                return redirect("agreements:legal_detail", row.pk)
            except Stale as stale:
                return compare(request, stale, [(form, saved)], cancel_url=request.path)
            except AlreadyThere as error:
                add_error(form, error)
                return page(error.existing)
            except DomainError as error:
                add_error(form, error)
        return page()

    return once(request, act) if request.method == "POST" else page()


def legal_relate(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Say how this document acts on another one."""
    document = get_object_or_404(LegalDocument.objects.visible_to(request.user), pk=pk)
    form = RelationForm(request.POST, document=document)

    def act() -> HttpResponseBase:
        if form.is_valid():
            try:
                services.relate(
                    actor=request.actor,
                    source=document,
                    target=form.cleaned_data["target"],
                    kind=form.cleaned_data["kind"],
                )
                return redirect("agreements:legal_detail", pk)
            except DomainError as error:
                add_error(form, error)
        return _detail(request, document, form)

    return once(request, act)
