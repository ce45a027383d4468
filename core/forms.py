"""Forms as every room uses them: text cleaned once, dates and numbers as people here type them, errors that say what
to do (wording table of ux.md section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.forms.models import ModelFormMetaclass
from django.utils.translation import gettext as _

from core.exceptions import Stale
from documents import uploads, vietnamese

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable
    from decimal import Decimal

    from django.core.files.uploadedfile import UploadedFile

LINE = 255  # characters of a one-line text unless a field says otherwise
LONG = 20_000  # characters of a long text unless a field says otherwise
MEGABYTE = 1024 * 1024
_REQUIRED = forms.Field.default_error_messages["required"]


def lower_first(label: str) -> str:
    """Return a label as it stands inside a sentence: "Tên chương trình" → "tên chương trình", "CT" stays."""
    text = str(label)
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]


# ------------------------------------------------------------------------------------------------ fields


class TextField(forms.CharField):
    """One line of text: NFC, no control characters, single spaces, at most `max_length` characters (255)."""

    multiline = False

    def __init__(self, *, max_length: int | None = LINE, **kwargs: Any) -> None:
        kwargs.setdefault("strip", False)  # cleaning does it, and before the length is counted
        super().__init__(max_length=None, **kwargs)
        self.limit = max_length  # not maxlength: the browser would cut a pasted text without a word

    def to_python(self, value: Any) -> str:
        """Return the cleaned text; what looks empty (only spaces or invisible characters) is empty."""
        text = vietnamese.clean(str(value), multiline=self.multiline) if value not in self.empty_values else ""
        return "" if vietnamese.is_blank_looking(text) else text

    def run_validators(self, value: str) -> None:
        """Add the length, with how long it is now."""
        super().run_validators(value)
        if self.limit and len(value) > self.limit:
            raise ValidationError(
                _("%(label)s: at most %(limit)s characters. It has %(count)s now.")
                % {
                    "label": self.label,
                    "limit": vietnamese.format_number(self.limit),
                    "count": vietnamese.format_number(len(value)),
                },
                code="max_length",
            )


class LongTextField(TextField):
    """Several lines of text, at most `max_length` characters (20.000); line breaks are kept."""

    multiline = True
    widget = forms.Textarea

    def __init__(self, *, max_length: int | None = LONG, rows: int = 4, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self.widget.attrs["rows"] = rows
        self.widget.attrs.pop("cols", None)


class DateField(forms.Field):
    """A day typed as 5/3/2026, 05-03-2026, 5.3.2026 or 2026-03-05; shown as 05/03/2026 in both languages."""

    widget = forms.TextInput

    def __init__(self, *, earliest: datetime.date | None = None, latest: datetime.date | None = None, **kwargs: Any):
        kwargs.pop("input_formats", None)
        super().__init__(**kwargs)
        self.earliest, self.latest = earliest, latest
        self.widget.attrs.setdefault("inputmode", "numeric")
        self.widget.attrs.setdefault("autocomplete", "off")
        self.widget.attrs.setdefault("class", "date")

    def to_python(self, value: Any) -> datetime.date | None:
        """Return the day, None for an empty field; ValidationError says how to write it."""
        if value in self.empty_values or (isinstance(value, str) and vietnamese.is_blank_looking(value)):
            return None
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]
        try:
            return vietnamese.parse_date(value)
        except vietnamese.UnreadableText as error:
            if error.code == "date_short_year":
                raise ValidationError(_("Write the year with four digits, as in 05/03/2026"), code="date") from None
            if error.code == "date_impossible":
                raise ValidationError(
                    _("There is no day %(text)s. Check day, month and year") % {"text": str(value)[:40]}, code="date"
                ) from None
            raise ValidationError(
                _("Enter %(label)s as day/month/year, for example 05/03/2026") % {"label": lower_first(self.label)},
                code="date",
            ) from None

    def validate(self, value: datetime.date | None) -> None:
        """Hold the day against the bounds, if any."""
        super().validate(value)
        if value and self.earliest and value < self.earliest:
            raise ValidationError(
                _("%(label)s: not before %(day)s") % {"label": self.label, "day": vietnamese.format_date(self.earliest)}
            )
        if value and self.latest and value > self.latest:
            raise ValidationError(
                _("%(label)s: not after %(day)s") % {"label": self.label, "day": vietnamese.format_date(self.latest)}
            )

    def prepare_value(self, value: Any) -> Any:
        """Show a day as dd/mm/yyyy, typed text as it was typed."""
        return vietnamese.format_date(value) if hasattr(value, "year") else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare days, not spellings."""
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except ValidationError:
            return True


