"""The fields of the drafts of an intake as the check page shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Goal, Party, Programme
from agreements.services.intake import Checked, drafts
from documents.types import Confidence
from partners.models import FieldOfWork, Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable

BLANK = "blank"
_SEVERITY = {Confidence.CHECK: 0, Confidence.MISSING: 1, Confidence.CERTAIN: 2, BLANK: 3}


# --------------------------------------------------------------------------------- fields of the check page


@dataclass
class Part:
    """One control: its name in the form, what it holds, what is wrong with it.

    kind: text, area, date, select, radio or find.
    """

    name: str
    label: str
    kind: str
    value: str
    choices: list[tuple[str, str]] = field(default_factory=list)
    error: str = ""
    hint: str = ""
    state: str = ""
    minor: bool = False  # not worth a word while the row is only read

    @property
    def shown(self) -> str:
        """The value in words, for a row that is only read."""
        if not self.choices:
            return self.value
        return dict(self.choices).get(self.value, "") if self.value else ""


@dataclass
class Item:
    """What an officer looks at as one thing: a single value, a period, or a row such as a party or a legal basis."""

    key: str
    anchor: str
    label: str
    parts: list[Part]
    state: str
    notes: list[str] = field(default_factory=list)
    span: list[int] | None = None
    ok_name: str = ""
    ok: bool = False
    drop_name: str = ""
    dropped: bool = False
    offer: tuple[str, str] | None = None  # value of the button "act" and its words
    number: int = 0

    @property
    def summary(self) -> str:
        """What a reader of the row wants to know, in one line."""
        return ", ".join(part.shown for part in self.parts if part.shown and not part.minor)

    @property
    def answers(self) -> list[tuple[str, str]]:
        """Label and value of what is worth reading back; a single one needs no label."""
        found = [(part.label, part.shown) for part in self.parts if part.shown and not part.minor]
        return [("", value) for _label, value in found] if len(found) == 1 else found

    @property
    def place(self) -> str:
        """Where its sentence stands, in words; "" if it has none."""
        if not self.span:
            return ""
        page, block = self.span[0], self.span[1] + 1
        if page > 1:
            return _("Page %(page)s, paragraph %(block)s") % {"page": page, "block": block}
        return _("Paragraph %(block)s") % {"block": block}

    @property
    def error(self) -> str:
        """The first message of its parts."""
        return next((part.error for part in self.parts if part.error), "")


NOTES: dict[str, Any] = {
    "year_inferred": gettext_lazy("The text gives no year. It was taken from the other dates of the text."),
    "implemented_period": gettext_lazy(
        "The text gives only the years of the programme it implements, not its own period."
    ),
    "inferred": gettext_lazy("Inferred: taken from the implemented programme."),
    "body_unknown": gettext_lazy("No body of the register has this name. Find it under another name, or create it."),
    "body_several": gettext_lazy("Several bodies come near this name. Choose one."),
    "body_gone": gettext_lazy(
        "This body had been dissolved by that day. Choose it or its successor; the name stays as signed."
    ),
    "body_succeeded": gettext_lazy(
        "This body has since been dissolved; its successors take over. The name stays as signed."
    ),
    "body_found": gettext_lazy("Choose among the bodies found."),
    "body_not_found": gettext_lazy("No body has a name with these words."),
    "lead_not_a_party": gettext_lazy(
        "The text names a lead unit that is not among the parties. Choose one, or add it as a party."
    ),
    "no_number": gettext_lazy("Cited without a number. Compare with the register before entering it as new."),
    "document_known": gettext_lazy("Already in the register of legal documents."),
    "document_new": gettext_lazy("Not in the register yet; it is entered on confirmation."),
    "document_other_date": gettext_lazy(
        "The register holds this number with another day. Choose which document is meant."
    ),
    "document_undated": gettext_lazy(
        "The text gives no day, and such numbers start anew each year or term. Check that this document is meant."
    ),
    "document_other_issuer": gettext_lazy(
        "The register holds this number and day as issued by another body. Choose which document is meant."
    ),
    "document_several": gettext_lazy("Several documents of the register fit. Choose which one is meant."),
    "document_named": gettext_lazy("People call a document of the register so. Choose it only if it is meant."),
    "document_other_kind": gettext_lazy(
        "The register holds this number as another kind of document. Choose which one is meant."
    ),
}


def _label(key: str) -> str:
    return {
        "kind": _("Kind of document"),
        "title": _("Title"),
        "short_title": _("Short title"),
        "number": _("Number"),
        "place": _("Place of signing"),
        "signed_on": _("Day of signing"),
        "starts_on": _("From (day or year)"),
        "ends_on": _("To (day or year)"),
        "implements_name": _("Programme it implements"),
        "implements_from": _("From year"),
        "implements_to": _("To year"),
        "field_of_work": _("Field of work"),
        "party.name": _("Name as signed"),
        "party.organisation": _("Body in the register"),
        "party.find": _("Find another body by name"),
        "party.new_kind": _("Kind of the new body"),
        "party.role": _("Role"),
        "party.signer": _("Signed by"),
        "party.signer_title": _("Position of the signer"),
        "basis.kind": _("Kind of document"),
        "basis.number": _("Number"),
        "basis.issued_on": _("Date of issue"),
        "basis.issuer": _("Issued by"),
        "basis.subject": _("Subject"),
        "basis.document": _("In the register"),
        "goal.kind": _("Purpose or requirement"),
        "goal.text": _("Words of the text"),
        "task.title": _("Task"),
        "task.lead": _("Lead unit"),
        "task.due_on": _("Deadline"),
    }[key]


_KINDS = {
    "kind": "select", "field_of_work": "select", "signed_on": "date", "starts_on": "date", "ends_on": "date",
    "party.organisation": "radio", "party.new_kind": "select", "party.role": "select", "party.find": "find",
    "basis.issued_on": "date", "basis.subject": "area", "basis.document": "radio",
    "goal.kind": "select", "goal.text": "area", "task.lead": "select", "task.due_on": "date", "title": "area",
}  # fmt: skip
_MINOR = frozenset({"party.find", "party.new_kind", "basis.document", "goal.kind"})
_OPTIONAL = frozenset({"short_title", "number", "place", "field_of_work"})
_GROUPS = (
    ("kind", ("kind",)), ("title", ("title",)), ("short_title", ("short_title",)), ("number", ("number",)),
    ("place", ("place",)), ("signed_on", ("signed_on",)), ("period", ("starts_on", "ends_on")),
    ("implements", ("implements_name", "implements_from", "implements_to")), ("field_of_work", ("field_of_work",)),
)  # fmt: skip


def field_choices() -> list[tuple[str, str]]:
    """The fields of work as choices, read once for a page."""
    return [("", "–")] + [(str(row.pk), str(row)) for row in FieldOfWork.objects.all()]


class DraftFields:
    """The items of one draft, numbered `index` on the page. `strict` also shows what is only missing as an error."""

    def __init__(
        self,
        draft: drafts.Draft,
        index: int,
        checked: Checked,
        fields_of_work: list[tuple[str, str]],
        *,
        strict: bool = False,
    ) -> None:
        self.draft, self.index, self.checked, self.strict = draft, index, checked, strict
        self.prefix = f"p{index}-"
        self.fields_of_work = fields_of_work

    def items(self) -> list[Item]:
        """All items in the order of the document."""
        found = [self._scalar(key, keys) for key, keys in _GROUPS]
        for kind in ("party", "basis", "goal", "task"):
            found += [self._row(kind, row) for row in range(self.draft["rows"].get(kind, 0))]
        return found

    def _made(self, key: str) -> dict[str, Any]:
        made: dict[str, Any] = self.draft["fields"][key]
        return made

    def _part(self, key: str, label_key: str) -> Part:
        made = self._made(key)
        kind = _KINDS.get(label_key, "text")
        error = self.checked.error(key)
        if error and not made["raw"] and not self.strict:
            error = ""  # what is only missing stands under its own heading; it becomes an error on the way to confirm
        part = Part(self.prefix + key, _label(label_key), kind, made["raw"], self._choices(key, label_key), error)
        part.state = drafts.state_of(made)
        part.minor = label_key in _MINOR
        if part.value and part.choices and part.value not in dict(part.choices):
            part.value = ""
        return part

    def _choices(self, key: str, label_key: str) -> list[tuple[str, str]]:
        if label_key == "kind":
            return [(code, str(words)) for code, words in Programme.Kind.choices]
        if label_key == "field_of_work":
            return self.fields_of_work
        if label_key == "party.role":
            return [(code, str(words)) for code, words in Party.Role.choices]
        if label_key == "party.new_kind":
            kinds = [(c, str(w)) for c, w in Organisation.Kind.choices if c not in Organisation.FRONT_KINDS]
            return [("", _("Choose the kind")), *kinds]
        if label_key == "party.organisation":
            offered = [(value, words) for value, words in self._made(key).get("choices", [])]
            return [*offered, (drafts.NEW, _("Create a new body with the name as signed"))]
        if label_key == "basis.document":
            offered = [(value, words) for value, words in self._made(key).get("choices", [])]
            return [*offered, (drafts.NEW, _("Enter as a new document"))]
        if label_key == "goal.kind":
            return [(code, str(words)) for code, words in Goal.Kind.choices]
        if label_key == "task.lead":
            rows = drafts.kept_rows(self.draft, "party")
            return [("", "–")] + [(str(row), drafts.value(self.draft, f"party-{row}-name")) for row in rows]
        return []

    def _item(self, key: str, label: str, keys: Iterable[tuple[str, str]]) -> Item:
        pairs = list(keys)
        parts = [self._part(part, label_key) for part, label_key in pairs]
        states = [part.state for part in parts]
        state = min(states, key=lambda word: _SEVERITY[word])  # type: ignore[index]
        notes = list(
            dict.fromkeys(str(NOTES[code]) for part, _l in pairs if (code := self._made(part)["note"]) in NOTES)
        )
        if state == Confidence.CHECK and not notes:
            notes = [_("Compare with the words of the text.")]
        span = next((self._made(part)["span"] for part, _l in pairs if self._made(part)["span"]), None)
        return Item(
            key=key,
            anchor=f"f-{self.prefix}{key}",
            label=label,
            parts=parts,
            state=str(state),
            notes=notes,
            span=span,
            ok_name=f"{self.prefix}{key}-ok",
            ok=any(self._made(part)["ok"] for part, _l in pairs),
        )

    def _scalar(self, key: str, keys: tuple[str, ...]) -> Item:
        label = {"period": _("Period"), "implements": _("Implements")}.get(key) or _label(key)
        if key in _OPTIONAL:
            label = _("%(label)s (optional)") % {"label": label}
        item = self._item(key, label, [(name, name) for name in keys])
        if item.state == Confidence.CERTAIN and not item.summary:
            item.state = BLANK
        first, last = drafts.value(self.draft, "implements_from"), drafts.value(self.draft, "implements_to")
        if key == "period" and first and last and not drafts.value(self.draft, "starts_on"):
            words = _("Take %(first)s–%(last)s (inferred)") % {"first": first, "last": last}
            item.offer = (f"period:{self.index}", words)
        return item

    def _row(self, kind: str, row: int) -> Item:
        names = [name for name in drafts.ROWS[kind] if name not in {"drop", "quoted"}]
        key = f"{kind}-{row}"
        pairs = [(f"{key}-{name}", f"{kind}.{name}") for name in names]
        item = self._item(key, self._row_label(kind, row), pairs)
        quoted = self.draft["fields"].get(f"{key}-quoted", {})
        item.span = quoted.get("span") or item.span
        item.drop_name = f"{self.prefix}{key}-drop"
        item.dropped = drafts.is_dropped(self.draft, kind, row)
        if row not in drafts.kept_rows(self.draft, kind):
            wanted = item.notes or (kind == "party" and item.state == Confidence.MISSING)
            item.state = item.state if wanted and not item.dropped else BLANK
        return item

    def _row_label(self, kind: str, row: int) -> str:
        if kind == "basis":
            number = drafts.value(self.draft, f"basis-{row}-number")
            return f"{drafts.value(self.draft, f'basis-{row}-kind')} {number}".strip() or _("New legal basis")
        words = {"party": _("Party %(n)s"), "goal": _("Goal %(n)s"), "task": _("Task %(n)s")}
        return words[kind] % {"n": row + 1}


def value_label(key: str) -> str:
    """The words for a value stored with a place in the source: "title", "party_2", "goal_1"."""
    kind, _sep, number = key.rpartition("_")
    rows = {
        "party": _("Party %(n)s"),
        "goal": _("Goal %(n)s"),
        "basis": _("Legal basis %(n)s"),
        "task": _("Task %(n)s"),
    }
    if kind in rows and number.isdigit():
        return rows[kind] % {"n": number}
    try:
        return _label(key)
    except KeyError:
        return key
