"""The register of organisations: dated names, moved trees, search in former names."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry
from partners import services
from partners.models import Organisation, OrganisationEvent, Succession
from tests.cast import make_organisation

DAY = datetime.date(2025, 3, 1)


@pytest.fixture
def duc(cast):
    return cast.actor(cast.duc)


def data_of(unit, **changes):
    names = services.OrganisationData.__dataclass_fields__
    return services.OrganisationData(**{**{name: getattr(unit, name) for name in names}, **changes})


def test_created_with_path_name_and_parent(cast, duc):
    unit = services.create_organisation(
        actor=duc,
        data=services.OrganisationData(name="Chi cục Thử", kind="department", level="province", parent=cast.health),
    )
    assert unit.path == f"{cast.health.path}{unit.pk}/"
    assert unit.names.get().name == "Chi cục Thử"
    assert unit.parents.get().parent == cast.health
    assert AuditEntry.objects.get().action == "organisation.create"
    with pytest.raises(DomainError) as caught:
        services.create_organisation(actor=duc, data=data_of(unit))
    assert caught.value.field == "name"


def test_renamed_with_a_day_keeps_the_former_name(cast, duc):
    services.rename_organisation(actor=duc, organisation=cast.health, name="Sở Sức khỏe", on=DAY)
    cast.health.refresh_from_db()
    assert cast.health.name == "Sở Sức khỏe"
    assert list(cast.health.names.order_by("valid_to").values_list("name", "valid_from", "valid_to")) == [
        ("Sở Y tế", None, DAY),
        ("Sở Sức khỏe", DAY, None),
    ]
    assert cast.health in Organisation.objects.search("so y te")
    assert cast.health in Organisation.objects.search("suc khoe")
    with pytest.raises(DomainError):
        services.rename_organisation(actor=duc, organisation=cast.health, name="Khác", on=DAY)
    with pytest.raises(DomainError):
        services.rename_organisation(
            actor=duc, organisation=cast.health, name="Khác", on=timezone.localdate() + datetime.timedelta(days=1)
        )


def test_misspelling_is_corrected_without_history(cast, duc):
    services.update_organisation(
        actor=duc, organisation=cast.health, version=1, data=data_of(cast.health, name="Sở Y tế tỉnh")
    )
    assert [row.name for row in cast.health.names.all()] == ["Sở Y tế tỉnh"]


def test_moving_takes_everything_below_along(cast, duc):
    board = make_organisation("Ban Thử", "front_board", cast.committee)
    team = make_organisation("Tổ Thử", "other", board)
    services.move_organisation(actor=duc, organisation=board, parent=cast.other_committee, on=DAY)
    board.refresh_from_db()
    team.refresh_from_db()
    assert board.path == f"{cast.other_committee.path}{board.pk}/"
    assert team.path == f"{board.path}{team.pk}/"
    assert board.parents.get(valid_to=None).parent == cast.other_committee
    assert board.parents.get(valid_to=DAY).parent == cast.committee
    assert not Organisation.objects.below(cast.committee).filter(pk=team.pk).exists()


def test_no_circle(cast, duc):
    team = make_organisation("Tổ Thử", "other", cast.health)
    for parent in (team, cast.health):
        with pytest.raises(DomainError) as caught:
            services.move_organisation(actor=duc, organisation=cast.health, parent=parent, on=DAY)
        assert caught.value.field == "parent"
    cast.health.refresh_from_db()
    assert cast.health.parent is None


def test_too_deep(cast, duc):
    Organisation.objects.filter(pk=cast.health.pk).update(path="/" + "9" * 196 + "/")
    cast.health.refresh_from_db()
    with pytest.raises(DomainError):
        services.move_organisation(actor=duc, organisation=cast.stranger, parent=cast.health, on=DAY)


def test_stale_edit(cast, duc, sign_in):
    services.update_organisation(
        actor=duc, organisation=cast.health, version=1, data=data_of(cast.health, short_name="YT")
    )
    with pytest.raises(Stale):
        services.update_organisation(actor=duc, organisation=cast.health, version=1, data=data_of(cast.health))
    form = {"name": "Sở Y tế B", "kind": "department", "level": "province", "version": "1"}
    page = sign_in(cast.duc).post(f"/don-vi/{cast.health.pk}/sua/", form)
    assert page.status_code == 409
    assert "Sở Y tế" in page.content.decode()
    kept = sign_in(cast.duc).post(f"/don-vi/{cast.health.pk}/sua/", {**form, "version": "2"})
    assert kept.status_code == 302


@pytest.mark.parametrize("who", ["lan", "minh", "hoa"])
def test_everyone_reads_only_administrators_write(cast, sign_in, who):
    user = getattr(cast, who)
    client = sign_in(user)
    assert client.get("/don-vi/").status_code == 200
    page = client.get(f"/don-vi/{cast.stranger.pk}/").content.decode()
    assert "Sở Tư pháp" in page
    assert "Vũ Anh Tuấn" not in page
    assert client.get(f"/don-vi/{cast.stranger.pk}/sua/").status_code == 403
    with pytest.raises(NotAllowed):
        services.rename_organisation(actor=cast.actor(user), organisation=cast.stranger, name="X", on=DAY)


def test_list_finds_former_names_without_marks(cast, duc, sign_in):
    services.rename_organisation(actor=duc, organisation=cast.health, name="Sở Sức khỏe", on=DAY)
    page = sign_in(cast.minh).get("/don-vi/", {"q": "so y te"}).content.decode()
    assert "Sở Sức khỏe" in page
    assert "Trước đây: Sở Y tế" in page
    nothing = sign_in(cast.minh).get("/don-vi/", {"q": "khong co", "loai": "x", "tinh-trang": "y", "page": "9"})
    assert "Không có đơn vị nào khớp" in nothing.content.decode()


def test_succession_is_shown_on_both_sides(cast, sign_in):
    gone = make_organisation("Sở Lao động (thử)", status="dissolved", ended_on=DAY)
    event = OrganisationEvent.objects.create(kind="dissolve", effective_on=DAY, decision="QĐ 123")
    Succession.objects.create(event=event, predecessor=gone, successor=cast.health, field_of_work=cast.field)
    client = sign_in(cast.lan)
    old, new = (client.get(f"/don-vi/{unit.pk}/").content.decode() for unit in (gone, cast.health))
    assert "Kết thúc hoạt động 01/03/2025" in old
    assert "kế thừa phần Y tế (thử) từ 01/03/2025" in old
    assert "Sở Lao động (thử)" in new


def test_contacts_are_added_and_taken_away(cast, sign_in):
    client = sign_in(cast.duc)
    url = f"/don-vi/{cast.health.pk}/"
    assert client.post(f"{url}dau-moi/", {"full_name": "", "phone": "1"}).status_code == 200
    assert client.post(f"{url}dau-moi/", {"full_name": "Bà An", "phone": "0208 385 1234"}).status_code == 302
    contact = cast.health.contacts.get()
    foreign = f"/don-vi/{cast.stranger.pk}/dau-moi/xoa/"
    assert client.post(foreign, {"contact": contact.pk}).status_code == 302
    assert client.post(f"{url}dau-moi/xoa/", {"contact": "x"}).status_code == 302
    assert cast.health.contacts.exists()  # neither found anything to take away
    assert client.post(f"{url}dau-moi/xoa/", {"contact": contact.pk}).status_code == 302
    assert not cast.health.contacts.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 256},
        {"started_on": "31/02/2020"},
        {"kind": "x"},
        {"parent": "999999"},
        {"level": ""},
    ],
)
def test_bad_input_keeps_the_form(cast, sign_in, changes):
    form = {"name": "Sở Mới", "kind": "department", "level": "province", "started_on": "1/1/2020"}
    page = sign_in(cast.duc).post("/don-vi/them/", {**form, **changes})
    assert page.status_code == 200
    assert "data-error-summary" in page.content.decode()
    assert not Organisation.objects.filter(name="Sở Mới").exists()


def test_entered_by_form_in_nfc(cast, sign_in):
    form = {"name": "So\u031b\u0309 Mo\u031b\u0301i", "kind": "department", "level": "province"}
    assert sign_in(cast.duc).post("/don-vi/them/", form).status_code == 302
    assert Organisation.objects.get(name="Sở Mới").search_text == "so moi"
