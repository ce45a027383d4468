"""Lists and forms of tasks and their deadlines; the page of a task is drawn by the room above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy, services
from agreements.forms.programmes import body_choices
from agreements.forms.tasks import (
    AskForm,
    ExtendForm,
    IndicatorForm,
    IndicatorSet,
    ReportForm,
    TaskForm,
    TaskStateForm,
    years_of,
)
from agreements.models import Programme, Task, TaskDeadline
from agreements.views.conflicts import compare, pairs
from agreements.views.standing import due_words
from agreements.views.task_table import SHOWN, SHOWN_OF_PROGRAMME, leads_among, task_rows
from core import files
from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import filter_chip, first_result, form_data, once, posted_form_key
from documents import vietnamese
from partners.models import Organisation

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

PER_PAGE = 25
DUE_DAYS = 7


def filtered_tasks(request: SignedInRequest, tasks: Any) -> tuple[Any, list[dict[str, Any]], dict[str, Any]]:
    """Return the tasks that hold the conditions q, chu-tri (lead), trang-thai and han of the address, with chips."""
    day = timezone.localdate()
    given = {name: vietnamese.clean(request.GET.get(name, ""), multiline=False)[:200] for name in
             ("q", "chu-tri", "trang-thai", "han")}  # fmt: skip
    chips: list[dict[str, Any]] = []

    def chip(name: str, label: str, value: str) -> None:
        chips.append(filter_chip(request, name, label, value))

    chosen: dict[str, Any] = {"q": given["q"], "lead": None, "state": "", "due": ""}
    if given["q"]:
        tasks = tasks.search(given["q"])
        chip("q", _("Words"), given["q"])
    lead = given["chu-tri"]
    if lead.isascii() and lead.isdigit() and len(lead) < 10:
        body = Organisation.objects.filter(pk=int(lead)).first()
        if body:
            tasks, chosen["lead"] = tasks.filter(lead=body), body.pk
            chip("chu-tri", _("Lead unit"), str(body))
    if given["trang-thai"] in Task.State.values:
        tasks, chosen["state"] = tasks.filter(state=given["trang-thai"]), given["trang-thai"]
        chip("trang-thai", _("Status"), str(Task.State(given["trang-thai"]).label))
    deadlines = TaskDeadline.objects.live().filter(task=OuterRef("pk"))
    due = {
        "qua-han": (_("Overdue"), deadlines.overdue(day)),
        "sap-den": (_("Due within 7 days"), deadlines.due_within(day, DUE_DAYS)),
        "cho-xac-nhan": (_("Awaiting confirmation"), deadlines.awaiting()),
    }
    if given["han"] in due:
        label, rows = due[given["han"]]
        tasks, chosen["due"] = tasks.filter(Exists(rows)), given["han"]
        chip("han", _("Deadline"), label)
    return tasks, chips, chosen


def task_list(request: SignedInRequest) -> HttpResponse:
    """Show the tasks of all programmes the person may see: the list behind the numbers."""
    everything = Task.objects.visible_to(request.user)
    rows, chips, chosen = filtered_tasks(request, everything)
    if not chips:
        rows = rows.filter(programme__status__in=Programme.LIVE)
    rows = rows.select_related("programme", "lead").order_by("programme__sort_key", "position", "pk")
    page = Paginator(rows.only(*SHOWN, *SHOWN_OF_PROGRAMME), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": task_rows(page.object_list),
        "chips": chips,
        "chosen": chosen,
        "states": Task.State.choices,
        "leads": leads_among(everything, chosen["lead"]),
    }
    return render(request, "agreements/task_list.html", context)


def task_create(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Enter a task of a programme."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user).select_related("owner"), pk=pk)
    policy.require(request.actor, "tasks", programme)
    return _task_form(request, programme, None)


def task_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Change a task."""
    task = _task(request, pk)
    return _task_form(request, task.programme, task)


def _task(request: SignedInRequest, pk: int) -> Task:
    task = get_object_or_404(Task.objects.visible_to(request.user).select_related("programme__owner"), pk=pk)
    policy.require(request.actor, "tasks", task.programme)
    return task


