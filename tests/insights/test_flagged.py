"""Programmes at risk as the database finds them: the same as the rules in agreements/figures/risk.py, case by case."""

from __future__ import annotations

import datetime
import itertools
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from agreements import figures
from agreements.models import LegalBasis, Programme, ProgrammeFigure
from core.models import User
from insights.dashboard import flagged, overview, risks
from insights.scope import Scope
from tests.make import make_legal_document, make_programme, make_task

ONE = datetime.timedelta(days=1)


def causes_by_rule(user, day):
    """Return the causes of every programme watched, by the code that the pages of programmes use."""
    watched = list(Programme.objects.visible_to(user).filter(status__in=("in_force", "ended")).select_related("figure"))
    overdue = risks.overdue_of(user, Scope(), day, [row.pk for row in watched])
    found = risks.flags(user, watched, overdue, day)
    return {row.pk: [flag.cause for flag in found[row.pk]] for row in watched}


def check(user, day):
    """Compare both, for all causes together and one by one."""
    ruled = causes_by_rule(user, day)
    every = flagged.find(user, Scope(), day, "", 0, 1000)
    assert every.watched == len(ruled)
    assert set(every.ids) == {pk for pk, causes in ruled.items() if causes} and every.count == len(every.ids)
    lengths = [len(ruled[pk]) for pk in every.ids]
    assert lengths == sorted(lengths, reverse=True)
    for cause in figures.CAUSES:
        wanted = {pk for pk, causes in ruled.items() if cause in causes}
        assert set(flagged.find(user, Scope(), day, cause, 0, 1000).ids) == wanted, cause
        assert every.by_cause.get(cause, 0) == len(wanted), cause
    return every


def test_each_border_of_each_rule(cast):
    day = timezone.localdate()
    spans = [(-400, -1), (-400, 0), (-400, 90), (-400, 91), (0, 400), (1, 400)]
    figured = [("behind", 2, 1), ("behind", 3, 1), ("on_track", 2, 2), ("no_data", 0, 0)]
    for at, ((first, last), (standing, live, data)) in enumerate(itertools.product(spans, figured)):
        programme = make_programme(cast, starts_on=day + first * ONE, ends_on=day + last * ONE)
        ProgrammeFigure.objects.filter(programme=programme).delete()
        ProgrammeFigure.objects.create(
            programme=programme, computed_on=day, standing=standing, elapsed="0.6", expected="0.6",
            progress=None if standing == "no_data" else Decimal("0.79") + Decimal("0.01") * (at % 2),
            tasks_live=live, tasks_with_data=data, last_activity_on=day - (89 + at % 3) * ONE if data else None,
        )  # fmt: skip
        if at % 5 == 0:
            make_task(cast, programme, due_on=day - (at % 2) * ONE)
        if at % 4 == 0:
            law = make_legal_document(effect="in_force", effect_to=day - (at % 8 > 0) * ONE)
            LegalBasis.objects.create(programme=programme, document=law)
        if last < 0 and at % 2:
            programme.milestones.create(kind="final_review", due_on=day, done_on=day - ONE)
    make_programme(cast)  # without figures
    found = check(cast.hoa, day)
    assert found.count > 8 and set(found.by_cause) >= set(figures.CAUSES) - {figures.LATE_REPORT, figures.NO_SUCCESSOR}
    assert flagged.find(cast.phuong, Scope(), day, "", 0, 10) == (0, 0, {}, [], None)


def test_a_dissolved_party_counts_until_somebody_takes_over(cast):
    day = timezone.localdate()
    programme = make_programme(cast)
    cast.health.status, cast.health.ended_on = "dissolved", day
    cast.health.save()
    assert check(cast.hoa, day).by_cause[figures.NO_SUCCESSOR] == 1
    assert flagged.find(cast.hoa, Scope(), day, figures.NO_SUCCESSOR, 0, 5).ids == [programme.pk]
    assert flagged.find(cast.hoa, Scope(), day - ONE, figures.NO_SUCCESSOR, 0, 5).ids == []


@pytest.mark.django_db
@time_machine.travel("2026-11-23 08:00+07:00", tick=False)
def test_the_demo_has_the_same_programmes_in_pages(demo):
    user, day = User.objects.get(username="hoa"), timezone.localdate()
    found = check(user, day)
    pages = [flagged.find(user, Scope(), day, "", start, 3).ids for start in range(0, found.count, 3)]
    assert [pk for page in pages for pk in page] == found.ids
    board = overview.read(user, Scope(), day)
    ruled = causes_by_rule(user, day)
    assert {row.programme.pk: row.risks for row in board.rows} == {
        row.programme.pk: len(ruled[row.programme.pk]) for row in board.rows
    }
    slowest = Programme.objects.visible_to(user).filter(status="in_force").slowest_first()[: len(board.rows)]
    assert [row.programme for row in board.rows] == list(slowest)
    assert sum(len(causes) for causes in ruled.values()) == sum(found.by_cause.values())
