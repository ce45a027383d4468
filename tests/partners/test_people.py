"""People: made, reset by slip, disabled with a handover, and who may not."""

from __future__ import annotations

import datetime
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from core.exceptions import DomainError, NotAllowed, Stale
from core.models import AuditEntry, User
from partners import policy, services
from partners.models import Membership
from tests.cast import PASSWORD, make_user

NEW = "tau hoa chay qua cau go"


@pytest.fixture
def duc(cast):
    return cast.actor(cast.duc)


def person(**changes):
    return services.PersonData(**{"username": "thu.nt", "full_name": "Nguyễn Thị Thu", **changes})


def create(cast, duc, **changes):
    return services.create_user(
        actor=duc, data=person(**changes), organisation=cast.health, role=Membership.Role.REPORTER
    )


def last():
    return AuditEntry.objects.order_by("-sequence").first()


def test_from_entry_to_own_password(cast, duc, client):
    user = create(cast, duc)
    assert not user.has_usable_password()
    secret = services.issue_slip(actor=duc, user=user)
    assert client.post("/dang-nhap/", {"username": "thu.nt", "password": secret})["Location"] == "/tai-khoan/mat-khau/"
    assert client.get("/don-vi/")["Location"] == "/tai-khoan/mat-khau/"
    assert client.post("/tai-khoan/mat-khau/", {"new": secret, "again": secret}).status_code == 200
    assert client.post("/tai-khoan/mat-khau/", {"new": NEW, "again": NEW + "x"}).status_code == 200
    assert client.post("/tai-khoan/mat-khau/", {"new": NEW, "again": NEW}).status_code == 302
    assert client.get("/don-vi/").status_code == 200
    user.refresh_from_db()
    assert not user.must_change_password
    assert user.slip_expires_at is None
    assert (
        "Tên đăng nhập hoặc mật khẩu"
        in Client().post("/dang-nhap/", {"username": "thu.nt", "password": secret}).content.decode()
    )


def test_slip_dies_after_72_hours(cast, duc, client):
    user = create(cast, duc)
    secret = services.issue_slip(actor=duc, user=user)
    User.objects.filter(pk=user.pk).update(slip_expires_at=timezone.now() - datetime.timedelta(seconds=1))
    page = client.post("/dang-nhap/", {"username": "thu.nt", "password": secret}).content.decode()
    assert "72 giờ" in page
    assert client.get("/tai-khoan/").status_code == 302


def test_reset_needs_a_reason_and_ends_sessions(cast, duc, sign_in):
    minh = sign_in(cast.minh)
    assert minh.get("/tai-khoan/").status_code == 200
    with pytest.raises(DomainError) as caught:
        services.issue_slip(actor=duc, user=cast.minh)
    assert caught.value.field == "reason"
    assert minh.get("/tai-khoan/").status_code == 200
    services.issue_slip(actor=duc, user=cast.minh, reason="Quên mật khẩu")
    assert minh.get("/tai-khoan/").status_code == 302
    assert (last().action, last().reason) == ("user.reset", "Quên mật khẩu")


def test_the_slip_is_nowhere_but_on_its_page(cast, sign_in):
    client = sign_in(cast.duc)
    page = client.post(f"/nguoi-dung/{cast.minh.pk}/phieu/", {"reason": "Quên"})
    assert page["Cache-Control"] == "no-store"
    secret = page.content.decode().split('class="secret nw">')[1].split("<")[0]
    cast.minh.refresh_from_db()
    assert cast.minh.check_password(secret)
    assert secret not in str(list(AuditEntry.objects.values()))
    assert secret not in str(dict(client.session))
    assert secret not in client.get(f"/nguoi-dung/{cast.minh.pk}/phieu/").content.decode()


@pytest.mark.parametrize("username", ["", "ab", "lan nguyen", "thư", "a" * 61, "<b>", "-lan"])
def test_bad_usernames(cast, duc, username):
    with pytest.raises(DomainError) as caught:
        create(cast, duc, username=username)
    assert caught.value.field == "username"


