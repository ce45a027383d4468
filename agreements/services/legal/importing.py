"""Many documents at once from a table: what each row would do first, then the same rows written in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import LegalAlias, LegalDocument
from agreements.services.legal.register import check_effect, numbered
from core import audit
from core.exceptions import DomainError
from documents import vietnamese

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from core.models import Actor

# The columns that are read, by the folded words of their heading; everything else in a table is left alone.
COLUMNS: dict[str, tuple[str, ...]] = {
    "kind": ("loai", "loai van ban", "kind", "kind of document"),
    "number": ("so", "so ky hieu", "so/ky hieu", "so, ky hieu", "number"),
    "issued_on": ("ngay", "ngay ban hanh", "ngay ky", "day of issue", "date"),
    "issued_year": ("nam", "nam ban hanh", "year"),
    "issuer": ("co quan", "co quan ban hanh", "issued by", "issuer"),
    "subject": ("trich yeu", "noi dung", "subject"),
    "effect": ("hieu luc", "tinh trang hieu luc", "effect"),
    "effect_from": ("hieu luc tu", "ngay co hieu luc", "in force from"),
    "effect_to": ("hieu luc den", "ngay het hieu luc", "in force until"),
    "effect_source": ("nguon", "nguon hieu luc", "source of the effect status", "source"),
    "alias": ("ten khac", "ten goi khac", "also called"),
}
LONGEST = {"kind": 80, "number": 80, "issuer": 255, "subject": 2000, "effect_source": 255, "alias": 200}
EFFECTS: dict[str, str] = {
    "chua kiem tra": "unknown", "effect not checked": "unknown", "unknown": "unknown",
    "chua co hieu luc": "not_yet", "not yet in force": "not_yet",
    "con hieu luc": "in_force", "dang co hieu luc": "in_force", "in force": "in_force",
    "het hieu luc mot phan": "partly", "partly expired": "partly",
    "het hieu luc": "expired", "expired": "expired",
}  # fmt: skip
NEW, KNOWN, ALIKE, WRONG = "new", "known", "alike", "wrong"


@dataclass
class PlannedRow:
    """One row of the table. outcome: new, alike (new, but another document has its number), known, wrong."""

    line: int  # as counted in the table, the heading is 1
    values: dict[str, Any] = field(default_factory=dict)
    outcome: str = NEW
    problems: list[str] = field(default_factory=list)
    existing: LegalDocument | None = None

    @property
    def shown(self) -> LegalDocument:
        """The document as it would stand in the register, unsaved."""
        return LegalDocument(**{name: value for name, value in self.values.items() if name != "alias"})


@dataclass
class Plan:
    """What importing a table would do; ignored: headings of columns that are not read."""

    rows: list[PlannedRow]
    ignored: list[str]

    @property
    def counts(self) -> Counter[str]:
        """Rows by outcome."""
        return Counter(row.outcome for row in self.rows)

    @property
    def writes(self) -> int:
        """How many documents would be entered."""
        return self.counts[NEW] + self.counts[ALIKE]


def plan_import(table: list[list[str]]) -> Plan:
    """Return what the rows of a table (the first is the heading) would do; writes nothing.

    Raises DomainError(field="table") where the heading lacks the kind, or names a column twice.
    """
    columns, ignored = _columns(table[0])
    rows = [_row(line, columns, cells) for line, cells in enumerate(table[1:], start=2)]
    good = [row for row in rows if row.outcome != WRONG]
    held: dict[str, list[LegalDocument]] = {}
    keys = {vietnamese.folded_number(row.values["number"]) for row in good}
    for document in LegalDocument.objects.filter(numbered(keys)).prefetch_related("aliases"):
        written = {alias.key for alias in document.aliases.all() if alias.kind == LegalAlias.Kind.NUMBER}
        for key in {document.number_key} | written:
            held.setdefault(key, []).append(document)
    bare = [row.values for row in good if not row.values["number"]]
    for document in LegalDocument.objects.filter(number_key="", kind__in={values["kind"] for values in bare}):
        held.setdefault("", []).append(document)
    seen: dict[tuple[Any, ...], int] = {}
    for row in good:
        _judge(row, held, seen)
    return Plan(rows, ignored)


def _columns(heading: list[str]) -> tuple[dict[int, str], list[str]]:
    known = {words: name for name, spellings in COLUMNS.items() for words in spellings}
    columns: dict[int, str] = {}
    ignored = []
    for position, words in enumerate(heading):
        name = known.get(vietnamese.fold(words))
        if name is None:
            ignored += [words[:60]] if words else []
        elif name in columns.values():
            text = _("The column “%(column)s” stands in the table twice. Remove one of them.")
            raise DomainError(text % {"column": words[:60]}, field="table")
        else:
            columns[position] = name
    if "kind" not in columns.values():
        text = _("The first row must name the columns, “Loại văn bản” among them. Copy the names shown below.")
        raise DomainError(text, field="table")
    return columns, ignored


def _row(line: int, columns: dict[int, str], cells: list[str]) -> PlannedRow:
    row = PlannedRow(line)
    typed = dict.fromkeys(COLUMNS, "") | {
        name: cells[position] for position, name in columns.items() if position < len(cells)
    }
    for name, limit in LONGEST.items():
        if len(typed[name]) > limit:
            text = _("%(column)s: at most %(limit)s characters. Shorten it.")
            row.problems.append(text % {"column": _heading(name), "limit": limit})
        row.values[name] = typed[name][:limit]
    if not row.values["kind"]:
        row.problems.append(_("Enter the kind of the document, for example Chỉ thị"))
    for name in ("issued_on", "effect_from", "effect_to"):
        row.values[name] = _day(row, name, typed[name])
    row.values["issued_year"] = _year(row, typed["issued_year"])
    day = row.values["issued_on"]
    if day and row.values["issued_year"] not in (None, day.year):
        row.problems.append(_("The year contradicts the day of issue. Correct one of them."))
    row.values["issued_year"] = day.year if day else row.values["issued_year"]
    row.values["effect"] = EFFECTS.get(vietnamese.fold(typed["effect"] or "unknown"), "")
    if not row.values["effect"]:
        row.problems.append(_effect_problem(typed["effect"]))
    if not (row.values["number"] or row.values["subject"] or row.values["issued_on"]):
        row.problems.append(_("Enter the number, the day or the subject, so that the document can be told from others"))
    if not row.problems:
        try:
            check_effect(row.shown)
        except DomainError as error:
            row.problems.append(error.message)
    row.outcome = WRONG if row.problems else NEW
    return row


def _heading(name: str) -> str:
    headings: dict[str, str] = {
        "kind": _("Kind of document"),
        "number": _("Number"),
        "issued_on": _("Day of issue"),
        "issuer": _("Issued by"),
        "subject": _("Subject"),
        "effect_from": _("In force from"),
        "effect_to": _("In force until"),
        "effect_source": _("Source of the effect status"),
        "alias": _("Also called"),
    }
    return headings[name]


def _effect_problem(typed: str) -> str:
    if vietnamese.fold(typed) in {"bi thay the", "da bi thay the", "replaced"}:
        return _("“Replaced” needs the replacing document. Leave the status empty and set it on the document's page.")
    return _(
        "“%(text)s” is no effect status. Write Chưa có hiệu lực, Còn hiệu lực, Hết hiệu lực một phần or Hết hiệu lực."
    ) % {"text": typed[:40]}


def _day(row: PlannedRow, name: str, text: str) -> datetime.date | None:
    if not text:
        return None
    try:
        return vietnamese.parse_date(text.removesuffix(" 00:00:00"))
    except vietnamese.UnreadableText:
        wrong = _("%(column)s: write “%(text)s” as day/month/year, for example 05/03/2026")
        row.problems.append(wrong % {"column": _heading(name), "text": text[:40]})
        return None


def _year(row: PlannedRow, text: str) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and 1900 <= int(text[:9]) <= 2199:
        return int(text)
    row.problems.append(_("Write the year with four digits, as in 2026: “%(text)s”") % {"text": text[:40]})
    return None


def _judge(row: PlannedRow, held: dict[str, list[LegalDocument]], seen: dict[tuple[Any, ...], int]) -> None:
    values = row.values
    key, kind = vietnamese.folded_number(values["number"]), vietnamese.fold(values["kind"])
    identity = (kind, key, values["issued_on"], values["issued_year"], vietnamese.fold(values["issuer"]))
    if identity in seen:
        row.outcome = WRONG
        row.problems.append(
            _("The same document stands in row %(line)s. Remove one of the two.") % {"line": seen[identity]}
        )
        return
    seen[identity] = row.line
    for document in held.get(key, []):
        same_day = (document.issued_on, document.issued_year) == (values["issued_on"], values["issued_year"])
        same_issuer = vietnamese.fold(document.issuer) == vietnamese.fold(values["issuer"])
        if document.kind_key == kind and same_day and same_issuer:
            row.outcome, row.existing = KNOWN, document
            if not key and vietnamese.fold(document.subject) != vietnamese.fold(values["subject"]):
                row.outcome = WRONG
                text = _("Two documents without a number look the same: %(document)s. Enter the number or the date.")
                row.problems.append(text % {"document": document.subject or document})
            return
        if key and row.existing is None:
            row.outcome, row.existing = ALIKE, document


@transaction.atomic
def import_documents(*, actor: Actor, table: list[list[str]], expected: int, name: str = "") -> int:
    """Enter the good rows of the table that the register does not hold; rows known or wrong are left out.

    expected: how many the person was shown. Raises DomainError where the register has changed since, NotAllowed.
    """
    policy.require_register(actor)
    changed = _("The register has changed in the meantime. Look at the rows again, then confirm.")
    plan = plan_import(table)
    if plan.writes != expected:
        raise DomainError(changed, field="table")
    try:
        with transaction.atomic():
            written = [_enter(row) for row in plan.rows if row.outcome in (NEW, ALIKE)]
    except IntegrityError:  # somebody entered one of them a moment ago
        raise DomainError(changed, field="table") from None
    _audit(actor, written, name)
    return len(written)


def _enter(row: PlannedRow) -> LegalDocument:
    document = row.shown
    document.save()
    if row.values["alias"] and vietnamese.fold(row.values["alias"]):
        LegalAlias.objects.create(document=document, text=row.values["alias"])
    return document


def _audit(actor: Actor, written: Iterable[LegalDocument], name: str) -> None:
    entries = [audit.Entry("legal.enter", document) for document in written]
    entries.append(audit.Entry("legal.import", label=name[:300], detail={"documents": len(entries)}))
    audit.log_many(actor, entries)
