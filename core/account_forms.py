"""Forms of one's own account: signing in, the password, contact and display."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import emails
from core.forms import Form, TextField, version_field
from core.models import User
from core.passwords import SHORTEST, SHORTEST_ADMINISTRATOR

if TYPE_CHECKING:
    from django.http import QueryDict


class PasswordField(forms.CharField):
    """A password as typed, spaces included, in NFC so that two keyboards give the same one."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        super().__init__(
            strip=False,
            max_length=1024,
            widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        """Return the text in NFC."""
        return unicodedata.normalize("NFC", super().to_python(value))


class SignInForm(Form):
    """Username and password."""

    username = TextField(
        label=gettext_lazy("Username"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = PasswordField(label=gettext_lazy("Password"), autocomplete="current-password")


class PasswordForm(Form):
    """A new password; the present one is asked unless the person has just come in with a one-time password."""

    current = PasswordField(label=gettext_lazy("Present password"), autocomplete="current-password")
    new = PasswordField(label=gettext_lazy("New password"), autocomplete="new-password")
    again = PasswordField(label=gettext_lazy("New password again"), autocomplete="new-password")

    def __init__(self, data: QueryDict | None, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.least = SHORTEST_ADMINISTRATOR if getattr(user, "needs_long_password", False) else SHORTEST
        if user.must_change_password:
            del self.fields["current"]

    def clean_new(self) -> str:
        """Hold the new password against the rules."""
        new: str = self.cleaned_data["new"]
        validate_password(new, self.user)
        return new

    def clean(self) -> dict[str, Any]:
        """Compare the two, and refuse the old one."""
        data = super().clean() or {}
        if "new" in data and "again" in data and data["new"] != data["again"]:
            self.add_error("again", _("The two new passwords differ. Type the new one again."))
        if "new" in data and self.user.check_password(data["new"]):
            self.add_error("new", _("This is the present password. Choose another one."))
        return data


class AccountForm(Form):
    """What a person may change about themselves; the name belongs to the administrator."""

    phone = TextField(label=gettext_lazy("Phone"), max_length=30, required=False)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        error_messages={"invalid": gettext_lazy("Write the e-mail address like ten@thainguyen.gov.vn")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=gettext_lazy("Colours"), choices=User.Theme.choices, widget=forms.RadioSelect)
    version = version_field()

    def clean_phone(self) -> str:
        """Accept digits with the usual separators."""
        return clean_phone(self.cleaned_data["phone"])


class NoticeForm(Form):
    """How often notices are mailed, and which groups of them a person does without."""

    mail_digest = forms.ChoiceField(
        label=gettext_lazy("Mail"), choices=User.MailDigest.choices, widget=forms.RadioSelect
    )
    muted = forms.MultipleChoiceField(
        label=gettext_lazy("Not wanted"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Ticked ones are neither shown nor mailed. Taking the tick away brings them back."),
    )
    version = version_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = emails.all_groups()
        self.fields["muted"].choices = [(name, words) for name, (words, _kinds) in groups.items()]  # type: ignore[attr-defined]


def clean_phone(text: str) -> str:
    """Return a phone number of digits, spaces, dots, dashes, brackets and a leading plus; "" stays."""
    if text and (not set(text) <= set("+0123456789 .-()") or sum(c.isdigit() for c in text) < 3):
        raise ValidationError(_("Write the phone number in figures, for example 0208 385 1234"))
    return text