def test_taken_username_whatever_its_case(cast, duc):
    with pytest.raises(DomainError) as caught:
        create(cast, duc, username="MINH")
    assert caught.value.field == "username"
    assert not User.objects.filter(full_name="Nguyễn Thị Thu").exists()


def test_officers_only_in_front_bodies_and_reporters_only_outside(cast, duc):
    for organisation, role in ((cast.health, "officer"), (cast.committee, "reporter")):
        with pytest.raises(DomainError):
            services.create_user(actor=duc, data=person(), organisation=organisation, role=role)


@pytest.mark.parametrize("who", ["lan", "minh", "hoa"])
def test_nobody_else_administers(cast, who):
    actor = cast.actor(getattr(cast, who))
    assert policy.allowed_actions(actor, cast.tuan) == frozenset()
    with pytest.raises(NotAllowed):
        services.create_user(actor=actor, data=person(), organisation=cast.health, role="reporter")
    with pytest.raises(NotAllowed):
        services.issue_slip(actor=actor, user=cast.tuan, reason="x")
    with pytest.raises(NotAllowed):
        services.disable_user(actor=actor, user=cast.tuan, reason="x", handover_to=None)
    with pytest.raises(NotAllowed):
        services.add_membership(actor=actor, user=actor.user, organisation=cast.committee, role="administrator")


def test_nobody_changes_own_rights(cast, duc):
    make_user("an", "Lý Thị An", cast.committee, "administrator")
    with pytest.raises(NotAllowed):
        services.add_membership(actor=duc, user=cast.duc, organisation=cast.committee, role="officer")
    with pytest.raises(NotAllowed):
        services.end_membership(actor=duc, membership=duc.membership, reason="x")
    with pytest.raises(NotAllowed):
        services.disable_user(actor=duc, user=cast.duc, reason="x", handover_to=None)
    with pytest.raises(NotAllowed):
        services.issue_slip(actor=duc, user=cast.duc, reason="x")


def test_the_last_active_administrator_stays(cast, duc):
    an = make_user("an", "Lý Thị An", cast.committee, "administrator")
    # An's row is the only other one; once An is disabled by somebody else Đức is the last.
    services.disable_user(actor=duc, user=an, reason="Chuyển công tác", handover_to=None)
    an_actor = cast.actor(an)
    with pytest.raises(DomainError) as caught:
        services.disable_user(actor=an_actor, user=cast.duc, reason="x", handover_to=None)
    assert "cuối cùng" in str(caught.value) or "last administrator" in str(caught.value)
    with pytest.raises(DomainError):
        services.end_membership(actor=an_actor, membership=duc.membership, reason="x")
    cast.duc.refresh_from_db()
    assert cast.duc.is_active


def test_disabling_ends_sessions_for_good(cast, duc, sign_in):
    minh = sign_in(cast.minh)
    services.disable_user(actor=duc, user=cast.minh, reason="Chuyển công tác", handover_to=None)
    assert minh.get("/tai-khoan/").status_code == 302
    services.enable_user(actor=duc, user=User.objects.get(pk=cast.minh.pk))
    assert minh.get("/tai-khoan/").status_code == 302
    page = Client().post("/dang-nhap/", {"username": "minh", "password": PASSWORD}).content.decode()
    assert "Tên đăng nhập hoặc mật khẩu" in page


