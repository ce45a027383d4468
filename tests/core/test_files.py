"""core.files: bytes first, then the row; names and kinds as they are."""

from __future__ import annotations

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError
from PIL import Image

from core import files
from core.models import StoredFile
from documents.uploads import UploadRejected


def picture(kind="JPEG"):
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, kind)
    return data.getvalue()


def test_signed_scans_keep_their_bytes(cast):
    data = picture("PNG")
    file = files.store_upload(user=cast.lan, upload=SimpleUploadedFile("Bản ký.png", data))
    assert files.path_of(file).read_bytes() == data
    assert (file.original_name, file.mime, file.size) == ("Bản ký.png", "image/png", len(data))


def test_photos_are_made_anew_with_a_thumbnail(cast):
    file = files.store_upload(user=cast.minh, upload=SimpleUploadedFile("ảnh.png", picture("PNG")), photo=True)
    assert (file.mime, file.original_name) == ("image/jpeg", "ảnh.jpg")
    assert file.thumbnail is not None
    assert files.path_of(file.thumbnail).exists()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("a.pdf", b"", "empty"), ("a.jpg", b"<html>", "renamed"), ("a.exe", b"MZ", "wrong_kind"),
     ("a.pdf", b"%PDF-" + b"0" * (25 * 1024 * 1024), "too_big")],
)  # fmt: skip
def test_rejected_uploads_leave_no_row_and_no_file(cast, settings, name, data, code):
    with pytest.raises(UploadRejected) as caught:
        files.store_upload(user=cast.minh, upload=SimpleUploadedFile(name, data))
    assert caught.value.code == code
    assert not StoredFile.objects.exists()
    assert not list(settings.FILES_DIR.rglob("*")) if settings.FILES_DIR.exists() else True


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\x\\y.pdf", "y.pdf"), ("a\x00\u202eb.pdf", "ab.pdf"), ("", "tep"),
     ("ba\u0309n.pdf", "bản.pdf"), ("x" * 300 + ".pdf", "x" * 251 + ".pdf")],
)  # fmt: skip
def test_names_are_for_display_only(name, kept):
    assert files.clean_name(name) == kept


def test_draft_files_belong_to_one_person_and_form(cast):
    key = uuid.uuid4()
    file = files.store_upload(user=cast.minh, upload=SimpleUploadedFile("a.png", picture("PNG")))
    files.keep_draft_file(user=cast.minh, form_key=key, file=file)
    assert [row.file for row in files.draft_files(user=cast.minh, form_key=key)] == [file]
    assert files.draft_files(user=cast.lan, form_key=key) == []
    assert files.draft_files(user=cast.minh, form_key=None) == []


def test_only_photos_show_inline(cast):
    scan = files.store_upload(user=cast.lan, upload=SimpleUploadedFile("a.png", picture("PNG")))
    photo = files.store_upload(user=cast.lan, upload=SimpleUploadedFile("a.jpg", picture()), photo=True)
    assert files.download(scan, inline=True)["Content-Disposition"].startswith("attachment")
    assert files.download(photo, inline=True)["Content-Disposition"].startswith("inline")
    assert "sandbox" in files.download(scan)["Content-Security-Policy"]


def test_a_removed_file_is_gone_with_the_commit(cast, django_capture_on_commit_callbacks):
    file = files.store(user=cast.lan, name="a.docm", data=b"x", mime=files.UNOPENED)
    path = files.path_of(file)
    with django_capture_on_commit_callbacks(execute=True):
        files.remove(file)
        assert path.exists()
    assert not path.exists()
    assert not StoredFile.objects.exists()


def test_a_file_in_use_is_not_removed(cast, django_capture_on_commit_callbacks):
    thumb = files.store(user=cast.lan, name="a.jpg", data=b"x", mime="image/jpeg")
    files.store(user=cast.lan, name="a.jpg", data=b"y", mime="image/jpeg", thumbnail=thumb)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ProtectedError):
        files.remove(thumb)
    assert files.path_of(thumb).exists()
