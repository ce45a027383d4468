"""No secret of a calendar feed reaches the log."""

from __future__ import annotations

import logging

from django.test import Client

from config.settings import LOGGING
from core import feeds, logs


def test_the_secret_of_a_feed_is_masked() -> None:
    record = logging.LogRecord("x", 30, "f", 1, "%s: %s", ("Not Found", "/lich/abc-_9/phoi-hop.ics"), None)
    assert logs.HideSecrets().filter(record) is True
    assert record.getMessage() == "Not Found: /lich/…/phoi-hop.ics"


def test_other_addresses_and_values_stay() -> None:
    record = logging.LogRecord("x", 30, "f", 1, "%s %d", ("/lich/?thang=2026-11", 404), None)
    logs.HideSecrets().filter(record)
    assert record.getMessage() == "/lich/?thang=2026-11 404"


def test_a_refused_reading_logs_no_secret(cast, caplog) -> None:
    assert LOGGING["handlers"]["console"]["filters"] == ["secrets"]
    secret = feeds.create_feed(actor=cast.minh)
    caplog.handler.addFilter(logs.HideSecrets())
    for _n in range(feeds.READS.tries + 1):
        Client().get(f"/lich/{secret}/phoi-hop.ics")
    feeds.revoke_feed(actor=cast.minh)
    Client().get(f"/lich/{secret}/phoi-hop.ics")
    assert len(caplog.records) >= 2  # 429 and 404 are warnings of Django
    assert secret not in caplog.text
