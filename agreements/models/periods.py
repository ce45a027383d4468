"""How a stored period is named: of a deadline, a target or a report, and in the conditions of an address."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

CODE = re.compile(r"([0-9]{4})(?:-(?:H([12])|Q([1-4])|(0?[1-9]|1[0-2])))?", re.ASCII)
ROMAN = ("I", "II", "III", "IV")


def period_of_code(period: str) -> str:
    """Return a period stored as "2026", "2026-H1", "2026-Q3" or "2026-07" in words, as in "quý III/2026".

    Any other is returned as it is stored: it is a name that a person gave, or "" of what has none.
    """
    found = CODE.fullmatch(period)
    if found is None:
        return period
    year, half, quarter, month = found.groups()
    if half:
        named = {"year": year}
        return _("first half of %(year)s") % named if half == "1" else _("second half of %(year)s") % named
    if quarter:
        return _("quarter %(quarter)s/%(year)s") % {"quarter": ROMAN[int(quarter) - 1], "year": year}
    if month:
        return _("month %(month)s/%(year)s") % {"month": int(month), "year": year}
    return _("year %(year)s") % {"year": year}
