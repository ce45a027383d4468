"""Words of the check page: labels of fields, hints to what the reader noted, kinds of controls."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from agreements.models import Milestone

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
    "document_undated": gettext_lazy(
        "The text gives no day, and such numbers start anew each year or term. Check that this document is meant."
    ),
    "document_other_issuer": gettext_lazy(
        "The register holds this number and day as issued by another body. Choose which document is meant."
    ),
    "document_several": gettext_lazy("Several documents of the register fit. Choose which one is meant."),
    "document_named": gettext_lazy("People call a document of the register so. Choose it only if it is meant."),
    "unit_unknown": gettext_lazy(
        "No body of the register has this name. Choose one, create it, or leave it out; the task keeps its words."
    ),
    "approximate": gettext_lazy("The text gives a rough number. Its word stays in the name of the indicator."),
    "parent_unknown": gettext_lazy("No programme of the ledger has this number. Choose none, or enter that one first."),
    "predecessor_unknown": gettext_lazy(
        "No programme of the ledger has this number. Choose none, or enter that one first."
    ),
    "no_number": gettext_lazy("Cited without a number. Compare with the register before entering it as new."),
    "document_known": gettext_lazy("Already in the register of legal documents."),
    "document_new": gettext_lazy("Not in the register yet; it is entered on confirmation."),
    "document_other_date": gettext_lazy(
        "The register holds this number with another day. Choose which document is meant."
    ),
    "document_other_kind": gettext_lazy(
        "The register holds this number as another kind of document. Choose which one is meant."
    ),
}

LABELS: dict[str, Any] = {
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
    "parent": _("Carries out the programme"),
    "predecessor": _("Takes the place of the programme"),
    "funding": _("Funding"),
    "period": _("Period"),
    "implements": _("Implements"),
    "party.name": _("Name as signed"),
    "party.organisation": _("Body in the register"),
    "party.find": _("Find another body by name"),
    "party.new_kind": _("Kind of the new body"),
    "party.role": _("Role"),
    "party.signer": _("Signed by"),
    "party.signer_title": _("Position of the signer"),
    "party.duties": _("Responsibilities"),
    "unit.name": _("Name as written"),
    "unit.organisation": _("Body in the register"),
    "unit.find": _("Find another body by name"),
    "unit.new_kind": _("Kind of the new body"),
    "basis.kind": _("Kind of document"),
    "basis.number": _("Number"),
    "basis.issued_on": _("Date of issue"),
    "basis.issuer": _("Issued by"),
    "basis.subject": _("Subject"),
    "basis.document": _("In the register"),
    "goal.kind": _("Purpose or requirement"),
    "goal.text": _("Words of the text"),
    "task.title": _("Task"),
    "task.group": _("Content group"),
    "task.code": _("Clause"),
    "task.lead": _("Lead unit"),
    "task.supports": _("Supporting units"),
    "task.due_on": _("Deadline"),
    "task.recurrence": _("Recurrence"),
    "task.quantities": _("Quantities"),
    "review.kind": _("Kind of review"),
    "review.due_on": _("Date (day or year)"),
    "review.text": _("Words of the text"),
    "report.kind": _("Cadence"),
    "report.due": _("Due days"),
    "report.text": _("Words of the text"),
}
# The parts of a task that its line shows behind the title, with their lead words.
GLANCE: dict[str, Any] = {
    "lead": _("Lead:"), "supports": _("With:"), "due_on": _("By:"), "recurrence": "", "quantities": "", "group": "",
}  # fmt: skip
ROWS: dict[str, Any] = {
    "party": _("Party %(n)s"),
    "goal": _("Goal %(n)s"),
    "task": _("Task %(n)s"),
    "basis": _("Legal basis %(n)s"),
    "review": _("Review %(n)s"),
    "report": _("Report %(n)s"),
}
HINTS: dict[str, Any] = {
    "task.supports": _("Several with ; between."),
    "task.quantities": _("Number and unit, for example 40 hội nghị; several with ; between."),
    "report.due": _("Day/month, for example 15/06; 15/12."),
}
REVIEWS = [(str(kind.value), kind.label) for kind in (Milestone.Kind.INTERIM_REVIEW, Milestone.Kind.FINAL_REVIEW)]
CADENCES: list[tuple[str, Any]] = [
    ("month", _("Every month")),
    ("quarter", _("Every quarter")),
    ("half_year", _("Every half-year")),
    ("year", _("Every year")),
    ("on_request", _("On request")),
]
KINDS = {
    "kind": "select", "field_of_work": "select", "signed_on": "date", "starts_on": "date", "ends_on": "date",
    "title": "area", "parent": "radio", "predecessor": "radio", "funding": "area",
    "party.organisation": "radio", "party.new_kind": "select", "party.role": "select", "party.find": "find",
    "party.duties": "area", "unit.organisation": "radio", "unit.new_kind": "select", "unit.find": "find",
    "basis.issued_on": "date", "basis.subject": "area", "basis.document": "radio",
    "goal.kind": "select", "goal.text": "area", "task.title": "area", "task.group": "select", "task.due_on": "date",
    "task.recurrence": "select", "task.lead": "body", "task.supports": "text",
    "review.kind": "select", "review.due_on": "date", "review.text": "area", "report.kind": "select",
    "report.text": "area",
}  # fmt: skip
# Not worth a word while a row is only read.
MINOR = frozenset({
    "party.find", "party.new_kind", "unit.find", "unit.new_kind", "basis.document", "goal.kind", "party.duties",
})  # fmt: skip
OPTIONAL = frozenset({"short_title", "number", "place", "field_of_work", "parent", "predecessor", "funding"})
SINGLE = (
    ("kind", ("kind",)), ("title", ("title",)), ("short_title", ("short_title",)), ("number", ("number",)),
    ("place", ("place",)), ("signed_on", ("signed_on",)), ("period", ("starts_on", "ends_on")),
    ("implements", ("implements_name", "implements_from", "implements_to")), ("field_of_work", ("field_of_work",)),
    ("parent", ("parent",)), ("predecessor", ("predecessor",)), ("funding", ("funding",)),
)  # fmt: skip


def value_label(key: str) -> str:
    """The words for a value of a programme, "" for a key that is none."""
    return str(LABELS.get(key, ""))
