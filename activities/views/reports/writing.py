"""Writing a report: one page with a block for each task, saved as a draft, sent when complete; its steps by button."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import policy
from activities.forms.reports import GENERAL, ReportForm
from activities.models import Activity, Evidence, ProgressReport, Rating, ReportDuty, Review
from activities.services import reports
from activities.views.autosave import Slot, refuse, slot_answer
from activities.views.reading import REFUSED_REASON
from activities.views.reports.parts import (
    activities_url,
    contradiction,
    duty_of,
    figure_rows,
    figures_of,
    lateness,
    lines_of,
    photo_of,
    report_of,
    report_seen,
    seat,
)
from activities.views.reports.reading import may_begin
from core.exceptions import DomainError, NotAllowed, Stale
from core.forms import add_error
from core.http import conflict_page, first_result, form_data, once

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from activities.models import TaskReport
    from core.http import SignedInRequest
    from core.models import Actor

LISTED = 25  # activities named below a task; the link leads to all of them
PHOTOS_OFFERED = 12  # of a task


def report_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Write the report of a duty; where none is begun, a page that says what it holds and begins it by a button."""
    report = report_seen(request, pk)
    duty = report.duty if report else duty_of(request, pk)
    if first := first_result(request):
        return first
    if report is None:
        return _begin(request, duty)
    actor = seat(request, "edit", report)
    policy.require_report(actor, "edit", report)
    page = Page(request, report)
    if request.method != "POST":
        return page.answer()
    if request.POST.get("action") == "autosave":
        return _autosave(request, actor, page)
    return once(request, lambda: _save(request, actor, page) or page.answer())


def _begin(request: SignedInRequest, duty: ReportDuty) -> HttpResponseBase:
    if ProgressReport.objects.filter(duty=duty).exists():
        raise NotAllowed(_("The unit is writing this report. You see it once it is sent."))
    if not may_begin(request, duty):
        policy.require_report_begin(request.actor, duty)
    if request.method != "POST":
        context = {"duty": duty, "tasks": reports.tasks_reported(duty), "lateness": lateness(duty, None)}
        return render(request, "activities/report_begin.html", context)

    def act() -> HttpResponseBase:
        reports.open_report(actor=_beginner(request, duty), duty=duty)
        return redirect("activities:report_edit", pk=duty.pk)

    return once(request, act)


def _beginner(request: SignedInRequest, duty: ReportDuty) -> Actor:
    """The membership under which the report is begun: that of the unit before that of an officer for it."""
    own = [actor for actor in request.actors if actor.role == policy.REPORTER]
    officers = [actor for actor in request.actors if actor.role == policy.OFFICER]
    for actor in [*own, *officers]:
        try:
            policy.require_report_begin(actor, duty)
        except NotAllowed:
            continue
        return actor
    return request.actor


