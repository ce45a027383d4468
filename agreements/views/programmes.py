"""The pages of one programme; `head` gives what stands above the tabs, also to rooms above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Prefetch, prefetch_related_objects
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from agreements import policy, services
from agreements.forms.intake_words import CADENCES
from agreements.forms.legal import KeepForm
from agreements.models import (
    LegalBasis,
    LegalDocument,
    LegalRelation,
    Programme,
    ProgrammeDocument,
    Task,
    TaskDeadline,
)
from agreements.services.milestones import RENEWAL_DAYS
from agreements.services.results import task_figures
from agreements.views.coming import next_in
from agreements.views.history import entries_of, life_line
from agreements.views.loading import COUNTED, bases_of, goals_of, live_tasks_of, load, milestones_of, numbered
from agreements.views.parties import rows_of
from agreements.views.standing import points, standing_of
from documents import vietnamese
from partners.models import Membership, actors_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest
    from core.models import User

S = Programme.Status
LEADER = Membership.Role.LEADER
NEXT_SHOWN = 5
LATEST_SHOWN = 4
HISTORY_PAGE = 50
ENDING_SOON = 90  # days before the end from which a programme asks for attention (design.md section 3)


def actions_of(programme: Programme, user: User) -> frozenset[str]:
    """Return what the person may do with the programme under any of the current memberships."""
    return frozenset().union(*(policy.allowed_actions(actor, programme) for actor in actors_of(user)))


def head(programme: Programme, user: User, tab: str) -> dict[str, Any]:
    """Return the context of templates/agreements/_programme_head.html: sentence, bar, facts, banner, tabs, actions.

    tab: overview, goals, tasks, bases, parties, documents, activities, reports or history.
    """
    day = timezone.localdate()
    figure = getattr(programme, "figure", None)
    progress = figure.progress if figure else None
    elapsed = figure.elapsed if figure and figure.elapsed is not None else programme.elapsed(day)
    standing = standing_of(programme, figure)
    return {
        "programme": programme,
        "figure": figure,
        "actions": actions_of(programme, user),
        "standing": standing,
        "progress": progress,
        "elapsed": elapsed,
        "done_100": None if progress is None else progress * 100,
        "elapsed_100": None if elapsed is None else elapsed * 100,
        "gap": points(figure) if programme.status in Programme.LIVE else 0,
        "banner": _banner(programme, user),
        "tabs": _tabs(programme, tab),
        "signed_later": bool(programme.signed_on and programme.starts_on and programme.signed_on > programme.starts_on),
    }


def _tabs(programme: Programme, tab: str) -> list[dict[str, Any]]:
    counted = programme
    if not hasattr(programme, "n_tasks"):  # a room above loaded it
        counted = Programme.objects.annotate(**numbered()).get(pk=programme.pk)
    counts = {name: getattr(counted, f"n_{name}") for name in COUNTED}
    figure = getattr(programme, "figure", None)
    listed = [
        ("overview", "agreements:programme_detail", _("Overview"), None),
        ("goals", "agreements:programme_goals", _("Goals and indicators"), None),
        ("tasks", "agreements:programme_tasks", _("Tasks"), counts["tasks"]),
        ("bases", "agreements:programme_bases", _("Legal grounds"), counts["bases"]),
        ("parties", "agreements:programme_parties", _("Parties"), counts["parties"]),
        ("documents", "agreements:programme_documents", _("Documents"), counts["documents"]),
        ("activities", "activities:programme_activities", _("Activities"), figure.activities if figure else 0),
        ("reports", "activities:programme_reports", _("Reporting"), None),
        ("history", "agreements:programme_history", _("History"), None),
    ]
    return [
        {
            "url": reverse(name, args=[programme.pk]),
            "label": label,
            "count": None if count is None else vietnamese.format_number(count),
            "current": key == tab,
        }
        for key, name, label, count in listed
    ]


def _banner(programme: Programme, user: User) -> dict[str, Any] | None:
    """Return {tone, title, text, url, action} where the state of the programme asks for something."""
    day = timezone.localdate()
    may = "move" in actions_of(programme, user)
    status_url = reverse("agreements:programme_status", args=[programme.pk]) if may else ""
    match programme.status:
        case S.DRAFT:
            missing = services.missing_for(programme, S.SIGNED)
            text = " ".join(item.message for item in missing) or _("Everything is there. Check it and sign it in.")
            url = reverse("agreements:programme_check", args=[programme.pk]) if may else ""
            return _note("fix", _("Draft, seen by the committee only."), text, url, _("Check and register"))
        case S.SIGNED:
            return _note("", _("Signed, not yet in force."), "", status_url, _("Put in force"))
        case S.SUSPENDED:
            return _note("fix", _("Suspended."), programme.status_reason, status_url, _("Resume or terminate"))
        case S.TERMINATED:
            return _note("over", _("Terminated."), programme.status_reason, "", "")
        case S.ENDED if programme.ends_on:
            past = (day - programme.ends_on).days
            text = _("The period ended on %(day)s, %(n)s days ago.") % {
                "day": vietnamese.format_date(programme.ends_on),
                "n": vietnamese.format_number(past),
            }
            return _note(
                "over", _("Period ended, awaiting the final review."), text, status_url, _("Close after review")
            )
        case S.SUPERSEDED:
            following = programme.successors.first()
            seen = following and Programme.objects.visible_to(user).filter(pk=following.pk).exists()
            url = reverse("agreements:programme_detail", args=[following.pk]) if following and seen else ""
            return _note("", _("Replaced by a later programme."), "", url, _("Open it"))
        case S.IN_FORCE if programme.ends_on and 0 <= (programme.ends_on - day).days <= RENEWAL_DAYS:
            return _ending(programme, programme.ends_on, (programme.ends_on - day).days)
    return None


def _ending(programme: Programme, ends_on: datetime.date, left: int) -> dict[str, Any]:
    """Lead to the brief of what follows; from ENDING_SOON days on as a warning."""
    text = _("The period ends on %(day)s, in %(n)s days.") % {"day": vietnamese.format_date(ends_on), "n": left}
    tone, title = ("fix", _("Ending soon.")) if left <= ENDING_SOON else ("", _("Time to prepare what follows."))
    url = reverse("agreements:programme_renewal", args=[programme.pk])
    return _note(tone, title, text, url, _("Renewal brief"))


def _note(tone: str, title: str, text: str, url: str, action: str) -> dict[str, Any]:
    return {"tone": tone, "title": title, "text": text, "url": url, "action": action}


def programme_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show how the programme stands: indicators, goals, bases, next deadlines, parties, what happened since signing."""
    programme = load(request, pk)
    day = timezone.localdate()
    tasks, totals = _task_totals(programme)
    parties = rows_of(programme)
    milestones = milestones_of(pk)
    latest = import_string(settings.LATEST_ACTIVITIES)
    bases = bases_of(pk)
    deadlines = _open_deadlines(tasks, totals)
    return render(
        request,
        "agreements/programme_detail.html",
        head(programme, request.user, "overview")
        | {
            "indicators": [row for task in tasks for row in indicator_rows(task, totals[task.pk])],
            "goals": goal_rows(programme, tasks, totals),
            "bases": bases,
            "weak": weak_bases(bases),
            "next": next_in(programme, deadlines, milestones, day, NEXT_SHOWN),
            "directives": import_string(settings.OPEN_DIRECTIVES)(
                programme=programme, user=request.user, number=NEXT_SHOWN
            )
            if programme.has_directives
            else [],
            "may_direct": any(actor.role == LEADER and policy.keeps(actor, programme.owner) for actor in request.actors)
            and programme.status in Programme.LIVE,
            "risks": _risks(programme, request.user, parties, deadlines=deadlines, bases=bases, milestones=milestones),
            "latest": latest(programme=programme, user=request.user, number=LATEST_SHOWN),
            "parties": parties,
            "line": life_line(programme, request.user, parties, milestones),
        },
    )


