"""Queries kept as SQL answer what their QuerySet answers, with other values each time, and are made once."""

from __future__ import annotations

import datetime

import pytest
from django.db.models import Value

from core import prepared
from core.models import Notification, SavedView
from core.prepared import among, given_day, objects_of, rows_of


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(prepared, "_made", {})


def _views(cast):
    return [
        SavedView.objects.create(user=user, name=name, path="/viec/")
        for user, name in ((cast.lan, "Một"), (cast.lan, "Hai"), (cast.minh, "Ba"))
    ]


def test_rows_are_those_of_the_queryset_with_other_values_each_time(cast, settings):
    settings.CHECK_KEPT_QUERIES = False
    views = _views(cast)
    made = []

    def make():
        made.append(1)
        rows = SavedView.objects.filter(among("user", "users"), created_at__date__gte=given_day("since"))
        return rows.order_by("pk").values_list("pk", "name")

    today = datetime.date.today()
    for users in ([cast.lan.pk], [cast.minh.pk], [cast.lan.pk, cast.minh.pk], []):
        wanted = SavedView.objects.filter(user__in=users).order_by("pk").values_list("pk", "name")
        assert rows_of("views", make, users=users, since=today - datetime.timedelta(days=2)) == list(wanted)
    assert rows_of("views", make, users=[cast.lan.pk], since=today + datetime.timedelta(days=2)) == []
    assert made == [1] and len(views) == 3


def test_objects_come_with_related_ones_annotations_and_converted_values(cast, django_assert_num_queries):
    _views(cast)
    row = Notification.objects.create(
        user=cast.lan, kind="x", dedupe_key="k", params={"a": [1]}, deliver_after=datetime.datetime.now(datetime.UTC)
    )

    def views():
        rows = SavedView.objects.filter(among("user", "users")).select_related("user").only("name", "user__full_name")
        return rows.annotate(mark=Value(7)).order_by("pk")

    with django_assert_num_queries(1):
        found = objects_of("objects", views, users=[cast.minh.pk])
        assert [(one.name, one.user.full_name, one.mark) for one in found] == [("Ba", cast.minh.full_name, 7)]
    with django_assert_num_queries(1):  # what was left out is asked for as usual
        assert found[0].path == "/viec/"
    (kept,) = objects_of("notices", lambda: Notification.objects.filter(among("user", "users")), users=[cast.lan.pk])
    assert kept == row and kept.params == {"a": [1]} and not kept._state.adding
    (one,) = rows_of(
        "values", lambda: Notification.objects.filter(among("id", "ids")).values_list("params"), ids=[row.pk]
    )
    assert one == ({"a": [1]},)


def test_a_place_without_a_value_is_an_error_and_old_queries_make_room(cast, monkeypatch):
    def make():
        return SavedView.objects.filter(among("user", "users")).values_list("pk")

    with pytest.raises(KeyError, match="users"):
        rows_of("views", make)
    monkeypatch.setattr(prepared, "MOST", 2)
    for key in "abc":
        rows_of(key, make, users=[1])
    assert list(prepared._made) == ["b", "c"]


def test_what_can_never_hold_asks_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert rows_of("none", lambda: SavedView.objects.filter(pk__in=[]).values_list("pk")) == []
        assert objects_of("none of them", SavedView.objects.none) == []


def test_a_key_that_does_not_hold_what_the_query_depends_on_is_found_in_tests(cast):
    def of(user):
        return lambda: SavedView.objects.filter(user=user).values_list("pk")

    rows_of("views", of(cast.lan))
    with pytest.raises(ValueError, match="does not hold"):
        rows_of("views", of(cast.minh))
