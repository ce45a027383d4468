"""The compare page of a stale form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from core.http import conflict_page

if TYPE_CHECKING:
    from django.db.models import Model
    from django.forms import BaseForm
    from django.http import HttpResponse

    from core.exceptions import Stale
    from core.http import SignedInRequest


def compare(
    request: SignedInRequest,
    stale: Stale,
    forms: list[tuple[BaseForm, dict[str, Any]]],
    *,
    cancel_url: str,
    logged_as: Model | None = None,
) -> HttpResponse:
    """Answer with both texts of the fields that differ; forms are pairs of the posted form and the saved values.

    The saved values must be read from stale.current, or after it was raised: what the view had read before the service
    waited for the row is what stood before the other person saved. logged_as: see conflict_page.
    """
    fields = []
    for form, saved in forms:
        for name, field in form.fields.items():
            if field.widget.is_hidden or name == "DELETE" or name in form.files:
                continue
            mine = _shown(field, form.cleaned_data.get(name, form[name].value()))
            theirs = _shown(field, saved.get(name))
            if mine != theirs:
                fields.append({"label": field.label, "mine": mine, "theirs": theirs})
    return conflict_page(request, fields=fields, current=stale.current, cancel_url=cancel_url, logged_as=logged_as)


def pairs(formset: Any, saved: list[dict[str, Any]]) -> list[tuple[BaseForm, dict[str, Any]]]:
    """Return each row of a posted formset with the saved row of its place; empty rows that nobody filled are left out.

    A row that only the other person changed counts too: keeping mine would undo that change.
    """
    return [
        (form, saved[place] if place < len(saved) else {})
        for place, form in enumerate(formset.forms)
        if form.has_changed() or place < len(saved)
    ]


def _shown(field: Any, value: Any) -> str:
    """Return a value as the form shows it; choices by their label."""
    if hasattr(value, "pk"):
        return str(value)
    if isinstance(value, QuerySet):
        value = [row.pk for row in value]
    if value in (None, "", []):
        return ""
    if hasattr(field, "choices"):
        flat: dict[str, str] = {}
        for key, label in field.choices:
            pairs = label if isinstance(label, list | tuple) else [(key, label)]
            flat |= {str(k): str(text) for k, text in pairs}
        values = value if isinstance(value, list | tuple) else [value]
        return ", ".join(flat.get(str(item), str(item)) for item in values)
    return str(field.prepare_value(value))