def _risks(programme: Programme, user: User, parties: list[dict[str, Any]], **loaded: Any) -> list[Any]:
    """Return the at-risk flags, which a room above finds in the rows that the page has loaded."""
    signed = [row["party"] for row in parties]
    flags: list[Any] = import_string(settings.PROGRAMME_RISKS)(programme=programme, user=user, parties=signed, **loaded)
    return flags


def _task_totals(programme: Programme) -> tuple[list[Task], dict[int, Any]]:
    tasks = live_tasks_of(programme.pk)
    for task in tasks:
        task.programme = programme
    return tasks, task_figures(tasks)


def _open_deadlines(tasks: list[Task], totals: dict[int, Any]) -> list[TaskDeadline]:
    """Return what is open of the tasks, without asking the database again."""
    found = []
    for task in tasks:
        for row in totals[task.pk].open_deadlines:
            row.task = task
            found.append(row)
    return found


def indicator_rows(task: Task, totals: Any) -> list[dict[str, Any]]:
    """Return what the table of indicators shows of one task."""
    found = []
    for row in totals.indicators:
        share = None if row.progress is None else row.progress
        if row.actual is None or row.target is None:
            kind, label = ("none", _("No data yet") if row.actual is None else _("No target"))
        elif share is not None and share >= 1:
            kind, label = ("done", _("Beyond") if share > 1 else _("Reached"))
        else:
            rest = vietnamese.format_number(abs(row.target - row.actual))
            missing = {"rest": rest, "unit": row.indicator.unit}
            behind = row.standing == "behind"
            kind = "slow" if behind else "run"
            label = _("Short of %(rest)s %(unit)s") % missing if behind else _("%(rest)s %(unit)s to go") % missing
        found.append(
            {
                "task": task,
                "indicator": row.indicator,
                "totals": row,
                "kind": kind,
                "label": label,
                "plain": kind != "slow",
                "behind": row.standing == "behind",
                "elapsed_100": None if row.expected is None else row.expected * 100,
            }
        )
    return found


