"""Pages of saved views: keeping the address one comes from under a name, and deleting one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import saved_views
from core.exceptions import DomainError
from core.forms import Form, TextField, add_error
from core.http import form_data, once, safe_next
from core.models import SavedView

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

NAME = SavedView._meta.get_field("name").max_length


class ViewForm(Form):
    """The name of a view and whether the unit sees it; the address is carried along."""

    name = TextField(
        label=gettext_lazy("Name of the view"),
        max_length=NAME,
        help_text=gettext_lazy("A name you used before takes the new address"),
        error_messages={"required": gettext_lazy("Enter a name for the view")},
    )
    is_shared = forms.BooleanField(
        label=gettext_lazy("My unit sees it too"),
        required=False,
        help_text=gettext_lazy("The address is shared, not what it shows: everyone sees what their own rights give"),
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput, label="next")


def view_create(request: SignedInRequest) -> HttpResponseBase:
    """Keep the address in ?next= under a name."""
    path = safe_next(request, "")
    form = ViewForm(form_data(request), initial={"next": path})

    def show() -> HttpResponse:
        saved = SavedView.objects.visible_to(request.user)
        context = {"form": form, "cancel_url": path or "/", "submit_label": _("Save the view"), "saved": saved}
        return render(request, "core/view_create.html", context)

    if request.method != "POST" or not form.is_valid():
        return show()

    def act() -> HttpResponseBase:
        name, is_shared = form.cleaned_data["name"], form.cleaned_data["is_shared"]
        view = saved_views.save_view(actor=request.actor, name=name, path=path, is_shared=is_shared)
        messages.success(request, _("“%(name)s” is saved. It stands under Saved views.") % {"name": view.name})
        return redirect(view.path)

    try:
        return once(request, act)
    except DomainError as error:
        add_error(form, error)
        return show()


def view_drop(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Delete one's own view."""
    view = get_object_or_404(SavedView.objects.filter(user=request.user), pk=pk)

    def act() -> HttpResponseBase:
        saved_views.drop_view(actor=request.actor, view=view)
        messages.success(request, _("“%(name)s” is deleted.") % {"name": view.name})
        return redirect(safe_next(request, "/"))

    return once(request, act)
