"""Briefings heard: once a day, by person, read back from the audit trail."""

from __future__ import annotations

import datetime

import time_machine

from core import briefings
from core.models import AuditEntry


def test_a_briefing_is_kept_once_a_day_and_only_for_who_heard_it(cast):
    hoa, days = cast.actor(cast.hoa), []
    for moment in ("2026-11-02 09:00+07:00", "2026-11-02 23:30+07:00", "2026-11-03 00:30+07:00"):
        with time_machine.travel(moment, tick=False):
            briefings.mark_heard(actor=hoa)
            days.append(briefings.heard_on(cast.hoa))
    second, third = datetime.date(2026, 11, 2), datetime.date(2026, 11, 3)
    assert days == [second, second, third]  # days of Vietnam, not of the server
    assert AuditEntry.objects.filter(action=briefings.HEARD).count() == 2
    assert briefings.heard_on(cast.hoa, before=third) == second
    assert briefings.heard_on(cast.hoa, before=second) is None
    assert briefings.heard_on(cast.lan) is None
