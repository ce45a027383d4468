"""Directives of a leader: the list by state, one with its thread, writing, answering and deciding."""

from __future__ import annotations

import datetime
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities import policy, services
from activities.forms.directives import AnswerForm, DirectiveDecisionForm, DirectiveForm
from activities.models import Directive
from activities.views import drafts
from activities.views.directive_words import standing_words
from agreements.models import Programme, Task
from core import files
from core.exceptions import DomainError, Stale
from core.forms import add_error
from core.http import conflict_page, first_result, form_data, once
from core.models import StoredFile
from documents import vietnamese

if TYPE_CHECKING:
    import uuid

    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

A_PAGE = 25
PROGRAMMES_A_PAGE = 25
DAYS_TO_ANSWER = 7  # the day offered for a new directive
State = Directive.State
PARTS = ("programme__owner", "task", "unit", "committee", "author", "answered_by", "closed_by")
LISTED = ("text", "state", "due_on", "programme__code", "unit__name", "unit__name_en")  # what a line shows
# value of ?tinh-trang= → name of the tab; each directive is in exactly one of them (Directive.objects.in_list)
TABS = {
    "cho-tra-loi": gettext_lazy("To be answered"),
    "qua-han": gettext_lazy("Overdue"),
    "da-tra-loi": gettext_lazy("Answered"),
    "ket-thuc": gettext_lazy("Closed"),
    "thu-hoi": gettext_lazy("Withdrawn"),
}
DECIDED = {  # what the committee did, by the state it left the directive in
    State.ISSUED: gettext_lazy("Asked for more"),
    State.CLOSED: gettext_lazy("Closed it"),
    State.WITHDRAWN: gettext_lazy("Withdrew it"),
}
SAID = {
    "close": gettext_lazy("The directive is closed. The unit is told."),
    "send_back": gettext_lazy("Sent back. The unit owes an answer again, by the same day."),
    "withdraw": gettext_lazy("The directive is withdrawn. The unit is told."),
}


def list_url(tab: str, programme: int | None = None) -> str:
    """Return the address of the list with one tab open."""
    query: dict[str, Any] = {"tinh-trang": tab}
    if programme is not None:
        query["chuong-trinh"] = programme
    return f"{reverse('activities:directive_list')}?{urlencode(query)}"


def counts_of(rows: Any, day: datetime.date) -> dict[str, int]:
    """Return how many directives stand in each tab, in one query."""
    found = rows.order_by().aggregate(
        **{tab.replace("-", "_"): Count("pk", filter=Directive.in_list(tab, day)) for tab in TABS}
    )
    return {tab: found[tab.replace("-", "_")] for tab in TABS}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


def directive_list(request: SignedInRequest) -> HttpResponse:
    """List the directives a person may see, by state; without ?tinh-trang= the first tab that holds any."""
    day = timezone.localdate()
    rows = Directive.objects.visible_to(request.user)
    chips, asked = [], request.GET.get("chuong-trinh")
    programme = None
    if asked:
        programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=_number(asked) or 0)
        rows = rows.filter(programme=programme)
    counts = counts_of(rows, day)
    first = next((tab for tab in ("qua-han", "cho-tra-loi", "da-tra-loi") if counts[tab]), "cho-tra-loi")
    tab = request.GET.get("tinh-trang", first)
    if tab not in TABS:
        raise Http404
    if programme:
        chips.append({"label": _("Programme"), "value": programme.name, "url": list_url(tab)})
    pk = programme.pk if programme else None
    found = rows.filter(Directive.in_list(tab, day)).select_related("programme", "unit").only(*LISTED)
    order = ("due_on", "pk") if tab in {"cho-tra-loi", "qua-han", "da-tra-loi"} else ("-due_on", "-pk")
    paginator = Paginator(found.order_by(*order), A_PAGE)
    paginator.count = counts[tab]  # known: not to be asked for again
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [{"directive": row, "standing": standing_words(row, day)} for row in page],
        "tabs": [
            {"url": list_url(name, pk), "label": TABS[name], "count": counts[name], "current": name == tab}
            for name in TABS
        ],
        "chips": chips,
        "any": sum(counts.values()),
        "may_write": any(actor.role == policy.LEADER and actor.organisation.is_front for actor in request.actors),
    }
    return render(request, "activities/directive_list.html", context)