def goal_rows(programme: Programme, tasks: list[Task], totals: dict[int, Any]) -> list[dict[str, Any]]:
    """Return each goal with the weighted mean of the capped progress of its tasks, as 0–100; None without data."""
    rows = []
    for goal in goals_of(programme.pk):
        own = [task for task in tasks if task.goal_id == goal.pk]
        known = [(task.weight, totals[task.pk].figure.progress) for task in own]
        known = [(weight, min(max(share, 0), 1)) for weight, share in known if share is not None]
        weight = sum(w for w, _share in known)
        share = sum(w * s for w, s in known) / weight if weight else None
        rows.append({"goal": goal, "tasks": own, "share": share, "share_100": None if share is None else share * 100})
    return rows


def programme_goals(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the goals with their tasks, and every indicator with its targets."""
    programme = load(request, pk)
    tasks, totals = _task_totals(programme)
    rows = [row for task in tasks for row in indicator_rows(task, totals[task.pk])]
    context = {"goals": goal_rows(programme, tasks, totals), "indicators": rows}
    return render(request, "agreements/programme_goals.html", head(programme, request.user, "goals") | context)


def programme_tasks(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the tasks, filtered by words, lead unit and state."""
    from agreements.views.task_table import SHOWN, leads_among, task_rows
    from agreements.views.tasks import filtered_tasks

    programme = load(request, pk)
    tasks = programme.tasks.all()
    rows, chips, chosen = filtered_tasks(request, tasks)
    rows = rows.select_related("lead").only(*SHOWN, "span").order_by("position", "pk")
    pages = Paginator(rows, 50)
    if not chips:
        pages.count = programme.n_tasks
    page = pages.get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": task_rows(page.object_list, programme),
        "chips": chips,
        "chosen": chosen,
        "leads": leads_among(tasks, chosen["lead"]),
        "states": Task.State.choices,
        "any": programme.n_tasks,
        "today": timezone.localdate(),
    }
    return render(request, "agreements/programme_tasks.html", head(programme, request.user, "tasks") | context)


def weak_bases(bases: Iterable[LegalBasis]) -> list[LegalBasis]:
    """Return the bases that expired or were replaced, each with its `cause` in words; those not looked at first."""
    from agreements.views.legal import cause_of

    rows = [row for row in bases if row.document.is_weak]
    replaced = [row.document for row in rows if row.document.effect == LegalDocument.Effect.REPLACED]
    if replaced:
        relations = LegalRelation.objects.select_related("source")
        prefetch_related_objects(replaced, Prefetch("relations_in", queryset=relations))
    for row in rows:
        into = row.document.relations_in.all() if row.document in replaced else []
        row.cause = cause_of(row.document, list(into))  # type: ignore[attr-defined]
    return sorted(rows, key=lambda row: not row.is_unseen)


def programme_bases(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the legal bases with their effect; those expired or replaced stand first."""
    return bases_page(request, pk)


def bases_page(request: SignedInRequest, pk: int, refused: tuple[int, KeepForm] | None = None) -> HttpResponse:
    """Return the tab of legal bases; refused: the basis and the form of a note that was not taken."""
    programme = load(request, pk)
    bases = bases_of(pk)
    weak = weak_bases(bases)
    for row in weak:
        basis, form = refused or (0, None)
        row.form = (  # type: ignore[attr-defined]
            form if row.pk == basis else KeepForm(initial={"effect": row.document.effect}, auto_id=f"k{row.pk}_%s")
        )
    context = {"bases": bases, "weak": weak, "form": refused[1] if refused else None}
    return render(request, "agreements/programme_bases.html", head(programme, request.user, "bases") | context)


def programme_parties(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show who signed, under the name of that day, and who took over since; the funding and the reports agreed on."""
    programme = load(request, pk)
    cadences = dict(CADENCES)
    reports = [row | {"label": cadences.get(row["kind"], row["kind"])} for row in programme.reports_asked]
    context = {"parties": rows_of(programme), "reports": reports}
    return render(request, "agreements/programme_parties.html", head(programme, request.user, "parties") | context)


def programme_documents(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the files of the programme with their fingerprints."""
    programme = load(request, pk)
    rows = programme.documents.select_related("file", "added_by")
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    context = {"page_obj": page}
    return render(request, "agreements/programme_documents.html", head(programme, request.user, "documents") | context)


def programme_history(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what was done with the programme and its parts, with the values before and after."""
    programme = load(request, pk)
    page = Paginator(entries_of(programme), HISTORY_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page}
    return render(request, "agreements/programme_history.html", head(programme, request.user, "history") | context)


def document_file(request: SignedInRequest, pk: int, doc_pk: int) -> HttpResponseBase:
    """Answer with the bytes of a file of a programme the person may see."""
    programme = load(request, pk)
    document = get_object_or_404(ProgrammeDocument.objects.select_related("file"), pk=doc_pk, programme=programme)
    return services.download_document(actor=request.actor, document=document)
