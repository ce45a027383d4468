"""Forms of the register: enter and change a document, its relations and names, join two that are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import policy, services
from agreements.forms.legal import AliasForm, KeepForm, LegalDocumentForm, MergeForm, OtherForm, RelationForm
from agreements.models import LegalBasis, LegalDocument, Programme
from agreements.services.legal import FIELDS, AlreadyThere, Merge, preview_merge
from agreements.views.conflicts import compare
from agreements.views.legal import detail_page, labels, merge_url
from agreements.views.programme_forms import KINDS
from agreements.views.programmes import bases_page
from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import form_data, once

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest


def _load(request: SignedInRequest, pk: int) -> LegalDocument:
    return get_object_or_404(LegalDocument.objects.visible_to(request.user), pk=pk)


def _id(text: str) -> int:
    """Return an id typed into an address or a button; 0 (no row has it) for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def legal_create(request: SignedInRequest) -> HttpResponseBase:
    """Enter a document in the register."""
    return _form(request, None)


def legal_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Change a document of the register, its effect above all."""
    return _form(request, _load(request, pk))


def _form(request: SignedInRequest, document: LegalDocument | None) -> HttpResponseBase:
    policy.require_register(request.actor)
    saved = LegalDocumentForm.initial_of(document) if document else {}
    form = LegalDocumentForm(form_data(request), initial=saved)

    def act() -> HttpResponseBase:
        if form.is_valid():
            cleaned = form.cleaned_data
            by = cleaned["replaced_by"] if cleaned["effect"] == LegalDocument.Effect.REPLACED else None
            values = {name: cleaned[name] for name in FIELDS}
            try:
                row = services.save_document(
                    actor=request.actor, document=document, version=cleaned["version"], replaced_by=by, **values
                )
                messages.success(request, _("The document is saved."))
                return redirect("agreements:legal_detail", row.pk)
            except Stale as stale:
                now = LegalDocumentForm.initial_of(stale.current)
                return compare(request, stale, [(form, now)], cancel_url=request.path)
            except AlreadyThere as error:
                add_error(form, error)
                return _form_page(request, document, form, error.existing)
            except DomainError as error:
                add_error(form, error)
        return _form_page(request, document, form)

    return once(request, act) if request.method == "POST" else _form_page(request, document, form)


def _form_page(
    request: SignedInRequest,
    document: LegalDocument | None,
    form: LegalDocumentForm,
    existing: LegalDocument | None = None,
) -> HttpResponse:
    to_list = reverse("agreements:legal_list")
    context = {
        "form": form,
        "document": document,
        "existing": existing,
        "cancel_url": reverse("agreements:legal_detail", args=[document.pk]) if document else to_list,
        "kinds": KINDS,
        "known_labels": labels(document),
        "submit_label": _("Save the document"),
    }
    return render(request, "agreements/legal_form.html", context)


def legal_relate(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Say how this document acts on another one, or take a relation back (button bo=<id>)."""
    document = _load(request, pk)
    gone = "bo" in request.POST
    data = form_data(request)
    form = RelationForm({} if gone else data)
    if request.method == "GET":  # what was typed before the session ended
        return detail_page(request, document, relation_form=form) if data else redirect("agreements:legal_detail", pk)

    def act() -> HttpResponseBase:
        try:
            if gone:
                services.drop_relation(actor=request.actor, document=document, pk=_id(request.POST["bo"]))
                messages.success(request, _("The relation is removed."))
                return redirect("agreements:legal_detail", pk)
            if form.is_valid():
                target, kind = form.cleaned_data["target"], form.cleaned_data["kind"]
                services.relate(actor=request.actor, source=document, target=target, kind=kind)
                return redirect("agreements:legal_detail", pk)
        except DomainError as error:
            if gone:
                messages.error(request, error.message)
                return redirect("agreements:legal_detail", pk)
            add_error(form, error)
        return detail_page(request, document, relation_form=form)

    return once(request, act)


