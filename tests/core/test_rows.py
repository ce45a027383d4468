"""New rows in one statement."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import Notification
from core.rows import insert
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def notice(cast: Cast, key: str) -> Notification:
    """Return an unsaved notice."""
    return Notification(
        user=cast.minh, kind="activity_accepted", params={"who": "Lan"}, dedupe_key=key, deliver_after=timezone.now()
    )


def test_rows_are_written_as_the_model_says_in_one_statement(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert insert([notice(cast, "a"), notice(cast, "b")]) == 2
    assert len(queries) == 1
    row = Notification.objects.get(dedupe_key="a")
    assert (row.user, row.params, row.mail_attempts, row.read_at) == (cast.minh, {"who": "Lan"}, 0, None)
    assert row.created_at is not None
    assert insert([]) == 0


def test_what_is_known_is_refused_or_passed_over(cast: Cast) -> None:
    insert([notice(cast, "a")])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([notice(cast, "a")])
    assert insert([notice(cast, "a"), notice(cast, "b")], skip_known=True) == 1
    assert Notification.objects.count() == 2
