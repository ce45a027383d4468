"""Enter a programme by form in steps, each saved to the draft; edit it; move it through its life; add its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import policy, services
from agreements.forms.programmes import (
    BasisSet,
    DocumentForm,
    GoalSet,
    IdentityForm,
    MoveForm,
    PartySet,
    body_choices,
    goals_of,
    kept_rows,
    parties_of,
)
from agreements.models import Programme
from agreements.services.lifecycle import Blocked
from agreements.views.conflicts import compare, pairs
from agreements.views.parties import rows_of
from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import form_data, once

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

S = Programme.Status
OWN_DRAFTS = 3
STEPS = ("programme_edit", "programme_edit_parties", "programme_edit_goals", "programme_edit_tasks", "programme_check")
PART_URL = {
    "identity": "agreements:programme_edit",
    "parties": "agreements:programme_edit_parties",
    "tasks": "agreements:programme_tasks",
}
KINDS = ("Chỉ thị", "Nghị quyết", "Quyết định", "Kế hoạch", "Chương trình", "Kết luận", "Luật", "Nghị định", "Thông tư")


def editable(request: SignedInRequest, pk: int, action: str = "edit") -> Programme:
    """Return the programme for a change: 404 for a foreign one, NotAllowed where it may only be read."""
    rows = Programme.objects.visible_to(request.user).select_related("owner")
    programme = get_object_or_404(rows, pk=pk)
    policy.require(request.actor, action, programme)
    return programme


def steps_of(programme: Programme | None, current: str) -> list[dict[str, Any]]:
    """Return the steps of the form, as links once there is a draft."""
    labels = (_("Identity and period"), _("Parties"), _("Goals and bases"), _("Tasks"), _("Check"))
    return [
        {
            "label": label,
            "url": reverse(f"agreements:{name}", args=[programme.pk]) if programme else "",
            "current": name == current,
        }
        for name, label in zip(STEPS, labels, strict=True)
    ]


def after(request: SignedInRequest, programme: Programme, step: str) -> HttpResponse:
    """Return where a saved step leads: the same page for more rows, the programme, or the next step of a draft."""
    if "more" in request.POST:
        return redirect(f"agreements:{step}", programme.pk)
    if programme.status != S.DRAFT or "leave" in request.POST:
        messages.success(request, _("Saved."))
        return redirect("agreements:programme_detail", programme.pk)
    return redirect(f"agreements:{STEPS[STEPS.index(step) + 1]}", programme.pk)


def programme_create(request: SignedInRequest) -> HttpResponseBase:
    """Step 1 of a new programme; saving it makes the draft that the other steps fill."""
    form = IdentityForm(form_data(request), user=request.user)

    def act() -> HttpResponseBase:
        if form.is_valid():
            try:
                programme = services.register_programme(actor=request.actor, data=form.to_data())
                return after(request, programme, "programme_edit")
            except DomainError as error:
                add_error(form, error)
        return _identity_page(request, form, None)

    return once(request, act) if request.method == "POST" else _identity_page(request, form, None)


def programme_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Step 1 of a saved programme, also the page to edit it later."""
    programme = editable(request, pk)
    saved = IdentityForm.initial_of(programme)
    form = IdentityForm(form_data(request), user=request.user, programme=programme, initial=saved)

    def act() -> HttpResponseBase:
        if form.is_valid():
            try:
                services.save_identity(
                    actor=request.actor,
                    programme=programme,
                    version=form.cleaned_data["version"],
                    data=form.to_data(programme),
                )
                return after(request, programme, "programme_edit")
            except Stale as stale:
                now = IdentityForm.initial_of(stale.current)
                return compare(request, stale, [(form, now)], cancel_url=request.path)
            except DomainError as error:
                add_error(form, error)
        return _identity_page(request, form, programme)

    return once(request, act) if request.method == "POST" else _identity_page(request, form, programme)


