"""What happened to a programme: the audit trail in business words, beside the values before and after."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import LegalDocument, Milestone, Programme
from agreements.models.periods import period_of_code
from agreements.views.standing import left_words
from core.models import AuditEntry
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.models import User

MOST = 500  # entries looked at; older ones are in the audit trail of the administrator
REVIEW = Milestone.Kind.FINAL_REVIEW
TRANSACTION = datetime.timedelta(minutes=1)  # longest time between a change by a timer command and its entry
LABELLED = re.compile(r" (20[0-9]{2}-(?:Q[1-4]|H[12]|0[1-9]|1[0-2]))$")  # a deadline in entries of earlier versions
LINE = 7  # places of the line of life

ACTIONS = {
    "programme.register": gettext_lazy("Entered the programme"),
    "programme.edit": gettext_lazy("Changed the programme"),
    "programme.parties": gettext_lazy("Changed the parties"),
    "programme.goals": gettext_lazy("Changed the goals"),
    "programme.bases": gettext_lazy("Changed the legal bases"),
    "programme.move": gettext_lazy("Changed the status"),
    "programme.hand_over": gettext_lazy("Handed the programme over"),
    "task.create": gettext_lazy("Entered a task"),
    "task.edit": gettext_lazy("Changed a task"),
    "task.paused": gettext_lazy("Paused a task"),
    "task.carried": gettext_lazy("Carried a task over"),
    "task.cancelled": gettext_lazy("Cancelled a task"),
    "task.resume": gettext_lazy("Resumed a task"),
    "deadline.extend": gettext_lazy("Extended a deadline"),
    "deadline.report": gettext_lazy("Reported a deadline done"),
    "deadline.confirm": gettext_lazy("Confirmed a deadline"),
    "deadline.return": gettext_lazy("Returned a report of a deadline"),
    "deadline.undo": gettext_lazy("Undid a decision on a deadline"),
    "extension.request": gettext_lazy("Asked for more time"),
    "extension.grant": gettext_lazy("Granted more time"),
    "extension.refuse": gettext_lazy("Refused more time"),
    "extension.undo": gettext_lazy("Undid a decision on more time"),
    "milestone.add": gettext_lazy("Entered a milestone"),
    "milestone.edit": gettext_lazy("Changed a milestone"),
    "milestone.done": gettext_lazy("Milestone done"),
    "milestone.drop": gettext_lazy("Dropped a milestone"),
    "rule.save": gettext_lazy("Set the reporting rule"),
    "rule.remove": gettext_lazy("Removed the reporting rule"),
    "duty.generate": gettext_lazy("Brought the reports to hand in into step"),
    "document.add": gettext_lazy("Added a file"),
    "document.download": gettext_lazy("Downloaded a file"),
    "intake.confirm": gettext_lazy("Confirmed what was read from a document"),
    "programme.keep_basis": gettext_lazy("Kept a legal basis that is no longer in force"),
    "programme.basis_merged": gettext_lazy("A legal basis was joined with its duplicate"),
    "legal.enter": gettext_lazy("Entered the document"),
    "legal.edit": gettext_lazy("Changed the document"),
    "legal.expire": gettext_lazy("Expired on its last day"),
    "legal.begin": gettext_lazy("Came into force on its first day"),
    "legal.relate": gettext_lazy("Entered a relation"),
    "legal.unrelate": gettext_lazy("Removed a relation"),
    "legal.alias": gettext_lazy("Entered another name"),
    "legal.unalias": gettext_lazy("Removed another name"),
    "legal.merge": gettext_lazy("Joined with a duplicate"),
}
FIELDS = {
    "title": gettext_lazy("Title as signed"),
    "short_title": gettext_lazy("Short title"),
    "kind": gettext_lazy("Kind"),
    "number": gettext_lazy("Number"),
    "signed_on": gettext_lazy("Day of signing"),
    "place": gettext_lazy("Place of signing"),
    "starts_on": gettext_lazy("First day of the period"),
    "ends_on": gettext_lazy("Last day of the period"),
    "period_note": gettext_lazy("Where the period comes from"),
    "funding": gettext_lazy("Funding"),
    "implements_name": gettext_lazy("Programme it implements"),
    "implements_from": gettext_lazy("First year of that programme"),
    "implements_to": gettext_lazy("Last year of that programme"),
    "status": gettext_lazy("Status"),
    "status_reason": gettext_lazy("Reason"),
}
DOCUMENT_FIELDS = {
    "kind": gettext_lazy("Kind of document"),
    "number": gettext_lazy("Number"),
    "issued_on": gettext_lazy("Day of issue"),
    "issued_year": gettext_lazy("Year"),
    "issuer": gettext_lazy("Issued by"),
    "subject": gettext_lazy("Subject"),
    "effect": gettext_lazy("Effect"),
    "effect_from": gettext_lazy("In force from"),
    "effect_to": gettext_lazy("In force until"),
    "effect_source": gettext_lazy("Source of the effect status"),
}


def entries_of(programme: Programme) -> list[dict[str, Any]]:
    """Return what was done, newest first: {at, who, unit, what, on, reason, changes: [{label, before, after}]}.

    Row history of the programme is joined to the action by the request; a change without an action (made outside
    the product) stands by itself. Downloads are left out: they change nothing.
    """
    return _joined(_audit(programme), _changes("ProgrammeHistory", programme.pk, FIELDS), "programme")


def document_entries(document: LegalDocument) -> list[dict[str, Any]]:
    """Return what was done with a document of the register, newest first, in the shape of entries_of."""
    rows = AuditEntry.objects.filter(object_type="legaldocument", object_id=str(document.pk)).order_by("-sequence")
    return _joined(rows[:MOST], _changes("LegalDocumentHistory", document.pk, DOCUMENT_FIELDS), "legaldocument")


def _joined(
    audited: Iterable[AuditEntry], changes: dict[str, list[dict[str, Any]]], object_type: str
) -> list[dict[str, Any]]:
    entries = []
    for row in audited:
        entries.append(
            {
                "at": row.at,
                "who": row.user_name,
                "unit": row.unit_name,
                "what": ACTIONS.get(row.action, row.action),
                "on": _about(row, object_type),
                "reason": row.reason,
                "paper": row.detail.get("paper", ""),
                "changes": _changes_by(row, changes) if row.object_type == object_type else [],
            }
        )
    what = _("Changed outside an action")
    by_moment = _by_moment(row for rows in changes.values() for row in rows)
    entries += [
        {"at": at, "who": "", "unit": "", "what": what, "on": "", "reason": "", "paper": "", "changes": rows}
        for at, rows in by_moment.items()
    ]
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)


def _by_moment(changes: Iterable[dict[str, Any]]) -> dict[datetime.datetime, list[dict[str, Any]]]:
    found: dict[datetime.datetime, list[dict[str, Any]]] = defaultdict(list)
    for change in changes:
        found[change["at"]].append(change)
    return found


def _changes_by(row: AuditEntry, changes: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Take the changes that belong to an action: of its request; of a timer command, those of its transaction."""
    if row.request_id:
        return changes.pop(row.request_id, [])
    since = row.at - TRANSACTION
    mine = [change for change in changes.get("", []) if since <= change["at"] <= row.at]
    changes[""] = [change for change in changes.get("", []) if change not in mine]
    return mine


