"""Which document of the register a citation means: two queries for all citations of a text, however many."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from agreements.models import LegalAlias, LegalDocument
from agreements.services.legal.register import contradicts, numbered
from documents import vietnamese

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

KNOWN, NEW, SEVERAL, UNDATED = "known", "new", "several", "undated"
OTHER_DATE, OTHER_KIND, OTHER_ISSUER = "other_date", "other_kind", "other_issuer"
NAMED, NO_NUMBER = "named", "no_number"
MOST_CHOICES = 6
# State normative numbers and joint ones carry the year; all others start anew each year or congress term.
_YEAR_INSIDE = re.compile(r"\d-(19|20)\d{2}-")


@dataclass(frozen=True)
class Citation:
    """A document as a text names it; what the text does not say is empty. quoted: the words, for aliases."""

    kind: str = ""
    number: str = ""
    issued_on: datetime.date | None = None
    issued_year: int | None = None
    issuer: str = ""
    quoted: str = ""

    @property
    def key(self) -> str:
        """The folded number."""
        return vietnamese.folded_number(self.number)

    @property
    def names(self) -> set[str]:
        """The folded words under which an alias would be found."""
        said = {f"{self.kind} {self.number}", self.quoted, self.number}
        return {LegalAlias.key_of(LegalAlias.Kind.NAME, text) for text in said if text} - {""}


@dataclass(frozen=True)
class Match:
    """What the register says of a citation.

    verdict: known (document is it), undated (document is likely it, the day is missing), other_issuer (document has its
    kind, number and day but is said to be of another issuer), several, other_date, other_kind, named (an alias: a
    candidate, never taken by itself), no_number, new. choices: for a person.
    """

    verdict: str
    document: LegalDocument | None = None
    choices: list[LegalDocument] = field(default_factory=list)


class Register:
    """The rows that any of the citations may mean, read at once."""

    def __init__(self, citations: Iterable[Citation]) -> None:
        self.rows: list[LegalDocument] = []
        wanted = list(citations)
        if not wanted:
            return
        names = {name for citation in wanted for name in citation.names}
        named = LegalAlias.objects.filter(document=OuterRef("pk"), kind=LegalAlias.Kind.NAME, key__in=names)
        found = numbered({citation.key for citation in wanted}) | Q(Exists(named))
        days = {citation.issued_on for citation in wanted if citation.issued_on and not citation.key}
        if days:
            found |= Q(issued_on__in=days)
        rows = LegalDocument.objects.filter(found).prefetch_related("aliases").order_by("issued_on", "pk")
        self.rows = list(rows[:1000])

    def match(self, citation: Citation) -> Match:
        """Return the verdict on one of the citations given at the start."""
        kind, key, number_of = vietnamese.fold(citation.kind), citation.key, LegalAlias.Kind.NUMBER
        named = [
            row for row in self.rows if any(a.kind != number_of and a.key in citation.names for a in row.aliases.all())
        ]
        held = [
            row
            for row in self.rows
            if key and (row.number_key == key or any(a.kind == number_of and a.key == key for a in row.aliases.all()))
        ]
        if not key:
            on = citation.issued_on
            alike = [row for row in self.rows if on and row.issued_on == on and row.kind_key == kind]
            return Match(NO_NUMBER, choices=_once(named + alike))
        if not held:
            return Match(NAMED, choices=_once(named)) if named else Match(NEW)
        same = [row for row in held if row.kind_key == kind]
        fitting = [
            row
            for row in same
            if not contradicts(
                row, issued_on=citation.issued_on, issued_year=citation.issued_year, issuer=citation.issuer
            )
        ]
        choices = _once(same + held + named)
        if len(fitting) == 1:
            row = fitting[0]
            year = citation.issued_on.year if citation.issued_on else citation.issued_year
            dated = bool(year and row.issued_year) or bool(_YEAR_INSIDE.search(key))
            return Match(KNOWN if dated else UNDATED, row, choices)
        if fitting:
            return Match(SEVERAL, choices=choices)
        day = [row for row in same if citation.issued_on and row.issued_on == citation.issued_on]
        if len(day) == 1:
            return Match(OTHER_ISSUER, day[0], choices)
        return Match(OTHER_DATE if same else OTHER_KIND, choices=choices)


def _once(rows: list[LegalDocument]) -> list[LegalDocument]:
    return list({row.pk: row for row in rows}.values())[:MOST_CHOICES]