class Page:
    """What the page of a report holds: the form, and beside it what was accepted and what may be taken over."""

    def __init__(self, request: SignedInRequest, report: ProgressReport) -> None:
        self.request, self.report, self.duty = request, report, report.duty
        self.lines = lines_of(report)
        self.units = reports.units_counted(self.duty.unit)
        self.figures = figures_of(report, self.lines, units=self.units)
        self.previous = reports.previous_of(report, self.lines)
        declarable = frozenset(
            line.pk for line in self.lines if not line.is_measured or line.declared_share is not None
        )
        self.activities = self._activities()
        self.photos = self._photos()
        self.form = ReportForm(
            form_data(request), report=report, lines=self.lines, photos=self.photos, declarable=declarable
        )

    def _activities(self) -> dict[int, list[Activity]]:
        """Task id → the accepted activities of the unit in the window, newest first."""
        mine = Activity.objects.visible_to(self.request.user).accepted()
        rows = reports.counted_in(self.duty, mine, units=self.units).select_related("locality")
        found: dict[int, list[Activity]] = defaultdict(list)
        for row in rows:
            found[row.task_id].append(row)
        return found

    def _photos(self) -> dict[int, list[Evidence]]:
        """TaskReport id → photos that may be chosen: the chosen ones, then the newest of the window."""
        ids = [row.pk for rows in self.activities.values() for row in rows]
        newest = Evidence.objects.filter(activity__in=ids, file__mime="image/jpeg").select_related("file__thumbnail")
        by_task = defaultdict(list)
        tasks = {row.pk: task for task, rows in self.activities.items() for row in rows}
        for photo in newest.order_by("-pk"):
            by_task[tasks[photo.activity_id]].append(photo)
        found = {}
        for line in self.lines:
            chosen = list(line.photos.all())
            known = {photo.pk for photo in chosen}
            others = [photo for photo in by_task[line.task_id] if photo.pk not in known]
            found[line.pk] = [*chosen, *others][: max(PHOTOS_OFFERED, len(chosen))]
        return found

    def offers(self, name: str, line: TaskReport | None = None) -> dict[str, str]:
        """Texts that may be taken over into a field: "previous" of the last report, "suggested" from the figures."""
        found = {"previous": self.previous.texts.get(name, "") if self.previous else ""}
        if line is not None and name.endswith("-result"):
            found["suggested"] = reports.suggested(self.figures[line.pk])
        return {source: text for source, text in found.items() if text}

    def taken(self) -> dict[str, str]:
        """What the pressed button "take over" changes: {field: text}; {} where no such text is on offer."""
        name, _colon, source = self.request.POST.get("take", "").partition(":")
        lines = {f"line-{line.pk}-{part}": line for line in self.lines for part in ("result", "obstacles", "proposals")}
        if name not in GENERAL and name not in lines:
            return {}
        text = self.offers(name, lines.get(name)).get(source, "")
        typed = self.form.cleaned_data.get(name, "").strip()
        if not text or text in typed:
            return {}
        return {name: f"{typed}\n{text}" if typed else text}

    def answer(self) -> HttpResponse:
        """The page as it stands."""
        stored = {point.field: point.message for point in reports.missing(self.report, self.lines)}
        is_sending = "thieu" in self.request.GET and self.request.method == "GET"
        current = {name: str(self.form[name].value() or "") for name in self._texts()}
        repeated = self.previous.repeated(current) if self.previous else frozenset()
        self.points = stored if is_sending else {}
        self.repeated = repeated
        context = {
            "form": self.form,
            "report": self.report,
            "duty": self.duty,
            "missing": [{"message": text, "target": self._target(name)} for name, text in stored.items()],
            "is_sending": is_sending and bool(stored),
            "general": [self._field(name, needed=name == "summary") for name in GENERAL],
            "blocks": [self._block(line) for line in self.lines],
            "previous": self.previous,
            "lateness": lateness(self.duty, self.report),
            "is_returned": self.report.review == Review.RETURNED,
            "version": self.form["version"].value(),
        }
        return render(self.request, "activities/report_edit.html", context)

    def _texts(self) -> list[str]:
        parts = [f"line-{line.pk}-{part}" for line in self.lines for part in ("result", "obstacles", "proposals")]
        return [*GENERAL, *parts]

    def _target(self, name: str) -> str:
        return f"id_{name}_0" if name.endswith("-self_rating") else f"id_{name}"

    def _field(self, name: str, *, needed: bool = False, line: TaskReport | None = None) -> dict[str, Any]:
        return {
            "field": self.form[name],
            "point": self.points.get(name, ""),
            "needed": needed,
            "is_repeated": name in self.repeated,
            "offers": self.offers(name, line),
        }

    def _block(self, line: TaskReport) -> dict[str, Any]:
        prefix, found = f"line-{line.pk}", self.figures[line.pk]
        chosen = {str(pk) for pk in (self.form[f"{prefix}-photos"].value() or [])} if self.photos[line.pk] else set()
        rows = self.activities[line.task_id]
        return {
            "line": line,
            "figures": found,
            "rows": figure_rows(found),
            "activities": rows[:LISTED],
            "list_url": activities_url(self.duty.pk, line.task_id),
            "has_more": len(rows) > LISTED,
            "count": len(rows),
            "doubt": contradiction(line.self_rating, found),
            "rating": self._field(f"{prefix}-self_rating", needed=True),
            "result": self._field(f"{prefix}-result", needed=line.self_rating != Rating.NOTHING, line=line),
            "others": [self._field(f"{prefix}-{part}", line=line) for part in ("obstacles", "proposals")],
            "declared": [self.form[name] for name in (f"{prefix}-declared_share", f"{prefix}-declared_reason")
                         if name in self.form.fields],
            "declares": any(self.form[name].value() or self.form[name].errors
                            for name in (f"{prefix}-declared_share", f"{prefix}-declared_reason")
                            if name in self.form.fields),
            "photos": [{**photo_of(photo), "is_chosen": str(photo.pk) in chosen} for photo in self.photos[line.pk]],
            "photos_name": f"{prefix}-photos",
            "photo_errors": self.form[f"{prefix}-photos"].errors if self.photos[line.pk] else [],
        }  # fmt: skip


