"""The drafts of an intake as the check page shows them: items with controls, tasks as lines to read at a glance."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from agreements.forms import intake_words as words
from agreements.models import ContentGroup, Goal, Party, Programme, Task
from agreements.services.intake import Checked, drafts
from documents.types import Confidence
from partners.models import FieldOfWork, Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.safestring import SafeString

BLANK = "blank"
_SEVERITY = {Confidence.CHECK: 0, Confidence.MISSING: 1, Confidence.CERTAIN: 2, BLANK: 3}
_HIDDEN = frozenset({"drop", "quoted"})


@lru_cache(maxsize=512)
def _options(choices: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    one, other = '<option value="{}" selected>{}</option>', '<option value="{}">{}</option>'
    made = (format_html(one if value == chosen else other, value, text) for value, text in choices)
    return format_html_join("", "{}", ((option,) for option in made))


@dataclass
class Part:
    """One control: its name in the form, what it holds, what is wrong with it.

    kind: text, area, date, select, radio, find or body (a text that offers the names of bodies).
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

    @property
    def options(self) -> SafeString:
        """The options of a select; a page of a hundred tasks holds thousands of them, and few that differ."""
        return _options(tuple(self.choices), self.value)

    @property
    def doubtful(self) -> bool:
        """Whether a person should look at it."""
        return self.state == Confidence.CHECK

    @property
    def rows(self) -> int:
        """Height of a text area."""
        return min(8, 2 + len(self.value) // 90 + self.value.count("\n"))


@dataclass
class Item:
    """What an officer looks at as one thing: a single value, a period, or a row such as a party or a legal basis."""

    key: str
    anchor: str
    label: str
    parts: list[Part]
    state: str
    kind: str = ""
    row: int = -1
    notes: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
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

    @property
    def body_parts(self) -> list[Part]:
        """The controls for a body that is not among those offered."""
        return [part for part in self.parts if part.name.endswith(("-find", "-new_kind"))]

    @property
    def main_parts(self) -> list[Part]:
        """The others."""
        return [part for part in self.parts if not part.name.endswith(("-find", "-new_kind"))]

    @property
    def body_open(self) -> bool:
        """Whether a new body is being made, or nothing is offered."""
        radio = next(part for part in self.parts if part.kind == "radio")
        return radio.value == drafts.NEW or any(part.error for part in self.body_parts)

    @property
    def is_doubt(self) -> bool:
        """Whether it waits for a person."""
        return self.state == Confidence.CHECK

    @property
    def pick_name(self) -> str:
        """The name of the box that moves the row to another programme."""
        return self.ok_name.removesuffix("-ok") + "-pick"

    def part(self, name: str) -> Part:
        """The control of a part of a row."""
        return next(part for part in self.parts if part.name.endswith(f"-{name}"))

    @property
    def glance(self) -> list[tuple[str, Part]]:
        """What a line of the task list says behind the title, in the order of reading: lead word and part."""
        return [
            (str(words.GLANCE[name]), part)
            for name in words.GLANCE
            if (part := self.part(name)).shown and not (name == "recurrence" and part.value == "once")
        ]


@dataclass
class Lists:
    """The choices that all drafts of a page share, read once."""

    fields_of_work: list[tuple[str, str]]
    groups: list[tuple[str, str]]

    @classmethod
    def read(cls) -> Lists:
        """Read them."""
        fields = [(str(row.pk), str(row)) for row in FieldOfWork.objects.all()]
        groups = [(row.code, str(row)) for row in ContentGroup.objects.all()]
        return cls([("", "–"), *fields], [("", "–"), *groups])


class DraftFields:
    """The items of one draft, numbered `index` on the page. `strict` also shows what is only missing as an error."""

    def __init__(
        self, draft: drafts.Draft, index: int, checked: Checked, lists: Lists, *, strict: bool = False
    ) -> None:
        self.draft, self.index, self.checked, self.strict = draft, index, checked, strict
        self.prefix = f"p{index}-"
        self.lists = lists
        self.errors = {problem.key: problem.message for problem in reversed(checked.problems)}
        self.used = drafts.units_used(draft)
        self.fixed = self._fixed_choices()

    def items(self) -> list[Item]:
        """All items in the order of the document, the units that tasks name behind the parties."""
        found = [self._single(key, keys) for key, keys in words.SINGLE]
        for kind in ("party", "unit", "basis", "goal", "task", "review", "report"):
            kept = set(drafts.kept_rows(self.draft, kind))
            for position, row in enumerate(self.draft["order"][kind], start=1):
                name = drafts.value(self.draft, f"unit-{row}-name")
                searched = kind == "unit" and drafts.value(self.draft, f"unit-{row}-find")
                if kind != "unit" or drafts.unit_key(name) in self.used or searched:
                    found.append(self._row(kind, row, position, kept=row in kept))
        return found

    def _fixed_choices(self) -> dict[str, list[tuple[str, str]]]:
        kinds = [(c, str(w)) for c, w in Organisation.Kind.choices if c not in Organisation.FRONT_KINDS]
        new_kinds = [("", _("Choose the kind")), *kinds]
        return {
            "kind": [(code, str(text)) for code, text in Programme.Kind.choices],
            "field_of_work": self.lists.fields_of_work,
            "party.role": [(code, str(text)) for code, text in Party.Role.choices],
            "party.new_kind": new_kinds,
            "unit.new_kind": new_kinds,
            "goal.kind": [(code, str(text)) for code, text in Goal.Kind.choices],
            "task.group": self.lists.groups,
            "task.recurrence": [(code, str(text)) for code, text in Task.Recurrence.choices],
            "review.kind": [(code, str(text)) for code, text in words.REVIEWS],
            "report.kind": [(code, str(text)) for code, text in words.CADENCES],
        }

    def _part(self, key: str, label_key: str) -> Part:
        made = self.draft["fields"][key]
        error = self.errors.get(key, "")
        if error and not made["raw"] and not self.strict:
            error = ""  # what is only missing stands under its own heading; it becomes an error on the way to confirm
        choices = self.fixed.get(label_key) or self._choices(made, label_key)
        part = Part(
            self.prefix + key,
            str(words.LABELS[label_key]),
            words.KINDS.get(label_key, "text"),
            made["raw"],
            choices,
            error,
            str(words.HINTS.get(label_key, "")),
            drafts.state_of(made),
            label_key in words.MINOR,
        )
        if part.value and choices and all(part.value != value for value, _label in choices):
            part.value = ""
        return part

    def _choices(self, made: dict[str, Any], label_key: str) -> list[tuple[str, str]]:
        if words.KINDS.get(label_key) != "radio":
            return []
        offered = []
        for value, text, *more in made.get("choices") or []:
            successor = (
                _("%(name)s (took over %(field)s)") % {"name": text, "field": more[0]} if more and more[0] else ""
            )
            offered.append((value, successor or text))
        if label_key == "basis.document":
            return [*offered, (drafts.NEW, _("Enter as a new document"))]
        if label_key in {"parent", "predecessor"}:
            return [("", _("None")), *offered]
        new = (drafts.NEW, _("Create a new body with this name"))
        if label_key == "party.organisation":
            return [*offered, new]
        parties = [
            (f"party-{row}", _("%(name)s (party)") % {"name": drafts.value(self.draft, f"party-{row}-name")})
            for row in drafts.kept_rows(self.draft, "party")
        ]
        return [*parties, *offered, new, (drafts.NOBODY, _("Leave it out"))]

    def _item(self, key: str, label: str, keys: Iterable[tuple[str, str]]) -> Item:
        pairs = list(keys)
        parts = [self._part(part, label_key) for part, label_key in pairs]
        fields = [self.draft["fields"][part] for part, _label in pairs]
        state = min((part.state for part in parts), key=lambda word: _SEVERITY[word])  # type: ignore[index]
        notes = list(dict.fromkeys(str(words.NOTES[made["note"]]) for made in fields if made["note"] in words.NOTES))
        if state == Confidence.CHECK and not notes:
            notes = [_("Compare with the words of the text.")]
        quoted = next((made["words"] for made in fields if made.get("words")), "")
        if quoted:
            notes.insert(0, f"“{quoted}”")
        return Item(
            key=key,
            anchor=f"f-{self.prefix}{key}",
            label=label,
            parts=parts,
            state=str(state),
            notes=notes,
            rules=list(dict.fromkeys(made["rule"] for made in fields if made["rule"])),
            span=next((made["span"] for made in fields if made["span"]), None),
            ok_name=f"{self.prefix}{key}-ok",
            ok=any(made["ok"] for made in fields),
        )

    def _single(self, key: str, keys: tuple[str, ...]) -> Item:
        label = str(words.LABELS[key])
        if key in words.OPTIONAL:
            label = _("%(label)s (optional)") % {"label": label}
        item = self._item(key, label, [(name, name) for name in keys])
        if item.state == Confidence.CERTAIN and not item.summary:
            item.state = BLANK
        first, last = drafts.value(self.draft, "implements_from"), drafts.value(self.draft, "implements_to")
        if key == "period" and first and last and not drafts.value(self.draft, "starts_on"):
            text = _("Take %(first)s–%(last)s (inferred)") % {"first": first, "last": last}
            item.offer = (f"period:{self.index}", text)
        return item

    def _row(self, kind: str, row: int, position: int, *, kept: bool) -> Item:
        key = f"{kind}-{row}"
        parts = [name for name in drafts.ROWS[kind] if name not in _HIDDEN and (kind, name) != ("unit", "name")]
        item = self._item(key, self._row_label(kind, row, position), [(f"{key}-{n}", f"{kind}.{n}") for n in parts])
        item.kind, item.row = kind, row
        if kind == "unit":
            item.span = self.draft["fields"][f"{key}-name"]["span"]
            return item
        quoted = self.draft["fields"].get(f"{key}-quoted", {})
        item.span = quoted.get("span") or item.span
        item.drop_name = f"{self.prefix}{key}-drop"
        item.dropped = drafts.is_dropped(self.draft, kind, row)
        if not kept:
            wanted = item.notes or (kind == "party" and item.state == Confidence.MISSING)
            item.state = item.state if wanted and not item.dropped else BLANK
        return item

    def _row_label(self, kind: str, row: int, position: int) -> str:
        if kind == "basis":
            number = drafts.value(self.draft, f"basis-{row}-number")
            return f"{drafts.value(self.draft, f'basis-{row}-kind')} {number}".strip() or _("New legal basis")
        if kind == "unit":
            name = drafts.value(self.draft, f"unit-{row}-name")
            tasks = ", ".join(str(number) for number in self.used.get(drafts.unit_key(name), []))
            return _("“%(name)s” in task %(tasks)s") % {"name": name, "tasks": tasks}
        return str(words.ROWS[kind]) % {"n": position}
