"""The page for those who build pages: every component in every state. Only where DEBUG is on."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core.templatetags.ui import ICONS


class SampleForm(forms.Form):
    """One field of each kind, so that the form theme can be looked at."""

    use_required_attribute = False

    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=255, error_messages={"required": gettext_lazy("Enter the title")}
    )
    signed_on = forms.DateField(
        label=gettext_lazy("Signed on"),
        help_text=gettext_lazy("For example 05/03/2026"),
        error_messages={"invalid": gettext_lazy("Enter the day of signing as day/month/year, for example 05/03/2026")},
    )
    quantity = forms.CharField(
        label=gettext_lazy("Quantity"), initial="1.234", widget=forms.TextInput(attrs={"data-number-echo": ""})
    )
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=[("1", "Sở Y tế"), ("2", "Công an tỉnh")])
    note = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[("lead", gettext_lazy("Leads")), ("joint", gettext_lazy("Supports"))],
        widget=forms.RadioSelect,
    )
    groups = forms.MultipleChoiceField(
        label=gettext_lazy("Groups"),
        choices=[("a", gettext_lazy("Households")), ("b", gettext_lazy("Persons"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    sure = forms.BooleanField(label=gettext_lazy("I have checked the figures"))
    scan = forms.FileField(
        label=gettext_lazy("Signed scan"),
        help_text=gettext_lazy("PDF, DOCX, JPG or PNG up to 20 MB"),
        error_messages={"required": gettext_lazy("Choose a file")},
    )
    secret = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput,
        error_messages={"required": gettext_lazy("Enter the password")},
    )


def _statuses() -> list[dict[str, Any]]:
    labels = {
        "none": _("Not started"),
        "run": _("Running"),
        "wait": _("Waiting for review"),
        "fix": _("To be completed"),
        "done": _("Done"),
        "over": _("Overdue"),
        "hold": _("Paused"),
        "slow": _("22 points behind"),
        "ask": _("To be checked"),
        "dash": _("Not found"),
    }
    return [{"kind": kind, "label": label} for kind, label in labels.items()]


def _bars() -> list[dict[str, Any]]:
    def bar(label: str, done: float | None, elapsed: float, behind: bool = False) -> dict[str, Any]:
        return {"label": label, "done": done, "elapsed": elapsed, "behind": behind}

    return [
        bar(_("On track"), 52, 58),
        bar(_("Behind: the hatched part is the gap"), 41, 63, behind=True),
        bar(_("Beyond the target"), 112, 90),
        bar(_("Nothing done, which is not the same as no data"), 0, 30, behind=True),
        bar(_("No data yet"), None, 12),
    ]


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state; 404 where DEBUG is off."""
    if not settings.DEBUG:
        raise Http404
    messages.success(request, _("Sent. The movement board looks at it before 25/11/2026."))
    messages.error(request, _("This file is 32 MB. Choose one smaller than 20 MB."))
    bound = SampleForm(
        {"x-signed_on": "3/2026", "x-quantity": "1.234", "x-unit": "1", "x-role": "lead", "x-sure": "1"}, prefix="x"
    )
    return render(
        request,
        "core/gallery.html",
        {
            "statuses": _statuses(),
            "bars": _bars(),
            "form": SampleForm(),
            "wrong_form": bound,
            "icons": sorted(ICONS),
            "page_obj": Paginator(range(80), 25).get_page(2),
            "value": Decimal("1234.5"),
            "crumb_items": [(_("Today"), "/"), (_("Programmes"), "/"), (_("Components and states"), "")],
            "tab_items": [
                {"url": "?a=1", "label": _("In force"), "count": 10, "current": True},
                {"url": "?a=2", "label": _("Behind"), "count": 3, "current": False},
                {"url": "?a=3", "label": _("All"), "count": None, "current": False},
            ],
            "chip_items": [
                {"label": _("Year"), "value": "2026", "url": "?"},
                {"label": _("Kind"), "value": _("programme"), "url": "?"},
            ],
            "fields": [
                {"label": _("Unit"), "value": "Sở Nông nghiệp và Môi trường", "url": "#noi-dung"},
                (_("Number"), None),
                {"label": _("Signed on"), "value": "14/07/2023", "note": _("after the period began")},
            ],
            "photos": [
                {"url": "#noi-dung", "label": "Biên bản, 6 trang"},
                {"url": "#noi-dung", "label": "Danh sách.xlsx"},
            ],
            "mine": "Kiểm tra 28 bếp ăn bán trú, nhắc 5 bếp sửa khu sơ chế.",
            "theirs": "Kiểm tra 26 bếp ăn bán trú, nhắc 5 bếp.",
        },
    )
