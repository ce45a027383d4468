"""The database that Django talks to: the one that was named, through the driver that was chosen."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.backends.postgresql.psycopg_any import is_psycopg3

from config import postgres
from config.settings import database


@pytest.mark.real_postgres
@pytest.mark.django_db
def test_it_is_the_server_that_was_named() -> None:
    url = os.environ.get("DATABASE_URL")
    expected = unquote(urlsplit(url).hostname or "") if url else str(postgres.socket_dir(settings.VAR_DIR))
    assert connection.settings_dict["HOST"] == expected
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_encoding'), lower('ĐƯỜNG ƯỠN')")
        assert cursor.fetchone() == ("UTF8", "đường ưỡn")


@pytest.mark.real_postgres
@pytest.mark.django_db
def test_migrations_brought_the_history_triggers_and_the_search_extension() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'pgtrigger%'")
        (triggers,) = cursor.fetchone()
        cursor.execute("SELECT similarity('thái nguyên', 'thái nguyen') > 0.5")
        assert cursor.fetchone() == (True,)
    assert triggers > 0


def test_psycopg_3_is_absent() -> None:
    """Django would silently prefer it to the driver the customer fixed."""
    assert is_psycopg3 is False


def test_database_url_is_read_in_all_its_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://m%C3%ACnh:p%40ss@db.example.vn:6543/phoi%5Fhop")
    entry = database(tmp_path)
    assert [entry[k] for k in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "mình",
        "p@ss",
        "db.example.vn",
        "6543",
        "phoi_hop",
    ]


def test_url_of_another_database_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://a@b/c")
    with pytest.raises(ImproperlyConfigured, match="postgresql://"):
        database(tmp_path)
