"""Logging an activity: choose a task, write, save or send; change, take back, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import policy, services
from activities.forms import ActivityForm
from activities.models import Activity, Contribution, Review
from activities.services import contributions, effects
from activities.views import autosave, drafts
from agreements.models import Task
from agreements.views.conflicts import compare
from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import first_result, form_data, once
from core.models import FormKey
from documents import vietnamese

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse, HttpResponseBase, QueryDict

    from core.http import SignedInRequest

TASKS_A_PAGE = 25


def own_tasks(request: SignedInRequest) -> QuerySet[Task]:
    """Return the tasks the acting person may log work for, those due first on top."""
    tasks = Task.objects.visible_to(request.user).live().filter(programme__status__in=policy.LOGGABLE)
    if request.actor.role == policy.REPORTER:
        ids = policy.units_of(request.user)
        signed = Q(lead=None, supporting=None, programme__parties__organisation__in=ids)
        mine = Q(lead__in=ids) | Q(supporting__in=ids) | signed
        tasks = tasks.filter(pk__in=Task.objects.filter(mine).values("pk"))
    return tasks.select_related("programme", "lead").order_by("programme__code", "position", "id")


def task_pick(request: SignedInRequest) -> HttpResponse:
    """List own tasks to choose the one an activity belongs to; a search box above."""
    query = vietnamese.clean(request.GET.get("q", ""), multiline=False)[:120]
    tasks = own_tasks(request)
    if query:
        folded = vietnamese.fold(query)
        tasks = tasks.filter(Q(search_text__contains=folded) | Q(programme__search_text__contains=folded))
    page = Paginator(tasks, TASKS_A_PAGE).get_page(request.GET.get("page"))
    entry = request.GET.get("hoat-dong", "")
    is_number = entry.isascii() and entry.isdigit() and len(entry) < 12
    entry = entry if is_number else ""  # the entry whose task is to be changed
    target = reverse("activities:activity_edit", args=[entry]) if entry else reverse("activities:activity_create")
    context = {"page_obj": page, "q": query, "entry": entry, "target": target}
    return render(request, "activities/task_pick.html", context)


def activity_create(request: SignedInRequest) -> HttpResponseBase:
    """Log an activity for the task of ?nhiem-vu=; without one, the only own task or the list to choose from."""
    data = form_data(request)
    asked = (data.get("task") if data else None) or request.GET.get("nhiem-vu", "")
    if not asked:
        only = list(own_tasks(request)[:2])
        if len(only) != 1:
            return redirect("activities:task_pick")
        asked = str(only[0].pk)
    task = _task(request, asked)
    policy.require_log(request.actor, task)
    source = _source(request, data)
    form = ActivityForm(data, actor=request.actor, actors=request.actors, task=task, source=source)
    return _write(request, form, task, None)


def _source(request: SignedInRequest, data: QueryDict | None) -> Activity | None:
    """Return the earlier entry that is continued (?chep-tu=, then a hidden field); only one of the own unit."""
    asked = (data.get("copied_from") if data else None) or request.GET.get("chep-tu", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 12:
        raise Http404
    earlier = Activity.objects.visible_to(request.user).prefetch_related("joint_units")
    source = get_object_or_404(earlier, pk=asked)
    if not policy.may_copy(request.actor, source):
        raise Http404
    return source


def activity_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Change a draft or a returned entry of one's own."""
    rows = Activity.objects.visible_to(request.user).select_related(
        "task__programme__owner", "task__lead", "unit", "acting_for", "author", "copied_from", "locality"
    )
    shares = Prefetch("contributions", Contribution.objects.select_related("organisation"))
    rows = rows.prefetch_related("task__supporting", "task__indicators", shares)
    activity = get_object_or_404(rows, pk=pk)
    if first := first_result(request):
        return first
    request.actor = author_seat(request, activity)
    policy.require(request.actor, "edit", activity)
    data = form_data(request)
    asked = (data.get("task") if data else None) or request.GET.get("nhiem-vu", "")
    task = _task(request, asked) if asked else activity.task
    form = ActivityForm(data, actor=request.actor, actors=request.actors, task=task, activity=activity)
    return _write(request, form, task, activity)


def author_seat(request: SignedInRequest, activity: Activity):
    """Return the membership the entry was written under where it still exists, else the acting one."""
    for actor in request.actors:
        if actor.organisation.pk == activity.acting_for_id and actor.role in policy.WRITERS:
            return actor
    return request.actor


def _task(request: SignedInRequest, asked: str) -> Task:
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 12:
        raise Http404
    tasks = Task.objects.visible_to(request.user).select_related("programme__owner", "lead")
    return get_object_or_404(tasks.prefetch_related("supporting", "indicators"), pk=asked)


def _write(request: SignedInRequest, form: ActivityForm, task: Task, activity: Activity | None) -> HttpResponseBase:
    """Show the form; on POST keep the files first, then save (and send) once per form key."""
    action = request.POST.get("action")
    if action in autosave.ACTIONS:
        return autosave.answer(request, form, activity)
    if request.method != "POST":
        key = form.data.get("form_key", "") if form.is_bound else ""
        return _form_page(request, form, task, activity, drafts.kept(request, key))
    uploads = drafts.receive(request)
    if action == "add_row":
        form.hold()
        for _name, message in uploads.errors:
            form.add_error(None, message)
        return _form_page(request, form, task, activity, uploads.kept)

    def act() -> HttpResponseBase:
        slot = autosave.Slot(request)
        target = slot.draft(activity)
        response = _save(request, form, target, uploads, slot) if _is_sound(form, uploads) else None
        return response or _form_page(request, form, task, activity, uploads.kept)

    return once(request, act)


