"""What surrounds every page: kept for all it looks alike for, with each person's own name, token and address in it."""

from __future__ import annotations

import re

from core.models import User
from core.templatetags.frame import MARK

PAGE = "/tai-khoan/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def _header(client, path=PAGE) -> str:
    page = client.get(path).content.decode()
    assert MARK not in page
    return page[page.index('<header class="top">') : page.index("</header>")]


def test_two_people_of_one_role_have_each_their_own_name_and_token(cast, sign_in):
    clients = [sign_in(who) for who in (cast.lan, cast.hung)]
    headers = [_header(client) for client in clients]
    for header, own, other in zip(headers, (cast.lan, cast.hung), (cast.hung, cast.lan), strict=True):
        assert own.full_name in header and other.full_name not in header
    tokens = [set(TOKEN.findall(header)) for header in headers]
    assert all(tokens) and not tokens[0] & tokens[1]
    for client in clients:  # a token that a browser would send is taken
        client.handler.enforce_csrf_checks = True
        token = TOKEN.search(_header(client))[1]
        assert client.post("/ngon-ngu/", {"language": "en", "csrfmiddlewaretoken": token}).status_code == 302
        assert client.post("/ngon-ngu/", {"language": "en", "csrfmiddlewaretoken": "x" * 64}).status_code == 403


def test_names_and_addresses_are_escaped(cast, sign_in):
    User.objects.filter(pk=cast.minh.pk).update(full_name="<b>Minh</b>")
    header = _header(sign_in(cast.minh), PAGE + '?a="><script>')
    assert "<b>Minh" not in header and "&lt;b&gt;Minh&lt;/b&gt;" in header
    assert "<script>" not in header and 'name="next" value="/tai-khoan/?a=' in header


def test_a_change_shows_at_once_in_both_languages(cast, sign_in):
    client = sign_in(cast.minh)
    assert cast.minh.full_name in _header(client)
    User.objects.filter(pk=cast.minh.pk).update(full_name="Trần Mới")
    assert "Trần Mới" in _header(client) and "Đăng xuất" in _header(client)
    client.post("/ngon-ngu/", {"language": "en"})
    assert "Sign out" in _header(client) and "Đăng xuất" not in _header(client)


def test_the_entry_of_the_page_is_marked_and_roles_differ(cast, sign_in):
    client = sign_in(cast.lan)
    for path in ("/chuong-trinh/", "/bao-cao/"):
        assert set(re.findall(r'href="([^"]+)" aria-current="page"', _header(client, path))) == {path}
    assert "/nguoi-dung/" not in _header(client) and "/nguoi-dung/" in _header(sign_in(cast.duc))


def test_signed_out_there_is_no_one_to_sign_out(db, client):
    page = client.get("/khong-co/", follow=True).content.decode()
    assert MARK not in page and "data-sign-out" not in page
