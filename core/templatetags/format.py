"""Dates and numbers on pages: dd/mm/yyyy and 1.234,5 in both languages of the interface.

Every filter shows a missing value as an en dash: "no data" is never printed as 0. The rules themselves live in
documents.vietnamese.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import vietnamese

register = template.Library()

MISSING = "–"
MINUS = "\u2212"
HALF_A_YEAR = 182  # days
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
SIZE_UNITS = ("B", "KB", "MB", "GB")


def _local(value: datetime) -> datetime:
    return value.astimezone(LOCAL) if timezone.is_aware(value) else value


def _decimal(value: Any) -> Decimal | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@register.filter
def day(value: date | datetime | None) -> str:
    """05/03/2026; a moment is first taken to the local day."""
    if not isinstance(value, date):
        return MISSING
    return vietnamese.format_date(_local(value).date() if isinstance(value, datetime) else value)


@register.filter
def day_short(value: date | datetime | None) -> str:
    """05/03 for what is near; with its year where it is over half a year away and 05/03 would mislead."""
    shown = day(value)
    if not isinstance(value, date):
        return shown
    local = _local(value).date() if isinstance(value, datetime) else value
    return shown if abs((timezone.localdate() - local).days) > HALF_A_YEAR else shown[:5]


@register.filter
def moment(value: datetime | None) -> str:
    """05/03/2026 14:05 on the clock of Vietnam."""
    return f"{day(value)} {_local(value):%H:%M}" if isinstance(value, datetime) else MISSING


@register.filter
def number(value: Any, decimals: int | None = None) -> str:
    """1.234,5; with `decimals` always that many digits after the comma, else as many as the value has."""
    parsed = _decimal(value)
    return MISSING if parsed is None else _signed(vietnamese.format_number(parsed, decimals))


@register.filter
def percent(value: Any, decimals: int = 0) -> str:
    """A share as per cent with a no-break space: 0.614 → 61 %. Rounded half up, never capped."""
    parsed = _decimal(value)
    if parsed is None:
        return MISSING
    rounded = (parsed * 100).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return f"{_signed(vietnamese.format_number(rounded, decimals))}\u00a0%"


def _signed(shown: str) -> str:
    """Put the minus sign in the place of the hyphen, which a page would break a line after."""
    return shown.replace("-", MINUS)


@register.filter
def money(value: Any) -> str:
    """64.000.000 đồng (VND in English); whole đồng."""
    parsed = _decimal(value)
    if parsed is None:
        return MISSING
    return _("%(amount)s VND") % {"amount": vietnamese.format_number(parsed, 0)}


@register.filter
def period_years(value: Any) -> str:
    """2024–2026 from an object or pair with starts_on and ends_on; one year is printed once, an open end as a dash."""
    start, end = (
        value if isinstance(value, tuple) else (getattr(value, "starts_on", None), getattr(value, "ends_on", None))
    )
    if not start and not end:
        return MISSING
    if start and end and start.year == end.year:
        return str(start.year)
    return f"{start.year if start else '…'}–{end.year if end else '…'}"


@register.filter
def days_text(value: Any) -> str:
    """327 ngày / 327 days."""
    parsed = _decimal(value)
    if parsed is None:
        return MISSING
    days = int(parsed)
    shown = vietnamese.format_number(Decimal(days), 0)
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": shown}


@register.filter
def file_size(value: Any) -> str:
    """84 KB, 1,2 MB; powers of 1024, one decimal from MB on."""
    parsed = _decimal(value)
    if parsed is None or parsed < 0:
        return MISSING
    step = 0
    while parsed >= 1024 and step < len(SIZE_UNITS) - 1:
        parsed /= 1024
        step += 1
    places = Decimal("0.1") if step >= 2 else Decimal(1)
    shown = vietnamese.format_number(parsed.quantize(places, rounding=ROUND_HALF_UP).normalize())
    return f"{shown} {SIZE_UNITS[step]}"
