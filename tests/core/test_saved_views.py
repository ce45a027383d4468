"""Saved views: kept for oneself or the unit, only addresses of pages, only one's own deleted."""

from __future__ import annotations

import pytest

from core import saved_views
from core.exceptions import DomainError
from core.models import AuditEntry, SavedView

PATH = "/bang-dieu-hanh/don-vi/?ky=2026&linh-vuc=y-te-thu"


def save(cast, user, name="Quý này", path=PATH, **changes):
    return saved_views.save_view(actor=cast.actor(user), name=name, path=path, **changes)


def test_a_view_is_kept_and_logged_and_its_name_takes_a_new_address(cast):
    first = save(cast, cast.lan)
    again = save(cast, cast.lan, path="/viec/", is_shared=True)
    assert (again.pk, again.path, again.shared_with) == (first.pk, "/viec/", cast.committee.pk)
    assert save(cast, cast.hung).pk != first.pk
    actions = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))
    assert actions == ["saved_view.save"] * 3


def test_a_personal_view_is_seen_by_its_owner_a_shared_one_by_the_unit(cast):
    own, shared = save(cast, cast.lan), save(cast, cast.lan, "Chung", is_shared=True)
    committee, health = {cast.committee.pk}, {cast.health.pk}
    assert list(SavedView.objects.visible_to(cast.lan)) == [shared, own]
    assert list(SavedView.objects.visible_to(cast.hung, committee)) == [shared]
    assert not SavedView.objects.visible_to(cast.minh, health)
    assert not SavedView.objects.visible_to(cast.phuong)


@pytest.mark.parametrize(
    "path",
    [
        "", "viec/", "//dia.chi.la/", "/\\dia.chi.la", "https://dia.chi.la/", "javascript:alert(1)", "/khong-co/",
        "/dang-xuat/", "/chuong-trinh/1/", "/viec/?q=" + "a" * 500, "/viec/\n", "/viec/?q=\0",
    ],
)  # fmt: skip
def test_only_the_address_of_a_page_is_kept(cast, path):
    with pytest.raises(DomainError):
        save(cast, cast.lan, path=path)
    assert not SavedView.objects.exists()


def test_nobody_keeps_views_without_end(cast, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST", 2)
    save(cast, cast.lan, "Một")
    save(cast, cast.lan, "Hai")
    with pytest.raises(DomainError, match="2"):
        save(cast, cast.lan, "Ba")
    save(cast, cast.lan, "Hai", path="/viec/")
    save(cast, cast.hung, "Ba")


def test_only_the_owner_deletes(cast):
    view = save(cast, cast.lan, is_shared=True)
    with pytest.raises(DomainError):
        saved_views.drop_view(actor=cast.actor(cast.hung), view=view)
    saved_views.drop_view(actor=cast.actor(cast.lan), view=view)
    assert not SavedView.objects.exists()
    assert AuditEntry.objects.order_by("-sequence").first().action == "saved_view.drop"
    with pytest.raises(DomainError):
        saved_views.drop_view(actor=cast.actor(cast.lan), view=view)


def test_saved_from_the_dashboard_and_found_under_filter(cast, sign_in):
    lan = sign_in(cast.lan)
    page = lan.get("/bang-dieu-hanh/don-vi/?ky=2026").content.decode()
    address = "/bo-loc/luu/?next=%2Fbang-dieu-hanh%2Fdon-vi%2F%3Fky%3D2026"
    assert address in page
    assert lan.get(address).context["form"].initial["next"] == "/bang-dieu-hanh/don-vi/?ky=2026"
    posted = {"name": "Năm nay", "is_shared": "on", "next": "/bang-dieu-hanh/don-vi/?ky=2026"}
    assert lan.post("/bo-loc/luu/", posted)["Location"] == "/bang-dieu-hanh/don-vi/?ky=2026"
    view = SavedView.objects.get()
    hung = sign_in(cast.hung).get("/bang-dieu-hanh/loc/").content.decode()
    assert 'href="/bang-dieu-hanh/don-vi/?ky=2026">Năm nay</a>' in hung and "Nguyễn Thị Lan chia sẻ" in hung
    assert "/xoa/" not in hung
    assert "Năm nay" not in sign_in(cast.phuong).get("/bang-dieu-hanh/loc/").content.decode()
    assert sign_in(cast.hung).post(f"/bo-loc/{view.pk}/xoa/").status_code == 404
    lan = sign_in(cast.lan)
    assert f'action="/bo-loc/{view.pk}/xoa/"' in lan.get("/bo-loc/luu/?next=/viec/").content.decode()
    assert lan.post(f"/bo-loc/{view.pk}/xoa/", {"next": "/bang-dieu-hanh/loc/"})["Location"] == "/bang-dieu-hanh/loc/"
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "posted", [{"name": "", "next": "/viec/"}, {"name": "A", "next": "//x"}, {"name": "a" * 81, "next": "/viec/"}]
)
def test_a_form_that_is_not_right_keeps_what_was_typed(cast, sign_in, posted):
    answer = sign_in(cast.lan).post("/bo-loc/luu/", posted)
    assert answer.status_code == 200 and answer.context["form"].errors
    assert answer.context["form"]["name"].value() == posted["name"]
    assert not SavedView.objects.exists()
