"""Pages of people and their roles, for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import conflict_page, form_data, once
from core.models import User
from documents import vietnamese
from partners import policy, services
from partners.forms import DisableForm, MembershipForm, NewPersonForm, PersonForm, ReasonForm, SlipForm
from partners.models import Membership, Organisation

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

PER_PAGE = 50
NO_UNIT = "khong"  # value of ?don-vi= for people who act for nobody


def _person(request: SignedInRequest, pk: int) -> User:
    return get_object_or_404(services.people_visible_to(request.user), pk=pk)


def user_list(request: SignedInRequest) -> HttpResponse:
    """List people by given name; `q` in name and username, `don-vi`, `vai-tro`, `tinh-trang` active, disabled, all.

    `don-vi=khong`: those who act for no unit now.
    """
    query = vietnamese.clean(request.GET.get("q", ""), multiline=False)[:100]
    unit, role = request.GET.get("don-vi", ""), request.GET.get("vai-tro", "")
    status = request.GET.get("tinh-trang", "active")
    found = services.people_visible_to(request.user).order_by("sort_key", "id")
    if query:
        found = found.filter(search_text__contains=vietnamese.fold(query))
    held = Membership.objects.current().filter(user=OuterRef("pk"))
    if role in Membership.Role.values:
        found = found.filter(Exists(held.filter(role=role)))
    if unit == NO_UNIT:
        found = found.exclude(Exists(held))
    elif unit.isascii() and unit.isdigit():
        found = found.filter(Exists(held.filter(organisation_id=int(unit[:9]))))
    counts = {"active": found.filter(is_active=True).count(), "disabled": found.filter(is_active=False).count()}
    shown = found if status == "all" else found.filter(is_active=status != "disabled")
    roles = Prefetch("memberships", Membership.objects.current().select_related("organisation").order_by("id"), "roles")
    context = {
        "page_obj": Paginator(shown.prefetch_related(roles), PER_PAGE).get_page(request.GET.get("page")),
        "query": query,
        "unit": unit,
        "no_unit": NO_UNIT,
        "role": role,
        "status": status,
        "roles": Membership.Role.choices,
        "units": Organisation.objects.active().filter(memberships__isnull=False).distinct(),
        "tab_items": _tabs(request, status, counts),
        "filtered": bool(query or unit or role),
    }
    return render(request, "partners/user_list.html", context)


def _tabs(request: SignedInRequest, status: str, counts: dict[str, int]) -> list[dict[str, object]]:
    rest = request.GET.copy()
    rest.pop("page", None)
    items = []
    labels = {"active": _("Active"), "disabled": _("Disabled"), "all": _("All")}
    for value, label in labels.items():
        rest["tinh-trang"] = value
        count = sum(counts.values()) if value == "all" else counts[value]
        items.append({"url": f"?{rest.urlencode()}", "label": label, "count": count, "current": status == value})
    return items


def user_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a person: sign-in, roles now and before, and what may be done."""
    person = _person(request, pk)
    rows = Membership.objects.filter(user=person).select_related("organisation").order_by("-valid_from", "-id")
    current = set(Membership.objects.current().filter(user=person).values_list("pk", flat=True))
    context = {
        "person": person,
        "current": [row for row in rows if row.pk in current],
        "past": [row for row in rows if row.pk not in current],
        "actions": policy.allowed_actions(request.actor, person),
        "is_own": person.pk == request.user.pk,
        "needs_slip": person.is_active and person.must_change_password,
    }
    return render(request, "partners/user_detail.html", context)


def user_create(request: SignedInRequest) -> HttpResponseBase:
    """Enter a person with a first role; the page after it prints the slip."""
    form = NewPersonForm(form_data(request), initial={"organisation": request.GET.get("don-vi")})
    context = {"form": form, "person": None, "cancel_url": reverse("partners:user_list")}

    def act() -> HttpResponseBase:
        try:
            person = services.create_user(
                actor=request.actor,
                data=form.person(),
                organisation=form.cleaned_data["organisation"],
                role=form.cleaned_data["role"],
            )
        except DomainError as error:
            add_error(form, error)
            return render(request, "partners/user_form.html", context)
        messages.success(request, _("%(name)s is entered. Print the slip now.") % {"name": person.full_name})
        return redirect("partners:user_slip", pk=person.pk)

    if request.method == "POST" and form.is_valid():
        return once(request, act)
    return render(request, "partners/user_form.html", context)


