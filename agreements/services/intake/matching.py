"""Written names of bodies → rows of the register, through every name a body has borne.

A name is compared in its folded form, then in its full form (usual abbreviations written out), then without the words
that texts leave out ("Việt Nam", "tỉnh", the place of the committee). Only an equal name is taken as sure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from documents import vietnamese
from partners.models import Organisation, OrganisationName, Succession

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

SURE, LIKELY, POSSIBLE = "sure", "likely", "possible"
SHOWN = 6  # candidates offered for one name
NEAR = 0.6  # share of common words from which a name is worth showing

# Usual abbreviations of the domain notes (section 3), in folded words.
_ABBREVIATIONS = {
    "ubmttq": "uy ban mat tran to quoc",
    "ubmttqvn": "uy ban mat tran to quoc viet nam",
    "mttq": "mat tran to quoc",
    "mttqvn": "mat tran to quoc viet nam",
    "ubnd": "uy ban nhan dan",
    "lhpn": "lien hiep phu nu",
    "ldld": "lien doan lao dong",
    "tncs": "thanh nien cong san",
    "bch": "ban chap hanh",
    "bqs": "bo chi huy quan su",
    "gddt": "giao duc va dao tao",
    "gtvt": "giao thong van tai",
    "tnmt": "tai nguyen va moi truong",
    "nnmt": "nong nghiep va moi truong",
    "vhttdl": "van hoa the thao va du lich",
    "tp": "thanh pho",
    "tw": "trung uong",
}
_LEFT_OUT = frozenset({"viet", "nam", "tinh", "cua", "va", "cac"})  # written or left out at will


@dataclass(frozen=True, slots=True)
class Match:
    """A body of the register that a written name may mean.

    `name` is the registered name that matched (a former one perhaps), `grade` SURE, LIKELY or POSSIBLE. `gone` tells
    that the body was dissolved by the day asked for; `successors` are the bodies that took it over, for a person to
    choose; the name as signed stays in any case.
    """

    organisation: Organisation
    name: str
    grade: str
    gone: bool = False
    successors: tuple[Organisation, ...] = ()


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
        self.forms = [(full_form(name), self.core(name)) for _, name, _, _ in self.names]

    def core(self, name: str) -> frozenset[str]:
        """The words of a name that tell it from others."""
        return frozenset(full_form(name).split()) - _LEFT_OUT - self.place

    def successors(self, organisation: Organisation) -> tuple[Organisation, ...]:
        """The bodies that took over from a dissolved one, directly, without repetition."""
        found = Succession.objects.filter(predecessor=organisation).values_list("successor_id", flat=True)
        return tuple(self.bodies[pk] for pk in dict.fromkeys(found) if pk in self.bodies)

    def match(self, name: str, on: datetime.date | None) -> list[Match]:
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
        return [self._found(pk, text, score, equal=equal, near=near, on=on) for pk, (score, text) in ranked]

    def _found(self, pk: int, text: str, score: float, *, equal: int, near: int, on: datetime.date | None) -> Match:
        body = self.bodies[pk]
        grade = SURE if score >= 0.98 and equal == 1 else LIKELY if score >= 0.9 and near == 1 else POSSIBLE
        gone = bool(body.ended_on and (on is None or body.ended_on <= on))
        successors = self.successors(body) if body.status == Organisation.Status.DISSOLVED else ()
        return Match(body, text, grade, gone, successors)


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
