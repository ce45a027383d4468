"""Forms of a programme: who and when, parties, goals, legal bases, the step of the life cycle, files."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.forms import OPTIONAL
from agreements.models import Goal, LegalDocument, Party, Programme, ProgrammeDocument
from agreements.services import legal
from agreements.services.data import BasisData, GoalData, PartyData, ProgrammeData
from core.forms import (
    DateField,
    Form,
    LongTextField,
    TextField,
    WholeNumberField,
    check_upload,
    upload_message,
    version_field,
)
from documents.uploads import UploadRejected
from partners.models import FieldOfWork, Organisation

if TYPE_CHECKING:
    from core.models import User

BLANK_ROWS = 2
YEAR = re.compile(r"(?:19|20|21)[0-9]{2}")


def body_choices() -> list[tuple[str, str]]:
    """Return (id, name) of the bodies a form offers; dissolved ones say so, for old documents name them."""
    bodies = Organisation.objects.all()
    rows = [(body.pk, str(body), body.status) for body in bodies]
    return [
        (str(pk), name if status == Organisation.Status.ACTIVE else _("%(name)s (dissolved)") % {"name": name})
        for pk, name, status in rows
    ]


class PeriodField(DateField):
    """A day, or a year as documents write periods: its first day, or its last with `at_end`."""

    def __init__(self, *, at_end: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.at_end = at_end

    def to_python(self, value: Any) -> datetime.date | None:
        """Return the day; a year of four digits counts as its first or last day."""
        year = value.strip() if isinstance(value, str) else ""
        if YEAR.fullmatch(year):
            return datetime.date(int(year), *((12, 31) if self.at_end else (1, 1)))
        return super().to_python(value)


class IdentityForm(Form):
    """Step 1: what it is called, which papers say so, and its period."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Programme.Kind.choices)
    title = TextField(
        label=gettext_lazy("Title as signed"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Word for word from the document."),
    )
    short_title = TextField(
        label=gettext_lazy("Short title"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("What lists and charts show, for example: Đối ngoại nhân dân"),
    )
    field_of_work = forms.ModelChoiceField(
        label=gettext_lazy("Field of work"), queryset=FieldOfWork.objects.all(), required=False, empty_label=OPTIONAL
    )
    number = TextField(
        label=gettext_lazy("Number"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Leave it empty where the document has no number yet."),
    )
    signed_on = DateField(label=gettext_lazy("Day of signing"), required=False)
    place = TextField(label=gettext_lazy("Place of signing"), max_length=120, required=False)
    starts_on = PeriodField(
        label=gettext_lazy("First day of the period"),
        required=False,
        help_text=gettext_lazy("A day or a year. May lie before the day of signing."),
    )
    ends_on = PeriodField(
        label=gettext_lazy("Last day of the period"),
        required=False,
        at_end=True,
        help_text=gettext_lazy("A day or a year."),
    )
    period_note = TextField(
        label=gettext_lazy("Where the period comes from"),
        required=False,
        help_text=gettext_lazy("For example: Điều 5, or the officer's decision"),
    )
    funding = LongTextField(label=gettext_lazy("Funding"), required=False, rows=2)
    implements_name = TextField(label=gettext_lazy("Programme it implements"), required=False)
    implements_from = WholeNumberField(
        label=gettext_lazy("First year of that programme"), required=False, min_value=1945, max_value=2200
    )
    implements_to = WholeNumberField(
        label=gettext_lazy("Last year of that programme"), required=False, min_value=1945, max_value=2200
    )
    predecessor = forms.ModelChoiceField(
        label=gettext_lazy("Continues the programme"),
        queryset=Programme.objects.none(),
        required=False,
        empty_label=OPTIONAL,
    )
    version = version_field()

    def __init__(self, *args: Any, user: User, programme: Programme | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Programme.objects.visible_to(user).order_by("sort_key")
        self.fields["predecessor"].queryset = others.exclude(pk=programme.pk) if programme else others  # type: ignore[attr-defined]
        for name in ("implements_from", "implements_to"):
            self.fields[name].widget.attrs.pop("data-number-echo", None)
            self.fields[name].prepare_value = lambda value: value  # type: ignore[method-assign]

    def clean(self) -> dict[str, Any]:
        """Hold the two periods against themselves, never against the day of signing."""
        data = super().clean() or self.cleaned_data
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _("The last day must not be before the first day of the period"))
        first, last = data.get("implements_from"), data.get("implements_to")
        if first and last and last < first:
            self.add_error("implements_to", _("The last year must not be before the first"))
        return data

    def to_data(self, programme: Programme | None = None) -> ProgrammeData:
        """Return the cleaned values; what this form does not ask is taken from the programme."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return ProgrammeData(**values, parent=programme.parent if programme else None)

    @staticmethod
    def initial_of(programme: Programme) -> dict[str, Any]:
        """Return what the form shows of a saved programme."""
        names = [name for name in IdentityForm.base_fields if name != "version"]
        values = {name: getattr(programme, name) for name in names}
        return values | {
            "field_of_work": programme.field_of_work_id,
            "predecessor": programme.predecessor_id,
            "version": programme.version,
        }


class PartyForm(Form):
    """One body that signed."""

    organisation = forms.ChoiceField(label=gettext_lazy("Body"))
    name_as_signed = TextField(
        label=gettext_lazy("Name as signed"),
        required=False,
        help_text=gettext_lazy("Leave it empty where it is the name of today."),
    )
    role = forms.ChoiceField(label=gettext_lazy("Part"), choices=Party.Role.choices, initial=Party.Role.PARTICIPANT)
    signer = TextField(label=gettext_lazy("Signed by"), max_length=120, required=False)
    signer_title = TextField(label=gettext_lazy("Position of the signer"), max_length=160, required=False)
    number = TextField(label=gettext_lazy("Own number of the document"), max_length=80, required=False)
    responsibilities = LongTextField(label=gettext_lazy("Responsibilities"), required=False, rows=2)

    def __init__(self, *args: Any, bodies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [("", OPTIONAL), *bodies]  # type: ignore[attr-defined]

    def has_changed(self) -> bool:
        """A row counts once a body or a name is in it."""
        return bool(self.data.get(self.add_prefix("organisation")) or self.data.get(self.add_prefix("name_as_signed")))


class GoalForm(Form):
    """One purpose or requirement."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Goal.Kind.choices, initial=Goal.Kind.PURPOSE)
    text = LongTextField(label=gettext_lazy("Text"), rows=2)

    def has_changed(self) -> bool:
        """A row counts once it has a text."""
        return bool(self.data.get(self.add_prefix("text"), "").strip())


class BasisForm(Form):
    """One document the programme rests on: a row of the register, or what identifies a new one."""

    document = forms.IntegerField(required=False, widget=forms.HiddenInput)
    kind = TextField(label=gettext_lazy("Kind of document"), max_length=80, required=False)
    number = TextField(label=gettext_lazy("Number"), max_length=80, required=False)
    issued_on = DateField(label=gettext_lazy("Day of issue"), required=False)
    issuer = TextField(label=gettext_lazy("Issued by"), required=False)
    subject = LongTextField(label=gettext_lazy("Subject"), required=False, rows=2)
    quoted = LongTextField(label=gettext_lazy("Words of the programme"), required=False, rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].widget.attrs["list"] = "kinds"

    @property
    def known(self) -> LegalDocument | None:
        """The row of the register this line already stands for."""
        value = self["document"].value()
        try:
            return LegalDocument.objects.filter(pk=int(value)).first() if value else None
        except (TypeError, ValueError, OverflowError):
            return None

    @property
    def near(self) -> list[LegalDocument]:
        """Rows of the register with the number typed, to be taken instead of entering it again."""
        return legal.candidates(number=str(self["number"].value() or "")) if not self["document"].value() else []

    def has_changed(self) -> bool:
        """A row counts once it names a document."""
        return any(
            self.data.get(self.add_prefix(name), "").strip() for name in ("document", "kind", "number", "subject")
        )

    def clean(self) -> dict[str, Any]:
        """Ask for the kind where the row does not stand for a document of the register."""
        data = super().clean() or self.cleaned_data
        if data.get("document") and not LegalDocument.objects.filter(pk=data["document"]).exists():
            raise ValidationError(_("This document is no longer in the register. Enter it again."))
        if not data.get("document") and not data.get("kind"):
            found = legal.candidates(number=data.get("number") or "")
            if len(found) == 1:
                data["document"] = found[0].pk
            else:
                self.add_error("kind", _("Enter the kind of the document, for example Chỉ thị"))
        return data

    def to_data(self) -> BasisData:
        """Return the cleaned values."""
        data = self.cleaned_data
        document = LegalDocument.objects.get(pk=data["document"]) if data.get("document") else None
        return BasisData(
            document=document,
            kind=data.get("kind", ""),
            number=data.get("number", ""),
            issued_on=data.get("issued_on"),
            issuer=data.get("issuer", ""),
            subject=data.get("subject", ""),
            quoted=data.get("quoted", ""),
        )


PartySet = forms.formset_factory(PartyForm, extra=BLANK_ROWS, can_delete=True, max_num=60)
GoalSet = forms.formset_factory(GoalForm, extra=BLANK_ROWS, can_delete=True, max_num=100)
BasisSet = forms.formset_factory(BasisForm, extra=BLANK_ROWS, can_delete=True, max_num=100)


def kept_rows(formset: Any) -> list[Any]:
    """Return the valid forms of a formset that hold something and are not struck out."""
    return [form for form in formset.forms if form.has_changed() and not form.cleaned_data.get("DELETE")]


def parties_of(formset: Any) -> list[PartyData]:
    """Return the parties of a valid PartySet."""
    rows = kept_rows(formset)
    bodies = Organisation.objects.in_bulk([int(row.cleaned_data["organisation"]) for row in rows])
    names = ("name_as_signed", "role", "signer", "signer_title", "number", "responsibilities")
    return [
        PartyData(
            organisation=bodies[int(row.cleaned_data["organisation"])],
            **{name: row.cleaned_data[name] for name in names},
        )
        for row in rows
    ]


def goals_of(formset: Any) -> list[GoalData]:
    """Return the goals of a valid GoalSet."""
    return [
        GoalData(text=row.cleaned_data["text"], kind=row.cleaned_data["kind"], pk=row.cleaned_data["pk"])
        for row in kept_rows(formset)
    ]


class MoveForm(Form):
    """One step of the life cycle, with what that step asks."""

    to = forms.CharField(widget=forms.HiddenInput)
    reviewed_on = DateField(label=gettext_lazy("Day of the final review"), required=False)
    successor = forms.ModelChoiceField(
        label=gettext_lazy("Programme that replaces it"),
        queryset=Programme.objects.none(),
        required=False,
        empty_label=OPTIONAL,
    )
    reason = LongTextField(label=gettext_lazy("Reason"), max_length=300, required=False, rows=2)
    paper = TextField(
        label=gettext_lazy("Paper that decides this"),
        max_length=180,
        required=False,
        help_text=gettext_lazy("Number and date, for example: Công văn 12/CV-MTTQ ngày 05/03/2026"),
    )
    version = version_field()

    ASKED = {
        Programme.Status.SUSPENDED: ("reason", "paper"),
        Programme.Status.TERMINATED: ("reason", "paper"),
        Programme.Status.CLOSED: ("reviewed_on",),
        Programme.Status.SUPERSEDED: ("successor",),
    }

    def __init__(self, *args: Any, programme: Programme, user: User, to: str, **kwargs: Any) -> None:
        super().__init__(*args, initial={"to": to, "version": programme.version}, **kwargs)
        resumed = programme.status == Programme.Status.SUSPENDED
        asked = ("reason", "paper") if resumed else self.ASKED.get(Programme.Status(to), ())
        for name in ("reviewed_on", "successor", "reason", "paper"):
            if name not in asked:
                del self.fields[name]
            else:
                self.fields[name].needed = True  # type: ignore[attr-defined]
        if "successor" in self.fields:
            others = Programme.objects.visible_to(user).exclude(pk=programme.pk).order_by("sort_key")
            self.fields["successor"].queryset = others.exclude(status=Programme.Status.DRAFT)  # type: ignore[attr-defined]


class DocumentForm(Form):
    """A file of the programme."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of paper"), choices=ProgrammeDocument.Kind.choices)
    title = TextField(
        label=gettext_lazy("Title"), required=False, help_text=gettext_lazy("Left empty, it is the name of the file.")
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, DOCX, XLSX, JPG or PNG, at most 20 MB. Kept as it is."),
        allow_empty_file=True,
    )

    def clean_file(self) -> Any:
        """Judge the file by its content."""
        upload = self.cleaned_data["file"]
        try:
            check_upload(upload)
        except UploadRejected as error:
            raise ValidationError(upload_message(error)) from error
        return upload
