"""Many documents from a table: upload or paste, look at what each row would do, confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from agreements import policy, services
from agreements.forms.legal import ImportForm, as_text
from agreements.services.legal import Plan, plan_import
from core.exceptions import DomainError
from core.forms import add_error
from core.http import form_data, once
from documents import vietnamese

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

# The headings to copy into a spreadsheet, as plan_import understands them.
HEADINGS = (
    "Loại văn bản", "Số ký hiệu", "Ngày ban hành", "Năm", "Cơ quan ban hành", "Trích yếu", "Hiệu lực",
    "Hiệu lực từ", "Hiệu lực đến", "Nguồn hiệu lực", "Tên khác",
)  # fmt: skip


def legal_import(request: SignedInRequest) -> HttpResponseBase:
    """Show the form, then (POST) what the table would do, then (POST with act=write) write it."""
    policy.require_register(request.actor)
    form = ImportForm(form_data(request), request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form)
    table = form.cleaned_data["table"]
    try:
        plan = plan_import(table)
        if request.POST.get("act") == "write":
            return once(request, lambda: _write(request, table))
    except DomainError as error:
        if error.field == "table" and request.POST.get("act") == "write":
            messages.error(request, error.message)
            return _plan_page(request, plan_import(table), table)
        add_error(form, error)
        return _form_page(request, form)
    return _plan_page(request, plan, table)


def _write(request: SignedInRequest, table: list[list[str]]) -> HttpResponseBase:
    expected = request.POST.get("expected", "")
    count = services.import_documents(
        actor=request.actor,
        table=table,
        expected=int(expected) if expected.isascii() and expected.isdigit() and len(expected) < 9 else -1,
        name=vietnamese.clean(request.POST.get("name", ""), multiline=False)[:255],
    )
    text = _("%(count)s documents were entered in the register.")
    messages.success(request, text % {"count": vietnamese.format_number(count)})
    return redirect("agreements:legal_list")


def _form_page(request: SignedInRequest, form: ImportForm) -> HttpResponse:
    context = {"form": form, "headings": HEADINGS}
    return render(request, "agreements/legal_import.html", context)


def _plan_page(request: SignedInRequest, plan: Plan, table: list[list[str]]) -> HttpResponse:
    upload: Any = request.FILES.get("file")
    context = {
        "plan": plan,
        "wrong": [row for row in plan.rows if row.problems],
        "fine": [row for row in plan.rows if not row.problems],
        "counts": dict(plan.counts),
        "text": as_text(table),
        "name": upload.name if upload else request.POST.get("name", ""),
    }
    return render(request, "agreements/legal_import.html", context)