class NumberField(forms.Field):
    """A number typed the Vietnamese way (1.234,5); a Decimal with at most `decimal_places` places.

    min_value and max_value are inclusive. The page echoes the understood number beside the field (site.js).
    """

    widget = forms.TextInput

    def __init__(
        self,
        *,
        decimal_places: int | None = 2,
        min_value: Decimal | int | None = None,
        max_value: Decimal | int | None = None,
        max_digits: int | None = 18,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.decimal_places, self.min_value, self.max_value = decimal_places, min_value, max_value
        self.max_digits = max_digits or 18
        self.widget.attrs.setdefault("inputmode", "decimal" if decimal_places else "numeric")
        self.widget.attrs.setdefault("autocomplete", "off")
        self.widget.attrs.setdefault("data-number-echo", "")

    def to_python(self, value: Any) -> Any:
        """Return the Decimal, None for an empty field; ValidationError says how to write it."""
        if value in self.empty_values or (isinstance(value, str) and vietnamese.is_blank_looking(value)):
            return None
        if not isinstance(value, str):
            return value
        try:
            number = vietnamese.parse_number(value)
        except vietnamese.UnreadableText as error:
            raise ValidationError(self._unreadable(error), code="number") from None
        return self._checked(number)

    def _unreadable(self, error: vietnamese.UnreadableText) -> str:
        if error.code == "number_ambiguous":
            return _("%(text)s can be read in two ways. Write 1.234.567 for whole numbers, 1.234,5 for decimals") % {
                "text": error.params.get("text", "")
            }
        return _("Enter %(label)s in figures, for example %(example)s") % {
            "label": lower_first(self.label),
            "example": "1.250,5" if self.decimal_places else "1.250",
        }

    def _checked(self, number: Decimal) -> Decimal:
        _sign, digits, exponent = number.normalize().as_tuple()
        places = max(0, -int(exponent))
        if self.decimal_places is not None and places > self.decimal_places:
            if self.decimal_places == 0:
                raise ValidationError(_("%(label)s: write a whole number") % {"label": self.label})
            raise ValidationError(
                _("%(label)s: at most %(places)s digits after the comma")
                % {"label": self.label, "places": self.decimal_places}
            )
        if max(len(digits), len(digits) + int(exponent)) - places > self.max_digits - (self.decimal_places or 0):
            raise ValidationError(_("%(label)s: this number is too large. Check the zeros") % {"label": self.label})
        if self.min_value is not None and number < self.min_value:
            raise ValidationError(
                _("%(label)s: enter %(number)s or more")
                % {"label": self.label, "number": vietnamese.format_number(self.min_value)}
            )
        if self.max_value is not None and number > self.max_value:
            raise ValidationError(
                _("%(label)s: enter %(number)s or less")
                % {"label": self.label, "number": vietnamese.format_number(self.max_value)}
            )
        return number

    def prepare_value(self, value: Any) -> Any:
        """Show a number as 1.234,5, typed text as it was typed."""
        if value is None or isinstance(value, str):
            return value
        return vietnamese.format_number(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare numbers, not spellings."""
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except ValidationError:
            return True


class WholeNumberField(NumberField):
    """A whole number as int: persons, households, turns."""

    def __init__(self, *, min_value: int | None = 0, **kwargs: Any) -> None:
        kwargs.pop("decimal_places", None)
        super().__init__(decimal_places=0, min_value=min_value, **{"max_digits": 9, **kwargs})

    def to_python(self, value: Any) -> int | None:
        """Return the int, None for an empty field."""
        number = super().to_python(value)
        return None if number is None else int(number)


class MoneyField(WholeNumberField):
    """An amount in đồng as int; "3,38 tỷ" and "50 triệu" are understood."""

    def __init__(self, *, min_value: int | None = 0, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, **{"max_digits": 16, **kwargs})


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, each judged by its content; cleaned to a list of uploads.

    A file that is not taken becomes a message naming it. The good ones are then in `accepted`, so that the view can
    keep them as the author's draft files (core.files.keep_draft_file) when the form is shown again.
    """

    widget = _ManyFiles

    def __init__(self, *, kinds: Iterable[uploads.Kind] | None = None, most: int = 20, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kinds, self.most = frozenset(kinds or uploads.Kind), most
        self.accepted: list[UploadedFile] = []

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Return the uploads; ValidationError with one message for each that is not taken."""
        given = [item for item in (data if isinstance(data, list | tuple) else [data]) if item]
        if not given and self.required and not initial:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(given) > self.most:
            raise ValidationError(_("Choose at most %(count)s files at once") % {"count": self.most})
        self.accepted, wrong = [], []
        for upload in given:
            try:
                check_upload(upload, self.kinds)
            except uploads.UploadRejected as error:
                wrong.append(_("%(file)s: %(problem)s") % {"file": upload.name, "problem": upload_message(error)})
            else:
                self.accepted.append(upload)
        if wrong:
            raise ValidationError(wrong)
        return self.accepted


def check_upload(upload: UploadedFile, kinds: Iterable[uploads.Kind] = uploads.Kind) -> uploads.Kind:
    """Judge an upload by its content and leave it at its beginning; raises documents.uploads.UploadRejected."""
    if (upload.size or 0) > uploads.MAX_BYTES:
        raise uploads.UploadRejected("too_big", size=upload.size, limit=uploads.MAX_BYTES)
    upload.seek(0)
    kind = uploads.sniff(upload.read(), upload.name or "")
    upload.seek(0)
    if kind not in set(kinds):
        raise uploads.UploadRejected("wrong_kind", extension=kind.value)
    return kind


def upload_message(error: uploads.UploadRejected) -> str:
    """Return what to do about a file that was not taken."""
    limit = uploads.MAX_BYTES // MEGABYTE
    if error.code == "too_big":
        size = -(-int(str(error.params.get("size") or 0)) // MEGABYTE)
        return _("This file is %(size)s MB. Choose one smaller than %(limit)s MB.") % {"size": size, "limit": limit}
    if error.code == "renamed":
        return _("The content does not match the file name. Choose the original file.")
    messages = {
        "empty": _("The file is empty (0 bytes), so there is nothing to keep. Choose it again."),
        "encrypted": _("The file has a password. Remove the password and upload it again."),
        "broken": _("The file is damaged. Save it again and upload it once more."),
        "macros": _("The file contains macros. Save it as DOCX or XLSX without macros and upload it again."),
        "zip_bomb": _("The file unpacks to more than can be read. Split it and upload the parts."),
        "doctype": _("The file is built in a way that is not accepted. Save it again in Word or Excel."),
        "too_many_pages": _("The file has more than 500 pages. Split it and upload the parts."),
        "too_many_pixels": _("The picture is too large. Take it again with fewer pixels."),
    }
    return messages.get(error.code, _("Choose a PDF, DOCX or XLSX file, or a JPG or PNG picture."))


# ------------------------------------------------------------------------------------------------- bases


class _House:
    """What both form bases share: no browser validation, no colon, messages that name the field."""

    use_required_attribute = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if not field.label:
                field.label = name.replace("_", " ").capitalize()
            if field.error_messages.get("required") is _REQUIRED:
                field.error_messages["required"] = required_message(field)
            if isinstance(field, forms.ChoiceField):
                wrong = _("Choose one of the listed values for %(label)s") % {"label": lower_first(field.label)}
                field.error_messages["invalid_choice"] = wrong
                field.error_messages["invalid_list"] = wrong
                if isinstance(field, forms.ModelMultipleChoiceField):
                    field.error_messages["invalid_pk_value"] = wrong
            for validator in field.validators:
                if isinstance(validator, MaxLengthValidator):
                    validator.message = _("This text is too long: at most %(limit_value)s characters.")


def required_message(field: forms.Field) -> str:
    """Return "Nhập …", "Chọn …" or "Đánh dấu …" with the field's label."""
    label = {"label": lower_first(str(field.label))}
    if isinstance(field, forms.BooleanField):
        return _("Tick: %(label)s") % label
    if isinstance(field, forms.ChoiceField | forms.FileField):
        return _("Choose %(label)s") % label
    return _("Enter %(label)s") % label


def _field_of(db_field: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    """Give the columns of a ModelForm the house's fields; what is declared or has choices stays."""
    if not db_field.choices:
        if type(db_field) is models.CharField:
            kwargs.setdefault("form_class", TextField)
        elif type(db_field) is models.TextField:
            kwargs.setdefault("form_class", LongTextField)
            kwargs.setdefault("max_length", LONG)
        elif isinstance(db_field, models.DateField) and not isinstance(db_field, models.DateTimeField):
            kwargs.setdefault("form_class", DateField)
        elif isinstance(db_field, models.DecimalField):
            kwargs.setdefault("form_class", NumberField)
    return db_field.formfield(**kwargs)


class _HouseModelForm(ModelFormMetaclass):
    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> Any:
        meta = attrs.get("Meta")
        if meta is not None and getattr(meta, "formfield_callback", None) is None:
            meta.formfield_callback = staticmethod(_field_of)
        return super().__new__(mcs, name, bases, attrs)


class Form(_House, forms.Form):
    """Base of all forms."""


class ModelForm(_House, forms.ModelForm, metaclass=_HouseModelForm):  # type: ignore[type-arg]
    """Base of forms whose fields are columns. The view still calls a service; nobody calls form.save()."""


def version_field() -> forms.IntegerField:
    """Return the hidden field that carries the version the person saw; compare it with check_version."""
    return forms.IntegerField(required=False, widget=forms.HiddenInput, label="version")


def check_version(obj: Any, posted: int | str | None) -> None:
    """Raise Stale where the record (locked by the caller) has another version than the form that was posted."""
    if str(obj.version) != str(posted):
        raise Stale(
            _("Somebody else saved this in the meantime. Compare the two versions and choose what to keep."),
            current=obj,
        )


def add_error(form: forms.BaseForm, error: Any) -> None:
    """Show a DomainError at its field, or above the form where the field is unknown."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