def test_open_work_is_listed_and_handed_over(cast, duc, settings):
    colleague = make_user("thuy", "Bùi Thị Thủy", cast.health)
    settings.OPEN_ITEMS, settings.HANDOVER = ["rooms.open_items"], ["rooms.hand_over"]
    calls = []

    def load(path):
        if path == "rooms.open_items":
            return lambda user: [services.OpenItem("Ra mắt tổ tự quản", "Nháp")]
        return lambda **given: calls.append(given) or 3

    with patch("partners.services.people.import_string", load):
        with pytest.raises(DomainError) as caught:
            services.disable_user(actor=duc, user=cast.minh, reason="Nghỉ", handover_to=None)
        assert caught.value.field == "successor"
        assert services.open_items(cast.minh) == [services.OpenItem("Ra mắt tổ tự quản", "Nháp")]
        services.disable_user(actor=duc, user=cast.minh, reason="Nghỉ", handover_to=colleague)
    assert calls == [{"actor": duc, "user": cast.minh, "successor": colleague}]
    assert last().detail == {"open": 1, "moved": 3, "to": "Bùi Thị Thủy"}


def test_open_work_may_stay_if_said_so(cast, duc, settings):
    settings.OPEN_ITEMS = ["rooms.open_items"]
    with patch(
        "partners.services.people.import_string",
        lambda path: lambda user: [services.OpenItem("Ra mắt tổ tự quản", "Nháp")],
    ):
        services.disable_user(actor=duc, user=cast.minh, reason="Nghỉ", handover_to=None, leave_open=True)
    cast.minh.refresh_from_db()
    assert not cast.minh.is_active


def test_real_handover_moves_a_draft(cast, duc):
    from tests.make import make_activity

    colleague = make_user("thuy", "Bùi Thị Thủy", cast.health)
    activity = make_activity(cast, review="draft")
    assert len(services.open_items(cast.minh)) == 1
    services.disable_user(actor=duc, user=cast.minh, reason="Nghỉ", handover_to=colleague)
    activity.refresh_from_db()
    assert activity.author == colleague


def test_what_is_left_open_is_listed_in_words_without_addresses_an_administrator_may_not_open(cast, sign_in):
    from tests.make import make_activity, make_programme

    programme = make_programme(cast, short_title="Giảm nghèo bền vững")
    make_activity(cast, review="returned", title="Tập huấn")
    client = sign_in(cast.duc)
    for person, label, state in ((cast.lan, programme.code, "Đang hiệu lực"), (cast.minh, "Tập huấn", "Cần bổ sung")):
        page = client.get(f"/nguoi-dung/{person.pk}/khoa/").content.decode()
        assert label in page
        assert f'<span class="cap">{state}</span>' in page
        assert 'href="/chuong-trinh/' not in page
        assert 'href="/hoat-dong/' not in page


def test_a_failed_handover_disables_nobody(cast, duc):
    from tests.make import make_activity

    make_activity(cast, review="draft")
    with pytest.raises(DomainError):
        services.disable_user(actor=duc, user=cast.minh, reason="Nghỉ", handover_to=cast.tuan)
    cast.minh.refresh_from_db()
    assert cast.minh.is_active


def test_roles_are_given_once_and_ended_with_a_reason(cast, duc):
    with pytest.raises(DomainError):
        services.add_membership(actor=duc, user=cast.minh, organisation=cast.health, role="reporter")
    row = services.add_membership(actor=duc, user=cast.minh, organisation=cast.health, role="leader")
    with pytest.raises(DomainError):
        services.end_membership(actor=duc, membership=row, reason="")
    services.end_membership(actor=duc, membership=row, reason="Hết nhiệm kỳ")
    row.refresh_from_db()
    assert row.valid_to == timezone.localdate()
    assert row not in Membership.objects.current()
    with pytest.raises(DomainError):
        services.end_membership(actor=duc, membership=row, reason="x")


def test_stale_edit_of_a_person(cast, duc, sign_in):
    services.update_user(actor=duc, user=cast.minh, version=1, data=person(username="minh"))
    with pytest.raises(Stale):
        services.update_user(actor=duc, user=cast.minh, version=1, data=person(username="minh", full_name="Khác"))
    form = {"username": "minh", "full_name": "Trần <b>Minh</b>", "version": "1"}
    page = sign_in(cast.duc).post(f"/nguoi-dung/{cast.minh.pk}/sua/", form)
    assert page.status_code == 409
    assert "Trần &lt;b&gt;Minh&lt;/b&gt;" in page.content.decode() or "&lt;b&gt;" in page.content.decode()
    assert 'name="version" value="2"' in page.content.decode()
    cast.minh.refresh_from_db()
    assert cast.minh.full_name == "Nguyễn Thị Thu"