def _task_form(request: SignedInRequest, programme: Programme, task: Task | None) -> HttpResponseBase:
    data = form_data(request)
    form = TaskForm(data, programme=programme, bodies=body_choices(), initial=TaskForm.initial_of(task) if task else {})
    rows = _saved_indicators(task) if task else []
    formset = IndicatorSet(data, initial=rows, form_kwargs={"years": years_of(programme)}, prefix="indicators")

    def page() -> HttpResponse:
        context = {"form": form, "formset": formset, "programme": programme, "task": task}
        return render(request, "agreements/task_form.html", context)

    def act() -> HttpResponseBase:
        if form.is_valid() and formset.is_valid():
            kept = [row for row in formset.forms if row.has_changed() and not row.cleaned_data.get("DELETE")]
            try:
                row = services.save_task(
                    actor=request.actor,
                    programme=programme,
                    task=task,
                    version=form.cleaned_data["version"],
                    data=form.to_data([item.to_data() for item in kept]),
                )
            except Stale as stale:
                both = [(form, TaskForm.initial_of(stale.current)), *pairs(formset, _saved_indicators(stale.current))]
                return compare(request, stale, both, cancel_url=request.path)
            except DomainError as error:
                add_error(form, error)
            else:
                return _after_task(request, programme, row)
        return page()

    return once(request, act) if request.method == "POST" else page()


def _saved_indicators(task: Task) -> list[dict[str, Any]]:
    return [IndicatorForm.initial_of(row) for row in task.indicators.prefetch_related("targets")]


def _after_task(request: SignedInRequest, programme: Programme, task: Task) -> HttpResponse:
    messages.success(request, _("The task is saved."))
    if "more" in request.POST:
        return redirect("agreements:task_edit", task.pk)
    if programme.status == Programme.Status.DRAFT:
        return redirect("agreements:programme_edit_tasks", programme.pk)
    return redirect("activities:task_detail", task.pk)