def _save(request: SignedInRequest, actor: Actor, page: Page) -> HttpResponseBase | None:
    """Save, and send where asked and complete; None where the form must be shown again."""
    form, report = page.form, page.report
    if not form.is_valid():
        return None
    changes = page.taken() if request.POST.get("take") else {}
    sends = request.POST.get("action") == "submit" and not request.POST.get("take")
    here = reverse("activities:report_edit", args=[report.duty_id])
    try:
        with transaction.atomic():
            version = Slot(request).version(form.cleaned_data["version"]) or 0
            saved = reports.save_report(actor=actor, report=report, data=form.data_of(changes), version=version)
            if sends and reports.missing(saved):  # what was typed is kept; the page says what is missing
                messages.info(request, _("Saved as a draft. It is not sent yet: complete what is named here."))
                return redirect(f"{here}?thieu=1")
            if sends:
                reports.submit_report(actor=actor, report=saved)
    except Stale as error:
        return _conflict(request, form, error.current)
    except NotAllowed:
        raise
    except DomainError as error:
        add_error(form, error)
        return None
    if sends:
        committee = report.duty.committee
        messages.success(request, _("Sent. %(committee)s reviews it next.") % {"committee": committee.name})
        return redirect("activities:report_show", pk=report.duty_id)
    if changes:
        messages.success(request, _("The text was taken over. Change what is different in this period."))
        return redirect(f"{here}#id_{next(iter(changes))}")
    messages.success(request, _("Draft saved at %(time)s.") % {"time": f"{timezone.localtime():%H:%M}"})
    return redirect(here)


def _autosave(request: SignedInRequest, actor: Actor, page: Page) -> HttpResponse:
    """Save by itself while somebody writes (static/js/activity.js); answers in JSON, see activities.views.autosave."""
    if not page.form.is_valid():
        return refuse(str(next(iter(page.form.errors.values()))[0]), status=422)
    try:
        with transaction.atomic():
            slot = Slot(request)
            saved = reports.save_report(
                actor=actor,
                report=page.report,
                data=page.form.data_of({}),
                version=slot.version(page.form.cleaned_data["version"]) or 0,
                is_logged=not slot.is_used,
            )
            return slot_answer(slot, request.path, saved.version)
    except Stale as error:
        return refuse(error.message, status=409, conflict=True)
    except DomainError as error:
        return refuse(error.message, status=422)


def _conflict(request: SignedInRequest, form: ReportForm, current: ProgressReport) -> HttpResponse:
    """Both texts side by side, only what differs; who saved last and when stands in the trail."""
    lines = {line.pk: line for line in lines_of(current)}
    fields = []
    for name, field in form.fields.items():
        mine = form.cleaned_data.get(name)
        label = str(field.label)
        if name in GENERAL:
            theirs: Any = getattr(current, name)
        elif name.startswith("line-"):
            _prefix, pk, part = name.split("-", 2)
            line = lines.get(int(pk))
            label = f"{line.task.title}: {label}" if line else label
            theirs = getattr(line, part, "")
            if part == "photos":
                theirs = sorted(str(photo.pk) for photo in theirs.all()) if line else []
                mine = sorted(mine or [])
        else:
            continue
        if (mine or "") != (theirs or ""):
            shown = [_shown(form, name, value) for value in (mine, theirs)]
            fields.append({"label": label, "mine": shown[0], "theirs": shown[1]})
    return conflict_page(
        request,
        fields=fields,
        current=current,
        cancel_url=reverse("activities:report_edit", args=[current.duty_id]),
    )


def _shown(form: ReportForm, name: str, value: Any) -> str:
    if name.endswith("-photos"):
        return _("%(count)s photos") % {"count": len(value)}
    if name.endswith("-self_rating"):
        return str(Rating(value).label) if value else ""
    return str(form.fields[name].prepare_value(value) or "")


def report_move(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """One step of a report by a button: take it back to draft, or open an accepted one again with a reason."""
    report = report_of(request, pk)
    return once(request, lambda: _step(request, report))


def _step(request: SignedInRequest, report: ProgressReport) -> HttpResponseBase:
    action, reason = request.POST.get("action", ""), request.POST.get("reason", "")
    page = redirect("activities:report_show", pk=report.duty_id)
    try:
        if action == "recall":
            reports.recall_report(actor=seat(request, "recall", report), report=report)
            messages.success(request, _("Taken back to draft. Change it and send it again."))
            return redirect("activities:report_edit", pk=report.duty_id)
        if action == "reopen":
            reports.reopen_report(actor=seat(request, "reopen", report), report=report, reason=reason)
            messages.success(
                request, _("The report is open again and waits for a decision. The accepted version is kept.")
            )
            return page
        raise DomainError(_("Nothing was chosen. Open the page again and press a button."))
    except DomainError as error:
        if error.field is None:
            raise
        messages.error(request, error.message)
        request.session[REFUSED_REASON] = {"path": page["Location"], "text": reason}
        return page
