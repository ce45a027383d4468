"""Forms of directives: write one, answer it, decide on the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities import policy
from agreements.models import Task
from core.forms import DateField, Form, LongTextField, version_field
from partners.models import Organisation

if TYPE_CHECKING:
    from agreements.models import Programme

TEXT_LIMIT, NOTE_LIMIT = 5000, 1000


class DirectiveForm(Form):
    """What is asked of which unit by when; choices are those of one programme."""

    unit = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=gettext_lazy("Unit that has to act"),
        empty_label=gettext_lazy("Choose the unit"),
    )
    task = forms.ModelChoiceField(Task.objects.none(), label=gettext_lazy("Task it is about"), required=False)
    text = LongTextField(label=gettext_lazy("What the unit has to do"), max_length=TEXT_LIMIT, rows=5)
    due_on = DateField(
        label=gettext_lazy("Answer due on"),
        help_text=gettext_lazy("Day/month/year, from today on."),
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = policy.units_instructed(programme)
        units = Organisation.objects.filter(pk__in=ids)
        self.fields["unit"].queryset = units.order_by("sort_key")  # type: ignore[attr-defined]
        asked = self.initial.get("unit")
        if asked not in ids:  # a link from what is late may name a body that is gone; one heir leaves no choice
            heirs = Organisation.objects.heirs_of([asked]).get(asked, []) if asked else []
            self.initial["unit"] = heirs[0].pk if len(heirs) == 1 and heirs[0].pk in ids else None
        self.fields["task"].queryset = programme.tasks.live().order_by("position", "id")  # type: ignore[attr-defined]
        self.fields["task"].empty_label = _("The programme as a whole")  # type: ignore[attr-defined]


class AnswerForm(Form):
    """The result the unit reports; its files stand beside the form (activities.views.drafts)."""

    text = LongTextField(label=gettext_lazy("What was done, with which result"), max_length=TEXT_LIMIT, rows=6)
    version = version_field()


class DirectiveDecisionForm(Form):
    """Close, send back or withdraw; which of them is the button that was pressed."""

    note = LongTextField(
        label=gettext_lazy("Note to the unit"),
        help_text=gettext_lazy("Needed when you ask for more or withdraw."),
        required=False,
        max_length=NOTE_LIMIT,
        rows=3,
    )
    version = version_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].needed = True  # type: ignore[attr-defined]  # the help says when, not "(optional)"