def directive_create(request: SignedInRequest) -> HttpResponseBase:
    """Write a directive on the programme of ?chuong-trinh= or the task of ?nhiem-vu=; without one, choose first.

    ?don-vi=, ?noi-dung= and ?han= fill the form.
    """
    data = form_data(request)
    given = data or request.GET
    if not (given.get("programme") or given.get("chuong-trinh") or given.get("nhiem-vu")):
        return _choose_programme(request)
    programme, task = _subject(request, given)
    policy.require_directive_issue(request.actor, programme)
    form = DirectiveForm(data, programme=programme, initial=_offered(request, task))

    def page() -> HttpResponse:
        back = ("activities:task_detail", task) if task else ("agreements:programme_detail", programme)
        context = {
            "form": form,
            "programme": programme,
            "cancel_url": reverse(back[0], args=[back[1].pk]),
            "submit_label": _("Give the directive"),
        }
        return render(request, "activities/directive_form.html", context)

    def act() -> HttpResponseBase:
        if form.is_valid():
            try:
                row = services.issue_directive(actor=request.actor, programme=programme, **form.cleaned_data)
            except DomainError as error:
                add_error(form, error)
            else:
                messages.success(request, _("Given. %(unit)s is told at once.") % {"unit": row.unit.name})
                return redirect("activities:directive_show", pk=row.pk)
        return page()

    return once(request, act) if request.method == "POST" else page()


def _choose_programme(request: SignedInRequest) -> HttpResponse:
    programmes = Programme.objects.visible_to(request.user).live().select_related("owner").order_by("code")
    page = Paginator(programmes, PROGRAMMES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "activities/directive_pick.html", {"page_obj": page})


def _subject(request: SignedInRequest, given: Any) -> tuple[Programme, Task | None]:
    """Return the programme and, where one is named in the address, the task; 404 for foreign ones."""
    programmes = Programme.objects.visible_to(request.user).select_related("owner")
    pk = _number(given.get("nhiem-vu") or request.GET.get("nhiem-vu"))
    if pk is not None:
        task = get_object_or_404(Task.objects.visible_to(request.user).select_related("programme__owner"), pk=pk)
        return task.programme, task
    asked = given.get("programme") or given.get("chuong-trinh")
    return get_object_or_404(programmes, pk=_number(asked) or 0), None


def _offered(request: SignedInRequest, task: Task | None) -> dict[str, Any]:
    """Return what a link to the form already knows; what cannot be read is left out."""
    query = request.GET
    due_on = timezone.localdate() + datetime.timedelta(days=DAYS_TO_ANSWER)
    with suppress(vietnamese.UnreadableText):
        due_on = vietnamese.parse_date(query["han"]) if query.get("han") else due_on
    return {
        "unit": _number(query.get("don-vi")) or (task.lead_id if task else None),
        "task": task.pk if task else None,
        "text": vietnamese.clean(query.get("noi-dung", ""), multiline=True)[:1000],
        "due_on": due_on,
    }


def _get(request: SignedInRequest, pk: int) -> Directive:
    return get_object_or_404(Directive.objects.visible_to(request.user).select_related(*PARTS), pk=pk)


def _allowed(request: SignedInRequest, row: Directive) -> frozenset[str]:
    return frozenset().union(*(policy.directive_actions(actor, row) for actor in request.actors))


def _seat(request: SignedInRequest, action: str, row: Directive) -> None:
    """Act under the membership that may do this, where the person has several."""
    fitting = [actor for actor in request.actors if action in policy.directive_actions(actor, row)]
    if fitting and request.actor not in fitting:
        request.actor = fitting[0]