def legal_alias(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Enter a name by which people call the document, or take one back (button bo=<id>)."""
    document = _load(request, pk)
    gone = "bo" in request.POST
    data = form_data(request)
    form = AliasForm({} if gone else data)
    if request.method == "GET":  # what was typed before the session ended
        return detail_page(request, document, alias_form=form) if data else redirect("agreements:legal_detail", pk)

    def act() -> HttpResponseBase:
        if gone:
            services.drop_alias(actor=request.actor, document=document, pk=_id(request.POST["bo"]))
            messages.success(request, _("The name is removed."))
            return redirect("agreements:legal_detail", pk)
        if form.is_valid():
            try:
                services.add_alias(actor=request.actor, document=document, text=form.cleaned_data["text"])
                return redirect("agreements:legal_detail", pk)
            except DomainError as error:
                add_error(form, error)
        return detail_page(request, document, alias_form=form)

    return once(request, act)


def legal_merge(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show the document beside another one and what joining them would do; ?voi= names the one that would go."""
    policy.require_register(request.actor)
    document = _load(request, pk)
    named = request.GET.get("voi", "")
    choose = OtherForm(request.GET if named else None)
    other = LegalDocument.objects.exclude(pk=pk).filter(pk=_id(named)).first()
    if other is None and named and choose.is_valid():
        other = choose.cleaned_data["voi"]
        if other.pk != pk:
            return redirect(merge_url(document, other))
        choose.add_error("voi", _("Choose another document to compare with"))
        other = None
    if other is None:
        context = {"document": document, "twins": _twins(document), "choose": choose, "known_labels": labels(document)}
        return render(request, "agreements/legal_merge.html", context)
    plan = preview_merge(keep=document, drop=other)
    initial = {"version": document.version, "other_version": other.version}
    form = MergeForm(form_data(request), initial=initial, needs_reason=plan.needs_reason)
    if request.method == "POST":
        return once(request, lambda: _merge(request, plan, form))
    return _merge_page(request, plan, form)


def _twins(document: LegalDocument) -> list[dict[str, Any]]:
    rows = LegalDocument.objects.twins_of(document)[:20]
    return [{"document": row, "url": merge_url(document, row)} for row in rows]


def _merge(request: SignedInRequest, plan: Merge, form: MergeForm) -> HttpResponseBase:
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            row = services.merge_documents(
                actor=request.actor,
                keep=plan.keep,
                drop=plan.drop,
                versions=(cleaned["version"], cleaned["other_version"]),
                confirmed=cleaned.get("confirmed", False),
                reason=cleaned.get("reason", ""),
            )
            messages.success(request, _("The two are one document now."))
            return redirect("agreements:legal_detail", row.pk)
        except DomainError as error:
            add_error(form, error)
    return _merge_page(request, plan, form)


def _merge_page(request: SignedInRequest, plan: Merge, form: MergeForm) -> HttpResponse:
    programmes = Programme.objects.visible_to(request.user).filter(pk__in=[*plan.programmes, *plan.shared])
    context = {
        "document": plan.keep,
        "other": plan.drop,
        "plan": plan,
        "sides": _sides(plan),
        "programmes": programmes.order_by("sort_key")[:50],
        "moved": len(plan.programmes) + len(plan.shared),
        "form": form,
        "swap_url": merge_url(plan.drop, plan.keep),
    }
    return render(request, "agreements/legal_merge.html", context)


def _sides(plan: Merge) -> list[dict[str, Any]]:
    """Return the rows of the comparison: {label, keep, drop, contradicts, filled}."""
    names = {
        "kind": _("Kind of document"),
        "number": _("Number"),
        "issued_on": _("Day of issue"),
        "issued_year": _("Year"),
        "issuer": _("Issued by"),
        "subject": _("Subject"),
        "effect": _("Effect"),
        "effect_from": _("In force from"),
        "effect_to": _("In force until"),
    }
    rows = []
    for name, label in names.items():
        keep, drop = (
            row.get_effect_display() if name == "effect" else getattr(row, name) for row in (plan.keep, plan.drop)
        )
        if name == "issued_year" and (plan.keep.issued_on or plan.drop.issued_on) and name not in plan.contradicting:
            continue
        if keep not in (None, "") or drop not in (None, ""):
            rows.append(
                {
                    "label": label,
                    "keep": keep,
                    "drop": drop,
                    "is_day": name in {"issued_on", "effect_from", "effect_to"},
                    "contradicts": name in plan.contradicting,
                    "filled": name in plan.filled,
                }
            )
    return rows


def basis_keep(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Note that the programme stays on a basis that fell away."""
    seen = Programme.objects.visible_to(request.user)
    basis = get_object_or_404(LegalBasis.objects.select_related("programme"), pk=pk, programme__in=seen)
    data = form_data(request)
    form = KeepForm(data)
    if request.method == "GET":  # what was typed before the session ended
        refused = (pk, form) if data else None
        return bases_page(request, basis.programme_id, refused=refused)

    def act() -> HttpResponseBase:
        if form.is_valid():
            try:
                effect, reason = form.cleaned_data["effect"], form.cleaned_data["reason"]
                services.keep_basis(actor=request.actor, basis=basis, effect=effect, reason=reason)
                messages.success(request, _("Noted. The flag stays, but no longer asks for a look."))
                return redirect("agreements:programme_bases", basis.programme_id)
            except DomainError as error:
                add_error(form, error)
        return bases_page(request, basis.programme_id, refused=(pk, form))

    return once(request, act)
