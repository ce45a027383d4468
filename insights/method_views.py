"""The page *Cách tính số liệu* and the rows behind its numbers."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from agreements import figures
from agreements.models import Indicator, Programme, Task
from agreements.services.results import needs_last
from core.forms import DateField
from documents import vietnamese
from insights import due, method, method_due, method_quality, method_rows, on_date
from insights.search import LONGEST

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

PAGE_ROWS = 50
DAY = DateField(
    label=gettext_lazy("The day"), required=False, earliest=datetime.date(1945, 9, 2),
    latest=datetime.date(2199, 12, 31),
)  # fmt: skip
LABELS = {
    "activities": gettext_lazy("Activities"),
    "households": gettext_lazy("Households"),
    "persons": gettext_lazy("Persons"),
    "turns": gettext_lazy("Turns"),
    "value": gettext_lazy("Value"),
    "done_on_time": gettext_lazy("Finished on time"),
    "done_late": gettext_lazy("Finished late"),
    "within_deadline": gettext_lazy("Within deadline"),
    "overdue": gettext_lazy("Overdue"),
}


def _day(request: SignedInRequest) -> tuple[datetime.date, str, list[str]]:
    """Return the day of ?ngay=, what was typed and what is wrong with it; today where it is empty or wrong."""
    typed = request.GET.get("ngay", "")[:40]
    try:
        day = DAY.clean(typed)
    except ValidationError as error:
        return timezone.localdate(), typed, list(error.messages)
    return day or timezone.localdate(), typed, []


def _chosen(request: SignedInRequest) -> tuple[Programme | None, Task | None]:
    """Return the programme and task of the address; 404 where the person may not see them."""
    task, programme = _pk(request, "nhiem-vu"), _pk(request, "chuong-trinh")
    if task is not None:
        found = Task.objects.visible_to(request.user).select_related("programme__owner").filter(pk=task).first()
        if found is None:
            raise Http404
        return found.programme, found
    if programme is None:
        return None, None
    one = Programme.objects.visible_to(request.user).select_related("owner").filter(pk=programme).first()
    if one is None:
        raise Http404
    return one, None


def _pk(request: SignedInRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Http404
    return int(text)


def method_show(request: SignedInRequest) -> HttpResponse:
    """Explain each figure in words, and with the numbers of a programme or task where one is chosen."""
    day, typed, problems = _day(request)
    programme, task = _chosen(request)
    words = vietnamese.clean(request.GET.get("q", ""), multiline=False)[:LONGEST].strip()
    context: dict[str, Any] = {
        "day": day,
        "typed": typed or vietnamese.format_date(day),
        "problems": problems,
        "words": words,
        "programme": programme,
        "task": task,
        "causes": figures.CAUSES,
        "offered": [(row, method.page_url(day, programme=row.pk)) for row in method.offered(request.user, words)]
        if programme is None or words
        else [],
    }
    if task is not None:
        context["programme_url"] = method.page_url(day, programme=task.programme_id)
        context["of_task"] = method.task_numbers(on_date.read_task(task, day), day)
    elif programme is not None:
        found = on_date.read([programme], day, request.user)[programme.pk]
        context |= {"found": found, "of_programme": method.programme_numbers(found)}
    if task is None:  # as it stands today, whatever the day: /viec/ knows no other
        filters = due.Filters(programme=programme.pk if programme else None)
        context["owed"] = method_due.read(request.user, filters, timezone.localdate())
        if programme is not None:
            reports = next(line for line in context["owed"].lines if line.kind == due.REPORT)
            context["of_data"] = method_quality.read(request.user, found, reports, timezone.localdate())
        context["is_carried_out"] = programme is not None and programme.status in Programme.LIVE
    return render(request, "insights/method_show.html", context)


def method_rows_show(request: SignedInRequest) -> HttpResponseBase:
    """List the rows that add up to one number of the page; 404 for a number that there is none of."""
    day, _typed, _problems = _day(request)
    kind = request.GET.get("so", "")
    if not kind:
        return redirect("insights:method_show")  # a bare address names no number
    context: dict[str, Any] = {"day": day}
    if kind == method_rows.INDICATOR:
        indicator = _indicator(request)
        programme, task = indicator.task.programme, indicator.task
        rows: Any = method_rows.value_rows(indicator, day, request.user)
        context |= {"indicator": indicator, "heading": str(indicator), "takes_last": needs_last(indicator)}
    else:
        chosen, task = _chosen(request)
        if chosen is None or kind not in method_rows.KINDS | method_rows.KIND_OF_STATE:
            raise Http404
        programme = chosen
        tasks = Task.objects.filter(pk=task.pk) if task else Task.objects.filter(programme=programme)
        if kind in method_rows.KINDS:
            rows = method_rows.activity_rows(tasks, kind, day, request.user)
            context["heading"] = LABELS[method_rows.KINDS[kind]]
        else:
            live = tasks if task else tasks.live()  # type: ignore[attr-defined]
            rows = method_rows.deadline_rows(live, kind, day)
            context |= {"heading": LABELS[method_rows.KIND_OF_STATE[kind]], "are_deadlines": True}
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    context |= {
        "page_obj": page,
        "lines": [_line(row, kind, day) for row in page],
        "programme": programme,
        "task": task,
        "total": _total(kind, programme, task, context.get("indicator"), day),
        "is_money": kind == "gia-tri",
        "has_numbers": kind not in method_rows.KIND_OF_STATE and kind != "hoat-dong",
        "back_url": method.page_url(day, programme=programme.pk, task=task.pk if task else None),
    }
    return render(request, "insights/method_rows.html", context)


def _indicator(request: SignedInRequest) -> Indicator:
    pk = _pk(request, "chi-so")
    seen = Indicator.objects.filter(task__in=Task.objects.visible_to(request.user))
    found = seen.select_related("task__programme__owner").filter(pk=pk).first() if pk else None
    if found is None:
        raise Http404
    return found


def _line(row: Any, kind: str, day: datetime.date) -> method_rows.Line:
    if kind == method_rows.INDICATOR:
        return method_rows.value_line(row)
    if kind in method_rows.KINDS:
        return method_rows.activity_line(row, kind)
    return method_rows.deadline_line(row, day)


def _total(kind: str, programme: Programme, task: Task | None, indicator: Indicator | None, day: datetime.date) -> Any:
    """Return the number the rows belong to, as the page shows it."""
    whole: Any = on_date.read_task(task, day).totals if task else on_date.read_sums([programme], day)[programme.pk]
    if indicator is not None:
        return next(item.actual for item in whole.indicators if item.indicator.pk == indicator.pk)
    if kind in method_rows.KINDS:
        return getattr(whole, method_rows.KINDS[kind])
    return getattr(whole.deadlines, method_rows.KIND_OF_STATE[kind])
