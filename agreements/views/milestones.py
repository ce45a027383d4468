"""Milestones of a programme: proposed, entered, changed, done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import policy, services
from agreements.forms.milestones import FinishForm, MilestoneForm, ProposalSet, responsible_choices
from agreements.models import Milestone, Programme
from agreements.views.conflicts import compare
from core.exceptions import DomainError, NotAllowed, Stale
from core.forms import add_error
from core.http import form_data, once
from documents import vietnamese

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

SOON_DAYS = 30


def milestone_words(row: Milestone, day: datetime.date) -> dict[str, Any]:
    """Return {kind, label, plain} for how a milestone stands; due today is not overdue."""
    if row.done_on is not None:
        late = row.done_on > row.due_on
        return {"kind": "done", "label": _("Done late") if late else _("Done on time"), "plain": True}
    left = (row.due_on - day).days
    shown = vietnamese.format_number(abs(left))
    if left < 0:
        label = ngettext("%(n)s day overdue", "%(n)s days overdue", -left) % {"n": shown}
        return {"kind": "over", "label": label, "plain": False}
    if left == 0:
        return {"kind": "wait", "label": _("Due today"), "plain": False}
    label = ngettext("%(n)s day left", "%(n)s days left", left) % {"n": shown}
    return {"kind": "wait" if left <= SOON_DAYS else "none", "label": label, "plain": left > SOON_DAYS}


def milestone_rows(programme: Programme, day: datetime.date) -> list[dict[str, Any]]:
    """Return the milestones in order of time with their words."""
    rows = programme.milestones.select_related("responsible", "document")
    return [{"milestone": row, "status": milestone_words(row, day)} for row in rows]


def _programme(request: SignedInRequest, pk: int) -> Programme:
    programme = get_object_or_404(Programme.objects.visible_to(request.user).select_related("owner"), pk=pk)
    policy.require(request.actor, "edit", programme)
    return programme


def _milestone(request: SignedInRequest, pk: int) -> Milestone:
    rows = Milestone.objects.filter(programme__in=Programme.objects.visible_to(request.user))
    milestone = get_object_or_404(rows.select_related("programme__owner"), pk=pk)
    policy.require(request.actor, "edit", milestone.programme)
    return milestone


def _back(programme: Programme) -> str:
    return reverse("activities:programme_reports", args=[programme.pk]) + "#moc"


def milestone_propose(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show what the period calls for; what is ticked becomes a milestone."""
    programme = _programme(request, pk)
    today = timezone.localdate()
    initial = [
        {
            "take": one.due_on >= today or one.kind == Milestone.Kind.FINAL_REVIEW,
            "kind": one.kind,
            "name": one.name,
            "due_on": one.due_on,
            "responsible": str(programme.owner_id),
        }
        for one in services.proposals(programme)
    ]
    kwargs = {"bodies": responsible_choices(programme)}
    formset = ProposalSet(form_data(request), initial=initial, form_kwargs=kwargs)
    problem = ""

    def page() -> HttpResponse:
        context = {"formset": formset, "programme": programme, "cancel_url": _back(programme), "problem": problem}
        return render(request, "agreements/milestone_propose.html", context)

    def act() -> HttpResponseBase:
        nonlocal problem
        if formset.is_valid():
            taken = [form.to_data() for form in formset if form.cleaned_data.get("take")]
            try:
                added = services.add_milestones(actor=request.actor, programme=programme, items=taken)
            except DomainError as error:
                problem = error.message
                return page()
            if added:
                messages.success(request, _("%(n)s milestones are entered.") % {"n": len(added)})
            return redirect(_back(programme))
        return page()

    return once(request, act) if request.method == "POST" else page()


def milestone_create(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Enter a milestone by hand."""
    programme = _programme(request, pk)
    form = MilestoneForm(form_data(request), bodies=responsible_choices(programme))
    page = {"title": _("Enter a milestone"), "submit_label": _("Enter the milestone")}
    return _work(
        request,
        programme,
        form,
        page,
        lambda: services.add_milestones(actor=request.actor, programme=programme, items=[form.to_data()]),
    )


def milestone_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Change a milestone."""
    milestone = _milestone(request, pk)
    initial = MilestoneForm.initial_of(milestone)
    form = MilestoneForm(form_data(request), initial=initial, bodies=responsible_choices(milestone.programme))
    page = {"title": _("Change the milestone"), "submit_label": _("Save the milestone"), "milestone": milestone}
    return _work(
        request,
        milestone.programme,
        form,
        page,
        lambda: services.save_milestone(
            actor=request.actor, milestone=milestone, data=form.to_data(), version=form.cleaned_data["version"]
        ),
        saved=MilestoneForm.initial_of,
    )


def milestone_finish(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Say on which day a milestone was done, and by which paper."""
    milestone = _milestone(request, pk)
    form = FinishForm(form_data(request), initial=_done(milestone), programme=milestone.programme)
    page = {"title": _("Milestone done"), "submit_label": _("Save as done"), "milestone": milestone, "finishing": True}
    return _work(
        request,
        milestone.programme,
        form,
        page,
        lambda: services.finish_milestone(
            actor=request.actor,
            milestone=milestone,
            done_on=form.cleaned_data["done_on"],
            document=form.paper(),
            note=form.cleaned_data["note"],
            version=form.cleaned_data["version"],
        ),
        saved=_done,
    )


def _done(row: Milestone) -> dict[str, Any]:
    return {
        "done_on": row.done_on,
        "document": str(row.document_id or ""),
        "note": row.note,
        "version": row.version,
    }


def _work(
    request: SignedInRequest,
    programme: Programme,
    form: Any,
    page: dict[str, Any],
    act: Callable[[], object],
    *,
    saved: Callable[[Milestone], dict[str, Any]] | None = None,
) -> HttpResponseBase:
    """Show a form about a milestone, or carry it out once and go back to the list of milestones."""
    back = _back(programme)

    def shown() -> HttpResponse:
        context = {"form": form, "programme": programme, "cancel_url": back} | page
        return render(request, "agreements/milestone_form.html", context)

    def carry_out() -> HttpResponseBase:
        if form.is_valid():
            try:
                act()
                messages.success(request, _("The milestone is saved."))
                return redirect(back)
            except Stale as stale:
                return compare(request, stale, [(form, saved(stale.current) if saved else {})], cancel_url=back)
            except DomainError as error:
                add_error(form, error)
        return shown()

    return once(request, carry_out) if request.method == "POST" else shown()


def milestone_drop(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Drop a milestone that is not going to happen."""
    milestone = _milestone(request, pk)

    def act() -> HttpResponseBase:
        try:
            services.drop_milestone(actor=request.actor, milestone=milestone, version=request.POST.get("version"))
            messages.success(request, _("The milestone is dropped."))
        except (Stale, NotAllowed):
            raise
        except DomainError as error:
            messages.warning(request, error.message)
        return redirect(_back(milestone.programme))

    return once(request, act)
