"""Entering programmes: paste the text of a signing, check it beside its source, confirm; nothing is saved unseen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agreements.models import Intake, Programme
from tests.cast import make_organisation
from tests.journeys.conftest import look, press

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.cast import Cast

OWN_TEXT = Path(__file__).parents[1] / "documents" / "samples" / "tin-ky-ket.txt"
REAL_TEXT = Path(__file__).parents[3] / "shared" / "inputs" / "signing-news-thai-nguyen-2023-07-14.txt"


def take_in(page: Page, text: str) -> None:
    """Go from the first page to the compare page of a pasted text."""
    page.goto("/")
    press(page, "a[href='/chuong-trinh/nhap/']")
    page.fill("[name=text]", text)
    press(page, "main form button.btn-primary")
    page.wait_for_url("**/doi-chieu/")


def sections(page: Page) -> list[str]:
    """Return the headings of the programmes on the page."""
    return [" ".join(text.split()) for text in page.locator("#work section.sec h3").all_inner_texts()]


def confirm(page: Page) -> None:
    """Go to the last page and confirm; the programmes must not exist before."""
    press(page, "button[name=act][value=next]")
    page.wait_for_url("**/xac-nhan/")
    look(page, "confirm")
    assert not Programme.objects.exists()
    press(page, "main form button.btn-primary")
    page.wait_for_url("**/danh-sach/")


def tab(page: Page, programme: Programme, name: str) -> str:
    """Return the text of one tab of a programme on one line."""
    page.goto(f"/chuong-trinh/{programme.pk}/{name}")
    return " ".join(page.inner_text("main").split())


def test_own_signing_text(cast: Cast, open_page: Callable[..., Page]) -> None:
    """Three programmes out of one text: doubtful first, one corrected, all with parties, period, bases and goals."""
    make_organisation("Hội Người cao tuổi tỉnh Thái Nguyên", "mass_association")
    make_organisation("Sở Nông nghiệp và Môi trường")
    make_organisation("Hội Khuyến học tỉnh Thái Nguyên", "mass_association")
    page = open_page("lan", height=900)
    take_in(page, OWN_TEXT.read_text(encoding="utf-8"))
    look(page, "check")
    assert len(sections(page)) == 3
    assert not Programme.objects.exists()
    doubtful_come_first_with_their_phrase(page)

    page.fill("#f-p0-signed_on input.in-date", "15/09/2026")  # the text says 16/9 without a year
    press(page, "button[name=act][value='period:1']")
    page.wait_for_url("**/doi-chieu/**")
    assert page.input_value("[name=p0-signed_on]") == "15/09/2026"  # typed text survives the offer
    confirm(page)

    first, second, third = Programme.objects.order_by("pk")
    assert f"{first.signed_on:%d/%m/%Y}" == "15/09/2026"
    assert f"{second.signed_on:%d/%m/%Y}" == f"{third.signed_on:%d/%m/%Y}" == "16/09/2026"
    in_the_list(page, {first: "2026–2030", second: "2021–2025", third: "2026–2030"})
    parties = tab(page, second, "don-vi/")
    assert "Ủy ban MTTQ tỉnh Thái Nguyên" in parties and "Sở Nông nghiệp và Môi trường" in parties
    bases = tab(page, second, "can-cu/")
    assert all(number in bases for number in ("25/2021/QH15", "263/QĐ-TTg", "19-KH/TU"))
    assert "điểm đổ rác tự phát" in tab(page, second, "muc-tieu/")
    look(page, "programme-goals")
    the_source_is_shown(page, second)


def doubtful_come_first_with_their_phrase(page: Page) -> None:
    """In each programme the first value is a doubtful one; its link leads to a marked phrase of the text beside it."""
    for number in range(3):
        first = page.locator(f"#p{number} [id^='f-p{number}-']").first
        assert "e-f-ask" in (first.get_attribute("class") or ""), number
    for item in page.locator(".e-f-ask").all():
        mark = page.locator(item.locator("a[href^='#s']").get_attribute("href") or "")
        assert mark.count() == 1
    assert page.inner_text(page.get_attribute("#f-p0-signed_on a[href^='#s']", "href") or "").startswith("16/9")
    paper, form = page.locator(".paper").bounding_box(), page.locator("#work").bounding_box()
    assert paper and form
    assert paper["x"] + paper["width"] <= form["x"]  # side by side
    assert paper["y"] < 900


def in_the_list(page: Page, periods: dict[Programme, str]) -> None:
    """Every programme stands in the list with its partner and period."""
    page.goto("/chuong-trinh/")
    press(page, page.locator("nav.tabs a", has_text="Tất cả"))
    look(page, "programme-list")
    for programme, period in periods.items():
        row = page.locator("tr", has=page.locator(f"a[href='/chuong-trinh/{programme.pk}/']")).inner_text()
        partner = programme.parties.exclude(organisation=programme.owner).get()
        assert period in row, row
        assert partner.name_as_signed in row or partner.organisation.name in row, row


def the_source_is_shown(page: Page, programme: Programme) -> None:
    """From the programme a link leads to the sentence its values were read from."""
    page.goto(f"/chuong-trinh/{programme.pk}/")
    press(page, f"a[href^='/chuong-trinh/{programme.pk}/nguon/']")
    look(page, "source")
    assert "Chương trình mục tiêu quốc gia xây dựng nông thôn mới" in page.inner_text(".paper mark#s1, .paper")
    press(page, page.locator("aside a", has_text="Mục đích").first)
    assert page.locator("aside a[aria-current=true]").count() == 1
    assert page.locator(".paper mark.m-ask").count() >= 1


def test_signing_of_2023(cast: Cast, open_page: Callable[..., Page]) -> None:
    """The real news text: three programmes, poverty takes the implemented period by the offer, four references."""
    if not REAL_TEXT.exists():
        pytest.skip("the news text of 14/07/2023 is not beside the repository")
    page = open_page("lan", height=900)
    take_in(page, REAL_TEXT.read_text(encoding="utf-8"))
    assert len(sections(page)) == 3
    for number, kind in enumerate(("mass_association", "department", "mass_association")):
        page.check(f"[name=p{number}-party-1-organisation][value=new]")
        page.select_option(f"[name=p{number}-party-1-new_kind]", kind)
    offer = page.locator("button[name=act][value='period:1']")
    assert "2021–2025" in offer.inner_text() and "suy ra" in offer.inner_text()
    press(page, offer)
    page.wait_for_url("**/doi-chieu/**")
    confirm(page)

    programmes = list(Programme.objects.order_by("pk"))
    periods = [(row.starts_on.year, row.ends_on.year) for row in programmes]
    assert periods == [(2023, 2027), (2021, 2025), (2023, 2027)]
    assert {f"{row.signed_on:%d/%m/%Y}" for row in programmes} == {"14/07/2023"}
    numbers = {basis.document.number for row in programmes for basis in row.legal_bases.select_related("document")}
    assert numbers == {"05-CT/TW", "24/2021/QH15", "10-CTr/TU", "43-CT/TW"}
    in_the_list(page, dict(zip(programmes, ("2023–2027", "2021–2025", "2023–2027"), strict=True)))
    assert Intake.objects.get().status == "confirmed"
