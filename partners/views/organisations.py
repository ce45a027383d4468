"""Pages of the register of organisations: readable by everyone signed in, changed by administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import conflict_page, form_data, once
from documents import vietnamese
from partners import policy, services
from partners.forms import ContactForm, OrganisationEditForm, OrganisationForm
from partners.models import Membership, Organisation, Succession

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest
    from core.models import Actor

PER_PAGE = 50


def administrator_of(request: SignedInRequest) -> Actor | None:
    """Return the actor under whom the person administers, None for all others."""
    return next((actor for actor in request.actors if actor.role == Membership.Role.ADMINISTRATOR), None)


def organisation_list(request: SignedInRequest) -> HttpResponse:
    """List organisations; `q` also finds former names, `loai` is a kind, `tinh-trang` active, dissolved or all."""
    query = vietnamese.clean(request.GET.get("q", ""), multiline=False)[:100]
    kind = request.GET.get("loai", "")
    status = request.GET.get("tinh-trang", "active")
    found = Organisation.objects.visible_to(request.user).select_related("parent")
    if query:
        found = found.search(query)
    if kind in Organisation.Kind.values:
        found = found.filter(kind=kind)
    everything = found
    if status in Organisation.Status.values:
        found = found.filter(status=status)
    page = Paginator(found.prefetch_related("names"), PER_PAGE).get_page(request.GET.get("page"))
    rest = request.GET.copy()
    rest.pop("page", None)

    def tab(value: str, label: str, count: int) -> dict[str, object]:
        rest["tinh-trang"] = value
        return {"url": f"?{rest.urlencode()}", "label": label, "count": count, "current": status == value}

    active = everything.filter(status=Organisation.Status.ACTIVE).count()
    gone = everything.filter(status=Organisation.Status.DISSOLVED).count()
    context = {
        "page_obj": page,
        "rows": [{"unit": unit, "former": _former(unit, query)} for unit in page],
        "query": query,
        "kind": kind,
        "status": status,
        "kinds": Organisation.Kind.choices,
        "tab_items": [
            tab("active", _("Active"), active),
            tab("dissolved", _("Dissolved"), gone),
            tab("all", _("All"), active + gone),
        ],
        "is_administrator": administrator_of(request) is not None,
    }
    return render(request, "partners/organisation_list.html", context)


def _former(unit: Organisation, query: str) -> str:
    """Return the former name that the search found, where today's name is not what was found."""
    folded = vietnamese.fold(query)
    if not folded or folded in unit.search_text:
        return ""
    return next((row.name for row in unit.names.all() if folded in row.search_text), "")


def organisation_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show names, parents and succession with their days, contacts, and for administrators the members."""
    unit = get_object_or_404(Organisation.objects.visible_to(request.user).select_related("parent", "locality"), pk=pk)
    actor = administrator_of(request)
    successions = Succession.objects.select_related("event", "predecessor", "successor", "field_of_work")
    members = Membership.objects.none()
    if actor is not None:
        members = (
            Membership.objects.current().filter(organisation=unit).select_related("user").order_by("user__sort_key")
        )
    context = {
        "unit": unit,
        "names": unit.names.all(),
        "parents": unit.parents.select_related("parent").order_by("valid_from"),
        "children": Organisation.objects.visible_to(request.user).active().filter(parent=unit),
        "came_from": successions.filter(successor=unit).order_by("event__effective_on"),
        "went_to": successions.filter(predecessor=unit).order_by("event__effective_on"),
        "contacts": unit.contacts.order_by("id"),
        "members": members,
        "actions": policy.allowed_actions(actor, unit),
        "programmes_url": f"{reverse('agreements:programme_list')}?don-vi={unit.pk}",
    }
    return render(request, "partners/organisation_detail.html", context)


def organisation_create(request: SignedInRequest) -> HttpResponseBase:
    """Enter an organisation."""
    form = OrganisationForm(form_data(request), initial={"level": Organisation.Level.PROVINCE})
    context = {"form": form, "unit": None, "cancel_url": reverse("partners:organisation_list")}

    def act() -> HttpResponseBase:
        try:
            unit = services.create_organisation(actor=request.actor, data=form.data_of())
        except DomainError as error:
            add_error(form, error)
            return render(request, "partners/organisation_form.html", context)
        messages.success(request, _("%(name)s is in the register.") % {"name": unit})
        return redirect("partners:organisation_detail", pk=unit.pk)

    if request.method == "POST" and form.is_valid():
        return once(request, act)
    return render(request, "partners/organisation_form.html", context)


def organisation_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Change an organisation; a new name or parent needs its day unless it corrects a misspelling."""
    unit = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    names = ("name", "short_name", "name_en", "kind", "level", "parent", "locality", "started_on", "version")
    form = OrganisationEditForm(
        form_data(request), initial={name: getattr(unit, name) for name in names}, organisation=unit
    )
    context = {
        "form": form,
        "unit": unit,
        "today": timezone.localdate(),
        "cancel_url": reverse("partners:organisation_detail", args=[pk]),
    }

    def act() -> HttpResponseBase:
        values = form.cleaned_data
        try:
            services.update_organisation(
                actor=request.actor,
                organisation=unit,
                version=values["version"],
                data=form.data_of(),
                changed_on=form.day(),
                decision=values["decision"],
            )
        except Stale as error:
            return _conflict(request, form, error.current)
        except DomainError as error:
            add_error(form, error)
            return render(request, "partners/organisation_form.html", context)
        messages.success(request, _("Saved."))
        return redirect("partners:organisation_detail", pk=pk)

    if request.method == "POST" and form.is_valid():
        return once(request, act)
    return render(request, "partners/organisation_form.html", context)


def _conflict(request: SignedInRequest, form: OrganisationForm, current: Organisation) -> HttpResponse:
    rows = []
    for name in ("name", "short_name", "name_en", "parent"):
        mine, theirs = form.cleaned_data[name] or "", getattr(current, name) or ""
        if str(mine) != str(theirs):
            rows.append({"label": form.fields[name].label, "mine": mine, "theirs": theirs})
    url = reverse("partners:organisation_detail", args=[current.pk])
    return conflict_page(request, fields=rows, current=current, cancel_url=url)


def contact_add(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Enter a person to call at the organisation."""
    unit = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    form = ContactForm(form_data(request))
    cancel_url = reverse("partners:organisation_detail", args=[pk])

    def act() -> HttpResponseBase:
        services.add_contact(actor=request.actor, organisation=unit, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(cancel_url)

    if request.method == "POST" and form.is_valid():
        return once(request, act)
    return render(request, "partners/contact_form.html", {"form": form, "unit": unit, "cancel_url": cancel_url})


def contact_remove(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Take a contact (POST contact=id) away from the organisation."""
    unit = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    text = request.POST.get("contact", "")
    contact = unit.contacts.filter(pk=int(text)).first() if text.isascii() and text.isdigit() else None
    if contact is not None:  # a second press of the button finds nothing left to do
        services.remove_contact(actor=request.actor, contact=contact)
    messages.success(request, _("The contact is taken away."))
    return redirect("partners:organisation_detail", pk=pk)
