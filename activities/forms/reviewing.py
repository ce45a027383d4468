"""Forms of the queue: a decision, a request for more time, many entries at once, two that look alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.services.reasons import most_used
from core.forms import DateField, Form, LongTextField, TextField, version_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partners.models import Organisation

# Reasons a reviewer gives again and again; each is a whole sentence, sent in the author's words of the form.
REASONS = (
    ("list", gettext_lazy("Add the list of participants.")),
    ("turns", gettext_lazy("Say whether these are persons or turns.")),
    ("photo", gettext_lazy("Add a photo or another proof.")),
    ("number", gettext_lazy("Check the quantity against the proof.")),
    ("place", gettext_lazy("Write the place and the day clearly.")),
)
REASONS_SHOWN = 8


class DecisionForm(Form):
    """Accept, or return with a reason: ticked sentences and own words together make the reason.

    The sentences are those the committee uses most (services.reasons), then the usual ones.
    """

    usual: Sequence[tuple[str, Any]] = REASONS

    reasons = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        label=gettext_lazy("Frequent reasons"),
    )
    reason = LongTextField(
        label=gettext_lazy("Comment (needed when returning)"), required=False, max_length=1000, rows=2
    )
    keep = forms.BooleanField(label=gettext_lazy("Offer this comment again next time"), required=False)
    version = version_field()

    def __init__(self, *args: Any, committee: Organisation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = most_used(committee) if committee is not None else []
        usual = [(code, str(text)) for code, text in self.usual if str(text) not in {text for _pk, text in known}]
        self.fields["reasons"].choices = [  # type: ignore[attr-defined]
            *((f"r{pk}", text) for pk, text in known),
            *usual,
        ][:REASONS_SHOWN]

    def picked(self) -> list[str]:
        """Return the ticked sentences."""
        sentences = dict(self.fields["reasons"].choices)  # type: ignore[attr-defined]
        return [str(sentences[code]) for code in self.cleaned_data.get("reasons", [])]

    def text(self) -> str:
        """Return the whole reason."""
        return " ".join([*self.picked(), self.cleaned_data.get("reason", "")]).strip()

    def kept(self) -> list[str]:
        """Return the sentences whose use is counted: the ticked ones, and the own words where that was asked for."""
        own = self.cleaned_data.get("reason", "").strip()
        return [*self.picked(), *([own] if own and self.cleaned_data.get("keep") else [])]


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
