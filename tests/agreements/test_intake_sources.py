"""Files on their way into an intake: read, asked about, scanned, or kept with the reason why not."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from agreements.forms.sources import failure_message, failure_of, note_message
from agreements.models import Intake
from agreements.services import intake as service
from agreements.services.intake import drafts, outcomes, scanning, sources
from core import files
from core.exceptions import NotAllowed, Stale
from core.models import AuditEntry, Notification, StoredFile
from documents.reading import isolated
from documents.reading.extract import ReadFailure
from tests import hostile
from tests.documents.extract.files import docx, flowed, par, pdf
from tests.documents.extract.test_docx import TestOldFonts
from tests.documents.extract.test_plain import TestLegacy

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User
    from tests.cast import Cast

    SignIn = Callable[[User], Client]

CREATE = "/chuong-trinh/nhap/"
SAMPLE = Path(__file__).parents[1] / "documents" / "samples" / "chuong-trinh.txt"
LINES = [line for line in SAMPLE.read_text(encoding="utf-8").split("\n") if line.strip()]
SCAN = pdf("0.5 g 50 50 400 600 re f\n", "0.5 g 50 50 400 600 re f\n")


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.fixture
def lan(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.lan)


@pytest.fixture
def no_engine(settings) -> None:
    settings.OCR_ENGINE = "no-such-program"


ENGINE = """#!{python}
import pathlib
import sys

if sys.argv[1:] == ["--list-langs"]:
    print("List of available languages (1):\\nvie")
    sys.exit()
assert sys.argv[1:] == ["stdin", "stdout", "-l", "vie", "--psm", "3", "tsv"], sys.argv
assert sys.stdin.buffer.read(4) == b"\\x89PNG"
count = pathlib.Path({count!r})
number = int(count.read_text()) if count.exists() else 0
count.write_text(str(number + 1))
lines = {lines!r}
half = len(lines) // 2
rows = ["level page block par line word left top width height conf text".split()]
rows.append([1, 1, 0, 0, 0, 0, 0, 0, 2480, 3508, -1, ""])
for at, line in enumerate(lines[half:] if number % 2 else lines[:half]):
    top, left = 400 + at * 60, 300
    rows.append([4, 1, 1, 1, at, 0, left, top, 1800, 40, -1, ""])
    for word in line.split():
        rows.append([5, 1, 1, 1, at, 1, left, top, 8 * len(word), 40, 96.5, word])
        left += 8 * len(word) + 10
