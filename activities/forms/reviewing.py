"""Forms of the queue: a request for more time, many entries at once, two that look alike."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import DateField, Form, LongTextField, TextField


class ExtensionForm(Form):
    """Grant a request with a day and a paper, or refuse it with a reason; each button asks for its own fields."""

    new_due_on = DateField(label=gettext_lazy("New deadline"))
    paper = TextField(
        label=gettext_lazy("Paper that decides this"),
        max_length=255,
        help_text=gettext_lazy("Number and date, for example: Công văn 12/CV-MTTQ ngày 05/03/2026"),
    )
    reason = LongTextField(label=gettext_lazy("Reason, where it is refused"), required=False, max_length=500, rows=2)

    def for_action(self, action: str) -> None:
        """Require what the pressed button needs: a day and a paper, or a reason."""
        is_grant = action == "accept"
        self.fields["new_due_on"].required = self.fields["paper"].required = is_grant
        self.fields["reason"].required = not is_grant
        self.fields["reason"].error_messages["required"] = _("Write why more time is refused")


class NotDuplicateForm(Form):
    """Why two entries that look alike are not the same."""

    other = forms.IntegerField(widget=forms.HiddenInput)
    reason = LongTextField(
        label=gettext_lazy("Why they are not the same"),
        max_length=500,
        rows=2,
        help_text=gettext_lazy("For example: two houses in the same hamlet, handed over on one day"),
    )
