"""Forms of people and organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.account_forms import clean_phone
from core.forms import DateField, Form, TextField, version_field
from core.models import User
from partners.models import Locality, Membership, Organisation
from partners.services import OrganisationData, PersonData

if TYPE_CHECKING:
    import datetime

    from django.db.models import QuerySet

WRONG_MAIL = _("Write the e-mail address like ten@thainguyen.gov.vn")


class PersonForm(Form):
    """Name, username and contact of a person."""

    full_name = TextField(label=_("Full name"), max_length=120)
    username = TextField(
        label=_("Username"),
        max_length=60,
        help_text=_("Letters without marks, digits, dots; case does not matter. For example lan.nt"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    title = TextField(label=_("Position"), max_length=120, required=False)
    phone = TextField(label=_("Phone"), max_length=30, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False, error_messages={"invalid": WRONG_MAIL})
    version = version_field()

    def clean_phone(self) -> str:
        """Accept digits with the usual separators."""
        return clean_phone(self.cleaned_data["phone"])

    def person(self) -> PersonData:
        """Return what the service takes; call after is_valid()."""
        return PersonData(**{name: self.cleaned_data[name] for name in PersonData.__dataclass_fields__})


class MembershipForm(Form):
    """A role for an organisation."""

    organisation = forms.ModelChoiceField(
        label=_("Unit"), queryset=Organisation.objects.none(), empty_label=_("Choose a unit")
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Front officer: enters programmes and reviews. Partner staff: logs and submits for the unit. "
            "Leader: reads everything of the unit. Administrator: people and units only."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.active()  # type: ignore[attr-defined]


class NewPersonForm(PersonForm, MembershipForm):
    """A person with the first role."""

    field_order = ("full_name", "username", "organisation", "role", "title", "phone", "email")


class ReasonForm(Form):
    """A reason, kept in the trail."""

    reason = TextField(label=_("Reason"), max_length=500, help_text=_("Kept in the audit trail."))


class SlipForm(ReasonForm):
    """The reason of a reset; a first slip needs none."""

    def __init__(self, *args: Any, is_reset: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_reset


class DisableForm(ReasonForm):
    """Reason, and who takes over."""

    successor = forms.ModelChoiceField(
        label=_("Who takes over the open items"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Choose a colleague"),
    )
    leave_open = forms.BooleanField(label=_("Nobody yet: the open items stay as they are"), required=False)

    def __init__(self, *args: Any, colleagues: QuerySet[User], has_items: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = colleagues  # type: ignore[attr-defined]
        for name in ("successor", "leave_open"):
            self.fields[name].needed = True  # type: ignore[attr-defined]  # one of the two, so neither is "(optional)"
        if not has_items:
            del self.fields["successor"], self.fields["leave_open"]


class OrganisationForm(Form):
    """An organisation as it is today; a new name or parent is dated."""

    name = TextField(label=_("Name"), max_length=255)
    short_name = TextField(label=_("Short name"), max_length=60, required=False)
    name_en = TextField(label=_("Name in English"), max_length=255, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("Choose a kind")), *Organisation.Kind.choices])
    level = forms.ChoiceField(label=_("Level"), choices=Organisation.Level.choices, widget=forms.RadioSelect)
    parent = forms.ModelChoiceField(
        label=_("Stands under"), queryset=Organisation.objects.none(), required=False, empty_label=_("No unit above")
    )
    locality = forms.ModelChoiceField(
        label=_("Place"), queryset=Locality.objects.none(), required=False, empty_label=_("No place")
    )
    started_on = DateField(label=_("Exists since"), required=False)
    version = version_field()

    def __init__(self, *args: Any, organisation: Organisation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parents = Organisation.objects.active()
        if organisation is not None:
            parents = parents.exclude(path__startswith=organisation.path)
        self.fields["parent"].queryset = parents  # type: ignore[attr-defined]
        self.fields["locality"].queryset = Locality.objects.filter(valid_to=None)  # type: ignore[attr-defined]

    def data_of(self) -> OrganisationData:
        """Return what the service takes; call after is_valid()."""
        return OrganisationData(**{name: self.cleaned_data[name] for name in OrganisationData.__dataclass_fields__})


class OrganisationEditForm(OrganisationForm):
    """The same with the day of the change and its paper."""

    changed_on = DateField(
        label=_("New name or new unit above since"),
        required=False,
        help_text=_(
            "Day of the decision's effect. Leave empty only to correct a misspelling: then no former name is kept."
        ),
    )
    decision = TextField(label=_("By decision"), max_length=255, required=False)

    def day(self) -> datetime.date | None:
        """Return the day of the change; call after is_valid()."""
        day: datetime.date | None = self.cleaned_data["changed_on"]
        return day


class ContactForm(Form):
    """A person to call."""

    full_name = TextField(label=_("Full name"), max_length=120)
    title = TextField(label=_("Position"), max_length=120, required=False)
    phone = TextField(label=_("Phone"), max_length=30, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False, error_messages={"invalid": WRONG_MAIL})

    def clean_phone(self) -> str:
        """Accept digits with the usual separators."""
        return clean_phone(self.cleaned_data["phone"])
