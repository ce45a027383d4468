"""A signed programme of five pages with 20 tasks, as a Word file: entered in at most 40 clicks, every task right."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from agreements.models import Intake, Programme
from partners.models import Organisation
from tests.cast import make_organisation
from tests.journeys.conftest import look

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.cast import Cast

FILE = Path(__file__).parents[1] / "documents" / "samples" / "files" / "chuong-trinh-20-nhiem-vu.docx"
MOST_CLICKS = 40
FRONT, HEALTH = "Ủy ban MTTQ", "Sở Y tế"
ELDERLY, CROSS, YOUTH = "Hội Người cao tuổi", "Hội Chữ thập đỏ", "Tỉnh đoàn"
WOMEN, INSURANCE = "Hội Liên hiệp Phụ nữ", "Bảo hiểm xã hội"


class Expected(NamedTuple):
    """What a task must be. `due`: the deadline of a one-off task, else how many deadlines the five years have."""

    words: str
    group: str
    lead: str
    supports: tuple[str, ...]
    due: str | int
    quantities: tuple[str, ...]


NO_DAY = 0
TASKS = [
    Expected("60 hội nghị tuyên truyền", "tuyen-truyen", HEALTH, (FRONT,), 5, ("60 hội nghị",)),
    Expected("12.000 tờ rơi", "tuyen-truyen", HEALTH, (), "30/09/2026", ("12000 tờ rơi",)),
    Expected("Sức khỏe khu dân cư", "tuyen-truyen", FRONT, (HEALTH,), 60, ("2 tin, bài",)),
    Expected("hồ sơ sức khỏe điện tử", "tuyen-truyen", FRONT, (ELDERLY,), "31/12/2028", ("95 %",)),
    Expected("200 hộ nghèo", "nguon-luc", FRONT, (CROSS,), "31/12/2027", ("200 hộ nghèo",)),
    Expected("1.500 thẻ bảo hiểm y tế", "nguon-luc", FRONT, (), "30/06/2027", ("1500 thẻ bảo hiểm y tế",)),
    Expected("03 tỷ đồng", "nguon-luc", HEALTH, (CROSS,), NO_DAY, ("3 tỷ đồng",)),
    Expected("ngày hội hiến máu", "nguon-luc", CROSS, (HEALTH, YOUTH), 5, ("800 đơn vị máu",)),
    Expected("Khu dân cư không khói thuốc", "phong-trao", FRONT, (HEALTH,), "30/06/2028", ("15 mô hình",)),
    Expected("câu lạc bộ dưỡng sinh", "phong-trao", ELDERLY, (HEALTH,), "30/11/2027", ("30 câu lạc bộ",)),
    Expected("tư vấn sức khỏe miễn phí", "phong-trao", HEALTH, (CROSS, WOMEN), 5, ("8000 lượt người",)),
    Expected("giám sát 02 cuộc", "giam-sat", FRONT, (INSURANCE,), 5, ("2 cuộc",)),
    Expected("Khảo sát sự hài lòng", "giam-sat", FRONT, (), "15/10/2026", ("3000 người bệnh",)),
    Expected("Lấy ý kiến Nhân dân", "giam-sat", HEALTH, (FRONT,), "30/09/2026", ()),
    Expected("20 tập thể", "khen-thuong", HEALTH, (), 5, ("20 tập thể", "50 cá nhân")),
    Expected("gặp mặt cộng tác viên", "khen-thuong", FRONT, (), 5, ()),
    Expected("sơ cấp cứu", "tap-huan", CROSS, (HEALTH,), "31/08/2027", ("10 lớp", "450 cán bộ")),
    Expected("truyền thông sức khỏe", "tap-huan", HEALTH, (), 10, ("300 cộng tác viên",)),
    Expected("trao đổi số liệu", "so-ket", HEALTH, (), 20, ()),
    Expected("Lập nhóm thông tin chung", "so-ket", FRONT, (), "30/04/2026", ()),
]


class Hand:
    """Presses things and counts how often."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def press(self, what: str | Locator, *, leaves: bool = False) -> None:
        """Click once; `leaves` waits for the next page."""
        target = self.page.locator(what).first if isinstance(what, str) else what
        self.clicks += 1
        if leaves:
            with self.page.expect_navigation():
                target.click()
        else:
            target.click()


@pytest.fixture
def bodies(cast: Cast) -> dict[str, Organisation]:
    """The bodies that the tasks name; the insurance is not in the register yet."""
    return {
        ELDERLY: make_organisation("Hội Người cao tuổi tỉnh Thái Nguyên", "mass_association"),
        CROSS: make_organisation("Hội Chữ thập đỏ tỉnh Thái Nguyên", "mass_association"),
        YOUTH: make_organisation("Tỉnh đoàn Thái Nguyên", "socio_political"),
        WOMEN: make_organisation("Hội Liên hiệp Phụ nữ tỉnh Thái Nguyên", "socio_political"),
    }