def user_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Change name, username and contact of a person."""
    person = _person(request, pk)
    names = ("full_name", "username", "title", "phone", "email", "version")
    form = PersonForm(form_data(request), initial={name: getattr(person, name) for name in names})
    url = reverse("partners:user_detail", args=[pk])
    context = {"form": form, "person": person, "cancel_url": url}

    def act() -> HttpResponseBase:
        try:
            services.update_user(
                actor=request.actor, user=person, version=form.cleaned_data["version"], data=form.person()
            )
        except Stale as error:
            rows = [
                {
                    "label": form.fields[name].label,
                    "mine": form.cleaned_data[name],
                    "theirs": getattr(error.current, name),
                }
                for name in names[:-1]
                if form.cleaned_data[name] != getattr(error.current, name)
            ]
            return conflict_page(request, fields=rows, current=error.current, cancel_url=url)
        except DomainError as error:
            add_error(form, error)
            return render(request, "partners/user_form.html", context)
        messages.success(request, _("Saved."))
        return redirect(url)

    if request.method == "POST" and form.is_valid():
        return once(request, act)
    return render(request, "partners/user_form.html", context)


def user_slip(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Ask for the reason, then show the slip once: the answer to the POST is the only place it ever appears."""
    person = _person(request, pk)
    policy.require(request.actor, "slip", person)
    is_reset = person.has_usable_password() and not person.must_change_password
    form = SlipForm(form_data(request), is_reset=is_reset)
    context = {
        "form": form,
        "person": person,
        "is_reset": is_reset,
        "cancel_url": reverse("partners:user_detail", args=[pk]),
    }
    if request.method == "POST" and form.is_valid():
        try:
            secret = services.issue_slip(actor=request.actor, user=person, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_error(form, error)
        else:
            person.refresh_from_db()
            roles = Membership.objects.current().filter(user=person).select_related("organisation").order_by("id")
            address = settings.BASE_URL
            return render(
                request,
                "partners/user_slip_print.html",
                {"person": person, "secret": secret, "address": address, "roles": roles},
            )
    return render(request, "partners/user_slip.html", context)


def user_disable(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """List what a person leaves open, hand it over and disable the person."""
    person = _person(request, pk)
    policy.require(request.actor, "disable", person)
    items = services.open_items(person)
    units = Membership.objects.filter(user=person).values("organisation")
    colleagues = (
        User.objects.filter(is_active=True, memberships__in=Membership.objects.current().filter(organisation__in=units))
        .exclude(pk=person.pk)
        .distinct()
        .order_by("sort_key")
    )
    form = DisableForm(form_data(request), colleagues=colleagues, has_items=bool(items))
    url = reverse("partners:user_detail", args=[pk])
    context = {"form": form, "person": person, "items": items, "cancel_url": url}

    def act() -> HttpResponseBase:
        values = form.cleaned_data
        try:
            services.disable_user(
                actor=request.actor,
                user=person,
                reason=values["reason"],
                handover_to=values.get("successor"),
                leave_open=values.get("leave_open", False),
            )
        except DomainError as error:
            add_error(form, error)
            return render(request, "partners/user_disable.html", context)
        messages.success(request, _("%(name)s can no longer sign in.") % {"name": person.full_name})
        return redirect(url)

    if request.method == "POST" and form.is_valid():
        return once(request, act)
    return render(request, "partners/user_disable.html", context)


def user_enable(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Let a disabled person back; the next page prints the slip."""
    person = _person(request, pk)

    def act() -> HttpResponseBase:
        services.enable_user(actor=request.actor, user=person)
        messages.success(request, _("%(name)s may sign in again with a new slip.") % {"name": person.full_name})
        return redirect("partners:user_slip", pk=pk)

    return once(request, act)


def membership_add(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Give a person a role for an organisation."""
    person = _person(request, pk)
    policy.require(request.actor, "add_membership", person)
    form = MembershipForm(form_data(request))
    url = reverse("partners:user_detail", args=[pk])
    context = {"form": form, "person": person, "cancel_url": url}

    def act() -> HttpResponseBase:
        try:
            services.add_membership(actor=request.actor, user=person, **form.cleaned_data)
        except DomainError as error:
            add_error(form, error)
            return render(request, "partners/membership_form.html", context)
        messages.success(request, _("The role is given."))
        return redirect(url)

    if request.method == "POST" and form.is_valid():
        return once(request, act)
    return render(request, "partners/membership_form.html", context)


def membership_end(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """End a role today, with a reason."""
    people = services.people_visible_to(request.user)
    row = get_object_or_404(Membership.objects.filter(user__in=people).select_related("user", "organisation"), pk=pk)
    policy.require(request.actor, "end_membership", row.user)
    form = ReasonForm(form_data(request))
    url = reverse("partners:user_detail", args=[row.user_id])
    context = {"form": form, "membership": row, "person": row.user, "cancel_url": url}

    def act() -> HttpResponseBase:
        try:
            services.end_membership(actor=request.actor, membership=row, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_error(form, error)
            return render(request, "partners/membership_end.html", context)
        messages.success(request, _("The role has ended."))
        return redirect(url)

    if request.method == "POST" and form.is_valid():
        return once(request, act)
    return render(request, "partners/membership_end.html", context)
