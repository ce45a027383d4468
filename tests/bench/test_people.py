"""Who is measured: sessions that the product takes for its own, people who have something to do, rich objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from bench import people
from bench.pages import LEADER, OFFICER, PAGES
from tests import make

if TYPE_CHECKING:
    from tests.cast import Cast


@pytest.mark.django_db
def test_a_session_opens_pages_until_it_is_ended(cast: Cast) -> None:
    key = people.sign_in(cast.lan)
    client = Client()
    client.cookies["sessionid"] = key
    assert client.get("/chuong-trinh/").status_code == 200
    people.end([key])
    assert not Session.objects.filter(pk=key).exists()
    assert client.get("/chuong-trinh/").status_code == 302


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_the_pages_are_about_rich_objects(demo: None) -> None:
    found = people.for_pages()
    assert found["sessions"].keys() == {OFFICER, LEADER}
    assert found["paths"].keys() == {page.name for page in PAGES}
    client = Client()
    client.cookies["sessionid"] = found["sessions"][OFFICER]
    for name in ("programme", "task", "activity"):
        assert client.get(found["paths"][name]).status_code == 200


@pytest.mark.django_db
def test_people_of_the_load_have_something_to_do(cast: Cast) -> None:
    """Officers of committees that own programmes, partners that lead tasks; too few of them is an error."""
    task = make.make_task(cast, make.make_programme(cast))
    found = people.for_load(1)
    assert [(one["role"], one["tasks"]) for one in found] == [("reporter", [task.pk])]
    assert Session.objects.get(pk=found[0]["session"]).get_decoded()["_auth_user_id"] == str(cast.minh.pk)
    with pytest.raises(SystemExit, match="too few of the role"):
        people.for_load(500)


def test_what_is_not_asked_for_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert people.main(["something"]) == 2
    assert "usage: python -m bench.people" in capsys.readouterr().err