def test_list_sorts_by_given_name_and_finds_without_marks(cast, sign_in):
    client = sign_in(cast.duc)
    page = client.get("/nguoi-dung/").content.decode()
    order = [page.index(name) for name in ("Phạm Văn Đức<", "Đặng Thị Hoa<", "Lê Văn Hùng<", "Nguyễn Thị Lan<")]
    assert order == sorted(order)
    found = client.get("/nguoi-dung/", {"q": "dang thi"}).content.decode()
    assert "Đặng Thị Hoa" in found
    assert "Trần Văn Minh" not in found
    by_role = client.get("/nguoi-dung/", {"vai-tro": "leader"}).content.decode()
    assert "Đặng Thị Hoa" in by_role
    assert "Nguyễn Thị Lan" not in by_role
    by_unit = client.get("/nguoi-dung/", {"don-vi": cast.health.pk}).content.decode()
    assert "Trần Văn Minh" in by_unit
    assert "Nguyễn Thị Lan" not in by_unit
    assert client.get("/nguoi-dung/", {"don-vi": "x'", "vai-tro": "y", "page": "z", "q": "\x00"}).status_code == 200


def test_pages_of_people_are_closed_to_others(cast, sign_in):
    for user in (cast.lan, cast.minh, cast.hoa):
        client = sign_in(user)
        assert client.get("/nguoi-dung/").status_code == 403
        assert client.get(f"/nguoi-dung/{cast.duc.pk}/").status_code == 403
    assert sign_in(cast.duc).get("/nguoi-dung/999999/").status_code == 404


def test_double_submit_enters_one_person(cast, sign_in):
    client = sign_in(cast.duc)
    form = {
        "full_name": "Nguyễn Thị Thu", "username": "thu.nt", "organisation": cast.health.pk, "role": "reporter",
        "form_key": "22222222-2222-2222-2222-222222222222",
    }  # fmt: skip
    first = client.post("/nguoi-dung/them/", form)
    second = client.post("/nguoi-dung/them/", form)
    assert first["Location"] == second["Location"]
    assert User.objects.filter(username="thu.nt").count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"full_name": ""}, {"full_name": "a" * 121}, {"full_name": "\u200b"}, {"phone": "gọi tôi"}, {"email": "x"},
        {"organisation": "999999"}, {"organisation": "x"}, {"role": "king"}, {"username": "x" * 65_536},
    ],
)  # fmt: skip
def test_bad_input_keeps_the_form(cast, sign_in, changes):
    form = {"full_name": "Nguyễn Thị Thu", "username": "thu.nt", "organisation": cast.health.pk, "role": "reporter"}
    page = sign_in(cast.duc).post("/nguoi-dung/them/", {**form, **changes})
    assert page.status_code == 200
    assert "data-error-summary" in page.content.decode()
    assert not User.objects.filter(username="thu.nt").exists()


def test_command_enters_the_first_administrator(db, capsys):
    call_command("create_administrator", "Duc", "--name", "Phạm Văn Đức", "--organisation", "Ủy ban MTTQ tỉnh Thử")
    out = capsys.readouterr().out
    secret = next(line for line in out.splitlines() if "password" in line).split()[-1]
    user = User.objects.get_by_natural_key("duc")
    assert user.check_password(secret)
    assert user.must_change_password
    assert user.memberships.get().organisation.path == f"/{user.memberships.get().organisation_id}/"
    with pytest.raises(CommandError):
        call_command("create_administrator", "duc", "--name", "Khác", "--organisation", "Ủy ban MTTQ tỉnh Thử")
    with pytest.raises(CommandError):
        call_command("create_administrator", "an", "--name", "Lý An", "--organisation", "Không có đơn vị này")
