"""What the database itself refuses, whoever writes it: words that mean nothing, contradictions."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, F
from django.utils import translation

from agreements.models import LegalDocument, Party, Programme, Tally, Task
from agreements.models.periods import period_of_code
from agreements.services.results import refresh_figure
from partners.models import Membership, OrganisationEvent, Succession
from tests.make import make_legal_document, make_programme, make_task

pytestmark = pytest.mark.django_db


def test_columns_with_choices_hold_no_other_word():
    missing = []
    for room in ("partners", "agreements"):
        for model in apps.get_app_config(room).get_models():
            if model.__name__.endswith("History"):
                continue  # a copy of the row as it was
            known = {c.name: c for c in model._meta.constraints if isinstance(c, CheckConstraint)}
            for field in model._meta.fields:
                if not field.choices:
                    continue
                constraint = known.get(f"{model._meta.model_name}_{field.name}_known")
                words = set(dict(constraint.condition.children)[f"{field.name}__in"]) if constraint else set()
                wanted = {str(value) for value, _label in field.flatchoices} | ({""} if field.blank else set())
                if words != wanted:
                    missing.append(f"{model.__name__}.{field.name}: {sorted(words ^ wanted)}")
    assert missing == []


def refused(rows, **changes):
    """Return whether the database refuses to write the changes past all code."""
    try:
        with transaction.atomic():
            assert rows.update(**changes) == 1
    except IntegrityError:
        return True
    return False


def test_programmes_and_parties(cast):
    row = make_programme(cast)
    rows = Programme.objects.filter(pk=row.pk)
    assert refused(rows, status="finished")
    assert refused(rows, predecessor=F("id")) and refused(rows, parent=F("id"))
    assert refused(rows, starts_on=datetime.date(2027, 1, 2), ends_on=datetime.date(2027, 1, 1))
    assert refused(rows, status="terminated", status_reason="")
    assert refused(Party.objects.filter(programme=row, organisation=cast.health), role="guest")
    assert refused(Membership.objects.filter(user=cast.minh), role="boss")
    # never required: the day of signing inside or before the period
    assert not refused(rows, signed_on=row.starts_on + datetime.timedelta(days=700))


def test_tasks_and_totals(cast):
    task = make_task(cast, make_programme(cast))
    assert refused(Task.objects.filter(pk=task.pk), state="late")
    cell = Tally.objects.create(
        task=task, measure="activities", unit=cast.health, month=datetime.date(2026, 3, 1), count=1
    )
    assert refused(Tally.objects.filter(pk=cell.pk), month=datetime.date(2026, 3, 2))


def test_legal_documents_and_succession(cast):
    paper = make_legal_document(issued_on=datetime.date(2021, 6, 23), issued_year=2021)
    rows = LegalDocument.objects.filter(pk=paper.pk)
    assert refused(rows, issued_year=2016) and refused(rows, effect="maybe")
    event = OrganisationEvent.objects.create(kind="split", effective_on=datetime.date(2025, 3, 1))
    made = Succession.objects.create(event=event, predecessor=cast.health, successor=cast.committee)
    assert refused(Succession.objects.filter(pk=made.pk), share=Decimal("1.5"))
    assert refused(OrganisationEvent.objects.filter(pk=event.pk), kind="vanish")


def test_slowest_first_is_the_order_of_the_dashboard(cast):
    def with_figure(title, progress, elapsed, standing, **changes):
        row = make_programme(cast, title=title, short_title="", **changes)
        refresh_figure(row.pk)
        figure = row.figure
        figure.progress, figure.elapsed, figure.standing = progress, elapsed, standing
        figure.save()
        return row

    gap = with_figure("Khoảng cách lớn, đúng tiến độ", "0.49", "0.58", "on_track")
    slow = with_figure("Chậm ít điểm", "0.23", "0.30", "behind")
    slower = with_figure("Chậm nhiều điểm", "0.40", "0.64", "behind")
    level = with_figure("Vượt trước", "0.90", "0.60", "ahead")
    nothing = with_figure("Chưa có số liệu", None, "0.90", "no_data")
    paused = with_figure("Tạm dừng", "0.10", "0.11", "behind", status="suspended", status_reason="Chờ kinh phí")
    wanted = [slower, slow, gap, paused, level, nothing]
    assert list(Programme.objects.slowest_first()) == wanted

    from insights.dashboard import overview
    from insights.scope import Scope

    board = overview.read(cast.lan, Scope(), datetime.date(2026, 11, 23))
    assert [row.programme for row in board.rows] == [row for row in wanted if row != paused]


@pytest.mark.parametrize(
    ("code", "vi", "en"),
    [
        ("2026", "năm 2026", "year 2026"),
        ("2026-H1", "6 tháng đầu năm 2026", "first half of 2026"),
        ("2026-H2", "6 tháng cuối năm 2026", "second half of 2026"),
        ("2026-Q3", "quý III/2026", "quarter III/2026"),
        ("2026-07", "tháng 7/2026", "month 7/2026"),
    ],
)
def test_a_code_of_the_calendar_is_named_in_words(code, vi, en):
    for language, words in (("vi", vi), ("en", en)):
        with translation.override(language):
            assert period_of_code(code) == words


@pytest.mark.parametrize(
    "name", ["", "2026-13", "2026-00", "2026-Q5", "2026-H3", "2026-", "R12", "đợt 1", "26-Q1", "٢٠٢٦"]
)
def test_any_other_period_is_shown_as_it_is_stored(name):
    assert period_of_code(name) == name
