"""Forms of reminders: the ladder, the closing words of a letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.models import ReminderStep
from core.forms import Form, LongTextField, WholeNumberField

BEFORE, AFTER = "before", "after"
MOST_STEPS = 12


class StepForm(Form):
    """One rung; an empty number leaves it out."""

    number = WholeNumberField(
        label=gettext_lazy("Days"),
        required=False,
        min_value=0,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    side = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[(BEFORE, gettext_lazy("before the day")), (AFTER, gettext_lazy("after the day"))],
        initial=BEFORE,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("To whom"),
        choices=ReminderStep.Audience.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def clean(self) -> dict[str, Any]:
        """Hold the number against the longest ladder."""
        data = super().clean() or {}
        number, most = data.get("number"), 60 if data.get("side") == BEFORE else 180
        if number is not None and number > most:
            self.add_error("number", _("At most 60 days before and 180 days after the due date"))
        return data

    @property
    def days(self) -> int | None:
        """The rung as one number, negative before the day; None for an empty line."""
        number: int | None = self.cleaned_data.get("number")
        return None if number is None else -number if self.cleaned_data["side"] == BEFORE else number


class _Steps(BaseFormSet):  # type: ignore[type-arg]
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Read every line, also one that says what is saved already."""
        return super().get_form_kwargs(index) | {"empty_permitted": False}  # type: ignore[no-any-return]

    def clean(self) -> None:
        """No day twice."""
        days = [form.days for form in self.forms if form.is_valid() and form.days is not None]
        if len(set(days)) != len(days):
            raise forms.ValidationError(_("Two steps are on the same day. Keep one of them."))

    def steps(self) -> dict[int, str]:
        """Return days → audience of the lines that are filled."""
        return {form.days: form.cleaned_data["audience"] for form in self.forms if form.days is not None}


StepSet = formset_factory(StepForm, formset=_Steps, extra=0, max_num=MOST_STEPS, absolute_max=MOST_STEPS + 4)


class LetterForm(Form):
    """The words that end a letter, kept in its address until it is printed."""

    ket = LongTextField(label=gettext_lazy("Closing words"), required=False, max_length=1000, rows=4)