def _about(row: AuditEntry, object_type: str) -> str:
    """Return what the action was about beside the object of the page: the part, the other document, the name."""
    if row.object_type != object_type:
        words = period_of_code(row.detail.get("period", ""))
        return f"{row.object_label} ({words})" if words else LABELLED.sub(_worded, row.object_label)
    words = ("label", "document", "source", "target", "alias", "replaced_by")
    return "; ".join(str(row.detail[name]) for name in words if row.detail.get(name))


def _worded(found: re.Match[str]) -> str:
    return f" ({period_of_code(found[1])})"


def _audit(programme: Programme) -> Iterable[AuditEntry]:
    def among(kind: str, ids: Iterable[int]) -> Q:
        return Q(object_type=kind, object_id__in=[str(pk) for pk in ids])

    parts = among("programme", [programme.pk])
    parts |= among("task", programme.tasks.values_list("pk", flat=True))
    parts |= among("milestone", programme.milestones.values_list("pk", flat=True))
    parts |= among("reportingrule", programme.reporting_rules.values_list("pk", flat=True))
    parts |= among("programmedocument", programme.documents.values_list("pk", flat=True))
    return AuditEntry.objects.filter(parts).exclude(action="document.download").order_by("-sequence")[:MOST]


def _changes(model: str, pk: int, fields: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the differences between successive rows by the id of their request ("" where there was none)."""
    history = apps.get_model("agreements", model)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    before = None
    rows = history.objects.filter(pgh_obj_id=pk).select_related("pgh_context").order_by("pgh_id")
    for row in rows[:MOST]:
        if before is not None:
            request = (row.pgh_context.metadata or {}).get("request", "") if row.pgh_context else ""
            for name, label in fields.items():
                old, new = getattr(before, name), getattr(row, name)
                if old != new:
                    found[request].append(
                        {
                            "label": label,
                            "before": _shown(before, name),
                            "after": _shown(row, name),
                            "at": row.pgh_created_at,
                        }
                    )
        before = row
    return found


def _shown(row: Any, name: str) -> str:
    value = getattr(row, name)
    if value in (None, ""):
        return "–"
    if isinstance(value, datetime.date):
        return vietnamese.format_date(value)
    return str(getattr(row, f"get_{name}_display", lambda: value)())


def life_line(
    programme: Programme, user: User, parties: list[dict[str, Any]], milestones: list[Milestone]
) -> list[dict[str, Any]]:
    """Return the strip of the overview, oldest first, at most seven places: {css, when, title, text, url, source}.

    `source` is key and span of the words that a planned event was read from, None for others.

    A dot is an event of the programme, a diamond a change of the world around it, red overdue, hollow planned.
    """
    today = timezone.localdate()
    found: list[tuple[datetime.date | None, str, str, str, str, Any]] = []
    if programme.signed_on:
        found.append((programme.signed_on, "h-d", _("Signed"), programme.place, "", None))
    for row in parties:
        if row["gone_on"]:
            text = _("%(body)s was dissolved") % {"body": row["party"].name_as_signed}
            found.append((row["gone_on"], "h-b", _("Change of body"), text, "", None))
    if programme.ends_on:
        css = "h-d" if programme.ends_on < today else "h-n"
        found.append((programme.ends_on, css, _("End of the period"), "", "", None))
        if programme.status == Programme.Status.ENDED and not any(m.kind == REVIEW for m in milestones):
            found.append((programme.ends_on, "h-o", str(REVIEW.label), _("Not yet held"), "", None))
    for milestone in milestones:
        day, css = milestone.done_on or milestone.due_on, "h-d"
        text = milestone.note
        if milestone.done_on is None:
            css = "h-o" if milestone.due_on < today else "h-n"
            text = str(left_words((milestone.due_on - today).days)["label"]) if css == "h-o" else _("Planned")
        source = (f"review_{milestone.pk}", milestone.span)
        found.append((day, css, str(milestone.get_kind_display()), text, "", source))
    for following in programme.successors.visible_to(user) if getattr(programme, "has_successors", True) else ():
        css = "h-n" if following.status == Programme.Status.DRAFT else "h-d"
        url = reverse("agreements:programme_detail", args=[following.pk])
        found.append((following.signed_on, css, _("Next programme"), following.name, url, None))
    rows = sorted(found, key=lambda item: item[0] or datetime.date.max)
    if len(rows) > LINE:
        rows = [rows[0], *rows[-(LINE - 1) :]]
    names = ("when", "css", "title", "text", "url", "source")
    return [dict(zip(names, row, strict=True)) for row in rows]
