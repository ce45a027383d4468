"""Forms of the register of legal documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import LegalDocument, LegalRelation
from agreements.services.legal import FIELDS
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
from documents import tables, uploads, vietnamese

if TYPE_CHECKING:
    from collections.abc import Iterable

CSV_LIMIT = 1_000_000  # bytes of a table as text; the page carries it to the confirmation


class DocumentField(TextField):
    """A document of the register, named by its number however written, an alias or its label; cleaned to the row.

    Several that fit become a message that lists them: their labels can be typed, or chosen where the page offers them.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("Number or name as in the register, for example 05-CT/TW"))
        kwargs.setdefault("widget", forms.TextInput(attrs={"list": "documents"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> LegalDocument | None:  # type: ignore[override]
        """Return the row, None for an empty field that may be empty; ValidationError says what to type."""
        text = super().clean(value)
        if not text:
            return None
        key, words = vietnamese.folded_number(text), vietnamese.fold(text)
        rows = LegalDocument.objects.search(text.split(",")[0])
        found = list(rows[:50])
        exact = [row for row in found if vietnamese.fold(row.label) == words]
        exact = exact or [row for row in found if row.number_key == key or vietnamese.fold(str(row)) == words]
        fitting = exact or found
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise ValidationError(
                _("The register holds no document “%(text)s”. Enter it first, or type its number."),
                params={"text": text[:80]},
            )
        raise ValidationError(
            _("Several documents fit. Type one of them in full: %(documents)s"),
            params={"documents": "; ".join(row.label for row in fitting[:5])},
        )

    def prepare_value(self, value: Any) -> Any:
        """Show a row by its label, typed text as it was typed."""
        return value.label if isinstance(value, LegalDocument) else value


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
    replaced_by = DocumentField(
        label=gettext_lazy("Replaced by"),
        required=False,
        help_text=gettext_lazy("Where the status is “Replaced”: number or name of the later document"),
    )
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
        by = document.relations_in.filter(kind=LegalRelation.Kind.REPLACES).select_related("source").first()
        values = {name: getattr(document, name) for name in FIELDS}
        return values | {"version": document.version, "replaced_by": by.source if by else None}


class RelationForm(Form):
    """How this document acts on another one of the register."""

    kind = forms.ChoiceField(label=gettext_lazy("This document"), choices=LegalRelation.Kind.choices)
    target = DocumentField(label=gettext_lazy("The other document"))


class AliasForm(Form):
    """A name by which people call the document."""

    text = TextField(
        label=gettext_lazy("Another name"),
        max_length=200,
        help_text=gettext_lazy("As people say it, for example Chỉ thị 05"),
    )


class OtherForm(Form):
    """Which document to compare with."""

    voi = DocumentField(label=gettext_lazy("Compare with"))


class MergeForm(Form):
    """Join the two; what contradicts needs a tick and a reason."""

    version = version_field()
    other_version = version_field()
    confirmed = forms.BooleanField(label=gettext_lazy("They are one document although they contradict each other"))
    reason = TextField(label=gettext_lazy("Reason"), max_length=500)

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["confirmed"], self.fields["reason"]


class KeepForm(Form):
    """Why a programme stays on a basis that fell away. effect: the status the person saw."""

    effect = forms.CharField(widget=forms.HiddenInput, required=False, max_length=10)
    reason = TextField(label=gettext_lazy("Reason"), max_length=500)

    def clean(self) -> dict[str, Any]:
        """Keep the status only where it is one."""
        data = super().clean() or self.cleaned_data
        if data.get("effect") not in LegalDocument.Effect.values:
            data["effect"] = ""
        return data


class CellsField(forms.Field):
    """Cells pasted from a spreadsheet: unlike in other texts the tabs stay; each cell is cleaned later."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """Return the text; ValidationError where it is too long for one page."""
        text = str(value or "")
        if len(text) > CSV_LIMIT:
            limit = vietnamese.format_number(tables.MAX_ROWS)
            raise ValidationError(
                _("The table has more than %(limit)s rows. Split it and upload the parts.") % {"limit": limit}
            )
        return text if text.strip() else ""


class ImportForm(Form):
    """A table of documents: a file, or cells pasted from a spreadsheet. Cleaned to `table`, rows of texts."""

    file = forms.FileField(
        label=gettext_lazy("Excel or CSV file"),
        required=False,
        help_text=gettext_lazy("XLSX, or CSV saved as UTF-8; at most 2.000 rows"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={
            "empty": gettext_lazy("The file is empty (0 bytes), so there is nothing to keep. Choose it again.")
        },
    )
    text = CellsField(
        label=gettext_lazy("Or paste the cells"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Select them in the spreadsheet together with the row of headings, copy and paste"),
    )

    def clean(self) -> dict[str, Any]:
        """Read the table out of whichever was given."""
        data = super().clean() or self.cleaned_data
        upload, text = data.get("file"), data.get("text")
        if self.errors:
            return data
        if upload and text:
            self.add_error("text", _("Choose a file or paste cells, not both. Clear one of them."))
        elif not upload and not text:
            self.add_error("file", _("Choose a file, or paste cells below"))
        else:
            try:
                data["table"] = _table(upload) if upload else tables.read_csv(text or "")
            except uploads.UploadRejected as error:
                self.add_error("file", _table_rejected(error))
            except tables.UnreadableTable as error:
                self.add_error("file" if upload else "text", unreadable_message(error))
        return data


def _table(upload: Any) -> list[list[str]]:
    name = (upload.name or "").lower()
    if name.endswith((".csv", ".txt", ".tsv")):
        if (upload.size or 0) > CSV_LIMIT:
            raise tables.UnreadableTable("too_many_rows", limit=tables.MAX_ROWS)
        return tables.read_csv(upload.read())
    check_upload(upload, [uploads.Kind.XLSX])
    return tables.read_xlsx(upload.read())


def _table_rejected(error: uploads.UploadRejected) -> str:
    if error.code == "wrong_kind":
        return _("Choose an Excel file (XLSX) or a CSV file.")
    return upload_message(error)


def unreadable_message(error: tables.UnreadableTable) -> str:
    """Return what to do about a table that was not taken."""
    limit = vietnamese.format_number(int(str(error.params.get("limit") or 0)))
    messages = {
        "not_text": _("The letters of this file cannot be read. Save it as “CSV UTF-8” or as XLSX."),
        "no_rows": _("The table needs a row of headings and at least one row below it."),
        "too_many_rows": _("The table has more than %(limit)s rows. Split it and upload the parts.") % {"limit": limit},
        "too_many_columns": _("The table has more than %(limit)s columns. Keep only those listed below.")
        % {"limit": limit},
    }
    return messages.get(error.code, _("The file is damaged. Save it again and upload it once more."))


def as_text(table: Iterable[Iterable[str]]) -> str:
    """Return a table as tab-separated text: what the page carries to the confirmation, and what read_csv reads back."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(table)
    return out.getvalue()
