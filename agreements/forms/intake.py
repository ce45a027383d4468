"""The form that takes in a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import Form, LongTextField
from documents import vietnamese

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

TEXT_FILE = (".txt", ".text")


class SourceForm(Form):
    """A pasted text, or a file: a text file is read, others are kept with the intake."""

    text = LongTextField(
        label=gettext_lazy("Text of the document or of the news"), required=False, max_length=None, rows=14
    )
    file = forms.FileField(label=gettext_lazy("Or choose a file"), required=False, allow_empty_file=True)

    def clean(self) -> dict[str, Any]:
        """Turn a text file into text; exactly what was typed stays in the box."""
        cleaned = super().clean() or {}
        upload: UploadedFile | None = cleaned.get("file")
        typed = self.data.get("text", "")
        cleaned["text"], cleaned["upload"], cleaned["name"] = typed, upload, ""
        if upload and not vietnamese.is_blank_looking(typed[:5000]):
            self.add_error("file", _("Paste a text or choose a file, not both. Clear one of them."))
        elif upload and (upload.name or "").lower().endswith(TEXT_FILE):
            cleaned["upload"], cleaned["name"] = None, upload.name
            if (upload.size or 0) > 4 * 1024 * 1024:
                self.add_error("file", _("This text is longer than 2 MB. Paste only the part about the programme."))
            else:
                cleaned["text"] = _decoded(upload.read())
        return cleaned


def _decoded(data: bytes) -> str:
    """The text of a text file: UTF-8, UTF-16 with its mark, else the old Vietnamese code page of Windows."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1258", "replace")