def _is_sound(form: ActivityForm, uploads: drafts.Uploads) -> bool:
    sound = form.is_valid()
    for _name, message in uploads.errors:
        form.add_error(None, message)
    return sound and not uploads.errors


def _save(
    request: SignedInRequest,
    form: ActivityForm,
    activity: Activity | None,
    uploads: drafts.Uploads,
    slot: autosave.Slot,
) -> HttpResponseBase | None:
    """Save, and send where asked, in one transaction; None where the form must be shown again."""
    remove = frozenset(
        int(pk) for pk in request.POST.getlist("drop_evidence") if pk.isascii() and pk.isdigit() and len(pk) < 12
    )
    sends = request.POST.get("action") == "submit"
    try:
        with transaction.atomic():
            saved = services.save_activity(
                actor=request.actor,
                data=form.data_of(files=uploads.stored, remove=remove),
                activity=activity,
                version=slot.version(form.cleaned_data["version"]) if activity else None,
            )
            if sends:
                services.submit(actor=request.actor, item=saved)
            drafts.forget(uploads)
    except Stale as error:
        return _conflict(request, form, error)
    except DomainError as error:
        add_error(form, error)
        return None
    if sends:
        committee = form.task.programme.owner
        messages.success(request, _("Sent. %(committee)s reviews it next.") % {"committee": committee.name})
        return redirect("activities:activity_detail", pk=saved.pk)
    messages.success(request, _("Draft saved at %(time)s.") % {"time": f"{timezone.localtime():%H:%M}"})
    return redirect("activities:activity_edit", pk=saved.pk)


def _conflict(request: SignedInRequest, form: ActivityForm, stale: Stale) -> HttpResponse:
    """Both texts side by side, only what differs; figures of indicators are fields of the form like all others."""
    current = stale.current
    saved = ActivityForm(actor=form.actor, actors=request.actors, task=form.task, activity=current)
    url = reverse("activities:activity_detail", args=[current.pk])
    return compare(request, stale, [(form, saved.initial)], cancel_url=url)


def _form_page(request, form: ActivityForm, task: Task, activity: Activity | None, kept: list) -> HttpResponse:
    """Draw the log with what each indicator stands at, in the year of an entry that has a day, else of today."""
    day = activity.starts_on if activity and activity.starts_on else timezone.localdate()
    standings = effects.standings_of(form.indicators, day)
    quantities = [_quantity_row(form, item, standings[item.pk]) for item in form.indicators]
    version = form["version"].value() if form.is_bound else (activity.version if activity else "")
    context = {
        "form": form,
        "task": task,
        "activity": activity,
        "quantities": quantities,
        "kept": kept,
        "version": version or "",
        "evidence": activity.evidence.select_related("file__thumbnail") if activity else [],
        "is_returned": bool(activity and activity.review == Review.RETURNED),
        "change_url": f"{reverse('activities:task_pick')}",
        "cancel_url": reverse("activities:activity_detail", args=[activity.pk]) if activity else "/",
        "is_officer": request.actor.role == policy.OFFICER,
        "shows_unit": not form.fields["unit"].widget.is_hidden,
        "place": _place_name(form),
        "place_is_default": activity is None and not form.is_bound and bool(form.initial.get("locality")),
        "more_fields": [form[name] for name in ("title", "ends_on")],
        "people_fields": [form[name] for name in ("households", "persons", "turns")],
        "rows": [[form[name] for name in names] for names in form.row_names],
        "givers": [body.name for body in form.bodies],
        "copied": form.copied,
        "gap": contributions.difference(activity) if activity and not form.is_bound else "",
        "used_keys": _used_keys(request),
    }
    return render(request, "activities/activity_form.html", context)


def _used_keys(request: SignedInRequest) -> str:
    """Return the form keys this person has lately sent entries with: copies kept in the browser under them are done."""
    rows = FormKey.objects.filter(user=request.user, result_url__startswith="/hoat-dong/")
    rows = rows.exclude(result_url__endswith=autosave.MARK)
    keys = [str(row.key) for row in rows.order_by("-id")[:20]]
    return " ".join(keys)


def _place_name(form: ActivityForm) -> str:
    """Return the chosen commune as the closed row of the place names it."""
    chosen, field = str(form["locality"].value() or ""), form.fields["locality"]
    if not chosen:
        return str(field.empty_label)
    if form.activity and str(form.activity.locality_id) == chosen:
        return str(form.activity.locality)
    known = field.queryset.filter(pk=chosen).first() if chosen.isascii() and chosen.isdigit() else None
    return str(known or chosen)


def _quantity_row(form: ActivityForm, indicator, standing: effects.Standing) -> dict:
    """One indicator of the form: its fields, what is accepted now and what it would be with the typed number."""
    names = form.quantity_names[indicator.pk]
    bound = [form[name] for name in names]
    typed = None
    if form.is_bound and len(names) == 1 and not bound[0].errors:
        typed = form.cleaned_data.get(names[0]) if hasattr(form, "cleaned_data") else None
    elif not form.is_bound and len(names) == 1:
        typed = form.initial.get(names[0])
    return {
        "indicator": indicator,
        "fields": bound,
        "standing": standing,
        "after": standing.after(typed) if typed is not None else None,
        "base": f"{standing.accepted or 0 if standing.is_added else 0:f}",  # the page adds what is being typed to it
    }