def _identity_page(request: SignedInRequest, form: IdentityForm, programme: Programme | None) -> HttpResponse:
    context = {"form": form, "programme": programme, "steps": steps_of(programme, "programme_edit")}
    if programme is None:  # who went back from the second step finds here what is saved already
        own = Programme.objects.visible_to(request.user).filter(officer=request.user, status=Programme.Status.DRAFT)
        context["own_drafts"] = own.order_by("-pk")[:OWN_DRAFTS]
    return render(request, "agreements/programme_form.html", context)


def _version(request: SignedInRequest, programme: Programme) -> str | int:
    return request.POST.get("version", "") if request.method == "POST" else programme.version


def programme_edit_parties(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Step 2: who signed."""
    programme = editable(request, pk)
    first = _saved_parties(programme) or [{"organisation": str(programme.owner_id), "role": "lead"}]
    formset = PartySet(form_data(request), initial=first, form_kwargs={"bodies": body_choices()}, prefix="parties")

    def page(error: str = "") -> HttpResponse:
        context = {"programme": programme, "formset": formset, "error": error, "version": _version(request, programme)}
        context["steps"] = steps_of(programme, "programme_edit_parties")
        return render(request, "agreements/programme_form_parties.html", context)

    def act() -> HttpResponseBase:
        if not formset.is_valid():
            return page()
        try:
            services.save_parties(
                actor=request.actor,
                programme=programme,
                version=request.POST.get("version"),
                parties=parties_of(formset),
            )
        except Stale as stale:
            return compare(request, stale, pairs(formset, _saved_parties(programme)), cancel_url=request.path)
        except DomainError as error:
            return page(error.message)
        return after(request, programme, "programme_edit_parties")

    return once(request, act) if request.method == "POST" else page()


def _saved_parties(programme: Programme) -> list[dict[str, Any]]:
    names = ("role", "name_as_signed", "signer", "signer_title", "number", "responsibilities")
    return [
        {"organisation": str(party.organisation_id), **{name: getattr(party, name) for name in names}}
        for party in programme.parties.all()
    ]


def _saved_goals(programme: Programme) -> list[dict[str, Any]]:
    return [{"pk": goal.pk, "kind": goal.kind, "text": goal.text} for goal in programme.goals.all()]


def _saved_bases(programme: Programme) -> list[dict[str, Any]]:
    rows = programme.legal_bases.select_related("document")
    return [{"document": row.document_id, "quoted": row.quoted} for row in rows]


def programme_edit_goals(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Step 3: what it is for, and on which documents it rests."""
    programme = editable(request, pk)
    data = form_data(request)
    goal_set = GoalSet(data, initial=_saved_goals(programme), prefix="goals")
    basis_set = BasisSet(data, initial=_saved_bases(programme), prefix="bases")

    def page(error: str = "") -> HttpResponse:
        context = {"programme": programme, "goals": goal_set, "bases": basis_set, "error": error, "kinds": KINDS}
        context |= {"version": _version(request, programme), "steps": steps_of(programme, "programme_edit_goals")}
        return render(request, "agreements/programme_form_goals.html", context)

    def act() -> HttpResponseBase:
        if not (goal_set.is_valid() and basis_set.is_valid()):
            return page()
        try:
            with transaction.atomic():
                row = services.save_goals(
                    actor=request.actor,
                    programme=programme,
                    version=request.POST.get("version"),
                    goals=goals_of(goal_set),
                )
                cited = [form.to_data() for form in kept_rows(basis_set)]
                services.save_bases(actor=request.actor, programme=row, version=row.version, bases=cited)
        except Stale as stale:
            rows = pairs(goal_set, _saved_goals(programme)) + pairs(basis_set, _saved_bases(programme))
            return compare(request, stale, rows, cancel_url=request.path)
        except DomainError as error:
            return page(error.message)
        return after(request, programme, "programme_edit_goals")

    return once(request, act) if request.method == "POST" else page()


def programme_edit_tasks(request: SignedInRequest, pk: int) -> HttpResponse:
    """Step 4: the tasks entered so far; each has a form of its own."""
    programme = editable(request, pk)
    tasks = programme.tasks.select_related("lead").prefetch_related("indicators", "deadlines")
    context = {"programme": programme, "tasks": tasks, "steps": steps_of(programme, "programme_edit_tasks")}
    return render(request, "agreements/programme_form_tasks.html", context)


def programme_check(request: SignedInRequest, pk: int) -> HttpResponse:
    """Step 5: everything entered, what is missing, and the step that makes it count."""
    programme = editable(request, pk)
    context = {
        "programme": programme,
        "parties": rows_of(programme),
        "goals": programme.goals.all(),
        "bases": programme.legal_bases.select_related("document"),
        "tasks": programme.tasks.select_related("lead").prefetch_related("deadlines"),
        "steps": steps_of(programme, "programme_check"),
        "moves": _moves(request, programme, _carried_move(request, programme)),
    }
    return render(request, "agreements/programme_check.html", context)


def _moves(request: SignedInRequest, programme: Programme, failed: MoveForm | None) -> list[dict[str, Any]]:
    """Return each possible next step with what blocks it and the form of what it asks."""
    found = []
    for to in Programme.NEXT[programme.status]:
        form = MoveForm(programme=programme, user=request.user, to=to, auto_id=f"id_{to}_%s")
        if failed is not None and failed.data.get("to") == to:
            form = failed
        missing = [
            {
                "message": item.message,
                "url": reverse(PART_URL[item.part], args=[programme.pk]) if item.part in PART_URL else "",
            }
            for item in services.missing_for(programme, to)
        ]
        found.append({"to": to, "label": S(to).label, "form": form, "missing": missing})
    return found


def _carried_move(request: SignedInRequest, programme: Programme) -> MoveForm | None:
    """Return the step that was being typed when the session ended."""
    data = form_data(request)
    to = data.get("to", "") if data else ""
    if to not in Programme.NEXT[programme.status]:
        return None
    return MoveForm(data, programme=programme, user=request.user, to=to, auto_id=f"id_{to}_%s")


def programme_status(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the possible next steps of the life cycle and what blocks each."""
    programme = editable(request, pk, "move")
    context = {"programme": programme, "moves": _moves(request, programme, _carried_move(request, programme))}
    return render(request, "agreements/programme_status.html", context)


def programme_move(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Take one step of the life cycle."""
    programme = editable(request, pk, "move")
    to = request.POST.get("to", "")
    if to not in Programme.NEXT[programme.status]:
        raise DomainError(_("That step is not possible from here. Open the status of the programme again."))
    form = MoveForm(request.POST, programme=programme, user=request.user, to=to, auto_id=f"id_{to}_%s")

    def act() -> HttpResponseBase:
        if form.is_valid():
            values = {name: value for name, value in form.cleaned_data.items() if name not in {"to", "version"}}
            try:
                services.move_programme(
                    actor=request.actor, programme=programme, version=form.cleaned_data["version"], to=to, **values
                )
                messages.success(request, _("Status changed to: %(status)s.") % {"status": S(to).label})
                return redirect("agreements:programme_detail", pk)
            except Blocked:
                pass  # the page lists what is missing, with links
            except Stale as stale:
                back = reverse("agreements:programme_status", args=[pk])
                return compare(request, stale, [(form, {"reason": stale.current.status_reason})], cancel_url=back)
            except DomainError as error:
                add_error(form, error)
        context = {"programme": programme, "moves": _moves(request, programme, form), "form": form}
        return render(request, "agreements/programme_status.html", context)

    return once(request, act)


def document_add(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Keep a file of the programme."""
    programme = editable(request, pk, "documents")
    form = DocumentForm(form_data(request), request.FILES or None)

    def page() -> HttpResponse:
        cancel = reverse("agreements:programme_documents", args=[pk])
        context = {"form": form, "programme": programme, "cancel_url": cancel, "submit_label": _("Keep the file")}
        return render(request, "agreements/document_form.html", context)

    def act() -> HttpResponseBase:
        if form.is_valid():
            values = form.cleaned_data
            try:
                services.add_document(
                    actor=request.actor,
                    programme=programme,
                    kind=values["kind"],
                    title=values["title"],
                    upload=values["file"],
                )
                messages.success(request, _("The file is kept."))
                return redirect("agreements:programme_documents", pk)
            except DomainError as error:
                add_error(form, error)
        return page()

    return once(request, act) if request.method == "POST" else page()