sys.stdout.buffer.write("\\n".join("\\t".join(map(str, row)) for row in rows).encode())
"""


@pytest.fixture
def engine(settings, tmp_path: Path) -> Path:
    """A program that takes the arguments of Tesseract and sees the sample text, half of it on each page."""
    program = tmp_path / "engine"
    script = ENGINE.format(python=sys.executable, count=str(tmp_path / "count"), lines=LINES)
    program.write_text(script, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    settings.OCR_ENGINE = str(program)
    return program


class TestFiles:
    @pytest.mark.parametrize("kind", ["docx", "pdf", "txt"])
    def test_read_like_the_pasted_text(self, cast: Cast, kind: str) -> None:
        if kind == "docx":
            data = docx(*(par(line) for line in LINES))
        elif kind == "pdf":
            pages, content, y = [], "", 60.0
            for line in LINES:
                if y > 700:
                    pages, content, y = [*pages, content], "", 60.0
                made, y = flowed(line, y)
                content, y = content + made, y + 8
            data = pdf(*pages, content)
        else:
            data = SAMPLE.read_bytes()
        intake = service.take_in(actor=cast.actor(cast.lan), upload=upload(f"chuong-trinh.{kind}", data))
        assert intake.reading == "read"
        assert intake.result["source"]["kind"] == {"txt": "text"}.get(kind, kind)
        assert intake.result["source"]["pages"] >= 1
        (draft,) = intake.work["programmes"]
        assert (drafts.value(draft, "starts_on"), drafts.value(draft, "ends_on")) == ("01/01/2026", "31/12/2030")
        page, block, start, end = draft["fields"]["title"]["span"]
        assert intake.result["blocks"][block]["page"] == page
        assert intake.result["blocks"][block]["text"][start:end]
        assert intake.file is not None
        assert intake.file.sha256 == intake.sha256
        assert "CHƯƠNG TRÌNH" in intake.text

    def test_same_file_again_names_the_first(self, cast: Cast) -> None:
        data = docx(par("Nội dung"))
        first = service.take_in(actor=cast.actor(cast.lan), upload=upload("a.docx", data))
        with pytest.raises(service.AlreadyTaken) as caught:
            service.take_in(actor=cast.actor(cast.hung), upload=upload("b.docx", data))
        assert caught.value.intake == first

    @pytest.mark.parametrize("code", ["encrypted", "damaged", "too_many_pages", "too_large", "timeout", "memory"])
    def test_failure_keeps_the_file_and_says_what_to_do(
        self, cast: Cast, lan: Client, monkeypatch: pytest.MonkeyPatch, code: str
    ) -> None:
        def fail(*_args: object, **_options: object) -> None:
            raise ReadFailure(code, limit=500)

        monkeypatch.setattr(isolated, "read_file", fail)
        response = lan.post(CREATE, {"file": upload("a.docx", docx(par("x")))}, follow=True)
        intake = Intake.objects.get()
        assert (intake.reading, intake.reading_detail["code"]) == ("failed", code)
        page = response.content.decode()
        assert failure_message(code, {"limit": 500}) in page
        assert reverse("agreements:intake_file", args=[intake.pk]) in page
        assert 'href="#p0"' in page
        assert page.index("note-fix") < page.index('id="p0"') < page.index('name="p0-title"')
        assert 'class="e-2"' not in page  # the half of the page that a phone hides

    def test_reading_again_after_a_failure(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(isolated, "WALL_SECONDS", 0.01)
            data = docx(*(par(line) for line in LINES))
            intake = service.take_in(actor=cast.actor(cast.lan), upload=upload("a.docx", data))
        assert intake.reading_detail["code"] == "timeout"
        with pytest.raises(Stale):
            service.read_again(actor=cast.actor(cast.lan), intake=intake, version=9)
        with pytest.raises(NotAllowed):
            service.read_again(actor=cast.actor(cast.phuong), intake=intake, version=1)
        again = service.read_again(actor=cast.actor(cast.lan), intake=intake, version=1)
        assert (again.reading, again.version) == ("read", 2)
        assert len(again.work["programmes"]) == 1
        assert AuditEntry.objects.filter(action="intake.read").count() == 1
        unchanged = service.read_again(actor=cast.actor(cast.lan), intake=again, version=2)
        assert unchanged.version == 2

    def test_what_was_typed_stays_when_a_file_is_read_later(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(isolated, "WALL_SECONDS", 0.01)
            data = docx(*(par(line) for line in LINES))
            intake = service.take_in(actor=cast.actor(cast.lan), upload=upload("a.docx", data))
        typed = {"p0-here": "1", "p0-keep": "1", "p0-title": "Gõ bằng tay"}
        saved = service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed)
        again = service.read_again(actor=cast.actor(cast.lan), intake=saved, version=2)
        first, second = again.work["programmes"]
        assert (drafts.value(first, "title"), first["keep"], second["keep"]) == ("Gõ bằng tay", True, False)


REFUSED = [
    ("a.docm", docx(par("x")), "macros"),
    ("a.docx", docx(par("x"), parts={"word/vbaProject.bin": b"x"}), "macros"),
    ("a.docx", docx(parts={"word/document.xml": "<!DOCTYPE d><d/>"}), "doctype"),
    ("a.docx", docx(par("x"), parts={"word/media/a.png": bytes(30_000_000)}), "bomb"),
    ("a.png", hostile.png(60_000, 60_000), "too_many_pixels"),
    ("a.docx", b"<html>", "renamed"),
    ("a.txt", pdf("0.5 g 50 50 400 600 re f\n"), "renamed"),
    ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900), "unknown_kind"),
    ("a.txt", b"\x00\x01\x02\x03" * 50, "unknown_kind"),
    ("<img src=x>.exe", b"MZ\x90\x00" * 9, "unknown_kind"),
]


WORD = docx(par("x"))


def macros(cast: Cast, name: str = "a.docm") -> Intake:
    return service.take_in(actor=cast.actor(cast.lan), upload=upload(name, WORD))


class TestUnopened:
    """Files that may do harm or are no documents: kept and named, never opened, manual entry one click away."""

    @pytest.mark.parametrize("language", ["vi", "en"])
    @pytest.mark.parametrize(("name", "data", "code"), REFUSED)
    def test_kept_with_the_reason(
        self, cast: Cast, lan: Client, name: str, data: bytes, code: str, language: str
    ) -> None:
        cast.lan.language = language
        cast.lan.save()
        response = lan.post(CREATE, {"file": upload(name, data)}, follow=True)
        intake = Intake.objects.get()
        here = reverse("agreements:intake_check", args=[intake.pk])
        assert response.redirect_chain[-1][0] == here
        assert (intake.reading, intake.reading_detail["code"], intake.text) == ("refused", code, "")
        assert (intake.file.mime, intake.file.size, intake.file.sha256) == (files.UNOPENED, len(data), intake.sha256)
        assert files.path_of(intake.file).read_bytes() == data
        page = response.content.decode()
        with translation.override(language):
            reason = failure_of(intake)
        assert reason in page
        assert 'href="#p0"' in page
        assert 'value="again"' not in page
        assert reverse("agreements:intake_drop", args=[intake.pk]) in page
        assert "<img src=x" not in page
        listed = lan.get(reverse("agreements:intake_list")).content.decode()
        assert reason in listed
        assert f'href="{here}#p0"' in listed
        entry = AuditEntry.objects.filter(action="intake.take_in").latest("sequence")
        assert entry.detail["reason"] == code

    def test_handed_out_as_bytes_only(self, cast: Cast, lan: Client) -> None:
        data = pdf("0.5 g 50 50 400 600 re f\n")
        lan.post(CREATE, {"file": upload("a.txt", data)})
        response = lan.get(reverse("agreements:intake_file", args=[Intake.objects.get().pk]))
        assert b"".join(response.streaming_content) == data
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert AuditEntry.objects.filter(action="intake.download", detail__reading="refused").count() == 1

    def test_only_officers_of_the_committee_download_it(self, cast: Cast, sign_in: SignIn) -> None:
        here = reverse("agreements:intake_file", args=[macros(cast).pk])
        expected = {cast.lan: 200, cast.hung: 200, cast.hoa: 403, cast.phuong: 404, cast.minh: 403, cast.duc: 403}
        assert {user: sign_in(user).get(here).status_code for user in expected} == expected
        scan = service.take_in(actor=cast.actor(cast.lan), upload=upload("b.docx", docx(par("x"))[:-300]))
        assert sign_in(cast.hoa).get(reverse("agreements:intake_file", args=[scan.pk])).status_code == 200

    @pytest.mark.parametrize(("name", "warned"), [("a.docm", True), ("a.exe", False)])
    def test_macros_are_warned_of_beside_the_link(self, cast: Cast, lan: Client, name: str, warned: bool) -> None:
        page = lan.get(reverse("agreements:intake_check", args=[macros(cast, name).pk])).content.decode()
        assert ("Không bật macro" in page) is warned
        assert ("Hệ thống không mở tệp này" in page) is not warned

    def test_nothing_opens_it_again(self, cast: Cast, lan: Client, engine: Path, monkeypatch) -> None:
        intake = macros(cast)
        for name in ("read_file", "read_pages", "picture_of", "_run"):
            monkeypatch.setattr(isolated, name, None)
        assert service.read_again(actor=cast.actor(cast.lan), intake=intake, version=1).version == 1
        assert service.read_scans() == 0
        call_command("read_scans")
        lan.post(reverse("agreements:intake_read", args=[intake.pk]), {"act": "again", "version": "1"})
        intake.refresh_from_db()
        assert (intake.reading, intake.version) == ("refused", 1)

    def test_the_same_bytes_lead_to_it(self, cast: Cast, lan: Client) -> None:
        intake = macros(cast)
        page = lan.post(CREATE, {"file": upload("b.docx", WORD)}).content.decode()
        assert reverse("agreements:intake_check", args=[intake.pk]) in page
        assert "xóa tệp ở đó trước" in page
        assert Intake.objects.count() == StoredFile.objects.count() == 1

    def test_dropping_deletes_the_file(
        self, cast: Cast, lan: Client, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        intake = macros(cast)
        path = files.path_of(intake.file)
        here = reverse("agreements:intake_drop", args=[intake.pk])
        assert "bị xóa hẳn" in lan.get(here).content.decode()
        with django_capture_on_commit_callbacks(execute=True):
            lan.post(here)
        intake.refresh_from_db()
        assert (intake.status, intake.file, path.exists(), StoredFile.objects.count()) == ("dropped", None, False, 0)
        entry = AuditEntry.objects.filter(action="intake.drop").get()
        assert entry.detail == {"file": "a.docm", "sha256": intake.sha256}
        assert lan.get(reverse("agreements:intake_file", args=[intake.pk])).status_code == 302
        lan.post(CREATE, {"file": upload("a.docx", WORD)})
        assert Intake.objects.filter(reading="read").count() == 1

    def test_a_file_stays_while_its_transaction_fails(self, cast: Cast) -> None:
        intake = macros(cast)
        with pytest.raises(RuntimeError), transaction.atomic():
            service.drop(actor=cast.actor(cast.lan), intake=intake, version=1)
            raise RuntimeError
        intake.refresh_from_db()
        assert intake.status == "open"
        assert files.path_of(intake.file).exists()

    def test_manual_entry_keeps_it_as_the_origin_and_makes_it_no_document(
        self, cast: Cast, lan: Client, sign_in: SignIn
    ) -> None:
        intake = macros(cast)
        typed = {
            "p0-here": "1", "p0-keep": "1", "p0-title": "Chương trình nhập tay", "p0-signed_on": "05/03/2026",
            "p0-party-0-name": cast.committee.name, "p0-party-0-unit": str(cast.committee.pk),
        }  # fmt: skip
        saved = service.save_work(actor=cast.actor(cast.lan), intake=intake, version=1, typed=typed, act="row:0:party")
        typed |= {"p0-party-1-name": cast.health.name, "p0-party-1-unit": str(cast.health.pk)}
        saved = service.save_work(actor=cast.actor(cast.lan), intake=saved, version=saved.version, typed=typed)
        (programme,) = service.confirm(actor=cast.actor(cast.lan), intake=saved, version=saved.version)
        assert (programme.intake, programme.title) == (intake, "Chương trình nhập tay")
        assert not programme.documents.exists()
        intake.refresh_from_db()
        assert (intake.status, intake.file.original_name) == ("confirmed", "a.docm")
        with pytest.raises(NotAllowed):
            service.drop(actor=cast.actor(cast.lan), intake=intake, version=intake.version)
        source, link = (
            reverse(f"agreements:intake_{name}", args=[pk])
            for name, pk in (("source", programme.pk), ("file", intake.pk))
        )
        page = lan.get(source).content.decode()
        assert "a.docm" in page
        assert "Không bật macro" in page
        assert link in page
        page = sign_in(cast.hoa).get(source).content.decode()
        assert "a.docm" in page
        assert link not in page
        assert "a.docm" not in sign_in(cast.minh).get(source).content.decode()

    def test_a_failed_one_may_turn_out_to_be_unopened(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        intake = service.take_in(actor=cast.actor(cast.lan), upload=upload("a.pdf", b"%PDF-1.4\n"))
        assert (intake.reading, intake.file.mime) == ("failed", "application/pdf")

        def fail(*_args: object, **_options: object) -> None:
            raise ReadFailure("macros")

        monkeypatch.setattr(isolated, "read_file", fail)
        again = service.read_again(actor=cast.actor(cast.lan), intake=intake, version=1)
        again.file.refresh_from_db()
        assert (again.reading, again.file.mime) == ("refused", files.UNOPENED)

    def test_nothing_is_kept_of_an_empty_file(self, lan: Client) -> None:
        page = lan.post(CREATE, {"file": upload("a.docx", b"")}).content.decode()
        assert "Tệp rỗng (0 byte), không có gì để giữ lại" in page
        assert reverse("agreements:programme_create") in page
        assert not Intake.objects.exists()

    @pytest.mark.parametrize(("name", "data"), [("a.docx", docx(par(""))), ("a.txt", b" \n\n")])
    def test_a_file_without_text_is_kept(self, cast: Cast, name: str, data: bytes) -> None:
        intake = service.take_in(actor=cast.actor(cast.lan), upload=upload(name, data))
        assert (intake.reading, intake.reading_detail["code"]) == ("failed", "empty")

    def test_a_pasted_text_that_cannot_be_read_is_only_failed(
        self, cast: Cast, lan: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = "%PDF-" + "chữ " * isolated.SMALL_TEXT
        intake = service.take_in(actor=cast.actor(cast.lan), text=text)
        assert (intake.reading, intake.reading_detail["code"], intake.file) == ("failed", "renamed", None)
        page = lan.get(reverse("agreements:intake_check", args=[intake.pk])).content.decode()
        assert "Đã giữ văn bản, chưa đọc được." in page
        assert reverse("agreements:intake_file", args=[intake.pk]) not in page


class TestOldEncodings:
    def test_a_file_is_asked_about_and_converted(self, lan: Client) -> None:
        response = lan.post(CREATE, {"file": upload("abc.docx", docx(*TestOldFonts.BODY))}, follow=True)
        page = response.content.decode()
        intake = Intake.objects.get()
        assert intake.reading == "consent"
        assert "TCVN3" in page
        assert "Uû ban MÆt trËn" in page
        assert "Uỷ ban Mặt trận" in page
        assert page.count("btn-primary") == 1
        here = reverse("agreements:intake_read", args=[intake.pk])
        checked = lan.get(reverse("agreements:intake_check", args=[intake.pk]))
        assert checked["Location"] == here
        lan.post(here, {"act": "convert", "version": "1"})
        intake.refresh_from_db()
        assert intake.reading == "read"
        assert intake.text.startswith("CHƯƠNG TRÌNH PHỐI HỢP")

    @pytest.mark.parametrize(("act", "start"), [("convert", "Uỷ ban nhân dân"), ("keep", "Uû ban nh©n d©n")])
    def test_a_pasted_text_by_choice(self, lan: Client, act: str, start: str) -> None:
        lan.post(CREATE, {"text": TestLegacy.TCVN3})
        intake = Intake.objects.get()
        assert intake.reading == "consent"
        lan.post(reverse("agreements:intake_read", args=[intake.pk]), {"act": act, "version": "1"})
        intake.refresh_from_db()
        assert (intake.reading, intake.text.startswith(start)) == ("read", True)

    @pytest.mark.parametrize("body", [{}, {"act": "convert"}, {"act": "convert", "version": "7"}, {"version": "x"}])
    def test_odd_answers_change_nothing(self, lan: Client, body: dict[str, str]) -> None:
        lan.post(CREATE, {"text": TestLegacy.TCVN3})
        intake = Intake.objects.get()
        response = lan.post(reverse("agreements:intake_read", args=[intake.pk]), body, follow=True)
        assert response.status_code == 200
        intake.refresh_from_db()
        assert (intake.reading, intake.version) == ("consent", 1)

    def test_the_page_is_only_for_officers_of_the_committee(self, cast: Cast, lan: Client, sign_in: SignIn) -> None:
        lan.post(CREATE, {"text": TestLegacy.TCVN3})
        here = reverse("agreements:intake_read", args=[Intake.objects.get().pk])
        assert sign_in(cast.phuong).get(here).status_code == 404
        assert sign_in(cast.minh).get(here).status_code == 403


class TestScans:
    def test_without_an_engine_the_message_says_what_to_install(self, no_engine: None, lan: Client) -> None:
        response = lan.post(CREATE, {"file": upload("quet.pdf", SCAN)}, follow=True)
        page = response.content.decode()
        intake = Intake.objects.get()
        assert (intake.reading, intake.reading_detail) == ("failed", {"code": "no_text", "params": {"pages": 2}})
        assert "apt-get install tesseract-ocr tesseract-ocr-vie" in page
        assert 'name="p0-title"' in page

    def test_page_by_page_with_progress_to_the_check(self, engine: Path, cast: Cast, lan: Client) -> None:
        response = lan.post(CREATE, {"file": upload("quet.pdf", SCAN)}, follow=True)
        intake = Intake.objects.get()
        assert (intake.reading, intake.pages) == ("waiting", 2)
        progress = reverse("agreements:intake_progress", args=[intake.pk])
        assert f'data-poll="{progress}"' in response.content.decode()
        scanning._read_next(intake, str(engine))
        intake.refresh_from_db()
        assert (intake.reading, intake.pages_read) == ("running", 1)
        assert 'value="1"' in lan.get(progress).content.decode()
        call_command("read_scans")
        intake.refresh_from_db()
        assert (intake.reading, intake.pages_read, intake.scanned) == ("read", 0, [])
        assert "data-poll-done" in lan.get(progress).content.decode()
        assert intake.result["source"]["kind"] == "scan"
        assert {block["page"] for block in intake.result["blocks"]} == {1, 2}
        (draft,) = intake.work["programmes"]
        assert drafts.value(draft, "starts_on") == "01/01/2026"
        assert service.doubts(draft)["check"] > 5
        assert Notification.objects.filter(user=cast.lan, kind="intake.scanned").count() == 1
        assert lan.get(reverse("agreements:intake_check", args=[intake.pk])).status_code == 200

    def test_the_work_is_done_once_and_ends_after_its_time(self, engine: Path, cast: Cast) -> None:
        service.take_in(actor=cast.actor(cast.lan), upload=upload("quet.pdf", SCAN))
        assert service.read_scans(seconds=1e-9) == 0
        assert service.read_scans() == 2
        assert service.read_scans() == 0
        assert AuditEntry.objects.filter(action="intake.read").count() == 1

    def test_dropped_scans_are_left_alone(self, engine: Path, cast: Cast) -> None:
        intake = service.take_in(actor=cast.actor(cast.lan), upload=upload("quet.pdf", SCAN))
        service.drop(actor=cast.actor(cast.lan), intake=intake, version=1)
        assert service.read_scans() == 0

    def test_an_engine_that_fails_gives_a_message(self, engine: Path, cast: Cast) -> None:
        intake = service.take_in(actor=cast.actor(cast.lan), upload=upload("quet.pdf", SCAN))
        engine.write_text(f"#!{sys.executable}\nimport sys\nprint('vie')\nsys.exit(len(sys.argv) > 2)\n")
        assert service.read_scans() == 2
        intake.refresh_from_db()
        assert (intake.reading, intake.reading_detail["code"]) == ("failed", "scan_unreadable")

    def test_an_engine_that_went_away(self, engine: Path, cast: Cast) -> None:
        intake = service.take_in(actor=cast.actor(cast.lan), upload=upload("quet.pdf", SCAN))
        engine.unlink()
        assert service.read_scans() == 0
        intake.refresh_from_db()
        assert intake.reading_detail["code"] == "no_text"

    @pytest.mark.parametrize("listed", ["eng", "", "vietnamese"])
    def test_an_engine_without_vietnamese_is_none(self, engine: Path, listed: str) -> None:
        engine.write_text(f"#!{sys.executable}\nprint({listed!r})\n")
        assert scanning.engine() == ""

    def test_woken_at_once_after_the_commit(
        self, engine: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
    ) -> None:
        started: list[list[str]] = []
        real = subprocess.Popen

        def start(command: list[str], **options: object) -> object:
            if "read_scans" not in command:
                return real(command, **options)  # type: ignore[call-overload]
            started.append(command)
            return None

        monkeypatch.setattr(subprocess, "Popen", start)
        with django_capture_on_commit_callbacks(execute=True):
            service.take_in(actor=cast.actor(cast.lan), upload=upload("quet.pdf", SCAN))
        assert [command[1:3] for command in started] == [["manage.py", "read_scans"]]

    def test_tesseract_itself(self, cast: Cast) -> None:
        from PIL import Image, ImageDraw, ImageFont

        if not scanning.engine():
            pytest.skip("Tesseract with Vietnamese is not installed: apt-get install tesseract-ocr tesseract-ocr-vie")
        try:
            font = ImageFont.truetype("DejaVuSerif.ttf", 44)
        except OSError:
            pytest.skip("no font with Vietnamese letters: apt-get install fonts-dejavu-core")
        picture = Image.new("L", (1654, 900), 255)
        draw = ImageDraw.Draw(picture)
        lines = ["CHƯƠNG TRÌNH PHỐI HỢP", "Căn cứ Luật số 75/2015/QH13 của Quốc hội;", "Hai bên thống nhất như sau."]
        for at, line in enumerate(lines):
            draw.text((120, 120 + at * 120), line, font=font, fill=0)
        out = io.BytesIO()
        picture.save(out, "PNG")
        intake = service.take_in(actor=cast.actor(cast.lan), upload=upload("anh.png", out.getvalue()))
        assert (intake.reading, intake.pages) == ("waiting", 1)
        assert service.read_scans() == 1
        intake.refresh_from_db()
        assert "CHƯƠNG TRÌNH PHỐI HỢP" in intake.text
        assert "75/2015/QH13" in intake.text


class TestWords:
    def test_every_failure_has_a_sentence_of_its_own(self) -> None:
        kept = [
            "too_large",
            "too_many_pages",
            "encrypted",
            "damaged",
            "timeout",
            "memory",
            "no_text",
            "scan_unreadable",
        ]
        codes = [*sorted(sources.UNOPENED), "empty", *kept]
        assert len({failure_message(code, {}) for code in codes}) == len(codes)
        assert failure_message("unheard", {})

    def test_notes(self) -> None:
        assert "КT" in note_message("look_alike_letters", {"count": 1, "sample": "15/КT"})
        assert "2, 3" in note_message("pages_without_text", {"pages": [2, 3]})
        assert "87 %" in note_message("ocr", {"confidence": 87})
        assert note_message("unheard", {}) == ""

    def test_outcome_without_a_reading_leaves_the_drafts(self) -> None:
        intake = Intake(work={"programmes": [{"a": 1}], "saved_at": ""})
        outcomes.take_outcome(intake, outcomes.Outcome("failed", detail={"code": "timeout", "params": {}}))
        assert intake.work["programmes"] == [{"a": 1}]


def test_states_in_the_list(cast: Cast, lan: Client, no_engine: None) -> None:
    lan.post(CREATE, {"text": TestLegacy.TCVN3})
    lan.post(CREATE, {"file": upload("quet.pdf", SCAN)})
    page = lan.get(reverse("agreements:intake_list")).content.decode()
    for intake in Intake.objects.all():
        assert intake.get_reading_display() in page