def directive_show(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show one directive with its answer and thread; a button of the committee closes, sends back or withdraws."""
    row = _get(request, pk)
    form = DirectiveDecisionForm(form_data(request), initial={"version": row.version})

    def page() -> HttpResponse:
        context = {
            "directive": row,
            "standing": standing_words(row, timezone.localdate()),
            "form": form,
            "allowed": _allowed(request, row),
            "thread": _thread(row),
            "files": row.files.order_by("created_at"),
            "nudges": list(row.nudges.named()),
        }
        return render(request, "activities/directive_show.html", context)

    return once(request, lambda: _decide(request, row, form) or page()) if request.method == "POST" else page()


def _decide(request: SignedInRequest, row: Directive, form: DirectiveDecisionForm) -> HttpResponseBase | None:
    """Carry out the step of the pressed button; None where the page must be shown again."""
    steps = {
        "close": services.close_directive,
        "send_back": services.send_back_directive,
        "withdraw": services.withdraw_directive,
    }
    action = request.POST.get("action", "")
    if not form.is_valid():
        return None
    if action not in steps:
        form.add_error(None, _("Nothing was chosen. Press one of the buttons."))
        return None
    _seat(request, action, row)
    note, version = form.cleaned_data["note"], form.cleaned_data["version"] or 0
    try:
        steps[action](actor=request.actor, directive=row, note=note, version=version)
    except Stale as stale:
        return _conflict(request, stale, form.fields["note"].label, note, stale.current.closing_note)
    except DomainError as error:
        if error.field is None:
            raise
        add_error(form, error)
        return None
    messages.success(request, SAID[action])
    return redirect("activities:directive_show", pk=row.pk)


def _conflict(request: SignedInRequest, stale: Stale, label: Any, mine: str, theirs: str) -> HttpResponse:
    """Both texts side by side; where only the state moved on, the state says so."""
    current = stale.current
    fields = [
        {"label": label, "mine": mine, "theirs": theirs},
        {"label": _("State"), "mine": "", "theirs": current.get_state_display()},
    ]
    cancel = reverse("activities:directive_show", args=[current.pk])
    return conflict_page(request, fields=fields, current=current, cancel_url=cancel)


def directive_answer(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The unit reports the result, with files where there are any; files of a refused form are kept."""
    row = _get(request, pk)
    if first := first_result(request):
        return first
    _seat(request, "answer", row)
    if request.method != "POST" and "answer" not in _allowed(request, row):
        return redirect("activities:directive_show", pk=row.pk)  # where an old link leads once a colleague answered
    if request.POST.get("version") == str(row.version):
        policy.require_directive(request.actor, "answer", row)  # else the service finds the form stale: compare page
    data = form_data(request)
    form = AnswerForm(data, initial={"version": row.version, "text": row.answer})
    uploads = drafts.receive(request) if request.method == "POST" else None
    kept = uploads.kept if uploads else drafts.kept(request, data.get("form_key", "") if data else "")

    def page() -> HttpResponse:
        context = {
            "form": form,
            "directive": row,
            "standing": standing_words(row, timezone.localdate()),
            "kept": kept,
            "files": row.files.order_by("created_at"),
            "submit_label": _("Send the answer"),
            "cancel_url": reverse("activities:directive_show", args=[row.pk]),
        }
        return render(request, "activities/directive_answer.html", context)

    if uploads is None:
        return page()
    return once(request, lambda: _answer(request, row, form, uploads) or page())


def _answer(
    request: SignedInRequest, row: Directive, form: AnswerForm, uploads: drafts.Uploads
) -> HttpResponseBase | None:
    sound = form.is_valid()
    for _name, message in uploads.errors:
        form.add_error(None, message)
    if not sound or uploads.errors:
        return None
    text, version = form.cleaned_data["text"], form.cleaned_data["version"] or 0
    try:
        with transaction.atomic():
            services.answer_directive(
                actor=request.actor, directive=row, text=text, files=uploads.stored, version=version
            )
            drafts.forget(uploads)
    except Stale as stale:
        return _conflict(request, stale, form.fields["text"].label, text, stale.current.answer)
    except DomainError as error:
        if error.field is None:
            raise
        add_error(form, error)
        return None
    messages.success(request, _("Answered. %(committee)s is told.") % {"committee": row.committee.name})
    return redirect("activities:directive_show", pk=row.pk)


def directive_file(request: SignedInRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Send a file of an answer the person may see, or the thumbnail of a photo."""
    seen = Directive.objects.visible_to(request.user).values("pk")
    stored = StoredFile.objects.filter(directives__in=seen).filter(Q(pk=pk) | Q(thumbnail=pk))
    file = stored.select_related("thumbnail").first()
    if file is None:
        raise Http404
    return files.download(file if file.pk == pk else file.thumbnail, inline=True)


def _thread(row: Directive) -> list[dict[str, Any]]:
    """Return what was said, oldest first: {at, who, unit, what, text, is_answer}.

    Each step is a version of the row, so the row history holds every one of them with its person, time and text.
    """
    history = apps.get_model("activities", "DirectiveHistory").objects.filter(pgh_obj_id=row.pk).order_by("pgh_id")
    versions = {one.version: one for one in history.select_related("author", "answered_by", "closed_by")}
    found = []
    for one in versions.values():
        is_first, is_answer = one.version == 1, one.state == State.ANSWERED
        if is_first:
            what, at, who, text = _("Gave the directive"), one.issued_at, one.author, one.text
        elif is_answer:
            what, at, who, text = _("Answered"), one.answered_at, one.answered_by, one.answer
        else:
            at = one.closed_at or one.pgh_created_at  # those sent back once kept no time of their own
            what, who, text = DECIDED[one.state], one.closed_by, one.closing_note
        unit = row.unit if is_answer else row.committee
        found.append(
            {"at": at, "who": str(who or ""), "unit": unit, "what": what, "text": text, "is_answer": is_answer}
        )
    return found
