"""Fixtures of all tests: the database server, the cast, signed-in clients, files in a folder of their own."""

from __future__ import annotations

import gc
import itertools
import os
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from django.db import connection
from django.template.base import Template
from django.test import Client
from django.test.utils import _TestState
from pytest_django.plugin import blocking_manager_key

from config import prepare
from tests import demo_rows
from tests.beginnings import CAST, DEMO, NOTHING, Beginnings
from tests.cast import Cast, make_cast
from tests.migrated import migrated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.template import Context

    from core.models import User


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the catalogues that changed, so that a test run by hand speaks Vietnamese too (once, not per worker)."""
    if not hasattr(session.config, "workerinput"):
        prepare.catalogues()


def pytest_collection_finish() -> None:
    """Leave what was loaded out of the garbage collector's rounds: a twentieth of the time of all tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


SEEDS = (
    "agreements.migrations.0003_content_groups",
    "partners.migrations.0002_fields_of_work",
    "activities.migrations.0003_reminder_steps",
    "core.migrations.0004_holidays",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal the long tests to the processes: each takes an equal share of the list and begins at its head.

    Of the others, those follow each other that begin with the demo.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.path.parent.name in {"journeys", "tests"}]
    units = [list(unit) for _name, unit in itertools.groupby(long, key=dealt_with)]
    chosen = set(long)
    others = iter(sorted((item for item in items if item not in chosen), key=begins_without_demo))
    dealt: list[pytest.Item] = []
    for process in range(processes):
        dealt += itertools.chain.from_iterable(units[process::processes])
        dealt += itertools.islice(others, max(0, len(items) * (process + 1) // processes - len(dealt)))
    items[:] = [*dealt, *others]


def dealt_with(item: pytest.Item) -> str:
    """Return what is dealt at once: the tests of a file, which share what they begin with, or one of the longest."""
    return item.nodeid if item.path.stem == "test_every_page" else str(item.path)


def begins_without_demo(item: pytest.Item) -> bool:
    """Return whether the test begins without the demo."""
    return DEMO not in getattr(item, "fixturenames", ())


def commits(item: pytest.Item) -> bool:
    """Return whether the test commits what it writes."""
    marker = item.get_closest_marker("django_db")
    names = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(names or (marker and marker.kwargs.get("transaction")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Put back what migrations seeded: a test that commits ends by emptying all tables."""
    yield
    if commits(item) and (nextitem is not None or item.config.getoption("reuse_db")):  # else the database goes now
        with item.config.stash[blocking_manager_key].unblock():
            for module in SEEDS:
                import_module(module).add(apps, None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Copy the test database of the embedded server from a migrated one; on DATABASE_URL migrations run as ever."""
    if settings.EMBEDDED_DATABASE:
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated(settings.VAR_DIR)


@pytest.fixture(scope="session", autouse=True)
def page_contexts(django_test_environment: None) -> None:
    """Keep the context of a page for `response.context`, not that of every part of it: a quarter of the time."""
    keeping, plain = Template._render, _TestState.saved_data.template_render

    def render(template: Template, context: Context) -> str:
        if getattr(context, "is_kept", False):
            return plain(template, context)
        context.is_kept = True
        return keeping(template, context)

    Template._render = render


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, settings) -> None:
    """Keep uploaded files of a test in its own folder."""
    settings.FILES_DIR = tmp_path / "files"
    cache.clear()  # what one test kept must not reach the next


@pytest.fixture(scope="session")
def beginnings(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Beginnings]:
    """Return what stands in the database between tests; whoever writes outside of a test's transaction clears it."""
    base = tmp_path_factory.getbasetemp()
    kept = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo-rows"
    found = Beginnings(kept, base / "demo-files")
    yield found
    with django_db_blocker.unblock():
        found.clear()


@pytest.fixture
def begun(request: pytest.FixtureRequest, beginnings: Beginnings, django_db_blocker: Any) -> None:
    """Have what the test begins with, before its own transaction begins."""
    wanted = [name for name in (CAST, DEMO) if name in request.fixturenames]
    with django_db_blocker.unblock():
        beginnings.have(wanted[0] if len(wanted) == 1 and not commits(request.node) else NOTHING)


@pytest.fixture
def _django_db_helper(begun: None, _django_db_helper: None) -> None:
    """Begin the transaction of a test: pytest-django's, inside that of its beginning."""


@pytest.fixture
def cast(db: None, beginnings: Beginnings) -> Cast:
    """Return everybody of tests/cast.py."""
    return beginnings.people() if beginnings.written == CAST else make_cast()


@pytest.fixture
def demo(db: None, beginnings: Beginnings, own_files: None, settings, tmp_path: Path) -> None:
    """Have the whole demo of 23/11/2026 in the database; built by the first test that asks, copied for the others."""
    settings.FILES_DIR = beginnings.files
    if beginnings.written != DEMO:
        settings.FILES_DIR = tmp_path / "demo-files"
        demo_rows.load(beginnings.kept)
        demo_rows.link_files(beginnings.kept, settings.FILES_DIR)


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """Return a function that gives a client signed in as a person."""

    def enter(user: User) -> Client:
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session["started"] = time.time()
        session.save()
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        return client

    return enter
