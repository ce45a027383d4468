"""What was typed → values: a text, a day, a year, a choice; what cannot be understood becomes a problem."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.services.intake.drafts import Draft, value
from documents import vietnamese

LIMITS = {
    "title": 500, "short_title": 120, "number": 80, "place": 120, "implements_name": 255,
    "party.name": 255, "party.signer": 120, "party.signer_title": 160, "party.duties": 5000, "funding": 5000,
    "basis.kind": 80, "basis.number": 80, "basis.issuer": 255, "basis.subject": 5000, "basis.quoted": 5000,
    "goal.text": 5000, "task.title": 500, "task.code": 120, "review.text": 500, "report.text": 500,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stops the confirmation: the key of the field ("" for the whole) and what to do, translated."""

    key: str
    message: str


class Reader:
    """Collects understood values and problems of one draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.problems: list[Problem] = []

    def fail(self, key: str, message: str) -> None:
        self.problems.append(Problem(key, message))

    def text(self, key: str, limit_key: str = "") -> str:
        typed = value(self.draft, key)
        if vietnamese.is_blank_looking(typed):
            return ""
        limit = LIMITS[limit_key or key]
        if len(typed) > limit:
            message = ngettext(
                "At most %(limit)s characters. It has %(count)s now.",
                "At most %(limit)s characters. It has %(count)s now.",
                len(typed),
            )
            self.fail(
                key, message % {"limit": vietnamese.format_number(limit), "count": vietnamese.format_number(len(typed))}
            )
        return typed

    def day(self, key: str, *, last: bool = False) -> datetime.date | None:
        typed = value(self.draft, key)
        if not typed:
            return None
        if re.fullmatch(r"(19|20|21)\d\d", typed, re.ASCII):
            return datetime.date(int(typed), 12, 31) if last else datetime.date(int(typed), 1, 1)
        try:
            return vietnamese.parse_date(typed)
        except vietnamese.UnreadableText:
            self.fail(key, _("Enter the date as day/month/year, for example 05/03/2026"))
            return None

    def year(self, key: str) -> int | None:
        typed = value(self.draft, key)
        if not typed:
            return None
        if not re.fullmatch(r"(19|20|21)\d\d", typed, re.ASCII):
            self.fail(key, _("Enter a year in four digits, for example 2025"))
            return None
        return int(typed)

    def choice(self, key: str, allowed: list[str], default: str) -> str:
        typed = value(self.draft, key)
        return typed if typed in allowed else default

    def span(self, key: str) -> dict[str, int] | None:
        return span_of(self.draft["fields"].get(key, {}))


def span_of(made: dict[str, Any]) -> dict[str, int] | None:
    """The place of a field in the source as it is stored with the programme; None where it has none."""
    span = made.get("span")
    return None if not span else dict(zip(("page", "block", "start", "end"), span, strict=True))
