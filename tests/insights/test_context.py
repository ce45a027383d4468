"""The header: entries by role, the current one, the count of the queue."""

from __future__ import annotations

import pytest

from tests.make import make_activity, make_task


def nav(client, path="/cach-tinh/"):
    return client.get(path).context["nav"]


@pytest.mark.parametrize(
    ("who", "present", "absent"),
    [
        ("lan", {"/", "/chuong-trinh/", "/phe-duyet/", "/bang-dieu-hanh/"}, {"/nguoi-dung/"}),
        ("minh", {"/", "/chuong-trinh/"}, {"/phe-duyet/", "/bang-dieu-hanh/", "/nguoi-dung/"}),
        ("hoa", {"/hom-nay/", "/chuong-trinh/", "/bang-dieu-hanh/"}, {"/", "/nguoi-dung/"}),
        ("duc", {"/", "/don-vi/", "/nguoi-dung/"}, {"/chuong-trinh/", "/phe-duyet/", "/bang-dieu-hanh/"}),
    ],
)
def test_entries_by_role(cast, sign_in, who, present, absent):
    urls = {entry["url"] for entry in nav(sign_in(getattr(cast, who)))}
    assert present <= urls
    assert not absent & urls


def test_current_entry_is_marked(cast, sign_in):
    marked = [entry["url"] for entry in nav(sign_in(cast.hoa), "/bang-dieu-hanh/") if entry["current"]]
    assert marked == ["/bang-dieu-hanh/"]


def test_count_equals_the_queue_and_leaves_out_own_items(cast, sign_in):
    task = make_task(cast)
    make_activity(cast, task)
    make_activity(cast, task, author=cast.lan, acting_for=cast.committee, unit=cast.committee)
    task.deadlines.update(
        state="awaiting",
        done_on="2026-01-01",
        reported_by=cast.minh,
        reported_for=cast.health,
        reported_at="2026-01-01T00:00Z",
    )
    for who, expected in ((cast.lan, 2), (cast.hung, 3), (cast.hoa, 1)):
        client = sign_in(who)
        (entry,) = [entry for entry in nav(client) if entry["url"] == "/phe-duyet/"]
        assert entry["count"] == expected == len(client.get("/phe-duyet/").context["queue"])


def test_the_count_is_kept_for_seconds_but_own_deeds_show_at_once(cast, sign_in):
    task = make_task(cast)
    make_activity(cast, task)
    client = sign_in(cast.lan)

    def waiting() -> int:
        return next(entry["count"] for entry in nav(client, "/tai-khoan/") if entry["url"] == "/phe-duyet/")

    assert waiting() == 1
    make_activity(cast, task)
    assert waiting() == 1  # what others send shows within WAITING_SECONDS
    client.post("/ngon-ngu/", {"language": "en"})
    assert waiting() == 2
    make_activity(cast, task)
    client.get("/phe-duyet/")  # the queue itself is never behind, and neither is the header from then on
    assert waiting() == 3


def test_signed_out_has_no_entries(db, client):
    page = client.get("/dang-nhap/")
    assert page.context["nav"] == []
    assert page.context["site"]["search_url"] == ""
