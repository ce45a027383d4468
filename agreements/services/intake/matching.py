"""Written names of bodies → rows of the register, through every name a body has borne.

A name is compared in its folded form, then in its full form (usual abbreviations written out), then without the words
that texts leave out ("Việt Nam", "tỉnh", the place of the committee). Only an equal name is taken as sure.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from documents import vietnamese
from partners.models import Organisation, OrganisationName, Succession

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

SURE, LIKELY, POSSIBLE = "sure", "likely", "possible"
SHOWN = 6  # candidates offered for one name
NEAR = 0.6  # share of common words from which a name is worth showing

DATA = Path(__file__).parent / "data"
_ABBREVIATIONS: dict[str, str] = json.loads((DATA / "abbreviations.json").read_text(encoding="utf-8"))["words"]
_LEFT_OUT = frozenset({"viet", "nam", "tinh", "cua", "va", "cac"})  # written or left out at will


@dataclass(frozen=True, slots=True)
class Match:
    """A body of the register that a written name may mean.

    `name` is the registered name that matched (a former one perhaps), `grade` SURE, LIKELY or POSSIBLE. `gone` tells
    that the body was dissolved by the day asked for; `successors` are the bodies that took it over, for a person to
    choose; the name as signed stays in any case. `fields`: what a successor took over, where it is known.
    """

    organisation: Organisation
    name: str
    grade: str
    gone: bool = False
    successors: tuple[Organisation, ...] = ()
    fields: dict[int, str] = field(default_factory=dict, compare=False, hash=False)


def full_form(name: str) -> str:
    """The folded name with punctuation dropped and abbreviations written out."""
    words = re.findall(r"\w+", vietnamese.fold(name))
    form = " ".join(_ABBREVIATIONS.get(word, word) for word in words)
    # the standing board signs for its committee
    return form.removeprefix("ban thuong truc ") if form.startswith("ban thuong truc uy ban") else form


class Register:
    """All names of the register, read once for one intake (a province keeps a few hundred bodies).

    `place` is the bare name of the committee's province: a text of that province seldom repeats it.
    """

    def __init__(self, place: str = "") -> None:
        self.place = frozenset(full_form(place).split())
        self.bodies = {body.pk: body for body in Organisation.objects.select_related("parent")}
        rows = OrganisationName.objects.values_list("organisation_id", "name", "short_name", "valid_from", "valid_to")
        self.names: list[tuple[int, str, datetime.date | None, datetime.date | None]] = []
        for pk, name, short, since, until in rows:
            self.names += [(pk, text, since, until) for text in (name, short) if text]
        for body in self.bodies.values():
            self.names += [(body.pk, text, None, None) for text in (body.name, body.short_name) if text]
        counts = Counter(body.name for body in self.bodies.values())
        self.double = {name for name, count in counts.items() if count > 1}
        for body in self.bodies.values():
            if body.name in self.double:
                self.names.append((body.pk, self.label(body), None, None))
        self.forms = [(full_form(name), self.core(name)) for _, name, _, _ in self.names]
        self._successions: dict[int, list[Succession]] | None = None

    def label(self, body: Organisation) -> str:
        """The name of a body as choices show it, with the parent where several bear the name."""
        return f"{body.name}, {body.parent.name}" if body.name in self.double and body.parent else body.name

    def core(self, name: str) -> frozenset[str]:
        """The words of a name that tell it from others."""
        return frozenset(full_form(name).split()) - _LEFT_OUT - self.place

    def successors(self, organisation: Organisation, field_of_work: int | None = None) -> dict[int, str]:
        """The bodies that took over from a dissolved one → the fields they took over, "" where all or unknown.

        Those of `field_of_work` come first.
        """
        if self._successions is None:
            self._successions = {}
            for row in Succession.objects.select_related("field_of_work").order_by("event__effective_on", "pk"):
                self._successions.setdefault(row.predecessor_id, []).append(row)
        rows = [row for row in self._successions.get(organisation.pk, []) if row.successor_id in self.bodies]
        rows.sort(key=lambda row: field_of_work is None or row.field_of_work_id != field_of_work)
        found: dict[int, list[str]] = {}
        for row in rows:
            names = found.setdefault(row.successor_id, [])
            if row.field_of_work and str(row.field_of_work) not in names:
                names.append(str(row.field_of_work))
        return {pk: ", ".join(names) for pk, names in found.items()}

    def match(self, name: str, on: datetime.date | None, field_of_work: int | None = None) -> list[Match]:
        """See match_organisation."""
        wanted, core = full_form(name), self.core(name)
        if not wanted or not core:
            return []
        best: dict[int, tuple[float, str]] = {}
        for (pk, text, since, until), (form, own) in zip(self.names, self.forms, strict=True):
            score = _score(wanted, core, form, own)
            if score < NEAR:
                continue
            if on and ((since and since > on) or (until and until <= on)):
                score -= 0.01  # a name of another time still means the same body
            if score > best.get(pk, (0.0, ""))[0]:
                best[pk] = (score, text)
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], self.bodies[item[0]].sort_key))[:SHOWN]
        equal = sum(score >= 0.98 for _, (score, _) in ranked)
        near = sum(score >= 0.9 for _, (score, _) in ranked)
        found = []
        for pk, (score, text) in ranked:
            grade = SURE if score >= 0.98 and equal == 1 else LIKELY if score >= 0.9 and near == 1 else POSSIBLE
            found.append(self._found(pk, text, grade, on, field_of_work))
        return found

    def _found(self, pk: int, text: str, grade: str, on: datetime.date | None, field_of_work: int | None) -> Match:
        body = self.bodies[pk]
        gone = bool(body.ended_on and (on is None or body.ended_on <= on))
        taken = self.successors(body, field_of_work) if body.status == Organisation.Status.DISSOLVED else {}
        return Match(body, text, grade, gone, tuple(self.bodies[pk] for pk in taken), taken)


def _score(wanted: str, core: frozenset[str], form: str, own: frozenset[str]) -> float:
    if wanted == form:
        return 1.0
    if not own:
        return 0.0
    if core == own:
        return 0.92
    return 0.9 * len(core & own) / len(core | own)


def match_organisation(name: str, on: datetime.date | None = None, register: Register | None = None) -> list[Match]:
    """The bodies that `name`, as written in a text of day `on`, may mean: best first, at most six, [] if unknown.

    Looks through all dated names and short names; a dissolved body is found by its old name and brings its successors.
    """
    return (register or Register()).match(name, on)


def search_bodies(query: str, limit: int = SHOWN) -> Iterable[Organisation]:
    """The first bodies with a name containing the words, those still existing first; [] for a blank query."""
    if not vietnamese.fold(query):
        return []
    return Organisation.objects.search(query).order_by("status", "sort_key")[:limit]


def bodies_named(ids: Iterable[str]) -> dict[str, Organisation]:
    """The organisations behind ids as they stand in a form; what is no id is left out."""
    numbers = [int(text) for text in ids if text.isascii() and text.isdigit() and len(text) < 12]
    return {str(body.pk): body for body in Organisation.objects.filter(pk__in=numbers)}
