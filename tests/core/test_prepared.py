"""Queries kept as SQL answer what their QuerySet answers, with other values each time, and are made once."""

from __future__ import annotations

import datetime

import pytest
from django.db.models import Value

from core import prepared
from core.models import Notification, SavedView
from core.prepared import among, given_day, given_id, given_moment, given_text, objects_of, rows_of, rows_together


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


@pytest.mark.parametrize(("key", "checked"), [("a name", [*range(1, 9), 16]), (("a", "scope"), list(range(1, 17)))])
def test_a_key_that_is_only_a_name_is_checked_at_first_and_now_and_then(cast, key, checked):
    def of(user):
        return lambda: SavedView.objects.filter(user=user).values_list("pk")

    rows_of(key, of(cast.lan))
    found = []
    for use in range(1, 17):
        try:
            rows_of(key, of(cast.minh))
        except ValueError:
            found.append(use)
    assert found == checked


def test_several_queries_are_one_statement_each_in_its_order(cast, settings, django_assert_num_queries):
    settings.CHECK_KEPT_QUERIES = False
    _views(cast)
    notice = Notification.objects.create(
        user=cast.lan, kind="x", dedupe_key="k", params={"a": [1]}, deliver_after=datetime.datetime.now(datetime.UTC)
    )

    def make():
        views = SavedView.objects.filter(among("user", "users")).order_by("-pk")
        notices = Notification.objects.filter(user=given_id("reader"), deliver_after__lte=given_moment("now"))
        return {
            "views": views.values_list("name", "created_at"),
            "none": SavedView.objects.none().values_list("pk"),
            "notices": notices.values_list("pk", "params", "user__email"),
            "named": SavedView.objects.filter(name=given_text("name")).values_list("pk"),
        }

    now = datetime.datetime.now(datetime.UTC)
    for users, reader, name in (([cast.lan.pk, cast.minh.pk], cast.lan.pk, "Hai"), ([cast.minh.pk], cast.minh.pk, "%")):
        with django_assert_num_queries(1):
            found = rows_together("all", make, users=users, reader=reader, now=now, name=name)
        views = SavedView.objects.filter(user__in=users).order_by("-pk")
        assert [row[0] for row in found["views"]] == [view.name for view in views] and len(views) > 0
        assert found["none"] == []
        assert found["notices"] == ([(notice.pk, {"a": [1]}, cast.lan.email)] if reader == cast.lan.pk else [])
        assert found["named"] == list(SavedView.objects.filter(name=name).values_list("pk"))
    with django_assert_num_queries(0):
        assert rows_together("nothing", lambda: {"a": SavedView.objects.none().values_list("pk")}) == {"a": []}
    settings.CHECK_KEPT_QUERIES = True
    with pytest.raises(ValueError, match="does not hold"):
        rows_together("all", lambda: make() | {"named": SavedView.objects.filter(name="x").values_list("pk")}, name="")


def test_what_is_kept_of_saved_views_is_what_the_person_may_see(cast):
    _views(cast)
    SavedView.objects.filter(name="Ba").update(shared_with=cast.committee.pk)
    for user, units in ((cast.lan, {cast.committee.pk}), (cast.lan, set()), (cast.minh, {cast.health.pk})):
        wanted = SavedView.objects.visible_to(user, units).values_list("pk")
        kept = rows_of(
            "seen", lambda: SavedView.objects.visible_to_given().values_list("pk"), user=user.pk, shared=list(units)
        )
        assert kept == list(wanted) and kept
