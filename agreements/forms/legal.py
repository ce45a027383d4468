"""Forms of the register of legal documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.forms import OPTIONAL
from agreements.models import LegalDocument, LegalRelation
from agreements.services.legal import FIELDS
from core.forms import DateField, Form, LongTextField, TextField, WholeNumberField, version_field


class LegalDocumentForm(Form):
    """A document of the register with its effect, which a person enters with its source."""

    kind = TextField(
        label=gettext_lazy("Kind of document"),
        max_length=80,
        help_text=gettext_lazy("The word on the document, for example Chỉ thị"),
        widget=forms.TextInput(attrs={"list": "kinds"}),
    )
    number = TextField(label=gettext_lazy("Number"), max_length=80, required=False)
    issued_on = DateField(label=gettext_lazy("Day of issue"), required=False)
    issued_year = WholeNumberField(
        label=gettext_lazy("Year, where the day is not known"), required=False, min_value=1900, max_value=2200
    )
    issuer = TextField(label=gettext_lazy("Issued by"), required=False)
    subject = LongTextField(label=gettext_lazy("Subject"), required=False, rows=3)
    effect = forms.ChoiceField(label=gettext_lazy("Effect"), choices=LegalDocument.Effect.choices)
    effect_source = TextField(
        label=gettext_lazy("Source of the effect status"),
        required=False,
        help_text=gettext_lazy("Where you looked, and when"),
    )
    effect_from = DateField(label=gettext_lazy("In force from"), required=False)
    effect_to = DateField(label=gettext_lazy("In force until"), required=False)
    version = version_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issued_year"].widget.attrs.pop("data-number-echo", None)
        self.fields["issued_year"].prepare_value = lambda value: value  # type: ignore[method-assign]

    def clean(self) -> dict[str, Any]:
        """The last day in force does not lie before the first, and a status names its source."""
        data = super().clean() or self.cleaned_data
        if data.get("effect_from") and data.get("effect_to") and data["effect_to"] < data["effect_from"]:
            self.add_error("effect_to", _("The last day in force must not be before the first"))
        if data.get("effect") != LegalDocument.Effect.UNKNOWN and not data.get("effect_source"):
            text = _("Say where the effect status comes from, for example the gazette or its date")
            self.add_error("effect_source", text)
        return data

    @staticmethod
    def initial_of(document: LegalDocument) -> dict[str, Any]:
        """Return what the form shows of a saved document."""
        return {name: getattr(document, name) for name in FIELDS} | {"version": document.version}


class RelationForm(Form):
    """How this document acts on another one of the register."""

    kind = forms.ChoiceField(label=gettext_lazy("This document"), choices=LegalRelation.Kind.choices)
    target = forms.ModelChoiceField(
        label=gettext_lazy("The other document"), queryset=LegalDocument.objects.none(), empty_label=OPTIONAL
    )

    def __init__(self, *args: Any, document: LegalDocument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].queryset = LegalDocument.objects.exclude(pk=document.pk)  # type: ignore[attr-defined]
