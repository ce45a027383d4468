"""The form that takes in a source, and the words for how its reading went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import MEGABYTE, Form, LongTextField
from documents import uploads, vietnamese

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.files.uploadedfile import UploadedFile

    from agreements.models import Intake

KINDS = ".docx,.pdf,.txt,.jpg,.jpeg,.png"


class SourceForm(Form):
    """A file, or a pasted text; one of them."""

    file = forms.FileField(
        label=gettext_lazy("File of the signed document"),
        help_text=gettext_lazy("Word (.docx), PDF, text (.txt), or a photo (.jpg, .png) of one page. At most 20 MB."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": KINDS}),
    )
    text = LongTextField(
        label=gettext_lazy("Or paste the text of the document or of the news"),
        required=False,
        max_length=None,
        rows=10,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.needed = True  # type: ignore[attr-defined]  # one of the two: neither is optional by itself

    def clean(self) -> dict[str, Any]:
        """Exactly what was typed stays in the box; a file beside a text is asked about."""
        cleaned = super().clean() or {}
        upload: UploadedFile | None = cleaned.get("file")
        typed = self.data.get("text", "")
        cleaned["text"] = typed
        if upload and not vietnamese.is_blank_looking(typed[:5000]):
            self.add_error("file", _("Paste a text or choose a file, not both. Clear one of them."))
        return cleaned


def failure_of(intake: Intake) -> str:
    """Why there is no text of a kept source, and what to do; "" where there is one, or there may still be."""
    if intake.reading not in {intake.Reading.FAILED, intake.Reading.REFUSED}:
        return ""
    return failure_message(**intake.reading_detail)


def failure_message(code: str, params: Mapping[str, Any]) -> str:
    """What became of a source whose text could not be had, and what to do."""
    limit = uploads.MAX_BYTES // MEGABYTE
    if code == "unknown_kind" and params.get("extension") in {"doc", "rtf", "odt", "ole", "dot"}:
        return _("This kind of file is not read. Open it in Word, save it as DOCX and choose that file.")
    messages = {
        "empty": _("The file holds no text. Choose another one, or type the values."),
        "unknown_kind": _("Choose a Word file (.docx), a PDF, a text file (.txt) or a JPG or PNG picture."),
        "renamed": _("The content does not match the file name. Choose the original file."),
        "macros": _("The file contains macros. Save it in Word as DOCX without macros and choose it again."),
        "doctype": _("The file is built in a way that is not accepted. Save it again in Word and choose it."),
        "bomb": _("The file unpacks to more than can be read. Save it without pictures, or paste its text."),
        "too_many_pixels": _("The picture is too large. Take it again with fewer pixels."),
        "too_large": _("The document holds more text than can be read (2 MB). Paste the part about the programme."),
        "too_many_pages": _("The file has more than 500 pages. Split it, or paste the part about the programme."),
        "encrypted": _("The file has a password. Save it without one and choose it again, or type the values."),
        "damaged": _("The file is damaged. Open it in Word, save it again as DOCX and choose that file."),
        "timeout": _("Reading took too long and was stopped. Paste the text, or type the values."),
        "memory": _("Reading needed too much memory and was stopped. Paste the text, or type the values."),
        "scan_unreadable": _("No text can be made out on the pages. Scan them again at 300 dpi, or type the values."),
    }  # fmt: skip
    if code == "no_text":
        return _(
            "This is a scan: it holds pictures of pages, no text. To read scans, the administrator installs Tesseract "
            "with Vietnamese on the server (apt-get install tesseract-ocr tesseract-ocr-vie). "
            "Until then type the values."
        )
    return messages.get(code, _("Choose a file of at most %(limit)s MB.") % {"limit": limit})


def note_message(code: str, params: Mapping[str, Any]) -> str:
    """What an officer should know about the text of a source; "" for a note that needs no words."""
    if code == "tracked_changes":
        return _("The file holds tracked changes: insertions were taken, deletions were left out.")
    if code == "look_alike_letters":
        return _("Some letters only look Vietnamese, for example in “%(sample)s”. They are shown as they stand.") % {
            "sample": params.get("sample", "")
        }
    if code == "pages_without_text":
        pages = ", ".join(str(number) for number in params.get("pages", []))
        return _("No text was found on these pages: %(pages)s. Look at them in the original.") % {"pages": pages}
    if code == "ocr":
        return _(
            "Read from a scan (certainty of the letters %(percent)s %%). Compare each value with the original."
        ) % {"percent": params.get("confidence", 0)}
    if code == "converted":
        return _("Converted from an old encoding to Unicode.")
    return ""


ENCODINGS = {"legacy_tcvn3": "TCVN3", "legacy_vni": "VNI"}