def task_state(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Pause, carry over, cancel or resume a task."""
    task = _task(request, pk)
    form = TaskStateForm(form_data(request), task=task, initial={"version": task.version})

    def page() -> HttpResponse:
        cancel = reverse("activities:task_detail", args=[pk])
        context = {"form": form, "task": task, "cancel_url": cancel, "submit_label": _("Save the decision")}
        return render(request, "agreements/task_state.html", context)

    def act() -> HttpResponseBase:
        if form.is_valid():
            try:
                services.change_task_state(actor=request.actor, task=task, **form.cleaned_data)
                messages.success(request, _("The decision is saved."))
                return redirect("activities:task_detail", pk)
            except Stale as stale:
                return compare(request, stale, [(form, _decided(stale.current))], cancel_url=request.path)
            except DomainError as error:
                add_error(form, error)
        return page()

    return once(request, act) if request.method == "POST" else page()


def _decided(task: Task) -> dict[str, Any]:
    return {"to": task.get_state_display(), "reason": task.state_reason, "paper": task.state_paper}


def _deadline(request: SignedInRequest, pk: int, action: str) -> TaskDeadline:
    rows = TaskDeadline.objects.visible_to(request.user).select_related("task__programme__owner", "task__lead")
    deadline = get_object_or_404(rows, pk=pk)
    policy.require_deadline(request.actor, action, deadline)
    return deadline


def deadline_extend(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Give a deadline a later day, with reason and paper."""
    deadline = _deadline(request, pk, "extend")
    form = ExtendForm(form_data(request), initial={"version": deadline.version})

    def page() -> HttpResponse:
        context = {"form": form, "deadline": deadline, "submit_label": _("Extend the deadline")}
        context["cancel_url"] = reverse("activities:task_detail", args=[deadline.task_id])
        return render(request, "agreements/deadline_extend.html", context)

    def act() -> HttpResponseBase:
        if form.is_valid():
            try:
                services.extend_deadline(actor=request.actor, deadline=deadline, **form.cleaned_data)
                messages.success(request, _("The deadline is extended. The old day stays on record."))
                return redirect("activities:task_detail", deadline.task_id)
            except Stale as stale:
                both = [(form, _extended(stale.current))]
                return compare(request, stale, both, cancel_url=request.path, logged_as=deadline.task)
            except DomainError as error:
                add_error(form, error)
        return page()

    return once(request, act) if request.method == "POST" else page()


def extension_ask(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The lead unit asks for a later day; an officer decides."""
    if first := first_result(request):
        return first
    deadline = _deadline(request, pk, "ask")
    form = AskForm(form_data(request), initial={"version": deadline.version})
    back = reverse("activities:task_detail", args=[deadline.task_id])

    def page() -> HttpResponse:
        waiting = deadline.extensions.filter(state="requested").first()
        context = {"form": form, "deadline": deadline, "waiting": waiting, "submit_label": _("Send the request")}
        return render(request, "agreements/extension_ask.html", context | {"cancel_url": back})

    def act() -> HttpResponseBase:
        if form.is_valid():
            try:
                services.request_extension(actor=request.actor, deadline=deadline, **form.cleaned_data)
                messages.success(request, _("The request is sent. Until it is decided the present deadline holds."))
                return redirect(back)
            except Stale as stale:
                both = [(form, _extended(stale.current))]
                return compare(request, stale, both, cancel_url=request.path, logged_as=deadline.task)
            except DomainError as error:
                add_error(form, error)
        return page()

    return once(request, act) if request.method == "POST" else page()


def _extended(deadline: TaskDeadline) -> dict[str, Any]:
    """The present day of a deadline, and why it is later than the first one."""
    last = deadline.extensions.order_by("-pk").first()
    why = {"reason": last.reason, "paper": last.paper or last.asked_paper} if last else {}
    return {"new_due_on": last.new_due_on if last else deadline.due_on, **why}


def deadline_report(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The lead unit says that the work is done, with date and evidence."""
    if first := first_result(request):
        return first
    deadline = _deadline(request, pk, "report")
    form = ReportForm(form_data(request), request.FILES or None, initial=ReportForm.initial_of(deadline))
    key = posted_form_key(request)

    def page() -> HttpResponse:
        kept = files.draft_files(user=request.user, form_key=key)
        return render(request, "agreements/deadline_report.html", _report_page(deadline, form, kept))

    def act() -> HttpResponseBase:
        if form.is_valid():
            values = form.cleaned_data
            try:
                kept = [row.file for row in files.draft_files(user=request.user, form_key=key)]
                new = [files.store_upload(user=request.user, upload=upload) for upload in values["files"]]
                services.report_deadline(
                    actor=request.actor,
                    deadline=deadline,
                    done_on=values["done_on"],
                    note=values["note"],
                    files=kept + new,
                    version=values["version"],
                )
                messages.success(request, _("Reported. An officer of the committee will confirm it."))
                return redirect("activities:task_detail", deadline.task_id)
            except Stale as stale:
                saved = [(form, ReportForm.initial_of(stale.current))]
                return compare(request, stale, saved, cancel_url=request.path, logged_as=deadline.task)
            except DomainError as error:
                add_error(form, error)
        return page()

    if request.method != "POST":
        return page()
    response = once(request, act)
    _keep_files(request, form, key, response)
    return response if response.status_code in {301, 302, 303, 409} else page()


def _report_page(deadline: TaskDeadline, form: ReportForm, drafts: list[Any]) -> dict[str, Any]:
    return {
        "form": form,
        "deadline": deadline,
        "drafts": drafts,
        "due": due_words(deadline, timezone.localdate()),
        "submit_label": _("Report it done"),
        "cancel_url": reverse("activities:task_detail", args=[deadline.task_id]),
    }


def _keep_files(request: SignedInRequest, form: ReportForm, key: Any, response: HttpResponseBase) -> None:
    """Keep the valid files of a form that is shown again, for its author; the write itself was rolled back."""
    if response.status_code != 200 or key is None:
        return
    for upload in form.fields["files"].accepted:  # type: ignore[attr-defined]
        upload.seek(0)
        file = files.store_upload(user=request.user, upload=upload)
        files.keep_draft_file(user=request.user, form_key=key, file=file)