@pytest.mark.parametrize("width", [1280, 390])
def test_twenty_tasks_in_forty_clicks(
    cast: Cast, bodies: dict[str, Organisation], open_page: Callable[..., Page], width: int
) -> None:
    """Upload, check every doubt and every task against its sentence, confirm."""
    page = open_page("lan", width=width, height=900)
    hand = Hand(page)
    page.goto("/chuong-trinh/nhap/")
    page.set_input_files("input[type=file]", str(FILE))
    hand.clicks += 2  # the field, and the file in the dialog of the system
    hand.press("main form button.btn-primary", leaves=True)
    page.wait_for_url("**/doi-chieu/**")
    look(page, "signed-check")
    assert page.locator("#p0-tasks .e-t").count() == len(TASKS)
    every_task_leads_to_its_sentence(page)
    check_the_doubts(page, hand)
    assert page.locator("[data-bar] [data-count=check]").first.inner_text() == "0"

    hand.press("button[name=act][value=next]", leaves=True)
    look(page, "signed-confirm")
    assert not Programme.objects.exists()
    assert page.locator("ol.e-ts > li").count() == len(TASKS)
    hand.press("main form button.btn-primary", leaves=True)
    programme = Programme.objects.get()
    everything_is_right(programme)
    assert hand.clicks <= MOST_CLICKS, hand.clicks
    print(f"clicks at {width} px: {hand.clicks}")
    the_source_stays_with_it(page, programme)


def every_task_leads_to_its_sentence(page: Page) -> None:
    """Behind the number of each task stands its own sentence, marked in the text beside it."""
    for number, expected in enumerate(TASKS):
        row = page.locator("#p0-tasks .e-t").nth(number)
        mark = page.locator(f"#s{row.get_attribute('data-mark')}")
        assert mark.count() == 1, number
        words = mark.evaluate("node => (node.closest('p') || node).textContent")
        assert expected.words in words, (number, words)


def check_the_doubts(page: Page, hand: Hand) -> None:
    """Create the body that is not known, tick the rest as right, walking from doubt to doubt by key."""
    unit = page.locator("[data-item=check]", has_text=INSURANCE).first
    hand.press(unit.locator("input[type=radio][value=new]"))
    unit.locator("select").select_option("other")
    hand.clicks += 2
    hand.press("[data-next-doubt]")  # keys do not act in the list just used
    while page.locator("[data-bar] [data-count=check]").first.inner_text() != "0":
        current = page.locator(".e-cur")
        assert "e-f-ask" in (current.get_attribute("class") or "")
        hand.press(current.locator("[data-ok]"))
        assert hand.clicks <= MOST_CLICKS
        page.keyboard.press("n")
    page.locator("[data-saved]", has_text="Đã lưu nháp lúc").wait_for()  # it saves by itself


def everything_is_right(programme: Programme) -> None:
    """Identity, parties, bases, goals, every task, reviews, reports, duties."""
    assert programme.number == "31/CTrPH-MTTQ-SYT"
    assert programme.signed_on == datetime.date(2026, 3, 12)
    assert programme.period == "2026–2030"
    assert [party.signer for party in programme.parties.all()] == ["Phạm Văn Thụ", "Lê Thị Minh Hạnh"]
    assert all(party.responsibilities for party in programme.parties.all())
    assert programme.legal_bases.count() == 5
    assert programme.goals.count() == 5
    assert programme.funding.startswith("Kinh phí")
    assert {row.kind for row in programme.milestones.all()} == {"interim_review", "final_review"}
    assert {day for row in programme.reports_asked for day in row["due"]} == {"15/06", "15/12"}
    tasks = list(programme.tasks.select_related("lead", "content_group"))
    assert len(tasks) == len(TASKS)
    for task, expected in zip(tasks, TASKS, strict=True):
        assert expected.words in task.title
        assert task.content_group is not None and task.content_group.code == expected.group, task.title
        assert called(task.lead, expected.lead), (task.title, task.lead)
        supporting = list(task.supporting.all())
        assert len(supporting) == len(expected.supports), (task.title, supporting)
        assert all(any(called(unit, name) for unit in supporting) for name in expected.supports), task.title
        deadlines = list(task.deadlines.all())
        if isinstance(expected.due, str):
            assert [f"{row.due_on:%d/%m/%Y}" for row in deadlines] == [expected.due], task.title
        else:
            assert len(deadlines) == expected.due, task.title
        counted = [(row.targets.first(), row.unit) for row in task.indicators.all()]
        assert [f"{target.value.normalize():f} {unit}" for target, unit in counted] == list(expected.quantities), task


def called(body: Organisation | None, name: str) -> bool:
    """Whether a body is the one that a name means; the committee is registered under its long name."""
    return body is not None and body.name.replace("Mặt trận Tổ quốc", "MTTQ").startswith(name)


def the_source_stays_with_it(page: Page, programme: Programme) -> None:
    """File, hash and places stay; from a task a link leads to its sentence, marked."""
    intake = Intake.objects.get()
    assert programme.intake == intake and intake.file is not None
    assert intake.sha256 == intake.file.sha256
    task = programme.tasks.first()
    page.goto(f"/chuong-trinh/{programme.pk}/nhiem-vu/")
    with page.expect_navigation():
        page.locator(f"a.src[href*='gia-tri=task_{task.pk}#']").click()
    look(page, "signed-source")
    marked = " ".join(page.locator(".paper mark.m-ask").all_inner_texts())
    assert marked.startswith("Tổ chức") and "hội nghị tuyên truyền" in marked
    assert page.locator(".paper #dang-xem").count() == 1
