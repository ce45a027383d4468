"""Files on their way into an intake: read, asked about, scanned, or kept with the reason why not."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from agreements.forms.sources import failure_message, note_message
from agreements.models import Intake
from agreements.services import intake as service
from agreements.services.intake import drafts, outcomes, scanning, sources
from core.exceptions import NotAllowed, Stale
from core.models import AuditEntry, Notification
from documents.reading import isolated
from documents.reading.extract import ReadFailure
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
        for name in ("intake_file", "programme_create"):
            assert reverse(f"agreements:{name}", args=[intake.pk] if name == "intake_file" else []) in page
        assert 'name="p0-title"' in page

    @pytest.mark.parametrize(
        ("name", "data", "code"),
        [
            ("a.docm", docx(par("x")), "macros"),
            ("a.docx", docx(parts={"word/document.xml": "<!DOCTYPE d><d/>"}), "doctype"),
            ("a.docx", docx(par("x"), parts={"word/media/a.png": bytes(30_000_000)}), "bomb"),
            ("a.docx", b"<html>", "renamed"),
            ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900), "unknown_kind"),
            ("a.txt", b"", "empty"),
        ],
    )
    def test_dangerous_files_and_no_documents_are_not_kept(
        self, lan: Client, name: str, data: bytes, code: str
    ) -> None:
        response = lan.post(CREATE, {"file": upload(name, data)})
        page = response.content.decode()
        extension = {"extension": "doc"} if name == "a.doc" else {}
        assert failure_message(code, extension) in page
        assert reverse("agreements:programme_create") in page
        assert not Intake.objects.exists()

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
        codes = [*sorted(sources.NOT_KEPT), *kept]
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
