"""Dates and numbers look the same in both languages; nothing is never shown as 0."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from django.utils import translation

from core.templatetags import format as f


@pytest.fixture(params=["vi", "en"], autouse=True)
def language(request: pytest.FixtureRequest):
    with translation.override(request.param):
        yield request.param


def test_day() -> None:
    assert f.day(date(2026, 3, 5)) == "05/03/2026"


@time_machine.travel("2026-09-03 00:30+07:00")
def test_a_short_day_names_its_year_where_it_would_mislead() -> None:
    assert f.day_short(date(2026, 3, 5)) == "05/03"
    assert f.day_short(date(2026, 3, 4)) == "04/03/2026"
    assert f.day_short(datetime(2025, 11, 21, 1, tzinfo=UTC)) == "21/11/2025"
    assert f.day_short(date(2027, 3, 4)) == "04/03"


def test_day_of_a_moment_is_the_local_day() -> None:
    late = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)  # 01:30 on the 23rd in Vietnam
    assert f.day(late) == "23/11/2026"
    assert f.moment(late) == "23/11/2026 01:30"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1234.5, "1.234,5"), (Decimal("1000000"), "1.000.000"), (0, "0"), ("74.74", "74,74"), (-1234, "\u22121.234")],
)
def test_number(value: object, shown: str) -> None:
    assert f.number(value) == shown


def test_number_with_fixed_decimals() -> None:
    assert f.number(Decimal("5"), 2) == "5,00"


@pytest.mark.parametrize("value", [None, "", "abc", float("nan"), Decimal("Infinity"), True])
def test_nothing_or_nonsense_is_a_dash_never_zero(value: object) -> None:
    for show in (f.number, f.percent, f.money, f.days_text, f.file_size):
        assert show(value) == "–"


def test_no_date_is_a_dash() -> None:
    for show in (f.day, f.day_short, f.moment, f.period_years):
        assert show(None) == "–"


@pytest.mark.parametrize(("value", "shown"), [(0.614, "61"), (Decimal("0.615"), "62"), (1.125, "113"), (0, "0")])
def test_percent_rounds_half_up_and_is_never_capped(value: object, shown: str) -> None:
    assert f.percent(value) == shown + "\u00a0%"


def test_percent_with_decimals() -> None:
    assert f.percent(0.7474, 2) == "74,74\u00a0%"


def test_money(language: str) -> None:
    assert f.money(64_000_000) == ("64.000.000 đồng" if language == "vi" else "64.000.000 VND")


def test_days_text(language: str) -> None:
    assert f.days_text(1327) == ("1.327 ngày" if language == "vi" else "1.327 days")


def test_period_years() -> None:
    assert f.period_years(SimpleNamespace(starts_on=date(2024, 1, 1), ends_on=date(2026, 12, 31))) == "2024–2026"
    assert f.period_years((date(2026, 1, 1), date(2026, 12, 31))) == "2026"
    assert f.period_years((date(2026, 1, 1), None)) == "2026–…"


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 B"), (900, "900 B"), (86_016, "84 KB"), (1_258_291, "1,2 MB"), (20 * 1024**2, "20 MB")]
)
def test_file_size(size: int, shown: str) -> None:
    assert f.file_size(size) == shown
