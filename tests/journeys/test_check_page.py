"""The check page by keyboard and without JavaScript: the doubts, order of tasks, splitting, saving by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agreements.models import Intake, Programme
from agreements.services import intake as service
from agreements.services.intake import drafts
from tests.cast import make_organisation
from tests.journeys.conftest import look, press

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.cast import Cast

TEXT = Path(__file__).parents[1] / "documents" / "samples" / "chuong-trinh.txt"


@pytest.fixture
def intake(cast: Cast) -> Intake:
    """A programme of four tasks, the day of signing and the third task of which are doubtful."""
    make_organisation("Hội Người cao tuổi tỉnh Thái Nguyên", "mass_association")
    taken = service.take_in(actor=cast.actor(cast.lan), text=TEXT.read_text(encoding="utf-8"))
    draft = drafts.of(taken)[0]
    for key in ("signed_on", "task-2-title"):
        draft["fields"][key]["conf"] = "check"
    taken.save()
    return taken


def open_check(open_page: Callable[..., Page], intake: Intake, **options) -> Page:
    """Open the check page of the intake as Lan."""
    page = open_page("lan", **{"height": 900} | options)
    page.goto(f"/chuong-trinh/nhap/{intake.pk}/doi-chieu/")
    return page


def left(page: Page) -> int:
    """What the bar says is still to be checked."""
    return int(page.locator("[data-bar] [data-count=check]").first.inner_text())


def said(page: Page, words: str) -> None:
    """Wait until the line about the saving says it."""
    page.locator("[data-saved]", has_text=words).wait_for()


def current(page: Page) -> str:
    """The value that is outlined."""
    return page.locator(".e-cur").get_attribute("id") or ""


def titles(intake: Intake) -> list[str]:
    """The tasks as saved, in their order."""
    intake.refresh_from_db()
    draft = drafts.of(intake)[0]
    return [drafts.value(draft, f"task-{row}-title") for row in draft["order"]["task"]]


def test_keys_walk_the_doubts(cast: Cast, intake: Intake, open_page: Callable[..., Page]) -> None:
    """n and p go round and outline both sides; Space accepts; the keys can be switched off for good."""
    page = open_check(open_page, intake)
    count = left(page)
    assert count >= 2
    page.keyboard.press("n")
    first = current(page)
    page.keyboard.press("n")
    second = current(page)
    assert first != second
    box, paper = page.locator(".m-cur").first.bounding_box(), page.locator(".paper").bounding_box()
    assert box and paper and paper["y"] <= box["y"] <= paper["y"] + paper["height"]  # the source came along
    page.keyboard.press("p")
    assert current(page) == first
    page.keyboard.press("Space")  # the focus stands on the tick
    assert left(page) == count - 1
    page.keyboard.press("n")
    assert current(page) != first
    said(page, "Đã lưu nháp lúc")
    page.uncheck("[data-keys] input")
    before = current(page)
    page.keyboard.press("n")
    assert current(page) == before
    page.reload()
    assert not page.locator("[data-keys] input").is_checked()


def test_typing_is_saved_by_itself(cast: Cast, intake: Intake, open_page: Callable[..., Page]) -> None:
    """A letter in a field is a letter; it is saved on leaving the field; nobody's save is overwritten unseen."""
    page = open_check(open_page, intake)
    page.locator("#f-p0-task-0 summary").first.click()
    page.focus("[name=p0-task-0-quantities]")
    page.keyboard.press("End")
    page.keyboard.type("; 3 nnp")
    page.keyboard.press("Tab")
    said(page, "Đã lưu nháp lúc")
    intake.refresh_from_db()
    draft = drafts.of(intake)[0]
    assert drafts.value(draft, "task-0-quantities").endswith("; 3 nnp")

    draft["fields"]["number"]["raw"] = "99/CT"
    intake.version += 1
    intake.save()
    page.fill("[name=p0-task-0-quantities]", "5 hội nghị")
    page.keyboard.press("Tab")
    said(page, "So sánh")
    press(page, "button[name=act][value=save][form=work]")
    look(page, "check-conflict")
    assert "99/CT" in page.inner_text("main") and "5 hội nghị" in page.inner_text("main")


def test_tasks_are_moved_by_keyboard_and_split_at_the_cursor(
    cast: Cast, intake: Intake, open_page: Callable[..., Page]
) -> None:
    """Alt+Down moves a task with its number; Split cuts where the cursor stands."""
    before = titles(intake)
    page = open_check(open_page, intake)
    page.locator("#f-p0-task-0 summary").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    assert page.locator("#p0-tasks .e-t").nth(1).get_attribute("data-row") == "0"
    assert page.locator("#f-p0-task-0 .e-n").inner_text() == "2"
    said(page, "Đã lưu nháp lúc")
    assert titles(intake) == [before[1], before[0], *before[2:]]

    page.locator("#f-p0-task-1 summary").first.click()
    at = before[1].index(" trên sóng")
    area = page.locator("[name=p0-task-1-title]")
    area.evaluate("(node, at) => { node.focus(); node.setSelectionRange(at, at) }", at)
    press(page, "button[name=act][value='split:0:1']")
    assert titles(intake)[:2] == [before[1][:at], before[1][at:].strip()]
    look(page, "check-split")


@pytest.mark.parametrize("width", [390, 1280])
def test_all_of_it_without_javascript(cast: Cast, intake: Intake, open_page: Callable[..., Page], width: int) -> None:
    """A plain form: two tabs on a phone, buttons for the order, a tick and the save, the confirmation."""
    before = titles(intake)
    page = open_check(open_page, intake, width=width, java_script_enabled=False)
    assert page.locator(".paper").is_visible() == (width > 860)
    assert not page.locator("[data-keys]").is_visible()
    look(page, "check-plain")
    if width < 860:
        press(page, page.locator(".e-tabs a").first)
        assert page.locator(".paper").is_visible()
        assert page.locator("#work").count() == 0
        press(page, page.locator(".e-tabs a").last)
    page.check("[name=p0-signed_on-ok]")
    page.locator("#f-p0-task-1 summary").first.click()
    press(page, "button[name=act][value='up:0:1']")
    assert titles(intake) == [before[1], before[0], *before[2:]]
    assert page.locator("[name=p0-signed_on-ok]").is_checked()  # certain now, its tick kept
    press(page, "button[name=act][value=next]")
    press(page, "main form button.btn-primary")
    assert [task.title for task in Programme.objects.get().tasks.all()] == titles(intake)


def test_those_looked_at_are_accepted_together(cast: Cast, intake: Intake, open_page: Callable[..., Page]) -> None:
    """One button ticks the doubtful tasks that were looked at, and no other."""
    draft = drafts.of(intake)[0]
    for key in draft["fields"]:
        if key.endswith("-title") and key.startswith("task-"):
            draft["fields"][key]["conf"] = "check"
    draft["fields"]["signed_on"]["conf"] = "certain"
    intake.save()
    page = open_check(open_page, intake)
    button = page.locator("#p0-tasks [data-seen-right]")
    assert not button.is_visible()
    for row in (0, 1):
        page.locator(f"#f-p0-task-{row} summary").first.focus()
    before = left(page)
    button.click()
    assert left(page) == before - 2
    assert page.locator("#f-p0-task-1 [data-ok]").is_checked()
    assert not page.locator("#f-p0-task-2 [data-ok]").is_checked()
    said(page, "Đã lưu nháp lúc")
    saved = Intake.objects.get().work["programmes"][0]["fields"]
    assert [saved[f"task-{row}-title"]["ok"] for row in range(4)] == [True, True, False, False]
