"""The renewal brief: what to know before a programme ends and the next one is negotiated, on one page to print."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.models import Milestone, Programme, Task, TaskDeadline
from agreements.services.milestones import RENEWAL_DAYS
from agreements.services.results import task_figures
from agreements.views.milestones import milestone_rows
from agreements.views.parties import rows_of
from agreements.views.programmes import actions_of, head, indicator_rows, load
from agreements.views.standing import task_standing
from documents import vietnamese

if TYPE_CHECKING:
    from django.http import HttpResponse

    from core.http import SignedInRequest


def programme_renewal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what is done and not, the figures, bases that expired, parties that changed, and the next steps."""
    programme = load(request, pk)
    day = timezone.localdate()
    tasks = list(programme.tasks.select_related("lead"))
    for task in tasks:
        task.programme = programme
    totals = task_figures(tasks)
    rows = [{"task": task, "state": task_standing(task), "progress": totals[task.pk].figure.progress} for task in tasks]
    live = [task for task in tasks if task.state not in Task.LEFT_OUT]
    bases = list(programme.legal_bases.select_related("document"))
    parties = rows_of(programme)
    milestones = milestone_rows(programme, day)
    context = {
        "done": [row for row in rows if _is_done(row)],
        "not_done": [row for row in rows if not _is_done(row) and row["task"].state not in Task.LEFT_OUT],
        "left_out": [row for row in rows if row["task"].state in Task.LEFT_OUT],
        "overdue": TaskDeadline.objects.live().overdue(day).filter(task__programme=programme).count(),
        "indicators": [row for task in live for row in indicator_rows(task, totals[task.pk])],
        "weak": [row for row in bases if row.document.is_weak],
        "changed": [row for row in parties if row["gone_on"] or row["today"]],
        "milestones": milestones,
        "days_left": (programme.ends_on - day).days if programme.ends_on else None,
        "steps": _steps(programme, day, {row["milestone"].kind: row["milestone"] for row in milestones}),
        "may_edit": "edit" in actions_of(programme, request.user),
        "day": day,
    }
    return render(request, "agreements/programme_renewal.html", head(programme, request.user, "reports") | context)


def _is_done(row: dict[str, Any]) -> bool:
    """A task counts as done by its state, or where its figures reached the target."""
    return row["task"].state == Task.State.DONE or (row["progress"] is not None and row["progress"] >= 1)


def _steps(programme: Programme, day: datetime.date, known: dict[str, Milestone]) -> list[dict[str, Any]]:
    """Return what comes next with its day: review, successor, signing; done ones are marked."""
    end = programme.ends_on
    if end is None:
        return []
    review = known.get(Milestone.Kind.FINAL_REVIEW)
    following = programme.successors.order_by("pk").first()
    found = [
        {
            "text": _("Ask the units for their final figures and proposals"),
            "by": end - datetime.timedelta(days=RENEWAL_DAYS - 30),
            "done": False,
            "url": "",
        },
        {
            "text": _("Agree on the content of the next programme and enter its draft"),
            "by": end - datetime.timedelta(days=90),
            "done": following is not None,
            "url": reverse("agreements:programme_detail", args=[following.pk]) if following else "",
        },
        {
            "text": _("Hold the final review"),
            "by": review.due_on if review else end,
            "done": bool(review and review.done_on),
            "url": "",
        },
        {
            "text": _("Sign the next programme, or say in writing that there is none"),
            "by": end,
            "done": following is not None and following.status != Programme.Status.DRAFT,
            "url": "",
        },
    ]
    for step in found:
        late = not step["done"] and step["by"] < day
        step["late"] = vietnamese.format_number((day - step["by"]).days) if late else ""
    return found
